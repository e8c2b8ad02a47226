/* SPDX-License-Identifier: Apache-2.0
 *
 * The two halves of live.h as its own files see them: live.c makes them and hands over,
 * live_beds.c does so with beds, live_feed.c takes the loop thread's news, live_read.c and
 * live_stream.c answer readers, live_json.c writes.
 *
 * What the engine knows of a bed (its look, some 2 KB) is kept once, in the readers' half, and
 * without the scores of a bed that has none (live_brief.c): only the loop thread writes there,
 * so it may read it without the lock. On the way it lies in one of VG_LIVE_LOOKS places.
 */
#ifndef VIGIL_SHELL_LIVE_INSIDE_H
#define VIGIL_SHELL_LIVE_INSIDE_H

#include <pthread.h>

#include "shell/live.h"

#define VG_LIVE_WARDS  1024
#define VG_LIVE_SLOTS  ((size_t)2 * VG_LIVE_BEDS) /* of the hash of beds */
#define VG_LIVE_CHAINS 1024                       /* of the hash of open alerts */
#define VG_LIVE_LOOKS  64                         /* handed over in one go */
_Static_assert(VG_LIVE_BEDS < UINT16_MAX, "a slot of the hash is 16 bits");

/* An alert as readers look for it; `text` is the whole. */
struct vg_live_open {
    struct vg_live_open *next;
    char id[VG_ALERT_LEN + 1], ward[VG_ID_LEN + 1], bed[VG_ID_LEN + 1];
    size_t ward_index;
    enum vg_severity severity;
    bool open, owned;
    char trouble[VG_NAME_LEN + 1]; /* the rule, of a technical alert; else "" */
    uint64_t n;
    struct vg_shared *text;
};

enum vg_live_kind { VG_LIVE_ALERT, VG_LIVE_STATUS, VG_LIVE_TROUBLE, VG_LIVE_ANSWER };

/* On its way from the loop thread's half to the other. */
struct vg_live_item {
    struct vg_live_item *next;
    enum vg_live_kind kind;
    char client[VG_ID_LEN + 1];
    struct vg_shared *text;
    struct vg_live_open *alert; /* VG_LIVE_ALERT; owned */
};

struct vg_live_ward_row {
    char id[VG_ID_LEN + 1], protocol[VG_ID_LEN + 1];
    uint64_t n;
};

/* The loop thread's half of a bed. */
struct vg_live_fed {
    char ward_id[VG_ID_LEN + 1], bed_id[VG_ID_LEN + 1];
    char
        episode[VG_EPISODE_LEN + 1]; /* of who lay here at the last look; "" : nobody */
    struct vg_live_values values;
    struct vg_live_entry charted[VG_LIVE_CHARTED];
    size_t ward; /* index */
    bool dirty, due;
    vg_ms published, looked; /* boot clock; published 0: goes out with the next */
};

/* A bed that goes out with the next handing over. */
struct vg_live_due {
    size_t bed; /* index */
    struct vg_bed_look look;
};

/* A look without its scores. */
struct vg_live_brief {
    char ward[VG_ID_LEN + 1], bed[VG_ID_LEN + 1], patient[VG_PATIENT_LEN + 1];
    bool known; /* something is assessed here */
    bool linked;
    struct vg_episode episode;
    char protocol[VG_ID_LEN + 1];
    struct vg_instant infusion;
    struct vg_pause pause;
};

/* The readers' half. */
struct vg_live_shown {
    struct vg_live_brief brief;
    struct vg_assessment *scores; /* if known; else NULL, or of before */
    struct vg_live_values values;
    struct vg_live_entry charted[VG_LIVE_CHARTED];
    struct vg_live_value *more; /* loop thread: a larger place for the values */
    uint8_t more_room;
    struct vg_assessment *room; /* loop thread: a place for the scores */
    size_t ward;                /* index */
    size_t index;
    uint64_t event; /* of its latest change; 0: none yet */
    struct vg_shared
        *text; /* that change as it is sent, once somebody has asked; or NULL */
    struct vg_live_shown *older, *newer;
};

