/* SPDX-License-Identifier: Apache-2.0
 *
 * What the columns of the public data sets mean (contrib/recordings/README.md), as tables.
 * Typing errors of the originals are left in: the daemon has to live with them too.
 */
#include "cli/recording.h"

#include <stdlib.h>
#include <string.h>

#define FIELDS 64
#define PLACES \
    2 /* rids the values of binary noise: 37.299999237060547 was charted as 37.3 */

struct meaning {
    const char *name, *code, *unit, *source;
};

/* A nurse charts a heart rate once in an hour: a reading on the spot, whatever device it was
 * read from. TEMP is in the unit of its row. */
static const struct meaning mimic[] = {{"HR", "hr", "/min", "spot"},
                                       {"RR", "rr", "/min", "spot"},
                                       {"SPO2", "spo2", "%", "spot"},
                                       {"NBP_SYS", "sbp", "mm[Hg]", "cuff"},
                                       {"NBP_DIA", "dbp", "mm[Hg]", "cuff"},
                                       {"NBP_MEAN", "map", "mm[Hg]", "cuff"},
                                       {"ART_SYS", "sbp", "mm[Hg]", "arterial"},
                                       {"ART_DIA", "dbp", "mm[Hg]", "arterial"},
                                       {"ART_MEAN", "map", "mm[Hg]", "arterial"},
                                       {"TEMP", "temp", NULL, "spot"},
                                       {"O2_FLOW", "o2_flow", "L/min", "manual"},
                                       {NULL, NULL, NULL, NULL}};

static const struct meaning cinc2019[] = {
    {"HR", "hr", "/min", "spot"},     {"O2Sat", "spo2", "%", "spot"},
    {"Temp", "temp", "Cel", "spot"},  {"SBP", "sbp", "mm[Hg]", "cuff"},
    {"MAP", "map", "mm[Hg]", "cuff"}, {"DBP", "dbp", "mm[Hg]", "cuff"},
    {"Resp", "rr", "/min", "spot"},   {NULL, NULL, NULL, NULL}};

static const struct meaning cinc2012[] = {{"HR", "hr", "/min", "spot"},
                                          {"RespRate", "rr", "/min", "spot"},
                                          {"Temp", "temp", "Cel", "spot"},
                                          {"NISysABP", "sbp", "mm[Hg]", "cuff"},
                                          {"NIDiasABP", "dbp", "mm[Hg]", "cuff"},
                                          {"NIMAP", "map", "mm[Hg]", "cuff"},
                                          {"SysABP", "sbp", "mm[Hg]", "arterial"},
                                          {"DiasABP", "dbp", "mm[Hg]", "arterial"},
                                          {"MAP", "map", "mm[Hg]", "arterial"},
                                          {"GCS", "gcs", NULL, "manual"},
                                          {NULL, NULL, NULL, NULL}};

static const struct meaning *find(const struct meaning *table, const char *name)
{
    for (; table->name != NULL; table++) {
        if (strcmp(table->name, name) == 0) {
            return table;
        }
    }
    return NULL;
}

static const char *temperature_unit(const char *text)
{
    static const struct {
        const char *recorded, *ucum;
    } rows[] = {{"degC", "Cel"}, {"degF", "[degF]"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].recorded, text) == 0) {
            return rows[i].ucum;
        }
    }
    return NULL;
}

/* Cuts the line at `separator`; fields beyond FIELDS are dropped. */
static size_t split(char *line, char separator, char *field[FIELDS])
{
    size_t count = 0;
    char *at = line;

    while (at != NULL && count < FIELDS) {
        field[count++] = at;
        at = strchr(at, separator);
        if (at != NULL) {
            *at++ = '\0';
        }
    }
    return count;
}

/* Takes the next line off *text, without its end; NULL after the last. */
static char *next_line(char **text)
{
    char *line = *text;
    if (*line == '\0') {
        return NULL;
    }
    char *end = line + strcspn(line, "\n");
    *text = *end == '\n' ? end + 1 : end;
    *end = '\0';
    line[strcspn(line, "\r")] = '\0';
    return line;
}

/* False: `text` is not a number. */
static bool tidy(const char *text, char out[VG_DECIMAL_TEXT])
{
    struct vg_decimal number;
    int64_t steps;
    if (vg_decimal_parse(text, strlen(text), &number) != VG_OK ||
        vg_decimal_scale(number, (struct vg_decimal){0, 0}, (struct vg_ratio){1, 1},
                         PLACES, &steps) != VG_OK) {
        return false;
    }
    vg_decimal_format(vg_decimal_of(steps, PLACES), out, VG_DECIMAL_TEXT);
    return true;
}

static bool grow(struct vg_recording *recording)
{
    size_t capacity = recording->capacity == 0 ? 256 : recording->capacity * 2;
    struct vg_sample *larger =
        realloc(recording->sample, capacity * sizeof *recording->sample);
    if (larger == NULL) {
        return false;
    }
    recording->sample = larger;
    recording->capacity = capacity;
    return true;
}

