# SPDX-License-Identifier: Apache-2.0
"""A hundred honey tokens (patients, names, free texts, values, secrets) through every way in of a real daemon, with faults
on the way: refused, quarantined, killed, crashed, without a broker. Then they are looked for wherever they must not be."""
import base64
import json
import os
import random
import re
import resource
import signal
import subprocess
import sys
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from place import BUILD, ROOT, Daemon, Place, now_ms, run, seed, until, vitals

sys.path.insert(0, os.path.join(ROOT, "tests", "lib-python"))
from web import Stream, Web  # noqa: E402

VIGIL = os.path.join(BUILD, "vigil")
BED, WARD = "vigil/v1/beds/onc-7/", "vigil/v1/wards/onc-7/"
rng = seed()


class Tokens:
    """Each is handed out once; kind tells where it may be found."""

    def __init__(self, chance):
        self.of, self.chance = {"patient": [], "name": [], "text": [], "value": [], "secret": []}, chance

    def make(self, kind):
        letters = "".join(self.chance.choice("bcdfghjkmnpqrstvwxz") for _ in range(10))
        token = {"patient": f"p-{letters}", "name": f"Jane-{letters.capitalize()}", "text": f"txt{letters}",
                 "secret": f"Sec.{letters}9", "value": f"{self.chance.randrange(10000, 99999)}.{self.chance.randrange(1, 9)}"}[kind]
        self.of[kind].append(token)
        return token

    def all(self, *kinds):
        return [t for k in kinds or self.of for t in self.of[k]]


T = Tokens(random.Random(rng.randrange(1 << 30)))


def none_in(where, content, *kinds):
    """A secret counts in base64, too: that is how it goes to a server; but never behind."""
    content = content if isinstance(content, bytes) else content.encode()
    for token in T.all(*kinds):
        for form in (token.encode(), base64.b64encode(token.encode()).rstrip(b"=")):
            at = content.find(form)
            assert at < 0, f"{token} in {where}: {content[max(0, at - 200):at + 100]!r}"


class Pager:
    """The hospital's pager service: keeps what it gets."""

    def __init__(self):
        self.heard = []
        heard = self.heard

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):  # pylint: disable=invalid-name
                heard.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(500 if len(heard) % 3 == 2 else 200)
                self.end_headers()

            def log_message(self, *_):
                pass
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self.server.serve_forever, daemon=True).start()
        self.port = self.server.server_address[1]


SETTINGS = """node: vigil-1
mqtt: {{url: "mqtt://127.0.0.1:{port}", username: vigil, password_file: mqtt-password}}
store: {{path: v.db}}
http: {{listen: "127.0.0.1:0"}}
users: users
protocols: {protocols}
log: {{level: debug, format: {form}}}
wards:
  - {{id: onc-7, protocol: car-t}}
channels:
  - {{name: pager, kind: webhook, url: "http://127.0.0.1:{pager}/hook", username: vigil, password_file: pager-password, secret_file: pager-secret}}
routes:
  - {{ward: "*", role: bedside-nurse, to: [pager, mqtt]}}
"""


