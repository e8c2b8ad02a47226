/* SPDX-License-Identifier: Apache-2.0
 *
 * vigil report: a patient's course as one HTML page without anything from elsewhere, for the
 * screen and for paper. See report.h for its parts.
 */
#include "cli/report.h"

#include <stdlib.h>
#include <string.h>

#include "shell/clock.h"
#include "shell/history.h"

static const char usage[] =
    "usage: vigil report PATIENT [--from T] [--to T] [-c FILE] [--set KEY=VALUE]... >FILE\n"
    "\n"
    "Prints an HTML page: stays, infusions, computed grades, treatment, open items, curves,\n"
    "alerts with who was called and what they answered, last values. It loads nothing from\n"
    "elsewhere and prints on A4. Without T: since the newest stay began. Exit 0: printed; 1: nothing is known of them; 2, 3 as ever.\n";

/* ---- Stays */

static bool on_episode(void *to, const struct vg_episode *e)
{
    struct vg_report *r = to;

    if (r->rows++ == 0) {
        (void)fputs(
            "<h2>Stays</h2><table><tr><th>Bed<th>Product<th>Protocol<th>From<th>To"
            "\n",
            stdout);
    }
    if (!vg_is_set(r->from) && e->begin.ms < r->to.ms) { /* the newest comes first */
        r->from = e->begin;
        r->to = vg_earlier(r->to, e->end);
    }
    (void)fputs("<tr><td>", stdout);
    vg_report_put(e->ward);
    (void)fputs(" / ", stdout);
    vg_report_put(e->bed);
    vg_report_cell(vg_product_text(e->product));
    vg_report_cell(e->protocol);
    vg_report_cell_time(e->begin);
    if (vg_is_never(e->end)) {
        vg_report_cell("still here");
    } else {
        vg_report_cell_time(e->end);
    }
    (void)puts("");
    return true;
}

/* ---- Curves */

static bool on_step(void *to, const struct vg_history_step *step)
{
    struct vg_report *r = to;
    const int64_t i = (step->at.ms - r->from.ms) / r->step;

    if (i >= 0 && i < VG_REPORT_ROOM) {
        r->point[step->signal][i] = (struct vg_report_point){
            (double)step->min / 1e6, (double)step->max / 1e6, step->mean, true};
        r->there |= (uint64_t)1 << step->signal;
    }
    return true;
}

static enum vg_status curves(struct vg_report *r, struct vg_error *error)
{
    struct vg_history_query query = {
        .patient = r->patient, .from = r->from, .to = r->to};
    struct vg_page_end end = {0};
    const vg_ms span = vg_since(r->to, r->from);

    r->step = (span / VG_REPORT_POINTS / VG_MINUTE + 1) * VG_MINUTE;
    r->from = vg_after(r->from, -(r->from.ms % r->step));
    query.step = r->step;
    r->point = calloc(VG_MEASURED_COUNT, sizeof *r->point);
    if (r->point == NULL) {
        return VG_NO_MEMORY;
    }
    const enum vg_status status =
        vg_history_steps(r->reader, &query, on_step, r, &end, error);
    (void)puts("<h2>Curves</h2>");
    for (unsigned i = 0; i < VG_MEASURED_COUNT && status == VG_OK; i++) {
        if ((r->there >> i & 1) != 0) {
            vg_report_curve((enum vg_signal)i, r->point[i], r->from, r->step,
                            &r->marks);
        }
    }
    free(r->point);
    return status;
}

/* ---- Last values */

static bool on_last(void *to, const struct vg_reading_row *row)
{
    struct vg_report *r = to;
    const struct vg_signal_info *info = vg_signal_info(row->reading->signal);
    char value[VG_DECIMAL_TEXT];

    if (r->rows++ == 0) {
        (void)puts(
            "<h2>Last values</h2><table><tr><th>What<th>Value<th>Measured (UTC)");
    }
    (void)fputs("<tr>", stdout);
    vg_report_cell(info->label);
    (void)vg_decimal_format(vg_history_value(row->reading), value, sizeof value);
    (void)printf("<td>%s %s", value, vg_unit_text(info->unit));
    vg_report_cell_time(row->reading->measured);
    (void)puts("");
    return true;
}

typedef enum vg_status vg_part_fn(struct vg_report *r, struct vg_error *error);

