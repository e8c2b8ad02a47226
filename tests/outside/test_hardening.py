# SPDX-License-Identifier: Apache-2.0
"""The programs as they were built: what makes a fault in memory hard to use is in them, as their own bytes say. And the
test sees each of these missing from a program that was built without."""
import glob
import os
import platform
import re
import shutil
import subprocess
import tempfile

from place import BUILD, Skip, run

PROGRAMS = [os.path.join(BUILD, name) for name in ("vigild", "vigil")]
X86 = platform.machine() == "x86_64"
# What the compiler was told, as it wrote itself into each part of the program.
TOLD = ["-fstack-protector-strong", "-fstack-clash-protection", "-fPIE", *(["-fcf-protection"] if X86 else [])]
# In mqtt_stand_ins.c and mqtt_ahead.c.
STOOD_IN = ["MQTTProtocol_startPublish", "StackTrace_entry", "StackTrace_exit", "recv", "poll", "Socket_new", "Socket_close",
            "Socket_getReadySocket"]
SANITIZED = "-san" in BUILD or "address" in BUILD or "thread" in BUILD


def said(*words):
    return subprocess.run(words, capture_output=True, text=True, check=True, env={**os.environ, "LC_ALL": "C"}).stdout


def segments(program):
    """[(type, flags)] of the program headers."""
    return re.findall(r"^ {2}([A-Z_]+) +(?:0x\w+ +){5}([R W E]{3})", said("readelf", "-lW", program), re.M)


def symbols(program):
    """What it takes from libraries."""
    return {m[1] for m in re.finditer(r" UND (\w+)", said("readelf", "--dyn-syms", "-W", program))}


def producers(program):
    return re.findall(r"DW_AT_producer.*?: (GNU C.*|clang.*)", said("objdump", "--dwarf=info", "--dwarf-depth=1", program))


def no_pie(program):
    head, dynamic = said("readelf", "-hW", program), said("readelf", "-dW", program)
    return not re.search(r"Type: +DYN", head) or not re.search(r"FLAGS_1\).*PIE", dynamic)


def no_relro(program):
    return "GNU_RELRO" not in [kind for kind, _ in segments(program)]


def lazy(program):
    dynamic = said("readelf", "-dW", program)
    return not re.search(r"FLAGS_1\).*NOW", dynamic) or not re.search(r"\(FLAGS\).*BIND_NOW", dynamic)


def executable_stack(program):
    stacks = [flags for kind, flags in segments(program) if kind == "GNU_STACK"]
    return len(stacks) != 1 or "E" in stacks[0]


def writable_code(program):
    return any("W" in flags and "E" in flags for _, flags in segments(program))


def text_relocations(program):
    return "TEXTREL" in said("readelf", "-dW", program)


def own_library_path(program):
    return bool(re.search(r"\((RPATH|RUNPATH)\)", said("readelf", "-dW", program)))


def no_stack_protector(program):
    return "__stack_chk_fail" not in symbols(program)


def no_fortify(program):
    """What is printed into a buffer goes through the checking twin. (Calls whose room and length the compiler knows, or
    cannot know, stay plain.)"""
    found = symbols(program)
    ours = glob.glob(os.path.join(os.path.dirname(program), "*.a")) or [program]  # a part of paho is in the program
    parts = said("nm", *ours)
    return not {"__snprintf_chk", "__vsnprintf_chk", "__fprintf_chk"} <= found or \
        re.search(r" U (sprintf|vsprintf|strcpy|strcat|gets)(@|$)", parts, re.M)


def not_told(program):
    parts = producers(program)
    return not parts or any(word not in part for part in parts for word in TOLD)


def not_marked(program):
    """Landing places and shadow stack. The link as a whole is marked only where the C library's start files are, which
    Debian 12's are not: so our own parts are looked at."""
    code = said("objdump", "-d", "--no-show-raw-insn", program)
    functions = re.findall(r"^\w+ <(vg_\w+|main)>:\n +\w+:\t(\w+)", code, re.M)
    return X86 and (not functions or sum(first != "endbr64" for _, first in functions) > len(functions) // 20)


def test_hooks(program):
    """Nothing that fails on purpose or bends a clock is in what people run. Some functions of paho's are stood in for."""
    names = re.sub(rf"\b__wrap_({'|'.join(STOOD_IN)})\b", "", said("nm", program))
    return bool(re.search(r"\b(fail_(arm|now|disarm|at)|__wrap_|__asan_|__tsan_|LLVMFuzzer)", names))


def no_build_id(program):
    # (Not -n: binutils 2.40 ends with an error at a note that it does not know, and .note.dlopen is one.)
    return " .note.gnu.build-id " not in said("readelf", "-SW", program)


FAULTS = [no_pie, no_relro, lazy, executable_stack, writable_code, text_relocations, own_library_path, no_stack_protector,
          no_fortify, not_told, not_marked, test_hooks, no_build_id]


def test_the_programs():
    if SANITIZED:
        raise Skip("a build with sanitizers is for tests")
    for program in PROGRAMS:
        found = [fault.__name__ for fault in FAULTS if fault(program)]
        assert not found, (program, found)
        print(f"  {os.path.basename(program)}: {len(producers(program))} parts, {len(FAULTS)} looks")


SOURCE = r"""
#include <stdio.h>
#include <string.h>
#include <stdlib.h>
void vg_one(char *to, int n, const char *f);
void __attribute__((noinline)) vg_one(char *to, int n, const char *f) { char b[16]; snprintf(b, sizeof b, f, n); strcpy(to, b); }
int fail_at;
int main(int argc, char **argv) { char b[64]; vg_one(b, argc, argv[0]); return fprintf(stderr, "%s", b); }
"""
GOOD = ["-O2", "-g", "-fPIE", "-fstack-protector-strong", "-fstack-clash-protection"]
BAD = {  # the fault: what makes it
    no_pie: ["-fno-pie", "-no-pie"], no_relro: ["-Wl,-z,norelro"], lazy: ["-Wl,-z,lazy"], executable_stack: ["-Wl,-z,execstack"],
    own_library_path: ["-Wl,-rpath,/opt/x"], no_stack_protector: ["-fno-stack-protector"], no_fortify: ["-D_FORTIFY_SOURCE=0"],
    not_told: ["-fno-stack-clash-protection"], not_marked: ["-fcf-protection=none"], test_hooks: [], no_build_id: ["-Wl,--build-id=none"]}


def test_each_is_missed():
    folder = tempfile.mkdtemp(prefix="vigil-test-")
    source, program = os.path.join(folder, "x.c"), os.path.join(folder, "x")
    with open(source, "w") as file:
        file.write(SOURCE)
    for fault, flags in BAD.items():
        if fault is not_marked and not X86:
            continue
        subprocess.run(["gcc", "-w", "-U_FORTIFY_SOURCE", *GOOD, *flags, source, "-o", program], check=True)
        assert fault(program), fault.__name__
    with open(source, "a") as file:
        file.write('__asm__(".section .both,\\"awx\\"\\n nop\\n .previous");\n')
    subprocess.run(["gcc", "-w", *GOOD, "-Wl,--no-warn-rwx-segments", source, "-o", program], check=True)
    assert writable_code(program), "writable_code"
    shutil.rmtree(folder)


run([v for k, v in list(globals().items()) if k.startswith("test_") and k != "test_hooks"])
