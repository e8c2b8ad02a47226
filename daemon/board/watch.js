// SPDX-License-Identifier: Apache-2.0
// What this display says when it sees nothing any more: nobody watches, or nobody is logged in here. Over everything, and
// what stands below is grey. Somebody who logs in again stays on the page that was asked for.
import {make, moved, say, show} from './dom.js';
import {login} from './api.js';
import {span} from './clock.js';
import {t} from './words.js';

export class Watch {
    // again: what is done once somebody is in
    constructor(element, again) {
        this.element = element;
        this.again = again;
        this.shown = null;
    }

    // state: 'lost', 'ended' or null: nothing to be said. ms: since the last sign of life.
    is(state, ms) {
        if (this.shown !== state) {
            this.shown = state;
            show(this.element, state !== null);
            moved(); // all that stands below it
            this.element.dataset.why = state ?? '';
            this.element.replaceChildren(...(state === null ? [] : this.content(state)));
        }
        if (state !== null) say(this.age, t(state, {span: span(ms / 1000)}));
    }

    content(state) {
        this.age = make('span', {'aria-live': 'off'});
        return [make('strong', {}, t(`${state}_title`)), this.age, ...(state === 'ended' ? [this.form()] : [])];
    }

    // The page's policy lets no form be sent: it is asked for like anything else.
    form() {
        const name = make('input', {type: 'text', name: 'name', required: true, autocomplete: 'username'});
        const password = make('input', {type: 'password', name: 'password', required: true, autocomplete: 'current-password'});
        const fault = make('b', {role: 'alert'});
        const take = async (event) => {
            event.preventDefault();
            say(fault, '');
            try {
                await login(name.value, password.value);
                this.again();
            } catch (error) {
                say(fault, error.status === 401 ? t('login_wrong') : error.status === 429 ? t('login_wait', {s: error.wait}) : t('no_answer', {why: error.message}));
            }
            password.value = '';
        };
        return make('form', {on: {submit: take}}, make('label', {}, t('user_name'), name), make('label', {}, t('password'), password), make('button', {type: 'submit'}, t('log_in')), fault);
    }
}
