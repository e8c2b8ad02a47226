# SPDX-License-Identifier: Apache-2.0
"""Ingest that goes on beside something else: beds that send numbered messages at a steady rate, and what the committed marks
say of them. One gateway, numbers from 1 on without gaps; message n is of bed n % beds, and its heart rate is 60 + n % 60."""
import os
import statistics
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "outside"))
from place import Client, now_ms, vitals  # noqa: E402


class Stamped(list):
    """What a client hears, with the time of each."""

    def __init__(self):
        super().__init__()
        self.at = []

    def append(self, thing):
        self.at.append(time.monotonic())
        super().append(thing)


class Feed(threading.Thread):
    def __init__(self, port, beds, rate, gateway="gw-live"):
        super().__init__(daemon=True)
        self.beds, self.rate, self.gateway = beds, rate, gateway
        self.client = Client(port, gateway, f"vigil/v1/gateways/{gateway}/committed")
        self.client.seen = Stamped()
        self.sent, self.over = [], threading.Event()  # sent: when each was, from number 1 on
        self.measured = []                            # the same: the time it says
        self.start()

    def patient(self, bed):
        return f"{self.gateway}-{bed}"

    @staticmethod
    def value(n):
        return 60 + n % 60

    def run(self):
        begin = time.monotonic()
        while not self.over.is_set():
            n = len(self.sent) + 1
            ahead = begin + n / self.rate - time.monotonic()
            if ahead > 0:
                time.sleep(ahead)
            bed = n % self.beds
            at = max(now_ms(), self.measured[-1] + 1 if self.measured else 0)
            hr = {"code": "hr", "value": self.value(n), "unit": "/min", "source": "continuous"}
            others = [{"code": code, "value": value + n % 7, "unit": unit, "source": "continuous"} for code, value, unit in
                      (("rr", 14, "/min"), ("spo2", 92, "%"), ("sbp", 118, "mm[Hg]"), ("dbp", 70, "mm[Hg]"), ("map", 86, "mm[Hg]"))]
            message = vitals(n, hr, *others, gateway=self.gateway, ts=at, patient=self.patient(bed), device=f"mon-{bed}")
            self.measured.append(at)
            self.sent.append(time.monotonic())
            self.client.publish(f"vigil/v1/beds/live/{bed}/vitals", message, wait=False)

    def committed(self):
        marks = self.client.messages("/committed")
        return max((m["upto"] for m in marks if m), default=0)

    def stop(self):
        """How many were sent."""
        self.over.set()
        self.join()
        return len(self.sent)

    def numbers_of(self, bed, upto):
        return [n for n in range(1, upto + 1) if n % self.beds == bed]

    def lags(self, begin=0.0, end=float("inf")):
        """Seconds from sending to the mark that covers it, of those sent between two times."""
        lags, n = [], 0
        for mark, at in zip(self.client.messages("/committed"), self.client.seen.at):
            while mark and n < mark["upto"]:
                if begin <= self.sent[n] < end:
                    lags.append(at - self.sent[n])
                n += 1
        return lags

    @staticmethod
    def words(lags):
        """Median and the slowest of a hundred, ms."""
        return statistics.median(lags) * 1000, sorted(lags)[int(len(lags) * 0.99)] * 1000
