/* SPDX-License-Identifier: Apache-2.0
 *
 * The stores when memory or the disk fails at any point: the failure is told in a sentence,
 * nothing that was told to be committed is missing after opening again, and the same batch
 * goes in when it is tried again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/fail.h"
#include "lib/fail_vfs.h"
#include "lib/sample.h"
#include "lib/stored.h"
#include "shell/store_read.h"
#include "shell/store_verify.h"

static size_t points;

#define RECORDS 13 /* of `fill` */
#define AUDITED 6  /* of them */

/* One record of each kind; `n` varies them. VG_OK only if all are in. */
static enum vg_status fill(struct vg_batch *batch, unsigned n)
{
    static struct sample sample;
    static struct vg_alert alert; /* large */
    const struct vg_episode episode = sample_episode(n);
    const struct vg_instant at = {1000 + n};
    const struct vg_letter letter = {"a/topic", 7, "payload", 7, false};
    const struct vg_origin origin = {"gw-9", "e", n + 1};
    const struct vg_refusal refusal = {VG_NOT_JSON, -1, "no JSON"};
    const struct vg_range range = {n + 5, n + 6};
    const struct vg_command command = {
        .id = "c", .client = "tab", .what = VG_DO_NOTE, .ts = VG_UNSET};
    const struct vg_answer answer = {.id = "c", .client = "tab"};
    const struct vg_pause pause = {"onc-0", "1", at, {9000}, "nurse:li", "X-ray"};

    alert = sample_alert("onc-0", n + 1);
    sample_rich(&sample, n);
    const enum vg_status all[] = {
        vg_batch_message(batch, &sample.message, episode.id, at, n),
        vg_batch_quarantine(batch, &letter, &origin, &refusal, at, n),
        vg_batch_episode(batch, &episode),
        vg_batch_admission(batch, &letter, &origin, at, n),
        vg_batch_alert(batch, &alert),
        vg_batch_delivered(batch, alert.id, alert.rev),
        vg_batch_gateway(batch, "gw-9", "e", n + 1),
        vg_batch_mark(batch, "gw-9", "e", n + 1, &range, 1),
        vg_batch_page(batch, &alert, VG_PAGE_CALL, "nurse", at),
        vg_batch_way(batch, alert.id, "mqtt", VG_WAY_SENT, true, at, ""),
        vg_batch_command(batch, &command, &answer, at),
        vg_batch_pause(batch, &pause),
        vg_batch_audit(batch, at, "start", "node", "")};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (all[i] != VG_OK) {
            return all[i];
        }
    }
    return VG_OK;
}

static void a_batch_takes_a_record_whole_or_not(void **state)
{
    bool met = true;

    (void)state;
    for (size_t n = 1; met; n++) {
        fail_arm(FAIL_MEMORY, n, FAIL_ONCE);
        struct vg_batch *batch = vg_batch_create();
        const enum vg_status status = batch != NULL ? fill(batch, 1) : VG_NO_MEMORY;
        met = fail_disarm() > 0;
        points += met;
        assert_int_equal(status, met ? VG_NO_MEMORY : VG_OK);
        if (batch != NULL) {
            assert_int_equal(vg_batch_records(batch), met ? RECORDS - 1 : RECORDS);
        }
        vg_batch_destroy(batch);
    }
}

/* ---- Stores */

/* An empty log, so that none is laid out beforehand: 16 MiB for each opening. */
static void open_quickly(struct stored *stored)
{
    char log[160];

    snprintf(log, sizeof log, "%s-wal", stored->path);
    FILE *file = fopen(log, "a");
    assert_non_null(file);
    fclose(file);
    stored_open(stored);
}

static void begin(struct stored *stored, const char *kind)
{
    memset(stored, 0, sizeof *stored);
    stored->kind = kind;
    temp_create(&stored->temp);
    temp_path(&stored->temp, "vigil.db", stored->path, sizeof stored->path);
    stored->batch = vg_batch_create();
    open_quickly(stored);
    for (unsigned n = 0; n < 3; n++) {
        assert_int_equal(fill(stored->batch, n), VG_OK);
    }
    assert_int_equal(stored_commit(stored), VG_OK);
}

