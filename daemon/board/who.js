// SPDX-License-Identifier: Apache-2.0
// Who is at this display: a role of the ladders and a name. Forgotten after a quarter of an hour without a
// command, since the next hand may be another's.
import {make} from './dom.js';
import {field, closeSheet, openSheet, select} from './sheet.js';
import {leaveWhenIdle, logout} from './session.js';
import {t, word} from './words.js';

const KEPT = 15 * 60000; // ms
const ROLES = ['bedside-nurse', 'charge-nurse', 'on-call-physician', 'cell-therapy-physician', 'infusion-physician',
    'attending', 'rapid-response', 'neurology', 'shift-list'];

export class Who {
    constructor(on) {
        this.on = on; // somebody came or went
        this.by = null;
        this.until = 0; // of the wall clock, for a reload
        this.end = 0; // of the steady one: the other may be set back meanwhile
        this.roles = new Set(ROLES); // and those that alerts ask
        try {
            const kept = JSON.parse(sessionStorage.getItem('vigil.who'));
            const left = kept ? kept.until - Date.now() : 0;
            if (left > 0) Object.assign(this, {by: kept.by, until: kept.until, end: performance.now() + Math.min(left, KEPT)});
        } catch { /* nobody, then */ }
        setInterval(() => this.by && !this.session && this.over() && this.leave(), 1000);
    }

    // Users are configured: the daemon knows who this is, and in which role they answer.
    is({users, name, right, roles, flags}) {
        if (!users) return;
        this.session = {name, right, flags};
        this.by = `${roles[0] ?? right}:${name}`;
        document.documentElement.dataset.right = right;
        if (right !== 'display' && !this.idle) leaveWhenIdle();
        this.idle = true;
        this.on();
    }

    // Whether they may put this flag on a patient; whoever enters may take any off.
    puts(flag) {
        return !this.session || !this.session.flags || this.session.flags.includes(flag);
    }

    over() {
        return performance.now() > this.end || Date.now() > this.until;
    }

    stay() {
        if (this.session) return;
        this.until = Date.now() + KEPT;
        this.end = performance.now() + KEPT;
        try {
            sessionStorage.setItem('vigil.who', JSON.stringify({by: this.by, until: this.until}));
        } catch { /* asked again after a reload */ }
    }

    leave() {
        if (this.session) {
            logout();
            return;
        }
        this.by = null;
        sessionStorage.removeItem('vigil.who');
        this.on();
    }

    // "role:name", or null if nobody said.
    async known() {
        if (this.session) return this.by;
        if (!this.by || this.over()) await this.ask();
        if (this.by) this.stay();
        return this.by;
    }

    ask() {
        const roles = select([...this.roles].map((role) => [role, word('role', role)]), this.by ? this.by.split(':')[0] : ROLES[0]);
        const name = make('input', {type: 'text', required: true, maxLength: 32, autocomplete: 'off', value: this.by ? this.by.slice(this.by.indexOf(':') + 1) : ''});
        name.dataset.first = 'yes';
        const take = (event) => {
            event.preventDefault();
            const plain = name.value.trim();
            if (plain === '') return;
            this.by = `${roles.value}:${plain}`;
            this.stay();
            this.on();
            closeSheet();
        };
        // A command has 64 bytes for "role:name"; a Chinese character is three of them.
        const fits = () => name.setCustomValidity(new TextEncoder().encode(`${roles.value}:${name.value.trim()}`).length > 64 ? t('name_too_long') : '');
        const form = make('form', {on: {submit: take, input: fits}}, field(t('your_role'), roles), field(t('your_name'), name, t('your_name_hint')),
            make('div', {className: 'doing'}, make('button', {type: 'submit', className: 'primary'}, t('go_on'))));
        return openSheet(t('who_are_you'), [form]);
    }
}
