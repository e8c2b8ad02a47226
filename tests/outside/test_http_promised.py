# SPDX-License-Identifier: Apache-2.0
"""What config/openapi.yaml promises of refusals, on every path that it has: nobody known, a right or ward that does not
reach, too long a body, a name that is not ours, a page of another site, too many failures; other methods; HEAD."""
import os
import sys
import urllib.parse

import yaml

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib-python"))
from place import ROOT, Place, run  # noqa: E402
from test_http_api import check  # noqa: E402
from test_http_users import House  # noqa: E402
from web import Web  # noqa: E402

DOC = yaml.safe_load(open(os.path.join(ROOT, "config", "openapi.yaml")))
OPERATIONS = [(path, method.upper(), operation) for path, methods in DOC["paths"].items() for method, operation in methods.items()]
FILLED = {"ward": "onc-8", "bed": "1", "kind": "assessment", "id": "01ZZ", "do": "accept", "name": "car-t", "type": "Patient"}
OPEN = ("/healthz", "/api/v1/login", "/api/v1/logout")


def where(path):
    return path.format(**FILLED) + ("?ward=onc-8" if path in ("/api/v1/stream", "/api/v1/alerts") else
                                    "?patient=p-8&code=temp" if path in ("/api/v1/readings", "/api/v1/coverage") else
                                    "?patient=p-8" if path in ("/api/v1/episodes", "/api/v1/assessments", "/api/v1/charted", "/fhir/{type}") else "")


def ask(web, path, method, **heads):
    heads = {k.replace("_", "-"): v for k, v in heads.items()}
    if method == "POST":
        heads = {"Content-Type": "application/json", **heads}
    return web.ask(method, where(path), "{}" if method == "POST" else None, heads)


def promised(status):
    return [(path, method, operation) for path, method, operation in OPERATIONS if status in operation["responses"]]


def refused(operation, answer, status):
    assert answer.status == status, (answer, status)
    check(DOC, operation, answer)
    return answer


def test_without_users():
    with Place() as place:
        web = Web(place.daemon.port)
        for path, method, operation in OPERATIONS:
            refused(operation, ask(web, path, method, Host="evil.example"), 421)
        posts = [(path, operation) for path, method, operation in OPERATIONS if method == "POST"]
        assert {path for path, _ in posts} == {path for path, _, _ in promised("413")}
        for path, operation in posts:
            refused(operation, web.ask("POST", where(path), b" " * 70000, {"Content-Type": "application/json"}), 413)
            refused(operation, ask(web, path, "POST", Origin="https://elsewhere.example"), 403)
        assert len(OPERATIONS) > 20 and all("421" in operation["responses"] for _, _, operation in OPERATIONS)


def test_with_users():
    with House() as house:
        house.patients()
        for path, method, operation in OPERATIONS:
            if path in OPEN:
                continue
            answer = refused(operation, ask(house.web, path, method), 401)
            assert "Bearer" in answer.headers["www-authenticate"], answer
        refused(DOC["paths"]["/"]["get"], ask(house.web, "/", "GET", Accept="text/html"), 401)
        for path, method, operation in promised("403"):
            if path not in OPEN and path != "/api/v1/alerts/{id}/{do}":  # which alert, is asked first
                refused(operation, ask(house.web, path, method, **house.as_("wall")), 403)
        alert = house.alerts["onc-8"]
        refused(DOC["paths"]["/api/v1/alerts/{id}/{do}"]["post"], house.post("li", f"/api/v1/alerts/{alert}/accept", {}), 403)
        # too many failures: whoever has this name is told when to ask again
        wrong = house.tokens["root"][:-1] + ("A" if house.tokens["root"][-1] != "A" else "B")
        for _ in range(8):
            house.web.get("/api/v1/session", Authorization=f"Bearer {wrong}")
        for path, method, operation in promised("429"):
            if path == "/api/v1/login":
                body = urllib.parse.urlencode({"name": "root", "password": "x"})
                answer = house.web.ask("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})
            else:
                answer = ask(house.web, path, method, Authorization=f"Bearer {wrong}")
            seconds = int(refused(operation, answer, 429).headers["retry-after"])
            assert 1 <= seconds <= 300 and f"in {seconds} s" in answer.text, answer


def test_other_methods():
    """With users too: they are known first. What is here says what it takes, what is not is absent."""
    with Place() as place, House() as house:
        for web, heads in ((Web(place.daemon.port), {}), (house.web, house.as_("wu"))):
            for path in ("/", "/index.html", "/app.js", "/healthz", "/readyz", "/api/v1/stream", "/api/v1/openapi.yaml", "/metrics", "/api/v1/wards"):
                for method in ("PUT", "POST", "DELETE", "PATCH", "OPTIONS", "FROB"):
                    answer = web.ask(method, path, headers=heads)
                    assert answer.status == 405 and answer.headers["allow"] == "GET, HEAD" and answer.type == "application/problem+json", (method, path, answer)
            for method in ("GET", "PUT"):
                answer = web.ask(method, "/api/v1/alerts/x/accept", headers=heads)
                assert answer.status == 405 and answer.headers["allow"] == "POST", answer
            for method in ("GET", "PUT", "POST", "FROB"):
                answer = web.ask(method, "/nothing", headers=heads)
                assert answer.status == 404 and "allow" not in answer.headers, (method, answer)
        assert house.web.ask("PUT", "/").status == 401


def test_the_head_of_a_stream():
    """It ends behind the head: whoever reads on would take a chunk for the beginning of the next answer."""
    with Place() as place:
        web = Web(place.daemon.port)
        for version in ("1.0", "1.1"):
            back = web.raw(f"HEAD /api/v1/stream HTTP/{version}\r\nHost: localhost\r\n\r\n".encode(), timeout=5)
            assert back.startswith(b"HTTP/1.1 200 ") and b"Content-Type: text/event-stream\r\n" in back and back.endswith(b"\r\n\r\n"), back
            assert back.count(b"\r\n\r\n") == 1 and b"chunked" not in back, back
        assert web.ask("HEAD", "/api/v1/stream?ward=nowhere").status == 404
        assert "vigil_http_open_streams 0" in web.get("/metrics").text


if __name__ == "__main__":
    run([test for name, test in list(globals().items()) if name.startswith("test_")])
