/* SPDX-License-Identifier: Apache-2.0
 *
 * Server-sent events. A stream is a number in live.h's order of events and the portion that is
 * being sent; when there is no more it is suspended, and the watch wakes it. What a slow reader
 * has not taken waits nowhere: it asks for what comes next when it can.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "shell/clock.h"
#include "shell/http_inside.h"

#define COMMENT_EVERY (5 * VG_SECOND)
#define SOCKET_BYTES  (256 * 1024) /* in the kernel for one reader */

struct vg_http_stream {
    struct vg_http *http;
    struct vg_http_link *link; /* NULL: the connection is closed */
    struct vg_live_cursor cursor;
    struct vg_who who;     /* who follows */
    struct vg_buffer text; /* the portion under way */
    size_t sent;           /* of it */
    vg_ms comment;         /* boot clock: when the last one was put */
    bool resync;           /* to be said first */
    bool over;             /* the session has ended, or the user is gone */
};

bool vg_http_is_stream(const struct vg_api_call *call)
{
    static const char *const path[] = {"api", "v1", "stream"};

    for (size_t i = 0; i < 3; i++) {
        if (call->part_count != 3 || strcmp(call->part[i], path[i]) != 0) {
            return false;
        }
    }
    return true;
}

bool vg_http_stream_due(const struct vg_http_stream *stream, uint64_t last, vg_ms now)
{
    return last > stream->cursor.at || now - stream->comment >= COMMENT_EVERY;
}

void vg_http_stream_free(struct vg_http_stream *stream)
{
    struct vg_http *http = stream->http;

    (void)pthread_mutex_lock(&http->lock);
    http->stream_count--;
    if (stream->link != NULL) {
        stream->link->stream = NULL;
    }
    (void)pthread_mutex_unlock(&http->lock);
    vg_buffer_finish(&stream->text);
    free(stream);
}

void vg_http_stream_unlink(struct vg_http_stream *stream)
{
    stream->link = NULL;
}

static void free_stream(void *to)
{
    vg_http_stream_free(to);
}

/* ---- Filling */

static void put_resync(struct vg_http_stream *s, const char *reason)
{
    vg_put_raw(&s->text, "id: ");
    vg_live_put_id(s->http->live, s->cursor.at, &s->text);
    vg_put_raw(&s->text, "\nevent: resync\ndata: {\"reason\":");
    vg_put_string(&s->text, reason);
    vg_put_raw(&s->text, ",\"at\":");
    vg_put_time(&s->text, vg_clock_wall());
    vg_put_raw(&s->text, "}\n\n");
    (void)atomic_fetch_add(&s->http->resyncs, 1);
}

static void put_comment(struct vg_http_stream *s)
{
    char text[VG_TIME_TEXT];

    vg_time_format(vg_clock_wall(), text);
    vg_put_raw(&s->text, ": ");
    vg_put_raw(&s->text, text);
    vg_put_raw(&s->text, "\n\n");
}

/* Their session, token or certificate holds yet. */
static bool still_known(const struct vg_http_stream *s, vg_ms now)
{
    const bool certified = s->who.known && s->who.user.kind == VG_USER_CERTIFICATE;

    return vg_access_still(s->http->access, &s->who, now) &&
           (!certified || vg_http_tls_peer(s->http, s->link) != NULL);
}

/* The next portion; false: there is nothing to say. */
static bool fill(struct vg_http_stream *s)
{
    const vg_ms now = vg_clock_boot();

    vg_buffer_clear(&s->text);
    s->sent = 0;
    if (s->resync) {
        s->resync = false;
        put_resync(s, "restarted");
    }
    enum vg_live_next next = VG_LIVE_MORE;
    while (next == VG_LIVE_MORE && s->text.length == 0) { /* passing over other wards */
        next = vg_live_read(s->http->live, &s->cursor, &s->text);
    }
    if (next == VG_LIVE_RESYNC) {
        put_resync(s, "behind");
    }
    if (now - s->comment >= COMMENT_EVERY) {
        s->over = !still_known(s, now);
        put_comment(s);
        s->comment = now;
    }
    return s->text.length > 0;
}

/* Nothing to say: asleep until the watch finds that there is. What came between the look and
 * here would not wake it, so it is looked at again. */
static void sleep_stream(struct vg_http_stream *s)
{
    struct vg_http *http = s->http;

    MHD_suspend_connection(s->link->connection);
    (void)pthread_mutex_lock(&http->lock);
    const bool stay = atomic_load(&http->closing) ||
                      vg_live_wait_event(http->live, 0, 0) > s->cursor.at;
    s->link->state = stay ? VG_HTTP_STREAMING : VG_HTTP_WAITING;
    s->link->since = vg_clock_boot();
    (void)pthread_mutex_unlock(&http->lock);
    if (stay) {
        MHD_resume_connection(s->link->connection);
    }
}

