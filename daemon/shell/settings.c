/* SPDX-License-Identifier: Apache-2.0
 *
 * Settings. See settings.h; config/vigild.yaml explains each of them.
 */
#include "shell/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shell/audit_hash.h"
#include "shell/http.h"
#include "shell/settings_inside.h"
#include "shell/yaml.h"

enum check {
    ANY,
    ID,
    URL,
    ROOT,
    LISTEN,
    NAMES,
    LEVEL,
    FORMAT,
    DUMPS,
    LANGUAGE,
    NOT_EMPTY,
    KEEP,
    KEEP_READINGS,
    NUMBER,
    BYTES,
    SPAN
};

#define HTTP(name, member, usual, check)                                        \
    {                                                                           \
        "http." name, offsetof(struct vg_settings, member), usual, check, false \
    }

static const struct row {
    const char *name;
    size_t offset;
    const char *usual;
    enum check check;
    bool path;
} rows[] = {
    {"node", offsetof(struct vg_settings, node), "vigil-1", ID, false},
    {"mqtt.url", offsetof(struct vg_settings, mqtt_url), "mqtt://127.0.0.1:1883", URL,
     false},
    {"mqtt.root", offsetof(struct vg_settings, mqtt_root), "vigil/v1", ROOT, false},
    {"mqtt.username", offsetof(struct vg_settings, mqtt_username), "", ANY, false},
    {"mqtt.password_file", offsetof(struct vg_settings, mqtt_password_file), "", ANY,
     true},
    {"mqtt.ca", offsetof(struct vg_settings, mqtt_ca), "", ANY, true},
    {"mqtt.cert", offsetof(struct vg_settings, mqtt_cert), "", ANY, true},
    {"mqtt.key", offsetof(struct vg_settings, mqtt_key), "", ANY, true},
    {"store.path", offsetof(struct vg_settings, store_path), "vigil.db", NOT_EMPTY,
     true},
    {"store.keep_readings", offsetof(struct vg_settings, keep_readings), "ever",
     KEEP_READINGS, false},
    {"store.keep_alerts", offsetof(struct vg_settings, keep_alerts), "ever", KEEP,
     false},
    {"store.keep_quarantine", offsetof(struct vg_settings, keep_quarantine), "ever",
     KEEP, false},
    {"http.listen", offsetof(struct vg_settings, http_listen), "127.0.0.1:8470", LISTEN,
     false},
    HTTP("names", http_names, "", NAMES),
    HTTP("language", http_language, "", LANGUAGE),
    HTTP("connections", http_connections, "512", NUMBER),
    HTTP("per_address", http_per_address, "256", NUMBER),
    HTTP("streams", http_streams, "256", NUMBER),
    HTTP("queue", http_queue, "4096", NUMBER),
    HTTP("header", http_header, "16384", BYTES),
    HTTP("body", http_body, "65536", BYTES),
    HTTP("deadline", http_deadline, "10s", SPAN),
    {"http.cert", offsetof(struct vg_settings, http_cert), "", ANY, true},
    {"http.key", offsetof(struct vg_settings, http_key), "", ANY, true},
    {"http.client_ca", offsetof(struct vg_settings, http_client_ca), "", ANY, true},
    {"users", offsetof(struct vg_settings, users), "", ANY, true},
    {"protocols", offsetof(struct vg_settings, protocols), "config/protocols",
     NOT_EMPTY, true},
    {"log.level", offsetof(struct vg_settings, log_level), "notice", LEVEL, false},
    {"log.format", offsetof(struct vg_settings, log_format), "text", FORMAT, false},
    {"core_dumps", offsetof(struct vg_settings, core_dumps), "never", DUMPS, false},
};
#define ROWS (sizeof rows / sizeof rows[0])
_Static_assert(ROWS == VG_SETTING_COUNT, "each setting has a place");

static char *value_of(struct vg_settings *settings, const struct row *row)
{
    return (char *)settings + row->offset;
}

void vg_settings_begin(struct vg_settings *settings)
{
    for (size_t i = 0; i < ROWS; i++) {
        (void)vg_copy(value_of(settings, &rows[i]), VG_SETTING_LEN, rows[i].usual);
    }
}

void vg_settings_default(struct vg_settings *settings)
{
    memset(settings, 0, sizeof *settings);
    vg_settings_begin(settings);
}

