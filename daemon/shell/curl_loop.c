/* SPDX-License-Identifier: Apache-2.0
 *
 * libcurl's sockets and its one timer as handles of libuv. See curl_loop.h.
 *
 *   uv_poll, uv_timer ──> curl_multi_socket_action ──> drain ──> done
 *
 * libcurl calls back from inside curl_multi_*; what it calls here only arms or disarms
 * handles. Owners hear of an end from drain, which is never inside libcurl.
 */
#include "shell/curl_loop.h"

#include <stdlib.h>
#include <string.h>

#include "shell/curl_inside.h"

#define KEPT_CONNECTIONS 16L

struct watch {
    uv_poll_t poll; /* first, so that it can be turned back */
    struct vg_curl *curl;
    curl_socket_t socket;
};

/* ---- Ends */

static void link_flight(struct vg_curl_transfer *transfer)
{
    struct vg_curl *curl = transfer->curl;

    transfer->previous = NULL;
    transfer->next = curl->flights;
    if (curl->flights != NULL) {
        curl->flights->previous = transfer;
    }
    curl->flights = transfer;
}

static void unlink_flight(struct vg_curl_transfer *transfer)
{
    if (transfer->next != NULL) {
        transfer->next->previous = transfer->previous;
    }
    if (transfer->previous != NULL) {
        transfer->previous->next = transfer->next;
    } else {
        transfer->curl->flights = transfer->next;
    }
    (void)curl_multi_remove_handle(transfer->curl->multi, transfer->easy);
}

static void finish(CURL *easy, CURLcode code)
{
    char *private = NULL;
    struct vg_error why = {""};

    (void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private);
    struct vg_curl_transfer *transfer = (void *)private;
    const enum vg_status status = vg_curl_outcome(transfer, code, &why);
    vg_curl_fn *done = transfer->done;
    void *to = transfer->to;
    unlink_flight(transfer);
    vg_curl_drop(transfer);
    done(to, status, why.text);
}

static void drain(struct vg_curl *curl)
{
    const CURLMsg *message;
    int left = 0;

    while ((message = curl_multi_info_read(curl->multi, &left)) != NULL) {
        if (message->msg == CURLMSG_DONE) {
            finish(message->easy_handle, message->data.result);
        }
    }
}

/* ---- libuv's side */

static void act(struct vg_curl *curl, curl_socket_t socket, int what)
{
    int running = 0;

    (void)curl_multi_socket_action(curl->multi, socket, what, &running);
    drain(curl);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    const struct watch *watch = (const struct watch *)poll;
    const int what = (status < 0 ? CURL_CSELECT_ERR : 0) |
                     ((events & UV_READABLE) != 0 ? CURL_CSELECT_IN : 0) |
                     ((events & UV_WRITABLE) != 0 ? CURL_CSELECT_OUT : 0);

    act(watch->curl, watch->socket, what);
}

static void on_timer(uv_timer_t *timer)
{
    act(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

static void release(struct vg_curl *curl)
{
    curl->handles--;
    if (curl->closing && curl->handles == 0) {
        free(curl);
    }
}

static void on_watch_closed(uv_handle_t *handle)
{
    struct watch *watch = (struct watch *)handle;
    struct vg_curl *curl = watch->curl;

    free(watch);
    release(curl);
}

static void on_timer_closed(uv_handle_t *handle)
{
    release(handle->data);
}

/* ---- libcurl's side */

static struct watch *add_watch(struct vg_curl *curl, curl_socket_t socket)
{
    struct watch *watch = calloc(1, sizeof *watch);

    if (watch == NULL) {
        return NULL;
    }
    if (uv_poll_init_socket(curl->loop, &watch->poll, socket) != 0) {
        free(watch);
        return NULL;
    }
    watch->curl = curl;
    watch->socket = socket;
    curl->handles++;
    (void)curl_multi_assign(curl->multi, socket, watch);
    return watch;
}

/* The type is libcurl's. Its timeouts end what could not be watched. */
static int on_socket(CURL *easy, curl_socket_t socket, int what, void *to,
                     void *assigned)
{
    struct watch *watch = assigned;

    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (watch != NULL) {
            (void)curl_multi_assign(((struct vg_curl *)to)->multi, socket, NULL);
            uv_close((uv_handle_t *)&watch->poll, on_watch_closed);
        }
        return 0;
    }
    watch = watch != NULL ? watch : add_watch(to, socket);
    if (watch != NULL) {
        const int events = ((what & CURL_POLL_IN) != 0 ? UV_READABLE : 0) |
                           ((what & CURL_POLL_OUT) != 0 ? UV_WRITABLE : 0);
        (void)uv_poll_start(&watch->poll, events, on_poll);
    }
    return 0;
}

static int on_timeout(CURLM *multi, long ms, void *to)
{
    struct vg_curl *curl = to;

    (void)multi;
    if (ms < 0) {
        (void)uv_timer_stop(&curl->timer);
    } else if (!curl->closing) {
        /* The loop's idea of now is as old as this turn; libcurl's is not. */
        uv_update_time(curl->loop);
        (void)uv_timer_start(&curl->timer, on_timer, (uint64_t)ms, 0);
    }
    return 0;
}

/* ---- Life */

enum vg_status vg_curl_open(uv_loop_t *loop, struct vg_curl **out,
                            struct vg_error *error)
{
    struct vg_curl *curl = calloc(1, sizeof *curl);

    if (curl == NULL) {
        return VG_NO_MEMORY;
    }
    curl->multi =
        curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? curl_multi_init() : NULL;
    if (curl->multi == NULL) {
        vg_error_set(error, "libcurl does not start");
        free(curl);
        return VG_FAILED;
    }
    curl->loop = loop;
    curl->handles = 1;
    (void)uv_timer_init(loop, &curl->timer);
    curl->timer.data = curl;
    (void)curl_multi_setopt(curl->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    (void)curl_multi_setopt(curl->multi, CURLMOPT_SOCKETDATA, curl);
    (void)curl_multi_setopt(curl->multi, CURLMOPT_TIMERFUNCTION, on_timeout);
    (void)curl_multi_setopt(curl->multi, CURLMOPT_TIMERDATA, curl);
    (void)curl_multi_setopt(curl->multi, CURLMOPT_MAXCONNECTS, KEPT_CONNECTIONS);
    *out = curl;
    return VG_OK;
}

void vg_curl_close(struct vg_curl *curl)
{
    curl->closing = true;
    while (curl->flights != NULL) {
        struct vg_curl_transfer *transfer = curl->flights;
        unlink_flight(transfer);
        vg_curl_drop(transfer);
    }
    (void)curl_multi_cleanup(curl->multi); /* takes back every socket */
    curl_global_cleanup();
    uv_close((uv_handle_t *)&curl->timer, on_timer_closed);
}

enum vg_status vg_curl_go(struct vg_curl_transfer *transfer)
{
    if (curl_multi_add_handle(transfer->curl->multi, transfer->easy) != CURLM_OK) {
        return VG_FAILED;
    }
    link_flight(transfer);
    return VG_OK;
}
