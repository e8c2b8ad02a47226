/* SPDX-License-Identifier: Apache-2.0
 *
 * Why an alert was raised, in words: for `vigil explain` and for replays.
 */
#ifndef VIGIL_CLI_EXPLAIN_H
#define VIGIL_CLI_EXPLAIN_H

#include "vigil/alert.h"

/* Prints what the alert says of itself (text, values, scores, what was missing, the protocol it
 * was raised under) and its rule as read from `protocol`, on standard output. NULL: no protocol
 * of that name is loaded. */
void vg_explain_alert(const struct vg_alert *alert, const struct vg_protocol *protocol);

/* The alert's rule: of the protocol, or one that is built in; NULL if there is none. */
const struct vg_rule *vg_explain_rule(const struct vg_alert *alert,
                                      const struct vg_protocol *protocol);

/* Whether `protocol` is, to the byte, the one that the alert was raised under. */
bool vg_explain_same(const struct vg_alert *alert, const struct vg_protocol *protocol);

/* Room for a test in words. */
#define VG_EXPLAIN_WORDS 12288

/* The windows of readings that a rule asks for by itself ("drop(sbp, 2h)"), once each. `each`
 * gets the query. */
typedef void vg_window_fn(void *to, const struct vg_query *query);
void vg_explain_windows(const struct vg_rule *rule, const struct vg_queries *queries,
                        vg_window_fn *each, void *to);

#endif
