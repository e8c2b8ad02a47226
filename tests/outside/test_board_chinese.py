# SPDX-License-Identifier: Apache-2.0
"""The board of a ward that reads Chinese: every alert in Chinese words, with its English within reach; and what a site
wrote in one language only is shown as it is."""
import os
import re
import shutil
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib-python"))
from board import HOUR, World, cuff, per_minute, serious, spo2, temp  # noqa: E402
from place import ROOT, now_ms, run, seed, until  # noqa: E402

RANDOM = seed()
SITE = """
  - id: {id}
    class: haemodynamic
    severity: watch
    when: hr >= {limit} /min
    text: "{text}"
    source: site
"""
ENGLISH, CHINESE = "Pulse $hr: tell the study nurse", "脉率 $hr：通知研究护士"
HAN = re.compile("[\u4e00-\u9fff]")
ALERT = "[...document.querySelectorAll('.tile .alert')].find((row) => row.querySelector('.name').textContent.includes(a.rule))"


class Ward(World):
    def furnish(self):
        folder = os.path.join(self.place.folder, "protocols")
        shutil.copytree(os.path.join(ROOT, "config", "protocols"), folder)
        for name in ("car-nk", "car-t"):
            path = os.path.join(folder, f"{name}.yaml")
            text = open(path).read()
            rules = SITE.format(id="SITE_PULSE", limit=140, text=ENGLISH) + SITE.format(id="SITE_PULSE_HIGH", limit=141, text=CHINESE)
            text, count = re.subn(r"(?m)^rules:\n", "rules:" + rules.replace("\\", r"\\"), text, count=1)
            assert count == 1
            open(path, "w").write(text)
        command = self.place.daemon.command
        self.place.daemon.command = lambda *more: command("--set", f"protocols={folder}", *more)


WORLD = Ward(RANDOM)


def sentence(page, rule):
    page.wait(f"Boolean({ALERT})", rule=rule)
    return page.ask(f"const text = {ALERT}.querySelector('.text'); return [text.textContent, text.lang]", rule=rule)


def test_alerts_speak_chinese_and_keep_their_english():
    WORLD.admit("1", ago=24 * HOUR)
    zh, en = WORLD.board("/?lang=zh"), WORLD.board("/?lang=en")
    WORLD.low_pressure("1")
    for page, text, lang in ((zh, "收缩压 80 mmHg：低血压", "zh"), (en, "Systolic pressure 80 mmHg: hypotension", "en")):
        assert sentence(page, "低血压" if lang == "zh" else "Low blood pressure") == [text, lang], sentence(page, "")
        page.wait("document.getElementById('shout').textContent.includes(a.text)", text=text)
    assert "bed" not in zh.text("#shout") and "危急，1床：低血压" in zh.text("#shout"), zh.text("#shout")
    event = WORLD.gateway.events("HYPOTENSION")[-1]
    assert (event["text"], event["text_zh"]) == ("Systolic pressure 80 mm[Hg]: hypotension", "收缩压 80 mm[Hg]：低血压"), event
    for page in (zh, en):
        page.click_until(".tile .alert [data-verb=more]", ".sheet .why")
    originals = zh.ask("[...document.querySelectorAll('.why .original')].map((o) => [o.textContent, o.lang].join('|'))")
    assert originals == ["Systolic pressure 80 mmHg: hypotension|en", event["reference"] + "|en"], originals
    assert "符合低血压表现" in zh.text(".why") and "原因" not in en.text(".why") and "Site protocol: physician review" in en.text(".why")
    assert not en.ask("document.querySelector('.why .original')") and not HAN.search(en.text("#page")), "an English board needs no second text"
    assert serious(zh) == [], serious(zh)
    WORLD.keep(zh, "why-zh")
    en.close()
    zh.close()


def test_what_a_site_wrote_is_shown_as_it_is():
    zh, en = WORLD.board("/?lang=zh"), WORLD.board("/?lang=en")
    WORLD.admit("2", ago=HOUR)
    WORLD.say("2", per_minute("hr", 150))
    for page in (zh, en):
        assert sentence(page, "SITE PULSE HIGH") == ["脉率 150 /min：通知研究护士", "zh"], "the reader is told the language"
        page.wait("[...document.querySelectorAll('.alert .text[lang=en]')].some((text) => text.textContent === 'Pulse 150 /min: tell the study nurse')")
        page.close()


