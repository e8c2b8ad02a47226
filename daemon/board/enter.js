// SPDX-License-Identifier: Apache-2.0
// Charting at the bedside: one sheet, every part optional, one button. What goes out is the message that any nurses'
// tool would publish; nothing that was not touched is sent.
import {make, show} from './dom.js';
import {enter} from './api.js';
import {charted} from './history.js';
import {now, since, span} from './clock.js';
import {choice, closeSheet, field, many, openSheet, select} from './sheet.js';
import {t, word} from './words.js';

export const ICE = ['year', 'month', 'city', 'hospital', 'name1', 'name2', 'name3', 'command', 'sentence', 'attention'];
const ACVPU = ['A', 'C', 'V', 'P', 'U'];
const DEVICES = ['room_air', 'nasal_cannula', 'simple_mask', 'venturi', 'non_rebreather', 'hfnc', 'cpap', 'bipap', 'invasive_vent',
    'blow_by', 'face_tent', 'aerosol_mask', 'tracheostomy_mask', 'unknown'];
const SYMPTOMS = ['urticaria', 'flushing', 'itch', 'angioedema', 'wheeze', 'stridor', 'dyspnoea', 'voice_change', 'gi_severe', 'syncope',
    'rigors', 'headache', 'word_finding', 'seizure'];
const MEDICINES = ['paracetamol', 'metamizole', 'nsaid', 'corticosteroid', 'tocilizumab', 'antibiotic'];
const FLAGS = ['fever_other_cause', 'hypotension_other_cause', 'hypoxia_other_cause', 'home_cpap', 'airway_only', 'scale2', 'sedated',
    'anc_expected_lt500', 'allergen_probable', 'crs_resolving', 'crs_closed', 'irr_resolved', 'fn_treated', 'comfort_care'];

const MONTH = 30 * 86400000; // ms

class Ice {
    constructor() {
        this.sum = make('output', {className: 'sum'}, '–');
        this.items = ICE.map((item) => choice(t(`ice.${item}`), [['1', t('right')], ['0', t('wrong')]]));
        this.items.forEach((item) => item.addEventListener('change', () => this.count()));
        const all = make('button', {type: 'button', data: {all: 'ice'}, on: {click: () => { this.items.forEach((item) => item.choose('1')); this.count(); }}}, t('ice_all'));
        this.unarousable = many(t('ice_or'), [['unarousable', t('unarousable')]]);
        this.element = make('details', {className: 'part', open: true}, make('summary', {}, 'ICE ', this.sum), all, make('div', {className: 'ice'}, this.items), this.unarousable);
    }

    answers() {
        return this.items.map((item) => item.chosen());
    }

    count() {
        const known = this.answers().filter((a) => a !== null);
        this.sum.textContent = known.length === ICE.length ? `${known.filter((a) => a === '1').length}/10` : t('ice_left', {n: ICE.length - known.length});
    }

    // [] nothing was touched; null: some items are missing, which is no answer.
    obs() {
        if (this.unarousable.chosen().length > 0) return [{code: 'ice', unarousable: true}];
        const answers = this.answers();
        if (answers.every((a) => a === null)) return [];
        if (answers.some((a) => a === null)) return null;
        return [{code: 'ice', items: Object.fromEntries(ICE.map((item, i) => [item, Number(answers[i])]))}];
    }
}

class Oxygen {
    constructor(bed) {
        const was = bed.charted && bed.charted.o2_device;
        this.device = select([['', '–'], ...DEVICES.map((d) => [d, word('o2', d)])], '');
        this.flow = make('input', {type: 'number', min: 0, max: 80, step: 0.5, inputMode: 'decimal'});
        this.fio2 = make('input', {type: 'number', min: 21, max: 100, step: 1, inputMode: 'numeric'});
        this.element = make('details', {className: 'part'}, make('summary', {}, t('oxygen'), was ? ` (${word('o2', was.value)}${was.flow ? ` ${was.flow} L/min` : ''}, ${t('ago', {span: span(since(was.ts) / 1000)})})` : ''),
            field(t('device'), this.device), field(`${t('flow')} (L/min)`, this.flow), field('FiO2 (%)', this.fio2));
    }

    obs() {
        if (this.device.value === '') return this.flow.value || this.fio2.value ? null : [];
        const item = {code: 'o2_device', value: this.device.value};
        if (this.flow.value !== '') item.flow = Number(this.flow.value);
        if (this.fio2.value !== '') item.fio2 = Number(this.fio2.value);
        return [item];
    }
}

