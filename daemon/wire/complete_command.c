/* SPDX-License-Identifier: Apache-2.0
 *
 * A command that comes in two parts: its verb and alert in a path, the rest as JSON. Made
 * whole here, it takes the same way as any other, and is judged there.
 */
#include <stdlib.h>
#include <string.h>

#include "encode_parts.h"
#include "json.h"
#include "json_guard.h"

enum { ID, BY, BED, FIRST_OTHER };
static const char *const names[] = {
    [ID] = "id", [BY] = "by", [BED] = "bed", "rev",  "ts",   "for", "reason",
    "judgement", "value",     "as",          "note", "text", "page"};
#define NAMES (sizeof names / sizeof names[0])

/* What is neither text nor number is refused by the decoder: it must only stay what it is. */
static void put(struct vg_buffer *b, const char *name, const cJSON *item)
{
    struct vg_decimal number;

    vg_key(b, name);
    if (cJSON_IsString(item)) {
        vg_put_string(b, item->valuestring);
    } else if (cJSON_IsNumber(item) &&
               vg_decimal_from_double(item->valuedouble, &number) == VG_OK) {
        vg_put_decimal(b, number);
    } else {
        vg_put_raw(b, "false");
    }
}

static void put_all(struct vg_buffer *b, struct vg_command_frame *frame,
                    const cJSON *const *field)
{
    vg_put_raw(b, "{\"do\":");
    vg_put_string(b, frame->what);
    vg_key_text(b, "alert", frame->alert);
    if (field[ID] == NULL) {
        vg_key_text(b, "id", frame->id);
    } else if (cJSON_IsString(field[ID])) {
        (void)vg_copy(frame->id, sizeof frame->id, field[ID]->valuestring);
    }
    if (field[BED] == NULL && frame->bed[0] != '\0') {
        vg_key_text(b, "bed", frame->bed);
    }
    const char *by = cJSON_GetStringValue(field[BY]);
    if (field[BY] == NULL && frame->by[0] != '\0') {
        vg_key_text(b, "by", frame->by);
    } else if (by != NULL && !vg_copy(frame->by, sizeof frame->by, by)) {
        frame->by[0] = '\0'; /* too long: refused when it is decoded */
    }
    for (size_t i = 0; i < NAMES; i++) {
        if (field[i] != NULL) {
            put(b, names[i], field[i]);
        }
    }
    vg_put_raw(b, "}");
}

static enum vg_status complete(struct vg_json *json, struct vg_buffer *b,
                               struct vg_command_frame *frame, const char *body,
                               size_t length)
{
    const cJSON *field[NAMES];
    const cJSON *root = vg_json_parse(json, body, length);

    if (!cJSON_IsObject(root)) {
        return VG_REFUSED;
    }
    vg_json_pick(root, names, NAMES, field);
    put_all(b, frame, field);
    return b->failed ? VG_NO_MEMORY : VG_OK;
}

enum vg_status vg_complete_command(struct vg_buffer *b, struct vg_command_frame *frame,
                                   const char *body, size_t length,
                                   struct vg_error *error)
{
    struct vg_guard *guard = malloc(sizeof *guard);
    struct vg_json *json = vg_json_create(4096);
    struct vg_refusal why = {0};
    enum vg_status status = VG_NO_MEMORY;

    if (guard != NULL && json != NULL) {
        const bool good = vg_guard_check(guard, body, length, &why);
        status = good ? complete(json, b, frame, body, length) : VG_REFUSED;
    }
    if (status == VG_REFUSED) {
        vg_error_set(error, "the body must be one JSON object: %.120s",
                     why.detail[0] != '\0' ? why.detail : "it is something else");
    }
    vg_json_destroy(json);
    free(guard);
    return status;
}
