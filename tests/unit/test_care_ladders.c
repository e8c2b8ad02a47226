/* SPDX-License-Identifier: Apache-2.0
 *
 * Ladders frozen into an alert: as many roles as there can be, a protocol that changes under
 * them, none at all; and how many claims there is room for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/care.h"

/* ---- Ladders */

#define GROUPS (VG_ROLES / VG_TARGETS) /* steps, and the fallback */

/* As many as there can be: every role has a bit of its own, and all are told the end. */
static void test_every_role(void **state)
{
    static struct vg_alert alert;
    static char name[VG_ROLES][8];
    struct vg_ladder ladder = {
        .name = "all", .hold = VG_MINUTE, .step_count = GROUPS - 1};

    (void)state;
    for (size_t i = 0; i < VG_ROLES; i++) {
        const size_t group = i / VG_TARGETS;
        struct vg_step *step =
            group + 1 < GROUPS ? &ladder.step[group] : &ladder.fallback;
        (void)snprintf(name[i], sizeof name[i], "r%zu", i);
        step->target[step->target_count++] = name[i];
        step->wait = VG_MINUTE;
        step->resend = VG_MINUTE;
    }
    memset(&alert, 0, sizeof alert);
    vg_care_init(&alert);
    vg_plan_freeze(&alert.care, &ladder);
    assert_int_equal(alert.care.plan.role_count, VG_ROLES);
    struct vg_turn turn = vg_care_open(&alert, false, (struct vg_instant){0});
    uint32_t called = turn.to;
    for (unsigned step = 1; step < GROUPS; step++) {
        turn = vg_care_serve(&alert, vg_care_due(&alert));
        assert_int_equal(called & turn.to, 0);
        called |= turn.to;
    }
    assert_int_equal(__builtin_popcount(called), VG_ROLES);
    turn = vg_care_end(&alert, false, (struct vg_instant){VG_HOUR});
    assert_int_equal(turn.page, VG_PAGE_END);
    assert_int_equal(turn.to, called);
}

/* What changes in the protocol changes no run under way; who was told under the old ladder
 * stays known under the next. */
static void test_the_ladder_is_frozen(void **state)
{
    struct vg_ladder ladder = {
        .name = "old",
        .hold = VG_MINUTE,
        .step_count = 1,
        .step = {{.target_count = 1, .target = {"a"}, .wait = VG_MINUTE}},
        .fallback = {.target_count = 1, .target = {"b"}, .resend = VG_MINUTE}};
    static struct vg_alert alert;

    (void)state;
    memset(&alert, 0, sizeof alert);
    vg_care_init(&alert);
    vg_plan_freeze(&alert.care, &ladder);
    assert_int_equal(vg_care_open(&alert, false, (struct vg_instant){0}).to, 1);
    ladder.step[0].target[0] = "c";
    ladder.step[0].wait = VG_HOUR;
    ladder.name = "new";
    assert_string_equal(alert.care.plan.role[0], "a");
    assert_int_equal(vg_care_due(&alert).ms, VG_MINUTE);
    vg_plan_freeze(&alert.care, &ladder); /* it became worse */
    alert.severity = VG_CRITICAL;
    struct vg_turn turn = vg_care_rise(&alert, false, (struct vg_instant){1000});
    assert_int_equal(turn.to, vg_plan_role(&alert.care.plan, "c"));
    turn = vg_care_end(&alert, true, (struct vg_instant){2000});
    assert_int_equal(turn.to, vg_plan_role(&alert.care.plan, "c") |
                                  vg_plan_role(&alert.care.plan, "a"));
    assert_int_not_equal(vg_plan_role(&alert.care.plan, "a"), 0);
}

/* Without a ladder it is said again until somebody has seen it. */
static void test_said_again_without_a_ladder(void **state)
{
    static struct vg_alert alert;

    (void)state;
    memset(&alert, 0, sizeof alert);
    vg_care_init(&alert);
    alert.care.realert = VG_HOUR;
    (void)vg_care_open(&alert, false, (struct vg_instant){0});
    for (int i = 1; i < 4; i++) {
        assert_int_equal(vg_care_due(&alert).ms, i * VG_HOUR);
        const struct vg_turn turn = vg_care_serve(&alert, vg_care_due(&alert));
        assert_int_equal(turn.change, VG_REPEATED);
        assert_int_equal(turn.page, VG_PAGE_NONE);
    }
    alert.care.noticed = true;
    assert_true(vg_is_never(vg_care_due(&alert)));
    (void)vg_care_accept(&alert, "a:anna", (struct vg_instant){4 * VG_HOUR});
    assert_true(vg_is_never(vg_care_due(&alert)));
}

/* No more claims than there is room for; a bed off the ward always finds some. */
static void test_room_for_claims(void **state)
{
    static struct vg_alert alert;
    struct vg_claim claim = {.kind = VG_CLAIM_ACKNOWLEDGE, .until = {VG_HOUR}};

    (void)state;
    memset(&alert, 0, sizeof alert);
    vg_care_init(&alert);
    for (int i = 0; i <= VG_CLAIMS; i++) {
        (void)snprintf(claim.by, sizeof claim.by, "a:%d", i);
        assert_int_equal(vg_care_claim(&alert, &claim), i < VG_CLAIMS);
    }
    (void)snprintf(claim.by, sizeof claim.by, "a:%d", 3);
    assert_true(vg_care_claim(&alert, &claim)); /* once more */
    claim.kind = VG_CLAIM_PAUSE;
    assert_true(vg_care_claim(&alert, &claim));
    assert_int_equal(alert.claim_count, VG_CLAIMS);
    assert_true(vg_care_held(&alert));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_role),
        cmocka_unit_test(test_the_ladder_is_frozen),
        cmocka_unit_test(test_said_again_without_a_ladder),
        cmocka_unit_test(test_room_for_claims),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
