/* SPDX-License-Identifier: Apache-2.0
 *
 * A desk in a ward (ward.h): people ask, are answered, and one hears who is called.
 */
#ifndef VIGIL_TESTS_DESK_H
#define VIGIL_TESTS_DESK_H

#include "lib/ward.h"

#define S 1000
#define M (60 * S)
#define H (60 * M)

#define ANNA "bedside-nurse:anna"
#define CARL "charge-nurse:carl"

struct desk {
    struct ward ward;
    struct vg_answer answer; /* the latest */
    unsigned asked;
    char heard[8192]; /* "RULE call role role;" */
};

/* Rules FEVER (urgent, critical from 39.0), WARM (watch, from 37.5), PULSE (critical, latched),
 * LOW (urgent, pressure below 95), FAST (urgent, global); P1 lies in bed 12. */
struct desk *desk_open(void);
/* The same with rules and ladders of one's own (YAML, as in ward.h). */
struct desk *desk_open_with(const char *rules);
void desk_close(struct desk *d);
/* Compares what was heard since the last time. */
void heard(struct desk *d, const char *expected);
void step(struct desk *d, int64_t at, struct vg_event event);
void wait_until(struct desk *d, int64_t at);
void spot(struct desk *d, int64_t at, enum vg_signal signal, int64_t value);
/* A flag is charted, or withdrawn. */
void flag(struct desk *d, int64_t at, const char *name, bool on);
/* Anything else that is charted. */
void chart(struct desk *d, int64_t at, enum vg_signal signal, const char *value);
/* An infusion: "start" or "end". */
void infuse(struct desk *d, int64_t at, const char *what, const char *product);
/* Word of P1 in bed 12 that says nothing else, and its telling. */
struct vg_admission admission(enum vg_episode_do action, int64_t at);
void tell(struct desk *d, int64_t at, const struct vg_admission *a);
/* The engine dies and is built anew: it waits for the past, which ends at `at`. */
void begin_again(struct desk *d);
void restored(struct desk *d, int64_t at);
/* The open alert of the rule; rev 0: there is none. Good until the next call. */
const struct vg_alert *open_of(struct desk *d, const char *rule);
struct vg_command command(struct desk *d, enum vg_do what, const char *by,
                          const char *rule);
void say(struct desk *d, int64_t at, const struct vg_command *c,
         enum vg_result expected);
void quick(struct desk *d, int64_t at, enum vg_do what, const char *by,
           const char *rule, enum vg_result expected);
void put_off_ward(struct desk *d, int64_t at, const char *by, vg_ms span);

#endif
