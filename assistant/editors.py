"""The editors' pages (`/yllapito`): what was asked in vain, what people said of answers, and how the sources stand.

Off unless a password is set. The only pages with a cookie: it holds the sign-in, goes to these pages alone, and ends
with the browser, after SESSION_SECONDS, or when the password changes.
"""

from __future__ import annotations

import csv
import hmac
import io
import json
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, session, url_for
from flask.blueprints import BlueprintSetupState
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFError, CSRFProtect
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from assistant.conversations import MESSAGE_DAYS, Feedback, Message, Week
from assistant.corpus import Corpus, read_corpus
from assistant.domain import Status, Turn
from assistant.errors import CorpusError, StorageError
from assistant.gaps import Gap, evidence, gaps
from assistant.originals import State, is_quoted, read_originals, strays, with_originals
from assistant.privacy import masked
from assistant.web import current_assistant, current_settings, translated

PATH = "/yllapito"

SESSION_SECONDS = 8 * 3600
"""A working day."""

ATTEMPTS = parse("10 per 5 minutes")
"""Sign-ins tried from one address."""

GROUPS_SHOWN = 50
QUESTIONS_GROUPED = 1000
"""The newest questions; grouping compares each with each."""

ANSWER_DAYS = 14
"""In which feedback on accessibility has to be answered (306/2019)."""

WEEKS_SHOWN = 12
DOCUMENTS_SHOWN = 10

