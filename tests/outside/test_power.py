# SPDX-License-Identifier: Apache-2.0
"""The power is cut under a daemon at work: its store lies on a file system of its own (ext4 on a loop device), which is shut
down at a random moment without writing anything more. After the next mount every message that a mark covers is there,
once. And the same cut loses some where SQLite only says `synchronous=NORMAL`: else the test would show nothing.

Wants root and loop devices; says SKIP where they are not to be had. VIGIL_POWER_CUTS (5); `make power CUTS=200`."""
import fcntl
import gc
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import time

from crash_place import PATIENCE, CrashPlace
from place import BUILD, run, until

CUTS = int(os.environ.get("VIGIL_POWER_CUTS", "5"))
SEED = int(os.environ.get("VIGIL_SEED", random.randrange(1 << 30)))
SHUTDOWN, NO_FLUSH = 0x8004587D, 2  # EXT4_IOC_SHUTDOWN: as the power would go, nothing more is written


class Disk:
    """An ext4 of its own that can lose its power."""

    def __init__(self, folder):
        self.image, self.path = os.path.join(folder, "disk"), os.path.join(folder, "mnt")
        os.mkdir(self.path)
        with open(self.image, "wb") as file:
            file.truncate(192 << 20)
        subprocess.run(["mkfs.ext4", "-q", "-F", self.image], check=True, capture_output=True)

    def mount(self):
        subprocess.run(["mount", "-o", "loop", self.image, self.path], check=True, capture_output=True)

    def cut(self):
        fd = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.ioctl(fd, SHUTDOWN, struct.pack("I", NO_FLUSH))
        finally:
            os.close(fd)

    def unmount(self, at_all_costs=False):
        gc.collect()  # readers of the store that nobody closed
        how = ["umount", "-l"] if at_all_costs else ["umount"]
        until(lambda: subprocess.run([*how, self.path], capture_output=True).returncode == 0, PATIENCE, "the unmount")

    def mount_again(self):
        """What the next start of the machine does."""
        self.unmount()
        done = subprocess.run(["fsck.ext4", "-p", "-f", self.image], capture_output=True, text=True)
        assert done.returncode in (0, 1), done.stdout + done.stderr
        self.mount()


class PowerPlace(CrashPlace):
    def __init__(self, binary=None):
        super().__init__()
        self.disk = Disk(self.folder)
        self.daemon.store = os.path.join(self.disk.path, "v.db")
        self.disk.mount()
        if binary:
            plain = self.plain
            self.plain = lambda *more: [binary, *plain(*more)[1:]]

    def __exit__(self, kind, error, trace):
        for process in (self.daemon.process, *self.gateways.values()):
            if process and process.poll() is None:
                process.kill()
                process.wait()
        self.disk.unmount(kind is not None)
        super().__exit__(kind, error, trace)

    def power_cut(self):
        self.disk.cut()
        self.daemon_dead()
        self.disk.mount_again()


def cut_and_look(place, dice, cuts):
    """Every other cut waits for a new mark first: there is something to lose."""
    for n in range(cuts):
        before = sum(place.marks().values())
        if n % 2 == 0:
            until(lambda: sum(place.marks().values()) > before, PATIENCE, "a mark")
        end = time.monotonic() + dice.uniform(0.02, 0.8)
        until(lambda: time.monotonic() >= end, what="the moment to cut")
        place.power_cut()
        place.check_disk()
        place.start_daemon()
        assert place.wait_ready(), place.daemon.log_text()[-500:]


def nothing_that_a_mark_covers_is_lost_by_a_power_cut():
    dice, done, begun = random.Random(SEED), 0, time.monotonic()
    messages = alerts = 0
    while done < CUTS:
        some = min(25, CUTS - done)
        with PowerPlace() as place:
            place.begin()
            cut_and_look(place, dice, some)
            place.settle()
            counted = place.check_all()
        messages, alerts, done = messages + counted[0], alerts + counted[1], done + some
        if CUTS > 25:
            print(f"  {done} cuts, {messages} messages, {alerts} alerts, {time.monotonic() - begun:.0f} s", flush=True)
    print(f"  {done} cuts, {messages} messages each stored once, {alerts} conditions each told under one id", flush=True)


def less_careful(folder):
    """The daemon with synchronous=NORMAL, and believing that it is FULL."""
    path = os.path.join(folder, "vigild-normal")
    data = open(os.path.join(BUILD, "vigild"), "rb").read()
    for old, new in ((b"PRAGMA synchronous=FULL", b"PRAGMA synchronous=   1"),
                     (b"\0PRAGMA synchronous\0", b"\0SELECT 2" + b" " * 10 + b"\0")):
        assert data.count(old) > 0 and len(old) == len(new), old
        data = data.replace(old, new)
    with open(path, "wb") as file:
        file.write(data)
    os.chmod(path, 0o700)
    return path


def with_normal_instead_of_full_a_cut_loses_something():
    dice = random.Random(SEED)
    for attempt in range(6):
        place = CrashPlace()
        binary = less_careful(place.folder)
        try:
            with PowerPlace(binary) as place_of_it:
                place_of_it.begin()
                cut_and_look(place_of_it, dice, 1)
        except AssertionError as error:
            assert "ran ahead of the disk" in str(error), error
            print(f"  found at cut {attempt + 1}: {str(error)[:90]}")
            shutil.rmtree(place_of_it.folder, ignore_errors=True)
            return
        finally:
            shutil.rmtree(place.folder, ignore_errors=True)
    raise AssertionError("NORMAL lost nothing in 6 cuts: this test shows nothing")


def why_not():
    """Why this machine cannot do it; None: it can."""
    if os.geteuid() != 0:
        return "not root"
    if not all(shutil.which(name, path=os.environ["PATH"] + ":/sbin:/usr/sbin") for name in ("mkfs.ext4", "mount", "fsck.ext4")):
        return "no ext4 tools"
    place = CrashPlace()
    try:
        disk = Disk(place.folder)
        disk.mount()
        disk.cut()
        disk.unmount()
    except (OSError, subprocess.CalledProcessError) as error:
        return f"no ext4 on a loop device that can be shut down: {error}"
    finally:
        shutil.rmtree(place.folder, ignore_errors=True)
    return None


if __name__ == "__main__":
    os.environ["PATH"] += ":/sbin:/usr/sbin"
    if os.geteuid() == 0 and "VIGIL_POWER_APART" not in os.environ and shutil.which("unshare"):
        # mounts of our own: a copy of ours in somebody's new namespace would keep the dead file system alive
        os.environ["VIGIL_POWER_APART"] = "1"
        os.execvp("unshare", ["unshare", "--mount", sys.executable, *sys.argv])
    reason = why_not()
    if reason:
        for test in (nothing_that_a_mark_covers_is_lost_by_a_power_cut, with_normal_instead_of_full_a_cut_loses_something):
            print(f"SKIP {test.__name__}: {reason}")
        print("0 passed, 0 failed")
        sys.exit(0)
    print(f"seed {SEED}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what is mounted is unmounted
    run([nothing_that_a_mark_covers_is_lost_by_a_power_cut, with_normal_instead_of_full_a_cut_loses_something])
