/* SPDX-License-Identifier: Apache-2.0
 *
 * What was charted of a bed: the latest of each thing.
 */
#include <stdlib.h>
#include <string.h>

#include "vigil/flag.h"

#include "core/bed.h"

bool vg_bed_chart_room(struct vg_bed *bed, size_t more)
{
    if (bed->charted_count + more <= bed->charted_capacity) {
        return true;
    }
    const size_t capacity = bed->charted_capacity * 2 + 8 + more;
    struct vg_charted *grown = realloc(bed->charted, capacity * sizeof *grown);
    if (grown != NULL) {
        bed->charted = grown;
        bed->charted_capacity = capacity;
    }
    return grown != NULL;
}

/* Where it stands already; NULL: it was never charted. */
static struct vg_charted *known_place(struct vg_bed *bed, const struct vg_entry *entry)
{
    for (size_t i = 0; i < bed->charted_count; i++) {
        struct vg_charted *c = &bed->charted[i];
        const bool state = entry->signal == VG_O2_DEVICE || /* one value at a time */
                           entry->signal == VG_CONSCIOUSNESS ||
                           entry->signal == VG_AROUSAL;
        if (c->signal == entry->signal &&
            (state || strcmp(c->value, entry->value) == 0)) {
            return c;
        }
    }
    return NULL;
}

static struct vg_charted *charted_place(struct vg_bed *bed,
                                        const struct vg_entry *entry)
{
    struct vg_charted *known = known_place(bed, entry);

    if (known != NULL || !vg_bed_chart_room(bed, 1)) {
        return known;
    }
    struct vg_charted *fresh = &bed->charted[bed->charted_count++];
    memset(fresh, 0, sizeof *fresh);
    fresh->signal = entry->signal;
    fresh->at = fresh->from = fresh->until = VG_UNSET;
    return fresh;
}

static struct vg_instant *infusion_of(struct vg_bed *bed, const struct vg_entry *entry)
{
    return strcmp(entry->value, "start") == 0 ? &bed->infusion_start
                                              : &bed->infusion_end;
}

/* Whoever takes an order of comfort care back does it behind the order, also by a clock that is so far behind the other's:
 * by nobody's clock nobody is called (Clinical reference 0.6). Told later, it is of an order before this one. */
#define CLOCKS_DIFFER (15 * VG_MINUTE)

static bool takes_back(const struct vg_charted *c, const struct vg_entry *entry)
{
    return c->on && !entry->on && entry->signal == VG_FLAG &&
           strcmp(entry->value, vg_flag_names[VG_FLAG_COMFORT_CARE]) == 0 &&
           vg_since(c->at, entry->at) <= CLOCKS_DIFFER;
}

bool vg_bed_chart(struct vg_bed *bed, const struct vg_entry *entry)
{
    struct vg_charted *c =
        vg_entry_takes_back(entry) ? NULL : charted_place(bed, entry);

    if (c == NULL) {
        return vg_entry_takes_back(entry);
    }
    if (entry->signal == VG_INFUSION) {
        struct vg_instant *which = infusion_of(bed, entry);
        *which = vg_later(*which, entry->at);
    }
    if (entry->at.ms < c->at.ms) { /* something newer is known */
        c->on = c->on && !takes_back(c, entry);
        return true;
    }
    const bool goes_on = c->on && entry->on && entry->at.ms < c->until.ms;
    c->from = goes_on ? c->from : entry->at;
    c->at = entry->at;
    c->on = entry->on;
    c->until = VG_NEVER;
    (void)vg_copy(c->value, sizeof c->value, entry->value);
    if (entry->signal == VG_FLAG) {
        c->until = vg_flag_end(vg_flag_find(entry->value, strlen(entry->value)),
                               entry->at, entry->until);
    }
    return true;
}

/* ---- Taken back */

/* The newest item that stands; with `sent` the one with that ts, standing or not. NULL: none. */
static struct vg_item *charted_item(const struct vg_bed *bed,
                                    const struct vg_entry *entry,
                                    const struct vg_instant *sent)
{
    const struct vg_log *log = bed->course != NULL ? &bed->course->log : NULL;
    const uint8_t name = vg_chart_name(entry->signal, entry->value);

    for (size_t i = log != NULL ? log->count : 0; i > 0; i--) {
        struct vg_item *item = &log->item[i - 1];
        if (item->signal == (uint8_t)entry->signal && item->name == name &&
            (sent != NULL ? item->a == sent->ms : item->low != 0)) {
            return item;
        }
    }
    return NULL;
}

/* What stands of it was charted at that instant: now it is what was charted before. */
static void uncharted(struct vg_bed *bed, struct vg_charted *c,
                      const struct vg_entry *entry)
{
    const struct vg_item *before = charted_item(bed, entry, NULL);
    struct vg_entry again = *entry;

    *c = bed->charted[--bed->charted_count];
    if (entry->signal == VG_INFUSION) {
        *infusion_of(bed, entry) = VG_UNSET;
    }
    if (before != NULL) {
        again.at = before->at;
        again.on = true;
        (void)vg_bed_chart(bed, &again); /* there is room: that of what has left */
    }
}

bool vg_bed_take_back(struct vg_bed *bed, const struct vg_entry *entry,
                      struct vg_instant sent)
{
    struct vg_item *item = charted_item(bed, entry, &sent);
    struct vg_charted *c = known_place(bed, entry);
    const bool stands =
        c != NULL && c->at.ms == (item != NULL ? item->at.ms : entry->at.ms);

    if (item != NULL && item->low != 0) {
        item->low = item->high = 0;
        bed->course->dirty = vg_earlier(bed->course->dirty, item->at);
    }
    if (stands) {
        uncharted(bed, c, entry);
    }
    return stands || item != NULL;
}

/* ---- Of somebody else since */

static void chart_again(struct vg_bed *bed, const struct vg_item *item)
{
    const enum vg_signal signal = (enum vg_signal)item->signal;
    const char *word = vg_chart_word(signal, item->name);
    struct vg_entry entry = {.signal = signal, .at = item->at, .on = item->low != 0};

    entry.until.ms = signal == VG_FLAG ? item->a : VG_UNSET.ms;
    if (word != NULL && vg_copy(entry.value, sizeof entry.value, word) &&
        known_place(bed, &entry) == NULL) {
        (void)vg_bed_chart(bed, &entry); /* there is room: that of what has left */
    }
}

void vg_bed_chart_before(struct vg_bed *bed, struct vg_instant to)
{
    const struct vg_log *log = bed->course != NULL ? &bed->course->log : NULL;
    const size_t before = log != NULL ? vg_log_from(log, to) : 0;
    size_t kept = 0;

    for (size_t i = 0; i < bed->charted_count; i++) {
        if (bed->charted[i].at.ms < to.ms) {
            bed->charted[kept++] = bed->charted[i];
        }
    }
    bed->charted_count = kept;
    bed->infusion_start =
        bed->infusion_start.ms < to.ms ? bed->infusion_start : VG_UNSET;
    bed->infusion_end = bed->infusion_end.ms < to.ms ? bed->infusion_end : VG_UNSET;
    for (size_t i = before; i > 0; i--) { /* the newest counts */
        if (log->item[i - 1].signal >= VG_MEASURED_COUNT) {
            chart_again(bed, &log->item[i - 1]);
        }
    }
}
