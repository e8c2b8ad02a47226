/* SPDX-License-Identifier: Apache-2.0
 *
 * "Did you mean": the nearest of a list of names by edit distance, where two letters that
 * changed places count as one edit.
 */
#include <string.h>

#include "vigil/tree.h"

#define LONGEST 48 /* longer words get no suggestion */

struct rows {
    unsigned before[LONGEST + 1], above[LONGEST + 1], now[LONGEST + 1];
};

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static void fill_row(struct rows *rows, const char *a, size_t i, const char *b,
                     size_t m)
{
    rows->now[0] = (unsigned)i;
    for (size_t j = 1; j <= m; j++) {
        const unsigned change = a[i - 1] == b[j - 1] ? 0 : 1;
        unsigned best = least(rows->above[j], rows->now[j - 1]) + 1;

        best = least(best, rows->above[j - 1] + change);
        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
            best = least(best, rows->before[j - 2] + 1);
        }
        rows->now[j] = best;
    }
}

static unsigned distance(const char *a, size_t n, const char *b, size_t m)
{
    struct rows rows = {{0}, {0}, {0}};

    for (size_t j = 0; j <= m; j++) {
        rows.above[j] = (unsigned)j;
    }
    for (size_t i = 1; i <= n; i++) {
        fill_row(&rows, a, i, b, m);
        memcpy(rows.before, rows.above, sizeof rows.before);
        memcpy(rows.above, rows.now, sizeof rows.above);
    }
    return rows.above[m];
}

const char *vg_nearest(const char *text, const char *const *names)
{
    const size_t length = strlen(text);
    const char *nearest = NULL;
    unsigned best = (unsigned)(1 + length / 3) + 1;

    if (length == 0 || length > LONGEST) {
        return NULL;
    }
    for (; *names != NULL; names++) {
        const size_t other = strlen(*names);

        /* A word with every letter changed is no spelling mistake. */
        if (other > LONGEST) {
            continue;
        }
        const unsigned edits = distance(text, length, *names, other);

        if (edits < best && edits < other) {
            best = edits;
            nearest = *names;
        }
    }
    return nearest;
}
