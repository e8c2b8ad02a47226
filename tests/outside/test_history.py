# SPDX-License-Identifier: Apache-2.0
"""The history of a patient from outside: what was sent is told again in every format, exactly;
an export replays into the very alerts that were raised."""
import csv
import io
import json
import os
import re
import subprocess
import tempfile
import time
from collections import Counter
from datetime import datetime
from html.parser import HTMLParser

from place import BUILD, ROOT, Place, now_ms, run, seed, until

DICE = seed()
PROTOCOLS = os.path.join(ROOT, "config", "protocols")
BED = "vigil/v1/beds/onc-7/12"


def vigil(*args, store=None, text=None):
    command = [os.path.join(BUILD, "vigil"), *args]
    if store:
        command += ["--set", f"store.path={store}", "--set", f"protocols={PROTOCOLS}"]
    return subprocess.run(command, capture_output=True, text=True, input=text, timeout=60,
                          env={**os.environ, "LC_ALL": "C.UTF-8"})


def obs(code, value, unit, **more):
    return {"code": code, "value": value, "unit": unit, **more}


def a_course(place):
    """A patient with fever, low pressure and oxygen, told by a monitor, a laboratory and people."""
    client, begin = place.client("gw"), now_ms() - 3 * 3600 * 1000
    sent, seq = [], 0
    client.publish(f"{BED}/episode", {"ts": begin - 60000, "by": "adt", "do": "admit", "patient": "p-1",
                                      "product": "car_t", "age": 55, "setting": "inpatient"})
    until(lambda: place.daemon.rows("SELECT count(*) FROM episode")[0][0] == 1, what="the episode")
    for minute in range(0, 170):
        at, seq = begin + minute * 60000, seq + 1
        low = minute > 100
        items = [obs("temp", round(38.0 + DICE.random() * 2, 2), "Cel", source="spot", method="oral"),
                 obs("hr", DICE.randrange(80, 130), "/min"),
                 obs("spo2", DICE.randrange(86, 90) if low else 96, "%", pi=round(DICE.random() * 3, 2)),
                 obs("sbp", DICE.randrange(70, 80) if low else 120, "mm[Hg]", source="cuff")]
        if minute % 10 == 0:
            items.append(obs("temp", 101.3, "[degF]", ts=at - 30000, quality="questionable"))
        if minute % 30 == 5:
            items.append({"code": "o2_device", "value": "nasal_cannula", "flow": 2})
        message = {"gateway": "gw-1", "epoch": "e1", "seq": seq, "ts": at, "patient": "p-1",
                   "device": "mon-1", "obs": items}
        client.publish(f"{BED}/vitals", message, wait=False)
        sent += [(o.get("ts", at), o["code"], o["value"], o["unit"]) for o in items if "unit" in o]
    seq += 1
    client.publish(f"{BED}/labs", {"gateway": "gw-1", "epoch": "e1", "seq": seq, "ts": begin + 1,
                                   "patient": "p-1", "obs": [obs("crp", 12.5, "mg/dL", uln=0.5),
                                                             obs("ferritin", 812.25, "ug/L", uln=300)]})
    client.publish(f"{BED}/assessment", {"gateway": "gw-1", "ts": begin + 7200000, "patient": "p-1", "obs": [
        {"code": "ice", "value": 7, "unit": "{score}"}, {"code": "consciousness", "value": "V"}]})
    until(lambda: place.daemon.rows("SELECT count(*) FROM message")[0][0] == seq + 1, what="all messages")
    until(lambda: place.daemon.rows("SELECT count(*) FROM alert WHERE rule LIKE '%TENSION%'")[0][0] > 0,
          what="an alert")
    return begin, sent


def tell(result):
    assert result.returncode == 0, (result.returncode, result.stderr)
    return result.stdout


