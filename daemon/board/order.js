// SPDX-License-Identifier: Apache-2.0
// Which tile stands first, and when tiles may move: never under a finger, a pointer or the focus.
import {urgency, keyOf} from './state.js';

const POINTER = 4000; // ms after the pointer last moved over the tiles
const FOCUS = 60000; // ms after the last key or touch: then nobody holds the focus any more

const names = new Intl.Collator('en', {numeric: true});

// The more urgent, the larger. Without an alert NEWS2 and what is overdue decide.
export function weight(bed, alerts) {
    const top = alerts.length > 0 ? urgency(alerts[0]) + 1 : 0;
    const news = bed.assessment && bed.assessment.news2 ? bed.assessment.news2.score ?? 0 : 0;
    const late = (bed.overdue || []).length > 0 ? 0.5 : 0;
    return top * 100 + news + late;
}

// Keys of the state's tiles, most urgent first; equals by ward and bed.
export function wantedOrder(state) {
    const rows = [...state.tiles().values()].map((bed) => ({
        key: keyOf(bed.ward, bed.bed), bed, weight: weight(bed, state.alertsOf(bed.ward, bed.bed)),
    }));
    rows.sort((a, b) => b.weight - a.weight || names.compare(a.bed.ward, b.bed.ward) || names.compare(a.bed.bed, b.bed.bed));
    return rows.map((row) => row.key);
}

// What stands stays where it is; what is gone goes, what is new goes to the end.
export function heldOrder(shown, wanted) {
    const is = new Set(wanted);
    const was = new Set(shown);
    return [...shown.filter((key) => is.has(key)), ...wanted.filter((key) => !was.has(key))];
}

// Whether somebody is at the element. `clock` is performance.now, or a test's.
export class Hold {
    constructor(element, clock = () => performance.now()) {
        this.element = element;
        this.clock = clock;
        this.pointer = -Infinity;
        this.touched = -Infinity;
        this.down = false;
        const moved = () => { this.pointer = this.clock(); };
        const touch = () => { this.touched = this.clock(); };
        element.addEventListener('pointermove', moved);
        element.addEventListener('pointerdown', () => { this.down = true; moved(); touch(); });
        addEventListener('pointerup', () => { this.down = false; });
        addEventListener('pointercancel', () => { this.down = false; });
        element.addEventListener('keydown', touch);
        element.addEventListener('focusin', touch);
        element.addEventListener('wheel', moved, {passive: true});
        element.addEventListener('scroll', moved, {passive: true, capture: true});
    }

    held() {
        const at = this.clock();
        const focused = this.element.contains(document.activeElement) && at - this.touched < FOCUS;
        return this.down || at - this.pointer < POINTER || focused;
    }

    free() { // somebody has asked for the new order
        this.pointer = -Infinity;
        this.touched = -Infinity;
    }
}
