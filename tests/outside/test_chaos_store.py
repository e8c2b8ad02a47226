# SPDX-License-Identifier: Apache-2.0
"""The files of the store are damaged, gone, of another version, or not ours to write: the daemon watches all the same
wherever it can, says so, and keeps what was damaged as evidence; or it refuses with a sentence and exit 3."""
import errno
import glob
import json
import os
import select
import signal
import sqlite3
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "chaos"))
from place import Daemon, Skip, run, seed, until  # noqa: E402
from faulty import Faulty  # noqa: E402
from relayed import beside  # noqa: E402
from trial import LONG, SOON, Trial  # noqa: E402

RNG = seed()
PAGE = 4096


def put(path, at, data):
    with open(path, "r+b") as file:
        file.seek(at)
        file.write(data)


class Stored(Trial):
    """A store with some history, killed; each case begins with the same files."""

    def __init__(self):
        super().__init__()
        for _ in range(3):
            self.alarm()
        for n in range(200):
            self.say(f"f{n % 20}", 36.5 + n % 10 / 10, wait=False)
        self.settle()
        self.keep()

    def keep(self):
        self.daemon.signal(signal.SIGKILL)
        self.base = self.daemon.store
        self.files = {n: open(n, "rb").read() for n in glob.glob(self.base + "*")}

    def fresh(self, checkpointed):
        for name in glob.glob(self.base + "*"):
            os.unlink(name)
        for name, data in self.files.items():
            with open(name, "wb") as file:
                file.write(data)
        if checkpointed:
            with sqlite3.connect(self.base) as db:
                assert db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
            db.close()

    def starts(self, timeout=15):
        """Whether it is ready; else it has ended."""
        self.daemon.start(wait=False)
        if select.select([self.daemon.ready_read], [], [], timeout)[0] and os.read(self.daemon.ready_read, 200):
            self.connect()
            return True
        self.daemon.process.wait(10)
        return False

    def watches(self):
        """An alert for whatever comes now."""
        self.beds += 1
        bed = f"new-{self.beds}"
        self.say(bed, 39.7)
        until(lambda: [e for e in self.ward.events("HOT") if e["bed"] == bed], SOON, "an alert")

    def troubles(self):
        """[(event, alert)] of STORE_DEGRADED: from the store, since nobody may have listened yet."""
        return [(e, json.loads(j)) for e, j in self.daemon.rows(
            "SELECT event, json FROM alert_event WHERE alert IN (SELECT id FROM alert WHERE rule = 'STORE_DEGRADED') ORDER BY n")]

    def degraded(self, text):
        event, alert = until(self.troubles, what="STORE_DEGRADED")[0]
        assert event == "raised" and text in alert["text"] and alert["severity"] == "urgent", alert
        assert {a["id"] for _, a in self.troubles()} == {alert["id"]}

    def stop(self):
        self.daemon.signal(signal.SIGKILL)


def half(trial):
    return os.path.getsize(trial.base) // 2 // PAGE * PAGE


DAMAGES = {
    "head": lambda t: put(t.base, 0, RNG.randbytes(100)),
    "first page zeroed": lambda t: put(t.base, 100, bytes(PAGE - 100)),
    "four pages zeroed": lambda t: put(t.base, PAGE, bytes(4 * PAGE)),
    "cut in half": lambda t: os.truncate(t.base, half(t)),
    "cut inside a page": lambda t: os.truncate(t.base, half(t) + 100),
    "a page of noise": lambda t: put(t.base, PAGE * RNG.randrange(1, 5), RNG.randbytes(PAGE)),
}


def test_a_damaged_store_is_set_aside_and_patients_are_watched():
    with Stored() as trial:
        for name, damage in RNG.sample(list(DAMAGES.items()), 3 if LONG == 1 else len(DAMAGES)):
            trial.fresh(checkpointed=True)
            damage(trial)
            damaged = open(trial.base, "rb").read()
            assert trial.starts(), f"{name}: {trial.daemon.log_text()[-400:]}"
            aside = [p for p in glob.glob(trial.base + ".damaged-*") if p.rsplit("-", 1)[1].isdigit()]
            assert len(aside) == 1 and open(aside[0], "rb").read() == damaged, (name, aside)
            trial.watches()
            trial.degraded("The store was damaged")
            trial.stop()
        assert trial.starts()  # and once more: it lies there still, so it is one alert still
        trial.watches()
        trial.degraded("The store was damaged")
        for path in glob.glob(trial.base + ".damaged-*"):
            os.unlink(path)
        until(lambda: trial.troubles()[-1][0] == "ended", what="its end")
        trial.stop()
        trial.whole()


