/* SPDX-License-Identifier: Apache-2.0
 *
 * vigil doctor: the settings file and what it names, the protocols, the wards.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/doctor.h"

/* What a function prints becomes findings, a line each. */
struct caught {
    char *text;
    size_t length;
    FILE *to;
};

static bool catch_begin(struct caught *caught)
{
    *caught = (struct caught){0};
    caught->to = open_memstream(&caught->text, &caught->length);
    return caught->to != NULL;
}

/* Lines that continue the one before (the faulty line, the caret) are left out. */
static size_t catch_end(struct vg_doctor *doctor, struct caught *caught,
                        const char *mend)
{
    char *rest = NULL;
    size_t lines = 0;

    (void)fclose(caught->to);
    for (char *line = strtok_r(caught->text, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        if (line[0] == ' ' || line[0] == '\t') {
            continue;
        }
        vg_doctor_say(
            doctor, strstr(line, ": warning: ") != NULL ? VG_GRADE_WARN : VG_GRADE_BAD,
            mend, "%.500s", line);
        lines++;
    }
    free(caught->text);
    return lines;
}

static void out_of_memory(struct vg_doctor *doctor)
{
    vg_doctor_say(doctor, VG_GRADE_BAD, "Free some memory.",
                  "There is no memory left.");
}

/* ---- The file */

void vg_doctor_settings(struct vg_doctor *doctor)
{
    char path[VG_SETTING_LEN];
    struct vg_error error = {""};
    struct caught caught;

    (void)vg_copy(path, sizeof path, doctor->settings.file);
    if (path[0] == '\0') {
        doctor->readable = true;
        vg_doctor_say(doctor, VG_GRADE_OK, NULL,
                      "No file was given with -c: the defaults are looked at.");
        return;
    }
    if (!catch_begin(&caught)) {
        out_of_memory(doctor);
        return;
    }
    const enum vg_status status =
        vg_settings_load(&doctor->settings, path, caught.to, &error);
    (void)catch_end(doctor, &caught,
                    "Mend this line; config/vigild.yaml shows each setting. Nothing "
                    "else was looked at.");
    doctor->readable = status == VG_OK;
    if (status == VG_OK) {
        vg_doctor_say(doctor, VG_GRADE_OK, NULL, "%s is understood.", path);
    } else if (status != VG_REFUSED) {
        vg_doctor_say(
            doctor, VG_GRADE_BAD,
            "Give the daemon's settings with -c, as a user who may read them.",
            "The settings cannot be read: %s.", error.text);
    }
}

void vg_doctor_machine(struct vg_doctor *doctor)
{
    struct caught caught;

    if (!catch_begin(&caught)) {
        out_of_memory(doctor);
        return;
    }
    (void)vg_settings_check(&doctor->settings, caught.to);
    if (catch_end(doctor, &caught,
                  "Create what is named here, let the daemon's user read it, or change "
                  "the setting.") == 0) {
        vg_doctor_say(doctor, VG_GRADE_OK, NULL, "All files that it names are there.");
    }
}

/* ---- Protocols and wards */

static void look_at_wards(struct vg_doctor *doctor)
{
    const struct vg_settings *s = &doctor->settings;
    size_t without = 0;

    for (size_t i = 0; i < s->ward_count; i++) {
        const struct vg_settings_ward *ward = &s->ward[i];
        if (vg_protocol_set_find(&doctor->protocols, ward->protocol) == NULL) {
            without++;
            vg_doctor_say(doctor, VG_GRADE_BAD,
                          "Name one of the protocols in that folder, or put the file "
                          "there.",
                          "Ward %s has no protocol: there is no \"%s\" in %s.",
                          ward->id, ward->protocol, s->protocols);
        }
    }
    if (s->ward_count == 0) {
        vg_doctor_say(doctor, VG_GRADE_WARN,
                      "List the wards under \"wards\", each with its protocol.",
                      "The settings list no ward: nobody decided what watches a bed "
                      "without a patient.");
    } else if (without == 0) {
        vg_doctor_say(doctor, VG_GRADE_OK, NULL, "Each of %zu wards has its protocol.",
                      s->ward_count);
    }
}

/* Rules that anybody can change are nobody's rules. */
static void look_at_writers(struct vg_doctor *doctor, const char *path,
                            const char *what)
{
    struct stat about;

    if (path[0] != '\0' && stat(path, &about) == 0 && (about.st_mode & 02) != 0) {
        vg_doctor_say(doctor, VG_GRADE_BAD, "chmod o-w it.",
                      "Everybody on this machine may change the %s %s.", what, path);
    }
}

void vg_doctor_protocols(struct vg_doctor *doctor)
{
    struct vg_error error = {""};
    struct caught caught;

    if (!catch_begin(&caught)) {
        out_of_memory(doctor);
        return;
    }
    const enum vg_status status = vg_protocol_set_load(
        doctor->settings.protocols, caught.to, &doctor->protocols, &error);
    const size_t lines =
        catch_end(doctor, &caught,
                  "vigil protocol check shows the line; the daemon does not start, "
                  "and keeps the old ones when told to reload.");
    if (status == VG_OK) {
        vg_doctor_say(doctor, VG_GRADE_OK, NULL, "%zu protocols in %s are sound.",
                      doctor->protocols.count, doctor->settings.protocols);
        look_at_wards(doctor);
    } else if (lines == 0 || status != VG_REFUSED) {
        vg_doctor_say(
            doctor, VG_GRADE_BAD,
            "Let the setting \"protocols\" name a folder with protocol files.",
            "The protocols cannot be loaded: %s.", error.text);
    }
    look_at_writers(doctor, doctor->settings.protocols, "folder of the protocols");
    look_at_writers(doctor, doctor->settings.file, "settings file");
}
