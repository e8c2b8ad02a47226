# SPDX-License-Identifier: Apache-2.0
"""Threats of SECURITY.md that no other test is about: what looks like SQL or like a path does nothing anywhere, a counter
that jumps blinds nobody, and a day that is played again is nothing new."""
import json
import os
import sqlite3
import subprocess
import sys
import urllib.parse

from place import BUILD, ROOT, Place, now_ms, run, seed, temp, until, vitals

sys.path.insert(0, os.path.join(ROOT, "tests", "lib-python"))
from web import Web  # noqa: E402

BED = "vigil/v1/beds/onc-7/"
SQL = ["' OR '1'='1", "'; DROP TABLE audit;--", "\" OR 1=1--", "1); DELETE FROM alert;--", "x' UNION SELECT body FROM audit--", "%' OR 1 LIKE '%",
       "p-1' AND (SELECT load_extension('x'))--", "\\'; ATTACH DATABASE '/tmp/x' AS x;--", "p-1\u02bc OR 1=1", "*", "a\tb", "1e999", "-1"]
PATHS = ["../../../../etc/passwd", "..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/%2e%2e/etc/passwd", "..%252f..%252fetc%252fpasswd", "....//....//etc/passwd",
         "%5c..%5c..%5cetc%5cpasswd", "/etc/passwd", "app.js/../../../../etc/passwd", "app.js%00.html", "..;/etc/passwd", "%c0%ae%c0%ae/etc/passwd", "file:///etc/passwd"]
rng = seed()


def state(place):
    """All tables as they are made, and what must not change by asking."""
    with sqlite3.connect(f"file:{place.daemon.store}?mode=ro", uri=True, timeout=10) as db:
        assert db.execute("PRAGMA quick_check").fetchone() == ("ok",)
        return db.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall(), db.execute(
            "SELECT (SELECT count(*) FROM alert), (SELECT count(*) FROM audit), (SELECT count(*) FROM message_row)"
            " + (SELECT ifnull(sum(last - id + 1), 0) FROM bundle)").fetchall()


def alarmed():
    """A daemon with a patient and an alert of theirs."""
    place = Place()
    client = place.client("gw", "vigil/v1/wards/#", "vigil/v1/gateways/#")
    client.publish(BED + "1/vitals", vitals(1, temp(38.6), patient="p-1"))
    until(client.events, what="the alert")
    until(lambda: place.daemon.rows("SELECT count(*) FROM alert")[0][0], what="the alert in the store")
    until(lambda: [m for m in client.messages("/committed") if m["upto"] == 1], what="the mark")
    return place, client


PARAMETERS = {
    "/api/v1/readings": ("patient", "code", "from", "to", "step", "format", "limit", "after"), "/api/v1/episodes": ("patient", "from", "to", "limit", "after"),
    "/api/v1/alerts": ("state", "ward", "patient", "from", "to", "limit", "after"), "/api/v1/assessments": ("patient", "from", "to", "limit", "after"),
    "/api/v1/charted": ("patient", "from", "to"), "/api/v1/stream": ("ward",), "/fhir/Patient": ("_id", "identifier"),
    "/fhir/Observation": ("patient", "subject", "code", "category", "date", "_id", "_sort", "_count", "_cursor", "encounter"),
    "/fhir/Encounter": ("patient", "_id", "date", "status"), "/fhir/Flag": ("patient", "status", "date", "_id"), "/fhir/Communication": ("subject", "sent", "_id")}


def rows_of(answer):
    """How many things an answer holds."""
    if answer.status != 200 or "json" not in answer.type:
        return 0
    return sum(len(v) for k, v in answer.json.items() if isinstance(v, list) and k != "link")


