/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers that have come. See sequence.h.
 */
#include "core/sequence.h"

#include <stdlib.h>
#include <string.h>

/* The first range that ends at `number - 1` or later. */
static size_t place(const struct vg_sequence *sequence, uint64_t number)
{
    size_t low = 0;
    size_t high = sequence->count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (sequence->range[middle].last + 1 < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

bool vg_sequence_has(const struct vg_sequence *sequence, uint64_t number)
{
    if (number <= sequence->upto) {
        return true;
    }
    for (size_t i = place(sequence, number);
         i < sequence->count && sequence->range[i].first <= number; i++) {
        if (number <= sequence->range[i].last) {
            return true;
        }
    }
    return false;
}

static void drop(struct vg_sequence *sequence, size_t at)
{
    sequence->count--;
    memmove(&sequence->range[at], &sequence->range[at + 1],
            (sequence->count - at) * sizeof sequence->range[0]);
}

/* What follows `upto` without a hole joins it. */
static void settle(struct vg_sequence *sequence)
{
    while (sequence->count > 0 && sequence->range[0].first <= sequence->upto + 1) {
        if (sequence->range[0].last > sequence->upto) {
            sequence->upto = sequence->range[0].last;
        }
        drop(sequence, 0);
    }
}

void vg_sequence_finish(struct vg_sequence *sequence)
{
    free(sequence->range);
    memset(sequence, 0, sizeof *sequence);
}

static bool room(struct vg_sequence *sequence, size_t count)
{
    if (count <= sequence->size) {
        return true;
    }
    size_t size = sequence->size * 2 + 8;
    size = size < count ? count : size;
    struct vg_span_of_numbers *grown =
        realloc(sequence->range, size * sizeof(struct vg_span_of_numbers));
    if (grown != NULL) {
        sequence->range = grown;
        sequence->size = size;
    }
    return grown != NULL;
}

bool vg_sequence_set(struct vg_sequence *sequence, uint64_t upto,
                     const struct vg_span_of_numbers *range, size_t count)
{
    if (!room(sequence, count)) {
        return false;
    }
    sequence->upto = upto;
    sequence->count = count;
    if (count > 0) {
        memcpy(sequence->range, range, count * sizeof *range);
    }
    return true;
}

bool vg_sequence_append(struct vg_sequence *sequence, uint64_t first, uint64_t last)
{
    if (!room(sequence, sequence->count + 1)) {
        return false;
    }
    sequence->range[sequence->count++] = (struct vg_span_of_numbers){first, last};
    return true;
}

bool vg_sequence_full(const struct vg_sequence *sequence, uint64_t number)
{
    const size_t at = place(sequence, number);
    const struct vg_span_of_numbers *here = sequence->range + at;
    const bool joins =
        at < sequence->count && (here->last + 1 == number || here->first == number + 1);

    return sequence->count == VG_SEQUENCE_RANGES && number != sequence->upto + 1 &&
           !joins && !vg_sequence_has(sequence, number);
}

enum vg_status vg_sequence_add(struct vg_sequence *sequence, uint64_t number)
{
    if (vg_sequence_has(sequence, number)) {
        return VG_REFUSED;
    }
    if (number == sequence->upto + 1) {
        sequence->upto = number;
        settle(sequence);
        return VG_OK;
    }
    if (sequence->count < VG_SEQUENCE_RANGES && !room(sequence, sequence->count + 1)) {
        return VG_FULL;
    }
    const size_t at = place(sequence, number);
    struct vg_span_of_numbers *here = &sequence->range[at];
    if (at < sequence->count && here->last + 1 == number) {
        here->last = number;
        if (at + 1 < sequence->count && here[1].first == number + 1) {
            here->last = here[1].last;
            drop(sequence, at + 1);
        }
        return VG_OK;
    }
    if (at < sequence->count && here->first == number + 1) {
        here->first = number;
        return VG_OK;
    }
    if (sequence->count == VG_SEQUENCE_RANGES) {
        return VG_FULL;
    }
    memmove(here + 1, here, (sequence->count - at) * sizeof *here);
    *here = (struct vg_span_of_numbers){number, number};
    sequence->count++;
    return VG_OK;
}

void vg_sequence_forget(struct vg_sequence *sequence, uint64_t from)
{
    if (from > 0 && from - 1 > sequence->upto) {
        sequence->upto = from - 1;
    }
    settle(sequence);
}
