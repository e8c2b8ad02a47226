# SPDX-License-Identifier: Apache-2.0
"""The small curves of a whole ward in one answer: the same steps that each patient's readings have."""
import os
import sys
from datetime import datetime

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib-python"))
from place import Place, now_ms, run, temp, until, vitals  # noqa: E402
from web import Web  # noqa: E402

HOUR = 3_600_000


def test_a_wards_trends_are_its_readings():
    with Place() as place:
        web, client = Web(place.daemon.port), place.client("gw")
        end = now_ms()
        for bed, patient in (("12", "p-0042"), ("13", "p-0043")):
            client.publish(f"vigil/v1/beds/onc-7/{bed}/episode", {"ts": end - 8 * HOUR, "by": "adt", "do": "admit", "patient": patient, "product": "car_nk", "age": 50})
            for minute in range(350, 0, -7):
                client.publish(f"vigil/v1/beds/onc-7/{bed}/vitals", vitals(None, {"code": "hr", "value": 60 + minute % 31 + int(bed), "unit": "/min"}, temp(36.5), ts=end - minute * 60_000))
        steps = lambda: web.get(f"/api/v1/readings?patient=p-0043&code=hr,temp&from={at}&step=10m").json["readings"]  # noqa: E731
        at = web.get("/api/v1/wards/onc-7/trends").json["from"]
        until(lambda: sum(s["count"] for s in steps()) == 100, what="all of it in the store")
        answer = web.get("/api/v1/wards/onc-7/trends").json
        assert sorted(p["patient"] for p in answer["trends"]) == ["p-0042", "p-0043"] and answer["step_s"] == 600, answer
        mine = next(p for p in answer["trends"] if p["patient"] == "p-0043")
        at = answer["from"]
        begin = datetime.fromisoformat(at.replace("Z", "+00:00")).timestamp()
        told = [[s["code"], round((datetime.fromisoformat(s["ts"].replace("Z", "+00:00")).timestamp() - begin) / 600), s["min"], s["max"], round(s["mean"], 2)] for s in steps()]
        assert mine["bed"] == "13" and mine["steps"] == told, (mine, told)


if __name__ == "__main__":
    run([test for name, test in list(globals().items()) if name.startswith("test_")])
