/* SPDX-License-Identifier: Apache-2.0
 *
 * FHIR R4 over HTTP, read only, as its own files see it:
 *   api_fhir.c              what is asked: path, form, parameters; who answers
 *   api_fhir_bundle.c       the answer to a search
 *   api_fhir_lists.c        Patient, Encounter, Flag, Communication
 *   api_fhir_observation.c  Observation; api_fhir_gather.c: its readings
 * The resources themselves: wire/fhir.h.
 */
#ifndef VIGIL_SHELL_API_FHIR_H
#define VIGIL_SHELL_API_FHIR_H

#include "shell/api.h"
#include "shell/history.h"
#include "wire/fhir.h"

#define VG_FHIR_COUNT_MOST  1000 /* of resources on a page */
#define VG_FHIR_COUNT_USUAL 100
#define VG_FHIR_DATES       4

/* One question, understood. Lives for the call. */
struct vg_fhir_call {
    struct vg_api *api;
    const struct vg_api_call *call;
    struct vg_api_answer *answer;
    struct vg_reader *reader;
    enum vg_fhir_type type;
    char base[160]; /* "http://127.0.0.1:8470/fhir"; "" : not known */
    const char *id; /* of a read, or _id or identifier; NULL: not given */
    char id_text[VG_FHIR_ID_LEN + 1]; /* where it had to be made */
    bool
        nothing; /* a filter that nothing can pass: an identifier of another system … */
    char patient[VG_PATIENT_LEN + 1]; /* "" : not given */
    char episode[VG_EPISODE_LEN + 1]; /* encounter=; "" : not given */
    const char *status;               /* NULL: not given */
    size_t date_count;
    struct vg_fhir_date date[VG_FHIR_DATES];
    struct vg_instant from, to; /* the dates as a span, where they are one */
    struct vg_fhir_pick pick;
    bool newest_first;
    size_t count; /* of resources on the page */
    struct vg_cursor after;
    /* the page so far */
    size_t rows;
    bool more;
    struct vg_cursor last; /* key of the last row */
    struct vg_error error;
};

/* The handler of a type. A read has f->id and expects one resource in the answer; a search
 * calls vg_fhir_entry before and vg_fhir_entry_end after each. What failed comes back as a status and
 * f->error; VG_ABSENT from a read: there is none. A handler that has answered a problem by itself
 * (rights) says VG_OK. */
typedef enum vg_status vg_fhir_fn(struct vg_fhir_call *f, bool read);
vg_fhir_fn vg_fhir_patient, vg_fhir_encounter, vg_fhir_flag, vg_fhir_communication;
vg_fhir_fn vg_fhir_observation;

/* Whether there is any reading of theirs; api_fhir_observation.c. */
enum vg_status vg_fhir_has_readings(struct vg_fhir_call *f, const char *patient,
                                    bool *out);

/* ---- api_fhir_bundle.c */

/* False: the page is full; more is noted. */
bool vg_fhir_room(struct vg_fhir_call *f);
void vg_fhir_entry(struct vg_fhir_call *f, const char *id);
void vg_fhir_entry_end(struct vg_fhir_call *f);
void vg_fhir_bundle_end(struct vg_fhir_call *f);

#endif
