# SPDX-License-Identifier: Apache-2.0
"""What an alert must say beside its rule's text: the drug that may hide fever, and when it was given; the grade if unmasked;
that an infection can be afebrile; IL-2; when a late value was measured; that nobody is linked (clinical reference 0.3, 0.7, 1.2,
1.5, 5.3, 7.4). Through `vigil replay` with the default protocols."""
from replayed import line, message, replay, run_all, stamp

H = 3600
NOW = 48 * H  # 08:00
UNITS = {"temp": "Cel", "hr": "/min", "rr": "/min", "sbp": "mm[Hg]", "spo2": "%"}


def admitted(at=-7200, told=None):
    return line(at if told is None else told, "episode", {"ts": stamp(at), "by": "adt", "do": "admit", "patient": "p-1", "product": "car_t", "age": 55,
                                                          "baseline": {"sbp": 125, "temp": 36.6}})


def given(at, drug):
    return message(at, "therapy", at, [{"code": "medication", "value": drug}])


def vitals(measured, received=None, source="spot", **values):
    return message(measured if received is None else received, "vitals", measured,
                   [{"code": code, "value": value, "unit": UNITS[code], "source": source} for code, value in values.items()])


INFUSED = admitted() + message(0, "therapy", 0, [{"code": "infusion", "value": "start"}])
WARM = vitals(NOW - 2 * H, temp=37.0)
LOW = vitals(NOW, source="cuff", sbp=78)

# What comes; of which rule; what its text ends with, and what is not in it.
CASES = [
    ("a drug hides fever: pressure", INFUSED + WARM + given(NOW - H, "paracetamol") + LOW, "HYPOTENSION",
     "; fever can be hidden by paracetamol, 07:00; CRS not excluded", None),
    ("a drug hides fever: saturation", INFUSED + given(NOW - 40 * H, "corticosteroid") + WARM + vitals(NOW, spo2=88), "HYPOXIA",
     "; fever can be hidden by corticosteroid, 16:00 (-2 d); CRS not excluded", None),
    ("the latest of two", INFUSED + given(NOW - 30 * H, "tocilizumab") + given(NOW - 3 * H, "nsaid") + WARM + LOW, "HYPOTENSION",
     "; fever can be hidden by nsaid, 05:00; CRS not excluded", None),
    ("the grade if unmasked", INFUSED + WARM + given(NOW - H, "paracetamol") + LOW, "SUPPORT_RISE",
     "; CRS relapse not excluded, grade if unmasked = 2", None),
    ("its window is over", INFUSED + given(NOW - 7 * H, "paracetamol") + WARM + LOW, "HYPOTENSION", ": hypotension", "hidden"),
    ("with fever nothing is hidden", INFUSED + given(NOW - H, "paracetamol") + vitals(NOW - 60, temp=38.4) + LOW, "HYPOTENSION",
     ": hypotension", "hidden"),
    ("infection can be afebrile: 7", INFUSED + given(NOW - 30 * H, "corticosteroid") + vitals(NOW, rr=26, hr=112, spo2=93), "NEWS2_7",
     "; infection can be afebrile (corticosteroid, 02:00 (-1 d))", None),
    ("infection can be afebrile: 5", INFUSED + given(NOW - H, "siltuximab") + vitals(NOW, rr=26, hr=112), "NEWS2_5",
     "; infection can be afebrile (siltuximab, 07:00)", None),
    ("paracetamol hides no infection", INFUSED + given(NOW - H, "paracetamol") + vitals(NOW, rr=26, hr=112), "NEWS2_5", "", "afebrile"),
    ("IL-2", INFUSED + given(NOW - 2 * H, "il2") + vitals(NOW, temp=38.6), "CRS_GRADE_1", "; il2 given 06:00", None),
    ("a late value that nobody has seen", INFUSED + vitals(NOW - 2 * H, NOW, sbp=78), "HYPOTENSION", "; measured 06:00", None),
    ("one in time", INFUSED + vitals(NOW - 600, NOW, sbp=78), "HYPOTENSION", ": hypotension", "measured"),
    ("a fever behind a newer value: the fever, not what is newer", INFUSED + vitals(NOW - 60, temp=36.8) + vitals(NOW - 2 * H, NOW, temp=38.4),
     "FEVER_RETRO", "recorded late: temperature 38.4 Cel; measured 06:00", "newer"),
    ("nobody is linked", LOW, "HYPOTENSION", ": hypotension; no patient linked", None),
    ("nobody is linked: of the daemon's own", vitals(NOW, hr=10), "CHECK_PATIENT", "Look now.; no patient linked", None),
    ("linked late", LOW + admitted(NOW - 60, NOW + 30), "HYPOTENSION", ": hypotension", None),
]


def differences(case):
    _, text, rule, end, without = case
    code, out, error = replay(text, "--until", stamp(NOW + 60))
    assert code == 0, error
    said = [(a["text"], a.get("text_zh", "")) for a in (one.get("alert", {}) for one in out) if a.get("rule") == rule]
    if not said or not said[-1][0].endswith(end) or (without and without in said[-1][0]):
        return [f"said {said[-1:]}, not {end}"]
    return [f"in Chinese {said[-1][1]}"] if end.startswith("; ") and "；" not in said[-1][1] else []


if __name__ == "__main__":
    raise SystemExit(run_all(CASES, differences, lambda case: case[0]))
