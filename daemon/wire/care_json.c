/* SPDX-License-Identifier: Apache-2.0
 *
 * The care of an alert as JSON, both ways, for our own reading back after a restart: one
 * table of members says what is written and what must be there, so that the two cannot
 * drift apart.
 *
 * Instants are whole milliseconds, VG_UNSET is null, VG_NEVER is "never": a timer that
 * does not run must not come back as one that was not known.
 */
#include <string.h>

#include "encode_parts.h"
#include "json.h"

enum type {
    BOOL,
    U8,
    U16,
    U32,
    MAYBE,
    GRADE,
    VALUE,
    INSTANT
}; /* MAYBE: a U32, 0 if absent */

struct member {
    const char *name;
    enum type type;
    size_t at; /* in struct vg_care */
};

#define MEMBER(name, type)                          \
    {                                               \
#name, type, offsetof(struct vg_care, name) \
    }
static const struct member members[] = {
    MEMBER(run, U16),
    MEMBER(repeat, U16),
    MEMBER(told, U32),
    MEMBER(quiet, U32),
    MEMBER(refused, U32),
    MEMBER(unreachable, U32),
    MEMBER(rose_rev, U32),
    MEMBER(folded, BOOL),
    MEMBER(noticed, BOOL),
    MEMBER(acted, BOOL),
    MEMBER(missed, BOOL),
    MEMBER(resend_at, INSTANT),
    MEMBER(hold_until, INSTANT),
    MEMBER(reset_at, INSTANT),
    MEMBER(told_at, INSTANT),
    MEMBER(realert, VALUE),
    MEMBER(worst_sbp, VALUE),
    MEMBER(worst_news2, GRADE),
    MEMBER(worst_crs, GRADE),
    MEMBER(worst_icans, GRADE),
    MEMBER(seen_sbp, VALUE),
    MEMBER(seen_news2, GRADE),
    MEMBER(seen_crs, GRADE),
    MEMBER(seen_icans, GRADE),
    MEMBER(mark, U8),
    MEMBER(test, MAYBE),
};
#define MEMBERS (sizeof members / sizeof *members)

/* ---- Out */

static void put_instant(struct vg_buffer *b, struct vg_instant at)
{
    if (!vg_is_set(at)) {
        vg_put_raw(b, "null");
    } else if (vg_is_never(at)) {
        vg_put_raw(b, "\"never\"");
    } else {
        vg_put_int(b, at.ms);
    }
}

static void put_number_or_null(struct vg_buffer *b, int64_t number, int64_t null)
{
    if (number == null) {
        vg_put_raw(b, "null");
    } else {
        vg_put_int(b, number);
    }
}

static void put_member(struct vg_buffer *b, const struct vg_care *care,
                       const struct member *member)
{
    const void *from = (const char *)care + member->at;

    vg_key(b, member->name);
    switch (member->type) {
    case BOOL:
        vg_put_raw(b, *(const bool *)from ? "true" : "false");
        break;
    case U8:
        vg_put_int(b, *(const uint8_t *)from);
        break;
    case U16:
        vg_put_int(b, *(const uint16_t *)from);
        break;
    case U32:
    case MAYBE:
        vg_put_int(b, *(const uint32_t *)from);
        break;
    case GRADE:
        put_number_or_null(b, *(const int16_t *)from, VG_GRADE_NULL);
        break;
    case VALUE:
        put_number_or_null(b, *(const int64_t *)from, VG_NO_VALUE);
        break;
    case INSTANT:
        put_instant(b, *(const struct vg_instant *)from);
        break;
    }
}

static void put_step(struct vg_buffer *b, const struct vg_plan_step *step)
{
    vg_put_raw(b, "{\"to\":");
    vg_put_int(b, step->to);
    vg_key_int(b, "wait", step->wait);
    vg_key_int(b, "resend", step->resend);
    vg_put_raw(b, step->reject_same ? ",\"reject_same\":true}" : "}");
}

static void put_plan(struct vg_buffer *b, const struct vg_plan *plan)
{
    vg_put_raw(b, "{\"name\":");
    vg_put_string(b, plan->name);
    vg_key_int(b, "hold", plan->hold);
    vg_key(b, "roles");
    vg_put_raw(b, "[");
    for (size_t i = 0; i < plan->role_count; i++) {
        vg_put_raw(b, i == 0 ? "" : ",");
        vg_put_string(b, plan->role[i]);
    }
    vg_put_raw(b, "]");
    vg_key(b, "steps");
    vg_put_raw(b, "[");
    for (size_t i = 0; i < plan->step_count; i++) {
        vg_put_raw(b, i == 0 ? "" : ",");
        put_step(b, &plan->step[i]);
    }
    vg_put_raw(b, "]");
    vg_key(b, "fallback");
    put_step(b, &plan->fallback);
    vg_put_raw(b, "}");
}

void vg_encode_care(struct vg_buffer *b, const struct vg_care *care)
{
    vg_put_raw(b, "{\"plan\":");
    put_plan(b, &care->plan);
    for (size_t i = 0; i < MEMBERS; i++) {
        put_member(b, care, &members[i]);
    }
    vg_put_raw(b, "}");
}

