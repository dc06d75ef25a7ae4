"""What kind of thing a question asks for, and whether a sentence holds one: a figure of its unit, a date, a name,
a list, or the contrary of what is asked."""

from __future__ import annotations

import re
from functools import lru_cache

from assistant import finnish, morphology
from assistant.domain import Asks, Question

_FIGURE = re.compile(
    r"\d|\b(?:yksi|kaksi|kolme|neljä|viisi|kuusi|seitsemän|kahdeksan|yhdeksän|kymmenen|puolet|kerran|kahdesti)\w*", re.I
)
_DATE = re.compile(
    r"\b(?:1[5-9]|20)\d\d\b|\b\d{1,2}\.\d{1,2}\.|\b(?:tammi|helmi|maalis|huhti|touko|kesä|heinä|elo|syys|loka|marras|joulu)kuu|\bklo\b|\bviik",
    re.I,
)
_DATE_LIKE = re.compile(r"\b\d{1,2}\.\d{1,2}\.(?:\d{4})?|\b(?:1[5-9]|20)\d\d\b")
_REASON = re.compile(
    r"\b(?:koska|jotta|takia|vuoksi|ansiosta|johdosta|siksi|perustuu|edellyttää|taustalla|syynä|syy|seurauksena|velvoittaa)\b",
    re.I,
)
FULL_NAME = re.compile(r"\b[A-ZÅÄÖ][a-zåäöé]+(?:-[A-ZÅÄÖ][a-zåäö]+)? [A-ZÅÄÖ][a-zåäöé]+(?:-[A-ZÅÄÖ][a-zåäö]+)?\b")
_ADDRESS = re.compile(
    r"\b[A-ZÅÄÖ][a-zåäö]+(?:katu|kadun|tie|kuja|polku) \d+|osoitte|\b[A-ZÅÄÖ][a-zåäö]+(?:ssa|ssä|lla|llä)\b"
)
_BODY = re.compile(
    r"valtuus|hallitu|lautaku|johtaj|päällik|toimiala|ministeri|yhtiö|\bOy|puheenjohtaj|työryhmä|liitto|henkilöst|asukkaat|kaupunki",
    re.I,
)
_PLACE = re.compile(r"\b(?!\w+kuussa\b)\w+(?:ssa|ssä|lla|llä|sta|stä|lta|ltä|katu|kadun|osoitte\w+)\b", re.I)
_ENUMERATED = re.compile(
    r",\s+(?!(?:että|jo[knst]|mi[tk]|millai|kun|jos|koska|kertoo|mutta|vaan|eikä|sillä|jolloin|ennen)\w*)\w+"
    r"(?:,| ja | sekä )"
)
"""Things counted up, not clauses parted by commas."""
_JOINED = re.compile(r" ja | sekä |,")
_DEFINES = re.compile(r"\b(?:on|ovat|tarkoittaa|tarkoittavat|määrittelee|kuvaa|eli)\b", re.I)


_HOURS = r"\bklo\b|\bkello|\bauki|avoinna|(?<![\d.])\d{1,2}[.:]\d\d(?![\d.])"
_CALLED = r"puhelin|\b0\d+[ -]\d{3}"
_MAILED = r"@|sähköposti"

_HOW_MUCH = (
    r"(?=.*(?:palj|kuinka (?:suuri|paljon|korkea|kallis)|suuruus|mikä|montako euro|millä summalla|minkä verran|monta|"
    r"mitä .*\bmaksa))"
)
_UNITS = tuple(
    (re.compile(asked, re.I), re.compile(held, re.I))
    for asked, held in (
        (
            rf"^{_HOW_MUCH}.*\b(?:maksa|\w*maksu(?!t)|\w*hin(?:ta|nan)|kustan|euro|summa|velka|velan|velk|laina|\w*palk|tulot|menot"
            r"|budjet|alijääm|ylijääm)",
            r"euro|€|maksut",
        ),
        (rf"^{_HOW_MUCH}.*\b(?:prosent|osuus|osuuden|\w*aste\b|\w*asteen)", r"%|prosent"),
        (
            r"aukiolo|\b(?:auki|avoinna|monelta(?:ko)?|kellonai\w+|mihin (?:kellon)?aikaan)\b|\baukea|"
            r"\bopening hours|\bwhat time\b|\bopen (?:on|until|today|now|in)\b|\böppet",
            _HOURS,
        ),
        (r"puhelin|numero(?:on|sta) .*\bsoi|\bmihin .*\bsoit|telefon|phone", _CALLED),
        (r"sähköposti|\bemail|e-mail|e-post", _MAILED),
    )
)
"""What a question about money, shares, hours or a way to reach somebody speaks of, and what a sentence that answers it
holds."""


