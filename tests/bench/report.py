#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The report of a run of the benchmark: REPORT.md, its plot, and the results that they were made of.

    report.py --results build/bench.json --to contrib/bench [--check]

Without the file of results it uses those that lie where the report goes. --check writes nothing and says whether the report there
is what its results make (exit 1 if not)."""
import argparse
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import plot  # noqa: E402
from report_text import Report  # noqa: E402


def pick(rows, kind, **what):
    """The last row of the kind that has these fields, or None."""
    return next((r for r in reversed(rows) if r["kind"] == kind and all(r.get(k) == v for k, v in what.items())), None)


def panels(report):
    names = {s: title for s, title in report.titles().items()}

    def series(values):
        return {title: values(s) for s, title in names.items()}

    def field(row, key):
        return row[key] if row else None

    sizes = (100, 1000, 10000)
    return [
        {"title": "CPU over the broker's own", "unit": "times, in the same run", "groups": [*(f"{b:,} beds" for b in sizes), "saturated"],
         "series": series(lambda s: [*(field(report.rate(s, b), "ratio") for b in sizes), field(report.burst(s), "ratio")])},
        {"title": "From a message to its alert", "unit": "ms, 1,000 beds at a message a second", "groups": ["p50", "p90", "p99", "max"], "log": True,
         "series": series(lambda s: [field(report.rate(s, 1000), f"{k}_ms") for k in ("p50", "p90", "p99", "max")])},
        {"title": "Highest rate with nothing lost or late", "unit": "messages a second, 7 readings each", "groups": [""],
         "series": series(lambda s: [report.highest(s) or None])},
        {"title": "Memory at its top", "unit": "MB", "groups": [f"{b:,} beds" for b in sizes], "log": True,
         "series": series(lambda s: [field(report.rate(s, b), "peak_mb") for b in sizes])},
    ]


def made(results):
    """Name to content of each file of the report."""
    rows = [row for part in results["parts"].values() for row in part["rows"]]
    report = Report(results, rows, pick)
    files = {"REPORT.md": report.text(), "results.json": json.dumps(results, indent=1, sort_keys=True) + "\n"}
    if pick(rows, "rate"):
        files["figures.svg"] = plot.svg("vigild beside a do-nothing counter and two peers", panels(report))
    return files


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", default="")
    parser.add_argument("--to", default=os.path.join(os.path.dirname(os.path.dirname(HERE)), "contrib", "bench"))
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    there = os.path.join(args.to, "results.json")
    source = args.results if args.results and os.path.exists(args.results) and not args.check else there
    try:
        with open(source) as file:
            files = made(json.load(file))
    except OSError as error:
        sys.exit(f"report: no results: {error}")
    if args.check:
        other = [n for n, text in files.items() if open(os.path.join(args.to, n)).read() != text]
        print(f"report: {', '.join(other)} not as the results make it: make bench-report" if other else "report: as its results make it")
        return 1 if other else 0
    os.makedirs(args.to, exist_ok=True)
    for name, text in files.items():
        with open(os.path.join(args.to, name), "w") as file:
            file.write(text)
        print(os.path.join(args.to, name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
