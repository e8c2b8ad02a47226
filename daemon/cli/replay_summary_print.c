/* SPDX-License-Identifier: Apache-2.0
 *
 * The alarm load of a replay, for people and for programs. See replay_summary.h.
 */
#include <stdlib.h>
#include <string.h>

#include "vigil/wire.h"

#include "cli/replay_summary.h"

/* A shorter piece of a day says too little about a whole one. */
#define LEAST_DAY (6 * VG_HOUR)

/* Clinical reference 11.3. Negative: no goal is given. */
static const struct {
    const char *words, *name;
    double pages, alerts;
} strata[VG_LOAD_STRATA] = {{"without CRS", "0", 3, 10},
                            {"CRS 1", "1", 8, 15},
                            {"CRS 2", "2", 12, 19},
                            {"CRS 3 or 4", "3", -1, -1}};
#define TECHNICAL_GOAL 4.0

struct stratum {
    size_t days;
    double median_pages, mean_alerts; /* meaningless without days */
};

struct load {
    const struct vg_summary *summary;
    FILE *to;
    size_t patients, beds;
    double days;
    struct stratum stratum[VG_LOAD_STRATA];
    struct vg_rule_load *rule; /* sorted */
};

/* ---- Figures */

static int by_size(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;

    return (*x > *y) - (*x < *y);
}

static double median(double *value, size_t count)
{
    if (count == 0) {
        return 0;
    }
    qsort(value, count, sizeof *value, by_size);
    return (value[(count - 1) / 2] + value[count / 2]) / 2;
}

static int stratum_of(const struct vg_load_day *day)
{
    return day->crs < VG_LOAD_STRATA - 1 ? day->crs : VG_LOAD_STRATA - 1;
}

static size_t all_days(const struct vg_summary *summary)
{
    size_t count = 0;

    for (size_t i = 0; i < summary->names.count; i++) {
        count += summary->subject[i].day_count;
    }
    return count;
}

/* Adds a subject's days of one stratum, scaled to 24 h each. */
static void gather(const struct vg_subject *subject, int which, double *pages,
                   struct stratum *stratum)
{
    for (size_t i = 0; i < subject->day_count; i++) {
        const struct vg_load_day *day = &subject->day[i];
        const vg_ms length = vg_subject_day(subject, i);
        if (!day->watched || length < LEAST_DAY || stratum_of(day) != which) {
            continue;
        }
        const double scale = (double)VG_DAY / (double)length;
        pages[stratum->days++] = day->pages * scale;
        stratum->mean_alerts += day->alerts * scale;
    }
}

static bool strata_of(struct load *load)
{
    const struct vg_summary *summary = load->summary;
    double *pages = calloc(all_days(summary) + 1, sizeof *pages);

    for (int s = 0; pages != NULL && s < VG_LOAD_STRATA; s++) {
        struct stratum *stratum = &load->stratum[s];
        for (size_t i = 0; i < summary->names.count; i++) {
            gather(&summary->subject[i], s, pages, stratum);
        }
        stratum->median_pages = median(pages, stratum->days);
        stratum->mean_alerts /= stratum->days > 0 ? (double)stratum->days : 1;
    }
    free(pages);
    return pages != NULL;
}

static void count_days(struct load *load)
{
    for (size_t i = 0; i < load->summary->names.count; i++) {
        const struct vg_subject *subject = &load->summary->subject[i];
        *(subject->patient ? &load->patients : &load->beds) += 1;
        for (size_t day = 0; day < subject->day_count; day++) {
            if (subject->day[day].watched) {
                load->days += (double)vg_subject_day(subject, day) / (double)VG_DAY;
            }
        }
    }
}

/* The most severe first, then the most frequent, then by name. */
static int by_load(const void *a, const void *b)
{
    const struct vg_rule_load *x = a;
    const struct vg_rule_load *y = b;

    if (x->severity != y->severity) {
        return x->severity > y->severity ? -1 : 1;
    }
    if (x->count != y->count) {
        return x->count > y->count ? -1 : 1;
    }
    return strcmp(x->rule, y->rule);
}

static double rate(const struct load *load, unsigned count)
{
    return load->days > 0 ? count / load->days : 0;
}

/* ---- For people */

static void line(const struct load *load, const char *words, unsigned count)
{
    (void)fprintf(load->to, "  %-30s %9u %14.2f\n", words, count, rate(load, count));
}

static void goal(FILE *to, double value)
{
    if (value < 0) {
        (void)fprintf(to, "  %9s", "none");
    } else {
        (void)fprintf(to, "  <= %6.0f", value);
    }
}

static void print_strata(const struct load *load)
{
    (void)fprintf(load->to,
                  "\nby CRS grade of the day           days   paging, median       goal"
                  "    all, mean       goal\n");
    for (int s = 0; s < VG_LOAD_STRATA; s++) {
        const struct stratum *stratum = &load->stratum[s];
        if (stratum->days == 0) {
            continue;
        }
        (void)fprintf(load->to, "  %-30s %5zu %16.2f", strata[s].words, stratum->days,
                      stratum->median_pages);
        goal(load->to, strata[s].pages);
        (void)fprintf(load->to, " %12.2f", stratum->mean_alerts);
        goal(load->to, strata[s].alerts);
        (void)fputs("\n", load->to);
    }
}

