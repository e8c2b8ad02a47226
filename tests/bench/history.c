/* SPDX-License-Identifier: Apache-2.0
 *
 * History: what a reading costs on disk, hot and sealed, what sealing costs, how long it may
 * hold up a batch, and how long questions take, in process and warm.
 *
 *   history STORE BEDS HOURS [RECORDING.csv [JITTER_MS]]
 *   history STORE 0 HOURS    asks only, of a store that is there
 *
 * In the environment: HOT keeps everything unsealed; END, in ms since 1970, is when the last
 * message was measured; NO_QUESTIONS fills and asks nothing.
 *
 * A commit holds 250 messages, whatever the beds: what comes in 12 ms at 20,000 a second; vigild waits
 * for up to 20. What a look at the clock costs is taken off.
 *
 * Every bed sends a message a second: the seven vital signs of monitors as a random walk, or
 * the columns HR, SBP, DBP, MAP, RR of a recording (seconds in rows), over and over, each bed
 * from another row on. Prints one line of KEY=VALUE a measurement.
 */
#include "shell/history.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "history_ask.h"
#include "shell/store_seal.h"

#define SIGNALS 7
#define ROWS    100000
#define COMMIT  250 /* messages */

static const enum vg_signal signals[SIGNALS] = {VG_HR, VG_SBP,  VG_DBP, VG_MAP,
                                                VG_RR, VG_SPO2, VG_TEMP};
static const int64_t low[SIGNALS] = {60, 90, 50, 65, 10, 90, 360};
static const int64_t high[SIGNALS] = {130, 150, 90, 110, 30, 100, 395};

struct bench {
    const char *path;
    unsigned beds;
    int64_t seconds, begin; /* begin: ms */
    unsigned jitter;
    int64_t recorded[ROWS][5]; /* INT64_MIN: nothing */
    size_t rows;
    int64_t (*walk)[SIGNALS]; /* of each bed */
    struct vg_writer *writer;
    struct vg_batch *batch;
    struct vg_message *message;            /* of each bed: this second's */
    struct vg_instant *received;           /* the same */
    struct vg_reading (*reading)[SIGNALS]; /* the same */
    double ingest, sealing, portion;       /* CPU ms; portion: the longest */
    double look;                           /* CPU ms of looking at the clock */
    uint64_t messages, readings;
};

static uint64_t seed = 88172645463325252U;

static unsigned dice(unsigned sides)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)(seed % sides);
}

