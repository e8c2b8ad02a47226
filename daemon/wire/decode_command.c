/* SPDX-License-Identifier: Apache-2.0
 *
 * What a person asks (the outside contract, section 4). Whatever is wrong with it, it
 * is answered: with its id where that can be read, otherwise with "". Here it is decided
 * whether a command is well formed; whether it is allowed is the engine's matter.
 */
#include <stdio.h>
#include <string.h>

#include "decode.h"
#include "utf8.h"

enum field {
    ID,
    BY,
    DO,
    ALERT,
    REV,
    TS,
    FOR,
    REASON,
    JUDGEMENT,
    VALUE,
    AS,
    NOTE,
    TEXT,
    BED,
    PAGE,
    PATIENT,
    NAMED,
    FROM,
    TO,
    FIELD_COUNT
};
static const char *const names[FIELD_COUNT] = {
    [ID] = "id",           [BY] = "by",         [DO] = "do",
    [ALERT] = "alert",     [REV] = "rev",       [TS] = "ts",
    [FOR] = "for",         [REASON] = "reason", [JUDGEMENT] = "judgement",
    [VALUE] = "value",     [AS] = "as",         [NOTE] = "note",
    [TEXT] = "text",       [BED] = "bed",       [PAGE] = "page",
    [PATIENT] = "patient", [NAMED] = "named",   [FROM] = "from",
    [TO] = "to",
};

/* No command lasts longer; the engine's own limits are far below. */
#define LONGEST   (366 * VG_DAY)
#define LONGEST_S 31622400.0

struct reader {
    struct vg_decoder *decoder;
    const cJSON *field[FIELD_COUNT];
    struct vg_command *out;
};

#define HAS(field) (1U << (field))

/* What each names beside its id. A receipt may leave out who: the page says to which role
 * it went. Spans and reasons are the engine's matter: it knows what is usual. */
static const unsigned required[VG_DO_COUNT] = {
    [VG_DO_ACKNOWLEDGE] = HAS(BY) | HAS(ALERT),
    [VG_DO_ACCEPT] = HAS(BY) | HAS(ALERT),
    [VG_DO_REJECT] = HAS(BY) | HAS(ALERT),
    [VG_DO_RELEASE] = HAS(BY) | HAS(ALERT),
    [VG_DO_SILENCE] = HAS(BY) | HAS(ALERT),
    [VG_DO_SHELVE] = HAS(BY) | HAS(ALERT),
    [VG_DO_RESET] = HAS(BY) | HAS(ALERT),
    [VG_DO_JUDGE] = HAS(BY) | HAS(ALERT) | HAS(JUDGEMENT),
    [VG_DO_NOTE] = HAS(BY) | HAS(ALERT),
    [VG_DO_PAUSE] = HAS(BY) | HAS(BED),
    [VG_DO_RECEIVED] = HAS(PAGE),
    [VG_DO_DISPLAYED] = HAS(PAGE),
    [VG_DO_ASSIGN] = HAS(BY) | HAS(BED) | HAS(PATIENT),
};

static bool wrong(const struct reader *r, enum field field, const char *rule)
{
    return vg_refuse(r->decoder, -1, VG_WRONG_TYPE, "%s must be %s", names[field],
                     rule);
}

/* ---- One field each: absent is fine, what is there must be right */

static bool read_id(const struct reader *r)
{
    const cJSON *id = r->field[ID];
    if (id == NULL) {
        return vg_refuse(r->decoder, -1, VG_FIELD_MISSING, "id is missing");
    }
    if (!cJSON_IsString(id) || id->valuestring[0] == '\0' ||
        strlen(id->valuestring) > VG_COMMAND_LEN ||
        !vg_utf8_plain(id->valuestring, strlen(id->valuestring))) {
        return wrong(r, ID, "a string of 1 to 64 bytes without control characters");
    }
    return vg_copy(r->out->id, sizeof r->out->id, id->valuestring);
}

