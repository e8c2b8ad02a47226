/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of a protocol that this version keeps but does not act on: settings, schedule,
 * tests. Their form is checked, so that a file that is accepted today means something
 * tomorrow.
 */
#include <stdlib.h>
#include <string.h>

#include "core/protocol_check.h"

static const struct vg_key schedule_keys[] = {
    {"phase", VG_KEY_SCALAR, false}, {"from", VG_KEY_SCALAR, false},
    {"to", VG_KEY_SCALAR, false},    {"when", VG_KEY_SCALAR, false},
    {"expect", VG_KEY_SCALAR, true}, {"every", VG_KEY_SCALAR, true},
    {"grace", VG_KEY_SCALAR, false}, {"escalate", VG_KEY_SCALAR, false},
    {NULL, VG_KEY_ANY, false},
};
static const struct vg_key test_keys[] = {
    {"name", VG_KEY_SCALAR, true},    {"product", VG_KEY_SCALAR, false},
    {"age", VG_KEY_SCALAR, false},    {"setting", VG_KEY_SCALAR, false},
    {"target", VG_KEY_SCALAR, false}, {"infusion", VG_KEY_SCALAR, false},
    {"baseline", VG_KEY_MAP, false},  {"uln", VG_KEY_MAP, false},
    {"given", VG_KEY_LIST, true},     {"expect", VG_KEY_LIST, true},
    {NULL, VG_KEY_ANY, false}};

static const char *skip_spaces(const char *text)
{
    return text + strspn(text, " ");
}

static bool all_digits(const char *text, size_t length)
{
    return length > 0 && length <= 3 && strspn(text, "0123456789") >= length;
}

/* "infusion.end", "day 10", with " + 6h" or " - 30m" behind it. */
static bool moment_valid(const char *text)
{
    static const char *const marks[] = {"infusion.start", "infusion.end", "admission",
                                        "discharge"};
    const size_t length = strcspn(text, " +-");
    const char *rest = skip_spaces(text + length);
    bool known = false;
    vg_ms span = 0;

    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        known = known ||
                (strlen(marks[i]) == length && memcmp(marks[i], text, length) == 0);
    }
    if (length == 3 && memcmp(text, "day", 3) == 0) {
        const size_t digits = strcspn(rest, " +-");

        known = all_digits(rest, digits);
        rest = skip_spaces(rest + digits);
    }
    if (!known || *rest == '\0') {
        return known;
    }
    const char *amount = skip_spaces(rest + 1);

    return (*rest == '+' || *rest == '-') &&
           vg_rule_span_parse(amount, strlen(amount), &span) == VG_OK;
}

static void check_moment(struct vg_check *check, const struct vg_node *map,
                         const char *key)
{
    const char *text = vg_check_scalar(map, key, NULL);

    if (text != NULL && !moment_valid(text)) {
        vg_fault_add(
            check->faults, vg_node_get(map, key)->place,
            "\"%s\" is no moment; write admission, infusion.start, infusion.end, "
            "discharge or day 10, and + 6h or - 30m behind it if needed",
            text);
    }
}

static void check_expect(struct vg_check *check, const struct vg_node *map)
{
    static const char *const names[] = {"vitals", "ice", "labs", NULL};
    const char *text = vg_check_scalar(map, "expect", NULL);

    if (text == NULL || vg_expr_signal(text, strlen(text)) != VG_SIGNAL_COUNT) {
        return;
    }
    for (size_t i = 0; names[i] != NULL; i++) {
        if (strcmp(names[i], text) == 0) {
            return;
        }
    }
    vg_check_unknown(check, vg_node_get(map, "expect"), "observation", names);
}

/* The tests of a schedule are compiled for their faults only: nothing asks them yet, so they
 * must not make the engine keep windows. */
static void check_line(struct vg_check *check, const struct vg_node *node,
                       struct vg_queries *scratch)
{
    struct vg_expr expr;

    if (!vg_check_map(check, node, "line of the schedule", schedule_keys)) {
        return;
    }
    check_moment(check, node, "from");
    check_moment(check, node, "to");
    check_expect(check, node);
    (void)vg_check_span(check, node, "every");
    (void)vg_check_span(check, node, "grace");
    (void)vg_check_span(check, node, "escalate");
    if (vg_check_scalar(node, "when", NULL) != NULL) {
        (void)vg_check_expr(check, vg_node_get(node, "when"), scratch, &expr);
    } else if (vg_check_scalar(node, "from", NULL) == NULL) {
        vg_fault_add(check->faults, node->place,
                     "a line of the schedule needs \"from\" or \"when\"");
    }
}

