/* SPDX-License-Identifier: Apache-2.0
 *
 * A ward in a box: the real engine with a protocol from a text, on virtual time. Plain
 * functions: read, wait, and look at what was told.
 */
#ifndef VIGIL_TESTS_WARD_H
#define VIGIL_TESTS_WARD_H

#include "vigil/engine.h"

#include "shell/yaml.h"

struct ward {
    struct vg_protocol *protocol;
    struct vg_rulebook book;
    const struct vg_protocol *list[1];
    struct vg_engine *engine;
    struct vg_effects effects;
    int64_t now;     /* ms from the start */
    char told[8192]; /* "at event rule onset;" for each change of an alert */
    struct vg_alert last;
};

#define WARD_START INT64_C(1768032000000) /* 2026-01-10T08:00:00Z */

/* `rules` is the YAML of the rules. */
void ward_open(struct ward *ward, const char *rules);
void ward_close(struct ward *ward);

/* A reading measured and arriving at `at` ms from the start (or arriving at `arrives`). */
void ward_read(struct ward *ward, int64_t at, enum vg_signal signal, int64_t value,
               enum vg_source source);
void ward_read_late(struct ward *ward, int64_t arrives, int64_t at,
                    enum vg_signal signal, int64_t value, enum vg_source source);
void ward_read_in(struct ward *ward, const char *bed, int64_t at, enum vg_signal signal,
                  int64_t value, enum vg_source source);
void ward_wait(struct ward *ward, int64_t until);
void ward_admit(struct ward *ward, int64_t at, const char *patient);
void ward_discharge(struct ward *ward, int64_t at, const char *patient);

/* Steps any event and notes what was told. */
void ward_step(struct ward *ward, struct vg_event event);

#endif
