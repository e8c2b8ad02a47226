/* SPDX-License-Identifier: Apache-2.0
 *
 * vigil audit: whether the trail of what was done is whole, and what it says.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/query.h"
#include "shell/clock.h"
#include "shell/store_verify.h"

static const char usage[] =
    "usage: vigil audit verify [-c FILE | --store PATH] [--head HASH] [--count N] [--json]\n"
    "       vigil audit show [-c FILE | --store PATH] [--since T] [--alert ID] [--json]\n"
    "\n"
    "verify walks the trail from its first row and names the first one that was edited,\n"
    "taken out, put in or moved, beside a running daemon or without one; then the first\n"
    "alert or page that is not as the trail has it. Give it the head and count of a\n"
    "heartbeat that was kept elsewhere: only with them is a trail found out that was cut at\n"
    "its end or made anew.\n"
    "\n"
    "Exit 0: whole (verify), printed (show); 1: not whole, or there are no rows; 2: wrong\n"
    "use; 3: the store cannot be read. T is a time, \"now\" or \"-24h\".\n";

struct audit {
    struct vg_query_options options;
    struct vg_audit_head published;
    struct vg_instant since;
    const char *alert;
    size_t shown;
};

#define PATIENCE (10 * VG_MINUTE)

/* ---- verify */

static void print_json(struct vg_buffer *b)
{
    vg_put_raw(b, "}\n");
    (void)fputs(b->failed ? "" : b->bytes, stdout);
    vg_buffer_finish(b);
}

static void verified_json(const struct vg_verified *v)
{
    struct vg_buffer b = {0};

    vg_put_raw(&b, v->intact ? "{\"intact\":true,\"count\":"
                             : "{\"intact\":false,\"count\":");
    vg_put_int(&b, (int64_t)v->head.count);
    vg_put_raw(&b, ",\"head\":");
    vg_put_string(&b, v->head.hash);
    vg_put_raw(&b, ",\"row\":");
    if (v->row > 0) {
        vg_put_int(&b, v->row);
    } else {
        vg_put_raw(&b, "null");
    }
    vg_put_raw(&b, ",\"why\":");
    if (v->intact) {
        vg_put_raw(&b, "null");
    } else {
        vg_put_string(&b, v->why);
    }
    print_json(&b);
}

static void verified_text(const struct vg_verified *v)
{
    if (v->intact) {
        (void)printf("whole: %llu rows, head %s\n", (unsigned long long)v->head.count,
                     v->head.hash);
    } else {
        (void)printf("NOT WHOLE: %s\n%llu rows before it are as they were written\n",
                     v->why, (unsigned long long)v->head.count);
    }
}

static int verify(struct audit *a, struct vg_reader *reader)
{
    struct vg_verified verified;
    struct vg_error error = {""};

    if (vg_store_verify(reader, &a->published, &verified, &error) != VG_OK) {
        (void)fprintf(stderr, "vigil audit: %s\n", error.text);
        return VG_EXIT_CANNOT;
    }
    if (a->options.json) {
        verified_json(&verified);
    } else {
        verified_text(&verified);
    }
    return verified.intact ? VG_EXIT_DONE : VG_EXIT_NO;
}

/* ---- show */

static void row_json(const struct vg_audit_row *row, const char *at, const char *hash)
{
    struct vg_buffer b = {0};

    vg_put_raw(&b, "{\"id\":");
    vg_put_int(&b, row->id);
    vg_put_raw(&b, ",\"at\":");
    vg_put_string(&b, at);
    vg_put_raw(&b, ",\"kind\":");
    vg_put_string(&b, row->kind.text);
    vg_put_raw(&b, ",\"subject\":");
    vg_put_string(&b, row->subject.text);
    vg_put_raw(&b, ",\"body\":");
    /* as text: it may have been edited into something that is no JSON */
    vg_put_string(&b, row->body.text);
    vg_put_raw(&b, ",\"hash\":");
    vg_put_string(&b, hash);
    print_json(&b);
}

static bool on_row(void *to, const struct vg_audit_row *row, const char *hash)
{
    struct audit *a = to;
    char at[VG_TIME_TEXT];

    a->shown++;
    vg_time_format(row->at, at);
    if (a->options.json) {
        row_json(row, at, hash);
    } else {
        (void)printf("%6lld  %s  %-8s  %-26s  %s\n", (long long)row->id, at,
                     row->kind.text, row->subject.text, row->body.text);
    }
    return ferror(stdout) == 0;
}

