# SPDX-License-Identifier: Apache-2.0
"""contrib/hl7-bridge beside the real broker and daemon: what it takes, what it answers, and that nothing it
has acknowledged is lost or stands twice, through kill -9 of bridge, daemon and broker."""
import base64
import contextlib
import datetime
import hashlib
import hmac
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading

try:
    import hl7.client
    import paho.mqtt.client  # noqa: F401
except ImportError:  # another python3 is first in PATH: the packages are those of Debian's
    if os.environ.get("VIGIL_HL7_AGAIN") or not os.access("/usr/bin/python3", os.X_OK):
        raise
    os.environ["VIGIL_HL7_AGAIN"] = "1"
    os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])

from place import BUILD, ROOT, Place, now_ms, run, until

HOME = os.path.join(ROOT, "contrib", "hl7-bridge")
sys.path.insert(0, HOME)
sys.dont_write_bytecode = True
import pcd01  # noqa: E402
import spool  # noqa: E402

KEY = b"0123456789abcdef0123456789abcdef"
RECORD = "MRN-77310042"
SETTINGS = """
gateway = "hl7-1"
spool = "spool.db"
{top}
[mllp]
listen = "127.0.0.1:0"
answer_s = {answer}
[mqtt]
url = "mqtt://127.0.0.1:{port}"
resend_s = 0.3
[patients]
key_file = "key"
{more}
[beds]
"ICU^2^23" = "onc-7/23"
"ONC^7^12" = "onc-7/12"
"ONC^7^12^NORTH" = "onc-7/12n"
[codes]
"11125-2^LN" = "plt"
[units]
"giga.l-1" = "10*9/L"
"""


def stamp(ms):
    return datetime.datetime.fromtimestamp(ms / 1000, datetime.timezone.utc).strftime("%Y%m%d%H%M%S+0000")


def pseudonym(record, authority):
    digest = hmac.new(KEY, f"{record}\n{authority}".encode(), hashlib.sha256).digest()
    return "p-" + base64.b32encode(digest)[:32].decode().lower()


def obx(code, value, unit, when="", status="F", kind="NM", level="1.1.1.150456", flags="", method="", device=""):
    return f"OBX|1|{kind}|{code}|{level}|{value}|{unit}||{flags}|||{status}|||{when}|||{method}|{device}"


def oru(control, *rows, when=None, obr="", pid=f"{RECORD}^^^HOSP^MR", pv1="ONC^7^12", msh7=None, kind="ORU^R01^ORU_R01",
        training="P", ack="NE|AL"):
    msh7 = stamp(when or now_ms()) if msh7 is None else msh7
    lines = [f"MSH|^~\\&|MON^0011^EUI-64|WARD|VIGIL||{msh7}||{kind}|{control}|{training}|2.6|||{ack}"
             "||UNICODE UTF-8|||IHE_PCD_ORU_R01^IHE PCD^1.3.6.1.4.1.19376.1.6.1.1.1^ISO"]
    lines += [f"PID|||{pid}||Doe^Jane^^^^^L||19610101|F"] if pid is not None else []
    lines += [f"PV1||I|{pv1}"] if pv1 else []
    lines += [f"OBR|1||F-1|182777000^monitoring of patient^SCT|||{obr}", *rows]
    return "\r".join(lines) + "\r"


CONTAINERS = [obx("69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC", "", "", kind="", level="1.0.0.0", device="MON-12"),
              obx("69854^MDC_DEV_METER_PRESS_BLD_VMD^MDC", "", "", kind="", level="1.1.0.0"),
              obx("69855^MDC_DEV_METER_PRESS_BLD_CHAN^MDC", "", "", kind="", level="1.1.1.0")]
MMHG, BPM, PERCENT = ("266016^MDC_DIM_MMHG^MDC^mm[Hg]^^UCUM", "264864^MDC_DIM_BEAT_PER_MIN^MDC", "%^percent^UCUM")
HR, SPO2 = "147842^MDC_ECG_HEART_RATE^MDC", "150456^MDC_PULS_OXIM_SAT_O2^MDC"