def every_format_tells_what_was_sent():
    with Place() as place:
        begin, sent = a_course(place)
        store = place.daemon.store
        rows = json.loads(tell(vigil("history", "p-1", "--from", "-30h", "--json", store=store)))["readings"]
        raw = [(r.get("raw_value", r["value"]), r.get("raw_unit", r["unit"]), r["code"]) for r in rows]
        for _, code, value, unit in sent:
            assert (value, unit, code) in raw, (code, value, unit)
        vitals = [r for r in rows if r["code"] in ("temp", "hr", "spo2", "sbp")]
        assert len(vitals) == len(sent)
        assert all(r["ts"] < r["received"] <= r["committed"] for r in rows)  # all are of the past
        text = tell(vigil("history", "p-1", "--from", "-30h", "--format", "csv", store=store))
        assert [(r["ts"], r["code"], float(r["value"])) for r in csv.DictReader(io.StringIO(text))] == \
            [(r["ts"], r["code"], r["value"]) for r in rows]
        steps = json.loads(tell(vigil("history", "p-1", "--from", "-30h", "--code", "hr", "--step", "1h",
                                      "--json", store=store)))["readings"]
        heart = [s for s in sent if s[1] == "hr"]
        assert sum(s["count"] for s in steps) == len(heart)
        assert max(s["max"] for s in steps) == max(s[2] for s in heart)
        assert all(s["ts"].endswith(":00:00.000Z") for s in steps)
        plot = tell(vigil("history", "p-1", "--from", "-4h", "--code", "sbp", "--format", "plot",
                          "--width", "90", store=store))
        assert "systolic pressure" in plot and "limit 90" in plot and "┤" in plot, plot
        plain = tell(vigil("history", "p-1", "--from", "-4h", "--code", "sbp", "--format", "plot",
                           "--ascii", store=store))
        assert plain.isascii() and "*" in plain
        ahead = time.strftime("%FT%TZ", time.gmtime(time.time() + 100))
        backward = vigil("history", "p-1", "--from", ahead, "--format", "plot", "--width", "90", store=store)
        assert backward.returncode == 2 and "is not after" in backward.stderr, backward
        assert vigil("history", "p-none", store=store).returncode == 1
        assert vigil("history", "p-1", "--code", "nonsense", store=store).returncode == 2


def what_was_known_before_a_drug_was_given():
    """The questions a doctor has: when was it given, what was the temperature then, when was nothing measured."""
    with Place() as place:
        begin, sent = a_course(place)
        store, client = place.daemon.store, place.client("nurse")
        given = begin + 100 * 60000 + 30000
        client.publish(f"{BED}/therapy", {"gateway": "gw-2", "ts": given, "patient": "p-1", "obs": [
            {"code": "medication", "value": "tocilizumab"},
            {"code": "vasopressor", "value": "norepinephrine", "on": False}]})
        until(lambda: place.daemon.rows("SELECT count(*) FROM message WHERE kind = 3")[0][0] == 1, what="the drug")
        told = json.loads(tell(vigil("history", "p-1", "--charted", "--from", "-5h", "--json", store=store)))["charted"]
        assert [r["ts"] for r in told] == sorted(r["ts"] for r in told)
        drug, = (r for r in told if r["code"] == "medication")
        assert drug["value"] == "tocilizumab", drug
        assert ("norepinephrine", "off") in [(r["value"], r["details"]) for r in told], told
        assert ("nasal_cannula", "2 L/min") in [(r["value"], r["details"]) for r in told], told
        assert ("consciousness", "V") in [(r["code"], r["value"]) for r in told], told
        only = tell(vigil("history", "p-1", "--code", "medication", "--from", "-5h", store=store))
        assert "tocilizumab" in only and len(only.splitlines()) == 1, only
        last = {r["code"]: r for r in json.loads(tell(vigil("history", "p-1", "--last", "--to", drug["ts"], "--json", store=store)))["last"]}
        for code in ("temp", "hr", "sbp"):
            at, value = max((s[0], s[2]) for s in sent if s[1] == code and s[0] < given and s[3] != "[degF]")
            assert last[code]["value"] == value and last[code]["age_s"] == (given - at) // 1000, (last[code], at, value)
        assert last["crp"]["value"] == 12.5, last
        gaps = json.loads(tell(vigil("history", "p-1", "--gaps", "3m", "--from", "-4h", "--json", store=store)))["gaps"]
        hr = [g for g in gaps if g["code"] == "hr"]
        assert [(g["none_before"], g["none_after"]) for g in hr] == [(True, False), (False, True)], hr
        assert [g["none_before"] and g["none_after"] for g in gaps if g["code"] == "rr"] == [True], gaps
        assert vigil("history", "p-1", "--code", "temp,medication", store=store).returncode == 2
        assert vigil("history", "p-1", "--last", "--gaps", "5m", store=store).returncode == 2
        assert vigil("history", "p-none", "--charted", store=store).returncode == 1


