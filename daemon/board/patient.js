// SPDX-License-Identifier: Apache-2.0
// One patient: everything on one time axis, as a chart or a table, and each alert with its reasons.
import {arrange, make, mark, say} from './dom.js';
import {clockTime, dayOf, now} from './clock.js';
import * as history from './history.js';
import {Timeline} from './timeline.js';
import {PatientChart} from './patient_chart.js';
import {tables} from './patient_table.js';
import {AlertRow} from './tile_alert.js';
import {infusionStarts} from './lanes_charted.js';
import {limitSentence, limitsOf} from './limits.js';
import {said} from './said.js';
import {why} from './why.js';
import {isOpen, rankOf} from './state.js';
import {ruleName, t, word} from './words.js';

const HOUR = 3600000;
const RANGES = [6, 24, 72, 168, 720];
const SETTLE = 120; // ms after the last move before anything is asked
const REFRESH = 30000;

export class PatientPage {
    constructor(id, state, act) {
        this.id = id;
        this.state = state;
        this.act = {...act, held: () => false};
        this.data = {vitals: null, labs: null, assessments: null, charted: null, limits: null, alerts: [], episodes: []};
        this.rows = new Map();
        this.time = new Timeline(() => this.moved(), (at) => this.chart.point(at));
        this.chart = new PatientChart(this.time, this.data);
        this.follows = true;
        this.fetched = performance.now();
        this.time.whole = () => this.whole();
        this.time.latest = () => this.range(this.time.span / HOUR);
        this.build();
        this.resize = () => this.chart.draw();
        addEventListener('resize', this.resize);
        addEventListener('look', this.resize);
        this.timer = setInterval(() => this.tick(), 1000);
    }

    build() {
        const button = (text, act, data) => make('button', {type: 'button', data, on: {click: act}}, text);
        this.title = make('h1', {}, this.id);
        this.about = make('p', {className: 'about'});
        this.when = make('p', {className: 'when', 'aria-live': 'polite'});
        this.unknown = make('p', {className: 'error', role: 'alert', hidden: true});
        this.fault = make('p', {className: 'error', role: 'alert', hidden: true});
        this.csv = make('a', {className: 'button', download: `${this.id}.csv`}, t('csv'));
        this.kind = button(t('table'), () => this.swap(), {act: 'table'});
        this.chartBox = make('div', {className: 'chart-box'}, this.time.canvas, this.chart.readout);
        this.tableBox = make('div', {className: 'table-box', tabIndex: 0, role: 'region', 'aria-label': t('table'), hidden: true});
        this.limitList = make('ul', {});
        this.limits = make('details', {className: 'limits', hidden: true}, make('summary', {}, t('limits')), make('p', {}, t('limits_note')), this.limitList);
        this.list = make('ul', {className: 'history'});
        this.none = make('p', {}, t('no_alerts'));
        this.element = make('section', {className: 'patient-page', 'aria-label': t('patient')},
            make('p', {className: 'doing screen'}, make('a', {className: 'button', href: '#/'}, t('back'))), this.title, this.about, this.unknown,
            make('div', {className: 'doing screen ranges'}, RANGES.map((h) => button(t(`range.${h}`), () => this.range(h), {hours: h})), button(t('all'), () => this.whole(), {act: 'all'}),
                button('−', () => this.time.zoom(1 / 0.6), {act: 'out'}), button('+', () => this.time.zoom(0.6), {act: 'in'}),
                button('←', () => this.time.pan(-0.4), {act: 'left'}), button('→', () => this.time.pan(0.4), {act: 'right'}),
                this.kind, this.csv, button(t('print'), () => print(), {act: 'print'})),
            this.when, this.fault, this.chartBox, this.tableBox, this.limits, make('h2', {}, t('alerts')), this.none, this.list);
        const names = {out: 'zoom_out', in: 'zoom_in', left: 'earlier', right: 'later'};
        for (const [act, key] of Object.entries(names)) this.element.querySelector(`[data-act=${act}]`).setAttribute('aria-label', t(key));
    }

    get bed() {
        return [...this.state.beds.values()].find((bed) => bed.patient === this.id);
    }

    // Alerts and stays first: they say from when to when.
    async load() {
        try {
            [this.data.alerts, this.data.episodes] = await Promise.all([history.alerts(this.id), history.episodes(this.id)]);
            this.isKnown(this.data.alerts.length > 0 || this.data.episodes.length > 0 || Boolean(this.bed) || await history.ever(this.id));
        } catch (error) {
            this.failed(error);
        }
        this.head();
        this.data.limits = await history.limits((this.data.episodes[0] ?? this.bed)?.protocol);
        this.putLimits();
        this.range(this.firstHours());
        this.putAlerts();
        this.loadCharted();
    }

