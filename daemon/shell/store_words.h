/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers on disk for the words of the signal table and its companions.
 */
#ifndef VIGIL_SHELL_STORE_WORDS_H
#define VIGIL_SHELL_STORE_WORDS_H

#include "vigil/base.h"

enum vg_word {
    VG_WORD_SIGNAL,
    VG_WORD_UNIT,
    VG_WORD_SOURCE,
    VG_WORD_METHOD,
    VG_WORD_QUALITY
};

/* A list of enum values in the order of their numbers. */
struct vg_word_list {
    const char *kind;
    const uint8_t *values;
    size_t count;
};
extern const struct vg_word_list vg_word_lists[]; /* by enum vg_word */
unsigned vg_word_search(enum vg_word word, unsigned value);

/* The number of an enum's value; and back, false if there is no such number. */
static inline unsigned vg_word_number(enum vg_word word, unsigned value)
{
    const struct vg_word_list *list = &vg_word_lists[word];

    if (value < list->count && list->values[value] == value) {
        return value; /* mostly */
    }
    return vg_word_search(word, value);
}

static inline bool vg_word_value(enum vg_word word, unsigned number, unsigned *out)
{
    const struct vg_word_list *list = &vg_word_lists[word];
    const bool known = number < list->count;

    *out = list->values[known ? number : 0];
    return known;
}

/* Of a set of measured signals, a bit for each, the set of their numbers. */
uint64_t vg_words_of(uint64_t signals);

/* Every word, for readers of the database that are not vigil: ("signal", 1, "hr") and so
 * on. `each` answers false to stop; so does this then. */
typedef bool vg_word_fn(void *to, const char *kind, unsigned number, const char *text);
bool vg_words_each(vg_word_fn *each, void *to);

#endif
