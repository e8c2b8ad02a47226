/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs of readings of one stream. What monitors send fills plain blocks (store_block_inside.h),
 * millions of readings of them: there only what differs from one reading to the next is written
 * between two calls of whoever asks.
 */
#include "shell/store_block_inside.h"
#include "shell/store_question_walk.h"

/* When the message was committed, if that is asked. */
static enum vg_status cover(struct vg_walk *walk, int64_t id)
{
    struct vg_covered *covered = &walk->covered;
    sqlite3_stmt *row = walk->committed;

    if (row != NULL && (id < covered->from || id > covered->to)) {
        sqlite3_reset(row);
        sqlite3_bind_int64(row, 1, id);
        if (sqlite3_step(row) != SQLITE_ROW) {
            return vg_reader_failed(walk->search.reader, walk->search.error);
        }
        *covered = (struct vg_covered){
            id, sqlite3_column_int64(row, 0), {sqlite3_column_int64(row, 1)}};
    }
    walk->row.committed = covered->at;
    return VG_OK;
}

/* Where a page is full nothing more is told. */
static void tell(struct vg_walk *walk, const struct vg_found *now)
{
    struct vg_page_end *end = walk->end;

    if (end->rows == walk->limit) {
        end->more = true;
        walk->stopped = true;
        return;
    }
    end->rows++;
    end->next.set = true;
    end->next.at = now->reading.measured.ms;
    end->next.order = now->order;
    walk->row.order = now->order;
    walk->row.received = now->received;
    walk->row.kind = now->kind;
    walk->failed = cover(walk, now->order / VG_MESSAGE_ITEMS);
    walk->stopped = walk->failed != VG_OK || !walk->each(walk->to, &walk->row);
}

/* ---- Plain blocks */

static int64_t time_of(const struct vg_stream *stream, size_t i)
{
    return vg_column_at(&stream->opened->times.measured,
                        (size_t)stream->block.message.start + i);
}

static int64_t order_of(const struct vg_stream *stream, size_t i)
{
    return vg_column_at(&stream->opened->times.id,
                        (size_t)stream->block.message.start + i) *
               VG_MESSAGE_ITEMS +
           vg_column_at(&stream->block.position, i);
}

/* Makes a reading of a plain block the one at which the stream stands. */
static void stand_at(struct vg_stream *stream, size_t i)
{
    struct vg_found *now = &stream->now;

    vg_block_number(&stream->block, vg_column_at(&stream->block.mantissa, i),
                    &now->reading);
    now->reading.measured.ms = time_of(stream, i);
    now->order = order_of(stream, i);
    stream->block.at = i + 1;
}

