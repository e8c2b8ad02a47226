/* SPDX-License-Identifier: Apache-2.0
 *
 * What leaves the hospital's own network about an alert, in words: where it is and how
 * grave, which rule and of which class. Never who it is, nor a value, nor the alert's own
 * text, which holds values.
 */
#ifndef VIGIL_SHELL_CHANNEL_TEXT_H
#define VIGIL_SHELL_CHANNEL_TEXT_H

#include "vigil/channel.h"

#define VG_PUSH_LEN 200

struct vg_push {
    char title[VG_PUSH_LEN];   /* "Urgent alert, ward onc-7 bed 12" */
    char message[VG_PUSH_LEN]; /* "HYPOTENSION (haemodynamic): look at the board." */
};

/* One line each of printable ASCII. VG_REFUSED: an id is none. */
enum vg_status vg_push_text(const struct vg_notice *notice, struct vg_push *out);

/* One mail box and nothing else: no blank, bracket or line end. */
bool vg_mailbox_valid(const char *text);

#endif
