/* SPDX-License-Identifier: Apache-2.0
 *
 * Ingest at a pace: messages come at a rate, a batch is committed as vigild does it (after 20 ms or
 * 512 messages, one in flight while the next one fills), synchronous=FULL, sealing and carrying the log
 * over as they fall due; and, if wanted, others who ask the same file without a pause.
 *
 *   history_pace STORE RATE SECONDS [ASKERS]
 *
 * Fifty beds, seven signals a message; a second of theirs goes by with each fifty messages, so at
 * 20,000 a second it is seven minutes each second, and sealing begins within the first half minute.
 * Prints one line: how long a batch was on its way to disk, how long its first message waited for that
 * in all, what a message cost in the loop (into the batch) and in the writer's thread, and what the askers got.
 */
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "shell/history.h"

#define BEDS    50
#define SIGNALS 7
#define BEGIN   INT64_C(1768032000000)
#define WAIT_MS 20 /* as vigild: a batch is committed after so long, or with so many */
#define FULL    512
#define MOST    1000000 /* commits that are noted */
#define ASKERS  4
#define SLOW_MS 50

struct pace {
    uv_loop_t loop;
    uv_timer_t tick;
    struct vg_store *store;
    struct vg_batch *filling, *flying,
        *spare; /* spare: the flying one, or the next to fill */
    double start, first, flying_first,
        sent_at; /* ms; first: when its first message came */
    double rate, seconds;
    uint64_t sent, committed, commits, slow;
    double *took, *waited;
    double batching; /* CPU ms */
    struct vg_reading reading[BEDS][SIGNALS];
    struct vg_message message[BEDS];
};

static const char *path;
static atomic_bool over;
static atomic_uint_fast64_t asked;

