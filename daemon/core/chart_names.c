/* SPDX-License-Identifier: Apache-2.0
 *
 * The words of charted entries that assessments know. See item.h.
 */
#include <string.h>

#include "core/item.h"

static const char *const infusions[] = {
    [VG_INFUSION_START] = "start", [VG_INFUSION_END] = "end", NULL};
static const char *const devices[] = {[VG_ROOM_AIR] = "room_air",
                                      [VG_NASAL_CANNULA] = "nasal_cannula",
                                      [VG_BLOW_BY] = "blow_by",
                                      [VG_SIMPLE_MASK] = "simple_mask",
                                      [VG_FACE_TENT] = "face_tent",
                                      [VG_AEROSOL_MASK] = "aerosol_mask",
                                      [VG_TRACHEOSTOMY_MASK] = "tracheostomy_mask",
                                      [VG_VENTURI] = "venturi",
                                      [VG_NON_REBREATHER] = "non_rebreather",
                                      [VG_HFNC] = "hfnc",
                                      [VG_CPAP] = "cpap",
                                      [VG_BIPAP] = "bipap",
                                      [VG_INVASIVE_VENT] = "invasive_vent",
                                      [VG_DEVICE_UNKNOWN] = "unknown",
                                      NULL};
static const char *const pressors[] = {
    [VG_NOREPINEPHRINE] = "norepinephrine", [VG_EPINEPHRINE] = "epinephrine",
    [VG_PHENYLEPHRINE] = "phenylephrine",   [VG_DOPAMINE] = "dopamine",
    [VG_ANGIOTENSIN_II] = "angiotensin_ii", [VG_VASOPRESSIN] = "vasopressin",
    [VG_PRESSOR_UNKNOWN] = "unknown",       [VG_DOBUTAMINE] = "dobutamine",
    [VG_MILRINONE] = "milrinone",           NULL};
static const char *const drugs[] = {[VG_PARACETAMOL] = "paracetamol",
                                    [VG_METAMIZOLE] = "metamizole",
                                    [VG_NSAID] = "nsaid",
                                    [VG_NAPROXEN] = "naproxen",
                                    [VG_CORTICOSTEROID] = "corticosteroid",
                                    [VG_TOCILIZUMAB] = "tocilizumab",
                                    [VG_SILTUXIMAB] = "siltuximab",
                                    [VG_ANAKINRA] = "anakinra",
                                    [VG_RUXOLITINIB] = "ruxolitinib",
                                    [VG_IL2] = "il2",
                                    [VG_GCSF] = "gcsf",
                                    [VG_ANTIBIOTIC] = "antibiotic",
                                    [VG_PLATELET_TRANSFUSION] = "platelet_transfusion",
                                    NULL};
const char *vg_drug_text(enum vg_drug_name drug)
{
    return drug < VG_DRUG_OTHER ? drugs[drug] : "";
}

static const char *const acvpus[] = {
    [VG_ALERT] = "A", [VG_CONFUSED] = "C",     [VG_VOICE] = "V",
    [VG_PAIN] = "P",  [VG_UNRESPONSIVE] = "U", NULL};
static const char *const arousals[] = {[VG_AROUSAL_SPONTANEOUS] = "spontaneous",
                                       [VG_AROUSAL_VOICE] = "voice",
                                       [VG_AROUSAL_TOUCH] = "touch",
                                       [VG_AROUSAL_NONE] = "unarousable",
                                       NULL};
static const char *const neuros[] = {[VG_TREMOR] = "tremor",
                                     [VG_MOTOR_DEEP_FOCAL] = "motor_deep_focal",
                                     [VG_EDEMA_FOCAL] = "edema_focal",
                                     [VG_EDEMA_DIFFUSE] = "edema_diffuse",
                                     [VG_PAPILLOEDEMA] = "papilloedema",
                                     [VG_SIXTH_NERVE_PALSY] = "sixth_nerve_palsy",
                                     [VG_POSTURING] = "posturing",
                                     [VG_CUSHING_TRIAD] = "cushing_triad",
                                     [VG_FACIAL_PALSY] = "facial_palsy",
                                     [VG_GAIT] = "gait",
                                     [VG_HANDWRITING] = "handwriting",
                                     [VG_PERSONALITY] = "personality",
                                     [VG_HAEMORRHAGE] = "haemorrhage",
                                     NULL};
static const char *const symptoms[] = {[VG_URTICARIA] = "urticaria",
                                       [VG_FLUSHING] = "flushing",
                                       [VG_ITCH] = "itch",
                                       [VG_ANGIOEDEMA] = "angioedema",
                                       [VG_WHEEZE] = "wheeze",
                                       [VG_STRIDOR] = "stridor",
                                       [VG_DYSPNOEA] = "dyspnoea",
                                       [VG_VOICE_CHANGE] = "voice_change",
                                       [VG_GI_SEVERE] = "gi_severe",
                                       [VG_SYNCOPE] = "syncope",
                                       [VG_RIGORS] = "rigors",
                                       [VG_HEADACHE] = "headache",
                                       [VG_WORD_FINDING] = "word_finding",
                                       NULL};

