# SPDX-License-Identifier: Apache-2.0
"""Channels against real peers on loopback: Prometheus' Alertmanager, a mail server, and web
services of this file that check what they get. The channel is opened by notify.c from a settings
file, in its build with sanitizers where there is one."""
import email
import email.policy
import hashlib
import hmac
import http.server
import json
import logging
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

try:
    from aiosmtpd.controller import Controller
    from aiosmtpd.smtp import AuthResult
except ImportError:  # Debian's packages are for Debian's Python, which may not be the first of PATH
    if sys.executable == "/usr/bin/python3":
        raise
    os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])

from place import BUILD, free_port, run, until

CHECKED = f"{BUILD}-address-undefined/tests/outside/notify"
NOTIFY = CHECKED if os.path.exists(CHECKED) else f"{BUILD}/tests/outside/notify"
logging.disable()  # the mail server's, of clients that do not trust it
# Of sample_alert: what must not leave.
SECRETS = ("p-0042", "Systolic", "84 mm", "below 90")


class Folder:
    files = 0

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="vigil-test-")
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)

    def file(self, name, text):
        path = os.path.join(self.path, name)
        with open(path, "w") as out:
            out.write(text)
        return path

    def authority(self, name):
        """A certificate authority and a server's certificate for 127.0.0.1 by it."""
        ca, key, cert = (os.path.join(self.path, f"{name}.{end}") for end in ("ca", "key", "pem"))
        openssl = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                   "-nodes", "-days", "2"]
        quiet = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run([*openssl, "-subj", f"/CN={name} authority", "-keyout", ca + ".key", "-out", ca], **quiet)
        subprocess.run([*openssl, "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                        "-addext", "basicConstraints=critical,CA:FALSE", "-CA", ca, "-CAkey", ca + ".key",
                        "-keyout", key, "-out", cert], **quiet)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        return ca, context


