# SPDX-License-Identifier: Apache-2.0
"""Messages that are not sealed, read without vigil: rows of `message_row`, and what lies in bundles, by what
daemon/shell/store_bundle.h says of their layout. `with_messages` makes a table `message` of both for a connection of a test,
as vigil's own connections have one."""
import struct

COLUMNS = "id, received, measured, place, subject, epoch, seq, hash, kind, count, previous, obs"
NUMBERS = (1, 4, 32, 128, 256, 512)  # flags that bring a number with them: time, value, pi, uln, lln, ice items
METHOD = 2


def wrapped(number):
    number &= (1 << 64) - 1
    return number - (1 << 64) if number >> 63 else number


class Cursor:
    def __init__(self, blob, at=0):
        self.blob, self.at = blob, at

    def byte(self):
        self.at += 1
        return self.blob[self.at - 1]

    def varint(self):
        number = shift = 0
        while True:
            byte = self.byte()
            number |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return number

    def signed(self):
        number = self.varint()
        return ~(number >> 1) if number & 1 else number >> 1


def varint(number):
    out = bytearray()
    while number >= 128:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def signed(number):
    return varint((~number << 1 | 1) if number < 0 else number << 1)


def shape(data):
    """Looks of each reading (bytes before its mantissa, flags, the method's byte), and the numbers."""
    looks = []
    for _ in range(data.varint()):
        begin = data.at
        data.byte()
        flags = data.varint()
        data.byte(), data.byte()
        head = bytes(data.blob[begin:data.at])
        looks.append((head, flags, bytes([data.byte()]) if flags & METHOD else b""))
    count = sum(1 + sum(1 for bit in NUMBERS if flags & bit) for _, flags, _ in looks)
    return looks, [data.signed() for _ in range(count)]


def obs(looks, numbers):
    """As store_obs.h packs the readings of a message."""
    out, left = [b"\x01", varint(len(looks))], iter(numbers)
    for head, flags, method in looks:
        out += [head, signed(next(left))]
        if flags & 1:
            out.append(signed(next(left)))
        out.append(method)
        out += [signed(next(left)) for bit in NUMBERS[1:] if flags & bit]
    assert next(left, None) is None, "numbers left over"
    return b"".join(out) + b"\x00"


def hashed(seed, data):
    """vg_hash of daemon/core/base.c."""
    mask = (1 << 64) - 1
    h = seed ^ 0xcbf29ce484222325
    for byte in data:
        h = (h ^ byte) * 0x100000001b3 & mask
    for _ in range(2):
        h = (h ^ h >> 32) * 0xd6e8feb86659fd93 & mask
    return h ^ h >> 32


def chained(parts):
    seed = 0
    for part in parts:
        seed = hashed(seed, part)
    return seed


def messages(first, blob, whole=True):
    """Rows as of `message_row`; without obs, and without a look at the check, unless whole."""
    data = Cursor(blob)
    layout, shapes, low, high = (data.byte() for _ in range(4))
    assert layout in (1, 2), "another layout"
    data.at += 4
    received, lag, place, subject, epoch, seq, stride = (data.signed() for _ in range(7))
    head, looks_at, told = blob[:4] + blob[8:data.at], [], []
    for n in range(shapes):
        looks_at.append(data.at)
        shape(data)
    looks_at.append(data.at)
    shapes = [shape(Cursor(blob, at)) for at in looks_at[:-1]]
    for n in range(low + 256 * high):
        begin = data.at
        end = data.varint()
        end += data.at
        told.append(blob[begin:end])
        mark = data.byte()
        looks, base = shapes[mark & 31]
        at = wrapped(received + data.signed())
        measured = wrapped(at + lag + data.signed())
        where, number = wrapped(place + data.signed()), wrapped(seq + data.signed())
        who = wrapped(where + subject + (0 if mark & 32 else data.signed()))
        origin = wrapped(epoch + (0 if mark & 64 else data.signed()))
        step = wrapped(stride + (0 if mark & 128 else data.signed()))
        short = layout == 2 and number != 0  # a numbered message's hash has four bytes
        hash_ = struct.unpack_from("<I" if short else "<q", blob, data.at)[0]
        data.at += 4 if short else 8
        numbers = [wrapped(b + data.signed()) for b in base]
        assert data.at == end, "bytes left over"
        yield (first + n, at, measured, where, who, origin, number, hash_, 0, len(looks), first + n - step,
               obs(looks, numbers) if whole else None)
    assert data.at == len(blob), "bytes left over"
    if whole:
        looks = chained(blob[a:b] for a, b in zip(looks_at, looks_at[1:]))
        check = hashed((looks + chained(told)) & (1 << 64) - 1, head) & 0xffffffff
        assert check == struct.unpack_from("<I", blob, 4)[0], "the check of a bundle is wrong"


def with_messages(db, whole=True):
    """`db` with a table `message`, as things stand now; a store of before bundles as it is. A message of a bundle that was sealed
    and removed is none any more, though the bundle is still there for others."""
    if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'bundle'").fetchone() is None:
        return db
    before = db.isolation_level
    db.isolation_level = None
    outer = db.in_transaction
    if not outer:
        db.execute("BEGIN")  # both tables of one moment
    db.execute("DROP TABLE IF EXISTS temp.message")
    db.execute(f"CREATE TEMP TABLE message({COLUMNS.replace('id', 'id INTEGER PRIMARY KEY', 1)})")
    db.execute("INSERT INTO temp.message SELECT * FROM message_row")
    removed = db.execute("SELECT value FROM meta WHERE key = 'removed'").fetchone()[0]
    for first, last, blob in db.execute("SELECT id, last, data FROM bundle ORDER BY id").fetchall():
        rows = list(messages(first, blob, whole))
        assert rows[-1][0] == last, "a bundle says where it ends, and ends elsewhere"
        db.executemany("INSERT INTO temp.message VALUES(?,?,?,?,?,?,?,?,?,?,?,?)", [r for r in rows if r[0] > removed])
    if not outer:
        db.execute("COMMIT")
    db.isolation_level = before
    return db


def as_rows(db):
    """Each message of a bundle becomes a row of `message_row`, as before there were bundles: so that a test can change what
    they say. Nobody else has the store open."""
    with_messages(db)
    db.execute("INSERT OR IGNORE INTO message_row SELECT * FROM temp.message")
    db.execute("DELETE FROM bundle")
    db.execute("DROP TABLE temp.message")
