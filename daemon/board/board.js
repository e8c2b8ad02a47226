// SPDX-License-Identifier: Apache-2.0
// The ward board: tiles in the order of urgency, what concerns the ward as a whole above them, and a strip of all
// that is critical and has nobody.
import {arrange, make, mark, moved, say, show} from './dom.js';
import {ruleName, t} from './words.js';
import {keyOf, needsSomebody} from './state.js';
import {Hold, heldOrder, wantedOrder} from './order.js';
import {Tile} from './tile.js';
import {AlertRow} from './tile_alert.js';
import {overSheet} from './sheet.js';

export function bedName({ward, bed}, wards) {
    const name = t('bed_n', {bed: bed ?? '–'});
    return wards ? `${ward} ${name}` : name;
}

export class Board {
    // act: what buttons do; trends: Trends by patient; all: more than one ward is shown
    constructor(state, act, trends) {
        this.state = state;
        this.trends = trends;
        this.tiles = new Map();
        this.rows = new Map();
        this.order = [];
        this.grid = make('ul', {className: 'tiles', 'aria-label': t('beds')});
        this.hold = new Hold(this.grid);
        this.act = {...act, held: (element) => this.holds(element)};
        this.hint = make('button', {type: 'button', className: 'hint', hidden: true, on: {click: () => this.reorder(true)}});
        this.strip = make('p', {className: 'strip'});
        this.general = make('ul', {className: 'general', 'aria-label': t('ward_alerts')});
        this.empty = make('p', {className: 'empty'}, t('no_beds'));
        this.element = make('section', {className: 'board', 'aria-label': t('board')}, make('h1', {className: 'unseen'}, t('board')),
            this.hint, this.general, this.grid, this.empty);
    }

    // Rows of a tile stay where they are while somebody is at that tile.
    holds(element) {
        return this.hold.held() && (element.matches(':hover') || element.contains(document.activeElement));
    }

    update() {
        const all = this.state.tiles();
        const wards = this.state.wards() > 1;
        for (const [key, bed] of all) {
            if (!this.tiles.has(key)) this.tiles.set(key, new Tile(this.act));
            this.tiles.get(key).update(bed, this.state.alertsOf(bed.ward, bed.bed), wards);
        }
        for (const key of [...this.tiles.keys()]) if (!all.has(key)) this.tiles.delete(key);
        this.putGeneral();
        this.putStrip();
        say(this.empty, t('no_beds'));
        show(this.empty, this.tiles.size === 0);
        this.reorder(false);
    }

    // Nothing could be asked: said where the tiles would stand.
    complain(sentence) {
        say(this.empty, t('no_answer', {why: sentence}));
        show(this.empty, this.tiles.size === 0);
    }

    // One bed, after values of it came: the usual case.
    updateBed(key) {
        const bed = this.state.beds.get(key);
        const tile = this.tiles.get(key);
        if (!bed || !tile) {
            this.update();
            return;
        }
        tile.update(bed, this.state.alertsOf(bed.ward, bed.bed), tile.ward.textContent !== '');
        tile.stale = true; // its lines are drawn with the next tick: ten minutes are a pixel or two
    }

    putGeneral() {
        const alerts = this.state.wardAlerts();
        for (const alert of alerts) {
            if (!this.rows.has(alert.id)) this.rows.set(alert.id, new AlertRow(this.act));
            this.rows.get(alert.id).update(alert);
        }
        const open = new Set(alerts.map((a) => a.id));
        for (const id of [...this.rows.keys()]) if (!open.has(id)) this.rows.delete(id);
        if (this.hold.held()) return;
        const was = this.general.children.length;
        arrange(this.general, alerts.map((a) => this.rows.get(a.id).element));
        show(this.general, alerts.length > 0);
        if (alerts.length !== was) moved(); // the tiles below
    }

    alone(severity = 'critical') {
        return [...this.state.alerts.values()].filter((a) => a.severity === severity && needsSomebody(a));
    }

