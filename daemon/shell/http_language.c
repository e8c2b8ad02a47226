/* SPDX-License-Identifier: Apache-2.0
 *
 * In which language a display speaks where nobody has said: that of its ward, else the
 * installation's, else ("") its browser's own.
 */
#include <string.h>

#include "shell/http_inside.h"
#include "shell/settings.h"

const char *vg_http_language(const struct vg_http_request *request)
{
    const struct vg_settings *settings = request->http->settings;
    const struct vg_who *who = &request->call.who;
    const char *ward = vg_api_argument(&request->call, "ward");

    if (ward == NULL) {
        ward = who->known ? who->user.ward : "";
    }
    for (size_t i = 0; i < settings->ward_count; i++) {
        if (strcmp(settings->ward[i].id, ward) == 0 &&
            settings->ward[i].language[0] != '\0') {
            return settings->ward[i].language;
        }
    }
    return settings->http_language;
}
