# SPDX-License-Identifier: Apache-2.0
"""Retained alerts that are open nowhere are emptied when the daemon meets the broker: after its store was lost, and when a
broker brings back what it had forgotten to forget. What others say, of wards that are not ours or as `vigil watch`, stays."""
import glob
import os
import signal

from place import Place, run, until, vitals

ALERTS = "vigil/v1/wards/+/alerts/+"
LOW = {"code": "sbp", "value": 60, "unit": "mm[Hg]", "source": "cuff"}
OTHERS = {"vigil/v1/wards/elsewhere/alerts/01M8K7NWB0ABY0PV7W8Y0RCBM3": {"rule": "HYPOTENSION"},
          "vigil/v1/wards/onc-7/alerts/01M8K7NWB0F9T505D10EJW0WK4": {"rule": "MONITORING_LOST"}}
FORGOTTEN = "vigil/v1/wards/onc-7/alerts/01M8K7NWB0QVVBV264PBT058ZZ"


def standing(place, name):
    """What a display that comes now sees; all that is retained comes before the answer to a message of its own."""
    client = place.client(name, ALERTS, "test/echo")
    client.publish("test/echo", "{}")
    until(lambda: client.messages("test/echo"), what="the echo")
    return {topic for topic, payload, *_ in list(client.seen) if payload and topic != "test/echo"}


def raised(place, client, bed):
    client.publish(f"vigil/v1/beds/onc-7/{bed}/vitals", vitals(None, LOW))
    until(lambda: [e for e in client.events() if e["bed"] == str(bed) and e["event"] == "raised"], what="an alert")


def settles(place, expected, what):
    tries = iter(range(1000))
    until(lambda: standing(place, f"display-{what}-{next(tries)}") == expected, 15, what)


def test_a_lost_store_and_a_broker_that_remembers_too_much():
    with Place() as place:
        nurse = place.client("nurse", "vigil/v1/wards/+/events")
        for topic, payload in OTHERS.items():
            nurse.publish(topic, payload, retained=True)
        raised(place, nurse, 12)
        until(lambda: len(standing(place, "first")) > len(OTHERS), what="the state of the alert")
        old = standing(place, "second") - set(OTHERS)
        place.daemon.signal(signal.SIGKILL)
        place.daemon.start()  # what is open stays open
        raised(place, nurse, 13)
        assert old <= standing(place, "third")
        place.daemon.signal(signal.SIGKILL)
        for file in glob.glob(f"{place.daemon.store}*"):
            os.unlink(file)
        place.daemon.start()
        settles(place, set(OTHERS), "lost")
        raised(place, nurse, 14)
        until(lambda: len(standing(place, "fourth")) > len(OTHERS), what="the state of the new alert")
        now = standing(place, "fifth")
        assert not now & old, "an old alert is back"
        place.client("ghost").publish(FORGOTTEN, {"rule": "HYPOTENSION"}, retained=True)
        place.broker.process.send_signal(signal.SIGTERM)
        place.broker.process.wait()
        place.broker.start()
        settles(place, now, "remembered")
        forgotten = ("SELECT count(*) FROM audit WHERE kind = 'leftover' AND subject = ?", FORGOTTEN.rsplit("/", 1)[1])
        until(lambda: place.daemon.rows(*forgotten) == [(1,)], what="the row of the audit trail")


run([test_a_lost_store_and_a_broker_that_remembers_too_much])
