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
#include "shell/journal_file.h"

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

    /* The first letter lies alone in the first file: with the second more of that would be used than is while another
     * is free. */
    (void)snprintf(path, sizeof path, "%s.inbox-1", f->prefix);
    for (size_t i = 2; i <= CUT; i++) {
        whole += (off_t)(HEAD + length_of(i));
    }
    for (off_t more = 2; more >= -2; more--) {
        assert_int_equal(truncate(path, whole + more), 0);
        open_journal(f, &damaged);
        assert_int_equal(f->found, more < 0 ? CUT - 1 : CUT);
        vg_journal_close(f->journal);
    }
}

#define LARGE ((size_t)1 << 20)
#define HOT   ((size_t)64 << 10)

static uint64_t append(struct vg_journal *journal)
{
    static const char payload[400];
    const struct vg_journal_entry entry = {
        .letter = {"a/topic", 7, payload, sizeof payload, false},
        .whole_length = sizeof payload};

    return vg_journal_append(journal, &entry);
}

static bool count(void *to, const struct vg_journal_entry *entry)
{
    (void)entry;
    (*(unsigned *)to)++;
    return true;
}

static struct vg_journal *open_large(const char *prefix, uint64_t stored,
                                     unsigned *letters)
{
    struct vg_journal *journal = NULL;
    struct vg_error error;
    struct vg_journal_found counts;

    assert_int_equal(vg_journal_open(prefix, LARGE, &journal, &error), VG_OK);
    assert_int_equal(vg_journal_recover(journal, stored, count, letters, &counts),
                     VG_OK);
    assert_int_equal(counts.damaged, 0);
    return journal;
}

/* Of large files that are committed soon only the beginnings are written, in turn; one that must wait is filled, and
 * takes no third. */
static void only_the_beginning_of_a_file_is_written(void **state)
{
    struct fixture *f = *state;
    char prefix[160];
    unsigned letters = 0, turns = 0;
    uint64_t ordinal = 0;

    (void)snprintf(prefix, sizeof prefix, "%s-hot", f->prefix);
    struct vg_journal *journal = open_large(prefix, 0, &letters);
    for (unsigned i = 1; i <= 1000; i++) {
        const enum vg_segment_state before = journal->segment[0].state;
        ordinal = append(journal);
        turns += before != journal->segment[0].state;
        vg_journal_release(journal, ordinal - (ordinal > 20 ? 20 : ordinal));
        for (size_t k = 0; k < journal->count; k++) {
            assert_true(journal->segment[k].used <= HOT);
        }
    }
    assert_true(turns >= 4);
    for (unsigned i = 0; i < 2000; i++) { /* none is committed any more */
        assert_true(append(journal) > ordinal);
    }
    assert_int_equal(vg_journal_counts(journal).segments, 2);
    assert_true(journal->segment[0].used > HOT || journal->segment[1].used > HOT);
    vg_journal_close(journal);
    journal = open_large(prefix, ordinal + 1850, &letters);
    assert_int_equal(letters, 150);
    vg_journal_close(journal);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_come_back),
        TEST(it_takes_little_memory),
        TEST(a_cut_gives_what_is_whole),
        TEST(only_the_beginning_of_a_file_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
