# SPDX-License-Identifier: Apache-2.0
"""What is known of the MQTT library (paho 1.3.12) and of brokers, each provoked through a relay: what
goes wrong is noticed in time, said, and loses nothing. The number in a name is the fact's, below.

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
import concurrent.futures
import http.client
import os
import signal
import ssl
import subprocess
import sys
import time

from place import BUILD, Client, Daemon, Place, free_port, run, temp, until, vitals
from relay import CONNACK, PUBACK, PUBLISH, SUBACK, SUBSCRIBE, Relay

INTAKE, OUTLET = "vigil-vigil-1", "vigil-vigil-1-out"
BED = "vigil/v1/beds/onc-7/6/vitals"
# One rule, so that nothing here hangs on what a ward thinks of temperatures.
PROTOCOL = """protocol: links
version: "1"
products: [car_t]
title: {en: "For tests of links"}
rules:
  - id: WARM
    class: fever_infection
    severity: urgent
    when: temp >= 38.0 Cel
    clear: temp < 37.0 Cel
    ladder: urgent
    text: {en: "Temperature $temp"}
    source: "none"
ladders:
  urgent:
    hold: 10m
    steps:
      - {offer: [bedside-nurse], wait: 2m, resend: 30s}
    fallback: {offer: [charge-nurse], repeat: 60s}
