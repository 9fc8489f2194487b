"""The command line. Each command maps onto one function of the library; heavy imports happen where they are needed."""

import os
import sys
from contextvars import ContextVar
from dataclasses import replace
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from api.clock import utc_now
from api.console import ProgressLine, bold, dim, highlighted, note, print_json, printable, say
from api.errors import FAILED, exit_code
from api.process import give_way
from index.errors import ChipwireError, UsageError
from index.settings import Settings

app = typer.Typer(
    name="chipwire",
    help="The AI-chip newswire you can search: English and Chinese, with sources.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Home = Annotated[Path | None, typer.Option("--home", help="The data folder (default: CHIPWIRE_HOME or ./chipwire-data).")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
NoRefresh = Annotated[bool, typer.Option("--no-refresh", help="Only store; leave the indexes for chipwire refresh.")]


_home_before_the_command: ContextVar[Path | None] = ContextVar("home", default=None)


@app.callback()
def everything(home: Home = None) -> None:
    """``--home`` may stand before the command as well as behind it."""
    _home_before_the_command.set(home)


def _settings(home: Path | None) -> Settings:
    return Settings.from_env(os.environ, home or _home_before_the_command.get())


@app.command()
def crawl(
    names: Annotated[list[str] | None, typer.Argument(help="Sources to crawl; all where none is named.")] = None,
    sources: Annotated[list[Path] | None, typer.Option("--sources", help="TOML files instead of the catalogue.")] = None,
    no_refresh: NoRefresh = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Fetch what is new from the sources of the catalogue."""
    from api.ingestion import crawl as run
    from crawlers.sources import choose, load_sources
    from index.knowledge_base import KnowledgeBase

    give_way()
    settings = _settings(home)
    chosen = choose(load_sources(sources), names or [])
    with KnowledgeBase.open(settings, writer=True) as kb, ProgressLine() as progress:
        reports = run(kb, chosen, settings, utc_now(), progress)
        if not no_refresh and any(report.fetched for report in reports):
            kb.refresh(utc_now(), progress)
    for report in reports:
        note(f"{report.source.id}: {printable(report.outcome)}")
    if json:
        print_json({"sources": [{"id": r.source.id, "outcome": r.outcome, "new": r.new} for r in reports]})
    if not any(report.reached for report in reports):
        raise typer.Exit(FAILED)


@app.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(help="JSONL, HTML or text files (also .gz).")],
    url: Annotated[str | None, typer.Option(help="The address of a page or text, which does not say it itself.")] = None,
    source: Annotated[str | None, typer.Option(help="The source of a page or text.")] = None,
    no_refresh: NoRefresh = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Store articles from files; the same again is a duplicate and changes nothing."""
    from api.documents import import_document
    from api.ingestion import import_files
    from index.knowledge_base import KnowledgeBase

    if url is not None and len(files) > 1:
        raise UsageError("--url is the address of one page, but several files are given.")
    give_way()
    with KnowledgeBase.open(_settings(home), writer=True) as kb, ProgressLine() as progress:
        report = import_files(kb, files, utc_now(), progress, url=url, source=source)
        if not no_refresh and (report.new or report.updated):
            kb.refresh(utc_now(), progress)
    if json:
        print_json(import_document(report))
    else:
        say(
            f"{report.read:,} read: {report.new:,} new, {report.updated:,} updated, {report.duplicate:,} duplicate, "
            f"{len(report.rejected):,} rejected"
        )
    for each in report.rejected:
        where = f"{each.file or 'input'}{f', line {each.line}' if each.line else ''}"
        note(f"{where}: {printable(each.why)}")
    if report.rejected and len(report.rejected) == report.read:
        raise typer.Exit(FAILED)


@app.command()
def extract(
    files: Annotated[list[Path], typer.Argument(help="HTML pages.")],
    url: Annotated[str | None, typer.Option(help="The page's address.")] = None,
    json: Json = False,
) -> None:
    """Show what would be stored of a page: title, times, author, text, origin."""
    import json as json_format

    from crawlers.extract import Page, as_document
    from crawlers.extract import extract as read_page
    from index.errors import ExtractionError

    failed = False
    for path in files:
        try:
            document = as_document(read_page(Page(url, path.read_bytes())))
        except (ExtractionError, OSError) as error:
            why = error.strerror or str(error) if isinstance(error, OSError) else error.message
            note(f"{path}: {why}")
            failed = True
            continue
        if json and len(files) == 1:
            print_json(document)
        elif json:
            say(json_format.dumps({"file": str(path), **document}, ensure_ascii=False))
        else:
            say(bold(printable(document["title"])))
            origin = (document["origin"] or {}).get("name")
            about = [document["published"], document["author"], document["lang"], origin and f"from {origin}"]
            say(dim(" · ".join(printable(str(part)) for part in about if part)))
            say()
            say("\n".join(printable(line) for line in document["text"].splitlines()))
    if failed:
        raise typer.Exit(FAILED)


@app.command()
def refresh(
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Cut and index everything anew.")] = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Bring the indexes up to the store; goes on where an interrupted one stopped."""
    from dataclasses import asdict

    from index.knowledge_base import KnowledgeBase

    give_way()
    with KnowledgeBase.open(_settings(home), writer=True) as kb, ProgressLine() as progress:
        report = kb.refresh(utc_now(), progress, rebuild=rebuild)
    if json:
        print_json(asdict(report))
    else:
        state = f"generation {report.generation} {'built' if report.built else 'already up to date'}"
        work = f"{report.changed:,} articles changed, {report.embedded:,} passages embedded"
        say(f"{state}: {report.passages:,} passages, {work}")


@app.command()
def search(
    query: Annotated[str, typer.Argument(help="Words in either language.")],
    k: Annotated[int, typer.Option("-k", help="How many results.")] = 10,
    lang: Annotated[list[str] | None, typer.Option(help="en or zh.")] = None,
    entity: Annotated[list[str] | None, typer.Option(help="An entity's id or name.")] = None,
    source: Annotated[list[str] | None, typer.Option(help="A source's id.")] = None,
    after: Annotated[str | None, typer.Option(help="From this day, month or week on (2023-11-20, 2023-11, 2023-W47).")] = None,
    before: Annotated[str | None, typer.Option(help="Before this day, month or week.")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="As if it were this day.")] = None,
    group: Annotated[str, typer.Option(help="story or none.")] = "story",
    sort: Annotated[str, typer.Option(help="relevance or date.")] = "relevance",
    lexical: Annotated[bool, typer.Option("--lexical", help="By words only, without loading the model.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Say why each result is there.")] = False,
    gloss: Annotated[bool, typer.Option("--gloss", help="Add a rough English title to Chinese results.")] = False,
    cursor: Annotated[str | None, typer.Option(help="Go on from an earlier answer.")] = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Search the articles, in either language."""
    from api.documents import explained, search_document
    from index.knowledge_base import KnowledgeBase
    from index.retrieval.filters import read_filters
    from index.retrieval.query import check_query
    from index.retrieval.search import SearchRequest

    settings = _settings(home)
    check_query(query)
    with KnowledgeBase.open(settings, lexical_only=lexical) as kb:
        filters = read_filters(
            lang=lang or (),
            entity=[kb.resolve_entity(name) for name in entity or ()],
            source=source or (),
            after=after,
            before=before,
            as_of=as_of,
            zone=settings.zone,
            now=utc_now(),
        )
        kb.ready()  # so that took_ms tells the search, not the loading of the model
        request = SearchRequest(query, k, filters, group, sort, "lexical" if lexical else "hybrid", cursor)
        result = kb.search(request, utc_now())
        document = search_document(result, explain=explain, gloss=kb.reading.glosser.gloss if gloss else None)
        if json:
            print_json(document)
            return
        for line in (result.notice, *result.query.notes, result.query.reading and f"Read as: {result.query.reading}"):
            if line:
                note(printable(line))
        count = f"{'' if result.exact else 'at least '}{result.total:,} result{'' if result.total == 1 else 's'}"
        say(f"{count} in {result.took_ms:.0f} ms")
        for number, (hit, item) in enumerate(zip(result.hits, document["hits"], strict=True), 1):
            day = (hit.article.published or hit.article.first_seen).strftime("%Y-%m-%d")
            say()
            say(f"{number:2}. {bold(printable(hit.article.title))}")
            if "title_gloss" in item:
                say(f"    {printable(item['title_gloss'])}")
            say(f"    {dim(f'{printable(kb.source_name(hit.article.source))} · {day} · {hit.article.lang} · {hit.score:.3f}')}")
            say(f"    {highlighted(printable(item['snippet']))}")
            if hit.more:
                say(dim(f"    and {hit.folded} more on this story, {hit.independent} independent in all"))
            if explain:
                say(dim(printable(f"    {explained(hit.why)}")))
            if hit.article.has_address:
                say(dim(f"    {printable(hit.article.url)}"))


@app.command()
def entities(
    text: Annotated[str | None, typer.Argument(help="A text, or - for standard input.")] = None,
    list_: Annotated[bool, typer.Option("--list", help="List the catalogue instead.")] = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Find the companies, chips and technologies that a text names."""
    from api.documents import entities_document, mentions_document
    from index.knowledge.reading import Reading

    if list_:
        from index.knowledge_base import KnowledgeBase

        with KnowledgeBase.open(_settings(home), lexical_only=True) as kb:
            pairs = kb.entities()
        if json:
            print_json(entities_document(pairs))
        else:
            for entity, count in pairs:
                say(f"{entity.id:32} {entity.kind:13} {count:6,}  {entity.name}{f' · {entity.zh}' if entity.zh else ''}")
        return
    if text is None:
        raise UsageError("No text is given.", hint="Give a text, - for standard input, or --list.")
    body = sys.stdin.read() if text == "-" else text
    mentions = Reading.build().linker.find(body)
    if json:
        print_json(mentions_document(mentions))
    else:
        for mention in mentions:
            say(f"{mention.start:6} {mention.id:32} {mention.confidence:.2f}  {printable(mention.surface)}")


@app.command()
def stories(
    week: Annotated[str | None, typer.Option(help="An ISO week such as 2023-W47.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every story.")] = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Show the stories of a week: who reported each, and who repeated whom."""
    from api.documents import stories_document
    from index.knowledge_base import KnowledgeBase

    if (week is None) == (not all_):
        raise UsageError("Which stories?", hint="Give --week 2023-W47 or --all.")
    with KnowledgeBase.open(_settings(home), lexical_only=True) as kb:
        found = kb.stories(week)
        if json:
            print_json(stories_document(found))
            return
        for story in found:
            say(bold(printable(story.headline)))
            for member in story.members:
                day = member.article.time.strftime("%Y-%m-%d")
                name = printable(kb.source_name(member.article.source))
                say(f"   {day}  {member.role:11}  {name}: {printable(member.article.title)}")


@app.command()
def digest(
    week: Annotated[str, typer.Argument(help="An ISO week such as 2023-W47.")],
    format_: Annotated[str, typer.Option("--format", help="md, html or json.")] = "md",
    home: Home = None,
    json: Json = False,
) -> None:
    """Write the digest of a week: its stories by importance, each with an extract and its sources."""
    from index.digest.render import render
    from index.knowledge_base import KnowledgeBase

    with KnowledgeBase.open(_settings(home), lexical_only=True) as kb:
        sys.stdout.write(render(kb.digest(week), "json" if json else format_))


@app.command()
def sources(json: Json = False, files: Annotated[list[Path] | None, typer.Option("--sources")] = None) -> None:
    """List the source catalogue."""
    from dataclasses import asdict

    from crawlers.sources import load_sources

    found = load_sources(files)
    if json:
        print_json({"sources": [asdict(source) for source in found]})
    else:
        for source in found:
            say(f"{source.id:28} {source.kind:10} {source.language:8} {source.stored:9} {source.name}")


@app.command()
def status(home: Home = None, json: Json = False) -> None:
    """Show the state of the data folder."""
    from api.documents import status_document
    from index.knowledge_base import KnowledgeBase

    with KnowledgeBase.open(_settings(home), lexical_only=True) as kb:
        state = kb.status()
    if json:
        print_json(status_document(state))
        return
    for label, value in (
        ("data folder", str(state.home)),
        ("articles", f"{state.articles:,}"),
        ("passages", f"{state.passages:,} stored, {state.indexed_passages:,} indexed"),
        ("pending changes", f"{state.pending:,}"),
        ("index generation", f"{state.generation} of {state.generation_created}" if state.generation else "none yet"),
        ("index", state.index_kind),
        ("index size", ", ".join(f"{name} {size / 1e6:,.1f} MB" for name, size in state.index_bytes.items()) or "none"),
        ("model", state.model),
        ("entities, lexicon", f"{state.entities:,}, {state.lexicon:,}"),
    ):
        say(f"{label:18} {value}")
    if state.trouble:
        say(f"{'trouble':18} {state.trouble}")
    if state.sources:
        say()
        say(f"{'source':28} {'articles':>8}  {'last crawl':17} outcome")
    for view in state.sources:
        when = view.record.last_crawl.strftime("%Y-%m-%d %H:%M") if view.record.last_crawl else "never"
        say(f"{printable(view.record.id):28} {view.articles:8,}  {when:17} {printable(view.record.last_outcome or '')}")


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on.")] = None,
    home: Home = None,
) -> None:
    """Serve the API and the web pages."""
    from api.server import serve as run

    settings = _settings(home)
    run(replace(settings, host=host or settings.host, port=settings.port if port is None else port))


@app.command()
def demo(
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port of the web pages.")] = None,
    home: Home = None,
) -> None:
    """Crawl a bilingual demo newsroom on this machine, index it, and serve it."""
    from api.demo import run_demo

    settings = _settings(home)
    run_demo(replace(settings, port=settings.port if port is None else port))


@app.command("eval")
def evaluate(
    file: Annotated[Path, typer.Argument(help="JSONL of judged queries: {query, relevant: {url or article id: grade}}.")],
    topics: Annotated[Path | None, typer.Option(help="The queries, where FILE is TREC qrels: topic, tab, query.")] = None,
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="Depth of the ranking.")] = 10,
    lexical: Annotated[bool, typer.Option("--lexical", help="By words only.")] = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Measure the ranking against judged queries: nDCG, recall, MRR, with 95 % intervals."""
    from dataclasses import asdict

    from index.evaluation import evaluate as measure
    from index.evaluation import read_judgements
    from index.knowledge_base import KnowledgeBase

    judged = read_judgements(file, topics)
    with KnowledgeBase.open(_settings(home), lexical_only=lexical) as kb, ProgressLine() as progress:
        scores = measure(kb, judged, k, utc_now(), progress, mode="lexical" if lexical else "hybrid")
    if json:
        print_json(asdict(scores))
        return
    say(f"{scores.queries} answerable queries, {scores.lost:.1%} got no answer")
    for name, mean in (
        (f"nDCG@{k}", scores.ndcg),
        (f"recall@{k}", scores.recall),
        ("recall@100", scores.deep_recall),
        (f"MRR@{k}", scores.mrr),
    ):
        say(f"{name:11} {mean.value:.3f}  (95 % interval {mean.low:.3f} to {mean.high:.3f})")
    if scores.unanswerable:
        say(f"{scores.unanswerable} unanswerable queries, {scores.refused:.1%} got no answer, as they should")


model_app = typer.Typer(help="Show or change the embedding model of the data folder.", no_args_is_help=True)
app.add_typer(model_app, name="model")


@model_app.command("show")
def model_show(home: Home = None, json: Json = False) -> None:
    """Show the model in use, and the one that an undo goes back to."""
    from index.knowledge_base import KnowledgeBase
    from index.retrieval.model_choice import read_before
    from index.settings import DEFAULT_MODEL

    with KnowledgeBase.open(_settings(home), lexical_only=True) as kb:
        before = read_before(kb.store)
        model = kb.encoder.model_id if kb.encoder else "none"
    previous = None if before is None else before.choice.model or DEFAULT_MODEL
    if json:
        print_json({"model": model, "before": previous})
    else:
        say(model if previous is None else f"{model} (before: {previous}, see chipwire model undo)")


@model_app.command("use")
def model_use(
    name: Annotated[str, typer.Argument(help="A sentence-transformers model: a name or a local folder.")],
    multilingual: Annotated[bool, typer.Option("--multilingual", help="It reads Chinese itself.")] = False,
    query_prompt: Annotated[str, typer.Option(help="What it wants before a query.")] = "",
    document_prompt: Annotated[str, typer.Option(help="What it wants before a document.")] = "",
    judged: Annotated[Path | None, typer.Option(help="Judged queries to rehearse, as for chipwire eval.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Build and rehearse, but do not change.")] = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Build the index with another model beside the current one, compare the two, and change over."""
    from dataclasses import asdict

    from index.evaluation import read_judgements
    from index.knowledge_base import KnowledgeBase
    from index.model_change import use_model
    from index.retrieval.model_choice import ModelChoice

    settings = _settings(home)
    if settings.model:
        raise UsageError("CHIPWIRE_MODEL decides the model.", hint="Unset it to let the data folder decide.")
    queries = read_judgements(judged) if judged else []
    choice = ModelChoice(name, multilingual, query_prompt, document_prompt)
    give_way()
    with KnowledgeBase.open(settings, writer=True) as kb, ProgressLine() as progress:
        rehearsal = use_model(kb, choice, queries, utc_now(), progress, dry_run=dry_run)
    if json:
        print_json(asdict(rehearsal))
        return
    for each in rehearsal.comparisons:
        scores = "" if each.ndcg_after is None else f"  nDCG@10 {each.ndcg_before:.3f} → {each.ndcg_after:.3f}"
        say(f"{each.shared:4.0%} same{scores}  {printable(each.query)}")
    ndcg = rehearsal.ndcg()
    mean = f", nDCG@10 {ndcg[0]:.3f} → {ndcg[1]:.3f}" if ndcg else ""
    say(f"{rehearsal.before} → {rehearsal.after}: {rehearsal.shared:.0%} of the first ten results stay{mean}")
    say("Changed; chipwire model undo goes back. Restart what serves." if rehearsal.swapped else "Nothing was changed.")


@model_app.command("undo")
def model_undo(home: Home = None) -> None:
    """Go back to the model before the last change."""
    from index.knowledge_base import KnowledgeBase
    from index.model_change import undo_model
    from index.settings import DEFAULT_MODEL

    with KnowledgeBase.open(_settings(home), writer=True) as kb:
        choice = undo_model(kb, utc_now())
    say(f"Back to {choice.model or DEFAULT_MODEL}; chipwire refresh brings its index up to date. Restart what serves.")


def main() -> NoReturn:
    """Run the command line; every `ChipwireError` becomes one line on stderr and its exit code."""
    try:
        app()
    except ChipwireError as error:
        note(f"chipwire: {printable(str(error))}")
        sys.exit(exit_code(error))
    except BrokenPipeError:
        # Whoever read the output has seen enough; Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)
    sys.exit(0)
