# SPDX-License-Identifier: Apache-2.0
"""Each right with each verb on each severity in each ward, and each right with each path: against a table of this
file's own, which says the same as config/USERS.md and knows nothing of the daemon's."""
import os
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib-python"))
from place import BUILD, ROOT, Daemon, Place, now_ms, run, seed, until, vitals  # noqa: E402
from web import Web  # noqa: E402

RANDOM = seed()
SEVERITIES = ("info", "technical", "watch", "urgent", "critical")
RIGHTS = ("display", "nurse", "physician", "administrator")
WARDS = ("onc-7", "onc-8")

# The gravest alert that each right may do it to; "-": none.  display, nurse, physician, administrator
VERBS = """
    acknowledge  -         critical  critical  technical
    accept       -         critical  critical  technical
    reject       -         critical  critical  technical
    release      -         critical  critical  technical
    silence      -         critical  critical  technical
    reset        -         critical  critical  technical
    judge        -         critical  critical  technical
    note         -         critical  critical  technical
    shelve       -         watch     urgent    technical
    pause        -         critical  critical  -
    received     critical  critical  critical  critical
    displayed    critical  critical  critical  critical
"""
BODIES = {"reject": {"reason": "x"}, "silence": {"for": "1m"}, "shelve": {"for": "10m", "reason": "x"}, "note": {"note": "x"},
          "judge": {"judgement": "actionable"}, "pause": {"for": "1m", "reason": "x"}, "received": {"page": "01ABC"}, "displayed": {"page": "01ABC"}}

# Who may GET it: d n p a. {w}: a ward, {p}: its patient, {a}: its alert, {e}: its episode; "whole": of no ward;
# "empty": of another ward nothing is found.
PATHS = """
    dnpa whole  /
    dnpa whole  /readyz
    dnpa whole  /metrics
    dnpa whole  /api/v1/openapi.yaml
    dnpa whole  /api/v1/session
    dnpa whole  /api/v1/wards
    dnpa whole  /api/v1/protocols/grades/limits
    dnpa whole  /fhir/metadata
    dnpa ward   /api/v1/wards/{w}/beds
    dnp. ward   /api/v1/wards/{w}/trends
    .np. ward   /api/v1/episodes?patient={p}
    .np. ward   /api/v1/episodes/{e}
    .np. ward   /api/v1/readings?patient={p}&code=sbp
    .np. ward   /api/v1/readings?patient={p}&code=sbp&from=-30d&step=5m
    dnp. ward   /api/v1/readings?patient={p}&code=sbp&from=-6h&step=5m
    .np. ward   /api/v1/assessments?patient={p}
    .np. ward   /api/v1/charted?patient={p}
    .np. empty  /api/v1/alerts?patient={p}
    .np. ward   /api/v1/alerts?ward={w}
    .np. ward   /api/v1/alerts/{a}
    .np. ward   /fhir/Patient/{p}
    .np. ward   /fhir/Observation?patient={p}
    .np. ward   /fhir/Encounter/{e}
"""
PROTOCOL = """protocol: grades
version: "1"
products: [car_t]
title: {en: "An alert of each severity"}
rules:
""" + "".join(f"""  - id: AT_{s.upper()}
    class: haemodynamic
    severity: {s}
    when: {signal} >= {limit}
    {"ladder: l" if s != "info" else "ladder: none"}
    {"latch: yes" if s == "critical" else "latch: no"}
    text: {{en: "{s}"}}
    source: test
""" for s, (signal, limit) in zip(SEVERITIES, (("hr", "100 /min"), ("rr", "30 /min"), ("temp", "39 Cel"), ("dbp", "90 mm[Hg]"), ("sbp", "190 mm[Hg]")))) + """ladders:
  l: {hold: 30m, steps: [{offer: [bedside-nurse], wait: 2m, resend: 1m}], fallback: {offer: [charge-nurse, rapid-response], repeat: 2m}}
"""


