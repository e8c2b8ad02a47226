/* SPDX-License-Identifier: Apache-2.0
 *
 * What people may do with an alert or a bed, and what they are answered.
 *
 * Races: a command says which revision its sender saw. If the alert became more severe since
 * then, or somebody else took it, the command is not done (superseded); if it changed
 * otherwise, it is done and the answer says so (stale_view). The same id from the same client
 * is done once, and answered as the first time. What comes after the end is recorded and
 * changes nothing. No lost or refused command leaves anything quieter than it was.
 */
#include "core/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Alerts */

struct vg_found vg_find_alert(const struct vg_engine *engine, const char *id)
{
    for (size_t i = 0; i < engine->heap_count; i++) {
        struct vg_bed *bed = engine->heap[i];
        const size_t count = vg_bed_states(bed);
        for (size_t k = 0; k < count; k++) {
            if (bed->state[k].alert != NULL &&
                strcmp(bed->state[k].alert->id, id) == 0) {
                return (struct vg_found){bed, k};
            }
        }
    }
    return (struct vg_found){NULL, 0};
}

/* Whether it may be done as the alert stands; else it is answered. */
static bool timely(struct vg_doing *doing)
{
    const struct vg_alert *alert = doing->alert;
    const uint32_t seen = doing->command->rev;

    if (strcmp(alert->ward, doing->command->ward) != 0) {
        vg_doing_answer(doing, VG_RESULT_FORBIDDEN, "the alert is of another ward");
        return false;
    }
    if (seen > alert->rev) {
        vg_doing_answer(doing, VG_RESULT_INVALID, "there is no such revision yet");
        return false;
    }
    if (seen != 0 && seen < alert->care.rose_rev) {
        vg_doing_answer(doing, VG_RESULT_SUPERSEDED, "it has become more severe since");
        return false;
    }
    return true;
}

static void about_alert(struct vg_doing *doing)
{
    const uint32_t rev = doing->alert->rev;

    doing->answer.rev = rev;
    if (!timely(doing)) {
        return;
    }
    const bool stale = doing->command->rev != 0 && doing->command->rev < rev;
    vg_doing_answer(doing, stale ? VG_RESULT_STALE_VIEW : VG_RESULT_OK,
                    stale ? "done; it has changed since you saw it" : "");
    (void)snprintf(doing->alert->remark, sizeof doing->alert->remark, "%s%s%s",
                   doing->command->by, doing->command->reason[0] != '\0' ? ": " : "",
                   doing->command->reason);
    if (!vg_acts[doing->command->what](doing)) {
        doing->alert->remark[0] = '\0';
        return;
    }
    doing->answer.rev = rev + 1;
    vg_carer_turn(doing->engine, doing->bed, doing->state, &doing->turn, doing->at);
    if (doing->turn.change == VG_ACCEPTED) {
        vg_storm_taken(doing->engine, doing->bed, doing->alert, doing->at);
    }
    vg_carer_serve(doing->engine, doing->bed, doing->at);
    vg_bed_rewake(doing->engine, doing->bed);
    if (doing->state->alert ==
        doing->alert) { /* still open, and what was due came with it */
        doing->answer.rev = doing->alert->rev;
    }
}

/* ---- Beds */

static void about_bed(struct vg_doing *doing)
{
    const struct vg_command *c = doing->command;
    struct vg_pause pause = {.at = doing->at};
    vg_ms span = 0;

    doing->bed = vg_roster_find(doing->engine, c->ward, c->bed);
    if (doing->bed == NULL || doing->bed->node) {
        vg_doing_answer(doing, VG_RESULT_INVALID, "there is no such bed in this ward");
        return;
    }
    const bool back = c->span == 0 && vg_is_set(doing->bed->pause.until);
    if (!back && !vg_doing_named(doing)) {
        return;
    }
    if (!back && !vg_doing_span(doing, &vg_pause_limit, &span)) {
        return;
    }
    if (!back &&
        vg_is_set(doing->bed->pause.until)) { /* the cap counts from the first */
        pause.at = doing->bed->pause.at;
    }
    pause.until = vg_after(doing->at, span);
    if (!back && vg_since(pause.until, pause.at) > vg_pause_limit.most) {
        vg_doing_answer(doing, VG_RESULT_OVER_CAP,
                        "at most 60 min in all: the bed is off the ward already");
        return;
    }
    (void)vg_copy(pause.by, sizeof pause.by, c->by);
    (void)vg_copy(pause.reason, sizeof pause.reason, c->reason);
    vg_doing_answer(doing, VG_RESULT_OK, back ? "the bed is back on the ward" : "");
    if (back) {
        vg_pause_end(doing->engine, doing->bed, doing->at);
    } else {
        vg_pause_set(doing->engine, doing->bed, &pause, doing->at);
    }
    vg_bed_rewake(doing->engine, doing->bed);
}

