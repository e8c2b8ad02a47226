# SPDX-License-Identifier: Apache-2.0
"""Whether the tests notice: sources of thresholds, hysteresis, claims, ladders and the commit are changed, one small wrong at a time,
and the tests that concern them are run until one fails.

    python3 tests/mutation/mutate.py BUILD [--seed N] [--mutants N] [--file WORD]… [--goal PERCENT] [--deep] [--list]   (or SEED, MUTANTS, FILE)
    python3 tests/mutation/mutate.py BUILD --fixed      a few chosen ones, for `make test`

BUILD holds the archives and unit tests (`make all units`). Says of each mutant that no test noticed where it is; a line of
equivalents.txt with its two lines and a reason takes it out of the count. Ends with 1 below the goal (95)."""
import argparse
import collections
import os
import random
import signal
import sys
import time

import plan
from bench import ROOT, Bench, Suite
from operators import mutants

HERE = os.path.dirname(os.path.abspath(__file__))


def equivalents():
    """(source, line above or "", original, mutated) of those that no test can tell from the original, each with its reason."""
    known, block = {}, []
    for line in [*open(os.path.join(HERE, "equivalents.txt")).read().split("\n"), ""]:
        if line.startswith("#"):
            continue
        if line.strip():
            block.append(line.strip())
        elif block:
            assert len(block) in (4, 5), f"equivalents.txt: source, perhaps the line above, original, mutated, reason are wanted: {block}"
            known[(block[0], "" if len(block) == 4 else block[1], *block[-3:-1])] = block[-1]
            block = []
    return known


def above(source, line):
    """The line above that one, with single spaces."""
    with open(os.path.join(ROOT, source)) as file:
        return " ".join(file.read().split("\n")[line - 2].split()) if line > 1 else ""


class Run:
    def __init__(self, bench):
        self.bench, self.known = bench, equivalents()
        self.counts = collections.Counter()
        self.survivors, self.killers = [], collections.Counter()

    def equivalent(self, source, mutant):
        """Whether it is one of those, by its lines alone or together with the line above."""
        line, _, original, mutated, _ = mutant
        keys = [(source, "", original, mutated), (source, above(source, line), original, mutated)]
        return any(key in self.known for key in keys)

    def one(self, source, mutant, tests):
        """What became of it."""
        text = mutant[4]
        object_ = self.bench.compile(source, text)
        if object_ is None:
            return "uncompilable"
        for test in tests:
            said = self.bench.try_test(test, object_)
            if said == "unlinkable":
                return "uncompilable"
            if said != "passed":
                self.killers[test.killer(self.bench.code) if isinstance(test, Suite) else os.path.basename(test)] += 1
                return "killed" if said == "failed" else "killed (too slow)"
        return "survived"

    def file(self, source, chosen, tests):
        begin, here = time.monotonic(), collections.Counter()
        for mutant in chosen:
            said = "equivalent" if self.equivalent(source, mutant) else self.one(source, mutant, tests)
            here[said.split()[0]] += 1
            if said == "survived":
                self.survivors.append((source, *mutant[:4]))
                print(f"  {source}:{mutant[0]}: {mutant[1]}\n    {mutant[2]}\n    {mutant[3]}", flush=True)
        self.counts.update(here)
        share = score(here)
        print(f"{source:34} " + ", ".join(f"{here[k]} {k}" for k in ("killed", "survived", "uncompilable", "equivalent") if here[k])
              + f"  {share:.1f} %  ({time.monotonic() - begin:.0f} s)", flush=True)


def score(counts):
    real = counts["killed"] + counts["survived"]
    return 100.0 * counts["killed"] / real if real else 100.0


def fixed(bench):
    """The chosen few: each must be caught, by the first test of its line."""
    failed = 0
    bench.prepare(sorted({test for *_, test in plan.FIXED}))
    bench.usual = collections.defaultdict(lambda: 2.0)
    for source, original, mutated, test in plan.FIXED:
        text = open(os.path.join(ROOT, source)).read()
        assert text.count(original) == 1, f"{source}: this is no longer there once: {original}"
        object_ = bench.compile(source, text)
        said = bench.try_test(test, object_) if object_ else "uncompilable"
        assert said == "passed", f"{test}: {said} before anything is changed"
        object_ = bench.compile(source, text.replace(original, mutated))
        said = bench.try_test(test, object_) if object_ else "uncompilable"
        good = said in ("failed", "slow")
        failed += not good
        print(f"{'ok' if good else 'not ok'} {source}: {mutated} instead of {original}: {test} {said}", flush=True)
    print(f"{len(plan.FIXED) - failed} passed, {failed} failed")
    return failed == 0


def whole(bench, options):
    print(f"seed {options.seed}, {options.mutants or 'all'} mutants a file", flush=True)
    run, pieces = Run(bench), plan.pieces(options.file, options.deep)
    for source, tests in pieces:
        found = mutants(open(os.path.join(ROOT, source)).read())
        rng = random.Random(f"{options.seed} {source}")
        chosen = sorted(rng.sample(found, min(options.mutants or len(found), len(found))), key=lambda m: m[0])
        if options.list:
            print(f"{source}: {len(found)}")
            continue
        together = [t[16:] for t in tests if t.startswith("tests/unit/test_") and not t.startswith("tests/unit/test_sweep_")]
        tests = ([bench.suite(together)] if together else []) + [t for t in tests if t[16:] not in together]
        bench.baseline(tests)
        run.file(source, chosen, tests)
    if options.list:
        return True
    print("killed by: " + ", ".join(f"{name} {n}" for name, n in run.killers.most_common()))
    total = run.counts
    print(f"{sum(total.values())} mutants: " + ", ".join(f"{n} {k}" for k, n in total.most_common())
          + f"; {score(total):.1f} % of those that could be caught were, the goal is {options.goal:g} %")
    return score(total) >= options.goal


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--seed", type=int, default=int(os.environ.get("SEED") or random.randrange(1 << 30)))
    parser.add_argument("--mutants", type=int, default=int(os.environ.get("MUTANTS") or 40), help="a file; 0: all")
    parser.add_argument("--file", action="append", default=os.environ.get("FILE", "").split())
    parser.add_argument("--goal", type=float, default=95)
    parser.add_argument("--deep", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--fixed", action="store_true")
    options = parser.parse_args()
    if not options.fixed:  # hours: others come first
        os.nice(15)
        os.sched_setaffinity(0, [max(os.sched_getaffinity(0))])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))  # what runs is ended first
    bench = Bench(options.build)
    try:
        good = fixed(bench) if options.fixed else whole(bench, options)
    finally:
        bench.close()
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