class Guarded(Daemon):
    def command(self, *more):
        return super().command("--set", f"users={self.folder}/users", *more)


class House(Place):
    """Two wards; in each a patient with an open alert of each severity. Each right twice: of onc-7, and of all."""

    def __init__(self):
        super().__init__(start=False)
        os.mkdir(os.path.join(self.folder, "protocols"))
        with open(os.path.join(self.folder, "protocols", "grades.yaml"), "w") as f:
            f.write(PROTOCOL)
        self.daemon = Guarded(self.folder, self.broker, os.path.join(self.folder, "vigild.yaml"))
        with open(self.daemon.settings, "w") as f:
            f.write("node: t\nprotocols: protocols\nwards:\n" + "".join(f"  - {{id: {w}, protocol: grades}}\n" for w in WARDS))
        self.tokens = {}
        for right in RIGHTS:
            for ward in (None, WARDS[0]):
                name = f"{right[:5]}-{'own' if ward else 'all'}"
                done = subprocess.run([os.path.join(BUILD, "vigil"), "user", "add", name, "--role", right, "--token", *(["--ward", ward] if ward else []),
                                       "--set", f"users={self.folder}/users"], capture_output=True, text=True)
                assert done.returncode == 0, done.stderr
                self.tokens[right, ward] = done.stdout.strip()
        self.broker.start()
        self.daemon.start()
        self.web = Web(self.daemon.port)
        self.gateway = self.client("gw", "vigil/v1/wards/+/events")
        self.patients()

    def patients(self):
        high = [{"code": "hr", "value": 110, "unit": "/min"}, {"code": "rr", "value": 35, "unit": "/min"}, {"code": "temp", "value": 39.5, "unit": "Cel", "source": "spot"},
                {"code": "dbp", "value": 95, "unit": "mm[Hg]", "source": "cuff"}, {"code": "sbp", "value": 195, "unit": "mm[Hg]", "source": "cuff"}]
        for ward in WARDS:
            self.gateway.publish(f"vigil/v1/beds/{ward}/1/episode", {"ts": now_ms() - 3_600_000, "by": "adt", "do": "admit", "patient": f"p-{ward}", "product": "car_t",
                                                                     "age": 50, "protocol": "grades"})
            self.gateway.publish(f"vigil/v1/beds/{ward}/1/vitals", vitals(None, *high, ts=now_ms() - 1000))
        rules = {f"AT_{s.upper()}" for s in SEVERITIES}
        open_ = lambda: {(e["ward"], e["severity"]): e["id"] for e in self.gateway.events() if e["rule"] in rules}  # noqa: E731
        until(lambda: len(open_()) == len(WARDS) * len(SEVERITIES), what="all alerts")
        self.alerts = open_()
        until(lambda: len(self.daemon.rows("SELECT 1 FROM alert WHERE rule LIKE 'AT@_%' ESCAPE '@'")) == len(self.alerts), what="them in the store")
        self.episodes = dict(self.daemon.rows("SELECT ward, id FROM episode")) if self.has_episode_ward() else {}

    def has_episode_ward(self):
        return {"ward", "id"} <= {row[1] for row in self.daemon.rows("PRAGMA table_info(episode)")}

    def ask(self, who, method, path, value=None):
        head = {"Authorization": f"Bearer {self.tokens[who]}"}
        return self.web.post(path, value, **head) if method == "POST" else self.web.get(path, **head)


def side_by_side(house, part):
    """part(who) for everybody at once; fails with the first fault of each."""
    faults = []

    def guarded(who):
        try:
            part(who)
        except BaseException as e:  # noqa: BLE001
            faults.append((who, e))
    threads = [threading.Thread(target=guarded, args=(who,)) for who in house.tokens]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert not faults, faults


