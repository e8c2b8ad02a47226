/* SPDX-License-Identifier: Apache-2.0
 *
 * What a vital-sign message costs: decode and engine, without broker and disk. N patients of
 * one protocol, one message of seven readings a second each, for some hours of their time.
 *
 *   cost PROTOCOL.yaml [PATIENTS [HOURS]]
 *
 * Prints microseconds of CPU a message, for the whole run and for its last tenth, how many
 * of them it takes to write the message here, and the memory that is in use.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "vigil/engine.h"
#include "vigil/wire.h"

#include "shell/protocol_file.h"

#define T0 INT64_C(1768032000000)

static double cpu(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static uint64_t seed = 88172645463325252U;

static int dice(int sides)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (int)(seed % (uint64_t)sides);
}

/* Without an engine it only costs what it costs to write the message. */
static void feed(struct vg_engine *engine, struct vg_decoder *decoder,
                 struct vg_effects *effects, const char *topic, const char *payload,
                 struct vg_instant at)
{
    const struct vg_letter letter = {topic, strlen(topic), payload, strlen(payload),
                                     false};
    struct vg_decoded decoded;
    struct vg_event event = {.kind = VG_EVENT_MESSAGE, .at = at};

    if (engine == NULL) {
        return;
    }
    vg_decode(decoder, &letter, &decoded);
    if (decoded.kind == VG_DECODED_EPISODE) {
        event.kind = VG_EVENT_EPISODE;
        event.admission = &decoded.admission;
    } else {
        event.message = &decoded.message;
    }
    if (vg_engine_step(engine, &event, effects) != VG_OK) {
        (void)fprintf(stderr, "no memory\n");
        exit(1);
    }
}

static void admit(struct vg_engine *engine, struct vg_decoder *decoder,
                  struct vg_effects *effects, int patients, const char *protocol)
{
    char topic[96];
    char payload[512];

    for (int i = 0; i < patients; i++) {
        (void)snprintf(topic, sizeof topic, "vigil/v1/beds/w/%d/episode", i);
        (void)snprintf(
            payload, sizeof payload,
            "{\"ts\":%lld,\"by\":\"adt\",\"do\":\"admit\",\"patient\":\"p%d\","
            "\"protocol\":\"%s\",\"product\":\"car_t\",\"age\":55}",
            (long long)T0 - 60000, i, protocol);
        feed(engine, decoder, effects, topic, payload, (struct vg_instant){T0 - 60000});
        (void)snprintf(topic, sizeof topic, "vigil/v1/beds/w/%d/therapy", i);
        (void)snprintf(payload, sizeof payload,
                       "{\"gateway\":\"g\",\"ts\":%lld,\"obs\":[{\"code\":\"infusion\","
                       "\"value\":\"start\"}]}",
                       (long long)T0);
        feed(engine, decoder, effects, topic, payload, (struct vg_instant){T0});
    }
}

static void second(struct vg_engine *engine, struct vg_decoder *decoder,
                   struct vg_effects *effects, int patients, long n)
{
    char topic[96];
    char payload[640];
    const long long at = T0 + n * 1000;

    for (int i = 0; i < patients; i++) {
        (void)snprintf(topic, sizeof topic, "vigil/v1/beds/w/%d/vitals", i);
        (void)snprintf(
            payload, sizeof payload,
            "{\"gateway\":\"g\",\"ts\":%lld,\"patient\":\"p%d\",\"device\":\"m%d\",\"obs\":["
            "{\"code\":\"temp\",\"value\":36.%d,\"unit\":\"Cel\"},"
            "{\"code\":\"hr\",\"value\":%d,\"unit\":\"/min\"},"
            "{\"code\":\"rr\",\"value\":%d,\"unit\":\"/min\"},"
            "{\"code\":\"spo2\",\"value\":%d,\"unit\":\"%%\"},"
            "{\"code\":\"sbp\",\"value\":%d,\"unit\":\"mm[Hg]\"},"
            "{\"code\":\"dbp\",\"value\":%d,\"unit\":\"mm[Hg]\"},"
            "{\"code\":\"map\",\"value\":%d,\"unit\":\"mm[Hg]\"}]}",
            at, i, i, 6 + dice(4), 85 + dice(10), 15 + dice(5), 94 + dice(5),
            115 + dice(12), 70 + dice(6), 86 + dice(6));
        feed(engine, decoder, effects, topic, payload, (struct vg_instant){at});
    }
}

/* Microseconds that a message takes before it is fed. */
static double writing(int patients, long seconds)
{
    const long enough = seconds < 60 ? seconds : 60;
    const uint64_t kept = seed;
    const double begin = cpu();

    for (long n = 1; n <= enough; n++) {
        second(NULL, NULL, NULL, patients, n);
    }
    seed = kept;
    return (cpu() - begin) / ((double)patients * (double)enough);
}

int main(int argc, char **argv)
{
    struct vg_protocol_file file;
    struct vg_error error;
    const int patients = argc > 2 ? atoi(argv[2]) : 1000;
    const long seconds = (long)((argc > 3 ? atof(argv[3]) : 1.0) * 3600);

    if (argc < 2) {
        (void)fprintf(stderr, "usage: cost PROTOCOL.yaml [PATIENTS [HOURS]]\n");
        return 2;
    }
    if (vg_protocol_file_load(argv[1], &file, &error) != VG_OK) {
        (void)fprintf(stderr, "%s: %s\n", argv[1], error.text);
        return 2;
    }
    const struct vg_protocol *const only[] = {file.protocol};
    const struct vg_rulebook book = {.protocol_count = 1, .protocol = only};
    struct vg_engine *engine = vg_engine_create(&book);
    struct vg_decoder *decoder = vg_decoder_create("vigil/v1");
    struct vg_effects effects = {0};
    admit(engine, decoder, &effects, patients, file.protocol->name);
    const double aside = writing(patients, seconds);
    const size_t before = mallinfo2().uordblks;
    const double begin = cpu();
    double last = begin;
    for (long n = 1; n <= seconds; n++) {
        last = n == seconds - seconds / 10 ? cpu() : last;
        second(engine, decoder, &effects, patients, n);
    }
    const double end = cpu();
    (void)printf(
        "%d patients, %ld s: %.2f us a message, %.2f in the last tenth, %.2f of it to write it; "
        "%.1f MB in use (%.1f MB at the start)\n",
        patients, seconds, (end - begin) / ((double)patients * (double)seconds),
        (end - last) / ((double)patients * (double)(seconds / 10)), aside,
        (double)mallinfo2().uordblks / 1e6, (double)before / 1e6);
    vg_effects_finish(&effects);
    vg_decoder_destroy(decoder);
    vg_engine_destroy(engine);
    vg_protocol_file_finish(&file);
    return 0;
}