@lru_cache(maxsize=2_000)
def unit_of(question: str) -> re.Pattern[str] | None:
    """What the figure asked for is counted in, or None where any figure will do."""
    return next((unit for asked, unit in _UNITS if asked.search(question)), None)


_FORMS = tuple(
    (re.compile(asked, re.I), re.compile(held, re.I))
    for asked, held in (
        (
            r"\bmonelta(?:ko)?\b(?! \w*pros)|\bmihin kellonaikaan\b|\bkellonai\w+|\baukiolo(?:aja|aika)|"
            r"^(?:milloin|koska)\b(?!.*(?:kysely|haku|äänesty|hakem)).*\bon (?:auki|avoinna)\b|\bopening hours",
            rf"{_HOURS}|\barki(?:sin|päiv|na\b)|viikonlop|\w+tai(?:sin|na)\b|ympärivuorokau|öisin|yötä|yöllä",
        ),
        (r"\bansaitse|\btienaa|\bpalkka", r"palk|ansait|ansio|tiena"),
        (r"\bpuhelinnumero|\bphone number|\btelefonnum", _CALLED),
        (r"\bsähköpostiosoite|\bsähköpostiosoitt|\be-?mail address", _MAILED),
    )
)
"""Questions that only one form of answer settles (an hour, a pay, a number to call), and what such an answer holds.
"Mihin aikaan vuodesta" and a survey that "oli auki" ask for days: they are not among them."""


def lacks_form(question: str, text: str) -> bool:
    """Whether the sentence holds nothing of the form that alone settles the question."""
    return any(asked.search(question) and not held.search(text) for asked, held in _FORMS)


_COUNTED = re.compile(r"\b(?:montako|kuinka monta|kuinka moni|monta|monesko|moneen|monessako)\s+([^\W\d]+)", re.I)


def is_counted(question: str, text: str) -> bool | None:
    """Whether the sentence counts what the question asks the number of; None where it asks no number of things."""
    asked = _COUNTED.search(question)
    if not asked:
        return None
    lookup = finnish.analyser().terms
    wanted = set(lookup(asked.group(1)))
    words = finnish.words(_DATE_LIKE.sub("", text))
    near = (
        not wanted.isdisjoint(lookup(other))
        for place, word in enumerate(words)
        if _FIGURE.match(word)
        for other in words[max(0, place - 2) : place + 4]
    )
    return any(near)


_NAMED = re.compile(
    r"\bnimi\b|\bnimeltä|\bkuka (?:on|oli|toimi|toimii|sai|voitti|valittiin)\b|\bketkä\b|\bkenet\b", re.I
)


TITLED = re.compile(r"\bnimi(?:nen|set|sen|stä)?\b|\bnimet\b|\bnimeltä", re.I)
NAME_INSIDE = re.compile(r"(?<=\w )(?!Heinola)[A-ZÅÄÖ]\w|[”\"]")
"""A proper name other than the city's, or a quoted one, after the first word."""

