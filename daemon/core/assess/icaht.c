/* SPDX-License-Identifier: Apache-2.0
 *
 * Haematotoxicity after effector cells, by days of low counts: ICAHT (EHA/EBMT, Rejeski
 * 2023) for neutrophils, T-ICAHT (Rejeski 2025) for platelets. Clinical reference 6.2.
 *
 * Days count from the latest infusion (0.3). One value a day, the lowest; a day without
 * repeats the last for at most 3 days and is unknown after that.
 */
#include "core/assess/labs.h"
#include "core/course.h"

#define EARLY_LAST 30  /* days 0 to 30 */
#define LATE_LAST  100 /* T-ICAHT: days 31 to 100 */
#define CARRY_DAYS 3
#define DAYS       (LATE_LAST + 1)
/* Time above the limit between two low stretches counts as low if shorter than this. */
#define RECOVERY_DAYS 3

/* Values of days -3 to 100, VG_NO_VALUE: unknown. [CARRY_DAYS] is day 0. */
struct series {
    int64_t day[CARRY_DAYS + DAYS];
    int last;       /* today, at most day 100 */
    int late_tests; /* results in days 31 to 100 */
};

static const struct vg_item *back(const struct vg_view *view, enum vg_signal signal,
                                  struct vg_instant at, size_t *cursor)
{
    return vg_log_back(view->log, signal, at, cursor);
}

static void put(struct series *series, vg_ms age, int64_t value)
{
    const vg_ms place = (age + CARRY_DAYS * VG_DAY) / VG_DAY;

    if (place >= CARRY_DAYS + DAYS) {
        return;
    }
    int64_t *day = &series->day[place];

    *day = *day == VG_NO_VALUE || value < *day ? value : *day;
    series->late_tests += place > CARRY_DAYS + EARLY_LAST;
}

static void carry(struct series *series)
{
    int64_t value = VG_NO_VALUE;
    int age = 0;

    for (int i = 0; i <= CARRY_DAYS + series->last; i++) {
        if (series->day[i] != VG_NO_VALUE) {
            value = series->day[i];
            age = 0;
        } else if (++age <= CARRY_DAYS) {
            series->day[i] = value;
        }
    }
}

static void read_days(struct series *series, const struct vg_view *view,
                      enum vg_signal signal, struct vg_instant t0, struct vg_instant at)
{
    const vg_ms today = vg_since(at, t0) / VG_DAY;
    size_t cursor = view->log->count;
    const struct vg_item *item = back(view, signal, at, &cursor);

    for (size_t i = 0; i < CARRY_DAYS + DAYS; i++) {
        series->day[i] = VG_NO_VALUE;
    }
    series->last = today < LATE_LAST ? (int)today : LATE_LAST;
    series->late_tests = 0;
    while (item != NULL && vg_since(item->at, t0) >= -CARRY_DAYS * VG_DAY) {
        put(series, vg_since(item->at, t0), item->high);
        item = back(view, signal, at, &cursor);
    }
    carry(series);
}

/* Low: at most `limit` (in units of the signal), or below it if strict. */
struct limit {
    int64_t units;
    bool strict;
};

static bool low(const struct limit *limit, int64_t value)
{
    const int64_t steps = limit->units * VG_MICRO;

    return limit->strict ? value < steps : value <= steps;
}

struct span {
    int first, last; /* days, both included */
};

struct days {
    int known, low;   /* low: with short recoveries */
    int first, final; /* the first and the last low day; -1: none */
    int high_before;  /* known days above the limit before the first low one */
    bool recovered;   /* known above it later, and not for a short time */
};

/* A gap of `above` known days before a low day: shorter than a recovery, it counts. */
static void low_day(struct days *days, int day, int above, bool whole)
{
    const bool again = days->first >= 0;

    if (again && above > 0 && whole && above < RECOVERY_DAYS) {
        days->low += above;
    } else if (again && above > 0) {
        days->recovered = true;
    }
    days->first = again ? days->first : day;
    days->final = day;
    days->low++;
}

static struct days count_days(const struct series *series, const struct limit *limit,
                              struct span span)
{
    struct days days = {.first = -1, .final = -1};
    int above = 0;
    bool whole = true; /* no unknown day since the last low one */

    for (int day = span.first; day <= span.last && day <= series->last; day++) {
        const int64_t value = series->day[CARRY_DAYS + day];

        if (value == VG_NO_VALUE) {
            whole = false;
            continue;
        }
        days.known++;
        if (low(limit, value)) {
            low_day(&days, day, above, whole);
            above = 0;
            whole = true;
        } else {
            above++;
            days.high_before += days.first < 0;
        }
    }
    days.recovered |= days.first >= 0 && above > 0;
    return days;
}

/* The grade of a number of days. */
struct band {
    int days, grade;
};

static int grade_of(const struct band *bands, size_t count, int days)
{
    int grade = 0;

    for (size_t i = 0; i < count; i++) {
        if (days >= bands[i].days) {
            grade = bands[i].grade;
        }
    }
    return grade;
}

