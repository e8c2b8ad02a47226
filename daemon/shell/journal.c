/* SPDX-License-Identifier: Apache-2.0
 *
 * The journal's writing side: segments, append, release. Reading back is
 * journal_recover.c.
 */
#include "shell/journal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "shell/journal_file.h"

/* Files kept when all is committed; more are removed. */
#define SEGMENTS_KEPT 2

static void segment_path(const struct vg_journal *journal, unsigned number,
                         char out[VG_JOURNAL_PATH])
{
    (void)snprintf(out, VG_JOURNAL_PATH, "%s.inbox-%u", journal->prefix, number);
}

static int reserve(int fd, size_t bytes)
{
    if (fallocate(fd, 0, 0, (off_t)bytes) == 0 || errno == EOPNOTSUPP) {
        return 0;
    }
    return -1;
}

/* Opens file `number`, creating it at full size. -1 with errno: not. */
static int open_segment(const struct vg_journal *journal, unsigned number)
{
    char path[VG_JOURNAL_PATH];
    segment_path(journal, number, path);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0 && reserve(fd, journal->segment_bytes) != 0) {
        int reason = errno;
        close(fd);
        unlink(path);
        errno = reason;
        return -1;
    }
    return fd;
}

static bool number_taken(const struct vg_journal *journal, unsigned number)
{
    for (size_t i = 0; i < journal->count; i++) {
        if (journal->segment[i].number == number) {
            return true;
        }
    }
    return false;
}

static struct vg_segment *add_segment(struct vg_journal *journal)
{
    if (journal->count == VG_JOURNAL_SEGMENTS) {
        errno = EFBIG;
        return NULL;
    }
    unsigned number = 0; /* the lowest that is not in use: below VG_JOURNAL_SEGMENTS */
    while (number_taken(journal, number)) {
        number++;
    }
    int fd = open_segment(journal, number);
    if (fd < 0) {
        return NULL;
    }
    struct vg_segment *segment = &journal->segment[journal->count++];
    *segment = (struct vg_segment){.fd = fd, .number = number};
    return segment;
}

/* Takes over the files that are there; numbers may have holes after a release. */
static enum vg_status adopt_files(struct vg_journal *journal, struct vg_error *error)
{
    for (unsigned number = 0; number < VG_JOURNAL_SEGMENTS; number++) {
        char path[VG_JOURNAL_PATH];
        segment_path(journal, number, path);
        int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0 && errno == ENOENT) {
            continue;
        }
        if (fd < 0) {
            vg_error_set(error, "cannot open the journal \"%s\": %s", path,
                         strerrordesc_np(errno));
            return VG_FAILED;
        }
        journal->segment[journal->count++] =
            (struct vg_segment){.fd = fd, .number = number};
    }
    return VG_OK;
}

enum vg_status vg_journal_open(const char *prefix, size_t segment_bytes,
                               struct vg_journal **out, struct vg_error *error)
{
    if (strlen(prefix) >= sizeof((struct vg_journal *)NULL)->prefix) {
        vg_error_set(error, "the path of the store is too long: \"%.80s…\"", prefix);
        return VG_FAILED;
    }
    struct vg_journal *journal = calloc(1, sizeof(*journal));
    if (journal == NULL) {
        return VG_NO_MEMORY;
    }
    pthread_mutex_init(&journal->lock, NULL);
    vg_copy(journal->prefix, sizeof(journal->prefix), prefix);
    journal->segment_bytes = segment_bytes;
    journal->next_ordinal = 1;
    enum vg_status status = adopt_files(journal, error);
    if (status != VG_OK) {
        vg_journal_close(journal);
        return status;
    }
    while (journal->count < SEGMENTS_KEPT && add_segment(journal) != NULL) {
    }
    *out = journal;
    return VG_OK;
}

/* With the lock held: the file being written if `bytes` still fit, or else a free or a new
 * one. NULL with errno: none to be had. */
static struct vg_segment *segment_for(struct vg_journal *journal, size_t bytes)
{
    struct vg_segment *free_one = NULL;
    for (size_t i = 0; i < journal->count; i++) {
        struct vg_segment *segment = &journal->segment[i];
        if (segment->state == VG_SEGMENT_ACTIVE) {
            if (segment->used + bytes <= journal->segment_bytes) {
                return segment;
            }
            segment->state = VG_SEGMENT_SEALED;
        } else if (segment->state == VG_SEGMENT_FREE && free_one == NULL) {
            free_one = segment;
        }
    }
    if (free_one == NULL) {
        free_one = add_segment(journal);
    }
    if (free_one != NULL) {
        free_one->state = VG_SEGMENT_ACTIVE;
        free_one->used = 0;
    }
    return free_one;
}

