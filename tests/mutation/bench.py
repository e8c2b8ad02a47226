# SPDX-License-Identifier: Apache-2.0
"""Builds and tries one changed source at a time: it is compiled from a folder of its own and linked in front of the archives of a
build that is there, so the tree is never touched and nothing else is built again."""
import os
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MEMORY = 4 << 30  # a mutant may eat no more


def programs(test):
    """What must be linked for a test: a unit test, a test from outside (.py), or a call of the tool."""
    if isinstance(test, Suite):
        return [test.program]
    return ["vigild", "vigil"] if test.endswith(".py") else ["vigil"] if test.startswith("vigil ") else [test]


def command(test, build):
    if isinstance(test, Suite):
        return [os.path.join(build, test.program)]
    if test.endswith(".py"):
        return [sys.executable, test]
    if test.startswith("vigil "):
        return ["/bin/sh", "-c", f"{build}/{test}"]
    return [os.path.join(build, test)]


class Suite:
    """Several unit tests in one program, so that a mutant is linked once: they run one behind the other up to the first that fails,
    which the exit code names (10 + its place)."""

    def __init__(self, names):
        self.names, self.program = names, "suite-" + "-".join(names)[:80]

    def killer(self, code):
        return self.names[code - 10] if 0 <= code - 10 < len(self.names) else "a crash"

    def driver(self):
        mains = [f"main_{name}" for name in self.names]
        return ("".join(f"int {m}(int, char **);\n" for m in mains)
                + "int main(void)\n{\n    char *words[] = {(char *)\"test\", (char *)0};\n"
                + "".join(f"    if ({m}(1, words) != 0) return {10 + i};\n" for i, m in enumerate(mains)) + "    return 0;\n}\n")


class Bench:
    def __init__(self, build):
        self.build = build
        self.folder = tempfile.mkdtemp(prefix="vigil-mutation-")
        self.links, self.compiles, self.usual = {}, {}, {}

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def made(self, *targets, new=()):
        """The compiler's calls that `make` would do for these targets."""
        news = [word for name in new for word in ("-W", name)]
        out = subprocess.run(["make", "-n", f"BUILD={self.build}", "WERROR=", *news, *targets], cwd=ROOT, capture_output=True, text=True,
                             env={k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")})
        assert out.returncode == 0, out.stderr
        text = out.stdout.replace("\\\n", " ")
        return [line for line in text.split("\n") if re.match(r"(gcc|clang|cc|\S+-gcc) ", line)]

    def prepare(self, programs):
        """The link lines of these programs (paths under the build folder)."""
        targets = [f"{self.build}/{p}" for p in programs if p not in self.links]
        if not targets:
            return
        for line in self.made(*targets, new=[f"{self.build}/core.a"]):
            match = re.search(r" -o (\S+)\s*$", line)
            if match and match.group(1).startswith(self.build + "/") and " -c " not in line:
                self.links[match.group(1)[len(self.build) + 1:]] = line[:match.start()]
        missing = [p for p in programs if p not in self.links]
        assert not missing, f"no way to link {missing}"

    def suite(self, names):
        """The program is linked by `link` under its name."""
        suite = Suite(names)
        if suite.program in self.links:  # what is linked now may be a mutant
            assert self.link(suite.program)
            return suite
        first = f"tests/unit/test_{names[0]}"
        self.prepare([first])
        objects = []
        for name in names:
            objects.append(os.path.join(self.folder, f"main_{name}.o"))
            subprocess.run(["objcopy", "--redefine-sym", f"main=main_{name}", f"{self.build}/tests/unit/test_{name}.o", objects[-1]],
                           cwd=ROOT, check=True)
        driver = os.path.join(self.folder, "driver.c")
        open(driver, "w").write(suite.driver())
        objects.append(os.path.join(self.folder, suite.program + ".o"))
        subprocess.run(["cc", "-fPIE", "-c", driver, "-o", objects[-1]], check=True)
        self.links[suite.program] = self.links[first].replace(f" {self.build}/{first}.o ", " " + " ".join(objects) + " ")
        assert self.link(suite.program), "the tests do not link into one program"
        return suite

    def compile(self, source, text):
        """The object of the changed source, or None."""
        if source not in self.compiles:
            object_ = f"{self.build}/{source[:-2]}.o"
            lines = [x for x in self.made(object_, new=[source]) if f" -c {source} " in x]
            assert len(lines) == 1, lines
            self.compiles[source] = lines[0]
        changed = os.path.join(self.folder, os.path.basename(source))
        object_ = changed[:-2] + ".o"
        open(changed, "w").write(text)
        words = shlex.split(self.compiles[source])
        at = words.index("-c")  # … -c SOURCE -o OBJECT
        words = [w for w in words[:at] if w not in ("-MMD", "-MP", "-g")]
        done = subprocess.run([*words, "-iquote", os.path.dirname(source), "-O0", "-U_FORTIFY_SOURCE", "-w", "-c", changed, "-o", object_],
                              cwd=ROOT, capture_output=True)
        return object_ if done.returncode == 0 else None

    def link(self, program, *objects):
        """The program with the changed objects in front; None if it does not link."""
        self.prepare([program])
        out = os.path.join(self.folder, "build", program)
        os.makedirs(os.path.dirname(out), exist_ok=True)
        words = shlex.split(self.links[program])
        done = subprocess.run([words[0], *objects, *words[1:], "-Wl,--strip-debug", "-o", out], cwd=ROOT, capture_output=True)
        return out if done.returncode == 0 else None

    def run(self, command, limit, build=None):
        """"passed", "failed" or "slow"; what it left behind goes away. The exit code is in self.code."""
        own = os.path.join(self.folder, "tmp")
        os.makedirs(own, exist_ok=True)
        env = dict(os.environ, TMPDIR=own, VG_LIVES="24", **({"VIGIL_BUILD": build} if build else {}))
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, start_new_session=True,
                                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)))
        try:
            self.code = process.wait(limit)
            return "passed" if self.code == 0 else "failed"
        except subprocess.TimeoutExpired:
            return "slow"
        finally:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()
            shutil.rmtree(own, ignore_errors=True)

    def try_test(self, test, *objects):
        """Whether a test still passes with the changed objects; as run, or "unlinkable"."""
        for program in programs(test):
            if not self.link(program, *objects):
                return "unlinkable"
        return self.run(command(test, os.path.join(self.folder, "build")), self.limit(test), build=os.path.join(self.folder, "build"))

    def limit(self, test):
        return 10 + 5 * self.usual[test]

    def baseline(self, tests):
        """How long each takes when nothing is wrong; all must pass."""
        self.prepare([program for test in tests for program in programs(test)])
        for test in tests:
            if test in self.usual:
                continue
            begin = time.monotonic()
            home = self.folder + "/build" if isinstance(test, Suite) else os.path.join(ROOT, self.build)
            said = self.run(command(test, home), 300, build=home)
            assert said == "passed", f"{getattr(test, 'names', test)} fails before anything is changed"
            self.usual[test] = time.monotonic() - begin
