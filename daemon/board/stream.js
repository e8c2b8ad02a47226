// SPDX-License-Identifier: Apache-2.0
// The stream of events, opened again whenever it breaks, from where it broke.

const KINDS = ['alert', 'values', 'status', 'trouble', 'resync'];
const AGAIN = 1000; // ms
const DEAF = 8000; // ms without anything on a link, while heartbeats are missing

export class Stream {
    // on: {alert, values, status, trouble, resync: (data) => …, link: (connected) => …, run: (id of an event) => …}
    constructor(ward, on) {
        this.ward = ward;
        this.on = on;
        this.after = null;
        this.source = null;
        this.timer = null;
    }

    open(after) {
        this.close();
        this.after = after ?? this.after;
        const query = new URLSearchParams();
        if (this.ward) query.set('ward', this.ward);
        if (this.after) query.set('after', this.after);
        this.heard = performance.now();
        this.source = new EventSource(`/api/v1/stream?${query}`);
        this.source.onopen = () => this.opened();
        this.source.onerror = () => this.broken();
        for (const kind of KINDS) this.source.addEventListener(kind, (event) => this.take(kind, event));
    }

    opened() {
        this.heard = performance.now();
        this.on.link(true);
    }

    again() {
        if (this.after) this.open();
    }

    // While heartbeats are missing: a wire may have died without a word, and then nobody closes it. The browser may hold other
    // dead ones ready to be used again, so this may take a few times.
    mind() {
        if (this.source && performance.now() - this.heard > DEAF) this.open();
    }

    take(kind, event) {
        this.heard = performance.now();
        if (event.lastEventId) {
            this.after = event.lastEventId;
            this.on.run(this.after);
        }
        let data;
        try {
            data = JSON.parse(event.data);
        } catch {
            return; // half an event of a dying connection
        }
        this.on[kind](kind === 'values' ? {...data, event: event.lastEventId} : data);
    }

    broken() {
        this.close();
        this.on.link(false);
        this.timer = setTimeout(() => this.open(), AGAIN);
    }

    close() {
        clearTimeout(this.timer);
        this.timer = null;
        if (this.source) this.source.close();
        this.source = null;
    }
}
