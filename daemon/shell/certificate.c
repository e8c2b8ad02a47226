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

struct vg_instant vg_certificate_until(const char *path)
{
    FILE *file = fopen(path, "re");
    struct vg_instant first = VG_NEVER;
    X509 *certificate;

    if (file == NULL) {
        return VG_NEVER;
    }
    while ((certificate = PEM_read_X509(file, NULL, NULL, NULL)) != NULL) {
        struct tm end;
        if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) == 1) {
            first =
                vg_earlier(first, (struct vg_instant){(vg_ms)timegm(&end) * VG_SECOND});
        }
        X509_free(certificate);
    }
    ERR_clear_error(); /* the end of the file is an error to PEM */
    (void)fclose(file);
    return first;
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
