#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A peer of the benchmark: what a good developer writes in an afternoon with paho-mqtt and sqlite3. The same rule as
bench.yaml, the same alerts expected, every reading in a table that can be asked by bed and signal.

    python_peer.py PORT STORE

It commits once a second or a thousand messages (so a kill loses a second, and nobody is told what is safe), which
is the cheapest it can do; SQLite runs with its log and synchronous=NORMAL. Numbers of gateways, quality,
units, late and repeated readings are not looked at. "ready" on standard output once it is subscribed."""
import collections
import datetime
import json
import signal
import sqlite3
import sys
import time

import paho.mqtt.client as mqtt

SIGNALS = ("temp", "hr", "rr", "spo2", "sbp", "dbp", "map")
NUMBER = {name: n for n, name in enumerate(SIGNALS)}
BATCH = 1000 * len(SIGNALS)


class Store:
    def __init__(self, path):
        self.db = sqlite3.connect(path, isolation_level=None)
        for line in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL",
                     "CREATE TABLE reading(bed TEXT, signal INTEGER, at INTEGER, value REAL,"
                     " PRIMARY KEY(bed, signal, at)) WITHOUT ROWID"):
            self.db.execute(line)
        self.waiting, self.since = [], time.monotonic()

    def tidy(self):
        """Commits what waits, if it is enough or old enough."""
        if len(self.waiting) >= BATCH or time.monotonic() - self.since >= 1.0:
            self.commit()

    def commit(self):
        if self.waiting:
            self.db.execute("BEGIN")
            self.db.executemany("INSERT OR REPLACE INTO reading VALUES(?,?,?,?)", self.waiting)
            self.db.execute("COMMIT")
            self.waiting.clear()
        self.since = time.monotonic()


class Bed:
    """Ten minutes of temperature with their sum; when the pressure was last low; whether the rule was true."""
    __slots__ = ("warm", "total", "low", "true")

    def __init__(self):
        self.warm, self.total, self.low, self.true = collections.deque(), 0.0, -1 << 60, False

    def temperature(self, at, value):
        self.warm.append((at, value))
        self.total += value

    def rises(self, at):
        """Whether the rule has just become true."""
        while self.warm and self.warm[0][0] <= at - 600_000:
            self.total -= self.warm.popleft()[1]
        true = bool(self.warm) and self.total >= 38.0 * len(self.warm) - 1e-6 and at - self.low <= 300_000
        risen, self.true = true and not self.true, true
        return risen


class Peer:
    def __init__(self, port, store):
        self.beds, self.store = collections.defaultdict(Bed), store
        self.client = mqtt.Client("bench-python")
        self.client.max_inflight_messages_set(200)
        self.client.on_message, self.client.on_connect = self.on_message, self.on_connect
        self.client.on_subscribe = lambda *_: print("ready", flush=True)
        self.client.connect("127.0.0.1", port, 60)

    def on_connect(self, *_):
        self.client.subscribe("vigil/v1/beds/+/+/vitals", 1)

    def on_message(self, _client, _data, message):
        _, _, _, ward, name, _ = message.topic.split("/")
        body, bed = json.loads(message.payload), self.beds[name]
        at = round(datetime.datetime.fromisoformat(body["ts"]).timestamp() * 1000)
        for item in body["obs"]:
            code, value = item["code"], item["value"]
            if code == "temp":
                bed.temperature(at, value)
            elif code == "sbp" and value < 90:
                bed.low = at
            self.store.waiting.append((name, NUMBER[code], at, value))
        if bed.rises(at):
            alert = {"event": "raised", "rule": "BENCH", "bed": name, "onset": body["ts"]}
            self.client.publish(f"vigil/v1/wards/{ward}/events", json.dumps(alert), 1)
        self.store.tidy()


def main():
    store = Store(sys.argv[2])
    peer = Peer(int(sys.argv[1]), store)
    ending = []
    signal.signal(signal.SIGTERM, lambda *_: ending.append(True))
    while not ending:
        peer.client.loop(0.1)
        store.tidy()
    store.commit()
    store.db.close()


if __name__ == "__main__":
    main()
