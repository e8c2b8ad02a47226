# SPDX-License-Identifier: Apache-2.0
"""A day on a ward in seconds: a stand-in for the daemon that sends what 24 hours bring through a real stream (a heartbeat each
5 s, values, the lives of alerts, breaks with and without a gap), made from the real daemon's own answers; and a page's
clock that goes as the stream does."""
import collections
import http.server
import json
import threading
import urllib.parse
from datetime import datetime, timezone

from place import now_ms, until
from web import Stream, Web

BEAT = 5000  # ms
MINUTE = 60_000
HOUR = 60 * MINUTE
BREAK = 2 * HOUR  # the connection breaks so often
# minutes after the begin of an alert: what happens to it
LIFE = {0: ("raised", "offered"), 1: ("acknowledged", "offered"), 2: ("accepted", "accepted"), 60: ("clearing", "accepted"), 90: ("closed", "closed")}

# The page's clock: moved on by each heartbeat, and slowly while no stream is open. What waits longer than 100 ms waits by it; while the
# server waits it goes as ever.
CLOCK = """
    const real = {now: performance.now.bind(performance), date: Date.now, set: setTimeout.bind(globalThis), clear: clearTimeout.bind(globalThis)};
    let moved = 0, number = 1e9, open = null;
    const timers = new Map();
    performance.now = () => real.now() + moved;
    const RealDate = Date;
    globalThis.Date = class extends RealDate { constructor(...given) { super(...(given.length ? given : [real.date() + moved])); } static now() { return real.date() + moved; } };
    const later = (every) => (act, ms = 0, ...more) => {
        if (!every && ms <= 100) return real.set(act, ms, ...more);
        timers.set(++number, {act, ms, every, more, due: performance.now() + ms});
        return number;
    };
    globalThis.setTimeout = later(false);
    globalThis.setInterval = later(true);
    globalThis.clearTimeout = globalThis.clearInterval = (id) => (timers.delete(id) ? undefined : real.clear(id));
    const by = (ms) => {
        moved += ms;
        const now = performance.now();
        for (const [id, timer] of [...timers]) {
            if (timer.due > now || !timers.has(id)) continue;
            if (timer.every) timer.due = now + timer.ms;
            else timers.delete(id);
            try { timer.act(...timer.more); } catch (error) { reportError(error); }
        }
    };
    globalThis.EventSource = class extends EventSource {
        constructor(...given) { super(...given); open = this; this.addEventListener('status', () => { by(5000); fast.beats++; }); }
    };
    const slowly = () => { by(open && open.readyState === 1 ? 0 : 250); real.set(slowly, 10); };
    real.set(slowly, 10);
    globalThis.fast = {beats: 0, lost: 0};
    setInterval(() => { if (document.documentElement.dataset.life === 'lost') fast.lost++; }, 5000);
"""


