# SPDX-License-Identifier: Apache-2.0
"""The sample gateways of contrib/gateways, in Python and in C, beside the real broker and daemon: whatever is
killed, each line that was answered "taken" is stored once; a counter that cannot be proven begins a new epoch;
numbers that were given up are said so."""
import atexit
import json
import os
import shutil
import signal
import subprocess
import threading

from place import BUILD, ROOT, Place, now_ms, run, seed, until

PYTHON = ["/usr/bin/python3", os.path.join(ROOT, "contrib", "gateways", "minimal_gateway.py")]
C = [os.path.join(BUILD, "contrib", "gateways", "minimal_gateway")]
STARTED = []  # gateways: none outlives the test
WAYS = {"python": PYTHON, "c": C}
STORED = ("SELECT measured, gateway, epoch.epoch, seq FROM message JOIN epoch ON epoch.id = message.epoch "
          "WHERE gateway = ? ORDER BY message.id")


class Gateway:
    """One gateway as its device driver sees it: lines in, answers out."""

    def __init__(self, place, name, way):
        self.place, self.name, self.way = place, name, way
        self.spool = os.path.join(place.folder, f"{name}.spool")
        self.taken, self.at = [], now_ms() - 3_600_000  # measured times of what was taken
        self.perhaps = set()  # of what a killed gateway no longer answered, and no longer keeps
        self.start()

    def start(self, way=None):
        words = WAYS[way or self.way]
        where = ["--port", str(self.place.broker.port)] if words is PYTHON else \
            ["--url", f"mqtt://127.0.0.1:{self.place.broker.port}"]
        self.log = open(os.path.join(self.place.folder, f"{self.name}.log"), "a")
        self.process = subprocess.Popen([*words, "--gateway", self.name, "--spool", self.spool, *where],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True)
        STARTED.append(self.process)

    def line(self, text):
        """What was answered; "" if the gateway died instead, or in the middle of its answer."""
        try:
            self.process.stdin.write(text + "\n")
            self.process.stdin.flush()
        except OSError:
            return ""
        answer = self.process.stdout.readline()
        return answer if answer.endswith("\n") else ""

    def feed(self, count):
        for _ in range(count):
            self.at += 1000
            reading = {"ward": "onc-7", "bed": str(self.at // 1000 % 5), "ts": self.at, "obs": [
                {"code": "hr", "value": 70 + self.at // 1000 % 20, "unit": "/min"},
                {"code": "temp", "value": 36.5, "unit": "Cel"}]}
            answer = self.line(json.dumps(reading))
            # Killed between keeping and answering: the spool has it, or it was not taken, or (a slow disk)
            # it is already committed and cleared.
            if answer.startswith("taken ") or (not answer and str(self.at) in open(self.spool).read()):
                self.taken.append(self.at)
            elif not answer:
                self.perhaps.add(self.at)
            if not answer:
                return False
        return True

    def kill(self):
        self.process.kill()
        self.process.wait()

    def end(self):
        self.process.stdin.close()
        code = self.process.wait(60)
        assert code == 0, (code, open(self.log.name).read()[-500:])

    def rows(self):
        return self.place.daemon.rows(STORED, self.name)

    def check(self, epochs=1):
        rows = self.rows()
        measured = [row[0] for row in rows]
        missing = sorted(set(self.taken) - set(measured))
        assert not missing, f"{len(missing)} of {len(self.taken)} are not stored, first {missing[:3]}"
        assert len(measured) == len(set(measured)), f"{len(measured) - len(set(measured))} are stored twice"
        more = sorted(set(measured) - set(self.taken) - self.perhaps)
        assert not more, f"{len(more)} are stored that were not taken, first {more[:3]} of {self.at}"
        assert len({row[2] for row in rows}) == epochs, f"epochs: { {row[2] for row in rows} }"
        assert self.place.daemon.rows("SELECT count(*) FROM quarantine")[0][0] == 0
        kept = open(self.spool).read().splitlines()
        assert len(kept) == 1 or len(kept) <= 1001, "the spool is cleared"


def restart(broker, number):
    broker.process.send_signal(number)
    broker.process.wait(20)
    broker.start()


def outages(way, other):
    """Each of the three is killed while lines come; another program goes on with the spool."""
    rng = seed()
    with Place() as place:
        watcher = place.client("watcher", "vigil/v1/gateways/gw-1/status")
        gateway = Gateway(place, "gw-1", way)
        assert gateway.feed(200)
        for act in rng.sample(["daemon", "broker", "gateway", "broker-kill", "daemon", "gateway"], 6):
            moment = rng.uniform(0.05, 0.3)
            feeder = threading.Thread(target=gateway.feed, args=(300,))
            feeder.start()
            feeder.join(moment)
            if act == "daemon":
                place.daemon.signal(signal.SIGKILL)
                feeder.join()
                place.daemon.start()
            elif act == "gateway":
                gateway.kill()
                feeder.join()
                gateway.start(rng.choice([way, other]))
            else:
                restart(place.broker, signal.SIGTERM if act == "broker" else signal.SIGKILL)
                feeder.join()
            assert gateway.feed(20), act
        gateway.end()
        gateway.check()
        again = place.client("again", "vigil/v1/gateways/gw-1/status")
        last = until(lambda: again.messages("/status"), what="the status")[-1]
        assert last["state"] == "offline" and last["epoch"] == gateway.rows()[0][2], last
        assert any(s["state"] == "online" for s in watcher.messages("/status"))
        print(f"  {len(gateway.taken)} lines taken, each stored once")


def test_python_outages():
    outages("python", "c")


def test_c_outages():
    outages("c", "python")


def test_broker_that_lost_what_it_acknowledged():
    """Its disk is gone, vigild was away, and no later number can tell: all is sent again all the same."""
    def one(place, gateway):
        assert gateway.feed(5)
        stored(gateway, 5)
        witness = place.client("witness", "vigil/v1/beds/#")
        place.daemon.signal(signal.SIGKILL)
        assert gateway.feed(30)
        until(lambda: len(witness.seen) == 30, what="the broker to have them")
        place.broker.kill()
        for name in os.listdir(place.folder):
            if name.startswith("broker.db"):
                os.unlink(os.path.join(place.folder, name))
        place.broker.start()
        place.daemon.start()
        gateway.end()
        gateway.check()
    each(one)


def each(test):
    for way in WAYS:
        with Place() as place:
            test(place, Gateway(place, "gw-1", way))


def stored(gateway, count):
    until(lambda: len(gateway.rows()) == count, what=f"{count} messages to be stored")


def test_normal_run_and_refused_lines():
    def one(_, gateway):
        assert gateway.feed(50)
        for bad in ("{", "[]", "17", '{"ward":"onc-7","bed":"1"}', '{"ward":"ONC","bed":"1","obs":[]}',
                    '{"ward":"onc-7","bed":"1/2","obs":[]}', '{"ward":"onc-7","bed":"1","kind":"vita","obs":[]}'):
            answer = gateway.line(bad)
            assert answer.startswith("refused: "), (bad, answer)
        gateway.end()
        gateway.check()
        assert sorted(row[3] for row in gateway.rows()) == list(range(1, 51)), "numbers without holes"
    each(one)


def test_counter_gone_back_begins_a_new_epoch():
    """The spool is a backup from before: vigil's mark tells, and nothing is lost or numbered twice."""
    def one(place, gateway):
        assert gateway.feed(30)
        gateway.kill()
        shutil.copy(gateway.spool, gateway.spool + ".old")
        gateway.start()
        assert gateway.feed(30)
        marks = place.client("marks", "vigil/v1/gateways/gw-1/committed")
        until(lambda: any(m["upto"] == 60 for m in marks.messages("/committed")), what="the mark")
        gateway.kill()
        shutil.copy(gateway.spool + ".old", gateway.spool)
        gateway.start()
        assert gateway.feed(40)
        gateway.end()
        gateway.check(epochs=2)
    each(one)


def test_spool_lost_or_broken_begins_a_new_epoch():
    def one(place, gateway):
        assert gateway.feed(10)
        stored(gateway, 10)
        gateway.kill()
        os.unlink(gateway.spool)
        gateway.start()
        assert gateway.feed(10)
        stored(gateway, 20)
        gateway.kill()
        open(gateway.spool, "w").write("rubbish\n")
        gateway.start()
        assert gateway.feed(10)
        gateway.end()
        gateway.check(epochs=3)
        assert [n for n in os.listdir(place.folder) if ".unreadable-" in n], "the broken one is put aside"
    each(one)


def test_line_without_end_was_never_sent():
    def one(_, gateway):
        assert gateway.feed(10)
        stored(gateway, 10)
        gateway.kill()
        with open(gateway.spool, "a") as spool:
            spool.write('beds/onc-7/1/vitals {"ts": 17, "ob')
        gateway.start()
        assert gateway.feed(10)
        gateway.end()
        gateway.check()
        assert sorted(row[3] for row in gateway.rows()) == list(range(1, 21))
    each(one)


def test_numbers_given_up_are_said():
    """The oldest ten are lost while the daemon is away: `from` says so, and upto passes over them."""
    def one(place, gateway):
        assert gateway.feed(5)
        stored(gateway, 5)
        until(lambda: place.daemon.rows("SELECT upto FROM epoch")[0][0] == 5, what="the mark")
        gateway.kill()
        place.daemon.signal(signal.SIGTERM)
        place.broker.kill()
        gateway.start()
        assert gateway.feed(20)
        gateway.kill()
        head, *lines = open(gateway.spool).read().splitlines()
        numbered = int(head.split()[2])
        lost = 15 - numbered + 1
        open(gateway.spool, "w").write("\n".join([f"{head.rsplit(' ', 1)[0]} 16", *lines[lost:], ""]))
        gateway.taken = gateway.taken[:5] + gateway.taken[15:]
        place.broker.start()
        place.daemon.start()
        gateway.start()
        gateway.end()
        gateway.check()
        assert place.daemon.rows("SELECT first FROM epoch")[0][0] == 16, "the gap is recorded"
    each(one)


subprocess.run(["make", "-s", "-C", ROOT, f"BUILD={os.path.relpath(BUILD, ROOT)}", "contrib"], check=True)
atexit.register(lambda: [process.kill() for process in STARTED])
run([v for k, v in list(globals().items()) if k.startswith("test_")])
