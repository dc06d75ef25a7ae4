"""The measures agree with sums made by hand, broken files are told with their line, and both evaluations run."""

from __future__ import annotations

import json
import math
from pathlib import Path
from xml.etree import ElementTree

import pytest
from tiny import make_bert_model

from assistant import measures
from assistant.answers_report import AnswersReport, evaluate_answers, judge
from assistant.domain import Answer, Citation, Status, Turn, Validity
from assistant.errors import EvaluationError, IndexMissing
from assistant.judged import JudgedQuestion, read_judged_questions, read_retrieval_set
from assistant.measures import Bin, Difference, Point
from assistant.retrieval_report import evaluate_retrieval
from assistant.settings import Settings

CORPUS = [
    {"id": "p1", "title": "Arvot", "text": "Kaupungin arvot ovat välittäminen ja uudistuminen."},
    {"id": "p2", "title": "Kirjasto", "text": "Kirjasto on avoinna arkisin."},
    {"id": "p3", "title": "Velka", "text": "Lainakanta oli 118 milj. euroa."},
]
QUERIES = [
    {"id": "q1", "text": "Mitkä ovat kaupungin arvot?", "quick": True},
    {"id": "q2", "text": "Milloin kirjasto on avoinna?"},
    {"id": "q3", "text": "Missä on uimahalli?", "answerable": False, "unanswerable_type": "out-of-corpus"},
]
QRELS = "query-id\tcorpus-id\tscore\nq1\tp1\t2\nq1\tp3\t0\nq2\tp2\t1\n"


def write_set(folder: Path, qrels: str = QRELS) -> Path:
    """A retrieval set of three passages."""
    folder.mkdir(exist_ok=True)
    for name, rows in (("corpus", CORPUS), ("queries", QUERIES)):
        lines = [json.dumps(row, ensure_ascii=False) for row in rows]
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "qrels.tsv").write_text(qrels, encoding="utf-8")
    return folder


def test_ndcg_by_hand() -> None:
    relevance = {"a": 2, "b": 1}
    ideal = 3 + 1 / math.log2(3)
    assert measures.ndcg(["a", "b"], relevance) == 1
    assert measures.ndcg(["x", "b", "a"], relevance) == pytest.approx((1 / math.log2(3) + 3 / 2) / ideal)
    assert measures.ndcg(["x"] * 10 + ["a"], relevance) == 0
    assert measures.ndcg([], relevance) == 0
    many = {str(n): 1 for n in range(20)}
    assert measures.ndcg([str(n) for n in range(10)], many) == pytest.approx(1)


def test_recall_and_reciprocal_rank_by_hand() -> None:
    relevance = {"a": 2, "b": 1, "c": 0}
    assert measures.recall(["c", "a", "x"], relevance, 1) == 0
    assert measures.recall(["c", "a", "x"], relevance, 2) == 0.5
    assert measures.reciprocal_rank(["c", "a", "b"], relevance) == 0.5
    assert measures.reciprocal_rank(["c"] * 10 + ["a"], relevance) == 0


def test_auroc_by_hand() -> None:
    assert measures.auroc([3, 2], [1, 0]) == 1
    assert measures.auroc([1], [1, 1]) == 0.5
    assert measures.auroc([1, 3], [2]) == 0.5
    assert measures.auroc([], [1]) is None
    assert measures.auroc([0.5], []) is None


def test_the_bootstrap_is_paired_and_the_same_each_time() -> None:
    ours, theirs = [0.9, 0.5, 1.0, 0.2], [0.8, 0.4, 0.9, 0.1]
    difference = measures.paired_bootstrap(ours, theirs)
    assert difference == measures.paired_bootstrap(ours, theirs)
    assert (difference.mean, difference.not_above) == (pytest.approx(0.1), 0)
    assert measures.paired_bootstrap([1.0, 0.0], [1.0, 0.0]) == Difference(0, 0, 0, 1)


def test_risk_coverage_by_hand() -> None:
    judged = [(0.5, False), (0.9, True), (0.5, True)]
    points = measures.risk_coverage(judged, 6)
    assert points == [Point(1 / 6, 1, 0.9), Point(0.5, 2 / 3, 0.5)]
    assert measures.area_under(points) == pytest.approx((1 / 6 + (0.5 - 1 / 6) * 2 / 3) / 0.5)
    assert measures.area_under([]) is None


def test_calibration_by_hand() -> None:
    bins = measures.calibration([(0.12, False), (0.18, True), (1.0, True)])
    assert bins == [Bin(0.1, 0.2, 2, pytest.approx(0.15), 0.5), Bin(0.9, 1.0, 1, 1.0, 1.0)]
    assert measures.calibration_error(bins) == pytest.approx(2 * 0.35 / 3)
    assert measures.calibration_error([]) is None