/* ---- Repeats */

static uint64_t hash_of(const char *client, const char *id)
{
    return vg_hash(vg_hash(2, client, strlen(client)), id, strlen(id));
}

static bool remember(struct vg_engine *engine, const struct vg_answer *answer)
{
    if (engine->answered == NULL) {
        engine->answered = calloc(VG_ANSWERED, sizeof *engine->answered);
    }
    if (engine->answered == NULL) {
        return false;
    }
    engine->answered[engine->answered_next++ % VG_ANSWERED] = (struct vg_answered){
        hash_of(answer->client, answer->id), answer->rev, answer->result};
    return true;
}

enum vg_status vg_command_answered(struct vg_engine *engine,
                                   const struct vg_answer *answer)
{
    return remember(engine, answer) ? VG_OK : VG_NO_MEMORY;
}

static bool repeated(struct vg_doing *doing)
{
    const struct vg_engine *engine = doing->engine;
    const uint64_t hash = hash_of(doing->command->client, doing->command->id);

    for (size_t i = 0; engine->answered != NULL && i < VG_ANSWERED; i++) {
        const struct vg_answered *a = &engine->answered[i];
        if (a->hash == hash && i < engine->answered_next) {
            doing->answer.rev = a->rev;
            vg_doing_answer(doing, VG_RESULT_DUPLICATE, vg_result_text(a->result));
            return true;
        }
    }
    return false;
}

/* Whether it may be done: the shell has what is in quarantine, and does it. */
static void about_quarantine(struct vg_doing *doing)
{
    if (!vg_doing_named(doing)) {
        return;
    }
    if (doing->command->reason[0] == '\0') {
        vg_doing_answer(doing, VG_RESULT_INVALID, "a reason is needed");
        return;
    }
    vg_doing_answer(doing, VG_RESULT_OK, "");
}

static void carry_out(struct vg_doing *doing)
{
    if (doing->command->what == VG_DO_ASSIGN) {
        about_quarantine(doing);
    } else if (doing->command->what == VG_DO_PAUSE) {
        about_bed(doing);
    } else if (vg_acts[doing->command->what] == NULL) {
        vg_doing_answer(doing, VG_RESULT_OK, ""); /* receipts: the shell's evidence */
    } else if (doing->alert == NULL) {
        vg_doing_answer(doing, VG_RESULT_CLOSED, "no open alert has this id; recorded");
    } else {
        about_alert(doing);
    }
}

enum vg_status vg_command_take(struct vg_engine *engine,
                               const struct vg_command *command)
{
    const struct vg_found found = vg_find_alert(engine, command->alert);
    struct vg_doing doing = {
        .engine = engine, .command = command, .bed = found.bed, .at = engine->now};
    struct vg_bed *bed = command->what == VG_DO_PAUSE
                             ? vg_roster_find(engine, command->ward, command->bed)
                             : found.bed;

    if (!vg_tell_reserve(engine, bed, 0)) {
        return VG_NO_MEMORY;
    }
    (void)vg_copy(doing.answer.id, sizeof doing.answer.id, command->id);
    (void)vg_copy(doing.answer.ward, sizeof doing.answer.ward, command->ward);
    (void)vg_copy(doing.answer.client, sizeof doing.answer.client, command->client);
    if (found.bed != NULL) {
        doing.state = &found.bed->state[found.index];
        doing.alert = doing.state->alert;
    }
    if (!repeated(&doing)) {
        if (engine->answered == NULL &&
            (engine->answered = calloc(VG_ANSWERED, sizeof *engine->answered)) ==
                NULL) {
            return VG_NO_MEMORY;
        }
        carry_out(&doing);
        if (vg_acts[command->what] != NULL || command->what == VG_DO_PAUSE ||
            command->what == VG_DO_ASSIGN) {
            (void)remember(
                engine,
                &doing.answer); /* receipts, of which there are many, change nothing */
        }
    }
    vg_tell_answer(engine, &doing.answer);
    return VG_OK;
}
