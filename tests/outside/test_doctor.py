# SPDX-License-Identifier: Apache-2.0
"""`vigil doctor`: all is well on a sound set-up, and each thing that is broken on purpose is found, is the only bad
one, and comes with its mend."""
import json
import os
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import tempfile
import threading
import time

from place import BUILD, MOSQUITTO, ROOT, Broker, Client, Daemon, Place, Skip, free_port, now_ms, run, seed, temp, until, vitals

HOME = os.path.join(ROOT, "contrib", "mosquitto")


class Site(Place):
    """A settings file of its own, so that each line can be broken."""

    def __init__(self, start=True, broker=True):
        self.folder = tempfile.mkdtemp(prefix="vigil-test-")
        os.chmod(self.folder, 0o755)
        self.broker = Broker(self.folder)
        self.protocols = os.path.join(self.folder, "protocols")
        shutil.copytree(os.path.join(ROOT, "config", "protocols"), self.protocols)
        self.settings = os.path.join(self.folder, "vigild.yaml")
        self.http = free_port()
        self.values = {"node": "vigil-1", "protocols": "protocols"}
        self.mqtt = {"url": f"mqtt://127.0.0.1:{self.broker.port}"}
        self.wards, self.channels = [("onc-7", "car-t")], []
        self.write()
        self.daemon = Daemon(self.folder, self.broker, self.settings)
        self.daemon.store = os.path.join(self.folder, "vigil.db")
        self.daemon.command = lambda *more: [os.path.join(BUILD, "vigild"), "-c", self.settings, *more]
        if broker:
            self.broker.start()
        if start:
            self.daemon.start()

    def file(self, name, text="", mode=0o600):
        path = os.path.join(self.folder, name)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, mode)
        return path

    def write(self, more=""):
        lines = [f"{k}: {v}" for k, v in self.values.items()]
        lines += ["mqtt:"] + [f"  {k}: \"{v}\"" for k, v in self.mqtt.items()]
        lines += ["store: {path: vigil.db}", f"http: {{listen: \"127.0.0.1:{self.http}\"}}"]
        lines += ["wards:"] + [f"  - {{id: {w}, protocol: {p}}}" for w, p in self.wards]
        if self.channels:
            lines += ["channels:"] + [f"  - {{{c}}}" for c in self.channels]
        self.file("vigild.yaml", "\n".join(lines) + "\n" + more, 0o644)

    def doctor(self, *words, within="2s"):
        done = subprocess.run([os.path.join(BUILD, "vigil"), "doctor", "-c", self.settings, "--json", "--within", within,
                               *words], capture_output=True, text=True, timeout=60)
        assert not done.stderr, done.stderr
        found = json.loads(done.stdout)
        found["exit"] = done.returncode
        for one in found["findings"]:
            assert (one["mend"] is None) == (one["grade"] == "ok"), one
            assert one["text"].endswith(".") or one["check"] in ("settings", "protocols"), one
        return found


def of(found, grade):
    return [(f["check"], f["text"]) for f in found["findings"] if f["grade"] == grade]


def broken(found, check, part, grade="bad", others=("daemon",)):
    """That is found, and nothing else is bad but what follows from it (2 s are too short for most heartbeats)."""
    assert any(c == check and part in t for c, t in of(found, grade)), (check, part, found["findings"])
    rest = [(c, t) for c, t in of(found, "bad") if c not in (check, *others)]
    assert not rest, rest
    assert found["exit"] == (1 if of(found, "bad") else 0), found["exit"]


def test_a_sound_place_is_well():
    with Site() as site:
        found = site.doctor(within="12s")
        assert found["exit"] == 0 and not of(found, "bad"), found
        # What this machine is like is no fault of the set-up: its clock, its disk, who runs this test. No channels is a warning.
        assert {c for c, _ in of(found, "warn")} <= {"clock", "store", "channels", "daemon"}, found
        assert all("It does" not in t and "It is" not in t for c, t in of(found, "warn") if c == "daemon"), found
        checks = [f["check"] for f in found["findings"]]
        for check in ("settings", "protocols", "secrets", "store", "journal", "alerts", "clock", "http", "broker", "daemon"):
            assert check in checks, (check, checks)
        text = subprocess.run([os.path.join(BUILD, "vigil"), "doctor", "-c", site.settings], capture_output=True, text=True,
                              timeout=60)
        assert text.returncode == 0 and "It is alive" in text.stdout and "0 bad\n" in text.stdout, text.stdout
        assert "  -> " in text.stdout, "the mend of the warnings"


