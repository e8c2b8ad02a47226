# SPDX-License-Identifier: Apache-2.0
"""What the tests from outside share: a real broker, the real daemon, a small MQTT 3.1.1 client,
a gateway that behaves as the message contract asks, and a reader of the store. Everything on
loopback, in a folder of its own. Tests wait for conditions, never a fixed time."""
import json
import os
import queue
import random
import select
import shutil
import signal
import socket
import sqlite3
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.append(os.path.join(ROOT, "tests/lib-python"))
from bundles import with_messages  # noqa: E402
BUILD = os.path.join(ROOT, os.environ.get("VIGIL_BUILD", os.environ.get("build", "build")))
MOSQUITTO = shutil.which("mosquitto", path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


HELD = []


def held_port():
    """A port for a server that will be killed and started again: nobody else is given it meanwhile, and the server
    may have it (both are SO_REUSEADDR, and only it listens)."""
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    HELD.append(s)
    return s.getsockname()[1]


def until(condition, timeout=20.0, what="condition"):
    """Waits until the condition is true; its value. Fails the test after `timeout` seconds."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {timeout:.0f} s for: {what}")
        time.sleep(0.01)


def now_ms():
    return int(time.time() * 1000)


class Broker:
    def __init__(self, folder):
        self.folder, self.port, self.process = folder, held_port(), None
        text = open(os.path.join(ROOT, "config", "mosquitto.conf")).read()
        user = "root" if os.getuid() == 0 else os.environ.get("USER", "nobody")
        for name, value in (("@PORT@", self.port), ("@DIR@", folder), ("@USER@", user)):
            text = text.replace(name, str(value))
        self.conf = os.path.join(folder, "mosquitto.conf")
        open(self.conf, "w").write(text)

    def start(self):
        log = open(os.path.join(self.folder, "mosquitto.log"), "a")
        self.process = subprocess.Popen([MOSQUITTO, "-c", self.conf], stdout=log, stderr=log)

        def listening():
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return True
            except OSError:
                return False
        until(listening, what="the broker to listen")
        return self

    def kill(self):
        self.process.kill()
        self.process.wait()


class Daemon:
    def __init__(self, folder, broker, settings=None):
        self.folder, self.broker, self.process = folder, broker, None
        self.store = os.path.join(folder, "v.db")
        self.settings = settings or os.path.join(ROOT, "config", "vigild.yaml")
        self.log = os.path.join(folder, "vigild.log")
        self.listen = "127.0.0.1:0"

    def command(self, *more):
        return [os.path.join(BUILD, "vigild"), "-c", self.settings,
                "--set", f"mqtt.url=mqtt://127.0.0.1:{self.broker.port}",
                "--set", f"store.path={self.store}", "--set", f"http.listen={self.listen}", *more]

    def start(self, wait=True):
        self.ready_read, write = os.pipe()
        self.process = subprocess.Popen(self.command("--ready-fd", str(write)), pass_fds=[write],
                                        stderr=open(self.log, "a"))
        os.close(write)
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self):
        line = os.read(self.ready_read, 200).decode()
        assert line.startswith("ready http=127.0.0.1:"), (line, self.log_text()[-500:])
        self.port = int(line.rsplit(":", 1)[1])
        return line

    def log_text(self):
        return open(self.log).read()

    def signal(self, number):
        self.process.send_signal(number)
        if number in (signal.SIGKILL, signal.SIGTERM):
            self.process.wait(15)
        return self.process.returncode

    def rows(self, sql, *values):
        with sqlite3.connect(f"file:{self.store}?mode=ro", uri=True, timeout=10) as db:
            if "message" in sql:
                with_messages(db, "obs" in sql)
            return db.execute(sql, values).fetchall()


class TlsSocket:
    """One thread may read while another writes, which OpenSSL alone does not allow."""

    def __init__(self, inside):
        self.inside, self.lock = inside, threading.Lock()
        self.settimeout = lambda seconds: None

    def sendall(self, data):
        with self.lock:
            self.inside.sendall(data)

    def recv(self, size):
        while True:
            if not self.inside.pending():
                select.select([self.inside], [], [])
            with self.lock:
                self.inside.settimeout(0)
                try:
                    return self.inside.recv(size)
                except ssl.SSLWantReadError:
                    pass
                finally:
                    self.inside.settimeout(10)


class Client:
    """MQTT 3.1.1 at QoS 1 over a raw socket. Received: a queue of (topic, payload, retained)."""

    def __init__(self, port, name, *filters, tls=None):
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        if tls:  # an ssl.SSLContext
            self.socket = TlsSocket(tls.wrap_socket(self.socket, server_hostname="localhost"))
        self.lock, self.acked, self.next, self.inbox = threading.Lock(), set(), 1, queue.Queue()
        self.seen, self.subscribed = [], threading.Event()
        self.alive = True
        n = name.encode()
        self._send(0x10, b"\0\4MQTT\4\2\0\0" + struct.pack(">H", len(n)) + n)
        assert self._take(4)[3] == 0
        self.socket.settimeout(None)  # hours may pass without a message
        threading.Thread(target=self._read, daemon=True).start()
        if filters:
            body = b"\0\1" + b"".join(struct.pack(">H", len(f)) + f.encode() + b"\1" for f in filters)
            self._send(0x82, body)
            assert self.subscribed.wait(10)

    def _send(self, head, body):
        size, rest = b"", len(body)
        while True:
            rest, digit = rest >> 7, rest & 127
            size += bytes([digit | (128 if rest else 0)])
            if not rest:
                break
        with self.lock:
            self.socket.sendall(bytes([head]) + size + body)

    def _take(self, n):
        data = b""
        while len(data) < n:
            more = self.socket.recv(n - len(data))
            if not more:
                raise OSError("closed")
            data += more
        return data

    def _read(self):
        try:
            while True:
                head, size, shift = self._take(1)[0], 0, 0
                while True:
                    digit = self._take(1)[0]
                    size |= (digit & 127) << shift
                    shift += 7
                    if digit < 128:
                        break
                body = self._take(size)
                if head >> 4 == 3:
                    n = struct.unpack(">H", body[:2])[0]
                    topic, at = body[2:2 + n].decode(), 2 + n
                    if head & 6:
                        self._send(0x40, body[at:at + 2])
                        at += 2
                    self.seen.append((topic, body[at:], bool(head & 1)))
                elif head >> 4 == 4:
                    self.acked.add(struct.unpack(">H", body)[0])
                elif head >> 4 == 9:
                    self.subscribed.set()
        except OSError:
            self.alive = False

    def publish(self, topic, payload, retained=False, wait=True):
        if not isinstance(payload, bytes):
            payload = (payload if isinstance(payload, str) else json.dumps(payload)).encode()
        with self.lock:
            number, self.next = self.next, self.next % 65535 + 1
            self.acked.discard(number)
        t = topic.encode()
        self._send(0x33 if retained else 0x32,
                   struct.pack(">H", len(t)) + t + struct.pack(">H", number) + payload)
        if wait:
            until(lambda: number in self.acked, what="PUBACK")

    def messages(self, end):
        """Payloads, parsed, of what came on topics that end so (empty ones as None)."""
        return [json.loads(p) if p else None for t, p, _ in list(self.seen) if t.endswith(end)]

    def events(self, rule=None):
        return [e for e in self.messages("/events") if rule in (None, e["rule"])]


def vitals(seq, *obs, gateway="gw-1", epoch="e1", ts=None, **more):
    message = {"gateway": gateway, "ts": now_ms() if ts is None else ts, "obs": list(obs), **more}
    if seq:
        message.update(epoch=epoch, seq=seq)
    return message


def temp(value, source="spot"):
    return {"code": "temp", "value": value, "unit": "Cel", "source": source}


class Place:
    """A folder, a broker, a daemon; everything ends with it."""

    def __init__(self, start=True):
        self.folder = tempfile.mkdtemp(prefix="vigil-test-")
        self.broker = Broker(self.folder)
        self.daemon = Daemon(self.folder, self.broker)
        if start:
            self.broker.start()
            self.daemon.start()

    def client(self, name, *filters):
        return Client(self.broker.port, name, *filters)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        daemon = self.daemon.process
        if os.environ.get("VIGIL_GENTLE") and daemon and daemon.poll() is None:
            daemon.send_signal(signal.SIGCONT)
            daemon.terminate()  # what is measured is written at the end
            try:
                daemon.wait(10)
            except subprocess.TimeoutExpired:
                pass
        for p in (daemon, self.broker.process):
            if p and p.poll() is None:
                p.kill()
                p.wait()
        if kind is None or issubclass(kind, Skip):
            shutil.rmtree(self.folder, ignore_errors=True)
        else:
            print(f"  kept: {self.folder}")


class Skip(Exception):
    """This machine does not let it be tested; says why."""


def alert_takes(client, bed):
    """How long it takes from a reading to its alert, in seconds: low pressure on a bed that had none. The client hears events."""
    topic = f"vigil/v1/beds/onc-7/{bed}/vitals"
    low = {"code": "sbp", "value": 80, "unit": "mm[Hg]", "source": "cuff"}
    client.publish(topic, vitals(None, low, ts=now_ms() - 400_000))
    begin = time.monotonic()
    client.publish(topic, vitals(None, low, ts=now_ms() - 60_000), wait=False)
    until(lambda: [e for e in client.events("HYPOTENSION") if e["bed"] == str(bed)], 20, "the alert")
    return time.monotonic() - begin


def run(tests):
    failed = skipped = 0
    for test in tests:
        begin = time.monotonic()
        try:
            test()
            print(f"ok {test.__name__} ({time.monotonic() - begin:.1f} s)", flush=True)
        except Skip as why:
            skipped += 1
            print(f"SKIP {test.__name__}: {why}", flush=True)
        except Exception as error:  # a test may fail in any way
            failed += 1
            print(f"not ok {test.__name__}: {type(error).__name__}: {error}", flush=True)
    print(f"{len(tests) - failed - skipped} passed, {failed} failed")
    sys.exit(1 if failed else 0)


def seed():
    value = int(os.environ.get("VIGIL_SEED", random.randrange(1 << 30)))
    print(f"seed {value}", flush=True)
    return random.Random(value)
