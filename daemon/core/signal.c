/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of signals. Every clinical number of a signal stands in its row, nowhere
 * else.
 *
 * Ranges: Clinical reference 10.1. Where it names none, what the quantity itself
 * excludes: nothing laboratory is below zero, a coma scale runs from 3 to 15.
 * Resolution: 0.2. Carry-forward: 0.4; what is latched until changed (oxygen flow,
 * support) or hardly changes (weight, height) speaks for a year, longer than any
 * stay. Gaps: 1.2 for temperature, 1.3 and 1.4 for the others.
 */
#include "vigil/signal.h"

#include <assert.h>

#include "row.h"

#define LATCHED   (365 * VG_DAY)
#define ANY       VG_NO_LOW, VG_NO_HIGH
#define GAP       (120 * VG_SECOND)
#define LAB_CARRY (72 * VG_HOUR)

/* Laboratory values are not rounded: a millionth of the unit is finer than any
 * analyser. */
#define LAB_PLACES 6
#define LAB_CODE(code, label, unit, quantity, high, carry)                       \
    {                                                                            \
        code, label, VG_LAB, VG_UNIT_##unit, VG_QUANTITY_##quantity, LAB_PLACES, \
            false, 0, high, ANY, carry, 0                                        \
    }
#define LAB(code, label, unit, quantity) \
    LAB_CODE(code, label, unit, quantity, VG_NO_HIGH, LAB_CARRY)
/* A laboratory value whose unit may be left out. */
#define LAB_BARE(code, label, unit)                                                  \
    {                                                                                \
        code, label, VG_LAB, VG_UNIT_##unit, VG_QUANTITY_PLAIN, LAB_PLACES, true, 0, \
            VG_NO_HIGH, ANY, LAB_CARRY, 0                                            \
    }
#define CHART(code, label, carry)                                                    \
    {                                                                                \
        code, label, VG_CHARTED, VG_UNIT_NONE, VG_QUANTITY_PLAIN, 0, true, ANY, ANY, \
            carry, 0                                                                 \
    }

/* code, label, kind, unit, quantity, places, unit optional, hard range, plausible
 * range, carry, gap */
