# SPDX-License-Identifier: Apache-2.0
"""Live, through kill -9, and in a replay: the same messages get the same answers and raise the same alerts. What is sent
is of every kind that a bad gateway can send: wrong and missing fields, numbers used twice, repeats, admissions that
contradict each other, other patients' names, numbers given up, JSON that is none."""
import json
import subprocess
from collections import Counter

from place import Place, now_ms, run, seed, until
from replayed import PROTOCOLS, VIGIL

COUNT = 300
TROUBLES = ("MESSAGES_REFUSED", "GATEWAY_CONFLICT")  # of gateways: a replay has none


def item(dice):
    def value(low, high):
        return dice.choice([low, high, round(dice.uniform(low, high), 1), dice.uniform(low, high)])
    return dice.choice([
        {"code": "temp", "value": value(34, 41), "unit": "Cel", "source": dice.choice(["spot", "continuous"])},
        {"code": "8310-5", "value": value(96, 105), "unit": "[degF]", "method": dice.choice(["oral", "axillary"])},
        {"code": "hr", "value": value(25, 240), "unit": dice.choice(["/min", "{beats}/min"])}, {"code": "hr", "value": 0, "unit": "/min"},
        {"code": "rr", "value": value(5, 60), "unit": "/min"}, {"code": "hr", "value": None},
        {"code": "spo2", "value": value(70, 100), "unit": "%", "pi": dice.choice([None, 1.2, -1, "x"])},
        {"code": "sbp", "value": value(45, 200), "unit": dice.choice(["mm[Hg]", "mmHg"]), "source": "cuff"},
        {"code": "sbp", "value": None, "source": "cuff"}, {"code": "sbp", "value": -0.0, "unit": "mm[Hg]"},
        {"code": "k", "value": value(2, 8), "unit": dice.choice(["mmol/L", "meq/L"])}, {"code": "hb", "value": value(60, 140), "unit": "g/L"},
        {"code": "o2_device", "value": dice.choice(["nasal_cannula", "room_air", "mask"]), "flow": dice.choice([2, "2", 900])},
        {"code": "consciousness", "value": dice.choice(["A", "V", "Z"])}, {"code": "ice", "value": dice.choice([10, 8, 11, 9.5])},
        {"code": "seizure", "value": dice.choice([True, False]), "quality": dice.choice(["valid", "test", None])},
        {"code": "vasopressor", "value": dice.choice(["dopamine", "adrenaline"]), "on": dice.choice([True, False, "x"])},
        {"code": "nope", "value": 1}, {"value": 1}, 5, {"code": "temp", "value": "38"}, {"code": "temp", "value": 38.5}])


def admission(dice, bed, ts, gateway):
    message = {"ts": ts, "do": dice.choice(["admit", "admit", "update", "discharge", "transfer"]), "patient": f"p-{bed}", "confirm": True,
               "product": "car_t", "age": dice.choice([50, 50.5, 17]), "identity": dice.choice(["x", None, {"donor": "d"}])}
    if message["do"] == "transfer":
        message.update(to_ward="onc-7", to_bed=str(dice.randrange(3)))
    for name, values in (("flags", [["scale2", "zz"]]), ("baseline", [{"sbp": 120}, {"sbp": "x"}]), ("gateway", [gateway])):
        if dice.random() < 0.4:
            message[name] = dice.choice(values)
    return message


def observation(dice, bed, ts, gateway):
    message = {"gateway": gateway, "ts": ts, "obs": [item(dice) for _ in range(dice.randrange(5))]}
    if dice.random() < 0.3:
        message["patient"] = f"p-{dice.choice([bed, '9'])}"
    if dice.random() < 0.5:
        message["device"] = "mon-1"
    for one in message["obs"]:
        if isinstance(one, dict) and dice.random() < 0.15:
            one["ts"] = dice.choice([ts - 5000, "x", ts + 180000])
    return message


def spoil(dice, text):
    return dice.choice([text] * 25 + [text.replace('"value": ', '"value": NaN, "v": ', 1), text.replace("}]", "},]"),
                                      text.replace('"value": ', '"value": 1e999, "v": ', 1), text[:-1] + ', "ts": 1}'])


