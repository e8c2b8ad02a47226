/* SPDX-License-Identifier: Apache-2.0
 *
 * vigil history --last, --gaps and --charted: what was known at an instant, when nothing usable
 * came, and what people wrote down.
 */
#include <inttypes.h>

#include "cli/charted.h"
#include "cli/history.h"

struct more {
    const struct vg_history_ask *ask;
    const char *name; /* of the list, in JSON */
    const char *head; /* of the columns, in CSV */
    struct vg_instant to;
    size_t printed;
    struct vg_buffer words;
};

static bool json(const struct more *m)
{
    return m->ask->format == VG_FORMAT_JSON;
}

static bool csv(const struct more *m)
{
    return m->ask->format == VG_FORMAT_CSV;
}

/* Before a row. */
static void begin(struct more *m)
{
    if (json(m)) {
        (void)printf(m->printed > 0 ? ",\n" : "{\"%s\":[\n", m->name);
    } else if (csv(m) && m->printed == 0) {
        (void)puts(m->head);
    }
    m->printed++;
}

static int end(struct more *m, enum vg_status status, const struct vg_error *error)
{
    if (json(m) && status == VG_OK) {
        (void)printf(m->printed > 0 ? "\n]}\n" : "{\"%s\":[]}\n", m->name);
    }
    vg_buffer_finish(&m->words);
    if (status != VG_OK) {
        return vg_history_failed(status, error);
    }
    return m->printed > 0 ? VG_EXIT_DONE : VG_EXIT_NO;
}

/* "1 d 2 h", "19 min", "45 s": two units at most. */
static void span_text(vg_ms span, char out[32])
{
    const int64_t s = span / VG_SECOND;

    if (span >= VG_DAY) {
        (void)snprintf(out, 32, "%" PRId64 " d %" PRId64 " h", span / VG_DAY,
                       span % VG_DAY / VG_HOUR);
    } else if (span >= VG_HOUR) {
        (void)snprintf(out, 32, "%" PRId64 " h %" PRId64 " min", span / VG_HOUR,
                       span % VG_HOUR / VG_MINUTE);
    } else if (span >= VG_MINUTE) {
        (void)snprintf(out, 32, "%" PRId64 " min", span / VG_MINUTE);
    } else {
        (void)snprintf(out, 32, "%" PRId64 " s", s);
    }
}

/* ---- Last known */

static bool on_last(void *to, const struct vg_reading_row *row)
{
    struct more *m = to;
    const struct vg_reading *r = row->reading;
    const struct vg_signal_info *info = vg_signal_info(r->signal);
    const vg_ms age = vg_since(m->to, r->measured);
    char at[VG_TIME_TEXT];
    char value[VG_DECIMAL_TEXT];
    char old[32];

    begin(m);
    vg_time_format(r->measured, at);
    (void)vg_decimal_format(vg_history_value(r), value, sizeof value);
    if (json(m)) {
        (void)printf("{\"ts\":\"%s\",\"code\":\"%s\",\"value\":%s,\"unit\":\"%s\","
                     "\"source\":\"%s\",\"quality\":\"%s\",\"age_s\":%" PRId64 "}",
                     at, info->code, value, vg_unit_text(info->unit),
                     vg_source_text(r->source), vg_quality_text(r->quality),
                     age / VG_SECOND);
    } else if (csv(m)) {
        (void)printf("%s,%s,%s,%s,%s,%s,%" PRId64 "\n", at, info->code, value,
                     vg_unit_text(info->unit), vg_source_text(r->source),
                     vg_quality_text(r->quality), age / VG_SECOND);
    } else {
        span_text(age, old);
        (void)printf("%-12s %10s %-9s %s  %12s before  %-10s %s\n", info->code, value,
                     vg_unit_text(info->unit), at, old, vg_source_text(r->source),
                     vg_quality_text(r->quality));
    }
    return true;
}

int vg_history_last_known(const struct vg_history_ask *ask, struct vg_reader *reader)
{
    struct vg_history_query query = ask->query;
    struct vg_error error = {""};

    query.to = vg_earlier(query.to, ask->now);
    if (!ask->from_given) {
        query.from = vg_after(query.to, -7 * VG_DAY);
    }
    struct more m = {.ask = ask,
                     .name = "last",
                     .head = "ts,code,value,unit,source,quality,age_s",
                     .to = query.to};
    return end(&m, vg_history_last(reader, &query, on_last, &m, &error), &error);
}

