/* SPDX-License-Identifier: Apache-2.0
 *
 * The names and the small notations of the rule language: functions, closed lists of
 * names, spans of time, decimals.
 *
 * Source of the lists: the outside contract (agents, drugs, symptoms); flags: flag.h.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/expr_code.h"

const char *const vg_expr_supports[] = {
    "oxygen",         "norepinephrine", "epinephrine", "phenylephrine", "dopamine",
    "angiotensin_ii", "vasopressin",    "dobutamine",  "milrinone",     NULL};

const char *const vg_expr_drugs[] = {"paracetamol",
                                     "metamizole",
                                     "nsaid",
                                     "corticosteroid",
                                     "tocilizumab",
                                     "siltuximab",
                                     "anakinra",
                                     "ruxolitinib",
                                     "naproxen",
                                     "il2",
                                     "gcsf",
                                     "antibiotic",
                                     "platelet_transfusion",
                                     NULL};

const char *const vg_expr_symptoms[] = {
    "urticaria", "flushing", "itch",         "angioedema", "wheeze",
    "stridor",   "dyspnoea", "voice_change", "gi_severe",  "syncope",
    "rigors",    "headache", "word_finding", "tremor",     NULL};

const char *const vg_expr_settings[] = {"inpatient", "outpatient", NULL};

static const struct {
    const char *name;
    enum vg_query_kind kind;
    bool spans;
} functions[] = {
    {"last", VG_ASK_LAST, false},  {"min", VG_ASK_MIN, true},
    {"max", VG_ASK_MAX, true},     {"avg", VG_ASK_AVG, true},
    {"count", VG_ASK_COUNT, true}, {"rise", VG_ASK_RISE, true},
    {"drop", VG_ASK_DROP, true},   {"slope", VG_ASK_SLOPE, true},
    {"age", VG_ASK_AGE, false},    {"baseline", VG_ASK_BASELINE, false},
};
#define FUNCTIONS (sizeof functions / sizeof functions[0])

static bool same(const char *name, const char *text, size_t length)
{
    return strlen(name) == length && memcmp(name, text, length) == 0;
}

enum vg_query_kind vg_expr_function(const char *name, size_t length)
{
    for (size_t i = 0; i < FUNCTIONS; i++) {
        if (same(functions[i].name, name, length)) {
            return functions[i].kind;
        }
    }
    return VG_ASK_KIND_COUNT;
}

const char *vg_expr_function_text(enum vg_query_kind kind)
{
    for (size_t i = 0; i < FUNCTIONS; i++) {
        if (functions[i].kind == kind) {
            return functions[i].name;
        }
    }
    return ""; /* not reached: asked of kinds that have a row */
}

bool vg_expr_function_spans(enum vg_query_kind kind)
{
    for (size_t i = 0; i < FUNCTIONS; i++) {
        if (functions[i].kind == kind) {
            return functions[i].spans;
        }
    }
    return false; /* not reached: asked of kinds that have a row */
}

enum vg_signal vg_expr_signal(const char *name, size_t length)
{
    for (unsigned i = 0; i < VG_MEASURED_COUNT; i++) {
        if (same(vg_signal_info((enum vg_signal)i)->code, name, length)) {
            return (enum vg_signal)i;
        }
    }
    return VG_SIGNAL_COUNT;
}

/* The names that `vigil replay --assess` and the API give the same thing. */
static const struct {
    const char *said, *field;
} also[] = {
    {"crs.fever_waived", "crs.waived"}, {"crs.fever_may_be_masked", "crs.masked"},
    {"fn.anc_assumed", "fn.assumed"},   {"iec_hs.ferritin_required", "iec_hs.ferritin"},
    {"tls.lab_tls", "tls.lab"},         {"shock_index.value", "shock.index"},
};

const struct vg_field *vg_expr_field(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof also / sizeof *also; i++) {
        if (same(also[i].said, name, length)) {
            name = also[i].field;
            length = strlen(name);
            break;
        }
    }
    for (const struct vg_field *field = vg_fields(); field->name != NULL; field++) {
        if (same(field->name, name, length)) {
            return field;
        }
    }
    return NULL;
}

