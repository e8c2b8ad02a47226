# SPDX-License-Identifier: Apache-2.0
"""Everything that can be wrong with a message: each gets its answer, is kept in quarantine, and
none stops what is good behind it."""
import json

from place import Place, now_ms, run, temp, until, vitals

VITALS = "vigil/v1/beds/onc-7/3/vitals"


def item(**fields):
    base = {"code": "temp", "value": 37.0, "unit": "Cel"}
    base.update(fields)
    return {k: v for k, v in base.items() if v is not ...}


def message(*obs, **more):
    return json.dumps(vitals(0, *obs, **more))


BAD = [  # (what, topic or None, payload, reason)
    ("not JSON", None, "{bad", "not_json"),
    ("text after the value", None, message(temp(37.0)) + "x", "not_json"),
    ("NaN", None, '{"gateway":"gw-1","ts":1795525174000,"obs":[{"code":"hr","value":NaN}]}', "not_json"),
    ("doubled key", None, '{"gateway":"gw-1","gateway":"gw-2","ts":1,"obs":[]}', "not_json"),
    ("too deep", None, "[" * 9 + "]" * 9, "too_deep"),
    ("too big", None, " " * 65537 + "{}", "too_big"),
    ("1e999", None, '{"gateway":"gw-1","ts":%d,"obs":[{"code":"hr","value":1e999,"unit":"/min"}]}'
     % now_ms(), "not_finite"),
    ("no obs", None, json.dumps({"gateway": "gw-1", "ts": now_ms()}), "field_missing"),
    ("no ts", None, json.dumps({"gateway": "gw-1", "obs": []}), "field_missing"),
    ("no gateway", None, json.dumps({"ts": now_ms(), "obs": [temp(37.0)]}), "field_missing"),
    ("obs no list", None, json.dumps({"gateway": "gw-1", "ts": now_ms(), "obs": 7}), "wrong_type"),
    ("value a text", None, message(item(value="warm")), "wrong_type"),
    ("no unit", None, message(item(unit=...)), "unit_missing"),
    ("unit of another quantity", None, message(item(unit="mm[Hg]")), "unit_unknown"),
    ("unknown code", None, message(item(code="mood")), "code_unknown"),
    ("out of range", None, message(item(value=99.0)), "out_of_range"),
    ("257 items", None, message(*[temp(37.0)] * 257), "too_many"),
    ("time no time", None, message(temp(37.0), ts="yesterday"), "bad_time"),
    ("gateway with a slash", None, message(temp(37.0), gateway="gw/1"), "bad_id"),
    ("patient with a wildcard", None, message(temp(37.0), patient="p+1"), "bad_id"),
    ("capital in a bed", "vigil/v1/beds/onc-7/Bed/vitals", message(temp(37.0)), "bad_id"),
]


def test_each_fault_has_its_answer_and_stops_nothing():
    with Place() as place:
        answers = place.client("answers", "vigil/v1/gateways/+/rejected", "vigil/v1/gateways/+/committed")
        gateway = place.client("gw")
        for n, (what, topic, payload, reason) in enumerate(BAD, 1):
            before = len(answers.messages("/rejected"))
            gateway.publish(topic or VITALS, payload)
            got = until(lambda b=before: answers.messages("/rejected")[b:], what=f"an answer to: {what}")[0]
            assert got["reason"] == reason, f"{what}: {got}"
            gateway.publish(VITALS, vitals(n, temp(36.0 + n / 100)))
        until(lambda: any(m["upto"] == len(BAD) for m in answers.messages("/committed")),
              what="all good messages to be committed")
        stored = place.daemon.rows("SELECT count(*) FROM message WHERE seq > 0")[0][0]
        kept = place.daemon.rows("SELECT count(*) FROM quarantine")[0][0]
        assert stored == len(BAD) and kept == len(BAD), (stored, kept)
        whole = place.daemon.rows("SELECT CAST(topic AS TEXT), payload, reason FROM quarantine ORDER BY id")
        for (what, topic, payload, reason), row in zip(BAD, whole):
            sent = payload.encode()
            assert row[0] == (topic or VITALS) and row[2] == reason, (what, row)
            assert row[1] == sent or (reason == "too_big" and sent.startswith(row[1]) and len(row[1]) > 60000), f"{what}: not kept whole"


