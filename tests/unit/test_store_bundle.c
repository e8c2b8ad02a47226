/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages come back from a bundle exactly as they were put, byte for byte, from wherever it is
 * entered; damaged bytes are never read beyond. The table `message` tells those of bundles and
 * those that are rows as one, in any order and between any bounds. VIGIL_SEED.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/past.h"
#include "lib/sample.h"
#include "shell/store_rows.h"
#include "shell/store_write_inside.h"

#define MOST 400

struct trial {
    struct vg_bundle bundle;
    struct vg_pack packed, again;
    struct vg_obs obs, got;
    struct vg_bundle_message put[MOST];
    struct vg_pack bytes[MOST]; /* their obs */
    size_t count, refused;
};

static struct vg_slice slice_of(const struct vg_pack *pack)
{
    return (struct vg_slice){(const char *)pack->bytes, pack->length};
}

/* Mostly near the one before it, sometimes anything. */
static int64_t near(struct random_source *source, int64_t number, int64_t step)
{
    static const int64_t edges[] = {INT64_MIN, INT64_MAX, 0, -1, 1};
    const uint64_t dice = random_next(source) % 200;

    if (dice < 5) {
        return edges[dice];
    }
    return number + (int64_t)(random_next(source) % (uint64_t)(2 * step + 1)) - step;
}

static void next_message(struct random_source *source,
                         const struct vg_bundle_message *base, size_t n,
                         struct vg_bundle_message *out)
{
    const int64_t received = 1767225600000 + (int64_t)n * 20;

    *out = (struct vg_bundle_message){
        .id = base->id + (int64_t)n,
        .received = near(source, received, 3000),
        .measured = near(source, received - 40, 30),
        .place = near(source, 500, 400),
        .epoch = near(source, 9, n % 3 == 0 ? 4 : 0),
        .seq = random_next(source) % 20 == 0 ? 0 : near(source, 70000, 9000),
        .hash = random_next(source)};
    if (out->seq != 0 && random_next(source) % 50 != 0) {
        out->hash &= UINT32_MAX; /* of others there is no bundle */
    }
    out->subject = random_next(source) % 4 == 0 ? near(source, 40, 30)
                                                : (int64_t)((uint64_t)out->place + 7);
    out->previous = random_next(source) % 9 == 0 ? 0 : out->id - 1000;
}

static void pack_obs(struct trial *t, const struct vg_bundle_message *message,
                     struct vg_pack *out)
{
    struct vg_message whole = {.measured = {message->measured}};

    vg_obs_into(&t->obs, &whole);
    out->length = 0;
    vg_obs_pack(out, &whole);
}

/* What monitors send: few shapes, one after another. */
static void monitors_obs(struct random_source *source, struct vg_instant measured,
                         struct vg_obs *out)
{
    static const enum vg_signal signals[] = {VG_HR, VG_SBP,  VG_DBP, VG_MAP,
                                             VG_RR, VG_SPO2, VG_TEMP};

    out->entry_count = 0;
    out->failed_count = 0;
    out->reading_count = 5 + random_next(source) % 3;
    for (size_t i = 0; i < out->reading_count; i++) {
        out->readings[i] = (struct vg_reading){.signal = signals[i],
                                               .measured = measured,
                                               .unit = vg_signal_info(signals[i])->unit,
                                               .pi = -1,
                                               .uln = VG_NO_VALUE,
                                               .lln = VG_NO_VALUE};
        out->readings[i].value = 60 + (int64_t)(random_next(source) % 90);
        out->readings[i].raw =
            vg_decimal_of(out->readings[i].value, vg_signal_info(signals[i])->places);
    }
}

