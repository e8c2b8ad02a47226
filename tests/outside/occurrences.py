# SPDX-License-Identifier: Apache-2.0
"""Occurrences of rules in two runs of the same values in different order, each difference explained or told.

The same rule with the same onset is the same occurrence, marked late or not. One that only one order has is
explained by
  merged    when its value came, or at its onset, an alert of the rule (or of a higher one of its family) stood already
  behind    its value came when a newer one of the message's kind was known: not paged (Clinical reference 0.3)
  partial   something measured before it was raised came only afterwards: it was raised on a part, as it must be, for
            nobody had seen the value yet (0.3: late and still the newest, treated as live)
Whatever is left is told with rule and onset."""
import collections
import json

FAMILY = {"NEWS2_SINGLE3": ("NEWS2_5", "NEWS2_7"), "NEWS2_5": ("NEWS2_7",), "TACHYPNOEA": ("VITAL_EXTREME",),
          "BRADYPNOEA": ("VITAL_EXTREME",), "HYPOXIA": ("HYPOXIA_SEVERE",)}
FOREVER = 1 << 60
NEAR = 1000  # ms: what was measured together came in several messages, a millisecond apart
WANTED = ('"event":"raised"', '"event":"relapsed"', '"event":"ended"', '"event":"closed"')


class Run:
    """What one order raised: by id, with the spans in which it stood."""

    def __init__(self, output, moment):
        self.alerts = {}
        for text in output.splitlines():
            if any(event in text for event in WANTED):
                self.take(json.loads(text), moment)

    def take(self, line, moment):
        alert, at = line["alert"], moment(line["at"])
        if alert["event"] == "raised":
            self.alerts[alert["id"]] = {"rule": alert["rule"], "onset": moment(alert["onset"]), "at": at,
                                        "late": alert["late"], "end": FOREVER}
        elif alert["event"] == "relapsed":
            self.alerts[alert["id"]]["end"] = FOREVER
        elif self.alerts[alert["id"]]["end"] == FOREVER:
            self.alerts[alert["id"]]["end"] = at

    def stood(self, rule, begin, end):
        rules = (rule, *FAMILY.get(rule, ()))
        return any(a["rule"] in rules and a["at"] <= end + NEAR and a["end"] >= begin - NEAR
                   for a in self.alerts.values())


def explain(only, other, messages):
    """Why `other` has no occurrence `only`. `messages`: (received, measured) in the order of `other`."""
    onset = only["onset"]
    came = [received for received, measured in messages if abs(measured - onset) <= NEAR]
    first, last = (min(came), max(came)) if came else (onset, only["at"])
    if other.stood(only["rule"], first, last):
        return "merged"
    if any(received < last and measured > onset + NEAR for received, measured in messages):
        return "behind"
    return None


def is_partial(only, messages):
    """In the order that raised it, something measured before it was raised came only afterwards."""
    return any(received > only["at"] and measured <= only["at"] for received, measured in messages)


def has(run, alert):
    """The same occurrence."""
    return any(a["rule"] == alert["rule"] and abs(a["onset"] - alert["onset"]) <= NEAR for a in run.alerts.values())


def compare(entered, measured, entered_messages, but):
    """(reason -> rule -> count, what is not explained)."""
    reasons, left = collections.defaultdict(collections.Counter), []
    for alert in measured.alerts.values():
        if not has(entered, alert) and alert["rule"] not in but:
            why = explain(alert, entered, entered_messages)
            reasons[why][alert["rule"]] += 1
            left += [("measured", alert["rule"], alert["onset"])] if why is None else []
    for alert in entered.alerts.values():
        if not has(measured, alert) and alert["rule"] not in but:
            why = "merged" if measured.stood(alert["rule"], alert["onset"], alert["onset"]) else \
                "partial" if is_partial(alert, entered_messages) else None
            reasons[why][alert["rule"]] += 1
            left += [("entered", alert["rule"], alert["onset"])] if why is None else []
    return reasons, left
