/* SPDX-License-Identifier: Apache-2.0
 *
 * Windows: readings in any order, against a list that is searched from end to end. Each input
 * is a row of four bytes: how far in time, late or not, the value, the source.
 */
#include <string.h>

#include "core/tracker.h"
#include "fuzz.h"

#define MOST 512
#define T0   INT64_C(1768032000000)

struct seen {
    size_t count;
    struct vg_sample sample[MOST];
};

static const struct vg_query queries[] = {
    {.kind = VG_ASK_MIN, .signal = VG_HR, .span = 5 * VG_MINUTE},
    {.kind = VG_ASK_MAX, .signal = VG_HR, .span = 10 * VG_MINUTE},
};
#define QUERIES (sizeof queries / sizeof queries[0])

static void check(const struct vg_query *query, const struct seen *seen,
                  struct vg_instant at, struct vg_number is)
{
    const bool low = query->kind == VG_ASK_MIN;
    bool any = false;
    int64_t best = 0;

    for (size_t i = 0; i < seen->count; i++) {
        const struct vg_sample *s = &seen->sample[i];
        if (s->measured.ms <= at.ms && s->measured.ms >= at.ms - query->span &&
            (!any || (low ? s->value < best : s->value > best))) {
            best = s->value;
            any = true;
        }
    }
    MUST(is.known == any);
    MUST(!any || vg_number_compare(is, vg_number_of(best, 1)) == 0);
}

static void take(struct seen *seen, const struct vg_sample *sample, enum vg_taken taken)
{
    if (taken == VG_TAKEN || taken == VG_TAKEN_LATE) {
        seen->sample[seen->count++] = *sample;
    }
    for (size_t i = 0; taken == VG_CORRECTED && i < seen->count; i++) {
        struct vg_sample *s = &seen->sample[i];
        if (s->measured.ms == sample->measured.ms && s->source == sample->source &&
            s->device == sample->device) {
            *s = *sample;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct seen seen;
    struct vg_window window;
    struct vg_tracker tracker[QUERIES] = {{0}};
    struct vg_instant now = {T0};

    seen.count = 0;
    vg_window_init(&window, VG_HR, 15 * VG_MINUTE);
    for (; size >= 4 && seen.count < MOST; data += 4, size -= 4) {
        struct vg_sample sample = {.measured = now,
                                   .value = 30 + data[2],
                                   .source = data[3] % 2 ? VG_SOURCE_CONTINUOUS
                                                         : VG_SOURCE_SPOT};
        if (data[1] % 4 == 0) {
            sample.measured.ms -= data[0] * 4000;
        } else {
            now.ms += data[0] * 500;
            sample.measured = now;
        }
        take(&seen, &sample, vg_window_put(&window, &sample));
        for (size_t k = 0; k < QUERIES; k++) {
            check(&queries[k], &seen, now,
                  vg_tracker_answer(&tracker[k], &window, &queries[k], now));
            check(&queries[k], &seen, now, vg_window_scan(&window, &queries[k], now));
        }
    }
    for (size_t k = 0; k < QUERIES; k++) {
        vg_tracker_finish(&tracker[k]);
    }
    vg_window_finish(&window);
    return 0;
}