static void end(struct stored *stored)
{
    vg_batch_destroy(stored->batch);
    temp_remove(&stored->temp);
}

static void on_commit(void *to, struct vg_batch *batch, enum vg_status status,
                      const struct vg_error *error)
{
    struct stored *stored = to;

    (void)batch;
    stored->done = true;
    stored->status = status;
    stored->error = *error;
}

/* As stored_commit, but patient with what fails. */
static enum vg_status commit(struct stored *stored)
{
    stored->done = false;
    assert_int_equal(
        stored->store->ops->commit(stored->store, stored->batch, on_commit, stored),
        VG_OK);
    while (!stored->done) {
        uv_run(&stored->loop, UV_RUN_ONCE);
    }
    return stored->status;
}

/* What is in the store, without what was committed by the failing batch. */
static size_t count(struct stored *stored)
{
    struct notebook *notebook = calloc(1, sizeof *notebook);

    stored_restore(stored, (struct vg_instant){0}, notebook);
    const size_t messages = notebook->messages;
    free(notebook);
    return messages;
}

/* Whatever failed, the trail is whole. */
static void check_trail(const struct stored *stored)
{
    struct vg_reader *reader = NULL;
    struct vg_error error = {""};
    struct vg_verified verified;

    if (strcmp(stored->kind, "sqlite") != 0) {
        return;
    }
    assert_int_equal(vg_store_read_open(stored->path, &reader, &error), VG_OK);
    assert_int_equal(vg_store_verify(reader, NULL, &verified, &error), VG_OK);
    if (!verified.intact) {
        fail_msg("%s", verified.why);
    }
    assert_int_equal(verified.head.count, 5 * AUDITED);
    vg_store_read_close(reader);
}

/* True if a failure was met. */
static bool commit_failing(const char *kind, enum fail_what what, size_t n,
                           enum fail_how how)
{
    static struct stored stored;

    begin(&stored, kind);
    assert_int_equal(fill(stored.batch, 7), VG_OK);
    fail_arm(what, n, how);
    const enum vg_status status = commit(&stored);
    const size_t failed = fail_disarm();
    points += failed;
    if (status != VG_OK) {
        assert_true(failed > 0);
        assert_true(stored.error.text[0] != '\0');
        /* Nothing of it; but a batch whose sync failed may be found in the log when the file
         * is opened anew: it is not written once more. */
        assert_in_range(count(&stored), 3, what == FAIL_DB_SYNC ? 4 : 3);
        assert_int_equal(commit(&stored), VG_OK);
    }
    assert_int_equal(count(&stored), 4);
    assert_int_equal(stored.store->ops->audit(stored.store).count, 4 * AUDITED);
    vg_batch_clear(stored.batch);
    assert_int_equal(fill(stored.batch, 8), VG_OK);
    assert_int_equal(commit(&stored), VG_OK);
    if (strcmp(kind, "memory") != 0) {
        stored_close(&stored);
        open_quickly(&stored);
    }
    assert_int_equal(count(&stored), 5);
    assert_int_equal(stored.store->ops->audit(stored.store).count, 5 * AUDITED);
    check_trail(&stored);
    stored_close(&stored);
    end(&stored);
    return failed > 0;
}

static void a_memory_store_commits_whole_or_not(void **state)
{
    (void)state;
    for (size_t n = 1; commit_failing("memory", FAIL_MEMORY, n, FAIL_ONCE); n++) {
    }
}

static const struct {
    enum fail_what what;
    enum fail_how how;
} ways[] = {{FAIL_DB_WRITE, FAIL_ONCE}, {FAIL_DB_WRITE, FAIL_FULL},
            {FAIL_DB_WRITE, FAIL_FROM}, {FAIL_DB_SYNC, FAIL_ONCE},
            {FAIL_DB_SYNC, FAIL_FROM},  {FAIL_DB_TRUNCATE, FAIL_ONCE},
            {FAIL_DB_READ, FAIL_ONCE},  {FAIL_DB_READ, FAIL_FROM},
            {FAIL_MEMORY, FAIL_ONCE},   {FAIL_MEMORY, FAIL_FROM}};

