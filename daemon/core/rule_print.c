/* SPDX-License-Identifier: Apache-2.0
 *
 * See rule_print.h.
 */
#include "core/rule_print.h"

#include <string.h>

/* ---- The print of a test */

static uint64_t with_number(uint64_t hash, int64_t number)
{
    return vg_hash(hash, &number, sizeof number);
}

static uint64_t with_test(uint64_t hash, const struct vg_expr *expr)
{
    hash = vg_hash(hash, expr->text, strlen(expr->text) + 1);
    hash = with_number(hash, expr->hold);
    hash = with_number(hash, expr->of_true);
    hash = with_number(hash, expr->of_last);
    return with_number(hash, expr->apart);
}

void vg_rule_print(struct vg_rule *rule, const struct vg_clinical *clinical)
{
    uint64_t hash = with_test(0, &rule->when);

    hash = rule->has_clear ? with_test(hash, &rule->clear) : hash;
    if (rule->topics != 0) {
        hash = with_number(hash, clinical->fn_nice);
        hash = with_number(hash, clinical->relative_grades);
        hash = with_number(hash, clinical->tls_howard);
    }
    rule->print = (uint32_t)hash | 1U;
}

/* ---- Alerts of before */

static enum vg_phase phase_of(const struct vg_alert *alert)
{
    if (alert->condition == VG_ENDED) {
        return VG_IDLE;
    }
    return vg_is_set(alert->clear_since) ? VG_CLEARING_PHASE : VG_ON;
}

/* By what was measured, asked again, the rule as it is now is on, or was from the same time: it is its own. */
static bool found_again(const struct vg_rule_state *state, const struct vg_alert *alert)
{
    return state->phase >= VG_ON ||
           (vg_is_set(state->ended_onset) && state->ended_onset.ms == alert->onset.ms);
}

/* One that was stored before its test was may be of this one or not: only an end that it tells surely is told as
 * one of another. */
static enum vg_rewritten rewritten(const struct vg_rule_state *state,
                                   const struct vg_alert *alert,
                                   const struct vg_rule *rule, const char *digest)
{
    if (found_again(state, alert)) {
        return VG_SAME_TEST;
    }
    if (alert->care.test != 0) {
        return alert->care.test == rule->print ? VG_SAME_TEST : VG_NEW_TEST;
    }
    return strcmp(alert->digest, digest) == 0 ? VG_SAME_TEST : VG_PERHAPS_NEW;
}

/* One that has ended and is latched says nothing of what came after: the span that may lead to the
 * next one goes on. */
void vg_rule_attach(struct vg_rule_state *state, struct vg_alert *alert,
                    const struct vg_rule *rule, const char *digest)
{
    const enum vg_phase phase = phase_of(alert);
    const enum vg_rewritten test = rewritten(state, alert, rule, digest);

    if (test == VG_SAME_TEST &&
        rule->print != 0) { /* an orphan keeps what it stood by */
        alert->care.test = rule->print;
    }
    state->alert = alert;
    state->newest_onset = vg_later(state->newest_onset, alert->onset);
    if (phase == VG_IDLE && state->phase == VG_PENDING) {
        return;
    }
    state->phase = phase;
    state->rewritten = phase >= VG_ON ? test : VG_SAME_TEST;
    state->lost = alert->condition == VG_CONDITION_UNKNOWN;
    state->onset = alert->onset;
    state->clear_since = alert->clear_since;
}
