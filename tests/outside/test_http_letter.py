# SPDX-License-Identifier: Apache-2.0
"""What the contract says of HTTP in few words: every list is oldest first, `from` inclusive and `to` exclusive; errors are
application/problem+json, also where the library beneath refuses before anybody is asked."""
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib-python"))
from place import Place, now_ms, run, until, vitals  # noqa: E402
from web import Web  # noqa: E402

BED = "vigil/v1/beds/onc-7/12"
HOUR = 3_600_000


def test_episodes_are_oldest_first():
    with Place() as place:
        web, client, begin = Web(place.daemon.port), place.client("adt"), now_ms() - 20 * HOUR
        for n in range(5):
            client.publish(BED + "/episode", {"ts": begin + 2 * n * HOUR, "do": "admit", "patient": "p-1", "product": "car_nk", "age": 50})
            client.publish(BED + "/episode", {"ts": begin + (2 * n + 1) * HOUR, "do": "discharge", "patient": "p-1"})
        path = "/api/v1/episodes?patient=p-1"
        whole = until(lambda: (e := web.get(path).json["episodes"]) and len(e) == 5 and e[-1]["end"] and e, what="five stays")
        assert [e["begin"] for e in whole] == sorted(e["begin"] for e in whole), whole
        assert "next" not in web.get(path).json
        for limit in (1, 2, 4):
            paged, count = web.pages(f"{path}&limit={limit}", "episodes")
            assert paged == whole and count == -(-5 // limit), (limit, count, paged)


def test_scores_lie_in_the_span_that_was_asked_for():
    with Place() as place:
        web, client, begin = Web(place.daemon.port), place.client("gw"), now_ms() // 1000 * 1000 - 10 * 60_000
        client.publish(BED + "/episode", {"ts": begin - HOUR, "do": "admit", "patient": "p-1", "product": "car_nk", "age": 50})
        path = "/api/v1/assessments?patient=p-1"
        ask = lambda more="": web.get(path + more).json["assessments"]  # noqa: E731
        for n, word in enumerate("CACAC"):  # each is known before the next one comes
            client.publish(BED + "/assessment", vitals(n + 1, {"code": "consciousness", "value": word}, ts=begin + n * 60_000))
            until(lambda: len(ask()) > n, what="its scores")
            time.sleep(0.005)
        whole = ask()
        stamps = [a["ts"] for a in whole]
        assert stamps == sorted(stamps)
        cut = stamps[2]
        assert [a["ts"] for a in ask(f"&from={cut}")] == [s for s in stamps if s >= cut]
        assert [a["ts"] for a in ask(f"&to={cut}")] == [s for s in stamps if s < cut]
        between = f"&from={cut[:-4]}{min(int(cut[-4:-1]) + 1, 999):03d}Z"  # behind it by a millisecond
        assert [a["ts"] for a in ask(between)] == [s for s in stamps if s > cut]
        held = ask(between + "&held=true")
        assert [a["ts"] for a in held] == [s for s in stamps if s >= cut], "asked for: what held at from, with its own ts"
        assert web.pages(path + between + "&held=true&limit=1", "assessments")[0] == held
        assert web.get(path + "&held=1").status == 400


def test_what_the_library_refuses_is_a_problem():
    with Place() as place:
        web = Web(place.daemon.port)
        line = b"GET /api/v1/wards HTTP/1.1\r\nHost: localhost\r\n"
        post = b"POST /api/v1/login HTTP/1.1\r\nHost: localhost\r\n"
        cases = [(414, b"GET /fhir/Observation?patient=" + b"a" * 30000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                 (414, b"GET /" + b"a" * 30000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                 (414, b"G" * 30000 + b" / HTTP/1.1\r\n\r\n"),
                 (431, line + b"X-Long: " + b"a" * 30000 + b"\r\n\r\n"),
                 (431, line + b"".join(b"X-%d: %d\r\n" % (n, n) for n in range(3000)) + b"\r\n"),
                 (505, b"GET / HTTP/2.0\r\nHost: localhost\r\n\r\n"), (505, b"GET / HTTP/0.9\r\nHost: localhost\r\n\r\n"),
                 (400, b"GET /healthz\r\n\r\n"), (400, b"GET / XTTP/1.1\r\nHost: localhost\r\n\r\n"), (400, line + b"no colon\r\n\r\n"),
                 (400, b"GET /healthz HTTP/1.1\r\n\r\n"), (400, line + b"Host: localhost\r\n\r\n"),
                 (400, post + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n"), (400, post + b"Transfer-Encoding: gzip\r\n\r\n"),
                 (404, b"GET /a b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")]
        for status, data in cases:
            head, body = web.raw(data, timeout=5).split(b"\r\n\r\n", 1)
            assert head.startswith(b"HTTP/1.1 %d " % status), (status, data[:60], head)
            assert b"\r\nContent-Type: application/problem+json\r\n" in head and b"\r\nConnection: close" in head, (data[:60], head)
            problem = json.loads(body)
            assert problem["status"] == status and problem["detail"] and problem["title"] not in ("", "Error"), problem
            assert b"nosniff" in head and b"\r\nContent-Length: %d" % len(body) in head, head
        # a later 1.x is answered as 1.1 (RFC 9110, 2.5)
        assert web.raw(b"GET /healthz HTTP/1.2\r\nHost: localhost\r\nConnection: close\r\n\r\n").startswith(b"HTTP/1.1 200 ")
        # libmicrohttpd 0.9.75 sends this head twice: no body is better than a head for one
        for length, status in ((b"-5", b"400"), (b"ten", b"400"), (b"", b"400"), (b"9" * 30, b"413")):
            back = web.raw(post + b"Content-Length: " + length + b"\r\n\r\n", timeout=5)
            assert back.startswith(b"HTTP/1.1 " + status), (length, back)
            assert b"\r\nContent-Length: 0" in back.split(b"\r\n\r\n")[0] and b"<html" not in back, back
        assert web.get("/healthz").status == 200


if __name__ == "__main__":
    run([test for name, test in list(globals().items()) if name.startswith("test_")])
