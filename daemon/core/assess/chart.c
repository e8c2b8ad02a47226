/* SPDX-License-Identifier: Apache-2.0
 *
 * The charted state. See chart.h.
 */
#include "core/assess/chart.h"

#include <string.h>

#include "core/course.h"

static void infusion(struct vg_chart *chart, const struct vg_item *item)
{
    if (item->low == 0) {
        return; /* taken back */
    }
    if (item->name == VG_INFUSION_END) {
        chart->last_end = item->at;
        return;
    }
    chart->infusions++;
    if (!vg_state_set(chart->first_start)) {
        chart->first_start = item->at;
    }
    chart->last_start = item->at;
    chart->last_end = (struct vg_instant){0};
}

static void device(struct vg_chart *chart, const struct vg_item *item)
{
    chart->device = item->name;
    chart->flow = item->a;
    chart->fio2 = item->b;
    chart->device_at = item->at;
}

static void drug(struct vg_chart *chart, const struct vg_item *item)
{
    chart->given[item->name] = item->at;
    if (!vg_state_set(chart->first_given[item->name])) {
        chart->first_given[item->name] = item->at;
    }
}

static void flag(struct vg_chart *chart, const struct vg_item *item)
{
    if (item->name < VG_FLAG_COUNT) {
        chart->flag_on[item->name] = item->low != 0;
        chart->flag_at[item->name] = item->at;
        chart->flag_until[item->name].ms = item->a;
    }
}

static void lymphodepletion(struct vg_chart *chart, const struct vg_item *item)
{
    if (item->low != 0 && item->name == VG_INFUSION_START &&
        !vg_state_set(chart->lymphodepletion)) {
        chart->lymphodepletion = item->at;
    }
}

/* A flow meter: newer than what was charted with the device. A clock in the future makes no support less (0.3). */
static void measured(int64_t *known, const struct vg_item *item)
{
    if ((item->marks & VG_MARK_CLOCK) == 0 || item->high > *known) {
        *known = item->high;
    }
}

static void measured_flow(struct vg_chart *chart, const struct vg_item *item)
{
    measured(&chart->flow, item);
}

static void measured_fio2(struct vg_chart *chart, const struct vg_item *item)
{
    measured(&chart->fio2, item);
}

/* Its place: where it is, else a free one, else that of the one charted longest ago. */
static struct vg_unlisted *unlisted_place(struct vg_chart *chart, int64_t label)
{
    struct vg_unlisted *place = &chart->unlisted[0];

    for (size_t i = 0; i < VG_UNLISTED; i++) {
        struct vg_unlisted *other = &chart->unlisted[i];
        if (vg_state_set(other->at) && other->label == label) {
            return other;
        }
        place = other->at.ms < place->at.ms ? other : place;
    }
    return place;
}

/* Each ends by its own name; "unknown" says of all of them that none runs. They were charted when the oldest was. */
static void unlisted(struct vg_chart *chart, const struct vg_item *item)
{
    struct vg_unlisted *place = unlisted_place(chart, item->a);
    struct vg_instant oldest = VG_NEVER;

    if (item->low != 0) {
        *place = (struct vg_unlisted){item->a, item->at};
    } else if (item->a == VG_PRESSOR_ANY) {
        memset(chart->unlisted, 0, sizeof chart->unlisted);
    } else if (place->label == item->a) {
        *place = (struct vg_unlisted){0};
    }
    for (size_t i = 0; i < VG_UNLISTED; i++) {
        const struct vg_instant at = chart->unlisted[i].at;
        oldest = vg_state_set(at) ? vg_earlier(oldest, at) : oldest;
    }
    chart->pressor_on[VG_PRESSOR_UNKNOWN] = !vg_is_never(oldest);
    chart->pressor_at[VG_PRESSOR_UNKNOWN] = vg_is_never(oldest) ? item->at : oldest;
}

static void vasopressor(struct vg_chart *chart, const struct vg_item *item)
{
    if (item->name == VG_PRESSOR_UNKNOWN) {
        unlisted(chart, item);
        return;
    }
    chart->pressor_on[item->name] = item->low != 0;
    chart->pressor_at[item->name] = item->at;
}

