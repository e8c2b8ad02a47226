/* SPDX-License-Identifier: Apache-2.0
 *
 * Plots for the terminal: for each signal the band from least to greatest value of each
 * column of time, the mean in it, blank where nothing came, and the limits of the rules of
 * the patient's protocol as lines.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/history.h"
#include "shell/protocol_file.h"

#define MOST_COLUMNS 1000
#define MARGIN       12 /* for the scale */
#define HEIGHT       8
#define LIMITS       8
#define EIGHTHS      8 /* of a row, which a block can show */

struct column {
    double min, max, mean;
    bool there;
};

struct plot {
    const struct vg_history_ask *ask;
    struct vg_history_query query;
    bool ascii;
    struct vg_instant from, to;
    int width;
    vg_ms step;
    struct column (*column)[MOST_COLUMNS]; /* of each measured signal */
    uint64_t there;                        /* signals that have any */
    const struct vg_protocol *protocol;    /* NULL: not known */
    struct vg_protocol_set set;
    char protocol_name[VG_ID_LEN + 1];
};

/* ---- Where the limits are */

struct limit {
    double at;
    const char *rule;
};

static bool on_episode(void *to, const struct vg_episode *episode)
{
    struct plot *plot = to;

    (void)vg_copy(plot->protocol_name, sizeof plot->protocol_name, episode->protocol);
    return false; /* newest first */
}

static void find_protocol(struct plot *plot, struct vg_reader *reader)
{
    struct vg_error ignored = {""};

    if (plot->ask->query.patient != NULL) {
        (void)vg_store_episodes(reader, NULL, plot->ask->query.patient, on_episode,
                                plot, &ignored);
    }
    if (vg_protocol_set_load(plot->ask->options.settings.protocols, NULL, &plot->set,
                             &ignored) == VG_OK) {
        plot->protocol = vg_protocol_set_find(&plot->set, plot->protocol_name);
    }
}

/* The rule compares the signal itself with a number of its unit. */
static bool has_limit_of(const struct vg_rule *rule, enum vg_signal signal)
{
    const struct vg_expr *when = &rule->when;

    return when->has_limit && !when->limit_time &&
           when->asks == (uint64_t)1 << signal && when->value_end == 1 &&
           when->limit_unit == vg_signal_info(signal)->unit;
}

/* Limits inside assessments, which rules ask by name (fever.confirmed, bp.hypotension, oxygen.hypoxia,
 * bp.map_low): Clinical reference 1.2 to 1.4. */
static const struct {
    enum vg_signal signal;
    double at;
    const char *of;
} inside[] = {{VG_TEMP, 38.0, "fever"},
              {VG_SBP, 90, "low systolic pressure"},
              {VG_MAP, 60, "low mean pressure"},
              {VG_SPO2, 90, "low oxygen saturation (scale 1)"}};

static size_t find_limits(const struct plot *plot, enum vg_signal signal,
                          struct limit out[LIMITS])
{
    size_t count = 0;

    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++) {
        if (inside[i].signal == signal) {
            out[count++] = (struct limit){inside[i].at, inside[i].of};
        }
    }
    for (size_t i = 0; plot->protocol != NULL && i < plot->protocol->rule_count; i++) {
        const struct vg_rule *rule = &plot->protocol->rule[i];
        if (count < LIMITS && has_limit_of(rule, signal)) {
            out[count++] = (struct limit){(double)rule->when.limit.numerator /
                                              (double)rule->when.limit.denominator,
                                          rule->id};
        }
    }
    return count;
}

/* ---- Drawing */

struct scale {
    double low, high;
    size_t limit_count;
    struct limit limit[LIMITS];
};

static struct scale scale_of(const struct plot *plot, enum vg_signal signal)
{
    struct scale s = {.low = 1e300, .high = -1e300};

    for (int i = 0; i < plot->width; i++) {
        const struct column *c = &plot->column[signal][i];
        if (c->there) {
            s.low = c->min < s.low ? c->min : s.low;
            s.high = c->max > s.high ? c->max : s.high;
        }
    }
    s.limit_count = find_limits(plot, signal, s.limit);
    const double room = (s.high - s.low) * 0.5 + 1;
    for (size_t i = 0; i < s.limit_count; i++) {
        /* a limit that is near is shown even if nothing reached it */
        if (s.limit[i].at > s.high && s.limit[i].at <= s.high + room) {
            s.high = s.limit[i].at;
        }
        if (s.limit[i].at < s.low && s.limit[i].at >= s.low - room) {
            s.low = s.limit[i].at;
        }
    }
    if (s.high - s.low < 1e-9) {
        s.low -= 0.5;
        s.high += 0.5;
    }
    return s;
}

/* In eighths of a row from the bottom. */
static int level_of(const struct scale *s, double value)
{
    const double share = (value - s->low) / (s->high - s->low);

    return (int)floor(share * (HEIGHT * EIGHTHS - 1) + 0.5);
}

static bool limit_in_row(const struct scale *s, int row)
{
    for (size_t i = 0; i < s->limit_count; i++) {
        const double at = s->limit[i].at;
        if (at >= s->low - 1e-9 && at <= s->high + 1e-9 &&
            level_of(s, at) / EIGHTHS == row) {
            return true;
        }
    }
    return false;
}

static const char *cell(const struct plot *plot, const struct scale *s,
                        const struct column *c, int row)
{
    static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    const bool ascii = plot->ascii;
    const int mean = level_of(s, c->mean);

    if (c->there && mean / EIGHTHS == row) {
        return ascii ? "*" : blocks[mean % EIGHTHS];
    }
    if (c->there && level_of(s, c->min) / EIGHTHS <= row &&
        level_of(s, c->max) / EIGHTHS >= row) {
        return ascii ? ":" : "░";
    }
    if (limit_in_row(s, row)) {
        return ascii ? "-" : "┄";
    }
    return " ";
}

