/* SPDX-License-Identifier: Apache-2.0
 *
 * What happens on a generated ward, minute by minute. See stream.h.
 */
#include <stdio.h>
#include <string.h>

#include "lib/stream_maker.h"

static const struct mood moods[] = {
    {366, 78, 15, 97, 124},                          /* well */
    {366, 84, 16, 96, 116}, {380, 101, 20, 94, 104}, /* about the limits */
    {388, 118, 23, 93, 98},                          /* fever */
    {379, 128, 25, 90, 91}, {394, 134, 27, 89, 88},  {390, 139, 30, 85, 78}, /* shock */
    {404, 148, 33, 82, 68}, {358, 42, 9, 95, 168},   {350, 38, 7, 91, 182},
    {377, 110, 21, 92, 95}, {412, 182, 41, 74, 50},
};

/* ---- The stay */

static void stay(struct maker *m, int64_t at, enum vg_episode_do action,
                 const char *patient)
{
    struct vg_admission *a = &m->now.admission;

    memset(&m->now, 0, sizeof m->now);
    m->now.patient = m->patient;
    m->now.at.ms = STREAM_START + at;
    m->now.stay = true;
    maker_place(m, a->ward, a->bed);
    a->action = action;
    a->confirm = true; /* else an open critical alert holds a discharge up */
    a->at = m->now.at;
    a->product = VG_CAR_T;
    a->age = m->patient == 2 ? -1 : 40 + (int)m->patient;
    a->infusion_planned = VG_UNSET;
    (void)vg_copy(a->patient, sizeof a->patient, patient);
    (void)vg_copy(a->target, sizeof a->target, m->patient == 1 ? "BCMA" : "CD19");
    for (unsigned i = 0; i < VG_MEASURED_COUNT; i++) {
        a->baseline[i] = a->uln[i] = VG_NO_VALUE;
    }
    if (m->patient == 0) {
        a->baseline[VG_SBP] = 125;
        a->baseline[VG_TEMP] = 366;
        a->baseline[VG_PLT] = 200 * MICRO;
    }
    if (action == VG_TRANSFER) {
        m->moved = true;
        maker_place(m, a->to_ward, a->to_bed);
    }
    stream_add(m->out, &m->now);
}

/* Patient 1 moves to another bed; patient 3 is not known at first, goes, and another comes. */
static void visit(struct maker *m, int64_t minute, int64_t minutes)
{
    static const char *const names[STREAM_PATIENTS] = {"p-0", "p-1", "p-2", "p-3"};
    const char *name = names[m->patient];
    const int64_t at = m->at + 500;

    if (minute == (m->patient == 3 ? 90 : 2)) {
        stay(m, at, VG_ADMIT, name);
    } else if (m->patient == 1 && minute == minutes / 2) {
        stay(m, at, VG_TRANSFER, name);
    } else if (m->patient == 3 && minute == minutes * 2 / 3) {
        stay(m, at, VG_DISCHARGE, name);
    } else if (m->patient == 3 && minute == minutes * 2 / 3 + 20) {
        stay(m, at, VG_ADMIT, "p-4");
    } else if (m->patient == 2 && minute == minutes / 3) {
        stay(m, at, VG_UPDATE, name);
        m->out->event[m->out->count - 1].admission.age = 60;
    }
    if (minute == 120 + 40 * (int64_t)m->patient) {
        maker_infusion(m, m->at, "start");
    } else if (minute == 155 + 40 * (int64_t)m->patient) {
        maker_infusion(m, m->at, "end");
    }
}

/* ---- A minute */

static void change(struct maker *m)
{
    if (maker_one_in(m, 45)) {
        m->mood = moods[maker_random(m, sizeof moods / sizeof moods[0])];
    }
    if (maker_one_in(m, 150)) {
        m->mood = moods[0];
    }
    m->minute = maker_one_in(m, 120) ? !m->minute : m->minute;
    m->patch = maker_one_in(m, 240) ? !m->patch : m->patch;
    m->line = maker_one_in(m, 300) ? !m->line : m->line;
    m->two = maker_one_in(m, 400) ? !m->two : m->two;
    m->bout = maker_one_in(m, 300) ? 2 + (int)maker_random(m, 5) : m->bout;
    m->cuff = maker_one_in(m, 200) ? 15 << maker_random(m, 4) : m->cuff;
}

static void bout(struct maker *m)
{
    if (m->bout > 0) {
        m->bout--;
        for (int64_t second = 0; second < 60; second++) {
            maker_monitor(m, m->at + second * S);
        }
    } else if (m->minute) {
        maker_monitor(m, m->at);
    }
}

static void minute(struct maker *m, int64_t number)
{
    const int64_t off = maker_one_in(m, 2) ? 0 : (int64_t)maker_random(m, 55) * S;

    change(m);
    bout(m);
    if (m->patch) {
        maker_patch(m, m->at);
    }
    if (m->line) {
        maker_line(m, m->at);
    }
    if (number % m->cuff == 0) {
        maker_cuff(m, m->at);
    }
    if (maker_one_in(m, 90)) {
        maker_spot(m, m->at + off);
    }
    if (maker_one_in(m, 60)) {
        maker_person(m, m->at + off);
    }
    if (maker_one_in(m, 240)) {
        maker_ice(m, m->at + off);
    }
    if (maker_one_in(m, 300)) {
        maker_laboratory(m, m->at + off);
    }
}

struct stream stream_generate(unsigned seed, int64_t minutes)
{
    struct stream out = {0};

    for (unsigned p = 0; p < STREAM_PATIENTS; p++) {
        struct maker m = {.s = seed + p * 7919U,
                          .out = &out,
                          .patient = p,
                          .mood = moods[0],
                          .minute = p != 2,
                          .patch = p == 1,
                          .cuff = 30};
        int64_t gap = 0; /* minutes in which nothing comes */
        for (int64_t i = 0; i < minutes; i++) {
            m.at = i * M;
            visit(&m, i, minutes);
            gap = maker_one_in(&m, 700) ? (int64_t)maker_random(&m, 150) : gap - 1;
            if (gap <= 0) {
                minute(&m, i);
            }
        }
    }
    stream_sort(&out);
    return out;
}
