/* SPDX-License-Identifier: Apache-2.0
 *
 * vigil backup and vigil restore: the whole store as one checked file, and back.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli/progress.h"
#include "cli/query.h"
#include "shell/clock.h"
#include "shell/owner.h"
#include "shell/store_backup.h"
#include "shell/store_file.h"

static const char usage[] =
    "usage: vigil backup FILE [-c FILE] [--set KEY=VALUE]... [--json]\n"
    "       vigil restore FILE [--replace] [-c FILE] [--set KEY=VALUE]... [--json]\n"
    "\n"
    "backup copies the store, all of one moment, while the daemon runs or not, reads the\n"
    "copy back (pages, checksums, counts, the audit trail) and only then gives it its name,\n"
    "which must be free. restore checks FILE the same way and makes it the store; the\n"
    "daemon must be stopped, and -c or store.path say which store. One that is there is only\n"
    "put aside with --replace: its files keep their bytes, under names that end in\n"
    ".before-NUMBER.\n"
    "\n"
    "Exit 0: done; 1: what was to be copied is not whole or no store; 2: wrong use; 3: could not.\n";

struct backup {
    struct vg_query_options options;
    const char *file;
    bool replace;
    bool named; /* somebody said which store */
};

static int told(const struct backup *b, const char *what, const char *from,
                enum vg_status status, const struct vg_copying *copying,
                const struct vg_error *error)
{
    if (status != VG_OK) {
        (void)fprintf(stderr, "vigil %s: %s\n", what,
                      error->text[0] != '\0' ? error->text : "out of memory");
        if (status == VG_ABSENT) {
            vg_query_say_whose(&b->options, what);
        }
        return status == VG_REFUSED || vg_file_unsound(from) ? VG_EXIT_NO
                                                             : VG_EXIT_CANNOT;
    }
    const int64_t *n = copying->stats.number;
    const int64_t messages = n[VG_STAT_HOT_MESSAGES] + n[VG_STAT_SEALED_MESSAGES];
    const int64_t readings = n[VG_STAT_HOT_READINGS] + n[VG_STAT_SEALED_READINGS];
    (void)printf(b->options.json
                     ? "{\"messages\":%lld,\"readings\":%lld,\"alerts\":%lld,"
                       "\"audit\":%lld,\"bytes\":%lld}\n"
                     : "%lld messages, %lld readings, %lld alerts, %lld rows of the "
                       "audit trail, %lld bytes: checked\n",
                 (long long)messages, (long long)readings, (long long)n[VG_STAT_ALERTS],
                 (long long)n[VG_STAT_AUDIT], (long long)n[VG_STAT_FILE_BYTES]);
    return VG_EXIT_DONE;
}

static int backup(const struct backup *b)
{
    struct vg_progress progress = vg_progress_begin("copying");
    struct vg_copying copying = {.progress = vg_progress_show, .to = &progress};
    struct vg_error error = {""};
    const enum vg_status status =
        vg_store_copy(b->options.settings.store_path, b->file, &copying, &error);

    vg_progress_end(&progress);
    return told(b, "backup", b->options.settings.store_path, status, &copying, &error);
}

static enum vg_status hand_over(const char *beside, const char *path,
                                struct vg_error *error)
{
    const int fd = open(beside, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    const bool given = fd >= 0 && vg_owner_give(fd, path);

    if (!given) {
        vg_error_set(error, "cannot give \"%.150s\" to the owner of the store: %s",
                     beside, strerrordesc_np(errno));
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return given ? VG_OK : VG_FAILED;
}

/* The copy is made and checked beside the store first; only then is that moved. */
static enum vg_status replace(const struct backup *b, struct vg_copying *copying,
                              struct vg_error *error)
{
    const char *path = b->options.settings.store_path;
    char beside[VG_SETTING_LEN + 16];

    if (access(path, F_OK) == 0 && !b->replace) {
        vg_error_set(error, "there is a store at \"%.150s\": --replace puts it aside",
                     path);
        return VG_FAILED;
    }
    (void)snprintf(beside, sizeof beside, "%s.restored", path);
    (void)unlink(beside);
    enum vg_status status = vg_store_copy(b->file, beside, copying, error);
    if (status == VG_OK) {
        status = hand_over(beside, path, error);
    }
    if (status == VG_OK) {
        status = vg_store_replace(path, beside, vg_clock_wall().ms / 1000, error);
    }
    return status;
}

static int restore(const struct backup *b)
{
    struct vg_progress progress = vg_progress_begin("copying");
    struct vg_copying copying = {.progress = vg_progress_show, .to = &progress};
    struct vg_error error = {""};
    enum vg_status status = VG_FAILED;
    const int lock = vg_store_lock(b->options.settings.store_path, &error);

    if (lock >= 0) {
        status = replace(b, &copying, &error);
        (void)close(lock);
    }
    vg_progress_end(&progress);
    const int code = told(b, "restore", b->file, status, &copying, &error);
    if (code == VG_EXIT_DONE && !b->options.json) {
        (void)printf("it is the store \"%s\" now\n", b->options.settings.store_path);
    }
    return code;
}

int vg_cli_backup(int argc, char **argv)
{
    static struct backup b; /* large, and there is one */
    const bool back = strcmp(argv[0], "restore") == 0;

    vg_settings_default(&b.options.settings);
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0) {
            (void)fputs(usage, stdout);
            return VG_EXIT_DONE;
        }
        b.named = b.named || strcmp(argv[i], "-c") == 0 ||
                  (i + 1 < argc && strncmp(argv[i + 1], "store.path=", 11) == 0);
        const int common = vg_query_option(&b.options, argc, argv, &i);
        if (common < 0) {
            return b.options.wrong;
        }
        if (common > 0) {
            continue;
        }
        if (back && strcmp(argv[i], "--replace") == 0) {
            b.replace = true;
        } else if (argv[i][0] != '-' && b.file == NULL) {
            b.file = argv[i];
        } else {
            (void)fprintf(stderr, "vigil %s: do not understand \"%s\"\n%s", argv[0],
                          argv[i], usage);
            return VG_EXIT_USAGE;
        }
    }
    if (b.file == NULL) {
        (void)fputs(usage, stderr);
        return VG_EXIT_USAGE;
    }
    if (back && !b.named) { /* it would make one where the daemon never looks */
        (void)fputs("vigil restore: say which store it becomes: -c FILE, or --set "
                    "store.path=FILE\n",
                    stderr);
        return VG_EXIT_USAGE;
    }
    return back ? restore(&b) : backup(&b);
}
