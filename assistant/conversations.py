"""What people wrote: conversations, feedback, and how much was asked, in one SQLite file.

Apart from the index, for it cannot be rebuilt. Personal data is masked before anything is written, a conversation goes
as a whole when it is old or its owner says so, and of a conversation that has gone only the id and the time are kept.
The file is opened when it is first needed: a disk that cannot be written is told by StorageError and stops no answer.
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlite_utils
from pydantic import TypeAdapter
from sqlite_utils import Migrations

from assistant.domain import Answer, Status, Turn
from assistant.errors import ConversationExpired, ConversationUnknown, StorageError
from assistant.privacy import masked

ID_BYTES = 24
"""Of randomness in a conversation's id: whoever has the id may read and erase the conversation."""

REASON_LIMIT = 100
COMMENT_LIMIT = 1000
"""Longest reason and comment of a feedback that are kept, in characters."""

TOPICS = ("saavutettavuus", "tieto", "muu")
"""What a message of the feedback form may be about."""

MESSAGE_LIMIT = 2000
"""Longest message, in characters."""

MESSAGE_DAYS = 30
"""How long a message is kept, whatever the retention of conversations: feedback on accessibility has to be answered in
14 days by law.
"""

UNANSWERED = (Status.NOT_FOUND, Status.ANSWERED_PARTLY)

WAIT_SECONDS = 5.0
"""How long a write waits for another thread's or process's."""

SWEEP_SECONDS = 3600.0
"""How often new conversations make room by deleting the old."""

GONE_DAYS = 365
"""How long it is remembered that a conversation has gone; after that its id is as good as never given."""

migrations = Migrations("conversations")
_answers: TypeAdapter[Answer] = TypeAdapter(Answer)


@dataclass(frozen=True)
class Feedback:
    """What somebody thought of an answer."""

    turn: Turn
    helped: bool
    reason: str
    comment: str
    given_at: str
    """UTC, ISO 8601."""


@dataclass(frozen=True)
class Message:
    """What somebody wrote to the editors with the feedback form."""

    topic: str
    text: str
    reply: str
    """E-mail address that was given for an answer, or empty; kept as it is, for it was given for that."""
    sent_at: str
    """UTC, ISO 8601."""


@dataclass(frozen=True)
class Week:
    """How much was asked in a week; the numbers outlive the conversations."""

    monday: str
    statuses: Mapping[Status, int]
    """Questions by outcome."""
    documents: Mapping[str, int]
    """Answers that cited a document, by its id, most first."""

    @property
    def asked(self) -> int:
        """All questions of the week."""
        return sum(self.statuses.values())


@migrations()
def m001_conversations(db: sqlite_utils.Database) -> None:
    """Conversations with their turns and feedback."""
    db.execute(
        """
        CREATE TABLE conversations (
            id TEXT PRIMARY KEY,
            since TEXT NOT NULL,  -- when it began or, once it has gone, when it went
            gone INTEGER NOT NULL DEFAULT 0
        ) STRICT
        """
    )
    db.execute(
        """
        CREATE TABLE turns (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
            asked_at TEXT NOT NULL,
            question TEXT NOT NULL,
            understood TEXT NOT NULL,
            status TEXT NOT NULL,
            answer TEXT NOT NULL,  -- the whole Answer as JSON
            notice TEXT
        ) STRICT
        """
    )
    db.execute("CREATE INDEX turns_of_conversation ON turns (conversation)")
    db.execute("CREATE INDEX turns_by_status ON turns (status)")
    db.execute(
        """
        CREATE TABLE feedback (
            turn TEXT PRIMARY KEY REFERENCES turns (id) ON DELETE CASCADE,
            helped INTEGER NOT NULL,
            reason TEXT NOT NULL,
            comment TEXT NOT NULL,
            given_at TEXT NOT NULL
        ) STRICT
        """
    )


@migrations()
def m002_weekly_counts(db: sqlite_utils.Database) -> None:
    """Counts by week, which stay when a conversation goes."""
    db.execute(
        """
        CREATE TABLE counts (
            monday TEXT NOT NULL,
            what TEXT NOT NULL CHECK (what IN ('status', 'document')),
            name TEXT NOT NULL,
            asked INTEGER NOT NULL,
            PRIMARY KEY (monday, what, name)
        ) STRICT
        """
    )
    monday = "date(asked_at, 'weekday 0', '-6 days')"
    db.execute(f"INSERT INTO counts SELECT {monday}, 'status', status, count(*) FROM turns GROUP BY 1, 3")
    db.execute(
        f"""
        INSERT INTO counts
        SELECT {monday}, 'document', json_extract(citation.value, '$.document') AS cited, count(DISTINCT turns.id)
        FROM turns, json_each(answer, '$.citations') AS citation GROUP BY 1, cited
        """
    )


@migrations()
def m003_messages(db: sqlite_utils.Database) -> None:
    """Messages of the feedback form, which belong to no conversation."""
    db.execute(
        """
        CREATE TABLE messages (
            number INTEGER PRIMARY KEY,
            topic TEXT NOT NULL,
            text TEXT NOT NULL,
            reply TEXT NOT NULL,
            sent_at TEXT NOT NULL
        ) STRICT
        """
    )


