/* SPDX-License-Identifier: Apache-2.0
 *
 * The file of users: user_file.h.
 */
#include "cli/user_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shell/owner.h"
#include "shell/settings.h"

/* The folder is what is locked: a lock file would be one more to lie there. */
static int open_folder(const char *path)
{
    char folder[VG_SETTING_LEN + 8];
    const char *slash = strrchr(path, '/');

    (void)snprintf(folder, sizeof folder, "%.*s",
                   slash == NULL ? 1 : (int)(slash - path + 1),
                   slash == NULL ? "." : path);
    return open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

bool vg_user_file_alone(const char *path)
{
    const int folder = open_folder(path); /* until the program ends */

    if (folder < 0 || flock(folder, LOCK_EX | LOCK_NB) == 0) {
        return folder >= 0;
    }
    if (errno != EWOULDBLOCK) {
        return false;
    }
    (void)fputs("vigil user: waiting for another one that changes users\n", stderr);
    return flock(folder, LOCK_EX) == 0;
}

static bool write_all(FILE *out, const struct vg_users *users)
{
    char line[1024];

    (void)fputs(
        "# Users of vigil: NAME RIGHT WARD ROLES password|token|certificate HASH. Written by "
        "`vigil user`.\n",
        out);
    for (size_t i = 0; i < users->count; i++) {
        if (users->user[i].name[0] != '\0' &&
            vg_user_line(&users->user[i], line, sizeof line)) {
            (void)fprintf(out, "%s\n", line);
        }
    }
    return fflush(out) == 0 && fsync(fileno(out)) == 0 && ferror(out) == 0;
}

/* As the one that it replaces; a new one, and one that was open to everybody, is vigild's, who is known by
 * the store. Else a change that root makes could not be read by the daemon, and who was removed would stay
 * in. */
static bool take_owner(int fd, const char *path, const char *store)
{
    struct stat old;

    if (stat(path, &old) != 0 || (old.st_mode & 07) != 0) {
        return vg_owner_give(fd, store);
    }
    return (geteuid() != 0 || fchown(fd, old.st_uid, old.st_gid) == 0) &&
           fchmod(fd, old.st_mode & 0640) == 0;
}

/* Else a power cut may bring the old file back, and in it who was removed. */
static bool sync_folder(const char *path)
{
    const int folder = open_folder(path);
    const bool synced = folder >= 0 && fsync(folder) == 0;
    const int error = errno;

    if (folder >= 0) {
        (void)close(folder);
    }
    errno = error;
    return synced;
}

bool vg_user_file_store(const char *path, const char *store,
                        const struct vg_users *users)
{
    char beside[VG_SETTING_LEN + 8];

    (void)snprintf(beside, sizeof beside, "%s.new", path);
    (void)unlink(beside); /* of one that was killed: whose it is, is not known */
    const int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (out == NULL) {
        return false;
    }
    const bool whole = take_owner(fd, path, store) && write_all(out, users);
    int error = whole ? 0 : errno;
    if (fclose(out) != 0 && whole) {
        error = errno;
    }
    if (error == 0 && rename(beside, path) == 0) {
        return sync_folder(path);
    }
    error = error != 0 ? error : errno;
    (void)unlink(beside);
    errno = error;
    return false;
}