def test_settings():
    with Site(start=False, broker=False) as site:
        site.write("colour: blue\nlog: {level: loud}\n")
        found = site.doctor()
        broken(found, "settings", 'unknown setting "colour"')
        broken(found, "settings", "log.level must be")
        assert len(found["findings"]) == 2, "the rest would be about other settings"
        os.remove(site.settings)
        broken(site.doctor(), "settings", "cannot be read")
        usage = subprocess.run([os.path.join(BUILD, "vigil"), "doctor", "--fast"], capture_output=True, text=True)
        assert usage.returncode == 2 and usage.stderr.startswith("usage: vigil doctor"), usage


def test_protocols_and_wards():
    with Site() as site:
        site.wards.append(("onc-8", "nothing"))
        site.write()
        broken(site.doctor(), "protocols", "Ward onc-8 has no protocol")
        site.wards.pop()
        site.write()
        path = os.path.join(site.protocols, "car-t.yaml")
        text = open(path).read()
        open(path, "w").write(text + "\n# another version\n")
        found = site.doctor(within="12s")
        broken(found, "daemon", 'does not run the protocol "car-t" as it is on disk', "warn")
        open(path, "w").write(text.replace("rules:", "rulez:", 1))
        broken(site.doctor(), "protocols", "car-t.yaml:")
        open(path, "w").write(text)
        os.chmod(site.protocols, 0o777)
        broken(site.doctor(), "protocols", "Everybody on this machine may change")


def test_settings_that_were_changed_after_the_start():
    """A reload does not take them: whoever lists a ward and reloads must not believe that it is watched so."""
    with Site() as site:
        assert not any("other settings" in t for _, t in of(site.doctor(within="12s"), "warn"))
        site.wards.append(("onc-8", "car-nk"))
        site.write()
        site.daemon.process.send_signal(signal.SIGHUP)
        until(lambda: "event=settings.changed" in site.daemon.log_text(), what="the log to say that they are not taken")
        broken(site.doctor(within="12s"), "daemon", "It was started with other settings", "warn")
        site.daemon.signal(signal.SIGTERM)
        site.daemon.start()
        assert not any("other settings" in t for _, t in of(site.doctor(within="12s"), "warn"))


def test_secrets_and_certificates():
    with Site(start=False, broker=False) as site:
        certs = os.path.join(site.folder, "certs")
        for words, days in ((["ca"], "3650"), (["client", "long"], "398"), (["client", "short"], "12")):
            subprocess.run([os.path.join(HOME, "make-certs"), certs, *words], check=True, env={**os.environ, "DAYS": days})
        other = ("http", "broker", "daemon")
        site.mqtt = {"url": f"mqtts://localhost:{site.broker.port}", "ca": "certs/ca.crt", "cert": "certs/long.crt",
                     "key": "certs/long.key", "username": "vigil", "password_file": "secret"}
        site.write()
        site.file("secret", "open sesame\n", 0o644)
        broken(site.doctor(within="1s"), "secrets", "is open to everybody", others=other)
        os.chmod(os.path.join(site.folder, "secret"), 0o660)
        broken(site.doctor(within="1s"), "secrets", "can be changed by its group", "warn", others=other)
        os.chmod(os.path.join(site.folder, "secret"), 0o640)
        os.chmod(os.path.join(certs, "long.key"), 0o644)
        broken(site.doctor(within="1s"), "secrets", "mqtt.key", others=other)
        site.mqtt.update(cert="certs/short.crt", key="certs/short.key")
        site.write()
        found = site.doctor(within="1s")
        broken(found, "certificates", "lasts 1", "warn", others=other)
        assert any(c == "secrets" for c, _ in of(found, "ok")), found
        site.file("certs/short.crt", "no certificate\n")
        broken(site.doctor(within="1s"), "certificates", "no certificate that can be read", others=other)
        os.remove(os.path.join(site.folder, "secret"))
        broken(site.doctor(within="1s"), "settings", "mqtt.password_file", others=("certificates", *other))


