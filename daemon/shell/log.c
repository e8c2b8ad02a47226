/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines for operators: built in one buffer, written in one piece, so that lines of two
 * threads never mix.
 */
#include "shell/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "shell/clock.h"

/* A burst of this many lines of one kind within one span is written. */
#define KINDS     64
#define BURST     10
#define SPAN      VG_MINUTE
#define LINE_SIZE 1024

struct kind {
    const char *name;
    vg_ms since; /* boot clock: when the present span began */
    unsigned written, held;
};

struct vg_log {
    int fd;
    enum vg_level level;
    pthread_mutex_t lock; /* guards `kinds` */
    struct kind kinds[KINDS];
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

void vg_log_destroy(struct vg_log *log)
{
    if (log != NULL) {
        pthread_mutex_destroy(&log->lock);
        free(log);
    }
}

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

/* Whether a line may be written now, and how many were held back before it. */
static bool admit(struct vg_log *log, const char *name, unsigned *held)
{
    vg_ms now = vg_clock_boot();
    pthread_mutex_lock(&log->lock);
    struct kind *kind = find_kind(log, name);
    if (kind->written == 0 || now - kind->since >= SPAN) {
        kind->since = now;
        kind->written = 0;
    }
    bool admitted = kind->written < BURST;
    *held = kind->held;
    if (admitted) {
        kind->written++;
        kind->held = 0;
    } else {
        kind->held++;
    }
    pthread_mutex_unlock(&log->lock);
    return admitted;
}

/* Appends `text` between quotes. What would end the quotes or the line is replaced. */
static size_t put_quoted(char *line, size_t length, const char *text)
{
    line[length++] = '"';
    for (; *text != '\0' && length < LINE_SIZE - 40; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\') {
            line[length++] = '\\';
        }
        line[length++] = (char)(c < 0x20 || c == 0x7f ? '?' : c);
    }
    line[length++] = '"';
    return length;
}

static size_t put_head(char *line, enum vg_level level, const char *kind)
{
    struct vg_instant now = vg_clock_wall();
    time_t seconds = (time_t)(now.ms / 1000);
    struct tm parts;
    char stamp[24];
    gmtime_r(&seconds, &parts);
    (void)strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &parts);
    int length =
        snprintf(line, LINE_SIZE / 4, "ts=%s.%03dZ level=%s event=%.64s text=", stamp,
                 (int)(now.ms % 1000), level_names[level], kind);
    return length < 0 ? 0 : (size_t)length;
}

static void write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(fd, bytes, length);
        if (written <= 0) {
            return; /* nowhere left to complain */
        }
        bytes += written;
        length -= (size_t)written;
    }
}

void vg_log_write(struct vg_log *log, enum vg_level level, const char *kind,
                  const char *format, ...)
{
    unsigned held;
    if (log == NULL || level > log->level || !admit(log, kind, &held)) {
        return;
    }
    char text[LINE_SIZE / 2];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    char line[LINE_SIZE];
    size_t length = put_head(line, level, kind);
    length = put_quoted(line, length, text);
    if (held > 0) {
        length += (size_t)snprintf(line + length, 32, " held_back=%u", held);
    }
    line[length++] = '\n';
    write_all(log->fd, line, length);
}
