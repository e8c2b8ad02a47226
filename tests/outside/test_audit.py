# SPDX-License-Identifier: Apache-2.0
"""The audit trail of a running daemon, checked from beside it and after it was tampered with."""
import json
import os
import signal
import sqlite3
import subprocess

from place import BUILD, Place, run, temp, until, vitals

VIGIL = os.path.join(BUILD, "vigil")


def audit(place, *words):
    done = subprocess.run([VIGIL, "audit", words[0], "--store", place.daemon.store, *words[1:]],
                          capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def alarm(place):
    gateway = place.client("gw")
    gateway.publish("vigil/v1/beds/onc-7/1/vitals", vitals(1, temp(38.6)))
    until(lambda: place.daemon.rows("SELECT count(*) FROM audit WHERE kind = 'alert'")[0][0] > 0, what="a row")


def tamper(place, *statements):
    db = sqlite3.connect(place.daemon.store, isolation_level=None)
    for statement in statements:
        db.execute(statement)
    db.close()


def test_a_running_daemons_trail_is_whole_and_goes_on_after_a_kill():
    with Place() as place:
        alarm(place)
        code, out, err = audit(place, "verify", "--json")
        assert code == 0, out + err
        first = json.loads(out)
        assert first["intact"] and first["count"] >= 1 and len(first["head"]) == 64
        code, out, _ = audit(place, "show")
        assert code == 0 and "FEVER" not in out and '"event":"raised"' in out, out
        place.daemon.signal(signal.SIGKILL)
        place.daemon.start()
        code, out, err = audit(place, "verify", "--count", str(first["count"]), "--head", first["head"])
        assert code == 0, out + err


def test_tampering_is_named():
    with Place() as place:
        alarm(place)
        place.daemon.signal(signal.SIGTERM)
        head = json.loads(audit(place, "verify", "--json")[1])
        try:
            tamper(place, "DELETE FROM audit")
            raise AssertionError("a slip of the hand was let through")
        except sqlite3.IntegrityError:
            pass
        for column, other in (("role", "'nobody'"), ("kind", "'end'"), ("rev", "rev + 1"), ("ward", "'w'"), ("alert", "'x'")):
            was = place.daemon.rows(f"SELECT {column} FROM page ORDER BY number LIMIT 1")[0][0]
            tamper(place, f"UPDATE page SET {column} = {other} WHERE number = 1")
            code, out, _ = audit(place, "verify")
            assert code == 1 and "the table page was edited" in out, (column, out)
            tamper(place, f"UPDATE page SET {column} = {was!r} WHERE number = 1")
            assert audit(place, "verify")[0] == 0
        tamper(place, "UPDATE alert_event SET json = replace(json, '38.6', '37.0')")
        code, out, _ = audit(place, "verify")
        assert code == 1 and "alert_event" in out, out
        tamper(place, "DROP TRIGGER audit_delete", "DELETE FROM audit", "DELETE FROM alert_event",
               "DELETE FROM alert", "DELETE FROM page")
        assert audit(place, "verify")[0] == 0  # nothing is left to contradict it: hence the head
        code, out, _ = audit(place, "verify", "--json", "--head", head["head"], "--count", str(head["count"]))
        assert code == 1 and json.loads(out)["row"] == 1, out


def test_exit_codes():
    with Place(start=False) as place:
        assert audit(place, "verify")[0] == 3
        open(place.daemon.store, "w").write("no database " * 100)
        assert audit(place, "verify")[0] == 3
        for words in (("verify", "--head", "zz"), ("verify", "--count", "-1"), ("show", "--since", "soon")):
            assert audit(place, *words)[0] == 2, words


run([test_a_running_daemons_trail_is_whole_and_goes_on_after_a_kill, test_tampering_is_named, test_exit_codes])
