/* SPDX-License-Identifier: Apache-2.0
 *
 * Readings and their steps, as JSON, CSV or one JSON object a line.
 */
#include <stdio.h>
#include <string.h>

#include "shell/api.h"
#include "shell/history.h"
#include "wire/encode_parts.h"

enum format { JSON, CSV, NDJSON };

struct list {
    struct vg_buffer *b;
    enum format format;
    size_t count;
    const struct vg_history_query *query;
};

/* ---- What was asked */

static bool format_of(const struct vg_api_call *call, struct vg_api_answer *answer,
                      enum format *out)
{
    static const char *const names[] = {"json", "csv", "ndjson"};
    const char *text = vg_api_argument(call, "format");

    *out = JSON;
    for (int i = 0; i < 3 && text != NULL; i++) {
        if (strcmp(text, names[i]) == 0) {
            *out = (enum format)i;
            return true;
        }
    }
    if (text != NULL) {
        vg_api_problem(call, answer, 400, "format must be json, csv or ndjson");
    }
    return text == NULL;
}

/* Into query->step; 0: none asked for. */
static bool step_of(const struct vg_api_call *call, struct vg_api_answer *answer,
                    vg_ms *out)
{
    const char *text = vg_api_argument(call, "step");

    if (text != NULL && (vg_span_parse(text, strlen(text), out) != VG_OK ||
                         *out < VG_SECOND || *out > 366 * VG_DAY)) {
        vg_api_problem(call, answer, 400,
                       "step must be a time like 5m, from 1s to 366d");
        return false;
    }
    return true;
}

/* "times=all": when they were received and committed, too. */
static bool times_of(const struct vg_api_call *call, struct vg_api_answer *answer,
                     bool *out)
{
    const char *text = vg_api_argument(call, "times");

    *out = text != NULL && strcmp(text, "all") == 0;
    if (text != NULL && !*out) {
        vg_api_problem(call, answer, 400, "times can only be all");
        return false;
    }
    return true;
}

static bool query_of(const struct vg_api_call *call, struct vg_api_answer *answer,
                     struct vg_history_query *q)
{
    static const char *const names[] = {"patient", "code",  "from",  "to",    "step",
                                        "format",  "limit", "after", "times", NULL};

    q->from = VG_UNSET;
    q->to = VG_NEVER;
    return vg_api_only(call, answer, names) &&
           vg_api_patient(call, answer, &q->patient) &&
           vg_api_codes(call, answer, &q->signals) &&
           vg_api_span(call, answer, &q->from, &q->to) &&
           vg_api_limit(call, answer, &q->limit) &&
           times_of(call, answer, &q->arrival) && vg_api_after(call, answer, &q->after);
}

/* ---- One reading */

static void put_decimal(struct vg_buffer *b, const char *key, struct vg_decimal value)
{
    vg_key(b, key);
    vg_put_decimal(b, value);
}

static void put_json(const struct list *list, const struct vg_reading_row *row)
{
    struct vg_buffer *b = list->b;
    const struct vg_reading *r = row->reading;
    const struct vg_signal_info *info = vg_signal_info(r->signal);

    vg_put_raw(b, "{\"ts\":");
    vg_put_time(b, r->measured);
    vg_key_text(b, "code", info->code);
    put_decimal(b, "value", vg_history_value(r));
    vg_key_text(b, "unit", vg_unit_text(info->unit));
    vg_key_text(b, "source", vg_source_text(r->source));
    vg_key_text(b, "quality", vg_quality_text(r->quality));
    if (r->unit != info->unit) {
        put_decimal(b, "raw_value", r->raw);
        vg_key_text(b, "raw_unit", vg_unit_text(r->unit));
    }
    if (r->method != VG_METHOD_NONE) {
        vg_key_text(b, "method", vg_method_text(r->method));
    }
    if (r->pi >= 0) {
        put_decimal(b, "pi", vg_decimal_of(r->pi, 2));
    }
    if (list->query->arrival) {
        vg_key_time(b, "received", row->received);
        vg_key_time(b, "committed", row->committed);
    }
    vg_put_raw(b, "}");
}

