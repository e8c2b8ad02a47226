/* SPDX-License-Identifier: Apache-2.0
 *
 * A reading is one value of one signal of one patient at one instant. A message is what
 * one gateway sent about one bed in one go: some readings and some charted entries.
 *
 * Ownership: plain values without pointers, but for the two arrays of a message, which
 * belong to whoever filled it (the decoder) and are borrowed by everybody else.
 */
#ifndef VIGIL_READING_H
#define VIGIL_READING_H

#include "vigil/signal.h"

enum vg_quality {
    VG_QUALITY_VALID = 0,
    VG_QUALITY_QUESTIONABLE,
    VG_QUALITY_INVALID,
    VG_QUALITY_CALIBRATING,
    VG_QUALITY_TEST,
    VG_QUALITY_COUNT
};
const char *vg_quality_text(enum vg_quality quality);
enum vg_status vg_quality_find(const char *text, enum vg_quality *out);

#define VG_NO_VALUE INT64_MIN

struct vg_reading {
    enum vg_signal signal; /* below VG_MEASURED_COUNT */
    enum vg_source source;
    enum vg_method method;
    enum vg_quality quality;
    struct vg_instant measured;
    int64_t value;         /* steps of the canonical unit, rounded: what rules see */
    struct vg_decimal raw; /* as sent: what history shows */
    enum vg_unit unit;     /* as sent */
    int32_t pi;            /* perfusion index in 0.01 %, -1 if not sent */
    int64_t uln,
        lln; /* laboratory's limits, canonical steps, VG_NO_VALUE if not sent */
    uint32_t ice_items; /* two bits an item in the order of the contract: 0 not sent,
                              1 failed, 2 passed */
    bool unarousable;   /* with ice */
    bool
        out_of_range; /* outside the hard range: stored, refused, never used as a number */
    bool suspect;     /* outside the plausible range */
    bool pulse;       /* as its code says (vg_code); not stored */
};

/* A charted entry: a state or an event that people or pumps write down. */
struct vg_entry {
    enum vg_signal signal; /* VG_MEASURED_COUNT and up */
    struct vg_instant at;
    char value[VG_NAME_LEN + 1]; /* "start", "nasal_cannula", "norepinephrine", "A" … */
    bool on;                     /* vasopressor, flag: true unless sent as false */
    bool no_return;              /* seizure */
    bool haemorrhage;            /* neuro */
    int32_t duration_s;          /* seizure, -1 if not sent */
    int64_t flow;                /* o2_device: 0.1 L/min, VG_NO_VALUE if not sent */
    int64_t fio2;                /* o2_device: %, VG_NO_VALUE if not sent */
    struct vg_instant until;     /* flag, VG_UNSET if not sent */
    char by[VG_PATIENT_LEN + 1];      /* flag */
    char product[VG_NAME_LEN + 1];    /* infusion */
    char dose_id[VG_PATIENT_LEN + 1]; /* infusion */
};

enum vg_kind {
    VG_KIND_VITALS,
    VG_KIND_LABS,
    VG_KIND_ASSESSMENT,
    VG_KIND_THERAPY,
    VG_KIND_EPISODE,
    VG_KIND_COUNT
};
const char *vg_kind_text(enum vg_kind kind); /* last part of the topic */

/* Where a message came from and its number. gateway "" : none named. seq 0: not numbered. */
struct vg_origin {
    char gateway[VG_ID_LEN + 1];
    char epoch[VG_ID_LEN + 1];
    uint64_t seq;
};

/* At most this many items, bytes and levels of nesting a message (the outside contract). */
#define VG_MESSAGE_ITEMS 256
#define VG_MESSAGE_BYTES 65536
#define VG_MESSAGE_DEPTH 8
/* A longer message is refused; this much of it is kept, and searched for its sender. */
#define VG_LETTER_BYTES (4 * VG_MESSAGE_BYTES)

#define VG_FAILED_CYCLES 8 /* of one message; more are as many as these */

