/* SPDX-License-Identifier: Apache-2.0
 *
 * How long a certificate still lasts. The only file that looks into certificates.
 */
#ifndef VIGIL_SHELL_CERTIFICATE_H
#define VIGIL_SHELL_CERTIFICATE_H

/* Whole days until the earliest of the PEM file's certificates runs out, negative if it
 * has; INT_MAX if the file cannot be read as such. */
int vg_certificate_days(const char *path);

#endif
