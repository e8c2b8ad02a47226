# SPDX-License-Identifier: Apache-2.0
"""The event stream and what is live: nothing is lost over a break, who falls behind is told, a restart is
told, a bed shows its patient's values and nobody else's."""
import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib-python"))
from place import Daemon, Place, now_ms, run, seed, temp, until, vitals  # noqa: E402
from web import Stream, Web  # noqa: E402

RANDOM = seed()
MINUTE = 60_000


def cuff(value):
    return {"code": "sbp", "value": value, "unit": "mm[Hg]", "source": "cuff"}


class Ward(Place):
    def __enter__(self):
        super().__enter__()
        self.web = Web(self.daemon.port)
        self.gateway = self.client("gw", "vigil/v1/wards/+/events")
        self.seq = 0
        return self

    def say(self, place, *obs, **more):
        self.seq += 1
        kind = more.pop("kind", "vitals")
        self.gateway.publish(f"vigil/v1/beds/{place}/{kind}", vitals(self.seq, *obs, **more), wait=False)

    def episode(self, place, do, patient, **more):
        self.gateway.publish(f"vigil/v1/beds/{place}/episode",
                             {"ts": now_ms() - 1, "by": "adt", "do": do, "patient": patient, **more})

    def low_pressure(self, place):
        for ago in (400_000, 60_000):
            self.say(place, cuff(80), ts=now_ms() - ago)

    def beds(self, ward="onc-7"):
        answer = self.web.get(f"/api/v1/wards/{ward}/beds")
        return {b["bed"]: b for b in answer.json["beds"]} if answer.status == 200 else {}

    def follow(self, query="", last=None):
        return Stream(self.daemon.port, query, last)


def changes(events):
    return [(d["id"], d["rev"], d["n"]) for kind, _, d in events if kind == "alert"]


def test_no_change_is_lost_over_breaks():
    with Ward() as ward:
        ward.say("onc-7/1", temp(36.6))
        until(lambda: ward.beds(), what="the bed")
        got, last = [], ward.web.get("/api/v1/wards/onc-7/beds").json["event"]
        for n in range(12):  # breaks anywhere, events during each
            ward.low_pressure(f"onc-7/{n + 1}")
            stream = ward.follow(last=last)
            seen = RANDOM.randrange(3)
            until(lambda: len(changes(stream.events)) >= seen, what="some events")
            stream.close()
            got += stream.events
            last = got[-1][1] if got else last
        until(lambda: len(ward.gateway.events("HYPOTENSION")) == 12, what="all alerts")
        stream = ward.follow(last=last)

        def told_by_mqtt():
            return sorted((e["id"], e["rev"], e["n"]) for e in ward.gateway.events())

        # either side may be ahead of the other for a moment
        until(lambda: sorted(changes(got + stream.events)) == told_by_mqtt(), what="the same on both sides")
        stream.close()
        found = changes(got + stream.events)
        assert [n for _, _, n in found] == list(range(1, len(found) + 1)), "in order, once each, without a gap"
        assert ward.web.get("/api/v1/wards/onc-7/beds").json["n"] == len(found)


def test_wards_values_and_the_daemon():
    with Ward() as ward:
        ward.say("onc-7/1", temp(36.6))
        ward.say("onc-8/1", temp(36.7))
        until(lambda: ward.beds("onc-8") and ward.beds(), what="both wards")
        ours = ward.follow("?ward=onc-7")
        all_of_them = ward.follow()
        until(lambda: all_of_them.head and ours.head, what="the streams")
        begin = time.monotonic()
        ward.say("onc-7/1", temp(37.1))
        until(lambda: [v for v in ours.of("values") if v["values"]["temp"]["value"] == 37.1], 5, "the value")
        assert time.monotonic() - begin < 2, "a value is shown within 2 s"
        ward.low_pressure("onc-8/1")
        until(lambda: all_of_them.of("alert"), what="an alert of the other ward")
        until(lambda: ours.of("status") and ours.comments, what="heartbeats of the daemon and of the connection")
        assert not [v for v in ours.of("values") + ours.of("alert") if v["ward"] != "onc-7"]
        assert {w["ward"]: w["beds"] for w in ward.web.get("/api/v1/wards").json["wards"]} == {"onc-7": 1, "onc-8": 1}
        counters = [s["counter"] for s in until(lambda: len(ours.of("status")) > 1 and ours.of("status"), what="two")]
        assert counters == list(range(counters[0], counters[0] + len(counters))), counters


def test_who_falls_behind_and_who_comes_late_are_told():
    with Ward() as ward:
        stream = ward.follow(last="another-run-17")
        until(lambda: stream.of("resync"), what="the word that it must ask anew")
        assert stream.of("resync")[0]["reason"] == "restarted", stream.events
        event = ward.web.get("/api/v1/wards").json["event"]
        epoch, number = event.rsplit("-", 1)
        for bad in (f"{epoch}-{int(number) + 1000}", epoch + "-", epoch + "-x", "-1", "9" * 300):
            other = ward.follow(last=bad)
            until(lambda: other.of("resync"), what=f"the same for {bad[:30]}")
            other.close()
        fine = ward.follow(last=event)
        until(lambda: fine.of("status"), what="a heartbeat")
        assert not fine.of("resync"), fine.events
        ward.daemon.signal(signal.SIGTERM)
        until(lambda: fine.ended and stream.ended, what="the end of the streams")
        ward.daemon.start()
        again = Stream(ward.daemon.port, last=fine.last())
        until(lambda: again.of("resync"), what="the word that the daemon has started anew")


