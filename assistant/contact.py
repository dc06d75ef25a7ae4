"""The feedback form: a way to reach those who keep the service that works without a script, an account and an e-mail.

The law on digital services (306/2019) asks for an electronic way; where no other is set, this is it.
"""

from __future__ import annotations

import re

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from assistant.conversations import MESSAGE_DAYS, MESSAGE_LIMIT, TOPICS
from assistant.web import current_assistant, translated

ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
ADDRESS_LIMIT = 254
"""Longest e-mail address that there can be."""

blueprint = Blueprint("contact", __name__)


@blueprint.get("/palautelomake")
def page() -> str:
    """The empty form; a link may choose the topic (`?aihe=saavutettavuus`)."""
    return _form({"topic": request.args.get("aihe", "")}, {}, thanks="kiitos" in request.args)


@blueprint.post("/palautelomake")
def send() -> AnyResponse:
    """Stores the message for the editors, or tells beside each field what has to be corrected."""
    typed = {name: request.form.get(name, "").strip() for name in ("topic", "text", "reply")}
    faults = _faults(typed)
    if faults:
        return make_response(_form(typed, faults), 422)
    current_assistant().conversations.send(typed["topic"], typed["text"], typed["reply"])
    return redirect(url_for("contact.page", kiitos=1), 303)


def _faults(typed: dict[str, str]) -> dict[str, str]:
    faults = {}
    length = len(typed["text"].replace("\r\n", "\n"))
    if typed["topic"] not in TOPICS:
        faults["topic"] = translated("contact.topic_choose")
    if not length:
        faults["text"] = translated("contact.text_empty")
    elif length > MESSAGE_LIMIT:
        faults["text"] = translated("contact.text_long", length=length, limit=MESSAGE_LIMIT)
    if typed["reply"] and (len(typed["reply"]) > ADDRESS_LIMIT or not ADDRESS.fullmatch(typed["reply"])):
        faults["reply"] = translated("contact.reply_wrong")
    return faults


def _form(typed: dict[str, str], faults: dict[str, str], thanks: bool = False) -> str:
    return render_template(
        "contact_form.html",
        typed=typed,
        faults=faults,
        first=next(iter(faults), ""),
        thanks=thanks,
        topics=TOPICS,
        limit=MESSAGE_LIMIT,
        days=MESSAGE_DAYS,
    )
