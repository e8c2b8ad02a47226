// SPDX-License-Identifier: Apache-2.0
// The bar above: which ward, whether anybody watches, whether it can be heard, who is here, and how it looks.
import {make, mark, say, show} from './dom.js';
import {clockTime, now, span} from './clock.js';
import {personOf} from './tile_alert.js';
import {field, openSheet, select} from './sheet.js';
import {language, t} from './words.js';
import {applyLook, askedWard, keep, setting} from './settings.js';

export class Bar {
    constructor(element, {who, sound}) {
        this.sound = sound;
        this.who = who;
        this.title = make('a', {className: 'title', href: '#/'}, 'vigil');
        this.clock = make('span', {className: 'clock'});
        this.life = make('span', {className: 'life'});
        this.node = make('span', {className: 'node', role: 'status'});
        this.mute = make('button', {type: 'button', className: 'mute', on: {pointerdown: () => { this.pressed = sound.state; }, click: (event) => this.toggle(event)}});
        this.person = make('button', {type: 'button', className: 'person', on: {click: () => (who.by ? who.leave() : who.ask())}});
        this.look = make('button', {type: 'button', on: {click: () => this.settings()}}, t('settings'));
        element.append(this.title, make('span', {className: 'where'}, askedWard() ?? t('all_wards')), this.clock, this.life, this.node, make('span', {className: 'gap'}),
            this.mute, this.person, this.look);
        this.heard(sound.state);
        this.somebody();
    }

    // What was to be read when the finger came down is what is answered: that very touch may let the sound begin before it is lifted.
    toggle(event) {
        const was = event.detail === 0 ? this.sound.state : this.pressed; // 0: a key
        if (was === 'on') this.sound.forbid();
        else this.sound.allow();
    }

    heard(state) {
        say(this.mute, state === 'on' ? t('sound_on') : t('sound_off'));
        mark(this.mute, 'state', state);
        this.mute.setAttribute('aria-pressed', String(state === 'on'));
    }

    somebody() {
        say(this.person, this.who.by ? t('you_are', {who: personOf(this.who.by)}) : t('nobody_here'));
    }

    // Whether anybody watches, and the daemon's own word about itself.
    lives(state, ms, linked) {
        const text = state === 'ended' ? t('logged_out') : state !== 'live' ? t('no_beat', {span: span(ms / 1000)}) : linked ? t('live') : t('link_broken');
        say(this.life, text);
        mark(this.life, 'state', state === 'live' && linked ? 'live' : state === 'lost' || state === 'ended' ? 'lost' : 'late');
    }

    about(node) {
        const draining = node && node.state === 'draining';
        const text = !node ? '' : draining ? t('draining') : !node.ready ? t('not_ready') : node.self_check !== 'ok' ? t('self_check', {what: node.self_check}) : '';
        say(this.node, text);
        mark(document.documentElement, 'doubt', text !== '' ? 'yes' : null);
        show(this.node, text !== '');
    }

    tick() {
        say(this.clock, clockTime(now()));
    }

    settings() {
        const theme = select([['auto', t('theme.auto')], ['dark', t('theme.dark')], ['light', t('theme.light')]], setting('theme') ?? 'auto');
        const size = select([['small', t('size.small')], ['normal', t('size.normal')], ['large', t('size.large')], ['huge', t('size.huge')]], setting('size') ?? 'normal');
        const lang = select([['en', 'English'], ['zh', '中文']], language());
        theme.addEventListener('change', () => { keep('theme', theme.value); applyLook(); });
        size.addEventListener('change', () => { keep('size', size.value); applyLook(); });
        lang.addEventListener('change', () => {
            keep('lang', lang.value);
            const address = new URL(location.href);
            address.searchParams.delete('lang');
            location.replace(address);
        });
        const wards = make('p', {className: 'wards'}, make('a', {href: '/'}, t('all_wards')), this.wards.map((ward) => [' · ', make('a', {href: `/?ward=${encodeURIComponent(ward)}`}, ward)]));
        return openSheet(t('settings'), [field(t('theme'), theme), field(t('size'), size), field(t('language'), lang), wards,
            make('button', {type: 'button', on: {click: () => this.sound.test()}}, t('try_sound'))]);
    }

    wards = [];
}