static bool read_do(const struct reader *r)
{
    const cJSON *what = r->field[DO];
    if (what == NULL) {
        return vg_refuse(r->decoder, -1, VG_FIELD_MISSING, "do is missing");
    }
    if (!cJSON_IsString(what)) {
        return wrong(r, DO, "a string");
    }
    if (vg_do_find(what->valuestring, &r->out->what) == VG_OK) {
        return true;
    }
    r->out->what = VG_DO_ACKNOWLEDGE;
    return vg_refuse(r->decoder, -1, VG_CODE_UNKNOWN, "there is no do \"%.40s\"",
                     what->valuestring);
}

static bool read_by(const struct reader *r)
{
    const cJSON *by = r->field[BY];
    const char *text = cJSON_IsString(by) ? by->valuestring : "";
    const size_t role = strcspn(text, ":");
    if (by == NULL) {
        return true;
    }
    if (!vg_id_valid(text, role) || text[role] == '\0' ||
        text[role + 1 + strspn(text + role + 1, " ")] == '\0' ||
        strlen(text) > VG_BY_LEN || !vg_utf8_plain(text, strlen(text))) {
        return wrong(
            r, BY,
            "role:name, at most 64 bytes, the role of a-z 0-9 . _ -, without control "
            "characters");
    }
    return vg_copy(r->out->by, sizeof r->out->by, text);
}

static bool read_names(const struct reader *r)
{
    const cJSON *bed = r->field[BED];
    if (!vg_take_name(r->field[ALERT], r->out->alert, sizeof r->out->alert)) {
        return wrong(r, ALERT, "the id of an alert");
    }
    if (!vg_take_name(r->field[PAGE], r->out->page, sizeof r->out->page)) {
        return wrong(r, PAGE, "the id of a page");
    }
    if (bed == NULL) {
        return true;
    }
    if (!cJSON_IsString(bed) ||
        !vg_id_valid(bed->valuestring, strlen(bed->valuestring))) {
        return wrong(r, BED, "1 to 32 of a-z 0-9 . _ -");
    }
    return vg_copy(r->out->bed, sizeof r->out->bed, bed->valuestring);
}

/* Whose messages, whose they are, and from when to when. */
static bool read_whose(const struct reader *r)
{
    struct vg_command *c = r->out;
    if (!vg_take_name(r->field[PATIENT], c->patient, sizeof c->patient)) {
        return wrong(r, PATIENT, "the pseudonym of a patient");
    }
    if (!vg_take_name(r->field[NAMED], c->named, sizeof c->named)) {
        return wrong(r, NAMED, "the pseudonym of a patient");
    }
    if ((r->field[FROM] != NULL && !vg_take_time(r->field[FROM], &c->from)) ||
        (r->field[TO] != NULL && !vg_take_time(r->field[TO], &c->to))) {
        return vg_refuse(
            r->decoder, -1, VG_BAD_TIME,
            "from and to are times with zone or milliseconds, from 2000 to 2100");
    }
    return true;
}

static bool read_numbers(const struct reader *r)
{
    int64_t rev = 0;
    if (r->field[REV] != NULL &&
        (!vg_json_integer(r->field[REV], &rev) || rev < 1 || rev > UINT32_MAX)) {
        return wrong(r, REV, "the revision that was seen: a whole number from 1");
    }
    r->out->rev = (uint32_t)rev;
    return r->field[TS] == NULL || vg_take_time(r->field[TS], &r->out->ts) ||
           vg_refuse(r->decoder, -1, VG_BAD_TIME,
                     "ts is not a time with zone or milliseconds, from 2000 to 2100");
}

/* "15m", or a number of seconds. */
static bool read_for(const struct reader *r)
{
    const cJSON *span = r->field[FOR];
    vg_ms ms = 0;
    if (span == NULL) {
        return true;
    }
    if (cJSON_IsNumber(span) && span->valuedouble > 0 &&
        span->valuedouble <= LONGEST_S) {
        ms = (vg_ms)(span->valuedouble * (double)VG_SECOND + 0.5);
    } else if (cJSON_IsString(span) &&
               vg_span_parse(span->valuestring, strlen(span->valuestring), &ms) !=
                   VG_OK) {
        ms = 0;
    }
    if (ms <= 0 || ms > LONGEST) {
        return wrong(r, FOR,
                     "a time span (15m, 90s) or seconds, above 0, at most 366d");
    }
    r->out->span = ms;
    return true;
}

