# SPDX-License-Identifier: Apache-2.0
"""A day on a ward in fast motion: what 24 hours bring goes through a real stream into a real Chromium whose clock goes with it, and
24 hours later its page holds no more memory, elements and listeners than after the first few. BEDS= and HOURS= for more."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib-python"))
from board import World, cuff, per_minute, spo2, temp  # noqa: E402
from fast_day import CLOCK, Day, StandIn  # noqa: E402
from place import run, seed, until  # noqa: E402

RANDOM = seed()
WORLD = World(RANDOM)
BEDS, HOURS = int(os.environ.get("BEDS", 4)), int(os.environ.get("HOURS", 25))
WARM = 5  # hours: every page has been open once, everything that is kept for a while is full

# After as many collections as still find something.
HELD = """
    const session = keep.session ??= await page.context().newCDPSession(page);
    const held = async () => {
        await session.send('HeapProfiler.collectGarbage');
        const {nodes, jsEventListeners} = await session.send('Memory.getDOMCounters');
        return {bytes: (await session.send('Runtime.getHeapUsage')).usedSize, nodes, listeners: jsEventListeners};
    };
    let last = await held();
    for (let i = 0, same = 0; i < 30 && same < 4; i++) {
        const next = await held();
        same = next.nodes < last.nodes || next.listeners < last.listeners || next.bytes < last.bytes * 0.999 ? 0 : same + 1;
        last = next;
    }
    return last;
"""


def pass_to(page, day, hour):
    """Until the page has taken all up to this hour."""
    day.run_to(hour)
    until(lambda: day.now >= day.gate, 120, f"{hour} h to be sent")
    page.wait("vigil.life.counter === a.counter && vigil.linked", 60, counter=day.status["counter"])


def use(page):
    """Somebody looks at a patient, at the reasons of an alert, at the sheet for entering, and leaves all of it."""
    page.ask("location.hash = '#/patient/p-0001'")
    page.wait("document.querySelector('.patient-page[data-loaded]')")
    page.ask("location.hash = '#/'")
    page.wait("!document.querySelector('.patient-page') && document.querySelector('.tile [data-verb=more]')")
    for button in (".tile [data-verb=more]", ".tile > .doing button", ".bar button:last-child"):
        page.ask("void document.querySelector(a.button).click()", button=button)
        page.wait("document.querySelector('.sheet')")
        page.press("Escape")
        page.wait("!document.querySelector('.sheet')")


def test_a_day_through_the_stream_leaves_nothing_behind():
    WORLD.admit("1")
    WORLD.say("1", temp(36.8), spo2(97), per_minute("hr", 70), per_minute("rr", 14), cuff(120))
    WORLD.low_pressure("2")
    until(lambda: WORLD.bed("2").get("alerts") and WORLD.bed("1")["values"].get("sbp"), what="the models of what is sent")
    day = Day(WORLD, BEDS, RANDOM)
    stand_in = StandIn(day)
    page = WORLD.browser.open("day", f"http://127.0.0.1:{stand_in.port}/?ward=onc-7&lang=en", CLOCK)
    begin = time.monotonic()
    first = None
    for hour in range(3, HOURS + 1, 2):  # the connection breaks at even hours
        pass_to(page, day, hour)
        use(page)
        last = page.do(HELD)
        first = last if hour == WARM else first  # at odd hours as many alerts are open, with one button or three
    clock = page.ask("vigil.life.beat / 3600000")
    fast = page.ask("fast")
    print(f"  {HOURS} h in {time.monotonic() - begin:.1f} s: {dict(day.sent)} in {stand_in.links} connections, {first} after {WARM} h, {last} in the end")
    assert clock > HOURS - 1, clock
    assert stand_in.links > (HOURS - 2) // 2 and day.sent["resync"] >= stand_in.links // 3, "it broke, with and without a gap"
    assert fast["beats"] > HOURS * 700 and page.ask("vigil.state.alerts.size") == len(day.alerts) and len(day.alerts) > 0
    assert last["bytes"] < first["bytes"] * 1.05 + 300_000, (first, last)  # what was closed and spoken of is remembered, up to 2000 of each
    assert last["nodes"] <= first["nodes"] + 20 and last["listeners"] <= first["listeners"] + 5, (first, last)
    assert page.faults() == [], page.faults()[:3]
    page.close()
    stand_in.close()


if __name__ == "__main__":
    with WORLD:
        run([test for name, test in list(globals().items()) if name.startswith("test_")])
