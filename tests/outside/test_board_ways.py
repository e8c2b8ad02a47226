# SPDX-License-Identifier: Apache-2.0
"""Ways about the board: from the red strip to a bed's tile, from one ward to another, and nothing said twice or of the wrong bed."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib-python"))
from board import HOUR, World, cuff, per_minute, spo2, temp  # noqa: E402
from place import now_ms, run, seed, until  # noqa: E402

RANDOM = seed()
WORLD = World(RANDOM)
FOCUS = "const at = document.activeElement; return [at.dataset.verb ?? null, at.closest('.tile')?.querySelector('.bed').textContent ?? null, at.closest('.tile')?.querySelector('.ward').textContent ?? null].join()"


def test_the_strip_leads_to_the_bed():
    """Two wards have a bed of the same name: each is named with its ward, and each name leads to its own tile."""
    for bed in range(20, 32):
        WORLD.admit(str(bed), wait=False)
        WORLD.say(str(bed), spo2(97))
    WORLD.admit("3")
    WORLD.caught_up()
    page = WORLD.board("/?lang=en", viewport={"width": 800, "height": 600})
    WORLD.low_pressure("3")
    page.wait("/^!!! Critical and nobody has it: bed 3($| ·)/.test(document.querySelector('.strip').textContent)")
    WORLD.low_pressure("3", "surg-2")
    page.wait("[...document.querySelectorAll('.strip .way')].map((way) => way.textContent).sort().join() === 'onc-7 bed 3,surg-2 bed 3'")
    page.ask("void scrollTo(0, document.body.scrollHeight)")
    for ward in ("surg-2", "onc-7"):
        page.do("await page.locator('.strip .way', {hasText: args.ward}).focus()", ward=ward)
        page.press("Enter")
        assert page.ask(FOCUS) == f"accept,3,{ward}", page.ask(FOCUS)
        assert page.ask("const box = document.activeElement.getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight"), "in sight"
    page.ask("void (location.hash = '#/patient/p-0020')")
    page.wait("document.querySelector('.patient-page[data-loaded]')")
    page.click(".strip .way:has-text('onc-7')")
    assert page.ask(FOCUS) == "accept,3,onc-7" and page.ask("location.hash") == "#/", page.ask("location.hash")
    page.do("await page.locator('.strip .way', {hasText: 'surg-2'}).focus()")
    WORLD.low_pressure("21")
    page.wait("document.querySelectorAll('.strip .way').length === 3")
    page.wait("document.activeElement.textContent === 'surg-2 bed 3'")
    assert page.faults() == [], page.faults()
    page.close()


def test_wards_are_chosen_in_the_display_sheet():
    page = WORLD.board("/?lang=en")
    page.wait("document.querySelectorAll('.tile').length > 12")
    page.click("button:has-text('Display')")
    assert page.text(".sheet .wards") == "All wards · onc-7 · surg-2", page.text(".sheet .wards")
    page.click(".sheet .wards a:has-text('surg-2')")
    page.wait("location.search === '?ward=surg-2' && document.querySelectorAll('.tile').length === 1 && document.querySelector('.where').textContent === 'surg-2'")
    page.close()


def test_the_newest_pressure_is_shown():
    """A line that tells the mean alone is not hidden by a cuff of hours ago."""
    WORLD.admit("8", ago=5 * HOUR)
    WORLD.say("8", cuff(128), cuff(70, "dbp"), ts=now_ms() - 3 * HOUR)
    pressure = "[...document.querySelectorAll('.tile')].find((tile) => tile.querySelector('.bed').textContent === '8')?.querySelector('[data-code=sbp]')"
    page = WORLD.board("/?ward=onc-7")
    page.wait(f"{pressure}?.querySelector('.number').textContent === '128/70' && {pressure}.dataset.state === 'stale'")
    WORLD.say("8", {**cuff(52, "map"), "source": "arterial"})
    page.wait(f"{pressure}.querySelector('.number').textContent === '(52)' && {pressure}.dataset.state === 'good'")
    WORLD.say("8", cuff(90), cuff(45, "dbp"), cuff(60, "map"))
    page.wait(f"{pressure}.querySelector('.number').textContent === '90/45 (60)'")
    page.close()


def test_what_nobody_has_below_what_somebody_has():
    """The critical ones are taken; that urgent ones below them, out of sight, have nobody is said where one looks."""
    WORLD.admit("9", ago=5 * HOUR)
    WORLD.low_pressure("9")
    WORLD.say("9", temp(39.6), per_minute("hr", 120), per_minute("rr", 26), spo2(93), source_spot=True)
    WORLD.caught_up()
    alerts = lambda: WORLD.bed("9")["alerts"]  # noqa: E731
    until(lambda: [a for a in alerts() if a["rule"] == "FEVER_CONFIRMED"], what="the fever")
    for alert in alerts():
        if alert["severity"] == "critical":
            assert WORLD.web.post(f"/api/v1/alerts/{alert['id']}/accept", {"id": f"take-{alert['id']}", "by": "bedside-nurse:Li"}).json["result"] == "ok"
    alone = sum(a["responsibility"]["state"] == "offered" for a in alerts())
    assert 0 < alone < len(alerts()), alerts()
    page = WORLD.board("/?ward=onc-7")
    page.wait(f"""[...document.querySelectorAll('.tile')].find((tile) => tile.querySelector('.bed').textContent === '9')
        ?.querySelector('.further').textContent === '{len(alerts())} alerts, {alone} of them nobody has: scroll'""")
    page.close()


def test_long_names_are_whole():
    """Beds whose long names differ in the end only are told apart, and push out neither how grave it is nor who lies there."""
    names = ["isolation-room-3-bed-at-window-1", "isolation-room-3-bed-at-window-2"]
    for name in names:
        WORLD.gateway.publish(f"vigil/v1/beds/haematology-and-cell-therapy-2nd/{name}/episode",
                              {"ts": now_ms() - HOUR, "by": "adt", "do": "admit", "patient": f"p-{name[-1]}", "product": "car_nk", "age": 55})
        WORLD.low_pressure(name, "haematology-and-cell-therapy-2nd")
    page = WORLD.board("/")
    for wide in (1280, 360):
        page.do("await page.setViewportSize({width: args.wide, height: 900})", wide=wide)
        page.wait("[...document.querySelectorAll('.tile[data-severity=critical] .bed')].filter((bed) => bed.textContent.startsWith('isolation')).length === 2")
        seen = page.ask("""
            const out = [];
            for (const tile of document.querySelectorAll('.tile')) {
                if (!tile.querySelector('.bed').textContent.startsWith('isolation')) continue;
                tile.scrollIntoView();
                const row = tile.querySelector('h2').getBoundingClientRect();
                for (const part of tile.querySelectorAll(`h2 > :is(.bed, .badge, .patient${innerWidth > 400 ? ', .day' : ''})`)) {
                    const range = document.createRange();
                    range.selectNodeContents(part);
                    const box = range.getBoundingClientRect();
                    const inside = part.className === 'patient' ? box.left < row.right - 20 : box.right <= row.right + 1 && box.top >= row.top - 1 && box.bottom <= row.bottom + 1;
                    if (!inside) out.push(`${part.className} ${JSON.stringify(box)} of ${JSON.stringify(row)}`);
                }
            }
            return out;
        """)
        assert seen == [], (wide, seen)
        assert page.ask("document.documentElement.scrollWidth <= innerWidth"), f"{wide} does not scroll sideways"
    page.close()


def test_who_is_not_known_is_said_to_be_unknown():
    """A slip in the address is no patient without alerts; who was admitted a moment ago and has nothing yet is known."""
    WORLD.admit("40")
    for name, known in (("p-0040", True), ("p-0O40", False)):
        page = WORLD.board(f"/#/patient/{name}")
        page.wait("document.querySelector('.patient-page[data-loaded]')")
        text = page.text(".patient-page")
        assert (f"No patient {name} is known here" in text) is not known, text
        assert page.ask("return document.querySelector('.history').previousElementSibling.hidden") is not known
        if not known:
            WORLD.gateway.publish("vigil/v1/beds/onc-7/41/episode", {"ts": now_ms(), "by": "adt", "do": "admit", "patient": name, "product": "car_nk", "age": 55})
            page.wait("document.querySelector('.patient-page .error').hidden", 10)
        assert page.faults() == [], page.faults()
        page.close()


def test_a_name_too_long_for_a_command_is_refused_at_once():
    """A command has 64 bytes for role and name: 16 Chinese characters are 48 of them, before anything was tried in vain."""
    page = WORLD.board("/")
    page.click(".person")
    fill = "await page.locator('.sheet select').selectOption(args.role); await page.locator('.sheet input').fill(args.name)"
    page.do(fill, role="cell-therapy-physician", name="欧" * 16)
    page.press("Enter")
    assert page.ask("document.querySelector('.sheet input').validationMessage") == "Too long together with the role: give a short sign."
    page.do("await page.locator('.sheet select').selectOption('attending')")
    page.click(".sheet button.primary")
    page.wait("!document.querySelector('.sheet')")
    assert page.faults() == [], page.faults()
    page.close()


if __name__ == "__main__":
    with WORLD:
        run([t for n, t in list(globals().items()) if n.startswith("test_")])
