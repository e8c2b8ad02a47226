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

int vg_certificate_days(const char *path)
{
    FILE *file = fopen(path, "re");
    X509 *certificate;
    int least = INT_MAX;

    if (file == NULL) {
        return INT_MAX;
    }
    while ((certificate = PEM_read_X509(file, NULL, NULL, NULL)) != NULL) {
        int days = 0;
        int seconds = 0;
        if (ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(certificate)) ==
            1) {
            days = seconds < 0 ? days - 1 : days;
            least = days < least ? days : least;
        }
        X509_free(certificate);
    }
    ERR_clear_error(); /* the end of the file is an error to PEM */
    (void)fclose(file);
    return least;
}
