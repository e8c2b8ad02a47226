/* SPDX-License-Identifier: Apache-2.0
 *
 * A desk in a ward. See desk.h.
 */
#include "lib/desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RULE(id, class, severity, when, rest)                         \
    "  - id: " id "\n    class: " class "\n    severity: " severity   \
                                        "\n    when: " when "\n" rest \
                                        "    text: t\n    source: s\n"

#define LADDERS                                                               \
    "ladders:\n"                                                              \
    "  critical:\n    hold: 10m\n    steps:\n"                                \
    "      - {offer: [bedside-nurse], wait: 2m, resend: 30s}\n"               \
    "    fallback: {offer: [rapid-response, charge-nurse], repeat: 60s}\n"    \
    "  urgent:\n    hold: 30m\n    steps:\n"                                  \
    "      - {offer: [bedside-nurse, charge-nurse], wait: 10m, resend: 5m}\n" \
    "    fallback: {offer: [charge-nurse, attending], repeat: 10m}\n"         \
    "  watch:\n    hold: 60m\n    steps:\n"                                   \
    "      - {offer: [bedside-nurse], wait: 30m}\n"                           \
    "    fallback: {offer: [shift-list], repeat: 8h}\n"

static const char rules[] = RULE(
    "FEVER", "fever_infection", "urgent", "temp >= 38.0 Cel",
    "    escalate: temp >= 39.0 Cel\n    escalated: critical\n    ladder: urgent\n")
    RULE("WARM", "fever_infection", "watch", "temp >= 37.5 Cel", "    ladder: watch\n")
        RULE("PULSE", "haemodynamic", "critical", "hr > 140 /min",
             "    latch: yes\n    ladder: critical\n") RULE("LOW", "haemodynamic",
                                                            "urgent", "sbp < 95 mm[Hg]",
                                                            "    ladder: urgent\n")
            RULE("FAST", "global", "urgent", "hr > 125 /min", "    ladder: urgent\n")
                LADDERS;

static void listen(struct desk *d)
{
    static const char *const pages[] = {"", "call", "remind", "taken", "end"};

    for (size_t i = 0; i < d->ward.effects.count; i++) {
        const struct vg_effect *e = &d->ward.effects.item[i];
        if (e->kind == VG_EFFECT_ANSWER) {
            d->answer = *e->answer;
        }
        if ((e->kind != VG_EFFECT_ALERT && e->kind != VG_EFFECT_PAGE) ||
            e->page == VG_PAGE_NONE) {
            continue;
        }
        char *out = d->heard + strlen(d->heard);
        size_t room = sizeof d->heard - strlen(d->heard);
        const size_t most = VG_NAME_LEN + 16 + VG_ROLES * (VG_ID_LEN + 1);
        assert_true(room > most); /* the test must forget what it has heard */
        int n = snprintf(out, room, "%s %s", e->alert->rule, pages[e->page]);
        for (unsigned r = 0; r < e->alert->care.plan.role_count; r++) {
            if ((e->to >> r & 1) != 0) {
                n += snprintf(out + n, room - (size_t)n, " %s",
                              e->alert->care.plan.role[r]);
            }
        }
        (void)snprintf(out + n, room - (size_t)n, ";");
    }
}

struct desk *desk_open_with(const char *own)
{
    static struct desk desk;

    memset(&desk, 0, sizeof desk);
    ward_open(&desk.ward, own);
    ward_admit(&desk.ward, 0, "P1");
    return &desk;
}

struct desk *desk_open(void)
{
    return desk_open_with(rules);
}

void desk_close(struct desk *d)
{
    ward_close(&d->ward);
}

void heard(struct desk *d, const char *expected)
{
    assert_string_equal(d->heard, expected);
    d->heard[0] = d->ward.told[0] = '\0';
}

void step(struct desk *d, int64_t at, struct vg_event event)
{
    d->ward.now = at;
    ward_step(&d->ward, event);
    listen(d);
}

void wait_until(struct desk *d, int64_t at)
{
    step(d, at, (struct vg_event){.kind = VG_EVENT_TIME});
}

void spot(struct desk *d, int64_t at, enum vg_signal signal, int64_t value)
{
    ward_read(&d->ward, at, signal, value, VG_SOURCE_SPOT);
    listen(d);
}

struct wanted {
    const char *rule;
    struct vg_alert alert;
    bool found;
};

static bool look(void *to, const struct vg_alert *alert)
{
    struct wanted *wanted = to;

    if (strcmp(alert->rule, wanted->rule) == 0) {
        wanted->alert = *alert;
        wanted->found = true;
    }
    return true;
}

/* The open alert of the rule; rev 0: there is none. */
const struct vg_alert *open_of(struct desk *d, const char *rule)
{
    static struct wanted wanted;

    memset(&wanted, 0, sizeof wanted);
    wanted.rule = rule;
    vg_engine_open_alerts(d->ward.engine, NULL, look, &wanted);
    return &wanted.alert;
}

