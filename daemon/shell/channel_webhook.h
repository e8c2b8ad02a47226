/* SPDX-License-Identifier: Apache-2.0
 *
 * Pages to a web service: one signed POST each, in the form of one of the templates of
 * webhook_template.c. States and events of alerts do not go this way.
 */
#ifndef VIGIL_SHELL_CHANNEL_WEBHOOK_H
#define VIGIL_SHELL_CHANNEL_WEBHOOK_H

#include "shell/channel.h"

enum vg_status vg_channel_open_webhook(const struct vg_channel_setup *setup,
                                       struct vg_channel **out, struct vg_error *error);

#endif