static void fill(struct trial *t, struct random_source *source, bool monitors)
{
    const struct vg_bundle_message base = {
        .id = 1 + (int64_t)(random_next(source) % 99999)};

    vg_bundle_clear(&t->bundle);
    t->count = 0;
    for (enum vg_status status = VG_OK; status != VG_FULL && t->count < MOST;) {
        struct vg_bundle_message *m = &t->put[t->count];
        next_message(source, &base, t->count, m);
        if (monitors) {
            monitors_obs(source, (struct vg_instant){m->measured}, &t->obs);
        } else {
            random_obs(source, (struct vg_instant){1767225600000}, &t->obs);
        }
        pack_obs(t, m, &t->bytes[t->count]);
        status = vg_bundle_add(&t->bundle, m, slice_of(&t->bytes[t->count]));
        t->refused += status == VG_REFUSED;
        t->count += status == VG_OK;
        assert_true(status == VG_OK || status == VG_REFUSED || status == VG_FULL);
    }
    assert_int_equal(vg_bundle_pack(&t->bundle, &t->packed), VG_OK);
    assert_true(t->packed.length <= VG_BUNDLE_BYTES);
    assert_int_equal(t->bundle.count, t->count);
}

static void same_numbers(const struct vg_bundle_message *a,
                         const struct vg_bundle_message *b)
{
    assert_int_equal(a->id, b->id);
    assert_int_equal(a->received, b->received);
    assert_int_equal(a->measured, b->measured);
    assert_int_equal(a->place, b->place);
    assert_int_equal(a->subject, b->subject);
    assert_int_equal(a->epoch, b->epoch);
    assert_int_equal(a->seq, b->seq);
    assert_int_equal(a->previous, b->previous);
    assert_int_equal(a->hash, b->hash);
}

static void check(struct trial *t, struct vg_bundle_view *view, size_t n)
{
    struct vg_bundle_found found;

    assert_true(vg_bundle_next(view, &found));
    same_numbers(&found.message, &t->put[n]);
    assert_int_equal(vg_bundle_obs(view, &found, &t->again), VG_OK);
    assert_int_equal(t->again.length, t->bytes[n].length);
    assert_memory_equal(t->again.bytes, t->bytes[n].bytes, t->again.length);
    assert_int_equal(vg_bundle_unpack(view, &found, &t->got), VG_OK);
    assert_int_equal(vg_obs_unpack(t->again.bytes, t->again.length,
                                   (struct vg_instant){found.message.measured},
                                   &t->obs),
                     VG_OK);
    assert_int_equal(t->got.reading_count, t->obs.reading_count);
    for (size_t i = 0; i < t->got.reading_count; i++) {
        assert_same_reading(&t->got.readings[i], &t->obs.readings[i]);
    }
}

static void finish(struct trial *t)
{
    vg_bundle_finish(&t->bundle);
    vg_pack_finish(&t->packed);
    vg_pack_finish(&t->again);
    for (size_t i = 0; i < MOST; i++) {
        vg_pack_finish(&t->bytes[i]);
    }
    free(t);
}

static void what_was_put_comes_back(void **state)
{
    (void)state;
    struct random_source source = random_seeded();
    struct trial *t = calloc(1, sizeof *t);
    size_t messages = 0;

    assert_non_null(t);
    for (unsigned round = 0; round < 60; round++) {
        struct vg_bundle_view view;
        struct vg_bundle_found found;
        fill(t, &source, round % 2 == 0);
        assert_int_equal(vg_bundle_open(&view, t->put[0].id, slice_of(&t->packed)),
                         VG_OK);
        assert_true(vg_bundle_sound(t->put[0].id, t->put[t->count - 1].id,
                                    slice_of(&t->packed)));
        assert_false(vg_bundle_sound(t->put[0].id, t->put[t->count - 1].id + 1,
                                     slice_of(&t->packed)));
        for (size_t i = 0; i < t->count; i++) {
            check(t, &view, i);
        }
        assert_false(vg_bundle_next(&view, &found));
        for (unsigned i = 0; i < 30; i++) {
            const size_t n = random_next(&source) % t->count;
            vg_bundle_seek(&view, n);
            check(t, &view, n);
        }
        messages += t->count;
    }
    print_message("  %zu messages, %zu not for bundles\n", messages, t->refused);
    assert_true(messages > 1500 && t->refused > 0);
    finish(t);
}

