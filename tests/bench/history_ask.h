/* SPDX-License-Identifier: Apache-2.0
 *
 * Questions to a store that history.c has filled, with how long each takes.
 */
#ifndef VIGIL_BENCH_HISTORY_ASK_H
#define VIGIL_BENCH_HISTORY_ASK_H

#include <stdint.h>

/* The store at `path` has `seconds` of beds from `begin` on, in ms since 1970. Prints a line
 * a question; ends the program with a sentence on stderr if the store cannot be asked. */
void vg_bench_ask_history(const char *path, int64_t begin, int64_t seconds);

#endif
