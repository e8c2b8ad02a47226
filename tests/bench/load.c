/* SPDX-License-Identifier: Apache-2.0
 *
 * The load generator of the benchmark: a hospital's worth of gateways on one connection.
 *
 * All packets are made before the clock starts, so that the sending loop only copies
 * bytes. Prints one line of JSON: what was sent, what the daemon committed, which alerts
 * came, and how long after the message that caused each.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ear.h"
#include "raw_mqtt.h"
#include "ward.h"

#define SECOND_NS   ((uint64_t)1000000000)
#define PACKET_MOST (VG_BENCH_PAYLOAD + VG_BENCH_TOPIC + VG_RAW_OVERHEAD)

struct load {
    struct vg_bench_plan plan;
    unsigned port;
    uint64_t count;   /* messages */
    double rate;      /* messages a second; 0: as fast as the broker takes them */
    uint64_t window;  /* messages unacknowledged by the broker, at most */
    double wait;      /* seconds to wait for alerts and marks after the last message */
    bool marks;       /* wait until committed marks cover everything */
    uint64_t unsaved; /* messages sent and not committed, at most; 0: any number */
    double ago;       /* seconds: so long before now the last tick was measured */

    uint8_t *bytes;
    size_t *offset; /* of each message, and the end of the last */
    struct vg_raw out, back;
    struct vg_bench_ear ear;
    unsigned expected;

    uint64_t begun_ns, done_ns;
    uint64_t stamped, sent, acked; /* messages */
    size_t written;                /* bytes */
};

static uint64_t now_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * SECOND_NS + (uint64_t)now.tv_nsec;
}

static void *take(size_t count, size_t size)
{
    void *memory = calloc(count, size);

    if (memory == NULL) {
        (void)fputs("load: out of memory\n", stderr);
        exit(3);
    }
    return memory;
}

/* ---- Before the clock starts */

static size_t make_packet(struct load *load, uint64_t message, uint8_t *out)
{
    const unsigned bed = (unsigned)(message % load->plan.beds);
    char topic[VG_BENCH_TOPIC];
    char payload[VG_BENCH_PAYLOAD];
    const size_t topic_length = vg_bench_topic(&load->plan, bed, topic);
    const size_t length =
        vg_bench_payload(&load->plan, bed, message / load->plan.beds, payload);

    return vg_raw_publish(out, (unsigned)(message % 65535 + 1), topic, topic_length,
                          payload, length);
}

static void make_packets(struct load *load)
{
    size_t capacity = (size_t)1 << 20;

    load->bytes = take(capacity, 1);
    load->offset = take(load->count + 1, sizeof *load->offset);
    for (uint64_t i = 0; i < load->count; i++) {
        const size_t at = load->offset[i];

        if (capacity - at < PACKET_MOST) {
            capacity *= 2;
            load->bytes = realloc(load->bytes, capacity);
            if (load->bytes == NULL) {
                (void)fputs("load: out of memory\n", stderr);
                exit(3);
            }
        }
        load->offset[i + 1] = at + make_packet(load, i, load->bytes + at);
    }
}

static void ask_oracle(struct load *load)
{
    struct vg_bench_oracle *oracles = take(load->plan.beds, sizeof *oracles);

    load->ear.plan = &load->plan;
    load->ear.bed = take(load->plan.beds, sizeof *load->ear.bed);
    load->ear.committed =
        take(load->plan.beds / VG_BENCH_WARD_BEDS + 1, sizeof *load->ear.committed);
    for (unsigned bed = 0; bed < load->plan.beds; bed++) {
        load->ear.bed[bed].message = VG_BENCH_NO_EVENT;
    }
    for (uint64_t i = 0; i < load->count; i++) {
        const unsigned bed = (unsigned)(i % load->plan.beds);
        int vitals[VG_BENCH_SIGNALS];

        vg_bench_vitals(&load->plan, bed, i / load->plan.beds, vitals);
        if (vg_bench_ask(&oracles[bed], vitals)) {
            load->ear.bed[bed].message = i;
            load->expected++;
        }
    }
    free(oracles);
}

/* The last measured time is about now: nothing is in the future, little is late. */
static int64_t start_of(const struct load *load)
{
    const double seconds = load->rate > 0 ? (double)load->count / load->rate : 0;
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return ((int64_t)now.tv_sec + (int64_t)seconds - (int64_t)load->plan.ticks -
            (int64_t)load->ago) *
           1000;
}

/* ---- The sending loop */