static void put_span(const struct vg_report *r)
{
    (void)fputs("<p>From ", stdout);
    vg_report_put_time(r->from);
    (void)fputs(" to ", stdout);
    vg_report_put_time(r->to);
    (void)puts(", all times in UTC.</p>");
}

static enum vg_status page(struct vg_report *r, struct vg_error *error)
{
    const struct vg_episodes_query stays = {
        .patient = r->patient, .from = VG_UNSET, .to = VG_NEVER};
    struct vg_page_end end = {0};

    vg_report_head();
    (void)fputs("<h1>Course of ", stdout);
    vg_report_put(r->patient);
    (void)puts("</h1>");
    enum vg_status status =
        vg_history_episodes(r->reader, &stays, on_episode, r, &end, error);
    (void)puts(r->rows > 0 ? "</table>" : "<p>No stay is known.</p>");
    if (!vg_is_set(r->from)) {
        r->from = vg_after(r->to, -VG_DAY);
    }
    const struct vg_history_query last = {
        .patient = r->patient, .from = r->from, .to = r->to};
    put_span(r);
    static vg_part_fn *const parts[] = {vg_report_course, vg_report_open_items, curves,
                                        vg_report_alerts};
    for (size_t i = 0; i < sizeof parts / sizeof *parts && status == VG_OK; i++) {
        status = parts[i](r, error);
    }
    r->rows = 0;
    if (status == VG_OK) {
        status = vg_history_last(r->reader, &last, on_last, r, error);
    }
    (void)printf("%s<footer>%s vigil %s.</footer></body></html>\n",
                 r->rows > 0 ? "</table>" : "", vg_disclaimer, VG_VERSION);
    return status;
}

static int parse(struct vg_report *r, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        int done = 0;
        if (vg_query_word(&r->options, usage, argc, argv, &i, &done)) {
            if (done != 0) {
                return done;
            }
            continue;
        }
        const bool from = strcmp(argv[i], "--from") == 0;
        if ((from || strcmp(argv[i], "--to") == 0) && i + 1 < argc &&
            vg_query_time(argv[i + 1], vg_clock_wall(), from ? &r->from : &r->to)) {
            i++;
        } else if (argv[i][0] != '-' && r->patient == NULL) {
            r->patient = argv[i];
        } else {
            (void)fprintf(stderr, "vigil report: do not understand \"%s\"\n%s", argv[i],
                          usage);
            return VG_EXIT_USAGE;
        }
    }
    if (r->patient == NULL) {
        (void)fputs(usage, stderr);
        return VG_EXIT_USAGE;
    }
    if (vg_is_set(r->from) && r->from.ms >= r->to.ms) {
        (void)fputs("vigil report: --from is not before --to (now, if not given)\n",
                    stderr);
        return VG_EXIT_USAGE;
    }
    return VG_EXIT_DONE;
}

static bool on_any(void *to, const struct vg_reading_row *row)
{
    (void)to;
    (void)row;
    return true;
}

/* Whether anything is known of them. */
static bool known(struct vg_report *r)
{
    struct vg_error ignored = {""};
    struct vg_page_end end = {0};
    const struct vg_history_query query = {
        .patient = r->patient, .to = VG_NEVER, .limit = 1};

    return vg_history_readings(r->reader, &query, on_any, r, &end, &ignored) != VG_OK ||
           end.rows > 0;
}

int vg_cli_report(int argc, char **argv)
{
    static struct vg_report r; /* large, and there is one */
    struct vg_error error = {""};

    vg_settings_default(&r.options.settings);
    r.from = VG_UNSET;
    r.to = vg_clock_wall();
    const int code = parse(&r, argc, argv);
    if (code != VG_EXIT_DONE) {
        return code < 0 ? VG_EXIT_DONE : code;
    }
    r.reader = vg_query_open(&r.options, "report");
    if (r.reader == NULL) {
        return VG_EXIT_CANNOT;
    }
    vg_store_read_within(r.reader, 60 * VG_SECOND);
    const bool there = vg_query_patient(r.reader, "report", r.patient) && known(&r);
    const enum vg_status status = there ? page(&r, &error) : VG_OK;
    vg_store_read_close(r.reader);
    if (status != VG_OK) {
        (void)fprintf(stderr, "vigil report: %s\n",
                      status == VG_NO_MEMORY ? "out of memory" : error.text);
        return VG_EXIT_CANNOT;
    }
    return there ? VG_EXIT_DONE : VG_EXIT_NO;
}