    // A slip in the address is no patient of whom nothing is wrong.
    isKnown(known) {
        this.unknown.hidden = known;
        this.none.hidden = !known || this.data.alerts.length > 0;
        say(this.unknown, known ? '' : t('patient_unknown', {id: this.id}));
    }

    // From the begin of the stay, since what was charted long ago may still hold; or else of the last day.
    async loadCharted() {
        const stay = this.data.episodes[0];
        const recent = now() - 24 * HOUR;
        try {
            this.data.charted = await history.charted(this.id, stay ? Date.parse(stay.begin) : recent);
        } catch {
            this.data.charted = await history.charted(this.id, recent).catch(() => null);
        }
        this.chartedAt = performance.now();
        this.putLimits();
        if (this.data.charted === null) this.failed(new Error(t('charted_missing')));
        this.putTable();
        this.head();
        this.chart.draw();
    }

    head() {
        const {bed} = this;
        const stay = this.data.episodes[0];
        const infusions = infusionStarts(this.data.charted);
        const last = infusions[infusions.length - 1] ?? (bed && bed.infusion ? Date.parse(bed.infusion) : null);
        this.name();
        say(this.about, [bed ? bed.ward : stay && stay.ward, stay && stay.product && word('product', stay.product), stay && stay.donor, stay && stay.chain_id, stay && stay.protocol, stay && stay.age !== null ? t('years', {n: stay.age}) : '',
            stay ? `${t('admitted')} ${clockTime(stay.begin)}` : '', last ? `${t('infusion')} ${clockTime(last)} (${dayOf((now() - last) / 1000)})` : ''].filter(Boolean).join(' · '));
        this.chart.marks = [...(infusions.length > 0 ? infusions : [last]).filter(Boolean).map((at) => ({at, text: t('infusion'), colour: 'mark'})),
            ...this.data.episodes.map((e) => ({at: Date.parse(e.begin), text: t('admitted'), colour: 'dim'})), {at: null, text: '', colour: 'dim'}];
    }

    // Where they lie now: somebody else may lie where they lay.
    name() {
        say(this.title, this.bed ? `${this.id} · ${t('bed_n', {bed: this.bed.bed})}` : this.id);
    }

    // The last day; of who came today, since then.
    firstHours() {
        const begin = Math.max(...this.data.episodes.map((e) => Date.parse(e.begin)), 0);
        return begin > 0 ? Math.min(Math.max((now() - begin) / HOUR + 1, 6), 24) : 24;
    }

    range(hours) {
        this.follows = true;
        this.time.look(now() - hours * HOUR, now() + hours * HOUR * 0.01);
        this.follows = true;
    }

    whole() {
        const first = Math.min(...this.data.episodes.map((e) => Date.parse(e.begin)), now() - HOUR);
        this.time.look(first - HOUR / 2, now() + HOUR / 10);
    }

    // Drawn at once from what is there; asked anew when it has come to rest.
    moved() {
        this.follows = false;
        say(this.when, `${clockTime(this.time.from)} – ${clockTime(this.time.to)}`);
        this.time.describe(`${t('chart')}: ${this.when.textContent}`);
        this.csv.href = history.readingsLink(this.id, [...history.VITALS, ...history.LABS], this.time.from, this.time.to, {format: 'csv', limit: 10000});
        this.chart.draw();
        clearTimeout(this.settle);
        this.settle = setTimeout(() => this.fetch(), SETTLE);
    }

    async fetch() {
        this.fetched = performance.now(); // a slow answer is not overtaken by the next value
        const ask = this.asked = Symbol('only the latest question counts');
        const {from, to} = this.time;
        const more = this.time.span * 0.25; // a little beside, so that moving shows something
        const faults = [];
        const take = async (name) => {
            try {
                const value = await history[name](this.id, from - more, to + more);
                if (this.asked !== ask || this.closed) return;
                this.data[name] = value;
                if (value.cut) faults.push(t('cut'));
            } catch (error) {
                faults.push(error.message);
            }
            this.chart.draw();
        };
        await Promise.all(['vitals', 'labs', 'assessments'].map(take));
        if (this.asked !== ask || this.closed) return;
        this.failed(faults.length > 0 ? new Error([...new Set(faults)].join('; ')) : null);
        mark(this.element, 'loaded', 'yes');
        this.putTable();
    }

    failed(error) {
        this.fault.hidden = !error;
        say(this.fault, error ? t('no_answer', {why: error.message}) : '');
    }

