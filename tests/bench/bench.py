#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures the daemon beside the floor (the least that a subscriber on paho can cost) and beside two peers that
do the same work in Python and in Node-RED.

The broker and the load generator run on core 0, the daemon (or who stands in its place) on core 1.

  rate   100, 1,000 and 10,000 beds, one message a second each: CPU of the subject and of the broker in the same
         run, peak memory, and how long after the message that caused it an alert comes.
  burst  60,000 messages as fast as the broker takes them: is every message stored, and how fast is it drained?
  step   rising rates: up to which does the subject keep up, with nothing lost and all alerts right?
  filled 1,000 beds whose windows are full: 17 minutes at one message a second, sent faster. Memory.

Every subject is measured in the same way and the same run of this program. Rates depend on the machine; the
ratio of a subject's CPU to the broker's, and to the floor's, much less. Prints a line of JSON for each
measurement and a table at the end. `others` is the CPU that the rest of the machine used
meanwhile, in cores: trust no figure of a run where it is above 0.5. Exit 1 if a message was
lost or an alert was missing, doubled or false, in a run of the daemon other than step.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import rig  # noqa: E402
import subjects  # noqa: E402
from subjects import SUBJECTS  # noqa: E402

MOST_EVENTS = 1000
WINDOW_TICKS = 1020  # the longest that a stream stays in a window (daemon/core/window.h)
LADDER = (1000, 2000, 3000, 4000, 5000, 6000, 7500, 10000, 12500, 15000, 17500, 20000, 25000, 30000, 40000)
FIRST_STEP = {"floor": 20000, "vigild": 15000, "python": 5000, "node-red": 3000}  # what each does on a small machine


def measure(args, subject, settings, load_options):
    with tempfile.TemporaryDirectory(prefix="vigil-bench-") as folder:
        process, port = rig.broker(settings, folder)
        with process:
            peer = SUBJECTS[subject](args, port, folder)
            with peer.process:
                pids = [process.pid, peer.process.pid]
                meter = rig.Meter(*pids)
                marks = ["--marks"] if peer.marks else []
                run = subprocess.run(
                    ["taskset", "-c", "0", os.path.join(args.out, "load"), "--port", str(port)]
                    + [str(o) for o in load_options] + marks, stdout=subprocess.PIPE, text=True)
                if run.returncode not in (0, 1) or not run.stdout:
                    sys.exit("bench: the load generator failed")
                if peer.process.p.poll() is not None:
                    sys.exit(f"bench: {subject} ended early ({peer.process.p.returncode}): {peer.last_words()}")
                rig.settle(pids)
                used, others, load = meter.used(), meter.others(), json.loads(run.stdout)
                peak = rig.peak_mb(peer.process.pid)
                stored = peer.stored(load)
    return {"subject": subject, "broker": settings, **load, "stored": stored, "lost": load["sent"] - stored,
            **figures(load, used, peer.bytes), "peak_mb": round(peak, 1), "others": others}


def figures(load, used, size):
    """What can be compared: per message, and to the broker's own CPU in the same run."""
    per = 100000 / load["sent"]
    return {"cpu_100k": round(used[1] * per, 3), "broker_cpu_100k": round(used[0] * per, 3),
            "ratio": round(used[1] / max(used[0], 1e-9), 3),
            "bytes_per_reading": round(size / (load["sent"] * subjects.SIGNALS), 2)}


def right(row):
    """All alerts came, each at the message that caused it, and no other."""
    return row["got"] == row["exact"] == row["expected"] and row["dup"] == 0 and row["false"] == 0


def lossless(row):
    return row["lost"] <= 0 and row["got"] == row["expected"] and row["dup"] == 0 and row["false"] == 0


def kept_up(row):
    """The last message's alert came within half a second of it, and the generator kept its own rate: nothing piled up."""
    behind = row["last_alert_s"] - row["seconds"]
    return lossless(row) and row["last_alert_s"] > 0 and behind <= 0.5 and row["sent"] / max(row["seconds"], 1e-3) >= 0.95 * row["rate"]


def emit(rows, kind, row):
    rows.append(rig.note({"kind": kind, **row}))
    return rows[-1]


def rate_runs(args, rows):
    for beds in args.beds:
        seconds = args.seconds or {100: 15, 1000: 60}.get(beds, 20)
        for subject in args.subjects:
            emit(rows, "rate", {"beds": beds, **measure(args, subject, args.broker or "plain", [
                "--beds", beds, "--rate", beds, "--count", beds * seconds, "--events", min(beds, MOST_EVENTS),
                "--window", 2000 if beds < 10000 else 20000, "--wait", 15 if beds < 10000 else 40])})