_OPPOSITES = tuple(
    (re.compile(rf"\b(?:{one})", re.I), re.compile(rf"\b(?:{other})", re.I))
    for one, other in (
        ("alka|alko|aloit|käynnist|avat|avau|aukea|ryhdy", "valmis|pääty|päättyi|loppu|lopet|lakkau|sulje|sulke"),
        (
            "eniten|korkei|suurin|suurim|paras|parhai|parhaan|vahvin",
            "vähiten|matalin|alhaisi|pienin|pienim|heiko|huono",
        ),
        ("kasvo|kasva|nous|lisäänty|enemmän", "vähene|vähenty|laski|laskev|laskenu|piene|supist|vähemmän"),
        ("hyväksy|voitti|voittan", "hylkä|hylät|hyläs|hävi|kaatu|torju"),
        ("pitkäaik", "lyhytaik"),
        ("enintään|korkeintaan|yläraja", "vähintään|alaraja"),
        ("ensimmäi", "viimei|toise|toinen|kolma|neljä[sn]"),
        ("tulo(?!s)|tuotto", "meno|kulu(?!tt)"),
        ("ylijääm", "alijääm"),
    )
)


def opposite(question: str, text: str) -> bool:
    """Whether the sentence speaks of the contrary of what is asked, and not of the thing itself: when something is
    ready, and it tells when it began."""
    return any(
        asked.search(question) and not other.search(question) and other.search(text) and not asked.search(text)
        for one in _OPPOSITES
        for asked, other in (one, one[::-1])
    )


_ABOUT_INTENT = frozenset(
    "olla haluta puhua käsitellä jättää jäädä yrittää pitää kysyä nostaa esittää ehdottaa toivoa vaatia luvata uskoa "
    "suunnitella kaavailla arvioida aikoa ajatella harkita".split()
)
"""A plan answers whether something was proposed or spoken of; seldom, by our own questions, whether it was done."""
_CAME_OF_IT = re.compile(r"\b(?:lopulta|oikeasti|todella|todellisuudessa|tähän mennessä|loppujen lopuksi)\b", re.I)
_PLANNED = re.compile(
    r"\b(?:suunniteltu|suunnittel|tarkoitus\b|määrä (?!raha)|piti\b|pitäisi|asialistal|esityslistal|esityksen mukaan|"
    r"tavoitteena|tavoittel|toivo|ehdolla|ehdotet|ehdotti|arvioi|arvion|visio|aloitteita|valtuustoaloit|luonnos|"
    r"valmis luopumaan|aikoo|aiko|esitettiin|jätettiin|luvattiin)",
    re.I,
)


def only_planned(question: str, text: str) -> bool:
    """Whether it is asked what came of something, and the sentence tells what was planned, hoped or on the agenda."""
    return _asks_what_came(question) and bool(_PLANNED.search(text))


@lru_cache(maxsize=2_000)
def _asks_what_came(question: str) -> bool:
    first = next(iter(finnish.words(question.lower())), "")
    done = any(
        r.asks and r.tense == "past_imperfective" and r.base not in _ABOUT_INTENT for r in morphology.readings(first)
    )
    return (done or bool(_CAME_OF_IT.search(question))) and not _PLANNED.search(question)


def asks_name(question: Question) -> bool:
    """Whether only the name of a person will do."""
    return bool(_NAMED.search(question.understood)) and (Asks.WHO in question.asks or "nimi" in question.understood)


def holds(asks: frozenset[Asks], text: str, listed: bool) -> float | None:
    """How surely the sentence holds a thing of the kind asked for, 0..1; None where its form does not tell."""
    verdicts: list[float] = []
    if Asks.NUMBER in asks:
        verdicts.append(float(bool(_FIGURE.search(_DATE_LIKE.sub("", text)))))
    if Asks.WHEN in asks:
        verdicts.append(float(bool(_DATE.search(text))))
    if Asks.WHO in asks:
        verdicts.append(1.0 if FULL_NAME.search(text) or _BODY.search(text) else 0.0)
    if Asks.WHERE in asks:
        verdicts.append(1.0 if _ADDRESS.search(text) else 0.5 if _PLACE.search(text) else 0.0)
    if Asks.WHY in asks:
        verdicts.append(float(bool(_REASON.search(text))))
    if Asks.DEFINITION in asks:
        verdicts.append(float(bool(_DEFINES.search(text))))
    if Asks.LIST in asks:
        verdicts.append(1.0 if listed or _ENUMERATED.search(text) else 0.5 if _JOINED.search(text) else 0.0)
    return max(verdicts) if verdicts else None
