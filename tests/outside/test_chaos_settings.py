# SPDX-License-Identifier: Apache-2.0
"""Protocol files and settings are damaged in hundreds of ways, and reloaded under load: what `vigil protocol check` refuses is
never applied, what it takes is, and nothing crashes or stands still. 50 of each here, 500 by `make chaos`."""
import os
import shutil
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "chaos"))
from place import ROOT, run, seed, until  # noqa: E402
from relayed import beside  # noqa: E402
from trial import BUILD, LONG, PROTOCOL, SOON, Trial, vigil  # noqa: E402

RNG = seed()
MANY = 50 * LONG
WORDS = ["critical", "urgent", "0", "-1", "1e999", "999999999999999999999", "true", "null", "~", "[]", "{}", "- x", "temp", "10m", "Cel", "%", "'",
         '"', "\t", "\0", "\xff", "é", ": ", "#", "&a", "*a", "!!str", "---", "...", "|", ">", "<<: *a", "@", "`", "\r\n", " " * 300]


def mutant(text, dice):
    """Damaged in one to three ways: a character, a word, a line lost, doubled, moved, its indent, the end cut off."""
    for _ in range(dice.randint(1, 3)):
        lines = text.split("\n")
        at, line = dice.randrange(max(1, len(text))), dice.randrange(len(lines))
        other = dice.randrange(len(lines))
        kind = dice.randrange(9)
        if kind == 0:
            text = text[:at] + chr(dice.randrange(1, 255)) + text[at + 1:]
        elif kind == 1:
            text = text[:at] + dice.choice(WORDS) + text[at:]
        elif kind == 2:
            text = text[:at] + text[at + dice.randrange(1, 30):]
        elif kind == 3:
            text = "\n".join(lines[:line] + lines[line + 1:])
        elif kind == 4:
            text = "\n".join(lines[:line] + [lines[line]] + lines[line:])
        elif kind == 5:
            lines[line], lines[other] = lines[other], lines[line]
            text = "\n".join(lines)
        elif kind == 6:
            lines[line] = " " * dice.randrange(9) + lines[line].lstrip()
            text = "\n".join(lines)
        elif kind == 7:
            text = text[:at]
        else:
            words = lines[line].split(" ")
            words[dice.randrange(len(words))] = dice.choice(WORDS)
            text = "\n".join(lines[:line] + [" ".join(words)] + lines[line + 1:])
    return text.encode("utf-8", "surrogateescape") if "\xff" not in text else text.encode("latin-1", "replace")


class Reloaded(Trial):
    def told(self):
        return self.daemon.rows("SELECT count(*) FROM audit WHERE kind = 'protocol'")[0][0]

    def reload(self):
        """SIGHUP, until the trail says what came of it: whether it was taken."""
        before = self.told()
        self.daemon.process.send_signal(signal.SIGHUP)
        until(lambda: self.told() > before or self.daemon.process.poll() is not None, 10, "the reload")
        assert self.daemon.process.poll() is None, f"vigild ended with {self.daemon.process.returncode}"
        subject = self.daemon.rows("SELECT subject FROM audit WHERE kind = 'protocol' ORDER BY id DESC LIMIT 1")[0][0]
        return "/" not in subject and subject != "protocols"

    @property
    def file(self):
        return os.path.join(self.folder, "protocols", "chaos.yaml")

    def write(self, data):
        with open(self.file, "wb") as file:
            file.write(data if isinstance(data, bytes) else data.encode())

    def digest(self):
        return self.ward_status.messages("/status")[-1]["protocols"]

    def connect(self):
        super().connect()
        self.ward_status = self.client("status", "vigil/v1/nodes/+/status")
        until(lambda: self.ward_status.messages("/status"), what="the status")
        until(self.told, what="the row of the start: it must not pass for a reload's")


def test_damaged_protocols_are_never_applied():
    refused = taken = 0
    with Reloaded() as trial:
        for n in range(MANY):
            good = trial.digest()
            trial.write(mutant(PROTOCOL, RNG))
            right = vigil("protocol", "check", trial.file).returncode
            assert right in (0, 1), right
            trial.say(f"f{n % 20}", 36.6, wait=False)
            applied = trial.reload()
            name = open(trial.file, "rb").read().split(b"\n")[0]
            if applied:
                assert right == 0, f"a file with faults was applied: {name}"
                taken += 1
                until(lambda: trial.digest() != good or len(trial.digest()) == 1, SOON, "the new digest")
            else:
                refused += 1
                assert trial.digest() == good
            trial.write(PROTOCOL)
            if applied:
                assert trial.reload()
            if n % 10 == 0:
                trial.alarm()
        print(f"  {MANY} mutants: {refused} refused, {taken} taken")
        assert refused > MANY // 2
        trial.books()


