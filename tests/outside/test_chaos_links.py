# SPDX-License-Identifier: Apache-2.0
"""Bad wires between the daemon and its broker, and between gateways and the broker: delay, jitter, a trickle, cuts in the
middle of a packet, resets, ends that are gone without a word; alone, and by turns at random with a disk that fails or is slow,
kills and stops of daemon and broker, several at once. Alerts come, each once, and what was sent is stored once."""
import errno
import json
import os
import random
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "chaos"))
from place import Client, run, seed, until  # noqa: E402
from faulty import Faulty  # noqa: E402
from relay import CONNECT, Relay  # noqa: E402
from relayed import beside, lose  # noqa: E402
from trial import LONG, PROTOCOL, SOON, Trial  # noqa: E402
from wires import Wires  # noqa: E402

RNG = seed()


class Wired(Trial):
    """The daemon and the gateway each have wires of their own to the broker; the ward's display hears the broker itself."""

    def __init__(self, number):
        super().__init__(start=False)
        self.dice = random.Random(number)
        self.wires, self.far = (Wires(self.broker.port, self.dice) for _ in range(2))
        self.daemon.broker = self.wires
        self.moved = 0, time.monotonic()
        self.faulty, self.ended = Faulty(self), 0
        self.begin()

    def connect(self):
        self.join()
        self.ward = self.client("ward", "vigil/v1/wards/#")

    def join(self):
        """The gateway, until the broker has let it in."""
        self.marks = 0
        end = time.monotonic() + 30
        while True:
            try:
                self.gateway = Client(self.far.port, "gw-1", "vigil/v1/gateways/gw-1/committed")
                return
            except (OSError, AssertionError):
                assert time.monotonic() < end, "the gateway finds no way to the broker"

    def keep_running(self):
        """As the unit does: a daemon that could not start (its disk failed just then) is started again."""
        if self.daemon.process.poll() is not None:
            assert self.daemon.process.returncode in (0, 3, -9), self.daemon.process.returncode
            self.ended += 1
            self.daemon.start(wait=False)

    def say(self, bed, value, wait=False):
        try:
            super().say(bed, value, wait=False)
        except OSError:
            self.join()

    def tend(self):
        self.keep_running()
        try:
            if self.moved[0] != self.upto:
                self.moved = self.upto, time.monotonic()
            if not self.gateway.alive or (self.kept and time.monotonic() - self.moved[1] > 6):
                self.join()  # also if nothing came back for as long as a keep-alive takes
                self.moved = self.upto, time.monotonic()
            return super().tend()
        except OSError:
            self.join()
            return False

    def __exit__(self, kind, error, trace):
        super().__exit__(kind, error, trace)
        self.wires.close()
        self.far.close()

    def stands(self, beds, within):
        """A display that comes now is shown an open alert of each: what a broker forgot when it was killed has been said again."""
        display = self.client("late", "vigil/v1/wards/+/alerts/+")
        shown = lambda: {a["bed"]: a["id"] for _, p, _ in list(display.seen) if p for a in [json.loads(p)] if a["rule"] == "HOT"}  # noqa: E731
        until(lambda: set(beds) <= set(shown()), within, f"what stands at the broker of {beds}")
        for bed, known in shown().items():
            assert self.hot[bed] in (None, known), (bed, self.hot[bed], known)
            self.hot[bed] = known

    def end(self, beds, within=60, heard=True):
        for wires in (self.wires, self.far):
            wires.calm()
        self.faulty.put(0)
        self.faulty.put(1)
        begin = time.monotonic()
        self.settle(within)
        for bed in beds if heard else []:
            self.raised(bed, begin, within)
        self.stands(beds, within)
        assert not [n for n in os.listdir(self.folder) if ".damaged-" in n], "a sound store was set aside"
        self.books()


def raise_all(trial, beds, within):
    """The alerts of these beds, while the gateway does its duty."""
    def told():
        trial.tend()
        heard = {e["bed"] for e in trial.ward.events("HOT")}
        return set(beds) <= heard
    until(told, within, f"the alerts of {beds}")


def test_slow_and_trickling():
    with Wired(RNG.random()) as trial:
        worst = {}
        for name, how in (("delay 0.3 s", {"delay": 0.3}), ("jitter 0.5 s", {"jitter": 0.5}), ("a trickle", {"piece": 120, "delay": 0.005})):
            for wires in (trial.wires, trial.far):
                wires.calm()
                vars(wires).update(how)
            beds, begin = [trial.alarm(wait=False) for _ in range(3)], time.monotonic()
            raise_all(trial, beds, 15 + 5 * SOON)
            worst[name] = time.monotonic() - begin
        print("  " + ", ".join(f"{name}: {seconds:.1f} s" for name, seconds in worst.items()))
        trial.end([])


def test_cut_in_the_middle_of_packets():
    with Wired(RNG.random()) as trial:
        for n in range(12 * LONG):
            wires = trial.wires if n % 2 else trial.far
            wires.cut_after = trial.dice.randrange(1, 900)
            bed = trial.alarm(wait=False)
            for _ in range(20):
                trial.say(f"f{trial.seq % 20}", 36.6)
            raise_all(trial, [bed], 15 + 5 * SOON)
        trial.end([])


