/* SPDX-License-Identifier: Apache-2.0
 *
 * See stand_in.h. Waits and holds: Clinical reference 9.1, 9.4 (rule 8); who is called:
 * 9.1, for "check-patient" 9.3.
 */
#include "core/stand_in.h"

#include <string.h>

static const struct vg_ladder ladders[VG_STAND_INS] = {
    {.name = "critical",
     .hold = 10 * VG_MINUTE,
     .step_count = 2,
     .step = {{.target_count = 1,
               .target = {"bedside-nurse"},
               .wait = 2 * VG_MINUTE,
               .resend = 30 * VG_SECOND},
              {.target_count = 2,
               .target = {"charge-nurse", "on-call-physician"},
               .wait = 3 * VG_MINUTE,
               .resend = VG_MINUTE}},
     .fallback = {.target_count = 3,
                  .target = {"rapid-response", "attending", "charge-nurse"},
                  .resend = VG_MINUTE}},
    {.name = "urgent",
     .hold = 30 * VG_MINUTE,
     .step_count = 2,
     .step = {{.target_count = 1,
               .target = {"bedside-nurse"},
               .wait = 10 * VG_MINUTE,
               .resend = 5 * VG_MINUTE},
              {.target_count = 1,
               .target = {"charge-nurse"},
               .wait = 10 * VG_MINUTE,
               .resend = 5 * VG_MINUTE}},
     .fallback = {.target_count = 2,
                  .target = {"on-call-physician", "charge-nurse"},
                  .resend = 10 * VG_MINUTE}},
    {.name = "watch",
     .hold = VG_HOUR,
     .step_count = 1,
     .step = {{.target_count = 1, .target = {"bedside-nurse"}, .wait = 30 * VG_MINUTE}},
     .fallback = {.target_count = 1,
                  .target = {"charge-nurse"},
                  .resend = 8 * VG_HOUR}},
    {.name = "technical",
     .hold = 30 * VG_MINUTE,
     .step_count = 1,
     .step = {{.target_count = 1,
               .target = {"bedside-nurse"},
               .wait = 20 * VG_MINUTE,
               .resend = 10 * VG_MINUTE}},
     .fallback = {.target_count = 1,
                  .target = {"charge-nurse"},
                  .resend = 20 * VG_MINUTE}},
    {.name = "check-patient",
     .hold = 10 * VG_MINUTE,
     .step_count = 1,
     .step = {{.target_count = 2,
               .target = {"bedside-nurse", "charge-nurse"},
               .wait = 2 * VG_MINUTE,
               .resend = 30 * VG_SECOND}},
     .fallback = {.target_count = 2,
                  .target = {"rapid-response", "charge-nurse"},
                  .resend = VG_MINUTE}},
};

const struct vg_ladder *vg_stand_in(const char *name)
{
    for (size_t i = 0; i < VG_STAND_INS; i++) {
        if (strcmp(ladders[i].name, name) == 0) {
            return &ladders[i];
        }
    }
    return NULL;
}
