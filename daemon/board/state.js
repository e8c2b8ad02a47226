// SPDX-License-Identifier: Apache-2.0
// What this display knows of the beds and alerts: no DOM, no network. Everything may come twice and in any
// order: an older revision never replaces a newer one. Which is older, no clock says: the daemon's may be set back. A
// daemon that began anew may have lost what it had not yet stored, or have been given a backup: it is believed.

export const SEVERITIES = ['info', 'watch', 'technical', 'urgent', 'critical']; // from low to high
export const rankOf = (severity) => SEVERITIES.indexOf(severity);

export function isOpen(alert) {
    return alert.condition !== 'ended' || !alert.responsibility || alert.responsibility.state !== 'closed';
}

export function keyOf(ward, bed) {
    return `${ward}/${bed}`;
}

// '19ac0f3e2b1-4711', an id of the stream: which run of the daemon, and how far that was.
function momentOf(event) {
    const [run, number] = String(event ?? '').split('-');
    return {run, number: Number(number)};
}

function later(one, other) {
    const [a, b] = [momentOf(one), momentOf(other)];
    return a.run === b.run && a.number > b.number;
}

export class State {
    constructor() {
        this.run = null; // of the daemon
        this.doubted = new Set(); // ids of alerts that only an earlier run has told of
        this.beds = new Map(); // key: {bed: as the API says, without alerts}
        this.alerts = new Map(); // id: alert, open ones
        this.closed = new Map(); // id: rev, so that a late repeat does not raise the dead
        this.count = new Map(); // ward: n of the last change of an alert
        this.node = null;
    }

    // The answer to /wards/<ward>/beds: the whole truth about that ward as of its event.
    takeBeds(answer) {
        this.isRun(answer.event);
        const listed = new Set();
        const open = new Set();
        for (const bed of answer.beds) {
            listed.add(keyOf(bed.ward, bed.bed));
            for (const alert of bed.alerts || []) open.add(alert.id) && this.takeAlert(alert);
            this.takeBed(bed);
        }
        for (const alert of answer.alerts) open.add(alert.id) && this.takeAlert(alert);
        for (const [id, alert] of this.alerts) {
            if (alert.ward === answer.ward && !open.has(id) && (alert.n <= answer.n || this.doubted.has(id))) this.alerts.delete(id);
        }
        for (const [key, bed] of this.beds) {
            if (bed.ward === answer.ward && !listed.has(key) && !later(bed.event, answer.event)) this.beds.delete(key);
        }
        this.count.set(answer.ward, Math.max(answer.n, this.count.get(answer.ward) ?? 0));
        this.takeNode(answer.node);
    }

    // Whoever speaks says by the id of an event which run of the daemon this is.
    isRun(event) {
        const {run} = momentOf(event);
        if (run === this.run || run === '') return;
        if (this.run !== null) this.doubted = new Set(this.alerts.keys());
        this.run = run;
        this.closed.clear();
        this.count.clear();
    }

    // An answer that was on its way is no newer than what the stream has said since.
    takeNode(node) {
        if (!this.node || node.epoch !== this.node.epoch || node.counter >= this.node.counter) this.node = node;
        return this.node;
    }

    // True: it changed what is shown.
    takeBed(bed) {
        const key = keyOf(bed.ward, bed.bed);
        const known = this.beds.get(key);
        if (known && later(known.event, bed.event)) return false;
        const {alerts, ...rest} = bed;
        if (bed.patient === null && Object.keys(bed.values || {}).length === 0) {
            this.beds.delete(key);
            return known !== undefined;
        }
        this.beds.set(key, rest);
        return true;
    }

    takeAlert(alert) {
        const known = this.alerts.get(alert.id);
        if ((known && known.rev >= alert.rev && !this.doubted.has(alert.id)) || (this.closed.get(alert.id) ?? 0) >= alert.rev) return false;
        this.doubted.delete(alert.id);
        if (isOpen(alert)) {
            this.alerts.set(alert.id, alert);
        } else {
            this.alerts.delete(alert.id);
            this.closed.set(alert.id, alert.rev);
            if (this.closed.size > 2000) this.closed.delete(this.closed.keys().next().value);
        }
        return true;
    }

    // A change of an alert from the stream. False: at least one before it never came.
    follows(alert) {
        const last = this.count.get(alert.ward);
        this.count.set(alert.ward, Math.max(alert.n, last ?? 0));
        return last === undefined || alert.n <= last + 1 || alert.n === 0;
    }

    alertsOf(ward, bed) {
        const list = [];
        for (const alert of this.alerts.values()) if (alert.bed === bed && alert.ward === ward) list.push(alert);
        return list.length > 1 ? list.sort(byUrgency) : list;
    }

    // How many wards there are to be told apart.
    wards() {
        return new Set([...this.tiles().values()].map((bed) => bed.ward)).size;
    }

    // Of the ward, the node or a gateway: they have no bed.
    wardAlerts() {
        return [...this.alerts.values()].filter((a) => !a.bed).sort(byUrgency);
    }

    // Tiles: every known bed, and every bed that has an alert and nothing else.
    tiles() {
        const all = new Map(this.beds);
        for (const alert of this.alerts.values()) {
            const key = keyOf(alert.ward, alert.bed);
            if (alert.bed && !all.has(key)) all.set(key, {ward: alert.ward, bed: alert.bed, patient: alert.patient, values: {}, overdue: []});
        }
        return all;
    }
}

export function needsSomebody(alert) {
    const state = alert.responsibility ? alert.responsibility.state : 'none';
    return state === 'offered' || state === 'exhausted';
}

// What a person asked to be quieter, as long as it holds at the time given (ms).
export function liveClaims(alert, now) {
    return (alert.claims || []).filter((c) => (!c.until || Date.parse(c.until) > now) &&
        (c.kind === 'pause' || rankOf(c.severity ?? 'critical') >= rankOf(alert.severity)));
}

// Whether this alert is to be heard: somebody is wanted, and nobody has asked for quiet.
export function sounds(alert, now) {
    return needsSomebody(alert) && alert.mode !== 'test' && liveClaims(alert, now).length === 0;
}

export function urgency(alert) {
    return rankOf(alert.severity) * 4 + (needsSomebody(alert) ? 2 : 0) + (alert.condition === 'ended' ? 0 : 1);
}

function byUrgency(a, b) {
    return urgency(b) - urgency(a) || (a.onset < b.onset ? -1 : a.onset > b.onset ? 1 : 0) || (a.id < b.id ? -1 : 1);
}
