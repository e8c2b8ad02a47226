// SPDX-License-Identifier: Apache-2.0
// Sparklines of six hours: the span between the extremes of each step, and the mean as a line; a break where
// there was nothing. Drawn on a canvas; the numbers themselves stand beside it.

export const SPAN = 6 * 3600000; // ms
export const STEP = 600000;
export const CODES = ['hr', 'rr', 'spo2', 'sbp', 'temp'];

const LEAST = {hr: 20, rr: 8, spo2: 6, sbp: 30, temp: 1}; // least height of the scale, so that noise looks like noise

// Steps of one patient by code: [{at, min, max, mean}], oldest first.
export class Trends {
    constructor() {
        this.of = new Map();
    }

    // Items of /readings with a step.
    fill(items) {
        this.of.clear();
        for (const item of items) {
            const list = this.of.get(item.code) ?? this.of.set(item.code, []).get(item.code);
            list.push({at: Date.parse(item.ts), min: item.min, max: item.max, mean: item.mean});
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

function strokeRuns(context, list, x, y) {
    context.beginPath();
    list.forEach((step, i) => {
        const near = i > 0 && step.at - list[i - 1].at <= STEP * 1.5;
        if (near) context.lineTo(x(step.at), y(step.mean));
        else context.moveTo(x(step.at) - 1, y(step.mean));
        if (!near) context.lineTo(x(step.at) + 1, y(step.mean));
    });
    context.stroke();
}

// now: the daemon's time; colours: {line, band} of the theme.
export function draw(canvas, code, list, now, colours) {
    const ratio = Math.min(devicePixelRatio || 1, 2);
    const width = Math.round(canvas.clientWidth * ratio);
    const height = Math.round(canvas.clientHeight * ratio);
    if (width === 0 || height === 0) return;
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    const context = canvas.getContext('2d');
    context.clearRect(0, 0, width, height);
    const seen = (list || []).filter((step) => step.at > now - SPAN - STEP);
    if (seen.length === 0) return;
    const {low, high} = scale(code, seen);
    const x = (at) => ((at + STEP / 2 - (now - SPAN)) / SPAN) * width;
    const y = (value) => height - 2 - ((value - low) / (high - low || 1)) * (height - 4);
    context.fillStyle = colours.band;
    const wide = Math.max((STEP / SPAN) * width, 1);
    for (const step of seen) context.fillRect(x(step.at) - wide / 2, y(step.max), wide, Math.max(y(step.min) - y(step.max), 1));
    context.strokeStyle = colours.line;
    context.lineWidth = 1.5 * ratio;
    strokeRuns(context, seen, x, y);
}
