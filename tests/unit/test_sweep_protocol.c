/* SPDX-License-Identifier: Apache-2.0
 *
 * There is no room for each piece of a protocol in turn, whatever its size (an arena asks for
 * memory seldom: test_sweep_load fails that). It is built whole, or not at all and says so. Run
 * from the top of the tree.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vigil/protocol.h"

#include "lib/slurp.h"
#include "shell/yaml.h"

static struct vg_faults faults;
static size_t taken;
static size_t refused; /* which of them there is no room for, from 1; 0: none */

void *__real_vg_arena_take(struct vg_arena *arena, size_t size);
char *__real_vg_arena_text(struct vg_arena *arena, const char *text, size_t length);
void *__wrap_vg_arena_take(struct vg_arena *arena, size_t size);
char *__wrap_vg_arena_text(struct vg_arena *arena, const char *text, size_t length);

void *__wrap_vg_arena_take(struct vg_arena *arena, size_t size)
{
    return ++taken == refused ? NULL : __real_vg_arena_take(arena, size);
}

char *__wrap_vg_arena_text(struct vg_arena *arena, const char *text, size_t length)
{
    return ++taken == refused ? NULL : __real_vg_arena_text(arena, text, length);
}

/* Answers how many rules there are; 0: it was not built. */
static size_t build(const struct vg_node *root, size_t which)
{
    struct vg_arena *arena = vg_arena_create();
    struct vg_protocol *protocol = NULL;

    assert_non_null(arena);
    faults.count = faults.errors = 0;
    taken = 0;
    refused = which;
    const enum vg_status status =
        vg_protocol_build(root, "good", "0", arena, &faults, &protocol);
    const bool met = which != 0 && taken >= which;
    refused = 0;
    if (status == VG_OK) {
        const size_t rules = protocol->rule_count;
        assert_false(met);
        vg_protocol_destroy(protocol); /* and the arena */
        return rules;
    }
    if (status != VG_NO_MEMORY || !met) {
        fail_msg("piece %zu of %zu: status %d, %s", which, taken, (int)status,
                 faults.count > 0 ? faults.item[0].text : "no fault");
    }
    assert_null(protocol);
    vg_arena_destroy(arena);
    return 0;
}

static void whole_or_not_at_all(void **state)
{
    char *text = slurp("tests/protocols/good.yaml");
    struct vg_arena *arena = vg_arena_create();
    const struct vg_node *root = NULL;
    size_t n = 1;

    (void)state;
    assert_int_equal(vg_yaml_parse(text, strlen(text), arena, &faults, &root), VG_OK);
    const size_t wanted = build(root, 0);
    size_t rules = 0;
    for (; rules == 0; n++) {
        rules = build(root, n);
    }
    assert_int_equal(rules, wanted);
    assert_true(n > 30);
    print_message("%zu points failed\n", n - 1);
    vg_arena_destroy(arena);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_or_not_at_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
