/* SPDX-License-Identifier: Apache-2.0 */
#include "history_ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "shell/history.h"

#define TIMES 15

struct asked {
    const char *path;
    int64_t begin, seconds;
};

static double clock_of(clockid_t id)
{
    struct timespec now;

    (void)clock_gettime(id, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void fail(const struct vg_error *error)
{
    (void)fprintf(stderr, "history: %s\n", error->text);
    exit(3);
}

struct sum {
    size_t count;
    int64_t total;
};

static bool on_reading(void *to, const struct vg_reading_row *row)
{
    struct sum *sum = to;
    sum->count++;
    sum->total += row->reading->value;
    return true;
}

static bool on_step(void *to, const struct vg_history_step *step)
{
    struct sum *sum = to;
    sum->count++;
    sum->total += step->max;
    return true;
}

static int by_size(const void *a, const void *b)
{
    const double left = *(const double *)a;
    const double right = *(const double *)b;
    return (left > right) - (left < right);
}

/* `step` 0: readings. Of TIMES times the median of the time and the least of the CPU: on a machine
 * with other work the second is what can be compared. */
static void ask(const struct asked *b, const char *what, int64_t seconds, vg_ms step,
                size_t limit, uint64_t mask)
{
    struct vg_reader *reader = NULL;
    struct vg_error error = {""};
    struct vg_page_end end;
    double took[TIMES], cpu = 1e9;
    struct sum sum = {0, 0};
    int64_t sealed_end = b->begin + (b->seconds - 2 * 3600) * 1000;

    if (b->seconds < 3 * 3600) {
        sealed_end = b->begin + b->seconds * 1000;
    }
    const struct vg_history_query query = {.patient = "p-1",
                                           .signals = mask,
                                           .from = {sealed_end - seconds * 1000},
                                           .to = {sealed_end},
                                           .step = step,
                                           .limit = limit};
    if (vg_store_read_open(b->path, &reader, &error) != VG_OK) {
        fail(&error);
    }
    vg_store_read_within(reader, 60 * VG_SECOND);
    vg_store_read_keep(reader, 64 * 1024); /* as the plain rows beside it have */
    for (size_t i = 0; i < TIMES; i++) {
        sum = (struct sum){0, 0};
        const double cpu_begin = clock_of(CLOCK_THREAD_CPUTIME_ID);
        const double begin = clock_of(CLOCK_MONOTONIC);
        const enum vg_status status =
            step == 0
                ? vg_history_readings(reader, &query, on_reading, &sum, &end, &error)
                : vg_history_steps(reader, &query, on_step, &sum, &end, &error);
        took[i] = clock_of(CLOCK_MONOTONIC) - begin;
        const double used = clock_of(CLOCK_THREAD_CPUTIME_ID) - cpu_begin;
        cpu = used < cpu ? used : cpu;
        if (status != VG_OK) {
            fail(&error);
        }
    }
    vg_store_read_close(reader);
    qsort(took, TIMES, sizeof *took, by_size);
    (void)printf("ask=%s rows=%zu ms=%.3f cpu_ms=%.3f\n", what, sum.count,
                 took[TIMES / 2], cpu);
}

void vg_bench_ask_history(const char *path, int64_t begin, int64_t seconds)
{
    const struct asked asked = {path, begin, seconds};
    const struct asked *b = &asked;
    const uint64_t hr = (uint64_t)1 << VG_HR;

    ask(b, "1h", 3600, 0, 0, hr);
    ask(b, "24h", 86400, 0, 0, hr);
    ask(b, "24h_all_signals", 86400, 0, 0, 0);
    ask(b, "30d", b->seconds, 0, 0, hr);
    ask(b, "30d_step_1h", b->seconds, VG_HOUR, 0, hr);
    ask(b, "30d_step_1m", b->seconds, VG_MINUTE, 0, hr);
    ask(b, "first_page_of_all", b->seconds, 0, 1000, 0);
}
