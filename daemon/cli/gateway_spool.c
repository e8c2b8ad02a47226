/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines as in a replay file: {"at":…,"topic":…,"payload":{…}}. The bytes of a payload come back as
 * they were, so that what is sent again is the same message.
 */
#include "cli/gateway_spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shell/clock.h"
#include "wire/json.h"

#define JSON_BYTES ((size_t)512 * 1024)
#define SYNC_EVERY VG_SECOND

struct vg_spool {
    char *path, *new_path;
    char status[VG_TOPIC_LEN + 1], committed[VG_TOPIC_LEN + 1];
    int file, old; /* old: the one that is being replaced, or -1 */
    uint64_t bytes;
    vg_ms synced; /* boot clock */
    bool torn;    /* ends in half a line, which the next one must not follow */
    struct vg_buffer line;
    struct vg_json *json;
};

static int open_locked(const char *path, int flags)
{
    int file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | flags, 0600);
    if (file >= 0 && flock(file, LOCK_EX | LOCK_NB) != 0) {
        (void)close(file);
        return -1;
    }
    return file;
}

static enum vg_status open_file(struct vg_spool *spool, const char *folder,
                                const char *gateway, struct vg_error *error)
{
    if (asprintf(&spool->path, "%s/%s.spool", folder, gateway) < 0) {
        spool->path = NULL;
        return VG_NO_MEMORY;
    }
    if (asprintf(&spool->new_path, "%s.new", spool->path) < 0) {
        spool->new_path = NULL;
        return VG_NO_MEMORY;
    }
    (void)mkdir(folder, 0700); /* if it cannot, the next call says why */
    spool->file = open_locked(spool->path, 0);
    if (spool->file < 0) {
        vg_error_set(error, "cannot use the spool %.140s: %s", spool->path,
                     errno == EWOULDBLOCK ? "another gateway has it"
                                          : strerrordesc_np(errno));
        return VG_FAILED;
    }
    return VG_OK;
}

enum vg_status vg_spool_open(const char *folder, const char *root, const char *gateway,
                             struct vg_spool **out, struct vg_error *error)
{
    struct vg_spool *spool = calloc(1, sizeof *spool);
    if (spool == NULL) {
        return VG_NO_MEMORY;
    }
    spool->file = spool->old = -1;
    spool->json = vg_json_create(JSON_BYTES);
    enum vg_status status = spool->json != NULL ? VG_OK : VG_NO_MEMORY;
    if (status == VG_OK && (vg_topic_build(spool->status, root, "gateways", gateway,
                                           "status", NULL) != VG_OK ||
                            vg_topic_build(spool->committed, root, "gateways", gateway,
                                           "committed", NULL) != VG_OK)) {
        vg_error_set(error, "the root \"%.80s\" cannot begin a topic", root);
        status = VG_REFUSED;
    }
    if (status == VG_OK) {
        status = open_file(spool, folder, gateway, error);
    }
    if (status != VG_OK) {
        vg_spool_close(spool);
        return status;
    }
    *out = spool;
    return VG_OK;
}

void vg_spool_close(struct vg_spool *spool)
{
    if (spool == NULL) {
        return;
    }
    if (spool->file >= 0) {
        (void)fdatasync(
            spool->file); /* what is lost by a failure here was not promised */
        (void)close(spool->file);
    }
    vg_json_destroy(spool->json);
    vg_buffer_finish(&spool->line);
    free(spool->path);
    free(spool->new_path);
    free(spool);
}

static bool number_of(const cJSON *item, uint64_t *out)
{
    int64_t number;
    if (item == NULL || !vg_json_integer(item, &number) || number < 0) {
        return false;
    }
    *out = (uint64_t)number;
    return true;
}

static bool is_topic(const struct vg_replay_line *line, const char *topic)
{
    return line->letter.topic_length == strlen(topic) &&
           memcmp(line->letter.topic, topic, line->letter.topic_length) == 0;
}

/* What a line says, from its topic and the payload's own fields. */
static bool understand(struct vg_spool *spool, const struct vg_replay_line *read,
                       struct vg_spool_line *out)
{
    enum { EPOCH, SEQ, UPTO, COUNT };
    static const char *const names[COUNT] = {"epoch", "seq", "upto"};
    const cJSON *field[COUNT];
    if (read->letter.topic == NULL) {
        return false;
    }
    const cJSON *tree =
        vg_json_parse(spool->json, read->letter.payload, read->letter.payload_length);
    if (!cJSON_IsObject(tree)) {
        return false;
    }
    vg_json_pick(tree, names, COUNT, field);
    *out = (struct vg_spool_line){.kind = VG_SPOOL_MESSAGE,
                                  .epoch = cJSON_GetStringValue(field[EPOCH]),
                                  .topic = read->letter.topic,
                                  .topic_length = read->letter.topic_length,
                                  .payload = read->letter.payload,
                                  .length = read->letter.payload_length};
    if (is_topic(read, spool->status)) {
        out->kind = VG_SPOOL_EPOCH;
    } else if (is_topic(read, spool->committed)) {
        out->kind = VG_SPOOL_MARK;
    }
    return out->epoch != NULL &&
           (out->kind == VG_SPOOL_EPOCH ||
            number_of(field[out->kind == VG_SPOOL_MARK ? UPTO : SEQ], &out->seq));
}

