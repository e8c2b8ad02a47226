/* SPDX-License-Identifier: Apache-2.0
 *
 * vigil replay: feeds a file of messages through the very engine that the daemon runs,
 * on virtual time, and prints what it would have done. The same bytes for the same
 * input, always.
 */
#include "cli/replay.h"

#include <errno.h>
#include <string.h>

#include "cli/cli.h"

static const char usage[] =
    "usage: vigil replay [--protocol FILE|DIR] [--until TIME] [--assess[=each]] [--pages]\n"
    "                    [FILE]\n"
    "       vigil replay ... --summary [--json] [FILE]\n"
    "       vigil replay ... --explain RULE|ALERT [FILE]\n"
    "\n"
    "Reads one JSON object a line ({\"at\":...,\"topic\":...,\"payload\":...}, in order of "
    "\"at\";\na line without topic lets time pass) and prints each change of an alert, each\n"
    "rejection and each answer to a command as one JSON object a line. Every role can be\n"
    "reached, and no receipt is awaited. --until runs time on after the last line;\n"
    "--assess adds one line for each patient or bed at the end, --assess=each one more\n"
    "after every line that changed what is computed of its patient.\n"
    "--pages adds one line for each page to a role, those sent again included.\n"
    "--summary prints the alarm load instead: alerts per patient-day by severity and rule.\n"
    "--explain prints why each alert of that rule, or that alert, was raised.\n"
    "Default protocols: config/protocols. Exit 1 nothing to explain, 2 wrong usage,\n"
    "3 unreadable input.\n";

static int finish_time(struct vg_replay *r)
{
    if (r->until == NULL) {
        return VG_EXIT_DONE;
    }
    if (r->end.ms < r->now.ms) {
        return vg_replay_cannot("--until", "is before the last line");
    }
    r->now = r->end;
    return vg_replay_pass(r) == VG_OK ? VG_EXIT_DONE
                                      : vg_replay_cannot("--until", "out of memory");
}

static int start(struct vg_replay *r)
{
    struct vg_error error = {""};

    if (vg_protocol_set_load(r->protocols, stderr, &r->set, &error) != VG_OK) {
        return vg_replay_cannot(r->protocols, error.text);
    }
    r->book.protocol_count = r->set.count;
    r->book.protocol = (const struct vg_protocol *const *)r->set.protocol;
    r->engine = vg_engine_create(&r->book);
    r->decoder = vg_decoder_create("vigil/v1");
    return r->engine != NULL && r->decoder != NULL
               ? VG_EXIT_DONE
               : vg_replay_cannot("start", "out of memory");
}

static int take_input(struct vg_replay *r)
{
    if (r->file == NULL || strcmp(r->file, "-") == 0) {
        return vg_replay_feed(r, stdin);
    }
    FILE *in = fopen(r->file, "re");
    if (in == NULL) {
        return vg_replay_cannot(r->file, strerrordesc_np(errno));
    }
    const int code = vg_replay_feed(r, in);
    (void)fclose(in);
    return code;
}

static int run(struct vg_replay *r)
{
    int code = start(r);

    code = code == VG_EXIT_DONE ? take_input(r) : code;
    code = code == VG_EXIT_DONE ? finish_time(r) : code;
    if (code == VG_EXIT_DONE && vg_replay_close(r) != VG_OK) {
        code = vg_replay_cannot("the end", "out of memory");
    }
    if (fflush(stdout) != 0 || ferror(stdout) != 0) {
        return vg_replay_cannot("standard output", strerrordesc_np(errno));
    }
    if (code == VG_EXIT_DONE && r->mode == VG_REPLAY_EXPLAIN && r->explained == 0) {
        (void)fprintf(stderr, "vigil replay: %s was not raised\n", r->explain);
        return VG_EXIT_NO;
    }
    return code;
}

/* ---- Arguments */

static bool take_switch(struct vg_replay *r, const char *word)
{
    if (strcmp(word, "--assess") == 0) {
        r->assess = true;
    } else if (strcmp(word, "--assess=each") == 0) {
        r->assess = true;
        r->assess_each = true;
    } else if (strcmp(word, "--summary") == 0 && r->mode == VG_REPLAY_LINES) {
        r->mode = VG_REPLAY_SUMMARY;
    } else if (strcmp(word, "--json") == 0) {
        r->json = true;
    } else if (strcmp(word, "--pages") == 0) {
        r->pages = true;
    } else {
        return false;
    }
    return true;
}

static bool take_value(struct vg_replay *r, const char *word, const char *value)
{
    if (strcmp(word, "--protocol") == 0) {
        r->protocols = value;
    } else if (strcmp(word, "--until") == 0) {
        r->until = value;
    } else if (strcmp(word, "--explain") == 0 && r->mode == VG_REPLAY_LINES) {
        r->explain = value;
        r->mode = VG_REPLAY_EXPLAIN;
    } else {
        return false;
    }
    return true;
}

static int parse(struct vg_replay *r, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0) {
            (void)fputs(usage, stdout);
            return -1;
        }
        if (take_switch(r, argv[i])) {
            continue;
        }
        if (i + 1 < argc && take_value(r, argv[i], argv[i + 1])) {
            i++;
        } else if ((argv[i][0] != '-' || argv[i][1] == '\0') && r->file == NULL) {
            r->file = argv[i];
        } else {
            (void)fprintf(stderr, "vigil replay: do not understand \"%s\"\n%s", argv[i],
                          usage);
            return VG_EXIT_USAGE;
        }
    }
    return VG_EXIT_DONE;
}

/* What the words mean together. */
static int check(struct vg_replay *r)
{
    if (r->until != NULL &&
        vg_time_parse(r->until, strlen(r->until), &r->end) != VG_OK) {
        (void)fprintf(stderr, "vigil replay: --until %s is no time\n", r->until);
        return VG_EXIT_USAGE;
    }
    if ((r->assess || r->pages) && r->mode != VG_REPLAY_LINES) {
        (void)fputs("vigil replay: --assess and --pages do not go with --summary or "
                    "--explain\n",
                    stderr);
        return VG_EXIT_USAGE;
    }
    return VG_EXIT_DONE;
}

int vg_cli_replay(int argc, char **argv)
{
    struct vg_replay r = {.protocols = "config/protocols", .now = VG_UNSET};
    int code = parse(&r, argc, argv);

    code = code == VG_EXIT_DONE ? check(&r) : code;
    if (code == VG_EXIT_DONE) {
        code = run(&r);
    }
    vg_engine_destroy(r.engine);
    vg_decoder_destroy(r.decoder);
    vg_effects_finish(&r.effects);
    vg_each_finish(&r.each);
    vg_replay_numbers_finish(&r.numbers);
    vg_summary_finish(&r.summary);
    vg_buffer_finish(&r.out);
    vg_buffer_finish(&r.keep);
    vg_protocol_set_finish(&r.set);
    return code < 0 ? VG_EXIT_DONE : code;
}
