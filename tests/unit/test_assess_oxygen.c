/* SPDX-License-Identifier: Apache-2.0
 *
 * The hypoxia axis and extreme vital signs: Clinical reference 1.4, 9.4, each limit from
 * both sides.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/course_help.h"

#define X INT64_C(172800)

static void monitor(struct vg_try *t, enum vg_signal signal, int64_t from, int64_t to,
                    int64_t step, int64_t value)
{
    for (int64_t at = from; at <= to; at += step) {
        try_obs(t, X + at, signal, value, VG_SOURCE_CONTINUOUS, VG_METHOD_NONE);
    }
}

static const struct {
    const char *what;
    int64_t value, to, step, asked;
    enum vg_truth hypoxia, severe;
} streams[] = {
    {"89 for 59 s", 89, 59, 1, 59, VG_FALSE, VG_FALSE},
    {"89 for 60 s", 89, 60, 1, 60, VG_TRUE, VG_FALSE},
    {"90 is not below 90", 90, 600, 10, 600, VG_FALSE, VG_FALSE},
    {"84 for 14 s", 84, 14, 1, 14, VG_FALSE, VG_FALSE},
    {"84 for 15 s", 84, 15, 1, 15, VG_FALSE, VG_TRUE},
    {"85 is not below 85", 85, 59, 1, 59, VG_FALSE, VG_FALSE},
    {"sparse: two 130 s apart", 88, 130, 130, 130, VG_TRUE, VG_FALSE},
    {"sparse: two 15 min apart", 88, 900, 900, 900, VG_TRUE, VG_FALSE},
    {"sparse: two 15 min 1 s apart", 88, 901, 901, 901, VG_FALSE, VG_FALSE},
    {"one 84, nothing for 120 s", 84, 0, 1, 120, VG_FALSE, VG_FALSE},
    {"one 84, nothing for more", 84, 0, 1, 121, VG_FALSE, VG_TRUE},
};

static void a_stream(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
        struct vg_try *t = try_begin();
        monitor(t, VG_SPO2, 0, streams[i].to, streams[i].step, streams[i].value);
        const struct vg_oxygen_out *o = &try_at(t, X + streams[i].asked)->oxygen;
        if (o->hypoxia.truth != streams[i].hypoxia ||
            o->severe.truth != streams[i].severe) {
            fail_msg("%s", streams[i].what);
        }
        try_end(t);
    }
}

/* What came more than 8 h late asks the floor alone (0.3). */
static void a_value_of_long_ago(void **state)
{
    (void)state;
    for (int by_stream = 0; by_stream < 2; by_stream++) {
        struct vg_try *t = try_begin();
        t->marks = VG_MARK_OLD;
        if (by_stream == 1) {
            monitor(t, VG_SPO2, 0, 120, 5, 84);
        } else {
            try_obs(t, X, VG_SPO2, 84, VG_SOURCE_SPOT, VG_METHOD_NONE);
        }
        const struct vg_oxygen_out *o = &try_at(t, X + 120)->oxygen;
        assert_int_equal(o->severe.truth, VG_TRUE);
        assert_int_equal(o->hypoxia.truth, VG_FALSE);
        t->marks = 0; /* and now it is about now */
        try_obs(t, X + 600, VG_SPO2, 88, VG_SOURCE_SPOT, VG_METHOD_NONE);
        assert_int_equal(try_at(t, X + 600)->oxygen.hypoxia.truth, VG_TRUE);
        try_end(t);
    }
}

/* It takes nothing back of what was found then. */
static void a_value_of_long_ago_among_others(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    monitor(t, VG_SPO2, 0, 65, 5, 88);
    assert_int_equal(try_at(t, X + 300)->oxygen.hypoxia.truth, VG_TRUE);
    t->marks = VG_MARK_OLD;
    try_obs(t, X + 32, VG_SPO2, 84, VG_SOURCE_CONTINUOUS, VG_METHOD_NONE);
    assert_int_equal(try_at(t, X + 300)->oxygen.hypoxia.truth, VG_TRUE);
    try_end(t);
}