static void draw_rows(const struct plot *plot, enum vg_signal signal,
                      const struct scale *s)
{
    for (int row = HEIGHT - 1; row >= 0; row--) {
        const double value = s->low + (s->high - s->low) * (row + 0.5) / (double)HEIGHT;
        if (row == HEIGHT - 1 || row == 0 || row == HEIGHT / 2) {
            (void)printf("%9.4g %s", value, plot->ascii ? "|" : "┤");
        } else {
            (void)printf("%9s %s", "", plot->ascii ? "|" : "│");
        }
        for (int i = 0; i < plot->width; i++) {
            (void)fputs(cell(plot, s, &plot->column[signal][i], row), stdout);
        }
        (void)puts("");
    }
}

/* The axis is broken where nothing came. */
static void draw_axis(const struct plot *plot, enum vg_signal signal)
{
    const bool ascii = plot->ascii;
    char begin[VG_TIME_TEXT];
    char end[VG_TIME_TEXT];

    (void)printf("%9s %s", "", ascii ? "+" : "└");
    for (int i = 0; i < plot->width; i++) {
        const bool there = plot->column[signal][i].there;
        (void)fputs(there ? (ascii ? "-" : "─") : " ", stdout);
    }
    vg_time_format(plot->from, begin);
    vg_time_format(plot->to, end);
    begin[16] = '\0';
    end[16] = '\0';
    (void)printf("\n%9s  %s%*s\n", "", begin, plot->width - 16, end);
}

static void draw(const struct plot *plot, enum vg_signal signal)
{
    const struct vg_signal_info *info = vg_signal_info(signal);
    const struct scale s = scale_of(plot, signal);
    char step[32];

    (void)snprintf(step, sizeof step, plot->step < VG_HOUR ? "%.4g min" : "%.4g h",
                   (double)plot->step /
                       (double)(plot->step < VG_HOUR ? VG_MINUTE : VG_HOUR));
    (void)printf("%s (%s), %s; a column is %s\n", info->label, info->code,
                 vg_unit_text(info->unit), step);
    for (size_t i = 0; i < s.limit_count; i++) {
        (void)printf("  %s limit %g of %s\n", plot->ascii ? "-" : "┄", s.limit[i].at,
                     s.limit[i].rule);
    }
    draw_rows(plot, signal, &s);
    draw_axis(plot, signal);
    (void)puts("");
}

/* ---- What is drawn */

static bool on_step(void *to, const struct vg_history_step *step)
{
    struct plot *plot = to;
    const int64_t i = (step->at.ms - plot->from.ms) / plot->step;

    if (i >= 0 && i < plot->width) {
        plot->column[step->signal][i] = (struct column){
            (double)step->min / 1e6, (double)step->max / 1e6, step->mean, true};
        plot->there |= (uint64_t)1 << step->signal;
    }
    return true;
}

static int terminal_width(const struct vg_history_ask *ask)
{
    struct winsize size;

    if (ask->width > 0) {
        return ask->width;
    }
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 30
               ? size.ws_col
               : 80;
}

/* Steps begin at multiples of their length: the span is widened to whole ones. False: it ends
 * before it begins. */
static bool choose_span(struct plot *plot, struct vg_history_query *query)
{
    const struct vg_instant end = vg_is_never(query->to) ? plot->ask->now : query->to;
    const vg_ms span = end.ms - query->from.ms;

    if (span < 0) {
        return false;
    }
    plot->width = terminal_width(plot->ask) - MARGIN;
    plot->width = plot->width < MOST_COLUMNS ? plot->width : MOST_COLUMNS;
    plot->step = query->step;
    if (plot->step == 0 || span / plot->step >= plot->width) {
        plot->step = (span / plot->width / VG_SECOND + 1) * VG_SECOND;
    }
    plot->from.ms = query->from.ms - query->from.ms % plot->step;
    plot->width = (int)((end.ms - plot->from.ms + plot->step - 1) / plot->step);
    plot->width = plot->width < 17 ? 17 : plot->width;
    plot->to.ms = plot->from.ms + plot->step * plot->width;
    query->to = end;
    query->step = plot->step;
    return plot->width <= MOST_COLUMNS;
}

int vg_history_plot(const struct vg_history_ask *ask, struct vg_reader *reader)
{
    struct plot plot = {.ask = ask, .query = ask->query};
    struct vg_page_end end;
    struct vg_error error = {""};

    plot.ascii = ask->ascii || !vg_query_utf8();
    plot.query.limit = 0;
    if (!choose_span(&plot, &plot.query)) {
        (void)fputs("vigil history: \"to\" is not after \"from\"\n", stderr);
        return VG_EXIT_USAGE;
    }
    plot.column = calloc(VG_MEASURED_COUNT, sizeof *plot.column);
    const enum vg_status status =
        plot.column == NULL
            ? VG_NO_MEMORY
            : vg_history_steps(reader, &plot.query, on_step, &plot, &end, &error);
    if (status == VG_OK) {
        find_protocol(&plot, reader);
        for (unsigned i = 0; i < VG_MEASURED_COUNT; i++) {
            if ((plot.there >> i & 1) != 0) {
                draw(&plot, (enum vg_signal)i);
            }
        }
    }
    vg_protocol_set_finish(&plot.set);
    free(plot.column);
    if (status != VG_OK) {
        return vg_history_failed(status, &error);
    }
    return plot.there != 0 ? VG_EXIT_DONE : VG_EXIT_NO;
}
