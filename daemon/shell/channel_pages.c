/* SPDX-License-Identifier: Apache-2.0
 *
 * See channel_pages.h. A page is in one of two lists: under way, or in line.
 */
#include "shell/channel_pages.h"

#include <stdlib.h>
#include <string.h>

#include "vigil/wire.h"

struct job {
    struct job *next, *previous;
    struct vg_pages *pages; /* NULL: the channel was closed meanwhile */
    void *tag;
    enum vg_severity severity;
    char alert[VG_ALERT_LEN + 1];
    char topic[VG_TOPIC_LEN + 1];
    struct vg_buffer json;
};

struct list {
    struct job *first, *last;
    size_t count;
};

struct vg_pages {
    const struct vg_channel *channel;
    struct vg_publisher *publisher;
    const char *root;
    struct list under_way, line;
};

/* Behind `before`; NULL: in front of all. */
static void put_behind(struct list *list, struct job *before, struct job *job)
{
    job->previous = before;
    job->next = before == NULL ? list->first : before->next;
    if (before != NULL) {
        before->next = job;
    } else {
        list->first = job;
    }
    if (job->next != NULL) {
        job->next->previous = job;
    } else {
        list->last = job;
    }
    list->count++;
}

static void add(struct list *list, struct job *job)
{
    put_behind(list, list->last, job);
}

/* In front of what is less severe, but behind what is said of the same alert. */
static void stand_in_line(struct list *line, struct job *job)
{
    struct job *before = line->last;

    while (before != NULL && before->severity < job->severity &&
           strcmp(before->alert, job->alert) != 0) {
        before = before->previous;
    }
    put_behind(line, before, job);
}

static void take_out(struct list *list, struct job *job)
{
    if (job->previous != NULL) {
        job->previous->next = job->next;
    } else {
        list->first = job->next;
    }
    if (job->next != NULL) {
        job->next->previous = job->previous;
    } else {
        list->last = job->previous;
    }
    list->count--;
}

static void destroy(struct job *job)
{
    vg_buffer_finish(&job->json);
    free(job);
}

static void tell(struct vg_pages *pages, struct job *job, enum vg_status status)
{
    const struct vg_channel *channel = pages->channel;
    void *tag = job->tag;

    destroy(job);
    channel->done(channel->to, tag, status,
                  status == VG_OK ? "" : "the broker did not take it");
}

/* Takes those of a topic out of the line, NULL: all. They are told when the line is in
 * order again, since whoever hears of a failure may send at once. */
static struct job *cut(struct vg_pages *pages, const char *topic)
{
    struct job *first = NULL;
    struct job **end = &first;
    struct job *next = NULL;

    for (struct job *job = pages->line.first; job != NULL; job = next) {
        next = job->next;
        if (topic == NULL || strcmp(job->topic, topic) == 0) {
            take_out(&pages->line, job);
            job->next = NULL;
            *end = job;
            end = &job->next;
        }
    }
    return first;
}

static void tell_all(struct vg_pages *pages, struct job *first, enum vg_status status)
{
    while (first != NULL) {
        struct job *next = first->next;
        tell(pages, first, status);
        first = next;
    }
}

static void on_published(void *to, void *tag, enum vg_status status);

static enum vg_status publish(struct vg_pages *pages, struct job *job)
{
    const struct vg_publication publication = {.topic = job->topic,
                                               .payload = job->json.bytes,
                                               .length = job->json.length,
                                               .done = on_published,
                                               .to = job};

    return pages->publisher->publish(pages->publisher, &publication);
}

/* While something is under way its end will call again; else nothing would. */
static void pump(struct vg_pages *pages)
{
    enum vg_status status = VG_OK;

    while (status == VG_OK && pages->line.first != NULL) {
        struct job *job = pages->line.first;
        status = publish(pages, job);
        if (status == VG_OK) {
            take_out(&pages->line, job);
            add(&pages->under_way, job);
        }
    }
    if (status != VG_OK && (status != VG_FULL || pages->under_way.count == 0)) {
        tell_all(pages, cut(pages, NULL), status == VG_FULL ? VG_FULL : VG_FAILED);
    }
}

static void on_published(void *to, void *tag, enum vg_status status)
{
    struct job *job = to;
    struct vg_pages *pages = job->pages;

    (void)tag;
    if (pages == NULL) {
        destroy(job);
        return;
    }
    take_out(&pages->under_way, job);
    struct job *behind = status != VG_OK ? cut(pages, job->topic) : NULL;
    pump(pages);
    tell_all(pages, behind, VG_FAILED);
    tell(pages, job, status == VG_OK ? VG_OK : VG_FAILED);
}

static struct job *create(struct vg_pages *pages, const struct vg_notice *notice)
{
    const struct vg_page *page = notice->page;
    struct job *job = calloc(1, sizeof *job);

    if (job == NULL) {
        return NULL;
    }
    job->pages = pages;
    job->tag = notice->tag;
    job->severity = notice->alert->severity;
    (void)vg_copy(job->alert, sizeof job->alert, notice->alert->id);
    if (page->also_count > 0) {
        vg_encode_digest(&job->json, notice->alert, notice->persisted, page->role,
                         page->also, page->also_count);
    } else {
        vg_encode_page(&job->json, notice->alert, notice->persisted, page->kind,
                       page->role);
    }
    if (job->json.failed ||
        vg_topic_build(job->topic, pages->root, "wards", notice->alert->ward, "pages",
                       page->address, (const char *)NULL) != VG_OK) {
        destroy(job);
        return NULL;
    }
    return job;
}

enum vg_status vg_pages_send(struct vg_pages *pages, const struct vg_notice *notice)
{
    if (pages->line.count >= VG_PAGES_WAITING) {
        return VG_FULL;
    }
    struct job *job = create(pages, notice);
    if (job == NULL) {
        return VG_FAILED;
    }
    enum vg_status status = VG_FULL; /* behind those that wait already */
    if (pages->line.first == NULL) {
        status = publish(pages, job);
    }
    if (status == VG_FULL && pages->under_way.count > 0) {
        stand_in_line(&pages->line, job);
        return VG_OK;
    }
    if (status == VG_OK) {
        add(&pages->under_way, job);
    } else {
        destroy(job);
    }
    return status == VG_OK || status == VG_FULL ? status : VG_FAILED;
}

struct vg_pages *vg_pages_open(const struct vg_channel *channel,
                               struct vg_publisher *publisher, const char *root)
{
    struct vg_pages *pages = calloc(1, sizeof *pages);

    if (pages != NULL) {
        pages->channel = channel;
        pages->publisher = publisher;
        pages->root = root;
    }
    return pages;
}

void vg_pages_close(struct vg_pages *pages)
{
    struct job *next = NULL;

    for (struct job *job = pages->line.first; job != NULL; job = next) {
        next = job->next;
        destroy(job);
    }
    for (struct job *job = pages->under_way.first; job != NULL; job = job->next) {
        job->pages = NULL;
    }
    free(pages);
}
