/* SPDX-License-Identifier: Apache-2.0
 *
 * The hypotension axis: Clinical reference 1.3, each limit from both sides.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/course_help.h"

#define X    INT64_C(172800) /* 48 h after the infusion */
#define CUFF VG_SOURCE_CUFF
#define LINE VG_SOURCE_ARTERIAL

struct value {
    int64_t at, sbp;
    enum vg_source source;
};

/* Hypotension `asked` seconds after X, having seen the values (at 0: the end). */
static const struct {
    const char *what;
    struct value value[6];
    int64_t asked;
    enum vg_truth is;
} cases[] = {
    {"90 is not below 90", {{0, 90, CUFF}, {300, 90, CUFF}}, 900, VG_FALSE},
    {"one low value waits", {{0, 89, CUFF}}, 599, VG_FALSE},
    {"not repeated for 10 min", {{0, 89, CUFF}}, 600, VG_TRUE},
    {"the second confirms", {{0, 89, CUFF}, {300, 89, CUFF}}, 300, VG_TRUE},
    {"90 in between cancels", {{0, 89, CUFF}, {300, 90, CUFF}}, 1200, VG_FALSE},
    {"two within 30 min",
     {{0, 89, CUFF}, {180, 96, CUFF}, {1800, 89, CUFF}},
     1800,
     VG_TRUE},
    {"two 30 min 1 s apart",
     {{0, 89, CUFF}, {180, 96, CUFF}, {1801, 89, CUFF}},
     1801,
     VG_FALSE},
    {"79 counts at once", {{0, 79, CUFF}}, 0, VG_TRUE},
    {"80 waits", {{0, 80, CUFF}}, 0, VG_FALSE},
    {"a nurse's value counts at once", {{0, 89, VG_SOURCE_MANUAL}}, 0, VG_TRUE},
    {"a line: 59 s", {{0, 89, LINE}, {59, 89, LINE}}, 59, VG_FALSE},
    {"a line: 60 s", {{0, 89, LINE}, {60, 89, LINE}}, 60, VG_TRUE},
    {"a line below 80: 14 s", {{0, 79, LINE}, {14, 79, LINE}}, 14, VG_FALSE},
    {"a line below 80: 15 s", {{0, 79, LINE}, {15, 79, LINE}}, 15, VG_TRUE},
    {"95 for 5 min clears",
     {{0, 79, CUFF}, {600, 95, CUFF}, {900, 95, CUFF}},
     900,
     VG_FALSE},
    {"95 for 4 min 59 s",
     {{0, 79, CUFF}, {600, 95, CUFF}, {899, 95, CUFF}},
     899,
     VG_TRUE},
    {"90 for 30 min clears",
     {{0, 79, CUFF}, {600, 90, CUFF}, {2400, 90, CUFF}},
     2400,
     VG_FALSE},
    {"90 for 29 min",
     {{0, 79, CUFF}, {600, 90, CUFF}, {2340, 90, CUFF}},
     2340,
     VG_TRUE},
    {"one 94 breaks the 95",
     {{0, 79, CUFF}, {600, 95, CUFF}, {750, 94, CUFF}, {900, 95, CUFF}},
     900,
     VG_TRUE},
    {"nothing more: it stays", {{0, 79, CUFF}}, 86400, VG_TRUE},
};

static void hypotension(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct vg_try *t = try_begin();
        for (size_t k = 0; k < 6 && cases[i].value[k].sbp != 0; k++) {
            const struct value *v = &cases[i].value[k];
            try_obs(t, X + v->at, VG_SBP, v->sbp, v->source, VG_METHOD_NONE);
        }
        if (try_at(t, X + cases[i].asked)->pressure.hypotension.truth != cases[i].is) {
            fail_msg("%s", cases[i].what);
        }
        try_end(t);
    }
}

/* What comes with it makes a low value count at once: within 5 min, either order. */
static void context(void **state)
{
    static const struct {
        enum vg_signal signal;
        int64_t value, before;
        enum vg_truth is;
    } rows[] = {{VG_HR, 130, 300, VG_TRUE},  {VG_HR, 129, 0, VG_FALSE},
                {VG_HR, 130, 301, VG_FALSE}, {VG_SPO2, 89, 60, VG_TRUE},
                {VG_SPO2, 90, 60, VG_FALSE}, {VG_HR, 130, -240, VG_TRUE}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vg_try *t = try_begin();
        try_obs(t, X - rows[i].before, rows[i].signal, rows[i].value, VG_SOURCE_SPOT,
                VG_METHOD_NONE);
        try_obs(t, X, VG_SBP, 88, CUFF, VG_METHOD_NONE);
        assert_int_equal(try_at(t, X + 240)->pressure.hypotension.truth, rows[i].is);
        try_end(t);
    }
}

static void near_the_infusion(void **state)
{
    (void)state;
    for (int late = 0; late < 2; late++) {
        struct vg_try *t = try_begin();
        const int64_t at = 1800 + 7200 + late; /* T_end + 2 h is the last */
        try_infusion(t, 0, 1800);
        try_obs(t, at, VG_SBP, 89, CUFF, VG_METHOD_NONE);
        assert_int_equal(try_at(t, at)->pressure.hypotension.truth,
                         late ? VG_FALSE : VG_TRUE);
        try_end(t);
    }
}

