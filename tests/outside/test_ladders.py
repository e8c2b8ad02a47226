# SPDX-License-Identifier: Apache-2.0
"""Alerts until a person has taken them: the real daemon, a real broker, a protocol whose ladder
walks in seconds."""
import os
import signal
import time

from place import Place, now_ms, run, temp, until, vitals

PROTOCOL = """
protocol: fast
version: "1"
products: [car_t]
title: {en: "Ladders in seconds, for tests"}
rules:
  - id: HOT
    class: fever_infection
    severity: critical
    when: temp >= 39.0 Cel
    clear: temp < 38.0 Cel
    latch: yes
    ladder: critical
    text: {en: "Temperature $temp"}
    source: "test"
  - id: WARM
    class: haemodynamic
    severity: urgent
    when: sbp < 100 mm[Hg]
    clear: sbp >= 100 mm[Hg]
    escalate: sbp < 80 mm[Hg]
    escalated: critical
    ladder: urgent
    text: {en: "Pressure $sbp"}
    source: "test"
ladders:
  critical:
    hold: 4s
    steps:
      - {offer: [bedside-nurse], wait: 2s, resend: 1s}
      - {offer: [charge-nurse, on-call-physician], wait: 2s}
    fallback: {offer: [rapid-response, charge-nurse], repeat: 10s}
  urgent:
    hold: 30m
    steps:
      - {offer: [bedside-nurse], wait: 10m}
    fallback: {offer: [charge-nurse], repeat: 10m}
"""
ABSENT = """  - id: NO_TEMP
    class: technical
    severity: urgent
    when: count(temp, 2s) == 0
    ladder: urgent
    text: {en: "No temperature"}
    source: "test"
"""
BED = "vigil/v1/beds/w/1/vitals"
HOT = temp(39.6)
COOL = temp(37.0)


def sbp(value):
    return {"code": "sbp", "value": value, "unit": "mm[Hg]", "source": "cuff"}


class Ward:
    def __init__(self, place, name="board"):
        self.client = place.client(name, "vigil/v1/wards/#")
        self.sent = 0

    def pages(self, role=None, kind="call"):
        """Pages by id, repeats of one id counted once."""
        out = {}
        for topic, payload, _ in list(self.client.seen):
            if "/pages/" in topic and payload:
                import json
                page = json.loads(payload)
                if kind in (None, page["kind"]) and role in (None, topic.rsplit("/", 1)[1]):
                    out.setdefault(page["page"], page)
        return list(out.values())

    def events(self, *names):
        return [e for e in self.client.events() if not names or e["event"] in names]

    def ask(self, do, alert=None, by="nurse:li", client="tab-1", wait=True, id=None, **more):
        self.sent += 1
        id = id or f"{client}-{self.sent}-{now_ms()}"
        body = {"id": id, "by": by, "do": do, "ts": now_ms(), **more}
        if alert:
            body["alert"] = alert
        self.client.publish(f"vigil/v1/wards/w/commands/{client}", body)
        if not wait:
            return id
        return until(lambda: [r for r in self.client.messages(f"/results/{client}") if r["id"] == id],
                     what=f"the answer to {do}")[-1]


def fast_place(text=PROTOCOL):
    place = Place(start=False)
    folder = os.path.join(place.folder, "protocols")
    os.mkdir(folder)
    with open(os.path.join(folder, "fast.yaml"), "w") as f:
        f.write(text)
    place.daemon.settings = os.path.join(place.folder, "vigild.yaml")
    with open(place.daemon.settings, "w") as f:
        f.write("node: test\nprotocols: protocols\nwards:\n  - {id: w, protocol: fast}\n")
    place.broker.start()
    place.daemon.start()
    return place


