/* SPDX-License-Identifier: Apache-2.0
 *
 * What a vital-sign message costs: decode and engine, without broker and disk. N patients of
 * one protocol, one message of seven readings a second each.
 *
 *   cost PROTOCOL.yaml [PATIENTS [HOURS [FILL [JITTER]]]]
 *
 * FILL hours come first, without being measured and past the decoder: windows of a day cost what they
 * cost only once they hold a day. JITTER: readings are measured up to so many ms after the second, as
 * by monitors whose clocks drift.
 *
 * Prints microseconds of CPU and instructions a message of the measured HOURS, each without what it takes to
 * write the message here; how often memory was asked for in them; and the memory that is in use.
 */
#include <linux/perf_event.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "vigil/engine.h"
#include "vigil/wire.h"

#include "shell/protocol_file.h"

#define T0 INT64_C(1768032000000)

/* ---- Meters */

static long asked_for; /* memory, so often */

/* glibc's own, by the names that it exports for those who count. */
extern void *__libc_malloc(size_t size);               /* NOLINT: not ours to name */
extern void *__libc_calloc(size_t count, size_t size); /* NOLINT */
extern void *__libc_realloc(void *old, size_t size);   /* NOLINT */

void *malloc(size_t size)
{
    asked_for++;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    asked_for++;
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    asked_for++;
    return __libc_realloc(old, size);
}

struct meter {
    double us;
    long long instructions; /* -1: this machine does not let us count */
    long asked_for;
};

/* -1: not allowed here. */
static int counter(void)
{
    struct perf_event_attr what = {.type = PERF_TYPE_HARDWARE,
                                   .size = sizeof what,
                                   .config = PERF_COUNT_HW_INSTRUCTIONS,
                                   .exclude_kernel = 1,
                                   .exclude_hv = 1};

    return (int)syscall(SYS_perf_event_open, &what, 0, -1, -1, 0UL);
}

static struct meter now(int perf)
{
    struct timespec cpu;
    struct meter meter = {0, -1, asked_for};
    long long count = 0;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    meter.us = (double)cpu.tv_sec * 1e6 + (double)cpu.tv_nsec / 1e3;
    if (perf >= 0 && read(perf, &count, sizeof count) == (ssize_t)sizeof count) {
        meter.instructions = count;
    }
    return meter;
}

/* ---- The ward */

static uint64_t seed = 88172645463325252U;

static int dice(int sides)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (int)(seed % (uint64_t)sides);
}

struct ward {
    struct vg_engine *engine;
    struct vg_decoder *decoder;
    struct vg_effects effects;
    int patients, jitter;
    struct vg_message *message; /* of each patient, to be fed past the decoder */
    struct vg_reading reading[7];
};

static void step(struct ward *ward, const struct vg_event *event)
{
    if (vg_engine_step(ward->engine, event, &ward->effects) != VG_OK) {
        (void)fprintf(stderr, "no memory\n");
        exit(1);
    }
}

static void feed(struct ward *ward, const char *topic, const char *payload,
                 struct vg_instant at, struct vg_decoded *decoded)
{
    const struct vg_letter letter = {topic, strlen(topic), payload, strlen(payload),
                                     false};
    struct vg_event event = {.kind = VG_EVENT_MESSAGE, .at = at};

    vg_decode(ward->decoder, &letter, decoded);
    if (decoded->kind == VG_DECODED_EPISODE) {
        event.kind = VG_EVENT_EPISODE;
        event.admission = &decoded->admission;
    } else {
        event.message = &decoded->message;
    }
    step(ward, &event);
}

