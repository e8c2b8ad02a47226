/* SPDX-License-Identifier: Apache-2.0
 *
 * Checking a protocol's tree, key by key.
 */
#include "core/protocol_check.h"

#include <string.h>

#define KEYS 32 /* at most this many keys a table */

static const struct vg_key *key_find(const struct vg_key *keys, const char *name)
{
    for (; keys->name != NULL; keys++) {
        if (strcmp(keys->name, name) == 0) {
            return keys;
        }
    }
    return NULL;
}

static void unknown_key(struct vg_check *check, const struct vg_node *node,
                        const char *what, const struct vg_key *keys)
{
    const char *names[KEYS + 1] = {NULL};

    for (size_t i = 0; i < KEYS && keys[i].name != NULL; i++) {
        names[i] = keys[i].name;
    }
    const char *near = vg_nearest(node->key, names);

    if (near == NULL) {
        vg_fault_add(check->faults, node->key_place, "unknown key \"%s\" in the %s",
                     node->key, what);
    } else {
        vg_fault_add(check->faults, node->key_place,
                     "unknown key \"%s\" in the %s, did you mean \"%s\"?", node->key,
                     what, near);
    }
}

static bool kind_fits(const struct vg_node *node, enum vg_key_kind kind)
{
    switch (kind) {
    case VG_KEY_SCALAR:
        return node->kind == VG_NODE_SCALAR;
    case VG_KEY_LIST:
        return node->kind == VG_NODE_LIST;
    case VG_KEY_MAP:
        return node->kind == VG_NODE_MAP;
    case VG_KEY_TEXT:
        return node->kind != VG_NODE_LIST;
    case VG_KEY_ANY: /* not reached: it ends a table of keys */
    default:         /* not reached: the same */
        return true; /* not reached: the same */
    }
}

static bool is_empty(const struct vg_node *node)
{
    return node->kind == VG_NODE_SCALAR && node->text[0] == '\0' && !node->quoted;
}

static void check_kind(struct vg_check *check, const struct vg_node *node,
                       const struct vg_key *key)
{
    static const char *const wanted[] = {
        [VG_KEY_SCALAR] = "a single value",
        [VG_KEY_LIST] = "a list",
        [VG_KEY_MAP] = "keys with values",
        [VG_KEY_TEXT] = "a sentence, or {en: …, zh: …}",
        [VG_KEY_ANY] = "",
    };

    if (is_empty(node)) {
        vg_fault_add(check->faults, node->key_place, "\"%s\" has no value", key->name);
    } else if (!kind_fits(node, key->kind)) {
        vg_fault_add(check->faults, node->place, "\"%s\" must be %s", key->name,
                     wanted[key->kind]);
    }
}

bool vg_check_map(struct vg_check *check, const struct vg_node *node, const char *what,
                  const struct vg_key *keys)
{
    if (node->kind != VG_NODE_MAP) {
        vg_fault_add(check->faults, node->place, "a %s must be keys with values", what);
        return false;
    }
    for (const struct vg_node *child = node->first; child != NULL;
         child = child->next) {
        const struct vg_key *key = key_find(keys, child->key);

        if (key == NULL) {
            unknown_key(check, child, what, keys);
        } else {
            check_kind(check, child, key);
        }
    }
    for (const struct vg_key *key = keys; key->name != NULL; key++) {
        if (key->required && vg_node_get(node, key->name) == NULL) {
            vg_fault_add(check->faults, node->place, "\"%s\" is missing in this %s",
                         key->name, what);
        }
    }
    return true;
}

static const struct vg_node *scalar_node(const struct vg_node *map, const char *key)
{
    const struct vg_node *node = vg_node_get(map, key);

    return node != NULL && node->kind == VG_NODE_SCALAR && !is_empty(node) ? node
                                                                           : NULL;
}

const char *vg_check_scalar(const struct vg_node *map, const char *key,
                            const char *absent)
{
    const struct vg_node *node = scalar_node(map, key);

    return node == NULL ? absent : node->text;
}

