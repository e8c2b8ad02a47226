# SPDX-License-Identifier: Apache-2.0
"""What nobody has is in sight wherever one has scrolled to and whatever lies open; what is pressed is what was seen; and what comes
at once is all of it said."""
import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib-python"))
from board import HOUR, World, per_minute, serious, spo2, temp  # noqa: E402
from place import now_ms, run, seed, until  # noqa: E402

RANDOM = seed()
WORLD = World(RANDOM)
PHONE = {"viewport": {"width": 390, "height": 844}, "isMobile": True, "hasTouch": True}
FIRST = "document.querySelector('.tile .bed')?.textContent"

STOOD = "[...vigil.board.tiles.values()].every((tile) => [...tile.rows.values()].every((row) => performance.now() - row.moved > 500))"


def furnish(ward, *beds):
    for bed in beds:
        WORLD.admit(bed, ago=8 * HOUR, ward=ward)
        WORLD.say(bed, per_minute("hr", 70), per_minute("rr", 14), spo2(97), temp(36.8), ward=ward)


def alert_of(ward, bed, rule="HYPOTENSION"):
    return until(lambda: [a for a in WORLD.bed(bed, ward).get("alerts", []) if a["rule"] == rule], what=f"{rule} of bed {bed}")[0]


def answer(alert, verb, by):
    done = WORLD.web.post(f"/api/v1/alerts/{alert['id']}/{verb}", {"id": f"{verb}-{alert['id']}-{by}", "by": by}).json
    assert done["result"] == "ok", done


def test_what_nobody_has_is_in_sight_wherever_one_is():
    """Scrolled down on a telephone, and behind a sheet, whose parts stay where they are when it comes."""
    furnish("far", "1", "2", "3", "4")
    page = WORLD.board("/?ward=far", **PHONE)
    page.wait("document.querySelectorAll('.tile').length === 4")
    page.ask("void scrollTo(0, document.body.scrollHeight)")
    WORLD.low_pressure("2", "far")
    page.wait("/^!!! Critical and nobody has it: bed 2($| ·)/.test(document.querySelector('.strip').textContent)")
    page.wait("((box) => box.top >= 0 && box.bottom < innerHeight / 2 && box.height > 20)(document.querySelector('.strip').getBoundingClientRect())", 3)
    answer(alert_of("far", "2"), "accept", "bedside-nurse:Chen")
    page.wait("!document.querySelector('.strip').dataset.loud")
    WORLD.sign_in(page, "li")
    page.click_until(".tile:has-text('p-0003') > .doing button", ".sheet")
    top = page.ask("document.querySelector('.sheet').getBoundingClientRect().top")
    WORLD.low_pressure("4", "far")
    page.wait("document.querySelector('.above')?.textContent === '!!! 1 × critical and nobody has it: bed 4'", 5)
    seen = page.ask("""
        const box = document.querySelector('.above').getBoundingClientRect();
        return [document.elementFromPoint(20, box.top + box.height / 2).className, document.querySelector('.sheet').getBoundingClientRect().top];
    """)
    assert seen == ["above", top], seen
    assert serious(page) == [], serious(page)
    answer(alert_of("far", "4"), "accept", "bedside-nurse:Chen")
    page.wait("document.querySelector('.above').hidden")
    assert page.faults() == [], page.faults()
    page.close()


def test_urgent_ones_out_of_sight_are_counted():
    """More of them than a screen has room for: how many nobody has is said where one looks first."""
    beds = [str(bed) for bed in range(81, 85)]
    furnish("many", *beds)
    for bed in beds:
        WORLD.say(bed, spo2(91), per_minute("rr", 22), per_minute("hr", 112), ward="many")
        WORLD.say(bed, spo2(91), per_minute("rr", 22), per_minute("hr", 112), ward="many")
    urgent = lambda: [a for bed in beds for a in WORLD.bed(bed, "many").get("alerts", []) if a["severity"] == "urgent" and a["responsibility"]["state"] == "offered"]  # noqa: E731
    until(lambda: len(urgent()) >= len(beds), what="the alerts")
    for lang, words in (("en", "urgent: nobody has it"), ("zh", "项紧急警报无人负责")):
        page = WORLD.board(f"/?ward=many&lang={lang}", viewport={"width": 800, "height": 600})
        page.wait("document.querySelector('.strip').textContent.includes(` · !! ${a.n} ${a.words}`)", n=len(urgent()), words=words)
        page.close()
    answer(urgent()[0], "accept", "bedside-nurse:Chen")
    page = WORLD.board("/?ward=many&lang=en", **PHONE)
    page.wait("document.querySelector('.strip').textContent.endsWith(` · !! ${a.n} urgent: nobody has it`)", n=len(urgent()))
    page.close()


