/* SPDX-License-Identifier: Apache-2.0
 *
 * A protocol written out as it was understood. What is printed is itself a protocol file
 * that means the same.
 */
#include <stdio.h>
#include <string.h>

#include "core/protocol_check.h"

/* Room for the longest test: 128 leaves of at most 64 bytes, their signs and brackets. */
#define TEST_TEXT 12288
/* A tree of the file is at most this deep. */
#define TREE_DEPTH 24

struct show {
    vg_write_fn *write;
    void *to;
};

static void put(const struct show *show, const char *text)
{
    show->write(show->to, text, strlen(text));
}

/* YAML takes these for ends of lines, even in quotes. */
static const struct {
    const char *bytes, *escape;
} breaks[] = {{"\xc2\x85", "\\N"},     {"\xe2\x80\xa8", "\\L"},
              {"\xe2\x80\xa9", "\\P"}, {"\xef\xbb\xbf", "\\uFEFF"},
              {"\"", "\\\""},          {"\\", "\\\\"},
              {"\n", "\\n"},           {"\t", "\\t"}};

static size_t put_escaped(const struct show *show, const char *text)
{
    for (size_t i = 0; i < sizeof breaks / sizeof breaks[0]; i++) {
        const size_t length = strlen(breaks[i].bytes);

        if (strncmp(text, breaks[i].bytes, length) == 0) {
            put(show, breaks[i].escape);
            return length;
        }
    }
    if ((unsigned char)*text < 0x20) {
        char escape[8];

        (void)snprintf(escape, sizeof escape, "\\x%02X",
                       (unsigned)(unsigned char)*text);
        put(show, escape);
    } else {
        show->write(show->to, text, 1);
    }
    return 1;
}

static void put_quoted(const struct show *show, const char *text)
{
    put(show, "\"");
    while (*text != '\0') {
        text += put_escaped(show, text);
    }
    put(show, "\"");
}

/* Words and spans of time need no quotes. */
static void put_scalar(const struct show *show, const char *text)
{
    const char *const safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                             "0123456789_.+-/ ";
    const size_t length = strlen(text);

    if (length > 0 && strspn(text, safe) == length &&
        strchr("+-./ ", text[0]) == NULL && text[length - 1] != ' ') {
        put(show, text);
    } else {
        put_quoted(show, text);
    }
}

static void put_text(const struct show *show, const char *key,
                     const struct vg_text *text)
{
    put(show, key);
    put(show, ": {en: ");
    put_quoted(show, text->en);
    if (text->zh[0] != '\0') {
        put(show, ", zh: ");
        put_quoted(show, text->zh);
    }
    put(show, "}\n");
}

static void put_span(const struct show *show, const char *key, vg_ms span,
                     const char *nothing)
{
    char text[VG_SPAN_TEXT];

    vg_rule_span_format(span, false, text);
    put(show, key);
    put(show, ": ");
    put(show, span == 0 ? nothing : text);
}

static void put_line(const struct show *show, const char *key, const char *value)
{
    put(show, key);
    put(show, ": ");
    put_scalar(show, value);
    put(show, "\n");
}

static void open_node(const struct show *show, const struct vg_node *node)
{
    if (node->key != NULL) {
        put_scalar(show, node->key);
        put(show, ": ");
    }
    if (node->kind == VG_NODE_SCALAR) {
        put_scalar(show, node->text);
    } else {
        put(show, node->kind == VG_NODE_LIST ? "[" : "{");
    }
}

/* A tree on one line. The path down to the current node is kept by hand. */
static void put_tree(const struct show *show, const struct vg_node *root)
{
    const struct vg_node *path[TREE_DEPTH];
    const struct vg_node *next = root->first;
    size_t depth = 1;

    path[0] = root;
    put(show, root->kind == VG_NODE_LIST ? "[" : "{");
    while (depth > 0) {
        const struct vg_node *parent = path[depth - 1];

        if (next == NULL) {
            put(show, parent->kind == VG_NODE_LIST ? "]" : "}");
            depth--;
            next = depth == 0 ? NULL : parent->next;
            continue;
        }
        put(show, next == parent->first ? "" : ", ");
        open_node(show, next);
        if (next->kind == VG_NODE_SCALAR || depth == TREE_DEPTH) {
            next = next->next;
        } else {
            path[depth++] = next;
            next = next->first;
        }
    }
}

