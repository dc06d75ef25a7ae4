"""What the sentence judge is trained on: questions, each with sentences to choose from.

    python -m training.choices SPANS.jsonl.gz BENCH training/questions.jsonl OUT.jsonl.gz

A choice holds the sentences that answer and others that do not, the likeliest first: those of the same passage and
those of other passages nearest by words; or only such, and then none is right. SPANS are question-answer spans of
Natural Questions in Finnish; BENCH holds the retrieval sets; the questions of our own are about the corpus, written for
this training alone. Every question of a set whose group falls in HELD is left out of training, to be measured on.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import zlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from scipy import sparse

from assistant import answering, choosing, finnish, questions
from assistant.domain import Question, Turn
from assistant.embedding import open_embedder
from assistant.index import Index
from assistant.passages import in_context, plain
from assistant.retrieval import Retriever
from assistant.settings import load_settings

NEAREST = 24
"""Sentences that do not answer kept for each of our own questions."""

NEIGHBOURS, RIGHT = 32, 6
"""Nearest questions looked at for each of our own, and most of these kept that ask for the same."""

SURELY_SAME = 0.96
"""Cosine from which two questions that nothing answers are taken for the same."""

NEAREST_WORDS = 12
"""Sentences from other passages kept for each question of the other sets."""

COMMON = 0.02
"""A term that more than this share of the sentences hold says nothing of any."""

HELD = 0.3


@dataclass
class Choice:
    """A question with the sentences that answer, none if empty, and others to choose from."""

    source: str
    question: str
    right: list[str]
    others: list[str]
    answers: list[str] = field(default_factory=list)
    held: bool = False


@dataclass
class _Passage:
    sentences: list[str]
    spans: list[tuple[int, int]]

    def parted(self, right: Sequence[int]) -> tuple[list[str], list[str]]:
        """The sentences of these numbers, and the others."""
        others = [sentence for number, sentence in enumerate(self.sentences) if number not in right]
        return [self.sentences[number] for number in right], others


def _cut(title: str, text: str) -> _Passage:
    spans = finnish.sentence_spans(text)
    return _Passage([in_context(title, text, text[a:b]) for a, b in spans], spans)


def _holding(passage: _Passage, text: str, answers: Sequence[str], starts: Sequence[int] = ()) -> list[int]:
    """Numbers of the sentences in which one of the answers stands."""
    places = [(start, start + len(answer)) for start, answer in zip(starts, answers, strict=False)]
    places = places or [(at, at + len(a)) for a in answers if (at := text.find(a)) >= 0]
    return [n for n, (a, b) in enumerate(passage.spans) if any(a <= s and e <= b + 1 for s, e in places)]


def from_spans(path: Path) -> tuple[list[Choice], list[str]]:
    """Choices of the training spans, and all sentences to find negatives among."""
    choices, pool = [], []
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            passage = _cut("", row["text"])
            pool += passage.sentences
            right = _holding(passage, row["text"], [row["answer"]], [row["start"]])
            if right and len(row["answer"]) > 1:
                choices.append(Choice("spans", row["question"], *passage.parted(right), [row["answer"]]))
    for choice in random.Random(0).sample(choices, 300):
        choice.held = True
    return choices, pool


def from_set(folder: Path) -> tuple[list[Choice], list[str]]:
    """The same of a retrieval set; where its answers are whole passages (faq-fi) the passage's first sentences."""
    rows = [json.loads(line) for line in (folder / "corpus.jsonl").read_text("utf-8").splitlines()]
    texts = {row["id"]: row["text"] for row in rows}
    passages = {row["id"]: _cut(row.get("title") or "", row["text"]) for row in rows}
    pool = [sentence for passage in passages.values() for sentence in passage.sentences]
    relevant = dict(line.split("\t")[:2] for line in (folder / "qrels.tsv").read_text("utf-8").splitlines()[1:])
    choices = []
    for line in (folder / "queries.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        group = row.get("group") or row["id"]
        held = zlib.crc32(group.encode()) % 100 < HELD * 100
        home = row.get("passage") or relevant.get(row["id"])
        if not row["answerable"]:
            own = passages[home].sentences if home in passages else []
            choices.append(Choice(folder.name, row["text"], [], own, held=held))
        elif home in passages:
            passage = passages[home]
            answers = row.get("answers") or []
            right = _holding(passage, texts[home], answers, row.get("answer_starts") or []) if answers else [0]
            if right:
                choices.append(Choice(folder.name, row["text"], *passage.parted(right), answers, held))
    return choices, pool


def held_out(row: dict[str, Any]) -> bool:
    """Whether one of our own questions is of the tenth that no model is trained on."""
    return zlib.crc32("\n".join([*row.get("before", ()), row["question"]]).encode()) % 10 == 0


def conversation(turns: Sequence[str], retriever: Retriever, vocabulary: questions.Vocabulary) -> list[Turn]:
    """The turns, one after the other, with their answers."""
    history: list[Turn] = []
    for text in turns:
        question = questions.understand(text, history, vocabulary)
        answer = answering.answer(question, retriever, [], load_settings())
        history.append(Turn("", "", text, question.understood, answer, ""))
    return history


def read_own(path: Path, retriever: Retriever) -> Iterator[tuple[dict[str, Any], Question]]:
    """Our own questions about the corpus, each as it is understood and searched, after the turns before; a message that
    leans on them without showing it comes a second time, its words after the question before."""
    vocabulary = questions.Vocabulary.of(retriever.index)
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        history = conversation(row.get("before", ()), retriever, vocabulary)
        question = replace(questions.understand(row["question"], history, vocabulary), intent=None)
        yield row, question
        other = questions.second_reading(question, history, vocabulary)
        if other and other.completed:
            yield row, other


def from_corpus(path: Path) -> Iterator[Choice]:
    """Choices of our own questions about the corpus; the others are the sentences that the plain ranker puts first in
    the index. What answers is among the choices also where the search has missed it."""
    settings = load_settings()
    retriever = Retriever(Index.open_current(settings.index), open_embedder(settings))
    places: dict[str, list[str]] = {}
    for passage in retriever.index.all_passages():
        for sentence in passage.sentences:
            given = in_context(passage.heading, passage.text, sentence.text)
            places.setdefault(plain(sentence.text), []).append(given)
    for row, question in read_own(path, retriever):
        asked = [question.searched] if question.language == "fi" else [question.searched, row["question"]]
        yield from _choices(row, question, asked, retriever, places)


def from_each_other(
    read: Sequence[tuple[dict[str, Any], Question]], vectors: np.ndarray, chosen: Iterable[int]
) -> Iterator[Choice]:
    """Choices of the chosen ones of our own questions (their numbers) among their nearest neighbours (`vectors`, a row
    each): those that ask for the same are right. Held-out questions are not chosen from, as they are no precedents."""
    kept = [number for number, (row, _) in enumerate(read) if not held_out(row)]
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors[kept])
    numbers = list(chosen)
    cosines, found = index.search(vectors[numbers], min(NEIGHBOURS, len(kept)))
    for number, near, places in zip(numbers, cosines.tolist(), found.tolist(), strict=True):
        row, question = read[number]
        right, others = [], []
        for cosine, place in zip(near, places, strict=True):
            other, asked = read[kept[place]]
            if asked.searched != question.searched:
                same = _ask_for_the_same(row, other, cosine)
                (right if same else others).extend([] if same is None else [asked.searched])
        right, others = (list(dict.fromkeys(found)) for found in (right, others))
        yield Choice("each other", question.searched, right[:RIGHT], others, held=held_out(row))