def test_nobody_answers_the_ladder_walks_to_the_fallback_and_repeats():
    with fast_place() as place:
        ward, gateway = Ward(place), place.client("gw")
        gateway.publish(BED, vitals(1, HOT))
        raised = until(lambda: ward.events("raised"), what="raised")[0]
        assert raised["responsibility"]["state"] == "offered" and raised["responsibility"]["targets"] == ["bedside-nurse"]
        first = until(lambda: ward.pages("bedside-nurse"), what="the first page")[0]
        assert first["page"] and first["answers"] and first["step"] == 0 and first["respond_by"]
        until(lambda: ward.pages("on-call-physician") and ward.pages("charge-nurse"), what="the second step")
        until(lambda: ward.pages("rapid-response"), what="the fallback")
        until(lambda: len(ward.pages("rapid-response")) >= 2, timeout=25, what="the fallback again")
        offered = [e["responsibility"]["state"] for e in ward.events("offered")]
        assert offered[:3] == ["offered", "exhausted", "exhausted"], offered
        assert len(ward.pages("bedside-nurse")) == 1  # sent again under the same id only


def test_a_receipt_is_no_answer_the_ladder_goes_on():
    """Each page is received and displayed by its device, and nobody takes it."""
    with fast_place() as place:
        ward, gateway = Ward(place), place.client("gw")
        gateway.publish(BED, vitals(1, HOT))
        said, begun = set(), now_ms()
        while now_ms() - begun < 40_000 and len(ward.pages("rapid-response")) < 3:
            for page in ward.pages():
                if page["page"] not in said:
                    said.add(page["page"])
                    for do in ("received", "displayed"):
                        assert ward.ask(do, page=page["page"], by=page["role"] + ":x", client=page["role"])["result"] == "ok"
            time.sleep(0.1)
        assert len(ward.pages("bedside-nurse")) == 1 and ward.pages("on-call-physician"), ward.pages()
        assert len(ward.pages("rapid-response")) == 3 and said >= {p["page"] for p in ward.pages("rapid-response")[:2]}
        assert ward.ask("accept", ward.events("raised")[0]["id"], by="charge-nurse:wu")["result"] == "ok"


def test_accept_stops_it_the_hold_lapses_and_it_resumes():
    with fast_place() as place:
        ward, gateway = Ward(place), place.client("gw")
        gateway.publish(BED, vitals(1, HOT))
        alert = until(lambda: ward.events("raised"), what="raised")[0]
        answer = ward.ask("accept", alert["id"], rev=alert["rev"])
        assert answer["result"] == "ok", answer
        taken = until(lambda: ward.events("accepted"), what="accepted")[0]
        assert taken["responsibility"]["owner"] == "nurse:li" and taken["responsibility"]["state"] == "accepted"
        lapsed = until(lambda: ward.events("lapsed"), what="the hold to lapse")[0]
        assert lapsed["responsibility"]["owner"] is None
        until(lambda: ward.pages("charge-nurse"), what="the step behind the holder's")
        offered = until(lambda: ward.events("offered"), what="the step to be told")[0]
        assert offered["responsibility"]["step"] == 1
        assert not [e for e in ward.events("offered") if e["n"] < lapsed["n"]], "a step while it was taken"


def test_severity_rises_over_an_acknowledgement():
    with fast_place() as place:
        ward, gateway = Ward(place), place.client("gw")
        gateway.publish(BED, vitals(1, sbp(95)))
        alert = until(lambda: ward.events("raised"), what="raised")[0]
        assert alert["severity"] == "urgent"
        assert ward.ask("acknowledge", alert["id"])["result"] == "ok"
        gateway.publish(BED, vitals(2, sbp(75)))
        worse = until(lambda: ward.events("escalated"), what="escalated")[0]
        assert worse["severity"] == "critical" and worse["claims"] == [], worse["claims"]
        until(lambda: len(ward.pages("bedside-nurse")) == 2, what="called anew")
        assert ward.ask("acknowledge", alert["id"], rev=alert["rev"])["result"] == "superseded"


