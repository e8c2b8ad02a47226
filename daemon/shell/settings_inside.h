/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files settings*.c share while a file is read.
 */
#ifndef VIGIL_SHELL_SETTINGS_INSIDE_H
#define VIGIL_SHELL_SETTINGS_INSIDE_H

#include "shell/settings.h"

struct vg_loading {
    struct vg_settings *settings;
    struct vg_faults *faults;
    const char *folder; /* of the file, with its last slash; "" for none */
};

/* What is wrong with a value ("must be ..."), or NULL. */
const char *vg_settings_root_complaint(const char *text);
const char *vg_settings_text_complaint(const char *text);
const char *vg_settings_number_complaint(const char *text);
const char *vg_settings_bytes_complaint(const char *text);
const char *vg_settings_span_complaint(const char *text);

/* The whole file, a byte more than a settings file may have at most; NULL: `error` says why. The
 * caller frees it. */
char *vg_settings_bytes(const char *path, size_t *length, struct vg_error *error);

/* A path of the file is relative to the file. False: too long. */
bool vg_settings_path(const struct vg_loading *load, const char *text,
                      char out[VG_SETTING_LEN]);

/* A key that is none, with the nearest that is. */
void vg_settings_unknown(struct vg_loading *load, const struct vg_node *node,
                         const char *name);
void vg_settings_wards(struct vg_loading *load, const struct vg_node *list);
void vg_settings_take_channels(struct vg_loading *load, const struct vg_node *list);
/* After the channels, which they name. */
void vg_settings_take_routes(struct vg_loading *load, const struct vg_node *list);

/* What is wrong with a value of log.*, or NULL. */
const char *vg_settings_level_complaint(const char *text);
const char *vg_settings_format_complaint(const char *text);
const char *vg_settings_dumps_complaint(const char *text);
const char *vg_settings_language_complaint(const char *text);
/* What is wrong with a span to keep something for, or NULL. */
const char *vg_settings_keep_complaint(const char *text, bool readings);

#endif
