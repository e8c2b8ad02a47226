/* SPDX-License-Identifier: Apache-2.0
 *
 * ICANS: the worst of five domains (ASTCT consensus, Lee 2019), and the neurologic events
 * beside it. Clinical reference 2, 13 rows 12 and 13.
 */
#include "core/assess/icans.h"

#include "core/course.h"

#define ICE_MAX     10
#define ICE_VALID   (16 * VG_HOUR)    /* 2.2; project proposal */
#define COUNTS      (24 * VG_HOUR)    /* a seizure, a sign: 2.2; project proposal */
#define AWAKE       (4 * VG_HOUR)     /* consciousness, 0.4 */
#define STATUS      (300 * VG_SECOND) /* a seizure longer than this: 2.2 */
#define DELAYED_DAY 14                /* 2.4 */
#define DELAYED_END 100               /* 2.4, that day included */

#define UNKNOWN VG_GRADE_NULL

/* An item that failed is a point lost, whatever total came with it. */
static int8_t total_of(const struct vg_item *item)
{
    int passed = ICE_MAX;

    for (unsigned i = 0; item->a != VG_NO_VALUE && i < ICE_MAX; i++) {
        passed -= ((uint64_t)item->a >> (2 * i) & 3U) == 1;
    }
    return (int8_t)(item->low < passed ? item->low : passed);
}

static bool ice_valid(const struct vg_icans *icans, struct vg_instant at)
{
    return vg_state_set(icans->ice_at) && vg_since(at, icans->ice_at) <= ICE_VALID;
}

static void take_ice(struct vg_icans *icans, const struct vg_chart *chart,
                     const struct vg_item *item)
{
    const int8_t total = total_of(item);
    const bool clears = ice_valid(icans, item->at) && total > icans->ice;

    if (clears && (item->marks & VG_MARK_CLOCK) != 0) {
        return; /* a clock in the future clears nothing (0.3) */
    }
    icans->before = -1;
    if (vg_state_set(icans->ice_at)) {
        icans->before = icans->ice;
    }
    icans->ice = total;
    icans->ice_at = item->at;
    icans->unarousable = item->b != VG_NO_VALUE && item->b != 0;
    if (!vg_is_set(vg_infusion_began(chart, item->at))) {
        icans->baseline = total;
        icans->has_baseline = true;
    } else if (chart->infusions == 0) {
        icans->meanwhile = total;
        icans->has_meanwhile = true;
    }
}

/* The plan served as T0 until a start arrived (0.3). What was entered meanwhile lies before T0 after all: it is the
 * baseline, if the start followed soon. */
static void take_start(struct vg_icans *icans, const struct vg_chart *chart,
                       const struct vg_item *item)
{
    if (!icans->has_meanwhile || item->name != VG_INFUSION_START || item->low == 0) {
        return;
    }
    if (vg_since(item->at, chart->planned) <= VG_PLAN_TO_START) {
        icans->baseline = icans->meanwhile;
        icans->has_baseline = true;
    }
    icans->has_meanwhile = false;
}

static void take_seizure(struct vg_icans *icans, const struct vg_item *item)
{
    const bool lasted = item->a != VG_NO_VALUE && item->a > STATUS;
    const bool no_return = item->b != VG_NO_VALUE && item->b != 0;

    icans->seizure = item->at;
    *(lasted || no_return ? &icans->grade_4 : &icans->grade_3) = item->at;
}

/* Motor signs and oedema: 2.2. A sixth-nerve palsy is one, other palsies and the list of
 * 2.4 are late signs (13, row 13); tremor never counts. */
enum role { NOTHING, GRADE_3, GRADE_4, LATE_SIGN, BLEEDING };
static const enum role roles[VG_NEUROS + 1] = {
    [VG_TREMOR] = NOTHING,         [VG_MOTOR_DEEP_FOCAL] = GRADE_4,
    [VG_EDEMA_FOCAL] = GRADE_3,    [VG_EDEMA_DIFFUSE] = GRADE_4,
    [VG_PAPILLOEDEMA] = GRADE_4,   [VG_SIXTH_NERVE_PALSY] = GRADE_4,
    [VG_POSTURING] = GRADE_4,      [VG_CUSHING_TRIAD] = GRADE_4,
    [VG_FACIAL_PALSY] = LATE_SIGN, [VG_GAIT] = LATE_SIGN,
    [VG_HANDWRITING] = LATE_SIGN,  [VG_PERSONALITY] = LATE_SIGN,
    [VG_HAEMORRHAGE] = BLEEDING};

