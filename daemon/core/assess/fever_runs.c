/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs of temperature: when a value is confirmed (Clinical reference 1.2). What a person
 * measures singly is confirmed at once; a stream by three samples over four minutes, or,
 * where samples are sparse, by two within an hour.
 */
#include "core/course.h"

/* 1.2: fever from 38.0 (ASTCT), patch check from 37.5, > 40.0 and > 41.0; 5.3: 38.3
 * (IDSA), > 38 (NICE); 39.0: project proposal. */
static const int16_t limits[VG_FEVER_LIMITS] = {
    [VG_FEVER_375] = 375, [VG_FEVER_380] = 380, [VG_FEVER_381] = 381,
    [VG_FEVER_383] = 383, [VG_FEVER_390] = 390, [VG_FEVER_401] = 401,
    [VG_FEVER_411] = 411};

/* 1.2; project proposals, all inclusive. */
#define RUN_SAMPLES 3
#define RUN_SPAN    (240 * VG_SECOND)
#define RUN_PAUSE   (600 * VG_SECOND)
#define SPARSE      (60 * VG_MINUTE)

unsigned vg_fever_trust(enum vg_temp_class class_)
{
    static const uint8_t trust[VG_TEMP_CLASSES] = {[VG_TEMP_SPOT] = 0,
                                                   [VG_TEMP_PROBE] = 0,
                                                   [VG_TEMP_AXILLARY] = 1,
                                                   [VG_TEMP_PATCH] = 2};
    return trust[class_];
}

/* Pieces of one long stretch each carry the count of the whole. */
static unsigned samples_of(const struct vg_fever_lane *lane, const struct vg_item *item,
                           vg_ms pause)
{
    const bool same = lane->stretched && item->count == lane->last_count &&
                      item->count > 1 && pause <= VG_SECOND;

    return same ? 0 : item->count;
}

static void begin(struct vg_fever_run *run, const struct vg_item *item)
{
    run->from = item->at;
    run->dense = 0;
    run->count = item->count;
    run->confirmed = false;
}

static void extend(struct vg_fever_run *run, const struct vg_fever_lane *lane,
                   const struct vg_item *item)
{
    const vg_ms pause = vg_since(item->at, lane->last);

    if (!vg_state_set(run->from) || pause > SPARSE) {
        begin(run, item);
    } else if (pause > RUN_PAUSE) { /* two in a row, sparse */
        run->from = run->confirmed ? run->from : lane->last;
        const vg_ms behind = vg_since(item->at, run->from);
        run->dense = behind > UINT32_MAX ? UINT32_MAX : (uint32_t)behind;
        run->count = item->count;
        run->confirmed = true;
    } else {
        const unsigned count = run->count + samples_of(lane, item, pause);
        run->count = (uint8_t)(count > UINT8_MAX ? UINT8_MAX : count);
    }
    if (run->count >= RUN_SAMPLES &&
        vg_since(item->to, vg_after(run->from, run->dense)) >= RUN_SPAN) {
        run->confirmed = true;
    }
}

static void note_values(struct vg_fever_lane *lane, const struct vg_item *item)
{
    const int16_t value = (int16_t)item->low;

    lane->back[1] = lane->back[0];
    if (item->count > 1) {
        lane->back[1] = value;
    }
    lane->back[0] = value;
}

void vg_fever_runs(struct vg_fever_lane *lane, const struct vg_item *item)
{
    const bool stream = vg_item_stream(item);

    for (unsigned i = 0; i < VG_FEVER_LIMITS; i++) {
        struct vg_fever_run *run = &lane->run[i];
        if (item->low < limits[i]) {
            *run = (struct vg_fever_run){0};
        } else if (stream) {
            extend(run, lane, item);
        } else {
            begin(run, item);
            run->confirmed = true;
        }
    }
    note_values(lane, item);
    lane->last = item->to;
    lane->last_count = item->count;
    lane->stretched = item->to.ms != item->at.ms;
}

/* Call after vg_fever_runs. The lowest of the samples that confirm, never below fever. */
int64_t vg_fever_level(const struct vg_fever_lane *lane, const struct vg_item *item)
{
    int64_t level = item->low;

    if (vg_item_stream(item)) {
        level = lane->back[0] < lane->back[1] ? lane->back[0] : lane->back[1];
    }
    for (unsigned i = VG_FEVER_LIMITS; i-- > 0;) {
        if (lane->run[i].confirmed && limits[i] > level) {
            return limits[i]; /* not reached: a sample below a limit ends its run */
        }
    }
    return level;
}
