/* SPDX-License-Identifier: Apache-2.0
 *
 * The ward board's files, from the program itself. A path is looked up in the table and in
 * nothing else: there is no folder to climb out of.
 */
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

static enum MHD_Result send_file(struct vg_http_request *request,
                                 const struct vg_board_file *file)
{
    const bool packed = request->gzip && file->packed != NULL;
    const bool same = vg_http_matches(request->if_none_match, file->etag);
    struct MHD_Response *response = same ? response_of(file->bytes, 0)
                                    : packed
                                        ? response_of(file->packed, file->packed_length)
                                        : response_of(file->bytes, file->length);

    if (response == NULL) {
        return MHD_NO;
    }
    (void)MHD_add_response_header(response, "ETag", file->etag);
    (void)MHD_add_response_header(response, "Cache-Control", "no-cache");
    (void)MHD_add_response_header(response, "Vary", "Accept-Encoding");
    if (!same) {
        (void)MHD_add_response_header(response, "Content-Type", file->type);
    }
    if (!same && packed) {
        (void)MHD_add_response_header(response, "Content-Encoding", "gzip");
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
