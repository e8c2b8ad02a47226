/* SPDX-License-Identifier: Apache-2.0
 *
 * vigil beds: the beds heard from lately and those with a patient, with the last values of each.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/query.h"
#include "shell/clock.h"
#include "shell/history.h"
#include "wire/encode_parts.h"

static const char usage[] =
    "usage: vigil beds [-c FILE] [--set KEY=VALUE]... [--from -1h] [--json]\n"
    "\n"
    "Each bed heard from since --from, or with a patient admitted, with the last usable value\n"
    "of each vital sign since then and how old it is, or \"no data\". Exit 0: printed; 1: none; 3: there is no store.\n";

#define BEDS 4096

struct bed {
    char ward[VG_ID_LEN + 1], bed[VG_ID_LEN + 1], patient[VG_PATIENT_LEN + 1];
    bool stay, here; /* the values are of somebody's stay; somebody lies there now */
    struct vg_reading last[VG_MAP + 1];
    bool known[VG_MAP + 1];
};

struct beds {
    size_t count;
    struct bed *item;
};

static struct bed *find(struct beds *beds, const char *ward, const char *name)
{
    for (size_t i = 0; i < beds->count; i++) {
        if (strcmp(beds->item[i].bed, name) == 0 &&
            strcmp(beds->item[i].ward, ward) == 0) {
            return &beds->item[i];
        }
    }
    if (beds->count == BEDS) {
        return NULL;
    }
    struct bed *fresh = &beds->item[beds->count++];
    (void)vg_copy(fresh->ward, sizeof fresh->ward, ward);
    (void)vg_copy(fresh->bed, sizeof fresh->bed, name);
    return fresh;
}

/* Values of who lay there before are not theirs. */
static void becomes(struct bed *bed, const char *patient)
{
    if (strcmp(bed->patient, patient) != 0) {
        if (bed->patient[0] != '\0') {
            memset(bed->known, 0, sizeof bed->known);
        }
        (void)vg_copy(bed->patient, sizeof bed->patient, patient);
    }
}

static bool on_reading(void *to, const struct vg_reading_row *row)
{
    struct bed *bed = find(to, row->ward, row->bed);
    const bool usable =
        row->reading->quality <= VG_QUALITY_QUESTIONABLE && !row->reading->out_of_range;

    if (bed != NULL && row->reading->signal <= VG_MAP && usable) {
        becomes(bed, row->patient);
        bed->stay = row->episode[0] != '\0';
        bed->last[row->reading->signal] = *row->reading;
        bed->known[row->reading->signal] = true;
    }
    return true;
}

static bool on_episode(void *to, const struct vg_episode *episode)
{
    struct bed *bed = find(to, episode->ward, episode->bed);

    if (bed != NULL) {
        becomes(bed, episode->patient);
        bed->here = true;
    }
    return true;
}

/* Whose stay has ended lies there no more. */
static void empty(struct beds *beds)
{
    for (size_t i = 0; i < beds->count; i++) {
        if (beds->item[i].stay && !beds->item[i].here) {
            becomes(&beds->item[i], "");
        }
    }
}

static bool has_data(const struct bed *bed)
{
    bool has = false;

    for (int s = 0; s <= VG_MAP && !has; s++) {
        has = bed->known[s];
    }
    return has;
}

static int by_name(const void *a, const void *b)
{
    const struct bed *left = a;
    const struct bed *right = b;
    const int ward = strcmp(left->ward, right->ward);

    return ward != 0 ? ward : strcmp(left->bed, right->bed);
}

static void print(const struct beds *beds, struct vg_instant now)
{
    for (size_t i = 0; i < beds->count; i++) {
        const struct bed *bed = &beds->item[i];
        (void)printf("%s/%s  %s", bed->ward, bed->bed,
                     bed->patient[0] != '\0' ? bed->patient : "no patient linked");
        for (int s = 0; s <= VG_MAP; s++) {
            char value[VG_DECIMAL_TEXT];
            if (bed->known[s]) {
                (void)vg_decimal_format(vg_history_value(&bed->last[s]), value,
                                        sizeof value);
                (void)printf(
                    "  %s %s (%llds)", vg_signal_info((enum vg_signal)s)->code, value,
                    (long long)(vg_since(now, bed->last[s].measured) / VG_SECOND));
            }
        }
        (void)printf("%s\n", has_data(bed) ? "" : "  no data");
    }
}

