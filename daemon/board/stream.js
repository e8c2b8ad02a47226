// SPDX-License-Identifier: Apache-2.0
// The stream of events, opened again whenever it breaks, from where it broke.

const KINDS = ['alert', 'values', 'status', 'trouble', 'resync'];
const AGAIN = 1000; // ms

export class Stream {
    // on: {alert, values, status, trouble, resync: (data) => …, link: (connected) => …}
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
        this.source = new EventSource(`/api/v1/stream?${query}`);
        this.source.onopen = () => this.on.link(true);
        this.source.onerror = () => this.broken();
        for (const kind of KINDS) this.source.addEventListener(kind, (event) => this.take(kind, event));
    }

    again() {
        if (this.after) this.open();
    }

    take(kind, event) {
        if (event.lastEventId) this.after = event.lastEventId;
        let data;
        try {
            data = JSON.parse(event.data);
        } catch {
            return; // half an event of a dying connection
        }
        this.on[kind](data);
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