/* The first of these that is there. */
static const cJSON *first_of(const struct reader *r, const enum field *fields,
                             size_t count)
{
    const cJSON *found = NULL;
    for (size_t i = 0; i < count && found == NULL; i++) {
        found = r->field[fields[i]];
    }
    return found;
}

static bool read_judgement(const struct reader *r)
{
    static const enum field fields[] = {JUDGEMENT, VALUE, AS};
    const cJSON *said = first_of(r, fields, 3);
    if (r->out->what != VG_DO_JUDGE || said == NULL) {
        return true;
    }
    if (cJSON_IsString(said) &&
        vg_judgement_find(said->valuestring, &r->out->judgement) == VG_OK) {
        return true;
    }
    r->out->judgement = VG_ACTIONABLE;
    return wrong(r, JUDGEMENT, "actionable, not_relevant, false or artefact");
}

/* Cut rather than lost, and in one line; blanks are no reason. */
static void take_reason(const char *text, char out[VG_REASON_LEN + 1])
{
    const size_t length = vg_utf8_fit(text, strlen(text), VG_REASON_LEN);
    memcpy(out, text, length);
    out[length] = '\0';
    vg_utf8_blank(out);
    if (out[strspn(out, " ")] == '\0') {
        out[0] = '\0';
    }
}

static bool read_reason(const struct reader *r)
{
    static const enum field fields[] = {NOTE, TEXT, REASON};
    const cJSON *said =
        r->out->what == VG_DO_NOTE ? first_of(r, fields, 3) : r->field[REASON];
    if (said == NULL) {
        return true;
    }
    if (!cJSON_IsString(said)) {
        return wrong(r, REASON, "a string");
    }
    take_reason(said->valuestring, r->out->reason);
    return true;
}

/* ---- The whole */

static bool check_required(const struct reader *r)
{
    static const enum field judgements[] = {JUDGEMENT, VALUE, AS};
    const struct vg_command *c = r->out;
    const struct {
        enum field field;
        bool missing;
    } rows[] = {
        {BY, c->by[0] == '\0'},
        {ALERT, c->alert[0] == '\0'},
        {BED, c->bed[0] == '\0'},
        {PAGE, c->page[0] == '\0'},
        {PATIENT, c->patient[0] == '\0'},
        {JUDGEMENT, first_of(r, judgements, 3) == NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].missing && (required[c->what] & HAS(rows[i].field)) != 0) {
            return vg_refuse(r->decoder, -1, VG_FIELD_MISSING,
                             "%s is missing, which %s needs", names[rows[i].field],
                             vg_do_text(c->what));
        }
    }
    return true;
}

static bool read_command(const struct reader *r)
{
    return read_id(r) && read_do(r) && read_by(r) && read_names(r) && read_numbers(r) &&
           read_whose(r) && read_for(r) && read_judgement(r) && read_reason(r) &&
           check_required(r);
}

void vg_decode_command(struct vg_decoder *decoder, const cJSON *root,
                       struct vg_decoded *out)
{
    struct vg_command *command = &out->command;
    struct reader r = {.decoder = decoder, .out = command};

    out->kind = VG_DECODED_COMMAND;
    *command = (struct vg_command){.ts = VG_UNSET, .from = VG_UNSET, .to = VG_NEVER};
    memcpy(command->ward, out->topic.ward, sizeof command->ward);
    memcpy(command->client, out->topic.client, sizeof command->client);
    vg_json_pick(root, names, FIELD_COUNT, r.field);
    if (root != NULL && !cJSON_IsObject(root)) {
        vg_refuse(decoder, -1, VG_WRONG_TYPE, "the command must be an object");
    } else if (root != NULL) {
        (void)read_command(&r);
    }
    /* The first fault is told: what was wrong with the letter comes before the rest. */
    out->invalid[0] = '\0';
    if (decoder->refusal_count > 0) {
        vg_copy(out->invalid, sizeof out->invalid, decoder->refusal[0].detail);
    }
    out->refusal_count = 0;
    out->refusal = decoder->refusal;
}
