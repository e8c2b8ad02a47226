/* SPDX-License-Identifier: Apache-2.0
 *
 * Values to put into batches, and comparing what comes back, field by field.
 */
#ifndef VIGIL_TESTS_SAMPLE_H
#define VIGIL_TESTS_SAMPLE_H

#include "vigil/alert.h"
#include "vigil/engine.h"
#include "vigil/reading.h"

/* A message with seven vital signs and one with all optional parts of readings and entries;
 * `n` varies them. The arrays are in the sample. */
struct sample {
    struct vg_message message;
    struct vg_reading readings[8];
    struct vg_entry entries[4];
};
void sample_vitals(struct sample *sample, unsigned n);
void sample_rich(struct sample *sample, unsigned n);

struct vg_alert sample_alert(const char *ward, unsigned n);
struct vg_episode sample_episode(unsigned n);

void assert_same_message(const struct vg_message *a, const struct vg_message *b);
void assert_same_reading(const struct vg_reading *a, const struct vg_reading *b);

#endif
