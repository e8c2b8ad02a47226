# SPDX-License-Identifier: Apache-2.0
"""`vigil acknowledge` and its like against a stand-in for the daemon: what is sent, what is said of
the answer, and the exit code, with a ward's name instead of a store. Then once with the daemon."""
import json
import os
import pwd
import subprocess
import threading
import time

from place import BUILD, ROOT, Place, now_ms, run, until, vitals

VIGIL = os.path.join(BUILD, "vigil")
ALERT = "01JDABCDEFGHJKMNPQRSTVWXYZ"


def vigil(place, *words, by="nurse:li", wait=60):
    environment = {**os.environ, "VIGIL_BY": by or ""}
    done = subprocess.run([VIGIL, *words, "--set", f"mqtt.url=mqtt://127.0.0.1:{place.broker.port}",
                           "--set", f"store.path={place.daemon.store}"],
                          capture_output=True, text=True, timeout=wait, env=environment)
    return done.returncode, done.stdout, done.stderr


class StandIn:
    """Answers each command with what `results` says of its do; keeps what came."""

    def __init__(self, place):
        self.client = place.client("stand-in", "vigil/v1/wards/+/commands/+")
        self.results, self.came, self.stop = {}, [], threading.Event()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        done = 0
        while not self.stop.wait(0.01):
            for topic, payload, retained in self.client.seen[done:]:
                done += 1
                command = json.loads(payload)
                self.came.append((topic, command, retained))
                answer = self.results.get(command["do"])
                if answer:
                    self.client.publish(topic.replace("/commands/", "/results/"),
                                        {"id": "another", "result": "ok"}, wait=False)
                    self.client.publish(topic.replace("/commands/", "/results/"),
                                        {"id": command["id"], **answer}, wait=False)


def test_answers_are_told_and_decide_the_exit_code():
    rows = [("acknowledge", {"result": "ok", "rev": 4, "detail": ""}, 0, "done (revision 4)"),
            ("accept", {"result": "stale_view", "rev": 5, "detail": "it has changed"}, 0, "done: it has changed"),
            ("release", {"result": "duplicate", "rev": 5, "detail": ""}, 0, "done before"),
            ("reset", {"result": "superseded", "rev": 6, "detail": "worse"}, 1, "not done, it has changed: worse"),
            ("silence", {"result": "closed", "rev": None, "detail": "no open alert has this id"}, 1, "not done: no open alert has this id"),
            ("note", {"result": "forbidden", "rev": None}, 1, "not allowed"),
            ("shelve", {"result": "over_cap", "rev": 1, "detail": "at most 30 min"}, 1, "at most 30 min"),
            ("reject", {"result": "invalid", "detail": "x"}, 1, "not understood: x"),
            ("judge", {"result": "of a later version"}, 1, "of a later version")]
    more = {"note": ["--reason", "seen"], "shelve": ["--reason", "known", "--for", "1h"],
            "reject": ["--reason", "busy"], "judge": ["--as", "false"]}
    with Place(start=False) as place:
        place.broker.start()
        stand_in = StandIn(place)
        for do, answer, code, words in rows:
            stand_in.results[do] = answer
            got = vigil(place, do, ALERT, "--ward", "onc-7", *more.get(do, []))
            assert got[0] == code and words in got[1] and got[1].count("\n") == 1, (do, got)
        came = {command["do"]: (topic, command) for topic, command, retained in stand_in.came if not retained}
        assert len(came) == len(rows)
        topic, command = came["shelve"]
        client = topic.split("/")[-1]
        assert topic == f"vigil/v1/wards/onc-7/commands/{client}" and command["id"], topic
        assert (command["by"], command["alert"], command["for"], command["reason"]) == \
            ("nurse:li", ALERT, 3600, "known"), command
        assert came["judge"][1]["judgement"] == "false" and came["note"][1]["reason"] == "seen"
        assert "rev" not in command and len({c["id"] for _, c, _ in stand_in.came}) == len(rows)
        code, out, _ = vigil(place, "accept", ALERT.lower(), "--ward", "onc-7", "--by", "charge-nurse:wu",
                             "--rev", "3", "--json")
        assert code == 0 and json.loads(out)["result"] == "stale_view", out
        assert (stand_in.came[-1][1]["by"], stand_in.came[-1][1]["rev"]) == ("charge-nurse:wu", 3)
        stand_in.results["pause"] = {"result": "ok", "rev": None, "detail": ""}
        code, out, _ = vigil(place, "pause", "onc-7/12", "--for", "30m", "--reason", "CT")
        assert code == 0 and out == "pause onc-7/12: done\n", out
        assert stand_in.came[-1][1]["bed"] == "12" and stand_in.came[-1][1]["for"] == 1800
        assert vigil(place, "pause", "onc-7/12", "--back")[0] == 0
        assert "for" not in stand_in.came[-1][1]
        stand_in.stop.set()


