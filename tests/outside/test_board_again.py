# SPDX-License-Identifier: Apache-2.0
"""A board that stays open while something behind it begins anew: the wire, the daemon's clock, the daemon's store. It goes on
by itself and shows what is so now, without a reload."""
import glob
import os
import signal
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib-python"))
from board import HOUR, MINUTE, World, per_minute  # noqa: E402
from place import BUILD, Skip, now_ms, run, seed, until  # noqa: E402

RANDOM = seed()
FAKETIME = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")


class Wire:
    """Between browser and daemon. dies(): nobody hears any more of what is open, and nobody is told; new links work."""

    def __init__(self, target):
        self.target, self.open = target, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            link = {"near": self.listener.accept()[0], "far": socket.create_connection(("127.0.0.1", self.target)), "dead": False}
            self.open.append(link)
            for source, to in (("near", "far"), ("far", "near")):
                threading.Thread(target=self._pump, args=(link, source, to), daemon=True).start()

    def _pump(self, link, source, to):
        try:
            while data := link[source].recv(65536):
                if not link["dead"]:
                    link[to].sendall(data)
            if not link["dead"]:
                link[to].shutdown(socket.SHUT_WR)
        except OSError:
            pass  # closed by the other

    def dies(self):
        for link in self.open:
            link["dead"] = True


class Again(World):
    """The daemon's port stays; its wall clock can be made to go wrong by what stands in a file."""

    def furnish(self):
        self.place.daemon.listen = f"127.0.0.1:{self.free()}"
        self.clock = os.path.join(self.place.folder, ".faketimerc")

    def start_clocked(self):
        self.wrong("+0")
        self.place.daemon.signal(signal.SIGTERM)
        plain = self.place.daemon.command
        words = [f"HOME={self.place.folder}", "FAKETIME_DONT_FAKE_MONOTONIC=1", "FAKETIME_NO_CACHE=1", f"LD_PRELOAD={FAKETIME[0]}"]
        self.place.daemon.command = lambda *more: ["env", *words, *plain(*more)]
        self.place.daemon.start()

    @staticmethod
    def free():
        with socket.create_server(("127.0.0.1", 0)) as s:
            return s.getsockname()[1]

    def wrong(self, offset):
        with open(self.clock + ".new", "w") as file:
            file.write(offset)
        os.rename(self.clock + ".new", self.clock)

    def vigil(self, *words):
        daemon = self.place.daemon
        done = subprocess.run([os.path.join(BUILD, "vigil"), *words, "-c", daemon.settings, "--set", f"store.path={daemon.store}"], capture_output=True, text=True)
        assert done.returncode == 0, done


WORLD = Again(RANDOM)
PULSE = "[...document.querySelectorAll('.tile')].find((tile) => tile.querySelector('.bed').textContent === '1')?.querySelector('[data-code=hr] .number').textContent"


def test_a_wire_that_dies_without_a_word():
    """Nor are its lines broken where there were values."""
    WORLD.admit("1", ago=8 * HOUR)
    WORLD.say("1", per_minute("hr", 71))
    wire, port = Wire(WORLD.place.daemon.port), WORLD.place.daemon.port
    WORLD.place.daemon.port = wire.port
    page = WORLD.board("/?ward=onc-7")
    WORLD.place.daemon.port = port
    page.wait(f"{PULSE} === '71' && document.querySelector('.life').dataset.state === 'live'")
    page.wait("performance.getEntriesByName('trends').length > 0", 20)
    wire.dies()
    for ago in range(5 * 60, 0, -10):  # what a gateway kept comes while nobody tells the board
        WORLD.say("1", per_minute("hr", 60 + ago % 40), ts=now_ms() - ago * MINUTE)
    page.wait("!document.getElementById('lost').hidden", 20)
    begin = time.monotonic()
    page.wait("document.getElementById('lost').hidden && document.querySelector('.life').dataset.state === 'live'", 45)
    print(f"  heard again {time.monotonic() - begin:.1f} s after the loss was said")
    WORLD.say("1", per_minute("hr", 72))
    page.wait(f"{PULSE} === '72'")
    page.wait("document.querySelector('[data-code=hr] .spark .mean').getTotalLength() > 50", 5)
    page.close()


