/* SPDX-License-Identifier: Apache-2.0
 *
 * How beds go from the loop thread's half to the readers' (live_inside.h).
 */
#include <stdlib.h>
#include <string.h>

#include "shell/live_inside.h"

#define BED_EVERY  (500 * (vg_ms)1)  /* between two events of one bed */
#define LOOK_EVERY (5000 * (vg_ms)1) /* between two looks at what time may change */

/* ---- Before the lock */

/* As it is known here; the engine is asked when its turn comes. */
static struct vg_live_shown *make(struct vg_live *live, size_t bed)
{
    const struct vg_live_fed *fed = live->fed[bed];
    struct vg_live_shown *made = calloc(1, sizeof *made);

    if (made == NULL || !vg_live_values_reserve(&made->values, fed->values.count)) {
        free(made);
        return NULL;
    }
    vg_live_values_copy(&made->values, &fed->values);
    memcpy(made->charted, fed->charted, sizeof fed->charted);
    struct vg_live_brief *brief = &made->brief;
    (void)vg_copy(brief->ward, sizeof brief->ward, fed->ward_id);
    (void)vg_copy(brief->bed, sizeof brief->bed, fed->bed_id);
    brief->pause.until = brief->infusion = VG_UNSET;
    made->index = bed;
    made->ward = fed->ward;
    return made;
}

/* A place that readers may be copying from is not moved: it is exchanged under the lock. */
static void make_more(struct vg_live_shown *shown, const struct vg_live_fed *fed)
{
    const uint8_t room = fed->values.room;

    if (fed->values.count <= shown->values.room || room <= shown->more_room) {
        return;
    }
    free(shown->more);
    shown->more = calloc(room, sizeof *shown->more);
    shown->more_room = shown->more != NULL ? room : 0;
}

void vg_live_make_room(struct vg_live *live)
{
    while (live->shown_count < live->fed_count) {
        struct vg_live_shown *made = make(live, live->shown_count);
        if (made == NULL) {
            break; /* no memory: they wait */
        }
        live->shown[live->shown_count++] = made;
    }
    for (size_t i = 0; i < live->due_count; i++) {
        const size_t bed = live->due[i].bed;
        if (bed < live->shown_count) {
            make_more(live->shown[bed], live->fed[bed]);
            vg_live_brief_room(live->shown[bed], &live->due[i].look);
        }
    }
}

/* What the engine knows now, or that it has no such bed any more. */
static void look_into(struct vg_live_due *due, const struct vg_live_fed *fed,
                      vg_live_look_fn *look, void *to)
{
    struct vg_bed_look *fresh = &due->look;

    memset(fresh, 0, sizeof *fresh);
    if (!look(to, fed->ward_id, fed->bed_id, fresh)) {
        memset(fresh, 0, sizeof *fresh);
        (void)vg_copy(fresh->assessed.ward, sizeof fresh->assessed.ward, fed->ward_id);
        (void)vg_copy(fresh->assessed.bed, sizeof fresh->assessed.bed, fed->bed_id);
        fresh->pause.until = fresh->infusion = VG_UNSET;
    }
}

static bool differs(const struct vg_live *live, const struct vg_live_due *due)
{
    return due->bed >= live->shown_count ||
           vg_live_brief_differs(live->shown[due->bed], &due->look);
}

static void look_again(struct vg_live *live, size_t bed, vg_live_look_fn *look,
                       void *to)
{
    struct vg_live_fed *fed = live->fed[bed];
    struct vg_live_due *due = &live->due[live->due_count];

    due->bed = bed;
    look_into(due, fed, look, to);
    (void)vg_copy(fed->episode, sizeof fed->episode,
                  due->look.linked ? due->look.episode.id : "");
    fed->due = fed->dirty || differs(live, due);
    fed->dirty = false; /* what comes before it is shown makes it so again */
    live->due_count += fed->due;
}

/* A look costs some microseconds: not all in one go. */
bool vg_live_look(struct vg_live *live, vg_ms now, vg_live_look_fn *look, void *to)
{
    size_t looks = 0;

    for (size_t i = 0; i < live->fed_count && looks < VG_LIVE_LOOKS &&
                       live->due_count < VG_LIVE_LOOKS;
         i++) {
        const size_t bed = (live->round + i) % live->fed_count;
        struct vg_live_fed *fed = live->fed[bed];
        const bool may = fed->published == 0 || now - fed->published >= BED_EVERY;
        if (may && !fed->due && (fed->dirty || now - fed->looked >= LOOK_EVERY)) {
            look_again(live, bed, look, to);
            fed->looked = now;
            looks++;
        }
    }
    live->round += looks;
    return live->due_count > 0;
}

/* ---- Under the lock */

static void to_newest(struct vg_live *live, struct vg_live_shown *shown)
{
    if (shown->newer != NULL) {
        shown->newer->older = shown->older;
    }
    if (shown->older != NULL) {
        shown->older->newer = shown->newer;
    }
    if (live->newest == shown) {
        live->newest = shown->older;
    }
    shown->older = live->newest;
    shown->newer = NULL;
    if (live->newest != NULL) {
        live->newest->newer = shown;
    }
    live->newest = shown;
    shown->event = ++live->last;
    vg_shared_done(shown->text);
    shown->text = NULL;
}

/* False: there was no memory for its values or its scores. */
static bool show(struct vg_live_shown *shown, const struct vg_live_fed *fed,
                 const struct vg_bed_look *look)
{
    if (shown->more != NULL) {
        free(shown->values.item);
        shown->values.item = shown->more;
        shown->values.room = shown->more_room;
        shown->more = NULL;
        shown->more_room = 0;
    }
    if (fed->values.count > shown->values.room || !vg_live_brief_keep(shown, look)) {
        return false;
    }
    vg_live_values_copy(&shown->values, &fed->values);
    memcpy(shown->charted, fed->charted, sizeof fed->charted);
    return true;
}

void vg_live_show_beds(struct vg_live *live, vg_ms now)
{
    for (size_t i = 0; i < live->due_count; i++) {
        const struct vg_live_due *due = &live->due[i];
        struct vg_live_fed *fed = live->fed[due->bed];

        fed->due = false;
        if (due->bed < live->shown_count &&
            show(live->shown[due->bed], fed, &due->look)) {
            to_newest(live, live->shown[due->bed]);
            fed->published = now;
        } else {
            fed->dirty = true; /* it waits for memory */
        }
    }
    live->due_count = 0;
}
