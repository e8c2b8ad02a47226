/* SPDX-License-Identifier: Apache-2.0
 *
 * Whose a message is, and with whom its parts go. A message is cut where ties begin and end;
 * mostly it is one piece, of the patient who lies there. Before anything is changed by any
 * piece, each is looked at: one that names another patient than the one it belongs to refuses
 * the whole message, which then has changed nothing of anybody but the alert that says so.
 */
#include <stdio.h>
#include <string.h>

#include "core/carer.h"

static struct vg_asking asking_of(struct vg_engine *engine, struct vg_bed *bed,
                                  struct vg_instant at)
{
    return (struct vg_asking){.engine = engine,
                              .bed = bed,
                              .at = at,
                              .trigger = VG_UNSET,
                              .stamp = engine->now};
}

static void refuse(struct vg_engine *engine, bool now)
{
    struct vg_refusal refusal = {.reason = VG_IDENTITY, .item = -1};

    (void)vg_copy(refusal.detail, sizeof refusal.detail,
                  now ? "the message names another patient than the one admitted to "
                        "this bed"
                      : "the message names another patient than the one who lay in "
                        "this bed when it was measured");
    vg_tell_refused(engine, refusal);
}

static struct vg_instant first_of(const struct vg_engine *engine,
                                  const struct vg_message *message)
{
    return vg_message_says_something(message)
               ? vg_intake_next(engine, message, VG_UNSET)
               : vg_intake_judged(engine, message->measured);
}

/* The first instant of the next piece. */
static struct vg_instant next_of(const struct vg_engine *engine,
                                 const struct vg_message *message,
                                 const struct vg_owner *owner)
{
    return vg_is_never(owner->to)
               ? VG_NEVER
               : vg_intake_next(engine, message, vg_after(owner->to, -1));
}

/* The first instant whose piece belongs to somebody else than is named; VG_NEVER: none. */
static struct vg_instant mismatch(const struct vg_engine *engine, struct vg_bed *bed,
                                  const struct vg_message *message)
{
    struct vg_instant at = VG_NEVER;

    if (message->patient[0] != '\0' && message->episode[0] == '\0') {
        at = first_of(engine, message);
    }
    while (!vg_is_never(at)) {
        const struct vg_belongs whose = vg_tie_belongs(engine, bed, message, at);
        if (whose.owner.patient[0] != '\0' &&
            strcmp(whose.owner.patient, message->patient) != 0) {
            break;
        }
        at = next_of(engine, message, &whose.owner);
    }
    return at;
}

/* The bed at the message's place says so, also if its patient came later: its people can look. */
static enum vg_status say_mismatch(struct vg_engine *engine,
                                   const struct vg_message *message,
                                   struct vg_instant at)
{
    struct vg_bed *bed = vg_roster_bed(engine, message->ward, message->bed);

    if (bed == NULL || !vg_tell_reserve(engine, bed, 1)) {
        return VG_NO_MEMORY;
    }
    const struct vg_asking asking = asking_of(engine, bed, at);
    refuse(engine, bed->linked && at.ms >= bed->here.ms);
    vg_guard_raise(&asking, VG_IDENTITY_MISMATCH);
    vg_bed_rewake(engine, bed);
    return VG_OK;
}

static void check_clock(struct vg_engine *engine, struct vg_bed *bed,
                        const struct vg_message *message)
{
    const struct vg_asking asking = asking_of(engine, bed, engine->now);

    if (vg_intake_judged(engine, message->measured).ms != message->measured.ms) {
        vg_guard_raise(&asking, VG_CLOCK_FUTURE);
    } else {
        vg_guard_end(&asking, VG_CLOCK_FUTURE);
    }
}

/* What a message says beside its values: whom it names, what its clock shows. */
static void look_at(struct vg_engine *engine, struct vg_bed *bed,
                    const struct vg_message *message)
{
    const struct vg_instant at = vg_intake_judged(engine, message->measured);
    const struct vg_asking asking = asking_of(engine, bed, at);

    check_clock(engine, bed, message);
    if (message->patient[0] == '\0') {
        return;
    }
    if (bed->linked) {
        vg_guard_end(&asking, VG_IDENTITY_MISMATCH);
        return;
    }
    bed->others = bed->others ||
                  (bed->named[0] != '\0' && strcmp(bed->named, message->patient) != 0);
    (void)vg_copy(bed->named, sizeof bed->named, message->patient);
    bed->named_since =
        vg_is_set(bed->named_since) ? vg_earlier(bed->named_since, at) : at;
}

