/* SPDX-License-Identifier: Apache-2.0
 *
 * vigil doctor: where the store lies, whose its files are, and whether it is sound.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "cli/doctor.h"
#include "shell/journal_file.h"
#include "shell/owner.h"
#include "shell/store_health.h"
#include "shell/store_schema.h"

#define MIB       ((uint64_t)1 << 20)
#define ROOM_WARN (2048 * MIB) /* some days of a large ward */
#define ROOM_BAD  (256 * MIB)
#define LOOK_WITHIN \
    (10 * VG_SECOND) /* a long reader holds up the daemon's checkpoints */
#define WAL_LARGE     (1024 * MIB)
#define JOURNAL_MANY  (VG_JOURNAL_SEGMENTS * 3 / 4)
#define REFUSED_SHARE 20 /* one in so many messages */

#define PATH_LEN (VG_SETTING_LEN + 32)

static bool about_file(const struct vg_doctor *doctor, const char *suffix,
                       char path[PATH_LEN], struct stat *about)
{
    (void)snprintf(path, PATH_LEN, "%s%s", doctor->settings.store_path, suffix);
    return stat(path, about) == 0;
}

/* ---- The folder */

static enum vg_grade judge_room(uint64_t free_bytes)
{
    return free_bytes < ROOM_BAD    ? VG_GRADE_BAD
           : free_bytes < ROOM_WARN ? VG_GRADE_WARN
                                    : VG_GRADE_OK;
}

static void look_at_room(struct vg_doctor *doctor, const char *folder)
{
    struct statvfs about;

    if (statvfs(folder, &about) != 0) {
        return; /* said by the check of the settings */
    }
    const uint64_t room = (uint64_t)about.f_bavail * about.f_frsize;
    const enum vg_grade grade = judge_room(room);
    vg_doctor_say(
        doctor, grade,
        grade == VG_GRADE_OK
            ? NULL
            : "Make room, or move the store to a larger disk. A full disk does "
              "not silence alerts, but no reading is kept.",
        "%llu MiB are free in %s.", (unsigned long long)(room / MIB), folder);
}

/* What SQLite's locks and its memory-mapped index cannot rely on, or what is gone after a
 * restart. Numbers: linux/magic.h, statfs(2). */
static void look_at_kind(struct vg_doctor *doctor, const char *folder)
{
    static const struct {
        unsigned kind;
        enum vg_grade grade;
        const char *what;
    } rows[] = {{0x6969, VG_GRADE_BAD, "a network file system (NFS)"},
                {0xfe534d42, VG_GRADE_BAD, "a network file system (SMB)"},
                {0xff534d42, VG_GRADE_BAD, "a network file system (CIFS)"},
                {0x01021997, VG_GRADE_BAD, "a network file system (9p)"},
                {0x01021994, VG_GRADE_WARN, "memory (tmpfs): gone after a restart"}};
    struct statfs about;

    if (statfs(folder, &about) != 0) {
        return;
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if ((unsigned)about.f_type == rows[i].kind) {
            vg_doctor_say(doctor, rows[i].grade,
                          "Let store.path name a place on a local disk.",
                          "The store lies on %s.", rows[i].what);
        }
    }
}

void vg_doctor_folder(struct vg_doctor *doctor)
{
    char folder[VG_SETTING_LEN];
    char *slash;

    (void)vg_copy(folder, sizeof folder, doctor->settings.store_path);
    slash = strrchr(folder, '/');
    if (slash == NULL) {
        (void)vg_copy(folder, sizeof folder, ".");
    } else {
        slash[slash == folder ? 1 : 0] = '\0';
    }
    look_at_room(doctor, folder);
    look_at_kind(doctor, folder);
}

/* ---- Whose its files are */

static bool look_at_owner(struct vg_doctor *doctor, const char *suffix, uid_t owner)
{
    char path[PATH_LEN];
    struct stat about;

    if (!about_file(doctor, suffix, path, &about)) {
        return true;
    }
    if (about.st_uid != owner) {
        vg_doctor_say(
            doctor, VG_GRADE_BAD, "chown it to that user, with the daemon stopped.",
            "%s belongs to user %u, the other files of the store, or its folder, to user %u.",
            path, (unsigned)about.st_uid, (unsigned)owner);
    }
    if ((about.st_mode & 07) != 0) {
        vg_doctor_say(doctor, VG_GRADE_BAD, "chmod o-rwx it.",
                      "%s holds what patients' monitors said and is open to "
                      "everybody on this machine.",
                      path);
    }
    return about.st_uid == owner && (about.st_mode & 07) == 0;
}

/* Somebody who starts the daemon once as root leaves files that its own user cannot use. */
static void look_at_owners(struct vg_doctor *doctor, uid_t owner)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", ".lock"};
    char suffix[16];
    bool well = true;

    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        well = look_at_owner(doctor, suffixes[i], owner) && well;
    }
    for (unsigned i = 0; i < VG_JOURNAL_SEGMENTS; i++) {
        (void)snprintf(suffix, sizeof suffix, ".inbox-%u", i);
        well = look_at_owner(doctor, suffix, owner) && well;
    }
    if (well) {
        vg_doctor_say(doctor, VG_GRADE_OK, NULL,
                      "Its files belong to one user and to nobody else.");
    }
}

/* ---- Is it sound? */

