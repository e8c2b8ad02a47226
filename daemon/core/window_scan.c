/* SPDX-License-Identifier: Apache-2.0
 *
 * Windowed answers from what is kept. See tracker.h.
 */
#include "core/span.h"

static int64_t scale_of(enum vg_signal signal)
{
    static const int64_t power[] = {1, 10, 100, 1000, 10000, 100000, 1000000};
    const unsigned places = vg_signal_info(signal)->places;

    return power[places < 7 ? places : 6];
}

struct vg_number vg_span_answer(const struct vg_query *query,
                                const struct vg_span *span)
{
    const int64_t scale = scale_of(query->signal);

    if (query->kind == VG_ASK_COUNT) {
        return vg_number_of(span->count, 1);
    }
    if (query->kind == VG_ASK_NONE) {
        return vg_number_of(span->count == 0, 1);
    }
    if (span->count == 0) {
        return VG_NUMBER_UNKNOWN;
    }
    if (query->kind == VG_ASK_AVG) {
        return vg_number_of(span->sum, (int64_t)span->count * scale);
    }
    if (query->kind == VG_ASK_RISE) {
        return vg_number_of(span->last - span->peak, scale);
    }
    if (query->kind == VG_ASK_DROP) {
        return vg_number_of(span->peak - span->last, scale);
    }
    return vg_number_of(span->peak, scale);
}

void vg_span_better(struct vg_span *span, const struct vg_query *query, int64_t value)
{
    const bool better =
        vg_query_lowest(query) ? value < span->peak : value > span->peak;

    if (span->count == 0 || better) {
        span->peak = value;
    }
    span->count++;
}

/* ---- The past */

/* Streams measured after `at`: those in the ring one by one, or by cells. */
static struct vg_tally after(const struct vg_window *window, struct vg_instant at)
{
    const struct vg_past *past = window->past;
    struct vg_tally sum = {0, 0};

    if (past->any && at.ms < past->newest.ms) {
        return vg_cells_since(&past->cells, vg_after(vg_cell_start(at), VG_CELL));
    }
    for (uint32_t i = window->count; i > 0; i--) {
        const struct vg_sample sample = vg_window_at(window, i - 1);
        if (sample.measured.ms <= at.ms) {
            break;
        }
        sum.sum += vg_sample_stream(&sample) ? sample.value : 0;
        sum.count += vg_sample_stream(&sample);
    }
    return sum;
}

static void add_cells(struct vg_span *span, const struct vg_window *window,
                      struct vg_instant from, struct vg_instant at)
{
    if (window->past->cells.size > 0) {
        const struct vg_tally since = vg_cells_since(&window->past->cells, from);
        const struct vg_tally beyond = after(window, at);
        span->sum += since.sum - beyond.sum;
        span->count += since.count - beyond.count;
    }
}

void vg_span_past(struct vg_span *span, const struct vg_window *window,
                  const struct vg_query *query, struct vg_instant from,
                  struct vg_instant at)
{
    const struct vg_past *past = window->past;

    if (query->kind == VG_ASK_AVG || query->kind == VG_ASK_COUNT) {
        add_cells(span, window, from, at);
    } else if (query->kind == VG_ASK_NONE) {
        span->count += past->any && past->newest.ms >= from.ms;
    } else {
        const struct vg_peak *peak =
            vg_peaks_since(vg_query_lowest(query) ? &past->low : &past->high, from);
        if (peak != NULL && peak->at.ms <= at.ms) {
            vg_span_better(span, query, peak->value);
        }
    }
}

/* ---- Slopes */

__extension__ typedef __int128 big;

static big magnitude(big number)
{
    return number < 0 ? -number : number;
}

/* Sums over points, of which each may stand for several readings. */
struct fit {
    big n, x, y, xx, xy;
};

static void point(struct fit *fit, int64_t at, struct vg_tally tally)
{
    const big x = at;

    fit->n += tally.count;
    fit->x += x * tally.count;
    fit->y += tally.sum;
    fit->xx += x * x * tally.count;
    fit->xy += x * tally.sum;
}

/* Least squares, steps an hour. Sums in 128 bits; halved together until they fit 63. */
static struct vg_number slope_of(const struct fit *fit, int64_t scale)
{
    big over = (fit->n * fit->xy - fit->x * fit->y) * (big)VG_HOUR;
    big under = (fit->n * fit->xx - fit->x * fit->x) * scale;

    if (under <= 0) {
        return VG_NUMBER_UNKNOWN;
    }
    while (magnitude(over) > INT64_MAX / 2 || under > INT64_MAX / 2) {
        over /= 2;
        under /= 2;
    }
    return under > 0 ? vg_number_of((int64_t)over, (int64_t)under) : VG_NUMBER_UNKNOWN;
}

