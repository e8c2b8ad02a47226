/* SPDX-License-Identifier: Apache-2.0
 *
 * The input of a replay, line by line, into the engine. See replay.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/replay.h"

int vg_replay_cannot(const char *what, const char *why)
{
    (void)fprintf(stderr, "vigil replay: %s: %s\n", what, why);
    return VG_EXIT_CANNOT;
}

static enum vg_status step(struct vg_replay *r, struct vg_event event,
                           const struct vg_letter *letter,
                           const struct vg_origin *origin)
{
    event.at = r->now;
    const enum vg_status status = vg_engine_step(r->engine, &event, &r->effects);
    return status == VG_OK ? vg_replay_effects(r, letter, origin) : status;
}

enum vg_status vg_replay_pass(struct vg_replay *r)
{
    return step(r, (struct vg_event){.kind = VG_EVENT_TIME}, NULL, NULL);
}

static enum vg_status feed_message(struct vg_replay *r, const struct vg_letter *letter,
                                   const struct vg_decoded *decoded)
{
    const struct vg_message *message = &decoded->message;
    const struct vg_event event = {.kind = VG_EVENT_MESSAGE, .message = message};
    enum vg_status status = step(r, event, letter, &decoded->origin);

    if (status == VG_OK) {
        status = vg_replay_touched(r, message->ward, message->bed, NULL);
    }
    /* A late one may be of a patient who is in another bed now. */
    const struct vg_owner owner =
        vg_engine_owner(r->engine, message, message->measured);
    const struct vg_episode *here =
        vg_engine_episode(r->engine, message->ward, message->bed);
    if (status == VG_OK && owner.episode[0] != '\0' &&
        (here == NULL || strcmp(here->id, owner.episode) != 0)) {
        const struct vg_episode *theirs =
            vg_engine_episode_named(r->engine, owner.episode);
        status = theirs != NULL ? vg_replay_touched(r, theirs->ward, theirs->bed, NULL)
                                : VG_OK;
    }
    return status;
}

/* A transfer concerns two beds. */
static enum vg_status feed_episode(struct vg_replay *r, const struct vg_letter *letter,
                                   const struct vg_decoded *decoded)
{
    const struct vg_admission *a = &decoded->admission;
    const struct vg_event event = {.kind = VG_EVENT_EPISODE, .admission = a};
    enum vg_status status = step(r, event, letter, &decoded->origin);

    if (status == VG_OK) {
        status = vg_replay_touched(r, a->ward, a->bed, a->patient);
    }
    if (status == VG_OK && a->to_bed[0] != '\0') {
        status = vg_replay_touched(r, a->to_ward, a->to_bed, a->patient);
    }
    return status;
}

/* What cannot be understood is answered here, as the daemon does: the engine never sees it. */
static enum vg_status feed_command(struct vg_replay *r, const struct vg_letter *letter,
                                   const struct vg_decoded *decoded)
{
    const struct vg_event event = {.kind = VG_EVENT_COMMAND,
                                   .command = &decoded->command};
    struct vg_answer answer = {.result = VG_RESULT_INVALID};

    if (decoded->invalid[0] == '\0' && decoded->command.what == VG_DO_ASSIGN) {
        (void)vg_copy(answer.detail, sizeof answer.detail,
                      "a replay keeps no quarantine: there is nothing to give");
        (void)vg_copy(answer.id, sizeof answer.id, decoded->command.id);
        vg_replay_answer(r, &answer, r->now);
        return vg_replay_pass(r);
    }
    if (decoded->invalid[0] == '\0') {
        return step(r, event, letter, &decoded->origin);
    }
    (void)vg_copy(answer.id, sizeof answer.id, decoded->command.id);
    (void)vg_copy(answer.detail, sizeof answer.detail, decoded->invalid);
    vg_replay_answer(r, &answer, r->now);
    return vg_replay_pass(r);
}

