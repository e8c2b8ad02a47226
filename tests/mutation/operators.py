# SPDX-License-Identifier: Apache-2.0
"""The small wrongs that a programmer could write: each mutant is a C source with one place changed.

`mutants(text)` gives (line, operator, original, mutated, whole new text). `original` and `mutated` are the line before and after, with
single spaces, so that they name the mutant whatever moves around it."""
import re

SWAPS = {"relation": [("<=", "<"), ("<", "<="), (">=", ">"), (">", ">="), ("==", "!="), ("!=", "=="), ("<", ">="), (">", "<=")],
         "logic": [("&&", "||"), ("||", "&&")],
         "arithmetic": [("+", "-"), ("-", "+")]}
WORDS = {"true": "false", "false": "true", "VG_TRUE": "VG_FALSE", "VG_FALSE": "VG_UNKNOWN", "VG_UNKNOWN": "VG_FALSE", "VG_NEVER": "VG_UNSET",
         "VG_OK": "VG_FAILED", "vg_earlier": "vg_later", "vg_later": "vg_earlier", "vg_after": "vg_before"}
# Binary operators as the format lays them out: with a space at both sides.
BINARY = re.compile(r"(?<= )(<=|>=|==|!=|&&|\|\||<|>|\+|-)(?= )|(?<= )(&&|\|\|)$")
NUMBER = re.compile(r"(?<![\w.\"'])(\d+)[uUlL]*(?![\w.\"'])")


def masked(text):
    """The text with comments and what stands in quotes replaced by blanks; as long as before."""
    def blank(match):
        found = match.group()
        if found[0] in "\"'":
            return found[0] + re.sub(r"[^\n]", "_", found[1:-1]) + found[-1]
        return re.sub(r"[^\n]", " ", found)
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text, flags=re.S)


def close(code, at):
    """The place of the bracket that closes the one at `at`."""
    depth = 0
    for i in range(at, len(code)):
        depth += (code[i] == "(") - (code[i] == ")")
        if depth == 0:
            return i
    return -1


def asserts(code):
    """Spans of asserts: what they hold is for our own mistakes."""
    spans = []
    for match in re.finditer(r"\b(?:static_)?assert\(", code):
        spans.append((match.start(), close(code, match.end() - 1)))
    return spans


def bodies(code):
    """(start, end, head) of each function's body: what stands between two braces in column one."""
    for match in re.finditer(r"^\{\n.*?^\}", code, flags=re.S | re.M):
        before = code[:match.start()].rstrip()
        begin = max(before.rfind("\n\n"), before.rfind("}\n"), before.rfind(";\n")) + 1
        yield match.start(), match.end(), " ".join(before[begin:].split())


def edits(code):
    """(start, end, replacement, operator) of each change."""
    inside = list(bodies(code))
    spans = [(a, b) for a, b, _ in inside]
    defines = [m.span() for m in re.finditer(r"^#define .*$", code, flags=re.M)]
    for match in BINARY.finditer(code):
        if any(a <= match.start() < b for a, b in spans):
            for operator, pairs in SWAPS.items():
                for old, new in pairs:
                    if match.group() == old:
                        yield match.start(), match.end(), new, operator
    for match in NUMBER.finditer(code):
        if any(a <= match.start() < b for a, b in spans + defines) and not code[:match.start()].endswith("#define "):
            yield match.start(1), match.end(1), str(int(match.group(1)) + 1), "constant"
    for word, other in WORDS.items():
        for match in re.finditer(rf"\b{word}\b", code):
            if other != "vg_before" and any(a <= match.start() < b for a, b in spans):
                yield match.start(), match.end(), other, "word"
    for match in re.finditer(r"\b(if|while) \(", code):
        end = close(code, match.end() - 1)
        yield match.end(), end, None, "negate"
    for match in re.finditer(r"^ +(?:\(void\))?[a-z_]\w*(?:->|\.|\[|\(|\+\+|--| [-+|&]?= )[^;{}]*;$", code, flags=re.M):
        start = match.start() + len(match.group()) - len(match.group().lstrip())
        if any(a <= start < b for a, b in spans) and not match.group().lstrip().startswith("return"):
            yield start, match.end(), ";", "delete"
    for match in re.finditer(r"^ +(?:return\b[^;]*|break|continue);$", code, flags=re.M):
        if "break" in match.group() or match.group().strip() == "return;" or "continue" in match.group():
            start = match.start() + len(match.group()) - len(match.group().lstrip())
            yield start, match.end(), ";", "delete"
    for start, _, head in inside:
        yield start, start + 1, "{ " + early(head), "return"


def early(head):
    """Leaves the function before it did anything."""
    result = re.sub(r"\b(static|inline|const|extern)\b", "", head.split("(")[0]).split()
    if "*" in head.split("(")[0] or result[0] in ("bool", "int", "size_t", "enum", "unsigned", "double", "char") or \
            re.match(r"(u?int\d+_t|vg_ms)$", result[0]):
        return "return 0;"
    if result[0] == "void":
        return "return;"
    return "return (" + " ".join(result[:-1]) + "){0};"


def mutants(text):
    code = masked(text)
    fixed = asserts(code)
    found = []
    for start, end, new, operator in edits(code):
        if any(a <= start <= b for a, b in fixed):
            continue
        old = text[start:end]
        changed = f"!({old})" if new is None else new
        whole = text[:start] + changed + text[end:]
        first = text.rfind("\n", 0, start) + 1
        last = text.find("\n", end)
        if operator == "return":  # the brace alone names nothing
            first = text.rfind("\n", 0, start - 1) + 1
        original = " ".join(text[first:last].split())
        mutated = " ".join((text[first:start] + changed + text[end:last]).split())
        found.append((text.count("\n", 0, start) + 1, operator, original, mutated, whole))
    return found
