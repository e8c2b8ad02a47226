/* SPDX-License-Identifier: Apache-2.0
 *
 * The tree that the guard makes while it reads is, node by node, the one that cJSON makes of
 * the same text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/json_guard.h"

static struct vg_guard guard;

static void same_text(const char *a, const char *b)
{
    assert_int_equal(a == NULL, b == NULL);
    if (a != NULL) {
        assert_string_equal(a, b);
    }
}

static void same_node(const cJSON *a, const cJSON *b)
{
    assert_int_equal(a->type, b->type);
    same_text(a->string, b->string);
    same_text(a->valuestring, b->valuestring);
    assert_int_equal(a->valueint, b->valueint);
    assert_memory_equal(&a->valuedouble, &b->valuedouble, sizeof a->valuedouble);
    assert_int_equal(a->child == NULL, b->child == NULL);
    assert_int_equal(a->next == NULL, b->next == NULL);
    if (a->next != NULL) {
        assert_ptr_equal(a->next->prev, a);
    }
}

/* A list's first node knows its last one. */
static void ends_where_it_should(const cJSON *first)
{
    const cJSON *last = first;

    while (last->next != NULL) {
        last = last->next;
    }
    assert_ptr_equal(first->prev, last);
}

static void same_tree(const cJSON *a, const cJSON *b)
{
    const cJSON *at[2][VG_MESSAGE_DEPTH + 1] = {{a}, {b}};
    size_t depth = 1;

    while (depth > 0) {
        const cJSON *one = at[0][depth - 1];
        const cJSON *other = at[1][depth - 1];
        if (one == NULL) {
            depth--;
            continue;
        }
        same_node(one, other);
        at[0][depth - 1] = depth == 1 ? NULL : one->next;
        at[1][depth - 1] = depth == 1 ? NULL : other->next;
        if (one->child != NULL) {
            ends_where_it_should(one->child);
            at[0][depth] = one->child;
            at[1][depth] = other->child;
            depth++;
        }
    }
}

/* Whether the text is good; if so, both trees are compared. */
static bool compare(struct vg_json *json, const char *text, size_t length)
{
    struct vg_refusal why;
    struct vg_refusal again;
    const cJSON *root = NULL;
    const bool good = vg_guard_read(&guard, text, length, json, &root, &why);

    assert_int_equal(good, vg_guard_check(&guard, text, length, &again));
    if (!good) {
        assert_null(root);
        assert_string_equal(why.detail, again.detail);
        return false;
    }
    cJSON *parsed = cJSON_ParseWithLength(text, length);
    assert_non_null(parsed);
    same_tree(root, parsed);
    cJSON_Delete(parsed);
    return true;
}

static const char *const texts[] = {
    "{}",
    " [ ] ",
    "null",
    "true",
    "[false,true,null,{},[]]",
    "-0",
    "[0.1,0e0,-0,-0.0,1e308,1e-999,2147483647,2147483648,-2147483649]",
    "[0.000000000000001,123456789012345,1234567890123456,0.30000000000000004]",
    "[36.6,98.6,1.7976931348623157e308,4.9e-324,9007199254740993]",
    "\"\"",
    "\"\\u00e9\\ud83d\\ude00\\n\\/\\\\ and \\\"more\\\"\"",
    "{\"\\u0061\":\"caf\xc3\xa9 \xf0\x9f\x98\x80 \x7f\",\"b\":{\"a\":[1,[2],{\"c\":3}]}}",
    "[[[[[[[[1],2],3],4],5],6],7],8]",
    "{\"gateway\":\"g\",\"ts\":1768032000000,\"obs\":[{\"code\":\"temp\",\"value\":36.8,"
    "\"unit\":\"Cel\"},{\"code\":\"sbp\",\"value\":-121,\"unit\":\"mm[Hg]\"}]}",
};

static void the_tree_is_the_same(void **state)
{
    (void)state;
    struct vg_json *json = vg_json_create(8192);
    assert_non_null(json);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_true(compare(json, texts[i], strlen(texts[i])));
    }
    vg_json_destroy(json);
}

/* Also where it does not fit, and cJSON takes over. */
static void so_it_is_in_little_room(void **state)
{
    (void)state;
    for (size_t room = 0; room < 2048; room += 40) {
        struct vg_json *json = vg_json_create(room);
        assert_non_null(json);
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
            assert_true(compare(json, texts[i], strlen(texts[i])));
        }
        vg_json_destroy(json);
    }
}

/* Each byte of each text becomes each other: what is left of it as JSON reads the same. */
static void so_it_is_when_damaged(void **state)
{
    (void)state;
    struct vg_json *json = vg_json_create(8192);
    assert_non_null(json);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const size_t length = strlen(texts[i]);
        for (size_t at = 0; at < length; at++) {
            for (unsigned value = 1; value < 256; value++) {
                char *copy = malloc(length);
                assert_non_null(copy);
                memcpy(copy, texts[i], length);
                copy[at] = (char)value;
                (void)compare(json, copy, length);
                free(copy);
            }
        }
    }
    vg_json_destroy(json);
}

static uint64_t seed = 20261129;

static unsigned dice(unsigned sides)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)((seed >> 33) % sides);
}

static size_t digits(char *to, unsigned most)
{
    const size_t count = 1 + dice(most);

    for (size_t i = 0; i < count; i++) {
        to[i] = (char)('0' + (i == 0 && count > 1 ? 1 + dice(9) : dice(10)));
    }
    return count;
}

/* Numbers of up to 20 digits on either side of the point, with and without exponent. */
static void numbers_are_the_same_to_the_bit(void **state)
{
    (void)state;
    struct vg_json *json = vg_json_create(512);
    assert_non_null(json);
    print_message("seed %llu\n", (unsigned long long)seed);
    for (int n = 0; n < 200000; n++) {
        char text[64];
        size_t length = 0;
        if (dice(2) == 0) {
            text[length++] = '-';
        }
        length += digits(text + length, dice(2) == 0 ? 3 : 20);
        if (dice(3) > 0) {
            text[length++] = '.';
            length += digits(text + length, dice(2) == 0 ? 2 : 20);
        }
        if (dice(4) == 0) {
            text[length++] = 'e';
            text[length++] = dice(2) == 0 ? '-' : '+';
            length += digits(text + length, 2);
        }
        assert_true(compare(json, text, length));
    }
    vg_json_destroy(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tree_is_the_same),
        cmocka_unit_test(so_it_is_in_little_room),
        cmocka_unit_test(so_it_is_when_damaged),
        cmocka_unit_test(numbers_are_the_same_to_the_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
