// SPDX-License-Identifier: Apache-2.0
// The lanes of the patient chart, one below the other on the same axis. A lane: {height, draw(pen, top)}.
import {rankOf} from './state.js';
import {clockTime, dayMonth, hourMinute} from './clock.js';
import {number, plain, score as figure} from './figures.js';
import {ruleName, t, unit} from './words.js';
import {personOf} from './tile_alert.js';
import {drawLimits, reach} from './limits.js';

const TICKS = [60, 300, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400, 172800, 604800].map((s) => s * 1000);
const PARTS = ['line', 'second', 'text']; // colours of the lines of one lane
const LEAST = {temp: 2, hr: 40, rr: 12, spo2: 10, bp: 60};

export class Pen {
    constructor(context, time, colours, now) {
        Object.assign(this, {context, time, colours, now});
        context.font = '12px sans-serif';
        context.textBaseline = 'middle';
    }

    text(what, x, y, colour = this.colours.dim, align = 'left') {
        this.context.fillStyle = colour;
        this.context.textAlign = align;
        this.context.fillText(what, x, y);
    }

    // Readable whatever lies behind it.
    label(what, x, y, colour) {
        const {context} = this;
        context.globalAlpha = 0.8;
        context.fillStyle = this.colours.card;
        context.fillRect(x - 2, y - 7, context.measureText(what).width + 4, 14);
        context.globalAlpha = 1;
        this.text(what, x, y, colour);
    }

    line(x1, y1, x2, y2, colour, width = 1) {
        const {context} = this;
        context.strokeStyle = colour;
        context.lineWidth = width;
        context.beginPath();
        context.moveTo(x1, y1);
        context.lineTo(x2, y2);
        context.stroke();
    }

    // A bar with a text that ends with it.
    bar(x, y, wide, high, fill, what, colour) {
        const {context, time} = this;
        const at = Math.max(x, time.left) + 4;
        context.fillStyle = fill;
        context.fillRect(x, y, wide, high);
        context.save();
        context.beginPath();
        context.rect(at, y, Math.max(x + wide - at, 0), high);
        context.clip();
        this.text(what, at, y + high / 2 + 0.5, colour);
        context.restore();
    }

    // Within the axis' own room: what lies before it is cut.
    inside(top, height, draw) {
        const {context, time} = this;
        context.save();
        context.beginPath();
        context.rect(time.left, top, time.width, height);
        context.clip();
        draw();
        context.restore();
    }
}

// Hours and days below, and faint lines through all lanes.
export function axis(pen, height) {
    const {time, colours} = pen;
    const tick = TICKS.find((ms) => (ms / time.span) * time.width >= 70) ?? TICKS[TICKS.length - 1];
    const zone = new Date(time.from).getTimezoneOffset() * 60000;
    for (let at = Math.ceil((time.from - zone) / tick) * tick + zone; at < time.to; at += tick) {
        const x = time.x(at);
        const day = new Date(at);
        const midnight = day.getHours() === 0 && day.getMinutes() === 0;
        pen.line(x, 16, x, height - 22, colours.grid, midnight ? 2 : 1);
        const text = midnight || tick >= 86400000 ? dayMonth(day) : hourMinute(day);
        for (const y of [8, height - 10]) pen.text(text, x, y, midnight ? colours.text : colours.dim, 'center');
    }
}

// Instants that matter: infusions, admission, now.
export function marks(pen, height, list) {
    let free = -Infinity; // what would stand on the one before stands a line lower
    let row = 0;
    for (const {at, text, colour} of [...list].sort((a, b) => a.at - b.at)) {
        const x = pen.time.x(at);
        if (x < pen.time.left || x > pen.time.left + pen.time.width) continue;
        row = text && x < free ? (row + 1) % 2 : 0;
        if (text) free = Math.max(free, x + pen.context.measureText(text).width + 10);
        pen.line(x, 18, x, height - 22, colour, 2);
        pen.text(text, x + 4, 26 + row * 13, colour);
    }
}

