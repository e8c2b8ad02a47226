# SPDX-License-Identifier: Apache-2.0
"""TLS in the HTTP server: who may listen beyond loopback, client certificates as users, certificates that are renewed
while it runs, that are faulty, that run out. Alerts go on through all of it."""
import http.client
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import warnings

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib-python"))
from certificates import Authority  # noqa: E402
from place import BUILD, Daemon, Place, alert_takes, run, seed, until  # noqa: E402
from web import Answer  # noqa: E402

RANDOM = seed()
VIGIL, VIGILD = os.path.join(BUILD, "vigil"), os.path.join(BUILD, "vigild")


class Tls(Daemon):
    sets = ()

    def command(self, *more):
        return super().command(*(word for pair in self.sets for word in ("--set", pair)), *more)

    def wait_ready(self):
        line = os.read(self.ready_read, 200).decode()
        assert line.startswith("ready http="), (line, self.log_text()[-500:])
        self.port = int(line.rsplit(":", 1)[1])
        return line


class House(Place):
    """A daemon with TLS; `users`: also with client certificates."""

    def __init__(self, users=False, start=True, **issue):
        super().__init__(start=False)
        self.ca = Authority(os.path.join(self.folder, "pki"))
        self.cert, self.key = self.path("http.pem"), self.path("http.key")
        self.put(*self.ca.issue("server-1", **issue))
        self.daemon = Tls(self.folder, self.broker)
        self.daemon.sets = [f"http.cert={self.cert}", f"http.key={self.key}", "http.deadline=3s"]
        if users:
            self.client_ca = self.path("clients.pem")
            shutil.copy(self.ca.pem, self.client_ca)
            open(self.path("users"), "w").close()
            self.daemon.sets += [f"users={self.path('users')}", f"http.client_ca={self.client_ca}"]
        self.broker.start()
        self.events = self.client("gw", "vigil/v1/wards/+/events")
        self.beds = 0
        if start:
            self.daemon.start()

    def path(self, name):
        return os.path.join(self.folder, name)

    def put(self, cert, key):
        """As a renewal does it: beside it, then in its place, the key first."""
        for source, target in ((key, self.key), (cert, self.cert)):
            shutil.copy(source, target + ".new")
            os.rename(target + ".new", target)

    def user(self, *words):
        done = subprocess.run([VIGIL, "user", *words, "--set", f"users={self.path('users')}"], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def context(self, client=None, ca=None, check=True):
        context = ssl.create_default_context(cafile=(ca or self.ca).pem)
        if not check:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if client:
            context.load_cert_chain(*client)
        return context

    def ask(self, path, method="GET", body=None, headers=None, **how):
        link = http.client.HTTPSConnection("127.0.0.1", self.daemon.port, timeout=15, context=self.context(**how))
        try:
            link.request(method, path, body=body, headers=headers or {})
            answer = link.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            link.close()

    def serial(self):
        """Of the certificate that a new connection is shown."""
        with socket.create_connection(("127.0.0.1", self.daemon.port), 10) as s:
            context = self.context(check=False)
            with context.wrap_socket(s) as tls:
                return ssl.DER_cert_to_PEM_cert(tls.getpeercert(True))

    def alert_takes(self):
        self.beds += 1
        return alert_takes(self.events, self.beds)

    def of(self, rule):
        return [(e["event"], e["severity"]) for e in self.events.events(rule) if e["ward"] == "onc-7"]


def text_of(pem):
    text = open(pem).read()
    return text[text.index("-----BEGIN"):]


def test_what_it_speaks():
    with House() as house:
        assert house.ask("/healthz").text == "ok\n"
        page = house.ask("/", headers={"Accept-Encoding": "gzip"})
        assert page.status == 200 and "<script" in page.text and page.raw[:2] == b"\x1f\x8b"
        warnings.simplefilter("ignore", DeprecationWarning)
        for least, most, works in ((ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2, True), (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_3, True),
                                   (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, False)):
            context = house.context()
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version, context.maximum_version = least, most
            try:
                with socket.create_connection(("127.0.0.1", house.daemon.port), 10) as s, context.wrap_socket(s, server_hostname="localhost") as t:
                    spoke = t.version() is not None
            except (ssl.SSLError, OSError):
                spoke = False
            assert spoke == works, (least, most)
        for weak in ("AES128-SHA", "AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-SHA"):  # old, or without forward secrecy
            context = house.context()
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            context.set_ciphers(weak + ":@SECLEVEL=0")
            try:
                with socket.create_connection(("127.0.0.1", house.daemon.port), 10) as s, context.wrap_socket(s, server_hostname="localhost"):
                    raise AssertionError(f"{weak} is spoken")
            except (ssl.SSLError, OSError):
                pass
        try:
            house.ask("/healthz", ca=Authority(house.path("other"), "other"))
            raise AssertionError("another authority's clients believe it")
        except ssl.SSLCertVerificationError:
            pass
        with socket.create_connection(("127.0.0.1", house.daemon.port), 10) as s:  # plain HTTP, then noise
            s.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert b"200 OK" not in s.recv(1000)
        with socket.create_connection(("127.0.0.1", house.daemon.port), 10) as s:
            s.sendall(b"\x16\x03\x01\x02\x00\x01\x00" + RANDOM.randbytes(2000))
            s.recv(1000)
        with house.context().wrap_socket(socket.create_connection(("127.0.0.1", house.daemon.port), 10), server_hostname="localhost") as s:
            s.sendall(b"GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
            s.settimeout(10)
            seen = b""
            while b"event: status" not in seen:
                more = s.recv(65536)
                assert more, seen[-500:]
                seen += more
        assert house.alert_takes() < 1


def test_handshakes_that_never_end_have_their_time():
    with House(start=False) as house:
        house.daemon.sets += ["http.deadline=2s"]
        house.daemon.start()
        hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + RANDOM.randbytes(40)
        links = [socket.create_connection(("127.0.0.1", house.daemon.port), 10) for _ in range(40)]
        for n, link in enumerate(links):
            link.sendall(hello[:n])
        assert house.alert_takes() < 1 and house.ask("/healthz").status == 200
        begin = time.monotonic()
        for link in links:
            link.settimeout(8)
            try:
                while link.recv(100):
                    pass
            except ConnectionResetError:
                pass
        assert time.monotonic() - begin < 6, "each ends within the deadline"


def start_fails(house, *sets):
    done = subprocess.run(house.daemon.command(*(w for s in sets for w in ("--set", s))), capture_output=True, text=True, timeout=20)
    return done.returncode, done.stderr


def test_what_is_refused_at_the_start():
    with House(start=False) as house:
        other = house.ca.issue("other")
        users = house.path("users")
        open(users, "w").close()
        broken = house.path("broken.pem")
        open(broken, "w").write("-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n")
        house.daemon.listen = "0.0.0.0:0"
        cases = [
            (["http.cert=", "http.key=", f"users={users}"], "as long as there is no TLS"),
            ([], "as long as there are no users"),
            (["http.listen=127.0.0.1:0", f"http.key={other[1]}"], "is not the key of"),
            (["http.listen=127.0.0.1:0", "http.key="], "wants its key"),
            (["http.listen=127.0.0.1:0", "http.cert="], "wants its certificate"),
            (["http.listen=127.0.0.1:0", "http.cert=/nowhere.pem"], "/nowhere.pem"),
            (["http.listen=127.0.0.1:0", f"http.cert={broken}"], "holds no certificate"),
            (["http.listen=127.0.0.1:0", f"http.client_ca={house.ca.pem}"], "names nobody"),
            (["http.listen=127.0.0.1:0", f"users={users}", f"http.client_ca={broken}"], "holds no certificate"),
        ]
        for sets, sentence in cases:
            code, text = start_fails(house, *sets)
            assert code == 3 and sentence in text, (sets, code, text)
            checked = subprocess.run([*house.daemon.command(*(w for s in sets for w in ("--set", s))), "--check"], capture_output=True, text=True)
            assert checked.returncode == 1 and sentence in checked.stderr, (sets, checked)
        house.daemon.sets += [f"users={users}"]
        assert house.daemon.start(wait=False).wait_ready().startswith("ready http=0.0.0.0:")
        assert house.ask("/healthz").status == 200 and house.ask("/api/v1/wards").status == 401


def test_client_certificates():
    with House(users=True) as house:
        assert house.user("add", "li", "--role", "nurse", "--ward", "onc-7", "--as", "bedside-nurse", "--certificate") == ""
        house.user("add", "wall-7", "--role", "display", "--certificate=wall.ward.example")
        token = house.user("add", "prom", "--role", "display", "--token")
        assert "wall-7 display - - certificate wall.ward.example" in house.user("list")
        assert subprocess.run([VIGIL, "user", "add", "x", "--role", "nurse", "--certificate=li", "--set", f"users={house.path('users')}"],
                              capture_output=True).returncode == 1, "one certificate, one user"
        issue = lambda name, **more: house.ca.issue(name, use="clientAuth", **{"san": None, **more})  # noqa: E731
        who = lambda client: house.ask("/api/v1/session", client=client)  # noqa: E731
        li = issue("li")
        until(lambda: who(li).status == 200, 5, "who was added is known")
        assert {k: who(li).json[k] for k in ("name", "right", "ward")} == {"name": "li", "right": "nurse", "ward": "onc-7"}
        assert who(issue("screen", cn="screen 7", san="DNS:wall.ward.example")).json["name"] == "wall-7"
        assert who(issue("mail", cn="x", san="email:li")).json["name"] == "li"
        other = Authority(house.path("other"), "ca")
        refused = {"none": None, "a name that nobody has": issue("nobody"), "another authority": other.issue("li", use="clientAuth"),
                   "has run out": issue("li-old", cn="li", begin="20200101000000Z", end="20200201000000Z"),
                   "not yet": issue("li-new", cn="li", begin="20960101000000Z", end="20970201000000Z"),
                   "for servers": house.ca.issue("li-server", cn="li", use="serverAuth"),
                   "a name with a NUL or space": issue("li-space", cn="li li"), "a token's user": issue("prom")}
        for name, client in refused.items():
            answer = who(client)
            assert answer.status == 401, (name, answer)
            assert house.ask("/healthz", client=client).status == 200, name
        assert house.ask("/api/v1/session", client=li, headers={"Authorization": f"Bearer {token}"}).json["name"] == "prom"
        assert house.ask("/api/v1/session", client=li, headers={"Authorization": "Bearer vg1.li." + "A" * 43}).status == 401
        assert house.ask("/api/v1/wards/onc-8/beds", client=li).status in (403, 404), "the rights are the user's"
        # an alert is accepted in their name
        house.alert_takes()
        alert = house.events.events("HYPOTENSION")[0]["id"]
        until(lambda: house.daemon.rows("SELECT 1 FROM alert WHERE id=?", alert), what="the store")
        answer = house.ask(f"/api/v1/alerts/{alert}/accept", "POST", "{}", {"Content-Type": "application/json"}, client=li)
        assert answer.json["result"] == "ok", answer
        until(lambda: [e for e in house.events.events() if e["responsibility"]["owner"] == "bedside-nurse:li"], what="the owner")
        # taken out: out, and so is the stream
        with house.context(client=li).wrap_socket(socket.create_connection(("127.0.0.1", house.daemon.port), 10), server_hostname="localhost") as s:
            s.sendall(b"GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert b"200 OK" in s.recv(4096)
            house.user("remove", "li")
            until(lambda: who(li).status == 401, 5, "who is taken out is out")
            s.settimeout(15)
            while s.recv(65536):
                pass


def test_renewed_while_it_runs():
    with House(users=True) as house:
        house.user("add", "li", "--role", "nurse", "--certificate")
        client = house.ca.issue("li", use="clientAuth", san=None)
        until(lambda: house.ask("/api/v1/session", client=client).status == 200, 5, "li")
        first, second = text_of(house.cert), house.ca.issue("server-2")
        assert house.serial() == first
        kept = http.client.HTTPSConnection("127.0.0.1", house.daemon.port, timeout=15, context=house.context(client=client))
        kept.request("GET", "/api/v1/session")
        assert kept.getresponse().read()
        house.put(*second)
        until(lambda: house.serial() == text_of(second[0]), 10, "the new certificate, without being asked")
        kept.request("GET", "/api/v1/session")
        assert b'"li"' in kept.getresponse().read(), "a connection that was there goes on"
        assert house.alert_takes() < 1
        # another authority of clients: the old one's are out, also on a connection that was there
        other = Authority(house.path("other"), "ca")
        theirs = other.issue("li", use="clientAuth", san=None)
        assert house.ask("/api/v1/session", client=theirs).status == 401
        shutil.copy(other.pem, house.client_ca)
        house.daemon.signal(signal.SIGHUP)
        until(lambda: house.ask("/api/v1/session", client=theirs).status == 200, 10, "the new authority's")
        kept.request("GET", "/api/v1/session")
        answer = kept.getresponse()
        assert answer.status == 401, answer.read()
        # what is faulty changes nothing, and is said
        third = house.ca.issue("server-3")
        old = house.ca.issue("server-old", begin="20200101000000Z", end="20200201000000Z")
        for pair, sentence in (((third[0], second[1]), "is not the key of"), (old, "has run out"),
                               ((house.path("users"), third[1]), "holds no certificate")):
            house.put(*pair)
            house.daemon.signal(signal.SIGHUP)
            until(lambda: sentence in house.daemon.log_text(), 5, sentence)
            assert house.serial() == text_of(second[0]), sentence
            assert house.ask("/healthz").status == 200
        raised = until(lambda: house.events.events("CERT_REFUSED"), 20, "CERT_REFUSED")[0]
        assert raised["class"] == "technical" and "http.cert" in raised["text"], raised["text"]
        assert house.alert_takes() < 1
        house.put(*third)
        until(lambda: house.serial() == text_of(third[0]), 10, "the good one")
        until(lambda: house.of("CERT_REFUSED")[-1][0] == "ended", 10, "its end")


def test_expiry_is_said_and_rises():
    soon = time.gmtime(time.time() + 5 * 86400)
    with House(begin="20260101000000Z", end=time.strftime("%Y%m%d%H%M%SZ", soon)) as house:
        raised = until(lambda: house.events.events("CERT_EXPIRING"), 10, "CERT_EXPIRING")[0]
        assert raised["severity"] == "watch" and "http.cert" in raised["text"] and time.strftime("%Y-%m-%d", soon) in raised["text"], raised
        house.daemon.signal(signal.SIGKILL)
        house.daemon.start()
        house.alert_takes()
        assert len({e["id"] for e in house.events.events("CERT_EXPIRING")}) == 1, "a restart raises it no second time"
        for hours, severity in ((20 * 24, "technical"), (10, "urgent")):
            end = time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + hours * 3600))
            house.put(*house.ca.issue(f"server-{hours}", begin="20260101000000Z", end=end))
            until(lambda: house.of("CERT_EXPIRING")[-1] == ("raised", severity), 15, severity)
        house.put(*house.ca.issue("server-good"))
        until(lambda: house.of("CERT_EXPIRING")[-1][0] == "ended", 15, "its end")
    ended = ("20250101000000Z", "20250201000000Z")
    with House(begin=ended[0], end=ended[1]) as house:  # at the start: it watches all the same
        raised = until(lambda: house.events.events("CERT_EXPIRING"), 10, "CERT_EXPIRING")[0]
        assert raised["severity"] == "urgent" and "ran out on 2025-02-01" in raised["text"], raised["text"]
        assert house.alert_takes() < 1 and house.ask("/healthz", check=False).status == 200
        said_at_the_start(house, "has run out")
    late = time.gmtime(time.time() + 86400)
    with House(begin=time.strftime("%Y%m%d%H%M%SZ", late), end="20991231000000Z") as house:
        said_at_the_start(house, "does not hold yet")
        raised = until(lambda: house.events.events("CERT_REFUSED"), 10, "CERT_REFUSED")[0]
        assert "does not hold yet" in raised["text"], raised["text"]
        house.put(*house.ca.issue("server-good"))
        until(lambda: house.of("CERT_REFUSED")[-1][0] == "ended", 15, "its end")


def said_at_the_start(house, what):
    words = house.daemon.command()[1:]
    assert "tls.unsound" in house.daemon.log_text() and what in house.daemon.log_text(), house.daemon.log_text()
    done = subprocess.run([VIGILD, "--check", *words], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and f"warning: http.cert: the certificate \"{house.cert}\" {what}" in done.stderr, done
    done = subprocess.run([VIGIL, "doctor", "--json", "--within", "1s", *words], capture_output=True, text=True, timeout=60)
    assert [f for f in json.loads(done.stdout)["findings"] if f["check"] == "certificates" and f["grade"] == "bad" and what in f["text"]], done.stdout


def test_doctor():
    with House(start=False) as house:
        from place import free_port
        house.daemon.listen = f"127.0.0.1:{free_port()}"
        house.daemon.start()
        words = house.daemon.command()[1:]

        def findings(check):
            done = subprocess.run([VIGIL, "doctor", "--json", "--within", "1s", *words], capture_output=True, text=True, timeout=60)
            return [f for f in json.loads(done.stdout)["findings"] if f["check"] == check]
        assert [f["grade"] for f in findings("http")] == ["ok"], findings("http")
        assert [f for f in findings("certificates") if "http.cert" in f["text"] and f["grade"] == "ok"]
        house.put(*house.ca.issue("server-old", begin="20200101000000Z", end="20200201000000Z"))
        found = until(lambda: (f := findings("http")) and len(f) == 2 and f, 15, "another certificate is shown")
        assert found[0]["grade"] == "bad" and "not taken" in found[0]["text"], found
        assert [f for f in findings("certificates") if "http.cert" in f["text"] and f["grade"] == "bad" and "run out" in f["text"]]
        os.chmod(house.key, 0o644)
        assert [f for f in findings("secrets") if "http.key" in f["text"] and f["grade"] == "bad"]


if __name__ == "__main__":
    run([test for name, test in list(globals().items()) if name.startswith("test_")])