static int show(struct audit *a, struct vg_reader *reader)
{
    struct vg_error error = {""};

    if (vg_store_trail(reader, a->since, a->alert, on_row, a, &error) != VG_OK) {
        (void)fprintf(stderr, "vigil audit: %s\n", error.text);
        return VG_EXIT_CANNOT;
    }
    return a->shown > 0 ? VG_EXIT_DONE : VG_EXIT_NO;
}

/* ---- Arguments */

static bool take_head(struct audit *a, const char *text)
{
    const size_t length = strlen(text);

    for (size_t i = 0; i <= length && i < VG_AUDIT_HEX; i++) {
        a->published.hash[i] = text[i];
        if (text[i] >= 'A' && text[i] <= 'F') {
            a->published.hash[i] = (char)(text[i] - 'A' + 'a');
        }
    }
    uint8_t hash[VG_AUDIT_BYTES];
    return length == VG_AUDIT_HEX - 1 &&
           vg_audit_unhex((struct vg_slice){a->published.hash, length}, hash);
}

static bool take_count(struct audit *a, const char *text)
{
    char *end = NULL;
    const bool digits = text[0] >= '0' && text[0] <= '9' && strlen(text) < 19;

    a->published.count = digits ? strtoull(text, &end, 10) : 0;
    return digits && *end == '\0';
}

static bool take_store(struct audit *a, const char *text)
{
    return vg_copy(a->options.settings.store_path,
                   sizeof a->options.settings.store_path, text);
}

static bool take_since(struct audit *a, const char *text)
{
    return vg_query_time(text, vg_clock_wall(), &a->since);
}

static bool take_alert(struct audit *a, const char *text)
{
    a->alert = text;
    return true;
}

static const struct {
    const char *name;
    bool (*take)(struct audit *a, const char *text);
} words[] = {{"--store", take_store},
             {"--head", take_head},
             {"--count", take_count},
             {"--since", take_since},
             {"--alert", take_alert}};

/* 1: taken; 0: not one of these; -1: wrong. *done: as of vg_query_word. */
static int take(struct audit *a, int argc, char **argv, int *i, int *done)
{
    for (size_t k = 0; k < sizeof words / sizeof *words && *i + 1 < argc; k++) {
        if (strcmp(argv[*i], words[k].name) == 0) {
            ++*i;
            return words[k].take(a, argv[*i]) ? 1 : -1;
        }
    }
    return vg_query_word(&a->options, usage, argc, argv, i, done) ? 1 : 0;
}

static int parse(struct audit *a, int argc, char **argv)
{
    int done = VG_EXIT_DONE;

    for (int i = 2; i < argc && done == VG_EXIT_DONE; i++) {
        if (take(a, argc, argv, &i, &done) != 1) {
            (void)fprintf(stderr, "vigil audit: do not understand \"%s\"\n%s", argv[i],
                          usage);
            return VG_EXIT_USAGE;
        }
    }
    return done;
}

static const struct {
    const char *name;
    int (*run)(struct audit *a, struct vg_reader *reader);
} commands[] = {{"verify", verify}, {"show", show}};

static int run(struct audit *a, int (*command)(struct audit *, struct vg_reader *))
{
    struct vg_reader *reader = vg_query_open(&a->options, "audit");

    if (reader == NULL) {
        return VG_EXIT_CANNOT;
    }
    vg_store_read_within(reader, PATIENCE);
    const int code = command(a, reader);
    vg_store_read_close(reader);
    return code;
}

int vg_cli_audit(int argc, char **argv)
{
    static struct audit a; /* large, and there is one */
    const char *name = argc > 1 ? argv[1] : "";

    if (strcmp(name, "-h") == 0 || strcmp(name, "--help") == 0) {
        (void)fputs(usage, stdout);
        return VG_EXIT_DONE;
    }
    vg_settings_default(&a.options.settings);
    a.since = VG_UNSET;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(name, commands[i].name) == 0) {
            const int code = parse(&a, argc, argv);
            return code == VG_EXIT_DONE ? run(&a, commands[i].run)
                   : code < 0           ? VG_EXIT_DONE
                                        : code;
        }
    }
    (void)fprintf(stderr, "vigil audit: \"verify\" or \"show\"?\n%s", usage);
    return VG_EXIT_USAGE;
}
