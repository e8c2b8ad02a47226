/* SPDX-License-Identifier: Apache-2.0
 *
 * What rule_test_given.c (the lines of a test) and rule_test_patient.c (the patient) share.
 */
#ifndef VIGIL_CLI_RULE_TEST_INSIDE_H
#define VIGIL_CLI_RULE_TEST_INSIDE_H

#include "cli/rule_test.h"

#define VG_TEST_BED "vigil/v1/beds/test/1/"

/* Says what is wrong with a node, and where it stands; always false. */
bool vg_test_complain(FILE *report, const char *path, const struct vg_node *node,
                      const char *what);

/* NULL: there is none, or it is a list or a map. */
const char *vg_test_scalar(const struct vg_node *map, const char *key);

/* A copy of the payload is added; the topic is kept as it is. False: no memory. */
bool vg_given_add(struct vg_given_list *list, struct vg_instant arrives,
                  const char *topic, const struct vg_buffer *payload);

/* The admission, a minute before `first`, and the infusion. False: no memory, or the test cannot
 * be understood, which is said. */
bool vg_test_patient(const struct vg_protocol *protocol, const struct vg_node *test,
                     const char *path, FILE *report, struct vg_instant first,
                     struct vg_given_list *out);

#endif
