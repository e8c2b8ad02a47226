#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A gateway comes back after hours and sends all of it: what is live goes first, what is behind is stored
once, through a kill -9 too."""
import collections
import json
import signal
import struct

from place import Place, now_ms, run, temp, until, vitals

MANY = 2000  # messages of a minute, one reading a second: slower to take than to receive
HOURS = 36 * 3600 * 1000
BED = "vigil/v1/beds/onc-7/%s/vitals"


def packet(topic, payload, number):
    body = struct.pack(">H", len(topic)) + topic.encode() + struct.pack(">H", number) + json.dumps(payload).encode()
    size, rest = b"", len(body)
    while True:
        rest, digit = rest >> 7, rest & 127
        size += bytes([digit | (128 if rest else 0)])
        if not rest:
            return b"\x32" + size + body


def minute(seq, ts):
    return vitals(seq, *[{**temp(37.0, "continuous"), "ts": ts + i * 1000} for i in range(60)], gateway="gw-old", ts=ts)


def flood(client, begin):
    """All at once, faster than the daemon stores it."""
    client.socket.sendall(b"".join(
        packet(BED % "old", minute(seq, begin + seq * 60000), seq)
        for seq in range(1, MANY + 1)))
    until(lambda: MANY in client.acked, timeout=60, what="the broker to have it")


def hot(client, bed, number=0):
    client.publish(BED % bed, vitals(0, temp(40.6 + number / 10), gateway="gw-live"), wait=False)


def stored(place):
    return place.daemon.rows("SELECT count(*) FROM message")[0][0]


def test_live_goes_first():
    with Place() as place:
        ear = place.client("ear", "vigil/v1/wards/+/events")
        old, live = place.client("old"), place.client("live")
        begin = now_ms() - HOURS
        place.daemon.process.send_signal(signal.SIGSTOP)  # all of it waits in front of the daemon
        flood(old, begin)
        hot(live, "new")
        place.daemon.process.send_signal(signal.SIGCONT)
        until(lambda: [e for e in ear.events() if e["bed"] == "new"], what="the live alert")
        rows = stored(place)
        assert rows < MANY * 3 // 4, rows  # it did not wait for its turn
        until(lambda: stored(place) == MANY + 1, timeout=60, what="all of it")
        late = [e for e in ear.events() if e["bed"] == "old" and e["event"] == "raised" and e["class"] != "technical"]
        assert not late, late


def test_a_kill_in_the_middle_stores_each_once():
    with Place() as place:
        old, live = place.client("old"), place.client("live")
        mark = place.client("mark", "vigil/v1/gateways/gw-old/committed")
        begin = now_ms() - HOURS
        place.daemon.process.send_signal(signal.SIGSTOP)
        flood(old, begin)
        for number in range(20):  # not numbered: nobody sends them again
            hot(live, f"n{number}")
        live.publish("vigil/v1/beds/onc-7/adm/episode", {"ts": now_ms(), "by": "adt", "do": "admit", "patient": "p-1",
                                                         "product": "car_nk", "age": 50})
        place.daemon.process.send_signal(signal.SIGCONT)
        until(lambda: len(place.daemon.rows("SELECT id FROM message WHERE seq = 0")) >= 20, what="the live ones")
        until(lambda: place.daemon.rows("SELECT count(*) FROM admission")[0][0] == 1, what="the admission")
        place.daemon.signal(signal.SIGKILL)
        rows = stored(place)
        assert rows < MANY + 20, rows
        place.daemon.start()
        # nothing is sent again: the journal has what was taken, the broker what was not
        until(lambda: [m for m in mark.messages("/committed") if m["upto"] == MANY], timeout=60, what="the mark")
        numbers = collections.Counter(n for (n,) in place.daemon.rows(
            "SELECT seq FROM message JOIN epoch ON epoch.id = message.epoch WHERE gateway = 'gw-old'"))
        assert len(numbers) == MANY and set(numbers.values()) == {1}, (len(numbers), numbers.most_common(3))
        assert len(place.daemon.rows("SELECT id FROM message WHERE seq = 0")) == 20
        assert place.daemon.rows("SELECT count(*) FROM admission")[0][0] == 1


def test_many_holes_blind_nobody():
    with Place() as place:
        ear = place.client("ear", "vigil/v1/wards/+/events")
        gateway = place.client("gw")
        for i in range(4100):
            gateway.publish(BED % "a", vitals(2 * i + 1, temp(37.0, "continuous"), gateway="gw-h"), wait=False)
        last = vitals(9001, temp(40.9), gateway="gw-h")
        for _ in range(3):
            gateway.publish(BED % "b", last)
        until(lambda: [e for e in ear.events() if e["bed"] == "b"], what="the alert")
        until(lambda: stored(place) == 4101, what="all of it")
        place.daemon.signal(signal.SIGKILL)
        place.daemon.start()
        gateway.publish(BED % "b", last)
        gateway.publish(BED % "c", vitals(9003, temp(37.0), gateway="gw-h"))
        until(lambda: stored(place) == 4102, what="the next")
        beds = dict(place.daemon.rows("SELECT bed, count(*) FROM message JOIN place ON place.id = place GROUP BY 1"))
        assert beds == {"a": 4100, "b": 1, "c": 1}, beds


if __name__ == "__main__":
    run([test_live_goes_first, test_many_holes_blind_nobody, test_a_kill_in_the_middle_stores_each_once])
