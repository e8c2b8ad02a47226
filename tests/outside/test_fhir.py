# SPDX-License-Identifier: Apache-2.0
"""FHIR R4 against the real daemon: what comes out is valid (published schema, code systems, vital-signs profiles), says
what went in, is found by every way of asking, turns pages under ingest, and a stock client reads it."""
import json
import os
import signal
import sqlite3
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib-python"))
from bundles import as_rows  # noqa: E402
from fhir_ward import BEGIN, HOUR, MINUTE, Ward, cuff, iso, item, ms, node, of, one, series  # noqa: E402
from place import BUILD, now_ms, run, seed, temp, until, vitals  # noqa: E402
from web import Web  # noqa: E402

RANDOM = seed()
LOINC = "http://loinc.org"
VITALS = {"hr": ("/min", 88), "rr": ("/min", 16), "spo2": ("%", 97), "pi": ("%", 1.2), "o2_flow": ("L/min", 2),
          "fio2": ("%", 28), "gcs": ("{score}", 15), "weight": ("kg", 71.5), "height": ("cm", 178)}
LABS = {"wbc": "10*9/L", "anc": "/uL", "alc": "10*9/L", "bands": "%", "hb": "g/dL", "plt": "10*9/L", "crp": "mg/dL",
        "ferritin": "ng/mL", "fibrinogen": "mg/dL", "ast": "U/L", "alt": "U/L", "alp": "U/L", "bili": "mg/dL",
        "bili_direct": "mg/dL", "ldh": "U/L", "creat": "mg/dL", "urea": "mg/dL", "urate": "mg/dL", "k": "mmol/L",
        "na": "mmol/L", "phos": "mg/dL", "mg": "mg/dL", "ca": "mg/dL", "ca_ion": "mmol/L", "albumin": "g/dL",
        "tg": "mg/dL", "glucose": "mg/dL", "ddimer": "ng/mL", "pt": "s", "inr": "{INR}", "aptt": "s",
        "lactate": "mmol/L", "pct": "ng/mL", "il6": "pg/mL", "tryptase": "ng/mL", "igg": "mg/dL", "pao2": "mm[Hg]",
        "paco2": "mm[Hg]", "ph": "[pH]"}


# ---- Everything that can come out

def everything(ward):
    """One of each signal, and every way in which a reading may be odd."""
    at = BEGIN
    ward.say("vitals", *[item(c, v, u) for c, (u, v) in VITALS.items()], temp(36.9), *cuff(121, 72),
             item("map", 88, "mm[Hg]", source="cuff"), ts=at)
    ward.say("labs", *[item(c, 4.2, u) for c, u in LABS.items()], ts=at + 1, device="lab-1")
    ward.say("assessment", {"code": "ice", "value": 9}, ts=at + 2)
    ward.say("vitals", item("temp", 38.4, "Cel", source="spot", method="tympanic"), *cuff(118, 64, "arterial"),
             *cuff(118, 65), ts=at + 3)
    ward.say("vitals", *cuff(119), *cuff(dbp=63, source="arterial"), ts=at + 4)  # two halves, not of one another
    ward.say("vitals", *cuff(120), ts=at + 5)
    ward.say("vitals", *cuff(dbp=67), ts=at + 5, device="mon-13")             # another device's
    ward.say("vitals", *cuff(dbp=66), ts=at + 5)                              # the other half, in a message of its own
    ward.say("vitals", item("hr", 300, "/min"), item("rr", 16, "/min", quality="questionable"),
             item("spo2", 99, "%", quality="invalid"), item("temp", 37.0, "Cel", quality="calibrating"), ts=at + 6)
    ward.say("vitals", item("hr", 77, "/min", quality="test"), ts=at + 7)     # nobody's
    ward.say("labs", item("creat", 100, "umol/L", uln=104, lln=59), ts=at + 8, device="lab-1")
    ward.say("vitals", item("hr", 81, "/min"), item("hr", 82, "/min"), ts=at + 9)  # twins
    for ago in (400_000, 60_000):
        ward.say("vitals", *cuff(80, 50), item("hr", 120, "/min"), ts=now_ms() - ago)
    alert = until(lambda: ward.gateway.events("HYPOTENSION"), what="the alert")[0]
    taken = ward.web.post(f"/api/v1/alerts/{alert['id']}/accept", {"by": "bedside-nurse:li", "rev": alert["rev"]})
    assert taken.json["result"] in ("ok", "stale_view"), taken
    ward.wait()
    until(lambda: ward.daemon.rows("SELECT 1 FROM command"), what="the answer in the store")
    return alert


