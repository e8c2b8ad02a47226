/* SPDX-License-Identifier: Apache-2.0
 *
 * All protocols of a folder, or of one file: all are good, or none is taken.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "shell/protocol_file.h"

#define PATH_TEXT 4096

static bool is_protocol(const struct dirent *entry)
{
    const size_t length = strlen(entry->d_name);

    return entry->d_name[0] != '.' && length > 5 &&
           strcmp(entry->d_name + length - 5, ".yaml") == 0;
}

static enum vg_status add(struct vg_protocol_set *set, struct vg_protocol *protocol)
{
    struct vg_protocol **grown =
        realloc(set->protocol, (set->count + 1) * sizeof(struct vg_protocol *));

    if (grown == NULL) {
        return VG_NO_MEMORY;
    }
    set->protocol = grown;
    grown[set->count++] = protocol;
    return VG_OK;
}

static enum vg_status load_one(const char *path, FILE *report,
                               struct vg_protocol_set *set, struct vg_error *error)
{
    struct vg_protocol_file file;
    enum vg_status status = vg_protocol_file_load(path, &file, error);

    if (report != NULL && file.faults != NULL && file.bytes != NULL) {
        vg_protocol_file_report(&file, report);
    }
    if (status == VG_OK) {
        status = add(set, file.protocol);
        if (status != VG_OK) {
            vg_error_set(error, "no memory for \"%s\"", path);
        }
    }
    if (status == VG_OK) {
        file.protocol = NULL;
    }
    vg_protocol_file_finish(&file);
    return status;
}

/* What lies in the folder is read while patients are watched: reading a pipe would wait for
 * whoever writes to it, and a device has no end. */
static enum vg_status load_plain(const char *path, FILE *report,
                                 struct vg_protocol_set *set, struct vg_error *error)
{
    struct stat about;

    if (stat(path, &about) == 0 && !S_ISREG(about.st_mode)) {
        vg_error_set(error, "\"%s\" is no file", path);
        return VG_FAILED;
    }
    return load_one(path, report, set, error);
}

/* Goes on after a fault, so that all faults of all files are seen; the worst status. */
static enum vg_status load_folder(const char *path, DIR *folder, FILE *report,
                                  struct vg_protocol_set *set, struct vg_error *error)
{
    enum vg_status worst = VG_OK;
    const struct dirent *entry = NULL;

    /* NOLINTNEXTLINE(concurrency-mt-unsafe): the stream is this call's alone */
    while ((entry = readdir(folder)) != NULL) {
        char name[PATH_TEXT];

        if (!is_protocol(entry) ||
            snprintf(name, sizeof name, "%s/%s", path, entry->d_name) >= PATH_TEXT) {
            continue;
        }
        const enum vg_status status = load_plain(name, report, set, error);

        worst = status > worst ? status : worst;
    }
    if (worst == VG_OK && set->count == 0) {
        vg_error_set(error, "there is no *.yaml in \"%s\"", path);
        return VG_FAILED;
    }
    return worst;
}

static int by_name(const void *a, const void *b)
{
    const struct vg_protocol *const *one = a;
    const struct vg_protocol *const *other = b;

    return strcmp((*one)->name, (*other)->name);
}

enum vg_status vg_protocol_set_load(const char *path, FILE *report,
                                    struct vg_protocol_set *set, struct vg_error *error)
{
    struct stat about;
    enum vg_status status = VG_OK;

    memset(set, 0, sizeof *set);
    if (stat(path, &about) == 0 && S_ISDIR(about.st_mode)) {
        DIR *folder = opendir(path);

        if (folder == NULL) {
            vg_error_set(error, "cannot open \"%s\": %s", path, strerrordesc_np(errno));
            return VG_FAILED;
        }
        status = load_folder(path, folder, report, set, error);
        (void)closedir(folder);
    } else {
        status = load_one(path, report, set, error);
    }
    if (status != VG_OK) {
        vg_protocol_set_finish(set);
        return status;
    }
    qsort(set->protocol, set->count, sizeof(struct vg_protocol *), by_name);
    return VG_OK;
}

void vg_protocol_set_finish(struct vg_protocol_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        vg_protocol_destroy(set->protocol[i]);
    }
    free(set->protocol);
    memset(set, 0, sizeof *set);
}

const struct vg_protocol *vg_protocol_set_find(const struct vg_protocol_set *set,
                                               const char *name)
{
    for (size_t i = 0; i < set->count; i++) {
        if (strcmp(set->protocol[i]->name, name) == 0) {
            return set->protocol[i];
        }
    }
    return NULL;
}