def test_one_bad_item_does_not_sink_the_good_ones():
    with Place() as place:
        answers = place.client("answers", "vigil/v1/gateways/+/rejected", "vigil/v1/gateways/+/committed")
        gateway = place.client("gw")
        gateway.publish(VITALS, vitals(1, temp(37.1), item(code="mood"), {"code": "hr", "value": None}))
        until(lambda: [m for m in answers.messages("/committed") if m["upto"] == 1], what="commit")
        assert place.daemon.rows("SELECT count FROM message") == [(1,)]  # null is missing, never zero
        assert [r["detail"][:6] for r in answers.messages("/rejected")] == ["obs[1]"]


def test_a_refused_message_counts_and_leaves_no_hole():
    with Place() as place:
        answers = place.client("answers", "vigil/v1/gateways/+/rejected", "vigil/v1/gateways/+/committed")
        gateway = place.client("gw")
        big = vitals(1, temp(37.0))
        big["note"] = "x" * 65536
        gateway.publish(VITALS, big)
        gateway.publish(VITALS, json.dumps(vitals(2, item(value=7777))).replace("7777", "1e999"))
        gateway.publish(VITALS, vitals(3, temp(36.9)))
        gateway.publish("vigil/v1/beds/onc-7/99/episode", {  # a bed nobody has heard of
            "ts": now_ms(), "by": "adt", "do": "discharge", "patient": "p-1"})
        until(lambda: [m for m in answers.messages("/committed") if m["upto"] == 3], what="all three to count")
        until(lambda: len(answers.messages("/rejected")) == 3, what="three answers")
        assert [(r["seq"], r["reason"]) for r in answers.messages("/rejected")] == [
            (1, "too_big"), (2, "not_finite"), (None, "identity")]


def test_a_flood_of_bad_messages_has_an_answer_to_each():
    """More than may be under way to the broker at a time; those beyond wait."""
    with Place() as place:
        answers = place.client("answers", "vigil/v1/gateways/+/rejected")
        gateway = place.client("gw")
        for n in range(1, 801):
            gateway.publish(VITALS, vitals(n, item(unit=...)), wait=False)
        until(lambda: {r["seq"] for r in answers.messages("/rejected")} >= set(range(1, 801)), what="800 answers")


def test_retained_doubled_reused():
    with Place() as place:
        answers = place.client("answers", "vigil/v1/gateways/+/rejected", "vigil/v1/gateways/+/committed")
        gateway = place.client("gw")
        first = vitals(1, temp(37.1))
        gateway.publish(VITALS, first)
        gateway.publish(VITALS, first)                      # the same again: counted once
        gateway.publish(VITALS, vitals(1, temp(40.5)))      # the same number, other content
        until(lambda: [r for r in answers.messages("/rejected") if r["reason"] == "seq_reused"],
              what="seq_reused")
        until(lambda: place.daemon.rows("SELECT count(*) FROM quarantine")[0][0] == 1, what="quarantine")
        assert place.daemon.rows("SELECT count(*) FROM message") == [(1,)]
        gateway.publish(VITALS, vitals(2, temp(37.2)), retained=True)
        until(lambda: [m for m in answers.messages("/committed") if m["upto"] == 2], what="commit of 2")
        place.daemon.signal(9)
        place.daemon.start()                                # subscribing brings the retained one
        retained = until(lambda: [r for r in answers.messages("/rejected") if r["reason"] == "retained"], what="retained")[0]
        assert (retained["epoch"], retained["seq"]) == ("e1", 2), retained


