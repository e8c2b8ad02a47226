/* SPDX-License-Identifier: Apache-2.0
 *
 * What the load generator hears back: raised alerts, compared with what the oracle
 * expects, and committed marks, which say how much is on disk.
 */
#ifndef VIGIL_BENCH_EAR_H
#define VIGIL_BENCH_EAR_H

#include "raw_mqtt.h"
#include "ward.h"

#define VG_BENCH_ID 40

struct vg_bench_expected {
    uint64_t message; /* the one that makes the rule true; VG_BENCH_NO_EVENT: none */
    uint64_t sent_ns, heard_ns; /* 0: not yet */
    /* Of the alert that was heard; "": who raised it gives none. */
    char id[VG_BENCH_ID];
    double rev;
};

struct vg_bench_ear {
    const struct vg_bench_plan *plan;
    struct vg_bench_expected *bed; /* plan->beds of them, the caller's */
    uint64_t *committed;           /* of each gateway, the caller's */
    unsigned heard, exact, repeated, wrong;
    unsigned again; /* the same alert told once more: delivery is at least once */
    uint64_t committed_sum;
    uint64_t last_alert_ns, last_mark_ns;
};

void vg_bench_hear(struct vg_bench_ear *ear, const struct vg_raw_packet *packet,
                   uint64_t now_ns);

/* Milliseconds from a message to its alert, sorted; `out` has room for plan->beds. Returns
 * how many. */
size_t vg_bench_latencies(const struct vg_bench_ear *ear, double *out);

#endif
