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

/* Files are read in portions: a whole one would be the largest block of a small ward's run. */
#define PORTION ((size_t)256 << 10)

/* One file, and how far it has been read. */
struct scan {
    struct vg_segment *segment;
    unsigned char *bytes;    /* those of the file from `from` on */
    size_t room, from, held; /* allocated; where they begin; how many they are */
    size_t length, at;       /* of the file */
    uint64_t first, last;
};

/* Letters that cannot be read are VG_FAILED: taken for none, they would be written over. A file
 * that was cut since ends there. */
static enum vg_status fill(struct scan *scan)
{
    while (scan->held < scan->room && scan->from + scan->held < scan->length) {
        const size_t left = scan->length - scan->from - scan->held;
        const size_t room = scan->room - scan->held;
        const ssize_t got =
            pread(scan->segment->fd, scan->bytes + scan->held,
                  left < room ? left : room, (off_t)(scan->from + scan->held));
        if (got < 0 && errno != EINTR) {
            return VG_FAILED;
        }
        if (got == 0) {
            scan->length = scan->from + scan->held;
        }
        scan->held += got > 0 ? (size_t)got : 0;
    }
    return VG_OK;
}

/* Makes `length` bytes from `at` on lie together at `out`. VG_ABSENT: the file ends before. */
static enum vg_status reach(struct scan *scan, size_t length, const unsigned char **out)
{
    enum vg_status status = VG_OK;

    if (scan->at + length > scan->from + scan->held) {
        if (scan->length - scan->at < length) {
            return VG_ABSENT;
        }
        if (length > scan->room) {
            unsigned char *larger = realloc(scan->bytes, length);
            if (larger == NULL) {
                return VG_NO_MEMORY;
            }
            scan->bytes = larger;
            scan->room = length;
        }
        const size_t done = scan->at - scan->from;
        scan->held -= done;
        memmove(scan->bytes, scan->bytes + done, scan->held);
        scan->from = scan->at;
        status = fill(scan);
    }
    *out = scan->bytes + (scan->at - scan->from);
    return status == VG_OK && scan->length - scan->at < length ? VG_ABSENT : status;
}

static enum vg_status begin(struct scan *scan)
{
    struct stat info;

    if (fstat(scan->segment->fd, &info) != 0 || info.st_size < 0) {
        return VG_FAILED;
    }
    scan->length = (size_t)info.st_size;
    scan->room = PORTION;
    scan->bytes = malloc(PORTION);
    return scan->bytes != NULL ? VG_OK : VG_NO_MEMORY;
}

static void end(struct scan *scan)
{
    free(scan->bytes);
    *scan = (struct scan){.segment = scan->segment, .first = scan->first};
}

/* The next whole record of rising ordinal, its bytes valid until the next call; VG_ABSENT: the
 * end of what is good. Records of an earlier use of the file may follow; their ordinals are
 * lower. */
static enum vg_status next_record(struct scan *scan, struct vg_journal_entry *out)
{
    struct vg_record_head head;
    const unsigned char *bytes = NULL;
    enum vg_status status = reach(scan, sizeof head, &bytes);

    if (status != VG_OK) {
        return status;
    }
    memcpy(&head, bytes, sizeof head);
    if (!ours(&head) || head.ordinal <= scan->last) {
        return VG_ABSENT;
    }
    const size_t whole = sizeof head + head.topic_length + (size_t)head.payload_length;
    status = reach(scan, whole, &bytes);
    if (status != VG_OK) {
        return status;
    }
    const unsigned char *topic = bytes + sizeof head;
    const unsigned char *payload = topic + head.topic_length;
    if (head.check != check_of(&head, topic, payload)) {
        return VG_ABSENT;
    }
    *out = (struct vg_journal_entry){
        .letter = {(const char *)topic, head.topic_length, payload, head.payload_length,
                   (head.flags & VG_RECORD_RETAINED) != 0},
        .whole_length = (size_t)head.whole_length,
        .received = {head.received},
        .duplicate = (head.flags & VG_RECORD_DUPLICATE) != 0,
        .ordinal = head.ordinal};
    scan->at += whole;
    scan->last = head.ordinal;
    return VG_OK;
}

/* Whether reading stopped at something that was meant to be a record: neither untouched
 * space nor a record of an earlier use of the file. */
static bool ends_damaged(struct scan *scan)
{
    static const struct vg_record_head untouched;
    struct vg_record_head head;
    const unsigned char *bytes = NULL;

    if (reach(scan, sizeof head, &bytes) != VG_OK) {
        return false;
    }
    memcpy(&head, bytes, sizeof head);
    if (memcmp(&head, &untouched, sizeof head) == 0) {
        return false;
    }
    return ours(&head) ? head.ordinal > scan->last : scan->at == 0;
}

/* scan->first: first ordinal of the file, or 0 if it holds no good record. */
static enum vg_status look_at_first(struct scan *scan)
{
    struct vg_journal_entry entry;
    enum vg_status status = begin(scan);

    status = status == VG_OK ? next_record(scan, &entry) : status;
    scan->first = status == VG_OK ? entry.ordinal : 0;
    end(scan);
    return status == VG_ABSENT ? VG_OK : status;
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
static enum vg_status recover_file(struct scan *scan, struct recovery *recovery)
{
    struct vg_journal_entry entry;
    enum vg_status status = begin(scan);

    status = status == VG_OK ? next_record(scan, &entry) : status;
    while (status == VG_OK) {
        if (entry.ordinal > recovery->stored && !recovery->stopped) {
            recovery->found->letters++;
            recovery->stopped = !recovery->each(recovery->to, &entry);
        }
        status = next_record(scan, &entry);
    }
    if (status != VG_ABSENT) {
        return status;
    }
    if (ends_damaged(scan)) {
        recovery->found->damaged++;
    }
    scan->segment->last = scan->last;
    scan->segment->used = scan->at;
    scan->segment->state =
        scan->last > recovery->stored ? VG_SEGMENT_SEALED : VG_SEGMENT_FREE;
    return VG_OK;
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
        status = status == VG_OK ? recover_file(&scans[i], &recovery) : status;
        highest = scans[i].last > highest ? scans[i].last : highest;
        end(&scans[i]);
    }
    (void)malloc_trim(0); /* what the start has used and freed */
    journal->next_ordinal = highest + 1;
    return status;
}
