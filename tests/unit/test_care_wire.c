/* SPDX-License-Identifier: Apache-2.0
 *
 * The care of an alert comes back as it was written, bit by bit; a damaged record is
 * refused, for a ladder that runs on with wrong numbers would call the wrong people.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "vigil/wire.h"

static struct vg_buffer out, again;

static int free_buffers(void **state)
{
    (void)state;
    vg_buffer_finish(&out);
    vg_buffer_finish(&again);
    return 0;
}

/* ---- Random values */

static uint64_t seed = UINT64_C(0x9e3779b97f4a7c15);

static uint64_t any(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

static uint64_t below(uint64_t limit)
{
    return any() % limit;
}

static struct vg_instant any_instant(void)
{
    switch (below(4)) {
    case 0:
        return VG_NEVER;
    case 1:
        return VG_UNSET;
    default:
        return (struct vg_instant){(int64_t)below(UINT64_C(1) << 53)};
    }
}

static void any_name(char *name, size_t capacity)
{
    const size_t length = below(capacity);
    for (size_t i = 0; i < length; i++) {
        name[i] = (char)(0x20 + below(0x5f));
    }
    name[length] = '\0';
}

static struct vg_plan_step any_step(unsigned roles)
{
    return (struct vg_plan_step){
        .to = (uint16_t)below(UINT64_C(1) << roles),
        .wait = (vg_ms)below((uint64_t)VG_DAY),
        .resend = (vg_ms)below((uint64_t)VG_DAY),
    };
}

static struct vg_plan any_plan(void)
{
    struct vg_plan plan = {.hold = (vg_ms)below((uint64_t)VG_DAY)};

    any_name(plan.name, sizeof plan.name);
    plan.role_count = (uint8_t)below(VG_ROLES + 1);
    plan.step_count = (uint8_t)below(VG_STEPS + 1);
    for (size_t i = 0; i < plan.role_count; i++) {
        any_name(plan.role[i], sizeof plan.role[i]);
    }
    for (size_t i = 0; i < plan.step_count; i++) {
        plan.step[i] = any_step(plan.role_count);
    }
    plan.fallback = any_step(plan.role_count);
    return plan;
}

static struct vg_care any_care(void)
{
    return (struct vg_care){
        .plan = any_plan(),
        .run = (uint16_t)any(),
        .repeat = (uint16_t)any(),
        .told = (uint16_t)any(),
        .quiet = (uint16_t)any(),
        .refused = (uint16_t)any(),
        .unreachable = (uint16_t)any(),
        .rose_rev = (uint32_t)any(),
        .folded = below(2) != 0,
        .noticed = below(2) != 0,
        .acted = below(2) != 0,
        .missed = below(2) != 0,
        .resend_at = any_instant(),
        .hold_until = any_instant(),
        .reset_at = any_instant(),
        .told_at = any_instant(),
        .worst_sbp = below(2) != 0 ? VG_NO_VALUE : (int64_t)below(300),
        .worst_news2 = (int16_t)((int)below(22) - 1),
        .worst_crs = (int16_t)((int)below(6) - 1),
        .worst_icans = (int16_t)((int)below(6) - 1),
        .seen_sbp = below(2) != 0 ? VG_NO_VALUE : (int64_t)below(300),
        .seen_news2 = (int16_t)((int)below(22) - 1),
        .seen_crs = (int16_t)((int)below(6) - 1),
        .seen_icans = (int16_t)((int)below(6) - 1),
        .mark = (uint8_t)any(),
        .test = (uint32_t)any(),
    };
}

/* ---- Comparing: field by field, for the bytes between them are nobody's */

static void same_step(const struct vg_plan_step *a, const struct vg_plan_step *b)
{
    assert_int_equal(a->to, b->to);
    assert_int_equal(a->wait, b->wait);
    assert_int_equal(a->resend, b->resend);
}

static void same_plan(const struct vg_plan *a, const struct vg_plan *b)
{
    assert_string_equal(a->name, b->name);
    assert_int_equal(a->hold, b->hold);
    assert_int_equal(a->role_count, b->role_count);
    assert_int_equal(a->step_count, b->step_count);
    for (size_t i = 0; i < VG_ROLES; i++) {
        assert_string_equal(a->role[i], b->role[i]);
    }
    for (size_t i = 0; i < VG_STEPS; i++) {
        same_step(&a->step[i], &b->step[i]);
    }
    same_step(&a->fallback, &b->fallback);
}

#define SAME(field) assert_int_equal(a->field, b->field)
static void same_care(const struct vg_care *a, const struct vg_care *b)
{
    same_plan(&a->plan, &b->plan);
    SAME(run);
    SAME(repeat);
    SAME(told);
    SAME(quiet);
    SAME(refused);
    SAME(unreachable);
    SAME(rose_rev);
    SAME(folded);
    SAME(noticed);
    SAME(acted);
    SAME(missed);
    SAME(resend_at.ms);
    SAME(hold_until.ms);
    SAME(reset_at.ms);
    SAME(told_at.ms);
    SAME(worst_sbp);
    SAME(worst_news2);
    SAME(worst_crs);
    SAME(worst_icans);
    SAME(seen_sbp);
    SAME(seen_news2);
    SAME(seen_crs);
    SAME(seen_icans);
    SAME(mark);
    SAME(test);
}

static void care_comes_back(void **state)
{
    (void)state;
    for (int i = 0; i < 20000; i++) {
        const struct vg_care care = any_care();
        struct vg_care back;
        vg_buffer_clear(&out);
        vg_buffer_clear(&again);
        vg_encode_care(&out, &care);
        assert_int_equal(vg_decode_care(out.bytes, out.length, &back), VG_OK);
        same_care(&care, &back);
        vg_encode_care(&again, &back);
        assert_string_equal(out.bytes, again.bytes);
    }
}

static void nothing_known_comes_back(void **state)
{
    (void)state;
    const struct vg_care care = {.worst_sbp = VG_NO_VALUE,
                                 .seen_sbp = VG_NO_VALUE,
                                 .seen_news2 = VG_GRADE_NULL,
                                 .seen_crs = VG_GRADE_NULL,
                                 .seen_icans = VG_GRADE_NULL,
                                 .worst_news2 = VG_GRADE_NULL,
                                 .worst_crs = VG_GRADE_NULL,
                                 .worst_icans = VG_GRADE_NULL,
                                 .resend_at = VG_NEVER,
                                 .hold_until = VG_NEVER,
                                 .reset_at = VG_NEVER,
                                 .told_at = VG_UNSET};
    struct vg_care back;
    vg_buffer_clear(&out);
    vg_encode_care(&out, &care);
    assert_string_equal(
        out.bytes,
        "{\"plan\":{\"name\":\"\",\"hold\":0,\"roles\":[],\"steps\":[],\"fallback\":"
        "{\"to\":0,\"wait\":0,\"resend\":0}},\"run\":0,\"repeat\":0,\"told\":0,"
        "\"quiet\":0,\"refused\":0,\"unreachable\":0,\"rose_rev\":0,\"folded\":false,"
        "\"noticed\":false,\"acted\":false,\"missed\":false,\"resend_at\":\"never\","
        "\"hold_until\":\"never\",\"reset_at\":\"never\","
        "\"told_at\":null,\"realert\":0,\"worst_sbp\":null,\"worst_news2\":null,\"worst_crs\":null,"
        "\"worst_icans\":null,\"seen_sbp\":null,\"seen_news2\":null,\"seen_crs\":null,"
        "\"seen_icans\":null,\"mark\":0,\"test\":0}");
    assert_int_equal(vg_decode_care(out.bytes, out.length, &back), VG_OK);
    same_care(&care, &back);
    char *seen = strstr(out.bytes, "\"seen_sbp\""); /* an older version wrote none */
    (void)vg_copy(seen, sizeof "\"mark\":0}", "\"mark\":0}");
    assert_int_equal(vg_decode_care(out.bytes, strlen(out.bytes), &back), VG_OK);
    same_care(&care, &back);
}

/* One edit each of a good record. */
static void damage_is_refused(void **state)
{
    static const struct {
        const char *from, *to;
    } rows[] = {
        {"\"run\":1", "\"run\":65536"},
        {"\"run\":1", "\"run\":-1"},
        {"\"run\":1", "\"run\":1.5"},
        {"\"run\":1", "\"ran\":1"},
        {"\"mark\":2", "\"mark\":256"},
        {"\"test\":0", "\"test\":4294967296"},
        {"\"rose_rev\":3", "\"rose_rev\":4294967296"},
        {"\"folded\":true", "\"folded\":1"},
        {"\"folded\":true", "\"folded\":null"},
        {"\"told_at\":5", "\"told_at\":\"soon\""},
        {"\"told_at\":5", "\"told_at\":true"},
        {"\"worst_crs\":4", "\"worst_crs\":32768"},
        {"\"roles\":[\"a\"]", "\"roles\":[1]"},
        {"\"roles\":[\"a\"]", "\"roles\":null"},
        {"\"to\":1", "\"to\":2"}, /* a role that is not there */
        {"\"to\":1", "\"to\":-1"},
        {"\"wait\":60", "\"wait\":-60"},
        {"\"name\":\"n\"", "\"name\":7"},
        {"\"name\":\"n\"", "\"name\":\"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn\""},
    };
    const struct vg_care care = {.plan = {.name = "n",
                                          .role_count = 1,
                                          .role = {"a"},
                                          .step_count = 1,
                                          .step = {{1, 60, 0}}},
                                 .run = 1,
                                 .rose_rev = 3,
                                 .folded = true,
                                 .told_at = {5},
                                 .worst_crs = 4,
                                 .mark = 2};
    struct vg_care back;
    (void)state;
    vg_buffer_clear(&out);
    vg_encode_care(&out, &care);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *at = strstr(out.bytes, rows[i].from);
        assert_non_null(at);
        vg_buffer_clear(&again);
        vg_buffer_add(&again, out.bytes, (size_t)(at - out.bytes));
        vg_put_raw(&again, rows[i].to);
        vg_put_raw(&again, at + strlen(rows[i].from));
        assert_int_equal(vg_decode_care(again.bytes, again.length, &back), VG_REFUSED);
    }
}

/* Cut anywhere: refused. Any byte lost: refused or read, never a crash. */
static void no_damage_crashes(void **state)
{
    struct vg_care care = any_care();
    struct vg_care back;
    (void)state;
    vg_buffer_clear(&out);
    vg_encode_care(&out, &care);
    for (size_t i = 0; i < out.length; i++) {
        char kept = out.bytes[i];
        assert_int_equal(vg_decode_care(out.bytes, i, &back), VG_REFUSED);
        out.bytes[i] = '0';
        (void)vg_decode_care(out.bytes, out.length, &back);
        out.bytes[i] = kept;
    }
    assert_int_equal(vg_decode_care("{}", 2, &back), VG_REFUSED);
    assert_int_equal(vg_decode_care("", 0, &back), VG_REFUSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(care_comes_back),
        cmocka_unit_test(nothing_known_comes_back),
        cmocka_unit_test(damage_is_refused),
        cmocka_unit_test(no_damage_crashes),
    };
    return cmocka_run_group_tests(tests, NULL, free_buffers);
}
