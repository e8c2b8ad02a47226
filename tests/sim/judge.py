# SPDX-License-Identifier: Apache-2.0
"""Compares a run of the simulator with its oracle.

Where every reading came at once, onsets, instants and ends must be exactly the oracle's. Where some
came late (lost and sent again, the daemon was down, the power was cut) the daemon could not know in
time: there, an alert that still holds when all has come must be there, and none may be without a
cause in what was known when it was told.
"""
import bisect
import json

from ladders import Steps
from oracle import EPOCH, RULES, SETTLE, TRUE, Machine, instant

PROMPT = 250        # a reading that came within so many ms came at once
SLACK = 700         # what slow disks, brokers and loops may add to an instant
BACKLOG = 120_000   # what is older on arrival waits behind what is not
SIGNALS = ('hr', 'rr', 'spo2', 'sbp', 'temp')


class Run:
    """What a trace says."""

    def __init__(self, lines):
        self.faults, self.plan, self.end = [], {}, 0
        self.lies, self.stays = {}, 0   # bed: [(since, subject)]
        self.reads, self.arrivals, self.first, self.order = [], {}, {}, 0
        self.alerts = {}                # id: its changes
        self.pages = {}                 # alert: [(t, role)] of calls
        self.down, self.away, self.disk, self.lost = [], [], [], []
        for line in lines:
            event = json.loads(line)
            take = getattr(self, 'on_' + event['e'], None)
            if take:
                take(event)
        for spans in (self.down, self.away, self.disk):
            if spans and spans[-1][1] is None:
                spans[-1][1] = self.end

    def on_plan(self, e):
        self.plan = e

    def on_lies(self, e):
        self.stays += 1
        subject = f'p-{e["patient"]}' if e['patient'] > 0 else f'{e["bed"]} #{self.stays}'
        self.lies.setdefault(e['bed'], []).append((e['ts'], subject))

    def on_read(self, e):
        self.reads.append(e)

    def on_arr(self, e):
        self.order += 1
        key = (e['gw'], e['epoch'], e['seq'])
        self.arrivals.setdefault(key, []).append(e['t'] + EPOCH)
        self.first.setdefault(key, self.order)

    def on_alert(self, e):
        changes = self.alerts.setdefault(e['id'], [])
        if not changes or e['rev'] > changes[-1]['rev']:
            changes.append(e)

    def on_page(self, e):
        if e['kind'] in ('call', 'digest'):
            self.pages.setdefault(e['id'], []).append((e['t'] + EPOCH, e['role']))

    def on_down(self, e):
        self.down.append([e['t'] + EPOCH, None, e['how']])

    def on_start(self, e):
        if self.down:
            self.down[-1][1] = e['t'] + EPOCH

    def on_broker(self, e):
        self.span(self.away, not e['up'], e['t'])

    def on_lost(self, e):
        self.lost.append(e['t'] + EPOCH)

    def on_disk(self, e):
        self.span(self.disk, e['fails'], e['t'])

    def on_end(self, e):
        self.end = e['t'] + EPOCH

    @staticmethod
    def span(spans, begins, t):
        if begins:
            spans.append([t + EPOCH, None])
        elif spans:
            spans[-1][1] = t + EPOCH

    def subject_at(self, bed, ts):
        rows = self.lies[bed]
        return rows[bisect.bisect_right([r[0] for r in rows], ts) - 1][1]

    def fault(self, text):
        self.faults.append(text)

    def known_at(self, arrivals):
        """When a message was in the daemon's hands for good: a death soon afterwards may have taken it
        back (the power was cut) or put it off (it waited in the journal)."""
        for at in arrivals:
            death = next((d for d in self.down if at <= d[0] < at + self.unsafe(at)), None)
            if death is None:
                return at
            if death[2] != 'cut' and not self.failing(at):
                return death[1] + SLACK
        return None

    def failing(self, at):
        return any(begin - 1000 <= at <= end + 3000 for begin, end in self.disk)

    def unsafe(self, at):
        """How long it may not have been on disk."""
        ends = [end - at for begin, end in self.disk if begin - 1000 <= at <= end]
        return max([4000 + self.plan['sync_slow'] * 3] + [e + 6000 for e in ends])


class Subject:
    """One patient, or one empty bed between two patients."""

    def __init__(self):
        self.readings = {signal: [] for signal in SIGNALS}   # (measured, value, first arrival, its order)
        self.unknown = []
        self.late = []     # spans in which the daemon did not know all that was measured


