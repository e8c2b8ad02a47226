/* SPDX-License-Identifier: Apache-2.0
 *
 * The engine: takes an event apart and walks the corridor, window, rule, alert.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/carer.h"

struct vg_engine *vg_engine_create(const struct vg_rulebook *book)
{
    struct vg_engine *engine = calloc(1, sizeof *engine);

    assert(book->protocol_count > 0); /* the shell does not start without */
    if (engine != NULL) {
        engine->book = book;
        engine->now = engine->grace = engine->known = VG_UNSET;
    }
    return engine;
}

void vg_engine_destroy(struct vg_engine *engine)
{
    if (engine == NULL) {
        return;
    }
    for (size_t i = 0; i < engine->heap_count; i++) {
        vg_bed_destroy(engine->heap[i]);
    }
    free(engine->heap);
    free(engine->heap_wake);
    free(engine->sorted);
    free(engine->table);
    free(engine->ward);
    free(engine->answered);
    vg_engine_stored_finish(engine);
    vg_ties_finish(&engine->ties);
    vg_tell_finish(engine);
    free(engine);
}

/* ---- Time */

/* An assessment changes by the passing of time alone. */
static void serve_course(struct vg_engine *engine, struct vg_bed *bed,
                         struct vg_instant due)
{
    bed->asked = vg_later(bed->asked, due);
    const uint32_t changed = vg_bed_judge(bed, bed->wake, VG_NEVER, NULL);
    const struct vg_asking asking = {.engine = engine,
                                     .bed = bed,
                                     .at = bed->asked,
                                     .trigger = VG_UNSET,
                                     .stamp = bed->wake,
                                     .by_time = true};

    vg_carry_look(engine, bed, changed);
    vg_guard_judged(&asking);
    for (size_t i = 0; i < bed->protocol->rule_count; i++) {
        if ((bed->protocol->rule[i].topics & changed) != 0) {
            vg_rule_ask(&asking, i);
        }
    }
}

static enum vg_status serve(struct vg_engine *engine, struct vg_bed *bed)
{
    const struct vg_instant wake = bed->wake;

    if (!vg_tell_reserve(engine, bed, 0)) {
        return VG_NO_MEMORY;
    }
    if (vg_bed_course_wake(bed).ms <= wake.ms) {
        serve_course(engine, bed, vg_course_next(bed->course));
    }
    for (size_t i = 0; i < bed->protocol->rule_count; i++) {
        struct vg_rule_state *state = &bed->state[i];
        if (state->wake.ms > wake.ms) {
            continue;
        }
        bed->asked = vg_later(bed->asked, state->due);
        const struct vg_asking asking = {.engine = engine,
                                         .bed = bed,
                                         .at = bed->asked,
                                         .trigger = VG_UNSET,
                                         .stamp = wake,
                                         .by_time = true};
        vg_rule_ask(&asking, i);
    }
    if (!engine->jumping) {
        vg_carer_serve(engine, bed, wake);
    }
    vg_bed_rewake(engine, bed);
    return VG_OK;
}

enum vg_status vg_engine_pass_time(struct vg_engine *engine, struct vg_instant at)
{
    while (engine->heap_count > 0 && engine->heap[0]->wake.ms <= at.ms) {
        if (serve(engine, engine->heap[0]) != VG_OK) {
            return VG_NO_MEMORY;
        }
    }
    return VG_OK;
}

/* Time has jumped. What rules say of the time between is told with its own stamps; whom to call is decided
 * once, as things stand now. When only the clock was set, each alert passes over one step
 * at most, so that a wrong clock does not call the whole hospital. */
static enum vg_status jump(struct vg_engine *engine, const struct vg_event *event)
{
    const unsigned steps = event->jump.restart ? VG_STEPS : 1;

    if (event->jump.restart) {
        engine->grace = vg_after(event->at, VG_GRACE);
    }
    engine->jumping = true;
    for (size_t i = 0; i < engine->heap_count; i++) {
        vg_bed_rewake(engine, engine->sorted[i]);
    }
    enum vg_status status = vg_engine_pass_time(engine, event->at);
    engine->jumping = false;
    for (size_t i = 0; i < engine->heap_count; i++) {
        struct vg_bed *bed = engine->sorted[i];
        if (status == VG_OK && !vg_tell_reserve(engine, bed, 0)) {
            status = VG_NO_MEMORY; /* what is left is still due, and jumps next time */
        }
        if (status == VG_OK) {
            if (event->jump.restart) {
                vg_carer_grace(engine, bed);
            }
            vg_carer_jump(engine, bed, steps, event->at);
        }
        vg_bed_rewake(engine, bed);
    }
    engine->grace = VG_UNSET;
    return status;
}

/* ---- The contract */

static enum vg_status apply(struct vg_engine *engine, const struct vg_event *event)
{
    enum vg_status status = VG_OK;

    if (event->kind >= VG_EVENT_ALERT) { /* of the past: time stands still */
        return vg_engine_restore_event(engine, event);
    }
    engine->now = vg_later(engine->now, event->at);
    switch (event->kind) {
    case VG_EVENT_TIME:
        return VG_OK;
    case VG_EVENT_MESSAGE:
        status = vg_engine_take(engine, event->message);
        break;
    case VG_EVENT_EPISODE:
        status = vg_stay_event(engine, event->admission);
        break;
    case VG_EVENT_COMMAND:
        status = vg_command_take(engine, event->command);
        break;
    case VG_EVENT_UNREACHABLE:
        status = vg_unreachable_event(engine, event);
        break;
    case VG_EVENT_NODE:
        status = vg_node_event(engine, event);
        break;
    case VG_EVENT_JUMP: /* before time passes: vg_engine_step */
    case VG_EVENT_ALERT:
    case VG_EVENT_WARD:
    case VG_EVENT_PAUSED:
    case VG_EVENT_ANSWERED:
    case VG_EVENT_CARRIED: /* above */
        break;
    }
    if (status == VG_OK) { /* without memory it stays due, and the event is taken */
        (void)vg_engine_pass_time(engine, engine->now);
    }
    return status;
}

enum vg_status vg_engine_step(struct vg_engine *engine, const struct vg_event *event,
                              struct vg_effects *effects)
{
    enum vg_status status = VG_OK;

    vg_tell_begin(engine);
    engine->counts.steps++;
    if (event->kind == VG_EVENT_JUMP) {
        status = jump(engine, event);
    }
    if (status == VG_OK) {
        status = vg_engine_pass_time(engine, event->at);
    }
    if (status == VG_OK && engine->restoring) {
        status = vg_engine_restore_pauses(engine, event->at);
    }
    if (status == VG_OK) {
        status = apply(engine, event);
    }
    return vg_tell_end(engine, effects, status);
}

struct vg_instant vg_engine_deadline(const struct vg_engine *engine)
{
    return engine->heap_count > 0 ? engine->heap[0]->wake : VG_NEVER;
}

struct vg_engine_counts vg_engine_tally(const struct vg_engine *engine)
{
    return engine->counts;
}

struct vg_engine_counts vg_engine_counts(const struct vg_engine *engine)
{
    struct vg_engine_counts counts = vg_engine_tally(engine);

    for (size_t i = 0; i < engine->heap_count; i++) {
        counts.beds += !engine->heap[i]->node;
        counts.patients += engine->heap[i]->linked;
    }
    return counts;
}
