// SPDX-License-Identifier: Apache-2.0
// The same as the chart, as a table: newest first.
import {make} from './dom.js';
import {clockTime, span} from './clock.js';
import {VITALS} from './history.js';
import {t} from './words.js';

const MOST = 600; // lines

function cell(step) {
    if (!step) return make('td', {}, '–');
    const digits = step.code === 'temp' ? 1 : 0;
    const range = step.count > 1 && step.min !== step.max ? ` (${step.min.toFixed(digits)}–${step.max.toFixed(digits)})` : '';
    return make('td', {}, step.mean.toFixed(digits) + range);
}

export function stepTable(data, from, to) {
    const rows = new Map(); // at: {code: step}
    for (const [code, list] of data.lists) {
        for (const step of list) {
            if (step.at + data.step <= from || step.at > to) continue;
            const row = rows.get(step.at) ?? rows.set(step.at, {}).get(step.at);
            row[code] = step;
        }
    }
    const times = [...rows.keys()].sort((a, b) => b - a).slice(0, MOST);
    return make('table', {className: 'plain steps'}, make('caption', {}, `${t('vitals')}. ${t('steps', {step: span(data.step / 1000)})}: ${t('mean')} (${t('lowest')}–${t('highest')})`),
        make('thead', {}, make('tr', {}, make('th', {scope: 'col'}, t('time')), VITALS.map((code) => make('th', {scope: 'col'}, t(`signal.${code}`))))),
        make('tbody', {}, times.map((at) => make('tr', {}, make('th', {scope: 'row'}, clockTime(at)), VITALS.map((code) => cell(rows.get(at)[code]))))));
}
