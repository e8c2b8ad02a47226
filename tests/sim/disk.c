/* SPDX-License-Identifier: Apache-2.0
 *
 * The disk. Each file is twice there: as the kernel has it, and as the platter does. A sync
 * makes them one; a power cut leaves of each unsynced sector the old, the new, or the
 * beginning of the new. Files and their ends have the same fate: what was not synced may be
 * there or not.
 */
#include "sim/disk.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define FILES  96
#define SECTOR ((size_t)512)

enum { CLEAN, DIRTY, GHOST }; /* GHOST: as the cache has it, never to be written */

struct file {
    char name[64];
    bool exists, lasting; /* for the kernel; on the platter */
    bool
        anew; /* made again: on the platter is still the file that had the name before */
    unsigned char *now, *old;
    size_t size, old_size, room;
    unsigned char *dirty; /* a byte a sector */
    bool ghosts;          /* there may be some */
    size_t dirty_from, dirty_to;
};

static struct file files[FILES];
static size_t file_count;
static bool failing;

static struct file *find(const char *name)
{
    for (size_t i = 0; i < file_count; i++) {
        if (strcmp(files[i].name, name) == 0) {
            return &files[i];
        }
    }
    return NULL;
}

static void grow(struct file *f, size_t size)
{
    if (size <= f->room) {
        return;
    }
    size_t room = f->room == 0 ? 65536 : f->room;
    while (room < size) {
        room *= 2;
    }
    f->now = realloc(f->now, room);
    f->old = realloc(f->old, room);
    f->dirty = realloc(f->dirty, room / SECTOR);
    assert(f->now != NULL && f->old != NULL && f->dirty != NULL);
    memset(f->now + f->room, 0, room - f->room);
    memset(f->old + f->room, 0, room - f->room);
    memset(f->dirty + f->room / SECTOR, 0, (room - f->room) / SECTOR);
    f->room = room;
}

static void clean(struct file *f)
{
    f->ghosts = false;
    f->dirty_from = SIZE_MAX;
    f->dirty_to = 0;
}

static void mark(struct file *f, size_t from, size_t to)
{
    const size_t first = from / SECTOR;
    const size_t last = to == 0 ? 0 : (to - 1) / SECTOR;

    memset(f->dirty + first, DIRTY, last - first + 1);
    f->dirty_from = first < f->dirty_from ? first : f->dirty_from;
    f->dirty_to = last + 1 > f->dirty_to ? last + 1 : f->dirty_to;
}

struct file *disk_open(const char *name, bool create)
{
    struct file *f = find(name);

    if (f != NULL && f->exists) {
        return f;
    }
    if (!create) {
        return NULL;
    }
    if (f == NULL) {
        assert(file_count < FILES && strlen(name) < sizeof f->name);
        f = &files[file_count++];
        memset(f, 0, sizeof *f);
        (void)strcpy(f->name, name);
        clean(f);
    }
    f->exists = true;
    f->anew = f->lasting;
    f->size = 0;
    if (f->room > 0) {
        memset(f->now, 0, f->room);
        memset(f->dirty, 0, f->room / SECTOR);
    }
    if (!f->lasting && f->room > 0) {
        memset(f->old, 0, f->room);
        f->old_size = 0;
    }
    clean(f);
    return f;
}

bool disk_exists(const char *name)
{
    const struct file *f = find(name);

    return f != NULL && f->exists;
}

void disk_delete(const char *name, bool synced)
{
    struct file *f = find(name);

    if (sim.dead || f == NULL) {
        return;
    }
    f->exists = false;
    if (synced) {
        f->lasting = false;
        f->old_size = 0;
    }
    sim_step();
}

size_t disk_size(const struct file *f)
{
    return f->size;
}

size_t disk_read(struct file *f, void *out, size_t length, size_t at)
{
    size_t got = at >= f->size ? 0 : f->size - at;

    got = got < length ? got : length;
    const size_t stored = at >= f->room ? 0 : f->room - at < got ? f->room - at : got;
    if (stored > 0) {
        memcpy(out, f->now + at, stored);
    }
    memset((char *)out + stored, 0, got - stored);
    return got;
}

static void put(struct file *f, const void *bytes, size_t length, size_t at)
{
    if (length > 0) {
        grow(f, at + length);
        memcpy(f->now + at, bytes, length);
        mark(f, at, at + length);
        f->size = at + length > f->size ? at + length : f->size;
    }
}

/* A kill in the middle of it: a part was written. */
void disk_write(struct file *f, const void *bytes, size_t length, size_t at)
{
    if (sim.dead) {
        return;
    }
    const size_t half = length / 2;
    put(f, bytes, half, at);
    sim_step();
    if (!sim.dead) {
        put(f, (const char *)bytes + half, length - half, at + half);
    }
}

void disk_truncate(struct file *f, size_t size)
{
    if (sim.dead) {
        return;
    }
    if (size < f->room && size < f->size) {
        const size_t end = f->size < f->room ? f->size : f->room;
        memset(f->now + size, 0, end - size);
        mark(f, size, end);
    }
    f->size = size;
    sim_step();
}

