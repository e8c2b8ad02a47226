# SPDX-License-Identifier: Apache-2.0
"""What vigild may do and does not need: it gives up what it can by itself, and says the rest in its log, its status
and `vigil doctor`."""
import json
import os
import re
import signal
import subprocess

from place import BUILD, ROOT, Place, Skip, run, temp, until, vitals

SETTINGS = """node: vigil-1
mqtt: {url: "mqtt://127.0.0.1:%d", username: vigil, password_file: secret}
store: {path: v.db}
http: {listen: "127.0.0.1:0"}
protocols: %s
wards:
  - {id: onc-7, protocol: car-t}
"""
AS_ROOT = os.getuid() == 0


class Site(Place):
    def __init__(self):
        super().__init__(start=False)
        self.secret = os.path.join(self.folder, "secret")
        open(self.secret, "w").write("open sesame\n")
        self.settings = os.path.join(self.folder, "vigild.yaml")
        self.write()
        self.daemon.command = lambda *more: [os.path.join(BUILD, "vigild"), "-c", self.settings, *more]
        self.broker.start()

    def write(self, more=""):
        with open(self.settings, "w") as file:
            file.write(SETTINGS % (self.broker.port, os.path.join(ROOT, "config", "protocols")) + more)

    def proc(self, name):
        return open(f"/proc/{self.daemon.process.pid}/{name}").read()

    def doctor(self):
        done = subprocess.run([os.path.join(BUILD, "vigil"), "doctor", "-c", self.settings, "--json"],
                              capture_output=True, text=True, timeout=60)
        return [(f["grade"], f["text"]) for f in json.loads(done.stdout)["findings"] if f["check"] == "daemon"]


def test_what_is_given_up_and_what_is_said():
    with Site() as site:
        os.chmod(site.secret, 0o644)
        site.daemon.start()
        assert "NoNewPrivs:\t1" in site.proc("status")
        # Of root's processes it is root's either way: there tests/unit/test_confine.c has looked.
        assert os.stat(f"/proc/{site.daemon.process.pid}/environ").st_uid == 0, "other processes may look into it"
        assert re.search(r"Max core file size +0 +0", site.proc("limits")), site.proc("limits")
        log = site.daemon.log_text()
        lines = [line for line in log.splitlines() if "event=excess" in line]
        assert any("everybody on this machine" in line for line in lines) and "sesame" not in log, lines
        assert any("runs as root" in line for line in lines) == AS_ROOT, lines
        node = site.client("eye", "vigil/v1/nodes/vigil-1/status")
        said = until(lambda: node.messages("/status"), what="the status")[0]["excess"]
        assert "secrets_open" in said and ("root" in said) == AS_ROOT, said
        assert "core_dumps" not in said and "new_privileges" not in said, said
        found = site.doctor()
        assert any(g == "warn" and "runs as root" in t for g, t in found) == AS_ROOT, found
        assert any(g == "warn" and "system calls" in t for g, t in found) == ("system_calls" in said), found


def test_core_dumps_are_allowed_by_a_setting():
    with Site() as site:
        os.chmod(site.secret, 0o600)
        site.write("core_dumps: allowed\n")
        site.daemon.start()
        node = site.client("eye", "vigil/v1/nodes/vigil-1/status")
        said = until(lambda: node.messages("/status"), what="the status")[0]["excess"]
        limit = re.search(r"Max core file size +(\S+) +(\S+)", site.proc("limits"))[2]
        assert ("core_dumps" in said) == (limit != "0") and "secrets_open" not in said, (said, limit)
        site.daemon.signal(signal.SIGTERM)


def in_large_pages(pid):
    """KiB of its heap."""
    text = open(f"/proc/{pid}/smaps").read()
    areas = re.split(r"^(?=[0-9a-f]+-[0-9a-f]+ )", text, flags=re.M)
    return sum(int(re.search(r"^AnonHugePages: +(\d+)", area, re.M)[1]) for area in areas if "[heap]\n" in area)


def test_the_heap_of_many_beds_lies_in_large_pages():
    kernel = "/sys/kernel/mm/transparent_hugepage/enabled"
    if any(word in BUILD for word in ("address", "thread")):
        raise Skip("a sanitizer has a heap of its own")
    if not os.path.exists(kernel) or "[never]" in open(kernel).read():
        raise Skip("this kernel gives no large pages")
    with Site() as site:
        site.daemon.start()
        sender = site.client("gw")
        for bed in range(800):
            sender.publish(f"vigil/v1/beds/onc-7/{bed}/vitals", vitals(bed + 1, temp(37.0)), wait=False)
        until(lambda: in_large_pages(site.daemon.process.pid) >= 4096, what="two large pages")


run([v for k, v in list(globals().items()) if k.startswith("test_")])