/* ---- Gaps */

static bool on_gap(void *to, const struct vg_history_gap *gap)
{
    struct more *m = to;
    const char *code = vg_signal_info(gap->signal)->code;
    const vg_ms length = vg_since(gap->end, gap->begin);
    char from[VG_TIME_TEXT];
    char until[VG_TIME_TEXT];
    char words[32];

    begin(m);
    vg_time_format(gap->begin, from);
    vg_time_format(gap->end, until);
    if (json(m)) {
        (void)printf(
            "{\"code\":\"%s\",\"from\":\"%s\",\"to\":\"%s\",\"seconds\":%" PRId64
            ",\"none_before\":%s,\"none_after\":%s}",
            code, from, until, length / VG_SECOND, gap->open_begin ? "true" : "false",
            gap->open_end ? "true" : "false");
    } else if (csv(m)) {
        (void)printf("%s,%s,%s,%" PRId64 ",%d,%d\n", code, from, until,
                     length / VG_SECOND, gap->open_begin, gap->open_end);
    } else {
        span_text(length, words);
        (void)printf("%-12s %s  %s  %12s%s\n", code, from, until, words,
                     gap->open_begin && gap->open_end ? "  none at all in this time"
                     : gap->open_begin                ? "  none before in this time"
                     : gap->open_end                  ? "  none since"
                                                      : "");
    }
    return true;
}

int vg_history_print_gaps(const struct vg_history_ask *ask, struct vg_reader *reader)
{
    const uint64_t usual = (uint64_t)1 << VG_TEMP | (uint64_t)1 << VG_HR |
                           (uint64_t)1 << VG_RR | (uint64_t)1 << VG_SPO2 |
                           (uint64_t)1 << VG_SBP;
    struct vg_history_query query = ask->query;
    struct vg_error error = {""};
    struct more m = {.ask = ask,
                     .name = "gaps",
                     .head = "code,from,to,seconds,none_before,none_after"};

    query.to = vg_earlier(query.to, ask->now);
    query.signals = query.signals != 0 ? query.signals : usual;
    return end(&m, vg_history_gaps(reader, &query, ask->gaps, on_gap, &m, &error),
               &error);
}

/* ---- What was charted */

static void csv_text(const char *text)
{
    (void)putchar('"');
    for (; *text != '\0'; text++) {
        (void)fputs(*text == '"' ? "\"\"" : (char[]){*text, '\0'}, stdout);
    }
    (void)putchar('"');
}

static void charted_json(struct more *m, const char *at, const char *code,
                         const struct vg_entry *entry, const char *details)
{
    struct vg_buffer b = {0};

    vg_put_string(&b, entry->value);
    vg_put_raw(&b, ",\"details\":");
    vg_put_string(&b, details);
    (void)printf("{\"ts\":\"%s\",\"code\":\"%s\",\"value\":%s}", at, code,
                 b.failed ? "null" : b.bytes);
    vg_buffer_finish(&b);
    m->words.failed = m->words.failed || b.failed;
}

static void print_entry(struct more *m, const struct vg_entry *entry)
{
    const char *code = vg_signal_info(entry->signal)->code;
    char at[VG_TIME_TEXT];

    begin(m);
    vg_time_format(entry->at, at);
    vg_charted_details(entry, &m->words);
    const char *details = m->words.length > 0 ? m->words.bytes : "";
    if (json(m)) {
        charted_json(m, at, code, entry, details);
    } else if (csv(m)) {
        (void)printf("%s,%s,", at, code);
        csv_text(entry->value);
        (void)putchar(',');
        csv_text(details);
        (void)putchar('\n');
    } else {
        (void)printf("%s  %-16s %s%s%s\n", at, code, entry->value,
                     details[0] != '\0' ? "  " : "", details);
    }
}

int vg_history_print_charted(const struct vg_history_ask *ask, struct vg_reader *reader)
{
    struct vg_charted charted = {.wanted = ask->charted_codes};
    struct vg_error error = {""};
    struct more m = {.ask = ask, .name = "charted", .head = "ts,code,value,details"};
    struct vg_history_query query = ask->query;

    query.signals = 0;
    const enum vg_status status = vg_charted_find(reader, &query, &charted, &error);
    for (size_t i = 0; i < charted.count && status == VG_OK; i++) {
        print_entry(&m, &charted.entry[i]);
    }
    vg_charted_finish(&charted);
    return end(&m, status, &error);
}
