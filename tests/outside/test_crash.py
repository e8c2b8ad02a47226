# SPDX-License-Identifier: Apache-2.0
"""The daemon is killed with -9 at random under load; nothing committed is lost, nothing is stored
twice, and the mark never runs ahead of the disk."""
import collections
import json
import signal
import threading
import time

from place import Client, Place, now_ms, run, seed, temp, until, vitals

KILLS = 20


class Gateway:
    """Numbers its messages, keeps each until the mark has passed it, sends again what is not
    covered, with the same bytes."""

    def __init__(self, port, name):
        self.name, self.port, self.seq, self.kept = name, port, 0, collections.OrderedDict()
        self.upto, self.marks, self.stop, self.resend = 0, [], False, False
        self.client = Client(port, name, f"vigil/v1/gateways/{name}/committed")
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def read_marks(self):
        for mark in self.client.messages("/committed")[len(self.marks):]:
            self.marks.append((mark["upto"], time.monotonic()))
            if mark["epoch"] == "e1" and mark["upto"] > self.upto:
                self.upto = mark["upto"]
                for n in [n for n in self.kept if n <= self.upto]:
                    del self.kept[n]

    def work(self):
        while not self.stop or self.kept:
            self.read_marks()
            if self.resend:
                self.resend = False
                for n, (topic, payload) in list(self.kept.items()):
                    self.client.publish(topic, payload, wait=False)
            if not self.stop:
                self.seq += 1
                bed = self.seq % 7
                payload = json.dumps(vitals(self.seq, temp(36.5 + self.seq % 10 / 10, "continuous"),
                                            {"code": "hr", "value": 70 + self.seq % 30, "unit": "/min"},
                                            gateway=self.name))
                self.kept[self.seq] = (f"vigil/v1/beds/onc-7/{bed}/vitals", payload)
                self.client.publish(*self.kept[self.seq], wait=False)
            time.sleep(0.0015)


def test_nothing_is_lost_or_doubled_by_kill_9():
    rng = seed()
    with Place() as place:
        first = place.client("adt")
        first.publish("vigil/v1/beds/onc-7/1/episode", {
            "ts": now_ms(), "by": "adt", "do": "admit", "patient": "p-7", "product": "car_t",
            "age": 60, "setting": "inpatient"})
        gateway = Gateway(place.broker.port, "gw-kill")
        for _ in range(KILLS):
            end = time.monotonic() + rng.uniform(0.05, 0.6)
            until(lambda: time.monotonic() > end, what="the moment to kill")
            place.daemon.signal(signal.SIGKILL)
            gateway.read_marks()
            said = gateway.upto
            stored = {r[0] for r in place.daemon.rows(
                "SELECT seq FROM message JOIN epoch ON epoch.id = message.epoch "
                "WHERE gateway = 'gw-kill'")}
            ahead = [n for n in range(1, said + 1) if n not in stored]
            assert not ahead, f"mark {said} ran ahead of the disk: {ahead[:5]}"
            place.daemon.start()
            gateway.resend = True
        gateway.stop = True
        again = time.monotonic()

        def all_confirmed():
            nonlocal again
            if time.monotonic() - again > 3:
                gateway.resend, again = True, time.monotonic()
            return gateway.upto == gateway.seq
        until(all_confirmed, 40, f"all of {gateway.seq} to be committed")
        rows = place.daemon.rows(
            "SELECT seq, count(*) FROM message JOIN epoch ON epoch.id = message.epoch "
            "WHERE gateway = 'gw-kill' GROUP BY seq")
        doubled = [r for r in rows if r[1] != 1]
        assert not doubled, f"stored more than once: {doubled[:5]}"
        assert {r[0] for r in rows} == set(range(1, gateway.seq + 1)), "some are missing"
        assert place.daemon.rows("SELECT count(*) FROM admission")[0][0] == 1
        print(f"  {KILLS} kills, {gateway.seq} messages, each stored once")


def test_condition_met_before_a_kill_is_told_after_it_with_the_same_id():
    rng = seed()
    for delay in [0.0, 0.0, 0.002, 0.01, rng.uniform(0, 0.05)]:
        with Place() as place:
            ward = place.client("ward", "vigil/v1/wards/+/events")
            gateway = place.client("gw")
            ts = now_ms()
            message = vitals(1, temp(39.4), ts=ts)
            gateway.publish("vigil/v1/beds/onc-7/5/vitals", message)
            end = time.monotonic() + delay
            until(lambda: time.monotonic() >= end, what="the moment to kill")
            place.daemon.signal(signal.SIGKILL)
            place.daemon.start()
            gateway.publish("vigil/v1/beds/onc-7/5/vitals", message)  # unconfirmed: again
            until(lambda: ward.events("FEVER_CONFIRMED"), what="the alert")
            until(lambda: place.daemon.rows("SELECT count(*) FROM outbox")[0][0] == 0,
                  what="the outbox to empty")
            events = ward.events("FEVER_CONFIRMED")
            assert len({e["id"] for e in events}) == 1, events
            assert {(e["rev"], e["event"]) for e in events} == {(1, "raised")}, events


run([test_nothing_is_lost_or_doubled_by_kill_9,
     test_condition_met_before_a_kill_is_told_after_it_with_the_same_id])