def _ask_for_the_same(one: dict[str, Any], other: dict[str, Any], cosine: float) -> bool | None:
    """None where the labels do not tell: of one sentence who and when can be asked, one fact stands in two sentences,
    and what nothing answers has no name."""
    if not one["sentences"] and not other["sentences"]:
        return True if cosine > SURELY_SAME else None
    words, others = one["answer"].lower(), other["answer"].lower()
    alike = bool(words and others) and (words in others or others in words)
    together = not set(one["sentences"]).isdisjoint(other["sentences"])
    return together if alike == together else None


def _choices(
    row: dict[str, Any], question: Question, asked: Sequence[str], retriever: Retriever, places: dict[str, list[str]]
) -> Iterator[Choice]:
    right, others, answer = [], [], row["answer"].lower()
    for candidate in choosing.ranked(question, retriever).candidates:
        text = plain(candidate.sentence.text)
        if text in row["sentences"]:
            right.append(candidate.in_context)
        elif not answer or answer not in text.lower():
            others.append(candidate.in_context)
    right = right or [given for text in row["sentences"] for given in places.get(text, ())]
    if right or not row["sentences"]:
        for text in dict.fromkeys(asked):
            yield Choice("corpus", text, list(dict.fromkeys(right)), others[:NEAREST], [answer], held_out(row))