static void consciousness(struct vg_chart *chart, const struct vg_item *item)
{
    const bool known = vg_state_set(chart->acvpu_at);

    if (item->name == VG_CONFUSED && !(known && chart->acvpu == VG_CONFUSED)) {
        chart->confused_from = item->at;
    }
    chart->acvpu = item->name;
    chart->acvpu_marks = item->marks;
    chart->acvpu_at = item->at;
}

static void arousal(struct vg_chart *chart, const struct vg_item *item)
{
    chart->arousal = item->name;
    chart->arousal_at = item->at;
}

static void symptom(struct vg_chart *chart, const struct vg_item *item)
{
    chart->symptom[item->name] = item->at;
}

static const struct {
    enum vg_signal signal;
    void (*note)(struct vg_chart *, const struct vg_item *);
} notes[] = {{VG_INFUSION, infusion},  {VG_LYMPHODEPLETION, lymphodepletion},
             {VG_O2_DEVICE, device},   {VG_O2_FLOW, measured_flow},
             {VG_FIO2, measured_fio2}, {VG_VASOPRESSOR, vasopressor},
             {VG_MEDICATION, drug},    {VG_CONSCIOUSNESS, consciousness},
             {VG_AROUSAL, arousal},    {VG_SYMPTOM, symptom},
             {VG_FLAG, flag}};

void vg_chart_before(struct vg_state *state, const struct vg_view *view,
                     struct vg_instant at)
{
    const struct vg_instant planned = view->patient->infusion_planned;

    (void)at;
    state->chart.planned = vg_is_set(planned) ? planned : (struct vg_instant){0};
}

void vg_chart_step(struct vg_state *state, const struct vg_view *view,
                   const struct vg_item *item)
{
    (void)view;
    if (!vg_item_valid(item)) {
        return; /* a flow or FiO2 out of range drops no support (0.4) */
    }
    for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++) {
        if ((uint8_t)notes[i].signal == item->signal) {
            notes[i].note(&state->chart, item);
        }
    }
}

bool vg_flag_holds(const struct vg_chart *chart, enum vg_flag flag_,
                   struct vg_instant at)
{
    return chart->flag_on[flag_] && at.ms < chart->flag_until[flag_].ms;
}

#define SAME_INFUSION VG_DAY

bool vg_infusion_ahead(const struct vg_chart *chart, struct vg_instant planned)
{
    return vg_is_set(planned) && vg_state_set(planned) &&
           (chart->infusions == 0 ||
            vg_since(planned, chart->last_start) > SAME_INFUSION);
}

struct vg_instant vg_infusion_began(const struct vg_chart *chart, struct vg_instant at)
{
    if (at.ms >= chart->planned.ms && vg_infusion_ahead(chart, chart->planned)) {
        return chart->planned;
    }
    return chart->infusions > 0 ? chart->last_start : VG_UNSET;
}

/* Clinical reference 0.3; project proposal. */
struct vg_instant vg_infusion_end(const struct vg_chart *chart, struct vg_instant at)
{
    const struct vg_instant began = vg_infusion_began(chart, at);

    if (!vg_is_set(began)) {
        return VG_UNSET;
    }
    if (vg_state_set(chart->last_end) && chart->last_end.ms >= began.ms) {
        return chart->last_end;
    }
    const struct vg_instant least = vg_after(began, 30 * VG_MINUTE);
    const struct vg_instant most = vg_after(began, 4 * VG_HOUR);
    return vg_earlier(vg_later(at, least), most);
}

struct vg_instant vg_infusion_t0(const struct vg_chart *chart,
                                 const struct vg_patient *patient)
{
    return chart->infusions > 0 ? chart->last_start : patient->infusion_planned;
}

bool vg_crs_window(const struct vg_chart *chart, struct vg_instant at)
{
    const struct vg_instant last = vg_infusion_began(chart, at);
    const struct vg_instant first = chart->infusions > 0 ? chart->first_start : last;

    return vg_is_set(last) && at.ms >= first.ms && vg_since(at, last) <= 30 * VG_DAY;
}

