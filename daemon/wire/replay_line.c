/* SPDX-License-Identifier: Apache-2.0
 *
 * One line of a replay file. Only its own object is read here; the payload is cut
 * out as the bytes that stand there, so that it meets the same decoder, and the same
 * refusals, as if it had come over the network.
 */
#include <string.h>

#include "vigil/wire.h"

#include "json.h"
#include "json_text.h"

/* Bytes of one member's value; NULL if the member is absent. */
struct slice {
    const char *text;
    size_t length;
};

enum member { AT, TOPIC, PAYLOAD, MEMBER_COUNT };

/* On the opening quote. Moves onto the closing one; false if there is none. */
static bool skip_string(struct vg_text_scan *scan)
{
    for (scan->at++; scan->at < scan->end && *scan->at != '"'; scan->at++) {
        if (*scan->at == '\\' && scan->at + 1 < scan->end) {
            scan->at++;
        }
    }
    return scan->at < scan->end;
}

/* Moves over one value without asking whether it is well formed inside: quotes and
 * brackets are enough to find its end. */
static bool skip_value(struct vg_text_scan *scan)
{
    size_t depth = 0;
    const char *first = scan->at;
    for (; scan->at < scan->end; scan->at++) {
        char c = *scan->at;
        bool closing = c == '}' || c == ']';
        if (depth == 0 && (c == ',' || closing)) {
            break;
        }
        if (c == '"' && !skip_string(scan)) {
            return false;
        }
        depth += c == '{' || c == '[' ? 1 : 0;
        depth -= closing ? 1 : 0;
    }
    return depth == 0 && scan->at > first;
}

static bool expect(struct vg_text_scan *scan, char c)
{
    vg_text_blank(scan);
    if (scan->at == scan->end || *scan->at != c) {
        return false;
    }
    scan->at++;
    vg_text_blank(scan);
    return true;
}

/* One `"key": value`. Members that are not ours are passed over. */
static bool read_member(struct vg_text_scan *scan, struct slice slice[MEMBER_COUNT])
{
    static const char *const names[MEMBER_COUNT] = {"\"at\"", "\"topic\"",
                                                    "\"payload\""};
    const char *key = scan->at;
    if (scan->at == scan->end || *key != '"' ||
        vg_text_string(scan, NULL, NULL) != NULL) {
        return false;
    }
    size_t key_length = (size_t)(scan->at - key);
    if (!expect(scan, ':')) {
        return false;
    }
    const char *value = scan->at;
    if (!skip_value(scan)) {
        return false;
    }
    size_t length = (size_t)(scan->at - value);
    while (length > 0 && memchr(" \t\r\n", value[length - 1], 4) != NULL) {
        length--;
    }
    for (size_t i = 0; i < MEMBER_COUNT; i++) {
        if (key_length == strlen(names[i]) && memcmp(key, names[i], key_length) == 0) {
            slice[i] = (struct slice){value, length};
        }
    }
    return length > 0;
}

static bool read_line(struct vg_text_scan *scan, struct slice slice[MEMBER_COUNT])
{
    if (!expect(scan, '{')) {
        return false;
    }
    do {
        if (!read_member(scan, slice)) {
            return false;
        }
    } while (expect(scan, ','));
    return expect(scan, '}') && scan->at == scan->end;
}

static bool read_at(struct slice slice, struct vg_instant *out)
{
    const char *text = slice.text;
    size_t length = slice.length;
    if (text == NULL) {
        return false;
    }
    if (length >= 2 && text[0] == '"') {
        text++;
        length -= 2;
    }
    return vg_time_parse(text, length, out) == VG_OK;
}

/* Adds the string that `slice` means to `keep`. Topics rarely have escapes; those
 * that do go through cJSON. */
static bool keep_topic(struct slice slice, struct vg_buffer *keep)
{
    struct vg_text_scan scan = {slice.text, slice.text, slice.text + slice.length};
    if (slice.text[0] != '"' || vg_text_string(&scan, NULL, NULL) != NULL ||
        scan.at != scan.end) {
        return false;
    }
    if (memchr(slice.text, '\\', slice.length) == NULL) {
        vg_buffer_add(keep, slice.text + 1, slice.length - 2);
        return true;
    }
    cJSON *text = cJSON_ParseWithLength(slice.text, slice.length);
    if (text != NULL) {
        vg_buffer_add(keep, text->valuestring, strlen(text->valuestring));
    }
    cJSON_Delete(text);
    return text != NULL;
}

static bool keep_letter(const struct slice *slice, struct vg_buffer *keep,
                        struct vg_letter *out)
{
    if (!keep_topic(slice[TOPIC], keep)) {
        return false;
    }
    out->topic_length = keep->length;
    vg_buffer_add(keep, slice[PAYLOAD].text, slice[PAYLOAD].length);
    out->payload_length = slice[PAYLOAD].length;
    if (!keep->failed) {
        out->topic = keep->bytes;
        out->payload = keep->bytes + out->topic_length;
    }
    return true;
}

enum vg_status vg_replay_parse(const char *line, size_t length, struct vg_buffer *keep,
                               struct vg_replay_line *out, struct vg_error *error)
{
    struct slice slice[MEMBER_COUNT] = {{NULL, 0}};
    struct vg_text_scan scan = {line, line, line + length};
    *out = (struct vg_replay_line){.at = VG_UNSET};
    vg_buffer_clear(keep);
    if (!read_line(&scan, slice)) {
        vg_error_set(error, "byte %zu: the line is no JSON object",
                     (size_t)(scan.at - line));
        return VG_REFUSED;
    }
    if (!read_at(slice[AT], &out->at)) {
        vg_error_set(error, "\"at\" is missing or not a time with zone");
        return VG_REFUSED;
    }
    if (slice[TOPIC].text == NULL) {
        return VG_OK;
    }
    if (slice[PAYLOAD].text == NULL) {
        vg_error_set(error, "\"payload\" is missing beside \"topic\"");
        return VG_REFUSED;
    }
    if (!keep_letter(slice, keep, &out->letter)) {
        vg_error_set(error, "\"topic\" must be a string");
        return VG_REFUSED;
    }
    if (keep->failed) {
        vg_error_set(error, "no memory");
        return VG_NO_MEMORY;
    }
    return VG_OK;
}
