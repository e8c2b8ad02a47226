/* SPDX-License-Identifier: Apache-2.0
 *
 * What `vigil acknowledge` and its like share: the words that were given, and what they
 * come to. command.c reads and sends, command_find.c looks the alert up, command_shift.c all
 * that somebody has.
 */
#ifndef VIGIL_CLI_COMMAND_H
#define VIGIL_CLI_COMMAND_H

#include "vigil/command.h"

#include "cli/query.h"

struct vg_asking {
    struct vg_query_options options;
    struct vg_command command;
    const char *name;    /* of the sub-command */
    const char *subject; /* an alert's id, the beginning of one, or WARD/BED */
    const char *patient; /* assign: whose the messages are */
    const char *ward;    /* --ward; NULL: the store knows */
    const char *all_of;  /* accept: from whom all is taken over */
    bool back;           /* pause: the bed is back */
};

/* Fills in the alert's id and ward. The exit code; what is wrong is said on standard
 * error. */
int vg_asking_find(struct vg_asking *asking);

/* Asks for each alert that `all_of` has accepted. `ask` sends the command of one and does not come
 * back but with a failure. The worst exit code. */
int vg_asking_all(struct vg_asking *asking, int (*ask)(struct vg_asking *asking));

/* "onc-7/12" to its two parts; false: it is not that. */
bool vg_place_split(const char *text, char ward[VG_ID_LEN + 1],
                    char bed[VG_ID_LEN + 1]);

#endif
