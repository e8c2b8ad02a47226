# SPDX-License-Identifier: Apache-2.0
"""The ward board in a real Chromium, with the real daemon and broker: what a nurse sees, hears and touches."""
import json
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib-python"))
from board import HOUR, World, serious, spo2, temp  # noqa: E402
from place import ROOT, now_ms, run, seed, until  # noqa: E402

RANDOM = seed()
WORLD = World(RANDOM)
HOSTILE = '"><img src=x onerror="document.title=1"><script>document.title=2</script>'


def test_an_alert_is_shown_within_a_second():
    WORLD.admit("1", ago=3 * 24 * HOUR)
    WORLD.publish("1", "therapy", {"code": "infusion", "value": "start", "product": "car_nk"}, ts=now_ms() - 2 * 24 * HOUR)
    WORLD.publish("1", "therapy", {"code": "infusion", "value": "end"}, ts=now_ms() - 47 * HOUR)
    WORLD.say("1", temp(36.8), spo2(97))
    page = WORLD.board()
    page.wait("document.querySelectorAll('.tile').length === 1 && document.querySelector('.life').dataset.state === 'live'")
    bed = WORLD.admit("2")
    begin = WORLD.low_pressure("2")
    page.wait("[...document.querySelectorAll('.tile')].some((t) => t.dataset.severity === 'critical' && t.querySelector('.bed').textContent === '2')", 5)
    seconds = time.monotonic() - begin
    print(f"  shown {seconds * 1000:.0f} ms after it was published")
    assert seconds < 1, seconds
    assert page.ask("document.querySelector('.tile .bed').textContent") == "2", "the most urgent stands first"
    alert = page.text(".tile .alert")
    for part in ("CRITICAL", "!!!", "Low blood pressure", "bedside nurse", "moves on in"):
        assert part in alert, (part, alert)
    assert "bed 2" in page.text("#shout"), "the screen reader is told"
    assert bed in page.text(".tile h2"), page.text(".tile h2")
    page.wait("document.querySelector('.tile .value[data-code=sbp]').innerText.includes('80/45')", 3)
    page.close()


def test_acknowledged_and_accepted_by_keyboard_and_two_boards_agree():
    first, second = WORLD.board(), WORLD.board()
    for page in (first, second):
        page.wait("document.querySelector('.alert')")
    first.do("await page.locator('.tile .alert [data-verb=acknowledge]').first().focus()")
    first.press("Enter")  # nobody has signed in yet: it asks
    first.wait("document.activeElement.matches('.sheet input')")
    first.do("await page.keyboard.type('li')")
    begin = time.monotonic()
    first.press("Enter")
    for page in (first, second):
        page.wait("document.querySelector('.alert .claims').textContent.includes('seen by li')", 5)
    print(f"  seen on both after {(time.monotonic() - begin) * 1000:.0f} ms")
    first.wait("!document.querySelector('.sheet') && document.activeElement.dataset.verb === 'acknowledge'")
    first.press("Shift+Tab", "Enter")  # accept stands before it
    for page in (first, second):
        page.wait("document.querySelector('.alert .who').textContent.startsWith('li (bedside nurse) has it')", 5)
    assert first.text(".alert .answer") == "You have it."
    assert WORLD.gateway.events("HYPOTENSION")[-1]["responsibility"]["owner"] == "bedside-nurse:li"
    assert second.text(".strip").startswith("No critical alert is without an owner.")
    for page in (first, second):
        assert page.faults() == [], page.faults()
        page.close()


