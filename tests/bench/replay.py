#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How fast `vigil replay` goes: a ward at one message a second, seven signals each, under the shipped CAR-T protocol.

    replay.py --build build [--beds 12] [--hours 6]

The patients are the hourly recordings of contrib/recordings (files *.psv), from which the seconds between are filled in
with a line and a little noise of our own: no open recording has seven signals a second. Prints a line of JSON:
patient-days an hour of one core, by its CPU time, and what it made of the ward. Twice, and the outputs must be
the same bytes. The goal is 2,000. Exit 1 if the outputs differ, a message was refused, or no alert came."""
import argparse
import csv
import glob
import hashlib
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import rig  # noqa: E402

T0 = 1767225600000
# Of a signal: its column, unit, where it begins if the recording has nothing, its noise, its places behind the point. Noise does not
# take it out of what vigil accepts.
SIGNALS = (("temp", "Temp", "Cel", 37.0, 0.02, 1), ("hr", "HR", "/min", 85, 1.5, 0), ("rr", "Resp", "/min", 18, 1, 0),
           ("spo2", "O2Sat", "%", 97, 0.4, 0), ("sbp", "SBP", "mm[Hg]", 120, 2, 0), ("dbp", "DBP", "mm[Hg]", 65, 1.5, 0),
           ("map", "MAP", "mm[Hg]", 82, 1.5, 0))


def hourly(path):
    """The signals' values of each hour; an hour without one has the value before it."""
    rows, last = [], [s[3] for s in SIGNALS]
    with open(path) as file:
        for row in csv.DictReader(file, delimiter="|"):
            last = [float(row[s[1]]) if row.get(s[1], "NaN") != "NaN" else held for s, held in zip(SIGNALS, last)]
            rows.append(last)
    return rows


def stamp(ms):
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(ms // 1000))


def line(at, bed, topic, payload):
    return f'{{"at":"{at}","topic":"vigil/v1/beds/onc-7/{bed}/{topic}","payload":{payload}}}\n'


def admission(bed):
    at = stamp(T0 - 60_000)
    admit = {"ts": at, "by": "adt", "do": "admit", "patient": f"p-{bed}", "product": "car_t", "age": 55}
    infusion = {"gateway": "nurses", "ts": at, "patient": f"p-{bed}", "obs": [{"code": "infusion", "value": "start"}]}
    return line(at, bed, "episode", json.dumps(admit)) + line(at, bed, "therapy", json.dumps(infusion))


def least(code):
    return 5.0 if code == "rr" else 20.0


def values(hours, second, noise):
    """Of one bed at one second: on the line between two hours, and beside it a little."""
    place, part = divmod(second, 3600)
    here, there = hours[place % len(hours)], hours[(place + 1) % len(hours)]
    out = []
    for (code, _, unit, _, width, places), a, b, swing in zip(SIGNALS, here, there, noise):
        value = min(max(a + (b - a) * part / 3600 + width * swing, least(code)), 100.0 if code == "spo2" else 1000.0)
        out.append(f'{{"code":"{code}","value":{value:.{places}f},"unit":"{unit}"}}')
    return ",".join(out)


def write_ward(path, beds, seconds):
    recordings = [hourly(p) for p in sorted(glob.glob(os.path.join(rig.TOP, "contrib", "recordings", "*.psv")))]
    dice = random.Random(1)
    swing = [dice.gauss(0, 1) for _ in range(9973)]  # made once: it is the replay that is measured
    with open(path, "w") as file:
        file.write("".join(admission(bed) for bed in range(beds)))
        for second in range(seconds):
            at = stamp(T0 + second * 1000)
            for bed in range(beds):
                begin = (second * 31 + bed * 997) % 9900  # of seven noises in a row
                obs = values(recordings[bed % len(recordings)], second + bed // len(recordings) * 7200, swing[begin:begin + 7])
                file.write(line(at, bed, "vitals", f'{{"gateway":"gw-1","epoch":"e","seq":{second * beds + bed + 1},"ts":"{at}",'
                                f'"patient":"p-{bed}","device":"mon-{bed}","obs":[{obs}]}}'))


def replay(build, protocol, path, out):
    """CPU and wall seconds, and the peak of memory in MB."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    with open(out, "w") as file:
        subprocess.run(["taskset", "-c", "1", os.path.join(build, "vigil"), "replay", "--protocol", protocol, path],
                       stdout=file, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.monotonic() - begin, after.ru_maxrss / 1024


def judged(out):
    digest, alerts, refused = hashlib.sha256(), 0, 0
    with open(out, "rb") as file:
        for text in file:
            digest.update(text)
            alerts += b'"event":"raised"' in text
            refused += text.startswith(b'{"at"') and b'"rejected":{' in text[:60]
    return digest.hexdigest(), alerts, refused


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build")
    parser.add_argument("--beds", type=int, default=12)
    parser.add_argument("--hours", type=float, default=6)
    parser.add_argument("--keep", help="leave the ward's file here")
    args = parser.parse_args()
    protocol = os.path.join(rig.TOP, "config", "protocols", "car-t.yaml")
    seconds = round(args.hours * 3600)
    with tempfile.TemporaryDirectory(prefix="vigil-bench-") as folder:
        path, out = args.keep or os.path.join(folder, "ward.jsonl"), os.path.join(folder, "out")
        write_ward(path, args.beds, seconds)
        runs, meter = [], rig.Meter()
        for _ in range(2):
            took, wall, peak = replay(args.build, protocol, path, out)
            runs.append((took, wall, peak, *judged(out)))
        others, size = meter.others(), os.path.getsize(path)
    cpu, wall, days = min(r[0] for r in runs), min(r[1] for r in runs), args.beds * seconds / 86400
    same, (_, _, peak, _, alerts, refused) = runs[0][3] == runs[1][3], runs[0]
    rig.note({"kind": "replay", "beds": args.beds, "patient_days": round(days, 3), "messages": args.beds * seconds, "input_mb": round(size / 1e6),
              "cpu_s": round(cpu, 2), "wall_s": round(wall, 2), "us_message": round(cpu * 1e6 / (args.beds * seconds), 2),
              "patient_days_hour": round(days / cpu * 3600), "by_wall": round(days / wall * 3600), "goal": 2000, "peak_mb": round(peak, 1),
              "alerts": alerts, "refused": refused, "same": same, "others": others})
    return 0 if same and refused == 0 and alerts > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