"""


class WatchedDaemon(Daemon):
    """Its HTTP port is known from the start, and more settings and variables can be given."""

    def __init__(self, folder, broker, *more):
        super().__init__(folder, broker)
        self.http, self.more = free_port(), more

    def command(self, *more):
        return super().command("--set", f"http.listen=127.0.0.1:{self.http}", *self.more, *more)

    def readyz(self):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.http, timeout=5)
            connection.request("GET", "/readyz")
            return connection.getresponse().status
        except OSError:
            return None

    def says(self, *words):
        """The log lines that hold all the words."""
        return [x for x in self.log_text().splitlines() if all(w in x for w in words)]


class Listener(Client):
    """Hears also what comes after a long silence."""

    def _read(self):
        self.socket.settimeout(None)
        super()._read()


class Relayed(Place):
    """Broker, relay and daemon. Clients of the tests talk to the broker itself."""

    def __init__(self, start=True, target=True, tls=None, more=()):
        super().__init__(start=False)
        self.broker.start()
        self.relay = Relay(self.broker.port if target else None, tls)
        self.daemon = WatchedDaemon(self.folder, self.relay, *more)
        self.daemon.settings = os.path.join(self.folder, "vigild.yaml")
        os.mkdir(os.path.join(self.folder, "protocols"))
        for name, text in (("vigild.yaml", "node: vigil-1\nprotocols: protocols\n"),
                           ("protocols/links.yaml", PROTOCOL)):
            with open(os.path.join(self.folder, name), "w") as file:
                file.write(text)
        if start:
            self.daemon.start()

    def __exit__(self, kind, error, trace):
        super().__exit__(kind, error, trace)
        self.relay.close()

    def client(self, name, *filters):
        return Listener(self.broker.port, name, *filters)

    def up(self):
        until(lambda: self.daemon.readyz() == 200, 30, "ready")

    def ward(self, name="ward"):
        return self.client(name, "vigil/v1/wards/#", "vigil/v1/nodes/+/status", "vigil/v1/gateways/+/committed")

    def unsent(self):
        return self.daemon.rows("SELECT count(*) FROM outbox")[0][0]

    def stored(self):
        return self.daemon.rows("SELECT count(*) FROM message")[0][0]


def committed(client, gateway, upto):
    topic = f"/gateways/{gateway}/committed"
    return [m for m in client.messages(topic) if m["upto"] == upto]


def lose(kind, way, client, count=None):
    """A rule that loses the packets of one kind, one way, of one client."""
    def rule(link, direction, packet):
        if packet.kind == kind and direction == way and link.client == client:
            if count is not None:
                count.append(packet)
            return None
        return packet
    return rule


def test_p01_what_was_acknowledged_lives_through_a_kill():
    with Relayed() as place:
        gateway = place.client("gw")
        link = place.relay.link(INTAKE)
        for n in range(300):
            gateway.publish(BED, vitals(0, temp(36 + n / 1000)), wait=False)
        until(lambda: len(link.sent(PUBACK)) >= 100, what="acknowledgements")
        place.daemon.signal(signal.SIGKILL)
        acknowledged = len(link.sent(PUBACK))
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
        place.relay.cut()
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
        assert len({(e["id"], e["rev"], e["n"]) for e in ward.events("WARM")}) == 1


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


def test_p18_the_library_writes_no_files():
    with Relayed(start=False) as place:
        before = os.getcwd(), set(os.listdir("."))
        place.daemon.start()
        cwd = os.readlink(f"/proc/{place.daemon.process.pid}/cwd")
        place.relay.rule = lose(PUBACK, "down", OUTLET)
        place.client("gw").publish(BED, vitals(1, temp(39.0)))
        until(lambda: place.unsent(), what="something in flight")
        for descriptor in os.listdir(f"/proc/{place.daemon.process.pid}/fd"):
            path = os.readlink(f"/proc/{place.daemon.process.pid}/fd/{descriptor}")
            assert not path.startswith(place.folder) or "/v.db" in path or path == place.daemon.log, path
        assert cwd == before[0] and set(os.listdir(cwd)) - before[1] <= {"__pycache__"}


def test_p20_p25_each_connection_is_opened_alike():
    with Relayed() as place:
        for n in range(2, 5):
            place.relay.cut()
            until(lambda n=n: min(len(place.relay.all(INTAKE)), len(place.relay.all(OUTLET))) >= n,
                  what="both to connect again")
            place.up()
        for link in place.relay.all():
            c = link.connect
            assert (c.protocol, c.level, c.keepalive) == (b"MQTT", 4, 5), vars(c)
            assert (c.clean, c.will) == ((False, False) if link.client == INTAKE else (True, True)), vars(c)
            assert len(link.sent(SUBSCRIBE)) == (link.client == INTAKE)
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


def test_p31_p32_a_stop_waits_for_nobody():
    for deaf in ("vanished", "never answered"):
        with Relayed(start=False) as place:
            place.relay.mute = deaf == "never answered"
            place.daemon.start(wait=not place.relay.mute)
            until(lambda: len(place.relay.all()) == 2, what="two links")
            place.relay.vanish()
            begin = time.monotonic()
            code = place.daemon.signal(signal.SIGTERM)
            assert code == 0, (deaf, code)
            assert time.monotonic() - begin < 5, deaf


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


def test_p38_p39_p40_one_process_and_signals_only_where_they_belong():
    with Relayed() as place:
        base = f"/proc/{place.daemon.process.pid}/task"
        names = {}
        for task in os.listdir(base):
            text = open(f"{base}/{task}/status").read()
            fields = dict(x.split(":\t", 1) for x in text.splitlines() if ":\t" in x)
            blocked = int(fields["SigBlk"], 16) >> (signal.SIGTERM - 1) & 1
            names.setdefault(fields["Name"], set()).add(blocked)
            assert not open(f"{base}/{task}/children").read(), "a child inherits the links"
        paho = {n: b for n, b in names.items() if n.startswith("MQTTAsync")}
        assert len(paho) == 2 and all(b == {1} for b in paho.values()), names
        place.daemon.process.send_signal(signal.SIGHUP)
        until(lambda: place.daemon.says("protocols"), what="the reload")
        assert place.daemon.process.poll() is None


def test_p41_p42_the_environment_changes_nothing():
    trap = {"MQTT_C_CLIENT_TRACE": "ON", "MQTT_C_CLIENT_TRACE_LEVEL": "PROTOCOL",
            "http_proxy": "http://127.0.0.1:1", "https_proxy": "http://127.0.0.1:1", "no_proxy": ""}
    with Relayed(start=False) as place:
        out = open(os.path.join(place.folder, "out"), "w+")
        place.daemon.process = subprocess.Popen(place.daemon.command(), env={**os.environ, **trap}, stdout=out,
                                                stderr=open(place.daemon.log, "a"))
        place.up()
        place.client("gw").publish(BED, vitals(1, temp(37.0), patient="p-secret"))
        until(lambda: place.stored() == 1, what="the message")
        out.seek(0)
        assert out.read() == "" and "p-secret" not in place.daemon.log_text()


def test_p43_p45_our_names_and_the_right_library():
    program = os.path.join(BUILD, "vigild")
    names = subprocess.run(["nm", "-D", "--defined-only", program], capture_output=True, text=True, check=True)
    ours = [x.split()[-1] for x in names.stdout.splitlines()]
    assert not [n for n in ours if n.startswith(("Thread_", "Socket_", "MQTT", "Log", "List"))], ours
    needed = subprocess.run(["readelf", "-d", program], capture_output=True, text=True, check=True).stdout
    assert "libpaho-mqtt3as.so" in needed


def certificates(folder):
    """An authority, one it did not sign, and certificates: {name: (cert, key)}."""
    def make(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
    for ca in ("ca", "other"):
        make("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={ca}", "-days", "2",
             "-keyout", f"{ca}.key", "-out", f"{ca}.pem")
    found = {}
    for name, ca, host, days in (("good", "ca", "IP:127.0.0.1", "2"), ("of another host", "ca", "DNS:elsewhere", "2"),
                                 ("of another authority", "other", "IP:127.0.0.1", "2"),
                                 ("expired", "ca", "IP:127.0.0.1", "-1")):
        stem = name.replace(" ", "-")
        open(os.path.join(folder, "ext"), "w").write(f"subjectAltName={host}\n")
        make("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=broker", "-keyout", f"{stem}.key",
             "-out", f"{stem}.csr")
        make("x509", "-req", "-in", f"{stem}.csr", "-CA", f"{ca}.pem", "-CAkey", f"{ca}.key", "-CAcreateserial",
             "-days", days, "-extfile", "ext", "-out", f"{stem}.crt")
        found[name] = tuple(os.path.join(folder, stem + end) for end in (".crt", ".key"))
    return found


def test_p44_only_the_right_certificate_is_spoken_to():
    with Relayed(start=False) as place:
        found = certificates(place.folder)
        place.daemon.more = ("--set", f"mqtt.url=mqtts://127.0.0.1:{place.relay.port}",
                             "--set", f"mqtt.ca={place.folder}/ca.pem")

        def speak(name, newest=None):
            if name is None:
                place.relay.tls = None  # not encrypted at all
                return
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.load_cert_chain(*found[name])
            if newest:
                tls.set_ciphers("ALL:@SECLEVEL=0")
                tls.minimum_version, tls.maximum_version = ssl.TLSVersion.TLSv1, newest
            place.relay.tls = tls
        bad = [(name, None) for name in (*found, None) if name != "good"] + [("good", ssl.TLSVersion.TLSv1_1)]
        speak(*bad[0])
        place.daemon.start(wait=False)
        for case in bad:
            speak(*case)
            at = len(place.relay.links)
            until(lambda at=at: len(place.relay.links) >= at + 2, what=f"attempts: {case}")
            assert place.daemon.readyz() == 503, case
        assert place.relay.all() == [], "somebody was told who we are"
        assert place.daemon.says("mqtt.down", "certificate is refused")
        speak("good")
        place.daemon.wait_ready()
        assert place.daemon.readyz() == 200


def test_a_refused_subscription_is_no_connection():
    with Relayed(start=False) as place:
        def rule(_link, _direction, packet):
            if packet.kind == SUBACK:
                return packet._replace(body=packet.body[:-1] + b"\x80")  # all but the last are granted
            return packet
        place.relay.rule = rule
        place.daemon.start(wait=False)
        until(lambda: place.daemon.says("mqtt.down", INTAKE, "refuses a subscription"), what="the log to say so")
        until(lambda: len(place.relay.all(INTAKE)) >= 3, what="further attempts")
        assert place.daemon.readyz() == 503
        place.relay.rule = place.relay.passing
        place.daemon.wait_ready()
        assert place.daemon.readyz() == 200


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


def beside(tests, workers):
    """The tests, begun side by side now, since most of each is waiting."""
    pool = concurrent.futures.ThreadPoolExecutor(workers)

    def joined(test):
        future = pool.submit(test)

        def wait():
            future.result()
        wait.__name__ = test.__name__
        return wait
    return [joined(test) for test in tests]


SLOW = [test_p10_a_take_over_is_named_and_no_storm, test_p26_a_peer_that_vanishes_is_noticed_by_keep_alive,
        test_p16_a_broker_that_stops_acknowledging, test_p27_no_answer_to_the_connect,
        test_p44_only_the_right_certificate_is_spoken_to, test_p23_back_after_a_long_absence,
        test_a_wrong_login_is_named_and_tried_slowly, test_each_refusal_of_a_connect_has_its_words]
REST = sorted((f for n, f in list(globals().items()) if n.startswith("test_") and f not in SLOW),
              key=lambda f: f.__name__)
run(beside([t for t in SLOW + REST if not sys.argv[1:] or t.__name__ in sys.argv[1:]], 8))
