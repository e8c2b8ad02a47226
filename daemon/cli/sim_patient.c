/* SPDX-License-Identifier: Apache-2.0
 *
 * The routine is a little closer than the schedules of config/protocols ask, so that a patient who is
 * cared for is never overdue.
 */
#include "cli/sim_patient.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "vigil/decimal.h"

#define NOT_AGAIN INT64_MAX

void vg_sim_patient_init(struct vg_sim_patient *patient, enum vg_sim_illness illness,
                         struct vg_sim_chance chance, vg_ms monitor)
{
    size_t labs;
    size_t happenings;
    const struct vg_sim_happening *first =
        vg_sim_script_happenings(illness, &happenings);
    (void)vg_sim_script_labs(illness, &labs);
    *patient = (struct vg_sim_patient){
        .illness = illness, .monitor = monitor, .chance = chance};
    assert(labs <= sizeof patient->own / sizeof patient->own[0]);
    for (size_t i = 0; i < labs; i++) {
        patient->own[i] = vg_sim_between(&patient->chance, 0.94, 1.06);
    }
    vg_sim_model_init(&patient->model, vg_sim_chance_of(chance.state, 1));
    patient->model.at = VG_SIM_ADMITTED_AT;
    patient->due[VG_SIM_INFUSE] = VG_SIM_INFUSED_AT;
    patient->due[VG_SIM_HAPPENING] = VG_SIM_INFUSED_AT + first->at;
    patient->due[VG_SIM_OXYGEN] = patient->due[VG_SIM_ACVPU] =
        patient->due[VG_SIM_SET] = 5 * VG_MINUTE;
    patient->due[VG_SIM_MONITOR] = monitor > 0 ? 6 * VG_MINUTE : NOT_AGAIN;
    patient->due[VG_SIM_ICE] = 30 * VG_MINUTE;
    patient->due[VG_SIM_LABS] = 45 * VG_MINUTE;
}

enum vg_sim_task vg_sim_patient_next(const struct vg_sim_patient *patient, vg_ms *due)
{
    enum vg_sim_task next = VG_SIM_ADMIT;
    for (size_t i = 1; i < VG_SIM_TASKS; i++) {
        next = patient->due[i] < patient->due[next] ? (enum vg_sim_task)i : next;
    }
    *due = patient->due[next];
    return next;
}

static struct vg_sim_state state_at(const struct vg_sim_patient *patient, vg_ms at)
{
    struct vg_sim_vitals unused = {.of = {1, 1, 1, 1, 1, 1}};
    return vg_sim_script_at(patient->illness, at - VG_SIM_INFUSED_AT, &unused);
}

/* What a device can show, and no signal leaves its hard range. */
static double sane(enum vg_sim_sign sign, double value)
{
    static const struct {
        double low, high;
    } rows[VG_SIM_SIGNS] = {{34, 42},  {35, 200}, {6, 50},
                            {70, 100}, {50, 220}, {30, 130}};
    return fmax(rows[sign].low, fmin(rows[sign].high, value));
}

static struct vg_sim_vitals measure(struct vg_sim_patient *patient, vg_ms at)
{
    struct vg_sim_vitals vitals =
        vg_sim_model_step(&patient->model, VG_SIM_ADMITTED_AT + at);
    (void)vg_sim_script_at(patient->illness, at - VG_SIM_INFUSED_AT, &vitals);
    for (size_t i = 0; i < VG_SIM_SIGNS; i++) {
        vitals.of[i] = sane((enum vg_sim_sign)i, vitals.of[i]);
    }
    return vitals;
}

static void put_number(struct vg_buffer *buffer, double value, unsigned places)
{
    static const double tens[] = {1, 10, 100};
    vg_put_decimal(buffer, vg_decimal_of(llround(value * tens[places]), places));
}

static void put_item(struct vg_buffer *buffer, const char *code, double value,
                     unsigned places, const char *unit)
{
    vg_put_raw(buffer, "{\"code\":");
    vg_put_string(buffer, code);
    vg_put_raw(buffer, ",\"value\":");
    put_number(buffer, value, places);
    vg_put_raw(buffer, ",\"unit\":");
    vg_put_string(buffer, unit);
}