def test_a_tap_answers_no_other_alert_than_the_one_seen():
    """Two critical beds; a colleague takes the first at another display, the second moves into its place, and the finger is on its way."""
    furnish("two", "11", "12")
    page = WORLD.board("/?ward=two", **PHONE)
    WORLD.sign_in(page, "li")
    for bed in ("11", "12"):
        WORLD.low_pressure(bed, "two")
    first, second = (alert_of("two", bed) for bed in ("11", "12"))
    page.wait("document.querySelectorAll('.strip .way').length === 2")
    page.wait(f"{FIRST} === '11' && document.querySelector('.tile .alert').dataset.alert === a.id && {STOOD} && !vigil.board.hold.held()", 15, id=first["id"])
    page.do("keep.box = await page.locator('.tile .alert [data-verb=accept]').first().boundingBox()")
    answer(first, "accept", "charge-nurse:Chen")
    page.do("""
        const end = performance.now() + 10000;
        while (await page.evaluate(() => document.querySelector('.tile .bed').textContent) !== '12') if (performance.now() > end) throw new Error('nothing moved');
        await page.touchscreen.tap(keep.box.x + keep.box.width / 2, keep.box.y + keep.box.height / 2);
    """)
    tapped = page.ask("document.querySelector('.tile .answer').textContent")
    assert tapped == "", tapped
    page.click_until(".tile:has-text('p-0012') .alert:first-child [data-verb=accept]", ".tile:has-text('p-0012') .answer[data-state=good]")
    events = [(e["bed"], e["responsibility"]["owner"]) for e in WORLD.gateway.events("HYPOTENSION") if e["ward"] == "two" and e["event"] == "accepted"]
    assert events == [("11", "charge-nurse:Chen"), ("12", "bedside-nurse:li")], events
    assert second["id"] != first["id"]
    page.close()


def test_in_a_storm_the_second_press_counts():
    """Tiles change places all the time: who presses the same button again, having had the time to look, is heard."""
    furnish("storm", "91")
    WORLD.low_pressure("91", "storm")
    alert_of("storm", "91")
    page = WORLD.board("/?ward=storm")
    WORLD.sign_in(page, "li")
    page.wait(f"document.querySelector('.tile .alert [data-verb=accept]') && {STOOD}")
    page.ask("void setInterval(() => dispatchEvent(new Event('moved')), 100)")
    press = "await page.locator('.tile .alert [data-verb=accept]').first().click();"
    first = page.do(press + "return page.evaluate(() => performance.now())")
    assert page.text(".tile .answer") == "", page.text(".tile .answer")
    page.wait("performance.now() > a.first + 450", first=first)
    page.do(press)
    page.wait("document.querySelector('.tile .answer[data-state=good]')")
    page.close()


def test_the_second_tap_of_a_double_one_meets_nothing_below_a_sheet():
    furnish("double", "21")
    WORLD.low_pressure("21", "double")
    alert_of("double", "21")
    page = WORLD.board("/?ward=double", hasTouch=True)
    WORLD.sign_in(page, "li")
    page.wait(f"document.querySelector('.tile .alert') && {STOOD}")
    page.click("button:has-text('Display')")
    page.do("""
        const on = await page.locator('.sheet header button').boundingBox();
        await page.evaluate(({x, y}) => { // the tile's button lies below that of the sheet
            const below = document.querySelector('.tile .alert [data-verb=accept]').getBoundingClientRect();
            document.getElementById('main').style.transform = `translate(${x - below.x}px, ${y - below.y}px)`;
        }, on);
        const box = await page.locator('.tile .alert [data-verb=accept]').first().boundingBox();
        const at = [on.x + 20, on.y + 20];
        keep.below = [at[0] - box.x, at[1] - box.y, box.width, box.height];
        await page.touchscreen.tap(...at);
        await page.touchscreen.tap(...at);
    """)
    page.wait("!document.querySelector('.sheet')")
    x, y, width, height = page.do("return keep.below")
    assert 0 < x < width and 0 < y < height, (x, y, width, height)
    assert page.text(".tile .answer") == "", page.text(".tile .answer")
    assert page.ask("document.querySelector('.tile .alert .who').textContent").startswith("moves on in")
    page.close()


