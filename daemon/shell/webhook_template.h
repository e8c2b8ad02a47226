/* SPDX-License-Identifier: Apache-2.0
 *
 * What is posted to a web service: rows of a table, one for each kind of service.
 */
#ifndef VIGIL_SHELL_WEBHOOK_TEMPLATE_H
#define VIGIL_SHELL_WEBHOOK_TEMPLATE_H

#include "vigil/channel.h"
#include "vigil/wire.h"

#include "shell/channel_text.h"

/* Borrowed for the call. */
struct vg_webhook_words {
    const struct vg_notice *notice;
    const struct vg_push *push;
    const char *node, *topic;
    bool full; /* the receiver may see the patient and the values: "json" only */
};

struct vg_webhook_template {
    const char *name;
    const char *path; /* put behind the URL of the settings */
    void (*write)(struct vg_buffer *b, const struct vg_webhook_words *words);
};

/* NULL: there is none of that name. */
const struct vg_webhook_template *vg_webhook_template(const char *name);

#endif
