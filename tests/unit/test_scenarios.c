/* SPDX-License-Identifier: Apache-2.0
 *
 * Generated lives of a ward, hours each: commands valid and not, lost and doubled messages,
 * unreachable roles, jumps of the clock, death at any step. What must hold is asked after
 * every step (lib/life_check.c). The seed is printed; VIGIL_SEED sets another, VG_LIVES fewer or
 * more lives. Run from the top of the tree.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/life.h"
#include "lib/ward.h"
#include "shell/protocol_file.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LIVES 120
#define EACH  4 /* of so many, one is compared with itself in other ways */
#else
#define LIVES 280
#define EACH  1
#endif
#define CAR_T_EVERY 8 /* of so many, one is under the default protocol */

#define RULE(id, class, severity, when, rest)                         \
    "  - id: " id "\n    class: " class "\n    severity: " severity   \
                                        "\n    when: " when "\n" rest \
                                        "    text: t\n    source: s\n"

static const char rules[] = RULE(
    "FEVER", "fever_infection", "urgent", "temp >= 38.0 Cel",
    "    clear: temp <= 37.7 Cel for 10m\n    escalate: temp >= 40.0 Cel\n"
    "    escalated: critical\n    latch: yes\n    ladder: urgent\n"
    "    escalated_ladder: critical\n") RULE("LOW", "haemodynamic", "critical",
                                             "sbp < 90 mm[Hg]",
                                             "    latch: yes\n    ladder: critical\n")
    RULE(
        "LOWISH", "haemodynamic", "watch", "sbp < 100 mm[Hg]",
        "    latch: yes\n    ladder: watch\n") RULE("HYPOXIA", "respiratory", "urgent",
                                                    "spo2 < 90 %",
                                                    "    escalate: spo2 < 85 %\n    escalated: critical\n"
                                                    "    ladder: urgent\n    escalated_ladder: critical\n")
        RULE(
            "FAST", "global", "urgent", "hr > 130 /min",
            "    latch: yes\n    ladder: urgent\n") RULE("WARM", "global", "technical",
                                                         "temp >= 38.0 Cel",
                                                         "    ladder: none\n    realert: 30m\n")
            RULE(
                "SILENT", "technical", "technical", "no temp for 1h",
                "    ladder: technical\n") "ladders:\n"
                                           "  critical:\n    hold: 10m\n    steps:\n"
                                           "      - {offer: [bedside-nurse], wait: 1m, resend: 20s}\n"
                                           "      - {offer: [charge-nurse, on-call-physician], wait: 2m, resend: 45s}\n"
                                           "      - {offer: [attending, charge-nurse], wait: 2m}\n"
                                           "    fallback: {offer: [rapid-response, charge-nurse], repeat: 60s}\n"
                                           "  urgent:\n    hold: 30m\n    steps:\n"
                                           "      - {offer: [bedside-nurse, charge-nurse], wait: 5m, resend: 2m}\n"
                                           "      - {offer: [on-call-physician], wait: 10m, reject: same}\n"
                                           "    fallback: {offer: [charge-nurse, attending], repeat: 10m}\n"
                                           "  watch:\n    hold: 60m\n    steps:\n"
                                           "      - {offer: [bedside-nurse], wait: 30m}\n"
                                           "    fallback: {offer: [shift-list], repeat: 2h}\n"
                                           "  technical:\n    hold: 15m\n    steps:\n"
                                           "      - {offer: [bedside-nurse], wait: 10m, resend: 5m}\n"
                                           "    fallback: {offer: [charge-nurse], repeat: 20m}\n";

static struct ward box; /* only its rulebook */
static struct vg_protocol_file car_t;
static const struct vg_protocol *car_t_list[1];
static struct vg_rulebook car_t_book;

static int open_books(void **state)
{
    struct vg_error error = {""};

    (void)state;
    ward_open(&box, rules);
    assert_int_equal(
        vg_protocol_file_load("config/protocols/car-t.yaml", &car_t, &error), VG_OK);
    car_t_list[0] = car_t.protocol;
    car_t_book.protocol_count = 1;
    car_t_book.protocol = car_t_list;
    return 0;
}

static int close_books(void **state)
{
    (void)state;
    ward_close(&box);
    vg_protocol_file_finish(&car_t);
    return 0;
}

static unsigned number_or(const char *name, unsigned usual)
{
    const char *given = getenv(name);

    return given != NULL ? (unsigned)strtoul(given, NULL, 10) : usual;
}

struct scene {
    unsigned seed;
    const struct vg_rulebook *book;
    struct life_move moves[LIFE_MOVES];
    size_t count;
};

typedef void scene_fn(const struct scene *scene);

/* `every`: one of so many lives. */
static void each_scene(scene_fn *act, unsigned every)
{
    static struct scene scene;
    const unsigned first = number_or("VIGIL_SEED", 20261124U);
    const unsigned lives = number_or("VG_LIVES", LIVES);

    print_message("VIGIL_SEED=%u\n", first);
    for (unsigned i = 0; i < lives; i += every) {
        scene.seed = first + i;
        scene.book = i % CAR_T_EVERY == 0 ? &car_t_book : &box.book;
        scene.count = life_make(scene.moves, scene.seed);
        act(&scene);
    }
}

