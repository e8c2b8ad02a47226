/* SPDX-License-Identifier: Apache-2.0
 *
 * A start or an end of an infusion that never was is taken back ("on": false, the same ts): all is as if it had not
 * been charted, whatever came between, before and after.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/desk.h"
#include "lib/ward_moves.h"

/* Says at `at` of what was charted with the stamp `ts` that it was, or was none. */
struct word {
    int64_t at, ts;
    const char *what; /* start, end; "lymphodepletion" */
    bool on;
};

static void say_word(struct desk *d, const struct word *word)
{
    const bool cells = strcmp(word->what, "lymphodepletion") != 0;
    struct vg_entry entry = {.signal = cells ? VG_INFUSION : VG_LYMPHODEPLETION,
                             .at = {WARD_START + word->ts},
                             .on = word->on,
                             .duration_s = -1,
                             .flow = VG_NO_VALUE,
                             .fio2 = VG_NO_VALUE,
                             .until = VG_UNSET};
    const struct vg_message message = {.kind = VG_KIND_THERAPY,
                                       .ward = "onc-7",
                                       .bed = "12",
                                       .measured = {WARD_START + word->ts},
                                       .entry_count = 1,
                                       .entries = &entry};

    (void)vg_copy(entry.value, sizeof entry.value, cells ? word->what : "start");
    step(d, word->at, (struct vg_event){.kind = VG_EVENT_MESSAGE, .message = &message});
}

/* What the sender of the latest message is answered; "": nothing. */
static const char *answer(const struct desk *d)
{
    for (size_t i = 0; i < d->ward.effects.count; i++) {
        if (d->ward.effects.item[i].kind == VG_EFFECT_REFUSED) {
            return d->ward.effects.item[i].refusal.detail;
        }
    }
    return "";
}

static struct vg_bed_look look_at(const struct desk *d, const char *bed)
{
    struct vg_bed_look look;

    assert_true(vg_engine_look(d->ward.engine, "onc-7", bed, &look));
    return look;
}

/* Hours since the start that counts; -1: none. */
static int64_t hours(const struct desk *d, const char *bed)
{
    const struct vg_bed_look look = look_at(d, bed);

    return vg_is_set(look.infusion) ? (look.infusion.ms - WARD_START) / H : -1;
}

/* ---- */

static void the_one_before_counts_again(void **state)
{
    static const struct {
        struct word word[4];
        int64_t start; /* in hours */
        const char *answer;
    } rows[] = {
        {{{2 * H, 2 * H, "start", true}}, 2, ""},
        {{{2 * H, 2 * H, "start", true}, {3 * H, 2 * H, "start", false}}, -1, ""},
        /* of two the wrong one, whichever came first */
        {{{2 * H, 2 * H, "start", true},
          {5 * H, 5 * H, "start", true},
          {6 * H, 5 * H, "start", false}},
         2,
         ""},
        {{{2 * H, 2 * H, "start", true},
          {5 * H, 5 * H, "start", true},
          {6 * H, 2 * H, "start", false}},
         5,
         ""},
        {{{5 * H, 5 * H, "start", true},
          {6 * H, 2 * H, "start", true},
          {7 * H, 5 * H, "start", false}},
         2,
         ""},
        /* the right one is charted behind the taking back */
        {{{5 * H, 5 * H, "start", true},
          {6 * H, 5 * H, "start", false},
          {6 * H, 2 * H, "start", true}},
         2,
         ""},
        /* once more, and it was one after all */
        {{{2 * H, 2 * H, "start", true},
          {3 * H, 2 * H, "start", false},
          {4 * H, 2 * H, "start", false}},
         -1,
         ""},
        {{{2 * H, 2 * H, "start", true},
          {3 * H, 2 * H, "start", false},
          {4 * H, 2 * H, "start", true}},
         2,
         ""},
        /* with another ts, of an end, of something else: it stands, and that is said */
        {{{2 * H, 2 * H, "start", true}, {3 * H, 3 * H, "start", false}},
         2,
         "infusion: no \"start\" was charted with this ts, nothing is taken back"},
        {{{2 * H, 2 * H, "start", true}, {3 * H, 2 * H, "end", false}},
         2,
         "infusion: no \"end\" was charted with this ts, nothing is taken back"},
        {{{2 * H, 2 * H, "start", true}, {3 * H, 2 * H, "lymphodepletion", false}},
         2,
         "lymphodepletion: no \"start\" was charted with this ts, nothing is taken back"},
        /* a stamp that was ahead counted from when it came, and is known by its stamp */
        {{{2 * H, 20 * H, "start", true}}, 2, ""},
        {{{2 * H, 20 * H, "start", true}, {3 * H, 20 * H, "start", false}}, -1, ""},
        {{{2 * H, 20 * H, "start", true}, {21 * H, 20 * H, "start", false}}, -1, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct desk *d = desk_open();
        for (size_t k = 0; k < 4 && rows[i].word[k].what != NULL; k++) {
            say_word(d, &rows[i].word[k]);
        }
        if (hours(d, "12") != rows[i].start || strcmp(answer(d), rows[i].answer) != 0) {
            fail_msg("row %zu: %lld h, \"%s\"", i, (long long)hours(d, "12"),
                     answer(d));
        }
        desk_close(d);
    }
}

/* ---- As if it had not been */

struct happened {
    int64_t at;
    struct word word; /* what NULL: a reading */
    enum vg_signal signal;
    int64_t value;
};

static void happen(struct desk *d, const struct happened *one)
{
    if (one->word.what != NULL) {
        say_word(d, &one->word);
    } else {
        spot(d, one->at, one->signal, one->value);
    }
}

/* A day before a start, and half a day behind it; without the words that say `wrong`. */
static void live(struct desk *d, int64_t wrong, int64_t back)
{
    static const int64_t sbp[] = {124, 118, 96, 104, 92, 112};
    static const int64_t temp[] = {368, 371, 384, 379};

    for (int64_t h = 1; h <= 40; h++) {
        const struct happened pressure = {
            h * H, {0}, VG_SBP, sbp[h % (int64_t)(sizeof sbp / sizeof *sbp)]};
        const struct happened warmth = {
            h * H + M, {0}, VG_TEMP, temp[h % (int64_t)(sizeof temp / sizeof *temp)]};
        const struct happened right = {
            0, {h * H + 2 * M, h * H - 30 * M, "start", true}, VG_SBP, 0};
        const struct happened charted = {
            0, {h * H + 3 * M, wrong, "start", true}, 0, 0};
        const struct happened none = {0, {h * H + 4 * M, wrong, "start", false}, 0, 0};
        happen(d, &pressure);
        happen(d, &warmth);
        if (h == 26) {
            happen(d, &right);
        }
        if (wrong != 0 && h == (wrong + H - 1) / H) {
            happen(d, &charted);
        }
        if (wrong != 0 && h == back) {
            happen(d, &none);
        }
    }
}

static void all_is_as_if_it_had_not_been(void **state)
{
    static const int64_t wrongs[] = {3 * H + M / 2, 24 * H, 25 * H + 31 * M,
                                     30 * H + 7};

    (void)state;
    struct desk *d = desk_open();
    live(d, 0, 0);
    const struct vg_bed_look expected = look_at(d, "12");
    assert_true(expected.assessed.known);
    assert_int_equal(expected.infusion.ms, WARD_START + 26 * H - 30 * M);
    desk_close(d);
    for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
        for (int64_t back = wrongs[i] / H + 1; back <= 40; back += 3) {
            d = desk_open();
            live(d, wrongs[i], back);
            const struct vg_bed_look got = look_at(d, "12");
            assert_int_equal(got.infusion.ms, expected.infusion.ms);
            assert_memory_equal(&got.assessed.now, &expected.assessed.now,
                                sizeof got.assessed.now);
            desk_close(d);
        }
    }
}