class House(Place):
    def __init__(self):
        super().__init__(start=False)
        self.pager, self.said = Pager(), []
        self.secret_files = ("mqtt-password", "pager-password", "pager-secret")
        for name in self.secret_files:
            self.file(name, T.make("secret") + "\n")
        self.passwords = {name: T.make("secret") for name in ("li", "wu")}
        self.settings = os.path.join(self.folder, "vigild.yaml")
        self.tmp = os.path.join(self.folder, "tmp")
        os.mkdir(self.tmp)
        self.write("text")
        for name, role in (("li", "nurse"), ("wu", "physician")):
            self.vigil("user", "add", name, "--role", role, "--as", "bedside-nurse", text=self.passwords[name] + "\n")
        self.bearer = self.vigil("user", "add", "wall", "--role", "physician", "--token").strip()
        T.of["secret"].append(self.bearer.split(".")[2])
        self.daemon = Daemon(self.folder, self.broker, self.settings)
        self.daemon.command = lambda *more: ["env", f"TMPDIR={self.tmp}", os.path.join(BUILD, "vigild"), "-c", self.settings, *more]
        self.broker.start()

    def file(self, name, text):
        with open(os.path.join(self.folder, name), "w") as file:
            file.write(text)
        os.chmod(file.name, 0o600)

    def write(self, form):
        self.file("vigild.yaml", SETTINGS.format(port=self.broker.port, protocols=os.path.join(ROOT, "config", "protocols"),
                                                 form=form, pager=self.pager.port))

    def vigil(self, *words, text=None, good=True):
        done = subprocess.run([VIGIL, *words, "-c", self.settings], input=text, capture_output=True, text=True, timeout=60,
                              env={**os.environ, "TMPDIR": self.tmp}, cwd=self.folder)
        assert done.returncode == 0 or not good, (words, done)
        self.said.append((words, done.stdout, done.stderr))
        return done.stdout

    def begin(self):
        """As a careless start script would: cores allowed, in a folder of ours."""
        soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
        old = os.getcwd()
        try:
            resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
            os.chdir(self.folder)
            self.daemon.start()
        finally:
            os.chdir(old)
            resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))
        self.web = Web(self.daemon.port)

    def __exit__(self, *error):
        self.pager.server.shutdown()
        return super().__exit__(*error)


# ---- The ways in

def lab(code, value, unit):
    return {"code": code, "value": value, "unit": unit}


def by_mqtt(client, patient, ten):
    """All topics, rightly and wrongly. What is wrong holds tokens where somebody might repeat it."""
    send, name, text = client.publish, lambda: T.make("name"), lambda: T.make("text")
    send(BED + f"{ten}2/episode", {"ts": now_ms() - 7_200_000, "by": "adt", "do": "admit", "patient": patient, "name": name(), "age": 55,
                              "product": "car_t", "protocol": "car-t", "identity": {"donor": "allogeneic", "chain_id": text()}})
    send(BED + f"{ten}2/therapy", vitals(0, {"code": "infusion", "value": "start", "product": text(), "dose_id": text()},
                                    {"code": "medication", "value": text()}, ts=now_ms() - 3_600_000, patient=patient, nurse=name()))
    send(BED + f"{ten}2/assessment", vitals(0, {"code": "symptom", "value": text()},
                                       {"code": "flag", "value": "scale2", "on": True, "by": text()}, patient=patient))
    send(BED + f"{ten}2/labs", vitals(0, lab("ferritin", float(T.make("value")), "ng/mL"), patient=patient, display=name()))
    for ago in (300_000, 5_000):
        send(BED + f"{ten}2/vitals", vitals(0, lab("spo2", 71, "%"), lab("sbp", 70, "mm[Hg]"), patient=patient, ts=now_ms() - ago, name=name()))
    wrong = [f'{{"patient":"{T.make("patient")}","name":"{name()}","obs":[{{"code":"crp"',           # no JSON
             f'{{"gateway":"gw-1","ts":1,"obs":[],"{name()}":1,"{text()}":{{"a":{{"a":{{"a":{{"a":{{"a":{{"a":{{"a":{{"a":1}}}}}}}}}}}}}}}}}}',
             vitals(0, lab("crp", T.make("value"), "mg/L"), patient=patient),                        # a text for a number
             vitals(0, lab("hr", float(T.make("value")), "/min"), patient=patient),                  # out of range
             vitals(0, lab("temp", 37, "Cel"), patient=T.make("patient")),                           # another patient
             vitals(0, lab("temp", 37, "Cel"), patient=name().replace("-", " ")),                    # a name for a pseudonym
             vitals(0, lab("temp", 37, "Cel"), patient=patient, gateway=name()),
             vitals(0, lab("temp", 37, "Cel"), patient=patient, device=name() + " Smith"),
             vitals(4, lab("temp", 37, "Cel"), patient=patient, epoch=name() + "'s"),
             {"gateway": "gw-1", "patient": T.make("patient"), "ts": name(), "obs": name()},
             {"gateway": "gw-1", "ts": now_ms(), "obs": [lab("temp", 37, name())]}, {"gateway": "gw-1", "ts": now_ms(), "obs": [lab(name(), 1, "")]}]
    for message in wrong:
        send(BED + f"{ten}2/vitals", message)
    send(BED + f"{ten}3/episode", {"ts": now_ms(), "do": "admit", "patient": T.make("patient"), "product": text(), "protocol": name()})
    send(BED + f"{ten}4/episode", {"ts": now_ms(), "do": "transfer", "patient": T.make("patient"), "to_ward": name(), "to_bed": "3"})
    send(BED + f"{ten}5/vitals", vitals(0, lab("temp", 37, "Cel"), patient=T.make("patient")), retained=True)
    send(BED + f"{ten}5/vitals", b"")
    send("vigil/v1/gateways/gw-1/status", {"state": name(), "epoch": "e1", "ts": now_ms(), "note": text()})
    return len(wrong)


