/* SPDX-License-Identifier: Apache-2.0
 *
 * Who looks at a patient is written down, or does not look: also the second time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "lib/turn.h"
#include "shell/api.h"

static void deliver(void *to, const struct vg_item *list)
{
    for (; list != NULL; list = list->next) {
        assert_int_equal(list->kind, VG_ITEM_AUDIT);
        (*(size_t *)to)++;
    }
}

static bool look(struct vg_api *api)
{
    const struct vg_api_call call = {
        .path = "/api/v1/readings",
        .who = {.known = true, .user = {.name = "li", .right = VG_RIGHT_NURSE}}};
    struct vg_api_answer answer = {0};
    const bool may = vg_api_reads_in(api, &call, &answer, "w", "p-1", "readings");

    assert_int_equal(answer.status, may ? 0 : 503);
    vg_buffer_finish(&answer.text);
    return may;
}

/* `room` : for so many rows at once. */
static size_t look_twice(size_t room, bool may)
{
    uv_loop_t loop;
    size_t written = 0;
    struct vg_error error = {""};
    struct vg_api api = {.log = NULL};

    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(vg_access_create("", NULL, &api.access, &error), VG_OK);
    assert_int_equal(
        vg_inbox_create(&loop, room, 1 << 20, deliver, &written, &api.inbox), VG_OK);
    assert_int_equal(look(&api), may);
    assert_int_equal(look(&api), may);
    vg_inbox_shut(api.inbox);
    turn_out(&loop);
    vg_inbox_destroy(api.inbox);
    vg_access_destroy(api.access);
    return written;
}

static void who_looks_twice_is_written_down_once(void **state)
{
    (void)state;
    assert_int_equal(look_twice(10, true), 1);
}

static void
what_cannot_be_written_down_is_not_shown_at_the_second_try_either(void **state)
{
    (void)state;
    assert_int_equal(look_twice(0, false), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_looks_twice_is_written_down_once),
        cmocka_unit_test(
            what_cannot_be_written_down_is_not_shown_at_the_second_try_either),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
