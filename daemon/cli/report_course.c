/* SPDX-License-Identifier: Apache-2.0
 *
 * vigil report: what was infused, the computed grades, and what was given and charted.
 */
#include <string.h>

#include "cli/report.h"
#include "wire/fhir.h"

#define BIT(signal) ((uint64_t)1 << (VG_##signal - VG_MEASURED_COUNT))

/* ---- Infusions */

static void mark(struct vg_report *r, struct vg_instant at, const char *text)
{
    if (r->marks.count < VG_REPORT_MARKS && at.ms >= r->from.ms && at.ms < r->to.ms) {
        struct vg_report_mark *to = &r->marks.mark[r->marks.count++];
        to->at = at;
        (void)vg_copy(to->text, sizeof to->text, text);
    }
}

static bool on_infusion(void *to, const struct vg_infusion_row *row)
{
    struct vg_report *r = to;

    if (row->at.ms >= r->to.ms) {
        return true;
    }
    if (r->rows++ == 0) {
        (void)puts(
            "<h2>Infusions</h2><table><tr><th>At (UTC)<th>What<th>Product<th>Dose"
            "<th>Donor<th>Chain of identity");
    }
    if (strcmp(row->what, "start") == 0 && !row->taken_back) {
        r->infusion = row->at;
        mark(r, row->at, "infusion");
    }
    (void)fputs("<tr>", stdout);
    vg_report_cell_time(row->at);
    vg_report_cell(!row->taken_back                  ? row->what
                   : strcmp(row->what, "start") == 0 ? "start, taken back"
                                                     : "end, taken back");
    vg_report_cell(row->product);
    vg_report_cell(row->dose_id);
    vg_report_cell(row->donor);
    vg_report_cell(row->chain_id);
    (void)puts("");
    return true;
}

static enum vg_status infusions(struct vg_report *r, struct vg_error *error)
{
    r->rows = 0;
    r->infusion = VG_UNSET;
    const enum vg_status status =
        vg_store_infusions(r->reader, r->patient, on_infusion, r, error);
    if (r->rows == 0) {
        (void)puts("<p>No infusion is known.</p>");
        return status;
    }
    (void)puts("</table>");
    if (vg_is_set(r->infusion)) {
        (void)printf(
            "<p>This page ends %.1f days after the latest infusion began. Times "
            "with + below count from there.</p>\n",
            (double)vg_since(r->to, r->infusion) / (double)VG_DAY);
    }
    return status;
}

/* ---- Grades */

struct grade {
    int highest, last;
    struct vg_instant highest_at, last_at;
    bool highest_complete, last_complete;
};

struct grades {
    struct grade of[VG_FHIR_SCORES];
    struct vg_instant from;
    bool masked; /* a drug may have hidden a fever at some time */
};

static bool on_assessed(void *to, const struct vg_assessed_row *row)
{
    struct grades *g = to;
    struct vg_fhir_known known;

    if (vg_fhir_known_parse(row->json, row->length, &known) != VG_OK) {
        return true;
    }
    g->masked = g->masked || known.masked;
    for (unsigned i = 0; i < VG_FHIR_SCORES; i++) {
        struct grade *of = &g->of[i];
        const int value = known.value[i];
        if (value != VG_GRADE_NULL &&
            (of->highest == VG_GRADE_NULL || value > of->highest)) {
            of->highest = value;
            of->highest_at = row->at;
            of->highest_complete = known.complete[i];
        }
        if (value != of->last || known.complete[i] != of->last_complete) {
            of->last = value;
            of->last_at = row->at;
            of->last_complete = known.complete[i];
        }
    }
    return true;
}

static void cell_grade(int value, bool complete, struct vg_instant at)
{
    if (value == VG_GRADE_NULL) {
        (void)fputs("<td>not known", stdout);
    } else {
        (void)printf("<td>%d%s", value, complete ? "" : " or more (incomplete)");
    }
    vg_report_cell_time(at);
}

static enum vg_status grades(struct vg_report *r, struct vg_error *error)
{
    static const struct {
        enum vg_fhir_score score;
        const char *name;
    } rows[] = {{VG_FHIR_CRS, "CRS-like grade"},
                {VG_FHIR_ICANS, "ICANS-like grade"},
                {VG_FHIR_NEWS2, "NEWS2"}};
    struct grades g = {.from = r->from};
    struct vg_page_end end = {0};
    const struct vg_history_query query = {
        .patient = r->patient, .from = r->from, .to = r->to, .before = true};

