# SPDX-License-Identifier: Apache-2.0
"""A floor that cannot be switched off is silent while a rule of the site's own file calls for the same as loudly, and
never otherwise. Through `vigil replay` with a site's file, whose one rule differs from case to case."""
import os
import tempfile

from replayed import line, message, replay, run_all, stamp

MINUTE = 60
UNITS = {"temp": "Cel", "hr": "/min", "rr": "/min", "spo2": "%", "sbp": "mm[Hg]"}
SITE = """protocol: car-t
version: "1"
products: [car_t]
title: {{en: "Site"}}
signed: []
rules:
  - id: OWN
    class: global
    severity: {severity}
    when: {when}
    clear: {clear}
    ladder: {ladder}
    text: {{en: "NEWS2 $news2.score"}}
    source: "site"
ladders:
  own:
    hold: 30m
    steps:
      - {{offer: [bedside-nurse], wait: 10m}}
    fallback: {{offer: [charge-nurse], repeat: 10m}}
"""
ADMITTED = line(0, "episode", {"ts": stamp(0), "by": "adt", "do": "admit", "patient": "p-1", "product": "car_t",
                               "protocol": "car-t", "age": 55, "setting": "inpatient"})
WELL = {"temp": 37.0, "hr": 80, "rr": 16, "spo2": 97, "sbp": 120}
EIGHT = WELL | {"rr": 26, "spo2": 91, "hr": 120}  # 3 + 3 + 2
FIVE = WELL | {"rr": 26, "hr": 120}               # 3 + 2


def charted(at, values, source="spot"):
    return message(at, "assessment", at, [{"code": "consciousness", "value": "A"}]) \
        + message(at, "therapy", at, [{"code": "o2_device", "value": "room_air"}]) + values_at(at, values, source)


def values_at(at, values, source="spot"):
    return message(at, "vitals", at, [{"code": code, "value": value, "unit": UNITS[code], "source": source}
                                      for code, value in values.items()])


def streamed(begin, end, values):
    return "".join(values_at(at, values, "continuous") for at in range(begin, end, 30))


# The floors of this test by their ids; with FLOOR_ in front where the file has a rule of that id
FLOORS = "NEWS2_7", "HYPOTENSION", "HYPOXIA_SEVERE", "HYPERPYREXIA"
SICK = charted(MINUTE, EIGHT)


def one(at, code, value, source="spot", received=None):
    return message(at if received is None else received, "vitals", at,
                   [{"code": code, "value": value, "unit": UNITS[code], "source": source}])


