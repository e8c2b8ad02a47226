/* SPDX-License-Identifier: Apache-2.0
 *
 * A protocol is built from its tree: the head of the file here, the parts in the files
 * beside this one, and at the end what the engine must keep for it.
 */
#include "vigil/protocol.h"

#include <string.h>

#include "core/protocol_check.h"
#include "core/row.h"
#include "core/rule_print.h"

static const char *const classes[VG_CLASS_COUNT] = {
    "haemodynamic", "respiratory", "fever_infection", "neuro",
    "infusion",     "lab",         "technical",       "global"};
static const char *const severities[VG_SEVERITY_COUNT] = {"info", "technical", "watch",
                                                          "urgent", "critical"};

const char *vg_class_text(enum vg_class class_)
{
    return classes[class_];
}

enum vg_status vg_class_find(const char *text, enum vg_class *out)
{
    const size_t i = vg_name_find(classes, VG_CLASS_COUNT, text);

    if (i == VG_CLASS_COUNT) {
        return VG_ABSENT;
    }
    *out = (enum vg_class)i;
    return VG_OK;
}

const char *vg_severity_text(enum vg_severity severity)
{
    return severities[severity];
}

enum vg_status vg_severity_find(const char *text, enum vg_severity *out)
{
    const size_t i = vg_name_find(severities, VG_SEVERITY_COUNT, text);

    if (i == VG_SEVERITY_COUNT) {
        return VG_ABSENT;
    }
    *out = (enum vg_severity)i;
    return VG_OK;
}

static const struct vg_key root_keys[] = {
    {"protocol", VG_KEY_SCALAR, true}, {"version", VG_KEY_SCALAR, true},
    {"products", VG_KEY_LIST, true},   {"title", VG_KEY_TEXT, true},
    {"signed", VG_KEY_LIST, false},    {"settings", VG_KEY_MAP, false},
    {"rules", VG_KEY_LIST, true},      {"schedule", VG_KEY_LIST, false},
    {"ladders", VG_KEY_MAP, false},    {"tests", VG_KEY_LIST, false},
    {NULL, VG_KEY_ANY, false},
};
static const struct vg_key signature_keys[] = {{"who", VG_KEY_SCALAR, true},
                                               {"when", VG_KEY_SCALAR, true},
                                               {NULL, VG_KEY_ANY, false}};

static void check_name(struct vg_check *check, const struct vg_node *root,
                       const char *file_name)
{
    const char *name = vg_check_scalar(root, "protocol", NULL);
    const char *version = vg_check_scalar(root, "version", NULL);

    check->protocol->name = name == NULL ? "" : name;
    check->protocol->version = version == NULL ? "" : version;
    if (name != NULL && !vg_id_valid(name, strlen(name))) {
        vg_fault_add(
            check->faults, vg_node_get(root, "protocol")->place,
            "a protocol's name is written in small letters, digits and hyphens, at "
            "most %d: \"%s\"",
            VG_ID_LEN, name);
    } else if (name != NULL && strcmp(name, file_name) != 0) {
        vg_fault_add(check->faults, vg_node_get(root, "protocol")->place,
                     "the protocol \"%s\" must stand in a file of that name, not in "
                     "\"%s.yaml\"",
                     name, file_name);
    }
    if (version != NULL && strlen(version) > VG_ID_LEN) {
        vg_fault_add(check->faults, vg_node_get(root, "version")->place,
                     "a version has at most %d characters", VG_ID_LEN);
    }
}

static void add_product(struct vg_check *check, const struct vg_node *item)
{
    static const char *const names[] = {"car_t", "car_nk", "nk", NULL};
    struct vg_protocol *protocol = check->protocol;
    enum vg_product product = VG_PRODUCT_UNKNOWN;

    if (item->kind != VG_NODE_SCALAR || item->text[0] == '\0') {
        vg_fault_add(check->faults, item->place, "a product must be a single word");
        return;
    }
    if (vg_product_find(item->text, &product) != VG_OK ||
        product == VG_PRODUCT_UNKNOWN) {
        vg_check_unknown(check, item, "product", names);
        return;
    }
    for (size_t i = 0; i < protocol->product_count; i++) {
        if (protocol->product[i] == product) {
            vg_fault_add(check->faults, item->place,
                         "the product \"%s\" is named twice", item->text);
            return;
        }
    }
    protocol->product[protocol->product_count++] = product;
}