/* The streams of a long span, cell by cell, each at its middle; the last one has only
 * come as far as `at`. */
static void fit_cells(struct fit *fit, const struct vg_window *window,
                      struct vg_instant start, struct vg_instant at)
{
    const struct vg_cells *cells = &window->past->cells;
    struct vg_instant cell = vg_cell_start(start);
    struct vg_tally since = vg_cells_since(cells, cell);

    while (cell.ms <= at.ms && since.count > 0) {
        const struct vg_instant end = vg_after(cell, VG_CELL);
        const struct vg_tally later = vg_cells_since(cells, end);
        const vg_ms long_ms = vg_since(vg_earlier(end, at), cell);
        point(fit, vg_since(cell, start) + long_ms / 2,
              (struct vg_tally){since.sum - later.sum, since.count - later.count});
        since = later;
        cell = end;
    }
}

static struct vg_number slope(const struct vg_window *window,
                              const struct vg_query *query, struct vg_instant at)
{
    const bool cells = vg_window_long(window, query->span) && window->past->any &&
                       window->past->cells.size > 0;
    const struct vg_instant start = vg_after(at, -query->span);
    struct fit fit = {0, 0, 0, 0, 0};

    for (uint32_t i = vg_window_until(window, vg_after(start, -1)); i < window->count;
         i++) {
        const struct vg_sample s = vg_window_at(window, i);
        if (s.measured.ms > at.ms) {
            break;
        }
        if (!cells || !vg_sample_stream(&s)) {
            point(&fit, vg_since(s.measured, start), (struct vg_tally){s.value, 1});
        }
    }
    if (cells) {
        fit_cells(&fit, window, start, at);
    }
    return slope_of(&fit, scale_of(query->signal));
}

/* ---- All */

static uint32_t first_inside(const struct vg_window *window,
                             const struct vg_query *query, struct vg_instant at)
{
    return vg_window_until(window, vg_after(at, -query->span - 1));
}

/* What the ring has of it. */
static struct vg_span in_ring(const struct vg_window *window,
                              const struct vg_query *query, struct vg_instant at)
{
    const uint32_t to = vg_window_until(window, at);
    const uint32_t from = first_inside(window, query, at);
    const bool by_cells = vg_window_long(window, query->span) &&
                          (query->kind == VG_ASK_AVG || query->kind == VG_ASK_COUNT);
    struct vg_span span = {0};

    if (query->kind == VG_ASK_NONE) {
        span.count = to > from;
        return span;
    }
    for (uint32_t i = from; i < to; i++) {
        const struct vg_sample sample = vg_window_at(window, i);
        if (!by_cells || !vg_sample_stream(&sample)) {
            vg_span_better(&span, query, sample.value);
            span.sum += sample.value;
        }
        span.last = sample.value;
    }
    return span;
}

struct vg_number vg_window_scan(const struct vg_window *window,
                                const struct vg_query *query, struct vg_instant at)
{
    if (query->kind == VG_ASK_SLOPE) {
        return slope(window, query, at);
    }
    struct vg_span span = in_ring(window, query, at);
    if (vg_window_long(window, query->span)) {
        vg_span_past(&span, window, query, vg_after(at, -query->span), at);
    }
    return vg_span_answer(query, &span);
}

/* The first of the past to leave that may matter. */
static struct vg_instant past_leaves(const struct vg_window *window,
                                     const struct vg_query *query, struct vg_instant at)
{
    const struct vg_instant from = vg_after(at, -query->span);

    if (query->kind == VG_ASK_NONE) {
        return VG_NEVER;
    }
    if (vg_query_extreme(query)) {
        const struct vg_past *past = window->past;
        const struct vg_peak *peak =
            vg_peaks_since(vg_query_lowest(query) ? &past->low : &past->high, from);
        return peak == NULL ? VG_NEVER : vg_after(peak->at, query->span + 1);
    }
    if (window->past->cells.size == 0 ||
        vg_cells_since(&window->past->cells, from).count == 0) {
        return VG_NEVER;
    }
    return vg_after(vg_cell_start(from), VG_CELL + query->span);
}

struct vg_instant vg_window_leaves(const struct vg_window *window,
                                   const struct vg_query *query, struct vg_instant at)
{
    const uint32_t to = vg_window_until(window, at);
    uint32_t from = first_inside(window, query, at);
    struct vg_instant when = VG_NEVER;

    if (query->kind == VG_ASK_NONE &&
        to > from) { /* changes when the last one leaves */
        from = to - 1;
    }
    if (from < to) {
        when = vg_after(vg_window_when(window, from), query->span + 1);
    }
    return vg_window_long(window, query->span)
               ? vg_earlier(when, past_leaves(window, query, at))
               : when;
}