def test_a_ward_full_of_alerts_has_no_english_sentence():
    """As many rules as a few readings raise, the built-in ones and the node's: none is left in English, also after a restart."""
    for bed in ("3", "4"):
        WORLD.admit(bed, ago=30 * HOUR)
        WORLD.publish(bed, "therapy", {"code": "infusion", "value": "start", "product": "car_nk"}, ts=now_ms() - 26 * HOUR)
        WORLD.publish(bed, "therapy", {"code": "infusion", "value": "end"}, ts=now_ms() - 25 * HOUR)
        WORLD.say(bed, temp(36.8), ts=now_ms() - 6 * HOUR)
    WORLD.say("3", temp(39.4), per_minute("rr", 32), ts=now_ms() - HOUR)
    WORLD.say("3", temp(39.6), spo2(82), per_minute("hr", 131), per_minute("rr", 33), cuff(78), source_spot=True)
    WORLD.say("3", temp(39.6), spo2(82), per_minute("hr", 131), per_minute("rr", 33), source_spot=True)
    WORLD.publish("3", "labs", {"code": "k", "value": 6.8, "unit": "mmol/L"}, {"code": "lactate", "value": 5.1, "unit": "mmol/L"},
                  {"code": "plt", "value": 8, "unit": "10*9/L"}, {"code": "ferritin", "value": 9000, "unit": "ng/mL"})
    WORLD.publish("4", "assessment", {"code": "ice", "value": 4}, {"code": "consciousness", "value": "P"}, {"code": "seizure", "value": True})
    WORLD.publish("4", "assessment", {"code": "symptom", "value": "urticaria"}, {"code": "neuro", "value": "haemorrhage"})
    WORLD.publish("4", "therapy", {"code": "o2_device", "value": "nasal_cannula"}, {"code": "infusion", "value": "start", "product": "car_t"})
    WORLD.publish("4", "vitals", per_minute("rr", 14), patient="p-0999")
    WORLD.say("3", per_minute("hr", 3000))
    until(lambda: {e["rule"] for e in WORLD.gateway.events("SEIZURE") + WORLD.gateway.events("CRIT_K") + WORLD.gateway.events("IDENTITY_MISMATCH")} >= {"SEIZURE", "CRIT_K", "IDENTITY_MISMATCH"}, what="the alerts")
    WORLD.caught_up()
    WORLD.place.daemon.listen = f"127.0.0.1:{WORLD.place.daemon.port}"
    WORLD.place.daemon.signal(signal.SIGKILL)
    WORLD.place.daemon.start()
    page = WORLD.board("/?lang=zh")
    page.wait("document.querySelectorAll('.alert').length > 14")
    said = page.ask("[...document.querySelectorAll('.alert')].map((row) => [row.querySelector('.name').textContent, row.querySelector('.text').textContent, row.querySelector('.text').lang])")
    left = [s for s in said if "SITE" not in s[0] and not re.fullmatch(r"(NEWS2|qSOFA) \d+", s[1]) and (s[2] != "zh" or re.search("[a-z]{4}|unknown|Cel|\\[Hg", s[1].replace("mmol/L", "")))]
    assert left == [], left
    print(f"  {len(said)} alerts: {', '.join(sorted({s[0] for s in said}))}")
    assert page.faults() == [], page.faults()
    WORLD.keep(page, "board-zh")
    page.close()


def test_every_rule_that_is_shipped_has_its_chinese():
    """A rule that is added to the shipped protocols, or to those that are built in, is not forgotten."""
    for name in ("car-nk", "car-t", "nk"):
        for rule in re.split(r"(?m)^  - id: ", open(os.path.join(ROOT, "config", "protocols", f"{name}.yaml")).read())[1:]:
            id_ = rule.split()[0]
            for key in re.findall(r"(?m)^    (?:text|reference): .*$", rule):
                zh = re.search(r'zh: "([^"]*)"', key)
                assert zh and (HAN.search(zh.group(1)) or zh.group(1) == re.search(r'en: "([^"]*)"', key).group(1)), (name, id_, key)
                names = [sorted(re.findall(r"\$[a-z0-9_.]*[a-z0-9_]", text)) for text in (re.search(r'en: "([^"]*)"', key).group(1), zh.group(1))]
                assert names[0] == names[1], (name, id_, "another number", names)
    page = WORLD.board("/?lang=zh")
    rules = page.ask("const {RULES} = await import('/rules.js'); return RULES")
    node = open(os.path.join(ROOT, "daemon", "core", "node.c")).read()
    built_in = re.findall(r"TROUBLE\(\s*VG_([A-Z_]+)", node) + re.findall(r'\.id = "([A-Z_]+)"', open(os.path.join(ROOT, "daemon", "core", "builtin.c")).read())
    assert len(built_in) > 12 and set(built_in) - set(rules) == set(), set(built_in) - set(rules)
    page.close()


if __name__ == "__main__":
    with WORLD:
        run([t for n, t in list(globals().items()) if n.startswith("test_")])