def test_what_no_parser_takes_is_its_senders_all_the_same():
    """Too deep, a key twice: the gateway is answered, and does not send it for ever. A message without a number that
    comes three times, and a number used again behind a restart, are known by their content."""
    with Place() as place:
        answers = place.client("answers", "vigil/v1/gateways/+/rejected", "vigil/v1/gateways/+/committed")
        gateway = place.client("gw")
        gateway.publish(VITALS, json.dumps({**vitals(1, temp(37.0)), "pad": [[[[[[[[[]]]]]]]]]}))
        gateway.publish(VITALS, json.dumps(vitals(2, temp(37.0)))[:-1] + ',"pad":1,"pad":2}')
        alike = message(temp(37.3))
        for payload in [alike] * 3 + [json.dumps(vitals(3, temp(36.9))), json.dumps(vitals(4, temp(36.8)))]:
            gateway.publish(VITALS, payload)
        until(lambda: [m for m in answers.messages("/committed") if m["upto"] == 4], what="all four to count")
        until(lambda: len(answers.messages("/rejected")) == 2, what="two answers")
        assert [(r["seq"], r["reason"]) for r in answers.messages("/rejected")] == [(1, "too_deep"), (2, "not_json")]
        assert place.daemon.rows("SELECT count(*) FROM message")[0][0] == 3  # once without a number, 3 and 4
        place.daemon.signal(9)
        place.daemon.start()
        gateway.publish(VITALS, vitals(3, temp(39.5)))
        until(lambda: [r for r in answers.messages("/rejected") if r["reason"] == "seq_reused"], what="3 with other content")


def test_what_is_no_json_inside_is_its_senders_all_the_same():
    """NaN, a comma too many: the answer reaches the gateway, the number counts, and nothing is sent for ever. What has
    no end may come whole under its number: that is kept free for it."""
    with Place() as place:
        answers = place.client("answers", "vigil/v1/gateways/+/rejected", "vigil/v1/gateways/+/committed")
        gateway = place.client("gw")
        gateway.publish(VITALS, json.dumps(vitals(1, item(value=7777))).replace("7777", "NaN"))
        gateway.publish(VITALS, json.dumps(vitals(2, temp(37.0))).replace("}]", "},]")[:-1] + ",}")
        whole = json.dumps(vitals(3, temp(37.0)))
        gateway.publish(VITALS, whole[:-1])
        until(lambda: [m for m in answers.messages("/committed") if m["upto"] == 2], what="two to count")
        until(lambda: len(answers.messages("/rejected")) == 3, what="three answers")
        assert [(r["seq"], r["reason"]) for r in answers.messages("/rejected")] == [(1, "not_json"), (2, "not_json"), (None, "not_json")]
        assert [t.split("/")[3] for t, _, _ in answers.seen if t.endswith("/rejected")] == ["gw-1"] * 2 + ["unknown"]
        gateway.publish(VITALS, whole)
        until(lambda: [m for m in answers.messages("/committed") if m["upto"] == 3], what="the third, whole")
        assert len(answers.messages("/rejected")) == 3 and place.daemon.rows("SELECT seq FROM message") == [(3,)]


def test_a_refused_status_takes_no_number():
    """A status has none: what one says in its payload would else be refused of a reading (seq_reused). It is answered
    to the gateway of its topic."""
    with Place() as place:
        answers = place.client("answers", "vigil/v1/gateways/+/rejected", "vigil/v1/gateways/+/committed")
        gateway = place.client("gw")
        status = "vigil/v1/gateways/gw-1/status"
        gateway.publish(status, {"state": "starting", "gateway": "gw-1", "epoch": "e1", "seq": 1}, retained=True)
        gateway.publish(status, "online")
        gateway.publish(VITALS, vitals(1, temp(38.6)))
        until(lambda: [m for m in answers.messages("/committed") if m["upto"] == 1], what="the first reading")
        until(lambda: len(answers.messages("/rejected")) == 2, what="two answers")
        assert [r["reason"] for r in answers.messages("/rejected")] == ["code_unknown", "not_json"]
        assert all(t.startswith("vigil/v1/gateways/gw-1/") for t, _, _ in answers.seen), answers.seen
        assert place.daemon.rows("SELECT seq FROM message") == [(1,)]


def test_a_repeat_without_a_number_counts_once_though_an_item_is_bad():
    with Place() as place:
        answers = place.client("answers", "vigil/v1/gateways/+/rejected")
        gateway = place.client("gw")
        alike = message(temp(37.3), item(code="mood"))
        for _ in range(3):
            gateway.publish(VITALS, alike)
        gateway.publish(VITALS, message(temp(37.4)))
        until(lambda: len(answers.messages("/rejected")) == 3, what="an answer to each")
        until(lambda: len(place.daemon.rows("SELECT id FROM message")) >= 2, what="the last message")
        assert len(place.daemon.rows("SELECT id FROM message")) == 2
        place.daemon.signal(9)
        place.daemon.start()
        gateway.publish(VITALS, alike)
        until(lambda: len(answers.messages("/rejected")) == 4, what="the answer after a restart")
        gateway.publish(VITALS, message(temp(37.5)))
        until(lambda: len(place.daemon.rows("SELECT id FROM message")) >= 3, what="another message")
        assert len(place.daemon.rows("SELECT id FROM message")) == 3