def by_commands(client, house, patient):
    alert = until(lambda: [e for e in client.events() if e["patient"] == patient], what="an alert")[0]
    text = lambda: T.make("text")  # noqa: E731
    acts = [("note", {"text": text(), "name": T.make("name")}), ("reject", {"reason": text()}), ("silence", {"for": "5m", "reason": text()}),
            ("shelve", {"for": "5m", "reason": text()}), ("judge", {"judgement": text()}), (text(), {}), ("note", {"text": text(), "alert": text()}),
            ("received", {"page": text()}), ("accept", {"rev": text()})]
    for n, (do, more) in enumerate(acts):
        client.publish(WARD + "commands/cli-1", {"id": f"c{len(house.said)}-{n}", "by": f"nurse:{text()}", "do": do, "alert": alert["id"],
                                                 "rev": alert["rev"], **more})
    client.publish(WARD + "commands/cli-1", f'{{"by":"{T.make("name")}","do":{T.make("text")}')
    client.publish(WARD + "commands/cli-1", {"id": "cp", "by": "nurse:li", "do": "pause", "bed": "99", "for": "5m", "reason": text()})
    before = len(client.messages("/results/cli-1"))
    until(lambda: len(client.messages("/results/cli-1")) >= max(before, len(acts)), what="the answers")
    return alert["id"]


def by_http(house, patient, alert, ten):
    """Who may, who may not, and who guesses; each with tokens of their own. Returns answers to strangers, and to those known."""
    web, known, strange = house.web, [], []
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    def login(name, password):
        return web.ask("POST", "/api/v1/login", urllib.parse.urlencode({"name": name, "password": password}), form)
    right = login("li", house.passwords["li"])
    cookie = re.match(r"vigil=([^;]*)", right.headers["set-cookie"])[1]
    T.of["secret"].append(cookie)
    house.cookies.append(right.headers["set-cookie"])
    strange += [login("li", T.make("secret")), login(T.make("name"), T.make("secret")),
                web.get("/api/v1/wards", Authorization="Bearer " + T.make("secret")),
                web.get("/api/v1/wards", Authorization=f"Bearer vg1.wall.{T.make('secret')}"),
                web.get("/api/v1/wards", Cookie="vigil=" + T.make("secret")),
                web.get(f"/api/v1/readings?patient={patient}&code=temp"), web.get("/", Accept="text/html"), web.get("/healthz")]
    me = {"Authorization": "Bearer " + house.bearer}
    for path in (f"/api/v1/readings?patient={patient}", f"/api/v1/episodes?patient={patient}", f"/api/v1/alerts?patient={patient}",
                 f"/fhir/Observation?patient={patient}", f"/api/v1/assessments?patient={patient}", f"/fhir/Patient/{T.make('patient')}",
                 f"/api/v1/readings?patient={T.make('patient')}&code={T.make('text')}&from={T.make('text')}", f"/{T.make('name')}",
                 "/api/v1/wards", "/api/v1/wards/onc-7/beds"):
        known.append(web.get(path, **me))
    known.append(web.post(f"/api/v1/alerts/{alert}/note", {"by": "physician:wall", "reason": T.make("text"), "name": T.make("name")}, **me))
    known.append(web.post(f"/api/v1/alerts/{T.make('text')}/accept", {"by": T.make("name")}, **me))
    known.append(web.ask("POST", f"/api/v1/beds/onc-7/{ten}2/{T.make('text')}", json.dumps({"patient": patient, "name": T.make("name")}),
                         {**me, "Content-Type": "application/json"}))
    known.append(web.post(f"/api/v1/beds/onc-7/{ten}2/assessment", {"ts": now_ms(), "obs": [{"code": "symptom", "value": T.make("text")}],
                                                               "patient": patient, "name": T.make("name")}, **me))
    raw = f"GET /{T.make('name')} HTTP/9.9\r\nAuthorization: Bearer {T.make('secret')}\r\n\r\n".encode()
    known.append(type("Raw", (), {"body": web.raw(raw, whole=False), "headers": {}, "status": 400}))
    none_in("/metrics", web.get("/metrics", **me).body)
    stream = Stream(house.daemon.port, "?ward=onc-7", headers=me)
    until(lambda: stream.events, what="the stream")
    none_in("the stream", json.dumps(stream.events), "secret", "name")
    stream.close()
    return strange, known


