/* SPDX-License-Identifier: Apache-2.0
 *
 * SQLite's locks among the connections of one process.
 */
#include "sim/disk_shm.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "sim/sim.h"

#define SHARES  8
#define REGIONS 64
#define SLOTS   8

struct share {
    char name[64];
    int shared; /* of the file */
    int mapped; /* connections that use the index */
    const struct shm_user *reserved, *exclusive;
    void *region[REGIONS];
    int slot_shared[SLOTS];
    const struct shm_user *slot_owner[SLOTS];
};

static struct share shares[SHARES];
static size_t share_count;

void shm_reset(void)
{
    for (size_t i = 0; i < share_count; i++) {
        for (size_t r = 0; r < REGIONS; r++) {
            free(shares[i].region[r]);
        }
    }
    memset(shares, 0, sizeof shares);
    share_count = 0;
}

struct share *shm_of(const char *name)
{
    for (size_t i = 0; i < share_count; i++) {
        if (strcmp(shares[i].name, name) == 0) {
            return &shares[i];
        }
    }
    assert(share_count < SHARES && strlen(name) < sizeof shares[0].name);
    (void)strcpy(shares[share_count].name, name);
    return &shares[share_count++];
}

int shm_lock_file(struct shm_user *user, int level)
{
    struct share *s = user->share;

    if (level <= user->level) {
        return SQLITE_OK;
    }
    if (s->exclusive != NULL && s->exclusive != user) {
        return SQLITE_BUSY;
    }
    if (level >= SQLITE_LOCK_RESERVED && s->reserved != NULL && s->reserved != user) {
        return SQLITE_BUSY;
    }
    if (level == SQLITE_LOCK_EXCLUSIVE &&
        s->shared > (user->level >= SQLITE_LOCK_SHARED ? 1 : 0)) {
        return SQLITE_BUSY;
    }
    s->shared += user->level < SQLITE_LOCK_SHARED;
    if (level >= SQLITE_LOCK_RESERVED) {
        s->reserved = user;
    }
    if (level == SQLITE_LOCK_EXCLUSIVE) {
        s->exclusive = user;
    }
    user->level = level;
    return SQLITE_OK;
}

void shm_unlock_file(struct shm_user *user, int level)
{
    struct share *s = user->share;

    if (level >= user->level) {
        return;
    }
    if (s->exclusive == user && level < SQLITE_LOCK_EXCLUSIVE) {
        s->exclusive = NULL;
    }
    if (s->reserved == user && level < SQLITE_LOCK_RESERVED) {
        s->reserved = NULL;
    }
    s->shared -= user->level >= SQLITE_LOCK_SHARED && level < SQLITE_LOCK_SHARED;
    user->level = level;
}

int shm_reserved(const struct shm_user *user)
{
    return user->share->reserved != NULL;
}

int shm_map(struct shm_user *user, int page, int size, int extend, void volatile **out)
{
    struct share *s = user->share;

    assert(page < REGIONS);
    s->mapped += !user->mapped;
    user->mapped = true;
    if (s->region[page] == NULL && extend != 0) {
        s->region[page] = calloc(1, (size_t)size);
        assert(s->region[page] != NULL);
    }
    *out = s->region[page];
    return SQLITE_OK;
}

static int take(struct shm_user *user, unsigned mask, int offset, int n, bool exclusive)
{
    struct share *s = user->share;

    for (int i = offset; i < offset + n; i++) {
        const bool other = s->slot_owner[i] != NULL && s->slot_owner[i] != user;
        const int mine = (user->shared >> i & 1) != 0 ? 1 : 0;
        if (other || (exclusive && s->slot_shared[i] > mine)) {
            return SQLITE_BUSY;
        }
    }
    for (int i = offset; i < offset + n; i++) {
        if (exclusive) {
            s->slot_owner[i] = user;
        } else {
            s->slot_shared[i] += (user->shared >> i & 1) == 0;
        }
    }
    *(exclusive ? &user->exclusive : &user->shared) |= mask;
    return SQLITE_OK;
}

int shm_lock(struct shm_user *user, int offset, int n, int flags)
{
    struct share *s = user->share;
    const unsigned mask = ((1u << n) - 1) << offset;

    if ((flags & SQLITE_SHM_LOCK) != 0) {
        return take(user, mask, offset, n, (flags & SQLITE_SHM_EXCLUSIVE) != 0);
    }
    for (int i = offset; i < offset + n; i++) {
        if ((user->exclusive >> i & 1) != 0) {
            s->slot_owner[i] = NULL;
        }
        s->slot_shared[i] -= (user->shared >> i & 1) != 0;
    }
    user->exclusive &= ~mask;
    user->shared &= ~mask;
    return SQLITE_OK;
}

void shm_leave(struct shm_user *user)
{
    struct share *s = user->share;

    (void)shm_lock(user, 0, SLOTS, SQLITE_SHM_UNLOCK);
    s->mapped -= user->mapped;
    for (size_t r = 0; user->mapped && s->mapped == 0 && r < REGIONS; r++) {
        free(s->region[r]);
        s->region[r] = NULL;
    }
    user->mapped = false;
}
