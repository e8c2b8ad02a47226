/* SPDX-License-Identifier: Apache-2.0
 *
 * See access.h.
 */
#include "shell/access.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "shell/access_sessions.h"
#include "shell/access_throttle.h"
#include "shell/audit_hash.h"
#include "shell/tls.h"

#define KEPT       64 /* tokens whose hash was computed lately */
#define KEPT_FOR   (10 * VG_MINUTE)
#define SEEN       1024
#define SEEN_FOR   (10 * VG_MINUTE)
#define CHECK_FILE (1000 * (vg_ms)1)

struct kept {
    char digest[VG_AUDIT_HEX]; /* of the token */
    char hash[VG_USER_HASH];   /* which it was found to fit */
    vg_ms at;
};

struct vg_access {
    char path[512];
    struct vg_log *log;
    pthread_mutex_t lock;
    struct vg_users *users; /* NULL: none are configured */
    struct stat file;       /* as it was read */
    vg_ms checked;
    struct vg_sessions sessions;
    struct kept kept[KEPT];
    size_t kept_next;
    struct vg_throttle throttle;
    struct {
        uint64_t hash;
        vg_ms at;
    } seen[SEEN];
};

enum vg_status vg_access_create(const char *path, struct vg_log *log,
                                struct vg_access **out, struct vg_error *error)
{
    struct vg_access *access = calloc(1, sizeof *access);
    enum vg_status status = VG_OK;

    if (access == NULL) {
        vg_error_set(error, "no memory for the users");
        return VG_NO_MEMORY;
    }
    (void)vg_copy(access->path, sizeof access->path, path);
    access->log = log;
    (void)pthread_mutex_init(&access->lock, NULL);
    if (path[0] != '\0') {
        (void)stat(path, &access->file);
        status = vg_users_load(path, &access->users, error);
    }
    if (status != VG_OK) {
        vg_access_destroy(access);
        return status;
    }
    *out = access;
    return VG_OK;
}

void vg_access_destroy(struct vg_access *access)
{
    if (access != NULL) {
        vg_users_free(access->users);
        (void)pthread_mutex_destroy(&access->lock);
        free(access);
    }
}

bool vg_access_on(const struct vg_access *access)
{
    return access->path[0] != '\0';
}

/* ---- The file, under the lock */

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* A file that is faulty or gone changes nothing: nobody new comes in by it. */
static void look_at_file(struct vg_access *access, vg_ms now)
{
    struct vg_users *fresh = NULL;
    struct vg_error error = {""};
    struct stat file;

    if (access->checked != 0 && now - access->checked < CHECK_FILE) {
        return;
    }
    access->checked = now;
    if (stat(access->path, &file) == 0 && same_file(&file, &access->file)) {
        return;
    }
    if (vg_users_load(access->path, &fresh, &error) != VG_OK) {
        vg_log_write(access->log, VG_LOG_ERROR, "users.refused",
                     "the users were not read again, the old ones stay: %s",
                     error.text);
        return;
    }
    access->file = file;
    vg_users_free(access->users);
    access->users = fresh;
    memset(access->kept, 0, sizeof access->kept);
    vg_log_write(access->log, VG_LOG_NOTICE, "users.read", "%zu users", fresh->count);
}

static void digest_of(const char *text, char out[VG_AUDIT_HEX])
{
    vg_audit_digest((struct vg_slice){text, strlen(text)}, out);
}

/* ---- Sessions */

static enum vg_status tell(const struct vg_user *user, uint64_t session,
                           struct vg_who *out)
{
    out->known = true;
    out->user = *user;
    out->session = session;
    return VG_OK;
}

enum vg_status vg_access_session(struct vg_access *access, const char *key, vg_ms now,
                                 bool touch, struct vg_who *out)
{
    char digest[VG_AUDIT_HEX];
    enum vg_status status = VG_REFUSED;

    digest_of(key, digest);
    (void)pthread_mutex_lock(&access->lock);
    look_at_file(access, now);
    struct vg_session *s = vg_sessions_find(&access->sessions, digest);
    const struct vg_user *user =
        s != NULL ? vg_users_find(access->users, s->user.name) : NULL;
    if (s != NULL && vg_session_over(s, user, now)) {
        s->number = 0;
    } else if (s != NULL) {
        s->used = touch ? now : s->used;
        status = tell(user, s->number, out);
    }
    (void)pthread_mutex_unlock(&access->lock);
    return status;
}

void vg_access_logout(struct vg_access *access, const char *key)
{
    char digest[VG_AUDIT_HEX];

    digest_of(key, digest);
    (void)pthread_mutex_lock(&access->lock);
    struct vg_session *s = vg_sessions_find(&access->sessions, digest);
    if (s != NULL) {
        s->number = 0;
    }
    (void)pthread_mutex_unlock(&access->lock);
}

bool vg_access_still(struct vg_access *access, const struct vg_who *who, vg_ms now)
{
    bool still = false;

    if (!who->known) {
        return true;
    }
    (void)pthread_mutex_lock(&access->lock);
    look_at_file(access, now);
    const struct vg_user *user = vg_users_find(access->users, who->user.name);
    if (who->session == 0) { /* by a token or certificate that has not been replaced */
        still = user != NULL && vg_user_same(user, &who->user);
    } else {
        const struct vg_session *s =
            vg_sessions_numbered(&access->sessions, who->session);
        still = s != NULL && !vg_session_over(s, user, now);
    }
    (void)pthread_mutex_unlock(&access->lock);
    return still;
}

/* ---- Log-ins and tokens */

/* Under the lock: the user, copied, so that the slow part needs none. VG_OK also for somebody
 * who does not exist, who takes as long. */
