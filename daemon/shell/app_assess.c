/* SPDX-License-Identifier: Apache-2.0
 *
 * Assessments over time, for history: after a message the bed's assessments are compared with
 * those written last, part by part, and what changed is recorded. Charted and laboratory values
 * at once; monitors' streams once a minute, for some score moves with each of their values, and
 * the first of them a moment later, when those that belong to them are there too.
 *
 * What a gateway kept while it was cut off is judged as it stood at its own time, each five
 * minutes of it, and written there; such rows have all parts where they begin, and so has the next
 * that is of now, for each tells only what differs from the row before it in time.
 */
#include <stdlib.h>
#include <string.h>

#include "shell/app_inside.h"

#define EVERY VG_MINUTE /* of the clock, for streams */
#define LOOK  (5 * VG_SECOND)
#define WHOLE VG_DAY /* then all parts again, so that nobody need look further back */
#define PARTS 20
#define FIRST (3 * VG_SECOND) /* after the first of a stream */
#define KEPT  (5 * VG_MINUTE) /* so late: it was kept back; and how often it is judged */
#define MOST  64              /* beds at one look: others wait for the loop meanwhile */

/* In front what each message asks for: it lies together. */
struct vg_assessed_bed {
    vg_ms written, whole;   /* boot clock, 0: never; whole: all parts */
    bool due;               /* came since */
    bool behind;            /* the last row is of what was kept back … */
    struct vg_instant kept; /* … and stands there; 0: none */
    char bed[VG_ID_LEN + 1], ward[VG_ID_LEN + 1], patient[VG_PATIENT_LEN + 1];
    uint64_t part[PARTS]; /* hashes, in the order of vg_put_assessment */
};

/* The slot of a bed, or the free one where it belongs. */
static size_t slot_of(const struct vg_app *app, const char *ward, const char *bed)
{
    const uint64_t hash = vg_hash(vg_hash(0, ward, strlen(ward)), bed, strlen(bed));
    size_t at = (size_t)hash & (app->assessed_slots - 1);

    while (app->assessed_slot[at] != 0) {
        const struct vg_assessed_bed *b = &app->assessed[app->assessed_slot[at] - 1];
        if (strcmp(b->bed, bed) == 0 && strcmp(b->ward, ward) == 0) {
            break;
        }
        at = (at + 1) & (app->assessed_slots - 1);
    }
    return at;
}

/* Room for one more, at most half of the slots taken. */
static bool make_room(struct vg_app *app)
{
    if (2 * (app->assessed_count + 1) <= app->assessed_slots) {
        return true;
    }
    const size_t slots = app->assessed_slots == 0 ? 64 : 2 * app->assessed_slots;
    struct vg_assessed_bed *beds =
        realloc(app->assessed, slots / 2 * sizeof *app->assessed);
    if (beds == NULL) {
        return false;
    }
    app->assessed = beds;
    size_t *slot = calloc(slots, sizeof *slot);
    if (slot == NULL) {
        return false;
    }
    free(app->assessed_slot);
    app->assessed_slot = slot;
    app->assessed_slots = slots;
    for (size_t i = 0; i < app->assessed_count; i++) {
        slot[slot_of(app, beds[i].ward, beds[i].bed)] = i + 1;
    }
    return true;
}

static struct vg_assessed_bed *bed_of(struct vg_app *app, const char *ward,
                                      const char *bed)
{
    if (!make_room(app)) {
        return NULL;
    }
    const size_t at = slot_of(app, ward, bed);
    if (app->assessed_slot[at] == 0) {
        struct vg_assessed_bed *fresh = &app->assessed[app->assessed_count++];
        memset(fresh, 0, sizeof *fresh);
        (void)vg_copy(fresh->ward, sizeof fresh->ward, ward);
        (void)vg_copy(fresh->bed, sizeof fresh->bed, bed);
        app->assessed_slot[at] = app->assessed_count;
    }
    return &app->assessed[app->assessed_slot[at] - 1];
}

/* The next `"name":{…}`, cut out of the text in place. False: there is none. */
static bool next_part(char **text, char **name, char **json)
{
    char *at = *text + (**text == ',');
    int depth = 0;

    if (*at != '"') {
        return false;
    }
    *name = at + 1;
    at = strchr(*name, '"');
    if (at == NULL || at[1] != ':') {
        return false;
    }
    *at = '\0';
    *json = at + 2;
    for (at = *json; *at != '\0'; at++) {
        depth += (*at == '{') - (*at == '}');
        if (depth == 0 && *at == '}') {
            break;
        }
    }
    if (*at == '\0') {
        return false;
    }
    /* room for a NUL: the comma behind it is known to be one */
    *text = at[1] == ',' ? at + 2 : at + 1;
    at[1] = '\0';
    return true;
}

