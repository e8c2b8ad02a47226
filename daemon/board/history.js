// SPDX-License-Identifier: Apache-2.0
// What is stored of one patient between two instants, in as many steps as can be seen.
import {get, getAll} from './api.js';
import {iso} from './clock.js';

export const VITALS = ['temp', 'hr', 'rr', 'spo2', 'sbp', 'dbp', 'map'];
export const LABS = ['ice', 'crp', 'ferritin', 'wbc', 'anc', 'alc', 'bands', 'hb', 'plt', 'fibrinogen', 'ldh', 'ast', 'alt', 'alp', 'bili', 'bili_direct', 'creat', 'urea', 'urate',
    'k', 'na', 'phos', 'mg', 'ca', 'ca_ion', 'albumin', 'glucose', 'lactate', 'pct', 'il6', 'tryptase', 'igg', 'ddimer', 'pt', 'inr', 'aptt', 'tg', 'pao2', 'paco2', 'ph'];
const STEPS = [60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800]; // s
const POINTS = 480; // steps across the chart, at most

export function stepOf(from, to) {
    return STEPS.find((s) => (to - from) / 1000 / s <= POINTS) ?? 86400;
}

export function readingsLink(patient, codes, from, to, more = {}) {
    return `/api/v1/readings?${new URLSearchParams({patient, code: codes.join(','), from: iso(from), to: iso(to), ...more})}`;
}

function byCode(items) {
    const lists = new Map();
    for (const item of items) {
        const list = lists.get(item.code) ?? lists.set(item.code, []).get(item.code);
        list.push({...item, at: Date.parse(item.ts)});
    }
    return lists;
}

// {steps, step}: code: [{at, min, max, mean, count}]
export async function vitals(patient, from, to) {
    const step = stepOf(from, to);
    const {items, cut} = await getAll('/api/v1/readings', {patient, code: VITALS.join(','), from: iso(from), to: iso(to), step: `${step}s`, limit: 10000}, 'readings');
    return {lists: byCode(items), step: step * 1000, cut};
}

export async function labs(patient, from, to) {
    const {items, cut} = await getAll('/api/v1/readings', {patient, code: LABS.join(','), from: iso(from), to: iso(to), limit: 10000}, 'readings', 10000);
    return {lists: byCode(items), cut};
}

// The scores that are drawn, by their changes.
export async function assessments(patient, from, to) {
    const {items, cut} = await getAll('/api/v1/assessments', {patient, from: iso(from), to: iso(to), held: true, limit: 5000}, 'assessments', 10000);
    return {items: items.map((item) => ({...item, at: Date.parse(item.ts)})), cut};
}

export async function alerts(patient) {
    return (await getAll('/api/v1/alerts', {patient, limit: 1000}, 'alerts', 3000)).items;
}

// Whether anything at all was ever measured or charted of them.
export async function ever(patient) {
    const code = [...VITALS, ...LABS, 'pi', 'o2_flow', 'fio2', 'gcs', 'weight', 'height'].join(',');
    const [measured, entered] = await Promise.all([get('/api/v1/readings', {patient, code, limit: 1}), get('/api/v1/charted', {patient, limit: 1})]);
    return measured.readings.length > 0 || entered.charted.length > 0;
}

// Newest first.
export async function episodes(patient) {
    return (await getAll('/api/v1/episodes', {patient}, 'episodes')).items.reverse();
}

// By which limits the protocol is watched that is in force now; null: it is not known.
export async function limits(protocol) {
    return protocol ? get(`/api/v1/protocols/${encodeURIComponent(protocol)}/limits`).catch(() => null) : null;
}

// What was charted from then on, one item each, oldest first.
export async function charted(patient, from) {
    const answer = await get('/api/v1/charted', {patient, from: iso(from), limit: 10000});
    const items = answer.charted.flatMap((m) => m.obs.map((o) => ({...o, at: Date.parse(o.ts ?? m.ts)})));
    return {items: items.sort((a, b) => a.at - b.at), cut: answer.cut};
}
