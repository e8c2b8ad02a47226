/* SPDX-License-Identifier: Apache-2.0
 *
 * Options as a table: a name, whether a value follows, and who reads it.
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
    "A ward of gateways fed with recorded vital signs of real patients. They number\n"
    "their messages, keep each one until the daemon's committed mark passes it, and send\n"
    "it again when none comes. Ctrl-C stops it, waits for the marks and reports.\n"
    "\n"
    "  --url URL          broker (mqtt://127.0.0.1:1883)\n"
    "  --root ROOT        root of all topics (vigil/v1)\n"
    "  --ward WARD        (onc-7)\n"
    "  --beds N           (14)\n"
    "  --gateways N       the beds are dealt out among them (2)\n"
    "  --recordings DIR   (contrib/recordings)\n"
    "  --speed FACTOR     recorded time over real time (60)\n"
    "  --for DURATION     stop after 90s, 10m, 4h ...\n"
    "  --once             play each recording once, else again and again\n"
    "  --no-admit         admit nobody: beds without a patient\n"
    "\n"
    "Exit code: 0 all confirmed, 1 not all, 2 wrong usage, 3 could not do it.\n";

typedef bool read_fn(const char *value, struct vg_sim_options *out);

static bool read_count(const char *value, size_t most, size_t *out)
{
    char *end;
    errno = 0;
    unsigned long number = strtoul(value, &end, 10);
    *out = number;
    return errno == 0 && *end == '\0' && value[0] >= '0' && value[0] <= '9' &&
           number >= 1 && number <= most;
}

static bool read_url(const char *value, struct vg_sim_options *out)
{
    out->url = value;
    return true;
}

static bool read_root(const char *value, struct vg_sim_options *out)
{
    out->root = value;
    return true;
}

static bool read_ward(const char *value, struct vg_sim_options *out)
{
    out->ward = value;
    return vg_id_valid(value, strlen(value));
}

static bool read_beds(const char *value, struct vg_sim_options *out)
{
    return read_count(value, VG_SIM_BEDS, &out->beds);
}

static bool read_gateways(const char *value, struct vg_sim_options *out)
{
    return read_count(value, VG_SIM_GATEWAYS, &out->gateways);
}

static bool read_recordings(const char *value, struct vg_sim_options *out)
{
    out->recordings = value;
    return true;
}

static bool read_speed(const char *value, struct vg_sim_options *out)
{
    char *end;
    out->speed = strtod(value, &end);
    return end != value && *end == '\0' && isfinite(out->speed) &&
           out->speed >= 0.001 && out->speed <= 1e6;
}

static bool read_span(const char *value, struct vg_sim_options *out)
{
    return vg_span_parse(value, strlen(value), &out->span) == VG_OK && out->span > 0;
}

static bool read_once(const char *value, struct vg_sim_options *out)
{
    (void)value;
    out->once = true;
    return true;
}

static bool read_no_admit(const char *value, struct vg_sim_options *out)
{
    (void)value;
    out->admit = false;
    return true;
}

static bool read_help(const char *value, struct vg_sim_options *out)
{
    (void)value;
    out->help = true;
    return true;
}

static const struct row {
    const char *name;
    read_fn *read;
    const char *wants; /* NULL: no value follows */
} rows[] = {{"--url", read_url, "a URL such as mqtt://127.0.0.1:1883"},
            {"--root", read_root, "a topic such as vigil/v1"},
            {"--ward", read_ward, "a ward's id such as onc-7"},
            {"--beds", read_beds, "a number from 1 to 2000"},
            {"--gateways", read_gateways, "a number from 1 to 64"},
            {"--recordings", read_recordings, "a folder"},
            {"--speed", read_speed, "a factor from 0.001 to 1000000"},
            {"--for", read_span, "a duration such as 90s or 10m"},
            {"--once", read_once, NULL},
            {"--no-admit", read_no_admit, NULL},
            {"--help", read_help, NULL},
            {"-h", read_help, NULL}};

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

enum vg_status vg_sim_options_read(int argc, char **argv, struct vg_sim_options *out,
                                   struct vg_error *error)
{
    *out = (struct vg_sim_options){.url = "mqtt://127.0.0.1:1883",
                                   .root = "vigil/v1",
                                   .ward = "onc-7",
                                   .beds = 14,
                                   .gateways = 2,
                                   .speed = 60,
                                   .admit = true};
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
        if ((row->wants != NULL && value == NULL) || !row->read(value, out)) {
            vg_error_set(error, "%s wants %s", row->name, row->wants);
            return VG_REFUSED;
        }
    }
    out->gateways = out->gateways < out->beds ? out->gateways : out->beds;
    return VG_OK;
}
