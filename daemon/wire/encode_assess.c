/* SPDX-License-Identifier: Apache-2.0
 *
 * Assessments as JSON (the outside contract, section 6): every field always, null where
 * unknown.
 */
#include <string.h>

#include "vigil/assess.h"
#include "vigil/wire.h"

/* What to write next: names are put as they are, so they must be plain. */
struct putting {
    struct vg_buffer *b;
    bool known; /* false: every value is null */
    bool first;
};

static void key(struct putting *p, const char *name)
{
    vg_put_raw(p->b, p->first ? "\"" : ",\"");
    vg_put_raw(p->b, name);
    vg_put_raw(p->b, "\":");
    p->first = false;
}

static void begin(struct putting *p, const char *name)
{
    key(p, name);
    vg_put_raw(p->b, "{");
    p->first = true;
}

static void end(struct putting *p)
{
    vg_put_raw(p->b, "}");
    p->first = false;
}

static void put_null(struct putting *p)
{
    vg_put_raw(p->b, "null");
}

static void put_grade(struct putting *p, const char *name, int grade)
{
    key(p, name);
    if (p->known && grade != VG_GRADE_NULL) {
        vg_put_int(p->b, grade);
    } else {
        put_null(p);
    }
}

static void put_truth(struct putting *p, const char *name, enum vg_truth truth)
{
    key(p, name);
    if (!p->known || truth == VG_UNKNOWN) {
        put_null(p);
    } else {
        vg_put_raw(p->b, truth == VG_TRUE ? "true" : "false");
    }
}

static void put_yes(struct putting *p, const char *name, bool yes)
{
    put_truth(p, name, yes ? VG_TRUE : VG_FALSE);
}

/* What the values young enough show: one that was never drawn and one that has grown old are
 * alike no evidence (Clinical reference 6.1, 6.5). Rules ask the truth itself: an alert whose
 * values have only grown old does not end. */
static void put_shown(struct putting *p, const char *name, enum vg_truth truth)
{
    put_yes(p, name, truth == VG_TRUE);
}

static void put_word(struct putting *p, const char *name, const char *word)
{
    key(p, name);
    if (p->known && word != NULL) {
        vg_put_string(p->b, word);
    } else {
        put_null(p);
    }
}

static void put_steps(struct putting *p, const char *name, int64_t steps,
                      unsigned places)
{
    key(p, name);
    if (p->known && steps != VG_NO_VALUE) {
        vg_put_decimal(p->b, vg_decimal_of(steps, places));
    } else {
        put_null(p);
    }
}

static void put_set(struct putting *p, const char *name, unsigned bits,
                    const char *const *names, unsigned count)
{
    bool first = true;

    key(p, name);
    if (!p->known) {
        put_null(p);
        return;
    }
    vg_put_raw(p->b, "[");
    for (unsigned i = 0; i < count; i++) {
        if ((bits >> i & 1U) != 0) {
            vg_put_raw(p->b, first ? "\"" : ",\"");
            vg_put_raw(p->b, names[i]);
            vg_put_raw(p->b, "\"");
            first = false;
        }
    }
    vg_put_raw(p->b, "]");
}

static void put_crs(struct putting *p, const struct vg_crs_out *crs)
{
    static const char *const status[] = {[VG_CRS_INDETERMINATE] = "indeterminate",
                                         [VG_CRS_NOT_MET] = "not_met",
                                         [VG_CRS_MET] = "met"};

    begin(p, "crs");
    put_word(p, "status", status[crs->status]);
    put_grade(p, "grade", crs->grade);
    put_grade(p, "tier_hypotension", crs->tier_hypotension);
    put_grade(p, "tier_hypoxia", crs->tier_hypoxia);
    put_yes(p, "fever_waived", crs->waived);
    put_yes(p, "fever_may_be_masked", crs->masked);
    end(p);
}

