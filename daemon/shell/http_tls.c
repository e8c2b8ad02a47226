/* SPDX-License-Identifier: Apache-2.0
 *
 * TLS of the HTTP server: which certificate a connection begins with, who its client is, and
 * certificates that are renewed while it runs.
 *
 * A connection keeps the set it began with (tls.h); a new one is swapped in for those to come. A
 * new file that is faulty or has run out changes nothing, and is a trouble once it has lasted:
 * a certificate and its key are two files, and are never written at the same instant.
 */
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <string.h>

#include "shell/clock.h"
#include "shell/http_inside.h"

#define LOOK_EVERY  VG_SECOND
#define FAULT_AFTER (10 * VG_SECOND)

bool vg_http_tls_on(const struct vg_http *http)
{
    return http->settings->http_cert[0] != '\0';
}

static struct vg_tls_files files_of(const struct vg_http *http)
{
    const struct vg_settings *s = http->settings;

    return (struct vg_tls_files){s->http_cert, s->http_key, s->http_client_ca};
}

/* ---- The files */

/* True: one of them is another than at the last look. */
static bool look_at_files(struct vg_http *http)
{
    const struct vg_tls_files files = files_of(http);
    const char *const paths[VG_HTTP_TLS_FILES] = {files.cert, files.key,
                                                  files.client_ca};
    bool changed = false;

    for (size_t i = 0; i < VG_HTTP_TLS_FILES; i++) {
        struct stat *then = &http->tls.file[i];
        struct stat now = {0};
        if (paths[i][0] == '\0' || stat(paths[i], &now) != 0) {
            now.st_ino = 0;
        }
        changed = changed || now.st_ino != then->st_ino ||
                  now.st_size != then->st_size ||
                  now.st_mtim.tv_sec != then->st_mtim.tv_sec ||
                  now.st_mtim.tv_nsec != then->st_mtim.tv_nsec;
        *then = now;
    }
    return changed;
}

enum vg_status vg_http_tls_begin(struct vg_http *http, struct vg_error *error)
{
    const struct vg_tls_files files = files_of(http);

    if (!vg_http_tls_on(http)) {
        return VG_OK;
    }
    (void)look_at_files(http);
    const enum vg_status status = vg_tls_load(&files, &http->tls.now, error);
    const char *wrong =
        status == VG_OK ? vg_tls_complaint(http->tls.now, vg_clock_wall()) : NULL;
    if (wrong != NULL) { /* a browser's warning is less than no board */
        vg_log_write(http->log, VG_LOG_WARNING, "tls.unsound",
                     "http.cert: the certificate %s; it is used all the same", wrong);
    }
    return status;
}

void vg_http_tls_end(struct vg_http *http)
{
    vg_tls_drop(http->tls.now);
    http->tls.now = NULL;
}

/* What would be shown to everybody from now on must hold now. */
static enum vg_status judge(const struct vg_tls *tls, struct vg_error *error)
{
    const char *wrong = vg_tls_complaint(tls, vg_clock_wall());

    if (wrong != NULL) {
        vg_error_set(error, "http.cert: the new certificate %s", wrong);
    }
    return wrong == NULL ? VG_OK : VG_REFUSED;
}

static void take(struct vg_http *http, struct vg_tls *fresh)
{
    (void)pthread_mutex_lock(&http->lock);
    struct vg_tls *old = http->tls.now;
    http->tls.now = fresh;
    http->tls.faulty = 0;
    (void)pthread_mutex_unlock(&http->lock);
    vg_tls_drop(old);
    vg_log_write(http->log, VG_LOG_NOTICE, "tls.read",
                 "new certificates are in use for connections from now on");
}

static void refuse(struct vg_http *http, const struct vg_error *error, vg_ms now)
{
    (void)pthread_mutex_lock(&http->lock);
    http->tls.faulty = http->tls.faulty != 0 ? http->tls.faulty : now;
    (void)vg_copy(http->tls.fault, sizeof http->tls.fault, error->text);
    (void)pthread_mutex_unlock(&http->lock);
    vg_log_write(http->log, VG_LOG_WARNING, "tls.refused",
                 "the certificates were not read again, the old ones stay: %s",
                 error->text);
}