static double clock_of(clockid_t id)
{
    struct timespec now;

    (void)clock_gettime(id, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static double cost_of_look(void)
{
    const double begin = clock_of(CLOCK_PROCESS_CPUTIME_ID);

    for (int i = 0; i < 10000; i++) {
        (void)clock_of(CLOCK_PROCESS_CPUTIME_ID);
    }
    return (clock_of(CLOCK_PROCESS_CPUTIME_ID) - begin) / 10000;
}

static void fail(const struct vg_error *error)
{
    (void)fprintf(stderr, "history: %s\n", error->text);
    exit(3);
}

static void load(struct bench *b, const char *path)
{
    FILE *file = fopen(path, "r");
    char line[256];

    if (file == NULL || fgets(line, sizeof line, file) == NULL) {
        (void)fprintf(stderr, "history: cannot read %s\n", path);
        exit(3);
    }
    while (b->rows < ROWS && fgets(line, sizeof line, file) != NULL) {
        char *at = strchr(line, ',');
        for (size_t i = 0; i < 5; i++) {
            char *end = at;
            b->recorded[b->rows][i] = INT64_MIN;
            if (at != NULL) {
                const double value = strtod(at + 1, &end);
                if (end != at + 1) {
                    b->recorded[b->rows][i] = (int64_t)(value + 0.5);
                }
                at = strchr(at + 1, ',');
            }
        }
        b->rows++;
    }
    (void)fclose(file);
}

static void put_reading(struct vg_reading *r, enum vg_signal signal, int64_t steps,
                        int64_t at)
{
    *r = (struct vg_reading){.signal = signal,
                             .measured = {at},
                             .unit = vg_signal_info(signal)->unit,
                             .pi = -1,
                             .uln = VG_NO_VALUE,
                             .lln = VG_NO_VALUE};
    r->raw = vg_decimal_of(steps, vg_signal_info(signal)->places);
    r->value = steps;
}

static size_t make(struct bench *b, unsigned bed, int64_t second, int64_t at)
{
    struct vg_reading *reading = b->reading[bed];
    size_t n = 0;

    for (size_t i = 0; i < SIGNALS; i++) {
        int64_t *walk = &b->walk[bed][i];
        if (b->rows > 0 && i < 5) {
            const int64_t v = b->recorded[(size_t)(second + bed * 37) % b->rows][i];
            /* beside the first time round: a little noise, or zstd would know it all */
            const int64_t noise =
                second >= (int64_t)b->rows && dice(4) == 0 ? (int64_t)dice(3) - 1 : 0;
            if (v != INT64_MIN) {
                put_reading(&reading[n++], signals[i], v + noise, at);
            }
            continue;
        }
        if (b->rows > 0) {
            continue;
        }
        *walk += dice(10) < 5 ? (int64_t)dice(3) - 1 : 0;
        *walk = *walk < low[i] ? low[i] : *walk > high[i] ? high[i] : *walk;
        put_reading(&reading[n++], signals[i], *walk, at);
    }
    return n;
}

/* The numbers of a gateway begin somewhere. */
static uint64_t number_of(unsigned bed, int64_t seq)
{
    return (uint64_t)(bed / 10) * 70001 + (uint64_t)seq;
}

static void commit(struct bench *b, int64_t seq)
{
    struct vg_error error = {""};
    char gateway[16];

    for (unsigned bed = 0; bed < b->beds; bed += 10) {
        (void)snprintf(gateway, sizeof gateway, "gw-%u", bed / 10);
        (void)vg_batch_mark(b->batch, gateway, "e", number_of(bed, seq), NULL, 0);
    }
    b->writer->swept = INT64_MIN / 2;
    if (vg_writer_commit(b->writer, b->batch, &error) != VG_OK) {
        fail(&error);
    }
    vg_batch_clear(b->batch);
    if (vg_writer_log(b->writer) > 3000) {
        vg_writer_tidy(b->writer);
    }
}

/* What stays the same of a bed's messages. */
static void name(struct bench *b, unsigned bed)
{
    struct vg_message *message = &b->message[bed];

    *message = (struct vg_message){.kind = VG_KIND_VITALS, .readings = b->reading[bed]};
    (void)snprintf(message->ward, sizeof message->ward, "onc");
    (void)snprintf(message->bed, sizeof message->bed, "%u", bed);
    (void)snprintf(message->patient, sizeof message->patient, "p-%u", bed);
    (void)snprintf(message->device, sizeof message->device, "mon-%u", bed);
    (void)snprintf(message->origin.gateway, sizeof message->origin.gateway, "gw-%u",
                   bed / 10);
    strcpy(message->origin.epoch, "e");
}

/* A second of all beds, before the clock is looked at. */
static void measure(struct bench *b, int64_t second)
{
    for (unsigned bed = 0; bed < b->beds; bed++) {
        struct vg_message *message = &b->message[bed];
        const int64_t at =
            b->begin + second * 1000 + (b->jitter > 0 ? (int64_t)dice(b->jitter) : 0);
        message->origin.seq = number_of(bed, second * 10 + bed % 10 + 1);
        message->measured.ms = at;
        message->reading_count = make(b, bed, second, at);
        b->received[bed].ms = at + 20 + dice(30);
    }
}

static void publish(struct bench *b, unsigned bed)
{
    const struct vg_message *message = &b->message[bed];

    b->messages++;
    b->readings += message->reading_count;
    (void)vg_batch_message(b->batch, message, "", b->received[bed],
                           b->messages * UINT64_C(0x9e3779b97f4a7c15));
}

static void seal_some(struct bench *b)
{
    struct vg_sealing told;
    const double begin = clock_of(CLOCK_PROCESS_CPUTIME_ID);

    for (bool more = true; more;) {
        const double at = clock_of(CLOCK_PROCESS_CPUTIME_ID);
        more = vg_writer_seal(b->writer);
        const double took = clock_of(CLOCK_PROCESS_CPUTIME_ID) - at;
        b->portion = took > b->portion ? took : b->portion;
        if (vg_writer_log(b->writer) > 3000) {
            vg_writer_tidy(b->writer);
        }
    }
    b->sealing += clock_of(CLOCK_PROCESS_CPUTIME_ID) - begin;
    vg_writer_sealing(b->writer, &told);
    if (told.error.text[0] != '\0') {
        fail(&told.error);
    }
    b->writer->sealer->next_look = 0;
}

static void fill(struct bench *b)
{
    for (int64_t second = 0; second < b->seconds; second++) {
        measure(b, second);
        const double begin = clock_of(CLOCK_PROCESS_CPUTIME_ID);
        for (unsigned bed = 0; bed < b->beds; bed++) {
            publish(b, bed);
        }
        if (vg_batch_records(b->batch) >= COMMIT || second + 1 == b->seconds) {
            commit(b, second * 10 + 10);
        }
        b->ingest += clock_of(CLOCK_PROCESS_CPUTIME_ID) - begin - b->look;
        if (second % 300 == 299) {
            seal_some(b);
        }
    }
    seal_some(b);
}

/* ---- Sizes */

static int64_t ask_number(const struct bench *b, const char *sql)
{
    struct vg_error error = {""};
    int64_t number = 0;

    if (vg_db_number(b->writer->db, sql, &number, &error) != VG_OK) {
        fail(&error);
    }
    return number;
}

static void report_size(struct bench *b)
{
    struct stat info;
    const int64_t page = ask_number(b, "PRAGMA page_size");
    const int64_t unused = ask_number(b, "PRAGMA freelist_count") * page;
    const int64_t blobs =
        ask_number(b, "SELECT (SELECT sum(length(sums) + length(data)) FROM block) +"
                      " (SELECT sum(length(times) + length(rest)) FROM stretch)");
    const int64_t times = ask_number(b, "SELECT sum(length(times)) FROM stretch");
    const int64_t rest = ask_number(b, "SELECT sum(length(rest)) FROM stretch");
    const int64_t sums = ask_number(b, "SELECT sum(length(sums)) FROM block");
    const int64_t sealed = ask_number(b, "SELECT sum(readings) FROM stretch");
    const int64_t pages = ask_number(
        b, "SELECT sum(pgsize) FROM dbstat WHERE name IN ('stretch', 'block',"
           " 'stretch_place', 'stretch_received')");

    if (stat(b->path, &info) != 0) {
        exit(3);
    }
    (void)printf(
        "size file=%" PRId64 " unused=%" PRId64 " readings=%" PRIu64 " sealed=%" PRId64
        " stretches=%" PRId64
        " bytes_per_reading=%.3f pages_per_sealed=%.3f blobs_per_sealed=%.3f times=%.3f rest=%.3f "
        "sums=%.3f\n",
        (int64_t)info.st_size, unused, b->readings, sealed,
        ask_number(b, "SELECT count(*) FROM stretch"),
        (double)((int64_t)info.st_size - unused) / (double)b->readings,
        (double)pages / (double)(sealed > 0 ? sealed : 1),
        (double)blobs / (double)(sealed > 0 ? sealed : 1),
        (double)times / (double)(sealed > 0 ? sealed : 1),
        (double)rest / (double)(sealed > 0 ? sealed : 1),
        (double)sums / (double)(sealed > 0 ? sealed : 1));
}

static void report(struct bench *b)
{
    struct vg_sealing told;

    vg_writer_sealing(b->writer, &told);
    vg_writer_tidy(b->writer);
    (void)printf("cost messages=%" PRIu64 " ingest_us=%.3f sealing_us=%.3f"
                 " longest_ms=%" PRId64 " portion_ms=%.1f\n",
                 b->messages, b->ingest * 1e3 / (double)b->messages,
                 b->sealing * 1e3 / (double)b->messages, told.longest, b->portion);
    report_size(b);
    if (getenv("NO_QUESTIONS") == NULL) {
        vg_bench_ask_history(b->path, b->begin, b->seconds);
    }
}

static void make_beds(struct bench *b)
{
    b->walk = calloc(b->beds, sizeof *b->walk);
    b->message = calloc(b->beds, sizeof *b->message);
    b->received = calloc(b->beds, sizeof *b->received);
    b->reading = calloc(b->beds, sizeof *b->reading);
    if (b->walk == NULL || b->message == NULL || b->received == NULL ||
        b->reading == NULL) {
        exit(3);
    }
    for (unsigned i = 0; i < b->beds * SIGNALS; i++) {
        b->walk[i / SIGNALS][i % SIGNALS] = (low[i % SIGNALS] + high[i % SIGNALS]) / 2;
    }
    for (unsigned bed = 0; bed < b->beds; bed++) {
        name(b, bed);
    }
}

int main(int argc, char **argv)
{
    static struct bench b;
    struct vg_error error = {""};

    if (argc < 4) {
        (void)fprintf(stderr, "usage: history STORE BEDS HOURS [CSV [JITTER_MS]]\n");
        return 2;
    }
    b.path = argv[1];
    b.beds = (unsigned)strtoul(argv[2], NULL, 10);
    b.seconds = (int64_t)(strtod(argv[3], NULL) * 3600);
    b.begin = getenv("END") == NULL
                  ? INT64_C(1768032000000)
                  : strtoll(getenv("END"), NULL, 10) - b.seconds * 1000;
    if (argc > 4 && argv[4][0] != '\0') {
        load(&b, argv[4]);
    }
    if (b.beds == 0) {
        vg_bench_ask_history(b.path, b.begin, b.seconds);
        return 0;
    }
    b.jitter = argc > 5 ? (unsigned)strtoul(argv[5], NULL, 10) : 0;
    b.look = cost_of_look();
    b.batch = vg_batch_create();
    make_beds(&b);
    if (b.batch == NULL || vg_writer_open(b.path, &b.writer, &error) != VG_OK) {
        fail(&error);
    }
    vg_writer_hot(b.writer, getenv("HOT") != NULL ? 1000 * VG_DAY : VG_HOUR);
    fill(&b);
    report(&b);
    vg_writer_close(b.writer);
    vg_batch_destroy(b.batch);
    free(b.walk);
    free(b.message);
    free(b.received);
    free(b.reading);
    return 0;
}
