/* SPDX-License-Identifier: Apache-2.0
 *
 * A protocol with many more rules has come, and memory ends with it: whatever happens next needs
 * more room than there is. It is refused whole and taken when it comes again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/desk.h"
#include "lib/fail.h"

static const char small[] = "  - {id: R0, class: lab, severity: urgent, ladder: one, "
                            "when: hr > 100 /min, text: t, source: s}\n"
                            "ladders:\n  one:\n    hold: 30m\n    steps:\n"
                            "      - {offer: [nurse], wait: 10m}\n"
                            "    fallback: {offer: [doctor], repeat: 1h}\n";

static void many(char *text)
{
    size_t used = 0;

    for (int i = 1; i < 60; i++) {
        used +=
            (size_t)sprintf(text + used,
                            "  - {id: R%d, class: lab, severity: info, when: hr > %d "
                            "/min, hold: 1m, text: t, source: s}\n",
                            i, 200 + i);
    }
    (void)strcpy(text + used, small);
}

/* What happens next: each needs room for whatever the rules may say. */
enum next { JUMPS, UPDATES, UNREACHABLE, STRANGERS, READS, ASKS, PASSES, NEXTS };

static struct vg_reading reading = {.signal = VG_HR,
                                    .source = VG_SOURCE_SPOT,
                                    .value = 110,
                                    .measured = {WARD_START + 5 * M},
                                    .pi = -1,
                                    .uln = VG_NO_VALUE,
                                    .lln = VG_NO_VALUE};
static struct vg_message message = {.kind = VG_KIND_VITALS,
                                    .ward = "onc-7",
                                    .bed = "12",
                                    .measured = {WARD_START + 5 * M},
                                    .reading_count = 1,
                                    .readings = &reading};
static struct vg_admission update;
static struct vg_command said;
static char page[VG_ALERT_LEN + 1];
static char id[VG_ALERT_LEN + 1];

static struct vg_event event_of(struct desk *d, enum next next)
{
    struct vg_alert alert = *open_of(d, "R0");

    update = (struct vg_admission){.action = VG_UPDATE,
                                   .ward = "onc-7",
                                   .bed = "12",
                                   .patient = "P1",
                                   .at = {WARD_START + 5 * M},
                                   .age = 60,
                                   .infusion_planned = VG_UNSET};
    for (size_t i = 0; i < VG_MEASURED_COUNT; i++) {
        update.baseline[i] = update.uln[i] = VG_NO_VALUE;
    }
    (void)vg_copy(message.patient, sizeof message.patient,
                  next == STRANGERS ? "P2" : "");
    (void)vg_copy(id, sizeof id, alert.id);
    vg_page_id(&alert, VG_PAGE_CALL, "nurse", page);
    said = command(d, VG_DO_ACCEPT, "nurse:a", "R0");
    switch (next) {
    case JUMPS:
        return (struct vg_event){.kind = VG_EVENT_JUMP, .jump = {true}};
    case UPDATES:
        return (struct vg_event){.kind = VG_EVENT_EPISODE, .admission = &update};
    case UNREACHABLE:
        return (struct vg_event){.kind = VG_EVENT_UNREACHABLE,
                                 .unreachable = {"onc-7", id, page, "nurse"}};
    case ASKS:
        return (struct vg_event){.kind = VG_EVENT_COMMAND, .command = &said};
    case STRANGERS:
    case READS:
        return (struct vg_event){.kind = VG_EVENT_MESSAGE, .message = &message};
    case PASSES:
    case NEXTS:
        break;
    }
    return (struct vg_event){.kind = VG_EVENT_TIME};
}

/* Fails from the n-th allocation of the adoption on; false: the adoption itself was refused. */
static bool try_one(enum next next, const struct vg_rulebook *book, size_t n,
                    unsigned *refused)
{
    struct desk *d = desk_open_with(small);
    struct vg_event event;

    spot(d, 0, VG_HR, 110);
    event = event_of(d, next);
    fail_arm(FAIL_MEMORY, n, FAIL_FROM);
    const bool adopted = vg_engine_adopt(d->ward.engine, book) == VG_OK;
    event.at.ms = WARD_START + (next == PASSES || next == JUMPS ? 30 * M : 5 * M);
    if (adopted) {
        enum vg_status status =
            vg_engine_step(d->ward.engine, &event, &d->ward.effects);
        (void)fail_disarm();
        if (status != VG_OK) {
            (*refused)++;
            assert_int_equal(status, VG_NO_MEMORY);
            assert_int_equal(d->ward.effects.count, 0);
            status = vg_engine_step(d->ward.engine, &event, &d->ward.effects);
        }
        assert_int_equal(status, VG_OK);
        assert_true(d->ward.effects.count > 0 || next == READS);
    }
    (void)fail_disarm();
    assert_int_not_equal(open_of(d, "R0")->rev, 0);
    desk_close(d);
    return adopted;
}

