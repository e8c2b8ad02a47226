/* SPDX-License-Identifier: Apache-2.0
 *
 * Which numbered messages a replay has taken: a repeat counts once, and a number that comes again
 * with other content is refused, as in the daemon (shell/app_letters.c).
 */
#ifndef VIGIL_CLI_REPLAY_NUMBERS_H
#define VIGIL_CLI_REPLAY_NUMBERS_H

#include "vigil/wire.h"

/* So many of the latest numbers of an epoch are known by content, as in the daemon. */
#define VG_REPLAY_RECENT 256

struct vg_replay_epoch;
struct vg_replay_numbers { /* zero-initialise */
    size_t count, size;
    struct vg_replay_epoch **item; /* owned, with what it points to */
    struct vg_seen *seen; /* owned: contents without a number; NULL: none yet */
};
void vg_replay_numbers_finish(struct vg_replay_numbers *numbers);

/* What a line brought that may have come before. */
struct vg_replay_came {
    const struct vg_origin *origin;
    uint64_t hash;
    bool message;                    /* readings and entries */
    struct vg_instant now, measured; /* measured VG_UNSET: it says nothing of that */
};

enum vg_replay_news {
    VG_REPLAY_NEW, /* and noted */
    VG_REPLAY_REPEAT,
    VG_REPLAY_AGAIN, /* a repeat without a number: what is refused of it is answered again */
    VG_REPLAY_REUSED,
    VG_REPLAY_NO_MEMORY
};
enum vg_replay_news vg_replay_number(struct vg_replay_numbers *numbers,
                                     const struct vg_replay_came *came);

#endif
