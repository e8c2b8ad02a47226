# SPDX-License-Identifier: Apache-2.0
"""The order of arrival does not matter: real stays (tests/data/mimic3demo), told in the order in which people entered the
values - half of them a quarter of an hour or more late - end with the same assessments as told in the order in which they
were measured, and with the same stored readings. Each rule that one order raises for a stay the other raises too, perhaps
marked `late` (Clinical reference 0.3), but for what says that something has not come yet. How often may differ: where
values came late, two occurrences with a better value between them may be one alert."""
import collections
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from place import BUILD, Place, until
from replayed import PROTOCOLS, ROOT, VIGIL, stamp
from test_scores import raw, text_line

sys.path.insert(0, os.path.join(ROOT, "tests", "lib-python"))
import recordings  # noqa: E402

HOUR = 3600_000
SHOWN = 6
# What these say depends on when things come, by their nature: something is overdue until it has come, a clock is off.
OF_TIME = {"VITALS_OVERDUE", "TEMP_REPEAT", "O2_FLOW_MISSING", "O2_RECHARTING", "CLOCK_SKEW", "CLOCK_FUTURE"}
# That page wants two values in a row, and when the second came it lay behind newer ones.
BEHIND = {("stay_216185.csv", "SHOCK_INDEX")}
STORED = 2  # stays that go through a daemon and its store


def entry_order(stay):
    """As people entered them; what was entered ahead of its time (and would be judged at its arrival, 0.3) at its time."""
    order, last = [], 0
    for received, topic, measured, items in sorted(stay.messages, key=lambda m: (max(m[0], m[2]), m[0])):
        last = max(last + 1, received, measured)
        order.append((last, topic, measured, items))
    return order


def measured_order(stay):
    """The same messages as if each had come when it was measured; no two in one millisecond."""
    order, last = [], 0
    for received, topic, measured, items in sorted(stay.messages, key=lambda m: (m[2], m[0])):
        last = max(last + 1, measured)
        order.append((last, topic, measured, items))
    return order


def lines(stay, messages, end):
    admit = {"ts": stamp(0), "by": "adt", "do": "admit", "patient": "p-1", "product": "car_t", "age": stay.age,
             "setting": "inpatient"}
    out = [text_line(0, "1", "episode", json.dumps(admit))]
    for received, topic, measured, items in messages:
        payload = f'{{"gateway":"gw-1","ts":"{stamp(measured / 1000)}","obs":[{",".join(map(raw, items))}]}}'
        out.append(text_line(received, "1", topic, payload))
    out.append(json.dumps({"at": stamp(end / 1000)}) + "\n")
    return "".join(out)


def replay(stay, messages, end):
    """The assessment at the end, and how often each rule was raised, late or not."""
    done = subprocess.run([VIGIL, "replay", "--protocol", PROTOCOLS, "--assess"], input=lines(stay, messages, end),
                          capture_output=True, text=True, timeout=240)
    if done.returncode != 0:
        raise RuntimeError(f"vigil replay ended with {done.returncode}: {done.stderr.strip()}")
    raised, late, found = collections.Counter(), collections.Counter(), None
    for one in map(json.loads, done.stdout.splitlines()):
        alert = one.get("alert", {})
        if alert.get("event") == "raised":
            (late if alert["late"] else raised)[alert["rule"]] += 1
        found = one.get("assess", found)
    return found, raised, late


def differs(stay):
    entered = entry_order(stay)
    measured = measured_order(stay)
    end = max(entered[-1][0], measured[-1][0]) + HOUR
    one, raised_entered, late = replay(stay, entered, end)
    other, raised_measured, none_late = replay(stay, measured, end)
    bad = [f"{name}: entered {one[name]}, measured {other[name]}" for name in one if one[name] != other[name]]
    return stay.name, bad, raised_entered, late, raised_measured, none_late


def stored_readings(place, patient):
    done = subprocess.run([os.path.join(BUILD, "vigil"), "history", patient, "--from", stamp(0), "--json",
                           "--set", f"store.path={place.daemon.store}"], capture_output=True, text=True, timeout=60)
    when = ("received", "committed")
    return sorted(json.dumps({k: v for k, v in r.items() if k not in when}, sort_keys=True)
                  for r in json.loads(done.stdout)["readings"])


def store_both(stays):
    """Through the daemon: entry order to one patient, measured order to another."""
    bad = []
    with Place() as place:
        gateway, seen, seq = place.client("gw"), place.client("seen", "vigil/v1/gateways/+/committed"), 0
        for n, stay in enumerate(stays):
            for bed, order in ((2 * n, entry_order(stay)), (2 * n + 1, measured_order(stay))):
                gateway.publish(f"vigil/v1/beds/icu/{bed}/episode", {
                    "ts": stamp(0), "by": "adt", "do": "admit", "patient": f"p-{bed}", "product": "car_t",
                    "age": stay.age})
                for received, topic, measured, items in order:
                    seq += 1
                    gateway.publish(f"vigil/v1/beds/icu/{bed}/{topic}",
                                    f'{{"gateway":"gw-1","epoch":"e1","seq":{seq},"ts":"{stamp(measured / 1000)}",'
                                    f'"obs":[{",".join(map(raw, items))}]}}', wait=seq % 200 == 0)
            until(lambda: [m for m in seen.messages("/committed") if m["upto"] == seq], timeout=60, what="the commit")
            one, other = stored_readings(place, f"p-{2 * n}"), stored_readings(place, f"p-{2 * n + 1}")
            if not one or one != other:
                bad.append(f"{stay.name}: {len(one)} readings stored as entered, {len(other)} as measured, or not the same")
            print(f"{stay.name}: {len(one)} readings stored either way")
    return bad


def main():
    stays = recordings.charted()
    with ThreadPoolExecutor(max_workers=2) as pool:
        results = list(pool.map(differs, stays))
    failed, messages, late_ones = 0, 0, 0
    only_entered, only_measured, late = collections.Counter(), collections.Counter(), collections.Counter()
    for (name, bad, entered, told_late, measured, none_late), stay in zip(results, stays):
        messages += len(stay.messages)
        late_ones += sum(received - measured_at >= 15 * 60_000 for received, _, measured_at, _ in stay.messages)
        for fault in bad[:SHOWN]:
            print(f"{name}: {fault}")
        failed += bool(bad)
        late += told_late
        only_entered += entered - measured
        only_measured += measured - entered
        missing = {rule for rule in set(measured) - set(entered) - set(told_late) - OF_TIME
                   if (name, rule) not in BEHIND}
        needless = set(entered) - set(measured) - OF_TIME
        if missing or needless:
            failed += 1
            print(f"{name}: raised in order of measurement alone: {sorted(missing)}, of entry alone: {sorted(needless)}")
        if none_late:
            print(f"{name}: told late although everything came in time: {dict(none_late)}")
            failed += 1
    print(f"{messages} messages of {len(stays)} stays, {late_ones} of them 15 min late or more")
    print(f"raised only in order of entry: {dict(only_entered)}")
    print(f"raised only in order of measurement: {dict(only_measured)}")
    print(f"told late: {dict(late)}")
    bad = store_both(stays[:STORED])
    for fault in bad:
        print(fault)
    failed += len(bad)
    print(f"{len(stays) + STORED - failed} passed, {failed} failed")
    return 1 if failed or not stays else 0


if __name__ == "__main__":
    sys.exit(main())
