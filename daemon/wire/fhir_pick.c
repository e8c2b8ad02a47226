/* SPDX-License-Identifier: Apache-2.0
 *
 * Which observations a search is about: what codes and categories stand for.
 */
#include <string.h>

#include "fhir.h"

/* Category and profile of what is no laboratory value. The profiles ask for these codes and
 * units; those without one of their own are vital signs in general, or none. */
static const struct vg_fhir_kind kinds[VG_MEASURED_COUNT] = {
    [VG_TEMP] = {"vital-signs", "bodytemp", NULL},
    [VG_HR] = {"vital-signs", "heartrate", NULL},
    [VG_RR] = {"vital-signs", "resprate", NULL},
    [VG_SPO2] = {"vital-signs", "oxygensat", "2708-6"},
    [VG_SBP] = {"vital-signs", "bp", NULL},
    [VG_DBP] = {"vital-signs", "bp", NULL},
    [VG_MAP] = {"vital-signs", "vitalsigns", NULL},
    [VG_WEIGHT] = {"vital-signs", "bodyweight", NULL},
    [VG_HEIGHT] = {"vital-signs", "bodyheight", NULL},
    [VG_PI] = {"exam", NULL, NULL},
    [VG_GCS] = {"exam", NULL, NULL},
    [VG_ICE] = {"survey", NULL, NULL},
    [VG_O2_FLOW] = {"therapy", NULL, NULL},
    [VG_FIO2] = {"therapy", NULL, NULL},
};

#define PRESSURES ((uint64_t)1 << VG_SBP | (uint64_t)1 << VG_DBP)
#define ALL       (((uint64_t)1 << VG_MEASURED_COUNT) - 1)
#define ALL_SITES (~(uint64_t)0)

struct vg_fhir_kind vg_fhir_kind(enum vg_signal signal)
{
    static const struct vg_fhir_kind laboratory = {"laboratory", NULL, NULL};

    return kinds[signal].category != NULL ? kinds[signal] : laboratory;
}

const struct vg_fhir_pick vg_fhir_pick_all = {ALL, (1U << VG_FHIR_SCORES) - 1,
                                              ALL_SITES};

bool vg_fhir_picked(const struct vg_fhir_pick *pick, const struct vg_reading *reading)
{
    return (pick->signals >> reading->signal & 1) != 0 &&
           (reading->signal != VG_TEMP || (pick->sites >> reading->method & 1) != 0);
}

/* Only codes that our resources carry: a twin in other units is another code. */
static void pick_loinc(const char *text, struct vg_fhir_pick *out)
{
    struct vg_code code;

    if (strcmp(text, VG_FHIR_PANEL) == 0) {
        out->signals |= PRESSURES;
    } else if (text[0] >= '0' && text[0] <= '9' &&
               vg_signal_find(text, strlen(text), &code) == VG_OK &&
               code.signal < VG_MEASURED_COUNT) {
        const char *first = vg_signal_loinc(code.signal);
        const char *beside = kinds[code.signal].beside;
        const bool ours = (first != NULL && strcmp(first, text) == 0) ||
                          (beside != NULL && strcmp(beside, text) == 0);
        const uint64_t bit = (uint64_t)1 << code.signal;
        if (ours || code.method != VG_METHOD_NONE) {
            out->signals |= (bit & PRESSURES) != 0 ? PRESSURES : bit;
            out->sites |= ours ? ALL_SITES : (uint64_t)1 << code.method;
        }
    }
}

static void pick_signal(const char *text, struct vg_fhir_pick *out)
{
    struct vg_code code;

    if (strcmp(text, "bp") == 0) {
        out->signals |= PRESSURES;
    } else if (vg_signal_find(text, strlen(text), &code) == VG_OK &&
               code.signal < VG_MEASURED_COUNT &&
               strcmp(vg_signal_info(code.signal)->code, text) == 0) {
        const uint64_t bit = (uint64_t)1 << code.signal;
        out->signals |= (bit & PRESSURES) != 0 ? PRESSURES : bit;
        out->sites |= ALL_SITES;
    }
}

static void pick_score(const char *text, struct vg_fhir_pick *out)
{
    enum vg_fhir_score score;

    if (vg_fhir_score_find(text, &score) == VG_OK) {
        out->scores |= 1U << score;
    }
}

static void pick_category(const char *text, struct vg_fhir_pick *out)
{
    for (unsigned i = 0; i < VG_MEASURED_COUNT; i++) {
        if (strcmp(vg_fhir_kind((enum vg_signal)i).category, text) == 0) {
            out->signals |= (uint64_t)1 << i;
        }
    }
    out->scores |= strcmp(text, "survey") == 0 ? vg_fhir_pick_all.scores : 0;
    out->sites = ALL_SITES;
}

/* A system of codes and who finds them. */
struct system {
    const char *uri;
    void (*pick)(const char *text, struct vg_fhir_pick *out);
};
static const struct system code_systems[] = {{VG_FHIR_LOINC, pick_loinc},
                                             {VG_FHIR_SIGNAL, pick_signal},
                                             {VG_FHIR_SCORE, pick_score}};
static const struct system categories[] = {
    {VG_FHIR_TERMS "observation-category", pick_category}};

/* "code" is of any system, "system|code" of one. */
static void pick_token(const struct system *systems, size_t count, char *token,
                       struct vg_fhir_pick *out)
{
    char *bar = strchr(token, '|');
    const char *code = bar != NULL ? bar + 1 : token;

    if (bar != NULL) {
        *bar = '\0';
    }
    for (size_t i = 0; i < count; i++) {
        if (bar == NULL || strcmp(systems[i].uri, token) == 0) {
            systems[i].pick(code, out);
        }
    }
}

static enum vg_status pick_list(const struct system *systems, size_t count,
                                const char *list, struct vg_fhir_pick *out)
{
    size_t tokens = 0;

    while (*list != '\0') {
        char token[128];
        const size_t length = strcspn(list, ",");
        if (++tokens > VG_FHIR_TOKENS) {
            return VG_FULL;
        }
        if (length < sizeof token) {
            memcpy(token, list, length);
            token[length] = '\0';
            pick_token(systems, count, token, out);
        }
        list += length + (list[length] == ',');
    }
    return VG_OK;
}

enum vg_status vg_fhir_pick_codes(const char *list, struct vg_fhir_pick *out)
{
    return pick_list(code_systems, sizeof code_systems / sizeof *code_systems, list,
                     out);
}

enum vg_status vg_fhir_pick_categories(const char *list, struct vg_fhir_pick *out)
{
    return pick_list(categories, 1, list, out);
}
