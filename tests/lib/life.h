/* SPDX-License-Identifier: Apache-2.0
 *
 * Hours of ward life for the engine: generated moves, carried out one by one; after each,
 * what must hold of every open alert is asked (the invariants in the head of care.c and in
 * life_check.c). The same seed makes the same life.
 *
 *   struct life life;
 *   life_begin(&life, &book, moves, count, seed);
 *   for (size_t i = 0; i < count; i++) { life_do(&life, i); }
 *   life_end(&life);
 */
#ifndef VIGIL_TESTS_LIFE_H
#define VIGIL_TESTS_LIFE_H

#include "vigil/engine.h"

#define LIFE_START INT64_C(1768032000000) /* 2026-01-10T08:00:00Z */
#define LIFE_MOVES 400
#define LIFE_SEEN  512 /* alerts in one life */
#define LIFE_OPEN  128

enum life_op {
    LIFE_READ,
    LIFE_ASSESS,
    LIFE_ADMIT,
    LIFE_MOVE,
    LIFE_DISCHARGE,
    LIFE_COMMAND,
    LIFE_UNREACHABLE,
    LIFE_NODE,
    LIFE_JUMP,
    LIFE_TIME
};

struct life_move {
    enum life_op op;
    int64_t at, measured; /* ms from the start */
    unsigned bed;         /* beds 0 and 1 are of one ward, 2 and 3 of another */
    enum vg_signal signal;
    int64_t value;
    enum vg_source source;
    enum vg_do what;
    unsigned pick, who, how; /* which alert or patient, who asks, how exactly */
    unsigned same_as;        /* a command: has the id of this move */
};

/* What people asked, once it is known of which alert. */
struct life_said {
    struct vg_command command;
    char ward[VG_ID_LEN + 1], alert[VG_ALERT_LEN + 1], page[VG_ALERT_LEN + 1];
    char role[VG_ID_LEN + 1]; /* "" : nothing */
};

/* Whom people were told of, from the effects alone. */
struct life_seen {
    struct vg_alert alert; /* as it was told last: what a store has */
    bool closed, moved;
    size_t called_count; /* and not told the end */
    char called[VG_ROLES + 8][VG_ID_LEN + 1];
};

struct life {
    const struct vg_rulebook *book;
    const struct life_move *moves;
    size_t count;
    unsigned seed; /* stands in what is complained of */
    struct vg_engine *engine;
    struct vg_effects effects;
    int64_t now;
    bool twice;     /* each message and command comes twice */
    unsigned lose;  /* this move is not carried out; `count`: none */
    uint64_t hash;  /* of everything told but answers to what was doubled */
    size_t calls;   /* about critical alerts */
    size_t changes; /* of alerts that are held */
    size_t seen_count;
    struct life_seen *seen;
    uint64_t ward_n[2]; /* of onc-7, onc-8: the latest change, and when */
    int64_t ward_at[2];
    const struct life_said *script; /* say this instead of looking at what is open */
    struct life_said said[LIFE_MOVES];
    bool refused[LIFE_MOVES]; /* these are not in the store */
    size_t answer_count;
    struct vg_answer answer[LIFE_MOVES];
    struct vg_pause pause[LIFE_MOVES];
    size_t pause_count;
};

/* ---- life_make.c */

/* Answers the number of moves. */
size_t life_make(struct life_move *moves, unsigned seed);
unsigned life_random(unsigned *seed, unsigned below);

/* ---- life.c */

void life_begin(struct life *life, const struct vg_rulebook *book,
                const struct life_move *moves, size_t count, unsigned seed);
void life_end(struct life *life);
void life_do(struct life *life, size_t index);
void life_wait(struct life *life, int64_t until);
/* The engine dies after move `upto` and is built again from what a store has. */
void life_kill(struct life *life, size_t upto);

/* ---- life_check.c */

/* What the latest step told; and everything that is open. */
void life_told(struct life *life, enum life_op op);
void life_check(struct life *life, enum life_op op);
/* Copies out what is open; at most LIFE_OPEN. */
size_t life_open(const struct life *life, struct vg_alert *out);

#endif
