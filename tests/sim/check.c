/* SPDX-License-Identifier: Apache-2.0
 *
 * What must hold, after every turn of the daemon and of all that the broker was told:
 *
 *   - nothing that is due waits longer than the loop was held up
 *   - an open alert has an owner, a next deadline, or a reason to have neither
 *   - changes of a ward are told in order and without a gap in `n`; of an alert without one in
 *     `rev`; the same number never says two things
 *   - an id has one rule, one subject and one onset; no two open alerts say the same
 *   - in the end: what is retained is what the engine has open, everything told and drained
 */
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "shell/app_inside.h"
#include "sim/sim.h"

#define ALERTS 4096
#define TELLS  8192
#define WARDS  2

struct known {
    char id[VG_ALERT_LEN + 1], rule[VG_NAME_LEN + 1], subject[VG_PATIENT_LEN + 1];
    char onset[32];
    unsigned rev;
    bool stored; /* as last told */
    bool open;
};

static struct known known[ALERTS];
static size_t known_count;

static struct {
    char name[8];
    uint64_t n; /* highest told, all below it were */
    struct {
        char id[VG_ALERT_LEN + 1];
        unsigned rev;
        bool stored;
    } told[TELLS];
} wards[WARDS] = {{.name = "onc"}, {.name = "icu"}};

/* A wall clock that is set by less than 2 s is followed in silence: so late may a timer be. */
#define UNNOTED 2100
static vg_ms turned, stalled_until;

void check_reset(void)
{
    known_count = 0;
}

void check_start(void)
{
    turned = sim.boot;
    stalled_until = sim.boot + 1000;
}

/* ---- Deadlines */

void check_clock_set(void)
{
    stalled_until = sim.boot + 500; /* the daemon looks at it every 100 ms */
}

/* The loop may have been held up: what fell due meanwhile is served in this turn. */
void check_step(void)
{
    if (sim.app == NULL || !loop_alive() || sim.boot < stalled_until) {
        return;
    }
    const struct vg_instant due = vg_engine_deadline(sim.app->engine);
    const vg_ms late = vg_is_never(due)
                           ? 0
                           : sim_true() + sim.wall_off + sim.app->clock_ahead - due.ms;
    const vg_ms pause = sim.boot - turned;

    turned = sim.boot;
    if (late > pause + 5 && late > (sim.plan.steps ? UNNOTED : 250)) {
        sim_violation("a deadline is %lld ms late, the loop paused %lld",
                      (long long)late, (long long)pause);
        stalled_until = sim.boot + 60000;
    }
}

static bool one_alert(void *to, const struct vg_alert *a)
{
    const vg_ms now = sim.app->now.ms;
    const vg_ms slack = *(vg_ms *)to;
    vg_ms due = SIM_NEVER;
    bool held = a->care.folded || a->ladder[0] == '\0' || a->severity == VG_INFO;

    for (size_t i = 0; i < a->claim_count; i++) {
        const bool holds =
            a->claim[i].kind == VG_CLAIM_PAUSE || a->claim[i].kind == VG_CLAIM_SHELVE;
        due = holds && a->claim[i].until.ms < due ? a->claim[i].until.ms : due;
        held = held && !holds;
    }
    if (due == SIM_NEVER &&
        (a->offer == VG_OFFERED_STATE || a->offer == VG_EXHAUSTED)) {
        due = vg_is_set(a->respond_by) ? a->respond_by.ms : SIM_NEVER;
        held = false;
    } else if (due == SIM_NEVER && a->offer == VG_ACCEPTED_STATE) {
        due = a->care.hold_until.ms;
        held = a->owner[0] != '\0' && a->ladder[0] == '\0';
    }
    if (due == SIM_NEVER && !held) {
        sim_violation("%s (%s) is open and waits for nothing", a->id, a->rule);
    } else if (due != SIM_NEVER && due + slack < now) {
        sim_violation("%s (%s) waits for something %lld ms past", a->id, a->rule,
                      (long long)(now - due));
    }
    return true;
}

