/* SPDX-License-Identifier: Apache-2.0
 *
 * Questions about readings: pages, steps, the last known value, gaps. All are folds over
 * one walk in the order of measured time.
 */
#include "shell/store_question.h"

#include <stdlib.h>
#include <string.h>

/* ---- Pages of readings */

enum vg_status vg_history_readings(struct vg_reader *reader,
                                   const struct vg_history_query *query,
                                   vg_reading_fn *each, void *to,
                                   struct vg_page_end *end, struct vg_error *error)
{
    struct vg_history_query rest = *query;

    memset(end, 0, sizeof *end);
    if (query->after.set && query->after.at > rest.from.ms) {
        rest.from.ms = query->after.at;
    }
    return vg_question_walk(reader, &rest, &(struct vg_telling){each, to, end}, error);
}

/* ---- The last known value */

struct known {
    struct vg_reading reading;
    struct vg_reading_row row;
    char ward[VG_ID_LEN + 1], bed[VG_ID_LEN + 1], device[VG_ID_LEN + 1];
    char episode[VG_EPISODE_LEN + 1], patient[VG_PATIENT_LEN + 1];
};

static bool keep_row(void *to, const struct vg_reading_row *row)
{
    struct known *known = (struct known *)to + row->reading->signal;

    if (!vg_sums_usable(row->reading)) {
        return true;
    }
    known->reading = *row->reading;
    known->row = *row;
    (void)vg_copy(known->ward, sizeof known->ward, row->ward);
    (void)vg_copy(known->bed, sizeof known->bed, row->bed);
    (void)vg_copy(known->device, sizeof known->device, row->device);
    (void)vg_copy(known->episode, sizeof known->episode, row->episode);
    (void)vg_copy(known->patient, sizeof known->patient, row->patient);
    return true;
}

static void tell_known(struct known *known, vg_reading_fn *each, void *to)
{
    bool go_on = true;

    for (unsigned i = 0; i < VG_MEASURED_COUNT && go_on; i++) {
        struct known *k = &known[i];
        if (k->row.reading == NULL) {
            continue;
        }
        k->row.reading = &k->reading;
        k->row.ward = k->ward;
        k->row.bed = k->bed;
        k->row.device = k->device;
        k->row.episode = k->episode;
        k->row.patient = k->patient;
        go_on = each(to, &k->row);
    }
}

enum vg_status vg_history_last(struct vg_reader *reader,
                               const struct vg_history_query *query,
                               vg_reading_fn *each, void *to, struct vg_error *error)
{
    struct known *known = calloc(VG_MEASURED_COUNT, sizeof *known);

    if (known == NULL) {
        return VG_NO_MEMORY;
    }
    const enum vg_status status = vg_question_walk(
        reader, query, &(struct vg_telling){keep_row, known, NULL}, error);
    if (status == VG_OK) {
        tell_known(known, each, to);
    }
    free(known);
    return status;
}

/* ---- Gaps */

struct gaps {
    const struct vg_history_query *query;
    vg_ms longest;
    enum vg_signal signal;
    int64_t last; /* INT64_MIN: none yet */
    vg_gap_fn *each;
    void *to;
};

static bool tell_gap(const struct gaps *g, int64_t next, bool at_end)
{
    const bool at_begin = g->last == INT64_MIN;
    const struct vg_history_gap gap = {
        .signal = g->signal,
        .begin = at_begin ? g->query->from : (struct vg_instant){g->last},
        .end = {next},
        .open_begin = at_begin,
        .open_end = at_end,
    };

    return vg_since(gap.end, gap.begin) <= g->longest || g->each(g->to, &gap);
}

static bool gap_row(void *to, const struct vg_reading_row *row)
{
    struct gaps *g = to;

    if (!vg_sums_usable(row->reading)) {
        return true;
    }
    const bool go_on = tell_gap(g, row->reading->measured.ms, false);
    g->last = row->reading->measured.ms;
    return go_on;
}

enum vg_status vg_history_gaps(struct vg_reader *reader,
                               const struct vg_history_query *query, vg_ms longest,
                               vg_gap_fn *each, void *to, struct vg_error *error)
{
    enum vg_status status = VG_OK;

    for (unsigned i = 0; i < VG_MEASURED_COUNT && status == VG_OK; i++) {
        if ((query->signals >> i & 1) == 0) {
            continue;
        }
        struct vg_history_query one = *query;
        struct gaps g = {query, longest, (enum vg_signal)i, INT64_MIN, each, to};
        one.signals = (uint64_t)1 << i;
        status = vg_question_walk(reader, &one, &(struct vg_telling){gap_row, &g, NULL},
                                  error);
        if (status == VG_OK && !tell_gap(&g, query->to.ms, true)) {
            break;
        }
    }
    return status;
}

/* ---- All readings at once */

enum vg_status vg_store_readings(struct vg_reader *reader,
                                 const struct vg_reading_query *query,
                                 vg_reading_fn *each, void *to, struct vg_error *error)
{
    const struct vg_history_query all = {.patient = query->patient,
                                         .ward = query->ward,
                                         .bed = query->bed,
                                         .signals = query->signals,
                                         .from = query->from,
                                         .to = query->to,
                                         .arrival = true};

    return vg_question_walk(reader, &all, &(struct vg_telling){each, to, NULL}, error);
}
