/* SPDX-License-Identifier: Apache-2.0
 *
 * What brings nothing new changes nothing: an alert goes on after a kill and restart, after word of its patient and after
 * the same protocol once more as it would have without. Of readings by chance: in time, late, behind others, ahead of the
 * clock, with gaps.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/desk.h"

#define RULE(when, rest)                                             \
    "  - id: HOT\n    class: fever_infection\n    severity: watch\n" \
    "    when: " when "\n" rest "    text: t\n    source: test\n"

static const char *const rules[] = {
    RULE("oxygen.hypoxia", ""),
    RULE("oxygen.hypoxia", "    clear: not oxygen.hypoxia for 5m\n"),
    RULE("news2.score >= 3", ""),
    RULE("max(spo2, 60s) < 90 % and count(spo2, 60s) >= 2", ""),
    RULE("min(spo2, 5m) < 88 %", ""),
    RULE("spo2 < 90 %", "    hold: 1m\n"),
    RULE("spo2 < 90 %", "    clear: spo2 > 92 % in 2 of last 3 readings\n"),
    RULE("spo2 < 90 % in 2 of last 3 readings", "    clear: spo2 > 92 % for 3m\n"),
};
#define RULES (sizeof rules / sizeof rules[0])

enum nothing { NOTHING, KILL, UPDATE, ADOPT, NOTHINGS };

#define MOST 50

struct past {
    size_t count, until; /* nothing comes behind `until` of them */
    struct {
        int64_t arrives, at, value; /* seconds */
        enum vg_source source;
    } read[MOST];
};

static unsigned dice;

static int64_t below(int64_t n)
{
    dice = dice * 1103515245U + 12345U;
    return (int64_t)(dice >> 8) % n;
}

static struct past by_chance(void)
{
    struct past past = {.count = 20 + (size_t)below(MOST - 20)};
    int64_t now = 0;

    for (size_t i = 0; i < past.count; i++) {
        const int64_t kind = below(16);
        now += below(12) == 0 ? 60 + below(1200) : 5 + below(60);
        past.read[i].arrives = now;
        past.read[i].at = now - (kind < 2   ? below(120)
                                 : kind < 4 ? below(1500)
                                 : kind < 5 ? -300
                                            : below(5));
        past.read[i].at = past.read[i].at < 0 ? 0 : past.read[i].at;
        past.read[i].value = below(3) == 0 ? 84 + below(14) : i / 6 % 2 == 0 ? 84 : 96;
        past.read[i].source = below(4) == 0 ? VG_SOURCE_SPOT : VG_SOURCE_CONTINUOUS;
    }
    past.until = 5 + (size_t)below((int64_t)past.count - 6);
    return past;
}

static void forget(struct desk *d)
{
    d->ward.told[0] = d->heard[0] = '\0';
}

static void feed(struct desk *d, const struct past *past, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        ward_read_late(&d->ward, past->read[i].arrives * S, past->read[i].at * S,
                       VG_SPO2, past->read[i].value, past->read[i].source);
    }
}

static void happen(struct desk *d, const struct past *past, enum nothing what,
                   int64_t at)
{
    static struct vg_alert open;
    const struct vg_admission word = admission(VG_UPDATE, at);

    if (what == KILL) {
        open = *open_of(d, "HOT");
        begin_again(d);
        step(d, 0, (struct vg_event){.kind = VG_EVENT_ALERT, .alert = &open});
        ward_admit(&d->ward, 0, "P1");
        feed(d, past, 0, past->until);
        restored(d, at);
    } else if (what == UPDATE) {
        tell(d, at, &word);
    } else if (what == ADOPT) {
        assert_int_equal(vg_engine_adopt(d->ward.engine, &d->ward.book), VG_OK);
    }
}

/* What is told of the rule from then on, without its ladder. */
static void note(struct desk *d, char *out, size_t room)
{
    char *at = d->ward.told;

    for (char *end = strchr(at, ';'); end != NULL; end = strchr(at, ';')) {
        *end = '\0';
        if (strstr(at, " HOT ") != NULL && strstr(at, "offered") == NULL) {
            const size_t used = strlen(out);
            (void)snprintf(out + used, room - used, "%s;", at);
        }
        at = end + 1;
    }
    forget(d);
}

/* False: no alert is open then. */
static bool goes_on(const char *rule, const struct past *past, enum nothing what,
                    char *out, size_t room)
{
    struct desk *d = desk_open_with(rule);
    const int64_t at = past->read[past->until - 1].arrives * S;

    out[0] = '\0';
    for (size_t i = 0; i < past->until; i++) {
        feed(d, past, i, i + 1);
        forget(d);
    }
    const bool open = open_of(d, "HOT")->rev != 0;
    if (open) {
        happen(d, past, what, at);
        note(d, out, room);
        for (size_t i = past->until; i < past->count; i++) {
            feed(d, past, i, i + 1);
            note(d, out, room);
        }
        wait_until(d, past->read[past->count - 1].arrives * S + 20 * M);
        note(d, out, room);
    }
    desk_close(d);
    return open;
}

static void nothing_new(void **state)
{
    static char with[8192], without[8192];
    unsigned tried = 0;

    (void)state;
    for (unsigned seed = 85001; seed <= 89000;
         seed++) { /* 87766: a count beside a clock ahead */
        dice = seed;
        const char *rule = rules[seed % RULES];
        const enum nothing what =
            (enum nothing)(KILL + (int)(seed / RULES % (NOTHINGS - KILL)));
        const struct past past = by_chance();
        if (!goes_on(rule, &past, NOTHING, without, sizeof without)) {
            continue;
        }
        tried++;
        (void)goes_on(rule, &past, what, with, sizeof with);
        if (strcmp(with, without) != 0) {
            fail_msg("seed %u, rule %u, %d:\n%s\n%s", seed, (unsigned)(seed % RULES),
                     (int)what, with, without);
        }
    }
    assert_true(tried > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_new)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
