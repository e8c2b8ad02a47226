# SPDX-License-Identifier: Apache-2.0
"""Reload, checks, replay and the commands that read the store."""
import json
import os
import random
import re
import shutil
import signal
import subprocess
import tempfile

from place import BUILD, ROOT, Daemon, Place, now_ms, run, temp, until, vitals

VIGIL = os.path.join(BUILD, "vigil")
VIGILD = os.path.join(BUILD, "vigild")


def vigil(*words, stdin=None):
    done = subprocess.run([VIGIL, *words], input=stdin, capture_output=True, text=True, cwd=ROOT, timeout=60)
    return done.returncode, done.stdout, done.stderr


def test_reload_keeps_the_old_protocol_when_the_new_one_is_faulty():
    with Place() as place:
        protocols = os.path.join(place.folder, "protocols")
        shutil.copytree(os.path.join(ROOT, "config", "protocols"), protocols)
        settings = os.path.join(place.folder, "vigild.yaml")
        open(settings, "w").write("protocols: protocols\nwards:\n  - {id: onc-7, protocol: car-t}\n")
        place.daemon.signal(signal.SIGTERM)
        place.daemon = Daemon(place.folder, place.broker, settings)
        place.daemon.start()
        ward = place.client("ward", "vigil/v1/nodes/+/status", "vigil/v1/wards/+/events")
        digest = until(lambda: ward.messages("/status"), what="status")[-1]["protocols"]["car-t"]
        path = os.path.join(protocols, "car-t.yaml")
        good = open(path).read()
        open(path, "w").write(good.replace("severity:", "severty:", 1))
        place.daemon.signal(signal.SIGHUP)
        until(lambda: "protocol.refused" in place.daemon.log_text(), what="the refusal")
        log = place.daemon.log_text()
        assert 'did you mean "severity"' in log and "car-t.yaml:" in log, log[-800:]
        gateway = place.client("gw")
        gateway.publish("vigil/v1/beds/onc-7/1/vitals", vitals(1, temp(38.2)))
        until(lambda: ward.events("FEVER_CONFIRMED"), what="the old rules to go on")
        open(path, "w").write(good + "\n# changed\n")
        place.daemon.signal(signal.SIGHUP)
        until(lambda: ward.messages("/status")[-1]["protocols"]["car-t"] != digest, what="a new digest")
        gateway.publish("vigil/v1/beds/onc-7/1/vitals", vitals(2, temp(38.3)))
        gateway.publish("vigil/v1/beds/onc-7/2/vitals", vitals(3, temp(38.3)))
        until(lambda: [e for e in ward.events("FEVER_CONFIRMED") if e["bed"] == "2"], what="the new rules")
        assert len([e for e in ward.events("FEVER_CONFIRMED") if e["bed"] == "1"]) == 1


def test_an_answer_that_does_not_get_out_is_none():
    with Place() as place:
        store = ["--set", f"store.path={place.daemon.store}"]
        place.client("gw").publish("vigil/v1/beds/onc-7/1/vitals", vitals(1, temp(37.2)))
        until(lambda: vigil("history", "--bed", "onc-7/1", *store)[0] == 0, what="a reading in the history")
        for words in (["--version"], ["--help"], ["status", *store], ["beds", *store], ["store", "stats", *store],
                      ["history", "--bed", "onc-7/1", "--format", "csv", *store], ["audit", "show", *store]):
            with open("/dev/full", "w") as full:
                done = subprocess.run([VIGIL, *words], stdout=full, stderr=subprocess.PIPE, text=True, cwd=ROOT, timeout=60)
            assert done.returncode == 3 and "No space left" in done.stderr, (words, done.returncode, done.stderr)
        for words in (["history", "p-none"], ["history", "p-none", "--coverage"], ["history", "p-none", "--gaps", "10m"],
                      ["history", "p-none", "--charted", "--json"], ["episodes", "p-none"], ["report", "p-none"], ["alerts", "--patient", "p-none"]):
            assert vigil(*words, *store) == (1, "", f'vigil {words[0]}: there is no patient "p-none": nothing was ever stored under that name\n'
                                             f"vigil {words[0]}: nothing found\n"), words
        assert vigil("export", "p-none", *store) == (1, "", "vigil export: nothing found\n")
        for words in (["replay", place.folder], ["simulate", "--model", "--print", "--patients", place.folder]):
            code, out, err = vigil(*words)
            assert code == 3 and "Is a directory" in err, (words, code, err)


