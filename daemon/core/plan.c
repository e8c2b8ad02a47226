/* SPDX-License-Identifier: Apache-2.0
 *
 * A ladder as it stood when an alert was raised: roles become bits.
 */
#include <string.h>

#include "core/care.h"

uint32_t vg_plan_role(const struct vg_plan *plan, const char *role)
{
    for (unsigned i = 0; i < plan->role_count; i++) {
        if (strcmp(plan->role[i], role) == 0) {
            return (uint32_t)1 << i;
        }
    }
    return 0;
}

/* The bit of the role, put in if it is missing. A protocol has at most VG_ROLES, so that only roles of
 * another, told before it was swapped, can find no room. */
static uint32_t put(struct vg_plan *plan, const char *role)
{
    const uint32_t known = vg_plan_role(plan, role);

    if (known != 0 || plan->role_count == VG_ROLES) {
        return known;
    }
    (void)vg_copy(plan->role[plan->role_count], sizeof plan->role[0], role);
    return (uint32_t)1 << plan->role_count++;
}

static struct vg_plan_step step_of(struct vg_plan *plan, const struct vg_step *step)
{
    struct vg_plan_step out = {
        .wait = step->wait, .resend = step->resend, .reject_same = step->reject_same};

    for (size_t i = 0; i < step->target_count; i++) {
        out.to |= put(plan, step->target[i]);
    }
    return out;
}

void vg_plan_freeze(struct vg_care *care, const struct vg_ladder *ladder)
{
    const struct vg_plan old = care->plan;
    struct vg_plan *plan = &care->plan;
    const uint32_t told = care->told;
    const uint32_t quiet = care->quiet;

    memset(plan, 0, sizeof *plan);
    care->told = care->quiet = 0;
    if (ladder != NULL) {
        (void)vg_copy(plan->name, sizeof plan->name, ladder->name);
        plan->hold = ladder->hold;
        for (size_t i = 0; i < ladder->step_count; i++) {
            plan->step[plan->step_count++] = step_of(plan, &ladder->step[i]);
        }
        plan->fallback = step_of(plan, &ladder->fallback);
    }
    for (unsigned i = 0; i < old.role_count; i++) {
        const uint32_t bit = (uint32_t)1 << i;
        if ((told & bit) != 0) {
            care->told |= put(plan, old.role[i]);
        }
        if ((quiet & bit) != 0) {
            care->quiet |= vg_plan_role(plan, old.role[i]);
        }
    }
}

/* The role of "role:name"; its length, 0 if it is none. */
static size_t role_of(const char *by, char role[VG_ID_LEN + 1])
{
    const size_t length = strcspn(by, ":");

    if (length > VG_ID_LEN) {
        return 0;
    }
    memcpy(role, by, length);
    role[length] = '\0';
    return length;
}

uint32_t vg_plan_join(struct vg_plan *plan, const char *by)
{
    char role[VG_ID_LEN + 1];
    const size_t length = role_of(by, role);

    return vg_id_valid(role, length) ? put(plan, role) : 0;
}

uint32_t vg_plan_answers(const struct vg_plan *plan, uint32_t step_to, const char *by)
{
    char role[VG_ID_LEN + 1];
    const size_t length = role_of(by, role);

    if (length == 0) {
        return 0;
    }
    const uint32_t exact = vg_plan_role(plan, role);
    if (exact != 0) {
        return exact;
    }
    for (unsigned i = 0; i < plan->role_count; i++) {
        const size_t whole = strlen(plan->role[i]);
        if ((step_to >> i & 1) != 0 && whole > length + 1 &&
            plan->role[i][whole - length - 1] == '-' &&
            strcmp(plan->role[i] + whole - length, role) == 0) {
            return (uint32_t)1 << i;
        }
    }
    return 0;
}

uint32_t vg_plan_step_to(const struct vg_alert *alert)
{
    const struct vg_plan *plan = &alert->care.plan;

    return alert->step < plan->step_count ? plan->step[alert->step].to
                                          : plan->fallback.to;
}
