# SPDX-License-Identifier: Apache-2.0
"""Makes a screenshot small: a PNG of true colour becomes one with a palette of at most 64 colours. Standard library
only; good for screens (few colours, flat), not for photographs."""
import collections
import struct
import zlib


def chunks(data):
    at = 8
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        yield kind, data[at + 8:at + 8 + size]
        at += size + 12


def paeth(a, b, c):
    p = a + b - c
    pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
    return a if pa <= pb and pa <= pc else b if pb <= pc else c


def unfiltered(raw, width, height, bytes_):
    """Rows without their filters (PNG 9.2)."""
    before, size = bytearray(width * bytes_), width * bytes_
    for y in range(height):
        kind, row = raw[y * (size + 1)], bytearray(raw[y * (size + 1) + 1:(y + 1) * (size + 1)])
        for x in range(size if kind else 0):
            left = row[x - bytes_] if x >= bytes_ else 0
            up, corner = before[x], before[x - bytes_] if x >= bytes_ else 0
            row[x] = (row[x] + (left, up, (left + up) // 2, paeth(left, up, corner))[kind - 1]) & 255
        yield row
        before = row


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def shrink(path, colours=64):
    parts = collections.defaultdict(bytes)
    for kind, data in chunks(open(path, "rb").read()):
        parts[kind] += data
    width, height, depth, kind = struct.unpack(">IIBB", parts[b"IHDR"][:10])
    assert depth == 8 and kind in (2, 6), (depth, kind)
    bytes_ = 3 if kind == 2 else 4
    rows = [[bytes(row[x:x + 3]) for x in range(0, len(row), bytes_)]
            for row in unfiltered(zlib.decompress(parts[b"IDAT"]), width, height, bytes_)]
    count = collections.Counter(pixel for row in rows for pixel in row)
    palette = [colour for colour, _ in count.most_common(colours)]
    nearest = {colour: min(range(len(palette)), key=lambda i: sum((a - b) ** 2 for a, b in zip(palette[i], colour))) for colour in count}
    flat = b"".join(b"\0" + bytes(nearest[pixel] for pixel in row) for row in rows)
    with open(path, "wb") as out:
        out.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)) +
                  chunk(b"PLTE", b"".join(palette)) + chunk(b"IDAT", zlib.compress(flat, 9)) + chunk(b"IEND", b""))
