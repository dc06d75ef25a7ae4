"""A tiny world that can be read: three Finnish documents, an embedder of words, and tiny real models."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from assistant.finnish import words

DOCUMENTS = {
    "strategia-2030": (
        'kind: strategia\ntitle: "Kaupungin strategia 2030"\npublished: "2022"\nevent_date: "2022-05-16"\n'
        "supersedes: [strategia-2018]",
        "## Arvot\n\nKaupungin arvot ovat välittäminen, uudistuminen ja tuloksellisuus. "
        "Arvot hyväksyttiin 16.5.2022.\n\n"
        "## Kärkiteemat\n\nStrategian kärkiteemat ovat:\n\n- hyvinvoinnin kasvu\n- talouden tasapaino\n",
    ),
    "strategia-2018": (
        'kind: strategia\ntitle: "Kaupungin strategia 2018"\npublished: 2018-06-11',
        "Kaupungin arvot olivat rohkeus ja avoimuus. Strategia päivitettiin vuonna 2020.\n",
    ),
    "kirjasto": (
        'kind: palvelu\ntitle: "Kirjasto"',
        "## Aukiolo\n\nKirjasto on avoinna arkisin klo 10–18. Kirjaston osoite on Torikatu 1.\n",
    ),
}


def write_document(corpus: Path, id: str, front: str, body: str) -> Path:
    """Writes one file of a corpus; `front` holds what is not the same in every file."""
    corpus.mkdir(parents=True, exist_ok=True)
    file = corpus / f"{id}.md"
    text = f"---\nid: {id}\nurl: https://example.fi/{id}\npublisher: Kaupunki\n{front}\n---\n\n{body}"
    file.write_text(text, encoding="utf-8")
    return file


def write_documents(corpus: Path) -> Path:
    """Writes the three documents and returns the folder."""
    for id, (front, body) in DOCUMENTS.items():
        write_document(corpus, id, front, body)
    return corpus


class WordEmbedder:
    """Counts words in buckets, and remembers every passage that it was asked to embed."""

    def __init__(self, name: str = "words", dimension: int = 64) -> None:
        self.name = name
        self.dimension = dimension
        self.embedded: list[str] = []

    @property
    def key(self) -> str:
        """As the real one's."""
        return f"{self.name}|{self.dimension}|"

    def tokens(self, text: str) -> int:
        """A word is a token."""
        return len(words(text))

    def queries(self, texts: Sequence[str]) -> np.ndarray:
        """Unit vectors."""
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in enumerate(texts):
            for word in words(text.lower()):
                vectors[row, zlib.crc32(word[:5].encode()) % self.dimension] += 1
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)

    def passages(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> np.ndarray:
        """Unit vectors, one text at a time."""
        for text in texts:
            self.embedded.append(text)
            if progress:
                progress(1)
        return self.queries(texts)


def make_static_model(folder: Path) -> Path:
    """Saves a sentence-transformers model that only averages word vectors."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    vocabulary = {"[UNK]": 0}
    for _, body in DOCUMENTS.values():
        for word in words(body.lower()):
            vocabulary.setdefault(word, len(vocabulary))
    tokenizer = Tokenizer(models.WordLevel(vocabulary, "[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    vectors = np.random.default_rng(1).normal(size=(len(vocabulary), 32)).astype(np.float32)
    SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_weights=vectors)]).save(str(folder))
    return folder


def make_bert_model(folder: Path, prompts: dict[str, str] | None = None) -> Path:
    """Saves a sentence-transformers model of one tiny, untrained BERT layer that reads letters."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    torch.manual_seed(1)
    letters = "abcdefghijklmnopqrstuvwxyzåäö0123456789.,:-–?"
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters)]
    parts = folder.with_name(f"{folder.name}-bert")
    parts.mkdir(parents=True)
    (parts / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    BertTokenizerFast(vocab=str(parts / "vocab.txt"), strip_accents=False).save_pretrained(parts)
    size = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64}
    BertModel(BertConfig(vocab_size=len(vocabulary), **size)).save_pretrained(parts)
    SentenceTransformer(modules=[Transformer(str(parts)), Pooling(32)], prompts=prompts).save(str(folder))
    return folder
