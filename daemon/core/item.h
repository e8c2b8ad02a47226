/* SPDX-License-Identifier: Apache-2.0
 *
 * An item is one thing known about a patient in the order of measured time: a reading, a
 * charted entry, or a stretch of a continuous signal. Everything in core/assess is a fold
 * over items. Private to the core.
 *
 * A stretch stands for consecutive samples of one device class that lie in one band (no
 * limit of any rule between them) without a pause longer than the signal's: at is the
 * first, to the last, low and high their extremes, count how many. One reading is a
 * stretch of itself: at == to, low == high, count 1. A fold must get the same from a
 * stretch as from its samples.
 */
#ifndef VIGIL_CORE_ITEM_H
#define VIGIL_CORE_ITEM_H

#include "vigil/assess.h"
#include "vigil/carried.h"
#include "vigil/flag.h"
#include "vigil/reading.h"
#include "vigil/schedule.h"

/* Bits of vg_item.marks. The first four are known on arrival and kept in windows. */
#define VG_MARK_SUSPECT 1U /* implausible, too fast, pulse mismatch, or sent so: kept */
#define VG_MARK_LATE    2U /* came > 15 min late, a newer value was known (0.3) */
#define VG_MARK_OLD     4U /* came > 8 h late (0.3) */
#define VG_MARK_CLOCK   8U /* stamped in the future, judged on arrival: clears nothing */
#define VG_MARK_VOID    16U /* no value: probe off, MAP that does not fit; as if unsent */
#define VG_MARK_TORN \
    32U /* SBP, DBP of an inconsistent cuff triple (10.2): invalid, but
                              an SBP < 90 is pending (1.3) */
#define VG_MARK_POOR     64U /* SpO2 with a perfusion index < 0.3 % (1.4) */
#define VG_MARKS_ARRIVAL 15U

struct vg_item {
    struct vg_instant at, to;
    int64_t low, high; /* canonical steps; charted: 1 on, 0 off, or taken back */
    /* labs: upper and lower limit of the laboratory, VG_NO_VALUE; o2_device: flow in 0.1
     * L/min, FiO2 in %, VG_NO_VALUE; infusion, lymphodepletion: its sender's ts in a; seizure: duration in ms (VG_NO_VALUE), no_return;
     * vasopressor: which of those on no list in a; neuro: haemorrhage in a; ice: items (two bits each), unarousable; flag: until (ms,
     * INT64_MAX: holds) in a */
    int64_t a, b;
    int64_t raw;   /* labs: the value in the delivered unit, in millionths */
    uint8_t count; /* samples, saturates at 255 */
    uint8_t signal, source, method, marks;
    uint8_t name;   /* charted: enum of the signal, below */
    uint8_t unit;   /* labs: as delivered */
    uint8_t device; /* a number for the device within the bed, 0: not named */
};

/* ---- Names of charted entries; free ones are _OTHER. Words: chart_names.c. */

enum vg_infusion_name { VG_INFUSION_START, VG_INFUSION_END };
enum vg_device_name {
    VG_ROOM_AIR,
    VG_NASAL_CANNULA,
    VG_BLOW_BY,
    VG_SIMPLE_MASK,
    VG_FACE_TENT,
    VG_AEROSOL_MASK,
    VG_TRACHEOSTOMY_MASK,
    VG_VENTURI,
    VG_NON_REBREATHER,
    VG_HFNC,
    VG_CPAP,
    VG_BIPAP,
    VG_INVASIVE_VENT,
    VG_DEVICE_UNKNOWN
};
enum vg_pressor_name {
    VG_NOREPINEPHRINE,
    VG_EPINEPHRINE,
    VG_PHENYLEPHRINE,
    VG_DOPAMINE,
    VG_ANGIOTENSIN_II,
    VG_VASOPRESSIN,
    VG_PRESSOR_UNKNOWN,
    VG_DOBUTAMINE, /* from here on: no vasopressors */
    VG_MILRINONE,
    VG_PRESSORS
};
enum vg_drug_name {
    VG_PARACETAMOL,
    VG_METAMIZOLE,
    VG_NSAID,
    VG_NAPROXEN,
    VG_CORTICOSTEROID,
    VG_TOCILIZUMAB,
    VG_SILTUXIMAB,
    VG_ANAKINRA,
    VG_RUXOLITINIB,
    VG_IL2,
    VG_GCSF,
    VG_ANTIBIOTIC,
    VG_PLATELET_TRANSFUSION,
    VG_DRUG_OTHER,
    VG_DRUGS
};
const char *vg_drug_text(enum vg_drug_name drug); /* "paracetamol"; "" of others */
enum vg_acvpu { VG_ALERT, VG_CONFUSED, VG_VOICE, VG_PAIN, VG_UNRESPONSIVE };
enum vg_arousal_name {
    VG_AROUSAL_SPONTANEOUS,
    VG_AROUSAL_VOICE,
    VG_AROUSAL_TOUCH,
    VG_AROUSAL_NONE
};
enum vg_neuro_name {
    VG_TREMOR,
    VG_MOTOR_DEEP_FOCAL,
    VG_EDEMA_FOCAL,
    VG_EDEMA_DIFFUSE,
    VG_PAPILLOEDEMA,
    VG_SIXTH_NERVE_PALSY,
    VG_POSTURING,
    VG_CUSHING_TRIAD,
    VG_FACIAL_PALSY,
    VG_GAIT,
    VG_HANDWRITING,
    VG_PERSONALITY,
    VG_HAEMORRHAGE,
    VG_NEUROS
};
enum vg_symptom_name {
    VG_URTICARIA,
    VG_FLUSHING,
    VG_ITCH,
    VG_ANGIOEDEMA,
    VG_WHEEZE,
    VG_STRIDOR,
    VG_DYSPNOEA,
    VG_VOICE_CHANGE,
    VG_GI_SEVERE,
    VG_SYNCOPE,
    VG_RIGORS,
    VG_HEADACHE,
    VG_WORD_FINDING,
    VG_SYMPTOM_OTHER,
    VG_SYMPTOMS
};

