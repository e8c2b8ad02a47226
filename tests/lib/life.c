/* SPDX-License-Identifier: Apache-2.0
 *
 * Carrying out a life, and dying in the middle of it. See life.h.
 */
#include "lib/life.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const wards[] = {"onc-7", "onc-7", "onc-8", "onc-8"};
static const char *const beds[] = {"1", "2", "1", "2"};
static const char *const people[] = {"bedside-nurse:anna",
                                     "bedside-nurse:ben",
                                     "charge-nurse:carl",
                                     "on-call-physician:dora",
                                     "ward:7",
                                     "nurse:eve"};

void life_begin(struct life *life, const struct vg_rulebook *book,
                const struct life_move *moves, size_t count, unsigned seed)
{
    memset(life, 0, sizeof *life);
    life->book = book;
    life->moves = moves;
    life->count = count;
    life->seed = seed;
    life->lose = (unsigned)count;
    life->engine = vg_engine_create(book);
    life->seen = calloc(LIFE_SEEN, sizeof *life->seen);
    assert_non_null(life->engine);
    assert_non_null(life->seen);
}

void life_end(struct life *life)
{
    vg_engine_destroy(life->engine);
    vg_effects_finish(&life->effects);
    free(life->seen);
}

static void step(struct life *life, struct vg_event event)
{
    event.at.ms = LIFE_START + life->now;
    assert_int_equal(vg_engine_step(life->engine, &event, &life->effects), VG_OK);
}

/* ---- Messages and stays: the same whatever came before */

static struct vg_event message_of(const struct life_move *move,
                                  struct vg_reading *reading, struct vg_entry *entry,
                                  struct vg_message *message)
{
    const struct vg_instant measured = {LIFE_START + move->measured};

    memset(message, 0, sizeof *message);
    message->kind = move->op == LIFE_READ ? VG_KIND_VITALS : VG_KIND_ASSESSMENT;
    message->measured = measured;
    (void)vg_copy(message->ward, sizeof message->ward, wards[move->bed]);
    (void)vg_copy(message->bed, sizeof message->bed, beds[move->bed]);
    if (move->op == LIFE_READ) {
        const struct vg_signal_info *info = vg_signal_info(move->signal);
        *reading = (struct vg_reading){.signal = move->signal,
                                       .source = move->source,
                                       .value = move->value,
                                       .measured = measured,
                                       .pi = -1,
                                       .uln = VG_NO_VALUE,
                                       .lln = VG_NO_VALUE};
        reading->out_of_range =
            move->value < info->hard_low || move->value > info->hard_high;
        message->reading_count = 1;
        message->readings = reading;
    } else {
        *entry = (struct vg_entry){.signal = VG_CONSCIOUSNESS,
                                   .at = measured,
                                   .value = "A",
                                   .duration_s = -1,
                                   .flow = VG_NO_VALUE,
                                   .fio2 = VG_NO_VALUE,
                                   .until = VG_UNSET};
        message->entry_count = 1;
        message->entries = entry;
    }
    return (struct vg_event){.kind = VG_EVENT_MESSAGE, .message = message};
}

static struct vg_event stay_of(const struct life_move *move, struct vg_admission *a)
{
    const unsigned to = (move->bed + 1 + move->how % 3) % 4;

    memset(a, 0, sizeof *a);
    a->action = move->op == LIFE_ADMIT  ? VG_ADMIT
                : move->op == LIFE_MOVE ? VG_TRANSFER
                                        : VG_DISCHARGE;
    a->at.ms = LIFE_START + move->at;
    a->product = VG_CAR_T;
    a->age = 55;
    a->confirm = move->how % 2 == 0;
    a->infusion_planned = VG_UNSET;
    (void)vg_copy(a->ward, sizeof a->ward, wards[move->bed]);
    (void)vg_copy(a->bed, sizeof a->bed, beds[move->bed]);
    (void)vg_copy(a->to_ward, sizeof a->to_ward, wards[to]);
    (void)vg_copy(a->to_bed, sizeof a->to_bed, beds[to]);
    if (move->op == LIFE_ADMIT) {
        (void)snprintf(a->patient, sizeof a->patient, "P%u", move->pick % 6);
    }
    for (size_t i = 0; i < VG_MEASURED_COUNT; i++) {
        a->baseline[i] = a->uln[i] = VG_NO_VALUE;
    }
    return (struct vg_event){.kind = VG_EVENT_EPISODE, .admission = a};
}

