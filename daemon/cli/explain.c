/* SPDX-License-Identifier: Apache-2.0
 *
 * vigil explain: why an alert was raised: its values and windows from the store, its rule from
 * the protocol, and what became of it.
 */
#include "cli/explain.h"

#include <inttypes.h>
#include <string.h>

#include "cli/explain_told.h"
#include "cli/query.h"
#include "core/expr_code.h"
#include "shell/protocol_file.h"

static const char usage[] =
    "usage: vigil explain ALERT [-c FILE] [--set KEY=VALUE]... [--json]\n"
    "\n"
    "Why an alert was raised: its text, the values with units and times, the scores and\n"
    "what was missing then; its rule as read from the protocol of that name, with limits and\n"
    "windows, and whether that file is still the same; its changes in order; and who was\n"
    "called, whether that arrived, and what they answered.\n"
    "`vigil replay --explain` does the same for a replayed alert.\n"
    "Exit 0: explained; 1: there is no such alert; 3: there is no store.\n";

struct explain {
    struct vg_query_options options;
    const char *id;
    struct vg_reader *reader;
    struct vg_protocol_set set;
    const struct vg_protocol *protocol; /* NULL: none of that name */
    struct vg_alert alert;
    struct vg_error error;
    size_t changes;
    bool failed;
};

/* ---- Windows: what was in them when the alert was raised */

struct window {
    const struct vg_query *query;
    size_t count;
    int64_t low, high, last;
};

static bool on_reading(void *to, const struct vg_reading_row *row)
{
    struct window *w = to;
    const struct vg_reading *r = row->reading;

    if (r->out_of_range || r->quality == VG_QUALITY_INVALID ||
        r->quality == VG_QUALITY_CALIBRATING || r->quality == VG_QUALITY_TEST) {
        return true;
    }
    w->low = w->count == 0 || r->value < w->low ? r->value : w->low;
    w->high = w->count == 0 || r->value > w->high ? r->value : w->high;
    w->last = r->value;
    w->count++;
    return true;
}

static void print_steps(const char *what, int64_t steps, enum vg_signal signal)
{
    char text[VG_DECIMAL_TEXT];

    (void)vg_decimal_format(vg_decimal_of(steps, vg_signal_info(signal)->places), text,
                            sizeof text);
    (void)printf(", %s %s", what, text);
}

static void print_window(const struct window *w, struct vg_instant to)
{
    char span[VG_SPAN_TEXT];
    char at[VG_TIME_TEXT];
    const struct vg_signal_info *info = vg_signal_info(w->query->signal);

    vg_rule_span_format(w->query->span, false, span);
    vg_time_format(to, at);
    (void)printf("%-10s %s(%s, %s) up to %s: %zu reading%s", "window",
                 w->query->kind == VG_ASK_NONE ? "no"
                                               : vg_expr_function_text(w->query->kind),
                 info->code, span, at, w->count, w->count == 1 ? "" : "s");
    if (w->count > 0) {
        print_steps("lowest", w->low, w->query->signal);
        print_steps("highest", w->high, w->query->signal);
        print_steps("last", w->last, w->query->signal);
        (void)printf(" %s", vg_unit_text(info->unit));
    }
    (void)puts("");
}

static void on_window(void *to, const struct vg_query *query)
{
    struct explain *e = to;
    const struct vg_alert *a = &e->alert;
    struct window window = {.query = query};
    const struct vg_reading_query readings = {
        .patient = a->patient[0] != '\0' ? a->patient : NULL,
        .ward = a->patient[0] != '\0' ? NULL : a->ward,
        .bed = a->patient[0] != '\0' ? NULL : a->bed,
        .signals = (uint64_t)1 << query->signal,
        .from = vg_after(a->raised, -query->span),
        .to = vg_after(a->raised, 1)};

    if (vg_store_readings(e->reader, &readings, on_reading, &window, &e->error) !=
        VG_OK) {
        e->failed = true;
        return;
    }
    print_window(&window, a->raised);
}

/* ---- Changes */

static bool on_change(void *to, const char *json, size_t length)
{
    struct explain *e = to;
    struct vg_alert a;
    char at[VG_TIME_TEXT];

    if (e->options.json) {
        (void)printf("%s%.*s", e->changes++ > 0 ? "," : "", (int)length, json);
    } else if (vg_decode_alert(json, length, &a) == VG_OK) {
        vg_time_format(a.at, at);
        (void)printf("%-10s %s  rev %" PRIu32 "  %-12s %-8s  %-9s  %s\n",
                     e->changes++ > 0 ? "" : "changes", at, a.rev,
                     vg_change_text(a.event), vg_severity_text(a.severity),
                     vg_condition_text(a.condition), a.text);
    }
    return true;
}

static bool print_changes(struct explain *e)
{
    return vg_store_alert_history(e->reader, e->id, on_change, e, &e->error) == VG_OK;
}

/* ---- The whole */

static void json_expr(struct vg_buffer *b, const char *name, const struct vg_expr *expr,
                      const struct vg_protocol *protocol)
{
    char words[VG_EXPLAIN_WORDS];

    (void)vg_expr_words(expr, &protocol->queries, words, sizeof words);
    vg_put_raw(b, name);
    vg_put_string(b, words);
}