def test_a_retrieval_set_is_read(tmp_path: Path) -> None:
    given = read_retrieval_set(write_set(tmp_path / "set"))
    assert [text.id for text in given.texts] == ["p1", "p2", "p3"]
    assert given.relevance == {"q1": {"p1": 2}, "q2": {"p2": 1}}
    assert [(q.id, q.answerable, q.kind, q.quick) for q in given.queries] == [
        ("q1", None, "", True),
        ("q2", None, "", False),
        ("q3", False, "out-of-corpus", False),
    ]


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("corpus.jsonl", None, "corpus.jsonl is missing"),
        ("queries.jsonl", None, "queries.jsonl is missing"),
        ("qrels.tsv", None, "qrels.tsv is missing"),
        ("corpus.jsonl", '{"id": "p1", "text": "a"}\n{"id": ', "corpus.jsonl:2: this is not JSON"),
        (
            "corpus.jsonl",
            '{"id": "p1", "text": "a"}\n\n{"id": "p1", "text": "b"}',
            "corpus.jsonl:3: the id 'p1' is used twice",
        ),
        ("corpus.jsonl", '{"text": "a"}', "corpus.jsonl:1: the field `id` is missing"),
        ("corpus.jsonl", '{"id": "p1"}', "corpus.jsonl:1: the field `text` is missing"),
        ("corpus.jsonl", "[1]", "corpus.jsonl:1: a line has to be an object"),
        ("corpus.jsonl", "", "0 passages"),
        ("queries.jsonl", "\n", "0 questions"),
        ("qrels.tsv", "q\tp\ts\nq1 p1 1", "qrels.tsv:2: a line is query-id, corpus-id and a whole number"),
    ],
)
def test_a_broken_retrieval_set_is_told(tmp_path: Path, file: str, text: str | None, told: str) -> None:
    broken = write_set(tmp_path / "set") / file
    if text is None:
        broken.unlink()
    else:
        broken.write_text(text, encoding="utf-8")
    with pytest.raises(EvaluationError) as caught:
        read_retrieval_set(tmp_path / "set")
    assert told in str(caught.value)


def test_latin_1_and_a_missing_folder_are_told(tmp_path: Path) -> None:
    (write_set(tmp_path / "set") / "corpus.jsonl").write_bytes('{"id": "ä"}'.encode("latin-1"))
    with pytest.raises(EvaluationError, match="not UTF-8"):
        read_retrieval_set(tmp_path / "set")
    with pytest.raises(EvaluationError, match="is not a folder"):
        read_retrieval_set(tmp_path / "none")