def test_what_comes_out_is_valid_and_hangs_together():
    with Ward() as ward:
        everything(ward)
        ward.episode({"ts": now_ms() - 1000, "do": "discharge", "confirm": True})
        until(lambda: ward.daemon.rows("SELECT 1 FROM episode WHERE end IS NOT NULL"), what="the discharge")
        ward.episode({"ts": now_ms(), "do": "admit", "product": "nk", "setting": "outpatient"})
        until(lambda: len(ward.daemon.rows("SELECT 1 FROM episode")) == 2, what="the second stay")
        until(lambda: not ward.daemon.rows("SELECT 1 FROM page WHERE NOT settled"), what="pages on their way")
        lines = [ward.web.get("/fhir/" + path).text for path in (
            "metadata", "Patient/p-0042", "Patient?_id=p-0042", "Encounter?patient=p-0042",
            "Observation?patient=p-0042&_count=1000", "Observation?patient=p-0042&_count=3&_sort=-date", "Flag",
            "Flag?patient=p-0042&status=active", "Communication?patient=p-0042&_count=1000", "Nothing", "Flag/nothing",
            "Observation?patient=nobody", "Observation")]
        checked = node("check.mjs", text="\n".join(line.replace("\n", "") for line in lines) + "\n")
        assert checked["faults"] == [], "\n".join(checked["faults"][:20])
        assert checked["count"]["profiles"] > 20 and checked["count"]["units"] > 60, checked
        print(f"  checked: {checked['count']}")
        resources = [e["resource"] for line in lines[2:9] for e in json.loads(line).get("entry", [])]
        assert {r["resourceType"] for r in resources} == {"Patient", "Encounter", "Observation", "Flag", "Communication"}
        references = set(json.dumps(resources).split('"reference": "')[1:])
        for reference in {r.split('"')[0] for r in references}:
            ward.fhir(reference)
        for resource in resources:
            alone = ward.fhir(f"{resource['resourceType']}/{resource['id']}")
            assert alone == resource, (alone, resource)
        ids = [r["id"] for r in json.loads(lines[4])["entry"] for r in [r["resource"]]]
        assert len(ids) == len(set(ids)), "an id stands for two"
        stays = [r for r in resources if r["resourceType"] == "Encounter"]
        assert [(s["status"], s["class"]["code"]) for s in stays] == [("in-progress", "AMB"), ("finished", "IMP")], stays


