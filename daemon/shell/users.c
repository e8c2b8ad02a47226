/* SPDX-License-Identifier: Apache-2.0
 *
 * The file of users.
 */
#include "shell/users.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE  1024
#define MOST  10000
#define PARTS 6

/* ---- One line */

static size_t cut(char *line, char *out[PARTS + 1])
{
    size_t count = 0;
    char *rest = NULL;

    for (char *part = strtok_r(line, " \t\r\n", &rest); part != NULL && count <= PARTS;
         part = strtok_r(NULL, " \t\r\n", &rest)) {
        out[count++] = part;
    }
    return count;
}

static bool take_roles(struct vg_user *user, char *text)
{
    char *rest = NULL;

    if (strcmp(text, "-") == 0) {
        return true;
    }
    for (char *role = strtok_r(text, ",", &rest); role != NULL;
         role = strtok_r(NULL, ",", &rest)) {
        if (user->role_count == VG_USER_ROLES || !vg_id_valid(role, strlen(role))) {
            return false;
        }
        (void)vg_copy(user->role[user->role_count++], sizeof user->role[0], role);
    }
    return user->role_count > 0;
}

static bool take_ward(struct vg_user *user, const char *text)
{
    if (strcmp(text, "-") == 0) {
        return true;
    }
    return vg_id_valid(text, strlen(text)) &&
           vg_copy(user->ward, sizeof user->ward, text);
}

static const char *const kinds[VG_USER_KINDS] = {[VG_USER_PASSWORD] = "password",
                                                 [VG_USER_TOKEN] = "token",
                                                 [VG_USER_CERTIFICATE] = "certificate"};

const char *vg_user_kind_text(enum vg_user_kind kind)
{
    return kinds[kind];
}

bool vg_user_certificate_valid(const char *name)
{
    const size_t length = strlen(name);

    for (size_t i = 0; i < length; i++) {
        if (name[i] <= ' ' || name[i] == '\x7f') {
            return false;
        }
    }
    return length > 0 && length < 128;
}

/* NULL, or what is wrong. */
static const char *take_proof(struct vg_user *user, const char *kind, const char *proof)
{
    int i = 0;

    while (i < VG_USER_KINDS && strcmp(kinds[i], kind) != 0) {
        i++;
    }
    if (i == VG_USER_KINDS) {
        return "before the hash stands password, token or certificate";
    }
    user->kind = (enum vg_user_kind)i;
    const bool good = user->kind == VG_USER_CERTIFICATE
                          ? vg_user_certificate_valid(proof)
                          : strncmp(proof, "$argon2id$", 10) == 0;
    if (!good || !vg_copy(user->hash, sizeof user->hash, proof)) {
        return user->kind == VG_USER_CERTIFICATE
                   ? "the certificate's name must be 1 to 127 bytes without a space"
                   : "the hash must be argon2id's";
    }
    return NULL;
}

/* NULL: the line is good; else what is wrong with it. */
static const char *take_line(char *line, struct vg_user *user)
{
    char *part[PARTS + 1];

    if (cut(line, part) != PARTS) {
        return "a user is NAME RIGHT WARD ROLES password|token|certificate HASH";
    }
    if (!vg_id_valid(part[0], strlen(part[0]))) {
        return "the name must be 1 to 32 of a-z 0-9 . _ -";
    }
    (void)vg_copy(user->name, sizeof user->name, part[0]);
    if (vg_right_find(part[1], &user->right) != VG_OK) {
        return "the right must be display, nurse, physician or administrator";
    }
    if (!take_ward(user, part[2])) {
        return "the ward must be an id, or - for all";
    }
    if (!take_roles(user, part[3])) {
        return "the roles must be ids with commas between, at most 8, or - for none";
    }
    if (!vg_user_fits(user)) {
        return "a role and the name together must be at most 63 bytes";
    }
    return take_proof(user, part[4], part[5]);
}

