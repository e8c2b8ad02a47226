/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/answers.h"

#include <stdlib.h>
#include <string.h>

struct answer {
    struct answer *next;
    uint64_t number; /* in order of time */
    unsigned tries;  /* that failed */
    size_t length;   /* of the payload */
    char text[];     /* topic, NUL, payload */
};

struct vg_answers {
    struct vg_publisher *publisher;
    struct vg_log *log;
    struct answer *waiting, *last; /* by number; last: valid if there is one */
    uint64_t numbers;
    size_t waits, flying;
};

struct vg_answers *vg_answers_create(struct vg_publisher *publisher, struct vg_log *log)
{
    struct vg_answers *answers = calloc(1, sizeof *answers);

    if (answers != NULL) {
        answers->publisher = publisher;
        answers->log = log;
    }
    return answers;
}

static struct answer *take_oldest(struct vg_answers *answers)
{
    struct answer *oldest = answers->waiting;

    answers->waiting = oldest->next;
    answers->waits--;
    return oldest;
}

/* A new one goes behind all; those that come back are older than all but a few. */
static void put_in_order(struct vg_answers *answers, struct answer *answer)
{
    const bool newest =
        answers->waiting != NULL && answers->last->number < answer->number;
    struct answer **link = newest ? &answers->last->next : &answers->waiting;

    while (*link != NULL && (*link)->number < answer->number) {
        link = &(*link)->next;
    }
    answer->next = *link;
    *link = answer;
    answers->last = answer->next == NULL ? answer : answers->last;
    answers->waits++;
}

static void give_up(struct vg_answers *answers, struct answer *answer)
{
    free(answer);
    vg_log_write(answers->log, VG_LOG_WARNING, "answer.lost",
                 "the broker does not take it, or is away for long: an answer (a "
                 "refusal, the result of a command) will never be told");
}

void vg_answers_destroy(struct vg_answers *answers)
{
    while (answers != NULL && answers->waiting != NULL) {
        free(take_oldest(answers));
    }
    free(answers);
}

static void failed(struct vg_answers *answers, struct answer *answer)
{
    if (++answer->tries >= VG_ANSWERS_TRIES) {
        give_up(answers, answer);
    } else {
        put_in_order(answers, answer);
    }
}

static void on_published(void *to, void *tag, enum vg_status status)
{
    struct vg_answers *answers = to;

    answers->flying--;
    if (status == VG_OK) {
        free(tag);
        vg_answers_send(answers);
    } else {
        failed(answers, tag); /* and not at once again: the connection has just gone */
    }
}

static enum vg_status publish(struct vg_answers *answers, struct answer *answer)
{
    const struct vg_publication publication = {.topic = answer->text,
                                               .payload = answer->text +
                                                          strlen(answer->text) + 1,
                                               .length = answer->length,
                                               .done = on_published,
                                               .to = answers,
                                               .tag = answer};

    return answers->publisher->publish(answers->publisher, &publication);
}

void vg_answers_send(struct vg_answers *answers)
{
    enum vg_status status = VG_OK;

    while (status == VG_OK && answers->waiting != NULL &&
           answers->flying < VG_ANSWERS_FLYING) {
        struct answer *answer = take_oldest(answers);
        status = publish(answers, answer);
        if (status == VG_OK) {
            answers->flying++;
        } else if (status == VG_FAILED) {
            failed(answers, answer);
        } else {
            put_in_order(answers, answer);
        }
    }
}

enum vg_status vg_answers_put(struct vg_answers *answers, const char *topic,
                              const void *payload, size_t length)
{
    const size_t size = strlen(topic) + 1;
    struct answer *answer = malloc(sizeof *answer + size + length);

    if (answer == NULL) {
        return VG_NO_MEMORY;
    }
    memcpy(answer->text, topic, size);
    memcpy(answer->text + size, payload, length);
    answer->length = length;
    answer->tries = 0;
    answer->number = answers->numbers++;
    if (vg_answers_left(answers) >= VG_ANSWERS_AT_MOST) {
        give_up(answers, take_oldest(answers)); /* fewer than that can be flying */
    }
    put_in_order(answers, answer);
    vg_answers_send(answers);
    return VG_OK;
}

size_t vg_answers_left(const struct vg_answers *answers)
{
    return answers->waits + answers->flying;
}