/* ---- What people do: about what is open */

static void ask(struct life *life, size_t index, const struct vg_alert *alert,
                struct vg_command *c)
{
    const struct life_move *move = &life->moves[index];
    static const vg_ms spans[] = {0, VG_MINUTE, 10 * VG_MINUTE, 50 * VG_MINUTE, VG_DAY};
    const uint32_t rev = alert != NULL ? alert->rev : 1;

    memset(c, 0, sizeof *c);
    c->what = move->what;
    c->ts = VG_UNSET;
    c->span = spans[move->how % 5];
    c->rev = move->pick % 5 == 0   ? 0
             : move->pick % 5 == 1 ? rev - (rev > 1)
             : move->how % 50 == 0 ? rev + 3
                                   : rev;
    (void)snprintf(c->id, sizeof c->id, "c%u", move->same_as);
    (void)vg_copy(c->client, sizeof c->client, "ward-pc");
    (void)vg_copy(c->by, sizeof c->by, people[move->who]);
    (void)vg_copy(c->reason, sizeof c->reason, move->how % 7 == 0 ? "" : "why not");
    (void)vg_copy(c->ward, sizeof c->ward,
                  move->how % 40 == 0 || alert == NULL ? wards[move->bed]
                                                       : alert->ward);
    if (move->what == VG_DO_PAUSE) {
        (void)vg_copy(c->ward, sizeof c->ward, wards[move->bed]);
        (void)vg_copy(c->bed, sizeof c->bed, beds[move->bed]);
    } else {
        (void)vg_copy(c->alert, sizeof c->alert, alert != NULL ? alert->id : "none");
    }
}

static void remember(struct life *life, size_t index)
{
    for (size_t i = 0; i < life->effects.count; i++) {
        const struct vg_effect *effect = &life->effects.item[i];
        if (effect->kind == VG_EFFECT_REFUSED) {
            life->refused[index] = true;
        } else if (effect->kind == VG_EFFECT_ANSWER &&
                   effect->answer->result != VG_RESULT_DUPLICATE) {
            life->answer[life->answer_count++] = *effect->answer;
        } else if (effect->kind == VG_EFFECT_PAUSE) {
            life->pause[life->pause_count++ % LIFE_MOVES] = effect->pause;
        }
    }
}

static void tell(struct life *life, size_t index, const struct vg_event *event)
{
    step(life, *event);
    remember(life, index);
    life_check(life, life->moves[index].op);
    if (life->twice &&
        (event->kind == VG_EVENT_MESSAGE || event->kind == VG_EVENT_COMMAND)) {
        step(life, *event);
        life_check(life, life->moves[index].op);
    }
}

/* Chooses the alert, and what is asked about it. */
static void choose(struct life *life, size_t index)
{
    static struct vg_alert open[LIFE_OPEN];
    const struct life_move *move = &life->moves[index];
    struct life_said *said = &life->said[index];
    const size_t count = life_open(life, open);
    const struct vg_alert *alert = count > 0 ? &open[move->pick % count] : NULL;

    memset(said, 0, sizeof *said);
    if (move->op == LIFE_COMMAND) {
        ask(life, index, alert, &said->command);
    } else if (alert != NULL && alert->care.plan.role_count > 0) {
        const struct vg_plan *plan = &alert->care.plan;
        (void)vg_copy(said->role, sizeof said->role,
                      plan->role[move->how % plan->role_count]);
        (void)vg_copy(said->ward, sizeof said->ward, alert->ward);
        (void)vg_copy(said->alert, sizeof said->alert, alert->id);
        vg_page_id(alert, VG_PAGE_CALL, said->role, said->page);
    }
}

static struct vg_event spoken_of(struct life *life, size_t index)
{
    if (life->script == NULL) {
        choose(life, index);
    }
    const struct life_said *said =
        life->script != NULL ? &life->script[index] : &life->said[index];
    if (life->moves[index].op == LIFE_COMMAND) {
        return (struct vg_event){.kind = VG_EVENT_COMMAND, .command = &said->command};
    }
    return (struct vg_event){
        .kind = VG_EVENT_UNREACHABLE,
        .unreachable = {said->ward, said->alert, said->page, said->role}};
}

