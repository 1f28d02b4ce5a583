"""The command `recoupe`: every command takes --dossier and --json.

It exits 0 on success, 1 on failure with one line on the standard error that says what to do,
2 on wrong usage, 130 when interrupted. With --json that line is an object: {"error": "…"}.
Libraries that take seconds to load are imported by the commands that need them.
"""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, get_args

import typer

from eval.cli import app as eval_app
from rag import terminal
from rag.config import PROJECT, Settings, go_offline
from rag.crash import explain_crashes
from rag.errors import RecoupeError, SettingsError
from rag.messages import message
from rag.types import Document, Filters, Language

if TYPE_CHECKING:
    from rag.archive.store import Archive
    from rag.dossier import Change, Dossier
    from rag.embed import Embedder
    from rag.ingest import Article
    from rag.store import Store

app = typer.Typer(
    name="recoupe",
    help="Answers questions over a dossier of news articles, offline, citing the exact words.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
models_app = typer.Typer(help="The models: which there are, and getting them.")
app.add_typer(models_app, name="models")
conversations_app = typer.Typer(help="What was asked on the page, and answered.")
app.add_typer(conversations_app, name="conversations")
export_app = typer.Typer(help="What readers thought of the answers.")
app.add_typer(export_app, name="export")
# Not part of the library either, as the page below: it measures it.
app.add_typer(eval_app, name="eval")

DossierOption = Annotated[
    Path | None,
    typer.Option(
        "--dossier", metavar="DIR", help="The dossier (default: $RECOUPE_DOSSIER, else ./dossier)."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
ConversationArgument = Annotated[
    str, typer.Argument(metavar="ID", help="As 'recoupe conversations list' shows it.")
]
OutOption = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="Write it there (default: print it).")
]
Format = Literal["md", "html", "json", "docx"]


@app.command()
def add(
    sources: Annotated[list[str], typer.Argument(metavar="PATH|URL...")],
    explain: Annotated[
        bool,
        typer.Option("--explain", help="Show the metadata found and the lines removed, with why."),
    ] = False,
    dossier: DossierOption = None,
    as_json: JsonOption = False,
) -> int:
    """Add articles: files, folders, addresses of web pages.

    A newer version replaces the older one; an article of a folder whose file is gone is removed.
    Exits 1 if any of them could not be added; the others are added all the same.
    """
    settings = Settings.load(dossier)
    shown = []

    with terminal.article_progress(not as_json) as progress, _open_dossier(settings) as opened:

        def on_change(change: "Change", done: int, total: int) -> None:
            article = _explained(change, settings) if explain else None
            if as_json:
                shown.append(terminal.change_object(change, article))
            else:
                terminal.say_change(change, article)
            progress(done, total)

        changes = opened.add(sources, on_change)
    if as_json:
        terminal.say_object({"changes": shown})
    else:
        terminal.say(terminal.summary(changes))
        if sys.stdout.isatty() and _can_be_read_ahead(changes, settings):
            terminal.say("'recoupe warm' reads them ahead: answers then come sooner.")
    return int(any(change.outcome == "failed" for change in changes))


@app.command()
def reindex(dossier: DossierOption = None, as_json: JsonOption = False) -> None:
    """Embed all articles again: after another embedder or passage size was set."""
    settings = _existing(dossier)
    from rag.dossier import Dossier

    with (
        terminal.article_progress(not as_json) as progress,
        closing(Dossier.reembed(settings, _embedder(settings), progress)) as opened,
    ):
        count = len(opened.documents())
    if as_json:
        terminal.say_object({"articles": count})
    else:
        terminal.say(f"{count} articles embedded again in {settings.dossier}")


@app.command()
def warm(dossier: DossierOption = None, as_json: JsonOption = False) -> None:
    """Read the articles ahead: answers about them then come several times sooner.

    The most recent first, as many as the setting kv_gigabytes has room for. What has been read
    stays when this is interrupted.
    """
    settings = _existing(dossier)
    from rag.assistant import Assistant
    from rag.warm import obstacle, passage_states

    if reason := obstacle(settings):
        why = message(reason, "en")
        if as_json:
            terminal.say_object({"ready": 0, "why": why})
        else:
            terminal.say(why)
        return
    with closing(Assistant.open(settings=settings)) as assistant:
        with terminal.step_progress(not as_json) as progress:
            ready = 0
            for ready, total in assistant.warm():
                progress("Reading ahead", ready, total)
        passages = len(assistant.dossier.store.passage_ids())
    warmed = terminal.Warmed(ready, passages, passage_states(settings))
    if as_json:
        terminal.say_object(terminal.warmed_object(warmed))
    else:
        terminal.say_warmed(warmed)


@app.command()
def ask(
    question: Annotated[str, typer.Argument(metavar="QUESTION")],
    lang: Annotated[
        Language | None, typer.Option(help="Language of the answer (default: the question's).")
    ] = None,
    published_from: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], metavar="DATE", help="Published since."),
    ] = None,
    published_to: Annotated[
        datetime | None,
        typer.Option("--to", formats=["%Y-%m-%d"], metavar="DATE", help="Published until."),
    ] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            "--as-of",
            formats=["%Y-%m-%d"],
            metavar="DATE",
            help="As if it were that day: without newer articles, 'last year' counts from there.",
        ),
    ] = None,
    outlet: Annotated[
        list[str] | None, typer.Option(help="Only articles of this outlet; may be repeated.")
    ] = None,
    in_language: Annotated[
        Language | None, typer.Option(help="Only articles in this language.")
    ] = None,
    document: Annotated[
        list[str] | None,
        typer.Option(help="Only this article: its path, id or part of its title; repeatable."),
    ] = None,
    translate: Annotated[
        bool,
        typer.Option("--translate", help="Translate the quotes of the other language, by machine."),
    ] = False,
    timings: Annotated[bool, typer.Option("--timings", help="Show the seconds taken.")] = False,
    dossier: DossierOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask the dossier a question, in French or in English."""
    if not question.strip():
        raise typer.BadParameter("it is empty: write what you want to know", param_hint="QUESTION")
    settings = _existing(dossier)
    from rag.assistant import Assistant
    from rag.dossier import find_document

    with closing(Assistant.open(settings=settings)) as assistant:
        filters = Filters(
            published_from=published_from.date() if published_from else None,
            published_to=published_to.date() if published_to else None,
            outlets=tuple(outlet or ()),
            languages=(in_language,) if in_language else (),
            document_ids=tuple(
                find_document(assistant.dossier.store, name) for name in document or ()
            ),
        )
        day = as_of.date() if as_of else None
        if as_json:
            answer = assistant.ask(question, lang, filters, day)
            told = assistant.translations(answer) if translate else {}
            terminal.say_object(terminal.answer_object(answer, told))
        else:
            answer = terminal.say_answer(assistant.stream(question, lang, filters, day), timings)
            if translate:
                terminal.say_translations(assistant.translations(answer), answer.language)


@app.command("conflicts")
def find_conflicts(dossier: DossierOption = None, as_json: JsonOption = False) -> None:
    """Figures on which the articles seem to disagree, each with both quotes.

    The language model compares sentences that may speak of the same thing: seconds for each pair.
    """
    settings = _existing(dossier)
    from rag.assistant import Assistant

    with (
        closing(Assistant.open(settings=settings)) as assistant,
        terminal.step_progress(not as_json) as progress,
    ):
        found = assistant.conflicts(lambda done, total: progress("Comparing", done, total))
    if as_json:
        terminal.say_object({"conflicts": [terminal.conflict_object(one) for one in found]})
    else:
        terminal.say_conflicts(found)


@app.command("copies")
def find_copies(dossier: DossierOption = None, as_json: JsonOption = False) -> None:
    """Articles that are one source: reprints, wire copies, translations. Answers count them once.

    Versions that contradict each other are no copies.
    """
    from rag.copies.families import Families

    with _open_store(dossier) as store:
        families: dict[str, list[Document]] = {}
        for document_id, family in Families(store).all().items():
            families.setdefault(family, []).append(store.document(document_id))
    groups = [members for members in families.values() if len(members) > 1]
    if as_json:
        terminal.say_object({"copies": [list(map(terminal.document_object, g)) for g in groups]})
    else:
        terminal.say_copies(groups)


@app.command("recheck")
def recheck_answer(
    answer: Annotated[Path, typer.Argument(metavar="FILE", help="What 'ask --json' printed.")],
    dossier: DossierOption = None,
    as_json: JsonOption = False,
) -> int:
    """Check whether what a saved answer cites is still what the articles say; exits 1 if not."""
    from rag.recheck import recheck

    with _open_store(dossier) as store:
        documents = {document.path: document for document in store.documents()}
    try:
        found = recheck(json.loads(answer.read_text(encoding="utf-8"))["citations"], documents)
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise SettingsError("cli.no_answer", path=answer, detail=type(error).__name__) from None
    if as_json:
        terminal.say_object({"citations": [asdict(one) for one in found]})
    else:
        terminal.say_rechecked(found)
    return int(not all(one.holds for one in found))


@app.command()
def serve(
    port: Annotated[int, typer.Option(min=1, max=65535)] = 7860,
    host: Annotated[
        str,
        typer.Option(
            help="An address of this machine. Other than 127.0.0.1, other machines reach the page: "
            "needs RECOUPE_USER and RECOUPE_PASSWORD in the environment."
        ),
    ] = "127.0.0.1",
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Do not open the page in a browser.")
    ] = False,
    mcp: Annotated[
        bool, typer.Option("--mcp", help="Let assistants ask and search too, at /mcp.")
    ] = False,
    dossier: DossierOption = None,
    as_json: JsonOption = False,
) -> None:
    """Open the page."""
    from rag.page.access import access_for
    from rag.page.guard import LOCAL_HOSTS

    access_for(host)  # before anything is announced
    if host not in LOCAL_HOSTS:
        terminal.complain(message("access.exposed", "en", host=host))
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    if as_json:
        terminal.say_object({"url": url})
    else:
        terminal.say(f"The page will be on {url} in a few seconds. Ctrl-C ends it.")
    # The page of this very checkout: one that was installed from it to be edited has a copy of
    # app.py as it was then, which would be found first.
    sys.path.insert(0, str(PROJECT))
    # The one import that points the other way: the page is not part of the library.
    from app import main as serve_page

    serve_page(
        port, host, open_browser=not no_browser and _has_display(), dossier=dossier, with_mcp=mcp
    )


@app.command("list")
def list_documents(dossier: DossierOption = None, as_json: JsonOption = False) -> None:
    """List the articles of the dossier."""
    with _open_store(dossier) as store:
        documents = store.documents()
    if as_json:
        terminal.say_object({"documents": [terminal.document_object(one) for one in documents]})
    else:
        terminal.say_documents(documents)


@app.command("dossiers")
def list_dossiers(dossier: DossierOption = None, as_json: JsonOption = False) -> None:
    """List the dossiers that the page offers: this one, and those beside it."""
    from rag.shelf import Shelf

    found = Shelf(Settings.load(dossier).dossier).dossiers()
    if as_json:
        terminal.say_object({"dossiers": [one._asdict() for one in found]})
    else:
        terminal.say_dossiers(found)


@app.command()
def remove(
    articles: Annotated[
        list[str], typer.Argument(metavar="ARTICLE...", help="Path, id or part of the title.")
    ],
    dossier: DossierOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remove articles from the dossier; their files are left alone."""
    from rag.dossier import find_document

    with _open_store(dossier) as store:
        # All are found before any is removed: a mistake in one must not cost the others.
        documents = [store.document(find_document(store, name)) for name in articles]
        for document in documents:
            store.remove(document.id)
    if as_json:
        terminal.say_object({"removed": [terminal.document_object(one) for one in documents]})
    else:
        terminal.say_documents(documents, "removed  ")


