// SPDX-License-Identifier: Apache-2.0
// The same as the chart, as tables: newest first. What an eye that does not see the lines, or a hand that copies, needs.
import {make} from './dom.js';
import {clockTime, span} from './clock.js';
import {number, plain, score} from './figures.js';
import {VITALS} from './history.js';
import {chartedRows} from './lanes_charted.js';
import {t, unit} from './words.js';

const MOST = 600; // lines of one table

// rows: [{at, cells: [text]}], in any order.
function table(caption, heads, rows) {
    const lines = rows.sort((a, b) => b.at - a.at).slice(0, MOST);
    return make('table', {className: 'plain steps'}, make('caption', {}, caption),
        make('thead', {}, make('tr', {}, [t('time'), ...heads].map((head) => make('th', {scope: 'col'}, head)))),
        make('tbody', {}, lines.map(({at, cells}) => make('tr', {}, make('th', {scope: 'row'}, clockTime(at)), cells.map((cell) => make('td', {}, cell))))));
}

function cell(step) {
    if (!step) return '–';
    const {code} = step;
    return number(code, step.mean) + (step.count > 1 && step.min !== step.max ? ` (${number(code, step.min)}–${number(code, step.max)})` : '');
}

function stepTable({lists, step}, within) {
    const rows = new Map(); // at: {code: step}
    for (const [code, list] of lists) {
        for (const item of list) {
            if (!within(item.at, item.at + step)) continue;
            const row = rows.get(item.at) ?? rows.set(item.at, {}).get(item.at);
            row[code] = item;
        }
    }
    return table(`${t('vitals')}. ${t('steps', {step: span(step / 1000)})}: ${t('mean')} (${t('lowest')}–${t('highest')})`, VITALS.map((code) => [t(`signal.${code}`), unit(lists.get(code)?.[0].unit)].filter(Boolean).join(', ')),
        [...rows].map(([at, row]) => ({at, cells: VITALS.map((code) => cell(row[code]))})));
}

function scoreTable({items}, within) {
    const crs = (c) => (!c || c.status === 'indeterminate' ? '–' : c.status === 'met' ? score(c.grade) : t('not_met'));
    return table(t('assessments'), ['NEWS2', t('crs_like'), t('icans_like')], items.filter((i) => within(i.at, i.at)).map((i) => ({
        at: i.at, cells: [score(i.news2 && i.news2.score, i.news2 && i.news2.complete), crs(i.crs), score(i.icans && i.icans.grade, i.icans && i.icans.complete)],
    })));
}

function labTable({lists}, within) {
    const rows = [...lists].filter(([code]) => code !== 'ice').flatMap(([code, list]) => list.filter((r) => within(r.at, r.at)).map((r) => ({at: r.at, cells: [t(`signal.${code}`), `${plain(r.value)} ${unit(r.unit)}`.trim()]})));
    return table(t('labs'), [t('what'), t('value')], rows);
}

function chartedTable(charted, within, {labs}) {
    const ice = (labs ? labs.lists.get('ice') ?? [] : []).map((r) => ({at: r.at, what: t('signal.ice'), text: `${r.value}/10`}));
    return table(t('charted'), [t('what'), t('value')], [...chartedRows(charted), ...ice].filter((r) => within(r.at, r.at)).map(({at, what, text}) => ({at, cells: [what, text]})));
}

// The short ones first. data: of the patient's page; what is not there has no table.
export function tables(data, from, to) {
    const within = (begin, end) => end >= from && begin <= to;
    return [[scoreTable, data.assessments], [chartedTable, data.charted], [labTable, data.labs], [stepTable, data.vitals]]
        .filter(([, part]) => part).map(([make_, part]) => make_(part, within, data)).filter((element) => element.tBodies[0].rows.length > 0);
}