void check_second(void)
{
    vg_ms slack = 5000 + 2 * VG_SECOND;

    if (sim.app != NULL && sim.app->engine != NULL && loop_alive() &&
        sim.boot >= stalled_until) {
        vg_engine_open_alerts(sim.app->engine, NULL, one_alert, &slack);
    }
}

/* ---- What the broker was told */

static const char *text(const cJSON *object, const char *name)
{
    const char *found = cJSON_GetStringValue(cJSON_GetObjectItem(object, name));

    return found == NULL ? "" : found;
}

static unsigned number(const cJSON *object, const char *name)
{
    return (unsigned)cJSON_GetNumberValue(cJSON_GetObjectItem(object, name));
}

static struct known *known_of(const cJSON *alert)
{
    const char *id = text(alert, "id");

    for (size_t i = 0; i < known_count; i++) {
        if (strcmp(known[i].id, id) == 0) {
            return &known[i];
        }
    }
    if (known_count == ALERTS) {
        sim_violation("more alerts than a run can have");
        exit(3);
    }
    struct known *k = &known[known_count++];
    memset(k, 0, sizeof *k);
    (void)snprintf(k->id, sizeof k->id, "%s", id);
    (void)snprintf(k->rule, sizeof k->rule, "%s", text(alert, "rule"));
    (void)snprintf(k->onset, sizeof k->onset, "%s", text(alert, "onset"));
    return k;
}

/* Two open alerts of one rule and subject: a second id for what has one. */
static void look_for_second(const struct known *k)
{
    for (size_t i = 0; i < known_count; i++) {
        const struct known *o = &known[i];
        if (k->subject[4] == '\0') {
            return; /* of a gateway: which one only the text says */
        }
        if (!o->stored || !k->stored) {
            continue; /* told from memory while the disk was dead, and forgotten since */
        }
        if (o != k && o->open && k->open && strcmp(o->rule, k->rule) == 0 &&
            strcmp(o->subject, k->subject) == 0) {
            sim_violation("%s and %s are both open: %s of %s", o->id, k->id, k->rule,
                          k->subject);
        }
    }
}

static void note_alert(const cJSON *alert, const char *ward)
{
    struct known *k = known_of(alert);
    const unsigned rev = number(alert, "rev");
    const char *event = text(alert, "event");

    if (strcmp(k->rule, text(alert, "rule")) != 0 ||
        strcmp(k->onset, text(alert, "onset")) != 0) {
        sim_violation("%s was %s since %s, and is %s since %s", k->id, k->rule,
                      k->onset, text(alert, "rule"), text(alert, "onset"));
    }
    if (rev > k->rev + 1 &&
        strncmp(k->subject, ward, 3) == 0) { /* each ward has its own row */
        sim_violation("%s went from rev %u to %u", k->id, k->rev, rev);
    }
    if (rev < k->rev) {
        return; /* told again */
    }
    k->rev = rev;
    k->stored = cJSON_IsTrue(cJSON_GetObjectItem(alert, "persisted"));
    (void)snprintf(k->subject, sizeof k->subject, "%s/%s", ward,
                   text(alert, "patient")[0] != '\0' ? text(alert, "patient")
                                                     : text(alert, "bed"));
    k->open = strcmp(text(cJSON_GetObjectItem(alert, "responsibility"), "state"),
                     "closed") != 0;
    (void)event;
    look_for_second(k);
}

