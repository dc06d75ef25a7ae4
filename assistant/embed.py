"""The chat on other pages: the compact page that `static/embed.js` frames, and a page that shows it in use."""

from __future__ import annotations

from flask import Blueprint, g, render_template, request

from assistant import chat
from assistant.web import current_settings

blueprint = Blueprint("embed", __name__)


@blueprint.get("/upotus")
def page() -> str:
    """The chat in the compact layout; its forms and links keep it (`upotus=1`)."""
    g.embedded = True
    return chat.page()


@blueprint.get("/esittely")
def demonstration() -> str:
    """A page of an imaginary city with the chat on it in both ways, and the lines that put it there."""
    root = current_settings().public_url or request.url_root
    return render_template("embed/demonstration.html", root=root.rstrip("/"))
