"""Conversations come back exactly, hold no personal data, expire, and survive threads, processes and bad disks."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlite_utils

from assistant.conversations import COMMENT_LIMIT, Conversations, migrations
from assistant.domain import Answer, Citation, Nearest, Status, Turn, Validity
from assistant.errors import AssistantError, ConversationExpired, ConversationUnknown, StorageError
from assistant.privacy import EMAIL, IDENTITY, PHONE

CITATION = Citation(
    1,
    "arvot-2022",
    "Arvot",
    "https://example.fi/arvot",
    "2022-05-16",
    Validity.IN_FORCE,
    "Arvot ovat ”rohkeus” ja 131052-308T.",  # a quote stays as it is, whatever it holds
    "arvot-2022#1",
    True,
    "https://example.fi/arvot",
    "Heinolan kaupunki",
    span="rohkeus",
    superseded_by=("arvot-2030",),
    superseded_since="2030-01",
)
NEAREST = Nearest(
    "talous", "Talous", "https://example.fi/t", None, Validity.DATED, "talous#2", "Velka", "Velkaa on 1 €."
)
ANSWERED = Answer(
    Status.ANSWERED, "Arvot ovat rohkeus. [1]", (CITATION,), suggestions=("Entä ennen?",), language="sv", confidence=0.1
)
NOT_FOUND = Answer(Status.NOT_FOUND, "En löytänyt.", nearest=(NEAREST,), missing=("siltojen määrä",))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "conversations.db"


@pytest.fixture
def conversations(path: Path) -> Conversations:
    return Conversations(path, retention_days=30)


def turn(conversation: str, id: str = "t1", answer: Answer = ANSWERED, **changes: str) -> Turn:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return replace(Turn(id, conversation, "Mitkä ovat arvot?", "mitkä ovat arvot", answer, now, "uusi"), **changes)


def everything(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in path.parent.iterdir())


def test_turns_come_back_exactly_and_in_order(conversations: Conversations, path: Path) -> None:
    id = conversations.start()
    told = [turn(id, "b"), turn(id, "a", NOT_FOUND, notice=None)]
    assert [conversations.add(one) for one in told] == told
    assert Conversations(path, 30).turns(id) == told
    assert conversations.turn("a") == told[1]


def test_ids_cannot_be_guessed_and_a_begun_conversation_is_empty(conversations: Conversations) -> None:
    ids = {conversations.start() for _ in range(20)}
    assert len(ids) == 20
    assert min(map(len, ids)) >= 32
    assert conversations.turns(ids.pop()) == []


def test_an_id_never_given_is_unknown(conversations: Conversations) -> None:
    for use in (conversations.turns, conversations.forget, conversations.turn):
        with pytest.raises(ConversationUnknown) as raised:
            use("never")
        assert not isinstance(raised.value, ConversationExpired)


def test_personal_data_is_never_written(conversations: Conversations, path: Path) -> None:
    id = conversations.start()
    missing = replace(NOT_FOUND, missing=("0401234567",), suggestions=("Kuka on a@example.com?",))
    stored = conversations.add(
        turn(
            id,
            question="Olen 010101-123N, hetu 131052-308U ja 131052A308T",
            understood="soita 0401234567",
            answer=missing,
        )
    )
    conversations.feedback("t1", False, "0401234567", "Vastaa: a@example.com")
    assert stored == conversations.turn("t1")
    assert stored.question == f"Olen {IDENTITY}, hetu 131052-308U ja {IDENTITY}"
    assert stored.understood == f"soita {PHONE}"
    assert (stored.answer.missing, stored.answer.suggestions) == ((PHONE,), (f"Kuka on {EMAIL}?",))
    said = conversations.feedback_list()[0]
    assert (said.reason, said.comment) == (PHONE, f"Vastaa: {EMAIL}")
    for secret in (b"0401234567", b"131052A308T", b"a@example.com"):
        assert secret not in everything(path)


def test_a_forgotten_conversation_leaves_only_its_id(conversations: Conversations, path: Path) -> None:
    id, other = conversations.start(), conversations.start()
    conversations.add(turn(id, question="Ainutlaatuinen salaisuus"))
    conversations.add(turn(other, "t2"))
    conversations.feedback("t1", True, comment="Toinenkin salaisuus")
    conversations.forget(id)
    assert b"salaisuus" not in everything(path)
    assert conversations.feedback_list() == []
    for use in (conversations.turns, conversations.forget):
        with pytest.raises(ConversationExpired):
            use(id)
    with pytest.raises(ConversationExpired):
        conversations.add(turn(id, "t3"))
    with pytest.raises(ConversationUnknown):
        conversations.turn("t1")
    assert len(conversations.turns(other)) == 1
    assert conversations.by_week()[0].asked == 2, "counts hold nothing of anybody and stay"


def test_conversations_expire_when_their_first_turn_is_too_old(conversations: Conversations, path: Path) -> None:
    old, young, empty = (conversations.start() for _ in range(3))
    long_ago = (datetime.now(UTC) - timedelta(days=31)).isoformat()
    conversations.add(turn(old, "t1", asked_at=long_ago, question="Vanha salaisuus"))
    conversations.add(turn(young, "t2"))
    with pytest.raises(ConversationExpired):  # also before anything has swept
        conversations.turns(old)
    with pytest.raises(ConversationExpired):
        conversations.feedback("t1", True)
    assert conversations.expire() == 1
    assert conversations.expire() == 0
    assert b"salaisuus" not in everything(path)
    assert len(conversations.turns(young)) == 1
    assert conversations.turns(empty) == []
    assert conversations.expire(datetime.now(UTC) + timedelta(days=30, minutes=1)) == 2
    with pytest.raises(ConversationExpired):
        conversations.turns(young)


def test_starting_sweeps_what_is_old(path: Path) -> None:
    before = Conversations(path, 30)
    before.add(turn(before.start(), asked_at="2020-01-01T00:00:00+00:00", question="Vanha salaisuus"))
    Conversations(path, 30).start()
    assert b"salaisuus" not in everything(path)


def test_a_tombstone_does_not_stand_for_ever(conversations: Conversations) -> None:
    id = conversations.start()
    conversations.forget(id)
    conversations.expire(datetime.now(UTC) + timedelta(days=366))
    with pytest.raises(ConversationUnknown) as raised:
        conversations.turns(id)
    assert not isinstance(raised.value, ConversationExpired)


def test_feedback_replaces_what_was_said_before_and_is_limited(conversations: Conversations) -> None:
    conversations.add(turn(conversations.start()))
    conversations.feedback("t1", True)
    conversations.feedback("t1", False, "wrong", "x" * 5000)
    said = conversations.feedback_list()
    assert [(one.helped, one.reason, len(one.comment)) for one in said] == [(False, "wrong", COMMENT_LIMIT)]
    assert said[0].turn.question == "Mitkä ovat arvot?"
    with pytest.raises(ConversationUnknown):
        conversations.feedback("never", True)


def test_readers_for_editors(conversations: Conversations) -> None:
    id = conversations.start()
    now = datetime.now(UTC)
    for number, (status, days) in enumerate(
        [("not_found", 8), ("answered", 0), ("answered_partly", 0), ("smalltalk", 0)]
    ):
        answer = replace(ANSWERED, status=Status(status))
        asked_at = (now - timedelta(days=days, seconds=-number)).isoformat(timespec="seconds")
        conversations.add(turn(id, f"t{number}", answer, asked_at=asked_at))
    assert [one.id for one in conversations.unanswered()] == ["t2", "t0"]
    assert [dict(week.statuses) for week in conversations.by_week()] == [
        {Status.NOT_FOUND: 1},
        {Status.ANSWERED: 1, Status.ANSWERED_PARTLY: 1, Status.SMALLTALK: 1},
    ]
    last = conversations.by_week()[-1]
    assert (last.asked, dict(last.documents)) == (3, {"arvot-2022": 3})
    assert datetime.fromisoformat(last.monday).weekday() == 0


def test_the_oldest_schema_is_brought_up_to_date_with_its_data(conversations: Conversations, path: Path) -> None:
    path.parent.mkdir()
    old = sqlite_utils.Database(path)
    migrations.apply(old, stop_before="m002_weekly_counts")
    old["conversations"].insert({"id": "c", "since": datetime.now(UTC).isoformat(timespec="seconds")})
    told = turn("c", asked_at=f"{datetime.now(UTC).date()}T00:00:00+00:00")
    reference = Conversations(path.with_name("reference.db"), 30)
    reference.add(replace(told, conversation=reference.start()))
    row = next(iter(sqlite_utils.Database(reference.path)["turns"].rows))
    old["turns"].insert(row | {"conversation": "c"})
    old.close()
    assert conversations.turns("c") == [told]
    assert conversations.by_week() == reference.by_week()
    assert sqlite_utils.Database(path).journal_mode == "wal"


def test_the_file_is_for_its_owner_only(conversations: Conversations, path: Path) -> None:
    conversations.start()
    assert {file.stat().st_mode & 0o777 for file in path.parent.iterdir()} == {0o600}


def test_many_threads(conversations: Conversations) -> None:
    def talk(number: int) -> int:
        id = conversations.start()
        for part in range(4):
            conversations.add(turn(id, f"{number}-{part}"))
        conversations.feedback(f"{number}-0", True)
        return len(conversations.turns(id))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(talk, range(16))) == [4] * 16
    assert conversations.by_week()[0].asked == 64


def test_many_processes_open_a_new_file_at_once(path: Path) -> None:
    program = """