def test_observations_say_what_was_measured():
    with Ward() as ward:
        alert = everything(ward)
        found = ward.found(f"Observation?patient=p-0042&date=lt{iso(BEGIN + HOUR)}&_count=1000")
        at = {n: [o for o in found if ms(o["effectiveDateTime"]) == BEGIN + n] for n in range(10)}
        for code, (unit, value) in VITALS.items():
            quantity = one(at[0], code)["valueQuantity"]
            assert (quantity["value"], quantity["code"], quantity["unit"]) == (value, unit, unit), (code, quantity)
        assert {"59408-5", "2708-6"} <= {c["code"] for c in one(at[0], "spo2")["code"]["coding"]}
        assert ms(one(at[0], "hr")["issued"]) > BEGIN + HOUR, "issued is when it was received"
        for code, unit in LABS.items():
            lab = one(at[1], code)
            assert (lab["valueQuantity"]["value"], lab["valueQuantity"]["code"]) == (4.2, unit), lab
            assert lab["category"][0]["coding"][0]["code"] == "laboratory" and "interpretation" not in lab, lab
            assert LOINC in [c["system"] for c in lab["code"]["coding"]], lab
        assert one(at[2], "ice")["valueQuantity"]["value"] == 9
        assert one(at[3], "8310-5")["code"]["coding"][1]["code"] == "8333-7", "the ear has a code of its own"
        panels = {o["method"]["coding"][0]["code"]: [c["valueQuantity"]["value"] for c in o["component"]]
                  for o in of(at[3], "85354-9")}
        assert panels == {"cuff": [118, 65], "arterial": [118, 64]}, panels
        for panel, half in zip(of(at[4], "85354-9"), (0, 1)):
            assert "valueQuantity" in panel["component"][half] and "dataAbsentReason" in panel["component"][1 - half], panel
        assert len(at[4]) == 2, at[4]
        halves = sorted((o["device"]["display"], [c.get("valueQuantity", {}).get("value") for c in o["component"]])
                        for o in at[5])
        assert halves == [("mon-12", [120, 66]), ("mon-13", [None, 67])], halves
        for code, reason in (("hr", "error"), ("spo2", "error"), ("temp", "temp-unknown")):
            odd = one(at[6], code)
            assert odd["dataAbsentReason"]["coding"][0]["code"] == reason and "valueQuantity" not in odd, odd
        doubted = one(at[6], "rr")
        assert doubted["valueQuantity"]["value"] == 16 and "questionable" in doubted["note"][0]["text"], doubted
        assert at[7] == [], "a test signal is no observation of the patient"
        [converted] = at[8]
        assert abs(converted["valueQuantity"]["value"] - 100 / 88.42) < 1e-5 and "100 umol/L" in converted["note"][0]["text"]
        limits = converted["referenceRange"][0]
        assert abs(limits["high"]["value"] - 104 / 88.42) < 1e-5 and abs(limits["low"]["value"] - 59 / 88.42) < 1e-5, limits
        twins = of(at[9], "hr")
        assert [t["valueQuantity"]["value"] for t in twins] == [81, 82] and len({t["id"] for t in twins}) == 2, twins
        scores_and_alerts(ward, alert)


def scores_and_alerts(ward, alert):
    scores = ward.found("Observation?patient=p-0042&category=survey&code=urn:vigil:score|news2,crs&_count=1000".replace("|", "%7C"))
    then = [s for s in scores if s["effectiveDateTime"] == alert["raised"]]
    news2 = one(then, "news2")
    assert news2["valueInteger"] >= alert["assessment"]["news2"]["score"], (news2, alert["assessment"])
    assert any("Not a diagnosis" in n["text"] for n in news2["note"]), news2
    assert any("Incomplete" in n["text"] for n in news2["note"]) != alert["assessment"]["news2"]["complete"], news2
    derived = [ward.fhir(d["reference"]) for d in news2["derivedFrom"]]
    evidence = {e["ts"] for e in alert["evidence"] if e["code"] == "sbp"}
    assert evidence <= {d["effectiveDateTime"] for d in of(derived, "85354-9")}, (evidence, derived)
    assert one(then, "crs")["valueInteger"] == alert["assessment"]["crs"]["grade"], then
    flag = ward.fhir("Flag/" + alert["id"])
    assert (flag["status"], flag["code"]["coding"][0]["code"]) == ("active", "HYPOTENSION"), flag
    assert flag["code"]["text"] == alert["text"] and "Not a diagnosis" in flag["text"]["div"], flag
    assert flag["extension"][0]["valueCodeableConcept"]["coding"][0]["code"] == "PH", flag
    assert not ward.found("Communication?patient=p-0041&subject=p-0042"), "what is of two patients is of none"
    told = [c for c in ward.found("Communication?patient=p-0042&_count=1000")
            if c["about"][0]["reference"] == "Flag/" + alert["id"]]
    assert "bedside-nurse" in [c["recipient"][0]["display"] for c in told if c["sender"]["display"] == "vigil"], told
    [answer] = [c for c in told if c["sender"]["display"] == "bedside-nurse:li"]
    assert answer["payload"][0]["contentString"].startswith("accept") and answer["status"] == "completed", answer


