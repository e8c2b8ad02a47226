# SPDX-License-Identifier: Apache-2.0
"""Who is called, and who is not, when alerts, claims and orders meet: a small protocol, replayed."""
import json
import os
import subprocess
import tempfile

from place import run
from replayed import VIGIL, stamp

PROTOCOL = """
protocol: small
version: "1"
products: [car_t]
title: {en: "Few rules, for tests"}
rules:
  - id: HOT
    class: fever_infection
    severity: critical
    when: temp >= 39.0 Cel
    clear: temp < 38.0 Cel for 5m
    latch: yes
    ladder: critical
    text: {en: "Temperature $temp"}
    source: "test"
  - id: LOW
    class: haemodynamic
    severity: urgent
    when: map < 60 mm[Hg]
    clear: map >= 60 mm[Hg]
    escalate: map < 50 mm[Hg]
    escalated: critical
    latch: yes
    ladder: urgent
    text: {en: "Mean pressure $map"}
    source: "test"
  - id: FAST
    class: haemodynamic
    severity: urgent
    when: hr > 120 /min
    clear: hr <= 120 /min
    ladder: urgent
    text: {en: "Heart rate $hr"}
    source: "test"
ladders:
  critical:
    hold: 10m
    steps:
      - {offer: [bedside-nurse], wait: 2m}
      - {offer: [charge-nurse, on-call-physician], wait: 2m}
    fallback: {offer: [rapid-response, charge-nurse], repeat: 1m}
  urgent:
    hold: 30m
    steps:
      - {offer: [bedside-nurse], wait: 10m}
    fallback: {offer: [charge-nurse, on-call-physician], repeat: 10m}
"""
UNITS = {"temp": "Cel", "map": "mm[Hg]", "hr": "/min"}
BED = "vigil/v1/beds/w/1/"


def item(at, topic, payload):
    return {"at": stamp(at), "topic": topic, "payload": payload}


def admitted():
    return item(0, BED + "episode", {"ts": stamp(0), "by": "t", "do": "admit", "patient": "p-1", "product": "car_t",
                                     "age": 50})


def reading(at, measured=None, **values):
    obs = [{"code": c, "value": v, "unit": UNITS[c], "source": "spot"} for c, v in values.items()]
    return item(at, BED + "vitals", {"gateway": "g", "ts": stamp(at if measured is None else measured), "obs": obs})


def flag(at, name, **more):
    obs = [{"code": "flag", "value": name, "on": True, "by": "dr:wu", **more}]
    return item(at, BED + "assessment", {"gateway": "g", "ts": stamp(at), "obs": obs})


def ask(at, do, alert=None, by="nurse:li", **more):
    named = {"alert": alert} if alert else {"bed": "1"}
    return item(at, "vigil/v1/wards/w/commands/tab", {"id": f"{at}-{do}", "by": by, "do": do, **named, **more})


def replayed(lines, until):
    with tempfile.TemporaryDirectory() as folder:
        protocol = os.path.join(folder, "small.yaml")
        with open(protocol, "w") as file:
            file.write(PROTOCOL)
        done = subprocess.run([VIGIL, "replay", "--pages", "--protocol", protocol, "--until", stamp(until)],
                              input="".join(json.dumps(one) + "\n" for one in lines), capture_output=True, text=True,
                              timeout=60)
    assert done.returncode == 0, done.stderr
    return [json.loads(one) for one in done.stdout.splitlines()]


def id_of(rule, lines, until):
    return next(one["alert"]["id"] for one in replayed(lines, until) if one.get("alert", {}).get("rule") == rule)


def called(out, alert, since=0):
    return [one["page"]["role"] for one in out
            if "page" in one and one["page"]["alert"] == alert and one["page"]["kind"] == "call" and one["at"] >= stamp(since)]


def results(out):
    return [one["result"]["result"] for one in out if "result" in one]


def test_comfort_care_that_ends_by_itself_calls_for_what_still_holds():
    lines = [admitted(), reading(10, temp=37.0), flag(60, "comfort_care", until=stamp(1800)), reading(600, temp=39.6)]
    hot = id_of("HOT", lines, 600)
    assert called(replayed(lines, 1799), hot) == []
    assert called(replayed(lines, 1800), hot) == ["bedside-nurse"]


def test_comfort_care_that_no_physician_ordered_is_refused():
    for by, reason in (("nurse:li", "bad_id"), ("adt", "bad_id"), ("nurse:physician", "bad_id"), (None, "field_missing")):
        lines = [admitted(), reading(10, temp=37.0), flag(60, "comfort_care", by=by), reading(600, temp=39.6)]
        hot = id_of("HOT", lines, 600)
        out = replayed(lines, 600)
        assert [one["rejected"]["reason"] for one in out if "rejected" in one] == [reason], by
        assert called(out, hot) == ["bedside-nurse"], by