/* Our words and numbers need no quotes; units may hold a comma ("10*3/uL" does not). */
static void put_field(struct vg_buffer *b, const char *text)
{
    const bool quote = strpbrk(text, ",\"\r\n") != NULL;

    vg_put_raw(b, quote ? "\"" : "");
    for (; *text != '\0'; text++) {
        vg_buffer_add(b, text, 1);
        if (*text == '"') {
            vg_put_raw(b, "\"");
        }
    }
    vg_put_raw(b, quote ? "\"" : "");
}

static void put_time(struct vg_buffer *b, struct vg_instant at)
{
    char text[VG_TIME_TEXT];

    vg_time_format(at, text);
    vg_put_raw(b, text);
}

static const char reading_names[] =
    "ts,code,value,unit,source,quality,raw_value,raw_unit,method,pi\r\n";

static void put_csv(struct vg_buffer *b, const struct vg_reading *r)
{
    const struct vg_signal_info *info = vg_signal_info(r->signal);
    const bool converted = r->unit != info->unit;

    put_time(b, r->measured);
    vg_put_raw(b, ",");
    put_field(b, info->code);
    vg_put_raw(b, ",");
    vg_put_decimal(b, vg_history_value(r));
    vg_put_raw(b, ",");
    put_field(b, vg_unit_text(info->unit));
    vg_put_raw(b, ",");
    put_field(b, vg_source_text(r->source));
    vg_put_raw(b, ",");
    put_field(b, vg_quality_text(r->quality));
    vg_put_raw(b, ",");
    if (converted) {
        vg_put_decimal(b, r->raw);
    }
    vg_put_raw(b, ",");
    put_field(b, converted ? vg_unit_text(r->unit) : "");
    vg_put_raw(b, ",");
    put_field(b, vg_method_text(r->method));
    vg_put_raw(b, ",");
    if (r->pi >= 0) {
        vg_put_decimal(b, vg_decimal_of(r->pi, 2));
    }
    vg_put_raw(b, "\r\n");
}

static bool put_reading(void *to, const struct vg_reading_row *row)
{
    struct list *list = to;

    if (list->format == CSV) {
        put_csv(list->b, row->reading);
    } else {
        vg_put_raw(list->b, list->format == JSON && list->count > 0 ? ",\n" : "");
        put_json(list, row);
        vg_put_raw(list->b, list->format == NDJSON ? "\n" : "");
    }
    list->count++;
    return !list->b->failed;
}

/* ---- One step */

static const char step_names[] = "ts,code,unit,min,max,mean,count,first,last\r\n";

/* Six places are more than any instrument has. */
static struct vg_decimal mean_of(const struct vg_history_step *step)
{
    struct vg_decimal mean = {0, 0};
    char text[64];

    (void)snprintf(text, sizeof text, "%.6f", step->mean);
    (void)vg_decimal_parse(text, strlen(text), &mean);
    return mean;
}

static void step_json(struct vg_buffer *b, const struct vg_history_step *step)
{
    const struct vg_signal_info *info = vg_signal_info(step->signal);

    vg_put_raw(b, "{\"ts\":");
    vg_put_time(b, step->at);
    vg_key_text(b, "code", info->code);
    vg_key_text(b, "unit", vg_unit_text(info->unit));
    put_decimal(b, "min", vg_decimal_of(step->min, VG_HISTORY_PLACES));
    put_decimal(b, "max", vg_decimal_of(step->max, VG_HISTORY_PLACES));
    put_decimal(b, "mean", mean_of(step));
    vg_key_int(b, "count", (int64_t)step->count);
    put_decimal(b, "first", vg_decimal_of(step->first, VG_HISTORY_PLACES));
    put_decimal(b, "last", vg_decimal_of(step->last, VG_HISTORY_PLACES));
    vg_put_raw(b, "}");
}

