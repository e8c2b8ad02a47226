# SPDX-License-Identifier: Apache-2.0
"""What a commit makes true, and when: no mark before the disk, no notice that calls itself kept before it is, and alarms
all the same while there is no disk. The disk is taken away by a limit on the size of files."""
import resource
import signal

from place import Place, run, temp, until, vitals

BED = "vigil/v1/beds/onc-7/12/vitals"
MARK = "vigil/v1/gateways/gw-1/committed"
EVENTS = "vigil/v1/wards/+/events"


def limit(place, size):
    resource.prlimit(place.daemon.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def upto(client):
    return [mark["upto"] for mark in client.messages("/committed")]


def test_no_mark_before_the_disk_and_alarms_all_the_same():
    with Place() as place:
        client = place.client("gw", MARK, EVENTS)
        client.publish(BED, vitals(1, temp(37.0)))
        assert until(lambda: upto(client), what="the first mark") == [1]  # none that says nothing comes before it
        limit(place, 4096)
        for n in range(2, 6):
            client.publish(BED, vitals(n, temp(39.9), {"code": "hr", "value": 200, "unit": "/min"}, {"code": "sbp", "value": 60, "unit": "mm[Hg]",
                                                                                                     "source": "cuff"}))
        until(lambda: [e for e in client.events() if e["rule"] != "STORE_DEGRADED"], what="an alarm without a disk")
        told = [e for e in client.events() if e["rule"] != "STORE_DEGRADED"]
        assert all(not e["persisted"] for e in told), told
        until(lambda: client.events("STORE_DEGRADED"), what="STORE_DEGRADED")
        for _ in range(3):  # whoever repeats has not seen the mark: it comes again, as far as the disk
            before = len(upto(client))
            client.publish(BED, vitals(1, temp(37.0)))
            until(lambda: len(upto(client)) > before, what="the mark again")
        assert max(upto(client)) == 1, upto(client)
        limit(place, resource.RLIM_INFINITY)
        until(lambda: upto(client)[-1] == 5, what="the mark when there is a disk")
        assert place.daemon.rows("SELECT count(*), count(DISTINCT seq) FROM message") == [(5, 5)]


def test_what_is_told_is_kept():
    with Place() as place:
        client = place.client("gw", MARK, EVENTS)
        for n in range(1, 31):
            client.publish(f"vigil/v1/beds/onc-7/{n}/vitals", vitals(n, {"code": "sbp", "value": 60, "unit": "mm[Hg]", "source": "cuff"}))
        until(lambda: len({e["bed"] for e in client.events() if e["event"] == "raised"}) == 30, what="30 alarms")
        kept = [e["persisted"] for e in client.events()]
        assert sum(kept) > len(kept) / 2, f"{sum(kept)} of {len(kept)} were on disk when they were told"  # a slow disk may pass a few
        place.daemon.signal(signal.SIGKILL)
        rows = {row[0] for row in place.daemon.rows("SELECT id FROM alert")}
        lost = [e["id"] for e in client.events() if e["persisted"] and e["id"] not in rows]
        assert not lost, f"told as kept, and not there after a kill: {lost}"


run([test_no_mark_before_the_disk_and_alarms_all_the_same, test_what_is_told_is_kept])
