// SPDX-License-Identifier: Apache-2.0
// The board's begin: what is asked, what follows from the stream, and which page is shown.
import {byId, say} from './dom.js';
import {get, whenRefused} from './api.js';
import {dateTime, learn, now} from './clock.js';
import {State, keyOf, needsSomebody} from './state.js';
import {Stream} from './stream.js';
import {Life} from './life.js';
import {Sound} from './sound.js';
import {steadily} from './steady.js';
import {guard} from './still.js';
import {Who} from './who.js';
import {Ask} from './ask.js';
import {openEntry} from './enter.js';
import {Bar} from './bar.js';
import {Board, bedName} from './board.js';
import {Loader} from './trends.js';
import {PatientPage} from './patient.js';
import {Session} from './session.js';
import {Watch} from './watch.js';
import {applyLook, askedWard} from './settings.js';
import {language, ruleName, t} from './words.js';
import {said} from './said.js';

const REFRESH = 60000; // ms: everything is asked anew so often, whatever the stream said
const RETRY = 2000;

// What cannot be decoded names nobody: the board is shown.
function decoded(text) {
    try {
        return decodeURIComponent(text);
    } catch {
        return null;
    }
}

class App {
    constructor() {
        this.state = new State();
        this.linked = false;
        this.spoken = new Set();
        this.sound = new Sound((state) => this.bar && this.bar.heard(state));
        this.who = new Who(() => this.bar.somebody());
        this.ask = new Ask(this.who, (text) => say(byId('tell'), text));
        this.bar = new Bar(byId('bar'), {who: this.who, sound: this.sound});
        this.watch = new Watch(byId('lost'), () => this.session.look());
        this.session = new Session({here: (who) => this.here(who), ended: () => this.ended()});
        whenRefused(() => this.session.asking || this.session.look());
        this.life = new Life((state, ms) => this.lives(state, ms));
        this.loader = new Loader((patient) => this.drawPatient(patient));
        this.board = new Board(this.state, this.acts(), this.loader.trends);
        this.stream = new Stream(askedWard(), this.hears());
    }

    acts() {
        const plain = (verb) => (alert, row) => this.ask.command(alert, verb, row);
        return {
            accept: plain('accept'), acknowledge: plain('acknowledge'), release: plain('release'), reset: plain('reset'),
            more: (alert, row) => this.ask.more(alert, row), me: () => this.ask.me(), show: (key) => this.goTo(key),
            enter: async (bed) => { if (await openEntry(bed, this.who)) say(byId('tell'), t('entered', {bed: bed.bed})); },
        };
    }

    hears() {
        return {
            alert: (alert) => this.takeAlert(alert),
            values: (bed) => this.takeValues(bed),
            status: (node) => this.takeNode(node, true),
            trouble: (node) => this.takeNode(node, false),
            resync: () => this.load(),
            link: (linked) => this.isLinked(linked),
            run: (event) => this.state.isRun(event),
        };
    }

    // Asks for everything; then follows from there.
    async load() {
        clearTimeout(this.again);
        try {
            const answers = await this.askAll();
            this.first ??= askedWard() ? answers[0].event : this.listed; // nothing after this is missed
            answers.forEach((answer) => { this.state.takeBeds(answer); learn(answer.at); });
            this.follow();
        } catch (error) {
            if (error.status === 401) return; // goes on when somebody is here
            this.board.complain(error.message);
            this.again = setTimeout(() => this.load(), RETRY);
            return;
        }
        this.again = setTimeout(() => this.load(), REFRESH);
        this.shown();
    }

    // The beds of the ward that this display shows, or of all.
    async askAll() {
        const beds = (ward) => get(`/api/v1/wards/${encodeURIComponent(ward)}/beds`);
        const wards = this.wards();
        if (askedWard()) this.loader.ward(askedWard());
        if (askedWard()) return [(await Promise.all([beds(askedWard()), wards]))[0]];
        return Promise.all((await wards).map((ward) => { this.loader.ward(ward); return beds(ward); }));
    }

    async wards() {
        const all = await get('/api/v1/wards');
        this.listed ??= all.event;
        this.bar.wards = all.wards.map((w) => w.ward);
        if (this.state.node === null) this.takeNode(all.node, false);
        return this.bar.wards;
    }

    follow() {
        if (!this.stream.source && !this.stream.timer) this.stream.open(this.first);
        this.loader.want([...this.state.beds.values()].map((bed) => bed.patient).filter(Boolean));
    }

    // For tests and the curious: when tiles first stood.
    shown() {
        this.board.update();
        this.shout();
        if (this.patient) {
            this.patient.head();
            this.patient.caughtUp();
        }
        if (!this.painted) {
            this.painted = true;
            this.board.draw(); // the lines may have been there first
            requestAnimationFrame(() => performance.mark('tiles'));
            setTimeout(() => this.sound.tryQuietly(), 500); // it takes a while to begin
        }
        document.documentElement.dataset.loaded = 'yes';
    }

    takeAlert(alert) {
        const whole = this.state.follows(alert);
        if (!this.state.takeAlert(alert)) return;
        this.soon();
        if (this.patient) this.patient.alert(alert);
        if (!whole) this.load();
    }

    // Many changes at once are drawn once.
    soon() {
        this.drawing ??= setTimeout(() => {
            this.drawing = null;
            this.board.update();
            this.shout();
        }, 20);
    }

