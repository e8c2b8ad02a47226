/* SPDX-License-Identifier: Apache-2.0
 *
 * vigil replay: feeds a file of messages through the very engine that the daemon runs,
 * on virtual time, and prints what it would have done. The same bytes for the same
 * input, always.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vigil/wire.h"

#include "cli/cli.h"
#include "shell/protocol_file.h"

static const char usage[] =
    "usage: vigil replay [--protocol FILE|DIR] [--until TIME] [--assess] [FILE]\n"
    "\n"
    "Reads one JSON object a line ({\"at\":...,\"topic\":...,\"payload\":...}, in order of "
    "\"at\";\na line without topic lets time pass) and prints each change of an alert and "
    "each\nrejection as one JSON object a line. --until runs time on after the last line;\n"
    "--assess adds one line for each patient or bed at the end.\n"
    "Default protocols: config/protocols. Exit 2 wrong usage, 3 unreadable input.\n";

struct replay {
    const char *protocols, *file, *until;
    bool assess;
    struct vg_protocol_set set;
    struct vg_engine *engine;
    struct vg_decoder *decoder;
    struct vg_effects effects;
    struct vg_buffer out, keep;
    struct vg_instant now, end;
};

static int cannot(const char *what, const char *why)
{
    (void)fprintf(stderr, "vigil replay: %s: %s\n", what, why);
    return VG_EXIT_CANNOT;
}

/* ---- Output */

static void open_line(struct replay *r, struct vg_instant at, const char *key)
{
    vg_buffer_clear(&r->out);
    vg_put_raw(&r->out, "{\"at\":");
    vg_put_time(&r->out, at);
    vg_put_raw(&r->out, ",\"");
    vg_put_raw(&r->out, key);
    vg_put_raw(&r->out, "\":");
}

static void print_line(struct replay *r)
{
    vg_put_raw(&r->out, "}\n");
    (void)fwrite(r->out.bytes, 1, r->out.length, stdout);
}

static void print_refusal(struct replay *r, const struct vg_letter *letter,
                          const struct vg_origin *origin,
                          const struct vg_refusal *refusal)
{
    open_line(r, r->now, "rejected");
    vg_encode_refusal(&r->out, origin, letter->topic, letter->topic_length, refusal,
                      r->now);
    print_line(r);
}

static void print_effects(struct replay *r, const struct vg_letter *letter,
                          const struct vg_origin *origin)
{
    for (size_t i = 0; i < r->effects.count; i++) {
        const struct vg_effect *effect = &r->effects.item[i];
        if (effect->kind == VG_EFFECT_ALERT) {
            open_line(r, effect->at, "alert");
            vg_encode_alert(&r->out, effect->alert, true);
            print_line(r);
        } else if (effect->kind == VG_EFFECT_REFUSED && letter != NULL) {
            print_refusal(r, letter, origin, &effect->refusal);
        }
    }
}

static bool print_assessed(void *to, const struct vg_assessed *assessed)
{
    struct replay *r = to;

    vg_buffer_clear(&r->out);
    vg_encode_assessed(&r->out, assessed, r->now);
    vg_put_raw(&r->out, "\n");
    (void)fwrite(r->out.bytes, 1, r->out.length, stdout);
    return true;
}

/* ---- Input */

static enum vg_status step(struct replay *r, struct vg_event event,
                           const struct vg_letter *letter,
                           const struct vg_origin *origin)
{
    event.at = r->now;
    const enum vg_status status = vg_engine_step(r->engine, &event, &r->effects);
    if (status == VG_OK) {
        print_effects(r, letter, origin);
    }
    return status;
}

static enum vg_status feed(struct replay *r, const struct vg_letter *letter)
{
    struct vg_decoded decoded;

    vg_decode(r->decoder, letter, &decoded);
    for (size_t i = 0; i < decoded.refusal_count; i++) {
        print_refusal(r, letter, &decoded.origin, &decoded.refusal[i]);
    }
    switch (decoded.kind) {
    case VG_DECODED_MESSAGE:
        return step(
            r, (struct vg_event){.kind = VG_EVENT_MESSAGE, .message = &decoded.message},
            letter, &decoded.origin);
    case VG_DECODED_EPISODE:
        return step(r,
                    (struct vg_event){.kind = VG_EVENT_EPISODE,
                                      .admission = &decoded.admission},
                    letter, &decoded.origin);
    case VG_DECODED_GATEWAY:
    case VG_DECODED_COMMAND:
    case VG_DECODED_REFUSED:
        break;
    }
    return step(r, (struct vg_event){.kind = VG_EVENT_TIME}, NULL, NULL);
}