SHOWN_APART = (Status.ANSWERED, Status.ANSWERED_PARTLY, Status.NOT_FOUND)
"""Outcomes with a bar and a column of their own; the rest stand together."""

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet run a cell."""

blueprint = Blueprint("editors", __name__, url_prefix=PATH)
csrf = CSRFProtect()


@blueprint.record_once
def prepare(state: BlueprintSetupState) -> None:
    """Sets the cookie and the form protection of the app so that they concern these pages only."""
    app = state.app
    app.config.update(
        SESSION_COOKIE_NAME="yllapito",
        SESSION_COOKIE_PATH=PATH,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_SECURE=app.config["SETTINGS"].public_url.startswith("https:"),
        WTF_CSRF_CHECK_DEFAULT=False,
    )
    csrf.init_app(app)
    app.extensions["sign_in_attempts"] = FixedWindowRateLimiter(MemoryStorage())


@blueprint.before_request
def admit() -> AnyResponse | None:
    """Lets in who has signed in; without a password set there is nothing here."""
    if not current_settings().admin_password:
        abort(404)
    csrf.protect()
    if request.endpoint in ("editors.sign_in_page", "editors.sign_in") or _signed_in():
        return None
    return redirect(url_for("editors.sign_in_page"), 303)


@blueprint.get("/kirjaudu")
def sign_in_page() -> str:
    """The form for the password."""
    return render_template("editors/sign_in.html", fault="")


@blueprint.post("/kirjaudu")
def sign_in() -> AnyResponse:
    """Signs in with the password; wrong ones are counted by address."""
    attempts, address = current_app.extensions["sign_in_attempts"], get_remote_address()
    if not attempts.hit(ATTEMPTS, address):
        return _sign_in_again("editors.too_many", 429, {"Retry-After": str(ATTEMPTS.get_expiry())})
    given, password = request.form.get("password", ""), current_settings().admin_password
    if not hmac.compare_digest(given.encode(), password.encode()):
        return _sign_in_again("editors.wrong_password", 422)
    attempts.clear(ATTEMPTS, address)
    session.clear()
    session["editor"], session["since"] = _password_mark(), int(time.time())
    return redirect(url_for("editors.unanswered"), 303)


@blueprint.post("/ulos")
def sign_out() -> AnyResponse:
    """Ends the session."""
    session.clear()
    return redirect(url_for("editors.sign_in_page"), 303)


@blueprint.get("")
def unanswered() -> str:
    """Questions without a whole answer, grouped, with the sources that would need the text."""
    found = _gaps()
    asked = sum(len(gap.turns) for gap in found)
    return render_template("editors/unanswered.html", gaps=found[:GROUPS_SHOWN], groups=len(found), asked=asked)


@blueprint.get("/palaute")
def feedback() -> str:
    """What people said of answers, and what they wrote with the feedback form."""
    messages = [(message, _answer_by(message)) for message in _messages()]
    return render_template("editors/feedback.html", feedback=_feedback(), messages=messages, message_days=MESSAGE_DAYS)


def _answer_by(message: Message) -> str:
    """The last day on which the law lets feedback on accessibility be answered; empty for another topic."""
    sent = datetime.fromisoformat(message.sent_at)
    return (sent + timedelta(days=ANSWER_DAYS)).date().isoformat() if message.topic == "saavutettavuus" else ""


@blueprint.get("/viikot")
def weeks() -> str:
    """How much was asked by week, as a picture and a table, and which sources the answers cited."""
    counted = current_assistant().conversations.by_week()
    shown = _latest_weeks(counted)
    cited: Counter[str] = Counter()
    for week in shown:
        cited.update(week.documents)
    titles = {document.id: document.title for document in current_assistant().documents()}
    return render_template(
        "editors/weeks.html",
        weeks=[(week, _parts(week)) for week in reversed(shown)],
        chart=_chart(shown),
        parts=PARTS,
        cited=[(id, titles.get(id), count) for id, count in cited.most_common(DOCUMENTS_SHOWN)],
    )


@blueprint.get("/lahteet")
def sources() -> str:
    """The state of the sources: what is indexed, what has changed since, what is wrong, and how their own pages are."""
    assistant = current_assistant()
    fault, corpus = "", Corpus((), ())
    try:
        corpus = with_originals(read_corpus(current_settings().corpus), current_settings().index)
    except CorpusError as error:
        fault = str(error)
    indexed = {document.id: document for document in assistant.documents()}
    written = {document.id: document for document in corpus.documents}
    originals = read_originals(current_settings().index, indexed.values())
    return render_template(
        "editors/sources.html",
        about=assistant.about(),
        documents=sorted(indexed.values(), key=lambda document: (document.date or "", document.id), reverse=True),
        fault=fault,
        faults=corpus.faults,
        added=sorted(written.keys() - indexed.keys()) if not fault else [],
        removed=sorted(indexed.keys() - written.keys()) if not fault else [],
        changed=sorted(id for id in written.keys() & indexed.keys() if written[id] != indexed[id]),
        originals=originals,
        quoted={id for id in indexed if is_quoted(indexed[id], originals.get(id))},
        strayed={id for id in indexed if strays(indexed[id], originals.get(id))},
        states=Counter(originals[id].state if id in originals else State.UNCHECKED for id in indexed),
        checked_at=max((original.fetched_at for original in originals.values()), default=None),
    )


@blueprint.get("/vienti/<what>.<kind>")
def export(what: str, kind: str) -> Response:
    """The questions, the feedback or the weeks as a file."""
    if what not in EXPORTS or kind not in ("csv", "json"):
        raise NotFound
    rows = EXPORTS[what]()
    response = Response(
        _csv(rows) if kind == "csv" else json.dumps(rows, ensure_ascii=False, indent=1),
        mimetype="text/csv; charset=utf-8" if kind == "csv" else "application/json",
    )
    response.headers["Content-Disposition"] = f"attachment; filename={what}-{date.today().isoformat()}.{kind}"
    return response


@blueprint.errorhandler(CSRFError)
def form_too_old(error: CSRFError) -> AnyResponse:
    """A form whose session has ended: sign in again."""
    return _sign_in_again("editors.form_expired", 400)


@blueprint.errorhandler(StorageError)
def storage_fault(error: StorageError) -> AnyResponse:
    """The file of conversations cannot be read."""
    return Response(render_template("editors/fault.html", fault=str(error)), 503)


def _sign_in_again(key: str, status: int, headers: Mapping[str, str] | None = None) -> AnyResponse:
    return Response(render_template("editors/sign_in.html", fault=translated(key)), status, headers)


def _signed_in() -> bool:
    mark, since = session.get("editor", ""), session.get("since", 0)
    return hmac.compare_digest(mark, _password_mark()) and time.time() - since < SESSION_SECONDS


def _password_mark() -> str:
    """Says in the session which password was given, without telling it: a changed password ends all sessions."""
    key = str(current_app.secret_key).encode()
    return hmac.digest(key, current_settings().admin_password.encode(), "sha256").hex()


def _masked_turn(turn: Turn) -> Turn:
    """What was stored is masked already; masked again, it is so by today's rules too."""
    answer = replace(turn.answer, text=masked(turn.answer.text), missing=tuple(map(masked, turn.answer.missing)))
    return replace(turn, question=masked(turn.question), understood=masked(turn.understood), answer=answer)


