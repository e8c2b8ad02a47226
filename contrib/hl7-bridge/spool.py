# SPDX-License-Identifier: Apache-2.0
"""Store and forward: what was taken from an HL7 sender and is not yet covered by vigil's committed mark,
the numbers, and which control ids are known. One SQLite file, written through to the disk before
anything is published. No record number is ever in it: messages come here as they go to vigil."""
import json
import secrets
import sqlite3
import threading
import time

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entry(id INTEGER PRIMARY KEY, sender TEXT NOT NULL, control TEXT NOT NULL,
 digest TEXT NOT NULL, at INTEGER NOT NULL, refused TEXT NOT NULL DEFAULT '', UNIQUE(sender, control, digest));
CREATE TABLE IF NOT EXISTS message(seq INTEGER PRIMARY KEY, entry INTEGER NOT NULL, topic TEXT NOT NULL,
 body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sent(seq INTEGER PRIMARY KEY, entry INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS message_entry ON message(entry);
CREATE INDEX IF NOT EXISTS entry_at ON entry(at);
"""


class Spool:
    """`changed` is notified whenever a message is covered or refused. All methods are for any thread."""

    def __init__(self, path, gateway, keep_days=30):
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.gateway, self.keep = gateway, keep_days * 86400
        # Exclusive: two bridges on one spool would use numbers twice.
        self.db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=2)
        self.db.execute("PRAGMA locking_mode=EXCLUSIVE")
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=FULL")
        self.db.execute("BEGIN EXCLUSIVE")
        self.db.execute("COMMIT")
        self.db.executescript(SCHEMA)
        with self.transaction():
            if self._get("epoch") is None:
                self._new_epoch()
        self.epoch, self.next = self._get("epoch"), self._get("next")

    def transaction(self):
        return Transaction(self)

    def _get(self, key):
        row = self.db.execute("SELECT value FROM meta WHERE key=?", (key,)).fetchone()
        return row and row[0]

    def _set(self, key, value):
        self.db.execute("INSERT INTO meta VALUES(?1, ?2) ON CONFLICT DO UPDATE SET value=?2", (key, value))

    def _new_epoch(self):
        self.epoch, self.next = secrets.token_hex(4), 1
        self._set("epoch", self.epoch)
        self._set("next", self.next)

    def _number(self, entry, topic, body):
        self.db.execute("INSERT INTO message VALUES(?,?,?,?)", (self.next, entry, topic, body))
        self.db.execute("INSERT INTO sent VALUES(?,?)", (self.next, entry))
        self.next += 1
        self._set("next", self.next)

    def add(self, sender, control, digest, plan):
        """Its entry; a message that is known gets the one it has, and is not numbered again."""
        with self.transaction():
            row = self.db.execute("SELECT id FROM entry WHERE sender=? AND control=? AND digest=?",
                                  (sender, control, digest)).fetchone()
            if row:
                return row[0], False
            entry = self.db.execute("INSERT INTO entry(sender, control, digest, at) VALUES(?,?,?,?)",
                                    (sender, control, digest, int(time.time()))).lastrowid
            for topic, body in plan:
                self._number(entry, topic, json.dumps(body))
            return entry, True

    def pending(self, entry=None):
        """[(seq, topic, payload)], in the order of their numbers."""
        with self.lock:
            rows = self.db.execute("SELECT seq, topic, body FROM message WHERE ?1 IS NULL OR entry=?1 ORDER BY seq",
                                   (entry,)).fetchall()
            number = {"gateway": self.gateway, "epoch": self.epoch}
            return [(seq, topic, json.dumps({**number, "seq": seq, **json.loads(body)}, sort_keys=True))
                    for seq, topic, body in rows]

    def oldest(self):
        """No number below this will be sent again."""
        with self.lock:
            return self.db.execute("SELECT min(seq) FROM message").fetchone()[0] or self.next

    def wait(self, entry, seconds):
        """Whether vigil's mark covers every message of the entry in time, and what vigil refused of it, or ''."""
        end = time.monotonic() + seconds
        with self.changed:
            while self.db.execute("SELECT 1 FROM message WHERE entry=? LIMIT 1", (entry,)).fetchone():
                left = end - time.monotonic()
                if left <= 0:
                    return False, ""
                self.changed.wait(left)
            row = self.db.execute("SELECT refused FROM entry WHERE id=?", (entry,)).fetchone()
            return True, row[0] if row else ""

    def covered(self, epoch, upto):
        """A mark came. False: it covers numbers that this spool never gave, so its counter went back."""
        with self.changed:
            if epoch != self.epoch:
                return True
            if upto >= self.next:
                return False
            with self.transaction():
                self.db.execute("DELETE FROM message WHERE seq<=?", (upto,))
                self.db.execute("DELETE FROM sent WHERE seq<=? AND entry IN (SELECT id FROM entry WHERE at<?)",
                                (upto, int(time.time()) - 3600))
                self.db.execute("DELETE FROM entry WHERE at<? AND id NOT IN (SELECT entry FROM message)",
                                (int(time.time()) - self.keep,))
            self.changed.notify_all()
            return True

    def refused(self, epoch, seq, text):
        """vigil has set the message aside, or an item of it."""
        with self.changed:
            if epoch == self.epoch:
                with self.transaction():
                    self.db.execute("UPDATE entry SET refused=substr(refused || ?, 1, 500)"
                                    " WHERE id=(SELECT entry FROM sent WHERE seq=?)", (text + "; ", seq))
                self.changed.notify_all()

    def begin_epoch(self):
        """The counter cannot be trusted (a copy of the disk came back): what is not covered gets new numbers."""
        with self.changed, self.transaction():
            rows = self.db.execute("SELECT entry, topic, body FROM message ORDER BY seq").fetchall()
            self.db.execute("DELETE FROM message")
            self.db.execute("DELETE FROM sent")
            self._new_epoch()
            for row in rows:
                self._number(*row)

    def close(self):
        with self.lock:
            self.db.close()


class Transaction:
    """All or nothing, also of the counter in memory; nested ones belong to the outer."""

    def __init__(self, spool):
        self.spool = spool

    def __enter__(self):
        self.spool.lock.acquire()
        self.outer = self.spool.db.in_transaction
        if not self.outer:
            try:
                self.spool.db.execute("BEGIN IMMEDIATE")
            except BaseException:
                self.spool.lock.release()
                raise

    def __exit__(self, kind, error, trace):
        try:
            if not self.outer:
                try:
                    self.spool.db.execute("ROLLBACK" if kind else "COMMIT")
                except sqlite3.Error:
                    if self.spool.db.in_transaction:
                        self.spool.db.execute("ROLLBACK")
                    raise
        finally:
            if not self.outer:
                self.spool.epoch = self.spool._get("epoch")
                self.spool.next = self.spool._get("next")
            self.spool.lock.release()
