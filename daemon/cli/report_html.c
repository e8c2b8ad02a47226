/* SPDX-License-Identifier: Apache-2.0
 *
 * How vigil report puts things: see report.h.
 */
#include <inttypes.h>

#include "cli/report.h"

void vg_report_put(const char *text)
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

void vg_report_cell(const char *text)
{
    (void)fputs("<td>", stdout);
    vg_report_put(text);
}

void vg_report_put_time(struct vg_instant at)
{
    char text[VG_TIME_TEXT] = "";

    if (vg_is_set(at) && !vg_is_never(at)) {
        vg_time_format(at, text);
        text[16] = '\0'; /* minutes will do */
        text[10] = ' ';
    }
    vg_report_put(text);
}

void vg_report_cell_time(struct vg_instant at)
{
    (void)fputs("<td class=\"time\">", stdout);
    vg_report_put_time(at);
}

void vg_report_cell_onset(const struct vg_report *r, struct vg_instant at)
{
    vg_report_cell_time(at);
    if (vg_is_set(r->infusion) && at.ms >= r->infusion.ms) {
        const vg_ms since = vg_since(at, r->infusion);
        (void)printf("<br><small>+%" PRId64 " d %" PRId64 " h</small>", since / VG_DAY,
                     since % VG_DAY / VG_HOUR);
    }
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
    "small{color:#555}.told{width:32%}.gone{color:#555}footer{margin-top:2em;color:#555;font-size:.9em}\n"
    "@page{size:A4;margin:15mm}@media print{body{margin:0;max-width:none;font-size:11px}}\n"
    "</style></head><body>\n";

void vg_report_head(void)
{
    (void)fputs(head, stdout);
}
