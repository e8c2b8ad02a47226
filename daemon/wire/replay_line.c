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

enum member { AT, TOPIC, PAYLOAD, MEMBER_COUNT };

static bool read_line(struct vg_text_scan *scan,
                      struct vg_text_slice slice[MEMBER_COUNT])
{
    static const char *const names[MEMBER_COUNT] = {"\"at\"", "\"topic\"",
                                                    "\"payload\""};

    return vg_text_members(scan, names, MEMBER_COUNT, slice) && scan->at == scan->end;
}

static bool read_at(struct vg_text_slice slice, struct vg_instant *out)
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
static bool keep_topic(struct vg_text_slice slice, struct vg_buffer *keep)
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

static bool keep_letter(const struct vg_text_slice *slice, struct vg_buffer *keep,
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
    struct vg_text_slice slice[MEMBER_COUNT] = {{NULL, 0}};
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