static void step_csv(struct vg_buffer *b, const struct vg_history_step *step)
{
    const struct vg_signal_info *info = vg_signal_info(step->signal);
    const struct vg_decimal numbers[] = {vg_decimal_of(step->min, VG_HISTORY_PLACES),
                                         vg_decimal_of(step->max, VG_HISTORY_PLACES),
                                         mean_of(step),
                                         {(int64_t)step->count, 0},
                                         vg_decimal_of(step->first, VG_HISTORY_PLACES),
                                         vg_decimal_of(step->last, VG_HISTORY_PLACES)};

    put_time(b, step->at);
    vg_put_raw(b, ",");
    put_field(b, info->code);
    vg_put_raw(b, ",");
    put_field(b, vg_unit_text(info->unit));
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        vg_put_raw(b, ",");
        vg_put_decimal(b, numbers[i]);
    }
    vg_put_raw(b, "\r\n");
}

static bool put_step(void *to, const struct vg_history_step *step)
{
    struct list *list = to;

    if (list->format == CSV) {
        step_csv(list->b, step);
    } else {
        vg_put_raw(list->b, list->format == JSON && list->count > 0 ? ",\n" : "");
        step_json(list->b, step);
        vg_put_raw(list->b, list->format == NDJSON ? "\n" : "");
    }
    list->count++;
    return !list->b->failed;
}

/* ---- The whole */

/* Of CSV and NDJSON the head tells where it goes on: there is no place in the text. */
static void put_link(const struct vg_api_call *call, struct vg_api_answer *answer,
                     const struct vg_page_end *end)
{
    struct vg_buffer b = {0};
    static const char before[] = ",\"next\":\"";

    vg_api_put_next(call, &b, end);
    if (!b.failed && b.length > sizeof before) {
        answer->next = strndup(b.bytes + sizeof before - 1, b.length - sizeof before);
    }
    vg_buffer_finish(&b);
}

static void begin(struct vg_api_answer *answer, const struct list *list, bool steps)
{
    static const struct {
        const char *type, *file;
    } formats[] = {[JSON] = {"application/json", NULL},
                   [CSV] = {"text/csv; charset=utf-8; header=present", "readings.csv"},
                   [NDJSON] = {"application/x-ndjson", "readings.ndjson"}};

    answer->type = formats[list->format].type;
    answer->file = formats[list->format].file;
    if (list->format == JSON) {
        vg_put_raw(list->b, "{\"readings\":[");
    } else if (list->format == CSV) {
        vg_put_raw(list->b, steps ? step_names : reading_names);
    }
}

void vg_api_readings(struct vg_api *api, const struct vg_api_call *call,
                     struct vg_api_answer *answer)
{
    struct vg_history_query query = {0};
    struct vg_page_end end = {0};
    struct vg_error error = {"no memory"};
    struct list list = {.b = &answer->text, .query = &query};

    if (!query_of(call, answer, &query) || !step_of(call, answer, &query.step) ||
        !format_of(call, answer, &list.format) ||
        !vg_api_may_read(api, call, answer, query.patient, "readings")) {
        return;
    }
    struct vg_reader *reader = vg_api_reader(api, call, answer);
    if (reader == NULL) {
        return;
    }
    begin(answer, &list, query.step > 0);
    const enum vg_status status =
        query.step > 0
            ? vg_history_steps(reader, &query, put_step, &list, &end, &error)
            : vg_history_readings(reader, &query, put_reading, &list, &end, &error);
    if (status != VG_OK) {
        vg_api_failed(api, call, answer, status, &error);
    } else if (list.format == JSON) {
        vg_api_history_end(call, answer, reader, &end);
    } else {
        put_link(call, answer, &end);
    }
}
