/* SPDX-License-Identifier: Apache-2.0
 *
 * A patient under a schedule written as in a protocol file, for the tests of what is overdue.
 */
#ifndef VIGIL_TESTS_SCHEDULE_HELP_H
#define VIGIL_TESTS_SCHEDULE_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vigil/protocol.h"

#include "lib/course_help.h"
#include "shell/yaml.h"

#define M 60
#define H (60 * M)
#define D (24 * H)

struct box {
    struct vg_try *t;
    struct vg_protocol *protocol;
};

static inline struct box open_box(const char *lines)
{
    char text[4096];
    struct vg_arena *arena = vg_arena_create();
    struct vg_faults *faults = calloc(1, sizeof *faults);
    const struct vg_node *root = NULL;
    struct box box = {try_begin(), NULL};
    const int n = snprintf(
        text, sizeof text,
        "protocol: box\nversion: \"1\"\nproducts: [car_t]\ntitle: box\nrules:\n"
        "  - {id: R, class: lab, severity: info, when: hb < 1 g/L, text: x, "
        "source: x}\nschedule:\n%s",
        lines);

    assert_non_null(faults);
    assert_int_equal(vg_yaml_parse(text, (size_t)n, arena, faults, &root), VG_OK);
    if (vg_protocol_build(root, "box", "0", arena, faults, &box.protocol) != VG_OK) {
        fail_msg("%s", faults->item[0].text);
    }
    free(faults);
    box.t->course->patient.schedule = &box.protocol->expected;
    return box;
}

static inline void close_box(struct box *box)
{
    try_end(box->t);
    vg_protocol_destroy(box->protocol);
}

static inline void observe(struct box *box, int64_t at, enum vg_signal signal,
                           int64_t value)
{
    try_obs(box->t, at, signal, value, VG_SOURCE_SPOT, VG_METHOD_ORAL);
}

static inline void take_set(struct box *box, int64_t at)
{
    observe(box, at, VG_TEMP, 368);
    observe(box, at, VG_HR, 75);
    observe(box, at, VG_RR, 16);
    observe(box, at, VG_SPO2, 98);
    observe(box, at, VG_SBP, 120);
}

static inline const struct vg_schedule_out *ask(struct box *box, int64_t ms)
{
    return &try_at_ms(box->t, ms)->schedule;
}

static inline struct vg_finding finding(struct box *box, size_t offset, int64_t ms)
{
    struct vg_finding found;

    memcpy(&found, (const char *)ask(box, ms) + offset, sizeof found);
    return found;
}

/* Overdue from 1 ms after `limit` s on, as foretold at `limit`; due since `since` s. */
static inline void overdue_after(struct box *box, size_t offset, int64_t limit,
                                 int64_t since)
{
    assert_int_equal(finding(box, offset, limit * 1000).truth, VG_FALSE);
    assert_int_equal(box->t->topic_next[VG_TOPIC_SCHEDULE].ms,
                     try_instant(limit).ms + 1);
    const struct vg_finding found = finding(box, offset, limit * 1000 + 1);
    assert_int_equal(found.truth, VG_TRUE);
    assert_int_equal(found.since.ms, try_instant(since).ms);
}

#define F(member) offsetof(struct vg_schedule_out, member)

#define COURSE                                                                               \
    "  - {phase: infusion, from: infusion.start, to: infusion.end, expect: vitals, every: "  \
    "15m, grace: 5m, escalate: 5m}\n"                                                        \
    "  - {phase: post-1, from: infusion.end, to: infusion.end + 1h, expect: vitals, every: " \
    "15m, grace: 5m, escalate: 5m}\n"                                                        \
    "  - {phase: ward, from: infusion.end + 6h, to: day 10, expect: vitals, every: 4h, "     \
    "grace: 30m, escalate: 30m}\n"                                                           \
    "  - {phase: ward, from: infusion.end + 6h, to: day 10, expect: ice, every: 12h, "       \
    "grace: 30m, escalate: 1h}\n"                                                            \
    "  - {when: crs.grade >= 2, expect: vitals, every: 1h, grace: 10m, escalate: 10m}\n"

#endif
