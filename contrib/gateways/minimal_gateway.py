#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A gateway to vigil as short as an honest one can be. It takes readings as lines of JSON on standard
input, keeps them on disk, and sends each until vigil has said that it is stored.

    {"ward": "onc-7", "bed": "12", "ts": "2026-11-23T06:12:00Z", "obs": [{"code": "hr", "value": 104, "unit": "/min"}]}

`kind` (vitals, labs, assessment, therapy; default vitals), `patient` and `device` may stand beside them.
Each line is answered on standard output once it is safe here: "taken EPOCH SEQ", or "refused: WHY". After
the last line the gateway goes on until all is stored by vigil, then ends with 0.

What it promises, and how (vigil-messages(7) says why):
  - a line that was answered "taken" reaches vigil, through kill -9 or power loss of anything on the way:
    it is in the spool file, synced, before it is sent, and stays until `upto` of the mark has passed it;
  - it is counted once: its number and its bytes are the same each time it is sent;
  - a number is never given twice: all are in the spool; and if the spool is lost or older than what vigil
    knows (a restored backup), a new epoch begins.
The spool: a line "vigil-spool EPOCH FIRST", then a line for each message, FIRST the first's number.
contrib/gateways/minimal_gateway.c does the same, with the same file."""
import argparse
import json
import os
import queue
import re
import secrets
import sys
import threading
import time

import paho.mqtt.client as mqtt

AGAIN = 10.0      # seconds without a mark until a message is sent again; doubles up to 64 times that
MISSED = 2.0      # named missing sooner than this after it was sent, it may still be under way
PROOF = 5.0       # how long we wait for the first mark, the proof of our counter; vigil answers "online" with one
BURST = 100       # messages of the backlog that are sent at once, ten times a second
KINDS = ("vitals", "labs", "assessment", "therapy")
PLACE = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")


class Spool:
    """What is kept, always a run of numbers: those from `first` to `next` - 1."""

    def __init__(self, path):
        self.path, self.file = path, None
        self.kept = {}  # seq: [line, when sent, how often, due]
        try:
            lines = open(path, "rb").read().split(b"\n")[:-1]  # what has no end was never sent: cut off
            word, epoch, first = lines[0].split(b" ")
            assert word == b"vigil-spool"
            self.epoch, self.first = epoch.decode(), int(first)
            self.kept = {self.first + i: [line, 0.0, 0, True] for i, line in enumerate(lines[1:])}
        except (OSError, IndexError, ValueError, AssertionError):
            if os.path.exists(path):
                os.rename(path, f"{path}.unreadable-{int(time.time())}")
            self.epoch, self.first = secrets.token_hex(4), 1
        self.started = self.next  # numbers below this came from the file
        self.rewrite()

    @property
    def next(self):
        return self.first + len(self.kept)

    def rewrite(self):
        """The whole file anew, beside the old one, then in its place: whole at every moment."""
        if self.file:
            self.file.close()
        self.file = open(self.path + ".new", "wb")
        self.file.write(b"vigil-spool %s %d\n" % (self.epoch.encode(), self.first))
        for line, *_ in self.kept.values():
            self.file.write(line + b"\n")
        self.sync()
        os.rename(self.path + ".new", self.path)
        folder = os.open(os.path.dirname(os.path.abspath(self.path)), os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
        self.lines = len(self.kept)

    def sync(self):
        self.file.flush()
        os.fsync(self.file.fileno())

    def add(self, line):
        self.file.write(line + b"\n")
        self.sync()
        self.lines += 1
        self.kept[self.next] = [line, 0.0, 0, True]

    def release(self, upto):
        while self.kept and self.first <= upto:
            del self.kept[self.first]
            self.first += 1
        if self.lines > 2 * len(self.kept) + 1000:
            self.rewrite()

    def new_epoch(self):
        """Our counter is not to be trusted: what is kept gets new numbers."""
        self.epoch, self.first, self.started = secrets.token_hex(4), 1, 1
        self.kept = {1 + i: [line, 0.0, 0, True] for i, (line, *_) in enumerate(self.kept.values())}
        self.rewrite()


class Gateway:
    """All state belongs to the thread of run(); the others only put into `inbox`."""

    def __init__(self, options):
        self.options, self.inbox = options, queue.Queue()
        self.spool = Spool(options.spool)
        self.own = f"{options.root}/gateways/{options.gateway}"
        self.connected, self.proved, self.since, self.ended, self.marked_at = False, False, 0.0, False, 0.0
        self.connect()

    def connect(self):
        options, client = self.options, mqtt.Client(self.options.gateway, clean_session=True)
        will = json.dumps({"state": "offline", "epoch": self.spool.epoch})
        client.will_set(f"{self.own}/status", will, qos=1, retain=True)
        if options.ca:
            client.tls_set(options.ca, options.cert, options.key)
        client.reconnect_delay_set(1, 10)
        client.on_connect = lambda c, u, f, code: self.accepted(code)
        client.on_subscribe = lambda *_: self.inbox.put(("up", None))
        client.on_disconnect = lambda *_: self.inbox.put(("down", None))
        client.on_message = lambda c, u, message: self.inbox.put((message.topic, message))
        self.client = client
        client.connect_async(options.host, options.port, keepalive=20)
        client.loop_start()

    def accepted(self, code):
        if code == 0:
            self.client.subscribe([(f"{self.own}/committed", 1), (f"{self.own}/rejected", 1)])
        else:
            print("the broker refuses us:", mqtt.connack_string(code), file=sys.stderr, flush=True)

    def say(self, state):
        body = {"state": state, "epoch": self.spool.epoch, "ts": int(time.time() * 1000), "from": self.spool.first}
        return self.client.publish(f"{self.own}/status", json.dumps(body), qos=1, retain=True)

    def take(self, text):
        """A line of input: onto the disk, then answered, then sent."""
        try:
            given = json.loads(text)
            place = [str(given.pop(name)) for name in ("ward", "bed")] + [given.pop("kind", "vitals")]
            if place[2] not in KINDS or not all(map(PLACE.fullmatch, place[:2])) or "obs" not in given:
                raise ValueError("it needs ward, bed, obs and a kind that exists")
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            print("refused:", repr(error), flush=True)
            return
        given.setdefault("ts", int(time.time() * 1000))
        body = {k: v for k, v in given.items() if k not in ("gateway", "epoch", "seq")}
        self.spool.add(f"beds/{'/'.join(place)} {json.dumps(body)}".encode())
        print("taken", self.spool.epoch, self.spool.next - 1, flush=True)
        if len(self.spool.kept) > self.options.keep:
            print(f"given up: {self.spool.first}, the spool is full", file=sys.stderr)
            self.spool.release(self.spool.first)
        self.send(self.spool.next - 1)  # what is live does not wait behind a backlog

    def send(self, seq):
        if not self.connected or not (self.proved or time.monotonic() - self.since > PROOF):
            return False
        entry = self.spool.kept[seq]
        topic, body = entry[0].split(b" ", 1)
        head = f'{{"gateway":"{self.options.gateway}","epoch":"{self.spool.epoch}","seq":{seq},'
        payload = head.encode() + body[1:]  # the same bytes each time
        self.client.publish(f"{self.options.root}/{topic.decode()}", payload, qos=1)
        entry[1:] = time.monotonic(), entry[2] + 1, False
        return True

    def pump(self):
        """What an outage left, what was named missing, and what was not confirmed for long. While marks come
        they name what is missing, but for the newest: that alone is then sent again by the clock."""
        now, left = time.monotonic(), BURST
        for seq, (_, sent, tries, due) in self.spool.kept.items():
            unheard = self.marked_at < sent + MISSED or seq == self.spool.next - 1
            if due or (unheard and now - sent > AGAIN * 2 ** min(tries - 1, 6)):
                if left == 0 or not self.send(seq):
                    break
                left -= 1
                if tries == 4:
                    print(f"not stored after 5 tries: {seq}; does vigil run, does the broker let us write there?",
                          file=sys.stderr, flush=True)

    def marked(self, mark, retained):
        """gateways/<gateway>/committed. One that the broker kept may be behind: no proof."""
        spool, now = self.spool, time.monotonic()
        if mark["epoch"] != spool.epoch:
            return  # of an earlier life
        self.proved, self.marked_at = self.proved or not retained, now
        if mark["upto"] >= spool.next:
            # vigil has numbers that we do not know to have given. What was in the file is among them.
            spool.release(spool.started - 1)
            self.begin_again()
            return
        spool.release(mark["upto"])
        for first, last in mark["missing"]:
            for seq in range(max(first, spool.first), min(last, spool.next - 1) + 1):
                entry = spool.kept[seq]
                entry[3] = entry[3] or now - entry[1] > MISSED
        if spool.first > mark["upto"] + 1:  # it waits for what we have no longer
            self.say("online")

    def begin_again(self):
        self.spool.new_epoch()
        print("the counter was not to be trusted; new epoch", self.spool.epoch, file=sys.stderr)
        self.client.disconnect()
        self.client.loop_stop()
        self.connected, self.proved = False, False
        self.connect()  # with a will that names the new epoch

    def refused(self, answer):
        print("rejected:", json.dumps(answer), file=sys.stderr, flush=True)  # stored by vigil, but somebody must look
        if answer.get("reason") == "seq_reused" and answer["epoch"] == self.spool.epoch:
            self.begin_again()  # some may count twice: better than not at all

    def handle(self, what, payload):
        if what == "line":
            self.take(payload)
        elif what == "end":
            self.ended = True
        elif what == "down":
            self.connected = False
        elif what == "up":
            self.connected, self.since = True, time.monotonic()
            for entry in self.spool.kept.values():
                entry[3] = True  # whatever was under way may be lost
            self.say("online")
        else:
            try:
                answer = json.loads(payload.payload)
                if what.endswith("/committed"):
                    self.marked(answer, payload.retain)
                else:
                    self.refused(answer)
            except (ValueError, KeyError, TypeError) as error:
                print("not understood:", what, repr(error), file=sys.stderr, flush=True)

    def run(self):
        pumped = 0.0
        while not (self.ended and not self.spool.kept):
            try:
                self.handle(*self.inbox.get(timeout=0.1))
            except queue.Empty:
                pass
            if time.monotonic() - pumped >= 0.1:
                self.pump()
                pumped = time.monotonic()
        if self.connected:  # whoever ends otherwise leaves it to the will
            self.say("offline").wait_for_publish(5)
        self.client.disconnect()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gateway", required=True, help="its name; with TLS, the name in its certificate")
    parser.add_argument("--spool", required=True, help="file for what vigil has not confirmed yet; on a local disk")
    parser.add_argument("--keep", type=int, default=200000,
                        help="messages at most (200000): then the oldest are given up, and `from` says so")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=1883)
    parser.add_argument("--root", default="vigil/v1")
    parser.add_argument("--ca", help="TLS: the authority of the broker")
    parser.add_argument("--cert")
    parser.add_argument("--key")
    gateway = Gateway(parser.parse_args())

    def read():
        for line in sys.stdin:
            while gateway.inbox.qsize() > 1000:
                time.sleep(0.01)  # the disk sets the pace
            gateway.inbox.put(("line", line))
        gateway.inbox.put(("end", None))
    threading.Thread(target=read, daemon=True).start()
    gateway.run()


main()
