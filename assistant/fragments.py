"""Text fragments: the part of a link that makes a browser show the quoted words on the page.

After the URL Fragment Text Directives draft: `#:~:text=[prefix-,]start[,end][,-suffix]`. An exact text has to stand
within one paragraph of the page; `start,end` may reach from one to another, as in a list.
"""

from __future__ import annotations

import re
import urllib.parse

EXACT = 300
"""Longest text that is given in full; a longer one makes an unwieldy address, and one word that is marked up otherwise
on the page would lose it all. The limit that Chromium's own maker of such links has."""

WORDS = 4
"""Words at an end of a longer text, and before one that is not alone; more where these are not enough."""

_ITEM = re.compile(r"^\s*(?:[-*•]|\d+[.)]) +")


def text_link(url: str, quote: str, page: str, start: int) -> str:
    """The address with a fragment for the quote, which is verbatim of the page's text from the offset `start` on."""
    lines = [words for line in quote.split("\n") if (words := _ITEM.sub("", line).split())]
    if not lines:
        return url
    before, after = _plain(page[:start]), _plain(page[start:])
    if len(lines) == 1 and (len(quote) <= EXACT or len(lines[0]) < 2):
        exact = " ".join(lines[0])
        directive = _encoded(exact)
        if _stands_in(exact, before):
            line_before = re.split(r"\n\s*", page[:start].rstrip())[-1]
            if words := re.sub(r"^#+ +", "", _ITEM.sub("", line_before)).split()[-WORDS:]:
                directive = f"{_encoded(' '.join(words))}-,{directive}"
    else:
        first, last = lines[0], lines[-1]
        if len(lines) == 1:  # the two ends must not overlap
            first, last = first[: len(first) // 2], last[len(last) // 2 :]
        opening = _enough(first, before)
        closing = _enough(last[::-1], after[len(opening) : len(_plain(quote)) - len(" ".join(last))], backwards=True)
        directive = f"{_encoded(opening)},{_encoded(closing)}"
    base, mark, anchor = url.partition("#")
    return f"{base}#{anchor}:~:text={directive}" if mark else f"{base}#:~:text={directive}"


def _enough(words: list[str], elsewhere: str, backwards: bool = False) -> str:
    """As many of the words, at least WORDS, as no longer stand elsewhere, where the browser would stop first."""
    for count in range(min(WORDS, len(words)), len(words) + 1):
        chosen = " ".join(words[:count][::-1] if backwards else words[:count])
        if not _stands_in(chosen, elsewhere):
            break
    return chosen


def _stands_in(words: str, text: str) -> bool:
    """As a browser looks: letters of either case, whole words."""
    return re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text, re.IGNORECASE) is not None


def _plain(text: str) -> str:
    return " ".join(word for line in text.split("\n") for word in _ITEM.sub("", line).split())


def _encoded(words: str) -> str:
    """Percent-encoded for a directive: its own signs (`-`, `,`, `&`) too."""
    return urllib.parse.quote(words, safe="").replace("-", "%2D")
