# SPDX-License-Identifier: Apache-2.0
"""The oracle of the simulator: slow, naive, and apart from the engine on purpose.

From what the monitors measured it works out, by the words of config/PROTOCOLS.md, what the rules of
tests/sim/protocols/sim.yaml must have raised and when; and from the ladders what was due when. Who
compares that with what the daemon told is judge.py.
"""
import bisect
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
    if a == FALSE or b == FALSE:
        return FALSE
    return UNKNOWN if a is UNKNOWN or b is UNKNOWN else TRUE


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


# ---- The ladders: a step's roles and its wait; the last row is the fallback and its repeat.

LADDERS = {
    'critical': [(('bedside-nurse',), 40_000), (('charge-nurse', 'on-call'), 60_000),
                 (('attending', 'charge-nurse'), 60_000)],
    'urgent': [(('bedside-nurse',), 90_000), (('charge-nurse',), 120_000),
               (('attending', 'charge-nurse'), 120_000)],
    'watch': [(('bedside-nurse',), 240_000), (('charge-nurse',), 600_000)],
    'technical': [(('bedside-nurse',), 180_000), (('charge-nurse',), 600_000)],
}
