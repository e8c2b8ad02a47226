# SPDX-License-Identifier: Apache-2.0
"""The books of a long run: which numbers the simulator's ledger says were published, against which the store holds. Like
ledger.py, but numbers only, a bit each, so that hundreds of millions fit."""
import collections
import re

import stored

KEY = re.compile(rb'"gateway":"([^"]*)","epoch":"([^"]*)","seq":(\d+)')


class Bits:
    def __init__(self):
        self.bits = bytearray()

    def put(self, number):
        """Whether it was there already."""
        at, bit = number >> 3, 1 << (number & 7)
        if at >= len(self.bits):
            self.bits.extend(bytes(max(1024, at + 1 - len(self.bits))))
        was = bool(self.bits[at] & bit)
        self.bits[at] |= bit
        return was

    def number(self):
        return int.from_bytes(self.bits, "little")


def published(path):
    found = collections.defaultdict(Bits)
    with open(path, "rb") as file:
        for line in file:
            match = KEY.search(line)
            assert match, line[:200]
            gateway, epoch, seq = match.groups()
            found[gateway.decode(), epoch.decode()].put(int(seq))
    return found


def held(path):
    """The same of the store, and how many are there more than once."""
    db, found, doubled = stored.open_store(path), collections.defaultdict(Bits), 0
    for table in ("message", "admission", "quarantine"):
        for gateway, epoch, seq in db.execute(f"SELECT e.gateway, e.epoch, t.seq FROM {table} t JOIN epoch e ON e.id = t.epoch"
                                              " WHERE t.seq > 0"):
            doubled += found[gateway, epoch].put(seq)
    return found, doubled


def balance(ledger, store):
    """(lost, doubled, a sentence)."""
    sent, (kept, doubled) = published(ledger), held(store)
    lost = strange = total = 0
    for key in set(sent) | set(kept):
        ours, theirs = sent[key].number(), kept[key].number()
        lost += (ours & ~theirs).bit_count()
        strange += (theirs & ~ours).bit_count()
        total += ours.bit_count()
    return lost, doubled, (f"{total} messages published in {len(sent)} epochs: {lost} lost, {doubled} doubled, "
                           f"{strange} stored that the ledger does not have")