def test_what_people_write_stays_text():
    page = WORLD.board()
    WORLD.low_pressure("3", "onc-7")
    page.wait("[...document.querySelectorAll('.bed')].some((b) => b.textContent === '3')")
    alert = until(lambda: [e for e in WORLD.gateway.events("HYPOTENSION") if e["bed"] == "3"], what="the alert")[0]
    answer = WORLD.web.post(f"/api/v1/alerts/{alert['id']}/accept", {"by": "nurse:<b onmouseover=alert(1)>x</b>"})
    assert answer.json["result"] == "ok", answer
    WORLD.web.post(f"/api/v1/alerts/{alert['id']}/note", {"by": "nurse:x", "note": HOSTILE})
    page.wait("document.body.innerText.includes('<b onmouseover=alert(1)>x</b>')")
    page.click_until(".tile:has-text('no patient linked') [data-verb=more]", ".sheet")
    page.wait("document.querySelector('.why table').innerText && document.body.innerText.includes('document.title=1')")
    # What the daemon itself would refuse, put into every string of its answers.
    page.do("""
        await page.route(/api.v1.(wards|alerts)/, async (route) => {
            const answer = await route.fetch();
            const poison = (v, k) => typeof v === 'string' && !/^(at|ts|onset|raised|id|event|ward|severity|condition|state|respond_by|since|digest)$/.test(k) ? args.hostile
                : v && typeof v === 'object' ? Object.fromEntries(Object.entries(v).map(([key, x]) => [key, poison(x, key)])) : v;
            const list = (v, k) => Array.isArray(v) ? v.map((x) => list(x, k)) : v && typeof v === 'object' ? Object.fromEntries(Object.entries(v).map(([key, x]) => [key, list(x, key)])) : poison(v, k);
            await route.fulfill({response: answer, json: list(await answer.json(), '')});
        });
        await page.reload();
    """, hostile=HOSTILE)
    page.wait("[...document.querySelectorAll('.tile .bed')].some((p) => p.textContent.startsWith('\">'))", 10)
    page.ask("void (location.hash = '#/patient/' + encodeURIComponent(a.hostile))", hostile=HOSTILE)
    page.wait("document.querySelector('.patient-page h1')?.textContent.includes('onerror')")
    assert page.ask("document.querySelectorAll('img, script:not([src]), b[onmouseover]').length") == 0
    assert "vigil" in page.ask("document.title") and not page.ask("document.title.match(/^[12]$/)")
    page.close()


def test_nothing_moves_under_a_finger():
    page = WORLD.board()
    page.wait("document.querySelectorAll('.tile').length > 2")
    page.do("await page.mouse.move(0, 0)")
    order = "[...document.querySelectorAll('.tile .bed')].map((b) => b.textContent).join()"
    before = page.ask(order)
    page.do("await page.locator('.tile').last().locator('text=Enter').focus()")
    boxes = "[...document.querySelectorAll('.tile')].map((t) => Math.round(t.getBoundingClientRect().top + scrollY)).join()"
    tops = page.ask(boxes)
    last = before.split(",")[-1]
    WORLD.say(last, spo2(80), source_spot=True)
    WORLD.say(last, spo2(80), source_spot=True)
    page.wait("[...document.querySelectorAll('.tile')].at(-1).dataset.severity === 'critical'", 10)
    assert page.ask(order) == before, (before, page.ask(order))
    assert page.ask(boxes) == tops, (tops, page.ask(boxes))
    page.wait("!document.querySelector('.hint').hidden")
    page.click(".hint")
    page.wait(f"document.querySelector('.tile .bed').textContent === {last!r}")
    page.close()


def test_what_can_be_done_is_in_sight():
    """The gravest alert of a tile, with the longest text and many who are asked: its buttons need no scrolling."""
    WORLD.admit("14", ago=3 * 24 * HOUR)
    WORLD.publish("14", "therapy", {"code": "infusion", "value": "start", "product": "car_nk"}, ts=now_ms() - 50 * HOUR)
    WORLD.publish("14", "therapy", {"code": "infusion", "value": "end"}, ts=now_ms() - 49 * HOUR)
    WORLD.say("14", temp(37.3), spo2(96))
    WORLD.publish("14", "therapy", {"code": "o2_device", "value": "face_tent", "flow": 6}, {"code": "medication", "value": "tocilizumab"},
                  {"code": "vasopressor", "value": "norepinephrine", "on": True})
    WORLD.publish("14", "assessment", {"code": "consciousness", "value": "C"}, {"code": "ice", "value": 7})
    until(lambda: [e for e in WORLD.gateway.events("SUPPORT_RISE") if e["bed"] == "14" and e["severity"] == "critical"], what="the alert")
    pages = {lang: WORLD.board(f"/?lang={lang}") for lang in ("en", "zh")}
    for lang, wide, size in (("en", 1600, "normal"), ("zh", 1600, "normal"), ("en", 360, "normal"), ("en", 1920, "large")):
        page = pages[lang]
        page.do("await page.setViewportSize({width: args.wide, height: 1080})", wide=wide)
        page.ask("void (document.documentElement.dataset.size = a.size)", size=size)
        page.wait("document.querySelector('.tile .alert [data-verb=accept]')")
        hidden = page.ask("""
            const out = [];
            for (const row of document.querySelectorAll('.tile .alerts > .alert:first-child')) {
                row.scrollIntoView();
                for (const button of row.querySelectorAll('button:not([hidden])')) {
                    const box = button.getBoundingClientRect();
                    const seen = [box.top + 3, box.bottom - 3].every((y) => document.elementFromPoint(box.left + box.width / 2, y) === button);
                    if (!seen) out.push(`${row.closest('.tile').querySelector('.bed').textContent}: ${button.textContent}`);
                }
                const who = row.querySelector('.who').getBoundingClientRect();
                if (document.elementFromPoint(who.left + 3, who.top + 3) !== row.querySelector('.who')) out.push(`who: ${row.textContent}`);
            }
            return out;
        """)
        assert hidden == [], (lang, wide, size, hidden)
    for page in pages.values():
        page.close()


