/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the list of patients.
 */
#include "cli/sim_people.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum vg_status unknown(const char *name, size_t length, struct vg_error *error)
{
    vg_error_set(error,
                 "\"%.*s\" is no patient; well, fever, crs, neuro, reaction and sepsis "
                 "are",
                 (int)(length < 40 ? length : 40), name);
    return VG_REFUSED;
}

static enum vg_status add(const char *word, size_t length, size_t beds, size_t *filled,
                          enum vg_sim_illness *out, struct vg_error *error)
{
    const char *equals = memchr(word, '=', length);
    size_t name = equals != NULL ? (size_t)(equals - word) : length;
    enum vg_sim_illness illness;
    char *end;
    unsigned long count = equals != NULL ? strtoul(equals + 1, &end, 10) : 1;
    if (equals != NULL && (end == equals + 1 || end != word + length)) {
        vg_error_set(error, "--patients wants NAME=COUNT, not \"%.*s\"",
                     (int)(length < 60 ? length : 60), word);
        return VG_REFUSED;
    }
    if (vg_sim_illness_find(word, name, &illness) != VG_OK) {
        return unknown(word, name, error);
    }
    if (count > beds - *filled) {
        vg_error_set(error, "--patients has more patients than there are beds (%zu)",
                     beds);
        return VG_REFUSED;
    }
    while (count-- > 0) {
        out[(*filled)++] = illness;
    }
    return VG_OK;
}

static void shuffle(enum vg_sim_illness *out, size_t count, struct vg_sim_chance chance)
{
    for (size_t i = count; i > 1; i--) {
        size_t j = vg_sim_below(&chance, i);
        enum vg_sim_illness one = out[i - 1];
        out[i - 1] = out[j];
        out[j] = one;
    }
}

static enum vg_status read_counts(const char *text, size_t beds,
                                  enum vg_sim_illness *out, struct vg_error *error)
{
    size_t filled = 0;
    enum vg_status status = VG_OK;
    while (status == VG_OK && *text != '\0') {
        size_t length = strcspn(text, ",");
        status = add(text, length, beds, &filled, out, error);
        text += length + (text[length] == ',');
    }
    return status;
}

static enum vg_status read_line(const char *line, size_t beds, enum vg_sim_illness *out,
                                struct vg_error *error)
{
    char *end;
    line += strspn(line, " \t");
    size_t length = strcspn(line, "#\r\n");
    if (length == 0) {
        return VG_OK;
    }
    unsigned long bed = strtoul(line, &end, 10);
    const char *name = end + strspn(end, " \t");
    size_t name_length = strcspn(name, " \t#\r\n");
    if (end == line || bed < 1 || bed > beds) {
        vg_error_set(error, "a bed is a number from 1 to %zu, not \"%.*s\"", beds,
                     (int)(length < 40 ? length : 40), line);
        return VG_REFUSED;
    }
    return vg_sim_illness_find(name, name_length, &out[bed - 1]) == VG_OK
               ? VG_OK
               : unknown(name, name_length, error);
}

static enum vg_status read_file(const char *path, size_t beds, enum vg_sim_illness *out,
                                struct vg_error *error)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        vg_error_set(error,
                     "--patients wants counts such as fever=2,crs=1 or a file, and "
                     "%.80s cannot be read: %s",
                     path, strerrordesc_np(errno));
        return VG_FAILED;
    }
    char *line = NULL;
    size_t room = 0;
    unsigned number = 0;
    enum vg_status status = VG_OK;
    while (status == VG_OK && getline(&line, &room, file) > 0) {
        number++;
        status = read_line(line, beds, out, error);
    }
    if (status == VG_OK && ferror(file) != 0) {
        vg_error_set(error, "the next line cannot be read: %s", strerrordesc_np(errno));
        status = VG_FAILED;
    }
    if (status != VG_OK) {
        vg_error_prefix(error, "%.80s:%u", path, number);
    }
    free(line);
    (void)fclose(file);
    return status;
}

enum vg_status vg_sim_people_deal(const char *patients, size_t beds,
                                  struct vg_sim_chance chance, enum vg_sim_illness *out,
                                  struct vg_error *error)
{
    for (size_t i = 0; i < beds; i++) {
        out[i] = VG_SIM_WELL;
    }
    if (patients == NULL) {
        return VG_OK;
    }
    enum vg_sim_illness alone;
    if (strchr(patients, '=') == NULL && strchr(patients, ',') == NULL &&
        vg_sim_illness_find(patients, strlen(patients), &alone) != VG_OK) {
        return read_file(patients, beds, out, error);
    }
    enum vg_status status = read_counts(patients, beds, out, error);
    shuffle(out, beds, chance);
    return status;
}
