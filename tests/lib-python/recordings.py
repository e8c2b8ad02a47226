# SPDX-License-Identifier: Apache-2.0
"""Reads the recordings of tests/data and tells them as the messages of a ward, in order of entry. What
a word of a nurse or a column becomes stands in the tables below, and why in the README beside the data.

A message is (received ms, topic, measured ms, items); an item is an observation as it is sent, its
number as the text that stands in the file. Time 0 is the admission to vigil. No two messages of a stay
are received in the same millisecond."""
import csv
import glob
import os
from decimal import Decimal, InvalidOperation

DATA = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "data")
MINUTE = 60_000
HOUR = 60 * MINUTE

# ---- cinc2019: hourly rows

HOURLY = {"HR": ("hr", "/min"), "O2Sat": ("spo2", "%"), "Temp": ("temp", "Cel"), "SBP": ("sbp", "mm[Hg]"),
          "MAP": ("map", "mm[Hg]"), "DBP": ("dbp", "mm[Hg]"), "Resp": ("rr", "/min"), "FiO2": ("fio2", "1")}
HOURLY_LABS = {"PaCO2": ("paco2", "mm[Hg]"), "WBC": ("wbc", "10*3/uL")}


class Stay:
    def __init__(self, name, age, messages):
        self.name, self.age, self.messages = name, age, messages


def hourly_items(row, table, source):
    items = []
    for column, (code, unit) in table.items():
        if row[column] != "NaN":
            items.append({"code": code, "value": row[column], "unit": unit, **source})
    return items


def hourly_stay(path):
    messages = []
    with open(path, encoding="ascii") as file:
        for row in csv.DictReader(file, delimiter="|"):
            at = int(row["ICULOS"]) * HOUR
            for topic, table, source in (("vitals", HOURLY, {"source": "spot"}), ("labs", HOURLY_LABS, {})):
                items = hourly_items(row, table, source)
                if items:
                    messages.append((at + (topic == "labs"), topic, at, items))
            age = int(Decimal(row["Age"]))
    return Stay(os.path.basename(path), age, messages)


def hourly():
    return [hourly_stay(path) for path in sorted(glob.glob(os.path.join(DATA, "cinc2019", "*.psv")))]


# ---- mimic3demo: one charted value a line

CHARTED = {"HR": ("hr", "/min", "spot"), "RR": ("rr", "/min", "spot"), "SPO2": ("spo2", "%", "spot"),
           "NBP_SYS": ("sbp", "mm[Hg]", "cuff"), "NBP_DIA": ("dbp", "mm[Hg]", "cuff"),
           "NBP_MEAN": ("map", "mm[Hg]", "cuff"), "ART_SYS": ("sbp", "mm[Hg]", "arterial"),
           "ART_DIA": ("dbp", "mm[Hg]", "arterial"), "ART_MEAN": ("map", "mm[Hg]", "arterial"),
           "O2_FLOW": ("o2_flow", "L/min", "spot")}
CHARTED_LABS = {"WBC": ("wbc", "10*3/uL"), "PACO2": ("paco2", "mm[Hg]"), "BANDS_PCT": ("bands", "%")}
TEMPERATURE_UNIT = {"degF": "[degF]", "degC": "Cel"}
SITE = {"Oral": "oral", "Axillary": "axillary", "Rectal": "rectal", "Blood": "core"}
# Sedated, Sleeping and Dozing say nothing about whom one could wake: not sent.
CONSCIOUSNESS = {"alert": "A", "confused": "C", "lethargic": "V", "arouse to voice": "V",
                 "arouse to stimulation": "P", "arouse to stimul": "P", "arouse to pain": "P", "unresponsive": "U",
                 "awake/unresponsive": "U"}
NOT_ORIENTED = {"oriented x2", "oriented x1", "oriented x 2", "oriented x 1", "disoriented"}
DEVICE = {"none": "room_air", "nasal cannula": "nasal_cannula", "endotracheal tube": "invasive_vent",
          "face tent": "face_tent", "tracheostomy tube": "tracheostomy_mask", "t-piece": "tracheostomy_mask",
          "trach mask": "tracheostomy_mask", "high flow neb": "aerosol_mask", "hi flow neb": "aerosol_mask",
          "aerosol-cool": "aerosol_mask", "non-rebreather": "non_rebreather", "medium conc mask": "simple_mask",
          "bipap mask": "bipap", "other": "unknown", "other/remarks": "unknown", "": "unknown"}
BEGIN = 25 * HOUR  # laboratory values go back to 24 h before intensive care


def number(text):
    """The same number as JSON writes it (.3 is none there); None: the text is no number."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return format(value, "f") if value.is_finite() else None


def charted_item(row, beside):
    """(topic, item) of one line; None for what NEWS2 and SIRS do not read. beside: the values that were charted for
    the same time and entered with it."""
    param, text = row["param"], row["value"]
    quality = {"quality": "invalid"} if row["error"] == "1" else {}
    if param in CHARTED and text:
        code, unit, source = CHARTED[param]
        return "vitals", {"code": code, "value": text, "unit": unit, "source": source, **quality}
    if param == "TEMP" and text:
        method = {"method": SITE[beside["TEMP_SITE"]]} if beside.get("TEMP_SITE") in SITE else {}
        return "vitals", {"code": "temp", "value": text, "unit": TEMPERATURE_UNIT[row["unit"]], "source": "spot",
                          **method, **quality}
    if param in CHARTED_LABS and text:
        code, unit = CHARTED_LABS[param]
        return "labs", {"code": code, "value": text, "unit": unit, **quality}
    if param == "LOC" and text.lower() in CONSCIOUSNESS:
        word = CONSCIOUSNESS[text.lower()]
        if word == "A" and beside.get("ORIENTATION", "").lower() in NOT_ORIENTED:
            word = "C"
        return "assessment", {"code": "consciousness", "value": word, **quality}
    if param == "O2_DEVICE":
        return "therapy", {"code": "o2_device", "value": DEVICE[text.lower()], **quality}
    return None


def charted_groups(path):
    """Lines that were charted for the same time and entered together, in order of entry."""
    groups = {}
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            measured = int(row["t_min"])
            received = int(row["stored_min"] or measured)  # laboratory values: when taken
            groups.setdefault((received, measured), []).append(row)
    return sorted(groups.items(), key=lambda group: group[0])


def charted_stay(path, age):
    messages, last = [], 0
    for (received, measured), rows in charted_groups(path):
        beside = {row["param"]: row["value"] for row in rows}
        topics = {}
        for row in rows:
            found = charted_item(row, beside)
            if found is not None:
                topics.setdefault(found[0], []).append(found[1])
        for topic, items in topics.items():
            last = max(last + 1, received * MINUTE + BEGIN)
            messages.append((last, topic, measured * MINUTE + BEGIN, items))
    return Stay(os.path.basename(path), age, messages)


def charted():
    folder = os.path.join(DATA, "mimic3demo")
    with open(os.path.join(folder, "INDEX.csv"), encoding="ascii") as file:
        return [charted_stay(os.path.join(folder, row["file"]), int(row["age_capped_90"]))
                for row in csv.DictReader(file)]
