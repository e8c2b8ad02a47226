// SPDX-License-Identifier: Apache-2.0
// What a protocol says of an alert, in the display's language where the protocol has it. Which language a sentence is in is
// told to the screen reader; the protocol's own English stays within reach of whoever reads another.
import {make, say} from './dom.js';
import {language, unit} from './words.js';

const KEYS = {en: 'text', zh: 'text_zh'};
const CHINESE = /\p{Script=Han}/u;
const NUMBER_UNIT = /(?<=\d )(Cel|mm\[Hg\]|10\*9\/L|\/uL|umol\/L)(?![\w[])/g; // as the daemon writes them after a value

const plain = (sentence) => String(sentence ?? '').replace(NUMBER_UNIT, (all) => unit(all));

// {text, lang, original}: original is the English one where another is shown, else null. what: 'text' or 'reference'.
export function said(alert, what = 'text') {
    const own = alert[KEYS[language()].replace('text', what)];
    const english = plain(alert[what]);
    const text = plain(own) || english;
    return {text, lang: CHINESE.test(text) ? 'zh' : 'en', original: text === english ? null : english};
}

export function speak(element, {text, lang}) {
    say(element, text);
    if (element.lang !== lang) element.lang = lang;
}

// The same with its original below it, smaller.
export function saidWhole(alert, what) {
    const {text, lang, original} = said(alert, what);
    const first = make('span', text ? {className: 'said', lang} : {}, text || '–');
    return original ? [first, make('small', {className: 'original', lang: 'en'}, original)] : [first];
}
