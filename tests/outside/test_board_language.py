# SPDX-License-Identifier: Apache-2.0
"""Which language a display speaks: what its address says, else what somebody chose on it, else its ward's, else the installation's;
the log-in form the same. And why something was not done is said in it too."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib-python"))
from board import HOUR, World  # noqa: E402
from place import BUILD, ROOT, run, seed  # noqa: E402
from web import Web  # noqa: E402

RANDOM = seed()
PASSWORD = "correct horse battery"
HAN = re.compile("[\u4e00-\u9fff]")
SETTINGS = """
protocols: {protocols}
http: {{language: {language}}}
wards:
  - {{id: onc-7, protocol: car-t, language: zh}}
  - {{id: onc-8, protocol: car-t}}
  - {{id: onc-9, protocol: car-t, language: en}}
"""


class House(World):
    def furnish(self):
        self.settings = self.place.daemon.settings = os.path.join(self.place.folder, "vigild.yaml")
        self.write("en")

    def write(self, language):
        with open(self.settings, "w") as out:
            out.write(SETTINGS.format(protocols=os.path.join(ROOT, "config", "protocols"), language=language))

    def restart(self, *more):
        daemon = self.place.daemon
        daemon.signal(15)
        command = type(daemon).command
        daemon.command = lambda *rest: command(daemon, *more, *rest)
        daemon.start()
        self.web = Web(daemon.port)


WORLD = House(RANDOM)


STANDS = "document.documentElement.dataset.loaded === 'yes' && document.querySelector('.life').textContent"


def language_of(path, ready=STANDS, **options):
    page = WORLD.browser.open(f"l{RANDOM.random()}", f"http://127.0.0.1:{WORLD.place.daemon.port}{path}", **options)
    page.wait(ready)
    said = page.ask("document.documentElement.lang"), page.text(".life") if "loaded" in ready else page.text("button")
    assert page.faults() == [] or "loaded" not in ready, page.faults()
    page.close()
    assert (said[0] == "zh") == bool(HAN.search(said[1])), said
    return said[0]


def test_a_ward_has_its_language():
    asked = {"/?ward=onc-7": "zh", "/?ward=onc-8": "en", "/": "en", "/?ward=onc-7&lang=en": "en", "/?ward=onc-8&lang=zh": "zh", "/?lang=zh": "zh", "/?ward=onc-7&lang=xx": "zh"}
    for path, wanted in asked.items():
        assert language_of(path, locale="zh-CN" if wanted == "en" else "en-GB") == wanted, path
    assert WORLD.web.get("/?ward=onc-7").headers["etag"] != WORLD.web.get("/").headers["etag"], "no copy of the one for the other"
    same = WORLD.web.get("/?ward=onc-7")
    assert WORLD.web.get("/?ward=onc-7", If_None_Match=same.headers["etag"]).status == 304


def test_a_language_that_there_is_not():
    for text, where in (("http:\n  language: de\n", ":2:13: "), ("wards:\n  - {id: a, protocol: b, language: de}\n", ":2:36: ")):
        path = os.path.join(WORLD.place.folder, "wrong.yaml")
        with open(path, "w") as out:
            out.write(text)
        done = subprocess.run([os.path.join(BUILD, "vigild"), "--check", "-c", path], capture_output=True, text=True, timeout=20)
        assert done.returncode == 1 and where in done.stderr + done.stdout and "must be en or zh" in done.stderr + done.stdout, done


def test_a_choice_on_the_display_stays():
    page = WORLD.browser.open("choice", f"http://127.0.0.1:{WORLD.place.daemon.port}/?ward=onc-7", locale="en-GB")
    page.wait("document.documentElement.lang === 'zh'")
    page.ask("void localStorage.setItem('vigil.lang', 'en')")
    page.do("await page.reload()")
    page.wait("document.documentElement.lang === 'en'")
    page.close()


def test_why_not_is_said_in_chinese():
    bed = "5"
    WORLD.admit(bed, ago=3 * HOUR)
    WORLD.low_pressure(bed)
    page = WORLD.browser.open("why", f"http://127.0.0.1:{WORLD.place.daemon.port}/?ward=onc-7")
    page.wait("document.querySelector('.tile[data-severity=critical] .alert')")
    sources = [("core/command.c", r'VG_RESULT_[A-NP-Z]\w+,\s*"((?:[^"\\]|\\.|"\s*")+)"'), ("core/command_acts.c", r'VG_RESULT_[A-NP-Z]\w+,\s*"((?:[^"\\]|\\.|"\s*")+)"'),
               ("core/command_acts.c", r'sizeof text, "((?:[^"\\]|\\.|"\s*")+)"'), ("shell/app_entries.c", r'post_forbid\(\s*app,\s*"((?:[^"\\]|\\.|"\s*")+)"'),
               *((f"shell/{name}.c", r'vg_api_problem\(\s*call, answer, \d+,\s*"((?:[^"\\]|\\.|"\s*")+)"') for name in ("api_command", "api_message", "api_rights", "api_live", "http_access"))]
    said = set()
    for name, pattern in sources:
        found = re.findall(pattern, open(os.path.join(ROOT, "daemon", name)).read())
        assert found, (name, "has no sentence any more: look for them elsewhere")
        said |= {re.sub(r'"\s*"', "", text).replace('\\"', '"') for text in found}
    said = {re.sub(r"%\.?\d*[sd]", "7", text) for text in said} - {"%.*s", "7", "7 7 entered 7"}
    left = page.ask("const {refusal} = await import('/refusals.js'); return a.said.filter((s) => !/[\\u4e00-\\u9fff]/.test(refusal(s)) || refusal(s).includes(s))", said=sorted(said))
    print(f"  {len(said)} sentences")
    assert len(said) > 25 and left == [], left
    listed = re.search(r"REASONS?\w*\] = \{(.*?)\};", open(os.path.join(ROOT, "daemon", "core", "reading.c")).read(), re.S).group(1)
    for reason in re.findall(r'"(\w+)"', listed):
        assert HAN.search(page.ask("const {itemRefusal} = await import('/refusals.js'); return itemRefusal({reason: a.reason, detail: 'x'})", reason=reason)), reason
    # real ones
    answer = page.ask("const {command} = await import('/api.js'); const alert = [...vigil.state.alerts.values()].find((a) => a.severity === 'critical');"
                      "return await command(alert, 'shelve', 'bedside-nurse:li', {for: '10m', reason: 'x'})")
    shown = page.ask("const {refusal} = await import('/refusals.js'); return refusal(a.detail)", detail=answer["detail"])
    assert answer["result"] != "ok" and shown == "危急警报不能搁置", (answer, shown)
    missing = page.ask("const {get} = await import('/api.js'); return get('/api/v1/wards/none/beds').then(() => '', (error) => error.message)")
    assert missing == "没有病区“none”", missing
    page.close()


def test_the_log_in_form_and_a_users_ward():
    path = os.path.join(WORLD.place.folder, "users")
    open(path, "w").close()
    subprocess.run([os.path.join(BUILD, "vigil"), "user", "add", "chen", "--role", "nurse", "--ward", "onc-9", "--set", f"users={path}"],
                   input=f"{PASSWORD}\n", text=True, check=True, capture_output=True, timeout=60)
    WORLD.write("zh")
    WORLD.restart("--set", f"users={path}")
    form = "document.querySelector('input[name=password]')"
    for address, wanted in {"/": "zh", "/?ward=onc-9": "en", "/?ward=onc-7": "zh", "/?ward=onc-7&lang=en": "en"}.items():
        assert language_of(address, form, locale="en-GB" if wanted == "zh" else "zh-CN") == wanted, address
    page = WORLD.browser.open("chen", f"http://127.0.0.1:{WORLD.place.daemon.port}/", locale="zh-CN")
    page.do("""
        await page.locator('input[name=name]').fill('chen');
        await page.locator('input[name=password]').fill(args.password);
        await page.keyboard.press('Enter');
    """, password=PASSWORD)
    page.wait("document.documentElement.dataset.loaded === 'yes'", 15)
    assert page.ask("document.documentElement.lang") == "en", "of the ward of who is here, though the installation's is another"
    page.close()


if __name__ == "__main__":
    with WORLD:
        run([t for n, t in list(globals().items()) if n.startswith("test_")])
