/* SPDX-License-Identifier: Apache-2.0
 *
 * What an alert must say beside the text of its rule, whatever the file says (Clinical reference 0.3, 0.7, 1.2, 1.5,
 * 5.3, 7.4): that a drug may hide fever or infection, IL-2, when it was measured, that nobody is linked. A note that does
 * not fit is left out whole.
 */
#include <stdio.h>
#include <string.h>

#include "core/engine_inside.h"
#include "core/expr_code.h"

#define LAGS    (15 * VG_MINUTE) /* 0.3: from here on a reading is late */
#define IL2_FOR (48 * VG_HOUR)   /* its fever mimics CRS (7.4); project proposal */

static const char unlinked[] = "; no patient linked";
static const char unlinked_zh[] = "；未关联患者";

static void add(char *text, const char *note)
{
    const size_t length = strlen(text);

    if (length > 0 && length + strlen(note) < VG_ALERT_TEXT) {
        memcpy(text + length, note, strlen(note) + 1);
    }
}

/* "07:30", by the ward's clock; of another day also how many days ago. */
static void clock_of(const struct vg_bed *bed, struct vg_instant t,
                     struct vg_instant at, char out[24])
{
    const vg_ms offset = bed->course->patient.clinical.utc_offset;
    const vg_ms day = (t.ms + offset) / VG_DAY;
    const vg_ms minute = (t.ms + offset) % VG_DAY / VG_MINUTE;
    const int days = (int)((at.ms + offset) / VG_DAY - day);

    (void)snprintf(out, 24, "%02d:%02d", (int)(minute / 60), (int)(minute % 60));
    if (days > 0) {
        (void)snprintf(out + strlen(out), 24 - strlen(out), " (-%d d)", days);
    }
}

struct words {
    const char *before, *between, *after; /* a drug and its time */
};

static void put_drug(char *text, const struct words *words, enum vg_drug_name drug,
                     const char *when)
{
    char note[VG_ALERT_TEXT];

    (void)snprintf(note, sizeof note, "%s%s%s%s%s", words->before, vg_drug_text(drug),
                   words->between, when, words->after);
    add(text, note);
}

static void add_drug(struct vg_alert *alert, const struct vg_bed *bed,
                     struct vg_instant at, const struct words words[2],
                     enum vg_drug_name drug, struct vg_instant given)
{
    char when[24];

    clock_of(bed, given, at, when);
    put_drug(alert->text, &words[0], drug, when);
    put_drug(alert->text_zh, &words[1], drug, when);
}

/* The rule asks a field whose name begins so. */
static bool asks(const struct vg_bed *bed, const struct vg_rule *rule,
                 const char *field)
{
    for (uint16_t i = 0; i < rule->when.length; i++) {
        const struct vg_expr_op *op = &rule->when.code[i];
        const struct vg_query *query =
            op->code == VG_OP_ASK ? &bed->protocol->queries.item[op->query] : NULL;
        if (query != NULL && query->kind == VG_ASK_FIELD &&
            strncmp(query->name, field, strlen(field)) == 0) {
            return true;
        }
    }
    return false;
}

static bool begins(const struct vg_bed *bed, const struct vg_rule *rule,
                   const char *const fields[])
{
    for (size_t i = 0; fields[i] != NULL; i++) {
        if (asks(bed, rule, fields[i])) {
            return true;
        }
    }
    return false;
}

/* ---- Each note */

