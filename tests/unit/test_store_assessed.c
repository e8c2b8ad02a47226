/* SPDX-License-Identifier: Apache-2.0
 *
 * Assessments over time: parts come back together as they stood, page by page, of a patient
 * over beds or of a bed over patients.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/sample.h"
#include "lib/stored.h"
#include "shell/history.h"

#define T0 INT64_C(1767225600000)

static int set_up(void **state)
{
    static char kind[] = "sqlite";
    *state = kind;
    return stored_set_up(state);
}

static void put(struct stored *stored, int64_t minute, const char *bed,
                const char *patient, const char *part, const char *json)
{
    const struct vg_assessed_part assessed = {
        {T0 + minute * VG_MINUTE}, "onc-0", bed, patient, patient, part, json};
    assert_int_equal(vg_batch_assessed(stored->batch, &assessed), VG_OK);
}

/* p-1 in bed 1, then in bed 2; p-2 follows in bed 1. */
static void fill(struct stored *stored)
{
    struct vg_episode episode = sample_episode(1);
    strcpy(episode.id, "p-1");
    strcpy(episode.patient, "p-1");
    assert_int_equal(vg_batch_episode(stored->batch, &episode), VG_OK);
    put(stored, 0, "1", "p-1", "news2", "{\"score\":1}");
    put(stored, 0, "1", "p-1", "crs", "{\"grade\":0}");
    put(stored, 10, "1", "p-1", "news2", "{\"score\":5}");
    put(stored, 20, "1", "p-1", "crs", "{\"grade\":1}");
    put(stored, 30, "2", "p-1", "news2", "{\"score\":6}");
    put(stored, 30, "2", "p-1", "crs", "{\"grade\":1}");
    put(stored, 40, "1", "p-2", "news2", "{\"score\":0}");
    put(stored, 50, "2", "p-1", "crs", "{\"grade\":2}");
    assert_int_equal(stored_commit(stored), VG_OK);
}

struct text {
    char bytes[2000];
    size_t length;
};

static bool on_row(void *to, const struct vg_assessed_row *row)
{
    struct text *text = to;
    text->length +=
        (size_t)snprintf(text->bytes + text->length, sizeof text->bytes - text->length,
                         "%d %s %s %.*s\n", (int)((row->at.ms - T0) / VG_MINUTE),
                         row->bed, row->patient, (int)row->length, row->json);
    return true;
}

static void ask(struct stored *stored, struct vg_history_query query, const char *want)
{
    struct vg_reader *reader = NULL;
    struct vg_error error = {""};
    struct vg_page_end end = {.more = true};
    struct text text = {"", 0};

    assert_int_equal(vg_store_read_open(stored->path, &reader, &error), VG_OK);
    while (end.more) {
        if (vg_history_assessments(reader, &query, on_row, &text, &end, &error) !=
            VG_OK) {
            fail_msg("%s", error.text);
        }
        query.after = end.next;
    }
    assert_string_equal(text.bytes, want);
    vg_store_read_close(reader);
}

#define N(score) "\"news2\":{\"score\":" #score "}"
#define C(grade) "\"crs\":{\"grade\":" #grade "}"

static void a_patient_is_followed_over_beds(void **state)
{
    struct stored *stored = *state;
    struct vg_history_query query = {.patient = "p-1", .to = VG_NEVER};
    static const char want[] =
        "0 1 p-1 " C(0) "," N(1) "\n10 1 p-1 " C(0) "," N(5) "\n20 1 p-1 " C(1) "," N(
            5) "\n30 2 p-1 " C(1) "," N(6) "\n50 2 p-1 " C(2) "," N(6) "\n";

    fill(stored);
    ask(stored, query, want);
    query.limit = 1;
    ask(stored, query, want);
    query.limit = 3;
    ask(stored, query, want);
    query.patient = NULL;
    query.episode = "p-1";
    ask(stored, query, want);
}

static void what_held_before_is_told_if_asked(void **state)
{
    struct stored *stored = *state;
    struct vg_history_query query = {.patient = "p-1",
                                     .from = {T0 + 15 * VG_MINUTE},
                                     .to = {T0 + 25 * VG_MINUTE},
                                     .before = true};

    fill(stored);
    ask(stored, query, "10 1 p-1 " C(0) "," N(5) "\n20 1 p-1 " C(1) "," N(5) "\n");
    query.before = false;
    ask(stored, query, "20 1 p-1 " C(1) "," N(5) "\n");
    query.patient = "p-none";
    ask(stored, query, "");
}

static void a_bed_begins_anew_with_another_patient(void **state)
{
    struct stored *stored = *state;
    const struct vg_history_query query = {
        .ward = "onc-0", .bed = "1", .from = {T0 + 20 * VG_MINUTE}, .to = VG_NEVER};

    fill(stored);
    ask(stored, query, "20 1 p-1 " C(1) "," N(5) "\n40 1 p-2 " N(0) "\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_patient_is_followed_over_beds, set_up,
                                        stored_tear_down),
        cmocka_unit_test_setup_teardown(what_held_before_is_told_if_asked, set_up,
                                        stored_tear_down),
        cmocka_unit_test_setup_teardown(a_bed_begins_anew_with_another_patient, set_up,
                                        stored_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