def test_numbers_given_up_stay_so_through_a_kill():
    """The mark in the store may be older than the word that some never come: behind a kill the mark never goes back. And
    which of them came is known: one that was on the way counts, and no other twice."""
    with Place() as place:
        answers = place.client("answers", "vigil/v1/gateways/+/committed")
        gateway = place.client("gw")
        status = "vigil/v1/gateways/gw-1/status"
        first = vitals(1, temp(37.0))
        gateway.publish(VITALS, first)
        until(lambda: place.daemon.rows("SELECT upto FROM epoch") == [(1,)], what="the first mark in the store")
        gateway.publish(status, {"state": "online", "epoch": "e1", "from": 10})
        gateway.publish(VITALS, vitals(10, temp(37.1)))
        until(lambda: [m for m in answers.messages("/committed") if m["upto"] == 10], what="the mark")
        place.daemon.signal(9)
        before = len(answers.messages("/committed"))
        place.daemon.start()
        gateway.publish(VITALS, vitals(11, temp(37.2)))
        until(lambda: [m for m in answers.messages("/committed") if m["upto"] == 11], what="the next mark")
        assert all(m["upto"] >= 10 for m in answers.messages("/committed")[before:]), answers.messages("/committed")
        for n, value in ((1, 37.0), (5, 38.9), (5, 38.9), (12, 37.3)):
            gateway.publish(VITALS, first if n == 1 else vitals(n, temp(value), ts=first["ts"] + n))
        until(lambda: [m for m in answers.messages("/committed") if m["upto"] == 12], what="the last mark")
        assert sorted(seq for seq, in place.daemon.rows("SELECT seq FROM message")) == [1, 5, 10, 11, 12]


def test_the_number_of_a_refused_message_used_again_behind_a_restart():
    """Its content is known, marked or not: another under its number is answered, and dropped by nobody."""
    with Place() as place:
        answers = place.client("answers", "vigil/v1/gateways/+/rejected", "vigil/v1/gateways/+/committed")
        gateway = place.client("gw")
        refused = vitals(1, item(unit=...))
        gateway.publish(VITALS, refused)
        until(lambda: place.daemon.rows("SELECT upto FROM epoch") == [(1,)], what="the mark in the store")
        place.daemon.signal(9)
        place.daemon.start()
        gateway.publish(VITALS, refused)
        gateway.publish(VITALS, vitals(1, temp(39.0), ts=refused["ts"]))
        until(lambda: len(answers.messages("/rejected")) == 2, what="the answer")
        assert [r["reason"] for r in answers.messages("/rejected")] == ["unit_missing", "seq_reused"]


def test_whom_a_refused_message_named_is_known_behind_a_restart():
    """It says that somebody else lies in the bed: what the bed took is not of the patient who is admitted later."""
    for kill in (False, True):
        with Place() as place:
            ward = place.client("ward", "vigil/v1/wards/+/events", "vigil/v1/gateways/+/committed")
            gateway = place.client("gw")
            gateway.publish(VITALS, vitals(1, temp(39.2)))
            gateway.publish(VITALS, vitals(2, item(code="mood"), patient="p-9"))
            until(lambda: ward.events("FEVER_CONFIRMED"), what="the fever of nobody known")
            until(lambda: [m for m in ward.messages("/committed") if m["upto"] == 2], what="both")
            if kill:
                place.daemon.signal(9)
                place.daemon.start()
            gateway.publish(VITALS.replace("vitals", "episode"), {"ts": now_ms() - 60000, "do": "admit", "patient": "p-1", "product": "nk", "age": 50})
            told = until(lambda: [e for e in ward.events("FEVER_CONFIRMED") if e["event"] in ("ended", "noted")], what="what becomes of it")
            assert told[0]["event"] == "ended" and told[0]["patient"] is None, (kill, told[0])


