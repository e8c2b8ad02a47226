#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Clocks: a gateway's that is off, ours that is off, ours that is set, a machine that slept. A sender must
be off for a minute before it is said, so the parts run side by side."""
import os
import subprocess
import threading

from place import BUILD, Place, now_ms, run, temp, until, vitals

# Between the daemon and the C library: both clocks that go on in sleep jump by what the file says, in seconds.
SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
static char path[512];
__attribute__((constructor)) static void keep(void)
{
    const char *p = getenv("JUMP");
    strncpy(path, p != NULL ? p : "", sizeof path - 1);
}
int clock_gettime(clockid_t clock, struct timespec *t)
{
    static int (*real)(clockid_t, struct timespec *);
    long boot = 0, wall = 0;
    FILE *f;
    if (real == NULL) {
        *(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
    }
    int status = real(clock, t);
    if ((clock == CLOCK_BOOTTIME || clock == CLOCK_REALTIME) && (f = fopen(path, "r")) != NULL) {
        if (fscanf(f, "%ld %ld", &boot, &wall) == 2) {
            t->tv_sec += clock == CLOCK_BOOTTIME ? boot : wall;
        }
        fclose(f);
    }
    return status;
}
"""


def of(client, rule):
    return [(e["event"], e["bed"]) for e in client.events(rule)]


def stream(client, gateway, ahead, stop, bed, after):
    seq = 0
    stop.wait(after)
    while not stop.is_set():
        seq += 1
        client.publish(f"vigil/v1/beds/onc-7/{bed}/vitals",
                       vitals(seq, temp(37.0, "continuous"), gateway=gateway, ts=now_ms() + int(ahead * 1000)))
        stop.wait(1)


def with_streams(place, senders, body, apart=0):
    """Each of {gateway: seconds ahead} sends once a second while body() runs; they begin `apart` seconds after each other."""
    stop = threading.Event()
    threads = [threading.Thread(target=stream, args=(place.client(g), g, ahead, stop, 10 + i, i * apart))
               for i, (g, ahead) in enumerate(senders.items())]
    [t.start() for t in threads]
    try:
        body()
    finally:
        stop.set()
        [t.join() for t in threads]


def one_gateway_is_off():
    with Place() as place:
        ear = place.client("ear", "vigil/v1/wards/+/events")

        def body():
            raised = until(lambda: ear.events("GATEWAY_CLOCK_SKEW"), timeout=110, what="GATEWAY_CLOCK_SKEW")[0]
            assert raised["severity"] == "technical" and "gw-slow" in raised["text"], raised["text"]
            assert "44 s behind the other gateways" in raised["text"] or \
                "45 s behind the other gateways" in raised["text"], raised["text"]
            log = until(lambda: "gateway gw-warn" in place.daemon.log_text() and place.daemon.log_text(), what="a warning")
            assert "gateway gw-1 " not in log and "gateway gw-2 " not in log
            assert len({e["id"] for e in ear.events("GATEWAY_CLOCK_SKEW")}) == 1
            assert not ear.events("NODE_CLOCK_SKEW") and not ear.events("CLOCK_FUTURE")
        with_streams(place, {"gw-1": 0, "gw-2": 0, "gw-3": 0.5, "gw-4": -0.5, "gw-slow": -45, "gw-warn": 4}, body)


def all_are_off_so_ours_is():
    with Place() as place:
        ear = place.client("ear", "vigil/v1/wards/+/events")

        def body():
            raised = until(lambda: ear.events("NODE_CLOCK_SKEW"), timeout=110, what="NODE_CLOCK_SKEW")[0]
            assert "This computer's clock is 4" in raised["text"] and "behind" in raised["text"], raised["text"]
            assert not ear.events("GATEWAY_CLOCK_SKEW")
        # the first is known to be off before there are three who agree, and is not blamed for it
        with_streams(place, {"gw-1": 45, "gw-2": 45, "gw-3": 45.5}, body, apart=6)


class Jumping(Place):
    """Its daemon's clocks jump when it is told so."""

    def __init__(self):
        super().__init__(start=False)
        source, shim, self.file = (os.path.join(self.folder, n) for n in ("shim.c", "shim.so", "jump"))
        open(source, "w").write(SHIM)
        subprocess.check_call(["cc", "-shared", "-fPIC", "-o", shim, source, "-ldl"])
        self.jump(0, 0)
        plain = self.daemon.command
        self.daemon.command = lambda *more: ["env", f"JUMP={self.file}", f"LD_PRELOAD={shim}", *plain(*more)]
        self.broker.start()
        self.ear = self.client("ear", "vigil/v1/wards/+/events", "vigil/v1/nodes/+/heartbeat")
        self.daemon.start()
        until(lambda: self.ear.messages("/heartbeat"), what="a heartbeat")

    def jump(self, boot, wall):
        """Seconds, of the clock that goes on in sleep and of the one on the wall."""
        open(self.file + ".new", "w").write(f"{boot} {wall}")
        os.rename(self.file + ".new", self.file)


