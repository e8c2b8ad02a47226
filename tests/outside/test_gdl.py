# SPDX-License-Identifier: Apache-2.0
"""Plays published test cases of NEWS2, qSOFA, SIRS and the shock index (tests/data/gdl) through
`vigil replay`."""
import csv
import json
import os
import sys

from replayed import ROOT, assessed, field, line, message, run_all, stamp

DATA = os.path.join(ROOT, "tests", "data", "gdl")
UNITS = {"temp": "Cel", "hr": "/min", "rr": "/min", "spo2": "%", "sbp": "mm[Hg]", "wbc": "10*9/L"}
# Values at the limit, on its side that does not count and on the one that does.
NEAR = {"temp": (38.0, 38.1), "hr": (90, 91), "rr": (20, 21), "wbc": (12.0, 12.1)}
# The clinical risk of NEWS2 and the rule that calls for its response.
RULES = {"low": set(), "low-medium": {"NEWS2_SINGLE3"}, "medium": {"NEWS2_5"}, "high": {"NEWS2_7"}}


def played(values, charted=(), flags=()):
    """Alerts and assessment after these values were measured once."""
    admission = {"ts": stamp(-60), "by": "test", "do": "admit", "patient": "p-1", "product": "car_t", "age": 55,
                 "setting": "inpatient", "flags": list(flags)}
    obs = [{"code": code, "value": value, "unit": UNITS[code], "source": "spot"} for code, value in values.items()]
    text = line(-60, "episode", admission) + message(0, "vitals", 0, [*charted, *obs])
    return assessed(text, 0, "p-1")


def compare(wanted, assessment):
    return [f"{path} is {json.dumps(field(assessment, path))}, not {json.dumps(want)}"
            for path, want in wanted.items() if field(assessment, path) != want]


def news2(row):
    oxygen = {"code": "o2_device", "value": "nasal_cannula", "flow": 2} if row["oxygen"] == "yes" else \
        {"code": "o2_device", "value": "room_air"}
    raised, assessment = played({code: int(row[code]) for code in ("rr", "spo2", "sbp", "hr", "temp")},
                                [{"code": "consciousness", "value": row["acvpu"]}, oxygen],
                                ["scale2"] if row["hypercapnic"] == "yes" else [])
    bad = compare({"news2.score": int(row["score"]), "news2.max_single": int(row["highest_part"]),
                   "news2.complete": True, "news2.missing": []}, assessment)
    told = {rule for rule in raised if rule.startswith("NEWS2_")}
    return bad + ([] if told == RULES[row["risk"]] else [f"risk {row['risk']}, raised {sorted(told)}"])


def qsofa(row):
    _, assessment = played({"rr": 22 if row["rr_22"] == "yes" else 21, "sbp": 100 if row["sbp_100"] == "yes" else 101},
                           [{"code": "consciousness", "value": "C" if row["altered"] == "yes" else "A"}])
    return compare({"qsofa.score": int(row["score"])}, assessment)


def sirs(row):
    met = {code: row[code] == "yes" for code in NEAR}
    _, assessment = played({code: NEAR[code][met[code]] for code in NEAR})
    return compare({"sirs.count": int(row["count"]), "sirs.count_excl_wbc": int(row["count"]) - met["wbc"]}, assessment)


def shock_index(row):
    _, assessment = played({"hr": int(row["hr"]), "sbp": int(row["sbp"])})
    value = field(assessment, "shock_index.value")
    good = isinstance(value, (int, float)) and f"{value:.2f}" == row["index"]
    return [] if good else [f"shock_index.value is {value}, not {row['index']}"]


def main():
    cases = []
    for check in (news2, qsofa, sirs, shock_index):
        path = os.path.join(DATA, f"{check.__name__}.tsv")
        cases += [(check, row) for row in csv.DictReader(open(path, encoding="utf-8"), delimiter="\t")]
    return run_all(cases, lambda case: case[0](case[1]), lambda case: f"{case[0].__name__}: {case[1]['case']}")


if __name__ == "__main__":
    sys.exit(main())