def test_what_looks_like_sql_is_a_text_like_any_other():
    place, client = alarmed()
    with place:
        web, before = Web(place.daemon.port), state(place)
        count = 0
        for path, names in PARAMETERS.items():
            for name in names:
                for text in SQL:
                    words = {name: text} if name in ("patient", "subject", "_id", "identifier") else {"patient": "p-1", name: text}
                    if path == "/api/v1/stream":
                        words = {name: text}
                    answer = web.get(f"{path}?{urllib.parse.urlencode(words)}")
                    count += 1
                    assert answer.status in (200, 400, 404), (path, name, text, answer)
                    if answer.status == 200 and name in ("patient", "subject", "_id", "identifier"):
                        assert rows_of(answer) == 0, (path, name, text, answer)
        for text in SQL:
            part = urllib.parse.quote(text, safe="")
            for path in (f"/api/v1/alerts/{part}", f"/api/v1/episodes/{part}", f"/api/v1/wards/{part}/beds", f"/fhir/Patient/{part}", f"/fhir/{part}"):
                assert web.get(path).status in (200, 400, 404), path
                count += 1
            web.post(f"/api/v1/alerts/{part}/note", {"by": f"nurse:{text}", "reason": text})
        after = state(place)
        assert after[0] == before[0] and after[1][0][0] == before[1][0][0] and after[1][0][2] == before[1][0][2], (before[1], after[1])
        for text in SQL:
            for field in ("patient", "gateway", "epoch", "device"):
                client.publish(BED + "1/vitals", {**vitals(2, temp(37.0)), field: text})
            for field in ("code", "unit", "source", "method", "quality"):
                client.publish(BED + "1/vitals", vitals(0, {**temp(37.0), field: text}))
            client.publish(BED + "2/therapy", vitals(0, {"code": "medication", "value": text}))
            client.publish("vigil/v1/wards/onc-7/commands/cli", {"id": text, "by": f"nurse:{text}", "do": "note", "alert": text, "reason": text})
        done = now_ms()
        client.publish(BED + "3/vitals", vitals(9, temp(36.5), ts=done))
        until(lambda: place.daemon.rows("SELECT count(*) FROM message WHERE measured = ?", done)[0][0], what="the last one")
        assert state(place)[0] == before[0], "the tables are as they were made"
        assert not os.path.exists("/tmp/x") or time_of("/tmp/x") < done, "nothing was attached"
        print(f"  {count} questions, {12 * len(SQL)} messages")


def time_of(path):
    return os.stat(path).st_mtime * 1000


