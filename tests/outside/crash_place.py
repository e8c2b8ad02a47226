# SPDX-License-Identifier: Apache-2.0
"""A broker, a daemon and gateways that are killed with -9, and what must hold after each kill and in the end. For test_crash.py
and its like. Counts by the ledgers and by readers of the store that share no code with the daemon."""
import collections
import json
import os
import select
import signal
import subprocess
import sys
import time

from place import BUILD, ROOT, Client, Place, now_ms, until

sys.path.insert(0, os.path.join(ROOT, "tests", "lib-python"))
import ledger  # noqa: E402
import stored  # noqa: E402

TELLS = {"assessment": "SEIZURE", "vitals": "FEVER_CONFIRMED"}
PATIENCE = 600 if os.nice(0) > 0 else 60  # seconds; who is nice waits long
PAUSE = float(os.environ.get("VIGIL_CRASH_PAUSE", "0.004"))  # between a gateway's messages


class Ear:
    """A client that is there again whenever the broker is; what all its lives heard."""

    def __init__(self, port, name, *filters):
        self.port, self.name, self.filters, self.lives = port, name, filters, []
        self.listen()

    def listen(self):
        if not self.lives or not self.lives[-1].alive:
            def again():
                try:
                    self.lives.append(Client(self.port, self.name, *self.filters))
                    return True
                except (OSError, AssertionError, IndexError):
                    return False
            until(again, PATIENCE, "the broker to take a listener")

    def heard(self, part):
        """(topic, payload) of topics with that part."""
        return [(t, json.loads(p)) for life in self.lives for t, p, _ in list(life.seen) if part in t and p]


