/* SPDX-License-Identifier: Apache-2.0
 *
 * Rebuilding from a store whose disk fails at any one read: all is told, or why not. A stay that is passed
 * over without a word is a patient whom nobody watches.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/fail.h"
#include "lib/fail_vfs.h"
#include "lib/sample.h"
#include "lib/stored.h"
#include "shell/store_restore.h"

#define MESSAGES   2000
#define ADMISSIONS 60

struct told {
    size_t messages, admissions;
};

static bool on_episode(void *to, const struct vg_letter *letter,
                       struct vg_instant received)
{
    (void)letter;
    (void)received;
    ((struct told *)to)->admissions++;
    return true;
}

static bool on_message(void *to, const struct vg_message *message, const char *episode,
                       struct vg_instant received, uint64_t hash)
{
    (void)message;
    (void)episode;
    (void)received;
    (void)hash;
    ((struct told *)to)->messages++;
    return true;
}

static void fill(struct stored *stored)
{
    static struct sample sample;
    static char payload[2000]; /* so that admissions take pages */
    const struct vg_origin origin = {"his", "", 0};

    memset(payload, 'x', sizeof payload);
    for (unsigned n = 0; n < MESSAGES; n++) {
        sample_vitals(&sample, n);
        assert_int_equal(vg_batch_message(stored->batch, &sample.message, "ep",
                                          (struct vg_instant){1000 + n}, n),
                         VG_OK);
    }
    for (unsigned n = 0; n < ADMISSIONS; n++) {
        const struct vg_letter letter = {"a/topic", 7, payload, sizeof payload, false};
        assert_int_equal(vg_batch_admission(stored->batch, &letter, &origin,
                                            (struct vg_instant){3000 + n}, n),
                         VG_OK);
    }
    assert_int_equal(stored_commit(stored), VG_OK);
}

/* False: there are not so many reads. */
static bool told_or_why_not(const struct stored *stored, size_t n)
{
    struct told told = {0, 0};
    struct vg_error error = {""};
    const struct vg_restore calls = {
        .to = &told, .episode = on_episode, .message = on_message};

    fail_arm(FAIL_DB_READ, n, FAIL_ONCE);
    const enum vg_status status =
        vg_sqlite_restore(stored->path, (struct vg_instant){0}, &calls, &error);
    const bool met = fail_disarm() > 0;
    if (status == VG_OK &&
        (told.messages != MESSAGES || told.admissions != ADMISSIONS)) {
        print_error("read %zu: %zu messages, %zu admissions\n", n, told.messages,
                    told.admissions);
    }
    if (status == VG_OK) {
        assert_int_equal(told.messages, MESSAGES);
        assert_int_equal(told.admissions, ADMISSIONS);
    } else {
        assert_true(error.text[0] != '\0');
    }
    return met;
}

static void all_is_told_or_why_not(void **state)
{
    struct stored *stored = *state;
    size_t n = 1;

    fill(stored);
    stored_close(stored); /* all of it is in the file then, and none in a log */
    while (told_or_why_not(stored, n)) {
        n++;
    }
    assert_true(n > 20);
    print_message("%zu reads failed\n", n - 1);
    stored_open(stored);
}

static int set_up(void **state)
{
    static char kind[] = "sqlite";

    *state = kind;
    fail_vfs_install();
    return stored_set_up(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_is_told_or_why_not, set_up,
                                        stored_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
