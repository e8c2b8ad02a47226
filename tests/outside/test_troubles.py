# SPDX-License-Identifier: Apache-2.0
"""What is wrong with the node or a gateway is an alert with an owner: raised, called, ended."""
import json
import os
import resource
import signal
import sqlite3
import subprocess
import threading

from place import ROOT, Place, now_ms, run, temp, until, vitals  # first: it says where the others are
from bundles import as_rows
from test_ladders import BED, Ward, fast_place


def of(ward, rule):
    return [e["event"] for e in ward.client.events(rule)]


def test_a_faulty_protocol_is_refused_and_said():
    with fast_place() as place:
        ward = Ward(place)
        path = os.path.join(place.folder, "protocols", "fast.yaml")
        good = open(path).read()
        open(path, "w").write(good.replace("temp >= 39.0 Cel", "temp >= 39.0 mm[Hg]"))
        place.daemon.signal(signal.SIGHUP)
        raised = until(lambda: ward.client.events("PROTOCOL_REFUSED"), what="PROTOCOL_REFUSED")[0]
        assert raised["class"] == "technical" and raised["bed"] is None, raised
        until(lambda: ward.pages("bedside-nurse"), what="its page")
        open(path, "w").write(good.replace('version: "1"', 'version: "2"'))
        place.daemon.signal(signal.SIGHUP)
        until(lambda: of(ward, "PROTOCOL_REFUSED")[-1] == "ended", what="the end")
        until(lambda: ward.pages("bedside-nurse", "end"), what="its end notice")


def test_a_gateway_whose_messages_are_mostly_refused():
    """Its first twenty within five minutes, though the daemon looks often meanwhile."""
    with fast_place() as place:
        ward, gateway = Ward(place), place.client("gw-9")
        node = place.client("node", "vigil/v1/nodes/+/heartbeat")
        for n in range(20):
            if n == 10:
                until(lambda: place.daemon.rows("SELECT count(*) FROM quarantine")[0][0] == 10, what="the first ten")
                beats = len(node.messages("/heartbeat"))
                until(lambda b=beats: len(node.messages("/heartbeat")) > b + 1, what="that it looked")  # it looks each second
            gateway.publish(BED, {"gateway": "gw-9", "ts": now_ms() + n, "obs": "x"})
        raised = until(lambda: ward.client.events("MESSAGES_REFUSED"), what="MESSAGES_REFUSED")[0]
        assert raised["class"] == "technical" and "gw-9" in json.dumps(raised), raised


def test_a_value_without_its_unit_is_told_of():
    """It is not judged, however good the values beside it: one is enough (Clinical reference 10.3)."""
    with fast_place() as place:
        ward, gateway = Ward(place), place.client("gw-9")
        pulse = {"code": "hr", "value": 80, "unit": "/min"}
        gateway.publish(BED, vitals(1, pulse, {"code": "mood", "value": 1}, gateway="gw-9"))
        gateway.publish(BED, vitals(2, pulse, {"code": "temp", "value": 39.9}, gateway="gw-9"))
        raised = until(lambda: ward.client.events("MESSAGES_REFUSED"), what="MESSAGES_REFUSED")[0]
        assert raised["class"] == "technical" and "gw-9" in raised["text"] and "unit" in raised["text"], raised
        assert not ward.client.events("HOT")


def test_an_open_alert_whose_rule_is_gone_stays_until_somebody_resets_it():
    with fast_place() as place:
        ward, gateway = Ward(place), place.client("gw")
        gateway.publish(BED, vitals(1, temp(39.6)))
        alert = until(lambda: ward.client.events("HOT"), what="raised")[0]
        path = os.path.join(place.folder, "protocols", "fast.yaml")
        text = open(path).read()
        open(path, "w").write(text.replace("id: HOT", "id: OTHER").replace("39.0 Cel", "42.9 Cel"))
        place.daemon.signal(signal.SIGHUP)
        until(lambda: of(ward, "HOT")[-1] == "data_lost", what="unknown")
        assert ward.ask("reset", alert["id"])["result"] == "ok"
        until(lambda: of(ward, "HOT")[-1] == "reset", what="reset")