bool vg_acvpu_at(const struct vg_chart *chart, struct vg_instant at, enum vg_acvpu *out)
{
    *out = (enum vg_acvpu)chart->acvpu;
    return vg_state_set(chart->acvpu_at) &&
           vg_since(at, chart->acvpu_at) <= 4 * VG_HOUR; /* 0.4 */
}

/* Clinical reference 1.2, masking windows, inclusive; 5.3: by whom an infection is hidden as well. */
static const struct {
    enum vg_drug_name drug;
    vg_ms window;
    bool infection;
} masks[] = {
    {VG_PARACETAMOL, 6 * VG_HOUR, false},    {VG_METAMIZOLE, 6 * VG_HOUR, false},
    {VG_NSAID, 8 * VG_HOUR, false},          {VG_NAPROXEN, 12 * VG_HOUR, false},
    {VG_CORTICOSTEROID, 48 * VG_HOUR, true}, {VG_RUXOLITINIB, 48 * VG_HOUR, false},
    {VG_ANAKINRA, 24 * VG_HOUR, false},      {VG_TOCILIZUMAB, 21 * VG_DAY, true},
    {VG_SILTUXIMAB, 42 * VG_DAY, true}};

enum vg_drug_name vg_masked_by(const struct vg_chart *chart, struct vg_instant at,
                               bool infection, struct vg_instant *given)
{
    enum vg_drug_name drug = VG_DRUGS;

    *given = VG_UNSET;
    for (size_t i = 0; i < sizeof masks / sizeof masks[0]; i++) {
        const struct vg_instant t = chart->given[masks[i].drug];
        if ((masks[i].infection || !infection) && vg_state_set(t) && t.ms <= at.ms &&
            vg_since(at, t) <= masks[i].window &&
            (drug == VG_DRUGS || t.ms > given->ms)) {
            drug = masks[i].drug;
            *given = t;
        }
    }
    return drug;
}

bool vg_fever_masked(const struct vg_chart *chart, struct vg_instant at)
{
    return !vg_is_never(
        vg_fever_masked_until(chart, at)); /* what has passed is not named */
}

struct vg_instant vg_fever_masked_until(const struct vg_chart *chart,
                                        struct vg_instant at)
{
    struct vg_instant until = VG_NEVER;

    for (size_t i = 0; i < sizeof masks / sizeof masks[0]; i++) {
        const struct vg_instant given = chart->given[masks[i].drug];
        if (vg_state_set(given) && given.ms <= at.ms &&
            vg_since(at, given) <= masks[i].window) {
            const struct vg_instant end = vg_after(given, masks[i].window + 1);
            until = vg_is_never(until) ? end : vg_later(until, end);
        }
    }
    return until;
}

static void say_uncharted(const struct vg_chart *chart,
                          const struct vg_patient *patient, struct vg_instant at,
                          struct vg_assessment *out, struct vg_instant *next)
{
    const struct vg_instant planned = patient->infusion_planned;
    const bool ahead = patient->linked && vg_infusion_ahead(chart, planned);

    out->gate.uncharted = vg_found(ahead && at.ms >= planned.ms, planned);
    if (ahead) {
        vg_next(next, at, planned);
    }
}

void vg_chart_judge(const struct vg_state *state, const struct vg_view *view,
                    struct vg_instant at, struct vg_assessment *out,
                    struct vg_instant *next)
{
    const struct vg_chart *chart = &state->chart;
    const struct vg_patient *patient = view->patient;
    const bool adult = vg_patient_adult(patient);

    out->gate.open = adult;
    out->gate.unsupported_age = vg_found(!adult, patient->admitted);
    say_uncharted(chart, patient, at, out, next);
    for (unsigned i = 0; i < VG_FLAG_COUNT; i++) {
        if (vg_flag_holds(chart, (enum vg_flag)i, at)) {
            vg_next(next, at, chart->flag_until[i]);
        }
    }
    if (vg_state_set(chart->acvpu_at)) {
        vg_next(next, at, vg_after(chart->acvpu_at, 4 * VG_HOUR + 1));
    }
    vg_next(next, at, vg_fever_masked_until(chart, at));
}