def test_checks_and_exit_codes():
    shipped = [os.path.join("config", "protocols", p) for p in ("car-t.yaml", "car-nk.yaml", "nk.yaml")]
    assert vigil("protocol", "check", *shipped)[0] == 0
    assert vigil("protocol", "check", "nosuch.yaml")[0] == 3
    assert vigil("protocol", "frobnicate")[0] == 2
    assert vigil("frobnicate")[0] == 2
    code, out, _ = vigil("protocol", "show", shipped[0])
    assert code == 0 and "# raised when" in out
    with Place(start=False) as place:
        bad = os.path.join(place.folder, "bad.yaml")
        open(bad, "w").write("protocol: bad\nversion: \"1\"\nproducts: [car_t]\ntitle: t\nrules:\n"
                             "  - id: A\n    class: fever\n    severity: urgent\n    when: temp >= 38\n"
                             "    prority: 1\n    text: t\n    source: s\n")
        code, out, err = vigil("protocol", "check", bad)
        lines = [line for line in (out + err).splitlines() if line.startswith(bad)]
        assert code == 1 and len(lines) >= 3, out + err  # all faults at once
        assert any(line.startswith(f"{bad}:10:5: ") for line in lines), lines
        done = subprocess.run(place.daemon.command("--check"), capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        done = subprocess.run(place.daemon.command("--check", "--set", "nod=x"), capture_output=True)
        assert done.returncode == 2
        settings = os.path.join(place.folder, "bad-settings.yaml")
        open(settings, "w").write("mqtt:\n  url: mqtts://127.0.0.1\nstore: {path: none/v.db}\n"
                                  f"protocols: {ROOT}/config/protocols\n"
                                  "wards:\n  - {id: onc-7, protocol: car-u}\n")
        done = subprocess.run([VIGILD, "--check", "-c", settings], capture_output=True, text=True)
        assert done.returncode == 1, done.stderr
        for at in (":2:8: mqtts:// needs mqtt.ca", ":3:15: store.path", ":6:5: ward onc-7"):
            assert f"{settings}{at}" in done.stderr, done.stderr


def rules(count, tests=""):
    """A protocol with so many rules, and with tests."""
    rule = "  - {{id: R{}, class: haemodynamic, severity: info, ladder: none, when: hr > {} /min, text: t, source: s}}\n"
    return ("protocol: many\nversion: '1'\nproducts: [car_t]\ntitle: t\nrules:\n" + "".join(rule.format(n, 60 + n) for n in range(count)) + tests)


def test_a_protocol_of_as_many_rules_as_a_file_may_have_is_shown_as_one_that_can_be_read():
    with Place(start=False) as place:
        path = os.path.join(place.folder, "many.yaml")
        for count in (122, 123, 128):  # and six floors
            open(path, "w").write(rules(count))
            code, shown, err = vigil("protocol", "show", path)
            assert code == 0 and "FLOOR_HYPOXIA" not in shown and "HYPERPYREXIA" in shown, err
            open(path, "w").write(shown)
            assert vigil("protocol", "show", path)[:2] == (0, shown), (count, vigil("protocol", "check", path))


def test_a_test_that_names_no_rule_fails():
    """What no rule is called is never raised: "not" would prove nothing."""
    given = "tests:\n  - name: one\n    given: [{at: 48h, hr: 90 /min}]\n    expect:\n"
    with Place(start=False) as place:
        path = os.path.join(place.folder, "many.yaml")
        for line, at, said in (("{at: 48h, not: R33}", None, "1 passed"), ("{at: 48h, not: [R33, CHECK_PATIENT, HYPERPYREXIA]}", None, "1 passed"),
                               ("{at: 48h, not: HYPERPYREXA}", 24, 'there is no rule "HYPERPYREXA", did you mean "HYPERPYREXIA"?'),
                               ("{at: 48h, not: [R33, CHECKPATIENT]}", 30, 'there is no rule "CHECKPATIENT", did you mean "CHECK_PATIENT"?'),
                               ("{at: 48h, raised: Q_Q_Q_Q_Q}", 27, 'there is no rule "Q_Q_Q_Q_Q"\n')):
            open(path, "w").write(rules(40, given + f"      - {line}\n"))
            code, out, err = vigil("protocol", "test", path)
            assert code == (0 if at is None else 1) and said in out, (line, out, err)
            assert at is None or f"{path}:50:{at}: " in out, (line, out)


def test_a_test_that_is_not_written_as_tests_are_fails():
    """It would be taken for something else, and "not" would prove nothing; or there is nothing to compare."""
    form = "tests:\n  - name: one\n%s    given: [{at: 48h, hr: 90 /min%s}]\n    expect:\n      - {at: 49h, %s}\n"
    field, number = "this is not written as its field is", "this must be a number"
    with Place(start=False) as place:
        path = os.path.join(place.folder, "many.yaml")
        for patient, given, expect, said in (
                ("", ", every: 5 min, until: 49h", "not: R33", field), ("", ", every: 5m, until: later", "not: R33", field),
                ("", ", late: soon", "not: R33", field), ("", ", on: perhaps", "not: R33", field), ("", ", pi: [1]", "not: R33", field),
                ("    baseline: {sbp: low}\n", "", "not: R33", number), ("    uln: {ferritin: {a: 1}}\n", "", "not: R33", number),
                ("", "", "not: {a: R33}", "not takes a rule, or a list of rules"), ("", "", "not: [[R33]]", "not takes a rule, or a list of rules"),
                ("", "", "raised: R33, severity: [urgent]", "severity takes one word or number"),
                ("    baseline: {sbp: 120 mm[Hg]}\n", ", every: 5m, until: 48h 30m, late: 1m", "not: R33", "1 passed")):
            open(path, "w").write(rules(40, form % (patient, given, expect)))
            code, out, err = vigil("protocol", "test", path)
            assert code == (0 if said == "1 passed" else 1) and said in out, (patient, given, expect, code, out, err)


def test_what_cannot_work_is_refused_at_the_start():
    """Before anything is written, in a sentence, without a secret."""
    with Place(start=False) as place:
        pipe = os.path.join(place.folder, "pipe")
        os.mkfifo(pipe)
        os.mkdir(os.path.join(place.folder, "real"))
        link, gone, inside = (os.path.join(place.folder, n) for n in ("link", "gone", "way/v.db"))
        os.symlink("elsewhere.db", gone)
        os.symlink("real/v.db", link)
        os.symlink("real", os.path.dirname(inside))
        open(os.path.join(place.folder, "real/v.db"), "w").close()
        for words, code, said in ((["--ready-fd", "99"], 2, "--ready-fd wants"), (["--ready-fd", "-1"], 2, "--ready-fd wants"),
                                  (["--ready-fd", "1x"], 2, "--ready-fd wants"), (["--set", f"store.path={pipe}"], 3, "is no file"),
                                  (["--set", f"store.path={place.folder}"], 3, "is no file"),
                                  (["--set", f"store.path={link}"], 3, 'is a symbolic link (to \\"real/v.db\\")'),
                                  (["--set", f"store.path={gone}"], 3, 'is a symbolic link (to \\"elsewhere.db\\")'),
                                  (["--set", f"store.path={inside}"], 3, 'way\\" is a symbolic link (to \\"real\\")'),
                                  (["--check", "--set", f"store.path={link}"], 1, "is a symbolic link"),
                                  (["--set", "mqtt.url=mqtt://127.0.0.1:99999"], 3, "should look like"),
                                  (["--set", "mqtt.url=mqtt://li:Sec.ret9@127.0.0.1"], 3, "mqtt.password_file"),
                                  (["--set", "mqtt.username=fr\udcfch"], 3, "mqtt.username is no text")):
            done = subprocess.run(place.daemon.command(*words), capture_output=True, text=True, errors="replace", timeout=20)
            assert done.returncode == code and said in done.stderr, (words, done.returncode, done.stderr)
            assert "Sec.ret9" not in done.stdout + done.stderr, done.stderr
        assert not [name for name in os.listdir(place.folder) if name.startswith(("pipe.", "link.", "link-", "gone.", "gone-"))]
        assert os.listdir(os.path.join(place.folder, "real")) == ["v.db"]


def stream(rng, extra):
    lines, at = [], 1768032000000
    for n in range(1, 800):
        at += rng.randrange(1, 90) * 1000
        obs = [{"code": "temp", "value": round(rng.uniform(36.5, 39.5), 1), "unit": "Cel"},
               {"code": "sbp", "value": rng.randrange(75, 130), "unit": "mm[Hg]", "source": "cuff"},
               {"code": "spo2", "value": rng.randrange(84, 100), "unit": "%"}]
        if extra:
            lines.append(json.dumps({"at": at - 500}))
        lines.append(json.dumps({"at": at, "topic": f"vigil/v1/beds/onc-7/{n % 3}/vitals",
                                 "payload": vitals(n, *rng.sample(obs, rng.randrange(1, 4)), ts=at)}))
    return "\n".join(lines) + "\n"


def test_replay_is_the_same_twice_and_with_finer_time():
    seed = int(os.environ.get("VIGIL_SEED", "5"))
    print(f"  seed {seed}")
    plain = vigil("replay", stdin=stream(random.Random(seed), False))
    assert plain[0] == 0 and plain[1].count('"event":"raised"') > 50, plain[2]
    assert vigil("replay", stdin=stream(random.Random(seed), False))[1] == plain[1]
    assert vigil("replay", stdin=stream(random.Random(seed), True))[1] == plain[1]
    assert vigil("replay", stdin='{"at":2000000000000}\n{"at":1900000000000}\n')[0] == 3
    assert vigil("replay", "--nosuch")[0] == 2
    code, out, _ = vigil("replay", "--assess", "--until", "2026-01-11T08:00:00Z", stdin=json.dumps(
        {"at": 1768032000000, "topic": "vigil/v1/beds/onc-7/1/vitals",
         "payload": vitals(1, temp(37.0), ts=1768032000000)}) + "\n")
    assert code == 0 and json.loads(out.splitlines()[-1])["assess"]["bed"] == "1", out


def test_what_was_sent_can_be_asked_for():
    with Place() as place:
        gateway = place.client("gw", "vigil/v1/gateways/+/committed")
        gateway.publish("vigil/v1/beds/onc-7/6/episode", {
            "ts": now_ms() - 1000, "by": "adt", "do": "admit", "patient": "p-9", "product": "nk", "age": 44})
        ts = now_ms()
        gateway.publish("vigil/v1/beds/onc-7/6/vitals", vitals(1, {
            "code": "temp", "value": 100.94, "unit": "[degF]", "source": "spot"}, temp(38.44), ts=ts))
        until(lambda: gateway.messages("/committed"), what="committed")
        options = ("--set", f"store.path={place.daemon.store}")
        code, out, err = vigil("history", "p-9", "--json", *options)
        assert code == 0, err
        values = [(r["value"], r["unit"], r.get("raw_value")) for r in json.loads(out)["readings"]]
        assert (38.44, "Cel", None) in values and any(v[2] == 100.94 for v in values), values
        code, out, _ = vigil("history", "p-9", "--code", "temp", "--format", "csv", *options)
        assert out.splitlines()[0] == "ts,code,value,unit,source,quality" and len(out.splitlines()) == 3
        assert vigil("history", "nobody", *options)[0] == 1
        assert vigil("status", *options)[0] == 0
        until(lambda: vigil("alerts", *options)[0] == 0, what="an open alert")
        assert json.loads(vigil("status", "--json", *options)[1])["readings"] == 2
        place.daemon.signal(signal.SIGTERM)
        assert vigil("status", *options)[0] == 1
        assert vigil("alerts", "--json", *options)[0] == 0


def test_simulate_confirms_all_it_sent():
    with Place() as place:
        done = subprocess.run([VIGIL, "simulate", "--url", f"mqtt://127.0.0.1:{place.broker.port}",
                               "--recordings", os.path.join(ROOT, "contrib", "recordings"),
                               "--speed", "3600", "--for", "4s"], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        assert place.daemon.rows("SELECT count(*) FROM admission")[0][0] >= 12
        assert place.daemon.rows("SELECT count(DISTINCT place) FROM message")[0][0] >= 12


def test_simulate_makes_the_same_ward_of_the_same_seed():
    def ward(place, seed):
        ear = place.client(f"ear-{len(seen)}", "vigil/v1/beds/#")
        code, out, err = vigil("simulate", "--url", f"mqtt://127.0.0.1:{place.broker.port}", "--seed", seed,
                               "--speed", "3600", "--for", "2s")
        assert code == 0 and f"seed {seed}\n" in err, out + err
        ear.socket.close()
        seen.extend(ear.messages("/vitals"))
        return sorted((t, p["product"], p["age"]) for t, p in
                      ((t, json.loads(p)) for t, p, _ in ear.seen) if p.get("do") == "admit")

    seen = []
    with Place() as place:
        first, other = ward(place, "7"), ward(place, "8")
        assert len(first) == 14 and len({age for _, _, age in first}) > 3, first
        assert {62, 71, 90} <= {age for _, _, age in first}, first  # as recorded
        assert first == ward(place, "7") and first != other
    charted = [o for m in seen for o in m["obs"] if o["code"] in ("hr", "rr", "spo2")]
    assert len(charted) > 10 and all(o["source"] == "spot" for o in charted)
    assert vigil("simulate", "--seed", "x")[0] == 2 and vigil("simulate", "--ca", "x")[0] == 2


def test_a_short_protocol_gets_usual_ladders_limits_and_parts():
    path = os.path.join("tests", "protocols", "short.yaml")
    code, out, err = vigil("protocol", "check", path)
    assert code == 0 and "warning" not in out + err, out + err
    with Place(start=False) as place:  # what is shown means the same
        once = vigil("protocol", "show", path)[1]
        again = os.path.join(place.folder, "short.yaml")
        open(again, "w").write(once)
        assert vigil("protocol", "show", again)[1] == once and 'clear: "not bp.hypotension"' in once, once
    # names of replay and API are those of the language's fields
    assert '"crs.waived or crs.masked or fn.assumed or iec_hs.ferritin or tls.lab or shock.index >= 9' in once, once
    day = 1768032000000
    sbp = {"code": "sbp", "value": 84, "unit": "mm[Hg]", "source": "cuff"}
    lines = [{"at": day, "topic": "vigil/v1/beds/onc-7/1/episode",
              "payload": {"ts": day, "do": "admit", "patient": "p-1", "product": "nk", "age": 55}}]
    for at, obs in ((60000, [sbp, {"code": "rr", "value": 26, "unit": "/min", "source": "spot"},
                             {"code": "spo2", "value": 90, "unit": "%", "source": "spot"}]), (360000, [sbp])):
        lines.append({"at": day + at, "topic": "vigil/v1/beds/onc-7/1/vitals", "payload": vitals(None, *obs, ts=day + at)})
    code, out, err = vigil("replay", "--protocol", path, stdin="\n".join(map(json.dumps, lines)))
    told = {a["rule"]: a for a in (json.loads(line)["alert"] for line in out.splitlines())}
    assert told["HYPOTENSION"]["text"] == "Systolic pressure 84 mm[Hg], below 90 mm[Hg]", told
    assert told["NEWS2_7"]["text"].endswith("(rr 3, spo2 3, o2 unknown, sbp 3, hr unknown, acvpu unknown, temp unknown)"), told
    assert told["NEWS2_7"]["responsibility"]["ladder"] == "critical", told
    assert "FLOOR_HYPOTENSION" not in told and "FLOOR_NEWS2_7" not in told, told


def test_a_replay_counts_a_repeat_once_and_refuses_a_number_used_twice():
    day = 1768032000000

    def line(at, message, kind="beds/onc-7/1/vitals"):
        return json.dumps({"at": day + at, "topic": "vigil/v1/" + kind, "payload": message})
    first = vitals(1, {"code": "hr", "value": 80, "unit": "furlong"}, temp(37.0), ts=day)
    lines = [line(1000, first), line(2000, first), line(3000, vitals(1, temp(39.5), ts=day + 1000)),
             line(4000, {"state": "online", "epoch": "e1", "ts": day, "from": 9}, "gateways/gw-1/status"),
             line(5000, vitals(8, temp(39.5), ts=day + 1000)), line(6000, vitals(1, temp(37.0), epoch="e2", ts=day + 1000)),
             line(7000, vitals(9, temp(38.5), ts=day + 7000))]
    code, out, err = vigil("replay", stdin="\n".join(lines))
    said = [json.loads(text) for text in out.splitlines()]
    refused = [(s["at"][17:19], s["rejected"]["reason"], s["rejected"]["seq"]) for s in said if "rejected" in s]
    raised = [s["at"][17:19] for s in said if "alert" in s and s["alert"]["rule"] == "FEVER_CONFIRMED" and s["alert"]["event"] == "raised"]
    # 8 was given up with `from`, and came all the same: it counts, and what follows for its instant corrects it.
    assert refused == [("01", "unit_unknown", 1), ("03", "seq_reused", 1)] and raised == ["05", "07"], out


def test_programs_are_told_the_beds_as_json():
    with Place() as place:
        gateway = place.client("gw")
        gateway.publish("vigil/v1/beds/onc-7/1/vitals", vitals(1, {"code": "temp", "value": 101.3, "unit": "[degF]"}))
        gateway.publish("vigil/v1/beds/onc-7/2/vitals", vitals(2, temp(37.25), patient="p-2"))
        where = ("--set", f"store.path={place.daemon.store}")
        until(lambda: vigil("beds", *where)[1].count("\n") == 2, what="both beds")
        assert "temp 38.5 (" in vigil("beds", *where)[1]  # always in the canonical unit: there is no unit beside it
        code, out, err = vigil("beds", "--json", *where)
        one, two = json.loads(out)["beds"]
        assert (code, err, one["ward"], one["bed"], one["patient"]) == (0, "", "onc-7", "1", None), out
        assert (two["bed"], two["patient"], one["values"]["temp"]["value"]) == ("2", "p-2", 38.5), out
        want = {"value": 37.25, "unit": "Cel", "source": "spot", "quality": "valid"}
        assert want.items() <= two["values"]["temp"].items() and "ts" in two["values"]["temp"], out
        code, out, _ = vigil("beds", "--json", "--from", "2100-01-01T00:00:00Z", *where)
        assert (code, json.loads(out)) == (1, {"beds": []}), out


def test_a_bed_has_its_own_patients_values_only():
    """One is discharged and nobody follows; another goes and the next one has a pulse alone: nothing of who lay there before."""
    with Place() as place:
        gateway, hour = place.client("gw"), 3_600_000
        pulse, spo2 = ({"code": "hr", "value": 80, "unit": "/min"}, {"code": "spo2", "value": 97, "unit": "%"})
        where = ("--set", f"store.path={place.daemon.store}")
        for bed in "12":
            gateway.publish(f"vigil/v1/beds/onc-7/{bed}/episode", {"ts": now_ms() - hour, "by": "adt", "do": "admit", "patient": f"p-{bed}", "product": "car_nk", "age": 55})
            gateway.publish(f"vigil/v1/beds/onc-7/{bed}/vitals", vitals(None, spo2, ts=now_ms() - 60_000))
        until(lambda: vigil("beds", *where)[1].count("spo2 97") == 2, what="both values")
        for bed in "12":
            gateway.publish(f"vigil/v1/beds/onc-7/{bed}/episode", {"ts": now_ms(), "by": "adt", "do": "discharge"})
        gateway.publish("vigil/v1/beds/onc-7/2/episode", {"ts": now_ms(), "by": "adt", "do": "admit", "patient": "p-3", "product": "car_nk", "age": 55})
        gateway.publish("vigil/v1/beds/onc-7/2/vitals", vitals(None, pulse))
        gateway.publish("vigil/v1/beds/onc-7/2/vitals", vitals(None, {**pulse, "value": 250, "quality": "test"}, {**temp(36.6), "quality": "questionable"}))
        until(lambda: "temp 36.6" in vigil("beds", *where)[1], what="the last values")
        one, two = vigil("beds", *where)[1].splitlines()
        assert one == "onc-7/1  no patient linked  no data", one
        assert two.startswith("onc-7/2  p-3  temp 36.6 (") and "hr 80 (" in two and "spo2" not in two, two


def test_help_is_everywhere_and_a_missing_settings_file_could_not_be_read():
    for words in (("audit", "verify"), ("audit", "show"), ("store", "stats"), ("store", "check"), ("store", "compact"),
                  ("status",), ("beds",), ("episodes",), ("protocol", "check"), ("user", "add")):
        for word in ("-h", "--help"):
            code, out, err = vigil(*words, word)
            assert code == 0 and out.startswith("usage: vigil ") and not err, (words, code, out, err)
    for words in (("status",), ("beds",), ("alerts",), ("history", "p"), ("accept", "01JD"), ("admit", "onc-7/1", "p"),
                  ("audit", "verify"), ("store", "stats"), ("episodes", "p"), ("backup", "f"), ("user", "list")):
        assert vigil(*words, "-c", "/nonexistent/vigild.yaml")[0] == 3, words
        assert vigil(*words, "--set", "nosuch=1")[0] == 2, words


def test_what_cannot_be_used_is_named_with_what_can():
    for words, part in ((["--code", "tmep"], '--code wants codes that there are, with commas between them (temp,sbp), and not "tmep"'),
                        (["--from", "yesterday"], '--from wants -24h, now or a time like 2026-11-29T08:00:00Z, and not "yesterday"'),
                        (["--to"], "--to wants -24h, now or a time"), (["--step", "0"], "--step wants a span"),
                        (["--format", "xml"], "--format wants table, csv, json or plot"), (["--limit", "0"], "--limit wants a number")):
        code, _, said = vigil("history", "p-1", *words)
        assert code == 2 and part in said and said.count("\n") == 1, (words, said)
    code, _, said = vigil("history", "p-1", "--formt", "csv")
    assert code == 2 and 'do not understand "--formt"\nusage' in said, said
    done = subprocess.run([VIGILD, "--chek"], capture_output=True, text=True, timeout=30)
    assert done.returncode == 2 and 'do not understand "--chek"\nusage' in done.stderr, done


def test_the_sample_settings_are_good_when_what_stands_in_them_is_taken():
    """Whoever takes the # away must not have its remark in the value."""
    keys = "username|password_file|ca|cert|key|client_ca|users|channels|- name|kind|url|template|content|secret_file|from|tls|routes"
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(os.path.join(ROOT, "config", "protocols"), os.path.join(folder, "protocols"))
        text = open(os.path.join(ROOT, "config", "vigild.yaml")).read()
        taken, count = re.subn(rf"(?m)^( *)# ((?:  )*)(?:# )?((?:{keys}):(?: .*)?)$", r"\1\2\3", text)
        taken, more = re.subn(r"(?m)^# (  - \{ward: .*)$", r"\1", taken)
        assert count > 20 and more == 2, (count, more)
        with open(os.path.join(folder, "vigild.yaml"), "w") as file:
            file.write(taken.replace("/etc/vigil/", folder + "/").replace("../vigil.db", "vigil.db")
                       .replace("mqtt://127.0.0.1:1883\n", "mqtts://localhost:8883\n"))
        for name in ("mqtt-password", "ca.pem", "vigil.pem", "vigil.key", "http.pem", "http.key", "clients.pem", "pager-key", "pager-password"):
            open(os.path.join(folder, name), "w").write("a secret of some length, 32 bytes at least\n")
        open(os.path.join(folder, "users"), "w").close()
        done = subprocess.run([VIGILD, "--check", "-c", os.path.join(folder, "vigild.yaml")], capture_output=True, text=True, timeout=30)
        # The files are there and can be read, and some of them must be certificates.
        left = [line for line in done.stderr.splitlines() if "warning" not in line and "certificate" not in line and "has faults" not in line]
        assert not left, left


def test_a_store_that_is_not_in_this_folder():
    """Whoever forgets -c is told of it; whoever named a store is not."""
    with tempfile.TemporaryDirectory() as folder:
        for words in (["alerts"], ["status"], ["history", "p-1"], ["store", "check"], ["store", "compact"], ["backup", "copy.db"]):
            for more, hint in (([], True), (["--set", "store.path=elsewhere.db"], False)):
                done = subprocess.run([VIGIL, *words, *more], cwd=folder, capture_output=True, text=True, timeout=30)
                assert done.returncode == 3 and "no store at" in done.stderr, (words, done)
                assert ("-c /etc/vigil/vigild.yaml" in done.stderr) == hint, (words, done)
        assert not os.listdir(folder), os.listdir(folder)


def test_each_shipped_rule_is_tested_both_ways_and_none_is_doubtful():
    for name in ("car-t", "car-nk", "nk"):
        path = os.path.join(ROOT, "config", "protocols", f"{name}.yaml")
        text = open(path, encoding="utf-8").read()
        tests = text[text.index("\ntests:"):]
        for rule in re.findall(r"^  - id: (\w+)", text, re.M):
            for what in ("raised", "not"):
                assert re.search(rf"\b{what}: (\[[^\]]*\b)?{rule}\b", tests), (name, rule, what)
        code, out, err = vigil("protocol", "check", path)
        assert code == 0 and "warning" not in out + err, out + err


run([test_reload_keeps_the_old_protocol_when_the_new_one_is_faulty, test_an_answer_that_does_not_get_out_is_none,
     test_what_cannot_work_is_refused_at_the_start, test_checks_and_exit_codes, test_a_test_that_names_no_rule_fails,
     test_a_test_that_is_not_written_as_tests_are_fails,
     test_a_protocol_of_as_many_rules_as_a_file_may_have_is_shown_as_one_that_can_be_read,
     test_each_shipped_rule_is_tested_both_ways_and_none_is_doubtful,
     test_replay_is_the_same_twice_and_with_finer_time, test_what_was_sent_can_be_asked_for,
     test_a_replay_counts_a_repeat_once_and_refuses_a_number_used_twice,
     test_a_short_protocol_gets_usual_ladders_limits_and_parts, test_a_bed_has_its_own_patients_values_only, test_programs_are_told_the_beds_as_json, test_help_is_everywhere_and_a_missing_settings_file_could_not_be_read,
     test_what_cannot_be_used_is_named_with_what_can,
     test_the_sample_settings_are_good_when_what_stands_in_them_is_taken, test_a_store_that_is_not_in_this_folder,
     test_simulate_confirms_all_it_sent, test_simulate_makes_the_same_ward_of_the_same_seed])