    for (unsigned i = 0; i < VG_FHIR_SCORES; i++) {
        g.of[i] = (struct grade){.highest = VG_GRADE_NULL,
                                 .last = VG_GRADE_NULL,
                                 .highest_at = VG_UNSET,
                                 .last_at = VG_UNSET};
    }
    const enum vg_status status =
        vg_history_assessments(r->reader, &query, on_assessed, &g, &end, error);
    (void)puts("<h2>Computed grades (provisional)</h2><table><tr><th>Score<th>Highest"
               "<th>First at (UTC)<th>Last<th>Since (UTC)");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct grade *of = &g.of[rows[i].score];
        (void)fputs("<tr>", stdout);
        vg_report_cell(rows[i].name);
        cell_grade(of->highest, of->highest_complete, of->highest_at);
        cell_grade(of->last, of->last_complete, of->last_at);
        (void)puts("");
    }
    (void)puts("</table>");
    if (g.masked) {
        (void)puts("<p>Drugs may have hidden a fever at some time.</p>");
    }
    return status;
}

/* ---- Treatment */

static const uint64_t treatment =
    BIT(LYMPHODEPLETION) | BIT(O2_DEVICE) | BIT(VASOPRESSOR) | BIT(MEDICATION) |
    BIT(CONSCIOUSNESS) | BIT(SEIZURE) | BIT(NEURO) | BIT(SYMPTOM) | BIT(FLAG);
/* What holds until something else is charted: only changes are told. */
static const uint64_t lasting = BIT(O2_DEVICE) | BIT(CONSCIOUSNESS);

/* Against the reaction itself: where the curves turn, one looks for these. */
static bool is_marked(const struct vg_entry *entry)
{
    static const char *const drugs[] = {"tocilizumab", "siltuximab", "anakinra",
                                        "corticosteroid", "ruxolitinib"};

    for (size_t i = 0;
         entry->signal == VG_MEDICATION && i < sizeof drugs / sizeof *drugs; i++) {
        if (strcmp(entry->value, drugs[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether the one before it of the same kind said the same. */
static bool goes_on(const struct vg_charted *charted, size_t i)
{
    const struct vg_entry *entry = &charted->entry[i];

    if ((lasting >> (entry->signal - VG_MEASURED_COUNT) & 1) == 0) {
        return false;
    }
    while (i > 0 && charted->entry[i - 1].signal != entry->signal) {
        i--;
    }
    return i > 0 && vg_charted_same(entry, &charted->entry[i - 1]);
}

static void put_entry(const struct vg_report *r, const struct vg_entry *entry,
                      struct vg_buffer *words)
{
    vg_charted_details(entry, words);
    (void)fputs("<tr>", stdout);
    vg_report_cell_onset(r, entry->at);
    vg_report_cell(vg_signal_info(entry->signal)->label);
    vg_report_cell(entry->value);
    vg_report_cell(words->length > 0 ? words->bytes : "");
    (void)puts("");
}

static enum vg_status treatments(struct vg_report *r, struct vg_error *error)
{
    struct vg_charted charted = {.wanted = treatment};
    struct vg_buffer words = {0};
    const struct vg_history_query query = {
        .patient = r->patient, .from = r->from, .to = r->to};
    const enum vg_status status = vg_charted_find(r->reader, &query, &charted, error);

    (void)puts("<h2>Treatment and what was charted</h2>");
    (void)puts(charted.count > 0
                   ? "<table><thead><tr><th>At (UTC)<th>What<th>Value<th>Details"
                     "</thead>"
                   : "<p>Nothing.</p>");
    for (size_t i = 0; i < charted.count && status == VG_OK; i++) {
        if (!goes_on(&charted, i)) {
            put_entry(r, &charted.entry[i], &words);
        }
        if (is_marked(&charted.entry[i])) {
            mark(r, charted.entry[i].at, charted.entry[i].value);
        }
    }
    (void)puts(charted.count > 0 ? "</table>" : "");
    vg_buffer_finish(&words);
    vg_charted_finish(&charted);
    return status;
}

enum vg_status vg_report_course(struct vg_report *r, struct vg_error *error)
{
    enum vg_status status = infusions(r, error);

    if (status == VG_OK) {
        status = grades(r, error);
    }
    return status == VG_OK ? treatments(r, error) : status;
}