def test_the_store():
    with Site() as site:
        gateway = site.client("gw-1", "vigil/v1/gateways/gw-1/committed")
        for seq in range(1, 400):
            gateway.publish("vigil/v1/beds/onc-7/1/vitals", vitals(seq, temp(37.0), ts=now_ms() - 1000 * seq), wait=False)
        until(lambda: any(m["upto"] == 399 for m in gateway.messages("/committed")), what="the mark")
        gateway.publish("vigil/v1/beds/onc-7/1/vitals", "{")
        for n in range(40):  # each another one: the same without a number counts once
            gateway.publish("vigil/v1/beds/onc-7/1/vitals", vitals(0, {"code": "nonsense", "value": n}))
        until(lambda: site.daemon.rows("SELECT count(*) FROM quarantine")[0][0] >= 41, what="the refused ones")
        broken(site.doctor(), "store", 'Beside 399 messages that could be used there are 41 refusals, most of them for "code_unknown"', "warn")
        os.chmod(site.daemon.store, 0o644)
        broken(site.doctor(), "store", "open to everybody")
        os.chmod(site.daemon.store, 0o600)
        if os.getuid() == 0:
            os.chown(site.daemon.store + ".inbox-0", 12345, -1)
            broken(site.doctor(), "store", "belongs to user 12345")
            os.chown(site.daemon.store + ".inbox-0", 0, -1)
            os.chown(site.folder, 12345, -1)  # started once as root: it is the store that is not its user's
            broken(site.doctor(), "store", f"{site.daemon.store} belongs to user 0")
            os.chown(site.folder, 0, -1)
        site.daemon.signal(signal.SIGTERM)
        other = ("daemon",)
        with open(site.daemon.store + ".inbox-1", "r+b") as file:
            file.write(b"something else")
        broken(site.doctor(), "journal", "is no journal of vigil", others=other)
        with open(site.daemon.store + ".inbox-1", "r+b") as file:
            file.write(b"VGJ1")  # of a version before: it is read still
        assert "journal" not in {c for c, _ in of(site.doctor(), "bad")}
        os.rename(site.daemon.store + ".inbox-1", site.daemon.store + ".inbox-63")  # the last of them
        os.chmod(site.daemon.store + ".inbox-63", 0o644)
        broken(site.doctor(), "store", "inbox-63 holds what patients' monitors said", others=other)
        os.remove(site.daemon.store + ".inbox-63")
        with sqlite3.connect(site.daemon.store) as db:
            page = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'quarantine'").fetchone()[0]
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            size = db.execute("PRAGMA page_size").fetchone()[0]
        with open(site.daemon.store, "r+b") as file:
            file.seek((page - 1) * size + 8)
            file.write(seed().randbytes(size - 8))
        broken(site.doctor(), "store", "damaged", others=other)
        with open(site.daemon.store, "wb") as file:
            file.write(b"no database at all" * 1000)
        broken(site.doctor(), "store", "cannot be opened", others=other)


def test_a_store_of_another_version():
    """Nothing is damaged: whoever is told to put a backup back would lose what came since."""
    with Site(start=False) as site:
        site.daemon.start()
        site.daemon.signal(signal.SIGTERM)
        known = site.daemon.rows("PRAGMA user_version")[0][0]
        with sqlite3.connect(site.daemon.store) as db:
            db.execute(f"PRAGMA user_version={known + 1}")
        found = site.doctor()
        broken(found, "store", "it was written by a newer vigil")
        assert "newer vigil again" in [f["mend"] for f in found["findings"] if f["grade"] == "bad" and f["check"] == "store"][0], found
        with sqlite3.connect(site.daemon.store) as db:  # what the steps after 10 made; a further one is to be undone here, too
            db.execute("DROP TABLE carried")
            db.execute("ALTER TABLE infusion DROP COLUMN taken_back")
            db.execute("PRAGMA user_version=10")
        found = site.doctor()
        broken(found, "store", f"The store has version 10, this vigil's is {known}", "warn")
        assert "restart vigild" in [f["mend"] for f in found["findings"] if f["grade"] == "warn" and f["check"] == "store"][0], found
        site.daemon.start()
        assert f"the store had version 10 and has {known} now" in site.daemon.log_text()