static double clock_of(clockid_t id)
{
    struct timespec now;

    (void)clock_gettime(id, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void fail(const char *what, const struct vg_error *error)
{
    (void)fprintf(stderr, "history_pace: %s: %s\n", what, error->text);
    exit(3);
}

/* ---- Messages */

static void name_beds(struct pace *p)
{
    static const enum vg_signal signals[SIGNALS] = {VG_HR, VG_SBP,  VG_DBP, VG_MAP,
                                                    VG_RR, VG_SPO2, VG_TEMP};
    static const int64_t values[SIGNALS] = {80, 120, 70, 88, 16, 97, 372};

    for (unsigned bed = 0; bed < BEDS; bed++) {
        struct vg_message *m = &p->message[bed];
        *m = (struct vg_message){.kind = VG_KIND_VITALS,
                                 .reading_count = SIGNALS,
                                 .readings = p->reading[bed]};
        (void)snprintf(m->ward, sizeof m->ward, "onc");
        (void)snprintf(m->bed, sizeof m->bed, "%u", bed);
        (void)snprintf(m->patient, sizeof m->patient, "p-%u", bed);
        (void)snprintf(m->device, sizeof m->device, "mon-%u", bed);
        (void)snprintf(m->origin.gateway, sizeof m->origin.gateway, "gw-%u", bed / 10);
        strcpy(m->origin.epoch, "e");
        for (unsigned i = 0; i < SIGNALS; i++) {
            const struct vg_signal_info *info = vg_signal_info(signals[i]);
            p->reading[bed][i] = (struct vg_reading){.signal = signals[i],
                                                     .unit = info->unit,
                                                     .value = values[i],
                                                     .pi = -1,
                                                     .uln = VG_NO_VALUE,
                                                     .lln = VG_NO_VALUE};
        }
    }
}

static void publish(struct pace *p)
{
    const unsigned bed = (unsigned)(p->sent % BEDS);
    const int64_t at = BEGIN + (int64_t)(p->sent / BEDS) * 1000;
    struct vg_message *m = &p->message[bed];
    uint64_t dice = (p->sent + 1) * UINT64_C(0x9e3779b97f4a7c15);
    struct vg_error error = {"no memory"};

    for (unsigned i = 0; i < SIGNALS; i++) {
        struct vg_reading *r = &p->reading[bed][i];
        dice ^= dice >> 29;
        r->value += (dice >> i & 7) == 0 ? (r->value % 2 == 0 ? 1 : -1) : 0;
        r->raw = vg_decimal_of(r->value, vg_signal_info(r->signal)->places);
        r->measured.ms = at;
    }
    m->measured.ms = at;
    m->origin.seq = p->sent / BEDS * 10 + bed % 10 + 1;
    if (vg_batch_message(p->filling, m, "",
                         (struct vg_instant){at + 20 + (int64_t)(dice & 15)},
                         dice) != VG_OK) {
        fail("batch", &error);
    }
    p->sent++;
}

/* ---- Commits */

static void on_commit(void *to, struct vg_batch *batch, enum vg_status status,
                      const struct vg_error *error)
{
    struct pace *p = to;
    const double now = clock_of(CLOCK_MONOTONIC);

    if (status != VG_OK) {
        fail("commit", error);
    }
    if (p->commits < MOST) {
        p->took[p->commits] = now - p->sent_at;
        p->waited[p->commits] = now - p->flying_first;
    }
    p->slow += now - p->sent_at > SLOW_MS;
    p->commits++;
    p->committed += vg_batch_records(batch);
    vg_batch_clear(batch);
    p->flying = NULL;
}

static void on_tick(uv_timer_t *timer)
{
    struct pace *p = timer->data;
    const double now = clock_of(CLOCK_MONOTONIC);
    const uint64_t due = (uint64_t)((now - p->start) / 1000 * p->rate);
    const double begin = clock_of(CLOCK_THREAD_CPUTIME_ID);

    if (vg_batch_records(p->filling) == 0) {
        p->first = now;
    }
    while (p->sent < due) {
        publish(p);
    }
    p->batching += clock_of(CLOCK_THREAD_CPUTIME_ID) - begin;
    if (p->flying != NULL || vg_batch_records(p->filling) == 0 ||
        (now - p->first < WAIT_MS && vg_batch_records(p->filling) < FULL)) {
        return;
    }
    if ((now - p->start) / 1000 > p->seconds) {
        uv_timer_stop(timer);
    }
    p->flying = p->filling;
    p->filling = p->spare;
    p->spare = p->flying;
    p->flying_first = p->first;
    p->sent_at = clock_of(CLOCK_MONOTONIC);
    (void)p->store->ops->commit(p->store, p->flying, on_commit, p);
}

/* ---- Those who ask */

static bool on_reading(void *to, const struct vg_reading_row *row)
{
    (void)row;
    ++*(uint64_t *)to;
    return true;
}

static void ask(void *with)
{
    struct vg_reader *reader = NULL;
    struct vg_error error = {""};
    uint64_t told = 0;
    const unsigned bed = (unsigned)(uintptr_t)with;
    char patient[16];

    (void)snprintf(patient, sizeof patient, "p-%u", bed);
    while (!over) {
        const struct vg_history_query query = {.patient = patient,
                                               .signals = (uint64_t)1 << VG_HR,
                                               .from = {BEGIN},
                                               .to = VG_NEVER};
        struct vg_page_end end = {0};
        if (reader == NULL && vg_store_read_open(path, &reader, &error) != VG_OK) {
            fail("a reader", &error);
        }
        if (vg_history_readings(reader, &query, on_reading, &told, &end, &error) !=
            VG_OK) {
            fail("a question", &error);
        }
        asked++;
    }
    vg_store_read_close(reader);
}

/* ---- What came of it */

static int by_size(const void *a, const void *b)
{
    const double left = *(const double *)a;
    const double right = *(const double *)b;
    return (left > right) - (left < right);
}

static double part_of(double *values, uint64_t count, double part)
{
    const uint64_t n = count < MOST ? count : MOST;

    qsort(values, n, sizeof *values, by_size);
    return n == 0 ? 0 : values[(uint64_t)((double)(n - 1) * part)];
}

static void report(struct pace *p, double writer_ms, const struct vg_sealing *told)
{
    (void)printf(
        "pace rate=%.0f messages=%" PRIu64 " commits=%" PRIu64 " commit_p50=%.2f "
        "commit_p99=%.2f commit_max=%.2f slow=%" PRIu64
        " waited_p50=%.2f waited_p99=%.2f "
        "waited_max=%.2f batch_us=%.3f thread_us=%.3f sealed=%" PRIu64
        " sealing_longest=%" PRId64 " asked=%" PRIu64 "\n",
        (double)p->committed / p->seconds, p->committed, p->commits,
        part_of(p->took, p->commits, 0.5), part_of(p->took, p->commits, 0.99),
        part_of(p->took, p->commits, 1), p->slow, part_of(p->waited, p->commits, 0.5),
        part_of(p->waited, p->commits, 0.99), part_of(p->waited, p->commits, 1),
        p->batching * 1e3 / (double)p->sent, writer_ms * 1e3 / (double)p->sent,
        told->messages, told->longest, (uint64_t)asked);
}

int main(int argc, char **argv)
{
    static struct pace p;
    struct vg_error error = {""};
    const struct vg_store_plan plan = {.hot = VG_HOUR};
    struct vg_sealing told;
    uv_thread_t thread[ASKERS];
    unsigned askers = 0;

    if (argc < 4) {
        (void)fprintf(stderr, "usage: history_pace STORE RATE SECONDS [ASKERS]\n");
        return 2;
    }
    path = argv[1];
    p.rate = strtod(argv[2], NULL);
    p.seconds = strtod(argv[3], NULL);
    const unsigned wanted = argc > 4 ? (unsigned)strtoul(argv[4], NULL, 10) : 0;
    p.took = calloc(MOST, sizeof *p.took);
    p.waited = calloc(MOST, sizeof *p.waited);
    p.filling = vg_batch_create();
    p.spare = vg_batch_create();
    (void)uv_loop_init(&p.loop);
    if (p.took == NULL || p.waited == NULL || p.filling == NULL || p.spare == NULL ||
        vg_store_open("sqlite", path, &p.loop, &p.store, &error) != VG_OK) {
        fail("the store", &error);
    }
    p.store->ops->keep(p.store, &plan);
    name_beds(&p);
    for (askers = 0; askers < wanted && askers < ASKERS; askers++) {
        (void)uv_thread_create(&thread[askers], ask, (void *)(uintptr_t)(askers + 1));
    }
    (void)uv_timer_init(&p.loop, &p.tick);
    p.tick.data = &p;
    p.start = clock_of(CLOCK_MONOTONIC);
    const double cpu =
        clock_of(CLOCK_PROCESS_CPUTIME_ID) - clock_of(CLOCK_THREAD_CPUTIME_ID);
    (void)uv_timer_start(&p.tick, on_tick, 1, 1);
    while (uv_is_active((uv_handle_t *)&p.tick) || p.flying != NULL) {
        (void)uv_run(&p.loop, UV_RUN_ONCE);
    }
    over = true;
    const double writer =
        clock_of(CLOCK_PROCESS_CPUTIME_ID) - clock_of(CLOCK_THREAD_CPUTIME_ID) - cpu;
    p.store->ops->sealing(p.store, &told);
    for (unsigned i = 0; i < askers; i++) {
        (void)uv_thread_join(&thread[i]);
    }
    p.store->ops->close(p.store);
    report(&p, askers == 0 ? writer : 0, &told);
    return told.error.text[0] == '\0' ? 0 : 1;
}