def coverage_says_why_there_was_no_alert():
    with Place() as place:
        begin, _ = a_course(place)
        client = place.client("tab")
        client.publish("vigil/v1/wards/onc-7/commands/tab", {
            "id": "c-9", "by": "nurse:li", "do": "pause", "bed": "12", "for": "10m", "reason": "X-ray"})
        until(lambda: place.daemon.rows("SELECT count(*) FROM pause")[0][0] == 1, what="the pause")
        args = ("history", "p-1", "--coverage", "--from", "-5h", "--to", "now", "--json")
        rows = json.loads(tell(vigil(*args, store=place.daemon.store)))["coverage"]
        for code in ("temp", "hr", "rr", "spo2", "sbp"):
            mine = [r for r in rows if r["code"] == code]
            assert sum(r["minutes"] for r in mine) in (300, 301)
            assert all(a["to"] == b["from"] for a, b in zip(mine, mine[1:]))
            assert mine[0]["why"] == "episode_not_begun" and 115 <= mine[0]["minutes"] <= 125, mine[0]
        why = {code: [r["why"] for r in rows if r["code"] == code] for code in ("hr", "rr", "sbp")}
        assert "values_normal" in why["hr"] and "values_normal" not in why["rr"], why
        assert "no_data" in why["rr"], why
        assert "alert" in why["sbp"] and why["sbp"].index("values_normal") < why["sbp"].index("alert"), why
        assert any("HYPOTENSION" in r["detail"] for r in rows if r["code"] == "sbp"), rows
        for row in rows:
            rules = row["detail"].split(", ") if row["why"] == "alert" else []
            assert len(rules) == len(set(rules)), f"a rule is named twice: {row}"
        text = tell(vigil("history", "p-1", "--coverage", "--from", "-5h", store=place.daemon.store))
        assert "no stay had begun" in text and "no usable value" in text
        bed = [r for r in rows if "X-ray" in r["detail"]]
        assert all("nurse:li" in r["detail"] for r in bed)