static void print_table(const struct load *load)
{
    const struct vg_summary *s = load->summary;

    (void)fprintf(load->to,
                  "patients %zu, beds without a patient %zu, patient-days %.2f, "
                  "refused items and messages %u\n\n",
                  load->patients, load->beds, load->days, s->refused);
    (void)fprintf(load->to, "%-32s %9s %14s\n", "alerts raised", "number",
                  "per patient-day");
    for (int i = VG_SEVERITY_COUNT - 1; i >= 0; i--) {
        line(load, vg_severity_text((enum vg_severity)i), s->severity[i]);
    }
    line(load, "all", s->raised);
    line(load, "paging (critical, urgent)", s->pages);
    line(load, "class technical, goal <= 4", s->technical);
    line(load, "told again (re-alerts)", s->repeats);
    print_strata(load);
    (void)fprintf(load->to, "\n%-10s %-32s %9s %14s\n", "severity", "rule", "number",
                  "per patient-day");
    for (size_t i = 0; i < s->rules.count; i++) {
        const struct vg_rule_load *rule = &load->rule[i];
        (void)fprintf(load->to, "%-10s %-32s %9u %14.2f\n",
                      vg_severity_text(rule->severity), rule->rule, rule->count,
                      rate(load, rule->count));
    }
}

/* ---- For programs */

static void json_count(const struct load *load, unsigned count)
{
    (void)fprintf(load->to, "{\"count\":%u,\"per_patient_day\":%.4f}", count,
                  rate(load, count));
}

static void json_strata(const struct load *load)
{
    (void)fputs("],\"by_crs\":[", load->to);
    for (int s = 0; s < VG_LOAD_STRATA; s++) {
        const struct stratum *stratum = &load->stratum[s];
        (void)fprintf(load->to, "%s{\"crs\":%s,\"days\":%zu", s > 0 ? "," : "",
                      strata[s].name, stratum->days);
        if (stratum->days > 0) {
            (void)fprintf(load->to, ",\"paging_median\":%.4f,\"all_mean\":%.4f",
                          stratum->median_pages, stratum->mean_alerts);
        } else {
            (void)fputs(",\"paging_median\":null,\"all_mean\":null", load->to);
        }
        if (strata[s].pages >= 0) {
            (void)fprintf(load->to, ",\"paging_goal\":%.0f,\"all_goal\":%.0f}",
                          strata[s].pages, strata[s].alerts);
        } else {
            (void)fputs(",\"paging_goal\":null,\"all_goal\":null}", load->to);
        }
    }
    (void)fputs("]}\n", load->to);
}

static void json_rules(const struct load *load)
{
    (void)fputs(",\"by_rule\":[", load->to);
    for (size_t i = 0; i < load->summary->rules.count; i++) {
        const struct vg_rule_load *rule = &load->rule[i];
        (void)fprintf(load->to,
                      "%s{\"rule\":\"%s\",\"severity\":\"%s\",\"count\":%u,"
                      "\"per_patient_day\":%.4f}",
                      i > 0 ? "," : "", rule->rule, vg_severity_text(rule->severity),
                      rule->count, rate(load, rule->count));
    }
}

static void print_json(const struct load *load)
{
    const struct vg_summary *s = load->summary;

    (void)fprintf(load->to,
                  "{\"patients\":%zu,\"beds_without_patient\":%zu,"
                  "\"patient_days\":%.4f,\"refused\":%u,\"repeats\":%u,\"all\":",
                  load->patients, load->beds, load->days, s->refused, s->repeats);
    json_count(load, s->raised);
    (void)fputs(",\"paging\":", load->to);
    json_count(load, s->pages);
    (void)fputs(",\"technical\":", load->to);
    json_count(load, s->technical);
    (void)fprintf(load->to, ",\"technical_goal\":%.0f,\"by_severity\":{",
                  TECHNICAL_GOAL);
    for (int i = VG_SEVERITY_COUNT - 1; i >= 0; i--) {
        (void)fprintf(load->to, "\"%s\":", vg_severity_text((enum vg_severity)i));
        json_count(load, s->severity[i]);
        (void)fputs(i > 0 ? "," : "}", load->to);
    }
    json_rules(load);
    json_strata(load);
}

enum vg_status vg_summary_print(struct vg_summary *summary, bool json, FILE *to)
{
    struct load load = {.summary = summary, .to = to, .rule = summary->rule};

    if (!strata_of(&load)) {
        return VG_NO_MEMORY;
    }
    count_days(&load);
    if (summary->rules.count > 0) {
        qsort(load.rule, summary->rules.count, sizeof *load.rule, by_load);
    }
    if (json) {
        print_json(&load);
    } else {
        print_table(&load);
    }
    return VG_OK;
}
