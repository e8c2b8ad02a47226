/* SPDX-License-Identifier: Apache-2.0
 *
 * What the writing and the recovering side of the journal share: the table of segments
 * and the head of a record.
 *
 * A record is a head, the topic and the payload, without padding. Numbers are in the
 * machine's own byte order: a journal never leaves its machine. `check` is that of
 * the head (check 0), topic and payload; changing any one byte changes it. Records of
 * before (VG_JOURNAL_OLDER) have vg_hash of the same, byte by byte, and are read still.
 */
#ifndef VIGIL_SHELL_JOURNAL_FILE_H
#define VIGIL_SHELL_JOURNAL_FILE_H

#include <pthread.h>

#include "shell/journal.h"

#define VG_JOURNAL_PATH     1024
#define VG_JOURNAL_SEGMENTS 64 /* 512 MiB at the usual size; then appends fail */
#define VG_JOURNAL_MAGIC    0x324a4756u /* "VGJ2" */
#define VG_JOURNAL_OLDER    0x314a4756u /* "VGJ1" */

struct vg_record_head {
    uint32_t magic;
    uint32_t flags; /* VG_RECORD_… */
    uint32_t topic_length;
    uint32_t payload_length; /* kept */
    uint64_t whole_length;   /* as sent */
    uint64_t ordinal;
    int64_t received;
    uint64_t check;
};
_Static_assert(sizeof(struct vg_record_head) == 48, "a head has no padding");

#define VG_RECORD_RETAINED  1u
#define VG_RECORD_DUPLICATE 2u

enum vg_segment_state {
    VG_SEGMENT_FREE,   /* all of it is committed, or it never held anything */
    VG_SEGMENT_ACTIVE, /* the one being written */
    VG_SEGMENT_SEALED, /* full, or from before the start; waits for the store */
    VG_SEGMENT_LEAVING /* being removed */
};

struct vg_segment {
    int fd;
    unsigned number;
    enum vg_segment_state state;
    size_t used;
    uint64_t last; /* highest ordinal in it */
};

struct vg_journal {
    char prefix[VG_JOURNAL_PATH - 32]; /* leaves room for ".inbox-N" */
    size_t segment_bytes;
    pthread_mutex_t lock; /* guards all below */
    uint64_t next_ordinal;
    struct vg_journal_counts counts;
    size_t count;
    struct vg_segment segment[VG_JOURNAL_SEGMENTS];
};

void vg_record_fill(struct vg_record_head *head, const struct vg_journal_entry *entry,
                    uint64_t ordinal);

#endif
