/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds the recordings of a folder and reads them.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/recording.h"

#define FILE_AT_MOST ((size_t)4 << 20)

static const struct {
    const char *ending;
    enum vg_layout layout;
} layouts[] = {{".csv", VG_LAYOUT_MIMIC},
               {".psv", VG_LAYOUT_CINC2019},
               {".txt", VG_LAYOUT_CINC2012}};

static bool find_layout(const char *name, enum vg_layout *out)
{
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot != NULL && i < sizeof layouts / sizeof layouts[0]; i++) {
        if (strcmp(dot, layouts[i].ending) == 0) {
            *out = layouts[i].layout;
            return true;
        }
    }
    return false;
}

static int is_recording(const struct dirent *entry)
{
    enum vg_layout layout;
    return entry->d_name[0] != '.' && find_layout(entry->d_name, &layout);
}

/* The whole file, terminated; NULL with a sentence. */
static char *read_whole(const char *path, struct vg_error *error)
{
    FILE *file = fopen(path, "re");
    char *text = file != NULL ? malloc(FILE_AT_MOST + 1) : NULL;
    size_t length = text != NULL ? fread(text, 1, FILE_AT_MOST + 1, file) : 0;
    if (text == NULL || ferror(file) != 0) {
        vg_error_set(error, "cannot read %.160s: %s", path, strerrordesc_np(errno));
    } else if (length > FILE_AT_MOST) {
        vg_error_set(error, "%.160s is larger than 4 MiB", path);
    } else {
        text[length] = '\0';
        (void)fclose(file);
        return text;
    }
    free(text);
    if (file != NULL) {
        (void)fclose(file);
    }
    return NULL;
}

static enum vg_status load_one(const char *folder, const char *name,
                               struct vg_recording *out, struct vg_error *error)
{
    char *path;
    enum vg_layout layout;
    if (!find_layout(name, &layout) || asprintf(&path, "%s/%s", folder, name) < 0) {
        return VG_NO_MEMORY;
    }
    char *text = read_whole(path, error);
    enum vg_status status =
        text != NULL ? vg_recording_parse(layout, text, out) : VG_FAILED;
    if (status == VG_REFUSED) {
        vg_error_set(error, "%.160s has no vital sign that can be read", path);
        status = VG_FAILED;
    }
    free(text);
    free(path);
    return status;
}

static enum vg_status load_all(const char *folder, struct dirent **entry, int count,
                               struct vg_recordings *out, struct vg_error *error)
{
    out->recording = calloc((size_t)count, sizeof *out->recording);
    enum vg_status status = out->recording != NULL ? VG_OK : VG_NO_MEMORY;
    for (int i = 0; i < count && status == VG_OK; i++) {
        status = load_one(folder, entry[i]->d_name, &out->recording[i], error);
        out->count += status == VG_OK;
    }
    return status;
}

enum vg_status vg_recordings_load(const char *folder, struct vg_recordings *out,
                                  struct vg_error *error)
{
    struct dirent **entry = NULL;
    *out = (struct vg_recordings){0};
    int count = scandir(folder, &entry, is_recording, alphasort);
    if (count < 0) {
        vg_error_set(error,
                     "cannot read the folder %.120s: %s; --recordings names another",
                     folder, strerrordesc_np(errno));
        return VG_FAILED;
    }
    enum vg_status status = VG_ABSENT;
    vg_error_set(error, "no .csv, .psv or .txt recording in %.160s", folder);
    if (count > 0) {
        status = load_all(folder, entry, count, out, error);
    }
    if (status == VG_NO_MEMORY) {
        vg_error_set(error, "no memory for the recordings");
    }
    for (int i = 0; i < count; i++) {
        free(entry[i]);
    }
    free(entry);
    if (status != VG_OK) {
        vg_recordings_finish(out);
    }
    return status;
}

void vg_recordings_finish(struct vg_recordings *recordings)
{
    for (size_t i = 0; i < recordings->count; i++) {
        vg_recording_finish(&recordings->recording[i]);
    }
    free(recordings->recording);
    *recordings = (struct vg_recordings){0};
}