/* ---- What holds after each step */

static size_t held_changes, lives_with_calls;

/* What was said the first time. */
static struct life_said script[LIFE_MOVES];

static uint64_t run(const struct scene *scene, bool first, bool twice)
{
    static struct life life;

    life_begin(&life, scene->book, scene->moves, scene->count, scene->seed);
    life.script = first ? NULL : script;
    life.twice = twice;
    for (size_t i = 0; i < scene->count; i++) {
        life_do(&life, i);
    }
    life_wait(&life, life.now + 2 * 60 * VG_MINUTE);
    const uint64_t hash = life.hash;
    if (first) {
        memcpy(script, life.said, sizeof script);
    }
    held_changes += life.changes;
    lives_with_calls += life.calls > 0;
    life_end(&life);
    return hash;
}

/* I8, I9: once more is the same; everything twice is the same. */
static void once_and_twice(const struct scene *scene)
{
    const uint64_t hash = run(scene, true, false);

    if (run(scene, false, false) != hash) {
        fail_msg("seed %u: the same life was told otherwise", scene->seed);
    }
    if (run(scene, false, true) != hash) {
        fail_msg("seed %u: told otherwise when everything comes twice", scene->seed);
    }
}

static void test_what_always_holds(void **state)
{
    (void)state;
    held_changes = lives_with_calls = 0;
    each_scene(once_and_twice, 1);
    assert_true(lives_with_calls > number_or("VG_LIVES", LIVES) / EACH / 2);
    assert_true(held_changes > 0); /* I11 */
}

/* ---- Coarse time is fine time */

static void in_small_steps(const struct scene *scene)
{
    static struct life life;
    const uint64_t hash = run(scene, true, false);
    unsigned seed = scene->seed;

    life_begin(&life, scene->book, scene->moves, scene->count, scene->seed);
    life.script = script;
    for (size_t i = 0; i < scene->count; i++) {
        const int64_t gap = scene->moves[i].at - life.now;
        if (scene->moves[i].op != LIFE_JUMP && gap > 1) {
            const int64_t from = life.now;
            const int64_t a = from + (int64_t)life_random(&seed, (unsigned)gap);
            const int64_t b = from + (int64_t)life_random(&seed, (unsigned)gap);
            life_wait(&life, a < b ? a : b);
            life_wait(&life, a < b ? b : a);
        }
        life_do(&life, i);
    }
    for (int i = 0; i < 2 * 6; i++) {
        life_wait(&life, life.now + 10 * VG_MINUTE);
    }
    if (life.hash != hash) {
        fail_msg("seed %u: small steps are told otherwise", scene->seed);
    }
    life_end(&life);
}

static void test_coarse_time_is_fine_time(void **state)
{
    (void)state;
    each_scene(in_small_steps, EACH * 2);
}

/* ---- Death at any step: I14 */

static void same_alert(const struct scene *scene, const struct vg_alert *was,
                       const struct vg_alert *is)
{
    const bool same =
        strcmp(was->id, is->id) == 0 && strcmp(was->owner, is->owner) == 0 &&
        was->condition == is->condition && was->severity == is->severity &&
        was->offer == is->offer && was->step == is->step && was->rev == is->rev &&
        was->claim_count == is->claim_count && was->care.told == is->care.told &&
        was->care.quiet == is->care.quiet && is->respond_by.ms <= was->respond_by.ms &&
        is->care.hold_until.ms == was->care.hold_until.ms &&
        is->care.reset_at.ms == was->care.reset_at.ms;

    if (!same) {
        fail_msg(
            "seed %u: %s/%s %s rev %u %s %s step %u owner '%s' was, after the kill "
            "%s rev %u %s %s step %u owner '%s'",
            scene->seed, was->ward, was->bed, was->rule, was->rev,
            vg_condition_text(was->condition), vg_offer_text(was->offer), was->step,
            was->owner, is->rule, is->rev, vg_condition_text(is->condition),
            vg_offer_text(is->offer), is->step, is->owner);
    }
}

/* What holds already and was to be said once the feed had had its time (the lag of the
 * slowest stream) is said at once: louder, never quieter. */
static void same_open(const struct scene *scene, const struct vg_alert *was,
                      size_t count, const struct vg_alert *is, size_t count_after)
{
    for (size_t i = 0, k = 0; i < count || k < count_after; k++) {
        if (k == count_after) {
            fail_msg("seed %u: %s/%s %s rev %u is lost by a kill", scene->seed,
                     was[i].ward, was[i].bed, was[i].rule, was[i].rev);
        }
        if (i < count && strcmp(was[i].id, is[k].id) == 0) {
            same_alert(scene, &was[i++], &is[k]);
        } else if (is[k].rev != 1) {
            fail_msg("seed %u: after a kill there is %s/%s %s rev %u", scene->seed,
                     is[k].ward, is[k].bed, is[k].rule, is[k].rev);
        }
    }
}

