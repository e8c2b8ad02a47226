/* SPDX-License-Identifier: Apache-2.0
 *
 * See live.h: how the halves are made, how news are handed over, and who waits for them.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "shell/clock.h"
#include "shell/live_inside.h"

struct vg_live *vg_live_create(const char *epoch, size_t queue)
{
    struct vg_live *live = calloc(1, sizeof *live);
    struct vg_live_event *ring = calloc(queue, sizeof *ring);
    struct vg_live_due *due = calloc(VG_LIVE_LOOKS, sizeof *due);
    pthread_condattr_t boot;

    if (live == NULL || ring == NULL || due == NULL) {
        free(live);
        free(ring);
        free(due);
        return NULL;
    }
    (void)vg_copy(live->epoch, sizeof live->epoch, epoch);
    live->due = due;
    live->ring = ring;
    live->ring_size = queue;
    live->news_end = &live->news;
    (void)pthread_condattr_init(&boot);
    (void)pthread_condattr_setclock(&boot, CLOCK_MONOTONIC);
    const bool made = pthread_mutex_init(&live->lock, NULL) == 0 &&
                      pthread_cond_init(&live->changed, &boot) == 0;
    (void)pthread_condattr_destroy(&boot);
    assert(made);
    return live;
}

static void free_open(struct vg_live_open *list)
{
    while (list != NULL) {
        struct vg_live_open *next = list->next;
        vg_shared_done(list->text);
        free(list);
        list = next;
    }
}

static void free_items(struct vg_live_item *list)
{
    while (list != NULL) {
        struct vg_live_item *next = list->next;
        vg_shared_done(list->text);
        free_open(list->alert);
        free(list);
        list = next;
    }
}

void vg_live_destroy(struct vg_live *live)
{
    if (live == NULL) {
        return;
    }
    for (size_t i = 0; i < live->fed_count; i++) {
        free(live->fed[i]->values.item);
        free(live->fed[i]);
    }
    for (size_t i = 0; i < live->shown_count; i++) {
        vg_shared_done(live->shown[i]->text);
        free(live->shown[i]->more);
        free(live->shown[i]->room);
        free(live->shown[i]->scores);
        free(live->shown[i]->values.item);
        free(live->shown[i]);
    }
    for (size_t i = 0; i < live->ring_size; i++) {
        vg_shared_done(live->ring[i].text);
    }
    for (size_t i = 0; i < VG_LIVE_CHAINS; i++) {
        free_open(live->open[i]);
    }
    free_items(live->news);
    free(live->ring);
    free(live->due);
    (void)pthread_cond_destroy(&live->changed);
    (void)pthread_mutex_destroy(&live->lock);
    free(live);
}

/* ---- Handing over: loop thread, under the lock */

static void add_event(struct vg_live *live, enum vg_live_kind kind, const char *ward,
                      struct vg_shared *text)
{
    const size_t at = (live->ring_first + live->ring_count) % live->ring_size;
    struct vg_live_event *event = &live->ring[at];

    if (live->ring_count == live->ring_size) {
        live->dropped = event->number;
        live->ring_first = (live->ring_first + 1) % live->ring_size;
    } else {
        live->ring_count++;
    }
    vg_shared_done(event->text);
    event->number = ++live->last;
    event->kind = kind;
    event->text = vg_shared_ref(text);
    (void)vg_copy(event->ward, sizeof event->ward, ward);
}

/* The alert takes the place of what was known of it. */
static struct vg_live_open *put_open(struct vg_live *live, struct vg_live_open *alert)
{
    struct vg_live_open **link =
        &live->open[vg_hash(0, alert->id, strlen(alert->id)) % VG_LIVE_CHAINS];
    struct vg_live_open *old = NULL;

    while (*link != NULL && strcmp((*link)->id, alert->id) != 0) {
        link = &(*link)->next;
    }
    old = *link;
    struct vg_live_open *rest = old != NULL ? old->next : NULL;
    if (old != NULL) {
        old->next = NULL;
    }
    *link = rest;
    if (alert->open) {
        alert->next = rest;
        *link = alert;
        return old;
    }
    alert->next = old; /* closed: both go */
    return alert;
}

static void give_answer(struct vg_live *live, const struct vg_live_item *item)
{
    struct vg_live_waiter *waiter = live->waiters;

    while (waiter != NULL &&
           (waiter->text != NULL || strcmp(waiter->client, item->client) != 0)) {
        waiter = waiter->next;
    }
    if (waiter != NULL) {
        waiter->text = vg_shared_ref(item->text);
    }
}

