/* SPDX-License-Identifier: Apache-2.0
 *
 * What concerns people comes back from each store: care, pages, answers, beds off the ward;
 * and both write the same audit trail.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/sample.h"
#include "lib/stored.h"

static const struct vg_instant at = {1000};

/* The lines that begin with `word`, and nothing else. */
static void check(struct stored *stored, const char *word, const char *expected)
{
    struct notebook *notebook = calloc(1, sizeof(*notebook));
    char *found = calloc(1, sizeof(notebook->text));
    stored_restore(stored, (struct vg_instant){0}, notebook);
    for (char *line = strtok(notebook->text, "\n"); line != NULL;
         line = strtok(NULL, "\n")) {
        if (strncmp(line, word, strlen(word)) == 0) {
            strcat(strcat(found, line), "\n");
        }
    }
    assert_string_equal(found, expected);
    free(found);
    free(notebook);
}

static void put_command(struct stored *stored, const char *client, unsigned id,
                        enum vg_result result)
{
    struct vg_command command = {.by = "nurse:li", .what = VG_DO_ACCEPT, .ts = at};
    struct vg_answer answer = {.result = result, .rev = id};
    snprintf(command.id, sizeof(command.id), "c-%u", id);
    vg_copy(command.client, sizeof(command.client), client);
    assert_int_equal(vg_batch_command(stored->batch, &command, &answer, at), VG_OK);
}

struct carried_text {
    char text[1024];
};

static void expect_carried(struct carried_text *line, const char *episode,
                           const struct vg_carried *carried)
{
    char *to = line->text + strlen(line->text);
    const char *end = line->text + sizeof(line->text);

    to +=
        snprintf(to, (size_t)(end - to), "carried %s %d", episode, (int)carried->at.ms);
    for (size_t i = 0; i < VG_CARRIED_TIMES; i++) {
        to += snprintf(to, (size_t)(end - to), " %d", (int)carried->time[i].ms);
    }
    for (size_t i = 0; i < VG_CARRIED_NUMBERS; i++) {
        to += snprintf(to, (size_t)(end - to), " %d", carried->number[i]);
    }
    snprintf(to, (size_t)(end - to), "\n");
}

static void what_open_stays_carry_over_as_it_last_was(void **state)
{
    struct stored *stored = *state;
    struct vg_episode here = sample_episode(4);
    struct vg_episode gone = sample_episode(5);
    struct vg_carried carried = {.at = {1}, .number = {-6}};
    struct carried_text line = {""};

    for (int i = 0; i < (int)VG_CARRIED_TIMES; i++) {
        carried.time[i].ms = 100 + i;
    }
    for (int i = 1; i < (int)VG_CARRIED_NUMBERS; i++) {
        carried.number[i] = (int16_t)(10 + i);
    }
    vg_copy(gone.id, sizeof(gone.id), "00");
    here.end = gone.end = VG_NEVER;
    assert_int_equal(vg_batch_episode(stored->batch, &here), VG_OK);
    assert_int_equal(vg_batch_episode(stored->batch, &gone), VG_OK);
    assert_int_equal(vg_batch_carried(stored->batch, gone.id, &carried), VG_OK);
    assert_int_equal(vg_batch_carried(stored->batch, here.id, &carried), VG_OK);
    assert_int_equal(stored_commit(stored), VG_OK);
    expect_carried(&line, "00", &carried);
    expect_carried(&line, here.id, &carried);
    check(stored, "carried ", line.text);
    carried.time[VG_CARRIED_FROZEN].ms = carried.number[VG_CARRIED_SBP] = 12;
    carried.time[VG_CARRIED_ONSET].ms = carried.number[VG_CARRIED_FN_MARKS] = 0;
    gone.end = (struct vg_instant){99};
    assert_int_equal(vg_batch_carried(stored->batch, here.id, &carried), VG_OK);
    assert_int_equal(vg_batch_episode(stored->batch, &gone), VG_OK);
    assert_int_equal(stored_commit(stored), VG_OK);
    line.text[0] = '\0';
    expect_carried(&line, here.id, &carried);
    check(stored, "carried ", line.text);
}

static void the_first_answer_stands(void **state)
{
    struct stored *stored = *state;
    put_command(stored, "tab", 1, VG_RESULT_OK);
    put_command(stored, "desk", 1, VG_RESULT_SUPERSEDED);
    put_command(stored, "tab", 1, VG_RESULT_DUPLICATE);
    assert_int_equal(stored_commit(stored), VG_OK);
    put_command(stored, "desk", 1, VG_RESULT_DUPLICATE);
    assert_int_equal(stored_commit(stored), VG_OK);
    check(stored, "answer ", "answer tab c-1 ok 1 \nanswer desk c-1 superseded 1 \n");
    assert_int_equal(stored->store->ops->audit(stored->store).count, 4);
}

static void only_the_last_answers_are_told(void **state)
{
    struct stored *stored = *state;
    struct notebook *notebook = calloc(1, sizeof(*notebook));
    for (unsigned i = 1; i <= VG_RESTORE_ANSWERS + 6; i++) {
        put_command(stored, "tab", i, VG_RESULT_OK);
    }
    assert_int_equal(stored_commit(stored), VG_OK);
    stored_restore(stored, (struct vg_instant){0}, notebook);
    assert_int_equal(strncmp(notebook->text, "answer tab c-7 ok", 17), 0);
    assert_non_null(strstr(notebook->text, "answer tab c-1030 ok"));
    free(notebook);
}

