/* SPDX-License-Identifier: Apache-2.0
 *
 * Commands and their answers as JSON (the outside contract, section 4).
 */
#include "vigil/command.h"

#include "encode_parts.h"

void vg_encode_answer(struct vg_buffer *b, const struct vg_answer *answer,
                      struct vg_instant at)
{
    vg_put_raw(b, "{\"id\":");
    vg_put_string(b, answer->id);
    vg_key_text(b, "result", vg_result_text(answer->result));
    vg_key(b, "rev");
    if (answer->rev == 0) {
        vg_put_raw(b, "null");
    } else {
        vg_put_int(b, answer->rev);
    }
    vg_key_text(b, "detail", answer->detail);
    vg_key_time(b, "ts", at);
    vg_put_raw(b, "}");
}

static void put_text_if_said(struct vg_buffer *b, const char *key, const char *text)
{
    if (text[0] != '\0') {
        vg_key_text(b, key, text);
    }
}

/* Seconds where they are whole: what most programs write. */
static void put_span(struct vg_buffer *b, vg_ms span)
{
    vg_key(b, "for");
    if (span % VG_SECOND == 0) {
        vg_put_int(b, span / VG_SECOND);
        return;
    }
    vg_put_raw(b, "\"");
    vg_put_int(b, span);
    vg_put_raw(b, "ms\"");
}

static void put_whose(struct vg_buffer *b, const struct vg_command *command)
{
    put_text_if_said(b, "patient", command->patient);
    put_text_if_said(b, "named", command->named);
    if (vg_is_set(command->from)) {
        vg_key_time(b, "from", command->from);
    }
    if (!vg_is_never(command->to)) {
        vg_key_time(b, "to", command->to);
    }
}

void vg_encode_command(struct vg_buffer *b, const struct vg_command *command)
{
    vg_put_raw(b, "{\"id\":");
    vg_put_string(b, command->id);
    put_text_if_said(b, "by", command->by);
    vg_key_text(b, "do", vg_do_text(command->what));
    put_text_if_said(b, "alert", command->alert);
    if (command->rev != 0) {
        vg_key_int(b, "rev", command->rev);
    }
    if (vg_is_set(command->ts)) {
        vg_key_time(b, "ts", command->ts);
    }
    if (command->span != 0) {
        put_span(b, command->span);
    }
    put_text_if_said(b, "reason", command->reason);
    if (command->what == VG_DO_JUDGE) {
        vg_key_text(b, "judgement", vg_judgement_text(command->judgement));
    }
    put_text_if_said(b, "bed", command->bed);
    put_text_if_said(b, "page", command->page);
    if (command->what == VG_DO_ASSIGN) {
        put_whose(b, command);
    }
    vg_put_raw(b, "}");
}
