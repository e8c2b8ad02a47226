#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sealing with compaction, purge, backup, restore and migration, while each of their system calls in turn kills the process or
fails with ENOSPC or EIO. Afterwards, by a reader that shares no code with vigil: the file is whole, every reading is there
once; and what was interrupted can be done again.

VIGIL_POINTS (5) points of each work are tried, or all of them. `make points`. VIGIL_SEED repeats a run."""
import collections
import glob
import math
import os
import random
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib-python"))
from place import BUILD, run
try:
    from stretches import Store, times
except ImportError:  # Debian's packages belong to Debian's python
    if sys.executable == "/usr/bin/python3":
        raise
    os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])

POINTS = os.environ.get("VIGIL_POINTS", "5")
SEED = int(os.environ.get("VIGIL_SEED", random.randrange(1 << 30)))
SEALING, VIGIL = os.path.join(BUILD, "tests/outside/sealing"), os.path.join(BUILD, "vigil")
CALLS = ("pwrite64", "write", "fdatasync", "fsync", "ftruncate", "rename", "link", "unlink", "openat", "pread64")
FAULTS = ("signal=SIGKILL", "error=ENOSPC", "error=EIO")

MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # no power is cut here: a sync need not wait for a disk

Work = collections.namedtuple("Work", "name command base held")


def make(folder, name, word, seed):
    """A store made once, with whatever of it lies beside it."""
    path = os.path.join(folder, name)
    subprocess.run([SEALING, path, str(seed), word], check=True, stdout=subprocess.DEVNULL, timeout=60)
    return path


def copy_all(base, path):
    for name in glob.glob(glob.escape(path) + "*"):
        os.unlink(name)
    for name in glob.glob(glob.escape(base) + "*"):
        if not name.endswith("-shm"):
            shutil.copy(name, path + name[len(base):])
    open(path + "-wal", "a").close()  # none is laid out beforehand


def ids(path):
    """The ids of all messages in the file with the arrival of each that is a row, each once, whatever the version."""
    store = Store(path)
    assert store.db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    if "sealed" not in store.meta:
        found = [row[0] for row in store.db.execute("SELECT id FROM message")]
    else:
        found = [row[0] for row in store.hot()]
        for some, _ in store.sealed():
            found += some
    assert len(found) == len(set(found)), "a message is there twice"
    return set(found)


def readings(path):
    store = Store(path)
    return sum(r[3] for r in store.hot()) + sum(n for _, n in store.sealed())


def late(path, keep):
    """Ids of messages that a purge must leave: no stretch of them may go."""
    store = Store(path)
    cut = store.db.execute("SELECT max(received) FROM message").fetchone()[0] - keep
    found = {row[0] for row in store.db.execute("SELECT id FROM message WHERE received >= ?", (cut,))}
    for blob, in store.db.execute("SELECT times FROM stretch WHERE received >= ?", (cut,)):
        found |= set(times(blob)[1])
    return found


def holds_all(path, work, before):
    assert ids(path) == before, "messages are missing or more"


def holds_what_is_kept(path, work, before):
    found = ids(path)
    assert found <= before and late(work.base, 86400000) <= found, "a purge took what is to be kept"


def copy_is_whole(path, work, before):
    holds_all(path, work, before)
    if os.path.exists(path + ".copy"):
        assert ids(path + ".copy") == before, "a copy that has its name is not whole"


def old_or_new(path, work, before):
    """The store under its name is the one or the other; what it was is somewhere, with its log."""
    assert os.path.exists(path), "there is no store under its name"
    found = [ids(path)]
    assert found[0] in (before, ids(work.base + "-backup")), "the store is neither what it was nor what was restored"
    for aside in glob.glob(path + ".before-*[0-9]"):
        log = f"{path}-wal{aside[len(path):]}"
        if os.path.exists(log) and not os.path.exists(aside + "-wal"):
            os.link(log, aside + "-wal")
        found.append(ids(aside))
    assert before in found, "what was there before is lost"


WORKS = [
    Work("seal and compact", [VIGIL, "store", "compact", "--hot", "1m", "--set", "store.path={}"], "hours", holds_all),
    Work("purge", [SEALING, "{}", "1", "purge"], "days", holds_what_is_kept),
    Work("backup", [VIGIL, "backup", "{}.copy", "--set", "store.path={}"], "hours", copy_is_whole),
    Work("restore", [VIGIL, "restore", "{base}-backup", "--replace", "--set", "store.path={}"], "hours", old_or_new),
] + [Work(f"migrate from {n}", [VIGIL, "store", "compact", "--hot", "30d", "--set", "store.path={}"], f"old{n}", holds_all)
     for n in (1, 2, 3)]


def command(work, path):
    return [part.replace("{base}", work.base).replace("{}", path) for part in work.command]


def counts(work, path):
    """How many of each call there are when nothing fails."""
    copy_all(work.base, path)
    log = path + ".strace"
    done = subprocess.run(["strace", "-f", "-c", "-qqq", "-o", log, *command(work, path)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in open(log)]
    return {row[-1]: int(row[3]) for row in rows if len(row) > 4 and row[-1] in CALLS}


def points_of(work, path, dice):
    """(call, fault, nth), each or some: every call and fault as likely, and early calls rather than late ones."""
    there = counts(work, path)
    if POINTS == "all":
        return [(call, fault, nth) for call in there for fault in FAULTS for nth in range(1, there[call] + 1)]
    return [(call, dice.choice(FAULTS), round(math.exp(dice.uniform(0, math.log(there[call])))))
            for call in dice.choices(sorted(there), k=int(POINTS))]


def one_point(work, path, before, call, fault, nth):
    """Whether it was met."""
    copy_all(work.base, path)
    log = path + ".strace"
    done = subprocess.run(["strace", "-f", "-qqq", "-o", log, "-e", f"trace={call}", "-e", f"inject={call}:{fault}:when={nth}",
                           *command(work, path)], capture_output=True, text=True, timeout=120)
    met = done.returncode in (137, -9) or "(INJECTED)" in open(log).read()
    os.unlink(log)
    assert met or done.returncode == 0, (done.returncode, done.stderr)
    assert fault.startswith("signal") or done.returncode >= 0, f"it died: {done.returncode} {done.stderr}"
    assert done.returncode in (0, 137, -9) or done.stderr, f"it failed ({done.returncode}) without a word"
    work.held(path, work, before)
    if os.path.exists(path + ".copy"):
        os.unlink(path + ".copy")
    again = subprocess.run(command(work, path), capture_output=True, text=True, timeout=120)
    assert again.returncode == 0, f"and then it cannot be done: {again.stderr}"
    work.held(path, work, before)
    return met


def sweep(work, folder, dice):
    path, met = os.path.join(folder, "v.db"), 0
    before = ids(work.base)
    for call, fault, nth in points_of(work, path, dice):
        try:
            met += one_point(work, path, before, call, fault, nth)
        except AssertionError as error:
            raise AssertionError(f"{work.name}, {call} {nth}, {fault}: {error}") from error
    print(f"  {work.name}: {met} points met", flush=True)
    return met


def whatever_fails_nothing_is_lost_or_doubled():
    print(f"seed {SEED}")
    dice = random.Random(SEED)
    with tempfile.TemporaryDirectory(prefix="vigil-test-", dir=MEMORY) as folder:
        met = 0
        for work in WORKS:
            base = make(folder, work.name.replace(" ", "-"), work.base, dice.randrange(1 << 30))
            if work.name == "restore":
                make(folder, "restore-backup", "old4", dice.randrange(1 << 30))
            met += sweep(work._replace(base=base), folder, dice)
        assert met > len(WORKS) * 3, "hardly a point was met: this test shows nothing"


if __name__ == "__main__":
    run([whatever_fails_nothing_is_lost_or_doubled])