def test_reject_wants_a_reason():
    page = WORLD.board()
    WORLD.sign_in(page, "chen", "charge-nurse")
    WORLD.admit("9")
    WORLD.low_pressure("9")
    mine = f".tile:has-text('{WORLD.patient('9')}') .alert:has-text('Low blood pressure')"
    page.do("await page.locator(args.mine).first().waitFor()", mine=mine)
    page.click_until(f"{mine} [data-verb=more]", ".sheet")
    page.click(".sheet [data-verb=reject]")
    page.click(".sheet button[type=submit]")
    assert "reason" in page.text(".sheet .error")
    page.click(".sheet label:has-text('with another patient')")
    page.click(".sheet button[type=submit]")
    event = until(lambda: [e for e in WORLD.gateway.events("HYPOTENSION") if e["bed"] == "9" and e["event"] == "rejected"], what="the rejection")[0]
    assert event["remark"].endswith("with another patient"), event
    page.close()


def test_tones_have_their_pulses():
    page = WORLD.board()
    counted = page.ask("""
        const {burst, length, PATTERNS} = await import('/tones.js');
        const out = {};
        for (const name of Object.keys(PATTERNS)) {
            const context = new OfflineAudioContext(1, 44100 * 6, 44100);
            burst(context, name, 0.1);
            const samples = (await context.startRendering()).getChannelData(0);
            const on = [];
            for (let i = 0; i < samples.length; i += 441) on.push(samples.slice(i, i + 441).some((v) => Math.abs(v) > 0.02));
            const begins = on.flatMap((v, i) => (v && !on[i - 1] ? [i] : []));
            const ends = on.flatMap((v, i) => (v && !on[i + 1] ? [i + 1] : []));
            out[name] = {pulses: begins.length, lengths: begins.map((b, i) => ends[i] - b), gaps: begins.slice(1).map((b, i) => b - ends[i]),
                every: PATTERNS[name].every - length(name), peak: samples.reduce((m, v) => Math.max(m, v), 0)};
        }
        return out;
    """)
    high, medium, low = counted["high"], counted["medium"], counted["low"]
    assert (high["pulses"], medium["pulses"], low["pulses"]) == (10, 3, 2), counted
    assert all(7 <= n <= 20 for n in high["lengths"]) and all(12 <= n <= 25 for n in medium["lengths"] + low["lengths"]), counted
    short = [high["gaps"][i] for i in (0, 1, 3, 5, 6, 8)]
    assert all(5 <= g <= 14 for g in short) and 33 <= high["gaps"][4] <= 132, counted
    assert 2.5 <= high["every"] <= 15 and 2.5 <= medium["every"] <= 30 and low["every"] > 15, counted
    assert 0.1 < high["peak"] <= 1, counted
    page.close()