import sys
from pathlib import Path
from assistant.conversations import Conversations
from assistant.domain import Answer, Status, Turn
own = Conversations(Path(sys.argv[1]), 30)
for part in range(10):
    id = own.start()
    own.add(Turn(sys.argv[2] + str(part), id, "k", "k", Answer(Status.NOT_FOUND, "e"), "2999-01-01T00:00:00+00:00"))
"""
    here = Path(__file__).parent.parent
    running = [
        subprocess.Popen([sys.executable, "-c", program, str(path), name], cwd=here, stderr=subprocess.PIPE)
        for name in "abc"
    ]
    assert [(process.communicate()[1], process.returncode) for process in running] == [(b"", 0)] * 3
    assert len(Conversations(path, 30).unanswered()) == 30


def test_a_folder_that_cannot_be_made_stops_no_conversation(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    conversations = Conversations(tmp_path / "file" / "conversations.db", 30)
    id = conversations.start()
    with pytest.raises(StorageError, match=r"file/conversations\.db.*disk") as raised:
        conversations.add(turn(id))
    assert isinstance(raised.value, AssistantError)


def test_a_full_disk_is_told_and_loses_nothing(conversations: Conversations, path: Path) -> None:
    id = conversations.start()
    conversations.add(turn(id))
    with conversations._reading() as db:  # SQLite's own way to run out of space
        db.execute(f"PRAGMA max_page_count = {db.execute('PRAGMA page_count').fetchone()[0]}")
    with pytest.raises(StorageError, match="full"):
        conversations.add(turn(id, "t2", question="x" * 100_000))
    assert conversations.turns(id)[0].id == "t1"
    assert conversations.start()
    with conversations._reading() as db:
        db.execute("PRAGMA max_page_count = 100000")
    late = conversations.start()
    conversations.add(turn(late, "late"))
    assert len(conversations.turns(late)) == 1


def test_a_first_turn_is_stored_when_the_disk_recovered_after_the_start(tmp_path: Path) -> None:
    blocking = tmp_path / "data"
    blocking.write_text("in the way")
    conversations = Conversations(blocking / "conversations.db", 30)
    id = conversations.start()
    blocking.unlink()
    conversations.add(turn(id))
    assert len(conversations.turns(id)) == 1


def test_a_file_that_is_no_database_is_told(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"not a database, but long enough to be taken for one" * 100)
    with pytest.raises(StorageError, match="not a database"):
        Conversations(path, 30).turns("any")


def test_a_lock_held_by_another_is_waited_for(conversations: Conversations, path: Path) -> None:
    id = conversations.start()
    other = sqlite3.connect(path, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    with ThreadPoolExecutor(1) as pool:
        adding = pool.submit(conversations.add, turn(id))
        with pytest.raises(TimeoutError):
            adding.result(0.2)
        other.rollback()
        other.close()
        assert adding.result(5).id == "t1"
