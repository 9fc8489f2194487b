"""Sources as JSON documents and as a feed: the catalogue's entry, how each fares, what was left out, what a trial gave."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from urllib.parse import quote

from api.feeds import Feed, FeedEntry, atom
from index.store.crawls import LeftOut
from index.store.sources import HealthChange
from index.text.times import iso, span_words
from index.views import SourceView

Document = dict[str, Any]
_TOTALS = ("new", "updated", "left_out")
_MOST_ERRORS = 100
"""Of one source, in a document."""


def source_document(view: SourceView) -> Document:
    """A source as crawled: how it fares, what it brought."""
    record = view.record
    return {
        "id": record.id,
        "name": record.name,
        "kind": record.kind,
        "language": record.language,
        "country": record.country,
        "homepage": record.homepage,
        "articles": view.articles,
        "left_out": view.left_out,
        "disabled": view.disabled,
        "health": record.health,
        "health_since": iso(record.health_since),
        "health_note": record.health_note,
        "last_crawl": iso(record.last_crawl),
        "last_success": iso(record.last_success),
        "last_outcome": record.last_outcome,
        "interval_seconds": None if record.interval is None else int(record.interval.total_seconds()),
        "next_due": iso(record.next_due),
    }


def known_sources_document(known: Sequence[Any], views: Mapping[str, SourceView]) -> Document:
    """Sources as the catalogue has them (`api.sources.KnownSource`), with how they fare where they were crawled."""
    documents = []
    for each in known:
        view = views.get(each.source.id)
        documents.append(
            {
                **asdict(each.source),
                "own": each.own,
                "disabled": iso(each.disabled),
                "state": None if view is None else source_document(view),
            }
        )
    return {"sources": documents}


def source_facts(known: Any, view: SourceView | None) -> list[tuple[str, str]]:
    """A source as its catalogue has it (`api.sources.KnownSource`) and as it fares, as pairs of a label and a line."""
    source = known.source
    lists = [
        *(("feed", url) for url in source.feeds),
        *(("sitemap", url) for url in source.sitemaps),
        *(("list page", rule.url) for rule in source.lists),
        *(("archive", url) for url in source.archive),
    ]
    of_it = "all that it publishes" if source.topic == "all" else "of what it publishes what is on topic"
    least, most = source.expected or (0, 0)
    pace = f"one request every {source.delay:g} s" if source.delay else "one request after the other"
    facts = [
        *lists,
        ("keeps", of_it if source.stored == "full" else f"{of_it}, and only what its feed says"),
        ("expected", "nothing any more" if source.ended else f"{least:g} to {most:g} items a week" if most else "not known"),
        ("asked by", f"{source.user_agent or 'Chipwire'}, {pace}{', in a browser' if source.javascript else ''}"),
        ("terms", source.terms or "not read by anyone here; its robots.txt is obeyed"),
        ("note", source.note),
        ("disabled", f"since {iso(known.disabled)}" if known.disabled else ""),
    ]
    if view is not None and view.record.health:
        record = view.record
        every = f", {span_words(record.interval)} after the last" if record.interval else ""
        facts += [
            ("health", f"{record.health} since {iso(record.health_since)}: {record.health_note or ''}"),
            ("last crawl", f"{iso(record.last_crawl)}: {record.last_outcome or ''}"),
            ("last good", iso(record.last_success) or "never"),
            ("next poll", f"{iso(record.next_due)}{every} (chipwire crawl --watch)" if record.next_due else ""),
            ("articles", f"{view.articles:,} stored, {view.left_out:,} left out as off topic"),
        ]
    return [(label, value) for label, value in facts if value]


def left_out_document(items: Sequence[LeftOut]) -> list[Document]:
    """What the gate left out, with the reason."""
    return [{**asdict(item), "seen": iso(item.seen)} for item in items]


def crawl_document(results: Sequence[tuple[Any, Any]], totals: Mapping[str, int]) -> Document:
    """What came of a crawl: each source's last `crawlers.report.SourceReport` and `crawlers.health.Health`.

    Args:
        totals: ``new``, ``updated`` and ``left_out`` over all polls.
    """
    return {
        **{name: totals.get(name, 0) for name in _TOTALS},
        "health": _states(results),
        "sources": [
            {
                "id": report.source.id,
                "listed": report.listed,
                "fetched": report.fetched,
                "new": report.new,
                "updated": report.updated,
                "left_out": report.left_out,
                "health": health.state,
                "health_since": iso(health.since),
                "health_note": health.note,
                "outcome": report.outcome,
                "errors": report.errors[:_MOST_ERRORS],
            }
            for report, health in results
        ],
    }


def crawl_summary(results: Sequence[tuple[Any, Any]], totals: Mapping[str, int]) -> str:
    """The same in one line."""
    words = {"new": "new", "updated": "updated", "left_out": "left out as off topic"}
    counts = [f"{totals.get(name, 0):,} {words[name]}" for name in _TOTALS if name == "new" or totals.get(name)]
    states = [f"{count:,} {name}" for name, count in _states(results).items()]
    return f"{', '.join(counts)}; sources: {', '.join(states) or 'none'}"


def _states(results: Sequence[tuple[Any, Any]]) -> dict[str, int]:
    return dict(Counter(health.state for _, health in results).most_common())


def checked_document(checked: Sequence[Any]) -> Document:
    """What trying sources live gave (`crawlers.check.Checked`)."""
    return {
        "checked": [
            {
                "source": each.source.id,
                "url": each.url,
                "kind": each.kind,
                "seconds": round(each.seconds, 2),
                "entries": each.entries,
                "newest": iso(each.newest),
                "moved_to": each.moved_to,
                "problem": each.problem,
                "page": each.page,
                "page_problem": each.page_problem,
            }
            for each in checked
        ]
    }


def health_feed(changes: Sequence[HealthChange], names: Mapping[str, str], address: str, database: str, now: datetime) -> bytes:
    """The changes of health as an Atom feed; `address` is the server's own, without a slash at its end.

    Args:
        database: the data folder's id, which keeps the entries of two folders apart in one reader.
    """
    tag = f"tag:chipwire,2026:{database}:health"
    entries = [
        FeedEntry(
            id=f"{tag}:{change.id}",
            title=f"{names.get(change.source, change.source)}: {change.before or 'new'} → {change.state}",
            updated=change.moment,
            link=f"{address}/sources/{quote(change.source)}",
            summary=change.note,
            categories=(change.state,),
        )
        for change in changes
    ]
    return atom(
        Feed(
            id=tag,
            title="Chipwire: health of the sources",
            link=f"{address}/sources",
            own_link=f"{address}/api/v1/sources/health.atom",
            updated=changes[0].moment if changes else now,
            entries=entries,
        )
    )
