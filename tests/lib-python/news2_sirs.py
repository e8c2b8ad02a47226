# SPDX-License-Identifier: Apache-2.0
"""NEWS2 and SIRS once more, independently of the daemon: written from the text of the clinical reference
(sections 0.2, 0.3, 0.4, 0.9, 4.1, 5.1, 10.1 to 10.3) before the daemon's own was read. Slow and plain on purpose: every
score is computed from all that was ever received, in exact decimal arithmetic. What the text leaves open was settled
afterwards, and is the same in both: tests/data/README.md."""
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

MINUTE = 60_000
HOUR = 60 * MINUTE
VITAL_LIMIT, CONSCIOUSNESS_LIMIT, PACO2_LIMIT, LAB_LIMIT = HOUR, 4 * HOUR, 4 * HOUR, 72 * HOUR  # 0.4
AHEAD = MINUTE  # 0.3: a clock may be so far ahead
HELD, ALIVE, SPARSE = 5 * MINUTE, 2 * MINUTE, 15 * MINUTE  # 4.2; 1.4: gap in a run, and between two sparse samples
LAST = Decimal("Infinity")

# 4.1: (upper limit of the band, points), from low to high, limits inclusive.
BANDS = {
    "rr": ((8, 3), (11, 1), (20, 0), (24, 2), (LAST, 3)),
    "spo2": ((91, 3), (93, 2), (95, 1), (LAST, 0)),
    "sbp": ((90, 3), (100, 2), (110, 1), (219, 0), (LAST, 3)),
    "hr": ((40, 3), (50, 1), (90, 0), (110, 1), (130, 2), (LAST, 3)),
    "temp": ((Decimal("35.0"), 3), (Decimal("36.0"), 1), (Decimal("38.0"), 0), (Decimal("39.0"), 1), (LAST, 2)),
}
# 10.1: hard range; 0.2: resolution.
HARD = {"temp": (30, 43), "hr": (20, 250), "rr": (4, 70), "spo2": (20, 100), "sbp": (40, 260), "dbp": (20, 160),
        "map": (25, 200), "o2_flow": (0, 80), "fio2": (21, 100)}
STEP = {"temp": Decimal("0.1"), "o2_flow": Decimal("0.1")}
LABS = {"wbc", "bands", "paco2", "fio2"}  # not rounded
CONVERT = {"[degF]": lambda f: (f - 32) * 10 / 18, "1": lambda part: part * 100}  # 10.3


class Sample:
    def __init__(self, value, time, order, item):
        self.value, self.time, self.order, self.valid = value, time, order, True
        self.source, self.method = item.get("source", ""), item.get("method")
        self.trust = trust(item["code"], self.source, self.method)


def canonical(code, text, unit):
    """None: no number, or outside the hard range."""
    try:
        value = CONVERT.get(unit, lambda same: same)(Decimal(text))
    except InvalidOperation:
        return None
    if code not in LABS:
        value = value.quantize(STEP.get(code, Decimal(1)), rounding=ROUND_HALF_UP)
    low, high = HARD.get(code, (0, LAST))
    return value if low <= value <= high else None


def trust(code, source, method):
    """0.9: a higher number is trusted more."""
    if code in ("sbp", "dbp", "map"):
        return 1 if source == "arterial" else 0
    if code == "temp":
        return 0 if source == "continuous" else 1 if method == "axillary" else 2
    return 0


def points_of(code, value):
    return next(points for limit, points in BANDS[code] if value <= limit)


def either(a, b):
    return a or b if a is not None and b is not None else b if a is None else a


def how_many(criteria):
    """The criteria that are met, a lower bound; None: none of them is known."""
    known = [criterion for criterion in criteria if criterion is not None]
    return sum(known) if known else None


