/* SPDX-License-Identifier: Apache-2.0
 *
 * One protocol file: bytes, digest, tree, protocol, and its faults for people.
 */
#include "shell/protocol_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "shell/audit_hash.h"
#include "shell/yaml.h"
#include "shell/yaml_lines.h"

/* The whole file; at most one byte more than is allowed, so that too much is noticed. */
static enum vg_status read_file(const char *path, struct vg_protocol_file *file,
                                struct vg_error *error)
{
    FILE *in = fopen(path, "re");

    if (in == NULL) {
        vg_error_set(error, "cannot open \"%s\": %s", path, strerrordesc_np(errno));
        return VG_FAILED;
    }
    file->bytes = malloc(VG_YAML_BYTES + 2);
    if (file->bytes == NULL) {
        (void)fclose(in);
        return VG_NO_MEMORY;
    }
    file->length = fread(file->bytes, 1, VG_YAML_BYTES + 1, in);
    file->bytes[file->length] = '\0';
    char *fitting = realloc(file->bytes, file->length + 1);
    file->bytes = fitting != NULL ? fitting : file->bytes;
    const bool bad = ferror(in) != 0;

    if (bad) {
        vg_error_set(error, "cannot read \"%s\": %s", path, strerrordesc_np(errno));
    }
    (void)fclose(in);
    return bad ? VG_FAILED : VG_OK;
}

/* "config/protocols/car-t.yaml" is "car-t". */
static void base_name(const char *path, char *out, size_t capacity)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash == NULL ? path : slash + 1;
    const size_t length = strlen(base);
    const char ending[] = ".yaml";
    const size_t cut = sizeof ending - 1;

    (void)snprintf(out, capacity, "%s", base);
    if (length > cut && length < capacity && strcmp(base + length - cut, ending) == 0) {
        out[length - cut] = '\0';
    }
}

static enum vg_status build(struct vg_protocol_file *file, struct vg_arena *arena)
{
    const struct vg_node *root = NULL;
    char hash[VG_AUDIT_HEX];
    char name[256];
    enum vg_status form =
        vg_yaml_parse(file->bytes, file->length, arena, file->faults, &root);

    if (form == VG_NO_MEMORY) {
        return VG_NO_MEMORY;
    }
    vg_audit_digest((struct vg_slice){file->bytes, file->length}, hash);
    base_name(file->path, name, sizeof name);
    if (root == NULL) {
        return VG_REFUSED;
    }
    const enum vg_status status =
        vg_protocol_build(root, name, hash, arena, file->faults, &file->protocol);

    if (status == VG_OK && form != VG_OK) { /* well meant, but badly written */
        file->protocol = NULL;
        return VG_REFUSED;
    }
    return status;
}

enum vg_status vg_protocol_file_load(const char *path, struct vg_protocol_file *file,
                                     struct vg_error *error)
{
    struct vg_arena *arena = vg_arena_create();

    memset(file, 0, sizeof *file);
    file->path = strdup(path);
    file->faults = calloc(1, sizeof *file->faults);
    enum vg_status status = VG_NO_MEMORY;

    if (file->path != NULL && file->faults != NULL && arena != NULL) {
        status = read_file(path, file, error);
    }
    if (status == VG_OK) {
        status = build(file, arena);
    }
    if (status != VG_OK) {
        vg_arena_destroy(arena);
    }
    if (status == VG_REFUSED) {
        vg_error_set(error, "\"%s\" has %zu fault%s", path, file->faults->errors,
                     file->faults->errors == 1 ? "" : "s");
    } else if (status == VG_NO_MEMORY) {
        vg_error_set(error, "no memory for \"%s\"", path);
    }
    return status;
}

void vg_protocol_file_finish(struct vg_protocol_file *file)
{
    vg_protocol_destroy(file->protocol);
    free(file->path);
    free(file->bytes);
    free(file->faults);
    memset(file, 0, sizeof *file);
}

static const char *line_of(const struct vg_protocol_file *file, unsigned line)
{
    const char *at = file->bytes;

    at += strncmp(at, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0; /* a mark of the encoding */
    for (unsigned i = 1; i < line && at != NULL; i++) {
        at = vg_yaml_next_line(at);
    }
    return at;
}

/* Chinese, Japanese and Korean characters take two columns on a screen. */
static bool is_wide(const char *c)
{
    const unsigned char lead = (unsigned char)c[0];

    return (lead >= 0xE3 && lead <= 0xED) || lead == 0xEF;
}

/* The line itself, and a caret under the column. */
static void print_line(const char *line, unsigned column, FILE *to)
{
    const size_t length = strcspn(line, "\r\n");
    unsigned at = 1;

    (void)fprintf(to, "    %.*s\n    ", (int)(length < 400 ? length : 400), line);
    for (const char *c = line; c < line + length && at < column; c++) {
        if (((unsigned char)*c & 0xC0U) == 0x80U) {
            continue;
        }
        (void)fputs(*c == '\t' ? "\t" : is_wide(c) ? "  " : " ", to);
        at++;
    }
    (void)fputs("^\n", to);
}

void vg_protocol_file_report(const struct vg_protocol_file *file, FILE *to)
{
    vg_faults_sort(file->faults);
    for (size_t i = 0; i < file->faults->count; i++) {
        const struct vg_fault *fault = &file->faults->item[i];
        const char *line = line_of(file, fault->place.line);

        (void)fprintf(to, "%s:%u:%u: %s%s\n", file->path, fault->place.line,
                      fault->place.column, fault->warning ? "warning: " : "",
                      fault->text);
        if (fault->place.line != 0 && line != NULL) {
            print_line(line, fault->place.column, to);
        }
    }
    if (file->faults->errors > VG_FAULTS) {
        (void)fprintf(to, "%s: and more; %zu faults in all\n", file->path,
                      file->faults->errors);
    }
}
