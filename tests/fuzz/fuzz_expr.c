/* SPDX-License-Identifier: Apache-2.0
 *
 * The rule language: what compiles answers true, false or unknown whatever it is told and says
 * itself in words that end; "not" of it answers the opposite, itself "and" itself the same.
 */
#include <string.h>

#include "vigil/expr.h"
#include "vigil/tree.h"

#include "fuzz.h"

#define MOST 1024

static struct vg_number answer(const void *subject, const struct vg_query *query,
                               size_t index, struct vg_instant at)
{
    const uint64_t seed = *(const uint64_t *)subject + index * 977U + query->kind;
    (void)at;
    return seed % 3 == 0
               ? VG_NUMBER_UNKNOWN
               : vg_number_of((int64_t)(seed % 20001) - 10000, 1 + (int64_t)(seed % 7));
}

/* "not" knows nothing where that is so of what it is said of. */
static enum vg_truth opposite(enum vg_truth truth)
{
    return truth == VG_TRUE ? VG_FALSE : truth == VG_FALSE ? VG_TRUE : VG_UNKNOWN;
}

static enum vg_truth asked(const struct vg_expr *expr, const struct vg_queries *queries,
                           const uint64_t *seed)
{
    const struct vg_facts facts = {.subject = seed, .answer = answer};

    return vg_expr_ask(expr, queries, &facts, (struct vg_instant){1768032000000});
}

/* Of the text behind "not" (`word` NULL), or twice with `word` between. */
static void compare(const char *word, const char *text, const struct vg_expr *expr,
                    const struct vg_queries *queries)
{
    const bool turned = word == NULL;
    static char longer[3 * MOST];
    static struct vg_faults faults;
    static struct vg_queries others;
    struct vg_expr other = {0};
    struct vg_arena *arena = vg_arena_create();

    faults.count = faults.errors = 0;
    memset(&others, 0, sizeof others);
    (void)snprintf(longer, sizeof longer, "%s(%s )%s%s%s%s", turned ? "not " : "", text,
                   turned ? "" : word, turned ? "" : "(", turned ? "" : text,
                   turned ? "" : " )");
    if (arena != NULL && vg_expr_compile(longer, (struct vg_place){1, 1}, arena,
                                         &others, &faults, &other) == VG_OK) {
        MUST(others.count == queries->count);
        for (uint64_t seed = 0; seed < 8; seed++) {
            const enum vg_truth truth = asked(expr, queries, &seed);
            MUST(asked(&other, &others, &seed) == (turned ? opposite(truth) : truth));
        }
    } else if (arena !=
               NULL) { /* a longer one may be too long; a "for" stays outside */
        MUST(expr->hold > 0 || expr->of_last > 0 ||
             2 * expr->length + 2 > VG_EXPR_CODE || expr->depth + 2 > VG_EXPR_DEPTH ||
             strlen(text) > MOST / 2);
    }
    vg_arena_destroy(arena);
}

static void ask(const struct vg_expr *expr, const struct vg_queries *queries)
{
    char words[512];

    for (uint64_t seed = 0; seed < 8; seed++) {
        const struct vg_facts facts = {.subject = &seed, .answer = answer};
        const enum vg_truth truth = asked(expr, queries, &seed);
        MUST(truth == VG_TRUE || truth == VG_FALSE || truth == VG_UNKNOWN);
        (void)vg_expr_value(expr, queries, &facts, (struct vg_instant){1768032000000});
    }
    const size_t length = vg_expr_words(expr, queries, words, sizeof words);
    MUST(length < sizeof words && strlen(words) == length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[MOST];
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
        compare(NULL, text, &expr, &queries);
        compare(" and ", text, &expr, &queries);
        compare(" or ", text, &expr, &queries);
    } else {
        MUST(status == VG_NO_MEMORY || faults.count > 0); /* a refusal says why */
    }
    vg_arena_destroy(arena);
    return 0;
}
