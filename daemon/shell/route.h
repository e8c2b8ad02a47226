/* SPDX-License-Identifier: Apache-2.0
 *
 * From a role of a ward to the channels that lead to it.
 */
#ifndef VIGIL_SHELL_ROUTE_H
#define VIGIL_SHELL_ROUTE_H

#include "vigil/protocol.h"

#include "shell/settings.h"

/* One way; texts are the settings'. */
struct vg_way_out {
    const char *kind; /* "mqtt", "webhook", "smtp": what vg_channel_open takes */
    const char *name; /* of the channel */
    char address[VG_ADDRESS_LEN + 1]; /* for vg_page; "" for a webhook */
};

/* The ways to `role` of `ward`, in the order in which they are tried: those of the ward's own
 * route, else of the route of "*", else MQTT with the role as its address. Never none. */
size_t vg_routes_find(const struct vg_settings *settings, const char *ward,
                      const char *role, struct vg_way_out out[VG_WAYS]);

/* Whether the last resort of each ladder of a ward's protocol has two channels that do not
 * fail together; if not, one warning is printed. Returns how many, 0 or 1. */
size_t vg_routes_warn(const struct vg_settings *settings, const char *ward,
                      const struct vg_protocol *protocol, FILE *report);

#endif
