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
    unsigned depth;
    bool object[VG_MESSAGE_DEPTH];     /* this level is an object, not a list */
    uint64_t serial[VG_MESSAGE_DEPTH]; /* tells objects apart in the set of keys */
    uint64_t objects;
    size_t slots, keys;
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
    bool finite = problem != vg_text_overflow;
    return broken(s, finite ? VG_NOT_JSON : VG_NOT_FINITE, problem);
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
        return scalar(s, vg_text_string(&s->text, NULL));
    case 't':
        return scalar(s, vg_text_word(&s->text, "true"));
    case 'f':
        return scalar(s, vg_text_word(&s->text, "false"));
    case 'n':
        return scalar(s, vg_text_word(&s->text, "null"));
    default:
        break;
    }
    if (c == '-' || (c >= '0' && c <= '9')) {
        return scalar(s, vg_text_number(&s->text));
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
    const char *problem = vg_text_string(&s->text, &hash);
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

bool vg_guard_check(struct vg_guard *guard, const char *bytes, size_t length,
                    struct vg_refusal *why)
{
    static enum step (*const steps[])(struct scan *) = {
        [VALUE] = value, [FIRST_ITEM] = first_item, [FIRST_KEY] = first_key,
        [KEY] = key,     [AFTER] = after,
    };
    struct scan s = {.guard = guard, .why = why, .slots = slots_for(length)};
    s.text = (struct vg_text_scan){bytes, bytes, bytes + length};
    memset(guard->slot, 0, s.slots * sizeof *guard->slot);
    enum step next = VALUE;
    while (next < DONE) {
        next = steps[next](&s);
    }
    return next == DONE;
}