def test_a_store_that_cannot_write_is_said_and_alerts_go_on():
    with fast_place() as place:
        ward, gateway = Ward(place), place.client("gw")
        gateway.publish(BED, vitals(1, temp(37.0)))
        until(lambda: place.daemon.rows("SELECT count(*) FROM message")[0][0] == 1, what="the first reading")
        pid = place.daemon.process.pid
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
        gateway.publish(BED, vitals(2, temp(39.6)))
        until(lambda: of(ward, "HOT") == ["raised"], what="the alert all the same")
        assert not ward.client.events("HOT")[0]["persisted"]
        until(lambda: of(ward, "STORE_DEGRADED") == ["raised"], what="STORE_DEGRADED")
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        until(lambda: of(ward, "STORE_DEGRADED")[-1] == "ended", what="its end")
        until(lambda: place.daemon.rows("SELECT count(*) FROM message")[0][0] == 2, what="nothing lost")
        assert place.daemon.process.poll() is None


def a_certificate_that_lasts(days, severity):
    """Said with that severity; none: not yet."""
    with Place(start=False) as place:
        ca = os.path.join(place.folder, "ca.pem")
        subprocess.check_call(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                               "-nodes", "-days", str(days), "-subj", "/CN=test", "-keyout", os.path.join(place.folder, "k.pem"),
                               "-out", ca], stderr=subprocess.DEVNULL)
        place.daemon.settings = os.path.join(place.folder, "vigild.yaml")
        with open(place.daemon.settings, "w") as f:
            f.write("protocols: %s\nwards:\n  - {id: w, protocol: car-t}\nchannels:\n"
                    "  - {name: hook, kind: webhook, url: \"https://127.0.0.1:1/\", ca: ca.pem}\n"
                    % os.path.join(ROOT, "config", "protocols"))
        place.broker.start()
        ward, beats = Ward(place), place.client("beats", "vigil/v1/nodes/+/heartbeat")
        place.daemon.start()
        if severity is None:
            until(lambda: len(beats.messages("/heartbeat")) >= 2, what="heartbeats")
            assert not ward.client.events("CERT_EXPIRING"), days
            return
        raised = until(lambda: ward.client.events("CERT_EXPIRING"), what=f"CERT_EXPIRING, {days} days before")[0]
        assert "channel hook" in raised["text"] and "runs out on" in raised["text"], raised["text"]
        assert raised["severity"] == severity, (days, raised["severity"])


def test_a_certificate_that_runs_out_is_said():
    """30, 7 and 1 day before, each time graver. (A certificate of N days lasts a moment less.)"""
    for days, severity in ((31, None), (30, "technical"), (8, "technical"), (7, "watch"), (2, "watch"), (1, "urgent")):
        a_certificate_that_lasts(days, severity)


def test_a_clock_behind_what_was_stored_does_not_stop_the_ladders():
    with fast_place() as place:
        gateway = place.client("gw")
        gateway.publish(BED, vitals(1, temp(39.6)))
        until(lambda: place.daemon.rows("SELECT count(*) FROM page")[0][0] >= 1, what="the first page")
        place.daemon.signal(signal.SIGKILL)
        with sqlite3.connect(place.daemon.store) as db:  # as if the clock had been an hour ahead
            as_rows(db)
            db.execute("UPDATE message_row SET received = received + 3600000")
        place.daemon.start()
        ward = Ward(place)
        until(lambda: len(ward.pages("rapid-response")) >= 2, timeout=45, what="the fallback, and again")


