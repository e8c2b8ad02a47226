/* SPDX-License-Identifier: Apache-2.0
 *
 * Who was told of an alert: for vigil explain.
 */
#ifndef VIGIL_CLI_EXPLAIN_TOLD_H
#define VIGIL_CLI_EXPLAIN_TOLD_H

#include "shell/store_read.h"

/* Prints pages and answers in order, a line each or as elements of a list in JSON. VG_OK,
 * VG_NO_MEMORY, VG_FAILED. */
enum vg_status vg_explain_told(struct vg_reader *reader, const struct vg_alert *alert,
                               bool json, struct vg_error *error);

#endif