static void show_part(const struct show *show, const char *key,
                      const struct vg_node *list)
{
    if (list == NULL || list->count == 0) {
        return;
    }
    put(show, "\n");
    put(show, key);
    put(show, ":\n");
    for (const struct vg_node *node = list->first; node != NULL; node = node->next) {
        put(show, list->kind == VG_NODE_LIST ? "  - " : "  ");
        if (node->kind != VG_NODE_SCALAR && list->kind == VG_NODE_LIST) {
            put_tree(show, node);
        } else {
            open_node(show, node);
        }
        put(show, "\n");
    }
}

static void show_head(const struct show *show, const struct vg_protocol *protocol)
{
    if (protocol->signed_by[0] == '\0') {
        put(show, "# not signed: research use only\n");
    }
    put_line(show, "protocol", protocol->name);
    put(show, "version: ");
    put_quoted(show, protocol->version);
    put(show, "\nproducts: [");
    for (size_t i = 0; i < protocol->product_count; i++) {
        put(show, i == 0 ? "" : ", ");
        put(show, vg_product_text(protocol->product[i]));
    }
    put(show, "]\n");
    put_text(show, "title", &protocol->title);
    put(show, "signed: [");
    if (protocol->signed_by[0] != '\0') {
        put_quoted(show, protocol->signed_by);
    }
    put(show, "]\n");
    show_part(show, "settings", protocol->settings);
}

static void put_expr(const struct show *show, const char *key,
                     const struct vg_expr *expr, const struct vg_queries *queries,
                     bool with_hold)
{
    char text[TEST_TEXT];
    char span[VG_SPAN_TEXT];

    (void)vg_expr_text(expr, queries, text, sizeof text);
    put(show, key);
    put(show, ": \"");
    put(show, text);
    if (with_hold && expr->hold != 0) {
        vg_rule_span_format(expr->hold, false, span);
        put(show, " for ");
        put(show, span);
    }
    put(show, "\"\n");
}

static void put_words(const struct show *show, const char *what,
                      const struct vg_expr *expr, const struct vg_queries *queries)
{
    char text[TEST_TEXT];

    (void)vg_expr_words(expr, queries, text, sizeof text);
    put(show, "  # ");
    put(show, what);
    put(show, ": ");
    put(show, text);
    put(show, "\n");
}

static void show_comments(const struct show *show, const struct vg_rule *rule,
                          const struct vg_queries *queries)
{
    put(show, "\n");
    put_words(show, "raised when", &rule->when, queries);
    if (rule->has_clear) {
        put_words(show, "cleared when", &rule->clear, queries);
    } else {
        put(show, "  # cleared when: that is known to be false\n");
    }
    if (rule->has_escalate) {
        put_words(show, "more severe while", &rule->escalate, queries);
    }
}

static const char *ladder_name(const struct vg_ladder *ladder)
{
    return ladder == NULL ? "none" : ladder->name;
}

static void show_rule(const struct show *show, const struct vg_rule *rule,
                      const struct vg_queries *queries)
{
    show_comments(show, rule, queries);
    put_line(show, "  - id", rule->id);
    put_line(show, "    class", vg_class_text(rule->class_));
    put_line(show, "    severity", vg_severity_text(rule->severity));
    put_expr(show, "    when", &rule->when, queries, false);
    put_span(show, "    hold", rule->when.hold, "0s");
    put(show, "\n");
    if (rule->has_clear) {
        put_expr(show, "    clear", &rule->clear, queries, true);
    } else {
        put_line(show, "    clear", "none");
    }
    if (rule->has_escalate) {
        put_expr(show, "    escalate", &rule->escalate, queries, true);
        put_line(show, "    escalated", vg_severity_text(rule->escalated));
    }
    put_line(show, "    latch", rule->latch ? "yes" : "no");
    put_span(show, "    realert", rule->realert, "never");
    put(show, "\n");
    put_line(show, "    ladder", ladder_name(rule->ladder));
    if (rule->has_escalate) {
        put_line(show, "    escalated_ladder", ladder_name(rule->escalated_ladder));
    }
    for (size_t i = 0; i < rule->again_count; i++) {
        char text[TEST_TEXT];
        (void)vg_expr_text(&rule->again[i], queries, text, sizeof text);
        put(show, i == 0 ? "    again: [\"" : "\", \"");
        put(show, text);
        put(show, i + 1 == rule->again_count ? "\"]\n" : "");
    }
    put_text(show, "    text", &rule->text);
    if (rule->reference.en[0] != '\0') {
        put_text(show, "    reference", &rule->reference);
    }
    put(show, "    source: ");
    put_quoted(show, rule->source);
    put(show, "\n");
}

