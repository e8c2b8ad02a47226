/* SPDX-License-Identifier: Apache-2.0
 *
 * A list by rising number. Marks take from its head.
 */
#include "cli/gateway_keep.h"

#include <stdlib.h>
#include <string.h>

#include "cli/gateway_spool.h"
#include "shell/clock.h"

#define SPOOL_BYTES \
    ((uint64_t)16 << 20) /* above that and far above what is kept: anew */

struct vg_keep {
    struct vg_spool *spool; /* NULL: memory only */
    char epoch[VG_ID_LEN + 1];
    uint64_t next_seq;
    struct vg_kept *head, **tail;
    size_t count, bytes;
};

static enum vg_status append(struct vg_keep *keep, const struct vg_spool_line *line,
                             vg_ms added)
{
    size_t topic_size = line->topic_length + 1;
    struct vg_kept *kept = malloc(sizeof *kept + topic_size + line->length);
    if (kept == NULL) {
        return VG_NO_MEMORY;
    }
    *kept = (struct vg_kept){.seq = line->seq,
                             .added = added,
                             .due = true,
                             .length = line->length,
                             .payload = kept->bytes + topic_size};
    (void)vg_copy(kept->epoch, sizeof kept->epoch, line->epoch);
    memcpy(kept->bytes, line->topic, line->topic_length);
    kept->bytes[line->topic_length] = '\0';
    memcpy(kept->bytes + topic_size, line->payload, line->length);
    *keep->tail = kept;
    keep->tail = &kept->next;
    keep->count++;
    keep->bytes += line->length;
    return VG_OK;
}

static size_t take_off(struct vg_keep *keep, const char *epoch, uint64_t upto)
{
    size_t before = keep->count;
    while (keep->head != NULL && keep->head->seq <= upto &&
           strcmp(keep->head->epoch, epoch) == 0) {
        struct vg_kept *kept = keep->head;
        keep->head = kept->next;
        keep->count--;
        keep->bytes -= kept->length;
        free(kept);
    }
    if (keep->head == NULL) {
        keep->tail = &keep->head;
    }
    return before - keep->count;
}

/* One line of the spool, as it was written. */
static enum vg_status take_line(void *to, const struct vg_spool_line *line)
{
    struct vg_keep *keep = to;
    enum vg_status status = VG_OK;
    if (line->kind == VG_SPOOL_EPOCH) {
        (void)vg_copy(keep->epoch, sizeof keep->epoch, line->epoch);
        keep->next_seq = 1;
        return VG_OK;
    }
    if (line->kind == VG_SPOOL_MARK) {
        (void)take_off(keep, line->epoch, line->seq);
    } else {
        status = append(keep, line, 0);
    }
    bool current = strcmp(keep->epoch, line->epoch) == 0;
    if (status == VG_OK && current && line->seq >= keep->next_seq) {
        keep->next_seq = line->seq + 1;
    }
    return status;
}

static enum vg_status write_kept(struct vg_keep *keep, const struct vg_kept *kept)
{
    struct vg_spool_line line = {.kind = VG_SPOOL_MESSAGE,
                                 .topic = kept->bytes,
                                 .topic_length = strlen(kept->bytes),
                                 .epoch = kept->epoch,
                                 .seq = kept->seq,
                                 .payload = kept->payload,
                                 .length = kept->length};
    return vg_spool_write(keep->spool, &line);
}

static enum vg_status write_epoch(struct vg_keep *keep, const char *epoch,
                                  uint64_t upto)
{
    struct vg_spool_line begin = {.kind = VG_SPOOL_EPOCH, .epoch = epoch};
    struct vg_spool_line mark = {.kind = VG_SPOOL_MARK, .epoch = epoch, .seq = upto};
    enum vg_status status = vg_spool_write(keep->spool, &begin);
    return status == VG_OK && upto > 0 ? vg_spool_write(keep->spool, &mark) : status;
}

