/* SPDX-License-Identifier: Apache-2.0
 *
 * The journal of letters. paho acknowledges to the broker as soon as its callback
 * returns, so each letter is first put outside the process: one pwritev into a file
 * allocated beforehand. SIGKILL then loses nothing. It is not synced: a power cut may
 * lose the commit window, which gateways send again because no mark covers it.
 *
 * Files `<prefix>.inbox-N`, each a row of records in rising order of ordinal. A file is
 * used again once the store has committed everything in it. Layout: journal.c.
 *
 * Append from any one thread at a time, the rest from the loop thread; a small lock
 * inside makes them safe beside each other.
 */
#ifndef VIGIL_SHELL_JOURNAL_H
#define VIGIL_SHELL_JOURNAL_H

#include "vigil/wire.h"

/* The usual size of one file. */
#define VG_JOURNAL_SEGMENT ((size_t)8 << 20)

struct vg_journal;

struct vg_journal_entry {
    struct vg_letter letter;
    size_t whole_length; /* of the payload as sent; the letter's may be cut */
    struct vg_instant received;
    bool duplicate;
    uint64_t ordinal; /* given by append */
};

/* Opens or creates the files of `prefix`. `segment_bytes` must hold the longest letter. A full
 * disk is no reason to fail here: appends will, and say so. VG_OK, VG_NO_MEMORY or
 * VG_FAILED. */
enum vg_status vg_journal_open(const char *prefix, size_t segment_bytes,
                               struct vg_journal **out, struct vg_error *error);

/* Once, before the first append: hands over every whole record with an ordinal above
 * `stored`, rising; stops if `each` answers false. A damaged record ends its file, not the
 * others. Later ordinals are above all that were seen and above `stored`. */
typedef bool vg_journal_fn(void *to, const struct vg_journal_entry *entry);
struct vg_journal_found {
    uint64_t letters; /* handed over */
    unsigned damaged; /* files that end in a damaged record */
};
enum vg_status vg_journal_recover(struct vg_journal *journal, uint64_t stored,
                                  vg_journal_fn *each, void *to,
                                  struct vg_journal_found *found);

/* Writes the letter and returns its ordinal; 0 if it could not be written, which is counted:
 * the letter goes on all the same. */
uint64_t vg_journal_append(struct vg_journal *journal,
                           const struct vg_journal_entry *entry);

/* Everything up to `ordinal` is committed. */
void vg_journal_release(struct vg_journal *journal, uint64_t ordinal);

struct vg_journal_counts {
    uint64_t appended, failed;
    int last_errno; /* of the latest failure */
    size_t segments;
};
struct vg_journal_counts vg_journal_counts(struct vg_journal *journal);

/* The files stay. No thread may append any more. NULL is fine. */
void vg_journal_close(struct vg_journal *journal);

#endif
