/* SPDX-License-Identifier: Apache-2.0
 *
 * The HTTP server, on threads of its own: one that talks to connections and never waits, a few
 * that answer what needs the store (api.h), one that wakes streams and ends what takes too long.
 * They know of the daemon what live.h and the store's readers say; what people ask goes into the
 * inbox as a letter. Nothing here can delay the loop thread.
 *
 * Limits are the settings' (http.*): connections, of these from one address, streams, bytes of
 * head and body, and the time in which a request must be complete.
 */
#ifndef VIGIL_SHELL_HTTP_H
#define VIGIL_SHELL_HTTP_H

#include "vigil/base.h"

struct vg_http;
struct vg_settings;
struct vg_live;
struct vg_inbox;
struct vg_access;
struct vg_log;
struct vg_limits_shown;

/* All borrowed until vg_http_close. */
struct vg_http_setup {
    const struct vg_settings *settings;
    struct vg_live *live;
    struct vg_inbox *inbox;
    struct vg_access *access;
    struct vg_log *log;
    struct vg_limits_shown *limits;
};

/* Commands that came by HTTP carry a client's name that begins so; their answers go back by
 * vg_live_answer. */
#define VG_HTTP_CLIENT "http-"
/* The same for messages, by the number that item->waits of the inbox has. */
#define VG_HTTP_POST "post-%llu"
/* An answer to a message that begins so is why its sender may not enter it: nothing was. */
#define VG_HTTP_FORBIDDEN "forbidden: "

/* What is wrong with its settings taken together: TLS needs both files, beyond loopback needs
 * TLS and users. The name of the setting and a sentence, or NULL. The files are not looked at. */
const char *vg_http_settings_fault(const struct vg_settings *settings,
                                   struct vg_error *error);

/* What is wrong with a list of names that are ours ("must be ..."), or NULL. */
const char *vg_http_names_complaint(const char *names);

/* What is wrong with an address to listen on ("is not ..."), or NULL. */
const char *vg_http_listen_complaint(const char *listen);

/* Listens on the setting http.listen; port 0 takes a free one. VG_OK, VG_REFUSED (the address),
 * VG_NO_MEMORY or VG_FAILED. */
enum vg_status vg_http_open(const struct vg_http_setup *setup, struct vg_http **out,
                            struct vg_error *error);
unsigned vg_http_port(const struct vg_http *http);
void vg_http_ready(struct vg_http *http, bool ready); /* any thread */
/* Reads its certificates again, soon; they are also when a file has changed. Any thread. */
void vg_http_reload(struct vg_http *http);

/* Its certificates as they are in use. False: it has none. Any thread. */
#define VG_HTTP_TLS_FAULT 200
struct vg_http_tls_state {
    struct vg_instant until, ca_until; /* wall clock; VG_NEVER: none */
    char fault[VG_HTTP_TLS_FAULT];     /* why newer files are not taken; "" */
};
bool vg_http_tls_look(struct vg_http *http, struct vg_http_tls_state *out);

void vg_http_close(struct vg_http *http); /* NULL is fine */

#endif
