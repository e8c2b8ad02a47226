/* SPDX-License-Identifier: Apache-2.0
 *
 * The tests inside a protocol file: what is given becomes messages as a gateway would send
 * them, and goes through decoder and engine on virtual time; what is expected is looked up
 * in what came out. config/PROTOCOLS.md says how they are written.
 */
#ifndef VIGIL_CLI_RULE_TEST_H
#define VIGIL_CLI_RULE_TEST_H

#include <stdio.h>

#include "vigil/protocol.h"
#include "vigil/wire.h"

/* One letter of a test, owned. */
struct vg_given {
    struct vg_instant arrives;
    size_t order;      /* as written: letters that arrive together keep it */
    const char *topic; /* not owned */
    char *payload;
};
struct vg_given_list {
    size_t count, capacity;
    struct vg_given *item;
};

/* The instant of T0 in every test: the first infusion begins then unless the test says
 * otherwise. */
extern const struct vg_instant vg_test_t0;

/* "48h 5m", "-30m", "0s": since T0. The form was checked at load. */
struct vg_instant vg_test_instant(const char *text);

/* All letters of a test, the admission first, in order of arrival. False, and a sentence
 * on `report`, if a line cannot be understood. */
bool vg_test_letters(const struct vg_protocol *protocol, const struct vg_node *test,
                     const char *path, FILE *report, struct vg_given_list *out);
void vg_given_finish(struct vg_given_list *list);

/* Runs one test; each expectation that fails is a line on `report`. */
bool vg_test_run(const struct vg_protocol *protocol, const struct vg_node *test,
                 const char *path, FILE *report);

#endif