class Channel:
    """A channel with these settings; its answers by tag."""

    def __init__(self, folder, **settings):
        channel = {"name": "out", **settings}
        folder.files += 1
        file = folder.file(f"vigild-{folder.files}.yaml", "node: vigil-t\nchannels:\n  - " + json.dumps(channel) + "\n")
        self.process = subprocess.Popen([NOTIFY, file, "out"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        self.answers, self.said, self.order = {}, [], []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            tag, _, rest = line.rstrip("\n").partition(" ")
            self.answers[tag] = rest
            self.order.append(tag)

    def send(self, *lines):
        self.process.stdin.write("".join(line + "\n" for line in lines))
        self.process.stdin.flush()

    def page(self, tag="1", kind="call", severity="critical", peak=None, n=1, role="charge-nurse", address=""):
        self.send(f"{tag} {kind} {severity} {peak or severity} {n} {role} {address}")
        return until(lambda: self.answers.get(str(tag)), 30, f"the end of page {tag}")

    def close(self):
        """Ends the input; the longest that the loop stood still, in ms."""
        self.process.stdin.close()
        errors = self.process.stderr.read()
        assert self.process.wait(30) == 0, errors[-2000:]
        self.reader.join(10)
        return int(self.answers["lag"])


class Web(http.server.ThreadingHTTPServer):
    """Keeps what is posted; answers with `status`, after `wait` seconds."""
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, status=200, wait=0.0, context=None, location=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.status, self.wait, self.location = status, wait, location
        self.posts, self.now, self.most, self.lock = [], 0, 0, threading.Lock()
        if context:
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.url = f"http{'s' if context else ''}://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        pass  # a client that did not trust us, or went away


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        web = self.server
        with web.lock:
            web.now += 1
            web.most = max(web.most, web.now)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with web.lock:
            web.posts.append((self.path, dict(self.headers), body))
        time.sleep(web.wait)
        with web.lock:
            web.now -= 1
        self.send_response(web.status)
        if web.location:
            self.send_header("Location", web.location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def private(text):
    return not any(secret in text for secret in SECRETS)


# ---- Webhook

def test_json_is_signed_and_holds_no_patient():
    with Folder() as folder, Web() as web:
        key = "a key of our own"
        channel = Channel(folder, kind="webhook", url=web.url + "/hook",
                          secret_file=folder.file("key", key + "\n"))
        assert channel.page() == "ok"
        channel.close()
        (path, headers, body), = web.posts
        page = json.loads(body)
        stamp = headers["X-Vigil-Timestamp"]
        signature = hmac.new(key.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        assert path == "/hook" and headers["Content-Type"] == "application/json"
        assert hmac.compare_digest(headers["X-Vigil-Signature"], "sha256=" + signature)
        assert abs(int(stamp) - time.time()) < 30
        assert headers["Idempotency-Key"] == page["page"] and re.fullmatch("[0-9A-Z]{26}", page["page"])
        assert private(body.decode()), body
        assert {k: page[k] for k in ("kind", "role", "ward", "bed", "rule", "class", "severity", "event", "node")} == {
            "kind": "call", "role": "charge-nurse", "ward": "onc-7", "bed": "12", "rule": "HYPOTENSION",
            "class": "haemodynamic", "severity": "critical", "event": "raised", "node": "vigil-t"}
        assert page["respond_by"].endswith("Z") and len(page["alert"]) == 26 and page["step"] == 0


def test_full_content_only_when_asked_for():
    with Folder() as folder, Web() as web:
        channel = Channel(folder, kind="webhook", url=web.url, content="full",
                          username="vigil", password_file=folder.file("password", "word\n"))
        assert channel.page() == "ok"
        channel.close()
        page = json.loads(web.posts[0][2])
        assert page["patient"] == "p-0042" and "Systolic" in page["text"] and page["answers"]
        assert web.posts[0][1]["Authorization"] == "Basic dmlnaWw6d29yZA=="
        assert "X-Vigil-Signature" not in web.posts[0][1]


def test_ntfy():
    with Folder() as folder, Web() as web:
        channel = Channel(folder, kind="webhook", url=web.url, template="ntfy", topic="onc-7_pages")
        for n, (kind, severity) in enumerate((("call", "critical"), ("call", "watch"), ("taken", "urgent"),
                                              ("end", "critical"))):
            assert channel.page(n, kind, severity, n=n) == "ok"
        channel.close()
        told = [json.loads(body) for _, _, body in web.posts]
        assert all(private(body.decode()) for _, _, body in web.posts)
        assert told[0] == {"topic": "onc-7_pages", "title": "Critical alert, ward onc-7 bed 12",
                           "message": "HYPOTENSION (haemodynamic): look at the board.",
                           "priority": 5, "tags": ["critical", "haemodynamic"]}
        assert [t["priority"] for t in told] == [5, 3, 2, 2]
        assert told[2]["title"] == "Taken: urgent alert, ward onc-7 bed 12"
        assert told[3]["title"] == "Over: critical alert, ward onc-7 bed 12"


def test_alertmanager():
    program = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    assert program, "prometheus-alertmanager is not installed: contrib/install-deps test"
    with Folder() as folder, Web() as web:
        url = f"http://127.0.0.1:{free_port()}"
        conf = folder.file("am.yml", "route: {receiver: w, group_wait: 0s, group_interval: 1s, group_by: [alert]}\n"
                           f"receivers: [{{name: w, webhook_configs: [{{url: '{web.url}', send_resolved: true}}]}}]\n")
        manager = subprocess.Popen([program, f"--config.file={conf}", f"--storage.path={folder.path}/data",
                                    f"--web.listen-address={url[7:]}", "--cluster.listen-address="],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        def get(path):
            try:
                with urllib.request.urlopen(url + path, timeout=5) as answer:
                    return answer.read().decode()
            except OSError:
                return None

        def active():
            return [(a["labels"]["severity"], a) for a in json.loads(get("/api/v2/alerts"))]

        def notified(status):
            seen = [a for _, _, body in list(web.posts) for a in json.loads(body)["alerts"]]
            return [a for a in seen if a["status"] == status]

        def severities(status):
            return {a["labels"]["severity"] for a in notified(status)}

        try:
            until(lambda: get("/-/ready"), what="Alertmanager to be ready")
            channel = Channel(folder, kind="webhook", url=url + "/", template="alertmanager")
            assert channel.page(1, "call", "urgent", n=7) == "ok"
            (severity, alert), = active()
            assert severity == "urgent" and private(json.dumps(alert))
            assert {k: alert["labels"][k] for k in ("alertname", "ward", "bed", "instance")} == {
                "alertname": "HYPOTENSION", "ward": "onc-7", "bed": "12", "instance": "vigil-t"}
            assert alert["annotations"]["summary"] == "Urgent alert, ward onc-7 bed 12"
            # Nothing but we may end it: Alertmanager's own five minutes do not.
            assert alert["endsAt"] > time.strftime("%Y-%m-%d", time.gmtime(time.time() + 20 * 86400))
            until(lambda: notified("firing"), what="the receiver to be told")
            assert not notified("resolved"), notified("resolved")
            assert channel.page(2, "call", "critical", "rose", n=7) == "ok"  # it rose: still one alert
            assert [s for s, _ in active()] == ["critical"]
            until(lambda: "critical" in severities("firing"), what="the receiver to be told of the rise")
            assert channel.page(3, "call", "watch", n=8) == "ok"
            assert sorted(s for s, _ in active()) == ["critical", "watch"]
            assert channel.page(4, "taken", "critical", n=7) == "ok"  # taken is not over
            assert sorted(s for s, _ in active()) == ["critical", "watch"]
            assert channel.page(5, "end", "urgent", peak="critical", n=7) == "ok"  # eased, then ended
            assert [s for s, _ in active()] == ["watch"]
            until(lambda: severities("resolved") >= {"urgent", "critical"}, what="the receiver to be told of the end")
            assert channel.page(6, "end", "watch", n=8) == "ok"
            assert active() == []
            channel.close()
        finally:
            manager.kill()
            manager.wait()


# ---- Mail

class Box:
    def __init__(self, refuse=False):
        self.mails, self.refuse = [], refuse

    async def handle_DATA(self, server, session, envelope):
        if self.refuse:
            return "554 no, p-0042"
        self.mails.append(envelope)
        return "250 taken"


class MailServer:
    def __init__(self, box, **options):
        self.controller = Controller(box, hostname="127.0.0.1", port=free_port(), **options)

    def __enter__(self):
        self.controller.start()
        return self.controller.port

    def __exit__(self, *_):
        self.controller.stop()


MAIL = {"kind": "smtp", "from": "vigil@hospital.example"}
TO = "oncall@hospital.example"


def test_mail():
    box = Box()
    with Folder() as folder, MailServer(box) as port:
        channel = Channel(folder, url=f"smtp://127.0.0.1:{port}", tls="none", **MAIL)
        assert channel.page(address=TO) == "ok"
        assert channel.page(2, "end", address=TO) == "ok"
        channel.close()
    first, second = box.mails
    assert (first.mail_from, first.rcpt_tos) == ("vigil@hospital.example", [TO])
    raw = first.content.decode("ascii")
    assert private(raw) and raw.replace("\r\n", "").isprintable()
    mail = email.message_from_bytes(first.content, policy=email.policy.default)
    assert mail["Subject"] == "Critical alert, ward onc-7 bed 12"
    assert mail["Auto-Submitted"] == "auto-generated" and mail["To"].addresses[0].addr_spec == TO
    assert abs(mail["Date"].datetime.timestamp() - time.time()) < 30
    assert re.fullmatch(r"<[0-9A-Z]{26}@hospital\.example>", mail["Message-ID"])
    assert f"Page: {mail['Message-ID'][1:27]}" in mail.get_content()
    assert "HYPOTENSION (haemodynamic): look at the board." in mail.get_content()
    end = email.message_from_bytes(second.content, policy=email.policy.default)
    assert end["Subject"] == "Over: critical alert, ward onc-7 bed 12"
    assert end["References"] == mail["References"] and end["Message-ID"] != mail["Message-ID"]


def test_mail_with_starttls_and_password():
    def login(server, session, envelope, mechanism, data):
        return AuthResult(success=(data.login, data.password) == (b"vigil", b"word"), handled=False)
    box = Box()
    with Folder() as folder:
        ca, context = folder.authority("good")
        wrong, _ = folder.authority("wrong")
        access = {"username": "vigil", "password_file": folder.file("password", "word")}
        options = {"authenticator": login, "auth_required": True, "require_starttls": True, "tls_context": context}
        with MailServer(box, **options) as port:
            url = f"smtp://127.0.0.1:{port}"
            channel = Channel(folder, url=url, ca=ca, **access, **MAIL)
            assert channel.page(address=TO) == "ok" and len(box.mails) == 1
            channel.close()
            channel = Channel(folder, url=url, ca=wrong, **access, **MAIL)
            assert "certificate" in channel.page(address=TO)
            channel.close()
            folder.file("password", "other")
            channel = Channel(folder, url=url, ca=ca, **access, **MAIL)
            said = channel.page(address=TO)
            assert said == "failed: the server answered 535", said
            channel.close()
        with MailServer(box, ssl_context=context) as port:
            channel = Channel(folder, url=f"smtps://127.0.0.1:{port}", ca=ca, **MAIL)
            assert channel.page(address=TO) == "ok" and len(box.mails) == 2
            channel.close()
        with MailServer(box) as port:  # somebody strips STARTTLS: nothing is sent in clear
            channel = Channel(folder, url=f"smtp://127.0.0.1:{port}", ca=ca, **MAIL)
            assert channel.page(address=TO).startswith("failed") and len(box.mails) == 2
            channel.close()


def test_mail_refused_and_headers_that_cannot_be_forged():
    box = Box(refuse=True)
    with Folder() as folder, MailServer(box) as port:
        channel = Channel(folder, url=f"smtp://127.0.0.1:{port}", tls="none", **MAIL)
        assert channel.page(address=TO) == "failed: the server answered 554"
        for n, bad in enumerate(("a@b\rBcc:x@y", "<a@b>", "a@b,c@d", "ab", "a@", "@b", "a@b@c", "", "-oX@b")):
            assert channel.page(f"bad{n}", address=bad) == "failed: not taken", bad
        channel.close()


# ---- When it does not work

def test_refused_answers():
    with Folder() as folder, Web() as elsewhere:
        channel = Channel(folder, kind="webhook", url=f"http://127.0.0.1:{free_port()}")
        assert "connect" in channel.page()
        channel.close()
        for status in (500, 404, 302, 204):
            with Web(status, location=elsewhere.url + "/" if status == 302 else None) as web:
                channel = Channel(folder, kind="webhook", url=web.url)
                said = channel.page()
                assert said == ("ok" if status == 204 else f"failed: the server answered {status}"), said
                channel.close()
        assert elsewhere.posts == []  # a redirect is not followed


def test_wrong_authority():
    with Folder() as folder:
        ca, context = folder.authority("good")
        wrong, _ = folder.authority("wrong")
        with Web(context=context) as web:
            for trusted, good in ((ca, True), (wrong, False), (None, False)):
                channel = Channel(folder, kind="webhook", url=web.url, **({"ca": trusted} if trusted else {}))
                said = channel.page()
                assert (said == "ok") if good else "certificate" in said, said
                channel.close()
            assert len(web.posts) == 1


def test_a_server_that_hangs():
    with Folder() as folder, Web(wait=60) as web, socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(1)
        channel = Channel(folder, kind="webhook", url=web.url)
        mail = Channel(folder, url=f"smtp://127.0.0.1:{deaf.getsockname()[1]}", tls="none", **MAIL)
        begin = time.monotonic()
        # 17 and 18 stand in line behind 16: they fail too, so that they can go another way.
        channel.send(*(f"{n} call urgent urgent {n} charge-nurse" for n in range(1, 19)))
        assert mail.page(address=TO).startswith("failed: ")
        until(lambda: "16" in channel.answers, 20, "the time limit")
        assert 9 < time.monotonic() - begin < 13, (channel.answers, mail.answers)
        assert channel.answers["16"] == "failed: the server did not answer within 10 s"
        until(lambda: "18" in channel.answers, 25, "those in line")
        assert channel.answers["18"].startswith("failed: the server is too slow"), channel.answers["18"]
        assert channel.close() < 500 and mail.close() < 500  # the loop never stood still


def test_closing_with_requests_under_way():
    with Folder() as folder, Web(wait=60) as web:
        channel = Channel(folder, kind="webhook", url=web.url)
        channel.send(*(f"{n} call urgent urgent {n} charge-nurse" for n in range(40)))
        until(lambda: len(web.posts) == 16, what="16 requests under way")
        channel.send("close")
        until(lambda: "closed" in channel.answers, what="the channel to close")
        channel.close()
        assert set(channel.answers) == {"closed", "lag"}
    for url in ("https://127.0.0.1:9", "http://192.0.2.1:9", "http://no-such-host.invalid"):
        with Folder() as folder:  # in the midst of connecting
            channel = Channel(folder, kind="webhook", url=url)
            channel.send("1 call urgent urgent 1 charge-nurse", "close")
            until(lambda: "closed" in channel.answers, what="the channel to close")
            channel.close()


def test_a_thousand_pages_at_once():
    with Folder() as folder, Web(wait=0.005) as web:
        channel = Channel(folder, kind="webhook", url=web.url)
        lines = [f"w{n} call watch watch {n} charge-nurse" for n in range(1000)]
        lines += [f"c{n} call critical critical {2000 + n} charge-nurse" for n in range(10)]
        lines += ["e5 end watch watch 5 charge-nurse", "e999 end watch watch 999 charge-nurse",
                  "r500 remind critical rose 500 charge-nurse"]
        channel.send(*lines)
        until(lambda: len(channel.answers) == 1013, 60, "all to be told")
        assert set(channel.answers.values()) == {"ok"}, set(channel.answers.values())
        assert 2 <= web.most <= 16, web.most
        pages = [json.loads(body) for _, _, body in web.posts]
        assert len({p["page"] for p in pages}) == 1013
        # The critical ones overtook those in line; an end never its beginning.
        assert max(channel.order.index(f"c{n}") for n in range(10)) < 100, channel.order[:120]
        for alert in {p["alert"] for p in pages if p["kind"] == "end"}:
            assert [p["kind"] for p in pages if p["alert"] == alert] == ["call", "end"]
        risen, = (p["alert"] for p in pages if p["kind"] == "remind")
        assert [p["kind"] for p in pages if p["alert"] == risen] == ["call", "remind"]
        assert channel.order.index("r500") < 100
        assert channel.close() < 500


run([test_json_is_signed_and_holds_no_patient, test_full_content_only_when_asked_for, test_ntfy, test_alertmanager,
     test_mail, test_mail_with_starttls_and_password, test_mail_refused_and_headers_that_cannot_be_forged,
     test_refused_answers, test_wrong_authority, test_a_server_that_hangs, test_closing_with_requests_under_way,
     test_a_thousand_pages_at_once])
