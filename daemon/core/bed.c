/* SPDX-License-Identifier: Apache-2.0
 *
 * Beds: their memory, and a change of protocol. The answers to queries are in facts.c.
 */
#include "core/bed.h"

#include <stdlib.h>
#include <string.h>

#include "core/builtin.h"
#include "core/marks.h"
#include "core/rule_print.h"

static size_t state_count(const struct vg_protocol *protocol, size_t orphans)
{
    return protocol->rule_count + VG_BUILTIN_COUNT + orphans;
}

static void state_init(struct vg_rule_state *state)
{
    memset(state, 0, sizeof *state);
    state->onset = state->last_yes = state->clear_since = VG_UNSET;
    state->ease_since = state->ends_from = VG_UNSET;
    state->ended_onset = state->ended_at = state->newest_onset = VG_UNSET;
    state->due = state->wake = VG_NEVER;
}

void vg_bed_state_anew(struct vg_rule_state *state)
{
    struct vg_mark *when = state->when.mark;
    struct vg_mark *clear = state->clear.mark;
    struct vg_alert *alert = state->alert;

    state_init(state);
    state->when.mark = when;
    state->clear.mark = clear;
    state->alert = alert;
}

static struct vg_rule_state *states_create(const struct vg_protocol *protocol,
                                           size_t orphans)
{
    struct vg_rule_state *state = calloc(state_count(protocol, orphans), sizeof *state);
    bool whole = state != NULL;

    for (size_t i = 0; whole && i < state_count(protocol, orphans); i++) {
        state_init(&state[i]);
        if (i < protocol->rule_count) {
            whole = vg_marks_make(&state[i].when, &protocol->rule[i].when) &&
                    vg_marks_make(&state[i].clear, &protocol->rule[i].clear);
        }
    }
    if (!whole && state != NULL) {
        for (size_t i = 0; i < state_count(protocol, orphans); i++) {
            vg_marks_free(&state[i]);
        }
        free(state);
        state = NULL;
    }
    return state;
}

static void states_destroy(struct vg_rule_state *state,
                           const struct vg_protocol *protocol, size_t orphans)
{
    for (size_t i = 0; state != NULL && i < state_count(protocol, orphans); i++) {
        vg_marks_free(&state[i]);
        free(state[i].alert);
    }
    free(state);
}

static void trackers_destroy(struct vg_tracker *tracker,
                             const struct vg_protocol *protocol)
{
    for (size_t i = 0; tracker != NULL && i < protocol->queries.count; i++) {
        vg_tracker_finish(&tracker[i]);
    }
    free(tracker);
}

struct vg_bed *vg_bed_create(const char *ward, const char *bed,
                             const struct vg_protocol *protocol)
{
    struct vg_bed *made = calloc(1, sizeof *made);

    if (made == NULL) {
        return NULL;
    }
    (void)vg_copy(made->ward, sizeof made->ward, ward);
    (void)vg_copy(made->bed, sizeof made->bed, bed);
    made->protocol = protocol;
    made->infusion_start = made->infusion_end = made->infusion_planned = VG_UNSET;
    made->asked = made->since = VG_UNSET;
    made->wake = made->due = VG_NEVER;
    made->pause.until = made->uncovered = made->discharge_asked = VG_UNSET;
    made->relieved = made->here = made->named_since = VG_UNSET;
    made->episode.begin = made->episode.end = VG_UNSET;
    for (size_t i = 0; i < VG_MEASURED_COUNT; i++) {
        made->baseline[i] = VG_NO_VALUE;
    }
    made->state = states_create(protocol, 0);
    if (protocol->asks_assessments && !vg_bed_need_course(made)) {
        vg_bed_destroy(made);
        return NULL;
    }
    made->tracker = calloc(protocol->queries.count + 1, sizeof *made->tracker);
    if (made->state == NULL || made->tracker == NULL) {
        vg_bed_destroy(made);
        return NULL;
    }
    return made;
}

void vg_bed_destroy(struct vg_bed *bed)
{
    if (bed == NULL) {
        return;
    }
    states_destroy(bed->state, bed->protocol, bed->orphan_count);
    trackers_destroy(bed->tracker, bed->protocol);
    for (size_t i = 0; i < VG_MEASURED_COUNT; i++) {
        if (bed->window[i] != NULL) {
            vg_window_finish(bed->window[i]);
            free(bed->window[i]);
        }
    }
    free(bed->charted);
    vg_course_destroy(bed->course);
    free(bed);
}

