/* SPDX-License-Identifier: Apache-2.0
 *
 * A replay under way. Private to the files of `vigil replay`: replay.c takes the arguments and
 * runs it, replay_feed.c hands lines to the engine, replay_output.c says what came of it.
 */
#ifndef VIGIL_CLI_REPLAY_H
#define VIGIL_CLI_REPLAY_H

#include <stdio.h>

#include "vigil/wire.h"

#include "cli/replay_each.h"
#include "cli/replay_numbers.h"
#include "cli/replay_summary.h"
#include "shell/protocol_file.h"

/* What is printed: the lines of the contract, the alarm load, or why alerts were raised. */
enum vg_replay_mode { VG_REPLAY_LINES, VG_REPLAY_SUMMARY, VG_REPLAY_EXPLAIN };

struct vg_replay {
    const char *protocols, *file, *until;
    const char *explain; /* a rule or an alert */
    enum vg_replay_mode mode;
    bool assess, assess_each, json, pages;
    struct vg_protocol_set set;
    struct vg_rulebook book; /* borrowed by the engine */
    struct vg_engine *engine;
    struct vg_decoder *decoder;
    struct vg_effects effects;
    struct vg_each each;
    struct vg_replay_numbers numbers;
    struct vg_summary summary;
    size_t explained;
    struct vg_buffer out, keep;
    struct vg_instant now, end;
};

/* Says why not on standard error; the exit code. */
int vg_replay_cannot(const char *what, const char *why);

/* Every line of a file; the exit code. */
int vg_replay_feed(struct vg_replay *r, FILE *in);
/* Lets time pass until r->now. */
enum vg_status vg_replay_pass(struct vg_replay *r);

/* What the engine answered, in its order. `letter` and `origin`: of the line that it answered,
 * or NULL. VG_OK or VG_NO_MEMORY. */
enum vg_status vg_replay_effects(struct vg_replay *r, const struct vg_letter *letter,
                                 const struct vg_origin *origin);
void vg_replay_refusal(struct vg_replay *r, const struct vg_letter *letter,
                       const struct vg_origin *origin,
                       const struct vg_refusal *refusal);
/* To a command that never came to the engine. */
void vg_replay_answer(struct vg_replay *r, const struct vg_answer *answer,
                      struct vg_instant at);
/* After a line about this bed, whose patient is `patient` or, if NULL, whoever is admitted. */
enum vg_status vg_replay_touched(struct vg_replay *r, const char *ward, const char *bed,
                                 const char *patient);
/* After the last line: assessments or the summary, as asked. */
enum vg_status vg_replay_close(struct vg_replay *r);

#endif
