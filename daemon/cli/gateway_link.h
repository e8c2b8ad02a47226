/* SPDX-License-Identifier: Apache-2.0
 *
 * A gateway as the outside contract wants it: numbers what it sends, keeps each message
 * until the daemon's committed mark passes it, and sends it again, the same bytes, when
 * no mark came in time or the connection was lost. Each has a connection and a will of
 * its own, and a wire to the broker that may be bad (sim_wire.h). All on the loop thread.
 *
 * Its numbers go on after a restart if it has a spool. If it is told to forget its counter, it begins a
 * new epoch; what it had kept goes out first, with the numbers it had, so that nothing is counted twice and the
 * old epoch never comes back once the new one has been heard.
 */
#ifndef VIGIL_CLI_GATEWAY_LINK_H
#define VIGIL_CLI_GATEWAY_LINK_H

#include "cli/sim_ledger.h"
#include "cli/sim_sender.h"
#include "cli/sim_wire.h"
#include "shell/inbox.h"

/* A sender: its address is that of its struct vg_sim_sender. */
struct vg_gateway;

struct vg_gateway_options {
    uv_loop_t *loop;
    struct vg_inbox *inbox; /* its owner hands letters to vg_gateway_letter */
    const char *url, *root; /* these and all texts must outlive the gateway */
    const char *username, *password_file, *ca, *cert,
        *key;                     /* as in mqtt.h; NULL: none */
    const char *spool;            /* folder; NULL: memory only */
    struct vg_sim_ledger *ledger; /* NULL: none */
    struct vg_sim_faults faults;
    bool forget_counter;  /* a new epoch at each start */
    vg_ms confirm_within; /* before the first repeat; doubles while no mark comes */
};

struct vg_gateway_counts {
    uint64_t published; /* different messages that were sent at least once */
    uint64_t recovered; /* found in the spool, of an earlier run */
    uint64_t confirmed; /* passed by a mark */
    uint64_t resent;
    uint64_t refused;  /* answers on `rejected` */
    uint64_t restarts; /* within this run */
    size_t waiting;    /* kept */
};

/* `options` is copied, `id` too. VG_OK, VG_NO_MEMORY, VG_REFUSED (options) or VG_FAILED. There is
 * no destroy (mqtt.h says why): the process ends by _exit. */
enum vg_status vg_gateway_open(const struct vg_gateway_options *options, const char *id,
                               struct vg_sim_chance chance, struct vg_gateway **out,
                               struct vg_error *error);

struct vg_sim_sender *vg_gateway_sender(struct vg_gateway *gateway);

/* As if it had been switched off and on: what is under way is lost, and everything it knows is
 * what its spool says (without one it keeps its memory). VG_OK, or as vg_gateway_open. */
enum vg_status vg_gateway_restart(struct vg_gateway *gateway, struct vg_error *error);

/* A letter of the inbox; one for another gateway is passed over. */
void vg_gateway_letter(struct vg_gateway *gateway, const struct vg_item *item);

/* Sends what has not been sent, and what has waited too long. To be called often. */
void vg_gateway_pump(struct vg_gateway *gateway);

struct vg_gateway_counts vg_gateway_counts(const struct vg_gateway *gateway);
struct vg_sim_wire_counts vg_gateway_faults(const struct vg_gateway *gateway);
/* The last answer on `rejected`: "unit_missing: obs[2] …"; "" if there was none. */
const char *vg_gateway_refusal(const struct vg_gateway *gateway);

/* Says "offline"; it has left once the broker has that, or is not there. */
void vg_gateway_leave(struct vg_gateway *gateway);
bool vg_gateway_left(const struct vg_gateway *gateway);

#endif
