/* SPDX-License-Identifier: Apache-2.0
 *
 * What a test gives, as messages. See rule_test.h.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/rule_test_inside.h"
#include "core/expr_code.h"

const struct vg_instant vg_test_t0 = {INT64_C(1768032000000)}; /* 2026-01-10T08:00Z */

struct vg_instant vg_test_instant(const char *text)
{
    const bool negative = text[0] == '-';
    vg_ms sum = 0;

    text += negative;
    while (*text != '\0') {
        const size_t length = strcspn(text, " ");
        vg_ms span = 0;
        (void)vg_rule_span_parse(text, length, &span);
        sum += span;
        text += length;
        text += strspn(text, " ");
    }
    return vg_after(vg_test_t0, negative ? -sum : sum);
}

bool vg_given_add(struct vg_given_list *list, struct vg_instant arrives,
                  const char *topic, const struct vg_buffer *payload)
{
    if (list->count == list->capacity) {
        const size_t capacity = list->capacity * 2 + 64;
        struct vg_given *grown = realloc(list->item, capacity * sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        list->item = grown;
        list->capacity = capacity;
    }
    char *copy = payload->failed ? NULL : strdup(payload->bytes);
    if (copy == NULL) {
        return false;
    }
    list->item[list->count] = (struct vg_given){arrives, list->count, topic, copy};
    list->count++;
    return true;
}

void vg_given_finish(struct vg_given_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->item[i].payload);
    }
    free(list->item);
    memset(list, 0, sizeof *list);
}

bool vg_test_complain(FILE *report, const char *path, const struct vg_node *node,
                      const char *what)
{
    (void)fprintf(report, "%s:%u:%u: %s\n", path, node->place.line, node->place.column,
                  what);
    return false;
}

const char *vg_test_scalar(const struct vg_node *map, const char *key)
{
    const struct vg_node *node = vg_node_get(map, key);

    return node != NULL ? node->text : NULL;
}

/* ---- One item of "obs" */

/* "89 mm[Hg]", "7", "yes", "nasal_cannula": a number with its unit, a truth or a word. */
static void put_value(struct vg_buffer *b, const char *text)
{
    const size_t length = strcspn(text, " ");
    struct vg_decimal number;

    vg_put_raw(b, "\"value\":");
    if (vg_decimal_parse(text, length, &number) == VG_OK) {
        vg_put_decimal(b, number);
        if (text[length] != '\0') {
            vg_put_raw(b, ",\"unit\":");
            vg_put_string(b, text + length + strspn(text + length, " "));
        }
    } else if (strcmp(text, "yes") == 0 || strcmp(text, "no") == 0) {
        vg_put_raw(b, text[0] == 'y' ? "true" : "false");
    } else {
        vg_put_string(b, text);
    }
}

/* ice: {sentence: 0, year: 1}: item by item. */
static void put_items(struct vg_buffer *b, const struct vg_node *map)
{
    vg_put_raw(b, "\"items\":{");
    for (const struct vg_node *n = map->first; n != NULL; n = n->next) {
        vg_put_raw(b, n == map->first ? "" : ",");
        vg_put_string(b, n->key);
        vg_put_raw(b, ":");
        vg_put_raw(b, n->text != NULL ? n->text : "null");
    }
    vg_put_raw(b, "}");
}

/* Fields of a line that belong to the items of the line: name in a message, how written. */
enum form { WORD, NUMBER, TRUTH, SPAN };
static const struct {
    const char *key, *field;
    enum form form;
} extras[] = {{"source", "source", WORD},
              {"method", "method", WORD},
              {"quality", "quality", WORD},
              {"pi", "pi", NUMBER},
              {"flow", "flow", NUMBER},
              {"fio2_set", "fio2", NUMBER},
              {"uln", "uln", NUMBER},
              {"lln", "lln", NUMBER},
              {"on", "on", TRUTH},
              {"duration", "duration_s", SPAN},
              {"no_return", "no_return", TRUTH},
              {"haemorrhage", "haemorrhage", TRUTH},
              {"unarousable", "unarousable", TRUTH}};

