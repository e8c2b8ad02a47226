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
    (void)transfer->curl->lib.multi_remove_handle(transfer->curl->multi,
                                                  transfer->easy);
}

static void finish(const struct vg_curl *curl, CURL *easy, CURLcode code)
{
    char *private = NULL;
    struct vg_error why = {""};

    (void)curl->lib.easy_getinfo(easy, CURLINFO_PRIVATE, (char **){&private});
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

    while ((message = curl->lib.multi_info_read(curl->multi, &left)) != NULL) {
        if (message->msg == CURLMSG_DONE) {
            finish(curl, message->easy_handle, message->data.result);
        }
    }
}

/* ---- libuv's side */

static void act(struct vg_curl *curl, curl_socket_t socket, int what)
{
    int running = 0;

    (void)curl->lib.multi_socket_action(curl->multi, socket, what, &running);
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
    (void)curl->lib.multi_assign(curl->multi, socket, watch);
    return watch;
}

/* The type is libcurl's. Its timeouts end what could not be watched. */
static int on_socket(CURL *easy, curl_socket_t socket, int what, void *to,
                     void *assigned)
{
    struct vg_curl *curl = to;
    struct watch *watch = assigned;

    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (watch != NULL) {
            (void)curl->lib.multi_assign(curl->multi, socket, NULL);
            uv_close((uv_handle_t *)&watch->poll, on_watch_closed);
        }
        return 0;
    }
    watch = watch != NULL ? watch : add_watch(curl, socket);
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

static enum vg_status start(struct vg_curl *curl, struct vg_error *error)
{
    const enum vg_status status = vg_curl_library_load(&curl->lib, error);

    if (status != VG_OK) {
        return status;
    }
    if (curl->lib.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK) {
        curl->multi = curl->lib.multi_init();
        if (curl->multi != NULL) {
            return VG_OK;
        }
        curl->lib.global_cleanup();
    }
    vg_error_set(error, "libcurl does not start");
    return VG_FAILED;
}

#define SET(option, type, value)                                                     \
    do {                                                                             \
        _Static_assert(VG_CURL_FITS((option), type), #option " wants another type"); \
        (void)curl->lib.multi_setopt(curl->multi, (option), (type){value});          \
    } while (0)

static void set_up(struct vg_curl *curl)
{
    SET(CURLMOPT_SOCKETFUNCTION, curl_socket_callback, on_socket);
    SET(CURLMOPT_SOCKETDATA, void *, curl);
    SET(CURLMOPT_TIMERFUNCTION, curl_multi_timer_callback, on_timeout);
    SET(CURLMOPT_TIMERDATA, void *, curl);
    SET(CURLMOPT_MAXCONNECTS, long, KEPT_CONNECTIONS);
}

enum vg_status vg_curl_open(uv_loop_t *loop, struct vg_curl **out,
                            struct vg_error *error)
{
    struct vg_curl *curl = calloc(1, sizeof *curl);

    if (curl == NULL) {
        return VG_NO_MEMORY;
    }
    const enum vg_status status = start(curl, error);
    if (status != VG_OK) {
        free(curl);
        return status;
    }
    curl->loop = loop;
    curl->handles = 1;
    (void)uv_timer_init(loop, &curl->timer);
    curl->timer.data = curl;
    set_up(curl);
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
    (void)curl->lib.multi_cleanup(curl->multi); /* takes back every socket */
    curl->lib.global_cleanup();
    uv_close((uv_handle_t *)&curl->timer, on_timer_closed);
}

enum vg_status vg_curl_go(struct vg_curl_transfer *transfer)
{
    if (transfer->curl->lib.multi_add_handle(transfer->curl->multi, transfer->easy) !=
        CURLM_OK) {
        return VG_FAILED;
    }
    link_flight(transfer);
    return VG_OK;
}
