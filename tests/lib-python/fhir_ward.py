# SPDX-License-Identifier: Apache-2.0
"""A ward whose patient is read by FHIR: for the tests of it."""
import datetime
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "outside"))
from place import Place, ROOT, now_ms, temp, until, vitals  # noqa: E402
from web import Web  # noqa: E402

BED = "vigil/v1/beds/onc-7/12"
MINUTE, HOUR = 60_000, 3_600_000
BEGIN = now_ms() // HOUR * HOUR - 3 * HOUR


def item(code, value, unit, **more):
    return {"code": code, "value": value, "unit": unit, **more}


def cuff(sbp=None, dbp=None, source="cuff"):
    return [item(c, v, "mm[Hg]", source=source) for c, v in (("sbp", sbp), ("dbp", dbp)) if v is not None]


def ms(text):
    return round(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


def iso(at):
    return datetime.datetime.fromtimestamp(at / 1000, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at % 1000:03}Z"


def node(script, *arguments, text=""):
    """What a script of tests/fhir prints, one JSON object."""
    done = subprocess.run(["node", os.path.join(ROOT, "tests", "fhir", script), *arguments], input=text,
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"{script} (contrib/install-deps test brings what it needs): {done.stderr[-800:]}"
    return json.loads(done.stdout)


class Ward(Place):
    """A patient in a bed; readings are sent by say(), and wait() waits until they are stored."""

    def __init__(self, patient="p-0042"):
        super().__init__()
        self.patient, self.seq = patient, 0

    def __enter__(self):
        super().__enter__()
        self.web = Web(self.daemon.port)
        self.gateway = self.client("gw", "vigil/v1/wards/+/events")
        self.episode({"ts": BEGIN - HOUR, "do": "admit", "product": "car_nk", "age": 55})
        return self

    def episode(self, what):
        self.gateway.publish(BED + "/episode", {"by": "adt", "patient": self.patient, **what})

    def say(self, kind, *obs, ts, device="mon-12", **more):
        self.seq += 1
        self.gateway.publish(f"{BED}/{kind}", vitals(self.seq, *obs, ts=ts, device=device, patient=self.patient, **more))

    def wait(self):
        until(lambda: self.daemon.rows("SELECT 1 FROM message WHERE seq = ?", self.seq), what="the commit")
        return self

    def fhir(self, path, status=200, **headers):
        answer = self.web.get("/fhir/" + path, **headers)
        assert answer.status == status, (path, answer)
        assert answer.type == "application/fhir+json", (path, answer)
        return answer.json

    def found(self, path):
        return [e["resource"] for e in self.fhir(path).get("entry", [])]

    def pages(self, path, between=lambda: None):
        """All resources of a search, page by page, and how many pages there were."""
        resources, count, path = [], 0, "/fhir/" + path
        while path:
            bundle = self.web.get(path).json
            resources += [e["resource"] for e in bundle.get("entry", [])]
            links = {link["relation"]: link["url"] for link in bundle["link"]}
            path = links["next"].split(str(self.daemon.port), 1)[1] if "next" in links else None
            count += 1
            between()
        return resources, count


def of(resources, code):
    return [r for r in resources if code in [c["code"] for c in r["code"]["coding"]]]


def one(resources, code):
    [resource] = of(resources, code)
    return resource


def series(ward, random, count):
    """Minute by minute: a temperature by chance (ward.sent), a heart rate, a pressure."""
    ward.sent = {}
    for n in range(count):
        ts = BEGIN + n * MINUTE + random.randrange(MINUTE)
        ward.sent[ts] = round(random.uniform(36, 37.4), 1)
        ward.say("vitals", temp(ward.sent[ts]), item("hr", 80, "/min"), *cuff(120, 70), ts=ts)
    ward.wait()