/* 1.2: of hypotension and hypoxia; 1.5: the grade that a rise of support would have with fever. */
static void of_fever(struct vg_alert *alert, const struct vg_bed *bed,
                     const struct vg_rule *rule, struct vg_instant at)
{
    static const char *const fields[] = {"bp.", "oxygen.hypoxia", "oxygen.severe",
                                         "crs.support", NULL};
    static const struct words words[] = {
        {"; fever can be hidden by ", ", ", "; CRS not excluded"},
        {"；发热可能被 ", "（", "）掩盖；不能排除 CRS"}};
    const struct vg_assessment *now = vg_bed_assessment(bed);
    struct vg_instant given;
    const enum vg_drug_name drug =
        vg_masked_by(&bed->course->state.chart, at, false, &given);
    char note[96];

    if (!alert->scores.masked || drug == VG_DRUGS || !begins(bed, rule, fields)) {
        return;
    }
    add_drug(alert, bed, at, words, drug, given);
    if (now != NULL && now->crs.unmasked != VG_GRADE_NULL &&
        asks(bed, rule, "crs.support")) {
        (void)snprintf(note, sizeof note,
                       "; CRS relapse not excluded, grade if unmasked = %d",
                       now->crs.unmasked);
        add(alert->text, note);
        (void)snprintf(note, sizeof note, "；不能排除 CRS 复发，未掩盖时分级 = %d",
                       now->crs.unmasked);
        add(alert->text_zh, note);
    }
}

static void of_infection(struct vg_alert *alert, const struct vg_bed *bed,
                         const struct vg_rule *rule, struct vg_instant at)
{
    static const char *const fields[] = {"news2.page", "news2.score", "news2.worst",
                                         NULL};
    static const struct words words[] = {{"; infection can be afebrile (", ", ", ")"},
                                         {"；感染可不伴发热（", "，", "）"}};
    struct vg_instant given;
    const enum vg_drug_name drug =
        vg_masked_by(&bed->course->state.chart, at, true, &given);

    if (drug != VG_DRUGS && begins(bed, rule, fields)) {
        add_drug(alert, bed, at, words, drug, given);
    }
}

static void of_il2(struct vg_alert *alert, const struct vg_bed *bed,
                   const struct vg_rule *rule, struct vg_instant at)
{
    static const char *const fields[] = {"fever.", "crs.", NULL};
    static const struct words words[] = {{"; ", " given ", ""},
                                         {"；已用 ", "（", "）"}};
    const struct vg_instant given = bed->course->state.chart.given[VG_IL2];

    if (vg_state_set(given) && given.ms <= at.ms && vg_since(at, given) <= IL2_FOR &&
        begins(bed, rule, fields)) {
        add_drug(alert, bed, at, words, VG_IL2, given);
    }
}

/* Late, and nobody has seen it yet: when it was measured (0.3). */
static void of_lateness(struct vg_alert *alert, const struct vg_asking *asking,
                        const struct vg_rule *rule)
{
    char when[24];
    char note[64];

    if ((rule->topics == 0 && rule->asks == 0) || !vg_is_set(asking->trigger) ||
        vg_since(asking->stamp, asking->trigger) <= LAGS) {
        return;
    }
    clock_of(asking->bed, asking->trigger, asking->stamp, when);
    (void)snprintf(note, sizeof note, "; measured %s", when);
    add(alert->text, note);
    (void)snprintf(note, sizeof note, "；测量时间 %s", when);
    add(alert->text_zh, note);
}

void vg_alert_notes(struct vg_alert *alert, const struct vg_asking *asking,
                    const struct vg_rule *rule, bool builtin)
{
    const struct vg_bed *bed = asking->bed;

    if (bed->node) {
        return;
    }
    if (!builtin && bed->course != NULL) {
        of_fever(alert, bed, rule, asking->at);
        of_infection(alert, bed, rule, asking->at);
        of_il2(alert, bed, rule, asking->at);
        of_lateness(alert, asking, rule);
    }
    if (!bed->linked) {
        add(alert->text, unlinked);
        add(alert->text_zh, unlinked_zh);
    }
}

static void cut(char *text, const char *note)
{
    char *at = strstr(text, note);

    if (at != NULL && at[strlen(note)] == '\0') {
        *at = '\0';
    }
}

void vg_alert_linked(struct vg_alert *alert)
{
    cut(alert->text, unlinked);
    cut(alert->text_zh, unlinked_zh);
}
