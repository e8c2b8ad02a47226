# SPDX-License-Identifier: Apache-2.0
"""What comes late behind newer values pages for the floors and for fever with neutropenia alone, up to 8 h inclusive, and
says what was measured and when (clinical reference 0.3, 9.4). Through `vigil replay --pages` with the default protocols."""
from replayed import line, message, replay, run_all, stamp

H = 3600
NOW = 48 * H
UNITS = {"temp": "Cel", "hr": "/min", "rr": "/min", "spo2": "%", "sbp": "mm[Hg]", "dbp": "mm[Hg]"}
ADMITTED = line(-7200, "episode", {"ts": stamp(-7200), "by": "adt", "do": "admit", "patient": "p-1", "product": "car_t", "age": 55,
                                   "baseline": {"sbp": 125, "temp": 36.6}}) \
    + message(0, "therapy", 0, [{"code": "infusion", "value": "start"}])
WELL = {"rr": 16, "spo2": 98, "sbp": 120, "hr": 75, "temp": 36.8}


def vitals(measured, received, source="spot", **values):
    return message(received, "vitals", measured, [{"code": code, "value": value, "unit": UNITS[code], "source": source}
                                                  for code, value in values.items()])


def charted(measured, received, code, value):
    return message(received, "therapy" if code == "o2_device" else "assessment", measured, [{"code": code, "value": value}])


def a_set(measured, received, **values):
    return charted(measured, received, "consciousness", "A") + charted(measured, received, "o2_device", "room_air") \
        + vitals(measured, received, **WELL | values)


def stream(measured, received, code, value, step, count):
    return "".join(vitals(measured + i * step, received, "continuous", **{code: value}) for i in range(count))


# What comes late by so many seconds, the rule that pages for it, and a word of its text; None: nothing pages.
CASES = [
    ("NEWS2 of 7", lambda t, rx: a_set(t, rx, rr=26, spo2=93, hr=112), "NEWS2_7", "NEWS2 7 (points: breathing 3, SpO2 2"),
    ("NEWS2 of 6", lambda t, rx: a_set(t, rx, rr=26, spo2=94, hr=112), None, None),
    ("pressure", lambda t, rx: vitals(t, rx, "cuff", sbp=78, dbp=50), "HYPOTENSION", "78 mm[Hg]"),
    ("saturation", lambda t, rx: vitals(t, rx, spo2=84), "HYPOXIA_SEVERE", "84 %"),
    ("saturation of a stream", lambda t, rx: stream(t, rx, "spo2", 84, 5, 6), "HYPOXIA_SEVERE", "very low"),
    ("temperature", lambda t, rx: vitals(t, rx, temp=40.1), "HYPERPYREXIA", "40.1 Cel"),
    ("fever with neutropenia", lambda t, rx: vitals(t, rx, temp=38.3), "FEBRILE_NEUTROPENIA", "ANC"),
    ("a seizure", lambda t, rx: charted(t, rx, "seizure", True), "SEIZURE", "Seizure"),
    ("a fast pulse", lambda t, rx: vitals(t, rx, hr=151), "VITAL_EXTREME", "151 /min"),
    ("a slow breath", lambda t, rx: vitals(t, rx, rr=6), "VITAL_EXTREME", "6 /min"),
    ("nobody answers", lambda t, rx: charted(t, rx, "consciousness", "U"), "VITAL_EXTREME", "consciousness"),
    ("confusion", lambda t, rx: charted(t, rx, "consciousness", "C"), None, None),
    ("a pulse of 135", lambda t, rx: vitals(t, rx, hr=135), None, None),
]
FLOORS = {rule for _, _, rule, _ in CASES if rule} | {"NEWS2_SINGLE3"}


def paged(late, make):
    text = ADMITTED + a_set(NOW - 60, NOW - 60) + make(NOW - late, NOW)
    code, out, error = replay(text, "--pages", "--until", stamp(NOW + 60))
    assert code == 0, error
    called = {one["page"]["alert"] for one in out if "page" in one and one["page"]["kind"] == "call"}
    return {one["alert"]["rule"]: one["alert"] for one in out
            if "alert" in one and one["alert"]["event"] == "raised" and one["alert"]["id"] in called and one["alert"]["ts"] >= stamp(NOW)}


def differences(case):
    _, make, rule, word = case
    wrong = []
    for late in (1801, 8 * H):
        found = {name: alert for name, alert in paged(late, make).items() if name in FLOORS}
        if (rule in found) != (rule is not None) or (rule is None and found):
            wrong.append(f"{late} s late: paged {sorted(found)}")
        elif rule and (word not in found[rule]["text"] or found[rule]["onset"] != stamp(NOW - late)):
            wrong.append(f"{late} s late: {found[rule]['text']}, {found[rule]['onset']}")
    return wrong


if __name__ == "__main__":
    raise SystemExit(run_all(CASES, differences, lambda case: case[0]))
