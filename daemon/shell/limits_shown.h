/* SPDX-License-Identifier: Apache-2.0
 *
 * The limits of the protocols in force, for whoever draws them: a list as JSON for each, written
 * when the protocols are loaded, read by the threads of HTTP.
 */
#ifndef VIGIL_SHELL_LIMITS_SHOWN_H
#define VIGIL_SHELL_LIMITS_SHOWN_H

#include "vigil/protocol.h"
#include "vigil/wire.h"

struct vg_limits_shown;
struct vg_limits_shown *vg_limits_shown_create(void); /* NULL: no memory */
void vg_limits_shown_destroy(struct vg_limits_shown *shown);

/* In place of what was shown before; without memory that stays. */
void vg_limits_shown_set(struct vg_limits_shown *shown,
                         struct vg_protocol *const *protocol, size_t count);
/* Appends the answer for the protocol of this name. False: there is none. */
bool vg_limits_shown_put(struct vg_limits_shown *shown, const char *name,
                         struct vg_buffer *b);

#endif
