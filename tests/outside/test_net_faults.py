# SPDX-License-Identifier: Apache-2.0
"""Every send and receive between the daemon and its broker fails in turn, once and again and again: the daemon goes on, connects
anew, and in the end nothing is lost or doubled and every alert was told under one id.

VIGIL_POINTS (4) points by chance; "all": each of the first 60 sends and receives of a connection. `make wire`. VIGIL_SEED repeats."""
import os
import random
import signal

from crash_place import PATIENCE, CrashPlace
from place import run, until

POINTS = os.environ.get("VIGIL_POINTS", "4")
SEED = int(os.environ.get("VIGIL_SEED", 7 if POINTS != "all" else random.randrange(1 << 30)))
A_PLACE = 20  # points of one store
ERRORS = {"writev": ("EPIPE", "ECONNRESET", "ENOBUFS", "ETIMEDOUT"), "recvfrom": ("ECONNRESET", "ETIMEDOUT", "ENOMEM"),
          "connect": ("ECONNREFUSED", "ENETUNREACH"), "socket": ("EMFILE", "ENOBUFS"), "poll": ("ENOMEM", "EINTR")}


def all_points():
    once = [(call, error, str(n)) for call in ("writev", "recvfrom") for error in ERRORS[call] for n in range(1, 61)]
    # Again and again, some work between: no link to be called ready, for it breaks each second while much comes in; but it goes on.
    again = [(call, "ECONNRESET", "200+2000") for call in ("writev", "recvfrom")]
    return once + again + [(call, error, str(n)) for call in ("connect", "socket", "poll") for error in ERRORS[call] for n in range(1, 6)]


def some_points(dice):
    """Of the two that matter one each, one that ended the daemon with paho's own startPublish (1 try in 4), and others."""
    points = [("writev", "EPIPE", "13")] + [(call, dice.choice(ERRORS[call]), str(dice.randrange(1, 60))) for call in ("writev", "recvfrom")]
    while len(points) < int(POINTS):
        call = dice.choice(sorted(ERRORS))
        points.append((call, dice.choice(ERRORS[call]), str(dice.randrange(1, 8))))
    return points[:int(POINTS)]


def one_point(place, call, error, when):
    """Whether it was met."""
    ended = place.daemon_dead(signal.SIGTERM)
    assert ended == 0, f"ended with {ended}: {place.daemon.log_text()[-500:]}"
    place.start_daemon(f"{call}:error={error}:when={when}")
    again = "+" in when
    if again:
        until(place.connected, PATIENCE, "the daemon to say that it is there")
    else:
        assert place.wait_ready(), place.daemon.log_text()[-500:]
    stored = sum(place.marks().values())
    until(lambda: place.injected() >= (2 if again else 1) or sum(place.marks().values()) > stored + 400, PATIENCE,
          "the fault, or enough work without it")
    before = sum(place.marks().values())
    if not again:
        until(lambda: sum(place.marks().values()) > before, PATIENCE, "work after the fault")
    assert place.daemon.process.poll() is None, place.daemon.log_text()[-500:]
    return place.injected() > 0


def whatever_fails_on_the_wire_the_daemon_goes_on():
    print(f"seed {SEED}")
    dice = random.Random(SEED)
    points = all_points() if POINTS == "all" else some_points(dice)
    met = messages = alerts = 0
    for first in range(0, len(points), A_PLACE):
        with CrashPlace() as place:
            place.begin()
            for point in points[first:first + A_PLACE]:
                try:
                    met += one_point(place, *point)
                except AssertionError as error:
                    raise AssertionError(f"{' '.join(point)}: {error}") from error
            assert place.daemon_dead(signal.SIGTERM) == 0
            place.check_disk()
            place.start_daemon()
            assert place.wait_ready()
            place.settle()
            counted = place.check_all()
            messages, alerts = messages + counted[0], alerts + counted[1]
        if POINTS == "all":
            print(f"  {first + A_PLACE} of {len(points)} points, {met} met", flush=True)
    print(f"  {met} of {len(points)} points met, {messages} messages each stored once, {alerts} conditions each told under one id")
    assert met * 2 >= len(points), "hardly a point was met: this test shows nothing"


if __name__ == "__main__":
    run([whatever_fails_on_the_wire_the_daemon_goes_on])
