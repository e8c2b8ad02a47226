# SPDX-License-Identifier: Apache-2.0
"""vigil simulate: the patients of the model through `vigil replay`, what goes wrong on the wire, and what a gateway remembers
over a kill -9."""
import collections
import hashlib
import json
import os
import signal
import statistics
import subprocess
import tempfile
from datetime import datetime

from place import BUILD, Place, run, seed, until

VIGIL = os.path.join(BUILD, "vigil")
HOUR = 3600
# What each story must bring, and how severe it becomes.
PATTERNS = {
    "fever": {"FEVER_CONFIRMED": "urgent", "CRS_GRADE_1": "urgent"},
    "crs": {"FEVER_CONFIRMED": "urgent", "CRS_GRADE_1": "urgent", "CRS_GRADE_2": "urgent", "CRS_GRADE_3_4": "critical",
            "HYPOTENSION": "critical"},
    "neuro": {"ICE_DROP": "urgent", "ICANS_GRADE_1": "urgent", "ICANS_GRADE_2": "urgent", "ICANS_GRADE_3_4": "critical"},
    "reaction": {"ANAPHYLAXIS_SUSPECTED": "critical", "IRR_SUSPECTED": "critical", "HYPOTENSION": "critical"},
    "sepsis": {"FEBRILE_NEUTROPENIA": "critical", "NEWS2_7": "critical", "HYPOTENSION": "critical", "LACTATE_4": "critical"},
}
# What has no place in a story: that would be a slip of the script, or of a rule.
NEVER = {"fever": ("HYPOTENSION", "NEWS2_7", "ICANS", "ANAPHYLAXIS", "HYPOXIA"), "crs": ("ANAPHYLAXIS", "SEIZURE"),
         "neuro": ("CRS", "HYPOTENSION", "FEVER", "SEIZURE"), "reaction": ("CRS", "ICANS", "FEVER"),
         "sepsis": ("ICANS", "ANAPHYLAXIS", "SEIZURE")}


def simulate(*words, code=0):
    done = subprocess.run([VIGIL, "simulate", *words], capture_output=True, text=True, timeout=120)
    assert done.returncode == code, (words, done.returncode, done.stderr)
    return done.stdout


def replayed(text):
    """What was raised, became worse or was refused. (That nobody takes it is told each minute, for days.)"""
    wanted = b'"event":"raised"', b'"event":"escalated"', b'"rejected":'
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(text)
        file.flush()
        with subprocess.Popen([VIGIL, "replay", file.name], stdout=subprocess.PIPE) as process:
            lines = [json.loads(line) for line in process.stdout if any(word in line for word in wanted)]
    assert process.returncode == 0
    return lines


def raised(lines):
    """bed -> rule -> the highest severity that was reached."""
    ranks = ["info", "technical", "watch", "urgent", "critical"]
    found = collections.defaultdict(dict)
    for line in lines:
        assert "rejected" not in line, line
        alert = line["alert"]
        before = found[alert["bed"]].get(alert["rule"], "info")
        found[alert["bed"]][alert["rule"]] = max(before, alert["peak"], key=ranks.index)
    return found


def test_the_well_raise_nothing_in_a_day():
    number = seed().randrange(1 << 30)
    for product in ("car_t", "car_nk", "nk"):
        for monitor, beds in (("0s", 60), ("1m", 10), ("10s", 2)):
            text = simulate("--print", "--model", "--beds", str(beds), "--seed", str(number), "--product", product,
                            "--monitor", monitor, "--for", "24h")
            assert len(text.splitlines()) > beds * 30
            found = raised(replayed(text))
            assert not found, (number, product, dict(found))


