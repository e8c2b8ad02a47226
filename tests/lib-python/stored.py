# SPDX-License-Identifier: Apache-2.0
"""A reader of the store that shares no code with the daemon: written from the description of the tables
(daemon/shell/store_schema.c), of bundles (store_bundle.h, bundles.py) and of the blob `obs` (store_obs.c). It needs a copy of the file or a reader's lock,
and nothing else of vigil."""
import collections
import sqlite3
from decimal import Decimal

from bundles import Cursor, with_messages

Reading = collections.namedtuple("Reading", "code value unit source method ts")
Entry = collections.namedtuple("Entry", "code value ts on flow fio2 product dose_id")
Message = collections.namedtuple("Message", "id gateway epoch seq ward bed kind ts patient episode readings entries")
KINDS = ("vitals", "labs", "assessment", "therapy")


class Bytes(Cursor):
    def text(self):
        length = self.varint()
        text = self.blob[self.at:self.at + length].decode()
        assert self.blob[self.at + length] == 0
        self.at += length + 1
        return text


def words(db):
    return {(kind, number): text for kind, number, text in db.execute("SELECT kind, number, text FROM word")}


def reading(data, word, ts):
    code = word["signal", data.byte()]
    flags = data.varint()
    packed = data.byte()
    unit, mantissa = word["unit", data.byte()], data.signed()
    at = ts + (data.signed() if flags & 1 else 0)
    method = word["method", data.byte() & 15] if flags & 2 else ""
    for bit in (4, 32, 128, 256, 512):  # value, pi, uln, lln, ice items
        if flags & bit:
            data.signed()
    return Reading(code, Decimal(mantissa).scaleb(-(packed & 31)), unit, word["source", packed >> 5], method, at)


def entry(data, word, ts):
    code, flags, value = word["signal", data.byte()], data.varint(), data.text()
    at = ts + (data.signed() if flags & 8 else 0)
    if flags & 16:
        data.signed()
    flow = data.signed() if flags & 32 else None
    fio2 = data.signed() if flags & 64 else None
    if flags & 128:
        data.signed()
    by, product, dose = (data.text() if flags & bit else "" for bit in (256, 512, 1024))
    del by
    return Entry(code, value, at, bool(flags & 1), flow, fio2, product, dose)


def messages(db):
    """Every stored message, oldest first."""
    word = words(db)
    for row in with_messages(db).execute(
            "SELECT m.id, e.gateway, e.epoch, m.seq, p.ward, p.bed, m.kind, m.measured, s.patient, s.episode, m.count, m.obs"
            " FROM message m JOIN epoch e ON e.id = m.epoch JOIN place p ON p.id = m.place"
            " JOIN subject s ON s.id = m.subject ORDER BY m.id"):
        data, ts = Bytes(row[11]), row[7]
        assert data.byte() == 1, "another layout"
        readings = [reading(data, word, ts) for _ in range(data.varint())]
        entries = [entry(data, word, ts) for _ in range(data.varint())]
        assert data.at == len(row[11]), "bytes left over"
        assert len(readings) == row[10], "count differs"
        yield Message(*row[:6], KINDS[row[6]], ts, row[8], row[9], readings, entries)


def numbers(db, table):
    """(gateway, epoch, seq) of each row of `admission` or `quarantine` that has a number."""
    return db.execute(f"SELECT e.gateway, e.epoch, t.seq FROM {table} t JOIN epoch e ON e.id = t.epoch"
                      " WHERE t.seq > 0").fetchall()


def open_store(path):
    return with_messages(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30))