static void it_clears(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    monitor(t, VG_SPO2, 0, 70, 1, 89);
    monitor(t, VG_SPO2, 71, 300, 1, 91);
    assert_int_equal(try_at(t, X + 300)->oxygen.hypoxia.truth, VG_TRUE);
    monitor(t, VG_SPO2, 301, 360, 1, 92);
    assert_int_equal(try_at(t, X + 360)->oxygen.hypoxia.truth, VG_TRUE);
    monitor(t, VG_SPO2, 361, 361, 1, 92);
    assert_int_equal(try_at(t, X + 361)->oxygen.hypoxia.truth, VG_FALSE);
    try_end(t);
}

static void scale_2(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    try_chart(t, X - 60, VG_FLAG, "scale2", true);
    try_obs(t, X, VG_SPO2, 86, VG_SOURCE_SPOT, VG_METHOD_NONE);
    assert_int_equal(try_at(t, X)->oxygen.hypoxia.truth, VG_FALSE);
    try_obs(t, X + 60, VG_SPO2, 85, VG_SOURCE_SPOT, VG_METHOD_NONE);
    assert_int_equal(try_at(t, X + 60)->oxygen.hypoxia.truth, VG_TRUE);
    assert_int_equal(t->now.oxygen.severe.truth, VG_FALSE);
    try_obs(t, X + 120, VG_SPO2, 81, VG_SOURCE_SPOT, VG_METHOD_NONE);
    assert_int_equal(try_at(t, X + 120)->oxygen.severe.truth, VG_TRUE);
    try_obs(t, X + 180, VG_SPO2, 88, VG_SOURCE_SPOT, VG_METHOD_NONE);
    assert_int_equal(try_at(t, X + 180)->oxygen.severe.truth, VG_FALSE);
    try_end(t);
}

/* A flow meter and a measured FiO2 are newer than what was charted with the device. */
static void measured_beside_charted(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    try_oxygen(t, X, "nasal_cannula", 60);
    assert_int_equal(try_at(t, X)->oxygen.tier, 2);
    try_obs(t, X + 60, VG_O2_FLOW, 61, VG_SOURCE_SPOT, VG_METHOD_NONE);
    assert_int_equal(try_at(t, X + 60)->oxygen.tier, 3);
    try_obs(t, X + 120, VG_O2_FLOW, 60, VG_SOURCE_SPOT, VG_METHOD_NONE);
    assert_int_equal(try_at(t, X + 120)->oxygen.tier, 2);
    try_chart(t, X + 180, VG_FLAG, "airway_only", true);
    try_oxygen(t, X + 180, "invasive_vent", VG_NO_VALUE);
    assert_int_equal(try_at(t, X + 180)->oxygen.tier, 0);
    try_obs(t, X + 240, VG_FIO2, 40, VG_SOURCE_SPOT, VG_METHOD_NONE);
    assert_int_equal(try_at(t, X + 240)->oxygen.tier, 0);
    try_obs(t, X + 300, VG_FIO2, 41, VG_SOURCE_SPOT, VG_METHOD_NONE);
    assert_int_equal(try_at(t, X + 300)->oxygen.tier, 4);
    try_end(t);
}

/* Oxygen flows by a meter, and nobody has charted through what: as a device of a kind unknown (1.4). */
static void measured_alone(void **state)
{
    static const struct {
        enum vg_signal signal;
        int64_t value;
        int tier;
    } rows[] = {
        {VG_O2_FLOW, 40, 2}, {VG_O2_FLOW, 0, 0}, {VG_FIO2, 22, 2}, {VG_FIO2, 21, 0}};

    (void)state;
    for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
        struct vg_try *t = try_begin();
        if (i % 2 == 1) {
            try_oxygen(t, X, "room_air", VG_NO_VALUE);
        }
        try_obs(t, X + 60, rows[i / 2].signal, rows[i / 2].value, VG_SOURCE_SPOT,
                VG_METHOD_NONE);
        assert_int_equal(try_at(t, X + 60)->oxygen.tier, rows[i / 2].tier);
        try_oxygen(t, X + 120, "room_air", VG_NO_VALUE); /* taken off */
        assert_int_equal(try_at(t, X + 120)->oxygen.tier, 0);
        try_end(t);
    }
}

