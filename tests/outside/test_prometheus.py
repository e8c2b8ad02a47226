# SPDX-License-Identifier: Apache-2.0
"""contrib/prometheus and contrib/grafana: the rules hold their own tests, and rules and dashboard ask only for metrics
and labels that vigild has."""
import json
import os
import re
import subprocess
import sys
import tempfile

from place import ROOT, Place, now_ms, run, until, vitals

sys.path.insert(0, os.path.join(ROOT, "tests", "lib-python"))
from web import Web  # noqa: E402

RULES = os.path.join(ROOT, "contrib", "prometheus", "vigil.rules.yml")
TESTS = os.path.join(ROOT, "contrib", "prometheus", "vigil.rules.test.yml")
BOARD = os.path.join(ROOT, "contrib", "grafana", "vigil.json")


def promtool(*words, give=None):
    done = subprocess.run(["promtool", *words], input=give, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def metrics():
    """{name: {label: values}} of a daemon with an alert."""
    with Place() as place:
        client = place.client("gw-1", "vigil/v1/#")
        for seq in (1, 2):
            client.publish("vigil/v1/beds/onc-7/1/vitals", vitals(seq, {"code": "spo2", "value": 71, "unit": "%"},
                                                                  ts=now_ms() - 200000 + 60000 * seq))
        until(client.events, what="an alert")
        # In the other half of the promise: refused messages are a trouble, and it is counted.
        for n in range(30):
            client.publish("vigil/v1/beds/onc-7/1/vitals", {"gateway": "gw-1", "ts": now_ms() + n, "obs": "x"})
        web = Web(place.daemon.port)
        text = until(lambda: (t := web.get("/metrics").text) and 'trouble="MESSAGES_REFUSED"} 1' in t and t, timeout=30,
                     what="the trouble to be counted")
    found = {}
    for name, labels in re.findall(r"^(vigil_[a-z_]+)(?:\{(.*)\})? ", text, re.M):
        for key, value in re.findall(r'(\w+)="([^"]*)"', labels) or [("", "")]:
            found.setdefault(name, {}).setdefault(key, set()).add(value)
    promtool("check", "metrics", give=text)
    return found


def asked(expressions, known):
    """Names and labels that are asked for and are not there."""
    wrong = []
    for expr in expressions:
        for name, labels in re.findall(r"(vigil_[a-z_]+)(?:\{([^}]*)\})?", expr):
            wrong += [name] if name not in known else []
            for key, way, value in re.findall(r'(\w+)\s*(=~?)\s*"([^"]*)"', labels):
                if key == "instance":
                    continue
                there = known.get(name, {}).get(key, set())
                wrong += [f"{name}{{{key}={v}}}" for v in (value.split("|") if way == "=~" else [value]) if v not in there]
    return wrong


def rules():
    text = open(RULES).read()
    return re.findall(r"^\s+expr: (.*)$", text, re.M)


def board():
    return json.load(open(BOARD))


def targets():
    return [t["expr"] for p in board()["panels"] for t in p["targets"]]


def test_rules_and_their_tests():
    said = promtool("check", "rules", RULES)
    print("  " + said.strip().splitlines()[-1].strip())
    promtool("test", "rules", TESTS)
    names = set(re.findall(r"- alert: (\w+)", open(RULES).read()))
    missing = names - set(re.findall(r"Vigil\w+", open(TESTS).read()))
    assert not missing, f"never tried: {missing}"
    text = open(RULES).read()
    assert text.count("summary:") == text.count("mend:") == text.count("urgency:") - text.count("# urgency:") == len(names)


def test_only_what_there_is_is_asked_for():
    known = metrics()
    assert len(rules()) > 15 and len(targets()) > 30
    wrong = asked(rules() + targets(), known)
    assert not wrong, wrong
    ours = set(re.findall(r"vigil_[a-z_]+", open(TESTS).read()))
    assert ours <= set(known), ours - set(known)
    unseen = set(known) - set(re.findall(r"vigil_[a-z_]+", " ".join(targets())))
    print(f"  {len(known)} metrics, not on the dashboard: {' '.join(sorted(unseen))}")


def test_dashboard():
    whole = board()
    ids = [p["id"] for p in whole["panels"]]
    assert len(ids) == len(set(ids))
    cells = set()
    for p in whole["panels"]:
        g = p["gridPos"]
        assert p["title"] and g["x"] + g["w"] <= 24, p["title"]
        mine = {(x, y) for x in range(g["x"], g["x"] + g["w"]) for y in range(g["y"], g["y"] + g["h"])}
        assert not mine & cells, f"{p['title']} lies over another"
        cells |= mine
        assert all(t["datasource"]["uid"] == "${datasource}" for t in p["targets"]), p["title"]
    # Prometheus itself reads the expressions.
    with tempfile.TemporaryDirectory(prefix="vigil-test-") as folder:
        path = os.path.join(folder, "board.yml")
        lines = ["groups:", "  - name: board", "    rules:"]
        for n, expr in enumerate(targets()):
            expr = expr.replace("$__rate_interval", "1m").replace("$instance", ".*")
            lines += [f"      - record: board:{'x' * (n + 1)}", f"        expr: {json.dumps(expr)}"]
        open(path, "w").write("\n".join(lines) + "\n")
        promtool("check", "rules", path)


run([v for k, v in list(globals().items()) if k.startswith("test_")])
