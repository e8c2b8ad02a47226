/* SPDX-License-Identifier: Apache-2.0
 *
 * Liveness and readiness over HTTP. See http.h. The only file that knows libmicrohttpd.
 */
#include "shell/http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <microhttpd.h>

struct vg_http {
    struct MHD_Daemon *daemon;
    atomic_bool ready;
};

static enum MHD_Result reply(struct MHD_Connection *connection, unsigned code,
                             const char *text)
{
    char body[64];

    if (!vg_copy(body, sizeof body, text)) {
        return MHD_NO;
    }
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(body), body, MHD_RESPMEM_MUST_COPY);

    if (response == NULL) {
        return MHD_NO;
    }
    (void)MHD_add_response_header(response, "Content-Type",
                                  "text/plain; charset=utf-8");
    (void)MHD_add_response_header(response, "Cache-Control", "no-store");
    const enum MHD_Result result = MHD_queue_response(connection, code, response);
    MHD_destroy_response(response);
    return result;
}

/* NOLINTBEGIN(readability-function-size,readability-non-const-parameter): the callback's
 * type is libmicrohttpd's */
static enum MHD_Result on_request(void *to, struct MHD_Connection *connection,
                                  const char *url, const char *method,
                                  const char *version, const char *upload,
                                  size_t *upload_size, void **state)
/* NOLINTEND(readability-function-size,readability-non-const-parameter) */
{
    struct vg_http *http = to;

    (void)version;
    (void)upload;
    (void)upload_size;
    (void)state;
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
        return reply(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD\n");
    }
    if (strcmp(url, "/healthz") == 0) {
        return reply(connection, MHD_HTTP_OK, "ok\n");
    }
    if (strcmp(url, "/readyz") == 0) {
        return atomic_load(&http->ready)
                   ? reply(connection, MHD_HTTP_OK, "ready\n")
                   : reply(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "not ready\n");
    }
    return reply(connection, MHD_HTTP_NOT_FOUND, "no such page\n");
}

static enum vg_status parse(const char *text, struct sockaddr_in *address)
{
    char host[64];
    const char *colon = strrchr(text, ':');
    char *end = NULL;

    if (colon == NULL || (size_t)(colon - text) >= sizeof host) {
        return VG_REFUSED;
    }
    memcpy(host, text, (size_t)(colon - text));
    host[colon - text] = '\0';
    const unsigned long port = strtoul(colon + 1, &end, 10);
    memset(address, 0, sizeof *address);
    address->sin_family = AF_INET;
    if (end == colon + 1 || *end != '\0' || port > 65535 ||
        inet_pton(AF_INET, host, &address->sin_addr) != 1) {
        return VG_REFUSED;
    }
    address->sin_port = htons((uint16_t)port);
    return VG_OK;
}

static const char *complaint(const char *listen, struct sockaddr_in *address)
{
    if (parse(listen, address) != VG_OK) {
        return "is no address like 127.0.0.1:8470";
    }
    if ((ntohl(address->sin_addr.s_addr) >> 24) != 127) {
        return "must be a loopback address like 127.0.0.1:8470: there are no users whom "
               "the daemon could ask for a token";
    }
    return NULL;
}

const char *vg_http_listen_complaint(const char *listen)
{
    struct sockaddr_in address;

    return complaint(listen, &address);
}

enum vg_status vg_http_open(const char *listen, struct vg_http **out,
                            struct vg_error *error)
{
    struct sockaddr_in address;
    const char *wrong = complaint(listen, &address);

    if (wrong != NULL) {
        vg_error_set(error, "http.listen \"%.80s\" %s", listen, wrong);
        return VG_REFUSED;
    }
    struct vg_http *http = calloc(1, sizeof *http);
    if (http == NULL) {
        return VG_NO_MEMORY;
    }
    http->daemon = MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_AUTO, 0, NULL, NULL, on_request, http,
        MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, MHD_OPTION_CONNECTION_LIMIT,
        64U, MHD_OPTION_PER_IP_CONNECTION_LIMIT, 32U, MHD_OPTION_CONNECTION_TIMEOUT,
        10U, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
    if (http->daemon == NULL) {
        free(http);
        vg_error_set(error, "http.listen: cannot listen on %s; is it taken?", listen);
        return VG_FAILED;
    }
    *out = http;
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
    if (http != NULL) {
        MHD_stop_daemon(http->daemon);
        free(http);
    }
}
