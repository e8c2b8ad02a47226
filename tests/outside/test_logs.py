# SPDX-License-Identifier: Apache-2.0
"""What vigild writes to its log: a line a thing, text or JSON; and never a patient's pseudonym, a value or a free
text of a person, neither there nor in topics, the node's status, the heartbeat or /metrics. Honey tokens tell."""
import fcntl
import json
import os
import re
import select
import signal
import subprocess
import tempfile
import sys

from place import BUILD, ROOT, Place, now_ms, run, seed, temp, until, vitals

sys.path.insert(0, os.path.join(ROOT, "tests", "lib-python"))
from web import Web  # noqa: E402

rng = seed()
NUMBER = rng.randrange(1000, 9999)
HONEY = f"Honey-{NUMBER}x"  # the patient; beside it free texts, and values that stand nowhere else
WORDS = [HONEY, "honeynote", "honeyreason", "honeyproduct", "honeyback"]
FERRITIN, CRP = f"48{NUMBER}.5", f"31{NUMBER % 10}.{NUMBER}7"
TOKENS = [*WORDS, FERRITIN, CRP]
BED = "vigil/v1/beds/onc-7/12/"


def lab(code, value, unit):
    return {"code": code, "value": value, "unit": unit}


def spo2(value):
    return {"code": "spo2", "value": value, "unit": "%", "source": "spot"}


def say_all(place, client):
    """Whatever can be said wrongly or rightly, with a token in it."""
    send = client.publish
    send(BED + "episode", {"ts": now_ms(), "by": "adt", "do": "admit", "patient": HONEY, "product": "car_t",
                           "protocol": "car-t", "age": 55, "identity": {"donor": "allogeneic", "chain_id": "honeyback"}})
    for seq in (1, 2):
        send(BED + "vitals", vitals(seq, spo2(71), patient=HONEY, ts=now_ms() - 200000 + 60000 * seq))
    send(BED + "labs", vitals(3, lab("ferritin", float(FERRITIN), "ng/mL"), lab("crp", float(CRP), "mg/L"), patient=HONEY))
    send(BED + "therapy", vitals(4, {"code": "infusion", "value": "start", "product": "honeyproduct"}, patient=HONEY))
    wrong = [
        f'{{"gateway":"gw-1","patient":"{HONEY}","obs":[{{"code":"crp","value":{CRP}',
        vitals(5, lab("crp", CRP, "mg/L"), patient=HONEY),                      # a text for a number
        vitals(6, lab("crp", float(CRP), "honeyback"), patient=HONEY),          # no such unit
        vitals(7, lab("honeynote", float(FERRITIN), "ng/mL"), patient=HONEY),   # no such code
        vitals(8, lab("hr", float(FERRITIN), "/min"), patient=HONEY),           # out of range
        vitals(9, temp(37.0), patient=HONEY + " with a name"),
        vitals(10, temp(37.0), patient=HONEY, gateway=HONEY),
        vitals(2, spo2(95), patient=HONEY),                                     # the number was used
        {"patient": HONEY, "ts": HONEY, "obs": HONEY},
    ]
    for message in wrong:
        send(BED + "vitals", message)
    send(BED.replace("12", "13") + "vitals", vitals(11, temp(37.0), patient=HONEY))  # of another bed
    send(BED.replace("12", "13") + "episode", {"ts": now_ms(), "do": "admit", "patient": HONEY, "product": "honeyproduct"})
    send(BED + "vitals", vitals(12, temp(37.0), patient=HONEY), retained=True)
    send(BED + "vitals", b"")  # takes it off the broker again
    until(lambda: place.daemon.rows("SELECT count(*) FROM quarantine")[0][0] >= 9, what="the wrong ones")


def command_all(place, client):
    alert = until(lambda: client.events("SPO2_LOW") or client.events(), what="an alert")[0]
    for n, (do, more) in enumerate((("note", {"text": "honeynote", "reason": "honeynote"}), ("reject", {"reason": "honeyreason"}),
                                    ("shelve", {"for": "5m", "reason": "honeyreason"}), ("judge", {"judge": "honeynote"}),
                                    ("honeynote", {}), ("accept", {}))):
        client.publish("vigil/v1/wards/onc-7/commands/cli-1", {"id": f"c{n}", "by": "nurse:li", "do": do, "alert": alert["id"],
                                                               "rev": alert["rev"], **more})
    client.publish("vigil/v1/wards/onc-7/commands/cli-1", f"{{ {HONEY}")
    until(lambda: len(client.messages("/results/cli-1")) >= 6, what="the answers")
    web = Web(place.daemon.port)
    for path in (f"/api/v1/readings?patient={HONEY}&code=crp", f"/api/v1/episodes?patient={HONEY}", f"/{HONEY}",
                 f"/api/v1/readings?patient={HONEY}&code={HONEY}", f"/api/v1/alerts?patient={HONEY}&from={HONEY}"):
        web.get(path)
    web.post(f"/api/v1/alerts/{HONEY}/accept", {"by": HONEY})
    web.raw(f"GET /{HONEY} HTTP/1.1\r\n\r\n".encode(), whole=False)


def none_in(text, where):
    for token in TOKENS:
        found = text.find(token)
        assert found < 0, f"{token} in {where}: {text[max(0, found - 200):found + 100]}"


