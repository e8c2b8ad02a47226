/* SPDX-License-Identifier: Apache-2.0
 *
 * The assessment fields that rules may name: one row for each, ended by a row without a
 * name.
 */
#include <stddef.h>

#include "vigil/expr.h"

#include "core/course.h"

enum shape {
    FINDING, /* yes or no, with when it began */
    TRUTH,   /* yes or no */
    BOOL,
    GRADE,  /* VG_GRADE_NULL: unknown */
    LEAST,  /* the same; a lower bound until its topic is complete */
    COUNT,  /* always known */
    STATUS, /* enum vg_crs_status */
    MILLI,  /* VG_NO_VALUE: unknown */
    MICRO
};

#define S(signal)  VG_SIGNAL_BIT(VG_##signal)
#define ROW(...)   ROW_(false, __VA_ARGS__)
#define EVENT(...) ROW_(true, __VA_ARGS__)
#define ROW_(event, name, topic, member, shape, watches, words)                  \
    {                                                                            \
        (name), VG_UNIT_NONE, (shape) <= BOOL || (shape) == STATUS, (event),     \
            VG_TOPIC_##topic, (shape),                                           \
            (uint16_t)offsetof(struct vg_assessment, member), (watches), (words) \
    }

static const struct vg_field fields[] = {
    ROW("fever.confirmed", FEVER, fever.confirmed, FINDING, S(TEMP),
        "fever is confirmed and has not cleared"),
    ROW("fever.high", FEVER, fever.high, FINDING, S(TEMP),
        "fever of 39.0 Cel or more is confirmed"),
    ROW("fever.three_days", FEVER, fever.three_days, FINDING, S(TEMP),
        "fever has lasted for more than 72 h"),
    ROW("fever.above_40", FEVER, fever.above_40, FINDING, S(TEMP),
        "temperature above 40.0 Cel is confirmed"),
    ROW("fever.above_41", FEVER, fever.above_41, FINDING, S(TEMP),
        "temperature above 41.0 Cel is confirmed"),
    ROW("fever.retro", FEVER, fever.retro, FINDING, S(TEMP),
        "a fever was found late, newer values being known"),
    ROW("fever.rise", FEVER, fever.rise, FINDING, S(TEMP),
        "temperature is 37.5 Cel or more and 1.0 Cel above baseline"),
    ROW("fever.patch_check", FEVER, fever.patch_check, FINDING, S(TEMP),
        "an axillary temperature asks for an oral or tympanic one"),
    ROW("fever.repeat", FEVER, fever.repeat, FINDING, S(TEMP),
        "a spot temperature of 38.0 to 38.2 Cel has not been repeated"),
    ROW("bp.hypotension", PRESSURE, pressure.hypotension, FINDING, S(SBP) | S(DBP),
        "hypotension is confirmed and has not cleared"),
    ROW("bp.relative", PRESSURE, pressure.relative, FINDING, S(SBP) | S(DBP),
        "systolic pressure is below 100 mm[Hg] and below 80 % of baseline"),
    ROW("bp.relative_urgent", PRESSURE, pressure.relative_urgent, FINDING,
        S(SBP) | S(DBP), "relative fall below 70 % of baseline or with fever"),
    ROW("bp.map_low", PRESSURE, pressure.map_low, FINDING, S(MAP),
        "mean pressure below 60 mm[Hg] is confirmed"),
    ROW("bp.map_critical", PRESSURE, pressure.map_critical, FINDING, S(MAP),
        "mean pressure is below 55 mm[Hg]"),
    ROW("bp.support", PRESSURE, pressure.support, FINDING, S(SBP) | S(DBP),
        "a vasopressor runs"),
    ROW("bp.recharting", PRESSURE, pressure.recharting, FINDING, S(SBP) | S(DBP),
        "a running vasopressor has not been charted for 24 h"),
    ROW("bp.tier", PRESSURE, pressure.tier, COUNT, S(SBP), "tier of hypotension"),
    ROW("oxygen.hypoxia", OXYGEN, oxygen.hypoxia, FINDING, S(SPO2),
        "low oxygen saturation is confirmed and has not cleared"),
    ROW("oxygen.severe", OXYGEN, oxygen.severe, FINDING, S(SPO2),
        "very low oxygen saturation is confirmed and has not cleared"),
    ROW("oxygen.flow_missing", OXYGEN, oxygen.flow_missing, FINDING, S(SPO2),
        "oxygen runs by nasal cannula without a charted flow"),
    ROW("oxygen.device_unknown", OXYGEN, oxygen.device_unknown, FINDING, S(SPO2),
        "the oxygen device is not known"),
    ROW("oxygen.recharting", OXYGEN, oxygen.recharting, FINDING, S(SPO2),
        "oxygen has not been charted for 12 h"),
    ROW("oxygen.tier", OXYGEN, oxygen.tier, COUNT, S(SPO2), "tier of oxygen support"),
    ROW("vital.extreme", EXTREME, extreme.vital, FINDING, S(HR) | S(RR),
        "pulse, breathing rate or consciousness is extreme"),
    ROW("irr.suspected", REACTION, reaction.suspected, FINDING,
        S(SBP) | S(SPO2) | S(RR) | S(TEMP) | S(HR),
        "a reaction to the infusion is suspected"),
    ROW("irr.critical", REACTION, reaction.critical, FINDING,
        S(SBP) | S(SPO2) | S(RR) | S(TEMP) | S(HR),
        "a reaction with circulation, airway or oxygen affected is suspected"),
    ROW("irr.mild", REACTION, reaction.mild, FINDING,
        S(SBP) | S(SPO2) | S(RR) | S(TEMP) | S(HR), "only fever or rigors"),
    ROW("irr.anaphylaxis", REACTION, reaction.anaphylaxis, FINDING,
        S(SBP) | S(SPO2) | S(RR) | S(TEMP) | S(HR),
        "criteria of possible anaphylaxis are met"),
    ROW("irr.htn_brady", REACTION, reaction.htn_brady, FINDING,
        S(SBP) | S(SPO2) | S(RR) | S(TEMP) | S(HR),
        "high pressure or slow pulse around the infusion"),
    ROW("crs.grade", CRS, crs.grade, GRADE, S(TEMP) | S(SBP) | S(SPO2),
        "CRS-like grade (ASTCT)"),
    ROW("crs.max_grade", CRS, crs.max_grade, GRADE, S(TEMP) | S(SBP) | S(SPO2),
        "highest CRS-like grade"),
    ROW("crs.unmasked_grade", CRS, crs.unmasked, GRADE, S(TEMP) | S(SBP) | S(SPO2),
        "CRS-like grade if fever is masked"),
    ROW("crs.tier_hypotension", CRS, crs.tier_hypotension, COUNT,
        S(TEMP) | S(SBP) | S(SPO2), "tier of hypotension"),
    ROW("crs.tier_hypoxia", CRS, crs.tier_hypoxia, COUNT, S(TEMP) | S(SBP) | S(SPO2),
        "tier of hypoxia"),
    ROW("crs.fever", CRS, crs.status, STATUS, S(TEMP) | S(SBP) | S(SPO2),
        "the fever criterion of CRS holds"),
    ROW("crs.waived", CRS, crs.waived, BOOL, S(TEMP) | S(SBP) | S(SPO2),
        "fever is no longer required after treatment"),
    ROW("crs.masked", CRS, crs.masked, BOOL, S(TEMP) | S(SBP) | S(SPO2),
        "fever may be masked by a drug"),
    ROW("crs.support_rise", CRS, crs.support, FINDING, S(TEMP) | S(SBP) | S(SPO2),
        "support has risen without a CRS grade to show it"),
    ROW("crs.support_rise_3", CRS, crs.support3, FINDING, S(TEMP) | S(SBP) | S(SPO2),
        "support has risen to tier 3 or more without a CRS grade"),
    ROW("icans.grade", ICANS, icans.grade, GRADE, S(ICE), "ICANS-like grade (ASTCT)"),
    ROW("icans.least", ICANS, icans.least, LEAST, S(ICE),
        "lower bound of the ICANS-like grade"),
    ROW("icans.complete", ICANS, icans.complete, BOOL, S(ICE),
        "the ICANS-like grade is complete"),
    ROW("icans.ice", ICANS, icans.ice, GRADE, S(ICE), "ICE total"),
    EVENT("neuro.seizure", ICANS, icans.seizure, FINDING, S(ICE),
          "a seizure was charted"),
    EVENT("neuro.ice_drop", ICANS, icans.ice_drop, FINDING, S(ICE), "ICE has fallen"),
    EVENT("neuro.haemorrhage", ICANS, icans.haemorrhage, FINDING, S(ICE),
          "an intracranial haemorrhage was charted"),
    ROW("neuro.icp", ICANS, icans.icp, FINDING, S(SBP) | S(HR) | S(RR),
        "pattern of raised intracranial pressure"),
    ROW("neuro.icp_critical", ICANS, icans.icp_critical, FINDING,
        S(SBP) | S(HR) | S(RR), "pattern of raised intracranial pressure with ICANS"),
    EVENT("neuro.delayed", ICANS, icans.delayed, FINDING, S(ICE),
          "a late neurologic sign after a BCMA product"),
    ROW("news2.score", NEWS2, news2.score, LEAST,
        S(RR) | S(SPO2) | S(SBP) | S(HR) | S(TEMP), "NEWS2"),
    ROW("news2.max_single", NEWS2, news2.max_single, LEAST,
        S(RR) | S(SPO2) | S(SBP) | S(HR) | S(TEMP), "highest single NEWS2 parameter"),
    ROW("news2.complete", NEWS2, news2.complete, BOOL,
        S(RR) | S(SPO2) | S(SBP) | S(HR) | S(TEMP), "NEWS2 is complete"),
    ROW("news2.rr", NEWS2, news2.part[0], GRADE,
        S(RR) | S(SPO2) | S(SBP) | S(HR) | S(TEMP), "NEWS2 points of rr"),
    ROW("news2.spo2", NEWS2, news2.part[1], GRADE,
        S(RR) | S(SPO2) | S(SBP) | S(HR) | S(TEMP), "NEWS2 points of spo2"),
    ROW("news2.o2", NEWS2, news2.part[2], GRADE,
        S(RR) | S(SPO2) | S(SBP) | S(HR) | S(TEMP), "NEWS2 points of o2"),
    ROW("news2.sbp", NEWS2, news2.part[3], GRADE,
        S(RR) | S(SPO2) | S(SBP) | S(HR) | S(TEMP), "NEWS2 points of sbp"),
    ROW("news2.hr", NEWS2, news2.part[4], GRADE,
        S(RR) | S(SPO2) | S(SBP) | S(HR) | S(TEMP), "NEWS2 points of hr"),
    ROW("news2.acvpu", NEWS2, news2.part[5], GRADE,
        S(RR) | S(SPO2) | S(SBP) | S(HR) | S(TEMP), "NEWS2 points of acvpu"),
    ROW("news2.temp", NEWS2, news2.part[6], GRADE,
        S(RR) | S(SPO2) | S(SBP) | S(HR) | S(TEMP), "NEWS2 points of temp"),
    ROW("news2.worst", NEWS2, news2.worst, LEAST,
        S(RR) | S(SPO2) | S(SBP) | S(HR) | S(TEMP),
        "NEWS2 by the latest values or the charted ones, whichever is more"),
    ROW("news2.worst_rr", NEWS2, news2.worst_part[0], GRADE,
        S(RR) | S(SPO2) | S(SBP) | S(HR) | S(TEMP),
        "NEWS2 points of rr, latest or charted, whichever is more"),
    ROW("news2.worst_spo2", NEWS2, news2.worst_part[1], GRADE,
        S(RR) | S(SPO2) | S(SBP) | S(HR) | S(TEMP),
        "NEWS2 points of spo2, latest or charted, whichever is more"),
    ROW("news2.worst_sbp", NEWS2, news2.worst_part[3], GRADE,
        S(RR) | S(SPO2) | S(SBP) | S(HR) | S(TEMP),
        "NEWS2 points of sbp, latest or charted, whichever is more"),
    ROW("news2.worst_hr", NEWS2, news2.worst_part[4], GRADE,
        S(RR) | S(SPO2) | S(SBP) | S(HR) | S(TEMP),
        "NEWS2 points of hr, latest or charted, whichever is more"),
    ROW("news2.worst_temp", NEWS2, news2.worst_part[6], GRADE,
        S(RR) | S(SPO2) | S(SBP) | S(HR) | S(TEMP),
        "NEWS2 points of temp, latest or charted, whichever is more"),
    ROW("news2.page_7", NEWS2, news2.page_7, FINDING,
        S(RR) | S(SPO2) | S(SBP) | S(HR) | S(TEMP),
        "NEWS2 of 7 or more, not stepped down"),
    ROW("news2.page_5", NEWS2, news2.page_5, FINDING,
        S(RR) | S(SPO2) | S(SBP) | S(HR) | S(TEMP),
        "NEWS2 of 5 or 6, not stepped down"),
    ROW("news2.single_3", NEWS2, news2.single_3, FINDING,
        S(RR) | S(SPO2) | S(SBP) | S(HR) | S(TEMP), "a single NEWS2 parameter of 3"),
    ROW("sirs.count", SIRS, sirs.count, GRADE, S(TEMP) | S(HR) | S(RR) | S(WBC),
        "SIRS criteria met"),
    ROW("sirs.count_excl_wbc", SIRS, sirs.count_excl_wbc, GRADE,
        S(TEMP) | S(HR) | S(RR), "SIRS criteria met, white cells left out"),
    ROW("qsofa.score", QSOFA, qsofa.score, GRADE, S(RR) | S(SBP), "qSOFA"),
    ROW("qsofa.page", QSOFA, qsofa.page, FINDING, S(RR) | S(SBP),
        "qSOFA of 2 or more and no NEWS2 alert"),
    ROW("shock.index", SHOCK, shock.milli, MILLI, S(HR) | S(SBP), "shock index"),
    ROW("shock.page", SHOCK, shock.page, FINDING, S(HR) | S(SBP),
        "shock index of 1.0 or more, sustained"),
    ROW("shock.page_13", SHOCK, shock.page_13, FINDING, S(HR) | S(SBP),
        "shock index of 1.3 or more, sustained"),
    ROW("fn.met", FN, fn.met, TRUTH, S(TEMP) | S(ANC), "fever with neutropenia"),
    ROW("fn.assumed", FN, fn.assumed, BOOL, S(ANC), "neutropenia is assumed"),
    ROW("fn.page", FN, fn.page, FINDING, S(TEMP) | S(ANC),
        "fever with neutropenia, not treated"),
    ROW("fn.anc_needed", FN, fn.anc_needed, FINDING, S(TEMP) | S(ANC),
        "fever, and ANC is not known"),
    ROW("fn.low_temp", FN, fn.low_temp, FINDING, S(TEMP) | S(ANC),
        "low temperature with neutropenia"),
    ROW("icaht.early", ICAHT, icaht.early, GRADE, S(ANC), "early ICAHT grade"),
    ROW("icaht.late", ICAHT, icaht.late, GRADE, S(ANC), "late ICAHT grade"),
    ROW("icaht.days_le500", ICAHT, icaht.days_500, GRADE, S(ANC),
        "days with an ANC of 500 or less"),
    ROW("icaht.days_le100", ICAHT, icaht.days_100, GRADE, S(ANC),
        "days with an ANC of 100 or less"),
    ROW("icaht.no_recovery", ICAHT, icaht.no_recovery, BOOL, S(ANC),
        "no recovery of neutrophils by day 30"),
    ROW("t_icaht.early", ICAHT, t_icaht.early, GRADE, S(PLT), "early T-ICAHT grade"),
    ROW("t_icaht.late", ICAHT, t_icaht.late, GRADE, S(PLT), "late T-ICAHT grade"),
    ROW("iec_hs.screen", IEC_HS, iec_hs.screen, FINDING,
        S(FERRITIN) | S(AST) | S(ALT) | S(FIBRINOGEN),
        "pattern compatible with the IEC-HS screen"),
    ROW("iec_hs.ferritin", IEC_HS, iec_hs.ferritin, TRUTH, S(FERRITIN),
        "the ferritin condition of IEC-HS holds"),
    ROW("tls.lab", TLS, tls.lab, FINDING, S(URATE) | S(K) | S(PHOS) | S(CA),
        "laboratory pattern of tumour lysis"),
    ROW("tls.absolute", TLS, tls.absolute, FINDING, S(URATE) | S(K) | S(PHOS) | S(CA),
        "laboratory pattern of tumour lysis by absolute limits"),
    ROW("tls.n", TLS, tls.n, GRADE, S(URATE) | S(K) | S(PHOS) | S(CA),
        "tumour lysis criteria met"),
    ROW("hematotox.score", HEMATOTOX, hematotox.score, GRADE,
        S(PLT) | S(ANC) | S(HB) | S(CRP) | S(FERRITIN), "CAR-HEMATOTOX"),
    ROW("easix.value", EASIX, easix.easix, MICRO, S(LDH) | S(CREAT) | S(PLT), "EASIX"),
    ROW("seasix.value", EASIX, easix.seasix, MICRO, S(LDH) | S(PLT),
        "simplified EASIX"),
    ROW("measix.value", EASIX, easix.measix, MICRO, S(LDH) | S(CRP) | S(PLT),
        "modified EASIX"),
    EVENT("lab.k", CRITICAL, critical.k, FINDING, S(K), "potassium is critical"),
    EVENT("lab.glucose_low", CRITICAL, critical.glucose_low, FINDING, S(GLUCOSE),
          "glucose is critically low"),
    EVENT("lab.glucose_high", CRITICAL, critical.glucose_high, FINDING, S(GLUCOSE),
          "glucose is very high"),
    EVENT("lab.na", CRITICAL, critical.na, FINDING, S(NA), "sodium is critical"),
    EVENT("lab.plt", CRITICAL, critical.plt, FINDING, S(PLT),
          "platelets are critically low"),
    EVENT("lab.hb", CRITICAL, critical.hb, FINDING, S(HB),
          "haemoglobin is critically low"),
    EVENT("lab.fibrinogen", CRITICAL, critical.fibrinogen, FINDING, S(FIBRINOGEN),
          "fibrinogen is critically low"),
    EVENT("lab.lactate_2", CRITICAL, critical.lactate_2, FINDING, S(LACTATE),
          "lactate is above 2 mmol/L"),
    EVENT("lab.lactate_4", CRITICAL, critical.lactate_4, FINDING, S(LACTATE),
          "lactate is 4 mmol/L or more"),
    ROW("quality.check", QUALITY, quality.check, FINDING, 0,
        "a pattern calls for a look at the patient"),
    ROW("quality.probe_off", QUALITY, quality.probe_off, FINDING, 0,
        "the temperature patch has come off"),
    ROW("quality.low_perfusion", QUALITY, quality.low_perfusion, FINDING, 0,
        "the oximeter has a poor signal"),
    ROW("quality.stuck", QUALITY, quality.stuck, FINDING, 0,
        "a value does not change at all"),
    ROW("quality.bp_inconsistent", QUALITY, quality.bp_inconsistent, FINDING, 0,
        "cuff pressures do not fit together"),
    ROW("quality.feed_silent", QUALITY, quality.feed_silent, FINDING, 0,
        "a monitored signal has fallen silent"),
    ROW("quality.wrong_patient", QUALITY, quality.wrong_patient, FINDING, 0,
        "two devices disagree"),
    ROW("quality.clock_skew", QUALITY, quality.clock_skew, FINDING, 0,
        "readings arrive more than 8 h late"),
    ROW("gate.unsupported_age", CHART, gate.unsupported_age, FINDING, 0,
        "age is below 18 years or unknown"),
    ROW("infusion.uncharted", CHART, gate.uncharted, FINDING, 0,
        "the time of a planned infusion has passed and no start is charted"),
    ROW("overdue.vitals", SCHEDULE, schedule.vitals, FINDING, 0,
        "a set of vital signs is overdue"),
    ROW("overdue.vitals_late", SCHEDULE, schedule.vitals_late, FINDING, 0,
        "a set of vital signs is overdue beyond the second escalation"),
    ROW("overdue.ice", SCHEDULE, schedule.ice, FINDING, 0,
        "an ICE assessment is overdue"),
    ROW("overdue.ice_late", SCHEDULE, schedule.ice_late, FINDING, 0,
        "an ICE assessment is overdue beyond the second escalation"),
    ROW("overdue.labs", SCHEDULE, schedule.labs, FINDING, 0,
        "laboratory values are overdue"),
    ROW("overdue.labs_late", SCHEDULE, schedule.labs_late, FINDING, 0,
        "laboratory values are overdue beyond the second escalation"),
    {NULL, VG_UNIT_NONE, false, false, 0, 0, 0, 0, NULL},
};

