/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding a word in a constant table. Tables whose first member is the word are
 * sorted by its bytes; units and codes are looked up for each number that arrives,
 * so the search halves and compares inline. A test checks the order of each table.
 */
#ifndef VIGIL_CORE_ROW_H
#define VIGIL_CORE_ROW_H

#include "vigil/base.h"

/* The row whose text is exactly `text`, or NULL. `size` is that of one row, whose first
 * member is a `const char *`. */
const void *vg_row_find(const void *rows, size_t count, size_t size, const char *text,
                        size_t length);

/* The index of `text` among `names`, in any order (for short lists); `count` if it
 * is not there. */
size_t vg_name_find(const char *const *names, size_t count, const char *text);

#endif
