# SPDX-License-Identifier: Apache-2.0
"""20,000 messages a second into a store that has a day to seal (history_pace.c): how long a commit takes, by itself and while
others ask, beside a plain write of as many bytes that is synced, at the same pace: what is slower than 50 ms there is the disk."""
import os
import subprocess
import time

RATE, COMMITS_A_SECOND, BYTES = 20000, 45, 16384


def disk(folder, seconds):
    """Milliseconds of each write and sync: in order."""
    took, path = [], os.path.join(folder, "plain")
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    os.write(file, bytes(BYTES) * 1024)
    os.fsync(file)
    end, n = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        begin = time.monotonic()
        os.pwrite(file, os.urandom(BYTES), n % 1024 * BYTES)
        os.fdatasync(file)
        took.append((time.monotonic() - begin) * 1000)
        n += 1
        time.sleep(max(0, begin + 1 / COMMITS_A_SECOND - time.monotonic()))
    os.close(file)
    os.unlink(path)
    return sorted(took)


def paced(build, folder, seconds, hours, show):
    """`hours` of fifty beds, unsealed, then a minute or less at the pace; once alone, once with somebody who asks without a pause."""
    about = {"beds": 50, "hours": hours}
    print(f"{RATE} messages a second for {seconds} s, {hours} h of 50 beds to seal meanwhile; load {os.getloadavg()[0]:.1f}")
    plain = disk(folder, seconds)
    show(about, "16 KiB written and synced, the disk", plain[len(plain) * 99 // 100], "ms, 99 of 100", None, f"slowest of {len(plain)}: {plain[-1]:.1f}")
    for askers, how in ((0, "alone"), (1, "beside questions")):
        path = os.path.join(folder, f"pace{askers}.db")
        subprocess.run([os.path.join(build, "tests/bench/history"), path, "50", str(hours)], check=True, stdout=subprocess.DEVNULL,
                       env={**os.environ, "HOT": "1", "NO_QUESTIONS": "1", "END": "1768032000000"})
        out = subprocess.run([os.path.join(build, "tests/bench/history_pace"), path, str(RATE), str(seconds), str(askers)],
                             check=True, stdout=subprocess.PIPE, text=True).stdout
        got = dict(f.split("=") for f in out.split() if "=" in f)
        show(about, f"a commit, {how}", float(got["commit_p99"]), "ms, 99 of 100", 50,
             f"middle {got['commit_p50']}, slowest of {got['commits']}: {got['commit_max']}; {got['slow']} above 50; {got['rate']} a second")
        if askers == 0:
            cost = float(got["batch_us"]) + float(got["thread_us"])
            show(about, "ingest and sealing at that pace", cost, "us CPU a msg", None, f"{got['messages']} came, {got['sealed']} were sealed")
        os.unlink(path)
