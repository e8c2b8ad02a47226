/* SPDX-License-Identifier: Apache-2.0
 *
 * Plays the ward until it is told to stop, then waits for the daemon to confirm what it was sent, and
 * reports.
 */
#include "cli/sim_live.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/gateway_link.h"
#include "cli/sim_report.h"
#include "shell/clock.h"
#include "shell/mqtt.h"

#define TICK             20               /* ms */
#define CONFIRMED_WITHIN (30 * VG_SECOND) /* and no mark has come meanwhile */
#define LEAVE_WITHIN     (1 * VG_SECOND)
#define INBOX_LETTERS    10000
#define INBOX_BYTES      ((size_t)64 << 20)

enum phase { PLAYING, WAITING, LEAVING };

struct live {
    struct vg_sim_cast *cast;
    struct vg_sim_ward *ward;
    struct vg_gateway *gateway[VG_SIM_GATEWAYS];
    vg_ms restart[VG_SIM_GATEWAYS]; /* boot clock, when the next is due */
    struct vg_sim_chance chance;    /* of restarts */
    uv_loop_t loop;
    struct vg_inbox *inbox;
    uv_timer_t timer;
    uv_signal_t signals[3];
    enum phase phase;
    vg_ms begun, phase_begun, told; /* boot clock */
    uint64_t confirmed;             /* when we looked last */
    bool terminal, hurry, failed;
};

static size_t gateways(const struct live *live)
{
    return live->cast->options.gateways;
}

static void tell_progress(struct live *live, vg_ms now)
{
    if (now - live->told >= (live->terminal ? VG_SECOND : 10 * VG_SECOND)) {
        live->told = now;
        vg_sim_progress(live->gateway, gateways(live), live->terminal);
    }
}

static void enter(struct live *live, enum phase phase)
{
    live->phase = phase;
    live->phase_begun = vg_clock_boot();
    for (size_t i = 0; phase == LEAVING && i < gateways(live); i++) {
        vg_gateway_leave(live->gateway[i]);
    }
}

static bool all_left(const struct live *live)
{
    bool left = true;
    for (size_t i = 0; i < gateways(live); i++) {
        left = left && vg_gateway_left(live->gateway[i]);
    }
    return left;
}

static void fail(struct live *live, const char *why)
{
    (void)fprintf(stderr, "vigil simulate: %s\n", why);
    live->failed = true;
    enter(live, WAITING);
}

static void play(struct live *live, vg_ms now)
{
    static const char *const why[] = {
        [VG_REFUSED] = "--root and --ward make no topic",
        [VG_NO_MEMORY] = "no memory for more messages",
        [VG_FAILED] = "the spool or the ledger cannot be written: is the disk full?"};
    const struct vg_sim_options *options = &live->cast->options;
    enum vg_status status =
        vg_sim_ward_play(live->ward, now - live->begun, vg_clock_wall());
    bool due = options->span > 0 && now - live->begun >= options->span;
    if (status != VG_OK) {
        fail(live, why[status]);
    } else if (due || vg_sim_ward_over(live->ward)) {
        enter(live, WAITING);
    }
}

/* From half to one and a half of the time that was asked for. */
static vg_ms next_restart(struct live *live, vg_ms now)
{
    double span = (double)live->cast->options.restart;
    return now + (vg_ms)vg_sim_between(&live->chance, 0.5 * span, 1.5 * span);
}

static void restart_some(struct live *live, vg_ms now)
{
    struct vg_error error = {""};
    for (size_t i = 0; i < gateways(live) && !live->failed; i++) {
        if (now < live->restart[i]) {
            continue;
        }
        live->restart[i] = next_restart(live, now);
        if (vg_gateway_restart(live->gateway[i], &error) != VG_OK) {
            fail(live, error.text);
            _exit(VG_EXIT_CANNOT); /* half a gateway cannot go on */
        }
    }
}

static void on_tick(uv_timer_t *timer)
{
    struct live *live = timer->data;
    vg_ms now = vg_clock_boot();
    if (live->phase == PLAYING && live->cast->options.restart > 0) {
        restart_some(live, now);
    }
    if (live->phase == PLAYING) {
        play(live, now);
    }
    for (size_t i = 0; live->phase != LEAVING && i < gateways(live); i++) {
        vg_gateway_pump(live->gateway[i]);
    }
    struct vg_gateway_counts all = vg_sim_sum(live->gateway, gateways(live));
    if (live->phase == WAITING && all.confirmed != live->confirmed) {
        live->phase_begun = now;
    }
    live->confirmed = all.confirmed;
    vg_ms waited = now - live->phase_begun;
    if (live->phase == WAITING &&
        (live->hurry || all.waiting == 0 || waited >= CONFIRMED_WITHIN)) {
        enter(live, LEAVING);
    } else if (live->phase == LEAVING && (all_left(live) || waited >= LEAVE_WITHIN)) {
        uv_stop(&live->loop);
    }
    tell_progress(live, now);
}

