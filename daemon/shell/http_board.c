/* SPDX-License-Identifier: Apache-2.0
 *
 * The ward board's files, from the program itself. A path is looked up in the table and in
 * nothing else: there is no folder to climb out of.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shell/board.h"
#include "shell/http_inside.h"

/* No code but our files', no frame around us, nothing sent elsewhere. */
static const char policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; media-src 'self'; manifest-src 'self'; "
    "worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

static const struct vg_board_file *find(const char *path)
{
    path = strcmp(path, "/index.html") == 0 ? "/" : path;
    for (size_t i = 0; i < vg_board_file_count; i++) {
        if (strcmp(vg_board_files[i].path, path) == 0) {
            return &vg_board_files[i];
        }
    }
    return NULL;
}

static struct MHD_Response *response_of(const unsigned char *bytes, size_t length)
{
    const union {
        const unsigned char *given;
        void *wanted; /* libmicrohttpd only reads what is persistent */
    } same = {.given = bytes};

    return MHD_create_response_from_buffer(length, same.wanted, MHD_RESPMEM_PERSISTENT);
}

/* What is sent of a file: as it is, packed, or the page as its ward speaks. */
struct sent {
    struct MHD_Response *response;
    const char *encoding; /* or NULL */
    char etag[48];
};

/* The page says what its ward speaks in the place that it has for that: two letters for two
 * blanks, so that its script asks nobody before the first word is painted. */
static bool say_language(const struct vg_board_file *file, const char *language,
                         struct sent *out)
{
    static const char place[] = "<meta name=\"vigil-language\" content=\"";
    const unsigned char *at =
        memmem(file->bytes, file->length, place, sizeof place - 1);
    char *text = at != NULL ? malloc(file->length) : NULL;

    if (text == NULL) {
        return false;
    }
    memcpy(text, file->bytes, file->length);
    memcpy(text + (at - file->bytes) + sizeof place - 1, language, 2);
    out->response =
        MHD_create_response_from_buffer(file->length, text, MHD_RESPMEM_MUST_FREE);
    (void)snprintf(out->etag, sizeof out->etag, "%.*s-%s\"",
                   (int)strlen(file->etag) - 1, file->etag, language);
    return true;
}

static void choose(const struct vg_http_request *request,
                   const struct vg_board_file *file, struct sent *out)
{
    const char *language = vg_http_language(request);
    const bool packed = request->gzip && file->packed != NULL;

    *out = (struct sent){.encoding = packed ? "gzip" : NULL};
    if (strcmp(file->path, "/") == 0 && language[0] != '\0' &&
        say_language(file, language, out)) {
        out->encoding = NULL;
        return;
    }
    (void)vg_copy(out->etag, sizeof out->etag, file->etag);
    out->response = packed ? response_of(file->packed, file->packed_length)
                           : response_of(file->bytes, file->length);
}

static enum MHD_Result send_file(struct vg_http_request *request,
                                 const struct vg_board_file *file)
{
    struct sent sent;

    choose(request, file, &sent);
    const bool same = vg_http_matches(request->if_none_match, sent.etag);
    if (same && sent.response != NULL) {
        MHD_destroy_response(sent.response);
        sent.response = response_of(file->bytes, 0);
    }
    struct MHD_Response *response = sent.response;
    if (response == NULL) {
        return MHD_NO;
    }
    (void)MHD_add_response_header(response, "ETag", sent.etag);
    (void)MHD_add_response_header(response, "Cache-Control", "no-cache");
    (void)MHD_add_response_header(response, "Vary", "Accept-Encoding");
    if (!same) {
        (void)MHD_add_response_header(response, "Content-Type", file->type);
    }
    if (!same && sent.encoding != NULL) {
        (void)MHD_add_response_header(response, "Content-Encoding", sent.encoding);
    }
    vg_http_page_headers(response, policy);
    vg_http_state_set(request->http, request->link, VG_HTTP_SENDING);
    const enum MHD_Result result =
        MHD_queue_response(request->connection, same ? 304 : 200, response);
    MHD_destroy_response(response);
    return result;
}

bool vg_http_is_board(const char *path)
{
    return find(path) != NULL;
}

bool vg_http_board(struct vg_http_request *request, enum MHD_Result *result)
{
    const struct vg_board_file *file = find(request->call.path);

    if (file == NULL || strcmp(request->call.method, "GET") != 0) {
        return false;
    }
    *result = send_file(request, file);
    return true;
}