    putStrip() {
        const beds = new Map(this.alone().map((a) => [a.bed ? keyOf(a.ward, a.bed) : a.rule, a.bed ? bedName(a, this.state.wards() > 1) : ruleName(a.rule)]));
        const urgent = this.alone('urgent').length; // their tiles may lie below all that is in sight
        const critical = beds.size > 0 ? `${t('mark.critical')} ${t('nobody_has', {beds: [...beds.values()].join(t('comma'))})}` : t('nothing_open');
        const text = urgent > 0 ? `${critical} · ${t('mark.urgent')} ${t('urgent_alone', {n: urgent})}` : critical;
        mark(this.strip, 'loud', beds.size > 0 ? 'yes' : null);
        overSheet(beds.size > 0 ? `${t('mark.critical')} ${t('nobody_has_n', {n: beds.size, beds: [...beds.values()].join(t('comma'))})}` : '');
        if (this.strip.textContent === text) return;
        const high = this.strip.offsetHeight;
        this.strip.replaceChildren(...this.ways(text, beds));
        if (this.strip.offsetHeight !== high) moved();
    }

    // Each bed of the sentence leads to its tile. Where the focus is on one that stays, it stays there.
    ways(text, beds) {
        const focus = this.strip.contains(document.activeElement) ? document.activeElement.dataset.key : null;
        const parts = [];
        let rest = text;
        for (const [key, name] of beds) {
            const at = rest.indexOf(name);
            parts.push(rest.slice(0, at), this.tiles.has(key) ? make('a', {href: '#/', className: 'way', data: {key}, on: {click: (event) => { event.preventDefault(); this.act.show(key); }}}, name) : name);
            rest = rest.slice(at + name.length);
        }
        requestAnimationFrame(() => focus && this.strip.querySelector(`[data-key="${CSS.escape(focus)}"]`)?.focus({preventScroll: true}));
        return [...parts, rest];
    }

    // To a bed's tile: in sight, and the keyboard at what can be done about its gravest alert.
    show(key) {
        const tile = this.tiles.get(key)?.element;
        if (!tile) return;
        this.tiles.get(key).arrangeRows(false); // that one is meant, whatever stood before it
        tile.scrollIntoView({block: 'center'});
        (tile.querySelector('.alert .doing button:not([hidden])') ?? tile.querySelector('button')).focus({preventScroll: true});
    }

    // Tiles move only when nobody is at them, or when somebody asks for it.
    reorder(asked) {
        if (asked) this.hold.free();
        const focus = document.activeElement;
        const wanted = wantedOrder(this.state);
        const held = !asked && this.order.length > 0 && this.hold.held();
        this.order = held ? heldOrder(this.order, wanted) : wanted;
        if (!held) this.sizes();
        if (!held) this.putGeneral();
        arrange(this.grid, this.order.map((key) => this.tiles.get(key).element));
        if (focus !== document.activeElement && focus.isConnected) focus.focus({preventScroll: true});
        const other = held && (this.order.join() !== wanted.join() || this.misfit());
        say(this.hint, other ? t('new_order') : '');
        show(this.hint, other);
        if (asked) scrollTo({top: 0});
    }

    misfit() {
        return this.general.children.length !== this.rows.size || [...this.tiles.values()].some((tile) => (tile.element.dataset.calm === 'yes') !== (tile.alerts.length === 0) || tile.misfit());
    }

    // A tile grows and shrinks, and its rows change places, only when tiles may move.
    sizes() {
        for (const tile of this.tiles.values()) {
            const calm = tile.alerts.length === 0;
            if ((tile.element.dataset.calm === 'yes') !== calm) moved();
            mark(tile.element, 'calm', calm ? 'yes' : null);
            tile.arrangeRows(false);
        }
    }

    // Every second: ages, countdowns, and the order once nobody holds it any more.
    tick() {
        for (const tile of this.tiles.values()) {
            tile.tick();
            if (tile.stale) this.drawTile(tile);
        }
        for (const row of this.rows.values()) row.tick();
        if (!this.hint.hidden) this.reorder(false);
    }

    drawTile(tile) {
        tile.stale = false;
        tile.draw(this.trends.get(tile.now.patient));
    }

    draw() {
        for (const tile of this.tiles.values()) this.drawTile(tile);
    }
}
