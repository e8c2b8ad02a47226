# SPDX-License-Identifier: Apache-2.0
"""What the MQTT library (paho 1.3.12) does to the process it lives in: files, threads, signals, the
environment, names, the end; and whom it speaks to by TLS. The numbers are those of test_paho.py."""
import os
import signal
import ssl
import subprocess
import sys
import time

from place import BUILD, run, temp, until, vitals
from relay import PUBACK
from relayed import BED, OUTLET, Relayed, beside, lose


def test_p18_the_library_writes_no_files():
    with Relayed(start=False) as place:
        before = os.getcwd(), set(os.listdir("."))
        place.daemon.start()
        cwd = os.readlink(f"/proc/{place.daemon.process.pid}/cwd")
        place.relay.rule = lose(PUBACK, "down", OUTLET)
        place.client("gw").publish(BED, vitals(1, temp(39.0)))
        until(lambda: place.unsent(), what="something in flight")
        for descriptor in os.listdir(f"/proc/{place.daemon.process.pid}/fd"):
            path = os.readlink(f"/proc/{place.daemon.process.pid}/fd/{descriptor}")
            assert not path.startswith(place.folder) or "/v.db" in path or path == place.daemon.log, path
        assert cwd == before[0] and set(os.listdir(cwd)) - before[1] <= {"__pycache__"}


def test_p31_p32_a_stop_waits_for_nobody():
    for deaf in ("vanished", "never answered"):
        with Relayed(start=False) as place:
            place.relay.mute = deaf == "never answered"
            place.daemon.start(wait=not place.relay.mute)
            until(lambda: len(place.relay.all()) == 2, what="two links")
            place.relay.vanish()
            begin = time.monotonic()
            code = place.daemon.signal(signal.SIGTERM)
            assert code == 0, (deaf, code)
            assert time.monotonic() - begin < 3, deaf


def test_p38_p39_p40_one_process_and_signals_only_where_they_belong():
    with Relayed() as place:
        base = f"/proc/{place.daemon.process.pid}/task"
        names = {}
        for task in os.listdir(base):
            text = open(f"{base}/{task}/status").read()
            fields = dict(x.split(":\t", 1) for x in text.splitlines() if ":\t" in x)
            blocked = int(fields["SigBlk"], 16) >> (signal.SIGTERM - 1) & 1
            names.setdefault(fields["Name"], set()).add(blocked)
            assert not open(f"{base}/{task}/children").read(), "a child inherits the links"
        paho = {n: b for n, b in names.items() if n.startswith("MQTTAsync")}
        assert len(paho) == 2 and all(b == {1} for b in paho.values()), names
        place.daemon.process.send_signal(signal.SIGHUP)
        until(lambda: place.daemon.says("protocols"), what="the reload")
        assert place.daemon.process.poll() is None


def test_p41_p42_the_environment_changes_nothing():
    trap = {"MQTT_C_CLIENT_TRACE": "ON", "MQTT_C_CLIENT_TRACE_LEVEL": "PROTOCOL",
            "http_proxy": "http://127.0.0.1:1", "https_proxy": "http://127.0.0.1:1", "no_proxy": ""}
    with Relayed(start=False) as place:
        out = open(os.path.join(place.folder, "out"), "w+")
        place.daemon.process = subprocess.Popen(place.daemon.command(), env={**os.environ, **trap}, stdout=out,
                                                stderr=open(place.daemon.log, "a"))
        place.up()
        place.client("gw").publish(BED, vitals(1, temp(37.0), patient="p-secret"))
        until(lambda: place.stored() == 1, what="the message")
        out.seek(0)
        assert out.read() == "" and "p-secret" not in place.daemon.log_text()


def test_p43_p45_our_names_and_the_right_library():
    program = os.path.join(BUILD, "vigild")
    names = subprocess.run(["nm", "-D", "--defined-only", program], capture_output=True, text=True, check=True)
    ours = [x.split()[-1] for x in names.stdout.splitlines()]
    assert not [n for n in ours if n.startswith(("Thread_", "Socket_", "MQTT", "Log", "List"))], ours
    inside = subprocess.run(["nm", "--defined-only", program], capture_output=True, text=True, check=True).stdout.split()
    assert "MQTTAsync_send" in inside
    # It stands in for a function that frees a publication twice when a connection breaks; `make wire` finds it missing.
    assert "__wrap_MQTTProtocol_startPublish" in inside


def certificates(folder):
    """An authority, one it did not sign, and certificates: {name: (cert, key)}."""
    def make(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
    for ca in ("ca", "other"):
        make("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={ca}", "-days", "2",
             "-keyout", f"{ca}.key", "-out", f"{ca}.pem")
    found = {}
    for name, ca, host, days in (("good", "ca", "IP:127.0.0.1", "2"), ("of another host", "ca", "DNS:elsewhere", "2"),
                                 ("of another authority", "other", "IP:127.0.0.1", "2"),
                                 ("expired", "ca", "IP:127.0.0.1", "-1")):
        stem = name.replace(" ", "-")
        open(os.path.join(folder, "ext"), "w").write(f"subjectAltName={host}\n")
        make("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=broker", "-keyout", f"{stem}.key",
             "-out", f"{stem}.csr")
        make("x509", "-req", "-in", f"{stem}.csr", "-CA", f"{ca}.pem", "-CAkey", f"{ca}.key", "-CAcreateserial",
             "-days", days, "-extfile", "ext", "-out", f"{stem}.crt")
        found[name] = tuple(os.path.join(folder, stem + end) for end in (".crt", ".key"))
    return found


def test_p44_only_the_right_certificate_is_spoken_to():
    with Relayed(start=False) as place:
        found = certificates(place.folder)
        place.daemon.more = ("--set", f"mqtt.url=mqtts://127.0.0.1:{place.relay.port}",
                             "--set", f"mqtt.ca={place.folder}/ca.pem")

        def speak(name, newest=None):
            if name is None:
                place.relay.tls = None  # not encrypted at all
                return
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.load_cert_chain(*found[name])
            if newest:
                tls.set_ciphers("ALL:@SECLEVEL=0")
                tls.minimum_version, tls.maximum_version = ssl.TLSVersion.TLSv1, newest
            place.relay.tls = tls
        bad = [(name, None) for name in (*found, None) if name != "good"] + [("good", ssl.TLSVersion.TLSv1_1)]
        speak(*bad[0])
        place.daemon.start(wait=False)
        for case in bad:
            speak(*case)
            at = len(place.relay.links)
            until(lambda at=at: len(place.relay.links) >= at + 2, what=f"attempts: {case}")
            assert place.daemon.readyz() == 503, case
        assert place.relay.all() == [], "somebody was told who we are"
        assert place.daemon.says("mqtt.down", "certificate is refused")
        speak("good")
        place.daemon.wait_ready()
        assert place.daemon.readyz() == 200


run(beside([f for n, f in list(globals().items()) if n.startswith("test_") and (n in sys.argv[1:] or not sys.argv[1:])],
           8))
