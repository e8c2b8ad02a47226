// SPDX-License-Identifier: Apache-2.0
// What has just moved under a finger takes no click: whoever pressed meant what stood there before. Keys go where the
// focus is, and count always; so does what only leads somewhere (the strip, the hint).

const SETTLED = 400; // ms

export function guard(element, clock = () => performance.now()) {
    let moved = -Infinity;
    let down = -Infinity;
    addEventListener('moved', () => { moved = clock(); });
    element.addEventListener('pointerdown', () => { down = clock(); }, true);
    element.addEventListener('click', (event) => {
        const ago = down - moved;
        if (event.detail === 0 || ago < 0 || ago > SETTLED || !event.target.closest('.tile, .alert')) return;
        event.preventDefault();
        event.stopPropagation();
    }, true);
}