def _flat(text: str) -> list[str]:
    return [term for group in finnish.terms(text) for term in group]


def add_negatives(choices: Sequence[Choice], pool: Sequence[str], workers: int = 2) -> None:
    """Gives each choice the sentences nearest by rarity-weighted terms that do not hold the words of its answer."""
    kept = list(dict.fromkeys(sentence for sentence in pool if 25 < len(sentence) < 400))
    with ProcessPoolExecutor(workers) as processes:
        held = list(processes.map(_flat, kept, chunksize=2_000))
        asked = list(processes.map(_flat, [choice.question for choice in choices], chunksize=2_000))
    numbers: dict[str, int] = {}
    for terms in held:
        for term in terms:
            numbers.setdefault(term, len(numbers))
    matrix = _matrix(held, numbers)
    counts = np.asarray((matrix > 0).sum(axis=0)).ravel()
    rarity = np.where(counts > max(COMMON * len(kept), 5), 0.0, np.log(1 + len(kept) / (counts + 1)))
    lengths = 1 / np.sqrt([10 + len(terms) for terms in held])
    weighed = (sparse.diags(lengths) @ (matrix > 0).astype(np.float32) @ sparse.diags(rarity)).T.tocsr()
    for start in range(0, len(choices), 500):
        near = (_matrix(asked[start : start + 500], numbers) @ weighed).tocsr()
        for row, choice in enumerate(choices[start : start + 500]):
            span = slice(near.indptr[row], near.indptr[row + 1])
            found = near.indices[span][np.argsort(-near.data[span], kind="stable")[: 3 * NEAREST_WORDS]]
            own, answers = {*choice.right, *choice.others}, [answer.lower() for answer in choice.answers]
            others = (kept[i] for i in found if kept[i] not in own)
            choice.others += [s for s in others if not any(a in s.lower() for a in answers)][:NEAREST_WORDS]


def _matrix(rows: Sequence[Iterable[str]], numbers: dict[str, int]) -> Any:
    pairs = [(n, numbers[term]) for n, terms in enumerate(rows) for term in set(terms) if term in numbers]
    places = np.array(pairs, np.int64).reshape(-1, 2)
    ones = np.ones(len(places), np.float32)
    return sparse.csr_matrix((ones, (places[:, 0], places[:, 1])), shape=(len(rows), len(numbers)))


def all_choices(spans: Path, bench: Path, own: Path) -> Iterator[Choice]:
    """The choices of the spans, of the four sets, of our own questions, and of these among each other."""
    yield from from_corpus(own)
    embedder = open_embedder(load_settings())
    read = list(read_own(own, Retriever(Index.open_current(load_settings().index), embedder)))
    vectors = embedder.queries([question.searched for _, question in read])
    yield from from_each_other(read, vectors, range(len(read)))
    given = [from_spans(spans)]
    given += [from_set(bench / name) for name in ("tydiqa-fi", "squad2-fi", "nq-fi", "faq-fi")]
    for choices, pool in given:
        add_negatives(choices, pool)
        print(choices[0].source, len(choices), flush=True)
        yield from choices


def read_choices(path: Path) -> list[Choice]:
    """What `main` wrote."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [Choice(**json.loads(line)) for line in file]


def main() -> None:
    """Writes the choices."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("spans", type=Path)
    parser.add_argument("bench", type=Path)
    parser.add_argument("own", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    with gzip.open(options.out, "wt", encoding="utf-8") as file:
        for choice in all_choices(options.spans, options.bench, options.own):
            file.write(json.dumps(asdict(choice), ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
