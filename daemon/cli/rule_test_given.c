/* SPDX-License-Identifier: Apache-2.0
 *
 * What a test gives, as messages. See rule_test.h.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/rule_test.h"
#include "core/expr_code.h"

#define BED "vigil/v1/beds/test/1/"

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

static bool add(struct vg_given_list *list, struct vg_instant arrives,
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

static const char *scalar(const struct vg_node *map, const char *key)
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
        const char *text = scalar(line, extras[i].key);
        if (text != NULL) {
            put_extra(b, i, text);
        }
    }
    vg_put_raw(b, "}");
}

/* ---- Lines */

static bool complain(FILE *report, const char *path, const struct vg_node *node,
                     const char *what)
{
    (void)fprintf(report, "%s:%u:%u: %s\n", path, node->place.line, node->place.column,
                  what);
    return false;
}

static bool put_message(const struct vg_node *line, const char *path, FILE *report,
                        struct vg_instant at, struct vg_buffer *b, const char **topic)
{
    static const char *const topics[] = {[VG_VITAL] = BED "vitals",
                                         [VG_LAB] = BED "labs",
                                         [VG_CHARTED] = BED "assessment"};
    bool any = false;

    vg_buffer_clear(b);
    vg_put_raw(b, "{\"gateway\":\"test\",\"patient\":\"test\",\"ts\":");
    vg_put_time(b, at);
    if (scalar(line, "device") != NULL) {
        vg_put_raw(b, ",\"device\":");
        vg_put_string(b, scalar(line, "device"));
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
            return complain(report, path, n, "no such signal or field of a test line");
        }
    }
    vg_put_raw(b, "]}");
    return any || complain(report, path, line, "this line gives nothing");
}

static bool put_line(const struct vg_node *line, const char *path, FILE *report,
                     struct vg_given_list *out)
{
    struct vg_buffer b = {0};
    struct vg_instant at = vg_test_instant(scalar(line, "at"));
    const char *every = scalar(line, "every");
    const char *until = scalar(line, "until");
    const char *late = scalar(line, "late");
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
        const char *topic = BED "vitals";
        good = put_message(line, path, report, at, &b, &topic) &&
               add(out, vg_after(at, delay), topic, &b);
        at = vg_after(at, step);
    } while (good && step > 0 && at.ms <= end.ms && out->count < 1000000);
    vg_buffer_finish(&b);
    return good;
}

/* ---- The patient */

static void put_limits(struct vg_buffer *b, const struct vg_node *test, const char *key)
{
    const struct vg_node *map = vg_node_get(test, key);

    if (map == NULL || map->kind != VG_NODE_MAP) {
        return;
    }
    vg_put_raw(b, ",\"");
    vg_put_raw(b, key);
    vg_put_raw(b, "\":{");
    for (const struct vg_node *n = map->first; n != NULL; n = n->next) {
        struct vg_decimal number = {0, 0};
        (void)vg_decimal_parse(n->text, strcspn(n->text, " "), &number);
        vg_put_raw(b, n == map->first ? "" : ",");
        vg_put_string(b, n->key);
        vg_put_raw(b, ":");
        vg_put_decimal(b, number);
    }
    vg_put_raw(b, "}");
}

static void put_word(struct vg_buffer *b, const struct vg_node *test, const char *key)
{
    const char *text = scalar(test, key);

    if (text != NULL) {
        vg_put_raw(b, ",\"");
        vg_put_raw(b, key);
        vg_put_raw(b, "\":");
        vg_put_string(b, text);
    }
}

static bool infusion_is(const struct vg_node *test, const char *word)
{
    const char *infusion = scalar(test, "infusion");

    return infusion != NULL && strcmp(infusion, word) == 0;
}

static bool put_admission(const struct vg_protocol *protocol,
                          const struct vg_node *test, struct vg_instant first,
                          struct vg_given_list *out)
{
    const char *age = scalar(test, "age");
    const char *product = scalar(test, "product");
    const struct vg_instant at = vg_after(first, -VG_MINUTE);
    struct vg_buffer b = {0};

    if (product == NULL && protocol->product_count > 0) {
        product = vg_product_text(protocol->product[0]);
    }
    vg_put_raw(&b, "{\"by\":\"test\",\"do\":\"admit\",\"patient\":\"test\",\"ts\":");
    vg_put_time(&b, at);
    vg_put_raw(&b, ",\"protocol\":");
    vg_put_string(&b, protocol->name);
    vg_put_raw(&b, ",\"product\":");
    vg_put_string(&b, product != NULL ? product : "car_t");
    if (age == NULL || strcmp(age, "unknown") != 0) {
        vg_put_raw(&b, ",\"age\":");
        vg_put_raw(&b, age != NULL ? age : "55");
    }
    if (infusion_is(test, "planned")) {
        vg_put_raw(&b, ",\"infusion_planned\":");
        vg_put_time(&b, vg_test_t0);
    }
    put_word(&b, test, "setting");
    put_word(&b, test, "target");
    put_limits(&b, test, "baseline");
    put_limits(&b, test, "uln");
    vg_put_raw(&b, "}");
    const bool good = add(out, at, BED "episode", &b);
    vg_buffer_finish(&b);
    return good;
}

/* The first from 0s to 30m; with "infusion: none", or "planned" for 0s, none is charted. */
static bool put_infusion(const struct vg_node *test, struct vg_given_list *out)
{
    static const struct {
        const char *value;
        vg_ms at;
    } moments[] = {{"start", 0}, {"end", 30 * VG_MINUTE}};
    const bool charted = !infusion_is(test, "none") && !infusion_is(test, "planned");
    struct vg_buffer b = {0};
    bool good = true;

    for (size_t i = 0; good && charted && i < 2; i++) {
        const struct vg_instant at = vg_after(vg_test_t0, moments[i].at);
        vg_buffer_clear(&b);
        vg_put_raw(&b, "{\"gateway\":\"test\",\"patient\":\"test\",\"ts\":");
        vg_put_time(&b, at);
        vg_put_raw(&b, ",\"obs\":[{\"code\":\"infusion\",\"value\":");
        vg_put_string(&b, moments[i].value);
        vg_put_raw(&b, "}]}");
        good = add(out, at, BED "therapy", &b);
    }
    vg_buffer_finish(&b);
    return good;
}

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
        first = vg_earlier(first, vg_test_instant(scalar(line, "at")));
    }
    bool good = put_admission(protocol, test, first, out) && put_infusion(test, out);
    for (const struct vg_node *line = given->first; good && line != NULL;
         line = line->next) {
        good = put_line(line, path, report, out);
    }
    qsort(out->item, out->count, sizeof *out->item, by_arrival);
    return good;
}
