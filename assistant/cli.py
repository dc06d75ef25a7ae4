"""The command line: the same questions and answers as on the page, and the tools of those who keep the sources.

Help is in English, what is said to a person who asks is in Finnish. Every setting that a command uses can be given
as an option, which overrides the environment.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

import click

from assistant import messages
from assistant.errors import AssistantError, ConversationUnknown, IndexMismatch, IndexMissing, QuestionInvalid
from assistant.settings import Settings, load_settings

if TYPE_CHECKING:
    from assistant.assistant import Assistant
    from assistant.build import BuildReport
    from assistant.domain import Citation, Document, Hit, Nearest, Turn
    from assistant.embedding import Embedder

WIDTH = 100
"""Characters to which answers are wrapped."""


class _Commands(click.Group):
    """Says what went wrong in one message, without a traceback, and ends with 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except AssistantError as error:
            message = str(error)
        except BrokenPipeError:  # as in `assistant search … | head`; click ends in silence
            raise
        except OSError as error:
            message = f"{error.strerror or error}: {error.filename or ''}".rstrip(": ")
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:  # a person at a terminal gets a sentence, not a traceback
            if ctx.params["debug"]:
                raise
            message = f"Odottamaton virhe ({type(error).__name__}: {error}). Jäljitys: `assistant --debug …`."
        click.echo(message, err=True)
        return ctx.exit(1)


