#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What one vital-sign message and one patient cost (cost.c), beside the limits set for them.

Twice: with the CAR-T protocol as it is shipped, and with rules of 1 h and 24 h windows put in front of its own
(windows.yaml). Nothing passes or fails here: microseconds depend on the machine and on what else it does.
"""
import argparse
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import rig  # noqa: E402

TOP = os.path.dirname(os.path.dirname(HERE))
LIMITS = "limits: 12 us a message, 80 MB for 1000 patients of seven signals a second"


def with_windows(protocol, folder):
    """The protocol with the rules of windows.yaml in front of its own, as a file in `folder`."""
    with open(protocol, encoding="utf-8") as file:
        text = file.read()
    with open(os.path.join(HERE, "windows.yaml"), encoding="utf-8") as file:
        rules = file.read()
    assert text.count("\nrules:\n") == 1
    os.makedirs(folder, exist_ok=True)
    out = os.path.join(folder, "car-t.yaml")  # a protocol stands in a file of its name
    with open(out, "w", encoding="utf-8") as file:
        file.write(text.replace("\nrules:\n", "\nrules:\n" + rules))
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default="build")
    parser.add_argument("--patients", default="1000")
    parser.add_argument("--hours", default="0.4", help="24 fill the long windows too, and take as long as they take")
    words = parser.parse_args()
    cost = os.path.join(words.build, "tests", "bench", "cost")
    shipped = os.path.join(TOP, "config", "protocols", "car-t.yaml")
    for name, protocol in (("car-t", shipped),
                           ("with 1 h and 24 h windows", with_windows(shipped, os.path.dirname(cost)))):
        said = subprocess.run([cost, protocol, words.patients, words.hours], check=True, stdout=subprocess.PIPE, text=True).stdout
        print(f"cost, {name}: {said}", end="", flush=True)
        each, late, mb = re.search(r"([\d.]+) us a message, ([\d.]+) in the last tenth.*; ([\d.]+) MB in use", said).groups()
        rig.note({"kind": "cost", "protocol": name, "patients": int(words.patients), "us_message": float(each),
                  "us_late": float(late), "mb": float(mb)})
    print(LIMITS)


if __name__ == "__main__":
    main()
