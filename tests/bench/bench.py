#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures the daemon against the floor: the least that a subscriber on paho can cost.

The broker and the load generator run on core 0, the daemon (or the floor) on core 1. Two questions:

  rate   1000 beds, one message a second each: CPU of daemon and broker in the same run, peak memory,
         and how long after the message that caused it an alert comes.
  burst  60,000 messages as fast as the broker takes them, then rising rates: is every message stored?

Every subject is measured in the same way and the same run of this program. Rates depend on the machine; the
ratio of the daemon's CPU to the broker's, and of daemon to floor, much less. Prints a line of JSON for each
measurement and a table at the end. `others` is the CPU that the rest of the machine used
meanwhile, in cores: trust no figure of a run where it is above 0.5. Exit 1 if a message was
lost or an alert was missing, doubled or false, in a rate or burst run of the daemon.
"""
import argparse
import json
import os
import re
import select
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
HZ = os.sysconf("SC_CLK_TCK")
PROGRAMS = {
    "load": (["load.c", "ear.c", "ward.c", "raw_mqtt.c"], ["-lcjson"]),
    "floor": (["floor.c"], ["-lpaho-mqtt3as", "-lpthread"]),
}
# For `rate`: nothing but MQTT. For `burst`: the shipped settings. `default`: what Debian's broker does.
BROKERS = {
    "plain": "listener @PORT@ 127.0.0.1\nallow_anonymous true\nuser @USER@\nmax_queued_messages 0\n"
    "set_tcp_nodelay true\n",
    "default": "listener @PORT@ 127.0.0.1\nallow_anonymous true\nuser @USER@\n",
}


def build(folder):
    """Compiles the generator and the floor into `folder`, if older than their sources."""
    os.makedirs(folder, exist_ok=True)
    newest = max(os.path.getmtime(os.path.join(HERE, f)) for f in os.listdir(HERE))
    for name, (sources, libraries) in PROGRAMS.items():
        out = os.path.join(folder, name)
        if not os.path.exists(out) or os.path.getmtime(out) < newest:
            subprocess.check_call(
                [os.environ.get("CC", "cc"), "-std=gnu11", "-D_GNU_SOURCE", "-O2", "-g", "-Wall", "-Werror", "-o", out]
                + [os.path.join(HERE, s) for s in sources] + libraries)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def cpu(pid):
    """Seconds of CPU that the process has used, all threads."""
    fields = open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / HZ


def peak_mb(pid):
    return int(re.search(r"VmHWM:\s+(\d+)", open(f"/proc/{pid}/status").read()).group(1)) / 1024


def machine_cpu():
    user, nice, system, _, _, irq, soft, *_ = (int(f) for f in open("/proc/stat").readline().split()[1:])
    return (user + nice + system + irq + soft) / HZ


class Process:
    """A program pinned to a core, ended by its own id when the block is left."""

    def __init__(self, core, command, **more):
        self.p = subprocess.Popen(["taskset", "-c", str(core)] + command, **more)
        self.pid = self.p.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if self.p.poll() is None:
            self.p.send_signal(signal.SIGTERM)
            try:
                self.p.wait(30)
            except subprocess.TimeoutExpired:
                self.p.kill()
                self.p.wait()


def broker(settings, folder):
    port = free_port()
    program = shutil.which("mosquitto", path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin")
    if program is None:
        sys.exit("bench: mosquitto is not installed")
    if settings == "shipped":
        text = open(os.path.join(TOP, "config", "mosquitto.conf")).read()
    else:
        text = BROKERS[settings]
    user = subprocess.check_output(["id", "-un"], text=True).strip()
    for mark, value in (("@PORT@", str(port)), ("@DIR@", folder), ("@USER@", user)):
        text = text.replace(mark, value)
    path = os.path.join(folder, "mosquitto.conf")
    with open(path, "w") as f:
        f.write(text)
    process = Process(0, [program, "-c", path], stdout=subprocess.DEVNULL,
                      stderr=open(os.path.join(folder, "broker.log"), "w"))
    deadline = time.time() + 10
    while time.time() < deadline and process.p.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 0.5).close()
            return process, port
        except OSError:
            time.sleep(0.02)
    process.stop()
    sys.exit("bench: the broker does not start: " + open(os.path.join(folder, "broker.log")).read())


def readable_within(fd, seconds):
    return bool(select.select([fd], [], [], seconds)[0])


class Floor:
    name = "floor"

    def __init__(self, args, port, _folder):
        self.process = Process(1, [os.path.join(args.out, "floor"), str(port)], stdout=subprocess.PIPE, text=True)
        if self.process.p.stdout.readline() != "ready\n":
            sys.exit("bench: the floor does not start")

    marks = False

    def last_words(self):
        return self.process.p.stdout.read()

    def stored(self, _load):
        self.process.stop()
        return json.loads(self.process.p.stdout.read())["count"]


class Daemon:
    name = "vigild"
    marks = True

    def __init__(self, args, port, folder):
        self.db = os.path.join(folder, "vigil.db")
        self.log = os.path.join(folder, "vigild.log")
        ready, write = os.pipe()
        self.process = Process(
            1, [os.path.join(args.build, "vigild"), "-c", os.path.join(HERE, "bench.yaml"),
                "--set", f"mqtt.url=mqtt://127.0.0.1:{port}", "--set", f"store.path={self.db}",
                "--set", "http.listen=127.0.0.1:0", "--ready-fd", str(write)],
            pass_fds=[write], stdout=subprocess.DEVNULL, stderr=open(self.log, "w"))
        os.close(write)
        if not readable_within(ready, 30) or not os.read(ready, 200).startswith(b"ready"):
            self.process.stop()
            sys.exit("bench: vigild does not start: " + self.last_words())
        os.close(ready)

    def last_words(self):
        return open(self.log).read()[-2000:]

    def stored(self, load):
        """Messages in the store, as it lies on disk after the end; the marks must not say more."""
        self.process.stop()
        with sqlite3.connect(f"file:{self.db}?mode=ro", uri=True) as db:
            rows = db.execute("SELECT (SELECT count(*) FROM message_row) + (SELECT ifnull(sum(last - id + 1), 0)"
                              " FROM bundle)").fetchone()[0]
        if load["committed"] > rows:
            sys.exit(f"bench: {load['committed']} messages marked as committed, but only {rows} stored")
        return rows


SUBJECTS = {"floor": Floor, "vigild": Daemon}


def settle(pids, quiet=1.0, limit=120):
    """Waits until the processes have hardly used CPU for a while: the queue has run dry."""
    before, since, end = sum(map(cpu, pids)), time.time(), time.time() + limit
    while time.time() < end and time.time() - since < quiet:
        time.sleep(0.2)
        now = sum(map(cpu, pids))
        if now - before > 0.2 * 0.1:
            since = time.time()
        before = now


def measure(args, subject, settings, load_options):
    with tempfile.TemporaryDirectory(prefix="vigil-bench-") as folder:
        process, port = broker(settings, folder)
        with process:
            peer = SUBJECTS[subject](args, port, folder)
            with peer.process:
                pids = [process.pid, peer.process.pid]
                began, all0, own0 = time.time(), machine_cpu(), sum(os.times()[:4])
                cpu0 = [cpu(p) for p in pids]
                marks = ["--marks"] if peer.marks else []
                run = subprocess.run(
                    ["taskset", "-c", "0", os.path.join(args.out, "load"), "--port", str(port)]
                    + [str(o) for o in load_options] + marks, stdout=subprocess.PIPE, text=True)
                if run.returncode not in (0, 1) or not run.stdout:
                    sys.exit("bench: the load generator failed")
                if peer.process.p.poll() is not None:
                    sys.exit(f"bench: {subject} ended early ({peer.process.p.returncode}): {peer.last_words()}")
                settle(pids)
                used = [cpu(p) - c for p, c in zip(pids, cpu0)]
                own = sum(os.times()[:4]) - own0
                others = (machine_cpu() - all0 - sum(used) - own) / (time.time() - began)
                load = json.loads(run.stdout)
                peak = peak_mb(peer.process.pid)
                stored = peer.stored(load)
    per = 100000 / load["sent"]
    return {"subject": subject, "broker": settings, **load, "stored": stored, "lost": load["sent"] - stored,
            "cpu_100k": round(used[1] * per, 2), "broker_cpu_100k": round(used[0] * per, 2),
            "ratio": round(used[1] / max(used[0], 1e-9), 2), "peak_mb": round(peak, 1),
            "others": round(max(others, 0), 2)}


def lossless(row):
    return row["lost"] <= 0 and row["got"] == row["expected"] and row["dup"] == 0 and row["false"] == 0


def emit(rows, kind, row):
    row = {"kind": kind, **row}
    rows.append(row)
    print(json.dumps(row), flush=True)
    return row


def rate_runs(args, rows):
    seconds = 15 if args.short else args.seconds
    for subject in args.subjects:
        emit(rows, "rate", measure(args, subject, args.broker or "plain", [
            "--beds", args.beds, "--rate", args.beds, "--count", args.beds * seconds, "--events", args.beds,
            "--window", 2000, "--wait", 15]))


def burst_runs(args, rows):
    settings = args.broker or "shipped"
    count = 20000 if args.short else 60000
    for subject in args.subjects:
        emit(rows, "burst", measure(args, subject, settings, [
            "--beds", args.beds, "--count", count, "--events", 100, "--window", 500, "--wait", 120]))


def step_runs(args, rows):
    """Rising rates for eight seconds each, until something is lost or the publisher cannot follow."""
    for subject in args.subjects:
        for rate in (5000, 10000, 15000, 20000, 25000, 30000):
            row = emit(rows, "step", {"rate": rate, **measure(args, subject, args.broker or "shipped", [
                "--beds", args.beds, "--rate", rate, "--count", rate * 8, "--events", 100,
                "--window", 5000, "--wait", 60])})
            if not lossless(row) or row["sent"] / max(row["seconds"], 0.001) < 0.9 * rate:
                break


COLUMNS = (("kind", "kind"), ("subject", "subject"), ("broker", "broker"), ("others", "others"), ("sent", "sent"),
           ("lost", "lost"), ("cpu_100k", "cpu/100k"), ("broker_cpu_100k", "broker"), ("ratio", "ratio"),
           ("peak_mb", "MB"), ("alerts", "alerts"), ("dup", "dup"), ("false", "false"), ("p50_ms", "p50"),
           ("p99_ms", "p99"), ("max_ms", "max ms"), ("per_s", "msg/s"))


def table(rows):
    print("\ncpu/100k and broker: seconds of CPU for 100,000 messages; p50, p99, max: from message to alert, ms;")
    print("msg/s: from the first message sent to the alert of the last one (burst: drain rate).\n")
    cells = [[title for _, title in COLUMNS]]
    for row in rows:
        row = dict(row, alerts=f"{row['got']}/{row['expected']}",
                   per_s=round(row["sent"] / row["last_alert_s"]) if row["last_alert_s"] > 0 else "-")
        cells.append([str(row.get(key, "")) for key, _ in COLUMNS])
    widths = [max(len(line[i]) for line in cells) for i in range(len(COLUMNS))]
    for line in cells:
        print("  ".join(text.rjust(width) for text, width in zip(line, widths)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build", help="folder with vigild (default: build)")
    parser.add_argument("--short", action="store_true", help="a quarter of the time, no rising rates")
    parser.add_argument("--only", choices=("rate", "burst", "step"), help="one question only")
    parser.add_argument("--subjects", default="floor,vigild", help="of floor, vigild (default: both)")
    parser.add_argument("--broker", choices=("plain", "shipped", "default"), help="settings for all runs")
    parser.add_argument("--beds", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=60, help="length of the rate run")
    args = parser.parse_args()
    args.build = os.path.abspath(args.build)
    args.out = os.path.join(args.build, "tests", "bench")
    args.subjects = args.subjects.split(",")
    if os.cpu_count() < 2 or any(s not in SUBJECTS for s in args.subjects):
        parser.error("needs two cores, and subjects out of " + ", ".join(SUBJECTS))
    build(args.out)
    rows = []
    for kind, runs in (("rate", rate_runs), ("burst", burst_runs), ("step", step_runs)):
        if args.only == kind or (args.only is None and not (args.short and kind == "step")):
            runs(args, rows)
    table(rows)
    bad = [r for r in rows if r["subject"] == "vigild" and r["kind"] != "step" and not lossless(r)]
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
