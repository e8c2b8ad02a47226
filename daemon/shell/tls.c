/* SPDX-License-Identifier: Apache-2.0
 *
 * See tls.h.
 */
#include "shell/tls.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define MOST (1024 * 1024) /* bytes of a file */

struct vg_tls {
    atomic_size_t users;
    gnutls_certificate_credentials_t credentials;
    bool asks; /* clients for a certificate */
    struct vg_instant from, until, ca_until;
};

/* ---- Reading */

static struct vg_instant instant_of(time_t seconds)
{
    return seconds == (time_t)-1 ? VG_NEVER
                                 : (struct vg_instant){(vg_ms)seconds * VG_SECOND};
}

static enum vg_status read_file(const char *name, const char *path, gnutls_datum_t *out,
                                struct vg_error *error)
{
    const int code = gnutls_load_file(path, out);

    if (code < 0) {
        out->data = NULL;
        vg_error_set(error, "%s: cannot read \"%.120s\": %s", name, path,
                     errno != 0 ? strerrordesc_np(errno) : gnutls_strerror(code));
        return VG_FAILED;
    }
    if (out->size > MOST) {
        vg_error_set(error, "%s: \"%.120s\" is too long for a certificate", name, path);
        return VG_REFUSED;
    }
    return VG_OK;
}

static void wipe(gnutls_datum_t *datum)
{
    if (datum->data != NULL) {
        explicit_bzero(datum->data, datum->size);
    }
    gnutls_free(datum->data);
    datum->data = NULL;
}

/* When the first of them runs out and the last begins. VG_REFUSED: there is none. */
static enum vg_status span_of(const gnutls_datum_t *pem, struct vg_instant *from,
                              struct vg_instant *until)
{
    gnutls_x509_crt_t *list = NULL;
    unsigned count = 0;

    if (gnutls_x509_crt_list_import2(&list, &count, pem, GNUTLS_X509_FMT_PEM, 0) < 0 ||
        count == 0) {
        gnutls_free(list);
        return VG_REFUSED;
    }
    *from = VG_UNSET;
    *until = VG_NEVER;
    for (unsigned i = 0; i < count; i++) {
        *until = vg_earlier(*until,
                            instant_of(gnutls_x509_crt_get_expiration_time(list[i])));
        *from =
            vg_later(*from, instant_of(gnutls_x509_crt_get_activation_time(list[i])));
        gnutls_x509_crt_deinit(list[i]);
    }
    gnutls_free(list);
    return VG_OK;
}

static enum vg_status take_pair(struct vg_tls *tls, const struct vg_tls_files *files,
                                struct vg_error *error)
{
    gnutls_datum_t cert = {NULL, 0};
    gnutls_datum_t key = {NULL, 0};
    enum vg_status status = read_file("http.cert", files->cert, &cert, error);

    if (status == VG_OK) {
        status = read_file("http.key", files->key, &key, error);
    }
    if (status == VG_OK && span_of(&cert, &tls->from, &tls->until) != VG_OK) {
        vg_error_set(error, "http.cert: \"%.120s\" holds no certificate in PEM form",
                     files->cert);
        status = VG_REFUSED;
    }
    if (status == VG_OK) {
        const int code = gnutls_certificate_set_x509_key_mem2(
            tls->credentials, &cert, &key, GNUTLS_X509_FMT_PEM, NULL, 0);
        status = code < 0 ? VG_REFUSED : VG_OK;
        if (code == GNUTLS_E_CERTIFICATE_KEY_MISMATCH) {
            vg_error_set(error,
                         "http.key: \"%.100s\" is not the key of the first certificate "
                         "in \"%.100s\"",
                         files->key, files->cert);
        } else if (code < 0) {
            vg_error_set(error, "http.key: cannot use \"%.120s\": %s", files->key,
                         gnutls_strerror(code));
        }
    }
    wipe(&cert);
    wipe(&key);
    return status;
}

static enum vg_status take_ca(struct vg_tls *tls, const char *path,
                              struct vg_error *error)
{
    gnutls_datum_t ca = {NULL, 0};
    struct vg_instant from;
    enum vg_status status = read_file("http.client_ca", path, &ca, error);

    if (status == VG_OK && (span_of(&ca, &from, &tls->ca_until) != VG_OK ||
                            gnutls_certificate_set_x509_trust_mem(
                                tls->credentials, &ca, GNUTLS_X509_FMT_PEM) < 1)) {
        vg_error_set(
            error, "http.client_ca: \"%.120s\" holds no certificate in PEM form", path);
        status = VG_REFUSED;
    }
    tls->asks = true;
    wipe(&ca);
    return status;
}