def iso(ms):
    return datetime.fromtimestamp(ms / 1000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.") + f"{int(ms % 1000):03d}Z"


class Day:
    """What the daemon would know. `real`: a world with bed 1 measured, and an alert at bed 2."""

    def __init__(self, real, beds, random):
        self.random, self.lock, self.begin = random, threading.Condition(), now_ms()
        self.now, self.number, self.turn, self.gate, self.breaks = self.begin, 0, 0, self.begin, 0
        self.recent = collections.deque(maxlen=300)
        self.alerts, self.sent = {}, collections.Counter()
        stream = Stream(real.place.daemon.port)
        until(lambda: stream.of("status"), what="a heartbeat")
        stream.close()
        self.status = stream.of("status")[0]
        answer = real.web.get("/api/v1/wards/onc-7/beds").json
        self.bed = next(b for b in answer["beds"] if b["bed"] == "1" and b.pop("alerts") == [])
        self.alert = next(a for b in answer["beds"] if b["bed"] == "2" for a in b["alerts"] if a["rule"] == "HYPOTENSION")
        self.wards = real.web.get("/api/v1/wards").json
        self.beds = {str(n): {**self.bed, "bed": str(n), "patient": f"p-{n:04d}"} for n in range(1, beds + 1)}
        self.files, self.real = {}, Web(real.place.daemon.port)

    # ---- what happens

    def event(self, kind, value):
        self.number += 1
        self.sent[kind] += 1
        text = f"id: {self.status['epoch']}-{self.number}\nevent: {kind}\ndata: {json.dumps(value, separators=(',', ':'))}\n\n".encode()
        self.recent.append((self.number, text))
        return text

    def measure(self, bed):
        ts = iso(self.now)
        values = {code: {**v, "ts": ts, "value": round(v["value"] * self.random.uniform(0.97, 1.03), 1)} for code, v in self.bed["values"].items()}
        self.beds[bed] = {**self.beds[bed], "values": values, "at": ts, "event": f"{self.status['epoch']}-{self.number + 1}"}
        return self.event("values", self.beds[bed])

    def change(self, bed, minute, begin):
        event, state = LIFE[minute]
        self.turn += 1
        key = f"{bed}-{begin}"
        old = self.alerts.get(key, {})
        until_ = iso(self.now + 10 * MINUTE)
        claim = {"kind": "acknowledge", "by": "bedside-nurse:li", "until": until_, "severity": "critical"}
        self.alerts[key] = alert = {**self.alert, "id": key, "rev": old.get("rev", 0) + 1, "n": self.turn, "event": event, "ts": iso(self.now), "bed": bed if bed != "-" else None,
                                    "onset": iso(begin), "raised": iso(begin), "condition": {"clearing": "clearing", "closed": "ended"}.get(event, "active"),
                                    "severity": "technical" if bed == "-" else ("critical", "urgent", "watch")[int(bed) % 3],
                                    "claims": [claim] if event == "acknowledged" else [],
                                    "responsibility": {**self.alert["responsibility"], "state": state, "owner": "bedside-nurse:li" if state == "accepted" else None,
                                                       "respond_by": until_, "hold_until": until_}}
        if event == "closed":
            del self.alerts[key]
        return self.event("alert", alert)

    def step(self):
        """The next five seconds."""
        self.now += BEAT
        beats = (self.now - self.begin) // BEAT
        out = []
        due = [bed for n, bed in enumerate(self.beds) if beats % 12 == n % 12]  # each bed once a minute
        minute, second = divmod(self.now - self.begin, MINUTE)
        out += [self.measure(bed) for bed in due]
        for bed in [*self.beds, "-"] if second == 0 else []:
            phase = (minute + (int(bed) * 11 if bed != "-" else 0)) % 120
            if phase in LIFE and (phase == 0 or any(k.startswith(f"{bed}-") for k in self.alerts)):
                out.append(self.change(bed, phase, self.now - phase * MINUTE))
        self.status = {**self.status, "counter": self.status["counter"] + 1, "at": iso(self.now)}
        return out + [self.event("status", self.status)]

    # ---- what is asked

    def missed(self, after):
        """What came after that event; None: too much."""
        first = self.recent[0][0] if self.recent else self.number + 1
        return [text for n, text in self.recent if n > after] if after >= first - 1 else None

    def follow(self, after, write):
        with self.lock:
            old = self.missed(after)
            write(b"retry: 2000\n\n" + (b"".join(old) if old is not None else self.event("resync", {"reason": "behind", "at": iso(self.now)})))
            ends = self.now + BREAK
        while True:
            with self.lock:
                self.lock.wait_for(lambda: self.now < self.gate)
                data = b"".join(self.step())
                if self.now >= ends:
                    self.breaks += 1
                    if self.breaks % 2:  # what was not sent comes when it is asked for; or there is too much of it
                        self.recent.clear()
                    return
            write(data)

    def run_to(self, hour):
        with self.lock:
            self.gate = self.begin + hour * HOUR
            self.lock.notify_all()

    def answer(self, path, query):
        event = f"{self.status['epoch']}-{self.number}"
        with self.lock:
            if path == "/api/v1/wards":
                return {**self.wards, "node": self.status, "event": event, "at": iso(self.now)}
            if path.endswith("/beds"):
                open_ = list(self.alerts.values())
                beds = [{**bed, "at": iso(self.now), "alerts": [a for a in open_ if a["bed"] == bed["bed"]]} for bed in self.beds.values()]
                return {"ward": "onc-7", "n": self.turn, "beds": beds, "alerts": [a for a in open_ if a["bed"] is None], "node": self.status, "event": event, "at": iso(self.now)}
            if path == "/api/v1/readings" and "step" in query:
                times = range(self.now // (10 * MINUTE) * 10 * MINUTE - 6 * HOUR, self.now, 10 * MINUTE)
                return {"readings": [{"ts": iso(t), "code": code, "unit": v["unit"], "min": v["value"], "max": v["value"] + 2, "mean": v["value"] + 1, "count": 9}
                                     for t in times for code, v in self.bed["values"].items()]}
            if path.startswith("/api/v1/alerts/"):
                return {**self.alert, "changes": [self.alert] * 9}
            if path == "/api/v1/alerts":
                return {"alerts": [a for a in self.alerts.values() if a["bed"] == "1"]}
        return None


class StandIn:
    """Its server; what it does not know itself it asks the real daemon once (the board's files, limits, episodes)."""

    def __init__(self, day):
        stand_in = self
        self.day, self.links = day, 0

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                path, _, query = self.path.partition("?")
                given = dict(urllib.parse.parse_qsl(query))
                try:
                    if path == "/api/v1/stream":
                        stand_in.stream(self, given)
                    else:
                        stand_in.plain(self, path, given)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def plain(self, handler, path, query):
        value = self.day.answer(path, query)
        if value is not None:
            head, body = {"content-type": "application/json"}, json.dumps(value).encode()
        else:
            if handler.path not in self.day.files:
                real = self.day.real.get(handler.path)
                self.day.files[handler.path] = {k: real.headers[k] for k in ("content-type", "content-security-policy") if k in real.headers}, real.body
            head, body = self.day.files[handler.path]
        handler.send_response(200)
        for name, text in {**head, "content-length": len(body)}.items():
            handler.send_header(name, str(text))
        handler.end_headers()
        handler.wfile.write(body)

    def stream(self, handler, query):
        self.links += 1
        handler.send_response(200)
        handler.send_header("content-type", "text/event-stream")
        handler.send_header("connection", "close")
        handler.end_headers()
        self.day.follow(int(query.get("after", "-0").rpartition("-")[2]), handler.wfile.write)
        handler.close_connection = True

    def close(self):
        self.server.shutdown()