def test_no_honey_leaves():
    with Place(start=False) as place:
        place.broker.start()
        form = ["--set", "log.format=json"]
        plain = place.daemon.command
        place.daemon.command = lambda *more: plain(*form, *more)
        place.daemon.start()
        client = place.client("gw-1", "vigil/v1/#", "#")
        say_all(place, client)
        command_all(place, client)
        place.daemon.signal(signal.SIGHUP)
        until(lambda: "protocol.loaded" in place.daemon.log_text(), what="the reload")
        until(lambda: client.messages("/heartbeat"), what="a heartbeat")
        none_in(Web(place.daemon.port).get("/metrics").text, "/metrics")
        for path in ("/healthz", "/readyz"):
            none_in(Web(place.daemon.port).get(path).text, path)
        place.daemon.signal(signal.SIGKILL)  # the journal and the store are read again
        place.daemon.start()
        place.daemon.signal(signal.SIGTERM)
        form[:] = ["--set", "log.format=text"]
        place.daemon.start()
        place.daemon.signal(signal.SIGTERM)
        none_in(place.daemon.log_text(), "the log")
        for topic, payload, _ in list(client.seen):
            if "/gateways/" not in topic or not topic.endswith("rejected"):
                none_in(topic, "a topic")
            if "/nodes/" in topic or topic.endswith(("/index", "/committed")):
                none_in(payload.decode(), topic)
        assert any(HONEY in str(p) for _, p, _ in client.seen), "the tokens were never there"
        assert place.daemon.rows("SELECT count(*) FROM alert")[0][0] > 0


LINE = re.compile(r'ts=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z level=(error|warning|notice|debug) event=[a-z._-]+ text="[^\n]*"'
                  r"( kind=[a-z._-]+ suppressed=\d+)?")


def test_text_and_json():
    """Each line is one thing in its form, protocol faults of a reload included."""
    for form in ("text", "json"):
        with Place(start=False) as place:
            protocols = os.path.join(place.folder, "p")
            subprocess.run(["cp", "-r", os.path.join(ROOT, "config", "protocols"), protocols], check=True)
            plain = place.daemon.command
            place.daemon.command = lambda *more, plain=plain, form=form, protocols=protocols: plain(
                "--set", f"log.format={form}", "--set", f"protocols={protocols}", *more)
            place.broker.start()
            place.daemon.start()
            open(os.path.join(protocols, "broken.yaml"), "w").write("protocol: broken\nrulez: 1\n")
            place.daemon.signal(signal.SIGHUP)
            until(lambda: "protocol.refused" in place.daemon.log_text(), what="the refusal")
            place.broker.kill()
            until(lambda: "mqtt.down" in place.daemon.log_text(), what="the loss")
            place.daemon.signal(signal.SIGTERM)
            lines = place.daemon.log_text().splitlines()
            if form == "json":
                events = [json.loads(line) for line in lines]
                assert all(list(e)[:4] == ["ts", "level", "event", "text"] for e in events), events
                assert any(e["event"] == "protocol.fault" and "broken.yaml:2:" in e["text"] for e in events), events
            else:
                strange = [line for line in lines if not LINE.fullmatch(line)]
                assert strange and all("broken.yaml" in strange[0] or line.startswith(" ") for line in strange[1:]), strange
            assert "event=ready" in "".join(lines) or '"event":"ready"' in "".join(lines)
    wrong = subprocess.run([os.path.join(BUILD, "vigild"), "--set", "log.format=xml"], capture_output=True, text=True)
    assert wrong.returncode == 2 and "text or json" in wrong.stderr, wrong


def test_the_journal_is_told_how_grave_a_line_is():
    """systemd says in JOURNAL_STREAM which stream is its own; then journalctl -p finds warnings. Others get none of it."""
    for ours in (True, False):
        for form in ("text", "json"):
            reader, writer = os.pipe()
            about = os.fstat(writer)
            stream = f"{about.st_dev}:{about.st_ino + (0 if ours else 1)}"
            with tempfile.TemporaryDirectory() as folder:
                done = subprocess.run([os.path.join(BUILD, "vigild"), "-c", os.path.join(ROOT, "config", "vigild.yaml"), "--set",
                                       f"store.path={folder}/none/v.db", "--set", f"log.format={form}"], stderr=writer, timeout=30,
                                      env={**os.environ, "JOURNAL_STREAM": stream})
            os.close(writer)
            with os.fdopen(reader) as file:
                lines = file.read().splitlines()
            begins = "{" if form == "json" else "ts="
            assert done.returncode == 3 and len(lines) == 2, lines
            for line, priority in zip(lines, ("<5>", "<3>")):  # it starts; it cannot
                assert line.startswith((priority if ours else "") + begins), (ours, form, lines)


def test_a_log_that_nobody_reads_stops_no_alert():
    with Place(start=False) as place:
        place.broker.start()
        reader, writer = os.pipe()
        flags = fcntl.fcntl(writer, fcntl.F_GETFL)
        fcntl.fcntl(writer, fcntl.F_SETFL, flags | os.O_NONBLOCK)
        try:
            while True:
                os.write(writer, b"x" * 4096)
        except BlockingIOError:
            pass
        fcntl.fcntl(writer, fcntl.F_SETFL, flags)
        ready, other = os.pipe()
        place.daemon.process = subprocess.Popen(place.daemon.command("--ready-fd", str(other)), pass_fds=[other], stderr=writer)
        os.close(other)
        assert select.select([ready], [], [], 15)[0], "it waits for who should read its log"
        assert os.read(ready, 100).startswith(b"ready")
        client = place.client("gw-1", "vigil/v1/wards/#")
        for seq in (1, 2):
            client.publish(BED + "vitals", vitals(seq, spo2(71), ts=now_ms() - 200000 + 60000 * seq))
        until(client.events, what="the alert")
        os.close(writer)
        place.daemon.signal(signal.SIGTERM)
        text = b""
        while more := os.read(reader, 65536):
            text += more
        assert text.count(b"\n") == 0, "all of it was lost, none of it waited for"


run([v for k, v in list(globals().items()) if k.startswith("test_")])