static void admit(struct ward *ward, const char *protocol)
{
    char topic[96];
    char payload[512];
    struct vg_decoded decoded;

    for (int i = 0; i < ward->patients; i++) {
        (void)snprintf(topic, sizeof topic, "vigil/v1/beds/w/%d/episode", i);
        (void)snprintf(
            payload, sizeof payload,
            "{\"ts\":%lld,\"by\":\"adt\",\"do\":\"admit\",\"patient\":\"p%d\","
            "\"protocol\":\"%s\",\"product\":\"car_t\",\"age\":55}",
            (long long)T0 - 60000, i, protocol);
        feed(ward, topic, payload, (struct vg_instant){T0 - 60000}, &decoded);
        (void)snprintf(topic, sizeof topic, "vigil/v1/beds/w/%d/therapy", i);
        (void)snprintf(payload, sizeof payload,
                       "{\"gateway\":\"g\",\"ts\":%lld,\"obs\":[{\"code\":\"infusion\","
                       "\"value\":\"start\"}]}",
                       (long long)T0);
        feed(ward, topic, payload, (struct vg_instant){T0}, &decoded);
    }
}

/* Around 36.8 Cel, 90 and 17 /min, 96 %, 120/72 (87) mm[Hg]. */
static const struct {
    int least, sides;
} values[7] = {{366, 4}, {85, 10}, {15, 5}, {94, 5}, {115, 12}, {70, 6}, {86, 6}};

static struct vg_instant measured_at(const struct ward *ward, long n)
{
    return (struct vg_instant){T0 + n * 1000 +
                               (ward->jitter > 0 ? dice(ward->jitter) : 0)};
}

/* What is written is fed unless it is only to be written. */
static void second(struct ward *ward, long n, bool only_write)
{
    char topic[96];
    char payload[640];
    int v[7];
    struct vg_decoded decoded;

    for (int i = 0; i < ward->patients; i++) {
        const struct vg_instant at = measured_at(ward, n);
        for (int k = 0; k < 7; k++) {
            v[k] = values[k].least + dice(values[k].sides);
        }
        (void)snprintf(topic, sizeof topic, "vigil/v1/beds/w/%d/vitals", i);
        (void)snprintf(
            payload, sizeof payload,
            "{\"gateway\":\"g\",\"ts\":%lld,\"patient\":\"p%d\",\"device\":\"m%d\",\"obs\":["
            "{\"code\":\"temp\",\"value\":%d.%d,\"unit\":\"Cel\"},"
            "{\"code\":\"hr\",\"value\":%d,\"unit\":\"/min\"},"
            "{\"code\":\"rr\",\"value\":%d,\"unit\":\"/min\"},"
            "{\"code\":\"spo2\",\"value\":%d,\"unit\":\"%%\"},"
            "{\"code\":\"sbp\",\"value\":%d,\"unit\":\"mm[Hg]\"},"
            "{\"code\":\"dbp\",\"value\":%d,\"unit\":\"mm[Hg]\"},"
            "{\"code\":\"map\",\"value\":%d,\"unit\":\"mm[Hg]\"}]}",
            (long long)at.ms, i, i, v[0] / 10, v[0] % 10, v[1], v[2], v[3], v[4], v[5],
            v[6]);
        if (!only_write) {
            feed(ward, topic, payload,
                 (struct vg_instant){T0 + n * 1000 + ward->jitter}, &decoded);
        }
    }
}

/* ---- Past the decoder */

/* The first second by the decoder: what it makes of the messages is kept. */
static bool keep(struct ward *ward)
{
    char topic[96];
    char payload[640];
    struct vg_decoded decoded;

    ward->message = calloc((size_t)ward->patients, sizeof *ward->message);
    for (int i = 0; ward->message != NULL && i < ward->patients; i++) {
        (void)snprintf(topic, sizeof topic, "vigil/v1/beds/w/%d/vitals", i);
        (void)snprintf(
            payload, sizeof payload,
            "{\"gateway\":\"g\",\"ts\":%lld,\"patient\":\"p%d\",\"device\":\"m%d\",\"obs\":["
            "{\"code\":\"temp\",\"value\":36.8,\"unit\":\"Cel\"},"
            "{\"code\":\"hr\",\"value\":90,\"unit\":\"/min\"},"
            "{\"code\":\"rr\",\"value\":17,\"unit\":\"/min\"},"
            "{\"code\":\"spo2\",\"value\":96,\"unit\":\"%%\"},"
            "{\"code\":\"sbp\",\"value\":120,\"unit\":\"mm[Hg]\"},"
            "{\"code\":\"dbp\",\"value\":72,\"unit\":\"mm[Hg]\"},"
            "{\"code\":\"map\",\"value\":87,\"unit\":\"mm[Hg]\"}]}",
            (long long)T0 + 500, i, i);
        feed(ward, topic, payload, (struct vg_instant){T0 + 500}, &decoded);
        ward->message[i] = decoded.message;
        memcpy(ward->reading, decoded.message.readings, sizeof ward->reading);
    }
    return ward->message != NULL;
}

