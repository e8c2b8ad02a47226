# SPDX-License-Identifier: Apache-2.0
"""That the tests would notice: a few small wrongs and three design faults, each caught by a named test. `make mutation` and
`make seeded` try many more; this keeps their machinery alive."""
import os
import re
import subprocess
import sys

from place import BUILD, ROOT, run

HERE = os.path.join(ROOT, "tests", "mutation")


def attempt(script, *words):
    build = os.path.relpath(BUILD, ROOT)
    out = subprocess.run([sys.executable, os.path.join(HERE, script), build, *words], capture_output=True, text=True, timeout=200)
    count = re.search(r"^(\d+) passed, (\d+) failed$", out.stdout, flags=re.M)
    assert count and out.returncode == 0, out.stdout + out.stderr
    return int(count.group(1))


def test_small_wrongs_are_caught():
    assert attempt("mutate.py", "--fixed") == 9


def test_design_faults_are_caught():
    assert attempt("seeded.py", "synchronous-normal", "wrong-id", "unknown-is-normal") == 3


def test_every_patch_still_applies():
    for part in ("mutation", "sim"):
        faults = os.path.join(ROOT, "tests", part, "faults")
        assert len(os.listdir(faults)) >= 15, f"where are those of tests/{part}?"
        for name in sorted(os.listdir(faults)):
            out = subprocess.run(["patch", "-p1", "--dry-run", "--fuzz=0", "-s"], cwd=ROOT, stdin=open(os.path.join(faults, name)),
                                 capture_output=True, text=True)
            assert out.returncode == 0, f"{name} no longer applies: {out.stdout}"


run([test_small_wrongs_are_caught, test_design_faults_are_caught, test_every_patch_still_applies])
