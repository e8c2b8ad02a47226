/* SPDX-License-Identifier: Apache-2.0
 *
 * For tests that kill: writes a store and seals it, over and over, until it is killed. Says
 * before and after each commit how many messages and readings there are with it. With a word
 * behind the seed it does that instead, and ends:
 *
 *     finish    seals what is left
 *     hours     writes a few minutes, seals half of them, and leaves the log as a kill would
 *     days      writes five days, thinly, and seals four of them
 *     purge     purges what is older than a day, three days' runs
 *     open      opens the store, which brings it to this version
 *     old1 …    writes a few minutes as a store of that version
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/past_old.h"
#include "shell/store_retain.h"

static void seal(struct past *past, vg_ms hot)
{
    past_hot(past, hot);
    while (vg_writer_seal(past->writer)) {
    }
}

static void hours(struct past *past)
{
    past_live(past, 8 * VG_MINUTE);
    seal(past, 4 * VG_MINUTE);
    past_live(past, VG_MINUTE);
    (void)fflush(NULL);
    _exit(0);
}

static void days(struct past *past)
{
    past->step = 20 * VG_MINUTE;
    past_live(past, 5 * VG_DAY);
    seal(past, VG_DAY);
}

static void purge(struct past *past)
{
    const struct vg_store_plan plan = {.keep_readings = VG_DAY};

    for (unsigned day = 0; day < 3; day++) {
        vg_writer_keep(past->writer, &plan);
        past->writer->retainer->next_look = 0;
        while (vg_writer_purge(past->writer)) {
        }
        if (past->writer->retainer->error.text[0] != '\0') {
            (void)fprintf(stderr, "sealing: %s\n", past->writer->retainer->error.text);
            exit(3);
        }
    }
}

static void finish(struct past *past)
{
    struct vg_sealing told;

    seal(past, VG_MINUTE);
    vg_writer_sealing(past->writer, &told);
    if (told.error.text[0] != '\0') {
        (void)fprintf(stderr, "sealing: %s\n", told.error.text);
        exit(3);
    }
}

static void nothing(struct past *past)
{
    (void)past;
}

static void old(struct past *past, const char *version)
{
    past_live(past, 4 * VG_MINUTE);
    past_become_old(past, strtoul(version, NULL, 10));
}

static int by_word(struct past *past, const char *word)
{
    static const struct {
        const char *word;
        void (*act)(struct past *past);
    } words[] = {{"finish", finish},
                 {"hours", hours},
                 {"days", days},
                 {"purge", purge},
                 {"open", nothing}};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i].word, word) == 0) {
            words[i].act(past);
            past_stop(past);
            return 0;
        }
    }
    if (strncmp(word, "old", 3) == 0) {
        old(past, word + 3);
        return 0;
    }
    return 2;
}

int main(int argc, char **argv)
{
    static struct past past;

    if (argc < 3) {
        (void)fprintf(stderr, "usage: sealing STORE SEED [WORD]\n");
        return 2;
    }
    struct random_source source = {strtoull(argv[2], NULL, 10)};
    (void)snprintf(past.path, sizeof past.path, "%s", argv[1]);
    past_start(&past, &source);
    past.whole = 30;
    past.tell = stdout;
    if (argc > 3) {
        return by_word(&past, argv[3]);
    }
    for (;;) {
        past_live(&past, 3 * VG_MINUTE);
        past_hot(&past, 2 * VG_MINUTE);
        for (unsigned n = 0; n < 20 && vg_writer_seal(past.writer); n++) {
        }
    }
}
