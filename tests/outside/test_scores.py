# SPDX-License-Identifier: Apache-2.0
"""NEWS2 and SIRS over every row of the real recordings in tests/data: what `vigil replay --assess=each` computes must
equal an independent computation in this language (tests/lib-python/news2_sirs.py), after every message."""
import itertools
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone

from replayed import PROTOCOLS, ROOT, VIGIL, stamp

sys.path.insert(0, os.path.join(ROOT, "tests", "lib-python"))
import news2_sirs  # noqa: E402
import recordings  # noqa: E402

GROUPS = 4  # as many runs of vigil; each stay has a bed and a patient of its own
SHOWN = 5  # differences of one file


def raw(item):
    """The item as JSON with its number as it stands in the file."""
    rest = {name: value for name, value in item.items() if name != "value"}
    value = item["value"]
    shown = (recordings.number(value) if "unit" in item else None) or json.dumps(value)
    return json.dumps(rest)[:-1] + f',"value":{shown}}}'


def text_line(received, bed, topic, payload):
    return f'{{"at":"{stamp(received / 1000)}","topic":"vigil/v1/beds/icu/{bed}/{topic}","payload":{payload}}}\n'


def stay_lines(stay, bed):
    admit = {"ts": stamp(0), "by": "adt", "do": "admit", "patient": f"p-{bed}", "product": "car_t", "age": stay.age,
             "setting": "inpatient"}
    yield 0, text_line(0, bed, "episode", json.dumps(admit))
    for received, topic, measured, items in stay.messages:
        payload = f'{{"gateway":"gw-1","ts":"{stamp(measured / 1000)}","obs":[{",".join(map(raw, items))}]}}'
        yield received, text_line(received, bed, topic, payload)


def ours(assess):
    news2, sirs = assess["news2"], assess["sirs"]
    return {**news2, "missing": sorted(news2["missing"]), **sirs}


def theirs(patient, now):
    return {**patient.news2(now), **patient.sirs(now)}


def replay(stays):
    """{bed: {received: the assessment that was printed then}}"""
    lines = []
    for bed, stay in enumerate(stays):
        lines += stay_lines(stay, bed)
    lines.sort(key=lambda line: line[0])
    found, same = [{} for _ in stays], {}
    with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as complaint:
        said.writelines(text for _, text in lines)
        said.seek(0)
        del lines
        with subprocess.Popen([VIGIL, "replay", "--protocol", PROTOCOLS, "--assess=each"], stdin=said, stdout=subprocess.PIPE,
                              stderr=complaint, text=True) as run:
            for line in run.stdout:
                if '"assess":' in line[:60]:
                    one = json.loads(line)
                    scores = ours(one["assess"])  # few differ: each is kept once
                    found[int(one["assess"]["bed"])][one["at"]] = same.setdefault(json.dumps(scores, sort_keys=True), scores)
        if run.returncode != 0:
            complaint.seek(0)
            raise RuntimeError(f"vigil replay ended with {run.returncode}: {complaint.read().strip()}")
    return found


def differences(stay, printed):
    """Every message is compared: what was not printed again has not changed."""
    patient, shown, bad = news2_sirs.Patient(), None, []
    for received, topic, measured, items in stay.messages:
        patient.take(received, measured, items)
        at = stamp(received / 1000)
        shown = printed.get(at, shown)
        wanted = theirs(patient, received)
        if shown != wanted:
            bad.append((at, topic, measured, items, shown, wanted))
    return bad


def tell(stay, bad):
    for at, topic, measured, items, shown, wanted in bad[:SHOWN]:
        names = [name for name in wanted if shown is None or shown[name] != wanted[name]]
        print(f"{stay.name} {at} {topic} of {stamp(measured / 1000)}: vigil " +
              str(shown and {name: shown[name] for name in names}) +
              f", here { {name: wanted[name] for name in names} }")
    if len(bad) > SHOWN:
        print(f"{stay.name}: {len(bad)} differences in all")


def main():
    stays = recordings.hourly() + recordings.charted()
    groups = [stays[first::GROUPS] for first in range(GROUPS)]
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as pool:
        printed = list(pool.map(replay, groups))
    failed = rows = 0
    for group, found in zip(groups, printed):
        for stay, one in zip(group, found):
            bad = differences(stay, one)
            rows += len(stay.messages)
            failed += bool(bad)
            tell(stay, bad)
    print(f"{rows} messages of {len(stays)} stays compared")
    print(f"{len(stays) - failed} passed, {failed} failed")
    return 1 if failed or not stays else 0


if __name__ == "__main__":
    sys.exit(main())
