# SPDX-License-Identifier: Apache-2.0
"""The right patient: what is measured in a bed belongs to whoever lay there then, however late it comes; late admissions;
a message that names somebody else is kept aside and given to the right patient by a person; what a restart makes of it."""
import json
import os
import signal
import subprocess
from datetime import datetime, timezone

from place import BUILD, Place, now_ms, run, temp, until, vitals

VIGIL = os.path.join(BUILD, "vigil")
M = 60000
EVENTS = ("vigil/v1/wards/+/events", "vigil/v1/gateways/+/rejected", "vigil/v1/gateways/+/committed",
          "vigil/v1/wards/+/results/+")


def bed(number, kind="vitals", ward="onc-7"):
    return f"vigil/v1/beds/{ward}/{number}/{kind}"


def vigil(place, *words):
    done = subprocess.run([VIGIL, *words, "--set", f"store.path={place.daemon.store}",
                           "--set", f"mqtt.url=mqtt://127.0.0.1:{place.broker.port}"],
                          capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def history(place, patient):
    """Values of temperature, oldest first, as `vigil history` tells them."""
    code, out, err = vigil(place, "history", patient, "--from", "-48h", "--json")
    assert code in (0, 1), err
    return [r["value"] for r in json.loads(out)["readings"] if r["code"] == "temp"]


class Ward:
    def __init__(self, place):
        self.place, self.seq = place, 0
        self.heard = place.client("ward", *EVENTS)
        self.gateway = place.client("gw")

    def episode(self, number, do, at, patient="", **more):
        named = {"patient": patient} if patient else {}
        admitted = {"product": "car_t", "age": 50} if do == "admit" else {}
        self.gateway.publish(bed(number, "episode"), {"ts": at, "by": "adt", "do": do, **named, **admitted, **more})

    def read(self, number, at, value, **more):
        self.seq += 1
        self.gateway.publish(bed(number), vitals(self.seq, temp(value), ts=at, **more))

    def chart(self, number, at, *obs, kind="therapy", **more):
        self.seq += 1
        self.gateway.publish(bed(number, kind), vitals(self.seq, *obs, ts=at, **more))

    def committed(self):
        until(lambda: [m for m in self.heard.messages("/committed") if m["upto"] == self.seq and not m["missing"]],
              what=f"commit of {self.seq}")

    def events(self, rule, patient=None):
        """Each change once: what a kill leaves unconfirmed is told again, by the same id and rev."""
        told = {(e["id"], e["rev"]): e for e in self.heard.events(rule) if patient in (None, e["patient"])}
        return list(told.values())

    def restart(self):
        self.place.daemon.signal(signal.SIGKILL)
        self.place.daemon.start()


def test_late_messages_after_a_transfer_and_a_swap():
    """Old bed's late message goes to who lay there; whoever lies there now is not touched."""
    with Place() as place:
        w, t = Ward(place), now_ms() - 120 * M
        w.episode(1, "admit", t, "p-a")
        w.episode(2, "admit", t, "p-b")
        w.read(1, t + M, 36.6)
        w.read(2, t + M, 36.7)
        w.episode(1, "transfer", t + 60 * M, to_ward="onc-7", to_bed="2", swap=True)
        w.read(1, t + 61 * M, 36.8)                     # p-b now
        w.read(1, t + 50 * M, 39.4)                     # late: p-a lay there
        w.read(1, t + 51 * M, 36.9, patient="p-a")      # and is named: no mismatch
        w.read(2, t + 52 * M, 39.9, patient="p-a")      # p-b lay there then: a mismatch
        w.committed()
        until(lambda: w.events("IDENTITY_MISMATCH"), what="the mismatch")
        fevers = until(lambda: w.events("FEVER_CONFIRMED") + w.events("FEVER_RETRO"), what="the fever")
        assert {e["patient"] for e in fevers} == {"p-a"}
        assert [r["reason"] for r in w.heard.messages("/rejected")] == ["identity"]
        for _ in range(2):
            assert history(place, "p-a") == [36.6, 39.4, 36.9], history(place, "p-a")
            assert history(place, "p-b") == [36.7, 36.8], history(place, "p-b")
            before = len(w.events("FEVER_CONFIRMED"))
            w.restart()                                 # a restart gives them to the same
            w.read(3, now_ms(), 36.0)
            w.committed()
            assert len(w.events("FEVER_CONFIRMED")) == before
        beds = json.loads(vigil(place, "episodes", "p-a", "--json")[1])["episodes"][0]["beds"]
        assert [(b["bed"], b["to"] is None) for b in beds] == [("1", False), ("2", True)], beds
        assert beds[0]["to"] == beds[1]["from"]

        def now_in():
            return [json.loads(vigil(place, "episodes", p, "--json")[1])["episodes"][0]["bed"] for p in ("p-a", "p-b")]
        assert now_in() == ["2", "1"], now_in()
        code, out, err = vigil(place, "transfer", "onc-7/1", "onc-7/2", "--swap")  # and back, by a person
        assert code == 0 and now_in() == ["1", "2"], (out, err, now_in())


def test_a_bed_is_used_again():
    """After a discharge: late readings of the first are kept under them and alarm nobody."""
    with Place() as place:
        w, t = Ward(place), now_ms() - 120 * M
        w.episode(1, "admit", t, "p-a")
        w.read(1, t + M, 36.6)
        w.episode(1, "discharge", t + 30 * M, "p-a")
        w.episode(1, "admit", t + 60 * M, "p-b")
        w.read(1, t + 61 * M, 36.9)
        w.read(1, t + 20 * M, 41.2)                     # p-a's
        w.read(1, t + 40 * M, 41.3)                     # nobody lay there
        w.read(1, t + 21 * M, 41.4, patient="p-b")      # p-a lay there: a mismatch
        w.committed()
        until(lambda: w.events("IDENTITY_MISMATCH"), what="the mismatch")
        assert not [e for e in w.heard.events() if "FEVER" in e["rule"] or e["rule"] == "HYPERPYREXIA"]
        assert history(place, "p-a") == [36.6, 41.2] and history(place, "p-b") == [36.9]
        stored = place.daemon.rows("SELECT count(*) FROM message")[0][0]
        assert stored == 4, stored                      # nobody's is stored too
        code, out, _ = vigil(place, "episodes", "p-a")
        assert code == 0 and "onc-7/1" in out and " to now" not in out, out


def test_an_admission_comes_late():
    with Place() as place:
        w, t = Ward(place), now_ms() - 60 * M
        w.read(1, t - 10 * M, 36.1)                     # before the patient came
        w.read(1, t + M, 38.9)
        raised = until(lambda: w.events("FEVER_CONFIRMED"), what="the alert of the bed")[0]
        assert raised["patient"] is None
        w.chart(1, t + 2 * M, {"code": "infusion", "value": "start", "product": "car_t", "dose_id": "d-7"})
        w.committed()
        w.episode(1, "admit", t, "p-a", identity={"donor": "allogeneic", "chain_id": "coi-1"})
        linked = until(lambda: w.events("FEVER_CONFIRMED", "p-a"), what="the alert to get its patient")[0]
        assert linked["id"] == raised["id"] and linked["episode"]
        w.read(1, t + 5 * M, 38.8)
        w.committed()
        until(lambda: history(place, "p-a") == [38.9, 38.8], what="what came before the admission")
        one = json.loads(vigil(place, "episodes", "p-a", "--json")[1])["episodes"][0]
        assert (one["donor"], one["chain_id"], one["product"]) == ("allogeneic", "coi-1", "car_t"), one
        assert [(i["value"], i["product"], i["dose_id"]) for i in one["infusions"]] == [("start", "car_t", "d-7")]
        w.restart()
        w.read(1, t + 6 * M, 38.7)
        w.committed()
        assert history(place, "p-a") == [38.9, 38.8, 38.7]
        assert len({e["id"] for e in w.events("FEVER_CONFIRMED")}) == 1


def test_a_mismatch_is_released():
    with Place() as place:
        w, t = Ward(place), now_ms() - 60 * M
        w.episode(1, "admit", t, "p-a")
        w.episode(2, "admit", t, "p-b")
        for n, value in enumerate((36.6, 39.3, 39.4)):
            w.read(1, t + (10 + n) * M, value, patient="p-b")  # p-b's monitor says bed 1
        w.read(1, t + 20 * M, 36.5, patient="p-x")
        w.committed()
        mismatch = until(lambda: w.events("IDENTITY_MISMATCH"), what="the mismatch")[0]
        assert mismatch["bed"] == "1" and not w.events("FEVER_CONFIRMED")
        assert vigil(place, "assign", "onc-7/1", "p-b", "--by", "nurse:li")[0] == 2  # no reason
        assert vigil(place, "assign", "onc-7/1", "p-c", "--by", "nurse:li", "--reason", "x")[0] == 1  # none named so
        code, out, err = vigil(place, "assign", "onc-7/1", "p-b", "--by", "nurse:li", "--reason", "wrong bed set")
        assert code == 0 and "3 messages given" in out, (code, out, err)
        late = until(lambda: w.events("FEVER_CONFIRMED", "p-b"), what="the fever of p-b")[0]
        assert late["bed"] == "2"
        code, out, _ = vigil(place, "assign", "onc-7/1", "p-b", "--by", "nurse:li", "--reason", "again")
        assert code == 1, out                           # nothing is left
        until(lambda: history(place, "p-b") == [36.6, 39.3, 39.4], what="the readings under p-b")
        assert history(place, "p-a") == []
        code, out, err = vigil(place, "assign", "onc-7/1", "p-a", "--named", "p-x", "--by", "nurse:li", "--reason", "typo")
        assert code == 0 and "1 message given" in out, (out, err)
        until(lambda: history(place, "p-a") == [36.5], what="the reading under p-a")
        w.restart()
        w.read(2, t + 30 * M, 39.4)
        w.committed()
        assert history(place, "p-b")[:3] == [36.6, 39.3, 39.4]
        assert len({e["id"] for e in w.events("FEVER_CONFIRMED")}) == 1
        until(lambda: vigil(place, "audit", "verify")[0] == 0, what="the trail to be whole")
        assert place.daemon.rows("SELECT count(*) FROM audit WHERE kind = 'assign'")[0][0] >= 4


def test_a_wrong_device_beside_a_right_one_is_one_alert():
    """A pump set to another patient, a clock that is off, each beside a monitor that is right: whoever has taken the alert
    is not called again with each message, over a kill -9 too."""
    with Place() as place:
        w, t = Ward(place), now_ms() - 60 * M
        pages = place.client("pages", "vigil/v1/wards/+/pages/+")
        w.episode(1, "admit", t, "p-a")
        for n in range(20):
            w.read(1, now_ms(), 36.6, patient="p-a")
            w.read(1, now_ms(), 36.7, patient="p-b")
            w.read(1, now_ms() + 5 * M, 36.8)
            if n == 10:
                w.committed()
                until(lambda: w.events("IDENTITY_MISMATCH") and w.events("CLOCK_FUTURE"), what="both")
                until(lambda: pages.messages("/bedside-nurse"), what="the call")
                w.restart()
        w.committed()
        for rule in ("IDENTITY_MISMATCH", "CLOCK_FUTURE"):
            assert [e["event"] for e in w.events(rule)] == ["raised"], (rule, w.events(rule))
        calls = {p["page"] for p in pages.messages("/bedside-nurse")}  # one covers the other
        assert len(calls) == 1, calls


def test_devices_begin_and_end():
    """A monitor comes with the bed, is replaced, is seen elsewhere; kill -9 loses none of it."""
    def devices(patient):
        stays = json.loads(vigil(place, "episodes", patient, "--json")[1])["episodes"]
        return {d["device"]: (d["bed"], d["from"][11:16], d["to"] and d["to"][11:16]) for s in stays for d in s["devices"]}

    def clock(at):
        return datetime.fromtimestamp(at / 1000, timezone.utc).strftime("%H:%M")

    with Place() as place:
        w, t = Ward(place), now_ms() - 60 * M
        w.read(1, t + M, 36.6, device="mon-1")          # before anybody was admitted
        w.episode(1, "admit", t, "p-a")
        w.episode(2, "admit", t, "p-b")
        w.read(1, t + 2 * M, 36.6, device="mon-1")
        w.committed()
        assert devices("p-a") == {"mon-1": ("1", clock(t + M), None)}, devices("p-a")
        w.read(1, t + 4 * M, 36.6, device="mon-2")      # it takes the place of mon-1
        w.read(2, t + 5 * M, 36.6, device="mon-3")
        w.committed()
        w.restart()
        assert devices("p-a") == {"mon-1": ("1", clock(t + M), clock(t + 2 * M)), "mon-2": ("1", clock(t + 4 * M), None)}
        w.read(2, t + 7 * M, 36.6, device="mon-2")      # carried over to p-b
        w.episode(2, "discharge", t + 9 * M, "p-b")
        w.committed()
        until(lambda: devices("p-b").get("mon-2") == ("2", clock(t + 7 * M), clock(t + 7 * M)), what="the end")
        assert devices("p-a")["mon-2"] == ("1", clock(t + 4 * M), clock(t + 4 * M)), devices("p-a")
        code, out, _ = vigil(place, "episodes", "p-a")
        assert code == 0 and f"mon-1 in onc-7/1  " in out, out


def test_two_devices_disagree():
    with Place() as place:
        w, t = Ward(place), now_ms() - 10 * M
        w.episode(1, "admit", t, "p-a")
        for second in range(0, 150, 10):
            for device, value in (("mon-1", 80), ("mon-2", 118)):
                w.chart(1, t + 1000 * second, {"code": "hr", "value": value, "unit": "/min"}, device=device, kind="vitals")
        wrong = until(lambda: w.events("WRONG_PATIENT"), what="devices that disagree")[0]
        assert (wrong["class"], wrong["patient"]) == ("technical", "p-a"), wrong


def test_repeats_that_come_late_bring_nobody_back():
    """The admission once more after the discharge; the discharge of an earlier stay once more. A new admission is one."""
    def stays():
        return [(s["begin"][11:16], s["end"] is None)
                for s in json.loads(vigil(place, "episodes", "p-a", "--json")[1])["episodes"]]

    def clock(at):
        return datetime.fromtimestamp(at / 1000, timezone.utc).strftime("%H:%M")

    with Place() as place:
        w, t = Ward(place), now_ms() - 120 * M
        w.episode(1, "admit", t, "p-a")
        w.episode(1, "admit", t, "p-a")                 # while it lasts: changes nothing
        w.episode(1, "discharge", t + 30 * M, "p-a")
        w.episode(1, "admit", t, "p-a")
        until(lambda: w.heard.messages("/rejected"), what="the answer")
        w.episode(1, "admit", t + 60 * M, "p-b")        # the bed is free
        w.episode(1, "discharge", t + 80 * M, "p-b")
        w.episode(1, "admit", t + 90 * M, "p-a")
        w.episode(1, "discharge", t + 30 * M, "p-a")    # of the earlier stay
        w.read(1, t + 95 * M, 36.6)
        w.committed()
        assert [r["reason"] for r in w.heard.messages("/rejected")] == ["identity", "identity"]
        for _ in range(2):
            assert stays() == [(clock(t), False), (clock(t + 90 * M), True)], stays()
            assert history(place, "p-a") == [36.6]
            w.restart()


def test_home_and_house_since_the_same_instant():
    """Two stays, though patient and time are the same."""
    with Place() as place:
        w, t = Ward(place), now_ms() - 60 * M
        w.episode(1, "admit", t, "p-a", setting="outpatient")
        w.episode(2, "admit", t, "p-a")
        w.read(1, t + M, 39.2)
        w.committed()
        until(lambda: w.events("FEVER_CONFIRMED"), what="the fever at home")
        stays = json.loads(vigil(place, "episodes", "p-a", "--json")[1])["episodes"]
        assert sorted((s["setting"], s["bed"]) for s in stays) == [("inpatient", "2"), ("outpatient", "1")], stays
        w.restart()                                     # its alert is still that of home
        w.read(2, t + 2 * M, 36.6)
        w.committed()
        assert {(e["bed"], e["id"]) for e in w.events("FEVER_CONFIRMED")} == {("1", w.events("FEVER_CONFIRMED")[0]["id"])}
        assert {s["id"] for s in json.loads(vigil(place, "episodes", "p-a", "--json")[1])["episodes"]} == {s["id"] for s in stays}
        assert len({s["id"] for s in stays}) == 2


def test_home_beside_the_ward_and_another_product():
    with Place() as place:
        w, t = Ward(place), now_ms() - 60 * M
        w.episode(1, "admit", t, "p-a", setting="outpatient")
        w.episode(2, "admit", t + M, "p-a")
        w.episode(3, "admit", t + M, "p-a")             # a second one in the house: refused
        until(lambda: w.heard.messages("/rejected"), what="the refusal")
        w.read(1, t + 2 * M, 36.5)
        w.read(2, t + 3 * M, 36.6)
        w.chart(2, t + 4 * M, {"code": "infusion", "value": "start", "product": "nk", "dose_id": "d-1"})
        w.committed()
        wrong = until(lambda: w.events("IDENTITY_MISMATCH"), what="another product than that of the admission")[0]
        assert wrong["bed"] == "2" and "nk" in wrong["text"] and "car_t" in wrong["text"], wrong["text"]
        assert history(place, "p-a") == [36.5, 36.6]
        stays = json.loads(vigil(place, "episodes", "p-a", "--json")[1])["episodes"]
        assert [s["setting"] for s in stays] == ["outpatient", "inpatient"], stays
        assert [len(s["infusions"]) for s in stays] == [0, 1]


if __name__ == "__main__":
    run([test for name, test in list(globals().items()) if name.startswith("test_")])
