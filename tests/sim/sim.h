/* SPDX-License-Identifier: Apache-2.0
 *
 * A ward in a box, daemon included: the real daemon (app.c and all below it) on simulated
 * clocks, loop, disk and broker, with gateways, patients and nurses around it. One seed is
 * one run, to the byte.
 *
 *   main.c         arguments; one process for each seed
 *   run.c          one run: who acts next, kills, starts, the quiet end
 *   co.c           what the daemon's threads are: coroutines, resumed one at a time
 *   loop.c         libuv's loop on virtual time; thread.c: its threads; clock.c: our clocks
 *   disk.c         files whose unsynced sectors a power cut drops, tears and reorders
 *   disk_posix.c   open(2) and its like on them; disk_vfs.c, disk_shm.c: SQLite's
 *   broker.c       the broker; retained.c: what it retains; paho.c: mqtt_paho.h, so that mqtt_link.c runs as it is
 *   gateway.c      gateways that number, keep and send again; patient.c: what they measure
 *   people.c       who answers pages, or not; moves.c: who lies where
 *   check.c        what must hold after every step; ledger.c: the disk against what was told
 *   trace.c        the run as NDJSON, and its hash
 *
 * Times are ms. `sim.boot` is the machine's boot clock and drives everything; true time is
 * SIM_EPOCH + sim.boot; the daemon's wall clock may be off from it.
 *
 * This is test code: one global, since what it stands in for (the clock, the disk, libuv) is.
 */
#ifndef VIGIL_SIM_H
#define VIGIL_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "vigil/base.h"

#define SIM_EPOCH INT64_C(1768032000000) /* 2026-01-10T08:00:00Z, where boot is 0 */
#define SIM_STORE "/sim/v.db"
#define SIM_NEVER INT64_MAX

/* ---- Chance. A stream for each part, so that a change of one leaves the others' luck. */
enum sim_luck {
    LUCK_PLAN,
    LUCK_LOOP,
    LUCK_DISK,
    LUCK_BROKER,
    LUCK_GATEWAY,
    LUCK_PATIENT,
    LUCK_PEOPLE,
    LUCK_MOVES,
    LUCK_FATE,
    LUCK_CHECK,
    LUCK_COUNT
};
uint64_t luck(enum sim_luck stream);
int64_t luck_below(enum sim_luck stream, int64_t limit); /* 0 .. limit - 1 */
int64_t luck_between(enum sim_luck stream, int64_t low, int64_t high);
bool luck_percent(enum sim_luck stream, double percent);

/* ---- Actors: whoever acts at a time of their own. */
enum sim_actor {
    ACT_LOOP,   /* the daemon's loop turns */
    ACT_WRITER, /* the store's thread goes on */
    ACT_WORK,   /* uv_queue_work */
    ACT_BROKER,
    ACT_GATEWAYS,
    ACT_PEOPLE,
    ACT_MOVES,
    ACT_FATE, /* kills, cuts, starts, clock steps */
    ACT_CHECK,
    ACT_COUNT
};

/* How this seed's world is; drawn at the start, the first line of the trace. */
struct sim_plan {
    vg_ms length;                 /* of the busy part; the quiet end comes after */
    unsigned gateways, beds;      /* beds are spread over the gateways */
    vg_ms period;                 /* between two messages of a bed */
    bool crowd;                   /* all turn critical at once, halfway */
    double lose, twice;           /* percent of messages that the broker … */
    vg_ms broker_slow, sync_slow; /* at most */
    vg_ms broker_away, link_lost; /* mean time between; 0: never */
    vg_ms gateway_away;           /* the same */
    vg_ms kill_every, cut_every, stop_every; /* the same: kill -9, power cut, SIGTERM */
    vg_ms move_every;                        /* the same */
    unsigned deaf;                           /* percent of calls that nobody answers */
    double stall, stall_long;                /* percent of turns that are late */
    bool steps;      /* the daemon's wall clock is set now and then */
    bool disk_fails; /* writes fail for a while now and then */
};

struct sim {
    uint64_t seed;
    struct sim_plan plan;
    vg_ms boot, busy_until, end;
    vg_ms due[ACT_COUNT];
    vg_ms wall_off; /* daemon's wall clock less true time */
    uint64_t luck[LUCK_COUNT];
    struct vg_app *app; /* NULL: no daemon runs */
    unsigned life;      /* starts of the daemon */
    bool ready;         /* it has come up */
    bool dead;          /* killed: what its coroutines still do has no effect */
    int64_t fuse;       /* steps until the kill that was decided; 0: none */
    bool cut;           /* that kill is a power cut */
    vg_ms turned;       /* when the loop last turned */
    bool quiet;         /* the end: nothing goes wrong any more */
    uint64_t steps, violations;
    FILE *trace;
    bool verbose;
};
extern struct sim sim;

