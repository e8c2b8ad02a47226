/* SPDX-License-Identifier: Apache-2.0
 *
 * A text file of the tree, whole.
 */
#ifndef VIGIL_TESTS_SLURP_H
#define VIGIL_TESTS_SLURP_H

/* The caller's to free, in a place of 100,000 bytes, zeros behind it; the test fails if it can't be read. */
char *slurp(const char *path);

#endif
