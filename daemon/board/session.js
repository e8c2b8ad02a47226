// SPDX-License-Identifier: Apache-2.0
// Whether users are configured, and who is logged in here. Without users everybody may do everything and says who
// they are; with them the daemon knows, and what it does not allow is not offered.
import {get} from './api.js';

const IDLE = 15 * 60000; // ms without a touch: the next hand may be another's
const NOBODY = {users: false, name: null, right: null, roles: []};

export async function session() {
    try {
        return await get('/api/v1/session');
    } catch (error) {
        if (error.status === 401) location.reload(); // the daemon asks who is there
        return NOBODY;
    }
}

export async function logout() {
    await fetch('/api/v1/logout', {method: 'POST', credentials: 'same-origin'}).catch(() => null);
    location.reload();
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
