// SPDX-License-Identifier: Apache-2.0
// What has just moved under a finger takes no click: whoever pressed meant what stood there before. Keys go where the
// focus is, and count always; so does what only leads somewhere (the strip, the hint). In a storm something moves all the
// time: whoever presses the same button once more, having had the time to look, means it.

const SETTLED = 400; // ms

export function guard(element, clock = () => performance.now()) {
    let moved = -Infinity;
    let down = -Infinity;
    let refused = null;
    let since = -Infinity;
    addEventListener('moved', () => { moved = clock(); });
    element.addEventListener('pointerdown', () => { down = clock(); }, true);
    element.addEventListener('click', (event) => {
        const ago = down - moved;
        if (event.detail === 0 || ago < 0 || ago > SETTLED || !event.target.closest('.tile, .alert')) return;
        const button = event.target.closest('button');
        const meant = button !== null && button === refused && down - since > SETTLED;
        refused = meant ? null : button;
        since = clock();
        if (meant) return;
        event.preventDefault();
        event.stopPropagation();
    }, true);
}
