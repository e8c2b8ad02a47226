# SPDX-License-Identifier: Apache-2.0
"""The words and tables of the report (report.py). Numbers come from the results alone, verdicts from the limits that stand
beside them here."""
from subjects import SUBJECTS

NOISY = 0.5  # cores of other work: beyond it a run is marked

INTRO = """# What vigil costs, and what the same work costs elsewhere

Made by `make bench` and `make bench-report`; do not edit. The figures that it is made of are in `results.json`.

**The work.** Beds send one message a second over MQTT at QoS 1: seven vital signs, about 360 bytes of JSON. One rule watches each bed
(`avg(temp, 10m) >= 38.0 Cel and min(sbp, 5m) < 90 mm[Hg]`); one bed in ten is feverish only and one has low pressures only, and these
must stay silent. Each alert must come once, for the very message that makes the rule true, as arithmetic of the load generator's own says. Every reading is stored.

**Who is measured.** {who}

None of the others does all that vigild does: numbered messages and marks of what is safe on disk, durable commits, refusals with reasons, late and
repeated readings, admissions, assessments, ladders, an audit trail. They are what a good developer builds for this one rule. The do-nothing counter is the
yardstick of what a subscriber on paho cannot cost less than: it looks at the text of a message with a string search, has no window, and stores nothing.

**The machine.** {machine}

## How to read it

- The broker and the load generator run on one core, the subject on the other. *CPU* is in microseconds of all threads for one message (seven readings).
  *x broker* is that over what the broker itself used in the same run, *x counter* over the do-nothing counter's in the same part: **ratios travel from machine to machine,
  microseconds and rates do not.** At low rates every message is a wake-up of its own, and costs several times what it costs when saturated.
- *p50* to *max*: from the sending of a message to the arrival of its alert at the load generator, in ms. At a quiet rate p50 is wake-ups of the machine and
  the same for all; p99 tells them apart.
- *others* is what the rest of the machine used meanwhile, in cores. **A run with more than {noisy} is marked with a star: do not trust its times**; what is lost, doubled or false counts all the
  same. (Doubled is a second alert; the same one told again, as delivery at least once may, is not.) {trust}
"""


def cell(value, places=None):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "**no**"
    if isinstance(value, (int, float)):
        places = (0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2) if places is None else places
        return f"{value:,.{places}f}" if isinstance(value, float) else f"{value:,}"
    return str(value)


def table(heads, lines):
    out = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return "\n".join(out + ["| " + " | ".join(cell(v) for v in line) + " |" for line in lines]) + "\n"


def starred(row):
    return f"{row['others']:.2f}" + (" *" if row["others"] > NOISY else "")


