/* SPDX-License-Identifier: Apache-2.0
 *
 * Who lies where. A move is told by the admission system; the monitors of its beds are off from
 * the moment of the move until the daemon has confirmed it, as when a patient is wheeled away;
 * a bed that was left has none until somebody comes. Some beds are watched without a patient.
 */
#include <stdio.h>

#include "sim/sim.h"

#define BEDS 8

static const char *const names[BEDS] = {"onc/1", "onc/2", "onc/3", "onc/4",
                                        "icu/1", "icu/2", "onc/5", "icu/3"};
static int lies[BEDS];
static int admitted;
static bool held[BEDS];
static bool nobodys[BEDS]; /* watched without a patient, from the start and for ever */
static enum { STILL, TOLD } phase;

const char *bed_name(unsigned bed)
{
    return names[bed];
}

int moves_patient_in(unsigned bed)
{
    return lies[bed];
}

bool moves_held(unsigned bed)
{
    return held[bed] || (lies[bed] < 0 && !nobodys[bed]);
}

static void note(unsigned bed)
{
    trace_line("{\"t\":%lld,\"e\":\"lies\",\"bed\":\"%s\",\"patient\":%d,\"ts\":%lld}",
               (long long)sim.boot, names[bed], lies[bed], (long long)sim_true());
}

static void admit(unsigned bed)
{
    char text[200];

    lies[bed] = ++admitted;
    (void)snprintf(
        text, sizeof text,
        "\"by\":\"adt\",\"do\":\"admit\",\"patient\":\"p-%d\",\"product\":\"car_t\","
        "\"age\":55",
        admitted);
    gateway_adt(names[bed], text);
    held[bed] = true;
    note(bed);
}

static void discharge(unsigned bed)
{
    gateway_adt(names[bed], "\"do\":\"discharge\",\"confirm\":true");
    lies[bed] = -1;
    held[bed] = true;
    note(bed);
}

/* Two who lie change places; one who lies goes to a free bed. */
static void move(unsigned from, unsigned to)
{
    char text[200];
    const int other = lies[to];
    const char *slash = names[to];

    (void)snprintf(text, sizeof text,
                   "\"do\":\"transfer\",\"patient\":\"p-%d\",\"to_ward\":\"%.3s\","
                   "\"to_bed\":\"%s\",\"confirm\":true%s",
                   lies[from], slash, slash + 4, other >= 0 ? ",\"swap\":true" : "");
    gateway_adt(names[from], text);
    lies[to] = lies[from];
    lies[from] = other;
    held[from] = held[to] = true;
    note(from);
    note(to);
}

void moves_start(void)
{
    for (unsigned b = 0; b < BEDS; b++) {
        lies[b] = -1;
        if (b < sim.plan.beds && (b == 0 || luck_percent(LUCK_MOVES, 85))) {
            admit(b);
        } else {
            nobodys[b] = true;
            note(b);
        }
    }
    phase = TOLD;
    sim.due[ACT_MOVES] = sim.boot + 500;
}

static void change(void)
{
    const unsigned a = (unsigned)luck_below(LUCK_MOVES, sim.plan.beds);
    const unsigned b = (unsigned)luck_below(LUCK_MOVES, sim.plan.beds);

    if (nobodys[a]) {
        return;
    }
    if (lies[a] < 0) {
        admit(a);
    } else if (a != b && !nobodys[b] && luck_percent(LUCK_MOVES, 70)) {
        move(a, b);
    } else {
        discharge(a);
    }
}

void moves_act(void)
{
    if (phase == TOLD) {
        if (gateway_adt_settled()) {
            phase = STILL;
            for (unsigned b = 0; b < BEDS; b++) {
                held[b] = false;
            }
            sim.due[ACT_MOVES] =
                sim.plan.move_every == 0
                    ? SIM_NEVER
                    : sim.boot + luck_between(LUCK_MOVES, sim.plan.move_every / 4,
                                              sim.plan.move_every * 7 / 4);
        } else {
            sim.due[ACT_MOVES] = sim.boot + 500;
        }
        return;
    }
    if (sim.boot >= sim.busy_until) {
        sim.due[ACT_MOVES] = SIM_NEVER;
        return;
    }
    change();
    phase = TOLD;
    sim.due[ACT_MOVES] = sim.boot + 500;
}
