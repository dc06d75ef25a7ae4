"""Personal data in what people write, found narrowly and masked.

A number is masked only where its own check says what it is: the check character of a henkilötunnus, the remainder of an
IBAN, the Luhn sum of a card, the numbering plan of a phone number. Street addresses, dates, sums, sections of law,
register numbers and the addresses of services stay, for questions are about those.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType
from stdnum import iban, luhn
from stdnum.fi import hetu

IDENTITY = "[henkilötunnus]"
ACCOUNT = "[tilinumero]"
CARD = "[korttinumero]"
PHONE = "[puhelinnumero]"
EMAIL = "[sähköpostiosoite]"

# fmt: off
SERVICE_MAILBOXES = frozenset(
    {
        "asiakaspalvelu", "contact", "feedback", "hallinto", "helpdesk", "info", "kirjaamo", "kirjasto", "laskutus",
        "matkailu", "museo", "neuvonta", "no-reply", "noreply", "office", "palaute", "palvelupiste", "postmaster",
        "registrator", "registry", "rekrytointi", "support", "tekninen", "tietosuoja", "toimisto", "vaalit",
        "varhaiskasvatus", "viestinta", "webmaster", "yrityspalvelut",
    }
)
# fmt: on
"""Mailboxes that belong to an office and not to a person."""

FINLAND = 358
SHORTEST_MOBILE = 8
"""Digits after the leading zero; shorter ones (`050 1234`) are more often a sum or a room than somebody's number."""

PERSONAL_LINES = frozenset(
    {
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.PERSONAL_NUMBER,
        PhoneNumberType.VOIP,
    }
)
"""Foreign lines that a person may have; of Finnish ones only mobiles count, for fixed lines are those of offices."""

_GAP = r"[ \u00a0\u202f-]?"
_HYPHENS = str.maketrans("‐‑–−", "----")
_IDENTITY = re.compile(r"(?<!\d)(\d{6}) ?([-‐‑–−+A-FU-Y]) ?(\d{3}[0-9A-Y])(?![^\W_])", re.IGNORECASE)
_ACCOUNT = re.compile(rf"(?<![^\W_])[A-Z]{{2}}{_GAP}\d{{2}}(?:{_GAP}[A-Z0-9]){{11,30}}", re.IGNORECASE)
# By issuer, which fixes first digits and length. Sums are grouped by three, years begin with 19 and 20,
# GTINs have 13 digits.
_CARD = re.compile(
    rf"(?<![\d.,])(?:4\d{{3}}(?:{_GAP}\d){{9,15}}|3[04-9]\d\d(?:{_GAP}\d){{10,15}}"
    rf"|(?:2[2-7]|5[0-8]|6\d)\d\d(?:{_GAP}\d){{12,15}})(?!\d|[.,]\d)"
)
_EMAIL = re.compile(r"(?<![\w.+%-])([\w.+%-]+)@(?:[\w-]+\.)+[^\W\d_]{2,}")
_PHONE = re.compile(
    r"(?<![\w/])(?<!\d[.,:-])(?:\(?0(?:4\d|50)|(?:\+|00) ?[1-9])(?:[ \u00a0\u202f()-]{0,2}\d){4,16}(?![\d/])"
)
_UNIT = re.compile(r"\s?(?:€|%|e\b|eur|milj|tuha|prosent|asuk|henk|kpl|as\.)", re.IGNORECASE)
"""What makes a row of digits before it a figure."""


def masked(text: str) -> str:
    """The text with each henkilötunnus, IBAN, payment card, e-mail address and private phone number replaced."""
    text = _EMAIL.sub(_email, text)
    text = _IDENTITY.sub(_identity, text)
    text = _replaced(text, _ACCOUNT, _is_account, ACCOUNT)
    text = _replaced(text, _CARD, _is_card, CARD)
    return _replaced(text, _PHONE, _is_private_phone, PHONE)


def _replaced(text: str, candidate: re.Pattern[str], is_valid: Callable[[str], bool], mask: str) -> str:
    """Masks the longest valid beginning of each candidate, for what follows a number may look like more of it."""
    pieces, done, at = [], 0, 0
    while found := candidate.search(text, at):
        start = found.start()
        possible = (end for end in _ends(text, start, found.end()) if candidate.fullmatch(text, start, end))
        end = next((end for end in possible if is_valid(text[start:end])), None)
        if end and not _UNIT.match(text, end):
            pieces += [text[done:start], mask]
            done = end
        at = end or start + 1
    return "".join([*pieces, text[done:]])


def _ends(text: str, start: int, end: int) -> Iterator[int]:
    """Where a number that begins at `start` can end, last first: after a letter or digit with none behind it."""
    for at in range(end, start, -1):
        if text[at - 1].isalnum() and not text[at : at + 1].isalnum():
            yield at


def _email(found: re.Match[str]) -> str:
    return found[0] if found[1].lower() in SERVICE_MAILBOXES else EMAIL


def _identity(found: re.Match[str]) -> str:
    code = "".join(found.groups()).translate(_HYPHENS)
    return IDENTITY if hetu.is_valid(code, allow_temporary=True) else found[0]


def _is_account(written: str) -> bool:
    return iban.is_valid("".join(filter(str.isalnum, written)))


def _is_card(written: str) -> bool:
    return luhn.is_valid("".join(filter(str.isdigit, written)))


def _is_private_phone(written: str) -> bool:
    try:
        number = phonenumbers.parse(written, "FI")
    except NumberParseException:
        return False
    kind = phonenumbers.number_type(number)  # UNKNOWN where the number is not valid
    if number.country_code == FINLAND:
        return kind == PhoneNumberType.MOBILE and len(str(number.national_number)) >= SHORTEST_MOBILE
    return kind in PERSONAL_LINES
