// SPDX-License-Identifier: Apache-2.0
// Questions and commands to the daemon. Problems come back as errors with a sentence for people.
import {itemRefusal, refusal} from './refusals.js';
import {t} from './words.js';

const PATIENCE = 10000; // ms for one request
const AGAIN = [0, 700, 1500, 3000]; // ms before each attempt of a command: the same id, so it is done once

export class Problem extends Error {
    constructor(status, sentence, wait = null) {
        super(sentence);
        this.status = status;
        this.wait = wait; // s, as the daemon says
    }
}

// Of a problem, or of a message that was refused.
function sentenceOf(value) {
    if (!value) return null;
    return refusal(value.detail) ?? (value.refused && value.refused.length > 0 ? itemRefusal(value.refused[0]) : null);
}

// What is done when the daemon does not know any more who asks, whatever was asked.
let refused = () => {};
export function whenRefused(act) {
    refused = act;
}

// The browser's own words for a link that fails are no help, and in its language.
async function exchange(path, options) {
    try {
        const response = await fetch(path, {...options, signal: AbortSignal.timeout(PATIENCE), credentials: 'same-origin'});
        return {response, text: await response.text()};
    } catch {
        throw new Error(t('no_link'));
    }
}

async function ask(path, options = {}) {
    const {response, text} = await exchange(path, options);
    let value = null;
    try {
        value = JSON.parse(text);
    } catch { /* not JSON: the status says enough */ }
    if (response.status === 401) refused();
    if (!response.ok) throw new Problem(response.status, sentenceOf(value) ?? `HTTP ${response.status}`, response.headers.get('Retry-After'));
    return value;
}

export function get(path, query = {}) {
    const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
    const rest = new URLSearchParams(given).toString();
    return ask(rest ? `${path}?${rest}` : path);
}

// All pages of a list, `most` items at most; `cut` says whether there was more.
export async function getAll(path, query, name, most = 40000) {
    let answer = await get(path, query);
    const items = answer[name];
    while (answer.next && items.length < most) {
        answer = await ask(answer.next);
        items.push(...answer[name]);
    }
    return {items, cut: Boolean(answer.next)};
}

function post(path, body) {
    return ask(path, {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)});
}

export function login(name, password) {
    return ask('/api/v1/login', {method: 'POST', headers: {Accept: 'application/json'}, body: new URLSearchParams({name, password})});
}

const wait = (ms) => new Promise((done) => setTimeout(done, ms));

// No answer is asked again; what the daemon refuses is not.
async function insist(path, body) {
    let last;
    for (const pause of AGAIN) {
        await wait(pause);
        try {
            return await post(path, body);
        } catch (error) {
            if (error instanceof Problem && error.status < 500) throw error;
            last = error;
        }
    }
    throw last;
}

export function newId() {
    const bytes = crypto.getRandomValues(new Uint8Array(12));
    return [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('');
}

export function command(alert, verb, by, more = {}) {
    return insist(`/api/v1/alerts/${encodeURIComponent(alert.id)}/${verb}`, {id: newId(), by, rev: alert.rev, ...more});
}

// kind: assessment or therapy; the message is the one that any nurses' tool publishes.
// It is on disk when this comes back; single items may have been refused, which is an error too.
export async function enter(ward, bed, kind, message) {
    const answer = await post(`/api/v1/beds/${encodeURIComponent(ward)}/${encodeURIComponent(bed)}/${kind}`, message);
    if (answer.refused && answer.refused.length > 0) throw new Problem(422, sentenceOf(answer));
}
