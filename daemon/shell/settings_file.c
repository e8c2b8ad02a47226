/* SPDX-License-Identifier: Apache-2.0
 *
 * The bytes of the settings file, and whether they are still those that were read.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shell/audit_hash.h"
#include "shell/settings_inside.h"
#include "shell/yaml.h"

char *vg_settings_bytes(const char *path, size_t *length, struct vg_error *error)
{
    FILE *in = fopen(path, "re");
    char *bytes = in != NULL ? malloc(VG_YAML_BYTES + 1) : NULL;

    if (bytes == NULL) {
        vg_error_set(error, "%s: %s", path, strerrordesc_np(errno));
    } else {
        *length = fread(bytes, 1, VG_YAML_BYTES + 1, in);
        if (ferror(in) != 0) { /* a part would pass for the whole */
            vg_error_set(error, "%s: %s", path, strerrordesc_np(errno));
            free(bytes);
            bytes = NULL;
        }
    }
    if (in != NULL) {
        (void)fclose(in);
    }
    return bytes;
}

bool vg_settings_changed(const struct vg_settings *settings)
{
    struct vg_error error = {""};
    char digest[VG_AUDIT_HEX] = "";
    size_t length = 0;
    char *bytes = settings->file[0] != '\0'
                      ? vg_settings_bytes(settings->file, &length, &error)
                      : NULL;

    if (bytes == NULL) {
        return false; /* none, or whoever asks may not read it any more */
    }
    vg_audit_digest((struct vg_slice){bytes, length}, digest);
    free(bytes);
    return strcmp(digest, settings->digest) != 0;
}
