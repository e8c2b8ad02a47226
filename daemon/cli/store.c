/* SPDX-License-Identifier: Apache-2.0
 *
 * vigil store: what is in it, whether all of it can be read back, and making it smaller.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/progress.h"
#include "cli/query.h"
#include "shell/store_backup.h"
#include "shell/store_file.h"

static const char usage[] =
    "usage: vigil store stats|check [-c FILE] [--set KEY=VALUE]... [--json]\n"
    "       vigil store compact [-c FILE] [--set KEY=VALUE]... [--hot 26h] [--json]\n"
    "\n"
    "stats    what is stored, and how much room it takes\n"
    "check    reads all of it: pages, checksums, counts, chains, the audit trail, and alerts\n"
    "         and pages by it. An edit with another tool of what has neither a checksum nor a\n"
    "         row of the trail is not found: how far a ladder is, places, words, marks\n"
    "compact  seals what is older than --hot and gives unused room back; the daemon must\n"
    "         be stopped (while it runs it seals by itself, and uses the room again)\n"
    "\n"
    "Exit 0: done, nothing wrong; 1: faults were found; 2: wrong use; 3: could not.\n";

struct store {
    struct vg_query_options options;
    vg_ms hot;
    size_t faults;
    struct vg_buffer b;
    struct vg_progress progress;
};

/* ---- stats */

static void stats_json(const struct vg_store_stats *stats)
{
    struct vg_buffer b = {0};

    vg_put_raw(&b, "{");
    for (int i = 0; i < VG_STAT_COUNT; i++) {
        vg_put_string(&b, vg_stat_text((enum vg_stat)i));
        vg_put_raw(&b, ":");
        vg_put_int(&b, stats->number[i]);
        vg_put_raw(&b, ",");
    }
    vg_put_raw(&b, "\"oldest\":");
    vg_put_time(&b, stats->oldest);
    vg_put_raw(&b, ",\"newest\":");
    vg_put_time(&b, stats->newest);
    vg_put_raw(&b, "}");
    (void)puts(b.failed ? "" : b.bytes);
    vg_buffer_finish(&b);
}

static void stats_text(const struct vg_store_stats *stats)
{
    const int64_t *n = stats->number;
    const double sealed = (double)n[VG_STAT_SEALED_READINGS];

    for (int i = 0; i < VG_STAT_COUNT; i++) {
        (void)printf("%-16s %lld\n", vg_stat_text((enum vg_stat)i), (long long)n[i]);
    }
    if (sealed > 0) {
        (void)printf("a sealed reading takes %.2f bytes\n",
                     (double)n[VG_STAT_SEALED_BYTES] / sealed);
    }
}

static int show_stats(struct store *s, struct vg_reader *reader)
{
    struct vg_store_stats stats;
    struct vg_error error = {""};

    if (vg_store_stats(reader, &stats, &error) != VG_OK) {
        (void)fprintf(stderr, "vigil store: %s\n", error.text);
        return VG_EXIT_CANNOT;
    }
    if (s->options.json) {
        stats_json(&stats);
    } else {
        stats_text(&stats);
    }
    return VG_EXIT_DONE;
}

/* ---- check */

static bool on_fault(void *to, const char *sentence)
{
    struct store *s = to;

    s->faults++;
    if (s->options.json) {
        vg_put_raw(&s->b, s->faults > 1 ? "," : "");
        vg_put_string(&s->b, sentence);
    } else {
        (void)printf("FAULT: %s\n", sentence);
    }
    return s->faults < 100;
}

static void on_progress(void *to, int64_t done, int64_t all)
{
    vg_progress_show(&((struct store *)to)->progress, done, all);
}

static enum vg_status look(struct store *s, const char *path, struct vg_error *error)
{
    struct vg_check check = {on_fault, on_progress, s, 0};
    struct vg_reader *reader = NULL;
    enum vg_status status = vg_store_read_open(path, &reader, error);

    if (status == VG_OK) {
        vg_store_read_within(reader, VG_DAY);
        s->progress = vg_progress_begin("checking");
        status = vg_store_check(reader, &check, error);
        vg_progress_end(&s->progress);
        vg_store_read_close(reader);
    }
    return status;
}

