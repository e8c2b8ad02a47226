// SPDX-License-Identifier: Apache-2.0
// A dialog over the page: the rest is inert meanwhile, Escape closes, the focus returns to where it was. It lies
// below the banner that says that nobody watches.
import {byId, make, moved, say, show} from './dom.js';
import {t} from './words.js';

let open = null;
let alone = ''; // what is critical and has nobody: a sheet covers the strip that says so

export function overSheet(text) {
    alone = text;
    if (open) show(say(open.line, text), text !== '');
}

export function closeSheet() {
    if (!open) return;
    const {element, back, done} = open;
    open = null;
    element.remove();
    byId('page').inert = false;
    moved(); // to what lay below, for the second tap of a double one
    if (back && back.isConnected) back.focus({preventScroll: true});
    done();
}

addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && open) closeSheet();
});

// content: elements. The promise ends when the sheet closes.
export function openSheet(title, content, wide = false) {
    closeSheet();
    const back = document.activeElement;
    const close = make('button', {type: 'button', className: 'narrow', 'aria-label': t('close'), on: {click: closeSheet}}, '✕');
    const box = make('section', {className: wide ? 'sheet wide' : 'sheet', role: 'dialog', 'aria-modal': 'true', 'aria-labelledby': 'sheet-title', tabIndex: -1},
        make('header', {}, make('h2', {id: 'sheet-title'}, title), close), ...content);
    const line = make('p', {className: 'above', hidden: alone === ''}, alone);
    const element = make('div', {className: 'veil', on: {pointerdown: (event) => event.target === element && closeSheet()}}, line, box);
    byId('page').inert = true;
    byId('over').append(element);
    const first = box.querySelector('[data-first]') ?? box.querySelector('input, select, button:not(.narrow)') ?? close;
    first.focus({preventScroll: true});
    return new Promise((done) => { open = {element, line, back, done}; });
}

// A labelled field. The control gets an id.
let fields = 0;
export function field(text, control, hint) {
    control.id ||= `field-${++fields}`;
    return make('div', {className: 'field'}, make('label', {htmlFor: control.id}, text), control, hint ? make('small', {}, hint) : null);
}

export function select(options, value) {
    const element = make('select', {}, options.map(([key, text]) => make('option', {value: key}, text)));
    if (value !== undefined && value !== null) element.value = value;
    return element;
}

// Buttons of which one is pressed; `value` of the element returned is what was chosen.
export function choice(legend, options, chosen = null) {
    const name = `choice-${++fields}`;
    const group = make('fieldset', {className: 'choice'}, make('legend', {}, legend), options.map(([key, text]) => {
        const input = make('input', {type: 'radio', name, value: key, id: `${name}-${key}`, checked: key === chosen});
        return make('span', {}, input, make('label', {htmlFor: input.id}, text));
    }));
    group.chosen = () => (group.querySelector('input:checked') || {value: null}).value;
    group.choose = (key) => group.querySelectorAll('input').forEach((input) => { input.checked = input.value === key; });
    return group;
}

// Buttons of which any may be pressed.
export function many(legend, options) {
    const name = `many-${++fields}`;
    const group = make('fieldset', {className: 'choice'}, make('legend', {}, legend), options.map(([key, text]) => {
        const input = make('input', {type: 'checkbox', value: key, id: `${name}-${key}`});
        return make('span', {}, input, make('label', {htmlFor: input.id}, text));
    }));
    group.chosen = () => [...group.querySelectorAll('input:checked')].map((input) => input.value);
    return group;
}
