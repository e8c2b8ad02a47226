/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests of one hook in line: so many at once and no more, the gravest first, and never
 * two of the same alert at the same time, so that an end cannot overtake its beginning.
 *
 * What has waited too long behind a slow server fails, so that the page can go another way.
 */
#ifndef VIGIL_SHELL_CURL_QUEUE_H
#define VIGIL_SHELL_CURL_QUEUE_H

#include "vigil/channel.h"

#include "shell/curl_loop.h"

#define VG_CURL_WAITING 4096 /* requests in line */
#define VG_CURL_WAIT_LONG \
    (8 * VG_SECOND) /* in line, then it fails: below VG_CURL_WHOLE */

struct vg_curl_queue;

/* `channel` hears of each end by its `done`. At most `flights` are under way at once. VG_OK,
 * VG_NO_MEMORY, VG_ABSENT or VG_FAILED, as vg_curl_open. */
enum vg_status vg_curl_queue_open(uv_loop_t *loop, size_t flights,
                                  const struct vg_channel *channel,
                                  struct vg_curl_queue **out, struct vg_error *error);
void vg_curl_queue_close(struct vg_curl_queue *queue); /* as vg_curl_close */

/* VG_OK, VG_FULL or VG_FAILED, as a channel's send. */
enum vg_status vg_curl_queue_add(struct vg_curl_queue *queue,
                                 const struct vg_notice *notice,
                                 const struct vg_curl_request *request);

#endif
