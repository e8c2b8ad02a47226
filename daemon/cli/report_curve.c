/* SPDX-License-Identifier: Apache-2.0
 *
 * See report_curve.h. The span from lowest to highest as bars, the mean as a line that breaks
 * where nothing came; a value alone is a dot.
 */
#include "cli/report_curve.h"

#include <stdio.h>

#include "vigil/wire.h"

#define WIDTH  700
#define HEIGHT 130
#define LEFT   46 /* for the numbers */
#define TOP    8
#define BOTTOM 20 /* for the times */

struct curve {
    const struct vg_report_point *point;
    double low, high, scale;
    struct vg_instant from;
    vg_ms step;
};

static double x_of(double i)
{
    return LEFT + i * (WIDTH - LEFT) / VG_REPORT_ROOM;
}

static double y_of(const struct curve *c, double value)
{
    return TOP + (c->high - value) * c->scale;
}

/* Hours or days, so that at most ten fit. */
static vg_ms tick_of(vg_ms span)
{
    static const vg_ms ticks[] = {VG_HOUR,      2 * VG_HOUR,  6 * VG_HOUR,
                                  12 * VG_HOUR, VG_DAY,       2 * VG_DAY,
                                  7 * VG_DAY,   14 * VG_DAY,  28 * VG_DAY,
                                  90 * VG_DAY,  365 * VG_DAY, 3650 * VG_DAY};
    size_t i = 0;

    while (i + 1 < sizeof ticks / sizeof ticks[0] && span / ticks[i] > 10) {
        i++;
    }
    return ticks[i];
}

static void axis(const struct curve *c)
{
    const vg_ms span = c->step * VG_REPORT_ROOM;
    const vg_ms tick = tick_of(span);
    char text[VG_TIME_TEXT];

    (void)printf("<g stroke=\"#ddd\">");
    for (vg_ms at = c->from.ms + tick - c->from.ms % tick; at < c->from.ms + span;
         at += tick) {
        (void)printf("<path d=\"M%.1f %dV%d\"/>",
                     x_of((double)(at - c->from.ms) / (double)c->step), TOP,
                     HEIGHT - BOTTOM);
    }
    (void)printf("</g><g font-size=\"10\" fill=\"#444\" text-anchor=\"middle\">");
    for (vg_ms at = c->from.ms + tick - c->from.ms % tick; at < c->from.ms + span;
         at += tick) {
        const bool midnight = at % VG_DAY == 0;
        vg_time_format((struct vg_instant){at}, text);
        (void)printf("<text x=\"%.1f\" y=\"%d\">%.5s</text>",
                     x_of((double)(at - c->from.ms) / (double)c->step), HEIGHT - 6,
                     midnight ? text + 5 : text + 11);
    }
    (void)printf(
        "</g><g font-size=\"10\" fill=\"#444\" text-anchor=\"end\"><text x=\"%d\" "
        "y=\"%d\">%g</text>",
        LEFT - 4, TOP + 8, c->high);
    if (c->high - c->low > 1e-9) {
        (void)printf("<text x=\"%d\" y=\"%.1f\">%g</text>", LEFT - 4, y_of(c, c->low),
                     c->low);
    }
    (void)fputs("</g>", stdout);
}

/* Dashed, with their words on top. */
static void put_marks(const struct curve *c, const struct vg_report_marks *marks)
{
    (void)fputs("<g font-size=\"9\" fill=\"#a30\">", stdout);
    for (size_t i = 0; i < marks->count; i++) {
        const double x =
            x_of((double)vg_since(marks->mark[i].at, c->from) / (double)c->step);
        (void)printf(
            "<path stroke=\"#a30\" stroke-dasharray=\"3 3\" d=\"M%.1f %dV%d\"/>"
            "<text x=\"%.1f\" y=\"%d\">%s</text>",
            x, TOP, HEIGHT - BOTTOM, x + 2, TOP + 7, marks->mark[i].text);
    }
    (void)fputs("</g>", stdout);
}

static void band(const struct curve *c)
{
    (void)printf("<g stroke=\"#9bd\" stroke-width=\"%.1f\">",
                 (double)(WIDTH - LEFT) / VG_REPORT_POINTS);
    for (size_t i = 0; i < VG_REPORT_ROOM; i++) {
        if (c->point[i].there) {
            (void)printf("<path d=\"M%.1f %.1fV%.1f\"/>", x_of((double)i),
                         y_of(c, c->point[i].max) - 0.5,
                         y_of(c, c->point[i].min) + 0.5);
        }
    }
    (void)fputs("</g>", stdout);
}

static bool there(const struct curve *c, size_t i, int beside)
{
    const size_t k = i + (size_t)beside;

    return k < VG_REPORT_ROOM && c->point[k].there;
}

static void line(const struct curve *c)
{
    (void)fputs("<path fill=\"none\" stroke=\"#036\" d=\"", stdout);
    for (size_t i = 0; i < VG_REPORT_ROOM; i++) {
        if (c->point[i].there) {
            (void)printf("%c%.1f %.1f", there(c, i, -1) ? 'L' : 'M', x_of((double)i),
                         y_of(c, c->point[i].mean));
        }
    }
    (void)fputs("\"/><g fill=\"#036\">", stdout);
    for (size_t i = 0; i < VG_REPORT_ROOM; i++) {
        if (c->point[i].there && !there(c, i, -1) && !there(c, i, 1)) {
            (void)printf("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\"/>", x_of((double)i),
                         y_of(c, c->point[i].mean));
        }
    }
    (void)fputs("</g>", stdout);
}

void vg_report_curve(enum vg_signal signal,
                     const struct vg_report_point point[VG_REPORT_ROOM],
                     struct vg_instant from, vg_ms step,
                     const struct vg_report_marks *marks)
{
    const struct vg_signal_info *info = vg_signal_info(signal);
    struct curve c = {
        .point = point, .low = 1e300, .high = -1e300, .from = from, .step = step};

    for (size_t i = 0; i < VG_REPORT_ROOM; i++) {
        c.low = point[i].there && point[i].min < c.low ? point[i].min : c.low;
        c.high = point[i].there && point[i].max > c.high ? point[i].max : c.high;
    }
    c.scale = (HEIGHT - TOP - BOTTOM) / (c.high - c.low > 1e-9 ? c.high - c.low : 1);
    (void)printf(
        "<figure><figcaption>%s, %s: %g to %g</figcaption><svg viewBox=\"0 0 %d "
        "%d\" role=\"img\">",
        info->label, vg_unit_text(info->unit), c.low, c.high, WIDTH, HEIGHT);
    axis(&c);
    band(&c);
    line(&c);
    put_marks(&c, marks);
    (void)puts("</svg></figure>");
}
