"""What tests share: the real corpus with its index, built once; a running server; and a Chromium with axe."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from filelock import FileLock
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page
from waitress import create_server

from assistant.app import create_app
from assistant.assistant import Assistant
from assistant.build import build
from assistant.settings import Settings

ROOT = Path(__file__).parent.parent
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="session")
def settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of the real corpus, with an index kept between runs and a fresh database of conversations."""
    made = Settings(
        corpus=ROOT / "corpus",
        index=Path(request.config.cache.mkdir("assistant-index")),
        data=tmp_path_factory.mktemp("data") / "conversations.db",
        rate_limit="100000 per minute",
    )
    with FileLock(made.index / "tests.lock"):  # the tests run in two processes
        build(made)
    return made


@pytest.fixture(scope="session")
def assistant(settings: Settings) -> Assistant:
    """The assistant over the real corpus, with the real model."""
    return Assistant.open(settings)


@pytest.fixture(scope="session")
def app(assistant: Assistant, settings: Settings) -> Flask:
    """The web app over the real assistant."""
    return create_app(assistant, settings)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Requests to the web app without a server."""
    return app.test_client()


@pytest.fixture
def app_with(assistant: Assistant, settings: Settings) -> Callable[..., FlaskClient]:
    """A client of an app whose settings differ: `app_with(closed="Huoltokatko")`."""
    return lambda **changes: create_app(assistant, replace(settings, **changes)).test_client()


def chromium() -> str | None:
    """The system's Chromium; None where only Playwright's own can be there."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def running(app: Flask) -> Iterator[str]:
    """The address of a server that runs the app."""
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.close()
        thread.join(5)


@pytest.fixture(scope="session")
def server(app: Flask) -> Iterator[str]:
    """The address of a running server."""
    with running(app) as address:
        yield address


@pytest.fixture
def serve(assistant: Assistant, settings: Settings) -> Iterator[Callable[..., str]]:
    """The address of a server whose settings differ: `serve(rate_limit="1 per minute")`."""
    with ExitStack() as servers:
        yield lambda **changes: servers.enter_context(running(create_app(assistant, replace(settings, **changes))))


@pytest.fixture(scope="session")
def base_url(server: str) -> str:
    """pytest-playwright opens relative addresses on the running server."""
    return server


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The Chromium that is there, quiet and without a sandbox (containers have none to give)."""
    return {**browser_type_launch_args, "executable_path": chromium(), "args": CHROMIUM_ARGUMENTS}


@pytest.fixture
def plain(browser: Browser, server: str) -> Iterator[Page]:
    """A page of a browser whose scripts are off."""
    context = browser.new_context(base_url=server, java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    """Asserts that axe finds nothing, that no words are cut and that nothing has to be scrolled sideways."""

    def check(page: Page) -> None:
        found = Axe().run(page, options={"runOnly": AXE_RULES})
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "scrolls sideways"
        ids = page.evaluate("[...document.querySelectorAll('[id]')].map(node => node.id)")
        assert len(ids) == len(set(ids)), f"ids used twice: {sorted({id for id in ids if ids.count(id) > 1})}"

    return check
