// SPDX-License-Identifier: Apache-2.0
// The daemon's time as this display knows it, and durations in words. A display's own clock may be
// wrong: only its steady counter is used, beside the times that the daemon tells.
import {t} from './words.js';

let offset = null; // daemon's milliseconds - performance.now()

export function learn(at) {
    const ms = Date.parse(at);
    if (Number.isFinite(ms)) offset = ms - performance.now();
}

export const iso = (ms) => new Date(Math.round(ms)).toISOString();

export function now() {
    return offset === null ? Date.now() : offset + performance.now();
}

export function since(at) {
    return now() - Date.parse(at);
}

const two = (n) => String(n).padStart(2, '0');

// Not broken at the end of a line.
const whole = (key, gaps) => t(key, gaps).replaceAll(' ', '\u00a0');

// 5 s, 4 min, 3 h 20, 2 d 4 h: for people, in seconds.
export function span(seconds) {
    const s = Math.max(0, Math.round(seconds));
    const min = Math.floor(s / 60);
    const h = Math.floor(s / 3600);
    if (s < 60) return whole('span.s', {s});
    if (s < 3600) return whole('span.min', {min});
    if (s < 86400) return whole('span.h', {h, min: two(min % 60)});
    return whole('span.d', {d: Math.floor(s / 86400), h: h % 24});
}

// 1:05 until something happens; 0:00 when it is due.
export function countdown(at) {
    const s = Math.max(0, Math.ceil((Date.parse(at) - now()) / 1000));
    return s < 3600 ? `${Math.floor(s / 60)}:${two(s % 60)}` : span(s);
}

export const hourMinute = (date) => `${two(date.getHours())}:${two(date.getMinutes())}`;
export const dayMonth = (date) => `${date.getMonth() + 1}-${two(date.getDate())}`;

export function dateTime(at) {
    const time = new Date(at);
    return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${hourMinute(time)}`;
}

// Local time of day; with the date if it is another day.
export function clockTime(at) {
    const time = new Date(at);
    if (!at || Number.isNaN(time.getTime())) return '–';
    return new Date(now()).toDateString() === time.toDateString() ? hourMinute(time) : dateTime(time);
}

// D+2 04:12 since the infusion; D-1 … before it.
export function dayOf(seconds) {
    if (seconds === null || seconds === undefined) return null;
    const s = Math.abs(seconds);
    return `D${seconds < 0 ? '−' : '+'}${Math.floor(s / 86400)} ${two(Math.floor(s / 3600) % 24)}:${two(Math.floor(s / 60) % 60)}`;
}
