/* SPDX-License-Identifier: Apache-2.0
 *
 * What a person asks of an alert or a bed, and the answer. One way in for MQTT, HTTP and
 * the command line. The rules for races and limits are in daemon/core/command.c.
 *
 * Ownership: plain values.
 */
#ifndef VIGIL_COMMAND_H
#define VIGIL_COMMAND_H

#include "vigil/alert.h"

enum vg_do {
    VG_DO_ACKNOWLEDGE,
    VG_DO_ACCEPT,
    VG_DO_REJECT,
    VG_DO_RELEASE,
    VG_DO_SILENCE,
    VG_DO_SHELVE,
    VG_DO_RESET,
    VG_DO_JUDGE,
    VG_DO_NOTE,
    VG_DO_PAUSE,
    VG_DO_RECEIVED,  /* receipts: evidence of delivery, they change no alert */
    VG_DO_DISPLAYED, /* the same */
    VG_DO_ASSIGN,    /* what is in quarantine for its identity is this patient's */
    VG_DO_COUNT
};
const char *vg_do_text(enum vg_do what);
enum vg_status vg_do_find(const char *text, enum vg_do *out);

enum vg_judgement {
    VG_ACTIONABLE,
    VG_NOT_RELEVANT,
    VG_FALSE_ALARM,
    VG_ARTEFACT,
    VG_JUDGEMENT_COUNT
};
const char *vg_judgement_text(enum vg_judgement judgement); /* "not_relevant" */
enum vg_status vg_judgement_find(const char *text, enum vg_judgement *out);

#define VG_COMMAND_LEN 64

struct vg_command {
    char id[VG_COMMAND_LEN + 1]; /* unique: the same again changes nothing */
    char by[VG_BY_LEN + 1];      /* "role:name" */
    enum vg_do what;
    char alert[VG_ALERT_LEN + 1]; /* "" for a pause and for receipts */
    uint32_t rev;                 /* seen by who asks; 0: not said */
    vg_ms span;                   /* "for"; 0: not said */
    char reason[VG_REASON_LEN + 1];
    enum vg_judgement judgement; /* VG_DO_JUDGE */
    char bed[VG_ID_LEN + 1];     /* VG_DO_PAUSE, VG_DO_ASSIGN */
    /* VG_DO_ASSIGN: messages of the bed that named `named`, measured in [from, to), are
     * `patient`'s. VG_UNSET, VG_NEVER: not said. */
    char patient[VG_PATIENT_LEN + 1], named[VG_PATIENT_LEN + 1];
    struct vg_instant from, to;
    char page[VG_ALERT_LEN + 1]; /* receipts */
    char ward[VG_ID_LEN + 1];    /* of the topic */
    char client[VG_ID_LEN + 1];  /* of the topic: where the answer goes */
    struct vg_instant ts;        /* the sender's; VG_UNSET: not said */
};

enum vg_result {
    VG_RESULT_OK,
    VG_RESULT_DUPLICATE,  /* asked before: the first answer stands */
    VG_RESULT_SUPERSEDED, /* it became worse, or was taken, since: not done */
    VG_RESULT_STALE_VIEW, /* it changed since, but not for the worse: done */
    VG_RESULT_CLOSED,     /* not open any more: recorded, nothing done */
    VG_RESULT_FORBIDDEN,
    VG_RESULT_OVER_CAP, /* longer or more than is allowed: not done */
    VG_RESULT_INVALID,
    VG_RESULT_COUNT
};
const char *vg_result_text(enum vg_result result);
enum vg_status vg_result_find(const char *text, enum vg_result *out);

#define VG_DETAIL_LEN 160

struct vg_answer {
    char id[VG_COMMAND_LEN + 1];
    char ward[VG_ID_LEN + 1], client[VG_ID_LEN + 1];
    enum vg_result result;
    uint32_t rev; /* of the alert now; 0: none */
    char detail[VG_DETAIL_LEN + 1];
};

#endif
