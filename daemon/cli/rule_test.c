/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs the tests inside a protocol file. See rule_test.h.
 */
#include "cli/rule_test.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "vigil/engine.h"

#include "core/builtin.h"
#include "core/expr_code.h"
#include "core/protocol_check.h"

#define ALERTS 512

/* What has happened to a rule so far. */
struct happened {
    char rule[VG_NAME_LEN + 1];
    unsigned raised;
    enum vg_severity severity, peak;
    bool open;
};

struct run {
    const struct vg_protocol *protocol;
    const char *path;
    FILE *report;
    struct vg_engine *engine;
    struct vg_decoder *decoder;
    struct vg_effects effects;
    size_t rule_count;
    struct happened rule[ALERTS];
    struct vg_assessed assessed;
    bool good;
};

static struct happened *of_rule(struct run *run, const char *rule)
{
    for (size_t i = 0; i < run->rule_count; i++) {
        if (strcmp(run->rule[i].rule, rule) == 0) {
            return &run->rule[i];
        }
    }
    struct happened *fresh =
        &run->rule[run->rule_count < ALERTS ? run->rule_count++ : 0];
    memset(fresh, 0, sizeof *fresh);
    (void)vg_copy(fresh->rule, sizeof fresh->rule, rule);
    return fresh;
}

__attribute__((format(printf, 3, 4))) static void
complain(struct run *run, const struct vg_node *node, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    (void)fprintf(run->report, "%s:%u:%u: ", run->path, node->place.line,
                  node->place.column);
    (void)vfprintf(run->report, format, values);
    (void)fputs("\n", run->report);
    va_end(values);
    run->good = false;
}

static void take_effects(struct run *run, const struct vg_node *test)
{
    for (size_t i = 0; i < run->effects.count; i++) {
        const struct vg_effect *effect = &run->effects.item[i];
        if (effect->kind == VG_EFFECT_REFUSED) {
            complain(run, test, "a line of this test was refused: %s",
                     effect->refusal.detail);
        } else if (effect->kind == VG_EFFECT_ALERT) {
            struct happened *h = of_rule(run, effect->alert->rule);
            h->raised += effect->alert->event == VG_RAISED;
            h->severity = effect->alert->severity;
            h->peak = effect->alert->peak;
            h->open = effect->alert->condition != VG_ENDED;
        }
    }
}

static void step(struct run *run, const struct vg_node *test, struct vg_event event)
{
    if (vg_engine_step(run->engine, &event, &run->effects) != VG_OK) {
        complain(run, test, "%s", "out of memory");
        return;
    }
    take_effects(run, test);
}

static void feed(struct run *run, const struct vg_node *test,
                 const struct vg_given *given)
{
    const struct vg_letter letter = {given->topic, strlen(given->topic), given->payload,
                                     strlen(given->payload), false};
    struct vg_decoded decoded;

    step(run, test, (struct vg_event){.kind = VG_EVENT_TIME, .at = given->arrives});
    vg_decode(run->decoder, &letter, &decoded);
    for (size_t i = 0; i < decoded.refusal_count; i++) {
        complain(run, test, "a line of this test was refused: %s",
                 decoded.refusal[i].detail);
    }
    if (decoded.kind == VG_DECODED_MESSAGE) {
        step(run, test,
             (struct vg_event){.kind = VG_EVENT_MESSAGE,
                               .at = given->arrives,
                               .message = &decoded.message});
    } else if (decoded.kind == VG_DECODED_EPISODE) {
        step(run, test,
             (struct vg_event){.kind = VG_EVENT_EPISODE,
                               .at = given->arrives,
                               .admission = &decoded.admission});
    }
}

/* ---- Expectations */

static bool take_assessed(void *to, const struct vg_assessed *assessed)
{
    struct run *run = to;

    run->assessed = *assessed;
    return false;
}

/* The rules there are, floors and built-in ones with them. */
#define NAMES (VG_RULES + VG_FLOORS + VG_BUILTIN_COUNT + 1)

