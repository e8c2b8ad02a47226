/* SPDX-License-Identifier: Apache-2.0
 *
 * What a cut leaves. See fail_cut.h.
 */
#include "lib/fail_cut.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/fail_cut_inside.h"

#define SECTOR 512
#define FILES  32
#define PATH   256

struct change {
    size_t at, length; /* a truncation: to `at` */
    unsigned char *bytes;
};

struct file {
    char path[PATH],
        before[PATH]; /* before: its name if its latest one is lost; "": none */
    bool gone;        /* taken away; it is there all the same if that is lost */
    unsigned char *synced;
    size_t length;
    struct change *change;
    size_t count, capacity;
};

static struct file file[FILES];
static size_t files, events;
static bool lying;
static bool paused = true; /* nothing is remembered */
static cut_event_fn *watch;
static void *watch_to;

static void event(void)
{
    events++;
    if (watch != NULL && !paused) {
        paused = true;
        watch(watch_to, events);
        paused = false;
    }
}

void cut_watch(cut_event_fn *on_event, void *to)
{
    watch = on_event;
    watch_to = to;
    events = 0;
}

void cut_lies(bool lies)
{
    lying = lies;
}

static struct file *find(const char *path)
{
    for (size_t i = 0; i < files; i++) {
        if (!file[i].gone && strcmp(file[i].path, path) == 0) {
            return &file[i];
        }
    }
    return NULL;
}

static void drop_changes(struct file *f)
{
    for (size_t i = 0; i < f->count; i++) {
        free(f->change[i].bytes);
    }
    f->count = 0;
}

static void drop(size_t i)
{
    drop_changes(&file[i]);
    free(file[i].change);
    free(file[i].synced);
    file[i] = file[--files];
    file[files] = (struct file){.gone = false};
}

void cut_begin(void)
{
    cut_end();
    paused = false;
}

void cut_end(void)
{
    while (files > 0) {
        drop(0);
    }
    cut_watch(NULL, NULL);
    lying = false;
    paused = true;
}

struct image {
    unsigned char *bytes;
    size_t length;
};

/* For whatever of its changes is applied. */
static size_t room_for(const struct file *f)
{
    size_t room = f->length;

    for (size_t i = 0; i < f->count; i++) {
        const size_t end = f->change[i].at + f->change[i].length;
        room = end > room ? end : room;
    }
    return room + 1;
}

static void grow(struct image *image, size_t length, struct random_source *source)
{
    while (image->length < length) {
        image->bytes[image->length++] =
            source == NULL ? 0 : (unsigned char)random_next(source);
    }
}

/* `keep` of 100: the chance of each sector. */
static void apply(struct image *image, const struct change *change, unsigned keep,
                  struct random_source *source)
{
    if (change->bytes == NULL) {
        if (random_next(source) % 100 < keep && change->at < image->length) {
            image->length = change->at;
        }
        return;
    }
    const bool waste = random_next(source) % 4 == 0;
    for (size_t done = 0; done < change->length;) {
        const size_t at = change->at + done;
        size_t part = SECTOR - at % SECTOR;
        part = part > change->length - done ? change->length - done : part;
        if (random_next(source) % 100 < keep) {
            grow(image, at, waste ? source : NULL);
            memcpy(image->bytes + at, change->bytes + done, part);
            image->length = at + part > image->length ? at + part : image->length;
        }
        done += part;
    }
}

/* What the file holds now is on disk. */
static void take_in(struct file *f)
{
    struct stat st;
    const int fd = open(f->path, O_RDONLY | O_CLOEXEC);

    drop_changes(f);
    f->length = 0;
    if (fd < 0 || fstat(fd, &st) != 0) {
        return;
    }
    f->synced = realloc(f->synced, (size_t)st.st_size + 1);
    assert(f->synced != NULL);
    const ssize_t n = read(fd, f->synced, (size_t)st.st_size);
    assert(n == st.st_size);
    f->length = (size_t)n;
    close(fd);
}

void cut_opened(const char *path)
{
    if (path == NULL || paused || find(path) != NULL) {
        return;
    }
    for (size_t i = 0; i < files; i++) { /* the name is taken again */
        if (strcmp(file[i].path, path) == 0) {
            drop(i);
            break;
        }
    }
    assert(files < FILES && strlen(path) < PATH);
    file[files] = (struct file){.gone = false};
    (void)snprintf(file[files].path, PATH, "%s", path);
    take_in(&file[files++]);
}

static struct change *add(const char *path)
{
    struct file *f = paused ? NULL : find(path);

    if (f == NULL) {
        return NULL;
    }
    if (f->count == f->capacity) {
        f->capacity = f->capacity == 0 ? 64 : 2 * f->capacity;
        f->change = realloc(f->change, f->capacity * sizeof *f->change);
        assert(f->change != NULL);
    }
    return &f->change[f->count++];
}