@app.command("doctor")
def check(dossier: DossierOption = None, as_json: JsonOption = False) -> int:
    """Check that everything works: each line says what was found, and what to do."""
    from rag.doctor import diagnose

    checks = []
    for one in diagnose(Settings.load(dossier)):
        checks.append(one)
        if not as_json:
            terminal.say_check(one)
    healthy = all(one.ok for one in checks)
    if as_json:
        terminal.say_object({"ok": healthy, "checks": [asdict(one) for one in checks]})
    return 0 if healthy else 1


@models_app.command("list")
def list_models(dossier: DossierOption = None, as_json: JsonOption = False) -> None:
    """List the models of the catalogue: those installed, and those that are used."""
    from rag.models import is_present, load_catalog

    settings = Settings.load(dossier)
    used = (settings.embedder, settings.llm)
    rows = [
        terminal.ModelRow(entry, is_present(entry.name, settings.models), entry.name in used)
        for entry in load_catalog()
    ]
    if as_json:
        terminal.say_object({"models": [terminal.model_object(row) for row in rows]})
    else:
        terminal.say_models(rows)


@models_app.command("pull")
def pull_models(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME...]", help="Default: those in use.")
    ] = None,
    dossier: DossierOption = None,
    as_json: JsonOption = False,
) -> None:
    """Get models, and compare each with its SHA-256. What is whole already is left alone."""
    from rag.models import find_model, pull

    settings = Settings.load(dossier)
    wanted = [find_model(name) for name in names or (settings.embedder, settings.llm)]
    pulled = []
    for entry in wanted:
        with terminal.download_progress(entry.name, not as_json) as progress:
            path = pull(entry.name, settings.models, progress)
        pulled.append({"name": entry.name, "path": path})
        if not as_json:
            terminal.say(f"{entry.name} is ready in {path}")
    if as_json:
        terminal.say_object({"models": pulled})


