/* SPDX-License-Identifier: Apache-2.0
 *
 * vigil simulate: plays a ward until it is told to stop, then waits for the daemon to
 * confirm what it was sent, and reports.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/simulate_options.h"
#include "cli/simulate_ward.h"
#include "shell/clock.h"
#include "shell/mqtt.h"

#define TICK             20 /* ms */
#define CONFIRMED_WITHIN (30 * VG_SECOND)
#define LEAVE_WITHIN     (1 * VG_SECOND)
#define INBOX_LETTERS    10000
#define INBOX_BYTES      ((size_t)64 << 20)

enum phase { PLAYING, WAITING, LEAVING };

struct simulation {
    struct vg_sim_options options;
    struct vg_recordings recordings;
    struct vg_sim_ward *ward;
    struct vg_gateway *gateway[VG_SIM_GATEWAYS];
    uv_loop_t loop;
    struct vg_inbox *inbox;
    uv_timer_t timer;
    uv_signal_t signals[3];
    enum phase phase;
    vg_ms begun, phase_begun, told; /* boot clock */
    bool terminal, hurry, failed;
};

static struct vg_gateway_counts sum(const struct simulation *sim)
{
    struct vg_gateway_counts all = {0};
    for (size_t i = 0; i < sim->options.gateways; i++) {
        struct vg_gateway_counts one = vg_gateway_counts(sim->gateway[i]);
        all.published += one.published;
        all.confirmed += one.confirmed;
        all.resent += one.resent;
        all.refused += one.refused;
        all.waiting += one.waiting;
    }
    return all;
}

static const char *last_refusal(const struct simulation *sim)
{
    const char *last = "";
    for (size_t i = 0; i < sim->options.gateways; i++) {
        const char *refusal = vg_gateway_refusal(sim->gateway[i]);
        last = refusal[0] != '\0' ? refusal : last;
    }
    return last;
}

/* On a terminal one line that is written over. */
static void tell_progress(struct simulation *sim, vg_ms now)
{
    if (now - sim->told < (sim->terminal ? VG_SECOND : 10 * VG_SECOND)) {
        return;
    }
    sim->told = now;
    struct vg_gateway_counts all = sum(sim);
    const char *refusal = last_refusal(sim);
    (void)fprintf(stderr,
                  "%ssent %llu confirmed %llu waiting %zu re-sent %llu refused "
                  "%llu%s%.100s%s",
                  sim->terminal ? "\r" : "", (unsigned long long)all.published,
                  (unsigned long long)all.confirmed, all.waiting,
                  (unsigned long long)all.resent, (unsigned long long)all.refused,
                  refusal[0] != '\0' ? ", last: " : "", refusal,
                  sim->terminal ? "\033[K" : "\n");
}

static void enter(struct simulation *sim, enum phase phase)
{
    sim->phase = phase;
    sim->phase_begun = vg_clock_boot();
    for (size_t i = 0; phase == LEAVING && i < sim->options.gateways; i++) {
        vg_gateway_leave(sim->gateway[i]);
    }
}

static bool all_left(const struct simulation *sim)
{
    bool left = true;
    for (size_t i = 0; i < sim->options.gateways; i++) {
        left = left && vg_gateway_left(sim->gateway[i]);
    }
    return left;
}

static void play(struct simulation *sim, vg_ms now)
{
    enum vg_status status = vg_sim_ward_play(sim->ward);
    bool due = sim->options.span > 0 && now - sim->begun >= sim->options.span;
    if (status != VG_OK) {
        (void)fprintf(stderr, "vigil simulate: %s\n",
                      status == VG_NO_MEMORY ? "no memory for more messages"
                                             : "--root and --ward make no topic");
        sim->failed = true;
    }
    if (sim->failed || due || vg_sim_ward_over(sim->ward)) {
        enter(sim, WAITING);
    }
}

