# SPDX-License-Identifier: Apache-2.0
"""The end-to-end ledger: a ward of 200 beds behind bad wires, while gateways, daemon and broker are killed with -9 again and
again. In the end what was published (the simulator's ledger) is what is stored or set aside (the database), counted by
a reader that shares no code with either: every message once, every reading once, each under the right patient.

VIGIL_LEDGER_ROUNDS (2) kills of each kind; `make ledger` takes more. VIGIL_SEED repeats a run."""
import json
import os
import signal
import subprocess
import sys
import time

from place import BUILD, ROOT, Place, run, seed, until

sys.path.insert(0, os.path.join(ROOT, "tests", "lib-python"))
import ledger  # noqa: E402

ROUNDS = int(os.environ.get("VIGIL_LEDGER_ROUNDS", "2"))
BEDS, GATEWAYS, STEP = 200, 8, 1500  # messages between two kills, about
PATIENCE = 120 + 60 * ROUNDS
FAULTS = ["--drop", "0.04", "--duplicate", "0.08", "--reorder", "0.08", "--delay", "200ms", "--skew", "1s",
          "--mistakes", "0.02", "--restart", "8s", "--moves", "500ms"]


class Simulator:
    def __init__(self, place, number):
        self.place, self.number, self.process = place, number, None
        self.ledger = os.path.join(place.folder, "ledger")
        self.spool = os.path.join(place.folder, "spool")
        self.read, self.seen = 0, set()

    def start(self, *more):
        command = [os.path.join(BUILD, "vigil"), "simulate", "--url", f"mqtt://127.0.0.1:{self.place.broker.port}",
                   "--beds", str(BEDS), "--gateways", str(GATEWAYS), "--seed", str(self.number), "--speed", "300",
                   "--monitor", "150s", "--patients", "fever=8,crs=8,neuro=8,reaction=8,sepsis=8", "--confirm-within", "3s",
                   "--spool", self.spool, "--ledger", self.ledger, "--json", *FAULTS, *more]
        self.log = open(os.path.join(self.place.folder, "simulate.log"), "a")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True)

    def published(self):
        """How many different messages the ledger has: after a kill some lines stand there again."""
        if os.path.exists(self.ledger):
            with open(self.ledger, "rb") as file:
                file.seek(self.read)
                new = file.read()
            whole = new.rfind(b"\n") + 1
            self.read += whole
            self.seen.update(hash(line) for line in new[:whole].split(b"\n")[:-1])
        return len(self.seen)

    def advance(self, count):
        goal = self.published() + count
        until(lambda: self.published() >= goal, PATIENCE, f"{goal} messages in the ledger")

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def end(self):
        """Asks it to end; it waits for the marks. Its report."""
        self.process.send_signal(signal.SIGTERM)
        out, _ = self.process.communicate(timeout=PATIENCE)
        assert self.process.returncode == 0, (self.process.returncode, out)
        return json.loads(out)


def kill_simulator(place, simulator, rng):
    simulator.kill()
    simulator.start(*(["--forget-counter"] if rng.random() < 0.5 else []))


def kill_daemon(place, simulator, rng):
    place.daemon.signal(signal.SIGKILL)
    simulator.advance(rng.randrange(STEP // 4))  # nobody is there meanwhile
    place.daemon.start()


def kill_broker(place, simulator, rng):
    place.broker.kill()
    if rng.random() < 0.5:
        place.broker.start()
    else:
        simulator.advance(rng.randrange(STEP // 4))
        place.broker.start()


def test_what_was_published_is_stored_or_set_aside_once_and_under_the_right_patient():
    rng = seed()
    begun = time.monotonic()
    with Place() as place:
        simulator = Simulator(place, rng.randrange(1 << 30))
        simulator.start()
        kills = [kill_simulator, kill_daemon, kill_broker] * ROUNDS
        rng.shuffle(kills)
        try:
            for kill in kills:
                simulator.advance(rng.randrange(STEP // 2, STEP))
                kill(place, simulator, rng)
            simulator.advance(STEP)
            report = simulator.end()
        finally:
            if simulator.process.poll() is None:
                simulator.kill()
        assert report["waiting"] == 0, report
        published = ledger.read(simulator.ledger)
        print(f"  {len(kills)} kills ({', '.join(k.__name__[5:] for k in kills)}) in {time.monotonic() - begun:.0f} s; the last run: "
              + ", ".join(f"{k} {v}" for k, v in report.items() if k != "gateways"), flush=True)
        assert len({line["topic"].split("/")[4] for line in published.values()} - {"spare"}) == BEDS
        assert any(line["message"].get("do") == "transfer" for line in published.values())
        print("  " + ledger.count(published, place.daemon.store), flush=True)


run([test_what_was_published_is_stored_or_set_aside_once_and_under_the_right_patient])