def test_no_path_leads_to_a_file():
    place, _ = alarmed()
    with place:
        web = Web(place.daemon.port)
        for text in PATHS:
            for before in ("/", "/api/v1/", "/api/v1/episodes/", "/fhir/Patient/", "/app.js/../"):
                back = web.raw(f"GET {before}{text} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
                assert b"root:" not in back and b"daemon:x" not in back, (before, text)
                status = int(back.split(b" ")[1]) if back else 0
                assert status in (0, 400, 404), (before, text, back[:200])


def test_a_counter_that_jumps_blinds_nobody():
    """Once 2^53 - 1, as a fault or on purpose: what comes with honest numbers is taken, and marked."""
    place, client = alarmed()
    with place:
        client.publish(BED + "1/vitals", vitals((1 << 53) - 1, temp(37.1), ts=now_ms() - 5))
        client.publish(BED + "1/vitals", vitals(1 << 53, temp(37.1)))
        client.publish(BED + "1/vitals", vitals(1 << 60, temp(37.1)))
        for seq in range(2, 6):
            client.publish(BED + "1/vitals", vitals(seq, temp(37.0 + seq / 10), ts=now_ms() + seq))
        until(lambda: [m for m in client.messages("/committed") if m["upto"] == 5], what="the mark of the honest ones")
        assert place.daemon.rows("SELECT count(*) FROM message")[0][0] >= 6
        client.publish(BED + "2/vitals", vitals(1, {"code": "spo2", "value": 71, "unit": "%", "source": "spot"}, gateway="gw-2"))
        client.publish(BED + "1/vitals", vitals(6, {"code": "spo2", "value": 71, "unit": "%", "source": "spot"}))
        until(lambda: {e["bed"] for e in client.events("SPO2_LOW") + client.events("SPO2_CRITICAL") + client.events()} >= {"1", "2"},
              what="alerts of both beds")


def test_a_day_played_again_is_nothing_new():
    place, client = alarmed()
    with place:
        begin, day = now_ms(), []
        for seq in range(2, 302):
            value = 71 if 150 <= seq < 160 else 96
            day.append(vitals(seq, {"code": "spo2", "value": value, "unit": "%", "source": "spot"}, ts=begin - (302 - seq) * 1000, patient="p-1"))
        for message in day:
            client.publish(BED + "1/vitals", message, wait=False)
        until(lambda: [m for m in client.messages("/committed") if m["upto"] == 301], what="the day")
        stored, told = state(place)[1][0], len(client.events())
        order = list(range(len(day)))
        for turn in range(2):
            for n in order:
                client.publish(BED + "1/vitals", json.dumps(day[n]), wait=False)
            rng.shuffle(order)
        client.publish(BED + "1/vitals", vitals(302, {"code": "spo2", "value": 96, "unit": "%", "source": "spot"}, ts=now_ms(), patient="p-1"))
        until(lambda: [m for m in client.messages("/committed") if m["upto"] == 302], what="what came after it")
        after = state(place)[1][0]
        assert after[2] == stored[2] + 1, f"{stored} became {after}"
        assert after[0] == stored[0] and {e["event"] for e in client.events()[told:]} <= {"clearing", "ended", "closed", "eased", "offered"}, client.events()[told:]


def replay(lines):
    done = subprocess.run([os.path.join(BUILD, "vigil"), "replay", "--protocol", os.path.join(ROOT, "config", "protocols")],
                          input="\n".join(json.dumps(line) for line in lines) + "\n", capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return [json.loads(line).get("alert", {}) for line in done.stdout.splitlines()]


def instant(second):
    return f"2026-01-01T00:{second // 60:02d}:{second % 60:02d}.000Z"


def reading(second, device, **values):
    units = {"hr": "/min", "spo2": "%", "sbp": "mm[Hg]"}
    return {"at": instant(second), "topic": BED + "1/vitals", "payload": {
        "gateway": "gw-" + device, "ts": instant(second), "device": device,
        "obs": [{"code": code, "value": value, "unit": units[code], "source": "arterial" if code == "sbp" else "continuous"}
                for code, value in values.items()]}}


def rules_of(*devices):
    """What is raised when these send by turns."""
    return {a.get("rule"): a for a in replay(sorted((line for device in devices for line in device), key=lambda line: line["at"]))
            if a.get("event") == "raised"}


def test_a_second_monitor_that_says_all_is_well_is_noticed():
    """That two devices disagree calls, as critical."""
    real = [reading(s, "mon-1", hr=150, spo2=78) for s in range(0, 300, 2)]
    forged = [reading(s, "mon-2", hr=70, spo2=97) for s in range(1, 300, 2)]
    both = rules_of(real, forged)
    assert both["WRONG_PATIENT"]["severity"] == "critical", set(both)
    assert "WRONG_PATIENT" not in rules_of(real), "one device cannot disagree"


def test_a_second_monitor_silences_nothing():
    """Nor where they differ by little, or in oxygen saturation alone, of which nothing is said: what one device says is
    counted as if it were alone."""
    for rule, code, bad, good in (("HYPOXIA_SEVERE", "spo2", 78, 97), ("HYPOXIA", "spo2", 88, 97), ("HYPOTENSION", "sbp", 60, 90)):
        real = [reading(s, "mon-1", **{code: bad}) for s in range(0, 300, 2)]
        forged = [reading(s, "mon-2", **{code: good}) for s in range(1, 300, 2)]
        assert rule in rules_of(real), rule
        assert rule in rules_of(real, forged), f"{rule}: {good} between {bad}"
        well = [reading(s, "mon-1", **{code: good}) for s in range(0, 300, 2)]
        assert not rules_of(well, forged), f"{rule}: both are well"


run([v for k, v in list(globals().items()) if k.startswith("test_")])