/* A name that no rule has would never be raised: what is not expected of it proves nothing. */
static bool is_rule(struct run *run, const struct vg_node *node, const char *rule)
{
    const struct vg_protocol *protocol = run->protocol;
    const char *names[NAMES] = {NULL};
    size_t count = 0;

    for (; count < protocol->rule_count; count++) {
        names[count] = protocol->rule[count].id;
    }
    for (unsigned b = 0; b < VG_BUILTIN_COUNT; b++) {
        names[count++] = vg_builtin_rule((enum vg_builtin)b)->id;
    }
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], rule) == 0) {
            return true;
        }
    }
    const char *near = vg_nearest(rule, names);
    complain(run, node, "there is no rule \"%s\"%s%s%s", rule,
             near != NULL ? ", did you mean \"" : "", near != NULL ? near : "",
             near != NULL ? "\"?" : "");
    return false;
}

static void expect_alert(struct run *run, const struct vg_node *node, const char *rule)
{
    if (!is_rule(run, node, rule)) {
        return;
    }
    const struct happened *h = of_rule(run, rule);

    if (strcmp(node->key, "raised") == 0 && h->raised == 0) {
        complain(run, node, "%s should have been raised by now", rule);
    } else if (strcmp(node->key, "not") == 0 && h->raised > 0) {
        complain(run, node, "%s should not have been raised by now", rule);
    } else if (strcmp(node->key, "open") == 0 && !h->open) {
        complain(run, node, "%s should be open", rule);
    } else if (strcmp(node->key, "ended") == 0 && (h->open || h->raised == 0)) {
        complain(run, node, "%s should have been raised and have ended", rule);
    }
}

static void each_name(struct run *run, const struct vg_node *node)
{
    if (node->kind == VG_NODE_SCALAR) {
        expect_alert(run, node, node->text);
        return;
    }
    if (node->kind == VG_NODE_MAP) {
        complain(run, node, "%s takes a rule, or a list of rules", node->key);
    }
    for (const struct vg_node *n = node->first; node->kind == VG_NODE_LIST && n != NULL;
         n = n->next) {
        struct vg_node named = *n;
        named.key = node->key;
        if (n->kind == VG_NODE_SCALAR) {
            expect_alert(run, &named, n->text);
        } else {
            complain(run, &named, "%s takes a rule, or a list of rules", node->key);
        }
    }
}

static void expect_severity(struct run *run, const struct vg_node *line,
                            const struct vg_node *node)
{
    const struct vg_node *raised = vg_node_get(line, "raised");

    if (raised == NULL || raised->kind != VG_NODE_SCALAR) {
        complain(run, node, "%s says of which alert with \"raised\"", node->key);
        return;
    }
    const struct happened *h = of_rule(run, raised->text);
    if (strcmp(vg_severity_text(h->severity), node->text) != 0) {
        complain(run, node, "its severity is %s", vg_severity_text(h->severity));
    }
}

static void expect_times(struct run *run, const struct vg_node *line,
                         const struct vg_node *node)
{
    const struct vg_node *raised = vg_node_get(line, "raised");

    if (raised == NULL || raised->kind != VG_NODE_SCALAR) {
        complain(run, node, "%s says of which alert with \"raised\"", node->key);
        return;
    }
    const unsigned times = of_rule(run, raised->text)->raised;
    if (strtoul(node->text, NULL, 10) != times) {
        complain(run, node, "it was raised %u times", times);
    }
}

