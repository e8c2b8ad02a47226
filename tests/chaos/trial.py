# SPDX-License-Identifier: Apache-2.0
"""A small ward to hurt: a daemon with one rule, a gateway that keeps and sends again as the contract asks, and the
books that must be right when it is over."""
import collections
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "outside"))
from place import BUILD, Place, now_ms, temp, until, vitals  # noqa: E402

LONG = int(os.environ.get("VIGIL_CHAOS", "1"))  # how many times longer than in `make test`
# Within how many seconds an alert must be told that nothing should delay: a tenth of one on an idle machine, but `make test`
# may run beside anything. `make chaos` is strict.
SOON = float(os.environ.get("VIGIL_SOON", "5"))
PROTOCOL = """protocol: chaos
version: "1"
products: [car_t]
title: {en: "For tests of faults"}
rules:
  - id: HOT
    class: fever_infection
    severity: critical
    when: temp >= 39.0 Cel
    clear: temp < 38.0 Cel
    ladder: critical
    text: {en: "Temperature $temp"}
    source: "test"
ladders:
  critical:
    hold: 10m
    steps:
      - {offer: [bedside-nurse], wait: 10m}
    fallback: {offer: [charge-nurse], repeat: 10m}
"""


def vigil(*words):
    return subprocess.run([os.path.join(BUILD, "vigil"), *words], capture_output=True, text=True, errors="replace", timeout=60)


class Trial(Place):
    def __init__(self, start=True, protocol=PROTOCOL):
        super().__init__(start=False)
        os.mkdir(os.path.join(self.folder, "protocols"))
        self.daemon.settings = os.path.join(self.folder, "vigild.yaml")
        for name, text in (("vigild.yaml", "node: n-1\nprotocols: protocols\nwards:\n  - {id: w, protocol: chaos}\n"),
                           ("protocols/chaos.yaml", protocol)):
            with open(os.path.join(self.folder, name), "w") as file:
                file.write(text)
        self.kept, self.seq, self.upto, self.again, self.beds, self.marks = collections.OrderedDict(), 0, 0, 0.0, 0, 0
        self.hot, self.gateway, self.ward = {}, None, None
        self.broker.start()
        if start:
            self.begin()

    def begin(self):
        self.daemon.start()
        self.connect()
        return self

    def connect(self):
        """The gateway and the ward's display; anew if they lost the broker."""
        self.marks = 0
        self.gateway = self.client("gw-1", "vigil/v1/gateways/gw-1/committed")
        self.ward = self.client("ward", "vigil/v1/wards/#")

    def say(self, bed, value, wait=True):
        self.seq += 1
        payload = json.dumps(vitals(self.seq, temp(value)))
        self.kept[self.seq] = f"vigil/v1/beds/w/{bed}/vitals", payload
        self.gateway.publish(*self.kept[self.seq], wait=wait)

    def tend(self):
        """Reads the marks; sends again every 2 s what none covers. Whether all is covered."""
        marks = self.gateway.messages("/committed")
        for mark in marks[self.marks:]:
            if mark["epoch"] == "e1":
                self.upto = max(self.upto, mark["upto"])
        self.marks = len(marks)
        for number in [n for n in self.kept if n <= self.upto]:
            del self.kept[number]
        if self.kept and time.monotonic() - self.again > 2:
            self.again = time.monotonic()
            for topic, payload in list(self.kept.values()):
                self.gateway.publish(topic, payload, wait=False)
        return not self.kept

    def settle(self, timeout=30):
        self.again = time.monotonic()
        until(self.tend, timeout, f"a mark that covers {self.seq}")

    def alarm(self, within=SOON, wait=True):
        """A new bed is hot: (what was raised, after how many seconds)."""
        self.beds += 1
        bed, begin = str(self.beds), time.monotonic()
        self.hot[bed] = None
        self.say(bed, 39.6, wait=False)
        return self.raised(bed, begin, within) if wait else bed

    def raised(self, bed, begin, within):
        event = until(lambda: [e for e in self.ward.events("HOT") if e["bed"] == bed], within, f"the alert of bed {bed}")[0]
        self.hot[bed] = event["id"]
        return event, time.monotonic() - begin

    def honest(self):
        """What the mark says now is on disk."""
        self.tend()
        said = self.upto
        stored = {r[0] for r in self.daemon.rows("SELECT seq FROM message")}
        ahead = [n for n in range(1, said + 1) if n not in stored]
        assert not ahead, f"the mark says {said}, and these are not there: {ahead[:5]}"

    def trouble(self, rule, event="raised", timeout=20):
        return until(lambda: [e for e in self.ward.events(rule) if e["event"] == event], timeout, f"{rule} {event}")[-1]

    def books(self, stop=True):
        """All is there once, each alert has one id and each of its changes one text; the file and its trail are whole."""
        self.settle()
        rows = self.daemon.rows("SELECT seq, count(*) FROM message GROUP BY seq")
        assert [r for r in rows if r[1] != 1] == [], "stored more than once"
        assert {r[0] for r in rows} == set(range(1, self.seq + 1)), "some are missing"
        for bed, known in self.hot.items():
            ids = {r[0] for r in self.daemon.rows("SELECT id FROM alert WHERE rule = 'HOT' AND bed = ?", bed)}
            assert len(ids) == 1 and known in (None, *ids), (bed, known, ids)
        changes = collections.defaultdict(set)
        for event in self.ward.events("HOT"):
            changes[event["id"], event["rev"]].add((event["event"], event["onset"], event["n"]))
        assert all(len(texts) == 1 for texts in changes.values()), changes
        until(lambda: self.daemon.rows("SELECT count(*) FROM outbox")[0][0] == 0, what="the outbox to empty")
        if stop:
            assert self.daemon.signal(signal.SIGTERM) == 0
            self.whole()

    def whole(self):
        with sqlite3.connect(self.daemon.store) as db:
            assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        verified = vigil("audit", "verify", "--store", self.daemon.store)
        assert verified.returncode == 0, verified.stdout + verified.stderr


__all__ = ["BUILD", "LONG", "PROTOCOL", "SOON", "Trial", "now_ms", "temp", "until", "vigil", "vitals"]
