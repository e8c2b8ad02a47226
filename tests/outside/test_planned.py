# SPDX-License-Identifier: Apache-2.0
"""An infusion that is planned, and whose start nobody charts: it is watched for reactions, CRS and ICANS from the planned
time on (clinical reference 0.3: the plan serves until a start arrives), and somebody is told that the start is missing."""
from place import run
from replayed import assessed, line, message, replay, stamp

M, H, D = 60, 3600, 86400


def plan(at, planned, do="update", **more):
    return line(at, "episode", {"ts": stamp(at), "by": "adt", "do": do, "patient": "p-1", "infusion_planned": stamp(planned), **more})


def admitted(planned=0):
    return plan(-H, planned, do="admit", product="car_t", age=55, baseline={"sbp": 125, "temp": 36.6})


def charted(at, code, value, kind="assessment"):
    return message(at, kind, at, [{"code": code, "value": value}])


def fever(at):
    return message(at, "vitals", at, [{"code": "temp", "value": 38.6, "unit": "Cel", "source": "spot", "method": "oral"}])


def low(at):
    return message(at, "vitals", at, [{"code": "sbp", "value": 82, "unit": "mm[Hg]", "source": "cuff"}])


def test_the_plan_serves_until_a_start_arrives():
    raised, _ = assessed(admitted() + charted(15 * M, "symptom", "urticaria"), 15 * M)
    assert "IRR_SUSPECTED" in raised
    raised, _ = assessed(admitted() + low(15 * M), 15 * M)
    assert "HYPOTENSION" in raised and "IRR_SUSPECTED" in raised, "near an infusion one value is enough"
    raised, found = assessed(admitted() + charted(5 * H - 1, "ice", 6) + fever(5 * H), 5 * H)
    assert found["crs"]["grade"] == 1 and found["icans"]["grade"] == 2, found
    raised, found = assessed(admitted() + charted(-M, "ice", 6) + fever(-M), 0 - 1)
    assert found["crs"]["grade"] == 0 and found["icans"]["grade"] is None and "IRR_SUSPECTED" not in raised, "not before it"
    _, found = assessed(admitted() + charted(-M, "ice", 6), 0)
    assert found["icans"]["grade"] == 0, "an ICE before it is the baseline; graded by time alone"


def test_a_later_infusion_too():
    first = charted(0, "infusion", "start", "therapy") + charted(30 * M, "infusion", "end", "therapy")
    lines = admitted() + first + plan(D, 7 * D)
    assert "IRR_SUSPECTED" not in assessed(lines + charted(7 * D - M, "symptom", "urticaria"), 7 * D)[0]
    assert "IRR_SUSPECTED" in assessed(lines + charted(7 * D + M, "symptom", "urticaria"), 7 * D + M)[0]
    assert assessed(lines + fever(36 * D), 36 * D)[1]["crs"]["grade"] == 1, "30 d from the last"


def test_what_was_seen_before_the_start_was_charted_is_of_the_same_reaction():
    lines = admitted() + low(5 * M) + charted(10 * M, "infusion", "start", "therapy") + charted(12 * M, "symptom", "urticaria")
    assert "ANAPHYLAXIS_SUSPECTED" in assessed(lines, 12 * M)[0]


def test_somebody_is_told():
    rule = "INFUSION_NOT_CHARTED"
    given_up = line(10 * M, "episode", {"ts": stamp(10 * M), "by": "adt", "do": "update", "patient": "p-1", "infusion_planned": False})
    assert rule not in assessed(admitted() + given_up, 2 * H)[0]
    assert "IRR_SUSPECTED" not in assessed(admitted() + given_up + charted(15 * M, "symptom", "urticaria"), 15 * M)[0]
    assert rule not in assessed(admitted(), 30 * M - 1)[0]
    assert rule in assessed(admitted(), 30 * M)[0]
    assert rule not in assessed(admitted() + charted(10 * M, "infusion", "start", "therapy"), 2 * H)[0]
    put_off = admitted() + plan(-M, D)
    assert rule not in assessed(put_off, 2 * H)[0] and rule in assessed(put_off, D + 30 * M)[0]
    raised, found = assessed(put_off + fever(H), H)
    assert found["crs"]["grade"] == 0 and "FEVER_CONFIRMED" in raised, "put off: no infusion yet"


def test_a_plan_that_is_given_up():
    def given_up(at):
        return line(at, "episode", {"ts": stamp(at), "by": "adt", "do": "update", "patient": "p-1", "infusion_planned": False})

    rule = "INFUSION_NOT_CHARTED"
    assert rule not in assessed(admitted() + given_up(10 * M), 2 * H)[0]
    assert "IRR_SUSPECTED" not in assessed(admitted() + given_up(10 * M) + charted(15 * M, "symptom", "urticaria"), 15 * M)[0]
    _, lines, _ = replay(admitted() + given_up(H), "--until", stamp(2 * H))
    assert [a["alert"]["event"] for a in lines if a.get("alert", {}).get("rule") == rule][-1] == "ended"


if __name__ == "__main__":
    run([test for name, test in list(globals().items()) if name.startswith("test_")])
