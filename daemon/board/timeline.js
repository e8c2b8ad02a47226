// SPDX-License-Identifier: Apache-2.0
// One time axis for everything: which part is seen, and how it is moved by wheel, finger, mouse and keys.
import {make} from './dom.js';
import {t} from './words.js';

const LEAST = 10 * 60000; // ms across, at least
const MOST = 400 * 86400000;

export class Timeline {
    // changed(): the view is another; pointed(ms | null): somebody points at an instant
    constructor(changed, pointed) {
        this.changed = changed;
        this.pointed = pointed;
        this.from = 0;
        this.to = 1;
        this.drag = null;
        this.left = 72; // pixels before the axis begins
        this.canvas = make('canvas', {className: 'chart', tabIndex: 0, role: 'img'});
        this.listen();
    }

    get span() {
        return this.to - this.from;
    }

    look(from, to) {
        const span = Math.min(Math.max(to - from, LEAST), MOST);
        const middle = (from + to) / 2;
        this.from = middle - span / 2;
        this.to = middle + span / 2;
        this.changed();
    }

    zoom(factor, at = (this.from + this.to) / 2) {
        this.look(at - (at - this.from) * factor, at + (this.to - at) * factor);
    }

    pan(part) {
        this.look(this.from + this.span * part, this.to + this.span * part);
    }

    get width() {
        return Math.max(this.canvas.clientWidth - this.left - 8, 1);
    }

    x(ms) {
        return this.left + ((ms - this.from) / this.span) * this.width;
    }

    at(x) {
        return this.from + ((x - this.left) / this.width) * this.span;
    }

    here(event) {
        return event.clientX - this.canvas.getBoundingClientRect().left;
    }

    listen() {
        const {canvas} = this;
        canvas.addEventListener('wheel', (event) => {
            if (!event.ctrlKey && !event.shiftKey && Math.abs(event.deltaY) > Math.abs(event.deltaX)) return; // the page scrolls
            event.preventDefault();
            if (event.ctrlKey) this.zoom(Math.exp(event.deltaY / 300), this.at(this.here(event)));
            else this.pan((event.deltaX || event.deltaY) / this.width);
        }, {passive: false});
        canvas.addEventListener('pointerdown', (event) => this.down(event));
        canvas.addEventListener('pointermove', (event) => this.move(event));
        canvas.addEventListener('pointerup', (event) => this.up(event));
        canvas.addEventListener('pointercancel', () => { this.drag = null; });
        canvas.addEventListener('pointerleave', () => this.pointed(null));
        canvas.addEventListener('dblclick', (event) => this.zoom(0.4, this.at(this.here(event))));
        canvas.addEventListener('keydown', (event) => this.key(event));
    }

    // A finger or Shift moves; the mouse alone selects.
    down(event) {
        const x = this.here(event);
        this.canvas.setPointerCapture(event.pointerId);
        this.drag = {x, last: x, moves: event.shiftKey || event.pointerType === 'touch', from: this.from, to: this.to};
    }

    move(event) {
        const x = this.here(event);
        if (this.drag && this.drag.moves) {
            const by = ((this.drag.x - x) / this.width) * (this.drag.to - this.drag.from);
            this.look(this.drag.from + by, this.drag.to + by);
        } else if (this.drag) {
            this.drag.last = x;
        }
        this.pointed(this.at(x));
    }

    up() {
        const {drag} = this;
        this.drag = null;
        if (!drag || drag.moves || Math.abs(drag.last - drag.x) < 8) return;
        this.look(this.at(Math.min(drag.x, drag.last)), this.at(Math.max(drag.x, drag.last)));
    }

    key(event) {
        const acts = {ArrowLeft: () => this.pan(-0.2), ArrowRight: () => this.pan(0.2), '+': () => this.zoom(0.6), '=': () => this.zoom(0.6), '-': () => this.zoom(1 / 0.6),
            Home: () => this.whole && this.whole(), End: () => this.latest && this.latest()};
        if (!acts[event.key] || event.altKey || event.metaKey) return;
        event.preventDefault();
        acts[event.key]();
    }

    describe(text) {
        this.canvas.setAttribute('aria-label', `${text}. ${t('chart_keys')}`);
    }
}
