# SPDX-License-Identifier: Apache-2.0
"""Days in the life of a daemon: load at 1.2 times the rated rate, a fault at random each minute, and a look at what grows.

    python3 tests/soak/soak.py --build BUILD [--hours H] [--scale S] [--every SECONDS] [--seed N] [--csv FILE]   (or HOURS, SCALE, SEED)

SCALE 1.2 is 1,200 messages a second (1,200 beds, one each a second). Every 10 s a line of the CSV: memory, descriptors, the store's
log, the journal, and how long a command takes to its answer, which goes through the inbox, the loop, a commit and the broker. The
daemon is stopped and starved but never killed (tests/outside/test_ledger.py does that): one process, so that its slopes mean something.

At the end: slopes with their limits, and the books: what the gateways published is stored once each, 0 lost, 0 doubled. About 2 GB of
disk an hour at full scale. A slope is that of the medians of each minute behind the warm-up (18 minutes, while windows fill; of a run shorter
than 27 minutes two thirds of it), with what it may be off by, twice its standard error. It is too much if it is above its limit even so; it is shown to
hold if it is below it even so; else the run was too short to tell, and says so, which is no fault. The tops count from the start.
Exit 1 if a limit is passed."""
import argparse
import collections
import csv
import json
import os
import random
import resource
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "outside"), os.path.join(HERE, "..", "lib-python")]
import books  # noqa: E402
import place as places  # noqa: E402
from place import Client, Place, now_ms, until  # noqa: E402

SAMPLE = 10.0  # seconds
WARM = 1080.0  # windows keep 17 min: before that memory must grow
MINUTE = 60.0
LOAD_LEAST = 0.8  # of the rate asked for: gateways are killed, stopped and without a broker part of the time
LEAST_MINUTES = 5  # fewer medians than that are no slope
DRAIN = 3600.0  # at the end, for what the last outages left unconfirmed
# What a slope may be, an hour; what a top may be.
SLOPES = {"rss_kb": 512.0, "fds": 0.5, "wal_kb": 2048.0, "latency_ms": 5.0}
TOPS = {"rss_kb": 256 * 1024, "fds": 400, "wal_kb": 128 * 1024, "journal_kb": 256 * 1024}


def size(path):
    return os.path.getsize(path) if os.path.exists(path) else 0


