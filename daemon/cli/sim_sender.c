/* SPDX-License-Identifier: Apache-2.0
 *
 * The head that every numbered message has.
 */
#include "cli/sim_sender.h"

void vg_sim_begin(const struct vg_sim_sender *sender, struct vg_buffer *buffer)
{
    vg_buffer_clear(buffer);
    vg_put_raw(buffer, "{\"gateway\":");
    vg_put_string(buffer, sender->id);
    vg_put_raw(buffer, ",\"epoch\":");
    vg_put_string(buffer, sender->epoch);
    vg_put_raw(buffer, ",\"seq\":");
    vg_put_int(buffer, (int64_t)sender->next_seq);
}
