/* SPDX-License-Identifier: Apache-2.0
 *
 * The patients of the benchmark: what each bed's monitor shows at each tick of one second,
 * as a function of the seed, and by arithmetic of our own which message must raise the one
 * alert of bench.yaml. The daemon is measured against that, not against itself.
 *
 * Of ten beds one is feverish only and one has a low pressure only: both must stay silent.
 * A bed with an event is feverish throughout; at the event's tick its pressure falls.
 */
#ifndef VIGIL_BENCH_WARD_H
#define VIGIL_BENCH_WARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VG_BENCH_WARD_BEDS 20 /* beds of a ward, and of its one gateway */
#define VG_BENCH_NO_EVENT  UINT64_MAX
#define VG_BENCH_PAYLOAD   640
#define VG_BENCH_TOPIC     96
#define VG_BENCH_TIME      32

struct vg_bench_plan {
    const char *root;  /* of all topics, "vigil/v1" */
    const char *epoch; /* of all gateways */
    unsigned beds;
    unsigned first_ward; /* wards and gateways are numbered from here */
    unsigned events;     /* beds with an event; at most beds */
    uint64_t ticks; /* each bed sends once a tick; the last event is at the last tick */
    uint64_t seed;
    int64_t start_ms; /* measured time of tick 0 */
};

enum {
    VG_BENCH_TEMP,
    VG_BENCH_HR,
    VG_BENCH_RR,
    VG_BENCH_SPO2,
    VG_BENCH_SBP,
    VG_BENCH_DBP,
    VG_BENCH_MAP,
    VG_BENCH_SIGNALS
};

/* The tick at which the bed's pressure falls, or VG_BENCH_NO_EVENT. */
uint64_t vg_bench_event(const struct vg_bench_plan *plan, unsigned bed);
/* Temperature in tenths of a degree, the others in whole units. */
void vg_bench_vitals(const struct vg_bench_plan *plan, unsigned bed, uint64_t tick,
                     int out[VG_BENCH_SIGNALS]);
void vg_bench_time(const struct vg_bench_plan *plan, uint64_t tick,
                   char out[VG_BENCH_TIME]);
size_t vg_bench_topic(const struct vg_bench_plan *plan, unsigned bed,
                      char out[VG_BENCH_TOPIC]);
size_t vg_bench_payload(const struct vg_bench_plan *plan, unsigned bed, uint64_t tick,
                        char out[VG_BENCH_PAYLOAD]);

/* The rule, one bed: avg(temp, 10m) >= 38.0 and min(sbp, 5m) < 90, windows closed at both
 * ends. Zeroed is ready; wants each tick in order, from tick 0. */
struct vg_bench_oracle {
    int64_t sum;
    int16_t temp[601];
    uint64_t seen;
    uint64_t low_at; /* tick of the last low pressure, plus 1; 0: none yet */
    bool was;
};
/* True if the rule became true with this message. */
bool vg_bench_ask(struct vg_bench_oracle *oracle, const int vitals[VG_BENCH_SIGNALS]);

#endif