static void check_products(struct vg_check *check, const struct vg_node *root)
{
    const struct vg_node *list = vg_node_get(root, "products");

    if (list == NULL || list->kind != VG_NODE_LIST) {
        return;
    }
    if (list->count == 0) {
        vg_fault_add(check->faults, list->place, "at least one product is needed");
    }
    for (const struct vg_node *item = list->first; item != NULL; item = item->next) {
        add_product(check, item);
    }
}

/* Of valid UTF-8; `text` is moved behind it. */
static uint32_t next_character(const char **text)
{
    const unsigned char *at = (const unsigned char *)*text;
    uint32_t c = *at < 0xC0 ? *at : *at < 0xE0 ? *at & 0x1FU : *at & 0x0FU;

    c = *at >= 0xF0 ? *at & 0x07U : c;
    for (at++; (*at & 0xC0U) == 0x80U; at++) {
        c = c << 6 | (*at & 0x3FU);
    }
    *text = (const char *)at;
    return c;
}

/* Blanks, also those of no width, and marks. */
static bool is_letter(uint32_t c)
{
    static const uint32_t none[][2] = {
        {0x00, 0x40},       {0x5B, 0x60},     {0x7B, 0xA9},     {0xAB, 0xB4},
        {0xB6, 0xB9},       {0xBB, 0xBF},     {0x1680, 0x1680}, {0x2000, 0x206F},
        {0x2190, 0x2BFF},   {0x3000, 0x3004}, {0x3008, 0x3020}, {0x3164, 0x3164},
        {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF}, {0xFF01, 0xFF20}, {0xFFA0, 0xFFA0},
        {0xE0000, 0x10FFFF}};

    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        if (c >= none[i][0] && c <= none[i][1]) {
            return false;
        }
    }
    return true;
}

/* Whether `text` is the word, in small letters or capitals, with blanks around it or without. */
static bool says(const char *text, const char *word)
{
    text += strspn(text, " \t");
    for (; *word != '\0'; word++, text++) {
        const int small = *text >= 'A' && *text <= 'Z' ? *text - 'A' + 'a' : *text;
        if (small != *word) {
            return false;
        }
    }
    return text[strspn(text, " \t")] == '\0';
}

/* Whether a letter stands in it, of whatever script, and it is no word for nobody. */
static bool is_name(const char *text)
{
    static const char *const nobody[] = {"null",  "none", "nobody", "unsigned", "true",
                                         "false", "tbd",  "todo",   "n/a"};
    bool letters = false;

    for (size_t i = 0; i < sizeof nobody / sizeof nobody[0]; i++) {
        if (says(text, nobody[i])) {
            return false;
        }
    }
    while (*text != '\0') {
        letters = is_letter(next_character(&text)) || letters;
    }
    return letters;
}

/* "2026-03-01", "1 March 2026" */
static bool is_day(const char *text)
{
    return is_name(text) || strpbrk(text, "0123456789") != NULL;
}

/* "Dr. A. Li (2026-03-01)", or the plain text of the item. */
static void put_signature(struct vg_check *check, struct vg_sink *sink,
                          const struct vg_node *item)
{
    const char *gap = sink->length == 0 ? "" : "; ";
    const bool plain = item->kind == VG_NODE_SCALAR;

    if (!plain && !vg_check_map(check, item, "signature", signature_keys)) {
        return;
    }
    const char *who = plain ? item->text : vg_check_scalar(item, "who", "");
    const char *when = plain ? "" : vg_check_scalar(item, "when", "");
    if (!is_name(who) || (!plain && !is_day(when))) {
        vg_fault_add(check->faults, item->place,
                     "a signature is the name of who signed, or who and when: nobody "
                     "has signed with \"%s\"",
                     who);
        return;
    }
    vg_sink_put(sink, plain ? "%s%s" : "%s%s (%s)", gap, who, when);
}