class Gateways:
    """`vigil simulate`: it keeps what is not confirmed, over kill -9 too."""

    def __init__(self, place, beds, seed):
        self.place, self.beds, self.seed, self.process, self.said = place, beds, seed, None, 0
        self.ledger = os.path.join(place.folder, "ledger")

    def start(self):
        command = [os.path.join(places.BUILD, "vigil"), "simulate", "--url", f"mqtt://127.0.0.1:{self.place.broker.port}", "--model",
                   "--beds", str(self.beds), "--gateways", str(max(2, self.beds // 25)), "--monitor", "60s", "--speed", "60", "--confirm-within", "3s",
                   "--seed", str(self.seed), "--spool", os.path.join(self.place.folder, "spool"), "--ledger", self.ledger, "--json",
                   "--patients", "fever=2,crs=1,neuro=1,sepsis=1"]
        log, self.said = open(os.path.join(self.place.folder, "simulate.log"), "a"), size(self.ledger)
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)

    def kill(self):
        self.process.kill()
        self.process.communicate()

    def end(self):
        """Asks it to end; it waits for the marks of all it has sent. How many are still waiting. One that has only just begun would
        die of being asked: it has sent something first."""
        until(lambda: size(self.ledger) > self.said, 60, "the gateways to be at work")
        self.process.send_signal(signal.SIGTERM)
        try:
            out, _ = self.process.communicate(timeout=DRAIN)
            return json.loads(out)["waiting"]
        except subprocess.TimeoutExpired:
            self.kill()
            return -1


class Probe:
    """A nurse's display that asks something and waits for the answer."""

    def __init__(self, place):
        self.place, self.client, self.count = place, None, 0

    def ask(self):
        """Milliseconds, or None: no answer within 5 s, or no broker."""
        self.count += 1
        name = f"soak-{self.count}"
        try:
            if self.client is None or not self.client.alive:
                self.client = Client(self.place.broker.port, "soak", "vigil/v1/wards/onc-7/results/soak")
            self.client.seen.clear()
            begin = time.monotonic()
            self.client.publish("vigil/v1/wards/onc-7/commands/soak", {"id": name, "by": "nurse:soak", "do": "note", "alert": "none",
                                                                     "reason": "soak", "ts": now_ms()}, wait=False)
            until(lambda: any(m and m["id"] == name for m in self.client.messages("/soak")), 5, "an answer")
            return 1000 * (time.monotonic() - begin)
        except (OSError, AssertionError):
            return None


class Faults:
    """One at a time, each minute; each is over when its function returns."""

    def __init__(self, place, gateways, rng):
        self.place, self.gateways, self.rng = place, gateways, rng
        self.counts = collections.Counter()
        self.kinds = [self.gateways_killed, self.gateways_stopped, self.broker_restarted, self.broker_away, self.daemon_stopped,
                      self.hup, self.slow_readers, self.storm_of_readers, self.deaf_display, self.disk_full]

    def strike(self):
        kind = self.rng.choice(self.kinds)
        self.counts[kind.__name__] += 1
        print(f"  {time.strftime('%H:%M:%S')} {kind.__name__}", flush=True)
        kind()

    def lasts(self, least, most):
        """A fault is a span: nothing is waited for."""
        time.sleep(self.rng.uniform(least, most))

    def gateways_killed(self):
        self.gateways.kill()
        self.gateways.start()

    def gateways_stopped(self):
        self.gateways.process.send_signal(signal.SIGSTOP)
        self.lasts(1, 8)
        self.gateways.process.send_signal(signal.SIGCONT)

    def broker_restarted(self):
        self.place.broker.kill()
        self.place.broker.start()

    def broker_away(self):
        self.place.broker.kill()
        self.lasts(1, 10)
        self.place.broker.start()

    def daemon_stopped(self):
        self.place.daemon.process.send_signal(signal.SIGSTOP)
        self.lasts(2, 4)
        self.place.daemon.process.send_signal(signal.SIGCONT)

    def hup(self):
        self.place.daemon.process.send_signal(signal.SIGHUP)

    def slow_readers(self):
        """They ask for the stream of changes and never read it."""
        sockets = []
        for _ in range(20):
            try:
                s = socket.create_connection(("127.0.0.1", self.place.daemon.port), 5)
                s.sendall(b"GET /api/v1/stream?ward=onc-7 HTTP/1.1\r\nHost: localhost\r\n\r\n")
                sockets.append(s)
            except OSError:
                pass
        self.lasts(8, 12)
        for s in sockets:
            s.close()

    def storm_of_readers(self):
        base = f"http://127.0.0.1:{self.place.daemon.port}"

        def read():
            for path in ("/api/v1/wards/onc-7/beds", "/api/v1/alerts?state=open", "/metrics", "/readyz") * 3:
                try:
                    urllib.request.urlopen(base + path, timeout=10).read()
                except (OSError, urllib.error.HTTPError):
                    pass
        threads = [threading.Thread(target=read) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def deaf_display(self):
        """Subscribes to everything and reads nothing."""
        try:
            client = Client(self.place.broker.port, "deaf", "vigil/v1/wards/#")
            client.lock.acquire()  # its thread stands at the first PUBACK
            self.lasts(8, 12)
            client.socket.shutdown(socket.SHUT_RDWR)
            client.lock.release()
        except OSError:
            pass

    def disk_full(self):
        """The store's log cannot grow; the journal is laid out beforehand, but ends as well."""
        pid, none = self.place.daemon.process.pid, resource.RLIM_INFINITY
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, none))
        self.lasts(1, 6)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (none, none))


def size_kb(path):
    return size(path) // 1024


def sample(place, probe, begun):
    pid = place.daemon.process.pid
    status = dict(line.split(":", 1) for line in open(f"/proc/{pid}/status"))
    journal = [n for n in os.listdir(place.folder) if n.startswith("v.db.inbox-")]
    return {"t": round(time.monotonic() - begun, 1), "rss_kb": int(status["VmRSS"].split()[0]), "threads": int(status["Threads"]),
            "fds": len(os.listdir(f"/proc/{pid}/fd")), "wal_kb": size_kb(place.daemon.store + "-wal"), "db_kb": size_kb(place.daemon.store),
            "journal_kb": sum(size_kb(os.path.join(place.folder, n)) for n in journal), "latency_ms": probe.ask()}


