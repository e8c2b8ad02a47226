# SPDX-License-Identifier: Apache-2.0
"""Requests that were bent, as bytes, at the real server for VIGIL_FUZZ_SECONDS (4): each gets an answer that is HTTP or a
close, the same however the bytes were cut on their way, never a fault of the server's; and the daemon lives and watches."""
import concurrent.futures
import json
import os
import re
import socket
import sys
import time

from place import ROOT, Place, now_ms, run, seed, temp, until, vitals

sys.path.insert(0, os.path.join(ROOT, "tests", "lib-python"))
from web import Web  # noqa: E402

SECONDS = float(os.environ.get("VIGIL_FUZZ_SECONDS", "4"))
rng = seed()
HEAD = b"Host: 127.0.0.1\r\nConnection: close\r\n"
BODY = json.dumps({"by": "nurse:li", "reason": "x"}).encode()
SEEDS = [b"GET /api/v1/wards HTTP/1.1\r\n" + HEAD + b"Accept-Encoding: gzip\r\n\r\n",
         b"GET /api/v1/readings?patient=p-1&code=temp&from=-1h&limit=2 HTTP/1.1\r\n" + HEAD + b"Accept: text/csv\r\n\r\n",
         b"HEAD /healthz HTTP/1.0\r\n\r\n", b"GET /fhir/Observation?patient=p-1&_count=1 HTTP/1.1\r\n" + HEAD + b"Prefer: handling=strict\r\n\r\n",
         b"GET /fhir/metadata HTTP/1.1\r\n" + HEAD + b"If-None-Match: W/\"abc\", *\r\n\r\n",
         b"POST /api/v1/alerts/none/note HTTP/1.1\r\n" + HEAD + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY,
         b"POST /api/v1/alerts/none/note HTTP/1.1\r\n" + HEAD + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % len(BODY)
         + BODY + b"\r\n0\r\n\r\n",
         b"GET / HTTP/1.1\r\n" + HEAD + b"Cookie: vigil=abc; x=y\r\nAuthorization: Bearer vg1.a.b\r\nOrigin: http://127.0.0.1\r\n\r\n"]
WORDS = [b"\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b":", b"%00", b"%2e", b"%", b"../", b"//", b"?", b"&", b"=", b"HTTP/1.1", b"HTTP/9.9", b"GET", b"POST",
         b"PUT", b"OPTIONS", b"Host: b\r\n", b"Content-Length: 5\r\n", b"Content-Length: 99999999999999999999\r\n", b"Transfer-Encoding: chunked\r\n",
         b"Expect: 100-continue\r\n", b"Upgrade: h2c\r\n", b"Connection: keep-alive\r\n", b"Range: bytes=0-1\r\n", b"X: " + b"a" * 300 + b"\r\n", b" folded\r\n",
         b"Cookie: " + b"a=b; " * 30 + b"\r\n", b"\xff", b"\xc0\x80", b"1e9", b"-1"]


def bend(data):
    for _ in range(rng.choice((1, 1, 2, 3, 6))):
        at = rng.randrange(len(data) + 1)
        how = rng.randrange(5)
        if how == 0:
            data = data[:at] + bytes([rng.randrange(256)]) + data[at + 1:]
        elif how == 1:
            data = data[:at] + data[at + rng.randrange(1, 6):]
        elif how == 2:  # at the beginning of a line, where heads are
            lines = data.split(b"\r\n")
            lines.insert(rng.randrange(len(lines)), rng.choice(WORDS).rstrip(b"\r\n"))
            data = b"\r\n".join(lines)
        else:
            data = data[:at] + rng.choice(WORDS) + data[at:]
    return data


def send(port, data, cuts):
    """All that comes back. Our side is closed behind the bytes: an unfinished request ends there."""
    with socket.create_connection(("127.0.0.1", port), 5) as link:
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        back = b""
        try:
            at = 0
            for cut in (*sorted(cuts), len(data)):
                link.sendall(data[at:cut])
                at = cut
            link.shutdown(socket.SHUT_WR)
            while more := link.recv(65536):
                back += more
        except TimeoutError:
            raise
        except OSError:
            pass  # refused before all of it was there
        return back


def first(back):
    """Status of each answer, and the first one's body, without what differs by the time."""
    statuses = re.findall(rb"HTTP/1\.[01] (\d{3}) ", back)
    body = back.split(b"\r\n\r\n", 1)[1] if b"\r\n\r\n" in back else b""
    return statuses[:1], re.sub(rb"(?m)^(Date|ETag):.*$|\d{4}-\d\d-\d\dT[0-9:.]+Z|\"\w+_(age|ms)\":\d+", b"", body)[:200]


def check(port, data, cuts):
    """Once as a whole, once in pieces; the status, or "closed"."""
    whole, cut = send(port, data, ()), send(port, data, cuts)
    statuses = first(whole)[0]
    assert not whole or statuses, (data, whole[:200])
    assert not statuses or not statuses[0].startswith(b"5") or statuses[0] in (b"501", b"505"), (data, whole[:300])
    if whole and cut:  # a reset may take an answer away that was on its way
        assert first(whole) == first(cut), (data, cuts, whole[:300], cut[:300])
    return statuses[0] if statuses else b"closed"


def test_bent_requests():
    with Place(start=False) as place:
        plain = place.daemon.command
        place.daemon.command = lambda *more: plain("--set", "http.deadline=1s", *more)  # what is never finished is ended soon
        place.broker.start()
        place.daemon.start()
        client = place.client("gw", "vigil/v1/wards/#")
        client.publish("vigil/v1/beds/onc-7/1/vitals", vitals(1, temp(37.0), patient="p-1"))
        until(lambda: place.daemon.rows("SELECT count(*) FROM message")[0][0], what="a reading")
        port, counts, end = place.daemon.port, {}, time.monotonic() + SECONDS
        for data in SEEDS:
            assert re.match(rb"HTTP/1\.[01] (2|3|4)\d\d ", send(port, data, ())), data
        with concurrent.futures.ThreadPoolExecutor(160) as pool:
            while time.monotonic() < end:
                bent = [bend(rng.choice(SEEDS)) for _ in range(480)]
                cuts = [[rng.randrange(len(data) + 1) for _ in range(rng.randint(1, 6))] for data in bent]
                for status in pool.map(lambda data, cut: check(port, data, cut), bent, cuts):
                    counts[status] = counts.get(status, 0) + 1
        print(f"  {sum(counts.values())} requests, each twice: {dict(sorted((k.decode(), v) for k, v in counts.items()))}")
        assert len(counts) >= 4, counts
        assert place.daemon.process.poll() is None and Web(port).get("/readyz").status == 200
        client.publish("vigil/v1/beds/onc-7/1/vitals", vitals(2, {"code": "spo2", "value": 71, "unit": "%", "source": "spot"}, ts=now_ms(), patient="p-1"))
        until(client.events, what="the alert")


run([test_bent_requests])