class Page(HTMLParser):
    """Well formed enough: what must be closed is closed, and nothing comes from elsewhere."""
    def __init__(self, text):
        super().__init__()
        self.open, self.count = [], {}
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.count[tag] = self.count.get(tag, 0) + 1
        assert tag not in ("script", "img", "link", "iframe") and "src" not in dict(attrs), tag
        if tag in ("html", "head", "body", "table", "svg", "g", "figure", "style", "footer", "h1", "h2"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in self.open:
            assert self.open.pop() == tag, tag


def treated(place, begin):
    """An infusion, a drug, somebody who takes an alert and one who is refused; returns the alert's rule."""
    client = place.client("people")
    client.publish(f"{BED}/therapy", {"gateway": "gw-2", "ts": begin + 60000, "patient": "p-1", "obs": [
        {"code": "infusion", "value": "start", "product": "car_t", "dose_id": "dose-7"}]})
    client.publish(f"{BED}/therapy", {"gateway": "gw-2", "ts": begin + 100 * 60000, "patient": "p-1", "obs": [
        {"code": "medication", "value": "tocilizumab"}]})
    until(lambda: place.daemon.rows("SELECT count(*) FROM message WHERE kind = 3")[0][0] == 2, what="what was given")
    alert, rule, rev = place.daemon.rows("SELECT a.id, a.rule, a.rev FROM alert a JOIN page p ON p.alert = a.id "
                                         "WHERE a.severity = 'critical' AND a.open LIMIT 1")[0]
    for n, (do, more) in enumerate((("accept", {"rev": rev}), ("note", {"rev": rev, "reason": "500 mL <given>"}), ("shelve", {"reason": "refused-words", "for": "1h"}))):
        client.publish("vigil/v1/wards/onc-7/commands/people", {"id": f"c-{n}", "by": "nurse:li", "do": do, "alert": alert, **more})
    until(lambda: place.daemon.rows("SELECT count(*) FROM command")[0][0] == 3, what="the answers")
    results = [result for result, in place.daemon.rows("SELECT result FROM command ORDER BY number")]
    assert results == ["ok", "stale_view", "forbidden"], results  # the first two are done
    return rule


def rows_of(text, title):
    """The rows of the table under a heading, tags as blanks."""
    part = re.split(r"<h2>", text.partition(f"<h2>{title}")[2])[0]
    return [re.sub(r"<[^>]*>", " ", row) for row in part.split("<tr")[1:]]


def a_report_is_one_page_with_course_alerts_and_answers():
    with Place() as place:
        begin, _ = a_course(place)
        rule = treated(place, begin)
        text = tell(vigil("report", "p-1", store=place.daemon.store))
        page = Page(text)
        assert not page.open and page.count["svg"] >= 4 and page.count["table"] >= 5, page.count
        for word in ("HYPOTENSION", "Open items", "systolic pressure", "onc-7 / 12", "car_t"):
            assert word in text, word
        assert "Not for" in text or "Automatically" in text, "no disclaimer"
        infusion, = rows_of(text, "Infusions")[1:]
        assert "start" in infusion and "dose-7" in infusion, infusion
        grades = {row.split()[1]: row for row in rows_of(text, "Computed grades")}
        highest = max(json.loads(j)["grade"] or 0 for j, in place.daemon.rows("SELECT json FROM assessment WHERE part = 'crs'"))
        assert f" {highest} " in grades["CRS-like"].partition("grade")[2], (highest, grades)
        treatment = rows_of(text, "Treatment")
        assert sum("tocilizumab" in row for row in treatment) == 1, treatment
        assert sum("oxygen device" in row for row in treatment) == 1, treatment  # it stayed the same
        assert text.count(">tocilizumab</text>") == page.count["svg"], "a curve does not mark the drug"
        mine, = (row for row in rows_of(text, "Open items") if rule in row.split())
        assert "called" in mine and "nurse:li: accept" in mine and "500 mL &lt;given>" in mine, mine
        assert "refused-words" not in text, "a refused answer is told as if it were one"
        technical = rows_of(text, "Technical")
        assert technical and not any("technical" in row for row in rows_of(text, "Alerts")), technical
        alert = place.daemon.rows("SELECT alert FROM command WHERE do = 'accept'")[0][0]
        told = json.loads(tell(vigil("explain", alert, "--json", store=place.daemon.store)))["told"]
        assert any(t.get("kind") == "call" and t["sent"] for t in told), told
        assert [(t["do"], t["result"]) for t in told if "do" in t] == [("accept", "ok"), ("note", "stale_view"), ("shelve", "forbidden")], told
        words = tell(vigil("explain", alert, store=place.daemon.store))
        assert ", call, sent" in words and "nurse:li: accept (ok)" in words, words
        late = tell(vigil("report", "p-1", "--from", "-10m", store=place.daemon.store))
        assert any(rule in row for row in rows_of(late, "Alerts")), "an alert that goes on is not in a later span"
        assert vigil("report", "p-none", store=place.daemon.store).returncode == 1
        early = tell(vigil("report", "p-1", "--to", "-8h", store=place.daemon.store))  # hours before the stay
        assert "from " in early.lower() and "car_t" in early, early
        backward = vigil("report", "p-1", "--from", "-1h", "--to", "-7h", store=place.daemon.store)
        assert backward.returncode == 2 and "is not before --to" in backward.stderr, backward


def assessments_are_stored_as_they_changed():
    with Place() as place:
        a_course(place)
        rows = place.daemon.rows("SELECT at, part, json, patient FROM assessment ORDER BY id")
        parts = {part for _, part, _, _ in rows}
        assert {"crs", "icans", "news2", "sirs", "tls"} <= parts, parts
        assert all(patient == "p-1" and json.loads(text) is not None for _, _, text, patient in rows)
        scores = [json.loads(text)["score"] for _, part, text, _ in rows if part == "news2"]
        assert len(scores) > 1 and scores[-1] is not None, scores
        count = Counter(at for at, _, _, _ in rows)
        for part in parts:  # only what changed, or all parts together where the row before it in time is another
            told = [(at, text) for at, p, text, _ in rows if p == part]
            assert all(a[1] != b[1] or count[b[0]] >= len(parts) for a, b in zip(told, told[1:])), part


def alerts_of(lines):
    """What was raised, by id: rule, onset, severity, text, patient; and when."""
    found = {}
    for line in lines:
        alert = line.get("alert")
        if alert and alert["event"] == "raised":
            found[alert["id"]] = (alert["rule"], alert["onset"], alert["severity"], alert["text"],
                                  alert["patient"]), alert["raised"]
    return found


def an_export_replays_into_the_same_alerts():
    with Place() as place:
        a_course(place)
        client = place.client("tab")
        alert = place.daemon.rows("SELECT id, rev FROM alert WHERE patient = 'p-1' LIMIT 1")[0]
        client.publish("vigil/v1/wards/onc-7/commands/tab", {
            "id": "c-1", "by": "nurse:li", "do": "acknowledge", "alert": alert[0], "rev": alert[1]})
        until(lambda: place.daemon.rows("SELECT count(*) FROM command")[0][0] == 1, what="the command")
        text = tell(vigil("export", "p-1", store=place.daemon.store))
        lines = [json.loads(line) for line in text.splitlines()]
        assert [line["at"] for line in lines] == sorted(line["at"] for line in lines)
        kinds = {key for line in lines for key in line}
        assert {"topic", "alert", "audit", "protocol", "episode"} <= kinds, kinds
        was = alerts_of(lines)
        assert len(was) >= 2, was
        with tempfile.NamedTemporaryFile("w", suffix=".ndjson") as file:
            file.write(text)
            file.flush()
            out = tell(vigil("replay", "--protocol", PROTOCOLS, file.name))
        again = alerts_of(json.loads(line) for line in out.splitlines())
        missing = {k: (v, again.get(k)) for k, v in was.items() if again.get(k, [None])[0] != v[0]}
        assert not missing, missing
        # what came late was raised when it was taken up, a few ms after it had come
        apart = [abs(datetime.fromisoformat(was[k][1][:-1]) - datetime.fromisoformat(again[k][1][:-1]))
                 for k in was]
        assert max(apart).total_seconds() < 1, max(apart)
        assert any("result" in line for line in out.splitlines()), "the command was not taken"
        episode = place.daemon.rows("SELECT id FROM episode")[0][0]
        one = tell(vigil("export", episode, store=place.daemon.store))
        assert alerts_of(json.loads(line) for line in one.splitlines()).keys() <= was.keys()
        assert vigil("export", "p-none", store=place.daemon.store).returncode == 1


if __name__ == "__main__":
    run([every_format_tells_what_was_sent, what_was_known_before_a_drug_was_given, coverage_says_why_there_was_no_alert,
         a_report_is_one_page_with_course_alerts_and_answers,
         assessments_are_stored_as_they_changed,  an_export_replays_into_the_same_alerts])