static int take_line(struct replay *r, const char *line, size_t length, size_t number)
{
    struct vg_replay_line parsed;
    struct vg_error error = {""};
    char where[64];

    (void)snprintf(where, sizeof where, "line %zu", number);
    if (vg_replay_parse(line, length, &r->keep, &parsed, &error) != VG_OK) {
        return cannot(where, error.text);
    }
    if (parsed.at.ms < r->now.ms) {
        return cannot(where, "\"at\" is earlier than in the line before");
    }
    r->now = parsed.at;
    /* What was due before comes before what this line brings. */
    enum vg_status status =
        step(r, (struct vg_event){.kind = VG_EVENT_TIME}, NULL, NULL);
    if (status == VG_OK && parsed.letter.topic != NULL) {
        status = feed(r, &parsed.letter);
    }
    return status == VG_OK ? VG_EXIT_DONE : cannot(where, "out of memory");
}

static bool blank(const char *line, ssize_t length)
{
    for (ssize_t i = 0; i < length; i++) {
        if (strchr(" \t\r\n", line[i]) == NULL) {
            return false;
        }
    }
    return true;
}

static int take_file(struct replay *r, FILE *in)
{
    char *line = NULL;
    size_t room = 0;
    size_t number = 0;
    int code = VG_EXIT_DONE;

    for (ssize_t n = getline(&line, &room, in); n >= 0 && code == VG_EXIT_DONE;
         n = getline(&line, &room, in)) {
        number++;
        if (!blank(line, n)) {
            code = take_line(r, line, (size_t)n, number);
        }
    }
    free(line);
    return code;
}

static int finish_time(struct replay *r)
{
    if (r->until == NULL) {
        return VG_EXIT_DONE;
    }
    if (r->end.ms < r->now.ms) {
        return cannot("--until", "is before the last line");
    }
    r->now = r->end;
    const enum vg_status status =
        step(r, (struct vg_event){.kind = VG_EVENT_TIME}, NULL, NULL);
    return status == VG_OK ? VG_EXIT_DONE : cannot("--until", "out of memory");
}

static int run(struct replay *r)
{
    struct vg_error error = {""};
    const struct vg_rulebook book = {0};
    struct vg_rulebook rules = book;
    FILE *in = stdin;
    int code = VG_EXIT_CANNOT;

    if (vg_protocol_set_load(r->protocols, stderr, &r->set, &error) != VG_OK) {
        return cannot(r->protocols, error.text);
    }
    rules.protocol_count = r->set.count;
    rules.protocol = (const struct vg_protocol *const *)r->set.protocol;
    r->engine = vg_engine_create(&rules);
    r->decoder = vg_decoder_create("vigil/v1");
    if (r->engine == NULL || r->decoder == NULL) {
        return cannot("start", "out of memory");
    }
    if (r->file != NULL && strcmp(r->file, "-") != 0) {
        in = fopen(r->file, "re");
        if (in == NULL) {
            return cannot(r->file, strerrordesc_np(errno));
        }
    }
    code = take_file(r, in);
    code = code == VG_EXIT_DONE ? finish_time(r) : code;
    if (in != stdin) {
        (void)fclose(in);
    }
    if (code == VG_EXIT_DONE && r->assess) {
        vg_engine_assess(r->engine, print_assessed, r);
    }
    return fflush(stdout) == 0 ? code
                               : cannot("standard output", strerrordesc_np(errno));
}

static int parse(struct replay *r, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const bool more = i + 1 < argc;
        if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0) {
            (void)fputs(usage, stdout);
            return -1;
        }
        if (strcmp(argv[i], "--protocol") == 0 && more) {
            r->protocols = argv[++i];
        } else if (strcmp(argv[i], "--until") == 0 && more) {
            r->until = argv[++i];
        } else if (strcmp(argv[i], "--assess") == 0) {
            r->assess = true;
        } else if ((argv[i][0] != '-' || argv[i][1] == '\0') && r->file == NULL) {
            r->file = argv[i];
        } else {
            (void)fprintf(stderr, "vigil replay: do not understand \"%s\"\n%s", argv[i],
                          usage);
            return VG_EXIT_USAGE;
        }
    }
    if (r->until != NULL &&
        vg_time_parse(r->until, strlen(r->until), &r->end) != VG_OK) {
        (void)fprintf(stderr, "vigil replay: --until %s is no time\n", r->until);
        return VG_EXIT_USAGE;
    }
    return VG_EXIT_DONE;
}

int vg_cli_replay(int argc, char **argv)
{
    struct replay r = {.protocols = "config/protocols", .now = VG_UNSET};
    int code = parse(&r, argc, argv);

    if (code == VG_EXIT_DONE) {
        code = run(&r);
    }
    vg_engine_destroy(r.engine);
    vg_decoder_destroy(r.decoder);
    vg_effects_finish(&r.effects);
    vg_buffer_finish(&r.out);
    vg_buffer_finish(&r.keep);
    vg_protocol_set_finish(&r.set);
    return code < 0 ? VG_EXIT_DONE : code;
}
