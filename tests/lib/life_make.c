/* SPDX-License-Identifier: Apache-2.0
 *
 * Making up a life: patients who come, go off the ward, move and leave; fever, pressure and
 * saturation that come and go; people who answer, too late or wrongly.
 */
#include <string.h>

#include "lib/life.h"

#define S 1000
#define M (60 * S)

unsigned life_random(unsigned *seed, unsigned below)
{
    *seed = *seed * 1664525U + 1013904223U;
    return (*seed >> 8) % below;
}

struct making {
    unsigned seed;
    int64_t at;
    unsigned mood[4][4]; /* bed, signal: 0 well, 1 not well, 2 bad */
    struct life_move *move;
    size_t count;
};

static unsigned dice(struct making *m, unsigned below)
{
    return life_random(&m->seed, below);
}

static struct life_move *next(struct making *m, enum life_op op)
{
    struct life_move *move = &m->move[m->count++];

    memset(move, 0, sizeof *move);
    move->op = op;
    move->at = move->measured = m->at;
    move->bed = dice(m, 4);
    move->pick = dice(m, 1000);
    move->who = dice(m, 6);
    move->how = dice(m, 1000);
    move->same_as = (unsigned)(m->count - 1);
    return move;
}

static void reading(struct making *m)
{
    static const enum vg_signal signals[] = {VG_TEMP, VG_SBP, VG_SPO2, VG_HR};
    static const int64_t values[4][3] = {
        {368, 384, 405}, {118, 88, 76}, {97, 89, 83}, {80, 135, 170}};
    struct life_move *move = next(m, LIFE_READ);
    const unsigned which = dice(m, 4);
    unsigned *mood = &m->mood[move->bed][which];

    if (dice(m, 4) == 0) {
        *mood = dice(m, 3);
    }
    move->signal = signals[which];
    move->value = values[which][*mood] + (int64_t)dice(m, 3);
    move->source = which == 1        ? VG_SOURCE_CUFF
                   : dice(m, 2) == 0 ? VG_SOURCE_SPOT
                                     : VG_SOURCE_CONTINUOUS;
    if (dice(m, 12) == 0) { /* late */
        move->measured -= (int64_t)dice(m, 40) * M;
    }
    if (dice(m, 60) == 0) { /* cannot be: what is below the range calls */
        move->value = 0;
    }
}

/* An older message once more. */
static void again(struct making *m)
{
    const size_t back = 1 + dice(m, 15); /* the shell knows what is older */
    const size_t old = m->count > back ? m->count - back : 0;

    if (m->move[old].op == LIFE_READ && m->at - m->move[old].at < 10 * M) {
        const struct life_move copy = m->move[old];
        struct life_move *move = next(m, LIFE_READ);
        const int64_t at = move->at;
        *move = copy;
        move->at = at;
    }
}

static void command(struct making *m)
{
    static const enum vg_do usual[] = {
        VG_DO_ACKNOWLEDGE, VG_DO_ACCEPT, VG_DO_ACCEPT,  VG_DO_REJECT, VG_DO_RELEASE,
        VG_DO_SILENCE,     VG_DO_SHELVE, VG_DO_RESET,   VG_DO_RESET,  VG_DO_JUDGE,
        VG_DO_NOTE,        VG_DO_PAUSE,  VG_DO_RECEIVED};
    struct life_move *move = next(m, LIFE_COMMAND);

    move->what = usual[dice(m, sizeof usual / sizeof usual[0])];
    if (dice(m, 10) == 0) {
        for (unsigned i = (unsigned)m->count - 1; i > 0; i--) {
            if (m->move[i - 1].op == LIFE_COMMAND) {
                move->same_as = m->move[i - 1].same_as;
                break;
            }
        }
    }
}

static void one(struct making *m)
{
    const unsigned which = dice(m, 100);

    if (which < 52) {
        reading(m);
    } else if (which < 55) {
        again(m);
    } else if (which < 83) {
        command(m);
    } else if (which < 87) {
        (void)next(m, LIFE_ASSESS);
    } else if (which < 90) {
        (void)next(m, LIFE_ADMIT);
    } else if (which < 92) {
        (void)next(m, LIFE_MOVE);
    } else if (which < 94) {
        (void)next(m, LIFE_DISCHARGE);
    } else if (which < 96) {
        (void)next(m, LIFE_UNREACHABLE);
    } else if (which < 98) {
        (void)next(m, LIFE_NODE);
    } else if (which < 99) {
        m->at += (int64_t)dice(m, 20) * M;
        (void)next(m, LIFE_JUMP);
    } else {
        (void)next(m, LIFE_TIME);
    }
}

size_t life_make(struct life_move *moves, unsigned seed)
{
    struct making m = {.seed = seed * 2654435761U + 1, .move = moves};
    const size_t want = 100 + dice(&m, LIFE_MOVES - 110);

    for (unsigned bed = 0; bed < 4; bed++) {
        if (dice(&m, 4) != 0) {
            next(&m, LIFE_ADMIT)->bed = bed;
        }
    }
    while (m.count < want) {
        static const int64_t pauses[] = {0, 1, 5 * S, 10 * S, 30 * S, M, 2 * M, 3 * M};
        m.at += dice(&m, 30) == 0 ? 65 * M : pauses[dice(&m, 8)];
        one(&m);
    }
    return m.count;
}