def burst_runs(args, rows):
    count = 60000 if args.seconds == 0 else args.seconds * 1000
    for subject in args.subjects:
        emit(rows, "burst", {"beds": 1000, **measure(args, subject, args.broker or "shipped", [
            "--beds", 1000, "--count", count, "--events", 100, "--window", 500, "--wait", 120])})


def step_runs(args, rows):
    """Rising rates for some seconds each, until the subject does not keep up. One such step is tried again: on a
    machine with other work a single hiccup says nothing."""
    seconds = args.seconds or 5
    for subject in args.subjects:
        place, again, kept = LADDER.index(FIRST_STEP[subject]), 1, 0
        while 0 <= place < len(LADDER):
            rate = LADDER[place]
            row = measure(args, subject, args.broker or "shipped", [
                "--beds", 1000, "--rate", rate, "--count", rate * seconds, "--events", 100, "--window", 5000, "--wait", 30])
            row.update(beds=1000, rate=rate)
            good = emit(rows, "step", {**row, "kept_up": kept_up(row)})["kept_up"]
            if good:
                kept, place = rate, place + 1
            elif again:
                again -= 1
            elif kept:
                break
            else:
                place -= 1  # it began too high for this machine
            if good and rate < FIRST_STEP[subject]:
                break


def filled_runs(args, rows):
    """Slower than what the daemon can take: what waits in its inbox would count as windows."""
    ticks = WINDOW_TICKS if args.seconds == 0 else args.seconds
    for beds in args.fill_beds:
        emit(rows, "filled", {"beds": beds, "ticks": ticks, **measure(args, "vigild", args.broker or "shipped", [
            "--beds", beds, "--rate", 12000, "--count", beds * ticks, "--events", 100, "--window", 5000, "--wait", 60])})


COLUMNS = (("kind", "kind"), ("subject", "subject"), ("beds", "beds"), ("broker", "broker"), ("others", "others"), ("sent", "sent"),
           ("lost", "lost"), ("cpu_100k", "cpu/100k"), ("broker_cpu_100k", "broker"), ("ratio", "ratio"),
           ("peak_mb", "MB"), ("alerts", "alerts"), ("dup", "dup"), ("false", "false"), ("p50_ms", "p50"),
           ("p90_ms", "p90"), ("p99_ms", "p99"), ("max_ms", "max ms"), ("per_s", "msg/s"))


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


RUNS = {"rate": rate_runs, "burst": burst_runs, "step": step_runs, "filled": filled_runs}


def numbers(text):
    return [int(n) for n in text.split(",")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build", help="folder with vigild (default: build)")
    parser.add_argument("--only", default=",".join(RUNS), help="of rate, burst, step, filled (default: all)")
    parser.add_argument("--subjects", default=",".join(SUBJECTS), help="of floor, vigild, python, node-red (default: all there are)")
    parser.add_argument("--broker", choices=("plain", "shipped", "default"), help="settings for all runs")
    parser.add_argument("--beds", type=numbers, default=[100, 1000, 10000], help="of the rate runs, comma between them")
    parser.add_argument("--fill-beds", type=numbers, default=[1000], help="of the filled runs")
    parser.add_argument("--seconds", type=int, default=0, help="length of each run (burst: thousands of messages; filled: ticks)")
    args = parser.parse_args()
    args.build = os.path.abspath(args.build)
    args.out = os.path.join(args.build, "tests", "bench")
    args.subjects, only = args.subjects.split(","), args.only.split(",")
    if os.cpu_count() < 2 or not set(args.subjects) <= set(SUBJECTS) or not set(only) <= set(RUNS):
        parser.error("needs two cores, subjects out of " + ", ".join(SUBJECTS) + " and runs out of " + ", ".join(RUNS))
    rig.build(args.out)
    gone = subjects.missing()
    for name in [s for s in args.subjects if s in gone]:
        rig.note({"kind": "missing", "subject": name, "why": gone[name]})
        args.subjects.remove(name)
    rows = []
    for kind in only:
        RUNS[kind](args, rows)
    table(rows)
    bad = [r for r in rows if r["subject"] == "vigild" and r["kind"] != "step" and not lossless(r)]
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
