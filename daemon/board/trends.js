// SPDX-License-Identifier: Apache-2.0
// Gets the last six hours of each patient for the sparklines: a few requests at a time, so that alerts and
// commands never stand behind them.
import {getAll} from './api.js';
import {iso, now} from './clock.js';
import {CODES, SPAN, STEP, Trends} from './spark.js';

const AT_ONCE = 4;

export class Loader {
    constructor(drawn) {
        this.drawn = drawn;
        this.trends = new Map(); // patient: Trends
        this.waiting = [];
        this.running = 0;
    }

    // Those that are not here yet are fetched; those that nobody wants any more go.
    want(patients) {
        const wanted = new Set(patients);
        for (const patient of this.trends.keys()) if (!wanted.has(patient)) this.trends.delete(patient);
        for (const patient of wanted) {
            if (this.trends.has(patient)) continue;
            this.trends.set(patient, new Trends());
            this.waiting.push(patient);
        }
        this.next();
    }

    next() {
        while (this.running < AT_ONCE && this.waiting.length > 0) {
            this.running++;
            this.fetch(this.waiting.shift()).finally(() => {
                this.running--;
                if (this.running === 0 && this.waiting.length === 0) this.marked ??= performance.mark('trends');
                this.next();
            });
        }
    }

    async fetch(patient) {
        const query = {patient, code: CODES.join(','), from: iso(now() - SPAN), step: `${STEP / 60000}m`, limit: 1000};
        try {
            const {items} = await getAll('/api/v1/readings', query, 'readings', 2000);
            const trends = this.trends.get(patient);
            if (trends) trends.fill(items);
        } catch {
            this.trends.delete(patient); // asked again the next time everything is
        }
        this.drawn(patient);
    }

    add(bed) {
        if (!bed.patient) return;
        if (!this.trends.has(bed.patient)) this.want([...this.trends.keys(), bed.patient]);
        const trends = this.trends.get(bed.patient);
        for (const code of CODES) {
            const value = bed.values[code];
            if (value) trends.add(code, value.value, Date.parse(value.ts));
        }
    }
}
