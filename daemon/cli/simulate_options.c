/* SPDX-License-Identifier: Apache-2.0
 *
 * Options as a table: a name, what value follows, who reads it, and into which field.
 */
#include "cli/simulate_options.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "vigil/wire.h"

const char vg_sim_usage[] =
    "usage: vigil simulate [OPTION]...\n"
    "\n"
    "A ward of gateways that number their messages, keep each one until the daemon's\n"
    "committed mark passes it, and send it again when none comes. They are fed with\n"
    "recorded vital signs of real patients, or with patients of a model. Ctrl-C stops it,\n"
    "waits for the marks and reports. config/SIMULATE.md says more.\n"
    "\n"
    "Where to\n"
    "  --url URL          broker (mqtt://127.0.0.1:1883); mqtts:// wants --ca\n"
    "  --username NAME    at the broker, with --password-file FILE (its first line)\n"
    "  --ca FILE          authority of the broker's certificate\n"
    "  --cert FILE        the gateways' own certificate, with --key FILE\n"
    "  --root ROOT        root of all topics (vigil/v1)\n"
    "  --ward WARD        (onc-7)\n"
    "  --print            no broker: lines for `vigil replay`, on standard output; with\n"
    "                     --begin TIME (2026-01-01T08:00:00Z) and --for (24h)\n"
    "Who\n"
    "  --beds N           (14)\n"
    "  --gateways N       the beds are dealt out among them (2)\n"
    "  --recordings DIR   (contrib/recordings)\n"
    "  --model            patients of a model instead of recordings\n"
    "  --patients WHAT    of the model: \"fever=2,crs=1,neuro=1,reaction=1,sepsis=1\", the\n"
    "                     others well; or a file of lines \"BED NAME\"\n"
    "  --monitor SPAN     of the model: between two values of a bed's monitor (1m; 0s: none)\n"
    "  --product NAME     car_t, car_nk or nk for all; else by chance\n"
    "  --seed N           the same ward for the same number (1)\n"
    "  --speed FACTOR     recorded time over real time (60)\n"
    "  --for DURATION     stop after 90s, 10m, 4h ...\n"
    "  --once             play each recording once, else again and again\n"
    "  --no-admit         admit nobody: beds without a patient\n"
    "  --moves SPAN       so often two patients change beds\n"
    "  --mistakes P       share of messages with a slip in them, to be refused\n"
    "Store and forward\n"
    "  --spool DIR        what is not confirmed is kept there, over kill -9 too\n"
    "  --forget-counter   each start begins a new epoch, whatever the spool says\n"
    "  --confirm-within SPAN  before a message is sent again (10s)\n"
    "  --restart SPAN     each gateway is switched off and on about so often\n"
    "Faults between gateway and broker\n"
    "  --drop P  --duplicate P  --reorder P   shares of the messages, 0 to 0.95\n"
    "  --delay SPAN       each is held up by at most so long\n"
    "  --skew SPAN        each gateway's clock is wrong by at most so much\n"
    "What it says\n"
    "  --ledger FILE      a line for each message published, for an independent count\n"
    "  --json             the report as one JSON object\n"
    "\n"
    "Exit code: 0 all confirmed, 1 not all, 2 wrong usage, 3 could not do it.\n";

struct row;
typedef bool read_fn(const struct row *row, const char *value, void *field);

struct row {
    const char *name;
    const char *wants; /* NULL: no value follows */
    read_fn *read;
    size_t offset;    /* of the field */
    double low, high; /* read_real, read_whole */
};

static bool read_whole(const struct row *row, const char *value, void *field)
{
    char *end;
    errno = 0;
    unsigned long long number = strtoull(value, &end, 10);
    *(uint64_t *)field = number;
    return errno == 0 && *end == '\0' && value[0] >= '0' && value[0] <= '9' &&
           (double)number >= row->low && (double)number <= row->high;
}

static bool read_real(const struct row *row, const char *value, void *field)
{
    char *end;
    double number = strtod(value, &end);
    *(double *)field = number;
    return end != value && *end == '\0' && isfinite(number) && number >= row->low &&
           number <= row->high;
}

static bool read_text(const struct row *row, const char *value, void *field)
{
    (void)row;
    *(const char **)field = value;
    return value[0] != '\0';
}

static bool read_ward(const struct row *row, const char *value, void *field)
{
    return read_text(row, value, field) && vg_id_valid(value, strlen(value));
}

static bool read_product(const struct row *row, const char *value, void *field)
{
    return read_text(row, value, field) &&
           (strcmp(value, "car_t") == 0 || strcmp(value, "car_nk") == 0 ||
            strcmp(value, "nk") == 0);
}

static bool read_some(const struct row *row, const char *value, void *field)
{
    vg_ms *span = field;
    (void)row;
    return vg_span_parse(value, strlen(value), span) == VG_OK && *span > 0;
}

static bool read_span(const struct row *row, const char *value, void *field)
{
    vg_ms *span = field;
    (void)row;
    return vg_span_parse(value, strlen(value), span) == VG_OK && *span >= 0;
}

static bool read_time(const struct row *row, const char *value, void *field)
{
    (void)row;
    return vg_time_parse(value, strlen(value), field) == VG_OK;
}

static bool read_flag(const struct row *row, const char *value, void *field)
{
    (void)row;
    (void)value;
    *(bool *)field = true;
    return true;
}

#define AT(field) offsetof(struct vg_sim_options, field)
#define SHARE(name, field)                                                  \
    {                                                                       \
        name, "a probability from 0 to 0.95", read_real, AT(field), 0, 0.95 \
    }
