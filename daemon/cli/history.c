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
    "       vigil history PATIENT --last [--to T]       the newest usable value of each signal\n"
    "       vigil history PATIENT --gaps 10m [--code CODES]       when none came for so long\n"
    "       vigil history PATIENT --charted [--code medication,o2_device]\n"
    "       vigil history --bed WARD/BED ...     what came from a bed, whoever lay there\n"
    "                                            (WARD/BED alone means the same)\n"
    "\n"
    "Values come exactly as they were sent, oldest first, in their canonical unit. --step\n"
    "gives min, max, mean, count, first and last of each step instead, of values that could\n"
    "be used. plot draws them in the terminal: the band from min to max, the mean in it,\n"
    "gaps as gaps, limits of the protocol's rules marked; --ascii without UTF-8, --width N.\n"
    "--coverage says for each span why there was no alert: values normal, no data,\n"
    "suppressed and by whom, no rule for it, no stay begun. --last looks back a week from\n"
    "T, or as far as --from. --charted tells infusions, drugs, oxygen, flags and what else\n"
    "people wrote down.\n"
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
        if (vg_signal_find(list, length, &code) != VG_OK) {
            return false;
        }
        if (code.signal < VG_MEASURED_COUNT) {
            ask->query.signals |= (uint64_t)1 << code.signal;
        } else {
            ask->charted_codes |= (uint64_t)1 << (code.signal - VG_MEASURED_COUNT);
        }
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

static bool gaps(struct vg_history_ask *ask, const char *text)
{
    return vg_span_parse(text, strlen(text), &ask->gaps) == VG_OK &&
           ask->gaps >= VG_SECOND;
}

static bool from(struct vg_history_ask *ask, const char *text)
{
    ask->from_given = true;
    return vg_query_time(text, ask->now, &ask->query.from);
}

static bool to(struct vg_history_ask *ask, const char *text)
{
    return vg_query_time(text, ask->now, &ask->query.to);
}

#define TIME "-24h, now or a time like 2026-11-29T08:00:00Z"
#define SPAN "a span of a second or more, like 5m"

/* Options with a value. */
static const struct option {
    const char *name;
    bool (*take)(struct vg_history_ask *ask, const char *value);
    const char *wants;
} options[] = {
    {"--code", codes, "codes that there are, with commas between them (temp,sbp)"},
    {"--bed", bed, "WARD/BED"},
    {"--from", from, TIME},
    {"--to", to, TIME},
    {"--step", step, SPAN},
    {"--limit", limit, "a number of values"},
    {"--width", width, "a number from 30 to 1000"},
    {"--format", format, "table, csv, json or plot"},
    {"--gaps", gaps, SPAN},
};

static const struct option *option_of(const char *name)
{
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        if (strcmp(name, options[i].name) == 0) {
            return &options[i];
        }
    }
    return NULL;
}

static bool take(struct vg_history_ask *ask, const char *name, const char *value)
{
    const struct option *option = option_of(name);

    return option != NULL && option->take(ask, value);
}

static int wrong(const char *word, const char *value)
{
    const struct option *option = option_of(word);

    if (option == NULL) {
        (void)fprintf(stderr, "vigil history: do not understand \"%s\"\n%s", word,
                      usage);
    } else {
        (void)fprintf(stderr, "vigil history: %s wants %s%s%s%s; --help says more\n",
                      word, option->wants, value != NULL ? ", and not \"" : "",
                      value != NULL ? value : "", value != NULL ? "\"" : "");
    }
    return VG_EXIT_USAGE;
}

/* Options without one. */
static bool flag(struct vg_history_ask *ask, const char *word)
{
    const struct {
        const char *name;
        bool *to;
    } flags[] = {{"--coverage", &ask->coverage},
                 {"--ascii", &ask->ascii},
                 {"--last", &ask->last},
                 {"--charted", &ask->charted}};

    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        if (strcmp(word, flags[i].name) == 0) {
            *flags[i].to = true;
            return true;
        }
    }
    return false;
}

/* One that is no common option, at *i. False: not understood. */
static bool own_option(struct vg_history_ask *ask, int argc, char **argv, int *i)
{
    const char *word = argv[*i];

    if (flag(ask, word)) {
        return true;
    }
    if (word[0] != '-' && strchr(word, '/') != NULL) {
        return bed(ask, word); /* a patient's name has no slash */
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

/* Codes of what people chart are asked with --charted, or name nothing else: then it is meant. */
static bool understood(struct vg_history_ask *ask)
{
    const bool other = ask->coverage || ask->last || ask->gaps > 0 ||
                       ask->query.step > 0 || ask->format == VG_FORMAT_PLOT;

    if (ask->coverage + ask->last + ask->charted + (ask->gaps > 0) > 1) {
        (void)fputs("vigil history: one of --coverage, --last, --gaps and --charted\n",
                    stderr);
        return false;
    }
    if (!ask->last && ask->query.from.ms > ask->query.to.ms) {
        (void)fputs(
            "vigil history: --from (a day back, if not given) is later than --to\n",
            stderr);
        return false;
    }
    if (ask->charted_codes != 0 && (other || ask->query.signals != 0)) {
        (void)fputs(
            "vigil history: what people chart has no numbers: ask for it by itself, "
            "with --charted\n",
            stderr);
        return false;
    }
    ask->charted = ask->charted || ask->charted_codes != 0;
    return true;
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
            return wrong(argv[i], argv[i + 1]); /* NULL at the end */
        }
    }
    if (ask->query.patient == NULL && ask->query.ward == NULL) {
        (void)fputs(usage, stderr);
        return VG_EXIT_USAGE;
    }
    return understood(ask) ? VG_EXIT_DONE : VG_EXIT_USAGE;
}

static int answer(const struct vg_history_ask *ask, struct vg_reader *reader)
{
    if (ask->coverage) {
        return vg_history_coverage(ask, reader);
    }
    if (ask->last) {
        return vg_history_last_known(ask, reader);
    }
    if (ask->gaps > 0) {
        return vg_history_print_gaps(ask, reader);
    }
    if (ask->charted) {
        return vg_history_print_charted(ask, reader);
    }
    return ask->format == VG_FORMAT_PLOT ? vg_history_plot(ask, reader)
                                         : vg_history_print(ask, reader);
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
    int result = VG_EXIT_DONE;
    if (ask.query.ward == NULL ||
        vg_query_ward(&ask.options, reader, "history", ask.query.ward, &result)) {
        result = ask.query.patient == NULL ||
                         vg_query_patient(reader, "history", ask.query.patient)
                     ? answer(&ask, reader)
                     : VG_EXIT_NO;
    }
    vg_store_read_close(reader);
    return result;
}
