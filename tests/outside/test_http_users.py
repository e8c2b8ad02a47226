# SPDX-License-Identifier: Apache-2.0
"""Once users are configured: who comes in, how far each right goes, what of another ward is seen, what is written
down, and what becomes of sessions."""
import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
import termios
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib-python"))
from place import BUILD, Daemon, Place, Skip, now_ms, run, temp, until, vitals  # noqa: E402
from web import Stream, Web  # noqa: E402

VIGIL = os.path.join(BUILD, "vigil")
PASSWORD = "correct horse %&+ 电池"


class Guarded(Daemon):
    def command(self, *more):
        return super().command("--set", f"users={self.folder}/users", *more)


class House(Place):
    """Two wards with a patient and a critical alert each, and one user of each right."""

    def __init__(self):
        super().__init__(start=False)
        self.tokens = {}
        open(os.path.join(self.folder, "users"), "w").close()
        self.add("li", "nurse", "--ward", "onc-7", "--as", "bedside-nurse")
        self.add("wu", "physician", "--as", "attending")
        self.add("wall", "display", "--ward", "onc-7")
        self.add("root", "administrator")
        self.broker.start()
        self.daemon = Guarded(self.folder, self.broker)
        self.daemon.start()
        self.web = Web(self.daemon.port)
        self.gateway = self.client("gw", "vigil/v1/wards/+/events")

    def user(self, *words, text=None):
        done = subprocess.run([VIGIL, "user", *words, "--set", f"users={self.folder}/users"], input=text,
                              capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout, done.stderr

    def add(self, name, role, *more):
        code, out, err = self.user("add", name, "--role", role, "--token", *more)
        assert code == 0 and out.startswith(f"vg1.{name}."), err
        self.tokens[name] = out.strip()

    def patients(self):
        for n, (ward, patient) in enumerate((("onc-7", "p-7"), ("onc-8", "p-8"))):
            topic = f"vigil/v1/beds/{ward}/1"
            self.gateway.publish(topic + "/episode", {"ts": now_ms() - 3_600_000, "by": "adt", "do": "admit",
                                                      "patient": patient, "product": "car_nk", "age": 50})
            self.gateway.publish(topic + "/vitals", vitals(None, temp(36.6), ts=now_ms() - 500_000))
            for ago in (400_000, 60_000):
                self.gateway.publish(topic + "/vitals", vitals(None, {"code": "sbp", "value": 80, "unit": "mm[Hg]",
                                                                      "source": "cuff"}, ts=now_ms() - ago))
        until(lambda: len(self.gateway.events("HYPOTENSION")) == 2, what="both alerts")
        self.alerts = {e["ward"]: e["id"] for e in self.gateway.events("HYPOTENSION")}
        until(lambda: len(self.daemon.rows("SELECT 1 FROM alert WHERE rule='HYPOTENSION'")) == 2, what="both in the store")

    def as_(self, name):
        return {"Authorization": f"Bearer {self.tokens[name]}"}

    def get(self, name, path, **more):
        return self.web.get(path, **self.as_(name), **more)

    def post(self, name, path, value):
        return self.web.post(path, value, **self.as_(name))

    def login(self, name, password, **more):
        body = urllib.parse.urlencode({"name": name, "password": password})
        return self.web.ask("POST", "/api/v1/login", body, {"Content-Type": "application/x-www-form-urlencoded", **more})


def cookie_of(answer):
    return re.match(r"vigil=([^;]*);", answer.headers["set-cookie"]).group(1)


def test_two_who_change_users_at_once():
    """None is lost; and who is removed while somebody types a password is not written back."""
    with House() as house:
        words = [VIGIL, "user", "--set", f"users={house.folder}/users"]

        def begin(*more):
            return subprocess.Popen([*words, *more], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        def held():
            folder = os.open(house.folder, os.O_RDONLY)
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return False
            except BlockingIOError:
                return True
            finally:
                os.close(folder)
        typing = begin("password", "li")
        until(held, what="the first to have read the file")
        others = [begin("remove", "wu")] + [begin("add", f"n{n}", "--role", "nurse", "--token") for n in range(4)]
        for other in others:
            assert "waiting" in other.stderr.readline()
        typing.communicate("another long one\n", timeout=60)
        for other in others:
            assert other.communicate(timeout=60) and other.returncode == 0, other.args
        names = {line.split()[0] for line in house.user("list")[1].splitlines()}
        assert typing.returncode == 0 and names == {"li", "wall", "root", "n0", "n1", "n2", "n3"}, names
        assert not os.path.exists(f"{house.folder}/users.new")


def test_a_password_is_as_long_as_the_form_takes():
    with House() as house:
        code, _, said = house.user("add", "chen", "--role", "nurse", text="x" * 256 + "\n")
        assert code == 3 and "at most 255 bytes" in said, (code, said)
        assert house.user("add", "chen", "--role", "nurse", text="x" * 255 + "\n")[0] == 0
        until(lambda: house.login("chen", "x" * 255).status == 200, what="the new user to be known")


def typed(folder, *keys):
    """`vigil user add` on a terminal of its own, each of `keys` typed when it asks: (exit code, what was shown, whether the
    terminal echoes afterwards)."""
    master, slave = os.openpty()
    command = [VIGIL, "user", "add", "li", "--role", "nurse", "--set", f"users={folder}/typed"]
    child = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                             preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
    shown = b""
    for prompt, key in zip((b"Password: ", b"Again: "), keys):
        while not shown.endswith(prompt):
            shown += os.read(master, 1000)
        until(lambda: not termios.tcgetattr(slave)[3] & termios.ECHO, what="no echo")
        os.write(master, key)
    code = child.wait(timeout=60)
    echo = bool(termios.tcgetattr(slave)[3] & termios.ECHO)
    os.close(slave)
    os.close(master)
    return code, shown, echo


def test_who_breaks_off_at_a_prompt_has_a_terminal_that_echoes():
    with tempfile.TemporaryDirectory() as folder:
        for keys in ((b"\x03",), (b"a secret\x03",), (b"a secret\n", b"\x03"), (b"\x1c",), (b"\x04",)):
            code, _, echo = typed(folder, *keys)
            assert code != 0 and echo and not os.path.exists(f"{folder}/typed"), (keys, code, echo)
        code, shown, echo = typed(folder, b"a long secret\n", b"a long secret\n")
        assert code == 0 and echo and b"a long" not in shown and os.path.getsize(f"{folder}/typed") > 0, (code, shown)


def test_who_comes_with_a_certificate_has_no_password_to_change():
    with House() as house:
        assert house.user("add", "chen", "--role", "nurse", "--certificate")[0] == 0
        code, _, said = house.user("password", "chen", text="a long new one\n")
        assert code == 2 and "no password: chen" in said, (code, said)


def test_who_was_removed_is_so_after_a_power_cut():
    """The folder is synced behind the new name: an old file that came back would have them in it."""
    if not shutil.which("strace"):
        raise Skip("no strace")
    with House() as house:
        log = f"{house.folder}/calls"
        subprocess.run(["strace", "-f", "-qqq", "-y", "-o", log, "-e", "trace=rename,fsync", VIGIL, "user", "--set", f"users={house.folder}/users",
                        "remove", "wu"], check=True)
        calls = [re.sub(r"^\d+ +", "", line) for line in open(log)]
        assert [c.split("(")[0] for c in calls] == ["fsync", "rename", "fsync"] and f"<{house.folder}>" in calls[2], calls


def test_nobody_comes_in_unknown():
    with House() as house:
        assert house.web.get("/healthz").status == 200
        for path in ("/", "/readyz", "/metrics", "/api/v1/wards", "/api/v1/stream", "/api/v1/openapi.yaml", "/nothing",
                     "/api/v1/readings?patient=p-7&code=temp", "/fhir/metadata"):
            answer = house.web.get(path)
            assert answer.status == 401 and "Bearer" in answer.headers["www-authenticate"], (path, answer)
        assert house.web.post("/api/v1/alerts/x/accept", {"by": "nurse:li"}).status == 401
        page = house.web.get("/", Accept="text/html")
        assert page.status == 401 and "<form" in page.text and "script" not in page.text, page
        for token in ("", "x", "vg1.li.", "vg1.li." + "A" * 43, house.tokens["li"][:-1] + "-_"[house.tokens["li"][-1] == "-"], house.tokens["li"] + "x",
                      house.tokens["li"].replace("vg1.li", "vg1.wu"), "vg1." + "a" * 400 + "." + "A" * 43):
            answer = house.web.get("/api/v1/wards", Authorization=f"Bearer {token}")
            assert answer.status in (401, 429), (token, answer)
        assert house.get("root", "/api/v1/session").json["right"] == "administrator"
        text = open(os.path.join(house.folder, "users")).read()
        assert text.count("$argon2id$") == 4 and house.tokens["li"].split(".")[2] not in text
        assert os.stat(os.path.join(house.folder, "users")).st_mode & 0o77 == 0


def test_each_right_and_each_verb():
    with House() as house:
        house.patients()
        alert = house.alerts["onc-7"]
        acts = {"acknowledge": {}, "accept": {}, "release": {}, "reject": {"reason": "x"}, "silence": {"for": "1m"},
                "note": {"reason": "x"}, "judge": {"judgement": "actionable"}, "reset": {},
                "shelve": {"for": "10m", "reason": "x"}, "pause": {"for": "10m", "reason": "x"}}
        for verb, body in acts.items():
            for name in ("wall", "root", "li", "wu"):
                answer = house.post(name, f"/api/v1/alerts/{alert}/{verb}", body)
                # a critical alert: nothing for a display or an administrator; nobody shelves it
                refused = name in ("wall", "root") or verb == "shelve"
                assert answer.status == (403 if refused else 200), (verb, name, answer)
        assert house.post("wall", f"/api/v1/alerts/{alert}/displayed", {"page": "01ABC"}).status == 200
        looks = {"/api/v1/episodes?patient=p-7": "li wu", "/api/v1/assessments?patient=p-7": "li wu", "/api/v1/charted?patient=p-7": "li wu",
                 "/api/v1/coverage?patient=p-7": "li wu",
                 "/api/v1/readings?patient=p-7&code=temp": "li wu",
                 "/api/v1/readings?patient=p-7&code=temp&from=-6h&step=5m": "li wu wall",
                 "/api/v1/readings?patient=p-7&code=temp&from=-30d&step=5m": "li wu", f"/api/v1/alerts/{alert}": "li wu",
                 "/api/v1/alerts?patient=p-7": "li wu", "/api/v1/wards": "li wu wall root",
                 "/api/v1/wards/onc-7/beds": "li wu wall root", "/metrics": "li wu wall root", "/": "li wu wall root"}
        for path, names in looks.items():
            for name in house.tokens:
                answer = house.get(name, path)
                assert (answer.status != 403) == (name in names.split()), (path, name, answer)
        enter = {"gateway": "board", "ts": now_ms(), "obs": [{"code": "consciousness", "value": "A"}]}
        assert [house.post(name, "/api/v1/beds/onc-7/1/assessment", enter).status for name in ("li", "wu", "wall", "root")] == [
            200, 200, 403, 403]


def test_who_is_logged_in_speaks_for_nobody_else():
    with House() as house:
        house.patients()
        path = f"/api/v1/alerts/{house.alerts['onc-7']}/accept"
        for by in ("bedside-nurse:wu", "attending:li", "nurse:li", "li", "", 7):
            answer = house.post("li", path, {"by": by})
            assert answer.status == 403 or answer.json["result"] == "invalid", (by, answer)
        assert house.post("li", path, {"by": "bedside-nurse:li"}).json["result"] in ("ok", "stale_view")
        assert house.post("li", path.replace("accept", "release"), {}).json["result"] in ("ok", "stale_view")
        until(lambda: [e for e in house.gateway.events() if e["event"] == "released"], what="the release")
        assert house.post("wu", path, {}).json["result"] in ("ok", "stale_view")
        until(lambda: [e for e in house.gateway.events() if e["responsibility"]["owner"] == "attending:wu"], what="the owner")


def test_another_wards_data():
    with House() as house:
        house.patients()
        assert [w["ward"] for w in house.get("li", "/api/v1/wards").json["wards"]] == ["onc-7"]
        assert len(house.get("wu", "/api/v1/wards").json["wards"]) == 2
        for path in ("/api/v1/wards/onc-8/beds", "/api/v1/readings?patient=p-8&code=temp", "/api/v1/episodes?patient=p-8",
                     "/api/v1/alerts?ward=onc-8", f"/api/v1/alerts/{house.alerts['onc-8']}", "/api/v1/stream?ward=onc-8",
                     "/api/v1/assessments?patient=p-8"):
            answer = house.get("li", path)
            assert answer.status == 403 and answer.type == "application/problem+json", (path, answer)
        episode = house.get("wu", "/api/v1/episodes?patient=p-8").json["episodes"][0]["id"]
        answer = house.get("li", f"/api/v1/episodes/{episode}")
        assert answer.status == 403 and "p-8" not in answer.text, answer
        assert house.post("li", f"/api/v1/alerts/{house.alerts['onc-8']}/accept", {}).status == 403
        assert house.post("li", "/api/v1/beds/onc-8/1/assessment", {"gateway": "board"}).status == 403
        listed = house.get("li", "/api/v1/alerts").json["alerts"]
        assert listed and {a["ward"] for a in listed} == {"onc-7"}, listed


def test_what_is_looked_at_is_written_down():
    with House() as house:
        house.patients()
        for _ in range(3):
            assert house.get("li", "/api/v1/readings?patient=p-7&code=temp").status == 200
        assert house.get("wall", "/api/v1/readings?patient=p-7&code=temp&from=-6h&step=5m").status == 200
        assert house.get("wu", "/api/v1/readings?patient=p-8&code=temp").status == 200
        assert house.get("li", "/api/v1/readings?patient=p-8&code=temp").status == 403
        rows = lambda: house.daemon.rows("SELECT subject, body FROM audit WHERE kind='read' ORDER BY id")  # noqa: E731
        until(lambda: len(rows()) >= 2, what="the rows of the audit trail")
        found = [(subject, name) for subject, body in rows() for name in ("li", "wu", "wall") if f" {name}: readings" in body]
        assert found == [("p-7", "li"), ("p-8", "wu")], rows()
        assert house.get("li", "/api/v1/alerts").status == 200 and house.get("wu", "/api/v1/alerts").status == 200
        looked = lambda: [(subject, name) for subject, body in rows() for name in ("li", "wu") if f" {name}: alerts" in body]  # noqa: E731
        until(lambda: looked() == [("onc-7", "li"), ("all", "wu")], what="who looked at everybody's alerts")


def test_a_person_poses_as_no_gateway():
    """A gateway's name and numbers in what is entered would make us refuse what that gateway sends."""
    with House() as house:
        house.patients()
        told = {"gateway": "gw-9", "epoch": "E", "seq": 4, "ts": now_ms(),
                "obs": [{"code": "temp", "value": 36.9, "unit": "Cel", "source": "spot"}]}
        assert house.post("li", "/api/v1/beds/onc-7/1/vitals", told).status == 200
        assert not house.daemon.rows("SELECT gateway FROM epoch WHERE gateway = 'gw-9'")
        house.gateway.publish("vigil/v1/beds/onc-7/1/vitals", {**told, "ts": now_ms(), "obs": [
            {"code": "temp", "value": 39.9, "unit": "Cel", "source": "spot"}]})
        until(lambda: [r["value"] for r in house.get("li", "/api/v1/readings?patient=p-7&code=temp").json["readings"]][-1] == 39.9,
              what="what the gateway sent under that number")


def test_sessions():
    with House() as house:
        code, _, err = house.user("add", "chen", "--role", "nurse", text=PASSWORD + "\n")
        assert code == 0, err
        assert house.user("add", "chen", "--role", "nurse", text=PASSWORD + "\n")[0] == 1
        assert house.user("add", "short", "--role", "nurse", text="1234567\n")[0] == 3
        answer = until(lambda: (a := house.login("chen", PASSWORD)).status == 200 and a, what="the new user to be known")
        assert "HttpOnly" in answer.headers["set-cookie"] and "SameSite=Strict" in answer.headers["set-cookie"]
        cookie = f"vigil={cookie_of(answer)}"
        assert house.web.get("/api/v1/session", Cookie=cookie).json["name"] == "chen"
        assert house.web.get("/api/v1/wards", Cookie=cookie[:-1] + "~").status == 401
        by_page = house.login("chen", PASSWORD, Accept="text/html")
        assert by_page.status == 303 and by_page.headers["location"] == "/", by_page
        assert house.login("chen", PASSWORD, Origin="https://elsewhere.example").status == 403
        assert house.get("li", f"/api/v1/login?name=chen&password={urllib.parse.quote(PASSWORD)}").status == 405, "in no query"
        stream = house.web.raw(f"GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n".encode(), whole=False)
        assert b"200 OK" in stream, stream
        out = house.web.ask("POST", "/api/v1/logout", "", {"Cookie": cookie})
        assert out.status == 200 and cookie_of(out) == ""
        assert house.web.get("/api/v1/wards", Cookie=cookie).status == 401, "the session is over"
        assert house.login("li", house.tokens["li"].split(".")[2]).status == 401, "a token is no password"
        again = f"vigil={cookie_of(house.login('chen', PASSWORD))}"
        assert house.web.get("/api/v1/wards", Cookie=again).status == 200
        assert house.user("remove", "chen")[0] == 0 and house.user("remove", "chen")[0] == 1
        until(lambda: house.web.get("/api/v1/wards", Cookie=again).status == 401, 5, "who is taken out is out")
        kinds = lambda: [k for (k,) in house.daemon.rows("SELECT kind FROM audit WHERE subject='chen' ORDER BY id")]  # noqa: E731
        until(lambda: "logout" in kinds() and kinds().count("login") >= 3, what="the audit trail")
        assert kinds().count("login") == 3, kinds()


def test_another_password_or_right_ends_the_session():
    """A session is of the user as they were at the log-in: who learned the old password is out with it, at once."""
    with House() as house:
        assert house.user("add", "chen", "--role", "nurse", text=PASSWORD + "\n")[0] == 0
        login = lambda word: until(lambda: (a := house.login("chen", word)).status == 200 and f"vigil={cookie_of(a)}", 8, "a log-in")  # noqa: E731
        asks = lambda cookie: house.web.get("/api/v1/wards", Cookie=cookie).status  # noqa: E731
        old = login(PASSWORD)
        stream = Stream(house.daemon.port, headers={"Cookie": old})
        until(lambda: stream.of("status"), what="the stream")
        assert house.user("password", "chen", text="another one altogether\n")[0] == 0
        until(lambda: asks(old) == 401, 5, "the end of the session that the old password opened")
        until(lambda: stream.ended, 15, "the end of its stream")
        new = login("another one altogether")
        assert asks(new) == 200 and asks(old) == 401
        path = os.path.join(house.folder, "users")
        kept = open(path).read()
        with open(path, "w") as out:
            out.write(kept.replace("chen nurse - -", "chen display onc-7 -"))
        until(lambda: asks(new) == 401, 5, "the end of the session of who has another right and ward")
        assert house.web.get("/api/v1/session", Cookie=login("another one altogether")).json["right"] == "display"


def test_a_stream_ends_with_its_user():
    with House() as house:
        stream = Stream(house.daemon.port, headers=house.as_("wall"))
        until(lambda: stream.of("status"), what="the stream")
        assert house.user("remove", "wall")[0] == 0
        until(lambda: stream.ended, 15, "the end of the stream of who is taken out")


def test_an_old_token():
    with House() as house:
        stream = Stream(house.daemon.port, headers=house.as_("wall"))
        until(lambda: stream.of("status"), what="the stream")
        old = house.as_("wall")
        code, out, err = house.user("password", "wall")
        assert code == 0 and out.startswith("vg1.wall."), err
        house.tokens["wall"] = out.strip()
        until(lambda: house.get("wall", "/api/v1/session").status == 200, 5, "the new one")
        assert house.web.get("/api/v1/session", **old).status == 401, "the old one is out, though it was known a moment ago"
        until(lambda: stream.ended, 15, "and so is its stream")


def test_guessing_is_slowed():
    with House() as house:
        assert house.user("add", "chen", "--role", "nurse", text=PASSWORD + "\n")[0] == 0
        until(lambda: house.login("chen", PASSWORD).status == 200, what="the new user to be known")
        statuses = [house.login("chen", f"guess {n}").status for n in range(8)]
        assert statuses[0] == 401 and statuses[-1] == 429, statuses
        begin = time.monotonic()
        assert house.login("chen", PASSWORD).status == 429 and time.monotonic() - begin < 0.5, "nothing is computed"
        assert house.get("li", "/api/v1/wards").status == 200, "others are not kept waiting"
        begin = time.monotonic()
        assert house.login("nobody", "x" * 20).status == 401
        unknown = time.monotonic() - begin
        assert unknown > 0.005, f"a name that does not exist takes as long: {unknown * 1000:.1f} ms"
        until(lambda: house.login("chen", PASSWORD).status == 200, 10, "it is over after a while")


if __name__ == "__main__":
    run([test for name, test in list(globals().items()) if name.startswith("test_")])