class Patient:
    def __init__(self):
        self.samples = {}  # code: {(sender's time, source): Sample}
        self.order = 0

    def take(self, received, measured, items):
        for item in items:
            self.take_item(received, measured, item)
        self.check_cuff(measured, items)

    def take_item(self, received, measured, item):
        code, source = item["code"], item.get("source", "")
        value = item["value"]
        if item.get("quality") == "invalid":
            return
        if "unit" in item:
            value = canonical(code, value, item["unit"])
            if value is None:
                return
        time = received if measured > received + AHEAD else measured  # 0.3: in the future
        self.order += 1
        sample = Sample(value, time, self.order, item)
        known = self.samples.setdefault(code, {})
        old = known.get((measured, source))
        if old is None or old.value != value or old.method != sample.method:
            known[(measured, source)] = sample

    def check_cuff(self, measured, items):
        """10.2: a cuff's pulse pressure below 10 or above 150 makes the triple invalid."""
        for source in {item.get("source") for item in items if item["code"] in ("sbp", "dbp")} - {"arterial"}:
            triple = [self.samples.get(code, {}).get((measured, source)) for code in ("sbp", "dbp", "map")]
            if triple[0] is not None and triple[1] is not None:
                right = 10 <= triple[0].value - triple[1].value <= 150
                for sample in triple:
                    if sample is not None:
                        sample.valid = right

    def newest(self, code, now, limit):
        """The most trusted value not older than limit, between equals the newest; None: there is none."""
        return max((s for s in self.samples.get(code, {}).values()
                    if s.valid and s.time <= now + AHEAD and (limit is None or now - s.time <= limit)),
                   key=lambda s: (s.trust, s.time, s.order), default=None)

    def number(self, code, now, limit=VITAL_LIMIT):
        sample = self.newest(code, now, limit)
        return None if sample is None else sample.value

    # ---- NEWS2

    def oxygen_points(self, now):
        """Latched until changed (0.4). Any support counts, a device of unknown kind too (1.4); a flow or an FiO2 above
        that of air also without a device, or charted after room air. None: unknown, which is never air (4.1)."""
        device = self.newest("o2_device", now, None)
        if device is not None and device.value != "room_air":
            return 2
        for code, air in (("o2_flow", 0), ("fio2", 21)):
            sample = self.newest(code, now, None)
            if sample is not None and sample.value > air and (device is None or sample.time >= device.time):
                return 2
        return None if device is None else 0

    def consciousness_points(self, now):
        word = self.number("consciousness", now, CONSCIOUSNESS_LIMIT)
        return None if word is None else 0 if word == "A" else 3

    def vital_points(self, code, now):
        sample = self.newest(code, now, VITAL_LIMIT)
        if sample is None:
            return None
        judged = [sample] if sample.source != "arterial" else self.held(code, sample, now)
        return min(points_of(code, one.value) for one in judged)

    def held(self, code, newest, now):
        """4.2: a continuous parameter scores the lowest band of its last 5 min; one that has a single sample there is
        judged with the sample before it, if they are sparse samples of one stream (1.4). A stream that fell silent is
        judged as of 2 min after its last sample."""
        stream = sorted((s for s in self.samples[code].values() if s.valid and s.source == newest.source and
                         s.time <= newest.time), key=lambda s: s.time)
        start = min(now, newest.time + ALIVE) - HELD
        recent = [s for s in stream if s.time >= start]
        if len(recent) < 2:
            recent += [s for s in stream[-2:-1] if newest.time - s.time <= SPARSE]
        return recent or [newest]

    def news2(self, now):
        points = {code: self.vital_points(code, now) for code in BANDS}
        points["o2"] = self.oxygen_points(now)
        points["acvpu"] = self.consciousness_points(now)
        known = [value for value in points.values() if value is not None]
        missing = sorted(name for name, value in points.items() if value is None)
        return {"score": sum(known) if known else None, "complete": not missing,
                "max_single": max(known, default=None), "missing": missing}

    # ---- SIRS

    def test(self, code, now, limit, outside):
        """None: not known."""
        value = self.number(code, now, limit)
        return None if value is None else outside(value)

    def sirs(self, now):
        others = [self.test("temp", now, VITAL_LIMIT, lambda t: t > 38 or t < 36),
                  self.test("hr", now, VITAL_LIMIT, lambda hr: hr > 90),
                  either(self.test("rr", now, VITAL_LIMIT, lambda rr: rr > 20),
                         self.test("paco2", now, PACO2_LIMIT, lambda p: p < 32))]
        white = either(self.test("wbc", now, LAB_LIMIT, lambda wbc: wbc > 12 or wbc < 4),
                       self.test("bands", now, LAB_LIMIT, lambda bands: bands > 10))
        return {"count": how_many(others + [white]), "count_excl_wbc": how_many(others)}
