/* SPDX-License-Identifier: Apache-2.0
 *
 * The only lock that paho's threads take of ours. It guards a list, a pool and some counters. The
 * loop is woken without it, and by each who posts what is live, unless the loop looks by itself
 * soon: whoever found the list empty may have been stopped before the wake, and be of low priority.
 */
#include "shell/inbox.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "shell/clock.h"
#include "shell/wake.h"

/* An item of the pool takes a usual message; a longer one is allocated and freed. */
#define ITEM_BYTES    2048
#define POOL_AT_FIRST 64
#define POOL_AT_MOST  4096

/* So many letters of a backlog are taken before the loop turns: half a millisecond or so. */
#define PORTION 32

/* To wake a thread costs more than to take a letter. So once something live was taken, the loop looks by itself
 * after LULL_MS, and what is calm, or an answer that nobody waits for, does not wake it meanwhile, unless more than
 * CALM_AT_MOST letters lie there (some milliseconds of the loop). Where more than those have come, or what is not calm
 * comes again within the millisecond, it looks after REST_MS, and no letter wakes it meanwhile. Alerts that follow one
 * another by a millisecond are no such crowd: each is taken at once. So is what else happened to a link, for the next
 * publication of a row waits for the answer to the last. */
#define LULL_MS      10
#define CALM_AT_MOST 64
#define REST_MS      2

enum mood { AWAKE, LULL, REST }; /* but for AWAKE, `look` is armed */

struct lane {
    struct vg_item *head, **tail;
    size_t letters, bytes;
};

struct vg_inbox {
    vg_inbox_fn *deliver;
    void *to;
    size_t limit, limit_bytes;
    struct vg_wake wake;
    uv_timer_t look;
    bool held;       /* loop thread only */
    vg_ms pressed;   /* the same: when it last took what presses, boot clock */
    uv_mutex_t lock; /* guards all below */
    enum mood mood;
    bool presses; /* a letter in the live lane is not calm */
    bool crowded; /* more lay there, when the loop last looked, than may */
    struct lane live, behind;
    struct vg_item *pool;
    size_t pooled;
    uint64_t refused;
    bool shut;
};

static struct vg_item *new_item(size_t capacity)
{
    if (capacity < ITEM_BYTES) {
        capacity = ITEM_BYTES;
    }
    struct vg_item *item = malloc(sizeof(*item) + capacity);
    if (item != NULL) {
        item->capacity = capacity;
    }
    return item;
}

/* With the lock held. False: not for the pool, free it. */
static bool pool_take_back(struct vg_inbox *inbox, struct vg_item *item)
{
    if (item->capacity != ITEM_BYTES || inbox->pooled >= POOL_AT_MOST) {
        return false;
    }
    item->next = inbox->pool;
    inbox->pool = item;
    inbox->pooled++;
    return true;
}

static void on_wake(void *to);

static bool fill_pool(struct vg_inbox *inbox)
{
    for (size_t i = 0; i < POOL_AT_FIRST; i++) {
        struct vg_item *item = new_item(0);
        if (item == NULL) {
            return false;
        }
        pool_take_back(inbox, item);
    }
    return true;
}

static void free_items(struct vg_item *item)
{
    while (item != NULL) {
        struct vg_item *next = item->next;
        free(item);
        item = next;
    }
}

enum vg_status vg_inbox_create(uv_loop_t *loop, size_t limit, size_t limit_bytes,
                               vg_inbox_fn *deliver, void *to, struct vg_inbox **out)
{
    struct vg_inbox *inbox = calloc(1, sizeof(*inbox));
    if (inbox == NULL) {
        return VG_NO_MEMORY;
    }
    inbox->deliver = deliver;
    inbox->to = to;
    inbox->limit = limit;
    inbox->limit_bytes = limit_bytes;
    inbox->live.tail = &inbox->live.head;
    inbox->behind.tail = &inbox->behind.head;
    if (!fill_pool(inbox)) {
        free_items(inbox->pool);
        free(inbox);
        return VG_NO_MEMORY;
    }
    const bool locks = uv_mutex_init(&inbox->lock) == 0;
    if (!locks || !vg_wake_open(&inbox->wake, loop, on_wake, inbox)) {
        if (locks) {
            uv_mutex_destroy(&inbox->lock);
        }
        free_items(inbox->pool);
        free(inbox);
        return VG_FAILED;
    }
    (void)uv_timer_init(loop, &inbox->look); /* last: the loop knows its memory */
    inbox->look.data = inbox;
    *out = inbox;
    return VG_OK;
}