static void killed(const struct scene *scene)
{
    static struct vg_alert was[LIFE_OPEN];
    static struct vg_alert is[LIFE_OPEN];
    static struct life life;
    unsigned seed = scene->seed;
    const size_t at = life_random(&seed, (unsigned)scene->count);

    life_begin(&life, scene->book, scene->moves, scene->count, scene->seed);
    for (size_t i = 0; i <= at; i++) {
        life_do(&life, i);
    }
    const size_t count = life_open(&life, was);
    life_kill(&life, at);
    same_open(scene, was, count, is, life_open(&life, is));
    for (size_t i = at + 1; i < scene->count; i++) {
        life_do(&life, i);
    }
    life_wait(&life, life.now + 2 * 60 * VG_MINUTE);
    life_end(&life);
}

static void test_killed_anywhere(void **state)
{
    (void)state;
    each_scene(killed, 1);
}

/* ---- I13: a lost command leaves nothing quieter */

/* Calls about critical alerts until this command's time is over, with it or without. */
static size_t calls_after(const struct scene *scene, size_t index, bool lost)
{
    static struct life life;

    life_begin(&life, scene->book, scene->moves, scene->count, scene->seed);
    for (size_t i = 0; i < index; i++) {
        life_do(&life, i);
    }
    life.calls = 0;
    life.lose = lost ? (unsigned)index : life.lose;
    life_do(&life, index);
    life_wait(&life, life.now + 9 * VG_MINUTE); /* the shortest hold, "seen": 10 min */
    const size_t calls = life.calls;
    life_end(&life);
    return calls;
}

static void one_lost(const struct scene *scene)
{
    unsigned seed = scene->seed;
    size_t at = life_random(&seed, (unsigned)scene->count);

    for (size_t i = 0; i < scene->count; i++, at = (at + 1) % scene->count) {
        const struct life_move *move = &scene->moves[at];
        if (move->op != LIFE_COMMAND ||
            (move->what != VG_DO_ACKNOWLEDGE && move->what != VG_DO_ACCEPT &&
             move->what != VG_DO_SILENCE && move->what != VG_DO_SHELVE)) {
            continue;
        }
        const size_t with = calls_after(scene, at, false);
        const size_t without = calls_after(scene, at, true);
        if (without < with) {
            fail_msg("seed %u: without move %zu (%s) %zu calls, with it %zu",
                     scene->seed, at, vg_do_text(move->what), without, with);
        }
        return;
    }
}

static void test_a_lost_command_is_louder(void **state)
{
    (void)state;
    each_scene(one_lost, EACH);
}

/* ---- What a life brought to light, for itself */

/* A first temperature that comes late and is older than the bed's first message: it is missed
 * an hour after the bed was first heard of all the same. */
static void test_silence_behind_a_late_reading(void **state)
{
    static struct ward w;

    (void)state;
    ward_open(&w, rules);
    ward_read(&w, 0, VG_HR, 80, VG_SOURCE_SPOT);
    ward_read_late(&w, 10 * VG_MINUTE, -20 * VG_MINUTE, VG_TEMP, 369, VG_SOURCE_SPOT);
    ward_wait(&w, 61 * VG_MINUTE);
    assert_non_null(strstr(w.told, "3600001 raised SILENT"));
    ward_close(&w);
}

/* An alert raised by time alone after the last message stays over a restart. */
static void test_raised_by_time_and_killed(void **state)
{
    static struct ward w;
    struct vg_alert silent;

    (void)state;
    ward_open(&w, rules);
    ward_read(&w, 0, VG_HR, 80, VG_SOURCE_SPOT);
    ward_wait(&w, 61 * VG_MINUTE);
    silent = w.last;
    assert_string_equal(silent.rule, "SILENT");
    vg_engine_destroy(w.engine);
    w.engine = vg_engine_create(&w.book);
    w.told[0] = '\0';
    vg_engine_restore_begin(w.engine);
    ward_step(&w, (struct vg_event){.kind = VG_EVENT_ALERT, .alert = &silent});
    ward_read(&w, 0, VG_HR, 80, VG_SOURCE_SPOT);
    assert_int_equal(
        vg_engine_restore_end(w.engine, (struct vg_instant){WARD_START}, &w.effects),
        VG_OK);
    assert_int_equal(w.effects.count, 0);
    ward_wait(&w, 62 * VG_MINUTE);
    assert_string_equal(w.told, "");
    ward_close(&w);
}

int main(int count, char **words)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_always_holds),
        cmocka_unit_test(test_coarse_time_is_fine_time),
        cmocka_unit_test(test_killed_anywhere),
        cmocka_unit_test(test_a_lost_command_is_louder),
        cmocka_unit_test(test_silence_behind_a_late_reading),
        cmocka_unit_test(test_raised_by_time_and_killed),
    };

    if (count > 1) { /* one of them by name */
        cmocka_set_test_filter(words[1]);
    }
    return cmocka_run_group_tests(tests, open_books, close_books);
}