static void judge_counts(struct vg_doctor *doctor, struct vg_reader *reader)
{
    struct vg_store_counts counts;
    struct vg_error error = {""};
    int most = 0;

    if (vg_store_counts(reader, &counts, &error) != VG_OK ||
        counts.quarantined * REFUSED_SHARE <= counts.messages) {
        return; /* a large one takes longer than is worth it */
    }
    for (int i = 1; i < VG_REASON_COUNT; i++) {
        most = counts.reason[i] > counts.reason[most] ? i : most;
    }
    vg_doctor_say(
        doctor, VG_GRADE_WARN,
        "vigil status counts the reasons; each sender was told on its own topic "
        "\"rejected\".",
        "Beside %llu messages that could be used there are %llu refusals, most of "
        "them for \"%s\".",
        (unsigned long long)counts.messages, (unsigned long long)counts.quarantined,
        vg_reason_text((enum vg_reason)most));
}

static void judge_health(struct vg_doctor *doctor, struct vg_reader *reader)
{
    struct vg_store_health health;
    struct vg_error error = {""};

    vg_store_read_within(reader, LOOK_WITHIN);
    if (vg_store_health(reader, &health, &error) != VG_OK) {
        (void)vg_copy(health.why, sizeof health.why, error.text);
        health.sound = false;
    }
    if (!health.sound) {
        vg_doctor_say(
            doctor, VG_GRADE_BAD,
            "Stop the daemon, keep all files of the store for later, and put the "
            "latest backup back: vigil restore.",
            "The store is damaged: %s.", health.why);
    } else {
        vg_doctor_say(doctor, VG_GRADE_OK, NULL,
                      health.finished
                          ? "The store is sound."
                          : "The store is sound as far as 10 s let us look; "
                            "vigil store check reads all of it.");
    }
}

/* Of another version nothing is damaged, and a backup would lose what came since. */
static void say_closed(struct vg_doctor *doctor, const char *path, const char *why)
{
    const int64_t version = vg_db_version(path);
    const int64_t newest = vg_schema_newest();

    if (version > 0 && version < newest) {
        vg_doctor_say(
            doctor, VG_GRADE_WARN,
            "systemctl restart vigild: its start brings the store up to date. "
            "Make a backup before, with the vigil of before.",
            "The store has version %lld, this vigil's is %lld.", (long long)version,
            (long long)newest);
        return;
    }
    vg_doctor_say(
        doctor, VG_GRADE_BAD,
        version > newest
            ? "Install the newer vigil again. Or stop the daemon and vigil restore "
              "--replace a backup of before its upgrade: what came since is put aside."
            : "Read it as its owner or as root; if it is damaged, stop the daemon, "
              "keep its files and put the latest backup back: vigil restore.",
        "The store cannot be opened: %s.", why);
}

void vg_doctor_store(struct vg_doctor *doctor)
{
    struct vg_reader *reader = NULL;
    struct vg_error error = {""};
    char path[PATH_LEN];
    struct stat about;

    if (!about_file(doctor, "", path, &about)) {
        vg_doctor_say(
            doctor, VG_GRADE_OK, NULL,
            "There is no store yet: the daemon makes it when it first starts.");
        return;
    }
    struct stat owner = about;
    (void)vg_owner_find(doctor->settings.store_path, &owner);
    look_at_owners(doctor, owner.st_uid);
    if (vg_store_read_open(path, &reader, &error) != VG_OK) {
        say_closed(doctor, path, error.text);
        return;
    }
    judge_health(doctor, reader);
    judge_counts(doctor, reader);
    vg_store_read_close(reader);
    if (about_file(doctor, "-wal", path, &about) &&
        (uint64_t)about.st_size > WAL_LARGE) {
        vg_doctor_say(
            doctor, VG_GRADE_WARN,
            "Look for a program that keeps the store open to read it, and end "
            "it.",
            "%s has grown to %llu MiB: something keeps the daemon from folding "
            "it into the store.",
            path, (unsigned long long)about.st_size / MIB);
    }
}

/* ---- The journal of letters */

static bool begins_well(const char *path)
{
    uint32_t magic = 0;
    FILE *file = fopen(path, "re");
    const bool read = file != NULL && fread(&magic, sizeof magic, 1, file) == 1;

    if (file != NULL) {
        (void)fclose(file);
    }
    return read && (magic == VG_JOURNAL_MAGIC || magic == VG_JOURNAL_OLDER ||
                    magic == 0); /* 0: never used */
}

void vg_doctor_journal(struct vg_doctor *doctor)
{
    char suffix[16];
    char path[PATH_LEN];
    struct stat about;
    unsigned files = 0;
    unsigned bad = 0;

    for (unsigned i = 0; i < VG_JOURNAL_SEGMENTS; i++) {
        (void)snprintf(suffix, sizeof suffix, ".inbox-%u", i);
        if (!about_file(doctor, suffix, path, &about)) {
            continue;
        }
        files++;
        if (!S_ISREG(about.st_mode) || (about.st_size > 0 && !begins_well(path))) {
            bad++;
            vg_doctor_say(
                doctor, VG_GRADE_BAD,
                "Stop the daemon, move the file away and start it again: what "
                "gateways number they send again.",
                "%s is no journal of vigil, or cannot be read.", path);
        }
    }
    if (files >= JOURNAL_MANY) {
        vg_doctor_say(doctor, VG_GRADE_WARN,
                      "Look at the store: a full or slow disk holds it up.",
                      "%u of at most %d journal files wait for the store.", files,
                      VG_JOURNAL_SEGMENTS);
    } else if (bad == 0) {
        vg_doctor_say(doctor, VG_GRADE_OK, NULL, "%u journal files, none damaged.",
                      files);
    }
}