static void whatever_comes_next(void **state)
{
    static char text[16384];
    static struct ward other;

    (void)state;
    many(text);
    ward_open(&other, text);
    for (unsigned next = 0; next < NEXTS; next++) {
        unsigned refused = 0;
        unsigned adopted = 0;
        for (size_t n = 1; adopted < 4; n++) {
            adopted += try_one((enum next)next, &other.book, n, &refused);
        }
        if (refused == 0) {
            fail_msg("nothing of %u was refused", next);
        }
    }
    ward_close(&other);
}

static struct vg_admission admit_p1(void)
{
    struct vg_admission a = {.action = VG_ADMIT,
                             .ward = "onc-7",
                             .bed = "12",
                             .patient = "P1",
                             .product = VG_CAR_T,
                             .at = {WARD_START},
                             .age = 50,
                             .infusion_planned = VG_UNSET};

    for (size_t i = 0; i < VG_MEASURED_COUNT; i++) {
        a.baseline[i] = a.uln[i] = VG_NO_VALUE;
    }
    return a;
}

/* An admission brings another protocol to a bed that was watched: all of it, or none. Answers
 * whether it was refused at the n-th allocation. */
static bool admitted_short(const struct vg_protocol *fits, size_t n)
{
    static struct ward w;
    const struct vg_protocol *list[2];
    struct vg_ward wards[1] = {{.id = "onc-7"}};
    const struct vg_admission a = admit_p1();
    const struct vg_event event = {
        .kind = VG_EVENT_EPISODE, .at = {WARD_START + 1 * M}, .admission = &a};

    ward_open(&w, small);
    list[0] = fits; /* what fits the product comes first */
    list[1] = w.protocol;
    wards[0].protocol = w.protocol;
    w.book = (struct vg_rulebook){2, list, 1, wards};
    assert_int_equal(vg_engine_adopt(w.engine, &w.book), VG_OK);
    ward_read(&w, 0, VG_HR, 110, VG_SOURCE_SPOT);
    fail_arm(FAIL_MEMORY, n, FAIL_ONCE);
    const enum vg_status status = vg_engine_step(w.engine, &event, &w.effects);
    (void)fail_disarm();
    if (status != VG_OK) {
        assert_int_equal(status, VG_NO_MEMORY);
        assert_null(vg_engine_episode(w.engine, "onc-7", "12"));
        assert_int_equal(vg_engine_step(w.engine, &event, &w.effects), VG_OK);
    }
    assert_string_equal(vg_engine_episode(w.engine, "onc-7", "12")->patient, "P1");
    ward_close(&w);
    return status != VG_OK;
}

static void an_admission_brings_another(void **state)
{
    static char text[16384];
    static struct ward other;
    size_t n = 1;

    (void)state;
    many(text);
    ward_open(&other, text);
    while (admitted_short(other.protocol, n)) {
        n++;
    }
    assert_true(n > 5);
    ward_close(&other);
}

/* What was due before a reading of a feed that is late is asked first, and needs room as well. */
static void what_is_due_before_a_late_feed(void **state)
{
    static char text[16384];
    static struct ward other;
    unsigned refused = 0;
    unsigned adopted = 0;

    (void)state;
    many(text);
    (void)strcpy(strstr(text, "ladders:"), "");
    size_t used = strlen(text);
    (void)sprintf(text + used,
                  "  - {id: DUE, class: lab, severity: info, when: hr > 50 "
                  "/min, hold: 5m, text: t, source: s}\n%s",
                  strstr(small, "ladders:"));
    ward_open(&other, text);
    for (size_t n = 1; adopted < 4; n++) {
        struct desk *d = desk_open_with(strstr(text, "  - {id: R0"));
        for (int64_t at = 0; at <= 4 * M; at += 30 * S) { /* a minute late */
            ward_read_late(&d->ward, at + 1 * M, at, VG_HR, 80, VG_SOURCE_CONTINUOUS);
        }
        reading = (struct vg_reading){.signal = VG_HR,
                                      .source = VG_SOURCE_CONTINUOUS,
                                      .value = 80,
                                      .measured = {WARD_START + 5 * M + 10 * S},
                                      .pi = -1,
                                      .uln = VG_NO_VALUE,
                                      .lln = VG_NO_VALUE};
        message.measured = reading.measured;
        message.patient[0] = '\0';
        const struct vg_event event = {.kind = VG_EVENT_MESSAGE,
                                       .at = {WARD_START + 5 * M + 40 * S},
                                       .message = &message};
        fail_arm(FAIL_MEMORY, n, FAIL_FROM);
        if (vg_engine_adopt(d->ward.engine, &other.book) == VG_OK) {
            adopted++;
            enum vg_status status =
                vg_engine_step(d->ward.engine, &event, &d->ward.effects);
            (void)fail_disarm();
            if (status != VG_OK) {
                refused++;
                status = vg_engine_step(d->ward.engine, &event, &d->ward.effects);
            }
            assert_int_equal(status, VG_OK);
            assert_int_not_equal(open_of(d, "DUE")->rev, 0);
        }
        (void)fail_disarm();
        desk_close(d);
    }
    assert_true(refused > 0);
    ward_close(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_comes_next),
        cmocka_unit_test(an_admission_brings_another),
        cmocka_unit_test(what_is_due_before_a_late_feed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
