#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The oracle of the simulator: slow, naive, and apart from the engine on purpose.

It reads a run's trace (NDJSON), takes what the monitors measured, and works out from the words of
config/PROTOCOLS.md what the rules of tests/sim/protocols/sim.yaml must have raised and when, and
from the ladders what was due when. Then it compares with what the daemon told the broker.

Where a reading came late (lost, sent again, the daemon was down) the daemon could not know in time;
there, only that nobody was missed and nothing was without cause is asked.
"""
import bisect
import json
import sys
from datetime import datetime, timezone

EPOCH = 1768032000000
HOUR = 3600_000
GAP = 120_000            # how long a pause a monitor's stream may have
SETTLE = 10_000          # while a stream flows its next reading asks, not the clock
STREAMS = ('hr', 'rr', 'spo2')
TRUE, FALSE, UNKNOWN = 1, 0, None


def instant(text):
    """ms since 1970 of "2026-01-10T08:00:10.202Z"; None of ""."""
    if not text:
        return None
    whole = datetime.strptime(text[:19], '%Y-%m-%dT%H:%M:%S').replace(tzinfo=timezone.utc)
    return int(whole.timestamp()) * 1000 + int(text[20:23])


# ---- The rules, from the definitions. A window is closed at both ends.

def within(readings, times, at, span):
    """The values measured in the last `span` ms."""
    return [readings[i][1] for i in range(bisect.bisect_left(times, at - span),
                                          bisect.bisect_right(times, at))]


def both(a, b):
    return FALSE if FALSE in (a, b) and (a is not None or b is not None) and (a == FALSE or b == FALSE) \
        else UNKNOWN if a is UNKNOWN or b is UNKNOWN else TRUE


def last(test, carry=HOUR):
    def ask(readings, times, at):
        values = within(readings, times, at, carry)
        return UNKNOWN if not values else int(test(values[-1]))
    return ask


def mean_high(readings, times, at):
    values = within(readings, times, at, 120_000)
    high = UNKNOWN if not values else int(sum(values) > 24 * len(values))
    return both(high, int(len(values) >= 4))


def all_low(readings, times, at):
    values = within(readings, times, at, 90_000)
    return both(UNKNOWN if not values else int(max(values) < 90), int(len(values) >= 3))


def all_well(readings, times, at):
    values = within(readings, times, at, 60_000)
    return UNKNOWN if not values else int(min(values) >= 95)


def any_fever(readings, times, at):
    values = within(readings, times, at, 300_000)
    return UNKNOWN if not values else int(max(values) >= 390)


RULES = {
    # rule: signal, when, hold, clear, its hold, spans after which a value leaves, latched
    'LAST': ('hr', last(lambda v: v > 130), 0, last(lambda v: v < 120), 0, [HOUR]),
    'HOLD': ('spo2', last(lambda v: v < 90), 45_000, last(lambda v: v >= 92), 30_000, [HOUR]),
    'MEAN': ('rr', mean_high, 0, None, 0, [120_000]),
    'LEAST': ('sbp', all_low, 0, all_well, 0, [90_000, 60_000]),
    'MOST': ('temp', any_fever, 0, None, 0, [300_000]),
}


class Occurrence:
    def __init__(self, onset, raised):
        self.onset, self.raised, self.ended = onset, raised, None

    def __repr__(self):
        return f'onset {self.onset - EPOCH} raised {self.raised - EPOCH} ended {self.ended and self.ended - EPOCH}'


class Machine:
    """One rule for one subject: idle, pending, on, clearing."""

    def __init__(self, rule, readings):
        self.signal, self.when, self.hold, self.clear, self.clear_hold, self.spans = RULES[rule]
        self.readings = readings
        self.times = [r[0] for r in readings]
        self.phase, self.onset, self.last_yes, self.since = 'idle', None, None, None
        self.found = []

    def points(self, until):
        """(instant, is it a reading?): when the answer may change."""
        points = {(t, 1) for t in self.times}
        for leaves in (t + span + 1 for t in self.times for span in self.spans):
            newest = bisect.bisect_right(self.times, leaves) - 1
            if self.signal in STREAMS:
                leaves = max(leaves, self.times[newest] + SETTLE)
            if newest + 1 == len(self.times) or self.times[newest + 1] > leaves:
                points.add((leaves, 0))
        return sorted(p for p in points if p[0] <= until)

    def run(self, until):
        points = self.points(until)
        i = 0
        while i < len(points):
            at, reading = points[i]
            due = self.onset + self.hold if self.phase == 'pending' else None
            if due is not None and due < at:
                self.ask(due, False)
                if self.phase == 'pending':
                    self.ask(at, bool(reading))
                    i += 1
                continue
            self.ask(at, bool(reading))
            i += 1
        if self.phase == 'pending' and self.onset + self.hold <= until:
            self.ask(self.onset + self.hold, False)
        return self.found

    def ask(self, at, reading):
        truth = self.when(self.readings, self.times, at)
        if self.phase in ('idle', 'pending'):
            self.wait(at, reading, truth)
        else:
            self.stay(at, reading, truth)

    def wait(self, at, reading, truth):
        if truth != TRUE:
            self.phase, self.last_yes = 'idle', None
            return
        broken = self.last_yes is not None and reading and at - self.last_yes > GAP
        if self.phase == 'idle' or broken:
            self.phase, self.onset = 'pending', at
        if reading:
            self.last_yes = at
        if self.hold == 0 or self.held(at, reading):
            self.phase = 'on'
            self.found.append(Occurrence(self.onset, at))

    def held(self, at, reading):
        if at - self.onset < self.hold:
            return False
        newest = self.times[bisect.bisect_right(self.times, at) - 1]
        return reading or (newest > self.onset and at - newest <= GAP)

    def stay(self, at, reading, truth):
        clear = (UNKNOWN if truth is UNKNOWN else 1 - truth) if self.clear is None else \
            self.clear(self.readings, self.times, at)
        if truth is UNKNOWN and clear != TRUE:
            return
        if truth == TRUE or clear != TRUE:
            self.phase = 'on'
            return
        if self.clear_hold == 0:
            if reading or self.clear is None:
                self.end(at)
        elif self.phase == 'on':
            self.phase, self.since = 'clearing', at
        elif reading and at - self.since >= self.clear_hold:
            self.end(at)

    def end(self, at):
        self.found[-1].ended = at
        self.phase, self.last_yes = 'idle', None


# ---- The run

class Run:
    def __init__(self, lines):
        self.faults = []
        self.lies = {}      # bed: [(since, subject)]
        self.reads, self.arrived = [], {}
        self.alerts, self.pages = {}, []
        self.down, self.broker = [], []
        self.plan, self.end, self.stays = {}, 0, 0
        for line in lines:
            event = json.loads(line)
            getattr(self, 'on_' + event['e'], lambda e: None)(event)
        self.close(self.down)
        self.close(self.broker)

    def close(self, spans):
        if spans and spans[-1][1] is None:
            spans[-1][1] = self.end

    def on_plan(self, e):
        self.plan = e

    def on_lies(self, e):
        self.stays += 1
        subject = f'p-{e["patient"]}' if e['patient'] > 0 else f'bed {e["bed"]} {self.stays}'
        self.lies.setdefault(e['bed'], []).append((e['ts'], subject))

    def on_read(self, e):
        self.reads.append(e)

    def on_arr(self, e):
        self.arrived.setdefault((e['gw'], e['epoch'], e['seq']), e['t'] + EPOCH)

    def on_alert(self, e):
        self.alerts.setdefault(e['id'], []).append(e)

    def on_page(self, e):
        self.pages.append(e)

    def on_start(self, e):
        self.close_at(self.down, e['t'])

    def on_down(self, e):
        self.down.append([e['t'] + EPOCH, None])

    def on_broker(self, e):
        if e['up']:
            self.close_at(self.broker, e['t'])
        else:
            self.broker.append([e['t'] + EPOCH, None])

    def on_end(self, e):
        self.end = e['t'] + EPOCH

    @staticmethod
    def close_at(spans, t):
        if spans and spans[-1][1] is None:
            spans[-1][1] = t + EPOCH

    def subject_at(self, bed, ts):
        rows = self.lies[bed]
        return rows[bisect.bisect_right([r[0] for r in rows], ts) - 1][1]

    def fault(self, text):
        self.faults.append(text)


def by_subject(run):
    """{subject: {signal: [(measured, value, arrived)]}}: what arrived at all."""
    subjects = {}
    for read in run.reads:
        arrived = run.arrived.get((read['gw'], read['epoch'], read['seq']))
        if arrived is None:
            continue
        signals = subjects.setdefault(run.subject_at(read['bed'], read['ts']), {})
        for signal in ('hr', 'rr', 'spo2', 'sbp', 'temp'):
            if signal != 'temp' or read['temp'] > 0:
                signals.setdefault(signal, []).append((read['ts'], read[signal], arrived))
    return subjects


def main():
    with open(sys.argv[1], encoding='utf-8') as file:
        run = Run(file)
    for subject, signals in by_subject(run).items():
        for rule, row in RULES.items():
            for o in Machine(rule, signals.get(row[0], [])).run(run.end):
                print(subject, rule, o)
    print('---')
    for id_, events in run.alerts.items():
        first = events[0]
        if first['rule'] in RULES:
            ended = [e for e in events if e['event'] == 'ended']
            print(first['patient'] or first['bed'], first['rule'], 'onset', instant(first['onset']) - EPOCH, 'raised',
                  instant(first['raised']) - EPOCH, 'ended', ended and instant(ended[-1]['at']) - EPOCH, 'late' if first['late'] else '', 'mem' if not first['persisted'] else '')


if __name__ == '__main__':
    main()
