// SPDX-License-Identifier: Apache-2.0
// Gets the last six hours for the sparklines: of a whole ward at once, beside its beds; later of single patients who have come, a
// few requests at a time, so that alerts and commands never stand behind them.
import {get, getAll} from './api.js';
import {iso, now} from './clock.js';
import {CODES, SPAN, STEP, Trends} from './spark.js';

const AT_ONCE = 4;

export class Loader {
    constructor(drawn) {
        this.drawn = drawn; // (patient), or () for all
        this.trends = new Map(); // patient: Trends
        this.waiting = [];
        this.running = 0;
        this.wards = new Set(); // asked for
        this.coming = 0; // of these
    }

    // Those of a ward, once: what a board begins with. Who is not among them is asked for alone.
    async ward(ward) {
        if (this.wards.has(ward)) return;
        this.wards.add(ward);
        this.coming++;
        try {
            const {from, step_s: step, trends} = await get(`/api/v1/wards/${encodeURIComponent(ward)}/trends`);
            const begin = Date.parse(from);
            for (const {patient, steps} of trends) {
                const items = steps.map(([code, k, min, max, mean]) => ({code, at: begin + k * step * 1000, min, max, mean}));
                this.trends.set(patient, new Trends(items));
            }
        } catch { /* then one by one */ }
        this.coming--;
        if (this.coming > 0) return;
        this.drawn();
        if (this.wanted) this.want(this.wanted);
    }

    // Nobody told this display what was measured meanwhile: with the next load the lines are asked for anew.
    missed() {
        this.wards.clear();
    }

    // For tests and the curious: when all lines first stood.
    whole() {
        if (this.running > 0 || this.waiting.length > 0 || this.marked) return;
        this.marked = true;
        requestAnimationFrame(() => performance.mark('trends'));
    }

    // Those that are not here yet are fetched; those that nobody wants any more go.
    want(patients) {
        this.wanted = patients;
        if (this.coming > 0) return;
        const wanted = new Set(patients);
        for (const patient of this.trends.keys()) if (!wanted.has(patient)) this.trends.delete(patient);
        for (const patient of wanted) {
            if (this.trends.has(patient)) continue;
            this.trends.set(patient, new Trends());
            this.waiting.push(patient);
        }
        this.next();
        this.whole();
    }

    next() {
        while (this.running < AT_ONCE && this.waiting.length > 0) {
            this.running++;
            this.fetch(this.waiting.shift()).finally(() => {
                this.running--;
                this.whole();
                this.next();
            });
        }
    }

    async fetch(patient) {
        const query = {patient, code: CODES.join(','), from: iso(now() - SPAN), step: `${STEP / 60000}m`, limit: 1000};
        try {
            const {items} = await getAll('/api/v1/readings', query, 'readings', 2000);
            const trends = this.trends.get(patient);
            if (trends) trends.fill(items.map((item) => ({...item, at: Date.parse(item.ts)})));
        } catch {
            this.trends.delete(patient); // asked again the next time everything is
        }
        this.drawn(patient);
    }

    add(bed) {
        if (!bed.patient) return;
        if (!this.trends.has(bed.patient)) this.want([...(this.coming > 0 ? this.wanted ?? [] : this.trends.keys()), bed.patient]);
        const trends = this.trends.get(bed.patient);
        if (!trends) return; // they are on their way, and it is among them
        for (const code of CODES) {
            const value = bed.values[code];
            if (value) trends.add(code, value.value, Date.parse(value.ts));
        }
    }
}
