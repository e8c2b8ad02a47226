#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make bench`: the parts of the benchmark one after the other, and their results as one file of JSON, from which
`make bench-report` makes the report.

    run.py --build build [--parts rate,storm] [--short] [--out build/bench.json]

Parts that are not asked for stay in the file as they were: one that was disturbed can be taken again by itself. --short is
for `make test`: seconds, and only what is not time means anything then. Exit 1 if a part found something wrong
that is not a matter of time: a message lost, an alert missing, doubled or false, a page out of order."""
import argparse
import datetime
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import rig  # noqa: E402
import subjects  # noqa: E402

# Each: the program, its options, its options in short. About an hour altogether.
PARTS = {
    "rate": ("bench.py", "--only rate", "--only rate --beds 100 --seconds 4 --subjects vigild,python"),
    "burst": ("bench.py", "--only burst", "--only burst --seconds 4 --subjects floor"),
    "step": ("bench.py", "--only step", "--only step --seconds 4 --subjects floor"),
    "filled": ("bench.py", "--only filled", "--only filled --seconds 5 --fill-beds 200"),
    "storm": ("storm.py", "", "--beds 200"),
    "replay": ("replay.py", "", "--beds 6 --hours 1"),
    "start": ("start.py", "--beds 3", "--beds 2 --days 0.2"),
    "cost": ("cost.py", "--hours 0.3 --fill 24", "--hours 0.02 --fill 0.1 --patients 100"),
    "history": ("history.py", "--scale full --peer-hours 72", "--scale tiny --no-peers"),
    "doors": ("doors.py", "--rounds 2 --seconds 10", "--rounds 1 --seconds 4 --streams 20"),
    "backlog": ("backlog.py", "", "--hours 0.05 --beds 10 --live 40 --least 5"),
}


def part(name, args):
    """Its rows, how long it took, and whether it was content."""
    program, long, short = PARTS[name]
    rows = args.out + ".rows"
    open(rows, "w").close()
    begin = datetime.datetime.now(datetime.timezone.utc)
    print(f"bench: {name}", flush=True)
    run = subprocess.run([sys.executable, os.path.join(HERE, program), "--build", args.build, *(short if args.short else long).split()],
                         env={**os.environ, "VIGIL_BENCH_ROWS": rows})
    took = (datetime.datetime.now(datetime.timezone.utc) - begin).total_seconds()
    with open(rows) as file:
        found = [json.loads(line) for line in file]
    os.unlink(rows)
    return {"machine": rig.machine(), "begun": begin.strftime("%Y-%m-%d %H:%M UTC"), "took_s": round(took), "exit": run.returncode, "short": args.short, "rows": found}


def kept(path):
    try:
        with open(path) as file:
            results = json.load(file)
        return {name: {"machine": results["machine"], **one} for name, one in results["parts"].items()}
    except (OSError, ValueError, KeyError):
        return {}


def write(path, parts):
    results = {"machine": rig.machine(), "versions": subjects.versions(), "missing": subjects.missing(), "parts": parts}
    with open(path + ".new", "w") as file:
        json.dump(results, file, indent=1, sort_keys=True)
        file.write("\n")
    os.replace(path + ".new", path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build")
    parser.add_argument("--parts", default=",".join(PARTS), help="of " + ", ".join(PARTS) + " (default: all)")
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--out", help="(BUILD/bench.json)")
    args = parser.parse_args()
    args.build = os.path.abspath(args.build)
    args.out = os.path.abspath(args.out or os.path.join(args.build, "bench.json"))
    names = args.parts.split(",")
    if not set(names) <= set(PARTS):
        parser.error("parts are " + ", ".join(PARTS))
    parts = kept(args.out)
    for name in names:
        parts[name] = part(name, args)
        write(args.out, parts)  # after each: what is interrupted is not lost
    bad = [name for name in names if parts[name]["exit"] != 0]
    print(f"bench: {args.out}" + (f"; not content: {', '.join(bad)}" if bad else ""))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
