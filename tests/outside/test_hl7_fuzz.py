# SPDX-License-Identifier: Apache-2.0
"""contrib/hl7-bridge fed with HL7 that was bent: seeds of tests/fuzz/corpus/hl7 and words of tests/fuzz/hl7.dict, mutated for
VIGIL_FUZZ_SECONDS (5). Whatever comes, it is refused in words or becomes messages that vigil's own decoder understands; the
answer is an ACK that another library reads; no name or record number of PID gets anywhere; and how the bytes were cut on
their way changes nothing."""
import glob
import importlib.machinery
import importlib.util
import json
import logging
import os
import re
import subprocess
import sys
import time

try:
    import hl7
    import paho.mqtt.client  # noqa: F401
except ImportError:  # another python3 is first in PATH: the packages are those of Debian's
    if os.environ.get("VIGIL_HL7_AGAIN") or not os.access("/usr/bin/python3", os.X_OK):
        raise
    os.environ["VIGIL_HL7_AGAIN"] = "1"
    os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])

from place import BUILD, ROOT, run, seed

HOME = os.path.join(ROOT, "contrib", "hl7-bridge")
sys.path.insert(0, HOME)
sys.dont_write_bytecode = True
import pcd01  # noqa: E402

SECONDS = float(os.environ.get("VIGIL_FUZZ_SECONDS", "5"))
CORPUS = sorted(glob.glob(os.path.join(ROOT, "tests", "fuzz", "corpus", "hl7", "*")))
HONEY = (b"Honeysuckle", b"MRN-77310042")  # PID-5, PID-3 of every seed
NOW = 1795932720.0
rng = seed()


def words():
    text = open(os.path.join(ROOT, "tests", "fuzz", "hl7.dict")).read()
    found = re.findall(r'^"((?:[^"\\]|\\.)*)"$', text, re.M)
    return [re.sub(rb'\\(x[0-9a-f]{2}|.)', lambda m: bytes([int(m[1][1:], 16)]) if m[1][:1] == b"x" else m[1], w.encode())
            for w in found]


