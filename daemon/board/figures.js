// SPDX-License-Identifier: Apache-2.0
// How numbers are written, everywhere the same.

export const digitsOf = (code) => (code === 'temp' || code === 'ph' ? 1 : 0);

export function number(code, value) {
    return value === undefined || value === null ? '–' : value.toFixed(digitsOf(code));
}

// A laboratory value: as many figures as say something.
export function plain(value) {
    return String(Number(value.toPrecision(4)));
}

// "7", "≥ 5" where something is missing, "–" where nothing can be said.
export function score(value, complete) {
    return value === null || value === undefined ? '–' : complete === false ? `≥ ${value}` : String(value);
}