static void devices(void **state)
{
    static const struct {
        const char *device, *flag;
        int64_t flow;
        int tier;
    } rows[] = {{"room_air", NULL, VG_NO_VALUE, 0},
                {"nasal_cannula", NULL, 60, 2},
                {"nasal_cannula", NULL, 61, 3},
                {"nasal_cannula", NULL, VG_NO_VALUE, 2},
                {"blow_by", NULL, VG_NO_VALUE, 2},
                {"hfnc", NULL, 60, 2},
                {"hfnc", NULL, 61, 3},
                {"hfnc", NULL, VG_NO_VALUE, 3},
                {"simple_mask", NULL, 50, 3},
                {"face_tent", NULL, VG_NO_VALUE, 3},
                {"aerosol_mask", NULL, VG_NO_VALUE, 3},
                {"tracheostomy_mask", NULL, 20, 3},
                {"venturi", NULL, VG_NO_VALUE, 3},
                {"non_rebreather", NULL, 150, 3},
                {"cpap", NULL, VG_NO_VALUE, 4},
                {"bipap", NULL, VG_NO_VALUE, 4},
                {"invasive_vent", NULL, VG_NO_VALUE, 4},
                {"unknown", NULL, VG_NO_VALUE, 2},
                {"cpap", "home_cpap", VG_NO_VALUE, 0},
                {"bipap", "home_cpap", 60, 2},
                {"cpap", "home_cpap", 61, 3},
                {"invasive_vent", "airway_only", VG_NO_VALUE, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vg_try *t = try_begin();
        try_oxygen(t, X, rows[i].device, rows[i].flow);
        if (rows[i].flag != NULL) {
            try_chart(t, X, VG_FLAG, rows[i].flag, true);
        }
        if (try_at(t, X)->oxygen.tier != rows[i].tier) {
            fail_msg("%s, row %zu: tier %d", rows[i].device, i, t->now.oxygen.tier);
        }
        try_chart(t, X, VG_FLAG, "hypoxia_other_cause", true);
        assert_int_equal(try_at(t, X)->oxygen.tier, 0);
        try_end(t);
    }
}

static void the_airway_flag_is_void_when_hypoxic(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    try_oxygen(t, X, "invasive_vent", VG_NO_VALUE);
    try_chart(t, X, VG_FLAG, "airway_only", true);
    try_obs(t, X + 60, VG_SPO2, 89, VG_SOURCE_SPOT, VG_METHOD_NONE);
    assert_int_equal(try_at(t, X + 60)->oxygen.tier, 4);
    try_end(t);
}

static void extremes(void **state)
{
    static const struct {
        enum vg_signal signal;
        int64_t value;
        enum vg_truth is;
    } rows[] = {{VG_HR, 34, VG_TRUE},  {VG_HR, 35, VG_FALSE}, {VG_HR, 150, VG_FALSE},
                {VG_HR, 151, VG_TRUE}, {VG_RR, 6, VG_TRUE},   {VG_RR, 7, VG_FALSE},
                {VG_RR, 35, VG_FALSE}, {VG_RR, 36, VG_TRUE}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vg_try *t = try_begin();
        monitor(t, rows[i].signal, 0, 59, 1, rows[i].value);
        assert_int_equal(try_at(t, X + 59)->extreme.vital.truth, VG_FALSE);
        monitor(t, rows[i].signal, 60, 60, 1, rows[i].value);
        assert_int_equal(try_at(t, X + 60)->extreme.vital.truth, rows[i].is);
        try_end(t);
        t = try_begin(); /* a spot value counts at once */
        try_obs(t, X, rows[i].signal, rows[i].value, VG_SOURCE_SPOT, VG_METHOD_NONE);
        assert_int_equal(try_at(t, X)->extreme.vital.truth, rows[i].is);
        try_end(t);
    }
}

/* A meter whose clock is in the future makes a support more, never less (0.3). */
static void a_meter_of_the_future(void **state)
{
    static const struct {
        int64_t flow;
        uint8_t marks;
        int tier;
    } rows[] = {{0, VG_MARK_CLOCK, 2},
                {70, VG_MARK_CLOCK, 3},
                {60, VG_MARK_CLOCK, 3},
                {60, 0, 2},
                {0, 0, 2}};
    struct vg_try *t = try_begin();

    (void)state;
    try_obs(t, X, VG_O2_FLOW, 20, VG_SOURCE_SPOT, VG_METHOD_NONE);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const int64_t at = X + 60 * ((int64_t)i + 1);
        t->marks = rows[i].marks;
        try_obs(t, at, VG_O2_FLOW, rows[i].flow, VG_SOURCE_SPOT, VG_METHOD_NONE);
        assert_int_equal(try_at(t, at)->oxygen.tier, rows[i].tier);
        if (i == 0) {
            t->marks = 0;
            try_oxygen(t, at + 1, "nasal_cannula", 20);
        }
    }
    try_end(t);
}