#define EXTRAS (sizeof extras / sizeof extras[0])

static void put_extra(struct vg_buffer *b, size_t which, const char *text)
{
    vg_put_raw(b, ",\"");
    vg_put_raw(b, extras[which].field);
    vg_put_raw(b, "\":");
    if (extras[which].form == WORD) {
        vg_put_string(b, text);
    } else if (extras[which].form == TRUTH) {
        vg_put_raw(b, strcmp(text, "no") == 0 ? "false" : "true");
    } else if (extras[which].form == SPAN) {
        vg_ms span = 0;
        (void)vg_rule_span_parse(text, strlen(text), &span);
        vg_put_int(b, span / VG_SECOND);
    } else {
        struct vg_decimal number = {0, 0};
        (void)vg_decimal_parse(text, strcspn(text, " "), &number);
        vg_put_decimal(b, number);
    }
}

static bool known_code(const char *key, enum vg_signal_kind *kind)
{
    struct vg_code code;

    if (vg_signal_find(key, strlen(key), &code) != VG_OK) {
        return false;
    }
    *kind = vg_signal_info(code.signal)->kind;
    if (code.signal == VG_ICE) {
        *kind = VG_CHARTED;
    }
    return true;
}

static bool is_extra(const char *key)
{
    static const char *const moments[] = {"at",    "late",   "every",
                                          "until", "device", NULL};

    for (size_t i = 0; i < EXTRAS; i++) {
        if (strcmp(extras[i].key, key) == 0) {
            return true;
        }
    }
    for (size_t i = 0; moments[i] != NULL; i++) {
        if (strcmp(moments[i], key) == 0) {
            return true;
        }
    }
    return false;
}

static void put_item(struct vg_buffer *b, const struct vg_node *line,
                     const struct vg_node *value)
{
    vg_put_raw(b, "{\"code\":");
    vg_put_string(b, value->key);
    vg_put_raw(b, ",");
    if (value->kind == VG_NODE_MAP) {
        put_items(b, value);
    } else {
        put_value(b, value->text != NULL ? value->text : "");
    }
    for (size_t i = 0; i < EXTRAS; i++) {
        const char *text = vg_test_scalar(line, extras[i].key);
        if (text != NULL) {
            put_extra(b, i, text);
        }
    }
    vg_put_raw(b, "}");
}

/* ---- Lines */

static bool is_span(const char *text, size_t length)
{
    vg_ms span;

    return vg_rule_span_parse(text, length, &span) == VG_OK;
}

/* "48h 5m": spans one after the other. */
static bool is_moment(const char *text)
{
    bool all = true;

    for (text += text[0] == '-'; all && *text != '\0'; text += strspn(text, " ")) {
        const size_t length = strcspn(text, " ");
        all = is_span(text, length);
        text += length;
    }
    return all;
}

static bool fits_form(enum form form, const char *text)
{
    struct vg_decimal number;

    switch (form) {
    case NUMBER:
        return vg_decimal_parse(text, strcspn(text, " "), &number) == VG_OK;
    case TRUTH:
        return strcmp(text, "yes") == 0 || strcmp(text, "no") == 0;
    case SPAN:
        return is_span(text, strlen(text));
    case WORD:
        break;
    }
    return true;
}

/* Whether a field of a line is written in its form: "every: 5 min" is no "every: 5m", and would
 * give one value only. */
static bool fits(const struct vg_node *field)
{
    const char *text = field->text;

    if (text == NULL) {
        return false;
    }
    if (strcmp(field->key, "every") == 0 || strcmp(field->key, "late") == 0) {
        return is_span(text, strlen(text));
    }
    if (strcmp(field->key, "until") == 0) {
        return is_moment(text);
    }
    for (size_t i = 0; i < EXTRAS; i++) {
        if (strcmp(extras[i].key, field->key) == 0) {
            return fits_form(extras[i].form, text);
        }
    }
    return true; /* "at" was looked at when the file was read */
}

