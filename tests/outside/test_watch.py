# SPDX-License-Identifier: Apache-2.0
"""vigil watch against a real broker: with heartbeats of this file, and with the real daemon held
and let go."""
import http.server
import json
import os
import signal
import subprocess
import threading
import time

from place import BUILD, Place, now_ms, run, until

VIGIL = os.path.join(BUILD, "vigil")
HASH = "ab" * 32
PAGES, ALERTS = "/pages/bedside-nurse", "vigil/v1/wards/+/alerts/+"


class Watch:
    def __init__(self, place, *more, node="n-1", ward="w-1"):
        self.out, self.err = (os.path.join(place.folder, f"watch.{end}") for end in ("out", "err"))
        url = f"mqtt.url=mqtt://127.0.0.1:{place.broker.port}"
        words = [VIGIL, "watch", "--set", url, "--node", node, "--ward", ward, *more]
        self.process = subprocess.Popen(words, stdout=open(self.out, "a"), stderr=open(self.err, "a"))
        self.place = place

    def said(self):
        return open(self.out).read()

    def ready(self):
        until(lambda: "is there" in open(self.err).read(), what="the watcher to listen")
        return self

    def end(self):
        self.process.terminate()
        return self.process.wait(10)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Heart:
    """Beats every 0.2 s until it is stopped."""

    def __init__(self, client, epoch="19a", frozen=False, **more):
        self.client, self.epoch, self.frozen, self.more = client, epoch, frozen, more
        self.counter, self.stopping = 0, threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        at = now_ms()
        while True:
            self.counter += not self.frozen
            at = at if self.frozen else now_ms()
            stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at // 1000)) + f".{at % 1000:03d}Z"
            self.client.publish("vigil/v1/nodes/n-1/heartbeat", {
                "epoch": self.epoch, "ts": stamp, "counter": self.counter,
                "audit": {"count": 7, "hash": HASH}, "self_check": "ok", **self.more})
            if self.stopping.wait(0.2):
                return

    def stop(self):
        self.stopping.set()
        self.thread.join(10)


class Quiet(Place):
    """Only the broker, and a client that hears everything of the wards."""

    def __init__(self):
        super().__init__(start=False)
        self.broker.start()
        self.ear = self.client("ear", "vigil/v1/wards/#")
        self.heart_client = self.client("heart")

    def pages(self, kind):
        return [p for p in self.ear.messages(PAGES) if p["kind"] == kind]

    def states(self, alert):
        return self.ear.messages("/alerts/" + alert)


def lost(place, what="a page"):
    return until(lambda: place.pages("call"), what=what)[-1]


def test_silence_is_paged_and_its_end_told():
    with Quiet() as place, Watch(place, "--after", "2s", "--again", "2s").ready() as watch:
        heart = Heart(place.heart_client)
        until(lambda: heart.counter >= 15, what="three seconds of heartbeats")
        assert not place.pages("call"), "paged while it was heard"
        heart.stop()
        begin = time.monotonic()
        page = lost(place)
        assert 1.5 < time.monotonic() - begin < 4
        expected = {"rule": "MONITORING_LOST", "class": "technical", "severity": "critical", "condition": "active",
                    "ward": "w-1", "bed": None, "patient": None, "event": "raised", "role": "bedside-nurse",
                    "kind": "call", "answers": [], "respond_by": None, "step": 0, "rev": 1,
                    "text": "vigil has not been heard of for 2 s: watch the patients yourselves."}
        assert {k: page[k] for k in expected} == expected, page
        assert "never a diagnosis" in page["disclaimer"]
        until(lambda: place.ear.messages("/pages/charge-nurse"), what="the charge nurse's page")
        retained = place.client("late", ALERTS)
        state = until(lambda: retained.messages("/alerts/" + page["id"]), what="the retained state")[0]
        assert state["condition"] == "active"
        again = until(lambda: [p for p in place.pages("call") if p["page"] != page["page"]], what="again")[0]
        assert again["id"] == page["id"] and again["event"] == "repeated" and again["rev"] == 2
        assert "for 4 s" in again["text"]
        heart = Heart(place.heart_client, epoch="19b")
        end = until(lambda: place.pages("end"), what="the end")[0]
        assert end["id"] == page["id"] and end["condition"] == "ended" and end["answers"] == []
        until(lambda: place.states(page["id"])[-1] is None, what="the state to be emptied")
        assert place.states(page["id"])[-2]["event"] == "ended"
        heart.stop()
        until(lambda: lost(place)["id"] != page["id"], what="another loss to be another alert")
        assert watch.end() == 0
        assert " n-1 lost: " in watch.said() and " n-1 back: " in watch.said()


