/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands behind the question mark. A name that is not known is refused: a filter that
 * is silently ignored would show more, or something else, than was asked for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "shell/api.h"
#include "shell/history.h"
#include "shell/store_read.h"
#include "wire/encode_parts.h"

const char *vg_api_argument(const struct vg_api_call *call, const char *name)
{
    for (size_t i = 0; i < call->argument_count; i++) {
        if (strcmp(call->argument[i].name, name) == 0) {
            return call->argument[i].value;
        }
    }
    return NULL;
}

/* JSON, or not said: it is read as nothing else. That another site's page can leave it out too (a
 * Blob without a type) does not help it: vg_http_is_foreign refuses by Origin and Sec-Fetch-Site. */
bool vg_api_json(const struct vg_api_call *call, struct vg_api_answer *answer)
{
    static const char json[] = "application/json";
    const char *type = call->content_type;
    const size_t length = sizeof json - 1;

    if (type[0] == '\0') {
        return true;
    }
    if (strncasecmp(type, json, length) == 0 &&
        (type[length] == '\0' || type[length] == ';' || type[length] == ' ')) {
        return true;
    }
    vg_api_problem(call, answer, 415,
                   "the body must be application/json, or say nothing of its type");
    return false;
}

static bool is_one_of(const char *const *names, const char *name)
{
    while (*names != NULL && strcmp(*names, name) != 0) {
        names++;
    }
    return *names != NULL;
}

bool vg_api_only(const struct vg_api_call *call, struct vg_api_answer *answer,
                 const char *const *names)
{
    if (call->too_long) {
        vg_api_problem(call, answer, 400, "too many parameters");
        return false;
    }
    for (size_t i = 0; i < call->argument_count; i++) {
        const char *name = call->argument[i].name;
        if (!is_one_of(names, name)) {
            vg_api_problem(call, answer, 400, "there is no parameter \"%.40s\" here",
                           name);
            return false;
        }
        if (vg_api_argument(call, name) != call->argument[i].value) {
            vg_api_problem(call, answer, 400, "\"%.40s\" is given twice", name);
            return false;
        }
    }
    return true;
}

/* "2026-11-23T06:12:00 08:00": a plus that was not escaped has become a blank. */
static size_t mend_plus(const char *text, char out[48])
{
    const size_t length = strlen(text);
    const bool cut = length >= 48;

    if (cut) {
        return 0;
    }
    memcpy(out, text, length + 1);
    if (length > 6 && out[length - 6] == ' ' && out[length - 3] == ':') {
        out[length - 6] = '+';
    }
    return length;
}

bool vg_api_time(const struct vg_api_call *call, struct vg_api_answer *answer,
                 const char *name, struct vg_instant *out)
{
    const char *given = vg_api_argument(call, name);
    char text[48] = "";
    vg_ms span = 0;

    if (given == NULL) {
        return true;
    }
    const size_t length = mend_plus(given, text);
    if (strcmp(text, "now") == 0) {
        *out = call->now;
    } else if (text[0] == '-' && vg_span_parse(text, length, &span) == VG_OK) {
        *out = vg_after(call->now, span);
    } else if (vg_time_parse(text, length, out) != VG_OK) {
        vg_api_problem(
            call, answer, 400,
            "%s must be a time like 2026-11-23T06:12:00Z, milliseconds since "
            "1970, a span back from now like -24h, or now",
            name);
        return false;
    }
    return true;
}

bool vg_api_span(const struct vg_api_call *call, struct vg_api_answer *answer,
                 struct vg_instant *from, struct vg_instant *to)
{
    if (!vg_api_time(call, answer, "from", from) ||
        !vg_api_time(call, answer, "to", to)) {
        return false;
    }
    if (vg_is_set(*from) && from->ms > to->ms) {
        vg_api_problem(call, answer, 400, "from is later than to");
        return false;
    }
    return true;
}

bool vg_api_limit(const struct vg_api_call *call, struct vg_api_answer *answer,
                  size_t *out)
{
    const char *text = vg_api_argument(call, "limit");
    char *end = NULL;

    *out = VG_API_USUAL;
    if (text == NULL) {
        return true;
    }
    const unsigned long number = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || number < 1 ||
        number > VG_API_LIMIT) {
        vg_api_problem(call, answer, 400, "limit must be a whole number from 1 to %d",
                       VG_API_LIMIT);
        return false;
    }
    *out = number;
    return true;
}

