// SPDX-License-Identifier: Apache-2.0
// One alert in a tile: how grave, what in words, who has it and when it moves on, and what can be done in one touch.
import {label, make, mark, say, show} from './dom.js';
import {clockTime, countdown, now, since, span} from './clock.js';
import {ruleName, t, word} from './words.js';
import {said, speak} from './said.js';
import {liveClaims, needsSomebody} from './state.js';

const SETTLED = 400; // ms: what has just moved under a finger does not act

export function personOf(by) {
    return by ? by.replace(/^([^:]+):(.*)$/, (all, role, name) => `${name} (${word('role', role)})`) : '–';
}

// Who has it, or who is asked and until when.
export function responsibility(alert) {
    const r = alert.responsibility || {state: 'none'};
    const targets = (r.targets || []).map((role) => word('role', role)).join(t('comma'));
    if (r.state === 'accepted') return t('owned', {who: personOf(r.owner), until: clockTime(r.hold_until)});
    if (r.state === 'offered') return r.respond_by ? t('offered', {who: targets, left: countdown(r.respond_by)}) : t('asked', {who: targets});
    if (r.state === 'exhausted') return r.respond_by ? t('exhausted_until', {who: targets, left: countdown(r.respond_by)}) : t('exhausted', {who: targets});
    return t(`responsibility.${r.state}`);
}

export function claimsText(alert) {
    return liveClaims(alert, now()).map((c) => t(`claim.${c.kind}`, {by: personOf(c.by), until: clockTime(c.until)})).join(' · ');
}

export class AlertRow {
    constructor(act) {
        this.act = act;
        this.moved = performance.now();
        this.mark = make('span', {className: 'mark', 'aria-hidden': 'true'});
        this.word = make('span', {className: 'word'});
        this.when = make('span', {className: 'when'});
        this.name = make('b', {className: 'name'});
        this.text = make('span', {className: 'text', title: t('compatible')});
        this.who = make('span', {className: 'who'});
        this.claims = make('span', {className: 'claims'});
        this.answer = make('span', {className: 'answer', role: 'status'});
        this.accept = this.button('accept', 'primary');
        this.seen = this.button('acknowledge', '');
        this.more = this.button('more', 'narrow');
        this.element = make('li', {className: 'alert'},
            make('p', {className: 'line'}, this.mark, this.word, ' ', this.when, ' ', this.name), this.text, this.who, this.claims,
            make('div', {className: 'doing'}, this.accept, this.seen, this.more), this.answer);
    }

    // Acts on the alert that was there when the finger came down.
    button(verb, className) {
        const begin = () => { this.pressed = this.alert; };
        const click = () => {
            const alert = this.pressed ?? this.alert;
            this.pressed = null;
            if (performance.now() - this.moved > SETTLED) this.act[verb](alert, this);
        };
        return make('button', {type: 'button', className, data: {verb}, on: {pointerdown: begin, click}}, t(verb === 'more' ? 'more' : `do.${verb}`));
    }

    update(alert) {
        this.alert = alert;
        mark(this.element, 'alert', alert.id);
        mark(this.element, 'severity', alert.severity);
        mark(this.element, 'condition', alert.condition);
        mark(this.element, 'wanted', needsSomebody(alert) ? 'yes' : null);
        say(this.mark, t(`mark.${alert.severity}`));
        say(this.word, t(`severity.${alert.severity}`) + (alert.condition === 'active' ? '' : ` · ${t(`condition.${alert.condition}`)}`) +
            (alert.late ? ` · ${t('late')}` : ''));
        say(this.name, ruleName(alert.rule));
        speak(this.text, said(alert));
        for (const button of [this.accept, this.seen, this.more]) this.labelFor(button);
        this.tick();
    }

    tick() {
        const alert = this.alert;
        const accepted = alert.responsibility && alert.responsibility.state === 'accepted';
        say(this.who, responsibility(alert));
        say(this.when, t('ago', {span: span(since(alert.onset) / 1000)}).replaceAll(' ', '\u00a0'));
        const claims = claimsText(alert);
        say(this.claims, claims);
        show(this.claims, claims !== '');
        const over = alert.condition === 'ended' && alert.latched;
        const mine = accepted && alert.responsibility.owner === this.act.me();
        this.offer('accept', mine ? 'release' : 'accept');
        this.offer('seen', over ? 'reset' : 'acknowledge');
        show(this.accept, alert.rule !== 'MONITORING_LOST' && !(over && !needsSomebody(alert) && !accepted));
        show(this.seen, over || !accepted);
    }

    // The same place offers something else: not to a finger that is on its way.
    offer(place, verb) {
        const old = this[place];
        if (old.dataset.verb === verb) return;
        this.moved = performance.now();
        this[place] = this.button(verb, verb === 'accept' ? 'primary' : '');
        this.labelFor(this[place]);
        const focused = document.activeElement === old;
        old.replaceWith(this[place]);
        if (focused) this[place].focus({preventScroll: true});
    }

    labelFor(button) {
        label(button, `${button.textContent}: ${ruleName(this.alert.rule)}, ${t('bed_n', {bed: this.alert.bed ?? '–'})}`);
    }

    // What became of a command, for a while.
    tell(text, state) {
        mark(this.answer, 'state', state);
        say(this.answer, text);
        clearTimeout(this.forget);
        if (state !== 'waiting') this.forget = setTimeout(() => say(this.answer, ''), 15000);
    }
}