def subjects_of(run):
    found = {}
    for read in run.reads:
        key = (read['gw'], read['epoch'], read['seq'])
        arrivals, order = run.arrivals.get(key), run.first.get(key)
        if arrivals is None:
            continue       # lost with its gateway: nobody ever knew
        known = run.known_at(arrivals)
        subject = found.setdefault(run.subject_at(read['bed'], read['ts']), Subject())
        if known is None:
            subject.late.append((read['ts'], run.end))
        elif known - read['ts'] > PROMPT:
            subject.late.append((read['ts'], known + SLACK))
        for signal in SIGNALS:
            if signal != 'temp' or read['temp'] > 0:
                subject.readings[signal].append((read['ts'], read[signal], arrivals[0], order))
    for rows in run.lies.values():     # at a move everything is asked, of what was known then
        for since, name in rows[1:]:
            if name in found:
                found[name].late.append((since - SETTLE, since + SETTLE))
    for subject in found.values():
        subject.unknown = list(subject.late)     # apart from the daemon's absence, which forgets nothing
        subject.late += [(begin - 6000, end + 6000) for begin, end, _ in run.down]
        subject.late += [(begin - 1000, end + 1000) for begin, end in run.disk]
        subject.late.sort()
    return found


class Told:
    """One alert as the daemon told it."""

    def __init__(self, run, changes):
        first = changes[0]
        self.rule, self.id = first['rule'], first['id']
        self.onset, self.raised = instant(first['onset']), instant(first['raised'])
        self.told_at = first['t'] + EPOCH
        self.stored, self.late = first['persisted'], first['late']
        self.subject = first['patient'] or run.subject_at(f'{first["ward"]}/{first["bed"]}', self.onset)
        self.ended = None
        for change in changes:
            if change['event'] == 'raised':
                self.ended = None      # again, in another ward
            if change['event'] in ('ended', 'closed') and self.ended is None:
                self.ended = instant(change['at'])
        self.moved = len({(c['ward'], c['bed']) for c in changes}) > 1

    def __repr__(self):
        return (f'{self.subject} {self.rule} {self.id} onset {self.onset - EPOCH} raised {self.raised - EPOCH}'
                f' ended {self.ended and self.ended - EPOCH}')


def touches(spans, begin, end):
    return [s for s in spans if s[0] <= end and s[1] >= begin]


def settled_at(spans, begin, end):
    """When all that happened in between was known."""
    while touches(spans, begin, end):
        last = max(s[1] for s in touches(spans, begin, end))
        if last <= end:
            break
        end = last
    return end