static const char *complaint(const struct row *row, const char *text)
{
    const char *wrong = vg_settings_text_complaint(text);

    if (wrong != NULL) {
        return wrong;
    }
    switch (row->check) {
    case ANY:
        return NULL;
    case ID:
        return vg_id_valid(text, strlen(text)) ? NULL : "must be like \"vigil-1\"";
    case URL:
        return strncmp(text, "mqtt://", 7) == 0 || strncmp(text, "mqtts://", 8) == 0
                   ? NULL
                   : "must begin with mqtt:// or mqtts://";
    case ROOT:
        return vg_settings_root_complaint(text);
    case LISTEN:
        return vg_http_listen_complaint(text);
    case NAMES:
        return vg_http_names_complaint(text);
    case LEVEL:
        return vg_settings_level_complaint(text);
    case FORMAT:
        return vg_settings_format_complaint(text);
    case LANGUAGE:
        return vg_settings_language_complaint(text);
    case DUMPS:
        return vg_settings_dumps_complaint(text);
    case KEEP:
    case KEEP_READINGS:
        return vg_settings_keep_complaint(text, row->check == KEEP_READINGS);
    case NOT_EMPTY:
        return text[0] != '\0' ? NULL : "must not be empty";
    case NUMBER:
        return vg_settings_number_complaint(text);
    case BYTES:
        return vg_settings_bytes_complaint(text);
    case SPAN:
        return vg_settings_span_complaint(text);
    }
    return NULL;
}

