/* SPDX-License-Identifier: Apache-2.0
 *
 * vigil report: a patient's course as one HTML page without anything from elsewhere, for the
 * screen and for paper: stays, what is open, alerts and who took them, curves, last values.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/query.h"
#include "cli/report_curve.h"
#include "shell/clock.h"
#include "shell/history.h"

static const char usage[] =
    "usage: vigil report PATIENT [--from T] [--to T] [-c FILE] [--set KEY=VALUE]... >FILE\n"
    "\n"
    "Prints an HTML page: stays, open items, alerts and who took them, curves of the vital\n"
    "signs, last values. It loads nothing from elsewhere and prints on A4. Without T: since\n"
    "the newest stay began. Exit 0: printed; 1: nothing is known of them; 2, 3 as ever.\n";

struct report {
    struct vg_query_options options;
    const char *patient;
    struct vg_instant from, to;
    vg_ms step;
    struct vg_reader *reader;
    struct vg_report_point (*point)[VG_REPORT_ROOM]; /* of each signal */
    uint64_t there;
    size_t rows;
    bool open_only; /* of the table of alerts in hand */
};

/* ---- HTML */

static void put(const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '<':
            (void)fputs("&lt;", stdout);
            break;
        case '&':
            (void)fputs("&amp;", stdout);
            break;
        case '"':
            (void)fputs("&quot;", stdout);
            break;
        default:
            (void)putchar(*text);
        }
    }
}

static void cell(const char *text)
{
    (void)fputs("<td>", stdout);
    put(text);
}

static void cell_time(struct vg_instant at)
{
    char text[VG_TIME_TEXT] = "";

    if (vg_is_set(at) && !vg_is_never(at)) {
        vg_time_format(at, text);
        text[16] = '\0'; /* minutes will do */
        text[10] = ' ';
    }
    (void)fputs("<td class=\"time\">", stdout);
    put(text);
}

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Course</title>\n"
    "<style>body{font:14px/1.4 sans-serif;max-width:52em;margin:2em auto;padding:0 1em}\n"
    "table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;"
    "padding:.2em .6em;border-bottom:1px solid #ccc}th{border-bottom:2px solid #888}\n"
    "h1{font-size:1.4em}h2{font-size:1.1em;margin-top:1.6em;break-after:avoid}\n"
    ".critical td:first-child{border-left:.4em solid #b00}.urgent td:first-child"
    "{border-left:.4em solid #d70}figure{margin:1em 0;break-inside:avoid}svg{width:100%}\n"
    ".time{white-space:nowrap}tr{break-inside:avoid}thead{display:table-header-group}\n"
    "footer{margin-top:2em;color:#555;font-size:.9em}\n"
    "@page{size:A4;margin:15mm}@media print{body{margin:0;max-width:none;font-size:11px}}\n"
    "</style></head><body>\n";

/* ---- Stays */

static bool on_episode(void *to, const struct vg_episode *e)
{
    struct report *r = to;

    if (r->rows++ == 0) {
        (void)fputs(
            "<h2>Stays</h2><table><tr><th>Bed<th>Product<th>Protocol<th>From<th>To"
            "\n",
            stdout);
        if (!vg_is_set(r->from)) {
            r->from = e->begin;
            r->to = vg_earlier(r->to, e->end);
        }
    }
    (void)fputs("<tr><td>", stdout);
    put(e->ward);
    (void)fputs(" / ", stdout);
    put(e->bed);
    cell(vg_product_text(e->product));
    cell(e->protocol);
    cell_time(e->begin);
    if (vg_is_never(e->end)) {
        cell("still here");
    } else {
        cell_time(e->end);
    }
    (void)puts("");
    return true;
}

/* ---- Alerts */

static bool on_alert(void *to, const char *json, size_t length)
{
    static struct vg_alert alert; /* large */
    struct report *r = to;

    if (vg_decode_alert(json, length, &alert) != VG_OK ||
        (r->open_only && !vg_alert_open(&alert))) {
        return true;
    }
    if (r->rows++ == 0) {
        (void)printf("<h2>%s</h2><table><tr><th>Onset (UTC)<th>Severity<th>What<th>Now"
                     "<th>Taken by<th>Last said\n",
                     r->open_only ? "Open items" : "Alerts");
    }
    (void)printf("<tr class=\"%s\">", vg_severity_text(alert.severity));
    cell_time(alert.onset);
    cell(vg_severity_text(alert.severity));
    (void)fputs("<td><b>", stdout);
    put(alert.rule);
    (void)fputs("</b><br>", stdout);
    put(alert.text);
    cell(vg_condition_text(alert.condition));
    cell(alert.owner);
    cell(alert.remark);
    (void)puts("");
    return true;
}