@conversations_app.command("list")
def list_conversations(
    search: Annotated[
        str, typer.Option(help="Only those that hold these words, whatever the accents.")
    ] = "",
    dossier: DossierOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the conversations, the newest first."""
    with _open_archive(dossier) as archive:
        found = archive.conversations(search)
    if as_json:
        terminal.say_object({"conversations": [asdict(one) for one in found]})
    else:
        terminal.say_conversations(found)


@conversations_app.command("show")
def show_conversation(
    conversation_id: ConversationArgument,
    dossier: DossierOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the questions and answers of one, and which of their evidence no longer holds."""
    from rag.archive.evidence import lost_of

    with _open_archive(dossier) as archive:
        conversation = archive.conversation(conversation_id)
        turns = archive.turns(conversation_id)
    lost = lost_of(turns, _documents(dossier))
    if as_json:
        terminal.say_object(terminal.conversation_object(conversation, turns, lost))
    else:
        terminal.say_conversation(conversation, turns, lost)


@conversations_app.command("export")
def export_conversation(
    conversation_id: ConversationArgument,
    form: Annotated[
        Format | None,
        typer.Option("--format", help="Default: as the name of FILE ends, else md."),
    ] = None,
    out: OutOption = None,
    lang: Annotated[
        Language | None, typer.Option(help="Language of the labels (default: the first answer's).")
    ] = None,
    dossier: DossierOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write one as Markdown, HTML, JSON or Word, its sources in full."""
    from rag import export
    from rag.archive.evidence import lost_of

    chosen = form or _format_of(out)
    if chosen == "docx" and out is None:
        raise typer.BadParameter("a Word document needs a file: --out FILE", param_hint="--format")
    with _open_archive(dossier) as archive:
        title = archive.conversation(conversation_id).title
        turns = archive.turns(conversation_id)
    lost = lost_of(turns, _documents(dossier))
    language = lang or turns[0].answer.language
    if chosen == "docx":
        data = export.docx(turns, language, title, lost)
    elif chosen == "json":
        data = export.json(turns).encode()
    else:
        render = export.html if chosen == "html" else export.markdown
        data = render(turns, language, title, lost).encode()
    _hand_over(data, out, as_json)


@conversations_app.command("delete")
def delete_conversation(
    conversation_id: ConversationArgument,
    dossier: DossierOption = None,
    as_json: JsonOption = False,
) -> None:
    """Delete one, for good."""
    with _open_archive(dossier) as archive:
        conversation = archive.conversation(conversation_id)
        archive.delete(conversation_id)
    if as_json:
        terminal.say_object({"deleted": asdict(conversation)})
    else:
        terminal.say_conversations([conversation], "deleted  ")


@export_app.command("feedback")
def export_feedback(
    out: OutOption = None, dossier: DossierOption = None, as_json: JsonOption = False
) -> None:
    """Write the rated answers as JSON lines: what was asked, answered, cited and thought of it."""
    from rag import export

    with _open_archive(dossier) as archive:
        turns = archive.rated()
    _hand_over(export.feedback(turns).encode(), out, as_json)


def _format_of(out: Path | None) -> Format:
    """The format that the name of a file asks for."""
    ending = out.suffix.lower().removeprefix(".") if out else ""
    return next((one for one in get_args(Format) if one == ending), "md")


def _hand_over(data: bytes, out: Path | None, as_json: bool) -> None:
    """Write `data` to a file and say where, or print it. Raises SettingsError."""
    if out is None:
        text = data.decode()
        terminal.say_object({"text": text}) if as_json else terminal.say(text, end="")
        return
    try:
        out.write_bytes(data)
    except OSError as error:
        raise SettingsError("cli.cannot_write", path=out, detail=error.strerror) from None
    if as_json:
        terminal.say_object({"path": out.resolve(), "bytes": len(data)})
    else:
        terminal.say(f"Written to {out}")


def _has_display() -> bool:
    """Whether a browser would have a window, and not take over the terminal."""
    return (
        sys.platform in ("darwin", "win32")
        or bool(os.environ.get("DISPLAY"))
        or bool(os.environ.get("WAYLAND_DISPLAY"))
    )


def _existing(dossier: Path | None) -> Settings:
    """The settings of a dossier that is there. Raises SettingsError where there is none."""
    from rag.store import FILE

    settings = Settings.load(dossier)
    if not (settings.dossier / FILE).is_file():
        raise SettingsError("cli.no_dossier", path=settings.dossier)
    return settings


@contextmanager
def _open_store(dossier: Path | None) -> "Iterator[Store]":
    """The articles of a dossier that is there, without the models that searching needs."""
    from rag.store import Store

    with closing(Store.open(_existing(dossier).dossier)) as store:
        yield store


@contextmanager
def _open_archive(dossier: Path | None) -> "Iterator[Archive]":
    """The conversations of a dossier that is there."""
    from rag.archive.store import Archive

    with closing(Archive.open(_existing(dossier).dossier)) as archive:
        yield archive


def _documents(dossier: Path | None) -> list[Document]:
    with _open_store(dossier) as store:
        return store.documents()


@contextmanager
def _open_dossier(settings: Settings) -> "Iterator[Dossier]":
    """The dossier, made if absent, with the embedder that adding needs."""
    from rag.dossier import Dossier

    with closing(Dossier.open(settings, _embedder(settings))) as opened:
        yield opened


def _embedder(settings: Settings) -> "Embedder":
    from rag.embed import SentenceTransformerEmbedder
    from rag.models import model_path

    folder = model_path(settings.embedder, settings.models)
    return SentenceTransformerEmbedder.load(folder, settings.threads)


def _can_be_read_ahead(changes: "Sequence[Change]", settings: Settings) -> bool:
    from rag.warm import obstacle

    new = any(change.outcome in ("added", "replaced") for change in changes)
    return new and obstacle(settings) is None


def _explained(change: "Change", settings: Settings) -> "Article | None":
    """The article as it was understood; None where it could not be read, or is gone."""
    from rag.ingest import read_article

    return None if change.outcome in ("failed", "removed") else read_article(change.path, settings)


@app.callback(invoke_without_command=True)
def _start(
    context: typer.Context,
    show_version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
) -> None:
    if show_version:
        terminal.say(f"recoupe {version('recoupe')}")
    elif context.invoked_subcommand is None:
        terminal.say(context.get_help())
        raise typer.Exit(2)


def _usage(error: typer.TyperException) -> str:
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "recoupe"
    return message("cli.usage", "en", detail=error.format_message(), command=command)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; no foreseen error leaves it."""
    as_json = "--json" in arguments
    try:
        return int(app(arguments, prog_name="recoupe", standalone_mode=False) or 0)
    except typer.TyperException as error:
        terminal.say_error(_usage(error), as_json)
        return error.exit_code
    except RecoupeError as error:
        terminal.say_error(str(error), as_json)
    except Exception as error:
        if os.environ.get("RECOUPE_DEBUG"):
            raise
        detail = f"{type(error).__name__}: {error}"
        terminal.say_error(message("cli.unforeseen", "en", detail=detail), as_json)
    return 1


def main() -> None:
    """The command `recoupe`."""
    explain_crashes("--json" in sys.argv)
    go_offline()
    sys.exit(run(sys.argv[1:]))
