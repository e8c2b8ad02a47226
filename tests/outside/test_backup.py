# SPDX-License-Identifier: Apache-2.0
"""Backups beside a daemon that writes, restored and damaged, with a full disk and killed in the
middle; and the store's own check, which finds what is not as it was written."""
import contextlib
import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import time

from place import BUILD, Place, Skip, run, seed, temp, until, vitals

DICE = seed()
SEALING = os.path.join(BUILD, "tests/outside/sealing")


def vigil(*args, store, **more):
    return subprocess.run([os.path.join(BUILD, "vigil"), *args, "--set", f"store.path={store}"],
                          capture_output=True, text=True, timeout=60, **more)


def counts(store):
    out = vigil("store", "stats", "--json", store=store)
    assert out.returncode == 0, out.stderr
    return json.loads(out.stdout)


def a_backup_beside_the_daemon_is_of_one_moment_and_whole():
    with Place() as place:
        client, copy = place.client("gw"), os.path.join(place.folder, "copy.db")
        sent = 0
        for _ in range(3):
            for _ in range(200):
                sent += 1
                client.publish("vigil/v1/beds/onc-7/1/vitals", vitals(sent, temp(37.1)), wait=False)
            before = place.daemon.rows("SELECT ifnull(max(id), 0) FROM message")[0][0]
            out = vigil("backup", copy, "--json", store=place.daemon.store)
            after = place.daemon.rows("SELECT ifnull(max(id), 0) FROM message")[0][0]
            assert out.returncode == 0, out.stderr
            assert before <= json.loads(out.stdout)["messages"] <= after
            assert os.stat(copy).st_mode & 0o777 == 0o600
            assert vigil("store", "check", store=copy).returncode == 0
            again = vigil("backup", copy, store=place.daemon.store)
            assert again.returncode == 3 and "there already" in again.stderr  # 1 would say: the store is not whole
            os.unlink(copy)
        until(lambda: place.daemon.rows("SELECT count(*) FROM message")[0][0] == sent,
              what="all messages")
        assert vigil("backup", copy, store=place.daemon.store).returncode == 0
        refused = vigil("restore", copy, "--replace", store=place.daemon.store)
        assert refused.returncode == 3 and "running vigild" in refused.stderr
        place.daemon.signal(signal.SIGTERM)
        refused = vigil("restore", copy, store=place.daemon.store)
        assert refused.returncode == 3 and "--replace" in refused.stderr
        whole = open(place.daemon.store, "rb").read()
        out = vigil("restore", copy, "--replace", store=place.daemon.store)
        assert out.returncode == 0, out.stderr
        aside = [n for n in os.listdir(place.folder) if n.startswith("v.db.before-")]
        assert open(os.path.join(place.folder, aside[0]), "rb").read() == whole
        place.daemon.start()
        client = place.client("gw2")
        client.publish("vigil/v1/beds/onc-7/1/vitals", vitals(sent + 1, temp(37.2)))
        until(lambda: place.daemon.rows("SELECT count(*) FROM message")[0][0] == sent + 1,
              what="a message after the restore")


def sealed_store(folder):
    """A store with stretches and rows, and nobody at it."""
    store = os.path.join(folder, "s.db")
    for name in os.listdir(folder):
        if name.startswith("s.db"):
            os.unlink(os.path.join(folder, name))
    open(store + "-wal", "w").close()
    writer = subprocess.Popen([SEALING, store, str(DICE.randrange(1 << 30))], stdout=subprocess.PIPE,
                              text=True)
    for _ in range(60):
        writer.stdout.readline()
    writer.kill()
    writer.stdout.close()
    writer.wait()
    subprocess.run([SEALING, store, "1", "finish"], check=True, timeout=20)
    return store