def test_the_log_is_damaged():
    """What is whole before the damage is kept; the rest comes from the journal and the gateways."""
    size = 0
    with Stored() as trial:
        size = len(trial.files[trial.base + "-wal"])
        log = trial.base + "-wal"
        for name, damage in {
                "its head": lambda: put(log, 0, RNG.randbytes(32)), "gone": lambda: os.unlink(log),
                "empty": lambda: os.truncate(log, 0), "cut": lambda: os.truncate(log, RNG.randrange(size)),
                "flipped": lambda: put(log, RNG.randrange(32, size), RNG.randbytes(8)),
                "noise": lambda: put(log, RNG.randrange(32, size - 20000), RNG.randbytes(20000)),
                "shm of noise": lambda: put(trial.base + "-shm", 0, RNG.randbytes(32768)),
                "shm gone": lambda: os.unlink(trial.base + "-shm")}.items():
            trial.fresh(checkpointed=False)
            damage()
            assert trial.starts(), f"{name}: {trial.daemon.log_text()[-400:]}"
            assert not glob.glob(trial.base + ".damaged-*"), name
            rows = trial.daemon.rows("SELECT count(*), count(DISTINCT seq) FROM message WHERE seq > 0")[0]
            assert rows[0] == rows[1], (name, rows)
            trial.watches()
            trial.stop()
            trial.whole()


def test_the_journal_is_damaged():
    with Stored() as trial:
        for name, damage in {"noise": lambda p: put(p, 0, RNG.randbytes(200000)), "zeros": lambda p: put(p, 0, bytes(200000)),
                             "cut": lambda p: os.truncate(p, RNG.randrange(1, 40000)), "empty": lambda p: os.truncate(p, 0),
                             "gone": os.unlink,
                             "flipped": lambda p: put(p, RNG.randrange(20000), RNG.randbytes(4))}.items():
            trial.fresh(checkpointed=False)
            for path in glob.glob(trial.base + ".inbox-*"):
                damage(path)
            assert trial.starts(), f"{name}: {trial.daemon.log_text()[-400:]}"
            rows = trial.daemon.rows("SELECT count(*), count(DISTINCT seq) FROM message WHERE seq > 0")[0]
            assert rows[0] == rows[1] == 203, (name, rows)  # all of it was committed
            trial.watches()
            trial.stop()


def test_rows_that_cannot_be_read_back():
    with Stored() as trial:
        for sql in ("UPDATE bundle SET data = x'ff0102' WHERE id = (SELECT max(id) FROM bundle)",
                    "UPDATE bundle SET data = substr(data, 1, length(data) - 1)", "UPDATE alert SET json = '{\"id\":' WHERE bed = '2'",
                    "UPDATE alert SET care = '[[[' WHERE bed = '2'", "UPDATE epoch SET ranges = x'ffffffffffffffffff', upto = 9",
                    "INSERT INTO message_row SELECT max(last) + 1, 1, -9000000000000000000, 1, 1, 1, 0, 0, 0, 0, 0, x'010000' FROM"
                    " bundle"):
            trial.fresh(checkpointed=True)
            with sqlite3.connect(trial.base) as db:
                db.execute(sql)
            db.close()
            assert trial.starts(), f"{sql}: {trial.daemon.log_text()[-400:]}"
            trial.watches()
            if "-9" not in sql and "care" not in sql:
                trial.degraded("could not be read back")
            trial.stop()


def test_reads_that_fail_for_a_moment_at_the_start():
    """SQLite calls that "malformed" too. A sound store is not set aside for it: it starts, or ends with 3 and starts next time."""
    with Stored() as trial:
        faulty = Faulty(trial)
        for end, times, start in (("v.db", 1, 0), ("v.db", 2, PAGE), ("v.db", 3, PAGE), ("v.db-wal", 1, 0), ("v.db-wal", 2, 0)):
            trial.fresh(checkpointed=end == "v.db")
            faulty.put(0, "read", end, error=errno.EIO, times=times, start=start)
            if not trial.starts():
                assert trial.daemon.process.returncode == 3, trial.daemon.process.returncode
                assert trial.starts()
            assert faulty.hits() == times, (end, times, faulty.hits())
            faulty.put(0)
            assert not glob.glob(trial.base + ".damaged-*"), f"a sound store was set aside: {end} {times}"
            assert trial.daemon.rows("SELECT count(*) FROM message WHERE seq > 0")[0][0] == 203
            trial.watches()
            trial.stop()


