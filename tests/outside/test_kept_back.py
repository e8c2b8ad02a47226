# SPDX-License-Identifier: Apache-2.0
"""What a gateway kept while it was cut off and sends at once: scores over time stand where it was measured, not where it
arrived, so that whoever opens the patient's page sees the hours that nobody saw."""
import datetime
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib-python"))
from place import Place, now_ms, run, until, vitals  # noqa: E402
from web import Web  # noqa: E402

MINUTE, HOUR = 60_000, 3_600_000
TOPIC = "vigil/v1/beds/onc-7/1"


def minutes_before(then, text):
    return (then - datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000) / MINUTE


def send(client, at, hr, **more):
    client.publish(TOPIC + "/vitals", vitals(None, {"code": "hr", "value": hr, "unit": "/min"}, {"code": "rr", "value": 15, "unit": "/min"},
                                             {"code": "spo2", "value": 97, "unit": "%"}, {"code": "temp", "value": 36.8, "unit": "Cel"},
                                             {"code": "sbp", "value": 120, "unit": "mm[Hg]", "source": "cuff"}, ts=at, **more))


def test_six_hours_at_once():
    with Place() as place:
        web = Web(place.daemon.port)
        client = place.client("gw", "vigil/v1/wards/+/events")
        begin = now_ms() // MINUTE * MINUTE
        client.publish(TOPIC + "/episode", {"ts": begin - 7 * HOUR, "by": "adt", "do": "admit", "patient": "p-1", "product": "car_nk", "age": 50})
        client.publish(TOPIC + "/therapy", {"gateway": "nurse", "ts": begin - 7 * HOUR, "obs": [{"code": "o2_device", "value": "room_air"}]})
        client.publish(TOPIC + "/assessment", {"gateway": "nurse", "ts": begin - 7 * HOUR, "obs": [{"code": "consciousness", "value": "A"}]})
        for minute in range(360, -1, -2):
            send(client, begin - minute * MINUTE, 135 if 120 <= minute <= 180 else 75)
        ask = lambda: web.get(f"/api/v1/assessments?patient=p-1&from={begin - 6 * HOUR}&limit=1000").json["assessments"]  # noqa: E731
        scored = lambda: [(minutes_before(begin, i["ts"]), i["news2"]["score"]) for i in ask() if i["news2"]["score"] is not None]  # noqa: E731

        got = until(lambda: (s := scored()) and s[-1][0] <= 0 and s, 20, "the score of now, behind those of then")
        print(f"  {len(got)} scores, {got[:3]} … {got[-3:]}")
        assert got[0][0] >= 350, "from the begin of what was kept"
        high = [score for minutes, score in got if 121 < minutes < 175]
        low = [score for minutes, score in got if minutes < 110 or minutes > 185]
        assert high and min(high) >= 3 and low and max(low) == 0, got
        assert all(len(i) == len(ask()[-1]) for i in ask()), "each has all parts"
        # what lies behind all that is known has no score of its own, and moves none that stands
        count = lambda: len(web.get(f"/api/v1/readings?patient=p-1&code=hr&from={begin - 8 * HOUR}").json["readings"])  # noqa: E731
        until(lambda: count() == 181, what="all that was kept in the store")
        before = [(i["ts"], i["news2"]) for i in ask()]
        send(client, begin - 361 * MINUTE, 150)
        send(client, now_ms(), 76)
        until(lambda: count() == 183, what="both in the store")
        assert [(i["ts"], i["news2"]) for i in ask()][:len(before)] == before, (before, ask())


if __name__ == "__main__":
    run([test for name, test in list(globals().items()) if name.startswith("test_")])
