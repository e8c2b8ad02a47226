/* SPDX-License-Identifier: Apache-2.0
 *
 * An alert is the life of one rule for one patient (or bed): what people are told.
 *
 * Ownership: a plain value; `rule`, `ladder` and other texts are copied in, so that an
 * alert outlives the protocol it was raised under.
 */
#ifndef VIGIL_ALERT_H
#define VIGIL_ALERT_H

#include "vigil/care.h"

enum vg_condition {
    VG_ACTIVE,
    VG_CLEARING,
    VG_CONDITION_UNKNOWN,
    VG_ENDED,
    VG_CONDITION_COUNT
};
const char *vg_condition_text(enum vg_condition condition);
enum vg_status vg_condition_find(const char *text, enum vg_condition *out);

/* What a change of an alert was; the words of the outside contract. */
enum vg_change {
    VG_RAISED,
    VG_REPEATED,
    VG_ESCALATED,
    VG_EASED,
    VG_OFFERED,
    VG_ACKNOWLEDGED,
    VG_ACCEPTED,
    VG_REJECTED,
    VG_RELEASED,
    VG_LAPSED,
    VG_SILENCED,
    VG_CLEARING_BEGUN,
    VG_RELAPSED,
    VG_DATA_LOST,
    VG_DATA_BACK,
    VG_SHELVED,
    VG_PAUSED,
    VG_CLAIM_ENDED,
    VG_RESET,
    VG_JUDGED,
    VG_NOTED,
    VG_ENDED_CHANGE,
    VG_CLOSED,
    VG_CHANGE_COUNT
};
const char *vg_change_text(enum vg_change change);
enum vg_status vg_change_find(const char *text, enum vg_change *out);

enum vg_offer {
    VG_OFFER_NONE,
    VG_OFFERED_STATE,
    VG_ACCEPTED_STATE,
    VG_EXHAUSTED,
    VG_OFFER_CLOSED,
    VG_OFFER_COUNT
};
const char *
vg_offer_text(enum vg_offer offer); /* "offered"; "none" for VG_OFFER_NONE */
enum vg_status vg_offer_find(const char *text, enum vg_offer *out);

struct vg_evidence {
    enum vg_signal signal;
    int64_t value; /* canonical steps */
    struct vg_instant measured;
    enum vg_source source;
};

/* VG_GRADE_NULL: unknown or not computed. */
struct vg_scores {
    int crs, icans, news2;
    bool icans_complete, news2_complete;
    bool masked; /* a drug may hide fever (Clinical reference 1.2) */
};

#define VG_EVIDENCE   8
#define VG_ALERT_TEXT 256
#define VG_REMARK     192

struct vg_alert {
    char id[VG_ALERT_LEN +
            1];   /* derived from subject, rule and onset: same after a restart */
    uint32_t rev; /* from 1, +1 with each change */
    uint64_t n;   /* the ward's counter of changes */
    enum vg_change event; /* the latest change */
    struct vg_instant at; /* of the latest change */
    char ward[VG_ID_LEN + 1], bed[VG_ID_LEN + 1];
    char patient[VG_PATIENT_LEN + 1]; /* "" : no patient linked */
    char episode[VG_EPISODE_LEN + 1]; /* "" : none */
    char rule[VG_NAME_LEN + 1];
    enum vg_class class_;
    enum vg_severity severity, peak;
    enum vg_condition condition;
    bool latched, late;
    struct vg_instant onset;  /* measured time of the first reading of the run */
    struct vg_instant raised; /* when the rule was satisfied */
    struct vg_instant
        clear_since;      /* measured time clearing began, VG_UNSET if not clearing */
    vg_ms since_infusion; /* VG_NO_VALUE if there was none */
    char text[VG_ALERT_TEXT];
    char reference[VG_ALERT_TEXT];
    char text_zh[VG_ALERT_TEXT]; /* the same in Chinese; "": the protocol has none */
    char reference_zh[VG_ALERT_TEXT];
    size_t evidence_count;
    struct vg_evidence evidence[VG_EVIDENCE];
    struct vg_scores scores; /* as they were when it was raised */
    uint64_t missing;        /* bit per measured signal that was asked and unknown */
    enum vg_offer offer;
    char ladder[VG_NAME_LEN + 1]; /* "" : none */
    unsigned step;
    size_t target_count;
    char target[VG_TARGETS][VG_ID_LEN + 1];
    struct vg_instant respond_by; /* when the next step is due; VG_UNSET: none */
    char owner[VG_BY_LEN + 1];    /* who accepted it; "" : nobody */
    size_t claim_count;
    struct vg_claim claim[VG_CLAIMS];
    char remark[VG_REMARK]; /* of the latest change: who, why; may be "" */
    struct vg_care care;
    char protocol[VG_ID_LEN + 1], version[VG_ID_LEN + 1], digest[65];
};

/* "Automatically computed …": appended to every alert (Clinical reference 9.5). */
extern const char vg_disclaimer[];

/* The id of the page that this role gets about the alert as it stands: the same for a page
 * sent again, another for each step, repeat and kind. */
void vg_page_id(const struct vg_alert *alert, enum vg_page_kind kind, const char *role,
                char out[VG_ALERT_LEN + 1]);

/* An alert is open until it has ended and nobody has to look at it any more. */
bool vg_alert_open(const struct vg_alert *alert);

#endif
