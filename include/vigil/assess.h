/* SPDX-License-Identifier: Apache-2.0
 *
 * What is computed about one patient at one instant: the published scores and grades, and
 * the findings that rules ask for by name. All are patterns "compatible with"; none is a
 * diagnosis. Each is computed in core/assess/, one file each, with its sources.
 *
 * Unknown is a value: VG_GRADE_NULL for grades and counts, VG_UNKNOWN for findings,
 * VG_NO_VALUE for numbers. A partial score is a lower bound and says so.
 *
 * Ownership: a plain value without pointers.
 */
#ifndef VIGIL_ASSESS_H
#define VIGIL_ASSESS_H

#include "vigil/number.h"
#include "vigil/signal.h"

#define VG_GRADE_NULL (-1)

/* What a protocol's "settings" may change of the defaults (Clinical reference 13). Zero bytes:
 * the defaults. */
struct vg_clinical {
    bool fn_nice;         /* fn.rule: nice (CG151), else idsa */
    bool relative_grades; /* crs.relative_hypotension: grade, else watch */
    bool tls_howard;      /* tls.rule: howard (2011), else cairo-bishop (2004) */
    vg_ms utc_offset;     /* of the ward, for hours of the day in schedules */
};

/* A yes or no that rules may raise on. `since`: measured time of the first reading of the
 * run (of the due time for what is overdue) that led to a yes; VG_UNSET otherwise. */
struct vg_finding {
    enum vg_truth truth;
    /* A yes of which the data have stopped: what it is made of is older than speaks for the patient
     * (Clinical reference 0.4). Nothing has ended it; whether it holds is not known. */
    bool lost;
    /* A yes that raises nothing yet, and ends nothing: what would take it back is being charted. */
    bool soon;
    struct vg_instant since;
};

/* Clinical reference 1.2, 5.3, 10.2. */
struct vg_fever_out {
    struct vg_finding confirmed;   /* FEVER_CONFIRMED: from confirmation to clear */
    struct vg_finding high;        /* confirmed >= 39.0 in this episode of fever */
    struct vg_finding three_days;  /* continuous for more than 72 h */
    struct vg_finding above_40;    /* HYPERPYREXIA, and its floor */
    struct vg_finding above_41;    /* critical */
    struct vg_finding retro;       /* FEVER_RETRO: found late, newer values known */
    struct vg_finding rise;        /* TEMP_RISE */
    struct vg_finding patch_check; /* TEMP_PATCH_CHECK */
    struct vg_finding repeat; /* TEMP_REPEAT: spot 38.0 to 38.2, not repeated yet */
};

/* 1.3, 5.4, 9.4. */
struct vg_pressure_out {
    int tier; /* 0, 2, 3, 4: hypotension axis without the fever criterion */
    struct vg_finding hypotension;
    struct vg_finding relative;        /* RELATIVE_HYPOTENSION */
    struct vg_finding relative_urgent; /* below 70 % of baseline, or fever criterion */
    struct vg_finding map_low;         /* MAP_LOW */
    struct vg_finding map_critical;
    struct vg_finding support;    /* a vasopressor runs */
    struct vg_finding recharting; /* one runs, not charted again for 24 h (0.4) */
};

/* 1.4. */
struct vg_oxygen_out {
    int tier; /* 0, 2, 3, 4 */
    struct vg_finding hypoxia;
    struct vg_finding severe;
    struct vg_finding flow_missing;
    struct vg_finding device_unknown;
    struct vg_finding recharting; /* no new charting for 12 h (0.4) */
};

struct vg_extreme_out {
    struct vg_finding vital; /* VITAL_EXTREME, 9.4 */
};

/* 3.3. */
struct vg_reaction_out {
    struct vg_finding suspected; /* IRR_SUSPECTED */
    struct vg_finding critical;
    struct vg_finding mild; /* fever or rigors only */
    struct vg_finding anaphylaxis;
    struct vg_finding htn_brady; /* INFUSION_HTN_BRADY */
};

enum vg_crs_status { VG_CRS_INDETERMINATE, VG_CRS_NOT_MET, VG_CRS_MET };

/* 1.5. */
struct vg_crs_out {
    enum vg_crs_status status;
    int grade, max_grade; /* VG_GRADE_NULL: indeterminate */
    int tier_hypotension, tier_hypoxia;
    bool waived, masked;
    int unmasked;               /* the grade that fever would give */
    struct vg_finding support;  /* SUPPORT_RISE */
    struct vg_finding support3; /* to tier >= 3 */
};

/* 2. */
struct vg_icans_out {
    int grade; /* VG_GRADE_NULL: cannot be graded */
    int least; /* lower bound of the grade, from what is known */
    bool complete;
    int ice; /* latest valid total, VG_GRADE_NULL */
    struct vg_finding seizure, ice_drop, haemorrhage;
    struct vg_finding icp, icp_critical; /* ICP_PATTERN */
    struct vg_finding delayed;           /* NEURO_DELAYED */
};