static enum vg_status alerts(struct report *r, bool open_only, struct vg_error *error)
{
    const struct vg_alerts_query query = {
        .of = {.patient = r->patient,
               .state = open_only ? VG_ALERTS_OPEN : VG_ALERTS_ALL,
               .from = open_only ? VG_UNSET : r->from,
               .to = r->to}};
    struct vg_page_end end = {0};

    r->rows = 0;
    r->open_only = open_only;
    const enum vg_status status =
        vg_history_alerts(r->reader, &query, on_alert, r, &end, error);
    if (r->rows > 0) {
        (void)puts("</table>");
    } else {
        (void)printf("<h2>%s</h2><p>None.</p>\n", open_only ? "Open items" : "Alerts");
    }
    return status;
}

/* ---- Curves */

static bool on_step(void *to, const struct vg_history_step *step)
{
    struct report *r = to;
    const int64_t i = (step->at.ms - r->from.ms) / r->step;

    if (i >= 0 && i < VG_REPORT_ROOM) {
        r->point[step->signal][i] = (struct vg_report_point){
            (double)step->min / 1e6, (double)step->max / 1e6, step->mean, true};
        r->there |= (uint64_t)1 << step->signal;
    }
    return true;
}

static enum vg_status curves(struct report *r, struct vg_error *error)
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
    (void)puts("<h2>Curves</h2><p>Times in UTC.</p>");
    for (unsigned i = 0; i < VG_MEASURED_COUNT && status == VG_OK; i++) {
        if ((r->there >> i & 1) != 0) {
            vg_report_curve((enum vg_signal)i, r->point[i], r->from, r->step);
        }
    }
    free(r->point);
    return status;
}

/* ---- Last values */

static bool on_last(void *to, const struct vg_reading_row *row)
{
    struct report *r = to;
    const struct vg_signal_info *info = vg_signal_info(row->reading->signal);
    char value[VG_DECIMAL_TEXT];

    if (r->rows++ == 0) {
        (void)puts(
            "<h2>Last values</h2><table><tr><th>What<th>Value<th>Measured (UTC)");
    }
    (void)fputs("<tr>", stdout);
    cell(info->label);
    (void)vg_decimal_format(vg_history_value(row->reading), value, sizeof value);
    (void)printf("<td>%s %s", value, vg_unit_text(info->unit));
    cell_time(row->reading->measured);
    (void)puts("");
    return true;
}

static enum vg_status page(struct report *r, struct vg_error *error)
{
    const struct vg_episodes_query stays = {
        .patient = r->patient, .from = VG_UNSET, .to = VG_NEVER};
    struct vg_page_end end = {0};

    (void)fputs(head, stdout);
    (void)fputs("<h1>Course of ", stdout);
    put(r->patient);
    (void)puts("</h1>");
    enum vg_status status =
        vg_history_episodes(r->reader, &stays, on_episode, r, &end, error);
    (void)puts(r->rows > 0 ? "</table>" : "<p>No stay is known.</p>");
    if (!vg_is_set(r->from)) {
        r->from = vg_after(r->to, -VG_DAY);
    }
    const struct vg_history_query last = {
        .patient = r->patient, .from = r->from, .to = r->to};
    if (status == VG_OK) {
        status = alerts(r, true, error);
    }
    if (status == VG_OK) {
        status = curves(r, error);
    }
    if (status == VG_OK) {
        status = alerts(r, false, error);
    }
    r->rows = 0;
    if (status == VG_OK) {
        status = vg_history_last(r->reader, &last, on_last, r, error);
    }
    (void)printf("%s<footer>%s vigil %s.</footer></body></html>\n",
                 r->rows > 0 ? "</table>" : "", vg_disclaimer, VG_VERSION);
    return status;
}

static int parse(struct report *r, int argc, char **argv)
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
    return VG_EXIT_DONE;
}

static bool on_any(void *to, const struct vg_reading_row *row)
{
    (void)to;
    (void)row;
    return true;
}

/* Whether anything is known of them. */
static bool known(struct report *r)
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
    static struct report r; /* large, and there is one */
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
    const bool there = known(&r);
    const enum vg_status status = there ? page(&r, &error) : VG_OK;
    vg_store_read_close(r.reader);
    if (status != VG_OK) {
        (void)fprintf(stderr, "vigil report: %s\n",
                      status == VG_NO_MEMORY ? "out of memory" : error.text);
        return VG_EXIT_CANNOT;
    }
    return there ? VG_EXIT_DONE : VG_EXIT_NO;
}
