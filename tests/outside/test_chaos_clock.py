# SPDX-License-Identifier: Apache-2.0
"""The wall clock of the daemon is set forward and back by minutes, an hour, a day; says 1970 at the start; another zone.
By libfaketime, which fakes the wall clock of the one process only. Readings keep their right times meanwhile.

What must hold: each new alert is raised and called within seconds whatever the clock says; none is invented; of those that
are open one step of the ladder at most comes early by a jump forward, and none is held up by a jump back."""
import collections
import glob
import json
import os
import random
import signal
import sqlite3
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "chaos"))
from place import Skip, run, seed, until  # noqa: E402
from relayed import beside  # noqa: E402
from trial import LONG, PROTOCOL, SOON, Trial  # noqa: E402

RNG = seed()
LIBRARY = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
HOUR, DAY = 3600, 86400
QUICK = PROTOCOL.replace("wait: 10m}", "wait: 3s}").replace("      - {offer: [bedside-nurse]", "      - {offer: [bedside-nurse], wait: 3s}\n"
                                                          "      - {offer: [charge-nurse]")


class Clocked(Trial):
    def __init__(self, offset="+0", protocol=PROTOCOL, **environment):
        if not LIBRARY:
            raise Skip("no libfaketime")
        super().__init__(start=False, protocol=protocol)
        self.file = os.path.join(self.folder, ".faketimerc")  # found by HOME: the daemon takes FAKETIME away
        self.set(offset)
        plain = self.daemon.command
        words = [f"{k}={v}" for k, v in {"HOME": self.folder, "FAKETIME_DONT_FAKE_MONOTONIC": 1, "FAKETIME_NO_CACHE": 1,
                                         "LD_PRELOAD": LIBRARY[0], **environment}.items()]
        self.daemon.command = lambda *more: ["env", *words, *plain(*more)]
        self.begin()

    def set(self, offset):
        with open(self.file + ".new", "w") as file:
            file.write(offset)
        os.rename(self.file + ".new", self.file)

    def seen(self, offset, before):
        """The daemon has noticed it."""
        until(lambda: self.steps() > before, 10, f"a step to {offset}")

    def steps(self):
        return self.daemon.rows("SELECT count(*) FROM audit WHERE kind = 'clock'")[0][0]

    def pages(self, bed):
        return [json.loads(p) for t, p, _ in list(self.ward.seen) if "/pages/" in t and p and json.loads(p)["bed"] == bed]

    def rules(self):
        return {e["rule"] for e in self.ward.events()}

    def called(self):
        """A new alert, raised and called now."""
        event, _ = self.alarm()
        assert not event["late"], event
        until(lambda: self.pages(event["bed"]), SOON, "its page")
        return event["bed"]


def test_set_forward_and_back():
    with Clocked() as trial:
        first = trial.called()
        forward = 0
        offsets = [HOUR, -HOUR, DAY, -DAY, 90, 0] + [RNG.choice([-1, 1]) * RNG.randrange(60, 3 * DAY) for _ in range(10 * (LONG - 1))]
        at = 0
        for offset in offsets:
            before = trial.steps()
            trial.set(f"{offset:+d}")
            trial.seen(offset, before)
            forward += offset > at
            at = offset
            trial.called()
        offered = [e for e in trial.ward.events("HOT") if e["bed"] == first and e["event"] == "offered"]
        assert len(offered) <= forward, (len(offered), forward)
        assert {"HOT", "CLOCK_STEP"} <= trial.rules() <= {"HOT", "CLOCK_STEP", "CLOCK_FUTURE", "GATEWAY_CLOCK_SKEW"}, trial.rules()
        raised = collections.Counter(e["id"] for e in trial.ward.events() if e["event"] == "raised")
        assert set(raised.values()) == {1}, raised
        trial.books()