static const struct row rows[] = {
    {"--url", "a URL such as mqtt://127.0.0.1:1883", read_text, AT(url), 0, 0},
    {"--username", "a name", read_text, AT(username), 0, 0},
    {"--password-file", "a file", read_text, AT(password_file), 0, 0},
    {"--ca", "a file", read_text, AT(ca), 0, 0},
    {"--cert", "a file", read_text, AT(cert), 0, 0},
    {"--key", "a file", read_text, AT(key), 0, 0},
    {"--root", "a topic such as vigil/v1", read_text, AT(root), 0, 0},
    {"--ward", "a ward's id such as onc-7", read_ward, AT(ward), 0, 0},
    {"--beds", "a number from 1 to 2000", read_whole, AT(beds), 1, VG_SIM_BEDS},
    {"--gateways", "a number from 1 to 64", read_whole, AT(gateways), 1,
     VG_SIM_GATEWAYS},
    {"--recordings", "a folder", read_text, AT(recordings), 0, 0},
    {"--patients", "patients such as fever=2,crs=1, or a file", read_text, AT(patients),
     0, 0},
    {"--moves", "a duration such as 10m", read_some, AT(moves), 0, 0},
    {"--product", "car_t, car_nk or nk", read_product, AT(product), 0, 0},
    {"--monitor", "a duration such as 10s, or 0s", read_span, AT(monitor), 0, 0},
    {"--seed", "a whole number from 0", read_whole, AT(seed), 0, 2e19},
    {"--speed", "a factor from 0.001 to 1000000", read_real, AT(speed), 0.001, 1e6},
    {"--for", "a duration such as 90s or 10m", read_some, AT(span), 0, 0},
    {"--begin", "a time such as 2026-01-01T08:00:00Z", read_time, AT(begin), 0, 0},
    {"--spool", "a folder", read_text, AT(spool), 0, 0},
    {"--ledger", "a file", read_text, AT(ledger), 0, 0},
    {"--confirm-within", "a duration such as 10s", read_some, AT(confirm_within), 0, 0},
    {"--restart", "a duration such as 5m", read_some, AT(restart), 0, 0},
    SHARE("--drop", drop),
    SHARE("--duplicate", duplicate),
    SHARE("--reorder", reorder),
    SHARE("--mistakes", mistakes),
    {"--delay", "a duration such as 500ms", read_span, AT(delay), 0, 0},
    {"--skew", "a duration such as 2s", read_span, AT(skew), 0, 0},
    {"--once", NULL, read_flag, AT(once), 0, 0},
    {"--no-admit", NULL, read_flag, AT(no_admit), 0, 0},
    {"--model", NULL, read_flag, AT(model), 0, 0},
    {"--print", NULL, read_flag, AT(print), 0, 0},
    {"--json", NULL, read_flag, AT(json), 0, 0},
    {"--forget-counter", NULL, read_flag, AT(forget_counter), 0, 0},
    {"--help", NULL, read_flag, AT(help), 0, 0},
    {"-h", NULL, read_flag, AT(help), 0, 0}};

/* The row that `word` names, as "--name" or "--name=value"; *value is what follows "=". */
static const struct row *find_row(const char *word, const char **value)
{
    size_t length = strcspn(word, "=");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strlen(rows[i].name) == length && memcmp(word, rows[i].name, length) == 0) {
            *value = word[length] == '=' ? word + length + 1 : NULL;
            return &rows[i];
        }
    }
    return NULL;
}

/* What does not go together. */
static enum vg_status check(const struct vg_sim_options *options,
                            struct vg_error *error)
{
    const struct {
        bool wrong;
        const char *sentence;
    } rules[] = {
        {options->model && options->recordings != NULL,
         "--recordings and --model (or --patients) exclude each other"},
        {options->no_admit && options->moves > 0,
         "--moves needs admitted patients; leave out --no-admit"},
        {options->print && options->spool != NULL,
         "--print needs no --spool: nothing is confirmed"},
        {options->restart > 0 && options->spool == NULL,
         "--restart needs --spool: a gateway that is switched off remembers only what is "
         "on its disk"},
        {options->print && options->restart > 0,
         "--restart needs a broker, and --print has none"},
        {options->print && options->json,
         "--print writes no report; leave out --json"}};
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (rules[i].wrong) {
            vg_error_set(error, "%s", rules[i].sentence);
            return VG_REFUSED;
        }
    }
    return VG_OK;
}

static const struct vg_sim_options defaults = {
    .url = "mqtt://127.0.0.1:1883",
    .root = "vigil/v1",
    .ward = "onc-7",
    .beds = 14,
    .gateways = 2,
    .seed = 1,
    .speed = 60,
    .monitor = VG_MINUTE,
    .confirm_within = 10 * VG_SECOND,
    .begin = {1767254400000}}; /* 2026-01-01T08:00:00Z */

enum vg_status vg_sim_options_read(int argc, char **argv, struct vg_sim_options *out,
                                   struct vg_error *error)
{
    *out = defaults;
    for (int i = 1; i < argc; i++) {
        const char *value = NULL;
        const struct row *row = find_row(argv[i], &value);
        if (row == NULL) {
            vg_error_set(error, "unknown option \"%.80s\"; --help lists them", argv[i]);
            return VG_REFUSED;
        }
        if (row->wants == NULL && value != NULL) {
            vg_error_set(error, "%s takes no value", row->name);
            return VG_REFUSED;
        }
        if (row->wants != NULL && value == NULL && i + 1 < argc) {
            value = argv[++i];
        }
        if ((row->wants != NULL && value == NULL) ||
            !row->read(row, value, (char *)out + row->offset)) {
            vg_error_set(error, "%s wants %s", row->name, row->wants);
            return VG_REFUSED;
        }
    }
    out->gateways = out->gateways < out->beds ? out->gateways : out->beds;
    out->model = out->model || out->patients != NULL;
    return out->help ? VG_OK : check(out, error);
}
