# SPDX-License-Identifier: Apache-2.0
"""The mosquitto sample of contrib/mosquitto as it is shipped: a real broker with TLS, certificates made here, the
ACL made from the sample list. Each client tries everything; what its line does not name is denied. Then vigild
itself, a gateway and two displays work through it.

MQTT 3.1.1 acknowledges a denied message and grants a denied subscription all the same. So a publish counts as
denied when a witness does not get it and does get what came after it, and a reader subscribes to everything."""
import atexit
import json
import os
import re
import socket
import ssl
import subprocess
import tempfile

from place import BUILD, ROOT, Broker, Client, Daemon, Place, held_port, now_ms, run, temp, until, vitals

STARTED = []  # gateways: none outlives the test
HOME = os.path.join(ROOT, "contrib", "mosquitto")
LIST = os.path.join(HOME, "clients.list")
NAMES = ["vigil-1", "gw-03", "gw-04", "lab-1", "adt", "tablet-7", "board-7", "board-8", "watch-1"]
V = "vigil/v1/"
KINDS = ("vitals", "labs", "assessment", "therapy", "episode")
TOPICS = [f"{V}beds/{place}/{kind}" for place in ("onc-7/12", "onc-7/13", "onc-7/14", "onc-8/12", "icu/1")
          for kind in KINDS]
TOPICS += [f"{V}gateways/{name}/{what}" for name in (*NAMES[1:6], "unknown")
           for what in ("status", "committed", "rejected")]
TOPICS += [f"{V}wards/{ward}/{what}" for ward in ("onc-7", "onc-8") for what in (
    "alerts/a1", "events", "index", "pages/bedside-nurse", *(f"{way}/{name}" for way in ("commands", "results")
                                                           for name in ("tablet-7", "board-7", "board-8", "cli-1")))]
TOPICS += [f"{V}nodes/{node}/{what}" for node in ("vigil-1", "vigil-2") for what in ("status", "heartbeat")]
TOPICS += ["vigil/v2/beds/onc-7/12/vitals", "other", f"{V}beds/onc-7/12/vitals/more", f"{V}beds/onc-7"]

# What each may write and read, as regular expressions of what stands below the root: said here a second
# time, in other words than make-acl's.
OWN_WRITE, OWN_READ = r"|gateways/{0}/status", r"gateways/{0}/(committed|rejected)"
NODES = r"|nodes/[^/]+/(status|heartbeat)"
SEES = r"wards/{1}/(alerts/[^/]+|events|index|pages/[^/]+|results/{0})"
MAY = {
    "vigil-1": (r"beds/[^/]+/[^/]+/episode|gateways/[^/]+/(committed|rejected)"
                r"|wards/[^/]+/(alerts|pages|results|commands)/[^/]+|wards/[^/]+/(events|index)"
                r"|nodes/vigil-1/(status|heartbeat)",
                r"beds/[^/]+/[^/]+/(vitals|labs|assessment|therapy|episode)|gateways/[^/]+/(status|rejected)"
                r"|wards/[^/]+/(alerts|commands|results)/[^/]+|nodes/[^/]+/status|nodes/vigil-1/heartbeat"),
    "gw-03": (r"beds/onc-7/(12|13)/vitals" + OWN_WRITE, OWN_READ),
    "gw-04": (r"beds/onc-7/14/(vitals|therapy)" + OWN_WRITE, OWN_READ),
    "lab-1": (r"beds/(onc-7|onc-8)/[^/]+/labs" + OWN_WRITE, OWN_READ),
    "adt": (r"beds/(onc-7|onc-8)/[^/]+/episode" + OWN_WRITE, OWN_READ),
    "tablet-7": (r"beds/onc-7/[^/]+/(assessment|therapy)|wards/onc-7/commands/{0}" + OWN_WRITE,
                 OWN_READ + "|" + SEES + NODES),
    "board-7": (r"wards/onc-7/commands/{0}", SEES + NODES),
    "board-8": (r"wards/onc-8/commands/{0}", SEES + NODES),
    "watch-1": (r"wards/(onc-7|onc-8)/(alerts|pages)/[^/]+", r"wards/(onc-7|onc-8)/alerts/[^/]+" + NODES),
    "stranger": ("", ""),
}


def may(name, write, topic):
    rule = MAY[name][0 if write else 1].replace("{0}", name).replace("{1}", "onc-8" if name == "board-8" else "onc-7")
    return topic.startswith(V) and bool(re.fullmatch(rule, topic[len(V):]))


