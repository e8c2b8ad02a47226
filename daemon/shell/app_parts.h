/* SPDX-License-Identifier: Apache-2.0
 *
 * What struct vg_app (app_inside.h) is made of.
 */
#ifndef VIGIL_SHELL_APP_PARTS_H
#define VIGIL_SHELL_APP_PARTS_H

#include "vigil/store.h"

#include "core/cadence.h"
#include "core/offset.h"
#include "core/sequence.h"
#include "shell/channel.h"

/* Hashes of the latest numbers, to tell a repeat from a number used twice; and when they came, which
 * tells it of many of the numbers before them. */
#define VG_RECENT 256
struct vg_gateway_epoch {
    char gateway[VG_ID_LEN + 1], epoch[VG_ID_LEN + 1];
    struct vg_sequence received;  /* put into some batch */
    struct vg_sequence committed; /* on disk */
    uint64_t
        given_up; /* numbers below it are not sent again ("from"), but may be on the way */
    struct vg_sequence came; /* which of those have come */
    struct {
        uint32_t seq, hash; /* the low halves: with 1,000 gateways their size counts */
        uint32_t at; /* s since 1970, when it came, or this epoch was made known here */
    } recent[VG_RECENT];
    uint32_t
        was; /* s since 1970: what the store has of it came, and was measured, no later */
    bool current;            /* the gateway's latest epoch: its mark is published */
    bool dirty;              /* committed has changed since the mark was published */
    bool unmarked;           /* received has changed since the mark was stored */
    vg_ms published, stored; /* boot clock */
};

struct vg_pending_number {
    size_t gateway; /* index */
    uint64_t seq;
};

/* A batch and what becomes true when it is on disk. */
struct vg_load {
    struct vg_batch *batch;
    uint64_t number;  /* of the batch, rising */
    uint64_t ordinal; /* journal */
    bool canary, urgent;
    size_t seq_count, seq_size;
    struct vg_pending_number *seq;
};

/* An alert as it was told: shared by its notice and its pages. */
struct vg_told {
    unsigned refs;
    struct vg_alert alert;
};

/* What a channel was given comes back as its tag: both kinds begin with this. */
enum vg_out { VG_OUT_NOTICE, VG_OUT_PAGE };

struct vg_pending_notice {
    enum vg_out out;                        /* first */
    struct vg_pending_notice *next, **link; /* link: what points to it */
    struct vg_pending_notice *chained;      /* vg_app_states, while that runs */
    struct vg_told *told;
    uint64_t batch; /* its batch's number */
    vg_ms queued;   /* boot clock */
    bool stored, sent;
    bool shown; /* to who follows over HTTP */
    bool early; /* delivered before it was stored: not again */
    bool lost;  /* there was no memory to record it: it goes out all the same */
};

struct vg_page_out {
    enum vg_out out;                  /* first */
    struct vg_page_out *next, **link; /* link: what points to it */
    uint64_t about;                   /* hash of alert and role */
    struct vg_told *told;
    struct vg_page page;
    char channel[VG_ID_LEN + 1]; /* name of the way tried last */
    size_t next_way, way_count;
    size_t tries; /* that failed */
    uint64_t batch;
    vg_ms queued, next_try, arrived_at; /* boot clock */
    vg_ms
        unreached; /* since when the role is not, by pages whose place this took too */
    bool stored, sent, arrived;
    bool first; /* nobody of this role has been called about it by another page */
    bool left;  /* a channel had it, perhaps on another's list: it may have arrived */
    bool given_up; /* the engine was told that no way leads there; a later try may */
    bool
        hopeless; /* the page whose place it took had no way either, and it has not arrived */
    bool dropped;                    /* settled while its channel still had it */
    bool counted, gathered, carries; /* app_flood.c: seen; waits for a list; has one */
    const struct vg_page_out *carrier; /* the page on whose list it goes */
};

/* Whether a page was received: the latest VG_RECEIPTS that arrived. */
#define VG_RECEIPTS 512
struct vg_receipt {
    uint64_t hash; /* of the page's id */
    char page[VG_ALERT_LEN + 1];
    char ward[VG_ID_LEN + 1], role[VG_ID_LEN + 1];
    bool received;
};

/* Which pages there were: hashes of ward and id, the latest of each row of the table, so that what
 * no page was is no receipt. The latest thousands are in it for certain. */
#define VG_PAGED_ROWS 4096
#define VG_PAGED_WIDE 8
struct vg_paged {
    uint64_t hash[VG_PAGED_ROWS][VG_PAGED_WIDE]; /* 0: none */
    unsigned char next[VG_PAGED_ROWS];
};

/* Calls to one role of a ward: app_flood.c. Times are of the boot clock, 0: none. */
#define VG_FLOOD_MANY 10
#define VG_FLOOD_LIST 64
struct vg_flood {
    char ward[VG_ID_LEN + 1], role[VG_ID_LEN + 1];
    vg_ms at[VG_FLOOD_MANY]; /* a ring */
    unsigned next;
    vg_ms due; /* when what was gathered goes out */
};

/* A gateway as a sender: app_senders.c. Times are of the boot clock, 0: never. */
#define VG_SENDER_WARDS   4
#define VG_SENDER_MINUTES 6
struct vg_sender {
    char gateway[VG_ID_LEN + 1];
    char ward[VG_SENDER_WARDS][VG_ID_LEN + 1];
    size_t ward_count;
    char epoch[VG_ID_LEN + 1], before[VG_ID_LEN + 1];
    vg_ms heard, offline, changed, conflict_at, twice_at;
    unsigned twice, returns;
    vg_ms minute_begin; /* of the present one: the last of these */
    unsigned refused[VG_SENDER_MINUTES], taken[VG_SENDER_MINUTES];
    struct vg_instant newest;  /* measured time of its vital signs */
    vg_ms unit_at;             /* latest value that was refused for its unit; 0: none */
    struct vg_cadence cadence; /* of its vital signs */
    bool silent, conflict, refusing;
    struct vg_offset clock; /* app_gateway_clocks.c */
    vg_ms clock_known;      /* since when */
    bool off, skewed;       /* by more than a warning, an alert */
};

struct vg_dirty_ward {
    char id[VG_ID_LEN + 1];
    bool dirty;
    bool again;         /* the states of its open alerts are to be told once more */
    bool undeliverable; /* PAGE_UNDELIVERABLE is open there */
};

#endif
