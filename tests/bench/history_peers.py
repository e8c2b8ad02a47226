# SPDX-License-Identifier: Apache-2.0
"""The same history in plain rows: SQLite in process, and PostgreSQL 15 where it is installed, a cluster
of its own in a folder, over a socket there. Each answers its name, bytes a reading, and ms by span."""
import glob
import os
import shutil
import sqlite3
import statistics
import subprocess
import time

T0 = 1768032000000
SIGNALS = 7
ROWS = ("CREATE TABLE r(bed INT, signal INT, ts BIGINT, value INT, PRIMARY KEY(bed, signal, ts))")


def sqlite_rows(folder, seconds, beds, spans):
    """Rows in the order of their key, integers: as good as such a table gets."""
    path = os.path.join(folder, "rows.db")
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA cache_size=-65536")
    db.execute(ROWS + " WITHOUT ROWID")
    for key in range(beds * SIGNALS):
        with db:
            db.execute("WITH RECURSIVE t(s) AS (SELECT 0 UNION ALL SELECT s + 1 FROM t WHERE s + 1 < ?1)"
                       " INSERT INTO r SELECT ?2, ?3, ?4 + s * 1000, 80 + (s * 7 + ?3) % 40 FROM t",
                       (seconds, key // SIGNALS, key % SIGNALS, T0))
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size = os.path.getsize(path) / (SIGNALS * beds * seconds)
    took, end = {}, T0 + seconds * 1000
    for name, span in spans.items():
        span, times = min(span, seconds), []
        for _ in range(5):
            begin = time.perf_counter()
            total, count = db.execute(
                "SELECT sum(value), count(*) FROM (SELECT value FROM r WHERE bed = 0 AND signal = 0 AND ts >= ?"
                " AND ts < ? ORDER BY ts)", (end - span * 1000, end)).fetchone()
            times.append((time.perf_counter() - begin) * 1000)
            assert count == span and total > 0
        took[name] = statistics.median(times)
    db.close()
    os.unlink(path)
    return "plain rows in SQLite, in process", size, took


def as_nobody(command, folder):
    """PostgreSQL refuses to run as root."""
    if os.geteuid() == 0:
        command = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *command]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder)


def postgres(folder, seconds, beds, spans):
    name = "PostgreSQL, over a socket, rows thrown away"
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    if not found or shutil.which("psql") is None:
        return name, None, "not installed"
    home = os.path.join(folder, "pg")
    data, tools = os.path.join(home, "data"), os.path.dirname(found[-1])
    os.makedirs(home)
    os.chmod(folder, 0o711)
    if os.geteuid() == 0:
        shutil.chown(home, "nobody", "nogroup")
    made = as_nobody([os.path.join(tools, "initdb"), "-D", data, "-U", "vigil", "-A", "trust"], home)
    if made.returncode != 0:
        return name, None, made.stderr.strip()[-200:]
    control = [os.path.join(tools, "pg_ctl"), "-D", data, "-w"]
    run = as_nobody([*control, "-l", os.path.join(home, "log"), "-o",
                     f"-c listen_addresses='' -c unix_socket_directories={home} -c shared_buffers=256MB"
                     " -c max_wal_size=4GB", "start"], home)
    if run.returncode != 0:
        return name, None, (run.stdout + run.stderr).strip()[-200:]
    try:
        return name, *asked_of_postgres(home, seconds, beds, spans)
    finally:
        as_nobody([*control, "-m", "immediate", "stop"], home)
        shutil.rmtree(home, ignore_errors=True)


def asked_of_postgres(home, seconds, beds, spans):
    def psql(sql):
        out = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-h", home, "-U", "vigil", "-d", "postgres"],
                             input=sql, capture_output=True, text=True)
        assert out.returncode == 0, out.stderr
        return out.stdout

    psql(ROWS)
    for key in range(beds * SIGNALS):
        bed, signal = divmod(key, SIGNALS)
        psql(f"INSERT INTO r SELECT {bed}, {signal}, {T0} + s * 1000, 80 + (s * 7 + {signal}) % 40"
             f" FROM generate_series(0::bigint, {seconds - 1}) s")
    psql("VACUUM ANALYZE r")
    size = int(psql("SELECT pg_total_relation_size('r')")) / (SIGNALS * beds * seconds)
    took, end = {}, T0 + seconds * 1000
    for name, span in spans.items():
        ask = (f"SELECT ts, value FROM r WHERE bed = 0 AND signal = 0 AND ts >= {end - min(span, seconds) * 1000}"
               f" AND ts < {end} ORDER BY ts;\n")
        out = psql("\\o /dev/null\n\\timing on\n" + ask * 5)
        took[name] = statistics.median(float(line.split()[1].replace(",", "."))
                                       for line in out.splitlines() if line.startswith("Time:"))
    return size, took