enum vg_status vg_tls_load(const struct vg_tls_files *files, struct vg_tls **out,
                           struct vg_error *error)
{
    struct vg_tls *tls = calloc(1, sizeof *tls);

    if (tls == NULL || gnutls_certificate_allocate_credentials(&tls->credentials) < 0) {
        free(tls);
        vg_error_set(error, "no memory for the certificates");
        return VG_NO_MEMORY;
    }
    atomic_store(&tls->users, 1);
    tls->ca_until = VG_NEVER;
    enum vg_status status = take_pair(tls, files, error);
    if (status == VG_OK && files->client_ca[0] != '\0') {
        status = take_ca(tls, files->client_ca, error);
    }
    if (status != VG_OK) {
        vg_tls_drop(tls);
        return status;
    }
    *out = tls;
    return VG_OK;
}

struct vg_tls *vg_tls_hold(struct vg_tls *tls)
{
    (void)atomic_fetch_add(&tls->users, 1);
    return tls;
}

void vg_tls_drop(struct vg_tls *tls)
{
    if (tls != NULL && atomic_fetch_sub(&tls->users, 1) == 1) {
        gnutls_certificate_free_credentials(tls->credentials);
        free(tls);
    }
}

struct vg_instant vg_tls_until(const struct vg_tls *tls, bool ca)
{
    return ca ? tls->ca_until : tls->until;
}

struct vg_instant vg_tls_from(const struct vg_tls *tls)
{
    return tls->from;
}

const char *vg_tls_complaint(const struct vg_tls *tls, struct vg_instant now)
{
    return tls->until.ms <= now.ms ? "has run out"
           : tls->from.ms > now.ms ? "does not hold yet"
                                   : NULL;
}

/* ---- Sessions */

enum vg_status vg_tls_apply(struct vg_tls *tls, struct gnutls_session_int *session)
{
    if (gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, tls->credentials) < 0) {
        return VG_FAILED;
    }
    gnutls_certificate_server_set_request(session, tls->asks ? GNUTLS_CERT_REQUEST
                                                             : GNUTLS_CERT_IGNORE);
    return VG_OK;
}

/* Names hold no character that could be taken for another name's end. */
static void add_name(struct vg_tls_peer *peer, const char *text, size_t size)
{
    bool plain = size > 0 && size < VG_TLS_NAME && peer->count < VG_TLS_NAMES;

    for (size_t i = 0; plain && i < size; i++) {
        plain = text[i] > ' ' && text[i] != '\x7f';
    }
    if (plain) {
        memcpy(peer->name[peer->count], text, size);
        peer->name[peer->count++][size] = '\0';
    }
}

static void take_names(struct vg_tls_peer *peer, gnutls_x509_crt_t certificate)
{
    char text[VG_TLS_NAME];
    size_t size = sizeof text;

    if (gnutls_x509_crt_get_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0, 0,
                                      text, &size) >= 0) {
        add_name(peer, text, size);
    }
    for (unsigned i = 0; i < 2 * VG_TLS_NAMES; i++) {
        size = sizeof text;
        const int kind =
            gnutls_x509_crt_get_subject_alt_name(certificate, i, text, &size, NULL);
        if (kind == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) {
            return;
        }
        if (kind == GNUTLS_SAN_DNSNAME || kind == GNUTLS_SAN_RFC822NAME ||
            kind == GNUTLS_SAN_URI) {
            add_name(peer, text, size);
        }
    }
}

bool vg_tls_peer(struct gnutls_session_int *session, struct vg_tls_peer *out)
{
    char purpose[] = GNUTLS_KP_TLS_WWW_CLIENT;
    gnutls_typed_vdata_st wanted = {
        .type = GNUTLS_DT_KEY_PURPOSE_OID, .data = (unsigned char *)purpose, .size = 0};
    unsigned status = 0;
    unsigned count = 0;
    gnutls_x509_crt_t certificate;

    memset(out, 0, sizeof *out);
    const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &count);
    if (chain == NULL || count == 0 ||
        gnutls_certificate_verify_peers(session, &wanted, 1, &status) < 0 ||
        status != 0 || gnutls_x509_crt_init(&certificate) < 0) {
        return false;
    }
    const bool readable =
        gnutls_x509_crt_import(certificate, &chain[0], GNUTLS_X509_FMT_DER) >= 0;
    if (readable) {
        take_names(out, certificate);
        out->until = instant_of(gnutls_x509_crt_get_expiration_time(certificate));
    }
    gnutls_x509_crt_deinit(certificate);
    return readable && out->count > 0;
}
