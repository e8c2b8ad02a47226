/* SPDX-License-Identifier: Apache-2.0
 *
 * The searches of row.h.
 */
#include "row.h"

#include <string.h>

/* Below, equal to or above zero as `text` sorts before, at or after `row`. */
static int compare(const char *text, size_t length, const char *row)
{
    for (size_t i = 0; i < length; i++) {
        if (row[i] == '\0') {
            return 1;
        }
        int difference = (unsigned char)text[i] - (unsigned char)row[i];
        if (difference != 0) {
            return difference;
        }
    }
    return row[length] == '\0' ? 0 : -1;
}

const void *vg_row_find(const void *rows, size_t count, size_t size, const char *text,
                        size_t length)
{
    const char *first = rows;
    while (count > 0) {
        const char *middle = first + count / 2 * size;
        const char *word;
        memcpy(&word, middle, sizeof word);
        int order = compare(text, length, word);
        if (order == 0) {
            return middle;
        }
        if (order > 0) {
            first = middle + size;
            count -= count / 2 + 1;
        } else {
            count /= 2;
        }
    }
    return NULL;
}

size_t vg_name_find(const char *const *names, size_t count, const char *text)
{
    size_t i = 0;
    while (i < count && strcmp(names[i], text) != 0) {
        i++;
    }
    return i;
}