def messages(dice):
    """[(topic, payload)], none so old that it would wait behind others."""
    begin, sent, last = now_ms() - COUNT * 150 - 15000, [], {}
    for n in range(COUNT):
        if sent and dice.random() < 0.12:
            sent.append(dice.choice(sent[-30:]))
            continue
        bed, gateway, ts = str(dice.randrange(3)), f"gw-{dice.randrange(2)}", begin + n * 150 + dice.choice([0, 0, 0, -9000, 5000])
        kind = dice.choice(["vitals"] * 5 + ["labs", "assessment", "therapy", "episode"])
        message = (admission if kind == "episode" else observation)(dice, bed, ts, gateway)
        if "gateway" in message and dice.random() < 0.6:
            epoch = (gateway, dice.choice(["e1", "e2"]))
            last[epoch] = max(1, last.get(epoch, 0) + dice.choice([1, 1, 1, 1, 2, 0]))
            message.update(epoch=epoch[1], seq=last[epoch])
        if dice.random() < 0.04:
            del message[dice.choice(list(message))]
        if dice.random() < 0.05:
            status = {"state": dice.choice(["online", "online", "offline", "up"]), "epoch": dice.choice(["e1", "e2"]), "seq": n % 60 + 1}
            sent.append((f"vigil/v1/gateways/{gateway}/status", json.dumps({**status, "from": dice.choice([None, dice.randrange(1, 60)])})))
        place = bed if dice.random() > 0.02 else "B"
        sent.append((f"vigil/v1/beds/onc-7/{place}/{kind}", spoil(dice, json.dumps(message))))
    return sent


def settle(place, client, gateway, name):
    """All that was sent before is answered and told: an answer comes once what was before it is stored, and the store says how many
    changes there were."""
    gateway.publish("vigil/v1/beds/onc-7/z/vitals", {"gateway": "gw-z", "epoch": name, "seq": 1, "ts": now_ms(), "obs": [5]})
    until(lambda: [m for m in client.messages("/rejected") if m["epoch"] == name], what="the answer to the last")
    last = place.daemon.rows("SELECT ifnull(max(n), 0) FROM alert_event WHERE ward = 'onc-7'")[0][0]
    until(lambda: {e["n"] for e in client.events()} >= set(range(1, last + 1)), 60, "all events")


def alike(dice):
    sent = messages(dice)
    half, lines = len(sent) // 2, []
    with Place() as place:
        client = place.client("all", "vigil/v1/gateways/+/rejected", "vigil/v1/wards/onc-7/events")
        gateway = place.client("gw")
        for part in (sent[:half], sent[half:]):
            if lines:
                place.daemon.signal(9)
                place.daemon.start()
            begin = now_ms() + 20
            for n, (topic, payload) in enumerate(part):
                gateway.publish(topic, payload, wait=False)
                lines.append(f'{{"at":{begin + n},"topic":"{topic}","payload":{payload}}}\n')
            settle(place, client, gateway, f"end-{len(lines)}")
        answers = [m for m in client.messages("/rejected") if not (m["epoch"] or "").startswith("end-")]
        events = client.events()
    done = subprocess.run([VIGIL, "replay", "--protocol", PROTOCOLS], input="".join(lines), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    replayed = [json.loads(one) for one in done.stdout.splitlines()]

    def said(refusals):
        return Counter((r["epoch"], r["seq"], r["topic"], r["reason"], r["detail"]) for r in refusals)

    def raised(alerts):
        return {(a["rule"], a["bed"], a["patient"], a["severity"]) for a in alerts
                if a["event"] == "raised" and a["bed"] and a["rule"] not in TROUBLES}

    live, later = said(answers), said(one["rejected"] for one in replayed if "rejected" in one)
    assert live == later, f"live alone {list((live - later).items())[:3]}, in the replay alone {list((later - live).items())[:3]}"
    live, later = raised(events), raised(one["alert"] for one in replayed if "alert" in one)
    assert live == later, f"live alone {sorted(map(str, live - later))[:5]}, in the replay alone {sorted(map(str, later - live))[:5]}"
    print(f"  {len(sent)} messages, {len(answers)} refusals, {len(live)} alerts")


def test_live_and_in_a_replay():
    dice = seed()
    for _ in range(3):
        alike(dice)


run([test_live_and_in_a_replay])