/* The first asks to end; a second one waits for no confirmation. */
static void on_signal(uv_signal_t *handle, int number)
{
    struct live *live = handle->data;
    (void)number;
    live->hurry = live->phase != PLAYING;
    if (live->phase == PLAYING) {
        enter(live, WAITING);
    }
}

static void deliver(void *to, const struct vg_item *list)
{
    struct live *live = to;
    for (const struct vg_item *item = list; item != NULL; item = item->next) {
        if (item->kind == VG_ITEM_LINK) {
            vg_mqtt_handle(item->link, item);
            continue;
        }
        for (size_t i = 0; i < gateways(live); i++) {
            vg_gateway_letter(live->gateway[i], item);
        }
    }
}

static enum vg_status open_gateways(struct live *live, struct vg_error *error)
{
    const struct vg_sim_options *o = &live->cast->options;
    const struct vg_gateway_options options = {.loop = &live->loop,
                                               .inbox = live->inbox,
                                               .url = o->url,
                                               .root = o->root,
                                               .username = o->username,
                                               .password_file = o->password_file,
                                               .ca = o->ca,
                                               .cert = o->cert,
                                               .key = o->key,
                                               .spool = o->spool,
                                               .ledger = live->cast->ledger,
                                               .faults =
                                                   vg_sim_cast_faults(live->cast, 0),
                                               .forget_counter = o->forget_counter,
                                               .confirm_within = o->confirm_within};
    char id[VG_ID_LEN + 1];
    enum vg_status status = VG_OK;
    for (size_t i = 0; i < o->gateways && status == VG_OK; i++) {
        (void)snprintf(id, sizeof id, "gw-%02zu", i + 1);
        status = vg_gateway_open(&options, id, vg_sim_chance_of(o->seed, 700 + i),
                                 &live->gateway[i], error);
        if (status == VG_OK) {
            live->cast->sender[i] = vg_gateway_sender(live->gateway[i]);
        }
    }
    return status;
}

static void start_handles(struct live *live)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        uv_signal_init(&live->loop, &live->signals[i]);
        live->signals[i].data = live;
        uv_signal_start(&live->signals[i], on_signal, numbers[i]);
    }
    uv_timer_init(&live->loop, &live->timer);
    live->timer.data = live;
    uv_timer_start(&live->timer, on_tick, TICK, TICK);
    live->begun = live->told = vg_clock_boot();
    live->terminal = isatty(STDERR_FILENO) == 1;
    for (size_t i = 0; i < gateways(live); i++) {
        live->restart[i] = next_restart(live, live->begun);
    }
}

static enum vg_status start(struct live *live, struct vg_error *error)
{
    vg_error_set(error, "no memory");
    vg_mqtt_library();
    if (uv_loop_init(&live->loop) != 0) {
        return VG_NO_MEMORY;
    }
    enum vg_status status = vg_inbox_create(&live->loop, INBOX_LETTERS, INBOX_BYTES,
                                            deliver, live, &live->inbox);
    if (status == VG_OK) {
        status = open_gateways(live, error);
    }
    if (status == VG_OK) {
        live->ward =
            vg_sim_cast_ward(live->cast, vg_clock_wall(), live->cast->options.speed);
        status = live->ward != NULL ? VG_OK : VG_NO_MEMORY;
    }
    if (status == VG_OK) {
        start_handles(live);
    }
    return status;
}

static int report(const struct live *live)
{
    size_t waiting = vg_sim_sum(live->gateway, gateways(live)).waiting;
    (void)fputs(live->terminal ? "\n" : "", stderr);
    vg_sim_report(live->gateway, gateways(live), live->cast->options.json);
    if (waiting > 0) {
        (void)fprintf(stderr,
                      "vigil simulate: %zu messages are not confirmed: does vigild run "
                      "on this broker, with this root?\n",
                      waiting);
    }
    if (live->failed || fflush(stdout) != 0) {
        return VG_EXIT_CANNOT;
    }
    return waiting == 0 ? VG_EXIT_DONE : VG_EXIT_NO;
}

int vg_sim_live(struct vg_sim_cast *cast)
{
    struct vg_error error = {""};
    struct live *live = calloc(1, sizeof *live);
    if (live == NULL) {
        (void)fputs("vigil simulate: no memory\n", stderr);
        return VG_EXIT_CANNOT;
    }
    live->cast = cast;
    live->chance = vg_sim_chance_of(cast->options.seed, 900);
    enum vg_status status = start(live, &error);
    int code = status == VG_REFUSED ? VG_EXIT_USAGE : VG_EXIT_CANNOT;
    if (status == VG_OK) {
        uv_run(&live->loop, UV_RUN_DEFAULT);
        code = report(live);
    } else {
        (void)fprintf(stderr, "vigil simulate: %s\n", error.text);
    }
    (void)fflush(NULL);
    _exit(code); /* paho's threads may still run: nothing that they use can be freed */
}