def test_scores_over_time():
    """Each change that the daemon knew of is an observation, in every order, page by page."""
    with Ward() as ward:
        for n in range(8):
            ts = now_ms() - (10 - n) * 10_000
            ward.say("vitals", *[item(c, v, u) for c, (u, v) in VITALS.items() if c != "hr"], temp(36.9), *cuff(121, 72),
                     item("hr", 85 + 8 * n, "/min", source="spot"), ts=ts)
            ward.say("assessment", {"code": "consciousness", "value": "A"}, ts=ts + 1)  # makes it be recorded at once
            ward.wait()
        path = f"/api/v1/assessments?patient=p-0042&from={BEGIN}&limit=10000"

        def course():
            rows = ward.web.get(path).json["assessments"]
            return len({row["news2"]["score"] for row in rows}) > 2 and rows
        rows = until(course, what="some changes")
        expected, last = {}, None
        for row in rows:
            known = (row["news2"]["score"], row["news2"]["complete"])
            if known[0] is not None and known != last:
                expected[row["ts"]] = known[0]
            last = known
        found = {o["effectiveDateTime"]: o["valueInteger"] for o in ward.found("Observation?patient=p-0042&code=news2")}
        assert len(expected) > 1 and all(found.get(ts, -1) >= score for ts, score in expected.items()), (expected, found)
        whole, _ = ward.pages("Observation?patient=p-0042&category=survey&_count=1000")
        for order in ("date", "-date"):
            paged, count = ward.pages(f"Observation?patient=p-0042&category=survey&_count=1&_sort={order}")
            assert paged == (whole if order == "date" else whole[::-1]) and count == len(whole), (order, count, len(whole))
        for resource in whole:
            assert ward.fhir("Observation/" + resource["id"]) == resource, resource
        made_of_what_was_latest(ward, of(whole, "news2"))


def made_of_what_was_latest(ward, scores):
    """Each score names an observation of each part, the latest of those at most an hour old, and nothing later than it."""
    rates = {o["effectiveDateTime"]: o["id"] for o in ward.found("Observation?patient=p-0042&code=hr&_count=1000")}
    for score in scores:
        at = score["effectiveDateTime"]
        names = [d["reference"] for d in score["derivedFrom"]]
        derived = [ward.fhir(name) for name in names]
        codes = {c["code"] for d in derived for c in d["code"]["coding"]}
        assert {"hr", "rr", "spo2", "temp", "85354-9"} <= codes and len(names) == len(set(names)), (at, codes, names)
        assert all(d["effectiveDateTime"] <= at for d in derived), (at, derived)
        assert f"Observation/{rates[max(t for t in rates if t <= at)]}" in names, (at, rates, names)


# ---- Ways to ask

