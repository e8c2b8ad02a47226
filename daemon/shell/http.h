/* SPDX-License-Identifier: Apache-2.0
 *
 * The HTTP server, on threads of its own: so far only whether the daemon lives (/healthz)
 * and whether it is fit to be relied on (/readyz).
 */
#ifndef VIGIL_SHELL_HTTP_H
#define VIGIL_SHELL_HTTP_H

#include "vigil/base.h"

struct vg_http;

/* What is wrong with an address to listen on ("is not ..."), or NULL. */
const char *vg_http_listen_complaint(const char *listen);

/* Listens on "127.0.0.1:8470"; port 0 takes a free one. VG_OK, VG_REFUSED (the address),
 * VG_NO_MEMORY or VG_FAILED. */
enum vg_status vg_http_open(const char *listen, struct vg_http **out,
                            struct vg_error *error);
unsigned vg_http_port(const struct vg_http *http);
void vg_http_ready(struct vg_http *http, bool ready); /* any thread */
void vg_http_close(struct vg_http *http);             /* NULL is fine */

#endif
