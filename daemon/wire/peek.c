/* SPDX-License-Identifier: Apache-2.0
 *
 * A glance at a letter before it is decoded. See wire.h.
 */
#include <stdlib.h>
#include <string.h>

#include "vigil/decimal.h"
#include "vigil/wire.h"

#include "core/limits.h"

static const char vitals[] = "/vitals";

static bool is_vitals(const struct vg_letter *letter)
{
    const size_t tail = sizeof vitals - 1;

    return letter->topic_length >= tail &&
           memcmp(letter->topic + letter->topic_length - tail, vitals, tail) == 0;
}

/* What follows `key` and its colon; NULL: it is not there. */
static const char *value_of(const char *text, const char *end, const char *key)
{
    const size_t length = strlen(key);

    for (const char *at = text; at + length < end; at++) {
        at = memchr(at, '"', (size_t)(end - at) - length);
        if (at == NULL) {
            return NULL;
        }
        if (at[1] != key[1] || memcmp(at, key, length) != 0) {
            continue;
        }
        const char *value = at + length;
        while (value < end && (*value == ' ' || *value == '\t')) {
            value++;
        }
        if (value < end && *value == ':') {
            do {
                value++;
            } while (value < end && (*value == ' ' || *value == '\t'));
            return value;
        }
    }
    return NULL;
}

static bool number(const char *text, const char *end, struct vg_instant *out)
{
    int64_t ms = 0;
    const char *at = text;

    while (at < end && *at >= '0' && *at <= '9' && at - text < 16) {
        ms = ms * 10 + (*at++ - '0');
    }
    out->ms = ms;
    return at - text >= 12; /* milliseconds of this century */
}

static bool instant_of(const char *value, const char *end, struct vg_instant *out)
{
    if (*value != '"') {
        return number(value, end, out);
    }
    const char *close = memchr(value + 1, '"', (size_t)(end - value) - 1);
    return close != NULL &&
           vg_time_parse(value + 1, (size_t)(close - value) - 1, out) == VG_OK;
}

bool vg_letter_backlog(const struct vg_letter *letter, struct vg_instant received)
{
    const char *text = letter->payload;
    const char *end = text + letter->payload_length;
    struct vg_instant measured;

    if (!is_vitals(letter) || value_of(text, end, "\"seq\"") == NULL) {
        return false;
    }
    const char *ts = value_of(text, end, "\"ts\"");
    return ts != NULL && ts < end && instant_of(ts, end, &measured) &&
           vg_since(received, measured) > VG_BACKLOG;
}

/* ---- What is newly beyond no limit */

#define BEDS    16384 /* power of two */
#define NEAR    8     /* a bed stands in one of so many rows, or is forgotten */
#define STRETCH 16    /* letters */

/* Limits are bits, by row of vg_field_limits. */
struct of_bed {
    uint32_t bed;          /* hash of its topic; 0: free */
    uint32_t beyond;       /* those that its last values were beyond */
    uint32_t lately, then; /* or were once in this stretch of letters, or in the last */
    uint32_t letters;      /* of this stretch */
};

struct vg_glance {
    struct of_bed row[BEDS];
};

struct vg_glance *vg_glance_create(void)
{
    return calloc(1, sizeof(struct vg_glance));
}

void vg_glance_destroy(struct vg_glance *glance)
{
    free(glance);
}

static bool of_number(char c)
{
    return (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+' || c == 'e' ||
           c == 'E';
}

/* Thousandths; false: no number. */
static bool milli_of(const char *at, const char *end, int64_t *out)
{
    const struct vg_ratio same = {1, 1};
    const struct vg_decimal nothing = {0, 0};
    struct vg_decimal number;
    const char *stop = at;

    while (stop < end && of_number(*stop)) {
        stop++;
    }
    return vg_decimal_parse(at, (size_t)(stop - at), &number) == VG_OK &&
           vg_decimal_scale(number, nothing, same, 3, out) == VG_OK;
}

static bool is_beyond(const struct vg_field_limit *limit, int64_t milli)
{
    switch (limit->side) {
    case VG_LIMIT_BELOW:
        return milli < limit->milli;
    case VG_LIMIT_AT_MOST:
        return milli <= limit->milli;
    case VG_LIMIT_AT_LEAST:
        return milli >= limit->milli;
    case VG_LIMIT_ABOVE:
        break;
    }
    return milli > limit->milli;
}

struct seen {
    uint32_t looked, beyond; /* limits, by row */
};

/* One item, from its brace to the one that closes it. False: it says something else than a value of a signal. */
static bool look_at(const char *text, const char *end, struct seen *seen)
{
    const char *code = value_of(text, end, "\"code\"");
    const char *value = value_of(text, end, "\"value\"");
    const char *close = code == NULL || *code != '"'
                            ? NULL
                            : memchr(code + 1, '"', (size_t)(end - code) - 1);
    const struct vg_field_limit *limit = vg_field_limits();
    struct vg_code signal;
    int64_t milli = 0;

    if (close == NULL || value == NULL || !milli_of(value, end, &milli) ||
        vg_signal_find(code + 1, (size_t)(close - code) - 1, &signal) != VG_OK) {
        return false;
    }
    for (uint32_t row = 1; limit->field != NULL && row != 0; row <<= 1, limit++) {
        if (limit->signal == signal.signal) {
            seen->looked |= row;
            seen->beyond |= is_beyond(limit, milli) ? row : 0;
        }
    }
    return true;
}

static bool look_at_all(const struct vg_letter *letter, struct seen *seen)
{
    const char *text = letter->payload;
    const char *const end = text + letter->payload_length;
    const char *at = value_of(text, end, "\"obs\"");
    bool plain = at != NULL && at < end && *at == '[';

    while (plain && at != NULL && (at = memchr(at, '{', (size_t)(end - at))) != NULL) {
        const char *close = memchr(at, '}', (size_t)(end - at));
        plain = close != NULL && look_at(at, close + 1, seen);
        at = close;
    }
    return plain;
}

/* The bed's row, or another's, which is then forgotten. */
static struct of_bed *row_of(struct vg_glance *glance, uint32_t bed)
{
    struct of_bed *row = &glance->row[bed % BEDS];

    for (size_t i = 0; i < NEAR; i++) {
        struct of_bed *near = &glance->row[(bed + i) % BEDS];
        if (near->bed == bed || near->bed == 0) {
            row = near;
            break;
        }
    }
    return row;
}

/* A value that wobbles about a limit is beyond it newly once. */
static bool nothing_new(struct vg_glance *glance, uint32_t bed, const struct seen *seen)
{
    struct of_bed *row = row_of(glance, bed);
    const bool known = row->bed == bed;

    if (!known) {
        *row = (struct of_bed){.bed = bed};
    }
    const bool calm = known && (seen->beyond & ~(row->lately | row->then)) == 0;
    row->beyond = (row->beyond & ~seen->looked) | seen->beyond;
    row->lately |= row->beyond;
    if (++row->letters == STRETCH) {
        row->then = row->lately;
        row->lately = row->beyond;
        row->letters = 0;
    }
    return calm;
}

bool vg_letter_calm(struct vg_glance *glance, const struct vg_letter *letter)
{
    struct seen seen = {0, 0};

    if (letter->retained || !is_vitals(letter) || !look_at_all(letter, &seen)) {
        return false;
    }
    const uint32_t bed = (uint32_t)vg_hash(0, letter->topic, letter->topic_length);
    return nothing_new(glance, bed == 0 ? 1 : bed, &seen);
}
