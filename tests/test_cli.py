"""The command line: what it prints, what it says when something is wrong, and how the server starts and ends."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tiny import make_bert_model, write_document, write_documents

from assistant import server
from assistant.cli import main
from assistant.settings import Settings

COMMANDS = ["ask", "build", "chat", "check", "evaluate", "search", "serve", "sync"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model, so that commands take no time."""
    return make_bert_model(tmp_path_factory.mktemp("models") / "bert")


@pytest.fixture
def small(tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a small corpus, the place of its index, and a tiny model, all set in the environment."""
    write_documents(tmp_path / "corpus")
    values = {"CORPUS": tmp_path / "corpus", "INDEX": tmp_path / "index", "MODEL": model, "DATA": tmp_path / "data.db"}
    for name, value in values.items():
        monkeypatch.setenv(f"ASSISTANT_{name}", str(value))
    return tmp_path


@pytest.fixture
def real(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real corpus and its index."""
    monkeypatch.setenv("ASSISTANT_CORPUS", str(settings.corpus))
    monkeypatch.setenv("ASSISTANT_INDEX", str(settings.index))
    monkeypatch.setenv("ASSISTANT_DATA", str(tmp_path / "data.db"))


def run(*arguments: str, typed: str | None = None) -> Result:
    """A command; an exception that reached the shell fails the test."""
    result = CliRunner().invoke(main, list(arguments), input=typed)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_help_is_english_and_names_every_command() -> None:
    shown = run("--help").stdout
    assert "Answers questions from a city's own documents" in shown
    assert re.findall(r"^  ([a-z]+)  ", shown, re.MULTILINE) == COMMANDS


@pytest.mark.parametrize("command", [[c] for c in COMMANDS] + [["evaluate", "retrieval"], ["evaluate", "answers"]])
def test_every_command_has_help(command: list[str]) -> None:
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert "Usage:" in result.stdout


def test_help_is_quick_because_the_model_is_not_loaded() -> None:
    code = (
        "import sys; from assistant.cli import main; main(['-h'], standalone_mode=False); print('torch' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.endswith("False\n")


def test_build_tells_what_it_did(small: Path) -> None:
    result = run("build")
    assert result.exit_code == 0, result.stderr
    assert "Hakemisto on valmis: 3 asiakirjaa, 4 tekstikohtaa, 11 uutta upotusta, 0 ennallaan." in result.stdout
    assert "Upotetaan: 11/11" in result.stderr
    assert "Hakemisto on jo ajan tasalla: 3 asiakirjaa, 4 tekstikohtaa." in run("build").stdout


def test_an_option_overrides_the_environment(small: Path) -> None:
    result = run("build", "--index", str(small / "other"), "--passage-tokens", "30")
    assert result.exit_code == 0, result.stderr
    assert (small / "other" / "CURRENT").is_file()
    assert not (small / "index").exists()


def test_check_tells_faults_then_the_index(small: Path) -> None:
    missing = run("check")
    assert (missing.exit_code, "on kunnossa: 3 asiakirjaa" in missing.stdout) == (1, True)
    assert "assistant build" in missing.stderr

    run("build")
    fitting = run("check")
    assert fitting.exit_code == 0, fitting.stderr
    assert "on ajan tasalla: 4 tekstikohtaa" in fitting.stdout
    assert "Lähteiden sivut: 0 toimii, 0 ei toimi, 0 on muuttunut, 3 tarkistamatta" in fitting.stdout

    write_document(small / "corpus", "uusi", "kind: muu\ntitle: Uusi", "Uusi teksti.\n")
    changed = run("check")
    assert changed.exit_code == 1
    assert "has changed since" in changed.stderr.splitlines()[-1]

    (small / "corpus" / "latin.md").write_bytes("---\nid: ä\n---\n".encode("latin-1"))
    (small / "corpus" / "none.md").write_text("Tekstiä.\n", encoding="utf-8")
    faulty = run("check")
    assert faulty.exit_code == 1
    assert [line.split(": ")[0].removeprefix(f"{small}/corpus/") for line in faulty.stdout.splitlines()] == [
        "latin.md:2",
        "none.md:1",
    ]
    assert "2 virhettä" in faulty.stderr


def test_check_warns_of_a_page_that_something_older_replaces(small: Path) -> None:
    """A page of January 2024 was shown as replaced by a decision of June 2023."""
    body = "## Osa\n\nHeinolan valtuusto päättää.\n"
    write_document(small / "corpus", "sivu", 'kind: muu\ntitle: Sivu\npublished: "2024-01-03"', body)
    older = 'kind: muu\ntitle: Vanha\npublished: "2023-06-12"\nsupersedes: {}'
    write_document(small / "corpus", "vanha", older.format("[sivu]"), body)
    run("build")
    warned = run("check")
    assert warned.exit_code == 0, "a warning is no fault"
    (line,) = [line for line in warned.stdout.splitlines() if line.startswith("Varoitus: ")]
    assert "vanha.md:" in line
    assert "`supersedes` names 'sivu' of 2024-01-03, later than this document (2023-06-12)." in line

    write_document(small / "corpus", "vanha", older.format('["sivu#Osa"]'), body)
    assert "Varoitus" not in run("check").stdout, "a part that is named was looked at"


def test_a_build_of_a_faulty_corpus_ends_with_1_and_no_traceback(small: Path) -> None:
    run("build")
    before = (small / "index" / "CURRENT").read_text(encoding="utf-8")
    (small / "corpus" / "latin.md").write_bytes("---\nid: ä\n---\n".encode("latin-1"))
    result = run("build")
    assert result.exit_code == 1
    assert "latin.md:2: The file is not UTF-8" in result.stderr
    assert "Traceback" not in result.output
    assert (small / "index" / "CURRENT").read_text(encoding="utf-8") == before


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["ask", "Hei"], "run `assistant build`"),
        (["search", "arvot"], "run `assistant build`"),
        (["chat"], "run `assistant build`"),
        (["build", "--corpus", "/nowhere"], "No documents in /nowhere"),
        (["build", "--index", "/dev/null/index"], "/dev/null"),
        (["evaluate", "retrieval", "/nowhere"], "/nowhere is not a folder"),
        (["evaluate", "answers", "/nowhere.yaml"], "/nowhere.yaml is missing"),
    ],
)
def test_what_is_wrong_is_one_message(small: Path, arguments: list[str], told: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 1
    assert told in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.output


def test_an_unknown_setting_is_told(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_PROT", "1")
    result = run("check")
    assert (result.exit_code, result.stderr) == (1, "Unknown setting ASSISTANT_PROT. Did you mean ASSISTANT_PORT?\n")


def test_an_unexpected_error_is_told_without_a_traceback(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("jako nollalla")

    monkeypatch.setattr("assistant.corpus.read_corpus", fail)
    result = run("check")
    assert result.exit_code == 1
    assert "ZeroDivisionError: jako nollalla" in result.stderr
    assert "Traceback" not in result.output
    assert isinstance(CliRunner().invoke(main, ["--debug", "check"]).exception, ZeroDivisionError)


def test_search_shows_the_scores_of_both_legs(small: Path) -> None:
    run("build")
    result = run("search", "kirjaston osoite", "--limit", "2")
    assert result.exit_code == 0, result.stderr
    assert re.search(
        r"1\. Kirjasto \(kirjasto#1\)\n   yhteensä \d\.\d+, merkitys 0\.\d+, sanat [01]\.\d+\n", result.stdout
    )
    hits = json.loads(run("search", "kirjaston osoite", "--limit", "2", "--json").stdout)
    assert len(hits) == 2
    assert hits[0]["passage"]["id"] == "kirjasto#1"
    assert {"score", "dense", "lexical"} <= hits[0].keys()


@pytest.mark.slow
def test_ask_prints_the_answer_with_its_sources(real: None) -> None:
    result = run("ask", "Mitkä ovat kaupungin arvot?")
    assert result.exit_code == 0, result.stderr
    answer, sources = result.stdout.split("Lähteet\n", 1)
    assert "[1]" in answer
    assert re.search("välittämi", answer, re.IGNORECASE)
    assert re.search(r"\[1\] .+\n    https://\S+\n    ”.+", sources)
    assert "automaattinen palvelu" in result.stdout
    turn = json.loads(run("ask", "--json", "Mitkä ovat kaupungin arvot?").stdout)
    assert (turn["answer"]["status"], turn["question"]) == ("answered", "Mitkä ovat kaupungin arvot?")


@pytest.mark.slow
@pytest.mark.parametrize("question", ["", "   ", "x" * 10_000])
def test_a_question_that_cannot_be_asked_is_told(real: None, question: str) -> None:
    result = run("ask", question)
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)


@pytest.mark.slow
def test_chat_holds_a_conversation(real: None) -> None:
    typed = f"Mikä on digitiekartta?\n{'x' * 3000}\nKiitos!\n\n"
    result = run("chat", typed=typed)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.count("Kysymys: ") == 4
    assert result.stdout.index("automaattinen palvelu") < result.stdout.index("Kysymys: ")
    assert "[1]" in result.stdout
    assert "merkkiä" in result.stderr


def test_a_taken_port_is_told_with_the_option_that_mends_it(small: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run("serve", "--port", str(port))
    assert result.exit_code == 1
    assert f"Portti {port} on jo käytössä" in result.stderr
    assert f"--port {port % 65535 + 1}" in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("host", "port"), [("ei.ole.olemassa.invalid", 8000), ("192.0.2.1", 8000), ("127.0.0.1", 99999)]
)
def test_an_address_that_is_none_is_told(host: str, port: int) -> None:
    with pytest.raises(server.AddressUnavailable, match=str(port)):
        server.listen(host, port)


@pytest.fixture
def running(small: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server in a process of its own, and its address; `--build` makes its index first."""
    command = [sys.executable, "-m", "assistant", "serve", "--port", "0", "--build"]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        # tests started in the background of a shell ignore it, and so would the server
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        for line in process.stdout:
            if found := re.search(r"http://\S+", line):
                yield process, found[0]
                break
        else:
            pytest.fail(process.stderr.read())
        process.kill()


def get(address: str) -> tuple[int, str]:
    """Status and body."""
    try:
        with urllib.request.urlopen(address, timeout=30) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_the_server_answers_and_ends_cleanly(running: tuple[subprocess.Popen[str], str], how: signal.Signals) -> None:
    process, address = running
    assert get(f"{address}healthz")[0] == 200
    status, body = get(f"{address}api/search?q=kirjasto")
    assert (status, json.loads(body)["hits"][0]["document"]) == (200, "kirjasto")
    started = time.monotonic()
    process.send_signal(how)
    told, errors = process.communicate(timeout=20)
    assert (process.returncode, told) == (0, "Palvelu on suljettu.\n")
    assert "Traceback" not in errors
    assert time.monotonic() - started < 15


@pytest.mark.slow
def test_a_server_without_an_index_says_503_until_there_is_one(small: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "assistant", "serve", "--port", str(port)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"}
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        status, body = get(f"http://127.0.0.1:{port}/healthz")
        assert status == 503
        assert "assistant build" in body
        run("build")
        deadline = time.monotonic() + 30
        while (status := get(f"http://127.0.0.1:{port}/healthz")[0]) != 200 and time.monotonic() < deadline:
            time.sleep(0.5)
        assert status == 200
        process.terminate()
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "assistant build" in errors