struct vg_command command(struct desk *d, enum vg_do what, const char *by,
                          const char *rule)
{
    const struct vg_alert *alert = open_of(d, rule);
    struct vg_command c = {.what = what,
                           .rev = alert->rev,
                           .ward = "onc-7",
                           .client = "pc",
                           .reason = "why",
                           .ts = VG_UNSET};

    (void)snprintf(c.id, sizeof c.id, "c%u", d->asked++);
    (void)vg_copy(c.by, sizeof c.by, by);
    (void)vg_copy(c.alert, sizeof c.alert, alert->id);
    return c;
}

void say(struct desk *d, int64_t at, const struct vg_command *c,
         enum vg_result expected)
{
    d->answer.result = VG_RESULT_COUNT;
    step(d, at, (struct vg_event){.kind = VG_EVENT_COMMAND, .command = c});
    if (d->answer.result != expected) {
        fail_msg("%s by %s at %lld: %s (%s), not %s", vg_do_text(c->what), c->by,
                 (long long)at, vg_result_text(d->answer.result), d->answer.detail,
                 vg_result_text(expected));
    }
    assert_string_equal(d->answer.id, c->id);
}

void quick(struct desk *d, int64_t at, enum vg_do what, const char *by,
           const char *rule, enum vg_result expected)
{
    const struct vg_command c = command(d, what, by, rule);

    say(d, at, &c, expected);
}

static struct vg_entry entry_of(enum vg_signal signal, int64_t at, const char *value)
{
    struct vg_entry entry = {.signal = signal,
                             .at = {WARD_START + at},
                             .on = true,
                             .duration_s = -1,
                             .flow = VG_NO_VALUE,
                             .fio2 = VG_NO_VALUE,
                             .until = VG_UNSET};

    (void)vg_copy(entry.value, sizeof entry.value, value);
    return entry;
}

static void enter(struct desk *d, int64_t at, struct vg_entry *entry)
{
    const bool therapy =
        entry->signal == VG_MEDICATION || entry->signal == VG_INFUSION ||
        entry->signal == VG_O2_DEVICE || entry->signal == VG_VASOPRESSOR;
    const struct vg_message message = {.kind = therapy ? VG_KIND_THERAPY
                                                       : VG_KIND_ASSESSMENT,
                                       .ward = "onc-7",
                                       .bed = "12",
                                       .measured = {WARD_START + at},
                                       .entry_count = 1,
                                       .entries = entry};

    step(d, at, (struct vg_event){.kind = VG_EVENT_MESSAGE, .message = &message});
}

void flag(struct desk *d, int64_t at, const char *name, bool on)
{
    struct vg_entry entry = entry_of(VG_FLAG, at, name);

    entry.on = on;
    enter(d, at, &entry);
}

void chart(struct desk *d, int64_t at, enum vg_signal signal, const char *value)
{
    struct vg_entry entry = entry_of(signal, at, value);

    enter(d, at, &entry);
}

void infuse(struct desk *d, int64_t at, const char *what, const char *product)
{
    struct vg_entry entry = entry_of(VG_INFUSION, at, what);

    (void)vg_copy(entry.product, sizeof entry.product, product);
    enter(d, at, &entry);
}

struct vg_admission admission(enum vg_episode_do action, int64_t at)
{
    struct vg_admission a = {.action = action,
                             .ward = "onc-7",
                             .bed = "12",
                             .patient = "P1",
                             .at = {WARD_START + at},
                             .age = -1,
                             .infusion_planned = VG_UNSET};

    for (size_t i = 0; i < VG_MEASURED_COUNT; i++) {
        a.baseline[i] = a.uln[i] = VG_NO_VALUE;
    }
    return a;
}

void tell(struct desk *d, int64_t at, const struct vg_admission *a)
{
    step(d, at, (struct vg_event){.kind = VG_EVENT_EPISODE, .admission = a});
}

void begin_again(struct desk *d)
{
    vg_engine_destroy(d->ward.engine);
    d->ward.engine = vg_engine_create(&d->ward.book);
    assert_non_null(d->ward.engine);
    vg_engine_restore_begin(d->ward.engine);
}

void restored(struct desk *d, int64_t at)
{
    d->ward.now = at;
    assert_int_equal(vg_engine_restore_end(d->ward.engine,
                                           (struct vg_instant){WARD_START + at},
                                           &d->ward.effects),
                     VG_OK);
}

void put_off_ward(struct desk *d, int64_t at, const char *by, vg_ms span)
{
    struct vg_command c = command(d, VG_DO_PAUSE, by, "");

    c.span = span;
    (void)vg_copy(c.bed, sizeof c.bed, "12");
    say(d, at, &c, VG_RESULT_OK);
}
