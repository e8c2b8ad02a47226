#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The alarm load of a protocol on real recordings: every stay of tests/data/cinc2019 as a patient of its own, from the
first of its hours to the last, through `vigil replay --summary`. Nothing passes or fails: config/ALERTS.md states the figures.

    alarms.py [--build DIR] [--protocol FILE|DIR] [--site] [--json]

--site puts a rule of a site's own beside the shipped ones in place of the shipped NEWS2_7: "news2.score >= 7"."""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(TOP, "tests", "lib-python"))
sys.path.insert(0, os.path.join(TOP, "tests", "outside"))
import recordings  # noqa: E402
from replayed import stamp  # noqa: E402


def line(at, bed, topic, payload):
    return at, f'{{"at":"{stamp(at / 1000)}","topic":"vigil/v1/beds/icu/{bed}/{topic}","payload":{payload}}}\n'


def numbered(item):
    rest = json.dumps({name: value for name, value in item.items() if name != "value"})
    return f'{rest[:-1]},"value":{recordings.number(item["value"])}}}'


def stay_lines(stay, bed):
    who = {"by": "adt", "patient": f"p-{bed}"}
    begin, end = stay.messages[0][0] - 60_000, stay.messages[-1][0] + 60_000
    yield line(begin, bed, "episode", json.dumps(who | {"ts": stamp(begin / 1000), "do": "admit", "product": "car_t",
                                                       "age": stay.age, "setting": "inpatient"}))
    for received, topic, measured, items in stay.messages:
        yield line(received, bed, topic, f'{{"gateway":"gw-1","ts":"{stamp(measured / 1000)}",'
                                         f'"obs":[{",".join(map(numbered, items))}]}}')
    yield line(end, bed, "episode", json.dumps(who | {"ts": stamp(end / 1000), "do": "discharge", "confirm": True}))


def with_site_rule(folder):
    path = os.path.join(folder, "car-t.yaml")
    with open(os.path.join(TOP, "config", "protocols", "car-t.yaml"), encoding="utf-8") as file:
        text = file.read()
    text, count = re.subn(r"(  - id: )NEWS2_7(\n    class: global\n    severity: critical\n    when: )news2.page_7",
                          r"\1SITE_NEWS2\2news2.score >= 7", text)
    assert count == 1
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=os.path.join(TOP, "build"))
    parser.add_argument("--protocol", default=os.path.join(TOP, "config", "protocols", "car-t.yaml"))
    parser.add_argument("--site", action="store_true")
    parser.add_argument("--json", action="store_true")
    words = parser.parse_args()
    lines = [one for bed, stay in enumerate(recordings.hourly()) for one in stay_lines(stay, bed)]
    lines.sort(key=lambda one: one[0])
    with tempfile.TemporaryDirectory() as folder:
        protocol = with_site_rule(folder) if words.site else words.protocol
        done = subprocess.run([os.path.join(words.build, "vigil"), "replay", "--protocol", protocol, "--summary",
                               *(["--json"] if words.json else [])], input="".join(text for _, text in lines), text=True)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
