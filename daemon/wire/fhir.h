/* SPDX-License-Identifier: Apache-2.0
 *
 * vigil's records as FHIR R4 (4.0.1) resources, read only. Pure: values in, JSON out. What
 * becomes what, and why, stands in config/FHIR.md.
 *
 * Codes are those of core/signal_codes.c (LOINC) and core/unit.c (UCUM); categories and statuses
 * are those of FHIR's own code systems; what has no code there has one of ours, in a system
 * that begins with "urn:vigil:".
 *
 * Ownership: all texts are borrowed for the call. No memory: buffer->failed.
 */
#ifndef VIGIL_WIRE_FHIR_H
#define VIGIL_WIRE_FHIR_H

#include "vigil/wire.h"

#define VG_FHIR_ID_LEN 64

/* ---- Ids: [A-Za-z0-9.-]{1,64} */

/* A pseudonym as an id: itself, but "_" is "..u" and ".." is "..d", so that no two are the same.
 * VG_FULL: longer than an id may be; such a patient has no id. */
enum vg_status vg_fhir_patient_id(const char *pseudonym, char out[VG_FHIR_ID_LEN + 1]);
/* The way back. VG_REFUSED: it is no pseudonym. */
enum vg_status vg_fhir_patient_of(const char *id, char out[VG_PATIENT_LEN + 1]);

/* Whose an observation is, as its id says it. Not the episode: which one a reading belongs to may
 * be known later than the reading. */
#define VG_FHIR_OWNER_LEN 17
void vg_fhir_owner(const char *patient, char out[VG_FHIR_OWNER_LEN + 1]);
/* Of a reading, by its patient, signal, instant and source: whoever knows these can name it.
 * Both pressures of an instant are one. `twin`: how many like it came before. */
void vg_fhir_reading_id(char out[VG_FHIR_ID_LEN + 1], const char *patient,
                        const struct vg_reading *reading, unsigned twin);
/* Of a score, by its patient and instant. */
struct vg_fhir_scored;
void vg_fhir_scored_id(char out[VG_FHIR_ID_LEN + 1],
                       const struct vg_fhir_scored *scored);
/* What such an id says; VG_REFUSED: it is none. */
struct vg_fhir_named {
    char owner[VG_FHIR_OWNER_LEN + 1];
    uint64_t signals; /* one, or both pressures; or: */
    unsigned scores;  /* one */
    struct vg_instant at;
};
enum vg_status vg_fhir_observation_named(const char *id, struct vg_fhir_named *out);

/* ---- Dates of a search: "ge2026-11-23", "lt2026-11-23T06:12:00.000Z". Times without a zone are UTC. */

enum vg_fhir_prefix {
    VG_FHIR_EQ,
    VG_FHIR_NE,
    VG_FHIR_GT,
    VG_FHIR_GE,
    VG_FHIR_LT,
    VG_FHIR_LE,
    VG_FHIR_SA,
    VG_FHIR_EB,
    VG_FHIR_AP,
    VG_FHIR_PREFIXES
};
/* What is written stands for all of its last digit: a day from `low` to before `high`. */
struct vg_fhir_date {
    enum vg_fhir_prefix prefix;
    struct vg_instant low, high;
};
enum vg_status vg_fhir_date_parse(const char *text, struct vg_fhir_date *out);
/* Narrows from..to (to exclusive) to the instants that fit. VG_REFUSED: ne and ap, which are no
 * span. */
enum vg_status vg_fhir_date_narrow(const struct vg_fhir_date *date,
                                   struct vg_instant *from, struct vg_instant *to);
/* Whether something that lasted from begin to end (VG_NEVER: still does) fits. */
bool vg_fhir_date_fits(const struct vg_fhir_date *date, struct vg_instant begin,
                       struct vg_instant end);

/* ---- What is served: one table for the search and for what /metadata says of it */

enum vg_fhir_type {
    VG_FHIR_PATIENT,
    VG_FHIR_ENCOUNTER,
    VG_FHIR_OBSERVATION,
    VG_FHIR_FLAG,
    VG_FHIR_COMMUNICATION,
    VG_FHIR_TYPES
};
const char *vg_fhir_type_text(enum vg_fhir_type type); /* "Patient" */
enum vg_status vg_fhir_type_find(const char *text, enum vg_fhir_type *out);
/* Whether the type can be searched by it. */
bool vg_fhir_searchable(enum vg_fhir_type type, const char *parameter);
/* The CapabilityStatement; `base` "" : not known. */
void vg_fhir_put_metadata(struct vg_buffer *b, const char *base, const char *version);

/* ---- Which observations a search is about */

enum vg_fhir_score { VG_FHIR_NEWS2, VG_FHIR_CRS, VG_FHIR_ICANS, VG_FHIR_SCORES };
const char *vg_fhir_score_text(enum vg_fhir_score score); /* "news2" */
enum vg_status vg_fhir_score_find(const char *text, enum vg_fhir_score *out);

#define VG_FHIR_TOKENS 64
struct vg_fhir_pick {
    uint64_t signals; /* bits */
    unsigned scores;  /* bits */
    uint64_t sites;   /* bits: temperatures of these methods only; 0: all */
};
/* "8310-5,http://loinc.org|8867-4": adds what the tokens between commas name; what names
 * nothing adds nothing. VG_FULL: too many. */
