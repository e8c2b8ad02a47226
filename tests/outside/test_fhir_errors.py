# SPDX-License-Identifier: Apache-2.0
"""FHIR asked wrongly: every error is an OperationOutcome with the right status, and no question is the end."""
import os
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib-python"))
from fhir_ward import BEGIN, Ward, series  # noqa: E402
from place import run, seed, until  # noqa: E402
from test_http_users import House  # noqa: E402

RANDOM = seed()


def test_every_error_is_an_outcome():
    with Ward() as ward:
        series(ward, RANDOM, 2)
        mine = "Observation?patient=p-0042"
        for path, status in (("Nothing", 404), ("Nothing/1", 404), ("Observation/nothing", 404), ("Patient/p-1", 404),
                             ("Encounter/01ZZ", 404), ("Flag/01ZZ", 404), ("Communication/01ZZ", 404), ("a/b/c", 404),
                             ("Observation", 400), ("Encounter", 400), ("Patient", 400), ("Communication", 400),
                             (mine + "&date=yesterday", 400), (mine + "&date=ne2026", 400), (mine + "&date=2026-13", 400),
                             (mine + "&_count=x", 400), (mine + "&_count=0", 400), (mine + "&_sort=code", 400),
                             (mine + "&patient=p-1", 400), (mine + "&_cursor=zzz", 400), (mine + "&code:not=1", 400),
                             ("Observation?patient=Group/1", 400), ("Observation?patient=a%2Cb", 400),
                             ("Observation?_id=a,b", 400), (mine + "&_format=xml", 406)):
            answer = ward.fhir(path, status)
            assert answer["resourceType"] == "OperationOutcome" and len(answer["issue"][0]["diagnostics"]) > 8, (path, answer)
        assert ward.fhir(mine, 406, Accept="application/fhir+xml")["resourceType"] == "OperationOutcome"
        for takes in ("application/json", "text/html,*/*;q=0.8", "application/fhir+json; fhirVersion=4.0"):
            ward.fhir(mine, 200, Accept=takes)
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            refused = ward.web.ask(method, "/fhir/Observation/1", "{}" if method != "DELETE" else None)
            assert refused.status == 405 and refused.json["resourceType"] == "OperationOutcome", (method, refused)
            assert "GET" in refused.headers["allow"], refused.headers
        unknown = mine + "&_summary=true&code=8310-5&value-quantity=gt38"
        for strictly in ("handling=strict", "return=minimal, handling=strict"):
            assert ward.fhir(unknown, 400, Prefer=strictly)["issue"][0]["code"] == "invalid"
        for loosely in ({}, {"Prefer": "handling=lenient"}):
            bundle = ward.fhir(unknown, **loosely)
            assert bundle["link"][0]["url"].endswith("/fhir/Observation?patient=p-0042&code=8310-5"), bundle["link"]
            assert len(bundle["entry"]) == 2, "what was ignored filters nothing"
        again = ward.web.get("/fhir/" + mine)
        assert ward.web.get("/fhir/" + mine, If_None_Match=again.headers["etag"]).status == 304
        assert ward.fhir(mine, X_Forwarded_Proto="https")["entry"][0]["fullUrl"].startswith("https://127.0.0.1")


def test_odd_questions_get_an_answer():
    """Parameters, values and ids put together by chance: always a resource, with a status that fits, and never the end."""
    words = ["patient", "subject", "code", "category", "date", "_id", "_sort", "_count", "_cursor", "identifier", "status", "sent",
             "encounter", "patient:Patient", "code:in", "x", "", "_format"]
    values = ["p-0042", "Patient/p-0042", "8310-5", "http://loinc.org|8310-5", "|", ",", "|||", "ge2026", "lt2026-11-23T06", "-date",
              "1", "1000", "99999999999999999999", "-1", "1.1.1.", "1.9223372036854775807.-9223372036854775808.", "1.-9000000000000000000.0.", "a" * 200, "%00",
              "..u", "..", "_", "ü", "json", "in-progress", "", "8310-5," * 80, "-temp-1-c", "-" * 30, f"x-bp-{BEGIN}-u.999"]
    types = ["Observation", "Patient", "Encounter", "Flag", "Communication", "metadata", "Nothing"]
    with Ward() as ward:
        series(ward, RANDOM, 3)
        statuses = set()
        for _ in range(400):
            path = "/fhir/" + RANDOM.choice(types)
            if RANDOM.random() < 0.3:
                path += "/" + urllib.parse.quote(RANDOM.choice(values), safe="")
            query = [(RANDOM.choice(words), RANDOM.choice(values)) for _ in range(RANDOM.randrange(6))]
            query += [("patient", "p-0042")] if RANDOM.random() < 0.6 else []
            answer = ward.web.get(path + "?" + urllib.parse.urlencode(query))
            statuses.add(answer.status)
            assert answer.status in (200, 400, 404, 406), (path, query, answer)
            assert (answer.json["resourceType"] == "OperationOutcome") == (answer.status != 200), (path, query, answer)
        assert {200, 400, 404} <= statuses, statuses


def test_who_may_look_at_whom():
    """With users: a nurse of one ward sees its patients and nobody else's, in no way of asking; it is written down."""
    with House() as house:
        house.patients()

        def ask(name, path):
            answer = house.get(name, "/fhir/" + path)
            assert answer.type == "application/fhir+json", (name, path, answer)
            return answer
        ids = {}
        for patient in ("p-7", "p-8"):
            ids[patient] = [f"Patient/{patient}"]
            for search in (f"Observation?patient={patient}&code=85354-9", f"Observation?patient={patient}&category=survey",
                           f"Encounter?patient={patient}", f"Flag?patient={patient}", f"Communication?patient={patient}"):
                assert ask("wu", search).status == 200, search
                found = until(lambda: ask("wu", search).json.get("entry"), what=search)
                ids[patient] += [f"{e['resource']['resourceType']}/{e['resource']['id']}" for e in found]
        for path in ids["p-7"]:
            assert (ask("li", path).status, ask("wu", path).status, ask("wall", path).status) == (200, 200, 403), path
        for path in ids["p-8"]:
            type_, id_ = path.split("/")
            assert (ask("li", path).status, ask("wu", path).status) == (403, 200), path
            by_id = ask("li", f"{type_}?_id={id_}")
            assert by_id.status == 403 or "entry" not in by_id.json, (path, by_id)
        for search in ("Observation?patient=p-8", "Encounter?patient=p-8", "Communication?patient=p-8", "Patient?_id=p-8"):
            refused = ask("li", search)
            assert refused.status == 403 and refused.json["issue"][0]["code"] == "forbidden", (search, refused)
        flags = [e["resource"] for e in ask("li", "Flag").json["entry"]]
        assert flags and {f.get("subject", {}).get("reference") for f in flags} <= {"Patient/p-7", None}, flags
        assert "entry" not in ask("li", "Flag?patient=p-8").json, "flags of another ward"
        nobody = house.web.get("/fhir/metadata")
        assert nobody.status == 401 and nobody.json["issue"][0]["code"] == "login", nobody
        until(lambda: {("p-7", "li"), ("p-8", "wu")} <= {(s, b.split(":")[0].split()[-1]) for s, b in house.daemon.rows(
            "SELECT subject, json_extract(body, '$.text') FROM audit WHERE kind = 'read'") if b}, what="who looked at whom")


if __name__ == "__main__":
    run([test_every_error_is_an_outcome, test_odd_questions_get_an_answer, test_who_may_look_at_whom])