static void put_news2(struct putting *p, const struct vg_news2_out *news2)
{
    static const char *const parts[VG_NEWS2_PARTS] = {
        [VG_NEWS2_RR] = "rr",    [VG_NEWS2_SPO2] = "spo2", [VG_NEWS2_O2] = "o2",
        [VG_NEWS2_SBP] = "sbp",  [VG_NEWS2_HR] = "hr",     [VG_NEWS2_ACVPU] = "acvpu",
        [VG_NEWS2_TEMP] = "temp"};

    begin(p, "news2");
    put_grade(p, "score", news2->score);
    put_yes(p, "complete", news2->complete);
    put_grade(p, "max_single", news2->max_single);
    put_set(p, "missing", news2->missing, parts, VG_NEWS2_PARTS);
    end(p);
}

static void put_infection(struct putting *p, const struct vg_assessment *a)
{
    begin(p, "sirs");
    put_grade(p, "count", a->sirs.count);
    put_grade(p, "count_excl_wbc", a->sirs.count_excl_wbc);
    end(p);
    begin(p, "qsofa");
    put_grade(p, "score", a->qsofa.score);
    end(p);
    begin(p, "fn");
    put_truth(p, "met", a->fn.met);
    put_yes(p, "anc_assumed", a->fn.assumed);
    end(p);
}

static void put_blood(struct putting *p, const struct vg_assessment *a)
{
    begin(p, "icaht");
    put_grade(p, "early", a->icaht.early);
    put_grade(p, "late", a->icaht.late);
    put_grade(p, "days_le500", a->icaht.days_500);
    put_grade(p, "days_le100", a->icaht.days_100);
    end(p);
    begin(p, "t_icaht");
    put_grade(p, "early", a->t_icaht.early);
    put_grade(p, "late", a->t_icaht.late);
    end(p);
}

static void put_labs(struct putting *p, const struct vg_assessment *a)
{
    static const char *const supports[] = {[VG_HS_LFT] = "lft",
                                           [VG_HS_FIBRINOGEN] = "fibrinogen",
                                           [VG_HS_CYTOPENIA] = "cytopenia",
                                           [VG_HS_TIMING] = "timing"};

    begin(p, "iec_hs");
    put_shown(p, "screen", a->iec_hs.screen.truth);
    put_truth(p, "ferritin_required", a->iec_hs.ferritin);
    put_set(p, "supporting", a->iec_hs.supporting, supports, 4);
    end(p);
    begin(p, "tls");
    put_shown(p, "lab_tls", a->tls.lab.truth);
    put_grade(p, "n", a->tls.n);
    end(p);
}

/* CAR-HEMATOTOX: 2 and above is high (Clinical reference 6.3). */
static const char *risk(int score)
{
    if (score == VG_GRADE_NULL) {
        return NULL;
    }
    return score >= 2 ? "high" : "low";
}

static void put_indices(struct putting *p, const struct vg_assessment *a)
{
    begin(p, "hematotox");
    put_grade(p, "score", a->hematotox.score);
    put_word(p, "risk", risk(a->hematotox.score));
    end(p);
    begin(p, "easix");
    put_steps(p, "value", a->easix.easix, 6);
    end(p);
    begin(p, "measix");
    put_steps(p, "value", a->easix.measix, 6);
    end(p);
    begin(p, "shock_index");
    put_steps(p, "value", a->shock.milli, 3);
    end(p);
}

void vg_put_assessment(struct vg_buffer *b, const struct vg_assessment *assessment)
{
    static const struct vg_assessment nothing;
    const struct vg_assessment *a = assessment != NULL ? assessment : &nothing;
    struct putting p = {.b = b, .known = assessment != NULL, .first = true};

    put_crs(&p, &a->crs);
    begin(&p, "icans");
    put_grade(&p, "grade", a->icans.grade);
    put_yes(&p, "complete", a->icans.complete);
    end(&p);
    put_news2(&p, &a->news2);
    put_infection(&p, a);
    put_blood(&p, a);
    put_labs(&p, a);
    put_indices(&p, a);
}
