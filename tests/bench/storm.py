#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An alarm storm: 1,000 beds turn critical within one second, and with them 200 others urgent and 100 to be watched.
How long until every page is out, is any lost or doubled, do the critical ones go first, and how late does the daemon's loop
run meanwhile? Prints one JSON line.

    storm.py --build build [--beds 1000] [--wards 20]

A page has come when a subscriber of the broker has it. `inversions`: critical pages that came behind a less severe one of
their ward that was raised after them (`n` of a page says which); `overtook`: the other way round, as it should be.
Exit 1 if a page is lost or doubled, or there is an inversion; not for the second that it should take at most."""
import argparse
import json
import os
import struct
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "outside"), HERE]
p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
p.add_argument("--build", default="build")
p.add_argument("--beds", type=int, default=1000)
p.add_argument("--wards", type=int, default=20)
args = p.parse_args()
os.environ["VIGIL_BUILD"] = os.path.abspath(args.build)

import rig  # noqa: E402
from place import Place, until  # noqa: E402

# What makes a bed ill: signal, unit, well, ill, how many roles are called, beds beside a thousand critical ones.
ILL = {"critical": ("sbp", "mm[Hg]", 120, 70, 3, 1000), "urgent": ("hr", "/min", 80, 150, 1, 200),
       "watch": ("rr", "/min", 16, 36, 1, 100)}


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


def message(bed, severity, seq):
    ward = f"w{bed % args.wards:03d}"
    code, unit, well, ill, _, _ = ILL[severity]
    body = json.dumps({"gateway": f"gw-{bed}", "epoch": "e", "seq": seq, "ts": int(time.time() * 1000), "obs": [
        {"code": code, "value": well if seq == 1 else ill, "unit": unit, "source": "spot"}]})
    return packet(f"vigil/v1/beds/{ward}/b{bed:04d}/vitals", body, bed % 60000 + 1)


def patients():
    """Who lies where: the less severe between the others, so that it is not their place that orders them."""
    beds = []
    for severity, (*_, share) in ILL.items():
        beds += [((n + 0.5) / share, severity) for n in range(max(1, share * args.beds // 1000))]
    return [severity for _, severity in sorted(beds)]


def inversions(pages):
    """In the order in which they came: critical pages behind a less severe one of the ward with a greater n; and lesser
    ones behind a critical one with a greater n."""
    lesser, critical, wrong, good = {}, {}, 0, 0
    for page in pages:
        ward, n = page["ward"], page["n"]
        if page["severity"] == "critical":
            wrong += lesser.get(ward, 0) > n
            critical[ward] = max(critical.get(ward, 0), n)
        else:
            good += critical.get(ward, 0) > n
            lesser[ward] = max(lesser.get(ward, 0), n)
    return wrong, good


def storm(place, beds):
    """The pages as they came: (seconds, page); and how long the sending took."""
    ear = place.client("ear", "vigil/v1/wards/+/pages/+")
    sender = place.client("sender")
    sender.socket.sendall(b"".join(message(b, severity, 1) for b, severity in enumerate(beds)))
    until(lambda: place.daemon.rows("SELECT count(*) FROM message")[0][0] >= len(beds), timeout=60, what="the beds")
    want, taken, came = sum(ILL[s][4] for s in beds), 0, []
    burst = b"".join(message(b, severity, 2) for b, severity in enumerate(beds))
    begin = time.monotonic()
    sender.socket.sendall(burst)
    sent = time.monotonic() - begin
    while time.monotonic() - begin < 30 and len(came) < want:
        now, fresh = time.monotonic() - begin, ear.seen[taken:]
        came += [(now, payload) for _, payload, _ in fresh]
        taken += len(fresh)
        time.sleep(0.002)
    return [(at, json.loads(payload)) for at, payload in came], sent


def main():
    beds, place = patients(), Place(start=False)
    place.daemon.settings = settings(place)
    with place:
        place.broker.start()
        place.daemon.start()
        beat = place.client("beat", "vigil/v1/nodes/+/heartbeat")
        until(lambda: beat.messages("/heartbeat"), what="a heartbeat before")
        meter = rig.Meter(place.broker.process.pid, place.daemon.process.pid)
        pages, sent = storm(place, beds)
        others, beats = meter.others(), len(beat.messages("/heartbeat"))
        until(lambda: len(beat.messages("/heartbeat")) > beats, what="a heartbeat after")
        lag = max(b["loop_lag_ms"] for b in beat.messages("/heartbeat"))
    ids, (wrong, good) = [page["page"] for _, page in pages], inversions([page for _, page in pages])
    last = {s: max((at for at, page in pages if page["severity"] == s), default=-1) for s in ILL}
    row = rig.note({"kind": "storm", "beds": beds.count("critical"), "wards": args.wards, "sent_s": round(sent, 3), "pages": len(set(ids)),
                    "expected": sum(ILL[s][4] for s in beds), "doubled": len(ids) - len(set(ids)),
                    "last_page_s": round(max(last.values()), 3), **{f"last_{s}_s": round(at, 3) for s, at in last.items()},
                    "inversions": wrong, "overtook": good, "loop_lag_ms": lag, "others": others})
    return 0 if row["pages"] == row["expected"] and row["doubled"] == 0 and wrong == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
