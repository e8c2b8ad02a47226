# SPDX-License-Identifier: Apache-2.0
"""The daemon in a network namespace of its own, one pair of virtual wires from its broker: partitions, lost packets, a line
of 64 kbit/s. Only root may make one; else each is skipped. Nothing outside of what it makes itself is touched."""
import itertools
import os
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "chaos"))
from place import Skip, run, seed, until  # noqa: E402
from relayed import beside  # noqa: E402
from trial import LONG, PROTOCOL, Trial  # noqa: E402

RNG = seed()
NUMBERS = itertools.count()
QUICK = PROTOCOL.replace("wait: 10m}", "wait: 2s}").replace("repeat: 10m", "repeat: 60s")


def do(*words):
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        raise Skip(f"{' '.join(words[:4])} …: {done.stderr.strip() or done.returncode}")


class Apart(Trial):
    def __init__(self, protocol=PROTOCOL):
        super().__init__(start=False, protocol=protocol)
        number = os.getpid() % 10000 * 10 + next(NUMBERS)
        self.space = f"vg{number}"
        self.near, self.far = f"vgn{number}", f"vgf{number}"
        net = f"10.{213 + number // 16384 % 30}.{number // 64 % 256}.{number % 64 * 4}"
        here, there = (net.rsplit(".", 1)[0] + f".{number % 64 * 4 + n}" for n in (1, 2))
        self.broker.kill()
        text = open(self.broker.conf).read().replace(f"listener {self.broker.port} 127.0.0.1", f"listener {self.broker.port} 0.0.0.0")
        open(self.broker.conf, "w").write(text)
        try:
            do("ip", "netns", "add", self.space)
            do("ip", "link", "add", self.near, "type", "veth", "peer", "name", self.far)
            do("ip", "link", "set", self.far, "netns", self.space)
            do("ip", "addr", "add", f"{here}/30", "dev", self.near)
            do("ip", "link", "set", self.near, "up")
            do("ip", "-n", self.space, "addr", "add", f"{there}/30", "dev", self.far)
            do("ip", "-n", self.space, "link", "set", self.far, "up")
            do("ip", "-n", self.space, "link", "set", "lo", "up")
        except (Skip, OSError) as why:
            self.undo()
            shutil.rmtree(self.folder)
            raise Skip(str(why)) from None
        self.broker.start()
        plain = self.daemon.command
        self.daemon.command = lambda *more: ["ip", "netns", "exec", self.space, *plain(
            "--set", f"mqtt.url=mqtt://{here}:{self.broker.port}", *more)]
        self.begin()

    def undo(self):
        subprocess.run(["ip", "netns", "del", self.space], capture_output=True)
        subprocess.run(["ip", "link", "del", self.near], capture_output=True)

    def __exit__(self, kind, error, trace):
        super().__exit__(kind, error, trace)
        self.undo()

    def link(self, state):
        do("ip", "-n", self.space, "link", "set", self.far, state)


def test_partition():
    """While it lasts the ladder goes on; afterwards what holds then is said, under the same id."""
    with Apart(protocol=QUICK) as trial:
        for seconds in [14] if LONG == 1 else [5, 20, 90]:
            event, _ = trial.alarm()
            noticed = ""
            trial.link("down")
            begin = time.monotonic()
            beds = [trial.alarm(wait=False) for _ in range(3)]
            if seconds > 12:
                until(lambda: "mqtt.down" in trial.daemon.log_text(), 17, "the loss to be noticed")
                noticed = f"noticed after {time.monotonic() - begin:.1f} s, "
            until(lambda: time.monotonic() - begin > seconds, seconds + 5, "the end of it")
            rows = trial.daemon.rows("SELECT event FROM alert_event WHERE alert = ? ORDER BY n", event["id"])
            assert ("offered",) in rows, f"the ladder stood still: {rows}"
            if seconds > 70:
                assert trial.daemon.rows("SELECT 1 FROM alert WHERE rule = 'BROKER_LOST'"), "nobody is told"
            trial.link("up")
            healed = time.monotonic()
            for bed in beds:
                trial.raised(bed, healed, 20)
            print(f"  {seconds} s apart: {noticed}all told {time.monotonic() - healed:.1f} s after it was over")
            trial.settle()
        trial.books()


def lost(trial, nft):
    """How many packets were dropped, each way."""
    done = subprocess.run([*nft, "list", "table", "ip", "lossy"], capture_output=True, text=True, check=True)
    return [int(n) for n in re.findall(r"counter packets (\d+)", done.stdout)]


def test_packets_are_lost():
    with Apart() as trial:
        nft = ["ip", "netns", "exec", trial.space, "nft"]
        do(*nft, "add", "table", "ip", "lossy")
        worst = {}
        for share, most in ((5, 3), (30, 20)):
            for hook in ("input", "output"):
                do(*nft, "add", "chain", "ip", "lossy", hook, "{", "type", "filter", "hook", hook, "priority", "0", ";", "}")
                do(*nft, "flush", "chain", "ip", "lossy", hook)
                do(*nft, "add", "rule", "ip", "lossy", hook, "numgen", "random", "mod", "100", "<", str(share), "counter", "drop")
            worst[share] = 0
            for _ in range(4 * LONG):
                worst[share] = max(worst[share], trial.alarm(within=most * 3)[1])
            until(lambda: min(lost(trial, nft)) > 0, 60, "packets to be lost both ways")
        do(*nft, "delete", "table", "ip", "lossy")
        print("  " + ", ".join(f"{share} % lost: the slowest alert took {seconds:.1f} s" for share, seconds in worst.items()))
        trial.books()


def test_a_line_of_64_kbit():
    with Apart() as trial:
        for words in (["tc"], ["tc", "-n", trial.space]):
            do(*words, "qdisc", "add", "dev", trial.near if len(words) == 1 else trial.far, "root", "tbf", "rate", "64kbit", "burst",
               "4kb", "latency", "2000ms")
        worst = max(trial.alarm(within=20)[1] for _ in range(3))
        begin = time.monotonic()
        beds = [trial.alarm(wait=False) for _ in range(8)]
        for bed in beds:
            trial.raised(bed, begin, 60)
        held = re.search(r"overlimits (\d+)", subprocess.run(["tc", "-s", "-n", trial.space, "qdisc", "show", "dev", trial.far],
                                                             capture_output=True, text=True, check=True).stdout)
        print(f"  one by one within {worst:.1f} s, eight at once within {time.monotonic() - begin:.1f} s; held back {held[1]} times")
        assert worst < 10 and int(held[1]) > 0, "the line is slow"
        trial.books()


if __name__ == "__main__":
    wanted = sys.argv[1:]
    run(beside([v for k, v in list(globals().items()) if k.startswith("test_") and (not wanted or k in wanted)], 8))