class TlsBroker(Broker):
    """The sample, with other ports and folders."""

    def __init__(self, folder):
        self.folder, self.port, self.inside, self.process = folder, held_port(), held_port(), None
        self.certs = os.path.join(folder, "certs")
        for words in (["ca"], ["broker", "localhost", "127.0.0.1"], ["client", *MAY, "witness"]):
            subprocess.run([os.path.join(HOME, "make-certs"), self.certs, *words], check=True)
        acl = subprocess.run([os.path.join(HOME, "make-acl"), LIST], check=True, capture_output=True, text=True).stdout
        # Some checks want an eye that sees all; the sample has none.
        open(os.path.join(self.certs, "acl"), "w").write(acl + "\nuser witness\ntopic readwrite #\n")
        text = open(os.path.join(HOME, "mosquitto.conf")).read()
        user = "root" if os.getuid() == 0 else os.environ.get("USER", "nobody")
        for old, new in (("/etc/mosquitto/vigil", self.certs), ("/var/lib/mosquitto/", folder + "/"),
                         ("listener 8883", f"listener {self.port} 127.0.0.1"),
                         ("listener 8884", f"listener {self.inside}"), ("user mosquitto", f"user {user}")):
            assert old in text, old
            text = text.replace(old, new)
        self.conf = os.path.join(folder, "mosquitto.conf")
        open(self.conf, "w").write(text)

    def file(self, name):
        return os.path.join(self.certs, name)

    def context(self, name):
        tls = ssl.create_default_context(cafile=self.file("ca.crt"))
        if name:
            tls.load_cert_chain(self.file(name + ".crt"), self.file(name + ".key"))
        return tls

    def client(self, name, *filters, client_id=None, inside=False):
        return Client(self.inside if inside else self.port, client_id or name, *filters, tls=self.context(name))


class Secured(Place):
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="vigil-test-")
        self.broker = TlsBroker(self.folder)
        self.broker.start()
        self.daemon = Daemon(self.folder, self.broker)

    def start_daemon(self):
        keys = {"mqtt.url": f"mqtts://localhost:{self.broker.inside}", "mqtt.ca": self.broker.file("ca.crt"),
                "mqtt.cert": self.broker.file("vigil-1.crt"), "mqtt.key": self.broker.file("vigil-1.key")}
        plain = self.daemon.command
        self.daemon.command = lambda *more: plain(*[w for k, v in keys.items() for w in ("--set", f"{k}={v}")], *more)
        self.daemon.start()


def differences(name, write, done):
    return [f"{name} {'writes' if write else 'reads'} {t}: {'allowed' if t in done else 'denied'}" for t in TOPICS
            if (t in done) != may(name, write, t)]


def test_each_client_writes_only_what_its_line_says():
    with Secured() as place:
        witness, wrong, tried = place.broker.client("witness", "#"), [], 0
        for name in MAY:
            client = place.broker.client(name)
            for topic in TOPICS:
                client.publish(topic, name)  # acknowledged, allowed or not
            witness.publish("after", name)
            until(lambda: any(t == "after" and p == name.encode() for t, p, _ in list(witness.seen)), what="the end")
            done = {t for t, p, _ in list(witness.seen) if p == name.encode() and t != "after"}
            wrong += differences(name, True, done)
            tried += len(TOPICS)
        assert not wrong, "\n".join(wrong)
        print(f"  {tried} writes tried")


def test_each_client_reads_only_what_its_line_says():
    with Secured() as place:
        witness, wrong = place.broker.client("witness"), []
        readers = {name: place.broker.client(name, "#") for name in MAY}
        for retained in (False, True):
            for topic in TOPICS:
                witness.publish(topic, f"live {retained}", retained=retained)
        for name, client in readers.items():
            client.publish("other", "x")  # its PUBACK comes behind whatever was under way to this client
            late = place.broker.client(name, "#")  # the retained ones; it takes the first one's place
            late.publish("other", "x")
            wrong += differences(name, False, {t for t, _, _ in list(client.seen)})
            wrong += differences(name, False, {t for t, _, _ in list(late.seen)})
        assert not wrong, "\n".join(wrong)
        print(f"  {2 * len(TOPICS) * len(MAY)} reads tried")


def refused(make):
    try:
        make()
    except (OSError, AssertionError):
        return True
    return False


