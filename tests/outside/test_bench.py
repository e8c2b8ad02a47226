# SPDX-License-Identifier: Apache-2.0
"""The benchmark in short: what is counted, not what is timed. Every alert is the right one for vigild and for the peer
beside it, nothing is lost, a ward replays to the same bytes, and the report is made of the results alone."""
import json
import os
import random
import subprocess
import sys
import tempfile
import xml.dom.minidom

from place import BUILD, ROOT, run

BENCH = os.path.join(ROOT, "tests", "bench")
sys.path[:0] = [BENCH, os.path.join(ROOT, "tests", "soak")]
import plot  # noqa: E402
import soak  # noqa: E402
from bench import kept_up, lossless, right  # noqa: E402

GOOD = {"lost": 0, "expected": 3, "got": 3, "exact": 3, "dup": 0, "false": 0, "sent": 100, "seconds": 1.0, "last_alert_s": 1.1, "rate": 100}


def bench(program, *options):
    return subprocess.run([sys.executable, os.path.join(BENCH, program), *options], capture_output=True, text=True, timeout=280)


def report_of(results, folder):
    made = bench("report.py", "--results", results, "--to", folder)
    assert made.returncode == 0, made.stderr
    return {name: open(os.path.join(folder, name)).read() for name in os.listdir(folder)}


def test_short_run_counts_and_reports():
    with tempfile.TemporaryDirectory(prefix="vigil-test-") as folder:
        out = os.path.join(folder, "bench.json")
        ran = bench("run.py", "--build", BUILD, "--short", "--parts", "rate,burst,storm,replay,start", "--out", out)
        assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-2000:]
        results = json.load(open(out))
        rows = [row for part in results["parts"].values() for row in part["rows"]]
        measured = {(r["kind"], r["subject"]): r for r in rows if "subject" in r}
        assert {("rate", "vigild"), ("rate", "python"), ("burst", "floor")} <= set(measured), measured
        for row in measured.values():
            assert right(row) and lossless(row) and row["expected"] > 0, row
        other = {r["kind"]: r for r in rows if "subject" not in r}
        assert other["storm"]["pages"] == other["storm"]["expected"] == 3 * 200 + 40 + 20, other["storm"]
        assert other["replay"]["same"] and other["replay"]["messages"] == 6 * 3600 and other["replay"]["alerts"] > 0, other["replay"]
        assert other["start"]["shown"] == 2 and other["start"]["readings"] == 2 * 7 * 17280, other["start"]
        files = report_of(out, os.path.join(folder, "report"))
        assert files == report_of(out, os.path.join(folder, "again")), "the same results make another report"
        text = files["REPORT.md"]
        for word in ("short form", "Python, paho-mqtt, sqlite3", "## Limits", "patient-days", "out of order of severity"):
            assert word in text, word
        assert ("node-red" in results["missing"]) == ("not installed" in text), text[:2000]
        assert ROOT not in text, "it names where it was made"
        bars = xml.dom.minidom.parseString(files["figures.svg"]).getElementsByTagName("rect")
        assert len(bars) >= 9, files["figures.svg"]  # paper, three names, five bars


def test_what_is_wrong_is_seen():
    assert right(GOOD) and lossless(GOOD) and kept_up(GOOD)
    for change in ({"got": 2}, {"exact": 2}, {"dup": 1}, {"false": 1}):
        assert not right({**GOOD, **change}), change
    for change in ({"lost": 1}, {"got": 2}, {"dup": 1}, {"false": 1}):
        assert not lossless({**GOOD, **change}), change
    for change in ({"lost": 1}, {"last_alert_s": 1.6}, {"seconds": 1.2, "last_alert_s": 1.3}, {"last_alert_s": -1}):
        assert not kept_up({**GOOD, **change}), change


def test_a_page_out_of_order_is_seen():
    sys.argv[1:] = []
    from storm import inversions  # reads its options when it is loaded
    assert inversions([{"ward": "w", "n": n, "severity": s} for n, s in ((2, "critical"), (1, "urgent"))]) == (0, 1)
    assert inversions([{"ward": "w", "n": n, "severity": s} for n, s in ((1, "urgent"), (2, "critical"))]) == (0, 0)
    assert inversions([{"ward": "w", "n": n, "severity": s} for n, s in ((2, "urgent"), (1, "critical"))]) == (1, 0)
    assert inversions([{"ward": w, "n": n, "severity": s} for w, n, s in (("v", 2, "urgent"), ("w", 1, "critical"))]) == (0, 0)


def soaked(hours, leak_kb, ripple, warm_kb=20000):
    """Rows as tests/soak takes them: filling for 17 min, then growing by so much an hour under a ripple."""
    dice = random.Random(7)
    return [{"t": t, "rss_kb": 60000 + warm_kb * min(t / 1020, 1) + leak_kb * t / 3600 + ripple * dice.gauss(0, 1)}
            for t in range(10, int(3600 * hours) + 1, 10)]


def test_a_leak_is_told_from_windows_that_fill():
    def said(*about):
        return soak.verdict(*soak.slope(soak.warmed(soaked(*about)), "rss_kb"), soak.SLOPES["rss_kb"])
    assert said(0.5, 0, 10) == "holds" and said(0.5, 3000, 10) == "TOO MUCH" and said(0.5, 0, 1000) == "too short to tell"
    assert said(0.75, 0, 10) == "holds" and said(2, 0, 300) == "holds"
    assert said(0.75, 3000, 10) == "TOO MUCH" and said(2, 1500, 300) == "TOO MUCH"
    assert said(0.75, 0, 1000) == "too short to tell" and said(0.1, 0, 10) == "too short to tell"
    assert soak.judge([{**r, "fds": 40, "wal_kb": 0, "journal_kb": 0, "latency_ms": 2.0} for r in soaked(1, 5000, 10)]) == 1


def test_bars_are_drawn_to_scale():
    panel = {"title": "a < b", "unit": "ms", "groups": ["x"], "series": {"one": [50.0], "two": [100.0], "none": [None]}}
    for log, share in ((False, 0.5), (True, None)):
        picture = xml.dom.minidom.parseString(plot.svg("t", [{**panel, "log": log}]))
        heights = [float(r.getAttribute("height")) for r in picture.getElementsByTagName("rect")][4:]  # behind paper and names
        assert len(heights) == 2 and heights[0] < heights[1], heights
        assert share is None or abs(heights[0] / heights[1] - share) < 0.01, heights


def test_the_report_in_the_tree_is_what_its_results_make():
    if os.path.exists(os.path.join(ROOT, "contrib", "bench", "results.json")):
        said = bench("report.py", "--check")
        assert said.returncode == 0, said.stdout + said.stderr


run([test_short_run_counts_and_reports, test_what_is_wrong_is_seen, test_a_page_out_of_order_is_seen, test_a_leak_is_told_from_windows_that_fill,
     test_bars_are_drawn_to_scale, test_the_report_in_the_tree_is_what_its_results_make])
