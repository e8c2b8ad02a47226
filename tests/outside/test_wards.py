# SPDX-License-Identifier: Apache-2.0
"""Wards that are asked for: a slip of the pen is no quiet ward, and one that left the settings is watched and answered on."""
import json
import os
import re
import signal
import subprocess

from place import BUILD, Place, ROOT, now_ms, run, seed, until, vitals
from web import Web

LOW = {"code": "sbp", "value": 80, "unit": "mm[Hg]", "source": "cuff"}


def vigil(place, *words):
    done = subprocess.run([os.path.join(BUILD, "vigil"), *words, "-c", place.daemon.settings, "--set", f"store.path={place.daemon.store}"],
                          capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


class Wards(Place):
    def __init__(self, *wards):
        super().__init__(start=False)
        self.broker.start()
        self.listed(*wards)

    def listed(self, *wards):
        """The daemon, started anew with these wards in its settings."""
        if self.daemon.process:
            self.daemon.signal(signal.SIGTERM)
        text = open(os.path.join(ROOT, "config", "vigild.yaml")).read()
        text, count = re.subn(r"(?m)^  - \{id: onc-7, .*$", "\n".join(f"  - {{id: {w}, protocol: car-t}}" for w in wards), text)
        text = text.replace("protocols: protocols", "protocols: " + os.path.join(ROOT, "config", "protocols"))
        assert count == 1, count
        self.daemon.settings = os.path.join(self.folder, "vigild.yaml")
        open(self.daemon.settings, "w").write(text)
        self.daemon.start()
        self.web = Web(self.daemon.port)


def test_a_slip_of_the_pen_is_no_quiet_ward():
    with Wards("onc-7") as place:
        for path in ("/api/v1/alerts?ward=onc-t", "/api/v1/alerts?ward=onc-7%20", "/api/v1/wards/onc-t/trends", "/api/v1/wards/onc-t/beds"):
            answer = place.web.get(path)
            assert (answer.status, answer.type) == (404, "application/problem+json"), (path, answer)
            assert "there is no ward" in answer.json["detail"], answer
        assert place.web.get("/api/v1/alerts?ward=onc-7").json == {"alerts": []}, "a quiet ward"
        for words in (("alerts", "--ward", "onc-t"), ("alerts", "--ward", "onc-t", "--watch"), ("history", "--bed", "onc-t/1"), ("history", "onc-t/1")):
            code, out, err = vigil(place, *words)
            assert (code, out) == (2, "") and 'there is no ward "onc-t"' in err, (words, code, out, err)
        for question in ("alerts?ward=onc-7", "readings?patient=p-1&code=temp", "assessments?patient=p-1", "charted?patient=p-1", "coverage?patient=p-1&code=temp"):
            answer = place.web.get(f"/api/v1/{question}&from=now&to=-2h")
            assert answer.status == 400 and answer.json["detail"] == "from is later than to", (question, answer)
            assert place.web.get(f"/api/v1/{question}&from=-2h&to=-1h").status == 200, question
        code, _, err = vigil(place, "history", "p-1", "--from", "-1h", "--to", "-2h")
        assert code == 2 and "later than --to" in err, (code, err)
        assert vigil(place, "alerts", "--ward", "onc-7")[::2] == (1, "vigil alerts: nothing found\n")


def test_a_ward_that_left_the_settings_is_watched_and_answered_on():
    with Wards("onc-7", "onc-8") as place:
        client = place.client("gw", "vigil/v1/wards/+/events")

        def low(bed):
            for ago in (400_000, 60_000):
                client.publish(f"vigil/v1/beds/onc-8/{bed}/vitals", vitals(None, LOW, ts=now_ms() - ago))
            return until(lambda: [e for e in client.events("HYPOTENSION") if e["bed"] == bed], what="the alert")[0]
        first = low("1")
        place.listed("onc-7")
        second = low("2")
        alerts = place.web.get("/api/v1/alerts?ward=onc-8&state=open").json["alerts"]
        assert {first["id"], second["id"]} <= {a["id"] for a in alerts}, alerts
        assert {b["bed"] for b in place.web.get("/api/v1/wards/onc-8/beds").json["beds"]} == {"1", "2"}
        kept = place.client("display", "vigil/v1/wards/onc-8/index")
        both = {first["id"], second["id"]}
        until(lambda: kept.seen and both <= {o["id"] for o in json.loads(kept.seen[-1][1])["open"]}, what="the index")
        code, out, err = vigil(place, "alerts", "--ward", "onc-8")
        assert code == 0 and first["id"] in out, (code, out, err)
        assert vigil(place, "history", "onc-8/1")[0] == 0


def test_a_slip_that_sends_a_patient_away_is_said():
    with Wards("onc-7") as place:
        broker = ("--set", f"mqtt.url=mqtt://127.0.0.1:{place.broker.port}")
        code, out, err = vigil(place, "admit", "onc-7/1", "p-1", "--product", "car_nk", "--age", "55", "--at", "-1h", *broker)
        assert (code, err) == (0, ""), (code, out, err)
        client = place.client("gw", "vigil/v1/wards/+/events")
        for ago in (400_000, 60_000):
            client.publish("vigil/v1/beds/onc-7/1/vitals", vitals(None, LOW, ts=now_ms() - ago))
        until(lambda: client.events("HYPOTENSION"), what="the alert")
        code, out, err = vigil(place, "discharge", "onc-7/1", *broker)
        assert code == 1 and "if it is meant: --confirm" in err, (code, out, err)
        code, out, err = vigil(place, "transfer", "onc-7/1", "onc-t/1", *broker)
        assert code == 0 and 'the settings list no ward "onc-t"' in err, (code, out, err)
        users = ("--set", f"users={place.folder}/users")
        for words in (("watch", "--once", *broker), ("user", "add", "li", "--role", "nurse", "--token", *users)):
            for ward in ("onc-t", "onc-7"):
                code, _, err = vigil(place, *(w.replace("li", ward) if w == "li" else w for w in words), "--ward", ward)
                assert code == 0 and ("the settings list no ward" in err) is (ward == "onc-t"), (words, code, err)


def test_a_fault_of_a_ward_names_its_file():
    """However deep it lies; the path was cut after 60 bytes, and its name with it."""
    with Place(start=False) as place:
        folder = os.path.join(place.folder, "a-hospital-with-a-long-name", "and-a-department-with-one-too", "settings-of-the-second-floor")
        os.makedirs(folder)
        place.daemon.settings = os.path.join(folder, "vigild-of-the-second-floor.yaml")
        open(place.daemon.settings, "w").write(f"protocols: {os.path.join(ROOT, 'config', 'protocols')}\nwards:\n  - {{id: onc-7, protocol: car-tt}}\n")
        for words in ((), ("--check",)):
            done = subprocess.run(place.daemon.command(*words), capture_output=True, text=True, timeout=20)
            assert done.returncode != 0 and "/vigild-of-the-second-floor.yaml:3:5: ward onc-7: there is no protocol" in done.stderr, (words, done)


if __name__ == "__main__":
    seed()
    run([test_a_slip_that_sends_a_patient_away_is_said, test_a_fault_of_a_ward_names_its_file, test_a_slip_of_the_pen_is_no_quiet_ward, test_a_ward_that_left_the_settings_is_watched_and_answered_on])
