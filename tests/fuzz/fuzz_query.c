/* SPDX-License-Identifier: Apache-2.0
 *
 * Questions over HTTP, from the request's first line on, asked of a small store: each is
 * answered, the answer is what it says it is, twice the same, not longer than was asked for,
 * and its "next" is a question that is understood. Input: "/api/v1/readings?patient=p-1", then
 * lines with what Accept, Prefer and Host say.
 */
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "fuzz.h"
#include "lib/past.h"
#include "shell/api.h"

#define LINES 4
#define MOST  2048

static struct vg_api api;
static struct past past;

/* ---- The store */

static void remove_store(void)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    char path[160];

    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        (void)snprintf(path, sizeof path, "%s%s", past.path, suffixes[i]);
        (void)unlink(path);
    }
}

static void begin(void)
{
    static struct vg_settings settings;
    static atomic_uint_fast64_t turns;
    struct random_source source = {7};

    (void)snprintf(past.path, sizeof past.path, "/tmp/vigil-fuzz-query-%d.db",
                   (int)getpid());
    (void)atexit(remove_store);
    past_start(&past, &source);
    past_live(&past, VG_MINUTE);
    past.whole = 10;
    past_hot(&past, 30 * VG_SECOND);
    while (vg_writer_seal(past.writer)) {
    }
    past_stop(&past);
    vg_settings_default(&settings);
    (void)vg_copy(settings.store_path, sizeof settings.store_path, past.path);
    api.settings = &settings;
    api.live = vg_live_create("e1", 16);
    api.turns = &turns;
    MUST(api.live != NULL);
}

/* ---- The request */

struct request {
    char text[MOST + 1]; /* cut into what the call borrows */
    struct vg_api_call call;
};

static int digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = memchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c, 16);

    return at != NULL && c != '\0' ? (int)(at - digits) : -1;
}

/* As a server does it: a plus is a blank, %41 an A; and no NUL. */
static void unescape(char *text, bool plus)
{
    char *out = text;

    for (; *text != '\0'; text++) {
        const int high = *text == '%' ? digit(text[1]) : -1;
        const int low = high >= 0 ? digit(text[2]) : -1;
        if (low >= 0) {
            const int code = high * 16 + low;
            *out++ = (char)(code == 0 ? 0x7f : code);
            text += 2;
        } else {
            *out++ = (char)(plus && *text == '+' ? ' ' : *text);
        }
    }
    *out = '\0';
}

static void take_argument(struct vg_api_call *call, char *pair)
{
    char *equals = strchr(pair, '=');

    if (call->argument_count == VG_API_ARGUMENTS) {
        call->too_long = true;
        return;
    }
    if (equals != NULL) {
        *equals = '\0';
        unescape(equals + 1, true);
    }
    unescape(pair, true);
    call->argument[call->argument_count].name = pair;
    call->argument[call->argument_count++].value = equals != NULL ? equals + 1 : "";
}

static void take_target(struct vg_api_call *call, char *target)
{
    char *query = strchr(target, '?');
    char *rest = NULL;

    if (query != NULL) {
        *query = '\0';
        for (char *pair = strtok_r(query + 1, "&", &rest); pair != NULL;
             pair = strtok_r(NULL, "&", &rest)) {
            take_argument(call, pair);
        }
    }
    unescape(target, false);
    vg_api_cut_path(call, target);
}

static void read_request(struct request *r, const char *data, size_t size)
{
    char *const none = r->text + size;
    char *line[LINES] = {r->text, none, none, none};
    size_t count = 1;

    memcpy(r->text, data, size);
    r->text[size] = '\0';
    for (char *at = r->text; *at != '\0'; at++) {
        if (*at == '\n' && count < LINES) {
            *at = '\0';
            line[count++] = at + 1;
        }
    }
    r->call = (struct vg_api_call){.method = "GET",
                                   .content_type = "",
                                   .accept = line[1],
                                   .prefer = line[2],
                                   .host = line[3],
                                   .cookie = "",
                                   .body = "",
                                   .now = {1767225600000 + VG_HOUR}};
    take_target(&r->call, line[0]);
}