/* How many messages may have been sent by now. */
static uint64_t due(const struct load *load, uint64_t now)
{
    uint64_t most = load->count;

    if (load->rate > 0) {
        const double seconds = (double)(now - load->begun_ns) / (double)SECOND_NS;
        const double by_now = seconds * load->rate + 1;

        most = by_now < (double)most ? (uint64_t)by_now : most;
    }
    const uint64_t room = load->acked + load->window;
    const uint64_t safe = load->ear.committed_sum + load->unsaved;

    most = load->unsaved > 0 && safe < most ? safe : most;
    return most < room ? most : room;
}

static void send_up_to(struct load *load, uint64_t limit, uint64_t now)
{
    for (; load->stamped < limit; load->stamped++) {
        struct vg_bench_expected *expected =
            &load->ear.bed[load->stamped % load->plan.beds];

        if (expected->message == load->stamped) {
            expected->sent_ns = now;
        }
    }
    const ssize_t done = write(load->out.fd, load->bytes + load->written,
                               load->offset[limit] - load->written);

    if (done > 0) {
        load->written += (size_t)done;
    } else if (done < 0 && errno != EAGAIN && errno != EINTR) {
        load->out.closed = true;
    }
    while (load->sent < limit && load->offset[load->sent + 1] <= load->written) {
        load->sent++;
    }
}

static void take_answers(struct load *load)
{
    struct vg_raw_packet packet;

    (void)vg_raw_read(&load->out);
    while (vg_raw_next(&load->out, &packet)) {
        load->acked += packet.type == VG_RAW_PUBACK;
    }
    (void)vg_raw_read(&load->back);
    const uint64_t now = now_ns();

    while (vg_raw_next(&load->back, &packet)) {
        vg_bench_hear(&load->ear, &packet, now);
    }
}

/* Sleeps until something arrives, can be written, or is due. */
static void rest(const struct load *load, uint64_t limit)
{
    struct pollfd ears[2] = {{.fd = load->out.fd, .events = POLLIN},
                             {.fd = load->back.fd, .events = POLLIN}};
    uint64_t pause = SECOND_NS / 50;

    if (load->written < load->offset[limit]) {
        ears[0].events = POLLIN | POLLOUT;
    } else if (load->rate > 0 && load->sent < load->count) {
        const double next = (double)load->sent / load->rate * (double)SECOND_NS;
        const uint64_t at = load->begun_ns + (uint64_t)next;
        const uint64_t now = now_ns();

        pause = at <= now ? 0 : at - now < pause ? at - now : pause;
        /* Waiting for room: only an acknowledgement helps. */
        pause = load->sent == load->acked + load->window ? SECOND_NS / 50 : pause;
    }
    const struct timespec span = {.tv_nsec = (long)pause};

    (void)ppoll(ears, 2, &span, NULL);
}

static bool complete(const struct load *load)
{
    return load->acked >= load->count && load->ear.heard >= load->expected &&
           (!load->marks || load->ear.committed_sum >= load->count);
}

static void run(struct load *load)
{
    uint64_t linger = 0; /* a little longer, for alerts that should not come */

    load->begun_ns = now_ns();
    while (!load->out.closed && !load->back.closed) {
        const uint64_t now = now_ns();
        const uint64_t limit = due(load, now);

        if (load->written < load->offset[limit]) {
            send_up_to(load, limit, now);
        }
        rest(load, limit);
        take_answers(load);
        if (load->done_ns == 0 && load->acked >= load->count) {
            load->done_ns = now_ns();
        }
        if (linger == 0 && complete(load)) {
            linger = now_ns() + SECOND_NS / 5;
        }
        if ((linger != 0 && now_ns() > linger) ||
            (load->done_ns != 0 &&
             (double)(now_ns() - load->done_ns) > load->wait * (double)SECOND_NS)) {
            return;
        }
    }
    (void)fputs("load: the broker closed the connection\n", stderr);
}

/* ---- The report */

static double seconds_to(const struct load *load, uint64_t at)
{
    return at == 0 ? -1 : (double)(at - load->begun_ns) / (double)SECOND_NS;
}

static void report(const struct load *load)
{
    double *ms = take((size_t)load->plan.beds + 1, sizeof *ms);
    const size_t count = vg_bench_latencies(&load->ear, ms);
    const size_t last = count > 0 ? count - 1 : 0;

    (void)printf(
        "{\"sent\":%llu,\"acked\":%llu,\"seconds\":%.3f,\"committed\":%llu,"
        "\"last_mark_s\":%.3f,\"expected\":%u,\"got\":%u,\"exact\":%u,"
        "\"dup\":%u,\"again\":%u,\"false\":%u,",
        (unsigned long long)load->sent, (unsigned long long)load->acked,
        seconds_to(load, load->done_ns), (unsigned long long)load->ear.committed_sum,
        seconds_to(load, load->ear.last_mark_ns), load->expected, load->ear.heard,
        load->ear.exact, load->ear.repeated, load->ear.again, load->ear.wrong);
    (void)printf("\"last_alert_s\":%.3f,\"p50_ms\":%.2f,\"p90_ms\":%.2f,"
                 "\"p99_ms\":%.2f,\"max_ms\":%.2f}\n",
                 seconds_to(load, load->ear.last_alert_ns), ms[last / 2],
                 ms[last * 9 / 10], ms[last * 99 / 100], ms[last]);
    free(ms);
}

