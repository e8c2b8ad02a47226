/* SPDX-License-Identifier: Apache-2.0
 *
 * Who may come in: a file with one user a line,
 *
 *   NAME RIGHT WARD ROLES KIND HASH
 *   li nurse onc-7 bedside-nurse,charge-nurse password $argon2id$v=19$...
 *   wall-7 display onc-7 - token $argon2id$v=19$...
 *   pc-3 nurse onc-7 - certificate pc-3.ward.example
 *
 * "-" for a ward means all wards, for roles none. `vigil user` writes it; what begins with # is
 * a comment. Passwords and tokens stand in it only as argon2id hashes, certificates by the name that is
 * written in them.
 *
 * Ownership: a list is immutable once read.
 */
#ifndef VIGIL_SHELL_USERS_H
#define VIGIL_SHELL_USERS_H

#include "vigil/command.h"
#include "vigil/flag.h"

enum vg_right {
    VG_RIGHT_DISPLAY,       /* sees what is live of its ward; does nothing */
    VG_RIGHT_NURSE,         /* history, answers, notes; shelves what is not urgent */
    VG_RIGHT_PHYSICIAN,     /* all that concerns patients */
    VG_RIGHT_ADMINISTRATOR, /* what is technical; no patient's history */
    VG_RIGHT_COUNT
};
const char *vg_right_text(enum vg_right right);
enum vg_status vg_right_find(const char *text, enum vg_right *out);

/* By what they prove who they are. */
enum vg_user_kind {
    VG_USER_PASSWORD,
    VG_USER_TOKEN,
    VG_USER_CERTIFICATE,
    VG_USER_KINDS
};
const char *vg_user_kind_text(enum vg_user_kind kind);

#define VG_USER_ROLES 8
#define VG_USER_HASH  160

struct vg_user {
    char name[VG_ID_LEN + 1];
    enum vg_right right;
    char ward[VG_ID_LEN + 1]; /* "" : all */
    size_t role_count;
    char role[VG_USER_ROLES][VG_ID_LEN + 1]; /* in which they answer: "bedside-nurse" */
    enum vg_user_kind kind;
    char hash[VG_USER_HASH]; /* of a certificate: the name in it */
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
/* Whose certificate bears this name, or NULL. */
const struct vg_user *vg_users_certified(const struct vg_users *users,
                                         const char *certificate);
/* Whether nothing about them has changed: proof, right, ward, roles. */
bool vg_user_same(const struct vg_user *a, const struct vg_user *b);
/* Whether a certificate may be known by it: 1 to 127 printable bytes without a space. */
bool vg_user_certificate_valid(const char *name);
/* Whether "role:name" has room in a command in each of their roles: together at most 63 bytes. */
bool vg_user_fits(const struct vg_user *user);
/* One line, without its end. False: too long. */
bool vg_user_line(const struct vg_user *user, char *out, size_t capacity);

/* ---- users_rights.c */
/* Whether the right goes so far: this verb on an alert of this severity. */
bool vg_right_may(enum vg_right right, enum vg_do what, enum vg_severity severity);
/* Whether it goes as far as a patient's history; entries at a bed. */
bool vg_right_reads(enum vg_right right);
bool vg_right_enters(enum vg_right right);
/* Whether it goes as far as putting this flag on a patient; who enters may take any off, which
 * brings back what the protocol says by itself. */
bool vg_right_puts(enum vg_right right, enum vg_flag flag);

/* "role:name", in the first of their roles; without one in the role that is named like their
 * right. */
void vg_user_by(const struct vg_user *user, char out[VG_BY_LEN + 1]);
/* Whether it is them, in one of their roles. */
bool vg_user_is_by(const struct vg_user *user, const char *by);

/* ---- users_hash.c: argon2id. Some tens of milliseconds each, on purpose. */
bool vg_secret_hash(const char *secret, char out[VG_USER_HASH]); /* false: no memory */
bool vg_secret_is(const char *hash, const char *secret);
/* The parts of a token as it is given out (access.h). False: it has not the form of one. */
bool vg_token_split(const char *token, char name[VG_ID_LEN + 1], const char **secret);
/* 256 random bits as 43 characters of A-Z a-z 0-9 - _. */
#define VG_TOKEN_LEN 43
bool vg_secret_make(char out[VG_TOKEN_LEN + 1]);

#endif