/* As GET /api/v1/wards/WARD/beds says them, of what the store knows. */
static void put_values(struct vg_buffer *b, const struct bed *bed,
                       struct vg_instant now)
{
    const char *before = "";

    for (int s = 0; s <= VG_MAP; s++) {
        const struct vg_signal_info *info = vg_signal_info((enum vg_signal)s);
        const struct vg_reading *r = &bed->last[s];
        char value[VG_DECIMAL_TEXT];

        if (bed->known[s]) {
            (void)vg_decimal_format(vg_history_value(r), value, sizeof value);
            vg_put_raw(b, before);
            vg_put_string(b, info->code);
            vg_put_raw(b, ":{\"value\":");
            vg_put_raw(b, value);
            vg_key_text(b, "unit", vg_unit_text(info->unit));
            vg_key_time(b, "ts", r->measured);
            vg_key_text(b, "source", vg_source_text(r->source));
            vg_key_text(b, "quality", vg_quality_text(r->quality));
            vg_key_int(b, "age_s", vg_since(now, r->measured) / VG_SECOND);
            vg_put_raw(b, "}");
            before = ",";
        }
    }
}

static void print_json(const struct beds *beds, struct vg_instant now)
{
    struct vg_buffer b = {0};

    vg_put_raw(&b, "{\"beds\":[");
    for (size_t i = 0; i < beds->count; i++) {
        const struct bed *bed = &beds->item[i];
        vg_put_raw(&b, i > 0 ? ",\n{\"ward\":" : "\n{\"ward\":");
        vg_put_string(&b, bed->ward);
        vg_key_text(&b, "bed", bed->bed);
        vg_key_text_or_null(&b, "patient", bed->patient);
        vg_key(&b, "values");
        vg_put_raw(&b, "{");
        put_values(&b, bed, now);
        vg_put_raw(&b, "}}");
    }
    vg_put_raw(&b, beds->count > 0 ? "\n]}" : "]}");
    (void)puts(b.bytes);
    vg_buffer_finish(&b);
}

static int show(const struct vg_query_options *options, struct vg_instant from)
{
    const struct vg_reading_query query = {.from = from, .to = VG_NEVER};
    struct beds beds = {.item = calloc(BEDS, sizeof(struct bed))};
    struct vg_error error = {"out of memory"};
    struct vg_reader *reader = vg_query_open(options, "beds");

    if (reader == NULL || beds.item == NULL) {
        free(beds.item);
        vg_store_read_close(reader);
        return VG_EXIT_CANNOT;
    }
    const struct vg_episodes_query lying = {
        .open_only = true, .from = VG_UNSET, .to = VG_NEVER};
    struct vg_page_end end = {0};
    enum vg_status status =
        vg_store_readings(reader, &query, on_reading, &beds, &error);
    if (status == VG_OK) {
        status = vg_history_episodes(reader, &lying, on_episode, &beds, &end, &error);
    }
    vg_store_read_close(reader);
    empty(&beds);
    qsort(beds.item, beds.count, sizeof beds.item[0], by_name);
    (options->json ? print_json : print)(&beds, vg_clock_wall());
    const int code = beds.count > 0 ? VG_EXIT_DONE : VG_EXIT_NO;
    free(beds.item);
    if (status != VG_OK) {
        (void)fprintf(stderr, "vigil beds: %s\n", error.text);
        return VG_EXIT_CANNOT;
    }
    return code;
}

int vg_cli_beds(int argc, char **argv)
{
    static struct vg_query_options options; /* large, and there is one */
    struct vg_instant from = vg_after(vg_clock_wall(), -VG_HOUR);

    vg_settings_default(&options.settings);
    for (int i = 1; i < argc; i++) {
        int done = 0;
        if (strcmp(argv[i], "--from") == 0 && i + 1 < argc &&
            vg_query_time(argv[i + 1], vg_clock_wall(), &from)) {
            i++;
        } else if (!vg_query_word(&options, usage, argc, argv, &i, &done)) {
            (void)fputs(usage, stderr);
            return VG_EXIT_USAGE;
        } else if (done != 0) {
            return done < 0 ? VG_EXIT_DONE : done;
        }
    }
    return show(&options, from);
}