def test_the_strip_leads_to_the_alert_that_it_means():
    """Somebody looks at a tile while a graver alert comes in it: it stands behind, and that is said; who comes by the strip is led to it."""
    furnish("behind", "31", "32")
    WORLD.say("31", temp(38.6), ward="behind", source_spot=True)
    alert_of("behind", "31", "FEVER_CONFIRMED")
    page = WORLD.board("/?ward=behind")
    page.wait("document.querySelector('.tile .alert')")
    taken = [a for a in WORLD.bed("31", "behind")["alerts"] if a["severity"] == "critical"]
    for alert in taken:
        answer(alert, "accept", "bedside-nurse:Chen")
    page.do("await page.locator('.tile .alert .text').first().hover()")
    WORLD.low_pressure("31", "behind")
    page.wait("/^!!! Critical and nobody has it: bed 31($| ·)/.test(document.querySelector('.strip').textContent)")
    first = page.ask("document.querySelector('.tile .alert .name').textContent")
    assert first != "Low blood pressure", first
    page.wait("!document.querySelector('.hint').hidden", 2)
    page.do("await page.locator('.strip .way').focus()")
    page.press("Enter")
    focus = page.ask("document.activeElement.getAttribute('aria-label')")
    assert focus == "I take it: Low blood pressure, bed 31", focus
    page.close()


def test_what_comes_together_is_all_spoken():
    beds = [("speak-1", "41"), ("speak-2", "42")]
    for ward, bed in beds:
        furnish(ward, bed)
        WORLD.low_pressure(bed, ward)
        alert_of(ward, bed)
    page = WORLD.board("/?lang=en")
    page.wait("document.getElementById('shout').textContent.includes('Low blood pressure')")
    said = page.ask("document.getElementById('shout').textContent")
    for ward, bed in beds:
        assert f"CRITICAL, {ward} bed {bed}: Low blood pressure. Systolic pressure 80 mmHg" in said, said
    page.close()


def test_an_alert_says_how_old_it_is():
    """What it says was measured then, not now."""
    furnish("old", "51")
    WORLD.low_pressure("51", "old")
    alert = alert_of("old", "51")
    for lang, words in (("en", "min\u00a0ago"), ("zh", "分前")):
        page = WORLD.board(f"/?ward=old&lang={lang}")
        page.wait("document.querySelector('.tile .alert .when')")
        shown = page.ask("[...document.querySelectorAll('.tile .alert')].find((row) => row.dataset.alert === a.id).querySelector('.when').textContent", id=alert["id"])
        assert shown.endswith(words) and int(shown.split("\u00a0")[0].split(" ")[0]) in (6, 7), shown
        page.close()


def test_the_foot_covers_nothing_on_a_low_screen():
    """A desktop at 200 %: the sentence below is not held over the buttons."""
    page = WORLD.board("/?ward=old", viewport={"width": 640, "height": 450})
    page.wait("document.querySelector('.tile .alert')")
    assert page.ask("getComputedStyle(document.getElementById('foot')).position") == "static"
    page.close()


def test_where_a_patient_lies_is_said_as_long_as_it_holds():
    """Their page stays open over a discharge: no bed is named any more, somebody else may lie there."""
    furnish("gone", "61")
    page = WORLD.board("/?ward=gone#/patient/p-0061")
    page.wait("document.querySelector('.patient-page[data-loaded] h1')?.textContent === 'p-0061 · bed 61'")
    WORLD.gateway.publish("vigil/v1/beds/gone/61/episode", {"ts": now_ms(), "by": "adt", "do": "discharge", "patient": "p-0061", "confirm": True})
    page.wait("document.querySelector('.patient-page h1').textContent === 'p-0061'", 6)
    page.close()