class CrashPlace(Place):
    def __init__(self, gateways=2):
        super().__init__(start=False)
        self.names = [f"gw{n}" for n in range(gateways)]
        self.gateways, self.brokers_killed = {}, 0
        self.plain, self.traces = self.daemon.command, os.path.join(self.folder, "strace.log")
        self.slowest = 0.0

    def begin(self):
        self.broker.start()
        self.ear = Ear(self.broker.port, "ear", "vigil/v1/wards/#", "vigil/v1/gateways/+/committed",
                       "vigil/v1/nodes/+/status")
        self.start_daemon()
        self.wait_ready()
        for name in self.names:
            self.start_gateway(name)

    def __exit__(self, kind, error, trace):
        for process in self.gateways.values():
            process.kill()
            process.wait()
        super().__exit__(kind, error, trace)

    # ---- The parts

    def start_gateway(self, name):
        with open(os.path.join(self.folder, name + ".log"), "a") as log:
            self.gateways[name] = subprocess.Popen(
                [sys.executable, os.path.join(ROOT, "tests", "outside", "crash_gateway.py"), str(self.broker.port), name,
                 self.folder, str(PAUSE)], stdout=subprocess.PIPE, stderr=log)
        self.gateways[name].stdout.readline()  # it takes a SIGTERM as it should

    def kill_gateway(self, name):
        assert self.gateways[name].poll() is None, open(os.path.join(self.folder, name + ".log")).read()
        self.gateways[name].kill()
        self.gateways[name].wait()

    def start_daemon(self, inject=None):
        """With `inject` under strace, beside the daemon and not above it: its process is ours."""
        self.daemon.command, self.traced = self.plain, bool(inject)
        if inject:
            self.daemon.command = lambda *more: ["strace", "-f", "-D", "-qqq", "-o", self.traces, "-e",
                                                 f"trace={inject.split(':')[0]}", "-e", f"inject={inject}", *self.plain(*more)]
        self.begun, self.since = time.monotonic(), now_ms()
        self.daemon.start(wait=False)

    def injected(self):
        """How often what was asked for has happened since the daemon was started."""
        if not os.path.exists(self.traces):
            return 0
        return open(self.traces).read().count("(INJECTED)")

    def connected(self):
        """The daemon said so to the broker since either of them was started; a retained word may be older."""
        last = [m for _, m in self.ear.heard("/status")][-1:]
        return bool(last) and last[0]["state"] != "offline" and ledger.milliseconds(last[0]["ts"]) >= self.since

    def wait_ready(self, seconds=PATIENCE):
        """True once it is ready; False if it ended or the time is over."""
        readable, _, _ = select.select([self.daemon.ready_read], [], [], seconds)
        line = os.read(self.daemon.ready_read, 200).decode() if readable else ""
        if line and not self.traced:
            self.slowest = max(self.slowest, time.monotonic() - self.begun)
        return line.startswith("ready")

    def daemon_dead(self, number=signal.SIGKILL):
        """Ends it unless it has ended; waits until all that it had said has been heard."""
        if self.daemon.process.poll() is None:
            self.daemon.process.send_signal(number)
        self.daemon.process.wait(PATIENCE)
        os.close(self.daemon.ready_read)
        if self.daemon.process.returncode == -signal.SIGKILL:
            until(lambda: not self.connected() or not self.ear.lives[-1].alive, PATIENCE, "the will")
        return self.daemon.process.returncode

    def kill_broker(self):
        self.broker.kill()
        self.brokers_killed += 1
        until(lambda: not self.ear.lives[-1].alive, PATIENCE, "the ear to notice")

    def start_broker(self):
        self.since = now_ms()
        self.broker.start()
        self.ear.listen()

    # ---- What must hold

    def marks(self):
        upto = collections.Counter()
        for topic, mark in self.ear.heard("/committed"):
            key = topic.split("/")[3], mark["epoch"]
            upto[key] = max(upto[key], mark["upto"])
        return upto

    def check_disk(self):
        """While the daemon is dead: the file is whole, nothing is there twice, no mark is ahead of it."""
        upto = self.marks()
        if not os.path.exists(self.daemon.store):
            assert not upto
            return
        db = stored.open_store(self.daemon.store)
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        there = collections.defaultdict(list)
        tables = {name for name, in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        for table in ("message", "admission", "quarantine") if "epoch" in tables else ():
            for gateway, epoch, seq in db.execute(f"SELECT e.gateway, e.epoch, t.seq FROM {table} t"
                                                  " JOIN epoch e ON e.id = t.epoch WHERE t.seq > 0"):
                there[gateway, epoch].append(seq)
        db.close()
        for key, numbers in there.items():
            assert len(numbers) == len(set(numbers)), f"{key}: some are stored twice"
        for key, last in upto.items():
            ahead = set(range(1, last + 1)) - set(there[key])
            assert not ahead, f"{key}: the mark {last} ran ahead of the disk: {sorted(ahead)[:5]}"

    def settle(self):
        """No new messages; until every gateway has a mark over all that it sent."""
        self.ear.listen()
        for process in self.gateways.values():
            process.send_signal(signal.SIGTERM)
        for name, process in self.gateways.items():
            try:
                assert process.wait(2 * PATIENCE) == 0, open(os.path.join(self.folder, name + ".log")).read()
            except subprocess.TimeoutExpired as error:
                raise AssertionError(f"{name} has waited in vain for its marks: {dict(self.marks())}") from error

    def published(self):
        lines = {}
        for name in self.names:
            lines.update(ledger.read(os.path.join(self.folder, name + ".ledger")))
        return lines

    def check_alerts(self, published):
        """Each condition has one alert with one id, and it was told. How many there were."""
        wanted = {(TELLS[line["topic"].split("/")[5]], line["topic"].split("/")[4]) for line in published.values()
                  if line["topic"].split("/")[4].startswith("t")}
        strict = self.brokers_killed == 0  # a broker that is killed forgets what it had taken

        def ids(part):
            found = collections.defaultdict(set)
            for _, head in self.ear.heard(part):
                for alert in [head] + head.get("digest", []):  # one page may stand for several
                    if "rule" in alert and (alert["rule"], alert["bed"]) in wanted:
                        found[alert["rule"], alert["bed"]].add(alert.get("id", alert.get("alert")))
            return found

        untold = {}

        def told():
            for part in ("/events", "/pages/", "/alerts/") if strict else ("/wards/",):
                untold[part] = wanted - set(ids(part))
            return not any(untold.values())
        try:
            until(told, PATIENCE, "every condition to be told")
        except AssertionError as error:
            raise AssertionError(f"{len(wanted)} conditions, not told by topic: {untold}") from error
        until(lambda: self.daemon.rows("SELECT count(*) FROM outbox") == [(0,)], PATIENCE, "the outbox to empty")
        heard = ids("/wards/")
        assert all(len(some) == 1 for some in heard.values()), [x for x in heard.items() if len(x[1]) != 1]
        rows = collections.defaultdict(list)
        for rule, bed, key in self.daemon.rows("SELECT rule, bed, id FROM alert"):
            rows[rule, bed].append(key)
        for key in wanted:
            assert rows[key] == list(heard[key]), (key, rows[key], heard[key])
        for ward, count, last in self.daemon.rows("SELECT ward, count(*), max(n) FROM alert_event GROUP BY ward"):
            assert count == last, f"{ward}: {count} changes and the last is {last}"
        return len(wanted)

    def check_all(self):
        """At the end, with the daemon alive. Messages and conditions counted."""
        published = self.published()
        alerts = self.check_alerts(published)
        self.daemon_dead(signal.SIGTERM)
        ledger.count(published, self.daemon.store)
        for command in (["audit", "verify"], ["store", "check"]):
            done = subprocess.run([os.path.join(BUILD, "vigil"), *command, "--set", f"store.path={self.daemon.store}"],
                                  capture_output=True, text=True, timeout=2 * PATIENCE)
            assert done.returncode == 0, (command, done.stdout, done.stderr)
        return len(published), alerts