static const char *const *words_of(enum vg_signal signal)
{
    static const char *const none[] = {NULL};
    static const char *const *const lists[] = {
        [VG_INFUSION] = infusions, [VG_LYMPHODEPLETION] = infusions,
        [VG_O2_DEVICE] = devices,  [VG_VASOPRESSOR] = pressors,
        [VG_MEDICATION] = drugs,   [VG_CONSCIOUSNESS] = acvpus,
        [VG_AROUSAL] = arousals,   [VG_SEIZURE] = none,
        [VG_NEURO] = neuros,       [VG_SYMPTOM] = symptoms,
        [VG_FLAG] = vg_flag_names};

    return signal >= VG_MEASURED_COUNT && signal < VG_SIGNAL_COUNT ? lists[signal]
                                                                   : none;
}

/* Drugs that hide fever, by their own names (Clinical reference 1.2: "dexamethasone-type", NSAID). Of no antibiotic: many
 * are given to prevent, and what is charted as one ends the call for fever with neutropenia. */
static const struct {
    const char *word;
    enum vg_drug_name kind;
} members[] = {{"dexamethasone", VG_CORTICOSTEROID},
               {"methylprednisolone", VG_CORTICOSTEROID},
               {"prednisolone", VG_CORTICOSTEROID},
               {"prednisone", VG_CORTICOSTEROID},
               {"hydrocortisone", VG_CORTICOSTEROID},
               {"ibuprofen", VG_NSAID},
               {"diclofenac", VG_NSAID},
               {"ketorolac", VG_NSAID},
               {"indomethacin", VG_NSAID},
               {"dipyrone", VG_METAMIZOLE},
               {"acetaminophen", VG_PARACETAMOL}};

static bool begins(const char *word, size_t length, const char *name)
{
    return strlen(name) == length && memcmp(name, word, length) == 0;
}

/* Of a drug that hides fever, with its dose behind it or not; the kinds that do come first. */
static uint8_t drug_name(const char *word)
{
    const size_t length = strcspn(word, " ");

    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        if (begins(word, length, members[i].word)) {
            return (uint8_t)members[i].kind;
        }
    }
    for (uint8_t kind = 0; kind <= VG_RUXOLITINIB; kind++) {
        if (begins(word, length, drugs[kind])) {
            return kind;
        }
    }
    return VG_DRUG_OTHER;
}

uint8_t vg_chart_name(enum vg_signal signal, const char *word)
{
    const char *const *list = words_of(signal);
    uint8_t i = 0;

    while (list[i] != NULL && strcmp(list[i], word) != 0) {
        i++;
    }
    if (list[i] == NULL && signal == VG_MEDICATION) {
        return drug_name(word);
    }
    return signal == VG_VASOPRESSOR && list[i] == NULL ? (uint8_t)VG_PRESSOR_UNKNOWN
                                                       : i;
}

const char *vg_chart_word(enum vg_signal signal, uint8_t name)
{
    const char *const *list = words_of(signal);
    uint8_t i = 0;

    while (i < name && list[i] != NULL) {
        i++;
    }
    return list[i];
}

bool vg_chart_is(enum vg_signal signal, const char *charted, const char *asked)
{
    const char *kind = signal == VG_MEDICATION
                           ? vg_chart_word(signal, vg_chart_name(signal, charted))
                           : NULL;

    return strcmp(charted, asked) == 0 || (kind != NULL && strcmp(kind, asked) == 0);
}

int64_t vg_pressor_label(const char *word)
{
    return strcmp(word, pressors[VG_PRESSOR_UNKNOWN]) == 0
               ? VG_PRESSOR_ANY
               : (int64_t)(vg_hash(0, word, strlen(word)) >> 1 | 1);
}

unsigned vg_item_rank(enum vg_signal signal)
{
    static const uint8_t first[] = {
        [VG_TEMP] = 8, [VG_HR] = 1,  [VG_RR] = 2,  [VG_SPO2] = 4,
        [VG_SBP] = 7,  [VG_DBP] = 5, [VG_MAP] = 6, [VG_PI] = 3};

    if (signal >= VG_MEASURED_COUNT) {
        return 0;
    }
    return signal <= VG_PI ? first[signal] : 9;
}

enum vg_temp_class vg_temp_class_of(enum vg_source source, enum vg_method method)
{
    const bool trusted = method == VG_METHOD_ORAL || method == VG_METHOD_TYMPANIC ||
                         method == VG_METHOD_RECTAL || method == VG_METHOD_CORE;

    if (vg_source_streams(source)) {
        return trusted ? VG_TEMP_PROBE : VG_TEMP_PATCH;
    }
    return method == VG_METHOD_AXILLARY || method == VG_METHOD_SKIN ? VG_TEMP_AXILLARY
                                                                    : VG_TEMP_SPOT;
}

enum vg_temp_class vg_item_temp_class(const struct vg_item *item)
{
    return vg_temp_class_of((enum vg_source)item->source, (enum vg_method)item->method);
}

bool vg_item_same_source(const struct vg_item *a, const struct vg_item *b)
{
    return a->source == b->source && a->device == b->device &&
           vg_item_temp_class(a) == vg_item_temp_class(b);
}

unsigned vg_item_trust(const struct vg_item *item)
{
    if (item->signal == VG_TEMP) {
        const enum vg_temp_class kind = vg_item_temp_class(item);
        return kind == VG_TEMP_PROBE ? VG_TEMP_SPOT : kind;
    }
    return item->signal >= VG_SBP && item->signal <= VG_MAP && !vg_item_stream(item);
}
