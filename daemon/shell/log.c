/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines for operators: built in one buffer, written in one piece, so that lines of two
 * threads never mix. Whoever should read them may have stopped: then lines are lost and
 * counted, and nobody waits.
 */
#include "shell/log.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "shell/clock.h"
#include "wire/utf8.h"

/* A burst of this many lines of one kind within one span is written. */
#define KINDS     64
#define BURST     10
#define SPAN      VG_MINUTE
#define LINE_SIZE 1024
#define TAIL_SIZE 120 /* what follows the sentence */

struct kind {
    const char *name;
    vg_ms since; /* boot clock: when the present span began */
    unsigned written, held;
    enum vg_level gravest; /* of those held back */
};

struct vg_log {
    int fd;
    enum vg_level level;
    bool json;
    bool journal;         /* lines begin with their priority */
    pthread_mutex_t lock; /* guards all below, and the order of lines */
    struct kind kinds[KINDS];
    unsigned lost; /* nobody took them */
};

/* One line before it has a form. */
struct said {
    enum vg_level level;
    const char *kind, *text;
    const char *about; /* the kind that `suppressed` counts, or NULL */
    unsigned suppressed;
};

static const char *const level_names[] = {"error", "warning", "notice", "debug"};

struct vg_log *vg_log_create(int fd, enum vg_level level)
{
    struct vg_log *log = calloc(1, sizeof(*log));
    if (log != NULL) {
        log->fd = fd;
        log->level = level;
        pthread_mutex_init(&log->lock, NULL);
    }
    return log;
}

void vg_log_as_json(struct vg_log *log)
{
    if (log != NULL) {
        log->json = true;
    }
}

bool vg_log_is_json(const struct vg_log *log)
{
    return log != NULL && log->json;
}

bool vg_log_is_journal(int fd)
{
    const char *given = getenv("JOURNAL_STREAM"); /* NOLINT(concurrency-mt-unsafe) */
    char ours[48];
    struct stat about;

    if (given == NULL || fstat(fd, &about) != 0) {
        return false;
    }
    (void)snprintf(ours, sizeof ours, "%llu:%llu", (unsigned long long)about.st_dev,
                   (unsigned long long)about.st_ino);
    return strcmp(given, ours) == 0;
}

void vg_log_for_journal(struct vg_log *log)
{
    if (log != NULL) {
        log->journal = true;
    }
}

void vg_log_destroy(struct vg_log *log)
{
    if (log != NULL) {
        pthread_mutex_destroy(&log->lock);
        free(log);
    }
}

/* ---- The form of a line */

/* Appends `text` between quotes. What would end the quotes or the line, and what is no
 * UTF-8, is replaced: the same is right for JSON. */
static size_t put_quoted(char *line, size_t length, const char *text)
{
    size_t left = strlen(text);
    line[length++] = '"';
    while (left > 0 && length < LINE_SIZE - TAIL_SIZE) {
        size_t size = vg_utf8_size(text, left);
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\') {
            line[length++] = '\\';
        }
        if (size == 0 || vg_utf8_hidden(text, left) > 0) {
            line[length++] = '?';
            size = size == 0 ? 1 : size;
        } else {
            memcpy(line + length, text, size);
            length += size;
        }
        text += size;
        left -= size;
    }
    line[length++] = '"';
    return length;
}

/* Those of syslog, as sd-daemon(3) writes them; the journal takes them off again. */
static size_t put_priority(const struct vg_log *log, char *line, enum vg_level level)
{
    static const char *const priorities[] = {"<3>", "<4>", "<5>", "<7>"};

    if (log->journal) {
        memcpy(line, priorities[level], 3);
    }
    return log->journal ? 3 : 0;
}

static size_t put_head(const struct vg_log *log, char *line, const struct said *said)
{
    struct vg_instant now = vg_clock_wall();
    time_t seconds = (time_t)(now.ms / 1000);
    struct tm parts;
    char stamp[24];
    gmtime_r(&seconds, &parts);
    (void)strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &parts);
    int length = snprintf(
        line, LINE_SIZE / 4,
        log->json
            ? "{\"ts\":\"%s.%03dZ\",\"level\":\"%s\",\"event\":\"%.64s\",\"text\":"
            : "ts=%s.%03dZ level=%s event=%.64s text=",
        stamp, (int)(now.ms % 1000), level_names[said->level], said->kind);
    return length < 0 ? 0 : (size_t)length;
}

