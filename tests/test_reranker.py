"""The reranker, with its packaged weights."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assistant import reranker as module
from assistant.assistant import Assistant
from assistant.domain import Status
from assistant.reranker import Reranker, open_reranker
from assistant.settings import Settings

pytestmark = pytest.mark.slow

ASKED = "Kuka on kirjaston johtaja?"
ANSWERS = "Heinolan kirjaston henkilökunta: Heinolan kirjaston johtajana toimii Maija Meikäläinen."
SAME_TOPIC = "Heinolan kirjaston henkilökunta: Heinolan kirjastossa työskentelee kuusitoista ihmistä."
OTHER = "Heinolan satama: Heinolan satamassa on laituripaikkoja sadalle veneelle."


@pytest.fixture(scope="module")
def reranker(settings: Settings) -> Reranker:
    opened = open_reranker(settings)
    assert opened is not None
    return opened


def test_the_sentence_that_answers_stands_above_those_that_do_not(reranker: Reranker) -> None:
    answers, same_topic, other = reranker.logits(ASKED, [ANSWERS, SAME_TOPIC, OTHER])
    assert answers > 0 > max(same_topic, other)  # above and under "none of them"


def test_a_number_does_not_depend_on_what_is_read_beside_it(reranker: Reranker) -> None:
    alone = reranker.logits(ASKED, [ANSWERS])
    beside = reranker.logits(ASKED, [OTHER * 3, ANSWERS, SAME_TOPIC, OTHER, OTHER])
    assert np.allclose(alone[0], beside[1], atol=1e-3)
    assert reranker.logits(ASKED, []).shape == (0,)


def test_a_sentence_longer_than_the_model_reads_is_cut_not_refused(reranker: Reranker) -> None:
    assert np.isfinite(reranker.logits(ASKED, [OTHER * 50])).all()


def test_turned_off_by_the_settings_answers_are_chosen_without_it(settings: Settings, assistant: Assistant) -> None:
    assert open_reranker(replace(settings, reranked=0)) is None
    plain = Assistant(settings, assistant._embedder)
    answer = plain.ask("Mitkä ovat Heinolan kaupungin arvot?").answer
    assert answer.status is Status.ANSWERED and answer.citations


def test_weights_that_cannot_be_read_turn_it_off_and_are_told_in_the_log(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken = tmp_path / "reranker.npz"
    broken.write_bytes(b"not an archive")
    monkeypatch.setattr(module, "WEIGHTS_FILE", broken)
    with caplog.at_level(logging.ERROR):
        assert open_reranker(replace(settings, index=tmp_path)) is None
    assert "without it" in caplog.text


def packed(tmp_path: Path) -> Path:
    """Two choices, packed with the packaged weights."""
    from assistant.e5_weights import read_weights, weights_path
    from training.choices import Choice
    from training.packing import pack

    asked = Choice("corpus", ASKED, [ANSWERS], [SAME_TOPIC, OTHER])
    unanswered = Choice("corpus", ASKED, [], [SAME_TOPIC, OTHER * 50], held=True)
    with np.load(module.WEIGHTS_FILE) as tensors:
        weights = read_weights(weights_path()).retrained(dict(tensors))
    path = tmp_path / "packed.npz"
    np.savez(path, **pack([asked, unanswered], weights))
    return path


def test_training_begins_with_the_numbers_that_the_packaged_reranker_gives(reranker: Reranker, tmp_path: Path) -> None:
    import torch

    from training.reranker import Choices
    from training.reranker import Reranker as Trained

    with np.load(packed(tmp_path)) as file:
        arrays = dict(file)
    model = Trained(arrays).eval()
    texts = Choices.of(arrays, np.array([0, 1]), "cpu")
    asked, said = (
        texts.questions[[0, 0, 0, 1], 0],
        torch.cat([texts.right[0, :1], texts.others[0, :2], texts.others[1, 1:2]]),
    )
    with torch.no_grad():
        numbers = model(asked, said)
    assert np.allclose(numbers, reranker.logits(ASKED, [ANSWERS, SAME_TOPIC, OTHER, OTHER * 50]), atol=0.3)


@pytest.mark.parametrize("options", ["", "--float32"])
def test_what_was_trained_can_be_read_by_the_assistant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: str
) -> None:
    from training import reranker as training

    out = tmp_path / "out"
    asked = f"reranker {packed(tmp_path)} {out} --minutes 0.05 --batch 2 --device cpu {options}"
    monkeypatch.setattr("sys.argv", asked.split())
    training.main()
    assert (out / "checkpoint.pt").is_file()
    monkeypatch.setattr(module, "WEIGHTS_FILE", out / module.WEIGHTS_FILE.name)
    opened = open_reranker(Settings(index=tmp_path))
    assert opened is not None
    answers, other = opened.logits(ASKED, [ANSWERS, OTHER])
    assert answers > other


def test_what_is_left_out_of_a_step_of_training_does_not_turn_its_mean() -> None:
    import torch
    from torch.nn import functional

    from training.reranker import lesson

    torch.manual_seed(3)
    answered = torch.tensor([True, False])
    logits = torch.tensor([[2.0, 0.1, -3.0], [-torch.inf, 1.0, -4.0]], requires_grad=True)
    loss = functional.cross_entropy(torch.cat([logits, torch.zeros(2, 1)], 1), torch.tensor([0, 3]))
    (whole,) = torch.autograd.grad(loss, logits)
    told, slopes, learned = zip(*(lesson(logits.detach(), answered) for _ in range(4_000)), strict=True)
    assert torch.allclose(torch.stack(told), loss.detach().expand(4_000))
    kept = torch.stack(learned)
    assert 0 < kept[:, 0, 2].float().mean() < 0.3 and kept[:, 1, 1].all() and not kept[:, 1, 0].any()
    assert torch.allclose((torch.stack(slopes) * kept).mean(0), whole, atol=2e-3)


def test_the_mean_of_two_stages_gives_the_numbers_between_theirs() -> None:
    from assistant.e5_weights import Int8Matrix
    from training.mean import mean

    drawn = np.random.default_rng(1)
    parts = [drawn.normal(0, 0.1, (8, 4)).astype(np.float32) for _ in range(2)]
    stages = []
    for part in parts:
        matrix = Int8Matrix.of(part)
        stages.append({"l4.q.w": matrix.values, "l4.q.scale": matrix.scales, "head.w": part[:1]})
    found = mean(*stages)
    assert found.keys() == stages[0].keys() and found["l4.q.w"].dtype == np.int8
    assert np.allclose(found["l4.q.w"] * found["l4.q.scale"], sum(parts) / 2, atol=0.004)
    assert np.allclose(found["head.w"], sum(parts)[:1] / 2)
