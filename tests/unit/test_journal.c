/* SPDX-License-Identifier: Apache-2.0
 *
 * The journal: what was appended is found again in order, what was committed is not, and
 * damage anywhere costs no more than the record it is in and those behind it in its file.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/temp.h"
#include "shell/journal_file.h"

#define SEGMENT ((size_t)4096)

struct fixture {
    struct temp temp;
    char prefix[128];
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    temp_create(&fixture->temp);
    temp_path(&fixture->temp, "store", fixture->prefix, sizeof(fixture->prefix));
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    temp_remove(&fixture->temp);
    free(fixture);
    return 0;
}

/* What recovery handed over. */
struct found {
    uint64_t ordinal[256];
    char payload[256][32];
    size_t count;
};

static bool keep(void *to, const struct vg_journal_entry *entry)
{
    struct found *found = to;
    found->ordinal[found->count] = entry->ordinal;
    snprintf(found->payload[found->count], 32, "%.*s",
             (int)entry->letter.payload_length, (const char *)entry->letter.payload);
    found->count++;
    return true;
}

static struct vg_journal *open_journal(const struct fixture *fixture, uint64_t stored,
                                       struct found *found,
                                       struct vg_journal_found *counts)
{
    struct vg_journal *journal;
    struct vg_error error;
    *found = (struct found){0};
    assert_int_equal(vg_journal_open(fixture->prefix, SEGMENT, &journal, &error),
                     VG_OK);
    assert_int_equal(vg_journal_recover(journal, stored, keep, found, counts), VG_OK);
    return journal;
}

static uint64_t append(struct vg_journal *journal, int number)
{
    char payload[32];
    snprintf(payload, sizeof(payload), "letter %d", number);
    struct vg_journal_entry entry = {
        .letter = {"a/topic", 7, payload, strlen(payload), true},
        .whole_length = 77,
        .received = {1000 + number},
        .duplicate = true};
    return vg_journal_append(journal, &entry);
}

static bool check_fields(void *to, const struct vg_journal_entry *entry)
{
    unsigned *calls = to;
    (*calls)++;
    assert_int_equal(entry->letter.topic_length, 7);
    assert_memory_equal(entry->letter.topic, "a/topic", 7);
    assert_int_equal(entry->letter.payload_length, 8);
    assert_memory_equal(entry->letter.payload, "letter 5", 8);
    assert_true(entry->letter.retained);
    assert_true(entry->duplicate);
    assert_int_equal(entry->whole_length, 77);
    assert_int_equal(entry->received.ms, 1005);
    assert_int_equal(entry->ordinal, 1);
    return true;
}

static void every_field_comes_back(void **state)
{
    struct found found;
    struct vg_journal_found counts;
    unsigned calls = 0;
    struct vg_journal *journal = open_journal(*state, 0, &found, &counts);
    append(journal, 5);
    vg_journal_close(journal);
    struct fixture *fixture = *state;
    vg_journal_open(fixture->prefix, SEGMENT, &journal, NULL);
    vg_journal_recover(journal, 0, check_fields, &calls, &counts);
    assert_int_equal(calls, 1);
    vg_journal_close(journal);
}

/* Makes what lies there what the version before would have written. */
static void make_older(const struct fixture *fixture, size_t records)
{
    char path[160];
    char body[64];
    struct vg_record_head head;
    (void)snprintf(path, sizeof path, "%s.inbox-0", fixture->prefix);
    const int fd = open(path, O_RDWR | O_CLOEXEC);
    for (off_t at = 0; records > 0; records--) {
        assert_int_equal(pread(fd, &head, sizeof head, at), sizeof head);
        const size_t length = head.topic_length + head.payload_length;
        assert_int_equal(pread(fd, body, length, at + (off_t)sizeof head), length);
        head.magic = VG_JOURNAL_OLDER;
        head.check = 0;
        head.check = vg_hash(0, &head, sizeof head);
        head.check = vg_hash(head.check, body, head.topic_length);
        head.check = vg_hash(head.check, body + head.topic_length, head.payload_length);
        assert_int_equal(pwrite(fd, &head, sizeof head, at), sizeof head);
        at += (off_t)(sizeof head + length);
    }
    (void)close(fd);
}

static void records_of_the_version_before_are_read(void **state)
{
    struct found found;
    struct vg_journal_found counts;
    struct vg_journal *journal = open_journal(*state, 0, &found, &counts);
    append(journal, 1);
    append(journal, 2);
    vg_journal_close(journal);
    make_older(*state, 1);
    journal = open_journal(*state, 0, &found, &counts);
    assert_int_equal(counts.letters, 2);
    assert_int_equal(counts.damaged, 0);
    assert_string_equal(found.payload[0], "letter 1");
    vg_journal_close(journal);
}

