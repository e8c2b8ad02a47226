# SPDX-License-Identifier: Apache-2.0
"""The board in a real Chromium over TLS, by somebody whose client certificate says who they are: no log-in, live values,
and an alert taken in their name; a certificate renewed meanwhile breaks nothing."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib-python"))
from browser import Browser  # noqa: E402
from board import low_pressure  # noqa: E402
from place import run, seed, until  # noqa: E402
from test_http_tls import House, text_of  # noqa: E402

RANDOM = seed()


def test_the_board_by_client_certificate():
    with House(users=True) as house:
        house.user("add", "li", "--role", "nurse", "--ward", "onc-7", "--as", "bedside-nurse", "--certificate")
        cert, key = house.ca.issue("li", use="clientAuth", san=None)
        until(lambda: house.ask("/api/v1/session", client=(cert, key)).status == 200, 5, "li")
        origin = f"https://localhost:{house.daemon.port}"
        browser = Browser()
        try:
            page = browser.open("board", f"{origin}/?lang=en", ignoreHTTPSErrors=True, clientCertificates=[{"origin": origin, "certPath": cert, "keyPath": key}])
            page.wait("document.querySelector('.life')?.dataset.state === 'live'", 20)
            low_pressure(house.events, "onc-7", "1")
            page.wait("document.querySelector('.tile[data-severity=critical]')", 10)
            page.click_until(".tile [data-verb=accept]", ".alert .answer:has-text('You have it.')")
            until(lambda: [e for e in house.events.events() if e["responsibility"]["owner"] == "bedside-nurse:li"], 10, "the owner, without a log-in")
            house.put(*house.ca.issue("server-2"))
            until(lambda: house.serial() == text_of(house.cert), 10, "the new certificate")
            low_pressure(house.events, "onc-7", "2")
            page.wait("document.querySelectorAll('.tile[data-severity=critical]').length === 2", 10)
            assert page.ask("document.querySelector('.life').dataset.state") == "live"
            stranger = browser.open("stranger", f"{origin}/", ignoreHTTPSErrors=True)
            stranger.wait("document.querySelector('form [name=password]')", 10)
            assert page.faults() == [], page.faults()
        finally:
            browser.close()


if __name__ == "__main__":
    run([test for name, test in list(globals().items()) if name.startswith("test_")])
