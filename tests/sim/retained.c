/* SPDX-License-Identifier: Apache-2.0
 *
 * What the broker retains.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/sim.h"

struct retained {
    struct retained *next;
    char *topic, *payload;
    size_t length;
};

static struct retained *all;

void broker_retain(const char *topic, const void *payload, size_t length)
{
    struct retained **at = &all;

    while (*at != NULL && strcmp((*at)->topic, topic) != 0) {
        at = &(*at)->next;
    }
    struct retained *r = *at;
    if (r != NULL) {
        *at = r->next;
        free(r->topic);
        free(r->payload);
        free(r);
    }
    if (length == 0) {
        return;
    }
    r = calloc(1, sizeof *r);
    assert(r != NULL);
    *r = (struct retained){all, strdup(topic), strndup(payload, length), length};
    assert(r->topic != NULL && r->payload != NULL);
    all = r;
}

void broker_retained(broker_each_fn *each)
{
    for (const struct retained *r = all; r != NULL; r = r->next) {
        each(r->topic, r->payload, r->length);
    }
}