bool vg_api_patient(const struct vg_api_call *call, struct vg_api_answer *answer,
                    const char **out)
{
    *out = vg_api_argument(call, "patient");
    if (*out == NULL) {
        vg_api_problem(call, answer, 400, "say whose: patient=p-0042");
        return false;
    }
    if (!vg_patient_valid(*out, strlen(*out))) {
        vg_api_problem(call, answer, 400,
                       "patient must be 1 to 64 of A-Z a-z 0-9 . _ -, beginning with a "
                       "letter or digit");
        return false;
    }
    return true;
}

bool vg_api_after(const struct vg_api_call *call, struct vg_api_answer *answer,
                  struct vg_cursor *out)
{
    const char *text = vg_api_argument(call, "after");

    if (text != NULL && vg_cursor_parse(text, strlen(text), out) != VG_OK) {
        vg_api_problem(call, answer, 400, "after is not from a next link");
        return false;
    }
    return true;
}

/* Everything that means something in a query, and what is no plain text. */
void vg_api_put_escaped(struct vg_buffer *b, const char *text)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                "0123456789-._~,:";

    for (; *text != '\0'; text++) {
        char code[4] = {*text, '\0'};
        if (strchr(plain, *text) == NULL) {
            (void)snprintf(code, sizeof code, "%%%02X", (unsigned char)*text);
        }
        vg_put_raw(b, code);
    }
}

/* Times that were given as "now" or spans stand in it as they were understood, so that the
 * pages are of one and the same question. */
static void put_argument(const struct vg_api_call *call, struct vg_buffer *b, size_t i)
{
    const char *name = call->argument[i].name;
    struct vg_instant at = VG_UNSET;
    struct vg_api_answer ignored = {0};

    if ((strcmp(name, "from") == 0 || strcmp(name, "to") == 0) &&
        vg_api_time(call, &ignored, name, &at) && vg_is_set(at)) {
        vg_put_int(b, at.ms);
    } else {
        vg_api_put_escaped(b, call->argument[i].value);
    }
    vg_buffer_finish(&ignored.text);
}

void vg_api_put_next(const struct vg_api_call *call, struct vg_buffer *b,
                     const struct vg_page_end *end)
{
    char cursor[VG_CURSOR_TEXT];

    if (!end->more) {
        return;
    }
    vg_cursor_format(&end->next, cursor);
    vg_put_raw(b, ",\"next\":\"");
    vg_put_raw(b, call->path);
    vg_put_raw(b, "?");
    for (size_t i = 0; i < call->argument_count; i++) {
        if (strcmp(call->argument[i].name, "after") != 0) {
            vg_put_raw(b, call->argument[i].name); /* one of ours: plain */
            vg_put_raw(b, "=");
            put_argument(call, b, i);
            vg_put_raw(b, "&");
        }
    }
    vg_put_raw(b, "after=");
    vg_put_raw(b, cursor);
    vg_put_raw(b, "\"");
}

void vg_api_put_known(const struct vg_api_call *call, struct vg_buffer *b,
                      struct vg_reader *reader)
{
    const char *patient = vg_api_argument(call, "patient");
    struct vg_error error;
    bool known = true;

    if (patient != NULL &&
        vg_store_has_patient(reader, patient, &known, &error) == VG_OK && !known) {
        vg_key_bool(b, "known", false);
    }
}

void vg_api_history_end(const struct vg_api_call *call, struct vg_api_answer *answer,
                        struct vg_reader *reader, const struct vg_page_end *end)
{
    vg_put_raw(&answer->text, "]");
    vg_api_put_known(call, &answer->text, reader);
    vg_api_put_next(call, &answer->text, end);
    vg_put_raw(&answer->text, "}\n");
}

/* "temp,sbp": names or codes. */
bool vg_api_codes(const struct vg_api_call *call, struct vg_api_answer *answer,
                  uint64_t *out)
{
    const char *text = vg_api_argument(call, "code");
    bool more = text != NULL && text[0] != '\0';

    if (!more) {
        vg_api_problem(call, answer, 400, "say which: code=temp, or code=temp,sbp");
        return false;
    }
    while (more) {
        const size_t length = strcspn(text, ",");
        struct vg_code code;
        if (vg_signal_find(text, length, &code) != VG_OK ||
            code.signal >= VG_MEASURED_COUNT) {
            vg_api_problem(call, answer, 400, "there is no measured signal \"%.*s\"",
                           length < 40 ? (int)length : 40, text);
            return false;
        }
        *out |= (uint64_t)1 << code.signal;
        more = text[length] == ',';
        text += length + 1;
    }
    return true;
}