/* With the lock held: one write of head, topic and payload. 0, or what failed. */
static int write_record(struct vg_journal *journal,
                        const struct vg_journal_entry *entry, uint64_t ordinal)
{
    struct vg_record_head head;
    vg_record_fill(&head, entry, ordinal);
    size_t bytes = sizeof(head) + head.topic_length + head.payload_length;
    struct vg_segment *segment = segment_for(journal, bytes);
    if (segment == NULL) {
        return errno;
    }
    union {
        const void *in;
        void *out; /* iovec has no const; pwritev does not write */
    } topic = {entry->letter.topic}, payload = {entry->letter.payload};
    struct iovec parts[] = {{&head, sizeof(head)},
                            {topic.out, head.topic_length},
                            {payload.out, head.payload_length}};
    ssize_t written;
    do {
        written = pwritev(segment->fd, parts, 3, (off_t)segment->used);
    } while (written < 0 && errno == EINTR);
    if (written != (ssize_t)bytes) {
        return written < 0 ? errno : ENOSPC;
    }
    segment->used += bytes;
    segment->last = ordinal;
    return 0;
}

uint64_t vg_journal_append(struct vg_journal *journal,
                           const struct vg_journal_entry *entry)
{
    pthread_mutex_lock(&journal->lock);
    uint64_t ordinal = journal->next_ordinal;
    int failure = write_record(journal, entry, ordinal);
    if (failure == 0) {
        journal->next_ordinal++;
        journal->counts.appended++;
    } else {
        journal->counts.failed++;
        journal->counts.last_errno = failure;
        ordinal = 0;
    }
    pthread_mutex_unlock(&journal->lock);
    return ordinal;
}

/* With the lock held: marks a surplus free segment; it keeps its number until forgotten. */
static bool pick_surplus(struct vg_journal *journal, struct vg_segment *out)
{
    if (journal->count <= SEGMENTS_KEPT) {
        return false;
    }
    for (size_t i = journal->count; i-- > 0;) {
        if (journal->segment[i].state == VG_SEGMENT_FREE) {
            journal->segment[i].state = VG_SEGMENT_LEAVING;
            *out = journal->segment[i];
            return true;
        }
    }
    return false;
}

/* With the lock held. */
static void forget(struct vg_journal *journal, unsigned number)
{
    size_t i = 0;
    while (journal->segment[i].number != number) {
        i++;
        assert(i < journal->count);
    }
    journal->segment[i] = journal->segment[--journal->count];
}

/* Removing a file may take milliseconds, so it happens without the lock that the receiving
 * thread waits for. */
static void remove_surplus(struct vg_journal *journal)
{
    struct vg_segment surplus;
    pthread_mutex_lock(&journal->lock);
    while (pick_surplus(journal, &surplus)) {
        pthread_mutex_unlock(&journal->lock);
        char path[VG_JOURNAL_PATH];
        segment_path(journal, surplus.number, path);
        unlink(path);
        close(surplus.fd);
        pthread_mutex_lock(&journal->lock);
        forget(journal, surplus.number);
    }
    pthread_mutex_unlock(&journal->lock);
}

void vg_journal_release(struct vg_journal *journal, uint64_t ordinal)
{
    pthread_mutex_lock(&journal->lock);
    for (size_t i = 0; i < journal->count; i++) {
        struct vg_segment *segment = &journal->segment[i];
        if (segment->state == VG_SEGMENT_SEALED && segment->last <= ordinal) {
            segment->state = VG_SEGMENT_FREE;
        }
    }
    pthread_mutex_unlock(&journal->lock);
    remove_surplus(journal);
}

struct vg_journal_counts vg_journal_counts(struct vg_journal *journal)
{
    pthread_mutex_lock(&journal->lock);
    struct vg_journal_counts counts = journal->counts;
    counts.segments = journal->count;
    pthread_mutex_unlock(&journal->lock);
    return counts;
}

void vg_journal_close(struct vg_journal *journal)
{
    if (journal == NULL) {
        return;
    }
    for (size_t i = 0; i < journal->count; i++) {
        close(journal->segment[i].fd);
    }
    pthread_mutex_destroy(&journal->lock);
    free(journal);
}
