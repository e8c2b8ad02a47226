/* SPDX-License-Identifier: Apache-2.0
 *
 * Contents that have come (app_seen.h), against a plain list.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "shell/app_seen.h"

static struct vg_seen seen;
static uint64_t listed[VG_SEEN];
static size_t count;

static bool is_listed(uint64_t hash)
{
    for (size_t i = 0; i < (count < VG_SEEN ? count : VG_SEEN); i++) {
        if (listed[i] == hash) {
            return true;
        }
    }
    return false;
}

static void put(uint64_t hash)
{
    assert_int_equal(vg_seen_has(&seen, hash), is_listed(hash));
    vg_seen_put(&seen, hash);
    if (!is_listed(hash)) {
        listed[count++ % VG_SEEN] = hash;
    }
    assert_true(vg_seen_has(&seen, hash));
}

static void begin(void)
{
    memset(&seen, 0, sizeof seen);
    count = 0;
}

/* The dice fall on few places, so that rows grow long, wrap around and lose members in their midst. */
static void what_came_lately_is_known(void **state)
{
    static const uint64_t faces[] = {7, 300, 5000, VG_SEEN_PLACE, UINT64_MAX};
    (void)state;
    for (size_t f = 0; f < sizeof faces / sizeof *faces; f++) {
        uint64_t dice = 88172645463325252U;
        begin();
        for (size_t i = 0; i < (size_t)3 * VG_SEEN; i++) {
            dice ^= dice << 13;
            dice ^= dice >> 7;
            dice ^= dice << 17;
            const uint64_t place =
                (VG_SEEN_PLACE - 3 + dice % faces[f]) & (VG_SEEN_PLACE - 1);
            put(place | (dice >> 40) << 20);
        }
        for (size_t i = 0; i < VG_SEEN; i++) {
            assert_true(vg_seen_has(&seen, listed[i]));
        }
    }
}

static void the_oldest_makes_room(void **state)
{
    (void)state;
    begin();
    assert_false(vg_seen_has(&seen, 0));
    for (uint64_t i = 0; i < VG_SEEN; i++) {
        put(i * VG_SEEN_PLACE); /* all of one place */
        put(0);                 /* stays the oldest */
    }
    assert_true(vg_seen_has(&seen, 0));
    put(1);
    assert_false(vg_seen_has(&seen, 0));
    assert_true(vg_seen_has(&seen, VG_SEEN_PLACE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_came_lately_is_known),
        cmocka_unit_test(the_oldest_makes_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
