/* SPDX-License-Identifier: Apache-2.0
 *
 * What every store promises, asked of each of them.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/sample.h"
#include "lib/stored.h"

static const struct vg_instant always = {0};

static void check(struct stored *stored, struct vg_instant since, const char *expected)
{
    struct notebook *notebook = calloc(1, sizeof(*notebook));
    stored_restore(stored, since, notebook);
    assert_string_equal(notebook->text, expected);
    free(notebook);
}

/* As put, but without a number unless asked for. */
static void put_message(struct stored *stored, unsigned n, bool rich, int64_t received,
                        uint64_t seq)
{
    struct sample sample;
    (rich ? sample_rich : sample_vitals)(&sample, n);
    sample.message.origin.seq = seq;
    assert_int_equal(vg_batch_message(stored->batch, &sample.message, "ep",
                                      (struct vg_instant){received}, 1000 + n),
                     VG_OK);
}

static void put_admission(struct stored *stored, const char *payload, int64_t received,
                          uint64_t seq)
{
    struct vg_letter letter = {"t", 1, payload, strlen(payload), false};
    struct vg_origin origin = {"adt", "e", seq};
    assert_int_equal(vg_batch_admission(stored->batch, &letter, &origin,
                                        (struct vg_instant){received}, 77),
                     VG_OK);
}

static void an_empty_store_restores_nothing(void **state)
{
    struct stored *stored = *state;
    check(stored, always, "");
    assert_int_equal(stored->store->ops->journal(stored->store), 0);
}

static void compare_message(const struct vg_message *message, size_t index)
{
    struct sample sample;
    unsigned n = (unsigned)index;
    (n % 2 == 0 ? sample_vitals : sample_rich)(&sample, n);
    assert_same_message(&sample.message, message);
}

static void messages_come_back_exactly_as_put(void **state)
{
    struct stored *stored = *state;
    struct notebook *notebook = calloc(1, sizeof(*notebook));
    struct sample sample;
    for (unsigned n = 0; n < 100; n++) {
        (n % 2 == 0 ? sample_vitals : sample_rich)(&sample, n);
        vg_batch_message(stored->batch, &sample.message, "ep", (struct vg_instant){n},
                         n);
        if (n % 7 == 0) {
            assert_int_equal(stored_commit(stored), VG_OK);
        }
    }
    assert_int_equal(stored_commit(stored), VG_OK);
    notebook->on_message = compare_message;
    stored_restore(stored, always, notebook);
    assert_int_equal(notebook->messages, 100);
    free(notebook);
}

static void arrivals_are_merged_in_order(void **state)
{
    struct stored *stored = *state;
    put_admission(stored, "one", 5, 0);
    put_message(stored, 0, false, 5, 0);
    put_admission(stored, "two", 5, 0);
    put_message(stored, 1, false, 5, 0);
    assert_int_equal(stored_commit(stored), VG_OK);
    put_admission(stored, "three", 6, 0);
    assert_int_equal(stored_commit(stored), VG_OK);
    check(stored, always,
          "admission 5 t one\n"
          "message 5 onc-0/0 vitals ep 1000\n"
          "admission 5 t two\n"
          "message 5 onc-1/1 vitals ep 1001\n"
          "admission 6 t three\n");
}

static void old_vital_signs_are_left_out_but_not_what_people_chart(void **state)
{
    struct stored *stored = *state;
    const vg_ms now = 200 * VG_DAY;
    put_message(stored, 0, true, now - 101 * VG_DAY, 0);
    put_message(stored, 2, true, now - 99 * VG_DAY, 0);
    put_message(stored, 0, false, now - 2 * VG_HOUR, 0);
    put_message(stored, 3, true, now - 2 * VG_HOUR, 0);
    put_message(stored, 1, false, now, 0);
    assert_int_equal(stored_commit(stored), VG_OK);
    check(stored, (struct vg_instant){now - VG_HOUR},
          "message 8726400000 onc-0/2 labs ep 1002\n"
          "message 17272800000 onc-1/3 assessment ep 1003\n"
          "message 17280000000 onc-1/1 vitals ep 1001\n");
}