class Conversations:
    """The conversations of one SQLite file; safe from several threads and processes."""

    def __init__(self, path: Path, retention_days: int) -> None:
        self.path = path
        self.retention = timedelta(days=retention_days)
        self._local = threading.local()
        self._swept = float("-inf")

    def start(self) -> str:
        """A new conversation's id. Never fails: where it cannot be stored, adding the first turn tells so."""
        id = secrets.token_urlsafe(ID_BYTES)
        try:
            if time.monotonic() - self._swept > SWEEP_SECONDS:
                self._swept = time.monotonic()
                self.expire()
            with self._writing() as db:
                db.table("conversations").insert({"id": id, "since": _utc(datetime.now(UTC))})
        except StorageError:
            pass
        return id

    def turns(self, id: str) -> list[Turn]:
        """A conversation's turns, in order. Raises ConversationExpired or ConversationUnknown, and StorageError."""
        with self._reading() as db:
            self._require(db, id)
            return [_turn(row) for row in db.table("turns").rows_where("conversation = ?", [id], order_by="number")]

    def add(self, turn: Turn) -> Turn:
        """Stores a turn with personal data masked and returns it as stored.

        Raises ConversationExpired when the conversation has gone meanwhile, StorageError when nothing can be written.
        """
        answer = replace(
            turn.answer,
            missing=tuple(map(masked, turn.answer.missing)),
            suggestions=tuple(map(masked, turn.answer.suggestions)),
        )
        turn = replace(turn, question=masked(turn.question), understood=masked(turn.understood), answer=answer)
        with self._writing() as db:
            self._require(db, turn.conversation, or_new=True)
            db.execute(
                "INSERT INTO conversations (id, since) VALUES (?, ?)"
                " ON CONFLICT (id) DO UPDATE SET since = min(since, excluded.since)",
                [turn.conversation, _utc(turn.asked_at)],
            )
            db.table("turns").insert(_row(turn))
            _count(db, turn)
        return turn

    def turn(self, id: str) -> Turn:
        """One turn. Raises ConversationUnknown when there is none with the id, or its conversation has gone."""
        with self._reading() as db:
            for row in db.table("turns").rows_where("id = ?", [id]):
                self._require(db, row["conversation"])
                return _turn(row)
        raise ConversationUnknown(f"There is no turn {id!r}.")

    def forget(self, id: str) -> None:
        """Erases a conversation at once. Raises ConversationUnknown, ConversationExpired if it has gone before."""
        with self._writing() as db:
            self._require(db, id)
            self._erase(db, [id], datetime.now(UTC))
        self._empty_log()

    def expire(self, now: datetime | None = None) -> int:
        """Erases the conversations that began longer ago than the retention allows; returns how many."""
        now = now or datetime.now(UTC)
        with self._writing() as db:
            due = list(
                db.table("conversations").rows_where(
                    "NOT gone AND since <= ?", [_utc(now - self.retention)], select="id"
                )
            )
            self._erase(db, [row["id"] for row in due], now)
            db.table("conversations").delete_where("gone AND since <= ?", [_utc(now - timedelta(days=GONE_DAYS))])
            old = [_utc(now - timedelta(days=MESSAGE_DAYS))]
            messages = db.table("messages").count_where("sent_at <= ?", old)
            db.table("messages").delete_where("sent_at <= ?", old)
        if due or messages:
            self._empty_log()
        return len(due)

    def feedback(self, turn_id: str, helped: bool, reason: str = "", comment: str = "") -> None:
        """Stores what somebody thought of an answer, in place of what they said before, with personal data masked.

        Raises ConversationUnknown when the turn has gone.
        """
        with self._writing() as db:
            for row in db.table("turns").rows_where("id = ?", [turn_id], select="conversation"):
                self._require(db, row["conversation"])
                break
            else:
                raise ConversationUnknown(f"There is no turn {turn_id!r}.")
            said = {"reason": masked(reason)[:REASON_LIMIT], "comment": masked(comment)[:COMMENT_LIMIT]}
            given = {"turn": turn_id, "helped": helped, "given_at": _utc(datetime.now(UTC))}
            db.table("feedback").insert(given | said, pk="turn", replace=True)

    def send(self, topic: str, text: str, reply: str = "") -> None:
        """Stores a message to the editors with personal data masked; the address for an answer stays as it is."""
        written = {"topic": topic, "text": masked(text)[:MESSAGE_LIMIT], "reply": reply}
        with self._writing() as db:
            db.table("messages").insert(written | {"sent_at": _utc(datetime.now(UTC))})

    def messages(self) -> list[Message]:
        """The messages to the editors, newest first."""
        self.expire()
        with self._reading() as db:
            rows = db.table("messages").rows_where(order_by="sent_at DESC, number DESC")
            return [Message(row["topic"], row["text"], row["reply"], row["sent_at"]) for row in rows]

    def unanswered(self) -> list[Turn]:
        """The turns that were answered in part or not at all, newest first."""
        self.expire()
        with self._reading() as db:
            marks = ",".join("?" * len(UNANSWERED))
            rows = db.table("turns").rows_where(
                f"status IN ({marks})", UNANSWERED, order_by="asked_at DESC, number DESC"
            )
            return [_turn(row) for row in rows]

    def feedback_list(self) -> list[Feedback]:
        """All feedback with its turns, newest first."""
        self.expire()
        query = """
            SELECT turns.*, helped, reason, comment, given_at FROM feedback JOIN turns ON turns.id = feedback.turn
            ORDER BY given_at DESC, number DESC
        """
        with self._reading() as db:
            return [
                Feedback(_turn(row), bool(row["helped"]), row["reason"], row["comment"], row["given_at"])
                for row in db.query(query)
            ]

    def by_week(self) -> list[Week]:
        """How much was asked each week, oldest first; weeks when nothing was asked are left out."""
        with self._reading() as db:
            rows = list(db.table("counts").rows_where(order_by="monday, asked DESC, name"))
        return [
            Week(
                monday,
                {Status(name): asked for name, asked in _counted(rows, monday, "status")},
                dict(_counted(rows, monday, "document")),
            )
            for monday in sorted({row["monday"] for row in rows})
        ]

    @contextmanager
    def _reading(self) -> Iterator[sqlite_utils.Database]:
        """This thread's database. Faults of the disk are told as StorageError."""
        try:
            if not hasattr(self._local, "database"):
                self._local.database = self._open()
            yield self._local.database
        except (sqlite3.Error, OSError) as error:
            raise StorageError(
                f"The conversations in {self.path} cannot be read or written ({error}): see that the folder exists, "
                "that the service may write there and that the disk is not full."
            ) from error

    @contextmanager
    def _writing(self) -> Iterator[sqlite_utils.Database]:
        """A transaction that is alone in writing from its beginning: what it reads stays true until it ends."""
        with self._reading() as db, db.conn:
            db.conn.execute("BEGIN IMMEDIATE")
            yield db

    def _open(self) -> sqlite_utils.Database:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.touch(mode=0o600)  # others on the machine have no business here
        db = sqlite_utils.Database(sqlite3.connect(self.path, timeout=WAIT_SECONDS))
        db.enable_wal()
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA secure_delete = ON")  # what is erased leaves no trace in the file's free pages
        if migrations.pending(db):
            with db.conn:
                db.conn.execute("BEGIN IMMEDIATE")  # another process may be at it
                migrations.apply(db)
        return db

    def _empty_log(self) -> None:
        """Empties the write-ahead log, which still holds what was erased; when others read, SQLite does it later."""
        with self._reading() as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _require(self, db: sqlite_utils.Database, id: str, or_new: bool = False) -> None:
        """Raises ConversationExpired or ConversationUnknown unless the conversation is there."""
        for row in db.table("conversations").rows_where("id = ?", [id]):
            if row["gone"] or row["since"] <= _utc(datetime.now(UTC) - self.retention):
                raise ConversationExpired(f"The conversation {id!r} has expired or was erased.")
            return
        if not or_new:
            raise ConversationUnknown(f"There is no conversation {id!r}.")

    @staticmethod
    def _erase(db: sqlite_utils.Database, ids: list[str], now: datetime) -> None:
        for id in ids:
            db.table("turns").delete_where("conversation = ?", [id])
            db.table("conversations").update(id, {"since": _utc(now), "gone": 1})


