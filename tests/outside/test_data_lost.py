# SPDX-License-Identifier: Apache-2.0
"""When the data stop, what is open becomes unknown, is never ended by that, and is what it was when they come back:
rules that ask assessments as well as those that ask windows. Through `vigil replay` with the protocols of
config/protocols, and one of a site's own."""
import os
import tempfile

from replayed import PROTOCOLS, line, message, replay, run_all, stamp

MINUTE, HOUR = 60, 3600
UNITS = {"temp": "Cel", "hr": "/min", "rr": "/min", "spo2": "%", "sbp": "mm[Hg]", "dbp": "mm[Hg]", "map": "mm[Hg]"}
LOST, BACK = ["raised", "data_lost"], ["raised", "data_lost", "data_back"]


def admitted():
    return line(0, "episode", {"ts": stamp(0), "by": "adt", "do": "admit", "patient": "p-1", "product": "car_t",
                               "protocol": "car-t", "age": 55, "setting": "inpatient", "baseline": {"sbp": 125}})


def vitals(at, source="spot", received=None, **values):
    obs = [{"code": code, "value": value, "unit": UNITS[code], "source": source} for code, value in values.items()]
    return message(at if received is None else received, "vitals", at, obs)


def charted(at, code, value, **more):
    return message(at, "assessment", at, [{"code": code, "value": value} | more])


def changes(text, rule, until, protocol=PROTOCOLS):
    """The events of a rule's alert that say how its condition stands, and the condition at the end."""
    code, lines, error = replay(text, "--protocol", protocol, "--until", stamp(until))
    if code != 0:
        raise RuntimeError(error)
    alerts = [one["alert"] for one in lines if one.get("alert", {}).get("rule") == rule]
    told = [a["event"] for a in alerts if a["event"] in
            ("raised", "data_lost", "data_back", "clearing", "relapsed", "ended", "closed")]
    return told, alerts[-1]["condition"] if alerts else None


def ill(**more):
    normal = {"temp": 37.0, "hr": 80, "rr": 16, "spo2": 97, "sbp": 120}
    return charted(10, "consciousness", "A") + message(10, "therapy", 10, [{"code": "o2_device", "value": "room_air"}]) \
        + vitals(MINUTE, **(normal | more))


# what came, the rule, until when, what must have been told, the condition then
SILENT = 61 * MINUTE + 1
CASES = [
    ("hypoxia", vitals(MINUTE, spo2=88), "HYPOXIA", SILENT, LOST, "unknown"),
    ("hypoxia, to the minute", vitals(MINUTE, spo2=88), "HYPOXIA", SILENT - 1, ["raised"], "active"),
    ("hypoxia while others are measured", vitals(MINUTE, spo2=88) + "".join(
        vitals(m * MINUTE, hr=80, rr=16) for m in range(2, 62)), "HYPOXIA", SILENT, LOST, "unknown"),
    ("hypoxia back", vitals(MINUTE, spo2=88) + vitals(3 * HOUR, spo2=88), "HYPOXIA", 3 * HOUR, BACK, "active"),
    ("hypoxia gone", vitals(MINUTE, spo2=88) + vitals(3 * HOUR, spo2=95), "HYPOXIA", 3 * HOUR,
     BACK + ["ended"], "ended"),
    ("hypotension", vitals(MINUTE, "cuff", sbp=75), "HYPOTENSION", 9 * HOUR, LOST, "unknown"),
    ("mean pressure", vitals(MINUTE, "cuff", map=50), "MAP_LOW", SILENT, LOST, "unknown"),
    ("fever", vitals(MINUTE, temp=39.0), "FEVER_CONFIRMED", 20 * HOUR, LOST, "unknown"),
    ("pulse", vitals(MINUTE, hr=160), "VITAL_EXTREME", SILENT, LOST, "unknown"),
    ("pulse gone, breathing measured", vitals(MINUTE, hr=160) + "".join(
        vitals(m * MINUTE, rr=16) for m in range(2, 62)), "VITAL_EXTREME", SILENT, LOST, "unknown"),
    ("pulse gone, breathing extreme", vitals(MINUTE, hr=160) + vitals(30 * MINUTE, rr=40), "VITAL_EXTREME", SILENT,
     ["raised"], "active"),
    ("unresponsive: charted, not measured", charted(MINUTE, "consciousness", "U"), "VITAL_EXTREME", 3 * HOUR,
     ["raised"], "active"),
    ("score", ill(rr=26, spo2=91, hr=132), "NEWS2_7", SILENT, LOST, "unknown"),
    ("score of what is left", ill(rr=26, spo2=91, hr=132) + vitals(30 * MINUTE, rr=26, spo2=91, hr=132), "NEWS2_7",
     SILENT, ["raised"], "active"),
    ("shock index", vitals(MINUTE, "cuff", sbp=95) + vitals(MINUTE, hr=120) + vitals(12 * MINUTE, "cuff", sbp=95)
     + vitals(12 * MINUTE, hr=120), "SHOCK_INDEX", 2 * HOUR, LOST, "unknown"),
    ("late and old", vitals(MINUTE, spo2=88, received=3 * HOUR), "HYPOXIA", 3 * HOUR, LOST, "unknown"),
    ("a window rule", vitals(MINUTE, hr=140), "TACHYCARDIA", SILENT, LOST, "unknown"),
]

