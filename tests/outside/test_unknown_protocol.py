# SPDX-License-Identifier: Apache-2.0
"""An admission that names a protocol which is not loaded: the patient is watched all the same, by another one, and that is
said to the sender, in the log and as an alert, over a restart too, until the protocol is there or another one is named."""
import os
import shutil
import signal
import sys

from place import Place, now_ms, run, temp, until, vitals

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from replayed import PROTOCOLS, line, message, replay, stamp  # noqa: E402

M = 60000
BED = "vigil/v1/beds/onc-7/1/"
HEARD = ("vigil/v1/wards/+/events", "vigil/v1/gateways/+/rejected", "vigil/v1/gateways/+/committed")


def stay(client, at, do, **more):
    client.publish(BED + "episode", {"ts": at, "by": "adt", "do": do, "patient": "p-1", **more})


def told(heard):
    return [(e["event"], e["protocol"]["name"]) for e in heard.events("PROTOCOL_UNKNOWN")]


def house():
    """A place with a folder of protocols of its own: nk alone."""
    place = Place(start=False)
    place.__enter__()
    folder = os.path.join(place.folder, "protocols")
    os.mkdir(folder)
    shutil.copy(os.path.join(PROTOCOLS, "nk.yaml"), folder)
    place.daemon.settings = os.path.join(place.folder, "vigild.yaml")
    with open(place.daemon.settings, "w", encoding="utf-8") as file:
        file.write("protocols: protocols\nwards:\n  - {id: onc-7, protocol: nk}\n")
    place.broker.start()
    place.daemon.start()
    return place, folder


def test_it_is_said_and_the_patient_is_watched():
    place, folder = house()
    try:
        heard, gateway = place.client("ward", *HEARD), place.client("gw")
        stay(gateway, now_ms() - M, "admit", product="nk", age=50, protocol="car-t")
        answer = until(lambda: heard.messages("/rejected"), what="the answer")[0]
        assert answer["reason"] == "code_unknown" and '"car-t"' in answer["detail"] and '"nk"' in answer["detail"], answer
        until(lambda: told(heard) == [("raised", "nk")], what="the alert")
        assert "episode.protocol" in place.daemon.log_text()
        gateway.publish(BED + "vitals", vitals(1, temp(38.5)))
        fever = until(lambda: heard.events("FEVER_CONFIRMED"), what="the fever")[0]
        assert fever["patient"] == "p-1" and fever["protocol"]["name"] == "nk", fever
        until(lambda: heard.messages("/committed"), what="the commit")

        place.daemon.signal(signal.SIGKILL)  # admission and alert are there after it
        place.daemon.start()
        gateway.publish(BED + "vitals", vitals(2, temp(41.2)))
        assert until(lambda: heard.events("HYPERPYREXIA"), what="the second fever")[0]["patient"] == "p-1"
        assert {event for event, _ in told(heard)} == {"raised"}, told(heard)

        shutil.copy(os.path.join(PROTOCOLS, "car-t.yaml"), folder)  # now it is loaded, and followed
        place.daemon.signal(signal.SIGHUP)
        until(lambda: "ended" in [event for event, _ in told(heard)], what="the end")
        gateway.publish(BED + "assessment", vitals(3, {"code": "seizure", "value": True}))
        assert until(lambda: heard.events("SEIZURE"), what="the seizure")[0]["protocol"]["name"] == "car-t"
    finally:
        place.__exit__(None, None, None)


def admitted(at, do="admit", **more):
    return line(at, "episode", {"ts": stamp(at), "by": "adt", "do": do, "patient": "p-1", **more})


def changes(text):
    """Events of the alert, refusals, and the protocol that watches in the end."""
    code, lines, error = replay(text + message(600, "assessment", 600, [{"code": "seizure", "value": True}]))
    assert code == 0, error
    alerts = [one["alert"] for one in lines if "alert" in one]
    return ([a["event"] for a in alerts if a["rule"] == "PROTOCOL_UNKNOWN"], len([one for one in lines if "rejected" in one]),
            [a["protocol"]["name"] for a in alerts if a["rule"] == "SEIZURE"][0])


def test_what_names_which():
    first = admitted(0, product="nk", age=50, protocol="nk-2031")
    assert changes(first) == (["raised"], 1, "nk")
    assert changes(first + admitted(60, "update", age=51)) == (["raised"], 1, "nk"), "an update that names none says nothing new"
    assert changes(first + admitted(60, "update", protocol="car-t")) == (["raised", "ended"], 1, "car-t")
    assert changes(first + admitted(60, "update", product="car_nk"))[0::2] == (["raised", "ended"], "car-nk")
    assert changes(admitted(0, age=50, protocol="nk-2031")) == (["raised"], 1, "car-t"), "of no product: the ward's"
    named = admitted(0, product="nk", age=50, protocol="car-t")
    assert changes(named) == ([], 0, "car-t")
    assert changes(named + admitted(60, "update", age=51)) == ([], 0, "car-t"), "a protocol that was named stays"


if __name__ == "__main__":
    run([test_it_is_said_and_the_patient_is_watched, test_what_names_which])
