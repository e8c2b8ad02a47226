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
    "  --url URL          broker (mqtt://127.0.0.1:1883); mqtts:// wants --ca\n"
    "  --username NAME    at the broker, with --password-file FILE (its first line)\n"
    "  --ca FILE          authority of the broker's certificate\n"
    "  --cert FILE        the gateways' own certificate, with --key FILE\n"
    "  --root ROOT        root of all topics (vigil/v1)\n"
    "  --ward WARD        (onc-7)\n"
    "  --beds N           (14)\n"
    "  --gateways N       the beds are dealt out among them (2)\n"
    "  --recordings DIR   (contrib/recordings)\n"
    "  --seed N           which patient lies where, ages that the recordings lack, products\n"
    "                     and times of infusion: the same ward for the same number (1)\n"
    "  --speed FACTOR     recorded time over real time (60)\n"
    "  --for DURATION     stop after 90s, 10m, 4h ...\n"
    "  --once             play each recording once, else again and again\n"
    "  --no-admit         admit nobody: beds without a patient\n"
    "\n"
    "Exit code: 0 all confirmed, 1 not all, 2 wrong usage, 3 could not do it.\n";

struct row;
typedef bool read_fn(const struct row *row, const char *value,
                     struct vg_sim_options *out);

struct row {
    const char *name;
    const char *wants; /* NULL: no value follows */
    read_fn *read;
    size_t offset; /* read_text: of the field */
};

static bool read_number(const char *value, uint64_t *out)
{
    char *end;
    errno = 0;
    *out = strtoull(value, &end, 10);
    return errno == 0 && *end == '\0' && value[0] >= '0' && value[0] <= '9';
}

static bool read_count(const char *value, size_t most, size_t *out)
{
    uint64_t number;
    bool good = read_number(value, &number) && number >= 1 && number <= most;
    *out = good ? (size_t)number : 0;
    return good;
}

static bool read_text(const struct row *row, const char *value,
                      struct vg_sim_options *out)
{
    memcpy((char *)out + row->offset, &value, sizeof value);
    return value[0] != '\0';
}

static bool read_ward(const struct row *row, const char *value,
                      struct vg_sim_options *out)
{
    (void)row;
    out->ward = value;
    return vg_id_valid(value, strlen(value));
}

static bool read_beds(const struct row *row, const char *value,
                      struct vg_sim_options *out)
{
    (void)row;
    return read_count(value, VG_SIM_BEDS, &out->beds);
}

static bool read_gateways(const struct row *row, const char *value,
                          struct vg_sim_options *out)
{
    (void)row;
    return read_count(value, VG_SIM_GATEWAYS, &out->gateways);
}

static bool read_seed(const struct row *row, const char *value,
                      struct vg_sim_options *out)
{
    (void)row;
    return read_number(value, &out->seed);
}

static bool read_speed(const struct row *row, const char *value,
                       struct vg_sim_options *out)
{
    char *end;
    (void)row;
    out->speed = strtod(value, &end);
    return end != value && *end == '\0' && isfinite(out->speed) &&
           out->speed >= 0.001 && out->speed <= 1e6;
}

static bool read_span(const struct row *row, const char *value,
                      struct vg_sim_options *out)
{
    (void)row;
    return vg_span_parse(value, strlen(value), &out->span) == VG_OK && out->span > 0;
}

static bool read_once(const struct row *row, const char *value,
                      struct vg_sim_options *out)
{
    (void)row;
    (void)value;
    out->once = true;
    return true;
}

static bool read_no_admit(const struct row *row, const char *value,
                          struct vg_sim_options *out)
{
    (void)row;
    (void)value;
    out->admit = false;
    return true;
}

static bool read_help(const struct row *row, const char *value,
                      struct vg_sim_options *out)
{
    (void)row;
    (void)value;
    out->help = true;
    return true;
}

#define AT(field) offsetof(struct vg_sim_options, field)
static const struct row rows[] = {
    {"--url", "a URL such as mqtt://127.0.0.1:1883", read_text, AT(url)},
    {"--username", "a name", read_text, AT(username)},
    {"--password-file", "a file", read_text, AT(password_file)},
    {"--ca", "a file", read_text, AT(ca)},
    {"--cert", "a file", read_text, AT(cert)},
    {"--key", "a file", read_text, AT(key)},
    {"--root", "a topic such as vigil/v1", read_text, AT(root)},
    {"--ward", "a ward's id such as onc-7", read_ward, 0},
    {"--beds", "a number from 1 to 2000", read_beds, 0},
    {"--gateways", "a number from 1 to 64", read_gateways, 0},
    {"--recordings", "a folder", read_text, AT(recordings)},
    {"--seed", "a whole number from 0", read_seed, 0},
    {"--speed", "a factor from 0.001 to 1000000", read_speed, 0},
    {"--for", "a duration such as 90s or 10m", read_span, 0},
    {"--once", NULL, read_once, 0},
    {"--no-admit", NULL, read_no_admit, 0},
    {"--help", NULL, read_help, 0},
    {"-h", NULL, read_help, 0}};

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
                                   .seed = 1,
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
        if ((row->wants != NULL && value == NULL) || !row->read(row, value, out)) {
            vg_error_set(error, "%s wants %s", row->name, row->wants);
            return VG_REFUSED;
        }
    }
    out->gateways = out->gateways < out->beds ? out->gateways : out->beds;
    return VG_OK;
}
