# SPDX-License-Identifier: Apache-2.0
"""A real Chromium for the tests from outside (tests/board/drive.mjs drives it, by playwright-core). Pages are named; what
a page did wrong (errors, refused by the page's own policy) is kept and can be asked for."""
import json
import os
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "outside"))
from place import ROOT, until  # noqa: E402


class Browser:
    def __init__(self):
        self.process = subprocess.Popen(["node", os.path.join(ROOT, "tests", "board", "drive.mjs")], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.lock = threading.Lock()
        self.version = self._answer()

    def _answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError("the browser's driver has ended: run contrib/install-deps test")
        answer = json.loads(line)
        if "error" in answer:
            raise AssertionError(answer["error"])
        return answer["value"]

    def run(self, code, **args):
        with self.lock:
            self.process.stdin.write(json.dumps({"code": code, "args": args}) + "\n")
            self.process.stdin.flush()
            return self._answer()

    def open(self, name, url, before="", **options):
        """A page of its own context; `before` runs in it before anything of its own; options are playwright's (viewport, colorScheme, …)."""
        self.run("""
            const context = await browser.newContext(args.options);
            await context.addInitScript(args.before);
            const page = keep[args.name] = await context.newPage();
            page.faults = [];
            page.said = [];
            page.on('console', (message) => page.said.push(message.text()));
            page.on('pageerror', (error) => page.faults.push(String(error)));
            page.on('console', (message) => message.type() === 'error' && page.faults.push(message.text()));
            await page.goto(args.url);
        """, name=name, url=url, before=before, options={"viewport": {"width": 1280, "height": 900}, **options})
        return Page(self, name)

    def close(self):
        try:
            self.process.stdin.close()
            self.process.wait(10)
        except BrokenPipeError:  # it has ended by itself
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


class Page:
    def __init__(self, browser, name):
        self.browser, self.name = browser, name

    def do(self, code, **args):
        """JavaScript beside the page: `page` is playwright's."""
        return self.browser.run(f"const page = keep[{json.dumps(self.name)}]; {code}", **args)

    def ask(self, code, **args):
        """An expression or a function body with `return` inside the page; `a` holds the arguments. It goes in as one
        expression: the page's own policy lets nothing be compiled there."""
        body = code if "return" in code else f"return ({code})"
        return self.do("return page.evaluate(args.expression)", expression=f"(async (a) => {{ {body} }})({json.dumps(args)})")

    def wait(self, condition, timeout=10.0, **args):
        """Until the expression is true inside the page; its value."""
        return self.do("""
            const end = performance.now() + args.timeout;
            for (;;) {
                const value = await page.evaluate(args.expression).catch((error) => {
                    if (!/context was destroyed|navigat/i.test(error.message)) throw error; // another page is on its way
                });
                if (value) return value;
                if (performance.now() > end) throw new Error(`waited ${args.timeout} ms for: ${args.expression}`);
                await new Promise((next) => setTimeout(next, 15));
            }
        """, expression=f"((a) => ({condition}))({json.dumps(args)})", timeout=timeout * 1000)

    def text(self, selector):
        return self.do("return page.locator(args.selector).first().innerText()", selector=selector)

    def click(self, selector):
        self.do("await page.locator(args.selector).first().click({timeout: 5000})", selector=selector)

    def click_until(self, selector, wanted):
        """What has just moved takes no click (nobody can have meant it): again, until the other is there."""
        self.do("""
            for (let i = 0; i < 40 && !await page.locator(args.wanted).count(); i++) {
                await page.locator(args.selector).first().click({timeout: 5000});
                await page.locator(args.wanted).first().waitFor({timeout: 100}).catch(() => null);
            }
        """, selector=selector, wanted=wanted)

    def press(self, *keys):
        self.do("for (const key of args.keys) await page.keyboard.press(key)", keys=keys)

    def shot(self, path, **clip):
        self.do("await page.screenshot({path: args.path, ...args.more})", path=path, more=clip)

    def said(self, begin):
        """What the page wrote to its console, once it has: unlike a question inside the page, this counts as nobody's touch."""
        return until(lambda: self.do("return page.said.find((text) => text.startsWith(args.begin))", begin=begin), what=begin)

    def faults(self):
        return self.do("return page.faults")

    def close(self):
        self.do("await page.context().close()")
