# SPDX-License-Identifier: Apache-2.0
"""Design faults that somebody could make in good faith, each a patch in faults/, each with the test that must notice.

    python3 tests/mutation/seeded.py BUILD [WORD…]      those whose name holds one of the words

A patch is applied to copies of the sources it names; they are compiled and put in front of the archives of BUILD, so the tree and
BUILD stay as they are. The named test passes without it and must fail with it. A patch that no longer applies is a failure."""
import glob
import os
import re
import signal
import subprocess
import sys
import time

from bench import ROOT, Bench

HERE = os.path.dirname(os.path.abspath(__file__))


def patched(bench, path):
    """Source to its text with the patch."""
    text = open(path).read()
    sources = re.findall(r"^\+\+\+ b/(\S+)", text, flags=re.M)
    folder = os.path.join(bench.folder, "patched")
    for source in sources:
        os.makedirs(os.path.join(folder, os.path.dirname(source)), exist_ok=True)
        open(os.path.join(folder, source), "w").write(open(os.path.join(ROOT, source)).read())
    done = subprocess.run(["patch", "-p1", "-s", "--fuzz=0", "-d", folder], stdin=open(path), capture_output=True, text=True)
    assert done.returncode == 0, f"no longer applies: {done.stdout.strip()}"
    return {source: open(os.path.join(folder, source)).read() for source in sources}


def attempt(bench, path):
    """(test, what was seen)."""
    test = re.search(r"^Caught by: (\S+)", open(path).read(), flags=re.M).group(1)
    sources = patched(bench, path)
    bench.baseline([test])
    objects = [bench.compile(source, text) for source, text in sources.items()]
    assert all(objects), "does not compile"
    said = bench.try_test(test, *objects)
    assert said in ("failed", "slow"), f"not caught by {test}: {said}"
    return test, said


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))  # what runs is ended first
    bench, failed = Bench(sys.argv[1]), 0
    paths = [p for p in sorted(glob.glob(os.path.join(HERE, "faults", "*.patch")))
             if len(sys.argv) == 2 or any(word in os.path.basename(p) for word in sys.argv[2:])]
    try:
        for path in paths:
            name, begin = os.path.basename(path)[:-6], time.monotonic()
            try:
                test, said = attempt(bench, path)
                text = "caught" if said == "failed" else "caught (it never ended)"
                print(f"ok     {name:28} {text} by {test} ({time.monotonic() - begin:.0f} s)", flush=True)
            except AssertionError as error:
                failed += 1
                print(f"not ok {name:28} {error}", flush=True)
    finally:
        bench.close()
    print(f"{len(paths) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