static enum vg_status read_lines(struct vg_spool *spool, FILE *from, vg_spool_fn *each,
                                 void *to, struct vg_error *error)
{
    char *text = NULL;
    size_t room = 0;
    ssize_t length;
    enum vg_status status = VG_OK;
    while (status == VG_OK && (length = getline(&text, &room, from)) > 0) {
        struct vg_replay_line read;
        struct vg_spool_line line;
        if (text[length - 1] != '\n') {
            break; /* a kill in the middle of a write */
        }
        status = vg_replay_parse(text, (size_t)length - 1, &spool->line, &read, error);
        if (status == VG_OK && !understand(spool, &read, &line)) {
            vg_error_set(error, "it has a line that is no message, mark or epoch");
            status = VG_FAILED;
        }
        status = status == VG_OK ? each(to, &line) : status;
    }
    if (status == VG_OK && ferror(from) != 0) {
        vg_error_set(error, "%s", strerrordesc_np(errno));
        status = VG_FAILED;
    }
    free(text);
    return status;
}

enum vg_status vg_spool_read(struct vg_spool *spool, vg_spool_fn *each, void *to,
                             struct vg_error *error)
{
    FILE *from = fopen(spool->path, "re");
    if (from == NULL) {
        vg_error_set(error, "cannot read the spool %.140s: %s", spool->path,
                     strerrordesc_np(errno));
        return VG_FAILED;
    }
    enum vg_status status = read_lines(spool, from, each, to, error);
    (void)fclose(from);
    if (status != VG_OK && status != VG_NO_MEMORY) {
        vg_error_prefix(error, "the spool %.100s cannot be read", spool->path);
        status = VG_FAILED;
    }
    return status;
}

static void put_payload(struct vg_buffer *out, const struct vg_spool_line *line)
{
    if (line->kind == VG_SPOOL_MESSAGE) {
        vg_buffer_add(out, line->payload, line->length);
        return;
    }
    bool begins = line->kind == VG_SPOOL_EPOCH;
    vg_put_raw(out, begins ? "{\"state\":\"online\",\"epoch\":" : "{\"epoch\":");
    vg_put_string(out, line->epoch);
    if (!begins) {
        vg_put_raw(out, ",\"upto\":");
        vg_put_int(out, (int64_t)line->seq);
    }
    vg_put_raw(out, "}");
}

/* The line is in the file and its number used, whatever a sync says. */
static void sync_now_and_then(struct vg_spool *spool)
{
    const vg_ms now = vg_clock_boot();

    if (now - spool->synced >= SYNC_EVERY) {
        spool->synced = now;
        (void)fdatasync(spool->file);
    }
}

enum vg_status vg_spool_write(struct vg_spool *spool, const struct vg_spool_line *line)
{
    struct vg_buffer *out = &spool->line;
    const char *const topics[] = {[VG_SPOOL_EPOCH] = spool->status,
                                  [VG_SPOOL_MARK] = spool->committed,
                                  [VG_SPOOL_MESSAGE] = line->topic};
    vg_buffer_clear(out);
    vg_put_raw(out, "{\"at\":");
    vg_put_time(out, vg_clock_wall());
    vg_put_raw(out, ",\"topic\":");
    vg_put_string(out, topics[line->kind]);
    vg_put_raw(out, ",\"payload\":");
    put_payload(out, line);
    vg_put_raw(out, "}\n");
    if (out->failed || spool->torn) {
        return spool->torn ? VG_FAILED : VG_NO_MEMORY;
    }
    ssize_t written = write(spool->file, out->bytes, out->length);
    if (written != (ssize_t)out->length) {
        spool->torn = written > 0 && ftruncate(spool->file, (off_t)spool->bytes) != 0;
        return VG_FAILED;
    }
    spool->bytes += out->length;
    sync_now_and_then(spool);
    return VG_OK;
}

uint64_t vg_spool_bytes(const struct vg_spool *spool)
{
    return spool->bytes;
}

enum vg_status vg_spool_begin_anew(struct vg_spool *spool)
{
    int fresh = open_locked(spool->new_path, O_TRUNC);
    if (fresh < 0) {
        return VG_FAILED;
    }
    spool->old = spool->file;
    spool->file = fresh;
    spool->bytes = 0;
    spool->torn = false;
    return VG_OK;
}

enum vg_status vg_spool_end_anew(struct vg_spool *spool, bool good)
{
    if (spool->old < 0) {
        return VG_FAILED; /* it never began */
    }
    bool done = good && fdatasync(spool->file) == 0 &&
                rename(spool->new_path, spool->path) == 0;
    (void)close(done ? spool->old : spool->file);
    if (!done) {
        off_t end = lseek(spool->old, 0, SEEK_END);
        spool->file = spool->old;
        spool->bytes = end > 0 ? (uint64_t)end : 0;
    }
    spool->old = -1;
    return done ? VG_OK : VG_FAILED;
}
