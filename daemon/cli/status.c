/* SPDX-License-Identifier: Apache-2.0
 *
 * vigil status: is the daemon running, what is stored, what is open.
 */
#include <string.h>

#include "cli/query.h"

static const char usage[] =
    "usage: vigil status [-c FILE] [--set KEY=VALUE]... [--json]\n"
    "\n"
    "Reads the store, beside a running daemon or without one. Exit 0: the daemon runs;\n"
    "1: it does not; 3: there is no store.\n";

static void print_json(const struct vg_store_counts *counts, bool alive)
{
    struct vg_buffer b = {0};
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {
        {"messages", counts->messages},     {"readings", counts->readings},
        {"admissions", counts->admissions}, {"quarantined", counts->quarantined},
        {"alerts", counts->alerts},         {"open_alerts", counts->open_alerts},
        {"unsent", counts->unsent}};

    vg_put_raw(&b, alive ? "{\"daemon\":\"running\"" : "{\"daemon\":\"stopped\"");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        vg_put_raw(&b, ",");
        vg_put_string(&b, rows[i].name);
        vg_put_raw(&b, ":");
        vg_put_int(&b, (int64_t)rows[i].value);
    }
    vg_put_raw(&b, ",\"newest\":");
    vg_put_time(&b, counts->newest);
    vg_put_raw(&b, "}");
    (void)puts(b.bytes);
    vg_buffer_finish(&b);
}

static void print_table(const struct vg_store_counts *counts, bool alive,
                        const char *path)
{
    char newest[VG_TIME_TEXT] = "never";

    if (vg_is_set(counts->newest)) {
        vg_time_format(counts->newest, newest);
    }
    (void)printf("daemon       %s\n", alive ? "running" : "NOT RUNNING");
    (void)printf("store        %s\n", path);
    (void)printf("last message %s\n", newest);
    (void)printf("messages     %llu\nreadings     %llu\nadmissions   %llu\n",
                 (unsigned long long)counts->messages,
                 (unsigned long long)counts->readings,
                 (unsigned long long)counts->admissions);
    (void)printf("alerts       %llu, %llu open, %llu changes not delivered yet\n",
                 (unsigned long long)counts->alerts,
                 (unsigned long long)counts->open_alerts,
                 (unsigned long long)counts->unsent);
    (void)printf("quarantined  %llu\n", (unsigned long long)counts->quarantined);
    for (int i = 0; i < VG_REASON_COUNT; i++) {
        if (counts->reason[i] > 0) {
            (void)printf("  %-14s %llu\n", vg_reason_text((enum vg_reason)i),
                         (unsigned long long)counts->reason[i]);
        }
    }
}

int vg_cli_status(int argc, char **argv)
{
    static struct vg_query_options options; /* large, and there is one */
    struct vg_store_counts counts;
    struct vg_error error = {""};

    vg_settings_default(&options.settings);
    for (int i = 1; i < argc; i++) {
        int done = 0;
        if (!vg_query_word(&options, usage, argc, argv, &i, &done)) {
            (void)fputs(usage, stderr);
            return VG_EXIT_USAGE;
        }
        if (done != 0) {
            return done < 0 ? VG_EXIT_DONE : done;
        }
    }
    struct vg_reader *reader = vg_query_open(&options, "status");
    if (reader == NULL) {
        return VG_EXIT_CANNOT;
    }
    const enum vg_status status = vg_store_counts(reader, &counts, &error);
    vg_store_read_close(reader);
    if (status != VG_OK) {
        (void)fprintf(stderr, "vigil status: %s\n", error.text);
        return VG_EXIT_CANNOT;
    }
    const bool alive = vg_query_daemon_alive(options.settings.store_path);
    if (options.json) {
        print_json(&counts, alive);
    } else {
        print_table(&counts, alive, options.settings.store_path);
    }
    return alive ? VG_EXIT_DONE : VG_EXIT_NO;
}