static const struct vg_signal_info table[VG_SIGNAL_COUNT] = {
    [VG_TEMP] = {"temp", "temperature", VG_VITAL, VG_UNIT_CEL, VG_QUANTITY_TEMPERATURE,
                 1, false, 300, 430, 340, 415, VG_HOUR, 600 * VG_SECOND},
    [VG_HR] = {"hr", "heart rate", VG_VITAL, VG_UNIT_PER_MIN, VG_QUANTITY_PLAIN, 0,
               false, 20, 250, 30, 220, VG_HOUR, GAP},
    [VG_RR] = {"rr", "respiration rate", VG_VITAL, VG_UNIT_PER_MIN, VG_QUANTITY_PLAIN,
               0, false, 4, 70, 6, 50, VG_HOUR, GAP},
    [VG_SPO2] = {"spo2", "oxygen saturation", VG_VITAL, VG_UNIT_PERCENT,
                 VG_QUANTITY_FRACTION, 0, false, 20, 100, 70, 100, VG_HOUR, GAP},
    [VG_SBP] = {"sbp", "systolic pressure", VG_VITAL, VG_UNIT_MMHG, VG_QUANTITY_PLAIN,
                0, false, 40, 260, 60, 240, VG_HOUR, GAP},
    [VG_DBP] = {"dbp", "diastolic pressure", VG_VITAL, VG_UNIT_MMHG, VG_QUANTITY_PLAIN,
                0, false, 20, 160, 30, 140, VG_HOUR, GAP},
    [VG_MAP] = {"map", "mean arterial pressure", VG_VITAL, VG_UNIT_MMHG,
                VG_QUANTITY_PLAIN, 0, false, 25, 200, 40, 170, VG_HOUR, GAP},
    [VG_PI] = {"pi", "perfusion index", VG_VITAL, VG_UNIT_PERCENT, VG_QUANTITY_PLAIN, 2,
               false, 2, 2000, 30, VG_NO_HIGH, VG_HOUR, GAP},
    [VG_O2_FLOW] = {"o2_flow", "oxygen flow", VG_VITAL, VG_UNIT_L_PER_MIN,
                    VG_QUANTITY_PLAIN, 1, false, 0, 800, 0, 600, LATCHED, GAP},
    [VG_FIO2] = {"fio2", "inspired oxygen", VG_VITAL, VG_UNIT_PERCENT,
                 VG_QUANTITY_FRACTION, 0, false, 21, 100, ANY, LATCHED, GAP},
    [VG_GCS] = {"gcs", "Glasgow coma score", VG_VITAL, VG_UNIT_SCORE, VG_QUANTITY_PLAIN,
                0, true, 3, 15, ANY, 4 * VG_HOUR, 0},
    [VG_WEIGHT] = {"weight", "body weight", VG_VITAL, VG_UNIT_KG, VG_QUANTITY_PLAIN, 1,
                   false, 0, VG_NO_HIGH, ANY, LATCHED, 0},
    [VG_HEIGHT] = {"height", "body height", VG_VITAL, VG_UNIT_CM, VG_QUANTITY_PLAIN, 1,
                   false, 0, VG_NO_HIGH, ANY, LATCHED, 0},
    [VG_WBC] = LAB("wbc", "white blood cells", 10_9_PER_L, CELLS),
    [VG_ANC] = LAB("anc", "neutrophil count", PER_UL, CELLS),
    [VG_ALC] = LAB("alc", "lymphocyte count", 10_9_PER_L, CELLS),
    [VG_BANDS] = LAB_CODE("bands", "band neutrophils", PERCENT, PLAIN,
                          INT64_C(100000000), LAB_CARRY),
    [VG_HB] = LAB("hb", "haemoglobin", G_PER_DL, HAEMOGLOBIN),
    [VG_PLT] = LAB("plt", "platelets", 10_9_PER_L, PLAIN),
    [VG_CRP] = LAB("crp", "C-reactive protein", MG_PER_DL, CRP),
    [VG_FERRITIN] = LAB("ferritin", "ferritin", NG_PER_ML, PLAIN),
    [VG_FIBRINOGEN] = LAB("fibrinogen", "fibrinogen", MG_PER_DL, PLASMA_PROTEIN),
    [VG_AST] = LAB("ast", "aspartate aminotransferase", U_PER_L, PLAIN),
    [VG_ALT] = LAB("alt", "alanine aminotransferase", U_PER_L, PLAIN),
    [VG_ALP] = LAB("alp", "alkaline phosphatase", U_PER_L, PLAIN),
    [VG_BILI] = LAB("bili", "bilirubin", MG_PER_DL, BILIRUBIN),
    [VG_BILI_DIRECT] = LAB("bili_direct", "direct bilirubin", MG_PER_DL, BILIRUBIN),
    [VG_LDH] = LAB("ldh", "lactate dehydrogenase", U_PER_L, PLAIN),
    [VG_CREAT] = LAB("creat", "creatinine", MG_PER_DL, CREATININE),
    [VG_UREA] = LAB("urea", "urea nitrogen", MG_PER_DL, UREA),
    [VG_URATE] = LAB("urate", "urate", MG_PER_DL, URATE),
    [VG_K] = LAB("k", "potassium", MMOL_PER_L, MONOVALENT),
    [VG_NA] = LAB("na", "sodium", MMOL_PER_L, MONOVALENT),
    [VG_PHOS] = LAB("phos", "phosphate", MG_PER_DL, PHOSPHATE),
    [VG_MG] = LAB("mg", "magnesium", MG_PER_DL, MAGNESIUM),
    [VG_CA] = LAB("ca", "calcium", MG_PER_DL, CALCIUM),
    [VG_CA_ION] = LAB("ca_ion", "ionised calcium", MMOL_PER_L, PLAIN),
    [VG_ALBUMIN] = LAB("albumin", "albumin", G_PER_DL, PLAIN),
    [VG_TG] = LAB("tg", "triglycerides", MG_PER_DL, TRIGLYCERIDES),
    [VG_GLUCOSE] = LAB("glucose", "glucose", MG_PER_DL, GLUCOSE),
    [VG_DDIMER] = LAB("ddimer", "D-dimer", NG_PER_ML, PLAIN),
    [VG_PT] = LAB("pt", "prothrombin time", SECOND, PLAIN),
    [VG_INR] = LAB_BARE("inr", "INR", INR),
    [VG_APTT] = LAB("aptt", "partial thromboplastin time", SECOND, PLAIN),
    [VG_LACTATE] =
        LAB_CODE("lactate", "lactate", MMOL_PER_L, LACTATE, VG_NO_HIGH, 6 * VG_HOUR),
    [VG_PCT] = LAB("pct", "procalcitonin", NG_PER_ML, PLAIN),
    [VG_IL6] = LAB("il6", "interleukin 6", PG_PER_ML, PLAIN),
    [VG_TRYPTASE] = LAB("tryptase", "tryptase", NG_PER_ML, PLAIN),
    [VG_IGG] = LAB("igg", "immunoglobulin G", MG_PER_DL, PLASMA_PROTEIN),
    [VG_PAO2] = LAB("pao2", "arterial oxygen pressure", MMHG, PLAIN),
    [VG_PACO2] = LAB_CODE("paco2", "arterial carbon dioxide pressure", MMHG, PLAIN,
                          VG_NO_HIGH, 4 * VG_HOUR),
    [VG_PH] = LAB_BARE("ph", "blood pH", PH),
    [VG_ICE] = {"ice", "ICE score", VG_CHARTED, VG_UNIT_SCORE, VG_QUANTITY_PLAIN, 0,
                true, 0, 10, ANY, 16 * VG_HOUR, 0},
    [VG_INFUSION] = CHART("infusion", "infusion", 0),
    [VG_LYMPHODEPLETION] = CHART("lymphodepletion", "lymphodepletion", 0),
    [VG_O2_DEVICE] = CHART("o2_device", "oxygen device", LATCHED),
    [VG_VASOPRESSOR] = CHART("vasopressor", "vasopressor", LATCHED),
    [VG_MEDICATION] = CHART("medication", "medication", 0),
    [VG_CONSCIOUSNESS] = CHART("consciousness", "consciousness", 4 * VG_HOUR),
    [VG_AROUSAL] = CHART("arousal", "arousal", 4 * VG_HOUR),
    [VG_SEIZURE] = CHART("seizure", "seizure", 0),
    [VG_NEURO] = CHART("neuro", "neurological finding", 0),
    [VG_SYMPTOM] = CHART("symptom", "symptom", 0),
    [VG_FLAG] = CHART("flag", "flag", 0),
};

