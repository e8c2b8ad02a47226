#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How long the daemon takes to start with 30 days in its store: from the call to "ready" (subscribed, listening, and
every window and alert as it was). The store is filled by tests/bench/history.c: beds with seven signals a second, the last of
them just now, sealed as the daemon seals. Prints a line of JSON; medians of three starts, the first of them beside it.

    start.py --build build [--beds 4] [--days 30]

Exit 1 if a bed is not there after the start."""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import rig  # noqa: E402
import subjects  # noqa: E402


def fill(build, path, beds, hours):
    """Until now, less what filling takes: nothing is measured in the future."""
    run = subprocess.run([os.path.join(build, "tests", "bench", "history"), path, str(beds), str(hours)], capture_output=True, text=True,
                         env={**os.environ, "END": str(int(time.time() * 1000)), "NO_QUESTIONS": "1"})
    if run.returncode != 0:
        sys.exit("start: " + run.stderr)
    return dict(field.split("=") for line in run.stdout.splitlines() for field in line.split() if "=" in field)


def start(args, port, folder):
    """Seconds to ready, CPU seconds, MB at its top, beds it shows."""
    begin = time.monotonic()
    daemon = subjects.Daemon(args, port, folder, os.path.join(rig.TOP, "config", "vigild.yaml"))
    took = time.monotonic() - begin
    with daemon.process:
        used, peak = rig.cpu(daemon.process.pid), rig.peak_mb(daemon.process.pid)
        with urllib.request.urlopen(f"http://127.0.0.1:{daemon.port}/api/v1/wards/onc/beds", timeout=60) as answer:
            shown = len(json.load(answer)["beds"])
    return took, used, peak, shown


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build")
    parser.add_argument("--beds", type=int, default=4)
    parser.add_argument("--days", type=float, default=30)
    args = parser.parse_args()
    args.build = os.path.abspath(args.build)
    with tempfile.TemporaryDirectory(prefix="vigil-bench-") as folder:
        filled = fill(args.build, os.path.join(folder, "vigil.db"), args.beds, args.days * 24)
        broker, port = rig.broker("shipped", folder)
        meter = rig.Meter()
        with broker:
            runs = [start(args, port, folder) for _ in range(3)]
        row = rig.note({"kind": "start", "beds": args.beds, "days": args.days, "readings": int(filled["readings"]),
                        "store_mb": round(subjects.size(os.path.join(folder, "vigil.db")) / 1e6, 1),
                        "first_s": round(runs[0][0], 3), "ready_s": round(statistics.median(r[0] for r in runs), 3),
                        "cpu_s": round(min(r[1] for r in runs), 3), "peak_mb": round(max(r[2] for r in runs), 1),
                        "shown": min(r[3] for r in runs), "others": meter.others()})
    return 0 if row["shown"] == args.beds else 1


if __name__ == "__main__":
    sys.exit(main())