/* What is written through this is a comment, line by line. */
struct aside {
    const struct show *show;
    bool begun; /* in the middle of a line */
};

static void write_aside(void *to, const char *text, size_t length)
{
    struct aside *aside = to;

    for (size_t i = 0; i < length; i++) {
        if (!aside->begun && text[i] != '\n') {
            put(aside->show, "#");
        }
        aside->begun = text[i] != '\n';
        aside->show->write(aside->show->to, text + i, 1);
    }
}

/* A floor that waits for a rule of the file is not a rule that a file can write: it is added again. So is any, where
 * the rules that there are would be more than a file may have. */
static bool is_aside(const struct vg_protocol *protocol, const struct vg_rule *rule)
{
    return rule->floor && (rule->floor_said != 0 || protocol->rule_count > VG_RULES);
}

static void show_floor(const struct show *show, const struct vg_rule *rule,
                       const struct vg_queries *queries)
{
    struct aside aside = {show, false};
    const struct show floor = {write_aside, &aside};

    put(show, rule->floor_said != 0
                  ? "\n  # added, and waits while a rule above calls for the same:\n"
                  : "\n  # added:\n");
    show_rule(&floor, rule, queries);
}

static void show_step(const struct show *show, const struct vg_step *step)
{
    put(show, "{offer: [");
    for (size_t i = 0; i < step->target_count; i++) {
        put(show, i == 0 ? "" : ", ");
        put_scalar(show, step->target[i]);
    }
    put(show, "], ");
    if (step->wait != 0) {
        put_span(show, "wait", step->wait, "0s");
        put_span(show, ", resend", step->resend, "never");
        put(show, step->reject_same ? ", reject: same" : ", reject: next");
    } else {
        put_span(show, "repeat", step->resend, "never");
    }
    put(show, "}\n");
}

static void show_ladder(const struct show *show, const struct vg_ladder *ladder)
{
    put(show, "  ");
    put_scalar(show, ladder->name);
    put(show, ":\n");
    put_span(show, "    hold", ladder->hold, "0s");
    put(show, "\n    steps:\n");
    for (size_t i = 0; i < ladder->step_count; i++) {
        put(show, "      - ");
        show_step(show, &ladder->step[i]);
    }
    put(show, "    fallback: ");
    show_step(show, &ladder->fallback);
}

static void show_rules(const struct show *show, const struct vg_protocol *protocol,
                       bool aside)
{
    for (size_t i = 0; i < protocol->rule_count; i++) {
        const struct vg_rule *rule = &protocol->rule[i];
        if (is_aside(protocol, rule) == aside) {
            (aside ? show_floor : show_rule)(show, rule, &protocol->queries);
        }
    }
}

void vg_protocol_show(const struct vg_protocol *protocol, vg_write_fn *write, void *to)
{
    const struct show show = {write, to};

    show_head(&show, protocol);
    put(&show, "\nrules:");
    show_rules(&show, protocol, false);
    show_rules(&show, protocol, true);
    show_part(&show, "schedule", protocol->schedule);
    put(&show, protocol->ladder_count == 0 ? "" : "\nladders:\n");
    for (size_t i = 0; i < protocol->ladder_count; i++) {
        show_ladder(&show, &protocol->ladder[i]);
    }
    show_part(&show, "tests", protocol->tests);
}
