/* SPDX-License-Identifier: Apache-2.0
 *
 * The ring of a window against a plain array: every reading comes out as it went in, whatever
 * its neighbours are and wherever it is put, corrected or cut.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/past.h"

#define MOST 700

struct model {
    uint32_t count;
    struct vg_sample sample[MOST];
};

static uint32_t dice(uint32_t *seed, uint32_t sides)
{
    *seed = *seed * 1664525U + 1013904223U;
    return (*seed >> 8) % sides;
}

static void check(const struct vg_window *w, const struct model *m)
{
    assert_int_equal(w->count, m->count);
    assert_in_range(w->run_count, m->count > 0, m->count);
    for (uint32_t i = 0; i < m->count; i++) {
        const struct vg_sample got = vg_window_at(w, i);
        const struct vg_sample *want = &m->sample[i];
        assert_int_equal(got.measured.ms, want->measured.ms);
        assert_int_equal(got.value, want->value);
        assert_int_equal(got.source, want->source);
        assert_int_equal(got.method, want->method);
        assert_int_equal(got.marks, want->marks);
        assert_int_equal(got.device, want->device);
    }
}

static uint32_t until(const struct model *m, int64_t ms)
{
    uint32_t n = 0;

    while (n < m->count && m->sample[n].measured.ms <= ms) {
        n++;
    }
    return n;
}

/* What comes: how far values lie apart, how often a reading is of another kind or comes late
 * (one in so many), and how uneven its time is, in ms. */
struct feed {
    enum vg_signal signal;
    uint32_t spread, other, jitter;
    bool even; /* the shape that the ring has in the end (ring.h) */
    unsigned size;
};

/* Mostly one device a second apart; now and then anything, also before 1970. */
static struct vg_sample any(const struct feed *feed, uint32_t *seed, int64_t ms,
                            bool wide)
{
    const uint32_t spread = feed->spread;
    struct vg_sample s = {.measured = {ms},
                          .value = (int64_t)dice(seed, spread) - spread / 2,
                          .device = 3};

    s.value *= wide ? 1000003 : 1;
    if (dice(seed, feed->other) == 0) {
        s.source = (enum vg_source)dice(seed, VG_SOURCE_COUNT);
        s.method = (enum vg_method)dice(seed, 4);
        s.marks = (uint8_t)dice(seed, 16);
        s.device = (uint8_t)dice(seed, 16);
    }
    return s;
}

static int64_t step(const struct feed *feed, uint32_t *seed)
{
    static const int64_t steps[] = {0, 1, 1000, 1000, 1000, 30000, 65536, 9000000};

    return dice(seed, feed->other) == 0 ? steps[dice(seed, 8)]
                                        : 1000 + dice(seed, feed->jitter);
}

static void put(struct vg_window *w, struct model *m, uint32_t *seed, int64_t *now,
                const struct feed *feed)
{
    const bool late = dice(seed, feed->other) == 0;

    *now += late ? 0 : step(feed, seed);
    const struct vg_sample s =
        any(feed, seed, late ? *now - dice(seed, 200000) : *now, w->wide);
    const uint32_t place = until(m, s.measured.ms);
    assert_int_equal(vg_window_until(w, s.measured), place);
    assert_true(vg_window_room(w, 1));
    vg_window_insert(w, place, &s);
    memmove(&m->sample[place + 1], &m->sample[place],
            (m->count - place) * sizeof m->sample[0]);
    m->sample[place] = s;
    m->count++;
}

static void cut(struct vg_window *w, struct model *m, uint32_t from, uint32_t n)
{
    const uint64_t end = w->first + w->count;

    assert_true(vg_window_room(w, 1));
    if (from == 0 && n == 1) {
        vg_window_drop(w, n);
    } else {
        vg_window_cut(w, from, n);
    }
    memmove(&m->sample[from], &m->sample[from + n],
            (m->count - from - n) * sizeof m->sample[0]);
    m->count -= n;
    assert_int_equal(w->first + w->count, end); /* the newest keep their ordinals */
}

static void against_an_array(const struct feed *feed)
{
    static struct model m;
    struct vg_window w;
    uint32_t seed = 17;
    int64_t now = -40000000;

    m.count = 0;
    vg_window_init(&w, feed->signal, VG_HOUR);
    for (unsigned i = 0; i < 20000; i++) {
        const bool odd = dice(&seed, feed->other) == 0; /* else it comes and goes */
        const uint32_t what = odd ? dice(&seed, 16) : (m.count == MOST ? 11 : 0);
        const uint32_t place = m.count > 0 ? dice(&seed, m.count) : 0;
        if (m.count == 0 || (what < 9 && m.count < MOST)) {
            put(&w, &m, &seed, &now, feed);
        } else if (what < 11) {
            const struct vg_sample s =
                any(feed, &seed, m.sample[place].measured.ms, w.wide);
            assert_true(vg_window_room(&w, 1));
            vg_window_correct(&w, place, &s);
            m.sample[place] = s;
        } else if (what < 14) {
            cut(&w, &m, 0, 1);
        } else {
            const uint32_t most = m.count - place < 9 ? m.count - place : 9;
            cut(&w, &m, place, 1 + dice(&seed, most));
        }
        if (i % 16 == 0 || m.count < 3) {
            check(&w, &m);
        }
    }
    assert_int_equal(w.even, feed->even);
    assert_int_equal(w.size, feed->size);
    vg_window_finish(&w);
}

static void of_all_feeds(void **state)
{
    static const struct feed feeds[] = {
        {VG_HR, 60000, 4, 1, false, 2}, /* anything at all */
        {VG_HR, 60000, 200, 300, false, 2},
        {VG_HR, 20, 200, 300, false, 1},  /* one that is never on time */
        {VG_HR, 20, 1000000, 1, true, 1}, /* a monitor */
        {VG_HR, 20, 60, 1, true, 1},      /* one that does not always send */
        {VG_PLT, 60000, 4, 1, false, 8},  /* the laboratory */
    };

    (void)state;
    for (size_t i = 0; i < sizeof feeds / sizeof feeds[0]; i++) {
        against_an_array(&feeds[i]);
    }
}

/* What the limit of the memory a patient takes rests on. */
static void of_one_monitor(void **state)
{
    struct vg_window w;

    (void)state;
    vg_window_init(&w, VG_HR, VG_WINDOW_RAW);
    for (int64_t i = 0; i < 7200; i++) {
        const struct vg_sample s = {.measured = {INT64_C(1768032000000) + i * 1000},
                                    .value = 60 + i % 40};
        assert_int_equal(vg_window_put(&w, &s), VG_TAKEN);
    }
    assert_in_range(w.capacity, 1020, 1100);
    assert_in_range(w.run_capacity, 1, 4);
    vg_window_finish(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_all_feeds),
        cmocka_unit_test(of_one_monitor),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
