/* SPDX-License-Identifier: Apache-2.0
 *
 * Each commit waits for the disk: if the sync of the log fails, so does the commit. A setting
 * that syncs only now and then passes every other test, and loses at a power cut what a mark
 * has promised.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "lib/fail.h"
#include "lib/fail_cut.h"
#include "lib/fail_vfs.h"
#include "lib/random.h"
#include "lib/sample.h"
#include "lib/temp.h"
#include "shell/store_db.h"
#include "shell/store_write.h"

static struct vg_batch *batch_of(unsigned n)
{
    static struct sample sample;
    struct vg_batch *batch = vg_batch_create();

    sample_rich(&sample, n);
    assert_int_equal(
        vg_batch_message(batch, &sample.message, "", (struct vg_instant){n}, n), VG_OK);
    return batch;
}

static void each_commit_is_synced(void **state)
{
    struct temp temp;
    char path[128];
    struct vg_writer *writer = NULL;
    struct vg_error error;

    (void)state;
    temp_create(&temp);
    temp_path(&temp, "vigil.db", path, sizeof path);
    assert_int_equal(vg_writer_open(path, &writer, &error), VG_OK);
    for (unsigned n = 1; n <= 8; n++) {
        struct vg_batch *batch = batch_of(n);
        /* The first goes with the head of the log, which is always synced. */
        if (n > 1) {
            fail_arm(FAIL_DB_SYNC, 1, FAIL_ONCE);
            const enum vg_status status = vg_writer_commit(writer, batch, &error);
            assert_int_equal(fail_disarm(), 1);
            assert_int_equal(status, VG_FAILED);
        }
        assert_int_equal(vg_writer_commit(writer, batch, &error), VG_OK);
        vg_batch_destroy(batch);
        batch = batch_of(100 + n); /* the log goes on behind this one */
        assert_int_equal(vg_writer_commit(writer, batch, &error), VG_OK);
        vg_batch_destroy(batch);
    }
    vg_writer_close(writer);
    temp_remove(&temp);
}

static int64_t messages_in(const char *path)
{
    sqlite3 *db = NULL;
    int64_t count = 0;
    struct vg_error error;

    if (vg_db_open_reader(path, &db, &error) != VG_OK) {
        return -1;
    }
    if (vg_db_number(db, "SELECT count(*) FROM message", &count, &error) != VG_OK) {
        count = -1; /* not even the tables */
    }
    sqlite3_close(db);
    return count;
}

/* The batch of a failed sync is found in the log when it is tried again, and nothing is left to write:
 * is it on disk before that is called a success? */
static void what_is_found_in_the_log_is_synced_before_it_counts(void **state)
{
    struct random_source source = random_seeded();
    struct temp temp;
    char path[128];
    char image[128];
    struct vg_writer *writer = NULL;
    struct vg_error error;

    (void)state;
    temp_create(&temp);
    temp_path(&temp, "vigil.db", path, sizeof path);
    temp_path(&temp, "image.db", image, sizeof image);
    cut_begin();
    assert_int_equal(vg_writer_open(path, &writer, &error), VG_OK);
    for (unsigned n = 1; n <= 8; n++) {
        struct vg_batch *batch = batch_of(n);
        if (n > 1) {
            fail_arm(FAIL_DB_SYNC, 1, FAIL_ONCE);
            assert_int_equal(vg_writer_commit(writer, batch, &error), VG_FAILED);
            assert_int_equal(fail_disarm(), 1);
        }
        assert_int_equal(vg_writer_commit(writer, batch, &error), VG_OK);
        vg_batch_destroy(batch);
        for (unsigned cut = 0; cut < 8; cut++) {
            cut_image(path, image, &source);
            assert_true(messages_in(image) >= (int64_t)n);
        }
    }
    vg_writer_close(writer);
    cut_end();
    temp_remove(&temp);
}

static int set_up(void **state)
{
    (void)state;
    fail_vfs_install();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_commit_is_synced),
        cmocka_unit_test(what_is_found_in_the_log_is_synced_before_it_counts),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
