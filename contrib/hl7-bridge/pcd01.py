# SPDX-License-Identifier: Apache-2.0
"""From an HL7 v2 ORU^R01 (IHE PCD-01, or a laboratory's) to messages of vigil. Pure: no clock, no
file, no socket. Why an own parser: the reference library (python3-hl7) is meant for whole messages
that are well formed, and half of what is decided here is what to do with those that are not. Nothing
in an exception's text or a problem's text comes from a field that may name a patient."""
import base64
import datetime
import hashlib
import hmac
import json
import math
import re
import zoneinfo

from codes import LOINC_LABS, LOINC_VITALS, MDC, MDC_NAMES, VITAL_NAMES

# OBX-11 (HL7 table 0085); R is what PCD-01 says of a device nobody has verified. All others have no
# value that stands (X, D, I, N, O, S, W), or none at all (U: "what you have is final now").
TAKEN = {"", "R", "P", "F", "C", "A", "B", "V"}
# OBX-8 of PCD-01. NAV: there is no value, whatever stands in OBX-5.
QUALITY = {"INV": "invalid", "QUES": "questionable", "CAL": "calibrating", "TEST": "test", "DEMO": "test"}
SETTINGS = {"ASET", "MSET"}  # OBX-17: what somebody has set, not what was measured

NO_VALUE = {"", '""', "-", "--", "---", "----", "-----", "?", "??", "???", "*", "**", "***", "NAN", "NRES",
            "INF", "+INF", "-INF", "INVALID", "NULL", "N/A", "NA", "NI", "UNK", "NASK", "ASKU"}
# What a 32-bit FLOAT of ISO/IEEE 11073 says instead of a value (NaN, NRes, infinities), read as an integer.
NO_NUMBER = {8388607.0, 8388606.0, -8388606.0, 8388608.0, -8388608.0, -8388607.0}
# The same of the 16-bit SFLOAT, and what vendors write; not on laboratory values, where ferritin may be 2047.
NO_VITAL = {2047.0, 2046.0, 2048.0, -2046.0, -2047.0, -2048.0, 32767.0, -32767.0, -32768.0, 65535.0, 9999.0, -9999.0}

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)\Z")
DTM = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(?:(\d\d)(\.\d{1,6})?)?([+-]\d{4})?\Z")
IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}\Z")
PSEUDONYM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
MAX_ITEMS, MAX_BYTES = 200, 48 * 1024  # the contract's limits are 256 and 64 KiB


class Unparseable(Exception):
    """No ORU^R01 at all: answered AR."""


class Refused(Exception):
    """A part that cannot be taken: answered AE."""


class Segment:
    def __init__(self, line, marks):
        self.field, self.component, self.repetition, self.escape, self.sub = marks
        self.fields = line.split(self.field)
        self.name = self.fields[0]
        if self.name == "MSH":  # MSH-1 is the separator itself
            self.fields.insert(1, self.field)

    def raw(self, number):
        return self.fields[number] if number < len(self.fields) else ""

    def text(self, raw):
        if self.escape == "" or self.escape not in raw:
            return raw
        words = {"F": self.field, "S": self.component, "R": self.repetition, "E": self.escape, "T": self.sub}
        e = re.escape(self.escape)
        return re.sub(f"{e}([FSRET]){e}", lambda m: words[m.group(1)], raw)

    def repetitions(self, number):
        """Of a field: each a list of components, unescaped."""
        parts = self.raw(number).split(self.repetition) if self.repetition else [self.raw(number)]
        return [[self.text(c).strip() for c in r.split(self.component)] for r in parts]

    def components(self, number):
        return self.repetitions(number)[0]

    def get(self, number):
        return self.components(number)[0]


def at(parts, index):
    return parts[index] if index < len(parts) else ""