static void write_parts(struct vg_app *app, struct vg_assessed_bed *b,
                        const struct vg_assessed *now, struct vg_instant at)
{
    const struct vg_episode *episode = vg_engine_episode(app->engine, b->ward, b->bed);
    struct vg_assessed_part part = {.at = at,
                                    .ward = b->ward,
                                    .bed = b->bed,
                                    .patient = now->patient,
                                    .episode = episode != NULL ? episode->id : ""};
    char *name;
    char *json;

    vg_buffer_clear(&app->json);
    vg_put_assessment(&app->json, &now->now);
    if (app->json.failed) {
        return;
    }
    char *text = app->json.bytes;
    char *const end = text + app->json.length;
    for (size_t i = 0; i < PARTS && text < end && next_part(&text, &name, &json); i++) {
        const uint64_t hash = vg_hash(1, json, strlen(json));
        part.part = name;
        part.json = json;
        if (hash != b->part[i] &&
            vg_batch_assessed(app->filling.batch, &part) == VG_OK) {
            b->part[i] = hash;
        }
    }
}

/* All parts again: another patient, another day, or not the row before it in time. */
static void begin_anew(struct vg_assessed_bed *b, const char *patient, bool behind,
                       vg_ms now)
{
    if (strcmp(patient, b->patient) != 0 || b->behind != behind ||
        now - b->whole >= WHOLE) {
        b->whole = now;
        b->behind = behind;
        memset(b->part, 0, sizeof b->part);
        (void)vg_copy(b->patient, sizeof b->patient, patient);
    }
}

static void write_bed(struct vg_app *app, struct vg_assessed_bed *b, vg_ms now)
{
    struct vg_assessed assessed;

    b->due = false;
    if (!vg_engine_assess_bed(app->engine, b->ward, b->bed, &assessed) ||
        !assessed.known) {
        return;
    }
    begin_anew(b, assessed.patient, false, now);
    write_parts(app, b, &assessed, app->now);
    vg_app_commit_soon(app);
}

static void write_kept(struct vg_app *app, struct vg_assessed_bed *b,
                       struct vg_instant at, vg_ms now)
{
    struct vg_assessed assessed;
    const vg_ms since = at.ms - b->kept.ms;

    if ((since >= 0 && since < KEPT) ||
        !vg_engine_assess_then(app->engine, b->ward, b->bed, at, &assessed)) {
        return;
    }
    begin_anew(b, assessed.patient, true, now);
    write_parts(app, b, &assessed, at);
    b->kept = at;
    b->due = true; /* and how it stands now */
}

/* Not the first: what belongs to it comes in the same moment, and would wait a minute. */
static void stream(struct vg_app *app, struct vg_assessed_bed *b, vg_ms now)
{
    if (b->written == 0 || now - b->written >= 2 * EVERY) {
        b->written = now - EVERY + FIRST;
        b->due = true;
    } else if (now - b->written >= EVERY) {
        b->written = now;
        write_bed(app, b, now);
    } else {
        b->due = true;
    }
}

void vg_app_assess(struct vg_app *app, const struct vg_decoded *told)
{
    const vg_ms now = vg_clock_boot();
    struct vg_assessed_bed *b = bed_of(app, told->topic.ward, told->topic.bed);

    if (b == NULL || app->quiet) {
        return; /* a row of history the less */
    }
    if (told->kind == VG_DECODED_EPISODE || told->message.kind != VG_KIND_VITALS ||
        told->message.entry_count > 0) {
        write_bed(app, b, now);
        return;
    }
    if (app->now.ms - told->message.measured.ms >= KEPT) {
        write_kept(app, b, told->message.measured, now);
    }
    stream(app, b, now);
}

void vg_app_assess_due(struct vg_app *app, vg_ms now)
{
    unsigned written = 0;

    if (now - app->assess_looked < LOOK) {
        return;
    }
    app->assess_looked = now;
    for (size_t i = 0; i < app->assessed_count && written < MOST; i++) {
        struct vg_assessed_bed *b = &app->assessed[i];
        if (b->due && now - b->written >= EVERY) {
            b->written = now;
            write_bed(app, b, now);
            written++;
        }
    }
}