/* A CAR-T against BCMA, days 14 to 100 of the latest infusion. */
static bool delayed_window(const struct vg_chart *chart,
                           const struct vg_patient *patient, struct vg_instant at)
{
    return patient->bcma && patient->product == VG_CAR_T && chart->infusions > 0 &&
           vg_since(at, chart->last_start) >= DELAYED_DAY * VG_DAY &&
           vg_since(at, chart->last_start) < (DELAYED_END + 1) * VG_DAY;
}

static void take_neuro(struct vg_icans *icans, const struct vg_chart *chart,
                       const struct vg_patient *patient, const struct vg_item *item)
{
    const bool bled = item->a != VG_NO_VALUE && item->a != 0;
    const enum role role = bled                     ? BLEEDING
                           : item->name < VG_NEUROS ? roles[item->name]
                                                    : NOTHING;

    if (role == BLEEDING) {
        icans->haemorrhage = item->at;
    } else if (role == GRADE_3) {
        icans->grade_3 = item->at;
    } else if (role == GRADE_4) {
        icans->grade_4 = item->at;
    } else if (role == LATE_SIGN && delayed_window(chart, patient, item->at)) {
        icans->delayed = item->at;
    }
}

void vg_icans_step(struct vg_state *state, const struct vg_view *view,
                   const struct vg_item *item)
{
    switch (item->signal) {
    case VG_ICE:
        if ((item->marks & VG_MARK_VOID) != 0) {
            break; /* 11, refused as out of range: no value, and no zero either */
        }
        take_ice(&state->icans, &state->chart, item);
        break;
    case VG_INFUSION:
        take_start(&state->icans, &state->chart, item);
        break;
    case VG_SEIZURE:
        take_seizure(&state->icans, item);
        break;
    case VG_NEURO:
        take_neuro(&state->icans, &state->chart, view->patient, item);
        break;
    case VG_SBP:
    case VG_HR:
    case VG_RR:
        vg_icp_step(state, view, item);
        break;
    default: /* asked for by the judge alone */
        break;
    }
}

/* ---- Domains. UNKNOWN: missing. */

struct asked {
    const struct vg_icans *icans;
    const struct vg_chart *chart;
    const struct vg_patient *patient;
    struct vg_instant at;
    struct vg_instant *next;
};

/* Set, and not older than `span`; lowers *next to its end. */
static bool within(const struct asked *asked, struct vg_instant when, vg_ms span)
{
    if (!vg_state_set(when) || vg_since(asked->at, when) > span) {
        return false;
    }
    vg_next(asked->next, asked->at, vg_after(when, span + 1));
    return true;
}

/* Of the admission, else the last before the first T0. A full score counts as none. */
static int baseline_ice(const struct asked *asked)
{
    const int64_t given = asked->patient->baseline[VG_ICE];

    if (given != VG_NO_VALUE) {
        return (int)given;
    }
    return asked->icans->has_baseline ? asked->icans->baseline : ICE_MAX;
}

static int ice_domain(const struct asked *asked, bool sedated)
{
    /* 2.2: total 7-9 grade 1, 3-6 grade 2, 0-2 grade 3 */
    static const int grades[ICE_MAX + 1] = {3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 0};
    const struct vg_icans *icans = asked->icans;

    if (!within(asked, icans->ice_at, ICE_VALID)) {
        return UNKNOWN;
    }
    if (icans->unarousable) {
        return sedated ? UNKNOWN : 4; /* sedation is another cause (0.6) */
    }
    return icans->ice < ICE_MAX && icans->ice >= baseline_ice(asked)
               ? 0
               : grades[icans->ice];
}

/* The ICANS field, or ACVPU where that is newer or alone (2.2; project proposal: C asks
 * for an ICE, it is no grade). */
