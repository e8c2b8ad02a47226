/* SPDX-License-Identifier: Apache-2.0
 *
 * What a gateway keeps is the same after a kill at any byte: a plain list beside it says what must be there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* The tool is no archive: its files are compiled in. */
#include "cli/gateway_keep.c"
#include "cli/gateway_spool.c"
#include "cli/sim_chance.c"
#include "lib/temp.h"

#define STEPS 4000

/* What must be kept: numbers of epochs e0, e1 … in order. */
struct model {
    unsigned epoch[STEPS];
    uint64_t seq[STEPS];
    size_t first, count; /* first that is kept; all that ever were */
    unsigned current;
    uint64_t next;
};

static struct vg_keep *open_keep(const char *folder)
{
    struct vg_error error = {""};
    struct vg_keep *keep = NULL;
    const struct vg_keep_options options = {folder, "vigil/v1", "gw-1"};
    if (vg_keep_open(&options, &keep, &error) != VG_OK) {
        fail_msg("%s", error.text);
    }
    return keep;
}

static void name_of(unsigned epoch, char out[8])
{
    (void)snprintf(out, 8, "e%u", epoch);
}

static void add(struct vg_keep *keep, struct model *model)
{
    char text[120];
    char epoch[8];
    name_of(model->current, epoch);
    (void)snprintf(
        text, sizeof text,
        "{\"gateway\":\"gw-1\",\"epoch\":\"%s\",\"seq\":%llu,\"obs\":[\"}\\\"\"]}",
        epoch, (unsigned long long)model->next);
    struct vg_buffer message = {.bytes = text, .length = strlen(text)};
    assert_int_equal(vg_keep_add(keep, "vigil/v1/beds/w/1/vitals", &message), VG_OK);
    model->epoch[model->count] = model->current;
    model->seq[model->count++] = model->next++;
}

static void confirm(struct vg_keep *keep, struct model *model,
                    struct vg_sim_chance *chance)
{
    char epoch[8];
    if (model->first == model->count) {
        return;
    }
    size_t oldest = model->first;
    uint64_t upto = model->seq[oldest] + vg_sim_below(chance, 6);
    name_of(model->epoch[oldest], epoch);
    size_t left = model->first;
    while (left < model->count && model->epoch[left] == model->epoch[oldest] &&
           model->seq[left] <= upto) {
        left++;
    }
    assert_int_equal(vg_keep_release(keep, epoch, upto), left - oldest);
    if (model->epoch[oldest] == model->current && upto >= model->next) {
        model->next = upto + 1; /* the daemon knows of more than we do */
    }
    model->first = left;
}

static void compare(const struct vg_keep *keep, const struct model *model)
{
    const struct vg_kept *kept = vg_keep_head(keep);
    char epoch[8];
    char seq[40];
    assert_int_equal(vg_keep_count(keep), model->count - model->first);
    for (size_t i = model->first; i < model->count; i++, kept = kept->next) {
        name_of(model->epoch[i], epoch);
        (void)snprintf(seq, sizeof seq, "\"seq\":%llu,\"obs\":[\"}\\\"\"]}",
                       (unsigned long long)model->seq[i]);
        assert_string_equal(kept->epoch, epoch);
        assert_int_equal(kept->seq, model->seq[i]);
        assert_string_equal(kept->bytes, "vigil/v1/beds/w/1/vitals");
        assert_non_null(memmem(kept->payload, kept->length, seq, strlen(seq)));
    }
    assert_null(kept);
    name_of(model->current, epoch);
    assert_string_equal(vg_keep_epoch(keep), epoch);
    assert_int_equal(vg_keep_next(keep), model->next);
}

/* The process dies; with `torn` in the middle of writing one more message, which was never sent. */
static struct vg_keep *kill_it(struct vg_keep *keep, const char *folder, size_t torn)
{
    char path[200];
    static const char line[] =
        "{\"at\":\"2026-01-01T00:00:00.000Z\",\"topic\":\"vigil/v1/beds/w/1/vitals\","
        "\"payload\":{\"gateway\":\"gw-1\",\"epoch\":\"e0\",\"seq\":1,\"obs\":[]}}";
    vg_keep_close(keep);
    (void)snprintf(path, sizeof path, "%s/gw-1.spool", folder);
    FILE *file = fopen(path, "ae");
    assert_non_null(file);
    assert_int_equal(fwrite(line, 1, torn % sizeof line, file), torn % sizeof line);
    assert_int_equal(fclose(file), 0);
    return open_keep(folder);
}

static void test_it_is_the_same_after_any_kill(void **state)
{
    (void)state;
    struct temp temp;
    static struct model model;
    temp_create(&temp);
    for (uint64_t seed = 1; seed <= 5; seed++) {
        char folder[120];
        char epoch[8];
        struct vg_sim_chance chance = vg_sim_chance_of(seed, 1);
        (void)snprintf(folder, sizeof folder, "%s/%u", temp.folder, (unsigned)seed);
        model = (struct model){.next = 1};
        struct vg_keep *keep = open_keep(folder);
        assert_string_equal(vg_keep_epoch(keep), "");
        assert_int_equal(vg_keep_begin(keep, "e0"), VG_OK);
        for (unsigned step = 0; step < STEPS; step++) {
            size_t what = vg_sim_below(&chance, 100);
            if (what < 60) {
                add(keep, &model);
            } else if (what < 95) {
                confirm(keep, &model, &chance);
            } else if (what < 97) {
                name_of(++model.current, epoch);
                assert_int_equal(vg_keep_begin(keep, epoch), VG_OK);
                model.next = 1;
            } else {
                keep = kill_it(keep, folder, vg_sim_below(&chance, 200));
                compare(keep, &model);
            }
        }
        compare(keep, &model);
        vg_keep_close(keep);
    }
    temp_remove(&temp);
}

static void test_one_spool_has_one_gateway(void **state)
{
    (void)state;
    struct temp temp;
    struct vg_error error = {""};
    struct vg_keep *second = NULL;
    temp_create(&temp);
    struct vg_keep *keep = open_keep(temp.folder);
    const struct vg_keep_options options = {temp.folder, "vigil/v1", "gw-1"};
    assert_int_equal(vg_keep_open(&options, &second, &error), VG_FAILED);
    assert_non_null(strstr(error.text, "another gateway has it"));
    vg_keep_close(keep);
    temp_remove(&temp);
}

static void test_a_foreign_line_is_refused_and_not_lost(void **state)
{
    (void)state;
    struct temp temp;
    struct vg_error error = {""};
    struct vg_keep *keep = NULL;
    char path[120];
    struct stat about;
    temp_create(&temp);
    FILE *file = fopen(temp_path(&temp, "gw-1.spool", path, sizeof path), "we");
    assert_non_null(file);
    (void)fputs("a letter to the editor\n", file);
    assert_int_equal(fclose(file), 0);
    const struct vg_keep_options options = {temp.folder, "vigil/v1", "gw-1"};
    assert_int_equal(vg_keep_open(&options, &keep, &error), VG_FAILED);
    assert_non_null(strstr(error.text, "gw-1.spool"));
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_size, 23);
    temp_remove(&temp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_is_the_same_after_any_kill),
        cmocka_unit_test(test_one_spool_has_one_gateway),
        cmocka_unit_test(test_a_foreign_line_is_refused_and_not_lost)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
