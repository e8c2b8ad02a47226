/* SPDX-License-Identifier: Apache-2.0
 *
 * The line in front of a hook. See curl_queue.h.
 */
#include "shell/curl_queue.h"

#include <stdlib.h>
#include <string.h>

#include "shell/clock.h"

struct job {
    struct job *next;
    struct vg_curl_queue *queue;
    struct vg_curl_transfer *transfer;
    char alert[VG_ALERT_LEN + 1];
    enum vg_severity urgency;
    vg_ms since; /* boot clock */
    void *tag;
};

struct vg_curl_queue {
    struct vg_curl *curl;
    const struct vg_channel *channel;
    size_t flights, flying, waiting;
    struct job *flight;       /* under way */
    struct job *line, **last; /* waiting, in the order in which they came */
};

static void take_out(struct job **list, const struct job *job)
{
    while (*list != job) {
        list = &(*list)->next;
    }
    *list = job->next;
}

static void leave_line(struct vg_curl_queue *queue, struct job *job)
{
    take_out(&queue->line, job);
    queue->waiting--;
    queue->last = &queue->line;
    while (*queue->last != NULL) {
        queue->last = &(*queue->last)->next;
    }
}

static void tell(struct job *job, enum vg_status status, const char *why)
{
    const struct vg_channel *channel = job->queue->channel;
    void *tag = job->tag;

    free(job);
    channel->done(channel->to, tag, status, why);
}

static bool among(const struct job *list, const char *alert)
{
    for (const struct job *job = list; job != NULL; job = job->next) {
        if (strcmp(job->alert, alert) == 0) {
            return true;
        }
    }
    return false;
}

/* The gravest whose alert is not under way; of equals the first that came. NULL: none. */
static struct job *next_job(const struct vg_curl_queue *queue)
{
    struct job *best = NULL;

    for (struct job *job = queue->line; job != NULL; job = job->next) {
        if ((best == NULL || job->urgency > best->urgency) &&
            !among(queue->flight, job->alert)) {
            best = job;
        }
    }
    return best;
}

/* Those of the same alert that came earlier go earlier, so they are as grave. */
static void hurry(struct vg_curl_queue *queue, const struct job *grave)
{
    for (struct job *job = queue->line; job != NULL; job = job->next) {
        if (job->urgency < grave->urgency && strcmp(job->alert, grave->alert) == 0) {
            job->urgency = grave->urgency;
        }
    }
}

static enum vg_status start(struct vg_curl_queue *queue, struct job *job)
{
    if (vg_curl_go(job->transfer) != VG_OK) {
        return VG_FAILED;
    }
    job->next = queue->flight;
    queue->flight = job;
    queue->flying++;
    return VG_OK;
}

static void fail(struct job *job, const char *why)
{
    vg_curl_drop(job->transfer);
    tell(job, VG_FAILED, why);
}

/* Told one by one: whoever hears of it may add to the line meanwhile. */
static void fail_late(struct vg_curl_queue *queue)
{
    const vg_ms now = vg_clock_boot();

    while (queue->line != NULL && now - queue->line->since > VG_CURL_WAIT_LONG) {
        struct job *job = queue->line;
        leave_line(queue, job);
        fail(job, "the server is too slow: its turn did not come within 8 s");
    }
}

static void pump(struct vg_curl_queue *queue)
{
    struct job *job = NULL;

    fail_late(queue);
    while (queue->flying < queue->flights && (job = next_job(queue)) != NULL) {
        leave_line(queue, job);
        if (start(queue, job) != VG_OK) {
            fail(job, "libcurl did not take the request");
        }
    }
}

static void on_done(void *to, enum vg_status status, const char *why)
{
    struct job *job = to;
    struct vg_curl_queue *queue = job->queue;

    take_out(&queue->flight, job);
    queue->flying--;
    pump(queue);
    tell(job, status, why);
}

static struct job *create_job(struct vg_curl_queue *queue,
                              const struct vg_notice *notice,
                              const struct vg_curl_request *request)
{
    struct job *job = calloc(1, sizeof *job);

    if (job == NULL) {
        return NULL;
    }
    job->queue = queue;
    job->tag = notice->tag;
    job->urgency = notice->alert->severity;
    job->since = vg_clock_boot();
    (void)vg_copy(job->alert, sizeof job->alert, notice->alert->id);
    job->transfer = vg_curl_prepare(queue->curl, request, on_done, job);
    if (job->transfer == NULL) {
        free(job);
        return NULL;
    }
    return job;
}

enum vg_status vg_curl_queue_add(struct vg_curl_queue *queue,
                                 const struct vg_notice *notice,
                                 const struct vg_curl_request *request)
{
    if (queue->waiting >= VG_CURL_WAITING) {
        return VG_FULL;
    }
    struct job *job = create_job(queue, notice, request);
    if (job == NULL) {
        return VG_FAILED;
    }
    if (queue->flying < queue->flights && !among(queue->flight, job->alert) &&
        !among(queue->line, job->alert)) {
        if (start(queue, job) == VG_OK) {
            return VG_OK;
        }
        vg_curl_drop(job->transfer);
        free(job);
        return VG_FAILED;
    }
    hurry(queue, job);
    *queue->last = job;
    queue->last = &job->next;
    queue->waiting++;
    return VG_OK;
}

enum vg_status vg_curl_queue_open(uv_loop_t *loop, size_t flights,
                                  const struct vg_channel *channel,
                                  struct vg_curl_queue **out, struct vg_error *error)
{
    struct vg_curl_queue *queue = calloc(1, sizeof *queue);

    if (queue == NULL) {
        return VG_NO_MEMORY;
    }
    const enum vg_status status = vg_curl_open(loop, &queue->curl, error);
    if (status != VG_OK) {
        free(queue);
        return status;
    }
    queue->channel = channel;
    queue->flights = flights;
    queue->last = &queue->line;
    *out = queue;
    return VG_OK;
}

void vg_curl_queue_close(struct vg_curl_queue *queue)
{
    struct job *job = queue->line;

    while (job != NULL) {
        struct job *next = job->next;
        vg_curl_drop(job->transfer);
        free(job);
        job = next;
    }
    vg_curl_close(queue->curl);
    job = queue->flight;
    while (job != NULL) {
        struct job *next = job->next;
        free(job);
        job = next;
    }
    free(queue);
}
