# SPDX-License-Identifier: Apache-2.0
"""Which sources are mutated, and which tests concern them: unit tests by name, tests from outside by file, quick ones first."""

# The sweeps are left out: they look for what a failure leaves behind, and are slow.
LADDER = ["pause", "storm", "carer", "carer_restart", "command_edges", "care_ladders", "care_edges", "care_steps", "commands", "calls", "care_life", "engine", "restore", "properties", "ties", "scenarios"]
RULE = ["engine", "rule_edges", "rule_known", "marks", "properties", "commands", "calls", "care_life", "restore", "ties", "schedule", "scenarios"]
STORE = ["batch", "store", "store_care", "store_ties", "store_read", "store_assessed", "store_sqlite", "store_audit", "store_seal"]
# From outside, with --deep for the first two: minutes a mutant that survives.
CASES = ["tests/outside/test_cases.py"]
INSIDE = ["vigil protocol test config/protocols/*.yaml"]  # the protocols' own tests
LADDERS = ["tests/outside/test_ladders.py"]
COMMIT = ["tests/outside/test_delivery.py", "tests/outside/test_gateways.py", "tests/outside/test_order.py",
          "tests/outside/test_troubles.py", "tests/outside/test_crash.py"]
TESTS = [
    # thresholds and hysteresis: hold and clear, counts of the last n, when to ask again
    ("daemon/core/rule.c", RULE, CASES),
    ("daemon/core/rule_late.c", ["rule_late", *RULE], CASES),
    ("daemon/core/rule_plan.c", RULE, CASES),
    ("daemon/core/rule_end.c", ["rule_end", "adopt", "adopt_back", *RULE], CASES),
    ("daemon/core/rule_count.c", ["rule_edges", "marks", *RULE], CASES),
    ("daemon/core/marks.c", ["marks", "engine", "rule_edges"], CASES),
    ("daemon/core/expr_predicate.c", ["expr", *RULE], CASES),
    # claims and ladders
    ("daemon/core/care.c", LADDER, LADDERS),
    ("daemon/core/care_people.c", LADDER, LADDERS),
    ("daemon/core/care_steps.c", LADDER, LADDERS),
    ("daemon/core/carer.c", LADDER, LADDERS),
    ("daemon/core/worse.c", LADDER, LADDERS),
    ("daemon/core/plan.c", LADDER, LADDERS),
    ("daemon/core/pause.c", LADDER, LADDERS),
    ("daemon/core/storm.c", LADDER, LADDERS),
    ("daemon/core/command.c", LADDER, LADDERS),
    ("daemon/core/command_acts.c", LADDER, LADDERS),
    # numbers, marks, the journal, the batch and its transaction
    ("daemon/core/sequence.c", ["sequence"], []),
    ("daemon/shell/inbox.c", ["inbox", "inbox_rest", "sweep_journal"], []),
    ("daemon/shell/journal.c", ["journal", "sweep_journal", "inbox"], []),
    ("daemon/shell/journal_recover.c", ["journal", "sweep_journal"], []),
    ("daemon/shell/batch.c", STORE, []),
    ("daemon/shell/batch_read.c", STORE, []),
    ("daemon/shell/store_sqlite.c", STORE, []),
    ("daemon/shell/store_write.c", STORE, []),
    ("daemon/shell/store_write_rows.c", STORE, []),
    ("daemon/shell/store_gather.c", ["store_gather", "store_gather_hand"], []),
    ("daemon/shell/app_commit.c", [], COMMIT),
    ("daemon/shell/app_gateways.c", [], COMMIT),
    ("daemon/shell/app_senders.c", [], COMMIT),
]

# source, what stands there, what is put there instead, the test that must notice.
FIXED = [
    # a threshold that holds at its limit; an unknown that would be a no; a hold shorter than asked for
    ("daemon/core/rule.c", "    if (vg_since(asking->at, state->onset) < rule->when.hold) {",
     "    if (vg_since(asking->at, state->onset) + 1000 < rule->when.hold) {", "tests/unit/test_rule_edges"),
    ("daemon/core/rule.c", "    if ((truth == VG_UNKNOWN && clear != VG_TRUE) || starved) {",
     "    if ((truth == VG_UNKNOWN && clear == VG_TRUE) || starved) {", "tests/unit/test_engine"),
    # a clock in the future, or a value of hours ago, ends an alert
    ("daemon/core/rule_end.c", "        return !vg_rule_ahead(asking, expr) && !vg_rule_back_filled(asking, expr) &&",
     "        return !vg_rule_back_filled(asking, expr) &&", "tests/unit/test_rule_end"),
    ("daemon/core/rule_end.c", "               vg_rule_fresh(asking, expr) && asking", "               asking", "tests/unit/test_rule_end"),
    # and so does one that comes behind newer ones
    ("daemon/core/rule_end.c", "    return came != 0 && (came & asking->front) == 0;", "    return false;", "tests/unit/test_rule_end"),
    # who has acknowledged hears nothing of what is worse; a ladder that passes a step over
    ("daemon/core/care_people.c", "        if (!stays) {", "        if (stays) {", "tests/unit/test_care_edges"),
    ("daemon/core/care_steps.c", "        alert->step++;", "        alert->step += 2;", "tests/unit/test_care_life"),
    # a number that counts as come before it has; an outbox row that is not written
    ("daemon/core/sequence.c", "    if (number == sequence->upto + 1) {", "    if (number >= sequence->upto + 1) {", "tests/unit/test_sequence"),
    ("daemon/shell/store_write_rows.c", "        status = vg_writer_run(writer, VG_SQL_OUTBOX, error);", "        status = VG_OK;",
     "tests/unit/test_store"),
]


def pieces(words, deep):
    """(source, tests), of those sources whose path holds one of the words."""
    for source, units, outside in TESTS:
        if not words or any(word in source for word in words):
            inside = INSIDE if units[:1] == ["engine"] else []
            yield source, ["tests/unit/test_" + name for name in units] + inside + (outside if deep or not units else [])