@pytest.fixture(scope="module")
def tiny_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A tiny model, so that indexing takes no time."""
    folder = tmp_path_factory.mktemp("evaluation")
    return Settings(model=str(make_bert_model(folder / "bert")), index=folder / "index")


def test_retrieval_is_evaluated_and_its_index_kept(tiny_settings: Settings, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    folder = write_set(tmp_path / "small", QRELS + "q2\tp9\t1\n")
    report = evaluate_retrieval(tiny_settings, folder, lambda done, total: told.append((done, total)))
    assert told == [(3, 3)]
    assert (report.name, report.passages, report.answerable, report.unanswerable, report.outside) == (
        "small",
        3,
        2,
        1,
        1,
    )
    assert set(report.legs) == {"dense", "lexical", "fused"}
    assert report.legs["lexical"].ndcg_10 == pytest.approx((1 + 1 / (1 + 1 / math.log2(3))) / 2)
    assert report.legs["dense"].recall_100 == report.legs["fused"].recall_100 == 0.75
    assert report.auroc is not None
    assert list(report.auroc_by_kind) == ["out-of-corpus"]
    assert json.loads(json.dumps(report.data()))["legs"]["fused"]["median_ms"] > 0
    assert "nDCG@10" in report.text()
    assert "1 relevant passages are not in corpus.jsonl" in report.text()

    told.clear()
    again = evaluate_retrieval(tiny_settings, folder, lambda done, total: told.append((done, total)), quick=True)
    assert told == []
    assert (again.answerable, again.unanswerable, again.auroc) == (1, 0, None)


def test_judged_questions_are_read(tmp_path: Path) -> None:
    file = tmp_path / "questions.yaml"
    file.write_text(
        "# kysymyksiä\n"
        '- {id: a, who: asukas, kind: fact, turns: ["Yksi?", "Kaksi?"], status: answered, '
        'must: ["ARVO"], sources: [x]}\n'
        "- id: 7\n  turns: [Kolme?]\n  status: any\n  must_not: ['\\d']\n",
        encoding="utf-8",
    )
    first, second = read_judged_questions(file)
    assert (first.id, first.who, first.kind, first.turns) == ("a", "asukas", "fact", ("Yksi?", "Kaksi?"))
    assert (first.status, first.sources, first.must_not) == ("answered", ("x",), ())
    assert first.must[0].search("uusi arvo")
    assert (second.id, second.must_not[0].pattern) == ("7", r"\d")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- {id: a, turns: [K], status: any}\n- {id: b, turns: [K", ":2: this is not YAML"),
        ("", ":1: there is no list of questions"),
        ("id: a\n", ":1: there is no list of questions"),
        ("[]", ":1: there is no list of questions"),
        ("- kysymys\n", ":1: a question has to be a mapping"),
        ("\n- {turns: [K], status: any}\n", ":2: the question has no `id`"),
        ("- {id: a, status: any}\n", ":1: the question 'a' has no `turns`"),
        ("- {id: a, turns: K, status: any}\n", ":1: `turns` has to be a list of texts"),
        (
            "- {id: a, turns: [K], status: refused}\n",
            ":1: the status 'refused' is unknown: use one of abstain, answered",
        ),
        ("- {id: a, turns: [K]}\n", ":1: the status '' is unknown"),
        (
            "- {id: a, turns: [K], status: any}\n- {id: b, turns: [K], status: any, must: ['(']}\n",
            ":2: '(' in `must` is not",
        ),
        ("- {id: a, turns: [K], status: any, must_not: ['[']}\n", ":1: '[' in `must_not` is not a regular expression"),
        ("- {id: a, turns: [K], status: any}\n- {id: a, turns: [K], status: any}\n", ":2: the id 'a' is used twice"),
    ],
)
def test_broken_questions_are_told_with_their_line(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "questions.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(EvaluationError) as caught:
        read_judged_questions(file)
    assert f"{file}{told}" in str(caught.value)


def question(status: str, **more: object) -> JudgedQuestion:
    """A judged question."""
    import re

    made = {"must": (), "must_not": (), "sources": (), "turns": ("Kysymys?",), "kind": "", "id": "a"} | more
    for name in ("must", "must_not"):
        made[name] = tuple(re.compile(str(pattern), re.IGNORECASE) for pattern in made[name])  # type: ignore[attr-defined]  # built from loose keywords
    return JudgedQuestion(who="asukas", status=status, **made)  # type: ignore[arg-type]  # built from loose keywords


def turn(
    status: Status, text: str = "Arvot ovat uusia. [1]", cited: tuple[str, ...] = ("x",), sure: float = 0.8
) -> Turn:
    """A turn with its answer."""
    citations = tuple(
        Citation(n, d, "T", "https://e.fi", None, Validity.DATED, "q", f"{d}#1", True, "https://e.fi", "K")
        for n, d in enumerate(cited, 1)
    )
    return Turn(
        "t", "c", "Kysymys?", "Kysymys?", Answer(status, text, citations, confidence=sure), "2026-01-01T00:00:00Z"
    )


REFUSED = Status.NOT_FOUND


@pytest.mark.parametrize(
    ("asked", "answered", "problems"),
    [
        (question("answered", must=["arvot"], sources=["x", "y"]), turn(Status.ANSWERED), ()),
        (question("answered"), turn(Status.ANSWERED_PARTLY), ()),
        (question("answered"), turn(REFUSED, "En löytänyt.", ()), ("status not_found",)),
        (question("answered", sources=["y"]), turn(Status.ANSWERED), ("cites x",)),
        (question("answered", sources=["y"]), turn(Status.ANSWERED, cited=()), ("cites nothing",)),
        (question("answered", must=["arvot", "ROHKEUS"]), turn(Status.ANSWERED), ("lacks /ROHKEUS/",)),
        (question("abstain"), turn(Status.NOT_FOUND), ()),
        (question("abstain"), turn(Status.OFF_TOPIC), ()),
        (question("abstain"), turn(Status.PERSONAL_MATTER), ()),
        (question("abstain"), turn(Status.EMERGENCY), ()),
        (question("abstain"), turn(Status.CLARIFICATION), ("status clarification",)),
        (question("abstain"), turn(Status.ANSWERED), ("status answered",)),
        (question("emergency"), turn(Status.NOT_FOUND), ("status not_found",)),
        (question("smalltalk"), turn(Status.SMALLTALK), ()),
        (question("any"), turn(Status.OFF_TOPIC), ()),
        (question("any", must_not=["uusia"]), turn(Status.ANSWERED), ("has /uusia/",)),
        (question("any"), None, ("status error",)),
    ],
)
def test_a_question_is_judged(asked: JudgedQuestion, answered: Turn | None, problems: tuple[str, ...]) -> None:
    judgement = judge(asked, answered)
    assert judgement.problems == problems
    assert judgement.right == (not problems)


def test_the_report_counts_by_hand() -> None:
    judgements = (
        judge(question("answered", id="a", kind="fact", sources=["x"]), turn(Status.ANSWERED, sure=0.9), ms=10),
        judge(question("answered", id="b", kind="fact", sources=["y"]), turn(Status.ANSWERED, sure=0.6), ms=30),
        judge(question("answered", id="c", kind="followup", turns=("A?", "B?")), turn(REFUSED, "Ei.", (), 0.3), ms=20),
        judge(question("abstain", id="d", kind="silence"), turn(REFUSED, "Ei.", (), 0.1), ms=20),
        judge(question("abstain", id="e", kind="silence", must_not=["uusia"]), turn(Status.ANSWERED, cited=()), ms=20),
        judge(question("any", id="f"), turn(Status.OFF_TOPIC, "Ei.", (), 1.0), ms=20),
    )
    data = AnswersReport("q.yaml", 0.5, judgements, judgements).data()
    assert data["right"] == {"right": 3, "of": 6, "share": 0.5}
    assert data["answerable_right"] == {"right": 1, "of": 3, "share": 1 / 3}
    assert data["source_cited"] == {"right": 1, "of": 2, "share": 0.5}
    assert data["refusal_precision"] == {"right": 1, "of": 2, "share": 0.5}
    assert data["refusal_recall"] == {"right": 1, "of": 2, "share": 0.5}
    assert data["refusal_recall_by_kind"] == {"silence": {"right": 1, "of": 2, "share": 0.5}}
    assert data["wrongly_refused_by_kind"] == {"followup": 1}
    assert (data["must_not_broken"], data["without_citation"]) == (["e"], ["e"])
    assert data["follow_ups"] == {"right": 0, "of": 1, "share": 0.0}
    assert data["by_kind"]["fact"] == {"right": 1, "of": 2, "share": 0.5}
    assert data["median_ms"] == 20
    assert data["auroc_answerable"] == pytest.approx((2 + 1 + 1) / 6)
    assert data["auroc_right"] == 1
    assert [point["right"] for point in data["risk_coverage"]] == [1, 0.5, pytest.approx(1 / 3)]
    assert json.loads(json.dumps(data))["judgements"][0]["right"] is True


def test_the_report_is_shown_with_its_failures_and_drawn() -> None:
    failed = judge(question("answered", id="b", must=["ä<"]), turn(Status.ANSWERED, "Väärä vastaus."))
    report = AnswersReport("q <1>.yaml", 0.5, (failed,), (failed,))
    assert "failures: 1" in report.text()
    assert "lacks /ä</" in report.text()
    assert "Väärä vastaus." in report.text()
    drawing = ElementTree.fromstring(report.svg())
    assert drawing.tag == "{http://www.w3.org/2000/svg}svg"
    empty = AnswersReport("q.yaml", 0.5, (judge(question("any"), None, "vika"),), ())
    assert "nothing answered" in empty.text()
    assert ElementTree.fromstring(empty.svg()) is not None


def test_answers_need_an_index(tmp_path: Path) -> None:
    file = tmp_path / "questions.yaml"
    file.write_text("- {id: a, turns: [K?], status: any}\n", encoding="utf-8")
    with pytest.raises(IndexMissing, match="assistant build"):
        evaluate_answers(Settings(index=tmp_path / "index"), file)


@pytest.mark.slow
def test_answers_are_evaluated_over_the_real_corpus(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "questions.yaml"
    file.write_text(
        '- {id: a, kind: fact, turns: ["Mitkä ovat kaupungin arvot?"], status: answered, must: [välittämi, uudistumi, '
        "tuloksellisuu], sources: [valtuustoseminaari-2022-09, muutosohjelma-sivu]}\n"
        '- {id: b, kind: silence, turns: ["Mikä on Mikkelin kaupunginjohtajan nimi?"], status: abstain}\n'
        "- {id: c, kind: smalltalk, turns: [Hei], status: smalltalk}\n"
        f'- {{id: d, kind: broken, turns: ["{"x" * 3000}"], status: any}}\n',
        encoding="utf-8",
    )
    report = evaluate_answers(settings, file)
    assert {j.id: j.right for j in report.judgements} == {"a": True, "b": True, "c": True, "d": False}
    assert report.judgements[3].status == Status.ERROR
    assert report.judgements[0].ms > 0
    assert not settings.data.exists() or b"Mikkelin" not in settings.data.read_bytes()
