/* SPDX-License-Identifier: Apache-2.0
 *
 * Which path is answered by whom, and what every answer may need.
 */
#include "shell/api.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "shell/log.h"

#define RETRY_S 2 /* what is busy or slow now */

enum need {
    OPEN,    /* also who is not known */
    ANYBODY, /* whoever is known */
    HISTORY, /* who may read a patient's history */
    TREND,   /* the same, or of the last day in steps: what a display draws */
    SHOWN,   /* what a display draws, too */
    ENTER    /* who may write at a bed */
};

static const struct route {
    const char *method;
    const char *path[VG_API_PARTS]; /* "*" : any */
    enum need need;
    vg_api_fn *answer;
} routes[] = {
    {"GET", {"metrics"}, ANYBODY, vg_api_metrics},
    {"POST", {"api", "v1", "login"}, OPEN, vg_api_login},
    {"POST", {"api", "v1", "logout"}, OPEN, vg_api_logout},
    {"GET", {"api", "v1", "session"}, ANYBODY, vg_api_session},
    {"GET", {"api", "v1", "wards"}, ANYBODY, vg_api_wards},
    {"GET", {"api", "v1", "wards", "*", "beds"}, ANYBODY, vg_api_beds},
    {"GET", {"api", "v1", "wards", "*", "trends"}, SHOWN, vg_api_trends},
    {"GET", {"api", "v1", "protocols", "*", "limits"}, ANYBODY, vg_api_limits},
    {"GET", {"api", "v1", "episodes"}, HISTORY, vg_api_episodes},
    {"GET", {"api", "v1", "episodes", "*"}, HISTORY, vg_api_episode},
    {"GET", {"api", "v1", "readings"}, TREND, vg_api_readings},
    {"GET", {"api", "v1", "assessments"}, HISTORY, vg_api_assessments},
    {"GET", {"api", "v1", "coverage"}, HISTORY, vg_api_coverage},
    {"GET", {"api", "v1", "charted"}, HISTORY, vg_api_charted},
    {"GET", {"api", "v1", "alerts"}, HISTORY, vg_api_alerts},
    {"GET", {"api", "v1", "alerts", "*"}, HISTORY, vg_api_alert},
    {"POST", {"api", "v1", "alerts", "*", "*"}, ANYBODY, vg_api_command},
    {"POST", {"api", "v1", "beds", "*", "*", "*"}, ENTER, vg_api_message},
    {"GET", {"fhir", "metadata"}, ANYBODY, vg_api_fhir_metadata},
    {"GET", {"fhir", "*"}, HISTORY, vg_api_fhir_search},
    {"GET", {"fhir", "*", "*"}, HISTORY, vg_api_fhir_read},
};
#define ROUTES (sizeof routes / sizeof routes[0])

void vg_api_cut_path(struct vg_api_call *call, const char *path)
{
    call->path = path;
    while (*path == '/') {
        const size_t length = strcspn(++path, "/");
        if (call->part_count == VG_API_PARTS || length > VG_PATIENT_LEN) {
            call->too_long = true;
            return;
        }
        memcpy(call->part[call->part_count], path, length);
        call->part[call->part_count++][length] = '\0';
        path += length;
    }
}

static bool fits(const struct route *route, const struct vg_api_call *call)
{
    size_t i = 0;

    while (i < call->part_count && route->path[i] != NULL &&
           (strcmp(route->path[i], "*") == 0
                ? call->part[i][0] != '\0'
                : strcmp(route->path[i], call->part[i]) == 0)) {
        i++;
    }
    return !call->too_long && i == call->part_count &&
           (i == VG_API_PARTS || route->path[i] == NULL);
}

bool vg_api_knows(const struct vg_api_call *call)
{
    bool known = false;

    for (size_t i = 0; i < ROUTES && !known; i++) {
        known = fits(&routes[i], call);
    }
    return known;
}

/* What a display draws: steps, of the last day. */
static bool is_trend(const struct vg_api_call *call)
{
    struct vg_api_answer ignored = {0};
    struct vg_instant from = VG_UNSET;
    const bool recent = vg_api_time(call, &ignored, "from", &from) && vg_is_set(from) &&
                        vg_since(call->now, from) <= 25 * VG_HOUR;

    vg_buffer_finish(&ignored.text);
    return recent && vg_api_argument(call, "step") != NULL;
}

static bool may(enum need need, const struct vg_api_call *call)
{
    const enum vg_right right = call->who.user.right;

    if (!call->who.known) { /* nobody is configured, or it is open to all */
        return true;
    }
    switch (need) {
    case OPEN:
    case ANYBODY:
        return true;
    case HISTORY:
        return vg_right_reads(right);
    case SHOWN:
        return vg_right_reads(right) || right == VG_RIGHT_DISPLAY;
    case TREND:
        return vg_right_reads(right) || (right == VG_RIGHT_DISPLAY && is_trend(call));
    case ENTER:
        return vg_right_enters(right);
    }
    return false;
}

bool vg_api_is_open(const struct vg_api_call *call)
{
    for (size_t i = 0; i < ROUTES; i++) {
        if (routes[i].need == OPEN && fits(&routes[i], call) &&
            strcmp(routes[i].method, call->method) == 0) {
            return true;
        }
    }
    return false;
}

static void run(const struct route *route, struct vg_api *api,
                const struct vg_api_call *call, struct vg_api_answer *answer)
{
    if (!may(route->need, call)) {
        vg_api_problem(call, answer, 403, "%s is not for the right \"%s\"", call->path,
                       vg_right_text(call->who.user.right));
        return;
    }
    answer->status = 200;
    answer->type = "application/json";
    route->answer(api, call, answer);
    if (answer->text.failed) {
        vg_api_problem(call, answer, 503, "no memory for the answer");
    }
}

