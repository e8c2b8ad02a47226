# SPDX-License-Identifier: Apache-2.0
"""What of the sources was run, by layer: lines and branches, from the counts that a build with --coverage left behind.

    python3 tests/coverage/report.py BUILD [--missing FILE…]
    python3 tests/coverage/report.py --excused         the table of what does not count, each with its reason

Ends with 1 if a layer is below its goal; names the files that are below it. `--missing` lists, for the files whose path holds one
of the words, each line and branch that was not taken.

What does not count:
  - branches of an assert: they are for our own mistakes, and no input may reach them
  - a line that ends with a comment `not reached: reason`: the line if nobody ran it, and its branches; if the line opens a
    block, the same of the block. A reason that names a sweep or a library says who else looks at it
  - the way that a switch over all words of an enum takes for a word that is none"""
import collections
import glob
import json
import os
import re
import subprocess
import sys

# layer: the folder, the least share of lines, of branches
LAYERS = [("core", "daemon/core/", 1.0, 0.95), ("wire", "daemon/wire/", 1.0, 0.95), ("shell", "daemon/shell/", 0.85, None),
          ("cli", "daemon/cli/", None, None)]
BATCH = 40  # files for one call of gcov
MARK = re.compile(r"/\* not reached: .*[^ ] \*/")


def excused(path):
    """(lines, branches) of a source that do not count, by number from 1."""
    text = open(path).read().split("\n")
    lines, branches = set(), set()
    number = 0
    while number < len(text):
        line = text[number]
        number += 1
        if re.match(r"\s*(static_)?assert\(", line):
            while True:
                branches.add(number)
                if text[number - 1].rstrip().endswith(";"):
                    break
                number += 1
        if not MARK.search(line):
            continue
        lines.add(number)
        branches.add(number)
        if "{" in line.split("/*")[0]:
            indent = re.match(r"\s*", line).group()
            inside = number
            assert any(t.startswith(indent + "}") for t in text[inside:]), f"{path}:{number}: this opens no block"
            while not text[inside].startswith(indent + "}"):
                inside += 1
                lines.add(inside)
                branches.add(inside)
    return lines, branches


def switches(path):
    """Lines of switch statements without a default: their last branch is the way past all cases."""
    text = open(path).read().split("\n")
    found = set()
    for number, line in enumerate(text, 1):
        if re.match(r"\s*switch \(", line):
            indent = re.match(r"\s*", line).group()
            inside = number
            while not text[inside].startswith(indent + "}"):
                inside += 1
            if not any(re.match(indent + r"(    )?default:", t) for t in text[number:inside]):
                found.add(number)
    return found


def counts(build):
    """Source path: {line: [count, [branch counts]]}; several functions may share a line."""
    notes = []
    for folder, _, names in os.walk(os.path.join(build, "daemon")):
        notes += [os.path.join(folder, n) for n in names if n.endswith(".gcno")]
    result = {}
    for i in range(0, len(notes), BATCH):
        done = subprocess.run(["gcov", "--json-format", "--stdout", "--branch-probabilities", *sorted(notes)[i:i + BATCH]],
                              capture_output=True, text=True)
        if done.returncode:
            print(f"gcov ended with {done.returncode}: {done.stderr.strip()[-300:]}", file=sys.stderr)
        out = done.stdout
        for text in out.splitlines():
            for file in json.loads(text)["files"]:
                lines = result.setdefault(file["file"], {})
                for line in file["lines"]:
                    here = lines.setdefault(line["line_number"], [0, []])
                    here[0] += line["count"]
                    here[1] += [b["count"] for b in line["branches"]]
    return result


class Tally:
    def __init__(self):
        self.lines = self.ran = self.branches = self.taken = 0

    def add(self, other):
        for name in vars(self):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def line_share(self):
        return self.ran / self.lines if self.lines else 1.0

    def branch_share(self):
        return self.taken / self.branches if self.branches else 1.0


def weigh(path, lines):
    """The tally of a file, and what was not taken: (line, what)."""
    tally, missing = Tally(), []
    no_lines, no_branches = excused(path)
    passed_by = switches(path)
    for number, (count, branches) in sorted(lines.items()):
        if count or number not in no_lines:
            tally.lines += 1
            tally.ran += count != 0  # of threads that count at once it may come out negative
            if not count:
                missing.append((number, "not run"))
        if number in no_branches:
            continue
        if number in passed_by and branches and 0 in branches:
            branches = list(branches)
            branches.remove(0)  # one way: past all cases
        tally.branches += len(branches)
        tally.taken += sum(b != 0 for b in branches)
        if count and 0 in branches:
            missing.append((number, f"{branches.count(0)} of {len(branches)} ways not taken"))
    return tally, missing


def percent(share):
    return f"{100 * share:6.2f}"


def below(tally, lines, branches):
    return (lines is not None and tally.line_share() < lines) or (branches is not None and tally.branch_share() < branches)


def show_missing(all_lines, words):
    for path, lines in sorted(all_lines.items()):
        if any(word in path for word in words):
            text = open(path).read().split("\n")
            for number, what in weigh(path, lines)[1]:
                print(f"{path}:{number}: {what}: {text[number - 1].strip()}")


def show_excused():
    """Each place that does not count, with the words beside it; and how many asserts there are."""
    count, asserts = 0, collections.Counter()
    for name, folder, _, _ in LAYERS:
        for path in sorted(glob.glob(folder + "**/*.[ch]", recursive=True)):
            for number, line in enumerate(open(path), 1):
                asserts[name] += bool(re.match(r"\s*(static_)?assert\(", line))
                mark = MARK.search(line)
                if mark:
                    count += 1
                    print(f"{path}:{number}: {mark.group()[16:-3]}: {line[:mark.start()].strip()}")
    print(f"{count} places; beside them the branches of asserts: " + ", ".join(f"{name} {n}" for name, n in asserts.items()))


def main():
    if sys.argv[1:2] == ["--excused"]:
        return show_excused()
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    all_lines = {p: v for p, v in counts(sys.argv[1]).items() if p.startswith("daemon/")}
    if "--missing" in sys.argv:
        return show_missing(all_lines, sys.argv[sys.argv.index("--missing") + 1:])
    layers, weak = collections.OrderedDict(), []
    for name, folder, lines, branches in LAYERS:
        layers[name] = whole = Tally()
        for path, found in sorted(all_lines.items()):
            if path.startswith(folder) and path.endswith(".c"):
                tally, _ = weigh(path, found)
                whole.add(tally)
                if below(tally, lines, branches):
                    weak.append((path, tally))
    for path, tally in weak:
        print(f"  below the goal: {path:44} lines {percent(tally.line_share())} %  branches {percent(tally.branch_share())} %"
              f"  ({tally.lines - tally.ran} lines, {tally.branches - tally.taken} ways)")
    print(f"{'layer':8} {'lines':>7} {'run %':>7} {'goal':>6} {'branches':>9} {'taken %':>8} {'goal':>6}")
    failed = 0
    for name, _, lines, branches in LAYERS:
        tally = layers[name]
        bad = below(tally, lines, branches)
        failed += bad
        print(f"{name:8} {tally.lines:7} {percent(tally.line_share()):>7} {percent(lines) if lines else '':>6} {tally.branches:9} "
              f"{percent(tally.branch_share()):>8} {percent(branches) if branches else '':>6}{'  below' if bad else ''}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