def test_who_gets_in():
    with Secured() as place:
        broker = place.broker
        assert refused(lambda: broker.client(None, client_id="gw-03")), "without a certificate"
        assert refused(lambda: Client(broker.port, "gw-03")), "without TLS"
        other = os.path.join(place.folder, "other")
        for words in (["ca"], ["client", "gw-03"]):
            subprocess.run([os.path.join(HOME, "make-certs"), other, *words], check=True)
        tls = ssl.create_default_context(cafile=broker.file("ca.crt"))
        tls.load_cert_chain(os.path.join(other, "gw-03.crt"), os.path.join(other, "gw-03.key"))
        assert refused(lambda: Client(broker.port, "gw-03", tls=tls)), "by another authority"
        tls = ssl.create_default_context(cafile=broker.file("ca.crt"))
        tls.load_cert_chain(broker.file("broker.crt"), broker.file("broker.key"))
        assert refused(lambda: Client(broker.port, "gw-03", tls=tls)), "with the broker's own certificate"
        # A client that trusts another authority does not talk to this broker.
        tls = ssl.create_default_context(cafile=os.path.join(other, "ca.crt"))
        assert refused(lambda: tls.wrap_socket(socket.create_connection(("127.0.0.1", broker.port), 5),
                                               server_hostname="localhost")), "a broker of another authority"


def test_nobody_takes_anothers_client_id():
    """Else a gateway could push vigild off the broker, or take the session in which its messages wait."""
    with Secured() as place:
        place.start_daemon()
        board = place.broker.client("board-7", V + "wards/onc-7/results/board-7")
        thief = place.broker.client("gw-03", client_id="board-7")
        thief.publish(V + "gateways/gw-03/status", {"state": "online"})
        for stolen in ("vigil-vigil-1", "vigil-vigil-1-out"):
            place.broker.client("gw-03", client_id=stolen).publish(V + "gateways/gw-03/status", {"state": "online"})
        board.publish(V + "wards/onc-7/commands/board-7", {"id": "c1", "by": "nurse:li", "do": "accept", "alert": "x"})
        until(lambda: board.messages("/results/board-7"), what="an answer")
        assert board.alive and "mqtt.down" not in place.daemon.log_text()


def test_vigil_works_through_it():
    with Secured() as place:
        place.start_daemon()
        gateway = place.broker.client("gw-03", V + "gateways/gw-03/committed", V + "gateways/gw-03/rejected")
        seven = place.broker.client("board-7", V + "wards/#", V + "nodes/#")
        eight = place.broker.client("board-8", V + "wards/#", V + "nodes/#")
        gateway.publish(V + "beds/onc-7/14/vitals", vitals(9, temp(39.9), gateway="gw-03", ts=now_ms()))  # not its bed
        for seq in (1, 2):
            gateway.publish(V + "beds/onc-7/12/vitals", vitals(
                seq, {"code": "spo2", "value": 70, "unit": "%", "source": "spot"}, gateway="gw-03",
                ts=now_ms() - 120000 + 60000 * seq))
        gateway.publish(V + "beds/onc-7/12/vitals", {"gateway": "gw-03", "ts": now_ms(), "obs": [{"code": "nonsense"}]})
        until(lambda: any(m["upto"] == 2 for m in gateway.messages("/committed")), what="its mark")
        until(lambda: gateway.messages("/rejected"), what="its refusal")
        alert = until(lambda: seven.events(), what="the ward's event")[0]
        until(lambda: seven.messages("/index") and seven.messages("/heartbeat"), what="index and heartbeat")
        seven.publish(V + "wards/onc-7/commands/board-7", {
            "id": "c1", "by": "charge-nurse:li", "do": "accept", "alert": alert["id"], "rev": alert["rev"]})
        answer = until(lambda: seven.messages("/results/board-7"), what="the answer")[0]
        assert answer["result"] in ("ok", "stale_view"), answer
        until(lambda: eight.messages("/heartbeat"), what="the other ward's board to be alive")
        assert not [t for t, _, _ in list(eight.seen) if "/onc-7/" in t], "the other ward saw it"
        assert place.daemon.rows("SELECT count(*) FROM message")[0][0] == 2, "the other bed's message came through"
        assert "mqtt.down" not in place.daemon.log_text()


def test_the_tool_works_through_it():
    """`vigil` on vigild's host, with vigild's certificate; `vigil watch` with its own."""
    with Secured() as place:
        place.start_daemon()

        def vigil(name, port, *words):
            path = os.path.join(place.folder, f"{name}.yaml")
            open(path, "w").write(
                f"node: vigil-1\nmqtt: {{url: \"mqtts://localhost:{port}\", ca: {place.broker.file('ca.crt')}, "
                f"cert: {place.broker.file(name + '.crt')}, key: {place.broker.file(name + '.key')}}}\n"
                f"store: {{path: {place.daemon.store}}}\nwards:\n  - {{id: onc-7, protocol: car-t}}\n"
                f"protocols: {os.path.join(ROOT, 'config', 'protocols')}\n")
            done = subprocess.run([os.path.join(BUILD, "vigil"), *words, "-c", path], capture_output=True, text=True, timeout=60)
            assert done.returncode == 0, (words, done.returncode, done.stdout, done.stderr)

        vigil("vigil-1", place.broker.inside, "admit", "onc-7/12", "p-9", "--product", "car_t", "--age", "50")
        gateway = place.broker.client("gw-03")
        gateway.publish(V + "beds/onc-7/12/vitals", vitals(
            1, {"code": "spo2", "value": 15, "unit": "%", "source": "spot"}, gateway="gw-03"))
        alert = until(lambda: place.daemon.rows("SELECT id FROM alert"), what="an alert")[0][0]
        vigil("vigil-1", place.broker.inside, "accept", alert, "--by", "bedside-nurse:li")
        vigil("watch-1", place.broker.port, "watch", "--once")


