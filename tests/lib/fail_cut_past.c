/* SPDX-License-Identifier: Apache-2.0
 *
 * Cuts under a past. See fail_cut_past.h.
 */
#include "lib/fail_cut_past.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/fail_cut.h"
#include "lib/sample.h"
#include "shell/history.h"
#include "shell/store_stats.h"

#if defined(__SANITIZE_ADDRESS__)
#define WANTED 24
#else
#define WANTED 100
#endif

size_t cuts_wanted(void)
{
    const char *text = getenv("VIGIL_CUTS");

    return text != NULL ? strtoul(text, NULL, 10) : WANTED;
}

/* ---- Taking images */

static void image_path(const struct cuts *cuts, size_t n, char out[160])
{
    (void)snprintf(out, 160, "%s/%zu.db", cuts->temp.folder, cuts->image[n].number);
}

static void take(struct cuts *cuts, size_t n, size_t number)
{
    char path[160];

    cuts->image[n].committed = cuts->past->committed;
    cuts->image[n].tried = cuts->past->messages;
    cuts->image[n].number = number;
    image_path(cuts, n, path);
    cut_image(cuts->past->path, path, cuts->source);
}

/* Each event of the run is as likely to be among the images in the end. */
static void on_event(void *to, size_t event)
{
    struct cuts *cuts = to;
    const size_t room = cuts_wanted() < CUTS_A_RUN ? cuts_wanted() : CUTS_A_RUN;
    const size_t n =
        cuts->images < room ? cuts->images++ : random_next(cuts->source) % event;

    cuts->events++;
    if (n < room) {
        take(cuts, n, event);
    }
}

void cuts_now(struct cuts *cuts)
{
    take(cuts, cuts->images - 1, 0);
}

static void begin(struct cuts *cuts, struct past *past, struct random_source *source)
{
    cuts->past = past;
    cuts->source = source;
    cuts->images = 0;
    cuts->may_go = VG_UNSET;
    temp_create(&cuts->temp);
    cut_begin();
    cut_watch(on_event, cuts);
    past_begin(past, source);
    past->step = VG_SECOND;
    past->whole = 40;
}

void cuts_from_here(struct cuts *cuts)
{
    temp_remove(&cuts->temp);
    temp_create(&cuts->temp);
    cuts->images = 0;
    cut_watch(on_event, cuts);
}

void cuts_until_here(struct cuts *cuts)
{
    (void)cuts;
    cut_watch(NULL, NULL);
}

/* ---- Looking at them */

struct look {
    struct cuts *cuts;
    int64_t committed, tried;
    size_t at, ahead, missing;
};

static int64_t message_of(const struct past_row *row)
{
    return row->order / VG_MESSAGE_ITEMS;
}

/* The list's next row is not in the store. */
static void pass_over(struct look *look)
{
    const struct past_row *row = &look->cuts->past->row[look->at++];

    if (message_of(row) <= look->committed &&
        row->received.ms >= look->cuts->may_go.ms) {
        look->missing++;
    }
}

static bool on_reading(void *to, const struct vg_reading_row *row)
{
    struct look *look = to;
    const struct past *past = look->cuts->past;

    while (look->at < past->count && past->row[look->at].order != row->order) {
        pass_over(look);
    }
    if (look->at == past->count) {
        fail_msg("a reading is there twice, or in the wrong place");
    }
    const struct past_row *want = &past->row[look->at++];
    assert_same_reading(row->reading, &want->reading);
    assert_true(message_of(want) <= look->tried);
    look->ahead += message_of(want) > look->committed;
    return true;
}

/* How many readings a batch that was under way has. */
static size_t under_way(const struct look *look)
{
    size_t n = 0;

    for (size_t i = 0; i < look->cuts->past->count; i++) {
        const int64_t message = message_of(&look->cuts->past->row[i]);
        n += message > look->committed && message <= look->tried;
    }
    return n;
}

static bool on_fault(void *to, const char *sentence)
{
    (void)to;
    fail_msg("%s", sentence);
    return false;
}

static void read_all(struct look *look, const char *path)
{
    struct vg_reader *reader = NULL;
    struct vg_error error = {""};
    struct vg_check check = {.fault = on_fault};
    const struct vg_history_query all = {.to = VG_NEVER};
    struct vg_page_end end;

    if (vg_store_read_open(path, &reader, &error) != VG_OK) {
        fail_msg("cannot open: %s", error.text);
    }
    vg_store_read_within(reader, 60 * VG_SECOND);
    assert_int_equal(vg_store_check(reader, &check, &error), VG_OK);
    if (vg_history_readings(reader, &all, on_reading, look, &end, &error) != VG_OK) {
        fail_msg("cannot read: %s", error.text);
    }
    vg_store_read_close(reader);
    while (look->at < look->cuts->past->count) {
        pass_over(look);
    }
}

void cuts_look_at(struct cuts *cuts, const char *path, int64_t committed, int64_t tried)
{
    struct look look = {.cuts = cuts, .committed = committed, .tried = tried};

    read_all(&look, path);
    cuts->lost += look.missing > 0;
    if (look.missing > 0 && !cuts->lost_is_fine) {
        fail_msg("%zu readings that were committed are missing", look.missing);
    }
    if (look.ahead != 0 && !cuts->lost_is_fine) {
        assert_int_equal(look.ahead, under_way(&look)); /* all of a batch or none */
        cuts->ahead++;
    }
}

static void look_at_image(struct cuts *cuts, size_t n)
{
    struct vg_writer *writer = NULL;
    struct vg_error error = {""};
    char path[160];
    char beside[180];

    image_path(cuts, n, path);
    (void)snprintf(beside, sizeof beside, "%s-wal", path);
    FILE *log = fopen(beside, "a"); /* none is laid out: it takes a while */
    assert_non_null(log);
    (void)fclose(log);
    if (cuts->before != NULL) {
        cuts->before(cuts, path);
    }
    const enum vg_status status = vg_writer_open(path, &writer, &error);
    cuts->done++;
    if (status != VG_OK && cuts->lost_is_fine) {
        cuts->lost++;
        return;
    }
    if (status != VG_OK) {
        fail_msg("a store that was cut does not open: %s", error.text);
    }
    cuts_look_at(cuts, path, cuts->image[n].committed, cuts->image[n].tried);
    vg_writer_close(writer);
    (void)snprintf(beside, sizeof beside, "%s%s", path,
                   cuts->copy == NULL ? "-" : cuts->copy);
    if (access(beside, F_OK) == 0) {
        cuts->copies++;
        cuts_look_at(cuts, beside, cuts->past->committed, cuts->past->committed);
    }
}

void cuts_run(struct cuts *cuts, const char *what, cuts_work_fn *work,
              struct random_source *source)
{
    struct past past;

    do {
        begin(cuts, &past, source);
        work(cuts, &past);
        cut_end();
        for (size_t n = 0; n < cuts->images; n++) {
            look_at_image(cuts, n);
        }
        temp_remove(&cuts->temp);
        past_end(&past);
    } while (cuts->done < cuts_wanted());
    printf("  %s: %zu cuts in %zu events; %zu kept a batch that was not confirmed\n",
           what, cuts->done, cuts->events, cuts->ahead);
}