/* The name is this file's on the platter too: nothing is left of the one that had it before. */
static void forget_before(struct file *f)
{
    if (f->anew && f->room > 0) {
        memset(f->old, 0, f->room);
    }
    f->old_size = f->anew ? 0 : f->old_size;
    f->anew = false;
}

void disk_sync(struct file *f)
{
    if (sim.dead) {
        return;
    }
    sim_step();
    if (sim.dead) {
        return;
    }
    forget_before(f);
    for (size_t i = f->dirty_from; i < f->dirty_to; i++) {
        if (f->dirty[i] == DIRTY) {
            memcpy(f->old + i * SECTOR, f->now + i * SECTOR, SECTOR);
            f->dirty[i] = 0;
        }
    }
    if (!f->ghosts) {
        clean(f);
    }
    f->old_size = f->size;
    f->lasting = true;
}

/* The kernel says so once, and holds for clean what it could not write: until it is written again, no sync
 * brings it to the platter. */
void disk_sync_failed(struct file *f)
{
    if (sim.dead || luck_percent(LUCK_DISK, 50)) {
        return;
    }
    for (size_t i = f->dirty_from; i < f->dirty_to; i++) {
        if (f->dirty[i] == DIRTY) {
            f->dirty[i] = GHOST;
            f->ghosts = true;
        }
    }
}

void disk_sync_names(void)
{
    for (size_t i = 0; i < file_count && !sim.dead; i++) {
        forget_before(&files[i]);
        files[i].lasting = files[i].exists;
        files[i].old_size = files[i].exists ? files[i].old_size : 0;
    }
}

/* ---- The cut */

/* What a sector holds afterwards, in `now`. */
static void settle_sector(struct file *f, size_t i, int64_t keep)
{
    unsigned char *now = f->now + i * SECTOR;
    const unsigned char *old = f->old + i * SECTOR;
    const bool kept = luck_below(LUCK_DISK, 100) < keep && f->dirty[i] != GHOST;

    if (kept && luck_percent(LUCK_DISK, 80)) {
        return;
    }
    const size_t torn = kept ? (size_t)luck_below(LUCK_DISK, SECTOR) : 0;
    memcpy(now + torn, old + torn, SECTOR - torn);
}

static void cut_file(struct file *f, int64_t keep)
{
    const bool there =
        f->exists == f->lasting ? f->exists : luck_below(LUCK_DISK, 2) == 0;
    const bool before = f->anew && luck_below(LUCK_DISK, 2) == 0;
    if (!before) {
        forget_before(f);
    }
    const size_t low = f->size < f->old_size ? f->size : f->old_size;
    const size_t high = f->size < f->old_size ? f->old_size : f->size;

    if (there && (!f->exists || before)) { /* the deletion never came to the platter */
        memcpy(f->now, f->old, f->room);
        f->size = f->old_size;
    } else if (there) {
        for (size_t i = f->dirty_from; i < f->dirty_to; i++) {
            if (f->dirty[i] != 0) {
                settle_sector(f, i, keep);
            }
        }
        f->size = high == low ? high
                  : luck_below(LUCK_DISK, 3) > 0
                      ? (luck_below(LUCK_DISK, 2) == 0 ? low : high)
                      : low + (size_t)luck_below(LUCK_DISK, (int64_t)(high - low));
    }
    f->exists = f->lasting = there;
    f->anew = false;
    f->old_size = f->size = there ? f->size : 0;
    if (f->room > 0) {
        if (f->size < f->room) {
            memset(f->now + f->size, 0, f->room - f->size);
        }
        memcpy(f->old, f->now, f->room);
        memset(f->dirty, 0, f->room / SECTOR);
    }
    clean(f);
}

/* A disk keeps much, little or nothing of what it was not made to keep. */
void disk_cut(void)
{
    static const int64_t share[] = {0, 0, 20, 50, 50, 80, 100};
    const int64_t keep = share[luck_below(LUCK_DISK, sizeof share / sizeof share[0])];

    for (size_t i = 0; i < file_count; i++) {
        cut_file(&files[i], keep);
    }
}

void disk_copy(const char *from, const char *to, bool platter)
{
    const struct file *f = find(from);
    const size_t size = f == NULL ? 0 : platter ? f->old_size : f->size;

    if (f == NULL || !(platter ? f->lasting : f->exists)) {
        struct file *gone = find(to);
        if (gone != NULL) {
            gone->exists = false;
        }
        return;
    }
    struct file *t = disk_open(to, true);
    const size_t stored = size < f->room ? size : f->room;
    grow(t, stored);
    memset(t->now, 0, t->room);
    if (stored > 0) {
        memcpy(t->now, platter ? f->old : f->now, stored);
    }
    t->size = size;
}

void disk_fail(bool fails)
{
    failing = fails;
}

bool disk_failing(void)
{
    return failing;
}
