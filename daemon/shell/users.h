/* SPDX-License-Identifier: Apache-2.0
 *
 * Who may come in: a file with one user a line,
 *
 *   NAME RIGHT WARD ROLES KIND HASH
 *   li nurse onc-7 bedside-nurse,charge-nurse password $argon2id$v=19$...
 *   wall-7 display onc-7 - token $argon2id$v=19$...
 *
 * "-" for a ward means all wards, for roles none. `vigil user` writes it; what begins with # is
 * a comment. Passwords and tokens stand in it only as argon2id hashes.
 *
 * Ownership: a list is immutable once read.
 */
#ifndef VIGIL_SHELL_USERS_H
#define VIGIL_SHELL_USERS_H

#include "vigil/command.h"

enum vg_right {
    VG_RIGHT_DISPLAY,       /* sees what is live of its ward; does nothing */
    VG_RIGHT_NURSE,         /* history, answers, notes; shelves what is not urgent */
    VG_RIGHT_PHYSICIAN,     /* all that concerns patients */
    VG_RIGHT_ADMINISTRATOR, /* what is technical; no patient's history */
    VG_RIGHT_COUNT
};
const char *vg_right_text(enum vg_right right);
enum vg_status vg_right_find(const char *text, enum vg_right *out);

#define VG_USER_ROLES 8
#define VG_USER_HASH  160

struct vg_user {
    char name[VG_ID_LEN + 1];
    enum vg_right right;
    char ward[VG_ID_LEN + 1]; /* "" : all */
    size_t role_count;
    char role[VG_USER_ROLES][VG_ID_LEN + 1]; /* in which they answer: "bedside-nurse" */
    bool token; /* the hash is of a token, not of a password */
    char hash[VG_USER_HASH];
};

struct vg_users {
    size_t count;
    struct vg_user *user;
};

/* VG_OK, VG_FAILED (unreadable), VG_REFUSED (a line is wrong: see `error`) or VG_NO_MEMORY.
 * `*out` is the caller's to give to vg_users_free. */
enum vg_status vg_users_load(const char *path, struct vg_users **out,
                             struct vg_error *error);
void vg_users_free(struct vg_users *users); /* NULL is fine */
const struct vg_user *vg_users_find(const struct vg_users *users, const char *name);
/* One line, without its end. False: too long. */
bool vg_user_line(const struct vg_user *user, char *out, size_t capacity);

/* Whether the right goes so far: this verb on an alert of this severity. */
bool vg_right_may(enum vg_right right, enum vg_do what, enum vg_severity severity);
/* Whether it goes as far as a patient's history; entries at a bed. */
bool vg_right_reads(enum vg_right right);
bool vg_right_enters(enum vg_right right);

/* ---- users_hash.c: argon2id. Some tens of milliseconds each, on purpose. */
bool vg_secret_hash(const char *secret, char out[VG_USER_HASH]); /* false: no memory */
bool vg_secret_is(const char *hash, const char *secret);
/* 256 random bits as 43 characters of A-Z a-z 0-9 - _. */
#define VG_TOKEN_LEN 43
bool vg_secret_make(char out[VG_TOKEN_LEN + 1]);

#endif
