/* SPDX-License-Identifier: Apache-2.0
 *
 * The steps of a ladder from near: whom each names, until when, and what it forgets of the one
 * before. Each was a change of the code that no other test noticed.
 */
#include "care_help.h"

static void at_step(const char *role, enum vg_offer offer, uint16_t repeat)
{
    assert_int_equal(alert.target_count, 1);
    assert_string_equal(alert.target[0], role);
    assert_int_equal(alert.offer, offer);
    assert_int_equal(alert.care.repeat, repeat);
    assert_int_equal(alert.care.refused, 0);
    assert_int_equal(alert.care.unreachable, 0);
}

/* Each step begins afresh and names its people; only the fallback counts its rounds. */
static void test_stepped(void **state)
{
    static const struct {
        const char *role;
        enum vg_offer offer;
        uint16_t repeat;
        int64_t minutes; /* to the next */
    } rows[] = {{"a", VG_OFFERED_STATE, 0, 1},
                {"b", VG_OFFERED_STATE, 0, 2},
                {"senior-c", VG_OFFERED_STATE, 0, 3},
                {"d", VG_EXHAUSTED, 0, 1},
                {"d", VG_EXHAUSTED, 1, 1},
                {"d", VG_EXHAUSTED, 2, 1}};
    struct vg_instant now = in(0);

    (void)state;
    begin(VG_URGENT, true);
    (void)vg_care_open(&alert, false, now);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        at_step(rows[i].role, rows[i].offer, rows[i].repeat);
        now = vg_after(now, rows[i].minutes * VG_MINUTE);
        assert_int_equal(vg_care_due(&alert).ms, now.ms);
        alert.care.refused = B | C;
        alert.care.unreachable = A;
        alert.care.repeat = i < 3 ? 7 : alert.care.repeat; /* of a step: forgotten */
        (void)vg_care_serve(&alert, now);
    }
}

/* A page is sent again inside a step only if that is before its end. */
static void test_sent_again(void **state)
{
    static const struct {
        vg_ms resend;
        bool again;
    } rows[] = {{0, false}, {30 * VG_SECOND, true}, {59999, true}, {VG_MINUTE, false}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        begin(VG_URGENT, true);
        alert.care.plan.step[0].resend = rows[i].resend;
        (void)vg_care_open(&alert, false, in(0));
        assert_int_equal(alert.care.resend_at.ms,
                         rows[i].again ? rows[i].resend : VG_NEVER.ms);
        assert_int_equal(alert.respond_by.ms, in(1).ms);
    }
}

/* The last time is before the end of the step, never at it. */
static void test_sent_again_until_the_end(void **state)
{
    (void)state;
    begin(VG_URGENT, true);
    alert.care.plan.step[0].resend = 20 * VG_SECOND;
    (void)vg_care_open(&alert, false, in(0));
    for (int64_t s = 20; s <= 40; s += 20) {
        const struct vg_turn turn =
            vg_care_serve(&alert, (struct vg_instant){s * VG_SECOND});
        assert_int_equal(turn.change, VG_CHANGE_COUNT);
        assert_int_equal(turn.to, A);
        assert_int_equal(alert.care.resend_at.ms,
                         s < 40 ? (s + 20) * VG_SECOND : VG_NEVER.ms);
    }
}

static void given_back(enum vg_offer offer, struct vg_instant at)
{
    assert_int_equal(alert.offer, offer);
    assert_string_equal(alert.owner, "");
    assert_int_equal(alert.respond_by.ms, at.ms);
    assert_int_equal(alert.target_count, 0);
    assert_int_equal(alert.care.repeat, 0);
    assert_int_equal(alert.care.refused, 0);
    assert_int_equal(alert.care.unreachable, 0);
    assert_false(alert.care.acted);
    assert_true(vg_is_never(alert.care.hold_until));
    assert_true(vg_is_never(alert.care.resend_at));
}

/* Who had it lets it lapse, or gives it back: nothing of theirs stays, the next is due at once. */
static void test_given_back(void **state)
{
    (void)state;
    begin(VG_URGENT, true);
    (void)vg_care_open(&alert, false, in(0));
    (void)vg_care_accept(&alert, "a:anna", in(0));
    const uint16_t run = alert.care.run;
    alert.care.repeat = 4;
    alert.care.refused = alert.care.unreachable = B;
    assert_int_equal(vg_care_serve(&alert, in(10)).change, VG_LAPSED);
    given_back(VG_OFFERED_STATE, in(10));
    assert_int_equal(alert.care.run, run + 1);
    assert_int_equal(vg_care_serve(&alert, in(10)).to, B);

    alert.step = 3;
    (void)vg_care_accept(&alert, "d:dora", in(11));
    (void)vg_care_reject(&alert, D, in(12));
    given_back(VG_EXHAUSTED, in(12));

    alert.care.plan.name[0] = '\0'; /* nobody is offered it any more */
    (void)vg_care_accept(&alert, "d:dora", in(13));
    (void)vg_care_reject(&alert, D, in(14));
    given_back(VG_OFFER_NONE, VG_UNSET);
}

/* Whoever has it is reminded (Alert states T35): by the role they sign with, wherever on the ladder that stands.
 * Who is on none has a channel of that name all the same, and is told the end; whether anybody listens there is not
 * known, so that the step hears of it too. */
static void test_reminded(void **state)
{
    static const struct {
        const char *by;
        uint32_t to;
    } rows[] = {{"a:anna", A},
                {"b:ben", B},
                {"c:carl", C},
                {"senior-c:carl", C},
                {"pharmacist:p", 16U | A},
                {"Doctor:x", A},
                {"nobody", 16U | A}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        begin(VG_URGENT, true);
        (void)vg_care_open(&alert, false, in(0));
        (void)vg_care_accept(&alert, rows[i].by, in(0));
        assert_true(vg_care_acted(&alert, in(5)));
        const struct vg_turn turn = vg_care_serve(&alert, alert.care.hold_until);
        assert_int_equal(turn.page, VG_PAGE_REMIND);
        if (turn.to != rows[i].to) {
            fail_msg("%s: %u", rows[i].by, turn.to);
        }
        assert_int_equal(vg_care_end(&alert, true, in(600)).to, rows[i].to | A);
    }
    assert_string_equal(alert.care.plan.role[4], "nobody");
}

/* Given up on purpose: from the first step, as new. */
static void test_released(void **state)
{
    (void)state;
    begin(VG_URGENT, true);
    (void)vg_care_open(&alert, false, in(0));
    (void)vg_care_serve(&alert, in(1));
    (void)vg_care_accept(&alert, "b:ben", in(2));
    alert.care.repeat = 4;
    alert.care.acted = true;
    assert_int_equal(vg_care_release(&alert, in(3)).to, A);
    at_step("a", VG_OFFERED_STATE, 0);
    assert_string_equal(alert.owner, "");
    assert_false(alert.care.acted);
    assert_true(vg_is_never(alert.care.hold_until));
    assert_int_equal(alert.step, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stepped),
        cmocka_unit_test(test_sent_again),
        cmocka_unit_test(test_sent_again_until_the_end),
        cmocka_unit_test(test_given_back),
        cmocka_unit_test(test_reminded),
        cmocka_unit_test(test_released),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