/* Three messages, the second without a number, as version 7 wrote them. */
static void those_of_version_7_are_read(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {
        0x01, 0x01, 0x03, 0x00, 0x34, 0x3e, 0xc1, 0x55, 0xd0, 0xa0, 0xd5, 0xed, 0xee,
        0x66, 0x4f, 0x0a, 0x08, 0x04, 0xd0, 0x0f, 0x02, 0x02, 0x01, 0x00, 0x00, 0x05,
        0x03, 0x00, 0x00, 0x08, 0x8c, 0x01, 0xb4, 0x01, 0x0f, 0xe0, 0x00, 0x00, 0x00,
        0x00, 0xef, 0xcd, 0xab, 0x89, 0x67, 0x45, 0x23, 0x01, 0x00, 0x00, 0x12, 0x60,
        0xd0, 0x0f, 0x00, 0x00, 0xcf, 0x0f, 0x02, 0xf0, 0xcd, 0xab, 0x89, 0x67, 0x45,
        0x23, 0x01, 0x02, 0x02, 0x11, 0x60, 0xa0, 0x1f, 0x00, 0x00, 0x04, 0x04, 0xf1,
        0xcd, 0xab, 0x89, 0x67, 0x45, 0x23, 0x01, 0x04, 0x04};
    const struct vg_slice old = {(const char *)bytes, sizeof bytes};
    struct vg_bundle_view view;
    struct vg_bundle_found found;
    static struct vg_obs obs;

    assert_true(vg_bundle_sound(41, 43, old));
    assert_int_equal(vg_bundle_open(&view, 41, old), VG_OK);
    for (int n = 0; n < 3; n++) {
        assert_true(vg_bundle_next(&view, &found));
        const struct vg_bundle_message want = {.id = 41 + n,
                                               .received = 1767225600040 + n * 1000,
                                               .measured = 1767225600000 + n * 1000,
                                               .place = 5,
                                               .subject = 9,
                                               .epoch = 2,
                                               .seq = n == 1 ? 0 : 1000 + n,
                                               .previous = 40,
                                               .hash = UINT64_C(0x0123456789abcdef) +
                                                       (uint64_t)n};
        same_numbers(&found.message, &want);
        assert_int_equal(vg_bundle_unpack(&view, &found, &obs), VG_OK);
        assert_int_equal(obs.reading_count, 2);
        assert_int_equal(obs.readings[0].value, 70 + n);
        assert_int_equal(obs.readings[1].value, 90 + n);
    }
    assert_false(vg_bundle_next(&view, &found));
}

/* Into a room of its own, so that a sanitizer sees the first byte too many. */
static void read_damaged(struct trial *t, const uint8_t *bytes, size_t length)
{
    struct vg_bundle_view view;
    struct vg_bundle_found found;
    char *room = malloc(length + 1);
    const struct vg_slice slice = {room, length};

    assert_non_null(room);
    memcpy(room, bytes, length);
    (void)vg_bundle_sound(7, 7 + (int64_t)t->count - 1, slice);
    if (vg_bundle_open(&view, 7, slice) == VG_OK) {
        vg_bundle_seek(&view, view.count / 2);
        vg_bundle_seek(&view, 0);
        while (vg_bundle_next(&view, &found)) {
            (void)vg_bundle_obs(&view, &found, &t->again);
            (void)vg_bundle_unpack(&view, &found, &t->got);
        }
    }
    free(room);
}