def test_what_the_bedside_nurse_has_seen_the_charge_nurse_has_not():
    lines = [admitted(), reading(10, temp=37.0), reading(600, temp=39.6)]
    hot = id_of("HOT", lines, 600)
    lines += [ask(610, "acknowledge", hot), ask(725, "silence", hot, by="display:a")]
    out = replayed(lines, 840)
    assert sorted(called(out, hot, since=840)) == ["charge-nurse", "rapid-response"]


def test_as_bad_again_is_called_over_an_acknowledgement():
    lines = [admitted(), reading(10, map=80), reading(600, map=45)]
    low = id_of("LOW", lines, 600)
    lines += [ask(605, "acknowledge", low, by="bedside-nurse:li")]
    lines += [reading(at, map=55) for at in (620, 930)] + [reading(960, map=45)]
    out = replayed(lines, 960)
    assert [one["alert"]["event"] for one in out if "alert" in one][-1] == "escalated"
    assert "bedside-nurse" in called(out, low, since=960)


def test_a_shelved_alert_keeps_no_other_from_calling():
    lines = [admitted(), reading(10, hr=80, map=80), reading(600, hr=130)]
    shelve = ask(610, "shelve", id_of("FAST", lines, 600), reason="known", **{"for": "30m"})
    for more in ([shelve, reading(620, map=55)], [reading(605, map=55), shelve]):
        low = id_of("LOW", lines + more, 620)
        assert called(replayed(lines + more, 620), low) == ["bedside-nurse"], more


def test_told_late_and_true_again_it_calls():
    lines = [admitted(), reading(10, temp=37.0), reading(1900, temp=37.0), reading(1910, measured=100, temp=39.5)]
    hot = id_of("HOT", lines, 1910)
    assert called(replayed(lines, 1960), hot) == []
    out = replayed(lines + [reading(1970, temp=39.4)], 1970)
    assert called(out, hot) == ["bedside-nurse"]
    assert [one["alert"]["severity"] for one in out if "alert" in one][-1] == "critical"


def test_the_latest_word_on_a_pause_counts():
    lines = [admitted(), reading(10, temp=37.0), reading(600, temp=39.6)]
    hot = id_of("HOT", lines, 600)
    lines += [ask(610, "pause", by="nurse:a", reason="CT", **{"for": "60m"}),
              ask(620, "pause", by="nurse:b", reason="CT", **{"for": "5m"})]
    assert called(replayed(lines, 919), hot, since=610) == []
    assert called(replayed(lines, 920), hot, since=610) == ["bedside-nurse"]


def test_a_command_said_again_behind_many_receipts_is_still_known():
    lines = [admitted(), reading(10, temp=37.0), ask(600, "pause", reason="CT", **{"for": "5m"})]
    page = {"id": "", "by": "bedside-nurse:li", "do": "received", "page": ""}
    lines += [item(610, "vigil/v1/wards/w/commands/tab", {**page, "id": f"r{i}", "page": f"p{i}"}) for i in range(1100)]
    again = {**ask(600, "pause", reason="CT", **{"for": "5m"}), "at": stamp(800)}
    assert results(replayed(lines + [again], 800))[-1] == "duplicate"


def test_whoever_cannot_take_an_alert_cannot_quiet_or_close_it():
    lines = [admitted(), reading(10, temp=37.0, hr=80), reading(600, temp=39.6, hr=130)]
    hot, fast = id_of("HOT", lines, 600), id_of("FAST", lines, 600)
    lines += [reading(at, temp=37.0, hr=130) for at in (660, 990)]
    for by in ("patient:p", "caregiver:c", "ward:w", "vigil:x"):
        asked = [ask(1000, "reset", hot, by=by), ask(1001, "shelve", fast, by=by, reason="x", **{"for": "5m"}),
                 ask(1002, "pause", by=by, reason="x", **{"for": "5m"}), ask(1003, "accept", fast, by=by)]
        assert results(replayed(lines + asked, 1004)) == ["forbidden"] * 4, by
    assert results(replayed(lines + [ask(1000, "reset", hot)], 1004)) == ["ok"]


def test_a_discharge_over_a_critical_alert_that_nobody_has_seen_is_asked_back():
    lines = [admitted(), reading(10, temp=37.0), reading(600, temp=39.6)]
    hot = id_of("HOT", lines, 600)
    lines += [reading(at, temp=37.0) for at in (660, 990)]
    out_of = {"by": "t", "do": "discharge", "patient": "p-1"}
    leave = [item(1100, BED + "episode", {"ts": stamp(1100), **out_of})]
    refused = lambda out: [one["rejected"]["reason"] for one in out if "rejected" in one]  # noqa: E731
    assert refused(replayed(lines + leave, 1100)) == ["confirm"]
    assert refused(replayed(lines + [ask(1000, "acknowledge", hot)] + leave, 1100)) == []


if __name__ == "__main__":
    run([v for k, v in sorted(globals().items()) if k.startswith("test_")])
