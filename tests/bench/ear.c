/* SPDX-License-Identifier: Apache-2.0 */
#include "ear.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

static const char *text_of(const cJSON *json, const char *name)
{
    const char *text =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, name));

    return text == NULL ? "" : text;
}

/* The bed's place in the plan, or the number of beds if it is none of ours. */
static unsigned bed_of(const struct vg_bench_plan *plan, const char *text)
{
    unsigned bed = 0;

    const unsigned first = plan->first_ward * VG_BENCH_WARD_BEDS;

    if (sscanf(text, "b%5u", &bed) != 1 || bed < first || bed - first > plan->beds) {
        return plan->beds;
    }
    return bed - first;
}

static bool has_onset(const struct vg_bench_ear *ear, uint64_t message,
                      const char *onset)
{
    char ts[VG_BENCH_TIME];

    vg_bench_time(ear->plan, message / ear->plan->beds, ts);
    return strcmp(ts, onset) == 0;
}

static void hear_alert(struct vg_bench_ear *ear, const cJSON *json, uint64_t now_ns)
{
    if (strcmp(text_of(json, "event"), "raised") != 0 ||
        strcmp(text_of(json, "rule"), "BENCH") != 0) {
        return;
    }
    const unsigned bed = bed_of(ear->plan, text_of(json, "bed"));

    if (bed == ear->plan->beds || ear->bed[bed].sent_ns == 0) {
        ear->wrong++;
        return;
    }
    struct vg_bench_expected *expected = &ear->bed[bed];

    const char *id = text_of(json, "id");
    const cJSON *number = cJSON_GetObjectItemCaseSensitive(json, "rev");
    const double rev = cJSON_IsNumber(number) ? number->valuedouble : 0;

    if (expected->heard_ns != 0) {
        const bool same =
            id[0] != '\0' && strcmp(id, expected->id) == 0 && rev <= expected->rev;
        *(same ? &ear->again : &ear->repeated) += 1;
        return;
    }
    (void)snprintf(expected->id, sizeof expected->id, "%s", id);
    expected->rev = rev;
    expected->heard_ns = now_ns;
    ear->last_alert_ns = now_ns;
    ear->heard++;
    ear->exact += has_onset(ear, expected->message, text_of(json, "onset"));
}

/* Numbers up to `upto` that the mark names as missing. */
static uint64_t holes(const cJSON *missing, double upto)
{
    double sum = 0;
    const cJSON *range = NULL;

    cJSON_ArrayForEach(range, missing)
    {
        const double first = cJSON_GetNumberValue(cJSON_GetArrayItem(range, 0));
        const double last = cJSON_GetNumberValue(cJSON_GetArrayItem(range, 1));

        sum += last <= upto ? last - first + 1 : 0;
    }
    return (uint64_t)sum;
}

static void hear_mark(struct vg_bench_ear *ear, const char *topic, const cJSON *json,
                      uint64_t now_ns)
{
    const unsigned gateways =
        (ear->plan->beds + VG_BENCH_WARD_BEDS - 1) / VG_BENCH_WARD_BEDS;
    const char *name = strstr(topic, "/gateways/gw-");
    const cJSON *upto = cJSON_GetObjectItemCaseSensitive(json, "upto");
    unsigned gateway = 0;

    if (name == NULL || sscanf(name, "/gateways/gw-%3u/", &gateway) != 1 ||
        gateway < ear->plan->first_ward ||
        gateway - ear->plan->first_ward >= gateways || !cJSON_IsNumber(upto) ||
        strcmp(text_of(json, "epoch"), ear->plan->epoch) != 0) {
        return;
    }
    const uint64_t value =
        (uint64_t)upto->valuedouble -
        holes(cJSON_GetObjectItemCaseSensitive(json, "missing"), upto->valuedouble);

    gateway -= ear->plan->first_ward;
    ear->committed_sum += value - ear->committed[gateway];
    ear->committed[gateway] = value;
    ear->last_mark_ns = now_ns;
}

static bool ends_with(const char *text, const char *end)
{
    const size_t length = strlen(text);

    return length >= strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

void vg_bench_hear(struct vg_bench_ear *ear, const struct vg_raw_packet *packet,
                   uint64_t now_ns)
{
    char topic[256] = "";

    if (packet->type != VG_RAW_PUBLISH || packet->topic_length >= sizeof topic) {
        return;
    }
    memcpy(topic, packet->topic, packet->topic_length);
    cJSON *json = cJSON_ParseWithLength((const char *)packet->body, packet->length);

    if (ends_with(topic, "/events")) {
        hear_alert(ear, json, now_ns);
    } else if (ends_with(topic, "/committed")) {
        hear_mark(ear, topic, json, now_ns);
    }
    cJSON_Delete(json);
}

static int compare(const void *left, const void *right)
{
    const double a = *(const double *)left;
    const double b = *(const double *)right;

    return (a > b) - (a < b);
}

size_t vg_bench_latencies(const struct vg_bench_ear *ear, double *out)
{
    size_t count = 0;

    for (unsigned bed = 0; bed < ear->plan->beds; bed++) {
        const struct vg_bench_expected *expected = &ear->bed[bed];

        if (expected->heard_ns != 0) {
            out[count++] = (double)(expected->heard_ns - expected->sent_ns) / 1e6;
        }
    }
    qsort(out, count, sizeof *out, compare);
    return count;
}
