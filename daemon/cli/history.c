/* SPDX-License-Identifier: Apache-2.0
 *
 * vigil history: what was measured of a patient or at a bed. This file: its options.
 */
#include "cli/history.h"

#include <stdlib.h>
#include <string.h>

#include "shell/clock.h"

static const char usage[] =
    "usage: vigil history PATIENT [--code temp,sbp] [--from -24h] [--to now] [--step 5m]\n"
    "                     [--format table|csv|json|plot] [--limit N] [-c FILE]\n"
    "                     [--set KEY=VALUE]... [--json]\n"
    "       vigil history PATIENT --coverage [--code CODES] [--from T] [--to T] [--json]\n"
    "       vigil history --bed WARD/BED ...     what came from a bed, whoever lay there\n"
    "\n"
    "Values come exactly as they were sent, oldest first, in their canonical unit. --step\n"
    "gives min, max, mean, count, first and last of each step instead, of values that could\n"
    "be used. plot draws them in the terminal: the band from min to max, the mean in it,\n"
    "gaps as gaps, limits of the protocol's rules marked; --ascii without UTF-8, --width N.\n"
    "--coverage says for each span why there was no alert: values normal, no data,\n"
    "suppressed and by whom, no rule for it, no stay begun.\n"
    "Times are -24h, now, or RFC 3339; \"to\" is exclusive. Exit 0: printed; 1: nothing\n"
    "found; 2: wrong use; 3: there is no store, or it took too long.\n";

int vg_history_failed(enum vg_status status, const struct vg_error *error)
{
    (void)fprintf(stderr, "vigil history: %s\n",
                  status == VG_NO_MEMORY ? "out of memory" : error->text);
    return VG_EXIT_CANNOT;
}

static bool codes(struct vg_history_ask *ask, const char *list)
{
    while (*list != '\0') {
        const size_t length = strcspn(list, ",");
        struct vg_code code;
        if (vg_signal_find(list, length, &code) != VG_OK ||
            code.signal >= VG_MEASURED_COUNT) {
            (void)fprintf(stderr, "vigil history: unknown code \"%.*s\"\n", (int)length,
                          list);
            return false;
        }
        ask->query.signals |= (uint64_t)1 << code.signal;
        list += length + (list[length] == ',');
    }
    return true;
}

static bool bed(struct vg_history_ask *ask, const char *text)
{
    const char *slash = strchr(text, '/');

    if (slash == NULL || !vg_id_valid(text, (size_t)(slash - text)) ||
        !vg_id_valid(slash + 1, strlen(slash + 1))) {
        return false;
    }
    memcpy(ask->ward, text, (size_t)(slash - text));
    (void)vg_copy(ask->bed, sizeof ask->bed, slash + 1);
    ask->query.ward = ask->ward;
    ask->query.bed = ask->bed;
    return true;
}

static bool format(struct vg_history_ask *ask, const char *text)
{
    static const char *const names[VG_FORMAT_COUNT] = {"table", "csv", "json", "plot"};

    for (int i = 0; i < VG_FORMAT_COUNT; i++) {
        if (strcmp(text, names[i]) == 0) {
            ask->format = (enum vg_history_format)i;
            return true;
        }
    }
    return false;
}

static bool number(const char *text, long most, long *out)
{
    char *end;

    *out = strtol(text, &end, 10);
    return end != text && *end == '\0' && *out > 0 && *out <= most;
}

static bool limit(struct vg_history_ask *ask, const char *text)
{
    long n;
    const bool good = number(text, 100000000, &n);

    ask->query.limit = good ? (size_t)n : 0;
    return good;
}

static bool width(struct vg_history_ask *ask, const char *text)
{
    long n;
    const bool good = number(text, 1000, &n) && n >= 30;

    ask->width = (int)n;
    return good;
}

static bool step(struct vg_history_ask *ask, const char *text)
{
    return vg_span_parse(text, strlen(text), &ask->query.step) == VG_OK &&
           ask->query.step >= VG_SECOND;
}

static bool from(struct vg_history_ask *ask, const char *text)
{
    return vg_query_time(text, ask->now, &ask->query.from);
}

static bool to(struct vg_history_ask *ask, const char *text)
{
    return vg_query_time(text, ask->now, &ask->query.to);
}

/* Options with a value. */
static const struct {
    const char *name;
    bool (*take)(struct vg_history_ask *ask, const char *value);
} options[] = {
    {"--code", codes}, {"--bed", bed},     {"--from", from},   {"--to", to},
    {"--step", step},  {"--limit", limit}, {"--width", width}, {"--format", format},
};

static bool take(struct vg_history_ask *ask, const char *name, const char *value)
{
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        if (strcmp(name, options[i].name) == 0) {
            return options[i].take(ask, value);
        }
    }
    return false;
}

/* One that is no common option, at *i. False: not understood. */
static bool own_option(struct vg_history_ask *ask, int argc, char **argv, int *i)
{
    const char *word = argv[*i];

    if (strcmp(word, "--coverage") == 0) {
        ask->coverage = true;
        return true;
    }
    if (strcmp(word, "--ascii") == 0) {
        ask->ascii = true;
        return true;
    }
    if (word[0] != '-' && ask->query.patient == NULL) {
        ask->query.patient = word;
        return true;
    }
    if (*i + 1 < argc && take(ask, word, argv[*i + 1])) {
        (*i)++;
        return true;
    }
    return false;
}

static int parse(struct vg_history_ask *ask, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        int done = 0;
        if (vg_query_word(&ask->options, usage, argc, argv, &i, &done)) {
            if (done != 0) {
                return done;
            }
            continue;
        }
        if (!own_option(ask, argc, argv, &i)) {
            (void)fprintf(stderr, "vigil history: do not understand \"%s\"\n%s",
                          argv[i], usage);
            return VG_EXIT_USAGE;
        }
    }
    if (ask->query.patient == NULL && ask->query.ward == NULL) {
        (void)fputs(usage, stderr);
        return VG_EXIT_USAGE;
    }
    return VG_EXIT_DONE;
}

int vg_cli_history(int argc, char **argv)
{
    static struct vg_history_ask ask; /* large, and there is one */

    vg_settings_default(&ask.options.settings);
    ask.now = vg_clock_wall();
    ask.query.to = VG_NEVER;
    ask.query.from = vg_after(ask.now, -VG_DAY);
    const int code = parse(&ask, argc, argv);
    if (code != VG_EXIT_DONE) {
        return code < 0 ? VG_EXIT_DONE : code;
    }
    if (ask.options.json && ask.format != VG_FORMAT_PLOT) {
        ask.format = VG_FORMAT_JSON;
    }
    struct vg_reader *reader = vg_query_open(&ask.options, "history");
    if (reader == NULL) {
        return VG_EXIT_CANNOT;
    }
    vg_store_read_within(reader, 60 * VG_SECOND);
    const int result = ask.coverage ? vg_history_coverage(&ask, reader)
                       : ask.format == VG_FORMAT_PLOT ? vg_history_plot(&ask, reader)
                                                      : vg_history_print(&ask, reader);
    vg_store_read_close(reader);
    return result;
}
