/* SPDX-License-Identifier: Apache-2.0 */
#include "ward.h"

#include <stdio.h>
#include <time.h>

static uint64_t stir(uint64_t x)
{
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93U;
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93U;
    return x ^ (x >> 32);
}

/* A number of [-width, width] that stays the same for `hold` ticks. */
static int noise(const struct vg_bench_plan *plan, unsigned stream, uint64_t tick,
                 uint64_t hold, int width)
{
    const uint64_t bits = stir(plan->seed + stir(stream + (tick / hold << 32)));

    return (int)(bits % (uint64_t)(2 * width + 1)) - width;
}

uint64_t vg_bench_event(const struct vg_bench_plan *plan, unsigned bed)
{
    const uint64_t events = plan->events;

    if (events == 0 || plan->ticks < 3) {
        return VG_BENCH_NO_EVENT;
    }
    /* Event e (from 1) is on bed e * beds / events - 1: the last one on the last bed. */
    const uint64_t event = ((uint64_t)(bed + 1) * events + plan->beds - 1) / plan->beds;

    if (event * plan->beds / events != bed + 1) {
        return VG_BENCH_NO_EVENT;
    }
    return 2 + (plan->ticks - 3) * event / events;
}

void vg_bench_vitals(const struct vg_bench_plan *plan, unsigned bed, uint64_t tick,
                     int out[VG_BENCH_SIGNALS])
{
    const uint64_t event = vg_bench_event(plan, bed);
    const bool has_event = event != VG_BENCH_NO_EVENT;
    const bool fever = has_event || bed % 10 == 3;
    const bool low = has_event ? tick >= event : bed % 10 == 7;
    const unsigned stream = bed * VG_BENCH_SIGNALS;

    out[VG_BENCH_TEMP] = (fever ? 388 : 369) + noise(plan, stream, tick, 300, 3);
    out[VG_BENCH_HR] = (fever ? 108 : 78) + noise(plan, stream + 1, tick, 1, 5);
    out[VG_BENCH_RR] = (fever ? 22 : 15) + noise(plan, stream + 2, tick, 4, 2);
    out[VG_BENCH_SPO2] = 96 + noise(plan, stream + 3, tick, 5, 1);
    out[VG_BENCH_SBP] = (low ? 82 : 122) + noise(plan, stream + 4, tick, 3, 5);
    out[VG_BENCH_DBP] = (low ? 48 : 76) + noise(plan, stream + 5, tick, 3, 4);
    out[VG_BENCH_MAP] = (out[VG_BENCH_SBP] + 2 * out[VG_BENCH_DBP]) / 3;
}

void vg_bench_time(const struct vg_bench_plan *plan, uint64_t tick,
                   char out[VG_BENCH_TIME])
{
    const int64_t ms = plan->start_ms + (int64_t)tick * 1000;
    const time_t seconds = (time_t)(ms / 1000);
    struct tm parts;

    (void)gmtime_r(&seconds, &parts);
    const size_t length = strftime(out, VG_BENCH_TIME, "%Y-%m-%dT%H:%M:%S", &parts);

    (void)snprintf(out + length, VG_BENCH_TIME - length, ".%03dZ", (int)(ms % 1000));
}

size_t vg_bench_topic(const struct vg_bench_plan *plan, unsigned bed,
                      char out[VG_BENCH_TOPIC])
{
    return (size_t)snprintf(out, VG_BENCH_TOPIC, "%s/beds/w%03u/b%05u/vitals",
                            plan->root, plan->first_ward + bed / VG_BENCH_WARD_BEDS,
                            plan->first_ward * VG_BENCH_WARD_BEDS + bed);
}

/* Beds that share the bed's gateway: the last ward may have fewer than the others. */
static unsigned neighbours(const struct vg_bench_plan *plan, unsigned bed)
{
    const unsigned left = plan->beds - bed / VG_BENCH_WARD_BEDS * VG_BENCH_WARD_BEDS;

    return left < VG_BENCH_WARD_BEDS ? left : VG_BENCH_WARD_BEDS;
}

size_t vg_bench_payload(const struct vg_bench_plan *plan, unsigned bed, uint64_t tick,
                        char out[VG_BENCH_PAYLOAD])
{
    const unsigned place = bed % VG_BENCH_WARD_BEDS;
    char ts[VG_BENCH_TIME];
    int v[VG_BENCH_SIGNALS];

    vg_bench_time(plan, tick, ts);
    vg_bench_vitals(plan, bed, tick, v);
    return (size_t)snprintf(
        out, VG_BENCH_PAYLOAD,
        "{\"gateway\":\"gw-%03u\",\"epoch\":\"%s\",\"seq\":%llu,\"ts\":\"%s\","
        "\"device\":\"mon-%02u\",\"obs\":["
        "{\"code\":\"temp\",\"value\":%d.%d,\"unit\":\"Cel\"},"
        "{\"code\":\"hr\",\"value\":%d,\"unit\":\"/min\"},"
        "{\"code\":\"rr\",\"value\":%d,\"unit\":\"/min\"},"
        "{\"code\":\"spo2\",\"value\":%d,\"unit\":\"%%\"},"
        "{\"code\":\"sbp\",\"value\":%d,\"unit\":\"mm[Hg]\"},"
        "{\"code\":\"dbp\",\"value\":%d,\"unit\":\"mm[Hg]\"},"
        "{\"code\":\"map\",\"value\":%d,\"unit\":\"mm[Hg]\"}]}",
        plan->first_ward + bed / VG_BENCH_WARD_BEDS, plan->epoch,
        (unsigned long long)(tick * neighbours(plan, bed) + place + 1), ts, place,
        v[VG_BENCH_TEMP] / 10, v[VG_BENCH_TEMP] % 10, v[VG_BENCH_HR], v[VG_BENCH_RR],
        v[VG_BENCH_SPO2], v[VG_BENCH_SBP], v[VG_BENCH_DBP], v[VG_BENCH_MAP]);
}

bool vg_bench_ask(struct vg_bench_oracle *oracle, const int vitals[VG_BENCH_SIGNALS])
{
    const uint64_t size = sizeof oracle->temp / sizeof oracle->temp[0];
    int16_t *slot = &oracle->temp[oracle->seen % size];

    oracle->sum += vitals[VG_BENCH_TEMP] - *slot;
    *slot = (int16_t)vitals[VG_BENCH_TEMP];
    oracle->seen++;
    if (vitals[VG_BENCH_SBP] < 90) {
        oracle->low_at = oracle->seen;
    }
    const uint64_t held = oracle->seen < size ? oracle->seen : size;
    const bool warm = oracle->sum >= 380 * (int64_t)held;
    const bool is = warm && oracle->low_at > 0 && oracle->seen - oracle->low_at <= 300;
    const bool risen = is && !oracle->was;

    oracle->was = is;
    return risen;
}
