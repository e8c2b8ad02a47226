/* SPDX-License-Identifier: Apache-2.0
 *
 * The power is cut at any write of the store: while it commits, checkpoints, seals, purges, is
 * compacted and is copied. What was told to be committed is there afterwards, once, and the
 * file is whole. test_sweep_cuts_old.c does the same to migrations.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/fail_cut.h"
#include "lib/fail_cut_past.h"
#include "lib/fail_vfs.h"
#include "shell/store_backup.h"
#include "shell/store_retain.h"
#include "shell/store_write_inside.h"

static struct random_source source;

static void commits(struct cuts *cuts, struct past *past)
{
    (void)cuts;
    for (unsigned i = 0; i < 6; i++) {
        past_live(past, 2 * VG_MINUTE);
        if (i % 2 == 1) {
            vg_writer_tidy(past->writer);
        }
        if (i == 3) {
            past_reopen(past);
        }
    }
}

static void seals(struct cuts *cuts, struct past *past)
{
    (void)cuts;
    for (unsigned i = 0; i < 3; i++) {
        past_live(past, 6 * VG_MINUTE);
        past_hot(past, 2 * VG_MINUTE);
        while (vg_writer_seal(past->writer)) {
        }
        vg_writer_tidy(past->writer);
    }
    assert_true(past_number(past, "SELECT count(*) FROM stretch") > 8);
}

static void purges(struct cuts *cuts, struct past *past)
{
    const struct vg_store_plan plan = {.keep_readings = VG_DAY};

    cuts_until_here(cuts);
    past->step = 10 * VG_MINUTE;
    past_live(past, 5 * VG_DAY);
    past_hot(past, VG_DAY);
    while (vg_writer_seal(past->writer)) {
    }
    const int64_t before = past_number(past, "SELECT sum(readings) FROM stretch");
    cuts->may_go.ms =
        past_number(past, "SELECT max(received) FROM message") - plan.keep_readings;
    cuts_from_here(cuts);
    for (unsigned day = 0; day < 3; day++) {
        vg_writer_keep(past->writer, &plan);
        past->writer->retainer->next_look = 0;
        while (vg_writer_purge(past->writer)) {
        }
        vg_writer_tidy(past->writer);
    }
    assert_true(past_number(past, "SELECT sum(readings) FROM stretch") < before / 2);
}

static void compacts(struct cuts *cuts, struct past *past)
{
    struct vg_sealing sealed;
    struct vg_error error = {""};

    cuts_until_here(cuts);
    past_live(past, 8 * VG_MINUTE);
    vg_writer_close(past->writer);
    past->writer = NULL;
    cuts_from_here(cuts);
    if (vg_store_compact(past->path, VG_MINUTE, &sealed, &error) != VG_OK) {
        fail_msg("cannot compact: %s", error.text);
    }
}

/* Under its name a copy is whole, or it has no name. */
static void copies(struct cuts *cuts, struct past *past)
{
    struct vg_copying copying = {.progress = NULL};
    struct vg_error error = {""};
    char name[160];

    cuts_until_here(cuts);
    past_live(past, 8 * VG_MINUTE);
    cuts->copy = "-copy";
    (void)snprintf(name, sizeof name, "%s-copy", past->path);
    cuts_from_here(cuts);
    if (vg_store_copy(past->path, name, &copying, &error) != VG_OK) {
        fail_msg("cannot copy: %s", error.text);
    }
    cuts_now(cuts);
}

static void whatever_is_committed_survives(void **state)
{
    struct cuts cuts = {0};

    (void)state;
    cuts_run(&cuts, "commits and checkpoints", commits, &source);
}

static void sealing_loses_nothing(void **state)
{
    struct cuts cuts = {0};

    (void)state;
    cuts_run(&cuts, "sealing", seals, &source);
}

static void purging_takes_only_what_is_old(void **state)
{
    struct cuts cuts = {0};

    (void)state;
    cuts_run(&cuts, "purging", purges, &source);
}

static void compacting_loses_nothing(void **state)
{
    struct cuts cuts = {0};

    (void)state;
    cuts_run(&cuts, "compacting", compacts, &source);
}

static void copying_leaves_nothing_half(void **state)
{
    struct cuts cuts = {0};

    (void)state;
    cuts_run(&cuts, "copying", copies, &source);
    assert_true(cuts.copies > 0 && cuts.copies < cuts.done);
}

/* A disk that lies loses commits, and the test sees it: else it would show nothing. */
static void lies(struct cuts *cuts, struct past *past)
{
    (void)cuts;
    cut_lies(true);
    for (unsigned i = 0; i < 8; i++) {
        past_live(past, VG_MINUTE);
    }
}

static void a_disk_that_lies_is_found_out(void **state)
{
    struct cuts cuts = {.lost_is_fine = true};

    (void)state;
    cuts_run(&cuts, "a disk that lies", lies, &source);
    printf("  %zu of them lost something\n", cuts.lost);
    assert_true(cuts.lost > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_is_committed_survives),
        cmocka_unit_test(sealing_loses_nothing),
        cmocka_unit_test(purging_takes_only_what_is_old),
        cmocka_unit_test(compacting_loses_nothing),
        cmocka_unit_test(copying_leaves_nothing_half),
        cmocka_unit_test(a_disk_that_lies_is_found_out),
    };
    source = random_seeded();
    fail_vfs_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
