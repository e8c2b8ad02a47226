#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Do page loads delay alerts? 1,000 beds, a message a second each, alone; then with 200 displays that follow a
ward each and 16 clients that open connections as fast as they can, ask for the board and close. The broker, the
generator and the crowd share core 0 (the crowd at nice 19), the daemon has core 1.

Alone and crowded take turns, `--rounds` times, so that what else the machine does falls on both. Prints a line of
JSON for each run and the medians of p50 and p99 from message to alert. Exit 1 if the crowded p99 is more than 20 %
above the other, a stream ended, or an alert was lost, doubled or false. `others` is the CPU that the rest of the
machine used, in cores: trust no figure of a run where it is above 0.5.

    doors.py --build build [--rounds 3] [--seconds 20] [--streams 200] [--openers 16] [--path /]
"""
import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import rig  # noqa: E402
from bench import lossless  # noqa: E402
from subjects import Daemon  # noqa: E402


def crowd(args, port):
    return subprocess.Popen(["taskset", "-c", "0", "nice", "-n", "19", os.path.join(args.out, "doors"), str(port), str(args.streams),
                             str(args.openers), str((args.beds + 19) // 20), args.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def there(port, streams):
    """Waits for the crowd: it comes before the first message."""
    def come():
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            return int(re.search(rb"^vigil_http_open_streams (\d+)", answer.read(), re.M)[1])

    end = time.monotonic() + 30
    while come() < streams:
        if time.monotonic() > end:
            sys.exit("doors: the crowd does not come")


def measure(args, crowded):
    with tempfile.TemporaryDirectory(prefix="vigil-bench-") as folder:
        process, port = rig.broker("plain", folder)
        with process:
            peer = Daemon(args, port, folder)
            with peer.process:
                doors = crowd(args, peer.port) if crowded else None
                if crowded:
                    there(peer.port, args.streams)
                began, meter = time.time(), rig.Meter(process.pid, peer.process.pid)
                run = subprocess.run(["taskset", "-c", "0", os.path.join(args.out, "load"), "--port", str(port), "--beds", str(args.beds),
                                      "--rate", str(args.beds), "--count", str(args.beds * args.seconds), "--events", str(args.beds),
                                      "--window", "2000", "--wait", "15", "--marks"], stdout=subprocess.PIPE, text=True)
                used = meter.used()
                others = meter.others(rig.cpu(doors.pid) if doors else 0)
                load = json.loads(run.stdout)
                seen = json.loads(doors.communicate("", 60)[0]) if doors else {}
                stored = peer.stored(load)
    row = {"kind": "doors", "crowd": crowded, **{k: load[k] for k in ("sent", "got", "expected", "dup", "false", "p50_ms", "p99_ms", "max_ms")},
           "lost": load["sent"] - stored, "vigild_cpu_s": round(used[1], 2), "others": others, **seen}
    if seen:
        row["pages_s"] = round(seen["pages"] / (time.time() - began))
    return rig.note(row)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--build", default="build")
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--beds", type=int, default=1000)
    p.add_argument("--seconds", type=int, default=20)
    p.add_argument("--streams", type=int, default=200)
    p.add_argument("--openers", type=int, default=16)
    p.add_argument("--path", default="/", help="what the openers ask for")
    args = p.parse_args()
    args.build = os.path.abspath(args.build)
    args.out = os.path.join(args.build, "tests", "bench")
    rig.build(args.out)
    rows = [measure(args, crowded) for _ in range(args.rounds) for crowded in (False, True)]
    middle = {(crowded, key): statistics.median(r[key] for r in rows if r["crowd"] == crowded) for crowded in (False, True) for key in ("p50_ms", "p99_ms")}
    least = {crowded: min(r["p99_ms"] for r in rows if r["crowd"] == crowded) for crowded in (False, True)}
    grown = middle[True, "p99_ms"] / middle[False, "p99_ms"] - 1
    print(f"doors: p50 {middle[False, 'p50_ms']:.2f} ms alone, {middle[True, 'p50_ms']:.2f} ms crowded; "
          f"p99 {middle[False, 'p99_ms']:.2f} ms, {middle[True, 'p99_ms']:.2f} ms ({grown:+.0%}); the least disturbed runs {least[False]:.2f} ms, {least[True]:.2f} ms")
    sound = all(lossless(r) and r.get("ended", 0) == 0 for r in rows)
    return 0 if sound and grown < 0.2 else 1


if __name__ == "__main__":
    sys.exit(main())