static void expect_field(struct run *run, const struct vg_node *node)
{
    const struct vg_field *field = vg_expr_field(node->key, strlen(node->key));
    char text[32] = "unknown";

    if (field == NULL) {
        complain(run, node, "there is no assessment \"%s\"", node->key);
        return;
    }
    const struct vg_number is = run->assessed.known
                                    ? vg_field_value(field, &run->assessed.now)
                                    : VG_NUMBER_UNKNOWN;
    if (is.known && field->yes_no) {
        (void)snprintf(text, sizeof text, "%s", is.numerator != 0 ? "yes" : "no");
    } else if (is.known) {
        (void)vg_number_format(is, 6, 0, text, sizeof text);
    }
    if (strcmp(text, node->text) != 0) {
        complain(run, node, "%s is %s", node->key, text);
    }
}

static void expect(struct run *run, const struct vg_node *line)
{
    vg_engine_assess(run->engine, take_assessed, run);
    for (const struct vg_node *n = line->first; n != NULL; n = n->next) {
        if (strcmp(n->key, "raised") == 0 || strcmp(n->key, "not") == 0 ||
            strcmp(n->key, "open") == 0 || strcmp(n->key, "ended") == 0) {
            each_name(run, n);
        } else if (n->kind != VG_NODE_SCALAR) {
            complain(run, n, "%s takes one word or number", n->key);
        } else if (strcmp(n->key, "severity") == 0) {
            expect_severity(run, line, n);
        } else if (strcmp(n->key, "times") == 0) {
            expect_times(run, line, n);
        } else if (strcmp(n->key, "at") != 0) {
            expect_field(run, n);
        }
    }
}

/* The line that comes next at or after `after`, in order of time; NULL: none. */
static const struct vg_node *next_line(const struct vg_node *list,
                                       struct vg_instant after, bool inclusive)
{
    const struct vg_node *best = NULL;

    for (const struct vg_node *line = list->first; line != NULL; line = line->next) {
        const struct vg_instant at = vg_test_instant(vg_node_get(line, "at")->text);
        if ((inclusive ? at.ms >= after.ms : at.ms > after.ms) &&
            (best == NULL ||
             at.ms < vg_test_instant(vg_node_get(best, "at")->text).ms)) {
            best = line;
        }
    }
    return best;
}

static void expect_all_at(struct run *run, const struct vg_node *list,
                          struct vg_instant at)
{
    for (const struct vg_node *line = list->first; line != NULL; line = line->next) {
        if (vg_test_instant(vg_node_get(line, "at")->text).ms == at.ms) {
            expect(run, line);
        }
    }
}

static void play(struct run *run, const struct vg_node *test,
                 const struct vg_given_list *letters)
{
    const struct vg_node *list = vg_node_get(test, "expect");
    struct vg_instant at = VG_UNSET;
    size_t next = 0;

    for (const struct vg_node *line = next_line(list, at, true); line != NULL;
         line = next_line(list, at, false)) {
        at = vg_test_instant(vg_node_get(line, "at")->text);
        while (next < letters->count && letters->item[next].arrives.ms <= at.ms) {
            feed(run, test, &letters->item[next++]);
        }
        step(run, test, (struct vg_event){.kind = VG_EVENT_TIME, .at = at});
        expect_all_at(run, list, at);
    }
}

bool vg_test_run(const struct vg_protocol *protocol, const struct vg_node *test,
                 const char *path, FILE *report)
{
    const struct vg_protocol *const only[] = {protocol};
    const struct vg_rulebook book = {.protocol_count = 1, .protocol = only};
    struct vg_given_list letters = {0};
    struct run *run = calloc(1, sizeof *run);

    if (run == NULL) {
        return false;
    }
    run->protocol = protocol;
    run->path = path;
    run->report = report;
    run->engine = vg_engine_create(&book);
    run->decoder = vg_decoder_create("vigil/v1");
    run->good = run->engine != NULL && run->decoder != NULL &&
                vg_test_letters(protocol, test, path, report, &letters);
    if (run->good) {
        play(run, test, &letters);
    }
    const bool good = run->good;
    vg_given_finish(&letters);
    vg_effects_finish(&run->effects);
    vg_decoder_destroy(run->decoder);
    vg_engine_destroy(run->engine);
    free(run);
    return good;
}