static int check(struct store *s)
{
    const char *path = s->options.settings.store_path;
    struct vg_error error = {""};
    const enum vg_status status = look(s, path, &error);

    if (status == VG_FAILED && vg_file_unsound(path)) {
        (void)on_fault(s, error.text); /* it ends there: that, too, is a fault found */
    } else if (status != VG_OK) {
        (void)fprintf(stderr, "vigil store: %s\n",
                      status == VG_NO_MEMORY ? "out of memory" : error.text);
        vg_query_say_whose(&s->options, "store");
        return VG_EXIT_CANNOT;
    }
    if (s->options.json) {
        (void)printf("{\"whole\":%s,\"faults\":[%s]}\n",
                     s->faults == 0 ? "true" : "false",
                     s->b.length > 0 ? s->b.bytes : "");
    } else if (s->faults == 0) {
        (void)puts("whole: all of it can be read back");
    }
    vg_buffer_finish(&s->b);
    return s->faults == 0 ? VG_EXIT_DONE : VG_EXIT_NO;
}

/* ---- compact */

static int compact(struct store *s)
{
    const char *path = s->options.settings.store_path;
    struct vg_error error = {""};
    struct vg_sealing sealed = {0};
    enum vg_status status = VG_ABSENT;

    if (access(path, F_OK) != 0) {
        (void)fprintf(stderr, "vigil store: there is no store at \"%s\"\n", path);
        vg_query_say_whose(&s->options, "store");
        return VG_EXIT_CANNOT;
    }
    const int lock = vg_store_lock(path, &error);
    if (lock >= 0) {
        status = vg_store_compact(path, s->hot, &sealed, &error);
        (void)close(lock);
    }
    if (status != VG_OK) {
        (void)fprintf(stderr, "vigil store: %s\n",
                      error.text[0] != '\0' ? error.text : "out of memory");
        return VG_EXIT_CANNOT;
    }
    if (sealed.error.text[0] != '\0') {
        (void)fprintf(stderr, "vigil store: %s\n", sealed.error.text);
    }
    (void)printf(s->options.json ? "{\"messages\":%llu,\"readings\":%llu}\n"
                                 : "sealed %llu messages, %llu readings\n",
                 (unsigned long long)sealed.messages,
                 (unsigned long long)sealed.readings);
    return VG_EXIT_DONE;
}

static int parse(struct store *s, int argc, char **argv)
{
    for (int i = 2; i < argc; i++) {
        int done = 0;
        if (vg_query_word(&s->options, usage, argc, argv, &i, &done)) {
            if (done != 0) {
                return done;
            }
            continue;
        }
        if (strcmp(argv[i], "--hot") == 0 && i + 1 < argc &&
            vg_span_parse(argv[i + 1], strlen(argv[i + 1]), &s->hot) == VG_OK &&
            s->hot > 0) {
            i++;
            continue;
        }
        (void)fprintf(stderr, "vigil store: do not understand \"%s\"\n%s", argv[i],
                      usage);
        return VG_EXIT_USAGE;
    }
    return VG_EXIT_DONE;
}

int vg_cli_store(int argc, char **argv)
{
    static struct store s; /* large, and there is one */
    static const char *const names[] = {"stats", "check", "compact"};
    size_t which = 0;

    if (argc > 1 && (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0)) {
        (void)fputs(usage, stdout);
        return VG_EXIT_DONE;
    }
    while (which < 3 && (argc < 2 || strcmp(argv[1], names[which]) != 0)) {
        which++;
    }
    vg_settings_default(&s.options.settings);
    s.hot = 26 * VG_HOUR;
    if (which == 3) {
        (void)fputs(usage, stderr);
        return VG_EXIT_USAGE;
    }
    const int code = parse(&s, argc, argv);
    if (code != VG_EXIT_DONE) {
        return code < 0 ? VG_EXIT_DONE : code;
    }
    if (which == 2) {
        return compact(&s);
    }
    if (which == 1) {
        return check(&s);
    }
    struct vg_reader *reader = vg_query_open(&s.options, "store");
    if (reader == NULL) {
        return VG_EXIT_CANNOT;
    }
    vg_store_read_within(reader, VG_DAY);
    const int result = show_stats(&s, reader);
    vg_store_read_close(reader);
    return result;
}
