/* SPDX-License-Identifier: Apache-2.0 */
#include "line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cjson/cJSON.h>

#include "spool.h"

static const char *text_of(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

bool vg_line_place(const char *text)
{
    const size_t length =
        text == NULL ? 0 : strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789._-");
    return length > 0 && length <= 32 && text[length] == '\0' &&
           strchr("._-", text[0]) == NULL;
}

static bool known_kind(const char *kind)
{
    static const char *const kinds[] = {"vitals", "labs", "assessment", "therapy"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kind, kinds[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* "topic body", the body without what stands in the topic or is ours to give. */
static char *spool_line(cJSON *tree, const char *topic)
{
    static const char *const drop[] = {"ward",    "bed",   "kind",
                                       "gateway", "epoch", "seq"};
    for (size_t i = 0; i < sizeof drop / sizeof *drop; i++) {
        cJSON_DeleteItemFromObjectCaseSensitive(tree, drop[i]);
    }
    if (!cJSON_HasObjectItem(tree, "ts")) {
        (void)cJSON_AddNumberToObject(tree, "ts", (double)vg_clock_ms(CLOCK_REALTIME));
    }
    char *body = cJSON_PrintUnformatted(tree);
    const size_t size = body == NULL ? 0 : strlen(topic) + strlen(body) + 2;
    char *line = size > 0 && size < LINE_BYTES ? malloc(size) : NULL;
    if (line != NULL) {
        (void)stpcpy(stpcpy(stpcpy(line, topic), " "), body);
    }
    cJSON_free(body);
    return line;
}

char *vg_line_understood(const char *text)
{
    cJSON *tree = cJSON_Parse(text);
    const char *ward = text_of(tree, "ward");
    const char *bed = text_of(tree, "bed");
    const char *kind = text_of(tree, "kind");
    char topic[128];
    char *line = NULL;
    kind = kind != NULL ? kind : "vitals";
    if (cJSON_HasObjectItem(tree, "obs") && vg_line_place(ward) && vg_line_place(bed) &&
        known_kind(kind)) {
        (void)snprintf(topic, sizeof topic, "beds/%s/%s/%s", ward, bed, kind);
        line = spool_line(tree, topic);
    }
    cJSON_Delete(tree);
    return line;
}
