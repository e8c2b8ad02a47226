/* SPDX-License-Identifier: Apache-2.0
 *
 * Days of one bed, hour by hour, and a kill among them: an engine that read one day of vital signs back, and had handed
 * over what is carried (vigil/carried.h), says the same as the one that was never killed.
 */
#ifndef VIGIL_TESTS_DAYS_H
#define VIGIL_TESTS_DAYS_H

#include "lib/ward.h"

#define HOUR  INT64_C(3600000)
#define T0    (24 * HOUR)
#define READ  (25 * HOUR) /* so much of the vital signs is read back */
#define END   (130 * HOUR)
#define STEPS 1024
#define TOLD  sizeof((struct ward *)0)->told

struct days_thing {
    int64_t at;
    enum vg_signal signal;
    int64_t value;    /* of a vital sign */
    const char *name; /* charted */
    bool off;
    int64_t ts; /* charted for an earlier time; 0: for then */
};

struct days {
    size_t count;
    struct days_thing thing[STEPS];
    struct vg_carried carried; /* as last told */
    unsigned told;             /* how often */
    char episode[VG_EPISODE_LEN + 1];
};

void days_add(struct days *days, struct days_thing thing);
void days_chart(struct ward *w, const struct days_thing *thing);
/* Thing `i` happens; what is to be carried over is noted. */
void days_live(struct ward *w, struct days *days, size_t i);
/* `to` after a restart of `from` behind `cut` things: from what was charted, the last day's vital signs, and what was
 * carried over. */
void days_rebuild(struct ward *to, const struct ward *from, struct days *days,
                  size_t cut);
/* What both say of the rest, which must be the same, goes to `told`. */
void days_kill_at(const char *rules, struct days *days, int64_t hour, char told[TOLD]);

#endif
