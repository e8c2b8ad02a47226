# SPDX-License-Identifier: Apache-2.0
"""What a replay can say beside its alerts (--assess=each, --summary, --explain), and `vigil explain`."""
import json
import os
import shutil
import subprocess
import tempfile

from place import Place, now_ms, run, until, vitals
from place import temp as spot
from replayed import ROOT, VIGIL, line, message, replay, stamp

HOUR = 3600
DAY = 24 * HOUR


def vital(code, value, unit, source="spot"):
    return {"code": code, "value": value, "unit": unit, "source": source}


def temp(value):
    return vital("temp", value, "Cel")


def sbp(value):
    return vital("sbp", value, "mm[Hg]", "cuff")


def admit(at, patient, bed):
    return line(at, "episode", {"ts": stamp(at), "by": "test", "do": "admit", "patient": patient, "product": "car_t",
                                "age": 55}, bed)


def started(at, bed):
    return message(at, "therapy", at, [{"code": "infusion", "value": "start"}], bed)


def each(text, *words):
    code, lines, error = replay(text, "--assess=each", *words)
    assert code == 0, error
    return [(one["at"], one["assess"]) for one in lines if "assess" in one]


def test_a_line_follows_what_changed_an_assessment_and_nothing_else():
    text = (admit(-60, "p-1", "1") + admit(-60, "p-2", "2")
            + message(0, "vitals", 0, [temp(37.0)], "1")
            + message(60, "vitals", 60, [temp(37.0)], "1")      # the same again
            + line(120, "vitals", {"gateway": "gw-1", "obs": []}, "1")  # refused
            + json.dumps({"at": stamp(130)}) + "\n"
            + message(180, "vitals", 180, [temp(39.2)], "1")
            + message(240, "vitals", 240, [temp(37.0)], "2"))
    got = each(text)
    assert [(at, a["bed"]) for at, a in got[2:-2]] == [(stamp(0), "1"), (stamp(180), "1"), (stamp(240), "2")], got
    assert [at for at, _ in got[:2]] == [stamp(-60)] * 2  # admitted: from unknown to "not computable"
    assert [a["bed"] for _, a in got[-2:]] == ["1", "2"]  # and the end's
    assert got[3][1]["news2"]["score"] == 2 and got[2][1]["news2"]["score"] == 0
    _, plain, _ = replay(text, "--assess")
    assert [one for one in plain if "assess" in one] == [{"at": at, "assess": a} for at, a in got[-2:]]


def test_each_line_says_what_the_end_would_say_there():
    rows = [admit(0, "p-1", "1"), started(60, "1")]
    for n in range(40):
        at = 600 * n + 120
        rows.append(message(at, "vitals", at, [temp(36.5 + n % 7 * 0.4), sbp(82 + n % 5 * 10)], "1"))
    last = None
    for at, a in each("".join(rows), "--until", stamp(7 * HOUR))[:-1]:
        done = [row for row in rows if json.loads(row)["at"] <= at]
        _, lines, _ = replay("".join(done), "--assess")
        assert lines[-1] == {"at": at, "assess": a}, at
        assert a != last, at
        last = a
    assert last["crs"]["status"] == "met"


def test_a_transfer_tells_of_both_beds():
    text = (admit(0, "p-1", "1") + message(60, "vitals", 60, [temp(39.2)], "1")
            + line(120, "episode", {"ts": stamp(120), "by": "test", "do": "transfer", "patient": "p-1",
                                    "to_ward": "onc-8", "to_bed": "4"}, "1"))
    there = [a for at, a in each(text) if at == stamp(120) and a["bed"] == "4"]
    assert there and there[0]["ward"] == "onc-8" and there[0]["patient"] == "p-1", there
    assert there[0]["news2"]["score"] == 2


