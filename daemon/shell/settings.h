/* SPDX-License-Identifier: Apache-2.0
 *
 * The daemon's settings: rows of one table (settings.c), read from config/vigild.yaml and
 * overridden by --set. Relative paths of a file are relative to that file, those of
 * --set to the working folder.
 *
 * Ownership: a settings object owns everything it points to.
 */
#ifndef VIGIL_SHELL_SETTINGS_H
#define VIGIL_SHELL_SETTINGS_H

#include <stdio.h>

#include "vigil/channel.h"
#include "vigil/tree.h"

#define VG_SETTING_LEN   512
#define VG_SETTING_COUNT 30
#define VG_WARDS         1024
#define VG_CHANNELS      16
#define VG_ROUTES        512
#define VG_WAYS          4 /* of one role, tried in this order */

struct vg_settings_ward {
    char id[VG_ID_LEN + 1];
    char protocol[VG_ID_LEN + 1];
    char language[4];      /* of its displays; "": http.language */
    struct vg_place place; /* in the file */
};

/* A way out to people, beside MQTT. Texts that were not given are "", or the default. */
struct vg_settings_channel {
    char name[VG_ID_LEN + 1];
    char kind[16]; /* "webhook" or "smtp" */
    char url[VG_SETTING_LEN], ca[VG_SETTING_LEN];
    char username[VG_SETTING_LEN], password_file[VG_SETTING_LEN];
    char template_[16], content[16]; /* webhook */
    char topic[65];                  /* the same, ntfy */
    char secret_file[VG_SETTING_LEN];
    char from[VG_ADDRESS_LEN + 1]; /* smtp */
    char tls[16];                  /* the same */
    struct vg_place place, secret_place, password_place, ca_place;
};

/* How a role of a ward is reached; ward "*": of every ward that has no route for it. */
struct vg_settings_route {
    char ward[VG_ID_LEN + 1], role[VG_ID_LEN + 1];
    size_t way_count;
    struct {
        char channel[VG_ID_LEN + 1];
        char address[VG_ADDRESS_LEN + 1];
    } way[VG_WAYS];
    struct vg_place place;
};

struct vg_settings {
    char node[VG_SETTING_LEN];
    char mqtt_url[VG_SETTING_LEN], mqtt_root[VG_SETTING_LEN];
    char mqtt_username[VG_SETTING_LEN], mqtt_password_file[VG_SETTING_LEN];
    char mqtt_ca[VG_SETTING_LEN], mqtt_cert[VG_SETTING_LEN], mqtt_key[VG_SETTING_LEN];
    char store_path[VG_SETTING_LEN];
    char keep_readings[VG_SETTING_LEN], keep_alerts[VG_SETTING_LEN];
    char keep_quarantine[VG_SETTING_LEN];
    char http_listen[VG_SETTING_LEN], http_names[VG_SETTING_LEN];
    char http_language[VG_SETTING_LEN]; /* "": each browser's own */
    char http_connections[VG_SETTING_LEN], http_per_address[VG_SETTING_LEN];
    char http_streams[VG_SETTING_LEN], http_queue[VG_SETTING_LEN];
    char http_header[VG_SETTING_LEN], http_body[VG_SETTING_LEN];
    char http_deadline[VG_SETTING_LEN];
    char http_cert[VG_SETTING_LEN], http_key[VG_SETTING_LEN];
    char http_client_ca[VG_SETTING_LEN];
    char users[VG_SETTING_LEN];
    char protocols[VG_SETTING_LEN];
    char log_level[VG_SETTING_LEN], log_format[VG_SETTING_LEN];
    char core_dumps[VG_SETTING_LEN];         /* "never" or "allowed" */
    char file[VG_SETTING_LEN];               /* the loaded one; "" for none */
    char digest[65];                         /* SHA-256 of its bytes, hex; "" */
    struct vg_place place[VG_SETTING_COUNT]; /* in that file; line 0: not from it */
    size_t ward_count;
    struct vg_settings_ward ward[VG_WARDS];
    size_t channel_count;
    struct vg_settings_channel channel[VG_CHANNELS];
    size_t route_count;
    struct vg_settings_route route[VG_ROUTES];
};

/* The value of a setting that is a number, or a span of time; it was checked when it came. */
uint64_t vg_settings_number(const char *text);
vg_ms vg_settings_span(const char *text);

/* NULL: no such channel; "mqtt" has no settings of this kind. */
const struct vg_settings_channel *
vg_settings_channel_find(const struct vg_settings *settings, const char *name);

/* The span of a setting of what is kept; 0: "ever". */
vg_ms vg_settings_keep(const char *value);

/* Every setting at its default. */
void vg_settings_default(struct vg_settings *settings);
/* The same in memory that is all zero: half a megabyte stays untouched where there are few routes. */
void vg_settings_begin(struct vg_settings *settings);

/* Reads a file. All its faults are printed to `report` as `file:line:column: sentence`. VG_OK,
 * VG_REFUSED (faults), VG_FAILED (unreadable: see `error`) or VG_NO_MEMORY. */
enum vg_status vg_settings_load(struct vg_settings *settings, const char *path,
                                FILE *report, struct vg_error *error);

/* "mqtt.url=mqtt://127.0.0.1:1883". VG_OK or VG_REFUSED with a sentence. */
enum vg_status vg_settings_set(struct vg_settings *settings, const char *assignment,
                               struct vg_error *error);

/* Checks the whole, --set included, against this machine: what it names can be read, the
 * store can be written. Changes nothing and connects to nobody. All faults are printed to
 * `report`, with their place where they come from the file. Returns how many. */
size_t vg_settings_check(const struct vg_settings *settings, FILE *report);

/* The file is another one than was loaded: what is set there now counts after the next start. */
bool vg_settings_changed(const struct vg_settings *settings);

/* Where the value of "mqtt.ca" stands in the file; line 0: nowhere. */
struct vg_place vg_settings_place(const struct vg_settings *settings, const char *name);

#endif
