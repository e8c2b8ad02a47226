/* SPDX-License-Identifier: Apache-2.0
 *
 * Columns as a table of names and places, for the table and for JSON alike.
 */
#include "cli/sim_report.h"

#include <string.h>

#include "cli/gateway_inside.h"

enum { PUBLISHED, RECOVERED, CONFIRMED, WAITING, RESENT, REFUSED, RESTARTS, FAULTS };
#define COLUMNS (FAULTS + 4)

static const char *const names[COLUMNS] = {
    "published", "recovered", "confirmed",  "waiting",   "resent", "refused",
    "restarts",  "dropped",   "duplicated", "reordered", "delayed"};

static void row_of(const struct vg_gateway *gateway, uint64_t out[COLUMNS])
{
    struct vg_gateway_counts counts = vg_gateway_counts(gateway);
    struct vg_sim_wire_counts faults = vg_gateway_faults(gateway);
    const uint64_t row[COLUMNS] = {
        counts.published,  counts.recovered, counts.confirmed, counts.waiting,
        counts.resent,     counts.refused,   counts.restarts,  faults.dropped,
        faults.duplicated, faults.reordered, faults.delayed};
    memcpy(out, row, sizeof row);
}

struct vg_gateway_counts vg_sim_sum(struct vg_gateway *const *gateway, size_t count)
{
    struct vg_gateway_counts all = {0};
    for (size_t i = 0; i < count; i++) {
        struct vg_gateway_counts one = vg_gateway_counts(gateway[i]);
        all.published += one.published;
        all.recovered += one.recovered;
        all.confirmed += one.confirmed;
        all.resent += one.resent;
        all.refused += one.refused;
        all.restarts += one.restarts;
        all.waiting += one.waiting;
    }
    return all;
}

static const char *last_refusal(struct vg_gateway *const *gateway, size_t count)
{
    const char *last = "";
    for (size_t i = 0; i < count; i++) {
        const char *refusal = vg_gateway_refusal(gateway[i]);
        last = refusal[0] != '\0' ? refusal : last;
    }
    return last;
}

void vg_sim_progress(struct vg_gateway *const *gateway, size_t count, bool terminal)
{
    struct vg_gateway_counts all = vg_sim_sum(gateway, count);
    const char *refusal = last_refusal(gateway, count);
    uint64_t sent = all.published + all.recovered;
    (void)fprintf(stderr,
                  "%ssent %llu confirmed %llu waiting %zu re-sent %llu refused "
                  "%llu%s%.100s%s",
                  terminal ? "\r" : "", (unsigned long long)sent,
                  (unsigned long long)all.confirmed, all.waiting,
                  (unsigned long long)all.resent, (unsigned long long)all.refused,
                  refusal[0] != '\0' ? ", last: " : "", refusal,
                  terminal ? "\033[K" : "\n");
}

static void print_json_row(const uint64_t row[COLUMNS])
{
    for (size_t i = 0; i < COLUMNS; i++) {
        (void)printf("%s\"%s\":%llu", i > 0 ? "," : "", names[i],
                     (unsigned long long)row[i]);
    }
}

static void print_row(const char *first, const char *second,
                      const uint64_t row[COLUMNS])
{
    (void)printf("%-9s %-10s", first, second);
    for (size_t i = 0; i < COLUMNS; i++) {
        (void)printf(" %10llu", (unsigned long long)row[i]);
    }
    (void)printf("\n");
}

static void print_table(struct vg_gateway *const *gateway, size_t count,
                        const uint64_t total[COLUMNS])
{
    (void)printf("%-9s %-10s", "gateway", "epoch");
    for (size_t i = 0; i < COLUMNS; i++) {
        (void)printf(" %10s", names[i]);
    }
    (void)printf("\n");
    for (size_t i = 0; i < count; i++) {
        uint64_t row[COLUMNS];
        row_of(gateway[i], row);
        print_row(gateway[i]->sender.id, gateway[i]->sender.epoch, row);
    }
    print_row("all", "", total);
    (void)printf("published %llu confirmed %llu resent %llu refused %llu\n",
                 (unsigned long long)total[PUBLISHED],
                 (unsigned long long)total[CONFIRMED],
                 (unsigned long long)total[RESENT], (unsigned long long)total[REFUSED]);
}

static void print_json(struct vg_gateway *const *gateway, size_t count,
                       const uint64_t total[COLUMNS])
{
    (void)printf("{");
    print_json_row(total);
    (void)printf(",\"gateways\":[");
    for (size_t i = 0; i < count; i++) {
        uint64_t row[COLUMNS];
        row_of(gateway[i], row);
        (void)printf("%s{\"gateway\":\"%s\",\"epoch\":\"%s\",", i > 0 ? "," : "",
                     gateway[i]->sender.id, gateway[i]->sender.epoch);
        print_json_row(row);
        (void)printf("}");
    }
    (void)printf("]}\n");
}

void vg_sim_report(struct vg_gateway *const *gateway, size_t count, bool json)
{
    uint64_t total[COLUMNS] = {0};
    for (size_t i = 0; i < count; i++) {
        uint64_t row[COLUMNS];
        row_of(gateway[i], row);
        for (size_t j = 0; j < COLUMNS; j++) {
            total[j] += row[j];
        }
    }
    (json ? print_json : print_table)(gateway, count, total);
}
