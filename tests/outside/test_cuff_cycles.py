# SPDX-License-Identifier: Apache-2.0
"""A cuff that gives no pressure: an item without a value, or an invalid one, is a cycle that failed, and two of them within
10 min call (clinical reference 10.2). Through `vigil replay` with the default protocols."""
from replayed import line, message, replay, run_all, stamp

ADMITTED = line(-60, "episode", {"ts": stamp(-60), "by": "adt", "do": "admit", "patient": "p-1", "product": "car_t", "age": 55})


def cycle(at, value=None, **more):
    return message(at, "vitals", at, [{"code": "sbp", "value": value, "unit": "mm[Hg]", "source": "cuff"} | more,
                                      {"code": "dbp", "value": value and value - 50, "unit": "mm[Hg]", "source": "cuff"}])


def word(at, **item):
    return message(at, "vitals", at, [item])


def named(at, device):
    return message(at, "vitals", at, [{"code": "sbp", "value": None, "source": "cuff"}], device=device)


# What comes, and when it is raised; the onset is that of the first.
CASES = [
    ("two without a value", cycle(0) + cycle(600), 600),
    ("one, reported under two names", named(0, "mon-1") + named(0, "cuff-7"), None),
    ("two, reported under two names", named(0, "mon-1") + named(0, "cuff-7") + named(60, "mon-1") + named(60, "cuff-7"), 60),
    ("11 min apart", cycle(0) + cycle(601), None),
    ("one", cycle(0) + cycle(700, 120), None),
    ("a key that is missing, a code that says cuff", word(0, code="150021") + word(5, code="mdc:150021", value=None), 5),
    ("invalid", cycle(0, 120, quality="invalid") + cycle(60), 60),
    ("a test is none", cycle(0, 120, quality="test") + cycle(60), None),
    ("nobody measured it by hand", word(0, code="sbp", value=None, source="manual") + word(60, code="sbp", source="spot"), None),
    ("a line, a diastolic pressure", word(0, code="sbp", source="arterial") + word(60, code="dbp", source="cuff"), None),
]


def differences(case):
    _, text, at = case
    for before in (ADMITTED, ""):  # a bed without a patient too
        code, out, error = replay(before + text, "--until", stamp(1300))
        assert code == 0, error
        got = [(a["ts"], a["onset"], a["severity"]) for a in (one.get("alert", {}) for one in out)
               if a.get("event") == "raised" and a["rule"] == "CHECK_PATIENT"]
        want = [] if at is None else [(stamp(at), stamp(0), "critical")]
        if got != want:
            return [f"raised {got}, not {want}"]
    return []


if __name__ == "__main__":
    raise SystemExit(run_all(CASES, differences, lambda case: case[0]))
