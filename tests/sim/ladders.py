# SPDX-License-Identifier: Apache-2.0
"""The oracle's ladders: from the changes of each alert it works out when the next step is due, whom it
calls, and that it is never early, never late but for a stated outage, and called for."""
from oracle import EPOCH, LADDERS, instant

SLACK = 700
LATE = 6000       # a page: from the step to the broker

ACKNOWLEDGED = 600_000   # critical: so long is whoever acknowledged not called again


class Steps:
    def __init__(self, run):
        self.run = run
        self.out = sorted([(begin - 3000, end + 12000) for begin, end, _ in run.down] +
                          [(begin - 1000, end + 12000) for begin, end in run.away] +
                          [(at - 1000, at + 12000) for at in run.lost] +
                          [(begin - 1000, end + 3000) for begin, end in run.disk])

    def disturbed(self, begin, end):
        return any(b <= end and e >= begin for b, e in self.out)

    def fault(self, change, text):
        self.run.fault(f'ladder: {change["id"]} {change["rule"]} rev {change["rev"]}: {text}')

    def look(self):
        for id_, changes in self.run.alerts.items():
            if not all(c['persisted'] for c in changes):
                continue
            for i, change in enumerate(changes):
                after = changes[i + 1] if i + 1 < len(changes) else None
                self.deadline(change)
                if not change['held']:     # shelved: the ladder waits until that ends
                    self.due(change, after)
                if change['event'] in ('raised', 'offered') and change['severity'] == 'critical':
                    seen = [c for c in changes[:i] if c['event'] == 'acknowledged' and
                            c['t'] >= change['t'] - ACKNOWLEDGED]
                    self.called(id_, change, changes[i + 1:], len(seen))

    def step_of(self, change):
        """(roles, wait) of the step it stands on."""
        ladder = LADDERS.get(change['ladder'])
        if ladder is None:
            return None
        return ladder[-1] if change['state'] == 'exhausted' else ladder[min(change['step'], len(ladder) - 1)]

    def deadline(self, change):
        """What the step's wait makes of the instant at which it began."""
        step = self.step_of(change)
        if change['event'] not in ('raised', 'offered') or step is None or \
                change['state'] not in ('offered', 'exhausted'):
            return
        at, by = instant(change['at']), instant(change['by'])
        if by is None or by - at > step[1] or by <= at:
            self.fault(change, f'the deadline is {by and by - at} ms after the step, its wait is {step[1]}')
        elif by - at != step[1] and not self.disturbed(at - step[1], at):
            self.fault(change, f'the deadline is {by - at} ms after the step, its wait is {step[1]}')

    def due(self, change, after):
        """What comes behind a step's deadline: the next step, and not before."""
        by = instant(change['by'])
        if change['state'] not in ('offered', 'exhausted') or by is None:
            return
        at = instant(after['at']) if after else self.run.end
        told = after['t'] + EPOCH if after else self.run.end
        limit = by
        for begin, end in self.out:      # an outage puts it off until its end
            limit = max(limit, end) if begin <= limit + SLACK else limit
        if at > limit + SLACK:
            self.fault(change, f'nothing came of the deadline {by - EPOCH}; next at {at - EPOCH}')
        if after is None or after['event'] != 'offered' or at >= by - 2:
            return
        # Early: everybody of the step has rejected, or no way led to them.
        earlier = change['event'] == 'rejected' or self.disturbed(at - 12000, at)
        if not earlier:
            self.fault(after, f'offered at {at - EPOCH}, and {by - EPOCH} was the deadline (told {told - EPOCH})')

    def called(self, id_, change, later, seen):
        """Each role of the step got its page, unless something newer took its place."""
        step = self.step_of(change)
        at = change['t'] + EPOCH
        if step is None or change['state'] not in ('offered', 'exhausted') or at + LATE > self.run.end or \
                self.disturbed(at - 2000, at + LATE):
            return
        # Behind an outage the broker hears of changes long after they were made.
        if any(min(c['t'] + EPOCH, instant(c['at'])) < at + LATE for c in later):
            return
        begun = min(at, instant(change['at']))
        got = {role for t, role in self.run.pages.get(id_, []) if begun - 1000 <= t <= at + LATE}
        if len(set(step[0]) - got) > seen:
            self.fault(change, f'{sorted(set(step[0]) - got)} got no page')