static enum vg_status begin_check(struct vg_access *access, const char *name,
                                  const char *from, vg_ms now, struct vg_user *out,
                                  vg_ms *wait)
{
    static const char nobody[] = /* of a password that was thrown away */
        "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    look_at_file(access, now);
    *wait = vg_throttle_wait(&access->throttle, name, from, now);
    if (*wait > 0) {
        return VG_FULL;
    }
    const struct vg_user *user = vg_users_find(access->users, name);
    if (user != NULL) {
        *out = *user;
    } else {
        memset(out, 0, sizeof *out);
        (void)vg_copy(out->hash, sizeof out->hash, nobody);
    }
    /* Counted before it is known: many at once are many. */
    vg_throttle_failed(&access->throttle, name, from, now);
    return VG_OK;
}

enum vg_status vg_access_login(struct vg_access *access, const struct vg_attempt *a,
                               char key[VG_TOKEN_LEN + 1], struct vg_who *out,
                               vg_ms *wait)
{
    char digest[VG_AUDIT_HEX];
    struct vg_user user;

    (void)pthread_mutex_lock(&access->lock);
    enum vg_status status = begin_check(access, a->name, a->from, a->now, &user, wait);
    (void)pthread_mutex_unlock(&access->lock);
    if (status != VG_OK) {
        return status;
    }
    const bool right = vg_secret_is(user.hash, a->password) && user.name[0] != '\0' &&
                       user.kind == VG_USER_PASSWORD && vg_secret_make(key);
    if (!right) {
        return VG_REFUSED;
    }
    (void)pthread_mutex_lock(&access->lock);
    vg_throttle_passed(&access->throttle, a->name, a->from);
    digest_of(key, digest);
    status =
        tell(&user,
             vg_sessions_begin(&access->sessions, access->users, &user, digest, a->now),
             out);
    (void)pthread_mutex_unlock(&access->lock);
    return status;
}

/* Under the lock: it fitted this user's hash a short while ago. */
static bool is_kept(const struct vg_access *access, const char *digest,
                    const struct vg_user *user, vg_ms now)
{
    for (size_t i = 0; i < KEPT; i++) {
        const struct kept *k = &access->kept[i];
        if (digest[0] != '\0' && k->digest[0] != '\0' && now - k->at < KEPT_FOR &&
            strcmp(k->digest, digest) == 0 && strcmp(k->hash, user->hash) == 0) {
            return true;
        }
    }
    return false;
}

static void keep(struct vg_access *access, const char *digest,
                 const struct vg_user *user, vg_ms now)
{
    struct kept *k = &access->kept[access->kept_next++ % KEPT];

    k->at = now;
    (void)vg_copy(k->digest, sizeof k->digest, digest);
    (void)vg_copy(k->hash, sizeof k->hash, user->hash);
}

enum vg_status vg_access_token(struct vg_access *access, const char *token,
                               const char *from, vg_ms now, struct vg_who *out,
                               vg_ms *wait)
{
    char name[VG_ID_LEN + 1];
    char digest[VG_AUDIT_HEX];
    const char *secret = NULL;
    struct vg_user user;

    *wait = 0;
    if (!vg_token_split(token, name, &secret)) {
        return VG_REFUSED;
    }
    digest_of(token, digest);
    (void)pthread_mutex_lock(&access->lock);
    look_at_file(access, now);
    const struct vg_user *known = vg_users_find(access->users, name);
    const bool kept = known != NULL && known->kind == VG_USER_TOKEN &&
                      is_kept(access, digest, known, now);
    enum vg_status status =
        kept ? tell(known, 0, out) : begin_check(access, name, from, now, &user, wait);
    (void)pthread_mutex_unlock(&access->lock);
    if (kept || status != VG_OK) {
        return status;
    }
    if (!vg_secret_is(user.hash, secret) || user.name[0] == '\0' ||
        user.kind != VG_USER_TOKEN) {
        return VG_REFUSED;
    }
    (void)pthread_mutex_lock(&access->lock);
    vg_throttle_passed(&access->throttle, name, from);
    keep(access, digest, &user, now);
    status = tell(&user, 0, out);
    (void)pthread_mutex_unlock(&access->lock);
    return status;
}

enum vg_status vg_access_certificate(struct vg_access *access,
                                     const struct vg_tls_peer *peer, vg_ms now,
                                     struct vg_who *out)
{
    const struct vg_user *user = NULL;

    (void)pthread_mutex_lock(&access->lock);
    look_at_file(access, now);
    for (size_t i = 0; i < peer->count && user == NULL; i++) {
        user = vg_users_certified(access->users, peer->name[i]);
    }
    const enum vg_status status = user != NULL ? tell(user, 0, out) : VG_REFUSED;
    (void)pthread_mutex_unlock(&access->lock);
    return status;
}

static uint64_t look_of(const char *name, const char *what)
{
    return vg_hash(vg_hash(0, name, strlen(name) + 1), what, strlen(what));
}

bool vg_access_noted(struct vg_access *access, const char *name, const char *what,
                     vg_ms now)
{
    const uint64_t hash = look_of(name, what);
    const size_t place = hash % SEEN;

    (void)pthread_mutex_lock(&access->lock);
    const bool noted =
        access->seen[place].hash == hash && now - access->seen[place].at < SEEN_FOR;
    (void)pthread_mutex_unlock(&access->lock);
    return noted;
}

void vg_access_note(struct vg_access *access, const char *name, const char *what,
                    vg_ms now)
{
    const uint64_t hash = look_of(name, what);
    const size_t place = hash % SEEN;

    (void)pthread_mutex_lock(&access->lock);
    access->seen[place].hash = hash;
    access->seen[place].at = now;
    (void)pthread_mutex_unlock(&access->lock);
}
