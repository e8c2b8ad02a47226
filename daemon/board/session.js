// SPDX-License-Identifier: Apache-2.0
// Whether users are configured, who is logged in here, and whether that still holds. Without users everybody may do
// everything and says who they are; with them the daemon knows, and what it does not allow is not offered. A question
// that was not answered is asked again: a board that begins beside a daemon that restarts has its rights in the end.
import {get} from './api.js';

const IDLE = 15 * 60000; // ms without a touch: the next hand may be another's
const PAUSES = [500, 1000, 2000, 4000, 5000]; // ms until it is asked again
const FRESH = 15000; // ms for which a refusal says that the daemon answers

export class Session {
    // on: {here: (who) => …, ended: () => …}: at each answer
    constructor(on) {
        this.on = on;
        this.ended = false; // the daemon asks who is there
        this.asking = false;
        this.heard = -Infinity; // when it last said so
        this.tries = 0;
    }

    // Whether it is known that the daemon answers, though it shows nothing.
    get refuses() {
        return this.ended && performance.now() - this.heard < FRESH;
    }

    // At the beginning, when the stream breaks or comes back, and when anything was refused.
    async look() {
        this.again = this.asking; // what has happened meanwhile is asked for after it
        if (this.asking) return;
        this.asking = true;
        clearTimeout(this.timer);
        const answer = await get('/api/v1/session').catch((error) => error);
        this.asking = false;
        if (answer instanceof Error) this.failed(answer);
        else this.here(answer);
        if (this.again) this.look();
    }

    here(who) {
        if (this.who && (this.who.name !== who.name || this.who.users !== who.users)) location.reload(); // another person's board
        this.who = who;
        this.ended = false;
        this.tries = 0;
        this.on.here(who);
    }

    failed(error) {
        const refused = error.status === 401;
        if (refused) {
            if (!this.ended) this.tries = 0;
            this.ended = true;
            this.heard = performance.now();
            this.on.ended();
        }
        this.timer = setTimeout(() => this.look(), PAUSES[Math.min(this.tries++, PAUSES.length - 1)]);
    }
}

// Until it is done: somebody who has left may not stay logged in because the daemon was away for a moment.
export async function logout() {
    const done = await fetch('/api/v1/logout', {method: 'POST', credentials: 'same-origin'}).then((answer) => answer.ok, () => false);
    if (done) location.reload();
    else setTimeout(logout, PAUSES[PAUSES.length - 1]);
}

// A person's log-in ends when nobody touches the board any more, although the board itself goes on asking.
export function leaveWhenIdle() {
    let timer;
    const again = () => {
        clearTimeout(timer);
        timer = setTimeout(logout, IDLE);
    };
    for (const event of ['pointerdown', 'keydown', 'wheel']) addEventListener(event, again, {passive: true});
    again();
}