def summary(text, *words):
    done = subprocess.run([VIGIL, "replay", "--summary", *words], input=text, capture_output=True, text=True, cwd=ROOT,
                          timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if "--json" in words else done.stdout


def two_patients():
    rows = [(0, admit(0, "p-1", "1")), (0, admit(0, "p-2", "2")), (60, started(60, "1"))]
    for n in range(0, 48, 2):
        at = n * HOUR + 300
        low = n in (30, 32)
        rows.append((at, message(at, "vitals", at, [temp(36.8), sbp(84 if low else 120)], "1")))
        rows.append((at + 1, message(at + 1, "vitals", at + 1, [temp(36.8), sbp(118)], "2")))
    rows.append((47 * HOUR, line(47 * HOUR, "vitals", {"gateway": "gw-1", "ts": stamp(0), "obs": 1}, "2")))
    return "".join(text for _, text in sorted(rows, key=lambda row: row[0]))


def test_the_summary_counts_what_the_lines_say():
    text = two_patients()
    got = summary(text, "--json")
    _, lines, _ = replay(text)
    raised = [one["alert"] for one in lines if one.get("alert", {}).get("event") == "raised"]
    assert got["patients"] == 2 and got["beds_without_patient"] == 0 and got["refused"] == 1, got
    days = (2 * 46 * HOUR + 2 * 300 + 1) / DAY  # from each one's first line to the last
    assert abs(got["patient_days"] - days) < 1e-3, (got["patient_days"], days)
    assert got["all"]["count"] == len(raised) > 0
    for severity, part in got["by_severity"].items():
        assert part["count"] == sum(a["severity"] == severity for a in raised), severity
    for row in got["by_rule"]:
        count = sum(a["rule"] == row["rule"] and a["severity"] == row["severity"] for a in raised)
        assert row["count"] == count and abs(row["per_patient_day"] - count / days) < 1e-3, row
    assert sum(row["count"] for row in got["by_rule"]) == len(raised)
    assert got["technical"]["count"] == sum(a["class"] == "technical" for a in raised)
    called, states = set(), {}
    for one in replay(text, "--pages")[1]:
        if "alert" in one:
            states[one["alert"]["id"]] = one["alert"]
        elif "page" in one and one["page"]["kind"] == "call":
            called.add((one["page"]["alert"], states[one["page"]["alert"]]["severity"]))
    pages = {i for i, severity in called if severity in ("critical", "urgent") and states[i]["class"] != "technical"}
    assert got["paging"]["count"] == len(pages) > 0
    assert sum(stratum["days"] for stratum in got["by_crs"]) == 4
    assert [stratum["paging_goal"] for stratum in got["by_crs"]] == [3, 8, 12, None]


def test_the_summary_for_people():
    text = summary(two_patients())
    assert text.startswith("patients 2, ") and "HYPOTENSION" in text and "goal" in text, text
    assert '"alert"' not in text
    assert summary("").startswith("patients 0, ")
    assert summary("", "--json")["patient_days"] == 0
    assert subprocess.run([VIGIL, "replay", "--summary", "--assess"], cwd=ROOT, stdin=subprocess.DEVNULL,
                          capture_output=True).returncode == 2


def test_the_median_is_over_days_and_an_alert_pages_once():
    rows = admit(0, "p-1", "1")  # day 1: nothing; day 2: hypotension and its company; day 3: nothing
    for n in range(0, 72, 2):
        at = n * HOUR + 60
        rows += message(at, "vitals", at, [sbp(70 if n == 30 else 120)], "1")
    got = summary(rows, "--json")
    stratum = got["by_crs"][0]
    assert got["paging"]["count"] >= 1 and stratum["days"] == 3 and stratum["paging_median"] == 0, got


def test_a_replayed_alert_is_explained():
    words = ["replay", "--explain", "HYPOTENSION"]
    done = subprocess.run([VIGIL, *words], input=two_patients(), capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    for part in ("HYPOTENSION  ", "raised if", "84 mm[Hg]", "the loaded file is the same", "missing", "digest"):
        assert part in done.stdout, (part, done.stdout)
    identity = done.stdout.split()[1]
    again = subprocess.run([VIGIL, "replay", "--explain", identity], input=two_patients(), capture_output=True,
                           text=True, cwd=ROOT)
    assert again.returncode == 0 and again.stdout == done.stdout.split("\n\n")[0].rstrip("\n") + "\n"
    words[2] = "NOSUCH"
    assert subprocess.run([VIGIL, *words], input=two_patients(), capture_output=True, text=True, cwd=ROOT).returncode == 1


def explain(place, *words):
    done = subprocess.run([VIGIL, "explain", "--set", f"store.path={place.daemon.store}", *words], capture_output=True,
                          text=True, cwd=ROOT, timeout=60)
    return done.returncode, done.stdout, done.stderr


def test_a_stored_alert_is_explained_beside_the_daemon_and_after_it():
    with Place() as place:
        ward = place.client("ward", "vigil/v1/wards/+/events")
        gateway = place.client("gw")
        gateway.publish("vigil/v1/beds/onc-7/1/vitals", vitals(1, spot(37.0), ts=now_ms() - 60000))
        gateway.publish("vigil/v1/beds/onc-7/1/vitals", vitals(2, spot(38.7)))
        alert = until(lambda: ward.events("FEVER_CONFIRMED"), what="the alert")[0]
        code, out, err = explain(place, alert["id"])
        assert code == 0, err
        for part in ("38.7", "Cel", "raised if", alert["protocol"]["digest"], "the loaded file is the same", "changes",
                     "rev 1", alert["text"], "missing"):
            assert part in out, (part, out)
        code, out, err = explain(place, alert["id"], "--json")
        got = json.loads(out)
        assert code == 0 and got["alert"]["id"] == alert["id"] and got["same_protocol"] is True, err
        assert got["rule"]["raised_if"] and [c["rev"] for c in got["changes"]][0] == 1
        assert explain(place, "01JD0000000000000000000000")[0] == 1 and explain(place)[0] == 2
        protocols = os.path.join(place.folder, "other")
        shutil.copytree(os.path.join(ROOT, "config", "protocols"), protocols)
        path = os.path.join(protocols, alert["protocol"]["name"] + ".yaml")
        with open(path, "a") as file:
            file.write("\n# changed\n")
        code, out, _ = explain(place, alert["id"], "--set", f"protocols={protocols}")
        assert code == 0 and "the loaded file is another" in out, out
        os.remove(path)
        code, out, _ = explain(place, alert["id"], "--set", f"protocols={protocols}")
        assert code == 0 and "cannot be shown" in out and "38.7" in out, out


def test_windows_are_told_with_what_was_in_them():
    with Place() as place:
        ward = place.client("ward", "vigil/v1/wards/+/events")
        gateway = place.client("gw")
        for n, value in enumerate((138, 140, 145), 1):
            at = now_ms() - (400 - n * 130) * 1000
            gateway.publish("vigil/v1/beds/onc-7/1/vitals", vitals(n, vital("hr", value, "/min"), ts=at))
        alert = until(lambda: ward.events("TACHYCARDIA"), what="the alert")[0]
        code, out, err = explain(place, alert["id"])
        window = [one for one in out.splitlines() if one.startswith("window ")]
        assert code == 0 and any("min(hr, 5m)" in one and "lowest" in one for one in window), out + err


def test_an_update_blanks_nothing_and_asks_anew():
    text = admit(0, "p-1", "1") + message(60, "vitals", 60, [temp(38.4), sbp(96), vital("hr", 110, "/min"), vital(
        "rr", 22, "/min"), vital("spo2", 95, "%")])
    update = line(120, "episode", {"ts": stamp(120), "by": "adt", "do": "update", "patient": "p-1", "age": 56})
    before, after = (replay(t, "--assess")[1][-1]["assess"] for t in (text, text + update))
    assert before == after and after["news2"]["score"] is not None, (before, after)
    base = line(180, "episode", {"ts": stamp(180), "by": "adt", "do": "update", "patient": "p-1", "baseline": {"sbp": 150}})
    raised = [o["alert"]["rule"] for o in replay(text + base)[1]
              if "alert" in o and o["alert"]["event"] == "raised" and o["at"] == stamp(180)]
    assert raised, "a fall of a third below the new baseline"


def test_a_backlog_raises_no_storm():
    """An hour of a gateway's readings that arrives hours later: one by one they are newer, and still overdue."""
    text = admit(-60, "p-1", "1") + "".join(
        message(20000, "vitals", at, [vital("hr", 80 + at % 7, "/min"), temp(36.8)], "1") for at in range(0, 3600, 5))
    code, lines, error = replay(text + json.dumps({"at": stamp(20100)}) + "\n")
    told = [one["alert"]["rule"] for one in lines if "alert" in one and one["alert"]["event"] != "offered"]
    assert code == 0 and told.count("VITALS_OVERDUE") <= 2 and len(told) < 10, (error, told[:20])


def test_support_that_rises_again_calls_again():
    """Without fever no grade tells of it (Clinical reference 1.5). Who has taken the alert is called at each further tier;
    a rise that makes it critical calls once, not twice."""
    def charted(at, **fields):
        return message(at, "therapy", at, [fields], "1")

    def told(text):
        code, lines, error = replay(text, "--until", stamp(2 * DAY + 3000))
        assert code == 0, error
        return [(one["at"], one["alert"]["event"], one["alert"]["id"]) for one in lines
                if "alert" in one and one["alert"]["rule"] == "SUPPORT_RISE"]

    begin = 2 * DAY
    text = (admit(0, "p-1", "1") + started(60, "1") + message(begin, "vitals", begin, [temp(37.0)], "1")
            + charted(begin + 1, code="o2_device", value="nasal_cannula", flow=2)
            + charted(begin + 30, code="o2_device", value="simple_mask", flow=8))
    first = told(text)
    assert [e for at, e, _ in first if at <= stamp(begin + 30)] == ["raised", "escalated"], first
    command = {"id": "c1", "by": "nurse:li", "do": "accept", "alert": first[0][2], "ts": stamp(begin + 60)}
    text += json.dumps({"at": stamp(begin + 60), "topic": "vigil/v1/wards/onc-7/commands/tool", "payload": command}) + "\n"
    text += charted(begin + 600, code="vasopressor", value="norepinephrine")
    text += charted(begin + 1200, code="o2_device", value="cpap")
    again = [at for at, e, _ in told(text) if e == "repeated"]
    assert again == [stamp(begin + 600), stamp(begin + 1200)], told(text)


def test_a_baseline_that_was_computed_is_one_for_rules():
    """The median before the infusion, where no admission names one (Clinical reference 0.5)."""
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "b.yaml")
        with open(file, "w") as out:
            out.write('protocol: b\nversion: "1"\nproducts: [car_t]\ntitle: t\nsigned: []\nrules:\n  - id: LOWER\n    class: haemodynamic\n'
                      "    severity: watch\n    when: sbp < 0.8 * baseline(sbp)\n    text: t\n    source: s\n")
        text = admit(0, "p-1", "1") + "".join(message(HOUR * h, "vitals", HOUR * h, [sbp(v)]) for h, v in ((1, 120), (2, 130), (3, 110)))
        text += started(4 * HOUR, "1") + message(5 * HOUR, "vitals", 5 * HOUR, [sbp(96)]) + message(6 * HOUR, "vitals", 6 * HOUR, [sbp(95)])
        done = subprocess.run([VIGIL, "replay", "--protocol", file], input=text, capture_output=True, text=True, timeout=60)
        raised = [one["at"] for one in map(json.loads, done.stdout.splitlines())
                  if "alert" in one and one["alert"]["rule"] == "LOWER" and one["alert"]["event"] == "raised"]
        assert raised == [stamp(6 * HOUR)], (raised, done.stderr[-500:])


def raised(text, *words):
    code, lines, error = replay(text, *words)
    assert code == 0, error
    return {one["alert"]["rule"] for one in lines if one.get("alert", {}).get("event") == "raised"}


def test_two_sites_at_one_instant():
    """One device, one time, two sites: neither temperature corrects the other (Clinical reference 0.9). As nurses chart
    them, and as a monitor with two probes sends them."""
    oral, axillary = ({**temp(value), "method": method} for value, method in ((38.6, "oral"), (36.9, "axillary")))
    for pair in ([oral, axillary], [axillary, oral]):
        assert "FEVER_CONFIRMED" in raised(admit(0, "p-1", "1") + message(60, "vitals", 60, pair)), pair
    core, patch = ({**temp(value), "source": "continuous", "method": method} for value, method in ((38.9, "core"), (36.4, "axillary")))
    for pair in ([core, patch], [patch, core]):
        text = admit(0, "p-1", "1") + "".join(message(at, "vitals", at, pair) for at in range(60, 661, 60))
        assert "FEVER_CONFIRMED" in raised(text), pair
        late = admit(0, "p-1", "1") + "".join(message(at + 7200, "vitals", at, pair) for at in range(60, 661, 60))
        assert "FEVER_CONFIRMED" in raised(late), pair


def test_the_same_admission_twice_changes_nothing():
    """Not what an update has said since either: an admission system that was away sends them all again."""
    first = {"ts": stamp(0), "by": "adt", "do": "admit", "patient": "p-1", "product": "car_t", "age": 17, "baseline": {"sbp": 100},
             "infusion_planned": stamp(HOUR), "protocol": "nowhere"}
    update = {"ts": stamp(60), "by": "adt", "do": "update", "patient": "p-1", "age": 71, "baseline": {"sbp": 170},
              "infusion_planned": stamp(2 * DAY), "protocol": "car-t"}
    told = line(0, "episode", first) + line(60, "episode", update)
    rest = message(600, "vitals", 600, [temp(36.8), sbp(118), vital("hr", 88, "/min")]) + json.dumps({"at": stamp(4 * HOUR)}) + "\n"
    _, once, _ = replay(told + rest, "--assess")
    for again in (first, {**first, "gateway": "adt", "epoch": "e2", "seq": 7}):
        _, twice, _ = replay(told + line(120, "episode", again) + rest, "--assess")
        assert once == twice, [one for one in twice if one not in once][:3]
    _, other, _ = replay(told + line(120, "episode", {**first, "age": 18}) + rest, "--assess")
    assert other != once, "another admission is another word"


def test_numbers_count_as_the_daemon_counts_them():
    """What was given up and comes all the same counts; a counter that began again in its epoch is told; and without a
    number a repeat is known by its content, of which what is refused is answered each time."""
    def numbered(at, seq, measured, value, **more):
        return line(at, "vitals", {"gateway": "gw-1", "epoch": "e1", "seq": seq, "ts": stamp(measured), "obs": [temp(value)], **more})

    status = json.dumps({"at": stamp(2), "topic": "vigil/v1/gateways/gw-1/status",
                         "payload": {"state": "online", "epoch": "e1", "from": 10, "seq": 5}}) + "\n"
    text = numbered(0, 1, 0, 36.8) + status + numbered(3, 10, 3, 36.8) + numbered(5, 5, 1, 38.6)
    assert "FEVER_CONFIRMED" in raised(text)
    up = json.dumps({"at": stamp(2), "topic": "vigil/v1/gateways/gw-1/status", "payload": {"state": "up", "epoch": "e1", "seq": 5}}) + "\n"
    _, lines, _ = replay(numbered(0, 1, 0, 36.8) + up + numbered(5, 5, 1, 38.6))
    assert [one["rejected"]["reason"] for one in lines if "rejected" in one] == ["code_unknown"], lines[:2]
    many = "".join(numbered(n, n, n, 36.8) for n in range(1, 301))
    _, lines, _ = replay(many + numbered(301, 2, 2, 36.8) + numbered(400, 3, 400, 39.9))
    assert [(one["rejected"]["seq"], one["rejected"]["reason"]) for one in lines if "rejected" in one] == [(3, "seq_reused")]
    bad = message(10, "vitals", 10, [temp(36.9), {"code": "mood", "value": 1}])
    _, lines, _ = replay(bad + bad.replace(stamp(10), stamp(20), 1))
    assert [one["rejected"]["reason"] for one in lines if "rejected" in one] == ["code_unknown"] * 2
    _, lines, _ = replay(admit(0, "p-1", "1") + "".join(
        line(at, "vitals", {"gateway": "gw-1", "ts": stamp(10), "patient": "p-9", "obs": [temp(36.9)]}) for at in (10, 20)))
    assert [one["rejected"]["reason"] for one in lines if "rejected" in one] == ["identity"]


if __name__ == "__main__":
    run([test_two_sites_at_one_instant, test_the_same_admission_twice_changes_nothing, test_numbers_count_as_the_daemon_counts_them,
         test_an_update_blanks_nothing_and_asks_anew, test_a_backlog_raises_no_storm, test_a_line_follows_what_changed_an_assessment_and_nothing_else,
         test_each_line_says_what_the_end_would_say_there, test_a_transfer_tells_of_both_beds,
         test_the_summary_counts_what_the_lines_say, test_the_summary_for_people,
         test_the_median_is_over_days_and_an_alert_pages_once, test_a_replayed_alert_is_explained,
         test_a_stored_alert_is_explained_beside_the_daemon_and_after_it, test_windows_are_told_with_what_was_in_them,
         test_support_that_rises_again_calls_again, test_a_baseline_that_was_computed_is_one_for_rules])
