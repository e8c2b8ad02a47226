/* SPDX-License-Identifier: Apache-2.0
 *
 * vigil doctor: who may read what is secret, and how long certificates last.
 */
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/doctor.h"
#include "shell/certificate.h"
#include "shell/owner.h"

/* The daemon says it 30 days before (app_checks.c); within a day there is no time left. */
#define DAYS_WARN 30
#define DAYS_BAD  1

/* Of whom the store is, his vigild is; 0: root, or not known. */
static bool may_read(const struct stat *file, const struct stat *owner)
{
    gid_t groups[64];
    int count = (int)(sizeof groups / sizeof groups[0]);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): the tool has one thread */
    const struct passwd *user = getpwuid(owner->st_uid);

    if (owner->st_uid == 0 || owner->st_uid == file->st_uid) {
        return owner->st_uid == 0 || (file->st_mode & S_IRUSR) != 0;
    }
    if (user == NULL || getgrouplist(user->pw_name, user->pw_gid, groups, &count) < 0) {
        groups[0] = owner->st_gid;
        count = 1;
    }
    for (int i = 0; i < count; i++) {
        if (groups[i] == file->st_gid) {
            return (file->st_mode & S_IRGRP) != 0;
        }
    }
    return (file->st_mode & S_IROTH) != 0;
}

/* Root, who asks here, may read everything. */
static bool vigild_may_read(struct vg_doctor *doctor, const char *name,
                            const char *path)
{
    struct stat file;
    struct stat owner;

    if (geteuid() != 0 || stat(path, &file) != 0 ||
        !vg_owner_find(doctor->settings.store_path, &owner) ||
        may_read(&file, &owner)) {
        return true;
    }
    vg_doctor_say(
        doctor, VG_GRADE_BAD,
        "chown it to root and the daemon's group, and chmod 640 it.",
        "%s \"%s\" cannot be read by user %u, to whom the store or its folder "
        "belongs: vigild would not start (mode %03o, of user %u).",
        name, path, (unsigned)owner.st_uid, (unsigned)(file.st_mode & 0777),
        (unsigned)file.st_uid);
    return false;
}

static bool secret_is_safe(struct vg_doctor *doctor, const char *name, const char *path)
{
    struct stat about;

    if (stat(path, &about) != 0) {
        return true; /* said by the check of the settings */
    }
    if ((about.st_mode & 07) != 0) {
        vg_doctor_say(doctor, VG_GRADE_BAD,
                      "chmod 640 it, owned by root and the daemon's group; and change "
                      "the secret: it may be known.",
                      "%s \"%s\" is open to everybody on this machine (mode %03o).",
                      name, path, (unsigned)(about.st_mode & 0777));
        return false;
    }
    if ((about.st_mode & 020) != 0) {
        vg_doctor_say(doctor, VG_GRADE_WARN, "chmod g-w it.",
                      "%s \"%s\" can be changed by its group (mode %03o).", name, path,
                      (unsigned)(about.st_mode & 0777));
        return false;
    }
    return true;
}

void vg_doctor_secrets(struct vg_doctor *doctor)
{
    const struct vg_settings *s = &doctor->settings;
    size_t seen = 0;
    bool safe = true;

    for (size_t i = 0; i < s->channel_count + 1; i++) {
        const bool node = i == s->channel_count;
        const struct {
            const char *name, *path;
        } files[] = {
            {node ? "mqtt.password_file" : "password_file",
             node ? s->mqtt_password_file : s->channel[i].password_file},
            {node ? "mqtt.key" : "secret_file",
             node ? s->mqtt_key : s->channel[i].secret_file},
            {"users", node ? s->users : ""},
            {"http.key", node ? s->http_key : ""},
        };
        for (size_t k = 0; k < sizeof files / sizeof files[0]; k++) {
            if (files[k].path[0] != '\0') {
                safe = secret_is_safe(doctor, files[k].name, files[k].path) &&
                       vigild_may_read(doctor, files[k].name, files[k].path) && safe;
                seen++;
            }
        }
    }
    if (safe) {
        vg_doctor_say(doctor, VG_GRADE_OK, NULL, "%zu secrets, none open to others.",
                      seen);
    }
}

/* ---- Certificates */

static enum vg_grade judge_days(int days)
{
    return days <= DAYS_BAD    ? VG_GRADE_BAD
           : days <= DAYS_WARN ? VG_GRADE_WARN
                               : VG_GRADE_OK;
}

/* HTTP's are taken as soon as they are there, the others when the daemon starts. */
static void look_into(struct vg_doctor *doctor, const char *whose, const char *path)
{
    const char *renew = strncmp(whose, "http.", 5) == 0
                            ? "Have a new one made and put it there."
                            : "Have a new one made, put it there and restart.";
    const int days = vg_certificate_days(path);
    const enum vg_grade grade = judge_days(days);

    if (days == INT_MAX) {
        vg_doctor_say(
            doctor, VG_GRADE_BAD,
            "Put a certificate in PEM form there (-----BEGIN CERTIFICATE-----).",
            "%s \"%s\" holds no certificate that can be read.", whose, path);
    } else if (days < 0) {
        vg_doctor_say(doctor, grade, renew, "%s \"%s\" has run out.", whose, path);
    } else if (vg_certificate_early(path)) {
        vg_doctor_say(doctor, VG_GRADE_BAD,
                      "Put one there that holds today, or set the clock right.",
                      "%s \"%s\" does not hold yet.", whose, path);
    } else {
        vg_doctor_say(doctor, grade, grade == VG_GRADE_OK ? NULL : renew,
                      "%s \"%s\" lasts %d days more.", whose, path, days);
    }
}

void vg_doctor_certificates(struct vg_doctor *doctor)
{
    const struct vg_settings *s = &doctor->settings;
    char whose[64];

    if (s->mqtt_ca[0] != '\0') {
        look_into(doctor, "mqtt.ca", s->mqtt_ca);
    }
    if (s->mqtt_cert[0] != '\0') {
        look_into(doctor, "mqtt.cert", s->mqtt_cert);
    }
    if (s->http_cert[0] != '\0') {
        look_into(doctor, "http.cert", s->http_cert);
    }
    if (s->http_client_ca[0] != '\0') {
        look_into(doctor, "http.client_ca", s->http_client_ca);
    }
    for (size_t i = 0; i < s->channel_count; i++) {
        if (s->channel[i].ca[0] != '\0') {
            (void)snprintf(whose, sizeof whose, "ca of channel %s", s->channel[i].name);
            look_into(doctor, whose, s->channel[i].ca);
        }
    }
}
