/* SPDX-License-Identifier: Apache-2.0
 *
 * States put away. See saved.h.
 */
#include "core/saved.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/course.h"

#define WORD  sizeof(uint64_t)
#define BLOCK (4 * WORD) /* compared and kept at once */
#define WHOLE (sizeof(struct vg_state) / BLOCK)
#define SPAN  8 /* blocks: mostly nothing differs in so many */
#define REST  (sizeof(struct vg_state) % BLOCK) /* a last, short block; may be none */

_Static_assert(sizeof(struct vg_state) % WORD == 0, "a state is words");

static bool same(const char *a, const char *b, size_t i)
{
    a += i * BLOCK;
    b += i * BLOCK;
    return i < WHOLE ? memcmp(a, b, BLOCK) == 0 : memcmp(a, b, REST) == 0;
}

/* Where the next block that differs may be: spans without one are passed over. */
static size_t pass_same(const char *a, const char *b, size_t i)
{
    while (i + SPAN <= WHOLE &&
           memcmp(a + i * BLOCK, b + i * BLOCK, SPAN * BLOCK) == 0) {
        i += SPAN;
    }
    while (i <= WHOLE && same(a, b, i)) {
        i++;
    }
    return i;
}

/* Room for `more` words. */
static bool room(struct vg_saved *saved, uint32_t more)
{
    if (saved->capacity - saved->size >= more) {
        return true;
    }
    const uint32_t capacity = saved->size + more + saved->size / 8 + 4;
    uint64_t *word = realloc(saved->word, capacity * sizeof *word);
    if (word != NULL) {
        saved->word = word;
        saved->capacity = capacity;
    }
    return word != NULL;
}

bool vg_saved_put(struct vg_saved *saved, const struct vg_state *state,
                  const struct vg_state *beside)
{
    const char *a = (const char *)state;
    const char *b = (const char *)beside;

    saved->at = (struct vg_instant){0};
    saved->size = 0;
    for (size_t i = pass_same(a, b, 0); i <= WHOLE; i = pass_same(a, b, i)) {
        const size_t from = i;
        while (i <= WHOLE && !same(a, b, i)) {
            i++;
        }
        const size_t bytes = (i - from) * BLOCK - (i > WHOLE ? BLOCK - REST : 0);
        if (!room(saved, (uint32_t)(bytes / WORD) + 1)) {
            return false;
        }
        saved->word[saved->size++] = (uint64_t)(from * BLOCK) << 32 | bytes;
        memcpy(&saved->word[saved->size], a + from * BLOCK, bytes);
        saved->size += (uint32_t)(bytes / WORD);
    }
    saved->at = state->at;
    return true;
}

void vg_saved_get(const struct vg_saved *saved, struct vg_state *state)
{
    assert(vg_state_set(saved->at));
    for (uint32_t i = 0; i < saved->size;) {
        const size_t from = saved->word[i] >> 32;
        const size_t bytes = (uint32_t)saved->word[i];
        memcpy((char *)state + from, &saved->word[i + 1], bytes);
        i += 1 + (uint32_t)(bytes / WORD);
    }
}

void vg_saved_finish(struct vg_saved *saved)
{
    free(saved->word);
    memset(saved, 0, sizeof *saved);
}

/* ---- Closer: bytes
 *
 * For each word that is not 0, and for one behind seven that are: a head, then the bytes that
 * matter, low ones first. The head says how many (4 bits), whether they say how long before
 * the state's instant (1), and how many words of 0 lie before it (3). */

#define BYTES   15U
#define AGO     16U
#define PASS    5U
#define PASSED  7U
#define LONGEST (30 * VG_DAY)

static unsigned bytes_of(uint64_t word)
{
    unsigned n = 0;

    for (; word != 0; word >>= 8) {
        n++;
    }
    return n;
}

static unsigned close_word(uint8_t *to, uint64_t word, unsigned passed, int64_t at)
{
    const int64_t ago = (int64_t)((uint64_t)at - word);
    const bool instant = ago >= 0 && ago < LONGEST;
    const uint64_t rest = instant ? (uint64_t)ago : word;
    const unsigned n = bytes_of(rest);

    to[0] = (uint8_t)(n | (instant ? AGO : 0) | passed << PASS);
    for (unsigned i = 0; i < n; i++) {
        to[1 + i] = (uint8_t)(rest >> 8 * i);
    }
    return 1 + n;
}

bool vg_saved_close(struct vg_saved *saved, const struct vg_state *state)
{
    const size_t words = sizeof *state / WORD;
    size_t size = 0;
    unsigned passed = 0;

    saved->at = (struct vg_instant){0};
    saved->size = 0;
    for (size_t i = 0; i < words; i++) {
        uint64_t word;
        memcpy(&word, (const char *)state + i * WORD, WORD);
        if (word == 0 && passed < PASSED) {
            passed++;
            continue;
        }
        saved->size = (uint32_t)(size / WORD);
        if (!room(saved, 3)) {
            return false;
        }
        size += close_word((uint8_t *)saved->word + size, word, passed, state->at.ms);
        passed = 0;
    }
    saved->size = (uint32_t)size; /* in bytes */
    saved->at = state->at;
    return true;
}

void vg_saved_open(const struct vg_saved *saved, struct vg_state *state)
{
    const uint8_t *from = (const uint8_t *)saved->word;
    size_t place = 0;

    assert(vg_state_set(saved->at));
    memset(state, 0, sizeof *state);
    for (uint32_t i = 0; i < saved->size; place++) {
        const unsigned head = from[i++];
        uint64_t word = 0;
        for (unsigned n = 0; n < (head & BYTES); n++) {
            word |= (uint64_t)from[i++] << 8 * n;
        }
        if ((head & AGO) != 0) {
            word = (uint64_t)saved->at.ms - word;
        }
        place += head >> PASS;
        memcpy((char *)state + place * WORD, &word, WORD);
    }
}
