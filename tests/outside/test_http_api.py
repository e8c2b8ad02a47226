# SPDX-License-Identifier: Apache-2.0
"""The HTTP API of config/openapi.yaml against the real daemon: every path of that file is asked, and what
comes back is checked against what it promises; then what the answers say."""
import csv
import io
import json
import os
import subprocess
import sys

import jsonschema
import yaml

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib-python"))
from place import BUILD, Place, ROOT, now_ms, run, seed, temp, until, vitals  # noqa: E402
from web import Stream, Web  # noqa: E402

BED = "vigil/v1/beds/onc-7/12"
MINUTE, HOUR = 60_000, 3_600_000
RANDOM = seed()
BEGIN = now_ms() // HOUR * HOUR - 3 * HOUR  # of the readings that are asked for by steps


def cuff(value):
    return {"code": "sbp", "value": value, "unit": "mm[Hg]", "source": "cuff"}


def glucose(value):
    return {"code": "glucose", "value": value, "unit": "mmol/L"}


class Ward(Place):
    """A patient with some history and an open critical alert; a client at the broker."""

    def __enter__(self):
        super().__enter__()
        self.web = Web(self.daemon.port)
        self.gateway = self.client("gw", "vigil/v1/wards/+/events", "vigil/v1/gateways/+/committed")
        self.seq = 0
        self.gateway.publish(BED + "/episode", {"ts": BEGIN - HOUR, "by": "adt", "do": "admit", "patient": "p-0042",
                                                "product": "car_nk", "age": 55})
        self.temps = [(BEGIN + n * 2 * MINUTE + RANDOM.randrange(MINUTE), round(RANDOM.uniform(36, 37.4), 1))
                      for n in range(30)]
        for ts, value in self.temps:
            self.say("vitals", temp(value), ts=ts)
        self.say("labs", glucose(5.5), ts=BEGIN + HOUR)
        for ago in (400_000, 60_000):
            self.say("vitals", cuff(80), ts=now_ms() - ago)
        self.alert = until(lambda: self.gateway.events("HYPOTENSION"), what="the alert")[0]
        until(lambda: any(m["upto"] == self.seq for m in self.gateway.messages("/committed") if m), what="the commit")
        return self

    def say(self, kind, *obs, **more):
        self.seq += 1
        self.gateway.publish(f"{BED}/{kind}", vitals(self.seq, *obs, **more))

    def bed(self, name="12", ward="onc-7"):
        found = [b for b in self.web.get(f"/api/v1/wards/{ward}/beds").json["beds"] if b["bed"] == name]
        return found[0] if found else None


# ---- The file itself

def inlined(value, doc):
    if isinstance(value, dict) and "$ref" in value:
        target = doc
        for part in value["$ref"].split("/")[1:]:
            target = target[part]
        return inlined(target, doc)
    if isinstance(value, dict):
        return {k: inlined(v, doc) for k, v in value.items()}
    return [inlined(v, doc) for v in value] if isinstance(value, list) else value


def check(doc, operation, answer):
    promised = operation["responses"].get(str(answer.status))
    assert promised, f"{answer} is not promised"
    promised = inlined(promised, doc)
    types = promised.get("content", {})
    assert answer.type in types, f"{answer.type} is not one of {list(types)}"
    schema = types[answer.type].get("schema")
    if schema:
        jsonschema.Draft202012Validator(schema).validate(answer.json)


