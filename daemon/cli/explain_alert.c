/* SPDX-License-Identifier: Apache-2.0
 *
 * An alert and its rule in words. See explain.h.
 */
#include <stdio.h>
#include <string.h>

#include "vigil/wire.h"

#include "cli/explain.h"
#include "cli/responsibility.h"
#include "core/builtin.h"
#include "core/expr_code.h"

const struct vg_rule *vg_explain_rule(const struct vg_alert *alert,
                                      const struct vg_protocol *protocol)
{
    const struct vg_rule *rule =
        protocol != NULL ? vg_protocol_rule(protocol, alert->rule) : NULL;

    for (int i = 0; rule == NULL && i < VG_BUILTIN_COUNT; i++) {
        const struct vg_rule *builtin = vg_builtin_rule((enum vg_builtin)i);
        rule = strcmp(builtin->id, alert->rule) == 0 ? builtin : NULL;
    }
    return rule;
}

bool vg_explain_same(const struct vg_alert *alert, const struct vg_protocol *protocol)
{
    return protocol != NULL && strcmp(protocol->digest, alert->digest) == 0;
}

static void windows_of(const struct vg_expr *expr, const struct vg_queries *queries,
                       bool *seen, vg_window_fn *each, void *to)
{
    for (size_t i = 0; i < expr->length; i++) {
        const struct vg_expr_op *op = &expr->code[i];
        const struct vg_query *query = &queries->item[op->query];
        if (op->code == VG_OP_ASK && query->span > 0 &&
            query->signal < VG_MEASURED_COUNT && !seen[op->query]) {
            seen[op->query] = true;
            each(to, query);
        }
    }
}

void vg_explain_windows(const struct vg_rule *rule, const struct vg_queries *queries,
                        vg_window_fn *each, void *to)
{
    bool seen[VG_QUERIES] = {false};

    windows_of(&rule->when, queries, seen, each, to);
    if (rule->has_escalate) {
        windows_of(&rule->escalate, queries, seen, each, to);
    }
}

/* ---- Printing */

static void label(const char *name)
{
    (void)printf("%-10s ", name);
}

static void print_time(const char *what, struct vg_instant at)
{
    char text[VG_TIME_TEXT];

    if (vg_is_set(at) && !vg_is_never(at)) {
        vg_time_format(at, text);
        (void)printf("%s %s", what, text);
    }
}

static void print_head(const struct vg_alert *alert)
{
    (void)printf("%s  %s  %s%s%s  %s\n", alert->rule, alert->id, alert->ward,
                 alert->bed[0] != '\0' ? "/" : "", alert->bed,
                 alert->patient[0] != '\0' ? alert->patient : "no patient linked");
    label("says");
    (void)printf("%s\n", alert->text);
    label("severity");
    (void)printf("%s, at most %s; class %s; %s%s%s\n",
                 vg_severity_text(alert->severity), vg_severity_text(alert->peak),
                 vg_class_text(alert->class_), vg_condition_text(alert->condition),
                 alert->latched ? ", latched" : "",
                 alert->late ? ", found in late data" : "");
    label("times");
    print_time("first reading", alert->onset);
    print_time(", raised", alert->raised);
    if (alert->since_infusion != VG_NO_VALUE) {
        (void)printf(", %.1f h after the infusion began",
                     (double)alert->since_infusion / (double)VG_HOUR);
    }
    (void)puts("");
}

static void print_expr(const char *name, const struct vg_expr *expr,
                       const struct vg_queries *queries)
{
    char words[VG_EXPLAIN_WORDS];

    (void)vg_expr_words(expr, queries, words, sizeof words);
    label(name);
    (void)printf("%s\n", words);
}

static void print_limit(const struct vg_expr *expr)
{
    if (expr->has_limit && !expr->limit_time) {
        char text[VG_DECIMAL_TEXT];
        const struct vg_number limit =
            vg_number_of(expr->limit.numerator, expr->limit.denominator);
        (void)vg_number_format(limit, expr->limit_places, 0, text, sizeof text);
        label("limit");
        (void)printf("%s %s\n", text, vg_unit_text(expr->limit_unit));
    }
}

