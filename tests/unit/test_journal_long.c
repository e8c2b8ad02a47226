/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of the journal far longer than the portions that they are read in (256 KiB): records
 * that lie across the end of one, that are longer than one, and how much memory it takes.
 */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/temp.h"
#include "shell/journal.h"

#define SEGMENT ((size_t)8 << 20)
#define PORTION ((size_t)256 << 10)
#define LETTERS 60
#define LONGEST (PORTION + 5000)
#define HEAD    ((size_t)48 + 7) /* of a record, and its topic */
#define CUT     20

struct fixture {
    struct temp temp;
    char prefix[128];
    struct vg_journal *journal;
    unsigned char *payload;     /* LONGEST */
    size_t found, before, most; /* letters; bytes of memory */
};

/* Some end on the last byte of a portion, beside it, or are longer than one. */
static size_t length_of(size_t number)
{
    static const size_t lengths[] = {1,    PORTION - HEAD, 0,    PORTION - HEAD + 1,
                                     1000, LONGEST,        77777};

    return lengths[number % (sizeof lengths / sizeof lengths[0])];
}

static void fill(struct fixture *f, size_t number)
{
    for (size_t i = 0; i < LONGEST; i++) {
        f->payload[i] = (unsigned char)(i * 31 + number * 7 + (i >> 8));
    }
}

/* In use, the large blocks too. (Under the address sanitizer all of it is 0.) */
static size_t memory(void)
{
    const struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

static bool check(void *to, const struct vg_journal_entry *entry)
{
    struct fixture *f = to;
    const size_t now = memory();

    f->found++;
    f->most = now > f->most ? now : f->most;
    assert_int_equal(entry->ordinal, f->found);
    assert_int_equal(entry->letter.payload_length, length_of(f->found));
    fill(f, f->found);
    assert_memory_equal(entry->letter.payload, f->payload, length_of(f->found));
    return true;
}

static void open_journal(struct fixture *f, size_t *damaged)
{
    struct vg_error error = {""};
    struct vg_journal_found counts;

    f->found = 0;
    f->before = f->most = memory();
    assert_int_equal(vg_journal_open(f->prefix, SEGMENT, &f->journal, &error), VG_OK);
    assert_int_equal(vg_journal_recover(f->journal, 0, check, f, &counts), VG_OK);
    assert_int_equal(counts.letters, f->found);
    *damaged = counts.damaged;
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    size_t damaged = 0;

    temp_create(&f->temp);
    temp_path(&f->temp, "store", f->prefix, sizeof f->prefix);
    f->payload = malloc(LONGEST);
    open_journal(f, &damaged);
    for (size_t i = 1; i <= LETTERS; i++) {
        fill(f, i);
        const struct vg_journal_entry entry = {
            .letter = {"a/topic", 7, f->payload, length_of(i), false},
            .whole_length = length_of(i)};
        assert_int_equal(vg_journal_append(f->journal, &entry), i);
    }
    vg_journal_close(f->journal);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    temp_remove(&f->temp);
    free(f->payload);
    free(f);
    return 0;
}

static void all_come_back(void **state)
{
    struct fixture *f = *state;
    size_t damaged = 0;

    open_journal(f, &damaged);
    assert_int_equal(f->found, LETTERS);
    assert_int_equal(damaged, 0);
    vg_journal_close(f->journal);
}

static void it_takes_little_memory(void **state)
{
    struct fixture *f = *state;
    size_t damaged = 0;

    open_journal(f, &damaged);
    print_message("%zu bytes at most\n", f->most - f->before);
    assert_in_range(f->most - f->before, 0, 2 * PORTION + 100000);
    vg_journal_close(f->journal);
}

/* Wherever a file ends: the records before come back, and only those. */
static void a_cut_gives_what_is_whole(void **state)
{
    struct fixture *f = *state;
    char path[160];
    off_t whole = 0;
    size_t damaged = 0;

    (void)snprintf(path, sizeof path, "%s.inbox-0", f->prefix);
    for (size_t i = 1; i <= CUT; i++) {
        whole += (off_t)(HEAD + length_of(i));
    }
    for (off_t more = 2; more >= -2; more--) {
        assert_int_equal(truncate(path, whole + more), 0);
        open_journal(f, &damaged);
        assert_int_equal(f->found, more < 0 ? CUT - 1 : CUT);
        vg_journal_close(f->journal);
    }
}

static bool count(void *to, const struct vg_journal_entry *entry)
{
    (void)entry;
    (*(size_t *)to)++;
    return true;
}

/* For a store that was damaged, and begun anew: of letters that are committed at once the latest 8 MiB or more. */
static void what_was_committed_lies_there_still(void **state)
{
    static const char payload[400];
    const struct vg_journal_entry entry = {
        .letter = {"a/topic", 7, payload, sizeof payload, false},
        .whole_length = sizeof payload};
    struct fixture *f = *state;
    struct vg_journal_found counts;
    struct vg_error error;
    size_t letters = 0;

    assert_int_equal(vg_journal_open(f->prefix, SEGMENT, &f->journal, &error), VG_OK);
    assert_int_equal(vg_journal_recover(f->journal, LETTERS, count, &letters, &counts),
                     VG_OK);
    for (size_t i = 1; i <= 50000; i++) {
        vg_journal_release(f->journal, vg_journal_append(f->journal, &entry));
    }
    vg_journal_close(f->journal);
    assert_int_equal(vg_journal_open(f->prefix, SEGMENT, &f->journal, &error), VG_OK);
    letters = 0;
    assert_int_equal(vg_journal_recover(f->journal, 0, count, &letters, &counts),
                     VG_OK);
    assert_true(letters * (HEAD + sizeof payload) >= SEGMENT - 1000);
    vg_journal_close(f->journal);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_come_back),
        TEST(it_takes_little_memory),
        TEST(a_cut_gives_what_is_whole),
        TEST(what_was_committed_lies_there_still),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