def test_room():
    """On a small file system of its own, where the system lets us make one."""
    with Site(start=False) as site:
        small = os.path.join(site.folder, "small")
        os.mkdir(small)
        script = (f"mount -t tmpfs -o size=64m none {small} && exec {os.path.join(BUILD, 'vigil')} doctor --json"
                  f" -c {site.settings} --set store.path={small}/v.db --within 2s")
        done = subprocess.run(["unshare", "-rm", "sh", "-c", script], capture_output=True, text=True, timeout=60)
        if "findings" not in done.stdout:
            raise Skip(f"no mount here ({done.stderr.strip()[:80]})")
        found = json.loads(done.stdout)
        assert any(c == "store" and "64 MiB are free" in t or "63 MiB are free" in t for c, t in of(found, "bad")), found
        assert any("memory (tmpfs)" in t for _, t in of(found, "warn")), found


def test_the_clock():
    """A kernel that says so: what stands in front of the C library answers for it."""
    with Site(start=False, broker=False) as site:
        source = site.file("clock.c", """#include <stdlib.h>
            #include <string.h>
            #include <sys/timex.h>
            int adjtimex(struct timex *t) {
                memset(t, 0, sizeof *t);
                t->maxerror = atol(getenv("WORST"));
                t->status = atoi(getenv("UNSYNC")) ? STA_UNSYNC : 0;
                return atoi(getenv("UNSYNC")) ? TIME_ERROR : TIME_OK;
            }""")
        shim = os.path.join(site.folder, "clock.so")
        subprocess.run(["gcc", "-shared", "-fPIC", "-o", shim, source], check=True)
        for worst, unsync, grade, part in ((9000, 0, "ok", "off by 9 ms at most"), (2000000, 0, "warn", "2000 ms"),
                                           (61000000, 0, "bad", "61000 ms"), (9000, 1, "warn", "not synchronised")):
            os.environ.update(LD_PRELOAD=shim, ASAN_OPTIONS="verify_asan_link_order=0", WORST=str(worst), UNSYNC=str(unsync))
            try:
                found = site.doctor(within="1s")
            finally:
                del os.environ["LD_PRELOAD"], os.environ["ASAN_OPTIONS"]
            assert any(c == "clock" and part in t for c, t in of(found, grade)), (worst, unsync, found)


def test_http_and_channels():
    with Site() as site:
        listening = socket.create_server(("127.0.0.1", 0))
        site.channels = [f"name: pager, kind: webhook, url: \"http://127.0.0.1:{listening.getsockname()[1]}/x\"",
                         f"name: mail, kind: smtp, url: \"smtp://127.0.0.1:{free_port()}\", from: a@b.example, tls: none"]
        site.write()
        found = site.doctor()
        broken(found, "channels", "mail cannot be reached")
        assert ("channels", f"pager: 127.0.0.1 port {listening.getsockname()[1]} takes connections.") in of(found, "ok")
        site.channels = []
        site.http, ours = free_port(), site.http
        site.write()
        broken(site.doctor(), "http", "cannot be reached")
        site.http = ours
        site.write()
        site.daemon.signal(signal.SIGTERM)
        thief = socket.create_server(("127.0.0.1", ours))
        broken(site.doctor(), "http", "somebody else has", others=("daemon",))
        thief.close()


def test_users():
    """Once there are users /readyz asks who is there: that is an answer. Their file is a secret."""
    with Site(start=False) as site:
        site.values["users"] = "users"
        site.write()
        done = subprocess.run([os.path.join(BUILD, "vigil"), "user", "add", "li", "--role", "nurse", "-c", site.settings],
                              input="a long enough password\n", capture_output=True, text=True)
        assert done.returncode == 0, done
        site.daemon.start()
        found = site.doctor()
        assert any(c == "http" and "asks who is there" in t for c, t in of(found, "ok")), found
        os.chmod(os.path.join(site.folder, "users"), 0o644)
        broken(site.doctor(), "secrets", "users")
        site.daemon.signal(signal.SIGTERM)
        if os.getuid() == 0:  # who may read everything, and asks for somebody who may not
            os.chmod(os.path.join(site.folder, "users"), 0o600)
            for name in os.listdir(site.folder):
                if name.startswith("vigil.db"):
                    os.chown(os.path.join(site.folder, name), 12345, 12346)
            broken(site.doctor(), "secrets", "cannot be read by user 12345")
            os.chown(os.path.join(site.folder, "users"), 0, 12346)
            os.chmod(os.path.join(site.folder, "users"), 0o640)
            assert any(c == "secrets" for c, _ in of(site.doctor(), "ok"))


