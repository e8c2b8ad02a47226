// SPDX-License-Identifier: Apache-2.0
// Why did this fire: what the alert rests on, what was missing, by which protocol; and all that happened to it since.
import {make} from './dom.js';
import {get} from './api.js';
import {clockTime, dayOf} from './clock.js';
import {score} from './figures.js';
import {t, unit, word} from './words.js';
import {saidWhole} from './said.js';
import {personOf, responsibility} from './tile_alert.js';

const row = (name, ...cells) => make('tr', {}, make('th', {scope: 'row'}, name), ...cells.map((cell) => make('td', {}, ...[cell].flat())));

function evidence(alert) {
    const items = alert.evidence || [];
    if (items.length === 0) return make('p', {}, t('no_evidence'));
    return make('table', {className: 'plain'}, make('caption', {}, t('evidence')), make('tbody', {}, items.map((e) =>
        row(word('signal', e.code), `${e.value} ${unit(e.unit)}`.trim(), clockTime(e.ts), e.source ? word('source', e.source) : ''))));
}

function facts(alert) {
    const {crs, icans, news2} = alert.assessment || {};
    const grade = (g) => score(g && g.grade, g && g.complete);
    const pairs = [
        [t('onset'), clockTime(alert.onset)], [t('raised'), clockTime(alert.raised)],
        [t('since_infusion'), dayOf(alert.since_infusion_s) ?? '–'], [t('severity'), t(`severity.${alert.severity}`)],
        [t('peak'), t(`severity.${alert.peak ?? alert.severity}`)], [t('responsible'), responsibility(alert)],
        [t('missing'), (alert.missing || []).map((m) => word('signal', m)).join(t('comma')) || '–'],
        [t('when_raised'), `NEWS2 ${score(news2 && news2.score, news2 && news2.complete)} · ${t('crs_like')} ${grade(crs)} · ${t('icans_like')} ${grade(icans)}`],
        [t('fever_masked'), alert.fever_may_be_masked ? t('yes') : t('no')],
        [t('rule'), `${alert.rule} (${word('class', alert.class)})`],
        [t('protocol'), alert.protocol ? `${alert.protocol.name} ${alert.protocol.version} · ${String(alert.protocol.digest).slice(0, 12)}` : '–'],
        [t('reference'), saidWhole(alert, 'reference')],
    ];
    return make('table', {className: 'plain'}, make('caption', {}, t('facts')), make('tbody', {}, pairs.map(([k, v]) => row(k, v))));
}

function changes(list) {
    return make('table', {className: 'plain'}, make('caption', {}, t('changes')), make('tbody', {}, list.map((c) =>
        row(clockTime(c.ts), word('event', c.event), t(`severity.${c.severity}`), responsibilityThen(c), c.remark ?? ''))));
}

function responsibilityThen(change) {
    const r = change.responsibility || {};
    return r.owner ? personOf(r.owner) : (r.targets || []).map((role) => word('role', role)).join(t('comma')) || '–';
}

// An element that fills itself with the history when it has come.
export function why(alert) {
    const history = make('div', {}, make('p', {}, t('loading')));
    get(`/api/v1/alerts/${encodeURIComponent(alert.id)}`)
        .then((full) => history.replaceChildren(changes(full.changes || [])))
        .catch((error) => history.replaceChildren(make('p', {className: 'error'}, t('no_history', {why: error.message}))));
    return make('section', {className: 'why'}, make('h3', {}, t('why')), make('p', {className: 'big'}, saidWhole(alert, 'text')), evidence(alert), facts(alert), history,
        make('p', {className: 'disclaimer'}, t('compatible'), ' ', make('span', {lang: 'en'}, alert.disclaimer || '')));
}
