"""A headless Chromium, and pages in it that must neither complain nor ask for anything."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from conformance.report.page.html import render
from conformance.report.results.results import Results

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)

DESKTOP, PHONE = (1280, 800), (390, 844)

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The Chromium of this machine; $CHROMIUM names another."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if found is None:
        pytest.fail("no Chromium on this machine: install it, or name it in $CHROMIUM")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=list(QUIET))
        yield launched
        launched.close()


@pytest.fixture
def load(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens the report of a run, a page as it is, or a file where it lies.

    At the end of the test no page has complained or asked for anything else.
    """
    contexts: list[BrowserContext] = []
    asked: list[str] = []
    heard: list[str] = []
    addresses: set[str] = set()

    def load(
        results: Results | str | Path,
        size: tuple[int, int] = DESKTOP,
        *,
        language: str = "en",
        dark: bool = False,
        script: bool = True,
        anchor: str = "",
    ) -> Page:
        file = results if isinstance(results, Path) else tmp_path / f"report-{len(contexts)}.html"
        if not isinstance(results, Path):
            text = results if isinstance(results, str) else render(results, language)
            file.write_text(text, encoding="utf-8")
        addresses.add(file.as_uri())
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url.partition("#")[0]))
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("dialog", lambda dialog: heard.append(f"dialog: {dialog.message}"))
        page.goto(f"{file.as_uri()}{anchor}")
        return page

    yield load
    for context in contexts:
        context.close()
    assert heard == []
    assert set(asked) <= addresses