def test_each_story_raises_its_pattern():
    number = seed().randrange(1 << 30)
    for product, monitor, times in (("car_t", "1m", 1), ("car_nk", "0s", 3), ("nk", "0s", 3)):
        with tempfile.NamedTemporaryFile("w") as who:
            beds = {str(i + 1): name for i, name in enumerate([*PATTERNS] * times)}
            who.write("# bed and story\n" + "".join(f"{bed} {name}\n" for bed, name in beds.items()))
            who.flush()
            text = simulate("--print", "--patients", who.name, "--beds", str(len(beds) + 1), "--seed", str(number),
                            "--product", product, "--monitor", monitor, "--for", "96h")
        found = raised(replayed(text))
        for bed, name in beds.items():
            got = found[bed]
            for rule, severity in PATTERNS[name].items():
                assert got.get(rule) == severity, (number, product, bed, name, rule, got)
            slips = [rule for rule in got if rule.startswith(NEVER[name]) or rule.endswith("_OVERDUE")]
            assert not slips, (number, product, bed, name, slips)
        assert set(found) == set(beds), (number, product, set(found) - set(beds))  # the other is well


def test_a_reaction_comes_within_minutes_of_the_infusion():
    text = simulate("--print", "--patients", "reaction=1", "--beds", "1", "--for", "8h")
    begin = next(json.loads(line)["at"] for line in text.splitlines() if '"value":"start"' in line)
    at = next(line["at"] for line in replayed(text) if line["alert"]["rule"] == "ANAPHYLAXIS_SUSPECTED")
    seconds = (moment(at) - moment(begin)).total_seconds()
    assert 0 < seconds <= 15 * 60, (begin, at)


