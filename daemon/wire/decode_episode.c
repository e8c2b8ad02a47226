/* SPDX-License-Identifier: Apache-2.0
 *
 * Admissions. What decides who lies where must be right or the whole is refused; a
 * single wrong baseline, limit or flag is left out and answered, for a patient who
 * is not admitted is not watched.
 */
#include <string.h>

#include "vigil/flag.h"

#include "decode.h"

enum field {
    BY,
    DO,
    PRODUCT,
    PROTOCOL,
    AGE,
    SETTING,
    IDENTITY,
    PLANNED,
    TARGET,
    PREGNANT,
    BASELINE,
    ULN,
    FLAGS,
    TO_WARD,
    TO_BED,
    CONFIRM,
    SWAP,
    FIELD_COUNT
};
static const char *const names[FIELD_COUNT] = {
    [BY] = "by",
    [DO] = "do",
    [PRODUCT] = "product",
    [PROTOCOL] = "protocol",
    [AGE] = "age",
    [SETTING] = "setting",
    [IDENTITY] = "identity",
    [PLANNED] = "infusion_planned",
    [TARGET] = "target",
    [PREGNANT] = "pregnant",
    [BASELINE] = "baseline",
    [ULN] = "uln",
    [FLAGS] = "flags",
    [TO_WARD] = "to_ward",
    [TO_BED] = "to_bed",
    [CONFIRM] = "confirm",
    [SWAP] = "swap",
};

/* One admission being read. */
struct reader {
    struct vg_decoder *decoder;
    const cJSON *field[FIELD_COUNT];
    struct vg_admission *out;
};

/* The word in a field that must be a string; NULL and *good false if it is none. */
static const char *word(const struct reader *r, enum field field, bool *good)
{
    *good = true;
    if (r->field[field] == NULL) {
        return NULL;
    }
    if (!cJSON_IsString(r->field[field])) {
        *good = vg_refuse(r->decoder, -1, VG_WRONG_TYPE, "%s must be a string",
                          names[field]);
        return NULL;
    }
    return r->field[field]->valuestring;
}

static bool unknown(const struct reader *r, enum field field, const char *text)
{
    return vg_refuse(r->decoder, -1, VG_CODE_UNKNOWN, "there is no %s \"%.40s\"",
                     names[field], text);
}

static bool read_action(const struct reader *r)
{
    static const char *const words[] = {"admit", "update", "transfer", "discharge"};
    bool good;
    const char *text = word(r, DO, &good);
    if (text == NULL) {
        return good && vg_refuse(r->decoder, -1, VG_FIELD_MISSING, "do is missing");
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i], text) == 0) {
            r->out->action = (enum vg_episode_do)i;
            return true;
        }
    }
    return unknown(r, DO, text);
}

static bool read_id(const struct reader *r, enum field field, char out[VG_ID_LEN + 1])
{
    bool good;
    const char *text = word(r, field, &good);
    if (text == NULL) {
        return good;
    }
    if (!vg_id_valid(text, strlen(text))) {
        return vg_refuse(r->decoder, -1, VG_BAD_ID,
                         "%s must be 1 to 32 of a-z 0-9 . _ -", names[field]);
    }
    return vg_copy(out, VG_ID_LEN + 1, text);
}

/* An admission names the patient, a transfer the new place. */
static bool read_places(const struct reader *r)
{
    struct vg_admission *out = r->out;
    if (!read_id(r, PROTOCOL, out->protocol) || !read_id(r, TO_WARD, out->to_ward) ||
        !read_id(r, TO_BED, out->to_bed)) {
        return false;
    }
    if (out->action == VG_ADMIT && out->patient[0] == '\0') {
        return vg_refuse(r->decoder, -1, VG_FIELD_MISSING, "patient is missing");
    }
    bool place = out->to_ward[0] != '\0' && out->to_bed[0] != '\0';
    if (out->action == VG_TRANSFER && !place) {
        return vg_refuse(r->decoder, -1, VG_FIELD_MISSING,
                         "a transfer needs to_ward and to_bed");
    }
    return true;
}

static bool read_product(const struct reader *r)
{
    bool good;
    const char *text = word(r, PRODUCT, &good);
    if (text == NULL) {
        return good;
    }
    return vg_product_find(text, &r->out->product) == VG_OK ||
           unknown(r, PRODUCT, text);
}