static void write_set(struct vg_sim_patient *patient, struct vg_buffer *buffer)
{
    static const struct {
        const char *code, *unit, *rest;
        enum vg_sim_sign sign;
        unsigned places;
    } rows[] = {
        {"temp", "Cel", ",\"source\":\"spot\",\"method\":\"oral\"},", VG_SIM_TEMP, 1},
        {"hr", "/min", ",\"source\":\"spot\"},", VG_SIM_HR, 0},
        {"rr", "/min", ",\"source\":\"spot\"},", VG_SIM_RR, 0},
        {"spo2", "%", ",\"source\":\"spot\"},", VG_SIM_SPO2, 0},
        {"sbp", "mm[Hg]", ",\"source\":\"cuff\"},", VG_SIM_SBP, 0},
        {"dbp", "mm[Hg]", ",\"source\":\"cuff\"},", VG_SIM_DBP, 0}};
    struct vg_sim_vitals v = measure(patient, patient->due[VG_SIM_SET]);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        put_item(buffer, rows[i].code, v.of[rows[i].sign], rows[i].places,
                 rows[i].unit);
        vg_put_raw(buffer, rows[i].rest);
    }
    double mean = v.of[VG_SIM_DBP] + (v.of[VG_SIM_SBP] - v.of[VG_SIM_DBP]) / 3;
    put_item(buffer, "map", mean, 0, "mm[Hg]");
    vg_put_raw(buffer, ",\"source\":\"cuff\"}");
}

static void write_monitor(struct vg_sim_patient *patient, struct vg_buffer *buffer)
{
    struct vg_sim_vitals v = measure(patient, patient->due[VG_SIM_MONITOR]);
    put_item(buffer, "hr", v.of[VG_SIM_HR], 0, "/min");
    vg_put_raw(buffer, "},");
    put_item(buffer, "rr", v.of[VG_SIM_RR], 0, "/min");
    vg_put_raw(buffer, "},");
    put_item(buffer, "spo2", v.of[VG_SIM_SPO2], 0, "%");
    vg_put_raw(buffer, ",\"pi\":");
    put_number(buffer, vg_sim_between(&patient->chance, 1.5, 4), 1);
    vg_put_raw(buffer, "}");
}

static void write_labs(struct vg_sim_patient *patient, struct vg_buffer *buffer)
{
    size_t count;
    const struct vg_sim_lab *lab = vg_sim_script_labs(patient->illness, &count);
    double burden = state_at(patient, patient->due[VG_SIM_LABS]).burden;
    for (size_t i = 0; i < count; i++) {
        double value = lab[i].usual * patient->own[i] *
                       (1 + (lab[i].at_worst - 1) * burden) *
                       vg_sim_between(&patient->chance, 0.98, 1.02);
        vg_put_raw(buffer, i > 0 ? "," : "");
        put_item(buffer, lab[i].code, value, lab[i].places, lab[i].unit);
        vg_put_raw(buffer, "}");
    }
}

void vg_sim_patient_write(struct vg_sim_patient *patient, enum vg_sim_task task,
                          struct vg_buffer *buffer)
{
    size_t count;
    struct vg_sim_state state = state_at(patient, patient->due[task]);
    const char acvpu[2] = {state.acvpu, '\0'};
    if (task == VG_SIM_HAPPENING) {
        vg_put_raw(buffer,
                   vg_sim_script_happenings(patient->illness, &count)[patient->happened]
                       .items);
    } else if (task == VG_SIM_OXYGEN) {
        vg_put_raw(buffer, state.oxygen);
    } else if (task == VG_SIM_ACVPU) {
        vg_put_raw(buffer, "{\"code\":\"consciousness\",\"value\":");
        vg_put_string(buffer, acvpu);
        vg_put_raw(buffer, "}");
    } else if (task == VG_SIM_ICE) {
        put_item(buffer, "ice", state.ice, 0, "{score}");
        vg_put_raw(buffer, "}");
    } else if (task == VG_SIM_SET) {
        write_set(patient, buffer);
    } else if (task == VG_SIM_MONITOR) {
        write_monitor(patient, buffer);
    } else if (task == VG_SIM_LABS) {
        write_labs(patient, buffer);
    }
}

