# SPDX-License-Identifier: Apache-2.0
"""The process and its neighbours: stopped and continued, out of descriptors, threads, stack, memory or processor, asked to
end under load, twice under one name. Alerts go out, nothing is lost or doubled, no alert gets a second id."""
import errno
import json
import os
import re
import select
import signal
import subprocess
import sys
import threading
import time
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "chaos"))
from place import Daemon, Place, Skip, run, seed, until  # noqa: E402
from faulty import Faulty  # noqa: E402
from relayed import beside  # noqa: E402
from trial import LONG, SOON, Trial, temp, vitals  # noqa: E402

RNG = seed()


def passes(seconds):
    """A span in which something is wrong; nothing to wait for."""
    end = time.monotonic() + seconds
    until(lambda: time.monotonic() > end, seconds + 5)


def test_the_daemon_is_stopped_and_goes_on():
    with Trial() as trial:
        beats = trial.client("beats", "vigil/v1/nodes/+/heartbeat")
        trial.alarm()
        until(lambda: beats.messages("/heartbeat"), what="a heartbeat")
        for seconds in [7] if LONG == 1 else [7, 30, 65]:
            trial.daemon.process.send_signal(signal.SIGSTOP)
            count, begin = len(beats.messages("/heartbeat")), time.monotonic()
            beds = [trial.alarm(wait=False) for _ in range(5)]
            passes(seconds)
            assert len(beats.messages("/heartbeat")) == count, "a stopped daemon seems alive"
            trial.daemon.process.send_signal(signal.SIGCONT)
            for bed in beds:
                trial.raised(bed, begin, 10 + seconds)
            beat = until(lambda: beats.messages("/heartbeat")[count:], 10, "a heartbeat again")[0]
            assert max(b["loop_lag_ms"] for b in beats.messages("/heartbeat")[count:]) > seconds * 500 or beat["path_ms"] > 500, beat
        trial.books()


def test_the_broker_is_stopped_and_goes_on():
    with Trial() as trial:
        trial.alarm()
        trial.broker.process.send_signal(signal.SIGSTOP)
        begin = time.monotonic()
        beds = [trial.alarm(wait=False) for _ in range(5)]
        until(lambda: "mqtt.down" in trial.daemon.log_text(), 17, "the loss to be noticed")
        noticed = time.monotonic() - begin
        trial.broker.process.send_signal(signal.SIGCONT)
        for bed in beds:
            trial.raised(bed, begin, 60)
        print(f"  noticed after {noticed:.1f} s")
        trial.books()


def test_asked_to_end_under_load():
    with Trial() as trial:
        status = trial.client("status", "vigil/v1/nodes/+/status")
        for _ in range(LONG * 2):
            end, begin = time.monotonic() + RNG.uniform(0.2, 1.5), None
            while begin is None or trial.daemon.process.poll() is None:
                trial.say(f"f{trial.seq % 50}", 36.6, wait=False)
                if begin is None and time.monotonic() > end:
                    trial.daemon.process.send_signal(signal.SIGTERM)
                    begin = time.monotonic()
                assert begin is None or time.monotonic() - begin < 5, "it does not end"
                time.sleep(0.001)
            assert trial.daemon.process.returncode == 0, trial.daemon.process.returncode
            until(lambda: status.messages("/status")[-1]["state"] == "offline", 2, "offline")
            assert [s["state"] for s in status.messages("/status")][-2:] == ["draining", "offline"]
            trial.honest()
            trial.daemon.start()
        trial.books()


