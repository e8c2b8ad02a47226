/* SPDX-License-Identifier: Apache-2.0
 *
 * The MQTT channel; its pages are in channel_pages.c. States and events of one alert go
 * strictly one after another, because a retained state must never be followed by an older
 * one: the next is sent when the broker has all of the one before. Those of one ward set out
 * in order, some at a time: with one at a time each of a row of alerts would wait for the
 * broker's answers to all before it (half a millisecond each on a quiet machine). None sets
 * out before all of the one before it was taken. When one fails, those of its ward that wait
 * fail too, and the outbox sends them again in order, behind what was on its way beside it.
 */
#include "shell/channel_mqtt.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "vigil/wire.h"

#include "shell/channel_pages.h"

/* Notices of a ward that are on their way, at most; and one alone where so many of all wards
 * are: each is two or three of the 200 publications under way that pages need as well. */
#define ABREAST 3
#define CROWD   30

struct job {
    struct job *next;
    struct queue *queue; /* NULL: the channel was closed meanwhile */
    void *tag;
    bool again;  /* the state alone */
    bool closed; /* the alert: its state is emptied */
    bool failed;
    unsigned taken;   /* of its publications: state, event, the empty state */
    unsigned pending; /* of those, not settled */
    char state_topic[VG_TOPIC_LEN + 1], events_topic[VG_TOPIC_LEN + 1];
    struct vg_buffer json;
};

/* The notices of one ward; the first `started` of them are on their way. Wards are few and
 * stay. */
struct queue {
    struct queue *next;
    struct mqtt_channel *channel;
    char ward[VG_ID_LEN + 1];
    unsigned started;
    struct job *head, **tail;
};

struct mqtt_channel {
    struct vg_channel channel; /* first, so that it can be turned back */
    struct vg_publisher *publisher;
    struct queue *queues;
    unsigned started; /* of all wards */
    struct vg_pages *pages;
    char root[VG_TOPIC_LEN + 1];
};

static void destroy_job(struct job *job)
{
    vg_buffer_finish(&job->json);
    free(job);
}

static struct queue *find_queue(struct mqtt_channel *mqtt, const char *ward)
{
    struct queue *queue = mqtt->queues;
    while (queue != NULL && strcmp(queue->ward, ward) != 0) {
        queue = queue->next;
    }
    if (queue != NULL) {
        return queue;
    }
    queue = calloc(1, sizeof(*queue));
    if (queue != NULL) {
        vg_copy(queue->ward, sizeof(queue->ward), ward);
        queue->channel = mqtt;
        queue->tail = &queue->head;
        queue->next = mqtt->queues;
        mqtt->queues = queue;
    }
    return queue;
}

static struct job *create_job(const struct mqtt_channel *mqtt, struct queue *queue,
                              const struct vg_notice *notice)
{
    const struct vg_alert *alert = notice->alert;
    struct job *job = calloc(1, sizeof(*job));
    if (job == NULL) {
        return NULL;
    }
    job->queue = queue;
    job->tag = notice->tag;
    job->again = notice->again;
    job->closed = !vg_alert_open(alert);
    vg_encode_alert(&job->json, alert, notice->persisted);
    if (job->json.failed ||
        vg_topic_build(job->state_topic, mqtt->root, "wards", alert->ward, "alerts",
                       alert->id, (const char *)NULL) != VG_OK ||
        vg_topic_build(job->events_topic, mqtt->root, "wards", alert->ward, "events",
                       (const char *)NULL) != VG_OK) {
        destroy_job(job);
        return NULL;
    }
    return job;
}

static void on_published(void *to, void *tag, enum vg_status status);

static unsigned parts(const struct job *job)
{
    return job->again ? 1 : job->closed ? 3 : 2;
}

static enum vg_status publish_part(struct mqtt_channel *mqtt, struct job *job)
{
    const bool event = job->taken == 1;
    const bool empty = job->taken == 2;
    const struct vg_publication publication = {.topic = event ? job->events_topic
                                                              : job->state_topic,
                                               .payload = empty ? "" : job->json.bytes,
                                               .length = empty ? 0 : job->json.length,
                                               .retained = !event,
                                               .done = on_published,
                                               .to = job};

    return mqtt->publisher->publish(mqtt->publisher, &publication);
}

/* What finds no room goes when one of those before it has arrived and left its own. VG_OK:
 * some are on their way and will be settled. Else none is. */
static enum vg_status publish(struct mqtt_channel *mqtt, struct job *job)
{
    enum vg_status status = VG_OK;

    while (status == VG_OK && job->taken < parts(job)) {
        status = publish_part(mqtt, job);
        job->taken += status == VG_OK ? 1 : 0;
        job->pending += status == VG_OK ? 1 : 0;
    }
    return job->pending > 0 ? VG_OK : status;
}

static void tell(struct mqtt_channel *mqtt, struct job *job, enum vg_status status)
{
    void *tag = job->tag;
    destroy_job(job);
    mqtt->channel.done(mqtt->channel.to, tag, status,
                       status == VG_OK ? "" : "the broker did not take it");
}

/* Where the first that waits is linked in. */
static struct job **first_waiting(struct queue *queue)
{
    struct job **link = &queue->head;

    for (unsigned i = 0; i < queue->started; i++) {
        assert(*link != NULL);
        link = &(*link)->next;
    }
    return link;
}

static struct job *take_waiting(struct queue *queue)
{
    struct job **link = first_waiting(queue);
    struct job *job = *link;