def test_two_nurses_answer_at_once():
    with fast_place() as place:
        ward, gateway = Ward(place), place.client("gw")
        gateway.publish(BED, vitals(1, HOT))
        alert = until(lambda: ward.events("raised"), what="raised")[0]
        ids = [ward.ask("accept", alert["id"], by=f"nurse:{n}", client=f"tab-{n}", rev=alert["rev"], wait=False)
               for n in ("li", "wu")]
        results = [until(lambda i=i: [r for r in ward.client.messages("/results/tab-li") + ward.client.messages("/results/tab-wu")
                                      if r["id"] == i], what="both answers")[0] for i in ids]
        assert [r["result"] for r in results] == ["ok", "superseded"], results
        assert "taken by nurse:li" in results[1]["detail"]
        again = ward.ask("accept", alert["id"], by="nurse:li", client="tab-li", id=ids[0])
        assert again["result"] in ("ok", "duplicate")
        until(lambda: [r for r in ward.client.messages("/results/tab-li") if r["result"] == "duplicate"], what="duplicate")


def test_everybody_who_was_called_is_told_the_end_once():
    with fast_place() as place:
        ward, gateway = Ward(place), place.client("gw")
        gateway.publish(BED, vitals(1, HOT))
        alert = until(lambda: ward.events("raised"), what="raised")[0]
        until(lambda: ward.pages("charge-nurse"), what="the second step")
        gateway.publish(BED, vitals(2, COOL))
        until(lambda: ward.events("ended"), what="ended, latched")
        assert ward.events("ended")[0]["latched"] and not ward.pages(kind="end")
        called = {p["role"] for p in ward.pages()}
        assert ward.ask("reset", alert["id"], by="charge-nurse:wu")["result"] == "ok"
        until(lambda: {p["role"] for p in ward.pages(kind="end")} >= called, what="the end notices")
        ends = [p["role"] for p in ward.pages(kind="end")]
        assert len(ends) == len(set(ends)) and set(ends) <= {p["role"] for p in ward.pages()}
        until(lambda: ward.client.messages(alert["id"])[-1] is None, what="the retained state to be emptied")
        assert ward.ask("accept", alert["id"])["result"] == "closed"


def kill(place):
    place.daemon.signal(signal.SIGKILL)
    place.daemon.start()


def test_killed_in_each_state_it_goes_on_in_that_state():
    with fast_place() as place:
        ward, gateway = Ward(place), place.client("gw")
        gateway.publish(BED, vitals(1, sbp(95)))
        alert = until(lambda: ward.events("raised"), what="raised")[0]
        id = alert["id"]
        stored = lambda: place.daemon.rows("SELECT json FROM alert WHERE id=?", id)[0][0]  # noqa: E731

        def state():
            import json
            a = json.loads(stored())
            return a["responsibility"]["state"], a["responsibility"]["owner"], [c["kind"] for c in a["claims"]], a["rev"]

        kill(place)
        assert ward.ask("acknowledge", id)["result"] == "ok"
        was = state()
        kill(place)
        assert ward.ask("acknowledge", "nobody")["result"] == "closed" and state() == was
        assert ward.ask("shelve", id, reason="known", **{"for": "20m"})["result"] == "ok"
        was = state()
        assert was[2] == ["acknowledge", "shelve"], was
        kill(place)
        assert ward.ask("accept", id)["result"] == "ok"
        was = state()
        assert was[:2] == ("accepted", "nurse:li"), was
        kill(place)
        assert ward.ask("release", id, by="nurse:wu")["result"] == "forbidden" and state() == was
        assert ward.ask("release", id)["result"] == "ok"
        assert state()[0] == "offered"
        events = [e["rev"] for e in ward.events() if e["id"] == id]
        assert sorted(set(events)) == list(range(1, max(events) + 1)), events


