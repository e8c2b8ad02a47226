/* SPDX-License-Identifier: Apache-2.0
 *
 * Pages over MQTT: one publication each, QoS 1, not retained; none waits for an answer
 * about another.
 *
 * The broker takes what one connection publishes in order, so many may be under way at
 * once. What the publisher has no room for stands in line, the most severe in front;
 * those of one alert keep their order, and so do those of one severity.
 */
#ifndef VIGIL_SHELL_CHANNEL_PAGES_H
#define VIGIL_SHELL_CHANNEL_PAGES_H

#include "vigil/channel.h"

#include "shell/mqtt.h"

#define VG_PAGES_WAITING 8192

struct vg_pages;

/* All borrowed until close. NULL: no memory. */
struct vg_pages *vg_pages_open(const struct vg_channel *channel,
                               struct vg_publisher *publisher, const char *root);
void vg_pages_close(struct vg_pages *pages);

/* VG_OK, VG_FULL or VG_FAILED, as a channel's send; the notice has a page. */
enum vg_status vg_pages_send(struct vg_pages *pages, const struct vg_notice *notice);

#endif