/* Returns what is not needed any more: freed without the lock. */
static struct vg_live_open *hand_over(struct vg_live *live, struct vg_live_item *item)
{
    struct vg_live_open *alert = item->alert;

    if (item->kind == VG_LIVE_ANSWER) {
        give_answer(live, item);
        return NULL;
    }
    add_event(live, item->kind, alert != NULL ? alert->ward : "", item->text);
    if (alert == NULL) {
        return NULL;
    }
    if (alert->ward_index < live->ward_count &&
        alert->n > live->ward[alert->ward_index].n) {
        live->ward[alert->ward_index].n = alert->n;
    }
    item->alert = NULL;
    return put_open(live, alert);
}

static void show_node(struct vg_live *live)
{
    if (live->lost) {
        live->dropped = ++live->last;
        live->lost = false;
    }
    if (live->node_news) {
        live->node = live->node_next;
        for (size_t i = 0; i < live->ward_next_count; i++) {
            const uint64_t n = live->ward[i].n; /* which the alerts have counted on */
            live->ward[i] = live->ward_next[i];
            live->ward[i].n = n > live->ward[i].n ? n : live->ward[i].n;
        }
        live->ward_count = live->ward_next_count;
        live->node_news = false;
    }
}

void vg_live_publish(struct vg_live *live, vg_ms now, vg_live_look_fn *look, void *to)
{
    const bool beds = look != NULL && vg_live_look(live, now, look, to);
    struct vg_live_item *news = live->news;
    struct vg_live_open *spare = NULL;

    if ((!beds && news == NULL && !live->node_news && !live->lost) ||
        pthread_mutex_trylock(&live->lock) != 0) {
        return;
    }
    vg_live_make_room(live);
    show_node(live);
    for (struct vg_live_item *item = news; item != NULL; item = item->next) {
        struct vg_live_open *old = hand_over(live, item);
        if (old != NULL) {
            struct vg_live_open *end = old;
            while (end->next != NULL) {
                end = end->next;
            }
            end->next = spare;
            spare = old;
        }
    }
    vg_live_show_beds(live, now);
    (void)pthread_cond_broadcast(&live->changed);
    (void)pthread_mutex_unlock(&live->lock);
    live->news = NULL;
    live->news_end = &live->news;
    free_items(news);
    free_open(spare);
}

/* ---- Waiting: any thread */

static struct timespec in(vg_ms span)
{
    const vg_ms end = vg_clock_awake() + span;

    return (struct timespec){.tv_sec = end / 1000, .tv_nsec = end % 1000 * 1000000};
}

uint64_t vg_live_wait_event(struct vg_live *live, uint64_t seen, vg_ms within)
{
    const struct timespec end = in(within);

    (void)pthread_mutex_lock(&live->lock);
    while (live->last <= seen && within > 0 && !live->ended &&
           pthread_cond_timedwait(&live->changed, &live->lock, &end) != ETIMEDOUT) {
    }
    const uint64_t last = live->last;
    (void)pthread_mutex_unlock(&live->lock);
    return last;
}

void vg_live_end(struct vg_live *live)
{
    (void)pthread_mutex_lock(&live->lock);
    live->ended = true;
    (void)pthread_cond_broadcast(&live->changed);
    (void)pthread_mutex_unlock(&live->lock);
}

void vg_live_expect(struct vg_live *live, struct vg_live_waiter *waiter)
{
    (void)pthread_mutex_lock(&live->lock);
    waiter->text = NULL;
    waiter->next = NULL;
    struct vg_live_waiter **end = &live->waiters; /* first asked, first answered */
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = waiter;
    (void)pthread_mutex_unlock(&live->lock);
}

void vg_live_wait(struct vg_live *live, struct vg_live_waiter *waiter, vg_ms within)
{
    const struct timespec end = in(within);

    (void)pthread_mutex_lock(&live->lock);
    while (waiter->text == NULL && !live->ended &&
           pthread_cond_timedwait(&live->changed, &live->lock, &end) != ETIMEDOUT) {
    }
    struct vg_live_waiter **link = &live->waiters;
    while (*link != waiter) {
        link = &(*link)->next;
    }
    *link = waiter->next;
    (void)pthread_mutex_unlock(&live->lock);
}