/* Bits of `missing`, in the order of the RCP chart. */
enum vg_news2_part {
    VG_NEWS2_RR,
    VG_NEWS2_SPO2,
    VG_NEWS2_O2,
    VG_NEWS2_SBP,
    VG_NEWS2_HR,
    VG_NEWS2_ACVPU,
    VG_NEWS2_TEMP,
    VG_NEWS2_PARTS
};

/* 4. */
struct vg_news2_out {
    int score; /* lower bound unless complete; VG_GRADE_NULL: nothing known, or off */
    int max_single;
    bool complete;
    unsigned missing;         /* bit per part */
    int part[VG_NEWS2_PARTS]; /* VG_GRADE_NULL: missing */
    /* the higher of what is published and what the charted values alone give: what alerts say,
     * for either may have raised them */
    int worst, worst_part[VG_NEWS2_PARTS];
    struct vg_finding page_7;   /* NEWS2_7, with its step-down (4.2) */
    struct vg_finding page_5;   /* NEWS2_5: 5 or 6 */
    struct vg_finding single_3; /* NEWS2_SINGLE3 */
};

/* 5.1. */
struct vg_sirs_out {
    int count, count_excl_wbc; /* VG_GRADE_NULL: no criterion known */
};
struct vg_qsofa_out {
    int score;
    struct vg_finding page; /* >= 2 and no NEWS2 page */
};

/* 5.4. */
struct vg_shock_out {
    int64_t milli; /* HR/SBP in 1/1000, VG_NO_VALUE */
    struct vg_finding page, page_13;
};

/* 5.3. */
struct vg_fn_out {
    enum vg_truth met;
    bool assumed;
    struct vg_finding page; /* FEBRILE_NEUTROPENIA is due, 5.3: treated, re-armed */
    struct vg_finding anc_needed; /* indeterminate */
    struct vg_finding low_temp;   /* LOW_TEMP_NEUTROPENIC */
};

/* 6.2. */
struct vg_icaht_out {
    int early, late, days_500, days_100; /* VG_GRADE_NULL: unknown */
    bool no_recovery;                    /* clinician to confirm grade 4 */
};
struct vg_t_icaht_out {
    int early, late;
};

/* 6.1: bits of `supporting`. */
enum vg_iec_hs_support { VG_HS_LFT, VG_HS_FIBRINOGEN, VG_HS_CYTOPENIA, VG_HS_TIMING };
struct vg_iec_hs_out {
    struct vg_finding screen;
    enum vg_truth ferritin;
    unsigned supporting;
};

/* 6.5. */
struct vg_tls_out {
    struct vg_finding lab, absolute; /* absolute: not from the 25 % clause alone */
    int n;
};

/* 6.3, 6.4. */
struct vg_hematotox_out {
    int score; /* VG_GRADE_NULL: a marker is missing */
};
struct vg_easix_out {
    int64_t easix, seasix, measix; /* millionths, VG_NO_VALUE */
};

/* 6.6. */
struct vg_critical_out {
    struct vg_finding k, glucose_low, glucose_high, na, plt, hb, fibrinogen;
    struct vg_finding lactate_2, lactate_4;
};

/* 10.1, 10.2, 0.3, 0.9, 9.4. */
struct vg_quality_out {
    struct vg_finding check; /* CHECK_PATIENT from patterns (cuff cycles, flat line) */
    struct vg_finding probe_off, low_perfusion, stuck, bp_inconsistent;
    struct vg_finding feed_silent, wrong_patient, clock_skew;
};

/* 0.7. */
struct vg_gate_out {
    bool open; /* scores and adult limits apply */
    struct vg_finding unsupported_age;
    struct vg_finding
        uncharted; /* an infusion is planned for then, and no start came */
};

/* 7. `late`: the second escalation is due. */
struct vg_schedule_out {
    struct vg_finding vitals, vitals_late, ice, ice_late, labs, labs_late;
};

struct vg_assessment {
    struct vg_gate_out gate;
    struct vg_quality_out quality;
    struct vg_fever_out fever;
    struct vg_pressure_out pressure;
    struct vg_oxygen_out oxygen;
    struct vg_extreme_out extreme;
    struct vg_reaction_out reaction;
    struct vg_crs_out crs;
    struct vg_icans_out icans;
    struct vg_news2_out news2;
    struct vg_sirs_out sirs;
    struct vg_qsofa_out qsofa;
    struct vg_shock_out shock;
    struct vg_fn_out fn;
    struct vg_icaht_out icaht;
    struct vg_t_icaht_out t_icaht;
    struct vg_iec_hs_out iec_hs;
    struct vg_tls_out tls;
    struct vg_hematotox_out hematotox;
    struct vg_easix_out easix;
    struct vg_critical_out critical;
    struct vg_schedule_out schedule;
};

#endif
