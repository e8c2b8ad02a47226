# SPDX-License-Identifier: Apache-2.0
"""What people enter at a bed by HTTP once users are configured: in whose name, which flags each right may put, what of
it is written down; and that nothing of what was refused is there. Against a table of this file's own."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib-python"))
from place import BUILD, ROOT, Daemon, Place, now_ms, run, seed, until, vitals  # noqa: E402
from web import Web  # noqa: E402

RANDOM = seed()
BED = "/api/v1/beds/onc-7/1/assessment"

# Who may put it; who enters may take any off.
FLAGS = """
    fever_other_cause        wu
    hypotension_other_cause  wu
    hypoxia_other_cause      wu
    home_cpap                wu
    airway_only              wu
    scale2                   wu
    sedated                  wu
    crs_closed               wu
    comfort_care             wu
    anc_expected_lt500       li wu
    allergen_probable        li wu
    crs_resolving            li wu
    irr_resolved             li wu
    fn_treated               li wu
"""
TABLE = {row.split()[0]: row.split()[1:] for row in FLAGS.strip().splitlines()}
OWN = {"li": "bedside-nurse:li", "wu": "physician:wu"}


class Guarded(Daemon):
    def command(self, *more):
        return super().command("--set", f"users={self.folder}/users", *more)


class House(Place):
    def __init__(self, users=True):
        super().__init__(start=False)
        self.tokens = {}
        for name, words in (("li", "nurse --as bedside-nurse --as charge-nurse --ward onc-7"), ("wu", "physician"), ("root", "administrator"), ("wall", "display")):
            done = subprocess.run([os.path.join(BUILD, "vigil"), "user", "add", name, "--role", *words.split(), "--token", "--set", f"users={self.folder}/users"],
                                  capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
            self.tokens[name] = done.stdout.strip()
        self.broker.start()
        self.daemon = (Guarded if users else Daemon)(self.folder, self.broker).start()
        self.web = Web(self.daemon.port)
        self.gateway = self.client("gw", "vigil/v1/wards/+/events")
        self.gateway.publish("vigil/v1/beds/onc-7/1/episode", {"ts": now_ms() - 3_600_000, "by": "adt", "do": "admit", "patient": "p-7", "product": "car_nk", "age": 50})
        until(lambda: self.daemon.rows("SELECT 1 FROM episode"), what="the patient")

    def enter(self, name, *obs, path=BED, **more):
        head = {"Authorization": f"Bearer {self.tokens[name]}"} if name else {}
        return self.web.post(path, {"gateway": "board", "ts": now_ms(), "obs": list(obs), **more}, **head)

    def charted(self):
        messages = self.web.get("/api/v1/charted?patient=p-7", Authorization=f"Bearer {self.tokens['wu']}").json["charted"]
        return [i for m in messages for i in m["obs"] if i["code"] == "flag"]

    def trail(self):
        return [(subject, json.loads(body)["text"]) for subject, body in self.daemon.rows("SELECT subject, body FROM audit WHERE kind = 'entry' ORDER BY id")]

    def low_pressure(self):
        for ago in (400_000, 60_000):
            self.gateway.publish("vigil/v1/beds/onc-7/1/vitals", vitals(None, {"code": "sbp", "value": 80, "unit": "mm[Hg]", "source": "cuff"}, ts=now_ms() - ago))
        return until(lambda: self.gateway.events("HYPOTENSION"), what="the alert")[0]


def flag(name, **more):
    return {"code": "flag", "value": name, **more}


def test_each_right_and_each_flag():
    with House() as house:
        cases = [(name, value, on) for name in house.tokens for value in TABLE for on in (True, False)]
        RANDOM.shuffle(cases)
        expected = []
        for name, value, on in cases:
            may = name in OWN and (not on or name in TABLE[value])
            answer = house.enter(name, flag(value, on=on))
            assert answer.status == (200 if may else 403), (name, value, on, answer)
            if may:
                expected.append((value, on, OWN[name]))
            else:
                assert answer.type == "application/problem+json" and "p-7" not in answer.text, answer
                assert name not in OWN or value in answer.json["detail"] and '"nurse"' in answer.json["detail"], answer
        found = [(i["value"], i.get("on", True), i["by"]) for i in house.charted()]
        assert sorted(found) == sorted(expected), "what was refused is not there, and the rest under who entered it"


def test_in_nobody_elses_name():
    with House() as house:
        for name, by in (("li", "physician:wu"), ("li", "Dr B"), ("li", "bedside-nurse:wu"), ("li", "nurse:li"), ("li", "li"), ("li", "bedside-nurse:li "),
                         ("wu", "attending:wu"), ("wu", "bedside-nurse:li")):
            answer = house.enter(name, {"code": "consciousness", "value": "A"}, flag("fn_treated", by=by))
            assert answer.status == 403 and f'"{by}" is not who is logged in' in answer.json["detail"], (name, by, answer)
        assert not house.charted() and not house.trail() and not house.daemon.rows("SELECT 1 FROM quarantine"), "nothing of it, also not beside it"
        assert house.enter("li", flag("fn_treated", by="charge-nurse:li")).status == 200, "another role of their own"
        assert house.enter("li", flag("fn_treated", on=False)).status == 200
        assert [i["by"] for i in house.charted()] == ["charge-nurse:li", "bedside-nurse:li"], house.charted()
        stuck = house.enter("li", flag("fn_treated", by=7))
        assert stuck.status == 422 or stuck.json["refused"][0]["reason"] == "wrong_type", stuck


def test_a_nurse_cannot_make_it_quiet():
    with House() as house:
        assert house.enter("li", flag("comfort_care")).status == 403
        assert house.enter("li", flag("comfort_care", by="physician:wu")).status == 403
        assert house.low_pressure()["responsibility"]["state"] == "offered", "somebody is called"
    with House() as house:
        assert house.enter("wu", flag("comfort_care")).status == 200
        assert house.low_pressure()["responsibility"]["state"] != "offered", "the physician said so"


def test_each_entry_is_in_the_trail():
    with House() as house:
        assert house.enter("li", {"code": "consciousness", "value": "V"}, flag("irr_resolved"), {"code": "consciousness", "value": "V"}).status == 200
        assert house.enter("wu", {"code": "temp", "value": 38.4, "unit": "Cel", "source": "spot"}, path=BED.replace("assessment", "vitals"), patient="p-7").status == 200
        assert house.enter("wu", {"code": "temp", "value": 38.4}, path=BED.replace("assessment", "vitals")).json["refused"]
        assert house.enter("wu", {"code": "medication", "value": "antibiotic"}, path=BED.replace("assessment", "therapy"), patient="p-other").status == 422
        rows = house.trail()
        assert rows == [("onc-7/1", "nurse li entered assessment: consciousness, flag"), ("onc-7/1", "physician wu entered vitals for p-7: temp"),
                        ("onc-7/1", "physician wu entered therapy for p-other: medication")], rows
        done = subprocess.run([os.path.join(BUILD, "vigil"), "audit", "verify", "--set", f"store.path={house.daemon.store}"], capture_output=True, text=True)
        assert done.returncode == 0, done
    with House(users=False) as house:
        assert house.enter(None, flag("comfort_care", by="physician:whoever")).status == 200, "without users everybody may do everything"
        assert house.trail() == [("onc-7/1", "somebody, as no users are configured, entered assessment: flag")], house.trail()


def test_the_paper_says_the_same():
    text = open(os.path.join(ROOT, "config", "USERS.md")).read()
    [line] = [li for li in text.splitlines() if li.startswith("| put `comfort_care`")]
    assert {w for w in line.split("|")[1].split("`") if "_" in w or w in TABLE} == {f for f, who in TABLE.items() if who == ["wu"]}, line
    assert [c.strip() for c in line.split("|")[2:6]] == ["no", "no", "yes", "no"], line


if __name__ == "__main__":
    run([test for name, test in list(globals().items()) if name.startswith("test_")])
