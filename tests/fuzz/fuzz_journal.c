/* SPDX-License-Identifier: Apache-2.0
 *
 * The journal of letters: whatever its file holds, opening ends, letters come in rising order,
 * and what is written to it afterwards is there at the next opening.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"
#include "shell/journal.h"

#define SEGMENT ((size_t)64 << 10)

static bool each(void *to, const struct vg_journal_entry *entry)
{
    uint64_t *last = to;

    MUST(entry->ordinal > *last);
    MUST(entry->letter.payload_length <= entry->whole_length);
    *last = entry->ordinal;
    return true;
}

static bool put(const char *path, const uint8_t *data, size_t size)
{
    const int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    const bool written = fd >= 0 && write(fd, data, size) == (ssize_t)size;

    if (fd >= 0) {
        (void)close(fd);
    }
    return written;
}

/* Behind all that was there before comes what was written, and nothing else. */
static bool ours(void *to, const struct vg_journal_entry *entry)
{
    uint64_t *wanted = to;

    MUST(entry->ordinal == *wanted && entry->letter.payload_length == 7);
    MUST(entry->letter.topic_length == 1 && entry->letter.topic[0] == 't');
    MUST(memcmp(entry->letter.payload, "payload", 7) == 0);
    *wanted = 0;
    return true;
}

static void look_again(const char *prefix, uint64_t ordinal)
{
    struct vg_journal *journal = NULL;
    struct vg_journal_found found = {0};
    struct vg_error error = {.text = ""};
    uint64_t wanted = ordinal;

    MUST(vg_journal_open(prefix, SEGMENT, &journal, &error) == VG_OK);
    MUST(vg_journal_recover(journal, ordinal - 1, ours, &wanted, &found) == VG_OK);
    MUST(wanted == 0);
    vg_journal_close(journal);
}

static void use(const char *prefix)
{
    struct vg_journal *journal = NULL;
    struct vg_journal_found found = {0};
    struct vg_error error = {.text = ""};
    uint64_t last = 0;
    uint64_t ordinal = 0;

    if (vg_journal_open(prefix, SEGMENT, &journal, &error) != VG_OK) {
        MUST(error.text[0] != '\0');
        return;
    }
    if (vg_journal_recover(journal, 0, each, &last, &found) == VG_OK) {
        const struct vg_journal_entry entry = {.letter = {"t", 1, "payload", 7, false},
                                               .whole_length = 7};
        ordinal = vg_journal_append(journal, &entry);
        MUST(ordinal == 0 || ordinal > last);
    }
    vg_journal_close(journal);
    if (ordinal != 0) {
        look_again(prefix, ordinal);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char prefix[64];
    char path[80];

    (void)snprintf(prefix, sizeof prefix, "/tmp/vigil-fuzz-%d", (int)getpid());
    (void)snprintf(path, sizeof path, "%s.inbox-0", prefix);
    if (size <= SEGMENT && put(path, data, size)) {
        use(prefix);
    }
    for (unsigned i = 0; i < 4; i++) {
        (void)snprintf(path, sizeof path, "%s.inbox-%u", prefix, i);
        (void)unlink(path);
    }
    return 0;
}
