/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of connections, and the watch over it. libmicrohttpd's own time-outs count from the
 * last byte: a client that sends one now and then would never meet them. Here a request has its
 * whole time, and no more.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "shell/clock.h"
#include "shell/http_inside.h"
#include "shell/thread.h"

#define SEND_WITHIN (60 * VG_SECOND) /* an answer, on its way to a slow reader */
#define LOOK_EVERY  (250 * (vg_ms)1)
#define TOGETHER    64 /* streams resumed in one go */

/* ---- Not too many a second. Who opens connections as fast as they can would keep a core busy,
 * and the kernel's own threads that write to the disk wait for it: alerts would come some
 * milliseconds later. Over the rate they wait where they are, in the kernel's queue. */

#define RATE INT64_C(500) /* connections a second */
#define BURST \
    INT64_C(512) /* at once, after a quiet time: a ward of displays that load anew */

/* NOLINTNEXTLINE(readability-non-const-parameter): the callback's type */
enum MHD_Result vg_http_admit(void *to, const struct sockaddr *address,
                              socklen_t length)
{
    static const struct timespec pause = {.tv_nsec = 2000000}; /* 1 s / RATE */
    struct vg_http *http = to;
    const vg_ms now = vg_clock_boot();
    const int64_t credit =
        http->admitted == 0 || now - http->admitted > BURST * VG_SECOND / RATE
            ? BURST * 1000
            : http->credit + (now - http->admitted) * RATE;

    (void)address;
    (void)length;
    http->admitted = now;
    http->credit = (credit < BURST * 1000 ? credit : BURST * 1000) - 1000;
    if (http->credit < 0) {
        http->credit = 0;
        (void)nanosleep(&pause, NULL);
        http->admitted = vg_clock_boot();
    }
    return MHD_YES;
}

/* ---- The list */

static void add_link(struct vg_http *http, struct MHD_Connection *connection,
                     void **context)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct vg_http_link *link = calloc(1, sizeof *link);

    *context = link; /* NULL: its requests are refused */
    if (link == NULL) {
        return;
    }
    link->connection = connection;
    link->socket = info != NULL ? info->connect_fd : -1;
    link->since = vg_clock_boot();
    (void)pthread_mutex_lock(&http->lock);
    link->next = http->links;
    link->link = &http->links;
    if (link->next != NULL) {
        link->next->link = &link->next;
    }
    http->links = link;
    http->link_count++;
    (void)pthread_mutex_unlock(&http->lock);
}

static void remove_link(struct vg_http *http, struct vg_http_link *link)
{
    (void)pthread_mutex_lock(&http->lock);
    *link->link = link->next;
    if (link->next != NULL) {
        link->next->link = link->link;
    }
    http->link_count--;
    if (link->stream != NULL) {
        vg_http_stream_unlink(link->stream);
    }
    (void)pthread_mutex_unlock(&http->lock);
    vg_tls_drop(link->tls);
    free(link);
}

void vg_http_connected(void *http, struct MHD_Connection *connection, void **context,
                       enum MHD_ConnectionNotificationCode code)
{
    struct vg_http *server = http;

    if (!server->stands_back) {
        server->stands_back = true;
        vg_thread_stand_back();
    }
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        add_link(http, connection, context);
        if (*context != NULL) {
            vg_http_tls_connected(server, *context);
        }
    } else if (*context != NULL) {
        remove_link(http, *context);
        *context = NULL;
    }
}

struct vg_http_link *vg_http_link_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    return info != NULL ? info->socket_context : NULL;
}

void vg_http_state_set(struct vg_http *http, struct vg_http_link *link,
                       enum vg_http_state state)
{
    (void)pthread_mutex_lock(&http->lock);
    link->state = state;
    link->since = vg_clock_boot();
    (void)pthread_mutex_unlock(&http->lock);
}

/* ---- The watch */

static bool too_long(const struct vg_http *http, const struct vg_http_link *link,
                     vg_ms now)
{
    const vg_ms spent = now - link->since;

    switch (link->state) {
    case VG_HTTP_READING:
        return spent > http->deadline;
    case VG_HTTP_SENDING:
        return spent > SEND_WITHIN;
    case VG_HTTP_STREAMING: /* its reader is asked as soon as the peer has taken all */
        return spent > http->deadline;
    case VG_HTTP_WORKING:
    case VG_HTTP_WAITING:
        break;
    }
    return false;
}

/* Under the lock. */
static void end_link(struct vg_http *http, struct vg_http_link *link)
{
    link->ended = true;
    (void)shutdown(link->socket, SHUT_RDWR);
    (void)atomic_fetch_add(&http->timeouts, 1);
}

/* One walk: ends what takes too long; returns how many streams are to be resumed, which are not
 * the watch's any more. */
static size_t walk(struct vg_http *http, uint64_t last, bool all,
                   struct MHD_Connection *out[TOGETHER])
{
    const vg_ms now = vg_clock_boot();
    size_t count = 0;

    (void)pthread_mutex_lock(&http->lock);
    for (struct vg_http_link *l = http->links; l != NULL; l = l->next) {
        if (l->state == VG_HTTP_WAITING && count < TOGETHER &&
            (all || vg_http_stream_due(l->stream, last, now))) {
            l->state = VG_HTTP_STREAMING;
            l->since = now;
            out[count++] = l->connection;
        } else if (!l->ended && too_long(http, l, now)) {
            end_link(http, l);
        }
    }
    (void)pthread_mutex_unlock(&http->lock);
    return count;
}

static void walk_all(struct vg_http *http, uint64_t last, bool all)
{
    struct MHD_Connection *due[TOGETHER];
    size_t count;

    do {
        count = walk(http, last, all, due);
        for (size_t i = 0; i < count; i++) {
            MHD_resume_connection(due[i]); /* suspended: it cannot have gone */
        }
    } while (count == TOGETHER);
}

static void *watch(void *to)
{
    struct vg_http *http = to;
    uint64_t last = 0;

    vg_thread_stand_back();
    while (!atomic_load(&http->closing)) {
        last = vg_live_wait_event(http->live, last, LOOK_EVERY);
        walk_all(http, last, false);
        vg_http_tls_watch(http, vg_clock_boot());
    }
    walk_all(http, last, true);
    return NULL;
}

bool vg_http_watch_begin(struct vg_http *http)
{
    http->watching = pthread_create(&http->watch, NULL, watch, http) == 0;
    return http->watching;
}

void vg_http_watch_end(struct vg_http *http)
{
    if (http->watching) {
        (void)pthread_join(http->watch, NULL);
    }
}

/* A NUL would cut off what follows it: "/app.js%00.html" is no name of "/app.js". It becomes
 * a character that no path and no argument has. NOLINTNEXTLINE(readability-non-const-parameter) */
size_t vg_http_unescape(void *to, struct MHD_Connection *connection, char *text)
{
    (void)to;
    (void)connection;
    for (char *at = strstr(text, "%00"); at != NULL; at = strstr(at, "%00")) {
        *at = '\x7f';
    }
    return MHD_http_unescape(text);
}
