/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/answers.h"

#include <stdlib.h>
#include <string.h>

struct answer {
    struct answer *next;
    size_t length;       /* of the payload */
    const char *payload; /* inside text */
    char text[];         /* topic, NUL, payload */
};

struct vg_answers {
    struct vg_publisher *publisher;
    struct answer *waiting, **end; /* oldest first */
    size_t waits, flying;
};

struct vg_answers *vg_answers_create(struct vg_publisher *publisher)
{
    struct vg_answers *answers = calloc(1, sizeof *answers);

    if (answers != NULL) {
        answers->publisher = publisher;
        answers->end = &answers->waiting;
    }
    return answers;
}

static struct answer *take_oldest(struct vg_answers *answers)
{
    struct answer *oldest = answers->waiting;

    answers->waiting = oldest->next;
    answers->waits--;
    if (answers->waiting == NULL) {
        answers->end = &answers->waiting;
    }
    return oldest;
}

static void put_back(struct vg_answers *answers, struct answer *answer)
{
    answer->next = answers->waiting;
    answers->waiting = answer;
    answers->waits++;
    if (answer->next == NULL) {
        answers->end = &answer->next;
    }
}

void vg_answers_destroy(struct vg_answers *answers)
{
    while (answers != NULL && answers->waiting != NULL) {
        free(take_oldest(answers));
    }
    free(answers);
}

static void on_published(void *to, void *tag, enum vg_status status)
{
    struct vg_answers *answers = to;

    answers->flying--;
    if (status == VG_OK) {
        free(tag);
        vg_answers_send(answers);
    } else {
        put_back(answers, tag); /* not at once: the connection has just gone */
    }
}

void vg_answers_send(struct vg_answers *answers)
{
    bool taken = true;

    while (taken && answers->waiting != NULL && answers->flying < VG_ANSWERS_FLYING) {
        struct answer *answer = take_oldest(answers);
        const struct vg_publication publication = {.topic = answer->text,
                                                   .payload = answer->payload,
                                                   .length = answer->length,
                                                   .done = on_published,
                                                   .to = answers,
                                                   .tag = answer};
        taken = answers->publisher->publish(answers->publisher, &publication) == VG_OK;
        if (taken) {
            answers->flying++;
        } else {
            put_back(answers, answer);
        }
    }
}

enum vg_status vg_answers_put(struct vg_answers *answers, const char *topic,
                              const void *payload, size_t length)
{
    const size_t size = strlen(topic) + 1;
    struct answer *answer = malloc(sizeof *answer + size + length);
    const bool full = answers->waits >= VG_ANSWERS_AT_MOST;

    if (answer == NULL) {
        return VG_NO_MEMORY;
    }
    memcpy(answer->text, topic, size);
    memcpy(answer->text + size, payload, length);
    answer->payload = answer->text + size;
    answer->length = length;
    answer->next = NULL;
    if (full) {
        free(take_oldest(answers));
    }
    *answers->end = answer;
    answers->end = &answer->next;
    answers->waits++;
    vg_answers_send(answers);
    return full ? VG_FULL : VG_OK;
}

size_t vg_answers_left(const struct vg_answers *answers)
{
    return answers->waits + answers->flying;
}