def test_what_does_not_move_is_no_life():
    with Quiet() as place, Watch(place, "--after", "2s").ready() as watch:
        heart = Heart(place.heart_client, epoch="19f", frozen=True)
        assert "is stuck" in lost(place)["text"]
        heart.stop()
        old = Heart(place.heart_client, epoch="19a", self_check="store")
        until(lambda: "says that it is not well" in watch.said(), what="unwell heartbeats to be seen")
        old.stop()
        assert not place.pages("end")
        heart = Heart(place.heart_client, epoch="19f")
        heart.counter = 100
        until(lambda: place.pages("end"), what="the end")
        heart.stop()


def test_retained_and_malformed_heartbeats_are_no_life():
    with Quiet() as place:
        place.heart_client.publish("vigil/v1/nodes/n-1/heartbeat", {"counter": 5, "self_check": "ok"}, retained=True)
        with Watch(place, "--after", "2s").ready() as watch:
            place.heart_client.publish("vigil/v1/nodes/n-1/heartbeat", b"{nonsense")
            lost(place)
            assert "not understood" in watch.said()


def test_a_stop_in_good_order_is_called_that():
    with Quiet() as place, Watch(place, "--after", "2s").ready():
        heart = Heart(place.heart_client)
        until(lambda: heart.counter >= 3)
        heart.stop()
        for state in ("draining", "offline"):
            place.heart_client.publish("vigil/v1/nodes/n-1/status", {"state": state, "epoch": "19a"}, retained=True)
        assert "was stopped" in lost(place)["text"]
    with Quiet() as place:
        place.heart_client.publish("vigil/v1/nodes/n-1/status", {"state": "offline", "epoch": "19a"}, retained=True)
        with Watch(place, "--after", "2s"):
            assert "was stopped" in lost(place)["text"]


def test_a_will_is_called_that():
    with Quiet() as place, Watch(place, "--after", "2s").ready():
        heart = Heart(place.heart_client)
        until(lambda: heart.counter >= 3)
        heart.stop()
        place.heart_client.publish("vigil/v1/nodes/n-1/status", {"state": "offline", "epoch": "19a"}, retained=True)
        assert "broke off" in lost(place)["text"]


def test_two_watchers_raise_one_alert_and_a_new_one_ends_it():
    with Quiet() as place, Watch(place, "--after", "2s").ready() as one, Watch(place, "--after", "2s").ready() as two:
        until(lambda: open(two.err).read().count("is there") == 2, what="both")
        heart = Heart(place.heart_client)
        until(lambda: heart.counter >= 5)
        heart.stop()
        until(lambda: len(place.pages("call")) == 2, what="both pages")
        first, second = place.pages("call")
        assert first["page"] == second["page"] and first["id"] == second["id"], "two pages of one loss"
        until(lambda: place.states(first["id"]), what="the state")
        for watch in (one, two):
            assert watch.end() == 0
        with Watch(place, "--after", "5s"):
            until(lambda: "was lost" in one.said(), what="the alert to be found")
            heart = Heart(place.heart_client, epoch="19b")
            until(lambda: place.pages("end"), what="the end")
            until(lambda: place.states(first["id"])[-1] is None, what="the state to be emptied")
            heart.stop()