static void vasopressors(void **state)
{
    static const struct {
        const char *agent[3];
        int tier;
    } rows[] = {{{"dobutamine", "milrinone", NULL}, 0},
                {{"vasopressin", NULL, NULL}, 3},
                {{"norepinephrine", "vasopressin", NULL}, 3},
                {{"angiotensin_ii", NULL, NULL}, 3},
                {{"unknown", NULL, NULL}, 3},
                {{"unknown", "norepinephrine", NULL}, 3}, /* a lower bound */
                {{"norepinephrine", "epinephrine", "vasopressin"}, 4}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vg_try *t = try_begin();
        for (size_t k = 0; k < 3 && rows[i].agent[k] != NULL; k++) {
            try_chart(t, X, VG_VASOPRESSOR, rows[i].agent[k], true);
        }
        assert_int_equal(try_at(t, X)->pressure.tier, rows[i].tier);
        try_chart(t, X + 60, VG_FLAG, "hypotension_other_cause", true);
        assert_int_equal(try_at(t, X + 60)->pressure.tier, 0);
        assert_int_equal(try_at(t, X + 60 + 86400)->pressure.tier, rows[i].tier);
        try_end(t);
    }
}

/* Of two that are on no list one that stops leaves the other; the same one charted twice is one. */
static void on_no_list(void **state)
{
    static const struct {
        const char *agent;
        bool on;
        int tier;
        int64_t since; /* s; the oldest charting of those that run */
    } rows[] = {
        {"terlipressin", true, 3, 0},     {"methylene_blue", true, 3, 0},
        {"terlipressin", true, 3, 60},    {"midodrine", false, 3, 60},
        {"terlipressin", false, 3, 60},   {"methylene_blue", false, 0, 0},
        {"terlipressin", true, 3, 360},   {"unknown", true, 3, 360},
        {"terlipressin", false, 3, 420},  {"methylene_blue", true, 3, 420},
        {"unknown", false, 0, 0}, /* none of them runs */
        {"unknown", true, 3, 660},        {"norepinephrine", true, 3, 660},
        {"methylene_blue", true, 3, 660},
    };
    struct vg_try *t = try_begin();

    (void)state;
    for (int64_t i = 0; i < (int64_t)(sizeof rows / sizeof *rows); i++) {
        try_chart(t, X + 60 * i, VG_VASOPRESSOR, rows[i].agent, rows[i].on);
        const struct vg_pressure_out *now = &try_at(t, X + 60 * i)->pressure;
        if (now->tier != rows[i].tier ||
            (rows[i].tier > 0 &&
             now->support.since.ms != try_instant(X + rows[i].since).ms)) {
            fail_msg("row %d: tier %d", (int)i, now->tier);
        }
    }
    try_end(t);
    t = try_begin(); /* at one instant */
    try_chart(t, X, VG_VASOPRESSOR, "terlipressin", true);
    try_chart(t, X, VG_VASOPRESSOR, "methylene_blue", true);
    try_chart(t, X + 60, VG_VASOPRESSOR, "methylene_blue", false);
    assert_int_equal(try_at(t, X + 60)->pressure.tier, 3);
    for (char name[] = "a"; name[0] < 'z'; name[0]++) { /* more than there are places */
        try_chart(t, X + 60 + name[0], VG_VASOPRESSOR, name, true);
    }
    assert_int_equal(try_at(t, X + 200)->pressure.tier, 3);
    try_end(t);
}

static void mean_pressure(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    try_obs(t, X, VG_MAP, 59, CUFF, VG_METHOD_NONE);
    assert_int_equal(try_at(t, X + 599)->pressure.map_low.truth, VG_FALSE);
    assert_int_equal(try_at(t, X + 600)->pressure.map_low.truth, VG_TRUE);
    assert_int_equal(t->now.pressure.map_critical.truth, VG_FALSE);
    try_obs(t, X + 700, VG_MAP, 54, CUFF, VG_METHOD_NONE);
    assert_int_equal(try_at(t, X + 700)->pressure.map_critical.truth, VG_TRUE);
    try_obs(t, X + 800, VG_MAP, 60, CUFF, VG_METHOD_NONE);
    assert_int_equal(try_at(t, X + 800)->pressure.map_low.truth, VG_FALSE);
    try_end(t);
}