class Report:
    def __init__(self, results, rows, pick):
        self.results, self.rows, self.pick = results, rows, pick

    # ---- What was measured

    def rate(self, subject, beds):
        return self.pick(self.rows, "rate", subject=subject, beds=beds)

    def burst(self, subject):
        return self.pick(self.rows, "burst", subject=subject)

    def highest(self, subject):
        return max((r["rate"] for r in self.rows if r["kind"] == "step" and r["subject"] == subject and r["kept_up"]), default=0)

    def best_step(self, subject):
        return next((r for r in self.rows if r["kind"] == "step" and r["subject"] == subject and r["kept_up"] and r["rate"] == self.highest(subject)), None)

    def seen(self):
        return {r["subject"] for r in self.rows if r["kind"] in ("rate", "burst", "step")}

    def titles(self):
        return {name: s.title for name, s in SUBJECTS.items() if name in self.seen()}

    # ---- Parts of the text

    def elsewhere(self):
        """Parts that were taken on another machine than the newest: their times do not compare with its."""
        here, others = self.results["machine"], {}
        for name, part in self.results["parts"].items():
            machine = part.get("machine", here)
            if machine != here:
                others.setdefault(f"{machine['processor']}, kernel {machine['kernel']}", []).append(name)
        return "".join(f" On another ({which}): {', '.join(sorted(names))}." for which, names in sorted(others.items()))

    def intro(self):
        machine, versions = self.results["machine"], self.results["versions"]
        kind = "A virtual machine" if machine["virtual"] else "A machine"
        where = (f"{kind} with {machine['cores']} cores ({machine['processor']}), {machine['memory_gb']} GB, {machine['system']}, kernel "
                 f"{machine['kernel']}; {versions['broker']}; SQLite {versions['sqlite']}; Python {machine['python']}"
                 + (f"; Node-RED {versions['node-red']} on Node {versions['node']}" if "node-red" in versions else "") + "." + self.elsewhere())
        who = "; ".join(SUBJECTS[s].title for s in SUBJECTS) + "."
        for name, why in self.results["missing"].items():
            who += f" **{SUBJECTS[name].title}: not installed, so not measured** ({why})."
        loud = [r for r in self.rows if r.get("others", 0) > NOISY]
        all_of = [r for r in self.rows if "others" in r]
        trust = f"Here {len(loud)} of {len(all_of)} runs are." if all_of else ""
        return INTRO.format(who=who, machine=where, noisy=NOISY, trust=trust)

    def limits(self):
        """Each: what, limit, measured, whether it holds. What was not measured is left out."""
        out = []

        def add(what, limit, value, holds, places=2):
            if value is not None:
                out.append((what, limit, cell(value, places) if isinstance(value, float) else cell(value), bool(holds)))

        def most(what, row, key, limit, unit=""):
            if row:
                add(what, f"at most {limit:g}{unit}", float(row[key]), row[key] <= limit)

        burst, best = self.burst("vigild"), self.best_step("vigild")
        if burst:
            most(f"saturated, {burst['sent']:,} messages at once: CPU over the broker's", burst, "ratio", 1.5)
        if best:
            most(f"the highest rate, {best['rate']:,} messages a second: CPU over the broker's", best, "ratio", 1.5)
        most("1,000 beds: CPU over the broker's", self.rate("vigild", 1000), "ratio", 1.3)
        ours, floor = self.rate("vigild", 1000), self.rate("floor", 1000)
        if ours and floor:
            times = ours["p99_ms"] / floor["p99_ms"]
            add("1,000 beds: p99 of alerts over the counter's", "at most 2", times, times <= 2)
        for beds in (100, 1000, 10000):
            row = self.rate("vigild", beds)
            if row:
                good = row["lost"] == 0 and row["got"] == row["exact"] == row["expected"] and row["dup"] == row["false"] == 0
                behind = row["last_alert_s"] - row["seconds"]
                add(f"{beds:,} beds at 1 Hz: lost, alerts right, last alert behind its message", "0, all, 1 s",
                    f"{row['lost']}, {row['exact']} of {row['expected']}, {max(behind, 0):.2f} s", good and behind <= 1)
        most("1,000 beds: memory", ours, "peak_mb", 30, " MB")
        most("10,000 beds: memory", self.rate("vigild", 10000), "peak_mb", 200, " MB")
        if self.highest("vigild"):
            add("highest rate with nothing lost or late", "at least 15,000", self.highest("vigild"), self.highest("vigild") >= 15000)
        storm = self.pick(self.rows, "storm")
        if storm:
            add(f"{storm['beds']:,} beds turn critical at once: all their pages at the broker", "within 1 s", storm["last_critical_s"], storm["last_critical_s"] <= 1)
            add("… lost, doubled, out of order of severity", "0, 0, 0", f"{storm['expected'] - storm['pages']}, {storm['doubled']}, {storm['inversions']}",
                storm["expected"] == storm["pages"] and storm["doubled"] == storm["inversions"] == 0)
        replay = self.pick(self.rows, "replay")
        if replay:
            add("replay: patient-days an hour of one core", "at least 2,000", replay["patient_days_hour"], replay["patient_days_hour"] >= 2000)
        for row in (r for r in self.rows if r["kind"] == "history" and r["limit"] is not None and r["hours"] >= 720):
            add(f"history, {row['beds']} beds, {row['hours'] / 24:g} days: {row['what']}", f"at most {row['limit']:g} {row['unit']}", float(row["value"]), row["value"] <= row["limit"], 3)
        return out

    def line(self, row, floor):
        def over(key):
            return row[key] / floor[key] if floor and floor[key] else None
        return (SUBJECTS[row["subject"]].title, row["cpu_100k"] * 10, row["ratio"], over("cpu_100k"), row["p50_ms"], row["p90_ms"], row["p99_ms"],
                row["max_ms"], over("p99_ms"), row["peak_mb"], row["lost"], f"{row['exact']} of {row['expected']}", row["dup"] + row["false"], starred(row))

    HEADS = ("who", "CPU us", "x broker", "x counter", "p50", "p90", "p99", "max ms", "p99 x counter", "MB", "lost", "alerts right", "doubled or false", "others")

    def rates(self):
        out = ["## One message a second from each bed\n"]
        for beds in sorted({r["beds"] for r in self.rows if r["kind"] == "rate"}):
            lines = [self.line(r, self.rate("floor", beds)) for s in SUBJECTS if (r := self.rate(s, beds))]
            row = next(r for r in self.rows if r["kind"] == "rate" and r["beds"] == beds)
            out.append(f"### {beds:,} beds, {row['seconds']:.0f} s, {row['expected']:,} alerts\n\n" + table(self.HEADS, lines))
        return "\n".join(out) if len(out) > 1 else ""

    def bursts(self):
        rows = [r for s in SUBJECTS if (r := self.burst(s))]
        if not rows:
            return ""
        lines = [(SUBJECTS[r["subject"]].title, r["cpu_100k"] * 10, r["ratio"], r["cpu_100k"] / rows[0]["cpu_100k"] if rows[0]["subject"] == "floor" else None,
                  round(r["sent"] / r["last_alert_s"]) if r["last_alert_s"] > 0 else None, r["bytes_per_reading"] or None, r["peak_mb"], r["lost"],
                  f"{r['exact']} of {r['expected']}", starred(r)) for r in rows]
        said = (f"## Saturated: {rows[0]['sent']:,} messages of 1,000 beds as fast as the broker takes them\n\nShipped settings of the broker. Bytes: of the store with its "
                "log, before sealing, over all readings.\n\n")
        vigild, floor = self.burst("vigild"), self.burst("floor")
        if vigild and floor:
            said += (f"Of the {vigild['cpu_100k'] * 10:.1f} us that vigild uses for a message, {floor['cpu_100k'] * 10:.1f} are what paho's way in costs the counter too: "
                     f"{floor['ratio']:.2f} times the broker's CPU before anything is done with the message.\n\n")
        return said + table(("who", "CPU us", "x broker", "x counter", "messages a second", "bytes a reading", "MB", "lost", "alerts right", "others"), lines)

    def steps(self):
        if not any(r["kind"] == "step" for r in self.rows):
            return ""
        lines = []
        for name in SUBJECTS:
            rows = [r for r in self.rows if r["kind"] == "step" and r["subject"] == name]
            if rows:
                best, above = self.best_step(name) or {}, next((r for r in reversed(rows) if not r["kept_up"]), None)
                cpu = best["cpu_100k"] * 10 if best else None
                why = "" if above is None else f"{above['rate']:,}: lost {above['lost']}, last alert {max(above['last_alert_s'] - above['seconds'], 0):.1f} s late, sent in {above['seconds']:.1f} s"
                lines.append((SUBJECTS[name].title, best.get("rate"), cpu, best.get("ratio"), best.get("p99_ms"), why, f"{max(r['others'] for r in rows):.2f}"))
        return ("## Rising rates\n\nThe highest rate at which nothing is lost, every alert is right and the last one comes within half a second of its message: nothing piles up. 1,000 beds, "
                "shipped settings of the broker, some seconds a step.\n\n" + table(("who", "messages a second", "CPU us there", "x broker", "p99 ms", "the first step that failed", "most others"), lines))

    def filled(self):
        lines = [(r["beds"], r["ticks"], r["sent"], r["peak_mb"], 1024 * r["peak_mb"] / r["beds"], r["lost"], starred(r)) for r in self.rows if r["kind"] == "filled"]
        return ("## Memory with full windows\n\nA window keeps what somebody asks of it: for these beds, on which nobody is admitted, ten minutes of temperature and five of pressure; for "
                "a patient the scores ask for 17 minutes of each signal, and the line on decoding and deciding says what that takes. The runs above are too short to fill them; here the beds have sent "
                "for longer.\n\n" + table(("beds", "seconds of data", "messages", "MB", "KB a bed", "lost", "others"), lines)) if lines else ""

    def alone(self):
        """vigild only: what has no peer here."""
        out, storm, replay, start = [], *(self.pick(self.rows, kind) for kind in ("storm", "replay", "start"))
        if storm:
            out.append(f"**A storm.** {storm['beds']:,} beds in {storm['wards']} wards turn critical at once, between them some urgent and some to be watched: {storm['pages']:,} of {storm['expected']:,} pages, "
                       f"{storm['doubled']} doubled; the last critical page is at the broker after {storm['last_critical_s']:.2f} s, the last urgent one after {storm['last_urgent_s']:.2f} s. "
                       f"{storm['inversions']} critical pages came behind a lesser one that was raised after them; {storm['overtook']} lesser ones were overtaken. Others {starred(storm)}.")
        if replay:
            out.append(f"**Replay.** `vigil replay` of a recorded ward ({replay['beds']} beds, one message a second, seven signals, the shipped CAR-T protocol): **{replay['patient_days_hour']:,} patient-days "
                       f"an hour of one core** ({replay['us_message']} us a message; by the clock {replay['by_wall']:,}), {replay['peak_mb']} MB; {replay['alerts']} alerts, {replay['refused']} refusals, the same bytes "
                       f"twice: {cell(replay['same'])}. Hourly recordings, the seconds between filled in. Others {starred(replay)}.")
        if start:
            out.append(f"**Start.** With {start['days']:g} days of {start['beds']} beds at 1 Hz in the store ({start['readings']:,} readings, {start['store_mb']:,} MB) the daemon is ready after {start['ready_s']:.2f} s "
                       f"(the first time {start['first_s']:.2f} s), {start['cpu_s']:.2f} s of CPU, {start['peak_mb']} MB. Others {starred(start)}.")
        for row in (r for r in self.rows if r["kind"] == "cost"):
            out.append(f"**Decoding and deciding alone**, {row['patients']:,} patients, protocol {row['protocol']}: {row['us_message']} us a message"
                       + (f" ({row['instructions']:,} instructions)" if row["instructions"] >= 0 else "")
                       + f" once {row['filled_h']:g} h are in the windows; memory asked for {row['asked']} times; {row['mb']} MB.")
        crowd, back = [r for r in self.rows if r["kind"] == "doors"], self.pick(self.rows, "backlog")
        for row in crowd:
            out.append(f"**{'A crowd at the doors' if row['crowd'] else 'No crowd'}** (1,000 beds): p50 {row['p50_ms']} ms, p99 {row['p99_ms']} ms, {row['lost']} lost"
                       + (f"; {row['following']} displays follow, {row['pages_s']} pages a second" if row["crowd"] else "") + f". Others {starred(row)}.")
        if back:
            out.append(f"**A backlog** of {back['messages']:,} messages beside a live ward: stored in {back['stored_s']:.0f} s; live alerts {back['exact']} of {back['expected']} right, p99 {back['p99_ms']} ms "
                       f"(alone {back['alone_p99_ms']}).")
        return "## vigild alone\n\n" + "\n\n".join(out) + "\n" if out else ""

    def history(self):
        rows, peers = ([r for r in self.rows if r["kind"] == kind] for kind in ("history", "history_peer"))
        if not rows:
            return ""
        out = "## History\n\n" + table(("store", "what", "", "unit", "limit", ""), [
            (f"{r['beds']} beds, {r['hours'] / 24:g} days", r["what"], r["value"], r["unit"], r["limit"], r["note"]) for r in rows])
        for r in peers:
            out += f"\n{r['peer']} ({r['beds']} beds, {r['hours'] / 24:g} days): {r['bytes']} bytes a reading; one signal of an hour {r['ms_1h']} ms, of a day {r['ms_24h']} ms, of all {r['ms_all']} ms.\n"
        for r in (r for r in self.rows if r["kind"] == "missing" and r["subject"] not in SUBJECTS):
            out += f"\n{r['subject']}: {r['why']}.\n"
        return out

    def when(self):
        return "## When\n\n" + table(("part", "begun", "seconds", "content with what is not time"), [
            (name, p["begun"], p["took_s"], p["exit"] == 0) for name, p in self.results["parts"].items()])

    def text(self):
        plot = "![CPU, latency, rate and memory of vigild and the others](figures.svg)\n" if self.pick(self.rows, "rate") else ""
        short = "**This is the short form for tests: no time in it means anything.**\n" if any(p["short"] for p in self.results["parts"].values()) else ""
        verdicts = "## Limits\n\n" + table(("what", "limit", "measured", "holds"), self.limits())
        parts = (self.intro(), short, plot, verdicts, self.rates(), self.bursts(), self.steps(), self.filled(), self.alone(), self.history(), self.when())
        return "\n".join(p for p in parts if p)
