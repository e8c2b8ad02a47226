/* SPDX-License-Identifier: Apache-2.0
 *
 * The workers: each has its own connection to the store, takes a request from the queue, answers
 * it and hands it back.
 */
#include "shell/http_inside.h"
#include "shell/thread.h"

static void answer(struct vg_http *http, struct vg_api *api,
                   struct vg_http_request *request)
{
    struct vg_http_counts counts = {.requests = atomic_load(&http->requests),
                                    .refused = atomic_load(&http->refused),
                                    .timeouts = atomic_load(&http->timeouts),
                                    .streams = atomic_load(&http->streams),
                                    .resyncs = atomic_load(&http->resyncs)};

    (void)pthread_mutex_lock(&http->lock);
    counts.connections = http->link_count;
    counts.open_streams = http->stream_count;
    (void)pthread_mutex_unlock(&http->lock);
    request->done = true;
    if (!request->allowed && !vg_http_gate(request)) {
        return;
    }
    if (!request->allowed &&
        vg_http_is_at_once(request)) { /* known now: the rest is not a worker's */
        request->allowed = true;
        request->done = false;
        return;
    }
    api->http = &counts;
    vg_api_answer(api, &request->call, &request->answer);
    api->http = NULL;
    vg_http_form_answer(request);
    vg_http_prepare(request);
}

/* NULL: the end. */
static struct vg_http_request *next_job(struct vg_http *http)
{
    (void)pthread_mutex_lock(&http->lock);
    while (http->jobs == NULL && !atomic_load(&http->closing)) {
        (void)pthread_cond_wait(&http->work, &http->lock);
    }
    struct vg_http_request *job = http->jobs;
    if (job != NULL) {
        http->jobs = job->next;
        http->jobs_end = http->jobs == NULL ? &http->jobs : http->jobs_end;
        http->job_count--;
    }
    (void)pthread_mutex_unlock(&http->lock);
    return job;
}

static void *work(void *to)
{
    struct vg_http *http = to;
    struct vg_api api = {.settings = http->settings,
                         .live = http->live,
                         .inbox = http->inbox,
                         .access = http->access,
                         .log = http->log,
                         .limits = http->limits,
                         .turns = &http->turns};
    struct vg_http_request *job;

    vg_thread_stand_back();
    while ((job = next_job(http)) != NULL) {
        struct MHD_Connection *connection = job->connection;
        answer(http, &api, job);
        vg_http_state_set(http, job->link, VG_HTTP_SENDING);
        MHD_resume_connection(connection); /* from here on it is not ours */
    }
    vg_api_finish(&api);
    return NULL;
}

bool vg_http_work(struct vg_http_request *request)
{
    struct vg_http *http = request->http;

    (void)pthread_mutex_lock(&http->lock);
    const bool room = http->job_count < VG_HTTP_JOBS && !atomic_load(&http->closing);
    (void)pthread_mutex_unlock(&http->lock);
    if (!room) {
        return false;
    }
    MHD_suspend_connection(request->connection); /* before a worker can resume it */
    (void)pthread_mutex_lock(&http->lock);
    const bool late =
        atomic_load(&http->closing); /* the workers may have ended since */
    if (!late) {
        request->link->state = VG_HTTP_WORKING;
        request->next = NULL;
        *http->jobs_end = request;
        http->jobs_end = &request->next;
        http->job_count++;
        (void)pthread_cond_signal(&http->work);
    }
    (void)pthread_mutex_unlock(&http->lock);
    if (late) { /* libmicrohttpd aborts on what is suspended at its end; asked again, it is refused */
        MHD_resume_connection(request->connection);
    }
    return true;
}

bool vg_http_work_begin(struct vg_http *http)
{
    while (http->worker_count < VG_HTTP_WORKERS &&
           pthread_create(&http->worker[http->worker_count], NULL, work, http) == 0) {
        http->worker_count++;
    }
    return http->worker_count == VG_HTTP_WORKERS;
}

void vg_http_work_end(struct vg_http *http)
{
    (void)pthread_mutex_lock(&http->lock);
    (void)pthread_cond_broadcast(&http->work);
    (void)pthread_mutex_unlock(&http->lock);
    for (size_t i = 0; i < http->worker_count; i++) {
        (void)pthread_join(http->worker[i], NULL);
    }
}
