/* SPDX-License-Identifier: Apache-2.0
 *
 * Start and stop; a request from its first line to its answer. See http_inside.h.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "shell/clock.h"
#include "shell/http_inside.h"

/* ---- What a request says */

/* NOLINTNEXTLINE(readability-non-const-parameter): the callback's type */
static enum MHD_Result take_argument(void *to, enum MHD_ValueKind kind,
                                     const char *name, const char *value)
{
    struct vg_api_call *call = to;

    (void)kind;
    if (call->argument_count == VG_API_ARGUMENTS) {
        call->too_long = true;
        return MHD_NO;
    }
    call->argument[call->argument_count].name = name;
    call->argument[call->argument_count++].value = value != NULL ? value : "";
    return MHD_YES;
}

/* ---- From its first line to its answer */

static enum MHD_Result refuse(struct vg_http_request *request, unsigned status,
                              const char *sentence)
{
    vg_api_problem(&request->call, &request->answer, status, "%s", sentence);
    request->close = true;
    (void)atomic_fetch_add(&request->http->refused, 1);
    return vg_http_reply(request);
}

static void take_heads(struct MHD_Connection *connection, struct vg_api_call *call)
{
    const char *scheme = vg_http_header(connection, "X-Forwarded-Proto");
    const struct {
        const char *name, **to;
    } heads[] = {{"Content-Type", &call->content_type},
                 {"Accept", &call->accept},
                 {"Prefer", &call->prefer},
                 {"Host", &call->host}};

    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        const char *value = vg_http_header(connection, heads[i].name);
        *heads[i].to = value != NULL ? value : "";
    }
    call->secure = call->secure || (scheme != NULL && strcasecmp(scheme, "https") == 0);
}

/* NULL: no memory, and the connection is closed. */
static struct vg_http_request *begin(struct vg_http *http,
                                     struct MHD_Connection *connection, const char *url,
                                     const char *method)
{
    struct vg_http_request *request = calloc(1, sizeof *request);

    if (request == NULL) {
        return NULL;
    }
    request->http = http;
    request->connection = connection;
    request->link = vg_http_link_of(connection);
    request->head = strcmp(method, "HEAD") == 0;
    request->call.method = request->head ? "GET" : method;
    request->call.now = vg_clock_wall();
    request->call.secure = vg_http_tls_on(http);
    vg_api_cut_path(&request->call, url);
    (void)MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, take_argument,
                                    &request->call);
    request->if_none_match = vg_http_header(connection, "If-None-Match");
    request->authorization = vg_http_header(connection, "Authorization");
    const char *cookie =
        MHD_lookup_connection_value(connection, MHD_COOKIE_KIND, VG_API_COOKIE);
    request->call.cookie = cookie != NULL ? cookie : "";
    take_heads(connection, &request->call);
    request->call.wants_page = strstr(request->call.accept, "text/html") != NULL;
    request->gzip = vg_http_takes_gzip(vg_http_header(connection, "Accept-Encoding"));
    (void)atomic_fetch_add(&http->requests, 1);
    return request;
}

/* The head is there; is the rest wanted? */
static enum MHD_Result look_at_head(struct vg_http_request *request,
                                    const char *version)
{
    const char *wrong = vg_http_ambiguity(request->connection, version);
    const char *length = vg_http_header(request->connection, "Content-Length");

    if (wrong != NULL) {
        return refuse(request, 400, wrong);
    }
    if (!vg_access_on(request->http->access) &&
        !vg_http_is_ours(request->call.host, request->http->settings->http_names)) {
        return refuse(request, 421,
                      "by this name nobody is answered here without users: it is "
                      "localhost, a loopback address or one of http.names");
    }
    if (length != NULL && (strlen(length) > 12 ||
                           strtoull(length, NULL, 10) > request->http->body_most)) {
        return refuse(request, 413, "the body is longer than is taken (http.body)");
    }
    return MHD_YES;
}

