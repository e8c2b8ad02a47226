// SPDX-License-Identifier: Apache-2.0
// Which texts: the language of this display, and how words with gaps are filled.
import {TEXTS} from './texts.js';
import {RULES} from './rules.js';
import {installed, setting} from './settings.js';

const LANGUAGES = ['en', 'zh'];

export function language() {
    const asked = [setting('lang'), installed('language')].find((name) => LANGUAGES.includes(name));
    return asked ?? (navigator.language.startsWith('zh') ? 'zh' : 'en');
}

const column = LANGUAGES.indexOf(language());

export function has(key) {
    return Object.hasOwn(TEXTS, key);
}

// A key and its gaps, {span: '5 s'}; a word that is on no list is shown as it is.
export function t(key, gaps = {}) {
    if (!has(key)) return key;
    return TEXTS[key][column].replace(/\{(\w+)\}/g, (all, name) => (name in gaps ? String(gaps[name]) : all));
}

// A word of a closed list of messages ("nasal_cannula") in the display's language.
export function word(group, value) {
    if (value === null || value === undefined) return '–';
    const key = `${group}.${value}`;
    return has(key) ? t(key) : String(value).replaceAll('_', ' ');
}

export function ruleName(rule) {
    return Object.hasOwn(RULES, rule) ? RULES[rule][column] : String(rule).replaceAll('_', ' ');
}

// UCUM for people: Cel is °C.
const UNITS = {Cel: '°C', 'mm[Hg]': 'mmHg', '{score}': '', '{INR}': '', '[pH]': '', '10*9/L': '10⁹/L', '/uL': '/µL', 'umol/L': 'µmol/L'};

export function unit(text) {
    return Object.hasOwn(UNITS, text) ? UNITS[text] : text || '';
}
