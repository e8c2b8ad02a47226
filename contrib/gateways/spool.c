/* SPDX-License-Identifier: Apache-2.0 */
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

int64_t vg_clock_ms(clockid_t which)
{
    struct timespec t;
    (void)clock_gettime(which, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* NOLINTBEGIN(concurrency-mt-unsafe): there is one thread */
static void die(const char *what)
{
    (void)fprintf(stderr, "minimal_gateway: %s: %s\n", what, strerror(errno));
    exit(3);
}
/* NOLINTEND(concurrency-mt-unsafe) */

static void synced(struct spool *s)
{
    if (fflush(s->file) != 0 || fsync(fileno(s->file)) != 0) {
        die("the spool cannot be written"); /* nothing may be sent that is not kept */
    }
}

static void rewrite(struct spool *s)
{
    char fresh[4096];
    char folder[4096];
    const char *slash = strrchr(s->path, '/');
    (void)snprintf(fresh, sizeof fresh, "%s.new", s->path);
    (void)snprintf(folder, sizeof folder, "%.*s",
                   slash != NULL ? (int)(slash - s->path) + 1 : 1,
                   slash != NULL ? s->path : ".");
    if (s->file != NULL) {
        (void)fclose(s->file);
    }
    s->file = fopen(fresh, "we");
    if (s->file == NULL) {
        die(fresh);
    }
    (void)fprintf(s->file, "vigil-spool %s %" PRIu64 "\n", s->epoch, s->first);
    for (size_t i = 0; i < s->count; i++) {
        (void)fprintf(s->file, "%s\n", s->kept[i].line);
    }
    s->lines = s->count;
    synced(s);
    int parent = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (rename(fresh, s->path) != 0 || parent < 0 || fsync(parent) != 0) {
        die(s->path);
    }
    (void)close(parent);
}

/* NOLINTNEXTLINE(readability-non-const-parameter): it is ours from here on */
static void keep(struct spool *s, char *line)
{
    if (s->count == s->size) {
        s->size = s->size * 2 + 64;
        s->kept = realloc(s->kept, s->size * sizeof *s->kept);
    }
    if (s->kept == NULL || line == NULL) {
        die("no memory");
    }
    s->kept[s->count++] = (struct entry){.line = line, .due = true};
}

void vg_spool_release(struct spool *s, uint64_t upto)
{
    size_t gone = 0;
    while (gone < s->count && s->first + gone <= upto) {
        free(s->kept[gone++].line);
    }
    if (gone > 0) {
        memmove(s->kept, s->kept + gone, (s->count - gone) * sizeof *s->kept);
        s->first += gone;
        s->count -= gone;
    }
    if (s->lines > 2 * s->count + 1000) {
        rewrite(s);
    }
}

/* Our counter is not to be trusted, or there is none: what is kept gets new numbers. */
static void renumber(struct spool *s)
{
    uint32_t chance;
    if (getrandom(&chance, sizeof chance, 0) != (ssize_t)sizeof chance) {
        die("no random numbers");
    }
    (void)snprintf(s->epoch, sizeof s->epoch, "%08" PRIx32, chance);
    s->first = s->started = 1;
    for (size_t i = 0; i < s->count; i++) {
        s->kept[i].tries = 0;
        s->kept[i].due = true;
    }
}

/* "vigil-spool EPOCH FIRST\n" */
static bool read_head(struct spool *s, char *line)
{
    static const char word[] = "vigil-spool ";
    char *epoch = line + sizeof word - 1;
    if (strncmp(line, word, sizeof word - 1) != 0) {
        return false;
    }
    const size_t length = strcspn(epoch, " ");
    if (length == 0 || length >= sizeof s->epoch || epoch[length] != ' ') {
        return false;
    }
    char *end;
    memcpy(s->epoch, epoch, length);
    s->epoch[length] = '\0';
    errno = 0;
    s->first = strtoull(epoch + length + 1, &end, 10);
    return errno == 0 && s->first > 0 && *end == '\n';
}

static void put_aside(const struct spool *s)
{
    char aside[4096];
    (void)snprintf(aside, sizeof aside, "%s.unreadable-%" PRId64, s->path,
                   vg_clock_ms(CLOCK_REALTIME));
    if (rename(s->path, aside) != 0) {
        die(aside);
    }
}

void vg_spool_open(struct spool *s, const char *path)
{
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    *s = (struct spool){.path = path};
    if (file == NULL && errno != ENOENT) {
        die(path);
    }
    if (file != NULL && getline(&line, &room, file) > 0 && read_head(s, line)) {
        while ((n = getline(&line, &room, file)) > 0 && line[n - 1] == '\n') {
            line[n - 1] = '\0'; /* what has no end was never sent: cut off */
            keep(s, strdup(line));
        }
    } else {
        if (file != NULL) {
            put_aside(s);
        }
        renumber(s);
    }
    s->started = s->first + s->count;
    free(line);
    if (file != NULL) {
        (void)fclose(file);
    }
    rewrite(s);
}

void vg_spool_add(struct spool *s, char *line)
{
    (void)fprintf(s->file, "%s\n", line);
    synced(s);
    s->lines++;
    keep(s, line);
}

void vg_spool_new_epoch(struct spool *s)
{
    renumber(s);
    rewrite(s);
}
