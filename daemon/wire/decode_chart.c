/* SPDX-License-Identifier: Apache-2.0
 *
 * Charted states and events: a word of a list, and the fields that go with it (the
 * table of charted codes in the outside contract).
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "vigil/flag.h"

#include "decode.h"
#include "utf8.h"

static const char *const spans[] = {"start", "end", NULL};
static const char *const devices[] = {"room_air",
                                      "nasal_cannula",
                                      "blow_by",
                                      "simple_mask",
                                      "face_tent",
                                      "aerosol_mask",
                                      "tracheostomy_mask",
                                      "venturi",
                                      "non_rebreather",
                                      "hfnc",
                                      "cpap",
                                      "bipap",
                                      "invasive_vent",
                                      "unknown",
                                      NULL};
static const char *const agents[] = {
    "norepinephrine", "epinephrine", "phenylephrine", "dopamine", "angiotensin_ii",
    "vasopressin",    "dobutamine",  "milrinone",     "unknown",  NULL};
static const char *const acvpu[] = {"A", "C", "V", "P", "U", NULL};
static const char *const arousals[] = {"spontaneous", "voice", "touch", "unarousable",
                                       NULL};
static const char *const findings[] = {"tremor",       "motor_deep_focal",
                                       "edema_focal",  "edema_diffuse",
                                       "papilloedema", "sixth_nerve_palsy",
                                       "posturing",    "cushing_triad",
                                       "facial_palsy", "gait",
                                       "handwriting",  "personality",
                                       "haemorrhage",  NULL};

/* "on": false takes a start or an end back. Whoever says that otherwise is told, and what was charted stands. */
static bool span_fields(const struct vg_item *item, struct vg_entry *out)
{
    (void)vg_item_flag(item, VG_ITEM_ON, &out->on);
    return true;
}

/* What goes with an infusion is refused by itself and left out: all time is counted from the infusion, and it is never
 * dropped for the sake of a label. Of a dose any text will do (ISBT 128 has "=" and blanks); a product is a name that
 * protocols have. */
static bool infusion_fields(const struct vg_item *item, struct vg_entry *out)
{
    if (!vg_take_name(item->field[VG_ITEM_PRODUCT], out->product,
                      sizeof out->product)) {
        vg_item_refuse(item, VG_BAD_ID,
                       "product must be 1 to %zu of A-Z a-z 0-9 . _ -, it is left out",
                       sizeof out->product - 1);
    }
    if (!vg_take_text(item->field[VG_ITEM_DOSE_ID], out->dose_id,
                      sizeof out->dose_id)) {
        vg_item_refuse(item, VG_BAD_ID,
                       "dose_id must be a string of 1 to %zu bytes without control "
                       "characters, it is left out",
                       sizeof out->dose_id - 1);
    }
    return span_fields(item, out);
}

/* A number beside the device, in the canonical unit of its signal. One that is none or
 * impossible is left out and refused, but the device stays: a support is never
 * dropped silently (Clinical reference 0.4). */
static void support_number(const struct vg_item *item, enum vg_item_field field,
                           enum vg_signal signal, int64_t *out)
{
    const struct vg_signal_info *info = vg_signal_info(signal);
    const cJSON *json = item->field[field];
    struct vg_decimal raw;
    int64_t steps;
    if (json == NULL) {
        return;
    }
    if (!cJSON_IsNumber(json)) {
        vg_item_refuse(item, VG_WRONG_TYPE, "%s must be a number, it is left out",
                       vg_item_field_name(field));
    } else if (vg_decimal_from_double(json->valuedouble, &raw) != VG_OK ||
               vg_signal_convert(signal, raw, info->unit, &steps) != VG_OK ||
               steps < info->hard_low || steps > info->hard_high) {
        vg_item_refuse(item, VG_OUT_OF_RANGE, "%s is out of range, it is left out",
                       vg_item_field_name(field));
    } else {
        *out = steps;
    }
}

static bool device_fields(const struct vg_item *item, struct vg_entry *out)
{
    support_number(item, VG_ITEM_FLOW, VG_O2_FLOW, &out->flow);
    support_number(item, VG_ITEM_FIO2, VG_FIO2, &out->fio2);
    return true;
}

static bool vasopressor_fields(const struct vg_item *item, struct vg_entry *out)
{
    return vg_item_flag(item, VG_ITEM_ON, &out->on);
}

/* A seizure is an alert whatever else is said of it (Clinical reference 2.2): what cannot be is refused and left out. */
static bool seizure_details(const struct vg_item *item, struct vg_entry *out)
{
    const cJSON *duration = item->field[VG_ITEM_DURATION];
    if (duration != NULL) {
        if (!cJSON_IsNumber(duration)) {
            return vg_item_refuse(item, VG_WRONG_TYPE, "duration_s must be a number");
        }
        if (!(duration->valuedouble >= 0) || duration->valuedouble > 7 * 86400.0) {
            return vg_item_refuse(item, VG_OUT_OF_RANGE,
                                  "duration_s must be from 0 to 604800");
        }
        /* A part of a second counts as a whole one: 300.5 s is more than 5 min. */
        out->duration_s = (int32_t)duration->valuedouble;
        out->duration_s += (double)out->duration_s < duration->valuedouble ? 1 : 0;
    }
    return vg_item_flag(item, VG_ITEM_NO_RETURN, &out->no_return);
}