/* One event of the ring; a reader's alert is sent as `text`. */
struct vg_live_event {
    uint64_t number;
    enum vg_live_kind kind;
    char ward[VG_ID_LEN + 1]; /* "" : all */
    struct vg_shared *text;
};

struct vg_live {
    char epoch[VG_ID_LEN + 1];
    /* loop thread */
    size_t fed_count;
    struct vg_live_fed *fed[VG_LIVE_BEDS];
    uint16_t slot[VG_LIVE_SLOTS]; /* index + 1; 0: free */
    struct vg_live_item *news, **news_end;
    struct vg_live_node node_next;
    bool node_news, lost;
    size_t ward_next_count;
    struct vg_live_ward_row ward_next[VG_LIVE_WARDS];
    size_t round; /* whose scores are looked at next */
    size_t due_count;
    struct vg_live_due *due; /* VG_LIVE_LOOKS */
    /* everybody, under the lock */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t shown_count;
    struct vg_live_shown *shown[VG_LIVE_BEDS]; /* same index as fed */
    struct vg_live_shown *newest;
    size_t ward_count;
    struct vg_live_ward_row ward[VG_LIVE_WARDS];
    struct vg_live_open *open[VG_LIVE_CHAINS];
    struct vg_live_node node;
    uint64_t last;    /* number of the latest event */
    uint64_t dropped; /* of the latest one that left the ring */
    size_t ring_size, ring_first, ring_count;
    struct vg_live_event *ring;
    struct vg_live_waiter *waiters;
    bool ended;
};

/* live_values.c. Room for `room` values; false: no memory, all as before. */
bool vg_live_values_reserve(struct vg_live_values *values, size_t room);
/* The place of this signal's, made if there is none (its ts then VG_UNSET); there is room. */
struct vg_live_value *vg_live_values_of(struct vg_live_values *values,
                                        enum vg_signal signal);
/* There is room. */
void vg_live_values_copy(struct vg_live_values *to, const struct vg_live_values *from);

/* A bed of a reader's own, with room for all values. NULL: no memory. */
struct vg_live_bed *vg_live_bed_create(void);
void vg_live_bed_destroy(struct vg_live_bed *bed);
void vg_live_bed_copy(struct vg_live_bed *to, const struct vg_live_shown *from);

/* live_brief.c. Loop thread; `keep` under the lock. */
bool vg_live_brief_differs(const struct vg_live_shown *shown,
                           const struct vg_bed_look *look);
/* A place for the scores, if they need one: before the lock is taken. */
void vg_live_brief_room(struct vg_live_shown *shown, const struct vg_bed_look *look);
/* False: there was no memory for them, nothing changed. */
bool vg_live_brief_keep(struct vg_live_shown *shown, const struct vg_bed_look *look);
/* Under the lock. */
void vg_live_brief_look(const struct vg_live_shown *shown, struct vg_bed_look *out);

/* live_beds.c, loop thread. Looks at some of the beds whose turn it is; true: some are due. */
bool vg_live_look(struct vg_live *live, vg_ms now, vg_live_look_fn *look, void *to);
/* Memory for what is due, before the lock is taken. */
void vg_live_make_room(struct vg_live *live);
/* Under the lock. */
void vg_live_show_beds(struct vg_live *live, vg_ms now);

/* live_feed.c. NULL: no memory, or no room. */
struct vg_live_fed *vg_live_fed_of(struct vg_live *live, const char *ward,
                                   const char *bed);

/* A ward's index is the same in both halves, and stays. VG_LIVE_WARDS: there is no room. */
size_t vg_live_ward_index(struct vg_live *live, const char *ward);

/* live_read.c: under the lock; ward_count: no such ward */
size_t vg_live_find_ward(const struct vg_live *live, const char *ward);

/* live_json.c: the members of a bed with the opening brace, without the closing one. */
void vg_live_put_bed(struct vg_buffer *b, const struct vg_live_bed *bed,
                     struct vg_instant now);
void vg_live_put_node(struct vg_buffer *b, const struct vg_live_node *node);
/* Neither a patient nor values. */
bool vg_live_bed_empty(const struct vg_live_bed *bed);
static inline bool vg_live_shown_empty(const struct vg_live_shown *shown)
{
    return !shown->brief.linked && shown->values.count == 0;
}

#endif
