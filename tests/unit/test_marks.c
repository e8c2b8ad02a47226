/* SPDX-License-Identifier: Apache-2.0
 *
 * "n of the last m readings": what is kept, in which order, and when it counts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/marks.h"

/* Marks as a text: "10+" is a yes at 10. */
struct row {
    uint8_t keep;
    const char *put;  /* in order of arrival */
    const char *kept; /* in order of measurement */
};

static const struct row rows[] = {
    {3, "10+ 20- 30+", "10+ 20- 30+"},
    {3, "10+ 20- 30+ 40-", "20- 30+ 40-"}, /* the oldest goes */
    {3, "10+ 30+ 20-", "10+ 20- 30+"},     /* late: where it belongs */
    {3, "20- 30+ 10+", "10+ 20- 30+"},     /* late, before all */
    {3, "20- 30+ 40- 10+", "20- 30+ 40-"}, /* older than all that count */
    {3, "20- 30+ 40- 25+", "25+ 30+ 40-"}, /* behind the oldest: that one goes */
    {3, "20- 30+ 40- 35+", "30+ 35+ 40-"}, /* in the middle */
    {3, "10+ 10-", "10-"},                 /* the same instant: the newest says */
    {3, "10+ 20+ 30+ 20-", "10+ 20- 30+"}, /* also when full */
    {3, "10+ 20+ 30+ 10-", "10- 20+ 30+"}, /* and the oldest of them */
    {1, "10+ 20-", "20-"},                 /* one is kept */
    {2, "10+ 20- 30- 40+ 50-", "40+ 50-"},
};

static const char *next(const char *text, struct vg_instant *at, bool *yes)
{
    char *end = NULL;

    at->ms = strtol(text, &end, 10);
    *yes = *end == '+';
    end++;
    return *end == ' ' ? end + 1 : end;
}

static void fill(struct vg_marks *marks, const char *text, uint8_t keep)
{
    static struct vg_mark room[VG_MARKS];

    memset(marks, 0, sizeof *marks);
    memset(room, 0, sizeof room);
    marks->mark = room;
    while (*text != '\0') {
        struct vg_instant at;
        bool yes;
        text = next(text, &at, &yes);
        vg_mark_put(marks, at, yes, keep);
    }
}

static void test_kept(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vg_marks marks;
        const char *text = rows[i].kept;
        uint8_t count = 0;
        fill(&marks, rows[i].put, rows[i].keep);
        while (*text != '\0') {
            struct vg_instant at;
            bool yes;
            text = next(text, &at, &yes);
            assert_true(count < marks.count);
            assert_int_equal(marks.mark[count].at.ms, at.ms);
            assert_int_equal(marks.mark[count].yes, yes);
            count++;
        }
        assert_int_equal(marks.count, count);
    }
}

static const struct {
    const char *marks;
    uint8_t of_true;
    int64_t apart;
    enum vg_truth truth;
    int64_t onset;
    vg_ms hold;
} counted[] = {
    {"", 1, 0, VG_UNKNOWN, INT64_MIN, 0},
    {"10-", 1, 0, VG_FALSE, INT64_MIN, 0},
    {"10+", 1, 0, VG_TRUE, 10, 0},
    {"10+", 2, 0, VG_FALSE, 10, 0},
    {"10- 20+ 30- 40+", 2, 0, VG_TRUE, 20, 0},
    {"10- 20+ 30- 40+", 2, 20, VG_TRUE, 20, 0}, /* just far enough apart */
    {"10- 20+ 30- 40+", 2, 21, VG_FALSE, 20, 0},
    {"10+ 20+ 30- 40+", 3, 30, VG_TRUE, 10, 0}, /* the first to the last */
    {"10+ 20+ 30+ 40-", 3, 21, VG_FALSE, 10, 0},
    {"10+ 20+ 30+", 2, 0, VG_TRUE, 20,
     60}, /* that must last: since there were enough, */
    {"10+ 20+ 30+", 2, 11, VG_TRUE, 30, 60}, /* far enough apart */
    {"10+ 20-", 2, 0, VG_FALSE, INT64_MIN, 60},
};

static void test_counted(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof counted / sizeof counted[0]; i++) {
        const struct vg_expr expr = {.of_true = counted[i].of_true,
                                     .apart = counted[i].apart,
                                     .hold = counted[i].hold};
        struct vg_marks marks;
        struct vg_instant onset;
        fill(&marks, counted[i].marks, 5);
        assert_int_equal(vg_mark_count(&marks, &expr, &onset), counted[i].truth);
        assert_int_equal(onset.ms, counted[i].onset);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kept),
        cmocka_unit_test(test_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
