/* SPDX-License-Identifier: Apache-2.0
 *
 * A folder of its own for a test, removed with everything in it.
 */
#ifndef VIGIL_TESTS_TEMP_H
#define VIGIL_TESTS_TEMP_H

#include <stddef.h>

struct temp {
    char folder[64];
};

/* Fails the test if it cannot. */
void temp_create(struct temp *temp);
void temp_remove(struct temp *temp);

/* "<folder>/<name>" into `out`, which is also returned. */
char *temp_path(const struct temp *temp, const char *name, char *out, size_t capacity);

#endif
