#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What one vital-sign message and one patient cost (cost.c), beside the limits set for them.

Three times: with the CAR-T protocol as it is shipped; with rules of 1 h and 24 h windows put in front of its own
(windows.yaml); and those with monitors whose clocks drift. First the windows are filled, without being measured: a
day of them costs what it costs only when it is there. A day of 1,000 patients takes ten minutes, so it is filled for
those windows alone, and for a tenth of the patients where clocks drift. Nothing passes or fails here: microseconds depend on the machine and
on what else it does. Instructions do not, where the machine lets them be counted.
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
LIMITS = "limits: 12 us a message, no memory asked for, 80 MB for 1000 patients of seven signals a second"
DRIFT = "400"  # ms
AS_VIGILD = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1", **os.environ}  # large pages, as daemon/shell/large_pages.c has them


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
    parser.add_argument("--hours", default="0.3", help="measured")
    parser.add_argument("--fill", default="24", help="hours before those, not measured; 24 fill the windows")
    words = parser.parse_args()
    cost = os.path.join(words.build, "tests", "bench", "cost")
    shipped = os.path.join(TOP, "config", "protocols", "car-t.yaml")
    windows = with_windows(shipped, os.path.dirname(cost))
    many, few, fill = words.patients, str(max(1, int(words.patients) // 10)), words.fill
    for name, protocol, patients, filled, jitter in (
            ("car-t", shipped, many, str(min(1.0, float(fill))), "0"), ("with 1 h and 24 h windows", windows, many, fill, "0"),
            ("with those, and clocks that drift", windows, few, fill, DRIFT)):
        said = subprocess.run([cost, protocol, patients, words.hours, filled, jitter], check=True, env=AS_VIGILD,
                              stdout=subprocess.PIPE, text=True).stdout
        print(f"cost, {name}, {patients} patients: {said}", end="", flush=True)
        each, work, asked, mb = re.search(r"([\d.]+) us and (-?\d+) instructions a message, memory asked for (\d+) times; "
                                          r"([\d.]+) MB in use", said).groups()
        rig.note({"kind": "cost", "protocol": name, "patients": int(patients), "filled_h": float(filled),
                  "us_message": float(each), "instructions": int(work), "asked": int(asked), "mb": float(mb)})
    print(LIMITS)


if __name__ == "__main__":
    main()