def test_sample_gateways_work_through_it():
    """Both of contrib/gateways; a reading for a bed that is not theirs does not hold up the others."""
    subprocess.run(["make", "-s", "-C", ROOT, f"BUILD={os.path.relpath(BUILD, ROOT)}", "contrib"], check=True)
    with Secured() as place:
        place.start_daemon()
        keys = [w for k in ("ca", "cert", "key") for w in (f"--{k}", place.broker.file(
            {"ca": "ca.crt", "cert": "gw-03.crt", "key": "gw-03.key"}[k]))]
        ways = {"python": ["/usr/bin/python3", os.path.join(ROOT, "contrib", "gateways", "minimal_gateway.py"),
                           "--host", "localhost", "--port", str(place.broker.port)],
                "c": [os.path.join(BUILD, "contrib", "gateways", "minimal_gateway"),
                      "--url", f"mqtts://localhost:{place.broker.port}"]}
        for n, (way, words) in enumerate(ways.items(), 1):
            gateway = subprocess.Popen([*words, "--gateway", "gw-03", "--spool", os.path.join(place.folder, way), *keys,
                                        "--keep", "20"],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                       text=True)
            STARTED.append(gateway)
            for bed in ("12", "14", "13", "12"):  # 14 is another gateway's
                gateway.stdin.write(json.dumps({"ward": "onc-7", "bed": bed, "obs": [temp(37)]}) + "\n")
            gateway.stdin.flush()
            rows = place.daemon.rows
            until(lambda: rows("SELECT count(*) FROM message")[0][0] == 30 * (n - 1) + 3, what=f"the others, {way}")
            until(lambda: rows("SELECT upto FROM epoch ORDER BY id DESC")[0][0] == 1, what="the mark")
            assert gateway.poll() is None, "it goes on keeping what is not stored"
            for _ in range(27):  # more than it may keep: number 2 is given up, and said so
                gateway.stdin.write(json.dumps({"ward": "onc-7", "bed": "12", "obs": [temp(37)]}) + "\n")
            gateway.stdin.close()
            assert gateway.wait(30) == 0, "it ends once all is stored or given up"
            assert rows("SELECT count(*) FROM message")[0][0] == 30 * n
        assert place.daemon.rows("SELECT count(*) FROM place WHERE bed = '14'")[0][0] == 0


def test_make_acl_says_what_is_wrong():
    cases = {
        "nurse li: onc-7": "there is no kind \"nurse\"",
        "gateway GW: onc-7/1": "cannot be a name",
        "gateway gw# vitals: onc-7/1": "is no \"kind name: places\"",
        "gateway gw-1: onc-7/1": "one kind of message",
        "gateway gw-1 vitals: onc-7": "is no ward/bed",
        "gateway gw-1 vitals: */1": "is no ward/bed",
        "gateway gw-1 vitals: onc-7/#": "is no",
        "gateway gw-1 episode: onc-7/1": "there is no \"episode\"",
        "gateway gw-1 vitals:": "names at least one",
        "gateway + vitals: onc-7/1": "cannot be a name",
        "gateway unknown vitals: onc-7/1": "cannot be a name",
        "display b-1: +": "is no ward",
        "display b-1: *": "is no ward",
        "vigild v: onc-7": "names no wards",
        "display x: onc-7\ntools x: onc-7": "is a display already",
    }
    with tempfile.TemporaryDirectory(prefix="vigil-test-") as folder:
        path = os.path.join(folder, "list")
        for text, sentence in cases.items():
            open(path, "w").write(text + "\n")
            made = subprocess.run([os.path.join(HOME, "make-acl"), path], capture_output=True, text=True)
            # "#" begins a comment: what is left of such a line must not be taken for less.
            assert made.returncode == 1 and not made.stdout, (text, made.stdout)
            assert sentence in made.stderr or "#" in text, (text, made.stderr)


atexit.register(lambda: [process.kill() for process in STARTED])
run([v for k, v in list(globals().items()) if k.startswith("test_")])