def gateway_goes_silent():
    with fast_place() as place:
        ward, gateway = Ward(place), place.client("gw")
        status = "vigil/v1/gateways/gw-1/status"
        gateway.publish(status, {"state": "online", "epoch": "e1", "ts": now_ms()}, retained=True)
        gateway.publish(BED, vitals(1, temp(37.0)))
        until(lambda: place.daemon.rows("SELECT count(*) FROM message")[0][0] == 1, what="a reading")
        other = "vigil/v1/gateways/gw-2/status"        # its old connection's will comes after its new one
        gateway.publish(other, {"state": "online", "epoch": "e2", "ts": now_ms()}, retained=True)
        gateway.publish(BED.replace("/1/", "/2/"), vitals(1, temp(37.0), gateway="gw-2", epoch="e2"))
        gateway.publish(other, {"state": "offline", "epoch": "e1", "ts": now_ms()}, retained=True)
        gateway.publish(status, {"state": "offline", "epoch": "e1", "ts": now_ms()}, retained=True)
        raised = until(lambda: ward.client.events("GATEWAY_SILENT"), timeout=90, what="GATEWAY_SILENT")[0]
        assert "gw-1" in raised["text"], raised["text"]
        until(lambda: place.daemon.rows("SELECT count(*) FROM message")[0][0] == 2, what="the other's reading")
        place.daemon.signal(signal.SIGKILL)  # it is one alert before and after
        place.daemon.start()
        gateway.publish(BED, vitals(2, temp(37.0)))
        until(lambda: of(ward, "GATEWAY_SILENT")[-1] == "ended", what="its end")
        assert len({e["id"] for e in ward.client.events("GATEWAY_SILENT")}) == 1
        assert not [e for e in ward.client.events("GATEWAY_SILENT") if "gw-2" in e["text"]]


def gateway_fell_silent_meanwhile():
    """Its will comes while vigild is down: whom it watched is known from the store. Another's will is of an older epoch."""
    with fast_place() as place:
        ward, gateway = Ward(place), place.client("gw")
        for name in ("gw-1", "gw-2"):
            gateway.publish(BED, vitals(1, temp(37.0), gateway=name, epoch="e2"))
        until(lambda: place.daemon.rows("SELECT count(*) FROM message")[0][0] == 2, what="the readings")
        place.daemon.signal(signal.SIGKILL)
        for name, epoch in (("gw-1", "e2"), ("gw-2", "e1")):
            gateway.publish(f"vigil/v1/gateways/{name}/status", {"state": "offline", "epoch": epoch, "ts": now_ms()}, retained=True)
        place.daemon.start()
        raised = until(lambda: ward.client.events("GATEWAY_SILENT"), timeout=90, what="GATEWAY_SILENT")[0]
        assert "gw-1" in raised["text"], raised["text"]
        place.daemon.signal(signal.SIGKILL)  # it is known to be silent then, and still is
        place.daemon.start()
        gateway.publish(BED, vitals(1, temp(37.0), gateway="gw-3", epoch="e1"))
        until(lambda: [m for m in ward.client.events() if m["rule"] == "GATEWAY_SILENT"] and
              place.daemon.rows("SELECT count(*) FROM message")[0][0] == 3, what="what came then")
        assert {e["id"] for e in ward.client.events("GATEWAY_SILENT")} == {raised["id"]}
        assert "ended" not in of(ward, "GATEWAY_SILENT")


def broker_is_lost():
    with fast_place() as place:
        until(lambda: place.daemon.process.poll() is None, what="the daemon")
        place.broker.kill()
        rows = lambda: place.daemon.rows(  # noqa: E731
            "SELECT event FROM alert_event WHERE alert IN (SELECT id FROM alert WHERE rule='BROKER_LOST') ORDER BY n")
        until(lambda: rows() == [("raised",)], timeout=90, what="BROKER_LOST in the store")
        place.broker.start()
        ward = Ward(place)
        until(lambda: of(ward, "BROKER_LOST")[-1:] == ["ended"], timeout=30, what="told once it is back")


def test_what_takes_a_minute_side_by_side():
    errors = []

    def guarded(part):
        try:
            part()
        except BaseException as e:  # noqa: BLE001
            errors.append((part.__name__, e))
    threads = [threading.Thread(target=guarded, args=(p,)) for p in
               (gateway_goes_silent, gateway_fell_silent_meanwhile, broker_is_lost)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert not errors, errors


if __name__ == "__main__":
    run([v for k, v in sorted(globals().items()) if k.startswith("test_")])
