/* SPDX-License-Identifier: Apache-2.0
 *
 * Who has logged in. A session belongs to the user as they were at the log-in: another password,
 * right, ward or role, or their removal ends it, also for a display that is never asked again. Of
 * its key only the SHA-256 is kept.
 *
 * A plain value: zero-initialise. Whoever owns it has the lock.
 */
#ifndef VIGIL_SHELL_ACCESS_SESSIONS_H
#define VIGIL_SHELL_ACCESS_SESSIONS_H

#include "shell/audit_hash.h"
#include "shell/users.h"

#define VG_SESSIONS 512 /* at once */

/* A session that nobody uses for so long is over; in any case it ends after the longer. A
 * display's does not: it is a screen on a wall. */
#define VG_SESSION_IDLE (15 * VG_MINUTE)
#define VG_SESSION_MOST (12 * VG_HOUR)

struct vg_session {
    uint64_t number; /* 0: free */
    char digest[VG_AUDIT_HEX];
    struct vg_user user; /* as they were */
    vg_ms begun, used;   /* boot clock */
};

struct vg_sessions {
    uint64_t made;
    struct vg_session session[VG_SESSIONS];
};

/* `user`: as the file has them now, NULL if it has not. */
bool vg_session_over(const struct vg_session *session, const struct vg_user *user,
                     vg_ms now);
/* Its number. If none is free the one that was used longest ago ends. */
uint64_t vg_sessions_begin(struct vg_sessions *sessions, const struct vg_users *users,
                           const struct vg_user *user, const char *digest, vg_ms now);
/* NULL: there is none. */
struct vg_session *vg_sessions_find(struct vg_sessions *sessions, const char *digest);
const struct vg_session *vg_sessions_numbered(const struct vg_sessions *sessions,
                                              uint64_t number);

#endif