def test_no_answer_and_no_broker_are_said():
    with Place(start=False) as place:
        code, _, err = vigil(place, "accept", ALERT, "--ward", "onc-7")
        assert code == 3 and "the broker" in err, err
        place.broker.start()
        listener = place.client("listener", "vigil/v1/wards/+/commands/+")
        code, _, err = vigil(place, "accept", ALERT, "--ward", "onc-7")
        assert code == 3 and "no answer" in err and "not known" in err, err
        assert len(listener.messages("")) == 1
        code, _, err = vigil(place, "accept", ALERT)  # neither a store nor a ward
        assert code == 3 and "--ward" in err, err


def test_wrong_words_are_refused_before_anything_is_sent():
    rows = [("accept",), ("accept", ALERT, "--by", "li"), ("accept", ALERT, "--by", ":li"), ("reject", ALERT),
            ("accept", ALERT, "--by", ""), ("accept", ALERT, "--by", "nurse: "), ("admit", "onc-7/12", "p-1", "--age", "50", "--by", " "),
            ("judge", ALERT), ("judge", ALERT, "--as", "silly"), ("note", ALERT), ("shelve", ALERT),
            ("pause", "12", "--for", "30m", "--reason", "CT"), ("pause", "onc-7/12", "--reason", "CT"),
            ("pause", "onc-7/12", "--for", "soon", "--reason", "CT"), ("accept", ALERT, "--rev", "0"),
            ("accept", ALERT, "--nosuch"), ("accept", ALERT, ALERT), ("accept", ALERT + "0", "--ward", "onc-7"),
            ("accept", ALERT, "--ward", "A B"), ("admit", "onc-7/1"), ("admit", "onc-7/1", "a b"),
            ("admit", "onc-7/1", "p-1", "--baseline", "sbp"), ("admit", "onc-7/1", "p-1", "--flag", "nosuch"),
            ("admit", "onc-7/1", "p-1", "--age", "old"), ("admit", "onc-7/1", "p-1", "--confirm"),
            ("transfer", "onc-7/1", "icu"), ("discharge", "onc-7/1", "--age", "5"), ("discharge",)]
    with Place(start=False) as place:
        for words in rows:
            code, out, err = vigil(place, *words)
            assert code == 2 and not out and err.startswith(f"vigil {words[0]}: "), (words, code, out, err)
        for word in ("accept", "pause", "admit", "discharge"):
            code, out, _ = vigil(place, word, "--help")
            assert code == 0 and out.startswith("usage: vigil "), out


def test_whoever_says_nothing_is_known_by_their_login():
    with Place(start=False) as place:
        place.broker.start()
        daemon = StandIn(place)
        daemon.results = {"accept": {"result": "ok", "rev": 4, "detail": ""}}
        assert vigil(place, "accept", ALERT, "--ward", "onc-7", by=None)[0] == 0
        assert vigil(place, "accept", ALERT, "--ward", "onc-7")[0] == 0
        login = "user:" + pwd.getpwuid(os.geteuid()).pw_name
        assert [command["by"] for _, command, _ in daemon.came] == [login, "nurse:li"], daemon.came
        daemon.stop.set()