/* The plan serves again until a start arrives, and that none came is said. */
static void the_plan_serves_again(void **state)
{
    struct desk *d = desk_open_with(
        "  - {id: NONE, class: technical, severity: technical, text: t, source: s, "
        "when: infusion.uncharted}\n");
    struct vg_admission a = admission(VG_UPDATE, 0);
    const struct word start = {2 * H, 2 * H, "start", true};
    const struct word none = {3 * H, 2 * H, "start", false};

    (void)state;
    a.infusion_planned = (struct vg_instant){WARD_START + 1 * H};
    tell(d, 0, &a);
    say_word(d, &start);
    assert_int_equal(open_of(d, "NONE")->rev, 0);
    say_word(d, &none);
    assert_int_not_equal(open_of(d, "NONE")->rev, 0);
    desk_close(d);
}

/* What is taken back stays so when patients move: it does not come back with who lies there. */
static void it_does_not_come_back(void **state)
{
    const struct word first = {1 * H, 1 * H, "start", true};
    const struct word second = {2 * H, 2 * H, "start", true};
    const struct word none = {3 * H, 2 * H, "start", false};
    struct desk *d = desk_open();

    (void)state;
    say_word(d, &first);
    say_word(d, &second);
    say_word(d, &none);
    ward_move(&d->ward, 5 * H,
              &(struct ward_move){VG_TRANSFER, "12", "P1", "14", 4 * H, false, false});
    assert_int_equal(hours(d, "14"), 1);
    const struct word nobodys = {5 * H, 2 * H, "start", false}; /* before P2 came */
    ward_move(&d->ward, 5 * H,
              &(struct ward_move){VG_ADMIT, "12", "P2", NULL, 5 * H, false, false});
    say_word(d, &nobodys); /* of P1, who lay there then, and taken back already */
    assert_string_equal(answer(d), "");
    const struct word stray = {5 * H, 4 * H + M, "start", false};
    say_word(d, &stray); /* nobody lay there */
    assert_string_equal(
        answer(d),
        "infusion: no \"start\" was charted with this ts, nothing is taken back");
    ward_move(&d->ward, 5 * H,
              &(struct ward_move){VG_DISCHARGE, "12", "P2", NULL, 5 * H, false, false});
    ward_move(&d->ward, 6 * H,
              &(struct ward_move){VG_TRANSFER, "14", "P1", "12", 5 * H + 30 * M, false,
                                  false});
    assert_int_equal(hours(d, "12"), 1);
    desk_close(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_one_before_counts_again),
        cmocka_unit_test(all_is_as_if_it_had_not_been),
        cmocka_unit_test(the_plan_serves_again),
        cmocka_unit_test(it_does_not_come_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
