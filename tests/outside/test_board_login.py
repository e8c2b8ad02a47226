# SPDX-License-Identifier: Apache-2.0
"""Coming in to the board and being put out of it: the address asked for is kept, the form speaks the board's languages, a wrong
password shows it again; who somebody is, is asked for until it is known; and a board whose log-in has ended says so at once."""
import os
import subprocess
import sys
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib-python"))
from board import low_pressure, serious, shot_of  # noqa: E402
from place import BUILD, run, seed, until  # noqa: E402
from test_board_users import PASSWORD, House  # noqa: E402
from web import Web  # noqa: E402

seed()
HOUSE = House()
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
LOUD = """
    globalThis.banners = new Set();
    const look = () => { const lost = document.getElementById('lost'); if (lost && !lost.hidden) banners.add(lost.firstChild.textContent); };
    addEventListener('DOMContentLoaded', () => new MutationObserver(look).observe(document, {subtree: true, childList: true, attributes: true}));
"""


def fill(page, name, password):
    page.do("""
        await page.locator('input[name=name]').fill(args.name);
        await page.locator('input[name=password]').fill(args.password);
        await page.keyboard.press('Enter');
    """, name=name, password=password)


def test_the_address_that_was_asked_for_is_kept():
    asked = "/?ward=onc-7&lang=zh&theme=dark#/patient/p-0042"
    page = HOUSE.browser.open("zh", f"http://127.0.0.1:{HOUSE.daemon.port}{asked}", colorScheme="dark")
    page.wait("document.querySelector('input[name=password]')")
    assert page.ask("document.documentElement.lang") == "zh" and "密码" in page.text("form") and page.text("button") == "登录"
    assert page.ask("document.querySelector('button').getBoundingClientRect().height") >= 44, "large enough for a finger: the page's policy lets its style in"
    shot_of(page, "login")
    assert serious(page) == [], serious(page)
    fill(page, "li", "wrong horse battery")
    page.wait("document.querySelector('[role=alert]')?.textContent.includes('用户名或密码错误')")
    assert page.ask("location.href").endswith(asked), page.ask("location.href")
    fill(page, "li", PASSWORD)
    page.wait("document.querySelector('.patient-page h1')", 15)
    assert page.ask("location.pathname + location.search + location.hash") == asked, page.ask("location.href")
    assert page.ask("[document.documentElement.lang, document.documentElement.dataset.theme].join()") == "zh,dark"
    page.close()
    page = HOUSE.browser.open("en", f"http://127.0.0.1:{HOUSE.daemon.port}/", locale="en-GB")
    page.wait("document.documentElement.lang === 'en' && document.querySelector('button').textContent === 'Log in'")
    page.close()
    page = HOUSE.browser.open("browser's", f"http://127.0.0.1:{HOUSE.daemon.port}/", locale="zh-CN")
    page.wait("document.documentElement.lang === 'zh'")
    page.close()


def test_a_form_again_for_people_and_a_problem_for_programs():
    HOUSE.add("chen", "nurse")
    web = Web(HOUSE.daemon.port)
    wrong, right = (urllib.parse.urlencode({"name": "chen", "password": p}) for p in ("wrong horse battery", PASSWORD))
    post = lambda path, body, accept: web.ask("POST", path, body, {**FORM, "Accept": accept})  # noqa: E731
    page = post("/?lang=en", wrong, "text/html")
    assert (page.status, page.type) == (401, "text/html") and "Name or password is wrong." in page.text and "script" not in page.text, page
    plain = post("/api/v1/login", wrong, "application/json")
    assert (plain.status, plain.type) == (401, "application/problem+json") and plain.json["detail"], plain
    half = post("/?lang=en", "name=li", "text/html")
    assert half.status == 400 and "<form" in half.text and "both" in half.text, half
    seen = set()  # guessing is slowed: the form says for how long
    later = until(lambda: [a for a in [post("/?lang=en", wrong, "text/html")] if seen.add(a.status) or a.status == 429], 20, "too many failures")[0]
    assert "<form" in later.text and f"try again in {later.headers['retry-after']} s." in later.text, later
    came = until(lambda: [a for a in [post("/api/v1/login?ward=%2F%2Fx.example%2F%22%3E&lang=zh&password=p&to=%2F%2Fy", right, "text/html")] if a.status == 303], 60, "in")[0]
    assert came.headers["location"] == "/?ward=%2F%2Fx.example%2F%22%3E&lang=zh", "nowhere else, and no password"
    odd = web.get("/nothing?ward=%22%3E%3Cscript%3E&password=geheim", Accept="text/html")
    assert odd.status == 401 and 'action="/?ward=%22%3E%3Cscript%3E"' in odd.text and "geheim" not in odd.text, odd
    assert web.ask("POST", "/?lang=en", right, {**FORM, "Accept": "text/html", "Origin": "https://elsewhere.example"}).status == 403
    assert web.post("/", {"name": "li", "password": PASSWORD}).status == 401, "only a form is a log-in"


