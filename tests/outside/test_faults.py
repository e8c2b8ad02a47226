# SPDX-License-Identifier: Apache-2.0
"""The check of tests/faults sees what it is for: a test that does not exist, or that its file never runs, a malformed line; and
the table's results are those of the logs."""
import importlib.machinery
import importlib.util
import os
import subprocess
import sys
import tempfile

from place import ROOT, run

LOADER = importlib.machinery.SourceFileLoader("faults", os.path.join(ROOT, "tests", "faults"))
sys.dont_write_bytecode = True
faults = importlib.util.module_from_spec(importlib.util.spec_from_loader("faults", LOADER))
LOADER.exec_module(faults)
ROW = "F01\ta fault\tmust\toutside/test_crash.py::nothing_is_lost_or_doubled_and_nobody_missed_by_kill_9\t\n"


def table(text):
    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as file:
        file.write(text)
        file.flush()
        return faults.table(file.name)


def test_all_that_is_named_exists():
    rows = faults.table()
    assert faults.check(rows, faults.promised(), faults.cited()) == 0
    assert [row[0] for row in rows] == [f"F{n:02}" for n in range(1, len(rows) + 1)] and len(rows) >= 102
    assert len(faults.promised()) > 60 and len(faults.cited()) > 90


def test_what_does_not_exist_is_named():
    for test, exists in (("outside/test_crash.py::nothing_is_lost_or_doubled_and_nobody_missed_by_kill_9", True), ("outside/test_crash.py::test_of_nothing", False),
                         ("outside/test_nowhere.py::test_x", False), ("outside/test_troubles.py::gateway_goes_silent", True),
                         ("unit/test_restore.c::test_kill_anywhere", True), ("unit/test_restore.c::test_kill", False),
                         ("unit/test_nowhere.c::test_x", False), ("outside/test_troubles.py::of", True)):
        assert (faults.missing(test) is None) == exists, (test, faults.missing(test))
    assert faults.check(table(ROW.replace("doubled", "dubbed")), []) == 1
    assert faults.check(table(ROW), ["outside/test_nowhere.py::test_x"]) == 1
    assert faults.check(table(ROW + ROW), []) == 1
    assert faults.check(table(ROW), [], ["outside/test_crash.py::test_of_nothing"]) == 1


def test_what_threats_name():
    with tempfile.NamedTemporaryFile("w", suffix=".md") as file:
        file.write("| M1 | x | `tests/outside/test_a.py::test_b`, `::test_c`, `tests/fuzz/fuzz_x.c::y`, `::no`, `tests/unit/test_d.c::e` |")
        file.flush()
        assert faults.cited(file.name) == ["outside/test_a.py::test_b", "outside/test_a.py::test_c", "unit/test_d.c::e"]


def test_malformed_lines_are_refused():
    for line in ("F01\ta\tb\t-\n", "F01\ta\tb\t-\t\n", "X\ta\tb\t-\twhy\n", "F01\ta\tb\tnonsense\t\n", "F01\ta\tb\n"):
        try:
            table(line)
        except SystemExit as said:
            assert ":1: " in str(said), said
        else:
            raise AssertionError(f"taken: {line!r}")


def test_results_are_those_of_the_logs():
    with tempfile.TemporaryDirectory() as folder:
        build = os.path.join(folder, "build")
        os.makedirs(os.path.join(build, "results"))
        row = table(ROW)[0]
        assert faults.verdict(build, row)[0] == "not run"
        for text, word in (("ok nothing_is_lost_or_doubled_and_nobody_missed_by_kill_9 (1.0 s)\nexit 0\n", "pass"),
                           ("not ok nothing_is_lost_or_doubled_and_nobody_missed_by_kill_9: x\nexit 1\n", "FAIL"),
                           ("SKIP nothing_is_lost_or_doubled_and_nobody_missed_by_kill_9: no root\nexit 0\n", "skipped"),
                           ("SKIP all of it (no loop devices)\n0 passed, 0 failed\nexit 0\n", "skipped"),
                           ("SKIP another_test: no root\n7 passed, 0 failed\nexit 0\n", "pass"),
                           ("7 passed, 0 failed\nexit 0\n", "pass"), ("Segmentation fault\nexit 139\n", "FAIL"), ("half", "not run")):
            with open(faults.log_of(build, "outside/test_crash.py"), "w") as file:
                file.write(text)
            assert faults.verdict(build, row)[0] == word, (text, faults.verdict(build, row))
        assert faults.verdict(build, table("F01\ta\tb\t-\tbecause\n")[0]) == ("not tested", ["because"])


def test_the_program_says_so():
    done = subprocess.run([os.path.join(ROOT, "tests", "faults"), "--check"], capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout == "1 passed, 0 failed\n", done
    assert subprocess.run([os.path.join(ROOT, "tests", "faults")], capture_output=True).returncode == 2


run([v for k, v in list(globals().items()) if k.startswith("test_")])
