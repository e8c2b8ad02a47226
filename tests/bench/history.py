# SPDX-License-Identifier: Apache-2.0
"""History beside its limits and beside the same work in plain SQLite rows and in PostgreSQL: bytes a
reading, CPU a message, and how long one signal takes, in process and by HTTP. A store is filled and
sealed by tests/bench/history.c, which asks in process, warm; a daemon is started on it for HTTP.

  history.py [--build DIR] [--scale tiny|small|full] [--csv RECORDING] [--peer-hours N] [--no-peers]

tiny: 2 beds for 26 h. small: 2 beds for 3 days, 50 beds for 2 h. full: 2 beds for 30 days, 50 beds for a day.
Then ingest at 20,000 messages a second (history_pace.py). The daemon is asked beside nothing, then beside fifty beds that send.
Times are medians of 15 (HTTP, peers: 5); cpu is the least CPU time of them, which other work on the machine
does not change: where the two differ much, the machine was busy, and cpu is to be believed."""
import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import rig
from history_pace import paced
from history_peers import postgres, sqlite_rows

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
T0 = 1768032000000
BESIDE, ALERTS = 10, 25  # seconds; at least
DAY = 86_400_000
RECORDING = os.path.join(ROOT, "tests/data/wave1hz/mimicdb_03700181.csv")
PACE = {"tiny": (1, 2), "small": (10, 12), "full": (40, 24)}  # seconds, hours to seal
SETS = {"tiny": ((2, 26),), "small": ((2, 72), (50, 2)), "full": ((2, 720), (50, 24))}
# ms in process
ASKED = {"1h": 0.2, "24h": 1, "30d": 20, "24h_all_signals": None, "30d_step_1h": 200, "30d_step_1m": None,
         "first_page_of_all": 50}


def parse(text):
    rows = {}
    for line in text.splitlines():
        fields = dict(f.split("=") for f in line.split() if "=" in f)
        rows[fields["ask"] if "ask" in fields else line.split()[0]] = fields
    return rows


def fill(build, path, beds, hours, csv, hot=False):
    command = [os.path.join(build, "tests/bench/history"), path, str(beds), str(hours)]
    out = subprocess.run(command + ([csv] if csv else []), capture_output=True, text=True,
                         env={**os.environ, **({"HOT": "1"} if hot else {})})
    assert out.returncode == 0, out.stderr
    return parse(out.stdout)


def show(about, name, value, unit, limit=None, note=""):
    rig.add({"kind": "history", **about, "what": name, "value": round(value, 3), "unit": unit, "limit": limit, "note": note})
    mark = "" if limit is None else f"limit {limit:g}" + ("" if value <= limit else "  ABOVE")
    print(f"  {name:38} {value:12.3f} {unit:14} {mark:16} {note}", flush=True)


def median(ask, times=5):
    took = []
    for _ in range(times):
        begin = time.perf_counter()
        ask()
        took.append((time.perf_counter() - begin) * 1000)
    return statistics.median(took)


def in_process(about, got):
    hours = about["hours"]
    for name, limit in ASKED.items():
        row = got[name]
        rows = int(row["rows"])
        whole = limit if hours >= 720 or not name.startswith("30d") else None
        show(about, f"{name}, in process", float(row["ms"]), "ms", None, f"{rows} rows")
        show(about, f"{name}, CPU of it", float(row["cpu_ms"]), "ms", whole)


def questions(hours):
    """Name, limit in ms, path; what the benchmark of history asks for by HTTP."""
    end = T0 + int(hours * 3_600_000) - 7_200_000
    month = f"&code=hr&from={T0}&to={end}&step=1h"
    return (("24 h in steps of 5 min", 50, "readings", f"&code=hr&from={end - DAY}&to={end}&step=5m"),
            (f"{hours / 24:g} days in steps of 1 h", 200, "readings", month),
            ("first page of readings", 50, "readings", f"&code=hr,sbp,temp&from={T0}"),
            ("first page of alerts", 50, "alerts", ""),
            ("first page of episodes", 50, "episodes", ""),
            ("first page of assessments", 50, "assessments", f"&from={T0}&to={end}"),
            ("1 h of why there was no alert", None, "coverage", f"&code=hr&from={end - 3_600_000}&to={end}"))


def by_http(about, build, path):
    """First of a daemon beside which nothing else happens, then while beds send: the first bytes to the last, over loopback."""
    os.environ["build"] = build
    sys.path[:0] = [os.path.join(ROOT, "tests/outside"), os.path.join(ROOT, "tests/lib-python")]
    from place import Place
    from web import Web
    hours = about["hours"]
    end = T0 + int(hours * 3_600_000) - 7_200_000
    with Place(start=False) as place:
        place.daemon.store = path
        place.broker.start()
        place.daemon.start()
        web = Web(place.daemon.port)

        def get(what, rest):
            answer = web.get(f"/api/v1/{what}?patient=p-1{rest}")
            assert answer.status == 200, answer
            return answer

        def day_in_pages():
            items, _ = web.pages(f"/api/v1/readings?patient=p-1&code=hr&from={end - DAY}&to={end}&limit=10000",
                                 "readings")
            assert len(items) == min(86400, hours * 3600 - 7200), len(items)

        for name, limit, what, rest in questions(hours):
            show(about, f"{name}, by HTTP", median(lambda: get(what, rest)), "ms", limit)
        show(about, "24 h, 9 pages of 10,000, by HTTP", median(day_in_pages, 3), "ms", None, "and read as JSON here")
        beside_ingest(about, place, hours, get)


