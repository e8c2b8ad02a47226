// SPDX-License-Identifier: Apache-2.0
// Sparklines of six hours: the span between the extremes of each step, and the mean as a line; a break where
// there was nothing. The numbers themselves stand beside it.

export const SPAN = 6 * 3600000; // ms
export const STEP = 600000;
export const CODES = ['hr', 'rr', 'spo2', 'sbp', 'temp'];

const LEAST = {hr: 20, rr: 8, spo2: 6, sbp: 30, temp: 1}; // least height of the scale, so that noise looks like noise

// Steps of one patient by code: [{at, min, max, mean}], oldest first.
export class Trends {
    constructor(items = []) {
        this.of = new Map();
        this.fill(items);
    }

    // items: {code, at, min, max, mean}, oldest first.
    fill(items) {
        this.of.clear();
        for (const {code, at, min, max, mean} of items) {
            const list = this.of.get(code) ?? this.of.set(code, []).get(code);
            list.push({at, min, max, mean});
        }
    }

    // A value that has just come.
    add(code, value, at) {
        const list = this.of.get(code) ?? this.of.set(code, []).get(code);
        const step = Math.floor(at / STEP) * STEP;
        const last = list[list.length - 1];
        if (last && last.at === step) {
            last.min = Math.min(last.min, value);
            last.max = Math.max(last.max, value);
            last.mean = value; // the newest stands for the running step
        } else if (!last || step > last.at) {
            list.push({at: step, min: value, max: value, mean: value});
        }
        while (list.length > 0 && list[0].at < at - SPAN - STEP) list.shift();
    }
}

function scale(code, list) {
    let low = Math.min(...list.map((s) => s.min));
    let high = Math.max(...list.map((s) => s.max));
    const more = (LEAST[code] ?? 1) - (high - low);
    if (more > 0) {
        low -= more / 2;
        high += more / 2;
    }
    return {low, high};
}

const SVG = 'http://www.w3.org/2000/svg';
const WIDE = 144; // units across: four for each step
const HIGH = 28;

export function sparkline() {
    const element = document.createElementNS(SVG, 'svg');
    for (const [key, value] of Object.entries({viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: 'none', class: 'spark', 'aria-hidden': 'true'})) element.setAttribute(key, value);
    for (const name of ['band', 'mean']) {
        const path = document.createElementNS(SVG, 'path');
        path.setAttribute('class', name);
        element.append(path);
    }
    return element;
}

function set(path, d) {
    if (path.getAttribute('d') !== d) path.setAttribute('d', d);
}

// now: the daemon's time.
export function draw(element, code, list, now) {
    const seen = (list || []).filter((step) => step.at > now - SPAN - STEP);
    const [bandPath, meanPath] = element.children;
    if (seen.length === 0) {
        set(bandPath, '');
        set(meanPath, '');
        return;
    }
    const {low, high} = scale(code, seen);
    const begin = Math.floor((now - SPAN) / STEP) * STEP; // moves once a step, so that nothing is drawn in between
    const x = (at) => Math.round(((at + STEP / 2 - begin) / (SPAN + STEP)) * WIDE * 10) / 10;
    const y = (value) => Math.round((HIGH - 2 - ((value - low) / (high - low || 1)) * (HIGH - 4)) * 10) / 10;
    let bands = '';
    let means = '';
    seen.forEach((step, i) => {
        if (step.max > step.min) bands += `M${x(step.at) - 2} ${y(step.max)}h4V${y(step.min)}h-4z`;
        const near = i > 0 && step.at - seen[i - 1].at <= STEP * 1.5;
        means += near ? `L${x(step.at)} ${y(step.mean)}` : `M${x(step.at) - 1} ${y(step.mean)}h1`;
    });
    set(bandPath, bands);
    set(meanPath, means);
}
