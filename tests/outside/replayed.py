# SPDX-License-Identifier: Apache-2.0
"""What the tests of replayed cases share: lines of input, a run of `vigil replay`, a comparison."""
import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, os.environ.get("VIGIL_BUILD", os.environ.get("build", "build")))
VIGIL = os.path.join(BUILD, "vigil")
PROTOCOLS = os.path.join(ROOT, "config", "protocols")
START = datetime(2026, 3, 2, 8, tzinfo=timezone.utc)  # second 0 of every case


def stamp(seconds):
    return (START + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def line(seconds, topic, payload, bed="1"):
    return json.dumps({"at": stamp(seconds), "topic": f"vigil/v1/beds/onc-7/{bed}/{topic}", "payload": payload}) + "\n"


def message(received, topic, measured, obs, bed="1", device=None):
    named = {"device": device} if device else {}
    return line(received, topic, {"gateway": "gw-1", "ts": stamp(measured), "obs": obs} | named, bed)


def replay(text, *words):
    """Exit code, output lines as objects, standard error."""
    done = subprocess.run([VIGIL, "replay", "--protocol", PROTOCOLS, *words], input=text, capture_output=True,
                          text=True, timeout=60)
    return done.returncode, [json.loads(one) for one in done.stdout.splitlines()], done.stderr


def assessed(text, until, patient=None):
    """How often each rule was raised, and the patient's assessment at the end."""
    code, lines, error = replay(text, "--assess", "--until", stamp(until))
    if code != 0:
        raise RuntimeError(f"vigil replay ended with {code}: {error.strip()}")
    raised, found = {}, []
    for one in lines:
        alert = one.get("alert", {})
        if alert.get("event") == "raised":
            raised[alert["rule"]] = raised.get(alert["rule"], 0) + 1
        if "assess" in one and patient in (None, one["assess"]["patient"]):
            found.append(one["assess"])
    if len(found) != 1:
        raise RuntimeError(f"{len(found)} assessments of the patient")
    return raised, found[0]


def same(want, got):
    """A wanted number with a decimal point is compared to one in a thousand; a list in any order."""
    if isinstance(want, bool) or isinstance(got, bool) or want is None or got is None:
        return want is got
    if isinstance(want, list):
        return isinstance(got, list) and sorted(want) == sorted(got)
    if isinstance(want, float) and isinstance(got, (int, float)):
        return abs(want - got) <= 1e-3 * max(1.0, abs(want))
    return want == got


def field(assessment, path):
    value = assessment
    for name in path.split("."):
        if not isinstance(value, dict) or name not in value:
            return "absent"
        value = value[name]
    return value


def run_all(cases, differences, title):
    """Prints what differs in each case and "N passed, N failed"; the exit code."""
    def one(case):
        try:
            return differences(case)
        except Exception as problem:  # the next case shall be run all the same
            return [f"{type(problem).__name__}: {problem}"]

    failed = 0
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as pool:
        for case, bad in zip(cases, pool.map(one, cases)):
            if bad:
                failed += 1
                print(f"{title(case)}: " + "; ".join(bad))
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 1 if failed or not cases else 0
