/* SPDX-License-Identifier: Apache-2.0
 *
 * Topics: what is accepted is built again from its parts, byte for byte.
 */
#include <string.h>

#include "vigil/wire.h"

#include "fuzz.h"

static void id(const char *text)
{
    const size_t length = strlen(text);

    MUST(length > 0 && length <= VG_ID_LEN);
    MUST(strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789._-") == length);
    MUST(strchr("._-", text[0]) == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const kinds[] = {"vitals", "labs", "assessment", "therapy",
                                        "episode"};
    struct vg_topic topic;
    char built[VG_TOPIC_LEN + 1];
    enum vg_status status = VG_REFUSED;

    if (vg_topic_parse("vigil/v1", (const char *)data, size, &topic) != VG_OK) {
        return 0;
    }
    if (topic.kind == VG_TOPIC_BED) {
        id(topic.ward);
        id(topic.bed);
        MUST((size_t)topic.message < sizeof kinds / sizeof kinds[0]);
        status = vg_topic_build(built, "vigil/v1", "beds", topic.ward, topic.bed,
                                kinds[topic.message], NULL);
    } else if (topic.kind == VG_TOPIC_GATEWAY_STATUS) {
        id(topic.gateway);
        status = vg_topic_build(built, "vigil/v1", "gateways", topic.gateway, "status",
                                NULL);
    } else {
        id(topic.ward);
        status = vg_topic_build(built, "vigil/v1", "wards", topic.ward, "commands",
                                topic.client, NULL);
    }
    MUST(status == VG_OK);
    MUST(strlen(built) == size && memcmp(built, data, size) == 0);
    return 0;
}
