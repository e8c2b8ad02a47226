#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A backlog beside live alarms: gateways of 50 beds come back after 12 h and send all of it, 6,000
unconfirmed messages at most, while
500 other beds go on at one message a second and some of them turn ill. How long do their alerts take
beside the backlog, and without it? The backlog's beds run the CAR-T protocol. Prints one JSON line.

    backlog.py --build build [--hours 12] [--beds 50] [--live 500] [--least 30]
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import rig  # noqa: E402
import subjects  # noqa: E402

FIRST_WARD = 100
p = argparse.ArgumentParser()
p.add_argument("--build", default="build")
p.add_argument("--hours", type=float, default=12)
p.add_argument("--beds", type=int, default=50)
p.add_argument("--live", type=int, default=500)
p.add_argument("--least", type=int, default=30, help="seconds of the live ward")
args = p.parse_args()
args.build = os.path.abspath(args.build)
args.out = os.path.join(args.build, "tests", "bench")


def settings(folder):
    protocols = os.path.join(folder, "protocols")
    os.mkdir(protocols)
    for path in (os.path.join(HERE, "protocols", "bench.yaml"), os.path.join(rig.TOP, "config/protocols/car-t.yaml")):
        os.symlink(path, os.path.join(protocols, os.path.basename(path)))
    path = os.path.join(folder, "backlog.yaml")
    with open(path, "w") as f:
        f.write(f"node: bench\nprotocols: {protocols}\nwards:\n")
        for ward in range(args.live // 20 * 2):
            f.write(f"  - {{id: w{ward:03d}, protocol: bench}}\n")
        for ward in range(-(-args.beds // 20)):
            f.write(f"  - {{id: w{FIRST_WARD + ward:03d}, protocol: car-t}}\n")
    return path


def load(port, *options):
    return subprocess.Popen(["taskset", "-c", "0", os.path.join(args.out, "load"), "--port", str(port), "--wait", "60",
                             *[str(o) for o in options]], stdout=subprocess.PIPE, text=True)


def live(port, seconds, seed, first=0):
    return load(port, "--first-ward", first, "--beds", args.live, "--rate", args.live, "--count", args.live * seconds, "--events",
                args.live * 4 // 5, "--seed", seed)


def behind(port, ticks, ago, seed):
    return load(port, "--first-ward", FIRST_WARD, "--beds", args.beds, "--count", args.beds * ticks, "--rate", 0,
                "--events", 0, "--ago", ago, "--seed", seed, "--unsaved", 6000, "--marks")


def answer(process):
    out = process.communicate()[0]
    if not out:
        sys.exit("backlog: the load generator failed")
    return json.loads(out)


def main():
    rig.build(args.out)
    ticks = int(args.hours * 3600)
    seconds = max(args.least, args.beds * ticks // 10000)  # the live ward goes on a little longer than the backlog
    with tempfile.TemporaryDirectory(prefix="vigil-bench-") as folder:
        broker, port = rig.broker("shipped", folder)
        with broker:
            ward = subjects.Daemon(args, port, folder, settings(folder))
            with ward.process:
                alone = answer(live(port, args.least, 1))
                answer(behind(port, 1, 0, 2))  # each is heard live first
                flood = behind(port, ticks, 60, 3)
                beside = live(port, seconds, 4, args.live // 20)
                flooded = answer(flood)
                beside = answer(beside)
                peak = rig.peak_mb(ward.process.pid)
    row = rig.note({"kind": "backlog", "messages": flooded["sent"], "committed": flooded["committed"], "stored_s": flooded["last_mark_s"],
                    "live_s": seconds, **{k: beside[k] for k in ("expected", "got", "exact", "p50_ms", "p99_ms", "max_ms")},
                    "alone_p50_ms": alone["p50_ms"], "alone_p99_ms": alone["p99_ms"], "peak_mb": round(peak, 1)})
    return 0 if row["committed"] == row["messages"] and row["exact"] == row["expected"] else 1


if __name__ == "__main__":
    sys.exit(main())
