# SPDX-License-Identifier: Apache-2.0
"""What the parts of the benchmark share: programs made and pinned to cores, a broker, exact CPU times, and rows of
results.

CPU is in seconds, of the process with all its threads, dead ones too. Memory is in MB of 2^20 bytes. `others` is the
CPU that the rest of the machine used meanwhile, in cores."""
import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
HZ = os.sysconf("SC_CLK_TCK")
PROGRAMS = {
    "load": (["load.c", "ear.c", "ward.c", "raw_mqtt.c"], ["-lcjson"]),
    "floor": (["floor.c"], ["-lpaho-mqtt3as", "-lpthread"]),
    "doors": (["doors.c"], []),
}
# plain: nothing but MQTT, no limit of its queues. default: what Debian's broker does. shipped: config/mosquitto.conf.
BROKERS = {
    "plain": "listener @PORT@ 127.0.0.1\nallow_anonymous true\nuser @USER@\nmax_queued_messages 0\n"
    "set_tcp_nodelay true\n",
    "default": "listener @PORT@ 127.0.0.1\nallow_anonymous true\nuser @USER@\n",
}


def build(folder):
    """Compiles the C programs of the benchmark into `folder`, if older than their sources."""
    os.makedirs(folder, exist_ok=True)
    sources = [f for f in os.listdir(HERE) if f.endswith((".c", ".h"))]
    newest = max(os.path.getmtime(os.path.join(HERE, f)) for f in sources)
    for name, (files, libraries) in PROGRAMS.items():
        out = os.path.join(folder, name)
        if not os.path.exists(out) or os.path.getmtime(out) < newest:
            subprocess.check_call(
                [os.environ.get("CC", "cc"), "-std=gnu11", "-D_GNU_SOURCE", "-O2", "-g", "-Wall", "-Werror", "-o", out]
                + [os.path.join(HERE, s) for s in files] + libraries)


def add(row):
    """A result: a line of JSON in the file that VIGIL_BENCH_ROWS names, if it does."""
    path = os.environ.get("VIGIL_BENCH_ROWS")
    if path:
        with open(path, "a") as file:
            file.write(json.dumps(row) + "\n")
    return row


def note(row):
    """The same, and on standard output."""
    print(json.dumps(row), flush=True)
    return add(row)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def cpu(pid):
    """The kernel's own clock of another process: clock_getcpuclockid(3) makes its number like this."""
    return time.clock_gettime((~pid << 3) | 2)


def status_mb(pid, field):
    return int(re.search(field + r":\s+(\d+)", open(f"/proc/{pid}/status").read()).group(1)) / 1024


def peak_mb(pid):
    return status_mb(pid, "VmHWM")


def machine_cpu():
    user, nice, system, _, _, irq, soft, *_ = (int(f) for f in open("/proc/stat").readline().split()[1:])
    return (user + nice + system + irq + soft) / HZ


class Meter:
    """From its making on: what the processes used, and what the rest of the machine did."""

    def __init__(self, *pids):
        self.pids, self.before = pids, [cpu(p) for p in pids]
        self.began, self.machine, self.own = time.time(), machine_cpu(), sum(os.times()[:4])

    def used(self):
        return [cpu(p) - b for p, b in zip(self.pids, self.before)]

    def others(self, more=0.0):
        ours = sum(self.used()) + sum(os.times()[:4]) - self.own + more
        return round(max(0.0, (machine_cpu() - self.machine - ours) / max(time.time() - self.began, 1e-3)), 2)


class Process:
    """A program pinned to a core, ended by its own id when the block is left."""

    def __init__(self, core, command, **more):
        self.p = subprocess.Popen(["taskset", "-c", str(core)] + command, **more)
        self.pid = self.p.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if self.p.poll() is None:
            self.p.send_signal(signal.SIGTERM)
            try:
                self.p.wait(60)
            except subprocess.TimeoutExpired:
                self.p.kill()
                self.p.wait()


def broker(settings, folder):
    """A mosquitto on core 0 with these settings: the process and its port."""
    port = free_port()
    program = shutil.which("mosquitto", path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin")
    if program is None:
        sys.exit("bench: mosquitto is not installed")
    if settings == "shipped":
        text = open(os.path.join(TOP, "config", "mosquitto.conf")).read()
    else:
        text = BROKERS[settings]
    user = subprocess.check_output(["id", "-un"], text=True).strip()
    for mark, value in (("@PORT@", str(port)), ("@DIR@", folder), ("@USER@", user)):
        text = text.replace(mark, value)
    path = os.path.join(folder, "mosquitto.conf")
    with open(path, "w") as f:
        f.write(text)
    process = Process(0, [program, "-c", path], stdout=subprocess.DEVNULL,
                      stderr=open(os.path.join(folder, "broker.log"), "w"))
    deadline = time.time() + 10
    while time.time() < deadline and process.p.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 0.5).close()
            return process, port
        except OSError:
            time.sleep(0.02)
    process.stop()
    sys.exit("bench: the broker does not start: " + open(os.path.join(folder, "broker.log")).read())


def readable_within(fd, seconds):
    return bool(select.select([fd], [], [], seconds)[0])


def settle(pids, quiet=1.0, limit=120):
    """Waits until the processes have hardly used CPU for a while: the queue has run dry."""
    before, since, end = sum(map(cpu, pids)), time.time(), time.time() + limit
    while time.time() < end and time.time() - since < quiet:
        time.sleep(0.2)
        now = sum(map(cpu, pids))
        if now - before > 0.2 * 0.04:  # of a core
            since = time.time()
        before = now


def machine():
    """The machine in neutral words: nothing that says which one it is."""
    info = open("/proc/cpuinfo").read()
    model = re.search(r"^model name\s*:\s*(.*)$", info, re.M)
    memory = int(re.search(r"MemTotal:\s+(\d+)", open("/proc/meminfo").read()).group(1)) / 2**20
    system = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', open("/etc/os-release").read(), re.M))
    return {"cores": len(os.sched_getaffinity(0)), "processor": model.group(1).strip() if model else os.uname().machine,
            "virtual": "hypervisor" in info, "memory_gb": round(memory), "kernel": re.match(r"[\d.]+", os.uname().release).group(0),
            "system": system.get("PRETTY_NAME", "Linux"), "python": "%d.%d" % sys.version_info[:2]}
