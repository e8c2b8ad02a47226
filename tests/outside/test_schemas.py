# SPDX-License-Identifier: Apache-2.0
"""The JSON Schemas of config/schemas: they hold for every example of config/MESSAGES.md and for all that a real
daemon says in a short life; and vigil takes what they call valid and refuses what they call invalid."""
import copy
import datetime
import json
import os
import re
import signal
import subprocess
import sys
import warnings

try:
    warnings.filterwarnings("ignore", category=DeprecationWarning)  # newer ones have another way to resolve
    import jsonschema
except ImportError:  # another python3 is first in PATH: the packages are those of Debian's
    if os.environ.get("VIGIL_SCHEMAS_AGAIN") or not os.access("/usr/bin/python3", os.X_OK):
        raise
    os.environ["VIGIL_SCHEMAS_AGAIN"] = "1"
    os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])

from place import BUILD, ROOT, Place, now_ms, run, until

HOME = os.path.join(ROOT, "config", "schemas")
SCHEMAS = {name[:-5]: json.load(open(os.path.join(HOME, name), encoding="utf-8"))
           for name in os.listdir(HOME) if name.endswith(".json")}
STORE = {f"file:///s/{name}.json": schema for name, schema in SCHEMAS.items()}
V = "vigil/v1/"
TOPICS = [(r"beds/[^/]+/[^/]+/(vitals|labs|assessment|therapy)", "observations"), (r"beds/[^/]+/[^/]+/episode", "episode"),
          (r"gateways/[^/]+/status", "gateway-status"), (r"wards/[^/]+/commands/[^/]+", "command"),
          (r"gateways/[^/]+/committed", "committed"), (r"gateways/[^/]+/rejected", "rejected"),
          (r"wards/[^/]+/alerts/[^/]+", "alert"), (r"wards/[^/]+/events", "event"), (r"wards/[^/]+/pages/[^/]+", "page"),
          (r"wards/[^/]+/results/[^/]+", "result"), (r"wards/[^/]+/index", "index"), (r"nodes/[^/]+/status", "node-status"),
          (r"nodes/[^/]+/heartbeat", "heartbeat")]
OUT = [schema for _, schema in TOPICS[4:]]


