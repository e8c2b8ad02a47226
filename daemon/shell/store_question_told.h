/* SPDX-License-Identifier: Apache-2.0
 *
 * Who was told of an alert, and what people answered: pages and commands, merged by time. Beside
 * history.h, with the same rules.
 */
#ifndef VIGIL_SHELL_STORE_QUESTION_TOLD_H
#define VIGIL_SHELL_STORE_QUESTION_TOLD_H

#include "shell/history.h"

struct vg_told_query {
    const char *patient;        /* NULL: any */
    const char *id;             /* of a page, or "answer-" and a number; NULL: any */
    struct vg_instant from, to; /* from inclusive, to exclusive */
    struct vg_cursor after;     /* at and order */
};

/* Everything pointed to is good for the call only. */
struct vg_told_row {
    const char *id;
    bool answer;            /* a command; else a page */
    const char *who, *what; /* role and kind of page, or who answered and the verb */
    const char *text;       /* reason given with an answer, or "" */
    const char *result;     /* of an answer */
    struct vg_instant at;
    struct vg_instant received; /* of the first receipt; VG_UNSET: none */
    bool sent, settled;
    int64_t order;    /* among those of the same instant */
    const char *json; /* the alert: as it went out, or for an answer as it last was */
    size_t length;
};
typedef bool vg_told_fn(void *to, const struct vg_told_row *row);

/* By time, oldest first; receipts are no answers. VG_OK, VG_NO_MEMORY or VG_FAILED. */
enum vg_status vg_history_told(struct vg_reader *reader,
                               const struct vg_told_query *query, vg_told_fn *each,
                               void *to, struct vg_error *error);

#endif
