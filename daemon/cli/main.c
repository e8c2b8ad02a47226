/* SPDX-License-Identifier: Apache-2.0
 *
 * vigil: finds the sub-command and runs it.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "vigil/base.h"

#include "cli/cli.h"

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *line;
    bool seeks; /* its exit 1 is: nothing found, and nothing was printed */
} commands[] = {
    {"status", vg_cli_status, "is the daemon running, what is stored, what is open",
     false},
    {"beds", vg_cli_beds, "which beds are watched, with their last values", true},
    {"alerts", vg_cli_alerts, "open or closed alerts; --watch follows them", true},
    {"acknowledge", vg_cli_command, "seen: no repeats to you", false},
    {"accept", vg_cli_command, "taken: nobody else is called while you have it", false},
    {"reject", vg_cli_command, "not you: the next are called", false},
    {"release", vg_cli_command, "given back", false},
    {"silence", vg_cli_command, "quiet displays for a while; people are still called",
     false},
    {"shelve", vg_cli_command, "put aside for a while", false},
    {"reset", vg_cli_command, "close a latched alert that has ended", false},
    {"judge", vg_cli_command, "was it right?", false},
    {"note", vg_cli_command, "what was done or seen", false},
    {"pause", vg_cli_command, "a bed is off the ward, or back", false},
    {"assign", vg_cli_command, "whose messages in quarantine are", false},
    {"admit", vg_cli_episode, "a patient comes to a bed", false},
    {"transfer", vg_cli_episode, "to another bed", false},
    {"discharge", vg_cli_episode, "the end of watching", false},
    {"episodes", vg_cli_episodes,
     "a patient's stays: beds, product, donor, infusions, devices", true},
    {"doctor", vg_cli_doctor, "what is wrong with this set-up, and the mend", false},
    {"audit", vg_cli_audit, "is the trail of what was done whole, and what it says",
     false},
    {"explain", vg_cli_explain,
     "why an alert was raised: values, rule, what was missing", false},
    {"history", vg_cli_history,
     "readings of a patient or bed: values, steps, plots, coverage", true},
    {"export", vg_cli_export,
     "all that is stored of a patient, for replay and for others", true},
    {"report", vg_cli_report, "a patient's course as one page, for screen and paper",
     true},
    {"backup", vg_cli_backup, "a checked copy of the store, while the daemon runs",
     false},
    {"restore", vg_cli_backup, "a backup becomes the store again", false},
    {"store", vg_cli_store, "what is stored, is it whole, make it smaller", false},
    {"protocol", vg_cli_protocol, "check or show protocol files", false},
    {"replay", vg_cli_replay, "the engine on a file: what it would have done", false},
    {"simulate", vg_cli_simulate,
     "a ward of gateways: recordings, patients of a model, faults", false},
    {"user", vg_cli_user, "who may come in over HTTP: add, password, remove, list",
     false},
    {"watch", vg_cli_watch,
     "pages the ward when vigild is not heard of: a dead man's switch", false},
};

#define COMMANDS (sizeof commands / sizeof commands[0])

static int help(FILE *to)
{
    (void)fprintf(to, "usage: vigil COMMAND [OPTION]...\n\n");
    for (size_t i = 0; i < COMMANDS; i++) {
        (void)fprintf(to, "  %-11s %s\n", commands[i].name, commands[i].line);
    }
    (void)fprintf(to,
                  "\n`vigil COMMAND --help` says more. Not for clinical use without "
                  "your own validation.\n");
    return to == stdout ? VG_EXIT_DONE : VG_EXIT_USAGE;
}

static int run(int argc, char **argv)
{
    if (argc < 2) {
        return help(stderr);
    }
    if (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0) {
        return help(stdout);
    }
    if (strcmp(argv[1], "--version") == 0) {
        (void)printf("vigil %s\n", VG_VERSION);
        return VG_EXIT_DONE;
    }
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(argv[1], commands[i].name) == 0) {
            const int code = commands[i].run(argc - 1, argv + 1);
            if (code == VG_EXIT_NO && commands[i].seeks) {
                (void)fprintf(stderr, "vigil %s: nothing found\n", argv[1]);
            }
            return code;
        }
    }
    (void)fprintf(stderr, "vigil: unknown command \"%s\"\n", argv[1]);
    return help(stderr);
}

/* An answer that did not get out, to a full disk say, is none: half a history would pass
   for all of it. */
int main(int argc, char **argv)
{
    const int code = run(argc, argv);

    errno = 0;
    if (fflush(stdout) == 0 && ferror(stdout) == 0) {
        return code;
    }
    if (code != VG_EXIT_CANNOT) { /* who said that has given a reason */
        (void)fprintf(stderr, "vigil: cannot write all of the output%s%s\n",
                      errno != 0 ? ": " : "", errno != 0 ? strerrordesc_np(errno) : "");
    }
    return VG_EXIT_CANNOT;
}