def test_gone_without_a_word():
    with Wired(RNG.random()) as trial:
        trial.wires.vanish()
        trial.far.vanish()
        bed, begin = trial.alarm(wait=False), time.monotonic()
        raise_all(trial, [bed], 30)
        print(f"  both ends gone: the alert after {time.monotonic() - begin:.1f} s")
        trial.end([])


class Heard(Trial):
    """The way out leads through a relay that knows packets."""

    def __init__(self):
        super().__init__(start=False, protocol=PROTOCOL.replace("ladders:", URGENT + "ladders:") + """  urgent:
    hold: 10m
    steps:
      - {offer: [bedside-nurse], wait: 10m}
    fallback: {offer: [charge-nurse], repeat: 10m}
""")
        self.relay = Relay(self.broker.port)
        self.daemon.broker = self.relay
        self.begin()


URGENT = """  - id: WARM
    class: haemodynamic
    severity: urgent
    when: temp >= 38.0 Cel and temp < 39.0 Cel
    clear: temp < 38.0 Cel
    ladder: urgent
    text: {en: "Temperature $temp"}
    source: "test"
"""
OUTLET = "vigil-n-1-out"


def test_critical_calls_go_first():
    """Five urgent ones wait for a way out when a critical one comes; it leaves before them."""
    with Heard() as trial:
        trial.alarm()
        trial.settle()
        trial.relay.rule = lose(CONNECT, "up", OUTLET)
        trial.relay.link(OUTLET).close()
        for n in range(5):
            trial.say(f"u{n}", 38.5)
        bed = trial.alarm(wait=False)
        until(lambda: trial.daemon.rows("SELECT count(*) FROM alert")[0][0] == 7, what="all seven in the store")
        trial.relay.rule = trial.relay.passing
        # each bed once: the first call is told again where the link closed before it was answered
        calls = lambda: list(dict.fromkeys(json.loads(p)["bed"] for t, p, _ in list(trial.ward.seen) if "/pages/" in t))  # noqa: E731
        until(lambda: len(calls()) == 7, 20, "all calls")
        assert calls()[1] == bed, calls()
        trial.relay.close()


def freeze(trial, wires):
    wires.frozen = True
    end = time.monotonic() + trial.dice.uniform(0.2, 3)
    until(lambda: time.monotonic() > end, what="the thaw")
    wires.frozen = False


def stopped(trial, _wires):
    process = trial.dice.choice([trial.daemon, trial.broker]).process
    process.send_signal(signal.SIGSTOP)
    end = time.monotonic() + trial.dice.uniform(0.1, 2)
    until(lambda: time.monotonic() > end, what="the end of it")
    process.send_signal(signal.SIGCONT)


FAULTS = {
    "cut": lambda t, w: w.cut(), "reset": lambda t, w: w.cut(reset=True), "gone": lambda t, w: w.vanish(), "frozen": freeze,
    "delay": lambda t, w: setattr(w, "delay", t.dice.uniform(0, 0.1)), "jitter": lambda t, w: setattr(w, "jitter", t.dice.uniform(0, 0.2)),
    "trickle": lambda t, w: (setattr(w, "piece", t.dice.randrange(20, 200)), setattr(w, "delay", 0.002)),
    "torn": lambda t, w: setattr(w, "cut_after", t.dice.randrange(1, 2000)), "calm": lambda t, w: w.calm(),
    "broker killed": lambda t, w: (t.broker.kill(), t.broker.start(), t.join(), setattr(t, "ward", t.client("ward", "vigil/v1/wards/#"))),
    "disk fails": lambda t, w: t.faulty.put(0, t.dice.choice(["write", "sync", "read"]), "v.db-wal", error=errno.EIO,
                                            times=t.dice.randrange(1, 4)),
    "disk slow": lambda t, w: t.faulty.put(1, "sync", "v.db-wal", wait_ms=t.dice.randrange(50, 1500), times=t.dice.randrange(1, 6)),
    "stopped": stopped,
    "daemon killed": lambda t, w: (t.daemon.signal(9), t.daemon.start(wait=False)),
}


def test_by_turns_at_random():
    """Any of them, one after the other, several at once; then calm, and the books."""
    number = RNG.random()
    with Wired(number) as trial:
        beds, met, end = [], [], time.monotonic() + 10 * LONG
        while time.monotonic() < end:
            name = trial.dice.choice(list(FAULTS))
            met.append(name)
            FAULTS[name](trial, trial.dice.choice([trial.wires, trial.far]))
            if trial.dice.random() < 0.3:
                beds.append(trial.alarm(wait=False))
            for _ in range(trial.dice.randrange(30)):
                trial.say(f"f{trial.seq % 20}", 36.6)
            trial.tend()
        print(f"  {len(met)} faults, {trial.seq} messages, {len(beds)} alerts, {trial.ended} starts in vain")
        # Who listens to a broker that is killed may miss a change, and finds what stands.
        trial.end(beds, heard="broker killed" not in met)


if __name__ == "__main__":
    wanted = sys.argv[1:]
    run(beside([v for k, v in list(globals().items()) if k.startswith("test_") and (not wanted or k in wanted)], 8))