def test_vital_signs_have_their_units_on_the_patients_page():
    furnish("units", "62")
    WORLD.low_pressure("62", "units")
    WORLD.caught_up()
    page = WORLD.board("/?ward=units#/patient/p-0062")
    page.wait("document.querySelector('.patient-page[data-loaded]') && vigil.patient.data.vitals?.lists.has('sbp')")
    drawn = page.ask("""
        const seen = [];
        const {fillText} = CanvasRenderingContext2D.prototype;
        CanvasRenderingContext2D.prototype.fillText = function (text, ...at) { seen.push(text); return fillText.call(this, text, ...at); };
        vigil.patient.chart.paint();
        CanvasRenderingContext2D.prototype.fillText = fillText;
        return seen;
    """)
    for text in ("°C", "/min", "%", "mmHg"):
        assert text in drawn, (text, drawn)
    page.ask("void vigil.patient.chart.point(vigil.patient.data.vitals.lists.get('hr')[0].at + 1)")
    assert "70 /min" in page.text(".readout"), page.text(".readout")
    page.click("[data-act=table]")
    page.wait("document.querySelector('table.steps')")
    head = page.ask("[...document.querySelectorAll('.table-box thead')].map((head) => head.textContent).join(' ')")
    assert "Pulse, /min" in head and "Temp., °C" in head, head
    page.close()


def test_who_was_faster_is_named_as_everywhere():
    furnish("fast", "63")
    WORLD.low_pressure("63", "fast")
    alert = alert_of("fast", "63")
    for lang, name, who in (("en", "li", "taken by Chen (charge nurse)"), ("zh", "li", "已由 Chen (护理组长) 接手")):
        page = WORLD.board(f"/?ward=fast&lang={lang}")
        WORLD.sign_in(page, name)
        page.wait("document.querySelector('.tile .alert [data-verb=accept]')")
        held = page.ask("vigil.state.alerts.get(a.id)", id=alert["id"])
        if held["responsibility"]["state"] == "offered":
            answer(alert, "accept", "charge-nurse:Chen")
        page.ask("""
            const row = {tell: (text, state) => { window.told = [text, state]; }};
            return vigil.ask.command(a.alert, 'accept', row);
        """, alert=alert)
        assert who in page.ask("told[0]"), page.ask("told")
        page.close()


def test_a_sheet_says_whose_alert_it_is():
    """Beds of the same name lie in two wards; where no patient is linked the ward tells them apart."""
    furnish("whose", "65")
    WORLD.low_pressure("65", "whose")
    WORLD.low_pressure("65", "whose-2")
    for ward, name in (("whose", "p-0065"), ("whose-2", "whose-2")):
        alert_of(ward, "65")
        page = WORLD.board(f"/?ward={ward}")
        WORLD.sign_in(page, "li")
        page.click_until(".tile .alert:has-text('Low blood pressure') [data-verb=more]", ".sheet .why")
        assert page.text(".sheet h2") == f"Low blood pressure, bed 65 · {name}", page.text(".sheet h2")
        page.click(".sheet [data-verb=note]")
        assert page.text(".sheet h2") == f"Note: Low blood pressure, bed 65 · {name}", page.text(".sheet h2")
        page.press("Escape")
        page.click_until(".tile > .doing button", "form.entry")
        assert page.text(".sheet h2") == f"Enter for bed 65 · {name}", page.text(".sheet h2")
        page.close()


def test_who_is_here_is_forgotten_in_time_though_the_tablets_clock_is_set_back():
    page = WORLD.board("/?ward=whose", before="""
        const {now} = performance;
        const date = Date.now;
        globalThis.later = globalThis.back = 0;
        performance.now = () => now.call(performance) + later;
        Date.now = () => date() + later - back;
    """)
    WORLD.sign_in(page, "li")
    page.ask("void (back = 3600000)")
    for minutes, here in ((14, True), (16, False)):
        page.ask("void (later = a.ms)", ms=minutes * 60_000)
        page.wait(f"vigil.who.by {'=' if here else '!'}== 'bedside-nurse:li'", 3)
    page.close()


def test_a_score_of_which_a_part_is_missing_is_no_nought():
    page = WORLD.board("/")
    drawn = page.ask("""
        const {score} = await import('/lanes.js');
        const said = [];
        const pen = {time: {x: (at) => at, left: 72, width: 900, from: 0, to: 900}, now: 900, colours: {grid: 'unknown', band: 'nought', high: 'high'}, inside: (top, height, draw) => draw(),
            text: (text) => said.push(text), context: {fillRect() { said.push(this.fillStyle); }}};
        const items = [{at: 80, n: 0, all: true}, {at: 300, n: 0, all: false}, {at: 500, n: 5, all: false}, {at: 700, n: null, all: false}];
        score('NEWS2', items, (i) => i.n, 9, (i) => i.all).draw(pen, 0);
        return said.slice(1);
    """)
    assert drawn == ["nought", "0", "unknown", "≥ 0", "high", "≥ 5", "unknown", "?"], drawn
    page.close()


