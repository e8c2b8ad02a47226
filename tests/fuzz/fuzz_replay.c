/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of a replay file: what is taken has a time, and its letter is decoded. Where the line is JSON as a whole, topic
 * and payload are what another parser finds in it.
 */
#include <string.h>

#include <cjson/cJSON.h>

#include "vigil/wire.h"

#include "fuzz.h"

static bool once(const cJSON *line, const char *name)
{
    unsigned found = 0;

    for (const cJSON *item = line->child; item != NULL; item = item->next) {
        found += strcmp(item->string, name) == 0;
    }
    return found == 1;
}

static void same_payload(const struct vg_letter *letter, const cJSON *payload)
{
    cJSON *ours =
        cJSON_ParseWithLength((const char *)letter->payload, letter->payload_length);
    char *is = cJSON_PrintUnformatted(ours);
    char *twin = cJSON_PrintUnformatted(payload);

    MUST(is != NULL && twin != NULL && strcmp(is, twin) == 0);
    cJSON_free(is);
    cJSON_free(twin);
    cJSON_Delete(ours);
}

/* Of a key that stands there twice either may be taken. */
static void compare(const char *text, size_t size, const struct vg_letter *letter)
{
    const char *end = NULL;
    cJSON *line = cJSON_ParseWithLengthOpts(text, size, &end, 0);

    if (line != NULL && cJSON_IsObject(line) && once(line, "topic") &&
        once(line, "payload")) {
        const char *topic =
            cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(line, "topic"));
        MUST(topic != NULL && strlen(topic) == letter->topic_length);
        MUST(memcmp(topic, letter->topic, letter->topic_length) == 0);
        same_payload(letter, cJSON_GetObjectItemCaseSensitive(line, "payload"));
    }
    cJSON_Delete(line);
}

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
        compare((const char *)data, size, &line.letter);
        vg_decode(decoder, &line.letter, &decoded);
        (void)vg_letter_backlog(&line.letter, line.at);
        (void)vg_letter_calm(glance, &line.letter);
        if (vg_letter_calm(glance, &line.letter)) {
            MUST(!line.letter.retained);
        }
    }
    return 0;
}
