/* SPDX-License-Identifier: Apache-2.0
 *
 * Pages by e-mail, to the address of the route. States and events of alerts do not go
 * this way.
 */
#ifndef VIGIL_SHELL_CHANNEL_SMTP_H
#define VIGIL_SHELL_CHANNEL_SMTP_H

#include "shell/channel.h"

enum vg_status vg_channel_open_smtp(const struct vg_channel_setup *setup,
                                    struct vg_channel **out, struct vg_error *error);

#endif
