"""Serving the web app with waitress: one process, models loaded once, a clean end on Ctrl-C or SIGTERM."""

from __future__ import annotations

import errno
import logging
import signal
import socket
from types import FrameType
from typing import TYPE_CHECKING

from assistant.errors import AssistantError

if TYPE_CHECKING:
    from flask import Flask

THREADS = 8
"""Requests answered at once; a question takes tens of milliseconds, so more threads only take turns."""

BODY_LIMIT = 16 * 1024 * 1024
"""Bytes of a request that are read at all; the app refuses much smaller ones and says so in its own words."""

CONNECTIONS = 500


class AddressUnavailable(AssistantError):
    """The server cannot listen on the address and port that the settings name."""


def listen(host: str, port: int) -> socket.socket:
    """Takes the port before anything slow is done. Raises AddressUnavailable."""
    if not 0 <= port <= 65535:  # the system would take the remainder instead
        raise AddressUnavailable(f"Porttia {port} ei ole: anna luku väliltä 0–65535 (0: mikä tahansa vapaa).")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        taken = socket.socket(family, kind, protocol)
    except OSError as error:
        raise AddressUnavailable(f"Osoitetta {host} ja porttia {port} ei voi käyttää: {error}.") from error
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(address)
        taken.listen(CONNECTIONS)
    except OSError as error:
        taken.close()
        if error.errno == errno.EADDRINUSE:
            reason = f"Portti {port} on jo käytössä osoitteessa {host}."
        elif error.errno == errno.EACCES:
            reason = f"Portin {port} käyttöön ei ole oikeutta."
        else:
            reason = f"Osoitetta {host} ja porttia {port} ei voi käyttää: {error.strerror}."
        other = port % 65535 + 1
        raise AddressUnavailable(f"{reason} Anna toinen portti: `assistant serve --port {other}`.") from error
    return taken


def end_on_sigterm() -> None:
    """Lets SIGTERM, as service managers send it, end the program the way Ctrl-C does."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)


def serve(app: Flask, listening: socket.socket, threads: int = THREADS) -> None:
    """Answers requests until it is interrupted; requests under way are finished first."""
    import waitress

    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it warns of each request that waits a moment
    server = waitress.create_server(
        app,
        sockets=[listening],
        threads=threads,
        connection_limit=CONNECTIONS,
        max_request_body_size=BODY_LIMIT,
        asyncore_use_poll=True,
        ident=None,
        clear_untrusted_proxy_headers=False,  # the app believes none but what the settings say
    )
    try:
        server.run()
    finally:
        server.close()