def test_the_daemon():
    with Site() as site:
        site.daemon.process.send_signal(signal.SIGSTOP)
        found = site.doctor(within="7s")
        broken(found, "daemon", "no heartbeat was heard", others=("http",))
        site.daemon.process.send_signal(signal.SIGCONT)
        site.daemon.signal(signal.SIGKILL)
        broken(site.doctor(), "daemon", "It does not run")
        # Another daemon of this name, with another store.
        elsewhere = Daemon(site.folder, site.broker, site.settings)
        elsewhere.store = os.path.join(site.folder, "other.db")
        elsewhere.start()
        try:
            broken(site.doctor(within="12s"), "daemon", "does not use the store", "warn")
        finally:
            elsewhere.signal(signal.SIGKILL)


def test_two_of_one_name():
    """What the daemon itself has found is said with its reason: it is not fit, because another one takes its connection."""
    with Site() as site:
        assert ("alerts", "No alert about vigil itself or a gateway is stored as open.") in of(site.doctor(), "ok")
        other = Daemon(site.folder, site.broker, site.settings)
        other.store = os.path.join(site.folder, "other.db")
        other.log = os.path.join(site.folder, "other.log")
        other.start()
        try:
            until(lambda: site.daemon.rows("SELECT count(*) FROM alert WHERE rule='BROKER_LOST'")[0][0] > 0, timeout=60,
                  what="the alert")
            found = site.doctor()
            assert any(c == "alerts" and t.startswith("BROKER_LOST is open since ") and "two daemons of one node name" in t
                       for c, t in of(found, "warn")), found
        finally:
            other.signal(signal.SIGKILL)


class Listener(threading.Thread):
    """Takes connections and answers CONNECT with this code, or says nothing."""

    def __init__(self, code):
        super().__init__(daemon=True)
        self.socket, self.code = socket.create_server(("127.0.0.1", 0)), code
        self.port = self.socket.getsockname()[1]
        self.start()

    def run(self):
        while True:
            link, _ = self.socket.accept()
            if link.recv(1000):
                link.sendall(struct.pack("4B", 0x20, 2, 0, self.code) if self.code is not None else b"HTTP/1.0 400\r\n\r\n")
                link.close()


def test_the_broker():
    with Site(broker=False, start=False) as site:
        down = ("daemon",)
        found = site.doctor(within="3s")
        broken(found, "broker", "onnection refused", others=down)
        mend = [f["mend"] for f in found["findings"] if f["check"] == "broker"][0]
        assert "Start the broker" in mend, mend
        for code, part, help_ in ((4, "wrong user name or password", "mqtt.password_file"), (5, "not authorized", "mqtt.username"),
                                  (None, "", "speaks no MQTT")):
            site.mqtt["url"] = f"mqtt://127.0.0.1:{Listener(code).port}"
            site.write()
            found = site.doctor(within="3s")
            broken(found, "broker", part, others=down)
            mend = [f["mend"] for f in found["findings"] if f["check"] == "broker"][0]
            assert help_ in mend, (code, mend)
        site.file("password", "of yesterday\n")  # mosquitto answers 5 to a wrong one
        site.mqtt.update(url=f"mqtt://127.0.0.1:{Listener(5).port}", username="vigil", password_file="password")
        site.write()
        found = site.doctor(within="3s")
        broken(found, "broker", "not authorized", others=down)
        mend = [f["mend"] for f in found["findings"] if f["check"] == "broker"][0]
        assert "first line of mqtt.password_file" in mend and "restart vigild" in mend, mend


def other_broker(site, text):
    """The site's broker with these lines more."""
    with open(site.broker.conf) as file:
        lines = file.read()
    with open(site.broker.conf, "w") as file:
        file.write("\n".join(line for line in lines.split("\n") if not line.startswith(("max_queued", "max_inflight")))
                   + "\n" + text + "\n")


def test_an_acl_that_denies():
    """The broker acknowledges what it denies: only a message that comes back proves anything."""
    with Site(broker=False, start=False) as site:
        acl = site.file("acl", "topic readwrite vigil/v1/beds/#\ntopic readwrite vigil/v1/gateways/#\n", 0o644)
        other_broker(site, f"acl_file {acl}")
        site.broker.start()
        broken(site.doctor(within="3s"), "broker", "did not come back", others=("daemon",))