def test_a_counter_that_began_again_in_its_epoch():
    """Its numbers came long ago, with content that is forgotten: what is measured now is no repeat of them. It is kept,
    answered, and the gateway is told of; true repeats of old numbers are not."""
    with Place() as place:
        ward = place.client("ward", "vigil/v1/wards/+/events", "vigil/v1/gateways/+/rejected",
                            "vigil/v1/gateways/+/committed")
        gateway = place.client("gw")
        begin = now_ms()
        sent = [vitals(n, temp(36.5, "continuous"), ts=begin - 600000 + n * 1000) for n in range(1, 521)]
        for message in sent + sent[:100]:
            gateway.publish(VITALS, message, wait=False)
        until(lambda: [m for m in ward.messages("/committed") if m["upto"] == 520], what="the first 520")
        gateway.publish(VITALS, sent[3])
        for n in range(1, 4):  # a minute later; tolerated as no future
            gateway.publish(VITALS, vitals(n, temp(40.9), ts=now_ms() + 50000))
        until(lambda: len(ward.messages("/rejected")) == 3, what="the answers")
        assert {(r["seq"], r["reason"]) for r in ward.messages("/rejected")} == {(n, "seq_reused") for n in (1, 2, 3)}
        until(lambda: place.daemon.rows("SELECT count(*) FROM quarantine")[0][0] == 3, what="quarantine")
        until(lambda: ward.events("GATEWAY_CONFLICT"), what="two senders under one name, or one that counts anew")
        assert place.daemon.rows("SELECT count(*) FROM message")[0][0] == 520
        place.daemon.signal(9)  # then the store's mark says which numbers came, and nothing what they held
        place.daemon.start()
        gateway.publish(VITALS, sent[4])
        gateway.publish(VITALS, vitals(4, temp(40.9), ts=now_ms() + 50000))
        until(lambda: [r for r in ward.messages("/rejected") if r["seq"] == 4], what="the answer after a restart")
        assert 5 not in [r["seq"] for r in ward.messages("/rejected")]


def test_future_old_and_somebody_else():
    with Place() as place:
        ward = place.client("ward", "vigil/v1/wards/+/events", "vigil/v1/gateways/+/rejected",
                            "vigil/v1/gateways/+/committed")
        gateway = place.client("gw")
        gateway.publish("vigil/v1/beds/onc-7/3/episode", {
            "ts": now_ms() - 60000, "by": "adt", "do": "admit", "patient": "p-1", "product": "nk", "age": 50})
        gateway.publish(VITALS, vitals(1, temp(39.0), ts=now_ms() + 3600000))
        until(lambda: ward.events("CLOCK_FUTURE") and ward.events("FEVER_CONFIRMED"),
              what="a future time to be told and judged on arrival")
        gateway.publish(VITALS, vitals(2, temp(36.0), ts=now_ms() - 40 * 86400000))
        gateway.publish(VITALS, vitals(3, temp(41.9), patient="p-2"))
        until(lambda: ward.events("IDENTITY_MISMATCH"), what="the mismatch to be told")
        assert [r["reason"] for r in ward.messages("/rejected")] == ["identity"]
        until(lambda: [m for m in ward.messages("/committed") if m["upto"] == 3], what="commit")
        assert not ward.events("HYPERPYREXIA"), "another patient's value was judged"


run([test_each_fault_has_its_answer_and_stops_nothing, test_one_bad_item_does_not_sink_the_good_ones,
     test_a_refused_message_counts_and_leaves_no_hole, test_a_counter_that_began_again_in_its_epoch,
     test_a_flood_of_bad_messages_has_an_answer_to_each, test_retained_doubled_reused, test_future_old_and_somebody_else,
     test_what_no_parser_takes_is_its_senders_all_the_same, test_what_is_no_json_inside_is_its_senders_all_the_same,
     test_a_refused_status_takes_no_number, test_a_repeat_without_a_number_counts_once_though_an_item_is_bad,
     test_numbers_given_up_stay_so_through_a_kill, test_the_number_of_a_refused_message_used_again_behind_a_restart,
     test_whom_a_refused_message_named_is_known_behind_a_restart])
