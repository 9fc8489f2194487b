"""Commands that bring articles in, and the indexes up to them."""

import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from api.clock import utc_now
from api.commands.options import Home, Json, NoRefresh, settings_of, writing
from api.console import bold, dim, note, print_json, printable, say
from api.errors import FAILED
from index.errors import UsageError


def crawl(
    names: Annotated[list[str] | None, typer.Argument(help="Sources to crawl; all where none is named.")] = None,
    sources: Annotated[list[Path] | None, typer.Option("--sources", help="TOML files instead of the catalogue.")] = None,
    since: Annotated[str | None, typer.Option(help="Walk sitemaps and archives back to this day.")] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Go on for ever, each source at its own pace.")] = False,
    no_refresh: NoRefresh = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Fetch what is new from the sources of the catalogue."""
    from api.crawling import crawl as run
    from api.delivery import delivering
    from api.drafting import drafting
    from api.source_documents import crawl_document, crawl_summary
    from api.sources import chosen_sources
    from crawlers.crawl import Plan
    from crawlers.health import Health
    from crawlers.report import SourceReport
    from index.store.sources import told
    from index.text.times import day_range

    settings = settings_of(home)
    start = day_range(since, settings.zone, utc_now())[0] if since else None
    if watch and start is not None:
        raise UsageError("--watch looks for what is new and --since for what is old.", hint="Give one of them.")
    if start is not None and start > utc_now():
        raise UsageError(f"--since {since} is in the future.", hint="Give a day in the past, such as 2023-11-20.")
    totals: Counter[str] = Counter()
    with writing(settings) as (kb, progress):
        plan = Plan(tuple(chosen_sources(kb.store, sources, names or [])), start, watch)
        if not settings.contact and sys.stderr.isatty():
            note("CHIPWIRE_CONTACT is not set: sites cannot tell whom to ask about this crawler.")
        if watch:
            note(f"Watching {_sources(len(plan.sources))}; Ctrl-C stops.")

        def finished(report: SourceReport, health: Health) -> None:
            totals.update(new=report.new, updated=report.updated, left_out=report.left_out, fetched=report.fetched)
            progress.clear()
            if not watch or report.fetched or report.errors:
                words = told(health.state, health.note, report.outcome)
                note(f"{report.source.id:28} {health.state:8} {printable(words)}")

        with ExitStack() as beside:
            if watch:
                beside.enter_context(delivering(settings, utc_now))
                beside.enter_context(drafting(settings, utc_now))
            results = run(kb, plan, utc_now, progress, finished)
        if not no_refresh and totals["fetched"]:
            kb.refresh(utc_now(), progress, silently=start is not None)  # what is old is no news
    cut = not watch and len(results) < len(plan.sources)
    if cut:
        note(f"Stopped after {len(results)} of {_sources(len(plan.sources))}; the next crawl goes on from there.")
    if json:
        print_json(crawl_document(results, totals))
    else:
        say(crawl_summary(results, totals))
    if cut or (not watch and not any(report.reached for report, _ in results)):
        raise typer.Exit(FAILED)


def _sources(number: int) -> str:
    return f"{number:,} source{'' if number == 1 else 's'}"


def import_(
    files: Annotated[list[Path], typer.Argument(help="JSONL, HTML, text or WARC files (also .gz).")],
    url: Annotated[str | None, typer.Option(help="The address of a page or text, which does not say it itself.")] = None,
    source: Annotated[str | None, typer.Option(help="The source of a page, a text or a whole archive.")] = None,
    lang: Annotated[list[str] | None, typer.Option("--lang", help="Only articles in this language: en or zh.")] = None,
    host: Annotated[list[str] | None, typer.Option("--host", help="Only articles of this host and under it.")] = None,
    on_topic: Annotated[bool, typer.Option("--on-topic", help="Only what is about AI chips.")] = False,
    no_refresh: NoRefresh = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Store articles from files; the same again is a duplicate and changes nothing."""
    from api.documents import import_document
    from api.ingestion import Wanted, import_files
    from index.article import LANGUAGES

    if url is not None and len(files) > 1:
        raise UsageError("--url is the address of one page, but several files are given.")
    unknown = sorted(set(lang or ()) - set(LANGUAGES))
    if unknown:
        raise UsageError(f"--lang {unknown[0]!r} is no language that is read here.", hint=f"It is {' or '.join(LANGUAGES)}.")
    wanted = Wanted(tuple(lang or ()), tuple(each.lower().removeprefix("www.") for each in host or ()), on_topic)
    with writing(settings_of(home)) as (kb, progress):
        report, pages = import_files(kb, files, utc_now(), progress, url=url, source=source, wanted=wanted)
        if not no_refresh and (report.new or report.updated):
            kb.refresh(utc_now(), progress)
    if json:
        print_json(import_document(report, pages))
    else:
        say(
            f"{report.read:,} read: {report.new:,} new, {report.updated:,} updated, {report.duplicate:,} duplicate, "
            f"{len(report.rejected):,} rejected"
        )
        if pages.records:
            say(f"{pages.records:,} sifted: {pages}")
    for each in report.rejected:
        where = f"{each.file or 'input'}{f', line {each.line}' if each.line else ''}"
        note(f"{where}: {printable(each.why)}")
    if report.rejected and len(report.rejected) == report.read:
        raise typer.Exit(FAILED)


def extract(
    files: Annotated[list[Path], typer.Argument(help="HTML pages.")],
    url: Annotated[str | None, typer.Option(help="The page's address.")] = None,
    json: Json = False,
) -> None:
    """Show what is read of a page: title, times, author, text, origin."""
    import json as json_format

    from crawlers.extract import MIN_TEXT, Page, as_document
    from crawlers.extract import extract as read_page
    from index.errors import ExtractionError

    failed = False
    for path in files:
        try:
            document = as_document(read_page(Page(url, path.read_bytes()), least=1))
        except (ExtractionError, OSError) as error:
            why = error.strerror or str(error) if isinstance(error, OSError) else error.message
            note(f"{path}: {why}")
            failed = True
            continue
        if len(document["text"]) < MIN_TEXT:
            note(f"{path}: it has less than {MIN_TEXT} characters of text; a crawl or an import would not store it")
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


def reextract(
    source: Annotated[str | None, typer.Option("--source", help="Only the pages of this source.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report what would change, and change nothing.")] = False,
    no_refresh: NoRefresh = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Read the kept pages again with today's extraction, offline, and report what changed."""
    from api.reextraction import reextract as run
    from api.reextraction import reextraction_document
    from api.sources import known_sources

    with writing(settings_of(home)) as (kb, progress):
        sources = {each.source.id: each.source for each in known_sources(kb.store)}
        report = run(kb, source, sources, progress, dry_run=dry_run)
        if report.changed and not dry_run and not no_refresh:
            kb.refresh(utc_now(), progress)
    if json:
        print_json(reextraction_document(report))
        return
    for each in report.changed:
        say(f"{each.article_id:8} {', '.join(each.fields)}: {printable(each.title)}")
    for article_id, why in report.unreadable:
        note(f"article {article_id}: {printable(why)}; it stays as it was")
    counts = ", ".join(f"{name} {count:,}" for name, count in report.fields.most_common())
    would = "would change" if dry_run else "changed"
    say(f"{report.read:,} pages read again: {len(report.changed):,} articles {would}{f' ({counts})' if counts else ''}")


def refresh(
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Cut and index everything anew.")] = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Bring the indexes up to the store; goes on where an interrupted one stopped."""
    from dataclasses import asdict

    with writing(settings_of(home)) as (kb, progress):
        report = kb.refresh(utc_now(), progress, rebuild=rebuild)
    if json:
        print_json(asdict(report))
    else:
        state = f"generation {report.generation} {'built' if report.built else 'already up to date'}"
        work = f"{report.changed:,} articles changed, {report.embedded:,} passages embedded"
        say(f"{state}: {report.passages:,} passages, {work}")