/* A gateway that says nothing of the source sends a stream, however seldom: two readings are two readings. */
static void a_sparse_mean_pressure(void **state)
{
    static const struct {
        int64_t value[3], step;
        enum vg_truth low[3], critical[3];
    } rows[] = {{{58, 58, 60},
                 300,
                 {VG_FALSE, VG_TRUE, VG_TRUE},
                 {VG_FALSE, VG_FALSE, VG_FALSE}},
                {{54, 54, 58},
                 3600,
                 {VG_FALSE, VG_TRUE, VG_TRUE},
                 {VG_FALSE, VG_TRUE, VG_TRUE}},
                {{54, 54, 54},
                 3601,
                 {VG_FALSE, VG_FALSE, VG_FALSE},
                 {VG_FALSE, VG_FALSE, VG_FALSE}},
                {{58, 60, 58},
                 300,
                 {VG_FALSE, VG_FALSE, VG_FALSE},
                 {VG_FALSE, VG_FALSE, VG_FALSE}}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vg_try *t = try_begin();
        for (int64_t k = 0; k < 3; k++) {
            const int64_t at = X + k * rows[i].step;
            try_obs(t, at, VG_MAP, rows[i].value[k], VG_SOURCE_CONTINUOUS,
                    VG_METHOD_NONE);
            const struct vg_pressure_out *out = &try_at(t, at)->pressure;
            assert_int_equal(out->map_low.truth, rows[i].low[k]);
            assert_int_equal(out->map_critical.truth, rows[i].critical[k]);
        }
        try_end(t);
    }
}

/* A line that came often: neither is what lies on both sides of a pause an end, nor a beginning. A minute behind it is. */
static void a_line_with_a_pause(void **state)
{
    static const struct {
        int64_t before, beside, after; /* a minute of it; one on each side; then */
        enum vg_truth low, then;
    } rows[] = {{50, 90, 90, VG_TRUE, VG_FALSE}, {80, 50, 50, VG_FALSE, VG_TRUE}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vg_try *t = try_begin();
        for (int64_t at = 0; at < 120; at += 5) {
            try_obs(t, X + at, VG_MAP, rows[i].before, VG_SOURCE_ARTERIAL,
                    VG_METHOD_NONE);
        }
        try_obs(t, X + 120, VG_MAP, rows[i].beside, VG_SOURCE_ARTERIAL, VG_METHOD_NONE);
        try_obs(t, X + 1920, VG_MAP, rows[i].beside, VG_SOURCE_ARTERIAL,
                VG_METHOD_NONE);
        assert_int_equal(try_at(t, X + 1920)->pressure.map_low.truth, rows[i].low);
        for (int64_t at = 1925; at <= 1980; at += 5) {
            try_obs(t, X + at, VG_MAP, rows[i].after, VG_SOURCE_ARTERIAL,
                    VG_METHOD_NONE);
        }
        assert_int_equal(try_at(t, X + 1980)->pressure.map_low.truth, rows[i].then);
        try_end(t);
    }
}

/* A fall that goes on below 90 is not over: it stands while the low value waits for the next, and until that is
 * hypotension or back. */
static void a_fall_that_goes_on(void **state)
{
    static const struct {
        int64_t next, at; /* the value behind 95 and 88 */
        enum vg_truth relative, hypotension;
    } rows[] = {{0, 599, VG_TRUE, VG_FALSE},    {0, 600, VG_FALSE, VG_TRUE},
                {88, 300, VG_FALSE, VG_TRUE},   {92, 300, VG_TRUE, VG_FALSE},
                {100, 300, VG_FALSE, VG_FALSE}, {79, 300, VG_FALSE, VG_TRUE}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vg_try *t = try_begin();
        t->course->patient.baseline[VG_SBP] = 150;
        try_obs(t, X - 300, VG_SBP, 95, CUFF, VG_METHOD_NONE);
        try_obs(t, X, VG_SBP, 88, CUFF, VG_METHOD_NONE);
        assert_int_equal(try_at(t, X)->pressure.relative.truth, VG_TRUE);
        assert_int_equal(try_at(t, X)->pressure.relative_urgent.truth, VG_TRUE);
        if (rows[i].next != 0) {
            try_obs(t, X + 300, VG_SBP, rows[i].next, CUFF, VG_METHOD_NONE);
        }
        const struct vg_pressure_out *out = &try_at(t, X + rows[i].at)->pressure;
        assert_int_equal(out->relative.truth, rows[i].relative);
        assert_int_equal(out->hypotension.truth, rows[i].hypotension);
        try_end(t);
    }
}

/* 0.7: without a known adult only a pressure below 70 counts. */
static void gated(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    t->course->patient.age = 17;
    try_obs(t, X, VG_SBP, 70, CUFF, VG_METHOD_NONE);
    assert_int_equal(try_at(t, X + 900)->pressure.hypotension.truth, VG_FALSE);
    try_obs(t, X + 1000, VG_SBP, 69, CUFF, VG_METHOD_NONE);
    assert_int_equal(try_at(t, X + 1000)->pressure.hypotension.truth, VG_TRUE);
    try_end(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hypotension),         cmocka_unit_test(context),
        cmocka_unit_test(near_the_infusion),   cmocka_unit_test(vasopressors),
        cmocka_unit_test(on_no_list),          cmocka_unit_test(mean_pressure),
        cmocka_unit_test(a_fall_that_goes_on), cmocka_unit_test(a_sparse_mean_pressure),
        cmocka_unit_test(a_line_with_a_pause), cmocka_unit_test(gated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