# what came, the file's rule, what must have been raised in this order
SEVEN = {"when": "news2.score >= 7"}
LOW = {"when": "sbp < 90 mm[Hg]"}
CASES = [
    ("one call", SICK, SEVEN, ["OWN"]),
    ("above 6 is the same", SICK, {"when": "news2.score > 6"}, ["OWN"]),
    ("so is the worst of charted and streams", SICK, {"when": "news2.worst >= 7"}, ["OWN"]),
    ("8 and more covers the floor when it is on", SICK, {"when": "news2.score >= 8"}, ["OWN"]),
    ("7 is not 8", charted(MINUTE, EIGHT | {"hr": 100}), {"when": "news2.score >= 8"}, ["FLOOR"]),
    ("a lower limit may have been on for long", charted(MINUTE, FIVE) + charted(10 * MINUTE, EIGHT),
     {"when": "news2.score >= 5"}, ["OWN", "FLOOR"]),
    ("less loud", SICK, SEVEN | {"severity": "urgent"}, ["OWN", "FLOOR"]),
    ("calls nobody", SICK, SEVEN | {"ladder": "none"}, ["OWN", "FLOOR"]),
    ("it waits", SICK + charted(2 * MINUTE, EIGHT), {"when": "news2.score >= 7 for 30m"}, ["FLOOR", "OWN"]),
    ("with a condition it need not be on", SICK, {"when": "news2.score >= 7 and hr > 140 /min"}, ["FLOOR"]),
    ("better, and worse again", SICK + charted(10 * MINUTE, WELL) + charted(20 * MINUTE, EIGHT), SEVEN, ["OWN", "OWN"]),
    ("better, by the file's own end", SICK + charted(10 * MINUTE, WELL) + charted(45 * MINUTE, WELL),
     SEVEN | {"clear": "news2.score < 7 for 30m"}, ["OWN"]),
    ("the streams score less than what was charted", SICK + streamed(2 * MINUTE, 9 * MINUTE, WELL), SEVEN,
     ["OWN", "FLOOR"]),
    ("one that never ends covers the first deterioration alone",
     SICK + charted(10 * MINUTE, WELL) + charted(20 * MINUTE, WELL) + charted(60 * MINUTE, EIGHT),
     SEVEN | {"clear": "news2.score < 0"}, ["OWN", "FLOOR"]),
    ("folded under another alert it calls nobody", message(MINUTE, "assessment", MINUTE, [{"code": "seizure", "value": True}])
     + charted(2 * MINUTE, EIGHT), SEVEN, ["OWN", "FLOOR"]),
    ("pressure", one(60, "sbp", 89, "cuff") + one(300, "sbp", 88, "cuff"), LOW, ["OWN"]),
    ("pressure that the file has ended before the floor does",
     one(60, "sbp", 89, "cuff") + one(300, "sbp", 88, "cuff") + one(420, "sbp", 91, "cuff"), LOW, ["OWN", "FLOOR"]),
    ("pressure, ended as the floor ends",
     one(60, "sbp", 89, "cuff") + one(300, "sbp", 88, "cuff") + one(420, "sbp", 91, "cuff"),
     LOW | {"clear": "not bp.hypotension"}, ["OWN"]),
    ("a pressure that is low at 100 says nothing of 89", one(60, "sbp", 99, "cuff") + one(1200, "sbp", 79, "cuff"),
     {"when": "sbp < 100 mm[Hg]"}, ["OWN", "FLOOR"]),
    ("pressures that do not fit together", message(60, "vitals", 60, [
        {"code": code, "value": value, "unit": "mm[Hg]", "source": "cuff"} for code, value in (("sbp", 70), ("dbp", 65))])
     + "".join(one(at, "hr", 80) for at in (120, 720)), LOW, ["OWN"]),
    ("a pressure told late is loud by the floor alone", one(1800, "sbp", 120) + one(60, "sbp", 70, received=1860), LOW,
     ["FLOOR", "OWN"]),
    ("saturation", one(60, "spo2", 84), {"when": "spo2 < 85 %"}, ["OWN"]),
    ("saturation, another limit", one(60, "spo2", 84), {"when": "spo2 <= 85 %"}, ["OWN", "FLOOR"]),
    ("temperature", one(60, "temp", 40.1), {"when": "temp > 40.0 Cel"}, ["OWN"]),
    ("temperature, in Fahrenheit", one(60, "temp", 40.1), {"when": "temp >= 104.2 [degF]"}, ["OWN"]),
    ("temperature, another limit", one(60, "temp", 40.1), {"when": "temp >= 40.0 Cel"}, ["OWN", "FLOOR"]),
]


def differences(case):
    _, text, rule, want = case
    rule = {"severity": "critical", "clear": "none", "ladder": "own"} | rule
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "car-t.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(SITE.format(**rule))
        code, lines, error = replay(ADMITTED + text + line(3 * 3600, "vitals", {}), "--protocol", path)
    if code != 0:
        raise RuntimeError(error)
    raised = [a["rule"] for a in (found.get("alert", {}) for found in lines) if a.get("event") == "raised"]
    got = ["FLOOR" if rule in FLOORS else rule for rule in raised if rule == "OWN" or rule in FLOORS]
    return [] if got == want else [f"raised {got}, not {want}"]


if __name__ == "__main__":
    raise SystemExit(run_all(CASES, differences, lambda case: case[0]))
