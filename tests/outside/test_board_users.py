# SPDX-License-Identifier: Apache-2.0
"""The ward board once users are configured: who logs in answers without being asked who they are, a screen on the wall
only shows, and a session that ends is no silent board."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib-python"))
from board import low_pressure  # noqa: E402
from browser import Browser  # noqa: E402
from place import BUILD, Daemon, Place, run, until  # noqa: E402

PASSWORD = "correct horse battery"


class Guarded(Daemon):
    def command(self, *more):
        return super().command("--set", f"users={self.folder}/users", *more)


class House(Place):
    def __init__(self):
        super().__init__(start=False)
        open(os.path.join(self.folder, "users"), "w").close()
        self.daemon = Guarded(self.folder, self.broker)

    def __enter__(self):
        self.add("li", "nurse", "--as", "charge-nurse", "--ward", "onc-7")
        self.add("wall", "display", "--ward", "onc-7")
        self.broker.start()
        self.daemon.start()
        self.gateway = self.client("gw", "vigil/v1/wards/+/events")
        self.browser = Browser()
        return self

    def __exit__(self, kind, error, trace):
        self.browser.close()
        good = kind is SystemExit and not error.code
        super().__exit__(*((None, None, None) if good else (kind, error, trace)))

    def add(self, name, right, *more):
        subprocess.run([os.path.join(BUILD, "vigil"), "user", "add", name, "--role", right, *more, "--set", f"users={self.folder}/users"],
                       input=f"{PASSWORD}\n", text=True, check=True, capture_output=True, timeout=60)

    def login(self, name, before="", path="/?lang=en"):
        page = self.browser.open(name, f"http://127.0.0.1:{self.daemon.port}{path}", before)
        page.do("""
            await page.locator('input[name=name]').fill(args.name);
            await page.locator('input[name=password]').fill(args.password);
            await page.keyboard.press('Enter');
        """, name=name, password=PASSWORD)
        page.wait("document.documentElement.dataset.loaded === 'yes' && document.documentElement.dataset.right", 15)
        return page


def test_who_is_logged_in_answers_and_a_display_only_shows():
    with House() as house:
        low_pressure(house.gateway, "onc-7", "1")
        until(lambda: house.gateway.events("HYPOTENSION"), what="the alert")
        wall, nurse = house.login("wall"), house.login("li")
        for page in (wall, nurse):
            page.wait("document.querySelector('.tile .alert')")
        assert wall.ask("getComputedStyle(document.querySelector('.tile .alert .doing')).display") == "none"
        nurse.click_until(".tile .alert [data-verb=accept]", ".alert .answer:has-text('You have it.')")
        for page in (wall, nurse):
            page.wait("document.querySelector('.alert .who').textContent.startsWith('li (charge nurse) has it')", 5)
        nurse.click_until(".tile >> text=Enter", "form.entry")
        offered = nurse.ask("[...document.querySelectorAll('form.entry .part:last-of-type input')].map((input) => input.value)")
        assert {"fn_treated", "irr_resolved", "allergen_probable"} <= set(offered), offered
        assert [f for f in ("comfort_care", "sedated", "scale2", "home_cpap", "airway_only") if offered.count(f) != 1] == [], ("to take off only: not a nurse's to put", offered)
        nurse.do("await page.keyboard.press('Escape')")
        nurse.click(".person")
        nurse.wait("document.querySelector('input[name=password]')")  # logged out: asked again, and no ward in sight
        assert nurse.ask("document.querySelectorAll('.tile').length") == 0
        assert [f for f in wall.faults() if "401" not in f] == [], wall.faults()  # the first answer was the form


if __name__ == "__main__":
    run([test_who_is_logged_in_answers_and_a_display_only_shows])