def test_every_path_of_the_openapi_file():
    doc = yaml.safe_load(open(os.path.join(ROOT, "config", "openapi.yaml")))
    with Ward() as ward:
        episode = ward.web.get("/api/v1/episodes?patient=p-0042").json["episodes"][0]["id"]
        alert = ward.alert["id"]
        good = {
            "/": "/", "/healthz": "/healthz", "/readyz": "/readyz", "/metrics": "/metrics",
            "/api/v1/session": "/api/v1/session", "/api/v1/logout": "/api/v1/logout",
            "/api/v1/openapi.yaml": "/api/v1/openapi.yaml", "/api/v1/wards": "/api/v1/wards",
            "/api/v1/wards/{ward}/beds": "/api/v1/wards/onc-7/beds",
            "/api/v1/wards/{ward}/trends": "/api/v1/wards/onc-7/trends",
            "/api/v1/protocols/{name}/limits": "/api/v1/protocols/car-t/limits",
            "/api/v1/episodes": "/api/v1/episodes?patient=p-0042&limit=1",
            "/api/v1/episodes/{id}": f"/api/v1/episodes/{episode}",
            "/api/v1/readings": "/api/v1/readings?patient=p-0042&code=temp,glucose&from=-1d&to=now&limit=5",
            "/api/v1/assessments": "/api/v1/assessments?patient=p-0042&from=-1d&limit=5",
            "/api/v1/coverage": "/api/v1/coverage?patient=p-0042&code=sbp,temp&from=-1d&limit=5",
            "/api/v1/charted": "/api/v1/charted?patient=p-0042&from=-1d&limit=5",
            "/api/v1/alerts": f"/api/v1/alerts?state=open&ward=onc-7&patient=p-0042&from={BEGIN - HOUR}&limit=1",
            "/api/v1/alerts/{id}": f"/api/v1/alerts/{alert}",
            "/api/v1/alerts/{id}/{do}": f"/api/v1/alerts/{alert}/acknowledge",
            "/api/v1/beds/{ward}/{bed}/{kind}": "/api/v1/beds/onc-7/12/assessment",
            "/fhir/metadata": "/fhir/metadata", "/fhir/{type}/{id}": "/fhir/Patient/p-0042",
            "/fhir/{type}": "/fhir/Observation?patient=p-0042&category=vital-signs&_sort=-date&_count=5",
        }
        bad = {
            "/api/v1/wards/{ward}/beds": (404, "/api/v1/wards/nowhere/beds"),
            "/api/v1/wards/{ward}/trends": (400, "/api/v1/wards/onc-7/trends?step=5m"),
            "/api/v1/protocols/{name}/limits": (404, "/api/v1/protocols/none/limits"),
            "/api/v1/login": (404, "/api/v1/login"),  # without users; with them: test_http_users.py
            "/api/v1/episodes": (400, "/api/v1/episodes"),
            "/api/v1/episodes/{id}": (404, "/api/v1/episodes/01ZZZZZZZZ"),
            "/api/v1/readings": (400, "/api/v1/readings?patient=p-0042&code=nothing"),
            "/api/v1/assessments": (400, "/api/v1/assessments?patient=p/1"),
            "/api/v1/coverage": (400, "/api/v1/coverage?patient=p-0042&from=2020-01-01T00:00:00Z"),
            "/api/v1/charted": (400, "/api/v1/charted?patient=p-0042&limit=0"),
            "/api/v1/alerts": (400, "/api/v1/alerts?state=half"),
            "/api/v1/alerts/{id}": (404, "/api/v1/alerts/01ZZZZZZZZ"),
            "/api/v1/alerts/{id}/{do}": (404, "/api/v1/alerts/01ZZZZZZZZ/accept"),
            "/api/v1/beds/{ward}/{bed}/{kind}": (404, "/api/v1/beds/onc-7/12/episode"),
            "/api/v1/stream": (404, "/api/v1/stream?ward=nowhere"),
        }
        for path, operations in doc["paths"].items():
            for method, operation in operations.items():
                body = {"by": "bedside-nurse:li"}
                if "beds" in path:
                    body = {"gateway": "board", "ts": now_ms(), "obs": [{"code": "consciousness", "value": "A"}]}
                ask = (lambda p: ward.web.post(p, body)) if method == "post" else ward.web.get
                if path in good:
                    answer = ask(good[path])
                    assert answer.status == 200, (path, answer)
                    check(doc, operation, answer)
                if path in bad:
                    answer = ask(bad[path][1])
                    assert answer.status == bad[path][0], (path, answer)
                    check(doc, operation, answer)
                    assert answer.json["status"] == answer.status and len(answer.json["detail"]) > 10, answer
                assert path in good or path in bad, f"{method} {path} is tried by no test"
        assert ward.web.get("/api/v1/openapi.yaml").text == open(os.path.join(ROOT, "config", "openapi.yaml")).read()
        example_of_the_stream(doc, ward)


def example_of_the_stream(doc, ward):
    begin = ward.web.get("/api/v1/wards/onc-7/beds").json["event"]
    stream = Stream(ward.daemon.port, f"?ward=onc-7&after={begin}")
    ward.say("vitals", temp(37.7))
    ward.web.post(f"/api/v1/alerts/{ward.alert['id']}/note", {"by": "bedside-nurse:li", "reason": "seen"})
    until(lambda: stream.of("alert") and stream.of("values") and stream.of("status") and stream.comments >= 0,
          what="an event of each kind")
    for name, kind in (("Alert", "alert"), ("Bed", "values"), ("Node", "status")):
        schema = inlined(doc["components"]["schemas"][name], doc)
        jsonschema.Draft202012Validator(schema).validate(stream.of(kind)[0])
    assert b"text/event-stream" in stream.head, stream.head
    stream.close()


