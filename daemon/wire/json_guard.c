/* SPDX-License-Identifier: Apache-2.0
 *
 * The guard of json_guard.h: one pass, no recursion, no memory of its own.
 */
#include "json_guard.h"

#include <stdio.h>
#include <string.h>

#include "json_text.h"

/* What the grammar allows next. */
enum step { VALUE, FIRST_ITEM, FIRST_KEY, KEY, AFTER, DONE, BROKEN };

struct scan {
    struct vg_guard *guard;
    struct vg_text_scan text;
    struct vg_refusal *why;
    struct vg_json_tree *tree; /* NULL: nobody wants one */
    unsigned depth;
    bool object[VG_MESSAGE_DEPTH];     /* this level is an object, not a list */
    uint64_t serial[VG_MESSAGE_DEPTH]; /* tells objects apart in the set of keys */
    uint64_t objects;
    size_t slots, keys;
    bool infinite; /* a number was too large; all else is looked at all the same */
};

static enum step broken(struct scan *s, enum vg_reason reason, const char *what)
{
    s->why->reason = reason;
    s->why->item = -1;
    (void)snprintf(s->why->detail, sizeof s->why->detail, "byte %zu: %s",
                   (size_t)(s->text.at - s->text.start), what);
    return BROKEN;
}

static enum step open(struct scan *s, bool object)
{
    if (s->depth == VG_MESSAGE_DEPTH) {
        return broken(s, VG_TOO_DEEP, "nested deeper than 8 levels");
    }
    s->text.at++;
    if (s->tree != NULL) {
        (void)vg_json_tree_add(s->tree, object ? cJSON_Object : cJSON_Array);
        vg_json_tree_open(s->tree);
    }
    s->object[s->depth] = object;
    s->serial[s->depth] = ++s->objects * UINT64_C(0x9e3779b97f4a7c15);
    s->depth++;
    return object ? FIRST_KEY : FIRST_ITEM;
}

/* The byte at hand behind blanks, 0 at the end: a NUL is no JSON either. */
static char peek(struct scan *s)
{
    if (s->text.at<s->text.end && * s->text.at> ' ') {
        return *s->text.at;
    }
    vg_text_blank(&s->text);
    if (s->text.at == s->text.end) {
        return '\0';
    }
    return *s->text.at;
}

static enum step scalar(struct scan *s, const char *problem)
{
    if (problem == NULL) {
        return AFTER;
    }
    if (problem != vg_text_overflow) {
        return broken(s, VG_NOT_JSON, problem);
    }
    if (!s->infinite) {
        (void)broken(s, VG_NOT_FINITE, problem);
    }
    s->infinite = true;
    return AFTER;
}

static enum step string(struct scan *s)
{
    if (s->tree == NULL) {
        return scalar(s, vg_text_string(&s->text, NULL, NULL));
    }
    cJSON *node = vg_json_tree_add(s->tree, cJSON_String);
    node->valuestring = vg_json_tree_text(s->tree, s->text.at);
    return scalar(s, vg_text_string(&s->text, NULL, node->valuestring));
}

static enum step number(struct scan *s)
{
    double read = 0;
    const char *problem = vg_text_number(&s->text, &read);
    if (s->tree != NULL && problem == NULL) {
        vg_json_tree_number(vg_json_tree_add(s->tree, cJSON_Number), read);
    }
    return scalar(s, problem);
}

static enum step word(struct scan *s, const char *text, int type)
{
    if (s->tree != NULL) {
        vg_json_tree_add(s->tree, type)->valueint = type == cJSON_True;
    }
    return scalar(s, vg_text_word(&s->text, text));
}

static enum step value(struct scan *s)
{
    char c = peek(s);
    switch (c) {
    case '{':
        return open(s, true);
    case '[':
        return open(s, false);
    case '"':
        return string(s);
    case 't':
        return word(s, "true", cJSON_True);
    case 'f':
        return word(s, "false", cJSON_False);
    case 'n':
        return word(s, "null", cJSON_NULL);
    default:
        break;
    }
    if (c == '-' || (c >= '0' && c <= '9')) {
        return number(s);
    }
    return broken(s, VG_NOT_JSON, "a value should stand here");
}

static enum step first_item(struct scan *s)
{
    return peek(s) == ']' ? AFTER : VALUE;
}

/* Adds a key to the set; false if its object has it already. Keys are compared by 64
 * bits of hash: who makes two collide has only his own message refused. */
