/* SPDX-License-Identifier: Apache-2.0
 *
 * Signal quality: Clinical reference 10.1, 10.2, 0.3, 0.9, 9.4.
 *
 * Marks the items of an instant before any topic sees them, and keeps what findings about
 * the signals themselves need. A mark is no more than that: what a suspect, torn or poor
 * value delays is for the topics to say.
 */
#ifndef VIGIL_ASSESS_QUALITY_H
#define VIGIL_ASSESS_QUALITY_H

#include "core/assess/slot.h"
#include "core/item.h"

struct vg_state;
struct vg_view;
struct vg_assessment;

/* Everywhere below an instant of 0 ms is "not set". */

/* Falling values of one continuous temperature, the higher ones of the last 10 min. More
 * than 20 steps deep it need not be: then the fall is known. */
#define VG_QUALITY_FALL 21
struct vg_quality_probe { /* of one device (slot.h) */
    struct vg_slot slot;
    struct vg_instant newest, off_since, back_since;
    uint32_t at[VG_QUALITY_FALL];   /* ms, the low 32 bits */
    int16_t value[VG_QUALITY_FALL]; /* strictly falling */
    uint8_t count, back;            /* back: samples that speak for re-attachment */
    bool off;
};

/* A signal that may be monitored continuously: those up to MAP. */
#define VG_QUALITY_FEEDS (VG_MAP + 1)
struct vg_quality_feed {
    struct vg_instant first, last; /* of the run; last: newest usable sample */
    uint32_t pause;                /* ms, about the longest of late inside runs */
    uint8_t count, sparse;         /* sparse: pauses in a row past the limit */
    bool watched;
};

enum vg_quality_same_name { VG_SAME_HR, VG_SAME_RR, VG_SAME_PATCH, VG_SAMES };
struct vg_quality_same { /* of one device (slot.h) */
    struct vg_slot slot;
    uint32_t length; /* ms to its newest sample for which it was the same, saturates */
    int16_t value;
};

/* What a sample is compared with for its rate of change: the previous one, and extremes of
 * two spans that together look back at least half and never more than the whole span. */
enum vg_quality_rate_name {
    VG_RATE_HR,
    VG_RATE_RR,
    VG_RATE_SPO2,
    VG_RATE_PATCH,
    VG_RATE_PROBE,
    VG_RATES
};
struct vg_quality_rate {
    struct vg_instant at, from[2];
    int16_t value, low[2], high[2];
};

/* Singles and pressures: the previous reading of the same class. */
enum vg_quality_single {
    VG_SINGLE_SPOT,
    VG_SINGLE_AXILLARY,
    VG_SINGLE_SBP, /* cuff, spot, manual; DBP, MAP follow */
    VG_SINGLE_LINE = VG_SINGLE_SBP + 3,
    VG_SINGLES = VG_SINGLE_LINE + 3
};
struct vg_quality_readings {
    struct vg_instant at[VG_SINGLES];
    int16_t value[VG_SINGLES];
};

/* Classes of devices in which two should agree. */
enum vg_quality_class {
    VG_CLASS_HR,
    VG_CLASS_PATCH,
    VG_CLASS_PROBE,
    VG_CLASS_LINE,
    VG_CLASS_CUFF,
    VG_CLASSES
};
struct vg_quality_device {
    struct vg_instant at;
    int16_t low, high;
    uint8_t device; /* 0: none */
};
struct vg_quality_twins {
    struct vg_quality_device device[2];
    struct vg_instant since, last; /* the two differ, as far as was seen */
};

struct vg_quality_state {
    struct vg_quality_probe probe[2][VG_SLOTS]; /* patch, probe */
    struct vg_quality_feed feed[VG_QUALITY_FEEDS];
    struct vg_quality_same same[VG_SAMES][VG_SLOTS];
    struct vg_quality_rate rate[VG_RATES];
    struct vg_quality_readings single;
    struct vg_quality_twins twins[VG_CLASSES];
    struct vg_instant motion_since, motion_last; /* RR like HR */
    struct vg_instant poor_since,
        poor_until; /* perfusion; until: of the newest index */
    uint16_t poor;  /* bit per device whose newest index is too low */
    struct vg_instant pair_bad, map_bad; /* cuff; since when, ends with a good one */
    struct vg_instant failed, check;     /* cuff cycles: the newest; CHECK_PATIENT */
    struct vg_instant flat_since, flat_last; /* line */
    bool flat_low;                           /* the line's MAP is < 60 */
    uint8_t skew_trust[VG_QUALITY_FEEDS];    /* class of the old value */
    uint64_t skew; /* bit per signal: its newest value is old */
    struct vg_instant skew_since;
};

/* Sets the marks of the items of one instant, before any topic sees them. */
void vg_quality_instant(struct vg_state *state, const struct vg_view *view,
                        struct vg_item *item, size_t count);
void vg_quality_judge(const struct vg_state *state, const struct vg_view *view,
                      struct vg_instant at, struct vg_assessment *out,
                      struct vg_instant *next);

#endif
