# SPDX-License-Identifier: Apache-2.0
"""The broker is absent, goes, comes back; the daemon runs on, says so, and loses nothing."""
import os
import signal
import subprocess

from place import Daemon, Place, now_ms, run, temp, until, vitals

BED = "vigil/v1/beds/onc-7/4/vitals"


def test_absent_at_start():
    with Place(start=False) as place:
        place.daemon.start(wait=False)
        until(lambda: "mqtt.down" in place.daemon.log_text(), what="the log to say so")
        assert place.daemon.process.poll() is None
        place.broker.start()
        place.daemon.wait_ready()
        gateway = place.client("gw", "vigil/v1/gateways/+/committed")
        gateway.publish(BED, vitals(1, temp(36.6)))
        until(lambda: gateway.messages("/committed"), what="committed")


def test_killed_and_back():
    with Place() as place:
        gateway = place.client("gw", "vigil/v1/gateways/+/committed")
        sent = [vitals(n, temp(36 + n / 1000)) for n in range(1, 401)]
        for message in sent[:300]:
            gateway.publish(BED, message, wait=False)
        place.broker.kill()
        until(lambda: place.daemon.log_text().count("mqtt.down") >= 1, what="the loss to be noticed")
        assert place.daemon.process.poll() is None
        place.broker.start()
        gateway = place.client("gw2", "vigil/v1/gateways/+/committed")
        until(lambda: place.daemon.log_text().count("event=mqtt.up") >= 8, 30, "both ways to be up again")
        for message in sent:  # what no mark covers is sent again
            gateway.publish(BED, message, wait=False)
        until(lambda: [m for m in gateway.messages("/committed") if m["upto"] == 400], what="400 committed")
        assert place.daemon.rows("SELECT count(*), count(DISTINCT seq) FROM message") == [(400, 400)]


def test_a_gap_is_named_and_can_be_given_up():
    with Place() as place:
        gateway = place.client("gw", "vigil/v1/gateways/+/committed")
        for n in (1, 2, 5, 6, 9):
            gateway.publish(BED, vitals(n, temp(36.5)))
        until(lambda: [m for m in gateway.messages("/committed")
                       if (m["upto"], m["missing"]) == (2, [[3, 4], [7, 8]])], what="the holes to be named")
        gateway.publish("vigil/v1/gateways/gw-1/status",
                        {"state": "online", "epoch": "e1", "from": 9}, retained=True)
        until(lambda: [m for m in gateway.messages("/committed")
                       if (m["upto"], m["missing"]) == (9, [])], what="the holes to be given up")
        place.daemon.signal(9)
        place.daemon.start()
        gateway.publish(BED, vitals(10, temp(36.5)))
        until(lambda: [m for m in gateway.messages("/committed") if m["upto"] == 10], what="10 after a kill")


def test_what_was_given_up_and_comes_all_the_same_counts():
    """A gateway whose memory is full while vigild is away gives up its oldest messages. The broker had them all the time."""
    with Place() as place:
        gateway = place.client("gw", "vigil/v1/gateways/+/committed")
        begin = now_ms() - 600_000
        sent = [vitals(n, temp(36.5), ts=begin + n * 1000) for n in range(1, 31)]
        place.daemon.signal(9)
        for message in sent[:10]:
            gateway.publish(BED, message)
        for given_up in (5, 12):
            gateway.publish("vigil/v1/gateways/gw-1/status", {"state": "online", "epoch": "e1", "from": given_up}, retained=True)
        place.daemon.start()
        until(lambda: [m for m in gateway.messages("/committed") if m["upto"] == 11], what="the end of the numbers")
        for message in sent[:3] + sent[10:] + sent[4:6]:  # repeats of them, and what was never given up
            gateway.publish(BED, message)
        until(lambda: [m for m in gateway.messages("/committed") if m["upto"] == 30], what="the rest")
        assert place.daemon.rows("SELECT count(*), count(DISTINCT seq) FROM message") == [(30, 30)]


def test_started_with_nothing_open():
    """What it opens first must not be taken for its log: a pipe of its own that fills would hold it, a file would be spoilt."""
    with Place(start=False) as place:
        place.broker.start()
        board = place.client("board", "vigil/v1/nodes/+/status")
        process = subprocess.Popen(["sh", "-c", 'exec "$@" 0<&- 1>&- 2>&-', "sh", *place.daemon.command()])
        try:
            until(lambda: [m for m in board.messages("/status") if m["state"] == "online"], what="the start")
            open_at = [os.readlink(f"/proc/{process.pid}/fd/{n}") for n in range(3)]
            assert open_at == ["/dev/null"] * 3, open_at
        finally:
            process.terminate()
            assert process.wait(15) == 0


def test_signals_of_other_daemons_end_nothing():
    with Place() as place:
        for number in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM, signal.SIGPIPE):
            place.daemon.signal(number)
        place.client("gw-1").publish("vigil/v1/beds/onc-7/1/vitals", vitals(1, temp(37.0)))
        until(lambda: place.daemon.rows("SELECT count(*) FROM message")[0][0] == 1, what="a message after them")
        assert place.daemon.process.poll() is None


def test_second_daemon_is_refused():
    with Place() as place:
        gateway = place.client("gw", "vigil/v1/gateways/+/committed")
        gateway.publish(BED, vitals(1, temp(36.6)))
        until(lambda: gateway.messages("/committed"), what="the mark")
        second = Daemon(place.folder, place.broker)
        done = subprocess.run(second.command(), capture_output=True, text=True, timeout=20)
        assert done.returncode == 3 and "another" in done.stderr, (done.returncode, done.stderr)
        gateway.publish(BED, vitals(2, temp(36.7)))  # the first is undisturbed
        until(lambda: [m for m in gateway.messages("/committed") if m["upto"] == 2], 5, "the next mark")
        assert "mqtt.down" not in place.daemon.log_text() and place.daemon.process.poll() is None


run([test_absent_at_start, test_killed_and_back, test_a_gap_is_named_and_can_be_given_up,
     test_what_was_given_up_and_comes_all_the_same_counts, test_started_with_nothing_open,
     test_signals_of_other_daemons_end_nothing, test_second_daemon_is_refused])
