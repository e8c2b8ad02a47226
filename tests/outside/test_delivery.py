# SPDX-License-Identifier: Apache-2.0
"""Pages find another way: no receipt, no broker, nobody there. And what the store knows of it."""
import http.server
import json
import os
import threading
import time

from place import Place, free_port, run, temp, until, vitals
from test_ladders import BED, HOT, PROTOCOL, Ward

LONG = PROTOCOL.replace("wait: 2s, resend: 1s", "wait: 60s, resend: 20s").replace("wait: 2s", "wait: 60s")


class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.pages.append(json.loads(body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def hooked_place():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    server.pages = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    place = Place(start=False)
    os.mkdir(os.path.join(place.folder, "protocols"))
    with open(os.path.join(place.folder, "protocols", "fast.yaml"), "w") as f:
        f.write(LONG)
    place.daemon.settings = os.path.join(place.folder, "vigild.yaml")
    with open(place.daemon.settings, "w") as f:
        f.write("node: test\nprotocols: protocols\nwards:\n  - {id: w, protocol: fast}\nchannels:\n"
                f"  - {{name: pager, kind: webhook, url: \"http://127.0.0.1:{server.server_port}/\"}}\n"
                "routes:\n  - {ward: w, role: bedside-nurse, to: [\"mqtt:bedside-nurse\", pager]}\n")
    place.broker.start()
    place.daemon.start()
    return place, server


def evidence(place, page):
    return [tuple(r) for r in place.daemon.rows("SELECT channel, way FROM delivery WHERE page=? ORDER BY rowid", page)]


def test_a_receipt_is_of_a_page():
    """Also of one from before a restart; of what was no page, or another ward's, it is refused and leaves no evidence."""
    place, _ = hooked_place()
    with place:
        ward, gateway = Ward(place), place.client("gw")
        gateway.publish(BED, vitals(1, HOT))
        page = until(lambda: ward.pages("bedside-nurse"), what="the page")[0]["page"]
        until(lambda: evidence(place, page), what="that it went out")
        place.daemon.signal(9)
        place.daemon.start()
        ward = Ward(place)
        say = lambda **more: ward.ask("received", by="bedside-nurse:li", client="bedside-nurse", **more)  # noqa: E731
        for wrong in ("01ABC", page[:-1], page[::-1]):
            answer = say(page=wrong)
            assert answer["result"] == "invalid" and answer["detail"] == "no page of this ward has this id", answer
            assert evidence(place, wrong) == []
        assert say(page=page)["result"] == "ok"
        until(lambda: ("bedside-nurse", "received") in evidence(place, page), what="the receipt as evidence")


def test_no_receipt_from_one_who_sends_them_goes_another_way_with_the_same_id():
    place, hook = hooked_place()
    with place:
        ward, gateway = Ward(place), place.client("gw")
        gateway.publish(BED, vitals(1, HOT))
        first = until(lambda: ward.pages("bedside-nurse"), what="the first page")[0]
        ward.ask("received", page=first["page"], by="bedside-nurse:li", client="bedside-nurse")
        until(lambda: ("bedside-nurse", "received") in evidence(place, first["page"]), what="the receipt as evidence")
        assert not hook.pages
        gateway.publish(BED.replace("/1/", "/2/"), vitals(2, HOT))
        second = until(lambda: [p for p in ward.pages("bedside-nurse") if p["bed"] == "2"], what="the second page")[0]
        by_hook = until(lambda: hook.pages, timeout=30, what="the other way")[0]
        assert by_hook["page"] == second["page"] and "patient" not in by_hook and "text" not in by_hook, by_hook
        until(lambda: ("pager", "sent") in evidence(place, second["page"]), what="its evidence")


def test_without_a_broker_the_other_way_is_taken_and_who_has_none_is_passed_over():
    place, hook = hooked_place()
    with place:
        gateway = place.client("gw")
        gateway.publish(BED, vitals(1, {"code": "sbp", "value": 120, "unit": "mm[Hg]", "source": "cuff"}))
        until(lambda: place.daemon.rows("SELECT count(*) FROM message")[0][0] == 1, what="the bed")
        gateway.publish(BED, vitals(2, HOT))
        until(lambda: place.daemon.rows("SELECT count(*) FROM alert")[0][0] == 1, what="the alert")
        place.broker.kill()
        # The step of 60 s: its role was reached. The next has MQTT only: nobody waits out a deadline nobody can meet.
        until(lambda: place.daemon.rows("SELECT count(*) FROM page WHERE role='on-call-physician'")[0][0] == 1,
              timeout=75, what="the second step")
        until(lambda: place.daemon.rows("SELECT count(*) FROM page WHERE role='rapid-response'")[0][0] >= 1,
              timeout=30, what="the fallback at once, since no way leads to the second step")
        place.broker.start()
        ward = Ward(place)
        until(lambda: ward.pages("rapid-response"), timeout=30, what="the fallback's page")
        until(lambda: [e for e in ward.client.events("PAGE_UNDELIVERABLE") if e["event"] == "ended"], timeout=30,
              what="PAGE_UNDELIVERABLE, and its end")


def test_a_ward_of_more_open_alerts_than_an_index_holds():
    """Longer than the broker takes, the index would end the connection again and again, and no alert would get out."""
    place, _ = hooked_place()
    with place:
        ward, gateway, beds = Ward(place), place.client("gw"), 1600
        for n in range(1, beds + 1):
            gateway.publish(BED.replace("/1/", f"/{n}/"), vitals(n, HOT), wait=False)
        told = lambda: {e["bed"] for e in ward.client.events() if e["event"] == "raised"}  # noqa: E731
        until(lambda: len(told()) == beds, timeout=60, what="an alert of each bed")
        last = until(lambda: [m for m in place.client("display", "vigil/v1/wards/w/index").messages("/index") if m.get("more")],
                     timeout=30, what="an index that says there are more")[-1]
        assert len(json.dumps(last, separators=(",", ":"))) <= 64100 and 1000 < len(last["open"]) < beds, len(last["open"])
        text = open(os.path.join(place.folder, "vigild.log")).read()
        assert "the connection was lost" not in text, text[-1000:]


def test_a_last_resort_that_cannot_be_reached_stops_the_heartbeat():
    """Whoever watches from elsewhere calls people then."""
    with Place(start=False) as place:
        os.mkdir(os.path.join(place.folder, "protocols"))
        place.daemon.settings = os.path.join(place.folder, "vigild.yaml")
        for name, text in (("protocols/fast.yaml", PROTOCOL.replace("hold: 4s", "hold: 10m")), ("vigild.yaml", "node: test\nprotocols: protocols\nwards:\n  - {id: w, protocol: fast}\n"
                           f"channels:\n  - {{name: pager, kind: webhook, url: \"http://127.0.0.1:{free_port()}/\"}}\n"
                           "routes:\n  - {ward: w, role: rapid-response, to: [pager]}\n  - {ward: w, role: charge-nurse, to: [pager]}\n")):
            with open(os.path.join(place.folder, name), "w") as f:
                f.write(text)
        place.broker.start()
        place.daemon.start()
        ward, gateway, beats = Ward(place), place.client("gw"), place.client("beats", "vigil/v1/nodes/+/heartbeat")
        until(lambda: beats.messages("/heartbeat"), what="a heartbeat")
        gateway.publish(BED, vitals(1, HOT))
        alert = until(lambda: ward.events("raised"), what="raised")[0]
        until(lambda: "the heartbeat is withheld: the last resort" in place.daemon.log_text(), 60, "that it is withheld")
        count, begin = len(beats.messages("/heartbeat")), time.monotonic()
        until(lambda: time.monotonic() - begin > 6, what="more than the time between two")
        assert len(beats.messages("/heartbeat")) == count
        assert ward.ask("accept", alert["id"], by="charge-nurse:wu")["result"] in ("ok", "stale_view")
        until(lambda: len(beats.messages("/heartbeat")) > count, what="a heartbeat: it is taken")


def states(client):
    """The retained states of open alerts that a newcomer is given, by id: their revision."""
    return {t.rsplit("/", 1)[1]: json.loads(p)["rev"] for t, p, retained in list(client.seen) if "/alerts/" in t and p and retained}


def test_a_broker_that_lost_what_it_held_gets_the_open_alerts_again():
    broker_forgets(gateways=0)


def test_and_among_the_marks_of_more_gateways_than_are_sent_at_once():
    """The marks go first, and fill the window of 200."""
    broker_forgets(gateways=260)


def broker_forgets(gateways):
    place, _ = hooked_place()
    with place:
        sender = place.client("gw")
        for n in range(gateways):
            sender.publish(BED.replace("/1/", "/2/"), vitals(1, temp(36.6), gateway=f"far-{n}"))
        sender.publish(BED, vitals(1, HOT))
        until(lambda: place.daemon.rows("SELECT count(*) FROM alert")[0][0] == 1, what="the alert")
        before = place.client("first", "vigil/v1/wards/w/alerts/#")
        until(lambda: states(before) or before.messages("/alerts/" + place.daemon.rows("SELECT id FROM alert")[0][0]), what="its state")
        place.broker.kill()
        for name in [name for name in os.listdir(place.folder) if name == "broker.db"]:
            os.unlink(os.path.join(place.folder, name))
        place.broker.start()

        def told_a_newcomer():
            newcomer = place.client(f"newcomer-{len(newcomers)}", "vigil/v1/wards/w/alerts/#")
            newcomers.append(newcomer)
            try:
                return until(lambda: states(newcomer), timeout=1, what="a state")
            except AssertionError:
                return None
        newcomers = []
        alert, revision = place.daemon.rows("SELECT id, max(rev) FROM alert GROUP BY id")[0]
        told = until(told_a_newcomer, timeout=30, what="the retained state of the open alert")
        assert set(told) == {alert} and told[alert] >= revision, (told, alert, revision)


if __name__ == "__main__":
    run([v for k, v in sorted(globals().items()) if k.startswith("test_")])
