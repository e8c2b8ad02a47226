/* SPDX-License-Identifier: Apache-2.0
 *
 * The guard in front of the JSON library: what it lets through the library parses, whole, at
 * most eight levels deep, with no key twice.
 */
#include <string.h>

#include <cjson/cJSON.h>

#include "fuzz.h"
#include "wire/json_guard.h"

static void no_key_twice(const cJSON *map)
{
    for (const cJSON *a = map->child; a != NULL; a = a->next) {
        for (const cJSON *b = a->next; b != NULL; b = b->next) {
            MUST(strcmp(a->string, b->string) != 0);
        }
    }
}

/* The tree is walked without recursion: at each level where to go on. */
static void walk(const cJSON *root)
{
    const cJSON *at[10] = {root};
    size_t depth = 1;

    while (depth > 0) {
        const cJSON *item = at[depth - 1];
        if (item == NULL) {
            depth--;
            continue;
        }
        at[depth - 1] = depth == 1 ? NULL : item->next;
        if (cJSON_IsObject(item)) {
            no_key_twice(item);
        }
        if (item->child != NULL) {
            MUST(depth < 9);
            at[depth++] = item->child;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct vg_guard guard;
    struct vg_refusal why;
    const char *end = NULL;

    if (size > 4096 || !vg_guard_check(&guard, (const char *)data, size, &why)) {
        return 0;
    }
    cJSON *json = cJSON_ParseWithLengthOpts((const char *)data, size, &end, 0);
    MUST(json != NULL);
    while (end < (const char *)data + size && strchr(" \t\r\n", *end) != NULL) {
        end++;
    }
    MUST(end == (const char *)data + size);
    walk(json);
    cJSON_Delete(json);
    return 0;
}