def closed(schema):
    """The same, and nothing beside what it names: a field without a line in the schema is found so."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {key: closed(part) for key, part in schema.items()}
    if schema.get("type") == "object" and "properties" in schema and "allOf" not in schema:
        schema["additionalProperties"] = False
    return schema


def faults(name, message, strict=False):
    store = STORE
    if strict:
        store = {url: closed(schema) for url, schema in STORE.items()}
        page = store["file:///s/page.json"]  # the alert and more
        page["properties"] = {**store["file:///s/alert.json"]["properties"], **page["properties"]}
        page["required"] = [*store["file:///s/alert.json"]["required"], *page["required"]]
        del page["allOf"]
        page["additionalProperties"] = False
    url = f"file:///s/{name}.json"
    resolver = jsonschema.RefResolver(url, store[url], store=store)
    validator = jsonschema.Draft202012Validator(store[url], resolver=resolver)
    return [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in validator.iter_errors(message)]


def schema_of(topic):
    return next((schema for rule, schema in TOPICS if re.fullmatch(V + rule, topic)), None)


def test_schemas_are_schemas():
    for name, schema in SCHEMAS.items():
        jsonschema.Draft202012Validator.check_schema(schema)
        assert "title" in schema, name
    assert {schema for _, schema in TOPICS} | {"common"} == set(SCHEMAS)


def examples():
    """(text before it, the example) of config/MESSAGES.md: fenced, indented, or in a line."""
    text = open(os.path.join(ROOT, "config", "MESSAGES.md"), encoding="utf-8").read()
    found = [(m.start(), m[1]) for m in re.finditer(r"```json\n(.*?)```", text, re.S)]
    plain = re.sub(r"```json\n.*?```", lambda m: " " * len(m[0]), text, flags=re.S)
    found += [(m.start(), m[1]) for m in re.finditer(r"^ {4}(\{.*(?:\n {5,}.*)*)", plain, re.M)]
    found += [(m.start(), m[1]) for m in re.finditer(r"`(\{\"[^`]*\})`", plain)]
    return [(text[max(0, at - 400):at], example) for at, example in sorted(found)]


def test_every_example_of_the_documentation():
    kinds = {  # a word of the example: its schema
        '"obs"': "observations", '"do": "admit"': "episode", '"state": "online", "epoch": "7f3a"': "gateway-status",
        '"do": "accept"': "command", '"result": "ok"': "result", '"missing": [[1236': "committed",
        '"reason": "unit_missing"': "rejected", '"research_use_only"': "node-status", '"open": [': "index",
        '"event": "raised"': "alert", "the alert…": "page", '"loop_lag_ms"': "heartbeat"}
    now, alert, seen = '"2026-11-23T06:12:00.000Z"', None, set()
    for before, example in examples():
        text = re.sub(r'"(ts|respond_by|at|until)": (…|"…")', rf'"\1": {now}', example)
        text = text.replace("{name: digest}", '{"car-t": "9c1e"}').replace('"id": …', '"id": "01JD"')
        text = text.replace('…"', '"')  # an id that was cut for the page
        text = re.sub(r'"(epoch|version)": …', r'"\1": "a"', text)
        if "the alert…" in text:
            text = text.replace("…the alert…", alert[1:-1])
        if text.startswith('{"donor"') or text.startswith('{"value": …') or '"epoch": …' in text:
            continue  # a part of a message
        message = json.loads(text)
        kind = next((k for word, k in kinds.items() if word in example), None)
        assert kind, f"an example that this test does not know: {example[:80]}"
        if kind == "alert":
            alert = json.dumps(message)
        wrong = faults(kind, message, strict=True)
        assert not wrong, (kind, wrong, before[-80:])
        seen.add(kind)
    assert seen == set(kinds.values()), set(kinds.values()) - seen
    print(f"  {len(seen)} kinds of example")


def low(seq, value, ago_s):
    return {"gateway": "gw-1", "epoch": "e1", "seq": seq, "ts": now_ms() - 1000 * ago_s,
            "obs": [{"code": "sbp", "value": value, "unit": "mm[Hg]", "source": "cuff"}]}


def live(place, client):
    """A short life: raise, acknowledge, accept, note, a foul command, a refusal, the end."""
    ward, bed = V + "wards/onc-7/", V + "beds/onc-7/1/"
    client.publish(V + "gateways/gw-1/status", {"state": "online", "epoch": "e1", "ts": now_ms(), "from": 1}, retained=True)
    client.publish(bed + "episode", {"ts": now_ms() - 7_200_000, "by": "adt", "do": "admit", "patient": "p-1",
                                     "product": "car_t", "age": 50, "setting": "inpatient", "baseline": {"sbp": 125}})
    client.publish(bed + "vitals", low(1, 80, 600))
    client.publish(bed + "vitals", low(2, 78, 10))
    client.publish(bed + "vitals", low(4, 79, 5))  # 3 is missing
    client.publish(bed + "vitals", {"gateway": "gw-1", "epoch": "e1", "seq": 5, "ts": now_ms(), "obs": [
        {"code": "temp", "value": 39}, {"code": "hr", "value": 100, "unit": "/min"}]})
    client.publish(bed + "vitals", "{")
    alert = until(lambda: client.events("HYPOTENSION"), what="the alert")[0]
    until(lambda: client.messages("/pages/bedside-nurse"), what="the page")
    page = client.messages("/pages/bedside-nurse")[0]
    commands = [{"do": "received", "page": page["page"]}, {"do": "displayed", "page": page["page"]},
                {"do": "acknowledge", "alert": alert["id"], "rev": 1}, {"do": "accept", "alert": alert["id"]},
                {"do": "note", "alert": alert["id"], "note": "seen"},
                {"do": "judge", "alert": alert["id"], "judgement": "actionable"}, {"do": "dance", "alert": alert["id"]}]
    for n, command in enumerate(commands):
        client.publish(ward + "commands/t-1", {"id": f"c{n}", "by": "bedside-nurse:li", "ts": now_ms(), **command})
        until(lambda: len(client.messages("/results/t-1")) > n, what=f"an answer to {command}")
    client.publish(bed + "episode", {"ts": now_ms(), "do": "discharge", "patient": "p-1", "confirm": True})
    until(lambda: any(e["event"] == "ended" for e in client.events("HYPOTENSION")), what="the end")
    until(lambda: None in client.messages("/alerts/" + alert["id"]), what="the retained alert to be emptied")
    until(lambda: client.messages("/heartbeat") and client.messages("/rejected") and client.messages("/index"), what="the rest")
    until(lambda: any(m["missing"] for m in client.messages("/gw-1/committed")), what="a mark with a hole")
    place.daemon.signal(signal.SIGTERM)
    until(lambda: any(s["state"] == "offline" for s in client.messages("nodes/vigil-1/status")), what="offline")


def test_what_a_real_daemon_says():
    with Place() as place:
        client = place.client("all", V + "#")
        live(place, client)
        seen, wrong = {}, []
        for topic, payload, _ in client.seen:
            name = schema_of(topic)
            assert name, f"a topic without a schema: {topic}"
            if payload and name in OUT:
                seen[name] = seen.get(name, 0) + 1
                wrong += [f"{topic}: {fault}" for fault in faults(name, json.loads(payload), strict=True)]
        assert not wrong, "\n".join(sorted(set(wrong))[:20])
        assert set(seen) == set(OUT), f"not seen: {set(OUT) - set(seen)}"
        events = {e["event"] for e in client.events()}
        assert {"raised", "acknowledged", "accepted", "noted", "judged", "ended"} <= events, events
        assert {r["result"] for r in client.messages("/results/t-1")} >= {"ok", "invalid"}
        assert not [f for c in [json.loads(p) for t, p, _ in client.seen if "/commands/" in t and b"dance" not in p]
                    for f in faults("command", c)]
        print(f"  {sum(seen.values())} messages: {seen}")


def replay(messages):
    """[reasons] for each (topic, message), as `vigil replay` answers them; of commands, the result."""
    begin, lines, answers = 1772323200000, [], [[] for _ in messages]
    for n, (topic, message) in enumerate(messages):
        lines.append(json.dumps({"at": begin + n * 1000, "topic": V + topic, "payload": message}))
    done = subprocess.run([os.path.join(BUILD, "vigil"), "replay", "--protocol", os.path.join(ROOT, "config", "protocols")],
                          input="\n".join(lines) + "\n", capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-500:]
    for line in done.stdout.splitlines():
        said = json.loads(line)
        at = datetime.datetime.fromisoformat(said["at"].replace("Z", "+00:00")).timestamp() * 1000 - begin
        if "rejected" in said and at % 1000 == 0:
            answers[int(at // 1000)].append(said["rejected"]["reason"])
        elif "result" in said and at % 1000 == 0:
            answers[int(at // 1000)].append(said["result"]["result"])
    return answers


def agree(name, cases):
    """Schema and vigil are of one mind about each (topic, message)."""
    wrong, bad = [], 0
    for (topic, message), answers in zip(cases, replay(cases)):
        invalid, refused = bool(faults(name, message)), bool(set(answers) - {"ok", "closed"})
        bad += refused
        if invalid != refused:
            wrong.append(f"{json.dumps(message)[:300]}: schema {'invalid' if invalid else 'valid'}, vigil {answers}")
    assert not wrong, f"{len(wrong)} of {len(cases)}:\n" + "\n".join(wrong[:10])
    print(f"  {len(cases)} messages, {bad} refused by both")


MESSAGE = {"gateway": "gw-1", "ts": 1772323200000, "obs": []}


def observations(*items):
    return [("beds/w/1/vitals", {**MESSAGE, "obs": [item]}) for item in items]


def test_each_code_with_each_unit_and_value():
    spec = SCHEMAS["observations"]["$defs"]["item"]["properties"]["code"]["anyOf"][0]["enum"]
    units = re.findall(r'^    \{"([^"]+)", VG_UNIT_', open(os.path.join(ROOT, "daemon", "core", "unit.c")).read(), re.M)
    assert len(units) > 40
    cases = []
    for code in [*spec, "nonsense", "temperature", ""]:
        cases += [{"code": code, "value": value, "unit": unit} for unit in [*units, None, "furlong", 7]
                  for value in (1,)] if code in ("inr", "ph", "k") else []
        cases += [{"code": code, "value": value} for value in (7, 7.5, "A", "start", "paracetamol", "no such", True, False, None, [], {})]
    for code in SCHEMAS["observations"]["$defs"]["with_value"]["allOf"][0]["if"]["properties"]["code"]["enum"]:
        good = {"temp": 37, "spo2": 95, "dbp": 80, "map": 80, "sbp": 120, "pi": 2, "fio2": 40, "gcs": 15, "bands": 5}
        for unit in [*units, None, "furlong", 7]:
            value = good.get(code, 60)
            # Ranges are known to the schema in the canonical unit only: elsewhere a value that fits.
            value = {"[degF]": 99, "266560": 99, "MDC_DIM_FAHR": 99, "kPa": 10, "265987": 10, "MDC_DIM_KILO_PASCAL": 10,
                     "1": 0.5, "mL/min": 1000}.get(unit, value)
            cases.append({"code": code, "value": value, "unit": unit})
    agree("observations", observations(*cases))


def test_ranges_and_words():
    temp = {"code": "temp", "value": 37, "unit": "Cel"}
    cases = [{**temp, "value": v} for v in (29.9, 30, 43, 43.1, "37", None)]
    cases += [{"code": "spo2", "value": v, "unit": "%"} for v in (19, 20, 100, 101)]
    cases += [{"code": "gcs", "value": v} for v in (2, 3, 15, 16, 9.5)]
    cases += [{"code": "sbp", "value": v, "unit": "mm[Hg]"} for v in (0, 39, 40, 260, 261)]
    cases += [{**temp, field: value} for field, values in {
        "source": ("spot", "lips", 1, None), "method": ("oral", "nose", None), "quality": ("valid", "poor", None),
        "ts": (1772323200000, "2026-03-01T00:00:00Z", "2026-03-01T08:00:00.5+08:00", "2026-03-01 00:00:00Z",
               "2026-03-01T00:00:00", "1999-01-01T00:00:00Z", 5, "now", None, True)}.items() for value in values]
    cases += [{"code": "spo2", "value": 95, "unit": "%", "pi": pi} for pi in (0, 100, 101, -1, "1", None)]
    cases += [{"code": "ferritin", "value": 9, "unit": "ng/mL", "uln": uln} for uln in (300, "300", None)]
    items = dict.fromkeys(("year", "month", "city", "hospital", "name1", "name2", "name3", "command", "sentence", "attention"), 1)
    cases += [{"code": "ice", **more} for more in (
        {"value": 10}, {"value": 11}, {"value": -1}, {"value": 9.5}, {"value": "9"}, {"items": items}, {"items": {"year": 1}},
        {"items": {**items, "year": 2}}, {"value": 9, "items": {"year": 0}}, {"unarousable": True}, {"unarousable": "yes"}, {},
        {"value": 9, "unit": "{score}"}, {"value": 9, "unit": "points"}, {"value": None}, {"items": []})]
    cases += [{"code": "infusion", "value": "start", **m} for m in ({"product": "x.1", "dose_id": "D-1"}, {"product": "a b"},
                                                                     {"dose_id": 5}, {"product": None})]
    cases += [{"code": code, "value": "start", "on": on} for code in ("infusion", "lymphodepletion") for on in (True, False, None, "no", 1)]
    cases += [{"code": "o2_device", "value": "hfnc", **m} for m in ({"flow": 40, "fio2": 60}, {"flow": 81}, {"fio2": 0.6}, {"flow": "4"})]
    cases += [{"code": "seizure", "value": True, **m} for m in ({"duration_s": 300.5, "no_return": True}, {"duration_s": -1},
                                                                 {"duration_s": "5"}, {"no_return": 1})]
    cases += [{"code": "vasopressor", "value": "dopamine", "on": v} for v in (True, False, 1, None)]
    cases += [{"code": "flag", "value": "sedated", **m} for m in ({"on": True, "by": "nurse:li", "until": 1772423200000},
                                                                   {"on": "yes"}, {"until": "later"}, {"by": ""}, {"by": "  "}, {"by": "x" * 65})]
    cases += [{"code": "neuro", "value": "tremor", "haemorrhage": v} for v in (True, "no")]
    cases += [{"code": "seizure", "value": True, "quality": v} for v in ("valid", "questionable", "invalid", "calibrating", "test", None)]
    cases += [{"code": "symptom", "value": v} for v in ("rigors", "own_word", "Rigors", "x" * 41)]
    cases += [{}, {"code": 5}, {"value": 5}, 5, "hr", None, {"code": "hr"}, {"code": "hr", "value": None, "unit": 5},
              {"code": "hr", "value": 80, "unit": "/min", "new_field": {"a": 1}}]
    agree("observations", observations(*cases))


def test_heads():
    item = {"code": "hr", "value": 80, "unit": "/min"}
    cases = []
    for more in ({}, {"obs": [item] * 256}, {"obs": [item] * 257}, {"obs": {}}, {"obs": None}, {"gateway": None},
                 {"gateway": "GW"}, {"gateway": "unknown"}, {"gateway": 5}, {"gateway": "x" * 33}, {"ts": None}, {"ts": "x"},
                 {"epoch": "e"}, {"seq": 1}, {"epoch": "e", "seq": 1}, {"epoch": "e", "seq": 0}, {"epoch": "e", "seq": "1"},
                 {"epoch": "e e", "seq": 2}, {"epoch": "", "seq": 3}, {"epoch": "e", "seq": 1.5}, {"patient": "p-1"},
                 {"patient": "p 1"}, {"patient": 4}, {"device": "m-1"}, {"device": "M 1"}, {"unknown_field": [1, {"a": 2}]}):
        cases.append((f"beds/w/{len(cases)}/vitals", {**MESSAGE, "obs": [item], **more}))
    agree("observations", cases)


def test_episodes():
    admit = {"ts": 1772323200000, "do": "admit", "patient": "p-1"}
    cases = []
    for more in ({}, {"ts": None}, {"do": None}, {"do": "expel"}, {"patient": None}, {"patient": "a b"}, {"product": "car_nk"},
                 {"product": "pill"}, {"age": 0}, {"age": 131}, {"age": 5.5}, {"age": "5"}, {"setting": "inpatient"}, {"setting": "home"},
                 {"pregnant": True}, {"pregnant": "no"}, {"confirm": 1}, {"infusion_planned": "2026-03-02T00:00:00Z"},
                 {"infusion_planned": "soon"}, {"baseline": {"sbp": 125}}, {"baseline": {"temp": {"value": 98, "unit": "[degF]"}}},
                 {"baseline": {"sbp": "high"}}, {"baseline": {"nonsense": 5}}, {"baseline": 5}, {"uln": {"ferritin": 300}},
                 {"uln": {"8480-6": 5000, "x": 1}}, {"flags": ["scale2"]}, {"flags": ["tall"]}, {"flags": "scale2"},
                 {"identity": {"donor": "allogeneic", "chain_id": "C-1"}}, {"identity": {"donor": ""}}, {"identity": "C-1"}, {"identity": None}, {"by": "adt"}, {"by": ""},
                 {"target": "cd19"}, {"target": 19}, {"protocol": "car-t"}, {"protocol": "Car T"}, {"gateway": "adt"},
                 {"gateway": "ADT"}, {"epoch": "e"}, {"gateway": "adt", "epoch": "e", "seq": 1}):
        bed = len(cases)
        cases.append((f"beds/w/{bed}/episode", {**admit, "patient": f"p-{bed}", **more}))
    agree("episode", cases)


def test_commands():
    accept = {"id": "c", "by": "nurse:li", "do": "accept", "alert": "01JD"}
    cases = []
    for more in ({}, {"id": None}, {"id": ""}, {"id": "x" * 65}, {"id": 5}, {"by": None}, {"by": "li"}, {"by": "nurse:"},
                 {"by": "Nurse:li"}, {"by": "nurse:" + "x" * 60}, {"do": None}, {"do": "dance"}, {"alert": None}, {"alert": "a b"},
                 {"rev": 3}, {"rev": 0}, {"rev": "3"}, {"ts": 1772323200000}, {"ts": "x"}, {"for": "15m"}, {"for": "1h 30m"}, {"for": "1h30m"},
                 {"for": 90}, {"for": 0}, {"for": "x"}, {"for": "15 m"}, {"reason": 5}, {"do": "judge"},
                 {"do": "judge", "judgement": "artefact"}, {"do": "judge", "judgement": "nice"}, {"do": "received"}):
        message = {**accept, "id": f"c{len(cases)}", **more}
        message = {k: v for k, v in message.items() if v is not None}
        cases.append(("wards/w/commands/t-1", message))
    agree("command", cases)


def test_gateway_status_at_the_daemon():
    """What is wrong is answered, a table of messages at the running daemon; what is right is not."""
    table = [  # topic, message, reason (None: taken)
        ("gateways/gw-9/status", {"state": "online"}, None), ("gateways/gw-9/status", {"state": "offline", "epoch": "e1"}, None),
        ("gateways/gw-9/status", {"state": "away"}, "code_unknown"), ("gateways/gw-9/status", {}, "field_missing"),
        ("gateways/gw-9/status", {"state": 1}, "wrong_type"), ("gateways/gw-9/status", {"state": "online", "epoch": "a b"}, "bad_id"),
        ("gateways/gw-9/status", {"state": "online", "from": 0}, "wrong_type"),
        ("gateways/gw-9/status", {"state": "online", "ts": "x"}, "bad_time"),
        ("beds/onc-7/1/vitals", {**MESSAGE, "gateway": "gw-9", "obs": [{"code": "hr", "value": 80}]}, "unit_missing"),
        ("beds/onc-7/1/labs", {**MESSAGE, "gateway": "gw-9", "obs": [{"code": "k", "value": 4, "unit": "Cel"}]}, "unit_unknown"),
        ("beds/onc-7/1/therapy", {**MESSAGE, "gateway": "gw-9", "obs": [{"code": "infusion", "value": "begin"}]}, "code_unknown"),
        ("beds/onc-7/1/assessment", {**MESSAGE, "gateway": "gw-9", "obs": [{"code": "ice", "value": 11}]}, "out_of_range"),
        ("beds/onc-7/1/vitals", {**MESSAGE, "gateway": "gw-9", "ts": now_ms(), "obs": [
            {"code": "hr", "value": 80, "unit": "/min"}]}, None),
        ("beds/onc-7/1/episode", {"gateway": "gw-9", "ts": now_ms(), "do": "admit"}, "field_missing")]
    with Place() as place:
        client = place.client("all", V + "gateways/gw-9/rejected")
        for topic, message, reason in table:
            before = len(client.messages("/rejected"))
            invalid = faults(schema_of(V + topic), message)
            assert bool(invalid) == bool(reason), (topic, message, invalid)
            client.publish(V + topic, message)
            if reason:
                until(lambda: len(client.messages("/rejected")) > before, 5, f"{reason} for {message}")
                assert client.messages("/rejected")[-1]["reason"] == reason, (message, client.messages("/rejected")[-1])
        assert len(client.messages("/rejected")) == sum(bool(reason) for _, _, reason in table)


def words(schema):
    """Every word of a closed list, and every field."""
    if isinstance(schema, list):
        return set().union(*map(words, schema))
    if not isinstance(schema, dict):
        return set()
    own = {w for w in schema.get("enum", []) if isinstance(w, str)} | set(schema.get("properties", {}))
    return own.union(*(words(part) for key, part in schema.items() if key != "enum"))


def test_the_man_page_names_everything():
    text = open(os.path.join(ROOT, "contrib", "man", "vigil-messages.7"), encoding="utf-8").read().replace("\\-", "-")
    said = set(re.findall(r"[A-Za-z0-9_]+", text))
    wanted = set().union(*(words(SCHEMAS[name]) for name in SCHEMAS))
    wanted = {w for w in wanted if re.fullmatch(r"[A-Za-z0-9_]+", w) and not re.match(r"MDC_|[0-9]{5,}", w)}
    inside = {"nonrebreather", "trach_mask",  # other words for two devices
              "at", "ladder", "version", "digest", "name", "grade", "score"}  # parts that say themselves
    assert not wanted - said - inside, sorted(wanted - said - inside)
    print(f"  {len(wanted)} words")


def test_the_test_sees_a_fault():
    good = {"gateway": "gw-1", "ts": 1772323200000, "obs": [{"code": "hr", "value": 80, "unit": "/min"}]}
    assert not faults("observations", good)
    bad = copy.deepcopy(good)
    bad["obs"][0]["value"] = "80"
    assert faults("observations", bad)
    assert faults("committed", {"epoch": "e", "upto": 1, "missing": [], "ts": "2026-01-01T00:00:00.000Z", "x": 1}, strict=True)


run([v for k, v in list(globals().items()) if k.startswith("test_")])
