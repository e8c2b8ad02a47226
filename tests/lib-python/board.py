# SPDX-License-Identifier: Apache-2.0
"""A ward for the tests of the board: broker, daemon, browser, and somebody who admits and measures."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "outside"))
from browser import Browser  # noqa: E402
from place import Place, now_ms, until, vitals  # noqa: E402
from small_png import shrink  # noqa: E402
from web import Web  # noqa: E402

MINUTE = 60_000
HOUR = 60 * MINUTE


def cuff(value, code="sbp"):
    return {"code": code, "value": value, "unit": "mm[Hg]", "source": "cuff"}


def spo2(value):
    return {"code": "spo2", "value": value, "unit": "%"}


def per_minute(code, value):
    return {"code": code, "value": value, "unit": "/min"}


def temp(value):
    return {"code": "temp", "value": value, "unit": "Cel", "source": "spot"}


def low_pressure(client, ward, bed):
    """Two low cuffs more than five minutes apart, of a gateway that does not number."""
    for ago in (400_000, 1000):
        client.publish(f"vigil/v1/beds/{ward}/{bed}/vitals", vitals(None, cuff(80), ts=now_ms() - ago))


def shot_of(page, name):
    """A picture of this state, for the papers, where VIGIL_SHOTS says so."""
    if os.environ.get("VIGIL_SHOTS"):
        path = os.path.join(os.environ["VIGIL_SHOTS"], f"{name}.png")
        page.shot(path)
        shrink(path)


def serious(page):
    """What axe-core finds serious or critical; put in beside the page's own policy."""
    return page.do("""
        const session = await page.context().newCDPSession(page);
        const source = (await import('node:fs')).readFileSync(keep.axe, 'utf8');
        await session.send('Runtime.evaluate', {expression: source});
        const result = await page.evaluate(() => axe.run());
        return result.violations.filter((v) => ['serious', 'critical'].includes(v.impact)).map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.target + ' ' + (n.any[0]?.message ?? '')).join(' | ')}`);
    """)


class World:
    """Begins when it is entered, so that a test file that cannot begin says so once."""

    def __init__(self, random):
        self.random, self.seq, self.pages = random, 0, 0

    def __enter__(self):
        self.place = Place(start=False).__enter__()
        try:
            self.furnish()
            self.place.broker.start()
            self.place.daemon.start()
            self.browser = Browser()
        except BaseException:
            self.place.__exit__(*sys.exc_info())
            raise
        print(f"chromium {self.browser.version}")
        self.web = Web(self.place.daemon.port)
        self.gateway = self.place.client("board-test", "vigil/v1/wards/+/events", "vigil/v1/gateways/+/committed")
        return self

    def __exit__(self, kind, error, trace):
        self.browser.close()
        good = kind is SystemExit and not error.code
        return self.place.__exit__(*((None, None, None) if good else (kind, error, trace)))

    def furnish(self):
        """What another ward changes before anything begins."""

    def patient(self, bed):
        return f"p-{int(bed):04d}"

    def publish(self, bed, kind, *obs, ts=None, ward="onc-7", **more):
        self.seq += 1
        self.gateway.publish(f"vigil/v1/beds/{ward}/{bed}/{kind}", vitals(self.seq, *obs, ts=ts, **more), wait=False)

    def say(self, bed, *obs, ts=None, ward="onc-7", source_spot=False):
        items = [{**o, "source": "spot"} for o in obs] if source_spot else obs
        self.publish(bed, "vitals", *items, ts=ts, ward=ward)

    def admit(self, bed, ago=HOUR, ward="onc-7", wait=True):
        self.gateway.publish(f"vigil/v1/beds/{ward}/{bed}/episode", {
            "ts": now_ms() - ago, "by": "adt", "do": "admit", "patient": self.patient(bed), "product": "car_nk", "age": 55})
        if wait:
            until(lambda: self.bed(bed, ward).get("patient") == self.patient(bed), what=f"the admission to bed {bed}")
        return self.patient(bed)

    def low_pressure(self, bed, ward="onc-7"):
        """Two low cuffs five minutes apart; when the second was published."""
        self.say(bed, cuff(80), ts=now_ms() - 400_000, ward=ward)
        begin = time.monotonic()
        self.say(bed, cuff(80), cuff(45, "dbp"), ts=now_ms() - 1000, ward=ward)
        return begin

    def bed(self, bed, ward="onc-7"):
        answer = self.web.get(f"/api/v1/wards/{ward}/beds")
        beds = answer.json["beds"] if answer.status == 200 else []
        return next((b for b in beds if b["bed"] == bed), {})

    def caught_up(self):
        """Until what was published is on disk, as the mark says."""
        until(lambda: [m for m in self.gateway.messages("/gw-1/committed") if m["upto"] >= self.seq], 40, "the committed mark")

    def keep(self, page, name):
        shot_of(page, name)

    def board(self, path="/", wait=True, **options):
        self.pages += 1
        at, _, hash_ = path.partition("#")
        query = f"{'&' if '?' in at else '?'}lang=en"
        url = f"http://127.0.0.1:{self.place.daemon.port}{at}{query if 'lang=' not in at else ''}{'#' + hash_ if hash_ else ''}"
        page = self.browser.open(f"page{self.pages}", url, **options)
        if wait:
            page.wait("document.documentElement.dataset.loaded === 'yes' || document.querySelector('.patient-page')", 10)
        return page

    def sign_in(self, page, name, role="bedside-nurse"):
        page.click(".person")
        page.do("await page.locator('.sheet select').selectOption(args.role); await page.locator('.sheet input').fill(args.name)", role=role, name=name)
        page.press("Enter")
        page.wait("!document.querySelector('.sheet')")