def test_an_admission_is_sent_as_the_contract_says():
    with Place(start=False) as place:
        place.broker.start()
        beds = place.client("beds", "vigil/v1/beds/#")
        admit = ("admit", "onc-7/12", "p-0042", "--product", "car_nk", "--age", "55", "--outpatient",
                 "--baseline", "sbp=125", "--baseline", "temp=36.6", "--uln", "ferritin=300", "--flag", "scale2",
                 "--planned", "2026-11-24T06:00:00Z", "--at", "2026-11-23T06:00:00Z", "--by", "adt")
        sent = subprocess.Popen([VIGIL, *admit, "--set", f"mqtt.url=mqtt://127.0.0.1:{place.broker.port}",
                                 "--set", f"store.path={place.daemon.store}"],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        topic, payload, retained = until(lambda: beds.seen[:1], what="the admission")[0]
        assert topic == "vigil/v1/beds/onc-7/12/episode" and not retained
        assert json.loads(payload) == {
            "ts": "2026-11-23T06:00:00.000Z", "do": "admit", "patient": "p-0042", "product": "car_nk", "age": 55,
            "infusion_planned": "2026-11-24T06:00:00Z", "by": "adt", "baseline": {"sbp": 125, "temp": 36.6},
            "uln": {"ferritin": 300}, "flags": ["scale2"], "setting": "outpatient"}, payload
        beds.publish("vigil/v1/gateways/unknown/rejected", {
            "topic": topic, "reason": "identity", "detail": "another patient lies there"})
        out, err = sent.communicate(timeout=30)
        assert sent.returncode == 1 and "identity: another patient" in err and not out, (out, err)


def test_all_that_one_has_is_taken_over_at_a_change_of_shift():
    with Place() as place:
        ward = place.client("ward", "vigil/v1/wards/+/events")
        gateway = place.client("gw")
        for bed in "123":
            gateway.publish(f"vigil/v1/beds/onc-7/{bed}/vitals", vitals(int(bed), {"code": "spo2", "value": 80, "unit": "%", "source": "spot"}))
        raised = lambda: {e["bed"]: e["id"] for e in ward.events("HYPOXIA_SEVERE") if e["event"] == "raised"}  # noqa: E731
        ids = until(lambda: len(raised()) == 3 and raised(), what="three alerts")
        open_ones = "SELECT count(*) FROM alert WHERE open"
        until(lambda: place.daemon.rows(open_ones)[0][0] >= 3, what="them in the store")
        for bed, who in (("1", "nurse:li"), ("2", "nurse:li"), ("3", "nurse:ma")):
            got = vigil(place, "accept", ids[bed], by=who)
            assert got[0] == 0, got
        code, out, err = vigil(place, "accept", "--all-of", "nurse:li", by="nurse:wu")
        assert code == 0 and {line.split(" (")[0] for line in out.splitlines()} == {f"accept {ids[bed]}: done" for bed in "12"}, (code, out, err)
        code, out, _ = vigil(place, "alerts", "--json")
        owners = {a["bed"]: a["responsibility"]["owner"] for a in map(json.loads, out.splitlines()) if a["rule"] == "HYPOXIA_SEVERE"}
        assert owners == {"1": "nurse:wu", "2": "nurse:wu", "3": "nurse:ma"}, owners
        rows = place.daemon.rows("SELECT alert, by FROM command WHERE by = 'nurse:wu' ORDER BY alert")
        assert rows == sorted((ids[bed], "nurse:wu") for bed in "12"), rows
        code, _, err = vigil(place, "accept", "--all-of", "nurse:li", by="nurse:wu")
        assert code == 1 and "nurse:li has no open alert" in err, err
        assert vigil(place, "accept", "--all-of", "nurse:ma", "--ward", "elsewhere", by="nurse:wu")[0] == 1
        for words in (["--all-of", "li"], ["--all-of", "nurse:ma", ids["3"]], ["--all-of", "nurse:ma", "--rev", "2"]):
            assert vigil(place, "accept", *words, by="nurse:wu")[0] == 2, words
        assert vigil(place, "release", "--all-of", "nurse:ma", by="nurse:wu")[0] == 2


def test_a_planned_infusion_is_put_off_and_given_up():
    def admit(*more):
        return vigil(place, "admit", "onc-7/12", "p-0042", *more)

    hour_ago = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3600))
    with Place() as place:
        ward = place.client("ward", "vigil/v1/wards/+/events")
        events = lambda: [e["event"] for e in ward.events("INFUSION_NOT_CHARTED")]  # noqa: E731
        done = admit("--age", "55", "--at", "-2h", "--planned", hour_ago)
        assert done[0] == 0, done
        until(lambda: events() == ["raised"], what="the infusion to be missed")
        done = admit("--planned", "none")
        assert done[0] == 0, done
        until(lambda: events() == ["raised", "ended"], what="the end")
        code, _, err = admit("--planned", "no")
        assert code == 2 and "--planned no cannot be used" in err, err


def low_pressure(seq, ago_s):
    return vitals(seq, {"code": "sbp", "value": 80, "unit": "mm[Hg]", "source": "cuff"}, ts=now_ms() - ago_s * 1000)