static void print_rule(const struct vg_rule *rule, const struct vg_protocol *protocol)
{
    if (protocol == NULL || rule->when.length == 0) {
        label("rule");
        (void)puts("built in: watched whatever the protocol says");
        return;
    }
    print_expr("raised if", &rule->when, &protocol->queries);
    label("written");
    (void)printf("%s\n", rule->when.text);
    print_limit(&rule->when);
    if (rule->has_clear) {
        print_expr("cleared if", &rule->clear, &protocol->queries);
    }
    if (rule->has_escalate) {
        print_expr("worse if", &rule->escalate, &protocol->queries);
    }
    label("source");
    (void)printf("%s\n", rule->source);
}

static void print_evidence(const struct vg_alert *alert)
{
    for (size_t i = 0; i < alert->evidence_count; i++) {
        const struct vg_evidence *e = &alert->evidence[i];
        const struct vg_signal_info *info = vg_signal_info(e->signal);
        char value[VG_DECIMAL_TEXT];
        char at[VG_TIME_TEXT];

        (void)vg_decimal_format(vg_decimal_of(e->value, info->places), value,
                                sizeof value);
        vg_time_format(e->measured, at);
        label(i == 0 ? "values" : "");
        (void)printf("%s  %-10s %10s %-9s %s\n", at, info->code, value,
                     vg_unit_text(info->unit), vg_source_text(e->source));
    }
    if (alert->evidence_count == 0) {
        label("values");
        (void)puts("none: no reading led to it");
    }
}

static void print_score(const char *name, int score, bool complete)
{
    if (score == VG_GRADE_NULL) {
        (void)printf("%s unknown", name);
    } else {
        (void)printf("%s %d%s", name, score, complete ? "" : " or more (incomplete)");
    }
}

static void print_scores(const struct vg_alert *alert)
{
    const struct vg_scores *s = &alert->scores;
    const char *comma = "";

    label("scores");
    print_score("CRS", s->crs, true);
    print_score(", ICANS", s->icans, s->icans_complete);
    print_score(", NEWS2", s->news2, s->news2_complete);
    (void)printf("%s\n", s->masked ? "; a drug may hide fever" : "");
    label("missing");
    for (unsigned i = 0; i < VG_MEASURED_COUNT; i++) {
        if ((alert->missing >> i & 1) != 0) {
            (void)printf("%s%s", comma, vg_signal_info((enum vg_signal)i)->code);
            comma = ", ";
        }
    }
    (void)puts(comma[0] != '\0' ? "" : "nothing that was asked");
}

static void print_protocol(const struct vg_alert *alert,
                           const struct vg_protocol *protocol)
{
    label("protocol");
    (void)printf("%s %s, digest %s\n", alert->protocol, alert->version, alert->digest);
    label("");
    if (protocol == NULL) {
        (void)puts("no protocol of this name is loaded now: its rule cannot be shown");
    } else if (vg_explain_same(alert, protocol)) {
        (void)puts(
            "the loaded file is the same: the rule above is the one that was used");
    } else {
        (void)printf(
            "the loaded file is another: %s, digest %s;\n%-10s the rule above may "
            "differ from the one that was used\n",
            protocol->version, protocol->digest, "");
    }
}

void vg_explain_alert(const struct vg_alert *alert, const struct vg_protocol *protocol)
{
    const struct vg_rule *rule = vg_explain_rule(alert, protocol);

    print_head(alert);
    label("who");
    vg_responsibility_print(alert);
    (void)puts("");
    print_evidence(alert);
    print_scores(alert);
    if (rule != NULL) {
        print_rule(rule, protocol);
    } else {
        label("rule");
        (void)printf("%s\n", protocol != NULL ? "not in the loaded protocol any more"
                                              : "not known");
    }
    print_protocol(alert, protocol);
    if (alert->reference[0] != '\0') {
        label("reference");
        (void)printf("%s\n", alert->reference);
    }
}
