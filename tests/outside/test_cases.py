# SPDX-License-Identifier: Apache-2.0
"""Plays the worked clinical cases of tests/cases through `vigil replay`. How a case is written:
tests/cases/README.md."""
import glob
import json
import os
import re
import sys

from replayed import ROOT, assessed, field, line, message, run_all, same, stamp

UNIT = {"d": 86400, "h": 3600, "m": 60, "s": 1}
TOPIC = {"infusion": "therapy", "oxygen": "therapy", "vasopressor": "therapy", "given": "therapy", "lab": "labs",
         "consciousness": "assessment", "ice": "assessment", "seizure": "assessment", "neuro": "assessment",
         "symptom": "assessment", "flag": "assessment"}  # else vitals
FIELDS = {"crs", "icans", "news2", "sirs", "qsofa", "fn", "icaht", "t_icaht", "iec_hs", "tls", "hematotox", "easix",
          "measix", "shock_index"}
BATCHED = ("vitals", "labs")  # several values of one instant in one message


def seconds(text):
    if not re.fullmatch(r"-?(\d+[dhms])+", text):
        raise ValueError(f'"{text}" is no time such as 2d30m')
    total = sum(int(n) * UNIT[u] for n, u in re.findall(r"(\d+)([dhms])", text))
    return -total if text[0] == "-" else total


def number(text):
    value = json.loads(text)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f'"{text}" is no number')
    return value


def literal(text):
    if text.startswith("["):
        return text.strip("[]").split()
    try:
        return json.loads(text)
    except ValueError:
        return text


def pairs(words):
    return {name: number(value) for name, value in (word.split("=") for word in words)}


class Case:
    def __init__(self, head, place):
        self.id, self.given = head.split(": ", 1)
        self.place, self.patient, self.events, self.at = place, {}, [], None
        self.raised, self.absent, self.times, self.fields = [], [], {}, {}


# ---- Reading

def read_patient(case, words):
    case.patient = {"product": words.pop(0)}
    part = None
    while words:
        word = words.pop(0)
        if word == "age":
            age = words.pop(0)
            if age != "unknown":
                case.patient["age"] = int(age)
        elif "=" not in word:
            part = case.patient.setdefault(word, {})
        else:
            part.update(pairs([word]))


def read_expectation(case, name, words):
    """False: it is none."""
    if name == "at":
        case.at = seconds(words[0])
    elif name == "raised":
        case.raised += words
    elif name == "not":
        case.absent += words
    elif name == "times":
        case.times[words[0]] = int(words[1])
    elif name.split(".")[0] in FIELDS:
        case.fields[name] = literal(" ".join(words))
    else:
        return False
    return True


def read_line(case, name, words):
    if name in ("why", "also"):
        return
    if name == "patient":
        read_patient(case, words)
    elif not read_expectation(case, name, words):
        measured = seconds(name)
        received = measured
        if len(words) > 2 and words[-2] == "received":
            received = seconds(words[-1])
            words = words[:-2]
        device = None
        if len(words) > 2 and words[-2] == "device":
            device = words[-1]
            words = words[:-2]
        case.events.append((received, measured, words, device))


def read_cases(path):
    cases = []
    for number_, text in enumerate(open(path, encoding="utf-8"), 1):
        words = text.split()
        place = f"{os.path.relpath(path, ROOT)}:{number_}"
        try:
            if text.startswith("case "):
                cases.append(Case(text[5:].strip(), place))
            elif words and not text.startswith("#"):
                read_line(cases[-1], words[0], words[1:])
        except (ValueError, IndexError) as problem:
            sys.exit(f"{place}: not understood: {text.strip()} ({problem})")
    return cases


# ---- What is sent

