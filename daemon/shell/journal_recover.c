/* SPDX-License-Identifier: Apache-2.0
 *
 * The journal's reading side, used once at start: finds every whole record in every file
 * and hands over those that the store does not have yet.
 */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shell/journal_file.h"

/* Each step can be undone if the word is known, and the word if the step is: one word
 * changed is another check. Lengths are in the head. */
static uint64_t mix(uint64_t check, uint64_t word)
{
    check = (check ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return check ^ check >> 32;
}

/* Eight bytes at a time: this stands in paho's thread, in front of everything else. */
static uint64_t mix_all(uint64_t check, const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    uint64_t word = 0;

    for (; length >= sizeof word; at += sizeof word, length -= sizeof word) {
        memcpy(&word, at, sizeof word);
        check = mix(check, word);
    }
    word = 0;
    if (length > 0) {
        memcpy(&word, at, length);
    }
    return mix(check, word);
}

typedef uint64_t check_fn(uint64_t check, const void *bytes, size_t length);

static uint64_t check_of(const struct vg_record_head *head, const void *topic,
                         const void *payload)
{
    check_fn *const add = head->magic == VG_JOURNAL_OLDER ? vg_hash : mix_all;
    struct vg_record_head bare = *head;

    bare.check = 0;
    return add(add(add(0, &bare, sizeof(bare)), topic, head->topic_length), payload,
               head->payload_length);
}

static bool ours(const struct vg_record_head *head)
{
    return head->magic == VG_JOURNAL_MAGIC || head->magic == VG_JOURNAL_OLDER;
}

void vg_record_fill(struct vg_record_head *head, const struct vg_journal_entry *entry,
                    uint64_t ordinal)
{
    const struct vg_letter *letter = &entry->letter;
    *head = (struct vg_record_head){
        .magic = VG_JOURNAL_MAGIC,
        .flags = (letter->retained ? VG_RECORD_RETAINED : 0) |
                 (entry->duplicate ? VG_RECORD_DUPLICATE : 0),
        .topic_length = (uint32_t)letter->topic_length,
        .payload_length = (uint32_t)letter->payload_length,
        .whole_length = entry->whole_length,
        .ordinal = ordinal,
        .received = entry->received.ms,
    };
    head->check = check_of(head, letter->topic, letter->payload);
}

/* The bytes of one file, and how far it has been read. */
struct scan {
    struct vg_segment *segment;
    unsigned char *bytes;
    size_t length, at;
    uint64_t first, last;
};

/* The next whole record of rising ordinal, or false at the end of what is good. Records of
 * an earlier use of the file may follow; their ordinals are lower. */
static bool next_record(struct scan *scan, struct vg_journal_entry *out)
{
    struct vg_record_head head;
    if (scan->length - scan->at < sizeof(head)) {
        return false;
    }
    memcpy(&head, scan->bytes + scan->at, sizeof(head));
    size_t room = scan->length - scan->at - sizeof(head);
    if (!ours(&head) || head.topic_length > room ||
        head.payload_length > room - head.topic_length || head.ordinal <= scan->last) {
        return false;
    }
    const unsigned char *topic = scan->bytes + scan->at + sizeof(head);
    const unsigned char *payload = topic + head.topic_length;
    if (head.check != check_of(&head, topic, payload)) {
        return false;
    }
    *out = (struct vg_journal_entry){
        .letter = {(const char *)topic, head.topic_length, payload, head.payload_length,
                   (head.flags & VG_RECORD_RETAINED) != 0},
        .whole_length = (size_t)head.whole_length,
        .received = {head.received},
        .duplicate = (head.flags & VG_RECORD_DUPLICATE) != 0,
        .ordinal = head.ordinal};
    scan->at += sizeof(head) + head.topic_length + head.payload_length;
    scan->last = head.ordinal;
    return true;
}

/* Longer than any record: topic and payload are bounded far below. */
#define HEAD_OF_FILE ((size_t)1 << 20)

/* At most `most` bytes. VG_FAILED: it holds letters that cannot be read. Taken for empty, it
 * would be written over. */
static enum vg_status read_file(struct scan *scan, size_t most)
{
    struct stat info;
    if (fstat(scan->segment->fd, &info) != 0 || info.st_size < 0) {
        return VG_FAILED;
    }
    size_t size = (size_t)info.st_size < most ? (size_t)info.st_size : most;
    scan->length = 0;
    scan->bytes = malloc(size + 1);
    if (scan->bytes == NULL) {
        return VG_NO_MEMORY;
    }
    while (scan->length < size) {
        ssize_t got = pread(scan->segment->fd, scan->bytes + scan->length,
                            size - scan->length, (off_t)scan->length);
        if (got < 0 && errno != EINTR) {
            return VG_FAILED;
        }
        if (got == 0) {
            break; /* cut since: what is there is used */
        }
        scan->length += got > 0 ? (size_t)got : 0;
    }
    return VG_OK;
}

/* Whether reading stopped at something that was meant to be a record: neither untouched
 * space nor a record of an earlier use of the file. */
static bool ends_damaged(const struct scan *scan)
{
    struct vg_record_head head;
    if (scan->length - scan->at < sizeof(head)) {
        return false;
    }
    memcpy(&head, scan->bytes + scan->at, sizeof(head));
    static const struct vg_record_head untouched;
    if (memcmp(&head, &untouched, sizeof(head)) == 0) {
        return false;
    }
    return ours(&head) ? head.ordinal > scan->last : scan->at == 0;
}

/* scan->first: first ordinal of the file, or 0 if it holds no good record. The file's whole is
 * not kept: all of them together are as large as everything else at the start. */
static enum vg_status look_at_first(struct scan *scan)
{
    struct vg_journal_entry entry;
    enum vg_status status = read_file(scan, HEAD_OF_FILE);
    struct scan peek = *scan;
    scan->first = status == VG_OK && next_record(&peek, &entry) ? entry.ordinal : 0;
    free(scan->bytes);
    scan->bytes = NULL;
    return status;
}

static int by_first(const void *a, const void *b)
{
    const struct scan *left = a;
    const struct scan *right = b;
    return (left->first > right->first) - (left->first < right->first);
}

struct recovery {
    uint64_t stored;
    vg_journal_fn *each;
    void *to;
    struct vg_journal_found *found;
    bool stopped;
};

/* Hands over one file's letters, and settles what becomes of the file. */
static void recover_file(struct scan *scan, struct recovery *recovery)
{
    struct vg_journal_entry entry;
    while (next_record(scan, &entry)) {
        if (entry.ordinal > recovery->stored && !recovery->stopped) {
            recovery->found->letters++;
            recovery->stopped = !recovery->each(recovery->to, &entry);
        }
    }
    if (ends_damaged(scan)) {
        recovery->found->damaged++;
    }
    scan->segment->last = scan->last;
    scan->segment->used = scan->at;
    scan->segment->state =
        scan->last > recovery->stored ? VG_SEGMENT_SEALED : VG_SEGMENT_FREE;
}

enum vg_status vg_journal_recover(struct vg_journal *journal, uint64_t stored,
                                  vg_journal_fn *each, void *to,
                                  struct vg_journal_found *found)
{
    struct recovery recovery = {stored, each, to, found, false};
    struct scan scans[VG_JOURNAL_SEGMENTS] = {{0}};
    enum vg_status status = VG_OK;
    *found = (struct vg_journal_found){0};
    for (size_t i = 0; i < journal->count && status == VG_OK; i++) {
        scans[i].segment = &journal->segment[i];
        status = look_at_first(&scans[i]);
    }
    qsort(scans, journal->count, sizeof(scans[0]), by_first);
    uint64_t highest = stored;
    for (size_t i = 0; i < journal->count; i++) {
        status = status == VG_OK ? read_file(&scans[i], SIZE_MAX) : status;
        if (status == VG_OK) {
            recover_file(&scans[i], &recovery);
            highest = scans[i].last > highest ? scans[i].last : highest;
        }
        free(scans[i].bytes);
    }
    (void)malloc_trim(
        0); /* the largest block of the whole run is not needed any more */
    journal->next_ordinal = highest + 1;
    return status;
}