def test_an_alert_that_time_alone_raised_outlives_a_kill():
    text = PROTOCOL.replace("ladders:\n", ABSENT + "ladders:\n", 1)
    with fast_place(text) as place:
        ward, gateway = Ward(place), place.client("gw")
        gateway.publish(BED, vitals(1, COOL))
        alert = until(lambda: ward.events("raised"), what="raised, nothing being measured")[0]
        until(lambda: ward.pages("bedside-nurse"), what="the call")
        assert ward.ask("accept", alert["id"])["result"] == "ok"
        kill(place)
        assert ward.ask("note", alert["id"], reason="cable")["result"] == "ok", "another id, or closed"
        events = {(e["id"], e["rev"]): e["event"] for e in ward.events()}
        assert sorted(events) == [(alert["id"], rev) for rev in (1, 2, 3)], events
        assert not ward.pages(kind="end")


def test_new_rules_are_asked_at_once():
    with fast_place() as place:
        ward, gateway = Ward(place), place.client("gw")
        gateway.publish(BED, vitals(1, temp(38.5)))
        until(lambda: place.daemon.rows("SELECT count(*) FROM message")[0][0] == 1, what="the reading")
        with open(os.path.join(place.folder, "protocols", "fast.yaml"), "w") as file:
            file.write(PROTOCOL.replace("temp >= 39.0", "temp >= 38.3"))
        place.daemon.signal(signal.SIGHUP)
        until(lambda: ward.events("raised"), what="raised without another reading")
        until(lambda: ward.pages("bedside-nurse"), what="the call")


def test_broker_away_while_it_escalates():
    with fast_place() as place:
        ward, gateway = Ward(place), place.client("gw")
        gateway.publish(BED, vitals(1, HOT))
        until(lambda: ward.pages("bedside-nurse"), what="the first page")
        place.broker.kill()
        until(lambda: place.daemon.rows("SELECT count(*) FROM page WHERE role='rapid-response'")[0][0] >= 1,
              what="the ladder to walk on without the broker")
        place.broker.start()
        back = Ward(place, "board-2")
        until(lambda: back.pages("rapid-response"), timeout=40, what="the fallback's page after the outage")
        assert back.client.messages("/index"), "the index"


def test_a_bed_off_the_ward_is_called_at_once_when_the_time_is_over():
    with fast_place() as place:
        ward, gateway = Ward(place), place.client("gw")
        gateway.publish(BED, vitals(1, temp(37.0)))
        until(lambda: place.daemon.rows("SELECT count(*) FROM message")[0][0] == 1, what="the bed")
        assert ward.ask("pause", bed="1", reason="CT", **{"for": "61m"})["result"] == "over_cap"
        assert ward.ask("pause", bed="1", **{"for": "3s"})["result"] == "invalid"
        assert ward.ask("pause", bed="1", reason="CT", **{"for": "4s"})["result"] == "ok"
        gateway.publish(BED, vitals(2, HOT))
        until(lambda: ward.events("raised"), what="raised all the same")
        assert ward.events("raised")[0]["claims"][0]["kind"] == "pause" and not ward.pages()
        until(lambda: ward.events("claim_ended"), what="the pause to end")
        until(lambda: ward.pages("bedside-nurse"), what="the call at once")


def test_discharge_with_an_open_critical_alert_asks_for_confirmation():
    with fast_place() as place:
        ward, gateway = Ward(place), place.client("gw", "vigil/v1/gateways/#")
        episode = "vigil/v1/beds/w/1/episode"
        gateway.publish(episode, {"ts": now_ms(), "by": "adt", "do": "admit", "patient": "p-1", "product": "car_t",
                                  "age": 50, "gateway": "adt"})
        gateway.publish(BED, vitals(1, HOT))
        until(lambda: ward.events("raised"), what="raised")
        out = {"by": "adt", "do": "discharge", "patient": "p-1", "gateway": "adt"}
        gateway.publish(episode, {"ts": now_ms(), **out})
        refused = until(lambda: gateway.messages("adt/rejected"), what="the question")[0]
        assert refused["reason"] == "confirm", refused
        assert not ward.events("closed", "ended")
        gateway.publish(episode, {"ts": now_ms() + 1, **out})
        until(lambda: ward.events("ended"), what="the end")
        until(lambda: ward.pages(kind="end"), what="the end notice")


