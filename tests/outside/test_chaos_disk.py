# SPDX-License-Identifier: Apache-2.0
"""The disk is full, slow, read-only, gives errors, or belongs to somebody else for a while: alerts go out all the
same, no mark runs ahead of what is stored, and afterwards everything is there once. Calls fail by a shim in front
of the C library (tests/chaos/faulty.c); the full disk is a small file system of its own, for which one must be root."""
import errno
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "chaos"))
from place import Skip, run, seed, until  # noqa: E402
from faulty import Faulty  # noqa: E402
from relayed import beside  # noqa: E402
from trial import LONG, Trial  # noqa: E402

RNG = seed()
# Which call fails on which of the store's files; and what makes the store do it: a commit, opening it anew after a failed
# commit, or the checkpoint of a pause.
FAULTS = [("write", "v.db-wal", "commit"), ("sync", "v.db-wal", "commit"), ("read", "v.db-wal", "anew"), ("read", "v.db", "anew"),
          ("write", "v.db", "pause"), ("sync", "v.db", "pause"), ("read", "v.db-wal", "pause")]


def pressed(trial, faulty, call, end, when, times, error):
    """Alerts while it fails; the store is opened anew and caught up with when it is over. How often it failed."""
    with faulty.on(call, end, error=error, times=times):
        if when == "anew":
            faulty.put(1, "sync", "v.db-wal", error=errno.EIO, times=1)
        for _ in range(2):
            SECONDS.append(trial.alarm()[1])
        # a checkpoint that failed comes again only with more to do
        until(lambda: faulty.hits() >= (1 if when == "pause" else min(times, 2) % 3), 15, f"{call} {end} to fail")
        trial.honest()
        hits = faulty.hits()
    faulty.put(1)
    trial.settle()
    return hits


SECONDS = []


def test_calls_that_fail():
    """Once, and until it is over."""
    with Trial(start=False) as trial:
        faulty = Faulty(trial)
        trial.begin()
        trial.alarm()
        met = []
        for call, end, when in RNG.sample(FAULTS, 4) if LONG == 1 else FAULTS * LONG:
            times = RNG.choice([1, 2, -1])
            error = RNG.choice([errno.EIO, errno.ENOSPC] if call == "write" else [errno.EIO])
            met.append(f"{call} {end} {pressed(trial, faulty, call, end, when, times, error)}")
        print(f"  failed: {', '.join(met)}; the slowest alert took {max(SECONDS):.2f} s")
        trial.books()


def test_the_journal_cannot_be_written():
    """It is what `kill -9` needs, nothing else: all goes on, and it is counted."""
    with Trial(start=False) as trial:
        faulty = Faulty(trial)
        trial.begin()
        names = sorted(n for n in os.listdir(trial.folder) if ".inbox-" in n)
        for row, name in enumerate(names):
            faulty.put(row, "write", name, error=errno.EIO)
        for _ in range(5):
            trial.alarm()
        assert sum(faulty.hits(row) for row in range(len(names))) >= 5, names
        trial.books()


def test_a_slow_disk():
    """0.1 s a sync: it is told with its record; 2 s: it does not wait for that longer than a quarter of a second."""
    with Trial(start=False) as trial:
        faulty = Faulty(trial)
        trial.begin()
        for wait in (100, 2000):
            with faulty.on("sync", wait_ms=wait):
                told = [trial.alarm() for _ in range(3)]
                trial.honest()
            kept = [event["persisted"] for event, _ in told]
            assert any(kept) if wait == 100 else not any(kept), (wait, kept)
            assert min(seconds for _, seconds in told) < 1, (wait, told)  # the quickest: other tests run beside it
            trial.settle()
        trial.books()


def test_the_store_stands_still():
    """One sync takes 11 s: alerts go out marked, marks and the heartbeat stop; when it is over they go on, and nothing is
    there twice."""
    with Trial(start=False) as trial:
        faulty = Faulty(trial)
        trial.begin()
        beats = trial.client("beats", "vigil/v1/nodes/+/heartbeat")
        until(lambda: beats.messages("/heartbeat"), what="a heartbeat")
        trial.alarm()
        trial.settle()
        before = trial.upto
        with faulty.on("sync", "v.db-wal", wait_ms=11000, times=1):
            begin = time.monotonic()
            until(lambda: trial.alarm()[0]["persisted"] is False, what="an alert that did not wait")
            count = len(beats.messages("/heartbeat"))
            trial.tend()
            assert not trial.alarm()[0]["persisted"]
            assert faulty.hits() == 1 and trial.upto <= before + 1
            trial.trouble("STORE_DEGRADED")
            assert 4.5 < time.monotonic() - begin < 8, "after 5 s"
            until(lambda: time.monotonic() - begin > 9, what="more than the time between two heartbeats")
            assert len(beats.messages("/heartbeat")) == count, "a heartbeat, and nothing gets to the disk"
        until(lambda: len(beats.messages("/heartbeat")) > count, 15, "a heartbeat again")
        trial.trouble("STORE_DEGRADED", "ended")
        trial.books()


def test_a_broker_without_memory_while_the_store_stands_still():
    """What went out before its record was on disk is told again as well, and says still that it is not."""
    with Trial(start=False) as trial:
        faulty = Faulty(trial)
        trial.begin()
        trial.alarm()
        trial.settle()
        with faulty.on("sync", "v.db-wal", wait_ms=11000, times=1):
            early = trial.alarm()[0]
            assert early["persisted"] is False
            trial.broker.kill()
            for name in [n for n in os.listdir(trial.folder) if n.startswith("broker.db")]:
                os.unlink(os.path.join(trial.folder, name))
            trial.broker.start()
            newcomer = trial.client("newcomer", "vigil/v1/wards/w/alerts/#")
            state = until(lambda: newcomer.messages(f"/alerts/{early['id']}"), what="its state once more")[0]
            assert state["persisted"] is False and state["rev"] == early["rev"], state
        trial.connect()
        trial.books()


