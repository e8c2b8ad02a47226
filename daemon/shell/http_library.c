/* SPDX-License-Identifier: Apache-2.0
 *
 * What libmicrohttpd refuses by itself, before anybody here is asked: it would send a page of HTML. Each answer of
 * its own goes through MHD_queue_response by the dynamic linker's table, so that one of this name in the program
 * comes first; another one that does not, costs the problem and nothing else.
 */
#include <dlfcn.h>
#include <string.h>

#include "shell/http_inside.h"

typedef enum MHD_Result queue_fn(struct MHD_Connection *connection, unsigned status,
                                 struct MHD_Response *response);

static queue_fn *library(void)
{
    void *address = dlsym(RTLD_NEXT, "MHD_queue_response");
    queue_fn *queue = NULL;

    /* A pointer to data becomes one to a function: POSIX says that they are alike. */
    memcpy(&queue, &address, sizeof address);
    return queue;
}

static const char *sentence_of(unsigned status)
{
    static const struct {
        unsigned status;
        const char *sentence;
    } rows[] = {
        {400, "this is no request that can be read"},
        {413, "the body is longer than is taken (http.body)"},
        {414, "the address is longer than is taken (http.header)"},
        {431, "the head is longer than is taken (http.header)"},
        {505, "HTTP/1.1 and HTTP/1.0 are spoken here"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].status == status) {
            return rows[i].sentence;
        }
    }
    return "the request cannot be answered";
}

/* Version 0.9.75 puts the head of such a refusal twice, and a client takes the second one for the
 * body: then it gets none. */
static bool head_comes_twice(struct MHD_Connection *connection)
{
    const char *length = vg_http_header(connection, "Content-Length");

    return length != NULL && !vg_http_is_length(length);
}

static struct MHD_Response *problem(struct MHD_Connection *connection, unsigned status)
{
    static char nothing[1];
    const struct vg_api_call call = {.path = ""};
    struct vg_api_answer answer = {0};

    if (head_comes_twice(connection)) {
        return MHD_create_response_from_buffer(0, nothing, MHD_RESPMEM_PERSISTENT);
    }
    vg_api_problem(&call, &answer, status, "%s", sentence_of(status));
    if (answer.text.failed) {
        vg_buffer_finish(&answer.text);
        return NULL;
    }
    struct MHD_Response *response = MHD_create_response_from_buffer(
        answer.text.length, answer.text.bytes, MHD_RESPMEM_MUST_FREE);
    if (response == NULL) {
        vg_buffer_finish(&answer.text);
        return NULL;
    }
    (void)MHD_add_response_header(response, "Content-Type", answer.type);
    (void)MHD_add_response_header(response, "Cache-Control", "no-store");
    vg_http_common_headers(response);
    return response;
}

/* What every answer of ours has. */
static bool is_ours(struct MHD_Response *response)
{
    return MHD_get_response_header(response, "X-Content-Type-Options") != NULL;
}

__attribute__((visibility("default"))) enum MHD_Result
MHD_queue_response(struct MHD_Connection *connection, unsigned status,
                   struct MHD_Response *response)
{
    queue_fn *queue = library();
    if (queue == NULL) {
        return MHD_NO; /* the connection is closed, and the daemon goes on */
    }
    struct MHD_Response *mine =
        status < 400 || is_ours(response) ? NULL : problem(connection, status);

    if (mine == NULL) {
        return queue(connection, status, response);
    }
    const enum MHD_Result result = queue(connection, status, mine);
    MHD_destroy_response(mine);
    return result;
}