/* The enum value of a charted word; the last of the list for free ones. */
uint8_t vg_chart_name(enum vg_signal signal, const char *word);
/* The word of the value; NULL: a free one, which is not kept. */
const char *vg_chart_word(enum vg_signal signal, uint8_t name);
/* Whether what was charted is what is asked for: that very word, or of a drug its kind (dexamethasone is a corticosteroid
 * too). */
bool vg_chart_is(enum vg_signal signal, const char *charted, const char *asked);
/* Of a vasopressor that is on no list, to tell one from another (item.a): of two, one ends by itself. */
int64_t vg_pressor_label(const char *word);
#define VG_PRESSOR_ANY 0 /* "unknown": on, some one; off, all of them */

static inline bool vg_item_stream(const struct vg_item *item)
{
    return vg_source_streams((enum vg_source)item->source);
}

/* Usable as a number. */
static inline bool vg_item_valid(const struct vg_item *item)
{
    return (item->marks & (VG_MARK_VOID | VG_MARK_TORN)) == 0;
}

/* Items of one instant are folded in the order of this rank: what is charted first, then
 * context (HR, RR, PI, SpO2, DBP, MAP), then SBP, temperature, laboratory, ICE. */
unsigned vg_item_rank(enum vg_signal signal);

/* ---- Sources of temperature (0.9), each with runs and states of its own. */
enum vg_temp_class {
    VG_TEMP_SPOT,     /* oral, tympanic, rectal, core, site not said: most trusted */
    VG_TEMP_AXILLARY, /* spot, axillary or skin */
    VG_TEMP_PATCH,    /* continuous, axillary, skin or site not said */
    VG_TEMP_PROBE,    /* continuous, core, oral, tympanic, rectal: trusted, run rules */
    VG_TEMP_CLASSES
};
enum vg_temp_class vg_temp_class_of(enum vg_source source, enum vg_method method);
enum vg_temp_class vg_item_temp_class(const struct vg_item *item);

/* Of one device and one source as 0.9 has them (others than temperatures have no method): of an oral and an axillary
 * temperature of the same instant neither corrects the other. */
bool vg_item_same_source(const struct vg_item *a, const struct vg_item *b);

/* Trust in a source (0.9): lower is more. A probe and a trusted spot rank equal; a line ranks
 * before a cuff; the rest equal. signal, source and method alone matter. */
unsigned vg_item_trust(const struct vg_item *item);

/* ---- Sources of blood pressure: a continuous one is a line when its samples come within
 * 120 s, else it is judged like a cuff; pressure.c keeps count. */

/* The patient, as constant through a fold. */
struct vg_patient {
    bool linked;
    int age; /* years, -1 unknown */
    enum vg_product product;
    bool bcma; /* or a CAR-T of unknown target (2.4) */
    bool pregnant, outpatient;
    struct vg_instant admitted; /* VG_UNSET: nobody admitted */
    struct vg_instant infusion_planned;
    int64_t baseline[VG_MEASURED_COUNT]; /* of the admission, VG_NO_VALUE */
    int64_t uln[VG_MEASURED_COUNT];
    /* For a fold from the beginning: what was frozen at this first T0 already, 0: nothing. Of streams the readings behind
     * it are kept for a day only. */
    struct vg_instant frozen_at;
    int16_t frozen[VG_MAP + 1];
    struct vg_carried
        carried; /* over the last restart or fold of everything; all zero: nothing was */
    char target[VG_NAME_LEN + 1];
    struct vg_clinical clinical;        /* of the protocol */
    const struct vg_schedule *schedule; /* of the protocol, or NULL */
};

/* Adult limits and scores apply (0.7). Without an admitted patient threshold findings run
 * with adult limits, scores and grades are off: ask `linked` too. */
static inline bool vg_patient_adult(const struct vg_patient *patient)
{
    return !patient->linked || patient->age >= 18;
}

/* Scores and grades are on. */
static inline bool vg_patient_scored(const struct vg_patient *patient)
{
    return patient->linked && patient->age >= 18;
}

#endif
