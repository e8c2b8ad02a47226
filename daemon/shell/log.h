/* SPDX-License-Identifier: Apache-2.0
 *
 * What the daemon says to its operators: one line of key=value pairs on standard error
 * for each thing that happened. The only place that writes there.
 *
 * Never log a patient's id or value: logs leave the ward, readings do not.
 *
 * A flood is cut for each kind of message on its own; the first line after it says how
 * many were held back. Any thread may log except paho's (its callbacks hold paho's lock,
 * and a full pipe would stop every alert).
 */
#ifndef VIGIL_SHELL_LOG_H
#define VIGIL_SHELL_LOG_H

#include "vigil/base.h"

enum vg_level { VG_LOG_ERROR, VG_LOG_WARNING, VG_LOG_NOTICE, VG_LOG_DEBUG };

struct vg_log;

/* Writes to `fd`, which stays the caller's, what is at least as grave as `level`. NULL: no
 * memory. */
struct vg_log *vg_log_create(int fd, enum vg_level level);
void vg_log_destroy(struct vg_log *log); /* NULL is fine */

/* `kind` is a constant such as "mqtt.lost": it names the message and is what the rate limit
 * counts by. The sentence is quoted and escaped. log == NULL says nothing. */
void vg_log_write(struct vg_log *log, enum vg_level level, const char *kind,
                  const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