def parse(data):
    """The segments of one message. Charsets: what is read here is ASCII, so an unknown one does no harm."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    lines = [line for line in re.split(r"[\r\n]+", text.lstrip("\ufeff \t\r\n")) if line.strip()]
    if not lines or not lines[0].startswith("MSH") or len(lines[0]) < 8:
        raise Unparseable("no MSH segment at the beginning")
    mark = lines[0][3]
    rest = lines[0][4:].split(mark)[0]
    if mark.isalnum() or len(rest) < 3:
        raise Unparseable("MSH-1 or MSH-2 names no separators")
    marks = (mark, rest[0], rest[1], rest[2], rest[3] if len(rest) > 3 else "")
    return [Segment(line, marks) for line in lines]


def check_kind(msh):
    kind = msh.components(9)
    if kind[0] != "ORU" or at(kind, 1) not in ("R01", ""):
        raise Unparseable("MSH-9 is not ORU^R01")
    if msh.get(10) == "":
        raise Unparseable("MSH-10, the control id, is missing")


class Clock:
    """Times as HL7 writes them, to milliseconds since 1970. Zone: the time's own; else that of MSH-7, as
    HL7 says; else the setting; else the time is refused."""

    def __init__(self, setting):
        self.setting = zone(setting) if setting else None
        self.message = None

    def of_message(self, msh):
        clock = Clock(None)
        clock.setting = self.setting
        found = DTM.match(msh.get(7))
        if found and found.group(8):
            clock.message = offset(found.group(8))
        return clock

    def ms(self, text):
        found = DTM.match(text)
        if not found:
            raise Refused("a time is not YYYYMMDDHHMM[SS[.S]][+-ZZZZ] to the minute")
        year, month, day, hour, minute = (int(found.group(i)) for i in range(1, 6))
        second, part = int(found.group(6) or 0), found.group(7) or ".0"
        try:
            naive = datetime.datetime(year, month, day, hour, minute, second)
        except ValueError:
            raise Refused("a time names a day, hour, minute or second that does not exist") from None
        if not 2000 <= year < 2100:
            raise Refused("a time is not between 2000 and 2100")
        where = offset(found.group(8)) if found.group(8) else self.message or self.setting
        if where is None:
            raise Refused("a time has no zone; send one, or set time.zone")
        first, second_ = (naive.replace(tzinfo=where, fold=f).timestamp() for f in (0, 1))
        if first != second_:
            raise Refused("a time falls into the hour in which the clocks change; send the zone")
        return int(first) * 1000 + int(float("0" + part) * 1000)


def offset(text):
    minutes = int(text[1:3]) * 60 + int(text[3:5])
    if minutes > 14 * 60 or int(text[3:5]) > 59:
        raise Refused("a time has a zone that does not exist")
    return datetime.timezone(datetime.timedelta(minutes=-minutes if text[0] == "-" else minutes))


def zone(text):
    """A setting: +0700, or a name of the time zone database. ValueError."""
    if re.match(r"[+-]\d{4}\Z", text):
        try:
            return offset(text)
        except Refused as error:
            raise ValueError(str(error)) from None
    return zoneinfo.ZoneInfo(text)


def rfc3339(ms):
    return datetime.datetime.fromtimestamp(ms // 1000, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S") + \
        f".{ms % 1000:03d}Z"


class Patients:
    """Record numbers to pseudonyms: by a table, else HMAC-SHA256 under a key."""

    def __init__(self, key, table, kinds):
        self.key, self.table, self.kinds = key, table, kinds

    def pseudonym(self, number, authority):
        known = self.table.get((number, authority)) or self.table.get((number, ""))
        if known:
            return known
        if self.key is None:
            raise Refused("PID-3 is not in patients.map, and there is no patients.key_file")
        digest = hmac.new(self.key, f"{number}\n{authority}".encode(), hashlib.sha256).digest()
        return "p-" + base64.b32encode(digest)[:32].decode().lower()

    def of(self, pid):
        """None if PID-3 is empty: then the readings are those of whoever lies in the bed."""
        if pid is None:
            return None
        ids = [r for r in pid.repetitions(3) if r[0] not in ("", '""')]
        if not ids:
            return None
        for kind in self.kinds:
            found = [r for r in ids if at(r, 4) == kind]
            if found:
                return self._one(pid, found)
        return self._one(pid, ids)

    def _one(self, pid, ids):
        pairs = {(r[0], at(r, 3).split(pid.sub)[0] if pid.sub else at(r, 3)) for r in ids}
        if len(pairs) > 1:
            raise Refused("PID-3 has several identifiers, and patients.types does not say which one counts")
        return self.pseudonym(*pairs.pop())


class Beds:
    def __init__(self, table):
        self.table = table  # "POINT^ROOM^BED" or "POINT^ROOM^BED^FACILITY" to (ward, bed)

    def of(self, pv1):
        where = pv1.components(3) if pv1 is not None else []
        if not any(where):
            raise Refused("unknown bed: the message has no PV1-3")
        for size in (4, 3):
            key = "^".join(where[:size]).rstrip("^")
            if key in self.table:
                return self.table[key]
        raise Refused("unknown bed: PV1-3 is not in the table [beds]")


def triplets(parts):
    return [(at(parts, i), at(parts, i + 1), at(parts, i + 2)) for i in (0, 3) if any(parts[i:i + 3])]


class Mapper:
    """What the settings say about codes, units, beds and patients, applied to one message."""

    def __init__(self, settings):
        self.clock, self.patients, self.beds = settings["clock"], settings["patients"], settings["beds"]
        self.codes, self.units = settings.get("codes", {}), settings.get("units", {})
        self.no_value = NO_VALUE | {w.upper() for w in settings.get("no_value", ())}
        self.source = settings.get("source")

    def code(self, obx):
        """(code, topic, implied source), or None if vigil does not know it. An MDC code decides before a
        LOINC one beside it: it says where and how it was measured; so skin is never body temperature."""
        parts = triplets(obx.components(3))
        for number, name, system in parts:
            own = self.codes.get(f"{number}^{system}") or self.codes.get(number)
            if own:
                return own, topic_of(own), None
        for number, name, system in parts:
            if system not in ("MDC", "") or "MDC" not in system + name + number:
                continue
            if number in MDC:
                return "mdc:" + number, "vitals", MDC[number]
            name = next((t[4:] for t in (number, name) if t.startswith("MDC_")), "")
            if (number in ("", "0") or number.startswith("MDC_")) and name in MDC_NAMES:
                return "MDC_" + name, "vitals", MDC_NAMES[name]
            if number == "150388" or name == "TEMP_SKIN":
                return None
        for number, _, system in parts:
            if system in ("LN", "LOINC") and number in LOINC_VITALS | LOINC_LABS:
                return "loinc:" + number, topic_of("loinc:" + number), None
        return None

    def unit(self, obx):
        """UCUM before MDC; else the text as it stands. vigil refuses what it does not know."""
        parts = triplets(obx.components(6))
        for text, name, system in parts:
            for key in (f"{text}^{system}", text):
                if key in self.units:
                    return self.units[key]
        for text, name, system in parts:
            if system == "UCUM":
                return text[:32]
        for text, name, system in parts:
            if system == "MDC":
                return text if text not in ("", "0") else name[:40]
        return parts[0][0][:32] if parts else ""

    def value(self, obx, topic):
        """A number, or None: no value."""
        text, kind = obx.raw(5).strip(), obx.get(2)
        if kind == "SN":
            parts = obx.components(5)
            if at(parts, 0) not in ("", "=") or at(parts, 2):
                raise Refused("the value is a range or a comparison")
            text = at(parts, 1)
        if text.upper() in self.no_value:
            return None
        if not NUMBER.match(text):
            raise Refused("the value is no number")
        number = float(text)
        if number in NO_NUMBER or (topic == "vitals" and number in NO_VITAL):
            return None
        if not math.isfinite(number):
            raise Refused("the value is too large")
        return int(number) if number.is_integer() and abs(number) < 1 << 53 else number

    def item(self, obx, when, training):
        """(topic, item) or None: nothing to send."""
        level = obx.get(4).split(".")
        if len(level) >= 4 and level[3] in ("0", ""):  # MDS, VMD, CHAN
            return None
        if len(level) > 4 and level[4] not in ("0", "") or obx.get(11) not in TAKEN:  # a facet; no standing result
            return None
        found = self.code(obx) if obx.get(2) in ("NM", "SN", "") else None
        methods = {c for r in obx.repetitions(17) for c in r}
        if found is None or methods & SETTINGS:
            return None
        code, topic, source = found
        flags = {r[0] for r in obx.repetitions(8)}
        item = {"code": code, "value": None if "NAV" in flags else self.value(obx, topic), "ts": when(obx)}
        unit = self.unit(obx)
        if unit:
            item["unit"] = unit
        quality = [QUALITY[f] for f in QUALITY if f in flags]
        if training or quality:
            item["quality"] = "test" if training else quality[0]
        if "MMEAS" in methods:
            item["source"] = "manual"
        elif topic == "vitals" and source is None and self.source:
            item["source"] = self.source
        return topic, item

    def plan(self, segments):
        """([(topic below the root, message without gateway, epoch and seq)], [problem])"""
        msh = segments[0]
        clock, training = self.clock.of_message(msh), msh.get(11) not in ("P", "")
        places, problems, taken = {}, [], {}
        pid = pv1 = obr = None
        for s in segments[1:]:
            if s.name == "PID":
                pid, pv1, obr = s, None, None
            elif s.name == "PV1":
                pv1 = s
            elif s.name == "OBR":
                obr, device = s, ""
            elif s.name == "OBX":
                device = device_of(s) or (device if obr else "")
                try:
                    one = self.item(s, lambda x: time_of(clock, x, obr, msh), training)
                    if one:
                        key = (id(pid), id(pv1))
                        if key not in places:
                            places[key] = self.beds.of(pv1) + (self.patients.of(pid),)
                        taken.setdefault((*places[key], device, one[0]), []).append(one[1])
                except Refused as error:
                    problems.append(f"OBX {re.sub('[^0-9]', '', s.get(1)) or '?'}: {error}")
        return [m for key, items in taken.items() for m in messages(key, items)], problems


def topic_of(code):
    plain = code.removeprefix("loinc:")
    return "vitals" if plain in LOINC_VITALS | VITAL_NAMES or "mdc" in code.lower() else "labs"


def device_of(obx):
    found = obx.get(18).lower()
    return found if IDENTIFIER.match(found) else ""


def time_of(clock, obx, obr, msh):
    for text in (obx.get(14), obr.get(7) if obr else "", msh.get(7)):
        if text not in ("", '""'):
            return rfc3339(clock.ms(text))
    raise Refused("there is no time in OBX-14, OBR-7 or MSH-7")


def messages(key, items):
    """Cut to what one message may hold."""
    ward, bed, patient, device, topic = key
    while items:
        part = []
        while items and len(part) < MAX_ITEMS:
            part.append(items.pop(0))
        body = {"ts": max(i["ts"] for i in part), "obs": part}
        if patient:
            body["patient"] = patient
        if device:
            body["device"] = device
        yield f"beds/{ward}/{bed}/{topic}", body


def digest(plan):
    """What tells a message that comes again from another one with the same control id."""
    return hashlib.sha256(json.dumps(plan, sort_keys=True).encode()).hexdigest()


def answer(segments, code, text, now):
    """An ACK. `segments` is None where not even the MSH could be read."""
    clean = "".join(c if c.isprintable() and c not in "|^~\\&" else " " for c in text)[:200]
    stamp = datetime.datetime.fromtimestamp(now, datetime.timezone.utc).strftime("%Y%m%d%H%M%S+0000")
    msh = segments[0] if segments else None

    def back(number, default=""):
        # In our separators; theirs may be others.
        parts = msh.components(number) if msh else []
        safe = ["".join(" " if c in "|^~\\&" or not c.isprintable() else c for c in p) for p in parts]
        return "^".join(safe) or default
    if msh and msh.get(16) == "NE" and msh.get(15) in ("AL", "SU", "ER"):
        code = "C" + code[1]  # enhanced mode, and no application acknowledgement wanted
    control = back(10)
    lines = [f"MSH|^~\\&|{back(5)}|{back(6)}|{back(3)}|{back(4)}|{stamp}||ACK^R01^ACK|{control or stamp}|"
             f"{back(11, 'P')}|{back(12, '2.6')}", f"MSA|{code}|{control}"]
    if code[1] != "A":
        number = "207^Application internal error" if code[1] == "E" else "100^Segment sequence error"
        lines.append(f"ERR|||{number}^HL70357|E||||{clean}")
    return ("\r".join(lines) + "\r").encode()
