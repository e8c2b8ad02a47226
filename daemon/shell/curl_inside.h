/* SPDX-License-Identifier: Apache-2.0
 *
 * What curl_loop.c and curl_transfer.c know of each other.
 */
#ifndef VIGIL_SHELL_CURL_INSIDE_H
#define VIGIL_SHELL_CURL_INSIDE_H

#include "shell/curl_library.h"
#include "shell/curl_loop.h"

struct vg_curl {
    struct vg_curl_library lib;
    uv_loop_t *loop;
    CURLM *multi;
    uv_timer_t timer;
    size_t handles;                   /* of libuv that are not closed yet */
    bool closing;                     /* the last handle frees this */
    struct vg_curl_transfer *flights; /* on their way, linked both ways */
};

struct vg_curl_transfer {
    struct vg_curl *curl;
    struct vg_curl_transfer *next, *previous;
    CURL *easy;
    struct curl_slist *headers, *recipients;
    char *body;
    size_t length, read; /* SMTP: how much libcurl has taken of it */
    bool mail;
    vg_curl_fn *done;
    void *to;
    char error[CURL_ERROR_SIZE];
};

/* Into `place`, a `type`, what libcurl knows of a transfer. */
#define VG_CURL_ASK(transfer, what, type, place) \
    (void)(transfer)->curl->lib.easy_getinfo((transfer)->easy, (what), (type *){place})

/* How it ended: VG_OK, or VG_FAILED with a sentence. */
enum vg_status vg_curl_outcome(struct vg_curl_transfer *transfer, CURLcode code,
                               struct vg_error *why);

#endif