static bool put_message(const struct vg_node *line, const char *path, FILE *report,
                        struct vg_instant at, struct vg_buffer *b, const char **topic)
{
    static const char *const topics[] = {[VG_VITAL] = VG_TEST_BED "vitals",
                                         [VG_LAB] = VG_TEST_BED "labs",
                                         [VG_CHARTED] = VG_TEST_BED "assessment"};
    bool any = false;

    vg_buffer_clear(b);
    vg_put_raw(b, "{\"gateway\":\"test\",\"patient\":\"test\",\"ts\":");
    vg_put_time(b, at);
    if (vg_test_scalar(line, "device") != NULL) {
        vg_put_raw(b, ",\"device\":");
        vg_put_string(b, vg_test_scalar(line, "device"));
    }
    vg_put_raw(b, ",\"obs\":[");
    for (const struct vg_node *n = line->first; n != NULL; n = n->next) {
        enum vg_signal_kind kind = VG_VITAL;
        if (known_code(n->key, &kind) && !is_extra(n->key)) {
            vg_put_raw(b, any ? "," : "");
            put_item(b, line, n);
            *topic = topics[kind];
            any = true;
        } else if (!is_extra(n->key)) {
            return vg_test_complain(report, path, n,
                                    "no such signal or field of a test line");
        } else if (!fits(n)) {
            return vg_test_complain(report, path, n,
                                    "this is not written as its field is");
        }
    }
    vg_put_raw(b, "]}");
    return any || vg_test_complain(report, path, line, "this line gives nothing");
}

static bool put_line(const struct vg_node *line, const char *path, FILE *report,
                     struct vg_given_list *out)
{
    struct vg_buffer b = {0};
    struct vg_instant at = vg_test_instant(vg_test_scalar(line, "at"));
    const char *every = vg_test_scalar(line, "every");
    const char *until = vg_test_scalar(line, "until");
    const char *late = vg_test_scalar(line, "late");
    const struct vg_instant end = until != NULL ? vg_test_instant(until) : at;
    vg_ms step = 0;
    vg_ms delay = 0;
    bool good = true;

    if (every != NULL) {
        (void)vg_rule_span_parse(every, strlen(every), &step);
    }
    if (late != NULL) {
        (void)vg_rule_span_parse(late, strlen(late), &delay);
    }
    do {
        const char *topic = VG_TEST_BED "vitals";
        good = put_message(line, path, report, at, &b, &topic) &&
               vg_given_add(out, vg_after(at, delay), topic, &b);
        at = vg_after(at, step);
    } while (good && step > 0 && at.ms <= end.ms && out->count < 1000000);
    vg_buffer_finish(&b);
    return good;
}

/* ---- All */

static int by_arrival(const void *a, const void *b)
{
    const struct vg_given *left = a;
    const struct vg_given *right = b;

    if (left->arrives.ms != right->arrives.ms) {
        return left->arrives.ms < right->arrives.ms ? -1 : 1;
    }
    return left->order < right->order ? -1 : 1;
}

bool vg_test_letters(const struct vg_protocol *protocol, const struct vg_node *test,
                     const char *path, FILE *report, struct vg_given_list *out)
{
    const struct vg_node *given = vg_node_get(test, "given");
    struct vg_instant first = vg_test_t0;

    for (const struct vg_node *line = given->first; line != NULL; line = line->next) {
        first = vg_earlier(first, vg_test_instant(vg_test_scalar(line, "at")));
    }
    bool good = vg_test_patient(protocol, test, path, report, first, out);
    for (const struct vg_node *line = given->first; good && line != NULL;
         line = line->next) {
        good = put_line(line, path, report, out);
    }
    if (good) {
        qsort(out->item, out->count, sizeof *out->item, by_arrival);
    }
    return good;
}
