/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of signals: every kind of observation that vigil knows, its codes, its unit,
 * what is physically possible, and for how long a value speaks for the patient.
 *
 * Sources of the numbers: Clinical reference 10.1 (hard and plausible ranges), 0.2
 * (display resolution), 0.4 (carry-forward limits), 1.2, 1.4 (gaps of a continuous
 * run), 10.3 to 10.5 (units and codes).
 */
#ifndef VIGIL_SIGNAL_H
#define VIGIL_SIGNAL_H

#include "vigil/unit.h"

/* An index into the table; never stored or sent (the short name is). Vital signs first,
 * then laboratory values, then what people chart. */
enum vg_signal {
    VG_TEMP = 0,
    VG_HR,
    VG_RR,
    VG_SPO2,
    VG_SBP,
    VG_DBP,
    VG_MAP,
    VG_PI,
    VG_O2_FLOW,
    VG_FIO2,
    VG_GCS,
    VG_WEIGHT,
    VG_HEIGHT,
    VG_WBC,
    VG_ANC,
    VG_ALC,
    VG_BANDS,
    VG_HB,
    VG_PLT,
    VG_CRP,
    VG_FERRITIN,
    VG_FIBRINOGEN,
    VG_AST,
    VG_ALT,
    VG_ALP,
    VG_BILI,
    VG_BILI_DIRECT,
    VG_LDH,
    VG_CREAT,
    VG_UREA,
    VG_URATE,
    VG_K,
    VG_NA,
    VG_PHOS,
    VG_MG,
    VG_CA,
    VG_CA_ION,
    VG_ALBUMIN,
    VG_TG,
    VG_GLUCOSE,
    VG_DDIMER,
    VG_PT,
    VG_INR,
    VG_APTT,
    VG_LACTATE,
    VG_PCT,
    VG_IL6,
    VG_TRYPTASE,
    VG_IGG,
    VG_PAO2,
    VG_PACO2,
    VG_PH,
    VG_ICE,            /* a number a person charts; the items travel with it */
    VG_MEASURED_COUNT, /* signals above have numbers and windows */
    VG_INFUSION = VG_MEASURED_COUNT,
    VG_LYMPHODEPLETION,
    VG_O2_DEVICE,
    VG_VASOPRESSOR,
    VG_MEDICATION,
    VG_CONSCIOUSNESS,
    VG_AROUSAL,
    VG_SEIZURE,
    VG_NEURO,
    VG_SYMPTOM,
    VG_FLAG,
    VG_SIGNAL_COUNT
};

enum vg_signal_kind { VG_VITAL, VG_LAB, VG_CHARTED };

/* "No limit" in a range below. */
#define VG_NO_LOW  INT64_MIN
#define VG_NO_HIGH INT64_MAX

/* One row. Values are counted in steps of 10^-places of the canonical unit: a temperature
 * of 38.4 Cel is 384. */
struct vg_signal_info {
    const char *code;  /* short name, as in messages and rules */
    const char *label; /* in words, for people: "systolic pressure" */
    enum vg_signal_kind kind;
    enum vg_unit unit; /* canonical */
    enum vg_quantity quantity;
    uint8_t
        places; /* display resolution; 6 for laboratory values, which are not rounded */
    bool unit_optional;          /* true only for {score}, {INR}, [pH] */
    int64_t hard_low, hard_high; /* inclusive; outside: refused as a number */
    int64_t plausible_low,
        plausible_high; /* inclusive; outside: kept, marked suspect */
    vg_ms carry;        /* how long a value speaks for the patient (0.4) */
    vg_ms gap;          /* longest pause inside a run of continuous values */
};

/* Never NULL for signal < VG_SIGNAL_COUNT. */
const struct vg_signal_info *vg_signal_info(enum vg_signal signal);

enum vg_source {
    VG_SOURCE_CONTINUOUS = 0,
    VG_SOURCE_SPOT,
    VG_SOURCE_CUFF,
    VG_SOURCE_ARTERIAL,
    VG_SOURCE_MANUAL,
    VG_SOURCE_COUNT
};
/* A monitor's stream, as against values that a person or a cuff takes one by one. */
static inline bool vg_source_streams(enum vg_source source)
{
    return source == VG_SOURCE_CONTINUOUS || source == VG_SOURCE_ARTERIAL;
}

enum vg_method {
    VG_METHOD_NONE = 0,
    VG_METHOD_ORAL,
    VG_METHOD_TYMPANIC,
    VG_METHOD_AXILLARY,
    VG_METHOD_RECTAL,
    VG_METHOD_CORE,
    VG_METHOD_SKIN,
    VG_METHOD_COUNT
};

/* What a code says: the signal, and sometimes where it was measured or by what. */
struct vg_code {
    enum vg_signal signal;
    enum vg_method method; /* VG_METHOD_NONE: the code does not say */
    enum vg_source source; /* valid only if has_source */
    bool has_source;
    bool
        pulse; /* felt at the finger or wrist: where both come, the ECG's rate is the patient's */
};

/* Finds a short name, "8310-5", "loinc:8310-5", "MDC_TEMP_BODY" or "mdc:150364". VG_ABSENT
 * if it is none of ours (skin temperature, for one, is never body temperature). */
enum vg_status vg_signal_find(const char *text, size_t length, struct vg_code *out);

/* The first LOINC code of a signal ("8310-5"), or NULL. */
const char *vg_signal_loinc(enum vg_signal signal);

/* Whether a LOINC code's check digit (Mod 10) is right. */
bool vg_loinc_valid(const char *text, size_t length);

/* Names as in messages; NULL text never comes back. Find: VG_ABSENT if unknown. */
const char *vg_source_text(enum vg_source source);
enum vg_status vg_source_find(const char *text, enum vg_source *out);
const char *vg_method_text(enum vg_method method);
enum vg_status vg_method_find(const char *text, enum vg_method *out);

/* Converts a number as sent into steps of the signal's canonical unit, rounded half away
 * from zero at its resolution. VG_REFUSED: unit does not fit this signal, or overflow. */
enum vg_status vg_signal_convert(enum vg_signal signal, struct vg_decimal raw,
                                 enum vg_unit unit, int64_t *out);

#endif