def pressures(gateway, first, value):
    """Of sixteen beds at once, numbered from `first` on."""
    for n in range(16):
        gateway.publish(f"vigil/v1/beds/w/f{n}/vitals", vitals(n + first, sbp(value)), wait=False)


def test_a_flood_of_calls_becomes_a_list_and_critical_ones_never():
    with fast_place() as place:
        ward, gateway = Ward(place), place.client("gw")
        pressures(gateway, 1, 95)
        until(lambda: len(ward.events("raised")) == 16, what="16 alerts")
        until(lambda: len(ward.pages("bedside-nurse")) == 10, what="ten calls by themselves")
        gateway.publish(BED, vitals(17, HOT))
        critical = until(lambda: [p for p in ward.pages("bedside-nurse") if p["rule"] == "HOT"], what="the critical call")
        digest = until(lambda: ward.pages("bedside-nurse", "digest"), what="the list")[0]
        assert critical and len(digest["digest"]) == 6 and {d["rule"] for d in digest["digest"]} == {"WARM"}, digest
        until(lambda: place.daemon.rows("SELECT count(*) FROM page WHERE NOT settled")[0][0] == 0, what="all settled")


def test_whoever_was_never_called_is_told_no_end():
    with fast_place() as place:
        ward, gateway = Ward(place), place.client("gw")
        pressures(gateway, 1, 95)
        until(lambda: len(ward.pages("bedside-nurse")) == 10, what="ten calls by themselves; the others wait for their list")
        called = {p["id"] for p in ward.pages("bedside-nurse")}
        pressures(gateway, 20, 120)
        until(lambda: len(ward.events("ended")) == 16, what="16 ends")
        until(lambda: place.daemon.rows("SELECT count(*) FROM page WHERE NOT settled")[0][0] == 0, what="all settled")
        assert {p["id"] for p in ward.pages("bedside-nurse", "end")} == called
        assert not ward.pages("bedside-nurse", "digest")


def test_a_display_that_was_away_misses_nothing():
    with fast_place() as place:
        ward, gateway = Ward(place), place.client("gw")
        gateway.publish(BED, vitals(1, HOT))
        alert = until(lambda: ward.events("raised"), what="raised")[0]
        seen = max(e["n"] for e in ward.events())
        ward.client.socket.close()  # away
        gateway.publish(BED.replace("/1/", "/2/"), vitals(2, sbp(95)))
        until(lambda: place.daemon.rows("SELECT count(*) FROM alert")[0][0] == 2, what="another alert")
        back = Ward(place, "board-2")
        assert back.ask("accept", alert["id"], by="nurse:wu")["result"] == "ok"
        index = until(lambda: back.client.messages("/index"), what="the index")
        until(lambda: len(back.client.messages("/index")[-1]["open"]) == 2, what="both open in the index")
        missed = back.client.messages("/index")[-1]["n"] - seen
        assert missed >= 1 and index, "the index tells a display that it missed changes"
        states = {a["id"]: a for t in back.client.messages("/index")[-1]["open"]
                  for a in back.client.messages("/alerts/" + t["id"]) if a}
        until(lambda: {i: a["rev"] for i, a in states.items()}.keys() ==
              {o["id"] for o in back.client.messages("/index")[-1]["open"]}, what="every open state, retained")


def test_malformed_commands_are_answered():
    with fast_place() as place:
        ward = Ward(place)
        topic = "vigil/v1/wards/w/commands/tab-1"
        for payload in ("{", "[]", '{"id":"a"}', '{"id":"b","by":"li","do":"accept","alert":"x"}',
                        '{"id":"c","by":"nurse:li","do":"dance","alert":"x"}'):
            ward.client.publish(topic, payload)
        until(lambda: len(ward.client.messages("/results/tab-1")) == 5, what="five answers")
        assert {r["result"] for r in ward.client.messages("/results/tab-1")} == {"invalid"}


if __name__ == "__main__":
    run([v for k, v in sorted(globals().items()) if k.startswith("test_")])