def test_searches_find_what_they_ask_for():
    with Ward() as ward:
        series(ward, RANDOM, 20)
        ward.say("labs", item("crp", 1.5, "mg/dL"), ts=BEGIN + 20 * MINUTE, device="lab-1")
        ward.wait()
        times = sorted(ward.sent)
        ask = "Observation?patient=p-0042&_count=1000&"

        def temps(query):
            return [ms(o["effectiveDateTime"]) for o in ward.found(ask + "code=8310-5&" + query)]
        assert temps("") == times and temps("_sort=date") == times and temps("_sort=-date") == times[::-1]
        assert [o["valueQuantity"]["value"] for o in ward.found(ask + "code=8310-5")] == [ward.sent[t] for t in times]
        middle = times[9]
        for query, expected in ((f"date=ge{iso(middle)}", times[9:]), (f"date=gt{iso(middle)}", times[10:]),
                                (f"date=lt{iso(middle)}", times[:9]), (f"date=le{iso(middle)}", times[:10]),
                                (f"date={iso(middle)}", [middle]), (f"date=eq{iso(middle)}", [middle]),
                                (f"date=sa{iso(middle)}", times[10:]), (f"date=eb{iso(middle)}", times[:9]),
                                (f"date=ge{iso(times[3])}&date=lt{iso(times[7])}", times[3:7]),
                                (f"date={iso(BEGIN)[:4]}", times), (f"date=lt{iso(BEGIN)[:4]}", []),
                                (f"date={iso(middle)[:16]}Z", [t for t in times if iso(t)[:16] == iso(middle)[:16]]),
                                (f"date=ge{iso(middle)}&_sort=-date", times[9:][::-1])):
            assert temps(query) == expected, (query, temps(query), expected)
        for query, expected in (("code=8867-4", {"hr"}), ("code=8867-4,8310-5", {"hr", "temp"}), ("code=85354-9", {"bp"}),
                                ("code=8480-6", {"bp"}), (f"code={LOINC}%7C8310-5", {"temp"}), ("code=other%7C8310-5", set()),
                                ("code=8331-1", set()), ("code=14682-9", set()), ("code=nonsense", set()),
                                ("code=urn:vigil:signal%7Ctemp", {"temp"}), ("category=laboratory", {"crp"}),
                                ("category=vital-signs", {"temp", "hr", "bp"}), ("category=vital-signs&code=1988-5", set()),
                                ("category=vital-signs,laboratory&code=1988-5", {"crp"}), ("category=nonsense", set())):
            codes = {o["code"]["coding"][-1]["code"] for o in ward.found(ask + query)}
            assert codes == expected, (query, codes)
        for who in ("Patient/p-0042", f"http://127.0.0.1:{ward.daemon.port}/fhir/Patient/p-0042"):
            assert len(ward.found(f"Observation?subject={who}&code=1988-5")) == 1, who
        [crp] = ward.found(ask + "code=1988-5")
        assert ward.found("Observation?_id=" + crp["id"]) == [crp]
        assert ward.found(f"Observation?_id={crp['id']}&patient=p-1") == []
        assert ward.found("Observation?patient=p-1") == [] and ward.found("Patient?identifier=p-1") == []
        assert ward.found("Patient?identifier=urn:vigil:patient%7Cp-0042") == [ward.fhir("Patient/p-0042")]
        [stay] = ward.found(f"Encounter?patient=p-0042&status=in-progress&date=ge{iso(BEGIN)}")
        assert ward.found("Encounter?patient=p-0042&status=finished") == []
        assert ward.found("Encounter?patient=p-0042&status=finished,in-progress") == [stay] and stay["period"]["start"] == iso(BEGIN - HOUR)
        assert ward.found(f"Encounter?patient=p-0042&date=lt{iso(BEGIN - 2 * HOUR)}") == []


