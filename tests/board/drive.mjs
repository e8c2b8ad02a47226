// SPDX-License-Identifier: Apache-2.0
// A browser for the tests from outside: reads one JSON object a line, {"code": "…", "args": {…}}, runs the code with
// `keep` (whatever earlier code put there), `browser` and `args`, and answers {"value": …} or {"error": "…"}.
import {createInterface} from 'node:readline';
import {createRequire} from 'node:module';
import {existsSync} from 'node:fs';
import {homedir} from 'node:os';
import {join} from 'node:path';

const cache = process.env.VIGIL_NPM ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'vigil', 'npm');
const need = createRequire(join(cache, 'package.json'));
const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync);
const AsyncFunction = (async () => {}).constructor;

async function begin() {
    if (!chromium) throw new Error('there is no chromium: run contrib/install-deps test');
    let playwright;
    try {
        playwright = need('playwright-core');
    } catch {
        throw new Error(`there is no playwright-core in ${cache}: run contrib/install-deps test`);
    }
    return playwright.chromium.launch({executablePath: chromium, args: ['--no-sandbox', '--disable-gpu', '--autoplay-policy=document-user-activation-required']});
}

function tell(value) {
    process.stdout.write(`${JSON.stringify(value)}\n`);
}

let browser;
try {
    browser = await begin();
    tell({value: browser.version()});
} catch (error) {
    tell({error: error.message});
    process.exit(1);
}
const keep = {axe: need.resolve('axe-core/axe.min.js')};
for await (const line of createInterface({input: process.stdin})) {
    try {
        const {code, args} = JSON.parse(line);
        const value = await new AsyncFunction('keep', 'browser', 'args', code)(keep, browser, args);
        tell({value: value ?? null});
    } catch (error) {
        tell({error: error.stack ?? String(error)});
    }
}
await browser.close();
