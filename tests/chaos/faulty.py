# SPDX-License-Identifier: Apache-2.0
"""A daemon some of whose system calls fail or wait, switched on and off while it runs (faulty.c).

    faulty = Faulty(place)                  # before the daemon starts
    with faulty.on("sync", "v.db-wal", error=errno.EIO): …"""
import contextlib
import mmap
import os
import struct
import subprocess

from place import BUILD

FORMAT = struct.Struct("16s48siiqqqq")
ROWS = 8
HERE = os.path.dirname(os.path.abspath(__file__))


class Faulty:
    def __init__(self, place):
        self.table, shim = (os.path.join(place.folder, n) for n in ("faulty.table", "faulty.so"))
        subprocess.check_call(["cc", "-D_GNU_SOURCE", "-O1", "-shared", "-fPIC", "-o", shim, os.path.join(HERE, "faulty.c"), "-ldl"])
        with open(self.table, "wb") as file:
            file.write(bytes(FORMAT.size * ROWS))
        with open(self.table, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), 0)
        if "address" in BUILD:  # its runtime wants to be the first
            shim = subprocess.check_output(["cc", "-print-file-name=libasan.so"], text=True).strip() + ":" + shim
        plain = place.daemon.command
        place.daemon.command = lambda *more: ["env", f"FAULTY={self.table}", f"LD_PRELOAD={shim}", *plain(*more)]

    def put(self, row, call="", end="", error=0, wait_ms=0, skip=0, times=-1, start=0):
        at = FORMAT.size * row
        self.map[at:at + 16] = bytes(16)  # not in use while it changes
        self.map[at + 16:at + FORMAT.size] = FORMAT.pack(b"", end.encode(), error, wait_ms, skip, times, 0, start)[16:]
        self.map[at:at + 16] = call.encode().ljust(16, b"\0")

    def hits(self, row=0):
        return FORMAT.unpack_from(self.map, FORMAT.size * row)[6]

    @contextlib.contextmanager
    def on(self, call, end="", row=0, **more):
        """call: "write", "read", "sync", "cut", "thread"."""
        self.put(row, call, end, **more)
        try:
            yield self
        finally:
            self.put(row)