def _utc(time: datetime | str) -> str:
    """A time in the one form in which the tables compare them as text."""
    moment = datetime.fromisoformat(time) if isinstance(time, str) else time
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _row(turn: Turn) -> dict[str, Any]:
    return {
        "id": turn.id,
        "conversation": turn.conversation,
        "asked_at": turn.asked_at,
        "question": turn.question,
        "understood": turn.understood,
        "status": turn.answer.status,
        "answer": _answers.dump_json(turn.answer).decode(),
        "notice": turn.notice,
    }


def _turn(row: Mapping[str, Any]) -> Turn:
    names = ("id", "conversation", "question", "understood", "asked_at", "notice")
    return Turn(**{name: row[name] for name in names}, answer=_answers.validate_json(row["answer"]))


def _count(db: sqlite_utils.Database, turn: Turn) -> None:
    """Counts a turn by its outcome and by each document that it cites."""
    day = datetime.fromisoformat(turn.asked_at).astimezone(UTC).date()
    monday = (day - timedelta(days=day.weekday())).isoformat()
    documents = dict.fromkeys(citation.document for citation in turn.answer.citations)
    for what, name in [("status", turn.answer.status.value), *(("document", id) for id in documents)]:
        db.execute(
            "INSERT INTO counts (monday, what, name, asked) VALUES (?, ?, ?, 1)"
            " ON CONFLICT (monday, what, name) DO UPDATE SET asked = asked + 1",
            [monday, what, name],
        )


def _counted(rows: list[dict[str, Any]], monday: str, what: str) -> list[tuple[str, int]]:
    return [(row["name"], row["asked"]) for row in rows if row["monday"] == monday and row["what"] == what]