static void put_pause(struct stored *stored, const char *bed, struct vg_instant until)
{
    struct vg_pause pause = {"onc-7", "", at, until, "nurse:li", "X-ray"};
    vg_copy(pause.bed, sizeof(pause.bed), bed);
    assert_int_equal(vg_batch_pause(stored->batch, &pause), VG_OK);
}

static void beds_off_the_ward_come_back(void **state)
{
    struct stored *stored = *state;
    put_pause(stored, "1", (struct vg_instant){5000});
    put_pause(stored, "2", (struct vg_instant){5000});
    put_pause(stored, "3", (struct vg_instant){5000});
    put_pause(stored, "1", VG_UNSET);
    put_pause(stored, "2", (struct vg_instant){7000});
    assert_int_equal(stored_commit(stored), VG_OK);
    check(stored, "pause ",
          "pause onc-7/3 5000 nurse:li X-ray\npause onc-7/2 7000 nurse:li X-ray\n");
}

static void care_comes_back_with_its_alert(void **state)
{
    struct stored *stored = *state;
    static struct vg_alert alert;
    char line[64];
    alert = sample_alert("onc-7", 1);
    alert.care.run = 3;
    vg_batch_alert(stored->batch, &alert);
    assert_int_equal(stored_commit(stored), VG_OK);
    snprintf(line, sizeof(line), "care %s run 3\n", alert.id);
    check(stored, "care ", line);
}

static void put_page(struct stored *stored, const struct vg_alert *alert,
                     const char *role, char id[VG_ALERT_LEN + 1])
{
    vg_page_id(alert, VG_PAGE_CALL, role, id);
    assert_int_equal(vg_batch_page(stored->batch, alert, VG_PAGE_CALL, role, at),
                     VG_OK);
}

static void put_way(struct stored *stored, const char *page, enum vg_way way,
                    bool settled)
{
    assert_int_equal(vg_batch_way(stored->batch, page, "mqtt", way, settled, at, "x"),
                     VG_OK);
}

static void pages_come_back_until_they_are_settled(void **state)
{
    struct stored *stored = *state;
    static struct vg_alert alert;
    char nurse[VG_ALERT_LEN + 1], doctor[VG_ALERT_LEN + 1], head[VG_ALERT_LEN + 1];
    char lines[200];
    alert = sample_alert("onc-7", 1);
    alert.care.run = 2;
    vg_batch_alert(stored->batch, &alert);
    put_page(stored, &alert, "nurse", nurse);
    put_page(stored, &alert, "doctor", doctor);
    put_page(stored, &alert, "head", head);
    assert_int_equal(stored_commit(stored), VG_OK);
    put_way(stored, nurse, VG_WAY_SENT, false);
    put_way(stored, doctor, VG_WAY_RECEIVED, true);
    put_way(stored, head, VG_WAY_RECEIVED, true);
    assert_int_equal(stored_commit(stored), VG_OK);
    alert.rev = 2; /* the same page again, of an alert that changed meanwhile */
    put_page(stored, &alert, "head", head);
    assert_int_equal(stored_commit(stored), VG_OK);
    /* the same id although it is made anew from what was stored */
    snprintf(lines, sizeof(lines),
             "page %s 1 call nurse 1000\npage %s 1 call head 1000\n", nurse, head);
    check(stored, "page ", lines);
}

/* One of each, and what their trail comes to. */
static struct vg_audit_head trail_of(const char *kind, unsigned batches)
{
    union {
        const char *in;
        void *out;
    } state = {kind};
    void *stored_state = state.out;
    static struct vg_alert alert;
    char id[VG_ALERT_LEN + 1];
    stored_set_up(&stored_state);
    struct stored *stored = stored_state;
    for (unsigned i = 0; i < 6; i++) {
        alert = sample_alert("onc-7", i + 1);
        vg_batch_alert(stored->batch, &alert);
        put_page(stored, &alert, "nurse", id);
        put_way(stored, id, VG_WAY_SENT, true);
        put_command(stored, "tab", i, VG_RESULT_OK);
        put_pause(stored, "1", at);
        vg_batch_audit(stored->batch, at, "clock", "node", "stepped by 3 s");
        if (i % batches == 0) {
            assert_int_equal(stored_commit(stored), VG_OK);
        }
    }
    assert_int_equal(stored_commit(stored), VG_OK);
    const struct vg_audit_head head = stored->store->ops->audit(stored->store);
    stored_tear_down(&stored_state);
    return head;
}

static void both_stores_write_the_same_trail(void **state)
{
    (void)state;
    const struct vg_audit_head a = trail_of("memory", 1);
    const struct vg_audit_head b = trail_of("sqlite", 1);
    const struct vg_audit_head c = trail_of("sqlite", 5);
    assert_int_equal(a.count, 36);
    assert_string_equal(a.hash, b.hash);
    assert_string_equal(a.hash, c.hash);
    assert_int_equal(c.count, 36);
}

static void *kind_name(const char *kind)
{
    union {
        const char *in;
        void *out;
    } pointer = {kind};
    return pointer.out;
}

#define OF(kind, test)                                                              \
    {                                                                               \
#test " (" kind ")", test, stored_set_up, stored_tear_down, kind_name(kind) \
    }
#define BOTH(test) OF("memory", test), OF("sqlite", test)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(what_open_stays_carry_over_as_it_last_was),
        BOTH(the_first_answer_stands),
        BOTH(only_the_last_answers_are_told),
        BOTH(beds_off_the_ward_come_back),
        BOTH(care_comes_back_with_its_alert),
        BOTH(pages_come_back_until_they_are_settled),
        cmocka_unit_test(both_stores_write_the_same_trail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
