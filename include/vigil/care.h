/* SPDX-License-Identifier: Apache-2.0
 *
 * Who was told of an alert, who has it, who has asked for quiet, and what happens next if
 * nobody comes. The picture, the table and the invariants are in daemon/core/care.c.
 *
 * Ownership: plain values, part of an alert. Roles are bits of a mask over the ladder that
 * was frozen into the alert when it was raised, so that a new protocol never changes a run
 * that is under way.
 */
#ifndef VIGIL_CARE_H
#define VIGIL_CARE_H

#include "vigil/protocol.h"

#define VG_BY_LEN     64 /* "role:name" */
#define VG_REASON_LEN 96
#define VG_CLAIMS     5

/* ---- A ladder, frozen: bit i of `to` is role[i] */

struct vg_plan_step {
    uint32_t to;
    vg_ms wait; /* until the next step; 0 in the fallback */
    vg_ms
        resend; /* the same page again inside the step; fallback: its repeat; 0: never */
    bool reject_same; /* a rejection leaves the step waiting for its time */
};

struct vg_plan {
    char name[VG_NAME_LEN + 1]; /* "" : nobody is offered it */
    vg_ms hold;                 /* how long an acceptance lasts without action */
    uint8_t role_count, step_count;
    char role[VG_ROLES][VG_ID_LEN + 1];
    struct vg_plan_step step[VG_STEPS], fallback;
};

/* ---- Claims: timed, by a person; each ends by itself */

enum vg_claim_kind {
    VG_CLAIM_ACKNOWLEDGE, /* seen: no repeats to that person */
    VG_CLAIM_SILENCE,     /* displays are quiet; pages and deadlines go on */
    VG_CLAIM_SHELVE,      /* the ladder is held */
    VG_CLAIM_PAUSE,       /* the bed is off the ward: the ladder is held */
    VG_CLAIM_COUNT
};
const char *vg_claim_text(enum vg_claim_kind kind); /* "acknowledge" */
enum vg_status vg_claim_find(const char *text, enum vg_claim_kind *out);

struct vg_claim {
    enum vg_claim_kind kind;
    enum vg_severity severity; /* of the alert when it was made: void above it */
    struct vg_instant at, until;
    char by[VG_BY_LEN + 1];
    char reason[VG_REASON_LEN + 1]; /* "" : none given */
};

/* ---- The state of one alert's care. What people see of it stands in vg_alert. */

struct vg_care {
    struct vg_plan plan;
    uint16_t run;     /* ladder runs so far; a rise, lapse or release begins another */
    uint16_t repeat;  /* of the fallback in this run, or reminders to the owner */
    uint32_t told;    /* roles that were paged and have not been told of the end */
    uint32_t quiet;   /* roles whose acknowledgement is live: no repeats to them */
    uint32_t refused; /* roles of this step that rejected */
    uint32_t unreachable; /* roles of this step to which no channel leads */
    uint32_t rose_rev;    /* revision at which the severity last rose */
    bool folded;  /* raised, but the patient's card already has somebody's attention */
    bool noticed; /* somebody acknowledged or accepted it once */
    bool missed;  /* became worse while it was held: called at the release */
    bool acted;   /* something was recorded since it was accepted */
    struct vg_instant resend_at;  /* VG_NEVER: none */
    struct vg_instant hold_until; /* of the acceptance; VG_NEVER: not accepted */
    struct vg_instant reset_at;   /* a latched alert resets itself; VG_NEVER */
    vg_ms realert; /* without a ladder: said again this often until seen; 0: never */
    struct vg_instant told_at; /* of the last page: re-alerts count from here */
    int64_t worst_sbp;         /* when last paged, mm[Hg]; VG_NO_VALUE */
    int16_t worst_news2, worst_crs, worst_icans; /* the same; VG_GRADE_NULL */
    int64_t seen_sbp; /* the same as they were for who has acknowledged */
    int16_t seen_news2, seen_crs, seen_icans;
    uint32_t test; /* of the rule, that it stands by (vg_rule.print); 0: not known */
    uint8_t mark; /* highest of the rule's own marks that was told (fever 39, 72 h …) */
};

/* ---- Pages: what goes to one role about one alert */

enum vg_page_kind {
    VG_PAGE_NONE,
    VG_PAGE_CALL,   /* asks for an answer by respond_by */
    VG_PAGE_REMIND, /* to who has it: nothing has changed for long */
    VG_PAGE_TAKEN,  /* to who was called: somebody else has it */
    VG_PAGE_END,    /* to who was called: it is over */
    VG_PAGE_COUNT
};
const char *vg_page_text(enum vg_page_kind kind); /* "call" */
enum vg_status vg_page_find(const char *text, enum vg_page_kind *out);

#endif