static void note_change(size_t w, const cJSON *alert)
{
    const unsigned n = number(alert, "n");
    const bool stored = cJSON_IsTrue(cJSON_GetObjectItem(alert, "persisted"));

    if (n == 0 || n >= TELLS) {
        sim_violation("change %u of ward %s", n, wards[w].name);
        return;
    }
    if (n > wards[w].n + 1) {
        sim_violation("ward %s: change %u came behind %llu", wards[w].name, n,
                      (unsigned long long)wards[w].n);
    }
    if (n <= wards[w].n && wards[w].told[n].stored && stored &&
        (strcmp(wards[w].told[n].id, text(alert, "id")) != 0 ||
         wards[w].told[n].rev != number(alert, "rev"))) {
        sim_violation("ward %s: change %u was %s rev %u and is %s rev %u",
                      wards[w].name, n, wards[w].told[n].id, wards[w].told[n].rev,
                      text(alert, "id"), number(alert, "rev"));
    }
    (void)snprintf(wards[w].told[n].id, sizeof wards[w].told[n].id, "%s",
                   text(alert, "id"));
    wards[w].told[n].rev = number(alert, "rev");
    wards[w].told[n].stored = wards[w].told[n].stored || stored;
    wards[w].n = n > wards[w].n ? n : wards[w].n;
}

/* Nobody is called: it was shelved, or its bed is off the ward. */
static bool is_held(const cJSON *alert)
{
    const cJSON *claim = NULL;

    cJSON_ArrayForEach(claim, cJSON_GetObjectItem(alert, "claims"))
    {
        if (strcmp(text(claim, "kind"), "shelve") == 0 ||
            strcmp(text(claim, "kind"), "pause") == 0) {
            return true;
        }
    }
    return false;
}

static void trace_alert(const cJSON *a)
{
    const cJSON *r = cJSON_GetObjectItem(a, "responsibility");

    trace_line(
        "{\"t\":%lld,\"e\":\"alert\",\"id\":\"%s\",\"rev\":%u,\"n\":%u,\"event\":\"%s\","
        "\"at\":\"%s\",\"ward\":\"%s\",\"bed\":\"%s\",\"patient\":\"%s\",\"rule\":\"%s\","
        "\"severity\":\"%s\",\"condition\":\"%s\",\"latched\":%d,\"late\":%d,"
        "\"onset\":\"%s\",\"raised\":\"%s\",\"state\":\"%s\",\"ladder\":\"%s\","
        "\"step\":%u,\"by\":\"%s\",\"held\":%d,\"persisted\":%d}",
        (long long)sim.boot, text(a, "id"), number(a, "rev"), number(a, "n"),
        text(a, "event"), text(a, "ts"), text(a, "ward"), text(a, "bed"),
        text(a, "patient"), text(a, "rule"), text(a, "severity"), text(a, "condition"),
        cJSON_IsTrue(cJSON_GetObjectItem(a, "latched")),
        cJSON_IsTrue(cJSON_GetObjectItem(a, "late")), text(a, "onset"),
        text(a, "raised"), text(r, "state"), text(r, "ladder"),
        cJSON_GetObjectItem(r, "step") == NULL ? 0 : number(r, "step"),
        text(r, "respond_by"), is_held(a),
        cJSON_IsTrue(cJSON_GetObjectItem(a, "persisted")));
}

void check_heard(const char *topic, const char *payload, size_t length)
{
    static const char prefix[] = "vigil/v1/wards/";

    if (strncmp(topic, prefix, sizeof prefix - 1) != 0 || length == 0) {
        return;
    }
    const char *rest = topic + sizeof prefix - 1;
    const size_t w = strncmp(rest, "icu", 3) == 0;
    if (strcmp(rest + 4, "events") == 0) {
        cJSON *alert = cJSON_ParseWithLength(payload, length);
        trace_alert(alert);
        note_change(w, alert);
        note_alert(alert, wards[w].name);
        cJSON_Delete(alert);
    } else if (strncmp(rest + 4, "pages/", 6) == 0) {
        cJSON *page = cJSON_ParseWithLength(payload, length);
        trace_line(
            "{\"t\":%lld,\"e\":\"page\",\"role\":\"%s\",\"kind\":\"%s\",\"page\":\"%s\","
            "\"id\":\"%s\",\"rev\":%u}",
            (long long)sim.boot, rest + 10, text(page, "kind"), text(page, "page"),
            text(page, "id"), number(page, "rev"));
        cJSON_Delete(page);
    }
}
