# SPDX-License-Identifier: Apache-2.0
"""Several infusions of one stay: each with its product, dose, donor and chain of identity as they were then; the hours
since the latest one on the board, in answers and alerts, whatever order they are charted in; baselines frozen at the
first; each opens the window of reactions anew; one that never was is taken back; and a kill changes nothing of it."""
import json
import os
import sys
from datetime import datetime

from place import Place, now_ms, run, temp, until
from test_identity import Ward, vigil

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib-python"))
from web import Web  # noqa: E402

M = 60000
H = 60 * M


def ms(text):
    return round(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


def cuff(value):
    return {"code": "sbp", "value": value, "unit": "mm[Hg]", "source": "cuff"}


def pulse(value):
    return {"code": "hr", "value": value, "unit": "/min", "source": "spot"}


class Stay(Ward):
    """One patient in bed 1."""

    def vitals(self, at, *obs):
        self.chart(1, at, *obs, kind="vitals")

    def infuse(self, at, dose, minutes=20, product="car_nk"):
        for when, value in ((at, "start"), (at + minutes * M, "end")):
            self.chart(1, when, {"code": "infusion", "value": value, "product": product, "dose_id": dose})

    def bed(self):
        beds = Web(self.place.daemon.port).get("/api/v1/wards/onc-7/beds").json["beds"]
        return [b for b in beds if b["bed"] == "1"][0]

    def since(self, start):
        """The board's hours count from this infusion."""
        bed = until(lambda: [b for b in (self.bed(),) if b["infusion"] and ms(b["infusion"]) == start],
                    what=f"the infusion of {start}")[0]
        assert abs(bed["since_infusion_s"] - (now_ms() - start) / 1000) < 30, (bed["since_infusion_s"], start)
        assert bed["product"] == "car_nk", bed

    def infused(self):
        one = json.loads(vigil(self.place, "episodes", "p-a", "--json")[1])["episodes"][0]
        return [(i["value"], i["product"], i["dose_id"], i["donor"], i["chain_id"]) for i in one["infusions"]]

    def charted(self):
        """The same from the page of a patient: what was charted."""
        answer = Web(self.place.daemon.port).get("/api/v1/charted?patient=p-a&from=-2d").json
        return [(o["value"], o["product"], o["dose_id"]) for m in answer["charted"] for o in m["obs"]
                if o["code"] == "infusion"]


def doses(*of):
    return [(value, "car_nk", dose, donor, chain) for dose, donor, chain in of for value in ("start", "end")]


def test_each_has_its_donor_and_dose():
    with Place() as place:
        s, t = Stay(place), now_ms() - 7 * H
        s.episode(1, "admit", t, "p-a", product="car_nk", identity={"donor": "allogeneic", "chain_id": "coi-1"})
        first, second, third = t + 30 * M, t + 3 * H, t + 6 * H
        s.infuse(first, "d-1")
        s.committed()
        s.since(first)
        s.episode(1, "update", t + 2 * H, "p-a", identity={"donor": "haploidentical", "chain_id": "coi-2"})
        s.infuse(third, "d-3")
        s.committed()
        s.since(third)
        s.infuse(second, "d-2")                         # charted last: the latest stays the third
        s.committed()
        s.since(third)
        told = doses(("d-1", "allogeneic", "coi-1"), ("d-2", "haploidentical", "coi-2"),
                     ("d-3", "haploidentical", "coi-2"))
        until(lambda: s.infused() == told, what=f"the infusions, not {s.infused()}")
        assert sorted(s.charted()) == sorted(row[:3] for row in told), s.charted()
        text = vigil(place, "episodes", "p-a")[1]
        assert "dose d-1  donor allogeneic  chain of identity coi-1" in text, text
        stay = Web(place.daemon.port).get("/api/v1/episodes?patient=p-a").json["episodes"][0]
        assert (stay["donor"], stay["chain_id"]) == ("haploidentical", "coi-2"), stay
        s.restart()
        s.since(third)
        assert s.infused() == told
        s.vitals(now_ms() - M, temp(38.6))
        alert = until(lambda: s.events("FEVER_CONFIRMED"), what="the fever")[0]
        assert alert["since_infusion_s"] == (ms(alert["onset"]) - third) // 1000, alert


def test_another_product_is_told():
    """A dose of another product than that of the admission: told, kept, and it counts."""
    with Place() as place:
        s, t = Stay(place), now_ms() - 5 * H
        s.episode(1, "admit", t, "p-a", product="car_nk")
        s.infuse(t + 30 * M, "d-1")
        s.infuse(t + 3 * H, "d-9", product="car_t")
        s.committed()
        assert until(lambda: s.events("IDENTITY_MISMATCH"), what="the mismatch")[0]["bed"] == "1"
        s.since(t + 3 * H)
        assert [row[:3] for row in s.infused()] == [
            ("start", "car_nk", "d-1"), ("end", "car_nk", "d-1"), ("start", "car_t", "d-9"), ("end", "car_t", "d-9")]


def test_baselines_stay_those_of_the_first():
    """Median 124 before the first infusion; 104 before the second would be a baseline that 98 does not fall short of."""
    with Place() as place:
        s, t = Stay(place), now_ms() - 7 * H
        s.episode(1, "admit", t, "p-a", product="car_nk")
        for n, value in enumerate((120, 124, 128)):
            s.vitals(t + (1 + n) * M, cuff(value))
        s.infuse(t + 30 * M, "d-1")
        for n in range(6):
            s.vitals(t + (60 + 20 * n) * M, cuff(104))
        s.infuse(t + 5 * H, "d-2")
        s.committed()
        assert not s.events("RELATIVE_HYPOTENSION")     # 104 is above 100
        s.vitals(t + 5 * H + 30 * M, cuff(98))
        s.committed()
        low = until(lambda: s.events("RELATIVE_HYPOTENSION"), what="98 against 124")[0]
        assert low["since_infusion_s"] == 1800, low
        s.restart()
        s.vitals(t + 5 * H + 40 * M, cuff(99))          # and 99 still falls short: 99.2
        s.committed()
        assert len({e["id"] for e in s.events("RELATIVE_HYPOTENSION")}) == 1
        assert [e["event"] for e in s.events("RELATIVE_HYPOTENSION")].count("ended") == 0


def test_each_opens_the_window_of_reactions():
    """A pulse of 45 within 4 h of the end of an infusion, of any (Clinical reference 0.3, 3.3)."""
    with Place() as place:
        s, t = Stay(place), now_ms() - 7 * H
        s.episode(1, "admit", t, "p-a", product="car_nk")
        s.infuse(t, "d-1")
        s.vitals(t + 20 * M + 4 * H + 1000, pulse(45))  # a second too late for the first
        s.vitals(t + 5 * H, pulse(80))
        s.committed()
        assert not s.events("INFUSION_HTN_BRADY")
        s.infuse(t + 5 * H + 30 * M, "d-2")
        s.vitals(t + 6 * H, pulse(45))
        s.committed()
        alert = until(lambda: s.events("INFUSION_HTN_BRADY"), what="the slow pulse")[0]
        assert ms(alert["onset"]) == t + 6 * H and alert["since_infusion_s"] == 1800, alert


def test_what_never_was_is_taken_back():
    """The second start was another patient's: all is as if it had not been charted, and what was said of it can be seen."""
    def start(at, **more):
        s.chart(1, at, {"code": "infusion", "value": "start", "product": "car_nk", **more})
        s.committed()

    def rows():
        stay = json.loads(vigil(place, "episodes", "p-a", "--json")[1])["episodes"][0]
        return [(ms(i["ts"]), i["value"], i.get("taken_back", False)) for i in stay["infusions"]]

    def slow_pulses():
        return [(ms(e["onset"]), e["event"]) for e in s.events("INFUSION_HTN_BRADY")]

    with Place() as place:
        s, t = Stay(place), now_ms() - 30 * H
        right, wrong = t + 30 * M, t + 29 * H + 20 * M
        s.episode(1, "admit", t, "p-a", product="car_nk")
        start(right)
        s.chart(1, right + 20 * M, {"code": "infusion", "value": "end"})
        start(wrong)
        s.since(wrong)
        s.vitals(wrong + 10 * M, pulse(45))
        s.committed()
        assert until(slow_pulses, what="a slow pulse near an infusion")[0] == (wrong + 10 * M, "raised")

        start(wrong + 1000, on=False)                   # no such ts: it stands, and the tool is told
        refused = until(lambda: s.heard.messages("/rejected"), what="the answer")
        assert [(r["reason"], r["seq"]) for r in refused] == [("bad_time", s.seq)], refused
        s.since(wrong)
        start(wrong, on=False)
        s.since(right)
        until(lambda: slow_pulses()[-1][1] == "ended", what="the end of what rested on it")
        told = [(right, "start", False), (right + 20 * M, "end", False), (wrong, "start", True)]
        until(lambda: rows() == told, what=f"the rows, not {rows()}")
        assert "start, taken back  product car_nk" in vigil(place, "episodes", "p-a")[1]
        charted = vigil(place, "history", "p-a", "--charted", "--from", "-2d")[1]
        assert [line.split()[-2:] for line in charted.splitlines() if "taken back" in line] != [], charted
        s.restart()
        s.since(right)
        s.vitals(now_ms() - 10 * M, pulse(44))          # near the wrong one no longer
        s.vitals(now_ms() - 5 * M, pulse(80))
        s.committed()
        assert [e for _, e in slow_pulses()].count("raised") == 1, slow_pulses()
        assert "start, taken back" in vigil(place, "report", "p-a")[1]

        exported = vigil(place, "export", "p-a")
        assert exported[0] == 0 and '"on":false' in exported[1].replace(" ", ""), exported[1][-2000:]
        start(right, on=False)                          # nor was that one theirs
        until(lambda: s.bed()["infusion"] is None, what="no infusion at all")
        start(right, dose_id="d-2")                     # it was after all
        s.since(right)
        assert len(s.heard.messages("/rejected")) == 1


if __name__ == "__main__":
    run([test_each_has_its_donor_and_dose, test_another_product_is_told, test_baselines_stay_those_of_the_first,
         test_each_opens_the_window_of_reactions, test_what_never_was_is_taken_back])
