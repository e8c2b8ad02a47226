#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A gateway as a process of its own, to be killed with -9: python3 crash_gateway.py PORT NAME FOLDER SECONDS.

Each message is written to its ledger (as `vigil simulate --ledger` writes one) before it is published, and published again,
with the same bytes, until a mark covers it. Started again it reads the ledger and goes on in a new epoch if the old one may
have been torn. Every TELLING-th message must raise an alert, in a bed of its own. On SIGTERM it makes no new ones and
ends with 0 when all are covered."""
import hashlib
import json
import os
import signal
import sys
import time
from datetime import datetime, timezone

from place import Client, now_ms, temp

TELLING = 40
AGAIN = 1.5  # seconds without a mark


def utc(ms):
    return datetime.fromtimestamp(ms / 1000, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_ledger(path):
    """Its whole lines; half a line at the end is cut off: it was not published."""
    if not os.path.exists(path):
        return []
    data = open(path, "rb").read()
    whole = data.rfind(b"\n") + 1
    os.truncate(path, whole)
    return [json.loads(line) for line in data[:whole].splitlines()]


class Gateway:
    def __init__(self, port, name, folder, pause):
        self.port, self.name, self.pause = port, name, pause
        path = os.path.join(folder, name + ".ledger")
        lines = read_ledger(path)
        self.ledger = open(path, "a", buffering=1)
        self.kept = {(line["epoch"], line["seq"]): line for line in lines}
        self.made, self.seen, self.marked = len(lines), 0, time.monotonic()
        last = lines[-1] if lines else {"epoch": "e0", "seq": 0}
        fresh = self.made % 2 == 0  # as if it could not prove that its counter went on
        self.epoch = f"e{int(last['epoch'][1:]) + 1}" if fresh else last["epoch"]
        self.seq = 0 if fresh else last["seq"]
        self.ending, self.client = False, None

    def connect(self):
        while self.client is None or not self.client.alive:
            try:
                self.client = Client(self.port, self.name, f"vigil/v1/gateways/{self.name}/committed")
                self.seen, self.marked = 0, 0
            except (OSError, AssertionError, IndexError):
                time.sleep(0.05)

    def read_marks(self):
        """What a mark covers is let go, what it misses is published again."""
        marks = self.client.messages("/committed")
        for mark in marks[self.seen:]:
            lost = [n for first, last in mark.get("missing", []) for n in range(first, last + 1)]
            for key in [k for k in self.kept if k[0] == mark["epoch"] and k[1] <= mark["upto"] and k[1] not in lost]:
                del self.kept[key]
                self.marked = time.monotonic()
            for n in lost:
                self.publish(mark["epoch"], n)
        self.seen = len(marks)

    def publish(self, epoch, seq):
        line = self.kept.get((epoch, seq))
        if line:
            self.client.publish(line["topic"], json.dumps(line["message"]), wait=False)

    def publish_again(self):
        if self.kept and time.monotonic() - self.marked > AGAIN:
            for epoch, seq in list(self.kept):
                self.publish(epoch, seq)
            self.marked = time.monotonic()

    def next_message(self):
        """Topic and message. A seizure is charted, the rest is measured."""
        self.made += 1
        self.seq += 1
        message = {"gateway": self.name, "epoch": self.epoch, "seq": self.seq, "ts": utc(now_ms())}
        telling, tag = self.made % TELLING == 0, f"{self.name}-{self.made}"
        message["patient"] = f"p-{tag}" if telling else f"p-{self.name}-{self.made % 7}"
        bed = f"t{tag}" if telling else f"{self.name}-{self.made % 7}"
        if telling and self.made % (2 * TELLING) == 0:
            return f"vigil/v1/beds/onc-7/{bed}/assessment", dict(message, obs=[{"code": "seizure", "value": True}])
        obs = [temp(39.4)] if telling else [temp(36.5 + self.made % 10 / 10, "continuous"),
                                            {"code": "hr", "value": 70 + self.made % 30, "unit": "/min"}]
        return f"vigil/v1/beds/onc-7/{bed}/vitals", dict(message, obs=obs)

    def make(self):
        topic, message = self.next_message()
        raw = json.dumps(message)
        line = {"gateway": self.name, "epoch": self.epoch, "seq": self.seq, "topic": topic, "bytes": len(raw),
                "sha256": hashlib.sha256(raw.encode()).hexdigest(), "message": message}
        head = json.dumps({k: v for k, v in line.items() if k != "message"})
        self.ledger.write(f'{head[:-1]}, "message":{raw}}}\n')
        self.kept[self.epoch, self.seq] = line
        self.client.publish(topic, raw, wait=False)

    def work(self):
        while not self.ending or self.kept:
            try:
                self.connect()
                self.read_marks()
                self.publish_again()
                if not self.ending:
                    self.make()
            except OSError:
                self.client.alive = False
            time.sleep(self.pause)


def main():
    gateway = Gateway(int(sys.argv[1]), sys.argv[2], sys.argv[3], float(sys.argv[4]))

    def end(number, frame):
        gateway.ending = True
    signal.signal(signal.SIGTERM, end)
    print("up", flush=True)
    gateway.work()


if __name__ == "__main__":
    main()