def test_bars_for_which_there_is_no_room_are_counted():
    page = WORLD.board("/")
    drawn = page.ask("""
        const {alertBars} = await import('/lanes.js');
        const said = [];
        const pen = {time: {x: (at) => at / 1000}, colours: {}, inside: (top, height, draw) => draw(), text: (text) => said.push(text), bar: () => said.push('bar')};
        const of = (k) => ({id: String(k), severity: 'urgent', condition: 'active', rule: 'HYPOTENSION', onset: '2026-01-01T00:00:00Z', responsibility: {state: 'offered'}});
        alertBars([...Array(11).keys()].map(of), Date.parse('2026-01-01T01:00:00Z')).draw(pen, 0);
        return said;
    """)
    assert drawn == ["Alerts", "+ 3"] + 8 * ["bar"], drawn
    page.close()


def test_the_oxygen_that_was_charted_says_when():
    furnish("air", "66")
    WORLD.publish("66", "therapy", {"code": "o2_device", "value": "nasal_cannula", "flow": 2}, ts=now_ms() - 3 * HOUR, ward="air")
    until(lambda: WORLD.bed("66", "air").get("charted", {}).get("o2_device"), what="the oxygen")
    page = WORLD.board("/?ward=air")
    WORLD.sign_in(page, "li")
    page.wait("[...vigil.state.beds.values()].some((bed) => bed.charted?.o2_device)")
    page.click_until(".tile > .doing button", "form.entry")
    assert "Oxygen (nasal cannula 2 L/min, 3\u00a0h\u00a000 ago)" in page.ask("document.querySelector('form.entry').textContent"), page.text("form.entry")
    page.close()


def test_a_tab_in_the_background_watches_and_sounds():
    """A browser runs the timers of a page that nobody looks at once a minute: the sound and the loss of vigil do not wait for them."""
    furnish("back", "71")
    page = WORLD.board("/?ward=back", before="""
        Object.defineProperty(document, 'hidden', {get: () => true});
        const set = setInterval;
        globalThis.setInterval = (act, ms, ...more) => set(act, Math.max(ms, 60000), ...more);
    """, **PHONE)
    page.wait("document.querySelectorAll('.tile').length === 1")
    page.click_until(".mute", ".mute[data-state=on]")  # unless it sounds already: a question put into the page is a touch to Chromium
    WORLD.low_pressure("71", "back")
    page.wait("vigil.sound.playing === 'critical'", 6)
    assert page.ask("document.title") == "!!! 1 · vigil · back", page.ask("document.title")
    WORLD.place.daemon.signal(signal.SIGKILL)
    begin = time.monotonic()
    page.wait("!document.getElementById('lost').hidden", 17)  # the timers alone would take a minute
    print(f"  said {time.monotonic() - begin:.1f} s after the end")
    assert page.ask("document.title") == "NOBODY IS WATCHING · vigil · back", page.ask("document.title")
    page.click("button:has-text('Display')")  # on a telephone the banner covers no part of a sheet
    covered = page.ask("document.querySelector('.sheet').getBoundingClientRect().top - document.getElementById('lost').getBoundingClientRect().bottom")
    assert covered >= 0, covered
    WORLD.place.daemon.listen = f"127.0.0.1:{WORLD.place.daemon.port}"
    WORLD.place.daemon.start()
    page.wait("document.getElementById('lost').hidden", 30)
    page.close()


def test_no_comfort_where_nothing_new_comes_in():
    """That no critical alert is without an owner says nothing while vigil hears of nobody."""
    furnish("calm", "64")
    page = WORLD.board("/?ward=calm")
    page.wait("document.querySelector('.life').dataset.state === 'live' && !document.querySelector('.strip').dataset.loud && document.querySelector('.strip').textContent !== ''")
    shown = "getComputedStyle(document.querySelector('.strip')).visibility"
    assert page.ask(shown) == "visible"
    WORLD.place.broker.kill()
    page.wait("!document.querySelector('.node').hidden", 20)
    assert page.ask(shown) == "hidden"
    WORLD.place.broker.start()
    page.wait("document.querySelector('.node').hidden", 30)
    assert page.ask(shown) == "visible"
    page.close()


if __name__ == "__main__":
    with WORLD:
        run([t for n, t in list(globals().items()) if n.startswith("test_")])