/* An infusion that is not what the patient was admitted for: the readings count all the same, for
 * the clock of an infusion must run. Products are compared where both are words of the contract;
 * a trade name is not. */
static void check_product(struct vg_engine *engine, const struct vg_piece *piece)
{
    struct vg_bed *bed = piece->bed;
    char said[160];

    for (size_t i = 0; i < piece->message->entry_count; i++) {
        const struct vg_entry *entry = &piece->message->entries[i];
        enum vg_product given = VG_PRODUCT_UNKNOWN;
        if (entry->signal != VG_INFUSION || !entry->on ||
            strcmp(entry->value, "start") != 0 ||
            vg_product_find(entry->product, &given) != VG_OK || !bed->linked ||
            given == VG_PRODUCT_UNKNOWN || bed->episode.product == VG_PRODUCT_UNKNOWN ||
            given == bed->episode.product) {
            continue;
        }
        const struct vg_asking asking =
            asking_of(engine, bed, vg_intake_judged(engine, entry->at));
        (void)snprintf(
            said, sizeof said,
            "An infusion of %s was charted; this patient is admitted for %s. "
            "Check product and patient now.",
            vg_product_text(given), vg_product_text(bed->episode.product));
        bed->said = said;
        vg_guard_raise(&asking, VG_IDENTITY_MISMATCH);
        bed->said = NULL;
    }
}

/* A bed that is made for a message goes with it if there is no memory. */
static struct vg_bed *room_in(struct vg_engine *engine, struct vg_bed *bed,
                              const struct vg_message *message)
{
    const size_t beds = engine->heap_count;

    if (bed == NULL) {
        bed = vg_roster_bed(engine, message->ward, message->bed);
    }
    if (bed != NULL && !vg_intake_reserve(engine, bed, message)) {
        if (engine->heap_count > beds) {
            vg_roster_remove(engine, bed);
        }
        return NULL;
    }
    return bed;
}

/* When the newest of its items was observed; VG_UNSET: it has none. */
static struct vg_instant newest_of(const struct vg_message *message)
{
    struct vg_instant newest = VG_UNSET;

    for (size_t i = 0; i < message->reading_count; i++) {
        newest = vg_later(newest, message->readings[i].measured);
    }
    for (size_t i = 0; i < message->entry_count; i++) {
        newest = vg_later(newest, message->entries[i].at);
    }
    return newest;
}

static enum vg_status take_piece(struct vg_engine *engine,
                                 const struct vg_message *message,
                                 const struct vg_belongs *whose)
{
    struct vg_piece piece = {message, whose->bed, whose->owner.from, whose->owner.to};

    if (piece.bed == NULL && !whose->free) {
        /* nobody's, or of somebody who is gone: stored, and that is all */
        const bool gone = whose->owner.patient[0] != '\0';
        return gone || vg_intake_stray(engine, &piece) ? VG_OK : VG_NO_MEMORY;
    }
    piece.bed = room_in(engine, piece.bed, message);
    if (piece.bed == NULL || !vg_intake_chart(engine, &piece)) {
        return VG_NO_MEMORY;
    }
    if (whose->own || whose->free) {
        look_at(engine, piece.bed, message);
    }
    check_product(engine, &piece);
    const enum vg_status status = vg_intake_take(engine, &piece);
    if (status == VG_OK &&
        (message->kind == VG_KIND_ASSESSMENT || message->kind == VG_KIND_THERAPY)) {
        vg_carer_acted(engine, piece.bed, message->kind, newest_of(message));
    }
    vg_bed_rewake(engine, piece.bed);
    return status;
}

/* The bed's place is looked up anew for each piece: a bed may have been made for the first. */
static enum vg_status take_pieces(struct vg_engine *engine,
                                  const struct vg_message *message)
{
    struct vg_instant at = first_of(engine, message);
    enum vg_status status = VG_OK;

    while (status == VG_OK && !vg_is_never(at)) {
        struct vg_bed *bed = vg_roster_find(engine, message->ward, message->bed);
        const struct vg_belongs whose = vg_tie_belongs(engine, bed, message, at);
        status = take_piece(engine, message, &whose);
        at = next_of(engine, message, &whose.owner);
    }
    return status;
}

enum vg_status vg_engine_take(struct vg_engine *engine,
                              const struct vg_message *message)
{
    struct vg_bed *bed = vg_roster_find(engine, message->ward, message->bed);
    const struct vg_instant wrong = mismatch(engine, bed, message);

    return vg_is_never(wrong) ? take_pieces(engine, message)
                              : say_mismatch(engine, message, wrong);
}
