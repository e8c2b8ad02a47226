/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests over HTTP and SMTP on the libuv loop. The files curl_*.c are the only ones that
 * know libcurl; channels hand over a request and hear once how it ended.
 *
 * Everything is called on the loop thread and nothing blocks it: libcurl resolves names on
 * a thread of its own, which is left behind when it takes too long.
 */
#ifndef VIGIL_SHELL_CURL_LOOP_H
#define VIGIL_SHELL_CURL_LOOP_H

#include <uv.h>

#include "vigil/base.h"

#define VG_CURL_CONNECT (3 * VG_SECOND)  /* name, connection and TLS */
#define VG_CURL_WHOLE   (10 * VG_SECOND) /* until the last byte of the answer */

/* All is copied. Absent texts are NULL. */
struct vg_curl_request {
    const char *url; /* http, https, smtp or smtps; nothing else is spoken */
    const char *ca;  /* trusted instead of the system's authorities */
    const char *username, *password;
    size_t header_count; /* HTTP: "Name: value" */
    const char *const *header;
    const char *mail_from, *mail_to; /* SMTP, bare mail boxes */
    bool plain;                      /* SMTP: without STARTTLS */
    const char *body;
    size_t length;
};

/* VG_OK: the server has taken it (2xx). VG_FAILED: it has not, or nobody knows; `why` is a
 * sentence with nothing of the request's body or of the answer's text. */
typedef void vg_curl_fn(void *to, enum vg_status status, const char *why);

struct vg_curl;
struct vg_curl_transfer;

/* Whether libcurl can be loaded on this machine; if not, a sentence why. */
bool vg_curl_present(struct vg_error *error);

/* VG_OK, VG_NO_MEMORY, VG_ABSENT (no libcurl on this machine) or VG_FAILED. */
enum vg_status vg_curl_open(uv_loop_t *loop, struct vg_curl **out,
                            struct vg_error *error);

/* Gives up what is under way, without a word. The loop must turn afterwards until its
 * handles are closed. Not from inside a vg_curl_fn. */
void vg_curl_close(struct vg_curl *curl);

/* A request made ready; nothing is sent yet. NULL: no memory, or libcurl refused it. */
struct vg_curl_transfer *vg_curl_prepare(struct vg_curl *curl,
                                         const struct vg_curl_request *request,
                                         vg_curl_fn *done, void *to);

/* Sends it. VG_OK: `done` will be called, never from inside this call, and the transfer is
 * gone then; VG_FAILED: it is still the caller's. */
enum vg_status vg_curl_go(struct vg_curl_transfer *transfer);

/* Drops one that was not sent. */
void vg_curl_drop(struct vg_curl_transfer *transfer);

#endif
