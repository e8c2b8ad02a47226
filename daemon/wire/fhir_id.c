/* SPDX-License-Identifier: Apache-2.0
 *
 * Ids that can be computed from what they name. See fhir.h.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fhir.h"

#define PRESSURES ((uint64_t)1 << VG_SBP | (uint64_t)1 << VG_DBP)

enum vg_status vg_fhir_patient_id(const char *pseudonym, char out[VG_FHIR_ID_LEN + 1])
{
    size_t length = 0;

    for (const char *at = pseudonym; *at != '\0'; at++) {
        const bool dots = at[0] == '.' && at[1] == '.';
        const char *piece = *at == '_' ? "..u" : dots ? "..d" : at;
        const size_t size = *at == '_' || dots ? 3 : 1;
        if (length + size > VG_FHIR_ID_LEN) {
            out[0] = '\0';
            return VG_FULL;
        }
        memcpy(out + length, piece, size);
        length += size;
        at += dots ? 1 : 0;
    }
    out[length] = '\0';
    return VG_OK;
}

enum vg_status vg_fhir_patient_of(const char *id, char out[VG_PATIENT_LEN + 1])
{
    size_t length = 0;

    for (const char *at = id; *at != '\0'; at++) {
        char piece[3] = {*at, '\0', '\0'};
        if (strncmp(at, "..u", 3) == 0) {
            piece[0] = '_';
            at += 2;
        } else if (strncmp(at, "..d", 3) == 0) {
            piece[1] = '.';
            at += 2;
        }
        const size_t size = strlen(piece);
        if (length + size > VG_PATIENT_LEN) {
            return VG_REFUSED;
        }
        memcpy(out + length, piece, size);
        length += size;
    }
    out[length] = '\0';
    return vg_patient_valid(out, length) ? VG_OK : VG_REFUSED;
}

/* ---- Observations: <owner>-<signal>-<ms>-<source>[.<twin>], <owner>-<score>-<ms>-v */

static const char letters[VG_SOURCE_COUNT + 1] = "csuam";

static bool is_pressure(enum vg_signal signal)
{
    return signal == VG_SBP || signal == VG_DBP;
}

static void swap(char *text, char from, char to)
{
    for (; *text != '\0'; text++) {
        if (*text == from) {
            *text = to;
        }
    }
}

void vg_fhir_owner(const char *patient, char out[VG_FHIR_OWNER_LEN + 1])
{
    (void)snprintf(out, VG_FHIR_OWNER_LEN + 1, "p%016" PRIx64,
                   vg_hash(0, patient, strlen(patient)));
}

void vg_fhir_reading_id(char out[VG_FHIR_ID_LEN + 1], const char *patient,
                        const struct vg_reading *reading, unsigned twin)
{
    char owner[VG_FHIR_OWNER_LEN + 1];
    char code[16];
    char more[8] = "";

    vg_fhir_owner(patient, owner);
    (void)vg_copy(code, sizeof code,
                  is_pressure(reading->signal) ? "bp"
                                               : vg_signal_info(reading->signal)->code);
    swap(code, '_', '.');
    if (twin > 0) {
        (void)snprintf(more, sizeof more, ".%u", twin < 1000 ? twin : 999);
    }
    (void)snprintf(out, VG_FHIR_ID_LEN + 1, "%s-%s-%" PRId64 "-%c%s", owner, code,
                   reading->measured.ms, letters[reading->source], more);
}

void vg_fhir_scored_id(char out[VG_FHIR_ID_LEN + 1],
                       const struct vg_fhir_scored *scored)
{
    char owner[VG_FHIR_OWNER_LEN + 1];

    vg_fhir_owner(scored->patient, owner);
    (void)snprintf(out, VG_FHIR_ID_LEN + 1, "%s-%s-%" PRId64 "-v", owner,
                   vg_fhir_score_text(scored->which), scored->at.ms);
}

static bool what_named(const char *text, size_t length, struct vg_fhir_named *out)
{
    char name[16];
    struct vg_code code;
    enum vg_fhir_score score;

    if (length == 0 || length >= sizeof name || text[0] < 'a' || text[0] > 'z') {
        return false;
    }
    memcpy(name, text, length);
    name[length] = '\0';
    swap(name, '.', '_');
    if (vg_fhir_score_find(name, &score) == VG_OK) {
        out->scores = 1U << score;
        return true;
    }
    if (strcmp(name, "bp") == 0) {
        out->signals = PRESSURES;
        return true;
    }
    if (vg_signal_find(name, length, &code) != VG_OK ||
        code.signal >= VG_MEASURED_COUNT || is_pressure(code.signal)) {
        return false;
    }
    out->signals = (uint64_t)1 << code.signal;
    return true;
}

static bool instant_named(const char *text, size_t length, struct vg_instant *out)
{
    char *end = NULL;

    if (length == 0 || length > 15 || text[0] < '0' || text[0] > '9') {
        return false;
    }
    out->ms = strtoll(text, &end, 10);
    return end == text + length;
}

enum vg_status vg_fhir_observation_named(const char *id, struct vg_fhir_named *out)
{
    const size_t base = strcspn(id, "-");
    const char *code = id + base + (id[base] == '-');
    const size_t code_length = strcspn(code, "-");
    const char *at = code + code_length + (code[code_length] == '-');
    const size_t at_length = strcspn(at, "-");

    *out = (struct vg_fhir_named){.at = VG_UNSET};
    if (base != VG_FHIR_OWNER_LEN || at[at_length] != '-' ||
        !what_named(code, code_length, out) ||
        !instant_named(at, at_length, &out->at)) {
        return VG_REFUSED;
    }
    memcpy(out->owner, id, base);
    return VG_OK;
}