def bridge():
    loader = importlib.machinery.SourceFileLoader("bridge", os.path.join(HOME, "vigil-hl7-bridge"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("bridge", loader))
    loader.exec_module(module)
    return module


def mapper():
    patients = pcd01.Patients(b"0123456789abcdef0123456789abcdef", {}, ["MR", "PI"])
    beds = pcd01.Beds({"ICU^2^23": ("onc-7", "23"), "ONC^7^12": ("onc-7", "12")})
    return pcd01.Mapper({"clock": pcd01.Clock("+0000"), "patients": patients, "beds": beds, "codes": {"11125-2^LN": "plt"},
                         "units": {"giga.l-1": "10*9/L"}})


def bend(data, dictionary, others):
    for _ in range(rng.choice((1, 1, 2, 4, 8))):
        at = rng.randrange(len(data) + 1)
        how = rng.randrange(8)
        if how == 0:
            data = data[:at] + bytes([rng.randrange(256)]) + data[at + 1:]
        elif how == 1:
            data = data[:at] + data[at + rng.randrange(1, 9):]
        elif how in (2, 3):
            data = data[:at] + rng.choice(dictionary) + data[at + rng.choice((0, 0, 3)):]
        elif how == 4:  # a field of another
            fields, other = data.split(b"|"), rng.choice(others).split(b"|")
            fields[rng.randrange(len(fields))] = rng.choice(other)
            data = b"|".join(fields)
        elif how == 5:  # a segment comes again, goes, or changes places
            lines = data.split(b"\r")
            a, b = rng.randrange(len(lines)), rng.randrange(len(lines))
            lines[a], lines[b] = lines[b], lines[a]
            data = b"\r".join(lines if rng.random() < 0.6 else lines[:a] + lines[a + 1:] if rng.random() < 0.5 else lines + [lines[a]])
        elif how == 6:
            data = data[:at] + rng.choice((b"|", b"^", b"~", b"\\", b"&")) * rng.choice((1, 2, 40)) + data[at:]
        else:
            data = data[:at] + data[at:at + 30] * rng.choice((2, 3, 60)) + data[at:]
    return data[:20000] if rng.random() < 0.98 else data[:200000]


def honey_is_only_in_pid(data):
    """Elsewhere a mutation may have put it: that no bridge can know."""
    rest = re.sub(rb"(?:^|(?<=[\r\n]))PID[^A-Za-z0-9\r\n][^\r\n]*", b"", data)
    return not any(token in rest for token in HONEY)


def check_messages(plan):
    for topic, body in plan:
        assert re.fullmatch(r"beds/[a-z0-9][a-z0-9._-]{0,31}/[a-z0-9][a-z0-9._-]{0,31}/(vitals|labs)", topic), topic
        text = json.dumps(body, allow_nan=False)
        assert len(text.encode()) <= 60000 and 1 <= len(body["obs"]) <= 256, (len(text), len(body["obs"]))
        assert "patient" not in body or pcd01.PSEUDONYM.match(body["patient"]), body
        for item in body["obs"]:
            assert item["value"] is None or isinstance(item["value"], (int, float)), item


def check_answer(answer, code):
    """An ACK in the separators that it announces."""
    text = answer.decode()
    assert text.startswith("MSH|^~\\&|") and text.endswith("\r"), text
    parsed = hl7.parse(text)
    assert str(parsed.segment("MSA")[1]) in (code, "C" + code[1]), text
    assert [str(s[0]) for s in parsed] in (["MSH", "MSA"], ["MSH", "MSA", "ERR"]), text
    assert all(c.isprintable() or c == "\r" for c in text), text


def take(data, mapping):
    """(plan, code, what was said): as Bridge.take does it, without a spool. Any other exception is a fault."""
    segments, plan, problems = None, [], []
    try:
        segments = pcd01.parse(data)
        pcd01.check_kind(segments[0])
        plan, problems = mapping.plan(segments)
        code, text = ("AE", "; ".join(problems)) if problems else ("AA", "")
    except pcd01.Unparseable as error:
        code, text = "AR", str(error)
    except pcd01.Refused as error:
        code, text = "AE", str(error)
    answer = pcd01.answer(segments, code, text, NOW)
    check_answer(answer, code)
    check_messages(plan)
    if honey_is_only_in_pid(data):
        everything = json.dumps(plan).encode() + answer + text.encode()
        for token in HONEY:
            assert token not in everything, (token, data)
    return plan, code, text


def test_bent_messages():
    mapping, dictionary = mapper(), words()
    seeds = [open(path, "rb").read() for path in CORPUS]
    assert len(seeds) >= 5 and len(dictionary) > 30
    for data in seeds:
        assert honey_is_only_in_pid(data) and all(token in data for token in HONEY), data
    pool, counts, plans, reached = list(seeds), {"AA": 0, "AE": 0, "AR": 0}, [], set()
    end, n = time.monotonic() + SECONDS, 0
    while time.monotonic() < end:
        data = bend(rng.choice(pool), dictionary, seeds)
        try:
            plan, code, text = take(data, mapping)
        except Exception:
            path = os.path.join("/tmp", f"vigil-hl7-{os.getpid()}")
            with open(path, "wb") as file:
                file.write(data)
            print(f"  the message is in {path}")
            raise
        counts[code] += 1
        n += 1
        shape = (code, re.sub(r"\d+", "", text)[:80], len(plan), sum(len(b["obs"]) for _, b in plan) > 4)
        if shape not in reached:  # something new: bent further
            reached.add(shape)
            pool.append(data[:3000])
        if plan and len(plans) < 3000 and rng.random() < 0.2:
            plans.extend(plan)
    print(f"  {n} messages, {counts}, {len(reached)} shapes, {len(plans)} for vigil")
    assert min(counts.values()) > 0, counts
    vigil_takes(plans)


def vigil_takes(plans):
    """What the bridge made of it is never refused for its form: a unit or range may be."""
    lines, at = [], "2026-11-29T00:00:00.000Z"
    for seq, (topic, body) in enumerate(plans, 1):
        lines.append(json.dumps({"at": at, "topic": f"vigil/v1/{topic}", "payload": {"gateway": "hl7", "epoch": "e", "seq": seq, **body}}))
    done = subprocess.run([os.path.join(BUILD, "vigil"), "replay", "--protocol", os.path.join(ROOT, "config", "protocols")],
                          input="\n".join(lines) + "\n", capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-500:]
    refused = [json.loads(line)["rejected"] for line in done.stdout.splitlines() if '"rejected"' in line[:60]]
    strange = [r for r in refused if r["reason"] not in ("unit_unknown", "unit_missing", "out_of_range", "code_unknown", "identity")]
    assert not strange, strange[:3]
    print(f"  {len(lines)} by vigil replay, {len(refused)} refused for what they say")


class Wire:
    """A socket that gives its bytes in pieces."""

    def __init__(self, data, pieces):
        self.data, self.pieces, self.sent = data, pieces, b""

    def recv(self, size):
        n = rng.randint(1, 40) if self.pieces else size
        piece, self.data = self.data[:min(n, size)], self.data[min(n, size):]
        return piece

    def sendall(self, data):
        self.sent += data


def test_how_it_was_cut_changes_nothing():
    module, seeds = bridge(), [open(path, "rb").read() for path in CORPUS]

    class Echo:
        def take(self, data):
            return b"%d:" % len(data) + data[:20]

    class Quiet(module.Handler):
        def __init__(self, wire):  # pylint: disable=super-init-not-called
            self.request, self.server = wire, type("Server", (), {"bridge": Echo()})

    logging.disable(logging.CRITICAL)
    for _ in range(300):
        data = b"".join(rng.choice((b"", b"junk", b"\x1c", b"\r")) + b"\x0b" + rng.choice(seeds) + rng.choice((b"\x1c\r", b"\x1c\r", b"\x1c", b""))
                        for _ in range(rng.randint(1, 4)))
        whole, cut = Wire(data, False), Wire(data, True)
        Quiet(whole).frames()
        Quiet(cut).frames()
        assert whole.sent == cut.sent, (data, whole.sent, cut.sent)


run([test_bent_messages, test_how_it_was_cut_changes_nothing])
