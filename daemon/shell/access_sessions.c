/* SPDX-License-Identifier: Apache-2.0
 *
 * See access_sessions.h.
 */
#include "shell/access_sessions.h"

#include <string.h>

bool vg_session_over(const struct vg_session *s, const struct vg_user *user, vg_ms now)
{
    return user == NULL || !vg_user_same(user, &s->user) ||
           (user->right != VG_RIGHT_DISPLAY &&
            (now - s->used > VG_SESSION_IDLE || now - s->begun > VG_SESSION_MOST));
}

static struct vg_session *place_for_one(struct vg_sessions *sessions,
                                        const struct vg_users *users, vg_ms now)
{
    struct vg_session *oldest = &sessions->session[0];

    for (size_t i = 0; i < VG_SESSIONS; i++) {
        struct vg_session *s = &sessions->session[i];
        if (s->number == 0 ||
            vg_session_over(s, vg_users_find(users, s->user.name), now)) {
            return s;
        }
        oldest = s->used < oldest->used ? s : oldest;
    }
    return oldest;
}

uint64_t vg_sessions_begin(struct vg_sessions *sessions, const struct vg_users *users,
                           const struct vg_user *user, const char *digest, vg_ms now)
{
    struct vg_session *s = place_for_one(sessions, users, now);

    *s = (struct vg_session){
        .number = ++sessions->made, .user = *user, .begun = now, .used = now};
    (void)vg_copy(s->digest, sizeof s->digest, digest);
    return s->number;
}

struct vg_session *vg_sessions_find(struct vg_sessions *sessions, const char *digest)
{
    for (size_t i = 0; i < VG_SESSIONS; i++) {
        if (sessions->session[i].number != 0 && digest[0] != '\0' &&
            strcmp(sessions->session[i].digest, digest) == 0) {
            return &sessions->session[i];
        }
    }
    return NULL;
}

const struct vg_session *vg_sessions_numbered(const struct vg_sessions *sessions,
                                              uint64_t number)
{
    for (size_t i = 0; i < VG_SESSIONS && number != 0; i++) {
        if (sessions->session[i].number == number) {
            return &sessions->session[i];
        }
    }
    return NULL;
}