# ---- History

def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_readings_as_they_came():
    with Ward() as ward:
        path = f"/api/v1/readings?patient=p-0042&code=temp&from={BEGIN}&to={BEGIN + 2 * HOUR}"
        items = ward.web.get(path).json["readings"]
        assert [i["value"] for i in items] == [v for _, v in ward.temps], items
        assert "next" not in ward.web.get(path).json
        assert items[0] == {"ts": items[0]["ts"], "code": "temp", "value": ward.temps[0][1], "unit": "Cel",
                            "source": "spot", "quality": "valid"}, items[0]
        all_times = ward.web.get(path + "&times=all").json["readings"]
        assert all(set(t) - set(i) == {"received", "committed"} and t["ts"] < t["received"] <= t["committed"]
                   for t, i in zip(all_times, items)), all_times[0]
        paged, count = ward.web.pages(path + "&limit=7", "readings")
        assert paged == items and count == 5, (count, len(paged))
        first, last = ward.temps[0][0], ward.temps[-1][0]
        cut = ward.web.get(f"/api/v1/readings?patient=p-0042&code=temp&from={first}&to={last}").json["readings"]
        assert cut == items[:-1], "from is inclusive, to exclusive"
        [lab] = ward.web.get("/api/v1/readings?patient=p-0042&code=glucose").json["readings"]
        assert (lab["raw_value"], lab["raw_unit"], lab["unit"]) == (5.5, "mmol/L", "mg/dL"), lab
        assert abs(lab["value"] - 5.5 * 18.016) < 0.1, lab
        both = ward.web.get("/api/v1/readings?patient=p-0042&code=temp,glucose").json["readings"]
        assert [i["ts"] for i in both] == sorted(i["ts"] for i in both) and len(both) == 31, len(both)
        lines = rows_of(ward.web.get(path + "&format=csv").text)
        assert [(r["ts"], float(r["value"]), r["unit"]) for r in lines] == [
            (i["ts"], i["value"], i["unit"]) for i in items], lines[:2]
        out = ward.web.get(path + "&format=ndjson&limit=30")
        assert [line for line in map(yaml.safe_load, out.text.splitlines())][0] == items[0]
        assert "link" in ward.web.get(path + "&format=ndjson&limit=3").headers and "link" not in out.headers


def test_steps_are_aligned_and_add_up():
    with Ward() as ward:
        path = f"/api/v1/readings?patient=p-0042&code=temp&from={BEGIN}&to={BEGIN + HOUR}&step=10m"
        items = ward.web.get(path).json["readings"]
        for item in items:
            begin = int(until(lambda: ms(item["ts"]), what="a time"))
            assert begin % (10 * MINUTE) == 0, item
            inside = [v for ts, v in ward.temps if begin <= ts < begin + 10 * MINUTE]
            assert (item["min"], item["max"], item["count"]) == (min(inside), max(inside), len(inside)), item
            assert (item["first"], item["last"]) == (inside[0], inside[-1]), item
            assert abs(item["mean"] - sum(inside) / len(inside)) < 1e-5, item
        assert sum(i["count"] for i in items) == 30, items
        paged, count = ward.web.pages(path + "&limit=2", "readings")
        assert paged == items and count == 3, count
        lines = rows_of(ward.web.get(path + "&format=csv").text)
        assert [(r["ts"], float(r["min"]), int(r["count"])) for r in lines] == [
            (i["ts"], i["min"], i["count"]) for i in items]


