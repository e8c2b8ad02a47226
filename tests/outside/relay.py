# SPDX-License-Identifier: Apache-2.0
"""A relay on loopback between the daemon and its broker that knows where MQTT 3.1.1 packets begin
and end. It notes every packet, and does to the links what networks and bad brokers do: cut, reset,
go deaf, lose or change single packets, refuse. Optionally it is the broker's TLS end.

Directions are the daemon's: "up" is from the daemon to the broker, "down" to the daemon."""
import collections
import socket
import ssl
import struct
import threading

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK, PINGREQ = 1, 2, 3, 4, 8, 9, 12


class Packet(collections.namedtuple("Packet", "kind flags body")):
    """body: what follows the length."""

    @property
    def qos(self):
        return self.flags >> 1 & 3

    @property
    def topic(self):
        return self.body[2:2 + struct.unpack(">H", self.body[:2])[0]].decode()

    @property
    def number(self):
        """The packet identifier of a PUBLISH with QoS, or of an acknowledgement."""
        at = 2 + struct.unpack(">H", self.body[:2])[0] if self.kind == PUBLISH else 0
        return struct.unpack(">H", self.body[at:at + 2])[0]

    @property
    def payload(self):
        return self.body[2 + len(self.topic.encode()) + (2 if self.qos else 0):]

    def bytes(self):
        size, rest = b"", len(self.body)
        while True:
            rest, digit = rest >> 7, rest & 127
            size += bytes([digit | (128 if rest else 0)])
            if not rest:
                return bytes([self.kind << 4 | self.flags]) + size + self.body


def packets(sock):
    """The packets that come, until the other side is gone."""
    def take(n):
        data = b""
        while len(data) < n:
            more = sock.recv(n - len(data))
            if not more:
                raise OSError("closed")
            data += more
        return data
    try:
        while True:
            head, size, shift = take(1)[0], 0, 0
            while True:
                digit = take(1)[0]
                size |= (digit & 127) << shift
                shift += 7
                if digit < 128:
                    break
            yield Packet(head >> 4, head & 15, take(size))
    except OSError:
        return


class Connect:
    """What a CONNECT says."""

    def __init__(self, packet):
        body = packet.body
        self.protocol, self.level, self.flags = body[2:6], body[6], body[7]
        self.keepalive, length = struct.unpack(">HH", body[8:12])
        self.client = body[12:12 + length].decode()
        self.clean, self.will = bool(self.flags & 2), bool(self.flags & 4)


class Link:
    """One connection. up, down: all packets in the order they came, also those not passed on."""

    def __init__(self, relay, near):
        self.relay, self.near, self.far = relay, near, None
        self.connect, self.up, self.down = None, [], []
        self.deaf, self.open, self.tls_error = relay.mute, True, None

    @property
    def client(self):
        return self.connect.client if self.connect else None

    def sent(self, kind, direction="up"):
        return [p for p in list(getattr(self, direction)) if p.kind == kind]

    def close(self, reset=False):
        self.open = False
        for sock in (self.near, self.far):
            if sock is None:
                continue
            try:
                if reset:
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                else:
                    sock.shutdown(socket.SHUT_RDWR)
                sock.close()
            except OSError:
                pass  # was gone

    def run(self):
        try:
            if self.relay.tls:
                self.near = self.relay.tls.wrap_socket(self.near, server_side=True)
            if self.relay.target is not None:
                self.far = socket.create_connection(("127.0.0.1", self.relay.target), 10)
                self.far.settimeout(None)
                threading.Thread(target=self._pump, args=("down",), daemon=True).start()
            self._pump("up")
        except (OSError, ssl.SSLError) as error:
            self.tls_error = str(error)
            self.close()

    def _pump(self, direction):
        source, to = (self.near, self.far) if direction == "up" else (self.far, self.near)
        for packet in packets(source):
            if packet.kind == CONNECT and packet.body[:6] == b"\0\4MQTT":  # TLS may look like a CONNECT
                self.connect = Connect(packet)
            getattr(self, direction).append(packet)
            out = None if self.deaf else self.relay.rule(self, direction, packet)
            try:
                if out is not None and to is not None:
                    to.sendall(out.bytes())
            except OSError:
                break
        if self.deaf:
            self.open = self.open and direction == "down"  # nobody hears of the end
        else:
            self.close()


class Relay:
    """target: the broker's port; None: nobody behind it, so that nothing is ever answered.

    rule(link, direction, packet): the packet to pass on, or None to lose it."""

    def __init__(self, target, tls=None):
        self.target, self.tls, self.mute, self.links = target, tls, False, []
        self.rule = self.passing
        self.listener, self.port = None, 0
        self.accept()

    @staticmethod
    def passing(_link, _direction, packet):
        return packet

    def accept(self):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(32)
        self.listener, self.port = listener, listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def _accept(self, listener):
        while True:
            try:
                near = listener.accept()[0]
            except OSError:
                return
            link = Link(self, near)
            self.links.append(link)
            threading.Thread(target=link.run, daemon=True).start()

    def refuse(self):
        """As if nobody listened any more. Links that are open stay."""
        if self.listener is not None:
            self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()
            self.listener = None

    def all(self, client=None):
        """All links so far on which a CONNECT came: of this client id, or of any."""
        return [x for x in list(self.links) if x.connect and client in (None, x.client)]

    def link(self, client):
        """The latest link of a client."""
        links = self.all(client)
        return links[-1] if links else None

    def vanish(self):
        """The other side of every open link is gone without a word; new links work."""
        for link in list(self.links):
            link.deaf = True

    def cut(self, reset=False):
        for link in list(self.links):
            link.close(reset)

    def close(self):
        self.refuse()
        self.cut()