def test_a_broker_that_was_away_calls_nobody_if_vigil_is_there():
    with Quiet() as place, Watch(place, "--after", "3s").ready() as watch:
        heart = Heart(place.heart_client)
        until(lambda: heart.counter >= 3)
        heart.stop()
        place.broker.kill()
        until(lambda: "broker cannot be reached" in watch.said(), what="the loss to be seen")
        place.broker.start()
        place.ear = place.client("ear-2", "vigil/v1/wards/#")
        heart = Heart(place.client("heart-2"))
        heart.counter = 100
        until(lambda: " back: " in watch.said(), what="back")
        heart.stop()
        until(lambda: place.pages("end"), what="the end")
        assert not place.pages("call")
        until(lambda: place.pages("call"), what="the page of a real silence")
        assert watch.process.poll() is None


def test_other_channels_carry_it_without_the_broker():
    posts = []

    class Hook(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            posts.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with Place(start=False) as place:  # no broker at all
        settings = os.path.join(place.folder, "watch.yaml")
        open(settings, "w").write(f"""node: n-1
wards:
  - {{id: w-1, protocol: car-t}}
channels:
  - {{name: hook, kind: webhook, url: "http://127.0.0.1:{server.server_address[1]}/"}}
routes:
  - {{ward: w-1, role: charge-nurse, to: ["mqtt:charge-nurse", hook]}}
""")
        with Watch(place, "-c", settings, "--set", f"mqtt.url=mqtt://127.0.0.1:{place.broker.port}",
                   "--after", "1s") as watch:
            until(lambda: posts or watch.process.poll() is not None, what="a post")
            assert posts, open(watch.err).read()
            assert "MONITORING_LOST" in json.dumps(posts[0])
    server.shutdown()


def test_once_and_wrong_usage():
    with Quiet() as place:
        with Watch(place, "--once", "--after", "1s") as watch:
            assert watch.process.wait(10) == 1
        heart = Heart(place.heart_client)
        with Watch(place, "--once", "--after", "10s") as watch:
            assert watch.process.wait(20) == 0
        heart.stop()
        assert not place.ear.messages(PAGES)
        for words in (["--after", "0s"], ["--page", "A B"], ["--nonsense"], ["--node", "a/b"]):
            with Watch(place, *words) as watch:
                assert watch.process.wait(10) == 2, words


def test_heads_are_kept():
    with Quiet() as place:
        heads = os.path.join(place.folder, "heads")
        with Watch(place, "--heads", heads).ready():
            heart = Heart(place.heart_client)
            until(lambda: os.path.exists(heads) and open(heads).read().endswith("\n"), what="a line")
            until(lambda: heart.counter >= 10)
            heart.stop()
            lines = open(heads).read().splitlines()
            assert len(lines) == 1 and lines[0].split()[1:] == ["7", HASH, "n-1"], lines


def test_the_real_daemon_held_and_let_go():
    with Place() as place:
        ear = place.client("ear", "vigil/v1/wards/#", "vigil/v1/nodes/+/heartbeat")
        until(lambda: ear.messages("/heartbeat"), what="a heartbeat")
        with Watch(place, node="vigil-1", ward="onc-7").ready() as watch:  # 15 s, as it is started
            count = len(ear.messages("/heartbeat"))
            until(lambda: len(ear.messages("/heartbeat")) >= count + 2, what="two heartbeats")
            assert " lost" not in watch.said()
            place.daemon.signal(signal.SIGSTOP)
            begin = time.monotonic()
            page = until(lambda: [p for p in ear.messages(PAGES) if p["rule"] == "MONITORING_LOST"], what="page")[0]
            assert 9 < time.monotonic() - begin < 15.7, "15 s behind the last heartbeat, of which there is one in 5 s"
            place.daemon.signal(signal.SIGCONT)
            until(lambda: [p for p in ear.messages(PAGES) if p["kind"] == "end" and p["id"] == page["id"]], what="end")


if __name__ == "__main__":
    run([test for name, test in list(globals().items()) if name.startswith("test_")])