static void letters_come_back_in_order_over_many_files(void **state)
{
    struct found found;
    struct vg_journal_found counts;
    struct vg_journal *journal = open_journal(*state, 0, &found, &counts);
    for (int i = 1; i <= 200; i++) { /* 63 bytes each: four files */
        assert_int_equal(append(journal, i), i);
    }
    assert_true(vg_journal_counts(journal).segments >= 4);
    vg_journal_close(journal);
    journal = open_journal(*state, 50, &found, &counts);
    assert_int_equal(counts.letters, 150);
    assert_int_equal(counts.damaged, 0);
    for (size_t i = 0; i < found.count; i++) {
        char expected[32];
        snprintf(expected, sizeof(expected), "letter %zu", i + 51);
        assert_int_equal(found.ordinal[i], i + 51);
        assert_string_equal(found.payload[i], expected);
    }
    assert_int_equal(append(journal, 201), 201);
    vg_journal_close(journal);
}

static void committed_files_are_used_again(void **state)
{
    struct found found;
    struct vg_journal_found counts;
    struct vg_journal *journal = open_journal(*state, 0, &found, &counts);
    for (int i = 1; i <= 2000; i++) {
        uint64_t ordinal = append(journal, i);
        vg_journal_release(journal, ordinal);
        assert_true(vg_journal_counts(journal).segments <= 2);
    }
    for (int i = 2001; i <= 2150; i++) {
        append(journal, i);
    }
    vg_journal_close(journal);
    journal = open_journal(*state, 2000, &found, &counts);
    assert_int_equal(counts.letters, 150);
    assert_int_equal(counts.damaged, 0);
    assert_string_equal(found.payload[149], "letter 2150");
    vg_journal_release(journal, 2150);
    assert_int_equal(vg_journal_counts(journal).segments, 2);
    vg_journal_close(journal);
}

/* A file goes when the last of its letters is committed, and not one letter sooner. */
static void a_file_is_kept_until_its_last_letter_is_committed(void **state)
{
    struct found found;
    struct vg_journal_found counts;
    struct vg_journal *journal = open_journal(*state, 1000, &found, &counts);
    const int fit = SEGMENT / (48 + 7 + 11); /* head, topic, payload */
    for (int i = 1001; i <= 1001 + 2 * fit; i++) {
        append(journal, i);
    }
    assert_int_equal(vg_journal_counts(journal).segments, 3);
    vg_journal_release(journal, (uint64_t)(1000 + fit - 1));
    assert_int_equal(vg_journal_counts(journal).segments, 3);
    vg_journal_release(journal, (uint64_t)(1000 + fit));
    assert_int_equal(vg_journal_counts(journal).segments, 2);
    int files = 0; /* one too many is gone from the disk as well */
    for (int i = 0; i < 3; i++) {
        const struct fixture *fixture = *state;
        char path[160];
        (void)snprintf(path, sizeof(path), "%s.inbox-%d", fixture->prefix, i);
        files += access(path, F_OK) == 0;
    }
    assert_int_equal(files, 2);
    vg_journal_close(journal);
}

static void what_a_file_held_before_does_not_come_back(void **state)
{
    struct found found;
    struct vg_journal_found counts;
    struct vg_journal *journal = open_journal(*state, 1000, &found, &counts);
    for (int i = 1001; i <= 1200; i++) { /* all of one length, so that old ones align */
        vg_journal_release(journal, append(journal, i));
    }
    vg_journal_close(journal);
    journal = open_journal(*state, 0, &found, &counts);
    assert_int_equal(found.ordinal[found.count - 1], 1200);
    for (size_t i = 1; i < found.count; i++) {
        assert_int_equal(found.ordinal[i], found.ordinal[i - 1] + 1);
    }
    assert_int_equal(counts.damaged, 0);
    vg_journal_close(journal);
}

static void ordinals_stay_above_what_is_stored(void **state)
{
    struct found found;
    struct vg_journal_found counts;
    struct vg_journal *journal = open_journal(*state, 1000, &found, &counts);
    assert_int_equal(append(journal, 1), 1001);
    vg_journal_close(journal);
}

#define RECORD 63 /* head of 48, topic of 7, payload of 8 */

static void change_byte(const struct fixture *fixture, long at, int by)
{
    char path[160];
    snprintf(path, sizeof(path), "%s.inbox-0", fixture->prefix);
    FILE *file = fopen(path, "r+");
    assert_non_null(file);
    fseek(file, at, SEEK_SET);
    int byte = fgetc(file);
    fseek(file, at, SEEK_SET);
    fputc(byte ^ by, file);
    fclose(file);
}

