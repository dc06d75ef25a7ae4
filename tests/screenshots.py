"""Pictures of the pages to look at: `python -m tests.screenshots [FOLDER]`.

Every page is taken at 360 and 1280 px, light and dark, from the real corpus.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from assistant.app import NAVIGATION, create_app
from assistant.assistant import Assistant
from assistant.build import build
from assistant.settings import load_settings
from tests.conftest import CHROMIUM_ARGUMENTS, chromium, running

VALUES = "Mitkä ovat kaupungin arvot?"
UNKNOWN = "Montako pingviiniä Heinolan lintutarhassa asuu?"
SOURCE = "/lahde/strategiaseminaari-2022?lainaus=innovatiivisuus#kohta"


def asked(question: str) -> Callable[[Page], None]:
    """Opens the chat and asks; the first source is opened."""

    def take(page: Page) -> None:
        page.goto("/")
        page.fill("#kysymys", question)
        page.press("#kysymys", "Enter")
        page.wait_for_selector("article.turn")
        if page.locator(".cite").count():
            page.locator(".cite").first.click()

    return take


def opened(path: str) -> Callable[[Page], None]:
    """Opens a page."""
    return lambda page: page.goto(path) and None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(tempfile.gettempdir()) / "assistant-screenshots")
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data:
        settings = load_settings(data=Path(data) / "conversations.db", rate_limit="100000 per minute")
        build(settings)
        app = create_app(Assistant.open(settings), settings)
        paths = {rule.rule for rule in app.url_map.iter_rules()}
        views = {name: opened(path) for path, name in NAVIGATION.items() if path in paths} | {
            "answered": asked(VALUES),
            "refused": asked(UNKNOWN),
            "source": opened(SOURCE),
            "missing": opened("/nothing"),
        }
        with running(app) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
            for width in (360, 1280):
                for scheme in ("light", "dark"):
                    context = browser.new_context(
                        base_url=address, viewport={"width": width, "height": 800}, color_scheme=scheme
                    )
                    page = context.new_page()
                    for name, take in views.items():
                        take(page)
                        page.screenshot(path=folder / f"{name}-{width}-{scheme}.png", full_page=True)
                    context.close()
            browser.close()
    print(folder)


if __name__ == "__main__":
    main()