    takeValues(bed) {
        learn(bed.at);
        if (!this.state.takeBed(bed)) return;
        this.loader.add(bed);
        this.board.updateBed(keyOf(bed.ward, bed.bed));
        if (this.patient) this.patient.values(bed);
    }

    takeNode(node, beat) {
        this.state.takeNode(node);
        if (beat) {
            const was = this.life.state;
            learn(node.at);
            this.life.take(node);
            if (was === 'lost') {
                this.loader.missed();
                this.load();
            }
        }
        this.bar.about(this.state.node);
    }

    // The stream says nothing of why it broke: that the log-in has ended is asked for.
    isLinked(linked) {
        this.linked = linked;
        this.lives(this.life.state, this.life.silence());
        this.session.look();
    }

    here(who) {
        this.who.is(who);
        if (!this.away) return;
        this.away = false;
        this.life.begin(); // as a display that has just been opened
        this.life.look();
        this.stream.again();
        this.load();
    }

    // The daemon shows this display nothing any more; whether it watches is not known here.
    ended() {
        this.away = true;
        clearTimeout(this.again);
        this.stream.close();
        this.linked = false;
        this.lives(this.life.state, this.life.silence());
    }

    // 'live', 'late', 'lost', or 'ended': nobody is logged in here, and the daemon says so.
    lives(state, ms) {
        if (state === 'lost') this.stream.mind();
        const shown = this.session.refuses ? 'ended' : state;
        this.watch.is(shown === 'lost' || shown === 'ended' ? shown : null, ms);
        document.documentElement.dataset.life = shown;
        this.bar.lives(shown, ms, this.linked);
        this.entitle();
    }

    // How grave it is that this display does not watch.
    blind() {
        return this.session.refuses ? 'technical' : this.life.state === 'lost' ? 'critical' : null;
    }

    // New critical and urgent alerts, once each, for the screen reader: those that come together in one breath, since the next text takes the place of the last.
    shout() {
        this.entitle();
        const fresh = {critical: [], urgent: []};
        const wards = this.state.wards() > 1;
        for (const alert of this.state.alerts.values()) {
            for (const role of alert.responsibility?.targets ?? []) this.who.roles.add(role);
            const key = `${alert.id} ${alert.severity}`;
            if (this.spoken.has(key) || !needsSomebody(alert)) continue;
            this.spoken.add(key);
            fresh[alert.severity]?.push(t('shout', {severity: t(`severity.${alert.severity}`), bed: bedName(alert, wards), rule: ruleName(alert.rule), text: said(alert).text}));
        }
        if (fresh.critical.length > 0) say(byId('shout'), fresh.critical.join(' · '));
        if (fresh.urgent.length > 0) say(byId('tell'), fresh.urgent.join(' · '));
        if (this.spoken.size > 2000) this.spoken.clear();
    }

    drawPatient(patient) {
        if (!patient) this.board.draw();
        for (const tile of this.board.tiles.values()) if (tile.now.patient === patient) this.board.drawTile(tile);
    }

    route() {
        const match = /^#\/patient\/([^/?]+)/.exec(location.hash);
        if (this.patient) this.patient.close();
        const patient = match ? decoded(match[1]) : null;
        this.patient = patient ? new PatientPage(patient, this.state, this.board.act) : null;
        byId('main').replaceChildren(this.board.strip, (this.patient ?? this.board).element); // what nobody has stands above every page
        this.entitle();
        if (this.patient) this.patient.load();
        else this.board.draw();
    }

    // A tab in the background says by its name alone what nobody has, and that nobody watches.
    entitle() {
        const alone = this.board.alone().length;
        const first = this.blind() ? `${t(this.session.refuses ? 'ended_title' : 'lost_title')} · ` : alone > 0 ? `${t('mark.critical')} ${alone} · ` : '';
        const title = first + (this.patient ? `${this.patient.id} · vigil` : `vigil${askedWard() ? ` · ${askedWard()}` : ''}`);
        if (document.title !== title) document.title = title;
    }

    // From wherever: the board, at the tile of this bed.
    goTo(key) {
        if (this.patient) {
            history.pushState(null, '', '#/');
            this.route();
        }
        this.board.show(key);
    }

    // Paper is light, whatever the screen is, and says when it was printed: nothing on it goes on.
    paper(begins) {
        if (begins) document.documentElement.dataset.theme = 'light';
        else applyLook();
        const at = t('printed', {time: dateTime(now()), ward: askedWard() ?? t('all_wards')});
        say(byId('foot'), begins ? `${at} · ${t('disclaimer')}` : t('disclaimer'));
        if (this.patient) this.patient.chart.paint(); // the printer does not wait
    }

    start() {
        document.documentElement.lang = language();
        applyLook();
        say(byId('foot'), t('disclaimer'));
        addEventListener('hashchange', () => this.route());
        addEventListener('beforeprint', () => this.paper(true));
        addEventListener('afterprint', () => this.paper(false));
        setInterval(() => { this.board.tick(); this.bar.tick(); }, 1000);
        steadily(() => this.sound.tick(this.state.alerts.values(), this.blind(), now()), 400);
        guard(byId('main'));
        this.route();
        this.load();
        this.session.look();
    }
}

globalThis.vigil = new App();
globalThis.vigil.start();