def answered(port):
    """Whether HTTP answers within a second."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1) as answer:
            return answer.status == 200
    except OSError:
        return False


def test_no_descriptors_left():
    with Trial() as trial:
        trial.alarm()
        trial.settle()
        pid = trial.daemon.process.pid
        most = max(int(n) for n in os.listdir(f"/proc/{pid}/fd")) + 12
        subprocess.run(["prlimit", "--pid", str(pid), f"--nofile={most}:{most}"], check=True)
        import socket
        callers = []
        for _ in range(20):
            callers.append(socket.create_connection(("127.0.0.1", trial.daemon.port), 5))
            callers[-1].sendall(b"GET /heal")
        until(lambda: len(os.listdir(f"/proc/{pid}/fd")) >= most - 3, 5, "all descriptors to be taken")
        assert not answered(trial.daemon.port), "HTTP answers one more"
        for _ in range(5):
            trial.alarm()
        trial.settle()
        trial.broker.kill()  # and now it needs new ones
        trial.broker.start()
        trial.connect()
        begin = time.monotonic()
        bed = trial.alarm(wait=False)
        until(lambda: trial.tend() or [e for e in trial.ward.events("HOT") if e["bed"] == bed], 40, "the alert after all")
        print(f"  with a broker that came back: {time.monotonic() - begin:.1f} s")
        for caller in callers:
            caller.close()
        until(lambda: answered(trial.daemon.port), 60, "HTTP again")
        trial.books()


def test_no_thread_to_be_had():
    """Whichever thread cannot be made: it is not started at all, with a sentence; or it watches."""
    said = {}  # exit codes
    with Trial(start=False) as trial:
        faulty = Faulty(trial)
        for n in range(40):
            faulty.put(0, "thread", error=errno.EAGAIN, skip=n)
            trial.daemon.start(wait=False)
            ready = select.select([trial.daemon.ready_read], [], [], 20)[0] and os.read(trial.daemon.ready_read, 200)
            if ready:
                trial.connect()
                bed = trial.alarm(wait=False)
                until(lambda: trial.daemon.process.poll() is not None or [e for e in trial.ward.events("HOT") if e["bed"] == bed],
                      20, "an alert, or the end")
            hits = faulty.hits()
            faulty.put(0)
            if not ready or trial.daemon.process.poll() is not None:
                said[n] = trial.daemon.process.wait(5)
                # libuv ends the process when its own pool, which begins with the first work for it, gets no thread
                assert said[n] in (3, -signal.SIGABRT) and hits, (n, said[n], trial.daemon.log_text()[-500:])
            else:
                trial.daemon.signal(signal.SIGKILL)
                if not hits:
                    break
        print(f"  {n} threads; refused at {sorted(said)}")
        assert said and not hits


def test_a_small_stack():
    with Trial(start=False) as trial:
        plain = trial.daemon.command
        trial.daemon.command = lambda *more: ["prlimit", "--stack=262144:262144", *plain(*more)]
        trial.begin()
        deep = ("[" * 65000, '{"a":' * 12000, '{"gateway":"gw-1","ts":1,"obs":' + "[" * 8 + "]" * 8 + "}")
        for text in (*deep, '{"gateway":"gw-1","ts":1,"obs":[' + ",".join(["{}"] * 256) + "]}",
                     '{"gateway":"gw-1","ts":1,"obs":' + "[" * 7 + "]" * 7 + "}"):
            trial.gateway.publish("vigil/v1/beds/w/9/vitals", text)
        obs = [temp(36 + n / 100) for n in range(256)]
        trial.gateway.publish("vigil/v1/beds/w/9/vitals", vitals(0, *obs))
        trial.alarm()
        trial.settle()
        assert trial.daemon.rows("SELECT count(*) FROM quarantine WHERE reason = 'too_deep'") == [(len(deep),)]
        assert trial.daemon.rows("SELECT count FROM message WHERE seq = 0") == [(256,)], "the widest there may be"
        assert trial.daemon.signal(signal.SIGTERM) == 0


class Group:
    """A control group of one's own, of either version: what its kind may use at most."""

    def __init__(self, kind, limit):
        self.old = not os.path.exists("/sys/fs/cgroup/cgroup.controllers")
        names = {"cpu": {"cfs_period_us": 100000, "cfs_quota_us": limit} if self.old else {"max": f"{limit} 100000"},
                 "memory": {"limit_in_bytes" if self.old else "max": limit}}[kind]
        self.path = f"/sys/fs/cgroup/{kind if self.old else ''}/vigil-test-{os.getpid()}-{threading.get_ident()}"
        try:
            os.mkdir(self.path)
            for name, value in names.items():
                with open(os.path.join(self.path, f"{kind}.{name}"), "w") as file:
                    file.write(str(value))
        except OSError as error:
            self.end()
            raise Skip(f"no control group of one's own: {error}") from None

    def peak(self):
        """Of its memory, in MB, as far as the kernel tells."""
        try:
            return int(open(os.path.join(self.path, "memory.max_usage_in_bytes" if self.old else "memory.peak")).read()) >> 20
        except OSError:
            return 0

    def end(self):
        if os.path.isdir(self.path):
            os.rmdir(self.path)


