/* SPDX-License-Identifier: Apache-2.0
 *
 * vigil alerts: open (or closed) alerts; --watch prints each change as it comes.
 */
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/query.h"
#include "cli/responsibility.h"

static const char usage[] =
    "usage: vigil alerts [-c FILE] [--set KEY=VALUE]... [--ward W] [--patient P]\n"
    "                    [--state open|closed|all] [--watch] [--json]\n"
    "\n"
    "Exit 0: printed; 1: there are none; 2: wrong use, or a ward that neither the settings\n"
    "nor the store know; 3: there is no store. --watch prints each change\n"
    "as it is stored, until Ctrl-C.\n";

struct alerts {
    struct vg_query_options options;
    struct vg_alert_query query;
    bool watch;
    size_t printed;
    struct vg_reader *reader;
    struct {
        char id[VG_ID_LEN + 1];
        uint64_t n;
    } ward[VG_WARDS];
    size_t ward_count;
};

static void print_alert(struct alerts *a, const char *json, size_t length)
{
    struct vg_alert alert;
    char at[VG_TIME_TEXT];

    if (a->options.json) {
        (void)printf("%.*s\n", (int)length, json);
        return;
    }
    if (vg_decode_alert(json, length, &alert) != VG_OK) {
        return;
    }
    vg_time_format(alert.at, at);
    (void)printf("%s  %s  %-9s  %-8s  %-9s  %s%s%s  %s  %s  [", alert.id, at,
                 vg_change_text(alert.event), vg_severity_text(alert.severity),
                 vg_condition_text(alert.condition), alert.ward,
                 alert.bed[0] != '\0' ? "/" : "", alert.bed,
                 alert.patient[0] != '\0' ? alert.patient : "no patient linked",
                 alert.rule);
    vg_responsibility_print(&alert);
    (void)printf("]  %s\n", alert.text);
}

static bool on_alert(void *to, const char *json, size_t length)
{
    struct alerts *a = to;

    print_alert(a, json, length);
    a->printed++;
    return true;
}

/* ---- Watching: each ward's changes are numbered without gaps */

static uint64_t *seen(struct alerts *a, const char *ward)
{
    for (size_t i = 0; i < a->ward_count; i++) {
        if (strcmp(a->ward[i].id, ward) == 0) {
            return &a->ward[i].n;
        }
    }
    if (a->ward_count == VG_WARDS) {
        return NULL;
    }
    (void)vg_copy(a->ward[a->ward_count].id, sizeof a->ward[0].id, ward);
    a->ward[a->ward_count].n = 0;
    return &a->ward[a->ward_count++].n;
}

static bool on_event(void *to, uint64_t n, const char *json, size_t length)
{
    struct alerts *a = to;
    struct vg_alert alert;

    if (vg_decode_alert(json, length, &alert) == VG_OK) {
        uint64_t *last = seen(a, alert.ward);
        if (last != NULL && n > *last) {
            *last = n;
        }
        print_alert(a, json, length);
    }
    return true;
}

static bool on_ward(void *to, const char *json, size_t length)
{
    struct alerts *a = to;
    struct vg_alert alert;

    if (vg_decode_alert(json, length, &alert) == VG_OK) {
        (void)seen(a, alert.ward);
    }
    return true;
}

static bool look(struct alerts *a, struct vg_error *error)
{
    const struct vg_alert_query all = {.state = VG_ALERTS_ALL,
                                       .ward = a->query.ward,
                                       .from = VG_UNSET,
                                       .to = VG_NEVER};

    if (vg_store_alerts(a->reader, &all, on_ward, a, error) != VG_OK) {
        return false;
    }
    for (size_t i = 0; i < a->ward_count; i++) {
        if (vg_store_alert_events(a->reader, a->ward[i].id, a->ward[i].n, on_event, a,
                                  error) != VG_OK) {
            return false;
        }
    }
    return fflush(stdout) == 0;
}

static int watch(struct alerts *a)
{
    const struct timespec pause = {0, 200000000}; /* 200 ms */
    struct vg_error error = {""};

    while (look(a, &error)) {
        (void)nanosleep(&pause, NULL);
    }
    (void)fprintf(stderr, "vigil alerts: %s\n", error.text);
    return VG_EXIT_CANNOT;
}

/* ---- Arguments */

static bool state_of(struct alerts *a, const char *text)
{
    static const char *const names[] = {"all", "open", "closed"};

    for (int i = 0; i < 3; i++) {
        if (strcmp(text, names[i]) == 0) {
            a->query.state = (enum vg_alert_state)i;
            return true;
        }
    }
    return false;
}

static int parse(struct alerts *a, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const bool more = i + 1 < argc;
        const int common = vg_query_option(&a->options, argc, argv, &i);
        if (common != 0) {
            if (common < 0) {
                return a->options.wrong;
            }
            continue;
        }
        if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0) {
            (void)fputs(usage, stdout);
            return -1;
        }
        if (strcmp(argv[i], "--watch") == 0) {
            a->watch = true;
        } else if (strcmp(argv[i], "--ward") == 0 && more) {
            a->query.ward = argv[++i];
        } else if (strcmp(argv[i], "--patient") == 0 && more) {
            a->query.patient = argv[++i];
        } else if (strcmp(argv[i], "--state") != 0 || !more ||
                   !state_of(a, argv[++i])) {
            (void)fprintf(stderr, "vigil alerts: do not understand \"%s\"\n%s", argv[i],
                          usage);
            return VG_EXIT_USAGE;
        }
    }
    return VG_EXIT_DONE;
}

int vg_cli_alerts(int argc, char **argv)
{
    static struct alerts a; /* large, and there is one */
    struct vg_error error = {""};

    vg_settings_default(&a.options.settings);
    a.query.state = VG_ALERTS_OPEN;
    a.query.from = VG_UNSET;
    a.query.to = VG_NEVER;
    int code = parse(&a, argc, argv);
    if (code != VG_EXIT_DONE) {
        return code < 0 ? VG_EXIT_DONE : code;
    }
    a.reader = vg_query_open(&a.options, "alerts");
    if (a.reader == NULL) {
        return VG_EXIT_CANNOT;
    }
    if (a.query.ward != NULL &&
        !vg_query_ward(&a.options, a.reader, "alerts", a.query.ward, &code)) {
        vg_store_read_close(a.reader);
        return code;
    }
    if (a.query.patient != NULL) { /* one who comes yet may be watched for */
        (void)vg_query_patient(a.reader, "alerts", a.query.patient);
    }
    if (a.watch) {
        code = watch(&a);
    } else if (vg_store_alerts(a.reader, &a.query, on_alert, &a, &error) != VG_OK) {
        (void)fprintf(stderr, "vigil alerts: %s\n", error.text);
        code = VG_EXIT_CANNOT;
    } else {
        code = a.printed > 0 ? VG_EXIT_DONE : VG_EXIT_NO;
    }
    vg_store_read_close(a.reader);
    return code;
}
