# SPDX-License-Identifier: Apache-2.0
"""Retained alerts that are open nowhere are emptied when the daemon meets the broker: after its store was lost, and when a
broker brings back what it had forgotten to forget. What others say, of wards that are not ours or as `vigil watch`, stays."""
import glob
import os
import signal

from place import Daemon, Place, run, until, vitals

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
    until(lambda: standing(place, f"display-{what}-{next(tries)}") == expected(), 15, what)


def right(place):
    """What ought to stand: what is open, and what others say."""
    return set(OTHERS) | {f"vigil/v1/wards/{ward}/alerts/{alert}" for ward, alert in
                          place.daemon.rows("SELECT ward, id FROM alert WHERE open")}


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
        settles(place, lambda: set(OTHERS), "lost")
        raised(place, nurse, 14)
        settles(place, lambda: right(place), "new")
        assert not right(place) & old, "an old alert is back"
        place.client("ghost").publish(FORGOTTEN, {"rule": "HYPOTENSION"}, retained=True)
        place.broker.process.send_signal(signal.SIGTERM)
        place.broker.process.wait()
        place.broker.start()
        settles(place, lambda: right(place), "remembered")
        forgotten = ("SELECT count(*) FROM audit WHERE kind = 'leftover' AND subject = ?", FORGOTTEN.rsplit("/", 1)[1])
        until(lambda: place.daemon.rows(*forgotten) == [(1,)], what="the row of the audit trail")


def test_what_another_vigild_has_open_stays():
    """A second one, of another name, with a store of its own: while the first is there, it empties nothing of its wards."""
    with Place() as place, Place(start=False) as second:
        nurse = place.client("nurse", "vigil/v1/wards/+/events")
        raised(place, nurse, 12)
        until(lambda: standing(place, "first"), what="the state of the alert")
        old = standing(place, "second")
        second.broker = place.broker
        second.daemon = Daemon(second.folder, place.broker)
        plain = second.daemon.command
        second.daemon.command = lambda *more: plain("--set", "node=vigil-2", *more)
        second.daemon.start()
        until(lambda: "event=shared" in second.daemon.log_text(), what="the warning")
        raised(second, nurse, 13)  # behind all that it was told at its start
        until(lambda: len(standing(place, "third")) > len(old), what="the state of the other alert")
        assert old <= standing(place, "fourth"), "the alerts of the first are gone"
        assert "event=leftover" not in second.daemon.log_text()
        second.daemon.signal(signal.SIGTERM)
        place.daemon.signal(signal.SIGTERM)
        for file in glob.glob(f"{second.daemon.store}*"):
            os.unlink(file)
        second.daemon.start()  # and now it is alone
        settles(place, set, "alone")
        second.daemon.signal(signal.SIGTERM)


run([test_a_lost_store_and_a_broker_that_remembers_too_much, test_what_another_vigild_has_open_stays])