/* The spool anew, with what is still kept and where the numbers stand. */
static enum vg_status rewrite(struct vg_keep *keep)
{
    const char *epoch = "";
    enum vg_status status = vg_spool_begin_anew(keep->spool);
    for (struct vg_kept *kept = keep->head; kept != NULL && status == VG_OK;
         kept = kept->next) {
        if (strcmp(epoch, kept->epoch) != 0) {
            status = write_epoch(keep, kept->epoch, kept->seq - 1);
            epoch = kept->epoch;
        }
        status = status == VG_OK ? write_kept(keep, kept) : status;
    }
    if (status == VG_OK && keep->epoch[0] != '\0' && strcmp(epoch, keep->epoch) != 0) {
        status = write_epoch(keep, keep->epoch, keep->next_seq - 1);
    }
    return vg_spool_end_anew(keep->spool, status == VG_OK);
}

enum vg_status vg_keep_open(const struct vg_keep_options *options, struct vg_keep **out,
                            struct vg_error *error)
{
    struct vg_keep *keep = calloc(1, sizeof *keep);
    if (keep == NULL) {
        return VG_NO_MEMORY;
    }
    keep->next_seq = 1;
    keep->tail = &keep->head;
    enum vg_status status = VG_OK;
    if (options->folder != NULL) {
        status = vg_spool_open(options->folder, options->root, options->gateway,
                               &keep->spool, error);
        status = status == VG_OK ? vg_spool_read(keep->spool, take_line, keep, error)
                                 : status;
        if (status == VG_OK && rewrite(keep) != VG_OK) {
            vg_error_set(error, "cannot write in the folder %.160s", options->folder);
            status = VG_FAILED;
        }
    }
    for (struct vg_kept *kept = keep->head; kept != NULL; kept = kept->next) {
        kept->ever_sent = true;
    }
    if (status != VG_OK) {
        vg_keep_close(keep);
        return status;
    }
    *out = keep;
    return VG_OK;
}

void vg_keep_close(struct vg_keep *keep)
{
    if (keep == NULL) {
        return;
    }
    while (keep->head != NULL) {
        struct vg_kept *kept = keep->head;
        keep->head = kept->next;
        free(kept);
    }
    vg_spool_close(keep->spool);
    free(keep);
}

const char *vg_keep_epoch(const struct vg_keep *keep)
{
    return keep->epoch;
}

uint64_t vg_keep_next(const struct vg_keep *keep)
{
    return keep->next_seq;
}

enum vg_status vg_keep_begin(struct vg_keep *keep, const char *epoch)
{
    if (keep->spool != NULL && write_epoch(keep, epoch, 0) != VG_OK) {
        return VG_FAILED;
    }
    (void)vg_copy(keep->epoch, sizeof keep->epoch, epoch);
    keep->next_seq = 1;
    return VG_OK;
}

enum vg_status vg_keep_add(struct vg_keep *keep, const char *topic,
                           const struct vg_buffer *message)
{
    struct vg_spool_line line = {.kind = VG_SPOOL_MESSAGE,
                                 .topic = topic,
                                 .topic_length = strlen(topic),
                                 .epoch = keep->epoch,
                                 .seq = keep->next_seq,
                                 .payload = message->bytes,
                                 .length = message->length};
    if (message->failed) {
        return VG_NO_MEMORY;
    }
    if (keep->spool != NULL && vg_spool_write(keep->spool, &line) != VG_OK) {
        return VG_FAILED;
    }
    /* Without memory the line is there, and its number must not be used again. */
    keep->next_seq++;
    return append(keep, &line, vg_clock_boot());
}

size_t vg_keep_release(struct vg_keep *keep, const char *epoch, uint64_t upto)
{
    size_t taken = take_off(keep, epoch, upto);
    bool ahead = upto >= keep->next_seq && strcmp(epoch, keep->epoch) == 0;
    keep->next_seq = ahead ? upto + 1 : keep->next_seq;
    if (keep->spool == NULL || (taken == 0 && !ahead)) {
        return taken;
    }
    struct vg_spool_line mark = {.kind = VG_SPOOL_MARK, .epoch = epoch, .seq = upto};
    if (vg_spool_write(keep->spool, &mark) == VG_OK &&
        vg_spool_bytes(keep->spool) > SPOOL_BYTES + 4 * (uint64_t)keep->bytes) {
        (void)rewrite(keep); /* else it stays long: nothing is lost */
    }
    return taken;
}

struct vg_kept *vg_keep_head(const struct vg_keep *keep)
{
    return keep->head;
}

size_t vg_keep_count(const struct vg_keep *keep)
{
    return keep->count;
}