    *link = NULL;
    queue->tail = link;
    return job;
}

/* Off the queue before anybody hears of it, since they may send again at once. */
static void fail_all(struct mqtt_channel *mqtt, struct job *job)
{
    while (job != NULL) {
        struct job *next = job->next;
        tell(mqtt, job, VG_FAILED);
        job = next;
    }
}

/* An event must not pass one before it that found no room, or that failed. */
static bool may_follow(const struct job *ahead, const struct job *waiting)
{
    return ahead->taken == parts(ahead) && !ahead->failed &&
           strcmp(ahead->state_topic, waiting->state_topic) != 0;
}

static bool may_start(const struct queue *queue, const struct job *waiting)
{
    const bool crowd = queue->channel->started >= CROWD;
    const struct job *ahead = queue->head;

    while (ahead != waiting && may_follow(ahead, waiting)) {
        ahead = ahead->next;
    }
    return queue->started < (crowd ? 1 : ABREAST) && ahead == waiting;
}

static enum vg_status start_job(struct queue *queue, struct job *job)
{
    const enum vg_status status = publish(queue->channel, job);

    if (status == VG_OK) {
        queue->started++;
        queue->channel->started++;
    }
    return status;
}

/* What is not taken waits for the next of its ward to arrive or to fail; so where some are on
 * their way, nobody hears of anything here. */
static void start_waiting(struct queue *queue)
{
    struct job *job = *first_waiting(queue);
    enum vg_status status = VG_OK;

    while (job != NULL && status == VG_OK && may_start(queue, job)) {
        status = start_job(queue, job);
        job = job->next;
    }
    if (status != VG_OK && queue->started == 0) {
        fail_all(queue->channel, take_waiting(queue));
    }
}

static void unlink_job(struct queue *queue, const struct job *job)
{
    struct job **link = &queue->head;

    while (*link != job) {
        link = &(*link)->next;
    }
    *link = job->next;
    if (job->next == NULL) {
        queue->tail = link;
    }
    queue->started--;
    queue->channel->started--;
}

static void finish(struct queue *queue, struct job *job)
{
    unlink_job(queue, job);
    if (job->failed) {
        job->next = take_waiting(queue);
        fail_all(queue->channel, job);
    } else {
        start_waiting(queue);
        tell(queue->channel, job, VG_OK);
    }
}

static void on_published(void *to, void *tag, enum vg_status status)
{
    (void)tag;
    struct job *job = to;
    assert(job->pending > 0);
    job->pending--;
    job->failed = job->failed || status != VG_OK;
    if (job->queue != NULL && !job->failed) {
        job->failed = publish(job->queue->channel, job) != VG_OK;
    }
    if (job->pending > 0) {
        return;
    }
    if (job->queue == NULL) {
        destroy_job(job);
        return;
    }
    finish(job->queue, job);
}

static enum vg_status send_notice(struct vg_channel *channel,
                                  const struct vg_notice *notice)
{
    struct mqtt_channel *mqtt = (struct mqtt_channel *)channel;
    if (notice->page != NULL) {
        return vg_pages_send(mqtt->pages, notice);
    }
    struct queue *queue = find_queue(mqtt, notice->alert->ward);
    struct job *job = queue == NULL ? NULL : create_job(mqtt, queue, notice);
    if (job == NULL) {
        return VG_FAILED;
    }
    const bool first = queue->head == NULL;
    const enum vg_status status = first ? start_job(queue, job) : VG_OK;
    if (status != VG_OK) {
        destroy_job(job);
        return status == VG_FULL ? VG_FULL : VG_FAILED;
    }
    *queue->tail = job;
    queue->tail = &job->next;
    assert(queue->started > 0);
    start_waiting(queue);
    return VG_OK;
}

static void close_queue(struct queue *queue)
{
    struct job *job = queue->head;
    while (job != NULL) {
        struct job *next = job->next;
        job->queue = NULL;
        if (job->pending == 0) {
            destroy_job(job);
        }
        job = next;
    }
    free(queue);
}

static void close_channel(struct vg_channel *channel)
{
    struct mqtt_channel *mqtt = (struct mqtt_channel *)channel;
    struct queue *queue = mqtt->queues;
    while (queue != NULL) {
        struct queue *next = queue->next;
        close_queue(queue);
        queue = next;
    }
    vg_pages_close(mqtt->pages);
    free(mqtt);
}

static const struct vg_channel_ops ops = {"mqtt", send_notice, close_channel};

enum vg_status vg_channel_open_mqtt(const struct vg_channel_setup *setup,
                                    struct vg_channel **out, struct vg_error *error)
{
    struct mqtt_channel *mqtt = calloc(1, sizeof(*mqtt));
    if (mqtt == NULL) {
        return VG_NO_MEMORY;
    }
    if (!vg_copy(mqtt->root, sizeof(mqtt->root), setup->root)) {
        vg_error_set(error, "mqtt.root is too long: %d bytes at most", VG_TOPIC_LEN);
        free(mqtt);
        return VG_REFUSED;
    }
    mqtt->channel = (struct vg_channel){&ops, setup->done, setup->to};
    mqtt->publisher = setup->publisher;
    mqtt->pages = vg_pages_open(&mqtt->channel, setup->publisher, mqtt->root);
    if (mqtt->pages == NULL) {
        free(mqtt);
        return VG_NO_MEMORY;
    }
    *out = &mqtt->channel;
    return VG_OK;
}