static void json_rule(const struct explain *e)
{
    struct vg_buffer b = {0};
    const struct vg_rule *rule =
        e->protocol != NULL ? vg_protocol_rule(e->protocol, e->alert.rule) : NULL;

    vg_put_raw(&b, ",\"rule\":");
    if (rule != NULL) {
        json_expr(&b, "{\"raised_if\":", &rule->when, e->protocol);
        vg_put_raw(&b, ",\"written\":");
        vg_put_string(&b, rule->when.text);
        if (rule->has_clear) {
            json_expr(&b, ",\"cleared_if\":", &rule->clear, e->protocol);
        }
        if (rule->has_escalate) {
            json_expr(&b, ",\"worse_if\":", &rule->escalate, e->protocol);
        }
        vg_put_raw(&b, ",\"source\":");
        vg_put_string(&b, rule->source);
        vg_put_raw(&b, "}");
    } else {
        vg_put_raw(&b, "null");
    }
    vg_put_raw(&b, ",\"same_protocol\":");
    vg_put_raw(&b, vg_explain_same(&e->alert, e->protocol) ? "true" : "false");
    (void)printf("%s", b.failed ? "" : b.bytes);
    vg_buffer_finish(&b);
}

static bool print_json(struct explain *e)
{
    struct vg_buffer b = {0};

    vg_encode_alert(&b, &e->alert, true);
    (void)printf("{\"alert\":%s", b.failed ? "null" : b.bytes);
    vg_buffer_finish(&b);
    json_rule(e);
    (void)fputs(",\"changes\":[", stdout);
    bool good = print_changes(e);
    (void)fputs("],\"told\":[", stdout);
    good = vg_explain_told(e->reader, &e->alert, true, &e->error) == VG_OK && good;
    (void)fputs("]}\n", stdout);
    return good;
}

static bool print_people(struct explain *e)
{
    const struct vg_rule *rule =
        e->protocol != NULL ? vg_protocol_rule(e->protocol, e->alert.rule) : NULL;

    vg_explain_alert(&e->alert, e->protocol);
    if (rule != NULL) {
        vg_explain_windows(rule, &e->protocol->queries, on_window, e);
    }
    bool good = print_changes(e) && !e->failed;
    good = vg_explain_told(e->reader, &e->alert, false, &e->error) == VG_OK && good;
    (void)printf("\n%s\n", vg_disclaimer);
    return good;
}

static bool on_alert(void *to, const char *json, size_t length)
{
    struct explain *e = to;

    e->changes += vg_decode_alert(json, length, &e->alert) == VG_OK;
    return false;
}

/* Only one alert has this id; VG_EXIT_NO if none has. */
static int find(struct explain *e)
{
    const struct vg_alert_query query = {
        .state = VG_ALERTS_ALL, .id = e->id, .from = VG_UNSET, .to = VG_NEVER};

    if (vg_store_alerts(e->reader, &query, on_alert, e, &e->error) != VG_OK) {
        return VG_EXIT_CANNOT;
    }
    if (e->changes == 0) {
        vg_error_set(&e->error,
                     "there is no alert %s; `vigil alerts --state all` lists "
                     "them",
                     e->id);
        return VG_EXIT_NO;
    }
    e->changes = 0;
    return VG_EXIT_DONE;
}

static int explain(struct explain *e)
{
    struct vg_error ignored = {""};
    const int code = find(e);

    if (code != VG_EXIT_DONE) {
        return code;
    }
    /* Without protocols the alert still tells what it was. */
    if (vg_protocol_set_load(e->options.settings.protocols, NULL, &e->set, &ignored) ==
        VG_OK) {
        e->protocol = vg_protocol_set_find(&e->set, e->alert.protocol);
    }
    const bool good = e->options.json ? print_json(e) : print_people(e);
    return good && fflush(stdout) == 0 ? VG_EXIT_DONE : VG_EXIT_CANNOT;
}

static int parse(struct explain *e, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        int done = 0;
        if (vg_query_word(&e->options, usage, argc, argv, &i, &done)) {
            if (done != 0) {
                return done;
            }
            continue;
        }
        if (argv[i][0] == '-' || e->id != NULL) {
            (void)fprintf(stderr, "vigil explain: do not understand \"%s\"\n%s",
                          argv[i], usage);
            return VG_EXIT_USAGE;
        }
        e->id = argv[i];
    }
    if (e->id == NULL) {
        (void)fputs(usage, stderr);
        return VG_EXIT_USAGE;
    }
    return VG_EXIT_DONE;
}

int vg_cli_explain(int argc, char **argv)
{
    static struct explain e; /* large, and there is one */

    vg_settings_default(&e.options.settings);
    int code = parse(&e, argc, argv);
    if (code != VG_EXIT_DONE) {
        return code < 0 ? VG_EXIT_DONE : code;
    }
    e.reader = vg_query_open(&e.options, "explain");
    if (e.reader == NULL) {
        return VG_EXIT_CANNOT;
    }
    vg_store_read_within(e.reader, 60 * VG_SECOND);
    code = explain(&e);
    if (code != VG_EXIT_DONE) {
        (void)fprintf(stderr, "vigil explain: %s\n", e.error.text);
    }
    vg_store_read_close(e.reader);
    vg_protocol_set_finish(&e.set);
    return code;
}
