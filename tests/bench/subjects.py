# SPDX-License-Identifier: Apache-2.0
"""Who is measured: the floor, vigild, and two peers that do the same rule and store the same readings. Each has a
process, says how many messages it has stored, and how many bytes on disk that took.

`stored` ends the process, as its user would, and looks at what it left."""
import glob
import json
import os
import shutil
import sqlite3
import subprocess
import sys

import rig

SIGNALS = 7


def size(path):
    """Of a SQLite store with its log."""
    return sum(os.path.getsize(path + end) for end in ("", "-wal") if os.path.exists(path + end))


class Floor:
    """A do-nothing counter on paho in C: what a subscriber cannot cost less than."""
    name, marks, bytes, title = "floor", False, 0, "do-nothing counter (C, paho)"

    def __init__(self, args, port, _folder):
        self.process = rig.Process(1, [os.path.join(args.out, "floor"), str(port)], stdout=subprocess.PIPE, text=True)
        if self.process.p.stdout.readline() != "ready\n":
            sys.exit("bench: the floor does not start")

    def last_words(self):
        return self.process.p.stdout.read()

    def stored(self, _load):
        self.process.stop()
        return json.loads(self.process.p.stdout.read())["count"]


class Daemon:
    name, marks, title = "vigild", True, "vigild"

    def __init__(self, args, port, folder, settings=os.path.join(rig.HERE, "bench.yaml"), store="vigil.db"):
        self.db, self.log, self.bytes = os.path.join(folder, store), os.path.join(folder, "vigild.log"), 0
        ready, write = os.pipe()
        self.process = rig.Process(
            1, [os.path.join(args.build, "vigild"), "-c", settings,
                "--set", f"mqtt.url=mqtt://127.0.0.1:{port}", "--set", f"store.path={self.db}",
                "--set", "http.listen=127.0.0.1:0", "--ready-fd", str(write)],
            pass_fds=[write], stdout=subprocess.DEVNULL, stderr=open(self.log, "w"))
        os.close(write)
        line = os.read(ready, 200) if rig.readable_within(ready, 60) else b""
        os.close(ready)
        if not line.startswith(b"ready"):
            self.process.stop()
            sys.exit("bench: vigild does not start: " + self.last_words())
        self.port = int(line.rsplit(b":", 1)[1])

    def last_words(self):
        return open(self.log).read()[-2000:]

    def stored(self, load):
        """Messages in the store, as it lies on disk after the end; the marks must not say more."""
        self.process.stop()
        self.bytes = size(self.db)
        with sqlite3.connect(f"file:{self.db}?mode=ro", uri=True) as db:
            rows = db.execute("SELECT (SELECT count(*) FROM message_row) + (SELECT ifnull(sum(last - id + 1), 0)"
                              " FROM bundle)").fetchone()[0]
        if load["committed"] > rows:
            sys.exit(f"bench: {load['committed']} messages marked as committed, but only {rows} stored")
        return rows


class Rows:
    """A peer whose readings are rows of a table in SQLite."""
    marks = False

    def begin(self, folder, command):
        self.db, self.log, self.bytes = os.path.join(folder, "peer.db"), os.path.join(folder, "peer.log"), 0
        self.process = rig.Process(1, command, stdout=subprocess.PIPE, stderr=open(self.log, "w"), text=True)
        for line in self.process.p.stdout:
            if self.sign in line:
                break
        else:
            self.process.stop()
            sys.exit(f"bench: {self.name} does not start: " + self.last_words())

    def last_words(self):
        return open(self.log).read()[-2000:]

    def stored(self, _load):
        self.process.stop()
        self.bytes = size(self.db)
        with sqlite3.connect(f"file:{self.db}?mode=ro", uri=True) as db:
            return db.execute("SELECT count(*) FROM reading").fetchone()[0] // SIGNALS


def python_with_paho():
    """The one that runs this, or the system's own."""
    for program in (sys.executable, "/usr/bin/python3"):
        if subprocess.run([program, "-c", "import paho.mqtt.client"], stderr=subprocess.DEVNULL).returncode == 0:
            return program
    return None


class Python(Rows):
    name, sign, title = "python", "ready", "Python, paho-mqtt, sqlite3"

    def __init__(self, _args, port, folder):
        peer = os.path.join(rig.HERE, "peers", "python_peer.py")
        self.begin(folder, [python_with_paho(), peer, str(port), os.path.join(folder, "peer.db")])


def node_red_folder():
    cache = os.environ.get("VIGIL_NODE_RED") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache"), "vigil", "node-red")
    program = os.path.join(cache, "node_modules", "node-red", "red.js")
    # Without the compiled half of its SQLite node it cannot store.
    native = glob.glob(os.path.join(cache, "node_modules", "sqlite3", "build", "Release", "*.node"))
    return cache if os.path.exists(program) and native and shutil.which("node") else None


class NodeRed(Rows):
    name, sign, title = "node-red", "Connected to broker", "Node-RED with its SQLite node"

    def __init__(self, _args, port, folder):
        home, modules = os.path.join(folder, "node-red"), node_red_folder()
        os.mkdir(home)
        subprocess.check_call(["node", os.path.join(rig.HERE, "peers", "node_red_flow.js"), home, modules, str(port),
                               os.path.join(folder, "peer.db")])
        self.begin(folder, ["node", os.path.join(modules, "node_modules", "node-red", "red.js"), "-u", home, "-s",
                            os.path.join(home, "settings.js")])
        rig.settle([self.process.pid], quiet=1.0, limit=15)  # it subscribes and makes its table after that line


SUBJECTS = {s.name: s for s in (Floor, Daemon, Python, NodeRed)}


def missing():
    """Subjects that this machine cannot run, with the reason."""
    out = {}
    if python_with_paho() is None:
        out["python"] = "python3-paho-mqtt is not installed"
    if node_red_folder() is None:
        out["node-red"] = "Node-RED is not installed"
    return out


def versions():
    """Of what the peers and the broker are made."""
    out = {"broker": first_line(["mosquitto", "-h"]), "sqlite": sqlite3.sqlite_version}
    if "node-red" not in missing():
        with open(os.path.join(node_red_folder(), "node_modules", "node-red", "package.json")) as file:
            out["node-red"] = json.load(file)["version"]
        out["node"] = first_line(["node", "--version"])
    return out


def first_line(command):
    path = os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin"
    run = subprocess.run([shutil.which(command[0], path=path) or command[0], *command[1:]], capture_output=True, text=True)
    return (run.stdout or run.stderr).split("\n")[0].strip()
