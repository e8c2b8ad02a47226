/* SPDX-License-Identifier: Apache-2.0
 *
 * The words of `vigil admit`, `transfer` and `discharge`, and the message that they make.
 * episode.c reads and sends them, episode_message.c checks and writes the message.
 */
#ifndef VIGIL_CLI_EPISODE_H
#define VIGIL_CLI_EPISODE_H

#include "cli/command.h"

/* Options with a value that becomes a member of the message as it is. */
#define VG_EPISODE_TEXTS 9
struct vg_episode_option {
    const char *option, *member;
};
extern const struct vg_episode_option vg_episode_text[VG_EPISODE_TEXTS];

/* Options that may be given again and again. */
#define VG_EPISODE_LISTS 3
#define VG_EPISODE_ITEMS 16
extern const struct vg_episode_option vg_episode_list[VG_EPISODE_LISTS];
struct vg_episode_list {
    size_t count;
    const char *item[VG_EPISODE_ITEMS];
};

struct vg_episode_words {
    struct vg_query_options options;
    const char *name;
    enum vg_episode_do action;
    size_t place_count;
    const char *place[2];
    char ward[VG_ID_LEN + 1], bed[VG_ID_LEN + 1];
    char to_ward[VG_ID_LEN + 1], to_bed[VG_ID_LEN + 1];
    const char *text[VG_EPISODE_TEXTS]; /* NULL: not given */
    struct vg_episode_list list[VG_EPISODE_LISTS];
    bool confirm, outpatient, pregnant, swap;
    char patient[VG_PATIENT_LEN +
                 1]; /* transfer: who lay in the bed at first, "" nobody */
    struct vg_instant at;
};

/* The values of the options, as far as the daemon would only leave them out. The exit
 * code; what is wrong is said on standard error. */
int vg_episode_check(struct vg_episode_words *words);
void vg_episode_encode(struct vg_buffer *b, const struct vg_episode_words *w);

#endif