function bounds(code, lists) {
    let low = Infinity;
    let high = -Infinity;
    for (const list of lists) {
        for (const s of list) {
            low = Math.min(low, s.min ?? s.value);
            high = Math.max(high, s.max ?? s.value);
        }
    }
    const more = Math.max((LEAST[code] ?? 1) - (high - low), (high - low) * 0.1);
    return {low: low - more / 2, high: code === 'spo2' ? Math.min(high + more / 2, 100) : high + more / 2};
}

function band(pen, list, step, y) {
    pen.context.fillStyle = pen.colours.band;
    const wide = Math.max((step / pen.time.span) * pen.time.width, 1);
    for (const s of list) pen.context.fillRect(pen.time.x(s.at), y(s.max), wide, Math.max(y(s.min) - y(s.max), 1));
}

// The mean as a line, broken where steps are missing: missing is not straight on.
function meanLine(pen, list, step, y, colour) {
    const {context} = pen;
    context.strokeStyle = colour;
    context.lineWidth = 1.5;
    context.beginPath();
    list.forEach((s, i) => {
        const x = pen.time.x(s.at + step / 2);
        if (i > 0 && s.at - list[i - 1].at <= step * 2.5) context.lineTo(x, y(s.mean));
        else context.moveTo(x, y(s.mean));
    });
    context.stroke();
    context.fillStyle = colour;
    list.forEach((s, i) => {
        const alone = (i === 0 || s.at - list[i - 1].at > step * 2.5) && (i === list.length - 1 || list[i + 1].at - s.at > step * 2.5);
        if (alone) context.fillRect(pen.time.x(s.at + step / 2) - 2, y(s.mean) - 2, 4, 4);
    });
}

// code: its name and least height; parts: codes drawn together, the first one with its band; limits: of these.
export function curve(code, title, parts, data, limits = []) {
    const lists = parts.map((part) => data.lists.get(part) ?? []);
    return {height: 92, draw(pen, top) {
        const seen = lists.map((list) => list.filter((s) => s.at > pen.time.from - data.step && s.at < pen.time.to));
        pen.text(title, 4, top + 14, pen.colours.text);
        if (parts.length > 1) parts.forEach((part, i) => pen.text(t(`short.${part}`), 4, top + 34 + i * 16, pen.colours[PARTS[i]]));
        pen.text(unit(lists.flat()[0]?.unit), 4, top + (parts.length > 1 ? 34 + parts.length * 16 : 30));
        pen.line(0, top + 91, pen.time.left + pen.time.width, top + 91, pen.colours.grid);
        if (seen.every((list) => list.length === 0)) {
            pen.text(t('nothing_here'), pen.time.left + 8, top + 46);
            return;
        }
        const {low, high} = reach(bounds(code, seen), limits, LEAST[code] / 2);
        const y = (value) => top + 86 - ((value - low) / (high - low)) * 80;
        pen.inside(top, 90, () => {
            seen.forEach((list, i) => { if (i < 2) band(pen, list, data.step, y); });
            seen.forEach((list, i) => meanLine(pen, list, data.step, y, pen.colours[PARTS[i]]));
            drawLimits(pen, limits, y, top + 2, top + 88, parts.length > 1);
            for (const [value, at] of [[high, top + 9], [low, top + 83]]) pen.label(number(code, value), pen.time.left + 3, at, pen.colours.dim);
        });
    }};
}