/* ---- What must hold of an answer */

static bool is_json(const char *type)
{
    return strncmp(type, "application/", 12) == 0 && strstr(type, "json") != NULL &&
           strstr(type, "ndjson") == NULL;
}

static void check_text(const struct vg_api_answer *answer)
{
    const struct vg_buffer *text = &answer->text;

    MUST(text->length == 0 || strlen(text->bytes) == text->length); /* no NUL */
    for (size_t i = 0; i < text->length; i++) {
        const unsigned char c = (unsigned char)text->bytes[i];
        MUST(c >= ' ' || c == '\n' || c == '\r' || c == '\t');
    }
}

static size_t limit_of(const struct vg_api_call *call)
{
    const char *text = vg_api_argument(call, "limit");

    return text != NULL ? strtoul(text, NULL, 10) : VG_API_LIMIT;
}

/* The first list of the answer. */
static void check_list(const struct vg_api_call *call, const cJSON *json)
{
    for (const cJSON *item = json->child; item != NULL; item = item->next) {
        if (cJSON_IsArray(item) && strcmp(item->string, "issue") != 0 &&
            strncmp(call->path, "/api/", 5) == 0 &&
            vg_api_argument(call, "limit") != NULL) {
            MUST((size_t)cJSON_GetArraySize(item) <= limit_of(call));
        }
    }
}

static void check(const struct vg_api_call *call, const struct vg_api_answer *answer,
                  char *next, size_t size)
{
    static const unsigned known[] = {200, 400, 404, 405, 406};
    bool found = false;

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        found = found || answer->status == known[i];
    }
    MUST(found);
    MUST(answer->type != NULL);
    check_text(answer);
    if (!is_json(answer->type)) {
        return;
    }
    cJSON *json =
        cJSON_ParseWithLengthOpts(answer->text.bytes, answer->text.length + 1, NULL, 1);
    MUST(json != NULL && cJSON_IsObject(json));
    check_list(call, json);
    const char *link = cJSON_GetStringValue(cJSON_GetObjectItem(json, "next"));
    if (link != NULL && answer->status == 200) {
        MUST(strlen(link) < size);
        (void)vg_copy(next, size, link);
    }
    cJSON_Delete(json);
}

/* Answers, checks; "next" or "". */
static void ask(const char *data, size_t size, char *next, size_t room,
                unsigned *status)
{
    static struct request request;
    struct vg_api_answer answer = {0};
    struct vg_api_answer again = {0};

    next[0] = '\0';
    read_request(&request, data, size);
    vg_api_answer(&api, &request.call, &answer);
    vg_api_answer(&api, &request.call, &again);
    MUST(answer.status == again.status && answer.text.length == again.text.length);
    MUST(answer.text.length == 0 ||
         memcmp(answer.text.bytes, again.text.bytes, answer.text.length) == 0);
    check(&request.call, &answer, next, room);
    *status = answer.status;
    vg_buffer_finish(&answer.text);
    vg_buffer_finish(&again.text);
    free(answer.next);
    free(again.next);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char next[4 * MOST];
    char asked[MOST];
    unsigned status = 0;

    if (api.settings == NULL) {
        begin();
    }
    if (size == 0 || size > MOST || data[0] != '/' ||
        memchr(data, '\0', size) != NULL ||
        (size >= 8 && memcmp(data, "/metrics", 8) == 0)) {
        return 0;
    }
    ask((const char *)data, size, next, sizeof next, &status);
    if (next[0] != '\0' && strlen(next) < sizeof asked) {
        (void)vg_copy(asked, sizeof asked, next);
        ask(asked, strlen(asked), next, sizeof next, &status);
        MUST(status == 200);
    }
    return 0;
}
