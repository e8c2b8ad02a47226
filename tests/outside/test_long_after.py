# SPDX-License-Identifier: Apache-2.0
"""A restart days after the infusion, of which no vital signs are read back: the baseline that vigild had worked out is known,
and the episode of CRS goes on, its waiver with it (PROMISES.md, G7). The days go by with libfaketime."""
import glob
import json
import os
import shutil
import signal

from place import Place, Skip, now_ms, run, until

LIBRARY = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
HOUR = 3600
AGO = 60 * HOUR  # so long before now the daemon lives first
PROTOCOLS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "config", "protocols")


class Days(Place):
    def __init__(self):
        if not LIBRARY:
            raise Skip("no libfaketime")
        super().__init__(start=False)
        shutil.copytree(PROTOCOLS, os.path.join(self.folder, "protocols"))
        self.daemon.settings = os.path.join(self.folder, "vigild.yaml")
        with open(self.daemon.settings, "w") as file:
            file.write("node: n-1\nprotocols: protocols\nwards:\n  - {id: w, protocol: car-t}\n")
        self.file = os.path.join(self.folder, ".faketimerc")  # found by HOME: the daemon takes FAKETIME away
        plain, words = self.daemon.command, [f"HOME={self.folder}", "FAKETIME_DONT_FAKE_MONOTONIC=1", "FAKETIME_NO_CACHE=1",
                                             f"LD_PRELOAD={LIBRARY[0]}"]
        self.daemon.command = lambda *more: ["env", *words, *plain(*more)]
        self.seq, self.zero = 0, now_ms() - AGO * 1000
        self.broker.start()
        self.live(AGO)
        self.gateway = self.client("gw-1", "vigil/v1/gateways/gw-1/#")
        self.ward = self.client("ward", "vigil/v1/wards/w/#")

    def live(self, ago):
        with open(self.file, "w") as file:
            file.write(f"-{ago}")
        self.daemon.start()

    def say(self, kind, seconds, body):
        """Of so many seconds after the daemon's first start."""
        self.seq += 1
        message = {"v": 1, "gateway": "gw-1", "epoch": "e1", "seq": self.seq, "ts": self.zero + seconds * 1000, **body}
        self.gateway.publish(f"vigil/v1/beds/w/1/{kind}", json.dumps(message))

    def spot(self, seconds, **values):
        units = {"sbp": "mm[Hg]", "temp": "Cel"}
        self.say("vitals", seconds, {"patient": "p-1", "obs": [{"code": c, "value": v, "unit": units[c], "source": "spot"}
                                                               for c, v in values.items()]})

    def chart(self, kind, seconds, code, value):
        self.say(kind, seconds, {"patient": "p-1", "obs": [{"code": code, "value": value}]})

    def raised(self, rule):
        return until(lambda: [e for e in self.ward.events(rule) if e["event"] == "raised"], 20, rule)


def test_three_days_after():
    with Days() as days:
        days.say("episode", -6 * HOUR, {"do": "admit", "patient": "p-1", "product": "car_t", "age": 55, "by": "adt"})
        for hour in range(-5, 0):
            days.spot(hour * HOUR, sbp=150, temp=36.6)
        days.chart("therapy", -1800, "infusion", "start")
        days.spot(-900, temp=38.6)
        days.chart("therapy", -600, "medication", "tocilizumab")
        until(lambda: days.daemon.rows("SELECT sbp, onset FROM carried"), 20, "what is carried over")
        assert days.daemon.rows("SELECT sbp, temp, max_grade FROM carried") == [(150, 366, 1)]
        days.daemon.signal(signal.SIGKILL)
        days.live(0)
        days.spot(AGO, sbp=98)
        assert days.raised("RELATIVE_HYPOTENSION")
        days.chart("therapy", AGO, "o2_device", "nasal_cannula")
        assert days.raised("CRS_GRADE_2")


if __name__ == "__main__":
    run([v for k, v in list(globals().items()) if k.startswith("test_")])
