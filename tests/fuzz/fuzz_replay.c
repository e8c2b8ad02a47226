/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of a replay file: what is taken has a time, and its letter is decoded.
 */
#include <string.h>

#include "vigil/wire.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct vg_buffer keep;
    static struct vg_decoder *decoder;
    static struct vg_glance *glance;
    struct vg_replay_line line;
    struct vg_error error = {.text = ""};
    struct vg_decoded decoded;

    if (decoder == NULL) {
        decoder = vg_decoder_create("vigil/v1");
        glance = vg_glance_create();
    }
    if (decoder == NULL || glance == NULL || memchr(data, '\n', size) != NULL) {
        return 0;
    }
    if (vg_replay_parse((const char *)data, size, &keep, &line, &error) != VG_OK) {
        MUST(error.text[0] != '\0');
        return 0;
    }
    MUST(vg_is_set(line.at));
    if (line.letter.topic != NULL) {
        vg_decode(decoder, &line.letter, &decoded);
        (void)vg_letter_backlog(&line.letter, line.at);
        (void)vg_letter_calm(glance, &line.letter);
        if (vg_letter_calm(glance, &line.letter)) {
            MUST(!line.letter.retained);
        }
    }
    return 0;
}
