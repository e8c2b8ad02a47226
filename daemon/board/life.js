// SPDX-License-Identifier: Apache-2.0
// Whether anybody watches: the daemon says so every 5 s. Three missed, and this display says loudly that
// nobody does; it needs no help of the server for that.

import {steadily} from './steady.js';

export const EVERY = 5000; // ms between heartbeats
export const LOST = 3 * EVERY;

export class Life {
    constructor(on) {
        this.on = on; // ('live' | 'late' | 'lost', ms since the last beat)
        this.begin();
        this.counter = null;
        this.epoch = null;
        this.state = 'live';
        steadily(() => this.look(), 250);
        document.addEventListener('visibilitychange', () => this.look());
    }

    begin() {
        this.beat = performance.now();
        this.wall = Date.now();
    }

    // A heartbeat counts if it is another than the last one.
    take(node) {
        if (node.epoch === this.epoch && node.counter === this.counter) return;
        this.epoch = node.epoch;
        this.counter = node.counter;
        this.begin();
        this.look();
    }

    // A display that slept has missed beats that its steady counter may not show.
    silence() {
        return Math.max(performance.now() - this.beat, Date.now() - this.wall);
    }

    look() {
        const ms = this.silence();
        // a little less than three: a beat on its way at that instant is late too
        const state = ms >= LOST - 400 ? 'lost' : ms > EVERY * 1.6 ? 'late' : 'live';
        if (state !== this.state || state !== 'live') {
            this.state = state;
            this.on(state, ms);
        } else if (this.told !== state) {
            this.on(state, ms);
        }
        this.told = state;
    }
}