static bool read_setting(const struct reader *r)
{
    static const char *const words[] = {"inpatient", "outpatient", NULL};
    bool good;
    const char *text = word(r, SETTING, &good);
    if (text == NULL) {
        return good;
    }
    if (!vg_listed(words, text)) {
        return unknown(r, SETTING, text);
    }
    r->out->has_setting = true;
    r->out->outpatient = strcmp(text, "outpatient") == 0;
    return true;
}

/* The age gate stands on this number: a wrong one is not left out but refused. */
static bool read_age(const struct reader *r)
{
    int64_t age;
    if (r->field[AGE] == NULL) {
        return true;
    }
    if (!vg_json_integer(r->field[AGE], &age)) {
        return vg_refuse(r->decoder, -1, VG_WRONG_TYPE,
                         "age must be a whole number of years");
    }
    if (age < 0 || age > 130) {
        return vg_refuse(r->decoder, -1, VG_OUT_OF_RANGE, "age must be from 0 to 130");
    }
    r->out->age = (int)age;
    return true;
}

/* true or false; absent leaves both as they are. */
static bool read_bool(const struct reader *r, enum field field, bool *has, bool *out)
{
    const cJSON *json = r->field[field];
    if (json == NULL) {
        return true;
    }
    if (!cJSON_IsBool(json)) {
        return vg_refuse(r->decoder, -1, VG_WRONG_TYPE, "%s must be true or false",
                         names[field]);
    }
    *has = true;
    *out = cJSON_IsTrue(json);
    return true;
}

static bool read_bools(const struct reader *r)
{
    bool said;
    return read_bool(r, PREGNANT, &r->out->has_pregnant, &r->out->pregnant) &&
           read_bool(r, CONFIRM, &said, &r->out->confirm) &&
           read_bool(r, SWAP, &said, &r->out->swap);
}

static bool read_planned(const struct reader *r)
{
    const cJSON *planned = r->field[PLANNED];
    if (cJSON_IsFalse(planned)) {
        r->out->infusion_planned = VG_NEVER;
        return true;
    }
    return planned == NULL || vg_take_time(planned, &r->out->infusion_planned) ||
           vg_refuse(r->decoder, -1, VG_BAD_TIME,
                     "infusion_planned is not a time from 2000 to 2100, nor false");
}

/* Texts that nothing is decided by: too long or of another type, they are left out. */
static void read_text(const struct reader *r, const cJSON *json, const char *name,
                      char *out, size_t capacity)
{
    if (!vg_take_text(json, out, capacity)) {
        vg_refuse(r->decoder, -1, VG_WRONG_TYPE,
                  "%s is left out: it must be a string of 1 to %zu bytes "
                  "without control characters",
                  name, capacity - 1);
    }
}

static void read_texts(const struct reader *r)
{
    static const char *const parts[] = {"donor", "chain_id"};
    const cJSON *part[2];
    struct vg_admission *out = r->out;
    if (r->field[IDENTITY] != NULL && !cJSON_IsObject(r->field[IDENTITY])) {
        vg_refuse(r->decoder, -1, VG_WRONG_TYPE,
                  "identity is left out: it must be an object");
    }
    vg_json_pick(r->field[IDENTITY], parts, 2, part);
    read_text(r, r->field[BY], names[BY], out->by, sizeof out->by);
    read_text(r, r->field[TARGET], names[TARGET], out->target, sizeof out->target);
    read_text(r, part[0], "identity.donor", out->donor, sizeof out->donor);
    read_text(r, part[1], "identity.chain_id", out->chain_id, sizeof out->chain_id);
}