class Questions(threading.Thread):
    """The same questions one after another without a pause, until it is over."""

    def __init__(self, hours, get):
        super().__init__()
        self.hours, self.get, self.took, self.over = hours, get, {}, threading.Event()

    def run(self):
        while not self.over.is_set():
            for name, limit, what, rest in questions(self.hours):
                self.took.setdefault((name, limit), []).append(median(lambda: self.get(what, rest), 1))


def beside_ingest(about, place, hours, get):
    """The questions again while fifty beds send once a second; and what that does to ingest: how long an alert takes from its
    message to the ward, by way of a commit, and a message to the mark that says it is on disk, before the questions and during."""
    from feed import Feed
    from place import alert_takes, until
    feed, ear = Feed(place.broker.port, 50, 50), place.client("ear", "vigil/v1/wards/+/events")
    until(lambda: feed.committed() > 0, what="the first mark")
    asker, spans = Questions(hours, get), []
    for how in ("undisturbed", "beside questions"):
        begin = time.monotonic()
        alerts = [alert_takes(ear, f"{how[0]}{n}") * 1000 for n in range(ALERTS)]
        time.sleep(max(0, begin + BESIDE - time.monotonic()))
        spans.append((how, alerts, begin, time.monotonic()))
        if not asker.ident:
            asker.start()
    asker.over.set()
    asker.join()
    sent = feed.stop()
    until(lambda: feed.committed() == sent, what="the last mark")
    for (name, limit), times in asker.took.items():
        show(about, f"{name}, beside ingest", statistics.median(times), "ms", limit, f"slowest of {len(times)}: {max(times):.1f}")
    for how, alerts, begin, end in spans:
        middle, slow = feed.words(feed.lags(begin, end))
        show(about, f"message to alert, {how}", statistics.median(alerts), "ms", None, f"slowest of {len(alerts)}: {max(alerts):.1f}")
        show(about, f"message to mark, {how}", middle, "ms", None, f"99 of 100 within {slow:.1f} (marks are told twice a second)")
    print(f"  {sent} messages sent and committed")


def peers(about, folder, hours, beds):
    took = {"1h": 3600, "24h": 86400, "all": int(hours * 3600)}
    for peer in (sqlite_rows, postgres):
        name, size, times = peer(folder, int(hours * 3600), beds, took)
        if size is None:
            print(f"  {name}: {times}")
            rig.add({"kind": "missing", "subject": name, "why": times})
            continue
        rig.add({"kind": "history_peer", **about, "peer": name, "hours": hours, "bytes": round(size, 2), **{f"ms_{k}": round(v, 3) for k, v in times.items()}})
        print(f"  {name}, {beds} beds, {hours:g} h: {size:.1f} bytes a reading; "
              + ", ".join(f"{k} {v:.2f} ms" for k, v in times.items()), flush=True)


def recorded(build, folder):
    """Bytes a reading of a real recording: five signals a message, clocks that tick unevenly. The empty tables are among it."""
    for beds, hours, hot, what, limit in ((60, 0.5, True, "hot", 4.5), (2, 48, False, "sealed", 1.0)):
        size = fill(build, os.path.join(folder, f"recorded-{what}.db"), beds, hours, RECORDING, hot)["size"]
        took = float(size["bytes_per_reading" if hot else "pages_per_sealed"])
        show({"beds": beds, "hours": hours}, f"a recording, {what}, all pages", took, "bytes/reading", limit, "5 signals a message")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--build", default="build")
    options.add_argument("--scale", choices=SETS, default="small")
    options.add_argument("--csv", default="")
    options.add_argument("--peer-hours", type=float, default=0)
    options.add_argument("--no-peers", action="store_true")
    a = options.parse_args()
    build = os.path.abspath(a.build)
    with tempfile.TemporaryDirectory(prefix="vigil-bench-") as folder:
        hot = fill(build, os.path.join(folder, "hot.db"), 50, 0.5, a.csv, hot=True)
        recorded(build, folder)
        for n, (beds, hours) in enumerate(SETS[a.scale]):
            path = os.path.join(folder, f"{n}.db")
            got = fill(build, path, beds, hours, a.csv)
            size, cost, about = got["size"], got["cost"], {"beds": beds, "hours": hours}
            print(f"{beds} beds, {hours} h at 1 Hz, {size['readings']} readings; load {os.getloadavg()[0]:.1f}")
            show(about, "ingest", float(cost["ingest_us"]), "us CPU a msg")
            show(about, "sealing", float(cost["sealing_us"]), "us CPU a msg")
            show(about, "both", float(cost["ingest_us"]) + float(cost["sealing_us"]), "us CPU a msg", 3)
            show(about, "longest portion of sealing", float(cost["portion_ms"]), "ms CPU")
            show(about, "sealed, all pages", float(size["pages_per_sealed"]), "bytes/reading", 1.0)
            if n == 0:
                show(about, "hot, all pages", float(hot["size"]["bytes_per_reading"]), "bytes/reading", 4.5,
                     "50 beds, half an hour")
            in_process(about, got)
            by_http(about, build, path)
            if n == 0 and not a.no_peers:
                peers(about, folder, a.peer_hours or min(hours, 240), 2)
            os.unlink(path)
        paced(build, folder, *PACE[a.scale], show)


if __name__ == "__main__":
    main()
