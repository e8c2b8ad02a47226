/* SPDX-License-Identifier: Apache-2.0
 *
 * See access_throttle.h.
 */
#include "shell/access_throttle.h"

#include <string.h>

#define FREE_OF_COST 5
#define FIRST_WAIT   (2 * VG_SECOND)
#define MOST_WAIT    (5 * VG_MINUTE)
#define FORGET       (15 * VG_MINUTE)

static uint64_t about(char kind, const char *text)
{
    const uint64_t hash = vg_hash(vg_hash(0, &kind, 1), text, strlen(text));

    return hash != 0 ? hash : 1;
}

static vg_ms wait_of(const struct vg_throttle *throttle, uint64_t who, vg_ms now)
{
    for (size_t i = 0; i < VG_THROTTLES; i++) {
        if (throttle->entry[i].about != who ||
            throttle->entry[i].failures < FREE_OF_COST) {
            continue;
        }
        const unsigned twice = throttle->entry[i].failures - FREE_OF_COST;
        const vg_ms span = twice > 7 ? MOST_WAIT : FIRST_WAIT << twice;
        const vg_ms until =
            throttle->entry[i].last + (span < MOST_WAIT ? span : MOST_WAIT);
        return until > now ? until - now : 0;
    }
    return 0;
}

vg_ms vg_throttle_wait(const struct vg_throttle *throttle, const char *name,
                       const char *from, vg_ms now)
{
    const vg_ms by_name = wait_of(throttle, about('n', name), now);
    const vg_ms by_address =
        from[0] != '\0' ? wait_of(throttle, about('a', from), now) : 0;

    return by_name > by_address ? by_name : by_address;
}

/* Its own entry, a free or forgotten one, or that which failed longest ago. */
static size_t place_of(const struct vg_throttle *throttle, uint64_t who, vg_ms now)
{
    size_t best = 0;
    vg_ms oldest = INT64_MAX;

    for (size_t i = 0; i < VG_THROTTLES; i++) {
        if (throttle->entry[i].about == who) {
            return i;
        }
        const bool unused =
            throttle->entry[i].about == 0 || now - throttle->entry[i].last > FORGET;
        const vg_ms last = unused ? INT64_MIN : throttle->entry[i].last;
        if (last < oldest) {
            oldest = last;
            best = i;
        }
    }
    return best;
}

static void count_one(struct vg_throttle *throttle, uint64_t who, vg_ms now)
{
    const size_t i = place_of(throttle, who, now);

    if (throttle->entry[i].about != who || now - throttle->entry[i].last > FORGET) {
        throttle->entry[i].about = who;
        throttle->entry[i].failures = 0;
    }
    throttle->entry[i].failures++;
    throttle->entry[i].last = now;
}

void vg_throttle_failed(struct vg_throttle *throttle, const char *name,
                        const char *from, vg_ms now)
{
    count_one(throttle, about('n', name), now);
    if (from[0] != '\0') {
        count_one(throttle, about('a', from), now);
    }
}

/* Who it is is known: the name is free again. Of the address only this one try is taken back,
 * or one good password would pay for any number of others. */
void vg_throttle_passed(struct vg_throttle *throttle, const char *name,
                        const char *from)
{
    const uint64_t names = about('n', name);
    const uint64_t addresses = about('a', from);

    for (size_t i = 0; i < VG_THROTTLES; i++) {
        if (throttle->entry[i].about == names) {
            throttle->entry[i].about = 0;
        } else if (throttle->entry[i].about == addresses &&
                   throttle->entry[i].failures > 0) {
            throttle->entry[i].failures--;
        }
    }
}