def minutes(rows, name):
    """The middle of each minute: a fault lasts less than half of one, and is an outlier."""
    bins = collections.defaultdict(list)
    for row in rows:
        if row[name] is not None:
            bins[int(row["t"] // MINUTE)].append(row[name])
    return [(MINUTE * (k + 0.5), statistics.median(v)) for k, v in sorted(bins.items())]


def slope(rows, name):
    """By least squares, an hour; and what it may be off by: twice its standard error, taking what is left of neighbouring
    minutes for as alike as it is. (0, inf) of too few."""
    points = minutes(rows, name)
    n = len(points)
    if n < LEAST_MINUTES:
        return 0.0, float("inf")
    times, values = zip(*points)
    line = statistics.linear_regression(times, values)
    left = [v - line.intercept - line.slope * t for t, v in points]
    square = sum(e * e for e in left)
    alike = sum(a * b for a, b in zip(left, left[1:])) / square if square > 0 else 0.0
    alike = min(max(alike, 0.0), 0.9)
    spread = sum((t - statistics.fmean(times)) ** 2 for t in times)
    error = (square / (n - 2) / spread * (1 + alike) / (1 - alike)) ** 0.5
    return line.slope * 3600, 2 * error * 3600


def verdict(grows, off, limit):
    """"too much", "holds", or "too short to tell"."""
    return "TOO MUCH" if grows - off > limit else "holds" if grows + off <= limit else "too short to tell"


def warmed(rows):
    begin = min(WARM, rows[-1]["t"] * 2 / 3)
    return [r for r in rows if r["t"] >= begin]


def judge(rows):
    bad = 0
    for name in ("rss_kb", "fds", "wal_kb", "journal_kb", "latency_ms"):
        values = [r[name] for r in rows if r[name] is not None]
        grows, off = slope(warmed(rows), name)
        said = verdict(grows, off, SLOPES[name]) if name in SLOPES else ""
        high = name in TOPS and bool(values) and max(values) > TOPS[name]
        bad += (said == "TOO MUCH") + high
        if not values:
            print(f"{name:12} never there  TOO MUCH")
            bad += 1
            continue
        print(f"{name:12} first {values[0]:9.1f}  middle {statistics.median(values):9.1f}  top {max(values):9.1f}"
              f"{f' (at most {TOPS[name]})' if name in TOPS else ''}{'  TOO MUCH' if high else ''}  slope {grows:+.1f} +- {off:.1f} an hour"
              f"{f', at most {SLOPES[name]:g}: {said}' if said else ''}", flush=True)
    unanswered = sum(r["latency_ms"] is None for r in rows)
    print(f"{unanswered} of {len(rows)} commands without an answer within 5 s (during faults)")
    return bad


def live(place, options, rng):
    gateways = Gateways(place, max(10, round(1000 * options.scale)), rng.randrange(1 << 30))
    probe, faults, rows = Probe(place), Faults(place, gateways, rng), []
    begun = time.monotonic()
    end, fault_at = begun + 3600 * options.hours, begun + options.every
    gateways.start()
    striking = None
    with open(options.csv, "w", newline="") as file:
        out = None
        while time.monotonic() < end:
            due = begun + SAMPLE * (len(rows) + 1)
            time.sleep(max(0, min(due, end) - time.monotonic()))
            assert place.daemon.process.poll() is None, f"the daemon ended: {place.daemon.log_text()[-500:]}"
            if time.monotonic() >= fault_at and (striking is None or not striking.is_alive()):
                striking = threading.Thread(target=faults.strike)
                striking.start()
                fault_at += options.every
            rows.append(sample(place, probe, begun))
            out = out or csv.DictWriter(file, rows[0].keys())
            if len(rows) == 1:
                out.writeheader()
            out.writerow(rows[-1])
            file.flush()
    if striking:
        striking.join()
    loaded = time.monotonic() - begun
    waiting = gateways.end()
    place.daemon.signal(signal.SIGTERM)
    return rows, faults.counts, gateways, waiting, loaded


def kept_rate(gateways, seconds):
    """Whether the load was what was asked for; messages are those that went out for the first time."""
    with open(gateways.ledger, "rb") as file:
        rate = sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b"")) / seconds
    kept = rate >= LOAD_LEAST * gateways.beds
    print(f"{rate:.0f} messages a second of {gateways.beds} asked for{'' if kept else '  TOO FEW: this machine, or its other work, does not let it'}")
    return kept


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    parser.add_argument("--hours", type=float, default=float(os.environ.get("HOURS") or 24))
    parser.add_argument("--scale", type=float, default=float(os.environ.get("SCALE") or 1.2))
    parser.add_argument("--every", type=float, default=60)
    parser.add_argument("--seed", type=int, default=int(os.environ.get("SEED") or random.randrange(1 << 30)))
    parser.add_argument("--csv", default="soak.csv")
    options = parser.parse_args()
    places.BUILD = os.path.join(places.ROOT, options.build)
    print(f"seed {options.seed}, scale {options.scale:g}, {options.hours:g} h, a fault each {options.every:g} s; {options.csv}", flush=True)
    with Place() as place:
        rows, counts, gateways, waiting, loaded = live(place, options, random.Random(options.seed))
        print("faults: " + ", ".join(f"{name} {n}" for name, n in counts.most_common()))
        bad = judge(rows) + (not kept_rate(gateways, loaded))
        lost, doubled, text = books.balance(gateways.ledger, place.daemon.store)
        print(text)
        if waiting:
            print(f"the gateways still held {waiting if waiting > 0 else 'some'} when they were ended")
        bad += lost + doubled + (waiting != 0)
    print(f"{'failed' if bad else 'passed'}, seed {options.seed}")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