/* A number in the canonical unit, or {"value":…,"unit":…}. */
static enum vg_reason read_value(const cJSON *json, enum vg_signal signal, int64_t *out)
{
    static const char *const parts[] = {"value", "unit"};
    const struct vg_signal_info *info = vg_signal_info(signal);
    const cJSON *part[2] = {json, NULL};
    enum vg_unit unit = info->unit;
    struct vg_decimal raw;
    int64_t steps;
    if (cJSON_IsObject(json)) {
        vg_json_pick(json, parts, 2, part);
    }
    if (!cJSON_IsNumber(part[0]) || (part[1] != NULL && !cJSON_IsString(part[1]))) {
        return VG_WRONG_TYPE;
    }
    if (part[1] != NULL && vg_unit_find(part[1]->valuestring,
                                        strlen(part[1]->valuestring), &unit) != VG_OK) {
        return VG_UNIT_UNKNOWN;
    }
    struct vg_conversion fits;
    if (vg_unit_conversion(info->quantity, unit, info->unit, &fits) != VG_OK) {
        return VG_UNIT_UNKNOWN;
    }
    if (vg_decimal_from_double(part[0]->valuedouble, &raw) != VG_OK ||
        vg_signal_convert(signal, raw, unit, &steps) != VG_OK ||
        steps < info->hard_low || steps > info->hard_high) {
        return VG_OUT_OF_RANGE;
    }
    *out = steps;
    return VG_REASON_COUNT;
}

/* A map of codes to numbers; what is wrong in it is left out. */
static void read_values(const struct reader *r, enum field field, int64_t *out)
{
    const cJSON *map = r->field[field];
    if (map != NULL && !cJSON_IsObject(map)) {
        vg_refuse(r->decoder, -1, VG_WRONG_TYPE, "%s is left out: it must be an object",
                  names[field]);
        return;
    }
    for (const cJSON *item = map == NULL ? NULL : map->child; item != NULL;
         item = item->next) {
        struct vg_code code;
        enum vg_reason reason = VG_CODE_UNKNOWN;
        if (cJSON_IsNull(item)) {
            continue;
        }
        if (vg_signal_find(item->string, strlen(item->string), &code) == VG_OK &&
            code.signal < VG_MEASURED_COUNT) {
            reason = read_value(item, code.signal, &out[code.signal]);
        }
        if (reason != VG_REASON_COUNT) {
            vg_refuse(r->decoder, -1, reason, "%s \"%.40s\" is left out", names[field],
                      item->string);
        }
    }
}

static void read_flags(const struct reader *r)
{
    struct vg_admission *out = r->out;
    const cJSON *flags = r->field[FLAGS];
    if (flags != NULL && !cJSON_IsArray(flags)) {
        vg_refuse(r->decoder, -1, VG_WRONG_TYPE,
                  "flags is left out: it must be a list");
        return;
    }
    for (const cJSON *flag = flags == NULL ? NULL : flags->child; flag != NULL;
         flag = flag->next) {
        const char *text = cJSON_IsString(flag) ? flag->valuestring : "";
        bool room = out->flag_count < sizeof out->flags / sizeof *out->flags;
        if (!room || vg_flag_find(text, strlen(text)) == VG_FLAG_COUNT) {
            vg_refuse(r->decoder, -1, VG_CODE_UNKNOWN, "flag \"%.40s\" is left out",
                      text);
            continue;
        }
        if (!vg_flag_may_put(vg_flag_find(text, strlen(text)), out->by)) {
            vg_refuse(r->decoder, -1, out->by[0] == '\0' ? VG_FIELD_MISSING : VG_BAD_ID,
                      "flag \"%.40s\" is left out: a physician's order, by must name "
                      "one (\"physician:wu\")",
                      text);
            continue;
        }
        vg_copy(out->flags[out->flag_count++], sizeof *out->flags, text);
    }
}

bool vg_decode_episode(struct vg_decoder *decoder, const cJSON *root,
                       const struct vg_fields *fields, struct vg_admission *out)
{
    struct reader r = {.decoder = decoder, .out = out};
    vg_json_pick(root, names, FIELD_COUNT, r.field);
    out->age = -1;
    out->infusion_planned = VG_UNSET;
    for (size_t i = 0; i < VG_MEASURED_COUNT; i++) {
        out->baseline[i] = out->uln[i] = VG_NO_VALUE;
    }
    if (!vg_head_check(decoder, fields) || !vg_head_time(decoder, fields, &out->at)) {
        return false;
    }
    (void)vg_take_name(fields->head[VG_HEAD_PATIENT], out->patient,
                       sizeof out->patient);
    if (!read_action(&r) || !read_places(&r) || !read_product(&r) ||
        !read_setting(&r) || !read_age(&r) || !read_bools(&r) || !read_planned(&r)) {
        return false;
    }
    read_texts(&r);
    read_values(&r, BASELINE, out->baseline);
    read_values(&r, ULN, out->uln);
    read_flags(&r);
    return true;
}
