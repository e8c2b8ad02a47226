/* SPDX-License-Identifier: Apache-2.0
 *
 * The numbers by which signals, units, sources, methods and qualities are stored. Never
 * their place in an enum, which may change, but their place in the lists below, which
 * only ever grow at the end.
 */
#include "shell/store_words.h"

#include <assert.h>
#include <string.h>

#include "vigil/reading.h"

static const uint8_t signal_list[] = {VG_TEMP,
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
                                      VG_ICE,
                                      VG_INFUSION,
                                      VG_LYMPHODEPLETION,
                                      VG_O2_DEVICE,
                                      VG_VASOPRESSOR,
                                      VG_MEDICATION,
                                      VG_CONSCIOUSNESS,
                                      VG_AROUSAL,
                                      VG_SEIZURE,
                                      VG_NEURO,
                                      VG_SYMPTOM,
                                      VG_FLAG};
static const uint8_t unit_list[] = {VG_UNIT_NONE,
                                    VG_UNIT_CEL,
                                    VG_UNIT_DEGF,
                                    VG_UNIT_MMHG,
                                    VG_UNIT_KPA,
                                    VG_UNIT_PER_MIN,
                                    VG_UNIT_BEATS_PER_MIN,
                                    VG_UNIT_BREATHS_PER_MIN,
                                    VG_UNIT_PERCENT,
                                    VG_UNIT_FRACTION,
                                    VG_UNIT_L_PER_MIN,
                                    VG_UNIT_ML_PER_MIN,
                                    VG_UNIT_PER_UL,
                                    VG_UNIT_10_9_PER_L,
                                    VG_UNIT_10_3_PER_UL,
                                    VG_UNIT_10_6_PER_L,
                                    VG_UNIT_G_PER_DL,
                                    VG_UNIT_G_PER_L,
                                    VG_UNIT_MG_PER_DL,
                                    VG_UNIT_MG_PER_L,
                                    VG_UNIT_NG_PER_ML,
                                    VG_UNIT_UG_PER_L,
                                    VG_UNIT_UG_PER_ML,
                                    VG_UNIT_PG_PER_ML,
                                    VG_UNIT_NG_PER_L,
                                    VG_UNIT_MMOL_PER_L,
                                    VG_UNIT_UMOL_PER_L,
                                    VG_UNIT_MEQ_PER_L,
                                    VG_UNIT_U_PER_L,
                                    VG_UNIT_UKAT_PER_L,
                                    VG_UNIT_SECOND,
                                    VG_UNIT_INR,
                                    VG_UNIT_PH,
                                    VG_UNIT_SCORE,
                                    VG_UNIT_KG,
                                    VG_UNIT_G,
                                    VG_UNIT_CM,
                                    VG_UNIT_M};
static const uint8_t source_list[] = {VG_SOURCE_CONTINUOUS, VG_SOURCE_SPOT,
                                      VG_SOURCE_CUFF, VG_SOURCE_ARTERIAL,
                                      VG_SOURCE_MANUAL};
static const uint8_t method_list[] = {
    VG_METHOD_NONE,   VG_METHOD_ORAL, VG_METHOD_TYMPANIC, VG_METHOD_AXILLARY,
    VG_METHOD_RECTAL, VG_METHOD_CORE, VG_METHOD_SKIN};
static const uint8_t quality_list[] = {VG_QUALITY_VALID, VG_QUALITY_QUESTIONABLE,
                                       VG_QUALITY_INVALID, VG_QUALITY_CALIBRATING,
                                       VG_QUALITY_TEST};
_Static_assert(sizeof(signal_list) == VG_SIGNAL_COUNT, "append the new signal");
_Static_assert(sizeof(unit_list) == VG_UNIT_COUNT, "append the new unit");
_Static_assert(sizeof(source_list) == VG_SOURCE_COUNT, "append the new source");
_Static_assert(sizeof(method_list) == VG_METHOD_COUNT, "append the new method");
_Static_assert(sizeof(quality_list) == VG_QUALITY_COUNT, "append the new quality");

const struct vg_word_list vg_word_lists[] = {
    [VG_WORD_SIGNAL] = {"signal", signal_list, sizeof(signal_list)},
    [VG_WORD_UNIT] = {"unit", unit_list, sizeof(unit_list)},
    [VG_WORD_SOURCE] = {"source", source_list, sizeof(source_list)},
    [VG_WORD_METHOD] = {"method", method_list, sizeof(method_list)},
    [VG_WORD_QUALITY] = {"quality", quality_list, sizeof(quality_list)},
};

unsigned vg_word_search(enum vg_word word, unsigned value)
{
    const struct vg_word_list *list = &vg_word_lists[word];
    const uint8_t *at = memchr(list->values, (int)value, list->count);

    assert(at != NULL); /* every value is in its list */
    return (unsigned)(at - list->values);
}

static const char *text_of(enum vg_word word, unsigned value)
{
    switch (word) {
    case VG_WORD_SIGNAL:
        return vg_signal_info((enum vg_signal)value)->code;
    case VG_WORD_UNIT:
        return vg_unit_text((enum vg_unit)value);
    case VG_WORD_SOURCE:
        return vg_source_text((enum vg_source)value);
    case VG_WORD_METHOD:
        return value == VG_METHOD_NONE ? "" : vg_method_text((enum vg_method)value);
    case VG_WORD_QUALITY:
        return vg_quality_text((enum vg_quality)value);
    }
    return "";
}

uint64_t vg_words_of(uint64_t signals)
{
    uint64_t words = 0;

    for (unsigned i = 0; i < VG_MEASURED_COUNT; i++) {
        if ((signals >> i & 1) != 0) {
            words |= (uint64_t)1 << vg_word_number(VG_WORD_SIGNAL, i);
        }
    }
    return words;
}

bool vg_words_each(vg_word_fn *each, void *to)
{
    for (unsigned word = 0; word < sizeof vg_word_lists / sizeof *vg_word_lists;
         word++) {
        for (unsigned i = 0; i < vg_word_lists[word].count; i++) {
            const char *text =
                text_of((enum vg_word)word, vg_word_lists[word].values[i]);
            if (!each(to, vg_word_lists[word].kind, i, text)) {
                return false;
            }
        }
    }
    return true;
}
