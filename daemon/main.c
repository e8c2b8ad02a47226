/* SPDX-License-Identifier: Apache-2.0
 *
 * vigild: arguments, environment, exit codes; nothing else.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shell/app.h"
#include "shell/confine.h"
#include "shell/mqtt.h"

enum { DONE = 0, ANSWER_NO = 1, WRONG_USAGE = 2, CANNOT = 3 };

static const char usage[] =
    "usage: vigild [-c FILE] [--set KEY=VALUE]... [--ready-fd N] [--check]\n"
    "\n"
    "  -c FILE          settings (config/vigild.yaml explains each of them)\n"
    "  --set KEY=VALUE  one setting, after the file: --set mqtt.url=mqtt://127.0.0.1:1883\n"
    "  --ready-fd N     write \"ready http=127.0.0.1:PORT\" there once subscribed\n"
    "  --check          only check settings, the files they name, and protocols\n"
    "\n"
    "SIGHUP reloads protocols and HTTP's certificates, SIGTERM ends after everything taken is stored.\n"
    "Research use only: not validated on patients.\n";

struct arguments {
    const char *file;
    int ready_fd;
    bool check;
    int set_count;
    char **set[64];
};

/* Libraries read the environment: paho prints payloads and takes proxies from it. */
static void clean_environment(void)
{
    static const char *const kept[] = {"PATH",         "HOME",         "TMPDIR",
                                       "OPENSSL_CONF", "ASAN_OPTIONS", "UBSAN_OPTIONS",
                                       "TSAN_OPTIONS"};
    char *values[sizeof kept / sizeof kept[0]];

    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        const char *value =
            getenv(kept[i]); /* NOLINT(concurrency-mt-unsafe): one thread */
        values[i] = value != NULL ? strdup(value) : NULL;
    }
    (void)clearenv(); /* NOLINT(concurrency-mt-unsafe): one thread */
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        if (values[i] != NULL) {
            (void)setenv(kept[i], values[i], 1); /* NOLINT(concurrency-mt-unsafe) */
            free(values[i]);
        }
    }
}

static int wrong(const char *what)
{
    (void)fprintf(stderr, "vigild: %s\n%s", what, usage);
    return WRONG_USAGE;
}

static int not_understood(const char *word)
{
    (void)fprintf(stderr, "vigild: do not understand \"%s\"\n%s", word, usage);
    return WRONG_USAGE;
}

/* A supervisor that waits for a line on a descriptor that is none would wait for ever. */
static bool descriptor(const char *text, int *out)
{
    char *end = NULL;
    const long value = strtol(text, &end, 10);

    if (text[0] < '0' || text[0] > '9' || *end != '\0' || value > INT_MAX) {
        return false;
    }
    *out = (int)value;
    const int flags = fcntl(*out, F_GETFL);
    return flags >= 0 && (flags & O_ACCMODE) != O_RDONLY;
}

static int parse(int argc, char **argv, struct arguments *a)
{
    for (int i = 1; i < argc; i++) {
        const bool more = i + 1 < argc;
        if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0) {
            (void)fputs(usage, stdout);
            return -1;
        }
        if (strcmp(argv[i], "--version") == 0) {
            (void)printf("vigild %s\n", VG_VERSION);
            return -1;
        }
        if (strcmp(argv[i], "-c") == 0 && more) {
            a->file = argv[++i];
        } else if (strcmp(argv[i], "--set") == 0 && more && a->set_count < 64) {
            a->set[a->set_count++] = &argv[++i];
        } else if (strcmp(argv[i], "--ready-fd") == 0 && more) {
            if (!descriptor(argv[++i], &a->ready_fd)) {
                return wrong(
                    "--ready-fd wants the number of an open descriptor that can "
                    "be written to");
            }
        } else if (strcmp(argv[i], "--check") == 0) {
            a->check = true;
        } else {
            return not_understood(argv[i]);
        }
    }
    return DONE;
}

static int settle(const struct arguments *a, struct vg_settings *settings)
{
    struct vg_error error = {""};

    vg_settings_begin(settings);
    if (a->file != NULL) {
        const enum vg_status status =
            vg_settings_load(settings, a->file, stderr, &error);
        if (status != VG_OK) {
            (void)fprintf(stderr, "vigild: %s\n", error.text);
            return status == VG_REFUSED ? ANSWER_NO : CANNOT;
        }
    }
    for (int i = 0; i < a->set_count; i++) {
        if (vg_settings_set(settings, *a->set[i], &error) != VG_OK) {
            return wrong(error.text);
        }
    }
    return DONE;
}