static bool add_key(struct scan *s, uint64_t hash)
{
    size_t mask = s->slots - 1;
    uint64_t wanted = hash == 0 ? 1 : hash;
    size_t i = (size_t)(wanted >> 40) & mask;
    for (; s->guard->slot[i] != 0; i = (i + 1) & mask) {
        if (s->guard->slot[i] == wanted) {
            return false;
        }
    }
    s->guard->slot[i] = wanted;
    s->keys++;
    return true;
}

static enum step key(struct scan *s)
{
    if (peek(s) != '"') {
        return broken(s, VG_NOT_JSON, "a key in quotes should stand here");
    }
    if (s->keys > s->slots / 4 * 3) {
        return broken(s, VG_TOO_MANY, "too many keys");
    }
    const char *first = s->text.at;
    uint64_t hash = s->serial[s->depth - 1];
    char *name = s->tree != NULL ? vg_json_tree_text(s->tree, first) : NULL;
    const char *problem = vg_text_string(&s->text, &hash, name);
    if (problem != NULL) {
        return broken(s, VG_NOT_JSON, problem);
    }
    if (!add_key(s, hash)) {
        int length = (int)(s->text.at - first < 42 ? s->text.at - first : 42);
        char what[80];
        (void)snprintf(what, sizeof what, "the key %.*s stands twice in one object",
                       length, first);
        return broken(s, VG_NOT_JSON, what);
    }
    if (peek(s) != ':') {
        return broken(s, VG_NOT_JSON, "a colon should stand here");
    }
    s->text.at++;
    if (s->tree != NULL) {
        s->tree->key = name;
    }
    return VALUE;
}

static enum step first_key(struct scan *s)
{
    return peek(s) == '}' ? AFTER : key(s);
}

/* Behind a value, or at the end of an empty list or object. */
static enum step after(struct scan *s)
{
    char c = peek(s);
    if (s->depth == 0) {
        return s->text.at == s->text.end
                   ? DONE
                   : broken(s, VG_NOT_JSON, "nothing may follow the value");
    }
    bool object = s->object[s->depth - 1];
    if (c == ',') {
        s->text.at++;
        return object ? KEY : VALUE;
    }
    if (c == (object ? '}' : ']')) {
        s->text.at++;
        s->depth--;
        if (s->tree != NULL) {
            vg_json_tree_close(s->tree);
        }
        return AFTER;
    }
    return broken(s, VG_NOT_JSON,
                  object ? "a comma or } should stand here"
                         : "a comma or ] should stand here");
}

/* A key needs 7 bytes (`"a":1,` and a second letter for most), so a quarter of the
 * length leaves the set at most 4/7 full. */
static size_t slots_for(size_t length)
{
    size_t slots = 64;
    while (slots < length / 4 && slots < VG_GUARD_SLOTS) {
        slots *= 2;
    }
    return slots;
}

static bool check(struct vg_guard *guard, const char *bytes, size_t length,
                  struct vg_json_tree *tree, struct vg_refusal *why)
{
    static enum step (*const steps[])(struct scan *) = {
        [VALUE] = value, [FIRST_ITEM] = first_item, [FIRST_KEY] = first_key,
        [KEY] = key,     [AFTER] = after,
    };
    struct scan s = {
        .guard = guard, .why = why, .tree = tree, .slots = slots_for(length)};
    s.text = (struct vg_text_scan){bytes, bytes, bytes + length};
    memset(guard->slot, 0, s.slots * sizeof *guard->slot);
    enum step next = VALUE;
    while (next < DONE) {
        next = steps[next](&s);
    }
    return next == DONE && !s.infinite;
}

bool vg_guard_check(struct vg_guard *guard, const char *bytes, size_t length,
                    struct vg_refusal *why)
{
    return check(guard, bytes, length, NULL, why);
}

bool vg_guard_read(struct vg_guard *guard, const char *bytes, size_t length,
                   struct vg_json *json, const cJSON **root, struct vg_refusal *why)
{
    struct vg_json_tree tree;
    const bool room = vg_json_tree_begin(json, bytes, length, &tree);
    *root = NULL;
    if (!check(guard, bytes, length, room ? &tree : NULL, why)) {
        return false;
    }
    if (room) {
        *root = vg_json_tree_end(json, &tree);
    }
    if (*root == NULL) { /* a freak: what does not fit is parsed by cJSON */
        *root = vg_json_parse(json, bytes, length);
    }
    return true;
}