const struct vg_field *vg_fields(void)
{
    return fields;
}

static struct vg_number of_truth(enum vg_truth truth)
{
    return truth == VG_UNKNOWN ? VG_NUMBER_UNKNOWN : vg_number_of(truth == VG_TRUE, 1);
}

static struct vg_number of_int(int value)
{
    return value == VG_GRADE_NULL ? VG_NUMBER_UNKNOWN : vg_number_of(value, 1);
}

static struct vg_number of_parts(int64_t value, int64_t scale)
{
    return value == VG_NO_VALUE ? VG_NUMBER_UNKNOWN : vg_number_of(value, scale);
}

struct vg_number vg_field_value(const struct vg_field *field,
                                const struct vg_assessment *assessment)
{
    const void *at = (const char *)assessment + field->offset;

    switch ((enum shape)field->shape) {
    case FINDING:
        return ((const struct vg_finding *)at)->soon
                   ? VG_NUMBER_UNKNOWN
                   : of_truth(((const struct vg_finding *)at)->truth);
    case TRUTH:
        return of_truth(*(const enum vg_truth *)at);
    case BOOL:
        return vg_number_of(*(const bool *)at, 1);
    case GRADE:
    case LEAST:
        return of_int(*(const int *)at);
    case COUNT:
        return vg_number_of(*(const int *)at, 1);
    case STATUS: {
        const enum vg_crs_status status = *(const enum vg_crs_status *)at;
        return status == VG_CRS_INDETERMINATE ? VG_NUMBER_UNKNOWN
                                              : vg_number_of(status == VG_CRS_MET, 1);
    }
    case MILLI:
        return of_parts(*(const int64_t *)at, 1000);
    case MICRO:
        return of_parts(*(const int64_t *)at, 1000000);
    }
    return VG_NUMBER_UNKNOWN; /* not reached: each shape has a case */
}

static bool partial(const struct vg_field *field,
                    const struct vg_assessment *assessment)
{
    return field->shape == LEAST &&
           !(field->topic == VG_TOPIC_NEWS2 ? assessment->news2.complete
                                            : assessment->icans.complete);
}

struct vg_number vg_field_stands(const struct vg_field *field, bool whole,
                                 const struct vg_assessment *assessment)
{
    const void *at = (const char *)assessment + field->offset;

    if ((field->shape == FINDING && ((const struct vg_finding *)at)->lost) ||
        (whole && partial(field, assessment))) {
        return VG_NUMBER_UNKNOWN;
    }
    return field->shape == FINDING ? of_truth(((const struct vg_finding *)at)->truth)
                                   : vg_field_value(field, assessment);
}

struct vg_instant vg_field_since(const struct vg_field *field,
                                 const struct vg_assessment *assessment)
{
    if (field->shape != FINDING) {
        return VG_UNSET;
    }
    const void *at = (const char *)assessment + field->offset;
    return ((const struct vg_finding *)at)->since;
}
