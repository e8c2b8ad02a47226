/* SPDX-License-Identifier: Apache-2.0
 *
 * Refusals and assessments as JSON (the outside contract, sections 3 and 6).
 */
#include <string.h>

#include "vigil/wire.h"

static void put_text_or_null(struct vg_buffer *b, const char *text)
{
    if (text[0] == '\0') {
        vg_put_raw(b, "null");
    } else {
        vg_put_string(b, text);
    }
}

void vg_encode_refusal(struct vg_buffer *b, const struct vg_origin *origin,
                       const char *topic, size_t topic_length,
                       const struct vg_refusal *refusal, struct vg_instant at)
{
    char shown[VG_TOPIC_LEN + 1];
    size_t length = topic_length < VG_TOPIC_LEN ? topic_length : VG_TOPIC_LEN;
    if (length > 0) {
        memcpy(shown, topic, length);
    }
    shown[length] = '\0';
    vg_put_raw(b, "{\"epoch\":");
    put_text_or_null(b, origin->epoch);
    vg_put_raw(b, ",\"seq\":");
    if (origin->seq == 0) {
        vg_put_raw(b, "null");
    } else {
        vg_put_int(b, (int64_t)origin->seq);
    }
    vg_put_raw(b, ",\"topic\":");
    vg_put_string(b, shown);
    vg_put_raw(b, ",\"reason\":");
    vg_put_string(b, vg_reason_text(refusal->reason));
    vg_put_raw(b, ",\"detail\":");
    vg_put_string(b, refusal->detail);
    vg_put_raw(b, ",\"ts\":");
    vg_put_time(b, at);
    vg_put_raw(b, "}");
}

void vg_encode_assessed(struct vg_buffer *b, const struct vg_assessed *assessed,
                        struct vg_instant at)
{
    vg_put_raw(b, "{\"at\":");
    vg_put_time(b, at);
    vg_put_raw(b, ",\"assess\":{\"ward\":");
    vg_put_string(b, assessed->ward);
    vg_put_raw(b, ",\"bed\":");
    vg_put_string(b, assessed->bed);
    vg_put_raw(b, ",\"patient\":");
    put_text_or_null(b, assessed->patient);
    vg_put_raw(b, ",");
    vg_put_assessment(b, assessed->known ? &assessed->now : NULL);
    vg_put_raw(b, "}}");
}
