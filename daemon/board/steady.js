// SPDX-License-Identifier: Apache-2.0
// What must go on in a tab that nobody looks at. A browser lets the timers of such a page run once a minute only; those of a
// worker (beat.js) it leaves alone.

const acts = [];

export function steadily(act, ms) {
    setInterval(act, ms);
    acts.push(act);
}

new Worker('/beat.js').onmessage = () => {
    if (document.hidden) for (const act of acts) act();
};