static const struct row *find(const char *name, size_t length)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (strlen(rows[i].name) == length && memcmp(rows[i].name, name, length) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

static const char *suggestion(const char *name)
{
    const char *names[ROWS + 4] = {NULL};

    for (size_t i = 0; i < ROWS; i++) {
        names[i] = rows[i].name;
    }
    names[ROWS] = "wards";
    names[ROWS + 1] = "channels";
    names[ROWS + 2] = "routes";
    return vg_nearest(name, names);
}

enum vg_status vg_settings_set(struct vg_settings *settings, const char *assignment,
                               struct vg_error *error)
{
    const char *equals = strchr(assignment, '=');

    if (equals == NULL) {
        vg_error_set(error, "--set %s: write it as KEY=VALUE", assignment);
        return VG_REFUSED;
    }
    const struct row *row = find(assignment, (size_t)(equals - assignment));
    if (row == NULL) {
        vg_error_set(error, "--set: unknown setting \"%.*s\"",
                     (int)(equals - assignment), assignment);
        return VG_REFUSED;
    }
    const char *wrong = complaint(row, equals + 1);
    if (wrong != NULL) {
        vg_error_set(error, "--set %s: %s", row->name, wrong);
        return VG_REFUSED;
    }
    (void)vg_copy(value_of(settings, row), VG_SETTING_LEN, equals + 1);
    settings->place[row - rows] = (struct vg_place){0, 0};
    return VG_OK;
}

struct vg_place vg_settings_place(const struct vg_settings *settings, const char *name)
{
    const struct row *row = find(name, strlen(name));

    return row == NULL ? (struct vg_place){0, 0} : settings->place[row - rows];
}

/* ---- The file */

bool vg_settings_path(const struct vg_loading *load, const char *text,
                      char out[VG_SETTING_LEN])
{
    const bool whole = text[0] == '/' || text[0] == '\0';

    return snprintf(out, VG_SETTING_LEN, "%s%s", whole ? "" : load->folder, text) <
           VG_SETTING_LEN;
}

static void take(struct vg_loading *load, const struct row *row,
                 const struct vg_node *node)
{
    char *out = value_of(load->settings, row);
    const char *text = node->kind == VG_NODE_SCALAR ? node->text : NULL;
    const char *wrong = text == NULL ? "must be a single value" : complaint(row, text);

    if (wrong != NULL) {
        vg_fault_add(load->faults, node->place, "%s %s", row->name, wrong);
        return;
    }
    load->settings->place[row - rows] = node->place;
    if (!row->path) {
        (void)vg_copy(out, VG_SETTING_LEN, text);
    } else if (!vg_settings_path(load, text, out)) {
        vg_fault_add(load->faults, node->place, "%s is too long", row->name);
    }
}

void vg_settings_unknown(struct vg_loading *load, const struct vg_node *node,
                         const char *name)
{
    const char *near = suggestion(name);

    if (near != NULL) {
        vg_fault_add(load->faults, node->key_place,
                     "unknown setting \"%s\", did you mean \"%s\"?", name, near);
    } else {
        vg_fault_add(load->faults, node->key_place, "unknown setting \"%s\"", name);
    }
}

/* "mqtt" is the head of "mqtt.url" and others. */
static bool is_group(const char *key)
{
    const size_t length = strlen(key);

    for (size_t i = 0; i < ROWS; i++) {
        if (strncmp(rows[i].name, key, length) == 0 && rows[i].name[length] == '.') {
            return true;
        }
    }
    return false;
}

static void take_group(struct vg_loading *load, const struct vg_node *group)
{
    for (const struct vg_node *node = group->first; node != NULL; node = node->next) {
        char name[VG_SETTING_LEN];
        (void)snprintf(name, sizeof name, "%s.%s", group->key, node->key);
        const struct row *row = find(name, strlen(name));
        if (row != NULL) {
            take(load, row, node);
        } else {
            vg_settings_unknown(load, node, name);
        }
    }
}

static void take_root(struct vg_loading *load, const struct vg_node *root)
{
    if (root == NULL) {
        return; /* an empty file: all defaults */
    }
    if (root->kind != VG_NODE_MAP) {
        vg_fault_add(load->faults, root->place,
                     "settings are written as \"name: value\"");
        return;
    }
    const struct vg_node *routes = NULL;
    for (const struct vg_node *node = root->first; node != NULL; node = node->next) {
        const struct row *row = find(node->key, strlen(node->key));
        if (strcmp(node->key, "wards") == 0) {
            vg_settings_wards(load, node);
        } else if (strcmp(node->key, "channels") == 0) {
            vg_settings_take_channels(load, node);
        } else if (strcmp(node->key, "routes") == 0) {
            routes = node; /* they name channels, which may stand below */
        } else if (row != NULL) {
            take(load, row, node);
        } else if (node->kind == VG_NODE_MAP) {
            take_group(load, node);
        } else if (is_group(node->key)) {
            vg_fault_add(
                load->faults, node->key_place,
                "\"%s\" has no settings below it: indent them, or remove the line",
                node->key);
        } else {
            vg_settings_unknown(load, node, node->key);
        }
    }
    if (routes != NULL) {
        vg_settings_take_routes(load, routes);
    }
}

static void print_faults(const struct vg_loading *load, const char *path, FILE *report)
{
    vg_faults_sort(load->faults);
    for (size_t i = 0; i < load->faults->count; i++) {
        const struct vg_fault *fault = &load->faults->item[i];
        (void)fprintf(report, "%s:%u:%u: %s%s\n", path, fault->place.line,
                      fault->place.column, fault->warning ? "warning: " : "",
                      fault->text);
    }
}

enum vg_status vg_settings_load(struct vg_settings *settings, const char *path,
                                FILE *report, struct vg_error *error)
{
    char folder[VG_SETTING_LEN] = "";
    size_t length = 0;
    char *bytes = vg_settings_bytes(path, &length, error);
    struct vg_arena *arena = vg_arena_create();
    struct vg_faults *faults = calloc(1, sizeof *faults);
    enum vg_status status = bytes == NULL ? VG_FAILED : VG_NO_MEMORY;
    const char *slash = strrchr(path, '/');

    (void)vg_copy(settings->file, sizeof settings->file, path);
    if (slash != NULL && (size_t)(slash - path) + 1 < sizeof folder) {
        memcpy(folder, path, (size_t)(slash - path) + 1);
    }
    if (bytes != NULL && arena != NULL && faults != NULL) {
        vg_audit_digest((struct vg_slice){bytes, length}, settings->digest);
        const struct vg_node *root = NULL;
        struct vg_loading load = {settings, faults, folder};
        const enum vg_status form = vg_yaml_parse(bytes, length, arena, faults, &root);
        if (form == VG_OK) {
            take_root(&load, root);
        }
        print_faults(&load, path, report);
        status = faults->errors == 0 ? form : VG_REFUSED;
    }
    if (status == VG_REFUSED) {
        vg_error_set(error, "%s has faults", path);
    } else if (status == VG_NO_MEMORY) {
        vg_error_set(error, "no memory to read %s", path);
    }
    free(faults);
    vg_arena_destroy(arena);
    free(bytes);
    return status;
}
