# SPDX-License-Identifier: Apache-2.0
"""The life of alerts as a ward sees it: raised, told, ended; through kills and stops."""
import signal

from place import Place, now_ms, run, temp, until, vitals

BED = "vigil/v1/beds/onc-7/9/vitals"


def ward_of(place, name="ward"):
    return place.client(name, "vigil/v1/wards/#", "vigil/v1/nodes/+/status", "vigil/v1/nodes/+/heartbeat")


def test_raised_retained_indexed_ended_and_emptied():
    with Place() as place:
        ward, gateway = ward_of(place), place.client("gw")
        start = now_ms() - 150 * 60000
        gateway.publish(BED, vitals(1, temp(38.6), ts=start))
        raised = until(lambda: ward.events("FEVER_CONFIRMED"), what="raised")[0]
        assert raised["severity"] == "urgent" and raised["bed"] == "9" and raised["patient"] is None
        assert "never a diagnosis" in raised["disclaimer"]
        late = ward_of(place, "late")  # a display that comes later finds it retained
        until(lambda: late.messages(raised["id"]), what="the retained state")
        until(lambda: [i for i in ward.messages("/index") if [o["id"] for o in i["open"]] == [raised["id"]]],
              what="the index")
        for n in range(2, 6):  # 90 minutes at 37.0, the last half an hour ago (after 60 min it would speak no more): clear
            gateway.publish(BED, vitals(n, temp(37.0), ts=start + (n - 1) * 30 * 60000))
        ended = until(lambda: [e for e in ward.events("FEVER_CONFIRMED") if e["event"] == "ended"], what="ended")
        assert ended[0]["id"] == raised["id"] and ended[0]["condition"] == "ended"
        until(lambda: ward.messages(raised["id"])[-1] is None, what="the retained state to be emptied")
        until(lambda: ward.messages("/index")[-1]["open"] == [], what="an empty index")
        numbers = [e["n"] for e in ward.events()]
        assert numbers == list(range(1, len(numbers) + 1)), numbers


def test_open_alert_lives_through_a_kill():
    with Place() as place:
        ward, gateway = ward_of(place), place.client("gw")
        gateway.publish(BED, vitals(1, temp(38.6)))
        raised = until(lambda: ward.events("FEVER_CONFIRMED"), what="raised")[0]
        until(lambda: place.daemon.rows("SELECT count(*) FROM outbox")[0][0] == 0, what="the outbox to empty")
        place.daemon.signal(signal.SIGKILL)
        place.daemon.start()
        gateway.publish(BED, vitals(2, temp(38.7)))
        gateway.publish(BED.replace("/9/", "/8/"), vitals(3, temp(39.0)))
        until(lambda: [e for e in ward.events("FEVER_CONFIRMED") if e["bed"] == "8"], what="the other bed")
        assert [e["event"] for e in ward.events("FEVER_CONFIRMED") if e["bed"] == "9"] == ["raised"]
        fresh = ward_of(place, "fresh")
        until(lambda: fresh.messages(raised["id"]), what="the retained state")
        until(lambda: len(ward.messages("/index")[-1]["open"]) >= 2, what="both in the index")


def test_a_cuff_cycle_without_a_value_outlives_a_kill():
    # it names the cause of a CHECK_PATIENT: two of them within 10 min, the second after the restart
    cuff = {"code": "sbp", "value": None, "source": "cuff"}
    unknown = {"code": "no_such_code", "value": 1}
    for number, obs in enumerate(([cuff], [cuff, unknown])):  # also beside what is refused
        with Place() as place:
            ward, gateway = ward_of(place), place.client("gw", "vigil/v1/gateways/gw-1/committed")
            gateway.publish(BED, vitals(1, *obs))
            until(lambda: [m for m in gateway.messages("/committed") if m["upto"] == 1], what="the mark")
            place.daemon.signal(signal.SIGKILL)
            place.daemon.start()
            gateway.publish(BED, vitals(2, cuff))
            until(lambda: ward.events("CHECK_PATIENT"), what=f"CHECK_PATIENT, case {number}")


def test_status_will_and_heartbeat():
    with Place() as place:
        ward = ward_of(place)
        states = lambda: [s["state"] for s in ward.messages("/status")]  # noqa: E731
        until(lambda: states() and states()[-1] == "online", what="online")
        assert set(ward.messages("/status")[-1]["protocols"]) == {"car-nk", "car-t", "nk"}
        until(lambda: len(ward.messages("/heartbeat")) >= 2, what="two heartbeats")
        place.daemon.signal(signal.SIGKILL)
        until(lambda: states()[-1] == "offline", what="the will")
        place.daemon.start()
        until(lambda: states()[-1] == "online", what="online again")
        gateway = place.client("gw")
        for n in range(1, 200):
            gateway.publish(BED, vitals(n, temp(36.5)), wait=False)
        gateway.publish(BED, vitals(200, temp(36.6)))
        code = place.daemon.signal(signal.SIGTERM)
        assert code == 0, code
        until(lambda: states()[-2:] == ["draining", "offline"], what="draining, offline")
        place.daemon.start()
        until(lambda: place.daemon.rows("SELECT count(*) FROM message")[0][0] == 200,
              what="all 200, those not yet taken from the broker's session")


def test_a_reload_asked_for_while_it_starts_is_done_then():
    with Place() as place:
        for _ in range(5):
            place.daemon.signal(signal.SIGTERM)
            open(place.daemon.log, "w").close()
            place.daemon.start(wait=False)
            until(lambda: "event=starting" in place.daemon.log_text(), what="the first line")
            place.daemon.process.send_signal(signal.SIGHUP)
            place.daemon.wait_ready()
            until(lambda: "protocols reloaded" in place.daemon.log_text(), what="the reload")


def test_who_is_told_to_stop_reads_nothing_again():
    """Who had read protocols anew would say "online". A broker that stands still holds it between the two."""
    with Place() as place:
        ward = ward_of(place)
        states = lambda: [s["state"] for s in ward.messages("/status")]  # noqa: E731
        until(lambda: states() and states()[-1] == "online", what="online")
        place.broker.process.send_signal(signal.SIGSTOP)
        place.daemon.process.terminate()
        until(lambda: "event=stopping" in place.daemon.log_text(), what="that it stops")
        place.daemon.process.send_signal(signal.SIGHUP)
        assert place.daemon.process.wait(15) == 0
        assert "protocols reloaded" not in place.daemon.log_text()
        place.broker.process.send_signal(signal.SIGCONT)
        until(lambda: states()[-1] == "offline", what="offline")
        assert states()[-2:] == ["draining", "offline"], states()


run([test_raised_retained_indexed_ended_and_emptied, test_open_alert_lives_through_a_kill,
     test_a_cuff_cycle_without_a_value_outlives_a_kill,
     test_status_will_and_heartbeat, test_a_reload_asked_for_while_it_starts_is_done_then,
     test_who_is_told_to_stop_reads_nothing_again])