static void swap_marks(struct vg_marks *a, struct vg_marks *b)
{
    const struct vg_marks kept = *a;

    *a = *b;
    *b = kept;
}

/* Readings are counted anew under a new test. */
static void rewrite(struct vg_rule_state *to, struct vg_rule_state *from,
                    const struct vg_rule *rule)
{
    swap_marks(&to->when, &from->when);
    swap_marks(&to->clear, &from->clear);
    from->when.count = from->clear.count = 0;
    from->ends_from = VG_UNSET;
    from->rewritten = from->alert != NULL && from->phase >= VG_ON &&
                              from->alert->care.test != rule->print
                          ? VG_NEW_TEST
                          : VG_SAME_TEST;
}

static void state_move(struct vg_rule_state *to, struct vg_rule_state *from)
{
    vg_marks_free(to);
    *to = *from;
    from->when = from->clear = (struct vg_marks){0};
    from->alert = NULL;
}

static size_t first_orphan(const struct vg_protocol *protocol)
{
    return protocol->rule_count + VG_BUILTIN_COUNT;
}

/* The orphan that this rule of `next` takes back: what comes back to a file finds its open alert. NULL: none. */
static struct vg_rule_state *orphan_of(const struct vg_bed *bed,
                                       const struct vg_rule *rule)
{
    const size_t first = first_orphan(bed->protocol);

    if (vg_protocol_rule(bed->protocol, rule->id) != NULL) {
        return NULL;
    }
    for (size_t i = first; i < first + bed->orphan_count; i++) {
        const struct vg_alert *alert = bed->state[i].alert;
        if (alert != NULL && strcmp(alert->rule, rule->id) == 0) {
            return &bed->state[i];
        }
    }
    return NULL;
}

/* Nothing was asked meanwhile: the span of a clear test is broken. */
static void take_back(struct vg_rule_state *to, struct vg_rule_state *orphan,
                      const struct vg_rule *rule, const char *digest)
{
    struct vg_alert *alert = orphan->alert;

    if (alert->condition != VG_ENDED) {
        alert->clear_since = VG_UNSET;
    }
    vg_rule_attach(to, alert, rule, digest);
    orphan->alert = NULL;
}

static void states_carry(struct vg_bed *bed, const struct vg_protocol *next,
                         struct vg_rule_state *state)
{
    const struct vg_protocol *old = bed->protocol;

    for (size_t i = 0; i < next->rule_count; i++) {
        const struct vg_rule *rule = &next->rule[i];
        const struct vg_rule *was = vg_protocol_rule(old, rule->id);
        struct vg_rule_state *orphan = orphan_of(bed, rule);
        if (was != NULL) {
            struct vg_rule_state *from = &bed->state[was - old->rule];
            if (was->print != rule->print) {
                rewrite(&state[i], from, rule);
            }
            state_move(&state[i], from);
        } else if (orphan != NULL) {
            take_back(&state[i], orphan, rule, next->digest);
        }
    }
    for (size_t i = 0; i < VG_BUILTIN_COUNT; i++) {
        state_move(&state[next->rule_count + i], &bed->state[old->rule_count + i]);
    }
}

/* ---- Orphans: behind the built-ins, as many as there are */

struct vg_rule_state *vg_bed_orphan(struct vg_bed *bed)
{
    const size_t first = first_orphan(bed->protocol);
    struct vg_rule_state *grown =
        realloc(bed->state, (first + bed->orphan_count + 1) * sizeof *grown);
    if (grown == NULL) {
        return NULL;
    }
    bed->state = grown;
    state_init(&grown[first + bed->orphan_count]);
    return &grown[first + bed->orphan_count++];
}

/* How many the bed has once `next` is in force. */
static size_t orphans_under(const struct vg_bed *bed, const struct vg_protocol *next)
{
    const struct vg_protocol *old = bed->protocol;
    size_t count = 0;

    for (size_t i = 0; i < vg_bed_states(bed); i++) {
        const bool gone =
            i >= first_orphan(old) ||
            (i < old->rule_count && vg_protocol_rule(next, old->rule[i].id) == NULL);
        count += gone && bed->state[i].alert != NULL;
    }
    for (size_t i = 0; i < next->rule_count; i++) {
        count -= orphan_of(bed, &next->rule[i]) != NULL;
    }
    return count;
}