    // The dashed lines, in words.
    putLimits() {
        const list = limitsOf(this.data.limits, this.data.charted);
        this.limits.hidden = list.length === 0;
        if (list.length > 0) say(this.limits.firstChild, `${t('limits')}: ${this.data.limits.protocol} ${this.data.limits.version}`);
        this.limitList.replaceChildren(...list.map((limit) => make('li', {}, limitSentence(limit))));
    }

    swap() {
        const table = this.tableBox.hidden;
        this.tableBox.hidden = !table;
        this.chartBox.hidden = table;
        say(this.kind, t(table ? 'chart' : 'table'));
        this.putTable();
        this.chart.draw();
    }

    putTable() {
        if (this.tableBox.hidden) return;
        const all = tables(this.data, this.time.from, this.time.to);
        this.tableBox.replaceChildren(...(all.length > 0 ? all : [make('p', {}, t('nothing_here'))]));
    }

    // Open ones can be answered here too; all say why they fired.
    putAlerts() {
        const rank = (alert) => (isOpen(alert) ? rankOf(alert.severity) : -1); // open ones first, the gravest above
        const list = [...this.data.alerts].sort((a, b) => rank(b) - rank(a) || (a.onset < b.onset ? 1 : -1));
        this.none.hidden = list.length > 0 || !this.unknown.hidden;
        for (const alert of list) {
            let row = this.rows.get(alert.id);
            if (!row) {
                row = isOpen(alert) ? new AlertRow(this.act) : new PastAlert();
                this.rows.set(alert.id, row);
            }
            row.update(alert);
        }
        arrange(this.list, list.map((alert) => this.rows.get(alert.id).element));
        this.chart.draw();
    }

    // What no event told of, while the stream was broken: asked for, if what the board knows of this patient is another.
    async caughtUp() {
        const open = [...this.state.alerts.values()].filter((alert) => alert.patient === this.id);
        const known = new Map(this.data.alerts.map((alert) => [alert.id, alert]));
        const ended = this.data.alerts.some((alert) => isOpen(alert) && !this.state.alerts.has(alert.id));
        if (!ended && open.every((alert) => known.get(alert.id)?.rev === alert.rev)) return;
        const alerts = await history.alerts(this.id).catch(() => null);
        if (!alerts || this.closed) return;
        this.data.alerts = alerts;
        for (const alert of alerts) if (isOpen(alert) === this.rows.get(alert.id) instanceof PastAlert) this.rows.delete(alert.id);
        this.putAlerts();
    }

    alert(alert) {
        if (alert.patient !== this.id) return;
        this.isKnown(true);
        const i = this.data.alerts.findIndex((a) => a.id === alert.id);
        if (i < 0) this.data.alerts.push(alert);
        else if (this.data.alerts[i].rev < alert.rev) this.data.alerts[i] = alert;
        if (!isOpen(alert)) this.rows.delete(alert.id);
        this.putAlerts();
    }

    values(bed) {
        if (bed.patient === this.id && !this.unknown.hidden) this.isKnown(true);
        if (bed.patient === this.id && this.follows && performance.now() - this.fetched > REFRESH) this.refresh();
    }

    refresh() {
        this.range(this.time.span / HOUR / 1.01);
        this.loadCharted();
    }

    tick() {
        this.name();
        for (const row of this.rows.values()) if (row.tick) row.tick();
        if (this.follows && performance.now() - this.fetched > 2 * REFRESH) this.refresh(); // where no value comes any more the gap grows
    }

    close() {
        this.closed = true;
        clearInterval(this.timer);
        removeEventListener('resize', this.resize);
        removeEventListener('look', this.resize);
    }
}

// A closed alert: one line, and its reasons on demand.
class PastAlert {
    constructor() {
        this.summary = make('summary', {});
        this.box = make('details', {on: {toggle: () => this.open()}}, this.summary);
        this.element = make('li', {className: 'past'}, this.box);
    }

    update(alert) {
        this.now = alert;
        mark(this.element, 'severity', alert.severity);
        const {rule} = alert;
        const {text, lang} = said(alert);
        this.summary.replaceChildren(make('span', {className: 'mark', 'aria-hidden': 'true'}, t(`mark.${alert.severity}`)),
            make('span', {}, ` ${t(`severity.${alert.severity}`)} · ${clockTime(alert.onset)} – ${clockTime(alert.ts)} · ${ruleName(rule)}: `), make('span', {lang}, text));
    }

    open() {
        if (this.box.open && this.box.children.length === 1) this.box.append(why(this.now));
    }
}
