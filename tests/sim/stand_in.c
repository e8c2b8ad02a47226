/* SPDX-License-Identifier: Apache-2.0
 *
 * HTTP, which has threads of its own and changes nothing: here nobody asks.
 */
#include "shell/http.h"

enum vg_status vg_http_open(const struct vg_http_setup *setup, struct vg_http **out,
                            struct vg_error *error)
{
    (void)setup;
    (void)error;
    *out = NULL;
    return VG_OK;
}

unsigned vg_http_port(const struct vg_http *http)
{
    (void)http;
    return 1;
}

void vg_http_ready(struct vg_http *http, bool ready)
{
    (void)http;
    (void)ready;
}

void vg_http_close(struct vg_http *http)
{
    (void)http;
}
