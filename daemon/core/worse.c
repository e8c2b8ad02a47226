/* SPDX-License-Identifier: Apache-2.0
 *
 * What "worse" is measured against: Clinical reference 9.4, rule 7. Whoever has an alert is called
 * again when it is worse than when they took it; whoever has only seen it has not seen that (Alert
 * states T12, trap 38).
 */
#include "core/carer.h"

#define WORSE_SBP   10 /* mm[Hg] lower, or below FLOOR_SBP */
#define FLOOR_SBP   80
#define WORSE_NEWS2 2

struct standing {
    int64_t sbp;           /* VG_NO_VALUE: unknown */
    int news2, crs, icans; /* VG_GRADE_NULL: unknown */
};

static struct standing standing_now(const struct vg_bed *bed, struct vg_instant at)
{
    const struct vg_assessment *now = vg_bed_assessment(bed);
    struct standing out = {VG_NO_VALUE, VG_GRADE_NULL, VG_GRADE_NULL, VG_GRADE_NULL};
    struct vg_sample sbp;

    if (vg_bed_last(bed, VG_SBP, at, &sbp)) {
        out.sbp = sbp.value;
    }
    if (now != NULL) {
        out.news2 = now->news2.score;
        out.icans = now->icans.grade;
        out.crs =
            now->crs.status == VG_CRS_INDETERMINATE ? VG_GRADE_NULL : now->crs.grade;
    }
    return out;
}

static int16_t higher(int a, int b)
{
    return (int16_t)(b > a ? b : a);
}

void vg_carer_remember(struct vg_bed *bed, struct vg_alert *alert, struct vg_instant at)
{
    const struct standing now = standing_now(bed, at);
    struct vg_care *care = &alert->care;

    if (now.sbp != VG_NO_VALUE &&
        (care->worst_sbp == VG_NO_VALUE || now.sbp < care->worst_sbp)) {
        care->worst_sbp = now.sbp;
    }
    care->worst_news2 = higher(care->worst_news2, now.news2);
    care->worst_icans = higher(care->worst_icans, now.icans);
    care->worst_crs = higher(care->worst_crs, now.crs);
}

/* What the person sees who says "seen": where the data have stopped, what was called about. Of several
 * who have, the mildest that one of them saw. */
static int16_t mildest(int before, int now, int called)
{
    const int saw = now == VG_GRADE_NULL ? called : now;
    const bool milder =
        before == VG_GRADE_NULL || (saw != VG_GRADE_NULL && saw < before);

    return (int16_t)(milder ? saw : before);
}

void vg_carer_seen(struct vg_bed *bed, struct vg_alert *alert, struct vg_instant at)
{
    struct standing now = standing_now(bed, at);
    struct vg_care *care = &alert->care;

    if (!vg_care_seen(alert)) {
        care->seen_sbp = VG_NO_VALUE;
        care->seen_news2 = care->seen_crs = care->seen_icans = VG_GRADE_NULL;
    }
    now.sbp = now.sbp == VG_NO_VALUE ? care->worst_sbp : now.sbp;
    care->seen_sbp = now.sbp > care->seen_sbp ? now.sbp : care->seen_sbp;
    care->seen_news2 = mildest(care->seen_news2, now.news2, care->worst_news2);
    care->seen_crs = mildest(care->seen_crs, now.crs, care->worst_crs);
    care->seen_icans = mildest(care->seen_icans, now.icans, care->worst_icans);
}

static bool rose(const struct vg_rule *rule, unsigned topic, int was, int now, int by)
{
    return (rule->when.topics >> topic & 1) != 0 && was != VG_GRADE_NULL &&
           now != VG_GRADE_NULL && now >= was + by;
}

static bool worse_than(const struct standing *was, const struct vg_asking *asking,
                       const struct vg_rule *rule, const struct vg_alert *alert)
{
    const struct standing now = standing_now(asking->bed, asking->at);
    const bool fell = alert->class_ == VG_CLASS_HAEMODYNAMIC &&
                      was->sbp != VG_NO_VALUE && now.sbp != VG_NO_VALUE &&
                      (now.sbp <= was->sbp - WORSE_SBP ||
                       (now.sbp < FLOOR_SBP && was->sbp >= FLOOR_SBP));

    return fell || rose(rule, VG_TOPIC_NEWS2, was->news2, now.news2, WORSE_NEWS2) ||
           rose(rule, VG_TOPIC_ICANS, was->icans, now.icans, 1) ||
           rose(rule, VG_TOPIC_CRS, was->crs, now.crs, 1);
}

/* A mark of the rule that was not passed before: fever of 39, fever of 72 h. */
bool vg_carer_mark(const struct vg_asking *asking, const struct vg_rule *rule,
                   struct vg_alert *alert)
{
    const struct vg_facts facts = vg_bed_facts(asking->bed, VG_RUNNING);
    bool passed = false;

    for (unsigned i = 0; i < rule->again_count; i++) {
        if ((alert->care.mark >> i & 1) == 0 &&
            vg_expr_ask(&rule->again[i], &asking->bed->protocol->queries, &facts,
                        asking->at) == VG_TRUE) {
            alert->care.mark |= (uint8_t)(1U << i);
            passed = true;
        }
    }
    return passed;
}

/* Worse than somebody saw who acknowledged it, and by less than calls everybody. */
static void unsee(const struct vg_asking *asking, struct vg_rule_state *state)
{
    struct vg_alert *alert = state->alert;
    const struct vg_turn turn = vg_care_unsee(alert, asking->stamp);

    (void)vg_copy(alert->remark, sizeof alert->remark,
                  "worse than when it was acknowledged");
    vg_carer_turn(asking->engine, asking->bed, state, &turn, asking->stamp);
}

void vg_carer_watch(const struct vg_asking *asking, size_t index)
{
    struct vg_rule_state *state = &asking->bed->state[index];
    struct vg_alert *alert = state->alert;
    const struct vg_rule *rule = vg_bed_rule(asking->bed, index);

    if (alert == NULL || alert->condition == VG_ENDED || asking->engine->restoring ||
        vg_storm_hushed(asking->bed, alert, asking->stamp)) {
        return;
    }
    const struct vg_care *care = &alert->care;
    const struct standing worst = {care->worst_sbp, care->worst_news2, care->worst_crs,
                                   care->worst_icans};
    const struct standing seen = {care->seen_sbp, care->seen_news2, care->seen_crs,
                                  care->seen_icans};
    /* Called just now for the higher severity: the marks it passed with that are told with it. */
    const bool told = alert->event == VG_ESCALATED && alert->at.ms == asking->stamp.ms;
    const bool passed = vg_carer_mark(asking, rule, alert);
    const bool again = passed || (alert->offer == VG_ACCEPTED_STATE &&
                                  worse_than(&worst, asking, rule, alert));
    if (!told && again) {
        vg_carer_remember(asking->bed, alert, asking->at);
        const struct vg_turn turn = vg_care_again(alert, asking->stamp);
        vg_carer_turn(asking->engine, asking->bed, state, &turn, asking->stamp);
    } else if (!told && vg_care_seen(alert) && worse_than(&seen, asking, rule, alert)) {
        unsee(asking, state);
    }
}