def a_gateway_just_stops():
    """It says nothing of it. Five minutes are its due, however often it sends; no message ends that alert but its own."""
    with Jumping() as place:
        ear, gateway = place.ear, place.client("gw", "vigil/v1/gateways/+/committed")
        for seq in range(1, 9):
            gateway.publish("vigil/v1/beds/onc-7/1/vitals", vitals(seq, temp(36.6)))
        until(lambda: [m for m in gateway.messages("/committed") if m["upto"] == 8], what="the mark")
        place.jump(250, 250)
        until(lambda: ear.events("CLOCK_STEP"), what="CLOCK_STEP")
        beats = len(ear.messages("/heartbeat"))
        until(lambda: len(ear.messages("/heartbeat")) > beats, what="a heartbeat: it has looked")
        assert not ear.events("GATEWAY_SILENT"), "before its time"
        place.jump(320, 320)
        raised = until(lambda: ear.events("GATEWAY_SILENT"), what="GATEWAY_SILENT")[0]
        assert "gw-1" in raised["text"] and raised["event"] == "raised", raised
        gateway.publish("vigil/v1/beds/onc-7/1/vitals", vitals(1, temp(36.6), gateway="gw-2"))
        gateway.publish("vigil/v1/beds/onc-7/1/vitals", vitals(9, temp(36.6)))
        until(lambda: [e for e in ear.events("GATEWAY_SILENT") if e["event"] == "ended"], what="its end")


def the_machine_sleeps():
    with Jumping() as place:
        ear = place.ear
        place.client("gw").publish("vigil/v1/beds/onc-7/1/vitals", vitals(1, {"code": "spo2", "value": 15, "unit": "%", "source": "spot"}))
        alert = until(lambda: [e for e in ear.events() if e["severity"] == "critical"], what="a critical alert")[0]
        place.jump(600, 600)
        raised = until(lambda: ear.events("CLOCK_STEP"), what="CLOCK_STEP")[0]
        assert "asleep for 600 s" in raised["text"] or "asleep for 599 s" in raised["text"], raised["text"]
        rows = until(lambda: place.daemon.rows("SELECT body FROM audit WHERE kind = 'clock'"), what="the audit row")
        assert len(rows) == 1 and "asleep" in rows[0][0], rows
        beats = len(ear.messages("/heartbeat"))
        until(lambda: len(ear.messages("/heartbeat")) > beats, what="a heartbeat after it")
        # Of the steps that would have come meanwhile the next one is called, at once, and no other.
        offered = [e["responsibility"]["step"] for e in ear.events() if e["id"] == alert["id"] and e["event"] == "offered"]
        assert offered == [1], offered
        place.jump(600, 540)  # and the clock is set back by a minute
        until(lambda: [r for r in place.daemon.rows("SELECT body FROM audit WHERE kind = 'clock'") if "set by -60 s" in r[0]
                       or "set by -59 s" in r[0]], what="the step in the audit trail")


def test_side_by_side():
    errors = []

    def guarded(part):
        try:
            part()
        except BaseException as e:  # noqa: BLE001
            errors.append((part.__name__, e))
    threads = [threading.Thread(target=guarded, args=(p,)) for p in (one_gateway_is_off, all_are_off_so_ours_is, the_machine_sleeps,
                                                                     a_gateway_just_stops)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert not errors, errors


def test_one_name_for_two():
    with Place() as place:
        ear = place.client("ear", "vigil/v1/wards/+/events")
        gateway = place.client("gw")
        for seq in range(1, 6):  # a copy of a gateway, its counter and epoch too
            gateway.publish("vigil/v1/beds/onc-7/1/vitals", vitals(seq, temp(37.0)))
            gateway.publish("vigil/v1/beds/onc-7/2/vitals", vitals(seq, temp(36.9)))
        raised = until(lambda: ear.events("GATEWAY_CONFLICT"), what="GATEWAY_CONFLICT")[0]
        assert "gw-1" in raised["text"], raised["text"]


def test_two_epochs_by_turns():
    with Place() as place:
        ear = place.client("ear", "vigil/v1/wards/+/events")
        gateway = place.client("gw")

        def send(epoch, seq):
            gateway.publish("vigil/v1/beds/onc-7/1/vitals", vitals(seq, temp(37.0), epoch=epoch))
        send("a", 1)
        send("b", 1)
        send("a", 2)  # once more, from a broker that lost its memory of having sent it
        send("b", 2)
        until(lambda: place.daemon.rows("SELECT count(*) FROM message")[0][0] == 4, what="all four")
        beat = place.client("beat", "vigil/v1/nodes/+/heartbeat")
        until(lambda: beat.messages("/heartbeat"), what="a heartbeat: seconds have gone by")
        assert not ear.events("GATEWAY_CONFLICT")
        for seq in range(3, 5):
            send("a", seq)
            send("b", seq)
        until(lambda: ear.events("GATEWAY_CONFLICT"), what="GATEWAY_CONFLICT")


if __name__ == "__main__":
    assert os.path.exists(os.path.join(BUILD, "vigild"))
    run([test_side_by_side, test_one_name_for_two, test_two_epochs_by_turns])