def test_pages_are_stable_while_readings_come():
    with Ward() as ward:
        series(ward, RANDOM, 40)
        for order in ("date", "-date"):
            ask = f"Observation?patient=p-0042&category=vital-signs&_sort={order}&date=lt{iso(now_ms())}"
            whole, _ = ward.pages(ask + "&_count=1000")

            def disturb():
                seen = BEGIN if order == "date" else now_ms() - 1000  # behind what was seen
                ward.say("vitals", temp(36.6), ts=seen + RANDOM.randrange(100))
                ward.wait()
            paged, count = ward.pages(ask + "&_count=7", disturb)
            assert count == -(-len(whole) // 7) and len(whole) == len({o["id"] for o in whole}), (order, count, len(whole))
            assert [o["id"] for o in paged] == [o["id"] for o in whole], f"pages by {order} moved"
        alone, count = ward.pages("Observation?patient=p-0042&code=8310-5&_count=1")
        assert count == len(alone) >= 40, count


def test_a_patient_with_an_odd_name():
    with Ward("A_b..c") as ward:
        series(ward, RANDOM, 2)
        person = "A..ub..dc"
        assert ward.fhir("Patient/" + person)["identifier"][0]["value"] == "A_b..c"
        found = ward.found(f"Observation?patient={person}&code=8310-5")
        assert len(found) == 2 and found[0]["subject"]["reference"] == "Patient/" + person, found
        assert ward.found("Patient?identifier=A_b..c") == [ward.fhir("Patient/" + person)]


def test_a_patient_whom_only_messages_name():
    with Ward() as ward:
        ward.gateway.publish("vigil/v1/beds/onc-7/14/vitals", vitals(0, temp(36.8), ts=BEGIN, patient="p-7", gateway="gw-9"))
        [found] = until(lambda: ward.found("Observation?patient=p-7"), what="the reading")
        assert "encounter" not in found and ward.fhir("Observation/" + found["id"]) == found, found
        assert ward.fhir("Patient/p-7")["active"] is False and ward.found("Encounter?patient=p-7") == []
        ward.gateway.publish("vigil/v1/beds/onc-7/15/vitals", vitals(0, temp(36.8), ts=BEGIN, gateway="gw-9"))
        until(lambda: ward.daemon.rows("SELECT 1 FROM place WHERE bed = '15'"), what="a reading of nobody")
        assert ward.fhir("Observation/" + found["id"]) == found, "nobody's reading is nobody's"
        ward.gateway.publish("vigil/v1/beds/onc-7/14/episode", {"ts": BEGIN - HOUR, "by": "adt", "do": "admit", "patient": "p-7",
                                                                "product": "car_nk", "age": 55})
        [stay] = until(lambda: ward.found("Encounter?patient=p-7"), what="an admission that came late")
        assert ward.fhir("Observation/" + found["id"])["encounter"]["reference"] == "Encounter/" + stay["id"]


def restart(ward, between):
    ward.daemon.signal(signal.SIGTERM)
    between()
    ward.daemon.start()
    ward.web = Web(ward.daemon.port)


def test_sealing_changes_nothing():
    with Ward() as ward:
        for n in range(680):  # more than a bed's chain leaves unlinked
            ward.say("vitals", temp(round(RANDOM.uniform(36, 37.4), 1)), ts=BEGIN + n * 10_000 + RANDOM.randrange(10_000))
        for n in range(3):  # of one instant, in two messages
            at = BEGIN + 10_000 + n
            ward.say("vitals", *cuff(110 + n), ts=at)
            ward.say("vitals", *cuff(dbp=60 + n), item("hr", 80, "/min"), item("hr", 81, "/min"), ts=at)
        ward.wait()
        until(lambda: ward.daemon.rows("SELECT 1 FROM epoch WHERE message = ?", ward.seq), what="the mark")
        ask = "Observation?patient=p-0042&category=vital-signs&_count=1000&_sort="

        def as_if_long_ago():
            with sqlite3.connect(ward.daemon.store) as db:
                as_rows(db)
                db.execute("UPDATE message_row SET received = ? + id * 10000", [BEGIN])
                db.execute("UPDATE meta SET value = (SELECT max(last) FROM segment) WHERE key = 'tail'")

        def seal():
            sealing = [os.path.join(BUILD, "tests/outside/sealing"), ward.daemon.store, "1", "finish"]
            subprocess.run(sealing, check=True, timeout=20)
        restart(ward, as_if_long_ago)
        before = {order: ward.found(ask + order) for order in ("date", "-date")}
        assert len(before["date"]) == 689, len(before["date"])
        restart(ward, seal)
        sealed = ward.daemon.rows("SELECT value FROM meta WHERE key = 'sealed'")[0][0]
        print(f"  sealed up to message {sealed} of {ward.seq}")
        assert sealed > 30, "little was sealed: the test shows nothing"
        for order, resources in before.items():
            assert ward.found(ask + order) == resources, order
        for resource in RANDOM.sample(before["date"], 20):
            assert ward.fhir("Observation/" + resource["id"]) == resource, resource


def test_a_stock_client_reads_two_pages():
    with Ward() as ward:
        series(ward, RANDOM, 10)
        seen = node("client.mjs", f"http://127.0.0.1:{ward.daemon.port}/fhir", "p-0042", "20")
        assert seen["version"] == "4.0.1" and seen["person"]["id"] == "p-0042", seen
        assert [len(p) for p in seen["pages"]] == [20, 10], [len(p) for p in seen["pages"]]
        values = {ms(o["effectiveDateTime"]): o["valueQuantity"]["value"] for p in seen["pages"] for o in of(p, "8310-5")}
        assert values == ward.sent, (values, ward.sent)
        assert seen["stays"] == 1 and seen["outcome"] == {"status": 404, "type": "OperationOutcome"}, seen


if __name__ == "__main__":
    run([test_what_comes_out_is_valid_and_hangs_together, test_observations_say_what_was_measured,
         test_scores_over_time, test_searches_find_what_they_ask_for, test_pages_are_stable_while_readings_come,
         test_a_patient_with_an_odd_name, test_a_patient_whom_only_messages_name, test_sealing_changes_nothing,
         test_a_stock_client_reads_two_pages])
