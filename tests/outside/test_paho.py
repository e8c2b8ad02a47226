# SPDX-License-Identifier: Apache-2.0
"""What is known of the MQTT library (paho 1.3.12) and of brokers, each provoked through a relay: what
goes wrong is noticed in time, said, and loses nothing. The number in a name is the fact's;
test_paho_process.py has 18, 31, 32 and 38 to 45.

Facts that no test from outside can provoke, and what holds instead:
  3 4 5 6   a message freed twice, manual acknowledgement, commit inside a callback: a matter of how the
            library is called; mqtt.c always frees and returns 1 (2 and 1 see the outcome)
  11 12     the library's own buffer: never switched on, so there is nothing to overflow
  21        a property of MQTT 5; 20 sees that no MQTT 5 is spoken
  22        memory for huge messages: the broker's message_size_limit; test_refusals sees too_big
  24 47     a wall clock stepped back, a data race on close: no way to step the clock of one process
            only, none to time the race; our own timers run on the boot clock
  28        a host name that resolves slowly: the resolver of the machine cannot be slowed from here
  29        fixed in the library; 23 reconnects after a long absence
  30 35 36  functions that are never called, or from one thread only: by reading mqtt.c
  33 49     latency of an idle link, memory over months: the benchmark and a soak test
  34        a callback that blocks: ours only copy and post (inbox and journal have tests of their own)
  46 48     what follows a payload in memory, malformed packets: decoders are fed exact lengths in unit tests;
            the broker is trusted and authenticated (44)
  50        a refusal that the broker answers with success cannot be told from success (3.1.1)"""
import os
import signal
import sqlite3
import subprocess
import sys
import time

from place import Client, run, temp, until, vitals
from relay import CONNACK, PUBACK, PUBLISH, SUBACK, SUBSCRIBE
from relayed import BED, INTAKE, OUTLET, Relayed, beside, committed, lose