static struct vg_event node_of(const struct life_move *move)
{
    return (struct vg_event){.kind = VG_EVENT_NODE,
                             .node = {wards[move->bed],
                                      move->how % 2 == 0 ? "gw-1" : "",
                                      (enum vg_trouble)(move->pick % VG_TROUBLE_COUNT),
                                      move->who % 2 == 0, NULL}};
}

void life_do(struct life *life, size_t index)
{
    const struct life_move *move = &life->moves[index];
    struct vg_reading reading;
    struct vg_entry entry;
    struct vg_message message;
    struct vg_admission admission;
    struct vg_event event = {.kind = VG_EVENT_TIME};

    if (index == life->lose) {
        life->now = move->at;
        return;
    }
    if (move->op == LIFE_READ || move->op == LIFE_ASSESS) {
        event = message_of(move, &reading, &entry, &message);
    } else if (move->op <= LIFE_DISCHARGE) {
        event = stay_of(move, &admission);
    } else if (move->op == LIFE_COMMAND || move->op == LIFE_UNREACHABLE) {
        event = spoken_of(life, index);
    } else if (move->op == LIFE_NODE) {
        event = node_of(move);
    } else if (move->op == LIFE_JUMP) {
        event = (struct vg_event){.kind = VG_EVENT_JUMP, .jump = {move->how % 2 == 0}};
    }
    life->now = move->at;
    tell(life, index, &event);
}

void life_wait(struct life *life, int64_t until)
{
    life->now = until;
    step(life, (struct vg_event){.kind = VG_EVENT_TIME});
    life_check(life, LIFE_TIME);
}

/* ---- Dying */

static void tell_stored(struct life *life)
{
    for (unsigned w = 0; w < 4; w += 2) {
        life->now = life->ward_at[w / 2];
        step(life, (struct vg_event){.kind = VG_EVENT_WARD,
                                     .counter = {wards[w], life->ward_n[w / 2]}});
    }
    for (size_t i = 0; i < life->answer_count; i++) {
        step(life,
             (struct vg_event){.kind = VG_EVENT_ANSWERED, .answer = &life->answer[i]});
    }
    for (size_t i = 0; i < life->pause_count; i++) {
        const struct vg_pause *p = &life->pause[i];
        bool last = vg_is_set(p->until);
        for (size_t k = i + 1; k < life->pause_count; k++) {
            last = last && (strcmp(p->ward, life->pause[k].ward) != 0 ||
                            strcmp(p->bed, life->pause[k].bed) != 0);
        }
        if (last) {
            step(life, (struct vg_event){.kind = VG_EVENT_PAUSED, .pause = p});
        }
    }
    for (size_t i = 0; i < life->seen_count; i++) {
        if (!life->seen[i].closed) {
            step(life, (struct vg_event){.kind = VG_EVENT_ALERT,
                                         .alert = &life->seen[i].alert});
        }
    }
}

static void tell_past(struct life *life, size_t upto)
{
    struct vg_reading reading;
    struct vg_entry entry;
    struct vg_message message;
    struct vg_admission admission;

    for (size_t i = 0; i <= upto; i++) {
        const struct life_move *move = &life->moves[i];
        if (life->refused[i] || move->op > LIFE_DISCHARGE || i == life->lose) {
            continue;
        }
        life->now = move->at;
        step(life, move->op == LIFE_READ || move->op == LIFE_ASSESS
                       ? message_of(move, &reading, &entry, &message)
                       : stay_of(move, &admission));
        assert_int_equal(life->effects.count, 0); /* the past is not told again */
    }
}

void life_kill(struct life *life, size_t upto)
{
    const int64_t now = life->now;

    vg_engine_destroy(life->engine);
    life->engine = vg_engine_create(life->book);
    assert_non_null(life->engine);
    vg_engine_restore_begin(life->engine);
    tell_stored(life);
    tell_past(life, upto);
    assert_int_equal(vg_engine_restore_end(life->engine,
                                           (struct vg_instant){LIFE_START + life->now},
                                           &life->effects),
                     VG_OK);
    life_told(life, LIFE_JUMP);
    life->now = now;
    step(life, (struct vg_event){.kind = VG_EVENT_JUMP, .jump = {true}});
    life_check(life, LIFE_JUMP);
}
