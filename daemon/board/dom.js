// SPDX-License-Identifier: Apache-2.0
// Elements from plain values. Whatever comes from outside becomes a text node, never markup: there is
// no other way to put text on this board.

const PLAIN = new Set(['className', 'type', 'value', 'checked', 'disabled', 'hidden', 'tabIndex', 'htmlFor', 'title', 'href',
    'name', 'required', 'maxLength', 'min', 'max', 'step', 'placeholder', 'inputMode', 'autocomplete', 'open', 'id', 'download']);

// make('button', {className: 'x', on: {click: f}, data: {id: 1}, 'aria-label': '…'}, 'text', child…)
export function make(name, given = {}, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(given)) {
        if (value === undefined || value === null) continue;
        if (key === 'on') Object.entries(value).forEach(([event, act]) => element.addEventListener(event, act));
        else if (key === 'data') Object.assign(element.dataset, value);
        else if (PLAIN.has(key)) element[key] = value;
        else element.setAttribute(key, value);
    }
    element.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
    return element;
}

// Sets a text only if it is another: what did not change is not laid out or read out again.
export function say(element, text) {
    const wanted = text === null || text === undefined ? '' : String(text);
    if (element.textContent !== wanted) element.textContent = wanted;
    return element;
}

export function mark(element, key, value) {
    const wanted = value === null || value === undefined || value === false ? null : String(value);
    if (wanted === null) {
        if (key in element.dataset) delete element.dataset[key];
    } else if (element.dataset[key] !== wanted) {
        element.dataset[key] = wanted;
    }
}

export function show(element, visible) {
    if (element.hidden === visible) element.hidden = !visible;
}

export function label(element, text) {
    if (element.getAttribute('aria-label') !== text) element.setAttribute('aria-label', text);
}

// Something stands where something else stood a moment ago (still.js).
export function moved() {
    dispatchEvent(new Event('moved'));
}

// Puts children into this order with as few moves as possible; an element that stays is not touched.
export function arrange(parent, wanted) {
    const keep = new Set(wanted);
    const before = [...parent.children];
    for (const child of before) if (!keep.has(child)) child.remove();
    wanted.forEach((child, i) => {
        if (parent.children[i] !== child) parent.insertBefore(child, parent.children[i] || null);
    });
    if (before.some((child, i) => child.parentNode === parent && parent.children[i] !== child)) moved();
}

export function byId(id) {
    return document.getElementById(id);
}