def test_a_broker_with_short_queues():
    with Site(broker=False, start=False) as site:
        other_broker(site, "max_queued_messages 5\nmax_inflight_messages 1\nsys_interval 1")
        site.broker.start()
        sleeper = socket.create_connection(("127.0.0.1", site.broker.port))  # subscribes at QoS 1 and never acknowledges
        sleeper.sendall(b"\x10\x10\0\4MQTT\4\2\0\0\0\4slow" + b"\x82\x08\0\1\0\3a/b\1")
        until(lambda: len(sleeper.recv(100)) > 0, what="to be connected")
        loud = Client(site.broker.port, "loud")
        for n in range(100):
            loud.publish("a/b", str(n))
        count = site.client("eye", "$SYS/broker/publish/messages/dropped")
        until(lambda: any(int(p) > 0 for _, p, _ in list(count.seen)), what="the broker to say what it dropped")
        broken(site.doctor(), "broker", "has dropped", "warn", others=("daemon",))


def test_tls():
    """Through the sample of contrib/mosquitto, with its ACL: well; with another authority or without a certificate: not."""
    with Site(broker=False, start=False) as site:
        certs = os.path.join(site.folder, "certs")
        other = os.path.join(site.folder, "other")
        for words in ([certs, "ca"], [certs, "broker", "localhost"], [certs, "client", "vigil-1"], [other, "ca"]):
            subprocess.run([os.path.join(HOME, "make-certs"), *words], check=True)
        acl = subprocess.run([os.path.join(HOME, "make-acl"), os.path.join(HOME, "clients.list")], check=True,
                             capture_output=True, text=True).stdout
        site.file("certs/acl", acl, 0o644)
        text = open(os.path.join(HOME, "mosquitto.conf")).read()
        user = "root" if os.getuid() == 0 else os.environ.get("USER", "nobody")
        for old, new in (("/etc/mosquitto/vigil", certs), ("/var/lib/mosquitto/", site.folder + "/"),
                         ("listener 8883", f"listener {free_port()} 127.0.0.1"), ("listener 8884", f"listener {site.broker.port}"),
                         ("user mosquitto", f"user {user}")):
            text = text.replace(old, new)
        open(site.broker.conf, "w").write(text)
        site.broker.start()
        site.mqtt = {"url": f"mqtts://localhost:{site.broker.port}", "ca": "certs/ca.crt", "cert": "certs/vigil-1.crt",
                     "key": "certs/vigil-1.key"}
        site.write()
        site.daemon.start()
        found = site.doctor(within="12s")
        assert any(t == "The broker has dropped nothing since it started." for _, t in of(found, "ok")), found
        assert found["exit"] == 0 and any("It is alive" in t for c, t in of(found, "ok")), found
        subprocess.run([os.path.join(HOME, "make-certs"), other, "client", "vigil-1"], check=True)
        right = dict(site.mqtt)
        for wrong, part, help_ in (
                ({"ca": "other/ca.crt"}, "the broker's certificate: self-signed certificate", "mqtt.ca be the authority"),
                ({"url": f"mqtts://127.0.0.1:{site.broker.port}"}, "the broker's certificate: IP address mismatch", "name the broker as its"),
                ({"cert": "", "key": ""}, "alert certificate required", "give mqtt.cert and mqtt.key"),
                ({"cert": "other/vigil-1.crt", "key": "other/vigil-1.key"}, "alert unknown ca", "be a pair that holds today"),
                ({"key": "other/vigil-1.key"}, "mqtt.key is not the key of mqtt.cert", "made together"),
                ({"url": f"mqtts://127.0.0.1:{Listener(None).port}"}, "TLS: ", "speaks no TLS")):
            site.mqtt = {name: value for name, value in {**right, **wrong}.items() if value}
            site.write()
            found = site.doctor(within="3s")
            broken(found, "broker", part, others=("daemon",))
            mend = [f["mend"] for f in found["findings"] if f["check"] == "broker" and f["grade"] == "bad"][0]
            assert help_ in mend, (wrong, mend)


assert MOSQUITTO and time
run([v for k, v in list(globals().items()) if k.startswith("test_")])