static void sqlite_commits_whole_or_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        for (size_t n = 1;
             commit_failing("sqlite", ways[i].what, n, ways[i].how) && n < 60; n++) {
        }
    }
}

/* Opening a store that holds something: it opens or says why not, and then it opens. */
static bool open_failing(struct stored *stored, enum fail_what what, size_t n,
                         enum fail_how how)
{
    struct vg_error error = {""};

    assert_int_equal(uv_loop_init(&stored->loop), 0);
    fail_arm(what, n, how);
    const enum vg_status status =
        vg_store_open("sqlite", stored->path, &stored->loop, &stored->store, &error);
    const size_t failed = fail_disarm();
    points += failed;
    if (status != VG_OK) {
        assert_true(failed > 0);
        if (error.text[0] == '\0') {
            print_error("kind %d, point %zu: %d without a sentence\n", (int)what, n,
                        (int)status);
        }
        assert_true(error.text[0] != '\0');
        turn_out(&stored->loop);
        open_quickly(stored);
    }
    assert_int_equal(count(stored), 3);
    stored_close(stored);
    return failed > 0;
}

static void sqlite_opens_or_says_why_not(void **state)
{
    static struct stored stored;

    (void)state;
    begin(&stored, "sqlite");
    stored_close(&stored);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        for (size_t n = 1; open_failing(&stored, ways[i].what, n, ways[i].how); n++) {
            n += n > 100 ? n / 8 : 0; /* hundreds of allocations alike */
        }
    }
    for (size_t n = 1; open_failing(&stored, FAIL_DB_OPEN, n, FAIL_ONCE); n++) {
    }
    end(&stored);
}

static bool keep_going(void *to, const char *json, size_t length)
{
    (void)json;
    (void)length;
    (*(size_t *)to)++;
    return true;
}

static bool read_failing(const struct stored *stored, enum fail_what what, size_t n)
{
    const struct vg_alert_query query = {
        .state = VG_ALERTS_ALL, .from = VG_UNSET, .to = VG_NEVER};
    struct vg_reader *reader = NULL;
    struct vg_error error = {""};
    size_t seen = 0;

    fail_arm(what, n, FAIL_ONCE);
    enum vg_status status = vg_store_read_open(stored->path, &reader, &error);
    if (status == VG_OK) {
        status = vg_store_alerts(reader, &query, keep_going, &seen, &error);
        vg_store_read_close(reader);
    }
    const size_t failed = fail_disarm();
    points += failed;
    if (status == VG_OK ? seen != 3 : error.text[0] == '\0') {
        print_error("kind %d, point %zu: status %d, %zu seen, \"%s\"\n", (int)what, n,
                    (int)status, seen, error.text);
    }
    assert_true(status == VG_OK ? seen == 3 : error.text[0] != '\0');
    return failed > 0;
}

static void reading_is_whole_or_says_why_not(void **state)
{
    static struct stored stored;

    (void)state;
    begin(&stored, "sqlite");
    for (size_t n = 1; read_failing(&stored, FAIL_MEMORY, n); n++) {
        n += n > 100 ? n / 8 : 0;
    }
    for (size_t n = 1; read_failing(&stored, FAIL_DB_READ, n); n++) {
    }
    stored_close(&stored);
    end(&stored);
}

static int set_up(void **state)
{
    (void)state;
    fail_vfs_install();
    return 0;
}

static int tell(void **state)
{
    (void)state;
    print_message("%zu points failed\n", points);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_takes_a_record_whole_or_not),
        cmocka_unit_test(a_memory_store_commits_whole_or_not),
        cmocka_unit_test(sqlite_commits_whole_or_not),
        cmocka_unit_test(sqlite_opens_or_says_why_not),
        cmocka_unit_test(reading_is_whole_or_says_why_not),
    };
    return cmocka_run_group_tests(tests, set_up, tell);
}