SITE = """protocol: car-t
version: "1"
products: [car_t]
title: {en: "Site"}
signed: []
rules:
  - id: OWN_SCORE
    class: global
    severity: urgent
    when: news2.score >= 5
    clear: news2.score <= 3
    ladder: own
    text: {en: "NEWS2 $news2.score"}
    source: "site"
ladders:
  own:
    hold: 30m
    steps:
      - {offer: [bedside-nurse], wait: 10m}
    fallback: {offer: [charge-nurse], repeat: 10m}
"""


def own_score(text, until):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "car-t.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(SITE)
        return changes(text, "OWN_SCORE", until, path)


def said(text, rule):
    """What the first alert of a rule says."""
    _, lines, _ = replay(text, "--protocol", PROTOCOLS, "--until", stamp(5 * HOUR))
    return next(one["alert"]["text"] for one in lines if one.get("alert", {}).get("rule") == rule)


def differences(case):
    _, text, rule, until, told, condition = case
    if rule == "what it says":  # of the time it is of
        got = said(admitted() + text, "SHOCK_INDEX")
        return [] if got.startswith(told) else [f"it says {got}"]
    got = own_score(admitted() + text, until) if rule == "OWN_SCORE" else changes(admitted() + text, rule, until)
    return [] if got == (told, condition) else [f"{rule} {got[0]} {got[1]}, not {told} {condition}"]


# a lower bound ends nothing: neither as the rule's test nor as what clears it
CASES += [("own score", ill(rr=26, spo2=91), "OWN_SCORE", SILENT, LOST, "unknown"),
          ("own score of fewer parts", ill(rr=26, spo2=91) + vitals(30 * MINUTE, hr=80, sbp=120), "OWN_SCORE", SILENT,
           LOST, "unknown"),
          ("own score, whole again", ill(rr=26, spo2=91) + ill().replace(stamp(10), stamp(2 * HOUR - 50)).replace(
              stamp(MINUTE), stamp(2 * HOUR)), "OWN_SCORE", 2 * HOUR, BACK + ["ended"], "ended")]



def backlog():
    """Three hours that a gateway kept back, in their order, a minute a second; ill from 60 to 90 min."""
    return "".join(
        vitals(HOUR + m * MINUTE, "cuff", 4 * HOUR + m, sbp=85 if 60 <= m < 90 else 120) +
        vitals(HOUR + m * MINUTE, "spot", 4 * HOUR + m, temp=37.0, spo2=97,
               hr=125 if 60 <= m < 90 else 80, rr=28 if 60 <= m < 90 else 16) for m in range(180))


# of a backlog an old reading says nothing of now: not lost and back with each of its messages
CASES += [("backlog", backlog(), "TACHYPNOEA", 5 * HOUR, BACK + ["ended"], "ended"),
          ("backlog, shock index", backlog(), "SHOCK_INDEX", 5 * HOUR, BACK + ["ended"], "ended"),
          ("backlog, its words", backlog(), "what it says", 0, "Shock index 1.47: pulse 125 /min", "")]

if __name__ == "__main__":
    raise SystemExit(run_all(CASES, differences, lambda case: case[0]))
