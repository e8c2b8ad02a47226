# SPDX-License-Identifier: Apache-2.0
"""Random edits, removals and re-orderings of the audit trail of a real daemon's store: `vigil audit verify` finds each,
those that are worked out over the whole chain by the head that was published. VIGIL_AUDIT_EDITS says how many (150);
`make audit-edits` makes 10,000."""
import collections
import hashlib
import json
import os
import signal
import sqlite3
import struct
import subprocess

from place import BUILD, Place, now_ms, run, seed, temp, until, vitals

EDITS = int(os.environ.get("VIGIL_AUDIT_EDITS", "150"))
rng = seed()
COLUMNS = ("at", "kind", "subject", "body")


def a_ward_at_work(place):
    """Alerts, calls, deliveries, commands, a pause; and a head from the middle of it, as a heartbeat carries it."""
    client, count = place.client("gw-1", "vigil/v1/wards/onc-7/#", "vigil/v1/nodes/#"), 12
    for bed in range(1, count + 1):
        client.publish(f"vigil/v1/beds/onc-7/{bed}/vitals", vitals(bed, temp(38.6)))
    raised = until(lambda: (e := client.events("FEVER") or client.events()) and len({a["id"] for a in e}) >= count and e,
                   what="the alerts")
    head = until(lambda: [b["audit"] for b in client.messages("/heartbeat") if b["audit"]["count"] >= count], what="a head")[-1]
    for n, alert in enumerate(list({a["id"]: a for a in raised}.values())):
        for do, more in (("acknowledge", {}), ("note", {"text": "seen"}), ("accept", {})):
            client.publish("vigil/v1/wards/onc-7/commands/cli-1", {"id": f"{do}{n}", "by": "nurse:li", "do": do,
                                                                   "alert": alert["id"], "rev": alert["rev"], "ts": now_ms(), **more})
    until(lambda: len(client.messages("/results/cli-1")) >= 3 * count, what="the answers")
    place.daemon.signal(signal.SIGTERM)
    return head


def link(before, row):
    """The hash of a row (daemon/shell/audit_hash.h), worked out here by other means."""
    number, at, kind, subject, body = row[:5]
    digest = hashlib.sha256(before + struct.pack(">qq", number, at))
    for text in (kind, subject, body):
        digest.update(struct.pack(">q", len(text.encode())) + text.encode())
    return digest.digest()


def chained(rows, start=0):
    """The rows with hashes that follow from each other, from that one on: an edit by somebody who knows how."""
    out = list(rows[:start])
    before = bytes.fromhex(out[-1][5]) if out else bytes(32)
    for n, row in enumerate(rows[start:], start + 1):
        before = link(before, (n, *row[1:5]))
        out.append((n, *row[1:5], before.hex()))
    return out


def other(value):
    if isinstance(value, int):
        return value + rng.choice((-1, 1, 1000, -3_600_000))
    text, at = list(value), rng.randrange(len(value))
    how = rng.randrange(3)
    if how == 0:
        text[at] = rng.choice([c for c in "0123456789abcdefghijklmnopqrstuvwxyz\u00e4" if c != text[at]])
    elif how == 1:
        del text[at]
    else:
        text.insert(at, rng.choice("0a {\u0000"))
    return "".join(text)


# ---- The kinds of edit: from the rows to other rows.

def one_value(rows):
    at, column = rng.randrange(len(rows)), rng.randrange(1, 5)
    row = list(rows[at])
    row[column] = other(row[column])
    return rows[:at] + [tuple(row)] + rows[at + 1:], at


def a_hash(rows):
    at = rng.randrange(len(rows))
    return rows[:at] + [(*rows[at][:5], other(rows[at][5]))] + rows[at + 1:], at


def value_and_its_hash(rows):
    """The hash of that row is worked out anew, those after it are not."""
    changed, at = one_value(rows)
    return changed[:at] + [chained(changed, at)[at]] + changed[at + 1:], at


def removed(rows):
    at, count = rng.randrange(len(rows) - 1), rng.randint(1, 5)
    return rows[:at] + rows[min(at + count, len(rows) - 1):], at


def removed_and_renumbered(rows):
    at = rng.randrange(len(rows) - 1)
    return rows[:at] + [(r[0] - 1, *r[1:]) for r in rows[at + 1:]], at


def two_change_places(rows):
    a, b = sorted(rng.sample(range(len(rows)), 2))
    out = list(rows)
    out[a], out[b] = (rows[a][0], *rows[b][1:]), (rows[b][0], *rows[a][1:])
    return out, a


def moved(rows):
    a, b = rng.sample(range(len(rows)), 2)
    out = list(rows)
    out.insert(b, out.pop(a))
    return [(n, *r[1:]) for n, r in enumerate(out, 1)], min(a, b)


def put_in(rows):
    at = rng.randrange(len(rows))
    new = rng.choice(rows)
    return rows[:at] + [(at + 1, *new[1:])] + [(r[0] + 1, *r[1:]) for r in rows[at:]], at


