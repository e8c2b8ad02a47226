/* SPDX-License-Identifier: Apache-2.0
 *
 * An MQTT channel over a publisher that is none: it keeps what was published until the test
 * says that it arrived. For the programs that test the channel.
 */
#ifndef VIGIL_TESTS_ON_CHANNEL_H
#define VIGIL_TESTS_ON_CHANNEL_H

#include "shell/channel.h"

#define CHANNEL_MANY 64

struct fake {
    struct vg_publisher publisher; /* first */
    enum vg_status answer;         /* to what comes beyond `room` */
    size_t room, count, settled;
    struct {
        char topic[200];
        size_t length;
        char payload[4096];
        bool retained;
        vg_published_fn *done;
        void *to, *tag;
    } sent[CHANNEL_MANY];
};

struct fixture {
    struct fake fake;
    struct vg_channel *channel;
    char told[CHANNEL_MANY * 4]; /* "1+" delivered, "2-" failed */
};

int channel_set_up(void **state); /* cmocka's; `state` is a fixture */
int channel_tear_down(void **state);

/* `page` NULL: the alert's state and event. `tag` comes back in `told`. */
enum vg_status channel_send(struct fixture *fixture, const struct vg_alert *alert,
                            const struct vg_page *page, int tag);

/* The oldest that was not settled; or all, those too that are published meanwhile. */
void settle(struct fake *fake, enum vg_status status);
void settle_all(struct fake *fake);

#endif