static void fill(struct ward *ward, long n)
{
    for (int i = 0; i < ward->patients; i++) {
        struct vg_message *message = &ward->message[i];
        struct vg_event event = {.kind = VG_EVENT_MESSAGE,
                                 .at = {T0 + n * 1000 + ward->jitter},
                                 .message = message};
        message->measured = measured_at(ward, n);
        message->readings = ward->reading;
        for (int k = 0; k < 7; k++) {
            ward->reading[k].measured = message->measured;
            ward->reading[k].value = values[k].least + dice(values[k].sides);
        }
        step(ward, &event);
    }
}

/* ---- The whole */

static void measure(struct ward *ward, long from, long seconds, int perf)
{
    const double count = (double)ward->patients * (double)seconds;
    const long enough = seconds < 60 ? seconds : 60;
    const double few = (double)ward->patients * (double)enough;
    const struct meter begin = now(perf);

    for (long n = 1; n <= seconds; n++) {
        second(ward, from + n, false);
    }
    const struct meter end = now(perf);
    for (long n = 1; n <= enough; n++) {
        second(ward, n, true);
    }
    const struct meter written = now(perf);
    (void)printf("%.2f us and ",
                 (end.us - begin.us) / count - (written.us - end.us) / few);
    (void)printf("%.0f instructions a message",
                 end.instructions < 0
                     ? -1.0
                     : (double)(end.instructions - begin.instructions) / count -
                           (double)(written.instructions - end.instructions) / few);
    (void)printf(", memory asked for %ld times", end.asked_for - begin.asked_for);
}

static int run(struct ward *ward, const char *protocol, long filled, long seconds)
{
    const int perf = counter();

    admit(ward, protocol);
    if (!keep(ward)) {
        return 1;
    }
    const size_t start = mallinfo2().uordblks;
    for (long n = 1; n <= filled; n++) {
        fill(ward, n);
    }
    (void)printf("%d patients, %ld s after %ld s: ", ward->patients, seconds, filled);
    measure(ward, filled, seconds, perf);
    const struct mallinfo2 memory = mallinfo2();
    (void)printf("; %.1f MB in use (%.1f MB at the start)\n",
                 (double)(memory.uordblks + memory.hblkhd) / 1e6, (double)start / 1e6);
    return 0;
}

int main(int argc, char **argv)
{
    struct vg_protocol_file file;
    struct vg_error error;
    struct ward ward = {.patients = argc > 2 ? atoi(argv[2]) : 1000,
                        .jitter = argc > 5 ? atoi(argv[5]) : 0};
    const long seconds = (long)((argc > 3 ? atof(argv[3]) : 1.0) * 3600);
    const long filled = (long)((argc > 4 ? atof(argv[4]) : 0.0) * 3600);

    if (argc < 2) {
        (void)fprintf(stderr,
                      "usage: cost PROTOCOL.yaml [PATIENTS [HOURS [FILL [JITTER]]]]\n");
        return 2;
    }
    if (vg_protocol_file_load(argv[1], &file, &error) != VG_OK) {
        (void)fprintf(stderr, "%s: %s\n", argv[1], error.text);
        return 2;
    }
    const struct vg_protocol *const only[] = {file.protocol};
    const struct vg_rulebook book = {.protocol_count = 1, .protocol = only};
    ward.engine = vg_engine_create(&book);
    ward.decoder = vg_decoder_create("vigil/v1");
    const int status = run(&ward, file.protocol->name, filled, seconds);
    free(ward.message);
    vg_effects_finish(&ward.effects);
    vg_decoder_destroy(ward.decoder);
    vg_engine_destroy(ward.engine);
    vg_protocol_file_finish(&file);
    return status;
}