/* ---- In */

static bool take_instant(const cJSON *json, struct vg_instant *out)
{
    *out = VG_UNSET;
    if (json == NULL) {
        return true;
    }
    if (cJSON_IsString(json)) {
        *out = VG_NEVER;
        return strcmp(json->valuestring, "never") == 0;
    }
    return vg_json_integer(json, &out->ms);
}

/* What is absent is a fault but for the types that can be null. */
static bool take_number(const cJSON *json, enum type type, int64_t *out)
{
    static const int64_t lowest[] = {[GRADE] = INT16_MIN, [VALUE] = INT64_MIN};
    static const int64_t highest[] = {
        [U8] = UINT8_MAX,     [U16] = UINT16_MAX,  [U32] = UINT32_MAX,
        [MAYBE] = UINT32_MAX, [GRADE] = INT16_MAX, [VALUE] = INT64_MAX};

    if (json == NULL && (type == GRADE || type == VALUE)) {
        *out = type == GRADE ? VG_GRADE_NULL : VG_NO_VALUE;
        return true;
    }
    if (json == NULL && type == MAYBE) {
        return true; /* stored before there was one */
    }
    return vg_json_integer(json, out) && *out >= lowest[type] && *out <= highest[type];
}

static bool take_member(const cJSON *json, struct vg_care *care,
                        const struct member *member)
{
    const bool number_like = member->type != BOOL && member->type != INSTANT;
    void *to = (char *)care + member->at;
    int64_t number = 0;

    if (number_like && !take_number(json, member->type, &number)) {
        return false;
    }
    switch (member->type) {
    case BOOL:
        *(bool *)to = cJSON_IsTrue(json);
        return cJSON_IsBool(json);
    case INSTANT:
        return take_instant(json, to);
    case U8:
        *(uint8_t *)to = (uint8_t)number;
        break;
    case U16:
        *(uint16_t *)to = (uint16_t)number;
        break;
    case U32:
    case MAYBE:
        *(uint32_t *)to = (uint32_t)number;
        break;
    case GRADE:
        *(int16_t *)to = (int16_t)number;
        break;
    case VALUE:
        *(int64_t *)to = number;
        break;
    }
    return true;
}

static bool take_step(const cJSON *json, unsigned role_count, struct vg_plan_step *out)
{
    static const char *const names[] = {"to", "wait", "resend", "reject_same"};
    const cJSON *field[4];
    int64_t to;

    vg_json_pick(json, names, 4, field);
    if (!vg_json_integer(field[0], &to) || to < 0 || to >> role_count != 0 ||
        !vg_json_integer(field[1], &out->wait) ||
        !vg_json_integer(field[2], &out->resend)) {
        return false;
    }
    out->to = (uint32_t)to;
    out->reject_same = cJSON_IsTrue(field[3]);
    return out->wait >= 0 && out->resend >= 0;
}

static bool take_roles(const cJSON *json, struct vg_plan *out)
{
    const cJSON *item = cJSON_IsArray(json) ? json->child : NULL;

    for (; item != NULL; item = item->next) {
        if (out->role_count == VG_ROLES || !cJSON_IsString(item) ||
            !vg_copy(out->role[out->role_count], sizeof *out->role,
                     item->valuestring)) {
            return false;
        }
        out->role_count++;
    }
    return cJSON_IsArray(json);
}

static bool take_steps(const cJSON *json, struct vg_plan *out)
{
    const cJSON *item = cJSON_IsArray(json) ? json->child : NULL;

    for (; item != NULL; item = item->next) {
        if (out->step_count == VG_STEPS ||
            !take_step(item, out->role_count, &out->step[out->step_count])) {
            return false;
        }
        out->step_count++;
    }
    return cJSON_IsArray(json);
}

static bool take_plan(const cJSON *json, struct vg_plan *out)
{
    static const char *const names[] = {"name", "hold", "roles", "steps", "fallback"};
    const cJSON *field[5];

    vg_json_pick(json, names, 5, field);
    return cJSON_IsString(field[0]) &&
           vg_copy(out->name, sizeof out->name, field[0]->valuestring) &&
           vg_json_integer(field[1], &out->hold) && out->hold >= 0 &&
           take_roles(field[2], out) && take_steps(field[3], out) &&
           take_step(field[4], out->role_count, &out->fallback);
}

enum vg_status vg_decode_care(const char *json, size_t length, struct vg_care *out)
{
    const char *names[MEMBERS + 1];
    const cJSON *field[MEMBERS + 1];
    struct vg_care care = {0};

    for (size_t i = 0; i < MEMBERS; i++) {
        names[i] = members[i].name;
    }
    names[MEMBERS] = "plan";
    cJSON *root = cJSON_ParseWithLength(json, length);
    vg_json_pick(root, names, MEMBERS + 1, field);
    bool good = take_plan(field[MEMBERS], &care.plan);
    for (size_t i = 0; i < MEMBERS && good; i++) {
        good = take_member(field[i], &care, &members[i]);
    }
    cJSON_Delete(root);
    if (!good) {
        return VG_REFUSED;
    }
    *out = care;
    return VG_OK;
}