def limited(body, kind, limit):
    group = Group(kind, limit)
    try:
        with Trial(start=False) as trial:
            plain = trial.daemon.command
            script = f'echo $$ >{group.path}/cgroup.procs; exec "$@"'
            trial.daemon.command = lambda *more: ["sh", "-c", script, "sh", *plain(*more)]
            trial.begin()
            body(trial, group)
    finally:
        until(lambda: not open(os.path.join(group.path, "cgroup.procs")).read().strip(), 5, "the group to be empty")
        group.end()


def test_a_twentieth_of_a_processor():
    """5 ms of 100: alerts are late, and come."""
    def body(trial, group):
        worst = 0.0
        for n in range(400 * LONG):
            trial.say(f"f{n % 30}", 36.6, wait=False)
            if n % 100 == 0:
                worst = max(worst, trial.alarm(within=10)[1])
        throttled = int(re.search(r"nr_throttled (\d+)", open(group.path + "/cpu.stat").read())[1])
        print(f"  5 % of a processor: the slowest alert took {worst:.2f} s; held back {throttled} times")
        assert throttled
        invented = {e["rule"] for e in trial.ward.events()} - {"HOT"}
        assert not invented, invented
        trial.books()
    limited(body, "cpu", 5000)


def test_64_megabytes():
    """A thousand beds, a reading of three signals each."""
    def body(trial, group):
        more = [{"code": "hr", "value": 80, "unit": "/min"}, {"code": "spo2", "value": 97, "unit": "%"}]
        for n in range(1000 * min(LONG, 5)):
            trial.seq += 1
            trial.kept[trial.seq] = f"vigil/v1/beds/w/{n % 1000}/vitals", json.dumps(vitals(trial.seq, temp(36.6), *more))
            trial.gateway.publish(*trial.kept[trial.seq], wait=False)
        trial.settle(60)
        trial.alarm()
        used = int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{trial.daemon.process.pid}/status").read())[1]) // 1024
        print(f"  1,000 beds in {used} MB; at most {group.peak()} MB counted")
        assert used < 64, "where there is swap the limit alone says nothing"
        trial.books()
    limited(body, "memory", 64 << 20)


def test_busy_neighbours():
    with Trial() as trial:
        spinners = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(4)]
        try:
            worst = max(trial.alarm()[1] for _ in range(10))
        finally:
            for spinner in spinners:
                spinner.kill()
                spinner.wait()
        print(f"  four neighbours: the slowest alert took {worst:.2f} s")
        trial.books()


def test_two_daemons_of_one_name():
    """On two stores, so that no lock keeps them apart: both say that somebody else is there, and it ends with the other."""
    with Trial() as trial, Place(start=False) as place:
        trial.alarm()
        other = Daemon(place.folder, trial.broker, trial.daemon.settings)
        begin = time.monotonic()
        place.daemon = other  # ends with the place
        other.start(wait=False)

        def told(daemon):
            return daemon.rows("SELECT a.json FROM alert_event a JOIN alert b ON b.id = a.alert WHERE b.rule = 'BROKER_LOST'"
                               " AND a.event = 'raised'")
        for daemon in (trial.daemon, other):
            alert = json.loads(until(lambda d=daemon: told(d), begin + 30 - time.monotonic(), "BROKER_LOST")[0][0])
            assert "Another client takes" in alert["text"], alert["text"]
        print(f"  both said it within {time.monotonic() - begin:.1f} s")
        other.signal(signal.SIGKILL)
        until(lambda: [e for e in trial.ward.events("BROKER_LOST") if e["event"] == "ended"], 30, "its end")
        trial.books()


# These measure how late alerts are: by themselves.
ALONE = [test_busy_neighbours, test_a_twentieth_of_a_processor]
if __name__ == "__main__":
    wanted = sys.argv[1:]
    tests = [v for k, v in list(globals().items()) if k.startswith("test_") and v not in ALONE]
    run([t for t in ALONE if not wanted or t.__name__ in wanted] + beside([t for t in tests if not wanted or t.__name__ in wanted], 8))
