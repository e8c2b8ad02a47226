/* SPDX-License-Identifier: Apache-2.0
 *
 * Readings and entries as no ward sends them all at once: every signal, unit, source, method
 * and quality, every resolution, beside monitors' usual streams. The same seed makes the same.
 */
#ifndef VIGIL_TESTS_RANDOM_H
#define VIGIL_TESTS_RANDOM_H

#include "shell/store_obs.h"

struct random_source {
    uint64_t state;
};

/* From VIGIL_SEED, or a seed of its own, which is printed. */
struct random_source random_seeded(void);
uint64_t random_next(struct random_source *source);

/* Milliseconds to the next message: a second, mostly. */
int64_t random_step(struct random_source *source);

/* What a message measured then may hold. */
void random_obs(struct random_source *source, struct vg_instant measured,
                struct vg_obs *out);

#endif