static bool seizure_fields(const struct vg_item *item, struct vg_entry *out)
{
    (void)seizure_details(item, out);
    return true;
}

/* So it is with a finding. */
static bool neuro_fields(const struct vg_item *item, struct vg_entry *out)
{
    (void)vg_item_flag(item, VG_ITEM_HAEMORRHAGE, &out->haemorrhage);
    return true;
}

/* By an order of comfort care nobody is called any more: a physician's (Clinical reference 0.6). Whoever
 * takes a flag off brings calls back. */
static bool flag_ordered(const struct vg_item *item, const struct vg_entry *entry)
{
    const enum vg_flag flag = vg_flag_find(entry->value, strlen(entry->value));

    if (!entry->on || item->decoder->logged_in || vg_flag_may_put(flag, entry->by)) {
        return true;
    }
    return entry->by[0] == '\0'
               ? vg_item_refuse(item, VG_FIELD_MISSING,
                                "%s is a physician's order: by is missing",
                                entry->value)
               : vg_item_refuse(item, VG_BAD_ID,
                                "%s is a physician's order: by must name one "
                                "(\"physician:wu\"), not \"%.40s\"",
                                entry->value, entry->by);
}

static bool flag_fields(const struct vg_item *item, struct vg_entry *out)
{
    const cJSON *until = item->field[VG_ITEM_UNTIL];
    if (until != NULL && !vg_take_time(until, &out->until)) {
        return vg_item_refuse(item, VG_BAD_TIME,
                              "until is not a time from 2000 to 2100");
    }
    if (!vg_take_text(item->field[VG_ITEM_BY], out->by, sizeof out->by) ||
        (item->field[VG_ITEM_BY] != NULL && out->by[strspn(out->by, " ")] == '\0')) {
        return vg_item_refuse(
            item, VG_WRONG_TYPE,
            "by must be a string of 1 to %zu bytes, not blank, without "
            "control characters",
            sizeof out->by - 1);
    }
    return vg_item_flag(item, VG_ITEM_ON, &out->on) && flag_ordered(item, out);
}

static bool no_fields(const struct vg_item *item, struct vg_entry *out)
{
    (void)item;
    (void)out;
    return true;
}

struct chart {
    const char *const *words; /* NULL: any name */
    bool (*fields)(const struct vg_item *item, struct vg_entry *out);
};

static const struct chart charts[VG_SIGNAL_COUNT - VG_MEASURED_COUNT] = {
    [VG_INFUSION - VG_MEASURED_COUNT] = {spans, infusion_fields},
    [VG_LYMPHODEPLETION - VG_MEASURED_COUNT] = {spans, span_fields},
    [VG_O2_DEVICE - VG_MEASURED_COUNT] = {devices, device_fields},
    [VG_VASOPRESSOR - VG_MEASURED_COUNT] = {agents, vasopressor_fields},
    [VG_MEDICATION - VG_MEASURED_COUNT] = {NULL, no_fields},
    [VG_CONSCIOUSNESS - VG_MEASURED_COUNT] = {acvpu, no_fields},
    [VG_AROUSAL - VG_MEASURED_COUNT] = {arousals, no_fields},
    [VG_SEIZURE - VG_MEASURED_COUNT] = {NULL, seizure_fields},
    [VG_NEURO - VG_MEASURED_COUNT] = {findings, neuro_fields},
    [VG_SYMPTOM - VG_MEASURED_COUNT] = {NULL, no_fields},
    [VG_FLAG - VG_MEASURED_COUNT] = {vg_flag_names, flag_fields},
};

/* A drug or a symptom, of the list or not, in small letters: "Corticosteroid" is one too. False: not
 * 1 to VG_NAME_LEN bytes, or with control characters. */
