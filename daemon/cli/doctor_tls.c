/* SPDX-License-Identifier: Apache-2.0
 *
 * vigil doctor: why TLS with the broker fails. The library beneath MQTT says only that there is no connection, so
 * it is tried once more, as far as the handshake goes, with the same files.
 */
#include "cli/doctor_tls.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#define WITHIN 3 /* s */

static const char other_authority[] =
    "Let mqtt.ca be the authority that made the broker's certificate.";
static const char other_name[] =
    "Let mqtt.url name the broker as its certificate does, or have one made for the "
    "name that stands there.";
static const char ours_missing[] =
    "The broker wants a certificate: give mqtt.cert and mqtt.key.";
static const char ours_refused[] =
    "Let mqtt.cert and mqtt.key be a pair that holds today and that the broker's "
    "authority (its cafile) has made for a client.";
static const char no_tls[] =
    "Somebody listens there who speaks no TLS that fits: mqtt.url must have the port of "
    "the broker's TLS listener.";

/* What is wrong with the broker's certificate. */
static const char *mend_of(long verdict)
{
    static const struct {
        long verdict;
        const char *mend;
    } rows[] = {
        {X509_V_ERR_HOSTNAME_MISMATCH, other_name},
        {X509_V_ERR_IP_ADDRESS_MISMATCH, other_name},
        {X509_V_ERR_CERT_HAS_EXPIRED, "Have a new certificate made for the broker, or "
                                      "set this machine's clock right."},
        {X509_V_ERR_CERT_NOT_YET_VALID, "Set this machine's clock right, or the one of "
                                        "whoever made the broker's certificate."},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].verdict == verdict) {
            return rows[i].mend;
        }
    }
    return other_authority;
}

static bool take_ours(SSL_CTX *context, const struct vg_settings *s,
                      struct vg_tls_fault *fault)
{
    if (s->mqtt_cert[0] == '\0') {
        return true;
    }
    if (SSL_CTX_use_certificate_chain_file(context, s->mqtt_cert) == 1 &&
        SSL_CTX_use_PrivateKey_file(context,
                                    s->mqtt_key[0] != '\0' ? s->mqtt_key : s->mqtt_cert,
                                    SSL_FILETYPE_PEM) == 1 &&
        SSL_CTX_check_private_key(context) == 1) {
        return true;
    }
    (void)snprintf(
        fault->why, sizeof fault->why,
        "mqtt.key is not the key of mqtt.cert, or one of them cannot be read");
    fault->mend = "Put a certificate and a key there that were made together.";
    return false;
}

/* The broker's side: an alert, or something that is no TLS. */
static void take_error(const struct vg_settings *s, struct vg_tls_fault *fault)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    const bool alert = reason != NULL && strstr(reason, "alert") != NULL;

    (void)snprintf(fault->why, sizeof fault->why, "TLS: %.150s%s",
                   reason != NULL ? reason : "it hangs up or does not answer",
                   alert ? " (the broker says so)" : "");
    if (!alert) {
        fault->mend = no_tls;
    } else {
        fault->mend = s->mqtt_cert[0] == '\0' ? ours_missing : ours_refused;
    }
}

static bool expect(SSL *tls, const char *host)
{
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), host) == 1) {
        return true;
    }
    return SSL_set1_host(tls, host) == 1 && SSL_set_tlsext_host_name(tls, host) == 1;
}

/* In TLS 1.3 the broker looks at our certificate when the handshake is over for us. */
static bool shake(SSL *tls, const struct vg_settings *s, struct vg_tls_fault *fault)
{
    char byte;
    int code = SSL_connect(tls);

    if (code == 1) {
        code = SSL_read(tls, &byte, 1); /* it says nothing before CONNECT, or refuses */
        if (code > 0 || ERR_peek_last_error() == 0) {
            return true;
        }
    }
    const long verdict = SSL_get_verify_result(tls);
    if (verdict == X509_V_OK) {
        take_error(s, fault);
    } else {
        (void)snprintf(fault->why, sizeof fault->why,
                       "the broker's certificate: %.150s",
                       X509_verify_cert_error_string(verdict));
        fault->mend = mend_of(verdict);
    }
    return false;
}

static void wait_no_longer(int fd)
{
    const struct timeval within = {.tv_sec = WITHIN};
    const int flags = fcntl(fd, F_GETFL);

    (void)fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &within, sizeof within);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &within, sizeof within);
}

bool vg_tls_fault_find(int fd, const char *host, const struct vg_settings *settings,
                       struct vg_tls_fault *fault)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *tls = NULL;
    bool good = context == NULL;

    wait_no_longer(fd);
    ERR_clear_error();
    if (context != NULL && take_ours(context, settings, fault)) {
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
        (void)SSL_CTX_load_verify_locations(context, settings->mqtt_ca, NULL);
        tls = SSL_new(context);
        ERR_clear_error();
        good = tls == NULL || SSL_set_fd(tls, fd) != 1 || !expect(tls, host) ||
               shake(tls, settings, fault);
    }
    SSL_free(tls);
    SSL_CTX_free(context);
    return !good;
}