void cut_wrote(const char *path, const void *bytes, size_t length, size_t at)
{
    struct change *change = path == NULL ? NULL : add(path);

    if (change != NULL) {
        *change = (struct change){at, length, malloc(length + 1)};
        assert(change->bytes != NULL);
        memcpy(change->bytes, bytes, length);
        event();
    }
}

void cut_truncated(const char *path, size_t size)
{
    struct change *change = path == NULL ? NULL : add(path);

    if (change != NULL) {
        *change = (struct change){size, 0, NULL};
        event();
    }
}

/* Everything that was written is on disk. */
static void make_durable(struct file *f)
{
    struct random_source none = {0};
    struct image image = {f->synced, f->length};

    image.bytes = realloc(f->synced, room_for(f));
    assert(image.bytes != NULL);
    for (size_t i = 0; i < f->count; i++) {
        apply(&image, &f->change[i], 100, &none);
    }
    f->synced = image.bytes;
    f->length = image.length;
    drop_changes(f);
}

void cut_synced(const char *path)
{
    struct file *f = path == NULL || paused ? NULL : find(path);

    if (f != NULL && !lying) {
        make_durable(f);
    }
    if (f != NULL) {
        event();
    }
}

void cut_removed(const char *path)
{
    struct file *f = paused ? NULL : find(path);

    if (f != NULL) {
        f->gone = true;
        event();
    }
}

/* ---- What the process does to names and files past SQLite */

#define IN_FRONT __attribute__((visibility("default")))

static void folder_synced(const char *folder)
{
    const size_t length = strlen(folder);

    for (size_t i = files; i-- > 0;) {
        if (strncmp(file[i].path, folder, length) == 0) {
            file[i].before[0] = '\0';
            if (file[i].gone) {
                drop(i);
            }
        }
    }
    event();
}

/* Nobody cuts the power of this machine: nothing is synced indeed. */
static int synced(int fd)
{
    char name[64];
    char path[PATH] = "";
    struct stat st;

    (void)snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    if (paused || readlink(name, path, sizeof path - 1) <= 0 || fstat(fd, &st) != 0) {
        return 0;
    }
    if (!S_ISDIR(st.st_mode)) {
        cut_synced(path);
    } else if (!lying) {
        folder_synced(path);
    }
    return 0;
}

IN_FRONT int fsync(int fd)
{
    return synced(fd);
}

IN_FRONT int fdatasync(int fd)
{
    return synced(fd);
}

IN_FRONT int unlink(const char *path)
{
    const int code = (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);

    if (code == 0) {
        cut_removed(path);
    }
    return code;
}

/* A second name for what is there: a file of its own here, as nobody writes by the first. */
IN_FRONT int link(const char *from, const char *to)
{
    const int code = (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
    const struct file *f = paused ? NULL : find(from);

    if (code == 0 && f != NULL) {
        struct file *second = &file[files];
        assert(files < FILES);
        *second = (struct file){.length = f->length};
        (void)snprintf(second->path, PATH, "%s", to);
        (void)snprintf(second->before, PATH, "%s.lost", to);
        second->synced = malloc(f->length + 1);
        assert(second->synced != NULL && f->count == 0);
        memcpy(second->synced, f->synced, f->length);
        files++;
        event();
    }
    return code;
}

/* ---- Images */

static void put(const struct image *image, const char *path)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    size_t length = image->length;

    while (length > 0 &&
           image->bytes[length - 1] == 0) { /* a log laid out beforehand */
        length--;
    }
    assert(fd >= 0);
    const ssize_t n = write(fd, image->bytes, length);
    const int code = ftruncate(fd, (off_t)image->length);
    assert(n == (ssize_t)length && code == 0);
    (void)code;
    close(fd);
}

static void write_image(const struct file *f, const char *path, unsigned keep,
                        struct random_source *source)
{
    struct image image = {malloc(room_for(f)), f->length};

    assert(image.bytes != NULL);
    if (f->length > 0) {
        memcpy(image.bytes, f->synced, f->length);
    }
    for (size_t i = 0; i < f->count; i++) {
        apply(&image, &f->change[i], keep, source);
    }
    put(&image, path);
    free(image.bytes);
}

void cut_image(const char *path, const char *image, struct random_source *source)
{
    const size_t length = strlen(path);
    static const unsigned chances[] = {0, 20, 50, 80, 100};
    const unsigned keep = chances[random_next(source) % 5];
    char name[2 * PATH];

    for (size_t i = 0; i < files; i++) {
        const struct file *f = &file[i];
        const bool lost = random_next(source) % 2 == 0; /* the change of its name */
        const char *called = f->before[0] != '\0' && lost ? f->before : f->path;
        if (strncmp(called, path, length) != 0 || (f->gone && !lost)) {
            continue;
        }
        (void)snprintf(name, sizeof name, "%s%s", image, called + length);
        write_image(f, name, keep, source);
    }
}
