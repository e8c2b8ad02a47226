// SPDX-License-Identifier: Apache-2.0
// One bed's tile: built once, then only what changed is changed, so that nothing flickers and a screen reader is
// not told the same again.
import {arrange, label, make, mark, say, show} from './dom.js';
import {clockTime, countdown, dayOf, now, since, span} from './clock.js';
import {number, score} from './figures.js';
import {t, unit, word} from './words.js';
import {needsSomebody} from './state.js';
import {AlertRow, personOf} from './tile_alert.js';
import {CODES, draw, sparkline} from './spark.js';

class ValueRow {
    constructor(code) {
        this.code = code;
        this.number = make('b', {className: 'number'});
        this.unit = make('span', {className: 'unit'});
        this.age = make('span', {className: 'age'});
        this.spark = sparkline();
        this.element = make('div', {className: 'value', data: {code}},
            make('dt', {}, t(`signal.${code === 'sbp' ? 'bp' : code}`)), make('dd', {}, this.number, ' ', this.unit, ' ', this.age), this.spark);
    }

    // Pressure is one row: systolic over diastolic, and the mean.
    update(values) {
        const value = this.code === 'sbp' ? newest(values) : values[this.code];
        if (!value) {
            say(this.number, '–');
            say(this.unit, unit(''));
            say(this.age, t('no_value'));
            mark(this.element, 'state', 'none');
            return;
        }
        say(this.number, this.code === 'sbp' ? pressure(values, value) : number(this.code, value.value));
        say(this.unit, unit(value.unit));
        const ago = Math.max(since(value.ts) / 1000, 0);
        const stale = value.stale || ago > 3600;
        say(this.age, stale ? t('stale', {span: span(ago)}) : span(ago));
        mark(this.element, 'state', stale ? 'stale' : value.quality === 'questionable' ? 'doubtful' : 'good');
    }

    draw(trends) {
        draw(this.spark, this.code, trends ? trends.of.get(this.code) : null, now());
    }
}

const MINUTE = 60000;

// A mean pressure that came alone, after the last systolic one, is what is known now.
function newest({sbp, map}) {
    return sbp && !(map && Date.parse(map.ts) - Date.parse(sbp.ts) >= MINUTE) ? sbp : map;
}

function pressure({sbp, dbp, map}, shown) {
    const same = (other) => other && Math.abs(Date.parse(other.ts) - Date.parse(sbp.ts)) < MINUTE;
    if (shown === map) return `(${number('map', map.value)})`;
    return `${number('sbp', sbp.value)}${same(dbp) ? `/${number('dbp', dbp.value)}` : ''}${same(map) ? ` (${number('map', map.value)})` : ''}`;
}

function crsText(crs) {
    if (!crs || crs.status === 'indeterminate') return '–';
    return crs.status === 'met' ? score(crs.grade, true) : t('not_met');
}

export function scores(assessment) {
    const {news2, crs, icans} = assessment || {};
    return [
        ['NEWS2', score(news2 && news2.score, news2 && news2.complete), news2 && news2.missing && news2.missing.length
            ? t('without', {what: news2.missing.map((m) => word('signal', m)).join(t('comma'))}) : ''],
        [t('crs_like'), crsText(crs), crs && crs.fever_may_be_masked ? t('masked') : ''],
        [t('icans_like'), score(icans && icans.grade, icans && icans.complete), ''],
    ];
}

export class Tile {
    // act: {accept, acknowledge, more, enter, patient}: what buttons do
    constructor(act) {
        this.act = act;
        this.rows = new Map();
        this.alerts = [];
        this.bed = make('span', {className: 'bed'});
        this.ward = make('span', {className: 'ward'});
        this.patient = make('span', {className: 'patient'});
        this.day = make('span', {className: 'day'});
        this.severity = make('span', {className: 'badge'});
        this.list = make('ul', {className: 'alerts'});
        this.further = make('p', {className: 'further', hidden: true});
        this.values = CODES.map((code) => new ValueRow(code));
        this.scores = make('p', {className: 'scores'});
        this.notes = make('p', {className: 'notes'});
        this.title = make('h2', {}, this.bed, this.severity, this.ward, this.patient, this.day);
        this.enterButton = make('button', {type: 'button', on: {click: () => act.enter(this.now)}}, t('enter'));
        this.patientLink = make('a', {className: 'button'}, t('history'));
        this.element = make('li', {className: 'tile'}, this.title, this.list, this.further,
            make('dl', {className: 'values'}, this.values.map((v) => v.element)), this.scores, this.notes,
            make('div', {className: 'doing'}, this.enterButton, this.patientLink));
    }