enum vg_status vg_fhir_pick_codes(const char *list, struct vg_fhir_pick *out);
enum vg_status vg_fhir_pick_categories(const char *list, struct vg_fhir_pick *out);
extern const struct vg_fhir_pick vg_fhir_pick_all;
bool vg_fhir_picked(const struct vg_fhir_pick *pick, const struct vg_reading *reading);

/* ---- Resources, each one JSON object */

/* One reading; of a blood pressure the systolic and the diastolic, of which one may be NULL. */
struct vg_fhir_reading {
    const char *id, *patient;
    const char *episode, *device; /* "" : none */
    struct vg_instant received;   /* VG_UNSET: not known */
    const struct vg_reading *part[2];
    struct vg_decimal value[2]; /* in the canonical unit */
};
void vg_fhir_put_reading(struct vg_buffer *b, const struct vg_fhir_reading *reading);

/* A score as it was when alerts were raised at one instant; derivedFrom is their evidence. */
#define VG_FHIR_EVIDENCE 32
struct vg_fhir_scored {
    char patient[VG_PATIENT_LEN + 1], episode[VG_EPISODE_LEN + 1];
    enum vg_fhir_score which;
    int value;
    bool complete, masked;
    struct vg_instant at;
    size_t evidence_count;
    struct vg_evidence evidence[VG_FHIR_EVIDENCE];
};
/* False: it was not known then, or the alert is of no patient. */
bool vg_fhir_scored_of(const struct vg_alert *alert, enum vg_fhir_score which,
                       struct vg_fhir_scored *out);
/* The scores of a stored assessment ("crs":{…},"news2":{…}, without braces around it): those that
 * were known. VG_REFUSED: unreadable. */
struct vg_fhir_known {
    int value[VG_FHIR_SCORES]; /* VG_GRADE_NULL: not known */
    bool complete[VG_FHIR_SCORES];
    bool masked;
};
enum vg_status vg_fhir_known_parse(const char *json, size_t length,
                                   struct vg_fhir_known *out);
/* The same score of the same instant from another alert: the worse of both, all evidence. */
void vg_fhir_scored_merge(struct vg_fhir_scored *into,
                          const struct vg_fhir_scored *other);
void vg_fhir_put_scored(struct vg_buffer *b, const struct vg_fhir_scored *scored);

/* `active`: an episode of theirs is open. */
void vg_fhir_put_patient(struct vg_buffer *b, const char *pseudonym, bool active);
void vg_fhir_put_encounter(struct vg_buffer *b, const struct vg_episode *episode);
void vg_fhir_put_flag(struct vg_buffer *b, const struct vg_alert *alert);

/* What went to a role about an alert, or what somebody answered. */
struct vg_fhir_told {
    const char *id;
    bool answer;      /* somebody's, else a page */
    const char *who;  /* the role a page went to, or "role:name" who answered */
    const char *what; /* kind of page, or the verb of the answer */
    const char *text; /* a reason that was given; "" : none */
    struct vg_instant at;
    struct vg_instant received; /* a receipt came; VG_UNSET: none */
    bool sent, settled;         /* a page: some channel took it; none tries any more */
    const char *result;         /* of an answer: "ok" … */
    const struct vg_alert *alert; /* as it was then */
};
void vg_fhir_put_communication(struct vg_buffer *b, const struct vg_fhir_told *told);

/* ---- For the parts: fhir_*.c */

#define VG_FHIR_LOINC  "http://loinc.org"
#define VG_FHIR_UCUM   "http://unitsofmeasure.org"
#define VG_FHIR_TERMS  "http://terminology.hl7.org/CodeSystem/"
#define VG_FHIR_SIGNAL "urn:vigil:signal"
#define VG_FHIR_SCORE  "urn:vigil:score"
#define VG_FHIR_PANEL  "85354-9" /* LOINC: both pressures */

/* What sort of observation a signal is. */
struct vg_fhir_kind {
    const char *category; /* of observation-category */
    const char *profile;  /* FHIR's own; NULL: none */
    const char *beside;   /* a second LOINC code, or NULL */
};
struct vg_fhir_kind vg_fhir_kind(enum vg_signal signal); /* below VG_MEASURED_COUNT */

/* `,"key":{"reference":"Patient/…","identifier":…}` */
void vg_fhir_key_patient(struct vg_buffer *b, const char *key, const char *pseudonym);
/* `,"encounter":{"reference":"Encounter/…"}`, or nothing. */
void vg_fhir_key_encounter(struct vg_buffer *b, const char *episode);
/* {"system":…,"code":…}, after a comma unless it is the first. */
void vg_fhir_put_coding(struct vg_buffer *b, bool first, const char *system,
                        const char *code);
/* {"coding":[{…}],"text":…}; text NULL: none. */
void vg_fhir_put_concept(struct vg_buffer *b, const char *system, const char *code,
                         const char *text);
void vg_fhir_key_quantity(struct vg_buffer *b, const char *key, struct vg_decimal value,
                          enum vg_unit unit);
void vg_fhir_key_absent(struct vg_buffer *b, const char *reason);
/* `,"text":{…}`: the paragraphs as XHTML. */
void vg_fhir_key_narrative(struct vg_buffer *b, const char *const *paragraph,
                           size_t count);

#endif