vg_ms vg_check_span(struct vg_check *check, const struct vg_node *map, const char *key)
{
    const struct vg_node *node = scalar_node(map, key);
    vg_ms span = 0;

    if (node == NULL || strcmp(node->text, "never") == 0) {
        return 0;
    }
    if (vg_rule_span_parse(node->text, strlen(node->text), &span) != VG_OK) {
        vg_fault_add(check->faults, node->place,
                     "\"%s\" is no span of time; write 90s, 10m, 4h or 7d", node->text);
    }
    return span;
}

bool vg_check_yes(struct vg_check *check, const struct vg_node *map, const char *key)
{
    const char *text = vg_check_scalar(map, key, "no");

    if (strcmp(text, "yes") == 0) {
        return true;
    }
    if (strcmp(text, "no") != 0) {
        vg_fault_add(check->faults, vg_node_get(map, key)->place,
                     "\"%s\" must be yes or no, not \"%s\"", key, text);
    }
    return false;
}

struct vg_text vg_check_text(struct vg_check *check, const struct vg_node *map,
                             const char *key)
{
    static const struct vg_key languages[] = {{"en", VG_KEY_SCALAR, true},
                                              {"zh", VG_KEY_SCALAR, false},
                                              {NULL, VG_KEY_ANY, false}};
    const struct vg_node *node = vg_node_get(map, key);

    if (node == NULL || node->kind == VG_NODE_LIST) {
        return (struct vg_text){"", ""};
    }
    if (node->kind == VG_NODE_SCALAR) {
        return (struct vg_text){node->text, ""};
    }
    (void)vg_check_map(check, node, "text", languages);
    return (struct vg_text){vg_check_scalar(node, "en", ""),
                            vg_check_scalar(node, "zh", "")};
}

size_t vg_check_names(struct vg_check *check, const struct vg_node *list,
                      const char *what, const char **out, size_t room)
{
    size_t count = 0;

    if (list == NULL || list->kind != VG_NODE_LIST) {
        return 0;
    }
    if (list->count == 0) {
        vg_fault_add(check->faults, list->place, "at least one %s is needed", what);
    }
    for (const struct vg_node *item = list->first; item != NULL; item = item->next) {
        if (item->kind != VG_NODE_SCALAR || item->text[0] == '\0') {
            vg_fault_add(check->faults, item->place, "a %s must be a single word",
                         what);
        } else if (count == room) {
            vg_fault_add(check->faults, item->place, "at most %zu of these", room);
            break;
        } else {
            out[count++] = item->text;
        }
    }
    return count;
}

void vg_check_unknown(struct vg_check *check, const struct vg_node *node,
                      const char *what, const char *const *names)
{
    const char *near = vg_nearest(node->text, names);

    if (near == NULL) {
        vg_fault_add(check->faults, node->place, "unknown %s \"%s\"", what, node->text);
    } else {
        vg_fault_add(check->faults, node->place,
                     "unknown %s \"%s\", did you mean \"%s\"?", what, node->text, near);
    }
}

/* The compiler counts on from where the text begins; its lines stand elsewhere. */
static struct vg_place place_in(const struct vg_node *node, unsigned character)
{
    size_t i = node->line_count;

    if (i == 0) {
        return (struct vg_place){node->place.line,
                                 node->place.column + node->quoted + character};
    }
    while (i > 1 && node->line[i - 1].character > character) {
        i--;
    }
    struct vg_place place = node->line[i - 1].place;
    place.column += character - node->line[i - 1].character;
    return place;
}

struct vg_place vg_check_place(const struct vg_node *node, const char *at)
{
    unsigned character = 0;

    for (const char *c = node->text; c < at; c++) {
        character +=
            ((unsigned char)*c & 0xC0U) != 0x80U; /* else within one of UTF-8 */
    }
    return place_in(node, character);
}

bool vg_check_expr(struct vg_check *check, const struct vg_node *node,
                   struct vg_queries *queries, struct vg_expr *out)
{
    struct vg_place place = node->place;

    if (node->quoted) {
        place.column++;
    }
    const size_t before = check->faults->count;
    const enum vg_status status =
        vg_expr_compile(node->text, place, check->arena, queries, check->faults, out);

    for (size_t i = before; node->line_count > 0 && i < check->faults->count; i++) {
        struct vg_place *wrong = &check->faults->item[i].place;
        *wrong = place_in(node, wrong->column - place.column);
    }

    if (status == VG_NO_MEMORY) {
        check->no_memory = true;
    }
    return status == VG_OK;
}