/* Alerts that states_carry left behind: there is room for exactly those. */
static void states_orphan(struct vg_bed *bed, struct vg_rule_state *old, size_t count)
{
    struct vg_rule_state *place = &bed->state[first_orphan(bed->protocol)];

    for (size_t i = 0; i < count; i++) {
        if (old[i].alert != NULL) {
            place->alert = old[i].alert;
            place->phase = VG_ON;
            place->lost = true;
            place->onset = old[i].onset;
            old[i].alert = NULL;
            place++;
        }
    }
}

static vg_ms keep_of(const struct vg_bed *bed, enum vg_signal signal)
{
    const vg_ms asked = bed->protocol->keep[signal];

    return bed->course != NULL && signal < VG_STREAMS && asked < VG_WINDOW_RAW
               ? VG_WINDOW_RAW
               : asked;
}

/* Sums over more than the ring keeps cost a table of cells: only as far back as they are asked. */
static vg_ms sums_of(const struct vg_bed *bed, enum vg_signal signal)
{
    const struct vg_queries *queries = &bed->protocol->queries;
    vg_ms longest = 0;

    for (size_t i = 0; i < queries->count; i++) {
        const struct vg_query *query = &queries->item[i];
        if (query->signal == signal && query->span > VG_WINDOW_EXACT &&
            query->span > longest &&
            (query->kind == VG_ASK_AVG || query->kind == VG_ASK_COUNT ||
             query->kind == VG_ASK_SLOPE)) {
            longest = query->span;
        }
    }
    return longest;
}

void vg_bed_keep(struct vg_bed *bed)
{
    for (unsigned s = 0; s < VG_MEASURED_COUNT; s++) {
        const enum vg_signal signal = (enum vg_signal)s;
        if (bed->window[s] != NULL) {
            vg_window_keep(bed->window[s], keep_of(bed, signal), sums_of(bed, signal));
        }
    }
}

bool vg_bed_swap_make(struct vg_bed *bed, const struct vg_protocol *protocol,
                      struct vg_bed_swap *swap)
{
    swap->protocol = protocol;
    swap->orphans = orphans_under(bed, protocol);
    swap->state = states_create(protocol, swap->orphans);
    swap->tracker = calloc(protocol->queries.count + 1, sizeof *swap->tracker);
    if (swap->state == NULL || swap->tracker == NULL ||
        (protocol->asks_assessments && !vg_bed_need_course(bed))) {
        vg_bed_swap_free(swap);
        return false;
    }
    return true;
}

void vg_bed_swap_free(struct vg_bed_swap *swap)
{
    if (swap->protocol != NULL) {
        states_destroy(swap->state, swap->protocol, swap->orphans);
    }
    free(swap->tracker);
    memset(swap, 0, sizeof *swap);
}

void vg_bed_swap(struct vg_bed *bed, struct vg_bed_swap *swap)
{
    struct vg_rule_state *old = bed->state;
    const struct vg_protocol *was = bed->protocol;

    states_carry(bed, swap->protocol, swap->state);
    trackers_destroy(bed->tracker, was);
    bed->state = swap->state;
    bed->tracker = swap->tracker;
    bed->protocol = swap->protocol;
    const size_t before = bed->orphan_count;
    bed->orphan_count = swap->orphans;
    states_orphan(bed, old, state_count(was, before));
    states_destroy(old, was, before);
    memset(swap, 0, sizeof *swap);
    if (bed->course != NULL) {
        bed->course->patient.clinical = bed->protocol->clinical;
        bed->course->patient.schedule = &bed->protocol->expected;
        vg_course_restart(bed->course);
    }
    vg_bed_keep(bed);
}

bool vg_bed_adopt(struct vg_bed *bed, const struct vg_protocol *protocol)
{
    struct vg_bed_swap swap;

    if (!vg_bed_swap_make(bed, protocol, &swap)) {
        return false;
    }
    vg_bed_swap(bed, &swap);
    return true;
}

struct vg_window *vg_bed_window(struct vg_bed *bed, enum vg_signal signal)
{
    if (bed->window[signal] == NULL) {
        bed->window[signal] = malloc(sizeof *bed->window[signal]);
        if (bed->window[signal] != NULL) {
            vg_window_init(bed->window[signal], signal, keep_of(bed, signal));
            bed->window[signal]->sums = sums_of(bed, signal);
        }
    }
    return bed->window[signal];
}