static int check(const struct vg_settings *settings)
{
    struct vg_error error = {""};
    const size_t faults = vg_settings_check(settings, stderr);

    if (vg_app_check(settings, stderr, &error) != VG_OK) {
        (void)fprintf(stderr, "vigild: %s\n", error.text);
        return ANSWER_NO;
    }
    if (faults > 0) {
        return ANSWER_NO;
    }
    (void)printf("settings and protocols are good\n");
    return DONE;
}

static enum vg_level level_of(const char *text)
{
    static const char *const names[] = {"error", "warning", "notice", "debug"};
    int i = 0;

    while (i < 3 && strcmp(text, names[i]) != 0) {
        i++;
    }
    return (enum vg_level)i;
}

/* Before the environment is cleared. */
static struct vg_log *begin_log(const struct vg_settings *settings)
{
    struct vg_log *log = vg_log_create(STDERR_FILENO, level_of(settings->log_level));

    if (strcmp(settings->log_format, "json") == 0) {
        vg_log_as_json(log);
    }
    if (vg_log_is_journal(STDERR_FILENO)) {
        vg_log_for_journal(log);
    }
    return log;
}

static int run(const struct vg_settings *settings, const struct vg_notify *notify,
               struct vg_log *log, int ready_fd)
{
    struct vg_error error = {""};
    struct vg_app *app = NULL;

    vg_log_write(log, VG_LOG_NOTICE, "starting",
                 "vigild %s, research use only, not for clinical use", VG_VERSION);
    if (vg_app_create(settings, log, notify, ready_fd, &app, &error) != VG_OK) {
        vg_log_write(log, VG_LOG_ERROR, "start", "%s", error.text);
        _exit(CANNOT);
    }
    vg_app_run(app);
    _exit(DONE); /* paho's threads must not meet a destroyed client */
}

/* What is large has pages of its own, given back at once. By itself glibc moves that limit up with
 * the first large block freed (protocol files do that), and the holes of the start stay. And two
 * heaps, the loop's and that of all other threads, not one for each with its own slack (a single one
 * was measured to save nothing more). */
static void spare_memory(void)
{
    /* NOLINTBEGIN(concurrency-mt-unsafe): there is no other thread yet */
    (void)mallopt(M_ARENA_MAX, 2);
    (void)mallopt(M_MMAP_THRESHOLD, 128 * 1024);
    (void)mallopt(M_TRIM_THRESHOLD, 256 * 1024);
    /* NOLINTEND(concurrency-mt-unsafe) */
}

/* A reload that is asked for while a large store is read back waits until somebody takes it; it
 * would end the program. */
static void hold_reloads(void)
{
    sigset_t hup;

    sigemptyset(&hup);
    sigaddset(&hup, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, &hup, NULL);
}

/* What is started with one of 0 to 2 closed would get a pipe or a file of its own there, and write its log
 * into that. */
static bool hold_standard_files(void)
{
    int fd = 0;

    while (fd >= 0 && fd <= STDERR_FILENO) {
        fd = open("/dev/null", O_RDWR); /* the lowest that is free */
    }
    return fd >= 0 && close(fd) == 0;
}

/* Those that would end it without a word: a way out or a disk that broke off, and what other daemons take as
 * an order to open their log anew. */
static void pass_over_signals(void)
{
    static const int numbers[] = {SIGPIPE, SIGXFSZ, SIGUSR1, SIGUSR2, SIGALRM};

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        (void)signal(numbers[i], SIG_IGN);
    }
}

int main(int argc, char **argv)
{
    static struct vg_settings settings; /* all zero, as vg_settings_begin wants it */
    static struct vg_notify notify;
    struct arguments arguments = {.ready_fd = -1};

    if (!hold_standard_files()) {
        return CANNOT;
    }
    hold_reloads();
    spare_memory();
    int code = parse(argc, argv, &arguments);

    if (code == DONE) {
        code = settle(&arguments, &settings);
    }
    if (code != DONE) {
        return code < 0 ? DONE : code;
    }
    if (arguments.check) {
        return check(&settings);
    }
    if (!vg_notify_open(&notify)) {
        (void)fprintf(stderr, "vigild: cannot reach NOTIFY_SOCKET: %s\n",
                      strerrordesc_np(errno));
    }
    struct vg_log *log = begin_log(&settings);
    clean_environment();
    vg_confine(strcmp(settings.core_dumps, "allowed") == 0);
    (void)umask(077);
    pass_over_signals();
    vg_mqtt_library();
    return run(&settings, &notify, log, arguments.ready_fd);
}