def test_who_is_here_is_asked_until_it_is_known():
    page = HOUSE.login("li")
    page.do("""
        keep.asked = [];
        keep.away = true;
        await page.route('**/api/v1/session', (route) => { keep.asked.push(performance.now()); return keep.away ? route.abort() : route.continue(); });
        await page.reload();
    """)
    page.wait("document.documentElement.dataset.loaded === 'yes'")
    until(lambda: page.do("return keep.asked.length") >= 4, 10, "it to be asked again")
    assert page.ask("document.documentElement.dataset.right ?? null") is None
    page.do("keep.away = false")
    page.wait("document.documentElement.dataset.right === 'nurse' && document.querySelector('.person').textContent.startsWith('li')", 10)
    times = page.do("return keep.asked")
    gaps = [b - a for a, b in zip(times, times[1:]) if b - a > 100]  # the stream that opens asks too
    assert len(gaps) >= 2 and max(gaps) > 1.5 * min(gaps) and max(gaps) > 900, gaps
    count = len(times)
    HOUSE.daemon.signal(9)
    HOUSE.daemon.listen = f"127.0.0.1:{HOUSE.daemon.port}"
    HOUSE.daemon.start()
    page.wait("document.documentElement.dataset.life === 'ended'", 15)  # sessions live as long as the daemon
    assert page.do("return keep.asked.length") > count, "when the stream breaks"
    HOUSE.daemon.signal(9)
    page.ask("vigil.session.heard -= 20000, vigil.life.beat -= 20000, vigil.life.wall -= 20000")  # as after 20 s
    page.wait("document.documentElement.dataset.life === 'lost' && document.querySelector('#lost').textContent.includes('NOBODY IS WATCHING')", 5)
    assert page.ask("vigil.blind()") == "critical"
    HOUSE.daemon.start()
    page.close()


def test_the_end_of_a_log_in_is_said_at_once():
    low_pressure(HOUSE.gateway, "onc-7", "1")
    until(lambda: HOUSE.gateway.events("HYPOTENSION"), what="the alert")
    nurse, wall = HOUSE.login("li", LOUD, "/?lang=en&ward=onc-7"), HOUSE.login("wall", LOUD)
    for page in (nurse, wall):
        page.wait("document.querySelector('.tile .alert') && document.querySelector('.life').dataset.state === 'live'")
    nurse.ask("window.same = true, document.documentElement.dataset.theme = 'dark'")
    subprocess.run([os.path.join(BUILD, "vigil"), "user", "remove", "li", "--set", f"users={HOUSE.folder}/users"], check=True, capture_output=True)
    begin = time.monotonic()
    nurse.wait("document.documentElement.dataset.life === 'ended'", 9)
    print(f"  said {time.monotonic() - begin:.1f} s after the user was taken out")
    assert "LOGGED OUT" in nurse.text("#lost") and nurse.text(".life") == "logged out"
    assert nurse.ask("getComputedStyle(document.querySelector('.tile .number')).fontStyle") == "italic"
    nurse.ask("vigil.life.beat -= 20000, vigil.life.wall -= 20000")  # as after three missed beats
    nurse.wait("document.querySelector('#lost span').textContent.includes('came 2')")
    assert nurse.ask("[...banners].join()") == "THIS DISPLAY IS LOGGED OUT" and nurse.ask("vigil.blind()") == "technical", nurse.ask("[...banners]")
    shot_of(nurse, "ended")
    for colours in ("light", "dark"):
        nurse.ask("void (document.documentElement.dataset.theme = a.colours)", colours=colours)
        assert serious(nurse) == [], (colours, serious(nurse))
    nurse.click_until(".tile .alert [data-verb=acknowledge]", ".alert .answer[data-state=bad]")
    assert "logged out" in nurse.text(".alert .answer"), nurse.text(".alert .answer")
    HOUSE.add("li", "nurse", "--as", "charge-nurse", "--ward", "onc-7")
    body = urllib.parse.urlencode({"name": "li", "password": PASSWORD})
    until(lambda: Web(HOUSE.daemon.port).ask("POST", "/api/v1/login", body, FORM).status == 200, 10, "the user to be known")
    fill(nurse, "li", "wrong horse battery")
    nurse.wait("document.querySelector('#lost [role=alert]').textContent.includes('is wrong')", 5)
    fill(nurse, "li", PASSWORD)
    nurse.wait("document.getElementById('lost').hidden && document.querySelector('.life').dataset.state === 'live'", 10)
    assert nurse.ask("window.same === true && location.search === '?lang=en&ward=onc-7' && banners.size === 1"), ("no reload, no false alarm", nurse.ask("[window.same, location.search, [...banners]]"))
    low_pressure(HOUSE.gateway, "onc-7", "2")
    for page in (nurse, wall):
        page.wait("document.querySelectorAll('.tile[data-severity=critical]').length === 2", 10)
    assert wall.ask("banners.size") == 0 and wall.ask("vigil.blind()") is None, "a board that watches says nothing of the kind"
    nurse.close()
    wall.close()


if __name__ == "__main__":
    with HOUSE:
        run([test for name, test in list(globals().items()) if name.startswith("test_")])
