/* SPDX-License-Identifier: Apache-2.0
 *
 * How far each right goes: commands, history, entries at a bed, flags; and in whose name.
 */
#include <stdio.h>
#include <string.h>

#include "shell/users.h"

static const char *const rights[VG_RIGHT_COUNT] = {[VG_RIGHT_DISPLAY] = "display",
                                                   [VG_RIGHT_NURSE] = "nurse",
                                                   [VG_RIGHT_PHYSICIAN] = "physician",
                                                   [VG_RIGHT_ADMINISTRATOR] =
                                                       "administrator"};

const char *vg_right_text(enum vg_right right)
{
    return rights[right];
}

enum vg_status vg_right_find(const char *text, enum vg_right *out)
{
    for (int i = 0; i < VG_RIGHT_COUNT; i++) {
        if (strcmp(rights[i], text) == 0) {
            *out = (enum vg_right)i;
            return VG_OK;
        }
    }
    return VG_ABSENT;
}

/* ---- Commands: the highest severity, NEVER for none. The engine's own limits (how long, not a
 * critical alert) hold beside these. */

#define NEVER (-1)
static const int reach[VG_DO_COUNT][VG_RIGHT_COUNT] = {
    /*                     display, nurse, physician, administrator */
    [VG_DO_ACKNOWLEDGE] = {NEVER, VG_CRITICAL, VG_CRITICAL, VG_TECHNICAL},
    [VG_DO_ACCEPT] = {NEVER, VG_CRITICAL, VG_CRITICAL, VG_TECHNICAL},
    [VG_DO_REJECT] = {NEVER, VG_CRITICAL, VG_CRITICAL, VG_TECHNICAL},
    [VG_DO_RELEASE] = {NEVER, VG_CRITICAL, VG_CRITICAL, VG_TECHNICAL},
    [VG_DO_SILENCE] = {NEVER, VG_CRITICAL, VG_CRITICAL, VG_TECHNICAL},
    [VG_DO_SHELVE] = {NEVER, VG_WATCH, VG_URGENT, VG_TECHNICAL},
    [VG_DO_RESET] = {NEVER, VG_CRITICAL, VG_CRITICAL, VG_TECHNICAL},
    [VG_DO_JUDGE] = {NEVER, VG_CRITICAL, VG_CRITICAL, VG_TECHNICAL},
    [VG_DO_NOTE] = {NEVER, VG_CRITICAL, VG_CRITICAL, VG_TECHNICAL},
    [VG_DO_PAUSE] = {NEVER, VG_CRITICAL, VG_CRITICAL, NEVER},
    [VG_DO_ASSIGN] = {NEVER, VG_CRITICAL, VG_CRITICAL, NEVER},
    [VG_DO_RECEIVED] = {VG_CRITICAL, VG_CRITICAL, VG_CRITICAL, VG_CRITICAL},
    [VG_DO_DISPLAYED] = {VG_CRITICAL, VG_CRITICAL, VG_CRITICAL, VG_CRITICAL},
};

bool vg_right_may(enum vg_right right, enum vg_do what, enum vg_severity severity)
{
    return (int)severity <= reach[what][right];
}

bool vg_right_reads(enum vg_right right)
{
    return right == VG_RIGHT_NURSE || right == VG_RIGHT_PHYSICIAN;
}

bool vg_right_enters(enum vg_right right)
{
    return right == VG_RIGHT_NURSE || right == VG_RIGHT_PHYSICIAN;
}

/* ---- Flags. What makes fewer be called than the protocol by itself is a physician's to put
 * (Clinical reference 0.6: what each does): comfort care; another cause or another scale for what
 * was measured; the end of a syndrome. What makes more be called, what only repeats a charted drug
 * (fn_treated), and the end of an infusion reaction (3.3: a nurse's) is for whoever may enter. */

static const bool may_put[VG_FLAG_COUNT][VG_RIGHT_COUNT] = {
    /*                                   display, nurse, physician, administrator */
    [VG_FLAG_FEVER_OTHER_CAUSE] = {false, false, true, false},
    [VG_FLAG_HYPOTENSION_OTHER_CAUSE] = {false, false, true, false},
    [VG_FLAG_HYPOXIA_OTHER_CAUSE] = {false, false, true, false},
    [VG_FLAG_HOME_CPAP] = {false, false, true, false},
    [VG_FLAG_AIRWAY_ONLY] = {false, false, true, false},
    [VG_FLAG_SCALE2] = {false, false, true, false},
    [VG_FLAG_SEDATED] = {false, false, true, false},
    [VG_FLAG_ANC_EXPECTED_LT500] = {false, true, true, false},
    [VG_FLAG_ALLERGEN_PROBABLE] = {false, true, true, false},
    [VG_FLAG_CRS_RESOLVING] = {false, true, true, false},
    [VG_FLAG_CRS_CLOSED] = {false, false, true, false},
    [VG_FLAG_IRR_RESOLVED] = {false, true, true, false},
    [VG_FLAG_FN_TREATED] = {false, true, true, false},
    [VG_FLAG_COMFORT_CARE] = {false, false, true, false},
};

bool vg_right_puts(enum vg_right right, enum vg_flag flag)
{
    return flag < VG_FLAG_COUNT && may_put[flag][right];
}

/* ---- In whose name: their own, in one of their roles */

void vg_user_by(const struct vg_user *user, char out[VG_BY_LEN + 1])
{
    char text[2 * VG_ID_LEN + 2];

    (void)snprintf(text, sizeof text, "%s:%s",
                   user->role_count > 0 ? user->role[0] : vg_right_text(user->right),
                   user->name);
    (void)vg_copy(out, VG_BY_LEN + 1, text); /* it fits: vg_user_fits */
}

bool vg_user_fits(const struct vg_user *user)
{
    const size_t rest = strlen(user->name) + 1;
    bool fits = rest + strlen(vg_right_text(user->right)) <= VG_BY_LEN;

    for (size_t i = 0; i < user->role_count && fits; i++) {
        fits = rest + strlen(user->role[i]) <= VG_BY_LEN;
    }
    return fits;
}

bool vg_user_is_by(const struct vg_user *user, const char *by)
{
    const size_t role = strcspn(by, ":");
    bool has = user->role_count == 0 && strlen(vg_right_text(user->right)) == role &&
               strncmp(vg_right_text(user->right), by, role) == 0;

    for (size_t i = 0; i < user->role_count && !has; i++) {
        has = strlen(user->role[i]) == role && strncmp(user->role[i], by, role) == 0;
    }
    return has && by[role] == ':' && strcmp(by + role + 1, user->name) == 0;
}
