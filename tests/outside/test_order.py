# SPDX-License-Identifier: Apache-2.0
"""The order of arrival does not matter: real stays (tests/data/mimic3demo), told in the order in which people entered the
values - half of them a quarter of an hour or more late - end with the same assessments as told in the order in which they
were measured, and with the same stored readings, read from the file without vigil. Each rule that one order raises for
a stay the other raises too, perhaps marked `late` (Clinical reference 0.3), but for what says that something has not come
yet; and each occurrence that only one order has is explained (occurrences.py)."""
import collections
import json
import os
import subprocess
import sys
from datetime import datetime
from concurrent.futures import ThreadPoolExecutor

from place import Place, until
from occurrences import Run, compare
from replayed import PROTOCOLS, ROOT, START, VIGIL, stamp
from test_scores import raw, text_line

sys.path.insert(0, os.path.join(ROOT, "tests", "lib-python"))
import recordings  # noqa: E402
import stored  # noqa: E402

HOUR = 3600_000
SHOWN = 6
# What these say depends on when things come, by their nature: something is overdue until it has come, a clock is off.
OF_TIME = {"VITALS_OVERDUE", "TEMP_REPEAT", "O2_FLOW_MISSING", "O2_RECHARTING", "PRESSOR_RECHARTING", "CLOCK_SKEW", "CLOCK_FUTURE"}
START_MS = int(START.timestamp() * 1000)


def milliseconds(text):
    return round(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


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
    """The assessment at the end, how often each rule was raised, late or not, and all of them one by one."""
    done = subprocess.run([VIGIL, "replay", "--protocol", PROTOCOLS, "--assess"], input=lines(stay, messages, end),
                          capture_output=True, text=True, timeout=240)
    if done.returncode != 0:
        raise RuntimeError(f"vigil replay ended with {done.returncode}: {done.stderr.strip()}")
    run = Run(done.stdout, milliseconds)
    raised = collections.Counter(a["rule"] for a in run.alerts.values() if not a["late"])
    late = collections.Counter(a["rule"] for a in run.alerts.values() if a["late"])
    found = [json.loads(line)["assess"] for line in done.stdout.splitlines() if '"assess":{' in line]
    return found[-1], raised, late, run


def differs(stay):
    entered = entry_order(stay)
    measured = measured_order(stay)
    end = max(entered[-1][0], measured[-1][0]) + HOUR
    one, raised_entered, late, run = replay(stay, entered, end)
    other, raised_measured, none_late, in_order = replay(stay, measured, end)
    came = [(START_MS + received, START_MS + at) for received, _, at, _ in entered]
    reasons, left = compare(run, in_order, came, OF_TIME)
    bad = [f"{name}: entered {one[name]}, measured {other[name]}" for name in one if one[name] != other[name]]
    return stay.name, bad, raised_entered, late, raised_measured, none_late, reasons, left


def stored_readings(path):
    """By bed: what the file holds of it, read without vigil (tests/lib-python/stored.py)."""
    beds = collections.defaultdict(list)
    for m in stored.messages(stored.open_store(path)):
        beds[m.bed] += [(r.ts, r.code, r.value, r.unit, r.source, r.method) for r in m.readings]
        beds[m.bed] += [(e.ts, e.code, e.value, e.on) for e in m.entries]
    return {bed: collections.Counter(rows) for bed, rows in beds.items()}


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
        until(lambda: [m for m in seen.messages("/committed") if m["upto"] == seq], timeout=120, what="the commit")
        beds, count = stored_readings(place.daemon.store), 0
        for n, stay in enumerate(stays):
            one, other = beds[str(2 * n)], beds[str(2 * n + 1)]
            count += sum(one.values())
            if not one or one != other:
                bad.append(f"{stay.name}: stored as entered and not as measured {one - other}, or the other way {other - one}")
    print(f"{count} readings and entries of {len(stays)} stays stored either way, {seq} messages")
    return bad


def main():
    stays = recordings.charted()
    with ThreadPoolExecutor(max_workers=2) as pool:
        results = list(pool.map(differs, stays))
    failed, messages, late_ones = 0, 0, 0
    only_entered, only_measured, late = collections.Counter(), collections.Counter(), collections.Counter()
    why = collections.defaultdict(collections.Counter)
    for (name, bad, entered, told_late, measured, none_late, reasons, left), stay in zip(results, stays):
        for reason, rules in reasons.items():
            why[reason].update(rules)
        failed += bool(left)
        for order, rule, onset in left:
            print(f"{name}: {rule} with onset {(onset - START_MS) / 60000:.1f} min only in order of {order}, without a reason")
        messages += len(stay.messages)
        late_ones += sum(received - measured_at >= 15 * 60_000 for received, _, measured_at, _ in stay.messages)
        for fault in bad[:SHOWN]:
            print(f"{name}: {fault}")
        failed += bool(bad)
        late += told_late
        only_entered += entered - measured
        only_measured += measured - entered
        missing = set(measured) - set(entered) - set(told_late) - OF_TIME
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
    for reason, rules in why.items():
        print(f"{reason}: {dict(rules)}")
    bad = store_both(stays)
    for fault in bad:
        print(fault)
    failed += len(bad)
    print(f"{2 * len(stays) - failed} passed, {failed} failed")
    return 1 if failed or not stays else 0


if __name__ == "__main__":
    sys.exit(main())