static size_t put_tail(const struct vg_log *log, char *line, const struct said *said)
{
    int length = 0;
    if (said->about != NULL) {
        length = snprintf(line, TAIL_SIZE - 4,
                          log->json ? ",\"kind\":\"%.64s\",\"suppressed\":%u"
                                    : " kind=%.64s suppressed=%u",
                          said->about, said->suppressed);
    }
    size_t at = length < 0 ? 0 : (size_t)length;
    if (log->json) {
        line[at++] = '}';
    }
    line[at++] = '\n';
    return at;
}

/* ---- Writing */

/* Whole or not at all, and never waits: a pipe that can be written has room for a page, and
 * a socket takes it now or says no. A file always can. */
static bool put_line(int fd, const char *line, size_t length)
{
    ssize_t sent = send(fd, line, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno == ENOTSOCK) {
        struct pollfd wait = {.fd = fd, .events = POLLOUT};
        sent = poll(&wait, 1, 0) == 1 && (wait.revents & POLLOUT) != 0
                   ? write(fd, line, length)
                   : -1;
    }
    return sent == (ssize_t)length;
}

/* With the lock held. */
static bool say(const struct vg_log *log, const struct said *said)
{
    char line[LINE_SIZE];
    size_t length = put_priority(log, line, said->level);
    length += put_head(log, line + length, said);
    length = put_quoted(line, length, said->text);
    length += put_tail(log, line + length, said);
    return put_line(log->fd, line, length);
}

/* With the lock held. What was lost is said as soon as somebody takes lines again. */
static void say_or_lose(struct vg_log *log, const struct said *said)
{
    const struct said lost = {.level = VG_LOG_WARNING,
                              .kind = "log.lost",
                              .text =
                                  "lines were lost: whoever reads this log had stopped",
                              .about = "all",
                              .suppressed = log->lost};
    if (log->lost > 0 && say(log, &lost)) {
        log->lost = 0;
    }
    log->lost += log->lost > 0 || !say(log, said) ? 1 : 0;
}

/* ---- Floods */

/* The row of that kind, or the last row, which all kinds beyond the table share. */
static struct kind *find_kind(struct vg_log *log, const char *name)
{
    size_t i = 0;
    while (i < KINDS - 1 && log->kinds[i].name != NULL &&
           strcmp(log->kinds[i].name, name) != 0) {
        i++;
    }
    log->kinds[i].name = name;
    return &log->kinds[i];
}

/* With the lock held. */
static void end_span(struct vg_log *log, struct kind *kind)
{
    char text[120];
    const struct said said = {.level = kind->gravest,
                              .kind = "log.suppressed",
                              .text = text,
                              .about = kind->name,
                              .suppressed = kind->held};
    if (kind->held > 0) {
        (void)snprintf(text, sizeof(text), "suppressed %u lines of this kind",
                       kind->held);
        say_or_lose(log, &said);
    }
    kind->written = kind->held = 0;
    kind->gravest = VG_LOG_DEBUG;
}

/* With the lock held. */
static bool admit(struct vg_log *log, const char *name, enum vg_level level)
{
    vg_ms now = vg_clock_boot();
    struct kind *kind = find_kind(log, name);
    if (now - kind->since >= SPAN) {
        end_span(log, kind);
    }
    if (kind->written == 0) {
        kind->since = now;
    }
    if (kind->written < BURST) {
        kind->written++;
        return true;
    }
    kind->gravest = level < kind->gravest || kind->held == 0 ? level : kind->gravest;
    kind->held++;
    return false;
}

void vg_log_sweep(struct vg_log *log)
{
    if (log == NULL) {
        return;
    }
    vg_ms now = vg_clock_boot();
    pthread_mutex_lock(&log->lock);
    for (size_t i = 0; i < KINDS && log->kinds[i].name != NULL; i++) {
        if (log->kinds[i].held > 0 && now - log->kinds[i].since >= SPAN) {
            end_span(log, &log->kinds[i]);
        }
    }
    pthread_mutex_unlock(&log->lock);
}

void vg_log_write(struct vg_log *log, enum vg_level level, const char *kind,
                  const char *format, ...)
{
    if (log == NULL || level > log->level) {
        return;
    }
    char text[LINE_SIZE / 2];
    const struct said said = {.level = level, .kind = kind, .text = text};
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    pthread_mutex_lock(&log->lock);
    if (admit(log, kind, level)) {
        say_or_lose(log, &said);
    }
    pthread_mutex_unlock(&log->lock);
}
