/* SPDX-License-Identifier: Apache-2.0
 *
 * Which test an alert stands by, and how one comes to a rule that did not raise it here: after a restart, or when
 * the rule comes back to its file.
 */
#ifndef VIGIL_CORE_RULE_PRINT_H
#define VIGIL_CORE_RULE_PRINT_H

#include "core/bed.h"

/* vg_rule.print, once the whole protocol is read. */
void vg_rule_print(struct vg_rule *rule, const struct vg_clinical *clinical);

/* The alert becomes the state's. `digest`: of the rule's protocol. */
void vg_rule_attach(struct vg_rule_state *state, struct vg_alert *alert,
                    const struct vg_rule *rule, const char *digest);

#endif