static ssize_t read_stream(void *to, uint64_t at, char *out, size_t most)
{
    struct vg_http_stream *s = to;

    (void)at;
    vg_http_state_set(s->http, s->link, VG_HTTP_STREAMING);
    if (atomic_load(&s->http->closing)) {
        return MHD_CONTENT_READER_END_OF_STREAM;
    }
    if (s->sent == s->text.length && !fill(s)) {
        sleep_stream(s);
        return 0;
    }
    if (s->over) {
        return MHD_CONTENT_READER_END_OF_STREAM;
    }
    if (s->text.failed) {
        return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    const size_t left = s->text.length - s->sent;
    const size_t count = left < most ? left : most;
    memcpy(out, s->text.bytes + s->sent, count);
    s->sent += count;
    return (ssize_t)count;
}

/* ---- The beginning */

/* NULL: no memory, or no room, or nothing of the kind: the problem is in the answer. */
static struct vg_http_stream *make(struct vg_http_request *request)
{
    static const char *const names[] = {"ward", "after", NULL};
    struct vg_http *http = request->http;
    const char *ward = vg_api_argument(&request->call, "ward");
    const char *after = vg_http_header(request->connection, "Last-Event-ID");

    if (!vg_api_only(&request->call, &request->answer, names)) {
        return NULL;
    }
    if (!vg_api_ward(&request->call, &request->answer, &ward) ||
        !vg_api_ward_known(http->live, &request->call, &request->answer, ward)) {
        return NULL;
    }
    (void)pthread_mutex_lock(&http->lock);
    const bool room = http->stream_count < http->streams_most;
    http->stream_count += room;
    (void)pthread_mutex_unlock(&http->lock);
    struct vg_http_stream *stream = room ? calloc(1, sizeof *stream) : NULL;
    if (stream == NULL) {
        vg_api_problem(&request->call, &request->answer, 503,
                       "too many follow already (http.streams)");
        (void)pthread_mutex_lock(&http->lock);
        http->stream_count -= room;
        (void)pthread_mutex_unlock(&http->lock);
        return NULL;
    }
    stream->http = http;
    stream->link = request->link;
    stream->who = request->call.who;
    stream->comment = vg_clock_boot();
    if (ward != NULL) {
        (void)vg_copy(stream->cursor.ward, sizeof stream->cursor.ward, ward);
    }
    after = after != NULL ? after : vg_api_argument(&request->call, "after");
    stream->resync =
        vg_live_follow(http->live, after, &stream->cursor) == VG_LIVE_RESYNC;
    vg_put_raw(&stream->text, "retry: 2000\n\n"); /* ms, after a break */
    request->link->stream = stream;
    return stream;
}

static void small_buffer(const struct vg_http_link *link)
{
    const int bytes = SOCKET_BYTES;

    (void)setsockopt(link->socket, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
}

/* The response goes with its last user. */
static enum MHD_Result queue(struct vg_http_request *request,
                             struct MHD_Response *response, enum vg_http_state state)
{
    (void)MHD_add_response_header(response, "Content-Type", "text/event-stream");
    (void)MHD_add_response_header(response, "Cache-Control", "no-store");
    (void)MHD_add_response_header(response, "X-Accel-Buffering", "no");
    vg_http_common_headers(response);
    vg_http_state_set(request->http, request->link, state);
    const enum MHD_Result result =
        MHD_queue_response(request->connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    return result;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the callback's type */
static ssize_t read_nothing(void *to, uint64_t at, char *out, size_t most)
{
    (void)to, (void)at, (void)out, (void)most;
    return MHD_CONTENT_READER_END_OF_STREAM;
}

/* To HEAD libmicrohttpd 0.9.75 sends the last chunk of a body of unknown length, which is the
 * beginning of nonsense to who reads on; without chunks it sends nothing. */
static enum MHD_Result head_alone(struct vg_http_request *request,
                                  struct vg_http_stream *stream)
{
    struct MHD_Response *response = MHD_create_response_from_callback(
        MHD_SIZE_UNKNOWN, 1024, read_nothing, NULL, NULL);

    vg_http_stream_free(stream);
    if (response == NULL) {
        return MHD_NO;
    }
    (void)MHD_set_response_options(response, MHD_RF_HTTP_VERSION_1_0_ONLY, MHD_RO_END);
    return queue(request, response, VG_HTTP_SENDING);
}

enum MHD_Result vg_http_stream(struct vg_http_request *request)
{
    struct vg_http_stream *stream = make(request);

    if (stream == NULL) {
        return vg_http_reply(request);
    }
    if (request->head) {
        return head_alone(request, stream);
    }
    struct MHD_Response *response = MHD_create_response_from_callback(
        MHD_SIZE_UNKNOWN, 16384, read_stream, stream, free_stream);
    if (response == NULL) {
        vg_http_stream_free(stream);
        return MHD_NO;
    }
    small_buffer(request->link);
    (void)MHD_set_connection_option(request->connection, MHD_CONNECTION_OPTION_TIMEOUT,
                                    0U);
    (void)atomic_fetch_add(&request->http->streams, 1);
    return queue(request, response, VG_HTTP_STREAMING);
}
