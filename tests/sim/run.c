/* SPDX-License-Identifier: Apache-2.0
 *
 * One run: whoever is due next acts; the daemon is killed, cut off, stopped and started again;
 * in the end everything works for a while and what must then be true is looked at.
 */
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shell/app_inside.h"
#include "sim/sim.h"

#define QUIET (60 * VG_SECOND)
#define DRAIN (60 * VG_SECOND)

static struct vg_settings settings;
static struct vg_notify notify = {-1};
static struct vg_log *log_;

void sim_violation(const char *format, ...)
{
    char text[600];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (sim.violations++ < 10) {
        (void)fprintf(stderr, "seed %llu at %lld: %s\n", (unsigned long long)sim.seed,
                      (long long)sim.boot, text);
    }
}

/* ---- The daemon's life */

static void daemon_main(void *unused)
{
    struct vg_error error = {""};
    struct vg_app *app = NULL;

    (void)unused;
    if (vg_app_create(&settings, log_, &notify, -1, &app, &error) != VG_OK) {
        if (!disk_failing()) {
            sim_violation("the daemon does not start: %s", error.text);
        }
        return;
    }
    sim.app = app;
    vg_app_run(app);
}

static struct {
    vg_ms kill_at, stop_at, start_at, step_at, disk_at, crowd_at;
} fate;

static vg_ms some_time(vg_ms mean)
{
    return mean == 0 ? SIM_NEVER
                     : sim.boot + luck_between(LUCK_FATE, mean / 5, mean * 9 / 5);
}

static void start_daemon(void)
{
    const vg_ms kill = some_time(sim.plan.kill_every);
    const vg_ms cut = some_time(sim.plan.cut_every);

    sim.life++;
    fate.start_at = SIM_NEVER;
    fate.kill_at = kill < cut ? kill : cut;
    sim.cut = cut < kill;
    fate.stop_at = some_time(sim.plan.stop_every);
    if (luck_percent(LUCK_FATE, 8) && fate.kill_at != SIM_NEVER && !sim.quiet) {
        fate.kill_at = sim.boot; /* while it starts */
    }
    trace_line("{\"t\":%lld,\"e\":\"start\",\"life\":%u}", (long long)sim.boot,
               sim.life);
    check_start();
    loop_boot(daemon_main, NULL);
}

static void die(void)
{
    sim.dead = true;
    sim.fuse = 0;
    if (co_inside()) {
        co_yield ();
    }
}

void sim_step(void)
{
    sim.steps++;
    if (sim.fuse > 0 && !sim.dead && --sim.fuse == 0) {
        die();
    }
}

/* It ended, by whomever: nothing of the process is left. */
static void bury(const char *how)
{
    trace_line("{\"t\":%lld,\"e\":\"down\",\"how\":\"%s\"}", (long long)sim.boot, how);
    loop_reset();
    paho_reset();
    broker_daemon_gone();
    shm_reset();
    sim.app = NULL;
    sim.fuse = 0;
    sim.dead = false;
    if (strcmp(how, "cut") == 0) {
        disk_cut();
    }
    ledger_look(false);
    fate.kill_at = fate.stop_at = SIM_NEVER;
    fate.start_at = sim.boot + (luck_percent(LUCK_FATE, 80) || sim.quiet
                                    ? luck_between(LUCK_FATE, 50, 3000)
                                    : luck_between(LUCK_FATE, 3000, 150000));
}

static void look_for_death(void)
{
    if (sim.dead) {
        bury(sim.cut ? "cut" : "kill");
    } else if (!loop_alive() && fate.start_at == SIM_NEVER) {
        bury("stop");
    }
}

/* ---- Fate */

static void set_clock(void)
{
    const vg_ms by =
        luck_between(LUCK_FATE, 500, luck_percent(LUCK_FATE, 50) ? 5000 : 200000);

    check_clock_set();
    sim.wall_off += luck_below(LUCK_FATE, 2) == 0 ? by : -by;
    fate.step_at = sim.boot + luck_between(LUCK_FATE, 60000, 400000);
    trace_line("{\"t\":%lld,\"e\":\"clock\",\"off\":%lld}", (long long)sim.boot,
               (long long)sim.wall_off);
}

static void fail_disk(void)
{
    disk_fail(!disk_failing());
    fate.disk_at = sim.boot + (disk_failing() ? luck_between(LUCK_FATE, 300, 25000)
                                              : luck_between(LUCK_FATE, 60000, 400000));
    trace_line("{\"t\":%lld,\"e\":\"disk\",\"fails\":%d}", (long long)sim.boot,
               disk_failing());
}

static void kill_daemon(void)
{
    fate.kill_at = SIM_NEVER;
    sim.fuse = luck_percent(LUCK_FATE, 30) ? 1 : luck_between(LUCK_FATE, 2, 400);
}