def test_what_fell_due_in_a_pause():
    """The machine stands still, an hour goes by: the auditor, due at once as well, calls no ladder stalled whose next step
    is only now on its way to the tables. What stays without a next step it does tell."""
    with Clocked() as trial:
        bed = trial.called()
        trial.settle()
        before = trial.steps()
        os.kill(trial.daemon.process.pid, signal.SIGSTOP)
        stopped = time.monotonic()
        until(lambda: time.monotonic() - stopped > 30, 60, "the auditor, every 30 s and not by the wall clock, to be due")
        trial.set(f"+{HOUR}")
        os.kill(trial.daemon.process.pid, signal.SIGCONT)
        trial.seen(HOUR, before)
        until(lambda: [e for e in trial.ward.events("HOT") if e["bed"] == bed and e["responsibility"]["step"] == 1], SOON, "the next step")
        trial.called()
        assert "LADDER_STALLED" not in trial.rules() and "waits for nothing" not in trial.daemon.log_text(), trial.rules()
        with sqlite3.connect(trial.daemon.store, timeout=10) as db:
            db.execute("UPDATE alert SET json = replace(json, '\"respond_by\":\"2', '\"respond_by\":\"1') WHERE rule = 'HOT'")
        beats = trial.client("beats", "vigil/v1/nodes/+/heartbeat")
        assert trial.trouble("LADDER_STALLED", timeout=45)["severity"] == "critical"
        withheld = lambda: trial.daemon.log_text().count("the heartbeat is withheld: an open alert waits for nothing")  # noqa: E731
        until(withheld, 10, "no heartbeat: who watches from elsewhere must know, too")
        count = len(beats.messages("/heartbeat"))
        begin = time.monotonic()
        until(lambda: time.monotonic() - begin > 6, what="more than the time between two")
        assert len(beats.messages("/heartbeat")) == count, "it beats all the same"
        trial.books(stop=False)  # not whole: it was edited


def test_set_back_holds_nothing_up():
    """The ladder goes on at its pace: a step after 3 s, the last resort after 3 more."""
    with Clocked(protocol=QUICK) as trial:
        event, _ = trial.alarm()
        before, begin = trial.steps(), time.monotonic()
        trial.set(f"-{DAY}")
        trial.seen(-DAY, before)
        offers = lambda: [e for e in trial.ward.events("HOT") if e["event"] == "offered"]  # noqa: E731
        until(lambda: len(offers()) >= 2, 12, "the next steps")
        assert 5 < time.monotonic() - begin < 8 + SOON, time.monotonic() - begin
        trial.books()


def test_set_back_while_the_broker_is_away():
    with Clocked() as trial:
        trial.broker.kill()
        until(lambda: "mqtt.down" in trial.daemon.log_text(), 10, "the loss")
        before = trial.steps()
        trial.set(f"-{HOUR}")
        trial.seen(-HOUR, before)
        trial.broker.start()
        begin = time.monotonic()
        until(lambda: trial.daemon.log_text().count("event=mqtt.up") >= 8, 15, "both ways again")
        assert time.monotonic() - begin < 6 + SOON, time.monotonic() - begin
        trial.connect()
        trial.called()
        trial.books()


def test_1970_at_the_start():
    """A machine without a clock of its own: it watches, and goes on when the clock is set."""
    with Clocked(offset="@1970-01-01 00:01:00") as trial:
        trial.called()
        trial.settle()
        assert trial.daemon.rows("SELECT received FROM message")[0][0] < 3600000, "the clock was right"
        before = trial.steps()
        trial.set("+0")
        trial.seen("now", before)
        trial.called()
        trial.books()


def test_another_zone():
    """Nothing here knows of zones: all that is said is in UTC."""
    with Clocked(TZ=random.Random(RNG.random()).choice(["America/St_Johns", "Asia/Kathmandu", "Pacific/Chatham", "Europe/Berlin"])) as trial:
        event, _ = trial.alarm()
        sent = json.loads(list(trial.ward.seen)[0][1]) and event["onset"]
        now = time.strftime("%Y-%m-%dT%H", time.gmtime())
        assert sent[:13] in (now, time.strftime("%Y-%m-%dT%H", time.gmtime(time.time() - 60))), (sent, now)
        assert event["ts"][:11] == sent[:11] and event["ts"].endswith("Z"), event["ts"]
        trial.books()


if __name__ == "__main__":
    wanted = sys.argv[1:]
    run(beside([v for k, v in list(globals().items()) if k.startswith("test_") and (not wanted or k in wanted)], 8))