void vg_api_answer(struct vg_api *api, const struct vg_api_call *call,
                   struct vg_api_answer *answer)
{
    answer->status = 0;
    for (size_t i = 0; i < ROUTES; i++) {
        if (!fits(&routes[i], call)) {
            continue;
        }
        if (strcmp(routes[i].method, call->method) == 0) {
            run(&routes[i], api, call, answer);
            return;
        }
        answer->allow = routes[i].method[0] == 'G' ? "GET, HEAD" : "POST";
    }
    if (answer->allow != NULL) {
        vg_api_problem(call, answer, 405, "%s is not answered here, %s is",
                       call->method, answer->allow);
    } else {
        vg_api_problem(call, answer, 404, "there is no such path");
    }
}

void vg_api_finish(struct vg_api *api)
{
    vg_store_read_close(api->reader);
    api->reader = NULL;
}

/* ---- Problems */

static const char *title_of(unsigned status)
{
    static const struct {
        unsigned status;
        const char *title;
    } titles[] = {{400, "Bad Request"},
                  {401, "Unauthorized"},
                  {403, "Forbidden"},
                  {404, "Not Found"},
                  {405, "Method Not Allowed"},
                  {406, "Not Acceptable"},
                  {413, "Content Too Large"},
                  {414, "URI Too Long"},
                  {415, "Unsupported Media Type"},
                  {421, "Misdirected Request"},
                  {422, "Unprocessable Content"},
                  {429, "Too Many Requests"},
                  {431, "Request Header Fields Too Large"},
                  {500, "Internal Server Error"},
                  {503, "Service Unavailable"},
                  {504, "Gateway Timeout"},
                  {505, "HTTP Version Not Supported"}};

    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++) {
        if (titles[i].status == status) {
            return titles[i].title;
        }
    }
    return "Error";
}

static void put_problem(struct vg_buffer *b, unsigned status, const char *sentence)
{
    vg_put_raw(b, "{\"type\":\"about:blank\",\"title\":");
    vg_put_string(b, title_of(status));
    vg_put_raw(b, ",\"status\":");
    vg_put_int(b, status);
    vg_put_raw(b, ",\"detail\":");
    vg_put_string(b, sentence);
    vg_put_raw(b, "}\n");
}

static void put_outcome(struct vg_buffer *b, unsigned status, const char *sentence)
{
    const char *code = status == 404   ? "not-found"
                       : status == 405 ? "not-supported"
                       : status == 406 ? "not-supported"
                       : status == 401 ? "login"
                       : status == 403 ? "forbidden"
                       : status >= 500 ? "transient"
                                       : "invalid";

    vg_put_raw(
        b,
        "{\"resourceType\":\"OperationOutcome\",\"issue\":[{\"severity\":\"error\",\"code\":");
    vg_put_string(b, code);
    vg_put_raw(b, ",\"diagnostics\":");
    vg_put_string(b, sentence);
    vg_put_raw(b, "}]}\n");
}

void vg_api_problem(const struct vg_api_call *call, struct vg_api_answer *answer,
                    unsigned status, const char *format, ...)
{
    const bool fhir = strncmp(call->path, "/fhir", 5) == 0;
    char sentence[256];
    va_list list;

    va_start(list, format);
    (void)vsnprintf(sentence, sizeof sentence, format, list);
    va_end(list);
    answer->status = status;
    answer->changing = true;
    answer->file = NULL;
    answer->retry_s = status == 503 ? RETRY_S : 0;
    answer->type = fhir ? "application/fhir+json" : "application/problem+json";
    vg_buffer_finish(&answer->text);
    answer->text = (struct vg_buffer){0};
    (fhir ? put_outcome : put_problem)(&answer->text, status, sentence);
}

void vg_api_slow_down(const struct vg_api_call *call, struct vg_api_answer *answer,
                      vg_ms wait)
{
    const int seconds = (int)((wait + VG_SECOND - 1) / VG_SECOND);

    vg_api_problem(call, answer, 429, "too many failures: try again in %d s", seconds);
    answer->retry_s = seconds;
}

/* ---- The store */

void vg_api_failed(struct vg_api *api, const struct vg_api_call *call,
                   struct vg_api_answer *answer, enum vg_status status,
                   const struct vg_error *error)
{
    switch (status) {
    case VG_REFUSED:
    case VG_FULL:
        vg_api_problem(call, answer, 400, "%s", error->text);
        return;
    case VG_ABSENT:
        vg_api_problem(call, answer, 404, "%s", error->text);
        return;
    case VG_OK:
    case VG_NO_MEMORY:
    case VG_FAILED:
        break;
    }
    vg_log_write(api->log, VG_LOG_WARNING, "http.store",
                 "a question was not answered: %s", error->text);
    vg_api_problem(call, answer, 503, "%s", error->text);
    vg_api_finish(api); /* a new connection the next time */
}

struct vg_reader *vg_api_reader(struct vg_api *api, const struct vg_api_call *call,
                                struct vg_api_answer *answer)
{
    struct vg_error error = {"no memory"};

    if (api->reader == NULL) {
        const enum vg_status status =
            vg_store_read_open(api->settings->store_path, &api->reader, &error);
        if (status != VG_OK) {
            api->reader = NULL;
            vg_api_problem(call, answer, 503, "%s", error.text);
            return NULL;
        }
        vg_store_read_within(api->reader, VG_API_READ_WITHIN);
    }
    return api->reader;
}
