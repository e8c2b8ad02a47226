/* SPDX-License-Identifier: Apache-2.0
 *
 * See certificate.h.
 */
#include "shell/certificate.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <time.h>

#include "shell/clock.h"

static struct vg_instant instant_of(const ASN1_TIME *time, struct vg_instant otherwise)
{
    struct tm tm;
    struct vg_instant at = otherwise;

    if (ASN1_TIME_to_tm(time, &tm) == 1) {
        at.ms = (vg_ms)timegm(&tm) * VG_SECOND;
    }
    return at;
}

struct span {
    struct vg_instant from, until;
};

/* While all of them hold. */
static struct span span_of(const char *path)
{
    FILE *file = fopen(path, "re");
    struct span all = {VG_UNSET, VG_NEVER};
    X509 *certificate;

    if (file == NULL) {
        return all;
    }
    while ((certificate = PEM_read_X509(file, NULL, NULL, NULL)) != NULL) {
        all.until = vg_earlier(all.until,
                               instant_of(X509_get0_notAfter(certificate), VG_NEVER));
        all.from =
            vg_later(all.from, instant_of(X509_get0_notBefore(certificate), VG_UNSET));
        X509_free(certificate);
    }
    ERR_clear_error(); /* the end of the file is an error to PEM */
    (void)fclose(file);
    return all;
}

struct vg_instant vg_certificate_until(const char *path)
{
    return span_of(path).until;
}

bool vg_certificate_early(const char *path)
{
    const struct vg_instant from = span_of(path).from;

    return vg_is_set(from) && vg_since(from, vg_clock_wall()) > 0;
}

int vg_certificate_days(const char *path)
{
    const struct vg_instant until = vg_certificate_until(path);

    if (vg_is_never(until)) {
        return INT_MAX;
    }
    const vg_ms left = vg_since(until, vg_clock_wall());
    return (int)(left / VG_DAY) - (left < 0 ? 1 : 0);
}
