// SPDX-License-Identifier: Apache-2.0
// What is heard: the pattern of the most severe alert that wants somebody, again and again; nothing of what is
// less. Browsers play nothing before a touch, and until then the board says that it is mute.
import {burst, PATTERNS, toneOf} from './tones.js';
import {rankOf, sounds} from './state.js';

const ONCE = new Set(['watch']); // said once, when it comes

export class Sound {
    constructor(on) {
        this.on = on; // ('off' | 'on') when that changes
        this.context = null;
        this.next = 0; // time of the context before which nothing new begins
        this.playing = null;
        this.heard = new Set();
        this.bursts = 0;
        this.state = 'off';
    }

    // From within a touch or a key press.
    async allow() {
        this.context ??= new AudioContext();
        this.context.onstatechange = () => this.look();
        await this.context.resume();
        this.look();
    }

    // What a browser allows without a touch (a kiosk's setting) is taken.
    tryQuietly() {
        this.context ??= new AudioContext();
        this.context.onstatechange = () => this.look();
        this.look();
    }

    async forbid() {
        if (this.context) await this.context.suspend();
        this.look();
    }

    // All three patterns, one after the other, for whoever sets a display up.
    async test() {
        await this.allow();
        let at = this.context.currentTime + 0.1;
        for (const name of ['low', 'medium', 'high']) at = burst(this.context, name, at) + 0.8;
    }

    look() {
        const state = this.context && this.context.state === 'running' ? 'on' : 'off';
        if (state !== this.state) {
            this.state = state;
            this.on(state);
        }
    }

    // The severity to be heard now, or null. blind: how grave it is that this display sees nothing, null: it sees.
    wanted(alerts, blind, now) {
        let top = blind ? {severity: blind} : null;
        for (const alert of alerts) {
            const spent = ONCE.has(alert.severity) && this.heard.has(alert.id);
            if (toneOf[alert.severity] && !spent && sounds(alert, now) && (!top || rankOf(alert.severity) > rankOf(top.severity))) top = alert;
        }
        if (top && this.state === 'on' && ONCE.has(top.severity)) this.heard.add(top.id);
        if (this.heard.size > 500) this.heard.clear();
        return top ? top.severity : null;
    }

    // Called about twice a second: begins the next burst when it is due, at once if it is a graver one.
    tick(alerts, blind, now) {
        if (this.state !== 'on') return;
        const at = this.context.currentTime;
        const graver = (severity) => this.playing === null || rankOf(severity) > rankOf(this.playing);
        const severity = this.wanted(alerts, blind, now);
        if (severity === null) {
            if (at >= this.next) this.playing = null;
            return;
        }
        if (at < this.next && !graver(severity)) return;
        const name = toneOf[severity];
        const begin = Math.max(at + 0.05, this.busy ?? 0);
        this.busy = burst(this.context, name, begin);
        this.next = begin + PATTERNS[name].every;
        this.playing = severity;
        this.bursts++;
    }
}