/* A monitor that reports seldom: two in a row are as good as a minute, one is not, nor two with a normal one between. */
static void extremes_of_a_sparse_monitor(void **state)
{
    static const struct {
        int64_t value[3], step;
        enum vg_truth is[3];
    } rows[] = {{{160, 160, 160}, 300, {VG_FALSE, VG_TRUE, VG_TRUE}},
                {{160, 160, 80}, 900, {VG_FALSE, VG_TRUE, VG_TRUE}},
                {{160, 160, 160}, 901, {VG_FALSE, VG_FALSE, VG_FALSE}},
                {{160, 80, 160}, 300, {VG_FALSE, VG_FALSE, VG_FALSE}},
                {{30, 160, 30}, 300, {VG_FALSE, VG_FALSE, VG_FALSE}}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vg_try *t = try_begin();
        for (int64_t k = 0; k < 3; k++) {
            monitor(t, VG_HR, k * rows[i].step, k * rows[i].step, 1, rows[i].value[k]);
            assert_int_equal(try_at(t, X + k * rows[i].step)->extreme.vital.truth,
                             rows[i].is[k]);
        }
        try_end(t);
    }
}

/* One that reports often: an artefact before its lead comes off and one when it is on again are no minute. What goes on
 * then is. */
static void extremes_beside_a_lead_that_is_off(void **state)
{
    struct vg_try *t = try_begin();

    (void)state;
    monitor(t, VG_HR, 0, 55, 5, 80);
    monitor(t, VG_HR, 60, 60, 5, 160);
    monitor(t, VG_HR, 460, 460, 5, 160);
    assert_int_equal(try_at(t, X + 460)->extreme.vital.truth, VG_FALSE);
    monitor(t, VG_HR, 465, 470, 5, 80);
    monitor(t, VG_HR, 475, 475, 5, 160);
    monitor(t, VG_HR, 900, 955, 5, 160);
    assert_int_equal(try_at(t, X + 955)->extreme.vital.truth, VG_FALSE);
    monitor(t, VG_HR, 960, 960, 5, 160);
    assert_int_equal(try_at(t, X + 960)->extreme.vital.truth, VG_TRUE);
    assert_int_equal(try_at(t, X + 960)->extreme.vital.since.ms,
                     try_instant(X + 900).ms);
    try_end(t);
}

static void unresponsive(void **state)
{
    static const char *const words[] = {"A", "C", "V", "P", "U"};

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        struct vg_try *t = try_begin();
        try_chart(t, X, VG_CONSCIOUSNESS, words[i], true);
        assert_int_equal(try_at(t, X)->extreme.vital.truth,
                         i >= 3 ? VG_TRUE : VG_FALSE);
        try_chart(t, X + 1, VG_FLAG, "sedated", true);
        assert_int_equal(try_at(t, X + 1)->extreme.vital.truth, VG_FALSE);
        try_end(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream),
        cmocka_unit_test(it_clears),
        cmocka_unit_test(a_value_of_long_ago),
        cmocka_unit_test(a_value_of_long_ago_among_others),
        cmocka_unit_test(scale_2),
        cmocka_unit_test(devices),
        cmocka_unit_test(measured_beside_charted),
        cmocka_unit_test(measured_alone),
        cmocka_unit_test(a_meter_of_the_future),
        cmocka_unit_test(the_airway_flag_is_void_when_hypoxic),
        cmocka_unit_test(extremes),
        cmocka_unit_test(extremes_of_a_sparse_monitor),
        cmocka_unit_test(extremes_beside_a_lead_that_is_off),
        cmocka_unit_test(unresponsive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
