# SPDX-License-Identifier: Apache-2.0
"""The end-to-end ledger: what gateways published (a line a message, as `vigil simulate --ledger` writes it) against what the
daemon's store holds. Shares no code with either.

    python3 tests/lib-python/ledger.py LEDGER STORE

A ledger of somebody else's gateway counts too, if it uses short names and canonical units. Everything must be confirmed before."""
import collections
import hashlib
import json
import sys
from datetime import datetime
from decimal import Decimal

import stored


def milliseconds(text):
    return round(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


def read(path):
    """(gateway, epoch, seq) to line. The same may stand there twice, and then says the same."""
    published = {}
    for text in open(path):
        line = json.loads(text)
        raw = text[text.index('"message":') + len('"message":'):-2].encode()
        assert line["bytes"] == len(raw) and line["sha256"] == hashlib.sha256(raw).hexdigest(), line
        message = line["message"]
        key = line["gateway"], line["epoch"], line["seq"]
        assert key == (message["gateway"], message["epoch"], message["seq"]), line
        assert published.setdefault(key, line) == line, f"two different messages are {key}"
    return published


def expected(line):
    """Readings and entries of a published message, as sorted tuples, by the message contract."""
    message, kind = line["message"], line["topic"].rsplit("/", 1)[1]
    usual = "continuous" if kind == "vitals" else "spot"
    readings, entries = [], []
    for item in message.get("obs", []):
        if item["code"] == "hx":
            continue  # the simulator's own mistake
        if "unit" in item:
            unit = "" if item["code"] == "ice" else item["unit"]  # a score: its unit says nothing, and is not kept
            readings.append((item["code"], Decimal(str(item["value"])), unit, item.get("source", usual), item.get("method", "")))
        else:
            value = "true" if item["value"] is True else item["value"]  # a seizure's
            entries.append((item["code"], value, item.get("on", True), item.get("product", "")))
    return sorted(readings), sorted(entries)


def compare(message, line):
    """One stored message with the one that was published."""
    parts = line["topic"].split("/")
    assert (message.ward, message.bed, message.kind) == (parts[3], parts[4], parts[5]), (message, line)
    assert message.ts == milliseconds(line["message"]["ts"]), (message, line)
    assert message.patient == line["message"]["patient"], f"another patient: {message} {line}"
    readings, entries = expected(line)
    got = sorted((r.code, r.value, r.unit, r.source, r.method) for r in message.readings)
    assert got == readings, (got, readings)
    assert sorted((e.code, e.value, e.on, e.product) for e in message.entries) == entries, (message.entries, entries)
    assert all(r.ts == message.ts for r in message.readings), message
    return len(readings)


def count(published, path):
    """The books: published = stored + set aside, once each."""
    db = stored.open_store(path)
    patients = dict(db.execute("SELECT id, patient FROM episode"))
    places = collections.Counter()
    readings = 0
    for message in stored.messages(db):
        key = message.gateway, message.epoch, message.seq
        places[key] += 1
        assert key in published, f"stored and never published: {key}"
        readings += compare(message, published[key])
        if message.episode:
            assert patients[message.episode] == message.patient, message
    stored_count = len(places)
    admissions, aside = stored.numbers(db, "admission"), stored.numbers(db, "quarantine")
    places.update(admissions)
    places.update(aside)
    missing = [key for key in published if key not in places]
    doubled = [key for key, n in places.items() if n != 1]
    assert not missing, f"{len(missing)} were published and are nowhere: {missing[:5]}"
    assert not doubled, f"{len(doubled)} are there more than once: {doubled[:5]}"
    assert set(places) == set(published), "something is there that nobody published"
    whole = set(aside)  # where the whole is set aside, an item's own fault is not written too
    slips = sum(any(o["code"] == "hx" for o in line["message"].get("obs", [])) for key, line in published.items()
                if key not in whole)
    wholes = sum("obz" in line["message"] for line in published.values())
    items = db.execute("SELECT count(*) FROM quarantine WHERE reason = 'code_unknown'").fetchone()[0]
    reasons = collections.Counter(r for r, in db.execute("SELECT reason FROM quarantine WHERE seq > 0"))
    assert reasons["field_missing"] == wholes and items == slips, (reasons, wholes, items, slips)
    sums = db.execute("SELECT sum(count) FROM message").fetchone()[0]
    assert sums == readings
    assert db.execute("SELECT count(*) FROM quarantine WHERE reason = 'seq_reused'").fetchone()[0] == 0
    two = db.execute("SELECT count(*) FROM alert WHERE rule = 'GATEWAY_CONFLICT'").fetchone()[0]
    return (f"published {len(published)} = stored {stored_count} + admissions {len(admissions)} + set aside {len(aside)} "
            f"({', '.join(f'{reason} {n}' for reason, n in reasons.most_common())}); "
            f"{readings} readings once each, {slips} refused items; {len({key[:2] for key in published})} epochs, "
            f"{two} taken for two senders")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    print(count(read(sys.argv[1]), sys.argv[2]))
