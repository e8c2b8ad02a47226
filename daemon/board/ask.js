// SPDX-License-Identifier: Apache-2.0
// Commands: who says it, what else must be said (a reason, a time), and what the daemon answered.
import {make} from './dom.js';
import {command} from './api.js';
import {refusal} from './refusals.js';
import {choice, closeSheet, field, openSheet} from './sheet.js';
import {ruleName, t} from './words.js';
import {why} from './why.js';

const REASONS = ['busy', 'not_my_patient', 'known', 'off_ward', 'artefact'];
const MINUTES = {silence: [['2m', '2'], ['5m', '5'], ['15m', '15']], shelve: [['10m', '10'], ['30m', '30'], ['1h', '60']],
    pause: [['15m', '15'], ['30m', '30'], ['60m', '60']]};
const NEEDS = {reject: ['reason'], shelve: ['time', 'reason'], silence: ['time'], pause: ['time', 'reason'], note: ['note'], judge: ['judgement']};
// Whose: beds of the same name lie in several wards.
const whose = (alert) => `${ruleName(alert.rule)}, ${t('bed_n', {bed: alert.bed ?? '–'})} · ${alert.patient ?? alert.ward ?? '–'}`;
const JUDGEMENTS = ['actionable', 'not_relevant', 'false', 'artefact'];

export class Ask {
    constructor(who, tell) {
        this.who = who;
        this.tell = tell; // (sentence): for the screen reader
    }

    me() {
        return this.who.by;
    }

    // row: the AlertRow, or anything with tell(text, state).
    async command(alert, verb, row, more = {}) {
        const by = await this.who.known();
        if (!by) return;
        row.tell(t('sending'), 'waiting');
        try {
            const answer = await command(alert, verb, by, more);
            const good = answer.result === 'ok' || answer.result === 'stale_view' || answer.result === 'duplicate';
            const text = answer.result === 'ok' ? t(`done.${verb}`) : t(`result.${answer.result}`, {detail: refusal(answer.detail) || ''});
            row.tell(text, good ? 'good' : 'bad');
            this.tell(text);
        } catch (error) {
            const text = t('not_done', {why: error.status === 401 ? t('logged_out') : error.message});
            row.tell(text, 'bad');
            this.tell(text);
        }
    }

    // Asks what else must be said; one touch for the usual answers.
    async form(alert, verb, row) {
        const needs = NEEDS[verb] ?? [];
        const parts = {};
        if (needs.includes('time')) parts.time = choice(t('minutes'), MINUTES[verb], MINUTES[verb][0][0]);
        if (needs.includes('judgement')) parts.judgement = choice(t('judgement'), JUDGEMENTS.map((j) => [j, t(`judgement.${j}`)]));
        if (needs.includes('reason')) parts.reason = choice(t('reason'), REASONS.map((r) => [r, t(`reason.${r}`)]));
        const free = make('input', {type: 'text', maxLength: 150, autocomplete: 'off'});
        if (needs.includes('reason') || needs.includes('note')) parts.free = field(t(needs.includes('note') ? 'note' : 'own_words'), free);
        const error = make('p', {className: 'error', role: 'alert'});
        const take = (event) => {
            event.preventDefault();
            const more = this.said(parts, free.value.trim(), needs);
            if (!more) {
                error.textContent = t('say_more');
                return;
            }
            closeSheet();
            this.command(alert, verb, row, more);
        };
        await openSheet(`${t(`do.${verb}`)}: ${whose(alert)}`,
            [make('form', {on: {submit: take}}, ...Object.values(parts), error,
                make('div', {className: 'doing'}, make('button', {type: 'submit', className: 'primary'}, t(`do.${verb}`))))]);
    }

    // What goes with the command, or null: something is missing.
    said(parts, free, needs) {
        const more = {};
        if (parts.time) more.for = parts.time.chosen();
        if (parts.judgement) more.judgement = parts.judgement.chosen();
        if (parts.reason) more.reason = free || (parts.reason.chosen() ? t(`reason.${parts.reason.chosen()}`) : '');
        if (needs.includes('note')) more.note = free;
        return Object.values(more).every((value) => value) ? more : null;
    }

    // Everything about one alert, and the rarer commands.
    more(alert, row) {
        const verbs = ['reject', 'silence', 'shelve', 'note', 'judge', 'pause', 'reset'].filter((verb) =>
            !(verb === 'shelve' && alert.severity === 'critical') && !(verb === 'pause' && !alert.bed) && !(verb === 'reset' && alert.condition !== 'ended'));
        const buttons = verbs.map((verb) => make('button', {type: 'button', data: {verb},
            on: {click: () => (verb === 'reset' ? (closeSheet(), this.command(alert, verb, row)) : this.form(alert, verb, row))}}, t(`do.${verb}`)));
        return openSheet(whose(alert),
            [make('div', {className: 'doing'}, buttons), why(alert)], true);
    }
}