bool vg_user_line(const struct vg_user *user, char *out, size_t capacity)
{
    char roles[VG_USER_ROLES * (VG_ID_LEN + 1) + 2] = "";
    size_t at = 0;

    for (size_t i = 0; i < user->role_count; i++) {
        at += (size_t)snprintf(roles + at, sizeof roles - at, "%s%s", i > 0 ? "," : "",
                               user->role[i]);
    }
    return snprintf(out, capacity, "%s %s %s %s %s %s", user->name,
                    vg_right_text(user->right),
                    user->ward[0] != '\0' ? user->ward : "-",
                    user->role_count > 0 ? roles : "-", kinds[user->kind],
                    user->hash) < (int)capacity;
}

/* ---- The file */

static struct vg_user *room_for_one(struct vg_users *users)
{
    struct vg_user *grown =
        users->count < MOST
            ? realloc(users->user, (users->count + 1) * sizeof *users->user)
            : NULL;

    if (grown == NULL) {
        return NULL;
    }
    users->user = grown;
    memset(&grown[users->count], 0, sizeof *grown);
    return &grown[users->count];
}

static enum vg_status take_lines(FILE *in, const char *path, struct vg_users *users,
                                 struct vg_error *error)
{
    char line[LINE];
    unsigned number = 0;

    while (fgets(line, sizeof line, in) != NULL) {
        number++;
        if (line[strspn(line, " \t\r\n")] == '\0' || line[0] == '#') {
            continue;
        }
        struct vg_user *user = room_for_one(users);
        if (user == NULL) {
            vg_error_set(error, "no memory for the users");
            return VG_NO_MEMORY;
        }
        const char *wrong = take_line(line, user);
        if (wrong == NULL && vg_users_find(users, user->name) != NULL) {
            wrong = "this name was used before";
        } else if (wrong == NULL && user->kind == VG_USER_CERTIFICATE &&
                   vg_users_certified(users, user->hash) != NULL) {
            wrong = "this certificate is another user's";
        }
        if (wrong != NULL) {
            char name[VG_PATH_SHORT + 1];
            vg_error_set(error, "%s:%u: %s", vg_path_short(path, name), number, wrong);
            return VG_REFUSED;
        }
        users->count++;
    }
    if (ferror(in) != 0) { /* a part would pass for the whole, and none for nobody */
        vg_error_set(error, "cannot read the users \"%.120s\": %s", path,
                     strerrordesc_np(errno));
        return VG_FAILED;
    }
    return VG_OK;
}

enum vg_status vg_users_load(const char *path, struct vg_users **out,
                             struct vg_error *error)
{
    FILE *in = fopen(path, "re");
    struct vg_users *users = calloc(1, sizeof *users);
    enum vg_status status = users == NULL ? VG_NO_MEMORY : VG_OK;

    if (in == NULL) {
        vg_error_set(error, "cannot read the users \"%.120s\": %s", path,
                     strerrordesc_np(errno));
        status = VG_FAILED;
    }
    if (status == VG_OK) {
        status = take_lines(in, path, users, error);
    }
    if (in != NULL) {
        (void)fclose(in);
    }
    if (status != VG_OK) {
        vg_users_free(users);
        return status;
    }
    *out = users;
    return VG_OK;
}

void vg_users_free(struct vg_users *users)
{
    if (users != NULL) {
        free(users->user);
        free(users);
    }
}

const struct vg_user *vg_users_find(const struct vg_users *users, const char *name)
{
    for (size_t i = 0; i < users->count; i++) {
        if (strcmp(users->user[i].name, name) == 0) {
            return &users->user[i];
        }
    }
    return NULL;
}

const struct vg_user *vg_users_certified(const struct vg_users *users,
                                         const char *certificate)
{
    for (size_t i = 0; i < users->count; i++) {
        if (users->user[i].kind == VG_USER_CERTIFICATE &&
            strcmp(users->user[i].hash, certificate) == 0) {
            return &users->user[i];
        }
    }
    return NULL;
}

static bool same_roles(const struct vg_user *a, const struct vg_user *b)
{
    bool same = a->role_count == b->role_count;

    for (size_t i = 0; i < a->role_count && same; i++) {
        same = strcmp(a->role[i], b->role[i]) == 0;
    }
    return same;
}

bool vg_user_same(const struct vg_user *a, const struct vg_user *b)
{
    return a->kind == b->kind && a->right == b->right &&
           strcmp(a->name, b->name) == 0 && strcmp(a->hash, b->hash) == 0 &&
           strcmp(a->ward, b->ward) == 0 && same_roles(a, b);
}
