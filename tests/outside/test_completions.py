# SPDX-License-Identifier: Apache-2.0
"""Completions for bash and zsh: what they offer is what the tool's help says, each command and each option, and both
shells take them."""
import os
import re
import shutil
import subprocess
import tempfile

from place import BUILD, ROOT, run

HOME = os.path.join(ROOT, "contrib", "completions")
VIGIL = os.path.join(BUILD, "vigil")


def ask(*words):
    return subprocess.run([VIGIL, *words, "--help"], capture_output=True, text=True, check=True).stdout


def commands():
    return re.findall(r"^  ([a-z]+) +\S", ask(), re.M)


def offered(*words):
    """What bash offers for the last of these words."""
    script = (f"source {HOME}/vigil.bash; COMP_WORDS=({' '.join(repr(w) for w in words)}); COMP_CWORD={len(words) - 1};"
              " _vigil; printf '%s\\n' \"${COMPREPLY[@]}\"")
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0 and not done.stderr, done
    return set(done.stdout.split())


def test_they_are_as_the_help_says():
    with tempfile.TemporaryDirectory(prefix="vigil-test-") as folder:
        subprocess.run([os.path.join(HOME, "make-completions"), VIGIL, folder], check=True)
        for name in ("vigil.bash", "_vigil"):
            made, kept = (open(os.path.join(place, name)).read() for place in (folder, HOME))
            assert made == kept, f"{name} is out of date: contrib/completions/make-completions {VIGIL}"


def test_bash_offers_each_command_and_option():
    names = commands()
    assert len(names) > 25
    assert offered("vigil", "") == {*names, "--help", "--version"}
    assert offered("vigil", "acc") == {"accept"}
    wrong = []
    for name in names:
        text = ask(name)
        usage = text.split("\n\n")[0]
        # Said again, more simply than the maker does: what stands in the usage of this command alone.
        lines = [part for part in re.split(r"vigil (?=[a-z|]+\b)", usage) if name in re.split(r"[^a-z|]", part)[0].split("|")]
        said = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", " ".join(lines)))
        said |= set(re.findall(r"^  (--[a-z][a-z-]+)", text, re.M))
        wrong += [f"{name} {option}" for option in said - offered("vigil", name, "-")]
    assert not wrong, wrong


def test_bash_offers_words_values_and_files():
    assert offered("vigil", "audit", "") == {"verify", "show"}
    assert offered("vigil", "store", "c") == {"check", "compact"}
    assert offered("vigil", "user", "") == {"add", "password", "remove", "list"}
    assert offered("vigil", "history", "p-1", "--format", "") == {"table", "csv", "json", "plot"}
    assert offered("vigil", "alerts", "--state", "o") == {"open"}
    assert offered("vigil", "status", "-c", "READ") == {"README.md"}
    assert offered("vigil", "protocol", "check", "READ") == {"README.md"}
    assert offered("vigil", "status", "--set", "") == set()
    assert offered("vigil", "nothing", "-") == set()
    assert "--reason" not in offered("vigil", "accept", "--") and "--reason" in offered("vigil", "reject", "--")


def test_zsh_takes_them():
    if not shutil.which("zsh"):
        raise Skip("no zsh here")
    path = os.path.join(HOME, "_vigil")
    done = subprocess.run(["zsh", "-n", path], capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, done
    text = open(path).read()
    assert text.startswith("#compdef vigil\n")
    for name in commands():
        assert f"\n        '{name}:" in text and f"\n        {name})\n" in text, name
    # The list of commands as zsh itself understands it, and every line of options as _arguments gets it.
    script = ("_arguments() { for a in \"$@\"; do [[ $a == [*0-9-]* ]] || { print -r -- \"wrong: $a\"; }; done }\n"
              "_describe() { print -l -- ${(P)2} }\n" + text.replace('_vigil "$@"', "")
              + "state=command; _arguments() { state=$STATE }; STATE=command; _vigil")
    done = subprocess.run(["zsh", "-fc", script.replace("    local state line\n", "    local line\n")], capture_output=True,
                          text=True)
    said = [line.split(":")[0] for line in done.stdout.splitlines()]
    assert said == commands() and not done.stderr, (done.stdout[:500], done.stderr[:500])


run([v for k, v in list(globals().items()) if k.startswith("test_")])