def _with_settings(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Gives a command its `settings`, and an option for each of the named ones."""
    kinds, known = get_type_hints(Settings), {field.name: field for field in fields(Settings)}

    def decorated(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def with_settings(**options: Any) -> None:
            overrides = {name: options.pop(name) for name in names}
            command(settings=load_settings(**overrides), **options)

        wrapped: Callable[..., None] = with_settings
        for name in reversed(names):
            kind = click.Path(path_type=Path) if kinds[name] is Path else kinds[name]
            help = f"{known[name].metadata['help']}  [env: ASSISTANT_{name.upper()}]"
            wrapped = click.option(f"--{name.replace('_', '-')}", type=kind, default=None, help=help)(wrapped)
        return wrapped

    return decorated


_ASKED = ("index", "model", "query_prompt", "threshold")
_BUILT = ("corpus", "index", "model", "passage_prompt", "passage_tokens")
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDTH})
@click.version_option(package_name="heinola-assistant")
@click.option("--debug", is_flag=True, help="Show the traceback of an unexpected error.")
def main(debug: bool) -> None:
    """Answers questions from a city's own documents, and cites every sentence.

    All settings can be given in the environment as ASSISTANT_<NAME>; an option overrides it.
    """
    if not sys.stderr.isatty():  # the bars of the libraries would fill a log
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")


@main.command(short_help="Make the index of the corpus.")
@_with_settings(*_BUILT)
def build(settings: Settings) -> None:
    """Make the index of the corpus: only what changed is embedded, and it is safe to interrupt."""
    try:
        _tell_build(_build(settings))
    except KeyboardInterrupt:
        click.echo("Keskeytetty. Viimeisin valmis hakemisto on tallella.", err=True)
        sys.exit(130)


@main.command()
@click.argument("question")
@_json
@_with_settings(*_ASKED)
def ask(settings: Settings, question: str, as_json: bool) -> None:
    """Answer one QUESTION."""
    turn = _open(settings).ask(question)
    if as_json:
        _print_json(asdict(turn))
        return
    _print_turn(turn)
    click.secho(f"\n{messages.text('fi', 'chat.automatic')}", dim=True)


@main.command(short_help="Show the passages nearest to a query.")
@click.argument("query")
@click.option("--limit", type=click.IntRange(1, 100), default=5, show_default=True, help="Passages shown.")
@_json
@_with_settings(*_ASKED)
def search(settings: Settings, query: str, limit: int, as_json: bool) -> None:
    """Show the passages nearest to QUERY, with the score of both legs and of the whole."""
    hits = _open(settings).search(query, limit)
    if as_json:
        _print_json([asdict(hit) for hit in hits])
        return
    if not hits:
        click.echo("Ei osumia.")
    for place, hit in enumerate(hits, 1):
        _print_hit(place, hit)


@main.command(short_help="Hold a conversation in the terminal.")
@_with_settings(*_ASKED)
def chat(settings: Settings) -> None:
    """Hold a conversation in the terminal; an empty line or Ctrl-D ends it."""
    assistant = _open(settings)
    click.echo(f"{messages.text('fi', 'chat.automatic')} Tyhjä rivi lopettaa.\n")
    conversation: str | None = None
    while (question := _typed()) is not None:
        try:
            turn = assistant.ask(question, conversation)
        except QuestionInvalid as error:
            click.echo(f"{error}\n", err=True)
            continue
        except ConversationUnknown:  # deleted while this terminal stayed open
            turn = assistant.ask(question)
        conversation = turn.conversation
        _print_turn(turn)
        click.echo()


@main.command()
@click.option("--threads", type=click.IntRange(1, 64), default=8, show_default=True, help="Requests answered at once.")
@click.option("--build", "build_first", is_flag=True, help="Bring the index up to date first.")
@_with_settings("host", "port", "corpus", "index", "data", "model", "threshold", "rate_limit", "public_url")
def serve(settings: Settings, threads: int, build_first: bool) -> None:
    """Run the web app until Ctrl-C or SIGTERM."""
    from assistant import server

    server.end_on_sigterm()
    try:
        with server.listen(settings.host, settings.port) as listening:
            from assistant.app import create_app
            from assistant.assistant import Assistant
            from assistant.embedding import open_embedder
            from assistant.reranker import open_reranker

            embedder = open_embedder(settings)
            if build_first:
                _tell_build(_build(settings, embedder))
            try:
                assistant: Assistant | None = Assistant(settings, embedder, open_reranker(settings))
            except (IndexMissing, IndexMismatch) as error:
                # The app goes on looking, and serves as soon as `assistant build` has made an index.
                click.echo(f"{error}\nSivut vastaavat sitä ennen virheellä 503.", err=True)
                assistant = None
            app = create_app(assistant, settings)
            shown = f"[{settings.host}]" if ":" in settings.host else settings.host
            click.echo(f"Palvelu on auki: http://{shown}:{listening.getsockname()[1]}/  (Ctrl-C lopettaa)")
            server.serve(app, listening, threads)
    except KeyboardInterrupt:
        pass
    click.echo("Palvelu on suljettu.")


@main.command(short_help="Tell whether corpus and index are in order.")
@_with_settings(*_BUILT, "query_prompt")
def check(settings: Settings) -> None:
    """Tell whether the corpus and the index are in order: each fault as file:line, and how to mend it."""
    from assistant import quotes
    from assistant.corpus import read_corpus

    corpus = read_corpus(settings.corpus)
    faults = [*corpus.faults, *quotes.faults(settings.corpus, corpus.documents)]
    for fault in faults:
        click.echo(str(fault))
    if faults:
        click.echo(f"Aineistossa {settings.corpus} on {len(faults)} virhettä.", err=True)
        sys.exit(1)
    for warning in corpus.warnings:
        click.echo(f"Varoitus: {warning}")
    click.echo(f"Aineisto {settings.corpus} on kunnossa: {len(corpus.documents)} asiakirjaa.")
    _tell_originals(settings, corpus.documents)
    click.echo(f"Hakemisto {settings.index} on ajan tasalla: {_fitting_index(settings)} tekstikohtaa.")


@main.command(short_help="Fetch the sources' own pages, to quote them.")
@_with_settings("corpus", "index")
def sync(settings: Settings) -> None:
    """Fetch the page of every document: whether it is still there, whether it has changed, and its own text.

    The editors' pages and `assistant check` show what came; the next `assistant build` lets answers quote it. Needs a
    network; our documents stay as they are.
    """
    from assistant import originals
    from assistant.corpus import valid_corpus

    documents = valid_corpus(settings.corpus).documents
    try:
        with _Progress("Haetaan sivuja") as progress:
            originals.sync(settings.index, documents, progress)
    except KeyboardInterrupt:
        click.echo("Keskeytetty. Siihen asti haetut sivut on kirjattu.", err=True)
        sys.exit(130)
    _tell_originals(settings, documents)
    click.echo("Vie haetut tekstit vastauksiin komennolla `assistant build`.")


@main.group()
def evaluate() -> None:
    """Measure retrieval or answers against judged questions."""


@evaluate.command("retrieval")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--quick", is_flag=True, help="Ask only the questions marked `quick`.")
@_json
@_with_settings("index", "model", "query_prompt", "passage_prompt")
def evaluate_retrieval(settings: Settings, folder: Path, quick: bool, as_json: bool) -> None:
    """Rank the passages of DIR (corpus.jsonl, queries.jsonl, qrels.tsv) by each leg and by the fused whole."""
    from assistant import retrieval_report

    with _Progress("Upotetaan") as progress:
        report = retrieval_report.evaluate_retrieval(settings, folder, progress, quick=quick)
    if as_json:
        _print_json(report.data())
    else:
        click.echo(report.text())


@evaluate.command("answers")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--plot", type=click.Path(path_type=Path), help="Write the risk-coverage and calibration curves (SVG).")
@_json
@_with_settings(*_ASKED)
def evaluate_answers(settings: Settings, file: Path, plot: Path | None, as_json: bool) -> None:
    """Ask the judged questions of FILE (YAML) and score status, answer and sources."""
    from assistant import answers_report

    report = answers_report.evaluate_answers(settings, file)
    if plot:
        plot.write_text(report.svg(), encoding="utf-8")
    if as_json:
        _print_json(report.data())
    else:
        click.echo(report.text())


def _open(settings: Settings) -> Assistant:
    from assistant.assistant import Assistant

    return Assistant.open(settings)


def _build(settings: Settings, embedder: Embedder | None = None) -> BuildReport:
    from assistant.build import build as build_index

    click.echo(f"Luetaan aineisto {settings.corpus}…")
    with _Progress("Upotetaan") as progress:
        return build_index(settings, embedder, progress)


def _tell_build(report: BuildReport) -> None:
    if not report.changed:
        click.echo(f"Hakemisto on jo ajan tasalla: {report.documents} asiakirjaa, {report.passages} tekstikohtaa.")
        return
    click.echo(
        f"Hakemisto on valmis: {report.documents} asiakirjaa, {report.passages} tekstikohtaa, "
        f"{report.embedded} uutta upotusta, {report.reused} ennallaan."
    )


def _fitting_index(settings: Settings) -> int:
    """Passages of the index that serves. Raises IndexMissing, or IndexMismatch when a build would change it."""
    from assistant import finnish
    from assistant.corpus import read_corpus
    from assistant.embedding import open_embedder
    from assistant.index import Index
    from assistant.originals import with_originals
    from assistant.passages import passages

    index = Index.open_current(settings.index)
    embedder = open_embedder(settings)
    index.require(embedder.key, finnish.analyser().name)
    documents = list(with_originals(read_corpus(settings.corpus), settings.index).documents)
    wanted = [p.text for d in documents for p in passages(d, embedder.tokens, settings.passage_tokens)]
    built = [p.text for d in index.documents() for p in index.passages_of(d.id)]
    if index.documents() != documents or built != wanted:
        raise IndexMismatch(
            f"The corpus, or a page that was fetched for it, has changed since the index in {settings.index} was "
            f"built: run `assistant build`."
        )
    return index.meta.passages


def _tell_originals(settings: Settings, documents: Sequence[Document]) -> None:
    """How the sources' own pages stand; those that need a look by name."""
    from assistant.marking import day
    from assistant.originals import State, is_quoted, read_originals, strays

    known = read_originals(settings.index, documents)
    broken = [id for id, original in known.items() if original.state is State.BROKEN]
    changed = [id for id, original in known.items() if original.changed_since]
    quoted = [document.id for document in documents if is_quoted(document, known.get(document.id))]
    strayed = [document.id for document in documents if strays(document, known.get(document.id))]
    click.echo(
        f"Lähteiden sivut: {len(known) - len(broken)} toimii, {len(broken)} ei toimi, {len(changed)} on muuttunut, "
        f"{len(documents) - len(known)} tarkistamatta (`assistant sync` tarkistaa)."
    )
    if known:
        click.echo(f"Sivujen omaa tekstiä lainataan {len(quoted)} lähteestä.")
    for id in broken:
        told = f"vastaus {known[id].status}" if known[id].status else "ei vastausta"
        click.echo(f"- {id}: ei toimi {day(known[id].broken_since or '', 'fi')} alkaen ({told}): {known[id].url}")
    for id in changed:
        click.echo(f"- {id}: sivu on muuttunut, nähty {day(known[id].changed_since or '', 'fi')}: {known[id].url}")
    for id in strayed:
        click.echo(f"- {id}: sivu kertoo muuta kuin lähteemme, joten vain tiivistelmä on käytössä: {known[id].url}")


class _Progress:
    """A bar on a terminal, else a plain line at each tenth."""

    def __init__(self, label: str) -> None:
        self.label = label
        self._bar: Any = None
        self._tenth = 0

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar:
            self._bar.render_finish()

    def __call__(self, done: int, total: int) -> None:
        if sys.stderr.isatty():
            if self._bar is None:
                self._bar = click.progressbar(length=total, label=self.label, file=sys.stderr, show_pos=True)
            self._bar.update(done - self._bar.pos)
        elif total and done * 10 // total > self._tenth:
            self._tenth = done * 10 // total
            click.echo(f"{self.label}: {done}/{total}", err=True)


def _typed() -> str | None:
    """The next question; None where the person is done."""
    try:
        return input("Kysymys: ").strip() or None
    except (EOFError, KeyboardInterrupt):
        click.echo()
        return None


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _print_turn(turn: Turn) -> None:
    if turn.notice:
        click.echo(f"{turn.notice}\n")
    if turn.understood != turn.question:
        click.secho(f"{messages.text('fi', 'chat.understood')} {turn.understood}\n", dim=True)
    answer = turn.answer
    click.echo("\n".join(click.wrap_text(line, WIDTH) for line in answer.text.split("\n")))
    if answer.missing:
        click.echo(f"\n{messages.text('fi', 'chat.missing')} {'; '.join(answer.missing)}")
    if answer.citations:
        click.secho(f"\n{messages.text('fi', 'chat.sources')}", bold=True)
    for citation in answer.citations:
        click.echo(f"[{citation.number}] {_source_line(citation)}\n    {citation.link}")
        click.echo(click.wrap_text(f"”{' '.join(citation.quote.split())}”", WIDTH, "    ", "    "))
    if answer.nearest:
        click.secho(f"\n{messages.text('fi', 'chat.nearest')}", bold=True)
        click.echo(click.wrap_text(messages.text("fi", "chat.nearest_hint"), WIDTH))
    for near in answer.nearest:
        click.echo(f"- {_source_line(near)}\n    {near.url}")
        click.echo(click.wrap_text(" ".join(near.text.split()), WIDTH, "    ", "    "))
    if answer.suggestions:
        click.secho(f"\n{messages.text('fi', 'chat.suggestions')}", bold=True)
    for suggestion in answer.suggestions:
        click.echo(f"- {suggestion}")


def _source_line(source: Citation | Nearest) -> str:
    """Title, date, and what replaced it where something did."""
    from assistant.domain import Nearest, Validity
    from assistant.marking import day

    parts = [source.title, day(source.date, "fi") if source.date else messages.text("fi", "source.undated").lower()]
    if source.validity is Validity.IN_FORCE:
        parts.append(messages.text("fi", "source.in_force").lower())
    if source.validity is Validity.SUPERSEDED:
        parts.append(messages.text("fi", "source.superseded").lower())
    if source.summary:
        key = "source.summary" if isinstance(source, Nearest) else "source.summary_quote"
        parts.append(messages.text("fi", key).lower())
    return ", ".join(parts)


def _print_hit(place: int, hit: Hit) -> None:
    click.secho(f"{place}. {hit.document.title} ({hit.passage.id})", bold=True)
    click.echo(f"   yhteensä {hit.score:.3f}, merkitys {hit.dense:.3f}, sanat {hit.lexical:.3f}")
    click.echo(click.wrap_text(" ".join(hit.passage.text.split()), WIDTH, "   ", "   "))