/* A day is the word only from three days on: people say "24 h" and "48 h". */
static const struct {
    char letter;
    vg_ms span;
    vg_ms from;
    const char *word;
} spans[] = {
    {'d', VG_DAY, 3 * VG_DAY, "d"},
    {'h', VG_HOUR, VG_HOUR, "h"},
    {'m', VG_MINUTE, VG_MINUTE, "min"},
    {'s', VG_SECOND, 0, "s"},
};
#define SPANS (sizeof spans / sizeof spans[0])

#define LONGEST_SPAN (1000 * VG_DAY)

enum vg_status vg_rule_span_parse(const char *text, size_t length, vg_ms *out)
{
    vg_ms number = 0;
    size_t i = 0;

    for (; i < length && text[i] >= '0' && text[i] <= '9'; i++) {
        number = number * 10 + (text[i] - '0');
        if (number > LONGEST_SPAN) {
            return VG_REFUSED;
        }
    }
    if (i == 0 || i + 1 != length) {
        return VG_REFUSED;
    }
    for (size_t k = 0; k < SPANS; k++) {
        if (spans[k].letter == text[i] && number <= LONGEST_SPAN / spans[k].span) {
            *out = number * spans[k].span;
            return VG_OK;
        }
    }
    return VG_REFUSED;
}

void vg_rule_span_format(vg_ms span, bool words, char out[VG_SPAN_TEXT])
{
    for (size_t k = 0; k < SPANS; k++) {
        if (span % spans[k].span != 0 || span < spans[k].from) {
            continue;
        }
        const long long number = span / spans[k].span;

        if (words) {
            (void)snprintf(out, VG_SPAN_TEXT, "%lld %s", number, spans[k].word);
        } else {
            (void)snprintf(out, VG_SPAN_TEXT, "%lld%c", number, spans[k].letter);
        }
        return;
    }

    const long long ms = (long long)span; /* not reached: spans are whole seconds */
    (void)snprintf(out, VG_SPAN_TEXT, "%lld ms", ms); /* not reached: the same */
}

static int64_t power_of_ten(unsigned places)
{
    int64_t power = 1;

    while (places-- > 0) {
        power *= 10;
    }
    return power;
}

struct vg_number vg_number_round(struct vg_number number, unsigned places)
{
    const int64_t power = power_of_ten(places);
    struct vg_number steps = vg_number_multiply(number, vg_number_of(power, 1));

    if (!steps.known) {
        return VG_NUMBER_UNKNOWN;
    }
    int64_t whole = steps.numerator / steps.denominator;
    const int64_t rest = steps.numerator % steps.denominator;

    if ((rest < 0 ? -rest : rest) >= steps.denominator - (rest < 0 ? -rest : rest)) {
        whole += rest < 0 ? -1 : rest > 0;
    }
    return vg_number_of(whole, power);
}

size_t vg_number_format(struct vg_number number, unsigned places, unsigned least,
                        char *out, size_t capacity)
{
    const struct vg_number rounded = vg_number_round(number, places);

    if (!rounded.known) {
        return (size_t)snprintf(out, capacity, "unknown");
    }
    char text[VG_DECIMAL_TEXT + 32];
    size_t length = vg_decimal_format(vg_decimal_of(rounded.numerator, places), text,
                                      VG_DECIMAL_TEXT);
    const char *point = strchr(text, '.');
    size_t have = point == NULL ? 0 : strlen(point) - 1;

    if (have == 0 && least > 0) {
        text[length++] = '.';
    }
    for (; have < least && length + 1 < sizeof text; have++) {
        text[length++] = '0';
    }
    text[length] = '\0';
    return (size_t)snprintf(out, capacity, "%s", text);
}

void vg_sink_put(struct vg_sink *sink, const char *format, ...)
{
    va_list arguments;

    if (sink->length + 1 >= sink->capacity) {
        return;
    }
    va_start(arguments, format);
    const int length = vsnprintf(sink->out + sink->length,
                                 sink->capacity - sink->length, format, arguments);

    va_end(arguments);
    if (length > 0) {
        const size_t room = sink->capacity - 1 - sink->length;

        sink->length += (size_t)length < room ? (size_t)length : room;
    }
}