static struct lane *lane_of(struct vg_inbox *inbox, const struct vg_item *item)
{
    return item->behind ? &inbox->behind : &inbox->live;
}

/* With the lock held. Link events have no limit of their own: mqtt.c bounds them by its
 * window, and losing one would leave its state machine waiting. A backlog has half the room,
 * and takes none from what is live: its gateway sends again what finds no place. */
static bool has_room(const struct vg_inbox *inbox, const struct lane *lane,
                     enum vg_item_kind kind, size_t length)
{
    const size_t part = lane == &inbox->behind ? 2 : 1;

    if (inbox->shut) {
        return false;
    }
    return kind == VG_ITEM_LINK || (lane->letters < inbox->limit / part &&
                                    lane->bytes + length <= inbox->limit_bytes / part);
}

static void count_refused(struct vg_inbox *inbox)
{
    uv_mutex_lock(&inbox->lock);
    inbox->refused++;
    uv_mutex_unlock(&inbox->lock);
}

struct vg_item *vg_inbox_item(struct vg_inbox *inbox, enum vg_item_kind kind,
                              size_t length)
{
    struct vg_item *item = NULL;
    uv_mutex_lock(&inbox->lock);
    bool room = has_room(inbox, &inbox->live, kind, length);
    const bool crowded = inbox->crowded;
    if (room && length <= ITEM_BYTES && inbox->pool != NULL) {
        item = inbox->pool;
        inbox->pool = item->next;
        inbox->pooled--;
    }
    uv_mutex_unlock(&inbox->lock);
    if (room && item == NULL) {
        item = new_item(length);
    }
    if (item == NULL) {
        count_refused(inbox);
        return NULL;
    }
    size_t capacity = item->capacity;
    memset(item, 0, sizeof(*item));
    item->capacity = capacity;
    item->kind = kind;
    item->crowded = crowded;
    return item;
}

/* With the lock held. True: the loop is to be woken. */
static bool append(struct vg_inbox *inbox, struct vg_item *item)
{
    struct lane *lane = lane_of(inbox, item);
    const bool letter = item->kind == VG_ITEM_LETTER;
    const bool calm = item->calm && lane->letters < CALM_AT_MOST;
    const bool lies = (inbox->mood != AWAKE && (calm || item->rests)) ||
                      (inbox->mood == REST && letter);
    const bool wakes = lane == &inbox->live ? !lies : lane->head == NULL;
    inbox->presses = inbox->presses || (lane == &inbox->live && letter && !calm);
    item->next = NULL;
    *lane->tail = item;
    lane->tail = &item->next;
    if (letter) {
        lane->letters++;
        lane->bytes += item->letter.payload_length;
    }
    return wakes;
}

bool vg_inbox_post(struct vg_inbox *inbox, struct vg_item *item)
{
    uv_mutex_lock(&inbox->lock);
    bool taken =
        has_room(inbox, lane_of(inbox, item), item->kind, item->letter.payload_length);
    bool pooled = false;
    bool wakes = false;
    if (taken) {
        wakes = append(inbox, item);
    } else {
        inbox->refused++;
        pooled = pool_take_back(inbox, item);
    }
    uv_mutex_unlock(&inbox->lock);
    if (wakes) {
        vg_wake_send(&inbox->wake);
    }
    if (!taken && !pooled) {
        free(item);
    }
    return taken;
}

uint64_t vg_inbox_refused(struct vg_inbox *inbox)
{
    uv_mutex_lock(&inbox->lock);
    uint64_t refused = inbox->refused;
    uv_mutex_unlock(&inbox->lock);
    return refused;
}

/* The first `most` items of a lane; *more: there are others. What came live meanwhile goes
 * first: a patient is admitted before their backlog that was sent after it. */
static struct vg_item *unhook(struct vg_inbox *inbox, struct lane *lane, size_t most,
                              bool *more)
{
    uv_mutex_lock(&inbox->lock);
    if (lane == &inbox->behind && inbox->live.head != NULL) {
        *more = true;
        uv_mutex_unlock(&inbox->lock);
        return NULL;
    }
    struct vg_item *list = lane->head;
    struct vg_item **end = &list;
    for (size_t i = 0; *end != NULL && i < most; i++) {
        if ((*end)->kind == VG_ITEM_LETTER) {
            lane->letters--;
            lane->bytes -= (*end)->letter.payload_length;
        }
        end = &(*end)->next;
    }
    lane->head = *end;
    *end = NULL;
    if (lane->head == NULL) {
        lane->tail = &lane->head;
        inbox->presses = inbox->presses && lane != &inbox->live;
    }
    *more = lane->head != NULL;
    uv_mutex_unlock(&inbox->lock);
    return list;
}