/* The first one from `low` on that is not before the instant; they are in order. */
static size_t first_at(const struct vg_stream *stream, size_t low, int64_t instant)
{
    size_t high = stream->block.readings;

    if (low < high && time_of(stream, high - 1) < instant) {
        return high;
    }
    if (low < high && time_of(stream, low) >= instant) {
        return low;
    }
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (time_of(stream, middle) < instant) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void vg_walk_narrow(const struct vg_history_query *query, struct vg_stream *stream)
{
    struct vg_block *block = &stream->block;

    if (query->arrival || !vg_block_is_plain(block)) {
        return; /* each message was committed at its own time */
    }
    const size_t end = first_at(stream, 0, query->to.ms);
    size_t i = first_at(stream, 0, query->from.ms);
    while (query->after.set && i < end &&
           (time_of(stream, i) < query->after.at ||
            (time_of(stream, i) == query->after.at &&
             order_of(stream, i) <= query->after.order))) {
        i++;
    }
    block->at = i;
    block->readings = end < i ? i : end;
    stream->plain = true;
}

/* Of a column that is a line; wraps like any. */
static inline int64_t line_at(const struct vg_column *column, size_t i)
{
    return (int64_t)((uint64_t)column->start + i * (uint64_t)column->step);
}

/* Tells readings from number `i` on and before `end`; answers where it stopped. The last two say
 * which columns are lines, so that each pair of answers is a loop of its own. */
static inline __attribute__((always_inline)) size_t
tell_numbers(struct vg_walk *walk, struct vg_stream *stream, size_t i, size_t end,
             const bool times_linear, const bool ids_linear)
{
    const struct vg_block *block = &stream->block;
    const struct vg_times *times = &stream->opened->times;
    const size_t first = (size_t)block->message.start;
    const int64_t *const mantissa = block->mantissa.numbers;
    const int64_t *const time = times_linear ? NULL : times->measured.numbers + first;
    const int64_t *const id = ids_linear ? NULL : times->id.numbers + first;
    const unsigned exponent = block->exponent;
    const int64_t factor = block->factor;
    struct vg_reading *reading = &stream->now.reading;

    while (i < end && !walk->stopped) {
        const int64_t m = mantissa[i];
        reading->value = m * factor;
        reading->raw.mantissa = m;
        if (exponent != 0) {
            reading->raw = vg_block_normal(m, exponent);
        }
        reading->measured.ms =
            times_linear ? line_at(&times->measured, first + i) : time[i];
        walk->row.order =
            (ids_linear ? line_at(&times->id, first + i) : id[i]) * VG_MESSAGE_ITEMS +
            line_at(&block->position, i);
        walk->stopped = !walk->each(walk->to, &walk->row);
        i++;
    }
    return i;
}

/* Whatever its columns are like. */
static size_t tell_any(struct vg_walk *walk, struct vg_stream *stream, size_t i,
                       size_t end)
{
    while (i < end && !walk->stopped) {
        stand_at(stream, i++);
        walk->row.order = stream->now.order;
        walk->stopped = !walk->each(walk->to, &walk->row);
    }
    return i;
}

static size_t tell_plain(struct vg_walk *walk, struct vg_stream *stream, size_t i,
                         size_t end)
{
    const struct vg_block *block = &stream->block;
    const struct vg_times *times = &stream->opened->times;

    if (block->mantissa.linear || !block->mantissa.small || block->factor == 0 ||
        !block->position.linear) {
        return tell_any(walk, stream, i, end);
    }
    if (!times->id.linear) {
        return times->measured.linear
                   ? tell_numbers(walk, stream, i, end, true, false)
                   : tell_numbers(walk, stream, i, end, false, false);
    }
    return times->measured.linear ? tell_numbers(walk, stream, i, end, true, true)
                                  : tell_numbers(walk, stream, i, end, false, true);
}

/* The first is told like any; for those behind it the page's end is written once. */
static bool run_plain(struct vg_walk *walk, struct vg_stream *stream, int64_t before)
{
    struct vg_page_end *page = walk->end;
    const size_t begin = stream->block.at;

    tell(walk, &stream->now);
    const size_t room = walk->limit - page->rows;
    const size_t all = walk->stopped ? begin : first_at(stream, begin, before);
    const size_t end = all - begin > room ? begin + room : all;
    const size_t at = tell_plain(walk, stream, begin, end);

    if (at > begin) {
        page->rows += at - begin;
        page->next.at = time_of(stream, at - 1);
        page->next.order = order_of(stream, at - 1);
    }
    if (at == stream->block.readings) {
        return false;
    }
    stand_at(stream, at);
    return true;
}

bool vg_walk_run(struct vg_walk *walk, struct vg_stream *stream, int64_t before)
{
    const struct vg_found *now = &stream->now;

    if (stream->plain) {
        return run_plain(walk, stream, before);
    }
    const int64_t subject = now->subject;
    const size_t place = now->place;
    do {
        tell(walk, now);
        if (!vg_walk_advance(walk, stream)) {
            return false;
        }
    } while (!walk->stopped && now->reading.measured.ms < before &&
             now->subject == subject && now->place == place);
    return true;
}
