// SPDX-License-Identifier: Apache-2.0
// What this display was told: by its address (?ward=onc-7&lang=zh&theme=light&size=large), else by
// whoever touched it last, which it keeps, else by the installation's settings.

const address = new URLSearchParams(location.search);

function stored(name) {
    try {
        return localStorage.getItem(`vigil.${name}`);
    } catch {
        return null; // a display that keeps nothing is still a display
    }
}

export function setting(name) {
    return address.get(name) ?? stored(name);
}

// What the installation says of it, for the ward that is shown; "": nothing (http_board.c).
export function installed(name) {
    return document.querySelector(`meta[name=vigil-${name}]`)?.content.trim() ?? '';
}

export function keep(name, value) {
    address.delete(name);
    try {
        localStorage.setItem(`vigil.${name}`, value);
    } catch { /* as above */ }
}

export function askedWard() {
    return address.get('ward');
}

export function applyLook() {
    const root = document.documentElement;
    const theme = setting('theme');
    root.dataset.theme = theme === 'light' || theme === 'dark' ? theme : 'auto';
    const size = setting('size');
    root.dataset.size = ['small', 'large', 'huge'].includes(size) ? size : 'normal';
    dispatchEvent(new Event('look'));
}