static bool free_name(const char *word, char out[VG_NAME_LEN + 1])
{
    size_t length = 0;

    for (; length < VG_NAME_LEN && word[length] != '\0'; length++) {
        const unsigned char c = (unsigned char)word[length];
        out[length] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    out[length] = '\0';
    return length > 0 && word[length] == '\0' && vg_utf8_plain(out, length);
}

/* Two devices have a shorter name in the field. One
 * that is on no list is refused, and charted as "unknown": a support is never dropped
 * silently (0.4), and counts as a lower bound (1.4). */
static const char *device_word(const struct vg_item *item, const char *word)
{
    if (vg_listed(devices, word)) {
        return word;
    }
    if (strcmp(word, "nonrebreather") == 0) {
        return "non_rebreather";
    }
    if (strcmp(word, "trach_mask") == 0) {
        return "tracheostomy_mask";
    }
    (void)vg_item_refuse(item, VG_CODE_UNKNOWN,
                         "there is no value \"%.40s\", it is charted as unknown", word);
    return "unknown";
}

/* What is longer than a name is cut behind a whole character; what is none is "unnamed", for "unknown" ends all others. */
static void agent_name(const char *word, char out[VG_NAME_LEN + 1])
{
    char cut[VG_NAME_LEN + 1];
    size_t length = VG_NAME_LEN;

    if (!vg_copy(cut, sizeof cut, word)) {
        while (length > 0 && ((unsigned char)word[length] & 0xC0U) == 0x80U) {
            length--;
        }
        cut[length] = '\0';
    }
    if (!free_name(cut, out)) {
        (void)vg_copy(out, VG_NAME_LEN + 1, "unnamed");
    }
}

/* A vasopressor under another name is refused, and charted as the one that is meant; one of no list under its own,
 * so that of two each ends by itself. It runs and counts as a lower bound, as an unknown device does. */
static bool read_agent(const struct vg_item *item, const char *word,
                       char out[VG_NAME_LEN + 1])
{
    static const char *const meant[][2] = {{"adrenaline", "epinephrine"},
                                           {"noradrenaline", "norepinephrine"}};
    const char *charted = out;

    agent_name(word, out);
    for (size_t i = 0; i < sizeof meant / sizeof *meant; i++) {
        charted = strcmp(out, meant[i][0]) == 0 ? meant[i][1] : charted;
    }
    const bool listed = vg_listed(agents, charted);
    if (!listed || strcmp(word, charted) != 0) {
        (void)vg_item_refuse(item, VG_CODE_UNKNOWN,
                             "there is no value \"%.40s\", it is charted as %s", word,
                             listed ? charted : "unknown");
    }
    return charted == out || vg_copy(out, VG_NAME_LEN + 1, charted);
}

static bool read_word(const struct vg_item *item, const struct chart *chart,
                      struct vg_entry *out)
{
    const cJSON *value = item->field[VG_ITEM_VALUE];
    if (!cJSON_IsString(value)) {
        return vg_item_refuse(item, VG_WRONG_TYPE, "value must be a string");
    }
    const char *word = value->valuestring;
    if (chart->words == devices) {
        return vg_copy(out->value, sizeof out->value, device_word(item, word));
    }
    if (chart->words == agents) {
        return read_agent(item, word, out->value);
    }
    if (chart->words != NULL && !vg_listed(chart->words, word)) {
        return vg_item_refuse(item, VG_CODE_UNKNOWN, "there is no value \"%.40s\"",
                              word);
    }
    if (chart->words != NULL) {
        return vg_copy(out->value, sizeof out->value, word);
    }
    /* one drug, two names: Clinical reference 1.2 */
    word = strcasecmp(word, "acetaminophen") == 0 ? "paracetamol" : word;
    return free_name(word, out->value) ||
           vg_item_refuse(item, VG_CODE_UNKNOWN,
                          "a name must be 1 to %d bytes without control characters",
                          VG_NAME_LEN);
}

/* A seizure is charted as true; there is no entry for its absence. */
static bool read_seizure(const struct vg_item *item, struct vg_entry *out)
{
    const cJSON *value = item->field[VG_ITEM_VALUE];
    if (!cJSON_IsBool(value)) {
        return vg_item_refuse(item, VG_WRONG_TYPE, "value must be true");
    }
    if (!cJSON_IsTrue(value)) {
        return vg_item_refuse(item, VG_CODE_UNKNOWN, "value must be true");
    }
    return vg_copy(out->value, sizeof out->value, "true");
}

/* What a tool tries out, or takes back before it is told, happened to nobody: an entry is kept with no quality, so
 * one that must not count is not taken. */
static bool is_said(const struct vg_item *item)
{
    const cJSON *json = item->field[VG_ITEM_QUALITY];
    enum vg_quality quality = VG_QUALITY_VALID;

    return !cJSON_IsString(json) ||
           vg_quality_find(json->valuestring, &quality) != VG_OK ||
           quality <= VG_QUALITY_QUESTIONABLE ||
           vg_item_refuse(item, VG_CODE_UNKNOWN, "of quality \"%s\" nothing is charted",
                          json->valuestring);
}

void vg_decode_chart(const struct vg_item *item)
{
    struct vg_decoder *decoder = item->decoder;
    const size_t before = decoder->refusal_count;
    enum vg_signal signal = item->code.signal;
    const struct chart *chart = &charts[signal - VG_MEASURED_COUNT];
    struct vg_entry entry = {
        .signal = signal,
        .at = item->at,
        .on = true,
        .duration_s = -1,
        .flow = VG_NO_VALUE,
        .fio2 = VG_NO_VALUE,
        .until = VG_UNSET,
    };
    const bool good = is_said(item) &&
                      (signal == VG_SEIZURE ? read_seizure(item, &entry)
                                            : read_word(item, chart, &entry)) &&
                      chart->fields(item, &entry);
    vg_item_one_answer(item, before, good);
    if (good) {
        decoder->entry[decoder->entry_count++] = entry;
    }
}
