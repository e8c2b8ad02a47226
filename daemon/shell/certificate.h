/* SPDX-License-Identifier: Apache-2.0
 *
 * How long the certificates of a file last.
 */
#ifndef VIGIL_SHELL_CERTIFICATE_H
#define VIGIL_SHELL_CERTIFICATE_H

#include "vigil/base.h"

/* Wall clock: when the first of the PEM file's certificates runs out; VG_NEVER if the file
 * cannot be read as such. */
struct vg_instant vg_certificate_until(const char *path);

/* One of them does not hold yet. */
bool vg_certificate_early(const char *path);

/* Whole days until then, negative if it has; INT_MAX for VG_NEVER. */
int vg_certificate_days(const char *path);

#endif
