"""Settings come from the environment, an option wins, and a slip is told with its mend."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from assistant.errors import SettingsError
from assistant.settings import Settings, load_settings


def test_the_environment_sets_values_of_every_kind() -> None:
    given = {
        "ASSISTANT_PORT": "8123",
        "ASSISTANT_THRESHOLD": "0.7",
        "ASSISTANT_INDEX": "/tmp/x",
        "ASSISTANT_CITY": "Lahti",
    }
    made = load_settings(given | {"HOME": "/root", "PORT": "1"})
    assert (made.port, made.threshold, made.index, made.city) == (8123, 0.7, Path("/tmp/x"), "Lahti")


def test_an_option_wins_over_the_environment_and_none_is_no_option() -> None:
    made = load_settings({"ASSISTANT_PORT": "8123", "ASSISTANT_HOST": "::1"}, port=8200, host=None)
    assert (made.port, made.host) == (8200, "::1")


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("ASSISTANT_PROT", "1", "Unknown setting ASSISTANT_PROT. Did you mean ASSISTANT_PORT?"),
        ("ASSISTANT_QQQQQQQQ", "1", "Unknown setting ASSISTANT_QQQQQQQQ."),
        ("ASSISTANT_PORT", "http", "ASSISTANT_PORT is 'http', but it has to be a whole number."),
        ("ASSISTANT_THRESHOLD", "half", "ASSISTANT_THRESHOLD is 'half', but it has to be a number."),
    ],
)
def test_a_slip_is_told_with_its_mend(name: str, value: str, told: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({name: value})
    assert str(caught.value) == told


def test_every_setting_has_a_help_text() -> None:
    assert [f.name for f in fields(Settings) if not f.metadata.get("help")] == []


def test_the_corpus_is_the_working_folders_own_where_it_has_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packaged = tmp_path / "packaged"
    packaged.mkdir()
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr("assistant.settings.PACKAGED_CORPUS", packaged)
    assert load_settings({}).corpus == packaged
    (tmp_path / "here" / "corpus").mkdir()
    assert load_settings({}).corpus == Path("corpus")