static void take_back(struct vg_inbox *inbox, struct vg_item *list)
{
    struct vg_item *surplus = NULL;
    uv_mutex_lock(&inbox->lock);
    while (list != NULL) {
        struct vg_item *next = list->next;
        if (!pool_take_back(inbox, list)) {
            list->next = surplus;
            surplus = list;
        }
        list = next;
    }
    uv_mutex_unlock(&inbox->lock);
    free_items(surplus);
}

static bool take_from(struct vg_inbox *inbox, struct lane *lane, size_t most)
{
    bool more = false;
    struct vg_item *list = unhook(inbox, lane, most, &more);
    if (list != NULL) {
        inbox->deliver(inbox->to, list);
        take_back(inbox, list);
    }
    return more;
}

static void on_look(uv_timer_t *look)
{
    on_wake(look->data);
}

void vg_inbox_look(struct vg_inbox *inbox)
{
    (void)take_from(inbox, &inbox->live, SIZE_MAX);
}

/* Before the list is taken: what comes after that and wakes nobody has the timer. */
static enum mood settle(struct vg_inbox *inbox)
{
    const vg_ms now = vg_clock_boot();

    uv_mutex_lock(&inbox->lock);
    inbox->crowded = inbox->live.letters > CALM_AT_MOST;
    const bool rests = inbox->crowded || (inbox->presses && now == inbox->pressed);
    const enum mood mood = inbox->live.head == NULL ? AWAKE : rests ? REST : LULL;
    inbox->mood = mood;
    inbox->pressed = inbox->presses ? now : inbox->pressed;
    uv_mutex_unlock(&inbox->lock);
    return mood;
}

/* What is left behind waits for the loop to turn: timers and what is live go first. */
static void on_wake(void *to)
{
    struct vg_inbox *inbox = to;
    const enum mood mood = settle(inbox);
    (void)take_from(inbox, &inbox->live, SIZE_MAX);
    if (mood == AWAKE) {
        (void)uv_timer_stop(&inbox->look);
    } else {
        (void)uv_timer_start(&inbox->look, on_look, mood == REST ? REST_MS : LULL_MS,
                             0);
    }
    if (!inbox->held && take_from(inbox, &inbox->behind, PORTION) && !inbox->held) {
        vg_wake_send(&inbox->wake);
    }
}

void vg_inbox_hold(struct vg_inbox *inbox, bool held)
{
    const bool released = inbox->held && !held;
    inbox->held = held;
    uv_mutex_lock(&inbox->lock);
    const bool wakes = released && inbox->behind.head != NULL && !inbox->shut;
    uv_mutex_unlock(&inbox->lock);
    if (wakes) {
        vg_wake_send(&inbox->wake);
    }
}

void vg_inbox_drain(struct vg_inbox *inbox)
{
    do {
        (void)take_from(inbox, &inbox->live, SIZE_MAX);
    } while (take_from(inbox, &inbox->behind, SIZE_MAX));
}

uint64_t vg_inbox_behind(struct vg_inbox *inbox)
{
    uv_mutex_lock(&inbox->lock);
    const struct vg_item *oldest = inbox->behind.head;
    const uint64_t ordinal = oldest != NULL ? oldest->ordinal : 0;
    uv_mutex_unlock(&inbox->lock);
    return ordinal;
}

void vg_inbox_shut(struct vg_inbox *inbox)
{
    uv_mutex_lock(&inbox->lock);
    inbox->shut = true;
    uv_mutex_unlock(&inbox->lock);
    vg_inbox_drain(inbox);
    vg_wake_close(&inbox->wake, NULL);
    if (!uv_is_closing((uv_handle_t *)&inbox->look)) {
        uv_close((uv_handle_t *)&inbox->look, NULL);
    }
}

void vg_inbox_destroy(struct vg_inbox *inbox)
{
    if (inbox == NULL) {
        return;
    }
    assert(inbox->shut && inbox->live.head == NULL && inbox->behind.head == NULL);
    free_items(inbox->pool);
    vg_wake_finish(&inbox->wake);
    uv_mutex_destroy(&inbox->lock);
    free(inbox);
}