def test_it_is_mute_until_it_may_sound():
    WORLD.admit("7")
    WORLD.low_pressure("7")
    page = WORLD.board(before="""
        const look = () => globalThis.vigil?.sound.context && document.querySelector('.alert[data-wanted]')
            ? console.log(`mute: ${document.querySelector('.mute').textContent}`) : setTimeout(look, 50);
        look();
    """, wait=False)
    assert page.said("mute: ") == "mute: Sound is off: touch to turn on"
    page.click(".mute")
    page.wait("document.querySelector('.mute').dataset.state === 'on' && vigil.sound.bursts > 0 && vigil.sound.playing === 'critical'", 5)
    page.click(".mute")
    page.wait("document.querySelector('.mute').dataset.state === 'off'")
    page.do("""
        const box = await page.locator('.mute').boundingBox();
        await page.mouse.move(box.x + box.width - 5, box.y + box.height / 2);
        await page.mouse.down();
        await page.evaluate(async () => {
            await vigil.sound.allow(); // as where the touch itself lets it begin
            document.querySelector('.mute').addEventListener('click', () => { globalThis.lifted = true; });
        });
        await page.mouse.up();
    """)
    page.wait("globalThis.lifted")
    assert page.ask("vigil.sound.state") == "on"
    page.close()


def test_who_is_heard():
    page = WORLD.board()
    heard = page.ask("""
        const {sounds} = await import('/state.js');
        const {Sound} = await import('/sound.js');
        const now = Date.parse('2026-01-01T00:10:00Z');
        const of = (state, more = {}) => ({id: JSON.stringify([state, more]), severity: 'urgent', mode: 'real', claims: [], responsibility: {state}, ...more});
        const claim = (kind, until, severity) => of('offered', {claims: [{kind, until, severity}]});
        const later = '2026-01-01T00:11:00Z';
        const rows = {offered: of('offered'), exhausted: of('exhausted'), accepted: of('accepted'), none: of('none'), test: of('offered', {mode: 'test'}),
            seen: claim('acknowledge', later, 'urgent'), over: claim('acknowledge', '2026-01-01T00:09:00Z', 'urgent'), worse: claim('silence', later, 'watch'),
            away: claim('pause', later, 'watch'), shelved: claim('shelve', later, 'urgent')};
        const sound = new Sound(() => 0);
        const alerts = [of('offered', {severity: 'watch'}), of('accepted', {severity: 'critical'}), rows.offered];
        return {...Object.fromEntries(Object.entries(rows).map(([k, a]) => [k, sounds(a, now)])), top: sound.wanted(alerts, null, now), lost: sound.wanted([], 'critical', now),
            nothing: sound.wanted([rows.accepted], null, now), out: sound.wanted([], 'technical', now), graver: sound.wanted(alerts, 'technical', now)};
    """)
    loud = {k for k, v in heard.items() if v}
    assert loud == {"offered", "exhausted", "over", "worse", "top", "lost", "out", "graver"}, heard
    assert [heard[k] for k in ("top", "lost", "out", "graver")] == ["urgent", "critical", "technical", "urgent"], heard
    page.close()


def schema_words():
    """What the closed lists of messages may say, by their groups of texts."""
    read = lambda name: json.load(open(os.path.join(ROOT, "config", "schemas", f"{name}.json")))  # noqa: E731
    alert, observations = json.dumps(read("alert")), read("observations")
    lists = {tuple(branch["if"]["properties"]["code"]["enum"]): branch["then"]["properties"]["value"] for branch in json_branches(observations)}
    enum = lambda name: re.search(rf'"{name}": {{"enum": (\[[^]]*\])', alert).group(1)  # noqa: E731
    groups = {"event": json.loads(enum("event")), "class": json.loads(enum("class")), "source": json.loads(enum("source")), "signal": json.loads(enum("code")),
              "condition": json.loads(enum("condition")), "o2": [w for w in lists[("o2_device",)]["enum"] if w not in ("nonrebreather", "trach_mask")],
              "medicine": lists[("vasopressor",)]["enum"], "symptom": lists[("neuro",)]["enum"], "acvpu": lists[("consciousness",)]["enum"]}
    return {f"{group}.{word}" for group, words in groups.items() for word in words}


def json_branches(value):
    """Every {"if": {"properties": {"code": {"enum": …}}}, "then": {… "value"}} below it."""
    if isinstance(value, dict):
        if "enum" in value.get("if", {}).get("properties", {}).get("code", {}) and "value" in value["then"].get("properties", {}):
            yield value
        for more in value.values():
            yield from json_branches(more)
    elif isinstance(value, list):
        for more in value:
            yield from json_branches(more)