def test_a_bed_with_a_patient_and_no_data_is_a_bed():
    """Admitted two hours ago and never heard: what is missing is shown, and is not the values of who lay there before."""
    with Place() as place:
        gateway = place.client("gw")
        rate = {"code": "hr", "value": 71, "unit": "/min"}
        for bed, patient in (("1", "p-1"), ("2", "p-2")):
            assert vigil(place, "admit", f"onc-7/{bed}", patient, "--age", "55", "--at", "-2h", "--by", "adt")[0] == 0
        gateway.publish("vigil/v1/beds/onc-7/1/vitals", vitals(1, rate))
        gateway.publish("vigil/v1/beds/onc-7/3/vitals", vitals(2, rate))
        lines = until(lambda: (out := vigil(place, "beds")[1]).count("hr 71") == 2 and out, what="the values").splitlines()
        assert lines[0].startswith("onc-7/1  p-1  hr 71") and lines[1] == "onc-7/2  p-2  no data" and "no patient linked" in lines[2], lines
        begin = place.daemon.rows("SELECT begin FROM episode WHERE patient = 'p-2'")[0][0]
        assert abs(now_ms() - 7_200_000 - begin) < 60_000, begin
        assert vigil(place, "discharge", "onc-7/1", "--by", "adt")[0] == 0 and vigil(place, "admit", "onc-7/1", "p-9", "--age", "60", "--by", "adt")[0] == 0
        assert vigil(place, "beds")[1].splitlines()[0] == "onc-7/1  p-9  no data"
        assert {b["patient"]: b["values"] for b in json.loads(vigil(place, "beds", "--json")[1])["beds"]}["p-2"] == {}
        code, _, err = vigil(place, "admit", "onc-7/4", "p-4", "--at", "yesterday")
        assert code == 2 and "--at yesterday" in err, err


def test_a_patients_stay_from_the_command_line():
    an_hour_ago = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3600))
    with Place() as place:
        ward = place.client("ward", "vigil/v1/wards/+/events", "vigil/v1/wards/+/results/+")
        code, out, err = vigil(place, "admit", "onc-7/12", "p-0042", "--product", "car_nk", "--age", "55",
                               "--at", an_hour_ago)
        assert code == 0 and out == "admit onc-7/12 p-0042: done\n", err
        gateway = place.client("gw")
        for seq, ago in ((1, 400), (2, 60)):
            gateway.publish("vigil/v1/beds/onc-7/12/vitals", low_pressure(seq, ago))
        alert = until(lambda: ward.events("HYPOTENSION"), what="the alert")[0]["id"]
        until(lambda: alert in vigil(place, "alerts")[1], what="the alert in the store")
        code, out, err = vigil(place, "note", "01", "--reason", "which?")
        assert code in (0, 2) and (code == 0 or "give more of the id" in err), (out, err)
        code, out, err = vigil(place, "accept", alert[:24].lower(), "--by", "bedside-nurse:li")
        assert code == 0 and f"accept {alert}: done" in out, (out, err)
        until(lambda: "accepted by bedside-nurse:li until" in vigil(place, "alerts")[1], what="the owner")
        assert "accepted by bedside-nurse:li" in vigil(place, "explain", alert)[1]
        code, out, _ = vigil(place, "accept", alert, "--by", "charge-nurse:wu")
        assert code == 1 and "taken by bedside-nurse:li" in out, out
        assert vigil(place, "accept", "ZZZ")[0] == 1
        code, _, err = vigil(place, "discharge", "onc-7/12")
        assert code == 1 and "a critical alert is open" in err, err
        assert vigil(place, "discharge", "onc-7/12", "--confirm")[0] == 0
        code, _, err = vigil(place, "discharge", "onc-7/12")
        assert code == 1 and "nobody is admitted" in err, err


def replay(lines, *words):
    done = subprocess.run([VIGIL, "replay", *words], input="".join(json.dumps(line) + "\n" for line in lines),
                          capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_replay_takes_commands():
    begin = 1768032000000
    lines = [{"at": begin + n * 300000, "topic": "vigil/v1/beds/onc-7/1/vitals", "payload": vitals(
        n + 1, {"code": "sbp", "value": 65, "unit": "mm[Hg]", "source": "cuff"}, ts=begin + n * 300000)}
        for n in range(2)]
    plain = replay(lines)
    alert = next(line["alert"]["id"] for line in plain if line["alert"]["rule"] == "HYPOTENSION")

    def command(seconds, payload):
        return {"at": begin + 300000 + seconds * 1000, "topic": "vigil/v1/wards/onc-7/commands/tablet",
                "payload": payload}
    take = {"id": "1", "by": "charge-nurse:wu", "do": "accept", "alert": alert}
    lines += [command(10, take), command(11, take), command(12, {"do": "accept"}), command(13, [1])]
    out = replay(lines)
    results = [line["result"] for line in out if "result" in line]
    assert [(r["id"], r["result"]) for r in results] == [
        ("1", "ok"), ("1", "duplicate"), ("", "invalid"), ("", "invalid")], results
    assert not [line for line in out if "page" in line]
    pages = [line["page"] for line in replay(lines, "--pages") if "page" in line]
    mine = [page for page in pages if page["alert"] == alert]
    assert [page["kind"] for page in mine][:1] == ["call"] and "taken" in [page["kind"] for page in mine], mine
    assert len({page["page"] for page in mine if page["kind"] != "call"}) == len(
        [page for page in mine if page["kind"] != "call"]), mine


if __name__ == "__main__":
    run([test for name, test in list(globals().items()) if name.startswith("test_")])