class Judge:
    def __init__(self, run):
        self.run = run
        self.subjects = subjects_of(run)
        self.told = {}
        for changes in run.alerts.values():
            if changes[0]['rule'] in RULES:
                t = Told(run, changes)
                self.told.setdefault((t.subject, t.rule), []).append(t)

    def rules(self):
        for name, subject in self.subjects.items():
            over = self.over(name)
            for rule, row in RULES.items():
                machine = Machine(rule, subject.readings[row[0]])
                found = machine.run(min(self.run.end, over))
                told = self.told.get((name, rule), [])
                for o in found:
                    self.must_be_told(name, rule, o, told, subject, over)
                for t in told:
                    if t.raised < over - SLACK:     # later: the discharge had not come yet
                        self.must_have_cause(t, found, subject)

    def over(self, name):
        """When the stay was over."""
        last = self.run.end
        for bed, rows in self.run.lies.items():
            for i, (_, subject) in enumerate(rows):
                if subject == name:
                    here = rows[i + 1][0] if i + 1 < len(rows) else self.run.end
                    elsewhere = any(s == name and since == here for b, r in self.run.lies.items()
                                    if b != bed for since, s in r)
                    last = here if not elsewhere else last
        return last

    def must_be_told(self, name, rule, o, told, subject, over):
        span = max(s for s in RULES[rule][5] if s < 3_600_000) if min(RULES[rule][5]) < 3_600_000 else 120_000
        begin, end = o.onset - span - SETTLE, o.raised + SLACK
        if end + SLACK > min(self.run.end, over):
            return
        if not touches(subject.late, begin, end):
            match = [t for t in told if as_begun(o, t)]
            if not match and [t for t in told if t.raised < o.raised <= (t.ended or over)]:
                return    # it was open still, for what had come late before
            if not match:
                self.run.fault(f'missed: {name} {rule} {o}; told {told}')
                return
            self.same(o, match[-1], subject, span, over)
            return
        if RULES[rule][2] > 0 and not touches(subject.unknown + self.run.disk, begin, end) and \
                not [t for t in told if as_begun(o, t) or t.raised < o.raised <= (t.ended or over)]:
            self.run.fault(f'a span was forgotten: {name} {rule} {o}; told {told}')
            return
        known = settled_at(subject.late, begin, end) + 2000
        by = known + RULES[rule][2] + self.run.plan['period'] * 2   # a late one may begin the span anew
        rows = subject.readings[RULES[rule][0]]
        holds = RULES[rule][1](rows, [r[0] for r in rows], by) == TRUE
        if holds and (o.ended or over) > by and by < min(self.run.end, over) and not [
                t for t in told if t.raised <= by and (t.ended or over) >= known]:
            self.run.fault(f'missed: {name} {rule} {o}; all was known at {known - EPOCH}; told {told}')

    def same(self, o, t, subject, span, over):
        if not o.raised - 2 <= t.raised <= o.raised + SLACK + self.run.plan['broker_slow']:
            self.run.fault(f'raised at {t.raised - EPOCH}, not {o.raised - EPOCH}: {t}')
        end = (o.ended or over) + SLACK
        if touches(subject.late, o.onset, end) or t.moved:
            return
        if o.ended is not None and end + SLACK < min(self.run.end, over) and not (
                t.ended and o.ended - 2 <= t.ended <= o.ended + SLACK + self.run.plan['broker_slow']):
            self.run.fault(f'ended at {t.ended and t.ended - EPOCH}, not {o.ended - EPOCH}: {t}')
        if o.ended is None and t.ended and t.ended < min(over, self.run.end) - SLACK:
            self.run.fault(f'ended, and still holds: {t}')

    def must_have_cause(self, t, found, subject):
        signal, when = RULES[t.rule][0], RULES[t.rule][1]
        if any(as_begun(o, t) for o in found) or self.before_the_newest(t, signal, when, subject):
            return
        if t.stored and not touches(subject.late, t.onset - 330_000, t.raised + SLACK):
            self.run.fault(f'without cause: {t}; the oracle has {found}')
            return
        if any(how == 'cut' and t.onset - 330_000 <= begin <= t.told_at for begin, _, how in self.run.down):
            return     # who knows what of it the disk had kept
        if self.in_part(t, RULES[t.rule], subject):
            return
        self.run.fault(f'without cause in what was known: {t}')

    @staticmethod
    def before_the_newest(t, signal, when, subject):
        """A window was asked by time alone, and it was so, while the newest reading was on its way."""
        rows = [r for r in subject.readings[signal] if r[0] <= t.onset]
        return bool(rows) and t.onset - rows[-1][0] <= SLACK and \
            t.rule in ('MEAN', 'LEAST', 'MOST') and when(rows[:-1], [r[0] for r in rows[:-1]], t.onset) == TRUE

    @staticmethod
    def in_part(t, rule, subject):
        """Whether it was true at some moment while messages came in: in the order of arrival, but what was
        older than two minutes behind what was not. Asked as of the onset, of now, or of when the bed was asked last,
        which another signal or a timer may have done: somewhere before a value left its window."""
        signal, when, spans = rule[0], rule[1], rule[5]
        rows = [r for r in subject.readings[signal]
                if r[2] <= t.told_at + SLACK and t.onset - 330_000 <= r[0] <= t.raised + SLACK]
        rows.sort(key=lambda r: r[3])
        lanes = [[r for r in rows if r[2] - r[0] <= BACKLOG], [r for r in rows if r[2] - r[0] > BACKLOG]]
        for live in range(len(lanes[0]) + 1):
            for behind in range(len(lanes[1]) + 1):
                known = sorted(lanes[0][:live] + lanes[1][:behind])
                times = [r[0] for r in known]
                leave = [at + span for at in times for span in spans if t.onset < at + span < t.raised]
                # What is older than the longest span before the newest reading has left the window, and a
                # late reading is judged by what is still there.
                for gone in range(len(known) if t.late else 1):
                    if any(when(known[gone:], times[gone:], at) == TRUE for at in (t.onset, t.raised, *leave)):
                        return True
        return False


def as_begun(o, t):
    """They began with the same; a window may have been asked by time alone while the reading was on its way."""
    windows = t.rule in ('MEAN', 'LEAST', 'MOST')
    return t.onset == o.onset or windows and o.onset < t.onset <= o.onset + SLACK


def judge(lines):
    """The faults of a run, as sentences."""
    run = Run(lines)
    judge_ = Judge(run)
    if not run.plan.get('steps'):      # a clock that is set moves stamps and what is late
        judge_.rules()
        Steps(run).look()
    return run.faults
