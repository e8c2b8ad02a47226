/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/on_channel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static enum vg_status publish(struct vg_publisher *self,
                              const struct vg_publication *publication)
{
    struct fake *fake = (struct fake *)self;
    if (fake->count >= fake->room) {
        return fake->answer;
    }
    vg_copy(fake->sent[fake->count].topic, 200, publication->topic);
    fake->sent[fake->count].length = publication->length;
    assert_true(publication->length < sizeof fake->sent[0].payload);
    memcpy(fake->sent[fake->count].payload, publication->payload, publication->length);
    fake->sent[fake->count].retained = publication->retained;
    fake->sent[fake->count].done = publication->done;
    fake->sent[fake->count].to = publication->to;
    fake->sent[fake->count].tag = publication->tag;
    fake->count++;
    return VG_OK;
}

void settle(struct fake *fake, enum vg_status status)
{
    assert_true(fake->settled < fake->count);
    size_t i = fake->settled++;
    fake->sent[i].done(fake->sent[i].to, fake->sent[i].tag, status);
}

void settle_all(struct fake *fake)
{
    while (fake->settled < fake->count) {
        settle(fake, VG_OK);
    }
}

enum vg_status channel_send(struct fixture *fixture, const struct vg_alert *alert,
                            const struct vg_page *page, int tag)
{
    const struct vg_notice notice = {alert, page, true, false, (void *)(intptr_t)tag};
    return fixture->channel->ops->send(fixture->channel, &notice);
}

static void on_done(void *to, void *tag, enum vg_status status, const char *why)
{
    assert_true((status == VG_OK) == (why[0] == '\0'));
    struct fixture *fixture = to;
    size_t length = strlen(fixture->told);
    snprintf(fixture->told + length, sizeof(fixture->told) - length, "%d%c",
             (int)(intptr_t)tag, status == VG_OK ? '+' : '-');
}

int channel_set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    fixture->fake.publisher.publish = publish;
    fixture->fake.room = CHANNEL_MANY;
    struct vg_channel_setup setup = {.kind = "mqtt",
                                     .done = on_done,
                                     .to = fixture,
                                     .root = "vigil/v1",
                                     .publisher = &fixture->fake.publisher};
    *state = fixture;
    return vg_channel_open(&setup, &fixture->channel, NULL) == VG_OK ? 0 : -1;
}

int channel_tear_down(void **state)
{
    struct fixture *fixture = *state;
    fixture->channel->ops->close(fixture->channel);
    while (fixture->fake.settled < fixture->fake.count) {
        settle(&fixture->fake, VG_FAILED); /* late, to a channel that is gone */
    }
    free(fixture);
    return 0;
}
