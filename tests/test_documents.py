"""What the written documents promise: every setting, the program's own help, the version, and a word on each module."""

from __future__ import annotations

import ast
import re
import tomllib
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from assistant.cli import main
from assistant.settings import PREFIX, Settings

ROOT = Path(__file__).parent.parent
MODULES = [file for file in sorted((ROOT / "assistant").glob("*.py")) if file.stat().st_size]
WRITTEN = [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "corpus/README.md")] + sorted(
    (ROOT / "docs").glob("*.md")
)


def written(name: str) -> str:
    """A document of the repository."""
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("setting", fields(Settings), ids=lambda field: field.name)
def test_readme_names_every_setting(setting: Field[Any]) -> None:
    name = f"| `{PREFIX}{setting.name.upper()}` |"
    (row,) = [line for line in written("README.md").splitlines() if line.startswith(name)]
    assert row.endswith(f"| {setting.metadata['help']} |")
    if setting.default is not MISSING:
        assert row.startswith(f"{name} {f'`{setting.default}`' if setting.default != '' else 'empty'} |")


def test_readme_names_no_setting_that_is_none() -> None:
    known = {f"{PREFIX}{setting.name.upper()}" for setting in fields(Settings)}
    assert set(re.findall(rf"\b{PREFIX}[A-Z_]+", written("README.md"))) == known


def test_readme_shows_the_programs_own_help() -> None:
    printed = CliRunner().invoke(main, ["--help"], prog_name="assistant", terminal_width=80).output
    assert f"```text\n{printed.rstrip()}\n```" in written("README.md")


def test_readme_defines_the_words() -> None:
    words = ["Document", "Passage", "Sentence", "Question", "Hit", "Citation", "Answer", "Turn", "Term"]
    assert re.findall(r"^- \*\*(\w+)\*\*: ", written("README.md"), re.MULTILINE) == words


@pytest.mark.parametrize("module", MODULES, ids=lambda file: file.stem)
def test_every_module_says_what_it_is_for(module: Path) -> None:
    assert ast.get_docstring(ast.parse(module.read_text(encoding="utf-8")))


def test_the_modules_that_readme_names_exist() -> None:
    flow = written("README.md").split("## The way of a question")[1].split("\n## ")[0]
    named = {name for name in re.findall(r"`(\w+)`", flow) if name != "index"}
    assert named <= {file.stem for file in MODULES}


def test_changelog_begins_with_the_version() -> None:
    version = tomllib.loads(written("pyproject.toml"))["project"]["version"]
    assert re.findall(r"^## (\S+)", written("CHANGELOG.md"), re.MULTILINE)[0] == version


@pytest.mark.parametrize("document", WRITTEN, ids=lambda file: str(file.relative_to(ROOT)))
def test_links_and_pictures_of_a_document_exist(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    linked = re.findall(r"\]\(([^)#]+)\)", text) + re.findall(r'<img src="([^"]+)"', text)
    missing = [link for link in linked if "://" not in link and not (document.parent / link).exists()]
    assert not missing


def test_licences_name_every_package_that_the_program_needs() -> None:
    needed = tomllib.loads(written("pyproject.toml"))["project"]["dependencies"]
    names = [re.split(r"[><=~! \[]", line)[0] for line in needed]
    licences = written("docs/licences.md")
    assert [name for name in names if name not in licences] == []


def test_pictures_are_small() -> None:
    pictures = sorted((ROOT / "docs" / "pictures").glob("*.png"))
    assert pictures
    assert [file.name for file in pictures if file.stat().st_size > 200_000] == []