static void check_signatures(struct vg_check *check, const struct vg_node *root)
{
    const struct vg_node *list = vg_node_get(root, "signed");
    char text[512] = "";
    struct vg_sink sink = {text, sizeof text, 0};

    check->protocol->signed_by = "";
    if (list == NULL || list->kind != VG_NODE_LIST) {
        return;
    }
    for (const struct vg_node *item = list->first; item != NULL; item = item->next) {
        put_signature(check, &sink, item);
    }
    check->protocol->signed_by = vg_arena_text(check->arena, text, sink.length);
    if (check->protocol->signed_by == NULL) {
        check->no_memory = true;
    }
}

static vg_ms longer(vg_ms a, vg_ms b)
{
    return a > b ? a : b;
}

/* A reading that comes this late still finds the whole span into which it falls (rule_late.c). Live data
 * are not later; what is goes behind them (shell/inbox.h). */
#define LATENESS (2 * VG_MINUTE)

/* A span is found anew from the readings: of the hold, and in each window behind its first. */
static void note_span(struct vg_protocol *protocol, const struct vg_expr *when)
{
    const vg_ms back = vg_expr_look_back(when, &protocol->queries);

    for (unsigned s = 0; s < VG_MEASURED_COUNT && when->hold > 0 && when->of_last == 0;
         s++) {
        if ((when->asks >> s & 1) != 0) {
            protocol->keep[s] = longer(protocol->keep[s], back + when->hold + LATENESS);
        }
    }
}

/* What the engine must keep: per signal the longest window that is asked, and spans. */
static void note_windows(struct vg_protocol *protocol)
{
    for (size_t i = 0; i < protocol->queries.count; i++) {
        const struct vg_query *query = &protocol->queries.item[i];

        if (query->signal < VG_MEASURED_COUNT) {
            protocol->keep[query->signal] =
                longer(protocol->keep[query->signal], query->span);
            protocol->longest = longer(protocol->longest, query->span);
        }
    }
    for (size_t i = 0; i < protocol->rule_count; i++) {
        const struct vg_rule *rule = &protocol->rule[i];

        protocol->longest = longer(protocol->longest, rule->when.hold);
        protocol->longest = longer(protocol->longest, rule->clear.hold);
        note_span(protocol, &rule->when);
    }
}

static void check_all(struct vg_check *check, const struct vg_node *root,
                      const char *file_name)
{
    if (!vg_check_map(check, root, "protocol", root_keys)) {
        return;
    }
    check_name(check, root, file_name);
    check->protocol->title = vg_check_text(check, root, "title");
    check_products(check, root);
    check_signatures(check, root);
    vg_check_ladders(check, root);
    vg_check_rules(check, root);
    vg_check_parts(check, root);
    note_windows(check->protocol);
}

enum vg_status vg_protocol_build(const struct vg_node *root, const char *file_name,
                                 const char *digest, struct vg_arena *arena,
                                 struct vg_faults *faults, struct vg_protocol **out)
{
    struct vg_protocol *protocol = vg_arena_take(arena, sizeof *protocol);
    struct vg_check check = {arena, faults, protocol, vg_node_get(root, "schedule"),
                             false};
    const size_t errors = faults->errors;

    if (protocol == NULL) {
        return VG_NO_MEMORY;
    }
    protocol->digest = vg_arena_text(arena, digest, strlen(digest));
    check_all(&check, root, file_name);
    if (faults->errors == errors && !check.no_memory) {
        vg_check_lint(&check, root);
    }
    vg_faults_sort(faults);
    if (check.no_memory || protocol->digest == NULL) {
        return VG_NO_MEMORY;
    }
    if (faults->errors > errors) {
        return VG_REFUSED;
    }
    for (size_t i = 0; i < protocol->rule_count; i++) {
        vg_rule_print(&protocol->rule[i], &protocol->clinical);
    }
    protocol->arena = arena;
    *out = protocol;
    return VG_OK;
}

void vg_protocol_destroy(struct vg_protocol *protocol)
{
    if (protocol != NULL) {
        vg_arena_destroy(protocol->arena);
    }
}

const struct vg_rule *vg_protocol_rule(const struct vg_protocol *protocol,
                                       const char *id)
{
    for (size_t i = 0; i < protocol->rule_count; i++) {
        if (strcmp(protocol->rule[i].id, id) == 0) {
            return &protocol->rule[i];
        }
    }
    return NULL;
}
