# SPDX-License-Identifier: Apache-2.0
"""Broker, relay and daemon together, for tests of what the links between them do."""
import concurrent.futures
import http.client
import os

from place import Client, Daemon, Place, free_port, until
from relay import Relay

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
