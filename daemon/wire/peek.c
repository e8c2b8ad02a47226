/* SPDX-License-Identifier: Apache-2.0
 *
 * A glance at a letter before it is decoded. See wire.h.
 */
#include <string.h>

#include "vigil/wire.h"

/* What follows `key` and its colon; NULL: it is not there. */
static const char *value_of(const char *text, const char *end, const char *key)
{
    const size_t length = strlen(key);

    for (const char *at = text; at + length < end; at++) {
        at = memchr(at, '"', (size_t)(end - at) - length);
        if (at == NULL) {
            return NULL;
        }
        if (memcmp(at, key, length) != 0) {
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
    static const char vitals[] = "/vitals";
    const size_t tail = sizeof vitals - 1;
    const char *text = letter->payload;
    const char *end = text + letter->payload_length;
    struct vg_instant measured;

    if (letter->topic_length < tail ||
        memcmp(letter->topic + letter->topic_length - tail, vitals, tail) != 0 ||
        value_of(text, end, "\"seq\"") == NULL) {
        return false;
    }
    const char *ts = value_of(text, end, "\"ts\"");
    return ts != NULL && ts < end && instant_of(ts, end, &measured) &&
           vg_since(received, measured) > VG_BACKLOG;
}