def test_a_small_queue_is_not_a_lie():
    with Place(start=False) as place:
        place.broker.start()
        place.daemon = Small(place.folder, place.broker)
        place.daemon.start()
        gateway = place.client("gw", "vigil/v1/wards/+/events")
        web = Web(place.daemon.port)
        event = web.get("/api/v1/wards").json["event"]
        for n in range(24):
            for ago in (400_000, 60_000):
                gateway.publish(f"vigil/v1/beds/onc-7/{n}/vitals", vitals(None, cuff(80), ts=now_ms() - ago), wait=False)
        until(lambda: len(gateway.events("HYPOTENSION")) == 24, what="the alerts")
        late = Stream(place.daemon.port, last=event)
        until(lambda: late.of("resync"), what="the word that it fell behind")
        after = late.of("resync")[0]
        assert after["reason"] in ("behind", "restarted"), after
        shown = web.get("/api/v1/wards/onc-7/beds").json
        assert len(shown["beds"]) == 24 and all(b["alerts"] for b in shown["beds"]), "asked anew, all is there"


class Small(Daemon):
    def command(self, *more):
        return super().command("--set", "http.queue=8", *more)


def test_a_bed_shows_its_own_patient():
    with Ward() as ward:
        ward.say("onc-7/3", temp(38.8))
        until(lambda: ward.beds().get("3"), what="a bed without a patient")
        assert ward.beds()["3"]["patient"] is None and ward.beds()["3"]["values"]["temp"]["value"] == 38.8
        ward.say("onc-7/3", {"code": "spo2", "value": 97, "unit": "%"})
        until(lambda: ward.beds()["3"]["values"].get("spo2"), what="another value of it")
        news2 = until(lambda: (n := ward.beds()["3"]["assessment"]["news2"]) and "spo2" not in n["missing"] and n, what="a score that does not miss what stands beside it")
        assert news2["score"] is None and not {"temp", "spo2"} & set(news2["missing"]) and {"rr", "o2", "sbp", "hr", "acvpu"} == set(news2["missing"]), news2
        ward.episode("onc-7/3", "admit", "p-1", product="car_nk", age=44, setting="outpatient")
        until(lambda: ward.beds()["3"]["patient"] == "p-1", what="the patient")
        bed = ward.beds()["3"]
        assert bed["values"] == {}, "what was measured before is somebody else's"
        assert (bed["protocol"], bed["setting"], bed["age"], bed["product"]) == ("car-nk", "outpatient", 44, "car_nk"), bed
        ward.say("onc-7/3", temp(37.2), {"code": "hr", "value": 81, "unit": "/min"})
        ward.say("onc-7/3", {"code": "infusion", "value": "start", "product": "car_nk", "dose_id": "d1"}, kind="therapy")
        ward.say("onc-7/3", {"code": "o2_device", "value": "nasal_cannula", "flow": 2}, kind="therapy")
        ward.say("onc-7/3", {"code": "hr", "value": 300, "unit": "/min", "quality": "invalid"})
        until(lambda: ward.beds()["3"]["charted"].get("o2_device") and ward.beds()["3"]["infusion"], what="what was charted")
        bed = ward.beds()["3"]
        assert bed["values"]["hr"]["value"] == 81, "an invalid value is no value"
        assert bed["since_infusion_s"] is not None and bed["charted"]["o2_device"]["flow"] == 2, bed
        stream = ward.follow("?ward=onc-7")
        until(lambda: stream.head, what="the stream")
        ward.episode("onc-7/3", "transfer", "p-1", to_ward="onc-7", to_bed="4")
        until(lambda: ward.beds().get("4", {}).get("patient") == "p-1", what="the new bed")
        assert ward.beds()["4"]["values"]["temp"]["value"] == 37.2, "values go with the patient"
        assert not ward.beds().get("3", {}).get("values"), ward.beds().get("3")
        ward.web.post("/api/v1/wards", {})  # 405: changes nothing
        ward.daemon.signal(signal.SIGTERM)
        ward.daemon.start()
        ward.web.port = ward.daemon.port
        until(lambda: ward.beds().get("4", {}).get("values", {}).get("temp"), what="the values after a restart")
        assert not ward.beds().get("3", {}).get("values"), ward.beds().get("3")
        ward.gateway = ward.client("gw2")
        ward.episode("onc-7/4", "discharge", "p-1", confirm=True)
        until(lambda: ward.beds().get("4", {}).get("patient") != "p-1", what="the end of the stay")
        assert not ward.beds().get("4", {}).get("values"), ward.beds().get("4")


def test_the_board_does_not_need_the_broker():
    with Ward() as ward:
        ward.low_pressure("onc-7/1")
        alert = until(lambda: ward.gateway.events("HYPOTENSION"), what="the alert")[0]["id"]
        stream = ward.follow("?ward=onc-7")
        until(lambda: stream.head, what="the stream")
        ward.broker.kill()
        until(lambda: ward.web.get("/readyz").status == 503, what="not ready")
        answer = ward.web.post(f"/api/v1/alerts/{alert}/accept", {"by": "bedside-nurse:li"})
        assert answer.status == 200 and answer.json["result"] in ("ok", "stale_view"), answer
        until(lambda: [a for a in stream.of("alert") if (a["id"], a["event"]) == (alert, "accepted")], 5, "the change")
        [shown] = [a for b in ward.beds().values() for a in b["alerts"] if a["id"] == alert]
        assert shown["responsibility"]["owner"] == "bedside-nurse:li", shown
        said = len(stream.of("status"))
        trouble = until(lambda: stream.of("trouble"), what="the daemon says what is wrong")[0]
        assert not trouble["ready"] and "subscription" in trouble["self_check"], trouble
        assert len(stream.of("status")) == said, "no heartbeat without a broker"


if __name__ == "__main__":
    run([test for name, test in list(globals().items()) if name.startswith("test_")])