static void on_tick(uv_timer_t *timer)
{
    struct simulation *sim = timer->data;
    vg_ms now = vg_clock_boot();
    if (sim->phase == PLAYING) {
        play(sim, now);
    }
    for (size_t i = 0; sim->phase != LEAVING && i < sim->options.gateways; i++) {
        vg_gateway_pump(sim->gateway[i]);
    }
    vg_ms waited = now - sim->phase_begun;
    if (sim->phase == WAITING &&
        (sim->hurry || sum(sim).waiting == 0 || waited >= CONFIRMED_WITHIN)) {
        enter(sim, LEAVING);
    } else if (sim->phase == LEAVING && (all_left(sim) || waited >= LEAVE_WITHIN)) {
        uv_stop(&sim->loop);
    }
    tell_progress(sim, now);
}

/* The first asks to end; a second one waits for no confirmation. */
static void on_signal(uv_signal_t *handle, int number)
{
    struct simulation *sim = handle->data;
    (void)number;
    sim->hurry = sim->phase != PLAYING;
    if (sim->phase == PLAYING) {
        enter(sim, WAITING);
    }
}

static void deliver(void *to, const struct vg_item *list)
{
    struct simulation *sim = to;
    for (const struct vg_item *item = list; item != NULL; item = item->next) {
        if (item->kind == VG_ITEM_LINK) {
            vg_mqtt_handle(item->link, item);
            continue;
        }
        for (size_t i = 0; i < sim->options.gateways; i++) {
            vg_gateway_letter(sim->gateway[i], item);
        }
    }
}

/* Beside the working folder, then beside the command: in the tree, or installed. */
static enum vg_status load_recordings(struct simulation *sim, struct vg_error *error)
{
    static const char *const places[] = {"/../contrib/recordings",
                                         "/../share/vigil/recordings"};
    char self[512];
    char folder[600] = "contrib/recordings";
    size_t size = sizeof self;
    if (sim->options.recordings != NULL) {
        return vg_recordings_load(sim->options.recordings, &sim->recordings, error);
    }
    bool known = uv_exepath(self, &size) == 0 && strrchr(self, '/') != NULL;
    if (known) {
        *strrchr(self, '/') = '\0';
    }
    for (size_t i = 0; known && i < sizeof places / sizeof places[0]; i++) {
        if (access(folder, R_OK) != 0) {
            (void)snprintf(folder, sizeof folder, "%s%s", self, places[i]);
        }
    }
    return vg_recordings_load(folder, &sim->recordings, error);
}

/* A new one in each run: nobody remembers the last number of the run before. */
static enum vg_status make_epoch(char out[9], struct vg_error *error)
{
    uint32_t number;
    if (uv_random(NULL, NULL, &number, sizeof number, 0, NULL) != 0) {
        vg_error_set(error, "the system gives no random number");
        return VG_FAILED;
    }
    (void)snprintf(out, 9, "%08x", (unsigned)number);
    return VG_OK;
}

static enum vg_status open_gateways(struct simulation *sim, struct vg_error *error)
{
    char epoch[9];
    char id[VG_ID_LEN + 1];
    enum vg_status status = make_epoch(epoch, error);
    for (size_t i = 0; i < sim->options.gateways && status == VG_OK; i++) {
        (void)snprintf(id, sizeof id, "gw-%02zu", i + 1);
        struct vg_gateway_options options = {.loop = &sim->loop,
                                             .inbox = sim->inbox,
                                             .url = sim->options.url,
                                             .root = sim->options.root,
                                             .id = id,
                                             .epoch = epoch,
                                             .username = sim->options.username,
                                             .password_file =
                                                 sim->options.password_file,
                                             .ca = sim->options.ca,
                                             .cert = sim->options.cert,
                                             .key = sim->options.key};
        status = vg_gateway_open(&options, &sim->gateway[i], error);
    }
    return status;
}