static int most(int a, int b)
{
    return a > b ? a : b;
}

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* Clinical reference 6.2, cut-offs in /uL and in 10*9/L. */
static const struct limit anc_500 = {500, false};
static const struct limit anc_100 = {100, false};
static const struct limit plt_100 = {100, true};
static const struct limit plt_50 = {50, true};
static const struct limit plt_20 = {20, true};
static const struct band bands_500[] = {{1, 1}, {7, 2}, {14, 3}};
static const struct band bands_100[] = {{7, 3}, {14, 4}};
static const struct band early_50[] = {{1, 1}, {7, 2}};
static const struct band late_100[] = {{1, 1}};
static const struct band late_50[] = {{1, 2}};
static const struct band bands_20[] = {{1, 3}, {14, 4}};
static const struct span early_span = {0, EARLY_LAST};
static const struct span late_span = {EARLY_LAST + 1, LATE_LAST};

static int grade_days(const struct series *series, const struct limit *limit,
                      struct span span, const struct band *bands, size_t count)
{
    return grade_of(bands, count, count_days(series, limit, span).low);
}

/* "Never above 500" and "no recovery" are said on or after day 30 only. */
static void anc_early(const struct series *series, struct vg_icaht_out *out)
{
    const struct days d500 = count_days(series, &anc_500, early_span);
    const struct days d100 = count_days(series, &anc_100, early_span);

    if (d500.known == 0) {
        return;
    }
    out->days_500 = d500.low;
    out->days_100 = d100.low;
    out->early = most(grade_of(bands_500, COUNT(bands_500), d500.low),
                      grade_of(bands_100, COUNT(bands_100), d100.low));
    if (d500.low == EARLY_LAST + 1 && d500.known == d500.low && d500.first == 0 &&
        d500.final == EARLY_LAST) {
        bool never_above = true;

        for (int day = 0; day <= EARLY_LAST; day++) {
            never_above &= low(&anc_500, series->day[CARRY_DAYS + day]);
        }
        out->early = never_above ? 4 : out->early;
    }
    out->no_recovery = out->early == 3 && d500.high_before > 0 && !d500.recovered &&
                       d500.final == EARLY_LAST;
}

/* After day +30: the depth that at least two results reach, so the second lowest. One result
 * alone is no grade yet, 0. */
static int anc_late(const struct vg_view *view, struct vg_instant t0,
                    struct vg_instant at)
{
    static const struct band depth[] = {{1500, 1}, {1000, 2}, {500, 3}, {100, 4}};
    int64_t lowest = INT64_MAX;
    int64_t second = INT64_MAX;
    size_t cursor = view->log->count;
    const struct vg_item *item = back(view, VG_ANC, at, &cursor);
    int grade = VG_GRADE_NULL;

    while (item != NULL && vg_since(item->at, t0) > EARLY_LAST * VG_DAY) {
        const int64_t higher = item->high > lowest ? item->high : lowest;

        second = higher < second ? higher : second;
        lowest = item->high < lowest ? item->high : lowest;
        grade = 0;
        item = back(view, VG_ANC, at, &cursor);
    }
    for (size_t i = 0; i < COUNT(depth); i++) {
        const struct limit limit = {depth[i].days, false};

        grade = low(&limit, second) ? depth[i].grade : grade;
    }
    return grade;
}

static void platelets(const struct series *series, struct vg_t_icaht_out *out)
{
    const int deep = grade_days(series, &plt_20, early_span, bands_20, COUNT(bands_20));

    if (count_days(series, &plt_50, early_span).known > 0) {
        out->early = most(
            deep, grade_days(series, &plt_50, early_span, early_50, COUNT(early_50)));
    }
    if (series->late_tests == 0) {
        return;
    }
    out->late = 0;
    if (series->late_tests >= 2) {
        out->late = most(
            most(grade_days(series, &plt_100, late_span, late_100, COUNT(late_100)),
                 grade_days(series, &plt_50, late_span, late_50, COUNT(late_50))),
            grade_days(series, &plt_20, late_span, bands_20, COUNT(bands_20)));
    }
}

void vg_icaht_judge(const struct vg_state *state, const struct vg_view *view,
                    struct vg_instant at, struct vg_assessment *out,
                    struct vg_instant *next)
{
    const struct vg_instant t0 = state->chart.last_start;
    struct series series;

    out->icaht = (struct vg_icaht_out){VG_GRADE_NULL, VG_GRADE_NULL, VG_GRADE_NULL,
                                       VG_GRADE_NULL, false};
    out->t_icaht = (struct vg_t_icaht_out){VG_GRADE_NULL, VG_GRADE_NULL};
    if (!vg_patient_scored(view->patient) || !vg_state_set(t0) || at.ms < t0.ms) {
        return;
    }
    read_days(&series, view, VG_ANC, t0, at);
    anc_early(&series, &out->icaht);
    out->icaht.late = anc_late(view, t0, at);
    read_days(&series, view, VG_PLT, t0, at);
    platelets(&series, &out->t_icaht);
    if (series.last < LATE_LAST) {
        vg_next(next, at, vg_after(t0, (vg_ms)(series.last + 1) * VG_DAY));
    }
}