def by_cli(house, patient, ten):
    """What a person types at a shell is theirs to see; what the tool says of its own accord must not tell."""
    house.vigil("admit", f"onc-7/{ten}6", T.make("patient"), "--product", "car_t", "--chain-id", T.make("text"))
    house.vigil("admit", f"onc-7/{ten}7", T.make("name").replace("-", " "), "--product", "car_t", good=False)
    house.vigil("history", patient, "--code", "spo2")
    house.vigil("history", T.make("patient"), good=False)
    quiet = len(house.said)
    house.vigil("status")
    house.vigil("doctor", "--within", "1s", good=False)
    house.vigil("user", "list")
    house.vigil("user", "password", "wu", text=T.make("secret") + "\n")
    house.vigil("audit", "verify")
    house.vigil("store", good=False)
    for words, out, err in house.said[quiet:]:
        none_in(f"vigil {words[0]}", out + err)
    for words, out, err in house.said:
        typed = " ".join(words)
        none_in(f"vigil {words[0]}", "".join(line for line in (out + err).splitlines() if line not in typed and house.bearer not in line), "secret")


def wrong_starts(house):
    """A secret in a wrong place of the settings is not printed with the fault."""
    secret = T.make("secret")
    for line in (f"mqtt: {{password: {secret}}}", f"channels: [{{name: a, kind: webhook, url: 'https://u:{secret}@h'}}]",
                 f"channels: [{{name: a, kind: webhook, url: 'https://h', password: {secret}}}]"):
        house.file("wrong.yaml", line + "\n")
        done = subprocess.run([os.path.join(BUILD, "vigild"), "--check", "-c", os.path.join(house.folder, "wrong.yaml")],
                              capture_output=True, text=True, timeout=20)
        assert done.returncode == 1 and done.stderr, done
        none_in("vigild --check", done.stdout + "".join(x for x in done.stderr.splitlines(True) if x[0] != " "), "secret")
    done = subprocess.run([os.path.join(BUILD, "vigild"), "--set", f"mqtt.password={secret}"], capture_output=True, text=True, timeout=20)
    assert done.returncode == 2, done
    none_in("vigild --set", done.stdout + done.stderr, "secret")
    os.remove(os.path.join(house.folder, "wrong.yaml"))


# ---- The faults

def cores(folder):
    return [n for n in os.listdir(folder) if re.fullmatch(r"core(\..*)?|.*\.core", n)]


def crash(house):
    """A fault in memory, as it would be: no core file is left, though the limits would allow one."""
    control = "import os, resource, signal; os.kill(os.getpid(), signal.SIGSEGV)"
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    subprocess.run([sys.executable, "-c", control], cwd=house.tmp, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (hard, hard)))
    would = cores(house.tmp)
    for name in would:
        os.remove(os.path.join(house.tmp, name))
    assert not cores(house.folder)
    house.daemon.process.send_signal(signal.SIGSEGV)
    house.daemon.process.wait(15)
    assert not cores(house.folder) and not cores(house.tmp), cores(house.folder)
    print(f"  a crash leaves no core file; another program's {'does' if would else 'does not here, either: proves little'}")


