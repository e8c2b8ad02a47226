// SPDX-License-Identifier: Apache-2.0
// What was charted, as lanes: what holds from then to then (infusion, oxygen, vasopressors, flags), and what
// happened at an instant (medicines, symptoms, consciousness).
import {t, word} from './words.js';

const HIGH = 24;

// A span ends at the next item of the same key, at an item that ends it, at `until`, or now.
function spans(items, key, begins, text, now) {
    const open = new Map();
    const done = [];
    const end = (k, at) => {
        const span = open.get(k);
        if (span) done.push({...span, to: Math.min(at, span.until ?? Infinity)});
        open.delete(k);
    };
    for (const item of items) {
        const k = key(item);
        end(k, item.at);
        if (begins(item)) open.set(k, {from: item.at, text: text(item), until: item.until ? Date.parse(item.until) : undefined});
    }
    for (const k of [...open.keys()]) end(k, now);
    return done;
}

// Rows in which nothing overlaps.
function rowsOf(list, now) {
    const rows = [];
    for (const span of list.sort((a, b) => a.from - b.from)) {
        const row = rows.find((r) => r[r.length - 1].to <= span.from);
        if (row) row.push(span);
        else rows.push([span]);
    }
    return rows.length > 0 ? rows : [[{from: now, to: now, text: ''}]];
}

function bars(title, list, now) {
    const rows = rowsOf(list, now);
    return {height: rows.length * HIGH + 4, draw(pen, top) {
        pen.text(title, 4, top + HIGH / 2, pen.colours.text);
        pen.inside(top, this.height, () => rows.forEach((row, i) => row.forEach(({from, to, text}) => {
            const x = pen.time.x(from);
            const wide = Math.max(pen.time.x(to) - x, 2);
            pen.context.fillStyle = pen.colours.band;
            pen.context.fillRect(x, top + i * HIGH + 3, wide, HIGH - 5);
            const at = Math.max(x, pen.time.left) + 4;
            pen.context.save();
            pen.context.beginPath();
            pen.context.rect(at, top, Math.max(x + wide - at, 0), this.height);
            pen.context.clip();
            pen.text(text, at, top + i * HIGH + HIGH / 2, pen.colours.text);
            pen.context.restore();
        })));
    }};
}

function ticks(title, list) {
    return {height: HIGH, draw(pen, top) {
        pen.text(title, 4, top + HIGH / 2, pen.colours.text);
        let free = -Infinity;
        pen.inside(top, HIGH, () => list.forEach(({at, text}) => {
            const x = pen.time.x(at);
            pen.line(x, top + 3, x, top + HIGH - 3, pen.colours.mark, 2);
            if (x < free || x < pen.time.left) return;
            pen.text(text, x + 4, top + HIGH / 2, pen.colours.text);
            free = x + 8 + pen.context.measureText(text).width;
        }));
    }};
}

const flowOf = (o) => [o.flow !== undefined ? `${o.flow} L/min` : '', o.fio2 !== undefined ? `FiO2 ${o.fio2} %` : ''].filter(Boolean).join(' ');

export function infusionStarts(charted) {
    return charted ? charted.items.filter((o) => o.code === 'infusion' && o.value === 'start').map((o) => o.at) : [];
}

// Only what there is has a lane.
export function chartedLanes(charted, now) {
    const of = (...codes) => charted.items.filter((o) => codes.includes(o.code));
    const lanes = [];
    const span = (title, items, key, begins, text) => {
        if (items.length > 0) lanes.push(bars(title, spans(items, key, begins, text, now), now));
    };
    const tick = (title, items, text) => {
        if (items.length > 0) lanes.push(ticks(title, items.map((o) => ({at: o.at, text: text(o)}))));
    };
    span(t('infusion'), of('infusion', 'lymphodepletion'), (o) => o.code, (o) => o.value === 'start', (o) => (o.code === 'infusion' ? o.product ?? t('infusion') : t('lymphodepletion')));
    span(t('oxygen'), of('o2_device'), () => 'o2', () => true, (o) => `${word('o2', o.value)} ${flowOf(o)}`);
    span(t('vasopressor'), of('vasopressor'), (o) => o.value, (o) => o.on !== false, (o) => word('medicine', o.value));
    tick(t('medicines'), of('medication'), (o) => word('medicine', o.value));
    span(t('flags'), of('flag'), (o) => o.value, (o) => o.on !== false, (o) => word('flag', o.value));
    tick('ACVPU', of('consciousness'), (o) => o.value);
    tick(t('symptoms'), of('symptom', 'neuro', 'seizure'), (o) => (o.code === 'seizure' ? t('seizure') : word('symptom', o.value)));
    return lanes;
}
