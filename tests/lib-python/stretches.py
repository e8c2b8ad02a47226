# SPDX-License-Identifier: Apache-2.0
"""Reads a store without vigil: what is sealed and what is not, column by column, by what
daemon/shell/store_schema.c and store_block.c say of the layout. For tests that count."""
import sqlite3

import zstandard

from bundles import with_messages


class Bytes:
    def __init__(self, data):
        self.data, self.at = data, 0

    def byte(self):
        self.at += 1
        return self.data[self.at - 1]

    def varint(self):
        number = shift = 0
        while True:
            byte = self.byte()
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return number

    def signed(self):
        number = self.varint()
        return ~(number >> 1) if number & 1 else number >> 1

    def column(self, count):
        form, first, usual = self.byte(), self.signed(), self.signed()
        numbers = [first] if count else []
        rows = max(count - 1, 0)
        if form == 0:
            rests = [0] * rows
        elif form == 1:
            rests = [b - 256 if b > 127 else b for b in (self.byte() for _ in range(rows))]
        elif form == 2:
            low = [self.byte() for _ in range(rows)]
            high = [self.byte() for _ in range(rows)]
            rests = [int.from_bytes(bytes(p), "little", signed=True) for p in zip(low, high)]
        else:
            rests = [self.signed() for _ in range(rows)]
        for rest in rests:
            number = (numbers[-1] + usual + rest) & (1 << 64) - 1
            numbers.append(number - (1 << 64) if number >> 63 else number)
        return numbers


def unpack(blob):
    bytes_ = Bytes(zstandard.ZstdDecompressor().decompress(blob))
    assert bytes_.byte() == 1
    return bytes_


def times(blob):
    """Measured times and ids of a stretch's messages."""
    b = unpack(blob)
    count = b.varint()
    return b.column(count), b.column(count)


def block(blob):
    """The signal's number, how many readings, which message each is of, and their mantissas."""
    b = unpack(blob)
    signal, count, exponent = b.byte(), b.varint(), b.byte()
    for _ in range(b.varint()):
        for _ in range(4):
            b.byte()
        b.varint()
    message, _, _, mantissa = (b.column(count) for _ in range(4))
    return signal, exponent, message, mantissa


class Store:
    """What stands in the file at one moment."""

    def __init__(self, path):
        self.db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        self.db.execute("BEGIN")
        with_messages(self.db)
        self.meta = dict(self.db.execute("SELECT key, value FROM meta"))

    def hot(self):
        """(id, place, kind, count) of rows that count."""
        m = self.meta
        return [r for r in self.db.execute("SELECT id, place, kind, count FROM message ORDER BY id")
                if r[2] != 0 or (r[0] > m["sealed"] and not (
                    r[0] <= m["sealing"] and r[1] <= m["sealing_place"]))]

    def chained(self):
        """Ids that are found by way of segments, as often as they are found."""
        previous = dict(self.db.execute("SELECT id, previous FROM message"))
        found = []
        for first, last in self.db.execute("SELECT first, last FROM segment"):
            at = last
            while at >= first and at > 0:
                found.append(at)
                at = previous[at]
        return sorted(found)

    def sealed(self):
        """(ids, readings) of each stretch, all its blocks unpacked."""
        for key, readings, blob in self.db.execute("SELECT id, readings, times FROM stretch"):
            measured, ids = times(blob)
            counted = 0
            for row, said, data in self.db.execute(
                    "SELECT id, readings, data FROM block WHERE id >= ? AND id < ?",
                    (key * 128, key * 128 + 128)):
                signal, _, message, mantissa = block(data)
                assert signal == row % 128 and said == len(mantissa) == len(message)
                assert all(0 <= m < len(ids) for m in message)
                counted += said
            assert counted == readings and len(measured) == len(ids)
            yield ids, readings

    def check(self):
        """How many messages and readings there are, each message counted exactly once."""
        assert self.db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        hot, ids, readings = self.hot(), [], 0
        for some, count in self.sealed():
            ids += some
            readings += count
        readings += sum(r[3] for r in hot)
        ids = sorted(ids + [r[0] for r in hot])
        assert ids == list(range(1, len(ids) + 1)), "a message is missing or there twice"
        chained = self.chained()
        in_chains = set(chained)
        assert chained == [r[0] for r in hot if r[0] in in_chains or r[0] <= self.meta["tail"]], "a chain is broken"
        return len(ids), readings
