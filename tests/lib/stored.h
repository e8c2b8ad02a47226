/* SPDX-License-Identifier: Apache-2.0
 *
 * A store with a loop and a batch, and a notebook of what it restores as lines of text, in
 * the order told: so that a test reads like what should come back.
 */
#ifndef VIGIL_TESTS_STORED_H
#define VIGIL_TESTS_STORED_H

#include "vigil/store.h"

#include "lib/temp.h"
#include "lib/turn.h"

struct stored {
    const char *kind;
    struct temp temp;
    char path[128];
    uv_loop_t loop;
    struct vg_store *store;
    struct vg_batch *batch;
    /* of the latest commit */
    bool done;
    enum vg_status status;
    struct vg_error error;
};

/* As set-up and tear-down of tests whose state is the kind's name. */
int stored_set_up(void **state);
int stored_tear_down(void **state);

void stored_open(struct stored *stored);
void stored_close(struct stored *stored); /* the loop is closed too */

/* Commits the batch, waits, and clears the batch if it went well. */
enum vg_status stored_commit(struct stored *stored);

/* Everything that a restore tells, one line a call. */
struct notebook {
    char text[1 << 16];
    size_t length;
    size_t messages;
    void (*on_message)(const struct vg_message *message, size_t index);
};
void stored_restore(struct stored *stored, struct vg_instant since,
                    struct notebook *notebook);

#endif
