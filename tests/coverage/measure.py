# SPDX-License-Identifier: Apache-2.0
"""Runs the unit tests, the corpora of the fuzzers and the quick tests from outside in a build with --coverage, two at a time, and leaves its counts beside the
objects: python3 tests/coverage/measure.py BUILD [units | outside [NAME…]]

A program that is killed with -9 leaves no counts: with VIGIL_GENTLE the places of tests/outside end their daemons by SIGTERM. Tests
whose figures depend on speed are left out; so are those that kill all the time, fill the machine or need an installed package, and the one
that looks at how the programs of an ordinary build are hardened."""
import concurrent.futures
import glob
import os
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LEFT_OUT = {"board", "board_users", "board_ward", "crash", "deb", "ledger", "prometheus", "storm", "http_abuse", "backlog",
            "mutation", "links", "hardening"}


def attempt(command, build):
    begin = time.monotonic()
    env = dict(os.environ, VIGIL_BUILD=os.path.abspath(build), build=build, VIGIL_GENTLE="1", VG_LIVES="32")
    try:
        done = subprocess.run(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=900)
        code, said = done.returncode, done.stdout + done.stderr
    except subprocess.TimeoutExpired:
        code, said = -1, "took too long"
    except FileNotFoundError:
        code, said = -1, "not built"
    took = time.monotonic() - begin
    if code or took > 30:
        print(f"{'FAILED' if code else 'ok':6} {command[-1] if command[0] == sys.executable else command[0]} {took:.1f} s", flush=True)
    if code:
        print("\n".join("    " + line for line in said.splitlines() if "ok" not in line.split(" ")[:1])[-3000:], flush=True)
    return code == 0


def main():
    build, what, words = sys.argv[1], sys.argv[2:3], sys.argv[3:]
    for path in [] if what else glob.glob(os.path.join(build, "**", "*.gcda"), recursive=True):  # a part adds to what there is
        os.unlink(path)
    units = [[os.path.join(build, "tests/unit", os.path.basename(p)[:-2])] for p in sorted(glob.glob("tests/unit/test_*.c"))]
    for path in sorted(glob.glob("tests/fuzz/fuzz_*.c")):
        name = os.path.basename(path)[5:-2]
        units.append([os.path.join(build, "tests/fuzz", f"replay_{name}"), *sorted(glob.glob(f"tests/fuzz/corpus/{name}/*"))])
    outside = [[sys.executable, p] for p in sorted(glob.glob("tests/outside/test_*.py"))
               if os.path.basename(p)[5:-3] in words or (not words and os.path.basename(p)[5:-3] not in LEFT_OUT)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        good = list(pool.map(lambda command: attempt(command, build),
                             (units if what != ["outside"] else []) + (outside if what != ["units"] else [])))
    print(f"{sum(good)} passed, {len(good) - sum(good)} failed", flush=True)
    sys.exit(0 if all(good) else 1)


os.chdir(ROOT)
main()
