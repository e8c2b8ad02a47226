/* SPDX-License-Identifier: Apache-2.0
 *
 * Topics: taken apart into identifiers, and put together from them.
 */
#include <stdarg.h>
#include <string.h>

#include "vigil/wire.h"

/* A piece of a topic between slashes; borrowed. */
struct level {
    const char *text;
    size_t length;
};

#define LEVELS 4 /* of ours, behind the root */

static bool is(struct level level, const char *word)
{
    return level.length == strlen(word) && memcmp(level.text, word, level.length) == 0;
}

/* Cuts `text` at its slashes; returns how many levels there are, LEVELS + 1 if more. */
static size_t split(const char *text, size_t length, struct level out[LEVELS])
{
    size_t count = 0;
    const char *end = text + length;
    for (;;) {
        const char *slash = memchr(text, '/', (size_t)(end - text));
        if (count == LEVELS) {
            return LEVELS + 1;
        }
        out[count].text = text;
        out[count].length = (size_t)((slash == NULL ? end : slash) - text);
        count++;
        if (slash == NULL) {
            return count;
        }
        text = slash + 1;
    }
}

static bool take_id(struct level level, char out[VG_ID_LEN + 1])
{
    if (!vg_id_valid(level.text, level.length)) {
        return false;
    }
    memcpy(out, level.text, level.length);
    out[level.length] = '\0';
    return true;
}

static enum vg_status parse_bed(const struct level *level, struct vg_topic *out)
{
    out->kind = VG_TOPIC_BED;
    size_t kind = 0;
    while (kind < VG_KIND_COUNT && !is(level[3], vg_kind_text((enum vg_kind)kind))) {
        kind++;
    }
    if (kind == VG_KIND_COUNT) {
        return VG_ABSENT;
    }
    out->message = (enum vg_kind)kind;
    bool ward = take_id(level[1], out->ward);
    bool bed = take_id(level[2], out->bed);
    return ward && bed ? VG_OK : VG_REFUSED;
}

enum vg_status vg_topic_parse(const char *root, const char *topic, size_t length,
                              struct vg_topic *out)
{
    size_t size = strlen(root);
    *out = (struct vg_topic){.kind = VG_TOPIC_BED};
    if (length <= size || memcmp(topic, root, size) != 0 || topic[size] != '/') {
        return VG_ABSENT;
    }
    struct level level[LEVELS];
    size_t count = split(topic + size + 1, length - size - 1, level);
    if (count == 4 && is(level[0], "beds")) {
        return parse_bed(level, out);
    }
    if (count == 3 && is(level[0], "gateways") && is(level[2], "status")) {
        out->kind = VG_TOPIC_GATEWAY_STATUS;
        return take_id(level[1], out->gateway) ? VG_OK : VG_REFUSED;
    }
    if (count == 4 && is(level[0], "wards") && is(level[2], "commands")) {
        out->kind = VG_TOPIC_COMMAND;
        bool ward = take_id(level[1], out->ward);
        bool client = take_id(level[3], out->client);
        return ward && client ? VG_OK : VG_REFUSED;
    }
    return VG_ABSENT;
}

/* Not empty, and nothing in it that is a wildcard or may not stand in a topic. The
 * root may have slashes. */
static bool part_valid(const char *part, bool root)
{
    for (const char *c = part; *c != '\0'; c++) {
        if (*c == '+' || *c == '#' || (*c == '/' && !root) || *c == 0x7f ||
            (unsigned char)*c < 0x20) {
            return false;
        }
    }
    return part[0] != '\0';
}

enum vg_status vg_topic_build(char out[VG_TOPIC_LEN + 1], const char *root, ...)
{
    size_t used = 0;
    enum vg_status status = VG_OK;
    va_list parts;
    va_start(parts, root);
    for (const char *part = root; part != NULL; part = va_arg(parts, const char *)) {
        size_t length = strlen(part);
        size_t slash = part == root ? 0 : 1;
        if (!part_valid(part, part == root) || length + slash > VG_TOPIC_LEN - used) {
            status = VG_REFUSED;
            break;
        }
        out[used] = '/';
        memcpy(out + used + slash, part, length);
        used += slash + length;
    }
    va_end(parts);
    out[status == VG_OK ? used : 0] = '\0';
    return status;
}