static void check_schedule(struct vg_check *check, const struct vg_node *list)
{
    struct vg_queries *scratch = calloc(1, sizeof *scratch);

    if (scratch == NULL) {
        check->no_memory = true;
        return;
    }
    for (const struct vg_node *node = list->first; node != NULL; node = node->next) {
        check_line(check, node, scratch);
    }
    free(scratch);
}

static bool is_phase(const struct vg_node *schedule, const char *name,
                     const char **names, size_t room)
{
    size_t n = 0;

    if (schedule == NULL || schedule->kind != VG_NODE_LIST) {
        return false;
    }
    for (const struct vg_node *node = schedule->first; node != NULL;
         node = node->next) {
        const char *phase = vg_check_scalar(node, "phase", NULL);

        if (phase != NULL && strcmp(phase, name) == 0) {
            return true;
        }
        if (phase != NULL && n < room) {
            names[n++] = phase;
        }
    }
    return false;
}

void vg_check_phases(struct vg_check *check, struct vg_place place,
                     const struct vg_expr *expr)
{
    for (size_t i = 0; i < expr->length; i++) {
        const struct vg_query *query =
            &check->protocol->queries.item[expr->code[i].query % VG_QUERIES];
        const char *names[33] = {NULL};

        if (expr->code[i].code != VG_OP_ASK || query->kind != VG_ASK_PHASE) {
            continue;
        }
        if (is_phase(check->schedule, query->name, names, 32)) {
            vg_fault_warn(
                check->faults, place,
                "this version does not follow the schedule: \"phase is %s\" stays "
                "unknown",
                query->name);
            continue;
        }
        const char *near = vg_nearest(query->name, names);

        if (near == NULL) {
            vg_fault_add(check->faults, place, "the schedule has no phase \"%s\"",
                         query->name);
        } else {
            vg_fault_add(check->faults, place,
                         "the schedule has no phase \"%s\", did you mean \"%s\"?",
                         query->name, near);
        }
    }
}

/* "48h", or "48h 5m": spans one after the other. */
static bool spans_valid(const char *text)
{
    text += text[0] == '-'; /* before the infusion */
    do {
        const size_t length = strcspn(text, " ");
        vg_ms span = 0;

        if (vg_rule_span_parse(text, length, &span) != VG_OK) {
            return false;
        }
        text = skip_spaces(text + length);
    } while (*text != '\0');
    return true;
}

static void check_moments_of_test(struct vg_check *check, const struct vg_node *list)
{
    if (list == NULL || list->kind != VG_NODE_LIST) {
        return;
    }
    for (const struct vg_node *item = list->first; item != NULL; item = item->next) {
        const char *at = vg_check_scalar(item, "at", NULL);

        if (at == NULL) {
            vg_fault_add(check->faults, item->place,
                         "each line of a test says when, as in \"at: 48h\"");
        } else if (!spans_valid(at)) {
            vg_fault_add(check->faults, vg_node_get(item, "at")->place,
                         "\"%s\" is no time since the infusion; write 48h, or 48h 5m",
                         at);
        }
    }
}

static void check_tests(struct vg_check *check, const struct vg_node *list)
{
    static const char *const products[] = {"car_t", "car_nk", "nk", NULL};

    for (const struct vg_node *node = list->first; node != NULL; node = node->next) {
        const char *product = vg_check_scalar(node, "product", NULL);
        enum vg_product found = VG_PRODUCT_UNKNOWN;

        if (!vg_check_map(check, node, "test", test_keys)) {
            continue;
        }
        if (product != NULL && vg_product_find(product, &found) != VG_OK) {
            vg_check_unknown(check, vg_node_get(node, "product"), "product", products);
        }
        check_moments_of_test(check, vg_node_get(node, "given"));
        check_moments_of_test(check, vg_node_get(node, "expect"));
    }
}

static const struct vg_node *part(const struct vg_node *root, const char *key,
                                  enum vg_node_kind kind)
{
    const struct vg_node *node = vg_node_get(root, key);

    return node != NULL && node->kind == kind ? node : NULL;
}

void vg_check_parts(struct vg_check *check, const struct vg_node *root)
{
    struct vg_protocol *protocol = check->protocol;

    protocol->settings = part(root, "settings", VG_NODE_MAP);
    protocol->schedule = part(root, "schedule", VG_NODE_LIST);
    protocol->tests = part(root, "tests", VG_NODE_LIST);
    if (protocol->settings != NULL) {
        vg_check_settings(check, protocol->settings);
    }
    if (protocol->schedule != NULL) {
        check_schedule(check, protocol->schedule);
    }
    if (protocol->tests != NULL) {
        check_tests(check, protocol->tests);
    }
}
