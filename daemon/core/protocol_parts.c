/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of a protocol beside its rules and ladders: settings and schedule, which have
 * files of their own, and tests, whose form is checked here.
 */
#include <string.h>

#include "core/protocol_check.h"

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
        vg_check_schedule(check, protocol->schedule);
    }
    if (protocol->tests != NULL) {
        check_tests(check, protocol->tests);
    }
}