static void take_body(struct vg_http_request *request, const char *bytes,
                      size_t *length)
{
    if (request->body.length + *length > request->http->body_most) {
        request->too_big = true; /* the rest is read and dropped until it ends */
    } else {
        vg_buffer_add(&request->body, bytes, *length);
    }
    *length = 0;
}

static enum MHD_Result plain(struct vg_http_request *request, unsigned status,
                             const char *text)
{
    request->answer.status = status;
    request->answer.type = "text/plain; charset=utf-8";
    request->answer.changing = true;
    vg_put_raw(&request->answer.text, text);
    return vg_http_reply(request);
}

/* Answered without a worker: they must come even when the store hangs. */
static bool at_once(struct vg_http_request *request, enum MHD_Result *result)
{
    const char *path = request->call.path;
    const bool get = strcmp(request->call.method, "GET") == 0;

    if (get && strcmp(path, "/healthz") == 0) {
        *result = plain(request, 200, "ok\n");
    } else if (get && strcmp(path, "/readyz") == 0) {
        *result = atomic_load(&request->http->ready)
                      ? plain(request, 200, "ready\n")
                      : plain(request, 503, "not ready\n");
    } else if (get && vg_http_is_stream(&request->call)) {
        *result = vg_http_stream(request);
    } else {
        return vg_http_board(request, result);
    }
    return true;
}

/* A path that at_once answers; to GET and HEAD only. */
static bool is_at_once(const struct vg_http_request *request)
{
    const char *path = request->call.path;

    return strcmp(path, "/healthz") == 0 || strcmp(path, "/readyz") == 0 ||
           vg_http_is_stream(&request->call) || vg_http_is_board(path);
}

static enum MHD_Result only_get(struct vg_http_request *request)
{
    request->answer.allow = "GET, HEAD";
    vg_api_problem(&request->call, &request->answer, 405, "only GET and HEAD");
    return vg_http_reply(request);
}

static enum MHD_Result dispatch(struct vg_http_request *request)
{
    const bool post = strcmp(request->call.method, "POST") == 0;
    enum MHD_Result result = MHD_NO;

    if (request->too_big) {
        return refuse(request, 413, "the body is longer than is taken (http.body)");
    }
    if (request->body.failed) {
        return refuse(request, 503, "no memory for the body");
    }
    const bool open = !vg_access_on(request->http->access) || request->allowed ||
                      strcmp(request->call.path, "/healthz") == 0;
    if (open && at_once(request, &result)) {
        return result;
    }
    if (open && strcmp(request->call.method, "GET") != 0 && is_at_once(request)) {
        return only_get(request);
    }
    if (post && vg_http_is_foreign(request->connection)) {
        return refuse(request, 403, "a page of another site may ask nothing here");
    }
    request->call.body = request->body.bytes != NULL ? request->body.bytes : "";
    request->call.body_length = request->body.length;
    if (!vg_http_work(request)) {
        return refuse(request, 503, "too many requests wait already");
    }
    return MHD_YES;
}

/* NOLINTBEGIN(readability-function-size,readability-non-const-parameter): the callback's
 * type is libmicrohttpd's */
static enum MHD_Result on_request(void *to, struct MHD_Connection *connection,
                                  const char *url, const char *method,
                                  const char *version, const char *upload,
                                  size_t *upload_size, void **state)
/* NOLINTEND(readability-function-size,readability-non-const-parameter) */
{
    struct vg_http_request *request = *state;

    if (request == NULL) {
        request = begin(to, connection, url, method);
        *state = request;
        if (request == NULL || request->link == NULL) {
            return MHD_NO;
        }
        return look_at_head(request, version);
    }
    if (*upload_size > 0) {
        take_body(request, upload, upload_size);
        return MHD_YES;
    }
    return request->done ? vg_http_reply(request) : dispatch(request);
}

static void on_completed(void *to, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode code)
{
    struct vg_http_request *request = *state;

    (void)connection;
    (void)code;
    if (request == NULL) {
        return;
    }
    if (request->link != NULL) {
        vg_http_state_set(to, request->link, VG_HTTP_READING);
    }
    vg_buffer_finish(&request->body);
    vg_buffer_finish(&request->answer.text);
    free(request->answer.next);
    free(request);
    *state = NULL;
}