/* Whether every line of `lines` is in `text`, and the number of lines is `count`. */
static void assert_lines(const char *text, const char *prefix, const char *const *lines,
                         size_t count)
{
    size_t found = 0;
    for (const char *at = strstr(text, prefix); at != NULL;
         at = strstr(at + 1, prefix)) {
        found++;
    }
    assert_int_equal(found, count);
    for (size_t i = 0; i < count; i++) {
        if (strstr(text, lines[i]) == NULL) {
            fail_msg("missing \"%s\" in:\n%s", lines[i], text);
        }
    }
}

static void check_lines(struct stored *stored, const char *prefix,
                        const char *const *lines, size_t count)
{
    struct notebook *notebook = calloc(1, sizeof(*notebook));
    stored_restore(stored, (struct vg_instant){100}, notebook);
    assert_lines(notebook->text, prefix, lines, count);
    free(notebook);
}

static void numbers_are_told_once_and_none_is_missing(void **state)
{
    struct stored *stored = *state;
    const struct vg_letter letter = {"t", 1, "x", 1, false};
    const struct vg_origin origin = {"gw-0", "7f3a", 3};
    const struct vg_refusal refusal = {VG_NOT_JSON, -1, ""};
    put_message(stored, 0, false, 1, 1);
    put_message(stored, 3, false, 2, 9);
    vg_batch_quarantine(stored->batch, &letter, &origin, &refusal, always, 55);
    put_admission(stored, "a", 3, 6);
    put_message(stored, 1, false, 4, 0); /* not numbered */
    assert_int_equal(stored_commit(stored), VG_OK);
    static const char *const lines[] = {
        "number gw-0 7f3a 1 1000\n", "number gw-0 7f3a 9 1003\n",
        "number gw-0 7f3a 3 55\n", "number adt e 6 77\n"};
    check_lines(stored, "number ", lines, 4);
}

static void marks_stand_for_the_numbers_before_them(void **state)
{
    struct stored *stored = *state;
    const struct vg_range ranges[] = {{9, 9}};
    put_message(stored, 0, false, 1, 1); /* gw-0 */
    put_message(stored, 1, false, 2, 1); /* gw-1 */
    vg_batch_mark(stored->batch, "gw-0", "7f3a", 1, NULL, 0);
    put_message(stored, 3, false, 3, 9); /* gw-0 */
    vg_batch_mark(stored->batch, "gw-0", "7f3a", 1, ranges, 1);
    put_message(stored, 6, false, 4, 2); /* gw-0, in the same batch after its mark */
    assert_int_equal(stored_commit(stored), VG_OK);
    put_admission(stored, "a", 5, 1);
    put_message(stored, 9, false, 6, 3); /* gw-0, in a later batch */
    assert_int_equal(stored_commit(stored), VG_OK);
    static const char *const marks[] = {"mark gw-0 7f3a 1 9-9\n"};
    static const char *const numbers[] = {
        "number gw-1 7f3a 1 1001\n", "number gw-0 7f3a 2 1006\n",
        "number gw-0 7f3a 3 1009\n", "number adt e 1 77\n"};
    check_lines(stored, "mark ", marks, 1);
    check_lines(stored, "number ", numbers, 4);
}

static void gateways_say_what_they_can_no_longer_send(void **state)
{
    struct stored *stored = *state;
    vg_batch_gateway(stored->batch, "gw-1", "e", 5);
    vg_batch_gateway(stored->batch, "gw-1", "f", 2);
    assert_int_equal(stored_commit(stored), VG_OK);
    vg_batch_gateway(stored->batch, "gw-1", "e", 9);
    assert_int_equal(stored_commit(stored), VG_OK);
    static const char *const lines[] = {"gateway gw-1 e 9\n", "gateway gw-1 f 2\n"};
    check_lines(stored, "gateway ", lines, 2);
}