// Values that come a few times a day: a point each, and its number where there is room.
export function points(code, list) {
    return {height: 44, draw(pen, top) {
        pen.text(t(`signal.${code}`), 4, top + 14, pen.colours.text);
        pen.text(unit(list[0].unit), 4, top + 30);
        pen.line(0, top + 43, pen.time.left + pen.time.width, top + 43, pen.colours.grid);
        const seen = list.filter((r) => r.at >= pen.time.from && r.at <= pen.time.to);
        const {low, high} = bounds(code, [seen]);
        let free = -Infinity;
        pen.inside(top, 43, () => seen.forEach((r) => {
            const x = pen.time.x(r.at);
            const y = top + 38 - ((r.value - low) / (high - low || 1)) * 20;
            pen.context.fillStyle = pen.colours.line;
            pen.context.fillRect(x - 2.5, y - 2.5, 5, 5);
            if (x > free) {
                pen.text(plain(r.value), x, top + 9, pen.colours.text, 'center');
                free = x + 44;
            }
        }));
    }};
}

// A score as blocks: a number, and the darker the higher. read(item): the number, null: unknown, which is grey, as is nothing at all of which
// a part is missing; whole(item): no part is.
export function score(title, items, read, top_, whole = () => true) {
    return {height: 26, draw(pen, top) {
        pen.text(title, 4, top + 13, pen.colours.text);
        if (pen.time.x(items[0].at) > pen.time.left + 130) pen.text(t('scored_from', {time: clockTime(items[0].at)}), pen.time.left + 8, top + 13); // not nothing: readings may have come too late for it
        pen.inside(top, 26, () => items.forEach((item, i) => {
            const end = i + 1 < items.length ? items[i + 1].at : Math.max(pen.now, item.at);
            if (end < pen.time.from || item.at > pen.time.to) return;
            const x = pen.time.x(item.at);
            const wide = Math.max(pen.time.x(end) - x, 1);
            const value = read(item);
            const known = value !== null && (value > 0 || whole(item));
            pen.context.globalAlpha = known ? 0.15 + 0.75 * Math.min(value / top_, 1) : 1;
            pen.context.fillStyle = !known ? pen.colours.grid : value === 0 ? pen.colours.band : pen.colours.high;
            pen.context.fillRect(x, top + 3, wide, 20);
            pen.context.globalAlpha = 1;
            if (wide > 16) pen.text(value === null ? '?' : figure(value, whole(item)), x + Math.min(wide / 2, 60), top + 13, pen.colours.text, 'center');
        }));
    }};
}

const endOf = (alert, now) => (alert.condition === 'ended' && alert.responsibility && alert.responsibility.state === 'closed' ? Date.parse(alert.ts) : now);

// Alerts as bars from onset to end, the graver ones above; who has it stands in the bar.
export function alertBars(list, now) {
    const rows = [];
    const bars = [...list].sort((a, b) => rankOf(b.severity) - rankOf(a.severity) || (a.onset < b.onset ? -1 : 1)).map((alert) => {
        const from = Date.parse(alert.onset);
        const to = Math.max(endOf(alert, now), from + 60000);
        let row = rows.findIndex((spans) => spans.every((s) => to < s[0] || from > s[1]));
        if (row < 0) row = rows.push([]) - 1;
        rows[row].push([from, to]);
        return {alert, from, to, row};
    });
    const placed = bars.filter((p) => p.row < 8);
    const more = bars.length - placed.length; // the list below the chart has them all
    return {height: Math.max(Math.min(rows.length, 8), 1) * 22 + 18, draw(pen, top) {
        pen.text(t('alerts'), 4, top + 25, pen.colours.text);
        if (more > 0) pen.text(`+ ${more}`, 4, top + 43, pen.colours.text);
        pen.inside(top + 14, this.height, () => placed.forEach(({alert, from, to, row}) => {
            const x = pen.time.x(from);
            const wide = Math.max(pen.time.x(to) - x, 3);
            const owner = alert.responsibility && alert.responsibility.owner ? ` · ${personOf(alert.responsibility.owner)}` : '';
            pen.bar(x, top + 16 + row * 22, wide, 19, pen.colours[alert.severity], `${t(`mark.${alert.severity}`)} ${ruleName(alert.rule)}${owner}`, pen.colours[`on-${alert.severity}`]);
        }));
    }};
}