/* A repeat changes nothing; of a number used twice the first stands. */
static enum vg_replay_news news_of(struct vg_replay *r, const struct vg_letter *letter,
                                   const struct vg_decoded *decoded)
{
    struct vg_refusal refusal = {.reason = VG_SEQ_REUSED, .item = -1};

    if (decoded->kind == VG_DECODED_COMMAND || decoded->kind == VG_DECODED_GATEWAY) {
        return VG_REPLAY_NEW;
    }
    const bool message = decoded->kind == VG_DECODED_MESSAGE;
    const struct vg_replay_came came = {
        .origin = &decoded->origin,
        .hash = vg_hash(vg_hash(0, letter->topic, letter->topic_length),
                        letter->payload, letter->payload_length),
        .message = message,
        .now = r->now,
        .measured = message ? decoded->message.measured : VG_UNSET};
    const enum vg_replay_news news = vg_replay_number(&r->numbers, &came);
    if (news == VG_REPLAY_REUSED) {
        (void)vg_copy(refusal.detail, sizeof refusal.detail,
                      "this number was used before with other content");
        vg_replay_refusal(r, letter, &decoded->origin, &refusal);
    }
    return news;
}

static enum vg_status feed(struct vg_replay *r, const struct vg_letter *letter)
{
    struct vg_decoded decoded;

    vg_decode(r->decoder, letter, &decoded);
    const enum vg_replay_news news = news_of(r, letter, &decoded);
    for (size_t i = 0; (news == VG_REPLAY_NEW || news == VG_REPLAY_AGAIN) &&
                       i < decoded.refusal_count;
         i++) {
        vg_replay_refusal(r, letter, &decoded.origin, &decoded.refusal[i]);
    }
    if (news != VG_REPLAY_NEW) {
        return news == VG_REPLAY_NO_MEMORY ? VG_NO_MEMORY : vg_replay_pass(r);
    }
    switch (decoded.kind) {
    case VG_DECODED_MESSAGE:
        return feed_message(r, letter, &decoded);
    case VG_DECODED_EPISODE:
        return feed_episode(r, letter, &decoded);
    case VG_DECODED_COMMAND:
        return feed_command(r, letter, &decoded);
    case VG_DECODED_GATEWAY:
    case VG_DECODED_REFUSED:
        break;
    }
    return vg_replay_pass(r);
}

static int take_line(struct vg_replay *r, const char *line, size_t length,
                     size_t number)
{
    struct vg_replay_line parsed;
    struct vg_error error = {""};
    char where[64];

    (void)snprintf(where, sizeof where, "line %zu", number);
    if (vg_replay_parse(line, length, &r->keep, &parsed, &error) != VG_OK) {
        return vg_replay_cannot(where, error.text);
    }
    if (parsed.at.ms < r->now.ms) {
        return vg_replay_cannot(where, "\"at\" is earlier than in the line before");
    }
    r->now = parsed.at;
    /* What was due before comes before what this line brings. */
    enum vg_status status = vg_replay_pass(r);
    if (status == VG_OK && parsed.letter.topic != NULL) {
        status = feed(r, &parsed.letter);
    }
    return status == VG_OK ? VG_EXIT_DONE : vg_replay_cannot(where, "out of memory");
}

static bool blank(const char *line, ssize_t length)
{
    for (ssize_t i = 0; i < length; i++) {
        if (strchr(" \t\r\n", line[i]) == NULL) {
            return false;
        }
    }
    return true;
}

int vg_replay_feed(struct vg_replay *r, FILE *in)
{
    char *line = NULL;
    size_t room = 0;
    size_t number = 0;
    int code = VG_EXIT_DONE;

    for (ssize_t n = getline(&line, &room, in); n >= 0 && code == VG_EXIT_DONE;
         n = getline(&line, &room, in)) {
        number++;
        if (!blank(line, n)) {
            code = take_line(r, line, (size_t)n, number);
        }
    }
    if (code == VG_EXIT_DONE && feof(in) == 0) { /* a folder, a bad disk, no memory */
        code = vg_replay_cannot("the input", strerrordesc_np(errno));
    }
    free(line);
    return code;
}