/* ---- Options */

static const char usage[] =
    "usage: load --port N [--beds 1000] [--count N] [--rate N (0: unlimited)]\n"
    "            [--events 400] [--window 500] [--wait SECONDS] [--marks] [--seed 1]\n"
    "            [--first-ward 0] [--ago SECONDS] [--unsaved N]\n"
    "Sends vital signs to the broker on loopback; prints one line of JSON.\n";

enum {
    PORT,
    BEDS,
    COUNT,
    RATE,
    EVENTS,
    WINDOW,
    WAIT,
    SEED,
    MARKS,
    FIRST_WARD,
    AGO,
    UNSAVED,
    NUMBERS
};

static void read_numbers(double number[NUMBERS], int argc, char **argv)
{
    static const struct option options[] = {
        {"port", required_argument, NULL, PORT},
        {"beds", required_argument, NULL, BEDS},
        {"count", required_argument, NULL, COUNT},
        {"rate", required_argument, NULL, RATE},
        {"events", required_argument, NULL, EVENTS},
        {"window", required_argument, NULL, WINDOW},
        {"wait", required_argument, NULL, WAIT},
        {"seed", required_argument, NULL, SEED},
        {"marks", no_argument, NULL, MARKS},
        {"first-ward", required_argument, NULL, FIRST_WARD},
        {"ago", required_argument, NULL, AGO},
        {"unsaved", required_argument, NULL, UNSAVED},
        {NULL, 0, NULL, 0}};
    int option = 0;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == '?') {
            (void)fputs(usage, stderr);
            exit(2);
        }
        number[option] = optarg == NULL ? 1 : strtod(optarg, NULL);
    }
    if (number[PORT] < 1 || number[BEDS] < 1 || number[BEDS] > 10000 ||
        number[COUNT] < 1 || number[WINDOW] < 1 || number[WINDOW] > 60000) {
        (void)fputs(usage, stderr);
        exit(2);
    }
}

static struct load load_of(const double number[NUMBERS])
{
    const unsigned beds = (unsigned)number[BEDS];
    const unsigned events = (unsigned)number[EVENTS];
    const uint64_t ticks = ((uint64_t)number[COUNT] + beds - 1) / beds;

    return (struct load){.plan = {.root = "vigil/v1",
                                  .beds = beds,
                                  .events = events < beds ? events : beds,
                                  .first_ward = (unsigned)number[FIRST_WARD],
                                  .ticks = ticks,
                                  .seed = (uint64_t)number[SEED]},
                         .port = (unsigned)number[PORT],
                         .count = ticks * beds, /* whole ticks only */
                         .rate = number[RATE],
                         .window = (uint64_t)number[WINDOW],
                         .wait = number[WAIT],
                         .ago = number[AGO],
                         .unsaved = (uint64_t)number[UNSAVED],
                         .marks = number[MARKS] > 0};
}

int main(int argc, char **argv)
{
    double number[NUMBERS] = {[BEDS] = 1000,  [COUNT] = 60000, [EVENTS] = 400,
                              [WINDOW] = 500, [WAIT] = 10,     [SEED] = 1};
    char epoch[24];
    char client[40];

    read_numbers(number, argc, argv);
    struct load load = load_of(number);

    load.plan.start_ms = start_of(&load);
    (void)snprintf(epoch, sizeof epoch, "%llx", (unsigned long long)load.plan.start_ms);
    load.plan.epoch = epoch;
    ask_oracle(&load);
    make_packets(&load);
    (void)snprintf(client, sizeof client, "load-back-%d", (int)getpid());
    vg_raw_open(&load.back, load.port, client);
    vg_raw_subscribe(&load.back, "vigil/v1/wards/+/events");
    vg_raw_subscribe(&load.back, "vigil/v1/gateways/+/committed");
    (void)snprintf(client, sizeof client, "load-out-%d", (int)getpid());
    vg_raw_open(&load.out, load.port, client);
    run(&load);
    report(&load);
    vg_raw_close(&load.out);
    vg_raw_close(&load.back);
    free(load.bytes);
    free(load.offset);
    free(load.ear.bed);
    free(load.ear.committed);
    return load.acked == load.count ? 0 : 1;
}