def test_damaged_while_it_runs():
    """Found when the file is opened anew: alerts go on from memory, no mark; the next start sets it aside."""
    with Stored() as trial:
        faulty = Faulty(trial)
        trial.fresh(checkpointed=True)
        assert trial.starts()
        trial.alarm()
        trial.settle()
        put(trial.base, PAGE, RNG.randbytes(os.path.getsize(trial.base) - PAGE))
        with sqlite3.connect(trial.base) as db:  # as if it had been there long: the log holds nothing that heals it
            try:
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            except sqlite3.DatabaseError:
                pass
        said = trial.upto
        with faulty.on("sync", "v.db-wal", error=errno.EIO, times=1):
            until(lambda: not trial.alarm()[0]["persisted"] and faulty.hits(), 20, "the damage to be met")
        trial.alarm()
        trial.trouble("STORE_DEGRADED")
        trial.alarm()
        trial.tend()
        assert trial.upto <= said + 2, (trial.upto, said)
        trial.stop()
        assert trial.starts()
        assert glob.glob(trial.base + ".damaged-*")
        trial.watches()


def test_the_file_goes_while_it_runs():
    """What is written to a file without a name is lost: no mark covers it, people are told, and it goes on with the old one."""
    with Trial() as trial:
        trial.alarm()
        trial.settle()
        for name in (trial.daemon.store, trial.daemon.store + "-wal"):
            os.rename(name, name + ".moved")
            said = trial.upto
            trial.alarm()
            if name == trial.daemon.store:
                trial.trouble("STORE_DEGRADED")
                trial.tend()
                assert trial.upto == said, "a mark for what is nowhere"
                assert not os.path.exists(name), "a second store was begun"
                os.rename(name + ".moved", name)
                trial.trouble("STORE_DEGRADED", "ended")
            trial.settle()
        trial.books()


def test_a_newer_store_is_refused_and_not_touched():
    with Trial() as trial:
        trial.alarm()
        trial.settle()
        trial.daemon.signal(signal.SIGTERM)
        with sqlite3.connect(trial.daemon.store) as db:  # of a newer version
            version = db.execute("PRAGMA user_version").fetchone()[0]
            db.execute("PRAGMA user_version = 999")
        db.close()
        before = open(trial.daemon.store, "rb").read()
        done = subprocess.run(trial.daemon.command(), capture_output=True, text=True, timeout=20)
        assert done.returncode == 3 and "newer vigil" in done.stderr, done
        assert open(trial.daemon.store, "rb").read() == before
        with sqlite3.connect(trial.daemon.store) as db:
            db.execute(f"PRAGMA user_version = {version}")
        db.close()
        trial.daemon.start()  # nothing of this has hurt it


def test_what_may_not_be_written_is_refused():
    with Trial() as trial:
        folder = os.path.join(trial.folder, "ro")  # of a folder that nobody may write to, root neither
        os.mkdir(folder)
        if os.getuid() == 0:
            done = subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "vigil-test", folder], capture_output=True, text=True)
            if done.returncode:
                raise Skip(f"no tmpfs of one's own: {done.stderr.strip()}")
        else:
            os.chmod(folder, 0o500)
        other = Daemon(folder, trial.broker, trial.daemon.settings)
        done = subprocess.run(other.command(), capture_output=True, text=True, timeout=20)
        if os.getuid() == 0:
            subprocess.run(["umount", "-l", folder], check=False)
        assert done.returncode == 3 and ("Read-only" in done.stderr or "denied" in done.stderr), done
        trial.alarm()  # of the other, which is undisturbed


def test_a_file_of_somebody_elses_is_left_alone():
    with Trial(start=False) as trial:
        text = "Dear colleague, " * 1000
        with open(trial.daemon.store, "w") as file:
            file.write(text)
        done = subprocess.run(trial.daemon.command(), capture_output=True, text=True, timeout=20)
        assert done.returncode == 3 and "not a database" in done.stderr, done
        assert open(trial.daemon.store).read() == text and not glob.glob(trial.daemon.store + ".damaged-*")


if __name__ == "__main__":
    wanted = sys.argv[1:]
    run(beside([v for k, v in list(globals().items()) if k.startswith("test_") and (not wanted or k in wanted)], 8))
