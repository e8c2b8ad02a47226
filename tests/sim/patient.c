/* SPDX-License-Identifier: Apache-2.0
 *
 * What monitors see: each signal is well, near its limit or past it, for half a minute to some
 * minutes at a time. A spot temperature now and then.
 */
#include "sim/sim.h"

#define PATIENTS 100
#define SIGNALS  5

static const struct {
    int low, high;   /* well */
    int near_, past; /* around the limit of the rule in protocols/sim.yaml */
} ranges[SIGNALS] = {{70, 95, 130, 150},
                     {12, 18, 25, 32},
                     {95, 99, 90, 84},
                     {110, 130, 90, 78},
                     {365, 374, 390, 398}};

static struct {
    vg_ms until;
    int mode; /* 0 well, 1 near, 2 past */
} state[PATIENTS][SIGNALS];

static int read_one(unsigned patient, int s)
{
    if (state[patient][s].until <= sim.boot) {
        state[patient][s].until = sim.boot + luck_between(LUCK_PATIENT, 30000, 300000);
        const int64_t dice = luck_below(LUCK_PATIENT, 10);
        state[patient][s].mode = sim.boot >= sim.busy_until ? 0
                                 : dice < 6                 ? 0
                                 : dice < 8                 ? 1
                                                            : 2;
    }
    switch (state[patient][s].mode) {
    case 0:
        return (int)luck_between(LUCK_PATIENT, ranges[s].low, ranges[s].high);
    case 1:
        return ranges[s].near_ + (int)luck_between(LUCK_PATIENT, -4, 4);
    default:
        return ranges[s].past + (int)luck_between(LUCK_PATIENT, -3, 3);
    }
}

void patient_read(unsigned patient, struct vitals *out)
{
    out->hr = read_one(patient, 0);
    out->rr = read_one(patient, 1);
    out->spo2 = read_one(patient, 2);
    out->sbp = read_one(patient, 3);
    out->temp = luck_percent(LUCK_PATIENT, 15) ? read_one(patient, 4) : 0;
}

void patient_crowd(void)
{
    for (unsigned p = 0; p < PATIENTS; p++) {
        for (int s = 0; s < SIGNALS; s++) {
            state[p][s].mode = 2;
            state[p][s].until = sim.boot + 180000;
        }
    }
}