static void damage_is_never_read_beyond(void **state)
{
    (void)state;
    struct random_source source = random_seeded();
    struct trial *t = calloc(1, sizeof *t);

    assert_non_null(t);
    fill(t, &source, false);
    for (unsigned round = 0; round < 4000; round++) {
        const size_t at = random_next(&source) % t->packed.length;
        const uint8_t was = t->packed.bytes[at];
        t->packed.bytes[at] = (uint8_t)random_next(&source);
        assert_true(t->packed.bytes[at] == was ||
                    !vg_bundle_sound(t->put[0].id, t->put[t->count - 1].id,
                                     slice_of(&t->packed)));
        read_damaged(t, t->packed.bytes,
                     round % 4 == 0 ? random_next(&source) % t->packed.length
                                    : t->packed.length);
        t->packed.bytes[at] = was;
    }
    for (size_t cut = 0; cut < t->packed.length; cut++) {
        const struct vg_slice part = {(const char *)t->packed.bytes, cut};
        assert_false(vg_bundle_sound(t->put[0].id, t->put[t->count - 1].id, part));
    }
    finish(t);
}

/* ---- The table `message` */

/* Ids from..to of the table, as they come. */
static size_t ids(sqlite3 *db, const char *sql, int64_t from, int64_t to, int64_t *out)
{
    sqlite3_stmt *rows;
    size_t n = 0;

    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &rows, NULL), SQLITE_OK);
    sqlite3_bind_int64(rows, 1, from);
    sqlite3_bind_int64(rows, 2, to);
    while (sqlite3_step(rows) == SQLITE_ROW) {
        out[n++] = sqlite3_column_int64(rows, 0);
    }
    assert_int_equal(sqlite3_finalize(rows), SQLITE_OK);
    return n;
}

static void compare(sqlite3 *db, int64_t from, int64_t to, int64_t last)
{
    static int64_t found[20000];
    const int64_t low = from < 1 ? 1 : from;
    const int64_t high = to > last ? last : to;
    const size_t wanted = high < low ? 0 : (size_t)(high - low) + 1;

    assert_int_equal(ids(db,
                         "SELECT id FROM message WHERE id >= ? AND id <= ? ORDER BY id",
                         from, to, found),
                     wanted);
    for (size_t i = 0; i < wanted; i++) {
        assert_int_equal(found[i], low + (int64_t)i);
    }
    assert_int_equal(ids(db,
                         "SELECT id FROM message WHERE id > ?1 - 1 AND id < ?2 + 1"
                         " ORDER BY id DESC",
                         from, to, found),
                     wanted);
    for (size_t i = 0; i < wanted; i++) {
        assert_int_equal(found[i], high - (int64_t)i);
    }
    assert_int_equal(
        ids(db, "SELECT id FROM message WHERE id = ?1 AND ?2 NOTNULL", from, to, found),
        from >= 1 && from <= last);
}

static void both_are_one_table(void **state)
{
    (void)state;
    struct random_source source = random_seeded();
    struct past past;
    struct vg_error error;
    sqlite3 *db;

    past_begin(&past, &source);
    past_live(&past, 20 * VG_MINUTE);
    assert_int_equal(vg_db_open_reader(past.path, &db, &error), VG_OK);
    const int64_t last = past.messages;
    int64_t found[2];
    assert_int_equal(
        ids(db, "SELECT max(id) FROM message WHERE ?1 + ?2 NOTNULL", 0, 0, found), 1);
    assert_int_equal(found[0], last);
    assert_true(past_number(&past, "SELECT count(*) FROM message_row") > 0);
    assert_true(past_number(&past, "SELECT count(*) FROM bundle") > 10);
    assert_int_equal(past_number(&past, "SELECT count(*) FROM message"), last);
    assert_int_equal(past_number(&past, "SELECT sum(count) FROM message"), past.count);
    compare(db, 1, last, last);
    for (unsigned i = 0; i < 300; i++) {
        const int64_t from =
            (int64_t)(random_next(&source) % (uint64_t)(last + 40)) - 20;
        const int64_t span = (int64_t)(random_next(&source) % (i % 2 == 0 ? 9 : 900));
        compare(db, from, from + span - 2, last);
    }
    sqlite3_close(db);
    past_end(&past);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_put_comes_back),
        cmocka_unit_test(those_of_version_7_are_read),
        cmocka_unit_test(damage_is_never_read_beyond),
        cmocka_unit_test(both_are_one_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