const struct vg_signal_info *vg_signal_info(enum vg_signal signal)
{
    assert(signal < VG_SIGNAL_COUNT);
    return &table[signal];
}

static const char *const sources[VG_SOURCE_COUNT] = {
    [VG_SOURCE_CONTINUOUS] = "continuous",
    [VG_SOURCE_SPOT] = "spot",
    [VG_SOURCE_CUFF] = "cuff",
    [VG_SOURCE_ARTERIAL] = "arterial",
    [VG_SOURCE_MANUAL] = "manual",
};

const char *vg_source_text(enum vg_source source)
{
    assert(source < VG_SOURCE_COUNT);
    return sources[source];
}

enum vg_status vg_source_find(const char *text, enum vg_source *out)
{
    size_t found = vg_name_find(sources, VG_SOURCE_COUNT, text);
    if (found == VG_SOURCE_COUNT) {
        return VG_ABSENT;
    }
    *out = (enum vg_source)found;
    return VG_OK;
}

static const char *const methods[VG_METHOD_COUNT] = {
    [VG_METHOD_NONE] = "",
    [VG_METHOD_ORAL] = "oral",
    [VG_METHOD_TYMPANIC] = "tympanic",
    [VG_METHOD_AXILLARY] = "axillary",
    [VG_METHOD_RECTAL] = "rectal",
    [VG_METHOD_CORE] = "core",
    [VG_METHOD_SKIN] = "skin",
};

const char *vg_method_text(enum vg_method method)
{
    assert(method < VG_METHOD_COUNT);
    return methods[method];
}

enum vg_status vg_method_find(const char *text, enum vg_method *out)
{
    size_t found = vg_name_find(methods, VG_METHOD_COUNT, text);
    if (found == VG_METHOD_NONE || found == VG_METHOD_COUNT) {
        return VG_ABSENT;
    }
    *out = (enum vg_method)found;
    return VG_OK;
}

enum vg_status vg_signal_convert(enum vg_signal signal, struct vg_decimal raw,
                                 enum vg_unit unit, int64_t *out)
{
    const struct vg_signal_info *info = vg_signal_info(signal);
    struct vg_conversion conversion;
    if (unit == VG_UNIT_NONE && info->unit_optional) {
        unit = info->unit;
    }
    if (vg_unit_conversion(info->quantity, unit, info->unit, &conversion) != VG_OK) {
        return VG_REFUSED;
    }
    return vg_decimal_scale(raw, conversion.offset, conversion.scale, info->places,
                            out);
}
