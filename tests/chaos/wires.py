# SPDX-License-Identifier: Apache-2.0
"""A relay of bytes that does to a link what bad networks do: delay, jitter, a trickle, cuts in the middle of a packet,
resets, a far end that is gone without a word. It knows nothing of MQTT (tests/outside/relay.py does)."""
import random
import socket
import struct
import threading
import time


class Wire:
    """One connection; each direction is a thread."""

    def __init__(self, wires, near):
        self.wires, self.near, self.dead = wires, near, False
        self.far = socket.create_connection(("127.0.0.1", wires.target), 10)
        for sock in (self.near, self.far):
            sock.settimeout(None)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for source, to in ((self.near, self.far), (self.far, self.near)):
            threading.Thread(target=self.pump, args=(source, to), daemon=True).start()

    def pump(self, source, to):
        try:
            while True:
                data = source.recv(4096)
                if not data:
                    break
                while self.wires.frozen:
                    time.sleep(0.01)
                if self.dead:
                    continue  # taken, and gone
                self.send(to, data)
        except OSError:
            pass
        if not self.dead:
            self.end()

    def send(self, to, data):
        w = self.wires
        while data:
            size = w.dice.randint(1, w.piece) if w.piece else len(data)
            if w.delay or w.jitter:
                time.sleep(w.delay + w.dice.random() * w.jitter)
            if w.cut_after is not None:
                w.cut_after -= min(size, len(data))
                if w.cut_after < 0:  # in the middle of whatever this is
                    w.cut_after = None
                    to.sendall(data[:size // 2])
                    self.end(reset=w.dice.random() < 0.5)
                    return
            to.sendall(data[:size])
            data = data[size:]

    def end(self, reset=False):
        for sock in (self.near, self.far):
            try:
                if reset:
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                else:
                    sock.shutdown(socket.SHUT_RDWR)
                sock.close()
            except OSError:
                pass  # was gone


class Wires:
    """delay, jitter: seconds before each piece. piece: at most so many bytes at once; 0: whole. cut_after: the link on which
    so many more bytes have passed is cut. frozen: nothing passes, nothing is lost."""

    def __init__(self, target, dice=None):
        self.target, self.dice, self.links = target, dice or random.Random(1), []
        self.calm()
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(32)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def calm(self):
        self.delay = self.jitter = 0.0
        self.piece, self.cut_after, self.frozen = 0, None, False

    def accept(self):
        while True:
            try:
                near = self.listener.accept()[0]
            except OSError:
                return
            try:
                self.links.append(Wire(self, near))
            except OSError:
                near.close()  # nobody there

    def vanish(self):
        for link in list(self.links):
            link.dead = True

    def cut(self, reset=False):
        for link in list(self.links):
            if not link.dead:
                link.end(reset)

    def close(self):
        self.listener.close()
        self.vanish()