void vg_http_tls_watch(struct vg_http *http, vg_ms now)
{
    const struct vg_tls_files files = files_of(http);
    const bool asked = atomic_exchange(&http->tls.asked, false);
    struct vg_tls *fresh = NULL;
    struct vg_error error = {""};

    if (!vg_http_tls_on(http) || (!asked && now - http->tls.looked < LOOK_EVERY)) {
        return;
    }
    http->tls.looked = now;
    if (!look_at_files(http) && !asked) {
        return;
    }
    if (vg_tls_load(&files, &fresh, &error) == VG_OK && judge(fresh, &error) == VG_OK) {
        take(http, fresh);
        return;
    }
    vg_tls_drop(fresh);
    refuse(http, &error, now);
}

void vg_http_reload(struct vg_http *http)
{
    atomic_store(&http->tls.asked, true);
}

bool vg_http_tls_look(struct vg_http *http, struct vg_http_tls_state *out)
{
    const vg_ms now = vg_clock_boot();

    memset(out, 0, sizeof *out);
    if (http == NULL || !vg_http_tls_on(http)) {
        return false;
    }
    (void)pthread_mutex_lock(&http->lock);
    out->until = vg_tls_until(http->tls.now, false);
    out->ca_until = vg_tls_until(http->tls.now, true);
    if (http->tls.faulty != 0 && now - http->tls.faulty >= FAULT_AFTER) {
        (void)vg_copy(out->fault, sizeof out->fault, http->tls.fault);
    } else if (vg_tls_from(http->tls.now).ms >
               vg_clock_wall().ms) { /* since the start */
        (void)vg_copy(out->fault, sizeof out->fault,
                      "http.cert: the certificate in use does not hold yet");
    }
    (void)pthread_mutex_unlock(&http->lock);
    return true;
}

/* ---- Connections */

static struct gnutls_session_int *session_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);

    return info != NULL ? info->tls_session : NULL;
}

/* The link uses the present set from here on. */
static void use_present(struct vg_http *http, struct vg_http_link *link)
{
    struct gnutls_session_int *session = session_of(link->connection);

    (void)pthread_mutex_lock(&http->lock);
    struct vg_tls *old = link->tls;
    link->tls = vg_tls_hold(http->tls.now);
    (void)pthread_mutex_unlock(&http->lock);
    if (session == NULL || vg_tls_apply(link->tls, session) != VG_OK) {
        (void)shutdown(link->socket, SHUT_RDWR);
    }
    link->peer_asked = false;
    vg_tls_drop(old);
}

void vg_http_tls_connected(struct vg_http *http, struct vg_http_link *link)
{
    if (vg_http_tls_on(http)) {
        use_present(http, link);
    }
}

const struct vg_tls_peer *vg_http_tls_peer(struct vg_http *http,
                                           struct vg_http_link *link)
{
    if (link->tls == NULL) {
        return NULL;
    }
    (void)pthread_mutex_lock(&http->lock);
    const bool other = link->tls != http->tls.now;
    (void)pthread_mutex_unlock(&http->lock);
    if (other) { /* the authority may be another: it is judged again */
        use_present(http, link);
    }
    if (!link->peer_asked) {
        link->peer_known = vg_tls_peer(session_of(link->connection), &link->peer);
        link->peer_asked = true;
    }
    return link->peer_known && vg_clock_wall().ms < link->peer.until.ms ? &link->peer
                                                                        : NULL;
}

/* Each connection has its own set from its first instant: this one is never asked.
 * NOLINTBEGIN(readability-function-size,readability-non-const-parameter): GnuTLS's type */
static int no_certificate(gnutls_session_t session, const gnutls_datum_t *names,
                          int name_count, const gnutls_pk_algorithm_t *algorithms,
                          int algorithm_count, gnutls_pcert_st **certificate,
                          unsigned *length, gnutls_privkey_t *key)
/* NOLINTEND(readability-function-size,readability-non-const-parameter) */
{
    (void)session;
    (void)names;
    (void)name_count;
    (void)algorithms;
    (void)algorithm_count;
    (void)certificate;
    (void)length;
    (void)key;
    return -1;
}

unsigned vg_http_tls_options(const struct vg_http *http,
                             struct MHD_OptionItem out[VG_HTTP_TLS_OPTIONS])
{
    static char priorities[] = VG_TLS_PRIORITIES;
    const union {
        gnutls_certificate_retrieve_function2 *given;
        void *wanted; /* libmicrohttpd turns it back */
    } same = {.given = no_certificate};
    size_t n = 0;

    if (vg_http_tls_on(http)) {
        out[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_PRIORITIES, 0, priorities};
        out[n++] =
            (struct MHD_OptionItem){MHD_OPTION_HTTPS_CERT_CALLBACK, 0, same.wanted};
    }
    out[n] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
    return n > 0 ? MHD_USE_TLS : 0;
}
