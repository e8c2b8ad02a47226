/* SPDX-License-Identifier: Apache-2.0
 *
 * Which protocol a stay follows: the one that the admission names, else the one of its product, else
 * the ward's. One that is named and not loaded is no reason to watch nobody: the patient is watched by
 * the others in that order, the sender is answered, and an alert stands until it is loaded or another
 * one is named.
 */
#include <stdio.h>
#include <string.h>

#include "core/stay.h"

/* What an admission or update leaves unsaid stays as it was, unless the product is another. */
static const char *wanted(const struct vg_bed *bed, const struct vg_admission *a)
{
    if (a->protocol[0] != '\0') {
        return a->protocol;
    }
    if (!bed->linked ||
        (a->product != VG_PRODUCT_UNKNOWN && a->product != bed->episode.product)) {
        return "";
    }
    return bed->wanted;
}

const struct vg_protocol *vg_stay_protocol(const struct vg_engine *engine,
                                           const struct vg_bed *bed,
                                           const struct vg_admission *a)
{
    const enum vg_product known =
        bed->linked ? bed->episode.product : VG_PRODUCT_UNKNOWN;

    return vg_book_of_episode(engine->book, bed->ward, wanted(bed, a),
                              a->product != VG_PRODUCT_UNKNOWN ? a->product : known);
}

void vg_stay_want(struct vg_bed *bed, const struct vg_admission *a)
{
    const char *name = wanted(bed, a);

    if (name != bed->wanted) {
        (void)vg_copy(bed->wanted, sizeof bed->wanted, name);
    }
}

static bool is_other(const struct vg_bed *bed)
{
    return bed->linked && bed->wanted[0] != '\0' &&
           strcmp(bed->wanted, bed->protocol->name) != 0;
}

void vg_stay_check_protocol(struct vg_engine *engine, struct vg_bed *bed)
{
    const struct vg_asking asking = {.engine = engine,
                                     .bed = bed,
                                     .at = engine->now,
                                     .trigger = VG_UNSET,
                                     .stamp = engine->now};
    char said[224];

    if (!is_other(bed)) {
        vg_guard_end(&asking, VG_PROTOCOL_UNKNOWN);
        return;
    }
    (void)snprintf(said, sizeof said,
                   "The protocol \"%.32s\" of this patient's admission is not loaded: "
                   "\"%.32s\" watches instead. Admit with the right one, or load it.",
                   bed->wanted, bed->protocol->name);
    bed->said = said;
    vg_guard_raise(&asking, VG_PROTOCOL_UNKNOWN);
    bed->said = NULL;
}

/* The stay is taken: item 0 says that a part of it is not. */
void vg_stay_answer_protocol(struct vg_engine *engine, struct vg_bed *bed,
                             const struct vg_admission *a)
{
    struct vg_refusal refusal = {.reason = VG_CODE_UNKNOWN, .item = 0};

    vg_stay_check_protocol(engine, bed);
    if (engine->restoring || a->protocol[0] == '\0' || !is_other(bed)) {
        return;
    }
    (void)snprintf(
        refusal.detail, sizeof refusal.detail,
        "protocol \"%.32s\" is not loaded: the patient is watched by \"%.32s\"",
        a->protocol, bed->protocol->name);
    vg_tell_refused(engine, refusal);
}