/* ---- Start and stop */

static struct vg_http *make(const struct vg_http_setup *setup)
{
    struct vg_http *http = calloc(1, sizeof *http);

    if (http == NULL) {
        return http;
    }
    http->settings = setup->settings;
    http->live = setup->live;
    http->inbox = setup->inbox;
    http->access = setup->access;
    http->log = setup->log;
    http->limits = setup->limits;
    http->deadline = vg_settings_span(setup->settings->http_deadline);
    http->body_most = vg_settings_number(setup->settings->http_body);
    http->streams_most = vg_settings_number(setup->settings->http_streams);
    http->jobs_end = &http->jobs;
    (void)pthread_mutex_init(&http->lock, NULL);
    (void)pthread_cond_init(&http->work, NULL);
    return http;
}

static struct MHD_Daemon *listen_on(struct vg_http *http, struct sockaddr_in *address)
{
    const struct vg_settings *s = http->settings;
    struct MHD_OptionItem more[VG_HTTP_TLS_OPTIONS];
    const unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_AUTO |
                           MHD_ALLOW_SUSPEND_RESUME | vg_http_tls_options(http, more);

    return MHD_start_daemon(
        flags, 0, vg_http_admit, http, on_request, http, MHD_OPTION_SOCK_ADDR,
        (struct sockaddr *)address, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)vg_settings_number(s->http_connections),
        MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        (unsigned)vg_settings_number(s->http_per_address),
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)vg_settings_number(s->http_header),
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)(http->deadline / VG_SECOND),
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, http, MHD_OPTION_NOTIFY_CONNECTION,
        vg_http_connected, http, MHD_OPTION_STRICT_FOR_CLIENT,
        0 /* no Host: we say so ourselves, it would say it in HTML */,
        MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_UNESCAPE_CALLBACK,
        vg_http_unescape, NULL, MHD_OPTION_ARRAY, more, MHD_OPTION_END);
}

enum vg_status vg_http_open(const struct vg_http_setup *setup, struct vg_http **out,
                            struct vg_error *error)
{
    const char *listen = setup->settings->http_listen;
    struct sockaddr_in address;
    const char *wrong = vg_http_address(listen, &address);

    if (wrong != NULL) {
        vg_error_set(error, "http.listen \"%.80s\" %s", listen, wrong);
        return VG_REFUSED;
    }
    if (vg_http_settings_fault(setup->settings, error) != NULL) {
        return VG_REFUSED;
    }
    struct vg_http *http = make(setup);
    if (http == NULL) {
        return VG_NO_MEMORY;
    }
    *out = http;
    const enum vg_status status = vg_http_tls_begin(http, error);
    if (status != VG_OK) {
        return status;
    }
    if (!vg_http_work_begin(http) || !vg_http_watch_begin(http)) {
        vg_error_set(error, "http: cannot start its threads");
        return VG_FAILED;
    }
    http->daemon = listen_on(http, &address);
    if (http->daemon == NULL) {
        vg_error_set(error, "http.listen: cannot listen on %s; is it taken?", listen);
        return VG_FAILED;
    }
    return VG_OK;
}

unsigned vg_http_port(const struct vg_http *http)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_BIND_PORT);

    return info != NULL ? info->port : 0;
}

void vg_http_ready(struct vg_http *http, bool ready)
{
    atomic_store(&http->ready, ready);
}

void vg_http_close(struct vg_http *http)
{
    if (http == NULL) {
        return;
    }
    if (http->daemon != NULL) {
        const int listening = MHD_quiesce_daemon(http->daemon);
        if (listening >= 0) {
            (void)close(listening);
        }
    }
    atomic_store(&http->closing, true);
    vg_live_end(http->live);
    vg_http_work_end(http);
    vg_http_watch_end(http);
    if (http->daemon != NULL) {
        MHD_stop_daemon(http->daemon);
    }
    vg_http_tls_end(http);
    (void)pthread_cond_destroy(&http->work);
    (void)pthread_mutex_destroy(&http->lock);
    free(http);
}
