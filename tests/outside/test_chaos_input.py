# SPDX-License-Identifier: Apache-2.0
"""What patients, gateways and bad senders do to the stream: values that go to and fro over a limit for an hour, a gateway
that says online and offline by turns, noise of every kind beside a patient who needs help."""
import json
import os
import random
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "chaos"))
from place import now_ms, run, seed, until  # noqa: E402
from relayed import beside  # noqa: E402
from replayed import message, replay, stamp  # noqa: E402
from trial import LONG, SOON, Trial, temp, vitals  # noqa: E402

RNG = seed()


def test_to_and_fro_over_the_limits():
    """1 Hz for an hour, each value by turns a little above and below a limit of the shipped protocols: a few alerts, none a crossing."""
    total = 0
    for code, low, high, unit in (("spo2", 89, 91, "%"), ("sbp", 89, 91, "mm[Hg]"), ("temp", 37.9, 38.1, "Cel"), ("hr", 129, 132, "/min"),
                                  ("rr", 24, 26, "/min")):
        for period in (1, 7, 90, 600):
            text = "".join(message(n, "vitals", n, [{"code": code, "value": low if n // period % 2 else high, "unit": unit,
                                                     "source": "continuous"}]) for n in range(3600))
            status, lines, error = replay(text, "--until", stamp(3700))
            assert status == 0, error
            raised = [x["alert"]["rule"] for x in lines if "alert" in x and x["alert"]["event"] == "raised"
                      and x["alert"]["class"] != "technical"]
            total += len(raised)
            often = {rule: raised.count(rule) for rule in raised if raised.count(rule) > 3}
            assert not often, f"{code} every {period} s: {often}"
            relapsed = sum(x["alert"]["event"] == "relapsed" for x in lines if "alert" in x)
            total += relapsed
            assert relapsed <= 3700 // max(period, 30) + 1, (code, period, relapsed)
    assert total > 10, "nothing was near a limit"


def test_a_gateway_that_comes_and_goes():
    """A hundred times online and offline: the ward hears nothing of it, its readings count."""
    with Trial() as trial:
        for n in range(100):
            trial.gateway.publish("vigil/v1/gateways/gw-1/status", {"state": "offline" if n % 2 else "online", "epoch": "e1", "ts": now_ms()},
                                  retained=True, wait=False)
            if n % 10 == 0:
                trial.say("f1", 36.6, wait=False)
        trial.alarm()
        trial.settle()
        assert {e["rule"] for e in trial.ward.events()} == {"HOT"}, trial.ward.events()
        trial.books()


def test_the_same_message_a_thousand_times():
    """One row, one alert, no complaint; and what comes behind it is taken as ever."""
    with Trial() as trial:
        bed, begin = trial.alarm(wait=False), 0
        for _ in range(1000):
            trial.gateway.publish(*trial.kept[1], wait=False)
        trial.raised(bed, begin, 2 * SOON)
        trial.alarm(within=2 * SOON)
        trial.settle()
        assert trial.daemon.rows("SELECT count(*) FROM quarantine") == [(0,)]
        assert [e["event"] for e in trial.ward.events("HOT")] == ["raised", "raised"], trial.ward.events()
        trial.books()


def noise(dice):
    """(topic, payload): of every kind that is not quite a message."""
    good = json.dumps(vitals(dice.choice([0, 1, 5, 2 ** 53, -1]), temp(dice.choice([36.6, 1e308, -5, "x", None])),
                             gateway=dice.choice(["gw-9", "GW", "", "a/b", "unknown", 7]))).encode()
    cut = dice.randrange(len(good))
    payload = dice.choice([
        good, good[:cut], good[:cut] + bytes([dice.randrange(256)]) + good[cut + 1:], good * 2, b"", b"\0" * 50, dice.randbytes(200),
        b"[" * 3000, b'{"a":' * 3000, b'{"obs":[' + b"0," * 20000 + b"0]}", b'"' + b"x" * 60000, b"\xef\xbb\xbf" + good,
        good.replace(b"36.6", b"1e999"), good.replace(b"36.6", b"NaN"), good.replace(b'"value"', b'"value\\u0000"'),
        good.replace(b"}", b',"ts":"1969-12-31T23:59:59Z"}'), b"x" * 69000])
    place = dice.choice(["beds/w/9", "beds/w/" + "9" * 40, "beds/W/9", "beds/w/9/x", "wards/w/commands", "gateways/gw-9", "beds//"])
    kind = dice.choice(["vitals", "labs", "assessment", "therapy", "episode", "status", "tab-1", "nonsense", ""])
    return f"vigil/v1/{place}/{kind}", payload


def test_noise_beside_a_patient():
    with Trial() as trial:
        stop, sent = threading.Event(), [0]
        dice = random.Random(RNG.random())
        client = trial.client("noise")

        def shout():
            while not stop.is_set():
                client.publish(*noise(dice), retained=dice.random() < 0.02, wait=dice.random() < 0.05)
                sent[0] += 1
        thread = threading.Thread(target=shout)
        thread.start()
        try:
            worst = 0
            until(lambda: sent[0] > 100, what="noise")
            for _ in range(20 * LONG):
                worst = max(worst, trial.alarm(within=2 * SOON)[1])
                before = sent[0]
                until(lambda: sent[0] > before + 50, what="more noise")
        finally:
            stop.set()
            thread.join()
        trial.settle()
        aside = trial.daemon.rows("SELECT count(*) FROM quarantine")[0][0]
        print(f"  {sent[0]} pieces of noise, {aside} set aside; the slowest alert took {worst:.2f} s")
        assert aside and worst < 2 * SOON
        rows = trial.daemon.rows("SELECT seq, count(*) FROM message JOIN epoch ON epoch.id = message.epoch WHERE gateway = 'gw-1' GROUP BY seq")
        assert [r[0] for r in rows] == list(range(1, trial.seq + 1)) and {r[1] for r in rows} == {1}
        assert trial.daemon.process.poll() is None and trial.daemon.signal(15) == 0
        trial.whole()


if __name__ == "__main__":
    wanted = sys.argv[1:]
    run(beside([v for k, v in list(globals().items()) if k.startswith("test_") and (not wanted or k in wanted)], 8))