const char *vg_sim_patient_topic(const struct vg_sim_patient *patient,
                                 enum vg_sim_task task)
{
    static const char *const topics[VG_SIM_TASKS] = {
        [VG_SIM_ADMIT] = "episode",  [VG_SIM_INFUSE] = "therapy",
        [VG_SIM_OXYGEN] = "therapy", [VG_SIM_ACVPU] = "assessment",
        [VG_SIM_SET] = "vitals",     [VG_SIM_MONITOR] = "vitals",
        [VG_SIM_ICE] = "assessment", [VG_SIM_LABS] = "labs"};
    size_t count;
    if (task == VG_SIM_HAPPENING) {
        return vg_sim_script_happenings(patient->illness, &count)[patient->happened]
            .topic;
    }
    return topics[task];
}

/* Minutes from a set to the next, by the time since the start of the infusion. */
static unsigned routine(vg_ms since)
{
    static const struct {
        vg_ms until;
        unsigned every;
    } rows[] = {
        {0, 60}, {100 * VG_MINUTE, 15}, {160 * VG_MINUTE, 30}, {400 * VG_MINUTE, 60}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (since < rows[i].until) {
            return rows[i].every;
        }
    }
    return 240;
}

static void next_set(struct vg_sim_patient *patient)
{
    vg_ms at = patient->due[VG_SIM_SET];
    unsigned every = routine(at - VG_SIM_INFUSED_AT);
    unsigned asked = state_at(patient, at).set_every;
    /* what comes nearer: the ward looks in as soon as something begins */
    vg_ms next = at + (vg_ms)(asked > 0 && asked < every ? asked : every) * VG_MINUTE;
    for (vg_ms t = at + 5 * VG_MINUTE; t < next; t += 5 * VG_MINUTE) {
        unsigned there = state_at(patient, t).set_every;
        unsigned usual = routine(t - VG_SIM_INFUSED_AT);
        there = there > 0 && there < usual ? there : usual;
        if (t - at >= (vg_ms)there * VG_MINUTE) {
            next = t;
        }
    }
    patient->due[VG_SIM_OXYGEN] = patient->due[VG_SIM_ACVPU] =
        patient->due[VG_SIM_SET] = next;
    /* Who finds somebody newly confused asks at once (Clinical reference 2.2). */
    if (state_at(patient, next).acvpu != 'A' && state_at(patient, at).acvpu == 'A' &&
        patient->due[VG_SIM_ICE] > next) {
        patient->due[VG_SIM_ICE] = next;
    }
}

static void next_ice(struct vg_sim_patient *patient)
{
    vg_ms at = patient->due[VG_SIM_ICE];
    bool lower = state_at(patient, at).ice < 10;
    vg_ms next = at + (lower ? 2 : 4) * VG_HOUR;
    for (vg_ms t = at + VG_HOUR; t < next; t += VG_HOUR) {
        if (state_at(patient, t).ice != state_at(patient, at).ice) {
            next = t;
        }
    }
    patient->due[VG_SIM_ICE] = next;
}

void vg_sim_patient_done(struct vg_sim_patient *patient, enum vg_sim_task task)
{
    size_t count;
    if (task == VG_SIM_ADMIT || task == VG_SIM_INFUSE || task == VG_SIM_OXYGEN ||
        task == VG_SIM_ACVPU) {
        patient->due[task] = NOT_AGAIN; /* or until the set itself has gone */
    } else if (task == VG_SIM_SET) {
        next_set(patient);
    } else if (task == VG_SIM_MONITOR) {
        patient->due[task] += patient->monitor;
    } else if (task == VG_SIM_ICE) {
        next_ice(patient);
    } else if (task == VG_SIM_LABS) {
        patient->due[task] += 12 * VG_HOUR;
    } else {
        const struct vg_sim_happening *all =
            vg_sim_script_happenings(patient->illness, &count);
        patient->happened++;
        patient->due[task] = patient->happened < count
                                 ? VG_SIM_INFUSED_AT + all[patient->happened].at
                                 : NOT_AGAIN;
    }
}
