/* SPDX-License-Identifier: Apache-2.0
 *
 * The MQTT channel; its pages are in channel_pages.c. States and events of one ward go
 * strictly one after another, because a retained state must never be followed by an older
 * one: the next is sent when the broker has all of the one before, and when one fails,
 * those of its ward that wait behind it fail too, so that the outbox sends them again in
 * order.
 */
#include "shell/channel_mqtt.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "vigil/wire.h"

#include "shell/channel_pages.h"

struct job {
    struct job *next;
    struct queue *queue; /* NULL: the channel was closed meanwhile */
    void *tag;
    bool again;  /* the state alone */
    bool closed; /* the alert: its state is emptied */
    bool failed;
    unsigned pending; /* publications that were taken and not settled */
    char state_topic[VG_TOPIC_LEN + 1], events_topic[VG_TOPIC_LEN + 1];
    struct vg_buffer json;
};

/* The notices of one ward; the first is being sent. Wards are few and stay. */
struct queue {
    struct queue *next;
    struct mqtt_channel *channel;
    char ward[VG_ID_LEN + 1];
    struct job *head, **tail;
};

struct mqtt_channel {
    struct vg_channel channel; /* first, so that it can be turned back */
    struct vg_publisher *publisher;
    struct queue *queues;
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

static enum vg_status publish(struct mqtt_channel *mqtt, struct job *job,
                              const char *topic, bool retained, bool empty)
{
    struct vg_publication publication = {.topic = topic,
                                         .payload = empty ? "" : job->json.bytes,
                                         .length = empty ? 0 : job->json.length,
                                         .retained = retained,
                                         .done = on_published,
                                         .to = job};
    enum vg_status status = mqtt->publisher->publish(mqtt->publisher, &publication);
    job->pending += status == VG_OK ? 1 : 0;
    return status;
}

/* VG_OK: something is on its way and will be settled. Else nothing is. */
static enum vg_status start_job(struct mqtt_channel *mqtt, struct job *job)
{
    enum vg_status status = publish(mqtt, job, job->state_topic, true, false);
    if (status != VG_OK || job->again) {
        return status;
    }
    status = publish(mqtt, job, job->events_topic, false, false);
    if (status == VG_OK && job->closed) {
        status = publish(mqtt, job, job->state_topic, true, true);
    }
    job->failed = status != VG_OK;
    return VG_OK;
}

static void tell(struct mqtt_channel *mqtt, struct job *job, enum vg_status status)
{
    void *tag = job->tag;
    destroy_job(job);
    mqtt->channel.done(mqtt->channel.to, tag, status,
                       status == VG_OK ? "" : "the broker did not take it");
}

/* Everything of the ward has failed. The queue is empty before anybody hears of it, since
 * they may send again at once. */
static void fail_queue(struct queue *queue)
{
    struct job *job = queue->head;
    queue->head = NULL;
    queue->tail = &queue->head;
    while (job != NULL) {
        struct job *next = job->next;
        tell(queue->channel, job, VG_FAILED);
        job = next;
    }
}

static void finish_head(struct queue *queue)
{
    struct job *job = queue->head;
    if (job->failed) {
        fail_queue(queue);
        return;
    }
    queue->head = job->next;
    if (queue->head == NULL) {
        queue->tail = &queue->head;
    }
    if (queue->head != NULL && start_job(queue->channel, queue->head) != VG_OK) {
        fail_queue(queue);
    }
    tell(queue->channel, job, VG_OK);
}

static void on_published(void *to, void *tag, enum vg_status status)
{
    (void)tag;
    struct job *job = to;
    assert(job->pending > 0);
    job->pending--;
    job->failed = job->failed || status != VG_OK;
    if (job->pending > 0) {
        return;
    }
    if (job->queue == NULL) {
        destroy_job(job);
        return;
    }
    assert(job->queue->head == job);
    finish_head(job->queue);
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
    if (queue->head == NULL) {
        enum vg_status status = start_job(mqtt, job);
        if (status != VG_OK) {
            destroy_job(job);
            return status == VG_FULL ? VG_FULL : VG_FAILED;
        }
    }
    *queue->tail = job;
    queue->tail = &job->next;
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
