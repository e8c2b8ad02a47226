/* SPDX-License-Identifier: Apache-2.0
 *
 * Letters taken while memory ends: a number counts as come only if the batch has something under it, or a mark
 * would cover what nobody has.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/fail.h"
#include "lib/ward.h"
#include "shell/app_inside.h"
#include "shell/batch.h"

#define TOPIC "vigil/v1/beds/w/1/vitals"
#define HEAD  "{\"gateway\":\"gw-1\",\"epoch\":\"e\",\"seq\":1,\"ts\":1795414320000"

static struct ward ward; /* its rules */
static struct vg_settings settings = {.mqtt_root = "vigil/v1"};

static struct vg_app *begin(void)
{
    struct vg_app *app = calloc(1, sizeof *app);

    assert_non_null(app);
    app->settings = &settings;
    app->busy = true;  /* nothing is committed */
    app->quiet = true; /* nothing is answered */
    app->engine = vg_engine_create(&ward.book);
    app->decoder = vg_decoder_create("vigil/v1");
    app->seen = calloc(1, sizeof *app->seen);
    app->live = vg_live_create("run1", 100);
    app->filling.batch = vg_batch_create();
    assert_true(app->engine != NULL && app->decoder != NULL && app->seen != NULL);
    assert_true(app->live != NULL && app->filling.batch != NULL);
    return app;
}

static void end(struct vg_app *app)
{
    for (size_t i = 0; i < app->gateway_count; i++) {
        vg_sequence_finish(&app->gateway[i]->received);
        vg_sequence_finish(&app->gateway[i]->committed);
        free(app->gateway[i]);
    }
    free(app->gateway);
    free(app->sender);
    free(app->filling.seq);
    free(app->assessed);
    free(app->assessed_slot);
    free(app->ward);
    vg_buffer_finish(&app->json);
    vg_effects_finish(&app->effects);
    vg_batch_destroy(app->filling.batch);
    vg_live_destroy(app->live);
    free(app->seen);
    vg_decoder_destroy(app->decoder);
    vg_engine_destroy(app->engine);
    free(app);
}

static bool is_recorded(const struct vg_app *app)
{
    struct vg_record record;
    size_t at = 0;
    bool found = false;

    while (!found && vg_record_next(&app->filling.batch->pack, &at, &record)) {
        found =
            (record.kind == VG_RECORD_MESSAGE || record.kind == VG_RECORD_QUARANTINE) &&
            record.origin.seq == 1;
    }
    return found;
}

static bool counts(const struct vg_app *app)
{
    return app->gateway_count > 0 && vg_app_number_known(app->gateway[0], 1);
}

static void what_counts_is_recorded(void **state)
{
    static const char *const payloads[] = {
        HEAD ",\"obs\":[{\"code\":\"hr\",\"value\":80,\"unit\":\"/min\"}]}",
        HEAD ",\"obs\":[{\"code\":\"mood\",\"value\":1}]}",
        HEAD ",\"patient\":\"p-1\",\"obs\":[{\"code\":\"mood\",\"value\":1}]}",
        HEAD ",\"obs\":[{\"code\":\"mood\",\"value\":1},"
             "{\"code\":\"hr\",\"value\":80,\"unit\":\"/min\"}]}",
        HEAD ",\"obs\":7}"};

    (void)state;
    ward_open(
        &ward,
        "  - id: HOT\n    class: fever_infection\n    severity: watch\n    when: temp >= 38.0 Cel\n"
        "    ladder: watch\n    text: {en: hot, zh: hot}\n    source: test\n");
    for (size_t i = 0; i < sizeof payloads / sizeof *payloads; i++) {
        const struct vg_letter letter = {TOPIC, strlen(TOPIC), payloads[i],
                                         strlen(payloads[i]), false};
        bool met = true;
        size_t tries = 0;
        for (size_t n = 1; met; n++, tries++) {
            struct vg_app *app = begin();
            app->now = (struct vg_instant){INT64_C(1795414320000)};
            fail_arm(FAIL_MEMORY, n, FAIL_ONCE);
            vg_app_letter(app, &letter, app->now, 1, false, letter.payload_length);
            met = fail_disarm() > 0;
            assert_true(met || counts(app));
            assert_true(!counts(app) || is_recorded(app));
            end(app);
        }
        assert_true(tries > 1);
    }
    ward_close(&ward);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_counts_is_recorded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
