# SPDX-License-Identifier: Apache-2.0
"""vigild under a service manager: what it is told through a NOTIFY_SOCKET of our own, and that the units' sandbox is
tight and still leaves vigild what it needs."""
import glob
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import threading
import time

from place import BUILD, ROOT, Place, Skip, now_ms, run, until, vitals

UNITS = {"vigild.service": 1.5, "vigil-watch.service": 1.5}


class Manager(threading.Thread):
    """Listens where systemd would. heard: (monotonic time, {NAME: VALUE})."""

    def __init__(self, address):
        super().__init__(daemon=True)
        self.address, self.heard = address, []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + address[1:] if address[0] == "@" else address)
        self.start()

    def run(self):
        while True:
            lines = self.socket.recv(4096).decode()
            self.heard.append((time.monotonic(), dict(line.split("=", 1) for line in lines.split("\n"))))

    def count(self, name):
        return sum(name in said for _, said in list(self.heard))

    def status(self):
        return self.heard[-1][1].get("STATUS", "") if self.heard else ""


class Managed(Place):
    def __init__(self, abstract=False):
        super().__init__(start=False)
        name = os.path.join(self.folder, "notify")
        self.manager = Manager("@" + name if abstract else name)
        plain = self.daemon.command  # not in our own environment: mosquitto, too, would tell the manager
        self.daemon.command = lambda *more: ["env", "NOTIFY_SOCKET=" + self.manager.address, *plain(*more)]


def test_ready_alive_stopping():
    for abstract in (False, True):
        with Managed(abstract) as place:
            place.broker.start()
            place.daemon.start()
            heard = place.manager
            until(lambda: heard.count("READY"), what="ready")
            until(lambda: heard.count("WATCHDOG") >= (2 if abstract else 3), what="signs of life")
            assert heard.count("READY") == 1, heard.heard
            beats = [at for at, said in heard.heard if "WATCHDOG" in said]
            assert all(b - a < 10 for a, b in zip(beats, beats[1:])), beats  # the unit ends it after 30 s
            assert place.manager.status().startswith("watching"), place.manager.status()
            place.daemon.signal(signal.SIGTERM)
            assert heard.heard[-1][1].get("STOPPING") == "1", heard.heard[-1]


def test_no_broker_is_no_reason_to_start_again():
    with Managed() as place:
        place.daemon.start(wait=False)
        until(lambda: place.manager.count("READY"), what="ready without a broker")
        until(lambda: place.manager.count("WATCHDOG") >= 2, what="signs of life without a broker")
        assert "no broker" in place.manager.status()
        place.broker.start()
        place.daemon.wait_ready()
        until(lambda: place.manager.status().startswith("watching"), what="to be well")


