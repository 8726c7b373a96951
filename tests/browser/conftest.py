"""A real Chromium against the running processes, watched for every complaint it makes."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from tests.judges import judge
from tests.processes import Site, demo_site

PICTURES = os.environ.get("PICTURES", "")
WCAG_22_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
# Told to every document before its own scripts: the page's violations of the policy become errors on the console.
_TELL_VIOLATIONS = """
document.addEventListener('securitypolicyviolation', event =>
  console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""


@dataclass
class Watch:
    """What one browser window complained of, and what it sent."""

    complaints: list[str] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def console(self, message: ConsoleMessage) -> None:
        """Keep warnings and errors; a refused form (422, 409, 429) is an answer and no fault of the page."""
        if message.type in ("error", "warning") and "the server responded with a status of 4" not in message.text:
            self.complaints.append(f"{message.type}: {message.text}")

    def request(self, request: Request) -> None:
        """Keep everything that leaves the browser: address, headers, body."""
        self.hosts.add(request.url.split("/")[2])
        self.sent.append(request.url.encode() + b"\n" + repr(request.headers).encode() + b"\n")
        self.sent.append(request.post_data_buffer or b"")


@dataclass
class Window:
    """One person's browser window."""

    page: Page
    watch: Watch
    site: Site
    axe_seen: set[str] = field(default_factory=set)

    def go(self, path: str) -> None:
        """Open a page of the site."""
        self.page.goto(self.site.url + path)

    def look(self, name: str) -> None:
        """The page as it stands has no fault that axe can find, at both widths; each kind of page is asked once."""
        if name in self.axe_seen:
            return
        self.axe_seen.add(name)
        for width in (1280, 360):
            self.page.set_viewport_size({"width": width, "height": 900})
            found = Axe().run(self.page, options={"runOnly": {"type": "tag", "values": WCAG_22_AA}})
            faults = [
                f"{fault['id']}: {[node['html'] for node in fault['nodes']][:3]}"
                for fault in found.response["violations"]
            ]
            assert not faults, f"{name} at {width}: {faults}"
            overflow = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert overflow <= 0, f"{name} at {width}: {overflow} px wider than the window"
        self.page.set_viewport_size({"width": 1280, "height": 900})

    def picture(self, name: str) -> None:
        """Keep a picture of the page for the README, where asked for (PICTURES=folder)."""
        if PICTURES:
            self.page.screenshot(path=Path(PICTURES) / f"{name}.png")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {
        **browser_type_launch_args,
        "executable_path": judge("chromium"),
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    }


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One demo for all browser tests of a run, with all its processes."""
    judge("chromium")
    running = demo_site(tmp_path_factory.mktemp("site"))
    try:
        running.start()
        yield running
    finally:
        running.stop()


class Windows:
    """Opens windows for people, each with cookies and key store of its own."""

    def __init__(self, browser: Browser, site: Site) -> None:
        self._browser = browser
        self._site = site
        self._open: list[tuple[BrowserContext, Window]] = []

    def __call__(self, language: str = "en-GB") -> Window:
        context = self._browser.new_context(
            locale=language, viewport={"width": 1280, "height": 900}, accept_downloads=True
        )
        context.set_default_timeout(20_000)
        context.add_init_script(_TELL_VIOLATIONS)
        watch = Watch()
        context.on("console", watch.console)
        context.on("weberror", lambda error: watch.complaints.append(str(error.error)))
        context.on("request", watch.request)
        window = Window(context.new_page(), watch, self._site)
        self._open.append((context, window))
        return window

    def close(self) -> None:
        """Close all; no window may have complained or asked anybody else."""
        for context, _ in self._open:
            context.close()
        complaints = [text for _, window in self._open for text in window.watch.complaints]
        hosts = {host for _, window in self._open for host in window.watch.hosts}
        assert complaints == []
        assert hosts <= {self._site.url.split("/")[2]}


@pytest.fixture
def windows(browser: Browser, site: Site) -> Iterator[Windows]:
    opened = Windows(browser, site)
    yield opened
    opened.close()
