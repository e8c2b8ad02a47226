/* SPDX-License-Identifier: Apache-2.0
 *
 * What this process may do and does not need: some of it it gives up by itself, the rest is
 * said, in the log, in the node's status and by `vigil doctor`. A whole sandbox is the service
 * manager's work (contrib/vigild.service).
 */
#ifndef VIGIL_SHELL_CONFINE_H
#define VIGIL_SHELL_CONFINE_H

#include "shell/log.h"
#include "shell/settings.h"

enum vg_excess {
    VG_EXCESS_ROOT,         /* user 0 */
    VG_EXCESS_CAPABILITIES, /* not user 0, and some capability all the same */
    VG_EXCESS_PRIVILEGES,   /* a program that it starts could get more rights */
    VG_EXCESS_CORES,        /* a crash may leave patients' data and keys in a file */
    VG_EXCESS_CALLS,        /* every system call */
    VG_EXCESS_STORE,        /* files of the store that everybody may read or change */
    VG_EXCESS_SECRETS,      /* files with passwords, keys or users, likewise */
    VG_EXCESS_RULES,        /* settings or protocols that it may change itself */
    VG_EXCESS_PLAIN,        /* a broker on another machine, without TLS */
    VG_EXCESS_COUNT
};

/* One bit each: 1U << VG_EXCESS_ROOT. */
typedef uint32_t vg_excesses;

/* Gives up what can be given up without anybody's help, for good: new rights through execve,
 * and, unless `cores`, core dumps and being read by other processes of the same user. */
void vg_confine(bool cores);

/* Looks: changes nothing. Files that are not there are no finding. */
vg_excesses vg_confine_look(const struct vg_settings *settings);

/* One word ("root"); a whole sentence; what to do about it, a sentence. Never NULL. */
const char *vg_excess_word(enum vg_excess excess);
const char *vg_excess_text(enum vg_excess excess);
const char *vg_excess_mend(enum vg_excess excess);
/* VG_EXCESS_COUNT: no such word. */
enum vg_excess vg_excess_find(const char *word);

/* Whether what is said to the broker of this URL can be read and changed on its way. */
bool vg_confine_is_plain(const char *url);
/* Whether the URL's host is this machine by its own name: localhost, [::1], 127.x.x.x; not 127.evil.example. */
bool vg_confine_is_here(const char *url);

/* A line of the log for each. */
void vg_confine_say(vg_excesses found, struct vg_log *log);

#endif