def test_p01_what_was_acknowledged_lives_through_a_kill():
    with Relayed() as place:
        gateway = place.client("gw")
        link = place.relay.link(INTAKE)
        lock = sqlite3.connect(place.daemon.store, isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")  # the daemon cannot commit: what it took is in the journal only
        for n in range(300):
            gateway.publish(BED, vitals(0, temp(36 + n / 1000)), wait=False)
        until(lambda: len(link.sent(PUBACK)) >= 100, what="acknowledgements")
        place.daemon.signal(signal.SIGKILL)
        lock.execute("ROLLBACK")
        lock.close()
        acknowledged = len(link.sent(PUBACK))
        assert place.stored() < acknowledged
        place.relay.refuse()  # so that the broker cannot bring anything again
        place.daemon.start(wait=False)
        until(lambda: place.stored() >= acknowledged, what=f"{acknowledged} messages out of the journal")


def test_p02_every_letter_is_acknowledged_once():
    with Relayed() as place:
        gateway = place.client("gw")
        for payload in ("{bad", "", "[" * 50, vitals(0, temp(99.0)), vitals(0, temp(37.0))):
            gateway.publish(BED, payload)
        link = place.relay.link(INTAKE)
        until(lambda: len(link.sent(PUBACK)) == 5, what="five acknowledgements")
        assert [p.number for p in link.sent(PUBLISH, "down")] == [p.number for p in link.sent(PUBACK)]


def test_p07_only_qos_1():
    with Relayed() as place:
        ward, gateway = place.ward(), place.client("gw")
        gateway.publish(BED, vitals(1, temp(39.0)))
        until(lambda: ward.events() and committed(ward, "gw-1", 1), what="alert and mark")
        body = place.relay.link(INTAKE).sent(SUBSCRIBE)[0].body[2:]
        asked = 0
        while body:
            length = int.from_bytes(body[:2], "big") + 2
            assert body[length] == 1, body
            body, asked = body[length + 1:], asked + 1
        assert asked >= 7
        for link in place.relay.all():
            assert {p.qos for p in link.sent(PUBLISH) + link.sent(PUBLISH, "down")} <= {1}


def test_p08_repeats_after_a_reconnect_count_once():
    with Relayed() as place:
        ward, gateway, lost = place.ward(), place.client("gw"), []
        place.relay.rule = lose(PUBACK, "up", INTAKE, lost)
        for n in range(1, 21):
            gateway.publish(BED, vitals(n, temp(36 + n / 100)))
        until(lambda: len(lost) == 20, what="all to be taken")
        place.relay.rule = place.relay.passing
        links = len(place.relay.all(INTAKE))
        place.relay.cut()
        until(lambda: len(place.relay.all(INTAKE)) > links, what="the way in to connect again")
        place.up()
        again = until(lambda: place.relay.link(INTAKE).sent(PUBLISH, "down")[19:], what="all of them again")
        assert again[0].flags & 8, "not marked as a duplicate"
        gateway.publish(BED, vitals(21, temp(36.6)))
        until(lambda: committed(ward, "gw-1", 21), what="the mark")
        assert place.daemon.rows("SELECT count(*), count(DISTINCT seq) FROM message") == [(21, 21)]


def test_p09_retained_readings_are_set_aside_at_each_subscription():
    with Relayed() as place:
        place.client("gw").publish(BED, vitals(0, temp(39.5)), retained=True)
        until(lambda: place.stored() == 1, what="the reading, sent live")
        for _ in range(2):
            before = len(place.relay.all(INTAKE))
            place.relay.cut()
            until(lambda b=before: len(place.relay.all(INTAKE)) > b
                  and place.relay.link(INTAKE).sent(PUBACK), what="the retained one again")
        until(lambda: place.daemon.rows("SELECT count(*) FROM quarantine WHERE reason = 'retained'")[0][0] >= 1,
              what="it to be set aside")
        assert place.stored() == 1


def test_p10_a_take_over_is_named_and_no_storm():
    with Relayed() as place:
        end, rival = time.monotonic() + 40, None
        while not place.daemon.says("mqtt.taken_over"):
            assert time.monotonic() < end, "nobody says that the id is taken over"
            if rival is None or not rival.alive:
                rival = Client(place.broker.port, INTAKE)
            time.sleep(0.01)
        assert place.daemon.says("mqtt.taken_over", "another client uses the same id", "level=error")
        assert place.daemon.readyz() == 503
        assert place.daemon.says("mqtt.down", f"{INTAKE}:", "next attempt in 5000 ms")
        assert len(place.relay.all(INTAKE)) <= 7  # one attempt a second at the most, then one in five
        assert len(place.relay.all(OUTLET)) == 1, "the way out has nothing to do with it"
        until(lambda: place.daemon.readyz() == 200, what="our turn again")


def test_p13_p14_two_hundred_in_flight_and_no_stall():
    with Relayed() as place:
        gateway, ward, lost = place.client("gw"), place.ward(), []
        place.relay.rule = lose(PUBACK, "down", OUTLET, lost)
        sent = lambda: len(place.relay.link(OUTLET).sent(PUBLISH))  # noqa: E731
        before, begin = sent() - len(place.relay.link(OUTLET).sent(PUBACK, "down")), time.monotonic()
        for n in range(1, 301):
            gateway.publish(BED, vitals(1, temp(36.6), gateway=f"gw-{n}"), wait=False)
        until(lambda: len(lost) + before >= 200, 4, "a full window")
        assert len(lost) <= 200 or time.monotonic() - begin > 5, len(lost)
        place.relay.rule = place.relay.passing
        place.relay.cut()
        begin = time.monotonic()
        place.up()
        until(lambda: place.stored() == 300, what="300 stored")
        for n in range(1, 301):  # gateways repeat what no mark covers
            gateway.publish(BED, vitals(1, temp(36.6), gateway=f"gw-{n}"), wait=False)
        until(lambda: len({t for t, p, _ in list(ward.seen) if t.endswith("/committed")}) == 300,
              what="300 marks")
        assert time.monotonic() - begin < 15


def test_p15_p16_what_was_in_flight_is_sent_again():
    with Relayed() as place:
        ward, gateway, lost = place.ward(), place.client("gw"), []
        place.relay.rule = lose(PUBLISH, "up", OUTLET, lost)
        gateway.publish(BED, vitals(1, temp(39.0)))
        until(lambda: [p for p in lost if p.topic.endswith("/events")], what="the alert on its way")
        place.relay.rule = place.relay.passing
        place.relay.cut()
        raised = until(lambda: ward.events("WARM"), what="the alert")[0]
        assert raised["id"] in {p.topic.split("/")[-1] for p in lost}
        until(lambda: place.unsent() == 0, what="the outbox to empty")
        assert len({(e["id"], e["rev"]) for e in ward.events("WARM")}) == 1


def test_p16_a_broker_that_stops_acknowledging():
    with Relayed() as place:
        ward, gateway = place.ward(), place.client("gw")
        place.relay.rule = lose(PUBACK, "down", OUTLET)
        begin = time.monotonic()
        gateway.publish(BED, vitals(1, temp(39.0)))
        until(lambda: len(ward.events("WARM")) >= 2, what="it to be sent again after 5 s")
        assert place.unsent() >= 1, "settled without an acknowledgement"
        until(lambda: place.daemon.says("mqtt.down", OUTLET, "acknowledged nothing"), what="the log to say so")
        assert time.monotonic() - begin < 18
        until(lambda: place.daemon.readyz() == 503, 2, "not ready")
        place.relay.rule = place.relay.passing
        until(lambda: place.unsent() == 0, what="the outbox to empty")
        place.up()
        assert len(place.relay.all(INTAKE)) == 1, "the way in was well"
        told = {(e["id"], e["rev"], e["n"], e["event"]) for e in ward.events("WARM")}
        # Nobody is known to have been reached for 10 s, so the next step was called at once.
        assert [t[3] for t in sorted(told, key=lambda t: t[1])] == ["raised", "offered"], told


def test_p17_no_wildcard_gets_into_a_topic():
    with Relayed() as place:
        ward, gateway = place.ward(), place.client("gw")
        for bad in ("+", "#", "a/+", "a\0b", "x" * 60000, "ä"):
            gateway.publish(BED, vitals(1, temp(36.0), gateway=bad))
        gateway.publish(BED, vitals(1, temp(39.0)))
        until(lambda: ward.events("WARM"), what="the alert")
        assert len(place.relay.all()) == 2, "a link was lost"
        topics = {p.topic for p in place.relay.link(OUTLET).sent(PUBLISH)}
        assert all(len(t) <= 200 and t.isascii() and not set("+#\0 ") & set(t) for t in topics), topics


def test_p20_p25_each_connection_is_opened_alike():
    with Relayed() as place:
        # What is to come; who else is there, and what the broker retains of alerts.
        asked = lambda: all(len(link.sent(SUBSCRIBE)) == (1 if link.client == INTAKE else 2) for link in place.relay.all())  # noqa: E731
        for n in range(2, 5):
            until(asked, what="one subscription, and two")
            place.relay.cut()
            until(lambda n=n: min(len(place.relay.all(INTAKE)), len(place.relay.all(OUTLET))) >= n,
                  what="both to connect again")
            place.up()
        for link in place.relay.all():
            c = link.connect
            assert (c.protocol, c.level, c.keepalive) == (b"MQTT", 4, 5), vars(c)
            assert (c.clean, c.will) == ((False, False) if link.client == INTAKE else (True, True)), vars(c)
        until(asked, what="one subscription, and two")
        assert place.daemon.says("mqtt.up", INTAKE, "the broker kept the session")
        assert not place.daemon.says("mqtt.up", OUTLET, "the broker kept the session")


def test_p23_back_after_a_long_absence():
    with Relayed() as place:
        ward, gateway = place.ward(), place.client("gw")
        place.relay.refuse()
        place.relay.cut()
        until(lambda: place.daemon.readyz() == 503, 3, "not ready")
        until(lambda: place.daemon.says(OUTLET, "next attempt in 5000 ms"), what="the longest wait")
        for n in range(1, 51):
            gateway.publish(BED, vitals(n, temp(39.0)))
        place.relay.accept()
        begin = time.monotonic()
        until(lambda: committed(ward, "gw-1", 50) and ward.events("WARM"), what="all that waited")
        assert time.monotonic() - begin < 8
        place.up()


def test_p26_a_peer_that_vanishes_is_noticed_by_keep_alive():
    with Relayed() as place:
        ward, gateway = place.ward(), place.client("gw")
        states = lambda: [s["state"] for s in ward.messages("/status")]  # noqa: E731
        until(lambda: states()[-1:] == ["online"], what="online")
        place.relay.vanish()
        begin = time.monotonic()
        for n in range(1, 51):
            gateway.publish(BED, vitals(n, temp(36 + n / 100 if n < 50 else 39.0)), wait=False)
        until(lambda: place.daemon.readyz() == 503, 16, "not ready")
        assert time.monotonic() - begin < 16
        until(lambda: place.daemon.says("mqtt.down", INTAKE) and place.daemon.says("mqtt.down", OUTLET),
              what="both ways in the log")
        until(lambda: "offline" in states(), what="the will, told by the broker")
        until(lambda: committed(ward, "gw-1", 50) and ward.events("WARM"), what="all that came meanwhile")
        place.up()
        until(lambda: states()[-1] == "online", what="online again")
        assert place.stored() == 50


def test_p27_no_answer_to_the_connect():
    with Relayed(start=False) as place:
        place.relay.mute = True
        place.daemon.start(wait=False)
        until(lambda: len(place.relay.all()) == 2, what="two attempts")
        begin = time.monotonic()
        until(lambda: len(place.daemon.says("mqtt.down", "did not answer within 6 s")) >= 2, 9, "the deadline")
        assert time.monotonic() - begin > 4 and place.daemon.readyz() == 503
        place.relay.mute = False
        place.daemon.wait_ready()
        assert time.monotonic() - begin < 16 and place.daemon.readyz() == 200


def test_p37_a_reset_while_writing():
    with Relayed() as place:
        ward, gateway = place.ward(), place.client("gw")
        for n in range(1, 301):
            gateway.publish(BED, vitals(n, temp(36.6)), wait=False)
            if n % 100 == 0:
                place.relay.cut(reset=True)
        place.up()
        until(lambda: place.stored() == 300 and committed(ward, "gw-1", 300), what="all 300")
        assert place.daemon.process.poll() is None


def test_a_refused_subscription_is_no_connection():
    with Relayed(start=False) as place:
        def rule(_link, _direction, packet):
            if packet.kind == SUBACK:
                return packet._replace(body=packet.body[:-1] + b"\x80")  # all but the last are granted
            return packet
        place.relay.rule = rule
        beats = place.client("beats", "vigil/v1/nodes/+/heartbeat")
        place.daemon.start(wait=False)
        until(lambda: place.daemon.says("mqtt.down", INTAKE, "refuses a subscription"), what="the log to say so")
        until(lambda: len(place.relay.all(INTAKE)) >= 3, what="further attempts")
        assert place.daemon.readyz() == 503
        until(lambda: place.daemon.says("self-check", "the heartbeat is withheld: deaf"), what="the self-check of who is deaf")
        assert not beats.messages("/heartbeat")
        place.relay.rule = place.relay.passing
        place.daemon.wait_ready()
        assert place.daemon.readyz() == 200
        until(lambda: beats.messages("/heartbeat"), what="a heartbeat")


def test_a_wrong_login_is_named_and_tried_slowly():
    with Relayed(start=False) as place:
        secret = os.path.join(place.folder, "secret")
        subprocess.run(["mosquitto_passwd", "-b", "-c", os.path.join(place.folder, "users"), "vigil", "right"],
                       check=True, capture_output=True)
        text = open(place.broker.conf).read().replace(
            "allow_anonymous true", f"allow_anonymous false\npassword_file {place.folder}/users")
        open(place.broker.conf, "w").write(text)
        place.broker.kill()
        place.broker.start()
        open(secret, "w").write("wrong-secret\n")
        place.daemon.more = ("--set", "mqtt.username=vigil", "--set", f"mqtt.password_file={secret}")
        begin = time.monotonic()
        place.daemon.start(wait=False)
        until(lambda: place.daemon.says("mqtt.down", INTAKE, "not authorized", "next attempt in 5000 ms"),
              what="the log to name it")
        attempts = len(place.relay.all(INTAKE))
        assert attempts <= 1 + (time.monotonic() - begin), attempts
        assert place.daemon.readyz() == 503 and place.daemon.process.poll() is None
        assert "wrong-secret" not in place.daemon.log_text()
        place.daemon.signal(signal.SIGTERM)
        open(secret, "w").write("right\n")
        place.daemon.start()
        place.up()


def test_each_refusal_of_a_connect_has_its_words():
    words = {1: "does not speak MQTT 3.1.1", 2: "rejects the client id", 3: "unavailable",
             4: "wrong user name or password", 5: "not authorized"}
    with Relayed(start=False) as place:
        todo = list(words)

        def rule(_link, _direction, packet):
            if packet.kind == CONNACK and todo:
                return packet._replace(body=bytes([0, todo.pop(0)]))
            return packet
        place.relay.rule = rule
        place.daemon.start()
        for text in words.values():
            assert place.daemon.says("mqtt.down", text), text


SLOW = [test_p10_a_take_over_is_named_and_no_storm, test_p26_a_peer_that_vanishes_is_noticed_by_keep_alive,
        test_p16_a_broker_that_stops_acknowledging, test_p27_no_answer_to_the_connect,
        test_p23_back_after_a_long_absence,
        test_a_wrong_login_is_named_and_tried_slowly, test_each_refusal_of_a_connect_has_its_words]
REST = sorted((f for n, f in list(globals().items()) if n.startswith("test_") and f not in SLOW),
              key=lambda f: f.__name__)
run(beside([t for t in SLOW + REST if not sys.argv[1:] or t.__name__ in sys.argv[1:]], 8))
