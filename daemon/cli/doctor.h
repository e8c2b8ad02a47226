/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of `vigil doctor` share: the findings, each a grade, a sentence and its mend.
 *
 *   doctor.c           the words of the command line, the row of checks, printing
 *   doctor_settings.c  the settings file, what it names, protocols, wards
 *   doctor_files.c     who may read secrets, how long certificates last
 *   doctor_store.c     folder, room, owner, journal, the store itself
 *   doctor_alerts.c    what the daemon itself has found wrong
 *   doctor_machine.c   the clock; addresses that should answer
 *   doctor_broker.c    the broker as the daemon meets it, and what it knows of the daemon
 *   doctor_tls.c       why TLS with it fails
 *   doctor_heard.c     what came from the broker
 *
 * A check never changes anything but for one message on a topic that nobody listens to. No
 * sentence holds a patient's id or value.
 */
#ifndef VIGIL_CLI_DOCTOR_H
#define VIGIL_CLI_DOCTOR_H

#include "vigil/wire.h"

#include "cli/cli.h"
#include "shell/protocol_file.h"
#include "shell/settings.h"

enum vg_grade { VG_GRADE_OK, VG_GRADE_WARN, VG_GRADE_BAD, VG_GRADES };

struct vg_doctor {
    struct vg_settings settings;
    bool readable; /* the settings could be read: the other checks are about them */
    bool json;
    vg_ms within; /* how long is listened for the daemon */
    bool locked;  /* some daemon holds the store */
    struct vg_protocol_set protocols;
    const char *check; /* the one that runs */
    size_t count[VG_GRADES];
    struct vg_buffer out; /* --json: the findings so far */
};

/* One finding. `mend`: what to do about it, a sentence; NULL with VG_GRADE_OK. */
void vg_doctor_say(struct vg_doctor *doctor, enum vg_grade grade, const char *mend,
                   const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The checks, in this order. */
void vg_doctor_settings(struct vg_doctor *doctor);
void vg_doctor_machine(struct vg_doctor *doctor); /* what the settings name is there */
void vg_doctor_protocols(struct vg_doctor *doctor);
void vg_doctor_secrets(struct vg_doctor *doctor);
void vg_doctor_certificates(struct vg_doctor *doctor);
void vg_doctor_folder(struct vg_doctor *doctor);
void vg_doctor_store(struct vg_doctor *doctor);
void vg_doctor_journal(struct vg_doctor *doctor);
void vg_doctor_alerts(struct vg_doctor *doctor);
void vg_doctor_clock(struct vg_doctor *doctor);
void vg_doctor_http(struct vg_doctor *doctor);
void vg_doctor_channels(struct vg_doctor *doctor);
void vg_doctor_broker(struct vg_doctor *doctor);

#endif