def one_life(house, client, ten):
    patient = T.make("patient")
    expected = house.daemon.rows("SELECT count(*) FROM quarantine")[0][0] + by_mqtt(client, patient, ten)
    until(lambda: house.daemon.rows("SELECT count(*) FROM quarantine")[0][0] >= expected - 1, what="the wrong ones")
    pid = house.daemon.process.pid
    for name in ("cmdline", "environ"):
        none_in(f"/proc/{pid}/{name}", open(f"/proc/{pid}/{name}", "rb").read())
    alert = by_commands(client, house, patient)
    strange, known = by_http(house, patient, alert, ten)
    for answer in strange:
        assert answer.status in (200, 401, 429), answer
        none_in("an answer to a stranger", answer.body + str(answer.headers).encode())
    for answer in known:
        none_in(f"an answer to who is known ({answer.status})", answer.body + str(answer.headers).encode(), "secret")
    by_cli(house, patient, ten)
    client.publish(BED + f"{ten}2/episode", {"ts": now_ms(), "by": "adt", "do": "discharge", "patient": patient, "confirm": True, "note": T.make("text")})


def where_files_may_tell(house):
    """{file: kinds that may be in it}; in all others nothing is."""
    data = ("patient", "name", "text", "value")
    may = {"v.db": data, "v.db-wal": data, "broker.db": data, "broker.db.new": data}
    may.update({f"v.db.inbox-{n}": data for n in range(4)})
    may.update({name: ("secret",) for name in house.secret_files})
    return may


def look_at_files(house):
    may, seen = where_files_may_tell(house), b""
    for folder, _, names in os.walk(house.folder):
        for name in names:
            content = open(os.path.join(folder, name), "rb").read()
            forbidden = [k for k in T.of if k not in may.get(name, ())]
            none_in(name, content, *forbidden)
            seen += content if name.startswith("v.db") else b""
    assert not os.listdir(house.tmp), os.listdir(house.tmp)
    there = [t for t in T.all("patient", "text", "name") if t.encode() in seen]
    assert len(there) > 60, f"only {len(there)} tokens are in the store: they never came in"
    return len(there)


def look_at_topics(client):
    """What the daemon said. Values, patients and texts go to the ward's channels, nothing else does, and a sender is told of
    its own words only."""
    count = 0
    for topic, payload, _ in list(client.seen):
        none_in("a topic", topic)
        if topic.endswith("/commands/cli-1") or "/beds/" in topic or topic.endswith("gw-1/status"):
            continue  # ours
        count += 1
        if re.search(r"/wards/[^/]+/(alerts|events|pages|results)(/|$)", topic):
            none_in(topic, payload, "secret", "name")
        elif topic.endswith("/rejected"):
            none_in(topic, payload, "secret", "patient", "value", "text")
        else:
            none_in(topic, payload)
    return count


def test_a_hundred_tokens():
    with House() as house:
        house.cookies = []
        wrong_starts(house)
        house.begin()
        client = house.client("gw-1", "vigil/v1/#")
        one_life(house, client, 1)
        house.daemon.signal(signal.SIGKILL)
        house.write("json")
        house.begin()
        house.daemon.signal(signal.SIGHUP)
        house.broker.kill()
        until(lambda: "mqtt.down" in house.daemon.log_text(), what="the loss of the broker")
        house.broker.start()
        client_2 = house.client("gw-2", "vigil/v1/#")
        until(lambda: house.web.get("/readyz", Authorization="Bearer " + house.bearer).status == 200, what="the broker back")
        one_life(house, client_2, 2)
        until(lambda: house.pager.heard, what="a page by the webhook")
        crash(house)
        house.begin()
        house.daemon.signal(signal.SIGTERM)
        for body in house.pager.heard:
            none_in("a page that leaves the hospital", body)
        log = house.daemon.log_text()
        assert '"event":"ready"' in log and "event=ready" in log
        none_in("the log", log)
        told = look_at_topics(client) + look_at_topics(client_2)
        there = look_at_files(house)
        assert any(p.encode() in m for p in T.of["patient"] for _, m, _ in client.seen), "the ward's channels know their patients"
        print(f"  {len(T.all())} tokens, {there} of them in the store, {told} messages of the daemon, {len(house.pager.heard)} pages, "
              f"{log.count(chr(10))} lines of log")
        assert len(T.all()) >= 100


run([test_a_hundred_tokens])
