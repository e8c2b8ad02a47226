/* SPDX-License-Identifier: Apache-2.0
 *
 * The decoder under libFuzzer. The first byte picks the topic and the retained mark, the
 * rest is the payload. Beside the sanitizers, what must hold of every answer is asserted.
 */
#undef NDEBUG
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "vigil/wire.h"

static const char *const topics[] = {
    "vigil/v1/beds/onc-7/12/vitals",     "vigil/v1/beds/onc-7/12/labs",
    "vigil/v1/beds/onc-7/12/assessment", "vigil/v1/beds/onc-7/12/therapy",
    "vigil/v1/beds/onc-7/12/episode",    "vigil/v1/gateways/gw-03/status",
    "vigil/v1/wards/onc-7/commands/t",   "vigil/v1/beds/onc-7/BED/vitals",
};

static void check_readings(const struct vg_message *message)
{
    for (size_t i = 0; i < message->reading_count; i++) {
        const struct vg_reading *r = &message->readings[i];
        const struct vg_signal_info *info = vg_signal_info(r->signal);
        assert(r->signal < VG_MEASURED_COUNT);
        assert(r->out_of_range ==
               (r->value < info->hard_low || r->value > info->hard_high));
    }
    for (size_t i = 0; i < message->entry_count; i++) {
        assert(message->entries[i].signal >= VG_MEASURED_COUNT);
        assert(message->entries[i].value[0] != '\0');
    }
}

static bool ends(const char *text, size_t size)
{
    return memchr(text, '\0', size) != NULL;
}

/* Answerable whatever it is; and where it is well formed, all that it needs is there. */
static void check_command(const struct vg_decoded *decoded)
{
    const struct vg_command *c = &decoded->command;
    assert(c->what < VG_DO_COUNT && c->judgement < VG_JUDGEMENT_COUNT);
    assert(c->client[0] != '\0' && c->ward[0] != '\0');
    assert(ends(c->id, sizeof c->id) && ends(c->by, sizeof c->by));
    assert(ends(c->reason, sizeof c->reason));
    assert(ends(decoded->invalid, sizeof decoded->invalid));
    assert(decoded->refusal_count == 0);
    if (decoded->invalid[0] == '\0') {
        assert(c->id[0] != '\0' && c->span >= 0);
        assert(c->alert[0] != '\0' || c->bed[0] != '\0' || c->page[0] != '\0');
    }
}

static void check(const struct vg_decoded *decoded)
{
    assert(decoded->kind != VG_DECODED_REFUSED || decoded->refusal_count == 1);
    for (size_t i = 0; i < decoded->refusal_count; i++) {
        assert(decoded->refusal[i].reason < VG_REASON_COUNT);
        assert(memchr(decoded->refusal[i].detail, '\0',
                      sizeof decoded->refusal[i].detail) != NULL);
    }
    if (decoded->kind == VG_DECODED_COMMAND) {
        check_command(decoded);
    }
    if (decoded->kind == VG_DECODED_MESSAGE) {
        check_readings(&decoded->message);
    }
}

static void check_retained(const struct vg_decoded *decoded)
{
    assert(decoded->kind == VG_DECODED_REFUSED || decoded->kind == VG_DECODED_GATEWAY ||
           (decoded->kind == VG_DECODED_COMMAND && decoded->invalid[0] != '\0'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct vg_decoder *decoder;
    if (decoder == NULL) {
        decoder = vg_decoder_create("vigil/v1");
    }
    if (decoder == NULL || size == 0) {
        return 0;
    }
    const char *topic = topics[data[0] % 8];
    struct vg_letter letter = {topic, strlen(topic), data + 1, size - 1,
                               data[0] / 8 % 8 == 7};
    struct vg_decoded decoded;
    vg_decode(decoder, &letter, &decoded);
    check(&decoded);
    if (letter
            .retained) { /* but for what a gateway says of itself, nothing retained is taken */
        check_retained(&decoded);
    }
    return 0;
}
