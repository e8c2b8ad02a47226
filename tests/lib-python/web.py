# SPDX-License-Identifier: Apache-2.0
"""A small HTTP client for the tests from outside: requests one by one, raw bytes, and a reader of
server-sent events. Standard library only; everything on loopback."""
import gzip
import http.client
import json
import socket
import threading
import time


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.raw = status, headers, body
        self.body = gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body
        self.type = headers.get("content-type", "").split(";")[0]

    @property
    def text(self):
        return self.body.decode()

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.type} {self.body[:300]!r}>"


class Web:
    def __init__(self, port):
        self.port = port

    def ask(self, method, path, body=None, headers=None, timeout=15):
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            link.request(method, path, body=body, headers=headers or {})
            answer = link.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            link.close()

    def get(self, path, **headers):
        return self.ask("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})

    def post(self, path, value, **headers):
        body = value if isinstance(value, (bytes, str)) else json.dumps(value)
        sent = {"Content-Type": "application/json"}
        sent.update({k.replace("_", "-"): v for k, v in headers.items()})
        return self.ask("POST", path, body, sent)

    def pages(self, path, name):
        """All items of a list that comes in pages, and how many pages there were."""
        items, count = [], 0
        while path:
            answer = self.get(path)
            assert answer.status == 200, answer
            items += answer.json[name]
            path = answer.json.get("next")
            count += 1
        return items, count

    def raw(self, data, timeout=15.0, whole=True):
        """What comes back for these bytes until the server closes (or, not whole, for the first bytes)."""
        with socket.create_connection(("127.0.0.1", self.port), timeout) as s:
            s.sendall(data)
            back = b""
            try:
                while True:
                    more = s.recv(65536)
                    back += more
                    if not more or not whole:
                        return back
            except (TimeoutError, socket.timeout, ConnectionResetError):
                return back


class Stream:
    """Follows /api/v1/stream in a thread. events: a list of (event, id, data); comments: their number."""

    def __init__(self, port, query="", last=None, headers=None):
        self.events, self.comments, self.ended, self.head = [], 0, False, b""
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        more = "".join(f"{k}: {v}\r\n" for k, v in (headers or {}).items())
        more += f"Last-Event-ID: {last}\r\n" if last else ""
        self.socket.sendall(f"GET /api/v1/stream{query} HTTP/1.0\r\nHost: localhost\r\n{more}\r\n".encode())
        self.socket.settimeout(None)
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        lines, rest, kind, number = [], b"", "message", None
        try:
            while b"\r\n\r\n" not in rest:
                more = self.socket.recv(65536)
                if not more:
                    raise OSError("closed")
                rest += more
            self.head, rest = rest.split(b"\r\n\r\n", 1)
            while True:
                while b"\n" in rest:
                    line, rest = rest.split(b"\n", 1)
                    if line.startswith(b":"):
                        self.comments += 1
                    elif line.startswith(b"event: "):
                        kind = line[7:].decode()
                    elif line.startswith(b"id: "):
                        number = line[4:].decode()
                    elif line.startswith(b"data: "):
                        lines.append(line[6:])
                    elif not line and lines:
                        self.events.append((kind, number, json.loads(b"\n".join(lines))))
                        lines, kind = [], "message"
                more = self.socket.recv(65536)
                if not more:
                    raise OSError("closed")
                rest += more
        except OSError:
            self.ended = True

    def of(self, kind):
        return [data for event, _, data in list(self.events) if event == kind]

    def last(self):
        return self.events[-1][1] if self.events else None

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.thread.join(10)
        self.socket.close()


def seconds(begin):
    return time.monotonic() - begin
