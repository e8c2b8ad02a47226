/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificate, key and the clients' authority of the HTTP server: read, checked, and used by the
 * connections that began with them. The tls*.c are the only files that know GnuTLS, with
 * http_tls.c, which hands it libmicrohttpd's sessions.
 *
 * Ownership: a set is immutable and counted; it goes with its last user. Any thread.
 */
#ifndef VIGIL_SHELL_TLS_H
#define VIGIL_SHELL_TLS_H

#include "vigil/base.h"

struct vg_tls;
struct gnutls_session_int; /* a session of GnuTLS */

/* Paths of PEM files. client_ca "": clients are asked for no certificate. */
struct vg_tls_files {
    const char *cert, *key, *client_ca;
};

/* TLS 1.2 and 1.3, with forward secrecy and authenticated ciphers only: what every browser of
 * the last years speaks. */
#define VG_TLS_PRIORITIES                                                           \
    "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-AES-128-CBC:-AES-256-CBC:" \
    "%SERVER_PRECEDENCE"

/* VG_OK, VG_FAILED (unreadable), VG_REFUSED (no certificate, another's key, ...) or
 * VG_NO_MEMORY, with a sentence. Whether they have run out is vg_tls_until's. */
enum vg_status vg_tls_load(const struct vg_tls_files *files, struct vg_tls **out,
                           struct vg_error *error);
struct vg_tls *vg_tls_hold(struct vg_tls *tls); /* one user more */
void vg_tls_drop(struct vg_tls *tls);           /* NULL is fine */

/* Wall clock: when the first certificate of the chain, or of the authority (`ca`), runs out;
 * VG_NEVER where there is none. When the last of the chain begins to hold. */
struct vg_instant vg_tls_until(const struct vg_tls *tls, bool ca);
struct vg_instant vg_tls_from(const struct vg_tls *tls);
/* Why the server's own certificate does not hold at `now` ("has run out"), or NULL. */
const char *vg_tls_complaint(const struct vg_tls *tls, struct vg_instant now);

/* The session uses it from here on. The set must live as long as the session. VG_OK, VG_FAILED. */
enum vg_status vg_tls_apply(struct vg_tls *tls, struct gnutls_session_int *session);

/* Who a client's certificate says it is. */
#define VG_TLS_NAMES 8
#define VG_TLS_NAME  128
struct vg_tls_peer {
    size_t
        count; /* of names: the common name, then alternative ones (DNS, mail, URI) */
    char name[VG_TLS_NAMES][VG_TLS_NAME];
    struct vg_instant until; /* wall clock: the certificate's end */
};

/* False: it sent none, or none that the set's authority has issued for a client and that holds
 * now. After the handshake only. */
bool vg_tls_peer(struct gnutls_session_int *session, struct vg_tls_peer *out);

/* ---- tls_ask.c: as a client, for `vigil doctor` */

/* GET over the connected socket; the HTTP status, or 0 and a sentence. `same`: whether the server
 * showed the first certificate of the file `cert`. Nothing is trusted and nothing sent but the
 * path. */
struct vg_tls_question {
    int fd;
    const char *host, *path;
    const char *cert;
};
int vg_tls_ask(const struct vg_tls_question *question, bool *same,
               struct vg_error *error);

#endif