// Flags that hold now, by what was charted, oldest first.
export function flagsOn(items, at) {
    const last = new Map(items.filter((o) => o.code === 'flag').map((o) => [o.value, o]));
    return new Set([...last].filter(([, o]) => o.on !== false && !(o.until && Date.parse(o.until) <= at)).map(([value]) => value));
}

function part(title, group) {
    return make('details', {className: 'part'}, make('summary', {}, title), group);
}

export class Entry {
    constructor(bed, who) {
        this.bed = bed;
        this.by = who.by;
        this.sent = new Set();
        this.ice = new Ice();
        this.acvpu = choice(t('consciousness'), ACVPU.map((a) => [a, `${a} ${t(`acvpu.${a}`)}`]));
        this.oxygen = new Oxygen(bed);
        this.symptoms = many(t('symptoms'), SYMPTOMS.map((s) => [s, word('symptom', s)]));
        this.medicines = many(t('given_now'), MEDICINES.map((m) => [m, word('medicine', m)]));
        this.flags = many(t('flags_on'), FLAGS.filter((f) => who.puts(f)).map((f) => [f, word('flag', f)]));
        this.off = many(t('flags_off'), FLAGS.map((f) => [f, word('flag', f)]));
        this.error = make('p', {className: 'error', role: 'alert'});
        this.send = make('button', {type: 'submit', className: 'primary'}, t('send'));
    }

    // {assessment: [...], therapy: [...]}; throws a sentence.
    obs() {
        const ice = this.ice.obs();
        const oxygen = this.oxygen.obs();
        if (ice === null) throw new Error(t('ice_incomplete'));
        if (oxygen === null) throw new Error(t('o2_incomplete'));
        const acvpu = this.acvpu.chosen();
        const flag = (on) => (value) => ({code: 'flag', value, on, by: this.by});
        return {
            assessment: [...ice, ...(acvpu ? [{code: 'consciousness', value: acvpu}] : []), ...this.symptoms.chosen().map((value) => (value === 'seizure' ? {code: 'seizure', value: true} : {code: 'symptom', value})),
                ...this.flags.chosen().map(flag(true)), ...this.off.chosen().map(flag(false))],
            therapy: [...oxygen, ...this.medicines.chosen().map((value) => ({code: 'medication', value}))],
        };
    }

    async save(event) {
        event.preventDefault();
        this.error.textContent = '';
        try {
            const all = Object.entries(this.obs()).filter(([, obs]) => obs.length > 0);
            if (all.length === 0) throw new Error(t('nothing_entered'));
            this.send.disabled = true;
            for (const [kind, obs] of all) await this.sendOnce(kind, obs);
            this.done = true;
            closeSheet();
        } catch (error) {
            this.error.textContent = t('not_sent', {why: error.message});
            this.send.disabled = false;
        }
    }

    async sendOnce(kind, obs) {
        if (this.sent.has(kind)) return;
        await enter(this.bed.ward, this.bed.bed, kind, this.message(obs));
        this.sent.add(kind);
    }

    message(obs) {
        const message = {gateway: 'board', ts: Math.round(now()), obs};
        if (this.bed.patient) message.patient = this.bed.patient;
        return message;
    }

    // Which flags there are to withdraw; while it is not known all are offered. Nothing moves once the part is open.
    async learnFlags() {
        if (!this.bed.patient) return;
        const known = await charted(this.bed.patient, this.bed.admitted ? Date.parse(this.bed.admitted) : now() - MONTH).catch(() => null);
        if (!known || known.cut || this.flagPart.open) return;
        const on = flagsOn(known.items, now());
        show(this.off, on.size > 0);
        for (const [group, wanted] of [[this.flags, (value) => !on.has(value)], [this.off, (value) => on.has(value)]]) {
            group.querySelectorAll('input').forEach((input) => show(input.parentElement, wanted(input.value)));
        }
        this.flagPart.firstChild.append(on.size > 0 ? ` (${[...on].map((value) => word('flag', value)).join(t('comma'))})` : '');
    }

    form() {
        this.flagPart = part(t('flags'), make('div', {}, this.flags, this.off));
        this.learnFlags();
        return make('form', {className: 'entry', on: {submit: (event) => this.save(event)}}, this.ice.element, part(t('consciousness'), this.acvpu), this.oxygen.element,
            part(t('symptoms'), this.symptoms), part(t('medicines'), this.medicines), this.flagPart,
            this.error, make('div', {className: 'doing'}, this.send));
    }
}

// True when it was sent.
export async function openEntry(bed, who) {
    if (!await who.known()) return false;
    const entry = new Entry(bed, who);
    await openSheet(`${t('enter_for', {bed: bed.bed})} · ${bed.patient ?? bed.ward}`, [entry.form()], true);
    return entry.done === true;
}
