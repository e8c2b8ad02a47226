/* SPDX-License-Identifier: Apache-2.0
 *
 * When something is due, what lies in the inbox is taken first: a bed that has just spoken is not silent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/turn.h"
#include "lib/ward.h"
#include "shell/app_inside.h"

struct desk {
    struct vg_app *app;
    struct ward ward;
    size_t letters;
    uint64_t steps; /* of the engine, when the latest letter was taken */
};

static void take(void *to, const struct vg_item *list)
{
    struct desk *d = to;

    for (const struct vg_item *item = list; item != NULL; item = item->next) {
        d->letters++;
        d->steps = vg_engine_tally(d->app->engine).steps;
    }
}

static void post(struct desk *d, bool calm)
{
    const struct vg_letter letter = {"t", 1, "payload", 7, false};
    struct vg_item *item = vg_inbox_letter(d->app->inbox, &letter);

    assert_non_null(item);
    item->calm = calm;
    assert_true(vg_inbox_post(d->app->inbox, item));
}

/* An engine with something due of which it has nothing to say: a span that nobody saw the end of. */
static void begin(struct desk *d)
{
    memset(d, 0, sizeof *d);
    d->app = calloc(1, sizeof *d->app);
    assert_non_null(d->app);
    ward_open(
        &d->ward,
        "  - {id: SPAN, class: lab, severity: info, when: hr > 100 /min, hold: 10m, "
        "text: t, source: s}\n");
    ward_read(&d->ward, 0, VG_HR, 110, VG_SOURCE_CONTINUOUS);
    d->app->engine = d->ward.engine;
    d->app->busy = true; /* nothing is committed */
    assert_false(vg_is_never(vg_engine_deadline(d->app->engine)));
    assert_int_equal(uv_loop_init(&d->app->loop), 0);
    assert_int_equal(uv_timer_init(&d->app->loop, &d->app->deadline), 0);
    vg_inbox_create(&d->app->loop, 100, 10000, take, d, &d->app->inbox);
}

static void end(struct desk *d)
{
    uv_close((uv_handle_t *)&d->app->deadline, NULL);
    vg_inbox_shut(d->app->inbox);
    turn_out(&d->app->loop);
    vg_inbox_destroy(d->app->inbox);
    vg_effects_finish(&d->app->effects);
    ward_close(&d->ward);
    free(d->app);
}

static void the_inbox_goes_before_time(void **state)
{
    static struct desk d;

    (void)state;
    begin(&d);
    post(&d, false);
    (void)uv_run(&d.app->loop, UV_RUN_NOWAIT);
    assert_int_equal(d.letters, 1); /* and the loop lies in its lull */
    const uint64_t before = vg_engine_tally(d.app->engine).steps;
    post(&d, true);
    vg_app_arm(d.app);
    (void)uv_run(&d.app->loop, UV_RUN_NOWAIT);
    assert_true(vg_engine_tally(d.app->engine).steps > before);
    assert_int_equal(d.letters, 2);
    assert_int_equal(d.steps, before);
    end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_inbox_goes_before_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
