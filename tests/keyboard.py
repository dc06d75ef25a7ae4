"""Going through a page by keys alone: the focus is in sight at every step, and no key that does something loses it."""

from __future__ import annotations

from playwright.sync_api import Page

FOCUS = """(() => {
  const node = document.activeElement;
  const box = node.getBoundingClientRect();
  const seen = getComputedStyle(node).outlineStyle !== "none" && box.bottom > 0 && box.top < innerHeight;
  return [(node.ariaLabel || node.innerText || node.id).trim(), seen, node !== document.body];
})()"""

LONGEST = 600
"""Stops of Tab on the longest page, and some to spare."""


def focus(page: Page) -> str:
    """What has the focus, as its accessible text."""
    text: str = page.evaluate(FOCUS)[0]
    return text


def tab_to(page: Page, text: str = "", css: str = "*", key: str = "Tab") -> None:
    """Presses Tab until something with the text, that the selector fits, has the focus."""
    for _ in range(LONGEST):
        page.keyboard.press(key)
        found, seen, _ = page.evaluate(FOCUS)
        assert seen, f"the focus is out of sight at {found!r}"
        if text in found and page.evaluate("css => document.activeElement.matches(css)", css):
            return
    raise AssertionError(f"{text!r} {css!r} cannot be reached by {key}; the focus is at {focus(page)!r}")


def press(page: Page, *keys: str) -> None:
    """Presses keys that do something on this page, and sees that the focus stays on it."""
    for key in keys:
        page.keyboard.press(key)
        text, _, kept = page.evaluate(FOCUS)
        assert kept, f"the focus is lost after {key}: {text!r}"
