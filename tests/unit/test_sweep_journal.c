/* SPDX-License-Identifier: Apache-2.0
 *
 * The journal and the inbox when the system or memory fails at any point: an ordinal that
 * was given is found again, one that was not is counted, and the next append works.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/fail.h"
#include "lib/temp.h"
#include "lib/turn.h"
#include "shell/inbox.h"
#include "shell/journal.h"

#define SEGMENT ((size_t)1024)
#define LETTERS 60 /* over more than two files */
/* Letters longer than the portions that files are read in. */
#define LONGER       300000
#define LONG_LETTERS 9
#define FILE_OF_LONG ((size_t)4 << 20)

static size_t points;

struct fixture {
    struct temp temp;
    char prefix[128];
    bool given[LETTERS + 1]; /* by number of the letter: it has an ordinal */
    bool back[LETTERS + 1];
};

static int set_up(void **state)
{
    *state = calloc(1, sizeof(struct fixture));
    return 0;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

static void begin(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    temp_create(&f->temp);
    temp_path(&f->temp, "store", f->prefix, sizeof f->prefix);
}

static uint64_t append(struct vg_journal *journal, int number)
{
    const struct vg_journal_entry entry = {
        .letter = {"a/topic", 7, &number, sizeof number, false},
        .whole_length = sizeof number};

    return vg_journal_append(journal, &entry);
}

static bool keep(void *to, const struct vg_journal_entry *entry)
{
    struct fixture *f = to;
    int number = 0;

    assert_int_equal(entry->letter.payload_length, sizeof number);
    memcpy(&number, entry->letter.payload, sizeof number);
    assert_in_range(number, 1, LETTERS);
    assert_false(f->back[number]); /* none twice */
    f->back[number] = true;
    return true;
}

static bool tally(void *to, const struct vg_journal_entry *entry)
{
    assert_int_equal(entry->letter.payload_length, LONGER);
    (*(size_t *)to)++;
    return true;
}

/* Opens, appends all; the letter that could not be written is counted and passed over. */
static bool write_all(struct fixture *f)
{
    struct vg_error error = {""};
    struct vg_journal_found found;
    struct vg_journal *journal = NULL;

    if (vg_journal_open(f->prefix, SEGMENT, &journal, &error) != VG_OK) {
        return false;
    }
    if (vg_journal_recover(journal, 0, keep, f, &found) != VG_OK) {
        vg_journal_close(journal);
        return false;
    }
    uint64_t failed = 0;
    for (int i = 1; i <= LETTERS; i++) {
        f->given[i] = append(journal, i) != 0;
        failed += !f->given[i];
    }
    const struct vg_journal_counts counts = vg_journal_counts(journal);
    assert_int_equal(counts.failed, failed);
    assert_true(failed == 0 || counts.last_errno != 0);
    vg_journal_close(journal);
    return true;
}

static void read_back(struct fixture *f)
{
    struct vg_error error = {""};
    struct vg_journal_found found;
    struct vg_journal *journal = NULL;

    assert_int_equal(vg_journal_open(f->prefix, SEGMENT, &journal, &error), VG_OK);
    assert_int_equal(vg_journal_recover(journal, 0, keep, f, &found), VG_OK);
    vg_journal_close(journal);
    assert_memory_equal(f->back, f->given, sizeof f->given);
}

static const struct {
    enum fail_what what;
    enum fail_how how;
} ways[] = {
    {FAIL_WRITE, FAIL_ONCE},  {FAIL_WRITE, FAIL_FULL},        {FAIL_WRITE, FAIL_FROM},
    {FAIL_WRITE, FAIL_SHORT}, {FAIL_WRITE, FAIL_INTERRUPTED}, {FAIL_ROOM, FAIL_ONCE},
    {FAIL_ROOM, FAIL_FROM},   {FAIL_OPEN, FAIL_ONCE},         {FAIL_OPEN, FAIL_FROM},
    {FAIL_MEMORY, FAIL_ONCE},
};

static void what_has_an_ordinal_is_found_again(void **state)
{
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        bool met = true;
        for (size_t n = 1; met; n++) {
            begin(f);
            fail_arm(ways[i].what, n, ways[i].how);
            (void)write_all(f);
            const size_t failed = fail_disarm();
            met = failed > 0;
            points += failed;
            read_back(f);
            temp_remove(&f->temp);
        }
    }
}

/* One failure costs one letter at most, and none is needed for an interruption. */
static void one_failure_costs_one_letter(void **state)
{
    struct fixture *f = *state;

    for (size_t i = 0; i < 5; i++) {
        if (ways[i].how == FAIL_FROM) {
            continue;
        }
        begin(f);
        fail_arm(FAIL_WRITE, 7, ways[i].how);
        assert_true(write_all(f));
        points += fail_disarm();
        for (int k = 1; k <= LETTERS; k++) {
            assert_true(f->given[k] == (k != 7 || ways[i].how == FAIL_INTERRUPTED));
        }
        temp_remove(&f->temp);
    }
}