static enum vg_status add(struct vg_recording *recording, vg_ms offset,
                          const struct meaning *meaning, const char *text)
{
    struct vg_sample sample = {offset, meaning->code, meaning->unit, meaning->source,
                               ""};
    if (!tidy(text, sample.value)) {
        return VG_OK;
    }
    if (recording->count == recording->capacity && !grow(recording)) {
        return VG_NO_MEMORY;
    }
    recording->sample[recording->count++] = sample;
    return VG_OK;
}

/* Minutes of "-21" or "90"; false: not a whole number. */
static bool whole(const char *text, long *out)
{
    char *end;
    *out = strtol(text, &end, 10);
    return end != text && *end == '\0' && labs(*out) < 10000000;
}

/* "69.44" or "71"; NaN and -1 are no ages. */
static void take_age(struct vg_recording *recording, const char *text)
{
    char *end;
    double years = strtod(text, &end);

    if (end != text && *end == '\0' && years >= 1 && years < 130) {
        recording->age = (unsigned)years;
    }
}

static enum vg_status parse_mimic(char *text, struct vg_recording *out)
{
    enum vg_status status = VG_OK;
    for (char *line; status == VG_OK && (line = next_line(&text)) != NULL;) {
        char *field[FIELDS];
        size_t count = split(line, ',', field);
        long minute;
        const struct meaning *found = count >= 7 ? find(mimic, field[2]) : NULL;
        if (found == NULL || !whole(field[0], &minute) || strcmp(field[6], "1") == 0) {
            continue;
        }
        struct meaning meaning = *found;
        if (meaning.unit == NULL) {
            meaning.unit = temperature_unit(field[4]);
        }
        if (meaning.unit != NULL) {
            status = add(out, minute * VG_MINUTE, &meaning, field[3]);
        }
    }
    return status;
}

static enum vg_status parse_cinc2019(char *text, struct vg_recording *out)
{
    const struct meaning *column[FIELDS] = {NULL};
    char *field[FIELDS];
    char *line = next_line(&text);
    size_t columns = line != NULL ? split(line, '|', field) : 0;
    size_t hour_column = FIELDS; /* none */
    size_t age_column = FIELDS;
    for (size_t i = 0; i < columns; i++) {
        column[i] = find(cinc2019, field[i]);
        hour_column = strcmp(field[i], "ICULOS") == 0 ? i : hour_column;
        age_column = strcmp(field[i], "Age") == 0 ? i : age_column;
    }
    enum vg_status status = VG_OK;
    while (status == VG_OK && (line = next_line(&text)) != NULL) {
        size_t count = split(line, '|', field);
        long hour;
        if (hour_column >= count || !whole(field[hour_column], &hour)) {
            continue;
        }
        if (age_column < count) {
            take_age(out, field[age_column]);
        }
        for (size_t i = 0; i < count && status == VG_OK; i++) {
            if (column[i] != NULL) {
                status = add(out, hour * VG_HOUR, column[i], field[i]);
            }
        }
    }
    return status;
}

static enum vg_status parse_cinc2012(char *text, struct vg_recording *out)
{
    enum vg_status status = VG_OK;
    for (char *line; status == VG_OK && (line = next_line(&text)) != NULL;) {
        char *field[FIELDS];
        size_t count = split(line, ',', field);
        if (count >= 3 && strcmp(field[1], "Age") == 0) {
            take_age(out, field[2]);
        }
        const struct meaning *meaning = count >= 3 ? find(cinc2012, field[1]) : NULL;
        char *colon = count >= 3 ? strchr(field[0], ':') : NULL;
        long hour;
        long minute;
        if (meaning == NULL || colon == NULL || strcmp(field[2], "-1") == 0) {
            continue;
        }
        *colon = '\0';
        if (whole(field[0], &hour) && whole(colon + 1, &minute)) {
            status = add(out, hour * VG_HOUR + minute * VG_MINUTE, meaning, field[2]);
        }
    }
    return status;
}

static int by_offset(const void *left, const void *right)
{
    const struct vg_sample *a = left;
    const struct vg_sample *b = right;
    if (a->offset != b->offset) {
        return a->offset < b->offset ? -1 : 1;
    }
    return strcmp(a->code, b->code);
}

enum vg_status vg_recording_parse(enum vg_layout layout, char *text,
                                  struct vg_recording *out)
{
    static enum vg_status (*const parse[])(char *, struct vg_recording *) = {
        [VG_LAYOUT_MIMIC] = parse_mimic,
        [VG_LAYOUT_CINC2019] = parse_cinc2019,
        [VG_LAYOUT_CINC2012] = parse_cinc2012};
    *out = (struct vg_recording){0};
    enum vg_status status = parse[layout](text, out);
    if (status == VG_OK && out->count == 0) {
        status = VG_REFUSED;
    }
    if (status != VG_OK) {
        vg_recording_finish(out);
        return status;
    }
    qsort(out->sample, out->count, sizeof *out->sample, by_offset);
    vg_ms first = out->sample[0].offset;
    for (size_t i = 0; i < out->count; i++) {
        out->sample[i].offset -= first;
    }
    return VG_OK;
}

void vg_recording_finish(struct vg_recording *recording)
{
    free(recording->sample);
    *recording = (struct vg_recording){0};
}