def ms(text):
    import datetime
    return round(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


def test_wrong_questions_get_a_sentence():
    with Ward() as ward:
        for query, word in (("code=temp", "patient="), ("patient=p-0042", "code="), ("patient=p%2042&code=temp", "patient"),
                            ("patient=p-0042&code=temp&limit=0", "limit"), ("patient=p-0042&code=temp&limit=10001", "limit"),
                            ("patient=p-0042&code=temp&limit=5x", "limit"), ("patient=p-0042&code=temp&from=yesterday", "from"),
                            ("patient=p-0042&code=temp&step=0s", "step"), ("patient=p-0042&code=temp&format=xml", "format"),
                            ("patient=p-0042&code=temp&form=1", "form"), ("patient=p-0042&code=temp&code=hr", "twice"),
                            ("patient=p-0042&code=temp&after=zzz", "after"), ("patient=p-0042&code=", "code=")):
            answer = ward.web.get("/api/v1/readings?" + query)
            assert answer.status == 400 and answer.type == "application/problem+json", (query, answer)
            assert word in answer.json["detail"], (query, answer)
        assert ward.web.get("/api/v1/readings?patient=p-0042&code=temp&from=2026-01-01T08:00:00+08:00").status == 200
        assert ward.web.get("/api/v1/nothing").json["status"] == 404
        outcome = ward.web.get("/fhir/Nothing/1")
        assert outcome.status == 404 and outcome.json["resourceType"] == "OperationOutcome", outcome


# ---- Alerts and commands

def test_a_patient_of_whom_nothing_was_ever_stored():
    """An empty list says that nothing came, not that the name has a slip in it: the answer does. A program, a table and a
    patient who is known and has none of it read as before."""
    with Ward() as ward:
        for path in ("episodes?", "readings?code=temp&", "assessments?", "coverage?code=temp&", "charted?", "alerts?"):
            wrong, right = (ward.web.get(f"/api/v1/{path}patient={who}").json for who in ("p-0024", "p-0042"))
            assert wrong.pop("known") is False and "known" not in right, (path, wrong, right)
            assert set(wrong) <= set(right) | {"next"}, (path, wrong, right)
        assert "known" not in ward.web.get("/api/v1/alerts").json
        assert "known" not in ward.web.get("/api/v1/readings?code=temp&patient=p-0042&from=-1s").json
        assert "known" not in ward.web.get("/api/v1/readings?code=temp&patient=p-0024&format=csv").text


def test_an_alert_and_what_people_do():
    with Ward() as ward:
        alert = ward.alert["id"]
        path = f"/api/v1/alerts/{alert}"
        taken = ward.web.post(path + "/accept", {"by": "bedside-nurse:li", "rev": ward.alert["rev"], "id": "a-1"})
        assert taken.status == 200 and taken.json["result"] in ("ok", "stale_view"), taken
        again = ward.web.post(path + "/accept", {"by": "bedside-nurse:li", "rev": ward.alert["rev"], "id": "a-1"})
        assert again.json["result"] == "duplicate", again
        other = ward.web.post(path + "/accept", {"by": "charge-nurse:wu", "id": "a-1"})
        assert other.json["result"] == "superseded", "the id of somebody else is another command"
        until(lambda: any(e["event"] == "accepted" and e["id"] == alert for e in ward.gateway.events()),
              what="the event at the broker")
        whole = ward.web.get(path).json
        assert whole["responsibility"]["owner"] == "bedside-nurse:li", whole
        until(lambda: [c["rev"] for c in ward.web.get(path).json["changes"]] == list(range(1, taken.json["rev"] + 1)),
              what="every change in the store")
        for body, expected in (({"by": "nurse li"}, "invalid"), ({}, "invalid"), ({"by": "nurse:li", "rev": "x"}, "invalid")):
            assert ward.web.post(path + "/release", body).json["result"] == expected, body
        assert ward.web.post(path + "/frobnicate", {}).status == 404
        assert ward.web.post(path + "/accept", "[1]").status == 400
        assert ward.web.post(path + "/accept", '{"by":').status == 400
        assert ward.web.post(path + "/accept", {"by": "nurse:li"}, Content_Type="text/plain").status == 415
        assert ward.web.ask("POST", path + "/accept", '{"by":"nurse li"}').json["result"] == "invalid", "no type said: it is JSON"
        for form in ("application/x-www-form-urlencoded", "application/jsonp", "multipart/form-data"):
            assert ward.web.ask("POST", path + "/accept", '{"by":"nurse:li"}', {"Content-Type": form}).status == 415, form
        for foreign in ({"Origin": "https://elsewhere.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
            assert ward.web.ask("POST", path + "/accept", '{"by":"nurse:li"}', foreign).status == 403, ("another site's, which may leave out the type", foreign)
        lost = ward.web.post(path + "/displayed", {"by": "nurse:li", "page": "01ABC"}).json
        assert lost["result"] == "invalid" and "no page" in lost["detail"], lost
        assert ward.web.post(path + "/accept", {"by": "nurse:li"}, Origin="https://elsewhere.example").status == 403
        assert ward.web.post(path + "/accept", {"by": "nurse:li"}, Sec_Fetch_Site="cross-site").status == 403
        assert ward.web.post(path + "/note", {"by": "bedside-nurse:li", "reason": "ü\n<b>"},
                             Origin=f"http://127.0.0.1:{ward.daemon.port}").json["result"] == "ok"
        refused = ward.web.get(path + "/accept")
        assert refused.status == 405 and refused.headers["allow"] == "POST", refused
        listed = ward.web.get("/api/v1/alerts?state=open&patient=p-0042").json["alerts"]
        assert alert in [a["id"] for a in listed], listed
        paged, _ = ward.web.pages("/api/v1/alerts?patient=p-0042&limit=1", "alerts")
        assert [a["id"] for a in paged] == sorted(a["id"] for a in ward.web.get("/api/v1/alerts").json["alerts"])


def test_scores_over_time():
    with Ward() as ward:
        path = f"/api/v1/assessments?patient=p-0042&from={BEGIN}"
        ward.say("assessment", {"code": "consciousness", "value": "A"})  # what is charted is recorded at once
        until(lambda: 2 in [i["crs"]["tier_hypotension"] for i in ward.web.get(path).json["assessments"]],
              what="the row of 80 mm[Hg], twice, towards the end")
        shown = until(lambda: ward.bed()["assessment"], what="the bed to be shown with its scores")
        until(lambda: (got := ward.web.get(path).json["assessments"]) and {k: got[-1][k] for k in shown} ==
              ward.bed()["assessment"], what="the last of them to be what is shown now")
        items = ward.web.get(path).json["assessments"]
        assert [i["ts"] for i in items] == sorted(i["ts"] for i in items), [i["ts"] for i in items]
        assert items[0]["patient"] == "p-0042" and items[-1]["episode"] and items[0]["bed"] == "12", items[0]
        paged, count = ward.web.pages(path + "&limit=1", "assessments")
        assert count >= len(items) and paged == items, (count, len(paged), len(items))
        assert ward.web.get("/api/v1/assessments?patient=p-none").json["assessments"] == []


def test_coverage():
    """The same as vigil history --coverage tells, whole and in pages: no minute is missing or twice."""
    with Ward() as ward:
        begin, end = (t - t % MINUTE for t in (BEGIN - 2 * HOUR, now_ms()))
        ask = f"patient=p-0042&from={begin}&to={end}"
        rows = ward.web.get("/api/v1/coverage?" + ask).json["coverage"]
        assert {r["code"] for r in rows} == {"temp", "hr", "rr", "spo2", "sbp"}, rows
        for code in ("temp", "sbp"):
            mine = [r for r in rows if r["code"] == code]
            assert sum(r["minutes"] for r in mine) == (end - begin) // MINUTE, mine
            assert all(a["to"] == b["from"] for a, b in zip(mine, mine[1:])), mine
        assert "values_normal" in {r["why"] for r in rows if r["code"] == "temp"}, rows
        assert any("HYPOTENSION" in r["detail"] for r in rows if r["why"] == "alert" and r["code"] == "sbp"), rows
        paged, count = ward.web.pages(f"/api/v1/coverage?{ask}&limit=1", "coverage")
        assert paged == rows and count >= len(rows), (count, paged, rows)
        told = subprocess.run([os.path.join(BUILD, "vigil"), "history", "p-0042", "--coverage", "--json", "--from",
                               mine[0]["from"], "--to", mine[-1]["to"], "--set", f"store.path={ward.daemon.store}"],
                              capture_output=True, text=True, check=True)
        assert json.loads(told.stdout)["coverage"] == rows, told
        nobody = ward.web.get("/api/v1/coverage?patient=p-none").json["coverage"]
        assert {r["why"] for r in nobody} == {"episode_not_begun"}, nobody


def test_what_people_enter():
    with Ward() as ward:
        path = "/api/v1/beds/onc-7/12/"
        before = ward.daemon.rows("SELECT count(*) FROM message")[0][0]
        ice = {"gateway": "board", "ts": now_ms(), "patient": "p-0042",
               "obs": [{"code": "ice", "value": 9}, {"code": "consciousness", "value": "A"}, {"code": "nonsense", "value": 1}]}
        answer = ward.web.post(path + "assessment", ice)
        assert answer.status == 200 and answer.json["result"] == "stored", answer
        assert [(r["item"], r["reason"]) for r in answer.json["refused"]] == [(2, "code_unknown")], answer
        assert ward.daemon.rows("SELECT count(*) FROM message")[0][0] == before + 1, "on disk when it is answered"
        until(lambda: ward.bed()["charted"].get("consciousness"), what="the entry at the bed")
        found = ward.web.get("/api/v1/charted?patient=p-0042").json
        assert not found["cut"] and found["charted"][-1]["obs"] == [{"code": "consciousness", "value": "A"}], found
        assert ward.web.get("/api/v1/charted?patient=p-none").json["charted"] == []
        assert ward.web.get("/api/v1/charted?patient=p-0042&from=-1m&to=-30s").json["charted"] == []
        assert ward.bed()["assessment"]["icans"]["grade"] is not None or ward.bed()["values"]["ice"]["value"] == 9
        wrong = ward.web.post(path + "assessment", dict(ice, patient="p-9999", obs=ice["obs"][:2]))
        assert wrong.status == 422 and [r["reason"] for r in wrong.json["refused"]] == ["identity"], wrong
        assert ward.web.post(path + "therapy", "{").status == 422
        assert ward.web.post(path + "labs", ice).status == 404
        assert ward.web.post("/api/v1/beds/ONC/12/therapy", ice).status == 404
        assert ward.web.post(path + "therapy", ice, Content_Type="text/plain").status == 415
        assert ward.web.get(path + "therapy").status == 405


def test_metrics():
    with Ward() as ward:
        until(lambda: "\nvigil_patients 1\n" in ward.web.get("/metrics").text, what="the patient to be counted")
        text = ward.web.get("/metrics").text
        checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, timeout=60)
        assert checked.returncode == 0 and not checked.stdout + checked.stderr, checked
        values = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
        assert all(name.startswith("vigil_") for name in values), values
        assert int(values["vigil_patients"]) == 1 and int(values["vigil_readings_total"]) == 33, values
        assert int(values['vigil_open_alerts{severity="critical"}']) >= 1, values
        assert "p-0042" not in text and "onc-7" not in text


# ---- Heads

def test_heads_validators_and_compression():
    with Ward() as ward:
        path = f"/api/v1/readings?patient=p-0042&code=temp&from={BEGIN}&to={BEGIN + 2 * HOUR}"
        plain = ward.web.get(path)
        packed = ward.web.get(path, Accept_Encoding="gzip")
        assert packed.headers["content-encoding"] == "gzip" and len(packed.raw) < len(plain.raw) / 3, packed.headers
        assert packed.body == plain.body and "content-encoding" not in plain.headers
        assert "content-encoding" not in ward.web.get(path, Accept_Encoding="br, gzip;q=0").headers
        same = ward.web.get(path, If_None_Match=f'"other", {plain.headers["etag"]}')
        assert same.status == 304 and not same.raw and same.headers["etag"] == plain.headers["etag"], same
        ward.say("vitals", temp(37.0), ts=BEGIN + 90 * MINUTE)
        until(lambda: ward.web.get(path, If_None_Match=plain.headers["etag"]).status == 200, what="a new answer")
        for url in ("/", "/healthz", path, "/api/v1/wards", "/api/v1/stream"):
            head = ward.web.ask("HEAD", url)
            assert head.status == 200 and not head.raw, (url, head)
            assert head.headers["x-content-type-options"] == "nosniff", head.headers
            policy = [part.strip() for part in head.headers["content-security-policy"].split(";")]
            assert {"default-src 'none'", "frame-ancestors 'none'"} <= set(policy), (url, policy)
        page = ward.web.get("/")
        policy = page.headers["content-security-policy"]
        assert "unsafe" not in policy and {"script-src 'self'", "base-uri 'none'"} <= {p.strip() for p in policy.split(";")}, policy
        assert ward.web.get("/", If_None_Match=page.headers["etag"]).status == 304
        for method, url in (("PUT", "/api/v1/wards"), ("DELETE", "/"), ("OPTIONS", "/"), ("TRACE", "/healthz"),
                            ("POST", "/api/v1/wards")):
            odd = ward.web.ask(method, url)
            assert odd.status == 405 and "GET" in odd.headers["allow"], (method, url, odd)


if __name__ == "__main__":
    run([test for name, test in list(globals().items()) if name.startswith("test_")])