struct vg_message {
    enum vg_kind kind; /* never VG_KIND_EPISODE */
    char ward[VG_ID_LEN + 1];
    char bed[VG_ID_LEN + 1];
    struct vg_origin origin;
    struct vg_instant measured;       /* the message's own ts */
    char patient[VG_PATIENT_LEN + 1]; /* "" if not named */
    char device[VG_ID_LEN + 1];       /* "" if not named */
    /* The episode it is known to be of, whatever the bed says: read back from the store, or
     * a person said so. "" : whose bed it is decides. */
    char episode[VG_EPISODE_LEN + 1];
    size_t reading_count;
    struct vg_reading *readings;
    size_t entry_count;
    struct vg_entry *entries;
    /* Cuff cycles that gave no systolic pressure, by an item without a value: they count (Clinical reference
     * 10.2). */
    size_t failed_count;
    struct vg_instant failed[VG_FAILED_CYCLES];
};
bool vg_message_says_something(const struct vg_message *message);

/* Admission, update, transfer, discharge. */
enum vg_episode_do { VG_ADMIT, VG_UPDATE, VG_TRANSFER, VG_DISCHARGE };
enum vg_product {
    VG_PRODUCT_UNKNOWN = 0,
    VG_CAR_T,
    VG_CAR_NK,
    VG_NK,
    VG_PRODUCT_COUNT
};
const char *vg_product_text(enum vg_product product); /* "car_t"; "" for unknown */
enum vg_status vg_product_find(const char *text, enum vg_product *out);

struct vg_admission {
    enum vg_episode_do action;
    char ward[VG_ID_LEN + 1];
    char bed[VG_ID_LEN + 1];
    struct vg_origin origin;
    struct vg_instant at;
    char by[VG_PATIENT_LEN + 1];
    char patient[VG_PATIENT_LEN + 1];
    enum vg_product product;
    char protocol[VG_ID_LEN + 1]; /* "" if not named */
    int age;                      /* years, -1 if not sent */
    bool has_setting, outpatient;
    bool has_pregnant, pregnant;
    bool confirm; /* discharge: also with a critical alert open */
    bool swap;    /* transfer: whoever lies there comes here */
    struct vg_instant
        infusion_planned; /* VG_UNSET if not sent, VG_NEVER: none any more */
    char target[VG_NAME_LEN + 1];
    char donor[VG_NAME_LEN + 1];
    char chain_id[VG_PATIENT_LEN + 1];
    char to_ward[VG_ID_LEN + 1], to_bed[VG_ID_LEN + 1]; /* transfer */
    int64_t baseline[VG_MEASURED_COUNT]; /* canonical steps, VG_NO_VALUE if not sent */
    int64_t uln[VG_MEASURED_COUNT];      /* the same */
    size_t flag_count;
    char flags[16][VG_NAME_LEN + 1];
};

/* Why something was refused; the words of the outside contract. */
enum vg_reason {
    VG_NOT_JSON,
    VG_TOO_BIG,
    VG_TOO_DEEP,
    VG_TOO_MANY,
    VG_FIELD_MISSING,
    VG_WRONG_TYPE,
    VG_NOT_FINITE,
    VG_UNIT_MISSING,
    VG_UNIT_UNKNOWN,
    VG_CODE_UNKNOWN,
    VG_OUT_OF_RANGE,
    VG_BAD_ID,
    VG_BAD_TIME,
    VG_RETAINED,
    VG_IDENTITY,
    VG_SEQ_REUSED,
    VG_CONFIRM, /* a discharge that must be said twice */
    VG_REASON_COUNT
};
const char *vg_reason_text(enum vg_reason reason); /* "not_json" */

/* One refusal: of a whole message (item < 0) or of one item of it. */
struct vg_refusal {
    enum vg_reason reason;
    int item;         /* index in obs, -1 the message as a whole */
    char detail[160]; /* a sentence: `obs[2] "temp": unit is missing` */
};

#endif
