#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An alarm storm: 1,000 beds turn critical within one second. How long until every page is out, is
any lost or doubled, and how late does the daemon's loop run meanwhile? Prints one JSON line.

    storm.py --build build [--beds 1000] [--wards 20]
"""
import argparse
import json
import os
import struct
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "outside"))
p = argparse.ArgumentParser()
p.add_argument("--build", default="build")
p.add_argument("--beds", type=int, default=1000)
p.add_argument("--wards", type=int, default=20)
args = p.parse_args()
os.environ["VIGIL_BUILD"] = os.path.abspath(args.build)

from place import Place, until  # noqa: E402

ROLES = ("bedside-nurse", "charge-nurse", "on-call-physician")


def settings(place):
    path = os.path.join(place.folder, "storm.yaml")
    with open(path, "w") as f:
        f.write("node: storm\nprotocols: %s\nwards:\n" % os.path.join(HERE, "protocols"))
        for w in range(args.wards):
            f.write(f"  - {{id: w{w:03d}, protocol: storm}}\n")
    return path


def packet(topic, payload, number):
    t, body = topic.encode(), payload.encode()
    rest, size = len(t) + 4 + len(body), b""
    while True:
        rest, digit = rest >> 7, rest & 127
        size += bytes([digit | (128 if rest else 0)])
        if not rest:
            break
    return b"\x32" + size + struct.pack(">H", len(t)) + t + struct.pack(">H", number) + body


def message(bed, seq, pressure):
    ward = f"w{bed % args.wards:03d}"
    body = json.dumps({"gateway": f"gw-{bed}", "epoch": "e", "seq": seq, "ts": int(time.time() * 1000), "obs": [
        {"code": "sbp", "value": pressure, "unit": "mm[Hg]", "source": "cuff"}]})
    return packet(f"vigil/v1/beds/{ward}/b{bed:04d}/vitals", body, bed % 60000 + 1)


def main():
    place = Place(start=False)
    place.daemon.settings = settings(place)
    with place:
        place.broker.start()
        place.daemon.start()
        arrived = {}
        ear = place.client("ear", "vigil/v1/wards/+/pages/+")
        beat = place.client("beat", "vigil/v1/nodes/+/heartbeat")
        sender = place.client("sender")
        sender.socket.sendall(b"".join(message(b, 1, 120) for b in range(args.beds)))
        until(lambda: place.daemon.rows("SELECT count(*) FROM message")[0][0] >= args.beds, timeout=60, what="the beds")
        until(lambda: beat.messages("/heartbeat"), what="a heartbeat before")
        begin = time.time()
        sender.socket.sendall(b"".join(message(b, 2, 70) for b in range(args.beds)))
        sent = time.time()
        want = args.beds * len(ROLES)
        done = None
        while time.time() - begin < 30 and done is None:
            for topic, payload, _ in ear.seen[len(arrived):]:
                page = json.loads(payload)
                arrived.setdefault(len(arrived), (page["page"], page["ts"]))
            done = time.time() if len(arrived) >= want else None
            time.sleep(0.002)
        ids = [page for page, _ in arrived.values()]
        beats = len(beat.messages("/heartbeat"))
        until(lambda: len(beat.messages("/heartbeat")) > beats, what="a heartbeat after")
        lag = max(b["loop_lag_ms"] for b in beat.messages("/heartbeat"))
        print(json.dumps({"kind": "storm", "beds": args.beds, "wards": args.wards, "sent_s": round(sent - begin, 3),
                          "pages": len(set(ids)), "expected": want, "doubled": len(ids) - len(set(ids)),
                          "last_page_s": round(done - begin, 3) if done else None, "loop_lag_ms": lag}))


try:  # noqa
    main()
except Exception:
    raise