static int consciousness_domain(const struct asked *asked)
{
    static const int by_arousal[] = {[VG_AROUSAL_SPONTANEOUS] = 0,
                                     [VG_AROUSAL_VOICE] = 2,
                                     [VG_AROUSAL_TOUCH] = 3,
                                     [VG_AROUSAL_NONE] = 4};
    static const int by_acvpu[] = {[VG_ALERT] = 0,
                                   [VG_CONFUSED] = 0,
                                   [VG_VOICE] = 2,
                                   [VG_PAIN] = 3,
                                   [VG_UNRESPONSIVE] = 4};
    const struct vg_chart *chart = asked->chart;
    const bool arousal = within(asked, chart->arousal_at, AWAKE);
    const bool acvpu = within(asked, chart->acvpu_at, AWAKE);

    if (arousal && (!acvpu || chart->arousal_at.ms >= chart->acvpu_at.ms)) {
        return chart->arousal <= VG_AROUSAL_NONE ? by_arousal[chart->arousal] : UNKNOWN;
    }
    return acvpu && chart->acvpu <= VG_UNRESPONSIVE ? by_acvpu[chart->acvpu] : UNKNOWN;
}

/* Seizure, motor and oedema together: each entry counts for a day. */
static int signs_domain(const struct asked *asked)
{
    const bool three = within(asked, asked->icans->grade_3, COUNTS);

    if (within(asked, asked->icans->grade_4, COUNTS)) {
        return 4;
    }
    return three ? 3 : UNKNOWN;
}

static int worse(int a, int b)
{
    return a > b ? a : b;
}

/* The grade needs an ICE; without one the other domains are a lower bound (2.2). Who did
 * an ICE within the time of consciousness was conscious. */
static void grade(const struct asked *asked, struct vg_icans_out *out)
{
    const bool sedated = vg_flag_holds(asked->chart, VG_FLAG_SEDATED, asked->at);
    const int ice = ice_domain(asked, sedated);
    const int consciousness = sedated ? UNKNOWN : consciousness_domain(asked);
    const bool awake = sedated || consciousness != UNKNOWN ||
                       within(asked, asked->icans->ice_at, AWAKE);

    out->least = worse(worse(ice, consciousness), signs_domain(asked));
    out->grade = ice == UNKNOWN ? VG_GRADE_NULL : out->least;
    out->complete = ice != UNKNOWN && awake;
    if (sedated) {
        vg_next(asked->next, asked->at, asked->chart->flag_until[VG_FLAG_SEDATED]);
    }
}

static struct vg_finding event(const struct asked *asked, struct vg_instant when)
{
    return vg_found(within(asked, when, COUNTS), when);
}

/* What people charted: no norm of adults is in it, the gate does not stop it (0.7). */
static void tell_events(const struct asked *asked, struct vg_icans_out *out)
{
    out->seizure = event(asked, asked->icans->seizure);
    out->haemorrhage = event(asked, asked->icans->haemorrhage);
    out->delayed = event(asked, asked->icans->delayed);
}

static void tell_scored(const struct asked *asked, struct vg_icans_out *out)
{
    const struct vg_icans *icans = asked->icans;
    const bool dropped = vg_state_set(icans->ice_at) && icans->ice < icans->before;

    if (within(asked, icans->ice_at, ICE_VALID)) {
        out->ice = (int)icans->ice;
    }
    out->ice_drop = vg_found(dropped, icans->ice_at);
    if (vg_is_set(vg_infusion_began(asked->chart, asked->at))) {
        grade(asked, out); /* from the first T0 on (2.2) */
    } else if (vg_state_set(asked->chart->planned)) {
        vg_next(asked->next, asked->at, asked->chart->planned);
    }
}

void vg_icans_judge(const struct vg_state *state, const struct vg_view *view,
                    struct vg_instant at, struct vg_assessment *out,
                    struct vg_instant *next)
{
    const struct asked asked = {&state->icans, &state->chart, view->patient, at, next};
    struct vg_icans_out *icans = &out->icans;
    const struct vg_finding no = vg_found(false, VG_UNSET);

    *icans = (struct vg_icans_out){.grade = VG_GRADE_NULL,
                                   .least = VG_GRADE_NULL,
                                   .ice = VG_GRADE_NULL,
                                   .ice_drop = no,
                                   .icp = no,
                                   .icp_critical = no};
    tell_events(&asked, icans);
    if (vg_patient_scored(view->patient)) {
        tell_scored(&asked, icans);
    }
    if (vg_patient_adult(view->patient)) {
        const bool icp = vg_icp_stands(&state->icans, at, next);
        icans->icp = vg_found(icp, state->icans.icp_since);
        icans->icp_critical =
            vg_found(icp && icans->least >= 1, state->icans.icp_since);
    }
}