/* Reading: what cannot be read is an error, never taken for nothing. */
static void a_journal_that_cannot_be_read_is_not_empty(void **state)
{
    static const enum fail_how hows[] = {FAIL_ONCE, FAIL_FROM, FAIL_SHORT,
                                         FAIL_INTERRUPTED};
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof hows / sizeof *hows; i++) {
        bool met = true;
        for (size_t n = 1; met; n++) {
            struct vg_error error = {""};
            struct vg_journal_found found;
            struct vg_journal *journal = NULL;
            begin(f);
            assert_true(write_all(f));
            assert_int_equal(vg_journal_open(f->prefix, SEGMENT, &journal, &error),
                             VG_OK);
            fail_arm(FAIL_READ, n, hows[i]);
            const enum vg_status status =
                vg_journal_recover(journal, 0, keep, f, &found);
            met = fail_disarm() > 0;
            points += met;
            vg_journal_close(journal);
            if (status == VG_OK) {
                assert_memory_equal(f->back, f->given, sizeof f->given);
                assert_true(!met || hows[i] == FAIL_SHORT ||
                            hows[i] == FAIL_INTERRUPTED);
            }
            memset(f->back, 0, sizeof f->back);
            read_back(f); /* and nothing of it is spoilt */
            temp_remove(&f->temp);
        }
    }
}

static void write_long(const struct fixture *f)
{
    static const unsigned char payload[LONGER];
    const struct vg_journal_entry entry = {
        .letter = {"a/topic", 7, payload, sizeof payload, false},
        .whole_length = sizeof payload};
    struct vg_error error = {""};
    struct vg_journal_found found;
    struct vg_journal *journal = NULL;
    size_t count = 0;

    assert_int_equal(vg_journal_open(f->prefix, FILE_OF_LONG, &journal, &error), VG_OK);
    assert_int_equal(vg_journal_recover(journal, 0, tally, &count, &found), VG_OK);
    for (int i = 0; i < LONG_LETTERS; i++) {
        assert_true(vg_journal_append(journal, &entry) != 0);
    }
    vg_journal_close(journal);
}

/* Whether something failed, which is told. */
static bool read_long(const struct fixture *f, enum fail_what what, size_t n)
{
    struct vg_error error = {""};
    struct vg_journal_found found;
    struct vg_journal *journal = NULL;
    size_t count = 0;

    assert_int_equal(vg_journal_open(f->prefix, FILE_OF_LONG, &journal, &error), VG_OK);
    fail_arm(what, n, FAIL_ONCE);
    const enum vg_status status = vg_journal_recover(journal, 0, tally, &count, &found);
    const bool met = fail_disarm() > 0;
    vg_journal_close(journal);
    if (met) {
        assert_int_equal(status, what == FAIL_READ ? VG_FAILED : VG_NO_MEMORY);
    } else {
        assert_int_equal(status, VG_OK);
        assert_int_equal(count, LONG_LETTERS);
    }
    return met;
}

/* Files are read in portions, and a long record wants a larger one: each of them may fail. */
static void a_long_file_that_cannot_be_read_is_not_short(void **state)
{
    static const enum fail_what whats[] = {FAIL_READ, FAIL_MEMORY};
    struct fixture *f = *state;

    begin(f);
    write_long(f);
    for (size_t i = 0; i < sizeof whats / sizeof *whats; i++) {
        size_t n = 1;
        while (read_long(f, whats[i], n)) {
            n++;
        }
        assert_true(n > 6); /* two files, twice, and twice a larger portion */
        points += n - 1;
    }
    temp_remove(&f->temp);
}

/* ---- The inbox */

static void take(void *to, const struct vg_item *list)
{
    for (; list != NULL; list = list->next) {
        (*(size_t *)to)++;
    }
}

static void put_letters(struct vg_inbox *inbox, size_t *posted)
{
    static const char payload[4096]; /* longer than what the pool holds */

    for (size_t i = 0; i < 300; i++) {
        const struct vg_letter letter = {"a/topic", 7, payload,
                                         i % 3 == 0 ? sizeof payload : 5, false};
        struct vg_item *item = vg_inbox_letter(inbox, &letter);
        *posted += item != NULL && vg_inbox_post(inbox, item);
    }
}

static void a_letter_is_taken_or_counted(void **state)
{
    bool met = true;

    (void)state;
    for (size_t n = 1; met; n++) {
        size_t taken = 0;
        size_t posted = 0;
        struct vg_inbox *inbox = NULL;
        uv_loop_t loop;
        assert_int_equal(uv_loop_init(&loop), 0);
        fail_arm(FAIL_MEMORY, n, FAIL_ONCE);
        const enum vg_status status =
            vg_inbox_create(&loop, 1000, 1 << 24, take, &taken, &inbox);
        if (status == VG_OK) {
            put_letters(inbox, &posted);
        }
        met = fail_disarm() > 0;
        points += met;
        if (status == VG_OK) {
            assert_int_equal(vg_inbox_refused(inbox), 300 - posted);
            assert_int_equal(posted, met ? 299 : 300);
            vg_inbox_shut(inbox);
            assert_int_equal(taken, posted);
        } else {
            assert_int_equal(status, VG_NO_MEMORY);
        }
        turn_out(&loop);
        if (status == VG_OK) {
            vg_inbox_destroy(inbox);
        }
    }
}

static int tell(void **state)
{
    (void)state;
    print_message("%zu points failed\n", points);
    return 0;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_has_an_ordinal_is_found_again),
        TEST(one_failure_costs_one_letter),
        TEST(a_journal_that_cannot_be_read_is_not_empty),
        TEST(a_long_file_that_cannot_be_read_is_not_short),
        cmocka_unit_test(a_letter_is_taken_or_counted),
    };
    return cmocka_run_group_tests(tests, NULL, tell);
}