def test_a_daemon_that_knows_less_than_it_said_is_believed():
    """Li takes the alert; then the store is restored from a backup that knows nothing of that. Nobody has it, and the board says so."""
    WORLD.admit("2")
    WORLD.low_pressure("2")
    alert = until(lambda: [a for a in WORLD.bed("2").get("alerts", []) if a["rule"] == "HYPOTENSION"], what="the alert")[0]
    WORLD.caught_up()
    copy = os.path.join(WORLD.place.folder, "copy")
    WORLD.vigil("backup", copy)
    page = WORLD.board("/?ward=onc-7")
    who = "[...document.querySelectorAll('.alert')].find((row) => row.textContent.includes('Low blood pressure'))?.querySelector('.who').textContent"
    for verb in ("accept", "release", "accept"):
        answer = WORLD.web.post(f"/api/v1/alerts/{alert['id']}/{verb}", {"id": f"{verb}-{time.monotonic()}", "by": "bedside-nurse:Li"}).json
        assert answer.get("result") == "ok", answer
    page.wait(f"{who}.startsWith('Li (bedside nurse) has it')")
    WORLD.place.daemon.signal(signal.SIGTERM)
    WORLD.vigil("restore", copy, "--replace")
    WORLD.place.daemon.start()
    now = until(lambda: [a for a in WORLD.bed("2").get("alerts", []) if a["rule"] == "HYPOTENSION"], what="the alert")[0]
    assert now["rev"] < answer["rev"] and now["responsibility"]["owner"] is None, now
    page.wait(f"{who}?.includes('asked: bedside nurse')", 10)
    page.wait("document.querySelector('.strip').textContent.includes('bed 2')")
    assert [fault for fault in page.faults() if "Failed to load resource" not in fault] == [], page.faults()
    page.close()


def test_the_page_of_a_patient_catches_up():
    """An alert of which no event came to this display, since vigild began anew in between, stands on the patient's page all the same; and where
    no value comes any more the time goes on."""
    WORLD.admit("3")
    page = WORLD.board("/?ward=onc-7#/patient/p-0003")
    page.wait("document.querySelector('.patient-page[data-loaded]') && document.querySelector('.life').dataset.state === 'live'")
    page.do("await page.route('**/api/v1/stream*', (route) => route.abort())")
    page.ask("void vigil.stream.broken()")
    WORLD.low_pressure("3")
    until(lambda: [a for a in WORLD.bed("3").get("alerts", []) if a["rule"] == "HYPOTENSION"], what="the alert")
    WORLD.place.daemon.signal(signal.SIGTERM)
    WORLD.place.daemon.start()
    page.do("await page.unroute('**/api/v1/stream*')")
    page.wait("document.querySelector('.strip').textContent.includes('bed 3')", 20)
    page.wait("document.querySelector('.patient-page .alert')?.textContent.includes('Low blood pressure')", 10)
    end = page.ask("vigil.patient.time.to")
    page.ask("void (vigil.patient.fetched = -1e9)")
    page.wait("vigil.patient.time.to > a.end", 5, end=end)
    page.close()


def test_a_clock_that_is_set_back_holds_no_value_up():
    if not FAKETIME:
        raise Skip("no libfaketime")
    WORLD.start_clocked()
    page = WORLD.board("/?ward=onc-7")
    WORLD.wrong("+600")
    WORLD.say("1", per_minute("hr", 81))
    page.wait(f"{PULSE} === '81'", 40)
    WORLD.wrong("+0")
    WORLD.say("1", per_minute("hr", 141))
    until(lambda: WORLD.bed("1")["values"]["hr"]["value"] == 141, 40, what="the value to be known")
    page.wait(f"{PULSE} === '141'", 5)
    page.close()


if __name__ == "__main__":
    with WORLD:
        run([test for name, test in list(globals().items()) if name.startswith("test_")])