def _gaps() -> list[Gap]:
    turns = current_assistant().conversations.unanswered()[:QUESTIONS_GROUPED]
    return gaps([_masked_turn(turn) for turn in turns])


def _feedback() -> list[Feedback]:
    said = current_assistant().conversations.feedback_list()
    return [replace(one, turn=_masked_turn(one.turn), comment=masked(one.comment)) for one in said]


def _messages() -> list[Message]:
    return [replace(one, text=masked(one.text)) for one in current_assistant().conversations.messages()]


# Weeks


PARTS = (*(status.value for status in SHOWN_APART), "others")


def _parts(week: Week) -> dict[str, int]:
    apart = {status.value: week.statuses.get(status, 0) for status in SHOWN_APART}
    return apart | {"others": week.asked - sum(apart.values())}


def _latest_weeks(counted: Sequence[Week]) -> list[Week]:
    """The last weeks up to this one, oldest first, those without questions too."""
    by_monday = {week.monday: week for week in counted}
    today = datetime.now(UTC).date()
    this_monday = today - timedelta(days=today.weekday())
    mondays = ((this_monday - timedelta(weeks=ago)).isoformat() for ago in reversed(range(WEEKS_SHOWN)))
    return [by_monday.get(monday) or Week(monday, {}, {}) for monday in mondays]


@dataclass(frozen=True)
class Bar:
    """A piece of a bar in the picture, in its units."""

    part: str
    x: int
    y: float
    height: float


@dataclass(frozen=True)
class Column:
    """The bar of a week: its pieces and what is written above and below it."""

    monday: str
    asked: int
    x: int
    top: float
    bars: tuple[Bar, ...]


COLUMN_WIDTH = 60
CHART_HEIGHT = 200


def _chart(weeks: Sequence[Week]) -> list[Column]:
    most = max((week.asked for week in weeks), default=0) or 1
    columns = []
    for place, week in enumerate(weeks):
        x, y = place * COLUMN_WIDTH, float(CHART_HEIGHT)
        bars = []
        for part, count in _parts(week).items():
            height = round(count / most * CHART_HEIGHT, 1)
            y = round(y - height, 1)
            if count:
                bars.append(Bar(part, x, y, height))
        columns.append(Column(week.monday, week.asked, x, y, tuple(bars)))
    return columns


# Files


Row = dict[str, Any]


def _question_rows() -> list[Row]:
    return [
        {
            "group": number,
            "asked_at": turn.asked_at,
            "status": turn.answer.status.value,
            "question": turn.question,
            "understood": turn.understood,
            "missing": "; ".join(turn.answer.missing),
            "nearest": " ".join(dict.fromkeys(near.document for near in evidence(turn))),
            "source": gap.source.document if gap.source else "",
        }
        for number, gap in enumerate(_gaps(), 1)
        for turn in gap.turns
    ]


def _feedback_rows() -> list[Row]:
    return [
        {
            "given_at": said.given_at,
            "helped": said.helped,
            "reason": said.reason,
            "comment": said.comment,
            "question": said.turn.question,
            "status": said.turn.answer.status.value,
            "answer": said.turn.answer.text,
            "sources": " ".join(dict.fromkeys(citation.document for citation in said.turn.answer.citations)),
        }
        for said in _feedback()
    ]


def _message_rows() -> list[Row]:
    return [
        {"sent_at": message.sent_at, "topic": message.topic, "text": message.text, "reply": message.reply}
        for message in _messages()
    ]


def _week_rows() -> list[Row]:
    weeks = current_assistant().conversations.by_week()
    return [
        {"monday": week.monday, "asked": week.asked} | {status.value: week.statuses.get(status, 0) for status in Status}
        for week in weeks
    ]


EXPORTS = {
    "kysymykset": _question_rows,
    "palaute": _feedback_rows,
    "viestit": _message_rows,
    "viikot": _week_rows,
}


def _csv(rows: Iterable[Row]) -> str:
    """Rows as Finnish spreadsheets read them: semicolons, a byte order mark, and no cell that is run as a formula."""
    rows = list(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else [], delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return "\ufeff" + text.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA_SIGNS):
        return f"'{value}"
    return value