class Sender:
    """MLLP over a socket, as a monitor's gateway does it."""

    def __init__(self, port, timeout=30):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self.rest = b""

    def put(self, message):
        self.socket.sendall(b"\x0b" + message.encode() + b"\x1c\x0d")

    def get(self):
        while b"\x1c\x0d" not in self.rest:
            more = self.socket.recv(65536)
            if not more:
                raise OSError("closed")
            self.rest += more
        frame, self.rest = self.rest.split(b"\x1c\x0d", 1)
        return Answer(frame.lstrip(b"\x0b").decode())

    def ask(self, message):
        self.put(message)
        return self.get()


class Answer:
    def __init__(self, text):
        rows = {line.split("|")[0]: line.split("|") for line in text.strip().split("\r")}
        self.msh, self.err = rows["MSH"], rows.get("ERR")
        self.code, self.control = rows["MSA"][1], rows["MSA"][2]
        self.text = self.err[8] if self.err else ""


class Bridge:
    def __init__(self, place, answer=20, top="", more=""):
        self.place, self.process = place, None
        self.config, self.log = os.path.join(place.folder, "bridge.toml"), os.path.join(place.folder, "bridge.log")
        with open(os.path.join(place.folder, "key"), "wb") as f:
            f.write(KEY)
        os.chmod(f.name, 0o600)
        with open(self.config, "w") as f:
            f.write(SETTINGS.format(port=place.broker.port, answer=answer, top=top, more=more))

    def start(self):
        with open(self.log, "a") as log:
            self.process = subprocess.Popen([sys.executable, os.path.join(HOME, "vigil-hl7-bridge"), "-c", self.config],
                                            stdout=subprocess.PIPE, stderr=log, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("ready mllp=127.0.0.1:"), (line, open(self.log).read()[-500:])
        self.port = int(line.rsplit(":", 1)[1])
        return self

    def kill(self, number=signal.SIGKILL):
        self.process.send_signal(number)
        self.process.wait(15)
        self.process.stdout.close()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.kill()

    def held(self):
        """How many messages the spool holds; the bridge must not run."""
        with contextlib.closing(sqlite3.connect(os.path.join(self.place.folder, "spool.db"))) as db:
            return db.execute("SELECT count(*) FROM message").fetchone()[0]


def numbers(wire):
    """Of the messages seen on the way to vigil. One number may come several times: what waits is sent again."""
    return {json.loads(p)["seq"] for t, p, _ in list(wire.seen) if "/beds/" in t}


def history(place, bed="onc-7/12"):
    out = subprocess.run([os.path.join(BUILD, "vigil"), "history", "--bed", bed, "--from", "2000-01-01T00:00:00Z", "--format", "json",
                          "-c", place.daemon.settings, "--set", f"store.path={place.daemon.store}"],
                         capture_output=True, text=True)
    return json.loads(out.stdout)["readings"] if out.returncode == 0 else []


def found(place, code, bed="onc-7/12"):
    return [r for r in history(place, bed) if r["code"] == code]


def test_codes_are_those_of_the_daemon():
    text = open(os.path.join(ROOT, "daemon", "core", "signal_codes.c")).read()

    def table(name):
        part = text.split(name + "[] = {")[1].split("\n};")[0]
        return re.findall(r'\{"([^"]+)", (?:(BY)\(\w+, (\w+)\))?', part)
    numbers = {c: (s.lower() or None) for c, _, s in table("mdc_numbers")}
    names = {c: (s.lower() or None) for c, _, s in table("mdc_names")}
    assert numbers == pcd01.MDC, set(numbers.items()) ^ set(pcd01.MDC.items())
    assert names == pcd01.MDC_NAMES, set(names.items()) ^ set(pcd01.MDC_NAMES.items())
    loinc = {c for c, _, _ in table("loinc")}
    assert loinc == pcd01.LOINC_VITALS | pcd01.LOINC_LABS, loinc ^ (pcd01.LOINC_VITALS | pcd01.LOINC_LABS)


def test_times_are_never_guessed():
    def ms(text, setting=None, msh=None):
        clock = pcd01.Clock(setting)
        if msh:
            clock = clock.of_message(pcd01.parse(oru("1", msh7=msh).encode())[0])
        try:
            return pcd01.rfc3339(clock.ms(text))
        except pcd01.Refused as error:
            return str(error)
    for text, setting, msh, want in (
            ("20261123061200+0100", None, None, "2026-11-23T05:12:00.000Z"),
            ("20261123061200.1234-0530", None, None, "2026-11-23T11:42:00.123Z"),
            ("202611230612", "+0700", None, "2026-11-22T23:12:00.000Z"),
            ("20261123061200", "Europe/Berlin", None, "2026-11-23T05:12:00.000Z"),
            ("20261123061200", "Europe/Berlin", "20261123061200+0200", "2026-11-23T04:12:00.000Z"),
            ("20261123061200", None, None, "no zone"), ("20261025023000", "Europe/Berlin", None, "clocks change"),
            ("20260329023000", "Europe/Berlin", None, "clocks change"), ("20261123", "+0000", None, "to the minute"),
            ("20261323061200Z", "+0000", None, "to the minute"), ("20261323061200", "+0000", None, "does not exist"),
            ("20261123061200+1900", None, None, "does not exist"), ("19991231235900+0000", None, None, "between 2000"),
            ("", "+0000", None, "to the minute"), ("20261123246000", "+0000", None, "does not exist")):
        assert want in ms(text, setting, msh), (text, ms(text, setting, msh))


def mapper(**more):
    return pcd01.Mapper({"clock": pcd01.Clock(None), "patients": pcd01.Patients(KEY, {}, ["MR"]),
                         "beds": pcd01.Beds({"ONC^7^12": ("onc-7", "12")}), **more})


def planned(*rows, mapping=None, **more):
    return (mapping or mapper()).plan(pcd01.parse(oru("1", *rows, **more).encode()))


def test_no_value_is_missing_and_zero_is_a_value():
    for text in ("", '""', "NaN", "nan", "----", "--", "-", "?", "***", "8388607", "8388607.0", "-8388608", "8388606", "2047",
                 "-32768", "INF"):
        plan, problems = planned(obx(HR, text, BPM))
        assert not problems and plan[0][1]["obs"][0]["value"] is None, (text, plan, problems)
    for text, want in (("0", 0), ("+72", 72), ("072", 72), ("72.50", 72.5), (".5", 0.5), ("-3", -3)):
        plan, problems = planned(obx(HR, text, BPM))
        value = plan[0][1]["obs"][0]["value"]
        assert value == want and type(value) is type(want), (text, plan)
    for text in ("7 2", "38,4", "1_000", "abc", "1e3", "0x10", ">90", "9" * 400):  # not known: said, the others are taken
        plan, problems = planned(obx(HR, text, BPM), obx(SPO2, "95", PERCENT))
        assert len(problems) == 1 and [o["code"] for o in plan[0][1]["obs"]] == ["mdc:150456"], (text, plan, problems)
        assert text not in problems[0]
    assert planned(obx("2276-4^FERRITIN^LN", "2047", "ng/mL^^UCUM"))[0][0][1]["obs"][0]["value"] == 2047
    assert planned(obx(HR, "77", BPM, flags="NAV"))[0][0][1]["obs"][0]["value"] is None
    assert planned(obx(HR, "77", BPM), mapping=mapper(no_value=["77"]))[0][0][1]["obs"][0]["value"] is None
    assert planned(obx(HR, "=^77", BPM, kind="SN"))[0][0][1]["obs"][0]["value"] == 77
    assert planned(obx(HR, ">^77", BPM, kind="SN"))[1]


def test_what_is_taken_of_codes_units_levels_and_status():
    def one(*args, **more):
        plan, problems = planned(obx(*args, **more))
        assert not problems, problems
        return plan[0][1]["obs"][0] if plan else None
    both = "8889-8^Heart rate by oximetry^LN^149530^MDC_PULS_OXIM_PULS_RATE^MDC"
    assert one(both, "55", "{beats}/min^beats per minute^UCUM")["code"] == "mdc:149530"
    assert one("0^MDC_TEMP_BODY^MDC", "37", "268192^MDC_DIM_DEGC^MDC")["code"] == "MDC_TEMP_BODY"
    assert one("MDC_TEMP_BODY^^MDC", "37", "0^MDC_DIM_DEGC^MDC")["unit"] == "MDC_DIM_DEGC"
    assert one("8310-5^Temp^LN^150388^MDC_TEMP_SKIN^MDC", "37", "Cel^^UCUM") is None  # skin is never body
    assert one("150388^MDC_TEMP_BODY^MDC", "37", "Cel^^UCUM") is None  # the number decides
    assert one("12345^LOCAL^99X", "37", "Cel^^UCUM") is None
    assert one(HR, "55", MMHG)["unit"] == "mm[Hg]"  # UCUM if there; whether it fits is vigil's to say
    assert one(HR, "55", "") == {"code": "mdc:147842", "value": 55, "ts": one(HR, "55", BPM)["ts"]}  # never guessed
    for level, taken in (("1.0.0.0", 0), ("1.1.0.0", 0), ("1.1.1.0", 0), ("1.1.1.147842", 1), ("1.1.1.147842.1", 0),
                         ("", 1), ("1", 1), ("1.1.1.147842.0", 1)):
        assert bool(one(HR, "55", BPM, level=level)) == bool(taken), level
    for status, taken in (("F", 1), ("P", 1), ("C", 1), ("R", 1), ("", 1), ("X", 0), ("D", 0), ("I", 0), ("N", 0), ("O", 0),
                          ("W", 0), ("S", 0), ("U", 0), ("?", 0)):
        assert bool(one(HR, "55", BPM, status=status)) == bool(taken), status
    assert one(HR, "5", BPM, flags="INV~HH")["quality"] == "invalid" and one(HR, "5", BPM, flags="QUES")["quality"] == "questionable"
    assert "quality" not in one(HR, "5", BPM, flags="H")
    assert one(HR, "5", BPM, method="MMEAS^manual^MDC")["source"] == "manual"
    assert one("152196^MDC_CONC_AWAY_O2_INSP^MDC", "40", PERCENT, method="ASET^^MDC") is None  # set, not measured
    assert planned(obx(HR, "5", BPM), training="T")[0][0][1]["obs"][0]["quality"] == "test"
    assert planned(obx(HR, "5", BPM), mapping=mapper(source="spot"))[0][0][1]["obs"][0]["source"] == "spot"
    assert "source" not in planned(obx("150021^X^MDC", "90", MMHG), mapping=mapper(source="spot"))[0][0][1]["obs"][0]  # a cuff
    plan, _ = planned(*[obx(HR, "60", BPM, when=stamp(1700000000000 + i * 1000)) for i in range(450)])
    assert [len(m["obs"]) for _, m in plan] == [200, 200, 50]
    strange = oru("1", obx(HR, "60", "{beats}/min^^UCUM")).replace("|", "#").replace("^", "!")
    assert mapper().plan(pcd01.parse(strange.encode()))[0][0][1]["obs"][0]["code"] == "mdc:147842"


def test_time_of_each_observation_then_of_the_order_then_of_the_message():
    t = 1700000000000
    plan, _ = planned(obx(HR, "60", BPM, when=stamp(t)), obx(SPO2, "95", PERCENT), obr=stamp(t + 60000), when=t + 120000)
    assert [o["ts"][14:19] for o in plan[0][1]["obs"]] == ["13:20", "14:20"] and plan[0][1]["ts"][14:19] == "14:20"
    plan, _ = planned(obx(HR, "60", BPM), when=t + 120000)
    assert plan[0][1]["obs"][0]["ts"] == "2023-11-14T22:15:20.000Z"
    assert "no zone" in planned(obx(HR, "60", BPM, when="20231114221320"), msh7="20231114221320")[1][0]


def test_patients_and_beds():
    def who(pid, **more):
        plan, problems = planned(obx(HR, "60", BPM), pid=pid, **more)
        return plan[0][1].get("patient") if plan else problems[0]
    assert who(f"{RECORD}^^^HOSP^MR") == pseudonym(RECORD, "HOSP") and RECORD not in who(f"{RECORD}^^^HOSP^MR")
    assert who(f"V1^^^HOSP^VN~{RECORD}^^^HOSP&1.2.3&ISO^MR") == pseudonym(RECORD, "HOSP")
    assert who(f"{RECORD}^^^OTHER^MR") != pseudonym(RECORD, "HOSP")
    assert who("") is None and who(None) is None and who('""') is None
    assert "several identifiers" in who("A1^^^X^AA~B2^^^X^BB")
    table = pcd01.Patients(None, {(RECORD, "HOSP"): "p-7"}, ["MR"])
    assert who(f"{RECORD}^^^HOSP^MR", mapping=mapper(patients=table)) == "p-7"
    refused = who("OTHER9^^^HOSP^MR", mapping=mapper(patients=table))
    assert "patients.map" in refused and "OTHER9" not in refused
    assert "no PV1-3" in planned(obx(HR, "60", BPM), pv1=None)[1][0]
    assert "not in the table" in planned(obx(HR, "60", BPM), pv1="ONC^7^13")[1][0]
    two = oru("1", obx(HR, "60", BPM)) + "PID|||Z9^^^HOSP^MR\rOBR|1||x|y\r" + obx(HR, "61", BPM)  # the bed is not inherited
    plan, problems = mapper().plan(pcd01.parse(two.encode()))
    assert len(plan) == 1 and "no PV1-3" in problems[0]


def test_refused_settings_say_why():
    with Place(start=False) as place:
        def check(old, new, mode=0o600):
            bridge = Bridge(place)
            text = open(bridge.config).read()
            assert old in text
            open(bridge.config, "w").write(text.replace(old, new, 1))
            os.chmod(os.path.join(place.folder, "key"), mode)
            done = subprocess.run([sys.executable, os.path.join(HOME, "vigil-hl7-bridge"), "--check", "-c", bridge.config],
                                  capture_output=True, text=True)
            return done.returncode, done.stdout + done.stderr
        assert check("hl7-1", "hl7-1")[0] == 0
        with open(os.path.join(place.folder, "map"), "w") as f:
            f.write(f"{RECORD},HOSP,x-{RECORD}\n")
        os.chmod(f.name, 0o600)
        for old, new, want in (('key_file = "key"', "", "never goes out as it is"), ("[beds]", "[bed]", 'no setting "bed"'),
                               ("onc-7/23", "onc 7/23", "is not ward/bed"), ('"hl7-1"', '"unknown"', "gateway"),
                               ("[patients]", '[time]\nzone = "Mars/Base"\n[patients]', "time.zone"),
                               ("answer_s", "answr_s", 'no setting "mllp.answr_s"'),
                               ('key_file = "key"', 'map = "map"', "holds the record number"),
                               ('key_file = "key"', 'key_file = "none"', "No such file")):
            code, text = check(old, new)
            assert code == 2 and want in text, (new, code, text)
        assert "chmod" in check("hl7-1", "hl7-1", 0o604)[1]
        shorter = Bridge(place)
        open(os.path.join(place.folder, "key"), "w").write("short")
        done = subprocess.run([sys.executable, os.path.join(HOME, "vigil-hl7-bridge"), "--check", "-c", shorter.config],
                              capture_output=True, text=True)
        assert done.returncode == 2 and "fewer than 32" in done.stderr, done.stderr


def test_a_monitor_message_by_a_real_client_is_stored_before_it_is_acknowledged():
    with Place() as place, Bridge(place) as bridge:
        wire, t = place.client("wire", "#"), now_ms() - 60000
        message = oru("C1", *CONTAINERS, obx(HR, "104", BPM, stamp(t), "R"), obx(SPO2, "8388607", PERCENT, stamp(t)),
                      obx("150301^MDC_PRESS_CUFF_SYS^MDC", "92", MMHG, stamp(t)), obx(SPO2, "95", PERCENT, stamp(t - 1000), "X"),
                      obx("2524-7^Lactate^LN", "1.4", "mmol/L^^UCUM", stamp(t)), obx("999^MDC_X^MDC", "5", PERCENT))
        with hl7.client.MLLPClient("127.0.0.1", bridge.port) as client:
            ack = hl7.parse(client.send_message(message).decode().strip("\x0b\x1c\r") + "\r")
            assert [str(ack.segment("MSA")(i)) for i in (1, 2)] == ["AA", "C1"]
            assert str(ack.segment("MSH")(5)) == "MON^0011^EUI-64" and "ACK" in str(ack.segment("MSH")(9))
        got = {r["code"]: r for r in history(place)}  # at once: the mark came first
        assert set(got) == {"hr", "sbp", "lactate"}, got
        assert got["hr"]["value"] == 104 and got["sbp"]["source"] == "cuff" and got["lactate"]["value"] == 1.4
        sent = {top: json.loads(p) for top, p, _ in wire.seen if "/beds/" in top}
        vitals = sent["vigil/v1/beds/onc-7/12/vitals"]
        assert vitals["device"] == "mon-12" and vitals["patient"] == pseudonym(RECORD, "HOSP")
        assert [o["value"] for o in vitals["obs"]] == [104, None, 92] and "vigil/v1/beds/onc-7/12/labs" in sent
        until(lambda: any(t.endswith("hl7-1/status") for t, _, _ in wire.seen), what="the status")
        bridge.kill(signal.SIGTERM)
        until(lambda: wire.messages("hl7-1/status")[-1]["state"] == "offline", what="offline")
        files = [open(os.path.join(place.folder, n), "rb").read() for n in os.listdir(place.folder) if n.startswith(("spool", "bridge.log"))]
        for text in [p for _, p, _ in wire.seen] + [t.encode() for t, _, _ in wire.seen] + files:
            assert RECORD.encode() not in text and b"Doe" not in text and b"19610101" not in text


def test_the_published_laboratory_message():
    text = open(os.path.join(ROOT, "tests", "data", "hl7v2", "LAB-ORU-1.hl7"), newline="").read()
    with Place() as place, Bridge(place) as bridge:
        sender = Sender(bridge.port)
        answer = sender.ask(text)  # as it stands: a byte order mark, and no bed
        assert (answer.code, answer.control) == ("AE", "182") and "unknown bed" in answer.text, answer.text
        assert history(place) == []
        lines = re.split(r"[\r\n]+", text)
        placed = "\r".join([*lines[:2], "PV1||I|ICU^2^23", *lines[2:]])
        assert sender.ask(placed).code == "AA"
        (plt,) = history(place, "onc-7/23")  # the one code of ours, by the table; training: never used
        assert (plt["code"], plt["value"], plt["ts"], plt["quality"]) == ("plt", 221, "2014-10-06T01:30:00.000Z", "test"), plt


def test_a_correction_is_the_same_time_with_another_value():
    with Place() as place, Bridge(place) as bridge:
        sender, t = Sender(bridge.port), stamp(now_ms() - 60000)
        row = "6690-2^WBC^LN"
        assert sender.ask(oru("1", obx(row, "9.4", "10*9/L^^UCUM", t, "P"))).code == "AA"
        assert sender.ask(oru("2", obx(row, "9.4", "10*9/L^^UCUM", t, "F"))).code == "AA"
        assert sender.ask(oru("3", obx(row, "4.9", "10*9/L^^UCUM", t, "C"))).code == "AA"
        assert sender.ask(oru("4", obx(row, "4.9", "10*9/L^^UCUM", t, "D"))).code == "AA"
        assert [r["value"] for r in found(place, "wbc")][-1] == 4.9 and {r["value"] for r in found(place, "wbc")} == {9.4, 4.9}


def test_refusals_and_what_cannot_be_read():
    with Place() as place, Bridge(place) as bridge:
        wire, sender = place.client("wire", "vigil/v1/beds/#"), Sender(bridge.port)
        for text, want in (("hello", "no MSH"), ("MSH|^~", "no MSH"), ("", "no MSH"), (oru("1", kind="ADT^A01"), "not ORU"),
                           (oru("", obx(HR, "1", BPM)), "control id"), ("FHS|^~\\&|a", "no MSH")):
            answer = sender.ask(text)
            assert answer.code == "AR" and want in answer.text, (text, answer.code, answer.text)
        answer = sender.ask(oru("B1", obx(HR, "60", BPM), pv1="ONC^9^9"))
        assert answer.code == "AE" and "unknown bed" in answer.text and wire.seen == []
        # vigil refuses one item: the others are stored, and the sender is told, each time it asks.
        bad = oru("B2", obx(HR, "60", "furlong"), obx(SPO2, "95", PERCENT), when=now_ms() - 60000)
        for _ in range(2):
            answer = sender.ask(bad)
            assert answer.code == "AE" and "unit_unknown" in answer.text, answer.text
        assert numbers(wire) == {1} and [r["value"] for r in found(place, "spo2")] == [95]
        # One of ours is refused here: the same.
        answer = sender.ask(oru("B3", obx(HR, "38,4", BPM), obx(SPO2, "96", PERCENT)))
        assert answer.code == "AE" and "no number" in answer.text and len(found(place, "spo2")) == 2
        assert sender.ask(oru("B4", obx("1^X^MDC", "5", BPM), pv1=None)).code == "AA"  # nothing of ours in it
        assert sender.ask(oru("B5", obx(HR, "60", BPM), ack="AL|NE")).code == "CA"
        sender.socket.sendall(b"noise\x0b" + oru("B6", obx(HR, "61", BPM)).encode()[:40])  # a piece, then the rest
        sender.socket.sendall(oru("B6", obx(HR, "61", BPM)).encode()[40:] + b"\x1c")
        sender.socket.sendall(b"\x0d")
        assert sender.get().control == "B6"
        big = Sender(bridge.port)
        big.socket.sendall(b"\x0b" + b"x" * 1100000)
        assert big.get().code == "AR"
        with Sender(bridge.port).socket as half:  # a sender that dies in the middle harms nobody
            half.sendall(b"\x0bMSH|^~")
        assert sender.ask(oru("B7", obx(HR, "62", BPM))).code == "AA"
        # One that was cut off on a line that lives on: the next is answered as itself, and nothing of the piece is taken.
        sender.socket.sendall(b"\x0b" + oru("B8", obx(HR, "63", BPM), obx(SPO2, "97", PERCENT)).encode()[:-9])
        answer = sender.ask(oru("B9", obx(HR, "64", BPM)))
        assert (answer.code, answer.control) == ("AA", "B9") and 63 not in [r["value"] for r in found(place, "hr")]


def test_a_sender_that_vanished_gives_its_place_back():
    """No goodbye comes from one whose power went: the system asks, so that its place is not taken for ever."""
    with Place() as place, Bridge(place) as bridge, Sender(bridge.port).socket as silent:
        ours, theirs = (f"0100007F:{port:04X}" for port in (bridge.port, silent.getsockname()[1]))

        def timer():  # 02: keep-alive
            rows = [line.split() for line in open("/proc/net/tcp").readlines()[1:]]
            return [row[5].split(":")[0] for row in rows if (row[1], row[2]) == (ours, theirs)]
        until(lambda: timer() == ["02"], what="the system to look after the connection")


def test_the_same_message_again_is_not_sent_again():
    with Place() as place, Bridge(place) as bridge:
        wire, sender, t = place.client("wire", "vigil/v1/beds/#"), Sender(bridge.port), now_ms() - 60000
        message = oru("D1", obx(HR, "60", BPM, stamp(t)))
        assert sender.ask(message).code == "AA" and sender.ask(message).code == "AA"
        assert sender.ask(oru("D1", obx(HR, "60", BPM, stamp(t)), when=t + 9000)).code == "AA"  # sent again with a new MSH-7
        assert numbers(wire) == {1}
        bridge.kill()
        bridge.start()
        sender = Sender(bridge.port)
        assert sender.ask(message).code == "AA" and numbers(wire) == {1}
        # A sender whose counter began anew uses the number for something else: that is no repeat.
        assert sender.ask(oru("D1", obx(HR, "61", BPM, stamp(t + 1000)))).code == "AA"
        assert [r["value"] for r in found(place, "hr")] == [60, 61]


def test_no_answer_before_the_mark_and_none_twice_after_a_kill_of_both():
    with Place() as place, Bridge(place, answer=0.4) as bridge:
        sender, t = Sender(bridge.port), now_ms() - 60000
        message = oru("K1", obx(HR, "60", BPM, stamp(t)))
        first = oru("K0", obx(HR, "59", BPM, stamp(t - 1000)))
        until(lambda: sender.ask(first).code == "AA", what="AA")
        place.daemon.signal(signal.SIGKILL)
        answer = sender.ask(message)
        assert answer.code == "AE" and "not confirmed" in answer.text
        assert sender.ask(message).code == "AE"  # the broker has it, vigil does not: still no
        sender.put(message)
        bridge.kill()  # between receipt and answer
        assert bridge.held() == 1
        place.daemon.start()
        bridge.start()
        until(lambda: len(found(place, "hr")) == 2, what="the bridge to send it by itself")
        sender = Sender(bridge.port)
        until(lambda: sender.ask(message).code == "AA", what="AA")
        assert [r["value"] for r in found(place, "hr")] == [59, 60]


def test_ledger_through_kills_of_bridge_daemon_and_broker():
    """Two senders repeat each message until its AA; meanwhile everything is killed. Whatever was acknowledged
    stands once, and at the end everything was."""
    with Place() as place, Bridge(place, answer=3) as bridge:
        start, acked, lock, stop, count = now_ms() - 3600000, [], threading.Lock(), threading.Event(), 16

        def feed(name, bed):
            sender = None
            for i in range(count):
                message = oru(f"{name}-{i}", obx(HR, str(50 + i), BPM, stamp(start + i * 1000)), pv1=bed)
                while not stop.is_set():
                    try:
                        sender = sender or Sender(bridge.port, 5)
                        if sender.ask(message).code == "AA":
                            break
                    except OSError:
                        sender = None
                        stop.wait(0.02)
                with lock:
                    acked.append((name, i))
        threads = [threading.Thread(target=feed, args=a, daemon=True) for a in (("A", "ONC^7^12"), ("B", "ICU^2^23"))]
        for thread in threads:
            thread.start()

        def restart_broker():
            place.broker.kill()
            place.broker.start()
        for goal, act in ((3, lambda: place.daemon.signal(signal.SIGKILL)), (3, place.daemon.start), (7, bridge.kill),
                          (7, bridge.start), (12, restart_broker), (18, bridge.kill), (18, bridge.start),
                          (24, lambda: (place.daemon.signal(signal.SIGKILL), bridge.kill(), place.daemon.start(), bridge.start()))):
            until(lambda: len(acked) >= goal, 30, f"{goal} acknowledged")
            act()
        try:
            until(lambda: len(acked) == 2 * count, 30, "everything acknowledged")
        finally:
            stop.set()
        for bed in ("onc-7/12", "onc-7/23"):
            assert [r["value"] for r in found(place, "hr", bed)] == [50 + i for i in range(count)], bed
        assert place.daemon.rows("SELECT count(*) FROM quarantine")[0][0] == 0


def test_an_old_copy_of_the_spool_begins_a_new_epoch():
    with Place() as place, Bridge(place) as bridge:
        sender, t = Sender(bridge.port), now_ms() - 600000
        assert sender.ask(oru("1", obx(HR, "60", BPM, stamp(t)))).code == "AA"
        bridge.kill(signal.SIGTERM)
        copy = open(os.path.join(place.folder, "spool.db"), "rb").read()
        bridge.start()
        sender = Sender(bridge.port)
        for i in (2, 3):
            assert sender.ask(oru(str(i), obx(HR, str(60 + i), BPM, stamp(t + i * 1000)))).code == "AA"
        bridge.kill(signal.SIGTERM)
        open(os.path.join(place.folder, "spool.db"), "wb").write(copy)
        bridge.start()
        sender = Sender(bridge.port)
        assert sender.ask(oru("4", obx(HR, "70", BPM, stamp(t + 9000)))).code == "AA"
        assert [r["value"] for r in found(place, "hr")] == [60, 62, 63, 70]
        assert len(place.daemon.rows("SELECT epoch FROM epoch WHERE gateway='hl7-1'")) == 2


def test_two_bridges_never_share_a_spool():
    with Place() as place, Bridge(place) as bridge:
        second = subprocess.run([sys.executable, os.path.join(HOME, "vigil-hl7-bridge"), "-c", bridge.config],
                                capture_output=True, text=True, timeout=20)
        assert second.returncode == 2 and "another bridge" in second.stderr, second.stderr


def test_what_failed_is_undone_in_the_counter_too():
    with Place(start=False) as place:
        store = spool.Spool(os.path.join(place.folder, "s.db"), "gw")
        store.add("a", "1", "x", [("t", {"n": 1})])
        try:
            store.add("a", "2", "y", [("t", {"n": 2}), ("t", {object()})])
            raise AssertionError("taken")
        except TypeError:
            pass
        assert store.next == 2 and len(store.pending()) == 1 and store.oldest() == 1
        store.add("a", "3", "z", [("t", {"n": 3})])
        assert [json.loads(p)["seq"] for _, _, p in store.pending()] == [1, 2]
        assert store.covered(store.epoch, 1) and store.oldest() == 2 and not store.covered(store.epoch, 9)
        store.close()


if __name__ == "__main__":
    run([v for k, v in sorted(globals().items()) if k.startswith("test_")])