def charted(kind, words):
    """One charted line as an item of `obs`."""
    if kind == "oxygen":
        item = {"code": "o2_device", "value": words[0]}
        return item | ({"flow": number(words[2])} if words[1:2] == ["flow"] else {})
    if kind == "ice":
        item = {"code": "ice"}
        items = pairs(w for w in words if "=" in w)
        total = [int(w) for w in words if w.isdigit()]
        return (item | ({"items": items} if items else {}) | ({"value": total[0]} if total else {})
                | ({"unarousable": True} if "unarousable" in words else {}))
    if kind == "seizure":
        item = {"code": "seizure", "value": True}
        if "lasting" in words:
            item["duration_s"] = seconds(words[words.index("lasting") + 1])
        return item | ({"no_return": True} if "no_return" in words else {})
    if kind == "neuro":
        return {"code": "neuro", "value": words[0]} | ({"haemorrhage": True} if "haemorrhage" in words else {})
    if kind == "flag":
        return {"code": "flag", "value": words[0], "on": words[1] == "on", "by": "physician"}
    if kind == "vasopressor":
        return {"code": "vasopressor", "value": words[0], "on": words[1] == "on"}
    return {"code": {"given": "medication"}.get(kind, kind), "value": words[0]}


def measured_item(words):
    if words[0] == "lab":
        return {"code": words[1], "value": number(words[2]), "unit": words[3]}
    code, value, unit, source, *rest = words
    item = {"code": code, "value": number(value), "unit": unit, "source": source}
    if rest[-2:-1] == ["pi"]:
        item["pi"] = number(rest[-1])
        rest = rest[:-2]
    return item | ({"method": rest[0]} if rest else {})


def messages(case):
    """(received, topic, measured, obs, device) of a case in the order of arrival."""
    rows = []
    for received, measured, words, device in case.events:
        topic = TOPIC.get(words[0], "vitals")
        if words[0] == "infusion":
            rows.append((received, topic, measured, [{"code": "infusion", "value": "start"}], device))
            end = seconds(words[2])
            rows.append((end, topic, end, [{"code": "infusion", "value": "end"}], device))
            continue
        obs = measured_item(words) if topic in BATCHED else charted(words[0], words[1:])
        for row in rows if topic in BATCHED else []:
            if row[:3] == (received, topic, measured) and row[4] == device and row[3][0].get("source") == obs.get("source") and \
                    obs["code"] not in [o["code"] for o in row[3]]:
                row[3].append(obs)
                break
        else:
            rows.append((received, topic, measured, [obs], device))
    return sorted((row for row in rows if row[0] <= case.at), key=lambda row: row[0])


def lines(case):
    rows = messages(case)
    begin = min([min(row[0], row[2]) for row in rows] + [case.at]) - 60
    admission = {"do": "admit", "by": "test", "patient": case.id, "setting": "inpatient"}
    yield line(begin, "episode", admission | {"ts": stamp(begin)} | case.patient)
    for received, topic, measured, obs, device in rows:
        yield message(received, topic, measured, obs, device=device)


# ---- What must come of it

def differences(case):
    raised, assessment = assessed("".join(lines(case)), case.at, case.id)
    bad = [f"{rule} was not raised" for rule in case.raised if rule not in raised]
    bad += [f"{rule} was raised" for rule in case.absent if rule in raised]
    bad += [f"{rule} was raised {raised.get(rule, 0)} times, not {n}"
            for rule, n in case.times.items() if raised.get(rule, 0) != n]
    for path, want in case.fields.items():
        got = field(assessment, path)
        if not same(want, got):
            bad.append(f"{path} is {json.dumps(got)}, not {json.dumps(want)}")
    return bad


def main(words):
    cases = [case for path in sorted(glob.glob(os.path.join(ROOT, "tests", "cases", "*.txt")))
             for case in read_cases(path)]
    ids = [word for word in words if not word.startswith("-")]
    chosen = [case for case in cases if not ids or case.id in ids]
    if len({case.id for case in cases}) != len(cases):
        sys.exit("two cases have the same id")
    if "--show" in words:
        sys.stdout.writelines(one for case in chosen for one in lines(case))
        return 0
    return run_all(chosen, differences, lambda case: f"{case.place}: {case.id} {case.given}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