vg_ms sim_true(void);                          /* true time */
void sim_wake(enum sim_actor actor, vg_ms at); /* at the latest */

/* ---- plan.c, run.c */
void plan_draw(void);
void plan_print(void);
/* Runs sim.seed to its end. The number of violations. */
uint64_t sim_run(void);
void sim_violation(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Every disk write, sync, publication and turn is a step: a kill may come at each. */
void sim_step(void);

/* ---- trace.c: lines of the run; what is traced is hashed, written only if there is a file */
void trace_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
void trace_bytes(const void *bytes, size_t length); /* hashed only */
uint64_t trace_hash(void);

/* ---- co.c */
struct co;
struct co *co_start(void (*entry)(void *), void *argument);
bool co_resume(struct co *co); /* false: it has ended, and is freed */
void co_yield (void);
bool co_inside(void);
void co_forget(struct co *co); /* it never goes on; its stack is freed */

/* ---- loop.c, thread.c: the daemon's process */
void loop_boot(void (*entry)(void *), void *argument);
void loop_reset(void); /* it is gone */
bool loop_alive(void);
void loop_note_due(void); /* sim.due of LOOP, WRITER and WORK */
void loop_turn(void);     /* resumes the daemon for one turn */
void loop_work(void);
void loop_go_on(void);
void loop_signal(int number);
void thread_reset(void);
vg_ms thread_due(void);
bool thread_joining(void);
void thread_run(void);
void thread_wait_disk(vg_ms span); /* if it is the store's thread that runs */

/* ---- disk.c (more in disk.h), disk_vfs.c, disk_shm.c */
void disk_cut(void); /* the power is gone */
/* For looking at it; `platter`: as if the power were cut now and nothing unsynced had come through. */
void disk_copy(const char *from, const char *to, bool platter);
void disk_fail(bool fails); /* writes and syncs, from now on */
bool disk_failing(void);
void vfs_install(void);
void shm_reset(void); /* the process is gone, and its locks */

/* ---- broker.c, paho.c */
void broker_reset(void);
void broker_act(void);
bool broker_up(void);
/* From the world to the broker: delivered to the daemon, if it is not lost. */
void broker_send(unsigned publisher, const char *topic, const char *payload,
                 bool retained);
void broker_daemon_gone(void);
/* From the daemon. */
void broker_take(int client, const char *topic, const void *payload, size_t length,
                 bool retained, unsigned ticket);
int broker_connect(int client, unsigned ticket);
void broker_disconnect(int client);
void broker_subscribe(int client, unsigned ticket);
bool broker_drained(void);
typedef void broker_each_fn(const char *topic, const char *payload, size_t length);
void broker_retain(const char *topic, const void *payload, size_t length);
void broker_retained(broker_each_fn *each);
void paho_event(int client, int event, unsigned ticket, int code);
void paho_letter(const char *topic, const char *payload, size_t length, bool retained,
                 bool duplicate);
void paho_reset(void);

/* ---- The world */
void gateway_start(void);
void gateway_act(void);
void gateway_heard(const char *topic, const char *payload); /* behind "gateways/" */
bool gateway_drained(void);
/* Sends a message of the admission system, numbered and kept like any other. */
void gateway_adt(const char *bed, const char *payload_rest);
bool gateway_adt_settled(void);
uint64_t gateway_sent(const char *gateway,
                      const char *epoch); /* highest number given */
struct vitals {
    int hr, rr, spo2, sbp, temp; /* temp in tenths */
};
void patient_start(void);
void patient_read(unsigned patient, struct vitals *out);
void patient_crowd(void); /* several turn critical */
void moves_start(void);
void moves_act(void);
int moves_patient_in(unsigned bed); /* -1: nobody */
bool moves_held(unsigned bed);      /* its monitor is off while patients move */
const char *bed_name(unsigned bed);
void people_reset(void);
void people_act(void);
void people_heard(const char *topic, const char *payload, size_t length);

/* ---- check.c, ledger.c */
void check_reset(void);
void check_start(void); /* the daemon is started */
void check_clock_set(void);
void check_step(void); /* after every turn of the daemon */
void check_second(void);
void check_heard(const char *topic, const char *payload,
                 size_t length); /* the broker has it */
bool check_drained(void);        /* all that was to be told is told and stored */
void check_end(void);
void ledger_mark(const char *gateway, const char *epoch, uint64_t upto);
/* Is all that marks have passed on the disk, once? `platter`: as if the power were cut now. */
void ledger_look(bool platter);
/* The origin and the number of each message of a bundle; how many, 0: it cannot be read. */
typedef void bundle_fn(int64_t epoch, uint64_t seq);
size_t bundle_numbers(const void *data, size_t length, bundle_fn *each);

#endif
