/* SPDX-License-Identifier: Apache-2.0
 *
 * What a score was made of, as the history knows it: of NEWS2 the most trusted value of each
 * part, between equals the newest, at most an hour old (Clinical reference 0.4, 0.9, 4.2); of ICANS
 * the latest ICE within its time (2.2). A stream scores what it held for five minutes: its latest
 * sample stands for it. A CRS grade rests on courses of hours: only alerts say on what.
 *
 * What came more than a minute after the score's instant is not named: whether the score knew it
 * cannot be told any more.
 */
#include "shell/api_fhir_gather.h"

#define BIT(signal) ((uint64_t)1 << VG_##signal)
#define KNOWN       VG_MINUTE

static const struct {
    uint64_t signals;
    vg_ms span;
} inputs[VG_FHIR_SCORES] = {
    [VG_FHIR_NEWS2] = {BIT(RR) | BIT(SPO2) | BIT(SBP) | BIT(HR) | BIT(TEMP), VG_HOUR},
    [VG_FHIR_ICANS] = {BIT(ICE), 16 * VG_HOUR},
};

struct choosing {
    const struct vg_fhir_scored *scored;
    bool has[VG_MEASURED_COUNT];
    unsigned trust[VG_MEASURED_COUNT];
    struct vg_reading best[VG_MEASURED_COUNT];
};

/* Between temperatures (0: a patch, 1: armpit or skin) and between pressures; all others are
 * equals. */
static unsigned trust_of(const struct vg_reading *r)
{
    const bool skin = r->method == VG_METHOD_AXILLARY || r->method == VG_METHOD_SKIN;

    if (r->signal != VG_TEMP) {
        return r->signal == VG_SBP && r->source == VG_SOURCE_ARTERIAL;
    }
    if (r->source == VG_SOURCE_CONTINUOUS) {
        return skin || r->method == VG_METHOD_NONE ? 0 : 2;
    }
    return skin ? 1 : 2;
}

/* Poor SpO2 is set aside (1.4), a cool patch is not used (10.2). */
static bool usable(const struct vg_reading *r)
{
    if (r->quality != VG_QUALITY_VALID || r->out_of_range) {
        return false;
    }
    return !(r->signal == VG_SPO2 && r->pi >= 0 && r->pi < 30) &&
           !(r->signal == VG_TEMP && trust_of(r) == 0 && r->value < 355);
}

static bool each_reading(void *to, const struct vg_reading_row *row)
{
    struct choosing *c = to;
    const struct vg_reading *r = row->reading;
    const unsigned signal = r->signal;

    if (!usable(r) || row->received.ms > c->scored->at.ms + KNOWN) {
        return true;
    }
    const unsigned trust = trust_of(r);
    if (!c->has[signal] || trust >= c->trust[signal]) { /* they come by time */
        c->has[signal] = true;
        c->trust[signal] = trust;
        c->best[signal] = *r;
    }
    return true;
}

enum vg_status vg_fhir_scored_inputs(struct vg_fhir_call *f,
                                     struct vg_fhir_scored *scored)
{
    const uint64_t signals = inputs[scored->which].signals;
    struct choosing choosing = {.scored = scored};
    const struct vg_history_query query = {
        .patient = scored->patient,
        .signals = signals,
        .from = vg_after(scored->at, -inputs[scored->which].span),
        .to = vg_after(scored->at, 1),
        .arrival = true};
    struct vg_page_end end = {0};
    enum vg_status status = VG_OK;

    if (signals == 0) {
        return VG_OK;
    }
    status = vg_history_readings(f->reader, &query, each_reading, &choosing, &end,
                                 &f->error);
    for (unsigned i = 0; i < VG_MEASURED_COUNT && status == VG_OK; i++) {
        if (choosing.has[i] && scored->evidence_count < VG_FHIR_EVIDENCE) {
            const struct vg_reading *best = &choosing.best[i];
            scored->evidence[scored->evidence_count++] = (struct vg_evidence){
                best->signal, best->value, best->measured, best->source};
        }
    }
    return status;
}
