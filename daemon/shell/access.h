/* SPDX-License-Identifier: Apache-2.0
 *
 * Who is asking: log-ins, sessions and tokens, over the users' file. Any thread.
 *
 * The file is read again when it has changed, so that whoever is taken out of it is out at
 * once, with their sessions; so is whoever has another password, right, ward or role there until
 * they log in anew (access_sessions.h). Who
 * fails to log in waits longer each time, by name and by address; while they wait nothing is
 * computed for them.
 */
#ifndef VIGIL_SHELL_ACCESS_H
#define VIGIL_SHELL_ACCESS_H

#include "shell/log.h"
#include "shell/users.h"

struct vg_access;

/* Who is asking, as of now. */
struct vg_who {
    bool known; /* false: no users are configured, and everybody may do everything */
    struct vg_user user;
    uint64_t session; /* 0: by token or certificate */
};

/* `path` "" : no users. VG_OK, or what vg_users_load said. */
enum vg_status vg_access_create(const char *path, struct vg_log *log,
                                struct vg_access **out, struct vg_error *error);
void vg_access_destroy(struct vg_access *access);
bool vg_access_on(const struct vg_access *access); /* users are configured */

/* All: VG_OK and who it is; VG_REFUSED: nobody we know; VG_FULL: too many failures, in
 * `*wait` ms again. `now`: boot clock. `from`: the peer's address. */
struct vg_attempt {
    const char *name, *password, *from;
    vg_ms now;
};
enum vg_status vg_access_login(struct vg_access *access,
                               const struct vg_attempt *attempt,
                               char key[VG_TOKEN_LEN + 1], struct vg_who *out,
                               vg_ms *wait);
enum vg_status vg_access_token(struct vg_access *access, const char *token,
                               const char *from, vg_ms now, struct vg_who *out,
                               vg_ms *wait);
/* `touch`: it counts as being used. VG_OK or VG_REFUSED. */
enum vg_status vg_access_session(struct vg_access *access, const char *key, vg_ms now,
                                 bool touch, struct vg_who *out);
/* By the names in a certificate that was found to hold. VG_OK or VG_REFUSED. */
struct vg_tls_peer;
enum vg_status vg_access_certificate(struct vg_access *access,
                                     const struct vg_tls_peer *peer, vg_ms now,
                                     struct vg_who *out);
void vg_access_logout(struct vg_access *access, const char *key);
/* Whether what was true of a stream's reader still is. */
bool vg_access_still(struct vg_access *access, const struct vg_who *who, vg_ms now);

/* What is read again and again is written down once in ten minutes: whether the same was. */
bool vg_access_noted(struct vg_access *access, const char *name, const char *what,
                     vg_ms now);
/* It is written down now. */
void vg_access_note(struct vg_access *access, const char *name, const char *what,
                    vg_ms now);

/* A token as it is given out: "vg1.<name>.<secret>". */
#define VG_TOKEN_TEXT (4 + VG_ID_LEN + 1 + VG_TOKEN_LEN + 1)

#endif
