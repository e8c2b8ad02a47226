/* SPDX-License-Identifier: Apache-2.0
 *
 * The command line of vigil watch: a table of words.
 */
#include <string.h>

#include "cli/watch.h"

const char vg_watch_usage[] =
    "usage: vigil watch [OPTION]...\n"
    "\n"
    "A dead man's switch: pages the ward when no heartbeat of vigild has come for a while,\n"
    "again every minute while that lasts, and says when it is back. Run it on another host\n"
    "than vigild. It needs only the broker.\n"
    "\n"
    "  -c FILE            settings, as vigild's: mqtt, node, wards, channels, routes\n"
    "  --set KEY=VALUE    one of them\n"
    "  --node NODE        whose heartbeats (the settings' node); several\n"
    "  --ward WARD        who is told (all wards of the settings); several\n"
    "  --page ROLE,ROLE   whom (bedside-nurse,charge-nurse)\n"
    "  --after SPAN       of silence (15s). They come every 5 s: less than 11s calls people\n"
    "                     for one that is late\n"
    "  --again SPAN       said again this often (60s)\n"
    "  --heads FILE       keep the end of the audit trail, a line a minute:\n"
    "                     time count hash node, for vigil audit verify --head --count\n"
    "  --once             only look, tell nobody: exit 0 when a heartbeat came from each,\n"
    "                     1 when none came in time\n"
    "\n"
    "Exit 0: told to stop (or --once: alive); 1: --once, lost; 2: wrong usage; 3: cannot\n"
    "begin (certificates, memory). A broker that is away is tried for ever.\n";

typedef bool take_fn(struct vg_watch_options *out, const char *value);

static bool take_node(struct vg_watch_options *out, const char *value)
{
    if (out->node_count == VG_WATCH_NODES || !vg_id_valid(value, strlen(value))) {
        return false;
    }
    out->node[out->node_count++] = value;
    return true;
}

static bool take_ward(struct vg_watch_options *out, const char *value)
{
    if (out->ward_count == VG_WARDS || !vg_id_valid(value, strlen(value))) {
        return false;
    }
    out->ward[out->ward_count++] = value;
    return true;
}

static bool take_roles(struct vg_watch_options *out, const char *value)
{
    out->role_count = 0;
    for (const char *at = value;; at++) {
        const size_t length = strcspn(at, ",");
        if (out->role_count == VG_WATCH_ROLES || !vg_id_valid(at, length)) {
            return false;
        }
        memcpy(out->role[out->role_count], at, length);
        out->role[out->role_count++][length] = '\0';
        at += length;
        if (*at == '\0') {
            return true;
        }
    }
}

static bool take_span(const char *value, vg_ms *out)
{
    return vg_span_parse(value, strlen(value), out) == VG_OK && *out >= VG_SECOND &&
           *out <= VG_HOUR;
}

static bool take_after(struct vg_watch_options *out, const char *value)
{
    return take_span(value, &out->limits.after);
}

static bool take_again(struct vg_watch_options *out, const char *value)
{
    return take_span(value, &out->limits.again);
}

static bool take_heads(struct vg_watch_options *out, const char *value)
{
    out->heads = value;
    return value[0] != '\0';
}

static const struct {
    const char *name;
    take_fn *take;
    const char *wants;
} words[] = {
    {"--node", take_node, "an id; at most 16 of them"},
    {"--ward", take_ward, "an id"},
    {"--page", take_roles, "roles with commas between them, at most 8"},
    {"--after", take_after, "a span between 1s and 1h"},
    {"--again", take_again, "a span between 1s and 1h"},
    {"--heads", take_heads, "a file"},
};

/* 1: taken; 0: not one of these; -1: it is, but wrong. */
static int take(struct vg_watch_options *out, int argc, char **argv, int *i,
                struct vg_error *error)
{
    for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
        if (strcmp(argv[*i], words[k].name) != 0) {
            continue;
        }
        if (*i + 1 < argc && words[k].take(out, argv[++*i])) {
            return 1;
        }
        vg_error_set(error, "%s wants %s", words[k].name, words[k].wants);
        return -1;
    }
    return vg_query_option(&out->common, argc, argv, i);
}

static enum vg_status fill_in(struct vg_watch_options *out, struct vg_error *error)
{
    const struct vg_settings *settings = &out->common.settings;

    if (out->node_count == 0 && !take_node(out, settings->node)) {
        vg_error_set(error, "the settings' node is no id");
        return VG_REFUSED;
    }
    for (size_t i = 0; i < out->ward_count; i++) {
        vg_query_say_unlisted(settings, "watch", out->ward[i]);
    }
    for (size_t i = 0; out->ward_count == 0 && i < settings->ward_count; i++) {
        out->ward[i] = settings->ward[i].id;
    }
    out->ward_count = out->ward_count == 0 ? settings->ward_count : out->ward_count;
    if (out->ward_count == 0 && !out->once) {
        vg_error_set(error, "who is to be told? Give --ward, or -c with wards");
        return VG_REFUSED;
    }
    return VG_OK;
}

enum vg_status vg_watch_options_read(int argc, char **argv,
                                     struct vg_watch_options *out,
                                     struct vg_error *error)
{
    vg_settings_default(&out->common.settings);
    out->limits = (struct vg_pulse_limits){15 * VG_SECOND, VG_MINUTE};
    (void)take_roles(out, "bedside-nurse,charge-nurse");
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0) {
            out->help = true;
            return VG_OK;
        }
        if (strcmp(argv[i], "--once") == 0) {
            out->once = true;
            continue;
        }
        const int taken = take(out, argc, argv, &i, error);
        if (taken == 0) {
            vg_error_set(error, "do not understand \"%.80s\"; --help says more",
                         argv[i]);
        }
        if (taken != 1) {
            return VG_REFUSED;
        }
    }
    return fill_in(out, error);
}