def test_each_right_each_verb_each_severity_each_ward():
    table = {row.split()[0]: dict(zip(RIGHTS, row.split()[1:])) for row in VERBS.strip().splitlines()}
    assert len(table) == 12 and all(len(row) == 4 for row in table.values())
    tried = []
    with House() as house:
        cases = [(verb, severity, ward) for verb in table for severity in SEVERITIES for ward in WARDS]
        RANDOM.shuffle(cases)

        def all_of(who):
            right, own = who
            for verb, severity, ward in cases:
                most = table[verb][right]
                may = own in (None, ward) and most != "-" and SEVERITIES.index(severity) <= SEVERITIES.index(most)
                answer = house.ask(who, "POST", f"/api/v1/alerts/{house.alerts[ward, severity]}/{verb}", BODIES.get(verb, {}))
                assert answer.status == (200 if may else 403), (who, verb, severity, ward, answer)
                assert may or answer.type == "application/problem+json" and f"p-{ward}" not in answer.text, answer
                tried.append(may)
        side_by_side(house, all_of)
        # nothing of what was refused has happened: each change is by somebody who may
        assert not [e for e in house.gateway.events() if "displ-" in str(e)]
        assert [e for e in house.gateway.events() if "nurse-" in str(e)]
        for who in list(house.tokens)[:2]:
            assert house.ask(who, "POST", f"/api/v1/alerts/{house.alerts[WARDS[0], 'urgent']}/frobnicate", {}).status == 404
    print(f"  {len(tried)} tried, {sum(tried)} allowed")
    assert len(tried) == 8 * 12 * 5 * 2 and 0 < sum(tried) < len(tried)


def test_each_right_each_path_each_ward():
    rows = [row.split() for row in PATHS.strip().splitlines()]
    with House() as house:
        def all_of(who):
            right, own = who
            for rights, reach, path in rows:
                for ward in WARDS[:1] if reach == "whole" else WARDS:
                    if "{e}" in path and ward not in house.episodes:
                        continue
                    full = path.format(w=ward, p=f"p-{ward}", a=house.alerts[ward, "critical"], e=house.episodes.get(ward))
                    answer = house.ask(who, "GET", full)
                    may = rights[RIGHTS.index(right)] != "." and (reach != "ward" or own in (None, ward))
                    assert (answer.status == 200) if may else answer.status == 403, (who, full, answer)
                    if reach == "empty" and may:
                        assert bool(answer.json["alerts"]) == (own in (None, ward)), (who, full, answer)
                    assert may or f"p-{ward}" not in answer.text.replace(full, ""), (who, full, answer)
            # entries at a bed
            for ward in WARDS:
                may = right in ("nurse", "physician") and own in (None, ward)
                answer = house.ask(who, "POST", f"/api/v1/beds/{ward}/1/assessment", {"gateway": "board", "ts": now_ms(), "obs": [{"code": "consciousness", "value": "A"}]})
                assert answer.status == (200 if may else 403), (who, ward, answer)
        side_by_side(house, all_of)
        listed = house.ask(("nurse", WARDS[0]), "GET", "/api/v1/alerts").json["alerts"]
        assert {a["ward"] for a in listed} == {WARDS[0]}, "a list without a ward holds their own only"
        assert [w["ward"] for w in house.ask(("display", WARDS[0]), "GET", "/api/v1/wards").json["wards"]] == [WARDS[0]]


def test_the_paper_says_the_same():
    """USERS.md's table has a row for each verb, with the same reach."""
    text = open(os.path.join(ROOT, "config", "USERS.md")).read()
    said = {"no": "-", "yes": "critical", "any severity": "critical", "watch and below": "watch", "urgent and below": "urgent", "technical and below": "technical"}
    for row in VERBS.strip().splitlines():
        verb, *reach = row.split()
        line = next(li for li in text.splitlines() if li.startswith("| ") and verb in li.split("|")[1])
        assert [said[c.strip()] for c in line.split("|")[2:6]] == reach, (verb, line)


if __name__ == "__main__":
    run([test for name, test in list(globals().items()) if name.startswith("test_")])
