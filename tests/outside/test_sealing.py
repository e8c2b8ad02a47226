#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kill -9 while a store is written and sealed: what was committed is there, each message once,
counted by a reader of the file that shares nothing with vigil."""
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib-python"))
from place import BUILD, run, seed
try:
    from stretches import Store
except ImportError:  # Debian's packages belong to Debian's python
    if sys.executable == "/usr/bin/python3":
        raise
    os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])

ROUNDS = int(os.environ.get("VIGIL_ROUNDS", "10"))


def one_round(folder, dice):
    path = os.path.join(folder, "v.db")
    for name in os.listdir(folder):
        os.unlink(os.path.join(folder, name))
    open(path + "-wal", "w").close()  # no room laid out beforehand: it takes a while
    process = subprocess.Popen([os.path.join(BUILD, "tests/outside/sealing"), path,
                                str(dice.randrange(1 << 30))], stdout=subprocess.PIPE, text=True)
    wanted = dice.randrange(2, 60)
    while wanted > 0 and process.stdout.readline().startswith(("trying", "committed")):
        wanted -= 1
    time.sleep(dice.random() * 0.02)  # somewhere in a commit, or in sealing
    process.kill()
    lines = process.stdout.read().splitlines()
    process.wait()
    return path, lines


def killed_at_any_moment_nothing_is_lost_or_doubled():
    dice = seed()
    sealed = middle = 0
    with tempfile.TemporaryDirectory(prefix="vigil-test-") as folder:
        for _ in range(ROUNDS):
            path, lines = one_round(folder, dice)
            lines = [line.split() for line in lines if len(line.split()) == 3]
            store = Store(path)
            found = list(store.check())
            if lines:
                last = [int(n) for n in lines[-1][1:]]
                done = [[int(n) for n in line[1:]] for line in lines if line[0] == "committed"]
                assert found == last or (done and found == done[-1]) or not done, (found, lines[-2:])
            subprocess.run([os.path.join(BUILD, "tests/outside/sealing"), path, "1", "finish"],
                           check=True, timeout=20)
            rest = Store(path)
            assert list(rest.check()) == found, "sealing on after the crash changed what there is"
            assert rest.meta["sealing"] == 0 and rest.meta["removed"] == rest.meta["sealed"]
            sealed += store.meta["sealed"] > 0
            middle += store.meta["sealing"] > 0 or store.meta["removed"] < store.meta["sealed"]
    print(f"  {ROUNDS} rounds, {sealed} with sealed stretches, {middle} in the middle of sealing")
    assert sealed > ROUNDS // 3, "nothing was sealed: the test shows nothing"


if __name__ == "__main__":
    run([killed_at_any_moment_nothing_is_lost_or_doubled])