static enum vg_status open_ward(struct simulation *sim)
{
    struct vg_sim_plan plan = {.root = sim->options.root,
                               .ward = sim->options.ward,
                               .beds = sim->options.beds,
                               .gateways = sim->options.gateways,
                               .gateway = sim->gateway,
                               .recordings = &sim->recordings,
                               .speed = sim->options.speed,
                               .seed = sim->options.seed,
                               .once = sim->options.once,
                               .admit = sim->options.admit};
    sim->ward = vg_sim_ward_create(&plan);
    return sim->ward != NULL ? VG_OK : VG_NO_MEMORY;
}

static void start_handles(struct simulation *sim)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        uv_signal_init(&sim->loop, &sim->signals[i]);
        sim->signals[i].data = sim;
        uv_signal_start(&sim->signals[i], on_signal, numbers[i]);
    }
    uv_timer_init(&sim->loop, &sim->timer);
    sim->timer.data = sim;
    uv_timer_start(&sim->timer, on_tick, TICK, TICK);
    sim->begun = vg_clock_boot();
    sim->told = sim->begun;
    sim->terminal = isatty(STDERR_FILENO) == 1;
}

static enum vg_status start(struct simulation *sim, struct vg_error *error)
{
    vg_error_set(error, "no memory");
    vg_mqtt_library();
    if (uv_loop_init(&sim->loop) != 0) {
        return VG_NO_MEMORY;
    }
    enum vg_status status = load_recordings(sim, error);
    if (status == VG_OK) {
        status = vg_inbox_create(&sim->loop, INBOX_LETTERS, INBOX_BYTES, deliver, sim,
                                 &sim->inbox);
    }
    if (status == VG_OK) {
        status = open_gateways(sim, error);
    }
    if (status == VG_OK) {
        status = open_ward(sim);
    }
    if (status == VG_OK) {
        start_handles(sim);
    }
    return status;
}

static int report(const struct simulation *sim)
{
    struct vg_gateway_counts all = sum(sim);
    (void)fputs(sim->terminal ? "\n" : "", stderr);
    (void)printf("published %llu confirmed %llu resent %llu refused %llu\n",
                 (unsigned long long)all.published, (unsigned long long)all.confirmed,
                 (unsigned long long)all.resent, (unsigned long long)all.refused);
    if (all.waiting > 0) {
        (void)fprintf(stderr,
                      "vigil simulate: %zu messages are not confirmed: does vigild run "
                      "on this broker, with this root?\n",
                      all.waiting);
    }
    if (sim->failed || fflush(stdout) != 0) {
        return VG_EXIT_CANNOT;
    }
    return all.waiting == 0 ? VG_EXIT_DONE : VG_EXIT_NO;
}

int vg_cli_simulate(int argc, char **argv)
{
    struct vg_error error = {""};
    struct simulation *sim = calloc(1, sizeof *sim);
    if (sim == NULL) {
        (void)fputs("vigil simulate: no memory\n", stderr);
        return VG_EXIT_CANNOT;
    }
    if (vg_sim_options_read(argc, argv, &sim->options, &error) != VG_OK) {
        (void)fprintf(stderr, "vigil simulate: %s\n", error.text);
        free(sim);
        return VG_EXIT_USAGE;
    }
    if (sim->options.help) {
        (void)fputs(vg_sim_usage, stdout);
        free(sim);
        return VG_EXIT_DONE;
    }
    (void)fprintf(stderr, "vigil simulate: seed %llu\n",
                  (unsigned long long)sim->options.seed);
    enum vg_status status = start(sim, &error);
    int code = status == VG_REFUSED ? VG_EXIT_USAGE : VG_EXIT_CANNOT;
    if (status == VG_OK) {
        uv_run(&sim->loop, UV_RUN_DEFAULT);
        code = report(sim);
    } else {
        (void)fprintf(stderr, "vigil simulate: %s\n", error.text);
    }
    (void)fflush(NULL);
    _exit(code); /* paho's threads may still run: nothing that they use can be freed */
}
