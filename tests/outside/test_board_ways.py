# SPDX-License-Identifier: Apache-2.0
"""Ways about the board: from the red strip to a bed's tile, from one ward to another, and nothing said twice or of the wrong bed."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib-python"))
from board import World, spo2  # noqa: E402
from place import run, seed  # noqa: E402

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
    page.wait("document.querySelector('.strip').textContent === '!!! Critical and nobody has it: bed 3'")
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


if __name__ == "__main__":
    with WORLD:
        run([t for n, t in list(globals().items()) if n.startswith("test_")])