def test_a_full_disk_is_no_reason_to_start_again():
    """Alerts go out from memory; a new start could not even open the store."""
    with Managed() as place:
        place.broker.start()
        place.daemon.start()
        client, seq = place.client("gw-1", "vigil/v1/wards/#"), 0
        resource.prlimit(place.daemon.process.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
        client.publish("vigil/v1/beds/onc-7/1/vitals", vitals(1, {"code": "spo2", "value": 71, "unit": "%", "source": "spot"}))

        def failing():
            nonlocal seq
            seq += 1
            client.publish("vigil/v1/beds/onc-7/1/vitals", vitals(seq + 1, {"code": "spo2", "value": 71, "unit": "%",
                                                                            "source": "spot"}, ts=now_ms()))
            time.sleep(0.1)
            return "the store fails" in place.manager.status()
        until(failing, timeout=30, what="the store to fail")
        before = place.manager.count("WATCHDOG")
        until(lambda: place.manager.count("WATCHDOG") >= before + 2, what="signs of life")


def test_who_stands_still_is_silent():
    with Managed() as place, Managed() as other:
        for each in (place, other):
            each.broker.start()
            each.daemon.start()
            until(lambda: each.manager.count("WATCHDOG"), what="a sign of life")
        place.daemon.process.send_signal(signal.SIGSTOP)
        before, others = place.manager.count("WATCHDOG"), other.manager.count("WATCHDOG")
        until(lambda: other.manager.count("WATCHDOG") >= others + 2, what="two signs of one that runs")
        assert place.manager.count("WATCHDOG") == before
        place.daemon.process.send_signal(signal.SIGCONT)
        until(lambda: place.manager.count("WATCHDOG") > before, what="signs of life again")


def test_a_wrong_socket_is_said_and_nothing_more():
    os.environ["NOTIFY_SOCKET"] = "/nowhere/at/all"
    try:
        with Place() as place:
            assert "cannot reach NOTIFY_SOCKET" in place.daemon.log_text()
    finally:
        del os.environ["NOTIFY_SOCKET"]


def unit_text(name):
    return open(os.path.join(ROOT, "contrib", name)).read()


def test_exposure():
    for name, most in UNITS.items():
        said = subprocess.run(["systemd-analyze", "security", "--offline=true", os.path.join(ROOT, "contrib", name)],
                              capture_output=True, text=True)
        score = float(re.search(r"exposure level for \S+: ([\d.]+)", said.stdout)[1])
        print(f"  {name}: {score}")
        assert score <= most, (name, score)


def test_units_are_understood():
    """No unknown words; with the programs where they were built."""
    with Place(start=False) as place:
        for name in UNITS:
            path = os.path.join(place.folder, name)
            text = unit_text(name).replace("/usr/local/sbin", BUILD).replace("/usr/local/bin", BUILD)
            open(path, "w").write(text)
            said = subprocess.run(["systemd-analyze", "verify", "--man=no", path], capture_output=True, text=True)
            ours = [line for line in (said.stdout + said.stderr).splitlines() if name in line]
            assert not ours, ours


def test_it_is_started_again_for_ever():
    """Whatever it ended with, after a second, however often; also when it stands still, and last of all when memory is short."""
    for name in UNITS:
        unit = unit_text(name)
        head, service = unit.split("\n[Service]\n")
        assert words(head, "StartLimitIntervalSec") == ["0"], f"{name}: systemd gives up after some starts"
        assert words(service, "Restart") == ["always"] and words(service, "RestartSec") == ["1"], name
        assert words(service, "LimitCORE") == ["0"], name
    service = unit_text("vigild.service")
    assert words(service, "Type") == ["notify"] and words(service, "WatchdogSec") == ["30"], "nobody looks whether it goes on"
    assert words(service, "WatchdogSignal") == ["SIGKILL"] and int(words(service, "OOMScoreAdjust")[0]) <= -500


def words(unit, key):
    return [w for line in re.findall(rf"^{key}=(.*)$", unit, re.M) for w in line.split()]


def members(group):
    """The system calls of one of systemd's groups, the groups inside it too."""
    said = subprocess.run(["systemd-analyze", "syscall-filter", group], capture_output=True, text=True, check=True).stdout
    names = [line.strip() for line in said.splitlines()[1:] if line.strip() and not line.strip().startswith("#")]
    return {n for name in names for n in (members(name) if name.startswith("@") else [name])}


def test_the_sandbox_leaves_what_vigild_needs():
    """Every system call of a life with alerts, a reload and an orderly end is one that the unit allows."""
    if not shutil.which("strace"):
        raise Skip("no strace here")
    unit = unit_text("vigild.service")
    filters = words(unit, "SystemCallFilter")
    assert filters == ["@system-service", "~@privileged", "@resources", "setpriority", "sched_setscheduler"], filters
    allowed = members("@system-service") - members("@privileged") - members("@resources") | {"setpriority", "sched_setscheduler"}
    with Managed() as place:
        place.broker.start()
        plain = place.daemon.command
        trace = os.path.join(place.folder, "trace")
        place.daemon.command = lambda *more: ["strace", "-ff", "-qq", "-o", trace, *plain(*more)]
        place.daemon.start()
        client = place.client("gw-1", "vigil/v1/wards/#")
        for seq in (1, 2):
            client.publish("vigil/v1/beds/onc-7/1/vitals", vitals(seq, {"code": "spo2", "value": 71, "unit": "%"},
                                                                  ts=now_ms() - 200000 + 60000 * seq))
        until(client.events, what="the alert")
        until(lambda: place.manager.count("WATCHDOG") >= 2, what="signs of life")
        child = int(subprocess.run(["pgrep", "-P", str(place.daemon.process.pid)], capture_output=True, text=True).stdout)
        os.kill(child, signal.SIGHUP)
        until(lambda: "protocol.loaded" in place.daemon.log_text(), what="the reload")
        os.kill(child, signal.SIGTERM)
        place.daemon.process.wait(20)
        text = "".join(open(path).read() for path in glob.glob(trace + ".*"))
        used = set(re.findall(r"^([a-z_0-9]+)\(", text, re.M)) - {"exit_group", "execve"}
        families = set(re.findall(r"^socket\((AF_\w+)", text, re.M))
        print(f"  {len(used)} system calls, families {' '.join(sorted(families))}")
        if os.getuid() == 0:
            used -= {"fchown"}  # SQLite, as root only: gives new files to the owner of the store
        assert used <= allowed, used - allowed
        # Name look-ups ask netlink which families there are, and do without an answer.
        assert families - {"AF_NETLINK"} <= set(words(unit, "RestrictAddressFamilies")), families
        assert not re.search(r"^(mmap|mprotect)\(.*PROT_WRITE\|PROT_EXEC", text, re.M), "MemoryDenyWriteExecute"


run([v for k, v in list(globals().items()) if k.startswith("test_")])
