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
            pen.bar(x, top + i * HIGH + 3, Math.max(pen.time.x(to) - x, 2), HIGH - 5, pen.colours.band, text, pen.colours.text);
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

// A start or an end that was taken back: of what was said of one instant the latest counts, and items of one instant are in the order in which they came.
const wasTakenBack = (o) => o.on === false && (o.code === 'infusion' || o.code === 'lymphodepletion');
function standing(items) {
    const last = new Map(items.map((o) => [`${o.code} ${o.value} ${o.at}`, o]));
    return items.filter((o) => !wasTakenBack(last.get(`${o.code} ${o.value} ${o.at}`)));
}

export function infusionStarts(charted) {
    return charted ? standing(charted.items.filter((o) => o.code === 'infusion' && o.value === 'start')).map((o) => o.at) : [];
}

// What is charted, by lanes. With `key` it holds until the next of its key, or one that does not begin; without it is an instant.
const KINDS = [
    {title: 'infusion', codes: ['infusion', 'lymphodepletion'], key: (o) => o.code, begins: (o) => o.value === 'start', text: (o) => (o.code === 'infusion' ? (o.product ? word('product', o.product) : t('infusion')) : t('lymphodepletion'))},
    {title: 'oxygen', codes: ['o2_device'], key: () => 'o2', begins: () => true, text: (o) => `${word('o2', o.value)} ${flowOf(o)}`.trim()},
    {title: 'vasopressor', codes: ['vasopressor'], key: (o) => o.value, begins: (o) => o.on !== false, text: (o) => word('medicine', o.value)},
    {title: 'medicines', codes: ['medication'], text: (o) => word('medicine', o.value)},
    {title: 'flags', codes: ['flag'], key: (o) => o.value, begins: (o) => o.on !== false, text: (o) => word('flag', o.value)},
    {title: 'consciousness', codes: ['consciousness'], text: (o) => o.value},
    {title: 'symptoms', codes: ['symptom', 'neuro', 'seizure'], text: (o) => (o.code === 'seizure' ? t('seizure') : word('symptom', o.value))},
];

// Only what there is has a lane.
export function chartedLanes(charted, now) {
    return KINDS.flatMap(({title, codes, key, begins, text}) => {
        const items = standing(charted.items.filter((o) => codes.includes(o.code)));
        if (items.length === 0) return [];
        return key ? [bars(t(title), spans(items, key, begins, text, now), now)] : [ticks(t(title), items.map((o) => ({at: o.at, text: text(o)})))];
    });
}

// The same in words: {at, what, text}.
export function chartedRows(charted) {
    return charted.items.flatMap((o) => {
        const kind = KINDS.find(({codes}) => codes.includes(o.code));
        const end = wasTakenBack(o) ? t('taken_back') : t('over');
        return kind ? [{at: o.at, what: t(kind.title), text: `${kind.text(o)}${kind.begins && (wasTakenBack(o) || !kind.begins(o)) ? ` – ${end}` : ''}`}] : [];
    });
}
