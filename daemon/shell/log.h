/* SPDX-License-Identifier: Apache-2.0
 *
 * What the daemon says to its operators: one line of key=value pairs, or of JSON, on
 * standard error for each thing that happened. The only place that writes there.
 *
 * Never log a patient's id or value: logs leave the ward, readings do not.
 *
 * A flood is cut for each kind of message on its own: of one kind 10 lines a minute are
 * written, then a line says how many were suppressed. Nobody waits for whoever reads the
 * log: what is not taken at once is lost, counted and said. Any thread may log except
 * paho's (its callbacks hold paho's lock).
 */
#ifndef VIGIL_SHELL_LOG_H
#define VIGIL_SHELL_LOG_H

#include <stdio.h>

#include "vigil/base.h"

enum vg_level { VG_LOG_ERROR, VG_LOG_WARNING, VG_LOG_NOTICE, VG_LOG_DEBUG };

struct vg_log;

/* Writes to `fd`, which stays the caller's, what is at least as grave as `level`. NULL: no
 * memory. */
struct vg_log *vg_log_create(int fd, enum vg_level level);
void vg_log_destroy(struct vg_log *log); /* NULL is fine */

/* Before the first line: JSON objects instead of key=value pairs. */
void vg_log_as_json(struct vg_log *log);
bool vg_log_is_json(const struct vg_log *log);

/* Whether systemd's journal reads this descriptor: it says so in JOURNAL_STREAM. */
bool vg_log_is_journal(int fd);
/* Before the first line: each begins with its priority, by which journalctl -p finds it. */
void vg_log_for_journal(struct vg_log *log);

/* From time to time: says what was suppressed in floods that are over. */
void vg_log_sweep(struct vg_log *log);

/* A stream to print a report into, of lines as `file:line:column: sentence`: standard error
 * itself, or beside JSON a stream whose lines become lines of the log (kind and level as
 * given; those that begin with a blank are left out). End it. */
FILE *vg_log_report(struct vg_log *log, enum vg_level level, const char *kind);
void vg_log_report_end(FILE *report);

/* `kind` is a constant such as "mqtt.lost": it names the message and is what the rate limit
 * counts by. The sentence is quoted and escaped. log == NULL says nothing. */
void vg_log_write(struct vg_log *log, enum vg_level level, const char *kind,
                  const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
