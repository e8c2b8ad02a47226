/* SPDX-License-Identifier: Apache-2.0
 *
 * Readings and steps as a table, CSV or JSON.
 */
#include "cli/history.h"

struct rows {
    const struct vg_history_ask *ask;
    size_t printed;
    struct vg_buffer line;
};

/* ---- Readings */

static void time_json(struct vg_buffer *b, const char *key, struct vg_instant at)
{
    if (vg_is_set(at)) {
        vg_put_raw(b, key);
        vg_put_time(b, at);
    }
}

static void reading_json(struct rows *rows, const struct vg_reading_row *row,
                         const char *value)
{
    const struct vg_reading *r = row->reading;
    struct vg_buffer *b = &rows->line;

    vg_buffer_clear(b);
    vg_put_raw(b, "{\"ts\":");
    vg_put_time(b, r->measured);
    vg_put_raw(b, ",\"code\":");
    vg_put_string(b, vg_signal_info(r->signal)->code);
    vg_put_raw(b, ",\"value\":");
    vg_put_raw(b, value);
    vg_put_raw(b, ",\"unit\":");
    vg_put_string(b, vg_unit_text(vg_signal_info(r->signal)->unit));
    vg_put_raw(b, ",\"source\":");
    vg_put_string(b, vg_source_text(r->source));
    vg_put_raw(b, ",\"quality\":");
    vg_put_string(b, vg_quality_text(r->quality));
    if (r->unit != vg_signal_info(r->signal)->unit && r->unit != VG_UNIT_NONE) {
        vg_put_raw(b, ",\"raw_value\":");
        vg_put_decimal(b, r->raw);
        vg_put_raw(b, ",\"raw_unit\":");
        vg_put_string(b, vg_unit_text(r->unit));
    }
    time_json(b, ",\"received\":", row->received);
    time_json(b, ",\"committed\":", row->committed);
    vg_put_raw(b, r->out_of_range ? ",\"out_of_range\":true}" : "}");
    (void)printf("%s%s", rows->printed > 0 ? ",\n" : "{\"readings\":[\n", b->bytes);
}

static bool on_reading(void *to, const struct vg_reading_row *row)
{
    struct rows *rows = to;
    const struct vg_reading *r = row->reading;
    const char *code = vg_signal_info(r->signal)->code;
    const char *unit = vg_unit_text(vg_signal_info(r->signal)->unit);
    char at[VG_TIME_TEXT];
    char value[VG_DECIMAL_TEXT];

    vg_time_format(r->measured, at);
    (void)vg_decimal_format(vg_history_value(r), value, sizeof value);
    if (rows->ask->format == VG_FORMAT_JSON) {
        reading_json(rows, row, value);
    } else if (rows->ask->format == VG_FORMAT_CSV) {
        (void)printf("%s%s,%s,%s,%s,%s,%s\n",
                     rows->printed == 0 ? "ts,code,value,unit,source,quality\n" : "",
                     at, code, value, unit, vg_source_text(r->source),
                     vg_quality_text(r->quality));
    } else {
        (void)printf("%s  %-10s %10s %-9s %-10s %s%s\n", at, code, value, unit,
                     vg_source_text(r->source), vg_quality_text(r->quality),
                     r->out_of_range ? "  OUT OF RANGE, not used" : "");
    }
    rows->printed++;
    return true;
}

/* ---- Steps */

static const char *text_of(int64_t millionths, char out[VG_DECIMAL_TEXT])
{
    (void)vg_decimal_format(vg_decimal_of(millionths, VG_HISTORY_PLACES), out,
                            VG_DECIMAL_TEXT);
    return out;
}

static void step_json(const struct rows *rows, const struct vg_history_step *step,
                      const char *at, char value[4][VG_DECIMAL_TEXT])
{
    const struct vg_signal_info *info = vg_signal_info(step->signal);

    (void)printf(
        "%s{\"ts\":\"%s\",\"code\":\"%s\",\"unit\":\"%s\",\"min\":%s,\"max\":%s,"
        "\"mean\":%.6g,\"count\":%llu,\"first\":%s,\"last\":%s}",
        rows->printed > 0 ? ",\n" : "{\"readings\":[\n", at, info->code,
        vg_unit_text(info->unit), value[0], value[1], step->mean,
        (unsigned long long)step->count, value[2], value[3]);
}

static bool on_step(void *to, const struct vg_history_step *step)
{
    struct rows *rows = to;
    const struct vg_signal_info *info = vg_signal_info(step->signal);
    const int64_t numbers[4] = {step->min, step->max, step->first, step->last};
    char value[4][VG_DECIMAL_TEXT];
    char at[VG_TIME_TEXT];

    vg_time_format(step->at, at);
    for (int i = 0; i < 4; i++) {
        (void)text_of(numbers[i], value[i]);
    }
    if (rows->ask->format == VG_FORMAT_JSON) {
        step_json(rows, step, at, value);
    } else if (rows->ask->format == VG_FORMAT_CSV) {
        (void)printf("%s%s,%s,%s,%s,%s,%.6g,%llu,%s,%s\n",
                     rows->printed == 0 ? "ts,code,unit,min,max,mean,count,first,last\n"
                                        : "",
                     at, info->code, vg_unit_text(info->unit), value[0], value[1],
                     step->mean, (unsigned long long)step->count, value[2], value[3]);
    } else {
        (void)printf("%s%s  %-10s %8s %8s %8.4g %7llu %8s %8s %s\n",
                     rows->printed == 0
                         ? "step                      code            min      max"
                           "     mean   count    first     last\n"
                         : "",
                     at, info->code, value[0], value[1], step->mean,
                     (unsigned long long)step->count, value[2], value[3],
                     vg_unit_text(info->unit));
    }
    rows->printed++;
    return true;
}

int vg_history_print(const struct vg_history_ask *ask, struct vg_reader *reader)
{
    struct rows rows = {.ask = ask};
    struct vg_page_end end = {0};
    struct vg_error error = {""};
    struct vg_history_query query = ask->query;

    query.arrival = ask->format == VG_FORMAT_JSON;
    const enum vg_status status =
        ask->query.step == 0
            ? vg_history_readings(reader, &query, on_reading, &rows, &end, &error)
            : vg_history_steps(reader, &query, on_step, &rows, &end, &error);

    if (ask->format == VG_FORMAT_JSON) {
        (void)fputs(rows.printed > 0 ? "\n]}\n" : "{\"readings\":[]}\n", stdout);
    }
    vg_buffer_finish(&rows.line);
    if (status != VG_OK) {
        return vg_history_failed(status, &error);
    }
    if (end.more) {
        (void)fprintf(stderr, "vigil history: cut after %zu rows; there is more\n",
                      end.rows);
    }
    return rows.printed > 0 ? VG_EXIT_DONE : VG_EXIT_NO;
}
