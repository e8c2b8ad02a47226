/* SPDX-License-Identifier: Apache-2.0
 *
 * vigil doctor: what the daemon itself has found wrong with its set-up. Its technical alerts name neither a bed nor
 * a patient; one that stands in every ward is said once.
 */
#include <string.h>

#include "vigil/alert.h"

#include "cli/doctor.h"
#include "shell/store_read.h"

#define MOST   16
#define WITHIN (2 * VG_SECOND)

struct found {
    struct vg_doctor *doctor;
    size_t count;
    struct {
        char rule[VG_NAME_LEN + 1];
        char text[VG_ALERT_TEXT];
    } said[MOST];
};

static bool is_said(const struct found *found, const struct vg_alert *alert)
{
    size_t i = 0;

    while (i < found->count && (strcmp(found->said[i].rule, alert->rule) != 0 ||
                                strcmp(found->said[i].text, alert->text) != 0)) {
        i++;
    }
    return i < found->count || found->count == MOST;
}

static bool on_alert(void *to, const char *json, size_t length)
{
    struct found *found = to;
    struct vg_alert alert;
    char raised[VG_TIME_TEXT];

    if (vg_decode_alert(json, length, &alert) != VG_OK ||
        alert.class_ != VG_CLASS_TECHNICAL || alert.bed[0] != '\0' ||
        alert.patient[0] != '\0' || alert.condition == VG_ENDED ||
        is_said(found, &alert)) {
        return true;
    }
    (void)vg_copy(found->said[found->count].rule, sizeof found->said[0].rule,
                  alert.rule);
    (void)vg_copy(found->said[found->count++].text, sizeof found->said[0].text,
                  alert.text);
    vg_time_format(alert.raised, raised);
    const size_t end = strlen(alert.text);
    vg_doctor_say(found->doctor, VG_GRADE_WARN,
                  "ALERTS.md, \"Technical alerts\", says of each what to do.",
                  "%s is open since %s: %s%s", alert.rule, raised, alert.text,
                  end > 0 && alert.text[end - 1] == '.' ? "" : ".");
    return true;
}

void vg_doctor_alerts(struct vg_doctor *doctor)
{
    static struct found found; /* large, and asked once */
    const struct vg_alert_query open = {
        .state = VG_ALERTS_OPEN, .from = VG_UNSET, .to = VG_NEVER};
    struct vg_reader *reader = NULL;
    struct vg_error error = {""};

    found = (struct found){.doctor = doctor};
    if (vg_store_read_open(doctor->settings.store_path, &reader, &error) != VG_OK) {
        return; /* said by the check of the store */
    }
    vg_store_read_within(reader, WITHIN);
    if (vg_store_alerts(reader, &open, on_alert, &found, &error) == VG_OK &&
        found.count == 0) {
        vg_doctor_say(doctor, VG_GRADE_OK, NULL,
                      "No alert about vigil itself or a gateway is stored as open.");
    }
    vg_store_read_close(reader);
}