def moment(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def monitored(text, code):
    """Seconds of the day and values of the monitor of each bed."""
    series = collections.defaultdict(list)
    for line in text.splitlines():
        one = json.loads(line)
        if "device" in one["payload"]:
            at = moment(one["at"])
            value = next(o["value"] for o in one["payload"]["obs"] if o["code"] == code)
            series[one["payload"]["patient"]].append((at.hour * HOUR + at.minute * 60 + at.second, value))
    return series


def test_the_model_has_persons_days_and_a_memory():
    text = simulate("--print", "--model", "--beds", "30", "--seed", "3", "--for", "24h")
    means = []
    nights = days = 0
    for values in monitored(text, "hr").values():
        hr = [v for _, v in values]
        mean = statistics.mean(hr)
        means.append(mean)
        assert 45 < min(hr) and max(hr) < 110 and 1.5 < statistics.stdev(hr) < 10, (min(hr), max(hr))
        pairs = [(a - mean) * (b - mean) for a, b in zip(hr, hr[1:])]
        assert 0.5 < statistics.mean(pairs) / statistics.variance(hr) < 0.98, "no memory, or too much"
        nights += statistics.mean(v for t, v in values if 2 * HOUR <= t < 6 * HOUR)
        days += statistics.mean(v for t, v in values if 14 * HOUR <= t < 18 * HOUR)
    assert statistics.stdev(means) > 2, "all the same person"
    assert 3 < (days - nights) / 30 < 12, "no circadian rhythm"
    for code, low, high in (("rr", 9, 23), ("spo2", 94, 100)):
        values = [v for one in monitored(text, code).values() for _, v in one]
        assert low <= min(values) and max(values) <= high, (code, min(values), max(values))


def test_print_is_the_same_for_the_same_seed_whatever_goes_wrong():
    words = ["--print", "--patients", "crs=1,well=5", "--beds", "8", "--gateways", "3", "--for", "6h", "--drop", "0.1",
             "--duplicate", "0.1", "--reorder", "0.1", "--delay", "2s", "--skew", "20s", "--mistakes", "0.05"]
    with tempfile.TemporaryDirectory() as folder:
        ledger = os.path.join(folder, "ledger")
        first = simulate(*words, "--seed", "5", "--ledger", ledger)
        assert first == simulate(*words, "--seed", "5") and first != simulate(*words, "--seed", "6")
        published = [json.loads(line) for line in open(ledger)]
    lines = [json.loads(line) for line in first.splitlines()]
    keys = [(line["payload"]["gateway"], line["payload"]["seq"]) for line in lines]
    assert [line["at"] for line in lines] == sorted(line["at"] for line in lines)
    assert set(keys) == {(p["gateway"], p["seq"]) for p in published} and len(published) < len(keys)
    assert keys != sorted(keys, key=lambda key: key[1]), "nothing was overtaken"
    for line in published:
        raw = json.dumps(line["message"], separators=(",", ":")).encode()
        assert (len(raw), hashlib.sha256(raw).hexdigest()) == (line["bytes"], line["sha256"]), line
    ahead = collections.defaultdict(set)
    for line in published:
        if line["topic"].endswith("/episode"):
            ahead[line["gateway"]].add(round(moment(line["message"]["ts"]).timestamp() * 10) % 1000)
    assert all(len(s) <= 4 for s in ahead.values()) and len({min(s) for s in ahead.values()}) == 3, ahead
    reasons = {line["rejected"]["reason"] for line in replayed(first) if "rejected" in line}
    assert reasons == {"code_unknown", "field_missing"}, reasons


def test_recordings_are_printed_too():
    text = simulate("--print", "--beds", "5", "--for", "12h")
    assert len(text.splitlines()) > 100
    replayed(text)


def live(place, *words):
    return [VIGIL, "simulate", "--url", f"mqtt://127.0.0.1:{place.broker.port}", "--beds", "6", "--gateways", "2", "--model",
            "--speed", "600", "--monitor", "2m", "--confirm-within", "2s", "--json", *words]


def stored_numbers(place):
    rows = place.daemon.rows("SELECT e.gateway, e.epoch, m.seq FROM message m JOIN epoch e ON e.id = m.epoch UNION ALL"
                             " SELECT e.gateway, e.epoch, a.seq FROM admission a JOIN epoch e ON e.id = a.epoch")
    assert len(rows) == len(set(rows)), "stored twice"
    return set(rows)


def published_in(ledger):
    if not os.path.exists(ledger):
        return set()
    lines = [json.loads(line) for line in open(ledger) if line.endswith("\n")]
    return {(line["gateway"], line["epoch"], line["seq"]) for line in lines}


def spooled_and_killed(place, *words):
    """A simulator without a daemon, killed when it has published something. What its ledger has."""
    ledger = os.path.join(place.folder, "ledger")
    before = len(published_in(ledger))
    process = subprocess.Popen(live(place, "--ledger", ledger, "--spool", os.path.join(place.folder, "spool"), *words),
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until(lambda: len(published_in(ledger)) > before + 60, what="60 messages")
    process.send_signal(signal.SIGKILL)
    process.wait()
    return published_in(ledger)


def last_run(place, *words):
    done = subprocess.run(live(place, "--spool", os.path.join(place.folder, "spool"), "--ledger",
                               os.path.join(place.folder, "ledger"), "--for", "2s", *words),
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    published = published_in(os.path.join(place.folder, "ledger"))
    assert stored_numbers(place) == published
    report = json.loads(done.stdout)
    assert report["published"] + report["recovered"] == report["confirmed"] and report["waiting"] == 0, report
    return report, published


def recovered_all(report, published):
    """A kill may come when a message is in the spool and not yet in the ledger."""
    return len(published) <= report["recovered"] <= len(published) + 1


def test_what_is_not_confirmed_survives_a_kill_with_its_numbers():
    with Place(start=False) as place:
        place.broker.start()
        before = spooled_and_killed(place)
        with open(os.path.join(place.folder, "spool", "gw-01.spool"), "a") as spool:
            spool.write('{"at":"2026-01-01T00:00:00.000Z","topic":"vigil/v1/be')  # a kill in the middle of a write
        place.daemon.start()
        report, published = last_run(place)
        assert recovered_all(report, before) and before < published
        assert len({epoch for _, epoch, _ in published}) == 2, "one epoch for each of the two gateways"
        for gateway in ("gw-01", "gw-02"):
            numbers = sorted(n for g, _, n in published if g == gateway)
            assert numbers == list(range(1, len(numbers) + 1)), "a gap in the numbers"
        report, _ = last_run(place)
        assert report["recovered"] == 0, "what was confirmed is not sent again"


def test_a_gateway_that_forgets_its_counter_begins_an_epoch_and_loses_nothing():
    with Place(start=False) as place:
        place.broker.start()
        before = spooled_and_killed(place)
        again = spooled_and_killed(place, "--forget-counter")
        place.daemon.start()
        ear = place.client("ear", "vigil/v1/gateways/+/status")
        report, published = last_run(place, "--forget-counter")
        assert recovered_all(report, again) and before < again < published, (report, len(before), len(again))
        assert len({key[:2] for key in published}) == 6, "three epochs for each of the two gateways"
        assert all(n >= 1 for n in [min(s for g, e, s in published if (g, e) == key) for key in {k[:2] for k in published}])
        said = [m for m in ear.messages("/status") if m and m["state"] == "online"]
        assert {m["epoch"] for m in said} == {e for _, e, _ in published} and all(m["from"] >= 1 for m in said), said
        assert not place.daemon.rows("SELECT * FROM alert WHERE rule = 'GATEWAY_CONFLICT'")


def test_the_report_counts_what_went_wrong():
    with Place() as place:
        report, published = last_run(place, "--drop", "0.2", "--duplicate", "0.3", "--reorder", "0.2", "--delay", "100ms",
                                     "--restart", "500ms", "--forget-counter")
        assert all(report[word] > 0 for word in ("dropped", "duplicated", "reordered", "delayed", "restarts", "resent")), report
        assert report["resent"] >= report["dropped"] * 0.5 and report["published"] == len(published)
        assert sum(g["published"] for g in report["gateways"]) == report["published"]


def test_recorded_people_come_as_their_recording_begins():
    """First sight is a believable ward: what is true of somebody's values, and nothing that only the demonstration makes."""
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "contrib", "recordings")
    found = raised(replayed(simulate("--print", "--recordings", root, "--for", "30m")))
    rules = {rule for bed in found.values() for rule in bed}
    assert rules and len(found) <= 7, found             # somebody is ill, not everybody
    artefacts = {"VITALS_OVERDUE", "ICE_OVERDUE", "IRR_SUSPECTED", "ANAPHYLAXIS_SUSPECTED", "INFUSION_HTN_BRADY",
                 "CLOCK_SKEW", "UNSUPPORTED_AGE", "IDENTITY_MISMATCH"}
    assert not rules & artefacts, found


def test_wrong_usage_is_said():
    for words in (["--drop", "2"], ["--patients", "gout=1"], ["--patients", "crs=15"], ["--patients", "crs=1x"],
                  ["--restart", "5s"], ["--print", "--spool", "x"], ["--model", "--recordings", "x"], ["--monitor", "-5s"],
                  ["--begin", "yesterday"], ["--product", "cars"]):
        simulate(*words, code=2)
    simulate("--patients", "/nowhere/at-all", code=3)
    simulate("--print", "--ledger", "/nowhere/at-all", code=3)
    assert "--patients" in simulate("--help")


run([test_the_well_raise_nothing_in_a_day, test_each_story_raises_its_pattern,
     test_a_reaction_comes_within_minutes_of_the_infusion, test_the_model_has_persons_days_and_a_memory,
     test_print_is_the_same_for_the_same_seed_whatever_goes_wrong, test_recordings_are_printed_too,
     test_recorded_people_come_as_their_recording_begins,
     test_what_is_not_confirmed_survives_a_kill_with_its_numbers,
     test_a_gateway_that_forgets_its_counter_begins_an_epoch_and_loses_nothing,
     test_the_report_counts_what_went_wrong, test_wrong_usage_is_said])
