/* SPDX-License-Identifier: Apache-2.0
 *
 * The way in: other threads post items, the loop thread takes them. In two lanes: what is
 * live all at once, and what belongs to a backlog behind it, a portion at a time, so that a
 * gateway which was away for hours delays nobody's alarm. Each lane keeps its order. Letters
 * that are calm are taken together: one may lie for 10 ms, and so may an answer that nobody waits for; in a crowd any
 * letter for 2; everything else for none. The only lock between paho's threads and ours; it is
 * held for a few instructions, never across a call that can wait.
 *
 * Ownership: vg_inbox_item lends an item to its caller, who fills it and posts it; from
 * then on it is the inbox's. Items go back to a pool, so the steady state allocates
 * nothing.
 */
#ifndef VIGIL_SHELL_INBOX_H
#define VIGIL_SHELL_INBOX_H

#include <uv.h>

#include "vigil/wire.h"

struct vg_user;

enum vg_item_kind {
    VG_ITEM_LETTER, /* a message from the broker, the journal or HTTP */
    VG_ITEM_LINK,   /* something happened to a connection */
    VG_ITEM_AUDIT /* for the audit trail: link is its kind (a constant), topic whom it is
                     * about, payload what happened */
};

/* What happened to a connection (see mqtt.h). */
enum vg_link_event {
    VG_LINK_CONNECTED,
    VG_LINK_CONNECT_FAILED,
    VG_LINK_LOST,
    VG_LINK_SUBSCRIBED,
    VG_LINK_SUBSCRIBE_FAILED,
    VG_LINK_PUBLISHED,
    VG_LINK_PUBLISH_FAILED
};

struct vg_item {
    struct vg_item *next;
    enum vg_item_kind kind;
    /* letters */
    struct vg_instant received; /* wall clock, on the thread that received it */
    uint64_t ordinal;           /* in the journal; 0: not journalled */
    uint64_t waits; /* who waits for it to be stored (app_posts.c); 0: nobody */
    const struct vg_user *who; /* who entered it, in `bytes`; NULL: nobody is known */
    bool retained, duplicate;
    bool behind;  /* a letter of a backlog: whoever posts it says so */
    bool crowded; /* so many come that it is no use to ask whether this one may lie */
    bool calm;    /* it may: vg_letter_calm; whoever posts it says so */
    size_t whole_length;     /* as sent; more than letter.payload_length: it was cut */
    struct vg_letter letter; /* points into `bytes` */
    /* links */
    bool rests; /* nobody waits for it: it may lie as calm letters do */
    void *link;
    enum vg_link_event event;
    unsigned ticket; /* which attempt or publication */
    int code;        /* paho's reason; session present for CONNECTED */
    /* private */
    size_t capacity;
    char bytes[];
};

struct vg_inbox;

/* On the loop thread: all that is live, oldest first, or a portion of what is behind; never
 * both in one list. The list is the inbox's again when this returns. */
typedef void vg_inbox_fn(void *to, const struct vg_item *list);

/* `limit` letters and `limit_bytes` wait at most. Returns VG_OK, VG_NO_MEMORY or VG_FAILED. */
enum vg_status vg_inbox_create(uv_loop_t *loop, size_t limit, size_t limit_bytes,
                               vg_inbox_fn *deliver, void *to, struct vg_inbox **out);

/* Any thread. An item with room for `length` bytes in `bytes`, otherwise zeroed. NULL: no
 * memory, or a letter and the inbox is full; it is counted as refused. */
struct vg_item *vg_inbox_item(struct vg_inbox *inbox, enum vg_item_kind kind,
                              size_t length);

/* Any thread. Copies topic and payload (at most VG_LETTER_BYTES of it) into a new item. */
struct vg_item *vg_inbox_letter(struct vg_inbox *inbox, const struct vg_letter *letter);

/* The same of what a person entered; NULL: of nobody who is known. How they prove who they are
 * stays behind. */
struct vg_item *vg_inbox_entry(struct vg_inbox *inbox, const struct vg_letter *letter,
                               const struct vg_user *who);

/* Any thread; never waits. False: refused and counted (the item is gone). What happened to
 * a connection is refused only after vg_inbox_shut. */
bool vg_inbox_post(struct vg_inbox *inbox, struct vg_item *item);

/* Any thread. Letters refused since the start. */
uint64_t vg_inbox_refused(struct vg_inbox *inbox);

/* Loop thread, before time passes: takes what is live and lies there. */
void vg_inbox_look(struct vg_inbox *inbox);

/* Loop thread. Delivers what is waiting now, in both lanes, without the loop turning. */
void vg_inbox_drain(struct vg_inbox *inbox);

/* Loop thread. While held, what is behind stays there: whoever takes it has enough. */
void vg_inbox_hold(struct vg_inbox *inbox, bool held);

/* Loop thread. The ordinal of the oldest letter that waits behind and is in no list that was
 * delivered; 0: none waits, or it is not journalled. */
uint64_t vg_inbox_behind(struct vg_inbox *inbox);

/* Loop thread. Refuses from now on and closes the handle; what waits is delivered first.
 * Late posts are legal, so the memory stays. */
void vg_inbox_shut(struct vg_inbox *inbox);

/* Once shut, the loop has run its close callbacks, and no thread can post any more. */
void vg_inbox_destroy(struct vg_inbox *inbox);

#endif
