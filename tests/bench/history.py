# SPDX-License-Identifier: Apache-2.0
"""History beside the same work in plain SQLite rows: bytes a reading, and how long one signal takes
in process and warm. A store is filled and sealed by tests/bench/history.c; the peer is a table
(bed, signal, ts) WITHOUT ROWID with the same readings.

  history.py [--build DIR] [--scale small|full] [--csv RECORDING]

small: 2 beds for a day, 10 beds for 6 h. full: 2 beds for 30 days, 50 beds for a day."""
import argparse
import os
import sqlite3
import statistics
import subprocess
import tempfile
import time

T0 = 1768032000000


def parse(text):
    rows = {}
    for line in text.splitlines():
        fields = dict(f.split("=") for f in line.split() if "=" in f)
        rows[fields["ask"] if "ask" in fields else line.split()[0]] = fields
    return rows


def fill(build, path, beds, hours, csv):
    command = [os.path.join(build, "tests/bench/history"), path, str(beds), str(hours)]
    out = subprocess.run(command + ([csv] if csv else []), capture_output=True, text=True)
    assert out.returncode == 0, out.stderr
    return parse(out.stdout)


def peer(path, seconds, beds):
    """Plain clustered rows of one bed among `beds`, integers, as good as such a table gets."""
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA cache_size=-65536")
    db.execute("CREATE TABLE r(bed INT, signal INT, ts INT, value INT, PRIMARY KEY(bed, signal, ts))"
               " WITHOUT ROWID")
    for bed in range(beds):
        for signal in range(7):
            with db:
                db.executemany("INSERT INTO r VALUES(?,?,?,?)", (
                    (bed, signal, T0 + s * 1000, 80 + (s * 7 + signal) % 40) for s in range(seconds)))
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size = os.path.getsize(path) / (7 * beds * seconds)
    took = {}
    for name, span in (("1h", 3600), ("24h", 86400), ("all", seconds)):
        span, times = min(span, seconds), []
        for _ in range(5):
            begin, total = time.perf_counter(), 0
            end = T0 + seconds * 1000
            for row in db.execute("SELECT sum(value), count(*) FROM (SELECT value FROM r WHERE bed = 0 AND"
                                  " signal = 0 AND ts >= ? AND ts < ? ORDER BY ts)", (end - span * 1000, end)):
                total += row[1]
            times.append((time.perf_counter() - begin) * 1000)
            assert total == span
        took[name] = statistics.median(times)
    return size, took


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--build", default="build")
    options.add_argument("--scale", choices=("small", "full"), default="small")
    options.add_argument("--csv", default="")
    a = options.parse_args()
    sets = {"small": ((2, 24), (10, 6)), "full": ((2, 720), (50, 24))}[a.scale]
    with tempfile.TemporaryDirectory(prefix="vigil-bench-") as folder:
        for n, (beds, hours) in enumerate(sets):
            path = os.path.join(folder, f"{n}.db")
            got = fill(a.build, path, beds, hours, a.csv)
            size, cost = got["size"], got["cost"]
            print(f"{beds} beds, {hours} h at 1 Hz: {cost['ingest_us']} us of CPU a message to store,"
                  f" {cost['sealing_us']} to seal, a portion {cost['portion_ms']} ms of CPU at most;"
                  f" {size['pages_per_sealed']} bytes a sealed reading with all of its pages,"
                  f" {size['bytes_per_reading']} with those that are hot")
            for name in ("1h", "24h", "24h_all_signals", "all", "all_step_1h", "all_step_1m",
                         "first_page_of_all"):
                print(f"  {name:18} {got[name]['rows']:>9} rows {float(got[name]['ms']):9.3f} ms")
            if n == 0:
                size, took = peer(os.path.join(folder, "peer.db"), min(hours, 240) * 3600, 2)
                print(f"  the same in plain rows: {size:.1f} bytes a reading; "
                      + ", ".join(f"{k} {v:.2f} ms" for k, v in took.items()))
            os.unlink(path)


if __name__ == "__main__":
    main()