    update(bed, alerts, wards) {
        this.now = bed;
        this.alerts = alerts;
        const top = alerts[0];
        mark(this.element, 'severity', top ? top.severity : 'none');
        mark(this.element, 'wanted', top && needsSomebody(top) ? 'yes' : null);
        mark(this.element, 'paused', bed.pause ? 'yes' : null);
        this.head(bed, top, wards);
        this.alertRows(alerts);
        show(this.further, alerts.length > 1);
        const alone = alerts.filter(needsSomebody).length;
        say(this.further, alone > 0 ? t('n_alerts_open', {n: alerts.length, alone}) : t('n_alerts', {n: alerts.length}));
        this.tick();
        this.putScores(bed.assessment);
    }

    head(bed, top, wards) {
        say(this.bed, bed.bed);
        mark(this.bed, 'long', bed.bed.length > 12 ? 'very' : bed.bed.length > 5 ? 'yes' : null);
        say(this.ward, wards ? bed.ward : '');
        say(this.patient, bed.patient ?? t('no_patient'));
        this.patient.title = bed.patient ?? '';
        say(this.severity, top ? t(`severity.${top.severity}`) : '');
        show(this.severity, Boolean(top));
        label(this.enterButton, t('enter_for', {bed: bed.bed}));
        show(this.patientLink, Boolean(bed.patient));
        if (bed.patient) {
            this.patientLink.href = `#/patient/${encodeURIComponent(bed.patient)}`;
            label(this.patientLink, t('history_of', {bed: bed.bed}));
        }
    }

    alertRows(alerts) {
        for (const alert of alerts) {
            if (!this.rows.has(alert.id)) this.rows.set(alert.id, new AlertRow(this.act));
            this.rows.get(alert.id).update(alert);
        }
        const open = new Set(alerts.map((a) => a.id));
        for (const id of [...this.rows.keys()]) if (!open.has(id)) this.rows.delete(id);
        this.arrangeRows(this.act.held(this.element));
    }

    get shown() {
        return [...this.list.children].map((row) => row.dataset.alert);
    }

    // `held`: rows stay where they are; new ones come behind them.
    arrangeRows(held) {
        const order = this.alerts.map((a) => a.id);
        const {shown} = this;
        const wanted = held ? [...shown.filter((id) => order.includes(id)), ...order.filter((id) => !shown.includes(id))] : order;
        arrange(this.list, wanted.map((id) => this.rows.get(id).element));
    }

    // A graver one stands behind another: somebody was at this tile when it came.
    misfit() {
        return this.shown.join() !== this.alerts.map((a) => a.id).join();
    }

    putScores(assessment) {
        const wanted = scores(assessment);
        if (this.scores.children.length !== wanted.length) {
            this.scores.replaceChildren(...wanted.map(() => make('span', {className: 'score'}, make('span', {className: 'what'}), ' ', make('b'), ' ', make('small'))));
        }
        wanted.forEach(([what, value, more], i) => {
            const [name, number_, small] = this.scores.children[i].children;
            say(name, what);
            say(number_, value);
            say(small, more);
        });
    }

    // What changes with time alone.
    tick() {
        const bed = this.now;
        mark(this.day, 'none', bed.infusion ? null : 'yes');
        say(this.day, bed.infusion ? dayOf(since(bed.infusion) / 1000) : bed.patient ? t('no_infusion') : '');
        this.values.forEach((row) => row.update(bed.values || {}));
        for (const row of this.rows.values()) row.tick();
        const late = (bed.overdue || []).map((o) => `${t(`due.${o.what}`)} ${span(since(o.since) / 1000)}`);
        const notes = late.length > 0 ? [t('overdue', {list: late.join(t('comma'))})] : [];
        if (bed.pause) notes.unshift(t('paused_until', {time: clockTime(bed.pause.until), left: countdown(bed.pause.until), by: personOf(bed.pause.by), why: bed.pause.reason ?? ''}));
        const text = notes.join(' · ');
        say(this.notes, text);
        mark(this.notes, 'late', (bed.overdue || []).some((o) => o.late) ? 'yes' : null);
        show(this.notes, text !== '');
    }

    draw(trends) {
        for (const row of this.values) row.draw(trends);
    }
}
