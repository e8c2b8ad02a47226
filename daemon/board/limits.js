// SPDX-License-Identifier: Apache-2.0
// The limits of the patient's protocol as lines: from which value on which rule may fire.
import {rankOf} from './state.js';
import {number} from './figures.js';
import {ruleName, t, unit} from './words.js';

const SIGNS = {below: '<', at_most: '≤', at_least: '≥', above: '>'};
const isLow = (limit) => limit.side === 'below' || limit.side === 'at_most';

// Those of one patient: with SpO2 scale 2 the limits of that scale stand in for the usual ones.
export function limitsOf(answer, charted) {
    const flag = charted && charted.items.filter((i) => i.code === 'flag' && i.value === 'scale2').pop();
    const scale2 = Boolean(flag && flag.on !== false);
    const list = answer ? answer.limits : [];
    const shifted = new Set(list.filter((l) => l.flag === 'scale2').map((l) => l.code));
    return list.filter((l) => (l.flag === 'scale2' ? scale2 : !(scale2 && shifted.has(l.code))))
        .map((l) => ({...l, shift: scale2 ? null : list.find((o) => o.flag === 'scale2' && o.rule === l.rule && o.code === l.code && o.side === l.side)}));
}

// "< 90": with the signal where a lane has several, and what it would be with scale 2.
export function limitText(limit, named) {
    const shift = limit.shift ? ` (${t('scale2')} ${SIGNS[limit.shift.side]} ${limit.shift.value})` : '';
    return `${named ? `${t(`signal.${limit.code}`)} ` : ''}${SIGNS[limit.side]} ${limit.code === 'temp' ? number('temp', limit.value) : limit.value}${shift}`;
}

export function limitSentence(limit) {
    return `${limitText(limit, true)} ${unit(limit.unit)}: ${t(`severity.${limit.severity}`)}, ${ruleName(limit.rule)}`;
}

// The axis reaches as far as the first limit on either side, unless that is far from what was measured.
export function reach({low, high}, limits, least) {
    const near = Math.max(least, (high - low) / 2);
    const lows = limits.filter((l) => isLow(l) && l.value > low - near).map((l) => l.value);
    const highs = limits.filter((l) => !isLow(l) && l.value < high + near).map((l) => l.value);
    const more = (high - low) * 0.08;
    return {low: Math.min(low, ...(lows.length > 0 ? [Math.max(...lows) - more] : [])), high: Math.max(high, ...(highs.length > 0 ? [Math.min(...highs) + more] : []))};
}

// Dashed, in the colour of the severity; what would stand on another's text stays unnamed. y(value): pixels.
export function drawLimits(pen, limits, y, top, bottom, named) {
    const {context, time, colours} = pen;
    const taken = [];
    for (const limit of [...limits].sort((a, b) => rankOf(b.severity) - rankOf(a.severity))) {
        const at = y(limit.value);
        if (at < top || at > bottom) continue;
        context.setLineDash([6, 4]);
        pen.line(time.left, at, time.left + time.width, at, colours[limit.severity], 1.25);
        context.setLineDash([]);
        const text = Math.min(Math.max(at + (isLow(limit) ? 8 : -8), top + 7), bottom - 5);
        if (taken.every((other) => Math.abs(other - text) >= 13)) {
            taken.push(text);
            pen.label(limitText(limit, named), time.left + 44, text, colours.text);
        }
    }
}