static void damage_in_any_byte_of_the_last_record_is_noticed(void **state)
{
    struct found found;
    struct vg_journal_found counts;
    struct vg_journal *journal = open_journal(*state, 0, &found, &counts);
    for (int i = 1; i <= 3; i++) {
        append(journal, i);
    }
    vg_journal_close(journal);
    for (long at = 0; at < RECORD; at++) {
        for (int bit = 1; bit < 256; bit *= 4) {
            change_byte(*state, 2 * RECORD + at, bit);
            journal = open_journal(*state, 0, &found, &counts);
            assert_int_equal(counts.letters, 2);
            assert_string_equal(found.payload[1], "letter 2");
            vg_journal_close(journal);
            change_byte(*state, 2 * RECORD + at, bit);
        }
    }
    journal = open_journal(*state, 0, &found, &counts);
    assert_int_equal(counts.letters, 3);
    vg_journal_close(journal);
}

static void damage_costs_only_its_own_file(void **state)
{
    struct found found;
    struct vg_journal_found counts;
    struct vg_journal *journal = open_journal(*state, 0, &found, &counts);
    for (int i = 1; i <= 9; i++) {
        append(journal, i);
    }
    for (int i = 10; i <= 100; i++) { /* the second file begins with letter 65 */
        append(journal, i);
    }
    vg_journal_close(journal);
    change_byte(*state, 5 * RECORD + 50, 1);
    journal = open_journal(*state, 0, &found, &counts);
    assert_int_equal(counts.damaged, 1);
    assert_string_equal(found.payload[4], "letter 5");
    assert_true(found.ordinal[5] > 60);
    assert_string_equal(found.payload[found.count - 1], "letter 100");
    assert_true(append(journal, 101) > 100);
    vg_journal_close(journal);
}

static void a_cut_file_gives_what_is_whole(void **state)
{
    struct fixture *fixture = *state;
    struct found found;
    struct vg_journal_found counts;
    struct vg_journal *journal = open_journal(fixture, 0, &found, &counts);
    for (int i = 1; i <= 3; i++) {
        append(journal, i);
    }
    vg_journal_close(journal);
    char path[160];
    snprintf(path, sizeof(path), "%s.inbox-0", fixture->prefix);
    assert_int_equal(truncate(path, 3 * RECORD - 1), 0);
    journal = open_journal(fixture, 0, &found, &counts);
    assert_int_equal(counts.letters, 2);
    vg_journal_close(journal);
}

static void limit_files(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void what_cannot_be_written_is_counted_and_the_next_is_written(void **state)
{
    struct found found;
    struct vg_journal_found counts;
    struct vg_journal *journal = open_journal(*state, 0, &found, &counts);
    assert_int_equal(append(journal, 1), 1);
    signal(SIGXFSZ, SIG_IGN);
    limit_files(RECORD + 20); /* half a record more */
    assert_int_equal(append(journal, 2), 0);
    limit_files(RLIM_INFINITY);
    assert_int_equal(vg_journal_counts(journal).failed, 1);
    assert_int_equal(append(journal, 3), 2);
    vg_journal_close(journal);
    journal = open_journal(*state, 0, &found, &counts);
    assert_int_equal(counts.letters, 2);
    assert_string_equal(found.payload[1], "letter 3");
    vg_journal_close(journal);
}

static void a_folder_that_is_not_there_does_not_stop_the_start(void **state)
{
    (void)state;
    struct vg_journal *journal;
    struct vg_journal_found counts;
    struct found found = {0};
    struct vg_error error;
    assert_int_equal(vg_journal_open("/nonexistent/store", SEGMENT, &journal, &error),
                     VG_OK);
    assert_int_equal(vg_journal_recover(journal, 0, keep, &found, &counts), VG_OK);
    assert_int_equal(append(journal, 1), 0);
    assert_int_equal(vg_journal_counts(journal).failed, 1);
    assert_int_equal(vg_journal_counts(journal).last_errno, ENOENT);
    vg_journal_close(journal);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_field_comes_back),
        TEST(records_of_the_version_before_are_read),
        TEST(letters_come_back_in_order_over_many_files),
        TEST(committed_files_are_used_again),
        TEST(a_file_is_kept_until_its_last_letter_is_committed),
        TEST(what_a_file_held_before_does_not_come_back),
        TEST(ordinals_stay_above_what_is_stored),
        TEST(damage_in_any_byte_of_the_last_record_is_noticed),
        TEST(damage_costs_only_its_own_file),
        TEST(a_cut_file_gives_what_is_whole),
        TEST(what_cannot_be_written_is_counted_and_the_next_is_written),
        cmocka_unit_test(a_folder_that_is_not_there_does_not_stop_the_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
