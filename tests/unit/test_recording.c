/* SPDX-License-Identifier: Apache-2.0
 *
 * The three layouts of recordings: what is read, and what is skipped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* The tool is no archive: its one pure file is compiled in. */
#include "cli/recording.c"

/* "offset_min code value unit source" of each sample, joined by "; ". */
static void print(const struct vg_recording *recording, char *out, size_t capacity)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < recording->count && used < capacity; i++) {
        const struct vg_sample *s = &recording->sample[i];
        used +=
            (size_t)snprintf(out + used, capacity - used, "%s%d %s %s %s %s",
                             i > 0 ? "; " : "", (int)(s->offset / VG_MINUTE), s->code,
                             s->value, s->unit != NULL ? s->unit : "-", s->source);
    }
}

#define MIMIC "t_min,stored_min,param,value,unit,itemid,error\n"

static const struct {
    const char *name;
    enum vg_layout layout;
    const char *text;
    const char *wanted; /* NULL: refused */
} rows[] = {
    {"unit of the row, offset from the first", VG_LAYOUT_MIMIC,
     MIMIC "-21,16,TEMP,94.6,degF,1,\n-11,,TEMP,37.299999237060547,degC,2,\n",
     "0 temp 94.6 [degF] spot; 10 temp 37.3 Cel spot"},
    {"temperature without a unit is skipped", VG_LAYOUT_MIMIC,
     MIMIC "0,,TEMP,37,,1,\n5,,HR,80,bpm,1,\n", "0 hr 80 /min spot"},
    {"marked errors, texts, blanks and other names are skipped", VG_LAYOUT_MIMIC,
     MIMIC "0,1,HR,80,bpm,1,1\n0,1,RR,abc,,1,\n0,1,SPO2,,%,1,\n0,1,WBC,8,K/uL,1,\n"
           "1,1,O2_FLOW,3,L/min,1,0\n",
     "0 o2_flow 3 L/min manual"},
    {"sources, order by time, CRLF, no last newline", VG_LAYOUT_MIMIC,
     MIMIC "9,1,ART_SYS,120,mmHg,1,\r\n2,1,NBP_SYS,118,mmHg,1,",
     "0 sbp 118 mm[Hg] cuff; 7 sbp 120 mm[Hg] arterial"},
    {"zero is a value", VG_LAYOUT_MIMIC, MIMIC "0,1,HR,0,bpm,1,\n", "0 hr 0 /min spot"},
    {"short lines", VG_LAYOUT_MIMIC, MIMIC "0,1,HR\n\n", NULL},
    {"NaN is skipped", VG_LAYOUT_CINC2019,
     "HR|Temp|Hgb|ICULOS\n80|NaN|9|1\nNaN|38.5|NaN|3\n",
     "0 hr 80 /min spot; 120 temp 38.5 Cel spot"},
    {"no hour", VG_LAYOUT_CINC2019, "HR|Temp\n80|37\n", NULL},
    {"minus one is unknown", VG_LAYOUT_CINC2012,
     "Time,Parameter,Value\n00:00,HR,-1\n00:07,HR,73\n26:07,GCS,15\n",
     "0 hr 73 /min spot; 1560 gcs 15 - manual"},
    {"empty", VG_LAYOUT_CINC2012, "", NULL},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[1024], got[1024];
        struct vg_recording recording;
        assert_true(vg_copy(text, sizeof text, rows[i].text));
        print_message("%s\n", rows[i].name);
        enum vg_status status = vg_recording_parse(rows[i].layout, text, &recording);
        if (rows[i].wanted == NULL) {
            assert_int_equal(status, VG_REFUSED);
            continue;
        }
        assert_int_equal(status, VG_OK);
        print(&recording, got, sizeof got);
        assert_string_equal(got, rows[i].wanted);
        vg_recording_finish(&recording);
    }
}

static void test_ages(void **state)
{
    static const struct {
        enum vg_layout layout;
        const char *text;
        unsigned age;
    } ages[] = {
        {VG_LAYOUT_CINC2012, "00:00,Age,71\n00:07,HR,73\n", 71},
        {VG_LAYOUT_CINC2012, "00:00,Age,-1\n00:07,HR,73\n", 0},
        {VG_LAYOUT_CINC2012, "00:07,HR,73\n", 0},
        {VG_LAYOUT_CINC2019, "HR|Age|ICULOS\n80|69.94|1\n", 69},
        {VG_LAYOUT_CINC2019, "HR|Age|ICULOS\n80|NaN|1\n", 0},
        {VG_LAYOUT_CINC2019, "HR|ICULOS\n80|1\n", 0},
        {VG_LAYOUT_MIMIC, MIMIC "5,,HR,80,bpm,1,\n", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof ages / sizeof ages[0]; i++) {
        char text[256];
        struct vg_recording recording;
        assert_true(vg_copy(text, sizeof text, ages[i].text));
        print_message("%s\n", ages[i].text);
        assert_int_equal(vg_recording_parse(ages[i].layout, text, &recording), VG_OK);
        assert_int_equal(recording.age, ages[i].age);
        vg_recording_finish(&recording);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows),
                                       cmocka_unit_test(test_ages)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