static void calm_down(void)
{
    sim.quiet = true;
    fate.kill_at = fate.stop_at = fate.step_at = fate.crowd_at = fate.disk_at =
        SIM_NEVER;
    if (fate.start_at != SIM_NEVER && fate.start_at > sim.boot + 3000) {
        fate.start_at = sim.boot + 3000;
    }
    sim.fuse = 0;
    disk_fail(false);
    trace_line("{\"t\":%lld,\"e\":\"quiet\"}", (long long)sim.boot);
}

static void note_fate(void)
{
    const vg_ms all[] = {fate.kill_at,
                         fate.stop_at,
                         fate.start_at,
                         fate.step_at,
                         fate.disk_at,
                         fate.crowd_at,
                         sim.quiet ? SIM_NEVER : sim.busy_until};
    vg_ms due = SIM_NEVER;

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        due = all[i] < due ? all[i] : due;
    }
    sim.due[ACT_FATE] = due;
}

static void fate_act(void)
{
    if (!sim.quiet && sim.boot >= sim.busy_until) {
        calm_down();
    }
    if (fate.start_at <= sim.boot) {
        start_daemon();
    }
    if (fate.kill_at <= sim.boot) {
        kill_daemon();
    }
    if (fate.stop_at <= sim.boot) {
        fate.stop_at = SIM_NEVER;
        loop_signal(SIGTERM);
    }
    if (fate.step_at <= sim.boot) {
        set_clock();
    }
    if (fate.disk_at <= sim.boot) {
        fail_disk();
    }
    if (fate.crowd_at <= sim.boot) {
        fate.crowd_at = SIM_NEVER;
        patient_crowd();
    }
}

/* ---- The scheduler */

static void act(enum sim_actor who)
{
    switch (who) {
    case ACT_LOOP:
        loop_turn();
        break;
    case ACT_WRITER:
        thread_run();
        break;
    case ACT_WORK:
        loop_work();
        break;
    case ACT_BROKER:
        broker_act();
        break;
    case ACT_GATEWAYS:
        gateway_act();
        break;
    case ACT_PEOPLE:
        people_act();
        break;
    case ACT_MOVES:
        moves_act();
        break;
    case ACT_FATE:
        fate_act();
        break;
    case ACT_CHECK:
        check_second();
        sim.due[ACT_CHECK] = sim.boot + VG_SECOND;
        break;
    case ACT_COUNT:
        break;
    }
}

static void one(void)
{
    enum sim_actor first = ACT_LOOP;

    loop_note_due();
    note_fate();
    for (int i = 1; i < ACT_COUNT; i++) {
        first = sim.due[i] < sim.due[first] ? (enum sim_actor)i : first;
    }
    sim.boot = sim.due[first] > sim.boot ? sim.due[first] : sim.boot;
    act(first);
    look_for_death();
    if (first == ACT_LOOP && sim.app != NULL) {
        sim_step();
        look_for_death();
        check_step();
    }
}

static void set_up(void)
{
    struct vg_error error;

    vg_settings_default(&settings);
    if (vg_settings_load(&settings, "tests/sim/vigild.yaml", stderr, &error) != VG_OK) {
        (void)fprintf(stderr, "%s\n", error.text);
        _exit(3);
    }
    log_ = sim.verbose ? vg_log_create(STDERR_FILENO, VG_LOG_NOTICE) : NULL;
    vfs_install();
    for (int i = 0; i < ACT_COUNT; i++) {
        sim.due[i] = SIM_NEVER;
    }
    plan_draw();
    plan_print();
    sim.busy_until = sim.plan.length;
    fate.kill_at = fate.stop_at = fate.step_at = fate.disk_at = fate.crowd_at =
        SIM_NEVER;
    fate.step_at = some_time(sim.plan.steps ? 200000 : 0);
    fate.disk_at = some_time(sim.plan.disk_fails ? 200000 : 0);
    fate.crowd_at = sim.plan.crowd ? sim.plan.length / 2 : SIM_NEVER;
    fate.start_at = 0;
    loop_reset();
    broker_reset();
    check_reset();
    people_reset();
    gateway_start();
    moves_start();
    sim.due[ACT_CHECK] = VG_SECOND;
}

uint64_t sim_run(void)
{
    set_up();
    while (sim.boot < sim.busy_until + QUIET) {
        one();
    }
    const vg_ms patience = sim.boot + DRAIN;
    while (!check_drained() && sim.boot < patience) {
        one();
    }
    check_end();
    trace_line(
        "{\"t\":%lld,\"e\":\"end\",\"lives\":%u,\"steps\":%llu,\"violations\":%llu}",
        (long long)sim.boot, sim.life, (unsigned long long)sim.steps,
        (unsigned long long)sim.violations);
    return sim.violations;
}
