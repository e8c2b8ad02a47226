// SPDX-License-Identifier: Apache-2.0
// Draws the lanes of one patient onto one canvas, and says what is under the pointer.
import {make, say, show} from './dom.js';
import {clockTime, now} from './clock.js';
import {Pen, alertBars, axis, curve, marks, points, score} from './lanes.js';
import {chartedLanes} from './lanes_charted.js';
import {number} from './figures.js';
import {t, unit} from './words.js';
import {LABS} from './history.js';
import {limitsOf} from './limits.js';

const CURVES = [['temp', ['temp']], ['hr', ['hr']], ['rr', ['rr']], ['spo2', ['spo2']], ['bp', ['sbp', 'dbp', 'map']]];
const COLOURS = {card: '--card', text: '--text', dim: '--dim', grid: '--grid', line: '--spark', band: '--spark-band', second: '--good', high: '--critical', mark: '--link',
    critical: '--critical', urgent: '--urgent', watch: '--watch', technical: '--technical', info: '--info',
    'on-critical': '--on-critical', 'on-urgent': '--on-urgent', 'on-watch': '--on-watch', 'on-technical': '--on-technical', 'on-info': '--on-info'};
const TOP = 26;
const BOTTOM = 24;

const grade = (part) => (item) => (item[part] ? item[part].grade ?? null : null);
const known = (value) => (value === undefined ? null : value);

const whole = (name) => (item) => item[name]?.complete !== false;

export class PatientChart {
    constructor(time, data) {
        this.time = time;
        this.data = data;
        this.marks = [];
        this.readout = make('p', {className: 'readout', hidden: true});
    }

    lanes() {
        const {vitals, labs, assessments, alerts, charted} = this.data;
        const lanes = [alertBars(alerts, now())];
        const items = assessments ? assessments.items : [];
        if (items.length > 0) {
            lanes.push(score('NEWS2', items, (i) => (i.news2 ? known(i.news2.score) : null), 9, whole('news2')),
                score(t('crs_like'), items, (i) => (i.crs && i.crs.status === 'met' ? known(i.crs.grade) : i.crs && i.crs.status === 'not_met' ? 0 : null), 4),
                score(t('icans_like'), items, grade('icans'), 4, whole('icans')));
        }
        if (charted) lanes.push(...chartedLanes(charted, now()));
        const limits = limitsOf(this.data.limits, charted);
        if (vitals) for (const [code, parts] of CURVES) lanes.push(curve(code, t(`signal.${code}`), parts, vitals, limits.filter((l) => parts.includes(l.code))));
        if (labs) for (const code of LABS) if (labs.lists.has(code)) lanes.push(points(code, labs.lists.get(code)));
        return lanes;
    }

    colours() {
        const style = getComputedStyle(document.documentElement);
        return Object.fromEntries(Object.entries(COLOURS).map(([name, variable]) => [name, style.getPropertyValue(variable).trim()]));
    }

    draw() {
        cancelAnimationFrame(this.frame);
        this.frame = requestAnimationFrame(() => this.paint());
    }

    paint() {
        const {canvas} = this.time;
        if (!canvas.isConnected || canvas.clientWidth === 0) return;
        const lanes = this.lanes();
        const height = TOP + lanes.reduce((sum, lane) => sum + lane.height, 0) + BOTTOM;
        const ratio = devicePixelRatio || 1;
        canvas.style.height = `${height}px`;
        canvas.width = Math.round(canvas.clientWidth * ratio);
        canvas.height = Math.round(height * ratio);
        const context = canvas.getContext('2d');
        context.scale(ratio, ratio);
        const colours = this.colours();
        const pen = new Pen(context, this.time, colours, now());
        axis(pen, height);
        let top = TOP;
        for (const lane of lanes) {
            lane.draw(pen, top);
            top += lane.height;
        }
        marks(pen, height, this.marks.map((m) => ({...m, at: m.at ?? now(), colour: colours[m.colour]})));
        this.drawPointed(pen, height);
    }

    drawPointed(pen, height) {
        const {drag} = this.time;
        if (drag && !drag.moves) {
            pen.context.globalAlpha = 0.25;
            pen.context.fillStyle = pen.colours.mark;
            pen.context.fillRect(Math.min(drag.x, drag.last), 0, Math.abs(drag.last - drag.x), height - 22);
            pen.context.globalAlpha = 1;
        }
        if (this.pointed) pen.line(this.time.x(this.pointed), 0, this.time.x(this.pointed), height - 22, pen.colours.dim);
    }

    // What was measured at that instant.
    point(at) {
        this.pointed = at;
        const {vitals} = this.data;
        show(this.readout, Boolean(at && vitals));
        if (at && vitals) {
            const found = [...vitals.lists].map(([code, list]) => [code, list.find((s) => s.at <= at && at < s.at + vitals.step)]).filter(([, s]) => s);
            say(this.readout, `${clockTime(at)}  ${found.map(([code, s]) => `${t(`signal.${code}`)} ${number(code, s.mean)}${s.count > 1 ? ` (${number(code, s.min)}–${number(code, s.max)})` : ''} ${unit(s.unit)}`).join(' · ')}`);
        }
        this.draw();
    }
}
