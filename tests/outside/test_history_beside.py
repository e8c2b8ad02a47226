# SPDX-License-Identifier: Apache-2.0
"""Questions while ingest goes on: answers about the past are the same as without it, answers about what is coming in hold
every message that was committed before the question and none that was not sent, in order, once; and commits go on. What it
takes in time is measured by tests/bench/history.py. Two beds with some sealed hours, and a ward of twenty that sends."""
import os
import random
import subprocess
import sys
import threading
import time
from datetime import datetime, timezone

from place import BUILD, Place, run, seed, until

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib-python"))
from feed import Feed  # noqa: E402
from web import Web  # noqa: E402
try:
    from stretches import Store
except ImportError:  # Debian's packages belong to Debian's python
    if sys.executable == "/usr/bin/python3":
        raise
    os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])

T0 = 1768032000000  # as in tests/bench/history.c
HOURS = 5
DICE = seed()


def about_the_past():
    """Questions whose answers do not change."""
    begin, end = T0, T0 + HOURS * 3_600_000
    some = begin + DICE.randrange(HOURS * 3600 - 600) * 1000
    return [f"readings?patient=p-1&code=hr&from={begin}&to={end}&step=5m", f"readings?patient=p-1&code=hr&from={begin}&to={end}&step=1h",
            f"readings?patient=p-0&code=hr,sbp,temp&from={begin}&to={end}", f"readings?patient=p-1&code=spo2&from={some}&to={some + 600_000}&limit=10000",
            f"assessments?patient=p-1&from={begin}&to={end}", f"readings?patient=p-0&code=dbp,rr&from={end - 60_000}&to={end}&limit=10000"]


def iso(ms):
    return datetime.fromtimestamp(ms // 1000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S") + f".{ms % 1000:03}Z"


class Asker(threading.Thread):
    """Asks again and again, and keeps the first wrong answer."""

    def __init__(self, web, feed, known):
        super().__init__(daemon=True)
        self.web, self.feed, self.known = web, feed, known
        self.asked = self.found = 0
        self.wrong, self.over = None, threading.Event()
        self.dice = random.Random(DICE.random())
        self.start()

    def past(self):
        question = self.dice.choice(list(self.known))
        answer = self.web.get("/api/v1/" + question)
        assert answer.status == 200 and answer.json == self.known[question], (question, repr(answer)[:300])

    def live(self):
        feed = self.feed
        bed, before = self.dice.randrange(feed.beds), feed.committed()
        got, _ = self.web.pages(f"/api/v1/readings?patient={feed.patient(bed)}&code=hr&limit=10000", "readings")
        after = len(feed.sent)
        wanted = [(iso(feed.measured[n - 1]), feed.value(n)) for n in feed.numbers_of(bed, after)]
        got = [(r["ts"], r["value"]) for r in got]
        assert got == wanted[:len(got)], (bed, got[-3:], wanted[-3:])
        assert len(got) >= len(feed.numbers_of(bed, before)), f"bed {bed}: {len(got)} of {before} that were committed before the question"
        self.found += len(got)

    def run(self):
        try:
            while not self.over.is_set():
                self.past()
                self.live()
                self.asked += 2
        except Exception as wrong:  # pylint: disable=broad-except
            self.wrong = wrong

    def stop(self):
        self.over.set()
        self.join()
        assert self.wrong is None, self.wrong


def answers_are_right_and_commits_go_on():
    with Place(start=False) as place:
        subprocess.run([os.path.join(BUILD, "tests/bench/history"), place.daemon.store, "2", str(HOURS)], check=True,
                       stdout=subprocess.DEVNULL, timeout=120)
        before = Store(place.daemon.store)
        assert before.meta["sealed"] > 0, "nothing is sealed: the test shows less than it says"
        there, _ = before.check()
        place.broker.start()
        place.daemon.start()
        web = Web(place.daemon.port)
        known = {question: web.get("/api/v1/" + question).json for question in about_the_past()}
        bare = [question for question, answer in known.items() if question.startswith("readings") and not answer.get("readings")]
        assert not bare, bare
        feed = Feed(place.broker.port, 20, 400)
        until(lambda: feed.committed() > 0, what="the first mark")
        askers = [Asker(web, feed, known) for _ in range(3)]
        marks, end = [feed.committed()], time.monotonic() + 4
        while time.monotonic() < end:
            until(lambda: feed.committed() > marks[-1], 5, "a mark: commits do not go on")
            marks.append(feed.committed())
        for asker in askers:
            asker.stop()
        sent = feed.stop()
        until(lambda: feed.committed() == sent, what="the last mark")
        asked, found = sum(a.asked for a in askers), sum(a.found for a in askers)
        print(f"  {sent} messages, {len(marks)} marks; {asked} questions answered beside them, {found} readings that just came")
        assert asked > 20 and found > 100 and len(marks) > 4
        place.daemon.signal(15)
        after = Store(place.daemon.store)
        messages, _ = after.check()
        assert messages == there + sent, (messages, there, sent)
        seqs = [seq for seq, in after.db.execute("SELECT seq FROM message m JOIN epoch e ON e.id = m.epoch WHERE e.gateway = 'gw-live'")]
        assert sorted(seqs) == list(range(1, sent + 1)), "a number is missing or there twice"


if __name__ == "__main__":
    run([answers_are_right_and_commits_go_on])
