/* SPDX-License-Identifier: Apache-2.0
 *
 * What the commands that only read the store share: their common options, the open
 * store, and how numbers and times are shown to people.
 */
#ifndef VIGIL_CLI_QUERY_H
#define VIGIL_CLI_QUERY_H

#include <stdio.h>

#include "cli/cli.h"
#include "shell/settings.h"
#include "shell/store_read.h"

struct vg_query_options {
    struct vg_settings settings;
    bool json;
    int wrong; /* the exit code of what vg_query_option refused */
};

/* Whether argv[*i] is one of -c FILE, --set K=V, --json; takes it and moves *i to its last
 * word. -1: it is one, but wrong (said on standard error): end with options->wrong. */
int vg_query_option(struct vg_query_options *options, int argc, char **argv, int *i);

/* The same with -h and --help, which print `usage`. False: the word is the command's own. True:
 * it is taken, and parsing ends with *done unless that is 0: options->wrong, or -1 after help. */
bool vg_query_word(struct vg_query_options *options, const char *usage, int argc,
                   char **argv, int *i, int *done);

/* NULL: said on standard error why not. */
struct vg_reader *vg_query_open(const struct vg_query_options *options,
                                const char *command);

/* Whether the settings list this ward, or the store has anything of it; else, and where that cannot be read, it
 * is said on standard error and *code is set: "nothing found" would pass a slip of the pen for a quiet ward. */
bool vg_query_ward(const struct vg_query_options *options, struct vg_reader *reader,
                   const char *command, const char *ward, int *code);

/* Whether anything was ever stored under this patient's name; else it is said on standard error, for the same reason. */
bool vg_query_patient(struct vg_reader *reader, const char *command,
                      const char *patient);

/* Beside the sentence that there is no store: where nobody said which one was meant, how to. */
void vg_query_say_whose(const struct vg_query_options *options, const char *command);

/* Says so where the settings list wards and this one is none: a slip of the pen sends calls where nobody listens,
 * and it may be meant all the same. */
void vg_query_say_unlisted(const struct vg_settings *settings, const char *command,
                           const char *ward);

/* "-24h", "now", or a time; relative ones count from `now`. False: neither. */
bool vg_query_time(const char *text, struct vg_instant now, struct vg_instant *out);

/* Whether the locale says UTF-8. */
bool vg_query_utf8(void);

/* Whether a daemon holds the store's lock. */
bool vg_query_daemon_alive(const char *store_path);

#endif