def damage_is_found_and_not_restored():
    with Place(start=False) as place:
        store = sealed_store(place.folder)
        assert counts(store)["sealed_readings"] > 500
        assert vigil("store", "check", store=store).returncode == 0
        for table, column, part in (("block", "data", "behind"), ("block", "data", "rest"), ("block", "sums", "head"),
                                    ("stretch", "times", "head"), ("stretch", "rest", "head"), ("message_row", "obs", "head"),
                                    ("bundle", "data", "behind"), ("bundle", "data", "rest")):
            bad = os.path.join(place.folder, "bad.db")
            shutil.copy(store, bad)
            with contextlib.closing(sqlite3.connect(bad)) as db, db:
                keys = db.execute(f"SELECT id, {column} FROM {table} ORDER BY id LIMIT 3").fetchall()
                key, blob = DICE.choice(keys)
                at = 0 if part == "head" else DICE.randrange(len(blob) * 2 // 3, len(blob))
                wrong = b"\xff" * (len(blob) - at) if part == "rest" else bytes([blob[at] ^ 0x55]) + blob[at + 1:]
                blob = blob[:at] + wrong
                db.execute(f"UPDATE {table} SET {column} = ? WHERE id = ?", (blob, key))
            out = vigil("store", "check", store=bad)
            assert out.returncode == 1 and "FAULT" in out.stdout, (table, column, out.stdout)
            out = vigil("restore", bad, store=os.path.join(place.folder, "new.db"))
            assert out.returncode == 1 and "not whole" in out.stderr, (table, column, out.stderr)
            assert not os.path.exists(os.path.join(place.folder, "new.db"))
            for left in ("", "-wal", "-shm"):  # one damage at a time
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(bad + left)


def what_is_no_store_is_refused_and_said_to_be_none():
    with Place(start=False) as place:
        whole = open(sealed_store(place.folder), "rb").read()
        new, file = os.path.join(place.folder, "new.db"), os.path.join(place.folder, "file.db")

        def holds(data):
            return lambda: open(file, "wb").write(data)

        for name, make, code, said in (("cut", holds(whole[:len(whole) // 2]), 1, "malformed"), ("its head only", holds(whole[:4096]), 1, "malformed"),
                                       ("noise", holds(bytes(DICE.randrange(256) for _ in range(9000))), 1, "not a database"),
                                       ("a text", holds(b"patients"), 1, "not a database"), ("empty", holds(b""), 1, ""),
                                       ("a pipe", lambda: os.mkfifo(file), 3, "is no file"), ("a folder", lambda: os.mkdir(file), 3, "is no file"),
                                       ("a device", lambda: os.symlink("/dev/zero", file), 3, "is no file"),
                                       ("a link", lambda: os.symlink("s.db", file), 3, 'symbolic link (to "s.db")'),
                                       ("nothing", lambda: None, 3, "no store")):
            make()
            for words, store in ((("restore", file), new), (("backup", new), file), (("store", "check"), file)):
                out = vigil(*words, store=store)
                assert out.returncode == code and said in out.stdout + out.stderr, (name, words, out)
                assert not os.path.exists(new), (name, words)
            left = {"file.db", "file.db-wal", "file.db-shm"} & set(os.listdir(place.folder))
            for path in (os.path.join(place.folder, n) for n in left):
                (os.rmdir if os.path.isdir(path) else os.unlink)(path)
        os.mkdir(os.path.join(place.folder, "real"))
        os.symlink("real", os.path.join(place.folder, "way"))
        out = vigil("backup", os.path.join(place.folder, "way/copy.db"), store=os.path.join(place.folder, "s.db"))
        assert out.returncode == 3 and 'way" is a symbolic link (to "real")' in out.stderr, out
        assert not os.listdir(os.path.join(place.folder, "real"))


def what_is_damaged_inside_is_a_fault_wherever_it_lies():
    with Place(start=False) as place:
        store, bad, found = sealed_store(place.folder), os.path.join(place.folder, "bad.db"), 0
        whole, pages = open(store, "rb").read(), range(4096, os.path.getsize(store), 4096)
        for page in pages:
            open(bad, "wb").write(whole[:page] + b"\xff" * 64 + whole[page + 64:])
            out = vigil("store", "check", store=bad)
            assert out.returncode in (0, 1), (page, out)
            found += out.returncode
            if out.returncode == 0:  # a page, or an end of one, that nobody uses: nothing is missing
                assert counts(bad) == counts(store), page
            for left in ("-wal", "-shm"):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(bad + left)
        print(f"  {found} of {len(pages)} pages")
        assert found > len(pages) // 2, "hardly any damage is found"


def a_full_disk_and_a_kill_leave_nothing_that_looks_like_a_backup():
    with Place(start=False) as place:
        store = sealed_store(place.folder)
        copy, size = os.path.join(place.folder, "copy.db"), os.path.getsize(store)

        def small():
            resource.setrlimit(resource.RLIMIT_FSIZE, (size // 2, size // 2))
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        out = vigil("backup", copy, store=store, preexec_fn=small)
        assert out.returncode == 3 and out.stderr, out
        assert not [n for n in os.listdir(place.folder) if n.startswith("copy.db")]
        for _ in range(10):
            process = subprocess.Popen([os.path.join(BUILD, "vigil"), "backup", copy, "--set",
                                        f"store.path={store}"], stdout=subprocess.DEVNULL)
            time.sleep(DICE.random() * 0.03)  # anywhere in it
            process.kill()
            process.wait()
            if os.path.exists(copy):  # it was quicker: then it is whole
                assert vigil("store", "check", store=copy).returncode == 0
                os.unlink(copy)
        assert vigil("backup", copy, store=store).returncode == 0
        assert counts(copy)["sealed_readings"] == counts(store)["sealed_readings"]


def what_root_makes_belongs_to_whose_the_store_is():
    """`sudo vigil restore`, with a vigild that has a user of its own: it must be able to open what it finds."""
    if os.getuid() != 0:
        raise Skip("not root")
    with Place(start=False) as place:
        copy, home = sealed_store(place.folder), os.path.join(place.folder, "home")
        os.mkdir(home, 0o700)
        os.chown(home, 12345, 12346)
        # Which store is said, or none is made: in the folder of whoever types it no daemon would look.
        tool = os.path.abspath(os.path.join(BUILD, "vigil"))
        out = subprocess.run([tool, "restore", copy], cwd=home, capture_output=True, text=True)
        assert out.returncode == 2 and "-c FILE" in out.stderr and not os.listdir(home), out
        store, owners = os.path.join(home, "v.db"), lambda: {(n, s.st_uid, s.st_gid) for n in os.listdir(home)
                                                             for s in [os.stat(os.path.join(home, n))]}
        for more in ((), ("--replace",)):
            out = vigil("restore", copy, *more, store=store)
            assert out.returncode == 0 and f'the store "{store}"' in out.stdout, out
            assert {o[1:] for o in owners()} == {(12345, 12346)}, owners()
        os.unlink(store + ".lock")
        assert vigil("store", "compact", "--hot", "10s", store=store).returncode == 0
        assert {o[1:] for o in owners()} == {(12345, 12346)}, owners()
        users = os.path.join(place.folder, "users")
        add = ("user", "add", "--role", "nurse", "--certificate", "--set", f"users={users}")
        assert vigil(*add, "li", store=store).returncode == 0
        assert (os.stat(users).st_uid, os.stat(users).st_mode & 0o777) == (12345, 0o600)
        os.chown(users, 0, 12346)
        os.chmod(users, 0o640)
        assert vigil(*add, "wu", store=store).returncode == 0
        assert vigil("user", "remove", "li", "--set", f"users={users}", store=store).returncode == 0
        now = os.stat(users)
        assert (now.st_uid, now.st_gid, now.st_mode & 0o777) == (0, 12346, 0o640), now


def what_is_set_goes_before_the_file_wherever_it_stands():
    """As with vigild: else `restore --set store.path=TRIAL -c FILE` would replace the ward's own store."""
    with Place(start=False) as place:
        copy, trial, ward = sealed_store(place.folder), *(os.path.join(place.folder, n) for n in ("trial.db", "ward.db"))
        with open(os.path.join(place.folder, "w.yaml"), "w") as file:
            file.write(f"store: {{path: {ward}}}\n")
        out = subprocess.run([os.path.join(BUILD, "vigil"), "restore", "--set", f"store.path={trial}", "-c", file.name, copy],
                             capture_output=True, text=True)
        assert out.returncode == 0 and os.path.exists(trial) and not os.path.exists(ward), out


def compacting_keeps_all_and_gives_room_back():
    with Place(start=False) as place:
        store = sealed_store(place.folder)
        before = counts(store)
        out = vigil("store", "compact", "--hot", "10s", store=store)
        assert out.returncode == 0, out.stderr
        after = counts(store)
        total = [c["hot_readings"] + c["sealed_readings"] for c in (before, after)]
        assert total[0] == total[1] and after["free_bytes"] == 0
        assert vigil("store", "check", store=store).returncode == 0


if __name__ == "__main__":
    run([a_backup_beside_the_daemon_is_of_one_moment_and_whole, damage_is_found_and_not_restored,
         what_is_no_store_is_refused_and_said_to_be_none, what_is_damaged_inside_is_a_fault_wherever_it_lies,
         a_full_disk_and_a_kill_leave_nothing_that_looks_like_a_backup,
         what_root_makes_belongs_to_whose_the_store_is,
         what_is_set_goes_before_the_file_wherever_it_stands, compacting_keeps_all_and_gives_room_back])
