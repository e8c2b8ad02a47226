/* SPDX-License-Identifier: Apache-2.0
 *
 * An answer on its way out: what every answer says, whether it is what the client has already,
 * and whether it goes compressed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

#include "shell/audit_hash.h"
#include "shell/http_inside.h"

#define PACK_FROM 1024 /* bytes: less is not worth it */

/* ---- What the client has, and takes */

bool vg_http_takes_gzip(const char *accept_encoding)
{
    const char *at = accept_encoding;

    while (at != NULL && *at != '\0') {
        at += strspn(at, " \t,");
        const size_t length = strcspn(at, ",");
        const size_t word = strcspn(at, "; \t,");
        if ((word == 4 && strncasecmp(at, "gzip", 4) == 0) ||
            (word == 1 && at[0] == '*')) {
            char piece[64] = "";
            memcpy(piece, at, length < sizeof piece - 1 ? length : sizeof piece - 1);
            const char *q = strstr(piece, "q=");
            return q == NULL || strtod(q + 2, NULL) > 0;
        }
        at += length;
    }
    return false;
}

bool vg_http_matches(const char *list, const char *etag)
{
    const char *bare = strncmp(etag, "W/", 2) == 0 ? etag + 2 : etag;
    const size_t size = strlen(bare);

    while (list != NULL && *list != '\0') {
        list += strspn(list, " \t,");
        if (*list == '*') {
            return true;
        }
        list += strncmp(list, "W/", 2) == 0 ? 2 : 0;
        const size_t length = strcspn(list, ",");
        if (strncmp(list, bare, size) == 0 &&
            strspn(list + size, " \t") + size >= length) {
            return true;
        }
        list += length;
    }
    return false;
}

/* ---- Before it goes */

static void put_etag(struct vg_http_request *request)
{
    const struct vg_buffer *text = &request->answer.text;
    char digest[VG_AUDIT_HEX];

    if (text->length > 0) {
        vg_audit_digest((struct vg_slice){text->bytes, text->length}, digest);
        /* weak: the same for the plain and the compressed form */
        (void)snprintf(request->etag, sizeof request->etag, "W/\"%.32s\"", digest);
    }
}

/* Into what `out` has room for; false: it does not fit, or no memory. */
static bool deflate_into(const struct vg_buffer *in, struct vg_buffer *out)
{
    z_stream stream = {.next_in = (Bytef *)in->bytes,
                       .avail_in = (uInt)in->length,
                       .next_out = (Bytef *)out->bytes,
                       .avail_out = (uInt)out->capacity};

    if (deflateInit2(&stream, 5, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        return false;
    }
    const bool whole = deflate(&stream, Z_FINISH) == Z_STREAM_END;
    out->length = stream.total_out;
    (void)deflateEnd(&stream);
    return whole;
}

static void pack(struct vg_http_request *request)
{
    struct vg_buffer *text = &request->answer.text;
    struct vg_buffer out = {.bytes = malloc(text->length), .capacity = text->length};

    if (out.bytes == NULL || !deflate_into(text, &out)) {
        vg_buffer_finish(&out); /* it does not get smaller: it stays as it is */
        return;
    }
    vg_buffer_finish(text);
    *text = out;
    request->packed = true;
}

void vg_http_prepare(struct vg_http_request *request)
{
    if (request->answer.status == 200 && !request->answer.changing) {
        put_etag(request);
        request->unmodified = request->etag[0] != '\0' &&
                              vg_http_matches(request->if_none_match, request->etag);
    }
    if (!request->unmodified && request->gzip &&
        request->answer.text.length >= PACK_FROM) {
        pack(request);
    }
}

/* ---- Out */

static void add(struct MHD_Response *response, const char *name, const char *value)
{
    (void)MHD_add_response_header(response, name, value);
}

void vg_http_page_headers(struct MHD_Response *response, const char *policy)
{
    add(response, "X-Content-Type-Options", "nosniff");
    add(response, "X-Frame-Options", "DENY");
    add(response, "Referrer-Policy", "same-origin");
    add(response, "Cross-Origin-Resource-Policy", "same-origin");
    add(response, "Cross-Origin-Opener-Policy", "same-origin");
    add(response, "Content-Security-Policy", policy);
}

void vg_http_common_headers(struct MHD_Response *response)
{
    vg_http_page_headers(response, "default-src 'none'; frame-ancestors 'none'");
}

static void add_headers(const struct vg_http_request *request,
                        struct MHD_Response *response)
{
    const struct vg_api_answer *answer = &request->answer;
    char text[512];

    if (!request->unmodified) {
        add(response, "Content-Type", answer->type);
    }
    add(response, "Cache-Control",
        request->etag[0] != '\0' ? "private, no-cache" : "no-store");
    add(response, "Vary", "Accept-Encoding");
    if (request->etag[0] != '\0') {
        add(response, "ETag", request->etag);
    }
    if (request->packed) {
        add(response, "Content-Encoding", "gzip");
    }
    if (answer->allow != NULL) {
        add(response, "Allow", answer->allow);
    }
    if (answer->location != NULL) {
        add(response, "Location", answer->location);
    }
    if (answer->cookie[0] != '\0') {
        add(response, "Set-Cookie", answer->cookie);
    }
    if (answer->status == 401) {
        add(response, "WWW-Authenticate", "Bearer realm=\"vigil\"");
    }
    if (answer->retry_s > 0) {
        (void)snprintf(text, sizeof text, "%d", answer->retry_s);
        add(response, "Retry-After", text);
    }
    if (answer->file != NULL) {
        (void)snprintf(text, sizeof text, "attachment; filename=\"%s\"", answer->file);
        add(response, "Content-Disposition", text);
    }
    if (answer->next != NULL && snprintf(text, sizeof text, "<%s>; rel=\"next\"",
                                         answer->next) < (int)sizeof text) {
        add(response, "Link", text);
    }
    if (request->close) {
        add(response, "Connection", "close");
    }
}

/* The log-in form. */
static bool answer_is_page(const struct vg_http_request *request)
{
    return request->answer.type != NULL &&
           strncmp(request->answer.type, "text/html", 9) == 0;
}

enum MHD_Result vg_http_reply(struct vg_http_request *request)
{
    struct vg_buffer *text = &request->answer.text;
    const bool empty = request->unmodified || text->bytes == NULL;
    static char nothing[1];
    struct MHD_Response *response =
        empty ? MHD_create_response_from_buffer(0, nothing, MHD_RESPMEM_PERSISTENT)
              : MHD_create_response_from_buffer(text->length, text->bytes,
                                                MHD_RESPMEM_MUST_FREE);

    if (response == NULL) {
        return MHD_NO;
    }
    if (!empty) {
        *text = (struct vg_buffer){0}; /* the response's now */
    }
    add_headers(request, response);
    if (answer_is_page(request)) {
        vg_http_page_headers(response, vg_http_form_policy);
    } else {
        vg_http_common_headers(response);
    }
    vg_http_state_set(request->http, request->link, VG_HTTP_SENDING);
    const enum MHD_Result result = MHD_queue_response(
        request->connection, request->unmodified ? 304 : request->answer.status,
        response);
    MHD_destroy_response(response);
    return result;
}