def test_every_text_is_there_in_both_languages():
    folder = os.path.join(ROOT, "daemon", "board")
    code = "".join(open(os.path.join(folder, name)).read() for name in os.listdir(folder) if name.endswith(".js") and name not in ("texts.js", "rules.js"))
    used = set(re.findall(r"\bt\('([a-zA-Z0-9_.-]+)'", code))
    groups = set(re.findall(r"`([a-z0-9_]+)\.\$\{", code)) | set(re.findall(r"word\('([a-z0-9_]+)'", code))
    named = set(re.findall(r"'([a-zA-Z0-9_.-]+)'", code)) | {f"{state}_title" for state in ("lost", "ended")}
    page = WORLD.board("/?lang=zh", viewport={"width": 360, "height": 700})
    texts = page.ask("const {TEXTS} = await import('/texts.js'); const {RULES} = await import('/rules.js'); return {...RULES, ...TEXTS}")
    assert not {k: v for k, v in texts.items() if len(v) != 2 or not all(v)}
    assert used - set(texts) == set(), used - set(texts)
    assert schema_words() - set(texts) == set(), schema_words() - set(texts)
    idle = {k for k in texts if k.upper() != k and k not in named and k.split(".")[0] not in groups}
    assert idle == set(), ("said nowhere", idle)
    for name in ("car-t", "car-nk", "nk"):
        protocol = open(os.path.join(ROOT, "config", "protocols", f"{name}.yaml")).read()
        words = set(re.findall(r"^  - id: ([A-Z0-9_]+)", protocol, re.M))
        words |= {f"role.{role.strip()}" for roles in re.findall(r"offer: \[([^]]*)\]", protocol) for role in roles.split(",")}
        assert words and words - set(texts) == set(), (name, words - set(texts))
    page.wait("document.querySelector('.tile')?.innerText.includes('危急')")
    assert page.ask("document.documentElement.lang") == "zh"
    assert page.ask("document.documentElement.scrollWidth <= innerWidth"), "a phone does not scroll sideways"
    WORLD.keep(page, "phone")
    page.close()


def test_nothing_serious_for_axe_dark_and_light():
    for colours in ("dark", "light"):
        for path, name in (("/", "board"), (f"/#/patient/{WORLD.patient('2')}", "patient")):
            page = WORLD.board(path, colorScheme=colours)
            page.wait("document.querySelector('.alert')" if name == "board" else "document.querySelector('.patient-page[data-loaded]')")
            found = serious(page)
            assert found == [], (colours, name, found)
            page.close()


def test_paper_is_light_and_whole():
    """The board on paper: no dark ground, no tile left empty, nothing scrolled away, and when it was printed."""
    page = WORLD.board("/?theme=dark")
    page.wait("document.querySelectorAll('.tile .alert').length > 2")
    page.do("await page.emulateMedia({media: 'print'})")
    said = page.ask("""
        dispatchEvent(new Event('beforeprint'));
        const lists = [...document.querySelectorAll('.tile .alerts')];
        const out = {theme: document.documentElement.dataset.theme, foot: document.getElementById('foot').textContent, cut: lists.filter((l) => l.scrollHeight > l.clientHeight + 1).length,
            skipped: [...document.querySelectorAll('.tile')].filter((t) => getComputedStyle(t).contentVisibility !== 'visible').length, hidden: getComputedStyle(document.querySelector('.tile .doing')).display};
        dispatchEvent(new Event('afterprint'));
        return {...out, after: document.documentElement.dataset.theme + document.getElementById('foot').textContent.slice(0, 8)};
    """)
    assert (said["theme"], said["cut"], said["skipped"], said["hidden"], said["after"]) == ("light", 0, 0, "none", "darkResearch"), said
    assert re.match(r"All wards, printed 20\d\d-\d\d-\d\d \d\d:\d\d · Research", said["foot"]), said
    page.close()


def test_the_broker_is_gone():
    page = WORLD.board()
    page.wait("document.querySelector('.life').dataset.state === 'live'")
    WORLD.place.broker.kill()
    begin = time.monotonic()
    page.wait("!document.querySelector('.node').hidden && document.querySelector('.node').textContent.includes('NO NEW DATA')", 20)
    WORLD.keep(page, "broker")
    print(f"  said after {time.monotonic() - begin:.1f} s")
    page.close()


if __name__ == "__main__":
    with WORLD:
        run([t for n, t in list(globals().items()) if n.startswith("test_")])