def test_what_is_no_file():
    """Gone, a folder, a pipe that nobody writes, endless, of zeros: the old rules stay, and the loop does not stand still."""
    with Reloaded() as trial:
        folder = os.path.dirname(trial.file)

        def gone():
            os.rename(folder, folder + ".away")

        def pipe():
            os.unlink(trial.file)
            os.mkfifo(trial.file)

        def own(make):
            def change():
                os.unlink(trial.file)
                make(trial.file)
            return change

        def huge(path):
            with open(path, "wb") as file:
                file.truncate(1 << 30)
        for name, change in {"gone": gone, "a folder": own(os.mkdir), "a pipe": own(os.mkfifo), "a loop": own(lambda p: os.symlink(p, p)),
                             "a device": own(lambda p: os.symlink("/dev/zero", p)), "a gigabyte of zeros": own(huge),
                             "empty": own(lambda p: open(p, "w").close())}.items():
            change()
            good, begin = trial.digest(), time.monotonic()
            assert not trial.reload(), f"{name}: applied"
            assert time.monotonic() - begin < SOON, f"{name}: {time.monotonic() - begin:.1f} s"
            assert trial.digest() == good
            trial.alarm()
            if os.path.isdir(folder + ".away"):
                os.rename(folder + ".away", folder)
            elif os.path.isdir(trial.file) and not os.path.islink(trial.file):
                os.rmdir(trial.file)
            else:
                os.unlink(trial.file)
            trial.write(PROTOCOL)
        trial.trouble("PROTOCOL_REFUSED")
        assert trial.reload()
        trial.trouble("PROTOCOL_REFUSED", "ended")
        trial.books()


def test_a_storm_of_reloads():
    """A thousand signals while the file goes to and fro: the last one counts."""
    with Reloaded() as trial:
        texts = [PROTOCOL.replace('version: "1"', f'version: "{n}"') for n in range(2)]
        for n in range(1000):
            if n % 50 == 0:
                with open(trial.file + ".new", "w") as file:
                    file.write(texts[n // 50 % 2])
                os.rename(trial.file + ".new", trial.file)
                trial.say(f"f{n % 20}", 36.6, wait=False)
            trial.daemon.process.send_signal(signal.SIGHUP)
        trial.alarm()
        trial.write(texts[1].replace('version: "1"', 'version: "last"'))
        trial.daemon.process.send_signal(signal.SIGHUP)
        until(lambda: "version last" in trial.daemon.rows("SELECT body FROM audit WHERE kind = 'protocol' ORDER BY id DESC LIMIT 1")[0][0],
              10, "the last one")
        trial.books()


def test_damaged_settings_are_refused_and_crash_nothing():
    text = open(os.path.join(ROOT, "config", "vigild.yaml")).read()
    answers = {}
    with Trial(start=False) as trial:
        shutil.copytree(os.path.join(ROOT, "config", "protocols"), os.path.join(trial.folder, "shipped"))
        path = os.path.join(trial.folder, "mutant.yaml")
        for n in range(MANY):
            with open(path, "wb") as file:
                file.write(mutant(text.replace("protocols: protocols", "protocols: shipped"), RNG))
            done = subprocess.run([os.path.join(BUILD, "vigild"), "--check", "-c", path], capture_output=True, timeout=20)
            answers[done.returncode] = answers.get(done.returncode, 0) + 1
            assert done.returncode in (0, 1, 3), (done.returncode, open(path, "rb").read()[:200], done.stderr[-300:])
            assert done.returncode == 0 or b"mutant.yaml" in done.stderr or done.stderr, "refused without a word"
    print(f"  {MANY} mutants: " + ", ".join(f"exit {code}: {n}" for code, n in sorted(answers.items())))


def test_the_http_port_is_taken():
    """A sentence and exit 3, not half a start; it starts once the port is free."""
    with Trial(start=False) as trial, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        trial.daemon.listen = f"127.0.0.1:{taken.getsockname()[1]}"
        done = subprocess.run(trial.daemon.command(), capture_output=True, text=True, timeout=20)
        assert done.returncode == 3 and "is it taken?" in done.stderr, done
        taken.close()
        trial.begin()
        trial.alarm()
        trial.books()


if __name__ == "__main__":
    wanted = sys.argv[1:]
    run(beside([v for k, v in list(globals().items()) if k.startswith("test_") and (not wanted or k in wanted)], 8))
