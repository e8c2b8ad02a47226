/* SPDX-License-Identifier: Apache-2.0
 *
 * The wall of json.h. cJSON asks for memory through hooks that are global to the
 * process; while one of our parses runs on a thread they hand out a piece of its
 * arena, at any other time, or when the arena is full, they are malloc and free.
 * They are installed with the first decoder, which is made before there is a second
 * thread.
 */
#include "json.h"

#include <stdlib.h>
#include <string.h>
#include <threads.h>

#include "json_tree.h"

struct vg_json {
    cJSON *root;
    char *bytes;
    size_t used, capacity;
    bool spilled; /* some of the tree is malloc's */
};

/* The hooks have no argument to find the arena by. The pointer is set only during a
 * call into cJSON by this thread, and always unset behind it. */
static _Thread_local struct vg_json *current;

#define ALIGNMENT _Alignof(max_align_t)

static void *take(size_t size)
{
    size_t rounded = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (current == NULL || rounded < size ||
        rounded > current->capacity - current->used) {
        if (current != NULL) {
            current->spilled = true;
        }
        return malloc(size);
    }
    void *piece = current->bytes + current->used;
    current->used += rounded;
    return piece;
}

static void give_back(void *piece)
{
    if (current != NULL) {
        uintptr_t at = (uintptr_t)piece;
        uintptr_t first = (uintptr_t)current->bytes;
        if (at >= first && at < first + current->capacity) {
            return;
        }
    }
    free(piece);
}

static void install_hooks(void)
{
    cJSON_Hooks hooks = {take, give_back};
    cJSON_InitHooks(&hooks);
}

struct vg_json *vg_json_create(size_t capacity)
{
    static once_flag once = ONCE_FLAG_INIT;
    call_once(&once, install_hooks);
    struct vg_json *json = calloc(1, sizeof *json);
    if (json == NULL) {
        return NULL;
    }
    json->bytes = malloc(capacity);
    json->capacity = capacity;
    if (json->bytes == NULL) {
        free(json);
        return NULL;
    }
    return json;
}

/* Only what lies outside the arena need be visited. */
static void release(struct vg_json *json)
{
    if (json->spilled) {
        current = json;
        cJSON_Delete(json->root);
        current = NULL;
    }
    json->root = NULL;
    json->spilled = false;
    json->used = 0;
}

void vg_json_destroy(struct vg_json *json)
{
    if (json != NULL) {
        release(json);
        free(json->bytes);
        free(json);
    }
}

const cJSON *vg_json_parse(struct vg_json *json, const char *bytes, size_t length)
{
    release(json);
    current = json;
    json->root = cJSON_ParseWithLength(bytes, length);
    current = NULL;
    return json->root;
}

bool vg_json_tree_begin(struct vg_json *json, const char *bytes, size_t length,
                        struct vg_json_tree *tree)
{
    const size_t text = (length + ALIGNMENT) / ALIGNMENT * ALIGNMENT;

    release(json);
    if (length >= json->capacity || text > json->capacity) {
        return false;
    }
    memcpy(json->bytes, bytes, length);
    tree->from = bytes;
    tree->copy = json->bytes;
    tree->next = (cJSON *)(void *)(json->bytes + text);
    tree->end = tree->next + (json->capacity - text) / sizeof(cJSON);
    tree->root = tree->last = NULL;
    tree->key = NULL;
    tree->depth = 0;
    tree->full = false;
    return true;
}

const cJSON *vg_json_tree_end(struct vg_json *json, const struct vg_json_tree *tree)
{
    json->root = tree->full ? NULL : tree->root;
    return json->root;
}

static size_t place_of(const char *key, const char *const *names, size_t count)
{
    size_t i = 0;
    while (i < count && (names[i][0] != key[0] || strcmp(names[i], key) != 0)) {
        i++;
    }
    return i;
}

void vg_json_pick(const cJSON *object, const char *const *names, size_t count,
                  const cJSON **out)
{
    for (size_t i = 0; i < count; i++) {
        out[i] = NULL;
    }
    if (!cJSON_IsObject(object)) {
        return;
    }
    for (const cJSON *child = object->child; child != NULL; child = child->next) {
        size_t place = place_of(child->string, names, count);
        if (place < count && !cJSON_IsNull(child)) {
            out[place] = child;
        }
    }
}

bool vg_json_integer(const cJSON *item, int64_t *out)
{
    const double limit = 9007199254740992.0; /* 2^53 */
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= -limit) ||
        !(item->valuedouble <= limit)) {
        return false;
    }
    int64_t whole = (int64_t)item->valuedouble;
    *out = whole;
    return !((double)whole < item->valuedouble) && !((double)whole > item->valuedouble);
}