def test_somebody_holds_the_lock():
    with Trial() as trial:
        trial.alarm()
        trial.settle()
        lock = sqlite3.connect(trial.daemon.store, isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        assert not trial.alarm()[0]["persisted"]
        trial.trouble("STORE_DEGRADED")
        lock.execute("ROLLBACK")
        lock.close()
        trial.trouble("STORE_DEGRADED", "ended")
        trial.books()


class Small:
    """A file system of so many KiB on a folder."""

    def __init__(self, folder, size):
        self.folder = folder
        os.mkdir(folder)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}k", "vigil-test", folder], capture_output=True, text=True)
        if done.returncode:
            raise Skip(f"no tmpfs of one's own: {done.stderr.strip()}")

    def fill(self):
        with open(os.path.join(self.folder, "filler"), "ab", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError as error:
                assert error.errno == errno.ENOSPC, error

    def room(self):
        os.unlink(os.path.join(self.folder, "filler"))

    def end(self):
        subprocess.run(["umount", "-l", self.folder], check=False)


def asked(trial, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{trial.daemon.port}{path}", timeout=10) as answer:
        return json.load(answer)


def salt(trial):
    """Of the log: another once all of it was taken in and it has begun anew."""
    with open(trial.daemon.store + "-wal", "rb") as file:
        return file.read(32)[16:24]


def full(trial, reader=False, broker=False):
    disk = Small(os.path.join(trial.folder, "disk"), 6000)
    try:
        trial.daemon.store = os.path.join(disk.folder, "v.db")
        open(trial.daemon.store + "-wal", "w").close()  # no room laid out beforehand
        trial.begin()
        trial.alarm()
        trial.settle()
        if reader:
            long = sqlite3.connect(f"file:{trial.daemon.store}?mode=ro", uri=True, isolation_level=None)
            long.execute("BEGIN")
            long.execute("SELECT count(*) FROM meta").fetchone()
            before = salt(trial)
        beats = trial.client("beats", "vigil/v1/nodes/+/heartbeat")
        until(lambda: beats.messages("/heartbeat"), what="a heartbeat")
        disk.fill()

        def degraded():
            event, _ = trial.alarm()
            time.sleep(0.1)  # an alert of a bed is a page too: not a flood
            return not event["persisted"]
        until(degraded, 60, "the disk to be full")
        count = len(beats.messages("/heartbeat"))
        trial.honest()
        until(lambda: asked(trial, "/api/v1/alerts").get("behind"), 5, "the list to say that it lacks the newest")
        raised = trial.alarm()[0]["id"]
        until(lambda: raised in json.dumps(asked(trial, "/api/v1/wards/w/beds")), what="the alert, from memory")
        trial.trouble("STORE_DEGRADED")
        trial.alarm()
        trial.honest()
        assert len(beats.messages("/heartbeat")) == count, "a heartbeat in 5 s in which nothing got to the disk"
        if broker:  # the second fault while the first lasts
            trial.broker.kill()
            trial.broker.start()
            until(lambda: trial.daemon.log_text().count("event=mqtt.up") >= 8, 15, "both ways again")
            trial.connect()
            assert trial.alarm()[0]["persisted"] is False
            trial.honest()
        if reader:
            long.close()
            trial.alarm()
        disk.room()
        trial.trouble("STORE_DEGRADED", "ended")
        until(lambda: "behind" not in asked(trial, "/api/v1/alerts"), 5, "the list to be whole again")
        if reader:
            def taken_in():
                begin = time.monotonic()
                until(lambda: time.monotonic() - begin > 3, what="a pause, in which it is done")
                return trial.alarm() and salt(trial) != before
            until(taken_in, 30, "the log to be taken in once nobody reads it")
        trial.books()
    finally:
        if trial.daemon.process and trial.daemon.process.poll() is None:
            trial.daemon.process.kill()
            trial.daemon.process.wait()
        disk.end()


def test_a_start_on_a_disk_with_little_room():
    """What is laid out for speed must not take the room without which it cannot start, again and again."""
    with Trial(start=False) as trial:
        disk = Small(os.path.join(trial.folder, "disk"), 6000)
        try:
            trial.daemon.store = os.path.join(disk.folder, "v.db")
            trial.begin()
            trial.alarm()
            trial.settle()
            trial.daemon.signal(signal.SIGTERM)
            trial.daemon.start()
            until(lambda: "event=ready" in trial.daemon.log_text().split("event=stopped")[-1], what="the second start")
        finally:
            if trial.daemon.process and trial.daemon.process.poll() is None:
                trial.daemon.process.kill()
                trial.daemon.process.wait()
            disk.end()


def test_a_full_disk():
    with Trial(start=False) as trial:
        full(trial)


def test_a_full_disk_while_somebody_reads_for_long():
    with Trial(start=False) as trial:
        full(trial, reader=True)


def test_a_full_disk_and_then_the_broker_goes():
    with Trial(start=False) as trial:
        full(trial, broker=True)


if __name__ == "__main__":
    wanted = sys.argv[1:]
    run(beside([v for k, v in list(globals().items()) if k.startswith("test_") and (not wanted or k in wanted)], 8))