def put_at_the_end(rows):
    return rows + [(len(rows) + 1, *rng.choice(rows)[1:])], len(rows)


def cut_at_the_end(rows):
    at = len(rows) - rng.randint(1, rng.choice((1, 3, len(rows))))
    return rows[:at], at


def worked_out(kind):
    """The same, and every hash after it made anew: only who kept a head sees that."""
    def both(rows):
        changed, at = kind(rows)
        return chained(changed, min(at, len(changed))), at
    both.__name__ = kind.__name__ + ", hashes made anew"
    return both


ALONE = [one_value, a_hash, value_and_its_hash, removed, removed_and_renumbered, two_change_places, moved, put_in, put_at_the_end]
WITH_HEAD = [cut_at_the_end] + [worked_out(k) for k in (one_value, removed_and_renumbered, two_change_places, moved, put_in)]


class Trail:
    def __init__(self, path):
        self.path = path
        self.db = sqlite3.connect(path, isolation_level=None)
        for name in ("audit_update", "audit_delete", "audit_insert"):
            self.db.execute(f"DROP TRIGGER {name}")
        self.db.execute("PRAGMA synchronous = OFF")
        self.rows = self.db.execute("SELECT id, at, kind, subject, body, hash FROM audit ORDER BY id").fetchall()
        self.there = list(self.rows)

    def put(self, rows):
        """Only what differs is written."""
        self.db.execute("BEGIN")
        wrong = set(self.there) - set(rows)
        self.db.executemany("DELETE FROM audit WHERE id = ?", [(r[0],) for r in wrong])
        self.db.executemany("INSERT INTO audit VALUES(?, ?, ?, ?, ?, ?)", sorted(set(rows) - set(self.there)))
        self.db.execute("COMMIT")
        self.there = list(rows)

    def verify(self, head=None):
        words = ["--head", head["hash"], "--count", str(head["count"])] if head else []
        done = subprocess.run([os.path.join(BUILD, "vigil"), "audit", "verify", "--store", self.path, "--json", *words],
                              capture_output=True, text=True, timeout=60)
        assert done.returncode in (0, 1) and not done.stderr, done
        said = json.loads(done.stdout)
        assert said["intact"] == (done.returncode == 0), done
        return said


def changed_by(kind, rows):
    """A turn that really changes something: two equal rows may change places without anybody's loss."""
    while True:
        out, at = kind(rows)
        if out != rows:
            return out, at


def test_every_edit_is_found():
    with Place() as place:
        middle = a_ward_at_work(place)
        trail = Trail(place.daemon.store)
        whole = trail.verify()
        assert whole["intact"] and whole["count"] == len(trail.rows) > 60, whole
        assert chained(trail.rows) == trail.rows, "this test works hashes out in another way"
        assert trail.rows[middle["count"] - 1][5] == middle["hash"], "a heartbeat's head is the trail's"
        head = {"hash": whole["head"], "count": whole["count"]}
        found = collections.Counter()
        for n in range(EDITS):
            kind = (ALONE + WITH_HEAD)[n % len(ALONE + WITH_HEAD)]
            rows, at = changed_by(kind, trail.rows)
            trail.put(rows)
            said = trail.verify()
            alone = not said["intact"]
            if alone and kind in (one_value, a_hash):
                assert said["row"] == at + 1, (kind.__name__, at + 1, said)
            if not alone:
                assert kind in WITH_HEAD or (kind is value_and_its_hash and at == len(trail.rows) - 1), (kind.__name__, at, n)
                assert not trail.verify(head)["intact"], (kind.__name__, at, n)
            found[kind.__name__, alone] += 1
        for kind in ALONE + WITH_HEAD:
            print(f"  {found[kind.__name__, True]:5d} found alone, {found[kind.__name__, False]:5d} by the head: {kind.__name__}")
        assert sum(found.values()) == EDITS
        trail.put(trail.rows)
        assert trail.verify(head)["intact"]
        what_nobody_can_find(trail, middle)


def what_nobody_can_find(trail, middle):
    """SECURITY.md says so: what comes after the last head that somebody kept, made anew by who knows how, and all of it
    if no head was kept. (Rows about alerts are held against the table of alerts as well.)"""
    late = [n for n, r in enumerate(trail.rows) if n >= middle["count"] and r[2] == "command"][-1]
    row = (*trail.rows[late][:4], trail.rows[late][4].replace("nurse:li", "nurse:wu"))
    edited = chained(trail.rows[:late] + [row] + trail.rows[late + 1:], late)
    added = chained(trail.rows + [(0, *row[1:])], len(trail.rows))
    for rows in (edited, added):
        assert rows != trail.rows
        trail.put(rows)
        assert trail.verify(middle)["intact"], "SECURITY.md says that this cannot be found"
    trail.put(trail.rows)


run([test_every_edit_is_found])
