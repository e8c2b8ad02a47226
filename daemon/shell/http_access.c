/* SPDX-License-Identifier: Apache-2.0
 *
 * The door: once users are configured, everything but /healthz asks who is there.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

#include "shell/clock.h"
#include "shell/http_inside.h"

/* The peer's address; none for this machine, where a proxy may stand for everybody: one who
 * guesses passwords through it must not lock all others out. */
static void take_address(struct vg_http_request *request)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(
        request->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    char *out = request->call.from;

    out[0] = '\0';
    if (info == NULL || info->client_addr == NULL ||
        info->client_addr->sa_family != AF_INET) {
        return;
    }
    struct sockaddr_in address;
    memcpy(&address, info->client_addr, sizeof address);
    if (ntohl(address.sin_addr.s_addr) >> 24 != 127) {
        (void)inet_ntop(AF_INET, &address.sin_addr, out, sizeof request->call.from);
    }
}

static bool refuse(struct vg_http_request *request, enum vg_status status, vg_ms wait)
{
    const struct vg_api_call *call = &request->call;
    struct vg_api_answer *answer = &request->answer;

    if (status == VG_FULL) {
        vg_api_slow_down(call, answer, wait);
        return false;
    }
    vg_api_problem(call, answer, 401, "log in, or send a bearer token");
    if (call->wants_page && strcmp(call->method, "GET") == 0) {
        vg_http_form(request, false);
    }
    return false;
}

bool vg_http_gate(struct vg_http_request *request)
{
    static const char bearer[] = "Bearer ";
    struct vg_access *access = request->http->access;
    struct vg_api_call *call = &request->call;
    const char *given = request->authorization;
    const vg_ms now = vg_clock_boot();
    enum vg_status status = VG_REFUSED;
    vg_ms wait = 0;

    take_address(request);
    if (!vg_access_on(access)) {
        return true;
    }
    vg_http_form_taken(request);
    if (vg_api_is_open(call)) {
        return true;
    }
    if (given != NULL && strncasecmp(given, bearer, sizeof bearer - 1) == 0) {
        status = vg_access_token(access, given + sizeof bearer - 1, call->from, now,
                                 &call->who, &wait);
    } else if (call->cookie[0] != '\0') {
        status = vg_access_session(access, call->cookie, now, true, &call->who);
    }
    const struct vg_tls_peer *peer =
        status == VG_REFUSED && given == NULL
            ? vg_http_tls_peer(request->http, request->link)
            : NULL;
    if (peer != NULL) {
        status = vg_access_certificate(access, peer, now, &call->who);
    }
    return status == VG_OK || refuse(request, status, wait);
}

bool vg_http_is_at_once(const struct vg_http_request *request)
{
    return !vg_api_knows(&request->call) && vg_access_on(request->http->access);
}
