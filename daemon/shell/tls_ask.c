/* SPDX-License-Identifier: Apache-2.0
 *
 * One question over TLS, for `vigil doctor`: does the server answer, and by which certificate?
 */
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shell/tls.h"

#define WITHIN 3000 /* ms */

/* The first certificate of a PEM file as it goes over the wire; false: none. */
static bool first_of(const char *path, gnutls_datum_t *out)
{
    gnutls_datum_t pem = {NULL, 0};
    gnutls_x509_crt_t *list = NULL;
    unsigned count = 0;
    bool got = false;

    if (gnutls_load_file(path, &pem) < 0) {
        return false;
    }
    if (gnutls_x509_crt_list_import2(&list, &count, &pem, GNUTLS_X509_FMT_PEM, 0) >=
        0) {
        got = count > 0 &&
              gnutls_x509_crt_export2(list[0], GNUTLS_X509_FMT_DER, out) >= 0;
        for (unsigned i = 0; i < count; i++) {
            gnutls_x509_crt_deinit(list[i]);
        }
        gnutls_free(list);
    }
    gnutls_free(pem.data);
    return got;
}

static bool is_shown(gnutls_session_t session, const char *path)
{
    gnutls_datum_t own = {NULL, 0};
    unsigned count = 0;
    const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &count);
    const bool same = chain != NULL && count > 0 && first_of(path, &own) &&
                      own.size == chain[0].size &&
                      memcmp(own.data, chain[0].data, own.size) == 0;

    gnutls_free(own.data);
    return same;
}

static int ask(gnutls_session_t session, const struct vg_tls_question *question)
{
    char text[512];
    char answer[16] = "";
    const int length = snprintf(
        text, sizeof text, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n",
        question->path, question->host);
    ssize_t got = -1;

    if (gnutls_record_send(session, text, (size_t)length) == length) {
        got = gnutls_record_recv(session, answer, sizeof answer - 1);
    }
    return got >= 12 && strncmp(answer, "HTTP/1.", 7) == 0
               ? (int)strtol(answer + 9, NULL, 10)
               : 0;
}

int vg_tls_ask(const struct vg_tls_question *question, bool *same,
               struct vg_error *error)
{
    gnutls_certificate_credentials_t credentials = NULL;
    gnutls_session_t session = NULL;
    int status = 0;
    int code = gnutls_certificate_allocate_credentials(&credentials);

    *same = false;
    code = code < 0 ? code : gnutls_init(&session, GNUTLS_CLIENT | GNUTLS_NO_SIGNAL);
    code = code < 0 ? code : gnutls_set_default_priority(session);
    code = code < 0
               ? code
               : gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials);
    if (code >= 0) {
        gnutls_transport_set_int(session, question->fd);
        gnutls_handshake_set_timeout(session, WITHIN);
        gnutls_record_set_timeout(session, WITHIN);
        do {
            code = gnutls_handshake(session);
        } while (code < 0 && gnutls_error_is_fatal(code) == 0);
    }
    if (code < 0) {
        vg_error_set(error, "it does not speak TLS: %s", gnutls_strerror(code));
    } else {
        *same = is_shown(session, question->cert);
        status = ask(session, question);
        if (status == 0) {
            vg_error_set(error, "it speaks TLS, but does not answer as an HTTP server");
        }
    }
    if (session != NULL) {
        gnutls_deinit(session);
    }
    if (credentials != NULL) {
        gnutls_certificate_free_credentials(credentials);
    }
    return status;
}
