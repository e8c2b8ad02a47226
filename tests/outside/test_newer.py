# SPDX-License-Identifier: Apache-2.0
"""A store of a newer vigil: the daemon and the tool say so and change no byte of it, whether it was closed or killed."""
import gc
import os
import signal
import sqlite3
import subprocess

from place import BUILD, Place, run, temp, until, vitals

NEWER = 99


def files(folder):
    """What the store consists of; SQLite's shared memory is no part of it, nor is the lock."""
    return {name: open(os.path.join(folder, name), "rb").read() for name in os.listdir(folder)
            if name.startswith("v.db") and not name.endswith(("-shm", ".lock"))}


def with_a_store(place, killed):
    client = place.client("gw")
    client.publish("vigil/v1/beds/onc-7/1/vitals", vitals(1, temp(37.1)))
    until(lambda: place.daemon.rows("SELECT count(*) FROM message")[0][0] == 1, what="a message")
    gc.collect()  # readers that nobody closed
    place.daemon.signal(signal.SIGKILL if killed else signal.SIGTERM)
    if killed:  # the version is in the log, as what a newer vigil committed last is
        db = sqlite3.connect(place.daemon.store)
        holder = sqlite3.connect(f"file:{place.daemon.store}?mode=ro", uri=True)  # so that closing leaves the log
        holder.execute("BEGIN")
        holder.execute("SELECT * FROM meta").fetchall()
        db.execute(f"PRAGMA user_version={NEWER}")
        before = files(place.folder)
        db.close()
        holder.close()
        for name in [n for n in os.listdir(place.folder) if n.startswith("v.db") and not n.endswith(".lock")]:
            os.unlink(os.path.join(place.folder, name))
        for name, data in before.items():
            with open(os.path.join(place.folder, name), "wb") as file:
                file.write(data)
    else:
        with sqlite3.connect(place.daemon.store) as db:
            db.execute(f"PRAGMA user_version={NEWER}")
        db.close()


def refused_without_a_write(killed):
    with Place() as place:
        with_a_store(place, killed)
        before = files(place.folder)
        assert before["v.db"] and ("v.db-wal" in before) == killed, sorted(before)
        start = subprocess.run(place.daemon.command(), capture_output=True, text=True, timeout=30)
        assert start.returncode != 0 and "newer vigil" in start.stderr, (start.returncode, start.stderr)
        compact = subprocess.run([os.path.join(BUILD, "vigil"), "store", "compact", "--set", f"store.path={place.daemon.store}"],
                                 capture_output=True, text=True, timeout=30)
        assert compact.returncode == 3 and "newer vigil" in compact.stderr, compact
        after = files(place.folder)
        changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
        assert not changed, f"it changed {changed}"
        version = sqlite3.connect(place.daemon.store).execute("PRAGMA user_version").fetchone()[0]
        assert version == NEWER, version


def a_newer_store_that_was_closed_is_refused_without_a_write():
    refused_without_a_write(False)


def a_newer_store_that_was_killed_is_refused_without_a_write():
    refused_without_a_write(True)


if __name__ == "__main__":
    run([a_newer_store_that_was_closed_is_refused_without_a_write, a_newer_store_that_was_killed_is_refused_without_a_write])