static void open_alerts_wards_and_the_outbox_come_back(void **state)
{
    struct stored *stored = *state;
    static struct vg_alert a, b, c; /* large */
    a = sample_alert("onc-7", 1);
    b = sample_alert("onc-7", 2);
    c = sample_alert("onc-8", 1);
    vg_batch_alert(stored->batch, &a);
    vg_batch_alert(stored->batch, &b);
    vg_batch_alert(stored->batch, &c);
    assert_int_equal(stored_commit(stored), VG_OK);
    vg_batch_delivered(stored->batch, a.id, 1);
    b.rev = 2;
    b.n = 3;
    b.event = VG_CLOSED;
    b.condition = VG_ENDED;
    b.offer = VG_OFFER_CLOSED;
    assert_false(vg_alert_open(&b));
    vg_batch_alert(stored->batch, &b);
    a.rev = 2;
    a.n = 4;
    strcpy(a.text, "newest");
    vg_batch_alert(stored->batch, &a);
    assert_int_equal(stored_commit(stored), VG_OK);
    char open[2][400], unsent[4][64];
    snprintf(open[0], sizeof(open[0]), "alert %s 2 newest\n", a.id);
    snprintf(open[1], sizeof(open[1]), "alert %s 1 %s\n", c.id, c.text);
    const char *const alerts[] = {open[0], open[1]};
    check_lines(stored, "alert ", alerts, 2);
    static const char *const wards[] = {"ward onc-7 4\n", "ward onc-8 1\n"};
    check_lines(stored, "ward ", wards, 2);
    snprintf(unsent[0], sizeof(unsent[0]), "unsent %s 1\n", b.id);
    snprintf(unsent[1], sizeof(unsent[1]), "unsent %s 1\n", c.id);
    snprintf(unsent[2], sizeof(unsent[2]), "unsent %s 2\n", b.id);
    snprintf(unsent[3], sizeof(unsent[3]), "unsent %s 2\n", a.id);
    char in_order[4 * sizeof(unsent[0])];
    snprintf(in_order, sizeof(in_order), "%s%s%s%s", unsent[0], unsent[1], unsent[2],
             unsent[3]);
    const char *const outbox[] = {in_order, unsent[1], unsent[2], unsent[3]};
    check_lines(stored, "unsent ", outbox, 4);
}

static void the_journals_ordinal_is_kept(void **state)
{
    struct stored *stored = *state;
    vg_batch_journal(stored->batch, 41);
    assert_int_equal(stored_commit(stored), VG_OK);
    put_message(stored, 0, false, 1, 1);
    assert_int_equal(stored_commit(stored), VG_OK);
    assert_int_equal(stored->store->ops->journal(stored->store), 41);
}

static void the_wrong_kind_is_named(void **state)
{
    (void)state;
    struct vg_store *store;
    struct vg_error error;
    assert_int_equal(vg_store_open("oracle", "x", NULL, &store, &error), VG_ABSENT);
    assert_non_null(strstr(error.text, "\"oracle\""));
}

#define OF(kind, test)                                                              \
    {                                                                               \
#test " (" kind ")", test, stored_set_up, stored_tear_down, kind_name(kind) \
    }
#define BOTH(test) OF("memory", test), OF("sqlite", test)

/* cmocka wants a pointer to something that can be written. */
static void *kind_name(const char *kind)
{
    union {
        const char *in;
        void *out;
    } pointer = {kind};
    return pointer.out;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(an_empty_store_restores_nothing),
        BOTH(messages_come_back_exactly_as_put),
        BOTH(arrivals_are_merged_in_order),
        BOTH(old_vital_signs_are_left_out_but_not_what_people_chart),
        BOTH(numbers_are_told_once_and_none_is_missing),
        BOTH(marks_stand_for_the_numbers_before_them),
        BOTH(gateways_say_what_they_can_no_longer_send),
        BOTH(open_alerts_wards_and_the_outbox_come_back),
        BOTH(the_journals_ordinal_is_kept),
        cmocka_unit_test(the_wrong_kind_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
