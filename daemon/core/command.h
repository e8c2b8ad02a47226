/* SPDX-License-Identifier: Apache-2.0
 *
 * A command on its way: what command.c and command_acts.c share.
 */
#ifndef VIGIL_CORE_COMMAND_H
#define VIGIL_CORE_COMMAND_H

#include "core/carer.h"

struct vg_doing {
    struct vg_engine *engine;
    const struct vg_command *command;
    struct vg_bed *bed;
    struct vg_rule_state *state;
    struct vg_alert *alert;
    struct vg_instant at;
    struct vg_turn turn; /* what the command comes to */
    struct vg_answer answer;
};

typedef bool vg_act_fn(struct vg_doing *doing);
/* One for each "do" about an alert; true if doing->turn is to be told, else it is answered. NULL: not about an
 * alert. */
extern vg_act_fn *const vg_acts[VG_DO_COUNT];

/* Whether a known person asks, who may take, hold or close an alert; false: answered already. */
bool vg_doing_named(struct vg_doing *doing);
void vg_doing_answer(struct vg_doing *doing, enum vg_result result, const char *detail);

struct vg_limit {
    vg_ms usual, most; /* most 0: not allowed */
    bool reason;       /* one must be given */
};

extern const struct vg_limit vg_pause_limit;
/* The span that was asked for, or the usual one; false: answered already. */
bool vg_doing_span(struct vg_doing *doing, const struct vg_limit *limit, vg_ms *out);

#endif
